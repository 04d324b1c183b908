//! The short ways give what the long way gives: the best articles without looking at all, numbers without scores, facets
//! from kept columns.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tantivy::Term;

use super::fixture::{Entry, NOW, article, index};
use crate::article::Role;
use crate::index::ledger::Checkpoint;
use crate::query::{NameField, Node, Parsed, Query, Scope, TextAtom};
use crate::search::collect::Pass;
use crate::search::rank::Ranking;
use crate::search::turns::{OF_A_CORE, Turns};
use crate::search::{FacetField, SearchRequest, SearchResults, Searcher, Sort};

const WORDS: [&str; 12] =
    ["the", "of", "bank", "cuts", "jobs", "in", "Paris", "strike", "profit", "rail", "union", "vote"];

/// The same numbers each time (Marsaglia's xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }

    /// The first words are much more frequent than the last ones.
    fn word(&mut self) -> &'static str {
        let (one, other) = (self.below(WORDS.len()), self.below(WORDS.len()));
        WORDS[one.min(other)]
    }

    fn text(&mut self, most: usize) -> String {
        (0..=self.below(most)).map(|_| self.word()).collect::<Vec<_>>().join(" ")
    }
}

fn entries(dice: &mut Dice) -> Vec<Entry> {
    let entry = |number: usize| {
        let mut entry = article(&format!("{number:05}"), &dice.text(4), &dice.text(30));
        if dice.below(8) > 0 {
            entry = entry.date(&format!("20{:02}-{:02}-11", 10 + dice.below(16), 1 + dice.below(12)));
        }
        if dice.below(3) > 0 {
            entry = entry.company("amazon", "Amazon", Role::Subject, dice.below(100) as u8);
            if dice.below(2) > 0 {
                entry = entry.division("amazon/aws", "AWS", 20).division("amazon/luna", "Luna", 20);
            }
        }
        if dice.below(4) == 0 {
            entry = entry.company("google", "Google", Role::Subject, 30);
        }
        if dice.below(3) > 0 { entry.source(["Reuters", "reuters", "BBC"][dice.below(3)]) } else { entry }
    };
    (0..6_000).map(entry).collect()
}

/// In several segments, with articles that were taken out.
fn some(segments: usize) -> Searcher {
    let index = index(&entries(&mut Dice(7)), segments);
    let mut writer = index.inner.writer_with_num_threads::<tantivy::TantivyDocument>(1, 20 << 20).unwrap();
    for number in (0..6_000).step_by(17) {
        writer.delete_term(Term::from_field_text(index.fields.id, &format!("{number:05}")));
    }
    let mut commit = writer.prepare_commit().unwrap();
    commit.set_payload(&Checkpoint { seq: 9, ..Checkpoint::default() }.to_payload().unwrap());
    commit.commit().unwrap();
    index.searcher().unwrap()
}

fn node(dice: &mut Dice) -> Node {
    let scope = [Scope::Body, Scope::Body, Scope::Anywhere, Scope::Title, Scope::Lead][dice.below(5)];
    let mut atom = |words: usize| {
        let text = (0..words).map(|_| dice.word()).collect::<Vec<_>>().join(" ");
        let is_plain = words == 1 && dice.below(2) > 0;
        let phrase = TextAtom::Phrase { text: text.clone(), slop: 0, prefix: false };
        Node::Text { scope, atom: if is_plain { TextAtom::Word { text } } else { phrase } }
    };
    let clauses = vec![atom(1), atom(1), atom(2)];
    let single = atom(1);
    let phrase = atom(2);
    let count = 2 + dice.below(2);
    match dice.below(5) {
        0 => single,
        1 => phrase,
        2 => Node::And { clauses: clauses.into_iter().take(count).collect() },
        _ => Node::Or { clauses: clauses.into_iter().take(count).collect() },
    }
}

fn request(root: Node) -> SearchRequest {
    SearchRequest { now: Some(NOW), ..SearchRequest::new(Query { root }) }
}

/// All that match, best first, by the long way.
fn plain(searcher: &Searcher, request: &SearchRequest) -> Vec<(String, f32)> {
    let prepared = searcher.prepare(request, None).unwrap();
    let ranking: Ranking = prepared.ranking(request);
    let pass = Pass {
        limit: 10_000,
        after: None,
        sort: Sort::Relevance,
        facets: Vec::new(),
        ranking: Arc::new(ranking),
        is_counted: true,
        columns: Arc::clone(&searcher.shared.columns),
        floor: Arc::default(),
    };
    let found = searcher.pass(&prepared, &pass).unwrap();
    assert_eq!(found.count, found.best.len() as u64);
    found.best.into_iter().map(|best| (best.place.id, best.place.score)).collect()
}

#[test]
fn the_best_are_the_same_without_looking_at_all() {
    for segments in [1, 3] {
        let searcher = some(segments);
        assert_eq!(searcher.shared.bounds.measured(), (0, 0));
        let mut dice = Dice(segments as u64);
        for round in 0..400 {
            let mut request = request(node(&mut dice)).limit(1 + dice.below(30));
            request.timeout_ms = (dice.below(2) > 0).then_some(10_000);
            let is_filtered = dice.below(3) == 0;
            if is_filtered {
                request = request.filter(NameField::Company, [["amazon", "google"][dice.below(2)]]);
            }
            let all = plain(&searcher, &request);
            let parsed = Parsed { query: request.query.clone(), text: String::new(), names: Vec::new() };
            let best = searcher.ranked_ids(&parsed, &request).unwrap();
            assert_eq!(best, all[..request.limit.min(all.len())], "{round}: {}", request.query);
            let (best, total) = searcher.ranked_ids_and_total(&parsed, &request).unwrap();
            assert_eq!(best, all[..request.limit.min(all.len())], "{round}: {}", request.query);
            assert_eq!(total, all.len() as u64, "{}", request.query);
            if !is_filtered {
                assert_eq!(searcher.count(&request.query).unwrap(), total, "{}", request.query);
            }
            if round % 4 == 0 {
                let offset = dice.below(20);
                let page = searcher.search(&request.clone().offset(offset)).unwrap();
                let ids: Vec<(String, f32)> =
                    page.hits.iter().map(|hit| (hit.id.clone(), hit.score)).collect();
                let end = all.len().min(offset + request.limit);
                assert_eq!(ids, all.get(offset..end).unwrap_or_default(), "{}", request.query);
                assert_eq!(page.total.value, all.len() as u64);
                if let Some(next) = page.next {
                    let behind = searcher.search(&request.clone().after(next)).unwrap().hits;
                    let from = end.min(all.len());
                    let ids: Vec<&str> = behind.iter().map(|hit| hit.id.as_str()).collect();
                    let wanted = all[from..].iter().take(request.limit).map(|(id, _)| id.as_str());
                    assert_eq!(ids, wanted.collect::<Vec<_>>(), "{}", request.query);
                }
            }
        }
        let (words, sequences) = searcher.shared.bounds.measured();
        assert!(words > 20 * segments, "the short way was not taken");
        assert!(sequences > 20 * segments, "sequences were not measured: {sequences}");
    }
}

#[test]
fn an_answer_is_the_same_on_any_number_of_threads() {
    let on = |cores: usize| {
        let mut searcher = some(5);
        Arc::get_mut(&mut searcher.shared).unwrap().turns = Turns::new(OF_A_CORE * cores);
        searcher
    };
    let (one, several) = (on(1), on(4));
    let mut dice = Dice(11);
    for round in 0..300 {
        let mut request = request(node(&mut dice)).limit(dice.below(30)).offset(dice.below(3) * 7);
        request.timeout_ms = (dice.below(2) > 0).then_some(10_000);
        request.sort =
            [Sort::Relevance, Sort::Relevance, Sort::Newest, Sort::Oldest, Sort::Id][dice.below(5)];
        request.expand = dice.below(10) == 0;
        if dice.below(3) == 0 {
            request = request.filter(NameField::Company, [["amazon", "google"][dice.below(2)]]);
        }
        for field in [FacetField::Company, FacetField::Source, FacetField::Month] {
            if dice.below(3) == 0 {
                request = request.facet(field, 5);
            }
        }
        let answer =
            |searcher: &Searcher| SearchResults { took_ms: 0.0, ..searcher.search(&request).unwrap() };
        let page = answer(&one);
        assert_eq!(page, answer(&several), "{round}: {}", request.query);
        if let Some(next) = page.next {
            let request = request.clone().offset(0).after(next);
            let ids = |searcher: &Searcher| -> Vec<String> {
                searcher.search(&request).unwrap().hits.into_iter().map(|hit| hit.id).collect()
            };
            assert_eq!(ids(&one), ids(&several), "{round}: {}", request.query);
        }
        let parsed = Parsed { query: request.query.clone(), text: String::new(), names: Vec::new() };
        let ranked = |searcher: &Searcher| searcher.ranked_ids(&parsed, &request).unwrap();
        assert_eq!(ranked(&one), ranked(&several), "{round}: {}", request.query);
    }
}

/// What facets have to say of these articles.
fn counted(entries: &[Entry], of: impl Fn(&Entry) -> BTreeSet<String>) -> BTreeMap<Option<String>, u64> {
    let mut counts = BTreeMap::new();
    for entry in entries {
        let values = of(entry);
        if values.is_empty() {
            *counts.entry(None).or_default() += 1;
        }
        for value in values {
            *counts.entry(Some(value)).or_default() += 1;
        }
    }
    counts
}

fn shown(searcher: &Searcher, request: &SearchRequest, field: FacetField) -> BTreeMap<Option<String>, u64> {
    let mut counts = BTreeMap::new();
    for value in &searcher.search(request).unwrap().facets[field.as_str()] {
        counts.insert(value.path.clone(), value.count);
        counts.extend(value.children.iter().map(|child| (child.path.clone(), child.count)));
    }
    counts
}

#[test]
fn kept_columns_count_what_stored_ones_do() {
    for segments in [1, 3] {
        let searcher = some(segments);
        let entries: Vec<Entry> = entries(&mut Dice(7))
            .into_iter()
            .enumerate()
            .filter(|(number, _)| number % 17 != 0)
            .map(|(_, entry)| entry)
            .collect();
        let companies = counted(&entries, |entry| {
            let companies = entry.tags.companies.iter().map(|tag| tag.id.clone());
            companies.chain(entry.tags.divisions.iter().map(|tag| tag.path.clone())).collect()
        });
        let divisions =
            counted(&entries, |entry| entry.tags.divisions.iter().map(|tag| tag.path.clone()).collect());
        let sources =
            counted(&entries, |entry| entry.article.source.iter().map(|s| s.to_lowercase()).collect());
        let years = counted(&entries, |entry| {
            let date = entry.article.published.as_ref().map(ToString::to_string);
            date.iter().map(|date| date[..4].to_owned()).collect()
        });
        let fields = [FacetField::Company, FacetField::Division, FacetField::Source, FacetField::Year];
        let mut all = request(Node::All).limit(0);
        for field in fields {
            all = all.facet(field, 100);
        }
        let expected = [companies, divisions, sources, years];
        for round in 0..4 {
            for (field, expected) in fields.iter().zip(&expected) {
                assert_eq!(shown(&searcher, &all, *field), *expected, "{round} {field:?}");
            }
        }
        assert_eq!(searcher.shared.columns.laid_out(), 2 * segments, "companies with divisions, and sources");
        // Filters, with the facet of the filtered field counted apart.
        let filtered = request(Node::All)
            .limit(0)
            .filter(NameField::Company, ["google"])
            .facet(FacetField::Company, 1)
            .facet(FacetField::Division, 100);
        let found = searcher.search(&filtered).unwrap();
        assert_eq!(found.facets["company"][0].count, expected[0][&Some("amazon".to_owned())]);
        let both = entries.iter().filter(|entry| {
            let is = |id| entry.tags.companies.iter().any(|tag| tag.id == id);
            is("google") && entry.tags.divisions.iter().any(|tag| tag.path == "amazon/aws")
        });
        assert_eq!(found.facets["division"][0].count, both.count() as u64);
    }
}

#[test]
fn a_program_that_asks_once_lays_nothing_out() {
    let searcher = some(1);
    let few = request(node(&mut Dice(3))).limit(0).facet(FacetField::Company, 10);
    searcher.search(&few).unwrap();
    assert_eq!(searcher.shared.columns.laid_out(), 0);
}

#[test]
fn what_is_kept_goes_with_its_segment() {
    let searcher = some(1);
    let all = request(Node::All).limit(0).facet(FacetField::Company, 10);
    for _ in 0..3 {
        searcher.search(&all).unwrap();
    }
    assert_eq!(searcher.shared.columns.laid_out(), 1);
    let before = searcher.search(&all).unwrap().facets;
    let index = &searcher.index;
    let mut writer = index.inner.writer_with_num_threads::<tantivy::TantivyDocument>(1, 20 << 20).unwrap();
    writer.delete_term(Term::from_field_text(index.fields.id, "00001"));
    let mut commit = writer.prepare_commit().unwrap();
    commit.set_payload(&Checkpoint { seq: 10, ..Checkpoint::default() }.to_payload().unwrap());
    commit.commit().unwrap();
    let segments = index.inner.searchable_segment_ids().unwrap();
    writer.merge(&segments).wait().unwrap();
    assert_eq!(searcher.search(&all).unwrap().facets, before, "the state that answers has not changed");
    searcher.reload().unwrap();
    assert_eq!(searcher.shared.columns.laid_out(), 0);
    let after = searcher.search(&all).unwrap();
    assert_eq!(after.total.value, 6_000 - 353 - 1);
    let best = |searcher: &Searcher| {
        let request = request(Node::Text {
            scope: Scope::Body,
            atom: TextAtom::Phrase { text: "the".to_owned(), slop: 0, prefix: false },
        });
        let parsed = Parsed { query: request.query.clone(), text: String::new(), names: Vec::new() };
        (searcher.ranked_ids(&parsed, &request).unwrap(), plain(searcher, &request)[..10].to_vec())
    };
    let (pruned, plain) = best(&searcher);
    assert_eq!(pruned, plain);
}
