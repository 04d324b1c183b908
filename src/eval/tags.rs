//! Grades a tagger on passages.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Passage;
use crate::article::{Article, Mention, Role, Tagger, Tags, TextField};
use crate::decode::{self, FieldMap};
use crate::error::{Error, ErrorKind, Result};
use crate::source::{Form, Origin, Record};
use crate::tag::{ABOUT_THRESHOLD, DivisionKind, Gazetteer, Resolution};

/// Counts of a measure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    /// Judged and found.
    pub right: usize,
    /// Found and not judged.
    pub extra: usize,
    /// Judged and not found.
    pub missing: usize,
}

impl Score {
    /// Share of what was found that is right; 1 where nothing was found.
    pub fn precision(&self) -> f64 {
        share(self.right, self.right + self.extra)
    }

    /// Share of what was judged that was found; 1 where there was nothing to find.
    pub fn recall(&self) -> f64 {
        share(self.right, self.right + self.missing)
    }

    /// Harmonic mean of precision and recall.
    pub fn f1(&self) -> f64 {
        share(2 * self.right, 2 * self.right + self.extra + self.missing)
    }

    fn add(&mut self, other: Self) {
        self.right += other.right;
        self.extra += other.extra;
        self.missing += other.missing;
    }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Measure {
    /// Companies of a passage.
    Companies,
    /// Companies that it is about.
    About,
    /// Divisions.
    Divisions,
    /// Companies with what they do.
    Roles,
    /// Topics.
    Topics,
    /// Companies that the gazetteer does not know.
    Unknown,
    /// Places of companies: one is found where a mention overlaps it.
    Spans,
    /// Of the places that were found, those that were linked to the right company.
    Links,
}

impl Measure {
    /// The name used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Companies => "companies",
            Self::About => "about",
            Self::Divisions => "divisions",
            Self::Roles => "roles",
            Self::Topics => "topics",
            Self::Unknown => "unknown",
            Self::Spans => "spans",
            Self::Links => "links",
        }
    }
}

/// One wrong answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Failure {
    /// The passage.
    pub id: String,
    /// Its class.
    pub class: String,
    /// The measure.
    pub measure: Measure,
    /// Whether something was found that should not be; else something was not found.
    pub is_extra: bool,
    /// What: an id, a path, a name.
    pub what: String,
    /// The reason that the tagger gave, where it turned the name down, or the rule, where it took it.
    pub reason: String,
}

/// The result.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TagReport {
    /// Passages graded.
    pub passages: usize,
    /// Bytes of text in them.
    pub bytes: usize,
    /// Over all passages.
    pub overall: BTreeMap<Measure, Score>,
    /// By class.
    pub classes: BTreeMap<String, BTreeMap<Measure, Score>>,
    /// Names in the judgments that the gazetteer does not hold; they are graded neither way.
    pub not_held: BTreeSet<String>,
    /// Everything that was wrong, passage by passage.
    pub failures: Vec<Failure>,
}

/// Grades a tagger; `gazetteer` resolves the names in the judgments.
pub fn grade(passages: &[Passage], tagger: &dyn Tagger, gazetteer: &Arc<Gazetteer>) -> Result<TagReport> {
    let names = Names::new(gazetteer);
    let graded: Vec<Graded> =
        passages.iter().map(|passage| grade_passage(passage, tagger, &names)).collect::<Result<_>>()?;
    let mut report = TagReport { passages: passages.len(), ..TagReport::default() };
    for (passage, graded) in passages.iter().zip(graded) {
        report.bytes += passage.text.len();
        for (measure, score) in graded.scores {
            report.overall.entry(measure).or_default().add(score);
            let class = report.classes.entry(passage.class.clone()).or_default();
            class.entry(measure).or_default().add(score);
        }
        report.not_held.extend(graded.not_held);
        report.failures.extend(graded.failures);
    }
    Ok(report)
}

/// Names of judgments as paths of the gazetteer; each is resolved once.
struct Names<'g> {
    gazetteer: &'g Gazetteer,
    known: RefCell<HashMap<String, Vec<String>>>,
}

impl<'g> Names<'g> {
    fn new(gazetteer: &'g Gazetteer) -> Self {
        Self { gazetteer, known: RefCell::default() }
    }

    /// Paths that a name may stand for; several where it is ambiguous.
    fn paths(&self, name: &str) -> Vec<String> {
        if let Some(paths) = self.known.borrow().get(name) {
            return paths.clone();
        }
        let paths: Vec<String> = match self.gazetteer.resolve_known(name) {
            Some(Resolution::One(entity)) => vec![entity.path],
            Some(Resolution::Ambiguous(entities)) => entities.into_iter().map(|entity| entity.path).collect(),
            Some(Resolution::Unknown(_)) | None => Vec::new(),
        };
        self.known.borrow_mut().insert(name.to_owned(), paths.clone());
        paths
    }

    /// Whether a name stands for brands and products alone.
    fn is_product(&self, name: &str) -> bool {
        let paths = self.paths(name);
        let kind = |path: &String| self.gazetteer.division(path).map(|division| division.kind);
        !paths.is_empty()
            && paths
                .iter()
                .all(|path| matches!(kind(path), Some(DivisionKind::Brand | DivisionKind::Product)))
    }

    /// Companies that a name may stand for.
    fn companies(&self, name: &str) -> Vec<String> {
        let mut companies: Vec<String> =
            self.paths(name).iter().map(|path| company_of(path).to_owned()).collect();
        companies.dedup();
        companies
    }
}

fn company_of(path: &str) -> &str {
    path.split('/').next().unwrap_or(path)
}

#[derive(Default)]
struct Graded {
    scores: BTreeMap<Measure, Score>,
    not_held: Vec<String>,
    failures: Vec<Failure>,
}

fn grade_passage(passage: &Passage, tagger: &dyn Tagger, names: &Names<'_>) -> Result<Graded> {
    let article = read(passage)?;
    let tags = tagger.tag_in_full(&article);
    let mut grader = Grader { passage, tags: &tags, names, graded: Graded::default() };
    let known = || tags.companies.iter().filter(|tag| tag.known);
    let counted: BTreeSet<&str> =
        known().filter(|tag| tag.role.counts_as_company()).map(|tag| tag.id.as_str()).collect();
    if let Some(judged) = &passage.companies {
        grader.sets(Measure::Companies, judged, &counted, |name| names.companies(name));
    }
    if let Some(judged) = &passage.about {
        let about = known()
            .filter(|tag| tag.role.counts_as_company() && tag.salience >= ABOUT_THRESHOLD)
            .map(|tag| tag.id.as_str());
        grader.sets(Measure::About, judged, &about.collect(), |name| names.companies(name));
    }
    if let Some(judged) = &passage.divisions {
        let divisions = tags.divisions.iter().map(|tag| tag.path.as_str()).collect();
        grader.sets(Measure::Divisions, judged, &divisions, |name| names.paths(name));
    }
    if let Some(judged) = &passage.topics {
        let topics = tags.topics.iter().map(|tag| tag.topic.as_str()).collect();
        grader.sets(Measure::Topics, judged, &topics, |name| vec![name.to_owned()]);
    }
    if let Some(judged) = &passage.unknown {
        let unknown = tags.companies.iter().filter(|tag| !tag.known).map(|tag| tag.name.as_str()).collect();
        grader.sets(Measure::Unknown, judged, &unknown, |name| vec![name.to_owned()]);
    }
    if let Some(judged) = &passage.roles {
        grader.roles(judged);
    }
    if passage.spans.is_some() {
        grader.spans(&article)?;
    }
    Ok(grader.graded)
}

/// The passage as an article, read as an index run would read it. A text that looks like markup is none here.
fn read(passage: &Passage) -> Result<Article> {
    let article = decoded(passage, &passage.text)?;
    if article.body == passage.text {
        return Ok(article);
    }
    decoded(passage, &html_escape::encode_text(&passage.text))
}

fn decoded(passage: &Passage, text: &str) -> Result<Article> {
    let record = serde_json::json!({
        "id": passage.id, "title": passage.title, "date": passage.date, "body": text,
    });
    let record = Record::new(
        Origin { path: passage.id.as_str().into(), ordinal: 0, line: None },
        Form::Json,
        record.to_string().into_bytes(),
    );
    let decoded = decode::decode(&record, &FieldMap::default(), i64::MAX / 2);
    decoded.map(|decoded| decoded.article).map_err(|refused| {
        Error::new(ErrorKind::Argument, format!("passage {}: {}", passage.id, refused.reason))
    })
}

struct Grader<'a> {
    passage: &'a Passage,
    tags: &'a Tags,
    names: &'a Names<'a>,
    graded: Graded,
}

impl Grader<'_> {
    fn count(&mut self, measure: Measure, score: Score) {
        self.graded.scores.entry(measure).or_default().add(score);
    }

    fn fail(&mut self, measure: Measure, is_extra: bool, what: &str) {
        let reason = if is_extra { self.rule(what) } else { self.refusal(what) };
        self.graded.failures.push(Failure {
            id: self.passage.id.clone(),
            class: self.passage.class.clone(),
            measure,
            is_extra,
            what: what.to_owned(),
            reason,
        });
    }

    /// Compares what was judged with what was found. `resolve` gives the ids that a judged name may stand for.
    fn sets(
        &mut self,
        measure: Measure,
        judged: &[String],
        found: &BTreeSet<&str>,
        resolve: impl Fn(&str) -> Vec<String>,
    ) {
        let mut open = found.clone();
        let mut score = Score::default();
        for name in judged {
            let ids = resolve(name);
            if ids.is_empty() {
                self.graded.not_held.push(name.clone());
                continue;
            }
            if ids.iter().any(|id| found.contains(id.as_str())) {
                score.right += 1;
            } else {
                score.missing += 1;
                self.fail(measure, false, &ids[0]);
            }
            open.retain(|id| !ids.iter().any(|known| known == id));
        }
        if !self.passage.is_partial {
            score.extra += open.len();
            for id in open {
                self.fail(measure, true, id);
            }
        }
        self.count(measure, score);
    }

    fn roles(&mut self, judged: &BTreeMap<String, Role>) {
        let mut score = Score::default();
        for (name, role) in judged {
            let ids = self.names.companies(name);
            let Some(first) = ids.first() else {
                self.graded.not_held.push(name.clone());
                continue;
            };
            let tag = self.tags.companies.iter().find(|tag| ids.contains(&tag.id));
            match tag.map(|tag| tag.role) {
                Some(found) if found == *role => score.right += 1,
                Some(found) => {
                    score.missing += 1;
                    score.extra += 1;
                    let what = format!("{first} is {} and not {}", role.as_str(), found.as_str());
                    self.fail(Measure::Roles, false, &what);
                }
                None => {
                    score.missing += 1;
                    self.fail(Measure::Roles, false, first);
                }
            }
        }
        self.count(Measure::Roles, score);
    }

    /// Places that the gazetteer holds are to be found; a mention that lies on no place is one too many.
    fn spans(&mut self, article: &Article) -> Result<()> {
        if article.body != self.passage.text {
            let message = format!("passage {}: its text is changed when it is read", self.passage.id);
            return Err(Error::new(ErrorKind::Argument, message).with_hint(
                "a text with places has single spaces, paragraphs parted by a blank line, no markup",
            ));
        }
        let mentions: Vec<(&Mention, &str)> = self
            .tags
            .companies
            .iter()
            .filter(|tag| tag.known)
            .flat_map(|tag| tag.mentions.iter().map(|mention| (mention, tag.id.as_str())))
            .chain(
                self.tags
                    .divisions
                    .iter()
                    .flat_map(|tag| tag.mentions.iter().map(|mention| (mention, company_of(&tag.path)))),
            )
            .filter(|(mention, _)| mention.field == TextField::Body)
            .collect();
        let passage = self.passage;
        let (mut places, mut links) = (Score::default(), Score::default());
        let spans = passage.spans.iter().flatten();
        for span in spans.clone() {
            let on_it =
                mentions.iter().find(|(mention, _)| mention.start < span.end && span.start < mention.end);
            let surface = passage.text.get(span.start..span.end).unwrap_or_default();
            let name = span.company.as_deref().unwrap_or(surface);
            let mut ids = self.names.companies(name);
            if span.company.is_none() && self.names.is_product(name) {
                // An organisation of this name is another one.
                ids.clear();
            }
            match on_it {
                Some((mention, company)) => {
                    places.right += 1;
                    if span.company.is_some() && !ids.is_empty() {
                        if ids.iter().any(|id| id == company) {
                            links.right += 1;
                        } else {
                            links.extra += 1;
                            let what = format!("{} is {} and not {company}", mention.text, ids[0]);
                            self.fail(Measure::Links, true, &what);
                        }
                    }
                }
                None if ids.is_empty() => self.graded.not_held.push(name.to_owned()),
                None if span.is_optional => {}
                None => {
                    places.missing += 1;
                    self.fail(Measure::Spans, false, surface);
                }
            }
        }
        // A product is no organisation: a mention of a division on no place is no error.
        let own = self.tags.companies.iter().filter(|tag| tag.known);
        let own = own.flat_map(|tag| tag.mentions.iter().map(|mention| (mention, tag.id.as_str())));
        for (mention, company) in own.filter(|(mention, _)| mention.field == TextField::Body) {
            if !spans.clone().any(|span| mention.start < span.end && span.start < mention.end) {
                places.extra += 1;
                self.fail(Measure::Spans, true, &format!("{} as {company}", mention.text));
            }
        }
        self.count(Measure::Spans, places);
        if links != Score::default() {
            self.count(Measure::Links, links);
        }
        Ok(())
    }

    /// The rules by which something was taken.
    fn rule(&self, what: &str) -> String {
        let companies = self.tags.companies.iter().filter(|tag| tag.id == what || tag.name == what);
        let divisions = self.tags.divisions.iter().filter(|tag| tag.path == what);
        let topics = self.tags.topics.iter().filter(|tag| tag.topic == what);
        let mentions = companies
            .flat_map(|tag| &tag.mentions)
            .chain(divisions.flat_map(|tag| &tag.mentions))
            .chain(topics.flat_map(|tag| &tag.mentions));
        let mut said: Vec<String> =
            mentions.map(|mention| format!("“{}” {}", mention.text, mention.rule)).collect();
        said.dedup();
        said.truncate(3);
        if said.is_empty() && self.tags.divisions.iter().any(|tag| company_of(&tag.path) == what) {
            return "through a division".to_owned();
        }
        said.join(", ")
    }

    /// The reason for which something was turned down.
    fn refusal(&self, what: &str) -> String {
        let is_it = |candidate: &str| candidate == what || company_of(candidate) == what;
        let refused = self.tags.rejected.iter().find(|rejected| is_it(&rejected.candidate));
        refused
            .or_else(|| self.tags.rejected.iter().find(|rejected| rejected.text == what))
            .map(|rejected| format!("“{}”: {}", rejected.text, rejected.reason))
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::read_passages;
    use crate::tag::CompanyTagger;

    fn report(lines: &str) -> TagReport {
        let gazetteer = Gazetteer::builtin();
        let tagger = CompanyTagger::new(Arc::clone(&gazetteer));
        grade(&read_passages(lines, "gold").unwrap(), &tagger, &gazetteer).unwrap()
    }

    #[test]
    fn right_and_wrong_are_counted_by_class() {
        let report = report(
            r#"{"id":"1","class":"a","text":"Netflix said on Monday that it will raise prices.","companies":["netflix"],"topics":[]}
{"id":"2","class":"a","text":"Netflix and Spotify raise prices.","companies":["netflix"],"divisions":[]}
{"id":"3","class":"b","text":"Prices rise, said the minister.","companies":["Microsoft","No Such Company Of Ours"]}
{"id":"4","class":"b","text":"Netflix and Spotify raise prices.","companies":["netflix"],"is_partial":true}"#,
        );
        let companies = report.overall[&Measure::Companies];
        assert_eq!(companies, Score { right: 3, extra: 1, missing: 1 });
        assert_eq!(report.classes["a"][&Measure::Companies], Score { right: 2, extra: 1, missing: 0 });
        assert_eq!(report.classes["b"][&Measure::Companies], Score { right: 1, extra: 0, missing: 1 });
        assert!(report.not_held.contains("No Such Company Of Ours"));
        let said: Vec<_> =
            report.failures.iter().map(|wrong| (wrong.id.as_str(), wrong.what.as_str())).collect();
        assert_eq!(said, [("2", "spotify"), ("3", "microsoft")]);
        assert!((companies.f1() - 0.75).abs() < 1e-9);
    }

    #[test]
    fn places_are_found_by_overlap_and_linked() {
        let report = report(
            r#"{"id":"1","class":"a","text":"Netflix and Spotify raise prices, unlike Blub.","spans":[{"start":0,"end":7,"company":"netflix"},{"start":41,"end":45}]}
{"id":"2","class":"a","text":"Netflix raises prices.","spans":[{"start":0,"end":7,"company":"spotify"}]}"#,
        );
        assert_eq!(report.overall[&Measure::Spans], Score { right: 2, extra: 1, missing: 0 });
        assert_eq!(report.overall[&Measure::Links], Score { right: 1, extra: 1, missing: 0 });
        assert!(report.not_held.contains("Blub"));
    }

    #[test]
    fn a_gold_file_is_checked() {
        for (line, reason) in [
            (r#"{"id":"1""#, "gold:1"),
            (r#"{"id":"1","text":"a","compan":[]}"#, "compan"),
            (r#"{"id":"","text":"a"}"#, "needs an id"),
            ("{\"id\":\"1\",\"text\":\"a\"}\n{\"id\":\"1\",\"text\":\"a\"}", "gold:2: the id 1 stands twice"),
            (r#"{"id":"1","text":"é","spans":[{"start":0,"end":1}]}"#, "no place"),
        ] {
            let error = read_passages(line, "gold").unwrap_err();
            assert!(error.message().contains(reason), "{error:?}");
        }
    }
}
