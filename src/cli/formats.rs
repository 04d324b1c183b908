//! `dateline formats`, and what the help says of formats: all from the registry of the library.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde::Serialize;

use super::args::{self, FormatsArgs, When};
use super::report::status;
use super::{print, print_json};
use crate::error::Result;
use crate::source::{Archive, Format, Packing};

/// One of the formats, packings or archives, as JSON has it.
#[derive(Serialize)]
struct Entry {
    name: &'static str,
    endings: &'static [&'static str],
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'static str>,
    /// Whether this build reads it.
    available: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing_feature: Option<&'static str>,
}

#[derive(Serialize)]
struct Listed {
    formats: Vec<Entry>,
    packings: Vec<Entry>,
    archives: Vec<Entry>,
}

impl Listed {
    fn new() -> Self {
        let wrapping = |name, endings| Entry {
            name,
            endings,
            description: None,
            available: true,
            missing_feature: None,
        };
        let formats = Format::ALL.into_iter().map(|format| Entry {
            name: format.name(),
            endings: format.endings(),
            description: Some(format.description()),
            available: format.missing_feature().is_none(),
            missing_feature: format.missing_feature(),
        });
        Self {
            formats: formats.collect(),
            packings: Packing::ALL.map(|packing| wrapping(packing.name(), packing.endings())).into(),
            archives: Archive::ALL.map(|archive| wrapping(archive.name(), archive.endings())).into(),
        }
    }
}

pub(super) fn run(args: &FormatsArgs, when: When) -> Result<u8> {
    let listed = Listed::new();
    match args.print.format() {
        args::Format::Human => print(when, &table(&listed))?,
        args::Format::Json => print_json(when, &listed)?,
    }
    Ok(status::DONE)
}

fn table(listed: &Listed) -> String {
    let width = listed.formats.iter().map(|entry| dotted(entry.endings).len()).max().unwrap_or(0);
    let mut out = format!("{:<10} {:<width$}  holds\n", "format", "endings");
    for entry in &listed.formats {
        let missing = entry
            .missing_feature
            .map(|feature| format!(" (not in this build: it needs the feature {feature})"))
            .unwrap_or_default();
        let holds = entry.description.unwrap_or_default();
        out.push_str(&format!("{:<10} {:<width$}  {holds}{missing}\n", entry.name, dotted(entry.endings)));
    }
    for (heading, entries) in [("packing", &listed.packings), ("archive", &listed.archives)] {
        out.push_str(&format!("\n{heading:<10} endings\n"));
        for entry in entries {
            out.push_str(&format!("{:<10} {}\n", entry.name, dotted(entry.endings)));
        }
    }
    out
}

/// `.html .htm`
fn dotted(endings: &[&str]) -> String {
    endings.iter().map(|ending| format!(".{ending}")).collect::<Vec<_>>().join(" ")
}

/// The help of the paths to index.
pub(super) fn paths_help() -> String {
    let all = |endings: &mut dyn Iterator<Item = &'static [&'static str]>| {
        endings.map(dotted).collect::<Vec<_>>().join(" ")
    };
    format!(
        "Files and folders to read, or - for standard input: {}, also under {} and in {} [default: corpus]",
        all(&mut Format::ALL.iter().map(|format| format.endings())),
        all(&mut Packing::ALL.iter().map(|packing| packing.endings())),
        all(&mut Archive::ALL.iter().map(|archive| archive.endings())),
    )
}

/// Reads the name of a format.
pub(super) fn parser() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(Format::ALL.map(Format::name))
        .try_map(|name| Format::from_name(&name).ok_or_else(|| format!("there is no format {name}")))
}
