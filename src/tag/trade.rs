//! What sort of business an article speaks of: "the carrier" says that Delta is the airline, "the chip designer" that Arm is
//! the company.

use std::collections::HashMap;

use crate::tag::gazetteer::Gazetteer;
use crate::tag::lexicon::{BUSINESS, COREFERENCE, Lexicon};
use crate::tag::resolve::{BODY, TITLE};
use crate::tag::view::{LOWER, View};

/// Trades: what the industries of the gazetteer are called by (any of these parts, in lower case), and the words for a company
/// of the trade. A word that stands for a company by itself ("airline") is a sign alone, any other before one that does
/// ("chip designer").
#[rustfmt::skip]
const TRADES: &[(&str, &str)] = &[
    ("airline", "airline carrier"),
    ("automobile manuf|auto manuf|autonomous vehicles|automobiles", "carmaker automaker car auto truck vehicle"),
    ("motorcycle", "motorcycle bike"),
    ("retail|discount stores|department stores|e-commerce|direct marketing|apparel|supermarket", "retailer grocer supermarket retail clothing fashion grocery e-commerce online warehouse"),
    ("semiconductor", "chipmaker chip chips semiconductor"),
    ("banks|capital markets", "bank lender banking"),
    ("insurance|reinsurance|managed health", "insurer insurance"),
    ("pharma|biotech|drug", "drugmaker drug pharmaceutical biotech vaccine"),
    ("oil|gas|energy", "oil energy gas"),
    ("telecom|wireless|cable|communication services", "carrier wireless telecoms telecom mobile phone cable broadband network"),
    ("software|data|it services|cybersecurity|cloud", "software cloud data security database consulting it"),
    ("interactive media|internet|social|digital media|online", "search internet social app messaging video dating"),
    ("technology hardware|computer|consumer electronics|smartphone", "iphone smartphone phone computer pc handset electronics printer gadget"),
    ("payment|consumer finance|fintech|transaction", "payments payment card credit fintech lender"),
    ("digital assets|crypto", "crypto coin exchange brokerage trading"),
    ("hotel|resort|cruise|casino|leisure", "cruise hotel hotelier casino fitness exercise bike theme"),
    ("restaurant", "burger coffee pizza sandwich restaurant fast food chicken"),
    ("chemical", "chemicals chemical"),
    ("brew|distill|vintner|soft drink|beverage", "brewer drinks beverage beer soda spirits wine"),
    ("food|consumer staples|household|personal", "food consumer snack confectionery cereal soap cosmetics beauty"),
    ("apparel|footwear|luxury|textile", "sportswear clothing fashion luxury apparel shoe shoes denim jeans sneaker"),
    ("aerospace|defense", "planemaker aircraft aerospace defence defense jet space rocket missile"),
    ("rail", "railway railroad rail"),
    ("logistics|freight|transportation|marine", "parcel delivery logistics shipping freight trucking"),
    ("entertainment|movie|broadcast|media|music|satellite", "streaming film movie broadcaster broadcasting media entertainment studio music tv television video"),
    ("game", "game games gaming"),
    ("tobacco", "tobacco cigarette vape"),
    ("homebuild|building|construction", "homebuilder home building construction cement"),
    ("machinery|equipment|industrial|electrical", "machinery excavator equipment industrial engineering elevator turbine tractor"),
    ("health care|medical|life sciences", "device medical health hospital"),
    ("utilit|electric", "utility power electricity"),
    ("mining|metal|steel|gold|copper|aluminum", "miner steelmaker mining steel metals"),
    ("delivery|ride|ground transportation|micromobility", "ride-hailing ride taxi delivery scooter"),
    ("brokerage|investment bank|asset management|exchange|private equity|hedge", "brokerage broker bank investment asset fund buyout exchange"),
    ("publish|news|trade press", "newspaper publisher publishing"),
    ("robot|satellite", "robot robotics satellite"),
    ("furniture|appliance|home improvement", "furniture appliance tool"),
    ("conglomerate", "conglomerate"),
];

/// The words of the table, for the lexicon.
pub(super) fn vocabulary() -> impl Iterator<Item = &'static str> {
    TRADES.iter().flat_map(|(_, words)| words.split(' ')).chain(HEADS.iter().copied())
}

/// Words for a company behind the word of a trade, beside those of [`COREFERENCE`].
const HEADS: [&str; 12] = [
    "designer",
    "network",
    "service",
    "site",
    "house",
    "app",
    "provider",
    "store",
    "arm",
    "company",
    "brand",
    "specialist",
];

/// A bit for each trade.
type Mask = u64;

/// The trades of all companies and words.
pub(super) struct Trades {
    companies: Vec<Mask>,
    words: Vec<Mask>,
    heads: Vec<bool>,
}

impl Trades {
    pub(super) fn new<'g>(gazetteer: &'g Gazetteer, lexicon: &Lexicon) -> Self {
        let mask = |industry: &str| {
            let industry = industry.to_lowercase();
            let of = |(place, (parts, _)): (usize, &(&str, &str))| {
                let is_it = parts.split('|').any(|part| industry.contains(part));
                if is_it { 1 << place } else { 0 }
            };
            TRADES.iter().enumerate().map(of).fold(0, |mask, bit: Mask| mask | bit)
        };
        // Thousands of companies share a few hundred industries.
        let mut known: HashMap<&str, Mask> = HashMap::new();
        let mut mask = |text: &'g str| *known.entry(text).or_insert_with(|| mask(text));
        let companies = gazetteer.companies().map(|company| {
            let industry = company.industry.as_deref().map_or(0, &mut mask);
            // A sector is coarse; it counts where nothing better is known.
            if industry == 0 { company.sector.as_deref().map_or(0, &mut mask) } else { industry }
        });
        let companies = companies.collect();
        let mut words = vec![0; lexicon.len()];
        for (place, (_, names)) in TRADES.iter().enumerate() {
            for name in names.split(' ') {
                words[usize::from(lexicon.id(name))] |= 1 << place;
            }
        }
        let mut heads = vec![false; lexicon.len()];
        for head in HEADS {
            heads[usize::from(lexicon.id(head))] = true;
        }
        words[0] = 0;
        heads[0] = false;
        Self { companies, words, heads }
    }

    /// Whether a company is of one of these trades.
    pub(super) fn is_of(&self, company: u32, trades: Mask) -> bool {
        self.companies.get(company as usize).is_some_and(|own| own & trades != 0)
    }
}

/// What an article as a whole speaks of.
pub(super) struct Background {
    /// Which words of the lexicon occur, by id.
    present: Vec<bool>,
    /// Trades spoken of: field, sentence, which; in this order.
    trades: Vec<(usize, u32, Mask)>,
    /// Different words of business.
    pub business: usize,
}

/// Sentences before and after a name in which a word for its trade speaks for it.
const BEFORE: u32 = 1;
const AFTER: u32 = 3;

impl Background {
    pub(super) fn read(views: &[View<'_>; 2], lexicon: &Lexicon, trades: &Trades) -> Self {
        let mut present = vec![false; lexicon.len()];
        let mut found = Vec::new();
        let mut business = 0;
        for (field, view) in views.iter().enumerate() {
            let mut pending: (Mask, u32) = (0, 0);
            for word in &view.words {
                let id = usize::from(word.id);
                let classes = lexicon.classes(word.id);
                let is_new = !std::mem::replace(&mut present[id], true);
                business += usize::from(is_new && id != 0 && classes & BUSINESS != 0);
                if word.shape & LOWER == 0 {
                    pending = (0, 0);
                    continue;
                }
                let is_head = classes & COREFERENCE != 0 || trades.heads[id];
                if is_head && pending.0 != 0 && pending.1 == word.sentence {
                    found.push((field, word.sentence, pending.0));
                }
                let own = trades.words[id];
                if own != 0 && classes & COREFERENCE != 0 {
                    found.push((field, word.sentence, own));
                }
                pending = (own, word.sentence);
            }
        }
        Self { present, trades: found, business }
    }

    /// Whether a word occurs.
    pub(super) fn has(&self, lexicon: &Lexicon, word: &str) -> bool {
        self.present.get(usize::from(lexicon.id(word))).is_some_and(|present| *present)
    }

    /// The trades spoken of near a sentence; of a headline, in the first sentences of the body too.
    pub(super) fn trades_near(&self, field: usize, sentence: u32) -> Mask {
        let within = |field: usize, from: u32, to: u32| {
            let first = self.trades.partition_point(|(of, at, _)| (*of, *at) < (field, from));
            let last = self.trades.partition_point(|(of, at, _)| (*of, *at) <= (field, to));
            self.trades[first..last].iter().fold(0, |mask, (.., trades)| mask | trades)
        };
        let here = within(field, sentence.saturating_sub(BEFORE), sentence + AFTER);
        if field == TITLE { here | within(BODY, 0, AFTER - 1) } else { here }
    }
}
