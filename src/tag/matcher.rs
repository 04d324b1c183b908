//! The names of the gazetteer as one transducer, and its walk over the words of a text.
//!
//! Responsible for how a name may be written: which words need their capital, `&` for "and", a hyphen for a space, an
//! apostrophe left out. It says where a name stands and what it may stand for; whether it does is decided in
//! [`resolve`](super::resolve).

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use tantivy_fst::raw::{Fst, Output};
use tantivy_fst::{Map, MapBuilder};
use xxhash_rust::xxh3::xxh3_64;

use crate::tag::gazetteer::read_date;
use crate::tag::gazetteer::{Company, CompanyKind, Division, DivisionKind, Gazetteer};
use crate::tag::lexicon::hash;
use crate::tag::view::{CAPITAL_MARK, CAPITALS, END_MARK, LETTERS, LOWER, LOWER_MARK, View, Word};

/// No division: the company itself.
pub(super) const NO_DIVISION: u32 = u32::MAX;
/// Bits of the filter by first words, for some hundred thousand entries.
const START_BITS: usize = 1 << 21;
/// Names with more small or joined words than this are known in fewer spellings.
const MAX_SPELLINGS: usize = 16;

/// A company or division, by its place in the gazetteer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Id {
    /// Place in [`Gazetteer::companies`].
    pub company: u32,
    /// Place in its divisions, or [`NO_DIVISION`].
    pub division: u32,
}

impl Id {
    /// The company itself.
    pub(super) fn company(company: u32) -> Self {
        Self { company, division: NO_DIVISION }
    }

    /// Whether it is a division.
    pub(super) fn is_division(self) -> bool {
        self.division != NO_DIVISION
    }
}

/// In which way a name stands for its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Naming {
    /// Unmistakable.
    Strong,
    /// Believed with other evidence only.
    Weak,
    /// A head of the company: evidence.
    Person,
    /// A paraphrase of it: salience.
    Epithet,
}

/// How the letters of a name have to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spelling {
    /// With a capital, or in capitals.
    Capital,
    /// In capitals only: a short acronym.
    Capitals,
    /// With its own small first letter, or with a capital.
    Own,
}

/// One thing that a pattern may stand for.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// What.
    pub id: Id,
    /// How surely.
    pub naming: Naming,
    /// First day, as `year * 10000 + month * 100 + day`; 0 is always.
    pub since: i32,
    /// Last day; `i32::MAX` is always.
    pub until: i32,
    /// The name was given up on `until`, and the company is still called so after it by some.
    pub former: bool,
    /// Weak, but known to most readers.
    pub familiar: bool,
    spelling: Spelling,
    name: Box<str>,
}

/// A name found in a text, in words of its view.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    /// First word.
    pub first: u32,
    /// One past the last word.
    pub last: u32,
    /// Number of the pattern.
    pub pattern: u32,
}

/// A place in the transducer, with the output on the way to it.
#[derive(Clone, Copy)]
struct Stand {
    address: u32,
    output: u32,
}

/// Takes a hash for what it is.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {}

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// All names, and what they stand for.
pub(super) struct Matcher {
    /// From the folded form of a name to the number of its pattern.
    patterns: Map<Vec<u8>>,
    starts: Starts,
    /// Where the transducer stands behind the first word of a name, by the hash of what was read till there: half of all steps
    /// and the dearest, since its nodes near the root are wide.
    behind_first: HashMap<u64, Stand, BuildHasherDefault<AsItIs>>,
    /// Where the targets of each pattern begin; one more than there are patterns.
    places: Vec<u32>,
    targets: Vec<Target>,
    /// Symbols, folded, with exchange.
    symbols: HashMap<Box<str>, Vec<(Box<str>, u32)>>,
    /// Which companies are outlets.
    outlets: Vec<bool>,
}

impl Matcher {
    /// Builds the transducer of all names.
    pub(super) fn new(gazetteer: &Gazetteer) -> Self {
        let mut patterns = Patterns::default();
        for outlet in gazetteer.companies().filter(|company| company.kind == CompanyKind::Outlet) {
            patterns.outlets.extend(outlet.aliases.iter().chain([&outlet.name]).map(|name| key(name)));
        }
        for (place, company) in gazetteer.companies().enumerate() {
            patterns.add_company(place as u32, company);
        }
        // Paraphrases last: none may hide a name that it begins with.
        for (place, company) in gazetteer.companies().enumerate() {
            for epithet in &company.epithets {
                patterns.add_epithet(place as u32, epithet);
            }
        }
        let mut symbols: HashMap<Box<str>, Vec<(Box<str>, u32)>> = HashMap::new();
        for (place, company) in gazetteer.companies().enumerate() {
            for (exchange, symbol) in company.tickers.iter().filter_map(|ticker| ticker.split_once(':')) {
                let entry = symbols.entry(symbol.to_ascii_lowercase().into()).or_default();
                entry.push((exchange.to_ascii_lowercase().into(), place as u32));
            }
        }
        let outlets = gazetteer.companies().map(|company| company.kind == CompanyKind::Outlet).collect();
        let mut list: Vec<(Vec<u8>, Vec<Target>)> = patterns.targets.into_iter().collect();
        list.sort_unstable_by(|left, right| left.0.cmp(&right.0));
        let mut builder = MapBuilder::memory();
        let mut starts = Starts::default();
        let mut firsts: Vec<Vec<u8>> = Vec::new();
        let mut places = vec![0];
        let mut targets = Vec::new();
        for (number, (pattern, found)) in list.into_iter().enumerate() {
            starts.add(&pattern);
            let end = pattern.iter().position(|byte| *byte == END_MARK);
            let first = end.and_then(|end| pattern.get(..=end)).unwrap_or(&pattern);
            if firsts.last().is_none_or(|last| last != first) {
                firsts.push(first.to_vec());
            }
            builder.insert(&pattern, number as u64).expect("the patterns are sorted and differ");
            targets.extend(found);
            places.push(targets.len() as u32);
        }
        let bytes = builder.into_inner().expect("it is written to memory");
        let patterns = Map::from_bytes(bytes).expect("it was just built");
        let behind_first = firsts
            .iter()
            .filter_map(|first| Some((xxh3_64(first), Stand::behind(patterns.as_fst(), first)?)))
            .collect();
        Self { patterns, starts, behind_first, places, targets, symbols, outlets }
    }

    /// Every name in a text, leftmost and longest, without overlap.
    pub(super) fn find(&self, view: &View<'_>) -> Vec<Found> {
        let mut found = Vec::with_capacity(view.words.len() / 16);
        let mut first = 0;
        while let Some(word) = view.words.get(first) {
            let Some((pattern, end)) = self.name_at(view, word, view.words.get(first + 1)) else {
                first += 1;
                continue;
            };
            let mut last = first + 1;
            while view.words.get(last).is_some_and(|word| (word.fold_end as usize) < end) {
                last += 1;
            }
            found.push(Found { first: first as u32, last: last as u32, pattern });
            first = last;
        }
        found
    }

    /// The longest name that begins with a word, and where in the folded text it ends.
    #[inline]
    fn name_at(&self, view: &View<'_>, word: &Word, next: Option<&Word>) -> Option<(u32, usize)> {
        if !self.starts.has(word, next) {
            return None;
        }
        let start = word.fold as usize;
        let marked = start
            .checked_sub(1)
            .filter(|before| view.folded.get(*before).is_some_and(|mark| self.starts.marks.contains(mark)));
        let end = word.fold_end as usize;
        marked
            .and_then(|before| self.longest(&view.folded, before, end))
            .or_else(|| self.longest(&view.folded, start, end))
    }

    /// The longest name that begins at a place of a folded text with a word that ends at `first_end`, and where it ends.
    fn longest(&self, folded: &[u8], start: usize, first_end: usize) -> Option<(u32, usize)> {
        let names = self.patterns.as_fst();
        let stand = self.behind_first.get(&xxh3_64(folded.get(start..=first_end)?))?;
        let mut node = names.node(stand.address as usize);
        let mut output = Output::new(u64::from(stand.output));
        let mut longest = None;
        let mut rest = folded.iter().enumerate().skip(first_end + 1);
        loop {
            let end = rest.next();
            if node.is_final() {
                let end = end.map_or(folded.len(), |(place, _)| place);
                longest = Some((output.cat(node.final_output()).value() as u32, end));
            }
            let Some(number) = end.and_then(|(_, byte)| node.find_input(*byte)) else { return longest };
            let transition = node.transition(number);
            output = output.cat(transition.out);
            node = names.node(transition.addr);
        }
    }

    /// What a pattern may stand for.
    pub(super) fn targets(&self, pattern: u32) -> &[Target] {
        let place = pattern as usize;
        match (self.places.get(place), self.places.get(place + 1)) {
            (Some(&from), Some(&to)) => self.targets.get(from as usize..to as usize).unwrap_or_default(),
            _ => &[],
        }
    }

    /// Companies and divisions that have a name which needs evidence.
    pub(super) fn weak_ids(&self) -> HashSet<Id> {
        self.targets.iter().filter(|target| target.naming == Naming::Weak).map(|target| target.id).collect()
    }

    /// The company with a symbol; the exchange decides between several where one is given.
    pub(super) fn symbol(&self, symbol: &str, exchange: Option<&str>) -> Option<u32> {
        let known = self.symbols.get(symbol.to_ascii_lowercase().as_str())?;
        let on = exchange.map(str::to_ascii_lowercase);
        match known.as_slice() {
            [(_, company)] => Some(*company),
            several => several
                .iter()
                .find(|(exchange, _)| Some(&**exchange) == on.as_deref())
                .or_else(|| if on.is_none() { several.first() } else { None })
                .map(|(_, company)| *company),
        }
    }

    /// The company or division with exactly this name, outlets first.
    pub(super) fn named(&self, name: &str) -> Option<Id> {
        let view = View::read_name(name);
        // A name with small words in it is known with capitals, too.
        let pattern = self.patterns.get(neutral(&view.folded))?;
        let named = self
            .targets(pattern as u32)
            .iter()
            .filter(|target| matches!(target.naming, Naming::Strong | Naming::Weak));
        let outlet = |id: Id| self.outlets.get(id.company as usize).copied().unwrap_or_default();
        named.map(|target| target.id).min_by_key(|id| (id.is_division(), !outlet(*id), *id))
    }
}

impl Stand {
    /// Behind a beginning of a name.
    fn behind(names: &Fst<Vec<u8>>, beginning: &[u8]) -> Option<Self> {
        let mut node = names.root();
        let mut output = Output::zero();
        for byte in beginning {
            let transition = node.transition(node.find_input(*byte)?);
            output = output.cat(transition.out);
            node = names.node(transition.addr);
        }
        Some(Self { address: node.addr() as u32, output: output.value() as u32 })
    }
}

/// With which words names begin, so that nearly all places where none begins cost one look: a bit for the hash of each first
/// word of a name and one for each of its first two.
struct Starts {
    bits: Vec<u64>,
    /// Marks that stand before the first word of a name: the stop of `.NET`.
    marks: Vec<u8>,
}

impl Default for Starts {
    fn default() -> Self {
        Self { bits: vec![0; START_BITS / 64], marks: Vec::new() }
    }
}

/// Of a name of one word, in place of the second.
const ALONE: u32 = 0;

impl Starts {
    fn add(&mut self, pattern: &[u8]) {
        let is_mark = |byte: &u8| matches!(*byte, CAPITAL_MARK | LOWER_MARK);
        let Some(mark) = pattern.iter().position(is_mark) else { return };
        if let Some(&before) = mark.checked_sub(1).and_then(|before| pattern.get(before))
            && !self.marks.contains(&before)
        {
            self.marks.push(before);
        }
        let mut words = pattern[mark..].split(|byte| *byte == END_MARK).filter_map(|part| {
            let mark = part.iter().position(is_mark)?;
            Some(hash(&part[mark + 1..]))
        });
        let first = words.next().unwrap_or(ALONE);
        let second = words.next().unwrap_or(ALONE);
        self.set(start_bit(first, pattern[mark] == LOWER_MARK));
        self.set(pair_bit(first, second));
    }

    fn set(&mut self, bit: usize) {
        self.bits[bit / 64] |= 1 << (bit % 64);
    }

    #[inline]
    fn is_set(&self, bit: usize) -> bool {
        self.bits.get(bit / 64).is_some_and(|bits| bits >> (bit % 64) & 1 != 0)
    }

    /// Whether a name may begin with a word and the next.
    #[inline]
    fn has(&self, word: &Word, next: Option<&Word>) -> bool {
        self.is_set(start_bit(word.hash, word.shape & LOWER != 0))
            && (self.is_set(pair_bit(word.hash, ALONE))
                || next.is_some_and(|next| self.is_set(pair_bit(word.hash, next.hash))))
    }
}

fn start_bit(first: u32, lower: bool) -> usize {
    (first.rotate_left(u32::from(lower)) ^ u32::from(lower)) as usize % START_BITS
}

fn pair_bit(first: u32, second: u32) -> usize {
    (first.wrapping_mul(0x9e37_79b1) ^ second).rotate_right(7) as usize % START_BITS
}

impl Target {
    /// Whether the words of a text are written as this name has to be.
    pub(super) fn is_written(&self, view: &View<'_>, found: Found) -> bool {
        let Some(word) = view.words.get(found.first as usize) else { return false };
        match self.spelling {
            Spelling::Capital => true,
            Spelling::Capitals => word.shape & (CAPITALS | LETTERS) != LETTERS || word.end - word.start == 1,
            Spelling::Own => {
                word.shape & LOWER == 0
                    || view
                        .words
                        .get(found.last as usize - 1)
                        .and_then(|last| view.text.get(word.start as usize..last.end as usize))
                        .is_some_and(|text| same_letters(text, &self.name))
            }
        }
    }

    /// Whether the name is written in capitals where it has none of its own, which makes it look like an acronym.
    pub(super) fn is_shouted(&self, view: &View<'_>, found: Found) -> bool {
        let shouted = view.words.get(found.first as usize).is_some_and(|word| word.shape & CAPITALS != 0);
        shouted && self.name.chars().any(char::is_lowercase)
    }

    /// Whether stops stand between letters where the name has none: "D.S." is rather somebody's initials than the console.
    pub(super) fn is_written_with_stops(&self, view: &View<'_>, found: Found) -> bool {
        let stops =
            view.words.get(found.first as usize).is_some_and(|word| view.word_text(word).contains('.'));
        stops && !self.name.contains('.')
    }

    /// The name as the gazetteer has it.
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

/// Whether two spellings are the same but for plural, spaces and marks.
fn same_letters(text: &str, name: &str) -> bool {
    let letters = |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).collect() };
    let (text, name) = (letters(text), letters(name));
    text == name || text.strip_suffix('s') == Some(name.as_str())
}

/// A folded form without the marks of capitals, and without trailing characters.
fn neutral(folded: &[u8]) -> Vec<u8> {
    let end = folded.iter().rposition(|&byte| byte == END_MARK || byte == b'+').map_or(0, |end| end + 1);
    folded
        .get(..end)
        .unwrap_or_default()
        .iter()
        .map(|&byte| if byte == LOWER_MARK { CAPITAL_MARK } else { byte })
        .collect()
}

#[derive(Default)]
struct Patterns {
    targets: HashMap<Vec<u8>, Vec<Target>>,
    /// The familiar names of the company or division that is being added.
    familiar: Vec<Vec<u8>>,
    /// The names of outlets.
    outlets: HashSet<Vec<u8>>,
}

impl Patterns {
    fn add_company(&mut self, place: u32, company: &Company) {
        let id = Id::company(place);
        let weak: Vec<Vec<u8>> = company.weak.iter().map(|name| key(name)).collect();
        let always = (0, i32::MAX, false);
        let naming = |name: &str, listed: bool| naming(name, listed, &weak);
        self.familiar = company.familiar.iter().map(|name| key(name)).collect();
        let listed = |name: &String| company.aliases.iter().any(|alias| alias == name);
        self.add(id, &company.name, naming(&company.name, listed(&company.name)), always);
        for name in &company.aliases {
            self.add(id, name, naming(name, true), always);
        }
        for name in &company.weak {
            self.add(id, name, Naming::Weak, always);
        }
        if makes_vehicles(company) && takes_plural(&company.name) {
            // "Teslas", "Boeings".
            let plural = format!("{}s", company.name);
            if self.familiar.contains(&key(&company.name)) {
                self.familiar.push(key(&plural));
            }
            self.add(id, &plural, naming(&company.name, listed(&company.name)), always);
        }
        for name in &company.legal {
            let short = strip_legal_forms(name);
            // "The New York Times Company" publishes the paper and is not meant by its name.
            if company.kind != CompanyKind::Outlet && self.outlets.contains(&key(short)) {
                self.add(id, name, Naming::Strong, always);
                continue;
            }
            // A legal name without its form is often an ordinary word.
            let one_word = !short.contains([' ', '-', '.', '&']);
            let known = key(short) == key(&company.name)
                || company.aliases.iter().chain(&company.weak).any(|alias| key(alias) == key(short));
            if !known {
                let naming = if one_word { Naming::Weak } else { naming(short, false) };
                self.add(id, short, naming, always);
            }
        }
        for former in &company.former {
            let until = former.until.as_deref().map_or(i32::MAX, |date| day_number(date, true));
            self.add(id, &former.name, naming(&former.name, true), (0, until, true));
        }
        for person in &company.people {
            if person.contains(' ') {
                self.add(id, person, Naming::Person, always);
            }
        }
        for (number, division) in company.divisions.iter().enumerate() {
            self.add_division(Id { company: place, division: number as u32 }, division);
        }
    }

    fn add_division(&mut self, id: Id, division: &Division) {
        let weak: Vec<Vec<u8>> = division.weak.iter().map(|name| key(name)).collect();
        self.familiar = division.familiar.iter().map(|name| key(name)).collect();
        let since = division.since.as_deref().map_or(0, |date| day_number(date, false));
        let until = division.until.as_deref().map_or(i32::MAX, |date| day_number(date, true));
        let times = (since, until, false);
        let plural = matches!(division.kind, DivisionKind::Product | DivisionKind::Brand);
        let mut add = |name: &str, naming: Naming| {
            self.add(id, name, naming, times);
            if plural && naming == Naming::Strong && takes_plural(name) {
                // "Resources" is a word more often than two of a product; "iPhones" is none.
                let is_plain = !name.contains(' ') && name.chars().skip(1).all(char::is_lowercase);
                let naming = if is_plain { Naming::Weak } else { naming };
                self.add(id, &format!("{name}s"), naming, times);
            }
        };
        let listed = division.aliases.contains(&division.name);
        add(&division.name, naming(&division.name, listed, &weak));
        for name in &division.aliases {
            add(name, naming(name, true, &weak));
        }
        for name in &division.weak {
            add(name, Naming::Weak);
        }
    }

    fn add(&mut self, id: Id, name: &str, naming: Naming, (since, until, former): (i32, i32, bool)) {
        let spelling = spelling(name);
        let familiar = !self.familiar.is_empty() && self.familiar.contains(&key(name));
        for pattern in spellings(name) {
            let targets = self.targets.entry(pattern).or_default();
            match targets.iter_mut().find(|target| target.id == id && target.former == former) {
                // Listed as strong and as weak: weak, whatever the order.
                Some(known) if naming == Naming::Weak && known.naming == Naming::Strong => {
                    known.naming = naming;
                }
                // Known in capitals, and with one: "IKEA" and "Ikea".
                Some(known) if spelling == Spelling::Capital => known.spelling = spelling,
                Some(_) => {}
                None => {
                    targets.push(Target {
                        id,
                        naming,
                        since,
                        until,
                        former,
                        familiar,
                        spelling,
                        name: name.into(),
                    });
                }
            }
        }
    }

    fn add_epithet(&mut self, place: u32, epithet: &str) {
        let view = View::read_name(epithet);
        // "Facebook parent" in "Facebook parent Meta" would hide Facebook.
        let hides = (1..=view.words.len()).any(|count| {
            let Some(last) = view.words.get(count - 1) else { return false };
            let start = view.folded.get(..=last.fold_end as usize).unwrap_or_default();
            self.targets
                .get(start)
                .is_some_and(|known| known.iter().any(|target| target.naming != Naming::Epithet))
        });
        if hides || view.words.len() < 2 {
            return;
        }
        let lower = lower_words(&view.folded);
        let capital = neutral(&view.folded);
        for pattern in [neutral_end(&view.folded), lower, capital] {
            let targets = self.targets.entry(pattern).or_default();
            if targets.iter().all(|target| target.id != Id::company(place)) {
                targets.push(Target {
                    id: Id::company(place),
                    naming: Naming::Epithet,
                    since: 0,
                    until: i32::MAX,
                    former: false,
                    familiar: false,
                    spelling: Spelling::Capital,
                    name: epithet.into(),
                });
            }
        }
    }
}

/// The form in which two names of one entry are compared.
fn key(name: &str) -> Vec<u8> {
    neutral(&View::read_name(name).folded)
}

/// A name listed as weak is weak; so is one of fewer than four letters that nobody listed as an alias.
fn naming(name: &str, listed: bool, weak: &[Vec<u8>]) -> Naming {
    let short = !listed && !name.contains('&') && name.chars().filter(|c| c.is_alphanumeric()).count() < 4;
    if short || weak.contains(&key(name)) { Naming::Weak } else { Naming::Strong }
}

fn spelling(name: &str) -> Spelling {
    let one_word = !name.contains(' ');
    let letters = name.chars().filter(|c| c.is_alphabetic());
    if name.chars().next().is_some_and(char::is_lowercase) {
        Spelling::Own
    } else if one_word && letters.clone().count() <= 5 && letters.clone().all(char::is_uppercase) {
        Spelling::Capitals
    } else {
        Spelling::Capital
    }
}

/// Whether people call what a company makes by its name.
fn makes_vehicles(company: &Company) -> bool {
    let industry = company.industry.as_deref().unwrap_or_default().to_lowercase();
    ["auto manu", "automobile manu", "automobiles", "motorcycle", "aerospace", "car manu"]
        .iter()
        .any(|part| industry.contains(part))
}

fn takes_plural(name: &str) -> bool {
    name.len() >= 4 && name.ends_with(|c: char| c.is_ascii_lowercase() && c != 's')
}

/// The folded forms in which a name is found.
fn spellings(name: &str) -> Vec<Vec<u8>> {
    let view = View::read_name(name);
    let base = neutral_end(&view.folded);
    if base.is_empty() {
        return Vec::new();
    }
    let mut forms = vec![base];
    // Small words inside a name ("of", "for") may have a capital in a headline; a small first letter (`eBay`) too.
    let lower: Vec<usize> =
        (0..forms[0].len()).filter(|&place| forms[0].get(place) == Some(&LOWER_MARK)).collect();
    if !lower.is_empty() {
        let mut all = forms[0].clone();
        for &place in &lower {
            all[place] = CAPITAL_MARK;
        }
        forms.push(all);
        if lower.len() > 1 {
            for &place in lower.iter().take(3) {
                let mut one = forms[0].clone();
                one[place] = CAPITAL_MARK;
                forms.push(one);
            }
        }
    }
    let and_word = [END_MARK, LOWER_MARK, b'a', b'n', b'd', END_MARK];
    vary(&mut forms, &[END_MARK, b'&'], &and_word);
    vary(&mut forms, &and_word, &[END_MARK, b'&']);
    vary(&mut forms, &[END_MARK, b'\'', LOWER_MARK, b's', END_MARK], &[b's', END_MARK]);
    vary(&mut forms, b"-", b"");
    vary(&mut forms, b"!", b"");
    // "The New York Times" is "New York Times" after an adjective; one word alone would be an ordinary one.
    if view.words.len() >= 3 && view.words.first().is_some_and(|word| view.folded_word(word) == b"the") {
        let skip = view.words.get(1).map_or(0, |word| word.fold as usize);
        let shorter: Vec<Vec<u8>> =
            forms.iter().filter_map(|form| form.get(skip..).map(<[u8]>::to_vec)).collect();
        forms.extend(shorter);
    }
    forms.sort_unstable();
    forms.dedup();
    forms.truncate(MAX_SPELLINGS);
    forms
}

/// Adds to `forms` each form with every `from` replaced by `to`.
fn vary(forms: &mut Vec<Vec<u8>>, from: &[u8], to: &[u8]) {
    for number in 0..forms.len() {
        let form = &forms[number];
        let mut varied = Vec::with_capacity(form.len());
        let mut place = 0;
        while place < form.len() {
            if form[place..].starts_with(from) {
                varied.extend_from_slice(to);
                place += from.len();
            } else {
                varied.push(form[place]);
                place += 1;
            }
        }
        if varied != *form && !forms.contains(&varied) {
            forms.push(varied);
        }
    }
}

/// A folded name without what follows its last word, but for a `+` that belongs to it.
fn neutral_end(folded: &[u8]) -> Vec<u8> {
    let end = folded.iter().rposition(|&byte| byte == END_MARK || byte == b'+').map_or(0, |end| end + 1);
    folded.get(..end).unwrap_or_default().to_vec()
}

fn lower_words(folded: &[u8]) -> Vec<u8> {
    neutral_end(folded).into_iter().map(|byte| if byte == CAPITAL_MARK { LOWER_MARK } else { byte }).collect()
}

/// A legal name without the forms at its end: "Amazon.com, Inc." is "Amazon.com".
pub(super) fn strip_legal_forms(name: &str) -> &str {
    const FORMS: &[&str] = &[
        "inc",
        "incorporated",
        "corp",
        "corporation",
        "co",
        "company",
        "companies",
        "ltd",
        "limited",
        "llc",
        "lp",
        "llp",
        "plc",
        "ag",
        "sa",
        "se",
        "nv",
        "bv",
        "gmbh",
        "kgaa",
        "kg",
        "spa",
        "ab",
        "asa",
        "oyj",
        "as",
        "holdings",
        "holding",
        "group",
        "kk",
        "pty",
        "bhd",
        "aktiengesellschaft",
        "oy",
        "sas",
        "srl",
        "sab",
        "cv",
        "publ",
        "the",
    ];
    let mut rest = name.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '+' && c != '!');
    loop {
        let Some((before, last)) = rest.rsplit_once([' ', ',']) else { return rest };
        let form: String =
            last.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        let before = before.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '+' && c != '!');
        if before.is_empty() || !FORMS.contains(&form.as_str()) {
            return rest;
        }
        rest = before;
    }
}

/// A partial date as a number that can be compared: its first day, or its last.
fn day_number(text: &str, last: bool) -> i32 {
    let Some((year, month, day)) = read_date(text) else { return if last { i32::MAX } else { 0 } };
    let open = if last { 99 } else { 0 };
    let part = |value: i8| if value == 0 { open } else { i32::from(value) };
    i32::from(year) * 10_000 + part(month) * 100 + part(day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tag::lexicon::Lexicon;

    const LIST: &str = r#"{"id":"amazon","name":"Amazon","aliases":["Amazon.com"],"weak":["Amazon"],"legal":["Amazon.com, Inc."],"tickers":["NASDAQ:AMZN"],"people":["Andy Jassy"],"epithets":["e-commerce giant"],"divisions":[{"id":"aws","name":"AWS","aliases":["AWS","Amazon Web Services"]},{"id":"kindle","name":"Kindle","kind":"product"}]}
{"id":"apple","name":"Apple","weak":["Apple"],"divisions":[{"id":"iphone","name":"iPhone","kind":"product"}]}
{"id":"at-t","name":"AT&T"}
{"id":"bofa","name":"Bank of America"}
{"id":"disney","name":"Disney","divisions":[{"id":"disney-plus","name":"Disney+"}]}
{"id":"loreal","name":"L'Oréal"}
{"id":"mcdonalds","name":"McDonald's"}
{"id":"pg","name":"Procter & Gamble"}
{"id":"target","name":"Target","weak":["Target"]}
{"id":"toys","name":"Toys \"R\" Us"}
{"id":"walmart","name":"Walmart","aliases":["Wal-Mart"]}
{"id":"warner","name":"Warner Bros. Discovery"}
{"id":"yahoo","name":"Yahoo!","aliases":["Yahoo"]}"#;

    #[test]
    fn names_are_found_in_their_spellings() {
        let gazetteer = Gazetteer::from_jsonl(LIST, "list").unwrap();
        let matcher = Matcher::new(&gazetteer);
        let lexicon = Lexicon::new([]);
        for (text, expected) in [
            ("Amazon’s and Apple's", &["Amazon", "Apple"][..]),
            ("an apple, a target, the amazon", &[]),
            ("APPLE AND TARGET", &["APPLE", "TARGET"]),
            ("Amazon Web Services, Amazon", &["Amazon Web Services", "Amazon"]),
            ("Amazon\nWeb\u{a0}Services", &["Amazon\nWeb\u{a0}Services"]),
            ("Amazon. Web Services", &["Amazon"]),
            ("Amazonia Kindling", &[]),
            ("Aws, AWS", &["AWS"]),
            ("two Kindles and iPhones", &["Kindles", "iPhones"]),
            ("iphone IPHONE Iphone iPhone", &["IPHONE", "Iphone", "iPhone"]),
            ("AT&T's AT & T", &["AT&T", "AT & T"]),
            (
                "Bank of America Bank Of America BANK OF AMERICA",
                &["Bank of America", "Bank Of America", "BANK OF AMERICA"],
            ),
            ("L’ORÉAL, L'Oreal", &["L’ORÉAL", "L'Oreal"]),
            ("McDonald’s McDonalds", &["McDonald’s", "McDonalds"]),
            ("Procter and Gamble, Procter & Gamble", &["Procter and Gamble", "Procter & Gamble"]),
            ("Toys “R” Us, Toys R Us", &["Toys “R” Us", "Toys R Us"]),
            ("Wal Mart Wal-\nMart", &["Wal Mart", "Wal-\nMart"]),
            ("Warner Bros. Discovery", &["Warner Bros. Discovery"]),
            ("Yahoo! said Yahoo", &["Yahoo", "Yahoo"]),
            ("Disney+ and Disney", &["Disney", "Disney"]),
            ("Andy Jassy of the e-commerce giant", &["Andy Jassy", "e-commerce giant"]),
            ("Meta/Apple/Target", &["Apple", "Target"]),
        ] {
            let view = View::read(text, &lexicon);
            let found: Vec<_> = matcher
                .find(&view)
                .into_iter()
                .filter(|found| {
                    matcher.targets(found.pattern).iter().any(|target| target.is_written(&view, *found))
                })
                .map(|found| {
                    let first = view.words[found.first as usize].start as usize;
                    let last = view.words[found.last as usize - 1].end as usize;
                    &text[first..last]
                })
                .collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn legal_forms_are_stripped() {
        for (name, short) in [
            ("Amazon.com, Inc.", "Amazon.com"),
            ("The Goldman Sachs Group, Inc.", "The Goldman Sachs"),
            ("Nestlé S.A.", "Nestlé"),
            ("Yahoo! Inc.", "Yahoo!"),
            ("Inc", "Inc"),
            ("Procter & Gamble Company", "Procter & Gamble"),
            ("Ford Motor Company", "Ford Motor"),
        ] {
            assert_eq!(strip_legal_forms(name), short);
        }
    }

    #[test]
    fn symbols_and_bare_names() {
        let gazetteer = Gazetteer::from_jsonl(LIST, "list").unwrap();
        let matcher = Matcher::new(&gazetteer);
        let name = |id: u32| gazetteer.company_at(id as usize).unwrap().id.as_str();
        assert_eq!(matcher.symbol("AMZN", Some("NASDAQ")).map(name), Some("amazon"));
        assert_eq!(matcher.symbol("ZZZ", None), None);
        assert_eq!(
            matcher.named("amazon web services").map(|id| (name(id.company), id.is_division())),
            Some(("amazon", true))
        );
        assert_eq!(matcher.named("Amazon"), matcher.named("AMAZON"));
        assert_eq!(matcher.named("nothing"), None);
    }
}
