//! Tags for a reader: what was found, the sentences that prove it, what its salience is made of, what was turned down.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::terminal::{Piece, clean, columns, marked, paint, style, wrap};
use crate::article::{Article, CompanyTag, DivisionTag, Mention, Rejected, Role, Tags, TextField, TopicTag};
use crate::tag::{RejectedTopic, SaliencePart, TagReason, TagReasons};
use crate::text::sentence;
use anstyle::Style;

/// Sentences that are shown for a tag, unless all are asked for.
const SENTENCES: usize = 3;

/// An article with its tags and the reasons that are known for them.
pub(super) struct Explained {
    pub(super) article: Article,
    pub(super) tags: Tags,
    reasons: TagReasons,
    /// Whether there are reasons for every tag, because the tagger at hand gives the same ones.
    pub(super) is_whole: bool,
}

impl Explained {
    /// An article that was tagged just now.
    pub(super) fn fresh(article: Article, (tags, reasons): (Tags, TagReasons)) -> Self {
        Self { article, tags, reasons, is_whole: true }
    }

    /// An article with the tags that an index has, and what the tagger at hand says of it. A reason is kept where both
    /// agree, so that the parts are always those of the number beside them.
    pub(super) fn stored(article: Article, tags: Tags, (now, mut reasons): (Tags, TagReasons)) -> Self {
        let is_whole = now == tags;
        if !is_whole {
            let same: BTreeMap<&str, (Role, u8)> =
                now.companies.iter().map(|tag| (tag.id.as_str(), (tag.role, tag.salience))).collect();
            let kept: BTreeSet<&str> = tags
                .companies
                .iter()
                .filter(|tag| same.get(tag.id.as_str()) == Some(&(tag.role, tag.salience)))
                .map(|tag| tag.id.as_str())
                .chain(tags.divisions.iter().filter(|tag| now.divisions.contains(tag)).map(|tag| &*tag.path))
                .chain(tags.topics.iter().filter(|tag| now.topics.contains(tag)).map(|tag| &*tag.topic))
                .collect();
            for map in [&mut reasons.companies, &mut reasons.divisions, &mut reasons.topics] {
                map.retain(|name, _| kept.contains(name.as_str()));
            }
            reasons.rejected_topics.retain(|topic| tags.topics.iter().all(|tag| tag.topic != topic.topic));
        }
        Self { article, tags, reasons, is_whole }
    }
}

/// The JSON of `dateline tag` and `dateline explain`.
#[derive(Serialize)]
pub(super) struct TaggedArticle<'a> {
    id: &'a str,
    title: &'a str,
    companies: Vec<Proved<'a, CompanyTag>>,
    divisions: Vec<Proved<'a, DivisionTag>>,
    topics: Vec<Proved<'a, TopicTag>>,
    rejected: &'a [Rejected],
    rejected_topics: &'a [RejectedTopic],
}

/// A tag with its reasons.
#[derive(Serialize)]
struct Proved<'a, T> {
    #[serde(flatten)]
    tag: &'a T,
    #[serde(skip_serializing_if = "Option::is_none")]
    role_reason: Option<&'a str>,
    salience_parts: &'a [SaliencePart],
    sentences: Vec<Sentence<'a>>,
}

/// A sentence with evidence in it.
#[derive(Serialize)]
struct Sentence<'a> {
    field: TextField,
    start: usize,
    end: usize,
    text: &'a str,
}

impl<'a> TaggedArticle<'a> {
    pub(super) fn new(explained: &'a Explained) -> Self {
        let Explained { article, tags, reasons, .. } = explained;
        Self {
            id: &article.id,
            title: &article.title,
            companies: tags
                .companies
                .iter()
                .map(|tag| Proved::new(article, tag, &tag.mentions, reasons.companies.get(&tag.id)))
                .collect(),
            divisions: tags
                .divisions
                .iter()
                .map(|tag| Proved::new(article, tag, &tag.mentions, reasons.divisions.get(&tag.path)))
                .collect(),
            topics: tags
                .topics
                .iter()
                .map(|tag| Proved::new(article, tag, &tag.mentions, reasons.topics.get(&tag.topic)))
                .collect(),
            rejected: &tags.rejected,
            rejected_topics: &reasons.rejected_topics,
        }
    }
}

impl<'a, T> Proved<'a, T> {
    fn new(article: &'a Article, tag: &'a T, mentions: &[Mention], reason: Option<&'a TagReason>) -> Self {
        let mut sentences: Vec<Sentence<'a>> = Vec::new();
        for mention in mentions {
            let (field, span) = place(article, mention);
            if sentences.last().is_some_and(|last| last.field == field && last.start == span.start) {
                continue;
            }
            if let Some(text) = text_of(article, field).get(span.clone()) {
                sentences.push(Sentence { field, start: span.start, end: span.end, text });
            }
        }
        Self {
            tag,
            role_reason: reason.and_then(|reason| reason.role.as_deref()),
            salience_parts: reason.map_or(&[][..], |reason| &reason.salience),
            sentences,
        }
    }
}

fn text_of(article: &Article, field: TextField) -> &str {
    match field {
        TextField::Title => &article.title,
        TextField::Body => &article.body,
    }
}

/// The sentence that a mention lies in.
fn place(article: &Article, mention: &Mention) -> (TextField, std::ops::Range<usize>) {
    (mention.field, sentence::around(text_of(article, mention.field), mention.start))
}

/// Tags in a few lines.
pub(super) fn summary(out: &mut String, tags: &Tags) {
    for company in &tags.companies {
        let line = format!(
            "{:<10}{} · salience {}\n",
            company.role.as_str(),
            clean(&company.name),
            company.salience
        );
        out.push_str(&line);
        for division in divisions_of(tags, &company.id) {
            out.push_str(&format!("{:<12}{} · salience {}\n", "", clean(&division.name), division.salience));
        }
    }
    for topic in &tags.topics {
        out.push_str(&format!("{:<10}{} · salience {}\n", "topic", clean(&topic.topic), topic.salience));
    }
}

fn divisions_of<'t>(tags: &'t Tags, company: &'t str) -> impl Iterator<Item = &'t DivisionTag> {
    tags.divisions
        .iter()
        .filter(move |division| division.path.strip_prefix(company).is_some_and(|rest| rest.starts_with('/')))
}

/// How much is shown, and on how many columns.
#[derive(Clone, Copy)]
pub(super) struct Detail {
    pub(super) width: usize,
    /// All sentences of a tag, not only the first ones.
    pub(super) is_all: bool,
}

/// Tags with the evidence and the reasons for each, and what was turned down.
pub(super) fn explained(explained: &Explained, detail: Detail) -> String {
    let Explained { article, tags, reasons, .. } = explained;
    let mut out = String::new();
    wrap(&mut out, &[(clean(&article.title), style::TITLE)], 0, detail.width);
    for company in &tags.companies {
        out.push('\n');
        let id = if company.known { clean(&company.id) } else { "in no list".to_owned() };
        let facts = format!(" · {} · salience {} · {id}", company.role.as_str(), company.salience);
        let head = [(clean(&company.name), style::COMPANY), (facts, Style::new())];
        wrap(&mut out, &head, 0, detail.width);
        if let Some(reason) = reasons.companies.get(&company.id) {
            if let Some(because) = &reason.role {
                let because = format!("{}: {}", company.role.as_str(), clean(because));
                wrap(&mut out, &[(because, style::FAINT)], 2, detail.width);
            }
            parts(&mut out, &reason.salience, 2, detail.width);
        }
        evidence(&mut out, article, &company.mentions, 2, detail);
        for division in divisions_of(tags, &company.id) {
            let facts = format!(" · salience {} · {}", division.salience, clean(&division.path));
            let head = [(clean(&division.name), style::DIVISION), (facts, Style::new())];
            wrap(&mut out, &head, 2, detail.width);
            if let Some(reason) = reasons.divisions.get(&division.path) {
                parts(&mut out, &reason.salience, 4, detail.width);
            }
            evidence(&mut out, article, &division.mentions, 4, detail);
        }
    }
    for topic in &tags.topics {
        out.push('\n');
        paint(&mut out, &format!("#{}", clean(&topic.topic)), style::TOPIC);
        out.push_str(&format!(" · topic · salience {}\n", topic.salience));
        if let Some(reason) = reasons.topics.get(&topic.topic) {
            parts(&mut out, &reason.salience, 2, detail.width);
        }
        evidence(&mut out, article, &topic.mentions, 2, detail);
    }
    turned_down(&mut out, tags, reasons, detail.width);
    if tags.companies.is_empty() && tags.topics.is_empty() {
        out.push_str("\nno company and no topic\n");
    }
    out
}

/// The parts of a salience, one a line, in columns.
fn parts(out: &mut String, parts: &[SaliencePart], indent: usize, width: usize) {
    let shown: Vec<String> = parts.iter().map(|part| format!("{:+.1}", part.points)).collect();
    // A true minus is as wide as a plus.
    let shown: Vec<String> = shown.iter().map(|points| points.replace('-', "−")).collect();
    let (Some(widest), Some(longest)) = (
        shown.iter().map(|points| columns(points)).max(),
        parts.iter().map(|part| columns(&part.name)).max(),
    ) else {
        return;
    };
    for (part, points) in parts.iter().zip(&shown) {
        let name = clean(&part.name);
        let mut head = " ".repeat(indent + widest - columns(points));
        head.push_str(points);
        head.push_str("  ");
        head.push_str(&name);
        let gap = longest - columns(&name) + 2;
        let detail = clean(&part.detail);
        let room = width.saturating_sub(columns(&head) + gap);
        out.push_str(&head);
        if !detail.is_empty() && columns(&detail) <= room {
            out.push_str(&" ".repeat(gap));
            paint(out, &detail, style::FAINT);
            out.push('\n');
        } else {
            out.push('\n');
            if !detail.is_empty() {
                wrap(out, &[(detail, style::FAINT)], indent + widest + 4, width);
            }
        }
    }
}

/// Names and topics that were not taken, each with its reason once.
fn turned_down(out: &mut String, tags: &Tags, reasons: &TagReasons, width: usize) {
    if tags.rejected.is_empty() && reasons.rejected_topics.is_empty() {
        return;
    }
    out.push('\n');
    paint(out, "turned down", style::FAINT);
    out.push('\n');
    let mut said = BTreeSet::new();
    for rejected in &tags.rejected {
        if !said.insert((&rejected.text, &rejected.candidate, &rejected.reason)) {
            continue;
        }
        let reason = format!(" is not {}: {}", clean(&rejected.candidate), clean(&rejected.reason));
        let pieces = [(clean(&rejected.text), Style::new()), (reason, style::FAINT)];
        wrap(out, &pieces, 2, width);
    }
    for topic in &reasons.rejected_topics {
        let mut phrases: Vec<String> = Vec::new();
        for mention in &topic.mentions {
            let phrase = format!("\"{}\"", clean(&mention.text));
            if phrases.len() < SENTENCES && !phrases.contains(&phrase) {
                phrases.push(phrase);
            }
        }
        let reason = format!(
            ": {}, {} of {} points for {}",
            clean(&topic.reason),
            topic.points,
            topic.needed,
            phrases.join(", ")
        );
        let pieces = [(format!("#{}", clean(&topic.topic)), Style::new()), (reason, style::FAINT)];
        wrap(out, &pieces, 2, width);
    }
}

/// The sentences with what was found in them and the rules that believed it.
fn evidence(out: &mut String, article: &Article, mentions: &[Mention], indent: usize, detail: Detail) {
    let sentences = mentions.chunk_by(|left, right| place(article, left) == place(article, right));
    let mut shown = 0;
    for group in sentences.take(if detail.is_all { usize::MAX } else { SENTENCES }) {
        let Some(first) = group.first() else { continue };
        let (field, around) = place(article, first);
        let Some(sentence) = text_of(article, field).get(around.clone()) else { continue };
        let within = |mention: &Mention| {
            [mention.start, mention.end].map(|at| at.saturating_sub(around.start).min(sentence.len()))
        };
        let ranges: Vec<[usize; 2]> = group.iter().map(within).collect();
        let mut rules: Vec<&str> = group.iter().map(|mention| &*mention.rule).collect();
        rules.dedup();
        let mut pieces: Vec<Piece> = marked(sentence.trim_end(), &ranges, Style::new(), style::MATCH);
        pieces.push((format!(" [{}]", clean(&rules.join(", "))), style::FAINT));
        wrap(out, &pieces, indent, detail.width);
        shown += group.len();
    }
    if mentions.len() > shown {
        out.extend(std::iter::repeat_n(' ', indent));
        paint(out, &format!("and {} more", mentions.len() - shown), style::FAINT);
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::Tagger;
    use crate::tag::{CompanyTagger, Gazetteer};
    use std::sync::Arc;

    fn tagger(list: &str) -> CompanyTagger {
        CompanyTagger::new(Arc::new(Gazetteer::from_jsonl(list, "list").unwrap()))
    }

    fn article() -> Article {
        let body = "Acme Rockets and Beta Foods cut jobs. Acme Rockets said so.\n\nBeta Foods was silent.";
        Article { id: "1".to_owned(), body: body.to_owned(), ..Article::default() }
    }

    const LIST: &str =
        "{\"id\":\"acme\",\"name\":\"Acme Rockets\"}\n{\"id\":\"beta\",\"name\":\"Beta Foods\"}";

    #[test]
    fn lines_keep_to_the_width_and_parts_stand_in_columns() {
        let mut article = article();
        article.title = "日本語の見出し ".repeat(12);
        article.body.push_str(&" Acme Rockets said more and more and more of it.".repeat(6));
        let explained_now = Explained::fresh(article.clone(), tagger(LIST).explain(&article));
        for width in [40, 60, 100] {
            let text = explained(&explained_now, Detail { width, is_all: true });
            let plain = anstream::adapter::strip_str(&text).to_string();
            assert!(plain.lines().all(|line| columns(line) <= width), "{width}\n{plain}");
            let names: Vec<usize> = plain
                .lines()
                .filter(|line| line.contains("share of mentions") || line.contains("number of mentions"))
                .take(2)
                .map(|line| line.find(" of mentions").unwrap_or(0))
                .collect();
            assert_eq!(names.len(), 2, "{plain}");
        }
        let few = explained(&explained_now, Detail { width: 100, is_all: false });
        let all = explained(&explained_now, Detail { width: 100, is_all: true });
        assert!(few.contains("more") && few.lines().count() < all.lines().count());
    }

    #[test]
    fn reasons_are_only_given_for_the_tags_that_the_index_has() {
        let article = article();
        let before = tagger(LIST).tag(&article);
        let whole = Explained::stored(article.clone(), before.clone(), tagger(LIST).explain(&article));
        assert!(whole.is_whole);
        let other = tagger(LIST.split('\n').next().unwrap());
        let partly = Explained::stored(article.clone(), before.clone(), other.explain(&article));
        assert!(!partly.is_whole);
        let json = serde_json::to_value(TaggedArticle::new(&partly)).unwrap();
        for tag in json["companies"].as_array().unwrap() {
            let parts = tag["salience_parts"].as_array().unwrap();
            let sum: f64 = parts.iter().map(|part| part["points"].as_f64().unwrap()).sum();
            let is_given = !parts.is_empty();
            assert!(!is_given || (sum - tag["salience"].as_f64().unwrap()).abs() < 0.01, "{tag}");
        }
        let beta = json["companies"].as_array().unwrap().iter().find(|tag| tag["id"] == "beta").unwrap();
        assert!(beta["salience_parts"].as_array().unwrap().is_empty(), "the list at hand has no beta");
        assert_eq!(beta["sentences"][1]["text"], "Beta Foods was silent.");
    }
}
