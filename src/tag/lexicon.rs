//! The words that tell something about a name beside them: corporate verbs and nouns, legal forms, first names,
//! vetoes, and the vocabulary of the topics.
//!
//! Every word of a text is looked up once, while the text is read; all later questions are bit tests.

use std::collections::HashMap;

/// A set of word classes.
pub(super) type Classes = u64;

/// What a company does, right after its name: "Target said".
pub(super) const VERB: Classes = 1 << 0;
/// What a company has, after its name: "Apple shares", "Ford's chief executive".
pub(super) const NOUN: Classes = 1 << 1;
/// What stands right before a company's name: "retailer Target", "rival Visa".
pub(super) const BEFORE: Classes = 1 << 2;
/// Legal forms: "Inc", "plc".
pub(super) const LEGAL: Classes = 1 << 3;
/// First names of people.
pub(super) const FIRST_NAME: Classes = 1 << 4;
/// Titles of people: "President Ford".
pub(super) const PERSON_TITLE: Classes = 1 << 5;
/// Beside a weak name: it is no company.
pub(super) const VETO: Classes = 1 << 6;
/// A full stop after it ends no sentence.
pub(super) const ABBREVIATION: Classes = 1 << 7;
/// Opens a list of companies that are compared: "companies such as".
pub(super) const COMPARE: Classes = 1 << 8;
/// An outlet tells something: "Reuters reported".
pub(super) const REPORT_VERB: Classes = 1 << 9;
/// After a name and a hyphen: "Amazon-owned".
pub(super) const COMPOUND: Classes = 1 << 10;
/// Stock exchanges.
pub(super) const EXCHANGE: Classes = 1 << 11;
/// Function words.
pub(super) const FUNCTION: Classes = 1 << 12;
/// Days, months, places and other words that are written with a capital beside a company without being part of it.
pub(super) const CAPITAL: Classes = 1 << 13;
/// What shares are: "shares of Apple", "employees at Target".
pub(super) const OF_NOUN: Classes = 1 << 14;
/// Prepositions between such a noun and a name.
pub(super) const OF: Classes = 1 << 15;
/// Words between a name and its verb: "also", "has", "will".
pub(super) const AUXILIARY: Classes = 1 << 16;
/// "told", "with" before an outlet: "told Reuters", "an interview with Bloomberg".
pub(super) const TOLD: Classes = 1 << 17;
/// Words of a picture credit.
pub(super) const PHOTO: Classes = 1 << 18;
/// Words of share and follow links.
pub(super) const SHARE: Classes = 1 << 19;
/// What a person says or is; a verb that says little about a company: "Ford said".
pub(super) const SPEECH: Classes = 1 << 20;
/// "formerly", "previously": the next name is an old one.
pub(super) const FORMERLY: Classes = 1 << 21;
/// Verbs of a deal or dispute between two companies.
pub(super) const DEAL: Classes = 1 << 22;
/// "the", "its" before "company", "giant": speaks of the company named before.
pub(super) const COREFERENCE: Classes = 1 << 23;
/// Words that are written with a capital for many other reasons: "American", "United", "First".
pub(super) const GENERIC: Classes = 1 << 24;
/// "he", "her": a person was named.
pub(super) const PRONOUN: Classes = 1 << 25;

/// Words of a text on business.
pub(super) const BUSINESS: Classes = 1 << 26;

#[rustfmt::skip]
const WORDS: &[(Classes, &str)] = &[
    (VERB, "acquire acquired acquires acquiring agreed agrees aims announced announces announcing appointed appoints \
        bought buys buying closed closes completed confirmed cut cuts cutting debuted declined delayed \
        dismissed dominates dropped earned employs expanded expects faces fell filed files fined fires fired gained generated halted hired \
        hires introduced invested invests laid lays launched launches launching licensed lost makes merged names named offered offers operates opened \
        ousted owned owns paid pays plans planned posted posts pledged priced produces raised raises recalled recalls recorded \
        recruited reduced rehired released releases replaced replaces reported reports reshuffled restated restructured reveals revealed \
        rolled rose sells sold selling settled settles shares sheds shipped shed shut shuts signed slashed slashes slashing slumped spent spun stopped \
        sued sues surged suspended trimmed trims tumbled tapped unveiled unveils \
        warned warns withdrew jumped slid sank climbed scrapped scraps seeks sought introduces \
        overhauled overhauls began begins ordered orders cancelled canceled cancels maintains keeps follows leads lends controls carries flew flies \
        ended grew grows joined joins processes competes earns expects eliminates eliminating eliminated lifts beats missed misses tops topped swung \
        loses wins won gets gives gave takes took brings brought shows struggles quits enters exits leaves retreats bets doubles \
        spends stumbles soars plunges plunged tumbles abandons drops founded explores"),
    (VERB | SPEECH, "said says told tells declined added adds acknowledged insists insisted believes argued argues wants wanted \
        hopes thinks denied denies apologized apologised admitted admits stated explained noted promised promises considers"),
    (NOUN, "shares stock stocks shareholders shareholder investors ceo cfo coo cto chairman chairwoman chief executive executives \
        employees employee staff staffers workers worker workforce headcount layoffs layoff revenue revenues sales profit profits earnings \
        results spokesman spokeswoman spokesperson founder founders cofounder board directors headquarters subsidiary \
        subsidiaries division divisions unit units business businesses brand brands store stores customers customer products \
        product services app apps platform platforms devices smartphones phones plant plants factory factories \
        cars trucks vehicles dealers acquisition takeover merger deal bid ipo debt bonds dividend \
        management managers engineers lawyers market valuation software hardware inc outage memo \
        flights pilots airlines airplanes jets drivers branches cards warehouse warehouses union bankruptcy creditors stake \
        owned parent operations quarter guidance forecast portfolio api cloud network networks subscribers users streaming \
        shoppers suppliers restructuring cuts rivals competitors"),
    (BEFORE, "retailer automaker carmaker maker airline carrier bank lender insurer startup chipmaker company firm \
        giant giants rival rivals competitor competitors conglomerate operator provider manufacturer drugmaker broker brokerage \
        brewer publisher developer subsidiary parent owner unit division brand retailers automakers airlines banks \
        competitor network platform group vendor distributor chain supplier contractor miner utility telecom telecoms \
        drugmakers lenders insurers carriers makers companies firms startups processor processors"),
    (OF_NOUN, "shares stock employees workers staff layoffs ceo chief executive executives founder founders cofounder chairman president \
        customers board spokesman spokeswoman spokesperson investors shareholders subsidiary unit division parent owner head \
        stake acquisition takeover purchase bonds analysts cuts jobs factories stores revenue sales profit competitor rival \
        director engineers pilots lawsuit suit complaint case deal merger partnership contract"),
    (OF, "of at for by with from against between in to and von bei mit durch chez par avec"),
    (LEGAL, "inc incorporated corp corporation co company ltd limited llc lp llp plc ag sa se nv bv gmbh kgaa spa ab asa oyj \
        holdings holding group kk pty bhd tbk psc pjsc srl aps sab as oy"),
    (ABBREVIATION, "inc corp co ltd bros mr mrs ms dr st prof sen rep gov gen lt col sgt rev jr sr jan feb mar apr jun jul aug sep sept oct nov dec \
        no vs etc dept est univ mt ft cos llc plc us uk eu"),
    (FIRST_NAME, "james john robert michael william david richard joseph thomas charles christopher daniel matthew anthony mark \
        donald steven paul andrew joshua kenneth kevin brian george edward ronald timothy jason jeffrey jeff ryan jacob gary \
        nicholas eric jonathan stephen larry justin scott brandon benjamin samuel gregory frank alexander raymond patrick jack \
        dennis jerry tyler aaron jose adam nathan henry douglas zachary peter kyle walter ethan jeremy harold keith christian \
        roger noah gerald carl terry sean austin arthur lawrence jesse dylan bryan joe jordan billy bruce albert willie gabriel \
        logan alan juan wayne roy ralph randy eugene vincent russell elijah louis bobby philip johnny mary patricia jennifer \
        linda elizabeth barbara susan jessica sarah karen nancy lisa betty margaret sandra ashley kimberly emily donna michelle \
        dorothy carol amanda melissa deborah stephanie rebecca sharon laura cynthia kathleen amy shirley angela helen anna \
        brenda pamela nicole emma samantha katherine christine debra rachel catherine carolyn janet ruth maria heather diane \
        virginia julie joyce victoria olivia kelly christina lauren joan evelyn judith megan cheryl andrea hannah martha \
        jacqueline frances gloria ann teresa kathryn sara janice jean alice madison doris abigail julia judy grace denise \
        amber marilyn beverly danielle theresa sophia marie diana brittany natalie isabella charlotte rose alexis kayla tom \
        tim jim bob bill mike dave steve dan chris matt ben sam nick tony andy greg rob ken ron don ted harry fred nikola elon \
        warren alexa luna siri gerald betty susan rudolph harrison tennessee glenn clara oscar max leo hugo felix klaus hans jens \
        pierre francois carlos luis miguel pedro antonio giovanni marco sergio ivan vladimir boris dmitri yuri \
        mohammed muhammad ahmed ali omar hassan raj anil sanjay wei li jun hiroshi kenji satoshi kim jin sundar satya \
        mariana ana sofia elena olga natasha ingrid astrid liam oliver hunter wendy dick dwight jackie jill joann kate \
        katie kathy lily lucy maggie molly nina paula peggy phil rick rita rosa sally tara tina tracy vera wendell wilson"),
    (PERSON_TITLE, "mr mrs ms miss dr sir lord lady dame president senator sen congressman congresswoman representative rep governor \
        gov mayor judge justice professor prof general colonel captain sergeant officer detective secretary minister king queen \
        prince princess pope bishop reverend rev coach actor actress singer financier banker tycoon magnate industrialist \
        inventor physicist author philanthropist novelist aunt uncle \
        father mother son daughter wife husband brother sister widow"),
    (GENERIC, "american british swiss canadian australian mexican european asian chinese japanese german french italian spanish dutch \
        swedish norwegian danish irish scottish indian korean united southwest northwest southeast northeast eastern western \
        southern northern north south east west central national international global general first federal public \
        regions frontier enterprise spirit republic liberty progressive continental pacific atlantic standard premier universal \
        independent square nasdaq fidelity discovery heritage pioneer"),
    (PRONOUN, "he his him she her himself herself"),
    (VETO, "river rainforest forest forests jungle basin tributary tributaries minister ministers pie juice orchard orchards cider harvest \
        variant variants eclipse delta orbiter lander waiver applications applicant applicants holders county \
        parish avenue boulevard museum presidency surname peninsula valley lake bay mountain mountains island islands ocean \
        planet virus pandemic gap lagoon estuary ecosystem deforestation indigenous tribe tribes \
        cathedral cemetery monastery township dam canyon glacier hurricane typhoon cyclone monsoon"),
    (COMPARE, "like unlike such including rival rivals competitor competitors peer peers versus compared comparable \
        competes compete competing"),
    (REPORT_VERB, "reported reports reporting wrote writes revealed said says noted cited quoted published learned according citing \
        quoting interviewed reviewed obtained viewed seen"),
    (TOLD, "told tells to with by from via in on"),
    (COMPOUND, "owned backed led based made branded run built affiliated funded sponsored style like exclusive operated branded \
        related sized controlled focused hosted specific employed compatible designed listed developed era parent"),
    (EXCHANGE, "nasdaq nyse lse amex otc otcmkts tsx tsxv asx hkex sehk nse bse xetra fra euronext epa bme tyo tse krx six cboe nysearca \
        nasdaqgs nasdaqgm nasdaqcm sgx jse ams sto bit"),
    (FUNCTION, "a an the of in on at to for by with from and or but nor as is are was were be been being it its this that these those \
        if then than so not no into over under after before while when where who which what how why all any both each more \
        most other some such only own same too very can will just should now up out off about against between through during \
        he she they we you i his her their our your my there here also one two three up now new"),
    (CAPITAL, "monday tuesday wednesday thursday friday saturday sunday january february march april june july august september \
        october november december america american european british chinese japanese german french indian korean canadian \
        california texas washington york seattle london europe asia china japan germany france india britain \
        chief executive ceo and chairman president spokesman spokeswoman"),
    (AUXILIARY, "also has had have will would could may might can is was are were recently now already previously reportedly since then \
        first later today yesterday itself not never still apparently officially quietly separately currently plans plan planned to \
        be been being did does"),
    (PHOTO, "photo photos photograph photographer image images picture getty shutterstock courtesy credit illustration caption"),
    (SHARE, "share follow like join find tweet pin subscribe connect click"),
    (FORMERLY, "formerly previously"),
    (DEAL, "acquire acquired acquires acquiring acquisition buy buys buying bought sell sells selling sold sale merge merged merger takeover \
        purchase purchased purchasing sued sues suing lawsuit versus partner partners partnered partnership partnering venture alliance agreement agreed \
        investment invest invested invests investing stake owns owned owner parent deal settle settled settlement spin \
        spun licence license licensing contract collaborate collaboration collaborated join joint combine combined combination bid offer \
        divest divested divestiture shareholder backed owning rescue rescued complaint dispute order orders own pay pays paid accuse accused accuses accusing allege alleged alleges"),
    (COREFERENCE, "company firm retailer automaker carmaker airline carrier bank lender insurer startup chipmaker giant group conglomerate \
        maker manufacturer operator drugmaker brokerage publisher developer chain brewer grocer miner planemaker steelmaker homebuilder \
        hotelier broadcaster utility railway railroad"),
    (BUSINESS, "shares shareholders shareholder investors ceo revenue revenues profit profits earnings quarter quarterly employees layoffs jobs \
        headcount stake takeover merger acquisition ipo valuation dividend analysts retailer carmaker automaker chipmaker airline \
        lender insurer startup customers subscribers suppliers rival rivals staff billion company executive subsidiary stores \
        sales unit businesses brand brands"),
];

/// Index of a word; 0 for every word that the lexicon does not hold.
pub(super) type WordId = u16;

/// The words that the rules know. Ids count from 1.
pub(super) struct Lexicon {
    /// Open addressing, a power of two, at most half full.
    table: Vec<Entry>,
    words: Vec<Box<[u8]>>,
    classes: Vec<Classes>,
}

/// A word of the table.
#[derive(Clone, Copy, Default)]
struct Entry {
    /// Its first eight bytes; see [`head`].
    head: u64,
    /// Its length in bytes.
    length: u32,
    /// 0 where there is none.
    id: WordId,
}

impl Lexicon {
    /// The built-in classes and the words that `more` adds without a class.
    pub(super) fn new<'a>(more: impl IntoIterator<Item = &'a str>) -> Self {
        let mut order: Vec<&str> = Vec::new();
        let mut classes: HashMap<&str, Classes> = HashMap::new();
        let listed =
            WORDS.iter().flat_map(|(class, words)| words.split_whitespace().map(|word| (word, *class)));
        for (word, class) in listed.chain(more.into_iter().map(|word| (word, 0))) {
            let entry = classes.entry(word).or_insert_with(|| {
                order.push(word);
                0
            });
            *entry |= class;
        }
        let size = (order.len() * 2).next_power_of_two();
        let mut lexicon =
            Self { table: vec![Entry::default(); size], words: vec![Box::default()], classes: vec![0] };
        for word in order {
            let id = lexicon.words.len() as WordId;
            lexicon.words.push(word.as_bytes().into());
            lexicon.classes.push(classes.get(word).copied().unwrap_or(0));
            let mut slot = hash(word.as_bytes()) as usize & (size - 1);
            while lexicon.table[slot].id != 0 {
                slot = (slot + 1) & (size - 1);
            }
            lexicon.table[slot] = Entry { head: head(word.as_bytes()), length: word.len() as u32, id };
        }
        lexicon
    }

    /// The id of a folded word whose [`head`] and [`hash`] are known.
    #[inline]
    pub(super) fn find(&self, word: &[u8], head: u64, hash: u32) -> WordId {
        let mask = self.table.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            let Entry { head: known, length, id } = self.table[slot];
            if id == 0 {
                return 0;
            }
            let same = known == head && length as usize == word.len();
            if same && (length <= HEAD as u32 || *self.words[usize::from(id)] == *word) {
                return id;
            }
            slot = (slot + 1) & mask;
        }
    }

    /// The id of a word, 0 when it is not held.
    pub(super) fn id(&self, word: &str) -> WordId {
        self.find_folded(word.as_bytes())
    }

    /// The id of a folded word.
    pub(super) fn find_folded(&self, word: &[u8]) -> WordId {
        self.find(word, head(word), hash(word))
    }

    /// The classes of a word.
    #[inline]
    pub(super) fn classes(&self, id: WordId) -> Classes {
        self.classes[usize::from(id)]
    }

    /// How many ids there are, 0 included.
    pub(super) fn len(&self) -> usize {
        self.words.len()
    }
}

/// Whether a folded word is a legal form.
pub(super) fn is_legal_form(word: &str) -> bool {
    WORDS.iter().any(|(class, words)| *class == LEGAL && words.split_whitespace().any(|form| form == word))
}

/// Bytes of a word that are read at once.
pub(super) const HEAD: usize = 8;

/// The first eight bytes of a word, the first one lowest, with zeros where it ends.
#[inline]
pub(super) fn head(word: &[u8]) -> u64 {
    let mut bytes = [0; HEAD];
    let length = word.len().min(HEAD);
    bytes[..length].copy_from_slice(&word[..length]);
    u64::from_le_bytes(bytes)
}

/// A hash of a folded word, as [`hash_part`] makes it of eight bytes at a time.
pub(super) fn hash(word: &[u8]) -> u32 {
    let mixed = word.chunks(HEAD).fold(HASH_START, |hash, part| hash_part(hash, head(part)));
    hash_end(mixed)
}

/// Of no letters.
pub(super) const HASH_START: u64 = 0x9e37_79b9_7f4a_7c15;

/// Adds the next eight letters, or as many as there are, by a multiplication whose halves are joined (as wyhash does).
#[inline]
pub(super) fn hash_part(hash: u64, part: u64) -> u64 {
    let product = u128::from(hash ^ part).wrapping_mul(0xd6e8_feb8_6659_fd93);
    product as u64 ^ (product >> 64) as u64
}

/// The hash of all letters.
#[inline]
pub(super) fn hash_end(mixed: u64) -> u32 {
    (mixed ^ mixed >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_their_classes_and_others_have_none() {
        let lexicon = Lexicon::new(["zyzzyva"]);
        assert_eq!(
            lexicon.classes(lexicon.id("said")) & (VERB | REPORT_VERB | SPEECH),
            VERB | REPORT_VERB | SPEECH
        );
        assert_eq!(lexicon.classes(lexicon.id("river")) & VETO, VETO);
        assert_ne!(lexicon.id("zyzzyva"), 0);
        assert_eq!(lexicon.classes(lexicon.id("zyzzyva")), 0);
        for unknown in ["", "xylophone", "saidx", "a-word-longer-than-every-word-of-the-lexicon"] {
            assert_eq!(lexicon.id(unknown), 0, "{unknown}");
        }
    }
}
