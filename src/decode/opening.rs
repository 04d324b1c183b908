//! The dateline that a text opens with: `SEATTLE, Jan. 14, 2026 (Agency) — Amazon said …`.

use crate::text::date::{self, Parts};

/// Longest dateline, in bytes.
const LONGEST: usize = 110;

/// What the dateline says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Opening {
    /// `SEATTLE`, `ST. PAUL, Minn.`
    pub(super) place: Option<String>,
    /// The date, as far as it is given.
    pub(super) date: Option<Parts>,
    /// `Reuters` of `LONDON (Reuters) -`.
    pub(super) agency: Option<String>,
    /// Bytes of the text that it takes, its dash and the space behind included.
    pub(super) length: usize,
}

/// Reads the dateline; all fields are empty where there is none.
pub(super) fn read(body: &str) -> Opening {
    find(body).unwrap_or_default()
}

fn find(body: &str) -> Option<Opening> {
    let head = &body[..body.floor_char_boundary(LONGEST)];
    let head = head.split('\n').next()?;
    // "(ANSA) - ROMA, 14 GEN - …": the agency first.
    let (first, start) = match head.strip_prefix('(').and_then(|rest| rest.split_once(") - ")) {
        Some((agency, _)) if is_agency(agency) => (Some(agency), agency.len() + ") - (".len()),
        _ => (None, 0),
    };
    let rest = &head[start..];
    let (at, dash) = [" — ", " – ", " -- ", " - ", ".- ", "—"]
        .iter()
        .filter_map(|dash| rest.find(dash).map(|at| (at, *dash)))
        .min_by_key(|(at, _)| *at)?;
    let mut opening = Opening { length: start + at + dash.len(), ..parted(&rest[..at]) };
    opening.agency = opening.agency.or(first.map(str::to_owned));
    let place = opening.place.as_deref()?;
    // A place in small letters is known by what stands beside it: "Berlin (dpa) - …", "São Paulo, 14 de janeiro de 2026 - …".
    let is_known = opening.agency.as_deref().is_some_and(is_agency)
        || opening.date.is_some_and(|date| date.day.is_some());
    (is_place(place) || is_known && is_name(place)).then_some(opening)
}

/// Agencies that put their name into the dateline, in the languages of the corpus.
fn is_agency(name: &str) -> bool {
    const AGENCIES: [&str; 22] = [
        "afp",
        "aga",
        "anp",
        "ansa",
        "ap",
        "apa",
        "awp",
        "belga",
        "dj",
        "dpa",
        "dpa-afx",
        "efe",
        "epd",
        "europa press",
        "kna",
        "lusa",
        "reuters",
        "sda",
        "sid",
        "ots",
        "keystone-sda",
        "adnkronos",
    ];
    AGENCIES.contains(&name.trim().to_lowercase().split(['/', ',']).next().unwrap_or_default())
}

/// Words with capitals, with small ones between them: `Frankfurt am Main`, `Rio de Janeiro`.
fn is_name(place: &str) -> bool {
    let words: Vec<&str> = place.split([' ', ',', '/']).filter(|word| !word.is_empty()).collect();
    (1..=4).contains(&words.len())
        && words.first().is_some_and(|word| word.starts_with(char::is_uppercase))
        && words.iter().all(|word| word.starts_with(char::is_uppercase) || word.len() <= 3)
        && !place.chars().any(|letter| letter.is_ascii_digit())
}

/// The parts of a text that is known to be a dateline, however its place is written. What follows a dash is text already, and
/// a word with a number ends the place even where the month is misspelt.
pub(super) fn dateline(text: &str) -> Opening {
    let text = text.split(" - ").next().unwrap_or(text).trim().trim_end_matches(['-', '–', '—']);
    let mut opening = parted(text);
    if let Some(place) = opening.place.as_mut().filter(|_| opening.date.is_none())
        && let Some(number) = place.find(|letter: char| letter.is_ascii_digit())
    {
        let before = place[..number].trim_end();
        let month = before.rfind([' ', ',']).unwrap_or(0);
        let length = place[..month].trim_end_matches([',', ' ']).len();
        place.truncate(length);
    }
    opening.place = opening.place.filter(|place| !place.is_empty());
    opening
}

/// `SEATTLE, Jan. 14, 2026 (Agency)` in its parts.
fn parted(text: &str) -> Opening {
    let mut text = text.trim();
    let mut opening = Opening::default();
    if let Some((before, agency)) = text.strip_suffix(')').and_then(|text| text.rsplit_once('(')) {
        opening.agency = Some(agency.trim().to_owned()).filter(|agency| !agency.is_empty());
        text = before.trim().trim_end_matches(',');
    }
    // The date is what can be read as one at the end: ", Jan. 14", ", Jan. 14, 2026".
    let mut place = text;
    for (comma, _) in text.match_indices(',') {
        let rest = text[comma + 1..].trim_start_matches(['.', ',', ' ']);
        // "MO." is a state here and no Monday, and "Del." no article.
        let first = rest.split(',').next().unwrap_or(rest);
        if first.len() <= 4 && !first.contains(|letter: char| letter.is_ascii_digit()) {
            continue;
        }
        if let Ok(parts) = date::parts(rest)
            && parts.month.is_some()
        {
            opening.date = Some(parts);
            place = &text[..comma];
            break;
        }
    }
    let place = place.trim_end_matches([',', ' ']);
    opening.place = Some(place.to_owned()).filter(|place| !place.is_empty());
    opening
}

/// A dateline's city stands in capitals; behind a comma the state or country may follow in small letters.
fn is_place(place: &str) -> bool {
    let city = place.split(',').next().unwrap_or("");
    let letters = city.chars().filter(|letter| letter.is_alphabetic());
    let (mut all, mut capitals) = (0, 0);
    for letter in letters {
        all += 1;
        capitals += usize::from(letter.is_uppercase());
    }
    // "McLEAN"
    all >= 3
        && capitals * 5 >= all * 4
        && city.starts_with(char::is_uppercase)
        && city.split_whitespace().count() <= 4
        && !city.chars().any(|letter| letter.is_ascii_digit())
        && place.split(',').count() <= 3
        && place.split(',').skip(1).all(|part| part.split_whitespace().count() <= 3)
}

#[cfg(test)]
mod tests {
    use super::{dateline, read};

    #[test]
    fn what_is_known_to_be_a_dateline() {
        for (text, place) in [
            ("    SALVADOR, Feb 26 -", Some("SALVADOR")),
            ("Caracas, feb 26 -", Some("Caracas")),
            ("WILMINGTON, Del., March 4 -", Some("WILMINGTON, Del.")),
            ("COLUMBIA, Md. March 3 -", Some("COLUMBIA, Md.")),
            ("NEW YORK, March 119 -", Some("NEW YORK")),
            ("RENO, Nev., Mach 4 -", Some("RENO, Nev.")),
            ("ROME, March 13, Reuter -", Some("ROME")),
            ("LONDON, March 9 - FIXTURES -", Some("LONDON")),
            ("KANSAS CITY, Mo. - March 13 -", Some("KANSAS CITY, Mo.")),
            ("MOSCOW, Monday (Reuters)", Some("MOSCOW, Monday")),
            ("Berlin", Some("Berlin")),
            (" - ", None),
            ("4", None),
        ] {
            assert_eq!(dateline(text).place.as_deref(), place, "{text}");
        }
    }

    #[test]
    fn datelines() {
        for (text, place, date, agency) in [
            (
                "SEATTLE, Jan. 14, 2026 — Amazon said",
                Some("SEATTLE"),
                Some((Some(2026), Some(1), Some(14))),
                None,
            ),
            ("SEATTLE, Jan. 14 — Amazon said", Some("SEATTLE"), Some((None, Some(1), Some(14))), None),
            (
                "LONDON, 18 May 2023 (Reuters) – BT",
                Some("LONDON"),
                Some((Some(2023), Some(5), Some(18))),
                Some("Reuters"),
            ),
            (
                "ST. PAUL, Minn., June 22, 2023 — 3M Co.",
                Some("ST. PAUL, Minn."),
                Some((Some(2023), Some(6), Some(22))),
                None,
            ),
            (
                "McLEAN, Va., July 30, 2019 — Capital",
                Some("McLEAN, Va."),
                Some((Some(2019), Some(7), Some(30))),
                None,
            ),
            (
                "ST. LOUIS, Mo., March 17 - Anheuser",
                Some("ST. LOUIS, Mo."),
                Some((None, Some(3), Some(17))),
                None,
            ),
            ("SEATTLE (Harbor Wire) — Amazon", Some("SEATTLE"), None, Some("Harbor Wire")),
            (
                "BRASÍLIA, Aug. 23, 2019 — As fires",
                Some("BRASÍLIA"),
                Some((Some(2019), Some(8), Some(23))),
                None,
            ),
            ("NEW YORK -- Shares", Some("NEW YORK"), None, None),
            (
                "MÜNCHEN, 14. Januar 2026 (dpa) - Der Konzern",
                Some("MÜNCHEN"),
                Some((Some(2026), Some(1), Some(14))),
                Some("dpa"),
            ),
            (
                "PARIS, 14 jan 2026 (AFP) - Le groupe",
                Some("PARIS"),
                Some((Some(2026), Some(1), Some(14))),
                Some("AFP"),
            ),
            (
                "Madrid, 14 ene (EFE).- La empresa",
                Some("Madrid"),
                Some((None, Some(1), Some(14))),
                Some("EFE"),
            ),
            ("MILANO (Reuters) - La società", Some("MILANO"), None, Some("Reuters")),
            ("Frankfurt am Main (dpa-AFX) - Die Bank", Some("Frankfurt am Main"), None, Some("dpa-AFX")),
            (
                "(ANSA) - ROMA, 14 GEN - Il gruppo",
                Some("ROMA"),
                Some((None, Some(1), Some(14))),
                Some("ANSA"),
            ),
            (
                "São Paulo, 14 de janeiro de 2026 - A empresa",
                Some("São Paulo"),
                Some((Some(2026), Some(1), Some(14))),
                None,
            ),
            (
                "AMSTERDAM, 14 januari 2026 – Het bedrijf",
                Some("AMSTERDAM"),
                Some((Some(2026), Some(1), Some(14))),
                None,
            ),
            ("Amazon (AMZN) - the shares fell", None, None, None),
            ("The company — which had said nothing — cut", None, None, None),
            ("AWS — the cloud division that makes the money", Some("AWS"), None, None),
            ("Amazon, Google and Meta - all cut", None, None, None),
            ("", None, None, None),
        ] {
            let opening = read(text);
            assert_eq!(opening.place.as_deref(), place, "{text}");
            assert_eq!(opening.date.map(|parts| (parts.year, parts.month, parts.day)), date, "{text}");
            assert_eq!(opening.agency.as_deref(), agency, "{text}");
        }
        let text = "SEATTLE — Amazon";
        assert_eq!(&text[read(text).length..], "Amazon");
    }
}
