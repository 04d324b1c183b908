//! Dates of publication as newspapers, feeds and exports print them.
//!
//! Read are ISO 8601 and what resembles it, RFC 2822, Unix seconds and milliseconds, and dates with the name of a month in
//! English, German, French, Spanish, Italian, Portuguese and Dutch. Of two numbers that could both be the month, the first
//! is the month between slashes (American) and the second between points and hyphens (European). A date that does not exist, or lies more
//! than two days ahead, is refused with a reason and never bent into another one.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::article::Precision;

/// A point in time as exact as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Unix seconds of the start of the period that `precision` leaves open; UTC where no zone was given.
    pub seconds: i64,
    /// How exact it is.
    pub precision: Precision,
}

/// What stands in a date, as far as it does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// 1600 to 9999.
    pub year: Option<i16>,
    /// 1 to 12.
    pub month: Option<i8>,
    /// 1 to 31; whether the month has so many days is asked later.
    pub day: Option<i8>,
    /// Seconds since midnight.
    pub time: Option<i32>,
    /// Seconds east of UTC.
    pub offset: Option<i32>,
}

/// Why a text is no usable date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It is not read as a date.
    NotADate,
    /// There is no such day or time.
    Impossible,
    /// It lies ahead.
    Future,
}

impl Refused {
    /// The reason as a fragment of a sentence.
    pub fn reason(self) -> &'static str {
        match self {
            Self::NotADate => "is not read as a date",
            Self::Impossible => "is a date that does not exist",
            Self::Future => "lies in the future",
        }
    }
}

/// How far ahead of the present a date may lie: time zones, and pages that are dated for tomorrow's paper.
const AHEAD: i64 = 2 * 86_400;

/// Earlier ones are mistakes.
const FIRST_YEAR: i16 = 1600;

/// Longest text that is looked at, in bytes.
const LONGEST: usize = 100;

/// Reads a date that stands alone; `now` is the present as Unix seconds.
pub fn parse(text: &str, now: i64) -> Result<Moment, Refused> {
    let text = text.trim();
    if text.is_empty() || text.len() > LONGEST {
        return Err(Refused::NotADate);
    }
    if let Some(seconds) = unix_time(text) {
        return not_ahead(Moment { seconds, precision: Precision::Second }, now);
    }
    moment(parts(text)?, now)
}

/// The point in time that parts make. Without a year there is none.
pub fn moment(parts: Parts, now: i64) -> Result<Moment, Refused> {
    let year = parts.year.ok_or(Refused::NotADate)?;
    if year < FIRST_YEAR {
        return Err(Refused::Impossible);
    }
    let date =
        Date::new(year, parts.month.unwrap_or(1), parts.day.unwrap_or(1)).map_err(|_| Refused::Impossible)?;
    let midnight = date.to_zoned(TimeZone::UTC).map_err(|_| Refused::Future)?.timestamp().as_second();
    let (seconds, precision) = match (parts.month, parts.day, parts.time) {
        (None, _, _) => (midnight, Precision::Year),
        (_, None, _) => (midnight, Precision::Month),
        (_, _, None) => (midnight, Precision::Day),
        (_, _, Some(time)) => {
            (midnight + i64::from(time) - i64::from(parts.offset.unwrap_or(0)), Precision::Second)
        }
    };
    not_ahead(Moment { seconds, precision }, now)
}

fn not_ahead(moment: Moment, now: i64) -> Result<Moment, Refused> {
    if moment.seconds > now.saturating_add(AHEAD) { Err(Refused::Future) } else { Ok(moment) }
}

/// Ten digits are seconds, thirteen milliseconds; from 1973 to 2286.
fn unix_time(text: &str) -> Option<i64> {
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    if !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: i64 = whole.parse().ok()?;
    match whole.len() {
        9 | 10 if number >= 100_000_000 => Some(number),
        12 | 13 if text == whole => Some(number / 1000),
        _ => None,
    }
}

/// What stands in a text that is a date and nothing else.
pub fn parts(text: &str) -> Result<Parts, Refused> {
    let mut parts = Parts::default();
    // `2021-03-02T22:39:15+01:00[Europe/Paris]`: the offset says it all.
    let text = text.strip_suffix(']').and_then(|text| text.rsplit_once('[')).map_or(text, |(text, _)| text);
    let mut rest = text;
    let mut is_day_first = false;
    if let Some((date, after)) = numeric_date(text)? {
        parts = date;
        rest = match after.strip_prefix(['T', 't']) {
            Some(clock) => compact_clock(clock, &mut parts)?,
            None => after,
        };
    }
    let mut words = rest
        .split(|letter: char| letter.is_whitespace() || matches!(letter, ',' | '(' | ')' | '|' | '·'))
        .filter(|word| !word.is_empty())
        .peekable();
    while let Some(word) = words.next() {
        let lower = word.to_lowercase();
        let bare = lower.trim_end_matches('.');
        if let Some(offset) = word.starts_with(['+', '-', '−']).then(|| zone(word)).flatten() {
            parts.offset = Some(offset);
        } else if word.contains(':') || clock_with_letter(bare) {
            let half = words.peek().map(|next| next.to_lowercase().replace('.', ""));
            let half = half.filter(|half| half == "am" || half == "pm");
            if half.is_some() {
                words.next();
            }
            time(word, half.as_deref(), &mut parts)?;
        } else if let Some(month) = month_named(bare) {
            if parts.month.is_some_and(|known| known != month) {
                return Err(Refused::NotADate);
            }
            is_day_first = parts.day.is_some();
            parts.month = Some(month);
        } else if let Some(offset) = zone(word) {
            parts.offset = Some(offset);
        } else if let Some(number) = ordinal(bare).filter(|_| is_day_first && bare.len() == 2) {
            // The years of RFC 822: `1 Jan 98`.
            if parts.year.is_some() || parts.time.is_some() {
                return Err(Refused::NotADate);
            }
            parts.year = Some(of_two_digits(number));
        } else if let Some(number) = ordinal(bare) {
            number_in(number, bare.len(), &mut parts)?;
        } else if let Some(date) = joined(bare) {
            for (place, piece) in date.enumerate() {
                match month_named(piece) {
                    Some(month) => parts.month = Some(month),
                    // `18-Jul-20`, as spreadsheets write it.
                    None if place == 2 && piece.len() == 2 && parts.year.is_none() => {
                        parts.year = Some(of_two_digits(ordinal(piece).ok_or(Refused::NotADate)?));
                    }
                    None => number_in(ordinal(piece).ok_or(Refused::NotADate)?, piece.len(), &mut parts)?,
                }
            }
        } else if !is_filler(bare) {
            return Err(Refused::NotADate);
        }
    }
    if parts.month.is_none() && parts.day.is_some() || parts == Parts::default() {
        return Err(Refused::NotADate);
    }
    Ok(parts)
}

/// `2023-01-18`, `2023/12`, `20230118`, `18.01.2023`, `1/18/2023`, `2023` at the beginning; with what follows.
fn numeric_date(text: &str) -> Result<Option<(Parts, &str)>, Refused> {
    let end = text.find(|letter: char| !(letter.is_ascii_digit() || matches!(letter, '-' | '/' | '.')));
    let date = text[..end.unwrap_or(text.len())].trim_end_matches(['-', '/', '.']);
    let rest = text[date.len()..].trim_start_matches(['.', '/']);
    let all_digits = date.bytes().all(|byte| byte.is_ascii_digit());
    let number = |text: &str| text.parse::<i16>().map_err(|_| Refused::NotADate);
    if all_digits {
        return match date.len() {
            8 => {
                let parts =
                    checked(number(&date[..4])?, Some(number(&date[4..6])?), Some(number(&date[6..])?))?;
                Ok(Some((parts, rest)))
            }
            14 => {
                let mut parts =
                    checked(number(&date[..4])?, Some(number(&date[4..6])?), Some(number(&date[6..8])?))?;
                let clock = format!("{}:{}:{}", &date[8..10], &date[10..12], &date[12..]);
                time(&clock, None, &mut parts)?;
                Ok(Some((parts, rest)))
            }
            // A year alone; with more behind it the words are read one by one.
            4 if rest.trim().is_empty() => Ok(Some((checked(number(date)?, None, None)?, rest))),
            _ => Ok(None),
        };
    }
    let Some(separator) = date.chars().find(|letter| !letter.is_ascii_digit()) else { return Ok(None) };
    let fields: Vec<&str> = date.split(separator).collect();
    if !fields.iter().all(|field| !field.is_empty() && field.bytes().all(|byte| byte.is_ascii_digit())) {
        return Ok(None);
    }
    let parts = match fields[..] {
        [year, month] | [month, year] if year.len() == 4 && month.len() <= 2 => {
            checked(number(year)?, Some(number(month)?), None)?
        }
        [year, month, day] if year.len() == 4 && month.len() <= 2 && day.len() <= 2 => {
            checked(number(year)?, Some(number(month)?), Some(number(day)?))?
        }
        [first, second, year] if first.len() <= 2 && second.len() <= 2 && matches!(year.len(), 2 | 4) => {
            let (first, second) = (number(first)?, number(second)?);
            let is_month_first = if first > 12 { false } else { second > 12 || separator == '/' };
            let (month, day) = if is_month_first { (first, second) } else { (second, first) };
            let year_number = number(year)?;
            let year = match year.len() {
                4 => year_number,
                _ => of_two_digits(year_number),
            };
            checked(year, Some(month), Some(day))?
        }
        _ => return Ok(None),
    };
    Ok(Some((parts, rest)))
}

fn of_two_digits(year: i16) -> i16 {
    if year < 70 { 2000 + year } else { 1900 + year }
}

/// The time of `20031231T101455Z`, if that is what it is; with what follows.
fn compact_clock<'t>(text: &'t str, parts: &mut Parts) -> Result<&'t str, Refused> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (clock, rest) = text.split_at(digits);
    match digits {
        4 => time(&format!("{}:{}", &clock[..2], &clock[2..]), None, parts)?,
        6 => time(&format!("{}:{}:{}", &clock[..2], &clock[2..4], &clock[4..]), None, parts)?,
        _ => return Ok(text),
    }
    Ok(rest)
}

fn checked(year: i16, month: Option<i16>, day: Option<i16>) -> Result<Parts, Refused> {
    let month =
        month.map(|month| if (1..=12).contains(&month) { Ok(month as i8) } else { Err(Refused::Impossible) });
    let day = day.map(|day| if (1..=31).contains(&day) { Ok(day as i8) } else { Err(Refused::Impossible) });
    Ok(Parts { year: Some(year), month: month.transpose()?, day: day.transpose()?, ..Parts::default() })
}

/// `10:05`, `10:05:00.123Z`, `10:05+02:00`, `7:15pm`, `14h30`.
fn time(word: &str, half: Option<&str>, parts: &mut Parts) -> Result<(), Refused> {
    let lower = word.to_lowercase().replace("a.m", "am").replace("p.m", "pm");
    let mut text = lower.trim_end_matches('.').trim_start_matches('t');
    let mut half = half.map(str::to_owned);
    for suffix in ["am", "pm"] {
        if let Some(before) = text.strip_suffix(suffix) {
            text = before;
            half = Some(suffix.to_owned());
        }
    }
    let end = text
        .find(|letter: char| !(letter.is_ascii_digit() || matches!(letter, ':' | '.' | 'h')))
        .unwrap_or(text.len());
    let (clock, after) = text.split_at(end);
    if !after.is_empty() {
        parts.offset = Some(zone(after).ok_or(Refused::NotADate)?);
    }
    let mut fields = clock.trim_end_matches('h').split([':', 'h']);
    let mut field = |limit: i32| -> Result<i32, Refused> {
        let Some(text) = fields.next() else { return Ok(0) };
        let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
        if whole.is_empty() || whole.len() > 2 {
            return Err(Refused::NotADate);
        }
        let number: i32 = whole.parse().map_err(|_| Refused::NotADate)?;
        if number > limit { Err(Refused::Impossible) } else { Ok(number) }
    };
    let mut hours = field(24)?;
    let (minutes, seconds) = (field(59)?, field(60)?);
    match half.as_deref() {
        Some(_) if !(1..=12).contains(&hours) => return Err(Refused::Impossible),
        Some("pm") if hours < 12 => hours += 12,
        Some("am") if hours == 12 => hours = 0,
        _ => {}
    }
    let total = hours * 3600 + minutes * 60 + seconds.min(59);
    if total > 86_400 {
        return Err(Refused::Impossible);
    }
    parts.time = Some(total);
    Ok(())
}

/// `7pm`, `14h30`
fn clock_with_letter(word: &str) -> bool {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    let after = &word[digits..];
    (1..=2).contains(&digits)
        && (after == "am"
            || after == "pm"
            || after.strip_prefix('h').is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit())))
}

/// Offsets and the names that newspapers use, in seconds east of UTC.
fn zone(word: &str) -> Option<i32> {
    let upper = word.trim_matches(|letter| matches!(letter, '.' | '[' | ']')).to_uppercase();
    let hours = |hours: i32| Some(hours * 3600);
    match upper.as_str() {
        "Z" | "UTC" | "GMT" | "UT" | "WET" => return Some(0),
        "EST" | "ET" | "CDT" => return hours(-5),
        "EDT" => return hours(-4),
        "CST" | "CT" | "MDT" => return hours(-6),
        "MST" | "MT" | "PDT" => return hours(-7),
        "PST" | "PT" => return hours(-8),
        "BST" | "CET" | "MEZ" | "WEST" => return hours(1),
        "CEST" | "MESZ" | "EET" | "SAST" => return hours(2),
        "EEST" | "MSK" => return hours(3),
        "IST" => return Some(19_800),
        "SGT" | "HKT" | "AWST" => return hours(8),
        "JST" | "KST" => return hours(9),
        "AEST" => return hours(10),
        "AEDT" => return hours(11),
        _ => {}
    }
    let signed = upper.strip_prefix("GMT").or_else(|| upper.strip_prefix("UTC")).unwrap_or(&upper);
    let (sign, digits) = match signed.as_bytes().first()? {
        b'+' => (1, &signed[1..]),
        b'-' => (-1, &signed[1..]),
        _ => return signed.strip_prefix('−').and_then(clock_offset).map(|offset| -offset),
    };
    clock_offset(digits).map(|offset| sign * offset)
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

/// `18`, `18th`, `1er`, `2023`.
fn ordinal(word: &str) -> Option<i16> {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0
        || digits > 4
        || !matches!(&word[digits..], "" | "st" | "nd" | "rd" | "th" | "er" | "º" | "°" | "ª")
    {
        return None;
    }
    word[..digits].parse().ok()
}

fn number_in(number: i16, length: usize, parts: &mut Parts) -> Result<(), Refused> {
    if length == 4 && number >= FIRST_YEAR {
        if parts.year.is_some_and(|year| year != number) {
            return Err(Refused::NotADate);
        }
        parts.year = Some(number);
        return Ok(());
    }
    if parts.day.is_some() || length > 4 {
        return Err(Refused::NotADate);
    }
    if !(1..=31).contains(&number) {
        return Err(Refused::Impossible);
    }
    parts.day = Some(number as i8);
    Ok(())
}

/// `18-jan-2023`
fn joined(word: &str) -> Option<impl Iterator<Item = &str>> {
    (word.matches('-').count() == 2).then(|| word.split('-'))
}

/// Words that stand in dates and say nothing.
fn is_filler(word: &str) -> bool {
    is_weekday(word)
        || matches!(
            word,
            "-" | "–"
                | "—"
                | "at"
                | "on"
                | "of"
                | "the"
                | "de"
                | "del"
                | "le"
                | "el"
                | "den"
                | "der"
                | "am"
                | "um"
                | "uhr"
                | "à"
                | "a"
                | "à\u{a0}"
                | "il"
                | "alle"
                | "às"
                | "as"
                | "las"
                | "om"
                | "published"
                | "updated"
                | "posted"
                | "date"
                | "time"
                | "hrs"
                | "local"
        )
}

fn is_weekday(word: &str) -> bool {
    const NAMES: [&str; 49] = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "montag",
        "dienstag",
        "mittwoch",
        "donnerstag",
        "freitag",
        "samstag",
        "sonntag",
        "lundi",
        "mardi",
        "mercredi",
        "jeudi",
        "vendredi",
        "samedi",
        "dimanche",
        "lunes",
        "martes",
        "miércoles",
        "jueves",
        "viernes",
        "sábado",
        "domingo",
        "lunedì",
        "martedì",
        "mercoledì",
        "giovedì",
        "venerdì",
        "sabato",
        "domenica",
        "segunda-feira",
        "terça-feira",
        "quarta-feira",
        "quinta-feira",
        "sexta-feira",
        "sonnabend",
        "maandag",
        "dinsdag",
        "woensdag",
        "donderdag",
        "vrijdag",
        "zaterdag",
        "zondag",
        "domingo",
    ];
    const SHORT: [&str; 24] = [
        "mon", "tue", "tues", "wed", "thu", "thur", "thurs", "fri", "sat", "sun", "mo", "di", "mi", "do",
        "fr", "sa", "so", "lun", "mar.", "mer", "jeu", "ven", "sam", "dim",
    ];
    NAMES.contains(&word) || SHORT.contains(&word)
}

/// The month of a name in lower case, whole or shortened, without its point.
pub fn month_named(word: &str) -> Option<i8> {
    Some(match word {
        "january" | "jan" | "januar" | "jänner" | "janvier" | "janv" | "enero" | "ene" | "gennaio"
        | "gen" | "janeiro" | "januari" => 1,
        "february" | "feb" | "februar" | "feber" | "février" | "févr" | "fevrier" | "febrero"
        | "febbraio" | "fevereiro" | "fev" | "februari" => 2,
        "march" | "mar" | "märz" | "mär" | "mrz" | "mars" | "marzo" | "março" | "maart" | "mrt" => 3,
        "april" | "apr" | "avril" | "avr" | "abril" | "abr" | "aprile" => 4,
        "may" | "mai" | "mayo" | "maggio" | "mag" | "maio" | "mei" => 5,
        "june" | "jun" | "juni" | "juin" | "junio" | "giugno" | "giu" | "junho" => 6,
        "july" | "jul" | "juli" | "juillet" | "juil" | "julio" | "luglio" | "lug" | "julho" => 7,
        "august" | "aug" | "août" | "aout" | "agosto" | "ago" | "augustus" => 8,
        "september" | "sep" | "sept" | "septembre" | "septiembre" | "settembre" | "set" | "setembro" => 9,
        "october" | "oct" | "oktober" | "okt" | "octobre" | "octubre" | "ottobre" | "ott" | "outubro"
        | "out" => 10,
        "november" | "nov" | "novembre" | "noviembre" | "novembro" => 11,
        "december" | "dec" | "dezember" | "dez" | "décembre" | "déc" | "decembre" | "diciembre" | "dic"
        | "dicembre" | "dezembro" => 12,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{Refused, parse};
    use crate::article::Precision;
    use jiff::Timestamp;
    use proptest::prelude::*;

    const NOW: i64 = 1_800_000_000; // 2027-01-15

    #[test]
    fn dates_as_they_are_printed() {
        for (text, expected, precision) in [
            ("2023-01-18", "2023-01-18T00:00:00Z", Precision::Day),
            ("2023/12", "2023-12-01T00:00:00Z", Precision::Month),
            ("2023", "2023-01-01T00:00:00Z", Precision::Year),
            ("20230118", "2023-01-18T00:00:00Z", Precision::Day),
            ("2023-01-18T10:15:30Z", "2023-01-18T10:15:30Z", Precision::Second),
            ("2023-01-18T10:15:30.123+02:00", "2023-01-18T08:15:30Z", Precision::Second),
            ("2022-01-01 20:01:44+00:00", "2022-01-01T20:01:44Z", Precision::Second),
            ("2019-01-03 17:15:00", "2019-01-03T17:15:00Z", Precision::Second),
            ("2019-01-03T17:15", "2019-01-03T17:15:00Z", Precision::Second),
            ("Mon, 24 Jul 2023 10:05:00 -0700", "2023-07-24T17:05:00Z", Precision::Second),
            ("Mon, 24 Jul 2023 10:05:00 GMT", "2023-07-24T10:05:00Z", Precision::Second),
            ("June 21, 2017", "2017-06-21T00:00:00Z", Precision::Day),
            ("Jan. 14, 2026", "2026-01-14T00:00:00Z", Precision::Day),
            ("18 May 2025", "2025-05-18T00:00:00Z", Precision::Day),
            ("Wednesday, January 18th, 2023 at 7:15 p.m. EST", "2023-01-19T00:15:00Z", Precision::Second),
            ("Jan 18 2023 7:15pm", "2023-01-18T19:15:00Z", Precision::Second),
            ("20130731T153200+0000", "2013-07-31T15:32:00Z", Precision::Second),
            ("20130731T1732+0200", "2013-07-31T15:32:00Z", Precision::Second),
            ("May 2023", "2023-05-01T00:00:00Z", Precision::Month),
            ("23. Januar 2024", "2024-01-23T00:00:00Z", Precision::Day),
            ("23.01.2024, 14:30 Uhr", "2024-01-23T14:30:00Z", Precision::Second),
            ("8 février 2024", "2024-02-08T00:00:00Z", Precision::Day),
            ("1er mars 2024", "2024-03-01T00:00:00Z", Precision::Day),
            ("12 de mayo de 2021", "2021-05-12T00:00:00Z", Precision::Day),
            ("12 maggio 2021", "2021-05-12T00:00:00Z", Precision::Day),
            ("7 de março de 2022", "2022-03-07T00:00:00Z", Precision::Day),
            ("3 maart 2022", "2022-03-03T00:00:00Z", Precision::Day),
            ("01/18/2023", "2023-01-18T00:00:00Z", Precision::Day),
            ("18/01/2023", "2023-01-18T00:00:00Z", Precision::Day),
            ("03/04/2023", "2023-03-04T00:00:00Z", Precision::Day),
            ("03.04.2023", "2023-04-03T00:00:00Z", Precision::Day),
            ("18-Jan-2023", "2023-01-18T00:00:00Z", Precision::Day),
            ("18-Jul-20", "2020-07-18T00:00:00Z", Precision::Day),
            (" 7:51  PM ET Fri, 17 July 2020", "2020-07-18T00:51:00Z", Precision::Second),
            ("1674036000", "2023-01-18T10:00:00Z", Precision::Second),
            ("1674036000123", "2023-01-18T10:00:00Z", Precision::Second),
            ("26-FEB-1987 15:01:01.79", "1987-02-26T15:01:01Z", Precision::Second),
            ("Thu, 01 Jan 04 19:48:21 GMT", "2004-01-01T19:48:21Z", Precision::Second),
            ("Thu, 1 Jan 98 19:48 EST", "1998-01-02T00:48:00Z", Precision::Second),
            ("Sat, 07 Sep 2002 0:00:01 GMT", "2002-09-07T00:00:01Z", Precision::Second),
            ("2003-12-31T10:14:55 GMT", "2003-12-31T10:14:55Z", Precision::Second),
            ("Thu Jan  1 19:48:21 UTC 2004", "2004-01-01T19:48:21Z", Precision::Second),
            ("Mon, 26 January 2004 16:31:00 ET", "2004-01-26T21:31:00Z", Precision::Second),
            ("20031231T101455Z", "2003-12-31T10:14:55Z", Precision::Second),
            ("20031231T1014+0100", "2003-12-31T09:14:00Z", Precision::Second),
            ("2004-01-01 19:48:21 +0000 UTC", "2004-01-01T19:48:21Z", Precision::Second),
            ("Tue, 02 Mar 2021 23:39:15 +0100 (CET)", "2021-03-02T22:39:15Z", Precision::Second),
            ("Thu,  5 Apr 2012 23:47:37 +0200", "2012-04-05T21:47:37Z", Precision::Second),
            ("Wednesday, 5 Apr 2012 23:47:37 Z", "2012-04-05T23:47:37Z", Precision::Second),
            ("Jan 5, 2009 10:00 AM PST", "2009-01-05T18:00:00Z", Precision::Second),
            ("2021-03-02T22:39:15.123456789+00:00[Europe/Paris]", "2021-03-02T22:39:15Z", Precision::Second),
            ("2021-03-02T22:39:15 +01:00", "2021-03-02T21:39:15Z", Precision::Second),
            ("2021-03-02T22:39:15+01", "2021-03-02T21:39:15Z", Precision::Second),
            ("2021-03-02T", "2021-03-02T00:00:00Z", Precision::Day),
        ] {
            let seconds = expected.parse::<Timestamp>().unwrap().as_second();
            let moment = parse(text, NOW).unwrap_or_else(|error| panic!("{text}: {error:?}"));
            assert_eq!((moment.seconds, moment.precision), (seconds, precision), "{text}");
        }
    }

    #[test]
    fn no_date_is_made_up() {
        for (text, refused) in [
            ("", Refused::NotADate),
            ("yesterday", Refused::NotADate),
            ("Jan. 14", Refused::NotADate),
            ("12", Refused::NotADate),
            ("14 Jan 10:00", Refused::NotADate),
            ("14 Jan 2023 10", Refused::NotADate),
            ("Jan 14 23", Refused::NotADate),
            ("20031231T2561Z", Refused::Impossible),
            ("version 2.0", Refused::NotADate),
            ("null", Refused::NotADate),
            ("2023-02-30", Refused::Impossible),
            ("2023-13-01", Refused::Impossible),
            ("31 June 2023", Refused::Impossible),
            ("1500-01-01", Refused::Impossible),
            ("0000-00-00", Refused::Impossible),
            ("9999-12-31", Refused::Future),
            ("2262-04-11T23:47:17Z", Refused::Future),
            ("2023-01-18 25:00", Refused::Impossible),
            ("2023-01-18 2023-01-19", Refused::NotADate),
        ] {
            assert_eq!(parse(text, NOW), Err(refused), "{text}");
        }
    }

    proptest! {
        #[test]
        fn an_instant_is_never_bent(seconds in -11_000_000_000_i64..NOW) {
            let text = Timestamp::from_second(seconds).unwrap().to_string();
            let moment = parse(&text, NOW).map_err(|error| TestCaseError::fail(format!("{text}: {error:?}")))?;
            prop_assert_eq!(moment.seconds, seconds);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "([0-9]{1,4}|[ ,:./+-]|T|Z|Jan|March|pm|Uhr|\\PC){0,16}") {
            if let Ok(moment) = parse(&text, NOW) {
                prop_assert!(moment.seconds <= NOW + super::AHEAD);
            }
        }
    }
}
