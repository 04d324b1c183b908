//! From a name that a user types to a company or division.
//!
//! A query names a handful of companies, so the list is walked once a name and nothing is built for it: names are
//! compared letter by letter with the typed one, and almost all differ in the first.

use super::{Company, Division, Gazetteer};
use crate::text::edit_distance;
use crate::text::fold::fold_char;

/// A company or one of its divisions.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Entity {
    /// `company` or `company/division`.
    pub path: String,
    /// Display name.
    pub name: String,
}

impl Entity {
    /// The id of the company, also for a division.
    pub fn company(&self) -> &str {
        self.path.split('/').next().unwrap_or(&self.path)
    }

    /// Whether it is a division.
    pub fn is_division(&self) -> bool {
        self.path.contains('/')
    }
}

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// Exactly one company or division.
    One(Entity),
    /// Several with equal right, at most [`MAX_CANDIDATES`]; companies first.
    Ambiguous(Vec<Entity>),
    /// None; display names that are close to it, the closest first.
    Unknown(Vec<String>),
}

/// How many candidates an ambiguous name lists.
pub const MAX_CANDIDATES: usize = 8;
const MAX_SUGGESTIONS: usize = 3;
/// Longest text that is compared with names; a longer one is no name.
const MAX_TYPED: usize = 200;

/// Why an entry answers to a name; the smaller, the better.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Id,
    CompanyName,
    CompanyStrong,
    CompanyFormer,
    CompanyWeak,
    DivisionName,
    DivisionStrong,
    DivisionWeak,
    SymbolAlone,
}

pub(super) fn resolve(gazetteer: &Gazetteer, typed: &str) -> Resolution {
    known(gazetteer, typed).unwrap_or_else(|| {
        let key = fold_key(typed);
        let is_name = !key.is_empty() && typed.len() <= MAX_TYPED;
        Resolution::Unknown(if is_name { suggestions(gazetteer, &key) } else { Vec::new() })
    })
}

/// The same; `None` where nothing has the name, without a look for what is near to it.
pub(super) fn known(gazetteer: &Gazetteer, typed: &str) -> Option<Resolution> {
    let typed = typed.trim();
    if typed.len() > MAX_TYPED {
        return None;
    }
    if let Some(answer) = resolve_path(gazetteer, typed) {
        return Some(answer);
    }
    let key = fold_key(typed);
    if let Some(answer) = resolve_ticker(gazetteer, typed) {
        return Some(answer);
    }
    if key.is_empty() {
        return None;
    }
    let mut best: Option<Fit> = None;
    let mut found: Vec<Entity> = Vec::new();
    let mut take = |fit: Fit, entity: &dyn Fn() -> Entity| {
        if best.is_none_or(|best| fit < best) {
            best = Some(fit);
            found.clear();
        }
        if best == Some(fit) {
            found.push(entity());
        }
    };
    for company in gazetteer.companies() {
        if let Some(fit) = fit_company(company, typed, &key) {
            take(fit, &|| company_entity(company));
        }
        for division in &company.divisions {
            if let Some(fit) = fit_division(division, &key) {
                take(fit, &|| division_entity(company, division));
            }
        }
    }
    prefer_current(gazetteer, &mut found);
    match found.len() {
        0 => None,
        1 => Some(Resolution::One(found.swap_remove(0))),
        _ => {
            found.truncate(MAX_CANDIDATES);
            Some(Resolution::Ambiguous(found))
        }
    }
}

/// `amazon`, `amazon/aws`, `/Amazon/Prime Video`: ids and, level by level, names.
fn resolve_path(gazetteer: &Gazetteer, typed: &str) -> Option<Resolution> {
    let path = typed.strip_prefix('/').unwrap_or(typed);
    let Some((company, division)) = path.split_once('/') else {
        return gazetteer.company(path).map(|company| Resolution::One(company_entity(company)));
    };
    let company = match gazetteer.company(company) {
        Some(company) => company,
        None => match known(gazetteer, company)? {
            Resolution::One(entity) if !entity.is_division() => gazetteer.company(&entity.path)?,
            _ => return None,
        },
    };
    let is_exact = |candidate: &&Division| candidate.id == division;
    let was_exact = |candidate: &&Division| candidate.former_ids.iter().any(|id| id == division);
    let mut divisions = company.divisions.iter();
    if let Some(exact) = divisions.clone().find(is_exact).or_else(|| divisions.find(was_exact)) {
        return Some(Resolution::One(division_entity(company, exact)));
    }
    let key = fold_key(division);
    let mut fits: Vec<_> = company
        .divisions
        .iter()
        .filter_map(|candidate| fit_division(candidate, &key).map(|fit| (fit, candidate)))
        .collect();
    fits.sort_by_key(|(fit, _)| *fit);
    let Some(best) = fits.first().map(|(fit, _)| *fit) else {
        return Some(Resolution::Unknown(near_divisions(company, &key)));
    };
    let mut same: Vec<_> = fits
        .iter()
        .filter(|(fit, _)| *fit == best)
        .map(|(_, candidate)| division_entity(company, candidate))
        .collect();
    Some(if same.len() == 1 { Resolution::One(same.swap_remove(0)) } else { Resolution::Ambiguous(same) })
}

/// `$AMZN`, `NASDAQ:AMZN`.
fn resolve_ticker(gazetteer: &Gazetteer, typed: &str) -> Option<Resolution> {
    let (exchange, symbol) = match typed.strip_prefix('$') {
        Some(symbol) => (None, symbol),
        None => {
            let (exchange, symbol) = typed.split_once(':')?;
            (Some(exchange.trim()), symbol.trim())
        }
    };
    let mut found: Vec<Entity> = gazetteer
        .companies()
        .filter(|company| {
            company.tickers.iter().filter_map(|ticker| ticker.split_once(':')).any(|(on, listed)| {
                listed.eq_ignore_ascii_case(symbol)
                    && exchange.is_none_or(|exchange| on.eq_ignore_ascii_case(exchange))
            })
        })
        .map(company_entity)
        .collect();
    match found.len() {
        0 => None,
        1 => Some(Resolution::One(found.swap_remove(0))),
        _ => {
            found.truncate(MAX_CANDIDATES);
            Some(Resolution::Ambiguous(found))
        }
    }
}

fn fit_company(company: &Company, typed: &str, key: &str) -> Option<Fit> {
    let is = |name: &String| same_name(name, key);
    if same_name(&company.id, key) || company.former_ids.iter().any(|id| same_name(id, key)) {
        return Some(Fit::Id);
    }
    if is(&company.name) {
        return Some(Fit::CompanyName);
    }
    if company.aliases.iter().any(is) || company.legal.iter().any(is) {
        return Some(if company.weak.iter().any(is) { Fit::CompanyWeak } else { Fit::CompanyStrong });
    }
    if company.former.iter().any(|former| is(&former.name)) {
        return Some(Fit::CompanyFormer);
    }
    if company.weak.iter().any(is) {
        return Some(Fit::CompanyWeak);
    }
    // Only in capitals: somebody who types `it` or `all` does not think of a symbol.
    let capitals = typed.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let symbol = |ticker: &String| ticker.split_once(':').is_some_and(|(_, symbol)| symbol == typed);
    (capitals && company.tickers.iter().any(symbol)).then_some(Fit::SymbolAlone)
}

fn fit_division(division: &Division, key: &str) -> Option<Fit> {
    let is = |name: &String| same_name(name, key);
    if is(&division.name) {
        return Some(Fit::DivisionName);
    }
    if division.weak.iter().any(is) {
        return Some(Fit::DivisionWeak);
    }
    (division.aliases.iter().any(is)).then_some(Fit::DivisionStrong)
}

/// Of a division that passed from one company to another, only the present owner's is left.
fn prefer_current(gazetteer: &Gazetteer, found: &mut Vec<Entity>) {
    let current =
        |entity: &Entity| gazetteer.division(&entity.path).is_none_or(|division| division.until.is_none());
    if found.len() > 1 && found.iter().any(current) {
        found.retain(current);
    }
}

fn company_entity(company: &Company) -> Entity {
    Entity { path: company.id.clone(), name: company.name.clone() }
}

fn division_entity(company: &Company, division: &Division) -> Entity {
    Entity { path: format!("{}/{}", company.id, division.id), name: division.name.clone() }
}

/// Letters, digits and the marks that tell names apart (`Disney+`), folded.
pub(in crate::tag) fn fold_key(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    for letter in text.chars().filter(|letter| counts(*letter)) {
        fold_char(letter, &mut key);
    }
    key
}

fn counts(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '+'
}

/// Whether a name of the list is `key` when folded, without building its folded form where the first letter already
/// differs.
fn same_name(name: &str, key: &str) -> bool {
    let Some(first) = name.bytes().next() else { return false };
    if first.is_ascii_alphanumeric() && key.as_bytes().first() != Some(&first.to_ascii_lowercase()) {
        return false;
    }
    let mut rest = key;
    let mut folded = String::new();
    for letter in name.chars().filter(|letter| counts(*letter)) {
        folded.clear();
        fold_char(letter, &mut folded);
        match rest.strip_prefix(folded.as_str()) {
            Some(left) => rest = left,
            None => return false,
        }
    }
    rest.is_empty()
}

/// Letters that may differ between a name and one that is suggested for it.
fn allowed_slips(key: &str) -> usize {
    match key.chars().count() {
        0..=2 => 0,
        3..=5 => 1,
        _ => 2,
    }
}

/// Divisions of a company that a name may be misspelt for.
fn near_divisions(company: &Company, key: &str) -> Vec<String> {
    let allowed = allowed_slips(key);
    let is_near = |name: &String| edit_distance(key, &fold_key(name)) <= allowed;
    let mut near: Vec<String> = company
        .divisions
        .iter()
        .filter(|division| is_near(&division.name) || division.aliases.iter().any(is_near))
        .map(|division| division.name.clone())
        .collect();
    near.truncate(MAX_SUGGESTIONS);
    near
}

/// Display names near a name that nothing answers to: a slip of the pen first, then what begins with it.
fn suggestions(gazetteer: &Gazetteer, key: &str) -> Vec<String> {
    let length = key.chars().count();
    let allowed = allowed_slips(key);
    let mut near: Vec<(usize, &str)> = Vec::new();
    for company in gazetteer.companies() {
        let names = std::iter::once(&company.name).chain(&company.aliases).chain(&company.weak);
        let own = names.map(|name| (name, company.name.as_str()));
        let divisions = company.divisions.iter().map(|division| (&division.name, division.name.as_str()));
        for (name, display) in own.chain(divisions) {
            if name.len() > MAX_TYPED {
                continue;
            }
            let candidate = fold_key(name);
            let candidate_length = candidate.chars().count();
            let distance = if candidate_length.abs_diff(length) <= allowed {
                edit_distance(key, &candidate)
            } else {
                usize::MAX
            };
            if distance <= allowed {
                // What is shown was meant rather than another name of the same company.
                near.push((distance * 10 + usize::from(name != display), display));
            } else if length >= 3 && candidate.starts_with(key) {
                near.push((30 + candidate_length - length, display));
            }
        }
    }
    near.sort_unstable();
    let mut names: Vec<String> = Vec::new();
    for (_, display) in near {
        if !names.iter().any(|name| name == display) {
            names.push(display.to_owned());
        }
        if names.len() == MAX_SUGGESTIONS {
            break;
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = r#"{"id":"alphabet-soup","name":"Alphabet Soup"}
{"id":"amcon-distributing","name":"AMCON Distributing","aliases":["AMCON"]}
{"id":"amazon","name":"Amazon","legal":["Amazon.com, Inc."],"weak":["Amazon"],"tickers":["NASDAQ:AMZN"],"divisions":[{"id":"aws","name":"AWS","aliases":["Amazon Web Services"]},{"id":"luna","name":"Luna","weak":["Luna"]}]}
{"id":"constellation-brands","name":"Constellation Brands","weak":["Constellation"],"tickers":["NYSE:STZ"]}
{"id":"constellation-energy","name":"Constellation Energy","weak":["Constellation"],"tickers":["NASDAQ:CEG"]}
{"id":"disney","name":"Disney","divisions":[{"id":"disney-plus","name":"Disney+"},{"id":"hulu","name":"Hulu","since":"2019"}]}
{"id":"comcast","name":"Comcast","divisions":[{"id":"hulu","name":"Hulu","until":"2023"}]}
{"id":"fitbit","name":"Fitbit","tickers":["NYSE:FIT"]}
{"id":"google","name":"Google","aliases":["Google Inc"],"weak":["Alphabet"],"divisions":[{"id":"fitbit","name":"Fitbit"}]}
{"id":"loreal","name":"L’Oréal"}
{"id":"meta","name":"Meta","weak":["Meta"],"former":[{"name":"Facebook"}],"divisions":[{"id":"facebook","name":"Facebook"}]}
{"id":"it-works","name":"It Works","tickers":["NYSE:IT"]}"#;

    #[test]
    fn names_resolve_to_the_best_fit() {
        let gazetteer = Gazetteer::from_jsonl(LIST, "list").unwrap();
        for (typed, expected) in [
            ("amazon", "amazon"),
            ("AMAZON", "amazon"),
            ("Amazon.com Inc", "amazon"),
            ("$AMZN", "amazon"),
            ("$amzn", "amazon"),
            ("NASDAQ:AMZN", "amazon"),
            ("AMZN", "amazon"),
            ("amazon/aws", "amazon/aws"),
            ("/Amazon/Amazon Web Services", "amazon/aws"),
            ("aws", "amazon/aws"),
            ("luna", "amazon/luna"),
            ("Alphabet", "google"),
            ("facebook", "meta"),
            ("meta/facebook", "meta/facebook"),
            ("fitbit", "fitbit"),
            ("L'Oreal", "loreal"),
            ("loréal", "loreal"),
            ("disney", "disney"),
            ("Disney+", "disney/disney-plus"),
            ("hulu", "disney/hulu"),
            ("constellation energy", "constellation-energy"),
            ("IT", "it-works"),
        ] {
            match gazetteer.resolve(typed) {
                Resolution::One(entity) => assert_eq!(entity.path, expected, "{typed}"),
                other => panic!("{typed}: {other:?}"),
            }
        }
    }

    #[test]
    fn ties_are_listed_and_slips_corrected() {
        let gazetteer = Gazetteer::from_jsonl(LIST, "list").unwrap();
        let Resolution::Ambiguous(candidates) = gazetteer.resolve("Constellation") else { panic!() };
        let paths: Vec<_> = candidates.iter().map(|entity| entity.path.as_str()).collect();
        assert_eq!(paths, ["constellation-brands", "constellation-energy"]);
        for (typed, expected) in [
            ("amazn", &["Amazon"][..]),
            ("amzon", &["Amazon", "AMCON Distributing"]),
            ("gogle", &["Google"]),
            ("conste", &["Constellation Brands", "Constellation Energy"]),
            ("it", &[]),
            ("qqqqqq", &[]),
            ("", &[]),
            ("$", &[]),
            ("amazon/none", &[]),
            ("amazon/lunar", &["Luna"]),
        ] {
            assert_eq!(
                gazetteer.resolve(typed),
                Resolution::Unknown(expected.iter().map(|&name| name.to_owned()).collect()),
                "{typed}"
            );
        }
    }
}
