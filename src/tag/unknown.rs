//! Companies that the gazetteer does not know: a name with a legal form ("Quellmark Corp") or with the symbol of an exchange
//! ("Kestrelane Dynamics (NASDAQ: KSLD)").
//!
//! They become tags of their own under an id that no company of the gazetteer can have, so that none is taken for a
//! known one.

use std::collections::{BTreeMap, HashSet};

use crate::article::{CompanyTag, Mention, Role, Tags, TextField};
use crate::tag::context::Context;
use crate::tag::explain::{Points, TagReasons};
use crate::tag::lexicon::{
    BEFORE, BUSINESS, CAPITAL, EXCHANGE, FIRST_NAME, FUNCTION, GENERIC, LEGAL, NOUN, PERSON_TITLE, VERB,
    is_legal_form,
};
use crate::tag::resolve::{BODY, Resolver, State, TITLE};
use crate::tag::salience::ABOUT_THRESHOLD;
use crate::tag::view::{DIGIT, Gap, INITIAL, LOWER, View, Word};
use crate::text::fold::fold_name;

/// What an id begins with.
const MARK: char = '~';

/// Longest name, in words without its form.
const LONGEST: usize = 6;

/// Names of one article that are followed.
const MOST: usize = 50;

/// A name with its legal form: words from `first` to `form`, the form up to `last`.
struct Named {
    field: usize,
    first: usize,
    form: usize,
    last: usize,
    rule: &'static str,
}

/// Adds the tags of an article's unknown companies; the known ones are in place.
pub(super) fn add(resolver: &Resolver<'_, '_>, tags: &mut Tags, reasons: &mut TagReasons) {
    let mut names: BTreeMap<String, Vec<Named>> = BTreeMap::new();
    for field in [TITLE, BODY] {
        for named in find(resolver, field) {
            let id = id_of(&resolver.views[field], &named);
            if id.len() > 1 && (names.len() < MOST || names.contains_key(&id)) {
                names.entry(id).or_default().push(named);
            }
        }
    }
    let known: usize = tags.companies.iter().map(|tag| tag.mentions.len()).sum::<usize>()
        + tags.divisions.iter().map(|tag| tag.mentions.len()).sum::<usize>();
    for (id, mut named) in names {
        later(resolver, &mut named);
        named.sort_by_key(|named| (named.field, named.first));
        let mentions: Vec<Mention> = named.iter().map(|named| mention(resolver, named)).collect();
        // The fullest form that the article gives it.
        let name = mentions.iter().map(|mention| mention.text.as_str()).max_by_key(|name| name.len());
        let name = name.unwrap_or_default().to_owned();
        let points = salience(resolver, &named, known, reasons.points());
        let (role, because) = if points.total().round() >= f32::from(ABOUT_THRESHOLD) {
            (Role::Subject, "over the threshold")
        } else {
            (Role::Peer, "under the threshold")
        };
        let salience = reasons.company(&id, because, points);
        tags.companies.push(CompanyTag { id, name, role, salience, known: false, mentions });
    }
}

/// Names with a legal form or the mark of an exchange.
fn find(resolver: &Resolver<'_, '_>, field: usize) -> Vec<Named> {
    let context = resolver.context(field);
    let view = context.view;
    let mut found: Vec<Named> = Vec::new();
    let mut place = 0;
    while place < view.words.len() {
        let word = &view.words[place];
        // "S.A." is two words with a stop between.
        let dotted = view.words.get(place + 1).is_some_and(|next| next.gap == Gap::Dot);
        if !dotted && context.classes(word) & (LEGAL | EXCHANGE) == 0 {
            place += 1;
            continue;
        }
        let is_marked = context.classes(word) & EXCHANGE != 0
            && word.gap == Gap::Open
            && context
                .exchange_mark(place)
                .is_some_and(|(symbol, exchange)| resolver.matcher.symbol(symbol, exchange).is_none());
        let (last, rule) = match legal_form(&context, place) {
            Some(last) => (last, "legal form"),
            None if is_marked => (place, "ticker"),
            None => {
                place += 1;
                continue;
            }
        };
        if let Some(first) = name_before(resolver, field, place, last > place && is_short(view, place, last))
        {
            found.push(Named { field, first, form: place, last, rule });
        }
        place = last.max(place + 1);
    }
    found
}

/// One past the last word of a legal form at a place: `Inc`, `S.p.A.`, `Co., Ltd.`, `Pty Ltd`.
fn legal_form(context: &Context<'_, '_>, place: usize) -> Option<usize> {
    let view = context.view;
    let mut last = place;
    while last < place + 6 {
        let Some(word) = view.words.get(last) else { break };
        let joined = if last == place {
            // "Kangaroo Island, SA" is a place.
            word.gap == Gap::Plain || word.gap == Gap::Comma && word.fold_end - word.fold > 3
        } else {
            matches!(word.gap, Gap::Plain | Gap::Comma | Gap::Dot)
        };
        if !joined || (last > place && word.sentence != view.words[place].sentence) {
            break;
        }
        let mut end = last + 1;
        let dotted = view.words.get(end).is_some_and(|next| next.gap == Gap::Dot);
        if !dotted && context.classes(word) & LEGAL == 0 {
            break;
        }
        while view.words.get(end).is_some_and(|next| next.gap == Gap::Dot) && end < last + 4 {
            end += 1;
        }
        let folded: Vec<u8> =
            view.words[last..end].iter().flat_map(|word| view.folded_word(word).iter().copied()).collect();
        let id = std::str::from_utf8(&folded).map_or(0, |folded| context.lexicon.id(folded));
        let is_form = context.lexicon.classes(id) & LEGAL != 0
            && (is_written(&folded, &view.text[word.start as usize..view.words[end - 1].end as usize]))
            // "Delmora Group said" names no form; a holding is one beside another.
            && (last > place || !matches!(&*folded, b"group" | b"holding" | b"holdings" | b"company"));
        if !is_form {
            break;
        }
        last = end;
    }
    (last > place).then_some(last)
}

/// Whether a legal form is written as one and not as the word or abbreviation that it also is.
fn is_written(folded: &[u8], text: &str) -> bool {
    let capitals = text.chars().filter(|letter| letter.is_uppercase()).count();
    match folded {
        b"ag" | b"sa" | b"se" | b"nv" | b"bv" | b"as" | b"ab" | b"asa" | b"lp" | b"llp" | b"llc" | b"kk"
        | b"kg" | b"srl" | b"aps" | b"oyj" => capitals >= 2 || folded == b"oyj" && capitals == 1,
        b"spa" => text.contains('.') || text.starts_with('S') && text.ends_with('A'),
        b"plc" => true,
        b"gmbh" | b"kgaa" => capitals >= 2,
        _ => capitals >= 1,
    }
}

/// Whether the form is so short that one word before it proves little: `Lake Clare Co`, `WIND AS`.
fn is_short(view: &View<'_>, place: usize, last: usize) -> bool {
    last == place + 1 && view.folded_word(&view.words[place]).len() <= 2
}

/// The first word of the name that ends at a place; `None` where no name stands there, or a known one.
fn name_before(resolver: &Resolver<'_, '_>, field: usize, end: usize, needs_two: bool) -> Option<usize> {
    let context = resolver.context(field);
    let view = context.view;
    let last = view.words.get(end.checked_sub(1)?)?;
    let sentence = view.sentence_of(last);
    // Where every word has a capital, nothing shows where a name begins.
    if sentence.title_case || sentence.all_capitals || view.words.get(end)?.sentence != last.sentence {
        return None;
    }
    let is_part = |word: &Word| word.shape & LOWER == 0;
    let mut first = end;
    while first > 0 && end - first < LONGEST {
        let word = &view.words[first - 1];
        if word.sentence != last.sentence {
            break;
        }
        let joined =
            first == end || matches!(view.words[first].gap, Gap::Plain | Gap::Hyphen | Gap::Apostrophe);
        let joins = view.folded_word(word) == b"and"
            && !needs_two
            && first < end
            && first > 1
            && is_part(&view.words[first - 2])
            && context.classes(&view.words[first - 2]) & LEGAL == 0
            && view.words[first - 2].sentence == word.sentence;
        if !joined || !(is_part(word) || joins) {
            break;
        }
        first -= 1;
    }
    // "On Monday Quellmark Corp", "Judge Quellmark Inc".
    while first < end {
        let word = &view.words[first];
        let classes = context.classes(word);
        let is_function = classes & (FUNCTION | CAPITAL) != 0 && view.folded_word(word).len() > 1;
        // "British Steel" is a name with its nation.
        let is_day = classes & CAPITAL != 0 && classes & GENERIC == 0;
        if is_function && (word.shape & INITIAL != 0 && classes & GENERIC == 0 || is_day)
            || view.folded_word(word) == b"and"
        {
            first += 1;
        } else {
            break;
        }
    }
    let words = view.words.get(first..end)?;
    let telling = words.iter().filter(|word| {
        let classes = context.classes(word);
        context.is_unknown(word)
            || classes
                & (FUNCTION | VERB | NOUN | BEFORE | BUSINESS | LEGAL | CAPITAL | FIRST_NAME | PERSON_TITLE)
                == 0
    });
    let telling = telling.filter(|word| word.shape & DIGIT == 0).count();
    let is_initials = words.iter().all(|word| view.folded_word(word).len() == 1);
    if words.is_empty() || telling == 0 || is_initials || needs_two && words.len() < 2 {
        return None;
    }
    // A known company's full name is its own.
    // The candidates stand in order and apart.
    let before = resolver
        .candidates
        .partition_point(|candidate| (candidate.field, candidate.found.first as usize) < (field, end));
    let is_known = resolver.candidates[..before]
        .iter()
        .rev()
        .take_while(|candidate| candidate.field == field && candidate.found.last as usize > first)
        .any(|candidate| match candidate.state {
            State::Accepted(..) | State::Person(_) => true,
            State::Rejected(..) => {
                candidate.found.first as usize <= first && candidate.found.last as usize >= end
            }
            _ => false,
        });
    (!is_known).then_some(first)
}

/// Mentions of the same names without their form.
fn later(resolver: &Resolver<'_, '_>, named: &mut Vec<Named>) {
    let Some(model) = named.first() else { return };
    let view = &resolver.views[model.field];
    let name: Vec<Vec<u8>> =
        view.words[model.first..model.form].iter().map(|word| view.folded_word(word).to_vec()).collect();
    let mut known: HashSet<(usize, usize)> = named
        .iter()
        .flat_map(|named| (named.first..named.last.max(named.form)).map(|word| (named.field, word)))
        .collect();
    for field in [TITLE, BODY] {
        let view = &resolver.views[field];
        for first in 0..view.words.len().saturating_sub(name.len() - 1) {
            let words = &view.words[first..first + name.len()];
            let is_it = words
                .iter()
                .zip(&name)
                .all(|(word, part)| word.shape & LOWER == 0 && view.folded_word(word) == &part[..]);
            if is_it && !known.contains(&(field, first)) {
                let end = first + name.len();
                known.extend((first..end).map(|word| (field, word)));
                named.push(Named { field, first, form: end, last: end, rule: "defined" });
            }
        }
    }
}

fn id_of(view: &View<'_>, named: &Named) -> String {
    let words = &view.words[named.first..named.form];
    let (Some(first), Some(last)) = (words.first(), words.last()) else { return String::new() };
    let name = fold_name(&view.text[first.start as usize..last.end as usize]);
    let slug: Vec<&str> =
        name.split(|letter: char| !letter.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
    format!("{MARK}{}", slug.join("-"))
}

/// The id of a company that no list holds, from a name that a user types, with or without its legal form.
pub(crate) fn typed_id(name: &str) -> String {
    let folded = fold_name(&name.replace('.', ""));
    let mut parts: Vec<&str> =
        folded.split(|letter: char| !letter.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
    while parts.len() > 1 && parts.last().is_some_and(|last| is_legal_form(last)) {
        parts.pop();
    }
    format!("{MARK}{}", parts.join("-"))
}

/// A display name for such an id; `None` for any other.
pub(crate) fn label(id: &str) -> Option<String> {
    let slug = id.strip_prefix(MARK)?;
    let capitalised = slug.split('-').map(|part| {
        let mut letters = part.chars();
        letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
    });
    Some(capitalised.collect::<Vec<_>>().join(" "))
}

fn mention(resolver: &Resolver<'_, '_>, named: &Named) -> Mention {
    let view = &resolver.views[named.field];
    let end_word = if named.last > named.form { named.last } else { named.form };
    let start = view.words[named.first].start as usize;
    let mut end = view.words[end_word - 1].end as usize;
    // "S.p.A.": the last point belongs to it.
    let form = &view.words[named.form..end_word];
    if form.iter().any(|word| word.gap == Gap::Dot) && view.text.as_bytes().get(end) == Some(&b'.') {
        end += 1;
    }
    Mention {
        field: if named.field == TITLE { TextField::Title } else { TextField::Body },
        start,
        end,
        text: view.text[start..end].to_owned(),
        rule: named.rule.into(),
    }
}

/// The same parts as for known companies: headline, lead, share of all mentions, number.
fn salience(resolver: &Resolver<'_, '_>, named: &[Named], known: usize, mut points: Points) -> Points {
    let lead = resolver.views[BODY].sentence_end(0);
    let in_title = named.iter().any(|named| named.field == TITLE);
    let in_lead = named.iter().any(|named| named.field == BODY && named.first < lead);
    let count = named.len() as f32;
    let share = count / (count + known as f32);
    points.add("headline", if in_title { 30.0 } else { 0.0 }, || "named in it".to_owned());
    points.add("lead", if in_lead { 20.0 } else { 0.0 }, || "named in the first sentence".to_owned());
    points.add("share of mentions", 35.0 * share, || format!("{} of {}", named.len(), named.len() + known));
    points.add("number of mentions", (5.0 * count).min(15.0), || named.len().to_string());
    points
}
