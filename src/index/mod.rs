//! All that is on disk: fields, analysers, documents, and the ledger of what was read.
//!
//! Responsible for opening and creating an index and for its format. Doesn't read sources (see
//! [`ingest`](crate::ingest)) and doesn't search (see [`search`](crate::search)).

pub(crate) mod analyzer;
pub(crate) mod document;
pub(crate) mod layout;
pub(crate) mod ledger;
pub(crate) mod schema;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use tantivy::directory::MmapDirectory;

pub use document::StoredArticle;

use crate::error::{Error, ErrorKind, Result};
use crate::tag::Gazetteer;
use ledger::{Checkpoint, Ledger};
use schema::Fields;

/// Version of what stands on disk. An index of another version is refused with [`ErrorKind::Format`].
pub const FORMAT_VERSION: u32 = 6;

/// An index of articles: a folder, or memory. Clones share it.
#[derive(Clone)]
pub struct Index {
    pub(crate) inner: tantivy::Index,
    pub(crate) fields: Fields,
    pub(crate) folder: Option<PathBuf>,
    /// Name and text of the company list kept with the index.
    companies: Option<(String, String)>,
    /// Read when first asked for: a search without company names needs none.
    gazetteer: Arc<OnceLock<Arc<Gazetteer>>>,
    /// In memory, what a folder keeps in its ledger file.
    pub(crate) memory_ledger: Arc<Mutex<Ledger>>,
}

impl Index {
    /// Opens the index in a folder. Takes no lock and writes nothing.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self> {
        let folder = folder.as_ref();
        if !folder.join(META).is_file() {
            return Err(missing(folder));
        }
        let inner = tantivy::Index::open_in_dir(folder).map_err(|error| from_tantivy(error, folder))?;
        Self::from_inner(inner, Some(folder))
    }

    /// Opens the index in a folder, or creates it where the folder is missing or holds nothing but a README.
    pub fn open_or_create(folder: impl AsRef<Path>) -> Result<Self> {
        let folder = folder.as_ref();
        if folder.join(META).is_file() {
            return Self::open(folder);
        }
        std::fs::create_dir_all(folder).map_err(|error| Error::io(folder, error))?;
        for entry in std::fs::read_dir(folder).map_err(|error| Error::io(folder, error))? {
            let name = entry.map_err(|error| Error::io(folder, error))?.file_name();
            if !is_harmless(&name.to_string_lossy()) {
                // A lost meta.json would make every segment an orphan that the first commit deletes.
                let message = format!("{} is no index but holds {}", folder.display(), name.display());
                return Err(Error::new(ErrorKind::Damaged, message)
                    .with_hint("choose an empty folder with --index, or remove its contents"));
            }
        }
        let (schema, _) = Fields::schema();
        let directory = MmapDirectory::open(folder).map_err(|error| from_tantivy(error.into(), folder))?;
        let inner = tantivy::Index::builder()
            .schema(schema)
            .settings(schema::settings())
            .tokenizers(schema::tokenizers())
            .open_or_create(directory)
            .map_err(|error| from_tantivy(error, folder))?;
        Self::from_inner(inner, Some(folder))
    }

    /// An empty index that lives as long as it is held.
    pub fn in_memory() -> Self {
        let (schema, fields) = Fields::schema();
        let mut inner = tantivy::Index::create_in_ram(schema);
        inner.set_tokenizers(schema::tokenizers());
        *inner.settings_mut() = schema::settings();
        Self {
            inner,
            fields,
            folder: None,
            companies: None,
            gazetteer: Arc::default(),
            memory_ledger: Arc::default(),
        }
    }

    fn from_inner(mut inner: tantivy::Index, folder: Option<&Path>) -> Result<Self> {
        inner.set_tokenizers(schema::tokenizers());
        let (schema, fields) = Fields::schema();
        let checkpoint = Checkpoint::read(&inner)?;
        if inner.schema() != schema || checkpoint.format != FORMAT_VERSION {
            let found = checkpoint.format;
            let message = format!("the index has format {found}, this version reads {FORMAT_VERSION}");
            return Err(
                Error::new(ErrorKind::Format, message).with_hint("index the sources again into a new folder")
            );
        }
        let companies = match (checkpoint.companies, folder) {
            (Some(name), Some(folder)) => {
                let path = folder.join(&name);
                let text = std::fs::read_to_string(&path).map_err(|error| Error::io(&path, error))?;
                Some((name, text))
            }
            _ => None,
        };
        Ok(Self {
            inner,
            fields,
            folder: folder.map(Path::to_owned),
            companies,
            gazetteer: Arc::default(),
            memory_ledger: Arc::default(),
        })
    }

    /// The same index with a company list beside the built-in one, in the format of the gazetteer. What is indexed from
    /// now on is tagged with it, and it is kept with the index.
    pub fn with_companies(mut self, text: &str, name: &str) -> Result<Self> {
        let gazetteer = Gazetteer::builtin().with_overlay(text, name)?;
        let file = format!("{}{:016x}.jsonl", ledger::COMPANIES, xxhash_rust::xxh3::xxh3_64(text.as_bytes()));
        self.companies = Some((file, text.to_owned()));
        self.gazetteer = Arc::new(OnceLock::from(Arc::new(gazetteer)));
        Ok(self)
    }

    /// Takes over the company list that another run has put beside the index since it was opened; gives whether there
    /// was one.
    #[cfg(feature = "watch")]
    pub(crate) fn renew(&mut self) -> Result<bool> {
        let Some(folder) = &self.folder else { return Ok(false) };
        let checkpoint = Checkpoint::read(&self.inner)?;
        let is_same = checkpoint.companies.as_deref() == self.companies().map(|(name, _)| name);
        // Before the first commit the list is only here.
        if is_same || checkpoint.seq == 0 {
            return Ok(false);
        }
        *self = Self::open(folder)?;
        Ok(true)
    }

    /// The list of companies that the index is tagged with.
    pub fn gazetteer(&self) -> Result<Arc<Gazetteer>> {
        if let Some(gazetteer) = self.gazetteer.get() {
            return Ok(Arc::clone(gazetteer));
        }
        let gazetteer = match &self.companies {
            Some((name, text)) => Arc::new(Gazetteer::builtin().with_overlay(text, name)?),
            None => Gazetteer::builtin(),
        };
        Ok(Arc::clone(self.gazetteer.get_or_init(|| gazetteer)))
    }

    /// The fingerprint of that list. It need not be read for this.
    pub(crate) fn list_fingerprint(&self) -> String {
        match self.gazetteer.get() {
            Some(gazetteer) => gazetteer.fingerprint().to_owned(),
            None => Gazetteer::fingerprint_under(self.companies().map(|(_, text)| text)),
        }
    }

    /// What errors name.
    pub(crate) fn place(&self) -> &Path {
        self.folder.as_deref().unwrap_or(Path::new("the index in memory"))
    }

    /// Name and text of the company list beside the built-in one.
    pub(crate) fn companies(&self) -> Option<(&str, &str)> {
        self.companies.as_ref().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// The folder; `None` in memory.
    pub fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }
}

/// The file that makes a folder an index.
const META: &str = "meta.json";

/// What may lie in a folder that becomes an index.
fn is_harmless(name: &str) -> bool {
    name.starts_with('.') || name.to_ascii_uppercase().starts_with("README")
}

fn missing(folder: &Path) -> Error {
    Error::new(ErrorKind::NotFound, format!("there is no index in {}", folder.display()))
        .with_hint("build one with dateline index FOLDER, or name another with --index")
}

/// An error of tantivy as one of ours; `at` is what it was about.
pub(crate) fn from_tantivy(error: tantivy::TantivyError, at: &Path) -> Error {
    use tantivy::TantivyError as T;
    use tantivy::directory::error::{LockError, OpenReadError};
    let (kind, hint) = match &error {
        T::LockFailure(LockError::LockBusy, _) => (
            ErrorKind::Locked,
            Some("wait until the other indexing run is done, or use another folder with --index"),
        ),
        T::IncompatibleIndex(_)
        | T::OpenReadError(OpenReadError::IncompatibleIndex(_))
        | T::SchemaError(_)
        | T::FieldNotFound(_) => (ErrorKind::Format, Some("index the sources again into a new folder")),
        T::DataCorruption(_) | T::OpenReadError(OpenReadError::FileDoesNotExist(_)) => {
            (ErrorKind::Damaged, Some("index the sources again into a new folder"))
        }
        T::IoError(_)
        | T::OpenReadError(_)
        | T::OpenWriteError(_)
        | T::OpenDirectoryError(_)
        | T::LockFailure(..) => (ErrorKind::Io, None),
        _ => (ErrorKind::Internal, None),
    };
    let message = match kind {
        ErrorKind::Locked => format!("another run is writing to {}", at.display()),
        _ => format!("{}: {error}", at.display()),
    };
    let error = Error::new(kind, message).caused_by(error);
    match hint {
        Some(hint) => error.with_hint(hint),
        None => error,
    }
}
