//! What an article reports: layoffs, an acquisition, results.
//!
//! A topic is a list of phrases with weights, for it and against it, in `topic/phrases.txt`, which also says how to
//! read it. What the headline and the first sentences say counts most, so that one passing word deep in the text never
//! makes a topic. Every phrase that speaks for a topic is kept as a mention with its weight.

#[cfg(test)]
mod fit;
mod table;

use crate::article::{Mention, TextField, TopicTag};
use crate::tag::explain::{Points, RejectedTopic, TagReasons};
use crate::tag::lexicon::Lexicon;
use crate::tag::resolve::{BODY, TITLE};
use crate::tag::view::{DIGIT, Gap, LOWER, View, Word};
use table::{Set, Slot, Table};

/// Points that make a topic, in tenths.
const THRESHOLD: i32 = 250;
/// More points that a text needs whose headline and first sentences say nothing of it, in tenths.
const UNANNOUNCED: i32 = 50;
/// And one more tenth for so many words of it.
const WORDS_A_TENTH: usize = 5;
/// Sentences that count as the lead.
const LEAD: u32 = 3;
/// Hits of one phrase after the lead that count.
const REPEATS: u8 = 4;

/// Where a phrase stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Zone {
    Headline,
    FirstSentence,
    /// The next two sentences.
    Lead,
    /// The same in a text without a headline, in which they have more to say.
    BareLead,
    Rest,
}

impl Zone {
    /// What a weight counts there, in tenths.
    fn factor(self) -> i32 {
        match self {
            Self::Headline => 30,
            Self::FirstSentence => 25,
            Self::Lead => 15,
            Self::BareLead => 18,
            Self::Rest => 6,
        }
    }
}

/// A phrase that was found.
struct Hit {
    phrase: usize,
    zone: Zone,
    field: usize,
    /// Its first word, and one past its last.
    words: std::ops::Range<usize>,
}

/// A phrase that begins with a word.
#[derive(Clone, Copy)]
struct Start {
    phrase: u32,
    /// The bit of [`Needs`] for the set with fewest words among those of its further places: without one of them in the
    /// sentence the phrase is not looked at.
    needs: Option<u8>,
}

/// A bit for each set that phrases need. Two sets may share one, which costs a look in vain.
type Needs = [u64; 4];

/// The phrases of all topics, compiled for a lexicon.
pub(super) struct Topics {
    table: &'static Table<'static>,
    /// For each word, where its phrases begin in `starts`; one more at the end.
    offsets: Vec<u32>,
    /// Phrases by the word that they begin with, in the order of the table.
    starts: Vec<Start>,
    /// Phrases that begin with a number.
    numbers: Vec<Start>,
    /// For each word, a bit for each set of words that holds it.
    bits: Vec<u64>,
    /// Numbers of `bits` that a word has.
    stride: usize,
    /// For each word, the needs that it meets.
    needs: Vec<Needs>,
}

/// Every word of the phrases, for the lexicon.
pub(super) fn vocabulary() -> impl Iterator<Item = &'static str> {
    Table::builtin().sets.iter().flat_map(|set| set.words.iter().copied())
}

impl Topics {
    /// Compiles the phrases for a lexicon that holds their [`vocabulary`].
    pub(super) fn new(lexicon: &Lexicon) -> Self {
        let table = Table::builtin();
        let stride = table.sets.len().div_ceil(64);
        let mut bits = vec![0_u64; stride * lexicon.len()];
        for (number, set) in table.sets.iter().enumerate() {
            for word in &set.words {
                let id = usize::from(lexicon.id(word));
                if let Some(part) = bits.get_mut(id * stride + number / 64) {
                    *part |= 1 << (number % 64);
                }
            }
        }
        let mut by_word: Vec<Vec<Start>> = vec![Vec::new(); lexicon.len()];
        let mut numbers = Vec::new();
        let mut needed: Vec<usize> = Vec::new();
        for (place, phrase) in table.phrases.iter().enumerate() {
            let Some(set) = phrase.slots.first().and_then(|slot| table.sets.get(slot.set)) else { continue };
            let rest = phrase.slots.iter().skip(1).filter(|slot| !slot.has_marks).map(|slot| slot.set);
            let fewest = rest.min_by_key(|set| table.sets.get(*set).map_or(0, |set| set.words.len()));
            let needs = fewest.map(|set| {
                let known = needed.iter().position(|known| *known == set);
                known.unwrap_or_else(|| {
                    needed.push(set);
                    needed.len() - 1
                }) as u8
            });
            let start = Start { phrase: place as u32, needs };
            for word in &set.words {
                if let Some(starts) = by_word.get_mut(usize::from(lexicon.id(word))) {
                    starts.push(start);
                }
            }
            if set.number || set.year {
                numbers.push(start);
            }
        }
        let mut offsets = vec![0];
        let mut starts = Vec::new();
        for phrases in by_word {
            starts.extend(phrases);
            offsets.push(starts.len() as u32);
        }
        let mut needs = vec![Needs::default(); lexicon.len()];
        for (number, set) in needed.iter().enumerate() {
            for word in table.sets.get(*set).map_or(&[][..], |set| &set.words) {
                if let Some(needs) = needs.get_mut(usize::from(lexicon.id(word))) {
                    set_bit(needs, number as u8);
                }
            }
        }
        Self { table, offsets, starts, numbers, bits, stride, needs }
    }

    /// The topics of an article, by falling salience, then name.
    pub(super) fn find(&self, views: &[View<'_>; 2], reasons: &mut TagReasons) -> Vec<TopicTag> {
        let topics = &self.table.topics;
        let hits = self.hits(views);
        let mut sums = vec![Sum::default(); topics.len()];
        for hit in &hits {
            let Some(phrase) = self.table.phrases.get(hit.phrase) else { continue };
            sums[phrase.topic].add(phrase.weight, hit.zone);
        }
        let length = views[BODY].words.len();
        let mut tags: Vec<TopicTag> = Vec::new();
        for (topic, (name, sum)) in topics.iter().zip(sums).enumerate() {
            let needed = needed(sum.front > 0, length);
            if sum.all() >= needed {
                tags.push(TopicTag {
                    topic: (*name).to_owned(),
                    salience: reasons.topic(name, sum.salience(reasons)),
                    mentions: self.mentions(topic, &hits, views),
                });
            } else if reasons.is_kept() {
                let mentions = self.mentions(topic, &hits, views);
                if mentions.is_empty() {
                    continue;
                }
                let reason = if sum.front > 0 { "too little of it" } else { "only deep in the text" };
                reasons.rejected_topics.push(RejectedTopic {
                    topic: (*name).to_owned(),
                    points: sum.all() / 10,
                    needed: needed / 10,
                    reason: reason.to_owned(),
                    mentions,
                });
            }
        }
        tags.sort_by(|left, right| {
            right.salience.cmp(&left.salience).then_with(|| left.topic.cmp(&right.topic))
        });
        tags
    }

    /// What speaks for a topic.
    fn mentions(&self, topic: usize, hits: &[Hit], views: &[View<'_>; 2]) -> Vec<Mention> {
        hits.iter()
            .filter_map(|hit| {
                let phrase = self.table.phrases.get(hit.phrase)?;
                let rule = || format!("{} +{}", self.table.topics[topic], phrase.weight);
                (phrase.topic == topic && phrase.weight > 0).then(|| mention(&views[hit.field], hit, rule()))
            })
            .collect()
    }

    /// Every phrase that counts, in the order of the text.
    fn hits(&self, views: &[View<'_>; 2]) -> Vec<Hit> {
        let has_headline = !views[TITLE].words.is_empty();
        let mut hits = Vec::new();
        let mut seen = vec![0_u8; self.table.phrases.len()];
        for field in [TITLE, BODY] {
            let view = &views[field];
            // One past the last word that counted for a topic.
            let mut covered = vec![0_usize; self.table.topics.len()];
            // The needs that the sentence that is read meets.
            let mut met: (Option<u32>, Needs) = (None, Needs::default());
            for (place, word) in view.words.iter().enumerate() {
                let own = self.starting(word);
                let numbers = if word.shape & DIGIT == 0 { &[][..] } else { &self.numbers };
                if own.is_empty() && numbers.is_empty() {
                    continue;
                }
                if met.0 != Some(word.sentence) {
                    met = (Some(word.sentence), self.needs_met(view, word.sentence));
                }
                for start in own.iter().chain(numbers) {
                    if start.needs.is_some_and(|needs| !has_bit(&met.1, needs)) {
                        continue;
                    }
                    let number = start.phrase as usize;
                    let Some(phrase) = self.table.phrases.get(number) else { continue };
                    let Some((first, rest)) = phrase.slots.split_first() else { continue };
                    if place < covered[phrase.topic] || !self.fits(first, view, word) {
                        continue;
                    }
                    let Some(end) = self.follows(rest, view, place + 1, word.sentence) else { continue };
                    covered[phrase.topic] = end;
                    let zone = match word.sentence {
                        _ if field == TITLE => Zone::Headline,
                        0 if !has_headline => Zone::Headline,
                        0 => Zone::FirstSentence,
                        sentence if sentence >= LEAD => Zone::Rest,
                        _ if has_headline => Zone::Lead,
                        _ => Zone::BareLead,
                    };
                    let counts = match seen.get_mut(number) {
                        Some(seen) if zone == Zone::Rest => {
                            *seen = seen.saturating_add(1);
                            *seen <= REPEATS
                        }
                        _ => true,
                    };
                    if phrase.weight != 0 && counts {
                        hits.push(Hit { phrase: number, zone, field, words: place..end });
                    }
                }
            }
        }
        hits
    }

    /// The needs that the words of a sentence meet, which most phrases lack.
    fn needs_met(&self, view: &View<'_>, sentence: u32) -> Needs {
        let first = view.sentences.get(sentence as usize).map_or(0, |sentence| sentence.first as usize);
        let words = view.words.get(first..view.sentence_end(sentence)).unwrap_or_default();
        let mut met = Needs::default();
        for word in words {
            let own = self.needs.get(usize::from(word.id)).copied().unwrap_or_default();
            for (part, own) in met.iter_mut().zip(own) {
                *part |= own;
            }
        }
        met
    }

    /// The phrases that may begin with a word.
    #[inline]
    fn starting(&self, word: &Word) -> &[Start] {
        let id = usize::from(word.id);
        match self.offsets.get(id..=id + 1) {
            Some(&[from, to]) => self.starts.get(from as usize..to as usize).unwrap_or_default(),
            _ => &[],
        }
    }

    /// One past the last word of a phrase whose remaining places begin at a word.
    fn follows(&self, slots: &[Slot], view: &View<'_>, at: usize, sentence: u32) -> Option<usize> {
        let Some((slot, rest)) = slots.split_first() else { return Some(at) };
        for place in at..=at + usize::from(slot.skip) {
            let word = view.words.get(place)?;
            if word.sentence != sentence || word.gap == Gap::Sentence {
                return None;
            }
            if self.fits(slot, view, word)
                && let Some(end) = self.follows(rest, view, place + 1, sentence)
            {
                return Some(end);
            }
        }
        None
    }

    #[inline]
    fn fits(&self, slot: &Slot, view: &View<'_>, word: &Word) -> bool {
        let part = usize::from(word.id) * self.stride + slot.set / 64;
        if word.id != 0 && self.bits.get(part).is_some_and(|part| part >> (slot.set % 64) & 1 != 0) {
            return true;
        }
        slot.has_marks && self.table.sets.get(slot.set).is_some_and(|set| set.fits_shape(view, word))
    }
}

/// Points of a topic by where its phrases stand, in tenths.
#[derive(Clone, Copy, Default)]
struct Sum {
    headline: i32,
    lead: i32,
    body: i32,
    /// What speaks for it in headline and lead.
    front: i32,
}

impl Sum {
    fn add(&mut self, weight: i32, zone: Zone) {
        let counted = weight * zone.factor();
        let part = match zone {
            Zone::Headline => &mut self.headline,
            Zone::FirstSentence | Zone::Lead | Zone::BareLead => &mut self.lead,
            Zone::Rest => &mut self.body,
        };
        *part += counted;
        if zone != Zone::Rest {
            self.front += counted.max(0);
        }
    }

    fn all(self) -> i32 {
        self.headline + self.lead + self.body
    }

    fn salience(self, reasons: &TagReasons) -> Points {
        let points_of = |tenths: i32| tenths as f32 / 10.0;
        let mut points = reasons.points();
        points.add("headline", points_of(self.headline), || "phrases in it, three times".to_owned());
        points.add("lead", points_of(self.lead), || "phrases in the first three sentences".to_owned());
        points.add("body", points_of(self.body), || "phrases further down".to_owned());
        points.add("front", points_of(self.front / 2), || "headline and lead once more, by half".to_owned());
        points.at_most(100.0, || "100 is the highest".to_owned());
        points
    }
}

fn set_bit(needs: &mut Needs, bit: u8) {
    needs[usize::from(bit / 64)] |= 1 << (bit % 64);
}

#[inline]
fn has_bit(needs: &Needs, bit: u8) -> bool {
    needs[usize::from(bit / 64)] >> (bit % 64) & 1 != 0
}

impl Set<'_> {
    /// Whether a word fits by how it is written.
    fn fits_shape(&self, view: &View<'_>, word: &Word) -> bool {
        let digit = word.shape & DIGIT != 0;
        self.number && digit
            || self.year && digit && is_year(view.folded_word(word))
            || self.capital && !digit && word.shape & LOWER == 0
    }
}

fn is_year(word: &[u8]) -> bool {
    word.len() == 4 && matches!(word.get(..2), Some(b"19" | b"20")) && word.iter().all(u8::is_ascii_digit)
}

/// Points that a topic needs in a text of so many words, in tenths.
fn needed(is_announced: bool, words: usize) -> i32 {
    if is_announced { THRESHOLD } else { THRESHOLD + UNANNOUNCED + (words / WORDS_A_TENTH) as i32 }
}

fn mention(view: &View<'_>, hit: &Hit, rule: String) -> Mention {
    let start = view.words.get(hit.words.start).map_or(0, |word| word.start as usize);
    let end = view.words.get(hit.words.end - 1).map_or(start, |word| word.end as usize);
    Mention {
        field: if hit.field == TITLE { TextField::Title } else { TextField::Body },
        start,
        end,
        text: view.text.get(start..end).unwrap_or_default().to_owned(),
        rule: rule.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Topics of a text, each with the phrases that were found for it.
    fn found(title: &str, body: &str) -> Vec<(String, Vec<String>)> {
        let lexicon = Lexicon::new(vocabulary());
        let topics = Topics::new(&lexicon);
        let views = [View::read(title, &lexicon), View::read(body, &lexicon)];
        let tags = topics.find(&views, &mut TagReasons::default());
        tags.into_iter()
            .map(|tag| (tag.topic, tag.mentions.into_iter().map(|mention| mention.text).collect()))
            .collect()
    }

    fn names(title: &str, body: &str) -> Vec<String> {
        found(title, body).into_iter().map(|(topic, _)| topic).collect()
    }

    #[test]
    fn the_phrases_are_kept_as_they_stand() {
        let body = "Acme, the maker of saws, will shrink its global staff by a tenth.";
        assert_eq!(
            found("", body),
            [("layoffs".to_owned(), vec!["shrink its global staff by a tenth".to_owned()])]
        );
    }

    #[test]
    fn the_same_words_in_another_sense_cover_them() {
        assert_eq!(names("", "Acme agreed to buy a maker of saws."), ["acquisition"]);
        assert!(
            names("Customer acquisition cost falls", "Acme spends less on customer acquisition.").is_empty()
        );
        assert!(
            names("Acme to buy back shares", "Acme will buy back shares for 3 million dollars.").is_empty()
        );
        assert!(names("Bid for contract", "Acme put in a bid for a road contract.").is_empty());
    }

    #[test]
    fn a_phrase_counts_less_the_later_it_stands_and_below_a_headline() {
        let filler = "Nobody in the town was surprised by it.";
        let report = "Acme owned up to a data breach at its shops.";
        assert_eq!(names(report, filler), ["security"]);
        assert_eq!(names("", &format!("{filler} {filler} {report}")), ["security"]);
        assert!(names("Saws", &format!("{filler} {filler} {report}")).is_empty());
        assert!(names("", &format!("{filler} {filler} {filler} {report}")).is_empty());
    }

    #[test]
    fn a_phrase_stays_within_its_sentence() {
        assert_eq!(names("", "Acme cut 300 jobs."), ["layoffs"]);
        assert!(names("", "Acme cut 300 trees. Jobs were plenty.").is_empty());
    }

    #[test]
    fn numbers_years_and_capitals_fit_by_how_they_are_written() {
        assert!(is_year(b"1987") && is_year(b"2025"));
        assert!(!is_year(b"1787") && !is_year(b"20x5") && !is_year(b"198"));
        assert!(names("Acme purchase in 1998", "The purchase of Acme in 1998 was a bargain.").is_empty());
        assert_eq!(names("", "The purchase of Acme is a bargain."), ["acquisition"]);
    }
}
