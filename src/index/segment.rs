//! The stored articles of one segment, read file by file, whatever the other files of the index look like.
//!
//! Postings can be made again from them, so only three files are looked at: the store, what is deleted, and the columns.
//! A file is handed to the engine's readers when it is as it was written. The one exception is the store: of one that is
//! not, those articles are taken whose content has the hash that stands in the column for it.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tantivy::columnar::{Column, ColumnarReader, DynamicColumn, StrColumn};
use tantivy::directory::footer::Footer;
use tantivy::directory::{FileHandle, FileSlice, OwnedBytes};
use tantivy::fastfield::AliveBitSet;
use tantivy::store::StoreReader;
use tantivy::{HasLen, TantivyDocument, TantivyError};

use super::document::{StoredArticle, StoredForm};
use super::storage::manifest::{SHORTEST, SegmentFiles};
use super::storage::medium::{Folder, Medium};
use crate::control::Cancel;
use crate::error::Result;

/// What can be read of a segment.
pub(crate) struct Segment {
    /// Articles in it, deleted ones included; 0 where that is not known.
    docs: u32,
    form: StoredForm,
    store: Option<StoreReader>,
    is_store_right: bool,
    columns: Option<Columns>,
    alive: Alive,
    /// What can be read; `None` stands for all.
    readable: Option<Vec<bool>>,
}

/// Which articles are deleted.
enum Alive {
    All,
    Some(AliveBitSet),
    /// So many are, but which can't be told.
    Unknown(u32),
}

/// The columns that tell an article.
struct Columns {
    ids: StrColumn,
    content: Column<u64>,
    added: Column<i64>,
    docs: u32,
}

impl Segment {
    /// Opens what can be opened. `is_right` tells of a file whether it is as it was written.
    pub(crate) fn open(
        folder: &Path,
        files: &SegmentFiles,
        form: StoredForm,
        is_right: &mut dyn FnMut(&str) -> Result<bool>,
    ) -> Result<Self> {
        let place = Folder::open(folder)?;
        let fast = files.file("fast");
        let columns = if is_right(&fast)? { guarded(|| Columns::open(&place, &fast)) } else { None };
        let alive = match files.deletes() {
            None => Alive::All,
            Some(name) => {
                let set = if is_right(&name)? { guarded(|| read_deletes(&place, &name)) } else { None };
                set.map_or(Alive::Unknown(files.deleted), Alive::Some)
            }
        };
        let name = files.file("store");
        let is_store_right = is_right(&name)?;
        // What only may be right needs something to be compared with.
        let can_compare = form.is_packed && columns.is_some();
        let store = if is_store_right || can_compare {
            guarded(|| open_store(&place, &name, is_store_right))
        } else {
            None
        };
        let mut segment =
            Self { docs: files.docs, form, store, is_store_right, columns, alive, readable: None };
        if segment.docs == 0 {
            segment.docs = match (&segment.columns, &segment.store) {
                (Some(columns), _) => columns.docs,
                (None, Some(store)) => guarded(|| Ok(count(store))).unwrap_or(0),
                (None, None) => 0,
            };
        }
        Ok(segment)
    }

    /// Tries every article, so that from now on only those are given that can be read. Without it a store counts as whole.
    pub(crate) fn probe(&mut self, cancel: &Cancel) -> Result<()> {
        let mut readable = Vec::with_capacity(self.docs as usize);
        for doc in 0..self.docs {
            cancel.check()?;
            readable.push(self.is_alive(doc) && self.try_read(doc).is_some());
        }
        self.readable = Some(readable);
        Ok(())
    }

    /// Whether the store is as it was written.
    pub(crate) fn is_store_right(&self) -> bool {
        self.is_store_right
    }

    /// Whether it is known which articles are deleted; else the number of those that are.
    pub(crate) fn unknown_deletes(&self) -> Option<u32> {
        match self.alive {
            Alive::Unknown(deleted) => Some(deleted),
            Alive::All | Alive::Some(_) => None,
        }
    }

    /// The articles that are not deleted, as far as that is known.
    pub(crate) fn live(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.docs).filter(|doc| self.is_alive(*doc))
    }

    fn is_alive(&self, doc: u32) -> bool {
        match &self.alive {
            Alive::Some(set) => set.is_alive(doc),
            Alive::All | Alive::Unknown(_) => true,
        }
    }

    /// Whether an article can be read, as far as that was tried.
    pub(crate) fn is_readable(&self, doc: u32) -> bool {
        match &self.readable {
            Some(readable) => readable.get(doc as usize).copied().unwrap_or(false),
            None => self.store.is_some(),
        }
    }

    /// Id of an article, from the columns or, without them, from what is stored.
    pub(crate) fn id(&self, doc: u32) -> Option<String> {
        match &self.columns {
            Some(columns) => guarded(|| Ok(columns.id(doc))).flatten(),
            None => self.read(doc).map(|stored| stored.article.id),
        }
    }

    /// An article exactly as it was written.
    pub(crate) fn read(&self, doc: u32) -> Option<StoredArticle> {
        if self.is_readable(doc) { self.try_read(doc) } else { None }
    }

    fn try_read(&self, doc: u32) -> Option<StoredArticle> {
        guarded(|| {
            let Some(store) = &self.store else { return Ok(None) };
            let Ok(bytes) = store.get_document_bytes(doc) else { return Ok(None) };
            if !self.is_store_right && !is_document(&bytes) {
                return Ok(None);
            }
            let Ok(document) = store.get::<TantivyDocument>(doc) else { return Ok(None) };
            let Ok((stored, hash)) = self.form.read(&document) else { return Ok(None) };
            let is_same = match &self.columns {
                Some(columns) if self.form.is_packed => columns.agrees(doc, &stored, hash),
                _ => self.is_store_right,
            };
            Ok(is_same.then_some(stored))
        })
        .flatten()
    }
}

impl Columns {
    fn open(place: &Folder, name: &str) -> io::Result<Self> {
        let columnar = ColumnarReader::open(body(place.map(name)?)?)?;
        let (mut ids, mut content, mut added) = (None, None, None);
        for (name, slot) in [("id", 0), ("content_hash", 1), ("added", 2)] {
            for handle in columnar.read_columns(name)? {
                match (slot, handle.open()?) {
                    (0, DynamicColumn::Str(column)) => ids = Some(column),
                    (1, DynamicColumn::U64(column)) => content = Some(column),
                    (2, DynamicColumn::I64(column)) => added = Some(column),
                    _ => {}
                }
            }
        }
        match (ids, content, added) {
            (Some(ids), Some(content), Some(added)) => {
                Ok(Self { ids, content, added, docs: columnar.num_docs() })
            }
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    fn id(&self, doc: u32) -> Option<String> {
        let mut id = String::new();
        let ord = self.ids.ords().first(doc)?;
        self.ids.ord_to_str(ord, &mut id).ok()?.then_some(id)
    }

    fn agrees(&self, doc: u32, stored: &StoredArticle, hash: u64) -> bool {
        doc < self.docs
            && self.content.first(doc) == Some(hash)
            && self.added.first(doc) == Some(stored.added)
            && self.id(doc).as_deref() == Some(&*stored.article.id)
    }
}

/// The engine's readers take the content of files for granted, and panic where it is wrong.
fn guarded<T>(work: impl FnOnce() -> io::Result<T>) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()?.ok()
}

fn read_deletes(place: &Folder, name: &str) -> io::Result<AliveBitSet> {
    Ok(AliveBitSet::open(body(place.map(name)?)?.read_bytes()?))
}

fn open_store(place: &Folder, name: &str, is_right: bool) -> io::Result<StoreReader> {
    /// Blocks that are kept unpacked; articles are read in their order.
    const KEPT: usize = 2;
    let wary = Arc::new(Wary { inner: place.map(name)?, is_open: AtomicBool::new(false) });
    let body = body(Arc::clone(&wary) as Arc<dyn FileHandle>)?;
    if !is_right && !has_layers(&body)? {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let store = StoreReader::open(body, KEPT)?;
    wary.is_open.store(!is_right, Ordering::Relaxed);
    Ok(store)
}

/// A file of the engine without its footer.
fn body(handle: Arc<dyn FileHandle>) -> io::Result<FileSlice> {
    if (handle.len() as u64) < SHORTEST {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let (footer, body) = Footer::extract_footer(FileSlice::new(handle))?;
    footer.is_compatible().map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
    Ok(body)
}

/// Number of articles in a store: it fails in its own way for numbers beyond.
fn count(store: &StoreReader) -> u32 {
    let has = |doc| !matches!(store.get_document_bytes(doc), Err(TantivyError::InvalidArgument(_)));
    let (mut low, mut high) = (0, 1);
    while high < 1 << 31 && has(high - 1) {
        (low, high) = (high, high * 2);
    }
    while low < high {
        let middle = low + (high - low) / 2;
        (low, high) = if has(middle) { (middle + 1, high) } else { (low, middle) };
    }
    low
}

/// Whether the list of blocks at the end of a store has a number of layers that can be: the engine makes room for any.
fn has_layers(body: &FileSlice) -> io::Result<bool> {
    /// Version of the store, where the list begins, kind of packing, and what is kept free.
    const FOOTER: usize = 28;
    const MOST: u64 = 32;
    let Some(end) = body.len().checked_sub(FOOTER) else { return Ok(false) };
    let footer = body.read_bytes_slice(end..end + 12)?;
    let begin = footer.last_chunk().map_or(u64::MAX, |chunk| u64::from_le_bytes(*chunk));
    let Some(begin) = usize::try_from(begin).ok().filter(|begin| *begin < end) else { return Ok(false) };
    let list = body.read_bytes_slice(begin..end)?;
    Ok(number(&mut &*list).is_some_and(|layers| layers <= MOST))
}

/// Whether what is stored of an article has the form of two texts that lie in it: the engine makes room for any length.
fn is_document(mut bytes: &[u8]) -> bool {
    let bytes = &mut bytes;
    let Some(values @ 0..=8) = number(bytes) else { return false };
    (0..values).all(|_| {
        // Number of the field; text or bytes; length; what it is about.
        let is_text = bytes.split_off(..5).is_some_and(|head| matches!(head[4], 0 | 4));
        let length = number(bytes).and_then(|length| usize::try_from(length).ok());
        is_text && length.is_some_and(|length| bytes.split_off(..length).is_some())
    })
}

/// A number as the engine writes it: seven bits a byte, the lowest first, with a mark on the last.
fn number(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..56).step_by(7) {
        let byte = *bytes.split_off_first()?;
        number |= u64::from(byte & 0x7F) << shift;
        if byte & 0x80 != 0 {
            return Some(number);
        }
    }
    None
}

/// The file of a store whose content may be wrong. A block begins with the number of bytes that it unpacks to, for which
/// the engine makes room without a look: a wrong one could ask for four gigabytes.
struct Wary {
    inner: Arc<dyn FileHandle>,
    /// What is read from now on is blocks.
    is_open: AtomicBool,
}

impl Wary {
    /// Far more than the longest article that is taken.
    const LARGEST: u32 = 256 << 20;
}

impl fmt::Debug for Wary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl HasLen for Wary {
    fn len(&self) -> usize {
        self.inner.len()
    }
}

impl FileHandle for Wary {
    fn read_bytes(&self, range: Range<usize>) -> io::Result<OwnedBytes> {
        if range.start > range.end || range.end > self.inner.len() {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let bytes = self.inner.read_bytes(range)?;
        let begins_with = bytes.first_chunk().map_or(0, |chunk| u32::from_le_bytes(*chunk));
        if self.is_open.load(Ordering::Relaxed) && begins_with > Self::LARGEST {
            return Err(io::ErrorKind::InvalidData.into());
        }
        Ok(bytes)
    }
}

/// Whether the checksum in the footer of a file of the engine is that of the rest. It says nothing of whose file it is. It
/// is read and not mapped, so that a disk that fails gives an error and no signal.
pub(crate) fn has_own_checksum(path: &Path, cancel: &Cancel) -> Result<bool> {
    let read = || -> io::Result<Option<bool>> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        let Some(end) = length.checked_sub(8).filter(|_| length >= SHORTEST) else { return Ok(Some(false)) };
        let mut tail = [0; 4];
        file.seek(SeekFrom::Start(end))?;
        file.read_exact(&mut tail)?;
        let Some(begin) = end.checked_sub(u64::from(u32::from_le_bytes(tail))) else {
            return Ok(Some(false));
        };
        file.seek(SeekFrom::Start(begin))?;
        let mut json = vec![0; (end - begin).min(1 << 16) as usize];
        file.read_exact(&mut json)?;
        let Ok(footer) = serde_json::from_slice::<Footer>(&json) else { return Ok(Some(false)) };
        file.seek(SeekFrom::Start(0))?;
        let (mut crc, mut buffer, mut left) = (flate2::Crc::new(), vec![0; 1 << 20], begin);
        while left > 0 {
            if cancel.is_cancelled() {
                return Ok(None);
            }
            let most = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            file.read_exact(&mut buffer[..most])?;
            crc.update(&buffer[..most]);
            left -= most as u64;
        }
        Ok(Some(crc.sum() == footer.crc))
    };
    match read() {
        Ok(Some(is_right)) => Ok(is_right),
        Ok(None) => cancel.check().map(|()| false),
        Err(_) => Ok(false),
    }
}

#[cfg(test)]
mod tests {
    use super::{is_document, number};

    #[test]
    fn lengths_have_to_lie_in_the_document() {
        // A field of bytes, and one of text.
        let whole = [&[0x82, 7, 0, 0, 0, 4, 0x82, 1, 2, 8, 0, 0, 0, 0, 0x81][..], b"a"].concat();
        assert!(is_document(&whole));
        for end in 0..whole.len() {
            assert!(!is_document(&whole[..end]), "{end}");
        }
        for (at, byte) in [(0, 0x89), (0, 2), (5, 12), (6, 2), (14, 0xFF)] {
            let mut wrong = whole.clone();
            wrong[at] = byte;
            assert!(!is_document(&wrong), "{byte} at {at}");
        }
        assert_eq!(number(&mut &[0x00, 0x81][..]), Some(128));
        assert_eq!(number(&mut &[0; 12][..]), None);
    }
}
