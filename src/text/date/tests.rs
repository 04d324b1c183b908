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
        ("yesterday", Refused::Relative),
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
        ("1500-01-01", Refused::Past),
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
