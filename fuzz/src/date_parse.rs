//! Dates: never another one than what was written. Written dates come back exactly; what another reader takes for a
//! timestamp is that or refused; nothing lies ahead or before the first newspapers.

use dateline::article::{DateSource, Precision, Publication};
use dateline::text::date::{Refused, parse, parse_in};

use crate::{NOW, text, within};

/// Far enough that nothing is refused for lying ahead.
const END: i64 = 300_000_000_000;

pub fn check(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else { return };
    if first % 2 == 1 && rest.len() >= 10 {
        written(rest);
        return;
    }
    let text = text(rest);
    for lang in [None, Some("en-US"), Some("en-GB"), Some("de"), Some("ja")] {
        let Ok(moment) = within(0.05, "reading a date", || parse_in(&text, lang, NOW)) else { continue };
        assert!(moment.seconds <= NOW + 2 * 86_400, "{text:?} lies ahead");
        assert!(moment.seconds >= -11_676_096_000 - 2 * 86_400, "{text:?} lies before 1600");
        let start = match moment.precision {
            Precision::Second => None,
            Precision::Day => Some(86_400),
            Precision::Month | Precision::Year => Some(86_400),
        };
        assert!(start.is_none_or(|start| moment.seconds % start == 0), "{text:?}: {moment:?}");
        // As it is printed it is read again.
        let Publication { seconds, precision, .. } = Publication {
            seconds: moment.seconds,
            precision: moment.precision,
            source: DateSource::Metadata,
        };
        let printed = Publication { seconds, precision, source: DateSource::Metadata }.to_string();
        match parse(&printed, END) {
            Ok(again) => assert_eq!(again, moment, "{text:?} is printed as {printed}"),
            // The zone of a time may lead to the last year before the first.
            Err(Refused::Past) => assert!(printed.starts_with("1599"), "{printed}"),
            Err(error) => panic!("{text:?} is printed as {printed}: {error:?}"),
        }
    }
    // A timestamp is what it says, or refused. A leap second may be either second.
    if let Ok(reference) = text.trim().parse::<jiff::Timestamp>()
        && let Ok(moment) = parse(&text, END)
        && moment.precision == Precision::Second
        && !text.contains(":60")
    {
        let fraction = i64::from(reference.subsec_nanosecond() < 0);
        assert_eq!(moment.seconds, reference.as_second() - fraction, "{text:?}");
    }
}

/// Days since 1970-01-01, by counting.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn length(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// A date in one of the usual forms, from numbers of which some are no date.
fn written(bytes: &[u8]) {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let number = |at: usize, most: i64| i64::from(bytes[at]) % (most + 1);
    let year = 1500 + i64::from(u16::from_le_bytes([bytes[0], bytes[1]])) % 8500;
    let (month, day) = (number(2, 13), number(3, 32));
    let (hour, minute, second) = (number(4, 24), number(5, 60), number(6, 59));
    let offset = number(7, 26) - 12;
    let is_date = (1..=12).contains(&month) && day >= 1 && day <= length(year, month);
    // The end of a day is the beginning of the next one, for some.
    let is_end = hour == 24 && minute == 0 && second == 0;
    let is_time = hour < 24 && minute < 60 || is_end;
    let name = MONTHS.get((month - 1).max(0) as usize).unwrap_or(&"January");
    let midnight = if is_date { days(year, month, day) * 86_400 } else { 0 };
    let exact = midnight + hour * 3600 + minute * 60 + second;
    let (text, is_real, expected) = match bytes[8] % 6 {
        0 => (format!("{year:04}-{month:02}-{day:02}"), is_date, midnight),
        1 => (
            format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"),
            is_date && is_time,
            exact,
        ),
        2 => {
            let sign = if offset < 0 { '-' } else { '+' };
            let text = format!(
                "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{sign}{:02}:00",
                offset.abs()
            );
            (text, is_date && is_time, exact - offset * 3600)
        }
        3 => (format!("{day} {name} {year}"), is_date, midnight),
        4 => (format!("{name} {day}, {year}"), is_date, midnight),
        _ => (
            format!("{day} {} {year} {hour:02}:{minute:02}:{second:02} GMT", &name[..3]),
            is_date && is_time,
            exact,
        ),
    };
    if !(1..=12).contains(&month) && bytes[8] % 6 >= 3 {
        return;
    }
    match parse(&text, END) {
        Ok(moment) => {
            assert!(is_real, "{text:?} is read as {moment:?}");
            assert_eq!(moment.seconds, expected, "{text:?}");
        }
        Err(Refused::Past) => assert!(year < 1600, "{text:?}"),
        Err(error) => assert!(!is_real || is_end, "{text:?} is refused: {error:?}"),
    }
}
