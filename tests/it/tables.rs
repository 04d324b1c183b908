//! Tables and exports of news APIs, read whole and compared with what other readers find in them. The sets lie beside the
//! repository; a clone does not have them.

use std::collections::BTreeMap;

use dateline::Index;

use crate::support::{ids, index_paths, shared, write};
use crate::wire::{Read, classes, read};

/// Totals that show a set to be read as it stands there.
#[derive(Debug, PartialEq)]
struct Totals {
    articles: usize,
    dated: usize,
    /// Sum of all dates in Unix seconds.
    seconds: i64,
    /// Characters of all titles and of all texts, with single spaces.
    titles: usize,
    texts: usize,
}

fn totals(read: &Read) -> Totals {
    let length = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").chars().count();
    let dates = || read.articles.iter().filter_map(|article| article.published);
    Totals {
        articles: read.articles.len(),
        dated: dates().count(),
        seconds: dates().map(|date| date.seconds).sum(),
        titles: read.articles.iter().map(|article| length(&article.title)).sum(),
        texts: read.articles.iter().map(|article| length(&article.body)).sum(),
    }
}

#[test]
fn headlines_in_dirty_tables() {
    let Some(folder) = shared("formats/csv-headlines") else { return };
    // Counted with the csv module of Python in windows-1252.
    for (name, rows, expected) in [
        (
            "cnbc",
            2436,
            Totals { articles: 453, dated: 453, seconds: 719_039_805_960, titles: 34_717, texts: 66_785 },
        ),
        (
            "guardian",
            17_800,
            Totals { articles: 499, dated: 499, seconds: 795_436_588_800, titles: 34_490, texts: 0 },
        ),
        (
            "reuters",
            499,
            Totals { articles: 499, dated: 499, seconds: 795_734_841_600, titles: 33_616, texts: 108_169 },
        ),
    ] {
        let read = read(&folder.join(format!("{name}_headlines.csv")));
        assert_eq!(totals(&read), expected, "{name}");
        let empty = rows - expected.articles;
        let told: Vec<&str> =
            read.skipped.iter().map(|skipped| skipped.reason.split(' ').next().unwrap()).collect();
        assert_eq!(told, if empty > 0 { vec![empty.to_string()] } else { vec![] }, "{name}");
        let title_only =
            if expected.texts == 0 { BTreeMap::from([("title-only", 499)]) } else { BTreeMap::new() };
        assert_eq!(classes(&read.warnings), title_only, "{name}");
    }
}

#[test]
fn tables_that_hold_no_articles_are_refused_in_one_line() {
    let Some(folder) = shared("") else { return };
    for name in [
        "entities/finer-ord-train.csv",
        "facts/us-listings.csv",
        "facts/sec-company-tickers.csv",
        "ranking/time/queries.tsv",
    ] {
        let read = read(&folder.join(name));
        assert_eq!(read.articles, [], "{name}");
        assert_eq!(classes(&read.skipped), BTreeMap::from([("no-article", 1)]), "{name}");
    }
}

#[test]
fn an_export_of_webz() {
    let Some(folder) = shared("formats/webz-json/articles") else { return };
    let read = read(&folder);
    let texts = totals(&read).texts;
    assert_eq!(
        totals(&read),
        Totals { articles: 136, dated: 136, seconds: 231_715_302_413, titles: 11_168, texts }
    );
    let mut languages: BTreeMap<&str, usize> = BTreeMap::new();
    for article in &read.articles {
        *languages.entry(article.lang.as_deref().unwrap()).or_default() += 1;
        let host = article.url.as_deref().unwrap().split('/').nth(2).unwrap().trim_start_matches("www.");
        assert_eq!(article.source.as_deref(), Some(host));
    }
    assert_eq!(languages, BTreeMap::from([("en", 105), ("es", 20), ("fr", 4), ("it", 1), ("pt", 6)]));
    assert_eq!(read.articles.iter().filter(|article| article.authors.is_empty()).count(), 3);
    assert_eq!(read.skipped, []);
    assert_eq!(read.warnings, []);
}

#[test]
fn exports_in_many_spellings_are_read_alike() {
    let folder = tempfile::tempdir().unwrap();
    for (name, table) in [
        (
            "all-the-news.csv",
            ",id,title,publication,author,date,year,month,url,content\n0,1,Apple sues Samsung,Verge,A Bee,2012-07-30,2012.0,7.0,https://a.example/1,It began in San Jose.\n",
        ),
        (
            "nexis.csv",
            "Headline;Publication;Byline;Published date;Full text;Language\nApple sues Samsung;Verge;A Bee;July 30, 2012;It began in San Jose.;English\n",
        ),
        (
            "proquest.csv",
            "Title,Abstract,StoreId,Authors,pubdate,pubtitle,DocumentURL\nApple sues Samsung,It began in San Jose.,77,A Bee,\"Jul 30, 2012\",Verge,https://a.example/2\n",
        ),
        (
            "factiva.tsv",
            "HD\tSN\tBY\tPD\tTD\tLA\tAN\nApple sues Samsung\tVerge\tA Bee\t30 July 2012\tIt began in San Jose.\tEnglish\tVRG0000020120730\n",
        ),
        (
            "media-cloud.csv",
            "stories_id,publish_date,title,url,language,media_name\n9,2012-07-30,Apple sues Samsung,https://a.example/3,en,Verge\n",
        ),
        (
            "newsapi.csv",
            "source.name,author,title,description,url,publishedAt,content\nVerge,A Bee,Apple sues Samsung,x,https://a.example/4,2012-07-30T00:00:00Z,It began in San Jose.\n",
        ),
        (
            "guardian.jsonl",
            "{\"id\":\"g/1\",\"webTitle\":\"Apple sues Samsung\",\"webPublicationDate\":\"2012-07-30T00:00:00Z\",\"webUrl\":\"https://a.example/5\",\"fields\":{\"byline\":\"A Bee\",\"bodyText\":\"It began in San Jose.\",\"publication\":\"Verge\"}}\n",
        ),
        (
            "nyt.jsonl",
            "{\"_id\":\"n/1\",\"headline\":{\"main\":\"Apple sues Samsung\"},\"byline\":{\"original\":\"By A Bee\"},\"pub_date\":\"2012-07-30T00:00:00+0000\",\"web_url\":\"https://a.example/6\",\"lead_paragraph\":\"It began in San Jose.\",\"source\":\"Verge\"}\n",
        ),
        (
            "capitals.jsonl",
            "{\"ID\":\"c/1\",\"Title\":\"Apple sues Samsung\",\"Author\":\"A Bee\",\"Publication Date\":\"2012-07-30\",\"TEXT\":\"It began in San Jose.\",\"Source\":\"Verge\"}\n",
        ),
    ] {
        write(folder.path(), name, table);
        let read = read(&folder.path().join(name));
        assert_eq!(read.skipped, [], "{name}");
        let [article] = &read.articles[..] else { panic!("{name}: {:?}", read.articles) };
        assert_eq!(article.title, "Apple sues Samsung", "{name}");
        assert_eq!(article.source.as_deref(), Some("Verge"), "{name}");
        assert!(article.published.unwrap().to_string().starts_with("2012-07-30"), "{name}");
        if name != "media-cloud.csv" {
            assert_eq!(
                (article.body.as_str(), article.authors.join(", ").as_str()),
                ("It began in San Jose.", "A Bee"),
                "{name}"
            );
        }
    }
}

#[test]
fn rows_are_found_by_what_they_say_and_named_by_their_lines() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "a.csv",
        "Headline,Date,Note\n\"Merger of\nOne\",2023-01-18,x\nMerger of Two,2023-01-19\nMerger of Three,2199-01-01,x\n",
    );
    let index = Index::in_memory();
    let (report, events) = index_paths(&index, &[folder.path().to_owned()]);
    assert_eq!(ids(&index, "merger").len(), 2);
    assert_eq!(report.skipped_by_class, BTreeMap::from([("ragged".to_owned(), 1)]));
    let text = format!("{events:?}");
    assert!(
        text.contains("a.csv:4") && text.contains("a.csv:5") && text.contains("lies in the future"),
        "{text}"
    );
}

/// A message of every kind of mailbox gives its articles.
#[test]
fn mail_is_read_wherever_it_lies() {
    let folder = tempfile::tempdir().unwrap();
    let message = |number: usize| {
        format!(
            "From: Harbor Daily <n@h.example>\nSubject: Merger number {number}\nMessage-ID: <{number}@h.example>\nDate: Tue, 16 Jan 2024 07:00:00 +0000\n\nThe two companies agreed on it.\n"
        )
    };
    write(folder.path(), "one.eml", message(1));
    write(
        folder.path(),
        "all.mbox",
        format!(
            "From a@h.example Tue Jan 16 07:00:00 2024\n{}\nFrom a@h.example Tue Jan 16 08:00:00 2024\n{}",
            message(2),
            message(3)
        ),
    );
    for (name, number) in [
        ("cur/1700000000.M1P1.host:2,S", 4),
        ("new/1700000001.M1P1.host", 5),
        ("tmp/1700000002.M1P1.host", 6),
    ] {
        write(folder.path(), &format!("Mail/{name}"), message(number));
    }
    let items: String = (1..=3).map(|number| format!("<h2><a href='https://h.example/{number}'>Merger in a list, {number}</a></h2><p>The two companies agreed on it at last, they said.</p>")).collect();
    write(
        folder.path(),
        "list.eml",
        format!(
            "{}\n",
            message(7).replace(
                "\n\nThe two companies agreed on it.",
                &format!("\nContent-Type: text/html\n\n{items}")
            )
        ),
    );
    let index = Index::in_memory();
    let (report, _) = index_paths(&index, &[folder.path().to_owned()]);
    assert_eq!(
        ids(&index, "merger"),
        [
            "1@h.example",
            "2@h.example",
            "3@h.example",
            "4@h.example",
            "5@h.example",
            "https://h.example/1",
            "https://h.example/2",
            "https://h.example/3"
        ]
    );
    assert_eq!(ids(&index, "source:\"Harbor Daily\"").len(), 8);
    assert_eq!(report.skipped_by_class, BTreeMap::new());
}

#[cfg(feature = "pdf")]
#[test]
fn documents_of_typesetting_programs() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pdf");
    for (name, title) in [
        ("hyphens.pdf", "Harbor Freight cuts warehouse jobs"),
        ("running-heads.pdf", "Harbor Freight cuts 1,200 warehouse jobs"),
    ] {
        let read = read(&folder.join(name));
        let [article] = &read.articles[..] else { panic!("{name}: {:?}", read.skipped) };
        assert_eq!(article.title, title);
        assert_eq!(
            (article.authors.join(", ").as_str(), article.place.as_deref()),
            ("Jane Smith", Some("SEATTLE")),
            "{name}"
        );
        assert!(
            article
                .body
                .contains("the third round of layoffs in a year at the company.\n\nThe cuts fall mostly"),
            "{name}: {}",
            article.body
        );
        assert!(!article.body.contains("Harbor Daily"), "{name}: {}", article.body);
        // Three paragraphs, four times or twelve.
        assert_eq!(article.body.split("\n\n").count() % 12, 0, "{name}: {}", article.body);
    }
}
