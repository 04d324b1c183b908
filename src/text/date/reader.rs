//! The words of a date one after the other, and what decides between its day and its month.

use std::borrow::Cow;

use jiff::civil::Date;

use super::names::{is_filler, month_named, weekday_named};
use super::numeric::{self, Figures, of_two_digits};
use super::zone::{self, Zone};
use super::{FIRST_YEAR, Parts, Refused, SEPARATORS, clock};

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

/// Reads a text that is one date, word by word.
pub(super) fn words(text: &str, lang: Option<&str>) -> Result<Parts, Refused> {
    // `2021-03-02T22:39:15+01:00[Europe/Paris]`: the offset says it all.
    let (text, place) = match text.trim().strip_suffix(']').and_then(|text| text.rsplit_once('[')) {
        Some((text, place)) => (text, Some(place)),
        None => (text, None),
    };
    let joined = with_joined_parts(text);
    let words: Vec<&str> = joined
        .split(|letter: char| {
            letter.is_whitespace() || matches!(letter, ',' | '(' | ')') || SEPARATORS.contains(&letter)
        })
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
fn with_joined_parts(text: &str) -> Cow<'_, str> {
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
        let word = if word.len() > 1 { word.trim_start_matches('@') } else { word };
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
                let minutes =
                    behind.get(1).filter(|word| word.len() == 2 && is_known && ordinal(word).is_some());
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
            return self.number(number, digits_of(bare)).map(|()| 0);
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
                (None, Some(number)) => self.number(number, digits_of(piece))?,
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
        if self.weekday.is_some() && (parts.year, parts.month, parts.day) == (None, None, None) {
            return Err(Refused::Relative);
        }
        if parts.month.is_none() && (parts.day.is_some() || parts.year.is_none()) {
            return Err(Refused::NotADate);
        }
        Ok(parts)
    }

    fn is_month_first(
        &self,
        (first, second, year, separator): (i8, i8, i16, char),
        lang: Option<&str>,
    ) -> bool {
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

fn digits_of(word: &str) -> usize {
    word.bytes().take_while(u8::is_ascii_digit).count()
}

/// `18`, `18th`, `1er`, `2023`.
fn ordinal(word: &str) -> Option<i16> {
    let digits = digits_of(word);
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
    let separator =
        ['-', '/'].into_iter().find(|separator| word.matches(*separator).count() == 2 && word.len() > 5)?;
    Some(word.split(separator))
}
