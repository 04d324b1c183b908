//! Which segments of the index are merged, and with which.

use tantivy::SegmentMeta;
use tantivy::index::SegmentId;
use tantivy::indexer::{LogMergePolicy, MergeCandidate, MergePolicy};

/// Fewer segments make no part: a merge of them would only be followed by the next.
const FEWEST: usize = 4;

/// Segments of about the same size come together, as the engine does it (a logarithmic policy as in Lucene's
/// `LogMergePolicy`), but what a long run leaves behind is merged in parts that run at the same time.
#[derive(Debug)]
pub(super) struct ParallelMerges {
    levels: LogMergePolicy,
    threads: usize,
}

impl ParallelMerges {
    /// With so many merges at the same time.
    pub(super) fn new(threads: usize) -> Self {
        Self { levels: LogMergePolicy::default(), threads: threads.max(1) }
    }
}

impl MergePolicy for ParallelMerges {
    fn compute_merge_candidates(&self, segments: &[SegmentMeta]) -> Vec<MergeCandidate> {
        let docs = |id: &SegmentId| {
            segments.iter().find(|segment| segment.id() == *id).map_or(0, SegmentMeta::num_docs)
        };
        let candidates = self.levels.compute_merge_candidates(segments);
        candidates
            .into_iter()
            .flat_map(|candidate| parts(candidate.0, self.threads, docs))
            .map(MergeCandidate)
            .collect()
    }
}

/// Cuts a group into at most so many parts of about the same number of articles, each of at least [`FEWEST`] segments.
fn parts<S>(mut group: Vec<S>, most: usize, docs: impl Fn(&S) -> u32) -> Vec<Vec<S>> {
    let count = most.min(group.len() / FEWEST).max(1);
    group.sort_by_key(|segment| std::cmp::Reverse(docs(segment)));
    let mut parts: Vec<(u64, Vec<S>)> = (0..count).map(|_| (0, Vec::new())).collect();
    for segment in group {
        // The largest first, each to the part that has least.
        if let Some(part) = parts.iter_mut().min_by_key(|(sum, part)| (*sum, part.len())) {
            part.0 += u64::from(docs(&segment));
            part.1.push(segment);
        }
    }
    parts.into_iter().map(|(_, part)| part).collect()
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn parts_are_about_equal() {
        let sums = |segments: &[u32], most| -> Vec<(usize, u32)> {
            let parts = parts(segments.to_vec(), most, |docs| *docs);
            parts.iter().map(|part| (part.len(), part.iter().sum())).collect()
        };
        assert_eq!(sums(&[9; 28], 2), [(14, 126), (14, 126)]);
        assert_eq!(sums(&[5, 1, 1, 1, 1, 1, 1, 1], 2), [(2, 6), (6, 6)]);
        assert_eq!(sums(&[2; 7], 2), [(7, 14)], "too few for two parts");
        assert_eq!(sums(&[2], 2), [(1, 2)], "one with many deleted articles is rewritten");
        assert_eq!(sums(&[2; 9], 1), [(9, 18)]);
    }
}
