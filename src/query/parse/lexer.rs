//! Characters to words, quoted texts, operators and fields, with their places.

use std::ops::Range;

use crate::error::{Error, ErrorKind, Result};
use crate::query::ast::{NameField, Proximity, Scope, ValueField};
use crate::text::edit_distance;

/// What stands before a colon.
#[derive(Clone, Copy)]
pub(super) enum Field {
    Scope(Scope),
    Name(NameField),
    Value(ValueField),
    Before(ValueField),
    After(ValueField),
    /// `caps:`: the capitals count.
    Caps,
}

/// Fields by name; the first of each kind is its own, the rest are spellings of other services.
const FIELDS: &[(&str, Field)] = &[
    ("title", Field::Scope(Scope::Title)),
    ("lead", Field::Scope(Scope::Lead)),
    ("body", Field::Scope(Scope::Body)),
    ("company", Field::Name(NameField::Company)),
    ("division", Field::Name(NameField::Division)),
    ("about", Field::Name(NameField::About)),
    ("role", Field::Name(NameField::Role)),
    ("salience", Field::Value(ValueField::Salience)),
    ("topic", Field::Name(NameField::Topic)),
    ("source", Field::Name(NameField::Source)),
    ("cites", Field::Name(NameField::Cites)),
    ("author", Field::Name(NameField::Author)),
    ("subject", Field::Name(NameField::Subject)),
    ("lang", Field::Name(NameField::Lang)),
    ("date", Field::Value(ValueField::Date)),
    ("added", Field::Value(ValueField::Added)),
    ("wc", Field::Value(ValueField::Wc)),
    ("story", Field::Name(NameField::Story)),
    ("id", Field::Name(NameField::Id)),
    ("path", Field::Name(NameField::Path)),
    ("url", Field::Name(NameField::Url)),
    ("money", Field::Value(ValueField::Money)),
    ("percent", Field::Value(ValueField::Percent)),
    ("headcount", Field::Value(ValueField::Headcount)),
    ("caps", Field::Caps),
    ("search", Field::Name(NameField::Search)),
    ("hd", Field::Scope(Scope::Title)),
    ("intitle", Field::Scope(Scope::Title)),
    ("headline", Field::Scope(Scope::Title)),
    ("hlead", Field::Scope(Scope::Lead)),
    ("hlp", Field::Scope(Scope::Lead)),
    ("fds", Field::Name(NameField::Company)),
    ("co", Field::Name(NameField::Company)),
    ("by", Field::Name(NameField::Author)),
    ("site", Field::Name(NameField::Source)),
    ("language", Field::Name(NameField::Lang)),
    ("before", Field::Before(ValueField::Date)),
    ("after", Field::After(ValueField::Date)),
];

/// How many of [`FIELDS`] are dateline's own names.
const OWN_FIELDS: usize = 26;

fn field_named(name: &str) -> Option<Field> {
    FIELDS.iter().find(|(known, _)| name.eq_ignore_ascii_case(known)).map(|(_, field)| *field)
}

/// Length of the identifier that a text begins with.
fn identifier_length(text: &str) -> usize {
    text.bytes().take_while(|byte| byte.is_ascii_alphabetic() || *byte == b'_').count()
}

/// Whether a word, put at the start of an atom, would be read as a field.
pub(in crate::query) fn opens_field(text: &str) -> bool {
    let length = identifier_length(text);
    let rest = &text[length..];
    length > 0
        && (rest.starts_with(':')
            || (field_named(&text[..length]).is_some() && rest.starts_with(['=', '>', '<'])))
}

/// Whether a word, standing free, would be read as an operator, or be refused as one that lacks its number.
pub(in crate::query) fn is_operator_word(text: &str) -> bool {
    matches!(text, "AND" | "OR" | "NOT" | "SAME" | "SENT" | "IN" | "&&" | "||")
        || lacks_distance(text)
        || proximity_of(text).is_some()
        || lacks_count(text)
        || at_least_of(text).is_some()
}

fn lacks_distance(word: &str) -> bool {
    matches!(word, "NEAR" | "PRE") || word.starts_with("NEAR/") && proximity_of(word).is_none()
}

fn lacks_count(word: &str) -> bool {
    matches!(word, "ATLEAST" | "ATLEAST/")
}

fn proximity_of(word: &str) -> Option<Proximity> {
    let distance = |prefixes: &[&str]| {
        prefixes.iter().find_map(|prefix| {
            let digits = word.strip_prefix(prefix)?;
            let plain =
                !digits.is_empty() && digits.len() <= 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
            plain.then(|| digits.parse().ok()).flatten()
        })
    };
    match word {
        "SAME" | "w/p" | "W/P" => return Some(Proximity::Paragraph),
        "SENT" | "w/s" | "W/S" => return Some(Proximity::Sentence),
        _ => {}
    }
    if let Some(distance) = distance(&["NEAR/", "NEAR", "near/", "near", "w/", "W/"]) {
        return Some(Proximity::Near { distance });
    }
    distance(&["PRE/", "pre/", "PRE", "pre", "ADJ/", "adj/", "ADJ", "adj"])
        .map(|distance| Proximity::Before { distance })
}

fn at_least_of(word: &str) -> Option<u32> {
    let digits = word.strip_prefix("ATLEAST").or_else(|| word.strip_prefix("atleast"))?;
    let digits = digits.strip_prefix('/').unwrap_or(digits);
    let plain = !digits.is_empty() && digits.len() <= 6 && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

fn ends_word(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '(' | ')' | '[' | ']' | '{' | '}' | '"' | '“' | '”' | '|')
}

/// A bare word: its characters, each with whether a backslash stood before it.
pub(super) struct Word {
    letters: Vec<(char, bool)>,
    span: Range<usize>,
}

impl Word {
    pub(super) fn text(&self) -> String {
        self.letters.iter().map(|(letter, _)| *letter).collect()
    }

    pub(super) fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.letters.is_empty()
    }

    /// Whether it is nothing but space that backslashes have kept, with or without a star behind it.
    pub(super) fn is_blank(&self) -> bool {
        let before = self.letters.strip_suffix(&[('*', false)]).unwrap_or(&self.letters);
        before.iter().all(|(letter, _)| letter.is_whitespace())
    }

    pub(super) fn has_alphanumeric(&self) -> bool {
        self.letters.iter().any(|(letter, _)| letter.is_alphanumeric())
    }

    pub(super) fn is_bare_star(&self) -> bool {
        matches!(self.letters[..], [('*', false)])
    }

    pub(super) fn has_wildcard(&self) -> bool {
        self.letters.iter().any(|pair| is_wildcard(*pair))
    }

    pub(super) fn has_escaped_wildcard(&self) -> bool {
        self.letters.iter().any(|(letter, escaped)| *escaped && matches!(letter, '*' | '?' | '\\'))
    }

    /// Characters before the first wildcard.
    pub(super) fn literal_prefix(&self) -> usize {
        self.letters.iter().take_while(|pair| !is_wildcard(**pair)).count()
    }

    /// The text before a single star at the end.
    pub(super) fn as_prefix(&self) -> Option<String> {
        self.as_prefix_of(false)
    }

    /// The same; in a literal field only the last star is a wildcard.
    pub(super) fn as_prefix_of(&self, literal: bool) -> Option<String> {
        let (last, rest) = self.letters.split_last()?;
        let prefix = *last == ('*', false)
            && !rest.is_empty()
            && (literal || !rest.iter().any(|pair| is_wildcard(*pair)));
        prefix.then(|| rest.iter().map(|(letter, _)| *letter).collect())
    }
}

fn is_wildcard((letter, escaped): (char, bool)) -> bool {
    !escaped && matches!(letter, '*' | '?')
}

/// A cursor over the query text.
pub(super) struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    pub(super) fn text(&self) -> &'t str {
        self.text
    }

    pub(super) fn error(&self, span: Range<usize>, message: &str, hint: &str) -> Error {
        Error::new(ErrorKind::Query, message).with_hint(hint).at(self.text, span)
    }

    pub(super) fn slice(&self, span: &Range<usize>) -> &'t str {
        &self.text[span.clone()]
    }

    pub(super) fn position(&self) -> usize {
        self.at
    }

    pub(super) fn at_end(&self) -> bool {
        self.at == self.text.len()
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Passes over so many bytes, at most to the end.
    pub(super) fn advance(&mut self, bytes: usize) {
        self.at = (self.at + bytes).min(self.text.len());
    }

    pub(super) fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    /// Between the items of a list a comma is space too.
    pub(super) fn skip_list_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len()
            - rest.trim_start_matches(|letter: char| letter.is_whitespace() || letter == ',').len();
    }

    pub(super) fn take_if(&mut self, letter: char) -> bool {
        let found = self.peek() == Some(letter);
        if found {
            self.at += letter.len_utf8();
        }
        found
    }

    pub(super) fn take_text(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    /// The run of characters up to the next that ends a word, escapes not looked at.
    fn raw_word(&self) -> &'t str {
        let rest = self.rest();
        &rest[..rest.find(ends_word).unwrap_or(rest.len())]
    }

    /// Takes a word that is exactly one of `words`.
    fn take_operator(&mut self, words: &[&str]) -> Option<Range<usize>> {
        self.skip_space();
        let word = self.raw_word();
        let found = words.contains(&word);
        found.then(|| self.take_span(word.len()))
    }

    fn take_span(&mut self, bytes: usize) -> Range<usize> {
        let start = self.at;
        self.advance(bytes);
        start..self.at
    }

    pub(super) fn take_or(&mut self) -> Option<Range<usize>> {
        self.skip_space();
        if self.rest().starts_with("||") {
            return Some(self.take_span(2));
        }
        if self.rest().starts_with('|') {
            return Some(self.take_span(1));
        }
        self.take_operator(&["OR"])
    }

    pub(super) fn take_and(&mut self) -> Option<Range<usize>> {
        self.take_operator(&["AND", "&&"])
    }

    /// An operator where an operand should begin.
    pub(super) fn take_dangling_operator(&mut self) -> Option<Range<usize>> {
        let word = self.raw_word();
        let dangling = matches!(word, "AND" | "OR" | "&&" | "SAME" | "SENT" | "NEAR" | "PRE")
            || matches!(proximity_of(word), Some(Proximity::Near { .. } | Proximity::Before { .. }))
                && word.starts_with(|letter: char| letter.is_ascii_uppercase());
        if dangling {
            return Some(self.take_span(word.len()));
        }
        self.rest().starts_with('|').then(|| {
            let bytes = if self.rest().starts_with("||") { 2 } else { 1 };
            self.take_span(bytes)
        })
    }

    pub(super) fn take_not(&mut self) -> Option<Range<usize>> {
        if self.raw_word() == "NOT" {
            return Some(self.take_span(3));
        }
        (matches!(self.peek(), Some('-' | '!')) && self.word_follows(1)).then(|| self.take_span(1))
    }

    pub(super) fn take_plus(&mut self) -> Option<Range<usize>> {
        (self.peek() == Some('+') && self.word_follows(1)).then(|| self.take_span(1))
    }

    /// Whether, so many bytes on, something begins that can be an operand.
    pub(super) fn word_follows(&self, bytes: usize) -> bool {
        self.rest()[bytes..].chars().next().is_some_and(|letter| {
            letter.is_alphanumeric()
                || matches!(letter, '(' | '"' | '“' | '$' | '\\' | '*' | '/' | '-' | '!' | '+' | '=')
        })
    }

    pub(super) fn take_proximity(&mut self) -> Result<Option<(Range<usize>, Proximity)>> {
        self.skip_space();
        let word = self.raw_word();
        if lacks_distance(word) {
            let start = self.at;
            let hint = "write the number of words, e.g. NEAR/5";
            return Err(self.error(start..start + word.len(), &format!("{word} needs a distance"), hint));
        }
        let Some(proximity) = proximity_of(word) else { return Ok(None) };
        Ok(Some((self.take_span(word.len()), proximity)))
    }

    pub(super) fn take_at_least(&mut self) -> Result<Option<(Range<usize>, u32)>> {
        let word = self.raw_word();
        if lacks_count(word) {
            let span = self.at..self.at + word.len();
            return Err(self.error(span, "ATLEAST needs a number", "write it like ATLEAST/3 layoffs"));
        }
        let Some(count) = at_least_of(word) else { return Ok(None) };
        Ok(Some((self.take_span(word.len()), count)))
    }

    /// `IN [` or `IN/3 [`, with the cursor behind the bracket afterwards.
    pub(super) fn take_in(&mut self) -> Option<(Range<usize>, Option<u32>)> {
        let rest = self.rest().strip_prefix("IN")?;
        let digits = rest
            .strip_prefix('/')
            .map_or("", |rest| &rest[..rest.bytes().take(4).take_while(u8::is_ascii_digit).count()]);
        let length = if digits.is_empty() { 0 } else { digits.len() + 1 };
        let rest = &rest[length..];
        let space = rest.len() - rest.trim_start().len();
        rest.trim_start().starts_with('[').then(|| {
            let span = self.take_span(2 + length);
            self.advance(space + 1);
            (span, digits.parse().ok())
        })
    }

    /// `name:` or, for known names, `name=`, `name>`; the comparison sign is left standing.
    pub(super) fn take_field(&mut self) -> Result<Option<(Field, Range<usize>)>> {
        let rest = self.rest();
        let length = identifier_length(rest);
        if length == 0 {
            return Ok(None);
        }
        let (name, behind) = (&rest[..length], &rest[length..]);
        let known = field_named(name);
        let span = self.at..self.at + length;
        match (known, behind.chars().next()) {
            (Some(field), Some(':' | '=')) => {
                self.advance(length + 1);
                Ok(Some((field, span)))
            }
            (Some(field @ Field::Value(_)), Some('>' | '<')) => {
                self.advance(length);
                Ok(Some((field, span)))
            }
            (None, Some(':')) => Err(self.unknown_field(name, span)),
            _ => Ok(None),
        }
    }

    fn unknown_field(&self, name: &str, span: Range<usize>) -> Error {
        let close = FIELDS.iter().map(|(known, _)| (edit_distance(&name.to_lowercase(), known), known)).min();
        let whole = self.raw_word();
        let hint = match close {
            Some((distance, known)) if distance <= 2 && distance < known.len() => {
                format!("did you mean {known}:? to search for the text itself, quote it: \"{whole}\"")
            }
            _ => {
                let names: Vec<&str> = FIELDS[..OWN_FIELDS].iter().map(|(name, _)| *name).collect();
                format!(
                    "fields are {}; to search for the text itself, quote it: \"{whole}\"",
                    names.join(" ")
                )
            }
        };
        self.error(span, &format!("there is no field \"{name}\""), &hint)
    }

    pub(super) fn at_quote(&self) -> bool {
        matches!(self.peek(), Some('"' | '“' | '”'))
    }

    pub(super) fn take_quoted(&mut self) -> Result<(String, Range<usize>)> {
        let start = self.at;
        let mut letters = self.rest().char_indices().skip(1);
        let mut text = String::new();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '\\' => text.extend(letters.next().map(|(_, escaped)| escaped)),
                '"' | '”' | '“' => {
                    self.at = start + at + letter.len_utf8();
                    return Ok((text, start..self.at));
                }
                letter => text.push(letter),
            }
        }
        Err(self.error(
            start..self.text.len(),
            "this quotation is not closed",
            "add the missing \" at its end",
        ))
    }

    pub(super) fn take_regex(&mut self) -> Result<String> {
        let start = self.at;
        let mut pattern = String::new();
        let mut letters = self.rest().char_indices().skip(1).peekable();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '\\' if letters.peek().is_some_and(|(_, next)| *next == '/') => {
                    pattern.push('/');
                    letters.next();
                }
                '\\' => {
                    pattern.push('\\');
                    pattern.extend(letters.next().map(|(_, next)| next));
                }
                '/' if pattern.is_empty() => {
                    let hint = "write a pattern between the slashes, or quote the text";
                    return Err(self.error(start..start + at + 1, "the regular expression is empty", hint));
                }
                '/' => {
                    self.at = start + at + 1;
                    return Ok(pattern);
                }
                letter => pattern.push(letter),
            }
        }
        let hint = "add the missing / at its end, or put the text in quotes";
        Err(self.error(start..self.text.len(), "this regular expression is not closed", hint))
    }

    /// A word of the text: up to white space, a bracket, `~` or `^` that begins a suffix.
    pub(super) fn take_word(&mut self) -> Word {
        self.take_word_until(|rest| {
            let mut letters = rest.chars();
            match letters.next() {
                Some('~') => suffix_of_digits(letters.as_str()),
                Some('^') => letters.next().is_some_and(|letter| letter.is_ascii_digit() || letter == '.'),
                Some(',') => letters.next().is_none_or(|next| next.is_whitespace() || ends_word(next)),
                _ => false,
            }
        })
    }

    /// A word that is a name: `~` and inner commas belong to it.
    pub(super) fn take_name_word(&mut self) -> Word {
        self.take_word_until(|rest| {
            let mut letters = rest.chars();
            match letters.next() {
                Some('^') => letters.next().is_some_and(|letter| letter.is_ascii_digit()),
                Some(',') => letters.next().is_none_or(|next| next.is_whitespace() || ends_word(next)),
                _ => false,
            }
        })
    }

    fn take_word_until(&mut self, ends: impl Fn(&str) -> bool) -> Word {
        let start = self.at;
        let mut letters = Vec::new();
        while let Some(letter) = self.peek() {
            if letter == '\\' {
                self.at += 1;
                // A backslash at the very end is itself.
                let escaped = self.peek().unwrap_or('\\');
                self.advance(escaped.len_utf8());
                letters.push((escaped, true));
                continue;
            }
            if ends_word(letter) || ends(self.rest()) {
                break;
            }
            self.at += letter.len_utf8();
            letters.push((letter, false));
        }
        Word { letters, span: start..self.at }
    }

    /// A date or number: up to white space or a bracket.
    pub(super) fn take_value(&mut self) -> (String, usize) {
        let start = self.at;
        let raw = self.raw_word();
        let end = raw.find('^').unwrap_or(raw.len());
        let value = raw[..end].trim_end_matches(',');
        self.at += value.len();
        (value.to_owned(), start)
    }

    /// `~` with an optional number.
    pub(super) fn take_tilde(&mut self) -> Result<Option<(Option<u32>, Range<usize>)>> {
        if self.peek() != Some('~') {
            return Ok(None);
        }
        let start = self.at;
        self.at += 1;
        let digits: String = self.rest().chars().take_while(char::is_ascii_digit).collect();
        self.at += digits.len();
        if digits.is_empty() {
            return Ok(Some((None, start..self.at)));
        }
        match digits.parse() {
            Ok(number) if number <= 50 => Ok(Some((Some(number), start..self.at))),
            _ => Err(self.error(start..self.at, "the number behind ~ is at most 50", "write a smaller one")),
        }
    }

    pub(super) fn take_boost(&mut self) -> Result<Option<(f32, Range<usize>)>> {
        if self.peek() != Some('^') {
            return Ok(None);
        }
        let start = self.at;
        self.at += 1;
        let digits: String =
            self.rest().chars().take_while(|letter| letter.is_ascii_digit() || *letter == '.').collect();
        self.at += digits.len();
        let span = start..self.at;
        match digits.parse() {
            Ok(factor) => Ok(Some((factor, span))),
            Err(_) => Err(self.error(span, "a boost is a number", "write it like amazon^2")),
        }
    }
}

/// Whether what follows a `~` makes it a suffix: digits or nothing, up to the end of the word.
fn suffix_of_digits(rest: &str) -> bool {
    let behind = rest.trim_start_matches(|letter: char| letter.is_ascii_digit());
    behind.chars().next().is_none_or(|letter| ends_word(letter) || matches!(letter, '^' | ','))
}
