//! Random queries over random articles, against an evaluator that looks at every article and knows no index.

use proptest::prelude::*;
use proptest::sample::select;

use super::fixture::{Entry, NOW, article, searcher};
use super::{places, views};
use crate::article::Role;
use crate::index::analyzer::{bare_stem_term, stem_term};
use crate::index::document::lead;
use crate::query::{Bound, DateValue, NameField, NamePattern, Node, Query, Scope, TextAtom, ValueField};
use crate::search::{Explanation, FacetField, SearchRequest, SearchResults, Searcher, Sort};
use crate::text::stem::Stemmer;
use crate::text::token::Words;
use crate::text::{edit_distance, fold_name};

const VOCABULARY: [&str; 32] = [
    "amazon",
    "amazons",
    "Amazon's",
    "layoffs",
    "layoff",
    "prime",
    "Prime",
    "video",
    "videos",
    "AT&T",
    "Disney+",
    "disney",
    "$1.5B",
    "9,000",
    "café",
    "cafes",
    "T-Mobile",
    "the",
    "of",
    "日本",
    "amazn",
    "C++",
    "lay",
    "out",
    "Entlassung",
    "Entlassungen",
    "annoncée",
    "annonces",
    "日本語",
    "アマゾン",
    "삼성전자는",
    "삼성",
];
/// Languages of articles; of the last one no stemmer is known.
const LANGUAGES: [&str; 6] = ["", "en", "de", "fr", "ja", "pl"];
const COMPANIES: [&str; 3] = ["amazon", "google", "meta"];
const DIVISIONS: [&str; 3] = ["amazon/aws", "amazon/luna", "google/google-cloud"];
const TOPICS: [&str; 3] = ["layoffs", "earnings", "acquisition"];
const SOURCES: [&str; 4] = ["Reuters", "reuters", "BBC News", "Le Monde"];
const DATES: [&str; 7] =
    ["2021", "2023-01", "2023-01-04", "2024-02-29", "2026-11-23", "2026-11-24T09:30:00Z", ""];
/// Regular expressions whose meaning the evaluator knows without one.
type Meaning = fn(&str) -> bool;
const EXPRESSIONS: [(&str, Meaning); 5] = [
    ("a.*", |word| word.starts_with('a')),
    ("lay(off|out)s?", |word| ["layoff", "layoffs", "layout", "layouts"].contains(&word)),
    (".*[0-9].*", |word| word.contains(|letter: char| letter.is_ascii_digit())),
    ("..", |word| word.chars().count() == 2),
    ("VIDEO", |word| word == "video"),
];

fn text(words: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(
        (select(&VOCABULARY[..]), select(&[" ", " ", " ", ". ", ", ", "\n\n"][..])),
        0..words,
    )
    .prop_map(|words| words.into_iter().flat_map(|(word, gap)| [word, gap]).collect())
}

fn entry() -> impl Strategy<Value = Entry> {
    let companies = prop::collection::vec(
        (
            select(&COMPANIES[..]),
            select(&[Role::Subject, Role::Peer, Role::Cited, Role::Publisher][..]),
            0_u8..=100,
        ),
        0..3,
    );
    let divisions = prop::collection::vec((select(&DIVISIONS[..]), 0_u8..=100), 0..2);
    let names = (
        companies,
        divisions,
        prop::option::of(select(&TOPICS[..])),
        prop::option::of(select(&SOURCES[..])),
        select(&DATES[..]),
        select(&LANGUAGES[..]),
    );
    (text(5), text(30), names).prop_map(|(title, body, (companies, divisions, topic, source, date, lang))| {
        let mut entry = article("", title.trim(), body.trim());
        if !lang.is_empty() {
            entry = entry.lang(lang);
        }
        let mut seen = Vec::new();
        for (id, role, salience) in companies {
            if !seen.contains(&id) {
                seen.push(id);
                entry = entry.company(id, id, role, salience);
            }
        }
        for (path, salience) in divisions {
            entry = entry.division(path, path, salience);
        }
        if let Some(topic) = topic {
            entry = entry.topic(topic);
        }
        if let Some(source) = source {
            entry = entry.source(source);
        }
        if date.is_empty() { entry } else { entry.date(date) }
    })
}

pub(super) fn corpus() -> impl Strategy<Value = Vec<Entry>> {
    prop::collection::vec(entry(), 1..25).prop_map(|mut entries| {
        for (at, entry) in entries.iter_mut().enumerate() {
            entry.article.id = format!("id{:02}", (at * 7) % 97);
        }
        entries
    })
}

pub(super) fn atom() -> impl Strategy<Value = TextAtom> {
    let word = || select(&VOCABULARY[..]).prop_map(str::to_owned);
    let phrase = prop::collection::vec(word(), 1..4).prop_map(|words| words.join(" "));
    prop_oneof![
        4 => word().prop_map(|text| TextAtom::Word { text }),
        3 => (phrase, 0_u32..4, any::<bool>())
            .prop_map(|(text, slop, prefix)| TextAtom::Phrase { text, slop, prefix }),
        2 => prop_oneof![word(), Just("Prime Video".to_owned()), Just("prime".to_owned()), Just("AMAZON".to_owned())]
            .prop_map(|text| TextAtom::Cased { text }),
        1 => select(&["am", "lay", "vid", "90", "dis", "t-mo", "at&", "日本", "삼", "entlas"][..])
            .prop_map(|text| TextAtom::Prefix { text: text.to_owned() }),
        1 => select(&["a*n", "l?y*", "v*s", "d?sney*", "*e*"][..])
            .prop_map(|pattern| TextAtom::Wildcard { pattern: pattern.to_owned() }),
        1 => (select(&["amazn", "layof", "vidoe", "disne", "of", "cafe"][..]), 1_u8..=2)
            .prop_map(|(text, distance)| TextAtom::Fuzzy { text: text.to_owned(), distance }),
        1 => select(&EXPRESSIONS[..]).prop_map(|(pattern, _)| TextAtom::Regex { pattern: pattern.to_owned() }),
    ]
}

fn leaf() -> impl Strategy<Value = Node> {
    let scope = select(&[Scope::Anywhere, Scope::Anywhere, Scope::Title, Scope::Lead, Scope::Body][..]);
    let exact = |field, name: &str| Node::Name { field, pattern: NamePattern::Exact(name.to_owned()) };
    let date = || select(&DATES[..6]).prop_map(|date| DateValue::read(date).unwrap());
    let date_bound = move || {
        prop_oneof![Just(Bound::Open), date().prop_map(Bound::Date), date().prop_map(Bound::DateExclusive),]
    };
    let number_bound = || {
        prop_oneof![
            Just(Bound::Open),
            (0_u64..60).prop_map(Bound::Number),
            (0_u64..60).prop_map(Bound::NumberExclusive),
        ]
    };
    prop_oneof![
        8 => (scope, atom()).prop_map(|(scope, atom)| Node::Text { scope, atom }),
        1 => Just(Node::All),
        2 => (select(&[NameField::Company, NameField::About][..]), select(&COMPANIES[..]))
            .prop_map(move |(field, name)| exact(field, name)),
        1 => (select(&[NameField::Company, NameField::About, NameField::Division][..]), select(&DIVISIONS[..]))
            .prop_map(move |(field, name)| exact(field, name)),
        1 => select(&["peer", "cited", "google/peer", "meta/subject"][..])
            .prop_map(move |name| exact(NameField::Role, name)),
        1 => select(&TOPICS[..]).prop_map(move |name| exact(NameField::Topic, name)),
        1 => select(&SOURCES[..]).prop_map(move |name| exact(NameField::Source, name)),
        1 => (
            select(&[NameField::Company, NameField::Source, NameField::Topic, NameField::Division][..]),
            select(&["a", "r", "am*", "l*", "b?c*"][..]),
        )
            .prop_map(|(field, text)| {
                let text = text.to_owned();
                let is_wild = text.contains(['*', '?']);
                let pattern = if is_wild { NamePattern::Wildcard(text) } else { NamePattern::Prefix(text) };
                Node::Name { field, pattern }
            }),
        1 => select(&[NameField::Company, NameField::Division, NameField::Topic, NameField::Source, NameField::Role][..])
            .prop_map(|field| Node::HasName { field }),
        1 => (date_bound(), date_bound())
            .prop_map(|(lower, upper)| Node::Range { field: ValueField::Date, lower, upper }),
        1 => (select(&[ValueField::Wc, ValueField::Salience][..]), number_bound(), number_bound())
            .prop_map(|(field, lower, upper)| Node::Range { field, lower, upper }),
        1 => select(&ValueField::ALL[..4]).prop_map(|field| Node::HasValue { field }),
        3 => places::operator(),
    ]
}

pub(super) fn node() -> impl Strategy<Value = Node> {
    leaf().prop_recursive(4, 20, 4, |inner| {
        prop_oneof![
            3 => prop::collection::vec(inner.clone(), 2..5).prop_map(|clauses| Node::And { clauses }),
            3 => prop::collection::vec(inner.clone(), 2..12).prop_map(|clauses| Node::Or { clauses }),
            2 => (prop::collection::vec(inner.clone(), 2..6), 1_u32..5)
                .prop_map(|(clauses, minimum)| Node::Several { minimum, clauses }),
            2 => inner.clone().prop_map(|clause| Node::Not { clause: Box::new(clause) }),
            1 => (inner, select(&[0.5_f32, 2.0, 10.0][..]))
                .prop_map(|(clause, factor)| Node::Boost { clause: Box::new(clause), factor }),
        ]
    })
}

/// The words of a text as they are written.
fn written(text: &str) -> Vec<String> {
    let mut words = Words::new(text);
    let mut written = Vec::new();
    while let Some(word) = words.next() {
        written.push(text[word.span].to_owned());
    }
    written
}

/// The forms of each word of a text in a language: plain, signed, and their stems.
pub(super) fn tokens(text: &str, lang: Option<&str>) -> Vec<Vec<String>> {
    let stemmer = Stemmer::of(lang);
    let mut words = Words::new(text);
    let mut tokens = Vec::new();
    while let Some(word) = words.next() {
        let mut terms = Vec::new();
        for form in [word.plain, word.signed].into_iter().filter(|form| !form.is_empty()) {
            let stem = stem_term(&stemmer, form, &word);
            terms.extend(bare_stem_term(&stemmer, form, &stem, &word));
            terms.extend([form.to_owned(), stem]);
        }
        tokens.push(terms);
    }
    tokens
}

/// What a word of the text must be.
pub(super) type Test = Box<dyn Fn(&str) -> bool>;

/// The tests of an atom in an article of a language, one for each word, and its slop.
pub(super) fn tests(atom: &TextAtom, lang: Option<&str>) -> (Vec<Test>, u32) {
    let mut stems: Vec<Test> = Vec::new();
    let mut exact: Vec<Test> = Vec::new();
    let mut begins: Vec<Test> = Vec::new();
    let all = |text: &str, stems: &mut Vec<Test>, exact: &mut Vec<Test>, begins: &mut Vec<Test>| {
        let stemmer = Stemmer::of(lang);
        let mut words = Words::new(text);
        while let Some(word) = words.next() {
            let (form, stem) = (word.specific().to_owned(), stem_term(&stemmer, word.specific(), &word));
            let same = form.clone();
            stems.push(Box::new(move |term| term == stem));
            exact.push(Box::new(move |term| term == same));
            begins.push(Box::new(move |term| term.starts_with(&form)));
        }
    };
    match atom {
        TextAtom::Word { text } => {
            all(text, &mut stems, &mut exact, &mut begins);
            (stems, 0)
        }
        TextAtom::Phrase { text, slop, prefix } => {
            all(text, &mut stems, &mut exact, &mut begins);
            if *prefix {
                exact.pop();
                exact.extend(begins.pop());
            }
            (exact, *slop)
        }
        // The capitals are looked at by the caller.
        TextAtom::Cased { text } => {
            all(text, &mut stems, &mut exact, &mut begins);
            (exact, 0)
        }
        TextAtom::Prefix { text } if text == "at&" => (vec![Box::new(|term| term.starts_with("at&"))], 0),
        TextAtom::Prefix { text } => {
            all(text, &mut stems, &mut exact, &mut begins);
            exact.pop();
            exact.extend(begins.pop());
            (exact, 0)
        }
        TextAtom::Wildcard { pattern } => {
            let pattern: Vec<char> = pattern.chars().collect();
            let test: Test =
                Box::new(move |term| !is_stem(term) && glob(&pattern, &term.chars().collect::<Vec<_>>()));
            (vec![test], 0)
        }
        TextAtom::Fuzzy { text, distance } => {
            let (text, distance) = (text.clone(), usize::from(*distance));
            (vec![Box::new(move |term| !is_stem(term) && edit_distance(&text, term) <= distance)], 0)
        }
        TextAtom::Regex { pattern } => {
            let (_, meaning) = EXPRESSIONS.into_iter().find(|(known, _)| known == pattern).unwrap();
            (vec![Box::new(move |term| !is_stem(term) && meaning(term))], 0)
        }
    }
}

fn is_stem(term: &str) -> bool {
    term.starts_with(['\u{1}', '\u{2}'])
}

fn glob(pattern: &[char], word: &[char]) -> bool {
    match (pattern.split_first(), word.split_first()) {
        (None, None) => true,
        (Some(('*', rest)), _) => {
            glob(rest, word) || word.split_first().is_some_and(|(_, word)| glob(pattern, word))
        }
        (Some(('?', rest)), Some((_, word))) => glob(rest, word),
        (Some((letter, rest)), Some((first, word))) => letter == first && glob(rest, word),
        _ => false,
    }
}

/// Whether words are written with the capitals of a text.
pub(super) fn cased(text: &str, written: &[String]) -> bool {
    let capitals = |word: &str| -> Vec<bool> {
        word.chars().filter(|letter| letter.is_alphabetic()).map(char::is_uppercase).collect()
    };
    let mut words = Words::new(text);
    let mut at = 0;
    while let Some(word) = words.next() {
        if written.get(at).is_none_or(|written| capitals(written) != capitals(&text[word.span.clone()])) {
            return false;
        }
        at += 1;
    }
    at == written.len()
}

/// Whether the tests hold in order, from some word on, with at most so many words between them all.
fn stands(tests: &[Test], slop: u32, text: &[Vec<String>]) -> bool {
    fn go(tests: &[Test], spare: usize, text: &[Vec<String>]) -> bool {
        let Some((first, rest)) = tests.split_first() else { return true };
        (0..=spare.min(text.len())).any(|skipped| {
            text.get(skipped).is_some_and(|word| {
                word.iter().any(|term| first(term)) && go(rest, spare - skipped, &text[skipped + 1..])
            })
        })
    }
    let Some((first, rest)) = tests.split_first() else { return false };
    (0..text.len())
        .any(|at| text[at].iter().any(|term| first(term)) && go(rest, slop as usize, &text[at + 1..]))
}

fn holds(node: &Node, entry: &Entry) -> bool {
    match node {
        Node::All => true,
        Node::And { clauses } => clauses.iter().all(|clause| holds(clause, entry)),
        Node::Or { clauses } => clauses.iter().any(|clause| holds(clause, entry)),
        Node::Several { minimum, clauses } => {
            clauses.iter().filter(|clause| holds(clause, entry)).count() >= *minimum as usize
        }
        Node::Not { clause } => !holds(clause, entry),
        Node::Boost { clause, .. } => holds(clause, entry),
        // A word with its capitals is an operand that is asked for alone.
        Node::Text { atom: TextAtom::Cased { .. }, .. } | Node::Near { .. } | Node::AtLeast { .. } => {
            places::holds(node, entry)
        }
        Node::Text { scope, atom } => {
            let article = &entry.article;
            let lang = article.lang.as_deref();
            let (tests, slop) = tests(atom, lang);
            let parts: &[&str] = match scope {
                Scope::Anywhere => &[&article.title, &article.body],
                Scope::Title => &[&article.title],
                Scope::Lead => &[lead(&article.body)],
                Scope::Body => &[&article.body],
            };
            parts.iter().any(|part| stands(&tests, slop, &tokens(part, lang)))
        }
        Node::Name { field, pattern } => names(*field, entry).iter().any(|name| match pattern {
            NamePattern::Exact(text) => *name == fold_name(text),
            NamePattern::Prefix(text) if *field == NameField::Division => {
                name.split_once('/').is_some_and(|(_, division)| division.starts_with(text))
            }
            NamePattern::Prefix(text) => name.starts_with(text),
            NamePattern::Wildcard(text) => {
                let name = if *field == NameField::Division { name.split_once('/').unwrap().1 } else { name };
                glob(&text.chars().collect::<Vec<_>>(), &name.chars().collect::<Vec<_>>())
            }
        }),
        Node::HasName { field } => !names(*field, entry).is_empty(),
        Node::Range { field, lower, upper } => {
            let Some(value) = value(*field, entry) else { return false };
            let above = match lower {
                Bound::Open => true,
                Bound::Date(date) => value >= date.period(NOW).start,
                Bound::DateExclusive(date) => value >= date.period(NOW).end,
                Bound::Number(number) => value >= *number as i64,
                Bound::NumberExclusive(number) => value > *number as i64,
            };
            let below = match upper {
                Bound::Open => true,
                Bound::Date(date) => value < date.period(NOW).end,
                Bound::DateExclusive(date) => value < date.period(NOW).start,
                Bound::Number(number) => value <= *number as i64,
                Bound::NumberExclusive(number) => value < *number as i64,
            };
            above && below
        }
        Node::HasValue { field } => value(*field, entry).is_some(),
    }
}

/// The names that an entry carries, folded.
fn names(field: NameField, entry: &Entry) -> Vec<String> {
    let counting = entry.tags.companies.iter().filter(|tag| tag.role.counts_as_company());
    let divisions = &entry.tags.divisions;
    let mut names: Vec<String> = match field {
        NameField::Company => {
            let parents = divisions.iter().map(|tag| tag.path.split('/').next().unwrap().to_owned());
            let paths = divisions.iter().map(|tag| tag.path.clone());
            counting.map(|tag| tag.id.clone()).chain(parents).chain(paths).collect()
        }
        NameField::Division => divisions.iter().map(|tag| tag.path.clone()).collect(),
        NameField::About => {
            let companies = counting.filter(|tag| tag.salience >= 50).map(|tag| tag.id.clone());
            companies
                .chain(divisions.iter().filter(|tag| tag.salience >= 50).map(|tag| tag.path.clone()))
                .collect()
        }
        NameField::Role => {
            let roles = entry.tags.companies.iter();
            roles
                .flat_map(|tag| [tag.role.as_str().to_owned(), format!("{}/{}", tag.id, tag.role.as_str())])
                .collect()
        }
        NameField::Topic => entry.tags.topics.iter().map(|tag| tag.topic.clone()).collect(),
        NameField::Source => entry.article.source.iter().map(|source| fold_name(source)).collect(),
        _ => unreachable!("not generated"),
    };
    names.sort();
    names.dedup();
    names
}

fn value(field: ValueField, entry: &Entry) -> Option<i64> {
    match field {
        ValueField::Money | ValueField::Percent | ValueField::Headcount => unreachable!("not generated"),
        ValueField::Date => entry.article.published.map(|published| published.seconds),
        ValueField::Added => Some(entry.added),
        ValueField::Wc => Some(tokens(&entry.article.body, None).len() as i64),
        ValueField::Salience => {
            let counting = entry.tags.companies.iter().filter(|tag| tag.role.counts_as_company());
            counting.map(|tag| i64::from(tag.salience)).max()
        }
    }
}

fn request(query: &Query) -> SearchRequest {
    SearchRequest { snippet_chars: 60, ..SearchRequest::new(query.clone()) }
        .limit(100)
        .passages(3)
        .explain(true)
        .facet(FacetField::Company, 100)
        .facet(FacetField::Division, 100)
        .facet(FacetField::Topic, 100)
        .facet(FacetField::Source, 100)
        .facet(FacetField::Month, 100)
        .timeout_ms(LONGEST)
        .now(NOW)
}

/// The longest time there is: what is told apart from a look at every article is an answer and no part of one.
pub(super) const LONGEST: Option<u64> = Some(10_000);

/// Checks what holds of every answer; gives its ids.
fn check(searcher: &Searcher, query: &Query, matching: &[&Entry]) -> SearchResults {
    let results = searcher.search(&request(query)).unwrap_or_else(|error| panic!("{query}: {error:?}"));
    assert!(!results.timed_out, "{query}: took {} ms", results.took_ms);
    let mut found: Vec<&str> = results.hits.iter().map(|hit| hit.id.as_str()).collect();
    found.sort_unstable();
    let mut expected: Vec<&str> = matching.iter().map(|entry| entry.article.id.as_str()).collect();
    expected.sort_unstable();
    assert_eq!(found, expected, "{query}");
    assert_eq!(results.total.value, matching.len() as u64);
    views::agree(searcher, query, &expected);
    for pair in results.hits.windows(2) {
        assert!(pair[0].score >= pair[1].score, "{query}: best first");
    }
    for hit in &results.hits {
        let explanation = hit.explanation.as_ref().unwrap();
        assert!(close(explanation.value, hit.score), "{query}: {explanation:?} is not {}", hit.score);
        adds_up(explanation);
        let entry = matching.iter().find(|entry| entry.article.id == hit.id).unwrap();
        check_highlights(query, entry, hit);
    }
    check_facets(&results, matching);
    results
}

fn check_facets(results: &SearchResults, matching: &[&Entry]) {
    for (facet, field) in [
        ("company", NameField::Company),
        ("division", NameField::Division),
        ("topic", NameField::Topic),
        ("source", NameField::Source),
    ] {
        let mut counted = Vec::new();
        for value in &results.facets[facet] {
            counted.push((value.path.as_deref().map(fold_name), value.count));
            counted.extend(value.children.iter().map(|child| (child.path.clone(), child.count)));
        }
        let mut expected: Vec<(Option<String>, u64)> = Vec::new();
        for entry in matching {
            let names = names(field, entry);
            let names = if names.is_empty() { vec![None] } else { names.into_iter().map(Some).collect() };
            for name in names {
                match expected.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, count)) => *count += 1,
                    None => expected.push((name, 1)),
                }
            }
        }
        counted.sort();
        expected.sort();
        assert_eq!(counted, expected, "{facet}");
    }
    let months: u64 = results.facets["month"].iter().map(|value| value.count).sum();
    assert_eq!(months, matching.len() as u64, "an article has one month or none");
    let names: Vec<_> = results.facets["month"].iter().filter_map(|value| value.path.clone()).collect();
    assert!(names.is_sorted(), "months run forward");
}

fn close(left: f32, right: f32) -> bool {
    (left - right).abs() <= 1e-4 * left.abs().max(right.abs()).max(1e-6)
}

/// The parts of a product multiply and those of a sum add up; deeper down the engine's own formulas follow.
fn adds_up(explanation: &Explanation) {
    let parts = explanation.parts.iter().map(|part| part.value);
    let expected = match explanation.description.as_str() {
        "product of" => parts.product(),
        description if description.to_lowercase().contains("sum of") => parts.sum(),
        _ => return,
    };
    assert!(close(explanation.value, expected), "{explanation:?}");
    explanation.parts.iter().for_each(adds_up);
}

/// Atoms that make an article match, with their scopes: those under an even number of negations.
fn positive(node: &Node, is_negated: bool, found: &mut Vec<(Scope, TextAtom)>) {
    match node {
        Node::And { clauses } | Node::Or { clauses } | Node::Several { clauses, .. } => {
            for clause in clauses {
                positive(clause, is_negated, found);
            }
        }
        Node::Not { clause } => positive(clause, !is_negated, found),
        Node::Boost { clause, .. } | Node::AtLeast { clause, .. } => positive(clause, is_negated, found),
        Node::Near { left, right, .. } => {
            positive(left, is_negated, found);
            positive(right, is_negated, found);
        }
        Node::Text { scope, atom } if !is_negated => found.push((*scope, atom.clone())),
        _ => {}
    }
}

/// Every marked span begins and ends with what the query asks for or is the evidence of a tag, and an atom that stands
/// in the text is marked.
fn check_highlights(query: &Query, entry: &Entry, hit: &crate::search::Hit) {
    let mut atoms = Vec::new();
    positive(&query.root, false, &mut atoms);
    let body = &entry.article.body;
    let lang = entry.article.lang.as_deref();
    let mentions: Vec<&str> = entry
        .tags
        .companies
        .iter()
        .flat_map(|tag| &tag.mentions)
        .chain(entry.tags.divisions.iter().flat_map(|tag| &tag.mentions))
        .chain(entry.tags.topics.iter().flat_map(|tag| &tag.mentions))
        .map(|mention| mention.text.as_str())
        .collect();
    let is_true = |span: &str, title: bool| {
        mentions.contains(&span)
            || atoms.iter().any(|(scope, atom)| {
                let fits = match scope {
                    Scope::Anywhere => true,
                    Scope::Title => title,
                    Scope::Lead | Scope::Body => !title,
                };
                let (tests, slop) = tests(atom, lang);
                let is_cased = match atom {
                    TextAtom::Cased { text } => cased(text, &written(span)),
                    _ => true,
                };
                fits && is_cased && stands(&tests, slop, &tokens(span, lang))
            })
    };
    for [start, end] in &hit.title_highlights {
        assert!(
            is_true(&hit.title[*start..*end], true),
            "{query}: {} in {}",
            &hit.title[*start..*end],
            hit.title
        );
    }
    assert_eq!(hit.title, entry.article.title);
    assert!((1..=3).contains(&hit.snippets.len()));
    let mut end_of_last = 0;
    for snippet in &hit.snippets {
        for ([start, end], [first, last]) in snippet.highlights.iter().zip(&snippet.highlights_chars) {
            let span = &snippet.text[*start..*end];
            assert!(is_true(&span.replace('\n', " "), false), "{query}: {span} in {}", snippet.text);
            let by_chars: String = snippet.text.chars().skip(*first).take(last - first).collect();
            assert_eq!(by_chars, span);
        }
        assert!(snippet.text.chars().count() <= 60);
        let range = snippet.start_byte..snippet.start_byte + snippet.text.len();
        assert!(range.start >= end_of_last, "{query}: passages of {body} overlap");
        assert_eq!(snippet.text, body[range.clone()].replace('\n', " "));
        assert_eq!(body[..snippet.start_byte].chars().count(), snippet.start_char);
        assert!(
            hit.snippets.len() == 1 || !snippet.highlights.is_empty(),
            "{query}: a passage shows nothing"
        );
        end_of_last = range.end;
    }
    for (bytes, chars) in hit.matches.iter().zip(&hit.matches_chars) {
        let by_chars: String = body.chars().skip(chars[0]).take(chars[1] - chars[0]).collect();
        assert_eq!(by_chars, body[bytes[0]..bytes[1]]);
    }
    if let Some(expected) = places::marked(&query.root, entry) {
        let marked: Vec<(usize, usize)> = hit.matches.iter().map(|[start, end]| (*start, *end)).collect();
        assert_eq!(marked, expected, "{query}: marks in {body}");
    }
    // A part that can't match, whatever the article, is not looked for; plain queries have none.
    let is_plain = match &query.root {
        Node::Text { atom: TextAtom::Cased { .. }, .. } => false,
        Node::Text { .. } => true,
        Node::And { clauses } | Node::Or { clauses } => clauses.iter().all(|clause| {
            matches!(clause, Node::Text { .. })
                && !matches!(clause, Node::Text { atom: TextAtom::Cased { .. }, .. })
        }),
        _ => false,
    };
    for (scope, atom) in atoms.iter().filter(|_| is_plain) {
        let (tests, slop) = tests(atom, lang);
        if matches!(scope, Scope::Anywhere | Scope::Body) && stands(&tests, slop, &tokens(body, lang)) {
            assert!(!hit.matches.is_empty(), "{query}: nothing is marked in {body}");
            assert!(!hit.snippets[0].highlights.is_empty(), "{query}: the passage shows nothing of {body}");
        }
        if matches!(scope, Scope::Anywhere | Scope::Title) && stands(&tests, slop, &tokens(&hit.title, lang))
        {
            assert!(!hit.title_highlights.is_empty(), "{query}: nothing is marked in {}", hit.title);
        }
    }
}

/// Both cuts of an index answer as a look at every article, and in one order.
fn agree(entries: &[Entry], roots: Vec<Node>, segments: usize) {
    let (one, many) = (searcher(entries, 1), searcher(entries, segments));
    for root in roots {
        let query = Query { root };
        let matching: Vec<&Entry> = entries.iter().filter(|entry| holds(&query.root, entry)).collect();
        let whole = check(&one, &query, &matching);
        let parts = check(&many, &query, &matching);
        // A score at the edge of a rounding step may fall on either side of it, and so before or behind one that is
        // next to it.
        let close = |left: f32, right: f32| (left / right - 1.0).abs() < 4e-4;
        let is_edgy = whole.hits.windows(2).any(|pair| {
            pair[0].score.to_bits() != pair[1].score.to_bits() && close(pair[0].score, pair[1].score)
        });
        if is_edgy {
            continue;
        }
        for (left, right) in whole.hits.iter().zip(&parts.hits) {
            assert_eq!(&left.id, &right.id, "{query}: cut into {segments}");
            let same = left.score.to_bits() == right.score.to_bits() || close(left.score, right.score);
            assert!(same, "{query}: {} or {}", left.score, right.score);
        }
        for sort in [Sort::Relevance, Sort::Newest, Sort::Oldest] {
            let page = |searcher: &Searcher, offset, limit| -> Vec<String> {
                let request = SearchRequest::new(query.clone())
                    .sort(sort)
                    .offset(offset)
                    .limit(limit)
                    .timeout_ms(LONGEST)
                    .now(NOW);
                let results = searcher.search(&request).unwrap();
                assert!(!results.timed_out, "{query}: took {} ms", results.took_ms);
                results.hits.into_iter().map(|hit| hit.id).collect()
            };
            let all = page(&one, 0, 100);
            assert_eq!(&page(&many, 0, 100), &all);
            let pages = [page(&many, 0, 3), page(&many, 3, 2), page(&many, 5, 100)].concat();
            assert_eq!(&pages, &all, "{query}: pages of {sort:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_index_answers_as_a_look_at_every_article(
        entries in corpus(),
        roots in prop::collection::vec(node(), 40),
        segments in 2_usize..6,
    ) {
        agree(&entries, roots, segments);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    /// The same with 20,000 queries: `cargo test --release --lib twenty_thousand -- --ignored`.
    #[test]
    #[ignore = "takes minutes"]
    fn twenty_thousand_queries_agree(
        entries in corpus(),
        roots in prop::collection::vec(node(), 40),
        segments in 2_usize..6,
    ) {
        agree(&entries, roots, segments);
    }
}
