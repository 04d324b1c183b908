//! The tags of the sample against what a reader would tag (`tests/gold/corpus-tags.tsv`).

use std::collections::{BTreeMap, BTreeSet};

use dateline::article::{Article, Tagger, Tags};
use dateline::tag::{ABOUT_THRESHOLD, CompanyTagger, Gazetteer, Resolution, SaliencePart, check_overlay};

use crate::support::{corpus_index, ids, package};

/// One line of the gold file.
struct Gold<'a> {
    article: &'a str,
    about: Vec<&'a str>,
    named: Vec<&'a str>,
    divisions: Vec<&'a str>,
    topics: BTreeSet<&'a str>,
}

impl<'a> Gold<'a> {
    fn read(line: &'a str) -> Self {
        let mut columns = line.split('\t');
        let mut column = |separator: &str| -> Vec<&'a str> {
            columns.next().unwrap_or_default().split(separator).filter(|name| !name.is_empty()).collect()
        };
        let article = column("\t").first().copied().unwrap_or_default();
        Self {
            article,
            about: column("; "),
            named: column("; "),
            divisions: column("; "),
            topics: column(", ").into_iter().collect(),
        }
    }

    fn is_trap(&self) -> bool {
        self.about.is_empty() && self.named.is_empty()
    }
}

/// Right, too many, missing.
#[derive(Default)]
struct Score {
    right: usize,
    extra: usize,
    missing: usize,
}

impl Score {
    fn precision(&self) -> f64 {
        self.right as f64 / (self.right + self.extra).max(1) as f64
    }

    fn recall(&self) -> f64 {
        self.right as f64 / (self.right + self.missing).max(1) as f64
    }
}

/// Companies that a name may stand for in an article, as itself or as a division that is tagged.
fn meant(gazetteer: &Gazetteer, tags: &Tags, name: &str) -> Vec<String> {
    let mut meant = match gazetteer.resolve(name) {
        Resolution::One(entity) => vec![entity.company().to_owned()],
        Resolution::Ambiguous(several) => several.iter().map(|entity| entity.company().to_owned()).collect(),
        Resolution::Unknown(_) => Vec::new(),
    };
    let of_division = tags.companies.iter().filter(|tag| {
        let path = format!("{}/{name}", tag.id);
        matches!(gazetteer.resolve(&path), Resolution::One(entity)
            if tags.divisions.iter().any(|division| division.path == entity.path))
    });
    meant.extend(of_division.map(|tag| tag.id.clone()));
    meant
}

fn sample() -> BTreeMap<String, (Article, Tags)> {
    let index = corpus_index();
    let searcher = index.searcher().unwrap();
    ids(&index, "*")
        .iter()
        .map(|id| searcher.get(id).unwrap().unwrap())
        .map(|stored| {
            let path = stored.article.path.replace('\\', "/");
            let file = path.rsplit_once("corpus/").map_or(path.as_str(), |(_, file)| file).to_owned();
            (format!("{file}#{}", stored.article.ordinal + 1), (stored.article, stored.tags))
        })
        .collect()
}

#[test]
fn the_sample_is_tagged_as_a_reader_would() {
    let text = std::fs::read_to_string(package().join("tests/gold/corpus-tags.tsv")).unwrap();
    let gazetteer = Gazetteer::builtin();
    let sample = sample();
    let (mut about, mut named, mut divisions, mut topics) =
        (Score::default(), Score::default(), Score::default(), Score::default());
    let mut errors = Vec::new();
    for gold in text.lines().filter(|line| !line.starts_with('#')).map(Gold::read) {
        let key =
            if gold.article.contains('#') { gold.article.to_owned() } else { format!("{}#1", gold.article) };
        let Some((article, tags)) = sample.get(&key) else { panic!("{key} is not in the sample") };
        let counted: BTreeSet<&str> = tags
            .companies
            .iter()
            .filter(|tag| tag.role.counts_as_company())
            .map(|tag| tag.id.as_str())
            .collect();
        if gold.is_trap() {
            assert!(counted.is_empty(), "{key}: {counted:?}\n{:#?}", tags.companies);
        }
        let mut open: BTreeSet<&str> = tags
            .companies
            .iter()
            .filter(|tag| tag.role.counts_as_company() && tag.salience >= ABOUT_THRESHOLD)
            .map(|tag| tag.id.as_str())
            .collect();
        let found = open.clone();
        for name in &gold.about {
            let meant = meant(&gazetteer, tags, name);
            if meant.is_empty() {
                continue;
            }
            if meant.iter().any(|id| found.contains(id.as_str())) {
                about.right += 1;
            } else {
                about.missing += 1;
                errors.push(format!("{key}: not about {name}"));
            }
            open.retain(|id| !meant.iter().any(|meant| meant == id));
        }
        about.extra += open.len();
        errors.extend(open.iter().map(|id| format!("{key}: about {id}")));
        for name in &gold.named {
            let meant = meant(&gazetteer, tags, name);
            if meant.is_empty() {
                continue;
            }
            if meant.iter().any(|id| counted.contains(id.as_str())) {
                named.right += 1;
            } else {
                named.missing += 1;
                errors.push(format!("{key}: does not name {name}"));
            }
        }
        for name in &gold.divisions {
            let known: Vec<String> = counted.iter().map(|company| format!("{company}/{name}")).collect();
            let known: Vec<String> = known
                .iter()
                .filter_map(|path| match gazetteer.resolve(path) {
                    Resolution::One(entity) if entity.is_division() => Some(entity.path),
                    _ => None,
                })
                .collect();
            if known.is_empty() {
                continue;
            }
            if tags.divisions.iter().any(|tag| known.contains(&tag.path)) {
                divisions.right += 1;
            } else {
                divisions.missing += 1;
                errors.push(format!("{key}: no division {name}"));
            }
        }
        let found: BTreeSet<&str> = tags.topics.iter().map(|tag| tag.topic.as_str()).collect();
        topics.right += found.intersection(&gold.topics).count();
        topics.extra += found.difference(&gold.topics).count();
        topics.missing += gold.topics.difference(&found).count();
        if found != gold.topics {
            errors.push(format!("{key}: topics {found:?}, not {:?}", gold.topics));
        }
        check_evidence(article, tags);
    }
    let report = format!(
        "about {:.3} / {:.3}, named {:.3}, divisions {:.3}, topics {:.3} / {:.3}",
        about.precision(),
        about.recall(),
        named.recall(),
        divisions.recall(),
        topics.precision(),
        topics.recall()
    );
    println!("{report}\n{}", errors.join("\n"));
    assert!(about.precision() >= ABOUT_PRECISION && about.recall() >= ABOUT_RECALL, "{report}");
    assert!(named.recall() >= NAMED_RECALL && divisions.recall() >= DIVISION_RECALL, "{report}");
    assert!(topics.precision() >= TOPIC_PRECISION && topics.recall() >= TOPIC_RECALL, "{report}");
}

// Floors; raise them when the tagger gets better.
const ABOUT_PRECISION: f64 = 0.95;
const ABOUT_RECALL: f64 = 0.93;
const NAMED_RECALL: f64 = 0.80;
const DIVISION_RECALL: f64 = 0.82;
const TOPIC_PRECISION: f64 = 0.92;
const TOPIC_RECALL: f64 = 0.74;

/// Every mention is a place of the text that it names, in order.
fn check_evidence(article: &Article, tags: &Tags) {
    let text = |field: dateline::article::TextField| match field {
        dateline::article::TextField::Title => article.title.as_str(),
        dateline::article::TextField::Body => article.body.as_str(),
    };
    let mentions = tags
        .companies
        .iter()
        .flat_map(|tag| &tag.mentions)
        .chain(tags.divisions.iter().flat_map(|tag| &tag.mentions))
        .chain(tags.topics.iter().flat_map(|tag| &tag.mentions));
    for mention in mentions {
        assert_eq!(text(mention.field).get(mention.start..mention.end), Some(mention.text.as_str()));
        assert!(!mention.rule.is_empty());
    }
    for rejected in &tags.rejected {
        assert_eq!(text(rejected.field).get(rejected.start..rejected.end), Some(rejected.text.as_str()));
        assert!(!rejected.reason.is_empty() && !rejected.candidate.is_empty());
    }
    for division in &tags.divisions {
        let company = division.path.split('/').next().unwrap();
        assert!(tags.companies.iter().any(|tag| tag.id == company), "{} without its company", division.path);
    }
}

/// Every salience of the sample is the sum of its parts, and asking for them changes nothing.
#[test]
fn every_salience_of_the_sample_is_the_sum_of_its_parts() {
    let tagger = CompanyTagger::new(Gazetteer::builtin());
    let tenths = |parts: &[SaliencePart]| -> i32 {
        parts.iter().map(|part| (part.points * 10.0).round() as i32).sum()
    };
    let (mut companies, mut topics, mut turned_down) = (0, 0, 0);
    for (key, (article, _)) in sample() {
        let (tags, reasons) = tagger.explain(&article);
        assert_eq!(tags, tagger.tag_in_full(&article), "{key}");
        let bare = Tags { rejected: Vec::new(), ..tags.clone() };
        assert_eq!(bare, tagger.tag(&article), "{key}");
        let named = reasons.companies.len() + reasons.divisions.len() + reasons.topics.len();
        assert_eq!(named, tags.companies.len() + tags.divisions.len() + tags.topics.len(), "{key}");
        for tag in &tags.companies {
            let reason = &reasons.companies[&tag.id];
            assert_eq!(tenths(&reason.salience), i32::from(tag.salience) * 10, "{key}: {reason:#?}");
            assert!(reason.role.as_ref().is_some_and(|role| !role.is_empty()), "{key}: {}", tag.id);
        }
        for tag in &tags.divisions {
            let parts = &reasons.divisions[&tag.path].salience;
            assert_eq!(tenths(parts), i32::from(tag.salience) * 10, "{key}: {parts:#?}");
        }
        for tag in &tags.topics {
            let parts = &reasons.topics[&tag.topic].salience;
            assert_eq!(tenths(parts), i32::from(tag.salience) * 10, "{key}: {parts:#?}");
        }
        for topic in &reasons.rejected_topics {
            assert!(topic.points < topic.needed && !topic.mentions.is_empty(), "{key}: {topic:#?}");
            assert!(tags.topics.iter().all(|tag| tag.topic != topic.topic), "{key}: {topic:#?}");
        }
        companies += tags.companies.len();
        topics += tags.topics.len();
        turned_down += reasons.rejected_topics.len();
    }
    assert!(companies > 500 && topics > 150 && turned_down > 100, "{companies} {topics} {turned_down}");
}

/// The rules that the sample's tags were taken by are those that the documentation describes.
#[test]
fn every_rule_is_documented() {
    let page = std::fs::read_to_string(package().join("docs/tags.md")).unwrap();
    let mut rules: BTreeSet<String> = BTreeSet::new();
    for (_, tags) in sample().values() {
        let companies = tags.companies.iter().flat_map(|tag| &tag.mentions);
        let divisions = tags.divisions.iter().flat_map(|tag| &tag.mentions);
        rules.extend(companies.chain(divisions).map(|mention| mention.rule.clone().into_owned()));
    }
    assert!(rules.len() > 8, "{rules:?}");
    for rule in rules {
        assert!(page.contains(&format!("| `{rule}` |")), "docs/tags.md says nothing of {rule}");
    }
}

#[test]
fn the_list_in_the_documentation_has_no_mistake() {
    let page = std::fs::read_to_string(package().join("docs/company-lists.md")).unwrap();
    let list = page.split("```json\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let check = check_overlay(&Gazetteer::builtin(), list);
    assert_eq!(check.findings, [], "{:#?}", check.findings);
    let amazon = check.gazetteer.company("amazon").unwrap();
    assert!(amazon.former_ids == ["whole-foods-market-uk"] && amazon.veto.contains(&"basin".to_owned()));
}
