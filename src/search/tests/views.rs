//! One query, one set: every way to look at the articles of a query sees the same ones.

use super::fixture::NOW;
use crate::query::{Parsed, Query};
use crate::search::{
    CompareRequest, Every, ExportRequest, FacetField, FacetRequest, SearchRequest, Searcher, TrendRequest,
    Trends,
};

/// What a view saw: how many, and which where it tells.
struct Seen {
    count: u64,
    ids: Option<Vec<String>>,
}

impl Seen {
    fn many(count: u64) -> Self {
        Self { count, ids: None }
    }

    fn these(mut ids: Vec<String>) -> Self {
        ids.sort_unstable();
        Self { count: ids.len() as u64, ids: Some(ids) }
    }
}

type View = fn(&Searcher, &Query) -> Seen;

/// Another view is another line here.
const VIEWS: [(&str, View); 15] = [
    ("search", |searcher, query| {
        let results = searcher.search(&search(query, 100)).unwrap();
        assert_eq!(results.total.value, results.hits.len() as u64, "{query}");
        Seen::these(results.hits.into_iter().map(|hit| hit.id).collect())
    }),
    ("count", |searcher, query| Seen::many(searcher.count(query).unwrap())),
    ("ids", |searcher, query| Seen::these(searcher.ids(query).unwrap())),
    ("the run of eval ranking", |searcher, query| {
        let parsed = Parsed { text: query.to_string(), query: query.clone(), names: Vec::new() };
        let ranked = searcher.ranked_ids(&parsed, &search(query, 1000)).unwrap();
        Seen::these(ranked.into_iter().map(|(id, _)| id).collect())
    }),
    ("stream", |searcher, query| {
        let hits = searcher.stream(&search(query, usize::MAX)).unwrap();
        Seen::these(hits.map(|hit| hit.unwrap().id).collect())
    }),
    ("export", |searcher, query| {
        let request = ExportRequest { now: Some(NOW), ..ExportRequest::new(query.clone()) };
        let articles = searcher.export(&request).unwrap();
        Seen::these(articles.map(|stored| stored.unwrap().article.id).collect())
    }),
    ("facets by outlet", |searcher, query| facet(searcher, query, FacetField::Source)),
    ("facets by subject", |searcher, query| facet(searcher, query, FacetField::Subject)),
    ("facets by language", |searcher, query| facet(searcher, query, FacetField::Lang)),
    ("facets by day", |searcher, query| facet(searcher, query, FacetField::Day)),
    ("trends by day", |searcher, query| {
        Seen::many(of_periods(&searcher.trends(&trend(query, Every::Day)).unwrap()))
    }),
    ("trends by quarter", |searcher, query| {
        Seen::many(of_periods(&searcher.trends(&trend(query, Every::Quarter)).unwrap()))
    }),
    ("trends of outlets", |searcher, query| {
        let request = TrendRequest { by: Some(FacetField::Source), ..trend(query, Every::Year) };
        let trends = searcher.trends(&request).unwrap();
        Seen::many(trends.series.iter().chain(&trends.others).map(|series| series.total).sum())
    }),
    ("comparison with itself", |searcher, query| {
        let request = CompareRequest {
            every: Some(Every::Month),
            terms: 0,
            timeout_ms: None,
            now: Some(NOW),
            ..CompareRequest::new(vec![query.clone(), query.clone()])
        };
        let comparison = searcher.compare(&request).unwrap();
        let [left, right] = [0, 1].map(|at| comparison.queries[at].total.value);
        assert_eq!(left, right, "{query}");
        assert_eq!(of_periods(&comparison.trends.unwrap()), 2 * left, "{query}");
        Seen::many(comparison.overlaps[0].both)
    }),
    ("distinctive words", |searcher, query| {
        let terms = searcher.distinctive_terms(&search(query, 10), 5).unwrap();
        assert!(terms.terms.iter().all(|term| term.in_set <= terms.set && term.in_rest <= terms.rest));
        Seen::many(terms.set)
    }),
];

fn search(query: &Query, limit: usize) -> SearchRequest {
    SearchRequest::new(query.clone()).limit(limit).timeout_ms(None).now(NOW)
}

fn facet(searcher: &Searcher, query: &Query, field: FacetField) -> Seen {
    let request = SearchRequest { facets: vec![FacetRequest { field, limit: 1000 }], ..search(query, 0) };
    let results = searcher.search(&request).unwrap();
    Seen::many(results.facets[field.as_str()].iter().map(|value| value.count).sum())
}

fn trend(query: &Query, every: Every) -> TrendRequest {
    TrendRequest { timeout_ms: None, now: Some(NOW), ..TrendRequest::new(query.clone(), every) }
}

/// What lies in a period, and what does not.
fn of_periods(trends: &Trends) -> u64 {
    let counted: u64 = trends.periods.iter().map(|period| period.count).sum();
    counted + trends.undated + trends.only_year + trends.only_month
}

/// Every view of a query sees the articles of these ids, which are in order.
pub(super) fn agree(searcher: &Searcher, query: &Query, expected: &[&str]) {
    for (name, view) in VIEWS {
        let seen = view(searcher, query);
        assert_eq!(seen.count, expected.len() as u64, "{query}: {name}");
        if let Some(ids) = seen.ids {
            assert_eq!(ids, expected, "{query}: {name}");
        }
    }
}
