//! Searches over the sample, right and highlighted.

use dateline::Index;
use dateline::query::NameField;
use dateline::search::{FacetField, FacetRequest, Filter, Hit, SearchRequest};
use std::sync::OnceLock;

use crate::support::{corpus_index, ids, options, search};

fn sample() -> &'static Index {
    static INDEX: OnceLock<Index> = OnceLock::new();
    INDEX.get_or_init(corpus_index)
}

/// What is marked in title and snippet of a hit, folded.
fn marked(hit: &Hit) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut take = |text: &str, ranges: &[[usize; 2]]| {
        found.extend(ranges.iter().map(|[from, to]| dateline::text::fold(&text[*from..*to])));
    };
    take(&hit.title, &hit.title_highlights);
    for snippet in &hit.snippets {
        take(&snippet.text, &snippet.highlights);
    }
    found
}

#[test]
fn every_article_of_the_sample_is_there() {
    let results = search(sample(), "*");
    assert!(results.total.value >= 235, "{} articles", results.total.value);
    for hit in &results.hits {
        assert!(!hit.title.trim().is_empty(), "{} has no title", hit.id);
        assert!(hit.title.len() < 300, "{}: {}", hit.id, hit.title);
    }
    assert_eq!(
        search(sample(), "path:*README*").total.value,
        0,
        "a page about the sample is no article of it"
    );
}

#[test]
fn words_match_as_a_reader_means_them() {
    for (query, form) in [
        ("restructur*", "restructur"),
        ("amazn~1", "amazon"),
        ("\"prime video\"", "prime video"),
        ("AWS", "aws"),
        ("9,000", "9,000"),
        ("9000", "9,000"),
        ("café", "cafe"),
        ("cafe", "cafe"),
        ("AT&T", "at&t"),
        ("C++", "c++"),
        ("3M", "3m"),
        ("R&D", "r&d"),
        ("U.S.", "u.s."),
        ("layoff", "layoffs"),
    ] {
        let results = search(sample(), query);
        assert!(results.total.value > 0, "{query} finds nothing");
        for hit in &results.hits {
            let marked = marked(hit);
            assert!(!marked.is_empty(), "{query}: nothing is marked in {}", hit.id);
        }
        let all: Vec<String> = results.hits.iter().flat_map(marked).collect();
        assert!(all.iter().any(|found| found.contains(form)), "{query} marks {all:?}");
    }
    assert!(ids(sample(), "aw").is_empty(), "aw is not AWS");
}

#[test]
fn sets_are_what_the_operators_say() {
    let all = ids(sample(), "*");
    let of = |query: &str| ids(sample(), query);
    let minus = |left: &[String], right: &[String]| -> Vec<String> {
        left.iter().filter(|id| !right.contains(id)).cloned().collect()
    };
    let both = |left: &[String], right: &[String]| -> Vec<String> {
        left.iter().filter(|id| right.contains(id)).cloned().collect()
    };
    let (amazon, google, layoffs) = (of("amazon"), of("google"), of("layoffs"));
    assert!(!amazon.is_empty() && !google.is_empty() && !layoffs.is_empty());
    assert_eq!(of("layoffs AND NOT amazon"), minus(&layoffs, &amazon));
    assert_eq!(of("NOT amazon"), minus(&all, &amazon));
    let mut either = [amazon.clone(), google.clone()].concat();
    either.sort();
    either.dedup();
    assert_eq!(of("amazon OR google layoffs"), both(&either, &layoffs));
    assert_eq!(of("-layoffs -amazon"), minus(&minus(&all, &layoffs), &amazon));
    let dated = of("date:2023..2024");
    assert!(!dated.is_empty());
    for hit in search(sample(), "date:2023..2024").hits {
        assert!(
            hit.published.as_deref().is_some_and(|date| date.starts_with("2023") || date.starts_with("2024"))
        );
    }
    assert!(!of("-date:*").is_empty(), "some articles of the sample are undated");
}

#[test]
fn companies_are_found_by_what_articles_are_about() {
    for (query, present, absent) in [
        ("company:amazon/luna", "", "wire/lunar-eclipse.txt"),
        ("company:amazon", "wire/2023-01-18-amazon-18000.txt", "wire/amazon-rainforest-fires.txt"),
        ("company:amazon", "wire/amazon-across-divisions.txt", "wire/amazon-river-drought.txt"),
        ("company:amazon/alexa", "wire/amazon-alexa-cuts.txt", "wire/alexa-curler.txt"),
        ("about:meta", "wire/meta-11000.txt", "briefs/statin-meta-analysis.md"),
        ("company:apple", "wire/apple-3-trillion.txt", "wire/apple-harvest.txt"),
        ("company:gap", "", "briefs/gender-pay-gap.md"),
        ("company:visa", "", "pages/visa-backlog.html"),
        ("company:oracle", "pages/oracle-google-java.html", "pages/oracle-of-omaha.html"),
        ("company:ford", "", "wire/ford-museum.txt"),
        ("company:tesla", "wire/tesla-10-percent.txt", "wire/tesla-laboratory-fire.txt"),
        ("company:delta-air-lines", "", "wire/delta-variant-masks.txt"),
        ("company:target", "", "wire/snap-price-targets.txt"),
        ("about:amazon", "wire/amazon-9000-more.txt", "wire/apple-3-trillion.txt"),
        ("topic:layoffs", "wire/meta-11000.txt", "wire/lunar-eclipse.txt"),
    ] {
        let found: Vec<String> = search(sample(), query).hits.into_iter().map(|hit| hit.path).collect();
        if !present.is_empty() {
            assert!(
                found.iter().any(|path| path.ends_with(present)),
                "{query} does not find {present}: {found:?}"
            );
        }
        assert!(!found.iter().any(|path| path.ends_with(absent)), "{query} finds {absent}");
    }
}

#[test]
fn a_facet_is_not_narrowed_by_its_own_filter() {
    let searcher = sample().searcher().unwrap();
    let request = |companies: &[&str]| {
        let mut request = SearchRequest::new("layoffs".parse().unwrap());
        request.now = options().now;
        request.facets = [FacetField::Company, FacetField::Topic]
            .map(|field| FacetRequest { field, limit: 1000 })
            .to_vec();
        if !companies.is_empty() {
            let values = companies.iter().map(|name| (*name).to_owned()).collect();
            request.filters = vec![Filter { field: NameField::Company, values }];
        }
        request
    };
    let open = searcher.search(&request(&[])).unwrap();
    let narrowed = searcher.search(&request(&["amazon", "$META"])).unwrap();
    assert!(narrowed.total.value < open.total.value);
    assert_eq!(narrowed.facets["company"], open.facets["company"]);
    assert_ne!(narrowed.facets["topic"], open.facets["topic"]);
    let count = |id: &str| {
        let values = &open.facets["company"];
        values.iter().find(|value| value.path.as_deref() == Some(id)).map_or(0, |value| value.count)
    };
    assert_eq!(count("amazon"), ids(sample(), "layoffs company:amazon").len() as u64);
    for value in &open.facets["company"] {
        for child in &value.children {
            assert!(child.count <= value.count, "{child:?} in {}", value.label);
            let path = child.path.as_deref().unwrap();
            assert_eq!(child.count, ids(sample(), &format!("layoffs company:{path}")).len() as u64, "{path}");
        }
    }
}
