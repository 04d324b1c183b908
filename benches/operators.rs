//! The cost of each operator of the query language beside tantivy's own nearest query, over one and the same index.
//!
//! ```console
//! $ dateline index --index /tmp/big articles.jsonl
//! $ cargo bench --bench operators -- /tmp/big
//! ```
//!
//! Both sides give the ten best articles with their stored fields and the exact number of all, on one thread. They take
//! turns, query by query; the figures are medians over all queries of an operator and all rounds. tantivy's queries go to the
//! body alone, and so do dateline's, with `body:`.

use std::collections::BTreeSet;
use std::ops::Bound;
use std::path::Path;
use std::time::Instant;

use dateline::Index;
use dateline::query::Query;
use dateline::search::{FacetField, SearchRequest, Searcher};
use dateline::text::stem::Stemmer;
use tantivy::aggregation::AggContextParams;
use tantivy::aggregation::AggregationCollector;
use tantivy::aggregation::agg_req::Aggregations;
use tantivy::collector::{Count, TopDocs};
use tantivy::query::{
    BooleanQuery, FuzzyTermQuery, Occur, PhraseQuery, Query as EngineQuery, RangeQuery, RegexQuery, TermQuery,
};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{TantivyDocument, Term};

const WARM: usize = 3;
const ROUNDS: usize = 15;

/// Pairs of words of the news, often and seldom beside each other.
const PAIRS: [(&str, &str); 12] = [
    ("white", "house"),
    ("new", "york"),
    ("chief", "executive"),
    ("interest", "rates"),
    ("supreme", "court"),
    ("climate", "change"),
    ("prime", "minister"),
    ("stock", "market"),
    ("federal", "reserve"),
    ("oil", "prices"),
    ("job", "cuts"),
    ("data", "breach"),
];

/// tantivy's side: the same index, opened by it.
struct Engine {
    searcher: tantivy::Searcher,
    stemmer: Stemmer,
}

impl Engine {
    fn open(folder: &Path) -> tantivy::Result<Self> {
        let index = tantivy::Index::open_in_dir(folder)?;
        Ok(Self { searcher: index.reader()?.searcher(), stemmer: Stemmer::english() })
    }

    fn field(&self, name: &str) -> Field {
        self.searcher.schema().get_field(name).expect("the index has the field")
    }

    /// A plain word: any of its forms. The index has no stems, and finding the forms in its dictionary is not counted.
    fn plain(&self, word: &str) -> Box<dyn EngineQuery> {
        let (field, stem) = (self.field("body"), self.stemmer.stem(word));
        let start = &word.as_bytes()[..3.min(word.len())];
        let mut forms = BTreeSet::new();
        for reader in self.searcher.segment_readers() {
            let index = reader.inverted_index(field).expect("the field is indexed");
            let mut terms =
                index.terms().range().ge(start).into_stream().expect("the dictionary can be read");
            while terms.advance() && terms.key().starts_with(start) {
                let form = String::from_utf8_lossy(terms.key());
                if form.bytes().all(|byte| byte.is_ascii_lowercase()) && self.stemmer.stem(&form) == stem {
                    forms.insert(Term::from_field_text(field, &form));
                }
            }
        }
        boxed(BooleanQuery::new_multiterms_query(forms.into_iter().collect()))
    }

    fn exact(&self, word: &str) -> Term {
        Term::from_field_text(self.field("body"), word)
    }

    fn both(&self, occur: Occur, words: [&str; 2]) -> Box<dyn EngineQuery> {
        let parts = words.map(|word| (occur, self.plain(word)));
        boxed(BooleanQuery::new(parts.into()))
    }

    /// Milliseconds, and the number of articles.
    fn search(&self, query: &dyn EngineQuery, facets: bool) -> (f64, u64) {
        let began = Instant::now();
        let (top, count) = if facets {
            let request: Aggregations = serde_json::from_str(
                r#"{"company":{"terms":{"field":"company","size":10}},"topic":{"terms":{"field":"topic","size":10}}}"#,
            )
            .expect("the aggregation is well formed");
            let terms = AggregationCollector::from_aggs(request, AggContextParams::default());
            let collectors = (TopDocs::with_limit(10).order_by_score(), Count, terms);
            let (top, count, _) =
                self.searcher.search(query, &collectors).expect("the index can be searched");
            (top, count)
        } else {
            let collectors = (TopDocs::with_limit(10).order_by_score(), Count);
            self.searcher.search(query, &collectors).expect("the index can be searched")
        };
        for (_, address) in top {
            let _: TantivyDocument = self.searcher.doc(address).expect("the index can be read");
        }
        (began.elapsed().as_secs_f64() * 1000.0, count as u64)
    }
}

fn boxed(query: impl EngineQuery) -> Box<dyn EngineQuery> {
    Box::new(query)
}

fn term(term: Term) -> TermQuery {
    TermQuery::new(term, IndexRecordOption::WithFreqs)
}

/// Milliseconds, and the number of articles.
fn search(searcher: &Searcher, request: &SearchRequest) -> (f64, u64) {
    let began = Instant::now();
    let results = searcher.search(request).expect("the query can be answered");
    (began.elapsed().as_secs_f64() * 1000.0, results.total.value)
}

/// An operator: its name, what it is compared with, and a query for each pair of words with tantivy's nearest.
type Case = (&'static str, &'static str, Vec<(String, Box<dyn EngineQuery>)>);

/// Makes tantivy's query of two words.
type Build<'b> = &'b dyn Fn(&Engine, &str, &str) -> Box<dyn EngineQuery>;

fn cases(engine: &Engine) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut pairs = |name, nearest, write: &dyn Fn(&str, &str) -> String, build: Build<'_>| {
        let queries = PAIRS.map(|(a, b)| (format!("body:({})", write(a, b)), build(engine, a, b)));
        cases.push((name, nearest, queries.into_iter().collect()));
    };
    let phrase: Build<'_> = &|engine, a, b| boxed(PhraseQuery::new(vec![engine.exact(a), engine.exact(b)]));
    let sloppy: Build<'_> = &|engine, a, b| {
        let terms = vec![(0, engine.exact(a)), (1, engine.exact(b))];
        boxed(PhraseQuery::new_with_offset_and_slop(terms, 3))
    };
    let word: Build<'_> = &|engine, a, _| engine.plain(a);
    let exact: Build<'_> = &|engine, a, _| boxed(term(engine.exact(a)));
    let start = |word: &str| word[..3.min(word.len())].to_owned();
    pairs("word", "its forms", &|a, _| a.to_owned(), word);
    pairs("=word", "term", &|a, _| format!("={a}"), exact);
    pairs("a b", "forms of both", &|a, b| format!("{a} {b}"), &|engine, a, b| {
        engine.both(Occur::Must, [a, b])
    });
    pairs("a OR b", "forms of either", &|a, b| format!("{a} OR {b}"), &|engine, a, b| {
        engine.both(Occur::Should, [a, b])
    });
    pairs("a NOT b", "forms without forms", &|a, b| format!("{a} NOT {b}"), &|engine, a, b| {
        let parts = vec![(Occur::Must, engine.plain(a)), (Occur::MustNot, engine.plain(b))];
        boxed(BooleanQuery::new(parts))
    });
    pairs("\"a b\"", "phrase", &|a, b| format!("\"{a} {b}\""), phrase);
    pairs("\"a b\"~3", "phrase with slop 3", &|a, b| format!("\"{a} {b}\"~3"), sloppy);
    pairs("a PRE/1 b", "phrase", &|a, b| format!("{a} PRE/1 {b}"), phrase);
    pairs("a PRE/10 b", "phrase", &|a, b| format!("{a} PRE/10 {b}"), phrase);
    pairs("a NEAR/1 b", "phrase", &|a, b| format!("{a} NEAR/1 {b}"), phrase);
    pairs("a NEAR/10 b", "phrase", &|a, b| format!("{a} NEAR/10 {b}"), phrase);
    pairs("a SENT b", "phrase", &|a, b| format!("{a} SENT {b}"), phrase);
    pairs("a SAME b", "phrase", &|a, b| format!("{a} SAME {b}"), phrase);
    pairs("ATLEAST/3 a", "its forms", &|a, _| format!("ATLEAST/3 {a}"), word);
    pairs("caps:A", "term", &|a, _| format!("caps:{}", a.to_uppercase()), exact);
    pairs("pre*", "regular expression", &|a, _| format!("{}*", start(a)), &|engine, a, _| {
        boxed(
            RegexQuery::from_pattern(&format!("{}.*", start(a)), engine.field("body"))
                .expect("it is well formed"),
        )
    });
    pairs("wo?d", "regular expression", &|a, _| format!("{}?*", start(a)), &|engine, a, _| {
        let pattern = format!("{}..*", start(a));
        boxed(RegexQuery::from_pattern(&pattern, engine.field("body")).expect("it is well formed"))
    });
    pairs("/w.*d/", "regular expression", &|a, _| format!("/{}[a-m]+/", start(a)), &|engine, a, _| {
        let pattern = format!("{}[a-m]+", start(a));
        boxed(RegexQuery::from_pattern(&pattern, engine.field("body")).expect("it is well formed"))
    });
    pairs("word~1", "fuzzy term", &|_, b| format!("{b}~1"), &|engine, _, b| {
        boxed(FuzzyTermQuery::new(engine.exact(b), 1, true))
    });
    let companies = ["amazon", "apple", "google", "microsoft", "meta", "tesla"];
    let company = companies.map(|id| {
        let term = term(Term::from_field_text(engine.field("company"), id));
        (format!("company:{id}"), boxed(term))
    });
    cases.push(("company:id", "term", company.into_iter().collect()));
    let year = |year: i64| (year - 1970) * 31_556_952;
    let dates = [2015, 2016, 2019, 2020].map(|number| {
        let bound = |at: i64| Term::from_field_i64(engine.field("published"), year(at));
        let range = RangeQuery::new(Bound::Included(bound(number)), Bound::Excluded(bound(number + 1)));
        (format!("date:{number}"), boxed(range))
    });
    cases.push(("date:2020", "range", dates.into_iter().collect()));
    let counts = [100_u64, 1000, 10_000].map(|count| {
        let at_least = Bound::Included(Term::from_field_u64(engine.field("headcount"), count));
        (format!("headcount:>={count}"), boxed(RangeQuery::new(at_least, Bound::Unbounded)))
    });
    cases.push(("headcount:>=n", "range", counts.into_iter().collect()));
    cases
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

#[expect(clippy::print_stdout, reason = "a table is what this program is for")]
fn main() {
    let Some(folder) = std::env::args().skip(1).find(|argument| !argument.starts_with("--")) else {
        println!("operators: give the folder of an index: cargo bench --bench operators -- FOLDER");
        return;
    };
    let searcher =
        Index::open(&folder).and_then(|index| index.searcher()).expect("the folder holds an index");
    let engine = Engine::open(Path::new(&folder)).expect("the folder holds an index");
    let articles = searcher.stats().expect("the index can be read").articles;
    println!("{articles} articles; milliseconds, medians\n");
    println!("| operator | dateline | articles | nearest of tantivy | | articles | ratio |");
    println!("| --- | ---: | ---: | --- | ---: | ---: | ---: |");
    for facets in [false, true] {
        for (name, nearest, queries) in cases(&engine) {
            let (mut ours, mut theirs, mut found) = (Vec::new(), Vec::new(), (0, 0));
            for (text, nearest) in &queries {
                let query: Query = text.parse().expect("the queries are well formed");
                let mut request = SearchRequest { snippet_chars: 0, ..SearchRequest::new(query) };
                request = request.synonyms(false).timeout_ms(None);
                if facets {
                    request = request.facet(FacetField::Company, 10).facet(FacetField::Topic, 10);
                }
                for round in 0..WARM + ROUNDS {
                    let (time, count) = search(&searcher, &request);
                    let (their_time, their_count) = engine.search(&**nearest, facets);
                    if round >= WARM {
                        ours.push(time);
                        theirs.push(their_time);
                    }
                    if round == 0 {
                        found = (found.0 + count, found.1 + their_count);
                    }
                }
            }
            let (ours, theirs) = (median(&mut ours), median(&mut theirs));
            let with = if facets { ", two facets" } else { "" };
            println!(
                "| `{name}`{with} | {ours:.2} | {} | {nearest}{with} | {theirs:.2} | {} | {:.2} |",
                found.0,
                found.1,
                ours / theirs
            );
        }
    }
}
