//! `dateline saved`: queries that were given a name.

use super::args::{SavedArgs, SavedCommand, When};
use super::report::{self, status};
use super::terminal::clean;
use super::{index, print};
use crate::error::Result;

pub(super) fn run(args: &SavedArgs, when: When) -> Result<u8> {
    let index = index::open(&args.at.index, when)?;
    match &args.command {
        None => {
            let lines: Vec<String> = index
                .saved_queries()?
                .iter()
                .map(|(name, parsed)| format!("{name}: {}\n", clean(&parsed.query.to_string())))
                .collect();
            if lines.is_empty() {
                report::note(when, "no query is saved yet; dateline saved add NAME QUERY saves one");
                return Ok(status::NOTHING_FOUND);
            }
            print(when, &lines.concat())?;
        }
        Some(SavedCommand::Add { name, query }) => {
            index.edit_queries(|saved| saved.insert(name, &query.join(" ")))?;
        }
        Some(SavedCommand::Remove { name }) => {
            if !index.edit_queries(|saved| Ok(saved.remove(name)))? {
                report::note(when, &format!("no query is saved as {}", clean(name)));
                return Ok(status::NOTHING_FOUND);
            }
        }
    }
    Ok(status::DONE)
}
