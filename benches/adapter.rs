//! dateline beside other engines, one operation a process, through the public library alone.
//!
//! ```console
//! $ MODE=engine adapter index passages.jsonl DIR     # facets as the lines give them, no tagging
//! $ MODE=full adapter index passages.jsonl DIR       # the whole pipeline: decoding, tagging, ledger
//! $ adapter merge DIR
//! $ adapter query DIR WARM REPEATS < queries.tsv
//! $ adapter load DIR THREADS SECONDS < queries.tsv   # pages for all queries, asked by so many threads at once
//! ```
//!
//! A line of the corpus is `{id, title, body, date, facets}`, one of the queries
//! `id<TAB>class<TAB>op<TAB>words<TAB>/company`. Words are asked for as they stand, in the body alone: that is what the other
//! engines are asked. `THREADS` and `MEMORY` (MiB) set what an indexing run may take.

#![expect(clippy::print_stdout, reason = "what it prints is the protocol")]

use std::error::Error;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use dateline::article::{
    Article, CompanyTag, DateSource, DivisionTag, Precision, Publication, Role, Tagger, Tags,
};
use dateline::ingest::{IndexOptions, Indexer};
use dateline::query::{NameField, Node, Parsed, Query, Scope, TextAtom};
use dateline::search::{FacetField, SearchRequest, Searcher};
use dateline::{Cancel, Index};
use serde::Deserialize;

/// That of the program `dateline`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// A line of the corpus.
#[derive(Deserialize)]
struct Line {
    id: String,
    title: String,
    body: String,
    #[serde(default)]
    date: String,
    #[serde(default)]
    facets: Vec<String>,
}

/// The articles come with their tags.
struct Given;

impl Tagger for Given {
    fn tag(&self, _: &Article) -> Tags {
        Tags::default()
    }

    fn fingerprint(&self) -> String {
        "facets as given 1".to_owned()
    }
}

/// Companies and divisions of a line, `/company/division`.
fn tags(facets: &[String]) -> Tags {
    let mut tags = Tags::default();
    for facet in facets {
        let path = facet.trim_start_matches('/');
        let company = path.split('/').next().unwrap_or(path);
        if tags.companies.last().is_none_or(|last| last.id != company) {
            tags.companies.push(CompanyTag {
                id: company.to_owned(),
                name: company.to_owned(),
                role: Role::Subject,
                salience: 50,
                known: true,
                mentions: Vec::new(),
            });
        }
        if path != company {
            tags.divisions.push(DivisionTag {
                path: path.to_owned(),
                name: path.to_owned(),
                salience: 50,
                mentions: Vec::new(),
            });
        }
    }
    tags
}

/// `2022-01-31`
fn published(date: &str) -> Option<Publication> {
    let day: jiff::civil::Date = date.parse().ok()?;
    let seconds = day.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second();
    Some(Publication { seconds, precision: Precision::Day, source: DateSource::Metadata })
}

/// The companies that the facets of the corpus name, as a company list.
fn companies() -> String {
    let company = |number| {
        let divisions: Vec<String> = (0..8)
            .map(|division| format!(r#"{{"id":"d{division}","name":"Division {division} of C{number:03}"}}"#))
            .collect();
        format!(
            r#"{{"id":"c{number:03}","name":"C{number:03} Works","divisions":[{}]}}"#,
            divisions.join(",")
        )
    };
    (0..400).map(company).collect::<Vec<_>>().join("\n")
}

fn number(name: &str, otherwise: usize) -> usize {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}

fn options() -> IndexOptions {
    let memory_bytes = (2 * number("POSTINGS", 150)) << 20;
    IndexOptions { threads: number("THREADS", 0), memory_bytes, ..IndexOptions::default() }
}

fn index(corpus: &str, folder: &str) -> Outcome {
    let started = Instant::now();
    let cancel = Cancel::new();
    let index = Index::open_or_create(folder)?;
    let report = if std::env::var("MODE").is_ok_and(|mode| mode == "full") {
        Indexer::new(&index, options())?.run(&[PathBuf::from(corpus)], &cancel, &mut |_| {})?
    } else {
        let index = index.with_companies(&companies(), "c.jsonl")?;
        let indexer = Indexer::with_tagger(&index, options(), Arc::new(Given));
        let lines = BufReader::with_capacity(1 << 20, File::open(corpus)?).lines();
        let articles = lines.map_while(Result::ok).filter_map(|line| {
            let line: Line = serde_json::from_str(&line).ok()?;
            let published = published(&line.date);
            let article = Article {
                id: line.id,
                title: line.title,
                body: line.body,
                published,
                lang: Some("en".to_owned()),
                ..Article::default()
            };
            Some((article, tags(&line.facets)))
        });
        indexer.run_tagged(articles, &cancel, &mut |_| {})?
    };
    println!(
        "{{\"docs\":{},\"skipped\":{},\"wall_s\":{:.3}}}",
        report.counts.added,
        report.counts.skipped,
        started.elapsed().as_secs_f64()
    );
    Ok(())
}

fn merge(folder: &str) -> Outcome {
    let index = Index::open(folder)?;
    Indexer::with_tagger(&index, options(), Arc::new(Given)).compact()?;
    Ok(())
}

/// A query of the harness.
struct Asked {
    id: String,
    class: String,
    request: SearchRequest,
    text: Parsed,
}

fn asked(line: &str) -> Outcome<Asked> {
    let parts: Vec<&str> = line.split('\t').collect();
    let [id, class, op, words, rest @ ..] = &parts[..] else { return Err("too few columns".into()) };
    let quoted = |text: &str| Node::Text {
        scope: Scope::Body,
        atom: TextAtom::Phrase { text: text.to_owned(), slop: 0, prefix: false },
    };
    let clauses: Vec<Node> = words.split(' ').map(quoted).collect();
    let root = match *op {
        "and" => Node::And { clauses },
        "or" => Node::Or { clauses },
        // A word, or a phrase.
        _ => quoted(words),
    };
    let query = Query { root };
    let mut request = SearchRequest::new(query.clone()).timeout_ms(None);
    match *class {
        "facet" => request = request.limit(0).facet(FacetField::Company, 10),
        "facetf" => request = request.limit(0).facet(FacetField::Division, 10),
        "page" => request = request.facet(FacetField::Company, 10).facet(FacetField::Division, 10),
        _ => {}
    }
    if let Some(company) = rest.first().filter(|company| !company.is_empty()) {
        request = request.filter(NameField::Company, [company.trim_start_matches('/')]);
    }
    let text = Parsed { query, text: String::new(), names: Vec::new() };
    Ok(Asked { id: (*id).to_owned(), class: (*class).to_owned(), request, text })
}

/// Number of articles, and what stands in the last column.
fn answer(searcher: &Searcher, asked: &Asked) -> Outcome<(u64, String)> {
    let ids = |ids: Vec<(String, f32)>| ids.into_iter().map(|(id, _)| id).collect::<Vec<_>>().join(",");
    Ok(match asked.class.as_str() {
        "top10" => {
            let best = searcher.ranked_ids(&asked.text, &asked.request)?;
            (best.len() as u64, ids(best))
        }
        "top10c" => {
            let (best, total) = searcher.ranked_ids_and_total(&asked.text, &asked.request)?;
            (total, ids(best))
        }
        "count" => (searcher.count(&asked.request.query)?, String::new()),
        _ => {
            let answer = searcher.search(&asked.request)?;
            let values = answer.facets.values().next().map(Vec::as_slice).unwrap_or_default();
            let shown: Vec<String> = values
                .iter()
                .filter_map(|value| Some(format!("{}={}", value.path.as_deref()?, value.count)))
                .collect();
            (answer.total.value, shown.join(","))
        }
    })
}

fn query(folder: &str, warm: usize, repeats: usize) -> Outcome {
    let searcher = Index::open(folder)?.searcher()?;
    let queries: Vec<Asked> = io::stdin().lock().lines().map(|line| asked(&line?)).collect::<Outcome<_>>()?;
    let mut results: Vec<(u64, Vec<u128>, String)> = vec![(0, Vec::new(), String::new()); queries.len()];
    for round in 0..warm + repeats {
        for (asked, result) in queries.iter().zip(&mut results) {
            let started = Instant::now();
            let (count, shown) = answer(&searcher, asked)?;
            let took = started.elapsed().as_nanos();
            if round >= warm {
                result.1.push(took);
            }
            (result.0, result.2) = (count, shown);
        }
    }
    let mut out = BufWriter::new(io::stdout().lock());
    for (asked, (count, took, shown)) in queries.iter().zip(results) {
        let took: Vec<String> = took.iter().map(u128::to_string).collect();
        writeln!(out, "{}\t{count}\t{}\t{shown}", asked.id, took.join(","))?;
    }
    Ok(out.flush()?)
}

/// Prints pages a second, and the median and the 99th percentile of their times in microseconds.
fn load(folder: &str, threads: usize, seconds: u64) -> Outcome {
    let searcher = Index::open(folder)?.searcher()?;
    let lines: Vec<String> = io::stdin().lock().lines().collect::<io::Result<_>>()?;
    let page = |line: &String| {
        let mut parts: Vec<&str> = line.split('\t').collect();
        if let Some(class) = parts.get_mut(1) {
            *class = "page";
        }
        asked(&parts.join("\t"))
    };
    let pages: Vec<Asked> = lines.iter().map(page).collect::<Outcome<_>>()?;
    let (searcher, pages) = (&searcher, &pages[..]);
    // Once for what is kept in memory.
    for page in pages {
        searcher.search(&page.request)?;
    }
    let until = Instant::now() + Duration::from_secs(seconds);
    let ask = move |thread: usize| -> dateline::Result<Vec<u128>> {
        let mut took = Vec::new();
        // Each begins elsewhere.
        for page in pages.iter().cycle().skip(thread * pages.len() / threads) {
            let started = Instant::now();
            if started >= until {
                break;
            }
            searcher.search(&page.request)?;
            took.push(started.elapsed().as_nanos());
        }
        Ok(took)
    };
    let mut all = Vec::new();
    std::thread::scope(|scope| -> Outcome {
        let asking: Vec<_> = (0..threads).map(|thread| scope.spawn(move || ask(thread))).collect();
        for asking in asking {
            all.extend(asking.join().map_err(|_| "a thread panicked")??);
        }
        Ok(())
    })?;
    all.sort_unstable();
    let part = |share: usize| all.get(all.len() * share / 100).copied().unwrap_or(0) / 1000;
    println!("{} pages/s, median {} µs, p99 {} µs", all.len() as u64 / seconds, part(50), part(99));
    Ok(())
}

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["index", corpus, folder] => index(corpus, folder),
        ["merge", folder] => merge(folder),
        ["query", folder, warm, repeats] => query(folder, warm.parse()?, repeats.parse()?),
        ["load", folder, threads, seconds] => load(folder, threads.parse()?, seconds.parse()?),
        _ => Err("index CORPUS DIR, merge DIR, query DIR WARM REPEATS, or load DIR THREADS SECONDS".into()),
    }
}
