//! What a query is told beside its hits: what it was read as, what may have been meant, what was not looked at.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::fixture::{NOW, article, corpus, searcher};
use crate::control::Cancel;
use crate::error::ErrorKind;
use crate::query::{Node, Proximity, Query, SavedQueries, Scope, Synonyms, TextAtom, parse};
use crate::search::{Relation, SearchRequest, SearchResults, Searcher};

fn found(searcher: &Searcher, text: &str) -> SearchResults {
    let query: Query = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
    searcher.search(&SearchRequest::new(query).now(NOW)).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn ids(results: &SearchResults) -> String {
    let mut ids: Vec<&str> = results.hits.iter().map(|hit| hit.id.as_str()).collect();
    ids.sort_unstable();
    ids.concat()
}

#[test]
fn misspelt_words_have_suggestions() {
    let searcher = searcher(&corpus(), 3);
    for (text, expected) in [
        ("amazon restruturing", "restruturing>restructuring"),
        ("gogle OR meta", "gogle>google"),
        ("title:minster", "minster>minister"),
        ("gogle NEAR/5 jobs", "gogle>google"),
        ("amazon", ""),
        ("amazon -gogle", ""),
        ("zzzzzzzz", ""),
        ("\"gogle\"", ""),
    ] {
        let results = found(&searcher, text);
        let shown: Vec<String> = results
            .suggestions
            .iter()
            .map(|suggestion| format!("{}>{}", suggestion.word, suggestion.instead))
            .collect();
        assert_eq!(shown.join(" "), expected, "{text}");
        assert!(results.suggestions.iter().all(|suggestion| suggestion.articles > 0));
    }
}

#[test]
fn nothing_found_says_what_has_most_of_it() {
    let searcher = searcher(&corpus(), 3);
    for (text, expected) in [
        ("amazon google rainforest", Some((3, 2, 4, "IN/2 [amazon google rainforest]"))),
        ("rainforest outage", Some((2, 1, 2, "IN/1 [rainforest outage]"))),
        ("amazon google", None),
        ("nosuchword", None),
        ("nosuchword nosuchthing", None),
        ("the rainforest of outage", Some((4, 1, 2, "IN/1 [rainforest outage]"))),
        ("rainforest outage date:2021", Some((2, 1, 1, "date:2021 AND IN/1 [rainforest outage]"))),
    ] {
        let results = found(&searcher, text);
        let partial = results.partial.as_ref();
        let shown = partial.map(|part| (part.parts, part.have, part.articles, part.query.as_str()));
        assert_eq!(shown, expected, "{text}");
        if let Some((.., articles, query)) = expected {
            assert!(results.hits.is_empty(), "{text}");
            assert_eq!(found(&searcher, query).total.value, articles, "{query}");
        }
    }
}

#[test]
fn synonyms_can_be_switched_off_replaced_and_seen() {
    let searcher = searcher(&corpus(), 2);
    let request = |text: &str| SearchRequest::new(text.parse().unwrap()).now(NOW);
    let off = |text: &str| ids(&searcher.search(&request(text).synonyms(false)).unwrap());
    assert_eq!(off("layoffs"), "al");
    assert_eq!(off("takeover"), "");
    assert_eq!(off("job cuts"), "a");
    let own = Synonyms::read("layoffs\nstake => startup", "own").unwrap();
    let with_own = searcher.clone().with_synonyms(Arc::new(Synonyms::builtin().overlaid(&own)));
    assert_eq!(ids(&found(&with_own, "layoffs")), "al");
    assert_eq!(ids(&found(&with_own, "takeover")), "i");
    assert_eq!(ids(&found(&with_own, "stake")), "hip");
    let explained = |text: &str| searcher.explain_query(&parse(text).unwrap(), &request(text)).unwrap();
    assert!(explained("takeover").contains("synonyms: acquisition, buyout"), "{}", explained("takeover"));
    assert!(explained("job cuts").contains("layoffs"), "{}", explained("job cuts"));
    assert!(!explained("\"takeover\"").contains("synonyms"));
    // What was asked for comes first.
    let first = found(&searcher, "acquisition OR takeover").hits[0].id.clone();
    assert_eq!(first, "i");
    // A synonym that matched is marked.
    let marked = found(&searcher, "takeover");
    let snippet = &marked.hits[0].snippets[0];
    let words: Vec<&str> = snippet.highlights.iter().map(|[from, to]| &snippet.text[*from..*to]).collect();
    assert_eq!(words, ["acquisition"]);
}

#[test]
fn saved_queries_are_parts_of_others() {
    let text = "cloud: aws OR \"amazon web services\"\ncuts: layoffs OR jobs\nboth: search:cloud search:cuts\n\
                round: amazon search:about\nabout: search:round";
    let saved = SavedQueries::read(text, "searches").unwrap();
    let searcher = searcher(&corpus(), 2).with_saved_queries(Arc::new(saved));
    for (text, expected) in [
        ("search:cloud", "aj"),
        ("search:CLOUD -retailers", "a"),
        ("search:both", "a"),
        ("NOT search:cloud luna", "k"),
        ("search:cloud NEAR/3 video", "a"),
        ("search:(cloud OR cuts)", "abjl"),
    ] {
        assert_eq!(ids(&found(&searcher, text)), expected, "{text}");
    }
    let error = |text: &str| {
        let parsed = parse(text).unwrap();
        searcher.search_parsed(&parsed, &SearchRequest::new(parsed.query.clone())).unwrap_err()
    };
    for (text, reason) in [
        ("search:nothing", "no query is saved as nothing"),
        ("amazon search:round", "search:round is a part of itself"),
        ("search:both NEAR/3 x", "AND has no place"),
        ("search:cl*", "no saved query as a whole"),
    ] {
        let error = error(text);
        assert!(error.message().contains(reason), "{text}: {error}");
        assert!(error.hint().is_some());
    }
    let unknown = error("amazon search:nothing");
    let (whole, span) = unknown.place().unwrap();
    assert_eq!(&whole[span], "nothing");
}

#[test]
fn saved_queries_are_kept_with_an_index() {
    let folder = tempfile::tempdir().unwrap();
    let index = crate::Index::open_or_create(folder.path().join("index")).unwrap();
    let searcher = index.searcher().unwrap();
    index.edit_queries(|saved| saved.insert("cloud", "aws OR azure")).unwrap();
    let saved = index.saved_queries().unwrap();
    assert_eq!(saved.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["cloud"]);
    assert!(index.edit_queries(|saved| saved.insert("chips", "(").map(|()| saved.remove("cloud"))).is_err());
    assert_eq!(index.saved_queries().unwrap(), saved, "as they were");
    let query: Query = "search:cloud".parse().unwrap();
    assert!(searcher.count(&query).is_err(), "as it was when the searcher was opened");
    searcher.reload().unwrap();
    assert_eq!(searcher.count(&query).unwrap(), 0);
    assert!(crate::Index::in_memory().edit_queries(|_| Ok(())).is_err());
}

#[test]
fn queries_that_are_saved_at_once_are_all_kept() {
    let folder = tempfile::tempdir().unwrap();
    let index = crate::Index::open_or_create(folder.path().join("index")).unwrap();
    std::thread::scope(|scope| {
        for name in ["amazon", "chips", "cloud", "deals", "energy", "funds"] {
            let index = &index;
            scope.spawn(move || index.edit_queries(|saved| saved.insert(name, "aws OR azure")).unwrap());
        }
    });
    assert_eq!(index.saved_queries().unwrap().iter().count(), 6);
}

/// Articles whose words take long to combine.
fn slow() -> Searcher {
    let entries: Vec<_> = (0..400)
        .map(|number| {
            let body: String = (0..3000).map(|word| format!("w{}a ", (word * 7 + number) % 40)).collect();
            article(&format!("{number:03}"), "slow", &body)
        })
        .collect();
    searcher(&entries, 2)
}

const SLOW: &str =
    "ATLEAST/900 (((w1* NEAR/90 w2*) NEAR/90 (w1* NEAR/90 w3*)) NEAR/90 (w2* NEAR/90 (w3* NEAR/90 w1*)))";

#[test]
fn a_slow_query_ends_in_time_and_says_so() {
    let searcher = slow();
    let query: Query = SLOW.parse().unwrap();
    let request = SearchRequest::new(query.clone()).timeout_ms(Some(100));
    let started = Instant::now();
    let results = searcher.search(&request).unwrap();
    let took = started.elapsed();
    assert!(took < Duration::from_secs(8), "{took:?}");
    assert!(results.timed_out);
    assert_eq!(results.total.relation, Relation::AtLeast);
    assert!(results.notes.iter().any(|note| note.contains("100 ms")), "{:?}", results.notes);

    let started = Instant::now();
    let results = searcher.search(&request.clone().expand(true)).unwrap();
    assert!(started.elapsed() < Duration::from_secs(8));
    assert!(results.timed_out);
    assert!(results.notes.iter().any(|note| note.contains("no time to expand")), "{:?}", results.notes);

    let cancel = Cancel::new();
    let held = searcher.with_cancel(&cancel);
    let stopper = std::thread::spawn({
        let cancel = cancel.clone();
        move || {
            std::thread::sleep(Duration::from_millis(50));
            cancel.cancel();
        }
    });
    let started = Instant::now();
    let error = held.search(&request.timeout_ms(None)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert!(started.elapsed() < Duration::from_secs(8));
    stopper.join().unwrap();
    assert_eq!(held.count(&query).unwrap_err().kind(), ErrorKind::Cancelled);
    assert_eq!(held.ids(&query).unwrap_err().kind(), ErrorKind::Cancelled);
}

/// One formula scores what stands together, in whatever words it is asked for.
#[test]
fn places_score_as_quotations_do() {
    let searcher = searcher(&corpus(), 3);
    let scores = |text: &str| -> Vec<(String, String)> {
        let results = found(&searcher, text);
        assert!(!results.hits.is_empty(), "{text}");
        results.hits.iter().map(|hit| (hit.id.clone(), format!("{:.4}", hit.score))).collect()
    };
    for (quotation, places) in [
        ("body:\"prime video\"", "body:=prime PRE/1 body:=video"),
        ("title:\"jobs\"", "ATLEAST/1 title:=jobs"),
        ("body:=amazon", "ATLEAST/1 body:=amazon"),
        ("body:amazon^3", "(ATLEAST/1 body:amazon)^3"),
    ] {
        assert_eq!(scores(quotation), scores(places), "{quotation} and {places}");
    }
    // Synonyms have no say in what the word itself scores.
    let alone = |synonyms| {
        let request = SearchRequest::new("body:layoffs".parse().unwrap()).now(NOW).synonyms(synonyms);
        searcher.search(&request).unwrap().hits.into_iter().find(|hit| hit.id == "a").map(|hit| hit.score)
    };
    assert_eq!(alone(true), alone(false));
    assert!(alone(true).is_some());
}

#[test]
fn time_enough_gives_all() {
    let results = found(&searcher(&corpus(), 2), "amazon");
    assert!(!results.timed_out);
    assert_eq!(results.total.relation, Relation::Exact);
}

#[test]
fn limits_are_errors_with_a_hint() {
    let searcher = searcher(&corpus(), 1);
    let word =
        |text: &str| Node::Text { scope: Scope::Anywhere, atom: TextAtom::Word { text: text.to_owned() } };
    let deep = (0..200).fold(word("a"), |inner, _| Node::Not { clause: Box::new(inner) });
    let chain = (0..200).fold(word("a"), |inner, _| Node::Near {
        proximity: Proximity::Near { distance: 1 },
        left: Box::new(inner),
        right: Box::new(word("b")),
    });
    let many = |count| Node::Or { clauses: (0..count).map(|number| word(&format!("w{number}"))).collect() };
    searcher.search(&SearchRequest::new(Query { root: many(1024) })).unwrap();
    for (root, reason) in [
        (deep, "nested too deep"),
        (chain, "nested too deep"),
        (many(1025), "1024 parts"),
        ("a NEAR/1001 b".parse::<Query>().unwrap().root, "at most 1000 words"),
        (
            Node::Text {
                scope: Scope::Anywhere,
                atom: TextAtom::Phrase { text: "a ".repeat(65), slop: 0, prefix: false },
            },
            "at most 64 words",
        ),
        (
            Node::Text { scope: Scope::Anywhere, atom: TextAtom::Cased { text: "a ".repeat(65) } },
            "at most 64 words",
        ),
        (
            Node::Text {
                scope: Scope::Anywhere,
                atom: TextAtom::Phrase { text: "a b".to_owned(), slop: 51, prefix: false },
            },
            "at most 50 words",
        ),
        (
            Node::Text { scope: Scope::Anywhere, atom: TextAtom::Prefix { text: "a".to_owned() } },
            "at least 2 letters",
        ),
        (
            Node::Text {
                scope: Scope::Anywhere,
                atom: TextAtom::Fuzzy { text: "a".repeat(65), distance: 1 },
            },
            "at most 64 letters",
        ),
        (
            Node::Text {
                scope: Scope::Anywhere,
                atom: TextAtom::Fuzzy { text: "amazon".to_owned(), distance: 3 },
            },
            "1 or 2",
        ),
        (
            Node::Text { scope: Scope::Anywhere, atom: TextAtom::Regex { pattern: "a".repeat(201) } },
            "at most 200 bytes",
        ),
        (
            Node::Near {
                proximity: Proximity::Sentence,
                left: Box::new(Node::All),
                right: Box::new(word("a")),
            },
            "no place in the text",
        ),
        ("title:a NEAR/3 body:b".parse::<Query>().unwrap().root, "different parts"),
        ("ATLEAST/2 (lead:a OR b)".parse::<Query>().unwrap().root, "lead and elsewhere"),
    ] {
        let error = searcher.search(&SearchRequest::new(Query { root })).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Query, "{error}");
        assert!(error.message().contains(reason), "{reason}: {error}");
        assert!(error.hint().is_some(), "{error}");
    }
    let bearable = (0..45).fold(word("a"), |inner, _| Node::Not { clause: Box::new(inner) });
    assert!(searcher.search(&SearchRequest::new(Query { root: bearable })).is_ok());
    let wide = Node::Or { clauses: (0..1023).map(|number| word(&format!("w{number}"))).collect() };
    assert!(searcher.search(&SearchRequest::new(Query { root: wide })).is_ok());
    let request = SearchRequest::new("amazon".parse().unwrap());
    let error = searcher.search(&request.timeout_ms(Some(10_001))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Argument);
}
