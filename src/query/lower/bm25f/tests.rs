use tantivy::collector::{Collector, SegmentCollector};
use tantivy::{DocId, Score, SegmentOrdinal, SegmentReader};

use super::*;
use crate::Index;
use crate::article::{Article, Tags, TitleSource};
use crate::index::document::prepare;

/// Titles and bodies, in this order in one segment.
fn index(articles: &[(&str, TitleSource, &str)]) -> Index {
    let index = Index::in_memory();
    let mut writer = index.inner.writer_with_num_threads(1, 20 << 20).unwrap();
    for (number, (title, title_source, body)) in articles.iter().enumerate() {
        let article = Article {
            id: number.to_string(),
            title: (*title).to_owned(),
            title_source: *title_source,
            body: (*body).to_owned(),
            ..Article::default()
        };
        let prepared = prepare(&index.fields, article, &Tags::default(), 0).unwrap();
        writer.add_document(prepared.document).unwrap();
    }
    writer.commit().unwrap();
    index
}

/// Document ids with scores.
struct All;

impl Collector for All {
    type Fruit = Vec<(DocId, Score)>;
    type Child = Found;

    fn for_segment(&self, _: SegmentOrdinal, _: &SegmentReader) -> tantivy::Result<Found> {
        Ok(Found(Vec::new()))
    }

    fn requires_scoring(&self) -> bool {
        true
    }

    fn merge_fruits(&self, found: Vec<Vec<(DocId, Score)>>) -> tantivy::Result<Self::Fruit> {
        Ok(found.concat())
    }
}

struct Found(Vec<(DocId, Score)>);

impl SegmentCollector for Found {
    type Fruit = Vec<(DocId, Score)>;

    fn collect(&mut self, doc: DocId, score: Score) {
        self.0.push((doc, score));
    }

    fn harvest(self) -> Self::Fruit {
        self.0
    }
}

fn found(index: &Index, query: &dyn Query) -> Vec<(DocId, Score)> {
    let searcher = index.inner.reader().unwrap().searcher();
    let found = searcher.search(query, &All).unwrap();
    let weight = query.weight(EnableScoring::enabled_from_searcher(&searcher)).unwrap();
    for (doc, score) in &found {
        let explained = weight.explain(searcher.segment_reader(0), *doc).unwrap().value();
        assert!((explained - score).abs() < 1e-5, "{explained} explains {score}");
    }
    found
}

fn word(index: &Index, scope: Scope, terms: &[&str]) -> Vec<(DocId, Score)> {
    let terms = terms.iter().map(|term| vec![(*term).to_owned()]).collect();
    found(index, &WordQuery::new(&index.fields, scope, terms, &Deadline::default()))
}

fn close(left: Score, right: Score) -> bool {
    (left - right).abs() < 1e-5
}

/// The formula by hand. Short texts keep their exact length in the index; a word is one term.
#[test]
fn a_score_is_the_formula() {
    let index = index(&[
        ("Bank crash", TitleSource::Markup, "The bank is gone, says the bank"),
        ("Rally", TitleSource::Markup, "Bank shares rise"),
        ("Weather", TitleSource::Markup, "Rain again in the north of the land"),
    ]);
    let scores = word(&index, Scope::Anywhere, &["\u{1}bank"]);
    let idf = (1.0_f32 + 1.5 / 2.5).ln();
    let (title, body) = (4.0_f32 / 3.0, 18.0_f32 / 3.0);
    let norm = |b: f32, length: f32, average: f32| 1.0 - b + b * length / average;
    let first = 2.5 / norm(0.9, 2.0, title) + 2.0 / norm(0.6, 7.0, body);
    let second = 1.0 / norm(0.6, 3.0, body);
    let score = |tf: f32| idf * 3.0 * tf / (2.0 + tf);
    assert_eq!(scores.iter().map(|(doc, _)| *doc).collect::<Vec<_>>(), [0, 1]);
    assert!(close(scores[0].1, score(first)), "{} is not {}", scores[0].1, score(first));
    assert!(close(scores[1].1, score(second)), "{} is not {}", scores[1].1, score(second));
}

#[test]
fn a_headline_counts_once_however_often_it_stands_there() {
    let body = "Bank fails. Depositors wait in the rain for their money.";
    let index = index(&[
        ("Bank fails", TitleSource::Markup, body),
        ("Bank fails", TitleSource::Lead, body),
        ("Bank fails", TitleSource::Markup, "Depositors wait in the rain for their money, for it is gone."),
    ]);
    let scores = word(&index, Scope::Anywhere, &["\u{1}bank"]);
    let [repeated, taken, apart] = [0, 1, 2].map(|number: usize| scores[number].1);
    assert!(taken < repeated, "a headline that was taken from the text adds nothing: {taken} {repeated}");
    let body_alone = word(&index, Scope::Body, &["\u{1}bank"]);
    assert_eq!(body_alone.len(), 2);
    assert!((repeated - apart).abs() < 0.2 * apart, "{repeated} {apart}");
}

#[test]
fn a_sequence_is_counted_in_each_field() {
    let index = index(&[
        ("T-Mobile", TitleSource::Markup, "Buys t-mobile t-mobile"),
        ("Other", TitleSource::Markup, "The mobile t stands before t, mobile phones"),
        ("Other", TitleSource::Markup, "mobile t"),
    ]);
    let scores = word(&index, Scope::Anywhere, &["\u{1}t", "\u{1}mobil"]);
    assert_eq!(scores.iter().map(|(doc, _)| *doc).collect::<Vec<_>>(), [0, 1]);
    assert!(scores[0].1 > scores[1].1);
    assert!(word(&index, Scope::Title, &["\u{1}mobil", "\u{1}t"]).is_empty());
}

#[test]
fn near_words_add_and_far_ones_do_not() {
    let index = index(&[
        ("A", TitleSource::Markup, "central bank"),
        ("B", TitleSource::Markup, "central and bank"),
        ("C", TitleSource::Markup, "central and then a bank"),
        ("D", TitleSource::Markup, "bank central"),
        ("E", TitleSource::Markup, "central"),
    ]);
    let pair = ["\u{1}central".to_owned(), "\u{1}bank".to_owned()];
    let scores = found(&index, &PairsQuery::new(&index.fields, vec![pair], &Deadline::default()));
    let near: Vec<DocId> = scores.iter().filter(|(_, score)| *score > 0.0).map(|(doc, _)| *doc).collect();
    assert_eq!(near, [0, 1]);
    assert!(scores.iter().all(|(doc, _)| *doc < 4), "both words have to be there");
    let searcher = index.inner.reader().unwrap().searcher();
    let pairs = PairsQuery::new(
        &index.fields,
        vec![["\u{1}central".to_owned(), "\u{1}bank".to_owned()]],
        &Deadline::default(),
    );
    assert_eq!(pairs.count(&searcher).unwrap(), 0, "where nothing is scored it finds nothing");
}
