//! Names that an article carries as a whole: companies, roles, topics, outlets, writers, ids.

use std::ops::Bound as Limit;
use std::sync::Arc;

use tantivy::Term;
use tantivy::query::{
    BooleanQuery, EmptyQuery, ExistsQuery, InvertedIndexRangeQuery, Query, TermQuery, TermSetQuery,
};
use tantivy::schema::{Field, IndexRecordOption};

use super::{Lower, Lowering, Mark, expand, filter};
use crate::article::Role;
use crate::error::{Error, ErrorKind, Result};
use crate::query::{NameField, NamePattern};
use crate::tag::{Gazetteer, Resolution, unknown_id};
use crate::text::{edit_distance, fold_name};

/// Roles as they are written.
const ROLES: [Role; 5] = [Role::Subject, Role::Partner, Role::Peer, Role::Cited, Role::Publisher];

impl Lowering<'_> {
    pub(super) fn name(&mut self, field: NameField, pattern: &NamePattern) -> Lower {
        match pattern {
            NamePattern::Exact(text) => self.exact_name(field, text),
            NamePattern::Prefix(text) | NamePattern::Wildcard(text) if field == NameField::Search => {
                Err(Error::new(ErrorKind::Query, format!("search:{text} names no saved query as a whole"))
                    .with_hint("write the whole name; dateline saved lists them"))
            }
            // A division is meant by its own name, unless the company's stands before it.
            NamePattern::Prefix(text) if field == NameField::Division && !text.contains('/') => {
                let pattern = expand::wildcard(&format!("*/{}*", fold_name(text)))?;
                self.name_pattern(field, &format!("{text}*"), &pattern)
            }
            NamePattern::Wildcard(text) if field == NameField::Division && !text.contains('/') => {
                let pattern = expand::wildcard(&format!("*/{}", fold_name(text)))?;
                self.name_pattern(field, text, &pattern)
            }
            NamePattern::Prefix(text) => {
                let start = if field.is_literal() { text.clone() } else { fold_name(text) };
                self.name_pattern(field, &format!("{text}*"), &expand::prefix(&start))
            }
            NamePattern::Wildcard(text) => {
                let pattern = expand::wildcard(&fold_name(text))?;
                self.name_pattern(field, text, &pattern)
            }
        }
    }

    pub(super) fn has_name(&mut self, field: NameField) -> Lower {
        self.say(|| format!("has a {}", field.as_str()));
        let column = match field {
            NameField::Company | NameField::Division => "company",
            NameField::About => "about",
            NameField::Topic => "topic",
            NameField::Source => "source",
            NameField::Author => "author",
            NameField::Subject => "subject",
            NameField::Lang => "lang",
            NameField::Id | NameField::Path => "id",
            NameField::Story | NameField::Search => return Ok(Box::new(EmptyQuery)),
            NameField::Role | NameField::Cites | NameField::Url => {
                let Some(handle) = self.handle(field) else { return Ok(Box::new(EmptyQuery)) };
                let any = Limit::Included(Term::from_field_text(handle, ""));
                return Ok(filter(InvertedIndexRangeQuery::new(any, Limit::Unbounded)));
            }
        };
        if field == NameField::Division {
            return self.name_pattern(field, "*", &expand::wildcard("*/*")?);
        }
        Ok(filter(ExistsQuery::new(column.to_owned(), false)))
    }

    fn handle(&self, field: NameField) -> Option<Field> {
        let fields = &self.lookup.fields;
        Some(match field {
            NameField::Company | NameField::Division => fields.company,
            NameField::About => fields.about,
            NameField::Role => fields.role,
            NameField::Topic => fields.topic,
            NameField::Source => fields.source,
            NameField::Cites => fields.cites,
            NameField::Author => fields.author,
            NameField::Subject => fields.subject,
            NameField::Lang => fields.lang,
            NameField::Id => fields.id,
            NameField::Path => fields.path,
            NameField::Url => fields.url,
            NameField::Story | NameField::Search => return None,
        })
    }

    /// Articles that carry any of the names.
    fn any_of(&self, field: NameField, names: &[String]) -> Box<dyn Query> {
        let Some(handle) = self.handle(field) else { return Box::new(EmptyQuery) };
        let mut terms: Vec<Term> = names.iter().map(|name| Term::from_field_text(handle, name)).collect();
        match terms.len() {
            0 => Box::new(EmptyQuery),
            1 => filter(TermQuery::new(terms.remove(0), IndexRecordOption::Basic)),
            _ => filter(TermSetQuery::new(terms)),
        }
    }

    fn name_pattern(&mut self, field: NameField, shown: &str, pattern: &expand::Pattern) -> Lower {
        let Some(handle) = self.handle(field) else { return Ok(Box::new(EmptyQuery)) };
        let mut names = self.expand(&[handle], pattern, &format!("{}:{shown}", field.as_str()))?;
        if field == NameField::Division {
            names.retain(|name| name.contains('/'));
        }
        self.say(|| format!("{}:{shown}: {} names", field.as_str(), names.len()));
        if matches!(field, NameField::Company | NameField::Division | NameField::About) {
            for name in names.iter().take(32) {
                self.ask(name);
            }
        }
        Ok(self.any_of(field, &names))
    }

    /// A company or division whose salience ranks and whose mentions are shown.
    fn ask(&mut self, path: &str) {
        if self.is_negated {
            return;
        }
        if !self.asked.iter().any(|known| known == path) {
            self.asked.push(path.to_owned());
        }
        self.mark(Mark::Tag(path.to_owned()));
    }

    fn exact_name(&mut self, field: NameField, text: &str) -> Lower {
        match field {
            NameField::Company | NameField::Division | NameField::About => {
                let paths = self.resolve(field, text)?;
                self.say(|| format!("{} {}", field.as_str(), paths.join(" or ")));
                for path in &paths {
                    self.ask(path);
                }
                Ok(self.any_of(field, &paths))
            }
            NameField::Role => {
                let name = self.role(text)?;
                self.say(|| format!("role {name}"));
                Ok(self.any_of(field, &[name]))
            }
            NameField::Topic => {
                let topic = fold_name(text).replace(' ', "-");
                self.say(|| format!("topic {topic}"));
                self.mark(Mark::Topic(topic.clone()));
                let query = self.any_of(field, std::slice::from_ref(&topic));
                self.note_unknown_topic(&topic)?;
                Ok(query)
            }
            NameField::Cites => {
                let mut names = vec![fold_name(text)];
                if let Some(Resolution::One(entity)) = (self.lookup.gazetteer)()?.resolve_known(text) {
                    names.extend([fold_name(&entity.path), fold_name(&entity.name)]);
                    names.dedup();
                }
                self.say(|| format!("cites {}", names.join(" or ")));
                Ok(self.any_of(field, &names))
            }
            NameField::Source | NameField::Author | NameField::Subject => {
                let name = fold_name(text);
                self.say(|| format!("{} {name}", field.as_str()));
                let named = self.any_of(field, std::slice::from_ref(&name));
                let is_domain =
                    field == NameField::Source && name.contains('.') && !name.contains([' ', '/']);
                Ok(if is_domain { self.or_address(named, &name) } else { named })
            }
            NameField::Lang => {
                let lang = text.to_lowercase();
                self.say(|| format!("lang {lang}"));
                Ok(self.any_of(field, &[lang]))
            }
            NameField::Search => self.saved(text),
            NameField::Id | NameField::Path | NameField::Url | NameField::Story => {
                self.say(|| format!("{} {text}", field.as_str()));
                Ok(self.any_of(field, &[text.to_owned()]))
            }
        }
    }

    /// Articles of the outlet, or whose address lies on its domain.
    fn or_address(&self, named: Box<dyn Query>, domain: &str) -> Box<dyn Query> {
        let url = self.lookup.fields.url;
        let mut any = vec![named];
        for start in ["https://", "https://www.", "http://", "http://www."] {
            let from = Limit::Included(Term::from_field_text(url, &format!("{start}{domain}/")));
            // The character behind the slash ends the range of addresses that begin so.
            let to = Limit::Excluded(Term::from_field_text(url, &format!("{start}{domain}0")));
            any.push(filter(InvertedIndexRangeQuery::new(from, to)));
        }
        filter(BooleanQuery::union(any))
    }

    /// The paths that a company or division name stands for: one, or several divisions of one name.
    fn resolve(&self, field: NameField, text: &str) -> Result<Vec<String>> {
        let gazetteer = (self.lookup.gazetteer)()?;
        let known = gazetteer.resolve_known(text);
        if field == NameField::Division {
            if let Some(Resolution::One(entity)) = &known
                && entity.is_division()
            {
                return Ok(vec![entity.path.clone()]);
            }
            let paths = divisions_named(&gazetteer, text);
            if !paths.is_empty() {
                return Ok(paths);
            }
        } else if let Some(Resolution::One(entity)) = &known {
            return Ok(vec![entity.path.clone()]);
        }
        // A tagger of the caller's own may know names that no list has, and articles name companies that none has.
        if let Some(handle) = self.handle(field) {
            for id in [text.trim().to_lowercase(), unknown_id(text)] {
                let term = Term::from_field_text(handle, &id);
                if self.lookup.searcher.doc_freq(&term).unwrap_or(0) > 0 {
                    return Ok(vec![id]);
                }
            }
        }
        let what = if field == NameField::Division { "division" } else { "company" };
        let (reason, hint) = match known.unwrap_or_else(|| gazetteer.resolve(text)) {
            Resolution::One(entity) => {
                let divisions =
                    gazetteer.company(entity.company()).map_or(&[][..], |company| &company.divisions);
                let named: Vec<&str> =
                    divisions.iter().take(5).map(|division| division.id.as_str()).collect();
                let hint = match named[..] {
                    [] => format!("write company:{}", entity.path),
                    _ => format!(
                        "write company:{}, or one of its divisions: {} …",
                        entity.path,
                        named.join(", ")
                    ),
                };
                (format!("{text} is a company and no division"), hint)
            }
            Resolution::Ambiguous(entities) => {
                let named: Vec<String> =
                    entities.iter().map(|entity| format!("{} ({})", entity.path, entity.name)).collect();
                (format!("{text} is the name of several"), format!("write one of {}", named.join(", ")))
            }
            Resolution::Unknown(near) if near.is_empty() => (
                format!("no {what} is called {text}"),
                "dateline companies lists all; quote names of several words".to_owned(),
            ),
            Resolution::Unknown(near) => {
                let names: Vec<String> = near.iter().map(|name| quoted(name)).collect();
                (format!("no {what} is called {text}"), format!("did you mean {}?", names.join(" or ")))
            }
        };
        Err(self.at_name(field, text, Error::new(ErrorKind::Query, reason).with_hint(hint)))
    }

    /// The error with the place of the name in the text that was typed.
    pub(super) fn at_name(&self, field: NameField, text: &str, error: Error) -> Error {
        let Some((whole, names)) = self.lookup.typed else { return error };
        match names.iter().find(|name| name.field == field && name.name == text) {
            Some(name) => error.at(whole, name.span.clone()),
            None => error,
        }
    }

    fn role(&self, text: &str) -> Result<String> {
        let (company, role) = match text.rsplit_once('/') {
            Some((company, role)) => (Some(company), role),
            None => (None, text),
        };
        let role = role.to_lowercase();
        if !ROLES.iter().any(|known| known.as_str() == role) {
            let all = ROLES.map(Role::as_str);
            let near = all
                .iter()
                .min_by_key(|name| edit_distance(name, &role))
                .filter(|name| edit_distance(name, &role) <= 2);
            let hint = match near {
                Some(name) => format!("did you mean {name}?"),
                None => format!("the roles are {}", all.join(" ")),
            };
            let error = Error::new(ErrorKind::Query, format!("{role} is no role")).with_hint(hint);
            return Err(self.at_name(NameField::Role, text, error));
        }
        let Some(company) = company else { return Ok(role) };
        match (self.lookup.gazetteer)()?.resolve_known(company) {
            Some(Resolution::One(entity)) => Ok(format!("{}/{role}", entity.company())),
            _ => Ok(format!("{}/{role}", company.to_lowercase())),
        }
    }

    /// A topic that no article has may be a slip.
    fn note_unknown_topic(&mut self, topic: &str) -> Result<()> {
        let Some(handle) = self.handle(NameField::Topic) else { return Ok(()) };
        if self.lookup.searcher.doc_freq(&Term::from_field_text(handle, topic)).unwrap_or(1) > 0 {
            return Ok(());
        }
        let (known, _) =
            expand::terms(self.lookup.searcher, &[handle], &expand::prefix(""), 64, self.lookup.deadline)?;
        if !known.is_empty() {
            self.notes.push(format!("no article has the topic {topic}; the topics are {}", known.join(" ")));
        }
        Ok(())
    }
}

/// Paths of all divisions that carry a name.
fn divisions_named(gazetteer: &Arc<Gazetteer>, text: &str) -> Vec<String> {
    let name = fold_name(text);
    let mut paths = Vec::new();
    for company in gazetteer.companies() {
        for division in &company.divisions {
            let is_called = |known: &String| fold_name(known) == name;
            if division.id == name || is_called(&division.name) || division.aliases.iter().any(is_called) {
                paths.push(format!("{}/{}", company.id, division.id));
            }
        }
    }
    paths
}

fn quoted(name: &str) -> String {
    if name.contains(' ') { format!("\"{name}\"") } else { name.to_owned() }
}
