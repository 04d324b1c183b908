//! What is put on top of the score of words: salience of the companies asked for, and freshness.
//!
//! ```text
//! score = (words or 1) × salience × freshness
//! salience  = 1 + SALIENCE_WEIGHT × s/100        with words; s/100 alone without
//! freshness = FLOOR + (1 − FLOOR) × 2^(−age/HALF_LIFE)
//! ```
//!
//! `s` is the highest salience of any company or division asked for. Both parts are bounded, so that neither can
//! bring an article to the top that has little to do with the words. Freshness is off where the query says when, and
//! an undated article is taken for one at the half-life.

use tantivy::columnar::Column;
use tantivy::{DocId, Score, SegmentReader};

use super::Explanation;

/// How much a salience of 100 adds.
const SALIENCE_WEIGHT: f32 = 0.5;

/// What is left of the score of a very old article.
const FLOOR: f32 = 0.9;

/// Seconds after which half of the rest is gone.
const HALF_LIFE: f32 = 365.0 * 86_400.0;

/// How the hits of one query are ranked.
pub(super) struct Ranking {
    /// Paths of the companies and divisions asked for.
    asked: Vec<String>,
    is_scored: bool,
    /// The present, where freshness counts.
    now: Option<i64>,
}

impl Ranking {
    pub(super) fn new(asked: &[String], is_scored: bool, now: Option<i64>) -> Self {
        Self { asked: asked.to_vec(), is_scored, now }
    }

    /// The present, where freshness counts.
    pub(super) fn now(&self) -> Option<i64> {
        self.now.filter(|_| self.is_scored)
    }

    /// Whether the engine has to score at all.
    pub(super) fn needs_scores(&self) -> bool {
        self.is_scored
    }

    pub(super) fn for_segment(&self, reader: &SegmentReader) -> tantivy::Result<SegmentRanking> {
        let salience = if self.asked.is_empty() { None } else { Some(Salience::of(&self.asked, reader)?) };
        Ok(SegmentRanking { is_scored: self.is_scored, now: self.now, salience })
    }
}

/// The salience of what was asked for in the articles of a segment.
struct Salience {
    /// Ordinals of the paths that the segment has.
    asked: Vec<u64>,
    /// Ordinals of the companies and divisions of articles, and beside each of them its salience.
    columns: Option<(Column<u64>, Column<u64>)>,
}

impl Salience {
    fn of(paths: &[String], reader: &SegmentReader) -> tantivy::Result<Self> {
        let Some(companies) = reader.fast_fields().str("company")? else {
            return Ok(Self { asked: Vec::new(), columns: None });
        };
        let mut asked = Vec::with_capacity(paths.len());
        for path in paths {
            asked.extend(companies.dictionary().term_ord(path.as_bytes())?);
        }
        let salience = reader.fast_fields().u64("company_salience")?;
        Ok(Self { asked, columns: Some((companies.ords().clone(), salience)) })
    }

    /// The highest one, 0 to 100.
    fn highest(&self, doc: DocId) -> u64 {
        let Some((companies, salience)) = &self.columns else { return 0 };
        let values = companies.values_for_doc(doc).zip(salience.values_for_doc(doc));
        values
            .filter(|(company, _)| self.asked.contains(company))
            .map(|(_, salience)| salience)
            .max()
            .unwrap_or(0)
    }
}

/// The same in one segment.
pub(super) struct SegmentRanking {
    is_scored: bool,
    now: Option<i64>,
    /// Where companies were asked for.
    salience: Option<Salience>,
}

impl SegmentRanking {
    /// The score of an article. `date` is its publication, `i64::MIN` when undated.
    pub(super) fn score(&self, doc: DocId, words: Score, date: i64) -> Score {
        let words = if self.is_scored { words } else { 1.0 };
        rounded(words * self.salience(doc).unwrap_or(1.0) * self.freshness(date).unwrap_or(1.0))
    }

    /// A score that an article does not exceed by its words, where its date gives no more than this factor.
    pub(super) fn highest(&self, words: Score, freshness: Score) -> Score {
        /// More than rounding adds.
        const MARGIN: f32 = 1.0 + 1.0 / 8_000.0;
        if !self.is_scored {
            return MARGIN;
        }
        let salience = if self.salience.is_some() { 1.0 + SALIENCE_WEIGHT } else { 1.0 };
        words * salience * freshness * MARGIN
    }

    /// A score of words with which an article stays below a score, where no date gives more than this factor.
    pub(super) fn below(&self, score: Score, freshness: Score) -> Score {
        /// Rounding adds half of the last digit that it leaves, at most this part of a score.
        const MARGIN: f32 = 1.0 - 1.0 / 16_000.0;
        if score <= 0.0 {
            return Score::MIN;
        }
        let salience = if self.salience.is_some() { 1.0 + SALIENCE_WEIGHT } else { 1.0 };
        score / (salience * freshness) * MARGIN
    }

    /// The factor of salience, where companies were asked for.
    fn salience(&self, doc: DocId) -> Option<f32> {
        let highest = self.salience.as_ref()?.highest(doc);
        let share = highest as f32 / 100.0;
        Some(if self.is_scored { 1.0 + SALIENCE_WEIGHT * share } else { share })
    }

    /// The factor of freshness, where it counts.
    fn freshness(&self, date: i64) -> Option<f32> {
        let now = self.now?;
        // Without words salience or nothing ranks, and date breaks ties as it is.
        if !self.is_scored {
            return None;
        }
        Some(freshness(now, Some(date).filter(|date| *date != i64::MIN)))
    }

    /// The parts of a score, which multiply to it.
    pub(super) fn explain(&self, doc: DocId, words: Explanation, date: i64) -> Explanation {
        let value = self.score(doc, words.value, date);
        let mut parts = Vec::new();
        if self.is_scored {
            parts.push(words);
        }
        let mut factor = |value: Option<f32>, description: &str| {
            parts.extend(value.map(|value| Explanation {
                value,
                description: description.to_owned(),
                parts: Vec::new(),
            }));
        };
        factor(self.salience(doc), "salience of the companies asked for");
        factor(self.freshness(date), "freshness");
        Explanation { value, description: "product of".to_owned(), parts }
    }
}

/// The factor that a date gives.
pub(super) fn freshness(now: i64, date: Option<i64>) -> Score {
    let age = date.map_or(HALF_LIFE, |date| now.saturating_sub(date).max(0) as f32);
    FLOOR + (1.0 - FLOOR) * (-age / HALF_LIFE).exp2()
}

/// To four decimal digits. The engine adds the parts of a score in an order that depends on how the index is cut into
/// segments; what that changes in the last digits must not change the order of the hits.
pub(super) fn rounded(score: Score) -> Score {
    const DROPPED: u32 = 10;
    Score::from_bits((score.to_bits() + (1 << (DROPPED - 1))) & !((1 << DROPPED) - 1))
}

#[cfg(test)]
mod tests {
    use super::{HALF_LIFE, SegmentRanking, rounded};

    #[test]
    fn rounding_hides_the_last_digits_alone() {
        let score = 10.923_584_f32;
        for step in -200_i32..=200 {
            let near = f32::from_bits(score.to_bits().wrapping_add_signed(step));
            assert!((rounded(near) / near - 1.0).abs() < 1e-4);
        }
        let [left, right] =
            [1_091_358_123, 1_091_358_124].map(|bits| rounded(f32::from_bits(bits)).to_bits());
        assert_eq!(left, right);
        assert!((rounded(0.0)).abs() < f32::EPSILON);
    }

    #[test]
    fn freshness_is_bounded() {
        let ranking = |now| SegmentRanking { is_scored: true, now, salience: None };
        let now = 1_700_000_000;
        let fresh = ranking(Some(now));
        assert!((fresh.score(0, 2.0, now) - 2.0).abs() < 1e-6);
        assert!((fresh.score(0, 2.0, now - HALF_LIFE as i64) - 1.9).abs() < 1e-3);
        assert!((fresh.score(0, 2.0, 0) - 1.8).abs() < 1e-3);
        assert!((fresh.score(0, 2.0, i64::MIN) - 1.9).abs() < 1e-3);
        assert!((fresh.score(0, 2.0, now + 86_400) - 2.0).abs() < 1e-6, "tomorrow's paper is fresh");
        assert!((ranking(None).score(0, 2.0, 0) - 2.0).abs() < 1e-6);
        for date in [i64::MIN, 0, now - 1, now, now + 86_400] {
            let score = fresh.score(0, 2.0, date);
            assert!(score <= fresh.highest(2.0, fresh.freshness(date).unwrap()));
            let bar = fresh.below(score, fresh.freshness(date).unwrap());
            assert!(bar < 2.0 && fresh.score(0, bar, date) < score, "{bar}");
        }
    }
}
