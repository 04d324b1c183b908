//! Applies the lines of a user's list to another one: adds, replaces, extends, renames, merges and removes.
//!
//! Lines are applied in order. An id that was renamed or merged away keeps leading to what became of it.

mod join;

use std::collections::HashMap;

use super::Entry;
use super::read::{Findings, Line, check_company, check_id, for_each_line};
use super::resolve::fold_key;
use crate::error::Result;
use crate::text::edit_distance;

use join::{append, extend, unite};

/// A name, veto or ticker that a line gave, for what can only be judged when all lines are applied.
#[derive(Debug)]
pub(in crate::tag) struct Given {
    pub(in crate::tag) line: usize,
    /// `company` or `company/division`.
    pub(in crate::tag) path: String,
    /// A field of the line: `aliases`, `veto`, …
    pub(in crate::tag) field: &'static str,
    pub(in crate::tag) text: String,
}

/// What a list becomes under an overlay.
#[derive(Debug)]
pub(super) struct Applied {
    pub(super) entries: Vec<Entry>,
    pub(super) given: Vec<Given>,
    pub(super) findings: Findings,
}

/// `base` with the lines of an overlay applied in order; the first mistake refuses all of it.
pub(super) fn read_overlay(base: Vec<Entry>, text: &str, file: &str) -> Result<Vec<Entry>> {
    let applied = apply(base, text);
    applied.findings.refuse(file)?;
    Ok(applied.entries)
}

/// The same, with everything that is wrong. A line with an error does nothing. Companies that no line names are not decoded.
pub(super) fn apply(base: Vec<Entry>, text: &str) -> Applied {
    let places =
        base.iter().enumerate().map(|(place, entry)| (entry.id.clone().into_owned(), place)).collect();
    let mut overlay = Overlay {
        companies: base.into_iter().map(Some).collect(),
        places,
        moved: HashMap::new(),
        written: HashMap::new(),
        given: Vec::new(),
    };
    let mut findings = Findings::default();
    for_each_line(text, &mut findings, |line, findings| overlay.line(line, findings));
    let Overlay { companies, places, mut given, moved, .. } = overlay;
    let mut entries: Vec<Entry> = companies.into_iter().flatten().collect();
    // No company of the built-in list has other ids.
    for company in entries.iter_mut().filter_map(|entry| entry.company.get_mut()) {
        // An id that a company has of its own leads to that one.
        let id = &company.id;
        company.former_ids.retain(|former| former != id && !places.contains_key(former));
    }
    for given in &mut given {
        // Every step was taken when the next id was there, so there are no more of them than ids.
        for _ in 0..moved.len() {
            let (company, rest) = given.path.split_at(given.path.find('/').unwrap_or(given.path.len()));
            let Some((now, _)) = moved.get(company) else { break };
            given.path = format!("{now}{rest}");
        }
    }
    Applied { entries, given, findings }
}

struct Overlay {
    companies: Vec<Option<Entry>>,
    places: HashMap<String, usize>,
    /// Where the ids lead that were renamed or merged away, and the line that did it.
    moved: HashMap<String, (String, usize)>,
    /// The line that defines a company.
    written: HashMap<String, usize>,
    given: Vec<Given>,
}

impl Overlay {
    fn line(&mut self, line: Line, findings: &mut Findings) {
        if line.merge.is_some() {
            self.merge(&line, findings);
        } else if line.remove {
            self.remove(&line, findings);
        } else if line.extend || line.rename.is_some() || !line.drop.is_empty() {
            self.change(line, findings);
        } else {
            self.write(line, findings);
        }
    }

    /// A new company, or one in place of another.
    fn write(&mut self, line: Line, findings: &mut Findings) {
        let before = findings.errors();
        if let Some(command) = line.commands().first() {
            findings.error(
                format!("`{command}` in a division of a line that writes the company anew"),
                "add \"extend\": true to change the company that is there",
            );
        }
        let given = given(&line, &line.id, findings.line);
        let mut company = line.into_company();
        check_company(&company, findings);
        if findings.errors() > before {
            return;
        }
        self.given.extend(given);
        let id = company.id.clone();
        self.moved.remove(&id);
        match self.places.get(&id).and_then(|&place| self.companies.get_mut(place)) {
            Some(entry) => {
                if let Some(earlier) = self.written.get(&id) {
                    findings.warning(
                        format!("`{id}` takes the place of line {earlier}"),
                        "put both lines into one, or add \"extend\": true",
                    );
                } else if let Some(known) = entry.as_ref().map(Entry::company) {
                    let names = known.aliases.len() + known.weak.len() + known.legal.len();
                    findings.warning(
                        format!(
                            "`{id}` takes the place of {} with its {names} names and {} divisions",
                            known.name,
                            known.divisions.len()
                        ),
                        "add \"extend\": true to keep them",
                    );
                }
                if let Some(known) = entry.take() {
                    append(&mut company.former_ids, known.into_company().former_ids);
                }
                *entry = Some(company.into());
            }
            None => {
                self.places.insert(id.clone(), self.companies.len());
                self.companies.push(Some(company.into()));
            }
        }
        self.written.insert(id, findings.line);
    }

    fn remove(&mut self, line: &Line, findings: &mut Findings) {
        if !is_bare(line) {
            findings.error("`remove` takes the whole company away; nothing else stands beside it", TAKE_AWAY);
            return;
        }
        match self.places.remove(&line.id) {
            Some(place) => self.companies[place] = None,
            // A company that a later version of dateline no longer has is gone, which is what was asked for.
            None => {
                findings.warning(format!("there is no company `{}` to remove", line.id), self.near(&line.id));
            }
        }
    }

    /// Extends, renames and drops.
    fn change(&mut self, mut line: Line, findings: &mut Findings) {
        let before = findings.errors();
        let Some(&place) = self.places.get(&line.id) else {
            let verb = if line.rename.is_some() { "rename" } else { "extend" };
            findings.error(format!("there is no company `{}` to {verb}", line.id), self.near(&line.id));
            return;
        };
        let rename = line.rename.take().filter(|new| *new != line.id);
        if let Some(new) = &rename {
            check_id(new, "new", findings);
            if self.places.contains_key(new) {
                findings.error(
                    format!("`{}` can't become `{new}`, which is another company", line.id),
                    format!("{{\"id\": \"{}\", \"merge\": \"{new}\"}} makes one of both", line.id),
                );
            }
        }
        let given = given(&line, rename.as_ref().unwrap_or(&line.id), findings.line);
        let Some(known) = self.companies[place].as_ref().map(Entry::company).cloned() else { return };
        let mut changed = extend(known, line, findings);
        if let Some(new) = rename {
            let old = std::mem::replace(&mut changed.id, new);
            append(&mut changed.former_ids, vec![old]);
        }
        check_company(&changed, findings);
        if findings.errors() > before {
            return;
        }
        if let Some(old) = changed.former_ids.last().filter(|old| self.places.get(*old) == Some(&place)) {
            self.places.remove(old);
            self.places.insert(changed.id.clone(), place);
            self.moved.insert(old.clone(), (changed.id.clone(), findings.line));
            self.moved.remove(&changed.id);
        }
        self.given.extend(given);
        self.companies[place] = Some(changed.into());
    }

    fn merge(&mut self, line: &Line, findings: &mut Findings) {
        let Some(target) = line.merge.clone() else { return };
        if !is_bare(line) {
            findings.error(
                "`merge` gives the whole company to another one; nothing else stands beside it",
                "change the other company on a line of its own",
            );
            return;
        }
        let into = self.leads_to(&target);
        let Some(&place) = self.places.get(&line.id) else {
            let is_cycle = into.is_some() && into == self.leads_to(&line.id);
            let reason = if is_cycle {
                format!("a circle: `{}` is a part of `{target}` already", line.id)
            } else {
                format!("there is no company `{}` to merge", line.id)
            };
            findings.error(reason, self.near(&line.id));
            return;
        };
        let Some(into) = into else {
            findings.error(format!("there is no company `{target}` to merge into"), self.near(&target));
            return;
        };
        if into == place {
            findings.error(
                format!("a circle: `{}` can't be merged into itself", line.id),
                "name the company that is to stay after `merge`",
            );
            return;
        }
        let mut take = |place: usize| self.companies[place].take().map(Entry::into_company);
        let (Some(part), Some(whole)) = (take(place), take(into)) else { return };
        self.places.remove(&part.id);
        self.moved.insert(part.id.clone(), (whole.id.clone(), findings.line));
        self.companies[into] = Some(unite(whole, part).into());
    }

    /// The place of a company by its id or one that it had before.
    fn leads_to(&self, id: &str) -> Option<usize> {
        let mut id = id;
        // Every step was taken when the next one was there, so there are no more of them than ids.
        for _ in 0..=self.moved.len() {
            if let Some(&place) = self.places.get(id) {
                return Some(place);
            }
            (id, _) = self.moved.get(id).map(|(next, line)| (next.as_str(), line))?;
        }
        None
    }

    /// What to write in place of an id that nothing has.
    fn near(&self, id: &str) -> String {
        if let Some((now, line)) = self.moved.get(id) {
            return format!("line {line} made it `{now}`");
        }
        let key = fold_key(id);
        let companies = || self.companies.iter().flatten().map(Entry::company);
        let by_name = companies().find(|company| {
            let names = [&company.aliases, &company.weak, &company.legal, &company.former_ids];
            std::iter::once(&company.name)
                .chain(names.into_iter().flatten())
                .any(|name| fold_key(name) == key)
        });
        let near = || {
            let close = companies().filter(|company| company.id.len().abs_diff(id.len()) <= 2);
            let close = close.map(|company| (edit_distance(&company.id, id), company));
            close.filter(|(distance, _)| *distance <= 2).min_by_key(|(distance, _)| *distance)
        };
        let owner = || companies().find(|company| company.divisions.iter().any(|division| division.id == id));
        if let Some(company) = by_name {
            format!("did you mean `{}` ({})?", company.id, company.name)
        } else if let Some(company) = owner() {
            let owner = &company.id;
            format!(
                "`{owner}/{id}` is a division; change it under \"divisions\" of {{\"id\": \"{owner}\", \"extend\": true}}"
            )
        } else if let Some((_, company)) = near() {
            format!("did you mean `{}` ({})?", company.id, company.name)
        } else {
            "`dateline companies NAME` shows the ids".to_owned()
        }
    }
}

const TAKE_AWAY: &str = "to take single names away write \"extend\": true and \"drop\": [\"…\"]";

/// Whether a line has nothing but its id and one command.
fn is_bare(line: &Line) -> bool {
    let lists = [
        &line.legal,
        &line.aliases,
        &line.weak,
        &line.familiar,
        &line.tickers,
        &line.people,
        &line.epithets,
        &line.domains,
        &line.cues,
        &line.veto,
        &line.former_ids,
        &line.drop,
    ];
    line.name.is_empty()
        && lists.iter().all(|list| list.is_empty())
        && line.former.is_empty()
        && line.divisions.is_empty()
        && line.commands().len() == 1
}

/// What a line gives to the company or its divisions.
fn given(line: &Line, id: &str, number: usize) -> Vec<Given> {
    let mut all = Vec::new();
    let mut add = |path: &str, field: &'static str, texts: &[String]| {
        all.extend(texts.iter().filter(|text| !text.is_empty()).map(|text| Given {
            line: number,
            path: path.to_owned(),
            field,
            text: text.clone(),
        }));
    };
    add(id, "name", std::slice::from_ref(&line.name));
    add(id, "aliases", &line.aliases);
    add(id, "weak", &line.weak);
    add(id, "legal", &line.legal);
    add(id, "tickers", &line.tickers);
    add(id, "veto", &line.veto);
    add(id, "cues", &line.cues);
    for former in &line.former {
        add(id, "former", std::slice::from_ref(&former.name));
    }
    for division in &line.divisions {
        let path = format!("{id}/{}", division.rename.as_ref().unwrap_or(&division.id));
        add(&path, "name", std::slice::from_ref(&division.name));
        add(&path, "aliases", &division.aliases);
        add(&path, "weak", &division.weak);
        add(&path, "veto", &division.veto);
        add(&path, "cues", &division.cues);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::super::{Gazetteer, Resolution};

    #[test]
    fn overlays_add_replace_extend_and_remove() {
        let base = Gazetteer::from_jsonl(
            r#"{"id":"acme","name":"Acme","aliases":["Acme Rockets"],"divisions":[{"id":"anvil","name":"Anvil"}]}
{"id":"zeta","name":"Zeta"}"#,
            "base",
        )
        .unwrap();
        let overlay = r#"{"id":"acme","extend":true,"weak":["Acme Rockets"],"divisions":[{"id":"anvil","name":"Anvil","weak":["Anvil"]},{"id":"tnt","name":"TNT"}]}
{"id":"zeta","remove":true}
{"id":"beta","name":"Beta"}"#;
        let merged = base.with_overlay(overlay, "mine.jsonl").unwrap();
        let ids: Vec<_> = merged.companies().map(|company| company.id.as_str()).collect();
        assert_eq!(ids, ["acme", "beta"]);
        let acme = merged.company("acme").unwrap();
        assert!(acme.aliases.is_empty() && acme.weak == ["Acme Rockets"]);
        assert_eq!(acme.divisions.len(), 2);
        assert_eq!(merged.division("acme/anvil").unwrap().weak, ["Anvil"]);

        let replaced = base.with_overlay(r#"{"id":"acme","name":"Acme Two"}"#, "m").unwrap();
        assert!(replaced.company("acme").unwrap().divisions.is_empty());

        for line in [
            r#"{"id":"none","extend":true}"#,
            r#"{"id":"none","merge":"acme"}"#,
            r#"{"id":"none","rename":"other"}"#,
        ] {
            let error = base.with_overlay(line, "m").unwrap_err();
            assert!(error.message().starts_with("m:1: there is no company `none`"), "{error}");
        }
    }

    const BASE: &str = r#"{"id":"acme","name":"Acme Rockets","weak":["Acme"],"legal":["Acme Inc."],"tickers":["NYSE:ACM"],"veto":["skin"],"divisions":[{"id":"anvil","name":"Anvil Works","since":"2001"},{"id":"tnt","name":"TNT Supply"}]}
{"id":"beta","name":"Beta Foods","aliases":["Betafood"],"weak":["Beta"],"country":"FR","divisions":[{"id":"anvil","name":"Beta Anvil","since":"1999"},{"id":"soup","name":"Beta Soup","until":"2020"}]}
{"id":"gm","name":"GM"}"#;

    fn over(overlay: &str) -> Gazetteer {
        let base = Gazetteer::from_jsonl(BASE, "base").unwrap();
        base.with_overlay(overlay, "mine.jsonl").unwrap_or_else(|error| panic!("{error:?}"))
    }

    fn one(gazetteer: &Gazetteer, name: &str) -> String {
        match gazetteer.resolve(name) {
            Resolution::One(entity) => entity.path,
            other => panic!("{name}: {other:?}"),
        }
    }

    #[test]
    fn a_renamed_company_answers_to_both_ids_and_names() {
        let list = over(
            r#"{"id":"acme","rename":"zenith","name":"Zenith","divisions":[{"id":"tnt","rename":"blast","name":"Zenith Blast"}]}"#,
        );
        assert!(list.company("acme").is_none());
        let zenith = list.company("zenith").unwrap();
        assert_eq!(
            (zenith.name.as_str(), zenith.aliases.as_slice()),
            ("Zenith", &["Acme Rockets".to_owned()][..])
        );
        for name in ["acme", "zenith", "ACME", "Acme Rockets", "acme rockets", "$ACM", "Acme"] {
            assert_eq!(one(&list, name), "zenith", "{name}");
        }
        for name in ["acme/tnt", "zenith/blast", "acme/blast", "TNT Supply"] {
            assert_eq!(one(&list, name), "zenith/blast", "{name}");
        }
        // A display name of three letters is no more to be trusted as another name.
        let list = over(r#"{"id":"gm","extend":true,"name":"General Motors"}"#);
        assert_eq!(list.company("gm").unwrap().weak, ["GM"]);
    }

    #[test]
    fn a_merged_company_leaves_everything_to_the_other() {
        let list = over(r#"{"id":"beta","merge":"acme"}"#);
        assert!(list.company("beta").is_none());
        let acme = list.company("acme").unwrap();
        assert_eq!(acme.aliases, ["Betafood", "Beta Foods"]);
        assert_eq!(acme.weak, ["Acme", "Beta"]);
        assert_eq!(acme.country.as_deref(), Some("FR"));
        let divisions: Vec<_> = acme.divisions.iter().map(|division| division.id.as_str()).collect();
        assert_eq!(divisions, ["anvil", "tnt", "soup"]);
        assert_eq!(acme.divisions[0].since.as_deref(), Some("1999"));
        for name in ["beta", "Beta Foods", "Betafood", "acme"] {
            assert_eq!(one(&list, name), "acme", "{name}");
        }
        assert_eq!(one(&list, "beta/soup"), "acme/soup");
        assert_eq!(one(&list, "Beta Anvil"), "acme/anvil");
        let chain = over("{\"id\":\"beta\",\"merge\":\"acme\"}\n{\"id\":\"gm\",\"merge\":\"beta\"}");
        assert_eq!((one(&chain, "gm"), chain.companies().len()), ("acme".to_owned(), 1));
        // An id that is given again is its new company's.
        let again = over("{\"id\":\"gm\",\"merge\":\"acme\"}\n{\"id\":\"gm\",\"name\":\"Grand Mills\"}");
        assert_eq!(one(&again, "gm"), "gm");
        assert!(again.company("acme").unwrap().former_ids.is_empty());
    }

    #[test]
    fn names_and_divisions_are_dropped() {
        let list = over(
            r#"{"id":"beta","extend":true,"drop":["Betafood"],"divisions":[{"id":"soup","remove":true},{"id":"anvil","kind":"brand","drop":[]}]}"#,
        );
        let beta = list.company("beta").unwrap();
        assert!(beta.aliases.is_empty() && beta.divisions.len() == 1);
        assert!(matches!(list.resolve("Betafood"), Resolution::Unknown(_)));
    }

    #[test]
    fn a_list_that_is_written_out_and_read_again_is_the_same() {
        let list = over(
            "{\"id\":\"beta\",\"merge\":\"acme\"}\n{\"id\":\"gm\",\"rename\":\"motors\",\"name\":\"Motors\"}",
        );
        let written: Vec<String> =
            list.companies().map(|company| serde_json::to_string(company).unwrap()).collect();
        let read = Gazetteer::from_jsonl(&written.join("\n"), "written").unwrap();
        assert!(read.companies().eq(list.companies()));
        assert_eq!((one(&read, "beta"), one(&read, "gm")), ("acme".to_owned(), "motors".to_owned()));
    }
}
