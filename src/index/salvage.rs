//! All that can be read of an index, damaged or of an older format, to build a new one from.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use tantivy::Term;
use tantivy::collector::Count;
use tantivy::query::TermQuery;
use tantivy::schema::IndexRecordOption;
use xxhash_rust::xxh3::xxh3_64;

use super::check::{self, Damage, Depth};
use super::document::{StoredArticle, StoredForm};
use super::ledger::{COMPANIES, Checkpoint, LEDGER, Ledger};
use super::schema::Fields;
use super::segment::{Segment, has_own_checksum};
use super::storage::manifest::{self, Generation, META, SegmentFiles, is_own, segment_of};
use super::{FORMAT_VERSION, Index, from_tantivy, missing};
use crate::control::Cancel;
use crate::error::{Error, ErrorKind, Result};
use crate::source::STREAM;

/// What can be read of an index.
pub(crate) struct Salvage {
    /// Version of its format.
    pub(crate) format: u32,
    /// What the last commit said of itself; `None` where its list of files is lost.
    pub(crate) checkpoint: Option<Checkpoint>,
    /// The files that it was made of; `None` where the ledger is lost.
    pub(crate) ledger: Option<Ledger>,
    pub(crate) companies: Companies,
    /// Files that are not what was written.
    pub(crate) damage: Vec<Damage>,
    /// Articles in it; `None` where its list of files is lost.
    pub(crate) articles: Option<u64>,
    /// Bytes of its files.
    pub(crate) bytes: u64,
    /// Those of which it is not known what is deleted come first, in the order in which they were written.
    segments: Vec<Part>,
    /// Whether articles that no file accounts for are taken for deleted, where that can't be told otherwise.
    leaves_out: bool,
    /// Ids of articles that could not be read after all.
    missed: Mutex<Vec<String>>,
}

/// The company list beside the built-in one.
#[derive(Debug)]
pub(crate) enum Companies {
    /// There was none.
    None,
    Kept {
        name: String,
        text: String,
    },
    /// There was one, which can't be read.
    Lost {
        name: String,
    },
}

struct Part {
    segment: Segment,
    /// Whether an article of it may be deleted, or replaced by one of another segment.
    is_doubtful: bool,
}

/// Articles that can't be read.
#[derive(Debug, Default)]
pub(crate) struct Lost {
    /// Ids of those of which that much is known.
    pub(crate) ids: Vec<String>,
    /// How many others.
    pub(crate) unnamed: u64,
}

/// What tells which files belong to the index.
enum State {
    Listed(Generation),
    Older {
        format: u32,
        files: manifest::Older,
    },
    /// Nothing: it is made of the names in the folder.
    Lost(String),
}

impl Salvage {
    /// The format of an index; `None` where its list of files is lost. It fails where [`open`](Self::open) would for the
    /// format, or because there is none.
    pub(crate) fn format(folder: &Path, is_upgrade: bool) -> Result<Option<u32>> {
        Ok(match state(folder, is_upgrade)? {
            State::Listed(_) => Some(FORMAT_VERSION),
            State::Older { format, .. } => Some(format),
            State::Lost(_) => None,
        })
    }

    /// Reads all but the articles, and compares every byte with its checksum. Nothing is written. `is_upgrade` says which
    /// format is expected: an older one, or the current one.
    pub(crate) fn open(folder: &Path, is_upgrade: bool, cancel: &Cancel) -> Result<Self> {
        let state = state(folder, is_upgrade)?;
        let (_, fields) = Fields::schema();
        let (format, form) = match &state {
            State::Older { format, files } => {
                let form = StoredForm::older(&files.schema).ok_or_else(|| manifest::other_format(*format))?;
                (*format, form)
            }
            State::Listed(_) | State::Lost(_) => (FORMAT_VERSION, StoredForm::of(&fields)),
        };
        let mut damage = match &state {
            State::Listed(generation) => {
                let mut damage = check::damaged(folder, generation, Depth::Content, cancel)?;
                check::name_articles(folder, generation, &mut damage, cancel)?;
                damage
            }
            State::Older { .. } => Vec::new(),
            State::Lost(reason) => vec![check::lost_list(reason)],
        };
        let wrong: BTreeSet<String> = damage.iter().map(|damage| damage.file.clone()).collect();
        let mut is_right = |name: &str| match &state {
            State::Listed(generation) => Ok(generation.files.contains_key(name) && !wrong.contains(name)),
            State::Older { .. } | State::Lost(_) => {
                let is_right = has_own_checksum(&folder.join(name), cancel)?;
                if !is_right {
                    damage.push(check::wrong_content(folder, name));
                }
                Ok(is_right)
            }
        };
        let is_listed = matches!(state, State::Listed(_));
        let mut segments = Vec::new();
        for files in state.segments(folder) {
            let mut segment = Segment::open(folder, &files, form, &mut is_right)?;
            if !(is_listed && segment.is_store_right()) {
                segment.probe(cancel)?;
            }
            let is_doubtful = segment.unknown_deletes().is_some() || matches!(state, State::Lost(_));
            segments.push(Part { segment, is_doubtful });
        }
        segments.sort_by_key(|part| !part.is_doubtful);
        let checkpoint = state.checkpoint().cloned();
        let read = |name: &str| fs::read(folder.join(name)).ok();
        let ledger = match &checkpoint {
            Some(Checkpoint { ledger: None, .. }) => Some(Ledger::default()),
            Some(Checkpoint { ledger: Some(name), .. }) => {
                read(name).filter(|_| !wrong.contains(name)).and_then(|bytes| Ledger::unpack(&bytes).ok())
            }
            None => newest(folder, LEDGER).find_map(|name| Ledger::unpack(&read(&name)?).ok()),
        };
        let companies = companies(folder, checkpoint.as_ref());
        let articles = match &state {
            State::Listed(generation) => Some(generation.articles()),
            State::Older { files, .. } => {
                let live =
                    files.segments.iter().map(|files| u64::from(files.docs.saturating_sub(files.deleted)));
                Some(live.sum())
            }
            State::Lost(_) => None,
        };
        let bytes = names(folder)
            .filter(|name| is_own(name))
            .filter_map(|name| fs::metadata(folder.join(name)).ok())
            .map(|found| found.len())
            .sum();
        let (leaves_out, missed) = (false, Mutex::default());
        let mut salvage = Self {
            format,
            checkpoint,
            ledger,
            companies,
            damage,
            articles,
            bytes,
            segments,
            leaves_out,
            missed,
        };
        salvage.leaves_out = salvage.are_deleted(cancel)?;
        Ok(salvage)
    }

    /// Where it can't be told what is deleted: whether all articles are that no file accounts for and that came from no
    /// stream. They are when there are not more of them than were deleted; else some came from an embedding program.
    fn are_deleted(&self, cancel: &Cancel) -> Result<bool> {
        let deleted = self.unknown_deletes();
        let mut unaccounted = 0;
        if deleted > 0 {
            let segments = self.segments.iter().map(|part| &part.segment);
            for segment in segments.filter(|segment| segment.unknown_deletes().is_some()) {
                for stored in segment.live().filter_map(|doc| segment.read(doc)) {
                    cancel.check()?;
                    unaccounted += u64::from(self.is_unaccounted(&stored));
                }
            }
        }
        Ok((1..=deleted).contains(&unaccounted))
    }

    fn is_unaccounted(&self, stored: &StoredArticle) -> bool {
        let path = &stored.article.path;
        path != STREAM && self.ledger.as_ref().is_some_and(|ledger| !ledger.accounts_for(path))
    }

    /// The articles that can be read, exactly as they were written. Where it is not known which ones were replaced, the one
    /// that came last into the index comes last.
    pub(crate) fn articles(&self) -> impl Iterator<Item = StoredArticle> + Send + '_ {
        let mut latest: HashMap<u64, i64> = HashMap::new();
        let all = self.segments.iter().flat_map(|part| {
            part.segment.live().filter(|doc| part.segment.is_readable(*doc)).map(move |doc| (part, doc))
        });
        all.filter_map(move |(part, doc)| {
            let Some(stored) = part.segment.read(doc) else {
                let mut missed = self.missed.lock().unwrap_or_else(PoisonError::into_inner);
                missed.push(part.segment.id(doc).unwrap_or_default());
                return None;
            };
            if part.is_doubtful {
                let has_unknown = part.segment.unknown_deletes().is_some();
                if has_unknown && self.leaves_out && self.is_unaccounted(&stored) {
                    return None;
                }
                let added = latest.entry(xxh3_64(stored.article.id.as_bytes())).or_insert(stored.added);
                if *added > stored.added {
                    return None;
                }
                *added = stored.added;
            }
            Some(stored)
        })
    }

    /// Number of articles that can be read; replaced ones may be among them.
    pub(crate) fn readable(&self) -> u64 {
        let count = |part: &Part| part.segment.live().filter(|doc| part.segment.is_readable(*doc)).count();
        self.segments.iter().map(|part| count(part) as u64).sum()
    }

    /// The articles that can't be read.
    pub(crate) fn lost(&self) -> Lost {
        let mut lost = Lost::default();
        for Part { segment, .. } in &self.segments {
            for doc in segment.live().filter(|doc| !segment.is_readable(*doc)) {
                match segment.id(doc) {
                    Some(id) => lost.ids.push(id),
                    None => lost.unnamed += 1,
                }
            }
        }
        lost.ids.extend(self.missed.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned());
        lost
    }

    /// How many articles were deleted or replaced that can't be told from the others.
    pub(crate) fn unknown_deletes(&self) -> u64 {
        self.segments.iter().filter_map(|part| part.segment.unknown_deletes()).map(u64::from).sum()
    }

    /// Number of the last commit, as far as it is known.
    pub(crate) fn commit(&self) -> u64 {
        self.checkpoint.as_ref().map_or(0, |checkpoint| checkpoint.seq)
    }
}

impl Lost {
    /// Leaves out what an index has.
    pub(crate) fn leave_out(&mut self, index: &Index) -> Result<()> {
        let fail = |error| from_tantivy(error, index.place());
        let searcher = index.inner.reader().map_err(fail)?.searcher();
        let mut absent = Vec::new();
        for id in BTreeSet::from_iter(std::mem::take(&mut self.ids)) {
            let term = Term::from_field_text(index.fields.id, &id);
            let query = TermQuery::new(term, IndexRecordOption::Basic);
            if searcher.search(&query, &Count).map_err(fail)? == 0 {
                absent.push(id);
            }
        }
        self.ids = absent;
        Ok(())
    }

    pub(crate) fn total(&self) -> u64 {
        self.ids.len() as u64 + self.unnamed
    }
}

/// What tells which files belong to the index in a folder. That it is of another format than expected is an error.
fn state(folder: &Path, is_upgrade: bool) -> Result<State> {
    let path = folder.join(META);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return match missing(folder) {
                error if error.kind() == ErrorKind::Damaged => Ok(State::Lost("it is not there".to_owned())),
                error => Err(error),
            };
        }
        Err(error) => return Err(Error::io(&path, error)),
    };
    let lost = || Ok(State::Lost("its content is not what was written".to_owned()));
    match manifest::format_of(&bytes, folder) {
        Err(_) => lost(),
        Ok(FORMAT_VERSION) => manifest::decode(&bytes, folder).map(State::Listed).or_else(|_| lost()),
        // It can't be told from a version that has changed by damage alone.
        Ok(_) if !is_upgrade && manifest::is_as_written(&bytes) == Some(false) => lost(),
        Ok(format @ 1..FORMAT_VERSION) if is_upgrade => match manifest::decode_older(&bytes, folder) {
            Ok(files) => Ok(State::Older { format, files }),
            Err(_) => lost(),
        },
        Ok(format) => Err(manifest::other_format(format)),
    }
}

impl State {
    fn checkpoint(&self) -> Option<&Checkpoint> {
        match self {
            Self::Listed(generation) => Some(&generation.checkpoint),
            Self::Older { files, .. } => Some(&files.checkpoint),
            Self::Lost(_) => None,
        }
    }

    fn segments(&self, folder: &Path) -> Vec<SegmentFiles> {
        match self {
            Self::Listed(generation) => generation.segments.clone(),
            Self::Older { files, .. } => files.segments.clone(),
            Self::Lost(_) => found(folder),
        }
    }
}

/// The segments that have files in a folder, in the order in which they were written.
fn found(folder: &Path) -> Vec<SegmentFiles> {
    let mut segments: HashMap<String, SegmentFiles> = HashMap::new();
    for name in names(folder) {
        let Some((segment, extension)) = segment_of(&name) else { continue };
        let files = segments.entry(segment.to_owned()).or_insert_with(|| SegmentFiles {
            name: segment.to_owned(),
            docs: 0,
            deleted: 0,
            deletes: None,
        });
        let number =
            name[segment.len() + 1..].strip_suffix(extension).and_then(|rest| rest.strip_suffix('.'));
        if extension == "del" {
            files.deletes = files.deletes.max(number.and_then(|digits| digits.parse().ok()));
        }
    }
    let mut segments: Vec<SegmentFiles> = segments.into_values().collect();
    segments.sort_by_cached_key(|files| (modified(&folder.join(files.file("store"))), files.name.clone()));
    segments
}

fn modified(path: &Path) -> SystemTime {
    fs::metadata(path).and_then(|found| found.modified()).unwrap_or(SystemTime::UNIX_EPOCH)
}

fn names(folder: &Path) -> impl Iterator<Item = String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok())
}

/// Files of a kind, the last that was written first.
fn newest(folder: &Path, kind: &str) -> impl Iterator<Item = String> {
    let mut found: Vec<String> =
        names(folder).filter(|name| is_own(name) && name.starts_with(kind)).collect();
    // Ledgers are numbered, lists are not.
    found.sort_by_cached_key(|name| {
        (if kind == LEDGER { SystemTime::UNIX_EPOCH } else { modified(&folder.join(name)) }, name.clone())
    });
    found.into_iter().rev()
}

/// A company list is called by the hash of its text, so that it tells by itself whether it is what was written.
fn companies(folder: &Path, checkpoint: Option<&Checkpoint>) -> Companies {
    let text = |name: &str| -> Option<String> {
        let path: PathBuf = folder.join(name);
        let text = fs::read_to_string(path).ok()?;
        let digits = name.strip_prefix(COMPANIES)?.strip_suffix(".jsonl")?;
        (u64::from_str_radix(digits, 16).ok()? == xxh3_64(text.as_bytes())).then_some(text)
    };
    let candidates: Vec<String> = match checkpoint {
        Some(checkpoint) => checkpoint.companies.iter().cloned().collect(),
        None => newest(folder, COMPANIES).collect(),
    };
    let whole = candidates.iter().find_map(|name| text(name).map(|text| (name.clone(), text)));
    match (whole, candidates.into_iter().next()) {
        (Some((name, text)), _) => Companies::Kept { name, text },
        (None, Some(name)) => Companies::Lost { name },
        (None, None) => Companies::None,
    }
}
