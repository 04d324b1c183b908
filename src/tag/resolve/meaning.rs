//! Names with several meanings: which one an article has in mind, by its date and by what else it proves.

use std::borrow::Cow;

use super::{Resolver, State};
use crate::tag::gazetteer::CompanyKind;
use crate::tag::matcher::{Naming, Target};

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

impl Resolver<'_, '_> {
    /// Decides between several meanings by what else the article proves.
    pub(super) fn choose_open(&mut self) {
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
}
