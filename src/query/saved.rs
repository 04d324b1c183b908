//! Queries that were given a name, to be used in others as `search:name`.
//!
//! They are kept as text, a line each (`name: query`), so that an editor is all it takes to change them.

use std::collections::BTreeMap;

use super::{Parsed, parse};
use crate::error::{Error, ErrorKind, Result};

/// Most saved queries.
const MAX_SAVED: usize = 1000;

/// Queries by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SavedQueries(BTreeMap<String, Parsed>);

impl SavedQueries {
    /// Reads lines of `name: query`; `file` is what errors call the list. Empty lines and those that begin with `#`
    /// are passed over.
    pub fn read(text: &str, file: &str) -> Result<Self> {
        let mut saved = Self::default();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let at = |error: Error| {
                let hint = error.hint().unwrap_or("write it like name: query").to_owned();
                Error::new(error.kind(), format!("{file}:{}: {}", number + 1, error.message()))
                    .with_hint(hint)
            };
            let (name, query) = line.split_once(':').ok_or_else(|| {
                at(Error::new(ErrorKind::Query, "there is no name with a colon before the query"))
            })?;
            saved.insert(name, query).map_err(at)?;
        }
        Ok(saved)
    }

    /// Gives a query a name, in place of the one that had it.
    pub fn insert(&mut self, name: &str, query: &str) -> Result<()> {
        let name = checked(name)?;
        if self.0.len() >= MAX_SAVED && !self.0.contains_key(&name) {
            return Err(Error::new(ErrorKind::Argument, format!("at most {MAX_SAVED} queries can be saved"))
                .with_hint("remove one first"));
        }
        self.0.insert(name, parse(query.trim())?);
        Ok(())
    }

    /// Takes a name away; gives whether it was there.
    pub fn remove(&mut self, name: &str) -> bool {
        self.0.remove(&name.trim().to_lowercase()).is_some()
    }

    /// The query of a name.
    pub fn get(&self, name: &str) -> Option<&Parsed> {
        self.0.get(&name.trim().to_lowercase())
    }

    /// Names and queries, in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Parsed)> {
        self.0.iter().map(|(name, query)| (name.as_str(), query))
    }

    /// The list as a text that reads the same.
    pub fn to_text(&self) -> String {
        self.0.iter().map(|(name, parsed)| format!("{name}: {}\n", parsed.query)).collect()
    }
}

/// A name in the form that it is kept in: small letters, digits, `-` and `_`.
fn checked(name: &str) -> Result<String> {
    let name = name.trim().to_lowercase();
    let is_plain = (1..=64).contains(&name.len())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_'))
        && name.starts_with(|letter: char| letter.is_ascii_alphanumeric());
    if is_plain {
        return Ok(name);
    }
    Err(Error::new(ErrorKind::Argument, format!("\"{name}\" can't be the name of a saved query"))
        .with_hint("use up to 64 letters, digits, - and _, as in eu-layoffs"))
}

#[cfg(test)]
mod tests {
    use super::SavedQueries;

    #[test]
    fn a_list_reads_as_it_is_written() {
        let text = "# Watched\n\nEU-layoffs: layoffs (europe OR \"european union\")\nbig: headcount:>=1000\n";
        let mut saved = SavedQueries::read(text, "searches").unwrap();
        assert_eq!(
            saved.to_text(),
            "big: headcount:>=1000\neu-layoffs: layoffs AND (europe OR \"european union\")\n"
        );
        assert_eq!(SavedQueries::read(&saved.to_text(), "searches").unwrap().to_text(), saved.to_text());
        assert!(saved.get("BIG").is_some());
        assert!(saved.remove("big") && !saved.remove("big"));
        assert_eq!(saved.iter().count(), 1);
    }

    #[test]
    fn mistakes_name_their_line() {
        for (text, reason) in [
            ("a", "f:1: there is no name with a colon before the query"),
            ("a: b\nb c: d", "f:2: \"b c\" can't be the name of a saved query"),
            ("a: (b", "f:1: this parenthesis is not closed"),
        ] {
            let error = SavedQueries::read(text, "f").unwrap_err();
            assert_eq!(error.message(), reason);
            assert!(error.hint().is_some());
        }
    }
}
