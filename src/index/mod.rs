//! All that is on disk: fields, analysers, documents, the ledger of what was read, and the files that hold them.
//!
//! Responsible for opening and creating an index and for its format. Doesn't read sources (see
//! [`ingest`](crate::ingest)) and doesn't search (see [`search`](crate::search)).

pub(crate) mod analyzer;
pub mod check;
pub(crate) mod document;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
pub(crate) mod layout;
pub(crate) mod ledger;
pub(crate) mod postings;
pub(crate) mod salvage;
pub(crate) mod schema;
pub(crate) mod segment;
pub mod snapshot;
pub(crate) mod storage;
pub(crate) mod swap;
pub(crate) mod terms;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

pub use document::StoredArticle;

use crate::error::{Error, ErrorKind, Result};
use crate::tag::Gazetteer;
use ledger::{Checkpoint, Ledger};
use postings::TextPostings;
use schema::Fields;
use storage::Storage;
use storage::manifest::{META, damage, is_own};

/// Version of what stands on disk. An index of another version is refused with [`ErrorKind::Format`].
pub const FORMAT_VERSION: u32 = 6;

/// What helps where an index is damaged.
pub(crate) const REPAIR_HINT: &str =
    "dateline check says what it costs; dateline repair builds the index anew";

/// An index of articles: a folder, or memory. Clones share it.
#[derive(Clone)]
pub struct Index {
    pub(crate) inner: tantivy::Index,
    pub(crate) fields: Fields,
    pub(crate) folder: Option<PathBuf>,
    /// Its files; none in memory.
    pub(crate) storage: Option<Storage>,
    /// Name and text of the company list kept with the index.
    companies: Option<(String, String)>,
    /// Read when first asked for: a search without company names needs none.
    gazetteer: Arc<OnceLock<Arc<Gazetteer>>>,
    /// In memory, what a folder keeps in its ledger file.
    pub(crate) memory_ledger: Arc<Mutex<Ledger>>,
}

impl Index {
    /// Opens the index in a folder. Takes no lock, writes nothing and needs no permission to write.
    ///
    /// All files are there with the lengths that they were written with, or it fails with [`ErrorKind::Damaged`]; their
    /// content is compared by [`check`](check::check) alone.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self> {
        let folder = folder.as_ref();
        if !folder.join(META).is_file() {
            return Err(missing(folder));
        }
        Self::open_on(Storage::open(folder)?)
    }

    /// Opens the index in a folder, or creates it where the folder is missing or holds nothing but a README.
    pub fn open_or_create(folder: impl AsRef<Path>) -> Result<Self> {
        let folder = folder.as_ref();
        if folder.join(META).is_file() {
            return Self::open(folder);
        }
        if let Some(error) = swap::broken_off(folder) {
            return Err(error);
        }
        std::fs::create_dir_all(folder).map_err(|error| Error::io(folder, error))?;
        for entry in std::fs::read_dir(folder).map_err(|error| Error::io(folder, error))? {
            let name = entry.map_err(|error| Error::io(folder, error))?.file_name();
            // Another run may have come first.
            if !is_harmless(&name.to_string_lossy()) && !folder.join(META).is_file() {
                // A lost meta.json would make every segment an orphan that the first commit deletes.
                if is_own(&name.to_string_lossy()) {
                    return Err(missing(folder));
                }
                let message = format!("{} is no index but holds {}", folder.display(), name.display());
                return Err(Error::new(ErrorKind::Damaged, message)
                    .with_hint("choose an empty folder with --index, or remove its contents"));
            }
        }
        Self::create_on(Storage::open(folder)?)
    }

    /// Opens the index on a storage.
    pub(crate) fn open_on(storage: Storage) -> Result<Self> {
        // The format, the list of files and their lengths, before the engine sees any of them.
        storage.look()?;
        let inner =
            tantivy::Index::open(storage.clone()).map_err(|error| from_tantivy(error, storage.folder()))?;
        Self::from_inner(inner, storage)
    }

    /// Creates an index on a storage, unless another run has done so in the meantime.
    pub(crate) fn create_on(storage: Storage) -> Result<Self> {
        let lock = storage.lock()?;
        if storage.has_index() {
            drop(lock);
            return Self::open_on(storage);
        }
        let (schema, _) = Fields::schema();
        let inner = tantivy::Index::builder()
            .schema(schema)
            .settings(schema::settings())
            .tokenizers(schema::tokenizers())
            .open_or_create(storage.clone())
            .map_err(|error| from_tantivy(error, storage.folder()))?;
        drop(lock);
        Self::from_inner(inner, storage)
    }

    /// An empty index that lives as long as it is held.
    pub fn in_memory() -> Self {
        let (schema, fields) = Fields::schema();
        let mut inner = tantivy::Index::create_in_ram(schema);
        inner.set_tokenizers(schema::tokenizers());
        inner.register_plugin(Arc::new(TextPostings(fields)));
        *inner.settings_mut() = schema::settings();
        Self {
            inner,
            fields,
            folder: None,
            storage: None,
            companies: None,
            gazetteer: Arc::default(),
            memory_ledger: Arc::default(),
        }
    }

    fn from_inner(mut inner: tantivy::Index, storage: Storage) -> Result<Self> {
        let (schema, fields) = Fields::schema();
        inner.set_tokenizers(schema::tokenizers());
        inner.register_plugin(Arc::new(TextPostings(fields)));
        let checkpoint = Checkpoint::read(&inner)?;
        if inner.schema() != schema || checkpoint.format != FORMAT_VERSION {
            return Err(storage::manifest::other_format(checkpoint.format));
        }
        let companies = match checkpoint.companies {
            Some(name) => {
                let text = String::from_utf8(storage.read(&name)?)
                    .map_err(|error| damage(storage.folder(), &name, "it is no text").caused_by(error))?;
                Some((name, text))
            }
            None => None,
        };
        Ok(Self {
            inner,
            fields,
            folder: Some(storage.folder().to_owned()),
            storage: Some(storage),
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

/// What may lie in a folder that becomes an index.
fn is_harmless(name: &str) -> bool {
    name.starts_with('.') || name.to_ascii_uppercase().starts_with("README")
}

/// Whether a folder holds files of an index.
pub(crate) fn has_own_files(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|mut entries| {
        entries.any(|entry| entry.is_ok_and(|entry| is_own(&entry.file_name().to_string_lossy())))
    })
}

fn missing(folder: &Path) -> Error {
    if let Some(error) = swap::broken_off(folder) {
        return error;
    }
    if has_own_files(folder) {
        return damage(folder, META, "it is not there, but files of an index are");
    }
    Error::new(ErrorKind::NotFound, format!("there is no index in {}", folder.display()))
        .with_hint("build one with dateline index FOLDER, or name another with --index")
}

/// Whether no system call gave an error: what was read made no sense. The engine hands some errors of a system through without
/// their number.
fn is_nonsense(error: &io::Error) -> bool {
    use io::ErrorKind as K;
    error.raw_os_error().is_none()
        && !matches!(
            error.kind(),
            K::StorageFull
                | K::QuotaExceeded
                | K::FileTooLarge
                | K::ReadOnlyFilesystem
                | K::PermissionDenied
                | K::TimedOut
        )
}

/// An error of tantivy as one of ours; `at` is what it was about.
pub(crate) fn from_tantivy(error: tantivy::TantivyError, at: &Path) -> Error {
    use tantivy::TantivyError as T;
    use tantivy::directory::error::{LockError, OpenReadError};
    if let Some(error) = storage::ours_in(&error) {
        return error;
    }
    let (kind, hint) = match &error {
        T::LockFailure(LockError::LockBusy, _) => (
            ErrorKind::Locked,
            Some("wait until the other indexing run is done, or use another folder with --index"),
        ),
        T::IncompatibleIndex(_)
        | T::OpenReadError(OpenReadError::IncompatibleIndex(_))
        | T::SchemaError(_)
        | T::FieldNotFound(_) => (ErrorKind::Format, Some("dateline repair builds the index anew")),
        T::DataCorruption(_) | T::OpenReadError(OpenReadError::FileDoesNotExist(_)) => {
            (ErrorKind::Damaged, Some(REPAIR_HINT))
        }
        T::IoError(error) | T::OpenReadError(OpenReadError::IoError { io_error: error, .. })
            if is_nonsense(error) =>
        {
            (ErrorKind::Damaged, Some(REPAIR_HINT))
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
