//! Articles from a source of your own, here a list in memory; in real life a database or a message queue.
//!
//! An article needs an id, which makes a second delivery replace the first.
//!
//! ```console
//! $ cargo run --example own_source
//! ```

#![expect(clippy::print_stdout, reason = "an example shows what it found")]

use dateline::article::{Article, DateSource, Precision, Publication, TitleSource};
use dateline::ingest::{IndexOptions, Indexer};
use dateline::search::{FacetField, FacetRequest, SearchRequest};
use dateline::{Cancel, Index};

fn article(id: &str, title: &str, body: &str, seconds: i64) -> Article {
    Article {
        id: id.to_owned(),
        title: title.to_owned(),
        title_source: TitleSource::Markup,
        body: body.to_owned(),
        source: Some("Desk".to_owned()),
        published: Some(Publication { seconds, precision: Precision::Second, source: DateSource::Metadata }),
        ..Article::default()
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let index = Index::in_memory();
    let indexer = Indexer::new(&index, IndexOptions::default())?;
    let first = vec![
        article("1", "Microsoft buys a studio", "Microsoft said it will buy the studio.", 1_700_000_000),
        article("2", "Netflix raises prices", "Netflix said subscribers will pay more.", 1_700_100_000),
    ];
    indexer.run_articles(first, &Cancel::new(), &mut |_| {})?;
    // A correction of the first one.
    let second =
        vec![article("1", "Microsoft buys two studios", "Microsoft said it will buy both.", 1_700_200_000)];
    let report = indexer.run_articles(second, &Cancel::new(), &mut |_| {})?;
    assert_eq!((report.counts.updated, report.docs_total), (1, 2));

    let mut request = SearchRequest::new("*".parse()?);
    request.facets = vec![FacetRequest { field: FacetField::Company, limit: 10 }];
    let answer = index.searcher()?.search(&request)?;
    for value in &answer.facets["company"] {
        println!("{:>3}  {}", value.count, value.label);
    }
    assert!(answer.hits.iter().any(|hit| hit.title == "Microsoft buys two studios"));
    Ok(())
}
