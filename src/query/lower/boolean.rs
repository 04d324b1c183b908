//! The engine's boolean query, where it may be a part of another one.
//!
//! To explain a score the engine looks for the article in each part, also in one whose first article lies behind it. To seek
//! backwards is forbidden, and where a range of values is excluded it ends in an overflow.

use tantivy::query::{BooleanQuery, EnableScoring, Explanation, Occur, Query, Scorer, Weight};
use tantivy::{DocId, Score, SeekDangerResult, SegmentReader, TantivyError};

/// Finds and scores what the engine's does.
#[derive(Clone, Debug)]
pub(super) struct PartsQuery(BooleanQuery);

impl PartsQuery {
    pub(super) fn new(parts: Vec<(Occur, Box<dyn Query>)>) -> Self {
        Self(BooleanQuery::new(parts))
    }
}

impl Query for PartsQuery {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(PartsWeight(self.0.weight(scoring)?)))
    }
}

struct PartsWeight(Box<dyn Weight>);

impl Weight for PartsWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        self.0.scorer(reader, boost)
    }

    fn scorer_danger(
        &self,
        reader: &SegmentReader,
        target: DocId,
        boost: Score,
    ) -> tantivy::Result<(SeekDangerResult, Box<dyn Scorer>)> {
        self.0.scorer_danger(reader, target, boost)
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        if self.scorer(reader, 1.0)?.doc() > doc {
            return Err(TantivyError::InvalidArgument(format!("Document #({doc}) does not match")));
        }
        self.0.explain(reader, doc)
    }

    fn count(&self, reader: &SegmentReader) -> tantivy::Result<u32> {
        self.0.count(reader)
    }

    fn for_each(
        &self,
        reader: &SegmentReader,
        callback: &mut dyn FnMut(DocId, Score),
    ) -> tantivy::Result<()> {
        self.0.for_each(reader, callback)
    }

    fn for_each_no_score(
        &self,
        reader: &SegmentReader,
        callback: &mut dyn FnMut(&[DocId]),
    ) -> tantivy::Result<()> {
        self.0.for_each_no_score(reader, callback)
    }

    fn for_each_pruning(
        &self,
        threshold: Score,
        reader: &SegmentReader,
        callback: &mut dyn FnMut(DocId, Score) -> Score,
    ) -> tantivy::Result<()> {
        self.0.for_each_pruning(threshold, reader, callback)
    }
}

#[cfg(test)]
mod tests {
    use tantivy::query::EmptyScorer;
    use tantivy::schema::Schema;
    use tantivy::{Index, TantivyDocument};

    use super::*;

    /// Its first article lies behind all others.
    struct Behind;

    impl Weight for Behind {
        fn scorer(&self, _: &SegmentReader, _: Score) -> tantivy::Result<Box<dyn Scorer>> {
            Ok(Box::new(EmptyScorer))
        }

        fn explain(&self, _: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
            panic!("{doc} was sought backwards");
        }
    }

    #[test]
    fn a_part_is_not_sought_backwards() {
        let index = Index::create_in_ram(Schema::builder().build());
        let mut writer = index.writer_with_num_threads(1, 15 << 20).unwrap();
        writer.add_document(TantivyDocument::default()).unwrap();
        writer.commit().unwrap();
        let searcher = index.reader().unwrap().searcher();
        let weight = PartsWeight(Box::new(Behind));
        assert!(weight.explain(searcher.segment_reader(0), 0).is_err());
    }
}
