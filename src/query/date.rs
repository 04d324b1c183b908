//! Dates of the query language: `2026`, `2026-11`, `2026-11-22`, `today`, `yesterday`, `7d`, `2w`, `3m`, `1y`, ISO 8601.

use std::fmt;
use std::ops::Range;

use jiff::civil::Date;
use jiff::{Span, Timestamp, tz::TimeZone};

use crate::query::ast::{DateUnit, DateValue};

/// What a date may look like, for error messages.
pub(super) const FORMS: &str =
    "a date is written 2026, 2026-11, 2026-11-22, today, yesterday, 7d, 2w, 3m, 1y or 2026-11-22T10:30:00Z";

/// Words that stand for a date.
pub(super) const WORDS: [&str; 2] = ["today", "yesterday"];

impl DateValue {
    /// Reads one date; `None` where the text is none or names a day that does not exist.
    pub fn read(text: &str) -> Option<Self> {
        match text {
            "today" => return Some(Self::Today),
            "yesterday" => return Some(Self::Yesterday),
            _ => {}
        }
        if let Some(unit) = text.chars().last().and_then(DateUnit::from_letter) {
            let count: u16 = text[..text.len() - 1].parse().ok()?;
            return (count > 0).then_some(Self::Ago { count, unit });
        }
        if text.contains(['T', 't']) {
            return read_instant(text);
        }
        let digits = |part: &str, length: usize| -> Option<i16> {
            (part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit()))
                .then(|| part.parse().ok())
                .flatten()
        };
        let mut parts = text.split(['-', '/']);
        let year = digits(parts.next()?, 4).filter(|year| *year >= 1)?;
        let Some(month) = parts.next() else { return Some(Self::Year { year }) };
        let month = digits(month, 2).filter(|month| (1..=12).contains(month))? as i8;
        let Some(day) = parts.next() else { return Some(Self::Month { year, month }) };
        let day = digits(day, 2)? as i8;
        if parts.next().is_some() || Date::new(year, month, day).is_err() {
            return None;
        }
        Some(Self::Day { year, month, day })
    }

    /// The seconds since 1970 that the date covers, the end excluded; `now` is Unix time and days are days of UTC.
    pub fn period(self, now: i64) -> Range<i64> {
        let today =
            Timestamp::from_second(now).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(TimeZone::UTC).date();
        let (first, last) = match self {
            Self::Second { seconds } => return seconds..seconds.saturating_add(1),
            Self::Year { year } => (Date::new(year, 1, 1), Date::new(year, 12, 31)),
            Self::Month { year, month } => {
                let first = Date::new(year, month, 1);
                let last = first.as_ref().map_or(Ok(Date::MAX), |first| Ok(first.last_of_month()));
                (first, last)
            }
            Self::Day { year, month, day } => (Date::new(year, month, day), Date::new(year, month, day)),
            Self::Today => (Ok(today), Ok(today)),
            Self::Yesterday => {
                let day = today.yesterday().unwrap_or(Date::MIN);
                (Ok(day), Ok(day))
            }
            Self::Ago { count, unit } => {
                let span = match unit {
                    DateUnit::Day => Span::new().try_days(count),
                    DateUnit::Week => Span::new().try_weeks(count),
                    DateUnit::Month => Span::new().try_months(count),
                    DateUnit::Year => Span::new().try_years(count),
                };
                let day = span.and_then(|span| today.checked_sub(span)).unwrap_or(Date::MIN);
                (Ok(day), Ok(day))
            }
        };
        let start =
            |date: Date| date.to_zoned(TimeZone::UTC).map_or(i64::MIN, |zoned| zoned.timestamp().as_second());
        // A date built by hand may not exist; it then covers nothing.
        match (first, last) {
            (Ok(first), Ok(last)) => match last.tomorrow() {
                Ok(next) => start(first)..start(next),
                Err(_) => start(first)..i64::MAX,
            },
            _ => 0..0,
        }
    }
}

fn read_instant(text: &str) -> Option<DateValue> {
    let upper = text.to_ascii_uppercase();
    let timestamp = upper.parse::<Timestamp>().ok().or_else(|| {
        // Without an offset the time is UTC.
        let civil: jiff::civil::DateTime = upper.parse().ok()?;
        Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
    })?;
    Some(DateValue::Second { seconds: timestamp.as_second() })
}

impl DateUnit {
    fn from_letter(letter: char) -> Option<Self> {
        match letter {
            'd' => Some(Self::Day),
            'w' => Some(Self::Week),
            'm' => Some(Self::Month),
            'y' => Some(Self::Year),
            _ => None,
        }
    }

    fn letter(self) -> char {
        match self {
            Self::Day => 'd',
            Self::Week => 'w',
            Self::Month => 'm',
            Self::Year => 'y',
        }
    }
}

impl fmt::Display for DateValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Year { year } => write!(f, "{year:04}"),
            Self::Month { year, month } => write!(f, "{year:04}-{month:02}"),
            Self::Day { year, month, day } => write!(f, "{year:04}-{month:02}-{day:02}"),
            Self::Second { seconds } => match Timestamp::from_second(*seconds) {
                Ok(timestamp) => write!(f, "{timestamp}"),
                Err(_) => write!(f, "{}", Timestamp::MAX),
            },
            Self::Today => f.write_str("today"),
            Self::Yesterday => f.write_str("yesterday"),
            Self::Ago { count, unit } => write!(f, "{count}{}", unit.letter()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-24T12:00:00Z
    const NOW: i64 = 1_795_521_600;

    fn day(text: &str) -> i64 {
        text.parse::<Date>().unwrap().to_zoned(TimeZone::UTC).unwrap().timestamp().as_second()
    }

    #[test]
    fn periods() {
        let cases = [
            ("2024", "2024-01-01", "2025-01-01"),
            ("2024-02", "2024-02-01", "2024-03-01"),
            ("2024/12", "2024-12-01", "2025-01-01"),
            ("2024-02-29", "2024-02-29", "2024-03-01"),
            ("today", "2026-11-24", "2026-11-25"),
            ("yesterday", "2026-11-23", "2026-11-24"),
            ("7d", "2026-11-17", "2026-11-18"),
            ("2w", "2026-11-10", "2026-11-11"),
            ("3m", "2026-08-24", "2026-08-25"),
            ("1y", "2025-11-24", "2025-11-25"),
        ];
        for (text, start, end) in cases {
            let value = DateValue::read(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(value.period(NOW), day(start)..day(end), "{text}");
            assert_eq!(DateValue::read(&value.to_string()), Some(value), "{text}");
        }
    }

    #[test]
    fn instants() {
        for text in ["2026-11-24T12:00:00Z", "2026-11-24T13:00:00+01:00", "2026-11-24t12:00:00"] {
            assert_eq!(DateValue::read(text), Some(DateValue::Second { seconds: NOW }), "{text}");
        }
        assert_eq!(DateValue::Second { seconds: NOW }.period(0), NOW..NOW + 1);
        assert_eq!(DateValue::Second { seconds: NOW }.to_string(), "2026-11-24T12:00:00Z");
    }

    #[test]
    fn refused() {
        for text in [
            "",
            "yesterdya",
            "2023-02-30",
            "2023-13",
            "0d",
            "d",
            "99999",
            "2023-1-1",
            "12/2023",
            "0000",
            "5h",
        ] {
            assert_eq!(DateValue::read(text), None, "{text}");
        }
    }
}
