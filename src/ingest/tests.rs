//! Runs on a disk that loses power and on one that fails, against a model of what has to be in the index.

mod failing;
mod power;
mod repair;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::writer::Writer;
use super::{IndexEvent, IndexOptions, IndexReport, Indexer};
use crate::article::{Article, Tagger, Tags};
use crate::control::Cancel;
use crate::error::{Error, ErrorKind, Result};
use crate::index::Index;
use crate::index::check::{Depth, check};
use crate::index::storage::Storage;
use crate::index::storage::model::Model;

/// Texts by id.
type Expected = BTreeMap<String, String>;

/// The index on a model disk, opened as another process would.
fn open(model: &Model) -> Result<Index> {
    Index::create_on(Storage::over(model.clone(), Path::new("model")))
}

fn options() -> IndexOptions {
    IndexOptions { threads: 1, memory_bytes: 15 << 20, now: Some(1_767_225_600), ..IndexOptions::default() }
}

/// Finds nothing, at once.
struct NoTagger;

impl Tagger for NoTagger {
    fn tag(&self, _: &Article) -> Tags {
        Tags::default()
    }

    fn fingerprint(&self) -> String {
        "none".to_owned()
    }
}

/// Brings articles in as one commit.
pub(super) fn bring(
    index: &Index,
    articles: &[(String, String)],
    events: &mut dyn FnMut(IndexEvent),
) -> Result<IndexReport> {
    let articles = articles.iter().map(|(id, body)| Article {
        id: id.clone(),
        title: format!("Title of {id}"),
        body: body.clone(),
        path: format!("{id}.txt"),
        ..Article::default()
    });
    let indexer = Indexer::with_tagger(index, options(), Arc::new(NoTagger));
    indexer.run_articles(articles.collect::<Vec<_>>(), &Cancel::new(), events)
}

/// A batch of the round: some new articles, and some that were there with other texts when it is mixed.
fn batch(round: usize, size: usize, is_mixed: bool) -> Vec<(String, String)> {
    let text = |number: usize| {
        format!("Round {round}, article {number}: steel and lithium. ").repeat(3 + number % 5)
    };
    (0..size)
        .map(|number| {
            let id = if is_mixed && number % 2 == 0 { number } else { round * size + number };
            (format!("a{id}"), text(number).trim_end().to_owned())
        })
        .collect()
}

/// What is stored in the index of a folder; an error where it is damaged.
fn stored(folder: &Path) -> Result<Expected> {
    let found = check(folder, Depth::Content, &Cancel::new())?;
    if let Some(damage) = found.damage.first() {
        return Err(Error::new(ErrorKind::Damaged, format!("{damage:?}")));
    }
    let index = Index::open(folder)?;
    let writer = Writer::open(&index, 1, 15 << 20)?;
    writer.stored().map(|stored| stored.map(|stored| (stored.article.id, stored.article.body))).collect()
}
