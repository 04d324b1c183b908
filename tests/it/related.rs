//! Similar articles of the public set of stories, against a search for the words of the headline.

use std::collections::BTreeMap;
use std::fmt::Write;

use dateline::Index;
use dateline::query::{NameField, NamePattern, Node, Query};
use dateline::search::{COPY_RESEMBLANCE, Like, SearchRequest, Searcher, SimilarRequest};
use dateline::text::shingle::Shingles;
use serde_json::Value;

use crate::support::{index_paths, shared};

/// Hits that are looked at.
const FIRST: usize = 5;

/// An article of the set with the event that it reports.
struct Story {
    id: String,
    event: String,
    title: String,
    shingles: Shingles,
}

fn stories(text: &str) -> Vec<Story> {
    let field = |value: &Value, name: &str| value[name].as_str().unwrap().to_owned();
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines
        .map(|value| Story {
            id: field(&value, "id"),
            event: field(&value["cluster"], "Event"),
            title: field(&value, "title"),
            shingles: Shingles::of(&[&field(&value, "title"), &field(&value, "text")]),
        })
        .collect()
}

/// A way to find articles that are like one.
type Answer = fn(&Searcher, &Story) -> Vec<String>;

/// Articles like one, copies left out.
fn similar(searcher: &Searcher, story: &Story) -> Vec<String> {
    let request = SimilarRequest {
        limit: FIRST,
        snippet_chars: 0,
        timeout_ms: None,
        ..SimilarRequest::new(Like::Id(story.id.clone()))
    };
    searcher.similar(&request).unwrap().hits.into_iter().map(|hit| hit.id).collect()
}

/// Articles with any word of the headline, itself left out.
fn by_headline(searcher: &Searcher, story: &Story) -> Vec<String> {
    let words = Query::any_of_words(&story.title).root;
    let itself = Node::Name { field: NameField::Id, pattern: NamePattern::Exact(story.id.clone()) };
    let root = Node::And { clauses: vec![words, Node::Not { clause: Box::new(itself) }] };
    let request = SearchRequest {
        limit: 100,
        bag_of_words: true,
        synonyms: false,
        snippet_chars: 0,
        timeout_ms: None,
        ..SearchRequest::new(Query { root })
    };
    searcher.search(&request).unwrap().hits.into_iter().map(|hit| hit.id).collect()
}

/// Mean part of the first five that tell the same story, of stories that have another article that is no copy.
#[test]
fn the_first_five_tell_the_same_story() {
    let Some(folder) = shared("stories") else { return };
    let file = folder.join("news-clusters.jsonl");
    let stories = stories(&std::fs::read_to_string(&file).unwrap());
    let index = Index::in_memory();
    index_paths(&index, &[file]);
    let searcher = index.searcher().unwrap();
    let by_id: BTreeMap<&str, &Story> = stories.iter().map(|story| (story.id.as_str(), story)).collect();
    let mut table = "articles like one       asked  same story of 5  first\n".to_owned();
    for (name, answer) in [("words of the headline", by_headline as Answer), ("similar", similar)] {
        let (mut asked, mut precision, mut first) = (0, 0.0, 0.0);
        for story in &stories {
            let is_copy = |other: &Story| story.shingles.resemblance(&other.shingles) >= COPY_RESEMBLANCE;
            let wanted = stories
                .iter()
                .filter(|other| other.event == story.event && other.id != story.id && !is_copy(other))
                .count()
                .min(FIRST);
            if wanted == 0 {
                continue;
            }
            let mut found = answer(&searcher, story);
            // Copies are left out of both, so that both are asked for the same.
            found.retain(|id| !is_copy(by_id[id.as_str()]));
            found.truncate(FIRST);
            let is_same = |id: &String| by_id[id.as_str()].event == story.event;
            let right = found.iter().filter(|id| is_same(id)).count();
            asked += 1;
            precision += right as f64 / wanted as f64;
            first += f64::from(u8::from(found.first().is_some_and(is_same)));
        }
        let mean = |sum: f64| sum / f64::from(asked);
        writeln!(table, "{name:<23} {asked:>5}  {:>15.3}  {:>5.3}", mean(precision), mean(first)).unwrap();
    }
    insta::assert_snapshot!("stories", table);
}
