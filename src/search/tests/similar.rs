//! Articles that are like one, and words that tell articles from others.

use super::fixture::{Entry, NOW, article, corpus, searcher};
use crate::article::Role;
use crate::control::Cancel;
use crate::error::ErrorKind;
use crate::query::{NameField, parse};
use crate::search::{Filter, Like, SearchRequest, Searcher, SimilarRequest};

/// A text of its own that shares a few words with others of its theme.
fn report(theme: &str, number: usize) -> String {
    let words: Vec<String> = (0..40).map(|word| format!("w{number}x{word}")).collect();
    format!("{theme} {}. {theme} again.", words.join(" "))
}

fn stories() -> Vec<Entry> {
    let turbine = "turbine blades cracked offshore";
    let mut entries = vec![
        article("first", "Turbine blades crack", &report(turbine, 0)).date("2024-03-01"),
        article(
            "copy",
            "Turbine blades crack, again",
            &format!("{} Additional reporting.", report(turbine, 0)),
        )
        .date("2024-03-02"),
        article("second", "Cracks in blades", &report(turbine, 1)).date("2024-03-03"),
        article("third", "Cracks in blades", &report(turbine, 2)).date("2024-05-03"),
    ];
    for number in 10..40 {
        let theme = if number % 2 == 0 { "bank profit rises" } else { "wheat harvest falls" };
        let entry = article(&format!("other{number}"), "Results", &report(theme, number));
        // Everybody names the bank, nobody else the maker of turbines.
        entries.push(entry.company("bank", "Bank", Role::Subject, 80).date("2024-04-01"));
    }
    entries[0] = entries[0].clone().company("vestas", "Turbine", Role::Subject, 90).topic("outage");
    entries[3] = entries[3].clone().company("vestas", "park", Role::Subject, 90).topic("outage");
    entries
}

fn like(id: &str) -> SimilarRequest {
    SimilarRequest { timeout_ms: None, now: Some(NOW), ..SimilarRequest::new(Like::Id(id.to_owned())) }
}

fn ids(searcher: &Searcher, request: &SimilarRequest) -> Vec<String> {
    searcher.similar(request).unwrap().hits.into_iter().map(|hit| hit.id).collect()
}

#[test]
fn what_is_shared_ranks_and_copies_are_left_out() {
    for segments in [1, 5] {
        let searcher = searcher(&stories(), segments);
        let answer = searcher.similar(&SimilarRequest { explain: true, ..like("first") }).unwrap();
        let found: Vec<&str> = answer.hits.iter().map(|hit| hit.id.as_str()).collect();
        assert_eq!(found, ["third", "second"], "the company decides");
        assert_eq!(answer.notes, ["1 copy of the article left out"]);
        assert_eq!(answer.total.value, 2);
        let shared = &answer.hits[0].explanation.as_ref().unwrap().parts[0];
        let named: Vec<&str> = shared.parts.iter().map(|part| part.description.as_str()).collect();
        assert!(named.contains(&"company Turbine, salience 90, in 2 of 34 articles"), "{named:?}");
        assert!(named.contains(&"both are about the company Turbine, salience 90, in 2 of 34 articles"));
        assert!(named.iter().any(|part| part.contains("word blades, in 4 of 34")), "{named:?}");
        // Of the copy the first one is a copy.
        assert_eq!(ids(&searcher, &like("copy")).len(), 2);
    }
}

#[test]
fn a_company_that_everything_names_says_little() {
    let searcher = searcher(&stories(), 2);
    let of = |id: &str, company: &str| {
        let answer = searcher.similar(&SimilarRequest { explain: true, ..like(id) }).unwrap();
        let shared = answer.hits[0].explanation.as_ref().unwrap().parts[0].clone();
        let part = |part: &crate::search::Explanation| part.description.starts_with(company);
        shared.parts.iter().find(|one| part(one)).map_or(0.0, |part| part.value)
    };
    assert!(of("first", "company Turbine") > 10.0 * of("other10", "company Bank"));
}

#[test]
fn filters_and_a_query_narrow() {
    let searcher = searcher(&stories(), 2);
    let within = |query: &str| SimilarRequest { within: Some(parse(query).unwrap().query), ..like("first") };
    assert_eq!(ids(&searcher, &within("date:2024-03")), ["second"]);
    let filter = Filter { field: NameField::Id, values: vec!["third".to_owned()] };
    assert_eq!(ids(&searcher, &SimilarRequest { filters: vec![filter], ..like("first") }), ["third"]);
    let page = SimilarRequest { offset: 1, limit: 1, ..like("first") };
    let answer = searcher.similar(&page).unwrap();
    assert_eq!((answer.hits[0].id.as_str(), answer.hits[0].rank), ("second", 2));
}

#[test]
fn an_article_need_not_be_in_the_index() {
    let searcher = searcher(&stories(), 2);
    let strange = article("new", "Blades cracked", "Another turbine with blades that cracked offshore.");
    let like = Like::Article { article: Box::new(strange.article), tags: Box::default() };
    let request = SimilarRequest { timeout_ms: None, ..SimilarRequest::new(like) };
    let found = ids(&searcher, &request);
    assert_eq!(found.len(), 4, "{found:?}");
    let nothing = Like::Article { article: Box::default(), tags: Box::default() };
    assert_eq!(searcher.similar(&SimilarRequest::new(nothing)).unwrap().total.value, 0);
}

#[test]
fn what_can_not_be_answered_is_an_error() {
    let searcher = searcher(&stories(), 1);
    assert_eq!(searcher.similar(&like("nobody")).unwrap_err().kind(), ErrorKind::NotFound);
    let error = searcher.similar(&SimilarRequest { limit: 5000, ..like("first") }).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Argument);
    let late = searcher.similar(&SimilarRequest { timeout_ms: Some(0), ..like("first") }).unwrap();
    assert!(late.timed_out && late.notes.iter().any(|note| note.starts_with("stopped after 0 ms")));
    let cancel = Cancel::new();
    cancel.cancel();
    let error = searcher.with_cancel(&cancel).similar(&like("first")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
}

#[test]
fn distinctive_words_do_not_depend_on_segments_or_the_sample() {
    // More than are read: the counts are of all in any case.
    let mut entries: Vec<Entry> = (0..700)
        .map(|number| {
            let rare = if number % 2 == 0 { "Merger" } else { "mergers" };
            article(&format!("in{number:03}"), "News", &format!("{rare} of the day number{number} of plenty"))
                .lang("en")
        })
        .collect();
    entries.extend((0..300).map(|number| {
        let rare = if number < 3 { "merger" } else { "weather" };
        article(&format!("out{number:03}"), "News", &format!("{rare} of plenty"))
    }));
    let request = SearchRequest::new(parse("lang:en").unwrap().query).timeout_ms(None).now(NOW);
    let terms = searcher(&entries, 1).distinctive_terms(&request, 3).unwrap();
    assert_eq!((terms.set, terms.rest, terms.read), (700, 300, 500));
    let shown: Vec<(&str, u64, u64)> =
        terms.terms.iter().map(|term| (term.word.as_str(), term.in_set, term.in_rest)).collect();
    // One form of each is written in half of the articles; which is more in the sample is for the sample to say.
    assert_eq!(shown.len(), 2, "{shown:?}");
    assert!(shown.iter().all(|(word, ..)| word.to_lowercase().starts_with("merger") || *word == "day"));
    assert!(shown.iter().any(|(_, inside, outside)| (*inside, *outside) == (700, 3)), "{shown:?}");
    assert_eq!(searcher(&entries, 7).distinctive_terms(&request, 3).unwrap(), terms);
    let all = SearchRequest::new(parse("*").unwrap().query).timeout_ms(None);
    assert!(searcher(&entries, 2).distinctive_terms(&all, 3).unwrap().terms.is_empty());
    let few = searcher(&corpus(), 2)
        .distinctive_terms(&SearchRequest::new(parse("startup").unwrap().query).now(NOW), 3)
        .unwrap();
    assert_eq!((few.set, few.read), (2, 2));
    assert!(few.terms.iter().any(|term| term.word == "startup"), "{few:?}");
}
