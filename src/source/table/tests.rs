//! Tables as they come, read row by row.

use crate::source::{FieldMap, Found, Limits, Skipped, read_bytes};

/// Rows as `line json`, what is lost as `! line class`.
fn read(name: &str, bytes: &[u8], map: &[&str]) -> Vec<String> {
    let mut columns = FieldMap::default();
    for entry in map {
        columns.add(entry).unwrap();
    }
    read_with(name, bytes, &Limits { max_line: 200, columns, ..Limits::default() })
        .into_iter()
        .map(|found| match found {
            Found::Record(record) => {
                format!("{} {}", record.origin.line.unwrap(), String::from_utf8(record.bytes).unwrap())
            }
            Found::Skipped(Skipped { at, class, .. }) | Found::Warned(Skipped { at, class, .. }) => {
                format!("! {} {class}", at.rsplit(':').next().unwrap())
            }
        })
        .collect()
}

fn read_with(name: &str, bytes: &[u8], limits: &Limits) -> Vec<Found> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let walked = crate::source::walk(&[path]).unwrap();
    let mut found = Vec::new();
    let mut keep = |item| {
        found.push(item);
        Ok(())
    };
    crate::source::read_file(&walked.files[0], limits, &crate::Cancel::new(), &mut keep).unwrap();
    found
}

#[test]
fn rows_become_records() {
    for (name, bytes, expected) in [
        (
            "a.csv",
            &b"title,date\nA,2023\n\n\"B, \"\"b\"\"\",\"x\ny\"\nC,1"[..],
            vec![
                r#"2 {"title":"A","date":"2023"}"#,
                r#"4 {"title":"B, \"b\"","date":"x\ny"}"#,
                r#"6 {"title":"C","date":"1"}"#,
            ],
        ),
        ("a.csv", b"\xEF\xBB\xBFHeadline;Datum;x\r\nA;1,5;z\r\n", vec![r#"2 {"title":"A","date":"1,5"}"#]),
        ("a.csv", b"sep=|\nTitle|Text\nA|B\n", vec![r#"3 {"title":"A","body":"B"}"#]),
        ("a.tsv", b"Title\tText\nA, a\tB\n", vec![r#"2 {"title":"A, a","body":"B"}"#]),
        ("a.csv", b"Title\tText\nA, a\tB\n", vec![r#"2 {"title":"A, a","body":"B"}"#]),
        ("a.csv", b"title\rA\rB\r", vec![r#"2 {"title":"A"}"#, r#"3 {"title":"B"}"#]),
        (
            "a.csv",
            b"title,headline,text\n,H,\nT,H,\0\n",
            vec![r#"2 {"title":"H"}"#, r#"3 {"title":"T","body":"\u0000"}"#],
        ),
        ("a.csv", b"title,date\n,\nA,\n , \n", vec![r#"3 {"title":"A"}"#, "! 2 empty"]),
        (
            "a.csv",
            b"title,date\nA\nB,1,2\nC,1,,\nD,1\n",
            vec![
                "! 2 ragged",
                "! 3 ragged",
                r#"4 {"title":"C","date":"1"}"#,
                r#"5 {"title":"D","date":"1"}"#,
            ],
        ),
        ("a.csv", b"title,date\n", vec!["! a.csv empty"]),
        ("a.csv", b"  \n", vec!["! a.csv empty"]),
        ("a.csv", b"", vec!["! a.csv empty"]),
        ("a.csv", b"cik,name\n1,x\n2,y\n", vec!["! a.csv no-article"]),
        ("a.csv", b"just some text\nof two lines", vec!["! a.csv no-article"]),
    ] {
        let found: Vec<String> =
            read(name, bytes, &[]).into_iter().map(|line| line.replace("! /", "! ")).map(file_name).collect();
        assert_eq!(found, expected, "{}", String::from_utf8_lossy(bytes));
    }
}

/// A place without the folder.
fn file_name(line: String) -> String {
    match line.strip_prefix("! ").and_then(|rest| rest.rsplit_once('/')) {
        Some((_, name)) => format!("! {name}"),
        None => line,
    }
}

#[test]
fn columns_can_be_named_and_numbered() {
    let named = read("a.csv", b"a,b,c\n1,2,3\n", &["title=B", "body=c"]);
    assert_eq!(named, [r#"2 {"B":"2","c":"3"}"#]);
    let numbered =
        read("a.csv", b"1,Stocks fall,They fell.\n2,Stocks rise,They rose.\n", &["title=2", "body=3"]);
    assert_eq!(
        numbered,
        [r#"1 {"2":"Stocks fall","3":"They fell."}"#, r#"2 {"2":"Stocks rise","3":"They rose."}"#]
    );
}

#[test]
fn character_sets() {
    let utf_16: Vec<u8> = "Title\tText\nCafé\tŁódź\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let expected = [r#"2 {"title":"Café","body":"Łódź"}"#];
    assert_eq!(read("a.tsv", &[b"\xFF\xFE".to_vec(), utf_16.clone()].concat(), &[]), expected);
    assert_eq!(read("a.tsv", &utf_16, &[]), expected);
    // Half a letter at the end is one that is replaced.
    let cut = [&utf_16[..utf_16.len() - 2], b"A"].concat();
    assert_eq!(read("a.tsv", &cut, &[]), ["2 {\"title\":\"Café\",\"body\":\"Łódź\u{fffd}\"}"]);
    let western = b"title,text\nplain,1\nCaf\xE9 \x93news\x94,\x80 5\nIt\x92s,2\n";
    assert_eq!(
        read("a.csv", western, &[]),
        [
            r#"2 {"title":"plain","body":"1"}"#,
            r#"3 {"title":"Café “news”","body":"€ 5"}"#,
            r#"4 {"title":"It’s","body":"2"}"#
        ]
    );
    let mut broken = "title,text\nCafé à la carte,déjà vu\nÉté".as_bytes().to_vec();
    broken.extend(b"\xFF,x\n");
    let found = read_with("a.csv", &broken, &Limits::default());
    let Found::Record(record) = &found[1] else { panic!("{found:?}") };
    assert_eq!(
        (record.transcoded.map_or(0, |row| row.replaced), record.bytes.as_slice()),
        (1, "{\"title\":\"Été\u{fffd}\",\"body\":\"x\"}".as_bytes())
    );
}

#[test]
fn a_quote_that_is_never_closed_costs_its_row_alone() {
    let rows = |count: usize| (0..count).map(|number| format!("t{number},\"x, y\"\n")).collect::<String>();
    for (text, lost) in [
        // To the end of the file.
        ("a,\"b\nc,d\ne,f\n".to_owned(), vec!["! 2 open-quote"]),
        // Closed by the next quoted cell, in the middle of it.
        ("a,\"b\nc,d\ne,\"f, g\"\nh,i\n".to_owned(), vec!["! 2 open-quote"]),
        // Longer than a record may be.
        (format!("a,\"b\n{}", rows(100).replace('"', "")).replace("x, y", "x"), vec!["! 2 open-quote"]),
        ("\"\n\"x\n".to_owned(), vec!["! 2 ragged"]),
    ] {
        let found = read("a.csv", format!("title,text\n{text}").as_bytes(), &[]);
        let (skipped, kept): (Vec<_>, Vec<_>) = found.into_iter().partition(|line| line.starts_with('!'));
        assert_eq!(skipped, lost, "{text}");
        let lines = text.lines().count();
        assert!(kept.len() == lines - 1 || lines == 2, "{text}: {kept:?}");
    }
    // A quote in the middle of a cell is one of its letters.
    assert_eq!(
        read("a.csv", b"title,text\nA 5\" disk,x\nB,y\n", &[])[0],
        r#"2 {"title":"A 5\" disk","body":"x"}"#
    );
    let long = format!("title,text\nA,{}\nB,y\n", "x".repeat(300));
    assert_eq!(read("a.csv", long.as_bytes(), &[]), ["! 2 too-large", r#"3 {"title":"B","body":"y"}"#]);
}

#[test]
fn hostile_tables_take_little_time() {
    let limits = Limits { max_line: 1 << 20, ..Limits::default() };
    for text in [
        "a\"b,\"c\n".repeat(200_000),
        "\"".repeat(4_000_000),
        ",".repeat(4_000_000),
        ",\"\n".repeat(100_000),
        format!("\"{}", "\n".repeat(4_000_000)),
        "\"\n\"x,\n".repeat(200_000),
    ] {
        let start = std::time::Instant::now();
        let found = read_with("a.csv", format!("title,text\n{text}").as_bytes(), &limits);
        assert!(start.elapsed().as_secs() < 20, "{}: {:?}", &text[..8], start.elapsed());
        assert!(found.len() < 2_000_000);
    }
}

#[test]
fn a_refusal_names_the_columns() {
    let mut reason = String::new();
    read_bytes("x", b"", &Limits::default(), &mut |_| Ok(())).unwrap();
    for found in read_with("a.csv", b"symbol,Name\nA,b\n", &Limits::default()) {
        let Found::Skipped(skipped) = found else { panic!() };
        reason = skipped.reason;
    }
    assert!(reason.contains("symbol | Name;") && reason.contains("--map title=NAME"), "{reason}");
}
