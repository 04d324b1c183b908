//! `dateline companies`: the gazetteer, whole or one entry.

use std::path::Path;

use serde::Serialize;

use super::args::{CompaniesArgs, CompaniesCommand, Format, ListFormat, Paging, When};
use super::report::{self, status};
use super::terminal::{clean, paint, style, width, wrap};
use super::{csv, gazetteer, json, print, print_json, print_pages, read_text};
use crate::error::{Error, ErrorKind, Result};
use crate::tag::{Company, Division, ListFinding, Resolution, Severity, check_overlay};

pub(super) fn run(args: &CompaniesArgs, when: When, paging: Paging) -> Result<u8> {
    if let Some(CompaniesCommand::Check { file, print }) = &args.command {
        return check(file, print.format(), when);
    }
    let gazetteer = gazetteer(args.companies.as_deref())?;
    if args.name.is_empty() {
        let all: Vec<&Company> = gazetteer.companies().collect();
        write(&all, args.format, when, paging)?;
        return Ok(status::DONE);
    }
    let name = args.name.join(" ");
    let paths: Vec<String> = match gazetteer.resolve(&name) {
        Resolution::One(entity) => vec![entity.path],
        Resolution::Ambiguous(entities) => {
            report::note(when, &format!("{name} is the name of several"));
            entities.into_iter().map(|entity| entity.path).collect()
        }
        Resolution::Unknown(suggestions) => {
            report::note(when, &format!("no company or division is called {name}"));
            if !suggestions.is_empty() {
                report::note(when, &format!("similar: {}", suggestions.join(", ")));
            }
            return Ok(status::NOTHING_FOUND);
        }
    };
    // A division is shown with the company that it belongs to.
    let mut ids: Vec<&str> =
        paths.iter().map(|path| path.split_once('/').map_or(path.as_str(), |(company, _)| company)).collect();
    ids.dedup();
    let found: Vec<&Company> = ids.into_iter().filter_map(|id| gazetteer.company(id)).collect();
    if args.format == ListFormat::Human {
        let mut out = String::new();
        for company in found {
            entry(&mut out, company, &paths, width());
        }
        print_pages(when, paging, &out)?;
    } else {
        write(&found, args.format, when, paging)?;
    }
    Ok(status::DONE)
}

/// The JSON of `dateline companies check`.
#[derive(Serialize)]
struct Checked<'a> {
    file: &'a str,
    is_valid: bool,
    findings: &'a [ListFinding],
    added: Vec<&'a str>,
    changed: Vec<&'a str>,
    removed: Vec<&'a str>,
}

/// Reads a list as `index` would and says what is wrong with it and what it does to the built-in one.
fn check(file: &Path, format: Format, when: When) -> Result<u8> {
    let text = read_text(file)?;
    let name = file.to_string_lossy();
    let builtin = gazetteer(None)?;
    let check = check_overlay(&builtin, &text);
    let mut checked = Checked {
        file: &name,
        is_valid: !check.is_refused(),
        findings: &check.findings,
        added: Vec::new(),
        changed: Vec::new(),
        removed: Vec::new(),
    };
    for company in check.gazetteer.companies() {
        match builtin.company(&company.id) {
            None => checked.added.push(&company.id),
            Some(before) if before != company => checked.changed.push(&company.id),
            Some(_) => {}
        }
    }
    let is_gone = |company: &&Company| check.gazetteer.company(&company.id).is_none();
    checked.removed.extend(builtin.companies().filter(is_gone).map(|company| company.id.as_str()));
    if format == Format::Json {
        print_json(when, &checked)?;
    } else {
        let mut out = String::new();
        for finding in &check.findings {
            let (sort, style) = match finding.severity {
                Severity::Error => ("error", style::ERROR),
                Severity::Warning => ("warning", style::WARNING),
            };
            let at = if finding.line == 0 { name.to_string() } else { format!("{name}:{}", finding.line) };
            out.push_str(&format!("{}: ", clean(&at)));
            paint(&mut out, sort, style);
            out.push_str(&format!(": {}; {}\n", clean(&finding.reason), clean(&finding.hint)));
        }
        if checked.is_valid {
            let label = |id: &str| {
                check.gazetteer.label(id).or_else(|| builtin.label(id)).unwrap_or_default().to_owned()
            };
            for (sign, ids) in
                [("added", &checked.added), ("changed", &checked.changed), ("removed", &checked.removed)]
            {
                for id in ids {
                    // Of what was renamed or merged away, where it went.
                    let became = match check.gazetteer.resolve_known(id) {
                        Some(Resolution::One(entity)) if entity.path != *id => {
                            format!(", now {}", entity.path)
                        }
                        _ => String::new(),
                    };
                    out.push_str(&format!(
                        "{sign:<8} {:<30} {}{}\n",
                        clean(id),
                        clean(&label(id)),
                        clean(&became)
                    ));
                }
            }
        }
        print(when, &out)?;
    }
    let errors = check.findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    let counted = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let found =
        format!("{}, {}", counted(errors, "error"), counted(check.findings.len() - errors, "warning"));
    if !checked.is_valid {
        report::note(when, &format!("the list is refused: {found}"));
        return Ok(status::USAGE);
    }
    let [added, changed, removed] = [&checked.added, &checked.changed, &checked.removed].map(Vec::len);
    let talk = if check.findings.is_empty() { String::new() } else { format!(" ({found})") };
    report::note(
        when,
        &format!("the list is valid{talk}: {added} added, {changed} changed, {removed} removed"),
    );
    Ok(status::DONE)
}

fn write(companies: &[&Company], format: ListFormat, when: When, paging: Paging) -> Result<()> {
    match format {
        ListFormat::Human => {
            let mut out = String::new();
            for company in companies {
                let tickers = company.tickers.join(" ");
                out.push_str(&format!(
                    "{:<36} {:<40} {:<24} {:>4}\n",
                    clean(&company.id),
                    clean(&company.name),
                    clean(&tickers),
                    company.divisions.len()
                ));
            }
            print_pages(when, paging, &out)
        }
        ListFormat::Json => print_json(when, &companies),
        ListFormat::Jsonl => {
            let mut out = String::new();
            for company in companies {
                let line = json::to_string(company).map_err(|error| {
                    Error::new(ErrorKind::Internal, "a company can't be written as JSON").caused_by(error)
                })?;
                out.push_str(&line);
                out.push('\n');
            }
            print(when, &out)
        }
        ListFormat::Csv => {
            let mut rows = Vec::new();
            for company in companies {
                let text = |value: &Option<String>| value.clone().unwrap_or_default();
                rows.push(vec![
                    company.id.clone(),
                    company.name.clone(),
                    format!("{:?}", company.kind).to_lowercase(),
                    company.aliases.join("; "),
                    company.tickers.join("; "),
                    text(&company.sector),
                    text(&company.country),
                ]);
                rows.extend(company.divisions.iter().map(|division| {
                    vec![
                        format!("{}/{}", company.id, division.id),
                        division.name.clone(),
                        format!("{:?}", division.kind).to_lowercase(),
                        division.aliases.join("; "),
                        String::new(),
                        String::new(),
                        String::new(),
                    ]
                }));
            }
            let headings = ["path", "name", "kind", "aliases", "tickers", "sector", "country"];
            print(when, &csv::to_csv(&headings, &rows)?)
        }
    }
}

/// One company in full, or its head and those divisions that were asked for.
fn entry(out: &mut String, company: &Company, asked: &[String], width: usize) {
    let kind = format!("{:?}", company.kind).to_lowercase();
    paint(out, &clean(&company.name), style::TITLE);
    out.push_str(&format!("  {}  {kind}\n", clean(&company.id)));
    let former: Vec<String> = company
        .former
        .iter()
        .map(|former| match &former.until {
            Some(until) => format!("{} (until {until})", former.name),
            None => former.name.clone(),
        })
        .collect();
    let facts = [
        ("former ids", company.former_ids.join(" ")),
        ("legal", company.legal.join("; ")),
        ("aliases", company.aliases.join("; ")),
        ("weak", company.weak.join("; ")),
        ("former", former.join("; ")),
        ("tickers", company.tickers.join(" ")),
        (
            "sector",
            [&company.sector, &company.industry]
                .into_iter()
                .flatten()
                .cloned()
                .collect::<Vec<_>>()
                .join(", "),
        ),
        ("country", company.country.clone().unwrap_or_default()),
        ("people", company.people.join("; ")),
        ("domains", company.domains.join(" ")),
    ];
    for (name, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
        let pieces = [(format!("{name}: "), style::FAINT), (clean(value), anstyle::Style::new())];
        wrap(out, &pieces, 2, width);
    }
    let is_whole = asked.contains(&company.id);
    for division in &company.divisions {
        let path = format!("{}/{}", company.id, division.id);
        if !is_whole && !asked.contains(&path) {
            continue;
        }
        let text = format!("  {}", clean(&described(division)));
        let pieces = [(clean(&path), style::DIVISION), (text, anstyle::Style::new())];
        wrap(out, &pieces, 2, width);
    }
}

fn described(division: &Division) -> String {
    let kind = format!("{:?}", division.kind).to_lowercase();
    let mut text = format!("{}, {kind}", division.name);
    let others: Vec<&str> =
        division.aliases.iter().filter(|alias| **alias != division.name).map(String::as_str).collect();
    if !others.is_empty() {
        text.push_str(&format!(", also {}", others.join(", ")));
    }
    match (&division.since, &division.until) {
        (Some(since), Some(until)) => text.push_str(&format!(", {since}–{until}")),
        (Some(since), None) => text.push_str(&format!(", since {since}")),
        (None, Some(until)) => text.push_str(&format!(", until {until}")),
        (None, None) => {}
    }
    text
}
