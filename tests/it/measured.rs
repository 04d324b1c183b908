//! What has to hold on measured data that a clone does not have. Skipped with a message where it is not at hand.

use std::time::Instant;

use dateline::Index;
use dateline::article::{Role, TitleSource};
use dateline::ingest::IndexEvent;

use crate::support::{ids, index_paths, search, shared};

#[test]
fn the_article_that_it_was_imagined_for() {
    let Some(seed) = shared("seed/amazon-layoffs.txt") else { return };
    let index = Index::in_memory();
    let (report, _) = index_paths(&index, &[seed]);
    assert_eq!((report.counts.added, report.counts.skipped, report.counts.warned), (1, 0, 0));
    let searcher = index.searcher().unwrap();
    let id = ids(&index, "*").remove(0);
    let stored = searcher.get(&id).unwrap().unwrap();
    let (article, tags) = (&stored.article, &stored.tags);

    assert_eq!(article.title_source, TitleSource::Lead);
    assert!(article.title.starts_with("Amazon’s latest round of workforce reductions"), "{}", article.title);
    assert!(article.published.is_none(), "{:?}", article.published);
    let headings: Vec<&str> = article.headings.iter().map(|range| &article.body[range.clone()]).collect();
    assert!(headings.contains(&"Strategic Priorities Drive Departmental Impact"), "{headings:?}");
    assert!(headings.len() >= 7, "{headings:?}");

    let mut companies: Vec<(&str, Role)> =
        tags.companies.iter().map(|company| (company.id.as_str(), company.role)).collect();
    companies.sort_unstable();
    assert_eq!(
        companies,
        [
            ("amazon", Role::Subject),
            ("business-insider", Role::Cited),
            ("google", Role::Peer),
            ("meta", Role::Peer),
            ("microsoft", Role::Peer),
            ("salesforce", Role::Peer),
            ("webpronews", Role::Publisher),
        ]
    );
    let mut divisions: Vec<&str> = tags.divisions.iter().map(|division| division.path.as_str()).collect();
    divisions.sort_unstable();
    assert_eq!(
        divisions,
        ["amazon/alexa", "amazon/amazon-studios", "amazon/aws", "amazon/luna", "amazon/prime-video"]
    );
    let topics: Vec<&str> = tags.topics.iter().map(|topic| topic.topic.as_str()).collect();
    assert_eq!(topics, ["layoffs"]);

    for (query, is_found) in [
        ("about:amazon", true),
        ("about:google", false),
        ("company:google", true),
        ("company:\"business insider\"", false),
        ("cites:\"business insider\"", true),
        ("cites:webpronews", false),
        ("role:google/peer", true),
        ("role:webpronews/publisher", true),
        ("company:amazon/luna", true),
        ("date:*", false),
    ] {
        assert_eq!(search(&index, query).total.value == 1, is_found, "{query}");
    }
}

#[test]
fn two_hundred_thousand_articles_index_completely() {
    let (Some(articles), Some(items)) =
        (shared("speed/full-articles.jsonl.zst"), shared("speed/feed-items.jsonl.zst"))
    else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let index = Index::open_or_create(folder.path().join("index")).unwrap();
    let (report, events) = index_paths(&index, &[articles, items]);
    let warned = |class: &str| report.warned_by_class.get(class).copied().unwrap_or(0);
    let skipped = |class: &str| report.skipped_by_class.get(class).copied().unwrap_or(0);
    assert_eq!(report.counts.records, 207_424);
    // One feed item has neither a title nor a description.
    assert_eq!((report.counts.skipped, skipped("empty")), (1, 1), "{:?}", report.skipped_by_class);
    assert_eq!(report.counts.added + warned("duplicate") + 1, 207_424, "{:?}", report.warned_by_class);
    assert_eq!(report.docs_total, report.counts.added);
    assert_eq!(warned("duplicate"), 50);
    // 9,790 feed items have no description at all; the description of the others is an image alone.
    assert_eq!(warned("title-only"), 9_831);
    let omitted = events.iter().filter(|event| matches!(event, IndexEvent::Skipped(_))).count() as u64;
    assert_eq!(omitted, 1, "each record left out is named");
    let named = events.iter().filter(|event| matches!(event, IndexEvent::Warned(_))).count() as u64;
    assert_eq!(named, report.counts.warned, "each warning is named");

    let searching = Instant::now();
    let results = search(&index, "climate change");
    assert!(results.total.value > 1000, "{}", results.total.value);
    println!("{} hits in {:?}", results.total.value, searching.elapsed());
}
