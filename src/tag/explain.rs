//! Why tags are as they are: what salience is made of, why a role was given, which topics fell short.
//!
//! The rules write it down while they work, and only when somebody asks: [`CompanyTagger::tag`] keeps nothing of it, and
//! no index stores it, because [`CompanyTagger::explain`] finds it again.
//!
//! [`CompanyTagger::tag`]: crate::article::Tagger::tag
//! [`CompanyTagger::explain`]: super::CompanyTagger::explain

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::article::Mention;

/// One part of a salience.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SaliencePart {
    /// What gives or takes the points, e.g. `headline`, `share of mentions`, `rounding`.
    pub name: String,
    /// Points in tenths, below 0 for what a limit takes away. All parts of a tag together are its salience.
    pub points: f32,
    /// What was counted, in a few words; may be empty.
    pub detail: String,
}

/// Why one tag is as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TagReason {
    /// Why a company has its role; `None` for divisions and topics, which have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// What its salience is made of, in the order in which it was added up.
    pub salience: Vec<SaliencePart>,
}

/// A topic that the article touches on and is not tagged with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RejectedTopic {
    /// Its name.
    pub topic: String,
    /// Points that its phrases have.
    pub points: i32,
    /// Points that a tag takes in this article.
    pub needed: i32,
    /// Why they are not enough.
    pub reason: String,
    /// The phrases, in order of appearance.
    pub mentions: Vec<Mention>,
}

/// Why an article has its tags.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TagReasons {
    /// By id.
    pub companies: BTreeMap<String, TagReason>,
    /// By path.
    pub divisions: BTreeMap<String, TagReason>,
    /// By name.
    pub topics: BTreeMap<String, TagReason>,
    /// In the order of the list of topics.
    pub rejected_topics: Vec<RejectedTopic>,
    /// Whether anything is written down at all.
    #[serde(skip)]
    is_kept: bool,
}

impl TagReasons {
    /// Reasons that are written down.
    pub(super) fn kept() -> Self {
        Self { is_kept: true, ..Self::default() }
    }

    /// Whether reasons are written down.
    pub(super) fn is_kept(&self) -> bool {
        self.is_kept
    }

    /// A sum that keeps its parts if reasons are written down.
    pub(super) fn points(&self) -> Points {
        Points { total: 0.0, parts: self.is_kept.then(Vec::new) }
    }

    /// Ends the sum of a company; gives its salience.
    pub(super) fn company(&mut self, id: &str, role: &str, points: Points) -> u8 {
        let (salience, parts) = points.finish();
        if self.is_kept {
            let reason = TagReason { role: Some(role.to_owned()), salience: parts };
            self.companies.insert(id.to_owned(), reason);
        }
        salience
    }

    /// Ends the sum of a division; gives its salience.
    pub(super) fn division(&mut self, path: &str, points: Points) -> u8 {
        let (salience, parts) = points.finish();
        if self.is_kept {
            self.divisions.insert(path.to_owned(), TagReason { role: None, salience: parts });
        }
        salience
    }

    /// Ends the sum of a topic; gives its salience.
    pub(super) fn topic(&mut self, topic: &str, points: Points) -> u8 {
        let (salience, parts) = points.finish();
        if self.is_kept {
            self.topics.insert(topic.to_owned(), TagReason { role: None, salience: parts });
        }
        salience
    }
}

/// Salience while it is added up.
#[derive(Clone, Debug)]
pub(super) struct Points {
    total: f32,
    parts: Option<Vec<SaliencePart>>,
}

impl Points {
    /// The sum so far.
    pub(super) fn total(&self) -> f32 {
        self.total
    }

    /// Adds a part. `detail` is asked only if parts are kept.
    pub(super) fn add(&mut self, name: &str, points: f32, detail: impl FnOnce() -> String) {
        self.total += points;
        if let Some(parts) = &mut self.parts {
            parts.push(SaliencePart { name: name.to_owned(), points, detail: detail() });
        }
    }

    /// Takes away what is over a limit.
    pub(super) fn at_most(&mut self, limit: f32, detail: impl FnOnce() -> String) {
        if self.total > limit {
            if let Some(parts) = &mut self.parts {
                let points = limit - self.total;
                parts.push(SaliencePart { name: "limit".to_owned(), points, detail: detail() });
            }
            self.total = limit;
        }
    }

    /// The salience, and its parts in tenths with what rounding adds or takes as the last one.
    fn finish(self) -> (u8, Vec<SaliencePart>) {
        let salience = self.total.round().clamp(1.0, 100.0) as u8;
        let Some(mut parts) = self.parts else { return (salience, Vec::new()) };
        let mut rest = i32::from(salience) * 10;
        for part in &mut parts {
            let tenths = (part.points * 10.0).round() as i32;
            rest -= tenths;
            part.points = tenths as f32 / 10.0;
        }
        parts.retain(|part| part.points != 0.0);
        if rest != 0 {
            let detail = if self.total < 0.5 { "a tag has at least 1" } else { "to a whole number" };
            parts.push(SaliencePart {
                name: "rounding".to_owned(),
                points: rest as f32 / 10.0,
                detail: detail.to_owned(),
            });
        }
        (salience, parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tenths(parts: &[SaliencePart]) -> i32 {
        parts.iter().map(|part| (part.points * 10.0).round() as i32).sum()
    }

    proptest! {
        #[test]
        fn parts_always_add_up(added in prop::collection::vec(0.0_f32..60.0, 1..8), limit in 0.0_f32..120.0) {
            let mut kept = TagReasons::kept().points();
            let mut bare = TagReasons::default().points();
            for points in &added {
                kept.add("part", *points, String::new);
                bare.add("part", *points, || unreachable!("nobody asked"));
            }
            kept.at_most(limit, String::new);
            bare.at_most(limit, || unreachable!("nobody asked"));
            let ((salience, parts), (same, none)) = (kept.finish(), bare.finish());
            prop_assert_eq!(salience, same);
            prop_assert!(none.is_empty());
            prop_assert_eq!(tenths(&parts), i32::from(salience) * 10, "{:?}", parts);
            prop_assert!(parts.iter().all(|part| part.points != 0.0));
        }
    }

    #[test]
    fn limits_and_rounding_are_parts_of_their_own() {
        let mut points = TagReasons::kept().points();
        points.add("headline", 30.0, String::new);
        points.add("share", 11.66, String::new);
        points.at_most(35.0, || "a peer has at most 35".to_owned());
        let (salience, parts) = points.finish();
        let shown: Vec<(&str, f32)> = parts.iter().map(|part| (part.name.as_str(), part.points)).collect();
        assert_eq!(salience, 35);
        assert_eq!(shown, [("headline", 30.0), ("share", 11.7), ("limit", -6.7)]);

        let mut points = TagReasons::kept().points();
        points.add("share", 0.22, String::new);
        let (salience, parts) = points.finish();
        assert_eq!((salience, parts.len(), parts[1].points), (1, 2, 0.8));
        assert_eq!(parts[1].detail, "a tag has at least 1");
    }
}
