//! `dateline repair` and `dateline upgrade`: an index built anew.

use super::args::{Format, From, Progress, RepairArgs, When};
use super::progress::{Reporter, grouped};
use super::report::{self, status};
use super::{check, field_map, interrupt, print_json, read_text};
use crate::error::Result;
use crate::index::FORMAT_VERSION;
use crate::ingest::repair::{RepairFrom, RepairOptions, RepairOutcome, RepairReport, repair, upgrade};
use crate::ingest::{IndexEvent, IndexOptions};

pub(super) fn run(args: &RepairArgs, is_upgrade: bool, when: When) -> Result<u8> {
    let companies = match &args.companies {
        Some(path) => Some((read_text(path)?, path.to_string_lossy().into_owned())),
        None => None,
    };
    let options = RepairOptions {
        paths: args.paths.clone(),
        from: args.from.map(|from| match from {
            From::Sources => RepairFrom::Sources,
            From::Stored => RepairFrom::Stored,
        }),
        companies,
        is_dry_run: args.dry_run,
        index: IndexOptions {
            threads: args.threads.map_or(0, usize::from),
            memory_bytes: args.memory,
            map: field_map(&args.map)?,
            format: args.said.format,
            ..IndexOptions::default()
        },
    };
    let mut reporter = Reporter::new(Progress::Auto, when, false);
    let mut told = |event: IndexEvent| {
        // What it comes to is said below.
        if !matches!(event, IndexEvent::Finish { .. }) {
            reporter.event(&event);
        }
    };
    let rebuild = if is_upgrade { upgrade } else { repair };
    let outcome = rebuild(&args.at.index, &options, &interrupt::flag(), &mut told);
    reporter.clear();
    let report = outcome?;
    match args.print.format() {
        Format::Human => say(&report, args, is_upgrade, when),
        Format::Json => print_json(when, &report)?,
    }
    // What the sources will bring is not known before they are read.
    let is_open = report.outcome == RepairOutcome::Planned && report.from == Some(RepairFrom::Sources);
    Ok(if report.lost > 0 && !is_open { status::SKIPPED } else { status::DONE })
}

fn say(report: &RepairReport, args: &RepairArgs, is_upgrade: bool, when: When) {
    let folder = args.at.index.display();
    for damage in &report.damage {
        report::note(when, &check::line(damage));
    }
    for note in &report.notes {
        report::note(when, note);
    }
    match report.outcome {
        RepairOutcome::Unneeded if is_upgrade => {
            report::note(
                when,
                &format!("the index in {folder} has format {FORMAT_VERSION}, the current one"),
            );
        }
        RepairOutcome::Unneeded => {
            let looked = "every byte and every article was read, no damage";
            report::note(when, &format!("there is nothing to repair in {folder}: {looked}"));
        }
        RepairOutcome::Planned => {
            let text = match report.from {
                Some(from) => format!("the index would be built anew from {}", sources(report, from)),
                None => format!("{folder} would get its new index"),
            };
            report::note(when, &text);
        }
        RepairOutcome::Replaced | RepairOutcome::Resumed => {
            let text = match report.from {
                Some(from) => format!("built anew from {}", sources(report, from)),
                None => "of a repair that was broken off".to_owned(),
            };
            report::note(when, &format!("{} in {folder}, {text}", counted(report.articles, "article")));
        }
    }
    if report.lost > 0 {
        let text = match (report.outcome, report.from) {
            (RepairOutcome::Planned, Some(RepairFrom::Sources)) => "can't be read but from the sources",
            (RepairOutcome::Planned, _) => "can't be read",
            _ if report.lost == 1 => "is lost",
            _ => "are lost",
        };
        let ids = check::ids(&report.lost_ids, report.lost);
        report::warning(when, &format!("{} {text}: {ids}", counted(report.lost, "article")));
    }
    if let Some(old) = &report.old {
        report::note(when, &format!("the old index is in {}, for you to delete", old.display()));
    }
}

fn sources(report: &RepairReport, from: RepairFrom) -> String {
    let stored = counted(report.stored, "stored article");
    if from == RepairFrom::Stored {
        return stored;
    }
    let missing = match report.missing_files {
        0 => String::new(),
        1 => " (another is not there)".to_owned(),
        number => format!(" ({} others are not there)", grouped(number)),
    };
    format!("{}{missing} and {stored}", counted(report.files, "source file"))
}

fn counted(number: u64, what: &str) -> String {
    format!("{} {what}{}", grouped(number), if number == 1 { "" } else { "s" })
}
