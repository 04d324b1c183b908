use tantivy::schema::{FAST, Schema};
use tantivy::{Index, TantivyDocument};

use super::*;
use crate::query::DateValue;

const DOCS: u32 = 40_000;

/// The values of an article in a column: one in each, in some, in none of most and several in others.
fn values(column: &str, doc: u32) -> Vec<u64> {
    let value = u64::from(doc.wrapping_mul(2_654_435_761) >> 16);
    match column {
        "each" => vec![value],
        "some" if doc.is_multiple_of(3) => vec![value],
        "rare" if doc % 9_000 == 7 => vec![value],
        "several" => (0..doc % 4).map(|more| (value + 20_000 * u64::from(more)) % 65_536).collect(),
        _ => Vec::new(),
    }
}

const COLUMNS: [&str; 4] = ["each", "some", "rare", "several"];

fn index() -> Index {
    let mut schema = Schema::builder();
    let fields = COLUMNS.map(|column| schema.add_u64_field(column, FAST));
    let date = schema.add_i64_field("date", FAST);
    let index = Index::create_in_ram(schema.build());
    let mut writer = index.writer_with_num_threads(1, 50 << 20).unwrap();
    for doc in 0..DOCS {
        let mut document = TantivyDocument::new();
        for (column, field) in COLUMNS.into_iter().zip(fields) {
            for value in values(column, doc) {
                document.add_u64(field, value);
            }
        }
        document.add_i64(date, i64::from(doc) - 20_000);
        writer.add_document(document).unwrap();
    }
    writer.commit().unwrap();
    index
}

fn is_in(column: &str, doc: DocId, range: &RangeInclusive<u64>) -> bool {
    values(column, doc).iter().any(|value| range.contains(value))
}

fn all(scorer: &mut dyn Scorer) -> Vec<DocId> {
    let mut found = Vec::new();
    while scorer.doc() != TERMINATED {
        found.push(scorer.doc());
        scorer.advance();
    }
    found
}

#[test]
fn it_finds_what_is_in_the_range() {
    let index = index();
    let searcher = index.reader().unwrap().searcher();
    let reader = searcher.segment_reader(0);
    for column in COLUMNS {
        for range in [0..=u64::MAX, 0..=65_535, 0..=300, 30_000..=30_400, 60_000..=65_535, 70_000..=80_000] {
            let expected: Vec<DocId> = (0..DOCS).filter(|doc| is_in(column, *doc, &range)).collect();
            let weight = RangeWeight(RangeQuery::new(column, range.clone()));
            assert_eq!(all(&mut *weight.scorer(reader, 1.0).unwrap()), expected, "{column} {range:?}");
            assert_eq!(weight.count(reader).unwrap() as usize, expected.len(), "{column} {range:?}");
            for stride in [2, 127, 128, 5_000] {
                let mut scorer = weight.scorer(reader, 1.0).unwrap();
                let mut target = 0;
                while target < DOCS {
                    let next = expected.iter().copied().find(|doc| *doc >= target).unwrap_or(TERMINATED);
                    assert_eq!(scorer.seek(target), next, "{column} {range:?} {stride}");
                    target = scorer.doc().saturating_add(stride);
                }
                assert_eq!(scorer.seek(TERMINATED), TERMINATED);
            }
        }
    }
}

/// Also where the place asked for lies behind the last one, as the engine asks in an exclusion.
#[test]
fn it_says_of_any_article_whether_it_is_in_the_range() {
    let index = index();
    let searcher = index.reader().unwrap().searcher();
    let reader = searcher.segment_reader(0);
    for column in COLUMNS {
        let range = 30_000..=35_000;
        let is_in = |doc| is_in(column, doc, &range);
        let weight = RangeWeight(RangeQuery::new(column, range.clone()));
        let mut scorer = weight.scorer(reader, 1.0).unwrap();
        for doc in (0..DOCS).step_by(7).rev().chain((0..DOCS).step_by(31)) {
            assert_eq!(scorer.seek_danger(doc) == SeekDangerResult::Found, is_in(doc), "{column} {doc}");
            assert_eq!(weight.explain(reader, doc).is_ok(), is_in(doc), "{column} {doc}");
            if is_in(doc) {
                assert_eq!(scorer.doc(), doc);
            }
        }
        assert_eq!(scorer.seek_danger(TERMINATED), SeekDangerResult::SeekLowerBound(TERMINATED));
        // It can be gone over from there on.
        let from = (0..DOCS).find(|doc| is_in(*doc));
        let Some(from) = from else { continue };
        assert_eq!(scorer.seek_danger(from), SeekDangerResult::Found);
        assert_eq!(all(&mut *scorer), (from..DOCS).filter(|doc| is_in(*doc)).collect::<Vec<_>>(), "{column}");
    }
}

#[test]
fn it_knows_dates_and_what_is_deleted() {
    let index = index();
    let mut writer = index.writer_with_num_threads::<TantivyDocument>(1, 20 << 20).unwrap();
    let every = RangeQuery::new("date", -10_i64..=9);
    writer.delete_query(Box::new(every)).unwrap();
    writer.commit().unwrap();
    let searcher = index.reader().unwrap().searcher();
    for (range, count) in [(-20_i64..=-1, 10), (i64::MIN..=i64::MAX, DOCS - 20), (0..=100, 91), (5..=7, 0)] {
        let weight = RangeWeight(RangeQuery::new("date", range.clone()));
        assert_eq!(weight.count(searcher.segment_reader(0)).unwrap(), count, "{range:?}");
    }
}

#[test]
fn ends_without_a_value_between_them_are_none() {
    let day = Bound::Date(DateValue::Day { year: 2026, month: 1, day: 14 });
    assert_eq!(numbers(&Bound::NumberExclusive(u64::MAX), &Bound::Open), None);
    assert_eq!(numbers(&Bound::Open, &Bound::NumberExclusive(0)), None);
    assert_eq!(numbers(&Bound::Open, &day), None);
    assert_eq!(numbers(&Bound::NumberExclusive(4), &Bound::NumberExclusive(9)), Some(5..=8));
    assert_eq!(dates(&Bound::Number(3), &Bound::Open, 0), None);
    let second = 1_768_348_800;
    assert_eq!(dates(&day, &day, 0), Some(second..=second + 86_399));
    assert_eq!(dates(&Bound::Open, &day, 0), Some(i64::MIN..=second + 86_399));
}
