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

#[test]
fn dates_in_the_languages_of_the_corpus() {
    for (text, expected) in [
        // ISO 8601 in its other forms.
        ("2026-W03-3", "2026-01-14"),
        ("2026W033T093000Z", "2026-01-14T09:30:00Z"),
        ("2026-014", "2026-01-14"),
        ("2026014", "2026-01-14"),
        ("2026-01-14t09:30:00z", "2026-01-14T09:30:00Z"),
        ("2026-01-14T09:30:00,250+01:00", "2026-01-14T08:30:00Z"),
        ("20260114T093000.5Z", "2026-01-14T09:30:00Z"),
        ("20260114093000", "2026-01-14T09:30:00Z"),
        ("202601140930", "2026-01-14T09:30:00Z"),
        ("2026-01-14T24:00:00Z", "2026-01-15T00:00:00Z"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
        ("2026-01-14+01:00", "2026-01-14"),
        // RFC 850, asctime, JavaScript.
        ("Wednesday, 14-Jan-26 09:30:00 GMT", "2026-01-14T09:30:00Z"),
        ("Wed Jan 14 09:30:00 2026", "2026-01-14T09:30:00Z"),
        ("Wed Jan 14 2026 09:30:00 GMT+0100 (Central European Standard Time)", "2026-01-14T08:30:00Z"),
        ("25-Jun-20", "2020-06-25"),
        ("Nov 18, 2019 @17:19 PM", "2019-11-18T17:19:00Z"),
        ("November 18, 2019 -- 19:14 GMT (19:14 GMT)", "2019-11-18T19:14:00Z"),
        // English.
        ("Jan. 14, 2026 9:30 a.m. ET", "2026-01-14T14:30:00Z"),
        ("July 14, 2026 9:30 a.m. ET", "2026-07-14T13:30:00Z"),
        ("7:51  PM ET Fri, 17 July 2020", "2020-07-17T23:51:00Z"),
        ("July 14, 1998, 9:30 a.m. Pacific time", "1998-07-14T16:30:00Z"),
        ("Wednesday, 14 January 2026 at 09:30 GMT", "2026-01-14T09:30:00Z"),
        ("14 July 2026 at 9 am BST", "2026-07-14T08:00:00Z"),
        ("Updated: Jan. 14, 2026", "2026-01-14"),
        ("Published Jan 14, 2026 | Updated Jan 15, 2026 10:00", "2026-01-14"),
        ("Published on 14 January 2026 at 09:30, last updated 15 January 2026", "2026-01-14T09:30:00Z"),
        ("14 January 2026 | 15 January 2026", "2026-01-14"),
        // German.
        ("14. Januar 2026, 9:30 Uhr", "2026-01-14T09:30:00Z"),
        ("Stand: 14.01.2026, 09:30 Uhr", "2026-01-14T09:30:00Z"),
        ("Mittwoch, 14. Jänner 2026, 9.30 Uhr MEZ", "2026-01-14T08:30:00Z"),
        ("Veröffentlicht am 14.1.2026 um 9 Uhr", "2026-01-14T09:00:00Z"),
        ("14. 1. 2026", "2026-01-14"),
        ("Mi., 14. Dez. 2022", "2022-12-14"),
        // French.
        ("14 janvier 2026 à 9h30", "2026-01-14T09:30:00Z"),
        ("le 1er mars 2026", "2026-03-01"),
        ("mar. 13 janv. 2026", "2026-01-13"),
        ("Mis à jour le 14/01/2026 à 09:30", "2026-01-14T09:30:00Z"),
        ("Publié le 14 déc. 2025 à 9 h 30", "2025-12-14T09:30:00Z"),
        ("mercredi 14 janv. 2026 09h30 CET", "2026-01-14T08:30:00Z"),
        // Spanish.
        ("14 de enero de 2026, 09:30 h", "2026-01-14T09:30:00Z"),
        ("Publicado el 14 de ene. de 2026 a las 9:30", "2026-01-14T09:30:00Z"),
        ("miércoles, 14 de enero del 2026", "2026-01-14"),
        ("14 sept. 2025", "2025-09-14"),
        // Italian.
        ("14 gennaio 2026 ore 9:30", "2026-01-14T09:30:00Z"),
        ("14 gennaio 2026 alle 9.30", "2026-01-14T09:30:00Z"),
        ("mar 13 gen 2026", "2026-01-13"),
        ("Pubblicato il 14 ott. 2025", "2025-10-14"),
        // Portuguese.
        ("14 de janeiro de 2026 às 9h30", "2026-01-14T09:30:00Z"),
        ("14 de janeiro de 2026 às 09h30min BRT", "2026-01-14T12:30:00Z"),
        ("quarta-feira, 14 jan. 2026", "2026-01-14"),
        ("14/out/2025", "2025-10-14"),
        ("Atualizado em 14/01/2026 09h30", "2026-01-14T09:30:00Z"),
        // Dutch.
        ("14 januari 2026 om 9.30 uur", "2026-01-14T09:30:00Z"),
        ("wo 14 mrt 2018 09:30", "2018-03-14T09:30:00Z"),
        ("Bijgewerkt op 14 mei 2025", "2025-05-14"),
        // Chinese, Japanese, Korean.
        ("2026年1月14日", "2026-01-14"),
        ("2026年1月14日（水）9時30分", "2026-01-14T09:30:00Z"),
        ("２０２６年１月１４日 午後3時05分", "2026-01-14T15:05:00Z"),
        ("2026年1月14日 09:30:15", "2026-01-14T09:30:15Z"),
        ("2026년 1월 14일", "2026-01-14"),
        ("2026년 1월 14일 오후 3:05", "2026-01-14T15:05:00Z"),
        ("2026年1月", "2026-01"),
        // A zone that is not known takes the time with it.
        ("14 January 2026 09:30 XYZT", "2026-01-14"),
        ("2026-01-14T09:30:00[Mars/Olympus]", "2026-01-14"),
        ("Jan 14, 2026 9:30 Europe/Berlin", "2026-01-14"),
    ] {
        let moment = parse(text, NOW).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        let (seconds, precision) = match expected.len() {
            7 => (format!("{expected}-01T00:00:00Z"), Precision::Month),
            10 => (format!("{expected}T00:00:00Z"), Precision::Day),
            _ => (expected.to_owned(), Precision::Second),
        };
        let seconds = seconds.parse::<Timestamp>().unwrap().as_second();
        assert_eq!((moment.seconds, moment.precision), (seconds, precision), "{text}");
    }
}

#[test]
fn what_no_date_can_be_taken_from_is_refused_with_its_reason() {
    for (text, refused) in [
        ("2 hours ago", Refused::Relative),
        ("Friday 2:05PM", Refused::Relative),
        ("8188997BC82071CE07AB711B5675CE54", Refused::NotADate),
        ("Updated yesterday", Refused::Relative),
        ("vor 2 Stunden", Refused::Relative),
        ("il y a 2 heures, aujourd’hui", Refused::Relative),
        ("hace 3 horas", Refused::Relative),
        ("2 ore fa", Refused::Relative),
        ("há 2 horas", Refused::Relative),
        ("2 uur geleden", Refused::Relative),
        ("3時間前", Refused::Relative),
        ("30 February 2026", Refused::Impossible),
        ("2026-02-29", Refused::Impossible),
        ("2025-366", Refused::Impossible),
        ("2026-W54-1", Refused::Impossible),
        ("2026-01-14T24:30", Refused::Impossible),
        ("2026-01-14T09:61", Refused::Impossible),
        ("2026年13月1日", Refused::Impossible),
        ("1500", Refused::Past),
        ("14 May 1500", Refused::Past),
        ("-2026-01-14", Refused::NotADate),
        ("+12026-01-14", Refused::NotADate),
        ("123456789012345678901234567890", Refused::NotADate),
        ("20260114093000123456", Refused::NotADate),
        ("14 Jan 2026 15 Jan 2026", Refused::NotADate),
        ("2026-W03", Refused::NotADate),
        ("14:30", Refused::NotADate),
        ("10 Downing Street 2026", Refused::NotADate),
    ] {
        assert_eq!(parse(text, NOW), Err(refused), "{text}");
    }
}

#[test]
fn the_rest_of_the_text_tells_day_from_month() {
    for (text, lang, expected) in [
        ("03/04/2026", None, "2026-03-04"),
        ("03/04/2026", Some("de"), "2026-04-03"),
        ("03/04/2026", Some("fr-FR"), "2026-04-03"),
        ("03/04/2026", Some("en-GB"), "2026-04-03"),
        ("03/04/2026", Some("en_US"), "2026-03-04"),
        ("03/04/2026", Some("en"), "2026-03-04"),
        ("03-04-2026", None, "2026-04-03"),
        ("03-04-2026", Some("en-US"), "2026-03-04"),
        ("03.04.2026", Some("en-US"), "2026-04-03"),
        ("Fri 03/04/2026", None, "2026-04-03"),
        ("Wed 03/04/2026", Some("de"), "2026-03-04"),
        ("03-04-2026 9:30 AM", None, "2026-03-04"),
        ("03-04-2026 09:30 EST", None, "2026-03-04"),
        ("03/04/2026 09:30 CEST", None, "2026-04-03"),
        ("13/04/2026", Some("en-US"), "2026-04-13"),
        ("04/13/2026", Some("de"), "2026-04-13"),
    ] {
        let moment = super::parse_in(text, lang, NOW).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        let day = Timestamp::from_second(moment.seconds).unwrap().to_string();
        assert_eq!(&day[..10], expected, "{text} {lang:?}");
    }
}

/// How a language prints a date: months, and patterns with day, month's number, month's name, year and time.
struct Printed {
    lang: &'static str,
    months: [&'static str; 12],
    patterns: &'static [&'static str],
}

const PRINTED: [Printed; 7] = [
    Printed {
        lang: "en-US",
        months: [
            "January", "February", "March", "April", "May", "June", "July", "August", "Sept.", "Oct", "Nov.",
            "Dec.",
        ],
        patterns: &["B D, Y", "B D, Y at H:M", "N/D/Y", "Updated: B D, Y H:M", "D B Y, H:M:S Z"],
    },
    Printed {
        lang: "de",
        months: [
            "Januar", "Feb.", "März", "April", "Mai", "Juni", "Juli", "August", "Sept.", "Oktober", "Nov.",
            "Dez.",
        ],
        patterns: &["D. B Y", "D. B Y, H:M Uhr", "D.N.Y H.M Uhr", "Stand: D.N.Y, H:M Uhr Z", "D/N/Y"],
    },
    Printed {
        lang: "fr",
        months: [
            "janvier", "févr.", "mars", "avril", "mai", "juin", "juil.", "août", "sept.", "octobre", "nov.",
            "déc.",
        ],
        patterns: &["D B Y", "le D B Y à HhM", "Mis à jour le D/N/Y à H:M", "Publié le D B Y à HhM Z"],
    },
    Printed {
        lang: "es",
        months: [
            "enero",
            "feb.",
            "marzo",
            "abr",
            "mayo",
            "junio",
            "julio",
            "agosto",
            "septiembre",
            "oct.",
            "nov",
            "dic.",
        ],
        patterns: &["D de B de Y", "D de B de Y, H:M h", "Publicado el D/N/Y a las H:M", "D B Y H:M Z"],
    },
    Printed {
        lang: "it",
        months: [
            "gennaio",
            "feb",
            "marzo",
            "apr.",
            "maggio",
            "giugno",
            "lug",
            "ago.",
            "settembre",
            "ott",
            "nov.",
            "dic",
        ],
        patterns: &["D B Y", "D B Y ore H:M", "D B Y alle H.M", "Aggiornato il D/N/Y H:M", "D B Y H:M Z"],
    },
    Printed {
        lang: "pt",
        months: [
            "janeiro", "fev.", "março", "abr", "maio", "junho", "jul", "agosto", "setembro", "out.", "nov",
            "dez.",
        ],
        patterns: &["D de B de Y", "D de B de Y às HhM", "Atualizado em D/N/Y HhM", "D B Y H:M Z"],
    },
    Printed {
        lang: "nl",
        months: [
            "januari",
            "feb.",
            "maart",
            "apr",
            "mei",
            "juni",
            "juli",
            "aug.",
            "september",
            "okt",
            "nov.",
            "dec",
        ],
        patterns: &["D B Y", "D B Y om H.M uur", "Bijgewerkt op D-N-Y H:M", "D B Y, H:M Z"],
    },
];

/// Zones with what they are east of UTC, in minutes.
const ZONES: [(&str, i32); 8] = [
    ("UTC", 0),
    ("GMT", 0),
    ("EST", -300),
    ("PDT", -420),
    ("CEST", 120),
    ("IST", 330),
    ("+09:00", 540),
    ("GMT-0300", -180),
];

proptest! {
    /// What a page prints of a moment is read as that moment, or as its day where it prints no time.
    #[test]
    fn a_printed_date_is_read_as_what_was_printed(
        days in -100_000_i32..20_400,
        second in 0_i32..86_400,
        language in 0_usize..PRINTED.len(),
        pattern in 0_usize..5,
        zone in 0_usize..ZONES.len(),
    ) {
        let Printed { lang, months, patterns } = &PRINTED[language];
        let pattern = patterns[pattern % patterns.len()];
        let date = jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap();
        let (name, minutes) = ZONES[zone];
        let mut text = String::new();
        let is_letter = |letter: Option<char>| letter.is_some_and(char::is_alphabetic);
        let letters: Vec<char> = pattern.chars().collect();
        for (at, letter) in letters.iter().enumerate() {
            let before = at.checked_sub(1).map(|at| letters[at]);
            let is_alone = !is_letter(before.filter(|before| *before != 'h'))
                && !is_letter(letters.get(at + 1).copied().filter(|next| *next != 'h'));
            match letter {
                'D' if is_alone => text.push_str(&date.day().to_string()),
                'N' if is_alone => text.push_str(&format!("{:02}", date.month())),
                'B' if is_alone => text.push_str(months[date.month() as usize - 1]),
                'Y' if is_alone => text.push_str(&date.year().to_string()),
                'H' if is_alone => text.push_str(&(second / 3600).to_string()),
                'M' if is_alone => text.push_str(&format!("{:02}", second / 60 % 60)),
                'S' if is_alone => text.push_str(&format!("{:02}", second % 60)),
                'Z' if is_alone => text.push_str(name),
                letter => text.push(*letter),
            }
        }
        let mut expected = i64::from(days) * 86_400;
        if pattern.contains('M') && pattern.contains('H') {
            expected += i64::from(second - second % if pattern.contains(":S") { 1 } else { 60 });
            if pattern.ends_with('Z') {
                expected -= i64::from(minutes * 60);
            }
        }
        let moment = super::parse_in(&text, Some(lang), NOW)
            .map_err(|error| TestCaseError::fail(format!("{lang} {text}: {error:?}")))?;
        prop_assert_eq!(moment.seconds, expected, "{} {}", lang, text);
    }
}

proptest! {
    /// The quick reading of the commonest form is that of the reader of words.
    #[test]
    fn a_timestamp_is_read_as_its_words_are(
        text in "[12][0-9]{3}-[01][0-9]-[0-3][0-9][Tt ][0-2][0-9]:[0-5][0-9]:[0-6][0-9](\\.[0-9]{1,3})?(Z|z|[+-][01][0-9]:?[0-5][0-9])?"
    ) {
        if let Some(parts) = super::numeric::timestamp(&text) {
            prop_assert_eq!(super::reader::words(&text, None), Ok(parts), "{}", text);
        }
    }
}

/// Found by the fuzz targets: letters of several bytes before the half of the day were cut in two.
#[test]
fn letters_behind_a_time_are_not_cut() {
    for text in
        ["December 30, 2025 at 5:30\u{a3ce}.m. EST", "30 Dec 2025 5:30\u{130}.", "30 Dec 2025 5:30é,."]
    {
        if let Ok(moment) = parse(text, NOW) {
            assert_ne!(moment.precision, Precision::Year, "{text}");
        }
    }
}
