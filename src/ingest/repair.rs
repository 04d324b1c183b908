//! An index built anew: of what can still be read of the old one, and of its sources.
//!
//! First all stored articles that can be read are brought into a new index as they are, with their tags and the time when
//! they came. Then the sources are read over it, as by any run: what is the same is left alone, what was lost comes back, what
//! is no longer in a file that was read goes. So articles whose sources are gone, or that came from a stream, are kept,
//! and one way does for both. In the end the new folder takes the place of the old one.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::indexer::{is_under, seed};
use super::{IndexEvent, IndexOptions, IndexReport, Indexer};
use crate::article::{Article, Tagger, Tags};
use crate::control::Cancel;
use crate::error::{Error, ErrorKind, Result};
use crate::index::check::{Damage, Depth, MOST_IDS, check};
use crate::index::ledger::{FileState, Ledger, file_of};
use crate::index::salvage::{Companies, Lost, Salvage};
use crate::index::swap::Place;
use crate::index::{FORMAT_VERSION, Index};
use crate::source::{self, STREAM, Walk};
use crate::tag::Gazetteer;

/// How an index is built anew. [`Default`] decides by what is at hand.
#[derive(Clone, Debug, Default)]
pub struct RepairOptions {
    /// Where the sources are; empty for the files that the index knows by itself.
    pub paths: Vec<PathBuf>,
    /// What it is built from. `None` reads the sources if they are known, there, and would be read as before, and takes what
    /// is stored otherwise.
    pub from: Option<RepairFrom>,
    /// Text and name of a company list, in place of the one that is kept with the index.
    pub companies: Option<(String, String)>,
    /// Only say what would be done. Nothing is written, and no lock taken.
    pub is_dry_run: bool,
    /// How sources are read.
    pub index: IndexOptions,
}

/// What an index is built from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepairFrom {
    /// The files that it was made of, and for what came from elsewhere what is stored.
    Sources,
    /// What is stored alone, exactly as it is.
    Stored,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepairOutcome {
    /// There was nothing to do.
    Unneeded,
    /// It was only asked what would be done.
    Planned,
    /// The new index has taken the place of the old one.
    Replaced,
    /// The same, of a new index that an earlier call had built before it was broken off.
    Resumed,
}

/// What was done, or would be.
#[derive(Clone, Debug, Serialize)]
pub struct RepairReport {
    /// What became of it.
    pub outcome: RepairOutcome,
    /// Version of the format that the old index has.
    pub format: u32,
    /// Number of its last commit; 0 where that is not known.
    pub commit: u64,
    /// Its files that are not what was written.
    pub damage: Vec<Damage>,
    /// Articles in it; `None` where that is not known.
    pub articles_before: Option<u64>,
    /// What the new one is built from.
    pub from: Option<RepairFrom>,
    /// Stored articles that can be read.
    pub stored: u64,
    /// Source files that are read.
    pub files: u64,
    /// Source files of the index that are not there; their articles are kept from what is stored.
    pub missing_files: u64,
    /// Articles in the new index; 0 where none was built.
    pub articles: u64,
    /// Articles that can't be read and that no source has brought back; at most so many, where the old index does not
    /// tell. Before sources are read: that can't be read.
    pub lost: u64,
    /// Ids of those, as far as they can be told, at most [`MOST_IDS`].
    pub lost_ids: Vec<String>,
    /// The folder of the old index, which is left to the user to delete.
    pub old: Option<PathBuf>,
    /// What else should be known, a sentence each.
    pub notes: Vec<String>,
}

impl RepairReport {
    fn new(outcome: RepairOutcome) -> Self {
        Self {
            outcome,
            format: FORMAT_VERSION,
            commit: 0,
            damage: Vec::new(),
            articles_before: None,
            from: None,
            stored: 0,
            files: 0,
            missing_files: 0,
            articles: 0,
            lost: 0,
            lost_ids: Vec::new(),
            old: None,
            notes: Vec::new(),
        }
    }

    fn with_lost(&mut self, lost: &Lost) {
        self.lost = lost.total();
        self.lost_ids = lost.ids.iter().take(MOST_IDS).cloned().collect();
    }
}

/// Builds the index in a folder anew where it is damaged, or where the options say from what. The old folder is renamed
/// aside and kept; saved queries and the company list go along.
///
/// The writer's lock of the old index is held all the time: it fails with [`ErrorKind::Locked`] where somebody writes to
/// it. Whenever it ends, by an error or not at all, the old index is in its place, or the new one, or the next call puts the new
/// one there. `events` are those of the runs that build it.
///
/// It fails with [`ErrorKind::Damaged`] where nothing can be read, or the company list is lost and none was given; with
/// [`ErrorKind::Format`] where the index has another format; with [`ErrorKind::Io`] where there is no room for a second
/// index; with [`ErrorKind::NotFound`] where there is no index, or no source.
pub fn repair(
    folder: impl AsRef<Path>,
    options: &RepairOptions,
    cancel: &Cancel,
    events: &mut dyn FnMut(IndexEvent),
) -> Result<RepairReport> {
    rebuild(folder.as_ref(), options, false, cancel, events, &mut |_| Ok(()))
}

/// Brings the index in a folder over from an older format, in the way of [`repair`], and with its errors. One of the current
/// format is left alone, one of a newer refused.
pub fn upgrade(
    folder: impl AsRef<Path>,
    options: &RepairOptions,
    cancel: &Cancel,
    events: &mut dyn FnMut(IndexEvent),
) -> Result<RepairReport> {
    rebuild(folder.as_ref(), options, true, cancel, events, &mut |_| Ok(()))
}

/// Does both. `stop` is called after each step of the replacement, so that tests can end there.
pub(super) fn rebuild(
    folder: &Path,
    options: &RepairOptions,
    is_upgrade: bool,
    cancel: &Cancel,
    events: &mut dyn FnMut(IndexEvent),
    stop: &mut dyn FnMut(u32) -> Result<()>,
) -> Result<RepairReport> {
    let place = Place::of(folder)?;
    if place.is_broken_off() {
        return resume(&place, options.is_dry_run);
    }
    // Before the lock, which needs a folder and permission to write.
    match Salvage::format(folder, is_upgrade)? {
        Some(FORMAT_VERSION) if is_upgrade => return Ok(RepairReport::new(RepairOutcome::Unneeded)),
        None if is_upgrade => {
            let message = format!("the list of files of the index in {} is lost", folder.display());
            return Err(Error::new(ErrorKind::Damaged, message)
                .with_hint("dateline repair builds an index of the current format anew"));
        }
        _ => {}
    }
    let lock = if options.is_dry_run { None } else { Some(place.lock()?) };
    let salvage = Salvage::open(folder, is_upgrade, cancel)?;
    let mut report = RepairReport {
        format: salvage.format,
        commit: salvage.commit(),
        damage: salvage.damage.clone(),
        articles_before: salvage.articles,
        stored: salvage.readable(),
        ..RepairReport::new(RepairOutcome::Planned)
    };
    let is_asked_for = is_upgrade || options.from.is_some() || !options.paths.is_empty();
    if salvage.damage.is_empty() && !is_asked_for {
        report.damage = check(folder, Depth::Content, cancel)?.damage;
        if report.damage.is_empty() {
            report.outcome = RepairOutcome::Unneeded;
            return Ok(report);
        }
    }
    let plan = Plan::new(&salvage, options, &mut report.notes)?;
    if salvage.unknown_deletes() > 0 {
        report.notes.push(
            "which articles were deleted or replaced can't be told of all, so that some may be back"
                .to_owned(),
        );
    }
    report.from = Some(plan.from);
    report.missing_files = plan.missing;
    let mut bytes = salvage.bytes;
    if plan.from == RepairFrom::Sources {
        report.files = plan.walk.files.len() as u64;
        bytes = bytes.max(plan.walk.files.iter().map(|file| file.bytes).sum());
    }
    if plan.from == RepairFrom::Stored && report.stored == 0 && report.articles_before != Some(0) {
        let message = format!("no article of the index in {} can be read", folder.display());
        return Err(Error::new(ErrorKind::Damaged, message)
            .with_hint("name the sources that it was made of: dateline repair PATH"));
    }
    place.ask_for(bytes)?;
    report.with_lost(&salvage.lost());
    let Some(lock) = lock else { return Ok(report) };

    place.make()?;
    let built = build(&place, &salvage, &plan, options, cancel, events);
    let (articles, lost) = built.inspect_err(|_| place.give_up())?;
    report.articles = articles;
    report.with_lost(&lost);
    report.old = Some(place.replace(&*lock, stop).inspect_err(|_| place.give_up())?);
    report.outcome = RepairOutcome::Replaced;
    Ok(report)
}

/// Puts an index in its place that was whole when that was broken off.
fn resume(place: &Place, is_dry_run: bool) -> Result<RepairReport> {
    let mut report = RepairReport::new(RepairOutcome::Planned);
    if is_dry_run {
        report.notes.push("an earlier repair has built the new index, which needs only its name".to_owned());
        return Ok(report);
    }
    place.finish()?;
    report.outcome = RepairOutcome::Resumed;
    let found = check(place.folder(), Depth::Lengths, &Cancel::new())?;
    (report.articles, report.commit, report.damage) = (found.articles, found.commit, found.damage);
    Ok(report)
}

/// What is read.
struct Plan {
    from: RepairFrom,
    /// Text and name.
    companies: Option<(String, String)>,
    /// The source files that are there.
    walk: Walk,
    /// How many of those that the index knows are not.
    missing: u64,
}

impl Plan {
    fn new(salvage: &Salvage, options: &RepairOptions, notes: &mut Vec<String>) -> Result<Self> {
        let companies = match (&options.companies, &salvage.companies) {
            (Some(given), _) => Some(given.clone()),
            (None, Companies::Kept { name, text }) => Some((text.clone(), name.clone())),
            (None, Companies::None) => None,
            (None, Companies::Lost { name }) => {
                let message = format!("{name}, the company list of the index, is lost");
                return Err(Error::new(ErrorKind::Damaged, message)
                    .with_hint("name it with --companies FILE; an empty file stands for none"));
            }
        };
        let ledger = salvage.ledger.as_ref();
        if ledger.is_none() {
            notes.push("which files the index was made of is not known any more".to_owned());
        }
        let (walk, missing) = sources(ledger, options)?;
        let is_same = is_read_as_before(salvage, options);
        let is_own = salvage.checkpoint.as_ref().is_none_or(|checkpoint| checkpoint.is_own_tagger);
        let from = match options.from {
            Some(RepairFrom::Stored) if !options.paths.is_empty() => {
                let message = "sources were named that are not to be read";
                return Err(Error::new(ErrorKind::Argument, message)
                    .with_hint("leave the paths out, or choose sources"));
            }
            Some(from) => from,
            None if !options.paths.is_empty() => RepairFrom::Sources,
            None if walk.files.is_empty() => RepairFrom::Stored,
            None if is_own && is_same => RepairFrom::Sources,
            None => {
                notes.push(if is_own {
                    "the sources are left alone: they were read with a --map that was not given, or by another \
                     version; --from sources reads them all the same"
                        .to_owned()
                } else {
                    "the sources are left alone: another tagger than dateline's has given the tags".to_owned()
                });
                RepairFrom::Stored
            }
        };
        if from == RepairFrom::Sources && walk.files.is_empty() {
            let message = "none of the files that the index was made of is there";
            return Err(Error::new(ErrorKind::NotFound, message).with_hint(
                "run it where dateline index was run, or name the sources: dateline repair PATH",
            ));
        }
        if from == RepairFrom::Sources && options.from.is_some() && !is_own {
            notes.push("the tags of another tagger are replaced by dateline's".to_owned());
        }
        Ok(Self { from, companies, walk, missing })
    }
}

/// The source files that are there, and the number of those that are not.
fn sources(ledger: Option<&Ledger>, options: &RepairOptions) -> Result<(Walk, u64)> {
    let known = |path: &str| ledger.and_then(|ledger| ledger.files.get(path));
    let mut walk = if options.paths.is_empty() {
        let paths = ledger.iter().flat_map(|ledger| ledger.files.keys());
        Walk { files: paths.filter_map(|path| source::known(path)).collect(), ..Walk::default() }
    } else {
        source::walk(&options.paths)?
    };
    for file in &mut walk.files {
        file.format = options.index.format.or_else(|| known(&file.path)?.format);
    }
    let there: BTreeSet<&str> = walk.files.iter().map(|file| &*file.path).collect();
    let paths = ledger.iter().flat_map(|ledger| ledger.files.keys());
    let missing = paths.filter(|path| !there.contains(path.as_str())).count() as u64;
    Ok((walk, missing))
}

/// Whether the sources would be read as they were: with the same field map, by a tagger that is known.
fn is_read_as_before(salvage: &Salvage, options: &RepairOptions) -> bool {
    let Some(ledger) = &salvage.ledger else { return false };
    let before = salvage.checkpoint.as_ref().map(|checkpoint| checkpoint.tagger.clone());
    let overlay = match &salvage.companies {
        Companies::Kept { text, .. } => Some(text.as_str()),
        Companies::None | Companies::Lost { .. } => None,
    };
    let now = Gazetteer::fingerprint_under(overlay);
    before.iter().chain([&now]).any(|tagger| seed(tagger, &options.index.map) == ledger.seed)
}

/// Builds the new index; gives the number of its articles and what is not in it.
fn build(
    place: &Place,
    salvage: &Salvage,
    plan: &Plan,
    options: &RepairOptions,
    cancel: &Cancel,
    events: &mut dyn FnMut(IndexEvent),
) -> Result<(u64, Lost)> {
    let mut index = Index::open_or_create(place.unfinished())?;
    if let Some((text, name)) = &plan.companies {
        index = index.with_companies(text, name)?;
    }
    let indexer = match plan.from {
        RepairFrom::Sources => Indexer::new(&index, options.index.clone())?,
        RepairFrom::Stored => Indexer::with_tagger(&index, options.index.clone(), Arc::new(NeverAsked)),
    };
    let checkpoint = salvage.checkpoint.clone().unwrap_or_default();
    let ledger = ledger(salvage, plan);
    let mut refused = Vec::new();
    let mut report: IndexReport =
        indexer.restore(salvage.articles(), ledger, &checkpoint, cancel, &mut |event| match event {
            // It is the id that such an article is named by.
            IndexEvent::Skipped(skipped) => refused.push(skipped.at),
            event => events(event),
        })?;
    if plan.from == RepairFrom::Sources {
        report = indexer.run_over(&options.paths, &plan.walk, None, cancel, events)?;
    }
    let mut lost = salvage.lost();
    lost.ids.append(&mut refused);
    lost.leave_out(&index)?;
    if let Some(before) = salvage.articles {
        // Those without a name may be among what the sources have brought.
        let most = before.saturating_sub(report.docs_total + lost.ids.len() as u64);
        lost.unnamed = lost.unnamed.min(most);
    }
    Ok((report.docs_total, lost))
}

/// In the place of a tagger, which takes a while to be made, where all articles have their tags.
struct NeverAsked;

impl Tagger for NeverAsked {
    fn tag(&self, _: &Article) -> Tags {
        Tags::default()
    }

    fn fingerprint(&self) -> String {
        String::new()
    }
}

/// The ledger of the new index before any source is read.
fn ledger(salvage: &Salvage, plan: &Plan) -> Ledger {
    let mut ledger = salvage.ledger.clone().unwrap_or_default();
    let is_certain = salvage.checkpoint.is_some() && salvage.unknown_deletes() == 0;
    if plan.from == RepairFrom::Sources || !is_certain || salvage.lost().total() > 0 {
        // To be read, now or by the next run.
        for state in ledger.files.values_mut() {
            state.is_complete = false;
        }
    }
    if salvage.ledger.is_none() && !plan.walk.roots.is_empty() {
        // Under the paths given, what is no longer there is gone: for that the run has to know that it was.
        let paths: BTreeSet<String> = salvage.articles().map(|stored| stored.article.path).collect();
        let there: BTreeSet<&str> = plan.walk.files.iter().map(|file| &*file.path).collect();
        for path in paths {
            let is_given = plan.walk.roots.iter().any(|root| is_under(&path, root));
            if path != STREAM && is_given && !file_of(&path).any(|file| there.contains(file)) {
                ledger.files.insert(path, FileState::unread());
            }
        }
    }
    ledger
}
