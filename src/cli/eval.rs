//! `dateline eval`: quality against judgments, as tables.

use std::collections::BTreeMap;
use std::time::Instant;

use super::args::{EvalRankingArgs, EvalTagsArgs, Format, Match, When};
use super::report::{self, status};
use super::terminal::{clean, paint, style, width, wrap};
use super::{gazetteer, print, print_json, read_text, results, search};
use crate::error::{Error, ErrorKind, Result};
use crate::eval::{
    Failure, Measure, Ranked, RankingReport, RankingScore, Score, TagReport, Topic, grade, grade_ranking,
    read_judgments, read_passages, read_topics,
};
use crate::search::SearchRequest;
use crate::tag::CompanyTagger;
use anstyle::Style;

pub(super) fn tags(args: &EvalTagsArgs, when: When) -> Result<u8> {
    let mut passages = Vec::new();
    for file in &args.gold {
        passages.extend(read_passages(&read_text(file)?, &file.to_string_lossy())?);
    }
    if passages.is_empty() {
        return Err(Error::new(ErrorKind::Argument, "there is no passage in the gold file")
            .with_hint("docs/evaluation.md describes the format"));
    }
    let gazetteer = gazetteer(args.companies.as_deref())?;
    let tagger = CompanyTagger::new(gazetteer.clone());
    let began = Instant::now();
    let graded = grade(&passages, &tagger, &gazetteer)?;
    let seconds = began.elapsed().as_secs_f64();
    match args.print.format() {
        Format::Human => print(when, &human(&graded, args.worst, width()))?,
        Format::Json => print_json(when, &graded)?,
    }
    report::note(when, &format!("{} passages in {seconds:.1} s", graded.passages));
    Ok(status::DONE)
}

pub(super) fn ranking(args: &EvalRankingArgs, when: When) -> Result<u8> {
    let topics = read_topics(&read_text(&args.topics)?, &args.topics.to_string_lossy())?;
    let judgments = read_judgments(&read_text(&args.qrels)?, &args.qrels.to_string_lossy())?;
    let searcher = search::open(&args.at, &args.words, when)?;
    let began = Instant::now();
    let mut ranked = Vec::with_capacity(topics.len());
    for Topic { id, text } in topics {
        let named = |error: Error| search::of_topic(&id, &error);
        let parsed = search::read_query(&text, args.matching).map_err(named)?;
        let (query, filters) = search::narrow(parsed.query.clone(), &args.filters)?;
        let request = SearchRequest {
            filters,
            limit: search::BATCH,
            bag_of_words: args.matching != Match::All,
            expand: args.expand,
            timeout_ms: None,
            ..SearchRequest::new(query)
        };
        let articles = searcher.ranked_ids(&parsed, &request).map_err(named)?;
        ranked.push(Ranked { topic: id, articles });
    }
    let seconds = began.elapsed().as_secs_f64();
    let report = grade_ranking(&ranked, &judgments);
    if report.topics.is_empty() {
        let message = format!("{} judges no topic of {}", args.qrels.display(), args.topics.display());
        return Err(Error::new(ErrorKind::Argument, message)
            .with_hint("the first column of the judgments is the id of a topic"));
    }
    if let Some(path) = &args.run {
        let run: String =
            ranked.iter().map(|ranked| results::trec(&ranked.topic, &ranked.articles)).collect();
        std::fs::write(path, run).map_err(|error| Error::io(path, error))?;
    }
    match args.format {
        Format::Human => print(when, &ranking_table(&report, args.each))?,
        Format::Json => print_json(when, &report)?,
    }
    let mut said = format!("{} topics in {seconds:.1} s", ranked.len());
    for (count, what) in
        [(report.unjudged.len(), "without a judgment"), (report.unasked.len(), "judged and not asked")]
    {
        if count > 0 {
            said.push_str(&format!(", {count} {what}"));
        }
    }
    report::note(when, &said);
    Ok(status::DONE)
}

/// Means, and the topics before them where they are wanted.
fn ranking_table(report: &RankingReport, each: bool) -> String {
    let shown = if each { &report.topics[..] } else { &[] };
    let names = shown.iter().map(|topic| clean(&topic.id).chars().count());
    let all = format!("all {}", report.topics.len());
    let widest = names.max().unwrap_or(0).max(all.len());
    let mut out = String::new();
    let head = format!(
        "{:<widest$}  {:>8}  {:>8}  {:>7}  {:>6}  {:>6}  {:>10}",
        "topic", "relevant", "found", "nDCG@10", "MAP", "MRR", "recall@100"
    );
    paint(&mut out, &head, style::TITLE);
    out.push('\n');
    let mut row = |name: &str, relevant: usize, found: usize, score: &RankingScore| {
        out.push_str(&format!(
            "{name:<widest$}  {relevant:>8}  {found:>8}  {:>7.4}  {:>6.4}  {:>6.4}  {:>10.4}\n",
            score.ndcg_10, score.average_precision, score.reciprocal_rank, score.recall_100
        ));
    };
    for topic in shown {
        row(&clean(&topic.id), topic.relevant, topic.relevant_found, &topic.score);
    }
    let total = |of: fn(&crate::eval::TopicScore) -> usize| report.topics.iter().map(of).sum();
    row(&all, total(|topic| topic.relevant), total(|topic| topic.relevant_found), &report.mean);
    out
}

/// Scores of all classes, then what was wrong where most was wrong.
fn human(graded: &TagReport, worst: usize, width: usize) -> String {
    let mut out = String::new();
    let widest = graded.classes.keys().map(|class| class.chars().count()).max().unwrap_or(0).max(7);
    let head = format!(
        "{:<widest$}  {:<9}  {:>6}  {:>6}  {:>7}  {:>9}  {:>6}  {:>6}",
        "class", "measure", "right", "extra", "missing", "precision", "recall", "F1"
    );
    paint(&mut out, &head, style::TITLE);
    out.push('\n');
    for (class, scores) in &graded.classes {
        rows(&mut out, class, widest, scores);
    }
    if graded.classes.len() > 1 {
        rows(&mut out, "all", widest, &graded.overall);
    }
    if !graded.not_held.is_empty() {
        let names: Vec<&str> = graded.not_held.iter().take(10).map(String::as_str).collect();
        let text = format!(
            "not in the gazetteer and not graded: {} names, as {}",
            graded.not_held.len(),
            names.join(", ")
        );
        out.push('\n');
        wrap(&mut out, &[(clean(&text), style::FAINT)], 0, width);
    }
    let mut passages: BTreeMap<&str, Vec<&Failure>> = BTreeMap::new();
    for failure in &graded.failures {
        passages.entry(&failure.id).or_default().push(failure);
    }
    let mut passages: Vec<_> = passages.into_iter().collect();
    passages.sort_by_key(|(_, failures)| std::cmp::Reverse(failures.len()));
    for (id, failures) in passages.iter().take(worst) {
        out.push('\n');
        let class = failures.first().map_or("", |failure| failure.class.as_str());
        wrap(&mut out, &[(clean(id), style::TITLE), (format!("  {}", clean(class)), style::FAINT)], 0, width);
        for failure in failures {
            let sign = if failure.is_extra { "+" } else { "−" };
            let what = format!("{sign} {} {}", failure.measure.as_str(), clean(&failure.what));
            let mut pieces = vec![(what, Style::new())];
            if !failure.reason.is_empty() {
                pieces.push((format!("  {}", clean(&failure.reason)), style::FAINT));
            }
            wrap(&mut out, &pieces, 2, width);
        }
    }
    let left = passages.len().saturating_sub(worst);
    if left > 0 {
        paint(
            &mut out,
            &format!("\n{left} more passages with something wrong; --worst shows more"),
            style::FAINT,
        );
        out.push('\n');
    }
    out
}

fn rows(out: &mut String, class: &str, widest: usize, scores: &BTreeMap<Measure, Score>) {
    for (measure, score) in scores {
        out.push_str(&format!(
            "{:<widest$}  {:<9}  {:>6}  {:>6}  {:>7}  {:>9.3}  {:>6.3}  {:>6.3}\n",
            clean(class),
            measure.as_str(),
            score.right,
            score.extra,
            score.missing,
            score.precision(),
            score.recall(),
            score.f1()
        ));
    }
}
