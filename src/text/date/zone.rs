//! Time zones as they are printed: offsets, and the names of RFC 2822 §4.3 and of the time zone database of the IANA with
//! the German and French ones beside them.
//!
//! Some names mean several zones. In news `IST` is India (and not Israel or Ireland), `BST` British summer time, `CST` and
//! `AST` those of North America, `GST` that of the Gulf. `ET`, `CT`, `MT` and `PT` are standard or daylight time by the date.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Where a time holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    /// Seconds east of UTC.
    Fixed(i32),
    /// Hours east of UTC in winter, with the daylight time of the United States.
    American(i8),
    /// One whose offset is not known: the time says nothing.
    Unknown,
}

impl Zone {
    /// Seconds east of UTC at a local time; `None` where the offset is not known.
    pub(super) fn offset_at(self, local: DateTime) -> Option<i32> {
        match self {
            Self::Fixed(seconds) => Some(seconds),
            Self::Unknown => None,
            Self::American(hours) => {
                // The days on which clocks are changed, by law of 1966, 1986 and 2005.
                let rule = match local.year() {
                    2007.. => "M3.2.0,M11.1.0",
                    1987..=2006 => "M4.1.0,M10.5.0",
                    1967..=1986 => "M4.5.0,M10.5.0",
                    _ => return None,
                };
                let zone = TimeZone::posix(&format!("XST{}XDT,{rule}", -hours)).ok()?;
                Some(zone.to_timestamp(local).ok().map(|at| zone.to_offset(at))?.seconds())
            }
        }
    }

    /// Whether Americans write it, who put the month first.
    pub(super) fn is_american(self) -> bool {
        matches!(self, Self::American(_))
            || matches!(self, Self::Fixed(seconds) if (-36_000..=-14_400).contains(&seconds))
    }
}

/// Reads an offset or a name.
pub(super) fn zone(word: &str) -> Option<Zone> {
    let word = word.trim_matches(|letter| matches!(letter, '.' | '[' | ']'));
    if let Some(zone) = named(word) {
        return Some(zone);
    }
    let upper = word.to_uppercase();
    let signed = upper.strip_prefix("GMT").or_else(|| upper.strip_prefix("UTC")).unwrap_or(&upper);
    let (sign, digits) = match signed.as_bytes().first()? {
        b'+' => (1, &signed[1..]),
        b'-' => (-1, &signed[1..]),
        _ => (-1, signed.strip_prefix('−')?),
    };
    clock_offset(digits).map(|offset| Zone::Fixed(sign * offset))
}

/// Names in capitals; those that nobody takes for a word in small letters too.
fn named(word: &str) -> Option<Zone> {
    let is_small = word.bytes().any(|byte| byte.is_ascii_lowercase());
    if word.len() > 5 || is_small && !SMALL.contains(&word.to_lowercase().as_str()) {
        return None;
    }
    let upper = word.to_uppercase().replace('.', "");
    let minutes = match upper.as_str() {
        "ET" => return Some(Zone::American(-5)),
        "CT" => return Some(Zone::American(-6)),
        "MT" => return Some(Zone::American(-7)),
        "PT" => return Some(Zone::American(-8)),
        "Z" | "UTC" | "GMT" | "UT" | "WET" | "WEZ" => 0,
        "HST" => -10 * 60,
        "AKST" => -9 * 60,
        "PST" | "AKDT" => -8 * 60,
        "MST" | "PDT" => -7 * 60,
        "CST" | "MDT" => -6 * 60,
        "EST" | "CDT" | "HNE" | "COT" | "PET" => -5 * 60,
        "EDT" | "AST" | "HAE" | "VET" | "CLT" | "BOT" => -4 * 60,
        "NST" => -210,
        "NDT" => -150,
        "ADT" | "BRT" | "ART" | "CLST" | "UYT" => -3 * 60,
        "BRST" => -2 * 60,
        "BST" | "CET" | "MEZ" | "WEST" | "WESZ" | "WAT" => 60,
        "CEST" | "MESZ" | "EET" | "OEZ" | "SAST" | "CAT" => 2 * 60,
        "EEST" | "OESZ" | "MSK" | "EAT" | "TRT" | "IDT" => 3 * 60,
        "IRST" => 210,
        "GST" => 4 * 60,
        "PKT" => 5 * 60,
        "IST" => 330,
        "NPT" => 345,
        "ICT" | "WIB" => 7 * 60,
        "SGT" | "HKT" | "AWST" | "MYT" | "PHT" | "WITA" => 8 * 60,
        "JST" | "KST" | "WIT" => 9 * 60,
        "ACST" => 570,
        "AEST" => 10 * 60,
        "ACDT" => 630,
        "AEDT" => 11 * 60,
        "NZST" => 12 * 60,
        "NZDT" => 13 * 60,
        _ => return None,
    };
    Some(Zone::Fixed(minutes * 60))
}

/// Names that are also written in small letters.
const SMALL: [&str; 16] = [
    "z", "utc", "gmt", "est", "edt", "et", "cst", "cdt", "pst", "pdt", "pt", "cet", "cest", "mez", "mesz",
    "bst",
];

/// Whether a word looks like the name of a zone that is not known: `XYZT`, `Europe/Berlin`.
pub(super) fn may_be_zone(word: &str) -> bool {
    (2..=5).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_uppercase())
        || word.split_once('/').is_some_and(|(area, city)| {
            let is_name = |name: &str| {
                name.starts_with(|letter: char| letter.is_ascii_uppercase())
                    && name.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_')
            };
            is_name(area) && is_name(city)
        })
}

fn clock_offset(digits: &str) -> Option<i32> {
    let digits = digits.replace(':', "");
    if digits.is_empty() || digits.len() > 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes) =
        if digits.len() <= 2 { (&digits[..], "0") } else { digits.split_at(digits.len() - 2) };
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours <= 14 && minutes < 60).then_some(hours * 3600 + minutes * 60)
}
