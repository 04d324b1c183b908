//! Weak names of divisions: believed beside their company or another of its divisions, and alone where most readers know what
//! is meant.

use std::borrow::Cow;
use std::collections::HashMap;

use super::{Candidate, Resolver, State, TITLE};

/// Signs that let in a familiar name of a division whose company is not in the article.
const FAMILIAR_ENOUGH: u8 = 2;

impl Resolver<'_, '_> {
    /// Weak names of divisions need their company or a sibling in the article.
    pub(super) fn take_weak_divisions(&mut self) {
        let mut pending: Vec<(u32, usize)> = self
            .candidates
            .iter()
            .enumerate()
            .filter(|(_, candidate)| matches!(candidate.state, State::Pending(id) if id.is_division()))
            .map(|(place, candidate)| (candidate.found.pattern, place))
            .collect();
        if pending.is_empty() {
            return;
        }
        let near = self.paragraphs_of_companies();
        pending.sort_unstable();
        for group in pending.chunk_by(|left, right| left.0 == right.0) {
            self.judge_division(group, &near);
        }
    }

    /// In which paragraphs each company or one of its divisions is accepted; the headline is paragraph 0.
    fn paragraphs_of_companies(&self) -> HashMap<u32, Vec<(u32, bool)>> {
        let mut near: HashMap<u32, Vec<(u32, bool)>> = HashMap::new();
        for candidate in &self.candidates {
            if let State::Accepted(id, _) = candidate.state {
                near.entry(id.company).or_default().push((self.paragraph(candidate), id.is_division()));
            }
        }
        near
    }

    fn paragraph(&self, candidate: &Candidate) -> u32 {
        if candidate.field == TITLE {
            return 0;
        }
        self.context(candidate.field).sentence(candidate.found).paragraph + 1
    }

    fn judge_division(&mut self, group: &[(u32, usize)], near: &HashMap<u32, Vec<(u32, bool)>>) {
        let Some(&(_, place)) = group.first() else { return };
        let State::Pending(id) = self.candidates[place].state else { return };
        let Some(company) = self.gazetteer.company_at(id.company as usize) else { return };
        let Some(division) = company.divisions.get(id.division as usize) else { return };
        let empty = Vec::new();
        let parents = near.get(&id.company).unwrap_or(&empty);
        // The article is about the parent when it is named often.
        let main = parents.len() >= 4;
        let mut doubt: Option<Cow<'static, str>> = None;
        let mut open = Vec::new();
        let mut sure = false;
        let familiar = parents.is_empty() && self.is_familiar(place, id);
        let mut points: u8 = 0;
        for &(_, place) in group {
            let (field, found) = (self.candidates[place].field, self.candidates[place].found);
            let context = self.context(field);
            if let Some(reason) = self.turned_down(place, field, found, &division.veto) {
                if !matches!(&*reason, "part of a compound" | "part of a longer name") {
                    doubt.get_or_insert_with(|| reason.clone());
                }
                self.reject(place, id, reason);
                continue;
            }
            let beside = self.is_beside_company(place, id.company);
            if context.after_article(found) && !beside && !main {
                self.reject(place, id, "\"the\" before it: a place or thing");
                continue;
            }
            let paragraph = self.paragraph(&self.candidates[place]);
            let at = parents.partition_point(|(other, _)| *other + 1 < paragraph);
            let close = parents.get(at).filter(|(other, _)| *other <= paragraph + 1).copied();
            let speaks = !context.capital_says_nothing(found) || context.is_bare_subject(found);
            if familiar && !context.everyday(found) {
                points = points.saturating_add(context.cue(found, &division.cues).points + u8::from(speaks));
            }
            sure |= beside || speaks && (close.is_some() || main);
            open.push((place, beside, close));
        }
        let believed =
            familiar && points >= FAMILIAR_ENOUGH && doubt.is_none() && !self.is_ordinary_word(group);
        for (place, beside, close) in open {
            if believed {
                self.accept(place, id, "weak+familiar");
            } else if parents.is_empty() {
                self.reject(place, id, format!("{} is not in the article", company.name));
            } else if let Some(doubt) = doubt.clone().filter(|_| !beside) {
                self.reject(place, id, doubt);
            } else if !sure {
                self.reject(place, id, "nothing near speaks for it");
            } else if beside {
                self.accept(place, id, "weak+parent");
            } else {
                let sibling = close.is_some_and(|(_, division)| division);
                self.accept(place, id, if sibling { "weak+sibling" } else { "weak+parent" });
            }
        }
    }

    /// "Amazon's Luna", "Amazon Luna", "Luna, Amazon's cloud gaming service".
    fn is_beside_company(&self, place: usize, company: u32) -> bool {
        let candidate = &self.candidates[place];
        let sides = [place.checked_sub(1), Some(place + 1)];
        sides.into_iter().flatten().filter_map(|side| self.candidates.get(side)).any(|other| {
            let State::Accepted(id, _) = other.state else { return false };
            let (left, right) = if other.found.first < candidate.found.first {
                (&other.found, &candidate.found)
            } else {
                (&candidate.found, &other.found)
            };
            id.company == company
                && other.field == candidate.field
                && right.first.saturating_sub(left.last) <= 2
        })
    }
}
