//! Messages and newsletters in the layouts that are sent.

use crate::article::Precision;
use crate::decode::{Decoded, FieldMap, decode, decode_each};
use crate::source::{Form, Origin, Record, Skipped};

/// 2026-01-01
const NOW: i64 = 1_767_225_600;

fn record(text: &str) -> Record {
    Record::new(
        Origin { path: "box".into(), ordinal: 0, line: Some(1) },
        Form::Mail,
        text.as_bytes().to_vec(),
    )
}

fn each(text: &str) -> Vec<Decoded> {
    decode_each(&record(text), &FieldMap::default(), NOW)
        .into_iter()
        .map(|decoded| decoded.unwrap())
        .collect()
}

fn one(text: &str) -> Decoded {
    let mut all = each(text);
    assert_eq!(all.len(), 1, "{:?}", all.iter().map(|decoded| &decoded.article.title).collect::<Vec<_>>());
    all.remove(0)
}

const HEAD: &str = "From: \"Harbor Daily\" <news@harbor.example>\nTo: reader@example.com\nSubject: =?utf-8?Q?Caf=C3=A9_chains,_and_more?=\n\
                    Date: Tue, 16 Jan 2024 07:00:00 -0500\nMessage-ID: <42@harbor.example>\nMIME-Version: 1.0\n";

fn html(body: &str) -> String {
    format!(
        "{HEAD}Content-Type: text/html; charset=utf-8\n\n<html><head><title>x</title><style>p {{}}</style></head><body>{body}</body></html>"
    )
}

fn plain(body: &str) -> String {
    format!("{HEAD}Content-Type: text/plain; charset=utf-8\n\n{body}")
}

#[test]
fn headers_are_fields() {
    let decoded = one(&plain(
        "Starbucks closed sixteen cafés\nover safety concerns in July 2022.\n\nMore was to come.\n",
    ));
    let article = &decoded.article;
    assert_eq!(article.title, "Café chains, and more");
    assert_eq!(article.source.as_deref(), Some("Harbor Daily"));
    assert_eq!(article.id, "42@harbor.example");
    assert_eq!(
        article.body,
        "Starbucks closed sixteen cafés over safety concerns in July 2022.\n\nMore was to come."
    );
    let published = article.published.unwrap();
    assert_eq!(
        (published.to_string().as_str(), published.precision),
        ("2024-01-16T12:00:00Z", Precision::Second)
    );
    assert_eq!(decoded.warnings, []);
    for (headers, source) in [
        (
            "From: Jane Doe <jane@a.example>\nList-Id: Chip Makers Weekly <chips.lists.example>",
            "Chip Makers Weekly",
        ),
        (
            "From: Chip Weekly <c@a.example>\nList-Id: a1b2c3mc list <a1b2c3.1234.list-id.example>",
            "Chip Weekly",
        ),
        ("From: news@chips.example", "chips.example"),
        ("From: \"news@chips.example\" <news@chips.example>", "chips.example"),
        ("From: =?iso-8859-1?Q?Caf=E9_Journal?= <a@b.example>", "Café Journal"),
    ] {
        let decoded =
            one(&format!("{headers}\nSubject: A day in chips\n\nTSMC raised its outlook for the year.\n"));
        assert_eq!(decoded.article.source.as_deref(), Some(source), "{headers}");
        assert_eq!(decoded.article.published, None);
    }
}

#[test]
fn dates_that_cannot_be_are_said() {
    let text = "From: A <a@b.example>\nSubject: From the future\nDate: Tue, 16 Jan 2199 07:00:00 +0000\n\nA text that is dated wrongly.\n";
    let decoded = one(text);
    assert_eq!(decoded.article.published, None);
    assert_eq!(decoded.warnings[0].class, "bad-date");
    let refused: Skipped =
        decode(&record("no headers here, only text"), &FieldMap::default(), NOW).unwrap_err();
    assert_eq!(refused.class, "empty");
}

#[test]
fn of_two_versions_the_one_that_says_it_is_read() {
    let both = |plain: &str| {
        format!(
            "{HEAD}Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\n{plain}\n--b\n\
             Content-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n\
             <p>Boeing delivered 528 jets in 2023, said the company=\n on Tuesday.</p><p>Airbus delivered 735 of them.</p><p>{}</p>\n--b--\n",
            "Both are to build more. ".repeat(10)
        )
    };
    let stub = one(&both("View this email in your browser: https://mail.example/x"));
    assert!(
        stub.article
            .body
            .starts_with("Boeing delivered 528 jets in 2023, said the company on Tuesday.\n\nAirbus"),
        "{}",
        stub.article.body
    );
    let whole = one(&both(&"The plain version says all of it as well. ".repeat(12)));
    assert!(whole.article.body.starts_with("The plain version"), "{}", whole.article.body);
}

#[test]
fn what_belongs_to_mail_goes() {
    let decoded = one(&html(
        "<div style=\"display: none; max-height:0\">Preview of the letter &zwnj;&nbsp;</div>\
         <p><a href=\"https://m.example/v\">View in browser</a></p>\
         <p>Intel cut its dividend by two thirds in February 2023, the first cut in years.</p>\
         <p>It had lost money in the quarter before.<img src=\"https://m.example/p.gif\" width=1></p>\
         <p>&copy; 2024 Harbor Daily. <a href=\"https://m.example/u\">Unsubscribe</a></p><p>12 Dock Street, Boston</p>",
    ));
    assert_eq!(
        decoded.article.body,
        "Intel cut its dividend by two thirds in February 2023, the first cut in years.\n\nIt had lost money in the quarter before."
    );
    let answer = one(&plain(
        "I think they will.\n\nOn Mon, Jan 15, 2024, Jane Doe <jane@a.example> wrote:\n> Will Intel build in Ohio?\n> It said so.\n\n-- \nJohn\n",
    ));
    assert_eq!(answer.article.body, "I think they will.");
    let forwarded = one(&format!(
        "{HEAD}Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\nFrom: Inner <i@i.example>\nSubject: The inner one\n\nFord paused work on a battery plant in Michigan.\n--b--\n"
    ));
    assert_eq!(
        (forwarded.article.title.as_str(), forwarded.article.source.as_deref()),
        ("The inner one", Some("Inner"))
    );
    let attached = one(&format!(
        "{HEAD}Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nSee the report on steel prices.\n--b\n\
         Content-Type: text/csv\nContent-Disposition: attachment; filename=a.csv\n\na,b\n--b--\n"
    ));
    assert_eq!(attached.article.body, "See the report on steel prices.");
}

/// Title, link and beginning of the body of each article.
fn items(text: &str) -> Vec<(String, Option<String>, String, String)> {
    each(text)
        .into_iter()
        .map(|Decoded { article, .. }| {
            assert_eq!(article.source.as_deref(), Some("Harbor Daily"));
            assert_eq!(article.published.unwrap().to_string(), "2024-01-16T12:00:00Z");
            let body = article.body[..article.body.floor_char_boundary(24)].to_owned();
            (article.title, article.url, article.id, body)
        })
        .collect()
}

/// What the three items are, in any layout.
const ITEMS: [(&str, &str, &str); 3] = [
    (
        "Amazon drops its bid for iRobot",
        "https://h.example/irobot",
        "The two said there was no path to approval in the European Union. iRobot will cut 31 percent of its staff.",
    ),
    (
        "Microsoft passes Apple in market value",
        "https://h.example/msft",
        "Its shares closed at a record on Friday. Investors like what the company does with artificial intelligence.",
    ),
    (
        "BlackRock buys Global Infrastructure Partners",
        "https://h.example/gip",
        "The price is about $12.5 billion in cash and stock. The deal is to close in the third quarter of 2024.",
    ),
];

fn check(text: &str, has_links: bool) {
    let found = items(text);
    assert_eq!(found.len(), 3, "{found:?}");
    for (number, (item, (title, link, body))) in found.iter().zip(ITEMS).enumerate() {
        let id = if has_links { link.to_owned() } else { format!("42@harbor.example#{}", number + 1) };
        let expected = (title.to_owned(), has_links.then(|| link.to_owned()), id, body[..24].to_owned());
        assert_eq!(*item, expected);
    }
}

fn joined(item: impl Fn(usize, &str, &str, &str) -> String) -> String {
    ITEMS
        .iter()
        .enumerate()
        .map(|(number, (title, link, body))| item(number + 1, title, link, body))
        .collect()
}

#[test]
fn newsletters_in_markup_are_split() {
    let footer = "<table><tr><td>You are receiving this because you signed up. <a href='https://h.example/u'>Unsubscribe</a></td></tr></table>";
    for layout in [
        // Linked headings.
        joined(|_, title, link, body| format!("<h2><a href=\"{link}\">{title}</a></h2><p>{body}</p>")),
        // Tables in tables, with styles, pictures and a button.
        joined(|_, title, link, body| {
            format!(
                "<table width=\"600\"><tr><td><img src='p.png' alt='A picture'></td></tr><tr><td style=\"font-size:22px; font-weight:700\">\
                 {title}</td></tr><tr><td style=\"font-size: 15px\">{body}</td></tr><tr><td>\
                 <table><tr><td><A HREF='{link}' style='color:#fff'>Read more</A></td></tr></table></td></tr></table>"
            )
        }),
        // Bold links at the beginning of a line.
        joined(|_, title, link, body| {
            format!("<p><a href=\"{link}\"><strong>{title}</strong></a></p><p>{body}</p>")
        }),
        // Bare links, with section labels between.
        format!(
            "<p><b>TOP STORIES</b></p>{}",
            joined(|_, title, link, body| format!(
                "<div><a href=\"{link}\">{title}</a></div><div>{body}</div>"
            ))
        ),
        // Bold links and text in one paragraph.
        joined(|_, title, link, body| format!("<p><a href=\"{link}\"><b>{title}</b></a><br>{body}</p>")),
    ] {
        check(&html(&format!("<p>Good morning. Three things today.</p>{layout}{footer}")), true);
    }
    // Numbers make a list without links.
    check(&html(&joined(|number, title, _, body| format!("<h3>{number}. {title}</h3><p>{body}</p>"))), false);
}

#[test]
fn newsletters_in_plain_text_are_split() {
    let footer = "\n--\nTo unsubscribe, write to us.\n";
    for (layout, has_links) in [
        (
            joined(|number, title, link, body| format!("{number}. {title}\n{body}\nRead more: {link}\n\n")),
            true,
        ),
        (
            joined(|_, title, link, body| {
                format!("{title}\n{}\n\n{body}\n\n{link}\n\n", "=".repeat(title.len()))
            }),
            true,
        ),
        (joined(|_, title, link, body| format!("*{title}*\n\n{body} <{link}>\n{link}\n\n")), true),
        (joined(|number, title, _, body| format!("{number}) {title}\n\n{body}\n\n")), false),
        (joined(|_, title, _, body| format!("{title}\n-----\n{body}\n\n")), false),
    ] {
        check(&plain(&format!("Good morning.\n\n{layout}{footer}")), has_links);
    }
}

#[test]
fn an_article_with_headings_stays_one() {
    let section = "The first thing to know is that the market had grown for ten years, and that <a href=\"https://a.example/1\">few expected an end</a>.";
    let article = format!(
        "<p>{section}</p><h2>How it began</h2><p>{section}</p><h2>Who was hurt by it</h2><p>{section}</p><h2>What comes after it</h2><p>{section}</p>"
    );
    assert_eq!(one(&html(&article)).article.headings.len(), 3);
    let two = &joined(|_, title, link, body| format!("<h2><a href=\"{link}\">{title}</a></h2><p>{body}</p>"));
    let two = &two[..two.rfind("<h2>").unwrap()];
    assert!(one(&html(two)).article.body.contains("iRobot will cut"));
    let links: String = (0..9)
        .map(|number| {
            format!("<p><a href=\"https://a.example/{number}\">A link to page {number} of it</a></p>")
        })
        .collect();
    one(&html(&format!("<p>{section}</p>{links}")));
    let plain_article = format!(
        "{}\n\nHow it began\n------------\n\nText of it, which goes on for some time.\n\nAnd then\n--------\n\nMore of it, which goes on for some time.\n\nIn the end\n----------\n\nThe end of it, which goes on for a time.\n",
        "A long beginning, as articles have it. ".repeat(20)
    );
    one(&plain(&plain_article));
}

#[test]
fn what_is_not_in_the_list_stays_an_article() {
    let intro =
        "This letter begins with a comment of its editor on what the year may bring for shipping. ".repeat(4);
    let list = joined(|_, title, link, body| format!("<h2><a href=\"{link}\">{title}</a></h2><p>{body}</p>"));
    let found = items(&html(&format!("<p>{intro}</p>{list}")));
    assert_eq!(found.len(), 4);
    assert_eq!((found[3].0.as_str(), found[3].2.as_str()), ("Café chains, and more", "42@harbor.example"));
    assert!(found[3].3.starts_with("This letter begins"));
    let twice = found_ids(&html(&list.replace("https://h.example/msft", "https://h.example/irobot")));
    assert_eq!(twice.len(), 1, "two links for three items are no list: {twice:?}");
}

fn found_ids(text: &str) -> Vec<String> {
    each(text).into_iter().map(|decoded| decoded.article.id).collect()
}

#[test]
fn hostile_messages_take_little_time() {
    for text in [
        html(&"<div>".repeat(50_000)),
        html(&"<b><p>x y z w".repeat(50_000)),
        html(&"<a href='https://a.example'>".repeat(50_000)),
        html(&"word<br>".repeat(50_000)),
        plain(&"1. Headline of it\n".repeat(50_000)),
        plain(&"(http://".repeat(50_000)),
        plain(&"> x\n".repeat(50_000)),
        format!("{HEAD}{}", "Content-Type: multipart/mixed; boundary=b\n\n--b\n".repeat(20_000)),
        "A: b\n".repeat(50_000),
    ] {
        let start = std::time::Instant::now();
        decode_each(&record(&text), &FieldMap::default(), NOW);
        assert!(
            start.elapsed().as_secs() < 20,
            "{}: {:?}",
            &text[HEAD.len().min(100)..][..150],
            start.elapsed()
        );
    }
}
