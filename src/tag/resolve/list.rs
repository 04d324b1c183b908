//! Rows of names: what stands among companies is one.

use super::{Candidate, Resolver, State};
use crate::tag::matcher::Id;
use crate::tag::view::Gap;

impl Resolver<'_, '_> {
    /// "Meta, Google, Microsoft and Salesforce": a weak name in a row of accepted ones is one of them.
    pub(super) fn take_lists(&mut self) {
        let count = self.candidates.len();
        for place in (1..count).chain((1..count).rev()) {
            for (from, to) in [(place - 1, place), (place, place - 1)] {
                if let (State::Accepted(known, _), State::Pending(id)) =
                    (&self.candidates[from].state, &self.candidates[to].state)
                    && !known.is_division()
                    && !id.is_division()
                    && known.company != id.company
                    && self.is_row(place - 1, place)
                {
                    let id = *id;
                    self.accept(to, id, "weak+list");
                }
            }
        }
    }

    /// "American, Delta, United and Southwest": three companies in a row, or two of one trade, are companies.
    pub(super) fn take_rows_of_weak(&mut self) {
        let named = |candidate: &Candidate| match candidate.state {
            State::Pending(id) | State::Accepted(id, _) if !id.is_division() => Some(id),
            _ => None,
        };
        let mut from = 0;
        while from < self.candidates.len() {
            let mut to = from;
            while to + 1 < self.candidates.len()
                && named(&self.candidates[to]).is_some()
                && named(&self.candidates[to + 1]).is_some()
                && self.is_row(to, to + 1)
            {
                to += 1;
            }
            let companies: Vec<Id> = self.candidates[from..=to].iter().filter_map(named).collect();
            let industry = |id: &Id| {
                self.gazetteer.company_at(id.company as usize).and_then(|company| company.industry.as_deref())
            };
            let same_trade = companies.len() == 2
                && companies[0] != companies[1]
                && industry(&companies[0]).is_some()
                && industry(&companies[0]) == industry(&companies[1]);
            if companies.len() >= 3 || same_trade {
                for place in from..=to {
                    if let State::Pending(id) = self.candidates[place].state {
                        self.accept(place, id, "weak+list");
                    }
                }
            }
            from = to + 1;
        }
    }

    /// Whether only commas, "and" or "or" stand between two neighbouring candidates.
    pub(in crate::tag) fn is_row(&self, left: usize, right: usize) -> bool {
        let (left, right) = (&self.candidates[left], &self.candidates[right]);
        if left.field != right.field {
            return false;
        }
        let view = &self.views[left.field];
        let from = (left.found.last + left.tail) as usize;
        let to = right.found.first as usize;
        let Some(end) = view.words.get(to) else { return false };
        match to.checked_sub(from) {
            Some(0) => matches!(end.gap, Gap::Comma | Gap::Slash | Gap::Hyphen),
            Some(1) => view.words.get(from).is_some_and(|word| {
                matches!(view.folded_word(word), b"and" | b"or")
                    && end.gap == Gap::Plain
                    && matches!(word.gap, Gap::Plain | Gap::Comma)
            }),
            _ => false,
        }
    }
}
