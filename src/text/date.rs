//! Dates of publication as newspapers, feeds and exports print them.
//!
//! Read are ISO 8601 in its forms and what resembles it, the dates of RFC 2822, RFC 850 and asctime, Unix seconds and
//! milliseconds, and dates in words in English, German, French, Spanish, Italian, Portuguese, Dutch, Chinese, Japanese and
//! Korean, with the times and time zones that stand beside them.
//!
//! Of two numbers that could both be the month one is chosen by the first of these that says something: the day of the
//! week beside it; points, between which the day is first; the language of the record, where all but Americans put the day
//! first; a time to twelve or a zone of the United States, which are American, or another zone, which is not; else the
//! first is the month between slashes and the second between hyphens.
//!
//! A date that does not exist, lies more than two days ahead or is told from the moment of reading ("2 hours ago") is refused
//! with a reason and never bent into another one. A time without a zone is taken for UTC; with a zone that is not known the
//! day remains and the time is left out.

mod clock;
mod eastern;
mod names;
mod numeric;
mod reader;
mod zone;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use crate::article::Precision;
use names::{is_relative, is_update};
use reader::words;

pub use names::month_named;
pub use zone::Zone;

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
    /// Where the time holds.
    pub zone: Option<Zone>,
}

/// Why a text is no usable date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It is not read as a date.
    NotADate,
    /// There is no such day or time.
    Impossible,
    /// It is told from the moment of reading.
    Relative,
    /// It lies before all newspapers.
    Past,
    /// It lies ahead.
    Future,
}

impl Refused {
    /// The reason as a fragment of a sentence.
    pub fn reason(self) -> &'static str {
        match self {
            Self::NotADate => "is not read as a date",
            Self::Impossible => "is a date that does not exist",
            Self::Relative => "is told from a moment of reading that is not known",
            Self::Past => "lies before the year 1600",
            Self::Future => "lies in the future",
        }
    }
}

/// How far ahead of the present a date may lie: time zones, and pages that are dated for tomorrow's paper.
const AHEAD: i64 = 2 * 86_400;

/// Earlier ones are mistakes.
const FIRST_YEAR: i16 = 1600;

/// Longest text that is looked at, in bytes.
const LONGEST: usize = 120;

/// Reads a date that stands alone; `now` is the present as Unix seconds.
pub fn parse(text: &str, now: i64) -> Result<Moment, Refused> {
    parse_in(text, None, now)
}

/// The same of a record whose language is known, by its tag (`de`, `en-US`), which decides between the day and the month.
pub fn parse_in(text: &str, lang: Option<&str>, now: i64) -> Result<Moment, Refused> {
    let text = text.trim();
    if text.is_empty() || text.len() > LONGEST {
        return Err(Refused::NotADate);
    }
    if let Some(parts) = numeric::timestamp(text) {
        return moment(parts, now);
    }
    if let Some(seconds) = unix_time(text) {
        return not_ahead(Moment { seconds, precision: Precision::Second }, now);
    }
    moment(parts_in(text, lang)?, now)
}

/// The point in time that parts make. Without a year there is none.
pub fn moment(parts: Parts, now: i64) -> Result<Moment, Refused> {
    let year = parts.year.ok_or(Refused::NotADate)?;
    if year < FIRST_YEAR {
        return Err(Refused::Past);
    }
    let date =
        Date::new(year, parts.month.unwrap_or(1), parts.day.unwrap_or(1)).map_err(|_| Refused::Impossible)?;
    let midnight = date.to_zoned(TimeZone::UTC).map_err(|_| Refused::Future)?.timestamp().as_second();
    let (seconds, precision) = match (parts.month, parts.day, parts.time) {
        (None, _, _) => (midnight, Precision::Year),
        (_, None, _) => (midnight, Precision::Month),
        (_, _, None) => (midnight, Precision::Day),
        (_, _, Some(time)) => match offset(date, time, parts.zone) {
            Some(offset) => (midnight + i64::from(time) - i64::from(offset), Precision::Second),
            None => (midnight, Precision::Day),
        },
    };
    not_ahead(Moment { seconds, precision }, now)
}

/// Seconds east of UTC.
fn offset(date: Date, time: i32, zone: Option<Zone>) -> Option<i32> {
    let Some(zone) = zone else { return Some(0) };
    let local: DateTime = date.at(0, 0, 0, 0);
    zone.offset_at(local.checked_add(jiff::Span::new().seconds(time)).ok()?)
}

fn not_ahead(moment: Moment, now: i64) -> Result<Moment, Refused> {
    if moment.seconds > now.saturating_add(AHEAD) { Err(Refused::Future) } else { Ok(moment) }
}

/// Ten digits are seconds, thirteen milliseconds; from 1973 to 2286. Twelve that are a day and a time are that.
fn unix_time(text: &str) -> Option<i64> {
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    if !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: i64 = whole.parse().ok()?;
    match whole.len() {
        9 | 10 if number >= 100_000_000 => Some(number),
        12 if text == whole && !matches!(numeric::read(text), Ok(Some(_))) => Some(number / 1000),
        13 if text == whole => Some(number / 1000),
        _ => None,
    }
}

/// What stands in a text that is a date and nothing else.
pub fn parts(text: &str) -> Result<Parts, Refused> {
    parts_in(text, None)
}

/// What stands between two dates.
const SEPARATORS: [char; 4] = ['|', '·', '•', ';'];

fn parts_in(text: &str, lang: Option<&str>) -> Result<Parts, Refused> {
    let is_whole = |parts: &Parts| parts.year.is_some() && parts.month.is_some();
    let eastern = if text.is_ascii() { None } else { eastern::written_as_others(text) };
    let text = eastern.as_deref().unwrap_or(text);
    // "Published … Updated …": the first is the date of publication.
    if let Some(at) = update_behind(text)
        && let Ok(first) = words(&text[..at], lang)
        && is_whole(&first)
    {
        return Ok(first);
    }
    let refused = match words(text, lang) {
        Ok(parts) => return Ok(parts),
        Err(Refused::NotADate) => Refused::NotADate,
        Err(refused) => return Err(refused),
    };
    if text.contains(SEPARATORS) {
        let mut dates = text.split(SEPARATORS).filter_map(|part| words(part, lang).ok());
        if let Some(first) = dates.find(is_whole) {
            return Ok(first);
        }
    }
    // `… GMT+0100 (Central European Standard Time)`
    if let Some((before, _)) = text.strip_suffix(')').and_then(|text| text.rsplit_once('('))
        && let Ok(parts) = words(before, lang)
        && parts.zone.is_some()
    {
        return Ok(parts);
    }
    let mut lower = text.split_whitespace().map(str::to_lowercase);
    if lower.any(|word| is_relative(word.trim_end_matches(['.', ',', ':']))) {
        return Err(Refused::Relative);
    }
    Err(refused)
}

/// Where a word says that what follows is the date of a change, but for the first word.
fn update_behind(text: &str) -> Option<usize> {
    let mut at = 0;
    for word in text.split_inclusive(char::is_whitespace) {
        let bare = word.trim_matches(|letter: char| !letter.is_alphabetic());
        if at > 0 && bare.len() > 2 && is_update(&bare.to_lowercase()) {
            return Some(at);
        }
        at += word.len();
    }
    None
}

#[cfg(test)]
mod tests;
