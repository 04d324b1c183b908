//! Small indexes in memory, written straight through the document, without decoding and tagging.

use crate::Index;
use crate::article::{
    Article, Citation, CompanyTag, DateSource, DivisionTag, Mention, Precision, Publication, Role, Tags,
    TextField, TopicTag,
};
use crate::index::document::prepare;
use crate::index::ledger::Checkpoint;
use crate::query::DateValue;
use crate::search::Searcher;

/// 2026-11-24T12:00:00Z
pub(super) const NOW: i64 = 1_795_521_600;

/// An article under construction.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    pub(super) article: Article,
    pub(super) tags: Tags,
    pub(super) added: i64,
}

pub(super) fn article(id: &str, title: &str, body: &str) -> Entry {
    let article = Article {
        id: id.to_owned(),
        title: title.to_owned(),
        body: body.to_owned(),
        path: format!("news/{id}.txt"),
        ..Article::default()
    };
    Entry { article, tags: Tags::default(), added: NOW }
}

impl Entry {
    pub(super) fn date(mut self, date: &str) -> Self {
        let value = DateValue::read(date).unwrap_or_else(|| panic!("{date}"));
        let precision = match value {
            DateValue::Year { .. } => Precision::Year,
            DateValue::Month { .. } => Precision::Month,
            DateValue::Second { .. } => Precision::Second,
            _ => Precision::Day,
        };
        let seconds = value.period(NOW).start;
        self.article.published = Some(Publication { seconds, precision, source: DateSource::Metadata });
        self
    }

    pub(super) fn source(mut self, source: &str) -> Self {
        self.article.source = Some(source.to_owned());
        self
    }

    pub(super) fn author(mut self, author: &str) -> Self {
        self.article.authors.push(author.to_owned());
        self
    }

    pub(super) fn subject(mut self, subject: &str) -> Self {
        self.article.subjects.push(subject.to_owned());
        self
    }

    pub(super) fn url(mut self, url: &str) -> Self {
        self.article.url = Some(url.to_owned());
        self
    }

    pub(super) fn lang(mut self, lang: &str) -> Self {
        self.article.lang = Some(lang.to_owned());
        self
    }

    pub(super) fn cites(mut self, name: &str) -> Self {
        let start = self.article.body.find(name).unwrap_or(0);
        let span = start..start + name.len();
        self.article.cites.push(Citation { name: name.to_owned(), span });
        self
    }

    /// A company with all places where `name` stands.
    pub(super) fn company(mut self, id: &str, name: &str, role: Role, salience: u8) -> Self {
        let mentions = self.mentions(name);
        let tag =
            CompanyTag { id: id.to_owned(), name: name.to_owned(), role, salience, known: true, mentions };
        self.tags.companies.push(tag);
        self
    }

    pub(super) fn division(mut self, path: &str, name: &str, salience: u8) -> Self {
        let mentions = self.mentions(name);
        self.tags.divisions.push(DivisionTag {
            path: path.to_owned(),
            name: name.to_owned(),
            salience,
            mentions,
        });
        self
    }

    pub(super) fn topic(mut self, topic: &str) -> Self {
        let mentions = self.mentions(topic);
        self.tags.topics.push(TopicTag { topic: topic.to_owned(), salience: 60, mentions });
        self
    }

    fn mentions(&self, name: &str) -> Vec<Mention> {
        let mut found = Vec::new();
        for (field, text) in [(TextField::Title, &self.article.title), (TextField::Body, &self.article.body)]
        {
            found.extend(text.match_indices(name).map(|(start, text)| Mention {
                field,
                start,
                end: start + text.len(),
                text: text.to_owned(),
                rule: "strong".into(),
            }));
        }
        found
    }
}

/// A searcher over an index of so many segments.
pub(super) fn searcher(entries: &[Entry], segments: usize) -> Searcher {
    index(entries, segments).searcher().unwrap()
}

pub(super) fn index(entries: &[Entry], segments: usize) -> Index {
    let index = Index::in_memory();
    let mut writer = index.inner.writer_with_num_threads(1, 20 << 20).unwrap();
    writer.set_merge_policy(Box::new(tantivy::merge_policy::NoMergePolicy));
    let size = entries.len().div_ceil(segments.max(1)).max(1);
    for (at, chunk) in entries.chunks(size).enumerate() {
        for entry in chunk {
            let Entry { article, tags, added } = entry.clone();
            writer.add_document(prepare(&index.fields, article, &tags, added).unwrap().document).unwrap();
        }
        let checkpoint = Checkpoint { seq: at as u64 + 1, ..Checkpoint::default() };
        let mut commit = writer.prepare_commit().unwrap();
        commit.set_payload(&checkpoint.to_payload().unwrap());
        commit.commit().unwrap();
    }
    index
}

/// Twenty articles of the kind that the index is for.
pub(super) fn corpus() -> Vec<Entry> {
    use Role::{Cited, Peer, Publisher, Subject};
    vec![
        article("a", "Amazon cuts 18,000 jobs", "Amazon said on Wednesday it would lay off 18,000 workers.\n\nThe layoffs hit Prime Video and AWS. Google and Meta cut jobs too.")
            .date("2023-01-04").source("Reuters").author("Jane Doe").subject("Technology").subject("Jobs & Labour").url("https://www.reuters.com/technology/a?id=1").lang("en")
            .company("amazon", "Amazon", Subject, 95).company("google", "Google", Peer, 20).company("meta", "Meta", Peer, 20)
            .division("amazon/prime-video", "Prime Video", 40).division("amazon/aws", "AWS", 55).topic("layoffs"),
        article("b", "Google lays off 12,000", "Google will lay off 12,000 employees, according to Business Insider.\n\nIts cloud unit is spared.")
            .date("2023-01-20").source("BBC News").author("John Smith").subject("TECHNOLOGY").url("https://www.bbc.co.uk/news/b").lang("en")
            .company("google", "Google", Subject, 90).company("business-insider", "Business Insider", Cited, 5)
            .cites("Business Insider").topic("layoffs"),
        article("c", "Prime Minister opens video studio", "The prime minister opened a video studio in London. Prime time video was shown.")
            .date("2024-06").source("BBC News").lang("en"),
        article("d", "Disney+ raises prices", "Disney+ will cost $1.5 more. Disney said its C++ team stays. R&D costs fall.")
            .date("2022-08-10").source("CNBC").company("disney", "Disney", Subject, 80).division("disney/disney-plus", "Disney+", 70),
        article("e", "Amazon rainforest shrinks", "The Amazon rainforest lost 9,000 square kilometres. The river rose.")
            .date("2021").source("The Guardian").lang("en"),
        article("f", "AT&T pays $1.5B fine", "AT&T agreed to pay $1.5B. T-Mobile and Verizon declined to comment. The U.S. regulator was pleased.")
            .date("2024-03-01").source("Reuters").company("att", "AT&T", Subject, 85).topic("regulation"),
        article("g", "Café chain restructures", "The café chain is restructuring. Restructured debts, a restructure plan and more.")
            .source("Le Monde").lang("fr").author("Zoë Müller"),
        article("h", "Meta buys startup", "Meta acquired a startup for 9000 dollars. Meta, formerly Facebook, said little.")
            .date("2026-11-22").source("reuters").company("meta", "Meta", Subject, 88).topic("acquisition"),
        article("i", "Amazon buys startup", "Amazon.com acquired a robotics startup. The acquisition closes in May.")
            .date("2026-11-23").source("CNBC").author("Jane Doe").company("amazon", "Amazon", Subject, 92).topic("acquisition"),
        article("j", "AWS outage hits retailers", "AWS was down for hours. Amazon Web Services apologised.")
            .date("2026-11-24T09:30:00Z").source("CNBC").division("amazon/aws", "AWS", 90).company("amazon", "Amazon", Subject, 60),
        article("k", "Luna lands on console", "Amazon Luna comes to consoles. Luna costs less.")
            .date("2026-11-10").division("amazon/luna", "Luna", 80).company("amazon", "Amazon", Subject, 55),
        article("l", "Weekly roundup", "Layoffs at Amazon, at Google, at Meta. WebProNews is an iEntry Publication.")
            .company("amazon", "Amazon", Peer, 30).company("google", "Google", Peer, 30).company("ientry", "iEntry", Publisher, 1),
        article("m", "日本でアマゾンが拡大", "アマゾンは日本で拡大する。東京の日本人。").lang("ja").date("2025-05-05"),
        article("n", "Layout of the new store", "A layout, a wildcard and a wild card. The layouts differ.").date("2020-02-29"),
        article("o", "Prime video video prime", "video prime prime video video").date("2019-12-31"),
        article("p", "Yahoo! sells 3M", "Yahoo! sold its 3M stake for €3bn. O'Brien and L’Oréal were there.").date("2018-07-01"),
        article("q", "", "An untitled note about restructuring and nothing else at all.").date("2017"),
        article("r", "Amazn and Amzaon", "Misspelt: amazn, amzaon, amazone, amazons and amaxn.").date("2016-01-01"),
        article("s", "Earnings", "Revenue rose. Amazon and Google reported earnings. Prime, then later the new video, then more.")
            .date("2026-10-29").company("google", "Google", Subject, 65).company("amazon", "Amazon", Subject, 65).topic("earnings"),
        article("t", "Empty", "").date("2015-05-05"),
    ]
}
