//! Words that tell articles from others, as a table.

use super::progress::grouped;
use super::terminal::{clean, columns, paint, shorten, style};
use crate::search::DistinctiveTerms;

/// Columns of a word.
const WORD: usize = 28;

/// How the words were found.
pub(super) fn caption(terms: &DistinctiveTerms) -> String {
    if terms.rest == 0 {
        return "every article was found: there are no others to tell them from".to_owned();
    }
    let sample = if terms.read < terms.set {
        format!(", taken from a sample of {}", grouped(terms.read))
    } else {
        String::new()
    };
    let (set, rest) = (grouped(terms.set), grouped(terms.rest));
    format!("{}: {set} found{sample}, {rest} others", terms.statistic)
}

/// The words in one line.
pub(super) fn line(terms: &DistinctiveTerms) -> String {
    let words: Vec<&str> = terms.terms.iter().map(|term| term.word.as_str()).collect();
    format!("distinctive words: {} ({})", words.join(" "), caption(terms))
}

/// A word a line, with its statistic and how many articles have it.
pub(super) fn write(out: &mut String, terms: &DistinctiveTerms) {
    let words: Vec<String> = terms.terms.iter().map(|term| shorten(&clean(&term.word), WORD)).collect();
    let widest = words.iter().map(|word| columns(word)).max().unwrap_or(0).max("distinctive words".len() - 2);
    paint(out, "distinctive words", style::TITLE);
    out.extend(std::iter::repeat_n(' ', widest + 2 - "distinctive words".len()));
    paint(out, &format!("  {:>9}  {:>9}  {:>9}", "G²", "found", "others"), style::FAINT);
    out.push('\n');
    for (term, word) in terms.terms.iter().zip(&words) {
        out.push_str("  ");
        paint(out, word, style::MATCH);
        out.extend(std::iter::repeat_n(' ', widest - columns(word)));
        out.push_str(&format!(
            "  {:>9.1}  {:>9}  {:>9}\n",
            term.score,
            grouped(term.in_set),
            grouped(term.in_rest)
        ));
    }
    if terms.terms.is_empty() {
        out.push_str("  none\n");
    }
    paint(out, &caption(terms), style::FAINT);
    out.push('\n');
}
