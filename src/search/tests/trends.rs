//! Counts over time.

use super::fixture::{Entry, NOW, article, corpus, searcher};
use crate::article::Role;
use crate::control::Cancel;
use crate::error::ErrorKind;
use crate::query::parse;
use crate::search::{Every, FacetField, Searcher, TrendRequest, Trends};

fn request(query: &str, every: Every) -> TrendRequest {
    TrendRequest { now: Some(NOW), timeout_ms: None, ..TrendRequest::new(parse(query).unwrap().query, every) }
}

fn by(query: &str, every: Every, by: FacetField, series: usize) -> TrendRequest {
    TrendRequest { by: Some(by), series, ..request(query, every) }
}

/// The periods with an article, as `label:count`.
fn shown(trends: &Trends) -> String {
    let counts = trends.periods.iter().filter(|period| period.count > 0);
    counts.map(|period| format!("{}:{}", period.label, period.count)).collect::<Vec<_>>().join(" ")
}

fn both(entries: &[Entry]) -> [Searcher; 2] {
    [searcher(entries, 1), searcher(entries, 4)]
}

#[test]
fn a_vague_date_is_counted_where_it_is_certain() {
    for searcher in both(&corpus()) {
        let trends = |every| searcher.trends(&request("*", every)).unwrap();
        let year = trends(Every::Year);
        assert_eq!(
            shown(&year),
            "2015:1 2016:1 2017:1 2018:1 2019:1 2020:1 2021:1 2022:1 2023:2 2024:2 2025:1 2026:5"
        );
        assert_eq!((year.undated, year.only_year, year.only_month), (2, 0, 0));
        let month = trends(Every::Month);
        assert_eq!((month.undated, month.only_year, month.only_month), (2, 2, 0));
        assert!(shown(&month).contains("2024-06:1") && !shown(&month).contains("2021"), "{}", shown(&month));
        assert_eq!(month.periods.len(), 12 * 11 + 7, "2015-05 to 2026-11, gaps included");
        let week = trends(Every::Week);
        assert_eq!((week.undated, week.only_year, week.only_month), (2, 2, 1));
        assert!(shown(&week).ends_with("2026-W44:1 2026-W46:1 2026-W47:1 2026-W48:2"), "{}", shown(&week));
        for trends in [&year, &month, &week] {
            let counted: u64 = trends.periods.iter().map(|period| period.count).sum();
            assert_eq!(counted + trends.undated + trends.only_year + trends.only_month, trends.total.value);
            assert_eq!(trends.series.len(), 1);
            let counts: Vec<u64> = trends.periods.iter().map(|period| period.count).collect();
            assert_eq!(trends.series[0].counts, counts);
        }
    }
}

#[test]
fn articles_of_several_companies_are_in_several_series_and_those_of_none_in_the_rest() {
    for searcher in both(&corpus()) {
        let trends = searcher.trends(&by("*", Every::Year, FacetField::Company, 2)).unwrap();
        let totals: Vec<(Option<&str>, u64)> =
            trends.series.iter().map(|series| (series.path.as_deref(), series.total)).collect();
        assert_eq!(totals, [(Some("amazon"), 6), (Some("google"), 4)]);
        assert_eq!(trends.series[0].label, "Amazon");
        // a b i j k l s have Amazon or Google.
        let others = trends.others.as_ref().unwrap();
        assert_eq!(others.total, 13);
        for (at, period) in trends.periods.iter().enumerate() {
            let of = |series: &crate::search::Series| series.counts[at];
            assert!(others.counts[at] + of(&trends.series[0]) + of(&trends.series[1]) >= period.count);
            assert!(others.counts[at] + of(&trends.series[0]).max(of(&trends.series[1])) <= period.count);
        }
        // Spellings of an outlet are one series.
        let trends = searcher.trends(&by("*", Every::Year, FacetField::Source, 10)).unwrap();
        let reuters = trends.series.iter().find(|series| series.path.as_deref() == Some("reuters")).unwrap();
        assert_eq!((reuters.label.as_str(), reuters.total), ("Reuters", 3));
        let all: u64 = trends.series.iter().chain(&trends.others).map(|series| series.total).sum();
        assert_eq!(all, trends.total.value, "an article has one outlet or none");
    }
}

#[test]
fn shares_are_of_all_articles_of_the_period() {
    for searcher in both(&corpus()) {
        let request = TrendRequest { share: true, ..request("amazon date:2023..", Every::Year) };
        let trends = searcher.trends(&request).unwrap();
        let all: Vec<(&str, u64, Option<u64>)> =
            trends.periods.iter().map(|period| (period.label.as_str(), period.count, period.all)).collect();
        assert_eq!(
            all,
            [("2023", 1, Some(2)), ("2024", 0, Some(2)), ("2025", 0, Some(1)), ("2026", 4, Some(5))]
        );
        assert_eq!(trends.series[0].shares, [Some(0.5), Some(0.0), Some(0.0), Some(0.8)]);
        let gap = TrendRequest { share: true, ..self::request("title:startup OR id:s", Every::Day) };
        let shares = &searcher.trends(&gap).unwrap().series[0].shares;
        assert_eq!((shares[0], shares[1]), (Some(1.0), None), "nothing is no part of nothing");
    }
}

#[test]
fn nothing_found_is_no_period() {
    let searcher = searcher(&corpus(), 2);
    let trends = searcher.trends(&request("nosuchword", Every::Day)).unwrap();
    assert!(trends.periods.is_empty() && trends.series[0].counts.is_empty());
    assert_eq!(trends.total.value, 0);
}

#[test]
fn too_many_counts_are_refused_before_they_are_made() {
    let entries = [
        article("old", "Old", "news").date("1990-01-01").company("amazon", "Old", Role::Subject, 80),
        article("new", "New", "news").date("2026-01-01").company("google", "New", Role::Subject, 80),
    ];
    let searcher = searcher(&entries, 1);
    let error = searcher.trends(&request("news", Every::Day)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Argument);
    assert_eq!(error.message(), "13150 days are more than the 10000 counts of a trend");
    assert_eq!(error.hint(), Some("count every week, narrow the time with date:"));
    assert_eq!(searcher.trends(&request("news", Every::Week)).unwrap().periods.len(), 1879);
    let error = searcher.trends(&by("news", Every::Day, FacetField::Company, 9)).unwrap_err();
    assert!(error.message().starts_with("13150 days of 3 series"), "{}", error.message());
    for (request, reason) in [
        (by("news", Every::Year, FacetField::Month, 5), "a trend has no series by month"),
        (by("news", Every::Year, FacetField::Topic, 0), "a trend has 1 to 100 series, not 0"),
        (TrendRequest { timeout_ms: Some(99_999), ..request("news", Every::Year) }, "a search takes at most"),
    ] {
        let error = searcher.trends(&request).unwrap_err();
        assert!(error.message().starts_with(reason), "{}", error.message());
    }
}

#[test]
fn a_trend_ends_in_time() {
    let entries: Vec<Entry> = (0..2000)
        .map(|at| article(&format!("{at:04}"), "News", "news of the day").date("2024-01-01"))
        .collect();
    let searcher = searcher(&entries, 1);
    let trends =
        searcher.trends(&TrendRequest { timeout_ms: Some(0), ..request("news", Every::Day) }).unwrap();
    assert!(trends.timed_out && trends.total.value < 2000);
    assert!(trends.notes[0].starts_with("stopped after 0 ms"), "{:?}", trends.notes);
    let cancel = Cancel::new();
    cancel.cancel();
    let error = searcher.with_cancel(&cancel).trends(&request("news", Every::Day)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
}
