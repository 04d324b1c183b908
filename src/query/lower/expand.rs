//! Patterns and misspelt words to the terms that the index has.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use levenshtein_automata::{DFA, Distance, LevenshteinAutomatonBuilder, SINK_STATE};
use regex::{Regex, RegexBuilder};
use regex_syntax::hir::{Hir, HirKind};
use tantivy::Searcher;
use tantivy::schema::Field;
use tantivy::termdict::TermStreamer;
use tantivy_fst::Automaton;

use crate::control::Deadline;
use crate::error::{Error, ErrorKind, Result};

/// Memory that a compiled expression may take; a larger one is refused.
const MAX_COMPILED: usize = 1 << 20;

/// Deepest nesting of an expression.
const NESTING: u32 = 50;

/// Largest product of nested counts.
const MAX_REPETITIONS: u64 = 1000;

/// Words between two looks at the clock.
const PATIENCE: u32 = 1024;

/// Which terms are meant.
pub(super) struct Pattern {
    /// What all of them begin with.
    start: String,
    rest: Rest,
}

enum Rest {
    Any,
    Regex(Regex),
    Near(Misspelt),
}

/// Terms that begin so.
pub(super) fn prefix(start: &str) -> Pattern {
    Pattern { start: start.to_owned(), rest: Rest::Any }
}

/// `?` is one character, `*` any number.
pub(super) fn wildcard(pattern: &str) -> Result<Pattern> {
    let end = pattern.find(['?', '*']).unwrap_or(pattern.len());
    let mut expression = String::new();
    for letter in pattern.chars() {
        match letter {
            '?' => expression.push('.'),
            '*' => expression.push_str(".*"),
            letter => expression.push_str(&regex_syntax::escape(letter.encode_utf8(&mut [0; 4]))),
        }
    }
    Ok(Pattern { start: pattern[..end].to_owned(), rest: Rest::Regex(compile(&expression)?) })
}

/// Whole terms that match an expression.
pub(super) fn regex(expression: &str) -> Result<Pattern> {
    let regex = compile(expression)?;
    // What the expression certainly begins with saves a walk over the whole dictionary.
    let start: String = match expression.find(|letter: char| !letter.is_alphanumeric()) {
        None => expression.to_lowercase(),
        Some(end) => {
            let is_optional = expression[end..].starts_with(['?', '*', '{', '|']) || expression.contains('|');
            if is_optional { String::new() } else { expression[..end].to_lowercase() }
        }
    };
    Ok(Pattern { start, rest: Rest::Regex(regex) })
}

/// Terms at most `distance` slips away.
pub(super) fn fuzzy(word: &str, distance: usize) -> Pattern {
    static BUILDERS: LazyLock<[LevenshteinAutomatonBuilder; 2]> =
        LazyLock::new(|| [1, 2].map(|distance| LevenshteinAutomatonBuilder::new(distance, true)));
    let builder = &BUILDERS[distance.clamp(1, 2) - 1];
    Pattern { start: String::new(), rest: Rest::Near(Misspelt(builder.build_dfa(word))) }
}

/// Walks the dictionary along the words that are near enough, and no others.
struct Misspelt(DFA);

impl Automaton for &Misspelt {
    type State = u32;

    fn start(&self) -> u32 {
        self.0.initial_state()
    }

    fn is_match(&self, state: &u32) -> bool {
        matches!(self.0.distance(*state), Distance::Exact(_))
    }

    fn can_match(&self, state: &u32) -> bool {
        *state != SINK_STATE
    }

    fn accept(&self, state: &u32, byte: u8) -> u32 {
        self.0.transition(*state, byte)
    }
}

/// How often the innermost part of an expression may be repeated by nested counts.
fn repetitions(hir: &Hir) -> u64 {
    match hir.kind() {
        HirKind::Repetition(repetition) => {
            let times = u64::from(repetition.max.unwrap_or(repetition.min).max(1));
            times.saturating_mul(repetitions(&repetition.sub))
        }
        HirKind::Capture(capture) => repetitions(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().map(repetitions).max().unwrap_or(1)
        }
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => 1,
    }
}

fn compile(expression: &str) -> Result<Regex> {
    let parsed = regex_syntax::ParserBuilder::new().nest_limit(NESTING).build().parse(expression);
    if parsed.as_ref().is_ok_and(|hir| repetitions(hir) > MAX_REPETITIONS) {
        return Err(too_large());
    }
    RegexBuilder::new(&format!("^(?:{expression})$"))
        .case_insensitive(true)
        .dot_matches_new_line(true)
        .size_limit(MAX_COMPILED)
        .dfa_size_limit(MAX_COMPILED)
        .nest_limit(NESTING)
        .build()
        .map_err(|error| {
            if matches!(error, regex::Error::CompiledTooBig(_)) {
                return too_large();
            }
            let text = error.to_string();
            let last = text.lines().last().unwrap_or("").trim().trim_start_matches("error: ");
            Error::new(ErrorKind::Query, format!("the regular expression can't be read: {last}"))
                .with_hint("escape special characters with a backslash")
        })
}

fn too_large() -> Error {
    Error::new(ErrorKind::Query, "the regular expression is too large")
        .with_hint("use fewer or smaller repetitions")
}

impl Pattern {
    fn fits(&self, term: &str) -> bool {
        match &self.rest {
            Rest::Any => true,
            Rest::Regex(regex) => regex.is_match(term),
            Rest::Near(misspelt) => matches!(misspelt.0.eval(term), Distance::Exact(_)),
        }
    }
}

/// The terms of fields that fit, in order, at most `limit`; and whether there are more. Stems and pairs of characters are no
/// words.
pub(super) fn terms(
    searcher: &Searcher,
    fields: &[Field],
    pattern: &Pattern,
    limit: usize,
    deadline: &Deadline,
) -> Result<(Vec<String>, bool)> {
    let fail = |error: tantivy::TantivyError| {
        Error::new(ErrorKind::Io, format!("the words of the index can't be read: {error}")).caused_by(error)
    };
    let mut walk = Walk { pattern, limit, deadline, found: BTreeSet::new(), is_cut: false };
    // Stems and pairs stand before all words: their marks are smaller than any letter.
    let from = if pattern.start.is_empty() { "\u{3}" } else { &pattern.start }.as_bytes();
    for segment in searcher.segment_readers() {
        for field in fields {
            let index = segment.inverted_index(*field).map_err(fail)?;
            let late = |error: std::io::Error| fail(error.into());
            if let Rest::Near(misspelt) = &pattern.rest {
                walk.take(index.terms().search(misspelt).ge(from).into_stream().map_err(late)?);
            } else {
                walk.take(index.terms().range().ge(from).into_stream().map_err(late)?);
            }
        }
    }
    Ok((walk.found.into_iter().collect(), walk.is_cut))
}

struct Walk<'a> {
    pattern: &'a Pattern,
    limit: usize,
    deadline: &'a Deadline,
    found: BTreeSet<String>,
    is_cut: bool,
}

impl Walk<'_> {
    /// Takes what fits of a stream of terms in order.
    fn take<A: Automaton>(&mut self, mut stream: TermStreamer<'_, A>)
    where
        A::State: Clone,
    {
        let mut looked_at: u32 = 0;
        while stream.advance() {
            looked_at += 1;
            if looked_at.is_multiple_of(PATIENCE) && self.deadline.is_over() {
                return;
            }
            let Ok(term) = std::str::from_utf8(stream.key()) else { continue };
            if !term.starts_with(&self.pattern.start) {
                return;
            }
            if !self.pattern.fits(term) || self.found.contains(term) {
                continue;
            }
            self.found.insert(term.to_owned());
            // Keeping the first ones in order makes the cut the same for any segments.
            if self.found.len() > self.limit {
                self.found.pop_last();
                self.is_cut = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{fuzzy, prefix, regex, wildcard};

    #[test]
    fn patterns_fit_whole_words() {
        for (pattern, fitting, other) in [
            (prefix("lay"), vec!["lay", "layoffs"], vec![]),
            (wildcard("w?ld*card").unwrap(), vec!["wildcard", "wild-card"], vec!["wldcard", "wildcards"]),
            (wildcard("a.b*").unwrap(), vec!["a.b", "a.bc"], vec!["axb"]),
            (regex("lay(off|out)s?").unwrap(), vec!["layoff", "layouts"], vec!["layover", "playoff"]),
            (regex("LAYOFF").unwrap(), vec!["layoff"], vec!["layoffs"]),
            (fuzzy("amazn", 1), vec!["amazon", "amazn", "amzan", "amaze"], vec!["amazes"]),
            (fuzzy("cafe", 2), vec!["cafe", "café", "acfe", "caffee"], vec!["coffee"]),
        ] {
            for word in fitting {
                assert!(pattern.fits(word), "{word}");
            }
            for word in other {
                assert!(!pattern.fits(word), "{word}");
            }
        }
        assert_eq!(regex("lay(off|out)").unwrap().start, "");
        assert_eq!(regex("layoff.*").unwrap().start, "layoff");
        assert_eq!(regex("layoffs?").unwrap().start, "");
    }

    #[test]
    fn expressions_that_are_too_much_are_refused() {
        for (expression, reason) in
            [("(", "can't be read"), ("((a{1,20}){1,20}){1,20}", "too large"), ("a{1,100000}", "too large")]
        {
            let error = regex(expression).err().expect(expression);
            assert!(error.message().contains(reason), "{error}");
            assert!(!error.message().contains('\n'));
        }
    }
}
