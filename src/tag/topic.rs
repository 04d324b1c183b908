//! What an article reports: layoffs, an acquisition, results.
//!
//! A topic is a set of phrases with weights. A phrase in the headline counts three times, in the lead twice; a topic
//! is tagged when it reaches [`THRESHOLD`], so that one passing word deep in the text never is one. Each hit is kept
//! as a mention.

use crate::article::{Mention, TextField, TopicTag};
use crate::tag::explain::{Points, RejectedTopic, TagReasons};
use crate::tag::lexicon::{Lexicon, WordId};
use crate::tag::resolve::{BODY, TITLE};
use crate::tag::view::{DIGIT, Gap, View};

/// Points that make a topic.
const THRESHOLD: u32 = 25;
/// Sentences that count as the lead.
const LEAD: usize = 3;
/// Hits of one phrase in the body that count.
const REPEATS: u32 = 4;

/// A weight and the phrases that have it.
type Weighted = (u32, &'static [&'static str]);

/// Topics with their phrases. `|` separates words that may stand at one place, `~n` lets up to n words between, `#` is
/// a number. The weight stands before the phrases.
#[rustfmt::skip]
const TOPICS: &[(&str, &[Weighted])] = &[
    ("layoffs", &[
        (10, &["layoffs|layoff", "lay|lays|laid|laying ~3 off", "laid off", "job|jobs|staff|workforce|headcount|personnel cuts|cut|losses|reductions|reduction", "workforce reductions|reduction",
            "cut|cuts|cutting|slash|slashes|slashing|eliminate|eliminates|eliminating|eliminated|shed|sheds|shedding|axe|axes|axing|trim|trims ~6 jobs|positions|roles|employees|staff|workers|workforce|headcount",
            "dismiss|dismisses|dismissed|dismissing|fire|fires|fired|sack|sacks|sacked ~4 employees|staff|workers|people",
            "reduce|reduces|reduced|reducing ~3 workforce|headcount|staff", "redundancies", "redundancy", "mass dismissals", "lose their jobs", "lost their jobs",
            "part|parting|parted with # ~2 employees|people|workers", "parts with # ~2 employees|people|workers", "jobs|positions|roles ~2 eliminated|axed|cut", "stellenabbau", "stellen streichen|abbauen|gestrichen",
            "let|lets|letting ~5 go", "part|parts|parting|parted with ~6 workforce|staff|employees|percent|tenth|fifth", "drops|drop|dropping # jobs", "notifying|notify|notified # workers|employees", "fifth|tenth|quarter|half|third of ~3 staff|workforce|employees|jobs ~3 go|lose|lost", "# jobs ~3 go|gone|cut|lost", "shrinks|shrink ~3 staff|workforce", "jobs cut", "lost their positions", "# employees ~3 lose|leave"]),
        (5, &["severance", "downsizing", "let go", "job cut", "dismissals", "pink slips", "cost|costs cutting round", "cuts # jobs|percent"]),
    ]),
    ("acquisition", &[
        (10, &["acquire|acquires|acquired|acquiring ~8 for #", "to acquire", "agreed|agrees ~2 acquire|buy", "agreed to be acquired|bought", "acquisition|takeover of", "takeover", "acquisition", "merger", "buyout",
            "to buy ~8 for #", "buy|buys|buying ~8 for #", "bought ~6 for #", "bid for", "merge|merges with", "completes|completed|closes|closed ~3 acquisition|takeover|purchase|merger|deal", "to merge", "all|cash stock deal", "tender offer", "hostile bid",
            "sell|sells ~6 to ~5 for #", "acquires", "sells|sell|selling|sale|sold ~3 unit|units|stake|division|subsidiary|subsidiaries|assets|interest|operations", "cuts|cut|ups|raises|raised|has|holds|boosts|lowers|increases|acquires|buys|bought ~5 stake", "spin|spun|spinoff|spinnoff", "agreed|agrees to sell", "seeks control", "letter of intent ~2 acquire|buy|sell", "breakup|break|termination fee", "acquire|acquired|acquiring", "pay|pays|paying # ~4 for", "divest|divests|divested|divestiture|divestment", "completes|completed|complete ~2 sale", "sale of ~5 to", "sold ~8 to ~6 for", "buy|buys|bought|sold|sell|sells # ~4 shares|pct|percent", "pct|percent of ~6 shares|stock", "pct|percent interest", "owns|holds|has # pct|percent of", "extends|extended|extending ~4 offer", "offer for ~7 shares|units", "sell|sells|sold|selling|buy|buys|buying|acquire|acquired ~6 branch|line|plant|hotel|division|operations|business|group|subsidiary|unit|refinery", "waiting period", "tendered|tendering", "acquired ~4 inc|corp|co|ltd|plc", "discussions|talks ~6 purchase|sale|merger|acquisition", "reject|rejects|rejected ~4 offer|bid", "unsolicited offer|bid", "sells|sold|boosts|raises ~1 position|holding|holdings", "to absorb", "takes|take all of", "spin|spun|spins off", "deal|merger|purchase ~3 closed|closes|completed", "completes|completed|complete ~6 purchase|takeover|merger|acquisition", "purchase ~4 complete|completed", "merged"]),
        (5, &["to buy|acquire", "purchase", "bid", "stake", "all stock", "stake in", "per share in cash", "buys|bought ~3 unit|firm|company|stores|plant|business|assets|inc|corp|co|ltd", "antitrust approval", "closing of the deal", "deal ~3 valued", "merger|takeover|acquisition agreement", "shareholders ~3 receive", "combined company", "buyer"]),
    ]),
    ("earnings", &[
        (10, &["quarterly|annual|quarter|full|year results|earnings|profit|loss|revenue|sales", "net income|profit|loss", "earnings|profit per share", "reported|reports|posted|posts ~4 profit|loss|revenue|earnings|results|sales",
            "first|second|third|fourth|1st|2nd|3rd|4th quarter ~2 results|profit|earnings|revenue|sales|loss|net", "operating profit|income|loss", "results for the ~3 quarter|year", "revenue|sales|profit|earnings rose|fell|grew|dropped|climbed|jumped|declined|slipped|increased", "shr ~6 vs", "oper shr", "net|revs|rev|sales ~4 vs", "qtly|qtrly|quarterly|final|interim div|divs", "sets quarterly", "in payout", "# net|results|year", "earnings|profit|profits|net ~3 up|down|soar|soars|rise|rises|fall|falls|higher|lower", "gain of # ~6 sale", "loss|gain ~4 from ~3 sale", "earnings report",
            "cuts|cut|lowers|lowered|raises|raised ~4 forecast|guidance|outlook", "profit warning", "guidance", "quarterly dividend", "earns|earned|made|makes|loses|lost # ~3 in|last|for|dollars|euros", "profit|loss|revenue|sales|turnover ~1 of #", "revenue|sales|profit|turnover ~3 to #", "first|second|third|fourth quarter", "net profit|loss", "the quarter", "holiday quarter", "chiffre d affaires", "writes|wrote|writing down", "year|qtr|quarter|nine|six|half|jan|feb|mths net|results|loss", "qtr loss|profit|results|earnings", "quarterly|qtly|qtrly|regular|initial|special|extra|annual|higher dividend|dividends|div|divs|payout", "raises|raised|sets|declares|declared|increases|omits|cuts|ups|hikes ~3 dividend|payout|div", "stock split", "for|of stock split", "sees ~5 earnings|profit|net|loss|results", "dividend", "for the quarter|year"]),
        (4, &["the same quarter|period", "a year earlier", "year earlier", "analysts ~3 expected", "wall street ~3 expected", "fiscal year", "forecast"]),
    ]),
    ("funding", &[
        (10, &["funding round", "raised|raises|raise|raising ~4 in ~4 funding|financing|round", "series a|b|c|d|e|f|g", "seed round|funding", "venture capital|round", "round ~2 led by", "financing round", "raises #", "raised # in|from|at", "raising #", "raised|raises # ~6 investors", "raised|raises ~2 from investors"]),
        (4, &["valuation of", "valued at", "valuing ~4 at", "investors ~3 include", "led the round", "new money from"]),
    ]),
    ("lawsuit", &[
        (10, &["lawsuit|lawsuits", "sued|sues|suing", "filed|files ~2 suit|complaint|lawsuit", "class action", "jury", "plaintiff|plaintiffs", "settle|settles|settled|settlement ~6 lawsuit|claims|case|suit|litigation|charges", "court ruled|ruling|decision|rules",
            "supreme court", "antitrust case|suit|trial|lawsuit", "patent infringement", "verdict", "trial", "settlement", "federal|district|appeals judge|court"]),
        (4, &["judge", "court", "alleged|alleges|accused|accuses", "damages", "appeal", "lawyers", "litigation", "prosecutors"]),
    ]),
    ("launch", &[
        (10, &["launch|launches|launched|launching|unveil|unveils|unveiled|introduces|introduced|debuts|releases|presents ~6 new", "launches|unveils|debuts|introduces", "unveiled", "product launch", "goes on sale", "go on sale", "went on sale", "new version", "launch of ~5 app|service|product|device|phone", "is launching", "will launch", "opens ~2 to the public", "shows|showed|presented|presents|introduced ~5 assistant|headset|chatbot|model|phone|service", "launched", "introduced|presented ~6 headset|phone|smartphone|app|device|chatbot|model|version|assistant"]),
        (4, &["will be available|sold", "available ~3 from", "starts at #", "new app|device|product|service|model|phone|feature|features", "released|launched|introduced", "for sale|preorder", "users ~3 signed"]),
    ]),
    ("leadership", &[
        (10, &["steps|step|stepped|stepping down", "resign|resigns|resigned|resigning", "resignation", "names|named|appoints|appointed ~6 ceo|chief|chairman|president|chairwoman", "new chief executive", "new ceo", "chief executive officer|director ~4 resigns|leaves|departs|steps|retires",
            "succeed|succeeds|succeeded|successor|succession", "ousted|ousts|ouster", "dismissed|fires|fired|dismisses ~4 ceo|chief|executive", "retire|retires|retiring|retirement ~4 as", "replaces|replaced ~6 as chief|ceo", "takes over as", "become|becomes|became ~2 chief|ceo", "leaving|leaves|quits|quit ~6 ceo|chief|company", "as chief executive", "as ceo", "brings|brought ~4 back", "takes over at|as", "hand|hands|handing|handed over", "chief|chairman|ceo ~5 out|leaves|quits|resigns|steps|goes", "new chief|boss", "parts with ~3 chief|ceo", "in charge", "to lead the|it", "named ~5 chief|ceo|president", "founders ~4 leave|walk|resign|quit", "hires ~6 from", "ceo dismissed|fired|ousted", "chief executive ~6 dismissed|fired|removed|replaced|leave|leaving|leaves", "fired ~4 chief|ceo"]),
        (4, &["chief executive", "interim", "board ~3 decided", "search for a", "founders ~3 leave"]),
    ]),
    ("regulation", &[
        (10, &["regulator|regulators", "antitrust", "fined|fines", "fine of", "privacy law|rules|commissioner|regulator", "competition authority|watchdog|commission|regulator|authorities", "european commission", "federal trade commission", "ftc", "data protection", "faa", "emergency use authorization", "civil penalty", "penalty ~3 imposed", "consent order", "digital markets act", "gdpr"]),
        (4, &["investigation", "penalty", "compliance", "approval", "probe", "authority", "commission", "violated|violation|violations"]),
    ]),
    ("partnership", &[
        (10, &["partnership with", "partners|partnered|partnering|teams|teamed ~2 with", "strategic partnership|alliance|collaboration", "joint venture", "alliance with", "announced|announce|announces ~3 partnership|alliance|collaboration", "collaborate|collaborates|collaboration with", "licensing agreement|deal", "global alliance", "team up"]),
        (4, &["partnership", "alliance", "collaboration"]),
    ]),
    ("outage", &[
        (10, &["outage|outages", "went down|offline", "goes down", "knocked offline|out", "service disruption|disruptions", "disruption to", "services were unavailable", "crashed ~4 computers|systems", "blue screen", "network failure", "unreachable", "without service", "took|takes|taking down", "knocks|knocked|knocking out", "cancels|cancelled|canceled ~4 flights", "interrupted ~2 services|service", "vanish|vanished for", "failure of", "failure takes|took", "could not be reached", "broke down"]),
        (4, &["restored", "disrupted|disruption", "unavailable", "back online", "down for", "affected users|customers", "failure"]),
    ]),
    ("security", &[
        (10, &["data breach|breaches", "breach of", "cyberattack|cyberattacks|ransomware|malware|spyware", "cyber attack|attacks|incident", "hack|hacked|hackers|hacker", "stolen|stole|theft ~4 data|records|information|passwords|accounts", "security breach|flaw|incident|vulnerability", "intruder|intruders|attackers", "personal data|information ~6 exposed|stolen|accessed", "breach", "data of ~6 exposed|stolen|copied|taken", "data ~4 exposed", "took data", "spies", "copied ~5 records|data"]),
        (4, &["passwords", "customer data", "vulnerability", "encrypted", "compromised", "unauthorized access"]),
    ]),
    ("ipo", &[
        (10, &["ipo", "initial public offering", "goes|went|going|go public", "direct listing", "market debut", "trading debut", "first day of trading", "began|begin|begins trading on", "debut on the", "shares ~4 priced at", "stock market listing|debut|flotation", "opened at # ~3 share", "public offering", "debut ~6 stock|exchange|market", "stock|market debut", "first day ~4 exchange|trading|york", "went|gone public", "shares ~2 opened at", "issue price", "offering price"]),
        (4, &["listing", "prospectus", "offering", "underwriters", "priced its shares"]),
    ]),
    ("bankruptcy", &[
        (10, &["bankruptcy|bankrupt", "chapter 11|7", "insolvency|insolvent|insolvenz|insolvenzantrag", "filed|files ~3 bankruptcy|protection|insolvency", "creditors", "liquidation|liquidate|liquidated", "administration ~3 creditors", "collapse|collapsed|collapses ~4 bank|lender|exchange|group", "receivership", "bank failure", "goes|went under"]),
        (4, &["debt|debts of", "restructuring plan", "wind down", "court protection", "seized ~3 regulators", "depositors"]),
    ]),
];

/// One phrase, compiled.
struct Phrase {
    topic: usize,
    weight: u32,
    /// Alternatives at each place after the first, with how many words may stand before it.
    rest: Vec<(u8, Slot)>,
    /// What the phrase is counted as for repeats.
    number: usize,
}

enum Slot {
    Words(Vec<WordId>),
    Number,
}

/// The phrases of all topics.
pub(super) struct Topics {
    /// Phrases that begin with a word, by its id.
    starts: Vec<Vec<u32>>,
    phrases: Vec<Phrase>,
    count: usize,
}

/// Every word of the phrases, for the lexicon.
pub(super) fn vocabulary() -> impl Iterator<Item = &'static str> {
    TOPICS
        .iter()
        .flat_map(|(_, groups)| groups.iter())
        .flat_map(|(_, phrases)| phrases.iter())
        .flat_map(|phrase| phrase.split([' ', '|']))
        .filter(|word| !word.starts_with('~') && *word != "#")
}

impl Topics {
    /// Compiles the phrases for a lexicon that holds their [`vocabulary`].
    pub(super) fn new(lexicon: &Lexicon) -> Self {
        let mut topics = Self { starts: vec![Vec::new(); lexicon.len()], phrases: Vec::new(), count: 0 };
        for (topic, (_, groups)) in TOPICS.iter().enumerate() {
            for (weight, phrases) in *groups {
                for phrase in *phrases {
                    topics.add(lexicon, topic, *weight, phrase);
                }
            }
        }
        topics
    }

    fn add(&mut self, lexicon: &Lexicon, topic: usize, weight: u32, phrase: &str) {
        let mut slots = Vec::new();
        let mut skip = 0;
        for part in phrase.split(' ') {
            if let Some(count) = part.strip_prefix('~') {
                skip = count.parse().unwrap_or(0);
                continue;
            }
            let slot = if part == "#" {
                Slot::Number
            } else {
                Slot::Words(part.split('|').map(|word| lexicon.id(word)).collect())
            };
            slots.push((skip, slot));
            skip = 0;
        }
        let first = slots.remove(0).1;
        let number = self.count;
        self.count += 1;
        let place = self.phrases.len() as u32;
        self.phrases.push(Phrase { topic, weight, rest: slots, number });
        if let Slot::Words(words) = first {
            for word in words {
                if let Some(starts) = self.starts.get_mut(usize::from(word)) {
                    starts.push(place);
                }
            }
        }
    }

    /// The topics of an article, by falling salience, then name.
    pub(super) fn find(&self, views: &[View<'_>; 2], reasons: &mut TagReasons) -> Vec<TopicTag> {
        let mut sums = vec![Sum::default(); TOPICS.len()];
        let mut seen = vec![0_u32; self.count];
        let mut mentions: Vec<Vec<Mention>> = vec![Vec::new(); TOPICS.len()];
        let mut covered = vec![(usize::MAX, 0_usize); TOPICS.len()];
        for field in [TITLE, BODY] {
            let view = &views[field];
            for (place, word) in view.words.iter().enumerate() {
                if word.id == 0 {
                    continue;
                }
                for &number in self.starts.get(usize::from(word.id)).map_or(&[][..], Vec::as_slice) {
                    let Some(phrase) = self.phrases.get(number as usize) else { continue };
                    let Some(end) = phrase.matches(view, place) else { continue };
                    let topic = phrase.topic;
                    let lead = field == BODY && (word.sentence as usize) < LEAD;
                    // One place counts once for a topic, by its first phrase.
                    if covered[topic].0 == field && place < covered[topic].1 {
                        continue;
                    }
                    covered[topic] = (field, end);
                    if field == TITLE {
                        sums[topic].title += phrase.weight * 3;
                    } else if lead {
                        sums[topic].lead += phrase.weight * 2;
                    } else if seen[phrase.number] < REPEATS {
                        seen[phrase.number] += 1;
                        sums[topic].body += phrase.weight * 6 / 10;
                    }
                    mentions[topic].push(mention(view, field, place, end, TOPICS[topic].0));
                }
            }
        }
        // What the headline and the lead say decides; the body only adds. Without either a text must be full of it.
        let length = views[BODY].words.len() as u32;
        let mut tags: Vec<TopicTag> = Vec::new();
        for (topic, (name, _)) in TOPICS.iter().enumerate() {
            let (sum, mentions) = (sums[topic], std::mem::take(&mut mentions[topic]));
            let need = if sum.front() > 0 { THRESHOLD } else { THRESHOLD + 5 + length / 50 };
            if sum.all() >= need {
                let salience = reasons.topic(name, sum.salience(reasons));
                tags.push(TopicTag { topic: (*name).to_owned(), salience, mentions });
            } else if reasons.is_kept() && !mentions.is_empty() {
                let reason = if sum.front() > 0 { "too little of it" } else { "only deep in the text" };
                reasons.rejected_topics.push(RejectedTopic {
                    topic: (*name).to_owned(),
                    points: sum.all(),
                    needed: need,
                    reason: reason.to_owned(),
                    mentions,
                });
            }
        }
        tags.sort_by(|left, right| {
            right.salience.cmp(&left.salience).then_with(|| left.topic.cmp(&right.topic))
        });
        tags
    }
}

/// Points of a topic by where its phrases stand.
#[derive(Clone, Copy, Default)]
struct Sum {
    title: u32,
    lead: u32,
    body: u32,
}

impl Sum {
    fn front(self) -> u32 {
        self.title + self.lead
    }

    fn all(self) -> u32 {
        self.front() + self.body
    }

    fn salience(self, reasons: &TagReasons) -> Points {
        let mut points = reasons.points();
        points.add("headline", self.title as f32, || "phrases in it, three times".to_owned());
        points.add("lead", self.lead as f32, || "phrases in it, twice".to_owned());
        points.add("body", self.body as f32, || "phrases further down".to_owned());
        points.add("front", (self.front() / 2) as f32, || "headline and lead once more, by half".to_owned());
        points.at_most(100.0, || "100 is the highest".to_owned());
        points
    }
}

impl Phrase {
    /// One past the last word of the phrase that begins at a place.
    fn matches(&self, view: &View<'_>, place: usize) -> Option<usize> {
        let sentence = view.words.get(place)?.sentence;
        let mut at = place + 1;
        for (skip, slot) in &self.rest {
            let reach = at + usize::from(*skip);
            loop {
                let word = view.words.get(at)?;
                if word.sentence != sentence || word.gap == Gap::Sentence {
                    return None;
                }
                let fits = match slot {
                    Slot::Number => word.shape & DIGIT != 0,
                    Slot::Words(words) => word.id != 0 && words.contains(&word.id),
                };
                at += 1;
                if fits {
                    break;
                }
                if at > reach {
                    return None;
                }
            }
        }
        Some(at)
    }
}

fn mention(view: &View<'_>, field: usize, first: usize, last: usize, rule: &str) -> Mention {
    let start = view.words.get(first).map_or(0, |word| word.start as usize);
    let end = view.words.get(last - 1).map_or(start, |word| word.end as usize);
    Mention {
        field: if field == TITLE { TextField::Title } else { TextField::Body },
        start,
        end,
        text: view.text.get(start..end).unwrap_or_default().to_owned(),
        rule: rule.to_owned(),
    }
}
