//! The fields of the index.

use tantivy::IndexSettings;
use tantivy::schema::{
    FAST, Field, IndexRecordOption, NumericOptions, STORED, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::store::{Compressor, ZstdCompressor};
use tantivy::tokenizer::{RawTokenizer, TextAnalyzer, TokenizerManager};

use super::analyzer::{NAME, NameTokenizer, TEXT};
use super::layout::LAYOUT;

/// Handles of all fields, resolved once.
///
/// Dates are whole Unix seconds (`i64`). Every field with a list of names is an indexed whole term and a column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields {
    /// Article id as it is; also a column, which orders equal hits.
    pub(crate) id: Field,
    /// File as it is.
    pub(crate) path: Field,
    /// Address as it is.
    pub(crate) url: Field,
    /// Headline; both views (see [`analyzer`](super::analyzer)).
    pub(crate) title: Field,
    /// Whole body.
    pub(crate) body: Field,
    /// Sentences, paragraphs and capitals of the text fields: see [`layout`](super::layout).
    pub(crate) layout: Field,
    /// `amazon` and `amazon/aws` for every company and division in a role that counts.
    pub(crate) company: Field,
    /// `amazon`, `amazon/aws` with a salience at or over the threshold.
    pub(crate) about: Field,
    /// `peer`, `google/peer`.
    pub(crate) role: Field,
    /// Topics.
    pub(crate) topic: Field,
    /// Outlet; the term is folded, the column is as written.
    pub(crate) source: Field,
    /// Credited outlets: folded names and gazetteer ids.
    pub(crate) cites: Field,
    /// Writers; terms folded, column as written.
    pub(crate) author: Field,
    /// What the source states as subjects; terms folded, column as written.
    pub(crate) subject: Field,
    /// Language code.
    pub(crate) lang: Field,
    /// Start of the period of publication; missing when undated.
    pub(crate) published: Field,
    /// How exact that is: see [`precision_column`](super::document::precision_column); missing when undated.
    pub(crate) precision: Field,
    /// When the article came into the index.
    pub(crate) added: Field,
    /// Words in the body.
    pub(crate) wc: Field,
    /// Words in the first paragraph of the body: what stands before that is the lead.
    pub(crate) lead_words: Field,
    /// Highest salience of any company that counts.
    pub(crate) salience: Field,
    /// Amounts of money in hundredths, of any currency.
    pub(crate) money: Field,
    /// Percentages in hundredths.
    pub(crate) percent: Field,
    /// Numbers of jobs and of people who have one.
    pub(crate) headcount: Field,
    /// The salience of each value of `company`, in their order, for ranking; 0 where none was given.
    pub(crate) company_salience: Field,
    /// Whether the body has the headline too, for ranking: see [`TitleInBody`](super::document::TitleInBody).
    pub(crate) title_in_body: Field,
    /// Hash of the article, its tags and what made them, to know an unchanged one.
    pub(crate) content_hash: Field,
    /// All but the body, packed: see [`document`](super::document); stored only.
    pub(crate) head: Field,
    /// The body; stored only.
    pub(crate) stored_body: Field,
}

impl Fields {
    /// The schema and its handles.
    pub(crate) fn schema() -> (Schema, Self) {
        let mut schema = Schema::builder();
        let indexed = |tokenizer: &str, option: IndexRecordOption, norms: bool| {
            TextOptions::default().set_indexing_options(
                TextFieldIndexing::default()
                    .set_tokenizer(tokenizer)
                    .set_index_option(option)
                    .set_fieldnorms(norms),
            )
        };
        let text = indexed(TEXT, IndexRecordOption::WithFreqsAndPositions, true);
        let literal = indexed("raw", IndexRecordOption::Basic, false);
        let name = indexed(NAME, IndexRecordOption::Basic, false).set_fast("raw");
        let number = NumericOptions::default().set_fast();
        let fields = Self {
            id: schema.add_text_field("id", literal.clone().set_fast("raw")),
            path: schema.add_text_field("path", literal.clone()),
            url: schema.add_text_field("url", literal.clone()),
            title: schema.add_text_field("title", text.clone()),
            body: schema.add_text_field("body", text),
            layout: schema
                .add_text_field("layout", indexed(LAYOUT, IndexRecordOption::WithFreqsAndPositions, false)),
            company: schema.add_text_field("company", literal.clone().set_fast("raw")),
            about: schema.add_text_field("about", literal.clone().set_fast("raw")),
            role: schema.add_text_field("role", literal.clone()),
            topic: schema.add_text_field("topic", literal.clone().set_fast("raw")),
            source: schema.add_text_field("source", name.clone()),
            cites: schema.add_text_field("cites", indexed(NAME, IndexRecordOption::Basic, false)),
            author: schema.add_text_field("author", name.clone()),
            subject: schema.add_text_field("subject", name),
            lang: schema.add_text_field("lang", literal.set_fast("raw")),
            published: schema.add_i64_field("published", number.clone()),
            precision: schema.add_u64_field("precision", FAST),
            added: schema.add_i64_field("added", number.clone()),
            wc: schema.add_u64_field("wc", number.clone()),
            lead_words: schema.add_u64_field("lead_words", FAST),
            salience: schema.add_u64_field("salience", number.clone()),
            money: schema.add_u64_field("money", number.clone()),
            percent: schema.add_u64_field("percent", number.clone()),
            headcount: schema.add_u64_field("headcount", number),
            company_salience: schema.add_u64_field("company_salience", FAST),
            title_in_body: schema.add_u64_field("title_in_body", FAST),
            content_hash: schema.add_u64_field("content_hash", FAST),
            head: schema.add_bytes_field("head", STORED),
            stored_body: schema.add_text_field("stored_body", STORED),
        };
        (schema.build(), fields)
    }
}

/// How an index is written. The lowest level of zstd takes no longer than lz4 and 30 % less space, and a thread of its own for
/// what is stored would only take turns with those that write postings.
pub(crate) fn settings() -> IndexSettings {
    IndexSettings {
        docstore_compression: Compressor::Zstd(ZstdCompressor { compression_level: Some(1) }),
        docstore_compress_dedicated_thread: false,
        ..IndexSettings::default()
    }
}

/// The analyzers that the schema names, with tantivy's own `raw`. Those of the text fields are never asked: their terms go to
/// [`postings`](super::postings).
pub(crate) fn tokenizers() -> TokenizerManager {
    let manager = TokenizerManager::default();
    manager.register(TEXT, TextAnalyzer::from(RawTokenizer::default()));
    manager.register(LAYOUT, TextAnalyzer::from(RawTokenizer::default()));
    manager.register(NAME, TextAnalyzer::from(NameTokenizer::default()));
    manager
}
