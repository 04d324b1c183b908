//! Public sets of judged texts as passages. What lies in them is described where they lie; a clone does not have them.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::Path;

use dateline::eval::{Passage, Span};
use dateline::tag::Gazetteer;
use regex::Regex;
use serde_json::Value;

use crate::support::package;

/// Text put together from tokens as a reader would space them, with the place of each token.
struct Joined {
    text: String,
    tokens: Vec<Range<usize>>,
}

fn join<'t>(tokens: impl Iterator<Item = &'t str>) -> Joined {
    let mut joined = Joined { text: String::new(), tokens: Vec::new() };
    let mut is_glued = true;
    let mut is_quoted = false;
    for token in tokens.map(str::trim) {
        if token.is_empty() {
            joined.tokens.push(joined.text.len()..joined.text.len());
            continue;
        }
        let is_closing = token == "\"" && is_quoted;
        let clings =
            matches!(token, "," | "." | ";" | ":" | ")" | "]" | "?" | "!" | "%" | "”" | "’" | "''" | "n't")
                || token.starts_with(['\'', '’'])
                || is_closing;
        if !is_glued && !clings {
            joined.text.push(' ');
        }
        let start = joined.text.len();
        joined.text.push_str(token);
        joined.tokens.push(start..joined.text.len());
        if token == "\"" {
            is_quoted = !is_quoted;
        }
        is_glued = matches!(token, "(" | "[" | "$" | "£" | "€" | "“" | "``") || (token == "\"" && is_quoted);
    }
    joined
}

fn lines(path: &Path) -> impl Iterator<Item = Value> {
    let text = fs::read_to_string(path).unwrap();
    let values: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    values.into_iter()
}

/// Labels with Wikidata types: an organisation is a `Q43229` that is no `Q27096213` (a place). What has no label or no type
/// may be an organisation as well and is optional.
pub(crate) fn linked(path: &Path) -> Vec<Passage> {
    lines(path)
        .map(|record| {
            let raw = record["text"].as_str().unwrap();
            // Places are counted in characters, and the text is brought to single spaces with them.
            let (text, at) = single_spaces(raw);
            let spans = record["labels"].as_array().unwrap().iter().filter_map(|label| {
                let kinds: Vec<&str> = label["type"].as_str().unwrap().split('|').collect();
                let is_place = kinds.contains(&"Q27096213");
                let is_organisation = kinds.contains(&"Q43229") && !is_place;
                let is_open = kinds.contains(&"OTHER");
                let place = |end: usize| at[label["span"][end].as_u64().unwrap() as usize];
                (is_organisation || is_open).then(|| Span {
                    start: place(0),
                    end: place(1),
                    company: None,
                    is_optional: is_open,
                })
            });
            Passage {
                id: record["title"].as_str().unwrap().to_owned(),
                spans: Some(spans.filter(|span| span.start < span.end).collect()),
                text,
                ..Passage::default()
            }
        })
        .collect()
}

/// The text with single spaces, and for each character of the original its byte in it.
fn single_spaces(raw: &str) -> (String, Vec<usize>) {
    let mut text = String::new();
    let mut at = Vec::new();
    for letter in raw.chars() {
        if letter.is_whitespace() {
            at.push(text.len());
            if !text.is_empty() && !text.ends_with(' ') {
                text.push(' ');
            }
        } else {
            at.push(text.len());
            text.push(letter);
        }
    }
    at.push(text.len());
    let length = text.trim_end().len();
    text.truncate(length);
    (text, at.into_iter().map(|byte| byte.min(length)).collect())
}

/// Short names of authorities that a company or division shares.
const AUTHORITIES: [&str; 20] = [
    "SEC", "EU", "RBI", "IFC", "MPC", "BoE", "RBA", "FED", "Fed", "IRS", "ASIC", "ECB", "IMF", "UN", "CBA",
    "NSW", "FSI", "DOJ", "FTC", "WTO",
];

/// Financial news with a label a token: 5 begins an organisation, 6 goes on with it.
pub(crate) fn labelled_tokens(path: &Path) -> Vec<Passage> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let mut documents: BTreeMap<u32, Vec<(String, u8)>> = BTreeMap::new();
    for row in reader.records().map(Result::unwrap) {
        let document = documents.entry(row[2].parse().unwrap()).or_default();
        document.push((row[1].to_owned(), row[0].parse().unwrap()));
    }
    documents
        .into_iter()
        .map(|(number, tokens)| {
            // The hyphen of a name is a token of its own: "Wal", "-", "Mart".
            let mut glued: Vec<(String, u8)> = Vec::new();
            let mut is_open = false;
            for (token, label) in tokens {
                match glued.last_mut() {
                    Some(last) if label == 6 && (is_open || token == "-") => last.0.push_str(&token),
                    _ => glued.push((token.clone(), label)),
                }
                is_open = token == "-" && label == 6;
            }
            let tokens = glued;
            let joined = join(tokens.iter().map(|(token, _)| token.as_str()));
            let mut spans: Vec<Span> = Vec::new();
            for (place, (_, label)) in joined.tokens.iter().zip(&tokens) {
                match label {
                    5 => spans.push(Span { start: place.start, end: place.end, ..Span::default() }),
                    6 => spans.last_mut().unwrap().end = place.end,
                    _ => {}
                }
            }
            for span in &mut spans {
                // The symbol in "(NYSE : GRA)" proves the name before it and is none itself.
                let is_symbol = joined.text[..span.start].trim_end().ends_with(':');
                span.is_optional = is_symbol || AUTHORITIES.contains(&&joined.text[span.start..span.end]);
            }
            Passage {
                id: format!("document {number}"),
                text: joined.text,
                spans: Some(spans),
                ..Passage::default()
            }
        })
        .collect()
}

/// Sentences of filings with companies, business units and products; a unit or product of a company that the sentence says
/// it belongs to is judged with that company.
pub(crate) fn filings(path: &Path) -> Vec<Passage> {
    let records: Vec<Value> = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    records
        .iter()
        .enumerate()
        .map(|(number, record)| {
            let tokens = record["tokens"].as_array().unwrap();
            let joined = join(tokens.iter().map(|token| token.as_str().unwrap()));
            let entities = record["entities"].as_array().unwrap();
            let place = |entity: &Value| {
                let (start, end) =
                    (entity["start"].as_u64().unwrap() as usize, entity["end"].as_u64().unwrap() as usize);
                joined.tokens[start].start..joined.tokens[end - 1].end
            };
            let owner = |number: usize| {
                let relation = record["relations"].as_array().unwrap().iter().find(|relation| {
                    relation["head"] == number && matches!(relation["type"].as_str(), Some("Subsidiaryof"))
                })?;
                let owner = &entities[relation["tail"].as_u64().unwrap() as usize];
                (owner["type"] == "Company").then(|| joined.text[place(owner)].to_owned())
            };
            let spans = entities.iter().enumerate().filter_map(|(number, entity)| {
                let kind = entity["type"].as_str().unwrap();
                let is_judged = matches!(kind, "Company" | "BusinessUnit");
                // An exchange or an index is a financial entity, and a company may be one.
                let is_open = matches!(kind, "Product" | "FinancialEntity" | "Sector");
                let place = place(entity);
                (is_judged || is_open).then(|| Span {
                    start: place.start,
                    end: place.end,
                    company: owner(number),
                    is_optional: is_open,
                })
            });
            Passage {
                id: format!("sentence {number}"),
                spans: Some(spans.collect()),
                text: joined.text.clone(),
                ..Passage::default()
            }
        })
        .collect()
}

/// Passages of market reports in which companies are annotated, among indices and commodities.
pub(crate) fn market_reports(path: &Path) -> Vec<Passage> {
    lines(path)
        .enumerate()
        .map(|(number, record)| {
            let (text, at) = single_spaces(record["content"].as_str().unwrap());
            let spans = record["annotations"].as_array().unwrap().iter().map(|annotation| {
                let place = |key: &str| at[annotation[key].as_u64().unwrap() as usize];
                Span { start: place("start"), end: place("end"), ..Span::default() }
            });
            let spans = spans.filter(|span| span.start < span.end).collect();
            Passage { id: format!("passage {number}"), text, spans: Some(spans), ..Passage::default() }
        })
        .collect()
}

/// An article of the Reuters collection.
pub(crate) struct Wire {
    pub(crate) id: String,
    pub(crate) topics: Vec<String>,
    pub(crate) passage: Passage,
}

/// The articles of the collection with the marks that editors put behind names (`<GM>`, `<Paxar Corp>`) taken out, except that
/// a marked name without a symbol keeps its name.
pub(crate) fn wire(folder: &Path) -> Vec<Wire> {
    let article = Regex::new(r#"(?s)<REUTERS [^>]*NEWID="(\d+)">(.*?)</REUTERS>"#).unwrap();
    let field = |name: &str| Regex::new(&format!("(?s)<{name}>(.*?)</{name}>")).unwrap();
    let (title, body, topics) = (field("TITLE"), field("BODY"), field("TOPICS"));
    let topic = Regex::new("<D>(.*?)</D>").unwrap();
    let symbol = Regex::new(r" ?<[A-Z][A-Z0-9.&]*>").unwrap();
    let marked = Regex::new(r"<([^<>]{2,60})>").unwrap();
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "sgm"))
        .collect();
    files.sort();
    let mut found = Vec::new();
    for file in files {
        let text = fs::read(file).unwrap();
        let text = String::from_utf8_lossy(&text);
        for record in article.captures_iter(&text) {
            let content = &record[2];
            let clean = |text: &str| {
                let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
                let text = symbol.replace_all(&text, "");
                marked.replace_all(&text, "$1").into_owned()
            };
            let of = |field: &Regex| field.captures(content).map_or(String::new(), |found| clean(&found[1]));
            let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            let paragraphs: Vec<String> = of(&body)
                .split("\n    ")
                .map(one_line)
                .filter(|paragraph| !paragraph.is_empty() && !paragraph.starts_with("Reuter "))
                .collect();
            if paragraphs.is_empty() {
                continue;
            }
            let topics = topics.captures(content).map_or(Vec::new(), |found| {
                topic.captures_iter(&found[1]).map(|found| found[1].to_owned()).collect()
            });
            found.push(Wire {
                id: record[1].to_owned(),
                topics,
                passage: Passage {
                    id: record[1].to_owned(),
                    title: Some(one_line(&of(&title))).filter(|title| !title.is_empty()),
                    text: paragraphs.join("\n\n"),
                    ..Passage::default()
                },
            });
        }
    }
    found
}

/// Companies that the marks of the articles name, as far as the gazetteer holds them: by article. The words before a mark are
/// cut at the longest name that it resolves; in a line of capitals, where a name has no visible beginning, to a name of two
/// words or the whole.
pub(crate) fn marks(path: &Path, gazetteer: &Gazetteer) -> BTreeMap<String, Vec<String>> {
    use dateline::tag::Resolution;
    use dateline::text::fold::fold_name;
    const FORMS: [&str; 14] =
        ["co", "corp", "inc", "plc", "ltd", "cos", "company", "sa", "nv", "ag", "spa", "pty", "and", "lp"];
    let names: std::collections::HashSet<String> = gazetteer
        .companies()
        .flat_map(|company| {
            let former = company.former.iter().map(|former| &former.name);
            [&company.name].into_iter().chain(&company.legal).chain(&company.aliases).chain(former)
        })
        .map(|name| fold_name(name))
        .collect();
    let held = |words: &[&str]| {
        let mut words = words.to_vec();
        loop {
            let name = words.join(" ");
            if names.contains(&fold_name(&name))
                && let Resolution::One(entity) = gazetteer.resolve(&name)
            {
                return Some(entity.company().to_owned());
            }
            let last = words.last()?.trim_matches(['.', ',']).to_lowercase();
            if words.len() < 2 || !FORMS.contains(&last.as_str()) {
                return None;
            }
            words.pop();
        }
    };
    let mut judged: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let text = fs::read_to_string(path).unwrap();
    for row in text.lines().skip(1) {
        let columns: Vec<&str> = row.split('\t').collect();
        let [id, _, mark, kind, before] = columns[..] else { continue };
        let phrase = if kind == "name" { mark } else { before.rsplit(['/', '"']).next().unwrap() };
        let words: Vec<&str> =
            phrase.split_whitespace().map(|word| word.strip_suffix("'s").unwrap_or(word)).collect();
        let is_capital =
            |word: &str| word.starts_with(|letter: char| letter.is_uppercase() || letter.is_numeric());
        let all_capitals = phrase == phrase.to_uppercase();
        for from in 0..words.len() {
            // A name begins behind a small word.
            let is_inside = from > 0 && is_capital(words[from - 1]);
            if !is_capital(words[from]) || (is_inside && (!all_capitals || words.len() - from < 2)) {
                continue;
            }
            if let Some(company) = held(&words[from..]) {
                let companies = judged.entry(id.to_owned()).or_default();
                if !companies.contains(&company) {
                    companies.push(company);
                }
                break;
            }
        }
    }
    judged
}

/// Abstracts in which few companies are named: those of `tests/gold/abstract-companies.tsv`.
pub(crate) fn abstracts(set: &str, path: &Path) -> Vec<Passage> {
    let list = fs::read_to_string(package().join("tests/gold/abstract-companies.tsv")).unwrap();
    let mut named: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for line in list.lines().filter(|line| !line.starts_with('#')) {
        let [of, id, company] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        if of == set {
            named.entry(id).or_default().push(company.to_owned());
        }
    }
    lines(path)
        .filter(|record| !record["body"].as_str().unwrap().trim().is_empty())
        .map(|record| {
            let id = record["id"].as_str().unwrap();
            Passage {
                id: id.to_owned(),
                title: record["title"].as_str().map(str::to_owned),
                text: record["body"].as_str().unwrap().to_owned(),
                companies: Some(named.remove(id).unwrap_or_default()),
                ..Passage::default()
            }
        })
        .collect()
}
