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
    let (at, dash) = [" — ", " – ", " -- ", " - ", "—"]
        .iter()
        .filter_map(|dash| head.find(dash).map(|at| (at, *dash)))
        .min_by_key(|(at, _)| *at)?;
    let mut text = head[..at].trim();
    let mut opening = Opening { length: at + dash.len(), ..Opening::default() };
    if let Some((before, agency)) = text.strip_suffix(')').and_then(|text| text.rsplit_once('(')) {
        opening.agency = Some(agency.trim().to_owned()).filter(|agency| !agency.is_empty());
        text = before.trim().trim_end_matches(',');
    }
    let pieces: Vec<&str> = text.split(',').map(str::trim).collect();
    // The date is what can be read as one at the end: ", Jan. 14", ", Jan. 14, 2026".
    let mut place_ends = pieces.len();
    for from in 1..pieces.len() {
        if let Ok(parts) = date::parts(&pieces[from..].join(", "))
            && parts.month.is_some()
        {
            opening.date = Some(parts);
            place_ends = from;
            break;
        }
    }
    let place = pieces[..place_ends].join(", ");
    is_place(&place).then_some(())?;
    opening.place = Some(place);
    Some(opening)
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
    use super::read;

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
            ("SEATTLE (Harbor Wire) — Amazon", Some("SEATTLE"), None, Some("Harbor Wire")),
            (
                "BRASÍLIA, Aug. 23, 2019 — As fires",
                Some("BRASÍLIA"),
                Some((Some(2019), Some(8), Some(23))),
                None,
            ),
            ("NEW YORK -- Shares", Some("NEW YORK"), None, None),
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
