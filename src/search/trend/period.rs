//! Periods of the calendar: days, ISO weeks, months, quarters and years, numbered so that neighbours differ by one.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::article::Precision;

/// Days of 1970-01-01, a Thursday, since the Monday of its week.
const DAYS_SINCE_MONDAY: i64 = 3;

/// How long the periods of a trend are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Every {
    /// A calendar day of UTC.
    Day,
    /// A week of ISO 8601: Monday to Sunday, in the year that its Thursday is in.
    Week,
    /// A calendar month.
    Month,
    /// January to March, April to June, July to September, October to December.
    Quarter,
    /// A calendar year.
    Year,
}

impl Every {
    /// The name used in requests and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }

    /// The least exact date that lies in one period for certain.
    pub(in crate::search) fn needs(self) -> Precision {
        match self {
            Self::Day | Self::Week => Precision::Day,
            Self::Month | Self::Quarter => Precision::Month,
            Self::Year => Precision::Year,
        }
    }

    /// The next longer period.
    pub(super) fn longer(self) -> Option<Self> {
        Some(match self {
            Self::Day => Self::Week,
            Self::Week => Self::Month,
            Self::Month => Self::Quarter,
            Self::Quarter => Self::Year,
            Self::Year => return None,
        })
    }

    /// The number of the period that a day, counted from 1970-01-01, lies in.
    pub(super) fn number(self, day: i64) -> i64 {
        let date = date(day);
        let (year, month) = (i64::from(date.year()), i64::from(date.month()) - 1);
        match self {
            Self::Day => day,
            Self::Week => (day + DAYS_SINCE_MONDAY).div_euclid(7),
            Self::Month => year * 12 + month,
            Self::Quarter => year * 4 + month / 3,
            Self::Year => year,
        }
    }

    /// The first day of a period.
    fn start(self, number: i64) -> Date {
        let first_of = |year: i64, month: i64| {
            Date::new(i16::try_from(year).unwrap_or(i16::MAX), month as i8 + 1, 1).unwrap_or(Date::MAX)
        };
        match self {
            Self::Day => date(number),
            Self::Week => date(number * 7 - DAYS_SINCE_MONDAY),
            Self::Month => first_of(number.div_euclid(12), number.rem_euclid(12)),
            Self::Quarter => first_of(number.div_euclid(4), number.rem_euclid(4) * 3),
            Self::Year => first_of(number, 0),
        }
    }

    /// First day and label of a period: `2024-02-12`, `2024-W07`, `2024-02`, `2024-Q1` or `2024`.
    pub(super) fn describe(self, number: i64) -> (String, String) {
        let start = self.start(number);
        let label = match self {
            Self::Day => start.to_string(),
            Self::Week => {
                let week = start.iso_week_date();
                format!("{:04}-W{:02}", week.year(), week.week())
            }
            Self::Month => format!("{:04}-{:02}", start.year(), start.month()),
            Self::Quarter => format!("{:04}-Q{}", start.year(), (start.month() - 1) / 3 + 1),
            Self::Year => format!("{:04}", start.year()),
        };
        (start.to_string(), label)
    }
}

/// The date of a day counted from 1970-01-01.
pub(in crate::search) fn date(day: i64) -> Date {
    jiff::Timestamp::from_second(day.saturating_mul(86_400))
        .map_or(Date::MAX, |timestamp| timestamp.to_zoned(jiff::tz::TimeZone::UTC).date())
}

#[cfg(test)]
mod tests {
    use super::{Every, date};

    /// Days from 1970 of a date.
    fn day(text: &str) -> i64 {
        let date: jiff::civil::Date = text.parse().unwrap();
        date.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp().as_second().div_euclid(86_400)
    }

    #[test]
    fn a_day_lies_in_one_period_of_each_length() {
        for (text, week, monday, quarter) in [
            ("2024-02-12", "2024-W07", "2024-02-12", "2024-Q1"),
            ("2024-02-18", "2024-W07", "2024-02-12", "2024-Q1"),
            ("2024-12-30", "2025-W01", "2024-12-30", "2024-Q4"),
            ("2021-01-03", "2020-W53", "2020-12-28", "2021-Q1"),
            ("1970-01-01", "1970-W01", "1969-12-29", "1970-Q1"),
            ("1969-12-28", "1969-W52", "1969-12-22", "1969-Q4"),
            ("1987-07-01", "1987-W27", "1987-06-29", "1987-Q3"),
        ] {
            let describe = |every: Every| every.describe(every.number(day(text)));
            assert_eq!(describe(Every::Day), (text.to_owned(), text.to_owned()));
            assert_eq!(describe(Every::Week), (monday.to_owned(), week.to_owned()), "{text}");
            let (year, month) = (&text[..4], &text[..7]);
            assert_eq!(describe(Every::Month), (format!("{month}-01"), month.to_owned()));
            assert_eq!(describe(Every::Quarter).1, quarter, "{text}");
            assert_eq!(describe(Every::Year), (format!("{year}-01-01"), year.to_owned()));
        }
    }

    #[test]
    fn periods_follow_each_other_without_gap() {
        for every in [Every::Day, Every::Week, Every::Month, Every::Quarter, Every::Year] {
            let mut before = every.number(-800);
            for at in -799..800 {
                let number = every.number(at);
                assert!(number == before || number == before + 1, "{every:?} {at}");
                if number == before + 1 {
                    assert_eq!(
                        every.describe(number).0,
                        date(at).to_string(),
                        "a period begins on its first day"
                    );
                }
                before = number;
            }
        }
    }
}
