//! What an overlay does besides what its writer meant: names that another company has, words that never count.
//!
//! Mistakes in single lines are found where lines are read and applied; here the list as it becomes is looked at.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::tag::gazetteer::{
    Company, Division, Gazetteer, Given, ListFinding, Severity, fold_key, read_date,
};
use crate::tag::matcher::{Id, Matcher};

/// What a check of an overlay found.
#[derive(Debug)]
pub struct ListCheck {
    /// The list with all lines applied that have no error.
    pub gazetteer: Gazetteer,
    /// Errors and warnings, by line.
    pub findings: Vec<ListFinding>,
}

impl ListCheck {
    /// Whether the overlay would be refused.
    pub fn is_refused(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }
}

/// Applies an overlay as [`Gazetteer::with_overlay`] does and says all that is wrong with it, where that one stops at the
/// first error. Takes as long as building a tagger.
///
/// ```
/// use dateline::tag::{Gazetteer, Severity, check_overlay};
///
/// let found = check_overlay(&Gazetteer::builtin(), "{\"id\":\"netflx\",\"remove\":true}").findings;
/// assert_eq!((found[0].line, found[0].severity), (1, Severity::Warning));
/// assert_eq!(found[0].hint, "did you mean `netflix` (Netflix)?");
/// ```
pub fn check_overlay(base: &Gazetteer, text: &str) -> ListCheck {
    let (gazetteer, mut findings, given) = base.try_overlay(text);
    collisions(&gazetteer, &given, &mut findings);
    idle_words(&gazetteer, &given, &mut findings);
    findings.sort_by_key(|finding| finding.line);
    ListCheck { gazetteer, findings }
}

fn warn(findings: &mut Vec<ListFinding>, line: usize, reason: String, hint: String) {
    findings.push(ListFinding { line, severity: Severity::Warning, reason, hint });
}

/// Somebody who has a name.
struct Owner<'g> {
    company: &'g Company,
    division: Option<&'g Division>,
}

impl Owner<'_> {
    fn path(&self) -> String {
        match self.division {
            Some(division) => format!("{}/{}", self.company.id, division.id),
            None => self.company.id.clone(),
        }
    }

    /// Whether both had the name at the same time.
    fn overlaps(&self, other: &Owner<'_>) -> bool {
        let date = |date: Option<&String>| date.and_then(|date| read_date(date));
        let since = |owner: &Owner<'_>| date(owner.division.and_then(|division| division.since.as_ref()));
        let until = |owner: &Owner<'_>| date(owner.division.and_then(|division| division.until.as_ref()));
        let ends_before = |first: &Owner<'_>, second: &Owner<'_>| match (until(first), since(second)) {
            (Some(until), Some(since)) => until <= since,
            _ => false,
        };
        !ends_before(self, other) && !ends_before(other, self)
    }
}

/// Names and symbols that the overlay gives to one company and another one has.
fn collisions(gazetteer: &Gazetteer, given: &[Given], findings: &mut Vec<ListFinding>) {
    let is_name = |field: &str| matches!(field, "name" | "aliases" | "weak" | "legal" | "former");
    let names = given.iter().filter(|given| is_name(given.field));
    let asked: HashSet<String> = names.map(|given| fold_key(&given.text)).collect();
    let symbols: HashSet<&str> =
        given.iter().filter(|given| given.field == "tickers").map(|given| given.text.as_str()).collect();
    let mut owners: HashMap<String, Vec<Owner<'_>>> = HashMap::new();
    let mut listed: HashMap<&str, Vec<&Company>> = HashMap::new();
    for company in gazetteer.companies() {
        let mut add = |name: &str, division| {
            let key = fold_key(name);
            if asked.contains(&key) {
                owners.entry(key).or_default().push(Owner { company, division });
            }
        };
        let former = company.former.iter().map(|former| &former.name);
        let lists = [&company.legal, &company.aliases, &company.weak];
        for name in std::iter::once(&company.name).chain(lists.into_iter().flatten()).chain(former) {
            add(name, None);
        }
        for division in &company.divisions {
            for name in std::iter::once(&division.name).chain(&division.aliases).chain(&division.weak) {
                add(name, Some(division));
            }
        }
        for ticker in company.tickers.iter().filter(|ticker| symbols.contains(ticker.as_str())) {
            listed.entry(ticker).or_default().push(company);
        }
    }
    let mut said: HashSet<(usize, String, String)> = HashSet::new();
    for Given { line, path, field, text } in given {
        let id = path.split('/').next().unwrap_or(path);
        let mut others: BTreeMap<String, String> = BTreeMap::new();
        if *field == "tickers" {
            for company in listed.get(text.as_str()).into_iter().flatten() {
                others.insert(company.id.clone(), company.name.clone());
            }
        } else if is_name(field) {
            let owners = owners.get(&fold_key(text)).map_or(&[][..], Vec::as_slice);
            let own: Vec<&Owner<'_>> = owners.iter().filter(|owner| owner.company.id == id).collect();
            for owner in owners {
                if own.is_empty() || own.iter().any(|own| own.overlaps(owner)) {
                    let name = owner.division.map_or(&owner.company.name, |division| &division.name);
                    others.insert(owner.path(), name.clone());
                }
            }
        }
        others.retain(|other, _| other.split('/').next() != Some(id));
        for (other, name) in others {
            if !said.insert((*line, text.clone(), other.clone())) {
                continue;
            }
            let company = other.split('/').next().unwrap_or(&other);
            let hint = if *field == "tickers" {
                format!(
                    "a symbol stands for one company: {{\"id\":\"{company}\",\"extend\":true,\"drop\":[\"{text}\"]}}"
                )
            } else {
                format!(
                    "an article has to say which is meant; take it from one of them with \"drop\", or, if both are one \
                     company, write {{\"id\":\"{company}\",\"merge\":\"{id}\"}}"
                )
            };
            warn(findings, *line, format!("{field}: `{text}` is also a name of `{other}` ({name})"), hint);
        }
    }
}

/// Vetoes and cues that nothing can come of: they are compared with single words, and only beside weak names.
fn idle_words(gazetteer: &Gazetteer, given: &[Given], findings: &mut Vec<ListFinding>) {
    let words: Vec<&Given> = given.iter().filter(|given| matches!(given.field, "veto" | "cues")).collect();
    if words.is_empty() {
        return;
    }
    let weak = Matcher::new(gazetteer).weak_ids();
    let places: HashMap<&str, usize> =
        gazetteer.companies().enumerate().map(|(place, company)| (company.id.as_str(), place)).collect();
    let mut said: HashSet<(usize, &str, &str)> = HashSet::new();
    for given in words {
        let what = if given.field == "veto" { "veto" } else { "cue" };
        if !given.text.chars().all(char::is_alphanumeric) {
            warn(
                findings,
                given.line,
                format!("{what}: `{}` is more than a word and can never be seen beside a name", given.text),
                "give the word that stands right before or after the name".to_owned(),
            );
            continue;
        }
        let (company, division) = match given.path.split_once('/') {
            Some((company, division)) => (company, Some(division)),
            None => (given.path.as_str(), None),
        };
        let Some(&place) = places.get(company) else { continue };
        let id = match division {
            None => Id::company(place as u32),
            Some(division) => {
                let divisions = gazetteer.company_at(place).map_or(&[][..], |company| &company.divisions);
                let Some(number) = divisions.iter().position(|known| known.id == division) else { continue };
                Id { company: place as u32, division: number as u32 }
            }
        };
        if !weak.contains(&id) && said.insert((given.line, &given.path, given.field)) {
            warn(
                findings,
                given.line,
                format!("{what}: `{}` can never count, for `{}` has no weak name", given.text, given.path),
                format!("a {what} is looked for beside weak names; put the doubtful name under `weak`"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = r#"{"id":"acme","name":"Acme Rockets","weak":["Acme"],"tickers":["NYSE:ACM"]}
{"id":"beta","name":"Beta Foods","divisions":[{"id":"soup","name":"Golden Soup","until":"2011"}]}
{"id":"gamma","name":"Gamma Rays"}"#;

    #[test]
    fn every_mistake_is_one_finding_with_its_line() {
        let base = Gazetteer::from_jsonl(BASE, "base").unwrap();
        for (overlay, line, severity, reason, hint) in [
            (r#"{"id":"x","name":"X Corp","nmae":"X"}"#, 1, "error", "unknown field `nmae`", "`name`"),
            (
                r#"{"id":"x","name":"X Corp","kind":"lsited"}"#,
                1,
                "error",
                "unknown variant `lsited`",
                "`listed`",
            ),
            (
                r#"{"id":"acm","extend":true,"cues":["rocket"]}"#,
                1,
                "error",
                "no company `acm` to extend",
                "`acme` (Acme Rockets)",
            ),
            (
                r#"{"id":"beta-foods","remove":true}"#,
                1,
                "warning",
                "no company `beta-foods` to remove",
                "`beta` (Beta Foods)",
            ),
            (
                r#"{"id":"soup","remove":true}"#,
                1,
                "warning",
                "no company `soup` to remove",
                "`beta/soup` is a division",
            ),
            (r#"{"id":"acme","merge":"acme"}"#, 1, "error", "a circle: `acme`", "after `merge`"),
            (
                "{\"id\":\"acme\",\"merge\":\"beta\"}\n{\"id\":\"beta\",\"merge\":\"acme\"}",
                2,
                "error",
                "a circle: `beta`",
                "merge",
            ),
            (
                "{\"id\":\"acme\",\"merge\":\"beta\"}\n{\"id\":\"acme\",\"extend\":true,\"cues\":[\"a\"]}",
                2,
                "error",
                "no company `acme` to extend",
                "line 1 made it `beta`",
            ),
            (r#"{"id":"acme","merge":"betta"}"#, 1, "error", "no company `betta` to merge into", "`beta`"),
            (
                r#"{"id":"acme","merge":"beta","name":"Both"}"#,
                1,
                "error",
                "`merge` gives the whole company",
                "line of its own",
            ),
            (
                r#"{"id":"acme","remove":true,"aliases":["A"]}"#,
                1,
                "error",
                "`remove` takes the whole",
                "\"drop\"",
            ),
            (r#"{"id":"acme","rename":"beta"}"#, 1, "error", "can't become `beta`", "\"merge\": \"beta\""),
            (
                r#"{"id":"acme","extend":true,"drop":["Acme Rockets"]}"#,
                1,
                "error",
                "is the display name",
                "another `name`",
            ),
            (
                r#"{"id":"acme","extend":true,"drop":["Acmee"]}"#,
                1,
                "warning",
                "has no `Acmee` to drop",
                "letter by letter",
            ),
            (
                r#"{"id":"acme","name":"Acme"}"#,
                1,
                "warning",
                "takes the place of Acme Rockets",
                "\"extend\": true",
            ),
            (
                r#"{"id":"beta","extend":true,"divisions":[{"id":"soop","remove":true}]}"#,
                1,
                "warning",
                "no division `beta/soop`",
                "`soup`",
            ),
            (
                r#"{"id":"beta","extend":true,"divisions":[{"id":"soup","since":"2015"}]}"#,
                1,
                "error",
                "begins after it ends",
                "`since`",
            ),
            (
                r#"{"id":"x","name":"X Corp","divisions":[{"id":"y","name":"Yy","drop":["a"]}]}"#,
                1,
                "error",
                "`drop` in a division",
                "\"extend\": true",
            ),
            (
                r#"{"id":"gamma","extend":true,"aliases":["Acme"]}"#,
                1,
                "warning",
                "`Acme` is also a name of `acme`",
                "\"drop\"",
            ),
            (
                r#"{"id":"gamma","extend":true,"tickers":["NYSE:ACM"]}"#,
                1,
                "warning",
                "`NYSE:ACM` is also a name of `acme`",
                "one company",
            ),
            (
                r#"{"id":"gamma","extend":true,"veto":["ray"]}"#,
                1,
                "warning",
                "veto: `ray` can never count",
                "`weak`",
            ),
            (
                r#"{"id":"acme","extend":true,"veto":["skin cream"]}"#,
                1,
                "warning",
                "more than a word",
                "right before or after",
            ),
            (
                r#"{"id":"acme","extend":true,"cues":["rocket-maker"]}"#,
                1,
                "warning",
                "cue: `rocket-maker` is more",
                "right before",
            ),
        ] {
            let check = check_overlay(&base, overlay);
            let [found] = &check.findings[..] else { panic!("{overlay}: {:#?}", check.findings) };
            assert_eq!(found.line, line, "{overlay}");
            assert_eq!(found.severity == Severity::Error, severity == "error", "{overlay}: {found:?}");
            assert!(found.reason.contains(reason), "{overlay}: {found:?}");
            assert!(found.hint.contains(hint), "{overlay}: {found:?}");
            let is_read = base.with_overlay(overlay, "mine").is_ok();
            assert_eq!(is_read, !check.is_refused(), "both ways of reading agree: {overlay}");
        }
    }

    #[test]
    fn a_good_list_has_no_finding_and_a_bad_one_all_of_them() {
        let base = Gazetteer::from_jsonl(BASE, "base").unwrap();
        let good = r#"# ours
{"id":"acme","extend":true,"veto":["skin"],"cues":["rocket"]}
{"id":"delta","name":"Delta Deli","divisions":[{"id":"soup","name":"Golden Soup","since":"2011"}]}
{"id":"gamma","rename":"rays","name":"Rays United"}"#;
        let check = check_overlay(&base, good);
        assert_eq!(check.findings, [], "a division that changed hands has one owner at a time");
        let bad = "{\"id\":\"A\",\"name\":\"A\"}\n[]\n{\"id\":\"x\",\"name\":\" \",\"country\":\"usa\",\"tickers\":[\"X\"]}\n";
        let lines: Vec<usize> = check_overlay(&base, bad).findings.iter().map(|found| found.line).collect();
        assert_eq!(lines, [1, 2, 3, 3, 3]);
    }
}
