//! Files and standard input, for the commands that read articles without an index.

use std::io::{IsTerminal, Stdin};
use std::path::PathBuf;

use super::args::When;
use super::{now, report};
use crate::Cancel;
use crate::article::Article;
use crate::decode::{FieldMap, decode_each};
use crate::error::{Error, ErrorKind, Result};
use crate::source::{Format, Found, Limits, STREAM, Skipped, read_file, read_stream, walk};

/// What a command was told to read.
pub(super) struct Input<'a> {
    pub(super) paths: &'a [PathBuf],
    /// Its format, where the user says it.
    pub(super) format: Option<Format>,
    /// Where fields stand in it, beside the names that are known anyway.
    pub(super) map: FieldMap,
}

/// The articles of an input, and what could not be read.
pub(super) struct Decoded {
    pub(super) articles: Vec<Article>,
    pub(super) skipped: Vec<Skipped>,
}

impl Input<'_> {
    /// Gives all that it holds, standard input first. Gives the number of files and members that were passed over.
    pub(super) fn read(&self, sink: &mut dyn FnMut(Found) -> Result<()>) -> Result<u64> {
        let limits = Limits { columns: self.map.clone(), ..Limits::default() };
        let cancel = Cancel::new();
        let (paths, stream) = with_stream(self.paths)?;
        let mut ignored = 0;
        if let Some(stream) = stream {
            ignored += read_stream(STREAM, self.format, stream, &limits, &cancel, sink)?.ignored;
        }
        let mut walked = walk(&paths)?;
        ignored += walked.ignored;
        walked.skipped.into_iter().map(Found::Skipped).try_for_each(&mut *sink)?;
        for file in &mut walked.files {
            file.format = self.format;
            ignored += read_file(file, &limits, &cancel, sink)?.ignored;
        }
        Ok(ignored)
    }

    /// All of its articles; what is skipped is said.
    pub(super) fn decoded(&self, when: When) -> Result<Decoded> {
        let mut decoded = Decoded { articles: Vec::new(), skipped: Vec::new() };
        self.read(&mut |found| {
            let outcomes = match found {
                Found::Record(record) => decode_each(&record, &self.map, now()),
                Found::Skipped(skipped) => vec![Err(skipped)],
                Found::Warned(warned) => {
                    report::warning(when, &format!("{}: {}", warned.at, warned.reason));
                    return Ok(());
                }
            };
            for outcome in outcomes {
                match outcome {
                    Ok(found) => decoded.articles.push(found.article),
                    Err(skipped) => {
                        report::warning(when, &format!("skipped {}: {}", skipped.at, skipped.reason));
                        decoded.skipped.push(skipped);
                    }
                }
            }
            Ok(())
        })?;
        Ok(decoded)
    }
}

/// Paths without `-`, and standard input where it was among them.
pub(super) fn with_stream(paths: &[PathBuf]) -> Result<(Vec<PathBuf>, Option<Stdin>)> {
    let (streams, paths): (Vec<PathBuf>, Vec<PathBuf>) =
        paths.iter().cloned().partition(|path| path.as_os_str() == STREAM);
    if streams.is_empty() {
        return Ok((paths, None));
    }
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        return Err(Error::new(ErrorKind::Argument, "nothing is piped into standard input")
            .with_hint("pipe something into it, as in: zcat news.jsonl.gz | dateline index -"));
    }
    Ok((paths, Some(stdin)))
}
