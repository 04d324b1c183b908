//! Names that mean something else as often: which of them are believed.
//!
//! All mentions of one weak name are judged together, because an article means one thing by one name.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::ordinary::ORDINARY;
use super::{BODY, PERSON, Resolver, State, TITLE};
use crate::tag::context::article_vetoes;
use crate::tag::cue::Cue;
use crate::tag::gazetteer::CompanyKind;
use crate::tag::matcher::{Found, Id};
use crate::tag::trade::Background;
use crate::tag::view::{CAPITALS, Gap};

/// Weak signs (a capital inside a sentence, "said") that are enough without a better one.
const SOFT_ENOUGH: u8 = 3;

/// Different words of business that make an article one on business.
const BUSINESS_WORDS: usize = 3;

impl Resolver<'_, '_> {
    /// Weak names of companies, judged together for each name: an article means one thing by one name.
    pub(super) fn take_weak_companies(&mut self) {
        let mut pending: Vec<(u32, usize)> = self
            .candidates
            .iter()
            .enumerate()
            .filter(|(_, candidate)| matches!(candidate.state, State::Pending(id) if !id.is_division()))
            .map(|(place, candidate)| (candidate.found.pattern, place))
            .collect();
        if pending.is_empty() {
            return;
        }
        pending.sort_unstable();
        let companions = self.companies_of_weak_divisions();
        self.last_words = self.last_words();
        for group in pending.chunk_by(|left, right| left.0 == right.0) {
            self.judge_company(group, &companions);
        }
    }

    /// Companies with a weak division whose capital says something: "Amazon has put a new Echo on sale".
    fn companies_of_weak_divisions(&self) -> HashSet<u32> {
        let divisions = self.candidates.iter().filter_map(|candidate| match candidate.state {
            State::Pending(id) if id.is_division() => Some((candidate, id.company)),
            _ => None,
        });
        divisions
            .filter(|(candidate, _)| !self.context(candidate.field).capital_says_nothing(candidate.found))
            .map(|(_, company)| company)
            .collect()
    }

    fn judge_company(&mut self, group: &[(u32, usize)], companions: &HashSet<u32>) {
        let Some(&(_, place)) = group.first() else { return };
        let State::Pending(id) = self.candidates[place].state else { return };
        let Some(company) = self.gazetteer.company_at(id.company as usize) else { return };
        let kind = company.kind;
        let familiar = self.is_familiar(place, id);
        let proof = self.evidence.get(&id.company).copied().unwrap_or_default().rule();
        if proof.is_none()
            && let Some(other) = self.longer_name(place, id)
        {
            for &(_, place) in group {
                self.accept(place, other, "defined");
            }
            return;
        }
        let mut doubt: Option<Cow<'static, str>> = None;
        let mut points: u8 = 0;
        let mut best_rule = "weak+capital";
        let mut open: Vec<(usize, &'static str, u8)> = Vec::new();
        let mut letters = 0;
        let mut persons: u8 = 0;
        let (mut soft, mut speech) = (0_u8, 0_u8);
        let mut everyday = false;
        let (mut acronym_in_title, mut acronym_in_body) = (false, false);
        for &(_, place) in group {
            let (field, found) = (self.candidates[place].field, self.candidates[place].found);
            let context = self.context(field);
            letters = (found.first..found.last)
                .filter_map(|word| context.word(word as usize))
                .map(|word| word.fold_end - word.fold - 1)
                .sum();
            if let Some(reason) = self.turned_down(place, field, found, &company.veto) {
                // A compound or a longer name says nothing about the other mentions.
                if !matches!(&*reason, "part of a compound" | "part of a longer name") {
                    doubt.get_or_insert_with(|| reason.clone());
                }
                self.reject(place, id, reason);
                continue;
            }
            if context.everyday(found) {
                self.reject(place, id, "an everyday word");
                continue;
            }
            everyday |= context.is_everyday_word(found);
            if context.is_told_as_person(found) {
                persons = persons.saturating_add(1);
            }
            let acronym = context.first(found).is_some_and(|word| word.shape & CAPITALS != 0);
            let in_capitals = acronym && !context.sentence(found).all_capitals;
            let shouted = in_capitals && self.is_shouted(place, id);
            if in_capitals && !shouted {
                acronym_in_title |= field == TITLE;
                acronym_in_body |= field == BODY;
            }
            let mut cue = context.cue(found, &company.cues);
            let outlet = kind == CompanyKind::Outlet;
            if outlet && context.credited(found) {
                cue = Cue { points: 2, rule: "weak+credited" };
            } else if cue.rule == "weak+noun" && outlet && context.capital_says_nothing(found) {
                // "Chip shares": magazines are named after what they write of.
                cue.points = 0;
            } else if cue.rule == "weak+noun" && !familiar && context.describes_things(found) {
                cue.points = 1;
            }
            // In capitals that are not its own a name is rather an acronym.
            if shouted && cue.points < 2 {
                cue.points = 0;
            }
            // Short acronyms stand for many things.
            if acronym && letters <= 3 && cue.points < 2 && !familiar {
                cue.points = 0;
            }
            match cue.points {
                0 => {}
                1 if cue.rule == "weak+speech" => speech = 1,
                1 => soft = soft.saturating_add(1),
                more => points = points.saturating_add(more),
            }
            if cue.points >= 2 {
                best_rule = cue.rule;
            }
            open.push((place, cue.rule, cue.points));
        }
        let of_its_trade = open.iter().any(|&(place, ..)| {
            let (field, found) = (self.candidates[place].field, self.candidates[place].found);
            let Some(word) = self.context(field).first(found) else { return false };
            let near = self.background().trades_near(field, word.sentence);
            self.trades.is_of(id.company, near)
        });
        if of_its_trade {
            points = points.saturating_add(2);
            best_rule = "weak+trade";
        }
        // Two weak names of one company speak for each other.
        if companions.contains(&id.company) {
            points = points.saturating_add(2);
            best_rule = "weak+division";
        }
        // What also holds for a person's name counts when it is plenty, or beside something better.
        let soft = soft.saturating_add(speech);
        let soft = soft.saturating_add(u8::from(soft > 0 && self.background().business >= BUSINESS_WORDS));
        // Short acronyms stand for many things, the familiar ones too.
        let acronym = acronym_in_body && letters <= 3;
        let soft = match letters {
            // "An IBM 1401": three familiar ones stand for one.
            3 if soft > 0 && familiar && acronym => soft.saturating_add(2),
            _ => soft.saturating_add(u8::from(soft > 0 && familiar && acronym)),
        };
        if familiar && soft > 0 && !acronym {
            points = points.saturating_add(2);
            best_rule = "weak+familiar";
        }
        if points > 0 || soft >= SOFT_ENOUGH {
            points = points.saturating_add(soft);
        }
        // An acronym in headline and body needs less.
        if acronym_in_title && acronym_in_body {
            points = points.saturating_add(2);
        }
        // A single letter or an everyday word is a company only beside its other name.
        let short = acronym && !familiar;
        let plain = letters <= 1 || (everyday || short) && points < 4;
        if persons > 0 && proof.is_none() && persons.saturating_mul(2) >= points {
            doubt.get_or_insert(Cow::Borrowed("told of like a person"));
        }
        let pattern = self.candidates[place].found.pattern;
        if proof.is_none() && (points < 4 || !familiar) && self.people.binary_search(&pattern).is_ok() {
            doubt.get_or_insert(Cow::Borrowed(PERSON));
        }
        if proof.is_none()
            && let Some(word) = self.article_veto(place)
        {
            doubt.get_or_insert(Cow::Owned(format!("\"{word}\" in the article")));
        }
        let mut enough = points >= 2 && !plain && doubt.is_none();
        if enough && proof.is_none() && self.is_ordinary_word(group) {
            doubt = Some(Cow::Borrowed(ORDINARY));
            enough = false;
        }
        for (place, rule, points) in open {
            let alone = self.candidates[place].found;
            let context = self.context(self.candidates[place].field);
            match proof {
                // "The FT" is the paper.
                Some(_) if points == 0 && kind != CompanyKind::Outlet && context.after_article(alone) => {
                    self.reject(place, id, "\"the\" before it: a place or thing");
                }
                Some(proof) => self.accept(place, id, proof),
                None if enough && points > 0 => self.accept(place, id, rule),
                None if enough => {
                    let rule = if best_rule == "weak+capital" { "weak+capital" } else { "weak+article" };
                    self.accept(place, id, rule);
                }
                None => {
                    let reason = doubt.clone().unwrap_or(Cow::Borrowed("nothing near speaks for it"));
                    // Left open for the lists when nothing speaks against it.
                    if doubt.is_some() || letters <= 1 {
                        self.reject(place, id, reason);
                    }
                }
            }
        }
    }

    /// The company of which a candidate is the short form that its own article makes: "J.P. Morgan", and later "Morgan".
    fn longer_name(&self, place: usize, id: Id) -> Option<Id> {
        let candidate = &self.candidates[place];
        let context = self.context(candidate.field);
        let short = context.first(candidate.found)?;
        if candidate.found.last - candidate.found.first != 1
            || context.is_everyday_word(candidate.found)
            || short.shape & CAPITALS != 0
        {
            return None;
        }
        let ends: &HashMap<u32, Option<Id>> = &self.last_words;
        (*ends.get(&short.hash)?).filter(|other| other.company != id.company)
    }

    /// The companies that strong names of several words stand for, by the hash of the last word; `None` for one of several.
    fn last_words(&self) -> HashMap<u32, Option<Id>> {
        let mut ends: HashMap<u32, Option<Id>> = HashMap::new();
        for candidate in &self.candidates {
            let State::Accepted(id, "strong" | "legal form" | "ticker") = candidate.state else { continue };
            let context = self.context(candidate.field);
            let (first, last) = (candidate.found.first as usize, candidate.found.last as usize);
            if id.is_division() || last - first < 2 {
                continue;
            }
            let Some(word) = context.word(last - 1).filter(|word| word.gap == Gap::Plain) else { continue };
            ends.entry(word.hash)
                .and_modify(|known| {
                    if *known != Some(id) {
                        *known = None;
                    }
                })
                .or_insert(Some(id));
        }
        ends
    }

    /// Whether most readers of news know what is meant by the name of a candidate.
    pub(super) fn is_familiar(&self, place: usize, id: Id) -> bool {
        let targets = self.matcher.targets(self.candidates[place].found.pattern);
        targets.iter().any(|target| target.id == id && target.familiar)
    }

    /// Whether a candidate is written in capitals that its name does not have.
    fn is_shouted(&self, place: usize, id: Id) -> bool {
        let candidate = &self.candidates[place];
        let view = &self.views[candidate.field];
        let targets = self.matcher.targets(candidate.found.pattern);
        targets.iter().filter(|target| target.id == id).all(|target| target.is_shouted(view, candidate.found))
    }

    /// The word anywhere in the article that shows what the name of a candidate means in it.
    fn article_veto(&mut self, place: usize) -> Option<&'static str> {
        let candidate = &self.candidates[place];
        let view = &self.views[candidate.field];
        let name = view.folded_word(view.words.get(candidate.found.first as usize)?);
        let mut vetoes = article_vetoes(name).peekable();
        vetoes.peek()?;
        let lexicon = self.lexicon;
        let background = self.background();
        vetoes.find(|word| background.has(lexicon, word))
    }

    fn background(&mut self) -> &Background {
        let (views, lexicon, trades) = (self.views, self.lexicon, self.trades);
        self.background.get_or_insert_with(|| Background::read(views, lexicon, trades))
    }

    /// Why a weak name cannot be meant at this place.
    pub(super) fn turned_down(
        &self,
        place: usize,
        field: usize,
        found: Found,
        veto: &[String],
    ) -> Option<Cow<'static, str>> {
        let context = self.context(field);
        if let Some(word) = context.veto(found, veto) {
            return Some(Cow::Owned(format!("\"{}\" beside it", word.chars().take(40).collect::<String>())));
        }
        if context.is_legal_form(found) {
            return Some(Cow::Borrowed("the legal form of another name"));
        }
        if context.defines_something_else(found) && !self.covers(field, place, found.first as usize - 1) {
            return Some(Cow::Borrowed("short for something else"));
        }
        if context.joined_to_unknown(found) && !self.covers(field, place, found.last as usize) {
            return Some(Cow::Borrowed("part of a compound"));
        }
        if let Some(reason) = context.compound(found) {
            return Some(Cow::Borrowed(reason));
        }
        if context.person(found, |word| self.covers(field, place, word)) {
            return Some(Cow::Borrowed(PERSON));
        }
        if context.institution(found) {
            return Some(Cow::Borrowed("part of a longer name"));
        }
        if context.after_unknown_name(found, |word| self.covers(field, place, word)) {
            return Some(Cow::Borrowed("after another name"));
        }
        None
    }
}
