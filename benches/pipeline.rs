//! Each stage of the main path on one core, over the sample multiplied with a fixed seed: decode, tag, ingest, search.
//!
//! ```console
//! $ cargo bench
//! $ cargo bench -- tag
//! ```
//!
//! Throughput is given in bytes of article text and in articles. The copies are not identical: their paragraphs stand
//! in another order and every copy has an id of its own, so that nothing is a duplicate or unchanged.

use std::hint::black_box;
use std::path::PathBuf;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use dateline::article::{Article, Tagger};
use dateline::decode::{FieldMap, decode};
use dateline::ingest::{IndexOptions, Indexer};
use dateline::search::{FacetField, FacetRequest, SearchRequest};
use dateline::source::{Found, Limits, Record, read_file, walk};
use dateline::tag::{CompanyTagger, Gazetteer};
use dateline::{Cancel, Index};

/// 2026-01-01
const NOW: i64 = 1_767_225_600;

fn records() -> Vec<Record> {
    let limits = Limits::default();
    let corpus = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus"));
    let mut records = Vec::new();
    for file in &walk(&[corpus]).expect("the sample is there").files {
        let mut keep = |found| {
            if let Found::Record(record) = found {
                records.push(record);
            }
            Ok(())
        };
        read_file(file, &limits, &Cancel::new(), &mut keep).expect("the sample can be read");
    }
    records
}

/// Numbers that look random and are the same every time (`SplitMix64`).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut number = self.0;
        number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((number ^ (number >> 31)) % limit as u64) as usize
    }
}

/// The sample `times` over.
fn articles(times: usize) -> Vec<Article> {
    let map = FieldMap::default();
    let originals: Vec<Article> = records()
        .iter()
        .filter_map(|record| decode(record, &map, NOW).ok())
        .map(|decoded| decoded.article)
        .collect();
    let mut numbers = Numbers(42);
    let mut copies = Vec::new();
    for copy in 0..times {
        for original in &originals {
            let mut article = original.clone();
            article.id = format!("{}#{copy}", original.id);
            if copy > 0 {
                let mut paragraphs: Vec<&str> = original.body.split("\n\n").collect();
                for last in (1..paragraphs.len()).rev() {
                    paragraphs.swap(last, numbers.below(last + 1));
                }
                article.body = paragraphs.join("\n\n");
                // Their places have changed with the paragraphs.
                article.headings.clear();
                article.cites.clear();
                article.publisher = None;
            }
            copies.push(article);
        }
    }
    copies
}

fn text_bytes(articles: &[Article]) -> u64 {
    articles.iter().map(|article| (article.title.len() + article.body.len()) as u64).sum()
}

fn stages(criterion: &mut Criterion) {
    let records = records();
    let map = FieldMap::default();
    let mut group = criterion.benchmark_group("decode");
    group.throughput(Throughput::Bytes(records.iter().map(|record| record.bytes.len() as u64).sum()));
    group.bench_function("sample", |bencher| {
        bencher.iter(|| records.iter().filter(|record| decode(black_box(record), &map, NOW).is_ok()).count());
    });
    group.finish();

    let one = articles(1);
    let tagger = CompanyTagger::new(Gazetteer::builtin());
    let mut group = criterion.benchmark_group("tag");
    group.throughput(Throughput::Bytes(text_bytes(&one)));
    group.bench_function("sample", |bencher| {
        bencher
            .iter(|| one.iter().map(|article| tagger.tag(black_box(article)).companies.len()).sum::<usize>());
    });
    group.finish();

    let many = articles(20);
    let options = || IndexOptions { now: Some(NOW), ..IndexOptions::default() };
    let ingest = |articles: Vec<Article>| {
        let index = Index::in_memory();
        let indexer = Indexer::new(&index, options()).expect("the built-in company list is sound");
        indexer.run_articles(articles, &Cancel::new(), &mut |_| {}).expect("indexing into memory works");
        index
    };
    let mut group = criterion.benchmark_group("ingest");
    group.sample_size(10);
    for (name, throughput) in [
        ("bytes", Throughput::Bytes(text_bytes(&many))),
        ("articles", Throughput::Elements(many.len() as u64)),
    ] {
        group.throughput(throughput);
        group.bench_function(name, |bencher| {
            bencher.iter_batched(|| many.clone(), ingest, BatchSize::PerIteration);
        });
    }
    group.finish();

    let searcher = ingest(many).searcher().expect("the index can be read");
    let mut group = criterion.benchmark_group("search");
    for (name, query) in [
        ("word", "layoffs"),
        ("two words", "amazon layoffs"),
        ("or", "layoffs OR acquisition OR outage"),
        ("phrase", "\"prime video\""),
        ("prefix", "restructur*"),
        ("company", "company:amazon layoffs"),
        ("nothing but a filter", "about:microsoft"),
    ] {
        let query: dateline::query::Query = query.parse().expect("the queries above are well formed");
        let mut request = SearchRequest::new(query);
        request.limit = 10;
        request.now = Some(NOW);
        group.bench_function(name, |bencher| bencher.iter(|| searcher.search(black_box(&request))));
        request.facets = vec![FacetRequest { field: FacetField::Company, limit: 10 }];
        group.bench_function(format!("{name}, with company facets"), |bencher| {
            bencher.iter(|| searcher.search(black_box(&request)));
        });
    }
    group.finish();
}

criterion_group!(benches, stages);
criterion_main!(benches);
