//! The list of companies, their names, tickers and divisions.
//!
//! Responsible for the types of an entry, the list that is compiled into the program, lists and overlays that a user
//! brings, and the answer to "which company is meant by this name" for queries. It does not look at articles: that is
//! [`CompanyTagger`](super::CompanyTagger), which builds its matcher from this list. Nothing here builds the matcher,
//! so a search pays for the companies that it names and for nothing else.

mod overlay;
mod read;
mod resolve;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use crate::error::Result;

pub(super) use overlay::Given;
pub(super) use read::parse_date as read_date;
pub use read::{ListFinding, Severity};
pub(super) use resolve::fold_key;
pub use resolve::{Entity, MAX_CANDIDATES, Resolution};

/// The list compiled into the program.
const BUILTIN: &str = include_str!("gazetteer/companies.jsonl");

/// Its hash. Every search asks whether the index was tagged with this list, and must not read megabytes for that; a test says
/// when the list has changed.
const BUILTIN_HASH: u64 = 0x027a_8585_155d_7d4a;

/// Counts up whenever the rules of the tagger change what it answers for the same list.
const RULES_VERSION: u64 = 9;

/// What sort of company an entry is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum CompanyKind {
    /// Its shares are traded.
    #[default]
    Listed,
    /// Owned by founders, families or funds.
    Private,
    /// Owned by a state.
    State,
    /// A news outlet, agency or research house that facts are credited to.
    Outlet,
    /// No longer a company of its own, but still in the news of its time.
    Defunct,
}

/// What sort of part of a company a division is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum DivisionKind {
    /// A reporting segment or business unit.
    Segment,
    /// A company owned by it.
    #[default]
    Subsidiary,
    /// A name under which it sells.
    Brand,
    /// A product or service.
    Product,
}

/// A name that a company had before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormerName {
    /// The name.
    pub name: String,
    /// The last year, month or day on which it was the name: `2021`, `2021-10` or `2021-10-28`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// One company of the gazetteer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Company {
    /// Unique slug, as in `company:general-motors`.
    pub id: String,
    /// The name readers use.
    pub name: String,
    /// Ids that lead here: what it was called before an overlay renamed it, and what was merged into it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub former_ids: Vec<String>,
    /// Listed, private, state-owned, outlet or defunct.
    pub kind: CompanyKind,
    /// Legal names, current and former.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub legal: Vec<String>,
    /// Names that nobody would take for anything else.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Names that are only believed with other evidence. A name listed here is weak wherever else it stands.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub weak: Vec<String>,
    /// Those of the weak names that most readers of news take for the company: a capital where none is needed is enough.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub familiar: Vec<String>,
    /// `EXCHANGE:SYMBOL`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tickers: Vec<String>,
    /// Sector.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sector: Option<String>,
    /// Industry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub industry: Option<String>,
    /// ISO 3166 alpha-2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Names it had before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub former: Vec<FormerName>,
    /// Full names of well-known heads; evidence, never a tag.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<String>,
    /// What it is called instead of its name ("e-commerce giant"); adds salience, never a tag.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub epithets: Vec<String>,
    /// Web domains.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<String>,
    /// Words which, right before or after a weak name, show that the company is meant.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cues: Vec<String>,
    /// Words which, right before or after a weak name, show that something else is meant.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub veto: Vec<String>,
    /// Segments, subsidiaries, brands and products.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub divisions: Vec<Division>,
}

/// A segment, subsidiary, brand or product of a company.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Division {
    /// Slug, unique within the company.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Ids that it had before an overlay renamed it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub former_ids: Vec<String>,
    /// Segment, subsidiary, brand or product.
    pub kind: DivisionKind,
    /// Names that nobody would take for anything else.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Names that are only believed when the company or a sibling is in the article.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub weak: Vec<String>,
    /// Those of the weak names that most readers of news take for it: the company need not be in the article.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub familiar: Vec<String>,
    /// Since when it belongs to the company: year, month or day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Until when it belonged to the company.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Words which, right before or after a weak name, show that it is meant.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cues: Vec<String>,
    /// Words which, right before or after a weak name, show that something else is meant.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub veto: Vec<String>,
}

/// The companies that the tagger and the queries know, by id.
///
/// ```
/// use dateline::tag::{Gazetteer, Resolution};
///
/// let gazetteer = Gazetteer::builtin();
/// assert_eq!(gazetteer.label("amazon/aws"), Some("AWS"));
/// let Resolution::One(entity) = gazetteer.resolve("$AMZN") else { panic!("not found") };
/// assert_eq!(entity.path, "amazon");
/// ```
#[derive(Debug)]
pub struct Gazetteer {
    /// In order; of the built-in list only once somebody asks for all.
    entries: OnceLock<Vec<Entry>>,
    /// Companies of the built-in list that were asked for by id before.
    alone: RwLock<HashMap<&'static str, &'static Company>>,
    /// Hash of the texts that it was read from.
    texts: u64,
    fingerprint: String,
}

/// A company, or the line of the built-in list that it is decoded from when first asked for.
#[derive(Debug)]
struct Entry {
    id: Cow<'static, str>,
    line: &'static str,
    company: OnceLock<Box<Company>>,
}

impl Entry {
    fn company(&self) -> &Company {
        self.company.get_or_init(|| Box::new(decode(self.line)))
    }

    fn into_company(self) -> Company {
        self.company.into_inner().map_or_else(|| decode(self.line), |company| *company)
    }

    /// The same; what was decoded of a line is decoded again when it is asked for.
    fn again(&self) -> Self {
        let company = if self.line.is_empty() { self.company.clone() } else { OnceLock::new() };
        Self { id: self.id.clone(), line: self.line, company }
    }
}

/// The company of a line of the built-in list.
fn decode(line: &str) -> Company {
    // The same on every run, and a test decodes each of them.
    serde_json::from_str(line).expect("the list compiled into the program is valid")
}

impl From<Company> for Entry {
    fn from(company: Company) -> Self {
        Self { id: Cow::Owned(company.id.clone()), line: "", company: OnceLock::from(Box::new(company)) }
    }
}

impl Gazetteer {
    /// The list compiled into the program. Its companies are decoded one by one when they are asked for, and shared.
    pub fn builtin() -> Arc<Self> {
        static SHARED: OnceLock<Arc<Gazetteer>> = OnceLock::new();
        let list = || Self {
            entries: OnceLock::new(),
            alone: RwLock::default(),
            texts: BUILTIN_HASH,
            fingerprint: fingerprint(BUILTIN_HASH),
        };
        Arc::clone(SHARED.get_or_init(|| Arc::new(list())))
    }

    /// A list of its own, without the one that is compiled in. `name` is the file's name for errors.
    pub fn from_jsonl(text: &str, name: &str) -> Result<Self> {
        let companies = read::read_list(text, name)?;
        Ok(Self::new(companies.into_iter().map(Entry::from).collect(), xxh3_64(text.as_bytes())))
    }

    /// This list with an overlay on it, whose lines are applied in order. A line whose id exists replaces that company;
    /// with `"extend": true` it adds its lists and divisions to it and takes what stands under `"drop"` away, with
    /// `"rename": "new-id"` it gives it another id, with `"merge": "other-id"` it makes it a part of another company, with
    /// `"remove": true` it takes it away. Any other line adds a company. `name` is the file's name for errors.
    pub fn with_overlay(&self, text: &str, name: &str) -> Result<Self> {
        let entries = overlay::read_overlay(self.entries().iter().map(Entry::again).collect(), text, name)?;
        Ok(self.under(entries, text))
    }

    /// The same with all that is wrong with the overlay, and what its lines gave.
    pub(super) fn try_overlay(&self, text: &str) -> (Self, Vec<ListFinding>, Vec<Given>) {
        let applied = overlay::apply(self.entries().iter().map(Entry::again).collect(), text);
        (self.under(applied.entries, text), applied.findings.all, applied.given)
    }

    fn under(&self, entries: Vec<Entry>, text: &str) -> Self {
        Self::new(entries, xxh3_64_with_seed(text.as_bytes(), self.texts))
    }

    fn new(mut entries: Vec<Entry>, hash: u64) -> Self {
        entries.sort_unstable_by(|left, right| left.id.cmp(&right.id));
        Self {
            entries: OnceLock::from(entries),
            alone: RwLock::default(),
            texts: hash,
            fingerprint: fingerprint(hash),
        }
    }

    fn entries(&self) -> &[Entry] {
        self.entries.get_or_init(|| {
            let ends = memchr::memchr_iter(b'\n', BUILTIN.as_bytes());
            let mut start = 0;
            let lines = ends.map(|end| &BUILTIN[std::mem::replace(&mut start, end + 1)..end]);
            let entry = |line| Entry { id: id_of(line).into(), line, company: OnceLock::new() };
            lines.map(entry).collect()
        })
    }

    /// All companies, sorted by id.
    pub fn companies(&self) -> impl ExactSizeIterator<Item = &Company> {
        self.entries().iter().map(Entry::company)
    }

    /// The company at a place in the order of [`companies`](Self::companies).
    pub(super) fn company_at(&self, place: usize) -> Option<&Company> {
        self.entries().get(place).map(Entry::company)
    }

    /// The company with this id.
    pub fn company(&self, id: &str) -> Option<&Company> {
        let Some(entries) = self.entries.get() else { return self.alone(id) };
        let place = entries.binary_search_by(|entry| (*entry.id).cmp(id)).ok()?;
        Some(entries[place].company())
    }

    /// The same while nobody has asked for all: a search names a few dozen of the thousands, and going over the whole list
    /// would be a fifth of the time of a program that asks once.
    fn alone(&self, id: &str) -> Option<&'static Company> {
        let known = self.alone.read().unwrap_or_else(PoisonError::into_inner).get(id).copied();
        known.or_else(|| {
            let line = line_of(id)?;
            let mut alone = self.alone.write().unwrap_or_else(PoisonError::into_inner);
            // The list stays as long as the program, and so do they.
            Some(alone.entry(id_of(line)).or_insert_with(|| Box::leak(Box::new(decode(line)))))
        })
    }

    /// The division at `company/division`.
    pub fn division(&self, path: &str) -> Option<&Division> {
        let (company, division) = path.split_once('/')?;
        self.company(company)?.divisions.iter().find(|candidate| candidate.id == division)
    }

    /// The display name at `company` or `company/division`.
    pub fn label(&self, path: &str) -> Option<&str> {
        if path.contains('/') {
            self.division(path).map(|division| division.name.as_str())
        } else {
            self.company(path).map(|company| company.name.as_str())
        }
    }

    /// A short text that changes with the content of the list and with the rules of the tagger.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The fingerprint of the built-in list with this overlay on it, which need not be read for that.
    pub(crate) fn fingerprint_under(overlay: Option<&str>) -> String {
        fingerprint(overlay.map_or(BUILTIN_HASH, |text| xxh3_64_with_seed(text.as_bytes(), BUILTIN_HASH)))
    }

    /// Which company or division is meant by a name as a user types it: an id, a path (`amazon/aws`), a display name,
    /// an alias, a former or legal name, or a ticker (`$AMZN`, `NASDAQ:AMZN`), without regard to case, accents and
    /// punctuation.
    pub fn resolve(&self, name: &str) -> Resolution {
        resolve::resolve(self, name)
    }

    /// The same; `None` where nothing has the name. Much faster then, because nothing near to it is looked for.
    pub fn resolve_known(&self, name: &str) -> Option<Resolution> {
        resolve::known(self, name)
    }
}

fn fingerprint(texts: u64) -> String {
    format!("{:016x}", texts ^ RULES_VERSION.rotate_left(32))
}

/// The line of the built-in list that has an id: its lines are in the order of their ids.
fn line_of(id: &str) -> Option<&'static str> {
    let bytes = BUILTIN.as_bytes();
    // Both stand where a line begins.
    let (mut from, mut to) = (0, bytes.len());
    while from < to {
        let middle = from.midpoint(to);
        let start = memchr::memrchr(b'\n', &bytes[from..middle]).map_or(from, |end| from + end + 1);
        let end = memchr::memchr(b'\n', &bytes[middle..to]).map_or(to, |end| middle + end);
        let line = &BUILTIN[start..end];
        match id_of(line).cmp(id) {
            Ordering::Less => from = (end + 1).min(to),
            Ordering::Equal => return Some(line),
            Ordering::Greater => to = start,
        }
    }
    None
}

/// The id at the beginning of a line of the built-in list, which is written with it first.
fn id_of(line: &str) -> &str {
    let rest = line.strip_prefix(r#"{"id":""#).unwrap_or_default();
    &rest[..memchr::memchr(b'"', rest.as_bytes()).unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_builtin_list_is_valid_and_known_companies_are_in_it() {
        let gazetteer = Gazetteer::builtin();
        assert_eq!(gazetteer.company("amazon").unwrap().name, "Amazon");
        assert_eq!(gazetteer.label("amazon/aws"), Some("AWS"));
        assert_eq!(gazetteer.label("amazon"), Some("Amazon"));
        assert_eq!(gazetteer.label("amazon/none"), None);
        assert!(gazetteer.division("amazon").is_none());
        assert!(gazetteer.companies().is_sorted_by(|left, right| left.id < right.id));
        let has_others = |company: &Company| !company.former_ids.is_empty();
        assert!(!gazetteer.companies().any(has_others), "an overlay takes this for granted");
        assert!(gazetteer.entries().iter().all(|entry| *entry.id == *entry.company().id));
        let read = Gazetteer::from_jsonl(BUILTIN, "companies.jsonl").unwrap();
        assert!(read.companies().eq(gazetteer.companies()), "checked line by line, it is the same");
        assert_eq!(read.fingerprint(), gazetteer.fingerprint());
        assert_eq!(Gazetteer::fingerprint_under(None), gazetteer.fingerprint());
        let own = r#"{"id":"acme-pumps","name":"Acme Pumps"}"#;
        let under = gazetteer.with_overlay(own, "own").unwrap();
        assert_eq!(Gazetteer::fingerprint_under(Some(own)), under.fingerprint(), "without reading it");
        let changed =
            gazetteer.with_overlay(r#"{"id":"amazon","extend":true,"aliases":["The Zon"]}"#, "own").unwrap();
        let decoded = changed.entries().iter().filter(|entry| entry.company.get().is_some());
        assert_eq!(decoded.map(|entry| &*entry.id).collect::<Vec<_>>(), ["amazon"]);
        assert_eq!(changed.company("alphabet"), gazetteer.company("alphabet"));
    }

    #[test]
    fn the_hash_is_that_of_the_list() {
        let hash = xxh3_64(BUILTIN.as_bytes());
        assert_eq!(hash, BUILTIN_HASH, "companies.jsonl has changed: write {hash:#018x} into BUILTIN_HASH");
    }

    #[test]
    fn a_company_alone_is_that_of_the_list() {
        let gazetteer = Gazetteer::builtin();
        for entry in gazetteer.entries() {
            assert_eq!(line_of(&entry.id), Some(entry.line));
            let behind = format!("{}-", entry.id);
            assert_eq!(line_of(&behind).is_some(), gazetteer.company(&behind).is_some(), "{behind}");
            let before = &entry.id[..entry.id.len() - 1];
            assert_eq!(line_of(before).is_some(), gazetteer.company(before).is_some(), "{before}");
        }
        for none in ["", "-", "~acme", "zzzz", "amazon/aws"] {
            assert_eq!(line_of(none), None, "{none}");
        }
        for id in ["amazon", "general-motors"] {
            assert_eq!(gazetteer.alone(id), gazetteer.company(id));
            assert!(std::ptr::eq(gazetteer.alone(id).unwrap(), gazetteer.alone(id).unwrap()), "decoded once");
        }
    }

    #[test]
    fn the_fingerprint_follows_the_content() {
        let one = r#"{"id":"acme","name":"Acme","kind":"private","weak":["Acme"]}"#;
        let base = Gazetteer::from_jsonl(one, "a").unwrap();
        assert_eq!(base.fingerprint(), Gazetteer::from_jsonl(one, "b").unwrap().fingerprint());
        for changed in [
            r#"{"id":"acme","name":"Acme","kind":"private","aliases":["Acme"]}"#,
            r#"{"id":"acme","name":"Acme","kind":"listed","weak":["Acme"]}"#,
            r#"{"id":"acme","name":"Acme","kind":"private","weak":["Acme"],"veto":["brick"]}"#,
        ] {
            assert_ne!(base.fingerprint(), Gazetteer::from_jsonl(changed, "a").unwrap().fingerprint());
        }
    }
}
