//! Pages, streams and exports: all give the same articles in the same order, none of them twice.

use proptest::prelude::*;
use proptest::sample::select;

use super::fixture::{Entry, NOW, article, index, searcher};
use super::naive::{self, LONGEST, node};
use crate::control::Cancel;
use crate::error::ErrorKind;
use crate::index::document::prepare;
use crate::index::ledger::Checkpoint;
use crate::query::{Node, Query};
use crate::search::{ExportRequest, Hit, SearchRequest, Searcher, Sort};
use crate::{Index, search::SearchResults};

const SORTS: [Sort; 4] = [Sort::Relevance, Sort::Newest, Sort::Oldest, Sort::Id];

fn request(query: &Query, sort: Sort) -> SearchRequest {
    SearchRequest::new(query.clone()).sort(sort).timeout_ms(LONGEST).now(NOW)
}

fn all() -> Query {
    Query { root: Node::All }
}

/// Hits of all pages of this size.
fn paged(searcher: &Searcher, request: &SearchRequest, size: usize) -> Vec<Hit> {
    let mut request = request.clone().limit(size);
    let mut hits: Vec<Hit> = Vec::new();
    loop {
        // Only the first page is told what time it is.
        let results = searcher.search(&request).unwrap();
        assert!(!results.timed_out && results.notes.iter().all(|note| !note.contains("changed")));
        assert!(results.hits.len() == size || results.next.is_none());
        assert!(results.total.value as usize >= hits.len() + results.hits.len());
        hits.extend(results.hits);
        match results.next {
            Some(next) => request = request.after(next.to_string().parse().unwrap()).now(NOW + 1_000_000_000),
            None => break,
        }
        request.now = None;
    }
    hits
}

fn streamed(searcher: &Searcher, request: &SearchRequest, block: usize) -> Vec<Hit> {
    searcher.stream_in_blocks(request, None, block).unwrap().map(Result::unwrap).collect()
}

fn exported(searcher: &Searcher, query: &Query) -> Vec<String> {
    let request = ExportRequest { now: Some(NOW), ..ExportRequest::new(query.clone()) };
    searcher.export(&request).unwrap().map(|stored| stored.unwrap().article.id).collect()
}

fn agree(entries: &[Entry], roots: Vec<Node>, segments: usize, size: usize, expand: bool) {
    let searcher = searcher(entries, segments);
    for root in roots {
        let query = Query { root };
        for sort in SORTS {
            let request = request(&query, sort).expand(expand);
            let whole = searcher.search(&request.clone().limit(1000)).unwrap();
            assert!(whole.next.is_none());
            assert_eq!(paged(&searcher, &request, size), whole.hits, "{query}: pages of {size} by {sort:?}");
            let endless = request.clone().limit(usize::MAX);
            assert_eq!(streamed(&searcher, &endless, size), whole.hits, "{query}: a stream by {sort:?}");
            let cut = whole.hits.len().min(size + 1);
            assert_eq!(streamed(&searcher, &request.clone().limit(size + 1), size), whole.hits[..cut]);
            let skipped = streamed(&searcher, &endless.clone().offset(2), size);
            assert_eq!(skipped, whole.hits[whole.hits.len().min(2)..], "{query}: behind an offset");
            if sort == Sort::Id && !expand {
                let ids: Vec<&str> = whole.hits.iter().map(|hit| hit.id.as_str()).collect();
                assert!(ids.is_sorted());
                assert_eq!(exported(&searcher, &query), ids, "{query}: the export");
                assert_eq!(searcher.ids(&query).unwrap().len(), ids.len());
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pages_streams_and_exports_agree(
        entries in naive::corpus(),
        roots in prop::collection::vec(node(), 15),
        segments in 1_usize..6,
        size in 1_usize..6,
        expand in select(&[false, false, true][..]),
    ) {
        agree(&entries, roots, segments, size, expand);
    }
}

/// Articles that differ in score, with many of one date and one score.
fn many(count: usize) -> Vec<Entry> {
    (0..count)
        .map(|at| {
            let body = format!("crash {}and fund {}", "bank ".repeat(at % 7), "loan ".repeat(at % 3));
            let entry = article(&format!("{:05}", (at * 7919) % 100_003), "Note", &body);
            if at % 5 == 0 { entry } else { entry.date(&format!("20{:02}-0{}", 10 + at % 13, 1 + at % 9)) }
        })
        .collect()
}

#[test]
fn expanded_pages_go_on_behind_the_articles_that_were_compared() {
    let searcher = searcher(&many(330), 3);
    let query: Query = "bank OR loan".parse().unwrap();
    let request = request(&query, Sort::Relevance).expand(true);
    let whole = searcher.search(&request.clone().limit(1000)).unwrap().hits;
    assert!(whole.len() > 250);
    assert!(whole.windows(2).all(|pair| pair[0].score >= pair[1].score));
    for size in [1, 30, 100, 130] {
        assert_eq!(paged(&searcher, &request, size), whole, "pages of {size}");
    }
    assert_eq!(streamed(&searcher, &request.limit(usize::MAX), 70), whole);
}

#[test]
fn pages_go_past_ten_thousand_hits() {
    let searcher = searcher(&many(10_400), 2);
    for sort in [Sort::Relevance, Sort::Newest] {
        let query: Query = "crash".parse().unwrap();
        let request = SearchRequest { snippet_chars: 0, ..request(&query, sort) };
        let hits = paged(&searcher, &request, 1000);
        let mut ids: Vec<&str> = hits.iter().map(|hit| hit.id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 10_400);
        assert!(hits.iter().zip(1..).all(|(hit, rank)| hit.rank == rank));
        let refused = searcher.search(&request.clone().offset(9_995)).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Argument);
        assert!(refused.hint().unwrap().contains("--after"), "{refused:?}");
        assert!(searcher.stream(&request.offset(10_001)).is_err());
    }
}

/// Commits further articles, and takes one away.
fn change(index: &Index, added: Vec<Entry>, deleted: &str, seq: u64) {
    let mut writer = index.inner.writer_with_num_threads(1, 20 << 20).unwrap();
    for Entry { article, tags, added } in added {
        writer.add_document(prepare(&index.fields, article, &tags, added).unwrap().document).unwrap();
    }
    writer.delete_term(tantivy::Term::from_field_text(index.fields.id, deleted));
    let mut commit = writer.prepare_commit().unwrap();
    commit.set_payload(&Checkpoint { seq, ..Checkpoint::default() }.to_payload().unwrap());
    commit.commit().unwrap();
}

#[test]
fn an_order_that_does_not_change_is_kept_across_commits() {
    for sort in [Sort::Newest, Sort::Oldest, Sort::Id] {
        let index = index(&many(60), 2);
        let searcher = index.searcher().unwrap();
        let before: Vec<String> = searcher
            .search(&request(&all(), sort).limit(100))
            .unwrap()
            .hits
            .into_iter()
            .map(|hit| hit.id)
            .collect();
        let mut request = request(&all(), sort).limit(10);
        let mut shown: Vec<String> = Vec::new();
        let mut seq = 10;
        loop {
            let results: SearchResults = searcher.search(&request).unwrap();
            assert_eq!(results.notes.iter().any(|note| note.contains("changed")), !shown.is_empty());
            shown.extend(results.hits.into_iter().map(|hit| hit.id));
            let Some(next) = results.next else { break };
            assert_eq!(next.generation(), results.generation);
            seq += 1;
            let added = [("0", "2009"), ("5", "2016-05"), ("9", "2030"), ("7", "")].map(|(first, date)| {
                let entry = article(&format!("{first}-{seq}"), "New", "crash");
                if date.is_empty() { entry } else { entry.date(date) }
            });
            // The article that the page ended with is gone: the place is still known.
            change(&index, added.to_vec(), shown.last().unwrap(), seq);
            searcher.reload().unwrap();
            request = request.after(next);
            if seq == 14 {
                // New articles come where they belong, so that a list that grows faster than it is read has no end.
                request.limit = 1000;
            }
        }
        let old: Vec<&String> = shown.iter().filter(|id| before.contains(id)).collect();
        assert_eq!(old, before.iter().collect::<Vec<_>>(), "{sort:?}: none is left out, none comes twice");
        let mut once = shown.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), shown.len());
    }
}

#[test]
fn a_ranking_that_changed_says_so() {
    let index = index(&many(40), 2);
    let searcher = index.searcher().unwrap();
    let query: Query = "bank".parse().unwrap();
    let request = request(&query, Sort::Relevance).limit(10);
    let next = searcher.search(&request).unwrap().next.unwrap();
    let last = searcher.search(&request).unwrap().hits.pop().unwrap();
    change(&index, vec![article("new", "Bank", "bank bank")], "none", 20);
    searcher.reload().unwrap();
    let page = searcher.search(&request.clone().after(next.clone())).unwrap();
    assert!(page.notes.iter().any(|note| note.contains("may be missing or come twice")), "{:?}", page.notes);
    assert!(page.hits.iter().all(|hit| hit.score <= last.score));
    assert_eq!(page.hits[0].rank, 11);
    let stream = searcher.stream(&request.after(next)).unwrap();
    assert!(stream.notes().iter().any(|note| note.contains("changed")));
}

#[test]
fn a_stream_answers_from_the_state_that_it_began_with() {
    let index = index(&many(100), 2);
    let searcher = index.searcher().unwrap();
    let request = request(&all(), Sort::Newest).limit(usize::MAX);
    let whole = streamed(&searcher, &request, 1000);
    let mut stream = searcher.stream_in_blocks(&request, None, 10).unwrap();
    let mut shown: Vec<Hit> = stream.by_ref().take(20).map(Result::unwrap).collect();
    change(&index, many(5), &whole[50].id, 20);
    searcher.reload().unwrap();
    shown.extend(stream.map(Result::unwrap));
    assert_eq!(shown, whole);
}

#[test]
fn requests_out_of_bounds_are_refused() {
    let searcher = searcher(&many(30), 1);
    let request = request(&all(), Sort::Newest);
    let next = searcher.search(&request).unwrap().next.unwrap();
    for (wrong, reason) in [
        (request.clone().after(next.clone()).offset(1), "not both"),
        (request.clone().after(next.clone()).sort(Sort::Oldest), "sorted by newest"),
        (SearchRequest { query: "bank".parse().unwrap(), ..request.clone().after(next) }, "another query"),
        (request.clone().passages(0), "1 to 10 passages"),
        (request.clone().passages(11), "1 to 10 passages"),
    ] {
        let error = searcher.search(&wrong).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Argument);
        assert!(error.message().contains(reason) && error.hint().is_some(), "{error:?}");
        assert!(searcher.stream(&wrong).is_err());
    }
}

#[test]
fn a_stream_stops_at_the_flag() {
    let cancel = Cancel::new();
    let searcher = searcher(&many(100), 1).with_cancel(&cancel);
    let mut hits = searcher.stream(&request(&all(), Sort::Newest).limit(usize::MAX)).unwrap();
    let mut articles = searcher.export(&ExportRequest::new(all())).unwrap();
    assert!(hits.next().unwrap().is_ok() && articles.next().unwrap().is_ok());
    cancel.cancel();
    let stopped = hits.find_map(Result::err).unwrap();
    assert_eq!(stopped.kind(), ErrorKind::Cancelled);
    assert!(hits.next().is_none(), "after an error there are no more");
    assert_eq!(articles.next().unwrap().unwrap_err().kind(), ErrorKind::Cancelled);
    assert!(articles.next().is_none());
}

#[test]
fn hits_carry_their_article_when_asked() {
    let searcher = searcher(&many(3), 1);
    let hits = searcher.search(&request(&all(), Sort::Id).articles(true)).unwrap().hits;
    for hit in hits {
        let stored = searcher.get(&hit.id).unwrap().unwrap();
        assert_eq!(hit.article.as_deref(), Some(&stored));
    }
    assert!(searcher.search(&request(&all(), Sort::Id)).unwrap().hits[0].article.is_none());
}
