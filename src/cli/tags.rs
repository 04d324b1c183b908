//! Tags for a reader: what was found, the sentences that prove it, what was turned down.

use std::collections::BTreeSet;

use serde::Serialize;

use super::terminal::{Piece, clean, marked, paint, style, wrap};
use crate::article::{Article, CompanyTag, DivisionTag, Mention, Rejected, Tags, TextField, TopicTag};
use crate::text::sentence;
use anstyle::Style;

/// Sentences that are shown for a tag.
const SENTENCES: usize = 3;

/// The JSON of `dateline tag`.
#[derive(Serialize)]
pub(super) struct TaggedArticle<'a> {
    id: &'a str,
    title: &'a str,
    companies: &'a [CompanyTag],
    divisions: &'a [DivisionTag],
    topics: &'a [TopicTag],
    rejected: &'a [Rejected],
}

impl<'a> TaggedArticle<'a> {
    pub(super) fn new(article: &'a Article, tags: &'a Tags) -> Self {
        Self {
            id: &article.id,
            title: &article.title,
            companies: &tags.companies,
            divisions: &tags.divisions,
            topics: &tags.topics,
            rejected: &tags.rejected,
        }
    }
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

/// Tags with the evidence for each, and the candidates that were turned down.
pub(super) fn explained(article: &Article, tags: &Tags, width: usize) -> String {
    let mut out = String::new();
    wrap(&mut out, &[(clean(&article.title), style::TITLE)], 0, width);
    for company in &tags.companies {
        out.push('\n');
        paint(&mut out, &clean(&company.name), style::COMPANY);
        out.push_str(&format!("  {}, salience {}\n", company.role.as_str(), company.salience));
        evidence(&mut out, article, &company.mentions, 2, width);
        for division in divisions_of(tags, &company.id) {
            out.push_str("  ");
            paint(&mut out, &clean(&division.name), style::DIVISION);
            out.push_str(&format!("  {}, salience {}\n", clean(&division.path), division.salience));
            evidence(&mut out, article, &division.mentions, 4, width);
        }
    }
    for topic in &tags.topics {
        out.push('\n');
        paint(&mut out, &format!("#{}", clean(&topic.topic)), style::TOPIC);
        out.push_str(&format!("  salience {}\n", topic.salience));
        evidence(&mut out, article, &topic.mentions, 2, width);
    }
    if !tags.rejected.is_empty() {
        out.push('\n');
        paint(&mut out, "turned down", style::FAINT);
        out.push('\n');
        let mut said = BTreeSet::new();
        for rejected in &tags.rejected {
            if !said.insert((&rejected.text, &rejected.candidate, &rejected.reason)) {
                continue;
            }
            let reason = format!(" is not {}: {}", clean(&rejected.candidate), clean(&rejected.reason));
            let pieces = [(clean(&rejected.text), Style::new()), (reason, style::FAINT)];
            wrap(&mut out, &pieces, 2, width);
        }
    }
    if tags.companies.is_empty() && tags.topics.is_empty() {
        out.push_str("\nno company and no topic\n");
    }
    out
}

/// The first sentences with what was found in them and the rules that believed it.
fn evidence(out: &mut String, article: &Article, mentions: &[Mention], indent: usize, width: usize) {
    let text = |field: TextField| match field {
        TextField::Title => article.title.as_str(),
        TextField::Body => article.body.as_str(),
    };
    let place = |mention: &Mention| (mention.field, sentence::around(text(mention.field), mention.start));
    let sentences = mentions.chunk_by(|left, right| place(left) == place(right));
    let mut shown = 0;
    for group in sentences.take(SENTENCES) {
        let Some(first) = group.first() else { continue };
        let (field, around) = place(first);
        let Some(sentence) = text(field).get(around.clone()) else { continue };
        let within = |mention: &Mention| {
            [mention.start, mention.end].map(|at| at.saturating_sub(around.start).min(sentence.len()))
        };
        let ranges: Vec<[usize; 2]> = group.iter().map(within).collect();
        let mut rules: Vec<&str> = group.iter().map(|mention| mention.rule.as_str()).collect();
        rules.dedup();
        let mut pieces: Vec<Piece> = marked(sentence.trim_end(), &ranges, Style::new(), style::MATCH);
        pieces.push((format!(" [{}]", clean(&rules.join(", "))), style::FAINT));
        wrap(out, &pieces, indent, width);
        shown += group.len();
    }
    if mentions.len() > shown {
        out.extend(std::iter::repeat_n(' ', indent));
        paint(out, &format!("and {} more", mentions.len() - shown), style::FAINT);
        out.push('\n');
    }
}
