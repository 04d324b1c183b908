//! dateline inside another program: index a folder into memory, search it.
//!
//! ```console
//! $ cargo run --example embed
//! ```

#![expect(clippy::print_stdout, reason = "an example shows what it found")]

use std::path::PathBuf;

use dateline::ingest::{IndexOptions, Indexer};
use dateline::search::SearchRequest;
use dateline::{Cancel, Index};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let index = Index::in_memory();
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus"));
    Indexer::new(&index, IndexOptions::default())?.run(&[folder], &Cancel::new(), &mut |_| {})?;

    let answer = index.searcher()?.search(&SearchRequest::new("about:amazon layoffs".parse()?))?;
    for hit in &answer.hits {
        println!("{:>6.2}  {}", hit.score, hit.title);
    }
    assert!(answer.total.value > 0, "the sample has articles on layoffs at Amazon");
    Ok(())
}
