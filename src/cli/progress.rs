//! How an indexing run is shown: a bar, events as JSON, or nothing. All of it in this file.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::args::{Progress, When};
use super::report;
use super::terminal::{self, clean, is_watched};
use crate::ingest::{Counts, IndexEvent, IndexReport, Skipped, TagEdit, TagState};

/// Warnings of a class that are printed before the rest is only counted.
const WARNINGS_SHOWN: u64 = 5;

/// Takes the events of a run.
pub(super) struct Reporter {
    when: When,
    is_json: bool,
    is_verbose: bool,
    bar: ProgressBar,
    started: Instant,
    warned: BTreeMap<String, u64>,
    /// Whether changes are followed: a batch without any says nothing.
    is_following: bool,
    /// The first error of writing events; the run goes on without them.
    is_deaf: bool,
}

impl Reporter {
    pub(super) fn new(how: Progress, when: When, is_verbose: bool) -> Self {
        let bar = ProgressBar::hidden();
        if how == Progress::Auto && is_watched() {
            bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        }
        Self {
            when,
            is_json: how == Progress::Json,
            is_verbose,
            bar,
            started: Instant::now(),
            warned: BTreeMap::new(),
            is_following: false,
            is_deaf: false,
        }
    }

    pub(super) fn event(&mut self, event: &IndexEvent) {
        if self.is_json {
            self.write_json(event);
            return;
        }
        match event {
            IndexEvent::Start { .. } => {
                self.started = Instant::now();
                self.warned.clear();
            }
            IndexEvent::Listed { bytes, .. } => {
                self.bar.reset();
                let style = ProgressStyle::with_template("{bar:24} {percent:>3} %  {msg}  {eta} left")
                    .unwrap_or_else(|_| ProgressStyle::default_bar());
                self.bar.set_style(style);
                self.bar.set_length(*bytes);
            }
            IndexEvent::Progress { counts } => {
                self.bar.set_position(counts.bytes_read);
                self.bar.set_message(rate(counts, self.started.elapsed().as_secs_f64()));
            }
            IndexEvent::Skipped(skipped) => {
                let text = format!("skipped {}: {}", skipped.at, skipped.reason);
                self.bar.suspend(|| report::warning(self.when, &text));
            }
            IndexEvent::Warned(warned) => self.warned(warned),
            IndexEvent::Retagged { id, changes } if self.is_verbose && !self.is_deaf => {
                let lines: String = changes.iter().map(edit_line).collect();
                let written =
                    self.bar.suspend(|| terminal::print(self.when, &format!("{}\n{lines}", clean(id))));
                self.is_deaf |= written.is_err();
            }
            IndexEvent::Following { paths } => {
                self.is_following = true;
                let paths: Vec<_> = paths.iter().map(|path| path.to_string_lossy()).collect();
                report::note(self.when, &format!("following {}; Ctrl-C ends it", paths.join(", ")));
            }
            IndexEvent::Finish { report } => {
                self.bar.finish_and_clear();
                self.summary(report);
            }
            _ => {}
        }
    }

    fn warned(&mut self, warned: &Skipped) {
        let count = self.warned.entry(warned.class.clone()).or_default();
        *count += 1;
        if self.is_verbose || *count <= WARNINGS_SHOWN {
            let text = format!("{}: {}", warned.at, warned.reason);
            self.bar.suspend(|| report::warning(self.when, &text));
        }
    }

    fn write_json(&mut self, event: &IndexEvent) {
        if self.is_deaf {
            return;
        }
        let mut out = std::io::stdout().lock();
        let written = super::json::to_string(event)
            .map_err(std::io::Error::other)
            .and_then(|line| writeln!(out, "{line}"))
            .and_then(|()| out.flush());
        self.is_deaf = written.is_err();
    }

    /// What a run did, as a line or two for a person.
    fn summary(&self, finished: &IndexReport) {
        for (class, count) in &self.warned {
            let more = count.saturating_sub(WARNINGS_SHOWN);
            if more > 0 && !self.is_verbose {
                report::note(
                    self.when,
                    &format!("{more} more warnings of the kind {class}; --verbose names them"),
                );
            }
        }
        if !self.is_following || has_changed(&finished.counts) {
            report::note(self.when, &sentence(finished));
        }
    }

    /// Takes the bar away, after an error.
    pub(super) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

/// `  + amazon  subject 80`
fn edit_line(edit: &TagEdit) -> String {
    let state = |state: TagState| match state.role {
        Some(role) => format!("{} {}", role.as_str(), state.salience),
        None => state.salience.to_string(),
    };
    let tag = clean(&edit.tag);
    match (edit.before, edit.after) {
        (None, Some(after)) => format!("  + {tag}  {}\n", state(after)),
        (Some(before), None) => format!("  − {tag}  {}\n", state(before)),
        (Some(before), Some(after)) => format!("  ~ {tag}  {} → {}\n", state(before), state(after)),
        (None, None) => String::new(),
    }
}

fn rate(counts: &Counts, seconds: f64) -> String {
    let seconds = seconds.max(0.001);
    format!(
        "{} articles  {:.0}/s  {:.1} MB/s",
        grouped(counts.added + counts.updated + counts.unchanged),
        counts.records as f64 / seconds,
        counts.bytes_unpacked as f64 / 1e6 / seconds
    )
}

fn has_changed(counts: &Counts) -> bool {
    counts.added + counts.updated + counts.deleted + counts.skipped > 0
}

fn sentence(finished: &IndexReport) -> String {
    let counts = &finished.counts;
    let parts = [
        (counts.added, "added"),
        (counts.updated, "updated"),
        (counts.unchanged, "unchanged"),
        (counts.deleted, "deleted"),
    ];
    let mut said: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{} {what}", grouped(count)))
        .collect();
    if counts.skipped > 0 {
        said.push(format!("{} skipped ({})", grouped(counts.skipped), by_class(&finished.skipped_by_class)));
    }
    if counts.warned > 0 {
        said.push(format!(
            "{} with a warning ({})",
            grouped(counts.warned),
            by_class(&finished.warned_by_class)
        ));
    }
    if said.is_empty() {
        said.push("nothing has changed".to_owned());
    }
    format!(
        "{} {} in the index: {} ({:.1} s)",
        grouped(finished.docs_total),
        if finished.docs_total == 1 { "article" } else { "articles" },
        said.join(", "),
        finished.seconds
    )
}

fn by_class(counts: &BTreeMap<String, u64>) -> String {
    let named: Vec<String> =
        counts.iter().map(|(class, count)| format!("{} {}", grouped(*count), clean(class))).collect();
    named.join(", ")
}

/// `207,424`
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{grouped, sentence};
    use crate::ingest::{Counts, IndexReport};

    #[test]
    fn numbers_are_grouped() {
        for (number, text) in
            [(0, "0"), (999, "999"), (1000, "1,000"), (207_424, "207,424"), (1_234_567, "1,234,567")]
        {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn a_run_in_a_sentence() {
        let counts = Counts { added: 1200, skipped: 2, warned: 62, ..Counts::default() };
        let report = IndexReport {
            counts,
            skipped_by_class: [("empty".to_owned(), 2)].into(),
            warned_by_class: [("title-only".to_owned(), 62)].into(),
            docs_total: 1200,
            seconds: 3.24,
            ..IndexReport::default()
        };
        assert_eq!(
            sentence(&report),
            "1,200 articles in the index: 1,200 added, 2 skipped (2 empty), 62 with a warning (62 title-only) (3.2 s)"
        );
        let idle = IndexReport { docs_total: 5, ..IndexReport::default() };
        assert_eq!(sentence(&idle), "5 articles in the index: nothing has changed (0.0 s)");
    }
}
