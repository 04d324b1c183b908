//! Queries and the articles that they find.

use super::fixture::{NOW, corpus, searcher};
use crate::query::Query;
use crate::search::SearchRequest;

/// A query and the ids of its articles, in alphabetical order.
const CASES: &[(&str, &str)] = &[
    // Words.
    ("layoffs", "al"),
    ("layoff", "al"),
    ("LAYOFFS", "al"),
    ("amazon", "aeijklrs"),
    ("amazon layoffs", "al"),
    ("café", "g"),
    ("cafe", "g"),
    ("restructuring", "gq"),
    ("18,000", "a"),
    ("18000", "a"),
    ("9000", "eh"),
    ("9,000", "eh"),
    ("Disney+", "d"),
    ("disney", "d"),
    ("C++", "d"),
    ("c", ""),
    ("R&D", "d"),
    ("AT&T", "f"),
    ("at", "lq"),
    ("$1.5B", "f"),
    ("1.5b", "f"),
    ("$1.5", "d"),
    ("U.S.", "f"),
    ("u.s", "f"),
    ("3M", "p"),
    ("€3bn", "p"),
    ("3bn", "p"),
    ("T-Mobile", "f"),
    ("amazon.com", "i"),
    ("O'Brien", "p"),
    ("L'Oreal", "p"),
    ("日本", "m"),
    ("本日", ""),
    ("アマゾン", "m"),
    ("aw", ""),
    ("nosuchword", ""),
    // Quotations.
    ("\"layoff\"", ""),
    ("=layoffs", "al"),
    ("=layoff", ""),
    ("\"prime video\"", "ao"),
    ("\"Prime Minister\"", "c"),
    ("\"video prime\"", "o"),
    ("\"prime video\"~1", "aco"),
    ("\"prime video\"~3", "aco"),
    ("\"prime video\"~4", "acos"),
    ("\"video prime\"~1", "o"),
    ("\"prime vid\"*", "ao"),
    ("\"prime min\"*", "c"),
    ("\"video video\"", "o"),
    ("\"at google\"", "l"),
    ("\"wild card\"", "n"),
    ("\"Amazon rainforest\" OR \"AT&T\"", "ef"),
    ("\"18,000 jobs\"", "a"),
    // Patterns.
    ("restructur*", "gq"),
    ("lay*", "abln"),
    ("AT&*", "f"),
    ("w?ld*card", "n"),
    ("l?y", "ab"),
    ("amaz*n", "aeijklrs"),
    ("amazn~1", "aeijklrs"),
    ("amazon~1", "aeijklrs"),
    ("amaxn~1", "r"),
    ("rivre~1", "e"),
    ("lauout~1", "n"),
    ("/lay(off|out)s?/", "aln"),
    ("/LAY.*S/", "abln"),
    ("/[0-9]+/", "abeh"),
    ("t-mob*", "f"),
    // Operators.
    ("amazon OR google layoffs", "al"),
    ("amazon OR google AND layoffs", "aeijklrs"),
    ("layoffs AND NOT prime", "l"),
    ("layoffs -\"prime video\"", "l"),
    ("NOT amazon", "bcdfghmnopqt"),
    ("-amazon -google", "cdfghmnopqt"),
    ("NOT (amazon OR google)", "cdfghmnopqt"),
    ("NOT NOT layoffs", "al"),
    ("layoffs OR NOT amazon", "abcdfghlmnopqt"),
    ("amazon (NOT google) (NOT startup)", "ejkr"),
    ("*", "abcdefghijklmnopqrst"),
    ("* -amazon", "bcdfghmnopqt"),
    ("NOT *", ""),
    ("IN [layoffs startup]", "ahil"),
    ("amazon^2 layoffs", "al"),
    ("(layoffs OR startup)^3 amazon", "ail"),
    // Parts of the text.
    ("title:amazon", "aei"),
    ("title:(amazon OR google)", "abei"),
    ("lead:layoffs", "l"),
    ("lead:amazon", "aeijklrs"),
    ("body:jobs", "a"),
    ("body:18,000", "a"),
    ("title:\"prime minister\"", "c"),
    ("title:lay*", "bn"),
    ("hd=amazn", "r"),
    // Companies.
    ("company:amazon", "aijkls"),
    ("company:$AMZN", "aijkls"),
    ("company:\"Amazon.com, Inc.\"", "aijkls"),
    ("company:amazon/luna", "k"),
    ("company:luna", "k"),
    ("company:\"amazon web services\"", "aj"),
    ("company:facebook", "ah"),
    ("company:disney/disney-plus", "d"),
    ("company:amazon -company:google", "ijk"),
    ("company:business-insider", ""),
    ("company:(amazon google)", "als"),
    ("company:amaz*", "aijkls"),
    ("company:amazon/*", "ajk"),
    ("company:g??gle", "abls"),
    ("company:*", "abdfhijkls"),
    ("-company:*", "cegmnopqrt"),
    ("about:amazon", "aijks"),
    ("about:aws", "aj"),
    ("about:google", "bs"),
    ("division:aws", "aj"),
    ("division:amazon/prime-video", "a"),
    ("division:aw*", "aj"),
    ("division:amazon/*", "ajk"),
    ("division:disney*", "d"),
    ("division:*", "adjk"),
    ("role:peer", "al"),
    ("role:subject", "abdfhijks"),
    ("role:google/peer", "al"),
    ("role:publisher", "l"),
    ("role:cited", "b"),
    ("role:google/*", "abls"),
    ("cites:\"business insider\"", "b"),
    ("cites:\"Business Insider\"", "b"),
    ("cites:ientry", ""),
    ("cites:*", "b"),
    // Other names.
    ("topic:layoffs", "ab"),
    ("topic:Layoffs", "ab"),
    ("topic:acq*", "hi"),
    ("topic:outage", ""),
    ("topic:*", "abfhis"),
    ("source:reuters", "afh"),
    ("source:\"BBC News\"", "bc"),
    ("source:bbc*", "bc"),
    ("source:bbc.co.uk", "b"),
    ("site:reuters.com", "a"),
    ("site:nosuch.example", ""),
    ("source:\"le monde\"", "g"),
    ("source:*", "abcdefghij"),
    ("author:\"jane doe\"", "ai"),
    ("author:jane*", "ai"),
    ("by=\"zoe muller\"", "g"),
    ("author:nobody", ""),
    ("lang:en", "abce"),
    ("lang:JA", "m"),
    ("lang:*", "abcegm"),
    ("id:a", "a"),
    ("id:A", ""),
    ("id:*", "abcdefghijklmnopqrst"),
    ("path:news/*", "abcdefghijklmnopqrst"),
    ("path:news/b.txt", "b"),
    ("url:https://www.bbc.co.uk/*", "b"),
    ("url:*", "ab"),
    ("story:x", ""),
    ("story:*", ""),
    // Dates and numbers.
    ("date:2023", "ab"),
    ("date:2023-01-04", "a"),
    ("date:2023..2024", "abcf"),
    ("date:[2023 TO 2024}", "ab"),
    ("date:{2023 TO 2024]", "cf"),
    ("before:2018", "qrt"),
    ("after:2026-11-22", "hij"),
    ("date:>2026-11-22", "ij"),
    ("date:>=2026-11-22", "hij"),
    ("date:<=2016", "rt"),
    ("date:<2016", "t"),
    ("date:today", "j"),
    ("date:yesterday", "i"),
    ("date:7d", "hij"),
    ("date:2w", "hijk"),
    ("date:2w..yesterday", "hik"),
    ("date:*", "abcdefhijkmnopqrst"),
    ("-date:*", "gl"),
    ("added:today", "abcdefghijklmnopqrst"),
    ("added:<2020", ""),
    ("date:2023-01-04T00:00:00Z", "a"),
    ("wc:0", "t"),
    ("wc:>20", "a"),
    ("wc:..5", "ot"),
    ("salience:>=90", "abi"),
    ("salience:55..60", "jk"),
    ("salience:*", "abdfhijkls"),
    ("salience:<60 -company:google", "k"),
];

#[test]
fn queries_find_their_articles() {
    let entries = corpus();
    let mut wrong = Vec::new();
    for segments in [1, 3, 20] {
        let searcher = searcher(&entries, segments);
        for (text, expected) in CASES {
            let query: Query = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
            let request = SearchRequest::new(query.clone()).limit(100).now(NOW);
            let results = match searcher.search(&request) {
                Ok(results) => results,
                Err(error) => {
                    wrong.push(format!("{text}: {error:?}"));
                    continue;
                }
            };
            let mut found: Vec<&str> = results.hits.iter().map(|hit| hit.id.as_str()).collect();
            found.sort_unstable();
            if found.concat() != *expected {
                wrong.push(format!(
                    "{text}: found {}, expected {expected} ({segments} segments)",
                    found.concat()
                ));
            }
            assert_eq!(results.total.value, results.hits.len() as u64, "{text}");
            if !text.contains(['d', 'y']) {
                assert_eq!(searcher.ids(&query).unwrap().concat(), found.concat(), "{text}");
            }
            assert!(results.hits.iter().all(|hit| hit.score.is_finite() && hit.score >= 0.0), "{text}");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
