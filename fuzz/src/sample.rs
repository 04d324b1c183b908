//! A small index that is the same in every run.

use std::sync::Arc;

use dateline::article::{Article, DateSource, Precision, Publication, Tagger, Tags};
use dateline::ingest::{IndexOptions, Indexer};
use dateline::{Cancel, Index};

use crate::NOW;

/// Options with a fixed present and little memory.
pub fn options() -> IndexOptions {
    IndexOptions { threads: 1, memory_bytes: 15 << 20, now: Some(NOW), ..IndexOptions::default() }
}

/// Finds nothing, at once.
pub struct NoTagger;

impl Tagger for NoTagger {
    fn tag(&self, _: &Article) -> Tags {
        Tags::default()
    }

    fn fingerprint(&self) -> String {
        "none".to_owned()
    }
}

/// An indexer that asks for no tags.
pub fn indexer(index: &Index) -> Indexer {
    Indexer::with_tagger(index, options(), Arc::new(NoTagger))
}

/// The articles of a batch.
pub fn articles(batch: usize) -> Vec<Article> {
    let texts: &[(&str, &str)] = &[
        (
            "Amazon cuts 18,000 jobs",
            "Amazon said on Wednesday it would cut 18,000 jobs. The layoffs hit its stores most.\n\nIts cloud division AWS is spared.",
        ),
        (
            "Steel and lithium",
            "Prices of steel and lithium rose by 5.5 percent to $1.5 billion, according to Reuters.",
        ),
        (
            "Nestlé verkauft Wasser",
            "Nestlé hat den Verkauf seiner Wassersparte angekündigt. Die Arbeitsplätze bleiben.",
        ),
        ("アマゾンは日本国内の物流拠点を拡大", "アマゾンは水曜日、日本国内の物流拠点を拡大すると発表した。"),
        ("Prime Video layoffs layoffs", "Layoffs at Prime Video and Prime Video Live. A A A b B c."),
        (
            "Cisco restructures",
            "Cisco restructured. Cisco is restructuring; its restructuring costs $700 million.",
        ),
    ];
    let make = |(number, (title, body)): (usize, &(&str, &str))| Article {
        id: format!("s{batch}-{number}"),
        title: (*title).to_owned(),
        body: (*body).to_owned(),
        path: format!("sample/{batch}/{number}.txt"),
        url: Some(format!("https://news.example/{batch}/{number}")),
        source: Some("Example News".to_owned()),
        authors: vec!["Jane Doe".to_owned()],
        subjects: vec!["Labour".to_owned()],
        lang: Some(["en", "en", "de", "ja", "en", "en"][number].to_owned()),
        published: Some(Publication {
            seconds: NOW - 86_400 * (number as i64 + 7 * batch as i64),
            precision: Precision::Day,
            source: DateSource::Metadata,
        }),
        ..Article::default()
    };
    texts.iter().enumerate().map(make).collect()
}

/// Fills an index: two commits, with two articles of the first one replaced and one removed.
pub fn fill(index: &Index, is_tagged: bool) {
    let indexer = if is_tagged { Indexer::new(index, options()).unwrap() } else { indexer(index) };
    indexer.run_articles(articles(0), &Cancel::new(), &mut |_| ()).unwrap();
    let mut second = articles(1);
    second[0].id = "s0-1".to_owned();
    second[1].id = "s0-2".to_owned();
    indexer.run_articles(second, &Cancel::new(), &mut |_| ()).unwrap();
    assert_eq!(indexer.remove(["s0-3"]).unwrap(), 1);
}
