//! Canonical text of a query: explicit operators, no field group, everything that could be misread escaped.
//!
//! Parsing the text gives the same tree again.

use std::fmt::{self, Display, Formatter, Write};

use crate::query::ast::{Bound, NameField, NamePattern, Node, Proximity, Query, Scope, TextAtom, ValueField};
use crate::query::parse::{is_operator_word, opens_field};

impl Display for Query {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.root.fmt(f)
    }
}

impl Display for Node {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_char('*'),
            Self::And { clauses } => {
                join(f, clauses, " AND ", |child| matches!(child, Self::And { .. } | Self::Or { .. }))
            }
            Self::Or { clauses } => {
                join(f, clauses, " OR ", |child| matches!(child, Self::And { .. } | Self::Or { .. }))
            }
            Self::Several { minimum, clauses } => {
                write!(f, "IN/{minimum} [")?;
                for (at, clause) in clauses.iter().enumerate() {
                    if at > 0 {
                        f.write_char(' ')?;
                    }
                    // The items of a list have no operators between them.
                    let is_plain = matches!(
                        clause,
                        Self::Text { .. }
                            | Self::Name { .. }
                            | Self::HasName { .. }
                            | Self::HasValue { .. }
                            | Self::Range { .. }
                    );
                    parenthesised(f, clause, !is_plain)?;
                }
                f.write_char(']')
            }
            Self::Not { clause } => {
                f.write_str("NOT ")?;
                // NEAR binds tighter than NOT, so it needs no parentheses.
                parenthesised(f, clause, matches!(**clause, Self::And { .. } | Self::Or { .. }))
            }
            Self::Boost { clause, factor } => {
                let inner =
                    **clause == Self::All || clause.is_composite() || matches!(**clause, Self::Boost { .. });
                parenthesised(f, clause, inner)?;
                write!(f, "^{factor}")
            }
            // Two prefixes don't stand beside each other.
            Self::Text { scope, atom: atom @ TextAtom::Cased { .. } } if *scope != Scope::Anywhere => {
                f.write_str(scope_prefix(*scope))?;
                f.write_char('(')?;
                write_atom(f, atom, true)?;
                f.write_char(')')
            }
            Self::Text { scope, atom } => {
                f.write_str(scope_prefix(*scope))?;
                write_atom(f, atom, *scope == Scope::Anywhere)
            }
            Self::Name { field, pattern } => {
                write!(f, "{}:", field.as_str())?;
                write_name(f, *field, pattern)
            }
            Self::Range { field, lower, upper } => {
                write!(f, "{}:", field.as_str())?;
                write_range(f, *field, lower, upper)
            }
            Self::HasName { field } => write!(f, "{}:*", field.as_str()),
            Self::HasValue { field } => write!(f, "{}:*", field.as_str()),
            Self::Near { proximity, left, right } => {
                parenthesised(f, left, left.is_composite())?;
                match proximity {
                    Proximity::Near { distance } => write!(f, " NEAR/{distance} ")?,
                    Proximity::Before { distance } => write!(f, " PRE/{distance} ")?,
                    Proximity::Paragraph => f.write_str(" SAME ")?,
                    Proximity::Sentence => f.write_str(" SENT ")?,
                }
                parenthesised(f, right, right.is_composite())
            }
            Self::AtLeast { count, clause } => {
                write!(f, "ATLEAST/{count} ")?;
                // A boost after the operand would be read as the boost of the whole.
                parenthesised(f, clause, clause.is_composite() || matches!(**clause, Self::Boost { .. }))
            }
        }
    }
}

impl Node {
    /// Whether it is more than an atom with its boost.
    fn is_composite(&self) -> bool {
        matches!(
            self,
            Self::And { .. } | Self::Or { .. } | Self::Not { .. } | Self::Near { .. } | Self::AtLeast { .. }
        )
    }
}

fn join(
    f: &mut Formatter<'_>,
    clauses: &[Node],
    operator: &str,
    nested: impl Fn(&Node) -> bool,
) -> fmt::Result {
    for (at, clause) in clauses.iter().enumerate() {
        if at > 0 {
            f.write_str(operator)?;
        }
        parenthesised(f, clause, nested(clause))?;
    }
    Ok(())
}

fn parenthesised(f: &mut Formatter<'_>, node: &Node, yes: bool) -> fmt::Result {
    if yes { write!(f, "({node})") } else { node.fmt(f) }
}

fn scope_prefix(scope: Scope) -> &'static str {
    match scope {
        Scope::Anywhere => "",
        Scope::Title => "title:",
        Scope::Lead => "lead:",
        Scope::Body => "body:",
    }
}

fn write_atom(f: &mut Formatter<'_>, atom: &TextAtom, at_start: bool) -> fmt::Result {
    match atom {
        TextAtom::Word { text } => write_word(f, text, at_start, false),
        TextAtom::Phrase { text, slop, prefix } => {
            write_quoted(f, text)?;
            if *prefix {
                f.write_char('*')?;
            }
            if *slop > 0 { write!(f, "~{slop}") } else { Ok(()) }
        }
        TextAtom::Cased { text } => {
            f.write_str("caps:")?;
            if text.chars().all(char::is_alphanumeric) && !is_operator_word(text) {
                f.write_str(text)
            } else {
                write_quoted(f, text)
            }
        }
        TextAtom::Prefix { text } => {
            write_word(f, text, at_start, false)?;
            f.write_char('*')
        }
        TextAtom::Wildcard { pattern } => write_word(f, pattern, at_start, true),
        TextAtom::Fuzzy { text, distance } => {
            write_word(f, text, at_start, false)?;
            write!(f, "~{distance}")
        }
        TextAtom::Regex { pattern } => {
            f.write_char('/')?;
            let mut escaped = false;
            for letter in pattern.chars() {
                if letter == '/' && !escaped {
                    f.write_char('\\')?;
                }
                escaped = letter == '\\' && !escaped;
                f.write_char(letter)?;
            }
            f.write_char('/')
        }
    }
}

/// Characters that mean something inside a bare word.
fn is_special(letter: char) -> bool {
    letter.is_whitespace()
        || matches!(
            letter,
            '(' | ')' | '[' | ']' | '{' | '}' | '"' | '“' | '”' | '|' | '\\' | '^' | '~' | ','
        )
}

fn write_word(f: &mut Formatter<'_>, text: &str, at_start: bool, wildcard: bool) -> fmt::Result {
    // Escaping the first character is enough to take the meaning of an operator, a sign or a field from a word.
    let escape_first = is_operator_word(text)
        || text.starts_with(['-', '+', '!', '/', '=', '>', '<', '&'])
        || (at_start && opens_field(text));
    for (at, letter) in text.char_indices() {
        let star = matches!(letter, '*' | '?') && !wildcard;
        if (at == 0 && escape_first) || is_special(letter) || star {
            f.write_char('\\')?;
        }
        f.write_char(letter)?;
    }
    Ok(())
}

fn write_quoted(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for letter in text.chars() {
        if matches!(letter, '"' | '“' | '”' | '\\') {
            f.write_char('\\')?;
        }
        f.write_char(letter)?;
    }
    f.write_char('"')
}

fn write_name(f: &mut Formatter<'_>, field: NameField, pattern: &NamePattern) -> fmt::Result {
    let plain = |text: &str| {
        !text.is_empty()
            && text != "IN"
            && text
                .chars()
                .all(|letter| letter.is_alphanumeric() || matches!(letter, '.' | '_' | '-' | '/' | '$'))
            && !text.starts_with(['/', '-'])
    };
    match pattern {
        NamePattern::Exact(text) if plain(text) => f.write_str(text),
        NamePattern::Exact(text) => write_quoted(f, text),
        NamePattern::Prefix(text) if plain(text) => write!(f, "{text}*"),
        NamePattern::Prefix(text) => {
            write_quoted(f, text)?;
            f.write_char('*')
        }
        NamePattern::Wildcard(text) => {
            debug_assert!(!field.is_literal(), "literal fields have no wildcards");
            write_word(f, text, false, true)
        }
    }
}

fn write_range(f: &mut Formatter<'_>, field: ValueField, lower: &Bound, upper: &Bound) -> fmt::Result {
    let relative = |bound: &Bound| matches!(bound, Bound::Date(crate::query::DateValue::Ago { .. }));
    match (lower, upper) {
        (Bound::Open, Bound::Open) => f.write_str("[* TO *]"),
        (lower, upper) if lower == upper && lower.is_inclusive() && !(field.is_date() && relative(lower)) => {
            write_bound(f, field, lower)
        }
        (Bound::Open, upper) => {
            f.write_str(if upper.is_inclusive() { "<=" } else { "<" })?;
            write_bound(f, field, upper)
        }
        (lower, Bound::Open) => {
            f.write_str(if lower.is_inclusive() { ">=" } else { ">" })?;
            write_bound(f, field, lower)
        }
        (lower, upper) if lower.is_inclusive() && upper.is_inclusive() => {
            write_bound(f, field, lower)?;
            f.write_str("..")?;
            write_bound(f, field, upper)
        }
        (lower, upper) => {
            f.write_char(if lower.is_inclusive() { '[' } else { '{' })?;
            write_bound(f, field, lower)?;
            f.write_str(" TO ")?;
            write_bound(f, field, upper)?;
            f.write_char(if upper.is_inclusive() { ']' } else { '}' })
        }
    }
}

fn write_bound(f: &mut Formatter<'_>, field: ValueField, bound: &Bound) -> fmt::Result {
    match bound {
        Bound::Open => f.write_char('*'),
        Bound::Date(date) | Bound::DateExclusive(date) => date.fmt(f),
        Bound::Number(number) | Bound::NumberExclusive(number) => {
            let unit = 10_u64.pow(field.decimals());
            match number % unit {
                0 => write!(f, "{}", number / unit),
                rest => write!(f, "{}.{rest:0width$}", number / unit, width = field.decimals() as usize),
            }
        }
    }
}
