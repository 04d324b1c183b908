//! `dateline eval`: quality against judgments, as tables.

use std::collections::BTreeMap;
use std::time::Instant;

use super::args::{EvalTagsArgs, Format, When};
use super::report::{self, status};
use super::terminal::{clean, paint, style, width, wrap};
use super::{gazetteer, print, print_json, read_text};
use crate::error::{Error, ErrorKind, Result};
use crate::eval::{Failure, Measure, Score, TagReport, grade, read_passages};
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
