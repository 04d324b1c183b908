//! Reads company lists and overlays: one JSON object a line, checked as a whole before anything is used.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;

use super::{Company, CompanyKind, Division, FormerName};
use crate::error::{Error, ErrorKind, Result};

/// Longest list that is read. It also bounds the matcher that the tagger builds from it.
const MAX_BYTES: usize = 64 << 20;
/// Longest name, in bytes.
const MAX_NAME: usize = 200;

/// A line of a list: the fields of a [`Company`] and, in an overlay, what is to be done with it.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Line {
    id: String,
    name: String,
    kind: Option<CompanyKind>,
    legal: Vec<String>,
    aliases: Vec<String>,
    weak: Vec<String>,
    familiar: Vec<String>,
    tickers: Vec<String>,
    sector: Option<String>,
    industry: Option<String>,
    country: Option<String>,
    former: Vec<FormerName>,
    people: Vec<String>,
    epithets: Vec<String>,
    domains: Vec<String>,
    cues: Vec<String>,
    veto: Vec<String>,
    divisions: Vec<Division>,
    extend: bool,
    remove: bool,
}

impl Line {
    fn into_company(self) -> Company {
        Company {
            id: self.id,
            name: self.name,
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
            divisions: self.divisions,
        }
    }
}

/// Where a line stands, for errors.
struct Place<'a> {
    file: &'a str,
    line: usize,
}

impl Place<'_> {
    fn error(&self, reason: impl std::fmt::Display, hint: &str) -> Error {
        Error::new(ErrorKind::Gazetteer, format!("{}:{}: {reason}", self.file, self.line)).with_hint(hint)
    }
}

/// The companies of a complete list.
pub(super) fn read_list(text: &str, file: &str) -> Result<Vec<Company>> {
    let mut companies = Vec::new();
    let mut first_line: HashMap<String, usize> = HashMap::new();
    for_each_line(text, file, |line, place| {
        if line.extend || line.remove {
            return Err(place.error(
                "`extend` and `remove` have no meaning in a list of its own",
                "use them in an overlay, or leave them out",
            ));
        }
        if let Some(first) = first_line.insert(line.id.clone(), place.line) {
            return Err(place.error(
                format_args!("company `{}` is already on line {first}", line.id),
                "give every company an id of its own, or put both lines into one",
            ));
        }
        check_company(&line, place)?;
        companies.push(line.into_company());
        Ok(())
    })?;
    Ok(companies)
}

/// `base` with the lines of an overlay applied in order.
pub(super) fn read_overlay(base: Vec<Company>, text: &str, file: &str) -> Result<Vec<Company>> {
    let mut places: HashMap<String, usize> =
        base.iter().enumerate().map(|(place, company)| (company.id.clone(), place)).collect();
    let mut companies: Vec<Option<Company>> = base.into_iter().map(Some).collect();
    for_each_line(text, file, |line, place| {
        let known = places.get(&line.id).copied();
        if line.remove || line.extend {
            let Some(entry) = known.and_then(|known| companies.get_mut(known)) else {
                return Err(place.error(
                    format_args!("there is no company `{}` to {}", line.id, verb(&line)),
                    "`dateline companies NAME` shows the ids",
                ));
            };
            if line.remove {
                *entry = None;
                places.remove(&line.id);
                return Ok(());
            }
            let extended = extend(entry.take().unwrap_or_default(), line);
            check_company(&from_company(&extended), place)?;
            *entry = Some(extended);
            return Ok(());
        }
        check_company(&line, place)?;
        match known.and_then(|known| companies.get_mut(known)) {
            Some(entry) => *entry = Some(line.into_company()),
            None => {
                places.insert(line.id.clone(), companies.len());
                companies.push(Some(line.into_company()));
            }
        }
        Ok(())
    })?;
    Ok(companies.into_iter().flatten().collect())
}

fn verb(line: &Line) -> &'static str {
    if line.remove { "remove" } else { "extend" }
}

/// Adds the lists of an overlay line to a company; single values replace, divisions are joined by id. A name that
/// the overlay calls strong leaves the weak list, and the other way round.
fn extend(mut company: Company, line: Line) -> Company {
    company.weak.retain(|name| !line.aliases.contains(name));
    company.aliases.retain(|name| !line.weak.contains(name));
    if !line.name.is_empty() {
        company.name = line.name;
    }
    company.kind = line.kind.unwrap_or(company.kind);
    company.sector = line.sector.or(company.sector);
    company.industry = line.industry.or(company.industry);
    company.country = line.country.or(company.country);
    for (into, from) in [
        (&mut company.legal, line.legal),
        (&mut company.aliases, line.aliases),
        (&mut company.weak, line.weak),
        (&mut company.familiar, line.familiar),
        (&mut company.tickers, line.tickers),
        (&mut company.people, line.people),
        (&mut company.epithets, line.epithets),
        (&mut company.domains, line.domains),
        (&mut company.cues, line.cues),
        (&mut company.veto, line.veto),
    ] {
        append(into, from);
    }
    for former in line.former {
        if !company.former.contains(&former) {
            company.former.push(former);
        }
    }
    for division in line.divisions {
        match company.divisions.iter_mut().find(|known| known.id == division.id) {
            Some(known) => {
                known.weak.retain(|name| !division.aliases.contains(name));
                known.aliases.retain(|name| !division.weak.contains(name));
                if !division.name.is_empty() {
                    known.name = division.name;
                }
                append(&mut known.aliases, division.aliases);
                append(&mut known.weak, division.weak);
                append(&mut known.familiar, division.familiar);
                append(&mut known.cues, division.cues);
                append(&mut known.veto, division.veto);
                known.since = division.since.or(known.since.take());
                known.until = division.until.or(known.until.take());
            }
            None => company.divisions.push(division),
        }
    }
    company
}

fn append(into: &mut Vec<String>, from: Vec<String>) {
    for text in from {
        if !into.contains(&text) {
            into.push(text);
        }
    }
}

/// The line that a company would be read from; an extended company passes the same checks as a written one.
fn from_company(company: &Company) -> Line {
    let company = company.clone();
    Line {
        id: company.id,
        name: company.name,
        kind: Some(company.kind),
        legal: company.legal,
        aliases: company.aliases,
        weak: company.weak,
        familiar: company.familiar,
        tickers: company.tickers,
        sector: company.sector,
        industry: company.industry,
        country: company.country,
        former: company.former,
        people: company.people,
        epithets: company.epithets,
        domains: company.domains,
        cues: company.cues,
        veto: company.veto,
        divisions: company.divisions,
        extend: false,
        remove: false,
    }
}

fn for_each_line(
    text: &str,
    file: &str,
    mut visit: impl FnMut(Line, &Place<'_>) -> Result<()>,
) -> Result<()> {
    if text.len() > MAX_BYTES {
        let size = text.len() >> 20;
        return Err(Error::new(
            ErrorKind::Gazetteer,
            format!("{file}: a list of {size} MiB, over the limit of {} MiB", MAX_BYTES >> 20),
        )
        .with_hint("keep to the companies that occur in your articles"));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (index, content) in text.lines().enumerate() {
        let content = content.trim();
        // A line for people is no entry.
        if content.is_empty() || content.starts_with('#') || content.starts_with("//") {
            continue;
        }
        let place = Place { file, line: index + 1 };
        let line: Line = serde_json::from_str(content).map_err(|error| {
            let column = error.column();
            let reason = error.to_string();
            let reason = reason.split(" at line ").next().unwrap_or("not readable").to_owned();
            place
                .error(
                    format_args!("{reason} (column {column})"),
                    "every line is one JSON object, as in `dateline companies --format jsonl`",
                )
                .caused_by(error)
        })?;
        check_id(&line.id, "company", &place)?;
        visit(line, &place)?;
    }
    Ok(())
}

fn check_id(id: &str, what: &str, place: &Place<'_>) -> Result<()> {
    const HINT: &str = "an id is made of lower-case letters, digits and hyphens: `general-motors`";
    if id.is_empty() {
        return Err(place.error(format_args!("{what} without an id"), HINT));
    }
    let legal = id.len() <= MAX_NAME
        && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !id.starts_with('-')
        && !id.ends_with('-');
    if legal { Ok(()) } else { Err(place.error(format_args!("{what} id {id:?} is not a slug"), HINT)) }
}

fn check_company(line: &Line, place: &Place<'_>) -> Result<()> {
    check_name(&line.name, "name", place)?;
    for (field, names) in [
        ("legal", &line.legal),
        ("aliases", &line.aliases),
        ("weak", &line.weak),
        ("familiar", &line.familiar),
        ("people", &line.people),
        ("epithets", &line.epithets),
        ("domains", &line.domains),
        ("cues", &line.cues),
        ("veto", &line.veto),
    ] {
        for name in names {
            check_name(name, field, place)?;
        }
    }
    for ticker in &line.tickers {
        let legal = ticker.split_once(':').is_some_and(|(exchange, symbol)| {
            let plain = |text: &str| {
                !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || ".-/& ".contains(c))
            };
            plain(exchange) && plain(symbol)
        });
        if !legal {
            return Err(place.error(
                format_args!("ticker {ticker:?} is not EXCHANGE:SYMBOL"),
                "write it like `NASDAQ:AMZN`",
            ));
        }
    }
    if let Some(country) = &line.country
        && !(country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase()))
    {
        return Err(place.error(
            format_args!("country {country:?} is not a two-letter code"),
            "use ISO 3166 alpha-2, as in `US`",
        ));
    }
    for former in &line.former {
        check_name(&former.name, "former", place)?;
        check_date(former.until.as_deref(), "until", place)?;
    }
    let mut seen = HashSet::new();
    for division in &line.divisions {
        check_id(&division.id, "division", place)?;
        if !seen.insert(division.id.as_str()) {
            return Err(place.error(
                format_args!("division `{}` stands twice under `{}`", division.id, line.id),
                "give every division an id of its own within the company",
            ));
        }
        check_name(&division.name, "division name", place)?;
        for names in [&division.aliases, &division.weak, &division.familiar, &division.cues, &division.veto] {
            for name in names {
                check_name(name, "division alias", place)?;
            }
        }
        check_date(division.since.as_deref(), "since", place)?;
        check_date(division.until.as_deref(), "until", place)?;
    }
    Ok(())
}

fn check_name(name: &str, field: &str, place: &Place<'_>) -> Result<()> {
    const HINT: &str = "a name is visible text on one line";
    if !name.chars().any(char::is_alphanumeric) {
        return Err(place.error(format_args!("{field}: {name:?} has no letter or digit"), HINT));
    }
    if name.len() > MAX_NAME {
        return Err(place.error(format_args!("{field}: a name of {} bytes", name.len()), HINT));
    }
    if name.trim() != name || name.chars().any(|c| c.is_control() || is_invisible(c)) {
        return Err(place.error(
            format_args!("{field}: {name:?} has control or invisible characters or outer spaces"),
            HINT,
        ));
    }
    Ok(())
}

/// Zero-width and direction marks, which make two names look alike.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn check_date(date: Option<&str>, field: &str, place: &Place<'_>) -> Result<()> {
    let Some(date) = date else { return Ok(()) };
    if parse_date(date).is_some() {
        return Ok(());
    }
    Err(place.error(
        format_args!("{field}: {date:?} is not a date"),
        "write a year, month or day: `2021`, `2021-10`, `2021-10-28`",
    ))
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
                "l.jsonl:2: `extend` and `remove` have no meaning in a list of its own",
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

        for line in [r#"{"id":"none","extend":true}"#, r#"{"id":"none","remove":true}"#] {
            let error = base.with_overlay(line, "m").unwrap_err();
            assert!(error.message().starts_with("m:1: there is no company `none`"), "{error}");
        }
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
