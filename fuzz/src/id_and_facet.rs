//! Any id and any name: stored as it is, found by exactly it, counted once in its facet, and gone when it is deleted.

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex};

use dateline::article::Article;
use dateline::query::{NameField, NamePattern, Node, Query};
use dateline::search::{ExportRequest, FacetField, SearchRequest, Searcher};
use dateline::{Cancel, Index};

use crate::sample::indexer;
use crate::{NOW, text};

/// One index for many runs: what is deleted must not be found by later ones either.
static INDEX: LazyLock<Mutex<(Index, u64)>> = LazyLock::new(|| Mutex::new((Index::in_memory(), 0)));

/// Runs on one index.
const MOST_RUNS: u64 = 200;

pub fn check(bytes: &[u8]) {
    let mut held = INDEX.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    held.1 += 1;
    if held.1 > MOST_RUNS {
        *held = (Index::in_memory(), 0);
    }
    let index = held.0.clone();
    let mut articles: Vec<Article> = Vec::new();
    let mut kept: BTreeMap<String, String> = BTreeMap::new();
    for part in bytes.split(|byte| *byte == 0xFF).take(6) {
        let (id, name) = part.split_at(part.len() / 2);
        let (id, name) = (text(id), text(name));
        if (1..=512).contains(&id.len()) {
            kept.insert(id.clone(), name.clone());
        }
        articles.push(Article {
            id,
            title: "A title".to_owned(),
            body: format!("The body. {name}"),
            path: "ids.jsonl".to_owned(),
            source: Some(name).filter(|name| !name.is_empty()),
            ..Article::default()
        });
    }
    let refused = articles.iter().filter(|article| !(1..=512).contains(&article.id.len())).count() as u64;
    let report = indexer(&index).run_articles(articles, &Cancel::new(), &mut |_| ()).unwrap();
    assert_eq!(report.counts.skipped, refused, "{report:?}");
    assert_eq!(report.docs_total, kept.len() as u64, "{kept:?}");
    let searcher = index.searcher().unwrap();
    let all: BTreeMap<String, String> = searcher
        .export(&ExportRequest::new(Query { root: Node::All }))
        .unwrap()
        .map(|article| article.unwrap().article)
        .map(|article| (article.id, article.source.unwrap_or_default()))
        .collect();
    assert_eq!(all, kept, "what is stored");
    for (id, name) in &kept {
        let found = searcher.get(id).unwrap();
        assert_eq!(found.map(|it| it.article.id).as_ref(), Some(id));
        assert_eq!(found_by(&searcher, NameField::Id, id), [id.clone()], "by its id");
        if !name.trim().is_empty() {
            assert!(
                found_by(&searcher, NameField::Source, name).contains(id),
                "{id:?} by its source {name:?}"
            );
        }
    }
    let request =
        SearchRequest::new(Query { root: Node::All }).facet(FacetField::Source, 100).limit(0).now(NOW);
    let facets = searcher.search(&request).unwrap().facets;
    let counted: u64 = facets["source"].iter().map(|value| value.count).sum();
    assert_eq!(counted, kept.len() as u64, "{facets:?}");
    for id in kept.keys() {
        assert_eq!(indexer(&index).remove([id.as_str()]).unwrap(), 1, "{id:?} is deleted");
    }
    let searcher = index.searcher().unwrap();
    assert_eq!(searcher.count(&Query { root: Node::All }).unwrap(), 0);
}

fn found_by(searcher: &Searcher, field: NameField, name: &str) -> Vec<String> {
    let query = Query { root: Node::Name { field, pattern: NamePattern::Exact(name.to_owned()) } };
    searcher.ids(&query).unwrap_or_else(|error| panic!("{field:?} {name:?}: {error}"))
}
