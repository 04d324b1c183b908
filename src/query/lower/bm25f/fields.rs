//! The fields of an article, what a word counts in each, and their lengths.

use std::sync::Arc;

use tantivy::columnar::Column;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::schema::Field;
use tantivy::{DocId, Score, SegmentReader};

use crate::index::document::TitleInBody;
use crate::index::schema::Fields;
use crate::query::Scope;

/// One field and its part in the score.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weighted {
    pub(crate) field: Field,
    pub(crate) name: &'static str,
    pub(super) weight: Score,
    /// How much the length of the field matters, 0 to 1.
    pub(super) b: Score,
    pub(super) role: Part,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Articles with the word here match.
    Finds,
    /// The headline where the body stands beside it: what the body repeats does not count twice.
    Title,
    /// The beginning of the body, as many words as the column of them says.
    Lead,
}

pub(super) fn fields_of(fields: &Fields, scope: Scope) -> Vec<Weighted> {
    let part = |field, name, weight, b, role| Weighted { field, name, weight, b, role };
    match scope {
        Scope::Anywhere => vec![
            part(fields.title, "title", 2.5, 0.9, Part::Title),
            part(fields.body, "body", 1.0, 0.6, Part::Finds),
        ],
        Scope::Title => vec![part(fields.title, "title", 1.0, 0.75, Part::Finds)],
        Scope::Lead => vec![part(fields.body, "lead", 1.0, 0.6, Part::Lead)],
        Scope::Body => vec![part(fields.body, "body", 1.0, 0.6, Part::Finds)],
    }
}

/// Fields together, as a name.
pub(super) fn scope_name(fields: &[Weighted]) -> &'static str {
    match fields {
        [part] => part.name,
        _ => "anywhere",
    }
}

/// The field of a scope; of headline and body the headline as it counts beside the body.
pub(crate) fn first_field(fields: &Fields, scope: Scope) -> Weighted {
    fields_of(fields, scope)[0]
}

impl Weighted {
    /// What occurrences in an article count, before its length; `titles` tells where the body has the headline too.
    pub(crate) fn weight_in(&self, titles: Option<&Column<u64>>, doc: DocId) -> Score {
        match (self.role, titles) {
            (Part::Title, Some(titles)) => title_weight(self.weight, titles.first(doc)),
            _ => self.weight,
        }
    }

    /// Inverse norms by the code of the field's length.
    pub(crate) fn norms(&self, average: Score) -> Arc<[Score; 256]> {
        norm_table(self.b, average)
    }

    /// The column that tells where the part ends; `None` where it is a whole field.
    pub(crate) fn end(&self, reader: &SegmentReader) -> tantivy::Result<Option<Column<u64>>> {
        (self.role == Part::Lead).then(|| reader.fast_fields().u64("lead_words")).transpose()
    }

    /// The lengths that norm what it scores.
    pub(crate) fn lengths(&self, reader: &SegmentReader) -> tantivy::Result<Lengths> {
        Ok(match self.end(reader)? {
            Some(words) => Lengths::Words(words),
            None => Lengths::Codes(reader.get_fieldnorms_reader(self.field)?),
        })
    }

    /// The column that [`weight_in`](Self::weight_in) needs.
    pub(crate) fn titles(parts: &[Self], reader: &SegmentReader) -> tantivy::Result<Option<Column<u64>>> {
        let is_asked = parts.iter().any(|part| part.role == Part::Title);
        is_asked.then(|| reader.fast_fields().u64("title_in_body")).transpose()
    }
}

/// Lengths of a part of the articles.
#[derive(Clone)]
pub(crate) enum Lengths {
    /// Of a field.
    Codes(FieldNormReader),
    /// Of the lead, in words.
    Words(Column<u64>),
}

impl Lengths {
    /// The code of a length, as the tables of norms have it.
    pub(crate) fn code(&self, doc: DocId) -> usize {
        usize::from(match self {
            Self::Codes(codes) => codes.fieldnorm_id(doc),
            Self::Words(words) => {
                let words = words.first(doc).unwrap_or(0);
                FieldNormReader::fieldnorm_to_id(u32::try_from(words).unwrap_or(u32::MAX))
            }
        })
    }
}

/// Leaves those places that lie before the end of a part.
pub(crate) fn keep_before(end: Option<&Column<u64>>, doc: DocId, places: &mut Vec<u32>) {
    if let Some(end) = end {
        let end = end.first(doc).unwrap_or(0);
        places.truncate(places.partition_point(|place| u64::from(*place) < end));
    }
}

/// The weight of the headline, by what the body has of it: with the body's own count a word of the headline weighs the
/// same in all, and nothing extra where there was no headline.
fn title_weight(weight: Score, repeated: Option<u64>) -> Score {
    match repeated.map(TitleInBody::from_column) {
        None => weight,
        Some(TitleInBody::Repeated) => weight - 1.0,
        Some(TitleInBody::Taken) => 0.0,
    }
}

/// `1 / (1 − b + b × length / average)`
pub(super) fn inverse_norm(b: Score, length: u32, average: Score) -> Score {
    1.0 / (1.0 - b + b * length as Score / average)
}

/// Inverse norms by the code of the field's length.
fn norm_table(b: Score, average: Score) -> Arc<[Score; 256]> {
    let mut table = [0.0; 256];
    for (code, norm) in table.iter_mut().enumerate() {
        *norm = inverse_norm(b, FieldNormReader::id_to_fieldnorm(code as u8), average);
    }
    Arc::new(table)
}
