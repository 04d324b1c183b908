//! A story of Reuters-21578, the newswire of 1987 in SGML.
//!
//! An element is found by its tags; the few entities stand for the signs of markup and for control characters of the wire, which are
//! left out. The dateline stays in the body, as in any text. The collection is in English throughout.

use super::byline::names;
use super::{Draft, opening, plain};
use crate::article::TitleSource;
use crate::text::date;

/// Elements that name what a story is about, in the order of the SGML.
const SUBJECTS: [&str; 6] = ["TOPICS", "PLACES", "PEOPLE", "ORGS", "EXCHANGES", "COMPANIES"];

pub(super) fn decode(story: &str) -> Draft {
    let text = element(story, "TEXT").unwrap_or("");
    let mut draft = match element(text, "TITLE") {
        Some(title) => marked(text, title),
        // What the collection calls unprocessed: the lines as they came.
        None => plain::decode(readable(element(text, "BODY").unwrap_or(text)).trim_matches('\n')),
    };
    draft.article.source = Some("Reuters".to_owned());
    draft.article.lang = Some("en".to_owned());
    draft.id = attribute(story, "NEWID");
    draft.date = element(story, "DATE").and_then(moment);
    draft.article.subjects = SUBJECTS.iter().flat_map(|name| entries(story, name)).collect();
    draft
}

fn marked(text: &str, title: &str) -> Draft {
    let mut draft = Draft::default();
    let article = &mut draft.article;
    article.title = one_line(&readable(title));
    if !article.title.is_empty() {
        article.title_source = TitleSource::Markup;
    }
    if let Some(byline) = element(text, "AUTHOR") {
        article.authors = names(one_line(&readable(byline)).trim_end_matches(','));
        article.authors.retain(|name| !matches!(name.to_lowercase().as_str(), "reuters" | "reuter"));
    }
    let body = element(text, "BODY").map(readable).unwrap_or_default();
    let mut paragraphs = paragraphs(&body);
    if let Some(raw) = element(text, "DATELINE").map(readable) {
        let dateline = one_line(&raw);
        article.place = opening::dateline(&dateline).place;
        if let Some(first) = paragraphs.first_mut() {
            // Some were cut in the middle of a word.
            let space = if raw.ends_with(char::is_whitespace) { " " } else { "" };
            first.insert_str(0, &format!("{dateline}{space}"));
        }
    }
    article.body = paragraphs.join("\n\n");
    draft
}

/// The date with its time, without the letters of the wire that hang on some; where the time can't be read, the day alone.
fn moment(text: &str) -> Option<String> {
    let text = one_line(text);
    let (day, time) = text.split_once(' ').unwrap_or((&text, ""));
    let end = time.find(|letter: char| !letter.is_ascii_digit() && !matches!(letter, ':' | '.'));
    let whole = format!("{day} {}", &time[..end.unwrap_or(time.len())]);
    let found = [whole.trim_end(), day].into_iter().find(|text| date::parse(text, i64::MAX).is_ok());
    let moment = found.unwrap_or(&text);
    (!moment.is_empty()).then(|| moment.to_owned())
}

/// What stands in the first element of a name.
fn element<'s>(text: &'s str, name: &str) -> Option<&'s str> {
    let mut from = 0;
    let start = loop {
        let at = from + text[from..].find(&format!("<{name}"))? + name.len() + 1;
        // `<TEXT TYPE="BRIEF">`, and not `<TEXTS>`.
        if text[at..].starts_with(['>', ' ']) {
            break at + text[at..].find('>')? + 1;
        }
        from = at;
    };
    let length = text[start..].find(&format!("</{name}>")).unwrap_or(text.len() - start);
    Some(&text[start..start + length])
}

/// What stands between `<D>` and `</D>` in an element.
fn entries(story: &str, name: &str) -> Vec<String> {
    let list = element(story, name).unwrap_or_default();
    let texts = list.split("<D>").skip(1).map(|rest| rest.split("</D>").next().unwrap_or(rest));
    texts.map(|text| one_line(&readable(text))).collect()
}

/// An attribute of the first tag.
fn attribute(story: &str, name: &str) -> Option<String> {
    let tag = &story[..story.find('>')?];
    let start = tag.find(&format!("{name}=\""))? + name.len() + 2;
    let value = tag[start..].split('"').next()?.trim();
    (!value.is_empty()).then(|| value.to_owned())
}

/// The text with its entities resolved, without control characters, which stand as `&#3;`.
fn readable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("&#") {
        out.push_str(&rest[..at]);
        rest = &rest[at + 2..];
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let letter = rest[..digits].parse().ok().and_then(char::from_u32);
        match letter.filter(|_| rest[digits..].starts_with(';')) {
            Some(letter) => {
                out.push(letter);
                rest = &rest[digits + 1..];
            }
            None => out.push_str("&#"),
        }
    }
    out.push_str(rest);
    out.retain(|letter| !letter.is_control() || matches!(letter, '\n' | '\t'));
    html_escape::decode_html_entities(&out).into_owned()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// An indent begins a paragraph. The agency's name at the end is no part of the text.
fn paragraphs(body: &str) -> Vec<String> {
    let mut lines: Vec<&str> = body.lines().collect();
    while let Some(last) = lines.last() {
        let word = last.trim().trim_end_matches('.').to_lowercase();
        if !matches!(word.as_str(), "" | "reuter" | "reuters") {
            break;
        }
        lines.pop();
    }
    let mut paragraphs: Vec<String> = Vec::new();
    let mut is_open = false;
    for line in lines {
        let text = one_line(line);
        match paragraphs.last_mut() {
            _ if text.is_empty() => is_open = false,
            Some(paragraph) if is_open && !line.starts_with("    ") => {
                paragraph.push(' ');
                paragraph.push_str(&text);
            }
            _ => {
                paragraphs.push(text);
                is_open = true;
            }
        }
    }
    paragraphs
}

#[cfg(test)]
mod tests {
    use super::{attribute, decode, element, moment};

    #[test]
    fn elements_and_attributes() {
        let story =
            "<REUTERS TOPICS=\"YES\" NEWID=\"7\">\n<TEXTS>no</TEXTS><TEXT TYPE=\"BRIEF\">&#2;yes</TEXT>";
        assert_eq!(element(story, "TEXT"), Some("&#2;yes"));
        assert_eq!(element(story, "BODY"), None);
        assert_eq!(element("<BODY>never closed", "BODY"), Some("never closed"));
        assert_eq!(attribute(story, "NEWID").as_deref(), Some("7"));
        assert_eq!(attribute("no tag", "NEWID"), None);
    }

    #[test]
    fn of_a_broken_time_the_day_stays() {
        for (text, expected) in [
            (" 3-MAR-1987  09:15:05.40", Some("3-MAR-1987 09:15:05.40")),
            ("31-MAR-1987 605:12:19.12", Some("31-MAR-1987")),
            ("3-APR-1987 15:01:01.79RM", Some("3-APR-1987 15:01:01.79")),
            ("some day", Some("some day")),
            (" ", None),
        ] {
            assert_eq!(moment(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn paragraphs_and_signs() {
        let story = "<REUTERS NEWID=\"2\">\n<DATE>26-FEB-1987 15:02:20.00</DATE>\n<TEXT>&#2;\n<TITLE>STANDARD OIL &lt;SRD> TO FORM\nUNIT</TITLE>\n\
                     <AUTHOR>    by Jane Doe, Reuters</AUTHOR>\n\
                     <DATELINE>    Cleveland, Ohio, Feb 26 - </DATELINE><BODY>Standard Oil Co and BP &amp; others\nsaid so.\n    A unit of\nit &lt;BP>.\n\n Reuter\n&#3;</BODY></TEXT>\n</REUTERS>";
        let draft = decode(story);
        assert_eq!(draft.article.title, "STANDARD OIL <SRD> TO FORM UNIT");
        assert_eq!(
            draft.article.body,
            "Cleveland, Ohio, Feb 26 - Standard Oil Co and BP & others said so.\n\nA unit of it <BP>."
        );
        assert_eq!(draft.article.place.as_deref(), Some("Cleveland, Ohio"));
        assert_eq!(draft.article.authors, ["Jane Doe"]);
        assert_eq!(draft.id.as_deref(), Some("2"));
    }
}
