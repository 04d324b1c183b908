//! Query text to [`Query`]: recursive descent over the grammar of `docs/query-language.md`.
//!
//! Responsible for syntax alone. Whether a company exists is asked later, through the [`NameReference`]s.

mod lexer;
mod value;

use std::ops::Range;
use std::str::FromStr;

use crate::error::{Error, ErrorKind, Result};
use crate::query::ast::{NameField, NamePattern, Node, Proximity, Query, Scope, TextAtom, ValueField};
use crate::text::function_words::{is_function_word, likely_language};
use crate::text::token::Words;

use lexer::{Field, Lexer, Word};
pub(super) use lexer::{is_operator_word, opens_field};

/// Longest query text, in bytes.
pub(crate) const MAX_QUERY_BYTES: usize = 4096;

/// Deepest nesting of parentheses and negations.
pub(crate) const MAX_DEPTH: usize = 20;

/// A query together with the places of the names in it, so that an unknown company can be pointed at.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed {
    /// The text that was read.
    pub text: String,
    /// The query.
    pub query: Query,
    /// Names in fields such as `company:`, in order of appearance.
    pub names: Vec<NameReference>,
}

/// A name in a query and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameReference {
    /// The field.
    pub field: NameField,
    /// The name as typed, unquoted.
    pub name: String,
    /// Bytes of the query text, quotes included.
    pub span: Range<usize>,
}

/// Reads query text. Errors are of kind [`ErrorKind::Query`] and carry the place.
pub fn parse(text: &str) -> Result<Parsed> {
    if text.len() > MAX_QUERY_BYTES {
        let message = format!("the query has {} bytes, at most {MAX_QUERY_BYTES} are read", text.len());
        return Err(Error::new(ErrorKind::Query, message).with_hint("shorten it, or run it in parts"));
    }
    if let Some((at, letter)) =
        text.char_indices().find(|(_, letter)| letter.is_control() && !matches!(letter, '\t' | '\n' | '\r'))
    {
        let message = format!("the control character U+{:04X} stands in the query", u32::from(letter));
        return Err(Error::new(ErrorKind::Query, message)
            .with_hint("remove it")
            .at(text, at..at + letter.len_utf8()));
    }
    let mut parser = Parser::new(text);
    let root = parser.query(Context::Scope(Scope::Anywhere), None)?;
    let Some(root) = root else {
        return Err(Error::new(ErrorKind::Query, "the query is empty")
            .with_hint("type some words, or * for every article")
            .at(text, 0..text.len()));
    };
    let (query, names) = (Query { root }, parser.names);
    // Parentheses that need not be written, as around `a|b` beside other words, are counted too: they stand in the printed query,
    // which has to be read as well. No level gets more than two.
    if parser.deepest > MAX_DEPTH / 3 {
        let printed = query.to_string();
        if Parser::new(&printed).query(Context::Scope(Scope::Anywhere), None).is_err() {
            return Err(too_deep().at(text, 0..text.len()));
        }
    }
    Ok(Parsed { text: text.to_owned(), query, names })
}

impl FromStr for Query {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Ok(parse(text)?.query)
    }
}

impl Query {
    /// The text as a bag of words: any of them matches, and articles with more and rarer ones come first. Nothing in
    /// it is syntax. A word that occurs n times counts n-fold; function words ("what", "of the") are left out unless
    /// there is nothing else. Empty where the text has no word.
    pub fn any_of_words(text: &str) -> Self {
        Self { root: Node::any(words_of(text)).unwrap_or(Node::Not { clause: Box::new(Node::All) }) }
    }

    /// The same where at least so many of the words have to match; all of them where there are fewer. A word that occurs
    /// again is one word.
    pub fn several_of_words(text: &str, minimum: u32) -> Self {
        let mut words: Vec<(Node, f32)> = Vec::new();
        for word in words_of(text) {
            match words.iter_mut().find(|(known, _)| is_same_word(known, &word)) {
                Some((_, count)) => *count = (*count + 1.0).min(1000.0),
                None => words.push((word, 1.0)),
            }
        }
        let Ok(count @ 2..) = u32::try_from(words.len()) else { return Self::any_of_words(text) };
        let clauses = words.into_iter().map(|(word, count)| {
            if count > 1.0 { Node::Boost { clause: Box::new(word), factor: count } } else { word }
        });
        Self { root: Node::Several { minimum: minimum.clamp(1, count), clauses: clauses.collect() } }
    }
}

/// The words of a text in their order, without function words unless there is nothing else.
fn words_of(text: &str) -> Vec<Node> {
    let (mut words, mut function_words) = (Vec::new(), Vec::new());
    let lang = likely_language(text);
    let mut tokens = Words::new(text);
    while let Some(token) = tokens.next() {
        if token.unit.is_empty() {
            continue;
        }
        let form = if token.is_cjk { token.specific() } else { token.plain };
        let list = if is_function_word(Some(lang), form) { &mut function_words } else { &mut words };
        let atom = TextAtom::Word { text: text[token.unit].to_owned() };
        list.push(Node::Text { scope: Scope::Anywhere, atom });
    }
    if words.is_empty() { function_words } else { words }
}

fn is_same_word(left: &Node, right: &Node) -> bool {
    match (left, right) {
        (
            Node::Text { atom: TextAtom::Word { text: left }, .. },
            Node::Text { atom: TextAtom::Word { text: right }, .. },
        ) => crate::text::fold(left) == crate::text::fold(right),
        _ => false,
    }
}

impl Node {
    /// All of the clauses; the clause itself when there is one.
    pub(crate) fn all(clauses: Vec<Self>) -> Option<Self> {
        Self::one_or(clauses, |clauses| Self::And { clauses })
    }

    /// Any of the clauses; the clause itself when there is one.
    pub(crate) fn any(clauses: Vec<Self>) -> Option<Self> {
        Self::one_or(clauses, |clauses| Self::Or { clauses })
    }

    fn one_or(mut clauses: Vec<Self>, many: impl FnOnce(Vec<Self>) -> Self) -> Option<Self> {
        match clauses.len() {
            0 => None,
            1 => clauses.pop(),
            _ => Some(many(clauses)),
        }
    }
}

/// The field that atoms belong to: the one written before them or before their group.
#[derive(Clone, Copy)]
enum Context {
    Scope(Scope),
    /// The same where capitals count.
    Caps(Scope),
    Name(NameField),
    Value(ValueField),
}

impl Context {
    /// What a field makes of it.
    fn enter(self, field: Field) -> Self {
        match (field, self) {
            (Field::Scope(scope), _) => Self::Scope(scope),
            (Field::Name(name), _) => Self::Name(name),
            (Field::Value(value) | Field::Before(value) | Field::After(value), _) => Self::Value(value),
            (Field::Caps, Self::Scope(scope) | Self::Caps(scope)) => Self::Caps(scope),
            (Field::Caps, Self::Name(_) | Self::Value(_)) => Self::Caps(Scope::Anywhere),
        }
    }
}

struct Parser<'t> {
    lexer: Lexer<'t>,
    depth: usize,
    /// The highest that it was.
    deepest: usize,
    names: Vec<NameReference>,
}

impl<'t> Parser<'t> {
    fn new(text: &'t str) -> Self {
        Self { lexer: Lexer::new(text), depth: 0, deepest: 0, names: Vec::new() }
    }
}

impl Parser<'_> {
    /// Clauses up to the end or the closing parenthesis, in conjunction. `None` where there are none.
    fn query(&mut self, context: Context, opened_at: Option<usize>) -> Result<Option<Node>> {
        let mut clauses = Vec::new();
        loop {
            self.lexer.skip_space();
            if self.lexer.at_end() {
                if let Some(at) = opened_at {
                    return Err(self.lexer.error(
                        at..at + 1,
                        "this parenthesis is not closed",
                        "add the missing )",
                    ));
                }
                break;
            }
            if self.lexer.peek() == Some(')') {
                if opened_at.is_some() {
                    break;
                }
                let at = self.lexer.position();
                return Err(self.lexer.error(
                    at..at + 1,
                    "this parenthesis was never opened",
                    "remove it, or quote it",
                ));
            }
            if let Some(clause) = self.alternatives(context)? {
                clauses.push(clause);
            }
        }
        Ok(Node::all(clauses))
    }

    /// `clause := and { OR and }`
    fn alternatives(&mut self, context: Context) -> Result<Option<Node>> {
        let Some(first) = self.conjunction(context)? else { return Ok(None) };
        let mut clauses = vec![first];
        while let Some(operator) = self.lexer.take_or() {
            clauses.push(self.operand(operator, |parser| parser.conjunction(context))?);
        }
        Ok(Node::any(clauses))
    }

    /// `and := unary { AND unary }`
    fn conjunction(&mut self, context: Context) -> Result<Option<Node>> {
        let Some(first) = self.unary(context)? else { return Ok(None) };
        let mut clauses = vec![first];
        while let Some(operator) = self.lexer.take_and() {
            clauses.push(self.operand(operator, |parser| parser.unary(context))?);
        }
        Ok(Node::all(clauses))
    }

    /// What must follow an operator.
    fn operand(
        &mut self,
        operator: Range<usize>,
        read: impl FnOnce(&mut Self) -> Result<Option<Node>>,
    ) -> Result<Node> {
        self.lexer.skip_space();
        let missing = |parser: &Self| {
            let name = parser.lexer.slice(&operator).to_owned();
            parser.lexer.error(
                operator.clone(),
                &format!("{name} needs something after it"),
                &format!("add a word, or write \"{name}\" in quotes to search for it"),
            )
        };
        if self.lexer.at_end() || self.lexer.peek() == Some(')') {
            return Err(missing(self));
        }
        match read(self)? {
            Some(node) => Ok(node),
            None => Err(missing(self)),
        }
    }

    /// `unary := (NOT | - | ! | +) unary | near`
    fn unary(&mut self, context: Context) -> Result<Option<Node>> {
        self.lexer.skip_space();
        if let Some(operator) = self.lexer.take_dangling_operator() {
            let name = self.lexer.slice(&operator).to_owned();
            return Err(self.lexer.error(
                operator,
                &format!("{name} needs something before it"),
                &format!("add a word, or write \"{name}\" in quotes to search for it"),
            ));
        }
        if let Some(operator) = self.lexer.take_not() {
            self.descend(operator.clone())?;
            let clause = self.operand(operator, |parser| parser.unary(context))?;
            self.depth -= 1;
            return Ok(Some(Node::Not { clause: Box::new(clause) }));
        }
        if let Some(operator) = self.lexer.take_plus() {
            self.descend(operator.clone())?;
            let clause = self.operand(operator, |parser| parser.unary(context))?;
            self.depth -= 1;
            return Ok(Some(clause));
        }
        self.near(context)
    }

    /// `near := scoped { (NEAR/n | PRE/n | SAME | SENT) scoped }`
    fn near(&mut self, context: Context) -> Result<Option<Node>> {
        let Some(mut left) = self.scoped(context)? else { return Ok(None) };
        let mut chain = 0;
        while let Some((operator, proximity)) = self.lexer.take_proximity()? {
            if matches!(proximity, Proximity::Near { distance: 0 } | Proximity::Before { distance: 0 }) {
                return Err(self.lexer.error(
                    operator,
                    "a distance of 0 is no distance",
                    "words next to each other are 1 apart",
                ));
            }
            // The chain leans to the left, so its length is its depth.
            self.descend(operator.clone())?;
            chain += 1;
            let right = self.operand(operator.clone(), |parser| parser.scoped(context))?;
            self.check_places(&left, operator.clone())?;
            self.check_places(&right, operator)?;
            left = Node::Near { proximity, left: Box::new(left), right: Box::new(right) };
        }
        self.depth -= chain;
        Ok(Some(left))
    }

    /// `scoped := [ field ] atom [ ^ number ]`
    fn scoped(&mut self, context: Context) -> Result<Option<Node>> {
        self.lexer.skip_space();
        let start = self.lexer.position();
        let node = match self.lexer.take_field()? {
            Some((field, span)) => {
                self.lexer.skip_space();
                if self.lexer.at_end() || self.lexer.peek() == Some(')') {
                    let name = self.lexer.slice(&span).to_owned();
                    let message = format!("{name} needs a value");
                    return Err(self.lexer.error(
                        span,
                        &message,
                        "write it behind the colon, e.g. company:amazon",
                    ));
                }
                match field {
                    Field::Before(field) => Some(self.before_or_after(field, true)?),
                    Field::After(field) => Some(self.before_or_after(field, false)?),
                    field => self.atom(context.enter(field))?,
                }
            }
            None => self.atom(context)?,
        };
        let Some(node) = node else { return Ok(None) };
        let Some((factor, span)) = self.lexer.take_boost()? else { return Ok(Some(node)) };
        if !(factor > 0.0 && factor <= 1000.0) {
            return Err(self.lexer.error(
                span,
                "a boost is over 0 and at most 1000",
                "write it like amazon^2",
            ));
        }
        debug_assert!(self.lexer.position() > start, "an atom takes text");
        Ok(Some(Node::Boost { clause: Box::new(node), factor }))
    }

    fn atom(&mut self, context: Context) -> Result<Option<Node>> {
        let start = self.lexer.position();
        if self.lexer.peek() == Some('(') {
            self.descend(start..start + 1)?;
            let depth = self.depth;
            self.lexer.advance(1);
            let inner = self.query(context, Some(start))?;
            self.lexer.advance(1);
            self.depth = depth - 1;
            return match inner {
                Some(node) => Ok(Some(node)),
                None => {
                    let span = start..self.lexer.position();
                    Err(self.lexer.error(span, "there is nothing between the parentheses", "remove them"))
                }
            };
        }
        if let Context::Scope(_) | Context::Caps(_) = context
            && let Some((operator, count)) = self.lexer.take_at_least()?
        {
            if count == 0 {
                return Err(self.lexer.error(
                    operator,
                    "at least 0 is always true",
                    "write ATLEAST/2 or more",
                ));
            }
            self.descend(operator.clone())?;
            let clause = self.operand(operator.clone(), |parser| parser.scoped_without_boost(context))?;
            self.check_places(&clause, operator)?;
            self.depth -= 1;
            return Ok(Some(Node::AtLeast { count, clause: Box::new(clause) }));
        }
        if let Some(items) = self.take_list(context)? {
            return Ok(Some(items));
        }
        match context {
            Context::Scope(scope) => self.text_atom(scope),
            Context::Caps(scope) => self.cased_atom(scope),
            Context::Name(field) => self.name_atom(field).map(Some),
            Context::Value(field) => self.value_atom(field).map(Some),
        }
    }

    /// Positional operators join what stands at places of the text.
    fn check_places(&self, node: &Node, operator: Range<usize>) -> Result<()> {
        let Some(reason) = node.positional_fault() else { return Ok(()) };
        let hint = "join words, patterns, quotations and OR groups with it, and the rest with AND";
        Err(self.lexer.error(operator, reason, hint))
    }

    fn scoped_without_boost(&mut self, context: Context) -> Result<Option<Node>> {
        self.lexer.skip_space();
        match self.lexer.take_field()? {
            Some((Field::Before(field), _)) => self.before_or_after(field, true).map(Some),
            Some((Field::After(field), _)) => self.before_or_after(field, false).map(Some),
            Some((field, _)) => self.atom(context.enter(field)),
            None => self.atom(context),
        }
    }

    /// `IN [ v … ]`: any of them.
    fn take_list(&mut self, context: Context) -> Result<Option<Node>> {
        let Some((operator, minimum)) = self.lexer.take_in() else { return Ok(None) };
        if minimum == Some(0) {
            return Err(self.lexer.error(
                operator,
                "at least 0 of a list is always true",
                "write IN/1 or more",
            ));
        }
        let mut items = Vec::new();
        loop {
            self.lexer.skip_list_space();
            match self.lexer.peek() {
                None => {
                    return Err(self.lexer.error(operator, "this list is not closed", "add the missing ]"));
                }
                Some(']') => break,
                Some(letter) => {
                    let start = self.lexer.position();
                    let item = match context {
                        Context::Scope(_) | Context::Caps(_) => self.list_item(context)?,
                        Context::Name(field) => Some(self.name_atom(field)?),
                        Context::Value(field) => Some(self.value_atom(field)?),
                    };
                    // An operator or a parenthesis that nothing takes would be met for ever.
                    if self.lexer.position() == start {
                        return Err(self.lexer.error(
                            start..start + letter.len_utf8(),
                            &format!("{letter} can't stand in a list"),
                            "remove it, or quote it",
                        ));
                    }
                    items.extend(item);
                }
            }
        }
        self.lexer.advance(1);
        if let Some(minimum) = minimum
            && !items.is_empty()
        {
            if minimum as usize > items.len() {
                let message = format!("the list has {} items, fewer than {minimum}", items.len());
                return Err(self.lexer.error(operator, &message, "ask for fewer of them"));
            }
            return Ok(Some(Node::Several { minimum, clauses: items }));
        }
        match Node::any(items) {
            Some(node) => Ok(Some(node)),
            None => Err(self.lexer.error(operator, "the list is empty", "put values between [ and ]")),
        }
    }

    /// One item: a word, quotation or pattern, a field with its value, or a group.
    fn list_item(&mut self, context: Context) -> Result<Option<Node>> {
        match self.lexer.peek() {
            Some('(') => self.atom(context),
            _ => self.scoped(context),
        }
    }

    fn text_atom(&mut self, scope: Scope) -> Result<Option<Node>> {
        let text_node = |atom| Some(Node::Text { scope, atom });
        let start = self.lexer.position();
        // "=word" is the word as it stands; quoted text and patterns are that anyway.
        let exact = self.lexer.peek() == Some('=') && self.lexer.word_follows(1);
        if exact {
            self.lexer.advance(1);
        }
        if self.lexer.at_quote() {
            let (text, span) = self.lexer.take_quoted()?;
            if !text.chars().any(char::is_alphanumeric) {
                return Err(self.lexer.error(
                    span,
                    "there is no word between the quotes",
                    "remove them, or add words",
                ));
            }
            let prefix = self.lexer.take_if('*');
            let slop = self.lexer.take_tilde()?.map_or(0, |(slop, _)| slop.unwrap_or(1));
            return Ok(text_node(TextAtom::Phrase { text, slop, prefix }));
        }
        if self.lexer.peek() == Some('/') {
            let pattern = self.lexer.take_regex()?;
            return Ok(text_node(TextAtom::Regex { pattern }));
        }
        if let Some(letter @ ('[' | ']' | '{' | '}' | '^' | '~' | ',')) = self.lexer.peek() {
            // A comma between words is punctuation; the others would be taken for syntax elsewhere.
            if letter == ',' {
                self.lexer.advance(1);
                return Ok(None);
            }
            let message = format!("{letter} means nothing here");
            return Err(self.lexer.error(
                start..start + 1,
                &message,
                "put the text in quotes to search for it",
            ));
        }
        let word = self.lexer.take_word();
        if word.is_bare_star() {
            return Ok(Some(match scope {
                Scope::Anywhere => Node::All,
                scope => {
                    let message = format!("{}:* says nothing", scope_name(scope));
                    return Err(self.lexer.error(word.span(), &message, "write * for every article"));
                }
            }));
        }
        if !word.has_alphanumeric() {
            // Punctuation that stands alone, as between words of a pasted headline, is not a word.
            return Ok(None);
        }
        let atom = match self.word_atom(&word)? {
            TextAtom::Word { text } if exact => TextAtom::Phrase { text, slop: 0, prefix: false },
            atom => atom,
        };
        Ok(text_node(atom))
    }

    /// A word or quotation whose capitals count.
    fn cased_atom(&mut self, scope: Scope) -> Result<Option<Node>> {
        let start = self.lexer.position();
        let atom = match self.text_atom(scope)? {
            Some(Node::Text {
                atom: TextAtom::Word { text } | TextAtom::Phrase { text, slop: 0, prefix: false },
                ..
            }) => TextAtom::Cased { text },
            None => return Ok(None),
            Some(_) => {
                let span = start..self.lexer.position();
                return Err(self.lexer.error(
                    span,
                    "capitals count in words and quotations, not in patterns",
                    "write it like caps:AWS or caps:\"Prime Video\"",
                ));
            }
        };
        Ok(Some(Node::Text { scope, atom }))
    }

    fn word_atom(&mut self, word: &Word) -> Result<TextAtom> {
        if let Some((distance, span)) = self.lexer.take_tilde()? {
            if word.has_wildcard() {
                return Err(self.lexer.error(
                    span,
                    "a word is either a pattern or fuzzy",
                    "drop the ~ or the *",
                ));
            }
            let text = word.text();
            let distance = distance.unwrap_or(if text.chars().count() < 6 { 1 } else { 2 });
            if !(1..=2).contains(&distance) {
                return Err(self.lexer.error(
                    span,
                    "the distance of a fuzzy word is 1 or 2",
                    "write it like amazn~1",
                ));
            }
            return Ok(TextAtom::Fuzzy { text, distance: distance as u8 });
        }
        if !word.has_wildcard() {
            return Ok(TextAtom::Word { text: word.text() });
        }
        if word.has_escaped_wildcard() {
            return Err(self.lexer.error(
                word.span(),
                "a literal * or ? can't stand in a pattern",
                "use a regular expression between slashes",
            ));
        }
        let prefix = word.as_prefix();
        let letters = if prefix.is_some() { 2 } else { 1 };
        if word.literal_prefix() < letters {
            let message =
                format!("a pattern begins with at least {letters} {}", ["letter", "letters"][letters - 1]);
            return Err(self.lexer.error(
                word.span(),
                &message,
                "write more letters before the first * or ?",
            ));
        }
        Ok(match prefix {
            Some(text) => TextAtom::Prefix { text },
            None => TextAtom::Wildcard { pattern: word.text() },
        })
    }

    fn name_atom(&mut self, field: NameField) -> Result<Node> {
        let start = self.lexer.position();
        if self.lexer.at_quote() {
            let (text, span) = self.lexer.take_quoted()?;
            if text.trim().is_empty() {
                return Err(self.lexer.error(span, "there is no name between the quotes", "write one"));
            }
            if self.lexer.take_if('*') {
                return Ok(Node::Name { field, pattern: NamePattern::Prefix(text) });
            }
            self.names.push(NameReference { field, name: text.clone(), span });
            return Ok(Node::Name { field, pattern: NamePattern::Exact(text) });
        }
        let word = self.lexer.take_name_word();
        if word.is_empty() {
            let letter = self.lexer.peek().unwrap_or(' ');
            let message = format!("{letter} can't begin a value of {}", field.as_str());
            let end = start + letter.len_utf8();
            return Err(self.lexer.error(start..end, &message, "put the value in quotes"));
        }
        if word.is_bare_star() {
            return Ok(Node::HasName { field });
        }
        if word.is_blank() {
            let message = format!("space is no value of {}", field.as_str());
            return Err(self.lexer.error(word.span(), &message, "write a name"));
        }
        if let Some(text) = word.as_prefix_of(field.is_literal()) {
            return Ok(Node::Name { field, pattern: NamePattern::Prefix(text) });
        }
        if word.has_wildcard() && !field.is_literal() {
            if word.has_escaped_wildcard() || word.literal_prefix() < 1 {
                return Err(self.lexer.error(
                    word.span(),
                    "a pattern begins with a letter",
                    "write one before the * or ?",
                ));
            }
            return Ok(Node::Name { field, pattern: NamePattern::Wildcard(word.text()) });
        }
        let name = word.text();
        self.names.push(NameReference { field, name: name.clone(), span: word.span() });
        Ok(Node::Name { field, pattern: NamePattern::Exact(name) })
    }

    fn descend(&mut self, at: Range<usize>) -> Result<()> {
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
        if self.depth > MAX_DEPTH { Err(too_deep().at(self.lexer.text(), at)) } else { Ok(()) }
    }
}

fn too_deep() -> Error {
    Error::new(ErrorKind::Query, format!("the query is nested more than {MAX_DEPTH} deep"))
        .with_hint("take some parentheses away")
}

fn scope_name(scope: Scope) -> &'static str {
    match scope {
        Scope::Anywhere => "text",
        Scope::Title => "title",
        Scope::Lead => "lead",
        Scope::Body => "body",
    }
}

impl NameField {
    /// Whether `?` and inner `*` are ordinary characters of its values, as in addresses.
    pub(crate) fn is_literal(self) -> bool {
        matches!(self, Self::Id | Self::Path | Self::Url)
    }
}

#[cfg(test)]
mod tests;
