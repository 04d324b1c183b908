//! Dates, numbers and ranges of them.

use std::ops::Range;

use crate::error::{Error, Result};
use crate::query::ast::{Bound, DateValue, Node, ValueField};
use crate::query::date;
use crate::text::amount::{Figure, read_figure};
use crate::text::edit_distance;

use super::Parser;

impl Bound {
    pub(crate) fn is_inclusive(&self) -> bool {
        !matches!(self, Self::DateExclusive(_) | Self::NumberExclusive(_))
    }

    fn exclusive(self) -> Self {
        match self {
            Self::Date(date) => Self::DateExclusive(date),
            Self::Number(number) => Self::NumberExclusive(number),
            other => other,
        }
    }
}

impl Parser<'_> {
    /// `before:v` ends in front of the date, `after:v` begins with it.
    pub(super) fn before_or_after(&mut self, field: ValueField, before: bool) -> Result<Node> {
        let (text, start) = self.lexer.take_value();
        let bound = self.bound(field, &text, start)?;
        Ok(if before {
            Node::Range { field, lower: Bound::Open, upper: bound.exclusive() }
        } else {
            Node::Range { field, lower: bound, upper: Bound::Open }
        })
    }

    pub(super) fn value_atom(&mut self, field: ValueField) -> Result<Node> {
        let start = self.lexer.position();
        if let Some(open @ ('[' | '{')) = self.lexer.peek() {
            return self.bracketed(field, open);
        }
        for (sign, lower, inclusive) in
            [(">=", true, true), ("<=", false, true), (">", true, false), ("<", false, false)]
        {
            if self.lexer.take_text(sign) {
                self.lexer.skip_space();
                let (text, at) = self.lexer.take_value();
                let bound = self.bound(field, &text, at)?;
                let bound = if inclusive { bound } else { bound.exclusive() };
                return Ok(if lower {
                    Node::Range { field, lower: bound, upper: Bound::Open }
                } else {
                    Node::Range { field, lower: Bound::Open, upper: bound }
                });
            }
        }
        let (text, at) = self.lexer.take_value();
        if text == "*" {
            return Ok(Node::HasValue { field });
        }
        if let Some(dots) = text.find("..") {
            let (left, right) = (&text[..dots], text[dots + 2..].trim_start_matches('.'));
            let right_at = at + text.len() - right.len();
            let lower = if left.is_empty() { Bound::Open } else { self.bound(field, left, at)? };
            let upper = if right.is_empty() { Bound::Open } else { self.bound(field, right, right_at)? };
            if lower == Bound::Open && upper == Bound::Open {
                let message = "this range has neither beginning nor end";
                return Err(self.lexer.error(
                    start..at + text.len(),
                    message,
                    "write one of them, e.g. 2023..2024",
                ));
            }
            self.check_order(field, &lower, &upper, start)?;
            return Ok(Node::Range { field, lower, upper });
        }
        let bound = self.bound(field, &text, at)?;
        // "7d" alone is the span of the last seven days, not the day a week ago.
        let upper =
            if matches!(bound, Bound::Date(DateValue::Ago { .. })) { Bound::Open } else { bound.clone() };
        Ok(Node::Range { field, lower: bound, upper })
    }

    /// `[v TO v]`, `{v TO v}` and the mixtures; `*` is no limit.
    fn bracketed(&mut self, field: ValueField, open: char) -> Result<Node> {
        let start = self.lexer.position();
        let malformed = |parser: &Self| -> Error {
            let end = parser.lexer.position().max(start + 1);
            parser.lexer.error(start..end, "this range cannot be read", "write it like [2023 TO 2024]")
        };
        self.lexer.advance(1);
        self.lexer.skip_space();
        let (left, left_at) = self.lexer.take_value();
        self.lexer.skip_space();
        if !self.lexer.take_text("TO") {
            return Err(malformed(self));
        }
        self.lexer.skip_space();
        let (right, right_at) = self.lexer.take_value();
        self.lexer.skip_space();
        let Some(close @ (']' | '}')) = self.lexer.peek() else { return Err(malformed(self)) };
        self.lexer.advance(1);
        let lower = if left == "*" { Bound::Open } else { self.bound(field, &left, left_at)? };
        let upper = if right == "*" { Bound::Open } else { self.bound(field, &right, right_at)? };
        self.check_order(field, &lower, &upper, start)?;
        Ok(Node::Range {
            field,
            lower: if open == '{' { lower.exclusive() } else { lower },
            upper: if close == '}' { upper.exclusive() } else { upper },
        })
    }

    /// A range that runs backwards is a slip, not an empty answer.
    fn check_order(&self, field: ValueField, lower: &Bound, upper: &Bound, start: usize) -> Result<()> {
        let backwards = match (lower, upper) {
            (Bound::Number(low), Bound::Number(high)) => low > high,
            (Bound::Date(low), Bound::Date(high)) => {
                let absolute = |date: &DateValue| {
                    !matches!(date, DateValue::Today | DateValue::Yesterday | DateValue::Ago { .. })
                };
                absolute(low) && absolute(high) && low.period(0).start >= high.period(0).end
            }
            _ => false,
        };
        if backwards {
            let message = format!("this range of {} runs backwards", field.as_str());
            return Err(self.lexer.error(
                start..self.lexer.position(),
                &message,
                "put the smaller end first",
            ));
        }
        Ok(())
    }

    fn bound(&self, field: ValueField, text: &str, at: usize) -> Result<Bound> {
        // An empty value points at what stands in its place.
        let next = self.lexer.text()[at..].chars().next().map_or(0, char::len_utf8);
        let span = at..at + text.len().max(next);
        if field.is_date() {
            return match DateValue::read(text) {
                Some(date) => Ok(Bound::Date(date)),
                None => {
                    let close =
                        date::WORDS.into_iter().find(|word| (1..=3).contains(&edit_distance(text, word)));
                    let hint =
                        close.map_or_else(|| date::FORMS.to_owned(), |word| format!("did you mean {word}?"));
                    Err(self.lexer.error(span, &format!("\"{text}\" is not a date"), &hint))
                }
            };
        }
        if field.decimals() > 0 || field == ValueField::Headcount {
            return self.amount(field, text, span);
        }
        let digits: String = text.chars().filter(|letter| !matches!(letter, ',' | '_')).collect();
        match digits.parse() {
            Ok(number) => Ok(Bound::Number(number)),
            Err(_) => {
                let message = format!("\"{text}\" is not a whole number");
                Err(self.lexer.error(span, &message, &format!("write it like {}:>500", field.as_str())))
            }
        }
    }

    /// `10,000`, `10k`, `1.5bn`, `5.5%`.
    fn amount(&self, field: ValueField, text: &str, span: Range<usize>) -> Result<Bound> {
        let number = if field == ValueField::Percent { text.strip_suffix('%').unwrap_or(text) } else { text };
        let figure = read_figure(number);
        if figure.is_some_and(|figure| figure.currency.is_some()) {
            return Err(self.lexer.error(
                span,
                "money is compared without its currency",
                "write it like money:>=1.5bn; quote an amount to search for it: \"$1.5 billion\"",
            ));
        }
        // What is finer than the index knows would be another number than the one typed.
        let is_exact = |figure: &Figure| figure.decimals <= figure.magnitude + field.decimals();
        match figure.filter(is_exact).and_then(|figure| figure.scaled(field.decimals())) {
            Some(value) => Ok(Bound::Number(value)),
            None => {
                let example = match field {
                    ValueField::Money => "money:>=1.5bn",
                    ValueField::Percent => "percent:>5.5",
                    _ => "headcount:>=1000",
                };
                let message = format!("\"{text}\" is not a number that {} has", field.as_str());
                Err(self.lexer.error(span, &message, &format!("write it like {example}")))
            }
        }
    }
}
