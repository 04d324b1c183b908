use std::collections::BTreeMap;

use tantivy::index::SegmentComponent;
use tantivy::schema::TantivyDocument;
use tantivy::schema::document::Document;
use tantivy::tokenizer::{PreTokenizedString, Token};
use tantivy::{Index as Engine, IndexWriter};

use super::super::document::{IndexedArticle, prepare};
use super::super::schema::{Fields, settings, tokenizers};
use super::super::terms::tests::listed;
use super::TextPostings;
use crate::article::{Article, Tags, TitleSource};

/// Articles of all kinds of words, some of them without a headline or body: more terms than a page has, and more places of a few
/// than a chunk.
fn articles() -> Vec<Article> {
    let mut seed = 7_u64;
    let mut dice = move |sides: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % sides
    };
    let article = |number: usize| {
        // Frequent words, and rare ones of every length up to more than a term may have.
        let mut text = |most: u64| {
            let words = (0..dice(most)).map(|_| match dice(12) {
                0 => format!("{}{}", "Längere".repeat(dice(40) as usize), dice(50_000)),
                1 => format!("sixteen-{:08}", dice(30)).replace('-', ""),
                2 => "Amazon cut eBay’s C++ R&D by $1.5B.".to_owned(),
                3 => "\n\nNew: 日本でAWS".to_owned(),
                _ => {
                    let most = dice(400) + 1;
                    format!("word{}", dice(most))
                }
            });
            words.collect::<Vec<_>>().join(" ")
        };
        Article {
            id: format!("{number:05}"),
            title: text(8),
            body: if number == 1500 { "repeated again and ".repeat(70_000) } else { text(80) },
            lang: ["en", "de", "xx"].get(number % 4).map(|&lang| lang.to_owned()),
            title_source: TitleSource::Headline,
            ..Article::default()
        }
    };
    (0..3_000).map(article).collect()
}

/// The same with the terms as values of their fields, for the engine's own writer.
fn with_terms(fields: &Fields, article: IndexedArticle) -> TantivyDocument {
    let mut parts = Vec::new();
    let texts = [fields.title, fields.body, fields.layout, fields.layout];
    for (field, terms) in texts.into_iter().zip(article.terms().parts()) {
        let token =
            |(text, position): (String, u32)| Token { text, position: position as usize, ..Token::default() };
        parts.push((field, listed(terms).into_iter().map(token).collect::<Vec<_>>()));
    }
    let mut document = article.into_tantivy_document();
    let layout_of_body = parts.pop().unwrap();
    // Both parts of the layout are one value, because the engine puts a gap between two.
    parts[2].1.extend(layout_of_body.1);
    for (field, tokens) in parts {
        document.add_pre_tokenized_text(field, PreTokenizedString { text: String::new(), tokens });
    }
    document
}

/// The files of the only segment, by kind.
fn files<D: Document>(engine: &Engine, documents: impl Iterator<Item = D>) -> BTreeMap<String, Vec<u8>> {
    let mut writer: IndexWriter<D> = engine.writer_with_num_threads(1, 200 << 20).unwrap();
    for document in documents {
        writer.add_document(document).unwrap();
    }
    writer.commit().unwrap();
    let segments = engine.searchable_segments().unwrap();
    assert_eq!(segments.len(), 1);
    let kinds = [
        SegmentComponent::Terms,
        SegmentComponent::Postings,
        SegmentComponent::Positions,
        SegmentComponent::FieldNorms,
        SegmentComponent::FastFields,
        SegmentComponent::Store,
    ];
    kinds
        .into_iter()
        .map(|kind| {
            let bytes = segments[0].open_read(kind.clone()).unwrap().read_bytes().unwrap().to_vec();
            (format!("{kind:?}"), bytes)
        })
        .collect()
}

#[test]
fn the_engine_writes_the_same_files() {
    let (schema, fields) = Fields::schema();
    let engine = || {
        let mut engine = Engine::create_in_ram(schema.clone());
        engine.set_tokenizers(tokenizers());
        *engine.settings_mut() = settings();
        engine
    };
    let documents = || {
        articles().into_iter().map(|article| prepare(&fields, article, &Tags::default(), 0).unwrap().document)
    };
    let expected = files(&engine(), documents().map(|document| with_terms(&fields, document)));
    let mut own = engine();
    own.register_plugin(std::sync::Arc::new(TextPostings(fields)));
    let found = files(&own, documents());
    for (kind, expected) in expected {
        assert!(found[&kind] == expected, "{kind}: {} bytes for {}", found[&kind].len(), expected.len());
        assert!(expected.len() > 1000, "{kind}");
    }
}

#[test]
fn a_document_without_terms_is_no_article() {
    let index = crate::Index::in_memory();
    let mut writer: IndexWriter = index.inner.writer_with_num_threads(1, 20 << 20).unwrap();
    writer.add_document(TantivyDocument::default()).unwrap();
    assert!(writer.commit().unwrap_err().to_string().contains("without its terms"));
}
