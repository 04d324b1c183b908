//! Words of the trade that stand for each other: layoffs and job cuts, takeover and acquisition.
//!
//! The format is that of Solr's synonym files, with one difference: `=>` adds to what was asked for and never replaces
//! it. Members are compared by their stems, so that a line needs no inflections.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use crate::error::{Error, ErrorKind, Result};
use crate::index::analyzer::stem_term;
use crate::text::stem::Stemmer;
use crate::text::token::Words;

/// Most words of a member.
const MAX_WORDS: usize = 6;

/// Most members of a line.
const MAX_MEMBERS: usize = 64;

/// A list of synonyms.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Synonyms {
    /// What is found besides, by the terms of what was asked for.
    besides: HashMap<Vec<String>, Vec<Alternative>>,
}

/// What is found besides the words asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Alternative {
    /// As the list has it.
    pub(crate) text: String,
    /// Its stems, one after the other.
    pub(crate) terms: Vec<String>,
}

impl Synonyms {
    /// The list that comes with dateline.
    pub fn builtin() -> Arc<Self> {
        static BUILTIN: LazyLock<Arc<Synonyms>> = LazyLock::new(|| {
            // A test reads the list; a mistake in it must not take the search down.
            Arc::new(Synonyms::read(include_str!("synonyms.txt"), "synonyms.txt").unwrap_or_default())
        });
        Arc::clone(&BUILTIN)
    }

    /// Reads a list; errors name the line. `name` is what the list is called in them.
    pub fn read(text: &str, name: &str) -> Result<Self> {
        let stemmer = Stemmer::english();
        let mut list = Self::default();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let refuse = |message: &str| {
                Error::new(ErrorKind::Argument, format!("{name}:{}: {message}", number + 1))
                    .with_hint("write members with commas between: layoffs, job cuts; or earnings => results")
            };
            let members = |part: &str| -> Result<Vec<Alternative>> {
                let members: Vec<Alternative> =
                    part.split(',').map(|member| alternative(&stemmer, member.trim())).collect();
                if members.len() > MAX_MEMBERS {
                    return Err(refuse("the line has too many members"));
                }
                match members.iter().find(|member| !(1..=MAX_WORDS).contains(&member.terms.len())) {
                    Some(member) if member.terms.is_empty() => Err(refuse("a member has no word")),
                    Some(member) => Err(refuse(&format!("\"{}\" has too many words", member.text))),
                    None => Ok(members),
                }
            };
            let (asked, found) = match line.split_once("=>") {
                Some((asked, found)) => (members(asked)?, members(found)?),
                None => (members(line)?, members(line)?),
            };
            for member in asked {
                let besides = list.besides.entry(member.terms.clone()).or_default();
                for other in &found {
                    if other.terms != member.terms && !besides.iter().any(|known| known.terms == other.terms)
                    {
                        besides.push(other.clone());
                    }
                }
            }
        }
        Ok(list)
    }

    /// This list with another that has the last word: what it says of a member replaces what this one says. A member
    /// alone on its line has no synonyms.
    pub fn overlaid(&self, other: &Self) -> Self {
        let mut list = self.clone();
        list.besides.extend(other.besides.iter().map(|(terms, found)| (terms.clone(), found.clone())));
        list
    }

    /// What is found besides these stems.
    pub(crate) fn besides(&self, terms: &[String]) -> &[Alternative] {
        self.besides.get(terms).map_or(&[], Vec::as_slice)
    }
}

fn alternative(stemmer: &Stemmer, text: &str) -> Alternative {
    let mut words = Words::new(text);
    let mut terms = Vec::new();
    while let Some(word) = words.next() {
        terms.push(stem_term(stemmer, word.specific(), &word));
    }
    Alternative { text: text.to_owned(), terms }
}

#[cfg(test)]
mod tests {
    use super::{Synonyms, alternative};
    use crate::text::stem::Stemmer;

    fn besides(list: &Synonyms, text: &str) -> String {
        let terms = alternative(&Stemmer::english(), text).terms;
        list.besides(&terms).iter().map(|other| other.text.as_str()).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn groups_and_one_way_lines() {
        let text = "# comment\n\nlayoffs, job cuts, laid off\nearnings => quarterly results\n";
        let list = Synonyms::read(text, "list").unwrap();
        for (asked, found) in [
            ("layoff", "job cuts|laid off"),
            ("job cut", "layoffs|laid off"),
            ("job", ""),
            ("earnings", "quarterly results"),
            ("quarterly results", ""),
        ] {
            assert_eq!(besides(&list, asked), found, "{asked}");
        }
        let own = Synonyms::read("layoffs\nearnings, profits", "own").unwrap();
        let both = list.overlaid(&own);
        assert_eq!(besides(&both, "layoffs"), "");
        assert_eq!(besides(&both, "job cuts"), "layoffs|laid off");
        assert_eq!(besides(&both, "earnings"), "profits");
    }

    #[test]
    fn mistakes_name_their_line() {
        for (text, reason) in [
            ("a, , b", "list:1: a member has no word"),
            ("\na =>", "list:2: a member has no word"),
            ("a b c d e f g", "list:1: \"a b c d e f g\" has too many words"),
        ] {
            assert_eq!(Synonyms::read(text, "list").unwrap_err().message(), reason);
        }
    }

    #[test]
    fn the_list_that_comes_with_dateline_is_read() {
        let list = Synonyms::read(include_str!("synonyms.txt"), "synonyms.txt").unwrap();
        assert_eq!(list, *Synonyms::builtin());
        assert!(besides(&list, "redundancy").contains("layoffs"));
        assert!(besides(&list, "takeover").contains("acquisition"));
        assert!(besides(&list, "earnings").contains("quarterly results"));
        assert_eq!(besides(&list, "results"), "", "a word that means much else");
    }
}
