//! A medium for tests: a disk in memory that forgets on demand what was not synced, and fails on demand.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tantivy::directory::{FileHandle, OwnedBytes};

use super::manifest::META;
use super::medium::{Held, Medium, Sink};
use crate::error::{Error, ErrorKind, Result};

/// A disk. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    state: Arc<Mutex<State>>,
    is_locked: Arc<AtomicBool>,
}

#[derive(Debug, Default)]
struct State {
    /// Files by number, which is what a name leads to.
    files: Vec<Inode>,
    names: BTreeMap<String, usize>,
    /// The names that would be left after a power cut at the worst.
    durable: BTreeMap<String, usize>,
    /// What was done to names since.
    pending: Vec<Change>,
    /// Whether it says that it has synced the names behind a rename of `meta.json`, and has not.
    lies: bool,
    after_meta: bool,
    fault: Option<Fault>,
    done: BTreeMap<&'static str, u64>,
    /// Bytes that fit.
    room: Option<u64>,
    /// Whether it tells how much room there is.
    tells_room: bool,
}

#[derive(Debug, Default)]
struct Inode {
    bytes: Vec<u8>,
    /// How many of them are durable.
    synced: usize,
}

#[derive(Clone, Debug)]
enum Change {
    Named(String, usize),
    Renamed(String, String, usize),
    Removed(String),
}

/// Something that fails: the given call of a kind, and all later ones of it when it stays broken.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) call: &'static str,
    pub(crate) nth: u64,
    pub(crate) kind: io::ErrorKind,
    pub(crate) stays: bool,
}

/// What a power cut leaves of the changes to names that were not synced.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cut {
    /// None.
    Worst,
    /// The first ones.
    Prefix(usize),
    /// Any of them, and any part of what was not synced of the files.
    Random(u64),
}

impl Model {
    /// A disk that does not keep the names behind a commit: what tantivy's own directory amounts to.
    pub(crate) fn lying() -> Self {
        let model = Self::default();
        model.state().lies = true;
        model
    }

    pub(crate) fn fail(&self, fault: Option<Fault>) {
        let mut state = self.state();
        state.done.clear();
        state.fault = fault;
    }

    /// So many bytes fit; whether it says so when it is asked.
    pub(crate) fn set_room(&self, room: Option<u64>, tells: bool) {
        let mut state = self.state();
        (state.room, state.tells_room) = (room, tells);
    }

    /// Bytes of all files that have names.
    pub(crate) fn used(&self) -> u64 {
        self.state().used()
    }

    /// Changes to names that are not durable.
    pub(crate) fn pending(&self) -> usize {
        self.state().pending.len()
    }

    pub(crate) fn list(&self) -> Vec<String> {
        self.state().names.keys().cloned().collect()
    }

    /// Writes what a power cut leaves into a folder.
    #[expect(clippy::unwrap_used, reason = "a test that can't write has failed")]
    pub(crate) fn cut(&self, cut: Cut, into: &Path) {
        let state = self.state();
        let mut names = state.durable.clone();
        let mut random = match cut {
            Cut::Random(seed) => seed | 1,
            Cut::Worst | Cut::Prefix(_) => 0,
        };
        let mut next = || {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            random
        };
        for (at, change) in state.pending.iter().enumerate() {
            let is_kept = match cut {
                Cut::Worst => false,
                Cut::Prefix(length) => at < length,
                Cut::Random(_) => next() % 2 == 0,
            };
            if !is_kept {
                continue;
            }
            match change {
                Change::Named(name, file) => drop(names.insert(name.clone(), *file)),
                Change::Removed(name) => drop(names.remove(name)),
                Change::Renamed(from, to, file) => {
                    names.remove(from);
                    names.insert(to.clone(), *file);
                }
            }
        }
        for (name, file) in names {
            let Inode { bytes, synced } = &state.files[file];
            let further = match cut {
                Cut::Random(_) => next() as usize % (bytes.len() - synced + 1),
                Cut::Worst | Cut::Prefix(_) => 0,
            };
            fs::write(into.join(name), &bytes[..synced + further]).unwrap();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn call(&self, call: &'static str) -> io::Result<MutexGuard<'_, State>> {
        let mut state = self.state();
        state.count(call)?;
        Ok(state)
    }
}

impl State {
    fn count(&mut self, call: &'static str) -> io::Result<()> {
        let done = self.done.entry(call).or_default();
        *done += 1;
        match &self.fault {
            Some(fault)
                if fault.call == call && (*done == fault.nth || (fault.stays && *done > fault.nth)) =>
            {
                Err(io::Error::new(fault.kind, Error::new(ErrorKind::Io, format!("{call}: {}", fault.kind))))
            }
            _ => Ok(()),
        }
    }

    fn used(&self) -> u64 {
        self.names.values().map(|file| self.files[*file].bytes.len() as u64).sum()
    }

    fn file(&self, name: &str) -> io::Result<usize> {
        self.names.get(name).copied().ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Medium for Model {
    fn map(&self, name: &str) -> io::Result<Arc<dyn FileHandle>> {
        self.read(name).map(|bytes| Arc::new(OwnedBytes::new(bytes)) as Arc<dyn FileHandle>)
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        let state = self.call("read")?;
        Ok(state.files[state.file(name)?].bytes.clone())
    }

    fn length(&self, name: &str) -> io::Result<u64> {
        let state = self.call("length")?;
        Ok(state.files[state.file(name)?].bytes.len() as u64)
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn Sink>> {
        let mut state = self.call("create")?;
        if state.names.contains_key(name) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let file = state.files.len();
        state.files.push(Inode::default());
        state.names.insert(name.to_owned(), file);
        state.pending.push(Change::Named(name.to_owned(), file));
        Ok(Box::new(ModelSink { model: self.clone(), file }))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut state = self.call("rename")?;
        let file = state.file(from)?;
        state.names.remove(from);
        state.names.insert(to.to_owned(), file);
        state.pending.push(Change::Renamed(from.to_owned(), to.to_owned(), file));
        state.after_meta = to == META;
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut state = self.call("remove")?;
        state.file(name)?;
        state.names.remove(name);
        state.pending.push(Change::Removed(name.to_owned()));
        Ok(())
    }

    fn names(&self) -> io::Result<Vec<String>> {
        self.call("names").map(|state| state.names.keys().cloned().collect())
    }

    fn sync_folder(&self) -> io::Result<()> {
        let mut state = self.call("sync_folder")?;
        let is_left_out = state.lies && std::mem::take(&mut state.after_meta);
        if !is_left_out {
            state.durable = state.names.clone();
            state.pending.clear();
        }
        Ok(())
    }

    fn lock_writer(&self) -> Result<Box<dyn Held>> {
        if self.is_locked.swap(true, Ordering::AcqRel) {
            return Err(Error::new(ErrorKind::Locked, "another run is writing"));
        }
        Ok(Box::new(ModelLock(Arc::clone(&self.is_locked))))
    }

    fn lock_readers(&self, _: bool) -> io::Result<Box<dyn Send + Sync>> {
        self.call("lock").map(|_| Box::new(()) as Box<dyn Send + Sync>)
    }

    fn free_bytes(&self) -> Option<u64> {
        let state = self.state();
        state.room.filter(|_| state.tells_room).map(|room| room.saturating_sub(state.used()))
    }
}

struct ModelSink {
    model: Model,
    file: usize,
}

impl Write for ModelSink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.model.call("write")?;
        if state.room.is_some_and(|room| state.used() + bytes.len() as u64 > room) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        state.files[self.file].bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Sink for ModelSink {
    fn sync(&mut self) -> io::Result<()> {
        let mut state = self.model.call("sync")?;
        let file = &mut state.files[self.file];
        file.synced = file.bytes.len();
        Ok(())
    }
}

struct ModelLock(Arc<AtomicBool>);

impl Held for ModelLock {
    fn check(&self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for ModelLock {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

/// The model itself has to be right.
#[test]
fn a_cut_leaves_what_was_synced() {
    let model = Model::default();
    let write = |name: &str, text: &str, is_synced: bool| {
        let mut sink = model.create(name).unwrap();
        sink.write_all(text.as_bytes()).unwrap();
        if is_synced {
            sink.sync().unwrap();
        }
    };
    write("a", "one", true);
    write("b", "two", false);
    model.sync_folder().unwrap();
    write("c", "three", true);
    model.rename("c", "a").unwrap();
    let left = |cut: Cut| {
        let folder = tempfile::tempdir().unwrap();
        model.cut(cut, folder.path());
        let mut left: Vec<(String, String)> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap())
            .map(|entry| {
                (entry.file_name().into_string().unwrap(), fs::read_to_string(entry.path()).unwrap())
            })
            .collect();
        left.sort();
        left.iter().map(|(name, text)| format!("{name}={text}")).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(left(Cut::Worst), "a=one b=");
    assert_eq!(left(Cut::Prefix(1)), "a=one b= c=three");
    assert_eq!(left(Cut::Prefix(2)), "a=three b=");
    assert_eq!(model.map("a").unwrap().len(), 5);
}
