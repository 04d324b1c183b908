//! Any text as a query: an answer or an error of the caller within 100 ms and a stack of 1 MiB, and every way of counting
//! agrees.

use std::sync::LazyLock;

use dateline::query::{NameField, Node, Query, parse};
use dateline::search::{FacetField, Relation, SearchRequest, Searcher, Sort};
use dateline::{ErrorKind, Index};

use crate::{NOW, sample, text, within};

/// Stack that a search may need.
const STACK: usize = 1 << 20;

pub(crate) static SEARCHER: LazyLock<Searcher> = LazyLock::new(|| {
    let index = Index::in_memory();
    sample::fill(&index, true);
    let searcher = index.searcher().unwrap();
    // The first name that nobody has makes it read the whole list.
    drop(searcher.gazetteer().unwrap().resolve("no such company"));
    searcher
});

/// Articles in the sample.
const ARTICLES: u64 = 9;

pub fn check(bytes: &[u8]) {
    let text = text(bytes);
    LazyLock::force(&SEARCHER);
    let run = std::thread::Builder::new().stack_size(STACK).spawn(move || look(&text)).unwrap();
    if let Err(panic) = run.join() {
        std::panic::resume_unwind(panic);
    }
}

fn look(text: &str) {
    let strict = within(0.1, "parsing", || parse(text));
    match strict {
        Ok(parsed) => {
            for name in &parsed.names {
                assert!(parsed.text.get(name.span.clone()).is_some(), "{name:?}");
            }
            search(&parsed.query);
        }
        Err(error) => assert_eq!(error.kind(), ErrorKind::Query, "{error:?}"),
    }
    // A text that is no query is taken as its words.
    if text.len() <= 4096 {
        search(&Query::any_of_words(text));
        search(&Query::several_of_words(text, 2));
    }
}

/// Searches, and compares the ways of counting.
fn search(query: &Query) {
    let searcher = &*SEARCHER;
    let request = SearchRequest::new(query.clone()).limit(20).facet(FacetField::Source, 5).now(NOW);
    let found = within(0.1, "a search", || searcher.search(&request));
    let found = match found {
        Ok(found) => found,
        Err(error) => {
            assert!(matches!(error.kind(), ErrorKind::Query | ErrorKind::Argument), "{query:?}: {error:?}");
            return;
        }
    };
    if found.timed_out {
        return;
    }
    for hit in &found.hits {
        crate::snippet::hit_holds(hit);
    }
    assert_eq!(found.total.relation, Relation::Exact);
    assert_eq!(found.total.value, found.hits.len() as u64, "{query:?}");
    // In another order, without scores, the same articles.
    let by_id = searcher.search(&request.clone().sort(Sort::Id)).unwrap();
    let mut ids: Vec<&str> = found.hits.iter().map(|hit| hit.id.as_str()).collect();
    ids.sort_unstable();
    let others: Vec<&str> = by_id.hits.iter().map(|hit| hit.id.as_str()).collect();
    assert_eq!(ids, others, "{query:?}");
    let counted: u64 = found.facets["source"].iter().map(|value| value.count).sum();
    assert_eq!(counted, found.total.value, "{query:?}");
    // What does not match is the rest. Saved queries have names and no complement of their own.
    if !found.query.contains(NameField::Search.as_str()) {
        let not = Query { root: Node::Not { clause: Box::new(query.root.clone()) } };
        if let Ok(rest) = searcher.search(&SearchRequest { query: not, ..request }) {
            assert!(rest.timed_out || rest.total.value + found.total.value == ARTICLES, "{query:?}");
        }
    }
}
