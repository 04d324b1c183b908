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
mod zone;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use crate::article::Precision;
use names::{is_filler, is_relative, is_update, weekday_named};
use numeric::{Figures, of_two_digits};

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

/// What was read of a date so far.
#[derive(Default)]
struct Reader<'t> {
    parts: Parts,
    ambiguous: Option<(i8, i8, i16, char)>,
    weekday: Option<i8>,
    is_halved: bool,
    /// The day stood before the month.
    is_day_first: bool,
    /// The word of the month.
    month: &'t str,
}

fn words(text: &str, lang: Option<&str>) -> Result<Parts, Refused> {
    // `2021-03-02T22:39:15+01:00[Europe/Paris]`: the offset says it all.
    let (text, place) = match text.trim().strip_suffix(']').and_then(|text| text.rsplit_once('[')) {
        Some((text, place)) => (text, Some(place)),
        None => (text, None),
    };
    let joined = with_joined_parts(text);
    let words: Vec<&str> = joined
        .split(|letter: char| letter.is_whitespace() || matches!(letter, ',' | '(' | ')') || SEPARATORS.contains(&letter))
        .filter(|word| !word.is_empty())
        .collect();
    let mut reader = Reader::default();
    let mut rest = &words[..];
    let mut before = "";
    while let [word, behind @ ..] = rest {
        let used = reader.word(word, before, behind)?;
        before = word;
        rest = &behind[used.min(behind.len())..];
    }
    if let Some(place) = place.filter(|_| reader.parts.time.is_some() && reader.parts.zone.is_none()) {
        reader.parts.zone = Some(zone::zone(place).unwrap_or(Zone::Unknown));
    }
    reader.finish(lang)
}

/// A text whose times with a comma before the tenths and whose dates with spaces (`14. 1. 2026`) are in one piece.
fn with_joined_parts(text: &str) -> std::borrow::Cow<'_, str> {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let is_tenth =
        |at: usize| at >= 3 && digit(at - 1) && digit(at - 2) && bytes[at - 3] == b':' && digit(at + 1);
    let has_tenths = text.match_indices(',').any(|(at, _)| is_tenth(at));
    let has_spaces = text.match_indices(". ").any(|(at, _)| at > 0 && digit(at - 1) && digit(at + 2));
    if !has_tenths && !has_spaces {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    for (at, letter) in text.char_indices() {
        match letter {
            ',' if is_tenth(at) => out.push('.'),
            ' ' if at > 1 && bytes[at - 1] == b'.' && digit(at - 2) && digit(at + 1) => {}
            letter => out.push(letter),
        }
    }
    out.into()
}

impl<'t> Reader<'t> {
    /// Takes a word; gives how many of those behind it were read with it.
    fn word(&mut self, word: &'t str, before: &str, behind: &[&'t str]) -> Result<usize, Refused> {
        if word.starts_with(|letter: char| letter.is_ascii_digit()) {
            return self.figures(word, before, behind);
        }
        let parts = &mut self.parts;
        if word.starts_with(['+', '-', '−'])
            && let Some(zone) = zone::zone(word)
        {
            parts.zone = Some(zone);
            return Ok(0);
        }
        let lower = word.to_lowercase();
        let bare = lower.trim_end_matches(['.', ':']);
        if let Some(month) = month_named(bare) {
            return self.month(month, word).map(|()| 0);
        }
        if let Some(weekday) = weekday_named(bare) {
            self.weekday = Some(weekday);
        } else if let Some(zone) = zone::zone(word) {
            parts.zone = Some(zone);
        } else if let Some(zone) = parts.time.and_then(|_| american(bare)) {
            parts.zone = Some(zone);
        } else if let Some(date) = joined(bare) {
            self.joined(date)?;
        } else if !is_filler(bare) {
            if parts.time.is_none() || parts.zone.is_some() || !zone::may_be_zone(word) {
                return Err(Refused::NotADate);
            }
            parts.zone = Some(Zone::Unknown);
        }
        Ok(0)
    }

    fn month(&mut self, month: i8, word: &'t str) -> Result<(), Refused> {
        // "mar. 14 janv.": Tuesday.
        let is_tuesday = |word: &str| word.trim_end_matches('.').eq_ignore_ascii_case("mar");
        match self.parts.month {
            Some(known) if known != month && is_tuesday(self.month) => self.weekday = Some(2),
            Some(known) if known != month && is_tuesday(word) => {
                self.weekday = Some(2);
                return Ok(());
            }
            Some(known) if known != month => return Err(Refused::NotADate),
            _ => {}
        }
        self.is_day_first = self.parts.day.is_some();
        self.parts.month = Some(month);
        self.month = word;
        Ok(())
    }

    /// A word that begins with a digit.
    fn figures(&mut self, word: &'t str, before: &str, behind: &[&'t str]) -> Result<usize, Refused> {
        if word.len() > 5
            && let Some((figures, rest)) = numeric::read(word)?
        {
            return self.date(figures, rest).map(|()| 0);
        }
        let lower = word.to_lowercase();
        let bare = lower.trim_end_matches('.');
        let next = behind.first().map_or(String::new(), |next| next.to_lowercase());
        let unit = next.trim_end_matches('.');
        let is_known = self.parts.day.is_some() && self.parts.year.is_some() || self.ambiguous.is_some();
        let is_announced = matches!(
            before.to_lowercase().trim_end_matches(['.', ':']),
            "om" | "ore" | "alle" | "kl" | "um" | "à" | "às" | "at" | "klokken" | "las"
        );
        let is_hour = matches!(unit, "uhr" | "uur" | "h" | "hs" | "heures" | "hrs");
        if clock::is_clock(bare) {
            let half = clock::half(&next);
            self.time(word, half)?;
            return Ok(usize::from(half.is_some()));
        }
        if is_dotted_time(bare) && (is_known || is_announced || is_hour) {
            let half = clock::half(&next);
            self.time(bare, half)?;
            return Ok(usize::from(half.is_some() || is_hour));
        }
        if bare.len() <= 2 && bare.bytes().all(|byte| byte.is_ascii_digit()) {
            if let Some(half) = clock::half(&next) {
                self.time(bare, Some(half))?;
                return Ok(1);
            }
            if is_hour {
                // `9 h 30`, `9 Uhr 30`
                let minutes = behind.get(1).filter(|word| word.len() == 2 && is_known && ordinal(word).is_some());
                let minutes = minutes.filter(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
                self.time(&format!("{bare}:{}", minutes.unwrap_or(&"00")), None)?;
                return Ok(1 + usize::from(minutes.is_some()));
            }
            if is_known && is_announced {
                self.time(bare, None)?;
                return Ok(0);
            }
        }
        if let Some(number) = ordinal(bare) {
            // The years of RFC 822: `1 Jan 98`.
            if self.is_day_first && bare.len() == 2 {
                if self.parts.year.is_some() || self.parts.time.is_some() {
                    return Err(Refused::NotADate);
                }
                self.parts.year = Some(of_two_digits(number));
                return Ok(0);
            }
            return self.number(number, bare.len()).map(|()| 0);
        }
        match joined(bare) {
            Some(date) => self.joined(date).map(|()| 0),
            None => Err(Refused::NotADate),
        }
    }

    /// A date in figures, and the time that follows it without a space.
    fn date(&mut self, figures: Figures, rest: &str) -> Result<(), Refused> {
        let Parts { year, month, day, .. } = self.parts;
        if year.is_some() || month.is_some() || day.is_some() || self.ambiguous.is_some() {
            return Err(Refused::NotADate);
        }
        match figures {
            Figures::Clear { year, month, day } => {
                self.parts = Parts { year: Some(year), month, day, ..self.parts };
            }
            Figures::Ambiguous { first, second, year, separator } => {
                self.ambiguous = Some((first, second, year, separator));
            }
        }
        let rest = match rest.strip_prefix(['T', 't']) {
            Some(clock) => clock,
            None if rest.is_empty() || rest.starts_with(|letter: char| letter.is_ascii_digit()) => rest,
            None => {
                // A day with the zone that it is a day in.
                return zone::zone(rest).map(|_| ()).ok_or(Refused::NotADate);
            }
        };
        if rest.is_empty() {
            return Ok(());
        }
        match clock::compact(rest)? {
            Some((seconds, behind)) => {
                self.set_time(seconds)?;
                if !behind.is_empty() {
                    self.parts.zone = Some(zone::zone(behind).ok_or(Refused::NotADate)?);
                }
                Ok(())
            }
            None => self.time(rest, None),
        }
    }

    fn time(&mut self, word: &str, half: Option<clock::Half>) -> Result<(), Refused> {
        let clock = clock::read(word, half)?;
        self.is_halved |= clock.is_halved;
        if clock.zone.is_some() {
            self.parts.zone = clock.zone;
        }
        self.set_time(clock.seconds)
    }

    fn set_time(&mut self, seconds: i32) -> Result<(), Refused> {
        match self.parts.time.replace(seconds) {
            Some(known) if known != seconds => Err(Refused::NotADate),
            _ => Ok(()),
        }
    }

    fn joined<'w>(&mut self, date: impl Iterator<Item = &'w str>) -> Result<(), Refused> {
        for piece in date {
            let number = ordinal(piece);
            match (month_named(piece), number) {
                (Some(month), _) if self.parts.month.is_none() => self.parts.month = Some(month),
                // `14-Jan-26`
                (None, Some(number))
                    if piece.len() == 2 && self.parts.day.is_some() && self.parts.month.is_some() =>
                {
                    if self.parts.year.replace(of_two_digits(number)).is_some() {
                        return Err(Refused::NotADate);
                    }
                }
                (None, Some(number)) => self.number(number, piece.len())?,
                _ => return Err(Refused::NotADate),
            }
        }
        Ok(())
    }

    fn number(&mut self, number: i16, length: usize) -> Result<(), Refused> {
        let parts = &mut self.parts;
        if length == 4 {
            if number < FIRST_YEAR {
                return Err(Refused::Past);
            }
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

    fn finish(mut self, lang: Option<&str>) -> Result<Parts, Refused> {
        if let Some((first, second, year, separator)) = self.ambiguous {
            if self.parts.month.is_some() || self.parts.day.is_some() || self.parts.year.is_some() {
                return Err(Refused::NotADate);
            }
            let is_month_first = self.is_month_first((first, second, year, separator), lang);
            let (month, day) = if is_month_first { (first, second) } else { (second, first) };
            self.parts = Parts { year: Some(year), month: Some(month), day: Some(day), ..self.parts };
        }
        let parts = self.parts;
        if parts.month.is_none() && (parts.day.is_some() || parts.year.is_none()) {
            return Err(Refused::NotADate);
        }
        Ok(parts)
    }

    fn is_month_first(&self, (first, second, year, separator): (i8, i8, i16, char), lang: Option<&str>) -> bool {
        if let Some(weekday) = self.weekday {
            let is_it = |month, day| {
                Date::new(year, month, day).is_ok_and(|date| date.weekday().to_monday_one_offset() == weekday)
            };
            match (is_it(first, second), is_it(second, first)) {
                (true, false) => return true,
                (false, true) => return false,
                _ => {}
            }
        }
        if separator == '.' {
            return false;
        }
        if let Some(is_month_first) = lang.and_then(month_first_in) {
            return is_month_first;
        }
        match self.parts.zone {
            Some(zone) if zone.is_american() => true,
            _ if self.is_halved => true,
            Some(Zone::Fixed(0)) | None => separator == '/',
            Some(_) => false,
        }
    }
}

/// Whether the month is first where a language is written; `None` where both are usual.
fn month_first_in(tag: &str) -> Option<bool> {
    let mut tag = tag.split(['-', '_']).map(str::to_ascii_lowercase);
    let lang = tag.next()?;
    if !matches!(lang.as_str(), "en" | "eng" | "english") {
        return (2..=3).contains(&lang.len()).then_some(false);
    }
    match tag.next()?.as_str() {
        "us" | "ph" | "pr" => Some(true),
        "ca" => None,
        region => (region.len() == 2).then_some(false),
    }
}

/// `9:30 a.m. Eastern`
fn american(word: &str) -> Option<Zone> {
    Some(Zone::American(match word {
        "eastern" => -5,
        "central" => -6,
        "mountain" => -7,
        "pacific" => -8,
        _ => return None,
    }))
}

/// `9.30`, `09.30h`
fn is_dotted_time(word: &str) -> bool {
    let word = word.strip_suffix('h').unwrap_or(word);
    word.split_once('.').is_some_and(|(hours, minutes)| {
        (1..=2).contains(&hours.len())
            && minutes.len() == 2
            && hours.bytes().chain(minutes.bytes()).all(|byte| byte.is_ascii_digit())
    })
}

/// `18`, `18th`, `1er`, `2023`.
fn ordinal(word: &str) -> Option<i16> {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0
        || digits > 4
        || !matches!(&word[digits..], "" | "st" | "nd" | "rd" | "th" | "er" | "º" | "°" | "ª" | "e")
    {
        return None;
    }
    word[..digits].parse().ok()
}

/// `18-jan-2023`, `18/jan/2023`
fn joined(word: &str) -> Option<std::str::Split<'_, char>> {
    let separator = ['-', '/'].into_iter().find(|separator| word.matches(*separator).count() == 2)?;
    Some(word.split(separator))
}

#[cfg(test)]
mod tests;
