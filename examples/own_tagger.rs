//! A tagger of your own beside or in place of dateline's: here one that knows the departments of a single firm.
//!
//! ```console
//! $ cargo run --example own_tagger
//! ```

#![expect(clippy::print_stdout, reason = "an example shows what it found")]

use std::sync::Arc;

use dateline::article::{Article, CompanyTag, DivisionTag, Mention, Role, Tagger, Tags, TextField};
use dateline::ingest::{IndexOptions, Indexer};
use dateline::search::SearchRequest;
use dateline::{Cancel, Index};

struct Departments;

impl Tagger for Departments {
    fn tag(&self, article: &Article) -> Tags {
        let mentions: Vec<Mention> = article
            .body
            .match_indices("Foundry")
            .map(|(start, text)| Mention {
                field: TextField::Body,
                start,
                end: start + text.len(),
                text: text.to_owned(),
                rule: "department".into(),
            })
            .collect();
        if mentions.is_empty() {
            return Tags::default();
        }
        let company = CompanyTag {
            id: "example-works".to_owned(),
            name: "Example Works".to_owned(),
            role: Role::Subject,
            salience: 80,
            known: true,
            mentions: Vec::new(),
        };
        let division = DivisionTag {
            path: "example-works/foundry".to_owned(),
            name: "Foundry".to_owned(),
            salience: 80,
            mentions,
        };
        Tags { companies: vec![company], divisions: vec![division], ..Tags::default() }
    }

    fn fingerprint(&self) -> String {
        "departments 1".to_owned()
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let index = Index::in_memory();
    let indexer = Indexer::with_tagger(&index, IndexOptions::default(), Arc::new(Departments));
    let articles = ["The Foundry has a new furnace.", "Nothing happened today."].into_iter().enumerate();
    let articles = articles.map(|(number, body)| Article {
        id: number.to_string(),
        title: format!("Notice {number}"),
        body: body.to_owned(),
        ..Article::default()
    });
    indexer.run_articles(articles.collect::<Vec<_>>(), &Cancel::new(), &mut |_| {})?;

    // The name stands in no company list, so it is asked for as what the field holds.
    let answer = index.searcher()?.search(&SearchRequest::new("division:example-works/*".parse()?))?;
    for hit in &answer.hits {
        println!("{}: {}", hit.title, hit.divisions[0].name);
    }
    assert_eq!(answer.total.value, 1);
    Ok(())
}
