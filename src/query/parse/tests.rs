use proptest::prelude::*;

use super::*;
use crate::query::ast::{Bound, DateUnit, DateValue};

fn canonical(text: &str) -> String {
    match text.parse::<Query>() {
        Ok(query) => query.to_string(),
        Err(error) => panic!("{text}: {error}"),
    }
}

#[test]
fn precedence_and_canonical_text() {
    let cases = [
        ("amazon", "amazon"),
        ("amazon layoffs", "amazon AND layoffs"),
        ("amazon OR google layoffs", "(amazon OR google) AND layoffs"),
        ("amazon OR google AND layoffs", "amazon OR (google AND layoffs)"),
        ("amazon | google || meta", "amazon OR google OR meta"),
        ("amazon|google", "amazon OR google"),
        ("a && b c", "(a AND b) AND c"),
        ("layoffs AND NOT amazon", "layoffs AND NOT amazon"),
        ("layoffs -amazon", "layoffs AND NOT amazon"),
        ("layoffs !amazon", "layoffs AND NOT amazon"),
        ("+layoffs -\"prime video\"", "layoffs AND NOT \"prime video\""),
        ("NOT NOT amazon", "NOT NOT amazon"),
        ("NOT (a OR b)", "NOT (a OR b)"),
        ("NOT a b", "NOT a AND b"),
        ("and or not", "and AND or AND not"),
        // Signs are no word, with a backslash neither.
        ("a .. %", "a"),
        (r"a \.. \-", "a"),
        ("((a))", "a"),
        ("a (b (c OR d))", "a AND (b AND (c OR d))"),
        ("*", "*"),
        ("* -amazon", "* AND NOT amazon"),
        ("restructur*", "restructur*"),
        ("w?ld*card", "w?ld*card"),
        ("amazn~", "amazn~1"),
        ("restructring~", "restructring~2"),
        ("\"prime video\"~3", "\"prime video\"~3"),
        ("\"prime vid\"*", "\"prime vid\"*"),
        ("“prime video”", "\"prime video\""),
        ("=layoffs", "\"layoffs\""),
        ("/lay(off|out)s?/", "/lay(off|out)s?/"),
        ("amazon^2 layoffs^0.5", "amazon^2 AND layoffs^0.5"),
        ("(a b)^3", "(a AND b)^3"),
        ("IN [amazon google]", "amazon OR google"),
        ("company:IN [amazon, \"business insider\"]", "company:amazon OR company:\"business insider\""),
        ("company:(amazon OR google)", "company:amazon OR company:google"),
        ("title:(amazon layoffs)", "title:amazon AND title:layoffs"),
        ("title:(amazon body:layoffs)", "title:amazon AND body:layoffs"),
        ("company:amazon/luna", "company:amazon/luna"),
        ("company:AT&T", "company:\"AT&T\""),
        ("company:$AMZN", "company:$AMZN"),
        ("source:bbc*", "source:bbc*"),
        ("source:\"new york\"*", "source:\"new york\"*"),
        ("url:https://news.example/a?b=c", "url:\"https://news.example/a?b=c\""),
        ("topic:*", "topic:*"),
        ("date:2023", "date:2023"),
        ("date:2023..2024", "date:2023..2024"),
        ("date:..2024-02", "date:<=2024-02"),
        ("date:2023-05-06..", "date:>=2023-05-06"),
        ("date:7d", "date:>=7d"),
        ("date:7d..7d", "date:7d..7d"),
        ("date:yesterday", "date:yesterday"),
        ("date:[2023 TO 2024]", "date:2023..2024"),
        ("date:{2023 TO 2024]", "date:{2023 TO 2024]"),
        ("date:[* TO 2024}", "date:<2024"),
        ("before:2023 after:2021-03", "date:<2023 AND date:>=2021-03"),
        ("wc>1000", "wc:>1000"),
        ("wc:>=1,000", "wc:>=1000"),
        ("salience:50..80", "salience:50..80"),
        ("a NEAR/5 b", "a NEAR/5 b"),
        ("a w/5 b near3 c", "(a NEAR/5 b) NEAR/3 c"),
        ("a adj5 b", "a PRE/5 b"),
        ("a pre/2 (b OR c)", "a PRE/2 (b OR c)"),
        ("a SAME b", "a SAME b"),
        ("IN/2 [a \"b c\" title:d]", "IN/2 [a \"b c\" title:d]"),
        ("IN/2 [a (b OR c) x^2]", "IN/2 [a (b OR c) (x^2)]"),
        ("search:eu-layoffs amazon", "search:eu-layoffs AND amazon"),
        ("a SENT b", "a SENT b"),
        ("a w/s b w/p c", "(a SENT b) SAME c"),
        ("a pre3 b", "a PRE/3 b"),
        ("title:(a NEAR/5 (b OR \"c d\"))", "title:a NEAR/5 (title:b OR title:\"c d\")"),
        ("caps:AWS", "caps:AWS"),
        ("caps:\"Prime Video\"", "caps:\"Prime Video\""),
        ("caps:(AWS OR IBM)", "caps:AWS OR caps:IBM"),
        ("title:(caps:AWS x)", "title:(caps:AWS) AND title:x"),
        ("headcount:>=1,000", "headcount:>=1000"),
        ("headcount:10k..20k", "headcount:10000..20000"),
        ("money:>1.5bn", "money:>1500000000"),
        ("percent:5.5%..10", "percent:5.50..10"),
        ("atleast3 layoffs", "ATLEAST/3 layoffs"),
        (
            "hd=amazon intitle:x headline:y hlead:z by=smith site:bbc fds=amazon co:google",
            "title:amazon AND title:x AND title:y AND lead:z AND author:smith AND source:bbc AND company:amazon AND company:google",
        ),
        (
            "AT&T R&D C++ U.S. Yahoo! 3M 9,000 $1.5B café e-commerce",
            "AT&T AND R&D AND C++ AND U.S. AND Yahoo! AND 3M AND 9\\,000 AND $1.5B AND café AND e-commerce",
        ),
        ("Amazon – layoffs, again", "Amazon AND layoffs AND again"),
        ("10:30", "10:30"),
        (r"\AND \-x foo\:bar", r"\AND AND \-x AND \foo:bar"),
        (r#""say \"no\"""#, r#""say \"no\"""#),
    ];
    for (text, expected) in cases {
        let text_of = canonical(text);
        assert_eq!(text_of, expected, "{text}");
        assert_eq!(canonical(&text_of), expected, "{text}, printed and read again");
    }
}

#[test]
fn errors_point_at_their_place() {
    // Query, the part that the caret stands under, a piece of the reason, a piece of the hint.
    let cases = [
        ("", "", "empty", "*"),
        ("– ,", "– ,", "empty", "*"),
        ("\"unclosed", "\"unclosed", "not closed", "\""),
        ("a (b", "(", "not closed", ")"),
        ("a) b", ")", "never opened", "quote"),
        ("a ()", "()", "nothing between", "remove"),
        (r"topic:\ ", r"\ ", "space is no value of topic", "write a name"),
        (r"a source:\ *", r"\ *", "space is no value of source", "write a name"),
        ("date:yesterdya", "yesterdya", "not a date", "yesterday"),
        ("date:2023-02-30", "2023-02-30", "not a date", "2026-11-22"),
        ("date:2024..2023", "2024..2023", "backwards", "smaller"),
        ("foo:bar", "foo", "no field", "\"foo:bar\""),
        ("compnay:amazon", "compnay", "no field", "company:"),
        ("title:", "title", "needs a value", "colon"),
        ("amazon AND", "AND", "after it", "quotes"),
        ("OR amazon", "OR", "before it", "quotes"),
        ("(a OR )", "OR", "after it", "quotes"),
        ("NOT", "NOT", "after it", "quotes"),
        ("a NEAR b", "NEAR", "distance", "NEAR/5"),
        ("a NEAR/0 b", "NEAR/0", "distance", "1"),
        ("company:amazon NEAR/3 layoffs", "NEAR/3", "whole article", "AND"),
        ("(a b) SENT c", "SENT", "AND", "AND"),
        ("ATLEAST/2 (a -b)", "ATLEAST/2", "AND", "AND"),
        ("caps:AW*", "AW*", "not in patterns", "caps:AWS"),
        ("money:>$5", "$5", "currency", "money"),
        ("percent:1.234", "1.234", "not a number", "percent:>5.5"),
        ("headcount:1.5", "1.5", "not a number", "headcount"),
        ("ATLEAST layoffs", "ATLEAST", "number", "ATLEAST/3"),
        ("*lay", "*lay", "at least 1 letter", "more letters"),
        ("l*", "l*", "at least 2 letters", "more letters"),
        ("amazon~3", "~3", "1 or 2", "amazn~1"),
        ("amazon^0", "^0", "over 0", "amazon^2"),
        ("\"...\"", "\"...\"", "no word", "words"),
        ("/lay", "/lay", "not closed", "/"),
        ("wc:many", "many", "whole number", "wc:>500"),
        ("[a b]", "[", "means nothing", "quotes"),
        ("IN/3 [a b]", "IN/3", "2 items", "fewer"),
        ("IN/0 [a b]", "IN/0", "always true", "IN/1"),
        ("company:IN []", "IN", "empty", "values"),
        ("a\u{7}b", "\u{7}", "control character", "remove"),
    ];
    for (text, place, reason, hint) in cases {
        let error = parse(text).expect_err(text);
        assert_eq!(error.kind(), ErrorKind::Query, "{text}");
        let (whole, span) = error.place().unwrap_or_else(|| panic!("{text}: no place"));
        assert_eq!(&whole[span], place, "{text}: {error}");
        assert!(error.message().contains(reason), "{text}: {error}");
        assert!(error.hint().is_some_and(|text| text.contains(hint)), "{text}: {:?}", error.hint());
    }
}

#[test]
fn nesting_is_bounded_before_it_is_followed() {
    for (open, close) in [("(a ", ")"), ("NOT ", ""), ("-(", ")"), ("+(a ", ")"), ("company:(", ")")] {
        let nested = |depth: usize| format!("{}{}{}", open.repeat(depth), "a", close.repeat(depth));
        let per_level = if open.starts_with(['-', '+']) { 2 } else { 1 };
        assert!(parse(&nested(MAX_DEPTH / per_level)).is_ok(), "{open}");
        for depth in [MAX_DEPTH / per_level + 1, 240, 1000, 100_000] {
            let error = parse(&nested(depth)).expect_err(open);
            let expected = if nested(depth).len() > MAX_QUERY_BYTES { "bytes" } else { "deep" };
            assert!(error.message().contains(expected), "{open} {depth}: {error}");
        }
    }
    // Printed it has parentheses around the alternatives.
    let beside = |depth: usize| format!("{}a|b c", "NOT ".repeat(depth));
    let printed = parse(&beside(MAX_DEPTH - 1)).unwrap().query.to_string();
    assert!(parse(&printed).is_ok(), "{printed}");
    let error = parse(&beside(MAX_DEPTH)).unwrap_err();
    assert!(error.message().contains("deep"), "{error}");
    let chain = (0..40).map(|_| "a").collect::<Vec<_>>().join(" NEAR/2 ");
    assert!(parse(&chain).is_err());
    let pairs = (0..40).map(|_| "a NEAR/2 b").collect::<Vec<_>>().join(" ");
    assert!(parse(&pairs).is_ok());
}

#[test]
fn names_keep_their_places() {
    let text = "layoffs company:amazn OR about:\"business insider\" source:bbc*";
    let names = parse(text).unwrap().names;
    let found: Vec<_> =
        names.iter().map(|name| (name.field, name.name.as_str(), &text[name.span.clone()])).collect();
    assert_eq!(
        found,
        [
            (NameField::Company, "amazn", "amazn"),
            (NameField::About, "business insider", "\"business insider\""),
        ]
    );
}

#[test]
fn bag_of_words() {
    assert_eq!(Query::any_of_words("what is NOT known (of) a: b?").to_string(), "known OR b");
    assert_eq!(Query::any_of_words("To be or NOT").to_string(), r"To OR be OR or OR \NOT");
    assert_eq!(
        Query::any_of_words("boundary-layer at AT&T, U.S.").to_string(),
        "boundary OR layer OR AT&T OR U.S."
    );
    assert_eq!(Query::any_of_words("jobs, jobs").to_string(), "jobs OR jobs");
    assert_eq!(Query::any_of_words(" – ").to_string(), "NOT *");
    for (text, minimum, expected) in [
        ("jobs cut, Jobs lost", 2, "IN/2 [(jobs^2) cut lost]"),
        ("what are the jobs of cut", 9, "IN/2 [jobs cut]"),
        ("of the jobs", 2, "jobs"),
    ] {
        assert_eq!(Query::several_of_words(text, minimum).to_string(), expected, "{text}");
    }
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,6}",
        "(AND|OR|NOT|NEAR/5|IN|SAME|w/3|atleast2|title:x|date>3|AT&T|-a|!b|\\+c|=d|/e|9,000|U\\.S\\.)",
        "[a-z0-9 ,.:*?\\\\^~(){}\"“|&'=/!+-]{0,6}[a-z0-9]"
    ]
}

fn atom() -> impl Strategy<Value = TextAtom> {
    prop_oneof![
        word().prop_map(|text| TextAtom::Word { text }),
        (word(), 0u32..=50, any::<bool>()).prop_map(|(text, slop, prefix)| TextAtom::Phrase {
            text,
            slop,
            prefix
        }),
        word().prop_map(|text| TextAtom::Cased { text }),
        "[a-z]{2,5}".prop_map(|text| TextAtom::Prefix { text }),
        "[a-z]{2}[a-z]{0,2}[?*][a-z]{1,3}[?*]?".prop_map(|pattern| TextAtom::Wildcard { pattern }),
        (word(), 1u8..=2).prop_map(|(text, distance)| TextAtom::Fuzzy { text, distance }),
        "[a-z/]{1,5}(\\\\\\.|\\[ab\\]|\\\\\\\\)?".prop_map(|pattern| TextAtom::Regex { pattern }),
    ]
}

fn date() -> impl Strategy<Value = DateValue> {
    prop_oneof![
        (1i16..=9999).prop_map(|year| DateValue::Year { year }),
        (1i16..=9999, 1i8..=12).prop_map(|(year, month)| DateValue::Month { year, month }),
        (1i16..=9999, 1i8..=12, 1i8..=28).prop_map(|(year, month, day)| DateValue::Day { year, month, day }),
        (0i64..4_000_000_000).prop_map(|seconds| DateValue::Second { seconds }),
        Just(DateValue::Today),
        Just(DateValue::Yesterday),
        (
            1u16..=999,
            prop_oneof![
                Just(DateUnit::Day),
                Just(DateUnit::Week),
                Just(DateUnit::Month),
                Just(DateUnit::Year)
            ]
        )
            .prop_map(|(count, unit)| DateValue::Ago { count, unit }),
    ]
}

fn range() -> impl Strategy<Value = Node> {
    let dates = (prop_oneof![Just(ValueField::Date), Just(ValueField::Added)], date(), date(), 0..5)
        .prop_map(|(field, left, right, shape)| {
            let ordered = left.period(0).start <= right.period(0).start;
            let (low, high) = if ordered { (left, right) } else { (right, left) };
            let (lower, upper) = match shape {
                0 => (Bound::Open, Bound::Date(high)),
                1 => (Bound::DateExclusive(low), Bound::Open),
                2 => (Bound::Date(low), Bound::Date(high)),
                3 => (Bound::DateExclusive(low), Bound::Date(high)),
                _ => (Bound::Date(low), Bound::DateExclusive(high)),
            };
            Node::Range { field, lower, upper }
        });
    let numbers = (proptest::sample::select(ValueField::ALL[2..].to_vec()), 0u64..1000, 0u64..1000, 0..4)
        .prop_map(|(field, low, more, shape)| {
            let (lower, upper) = match shape {
                0 => (Bound::Open, Bound::NumberExclusive(low)),
                1 => (Bound::Number(low), Bound::Open),
                2 => (Bound::Number(low), Bound::Number(low + more)),
                _ => (Bound::NumberExclusive(low), Bound::Number(low + more)),
            };
            Node::Range { field, lower, upper }
        });
    prop_oneof![dates, numbers]
}

fn leaf() -> impl Strategy<Value = Node> {
    let scope = prop_oneof![Just(Scope::Anywhere), Just(Scope::Title), Just(Scope::Lead), Just(Scope::Body)];
    let field = || proptest::sample::select(NameField::ALL.to_vec());
    prop_oneof![
        Just(Node::All),
        (scope, atom()).prop_map(|(scope, atom)| Node::Text { scope, atom }),
        (field(), word()).prop_map(|(field, name)| Node::Name { field, pattern: NamePattern::Exact(name) }),
        (field(), word()).prop_map(|(field, name)| Node::Name { field, pattern: NamePattern::Prefix(name) }),
        field().prop_map(|field| Node::HasName { field }),
        proptest::sample::select(ValueField::ALL.to_vec()).prop_map(|field| Node::HasValue { field }),
        range(),
    ]
}

/// Operators over what has places in a text.
fn positional() -> impl Strategy<Value = Node> {
    let scope = prop_oneof![Just(Scope::Anywhere), Just(Scope::Title), Just(Scope::Lead), Just(Scope::Body)];
    let leaf = (scope, atom()).prop_map(|(scope, atom)| Node::Text { scope, atom });
    leaf.prop_recursive(3, 12, 3, |inner| {
        let proximity = prop_oneof![
            (1u32..=50).prop_map(|distance| Proximity::Near { distance }),
            (1u32..=50).prop_map(|distance| Proximity::Before { distance }),
            Just(Proximity::Paragraph),
            Just(Proximity::Sentence),
        ];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 2..4).prop_map(|clauses| Node::Or { clauses }),
            (proximity, inner.clone(), inner.clone()).prop_map(|(proximity, left, right)| Node::Near {
                proximity,
                left: Box::new(left),
                right: Box::new(right)
            }),
            (1u32..=99, inner).prop_map(|(count, clause)| Node::AtLeast { count, clause: Box::new(clause) }),
        ]
    })
}

fn tree() -> impl Strategy<Value = Node> {
    leaf().prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 2..4).prop_map(|clauses| Node::And { clauses }),
            proptest::collection::vec(inner.clone(), 2..4).prop_map(|clauses| Node::Or { clauses }),
            (proptest::collection::vec(inner.clone(), 2..4), 1u32..=2)
                .prop_map(|(clauses, minimum)| Node::Several { minimum, clauses }),
            inner.clone().prop_map(|clause| Node::Not { clause: Box::new(clause) }),
            (inner.clone(), 1u16..=200).prop_map(|(clause, tenths)| Node::Boost {
                clause: Box::new(clause),
                factor: f32::from(tenths) / 10.0
            }),
            positional(),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn printed_queries_read_the_same(root in tree()) {
        let query = Query { root };
        let text = query.to_string();
        prop_assume!(text.len() <= MAX_QUERY_BYTES);
        match text.parse::<Query>() {
            Ok(again) => prop_assert_eq!(again, query, "{}", text),
            Err(error) => prop_assert!(error.message().contains("deep"), "{}: {} {:?}", text, error, error.place()),
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "(amazon|[ \"()\\[\\]{}*?~^/:=|&!+\\\\,.-]|AND|OR|NOT|NEAR/3|IN|IN/2|ATLEAST/2|ATLEAST/|NEAR/|SENT|w/3|TO|caps:|search:|money:|1.5bn|title:|date:|company:|wc>|2023|é|“){0,24}") {
        match parse(&text) {
            Ok(parsed) => {
                let printed = parsed.query.to_string();
                prop_assert_eq!(printed.parse::<Query>().map_err(|error| error.to_string()), Ok(parsed.query), "{}", printed);
                for name in parsed.names {
                    prop_assert!(text.get(name.span).is_some());
                }
            }
            Err(error) => {
                let (whole, span) = error.place().expect("errors of the parser have a place");
                prop_assert!(whole.get(span).is_some(), "{}", error);
                prop_assert!(error.hint().is_some());
            }
        }
    }

    #[test]
    fn serde_keeps_a_query(root in tree()) {
        let query = Query { root };
        let json = serde_json::to_string(&query).unwrap();
        prop_assert_eq!(serde_json::from_str::<Query>(&json).unwrap(), query);
    }
}

/// Found by the fuzz targets: reading such a list never ended.
#[test]
fn what_can_not_stand_in_a_list_ends_it() {
    for text in [
        "IN/2 [steel title:| cuts]",
        "IN [a | b]",
        "IN [a ) b]",
        "IN [|]",
        "IN [title:)]",
        "IN/2 [a title:)b]",
        "title:IN [a || b]",
        "caps:IN [A ) B]",
        "company:IN [a | b]",
        "wc:IN [1 ) 2]",
    ] {
        if let Err(error) = parse(text) {
            assert_eq!(error.kind(), ErrorKind::Query, "{text}");
        }
    }
    let error = parse("IN/2 [steel title:| cuts]").unwrap_err();
    assert!(error.message().contains("can't stand in a list"), "{error}");
}
