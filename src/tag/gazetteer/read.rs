//! Reads company lists: one JSON object a line. Every mistake is found, not only the first, and named with its line.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::{Company, CompanyKind, Division, DivisionKind, FormerName};
use crate::error::{Error, ErrorKind, Result};
use crate::text::edit_distance;

/// Longest list that is read. It also bounds the matcher that the tagger builds from it.
const MAX_BYTES: usize = 64 << 20;
/// Longest name, in bytes.
const MAX_NAME: usize = 200;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The list is refused.
    Error,
    /// The list is read; a line of it does nothing, or more than its writer may think.
    Warning,
}

/// Something that is wrong with a line of a company list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListFinding {
    /// The line, from 1; 0 for the list as a whole.
    pub line: usize,
    /// Whether the list is refused for it.
    pub severity: Severity,
    /// What is wrong.
    pub reason: String,
    /// What to do about it.
    pub hint: String,
}

impl ListFinding {
    /// The error that refuses a list; `file` is its name.
    pub(super) fn into_error(self, file: &str) -> Error {
        let at = if self.line == 0 { file.to_owned() } else { format!("{file}:{}", self.line) };
        Error::new(ErrorKind::Gazetteer, format!("{at}: {}", self.reason)).with_hint(self.hint)
    }
}

/// What is found wrong, in the order of the lines.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) all: Vec<ListFinding>,
    /// The line that is read.
    pub(super) line: usize,
}

impl Findings {
    pub(super) fn error(&mut self, reason: impl Into<String>, hint: impl Into<String>) {
        self.add(Severity::Error, reason.into(), hint.into());
    }

    pub(super) fn warning(&mut self, reason: impl Into<String>, hint: impl Into<String>) {
        self.add(Severity::Warning, reason.into(), hint.into());
    }

    fn add(&mut self, severity: Severity, reason: String, hint: String) {
        self.all.push(ListFinding { line: self.line, severity, reason, hint });
    }

    /// How many errors there are.
    pub(super) fn errors(&self) -> usize {
        self.all.iter().filter(|finding| finding.severity == Severity::Error).count()
    }

    /// The first error of the list, if any.
    pub(super) fn refuse(self, file: &str) -> Result<()> {
        match self.all.into_iter().find(|finding| finding.severity == Severity::Error) {
            Some(finding) => Err(finding.into_error(file)),
            None => Ok(()),
        }
    }
}

/// A line of a list: the fields of a [`Company`] and, in an overlay, what is to be done with it.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Line {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) former_ids: Vec<String>,
    pub(super) kind: Option<CompanyKind>,
    pub(super) legal: Vec<String>,
    pub(super) aliases: Vec<String>,
    pub(super) weak: Vec<String>,
    pub(super) familiar: Vec<String>,
    pub(super) tickers: Vec<String>,
    pub(super) sector: Option<String>,
    pub(super) industry: Option<String>,
    pub(super) country: Option<String>,
    pub(super) former: Vec<FormerName>,
    pub(super) people: Vec<String>,
    pub(super) epithets: Vec<String>,
    pub(super) domains: Vec<String>,
    pub(super) cues: Vec<String>,
    pub(super) veto: Vec<String>,
    pub(super) divisions: Vec<DivisionLine>,
    pub(super) extend: bool,
    pub(super) remove: bool,
    /// The new id.
    pub(super) rename: Option<String>,
    /// The company that this one becomes a part of.
    pub(super) merge: Option<String>,
    /// Names, tickers, cues and vetoes that go.
    pub(super) drop: Vec<String>,
}

/// A division of a line: the fields of a [`Division`] and, in an overlay, what is to be done with it.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct DivisionLine {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) former_ids: Vec<String>,
    pub(super) kind: Option<DivisionKind>,
    pub(super) aliases: Vec<String>,
    pub(super) weak: Vec<String>,
    pub(super) familiar: Vec<String>,
    pub(super) since: Option<String>,
    pub(super) until: Option<String>,
    pub(super) cues: Vec<String>,
    pub(super) veto: Vec<String>,
    pub(super) remove: bool,
    pub(super) rename: Option<String>,
    pub(super) drop: Vec<String>,
}

impl Line {
    /// The words in it that have a meaning in overlays only.
    pub(super) fn commands(&self) -> Vec<&'static str> {
        let divisions = |is: fn(&DivisionLine) -> bool| self.divisions.iter().any(is);
        [
            ("extend", self.extend),
            ("remove", self.remove || divisions(|division| division.remove)),
            ("rename", self.rename.is_some() || divisions(|division| division.rename.is_some())),
            ("merge", self.merge.is_some()),
            ("drop", !self.drop.is_empty() || divisions(|division| !division.drop.is_empty())),
        ]
        .into_iter()
        .filter_map(|(name, is_used)| is_used.then_some(name))
        .collect()
    }

    pub(super) fn into_company(self) -> Company {
        Company {
            id: self.id,
            name: self.name,
            former_ids: self.former_ids,
            kind: self.kind.unwrap_or_default(),
            legal: self.legal,
            aliases: self.aliases,
            weak: self.weak,
            familiar: self.familiar,
            tickers: self.tickers,
            sector: self.sector,
            industry: self.industry,
            country: self.country,
            former: self.former,
            people: self.people,
            epithets: self.epithets,
            domains: self.domains,
            cues: self.cues,
            veto: self.veto,
            divisions: self.divisions.into_iter().map(DivisionLine::into_division).collect(),
        }
    }
}

impl DivisionLine {
    pub(super) fn into_division(self) -> Division {
        Division {
            id: self.id,
            name: self.name,
            former_ids: self.former_ids,
            kind: self.kind.unwrap_or_default(),
            aliases: self.aliases,
            weak: self.weak,
            familiar: self.familiar,
            since: self.since,
            until: self.until,
            cues: self.cues,
            veto: self.veto,
        }
    }
}

/// The companies of a complete list.
pub(super) fn read_list(text: &str, file: &str) -> Result<Vec<Company>> {
    let mut companies = Vec::new();
    let mut first_line: HashMap<String, usize> = HashMap::new();
    let mut findings = Findings::default();
    for_each_line(text, &mut findings, |line, findings| {
        let commands = line.commands();
        if !commands.is_empty() {
            findings.error(
                format!("`{}` has no meaning in a list of its own", commands.join("`, `")),
                "use it in an overlay, or leave it out",
            );
            return;
        }
        if let Some(first) = first_line.get(&line.id) {
            findings.error(
                format!("company `{}` is already on line {first}", line.id),
                "give every company an id of its own, or put both lines into one",
            );
            return;
        }
        first_line.insert(line.id.clone(), findings.line);
        let company = line.into_company();
        check_company(&company, findings);
        companies.push(company);
    });
    findings.refuse(file)?;
    Ok(companies)
}

/// Reads every line of a list that is one.
pub(super) fn for_each_line(text: &str, findings: &mut Findings, mut visit: impl FnMut(Line, &mut Findings)) {
    if text.len() > MAX_BYTES {
        findings.error(
            format!("a list of {} MiB, over the limit of {} MiB", text.len() >> 20, MAX_BYTES >> 20),
            "keep to the companies that occur in your articles",
        );
        return;
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (index, content) in text.lines().enumerate() {
        let content = content.trim();
        // A line for people is no entry.
        if content.is_empty() || content.starts_with('#') || content.starts_with("//") {
            continue;
        }
        findings.line = index + 1;
        match serde_json::from_str::<Line>(content) {
            Ok(line) => {
                let before = findings.errors();
                check_id(&line.id, "company", findings);
                if findings.errors() == before {
                    visit(line, findings);
                }
            }
            Err(error) => {
                let reason = error.to_string();
                let reason = reason.split(" at line ").next().unwrap_or("not readable");
                // serde lists everything it expected, which is no reason but a manual.
                let short = reason.split(", expected one of ").next().unwrap_or(reason);
                findings.error(format!("{short} (column {})", error.column()), suggestion(reason));
            }
        }
    }
    findings.line = 0;
}

/// What to write instead of a field or value that nobody knows.
fn suggestion(reason: &str) -> String {
    let mut quoted = reason.split('`').skip(1).step_by(2);
    if let Some(wrong) = quoted.next()
        && reason.starts_with("unknown ")
    {
        let known: Vec<&str> = quoted.collect();
        let near = known.iter().map(|name| (edit_distance(name, wrong), *name)).min();
        return match near {
            Some((distance, name)) if distance <= 2 => format!("did you mean `{name}`?"),
            _ => format!("write one of {}", known.join(" ")),
        };
    }
    "every line is one JSON object, as in `dateline companies --format jsonl`".to_owned()
}

pub(super) fn check_id(id: &str, what: &str, findings: &mut Findings) {
    const HINT: &str = "an id is made of lower-case letters, digits and hyphens: `general-motors`";
    let legal = id.len() <= MAX_NAME
        && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !id.starts_with('-')
        && !id.ends_with('-');
    if id.is_empty() {
        findings.error(format!("{what} without an id"), HINT);
    } else if !legal {
        findings.error(format!("{what} id {id:?} is not a slug"), HINT);
    }
}

/// Checks everything about a company but whether another one has its id.
pub(super) fn check_company(company: &Company, findings: &mut Findings) {
    check_name(&company.name, "name", findings);
    for (field, names) in [
        ("legal", &company.legal),
        ("aliases", &company.aliases),
        ("weak", &company.weak),
        ("familiar", &company.familiar),
        ("people", &company.people),
        ("epithets", &company.epithets),
        ("domains", &company.domains),
        ("cues", &company.cues),
        ("veto", &company.veto),
    ] {
        for name in names {
            check_name(name, field, findings);
        }
    }
    for id in &company.former_ids {
        check_id(id, "former", findings);
    }
    for ticker in &company.tickers {
        let legal = ticker.split_once(':').is_some_and(|(exchange, symbol)| {
            let plain = |text: &str| {
                !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || ".-/& ".contains(c))
            };
            plain(exchange) && plain(symbol)
        });
        if !legal {
            let reason = format!("ticker {ticker:?} is not EXCHANGE:SYMBOL");
            findings.error(reason, "write it like `NASDAQ:AMZN`");
        }
    }
    if let Some(country) = &company.country
        && !(country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase()))
    {
        let reason = format!("country {country:?} is not a two-letter code");
        findings.error(reason, "use ISO 3166 alpha-2, as in `US`");
    }
    for former in &company.former {
        check_name(&former.name, "former", findings);
        check_date(former.until.as_deref(), "until", findings);
    }
    let mut seen = HashSet::new();
    for division in &company.divisions {
        check_id(&division.id, "division", findings);
        if !seen.insert(division.id.as_str()) {
            findings.error(
                format!("division `{}` stands twice under `{}`", division.id, company.id),
                "give every division an id of its own within the company",
            );
        }
        check_name(&division.name, "division name", findings);
        for names in [&division.aliases, &division.weak, &division.familiar, &division.cues, &division.veto] {
            for name in names {
                check_name(name, "division alias", findings);
            }
        }
        check_date(division.since.as_deref(), "since", findings);
        check_date(division.until.as_deref(), "until", findings);
        let [since, until] =
            [&division.since, &division.until].map(|date| date.as_deref().and_then(parse_date));
        if let (Some(since), Some(until)) = (since, until)
            && is_after(since, until)
        {
            findings.error(
                format!("division `{}` begins after it ends", division.id),
                "`since` is the first, `until` the last date on which it belongs to the company",
            );
        }
    }
}

/// Whether a partial date lies after another one, as far as both say.
fn is_after(left: (i16, i8, i8), right: (i16, i8, i8)) -> bool {
    let unsaid = |value: i8, other: i8| value == 0 || other == 0;
    match left.0.cmp(&right.0) {
        std::cmp::Ordering::Equal if unsaid(left.1, right.1) => false,
        std::cmp::Ordering::Equal if left.1 == right.1 => !unsaid(left.2, right.2) && left.2 > right.2,
        std::cmp::Ordering::Equal => left.1 > right.1,
        order => order.is_gt(),
    }
}

fn check_name(name: &str, field: &str, findings: &mut Findings) {
    const HINT: &str = "a name is visible text on one line";
    if !name.chars().any(char::is_alphanumeric) {
        findings.error(format!("{field}: {name:?} has no letter or digit"), HINT);
    } else if name.len() > MAX_NAME {
        findings.error(format!("{field}: a name of {} bytes", name.len()), HINT);
    } else if name.trim() != name || name.chars().any(|c| c.is_control() || is_invisible(c)) {
        findings
            .error(format!("{field}: {name:?} has control or invisible characters or outer spaces"), HINT);
    }
}

/// Zero-width and direction marks, which make two names look alike.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn check_date(date: Option<&str>, field: &str, findings: &mut Findings) {
    if let Some(date) = date.filter(|date| parse_date(date).is_none()) {
        findings.error(
            format!("{field}: {date:?} is not a date"),
            "write a year, month or day: `2021`, `2021-10`, `2021-10-28`",
        );
    }
}

/// Year, month and day of a partial date; what is left out is 0.
pub(in crate::tag) fn parse_date(text: &str) -> Option<(i16, i8, i8)> {
    let mut parts = text.split('-');
    let year = number(parts.next()?, 4)?;
    let month =
        parts.next().map_or(Some(0), |part| number(part, 2).filter(|month| (1..=12).contains(month)))?;
    let day = parts.next().map_or(Some(0), |part| number(part, 2).filter(|day| (1..=31).contains(day)))?;
    if parts.next().is_some() || !(1600..=2200).contains(&year) {
        return None;
    }
    let (month, day) = (month as i8, day as i8);
    if day > 0 {
        jiff::civil::Date::new(year, month, day).ok()?;
    }
    Some((year, month, day))
}

fn number(text: &str, digits: usize) -> Option<i16> {
    (text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::super::Gazetteer;
    use super::*;

    #[test]
    fn malformed_lines_are_named_with_line_and_reason() {
        let good = r#"{"id":"acme","name":"Acme"}"#;
        for (line, reason) in [
            (r#"{"id":"acme","name":"Other"}"#, "l.jsonl:2: company `acme` is already on line 1"),
            (r#"{"name":"Other"}"#, "l.jsonl:2: company without an id"),
            (r#"{"id":"Ab c","name":"Other"}"#, "l.jsonl:2: company id \"Ab c\" is not a slug"),
            (r#"{"id":"b","name":" "}"#, "l.jsonl:2: name: \" \" has no letter or digit"),
            (r#"{"id":"b","name":"B","weak":[""]}"#, "l.jsonl:2: weak: \"\" has no letter or digit"),
            (
                r#"{"id":"b","name":"B\u0007c"}"#,
                "l.jsonl:2: name: \"B\\u{7}c\" has control or invisible characters or outer spaces",
            ),
            (
                r#"{"id":"b","name":"B\u200bc"}"#,
                "l.jsonl:2: name: \"B\\u{200b}c\" has control or invisible characters or outer spaces",
            ),
            (
                r#"{"id":"b","name":"B","tickers":["AMZN"]}"#,
                "l.jsonl:2: ticker \"AMZN\" is not EXCHANGE:SYMBOL",
            ),
            (
                r#"{"id":"b","name":"B","country":"USA"}"#,
                "l.jsonl:2: country \"USA\" is not a two-letter code",
            ),
            (
                r#"{"id":"b","name":"B","former":[{"name":"A","until":"2021-13"}]}"#,
                "l.jsonl:2: until: \"2021-13\" is not a date",
            ),
            (
                r#"{"id":"b","name":"B","divisions":[{"id":"d","name":"D","since":"20"}]}"#,
                "l.jsonl:2: since: \"20\" is not a date",
            ),
            (
                r#"{"id":"b","name":"B","divisions":[{"id":"d","name":"D"},{"id":"d","name":"E"}]}"#,
                "l.jsonl:2: division `d` stands twice under `b`",
            ),
            (
                r#"{"id":"b","name":"B","remove":true}"#,
                "l.jsonl:2: `remove` has no meaning in a list of its own",
            ),
        ] {
            let error = Gazetteer::from_jsonl(&format!("{good}\n{line}"), "l.jsonl").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Gazetteer, "{line}");
            assert_eq!(error.message(), reason, "{line}");
            assert!(error.hint().is_some(), "{line}");
        }
        for (line, part) in [
            (r#"{"id":"b","name":"B","kind":"club"}"#, "unknown variant `club`"),
            (r#"{"id":"b","name":"B","alias":["C"]}"#, "unknown field `alias`"),
            (r#"{"id":"b","name":"#, "l.jsonl:2: EOF"),
            ("[1]", "l.jsonl:2: "),
        ] {
            let error = Gazetteer::from_jsonl(&format!("{good}\n{line}"), "l.jsonl").unwrap_err();
            assert!(error.message().contains(part) && error.message().starts_with("l.jsonl:2: "), "{error}");
        }
    }

    #[test]
    fn comments_blank_lines_and_a_byte_order_mark_are_no_entries() {
        let list = "\u{feff}# companies\n\n{\"id\":\"acme\",\"name\":\"Acme\"}\r\n";
        assert_eq!(Gazetteer::from_jsonl(list, "l").unwrap().companies().len(), 1);
    }

    #[test]
    fn dates() {
        for (text, date) in [
            ("2021", Some((2021, 0, 0))),
            ("2021-10", Some((2021, 10, 0))),
            ("2021-10-28", Some((2021, 10, 28))),
            ("2021-02-30", None),
            ("21", None),
            ("2021-1", None),
            ("2021-10-28-1", None),
            ("+201", None),
            ("", None),
        ] {
            assert_eq!(parse_date(text), date, "{text}");
        }
    }
}
