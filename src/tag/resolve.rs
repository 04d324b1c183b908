//! Which of the names found in an article stand for a company or division, and by which rule; and why the others do
//! not.
//!
//! Strong names are taken first. What they prove lets weak names of the same company in, then names beside them in a
//! list, then weak names of divisions. Every step walks the candidates once.

mod ordinary;
mod weak;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::article::{Article, Precision};
use crate::tag::context::Context;
use crate::tag::gazetteer::{CompanyKind, Gazetteer};
use crate::tag::lexicon::{EXCHANGE, FORMERLY, Lexicon};
use crate::tag::matcher::{Found, Id, Matcher, Naming, Target};
use crate::tag::trade::{Background, Trades};
use crate::tag::view::{CAPITALS, Gap, LOWER, View};

/// Headline and body, as places in arrays.
pub(super) const TITLE: usize = 0;
/// See [`TITLE`].
pub(super) const BODY: usize = 1;

/// Definitions ("General Motors Co. (GM)") that are followed in one article.
const MAX_DEFINITIONS: usize = 32;

/// The reason for a name that is a person's.
const PERSON: &str = "a person's name";

/// What became of a name.
#[derive(Clone, Debug)]
pub(super) enum State {
    /// Not decided yet.
    Pending(Id),
    /// Several could be meant.
    Open,
    /// It stands for this, by this rule.
    Accepted(Id, &'static str),
    /// It could have stood for this, but for the reason.
    Rejected(Id, Cow<'static, str>),
    /// A head of a company.
    Person(Id),
    /// A paraphrase.
    Epithet(u32),
    /// Said nothing.
    Ignored,
}

/// A name in the article.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    /// [`TITLE`] or [`BODY`].
    pub field: usize,
    /// Where.
    pub found: Found,
    /// What became of it.
    pub state: State,
    /// Words of legal form or symbol after it that belong to the mention.
    pub tail: u32,
}

/// What is known of a company before its weak names are judged.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Evidence {
    strong: u32,
    division: u32,
    person: u32,
    ticker: u32,
    defined: u32,
    /// Mentions of the company by a weak name that were accepted.
    weak: u32,
}

impl Evidence {
    fn total(self) -> u32 {
        self.strong + self.division + self.person + self.ticker
    }

    /// The rule under which a weak name of the company is accepted.
    fn rule(self) -> Option<&'static str> {
        if self.ticker > 0 {
            Some("weak+ticker")
        } else if self.strong > 0 {
            Some("weak+strong")
        } else if self.defined > 0 {
            Some("defined")
        } else if self.division > 0 {
            Some("weak+division")
        } else if self.person > 0 {
            Some("weak+person")
        } else {
            None
        }
    }
}

/// Decides on the names of one article.
pub(super) struct Resolver<'a, 't> {
    pub gazetteer: &'a Gazetteer,
    pub matcher: &'a Matcher,
    pub lexicon: &'a Lexicon,
    pub views: &'a [View<'t>; 2],
    pub candidates: Vec<Candidate>,
    evidence: HashMap<u32, Evidence>,
    /// First and last day on which the article may have been published.
    days: Option<(i32, i32)>,
    trades: &'a Trades,
    /// Symbols with their exchange or a `$`: field, word, company.
    marks: Vec<(usize, usize, u32)>,
    /// Names that are a person's somewhere in the article, by pattern, sorted.
    people: Vec<u32>,
    /// Companies by the hash of the last word of their names in the article; see [`Resolver::take_weak_companies`].
    last_words: HashMap<u32, Option<Id>>,
    /// Names that were looked for without a capital.
    ordinary_words: usize,
    /// What the article as a whole speaks of; read when the first weak name asks.
    background: Option<Background>,
}

impl<'a, 't> Resolver<'a, 't> {
    /// Finds the names of an article.
    pub(super) fn new(
        gazetteer: &'a Gazetteer,
        matcher: &'a Matcher,
        lexicon: &'a Lexicon,
        trades: &'a Trades,
        views: &'a [View<'t>; 2],
        article: &Article,
    ) -> Self {
        let mut candidates = Vec::new();
        for (field, view) in views.iter().enumerate() {
            candidates.extend(matcher.find(view).into_iter().map(|found| Candidate {
                field,
                found,
                state: State::Ignored,
                tail: 0,
            }));
        }
        Self {
            gazetteer,
            matcher,
            lexicon,
            views,
            candidates,
            evidence: HashMap::new(),
            days: days(article),
            trades,
            marks: Vec::new(),
            people: Vec::new(),
            last_words: HashMap::new(),
            ordinary_words: 0,
            background: None,
        }
    }

    /// Decides on all of them.
    pub(super) fn run(&mut self) {
        self.take_certain();
        self.take_exchange_marks();
        self.choose_open();
        self.take_marked();
        self.reject_symbols();
        self.take_definitions();
        self.take_rows_of_weak();
        self.take_weak_companies();
        self.take_lists();
        self.take_lone_marks();
        self.take_weak_divisions();
        for candidate in &mut self.candidates {
            if let State::Pending(id) = candidate.state {
                candidate.state = State::Rejected(id, Cow::Borrowed("nothing near speaks for it"));
            }
        }
    }

    pub(super) fn context(&self, field: usize) -> Context<'a, 't> {
        Context { view: &self.views[field], lexicon: self.lexicon }
    }

    fn is_valid(&self, target: &Target) -> bool {
        match self.days {
            Some((first, last)) => target.former || first <= target.until && last >= target.since,
            None => true,
        }
    }

    /// Strong names with one meaning are accepted, weak ones with one meaning wait, the rest is open.
    fn take_certain(&mut self) {
        let mut people: Vec<u32> = Vec::new();
        for place in 0..self.candidates.len() {
            let (field, found) = (self.candidates[place].field, self.candidates[place].found);
            let view = &self.views[field];
            let targets = self.matcher.targets(found.pattern);
            let mut only: Option<&Target> = None;
            let mut count = 0;
            let mut expired: Option<&Target> = None;
            let mut misspelt: Option<&Target> = None;
            let mut other = None;
            for target in targets {
                match target.naming {
                    Naming::Person => other = Some(State::Person(target.id)),
                    Naming::Epithet => {
                        other = Some(match other {
                            // Shared by several companies: it says nothing about one.
                            Some(State::Epithet(known)) if known != target.id.company => State::Ignored,
                            _ => State::Epithet(target.id.company),
                        });
                    }
                    Naming::Strong | Naming::Weak => {
                        if !target.is_written(view, found) {
                            misspelt = Some(target);
                        } else if !self.is_valid(target) {
                            expired = Some(target);
                        } else {
                            count += 1;
                            only = Some(target);
                        }
                    }
                }
            }
            let state = match (count, only) {
                (1, Some(target)) => self.single(field, found, target),
                (0, _) => match (other, expired, misspelt) {
                    (Some(State::Person(id)), _, _) => {
                        self.evidence.entry(id.company).or_default().person += 1;
                        State::Person(id)
                    }
                    (Some(other), _, _) => other,
                    (None, Some(target), _) => State::Rejected(target.id, self.expiry(target)),
                    (None, None, Some(target)) => {
                        State::Rejected(target.id, Cow::Borrowed("written otherwise"))
                    }
                    (None, None, None) => State::Ignored,
                },
                _ => State::Open,
            };
            if matches!(&state, State::Rejected(_, reason) if reason == PERSON) {
                people.push(found.pattern);
            }
            self.candidates[place].state = state;
            self.note(place);
        }
        people.sort_unstable();
        people.dedup();
        self.people = people;
        self.take_back_surnames();
        self.take_back_ordinary_words();
    }

    /// Takes back what a mention by a strong name proved.
    fn forget(&mut self, id: Id) {
        let evidence = self.evidence.entry(id.company).or_default();
        let count = if id.is_division() { &mut evidence.division } else { &mut evidence.strong };
        *count = count.saturating_sub(1);
    }

    /// "Jim Acosta", and later "Acosta said": where a name was a surname once, it is one everywhere, unless its legal
    /// form or symbol says otherwise.
    fn take_back_surnames(&mut self) {
        if self.people.is_empty() {
            return;
        }
        for place in 0..self.candidates.len() {
            let (field, found) = (self.candidates[place].field, self.candidates[place].found);
            let State::Accepted(id, "strong") = self.candidates[place].state else { continue };
            let context = self.context(field);
            if self.people.binary_search(&found.pattern).is_ok()
                && context.legal_form(found) == 0
                && context.ticker_mark(found).is_none()
            {
                self.forget(id);
                self.candidates[place].state = State::Pending(id);
            }
        }
    }

    fn single(&self, field: usize, found: Found, target: &Target) -> State {
        let context = self.context(field);
        if let Some(reason) = context.broken(found) {
            return State::Rejected(target.id, Cow::Borrowed(reason));
        }
        let person = context.after_first_name(found)
            || target.naming == Naming::Strong
                && (context.after_person_title(found) || context.is_given_name(found));
        if person {
            return State::Rejected(target.id, Cow::Borrowed(PERSON));
        }
        if target.id.is_division() && target.is_written_with_stops(&self.views[field], found) {
            return State::Rejected(target.id, Cow::Borrowed("written otherwise"));
        }
        if target.naming == Naming::Strong
            && (context.ends_longer_name(found) || context.begins_longer_name(found))
        {
            return State::Rejected(target.id, Cow::Borrowed("part of a longer name"));
        }
        if target.naming == Naming::Strong && !target.is_shouted(&self.views[field], found) {
            State::Accepted(target.id, "strong")
        } else if target.naming == Naming::Strong {
            // A strong name in capitals counts like one that is written as it should be when it is long.
            let long = found.last - found.first > 1 || target.name().len() > 4;
            if long { State::Accepted(target.id, "strong") } else { State::Pending(target.id) }
        } else {
            State::Pending(target.id)
        }
    }

    fn expiry(&self, target: &Target) -> Cow<'static, str> {
        let owner = self.gazetteer.company_at(target.id.company as usize).map_or("", |owner| &owner.name);
        let before = self.days.is_some_and(|(_, last)| last < target.since);
        let (word, day) = if before { ("since", target.since) } else { ("until", target.until) };
        Cow::Owned(format!("with {owner} only {word} {}", day / 10_000))
    }

    /// Adds what an accepted candidate proves.
    fn note(&mut self, place: usize) {
        if let State::Accepted(id, rule) = self.candidates[place].state {
            let evidence = self.evidence.entry(id.company).or_default();
            match rule {
                "ticker" => evidence.ticker += 1,
                "defined" => evidence.defined += 1,
                _ if id.is_division() => evidence.division += 1,
                "strong" | "legal form" => evidence.strong += 1,
                _ => evidence.weak += 1,
            }
        }
    }

    fn accept(&mut self, place: usize, id: Id, rule: &'static str) {
        self.candidates[place].state = State::Accepted(id, rule);
        self.note(place);
    }

    fn reject(&mut self, place: usize, id: Id, reason: impl Into<Cow<'static, str>>) {
        self.candidates[place].state = State::Rejected(id, reason.into());
    }

    /// `(NYSE: IBM)` anywhere in the article proves the company, whatever stands before it, and so does `$IBM`.
    fn take_exchange_marks(&mut self) {
        let mut marks = Vec::new();
        for field in [TITLE, BODY] {
            let context = self.context(field);
            for (place, word) in self.views[field].words.iter().enumerate() {
                if context.classes(word) & EXCHANGE != 0
                    && let Some((symbol, exchange)) = context.exchange_mark(place)
                    && let Some(company) = self.matcher.symbol(symbol, exchange)
                {
                    self.evidence.entry(company).or_default().ticker += 1;
                    marks.push((field, place + 1, company));
                } else if word.shape & CAPITALS != 0
                    && (word.start as usize)
                        .checked_sub(1)
                        .is_some_and(|before| self.views[field].text.as_bytes().get(before) == Some(&b'$'))
                    && let Some(company) = self.matcher.symbol(self.views[field].word_text(word), None)
                {
                    self.evidence.entry(company).or_default().ticker += 1;
                    marks.push((field, place, company));
                }
            }
        }
        self.marks = marks;
    }

    /// A company that the article names by its symbol alone is found at the symbol.
    fn take_lone_marks(&mut self) {
        let mut marks = std::mem::take(&mut self.marks);
        let named: HashSet<u32> = self
            .candidates
            .iter()
            .filter_map(|candidate| match candidate.state {
                State::Accepted(id, _) if !id.is_division() => Some(id.company),
                _ => None,
            })
            .collect();
        marks.retain(|(_, _, company)| !named.contains(company));
        if marks.is_empty() {
            return;
        }
        let places: HashSet<(usize, u32)> =
            marks.iter().map(|(field, word, _)| (*field, *word as u32)).collect();
        self.candidates.retain(|other| {
            !(other.found.first..other.found.last).any(|word| places.contains(&(other.field, word)))
        });
        self.candidates.extend(marks.into_iter().map(|(field, word, company)| {
            let found = Found { first: word as u32, last: word as u32 + 1, pattern: u32::MAX };
            Candidate { field, found, state: State::Accepted(Id::company(company), "ticker"), tail: 0 }
        }));
        self.candidates.sort_by_key(|candidate| (candidate.field, candidate.found.first));
    }

    /// Decides between several meanings by what else the article proves.
    fn choose_open(&mut self) {
        for place in 0..self.candidates.len() {
            if !matches!(self.candidates[place].state, State::Open) {
                continue;
            }
            let (field, found) = (self.candidates[place].field, self.candidates[place].found);
            let view = &self.views[field];
            let mut best: Option<(Rank, &Target)> = None;
            let mut tie = false;
            for target in self.matcher.targets(found.pattern) {
                let named = matches!(target.naming, Naming::Strong | Naming::Weak);
                if !named || !target.is_written(view, found) || !self.is_valid(target) {
                    continue;
                }
                let rank = self.rank(target, found.pattern);
                match &best {
                    Some((known, _)) if *known > rank => {}
                    Some((known, _)) if *known == rank => tie = true,
                    _ => {
                        best = Some((rank, target));
                        tie = false;
                    }
                }
            }
            let Some((_, target)) = best else { continue };
            // Joint owners of what was a company of its own: it is meant itself.
            let own =
                tie.then(|| self.matcher.targets(found.pattern).iter()).into_iter().flatten().find(|other| {
                    !other.id.is_division() && other.naming == Naming::Strong && self.is_valid(other)
                });
            if let Some(own) = own {
                self.candidates[place].state = self.single(field, found, own);
                continue;
            }
            self.candidates[place].state = if tie {
                State::Rejected(target.id, Cow::Borrowed("several companies have this name"))
            } else {
                self.single(field, found, target)
            };
        }
        // Counted only now, so that the order of the mentions makes no difference.
        for place in 0..self.candidates.len() {
            if self.matcher.targets(self.candidates[place].found.pattern).len() > 1
                && matches!(self.candidates[place].state, State::Accepted(..))
                && self.is_open_pattern(self.candidates[place].found.pattern)
            {
                self.note(place);
            }
        }
    }

    /// Whether the pattern had more than one meaning at the article's time.
    fn is_open_pattern(&self, pattern: u32) -> bool {
        self.matcher
            .targets(pattern)
            .iter()
            .filter(|target| matches!(target.naming, Naming::Strong | Naming::Weak) && self.is_valid(target))
            .count()
            > 1
    }

    fn rank(&self, target: &Target, pattern: u32) -> Rank {
        let evidence = self.evidence.get(&target.id.company).copied().unwrap_or_default();
        let company = self.gazetteer.company_at(target.id.company as usize);
        let defunct = company.is_some_and(|company| company.kind == CompanyKind::Defunct);
        let outlet = company.is_some_and(|company| company.kind == CompanyKind::Outlet);
        // A former name means the company up to the day it was given up, and its product of that name afterwards.
        let late = target.former && self.days.is_none_or(|(first, _)| first > target.until);
        let sibling = self
            .matcher
            .targets(pattern)
            .iter()
            .any(|other| other.id.company == target.id.company && other.id != target.id);
        // Before a part went public by itself it was its owner's.
        let not_yet = !target.id.is_division()
            && self.days.is_some()
            && self.matcher.targets(pattern).iter().any(|other| {
                other.id.is_division()
                    && other.id.company != target.id.company
                    && other.until != i32::MAX
                    && self.is_valid(other)
            });
        // And when it has just been bought, the news still tells of it by itself.
        let too_early = target.id.is_division()
            && self.has_just_come(target)
            && self.matcher.targets(pattern).iter().any(|other| {
                !other.id.is_division()
                    && other.naming == Naming::Strong
                    && other.id.company != target.id.company
            });
        Rank {
            current: self.days.is_some() || target.until == i32::MAX || target.former,
            not_outdated: !(not_yet
                || too_early
                || late && sibling
                || defunct && !self.is_before_takeover(target, pattern)),
            proved: evidence.rule().is_some(),
            company: !target.id.is_division(),
            strong: target.naming == Naming::Strong,
            business: !outlet,
            lasting: target.until == i32::MAX,
            count: evidence.total(),
        }
    }

    /// Whether a company that was taken over was still its own at the time of the article.
    fn is_before_takeover(&self, target: &Target, pattern: u32) -> bool {
        !self.matcher.targets(pattern).iter().any(|other| {
            other.id.is_division()
                && other.id.company != target.id.company
                && self.is_valid(other)
                && !self.has_just_come(other)
        })
    }

    /// Whether the article is of the year, month or day, as it is known, from which a division belongs to its company. Its
    /// articles mostly tell of the takeover itself.
    fn has_just_come(&self, target: &Target) -> bool {
        let precision = match target.since {
            year if year % 10_000 == 0 => 10_000,
            month if month % 100 == 0 => 100,
            _ => 1,
        };
        self.days.is_some_and(|(first, _)| first / precision == target.since / precision)
    }

    /// Weak names with a legal form or a ticker mark right after them.
    fn take_marked(&mut self) {
        for place in 0..self.candidates.len() {
            let (field, found) = (self.candidates[place].field, self.candidates[place].found);
            let context = self.context(field);
            let id = match self.candidates[place].state {
                State::Pending(id) => id,
                State::Accepted(..) => {
                    self.candidates[place].tail = context.legal_form(found) as u32;
                    continue;
                }
                State::Rejected(id, _) if context.ticker_mark(found).is_some() => id,
                _ => continue,
            };
            if let Some((symbol, exchange)) = context.ticker_mark(found)
                && let Some(company) = self.matcher.symbol(symbol, exchange)
            {
                let target = self
                    .matcher
                    .targets(found.pattern)
                    .iter()
                    .find(|target| target.id == Id::company(company));
                if let Some(target) = target {
                    self.candidates[place].tail = context.legal_form(found) as u32;
                    self.accept(place, target.id, "ticker");
                } else if exchange.is_some() {
                    self.reject(place, id, format!("marked {symbol}, which is another company"));
                }
                continue;
            }
            let forms = context.legal_form(found);
            if forms > 0
                && !id.is_division()
                && matches!(self.candidates[place].state, State::Pending(_))
                && !context.institution(found)
                && !context.after_unknown_name(found, |word| self.covers(field, place, word))
                && !context.continues_name(found)
            {
                self.candidates[place].tail = forms as u32;
                self.accept(place, id, "legal form");
            }
        }
    }

    /// `UiPath (NYSE: PATH)`: what is marked as a symbol is no name of another company.
    fn reject_symbols(&mut self) {
        let marks: HashMap<(usize, u32), u32> =
            self.marks.iter().map(|(field, word, company)| ((*field, *word as u32), *company)).collect();
        if marks.is_empty() {
            return;
        }
        for place in 0..self.candidates.len() {
            let (field, found) = (self.candidates[place].field, self.candidates[place].found);
            if let State::Pending(id) = self.candidates[place].state
                && found.last - found.first == 1
                && marks.get(&(field, found.first)).is_some_and(|company| *company != id.company)
            {
                self.reject(place, id, "the symbol of another company");
            }
        }
    }

    /// "General Motors Co. (GM)": from here on the short form stands for it. "X, formerly Twitter" likewise.
    fn take_definitions(&mut self) {
        let mut defined: Vec<(usize, usize, usize, Id)> = Vec::new();
        for (place, candidate) in self.candidates.iter().enumerate() {
            let State::Accepted(id, _) = candidate.state else { continue };
            let view = &self.views[candidate.field];
            let context = self.context(candidate.field);
            let open = (candidate.found.last + candidate.tail) as usize;
            if let (Some(word), after) = (view.words.get(open), view.words.get(open + 1))
                && word.gap == Gap::Open
                && after.is_none_or(|after| matches!(after.gap, Gap::Close | Gap::Sentence))
                && word.shape & CAPITALS != 0
                && context.classes(word) & EXCHANGE == 0
                && abbreviates(view, candidate.found, view.folded_word(word))
            {
                defined.push((place, candidate.field, open, id));
            }
            // The name before "formerly".
            let first = candidate.found.first as usize;
            for back in 1..=3_usize {
                let Some(number) = first.checked_sub(back) else { break };
                let Some(word) = view.words.get(number) else { break };
                if context.classes(word) & FORMERLY != 0 {
                    if matches!(word.gap, Gap::Comma | Gap::Open | Gap::Plain)
                        && let Some(before) = number.checked_sub(1)
                    {
                        let earlier = place.checked_sub(1).and_then(|earlier| self.candidates.get(earlier));
                        if let Some(earlier) = earlier
                            && earlier.field == candidate.field
                            && earlier.found.last as usize == before + 1
                            && let State::Pending(other) = earlier.state
                            && other.company == id.company
                        {
                            defined.push((place, candidate.field, before, other));
                        }
                    }
                    break;
                }
                if word.shape & LOWER == 0 {
                    break;
                }
            }
        }
        // Every definition is a walk over the article; nobody defines more than a few.
        for (_, field, word, id) in defined.into_iter().take(MAX_DEFINITIONS) {
            self.define(field, word, id);
        }
    }

    /// Accepts the names that are spelt like the word at a place.
    fn define(&mut self, field: usize, word: usize, id: Id) {
        let view = &self.views[field];
        let Some(definition) = view.words.get(word) else { return };
        let short = view.folded_word(definition).to_vec();
        let mut known = Vec::new();
        for place in 0..self.candidates.len() {
            let candidate = &self.candidates[place];
            let view = &self.views[candidate.field];
            let Some(first) = view.words.get(candidate.found.first as usize) else { continue };
            if candidate.found.last - candidate.found.first != 1 || view.folded_word(first) != short {
                continue;
            }
            known.push((candidate.field, candidate.found.first));
            if matches!(candidate.state, State::Pending(_) | State::Open | State::Rejected(..)) {
                self.accept(place, id, "defined");
            }
        }
        // The gazetteer does not know the short form at all: its places are found by walking the words.
        if known.is_empty() {
            let mut more = Vec::new();
            for field in [TITLE, BODY] {
                let view = &self.views[field];
                for (number, word) in view.words.iter().enumerate() {
                    if word.shape & CAPITALS != 0 && view.folded_word(word) == short {
                        let found =
                            Found { first: number as u32, last: number as u32 + 1, pattern: u32::MAX };
                        more.push(Candidate { field, found, state: State::Accepted(id, "defined"), tail: 0 });
                    }
                }
            }
            self.candidates.extend(more);
            self.candidates.sort_by_key(|candidate| (candidate.field, candidate.found.first));
            self.candidates.dedup_by_key(|candidate| (candidate.field, candidate.found.first));
        }
    }

    /// Whether an accepted name of several words begins with a word.
    pub(super) fn is_long_name_at(&self, field: usize, word: u32) -> bool {
        let place = self
            .candidates
            .partition_point(|candidate| (candidate.field, candidate.found.first) < (field, word));
        self.candidates.get(place).is_some_and(|candidate| {
            candidate.field == field
                && candidate.found.first == word
                && candidate.found.last - word > 1
                && matches!(candidate.state, State::Accepted(..))
        })
    }

    /// Whether another name of the gazetteer covers a word, so that it is no first name or surname.
    fn covers(&self, field: usize, place: usize, word: usize) -> bool {
        let touches = |candidate: &Candidate| {
            candidate.field == field
                && (candidate.found.first as usize..(candidate.found.last + candidate.tail) as usize)
                    .contains(&word)
                && !matches!(candidate.state, State::Ignored | State::Rejected(..))
        };
        place.checked_sub(1).and_then(|before| self.candidates.get(before)).is_some_and(touches)
            || self.candidates.get(place + 1).is_some_and(touches)
    }
}

/// How good a meaning is; compared in this order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    current: bool,
    not_outdated: bool,
    proved: bool,
    company: bool,
    strong: bool,
    business: bool,
    lasting: bool,
    count: u32,
}

/// Whether the letters of a short form occur in the name in order, the first at its beginning.
fn abbreviates(view: &View<'_>, found: Found, short: &[u8]) -> bool {
    let Some(words) = view.words.get(found.first as usize..found.last as usize) else { return false };
    let mut letters = words.iter().flat_map(|word| view.folded_word(word).iter().copied());
    let mut first = true;
    let all = short.iter().all(|&letter| {
        if first {
            first = false;
            return letters.next() == Some(letter);
        }
        letters.any(|other| other == letter)
    });
    all && (2..=6).contains(&short.len())
}

/// The first and last day on which an article may have been published.
fn days(article: &Article) -> Option<(i32, i32)> {
    let publication = article.published?;
    let day =
        jiff::Timestamp::from_second(publication.seconds).ok()?.to_zoned(jiff::tz::TimeZone::UTC).date();
    let (year, month, date) = (i32::from(day.year()), i32::from(day.month()), i32::from(day.day()));
    Some(match publication.precision {
        Precision::Year => (year * 10_000, year * 10_000 + 9_999),
        Precision::Month => (year * 10_000 + month * 100, year * 10_000 + month * 100 + 99),
        Precision::Day | Precision::Second => {
            let number = year * 10_000 + month * 100 + date;
            (number, number)
        }
    })
}
