//! Dates in figures: `2023-01-18`, `2023/12`, `20230118`, `18.01.2023`, `1/18/2023`, `2023-W03-3`, `2023-018`.

use jiff::civil::{Date, ISOWeekDate, Weekday};

use super::zone::Zone;
use super::{FIRST_YEAR, Parts, Refused};

/// What figures say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Figures {
    /// Year, month and day, as far as they are given.
    Clear { year: i16, month: Option<i8>, day: Option<i8> },
    /// Two numbers that could both be the month, with what stands between them.
    Ambiguous { first: i8, second: i8, year: i16, separator: char },
}

/// The date at the beginning of a word, with what follows it.
pub(super) fn read(word: &str) -> Result<Option<(Figures, &str)>, Refused> {
    if let Some(found) = week_date(word)? {
        return Ok(Some(found));
    }
    let end = word.find(|letter: char| !(letter.is_ascii_digit() || matches!(letter, '-' | '/' | '.')));
    let date = word[..end.unwrap_or(word.len())].trim_end_matches(['-', '/', '.']);
    let rest = word[date.len()..].trim_start_matches(['.', '/']);
    if date.bytes().all(|byte| byte.is_ascii_digit()) {
        // Digits of something else: `8188997BC8`.
        if rest.starts_with(|letter: char| letter.is_alphabetic() && !matches!(letter, 'T' | 't' | 'Z' | 'z'))
        {
            return Ok(None);
        }
        return compact(date, word);
    }
    let Some(separator) = date.chars().find(|letter| !letter.is_ascii_digit()) else { return Ok(None) };
    let fields: Vec<&str> = date.split(separator).collect();
    if !fields.iter().all(|field| !field.is_empty() && field.bytes().all(|byte| byte.is_ascii_digit())) {
        return Ok(None);
    }
    let figures = match fields[..] {
        [year, day] if year.len() == 4 && day.len() == 3 && separator == '-' => ordinal(year, day)?,
        [year, month] | [month, year] if year.len() == 4 && month.len() <= 2 => {
            clear(number(year)?, Some(number(month)?), None)?
        }
        [year, month, day] if year.len() == 4 && month.len() <= 2 && day.len() <= 2 => {
            clear(number(year)?, Some(number(month)?), Some(number(day)?))?
        }
        [first, second, year] if first.len() <= 2 && second.len() <= 2 && matches!(year.len(), 2 | 4) => {
            let (first, second) = (number(first)?, number(second)?);
            let year = if year.len() == 2 { of_two_digits(number(year)?) } else { number(year)? };
            match (first > 12, second > 12) {
                (true, _) => clear(year, Some(second), Some(first))?,
                (false, true) => clear(year, Some(first), Some(second))?,
                (false, false) if first == 0 || second == 0 => return Err(Refused::Impossible),
                (false, false) if first == second => clear(year, Some(first), Some(second))?,
                (false, false) => {
                    Figures::Ambiguous { first: first as i8, second: second as i8, year, separator }
                }
            }
        }
        _ => return Ok(None),
    };
    Ok(Some((figures, rest)))
}

/// Digits alone: 8 are a day, 7 a day of the year, 12 and 14 a day with its time behind it.
fn compact<'t>(date: &str, word: &'t str) -> Result<Option<(Figures, &'t str)>, Refused> {
    Ok(match date.len() {
        8 | 12 | 14 => {
            let day = clear(number(&date[..4])?, Some(number(&date[4..6])?), Some(number(&date[6..8])?))?;
            Some((day, &word[8..]))
        }
        7 => Some((ordinal(&date[..4], &date[4..])?, &word[7..])),
        _ => None,
    })
}

/// `2026-W03-3` and `2026W033`. A week alone is no day.
fn week_date(word: &str) -> Result<Option<(Figures, &str)>, Refused> {
    let Some((year, after)) = word.split_at_checked(4) else { return Ok(None) };
    let Some(after) = after.strip_prefix("-W").or_else(|| after.strip_prefix('W')) else { return Ok(None) };
    let Some((week, after)) = after.split_at_checked(2) else { return Ok(None) };
    let after = after.strip_prefix('-').unwrap_or(after);
    let Some((day, rest)) = after.split_at_checked(1) else { return Ok(None) };
    let (Ok(year), Ok(week), Ok(day)) = (year.parse(), week.parse(), day.parse()) else { return Ok(None) };
    let weekday = Weekday::from_monday_one_offset(day).map_err(|_| Refused::Impossible)?;
    let date = ISOWeekDate::new(year, week, weekday).map_err(|_| Refused::Impossible)?.date();
    Ok(Some((Figures::Clear { year: date.year(), month: Some(date.month()), day: Some(date.day()) }, rest)))
}

/// A day by its number in the year.
fn ordinal(year: &str, day: &str) -> Result<Figures, Refused> {
    let (year, day) = (number(year)?, number(day)?);
    let first = Date::new(year, 1, 1).map_err(|_| Refused::Impossible)?;
    if year < FIRST_YEAR {
        return Err(Refused::Past);
    }
    if !(1..=first.days_in_year()).contains(&day) {
        return Err(Refused::Impossible);
    }
    let date = first.checked_add(jiff::Span::new().days(day - 1)).map_err(|_| Refused::Impossible)?;
    Ok(Figures::Clear { year, month: Some(date.month()), day: Some(date.day()) })
}

/// Of 1970 to 2069.
pub(super) fn of_two_digits(year: i16) -> i16 {
    if year < 70 { 2000 + year } else { 1900 + year }
}

fn number(text: &str) -> Result<i16, Refused> {
    text.parse().map_err(|_| Refused::NotADate)
}

fn clear(year: i16, month: Option<i16>, day: Option<i16>) -> Result<Figures, Refused> {
    let within = |number: Option<i16>, last: i16| match number {
        None => Ok(None),
        Some(number) if (1..=last).contains(&number) => Ok(Some(number as i8)),
        Some(_) => Err(Refused::Impossible),
    };
    Ok(Figures::Clear { year, month: within(month, 12)?, day: within(day, 31)? })
}

/// `2026-01-14T09:30:00.250+01:00`, which most records have, at one look. `None` leaves it to the reader of words.
pub(super) fn timestamp(text: &str) -> Option<Parts> {
    let bytes = text.as_bytes();
    let (head, tail) = bytes.split_at_checked(19)?;
    let is_fixed = head[4] == b'-'
        && head[7] == b'-'
        && matches!(head[10], b'T' | b't' | b' ')
        && head[13] == b':'
        && head[16] == b':';
    if !is_fixed {
        return None;
    }
    let number = |digits: &[u8]| -> Option<i32> {
        digits
            .iter()
            .try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + i32::from(digit - b'0')))
    };
    let field = |at: usize, last: i32| number(&head[at..at + 2]).filter(|field| *field <= last);
    let (year, month, day) = (number(&head[..4])?, field(5, 12)?, field(8, 31)?);
    let (hours, minutes, seconds) = (field(11, 23)?, field(14, 59)?, field(17, 59)?);
    let fraction = match tail {
        [b'.', rest @ ..] => 1 + rest.iter().take_while(|byte| byte.is_ascii_digit()).count(),
        _ => 0,
    };
    let zone = match &tail[fraction..] {
        [] => None,
        [b'Z' | b'z'] => Some(Zone::Fixed(0)),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] | [sign @ (b'+' | b'-'), h1, h2, m1, m2] => {
            let hours = number(&[*h1, *h2]).filter(|hours| *hours <= 14)?;
            let minutes = number(&[*m1, *m2]).filter(|minutes| *minutes < 60)?;
            let east = hours * 3600 + minutes * 60;
            Some(Zone::Fixed(if *sign == b'-' { -east } else { east }))
        }
        _ => return None,
    };
    if month == 0 || day == 0 {
        return None;
    }
    Some(Parts {
        year: Some(year as i16),
        month: Some(month as i8),
        day: Some(day as i8),
        time: Some(hours * 3600 + minutes * 60 + seconds),
        zone,
    })
}
