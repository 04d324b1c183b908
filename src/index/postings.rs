//! The postings of headline, body and layout, written as files of the engine.
//!
//! The engine's own writer of postings takes each occurrence of a term through a trait object, two copies of its text and three
//! places in memory. These fields are nearly all of the occurrences, so they go through [`Inverter`] in its place: a plugin of the
//! engine's segments, which takes the engine's files of postings, where the other fields are, and writes them anew with these.
//! Each field is written by the engine's own serializer; what comes out is the same, byte for byte.

mod inverter;
#[cfg(test)]
mod tests;

use std::any::Any;
use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::io::Write;

use tantivy::directory::error::DeleteError;
use tantivy::directory::{CompositeFile, CompositeWrite, Directory, OwnedBytes};
use tantivy::fieldnorm::{FieldNormReaders, FieldNormsSerializer, FieldNormsWriter};
use tantivy::index::{Segment, SegmentComponent};
use tantivy::indexer::doc_id_mapping::DocIdMapping;
use tantivy::postings::FieldSerializer;
use tantivy::schema::document::ErasedDocument;
use tantivy::schema::{Field, IndexRecordOption, Schema};
use tantivy::{DocId, PluginMergeContext, PluginWriter, PluginWriterContext, SegmentPlugin, TantivyError};

use super::document::IndexedArticle;
use super::schema::Fields;
use inverter::Inverter;

/// Gathers and writes the postings of the text fields.
pub(crate) struct TextPostings(pub(crate) Fields);

impl SegmentPlugin for TextPostings {
    /// None of its own.
    fn extensions(&self) -> &[&str] {
        &[]
    }

    fn create_writer(&self, _: &PluginWriterContext<'_>) -> tantivy::Result<Box<dyn PluginWriter>> {
        // Unknown to who writes articles, so that they can't choose words of one hash.
        let seed = RandomState::new().hash_one(0);
        let fields = [self.0.title, self.0.body, self.0.layout];
        Ok(Box::new(TextPostingsWriter { fields: fields.map(|field| (field, Inverter::new(seed))) }))
    }

    /// The engine merges its files.
    fn merge(&self, _: PluginMergeContext<'_>) -> tantivy::Result<()> {
        Ok(())
    }
}

struct TextPostingsWriter {
    /// Headline, body, layout.
    fields: [(Field, Inverter); 3],
}

/// The files of postings, by field.
const POSTINGS: [SegmentComponent; 3] =
    [SegmentComponent::Terms, SegmentComponent::Postings, SegmentComponent::Positions];

impl PluginWriter for TextPostingsWriter {
    fn add_document(&mut self, doc: DocId, document: &dyn ErasedDocument, _: &Schema) -> tantivy::Result<()> {
        let Some(article) = document.as_any().downcast_ref::<IndexedArticle>() else {
            return Err(TantivyError::InternalError("a document came without its terms".to_owned()));
        };
        let [title, body, title_layout, body_layout] = article.terms().parts();
        let [(_, titles), (_, bodies), (_, layouts)] = &mut self.fields;
        titles.add(doc, &[title]);
        bodies.add(doc, &[body]);
        layouts.add(doc, &[title_layout, body_layout]);
        Ok(())
    }

    fn serialize(self: Box<Self>, segment: &Segment, order: Option<&DocIdMapping>) -> tantivy::Result<()> {
        if order.is_some() {
            return Err(TantivyError::InternalError("articles are to be put in another order".to_owned()));
        }
        let schema = segment.schema();
        let others = self.take_engines(segment, &schema)?;
        let mut norms = FieldNormsWriter::for_schema(&schema);
        for (field, inverter) in &self.fields {
            for (doc, length) in (0..).zip(inverter.lengths()) {
                norms.record(doc, *field, *length);
            }
        }
        let file = segment.open_write(SegmentComponent::FieldNorms)?;
        norms.serialize(FieldNormsSerializer::from_write(file)?, None)?;
        let norms = FieldNormReaders::open(segment.open_read(SegmentComponent::FieldNorms)?)?;

        let [terms, postings, positions] = POSTINGS.map(|component| segment.open_write(component));
        let mut files = [terms?, postings?, positions?].map(CompositeWrite::wrap);
        // In the order in which the engine has them.
        let mut own = self.fields.into_iter().peekable();
        for (field, entry) in schema.fields() {
            let Some((_, inverter)) = own.next_if(|(own, _)| *own == field) else {
                for (file, bytes) in files.iter_mut().zip(others.get(&field).into_iter().flatten()) {
                    file.for_field(field).write_all(bytes)?;
                }
                continue;
            };
            let options = entry.field_type().index_record_option().unwrap_or(IndexRecordOption::Basic);
            let [terms, postings, positions] = files.each_mut().map(|file| file.for_field(field));
            let (occurrences, norms) = (inverter.occurrences(), norms.get_field(field)?);
            let mut serializer =
                FieldSerializer::create(options, occurrences, terms, postings, positions, norms)?;
            inverter.write(&mut serializer)?;
            serializer.close()?;
        }
        files.into_iter().try_for_each(CompositeWrite::close)?;
        Ok(())
    }

    fn mem_usage(&self) -> usize {
        self.fields.iter().map(|(_, inverter)| inverter.memory()).sum()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

impl TextPostingsWriter {
    /// What the engine has written of the other fields, in the order of [`POSTINGS`]. Its files are deleted.
    fn take_engines(
        &self,
        segment: &Segment,
        schema: &Schema,
    ) -> tantivy::Result<BTreeMap<Field, Vec<OwnedBytes>>> {
        let mut others: BTreeMap<Field, Vec<OwnedBytes>> = BTreeMap::new();
        for component in POSTINGS {
            let file = CompositeFile::open(&segment.open_read(component.clone())?)?;
            for (field, _) in
                schema.fields().filter(|(field, _)| self.fields.iter().all(|own| own.0 != *field))
            {
                if let Some(slice) = file.open_read(field) {
                    // Read, because a file that is mapped can't be deleted everywhere.
                    others.entry(field).or_default().push(OwnedBytes::new(slice.read_bytes()?.to_vec()));
                }
            }
        }
        let directory = segment.index().directory();
        for component in POSTINGS.into_iter().chain([SegmentComponent::FieldNorms]) {
            match directory.delete(&segment.relative_path(component)) {
                Err(DeleteError::IoError { io_error, .. }) => return Err(TantivyError::IoError(io_error)),
                Err(DeleteError::FileDoesNotExist(_)) | Ok(()) => {}
            }
        }
        Ok(others)
    }
}
