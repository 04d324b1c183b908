//! The tagger over short passages, by failure class: a passage with the company beside one that differs in a little and
//! has none.

use std::sync::Arc;

use crate::article::{
    Article, Citation, DateSource, Precision, Publication, Role, Tagger, Tags, TitleSource,
};
use crate::tag::{ABOUT_THRESHOLD, CompanyTagger, Gazetteer};

const LIST: &str = r#"{"id":"amazon","name":"Amazon","aliases":["Amazon.com"],"weak":["Amazon"],"tickers":["NASDAQ:AMZN"],"people":["Andy Jassy"],"epithets":["e-commerce giant"],"divisions":[{"id":"aws","name":"AWS","aliases":["AWS","Amazon Web Services"]},{"id":"alexa","name":"Alexa","kind":"product","weak":["Alexa"]},{"id":"luna","name":"Luna","kind":"product","weak":["Luna"]},{"id":"prime-video","name":"Prime Video","kind":"product"},{"id":"prime","name":"Amazon Prime","kind":"product","weak":["Prime"]},{"id":"twitch","name":"Twitch","since":"2014"}]}
{"id":"american-airlines","name":"American Airlines","weak":["American"],"industry":"Airlines"}
{"id":"apple","name":"Apple","weak":["Apple"],"divisions":[{"id":"iphone","name":"iPhone","kind":"product"}]}
{"id":"at-t","name":"AT&T"}
{"id":"business-insider","name":"Business Insider","kind":"outlet"}
{"id":"constellation-brands","name":"Constellation Brands","weak":["Constellation"],"tickers":["NYSE:STZ"]}
{"id":"constellation-energy","name":"Constellation Energy","weak":["Constellation"],"tickers":["NASDAQ:CEG"]}
{"id":"delta","name":"Delta Air Lines","weak":["Delta"],"industry":"Airlines"}
{"id":"ebay","name":"eBay"}
{"id":"fitbit","name":"Fitbit"}
{"id":"ford","name":"Ford","aliases":["Ford Motor"],"weak":["Ford"]}
{"id":"gap","name":"Gap","weak":["Gap"]}
{"id":"general-electric","name":"General Electric","weak":["GE"],"divisions":[{"id":"nbc","name":"NBC","aliases":["NBC"],"until":"2011"}]}
{"id":"comcast","name":"Comcast","divisions":[{"id":"nbc","name":"NBC","aliases":["NBC"],"since":"2011"}]}
{"id":"general-motors","name":"General Motors","weak":["GM"],"tickers":["NYSE:GM"]}
{"id":"google","name":"Google","weak":["Alphabet"],"divisions":[{"id":"fitbit","name":"Fitbit","since":"2021"},{"id":"google-cloud","name":"Google Cloud"}]}
{"id":"loreal","name":"L'Oréal"}
{"id":"meta","name":"Meta","aliases":["Meta Platforms"],"weak":["Meta"],"former":[{"name":"Facebook","until":"2021-10-28"}],"divisions":[{"id":"facebook","name":"Facebook"},{"id":"instagram","name":"Instagram","since":"2012"}]}
{"id":"microsoft","name":"Microsoft","divisions":[{"id":"teams","name":"Microsoft Teams","weak":["Teams"]}]}
{"id":"oracle","name":"Oracle","weak":["Oracle"]}
{"id":"orange","name":"Orange","weak":["Orange"]}
{"id":"reuters","name":"Reuters","kind":"outlet"}
{"id":"salesforce","name":"Salesforce"}
{"id":"shell","name":"Shell","weak":["Shell"]}
{"id":"target","name":"Target","weak":["Target"],"veto":["price","date"]}
{"id":"tesla","name":"Tesla","weak":["Tesla"]}
{"id":"toys","name":"Toys \"R\" Us"}
{"id":"visa","name":"Visa","weak":["Visa"]}
{"id":"x","name":"X","weak":["X"],"former":[{"name":"Twitter","until":"2023-07-23"}]}
{"id":"yahoo","name":"Yahoo!","aliases":["Yahoo"]}"#;

fn tagger() -> CompanyTagger {
    CompanyTagger::new(Arc::new(Gazetteer::from_jsonl(LIST, "list").unwrap()))
}

fn article(title: &str, body: &str) -> Article {
    let title_source = if title.is_empty() { TitleSource::Lead } else { TitleSource::Markup };
    Article { title: title.to_owned(), title_source, body: body.to_owned(), ..Article::default() }
}

fn dated(title: &str, body: &str, year: i16) -> Article {
    let date = jiff::civil::Date::new(year, 6, 15).unwrap().to_zoned(jiff::tz::TimeZone::UTC).unwrap();
    let published = Publication {
        seconds: date.timestamp().as_second(),
        precision: Precision::Day,
        source: DateSource::Metadata,
    };
    Article { published: Some(published), ..article(title, body) }
}

/// Companies that count, then divisions, in alphabetical order.
fn named(tags: &Tags) -> Vec<&str> {
    let mut companies: Vec<&str> =
        tags.companies.iter().filter(|tag| tag.role.counts_as_company()).map(|tag| tag.id.as_str()).collect();
    companies.sort_unstable();
    let mut divisions: Vec<&str> = tags.divisions.iter().map(|tag| tag.path.as_str()).collect();
    divisions.sort_unstable();
    companies.extend(divisions);
    companies
}

fn role(tags: &Tags, id: &str) -> Option<Role> {
    tags.companies.iter().find(|tag| tag.id == id).map(|tag| tag.role)
}

#[test]
fn homographs() {
    let tagger = tagger();
    for (body, expected) in [
        ("Amazon said its revenue rose. The company employs a million people.", &["amazon"][..]),
        ("Fires in the Amazon rainforest spread. In the Amazon, nobody said a word.", &[]),
        ("The Amazon river fell. Boats could not reach towns on the Amazon.", &[]),
        ("Apple announced a new phone.", &["apple"]),
        ("Apple pie is best with a local apple. The apple harvest was poor.", &[]),
        ("Shares of Target fell after the retailer cut its outlook.", &["target"]),
        ("Analysts cut the price target. Target price: 20 dollars.", &[]),
        ("Gap plans to close stores, and Gap's revenue fell.", &["gap"]),
        ("The gender pay gap hardly moves. Gap year students earn less.", &[]),
        ("The meta-analysis covered 20 trials. Meta-analysis is an old method.", &[]),
        ("Visa cut its forecast as Visa cards lost ground.", &["visa"]),
        ("Visa applications take longer. Visa applicants wait at the embassy.", &[]),
        ("Oracle bought a rival. Oracle shares rose.", &["oracle"]),
        ("The Oracle of Omaha spoke. The Oracle of Omaha is 90.", &[]),
        ("The prime minister met the Prime Minister of Peru.", &[]),
        ("Shell companies hid the money. A shell company owned the flat.", &[]),
        ("Orange juice is dear. Orange groves wither.", &[]),
        ("Alexa Johansson won. Alexa said she was glad.", &[]),
        ("Amazon will let Alexa speak. Amazon employees like it.", &["amazon", "amazon/alexa"]),
        ("Gerald Ford pardoned Nixon. Ford said he was right.", &[]),
        ("Ford recalled 100,000 cars, and Ford dealers complained.", &["ford"]),
        ("Nikola Tesla built a tower. Tesla lost his money.", &[]),
        ("Tesla's sales rose. Tesla delivered 400,000 cars.", &["tesla"]),
        ("The Delta variant spread. Delta is more contagious.", &[]),
        ("American workers want more. Most American companies pay.", &[]),
        ("Airlines such as Delta and American charge for bags.", &["american-airlines", "delta"]),
        ("The moon probe Luna 25 crashed on the moon.", &[]),
    ] {
        let tags = tagger.tag_in_full(&article("", body));
        assert_eq!(named(&tags), expected, "{body}\n{:#?}", tags.rejected);
    }
}

#[test]
fn forms_and_containment() {
    let tagger = tagger();
    for (body, expected) in [
        ("Amazon Web Services grew.", &["amazon", "amazon/aws"][..]),
        ("AT&T’s profit fell.", &["at-t"]),
        ("L’Oréal and L'Oreal", &["loreal"]),
        ("Toys “R” Us closed.", &["toys"]),
        ("Yahoo! said so.", &["yahoo"]),
        ("eBay and Ebay, but ebay", &["ebay"]),
        ("General\nMotors and General\u{a0}Motors", &["general-motors"]),
        ("Amazon-owned Twitch cut jobs.", &["amazon", "amazon/twitch"]),
        ("See www.google.com, or write to @Google.", &[]),
        ("Google/Microsoft/Salesforce", &["google", "microsoft", "salesforce"]),
        ("Amazon.com Inc. and Microsoft Corp. agreed.", &["amazon", "microsoft"]),
        ("iPhones sold well.", &["apple", "apple/iphone"]),
        ("A salesforce of ten, a google search, the microsoft way", &[]),
    ] {
        let tags = tagger.tag_in_full(&article("", body));
        assert_eq!(named(&tags), expected, "{body}\n{:#?}", tags.rejected);
    }
    let tags = tagger.tag_in_full(&article("", "Amazon.com Inc. grew. Yahoo! shrank."));
    let texts: Vec<&str> =
        tags.companies.iter().flat_map(|tag| &tag.mentions).map(|m| m.text.as_str()).collect();
    assert!(texts.contains(&"Amazon.com Inc.") && texts.contains(&"Yahoo!"), "{texts:?}");
}

#[test]
fn a_last_name_stands_for_the_longer_name_of_its_article() {
    let list = r#"{"id":"jpm","name":"J.P. Morgan"}
{"id":"morgan-group","name":"Morgan Group","weak":["Morgan"]}"#;
    let tagger = CompanyTagger::new(Arc::new(Gazetteer::from_jsonl(list, "list").unwrap()));
    let tags = tagger.tag(&article("", "J.P. Morgan earned less. In the quarter Morgan posted losses."));
    assert_eq!(named(&tags), ["jpm"]);
    assert_eq!(tags.companies[0].mentions[1].rule, "defined");
    let tags = tagger.tag(&article("", "In the quarter Morgan posted losses."));
    assert_eq!(named(&tags), ["morgan-group"]);
}

#[test]
fn definitions_marks_and_former_names() {
    let tagger = tagger();
    for (body, expected) in [
        ("General Motors Co. (GM) cut jobs. GM is old.", &["general-motors"][..]),
        ("GM crops are disputed.", &[]),
        ("Constellation (NASDAQ: CEG) rose.", &["constellation-energy"]),
        ("Constellation rose. So did others.", &[]),
        ("Constellation Brands sold beer, and Constellation shares rose.", &["constellation-brands"]),
        ("X, formerly Twitter, lost users. X said nothing.", &["x"]),
        ("Planet X was never found. Mr X said so.", &[]),
        ("Andy Jassy wrote to the staff of Amazon on Monday.", &["amazon"]),
    ] {
        let tags = tagger.tag_in_full(&article("", body));
        assert_eq!(named(&tags), expected, "{body}\n{:#?}", tags.rejected);
    }
    let tags = tagger.tag_in_full(&article("", "General Motors Co. (GM) cut jobs. Later GM hired."));
    let rules: Vec<&str> = tags.companies[0].mentions.iter().map(|mention| &*mention.rule).collect();
    assert_eq!(rules, ["strong", "defined", "defined"]);
}

#[test]
fn owners_change() {
    let tagger = tagger();
    for (body, year, expected) in [
        ("NBC cut jobs.", 2005, &["general-electric", "general-electric/nbc"][..]),
        ("NBC cut jobs.", 2020, &["comcast", "comcast/nbc"]),
        ("Facebook bought Instagram.", 2012, &["meta", "meta/instagram"]),
        ("Facebook lost users.", 2015, &["meta"]),
        ("Facebook lost users.", 2023, &["meta", "meta/facebook"]),
        ("Fitbit sold watches.", 2015, &["fitbit"]),
        ("Twitch grew.", 2012, &[]),
    ] {
        let tags = tagger.tag_in_full(&dated("", body, year));
        assert_eq!(named(&tags), expected, "{body} {year}\n{:#?}", tags.rejected);
    }
}

#[test]
fn roles_are_told_apart() {
    let tagger = tagger();
    let body = "SEATTLE (Reuters) - Amazon is cutting jobs at Twitch, according to Business Insider. Amazon said the cuts \
        were needed. The company employs many.\n\nCompanies including Meta, Google, Microsoft and Salesforce have all \
        announced layoffs. Unlike Microsoft, Amazon cut in one go.\n\nPhoto: Apple\n\nShare on Facebook";
    let tags = tagger.tag_in_full(&article("Amazon cuts jobs", body));
    assert_eq!(role(&tags, "amazon"), Some(Role::Subject));
    for peer in ["meta", "google", "microsoft", "salesforce"] {
        assert_eq!(role(&tags, peer), Some(Role::Peer), "{peer}");
    }
    assert_eq!(role(&tags, "business-insider"), Some(Role::Cited));
    assert_eq!(role(&tags, "reuters"), Some(Role::Publisher));
    assert_eq!(role(&tags, "apple"), None, "a picture credit");
    assert!(tags.divisions.iter().all(|division| division.path != "meta/facebook"), "a share button");
    let salience = |id: &str| tags.companies.iter().find(|tag| tag.id == id).map_or(0, |tag| tag.salience);
    assert!(salience("amazon") >= ABOUT_THRESHOLD && salience("google") < ABOUT_THRESHOLD);

    let tags = tagger.tag_in_full(&article(
        "Microsoft to buy Salesforce",
        "Microsoft agreed to acquire Salesforce for $200 billion. Both boards agreed. Google had bid too.",
    ));
    assert_eq!(role(&tags, "microsoft"), Some(Role::Subject));
    assert!(matches!(role(&tags, "salesforce"), Some(Role::Subject | Role::Partner)));
    assert_eq!(role(&tags, "google"), Some(Role::Peer));

    let tags = tagger.tag_in_full(&article(
        "Reuters names a new editor",
        "Reuters named an editor on Monday. Reuters employs 2,500 journalists.",
    ));
    assert_eq!(role(&tags, "reuters"), Some(Role::Subject), "the article is about the outlet");
}

#[test]
fn credits_of_the_decoder_become_tags_whether_known_or_not() {
    let body = "Amazon cut jobs, says The Daily Bugle.\n\nWebProNews is an iEntry Publication";
    let at = |name: &str| {
        let start = body.find(name).unwrap();
        Citation { name: name.to_owned(), span: start..start + name.len() }
    };
    let mut article = article("Amazon cuts jobs", body);
    article.cites = vec![at("The Daily Bugle")];
    article.publisher = Some(at("WebProNews"));
    article.source = Some("Reuters".to_owned());
    let tags = tagger().tag(&article);
    let found = |id: &str| tags.companies.iter().find(|tag| tag.id == id).unwrap();
    assert_eq!((found("daily-bugle").role, found("daily-bugle").known), (Role::Cited, false));
    assert_eq!((found("webpronews").role, found("webpronews").known), (Role::Publisher, false));
    assert_eq!(found("webpronews").mentions[0].text, "WebProNews");
    assert_eq!((found("reuters").role, found("reuters").known), (Role::Publisher, true));
}

#[test]
fn a_division_counts_for_its_company_once_and_paraphrases_make_no_tag() {
    let tagger = tagger();
    let tags = tagger
        .tag(&article("AWS cuts jobs", "AWS is cutting jobs. AWS said so. Prime Video is not affected."));
    assert_eq!(named(&tags), ["amazon", "amazon/aws", "amazon/prime-video"]);
    assert!(tags.companies[0].salience >= ABOUT_THRESHOLD && tags.companies[0].mentions.is_empty());
    let tags = tagger.tag_in_full(&article("", "The e-commerce giant grew. The company said so."));
    assert!(tags.companies.is_empty());
}

#[test]
fn topics_want_more_than_a_passing_word() {
    let tagger = tagger();
    for (title, body, expected) in [
        (
            "Amazon cuts 9,000 jobs",
            "Amazon is laying off 9,000 people. The layoffs begin now.",
            &["layoffs"][..],
        ),
        (
            "Amazon profit rises",
            "Amazon reported quarterly profit of $3 billion. Sales rose.\n\nIt did well. It grew. It is big. Everybody was \
            glad. Last year there had been layoffs.",
            &["earnings"],
        ),
        ("Google to buy Fitbit", "Google agreed to acquire Fitbit for $2.1 billion.", &["acquisition"]),
        ("A good deal", "It was a great deal of rain. The deal was done.", &[]),
        ("Yahoo hit by data breach", "Hackers stole passwords from Yahoo.", &["security"]),
        ("Hertz files for bankruptcy", "The company filed for Chapter 11 protection.", &["bankruptcy"]),
    ] {
        let tags = tagger.tag_in_full(&article(title, body));
        let topics: Vec<&str> = tags.topics.iter().map(|tag| tag.topic.as_str()).collect();
        assert_eq!(topics, expected, "{title}");
    }
}

#[test]
fn hostile_text_is_read_in_time_and_without_panic() {
    let tagger = tagger();
    let long: Vec<String> = vec![
        "Amazon ".repeat(60_000),
        "Amazon, ".repeat(60_000),
        "General Motors (GM) ".repeat(20_000),
        "John Ford ".repeat(40_000),
        "Amazon\n".repeat(60_000),
        "\n \n".repeat(100_000),
        "a".repeat(400_000),
        "é\u{301}".repeat(100_000),
        "J.P.".repeat(80_000),
        "((((Amazon".repeat(40_000),
        "$AMZN (NASDAQ: AMZN) ".repeat(20_000),
        "\u{202e}Amazon\u{0}’s\u{200b} 亚马逊。".repeat(10_000),
    ];
    for text in &long {
        let started = std::time::Instant::now();
        let tags = tagger.tag_in_full(&article("", text));
        let took = started.elapsed().as_secs_f64();
        // Unoptimised; a quadratic step would take minutes.
        assert!(took < 20.0, "{took} s for {:?}", text.chars().take(20).collect::<String>());
        for mention in tags.companies.iter().flat_map(|tag| &tag.mentions) {
            assert_eq!(text.get(mention.start..mention.end), Some(mention.text.as_str()));
        }
    }
}

#[test]
fn the_same_article_has_the_same_numbers() {
    let text = "It is a grey box. It has two doors and a lamp. Nobody knows how long it will be sold. There are some more in \
                the shop. They are all alike, and none is cheap.\n\nPrime Video is cheap, they say. They say Prime Video is \
                fast. The lamp of Prime Video is next to that of Instagram and that of Google Cloud.";
    let article = article("Amazon sells a server", text);
    let tagger = tagger();
    let first = tagger.explain(&article);
    assert_eq!(first.0.companies.len(), 3, "{:?}", first.0.companies);
    // The division has 28.5 points, and the last digits of a sum decide whether that is 28 or 29.
    for _ in 0..50 {
        assert_eq!(tagger.explain(&article), first);
    }
}
