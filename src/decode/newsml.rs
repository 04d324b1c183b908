//! One item of a news agency in XML: NewsML-G2 with NITF or XHTML in it, NITF alone, NewsML 1.

use super::address::is_address;
use super::byline::names;
use super::tree::{self, Element};
use super::{Draft, Refusal, held_back, markup, opening};
use crate::article::TitleSource;
use crate::text::xml;

pub(super) fn decode(bytes: &[u8]) -> Result<Draft, Refusal> {
    let decoded = xml::decode(bytes, None);
    let text = decoded.text.trim_start_matches('\u{feff}');
    let root = tree::parse(text).map_err(|reason| Refusal { class: "not-xml", reason })?;
    let story = match &*root.name {
        "newsItem" => news_item(&root)?,
        "NewsItem" => news_item_1(&root)?,
        "nitf" => nitf(&root),
        name => {
            return Err(Refusal { class: "no-article", reason: format!("its <{name}> is no news item") });
        }
    };
    Ok(Draft { charset: Some(decoded.charset), replaced: decoded.replaced, ..story.draft() })
}

/// What an item says of itself.
#[derive(Default)]
struct Story {
    title: Option<String>,
    description: Option<String>,
    paragraphs: Vec<String>,
    byline: Option<String>,
    dateline: Option<String>,
    place: Option<String>,
    date: Option<String>,
    lang: Option<String>,
    source: Option<String>,
    id: Option<String>,
    url: Option<String>,
    subjects: Vec<String>,
}

impl Story {
    /// The same with what another one says where this one is silent.
    fn or(self, other: Self) -> Self {
        Self {
            title: self.title.or(other.title),
            description: self.description.or(other.description),
            paragraphs: if self.paragraphs.is_empty() { other.paragraphs } else { self.paragraphs },
            byline: self.byline.or(other.byline),
            dateline: self.dateline.or(other.dateline),
            place: self.place.or(other.place),
            date: self.date.or(other.date),
            lang: self.lang.or(other.lang),
            source: self.source.or(other.source),
            id: self.id.or(other.id),
            url: self.url.or(other.url),
            subjects: if self.subjects.is_empty() { other.subjects } else { self.subjects },
        }
    }

    fn draft(mut self) -> Draft {
        let mut draft = Draft::default();
        let article = &mut draft.article;
        if let Some(title) = self.title {
            // The headline stands in the text of some once more.
            if self.paragraphs.first() == Some(&title) {
                self.paragraphs.remove(0);
            }
            article.title = title;
            article.title_source = TitleSource::Markup;
        }
        article.description = self.description;
        article.place = self.dateline.and_then(|dateline| opening::dateline(&dateline).place).or(self.place);
        article.body = self.paragraphs.join("\n\n");
        article.authors = self.byline.map(|byline| names(&byline)).unwrap_or_default();
        article.authors.retain(|name| self.source.as_ref() != Some(name));
        article.lang = self.lang;
        article.source = self.source;
        article.subjects = self.subjects;
        article.url = self.url.filter(|url| is_address(url));
        draft.date = self.date;
        draft.id = self.id;
        draft
    }
}

fn line(element: &Element, path: &[&str]) -> Option<String> {
    element.at(path).and_then(Element::line)
}

fn attribute(element: &Element, path: &[&str], name: &str) -> Option<String> {
    element.at(path).and_then(|found| found.attribute(name)).map(str::to_owned)
}

/// A name, else what the code for it says: `AcmeNews` of `nprov:AcmeNews`.
fn party(element: &Element, path: &[&str]) -> Option<String> {
    let party = element.at(path)?;
    let code = || {
        let code = party.attribute("literal").or_else(|| party.attribute("qcode"))?;
        Some(code.rsplit_once(':').map_or(code, |(_, name)| name).to_owned())
    };
    line(party, &["name"]).or_else(code)
}

/// Elements of NewsML-G2 that say what an item is about.
const SUBJECTS: [&str; 3] = ["subject", "genre", "keyword"];

/// The name that stands in an element, or all of its text, else the first of the attributes that it has.
fn named_or(element: &Element, attributes: &[&str]) -> Option<String> {
    let own = || if element.children().next().is_none() { element.line() } else { None };
    let name = element.all("name").find_map(Element::line).or_else(own);
    name.or_else(|| attributes.iter().find_map(|name| element.attribute(name)).map(str::to_owned))
}

/// What a document in NITF is about: its subjects by their most exact name, its properties and keywords.
fn nitf_subjects(document: &Element) -> Vec<String> {
    let mut found = Vec::new();
    document.find_all("tobject", &mut found);
    let mut subjects = Vec::new();
    for object in found {
        subjects.extend(object.all("tobject.subject").filter_map(|subject| {
            ["detail", "matter", "type", "refnum"]
                .iter()
                .find_map(|part| subject.attribute(&format!("tobject.subject.{part}")))
        }));
        subjects.extend(
            object.all("tobject.property").filter_map(|property| property.attribute("tobject.property.type")),
        );
    }
    let mut keywords = Vec::new();
    document.find_all("keyword", &mut keywords);
    subjects.extend(keywords.into_iter().filter_map(|keyword| keyword.attribute("key")));
    subjects.into_iter().map(str::to_owned).collect()
}

/// What an item of NewsML 1 is about: its subject codes, its genre and its keywords.
fn subjects_1(item: &Element) -> Vec<String> {
    let mut subjects = Vec::new();
    for (group, names) in [
        ("SubjectCode", &["Subject", "SubjectMatter", "SubjectDetail"][..]),
        ("DescriptiveMetadata", &["Genre"]),
    ] {
        let mut found = Vec::new();
        item.find_all(group, &mut found);
        for element in found.into_iter().flat_map(Element::children) {
            if names.contains(&&*element.name) {
                subjects.extend(element.attribute("FormalName").map(str::to_owned));
            }
        }
    }
    let mut keywords = Vec::new();
    item.find_all("KeywordLine", &mut keywords);
    subjects.extend(keywords.into_iter().filter_map(Element::line));
    subjects
}

/// `newsItem` of NewsML-G2.
fn news_item(item: &Element) -> Result<Story, Refusal> {
    let status = attribute(item, &["itemMeta", "pubStatus"], "qcode")
        .or_else(|| attribute(item, &["itemMeta", "pubStatus"], "uri"));
    if let Some(refusal) = status.and_then(|status| held_back(status.rsplit([':', '/']).next().unwrap_or("")))
    {
        return Err(refusal);
    }
    let content = |name| line(item, &["contentMeta", name]);
    let created = |name| line(item, &["itemMeta", name]);
    // Roles tell a headline for a page from one for a telephone; the first without one is for all.
    let headline = item.at(&["contentMeta"]).and_then(|meta| {
        let plain = meta.all("headline").find(|headline| headline.attribute("role").is_none());
        plain.and_then(Element::line)
    });
    let mut story = Story {
        title: headline.or_else(|| content("headline")),
        description: content("description"),
        byline: content("by"),
        dateline: content("dateline"),
        place: line(item, &["contentMeta", "located", "name"]),
        date: content("contentCreated")
            .or_else(|| created("versionCreated"))
            .or_else(|| created("firstCreated")),
        lang: attribute(item, &["contentMeta", "language"], "tag"),
        source: line(item, &["rightsInfo", "copyrightHolder", "name"])
            .or_else(|| party(item, &["itemMeta", "provider"]))
            .or_else(|| line(item, &["contentMeta", "infoSource", "name"])),
        id: item.attribute("guid").map(str::to_owned),
        url: item.attribute("guid").map(str::to_owned),
        subjects: item
            .at(&["contentMeta"])
            .into_iter()
            .flat_map(|meta| SUBJECTS.iter().flat_map(|name| meta.all(name)))
            .filter_map(|subject| named_or(subject, &["literal", "qcode", "uri"]))
            .collect(),
        ..Story::default()
    };
    let mut sets = Vec::new();
    item.find_all("contentSet", &mut sets);
    for part in sets.into_iter().flat_map(Element::children) {
        if part.attribute("rendition").is_some_and(|rendition| !rendition.ends_with(":main"))
            && !story.paragraphs.is_empty()
        {
            continue;
        }
        let is_text = part.attribute("contenttype").is_none_or(|kind| kind.starts_with("text/"));
        let other = match &*part.name {
            "inlineXML" => inline(part),
            "inlineData" if is_text => {
                let text = part.text();
                let text = if text.contains('<') { markup::clean(&text) } else { markup::tidy(&text) };
                Story { paragraphs: by_blank_lines(&text), ..Story::default() }
            }
            _ => continue,
        };
        story = story.or(other);
    }
    let creator = || {
        let creators =
            item.at(&["contentMeta"])?.all("creator").filter_map(|creator| line(creator, &["name"]));
        Some(creators.collect::<Vec<_>>().join(", ")).filter(|names| !names.is_empty())
    };
    story.byline = story.byline.or_else(creator);
    story.title = story.title.or_else(|| line(item, &["itemMeta", "title"])).or_else(|| content("slugline"));
    story.lang = story.lang.or_else(|| item.attribute("lang").map(str::to_owned));
    Ok(story)
}

/// What stands in an item: NITF, XHTML, or something that is no text.
fn inline(part: &Element) -> Story {
    if let Some(document) = part.find("nitf") {
        return nitf(document);
    }
    match part.find("html") {
        Some(page) => {
            let paragraphs = page.at(&["body"]).map(Element::paragraphs).unwrap_or_default();
            Story { paragraphs, title: line(page, &["head", "title"]), ..Story::default() }
        }
        None => {
            let is_markup = part.children().any(|child| markup::is_block(&child.name));
            Story { paragraphs: if is_markup { part.paragraphs() } else { Vec::new() }, ..Story::default() }
        }
    }
}

fn by_blank_lines(text: &str) -> Vec<String> {
    let is_parted = text.contains("\n\n");
    let parts = text.split(if is_parted { "\n\n" } else { "\n" });
    parts.map(|part| part.replace('\n', " ").trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

/// A document in NITF.
fn nitf(document: &Element) -> Story {
    let head = |path: &[&str]| document.at(&["body", "body.head"]).and_then(|head| line(head, path));
    let data = |name| attribute(document, &["head", "docdata", name], "norm");
    let paragraphs = document.at(&["body", "body.content"]).map(Element::paragraphs).unwrap_or_default();
    Story {
        title: head(&["hedline", "hl1"])
            .or_else(|| head(&["headline", "hl1"]))
            .or_else(|| line(document, &["head", "title"])),
        description: head(&["abstract"]),
        byline: head(&["byline", "person"]).or_else(|| {
            let byline = document.at(&["body", "body.head", "byline"])?;
            // What stands before "Staff Reporter".
            byline.own_text().or_else(|| byline.line())
        }),
        dateline: head(&["dateline"]),
        place: head(&["dateline", "location"]),
        date: data("date.issue")
            .or_else(|| data("date.release"))
            .or_else(|| attribute(document, &["body", "body.head", "dateline", "story.date"], "norm")),
        lang: document.attribute("lang").map(str::to_owned),
        source: head(&["distributor", "org"])
            .or_else(|| head(&["distributor"]))
            .or_else(|| attribute(document, &["head", "docdata", "doc.copyright"], "holder")),
        id: attribute(document, &["head", "docdata", "doc-id"], "id-string"),
        url: None,
        subjects: nitf_subjects(document),
        paragraphs,
    }
}

/// `NewsItem` of NewsML 1.
fn news_item_1(item: &Element) -> Result<Story, Refusal> {
    let managed = |name| line(item, &["NewsManagement", name]);
    if let Some(refusal) =
        attribute(item, &["NewsManagement", "Status"], "FormalName").and_then(|status| held_back(&status))
    {
        return Err(refusal);
    }
    let lines = |name: &str| {
        let mut found = Vec::new();
        item.find_all("NewsLines", &mut found);
        found.iter().find_map(|lines| line(lines, &[name]))
    };
    let mut components = Vec::new();
    contents(item, None, &mut components);
    // A part that says it is the body, else the longest text that has no role.
    let stories = components.into_iter().map(|(role, content)| (role, inline_1(content)));
    let length = |story: &Story| story.paragraphs.iter().map(String::len).sum::<usize>();
    let best = stories.max_by_key(|(role, story)| {
        let rank = match role.as_deref() {
            Some("body" | "main" | "text" | "story") => 2,
            None => 1,
            Some(_) => 0,
        };
        (if length(story) > 0 { rank } else { -1 }, length(story))
    });
    let body = best.filter(|(role, _)| role.as_deref().is_none_or(|role| !NO_BODY.contains(&role)));
    let identifier = |name| line(item, &["Identification", "NewsIdentifier", name]);
    let formal = |path: &[&str]| {
        item.at(&["NewsComponent"]).and_then(|component| attribute(component, path, "FormalName"))
    };
    let story = Story {
        title: lines("HeadLine"),
        byline: lines("ByLine"),
        dateline: lines("DateLine"),
        date: managed("ThisRevisionCreated").or_else(|| managed("FirstCreated")),
        lang: item.find("Language").and_then(|language| language.attribute("FormalName")).map(str::to_owned),
        source: formal(&["AdministrativeMetadata", "Provider", "Party"]).or_else(|| identifier("ProviderId")),
        id: identifier("PublicIdentifier"),
        subjects: subjects_1(item),
        ..Story::default()
    };
    Ok(match body {
        Some((_, body)) => story.or(body),
        None => story,
    })
}

/// Roles of parts that are something else than the text.
const NO_BODY: [&str; 8] =
    ["headline", "subheadline", "stylesheet", "contact", "logo", "caption", "photo", "video"];

/// The contents of a NewsML 1 item, each with the role of the component that it is in, in small letters.
fn contents<'e>(element: &'e Element, role: Option<&str>, found: &mut Vec<(Option<String>, &'e Element)>) {
    let own = attribute(element, &["Role"], "FormalName").map(|role| role.to_lowercase());
    let role = own.as_deref().or(role);
    for child in element.children() {
        match &*child.name {
            "NewsComponent" => contents(child, role, found),
            "ContentItem" => {
                found.extend(child.at(&["DataContent"]).map(|content| (role.map(str::to_owned), content)));
            }
            _ => {}
        }
    }
}

fn inline_1(content: &Element) -> Story {
    let story = inline(content);
    if !story.paragraphs.is_empty() || content.children().next().is_some() {
        return Story { title: None, ..story };
    }
    Story { paragraphs: by_blank_lines(&markup::clean(&content.text())), ..Story::default() }
}

#[cfg(test)]
mod tests {
    use super::decode;

    const G2: &str = "<newsItem guid='urn:1' xml:lang='en'><rightsInfo><copyrightHolder><name>Acme</name></copyrightHolder></rightsInfo>\
        <itemMeta><provider qcode='nprov:Other'/><versionCreated>2018-11-21</versionCreated><pubStatus qcode='stat:STATUS'/></itemMeta>\
        <contentMeta><contentCreated>2016-11</contentCreated><by>By A B</by><dateline>Oslo, Nov 21 -</dateline>\
        <headline role='h:short'>S</headline><headline>T &amp; U</headline></contentMeta>\
        <contentSet><inlineXML contenttype='application/nitf+xml'>INNER</inlineXML></contentSet></newsItem>";

    const NITF: &str = "<nitf><head><title>N</title><docdata><doc-id id-string='n1'/><date.issue norm='20160211T101500Z'/></docdata></head>\
        <body><body.head><hedline><hl1>T &amp; U</hl1></hedline><byline>By A B, <byttl>Staff</byttl></byline><dateline><location>Oslo</location>, Feb 11</dateline></body.head>\
        <body.content><p>One.</p><media><media-caption>no</media-caption></media><p>Two.</p></body.content></body></nitf>";

    const XHTML: &str =
        "<html><head><title>no</title></head><body><h1>T &amp; U</h1><p>One.</p><p>Two.</p></body></html>";

    #[test]
    fn all_forms_give_the_same() {
        let version_1 = format!(
            "<NewsItem><Identification><NewsIdentifier><ProviderId>Acme</ProviderId><PublicIdentifier>urn:1</PublicIdentifier></NewsIdentifier></Identification>\
             <NewsManagement><FirstCreated>20160211T101500Z</FirstCreated><Status FormalName='Usable'/></NewsManagement>\
             <NewsComponent><NewsLines><HeadLine>T &amp; U</HeadLine><ByLine>By A B</ByLine><DateLine>Oslo</DateLine></NewsLines>\
             <NewsComponent><Role FormalName='Contact'/><ContentItem><DataContent><p>{}</p></DataContent></ContentItem></NewsComponent>\
             <NewsComponent><Role FormalName='Body'/><ContentItem><DataContent>{XHTML}</DataContent></ContentItem></NewsComponent></NewsComponent></NewsItem>",
            "long ".repeat(100)
        );
        for (text, source, date, id) in [
            (G2.replace("INNER", NITF), Some("Acme"), "2016-11", "urn:1"),
            (G2.replace("INNER", XHTML), Some("Acme"), "2016-11", "urn:1"),
            (NITF.to_owned(), None, "20160211T101500Z", "n1"),
            (version_1, Some("Acme"), "20160211T101500Z", "urn:1"),
        ] {
            let draft = decode(text.as_bytes()).unwrap();
            let article = draft.article;
            assert_eq!((article.title.as_str(), article.body.as_str()), ("T & U", "One.\n\nTwo."), "{text}");
            assert_eq!(
                (article.authors.join("|"), article.place.as_deref()),
                ("A B".to_owned(), Some("Oslo")),
                "{text}"
            );
            assert_eq!(article.source.as_deref(), source, "{text}");
            assert_eq!((draft.date.as_deref(), draft.id.as_deref()), (Some(date), Some(id)), "{text}");
        }
    }

    #[test]
    fn subjects_are_named_else_their_codes_stand() {
        for (text, expected) in [
            (
                "<newsItem><contentMeta><subject qcode='medtop:1'><name>Steel</name></subject><subject qcode='medtop:2'/>\
                 <genre literal='Analysis'/><keyword>Ohio</keyword></contentMeta></newsItem>",
                vec!["Steel", "medtop:2", "Analysis", "Ohio"],
            ),
            (
                "<nitf><head><tobject tobject.type='news'><tobject.property tobject.property.type='Advisory'/>\
                 <tobject.subject tobject.subject.refnum='04' tobject.subject.type='economy' tobject.subject.matter='steel'/></tobject>\
                 <docdata><key-list><keyword key='Ohio'/></key-list></docdata></head></nitf>",
                vec!["steel", "Advisory", "Ohio"],
            ),
            (
                "<NewsItem><NewsComponent><NewsLines><KeywordLine>Ohio</KeywordLine></NewsLines><DescriptiveMetadata><Genre FormalName='Analysis'/>\
                 <SubjectCode><Subject FormalName='04000000'/><SubjectMatter FormalName='04005000'/></SubjectCode></DescriptiveMetadata></NewsComponent></NewsItem>",
                vec!["04000000", "04005000", "Analysis", "Ohio"],
            ),
        ] {
            assert_eq!(decode(text.as_bytes()).unwrap().article.subjects, expected, "{text}");
        }
    }

    #[test]
    fn what_can_not_be_shown_is_told_apart() {
        let version_1 =
            "<NewsItem><NewsManagement><Status FormalName='Embargoed'/></NewsManagement></NewsItem>";
        for (text, class) in [
            (G2.replace("STATUS", "withheld"), "withheld"),
            (G2.replace("STATUS", "canceled"), "canceled"),
            (version_1.to_owned(), "withheld"),
            ("<conceptItem/>".to_owned(), "no-article"),
            ("<newsItem>".to_owned(), "not-xml"),
            ("<!DOCTYPE nitf [<!ENTITY a 'b'>]><nitf>&a;</nitf>".to_owned(), "not-xml"),
        ] {
            assert_eq!(decode(text.as_bytes()).err().map(|refusal| refusal.class), Some(class), "{text}");
        }
    }

    #[test]
    fn the_character_set_is_the_declared_one() {
        let text = b"<?xml version='1.0' encoding=\"windows-1252\"?><nitf><head><title>Nestl\xE9 \x93x\x94</title></head></nitf>";
        assert_eq!(decode(text).unwrap().article.title, "Nestlé “x”");
    }
}
