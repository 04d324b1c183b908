//! Which of the names found in an article stand for a company or division, and by which rule; and why the others do
//! not.
//!
//! Strong names are taken first. What they prove lets weak names of the same company in, then names beside them in a
//! list, then weak names of divisions. Every step walks the candidates once.

mod division;
mod list;
mod marks;
mod meaning;
mod ordinary;
mod weak;

use std::borrow::Cow;
use std::collections::HashMap;

use crate::article::{Article, Precision};
use crate::tag::context::Context;
use crate::tag::gazetteer::Gazetteer;
use crate::tag::lexicon::Lexicon;
use crate::tag::matcher::{Found, Id, Matcher, Naming, Target};
use crate::tag::trade::{Background, Trades};
use crate::tag::view::View;

/// Headline and body, as places in arrays.
pub(super) const TITLE: usize = 0;
/// See [`TITLE`].
pub(super) const BODY: usize = 1;

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
