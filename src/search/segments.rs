//! A pass over the segments of a state, on several threads where that pays.
//!
//! What the segments give is put together in their order, and only articles that can't be among the best depend on what another
//! one gave, so that an answer is the same on any number of threads. Whether another thread pays is told by the segments that were
//! searched so far: the query itself does not say what it will take.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::query::{EnableScoring, Query};
use tantivy::{SegmentOrdinal, SegmentReader};

use super::turns::{Turn, Turns};

/// What the other segments have to take, at least, before a thread is started for some of them. To start one and to wait for it
/// takes 25 µs, and segments that are searched at the same time tell each other later what to pass over: with half of this the
/// shortest searches took up to a tenth longer. Tests start one wherever they can.
const WORTH: Duration = if cfg!(test) { Duration::ZERO } else { Duration::from_micros(200) };

/// A segment tells what the others will take if it has at least one in so many of the articles.
const TELLING: u64 = 16;

/// Name of the threads that help. What a panic of theirs says comes to the search that they help.
pub(crate) const HELPER: &str = "segments";

/// What a pass found in a segment, with the number of the segment.
type Found<C> = (usize, <<C as Collector>::Child as SegmentCollector>::Fruit);

/// Searches all segments. Each further thread takes a turn, so that none is started where other searches need the cores.
pub(super) fn search<C: Collector>(
    searcher: &tantivy::Searcher,
    query: &dyn Query,
    pass: &C,
    turns: &Turns,
) -> tantivy::Result<C::Fruit> {
    let scoring = if pass.requires_scoring() {
        EnableScoring::enabled_from_searcher(searcher)
    } else {
        EnableScoring::disabled_from_searcher(searcher)
    };
    let weight = query.weight(scoring)?;
    pass.check_schema(searcher.schema())?;
    let readers = searcher.segment_readers();
    let one = |number: usize| -> tantivy::Result<Found<C>> {
        let found = pass.collect_segment(&*weight, number as SegmentOrdinal, &readers[number])?;
        Ok((number, found))
    };
    let order = order(readers);
    let mut left: u64 = readers.iter().map(articles).sum();
    let mut done = 0;
    let mut found = Vec::with_capacity(readers.len());
    let started = Instant::now();
    for (place, number) in order.iter().enumerate() {
        found.push(one(*number)?);
        done += articles(&readers[*number]);
        left -= articles(&readers[*number]);
        let rest = &order[place + 1..];
        if rest.len() > 1 && pays(started.elapsed(), done, left) {
            let helpers: Vec<Turn<'_>> = (1..rest.len()).map_while(|_| turns.spare()).collect();
            if !helpers.is_empty() {
                found.extend(together(rest, &one, helpers)?);
                break;
            }
        }
    }
    found.sort_unstable_by_key(|(number, _)| *number);
    pass.merge_fruits(found.into_iter().map(|(_, found)| found).collect())
}

fn articles(reader: &SegmentReader) -> u64 {
    u64::from(reader.max_doc())
}

/// The numbers of the segments: first the smallest that tells what the others will take, then the largest ones, so that the
/// threads end at about the same time.
fn order(readers: &[SegmentReader]) -> Vec<usize> {
    let all: u64 = readers.iter().map(articles).sum();
    let mut order: Vec<usize> = (0..readers.len()).collect();
    order.sort_by_key(|number| std::cmp::Reverse(articles(&readers[*number])));
    if let Some(first) = order.iter().rposition(|number| articles(&readers[*number]) * TELLING >= all) {
        order[..=first].rotate_right(1);
    }
    order
}

/// Whether the articles that are left are worth a thread, by the time that others took.
fn pays(took: Duration, done: u64, left: u64) -> bool {
    took.as_nanos() * u128::from(left) > WORTH.as_nanos() * u128::from(done)
}

/// Searches segments on this thread and one more for each turn.
fn together<F: Send>(
    segments: &[usize],
    one: &(impl Fn(usize) -> tantivy::Result<F> + Sync),
    helpers: Vec<Turn<'_>>,
) -> tantivy::Result<Vec<F>> {
    let next = AtomicUsize::new(0);
    let work = || -> tantivy::Result<Vec<F>> {
        let mut found = Vec::new();
        while let Some(segment) = segments.get(next.fetch_add(1, Ordering::Relaxed)) {
            found.push(one(*segment)?);
        }
        Ok(found)
    };
    thread::scope(|scope| {
        let mut helping = Vec::with_capacity(helpers.len());
        for turn in helpers {
            let help = || {
                let _turn = turn;
                work()
            };
            // Where the system gives no thread, this one does it all.
            helping.extend(thread::Builder::new().name(HELPER.to_owned()).spawn_scoped(scope, help));
        }
        let mut found: Vec<F> = work()?;
        for helper in helping {
            found.extend(helper.join().unwrap_or_else(|panic| resume_unwind(panic))?);
        }
        Ok(found)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::{Barrier, Mutex};
    use std::thread;

    use super::{Turns, pays, together};

    #[test]
    fn each_segment_is_searched_once_and_by_all_threads() {
        let turns = Turns::new(8);
        let _own = turns.take();
        let spare = || std::iter::from_fn(|| turns.spare()).collect::<Vec<_>>();
        let helpers = spare();
        assert_eq!(helpers.len(), 3);
        let (threads, all_there) = (Mutex::new(HashSet::new()), Barrier::new(4));
        let one = |segment: usize| {
            threads.lock().unwrap().insert(thread::current().id());
            // The first four, one for each thread.
            if segment >= 6 {
                all_there.wait();
            }
            Ok(segment)
        };
        let mut found = together(&[9, 8, 7, 6, 1, 2, 3], &one, helpers).unwrap();
        found.sort_unstable();
        assert_eq!(found, [1, 2, 3, 6, 7, 8, 9]);
        assert_eq!(threads.lock().unwrap().len(), 4);
        assert_eq!(spare().len(), 3, "the turns were given back");
    }

    #[test]
    fn an_error_or_a_defect_of_one_thread_is_that_of_the_search() {
        let turns = Turns::new(4);
        let _own = turns.take();
        let both_there = Barrier::new(2);
        let fails = |segment: usize| {
            both_there.wait();
            match segment {
                0 => Ok(0),
                _ => Err(tantivy::TantivyError::InvalidArgument("segment".to_owned())),
            }
        };
        let helpers = turns.spare().into_iter().collect();
        assert!(together(&[0, 1], &fails, helpers).is_err());
        let panics = |segment: usize| {
            both_there.wait();
            assert_eq!(segment, 0, "a defect");
            Ok(())
        };
        let helpers = turns.spare().into_iter().collect();
        let search = || together(&[0, 1], &panics, helpers);
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(search)).is_err());
        assert!(turns.spare().is_some(), "the turn was given back");
    }

    #[test]
    fn time_tells_what_pays() {
        let took = super::Duration::from_millis(10);
        assert!(pays(took, 1_000, 1_000));
        assert!(!pays(super::Duration::ZERO, 1_000, 1_000));
    }
}
