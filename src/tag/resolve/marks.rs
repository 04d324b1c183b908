//! What a text says of a name in so many words: its symbol, its legal form, a short form in brackets, a former name.

use std::collections::{HashMap, HashSet};

use super::{BODY, Candidate, Resolver, State, TITLE};
use crate::tag::lexicon::{EXCHANGE, FORMERLY};
use crate::tag::matcher::{Found, Id};
use crate::tag::view::{CAPITALS, Gap, LOWER, View};

/// Definitions ("General Motors Co. (GM)") that are followed in one article.
const MAX_DEFINITIONS: usize = 32;

impl Resolver<'_, '_> {
    /// `(NYSE: IBM)` anywhere in the article proves the company, whatever stands before it, and so does `$IBM`.
    pub(super) fn take_exchange_marks(&mut self) {
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
    pub(super) fn take_lone_marks(&mut self) {
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

    /// Weak names with a legal form or a ticker mark right after them.
    pub(super) fn take_marked(&mut self) {
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
    pub(super) fn reject_symbols(&mut self) {
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
    pub(super) fn take_definitions(&mut self) {
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
