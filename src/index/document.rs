//! An article and its tags as a document of the index, and back.

use std::borrow::Cow;
use std::cell::RefCell;
use std::ops::Range;
use std::sync::Arc;

use memchr::memmem;
use serde::{Deserialize, Serialize};
use tantivy::TantivyDocument;
use tantivy::schema::{Document, Field, Schema, Value};
use xxhash_rust::xxh3::xxh3_64;

use super::REPAIR_HINT;
use super::analyzer::TermWriter;
use super::layout::{self, Side};
use super::schema::Fields;
use super::terms::{ArticleTerms, Terms};
use crate::article::{Article, Precision, Role, Tags, TitleSource};
use crate::error::{Error, ErrorKind, Result};
use crate::tag::ABOUT_THRESHOLD;
use crate::text::amount::{AmountKind, amounts};
use crate::text::token::Words;

/// An article as the index keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredArticle {
    /// The article.
    pub article: Article,
    /// Its tags, with evidence.
    pub tags: Tags,
    /// When it came into the index, as Unix seconds.
    pub added: i64,
}

/// What is stored beside the body: the time it was added, as eight bytes with the lowest first, and these two in the format of
/// postcard. The body is a field of its own, which need not be read and written through it.
type Head<'a> = (Cow<'a, Article>, Cow<'a, Tags>);

/// An article that is ready for the writer.
pub(crate) struct Prepared {
    /// Its id.
    pub(crate) id: String,
    /// Hash of everything that the document is made of but the time it was added.
    pub(crate) content_hash: u64,
    /// The document.
    pub(crate) document: IndexedArticle,
    /// Bytes of text in it, about what it takes in memory.
    pub(crate) bytes: usize,
}

/// An article as the engine's writer takes it. It is moved from queue to queue, so that it is a pointer.
pub(crate) struct IndexedArticle(Box<Parts>);

struct Parts {
    /// All fields but those of its terms.
    document: TantivyDocument,
    terms: ArticleTerms,
    /// Is let go when an indexing thread has taken the article.
    held: Option<Arc<dyn Send + Sync>>,
}

impl IndexedArticle {
    fn new(document: TantivyDocument, terms: ArticleTerms) -> Self {
        Self(Box::new(Parts { document, terms, held: None }))
    }

    /// Holds something until an indexing thread has taken the article.
    pub(crate) fn holding(mut self, held: Arc<dyn Send + Sync>) -> Self {
        self.0.held = Some(held);
        self
    }

    /// The terms of its texts.
    pub(super) fn terms(&self) -> &ArticleTerms {
        &self.0.terms
    }
}

impl Document for IndexedArticle {
    type Value<'a> = <TantivyDocument as Document>::Value<'a>;
    type FieldsValuesIter<'a> = <TantivyDocument as Document>::FieldsValuesIter<'a>;

    fn iter_fields_and_values(&self) -> Self::FieldsValuesIter<'_> {
        self.0.document.iter_fields_and_values()
    }

    fn into_tantivy_document(self) -> TantivyDocument {
        self.0.document
    }
}

/// Where the paragraph stands that `lead:` looks into. Nothing but space is before it.
pub(crate) fn lead_range(body: &str) -> Range<usize> {
    let mut start = 0;
    let ends = memmem::find_iter(body.as_bytes(), "\n\n").chain([body.len()]);
    for end in ends {
        if !body[start..end].trim().is_empty() {
            return start..end;
        }
        start = end + 2;
    }
    0..0
}

/// The paragraph that `lead:` looks into.
pub(crate) fn lead(body: &str) -> &str {
    &body[lead_range(body)]
}

/// How exact a date is as a number of the column: more exact ones are larger.
pub(crate) fn precision_column(precision: Precision) -> u64 {
    match precision {
        Precision::Year => 0,
        Precision::Month => 1,
        Precision::Day => 2,
        Precision::Second => 3,
    }
}

/// How the body has the headline as well. A headline that stands apart has no value in the column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TitleInBody {
    /// The body begins with it.
    Repeated,
    /// It was taken from there, because there was none.
    Taken,
}

impl TitleInBody {
    /// Words that may stand before it: a dateline and an agency.
    const BEFORE: usize = 20;

    /// Looks for it.
    pub(crate) fn of(article: &Article) -> Option<Self> {
        let writer = TermWriter::new(article.lang.as_deref());
        let terms = |text, most| {
            let (mut words, mut terms, mut count) = (Words::new(text), Terms::default(), 0);
            while count < most
                && let Some(word) = words.next()
            {
                writer.write(&word, &mut terms);
                count += 1;
            }
            (terms, count)
        };
        let (title, count) = terms(&article.title, usize::MAX);
        let (opening, _) = terms(&article.body, count + Self::BEFORE);
        Self::among(article.title_source, &title, &opening)
    }

    /// Looks for it among the terms of headline and body.
    fn among(source: TitleSource, title: &Terms, body: &Terms) -> Option<Self> {
        if title.as_bytes().is_empty() {
            return None;
        }
        body.find(title, Self::BEFORE).map(|_| match source {
            TitleSource::Lead => Self::Taken,
            TitleSource::Markup | TitleSource::Headline => Self::Repeated,
        })
    }

    fn column(self) -> u64 {
        match self {
            Self::Repeated => 1,
            Self::Taken => 2,
        }
    }

    /// The way back from the column.
    pub(crate) fn from_column(value: u64) -> Self {
        if value == 1 { Self::Repeated } else { Self::Taken }
    }
}

/// Makes the document. `added` is when it came into the index.
pub(crate) fn prepare(fields: &Fields, mut article: Article, tags: &Tags, added: i64) -> Result<Prepared> {
    // The text is stored, and the rest is small.
    let mut document = TantivyDocument::with_capacity(article.title.len() + article.body.len() + 2048);
    document.add_text(fields.id, &article.id);
    document.add_text(fields.path, &article.path);
    if let Some(url) = &article.url {
        document.add_text(fields.url, url);
    }
    add_tags(fields, tags, &mut document);
    if let Some(source) = &article.source {
        document.add_text(fields.source, source);
    }
    for author in &article.authors {
        document.add_text(fields.author, author);
    }
    for subject in &article.subjects {
        document.add_text(fields.subject, subject);
    }
    for cite in &article.cites {
        document.add_text(fields.cites, &cite.name);
    }
    if let Some(lang) = &article.lang {
        document.add_text(fields.lang, lang);
    }
    if let Some(published) = &article.published {
        document.add_i64(fields.published, published.seconds);
        document.add_u64(fields.precision, precision_column(published.precision));
    }
    document.add_i64(fields.added, added);
    let terms = add_text(fields, &article, &mut document);
    add_amounts(fields, &article, &mut document);

    let body = std::mem::take(&mut article.body);
    let head: Head<'_> = (Cow::Borrowed(&article), Cow::Borrowed(tags));
    let head = postcard::to_extend(&head, added.to_le_bytes().to_vec()).map_err(|error| {
        Error::new(ErrorKind::Internal, "an article can't be written for the index").caused_by(error)
    })?;
    let content_hash = content_hash(&head[ADDED_BYTES..], &body);
    document.add_u64(fields.content_hash, content_hash);
    let bytes = head.len() + 2 * body.len();
    document.add_bytes(fields.head, &head);
    document.add_text(fields.stored_body, &body);
    let document = IndexedArticle::new(document, terms);
    Ok(Prepared { id: article.id, content_hash, document, bytes })
}

/// The hash of an article and its tags as they are stored.
fn content_hash(head: &[u8], body: &str) -> u64 {
    xxh3_64(head) ^ xxh3_64(body.as_bytes()).rotate_left(1)
}

/// Bytes of a stored head before the article.
const ADDED_BYTES: usize = size_of::<i64>();

/// Terms larger than this give their memory back.
const KEPT: usize = 1 << 20;

thread_local! {
    /// Headline, body and their layouts: what a thread keeps from one article to the next.
    static SCRATCH: RefCell<[Terms; 4]> = RefCell::default();
}

/// The terms of headline and body, in one walk over the text; what else depends on words goes into the document.
fn add_text(fields: &Fields, article: &Article, document: &mut TantivyDocument) -> ArticleTerms {
    SCRATCH.with_borrow_mut(|scratch| {
        for terms in scratch.iter_mut() {
            terms.clear(KEPT);
        }
        let [title, body, title_layout, body_layout] = scratch;
        let writer = TermWriter::new(article.lang.as_deref());
        let lead_end = lead_range(&article.body).end;
        let layouts = [&mut *title_layout, &mut *body_layout];
        let lengths = layout::write(&article.title, &article.body, lead_end, layouts, |side, word| {
            writer.write(word, if side == Side::Title { &mut *title } else { &mut *body });
        });
        if let Some(repeated) = TitleInBody::among(article.title_source, title, body) {
            document.add_u64(fields.title_in_body, repeated.column());
        }
        document.add_u64(fields.wc, lengths.words);
        document.add_u64(fields.lead_words, lengths.lead_words);
        ArticleTerms::new([title, body, title_layout, body_layout])
    })
}

fn add_tags(fields: &Fields, tags: &Tags, document: &mut TantivyDocument) {
    let mut highest = None;
    for company in &tags.companies {
        let role = company.role.as_str();
        document.add_text(fields.role, role);
        document.add_text(fields.role, format!("{}/{role}", company.id));
        if company.role == Role::Cited {
            document.add_text(fields.cites, &company.id);
            document.add_text(fields.cites, &company.name);
        }
        if !company.role.counts_as_company() {
            continue;
        }
        document.add_text(fields.company, &company.id);
        document.add_u64(fields.company_salience, u64::from(company.salience));
        if company.salience >= ABOUT_THRESHOLD {
            document.add_text(fields.about, &company.id);
        }
        highest = highest.max(Some(company.salience));
    }
    // A division implies its company, whatever the tagger said.
    let mut implied: Vec<&str> = Vec::new();
    for division in &tags.divisions {
        let company = division.path.split('/').next().unwrap_or(&division.path);
        let is_counted = tags.companies.iter().any(|tag| tag.id == company && tag.role.counts_as_company());
        if !is_counted && !implied.contains(&company) {
            implied.push(company);
            document.add_text(fields.company, company);
            document.add_u64(fields.company_salience, 0);
        }
        document.add_text(fields.company, &division.path);
        document.add_u64(fields.company_salience, u64::from(division.salience));
        if division.salience >= ABOUT_THRESHOLD {
            document.add_text(fields.about, &division.path);
        }
    }
    if let Some(highest) = highest {
        document.add_u64(fields.salience, u64::from(highest));
    }
    for topic in &tags.topics {
        document.add_text(fields.topic, &topic.topic);
    }
}

/// The amounts that the article names, each once.
fn add_amounts(fields: &Fields, article: &Article, document: &mut TantivyDocument) {
    let mut values: Vec<(AmountKind, u64)> = amounts(&article.title)
        .into_iter()
        .chain(amounts(&article.body))
        .map(|amount| (amount.kind, amount.value))
        .collect();
    values.sort_unstable();
    values.dedup();
    for (kind, value) in values {
        let field = match kind {
            AmountKind::Money => fields.money,
            AmountKind::Percent => fields.percent,
            AmountKind::Headcount => fields.headcount,
        };
        document.add_u64(field, value);
    }
}

/// Reads a stored document back.
pub(crate) fn read(fields: &Fields, document: &TantivyDocument) -> Result<StoredArticle> {
    StoredForm::of(fields).read(document).map(|(stored, _)| stored)
}

/// Where and how an article stands in a stored document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StoredForm {
    head: Field,
    body: Field,
    /// Packed, or as JSON, as it was before format 6.
    pub(crate) is_packed: bool,
}

/// What was stored beside the body before format 6.
#[derive(Deserialize)]
struct OlderHead {
    article: Article,
    tags: Tags,
    added: i64,
}

impl StoredForm {
    /// That of the current format.
    pub(crate) fn of(fields: &Fields) -> Self {
        Self { head: fields.head, body: fields.stored_body, is_packed: true }
    }

    /// That of an older format, by its schema; `None` where it has none that is known.
    pub(crate) fn older(schema: &Schema) -> Option<Self> {
        let field = |name| schema.get_field(name).ok();
        Some(Self { head: field("head")?, body: field("stored_body")?, is_packed: false })
    }

    /// Reads a stored document back, with the hash of its content; 0 of an older format.
    pub(crate) fn read(self, document: &TantivyDocument) -> Result<(StoredArticle, u64)> {
        let damaged =
            || Error::new(ErrorKind::Damaged, "a stored article can't be read").with_hint(REPAIR_HINT);
        let body = document.get_first(self.body).and_then(|value| value.as_str()).ok_or_else(damaged)?;
        let head = document.get_first(self.head).ok_or_else(damaged)?;
        let (mut stored, hash) = if self.is_packed {
            let (added, head) =
                head.as_bytes().and_then(|head| head.split_first_chunk()).ok_or_else(damaged)?;
            let (article, tags): Head<'_> =
                postcard::from_bytes(head).map_err(|error| damaged().caused_by(error))?;
            let (article, tags) = (article.into_owned(), tags.into_owned());
            let stored = StoredArticle { article, tags, added: i64::from_le_bytes(*added) };
            (stored, content_hash(head, body))
        } else {
            let OlderHead { article, tags, added } = serde_json::from_str(head.as_str().ok_or_else(damaged)?)
                .map_err(|error| damaged().caused_by(error))?;
            (StoredArticle { article, tags, added }, 0)
        };
        body.clone_into(&mut stored.article.body);
        Ok((stored, hash))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::CompanyTag;

    #[test]
    fn an_article_comes_back_as_it_was() {
        let (_, fields) = Fields::schema();
        let article = Article {
            id: "a".to_owned(),
            title: "Amazon cuts jobs".to_owned(),
            body: "First.\n\nSecond \"quoted\".".to_owned(),
            path: "wire/a.txt".to_owned(),
            ..Article::default()
        };
        let company = CompanyTag {
            id: "amazon".to_owned(),
            name: "Amazon".to_owned(),
            role: Role::Subject,
            salience: 90,
            known: true,
            mentions: Vec::new(),
        };
        let tags = Tags { companies: vec![company], ..Tags::default() };
        let prepared = prepare(&fields, article.clone(), &tags, 7).unwrap();
        let stored = read(&fields, &prepared.document.into_tantivy_document()).unwrap();
        assert_eq!(stored, StoredArticle { article: article.clone(), tags: tags.clone(), added: 7 });

        let hash = |article: &Article, tags: &Tags, added| {
            prepare(&fields, article.clone(), tags, added).unwrap().content_hash
        };
        assert_eq!(hash(&article, &tags, 8), prepared.content_hash, "the time of adding is no content");
        assert_ne!(hash(&article, &Tags::default(), 7), prepared.content_hash);
        let edited = Article { body: "First.".to_owned(), ..article };
        assert_ne!(hash(&edited, &tags, 7), prepared.content_hash);
    }

    #[test]
    fn the_lead_is_the_first_paragraph() {
        assert_eq!(lead("One. Two.\n\nThree."), "One. Two.");
        assert_eq!(lead("\n\nThree."), "Three.");
        assert_eq!(lead(""), "");
    }
}
