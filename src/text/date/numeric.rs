//! Dates in figures: `2023-01-18`, `2023/12`, `20230118`, `18.01.2023`, `1/18/2023`, `2023-W03-3`, `2023-018`.

use jiff::civil::{Date, ISOWeekDate, Weekday};

use super::{FIRST_YEAR, Refused};

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
