use tantivy::query::{BooleanQuery, EnableScoring, Occur, Query, TermQuery};
use tantivy::schema::{Schema, TEXT};
use tantivy::{Index, TantivyDocument, Term};

use super::*;

/// Articles with the words whose numbers divide theirs, in one segment.
fn index(docs: u32) -> (Index, Vec<Wanted>) {
    let mut schema = Schema::builder();
    let field = schema.add_text_field("body", TEXT);
    let index = Index::create_in_ram(schema.build());
    let mut writer = index.writer_with_num_threads(1, 20 << 20).unwrap();
    let numbers = [3, 50, 7, 1_001, 4_500];
    for doc in 0..docs {
        let words = numbers.iter().filter(|number| doc % **number == 2);
        let text = words.map(|number| format!("w{number} ")).collect::<String>();
        let mut document = TantivyDocument::new();
        document.add_text(field, text);
        writer.add_document(document).unwrap();
    }
    writer.commit().unwrap();
    let wanted = |number| Wanted { scope: "body", term: format!("w{number}"), fields: vec![field] };
    (index, numbers.map(wanted).to_vec())
}

fn term_of(wanted: &Wanted) -> Term {
    Term::from_field_text(wanted.fields[0], &wanted.term)
}

#[test]
fn it_finds_what_the_engine_finds() {
    let (index, terms) = index(20_000);
    let searcher = index.reader().unwrap().searcher();
    let reader = searcher.segment_reader(0);
    for from in 0..terms.len() {
        for to in from + 1..=terms.len() {
            let terms = terms[from..to].to_vec();
            let parts = terms.iter().map(|term| -> Box<dyn Query> {
                Box::new(TermQuery::new(term_of(term), IndexRecordOption::Basic))
            });
            let engine = BooleanQuery::union(parts.collect())
                .weight(EnableScoring::disabled_from_searcher(&searcher))
                .unwrap();
            let ours = AnyWeight { terms, bounds: None };
            let mut expected = Vec::new();
            let mut scorer = engine.scorer(reader, 1.0).unwrap();
            while scorer.doc() != TERMINATED {
                expected.push(scorer.doc());
                scorer.advance();
            }
            assert_eq!(ours.count(reader).unwrap() as usize, expected.len());
            let mut found = Vec::new();
            ours.for_each_no_score(reader, &mut |docs| found.extend_from_slice(docs)).unwrap();
            assert_eq!(found, expected);
            // One by one, by leaps, and in turns with whole buffers.
            for stride in [1, 2, 63, 700, 5_000] {
                let mut scorer = ours.scorer(reader, 1.0).unwrap();
                let mut buffer = [0; COLLECT_BLOCK_BUFFER_LEN];
                let mut target = 0;
                let mut turn = 0;
                while target < 20_000 {
                    let at = expected.partition_point(|doc| *doc < target);
                    let next = |at: usize| expected.get(at).copied().unwrap_or(TERMINATED);
                    assert_eq!(scorer.seek(target), next(at));
                    assert_eq!(scorer.advance(), next((at + 1).min(expected.len())));
                    turn += 1;
                    if turn % 3 == 0 {
                        let filled = scorer.fill_buffer(&mut buffer);
                        let rest = expected.get(at + 1..).unwrap_or_default();
                        assert_eq!(buffer[..filled], rest[..rest.len().min(64)]);
                    }
                    target = scorer.doc().saturating_add(stride);
                }
            }
        }
    }
}

#[test]
fn it_stands_beside_other_parts() {
    let (index, terms) = index(20_000);
    let searcher = index.reader().unwrap().searcher();
    let reader = searcher.segment_reader(0);
    let scoring = EnableScoring::disabled_from_searcher(&searcher);
    for rare in &terms {
        let filter = || TermQuery::new(term_of(rare), IndexRecordOption::Basic).weight(scoring).unwrap();
        let any: Box<dyn Weight> =
            Box::new(AnyWeight { terms: vec![terms[0].clone(), terms[2].clone()], bounds: None });
        let parts = [term_of(&terms[0]), term_of(&terms[2])];
        let union = BooleanQuery::new_multiterms_query(parts.to_vec());
        let both = |any| {
            let parts = vec![(Occur::Must, any), (Occur::Must, filter())];
            let weight = tantivy::query::BooleanWeight::with_minimum_number_should_match(
                parts,
                0,
                false,
                Box::new(tantivy::query::SumCombiner::default),
            );
            let mut found = Vec::new();
            weight.for_each_no_score(reader, &mut |docs| found.extend_from_slice(docs)).unwrap();
            (found, weight.count(reader).unwrap())
        };
        assert_eq!(both(any), both(union.weight(scoring).unwrap()));
    }
}
