//! The query tree: serde data without positions, names of index fields or anything that depends on an index.

use serde::{Deserialize, Serialize};

/// A parsed query. `FromStr` reads the query language, `Display` prints its canonical text, and the two are inverse:
/// `query.to_string().parse() == Ok(query)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Query {
    /// The root of the tree.
    pub root: Node,
}

/// One node of the tree.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "node", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Node {
    /// `*`: every article.
    All,
    /// Articles in all of the clauses. At least two.
    And {
        /// The operands.
        clauses: Vec<Node>,
    },
    /// Articles in any of the clauses. At least two.
    Or {
        /// The operands.
        clauses: Vec<Node>,
    },
    /// Articles in at least so many of the clauses.
    Several {
        /// How many, at least 1.
        minimum: u32,
        /// The operands.
        clauses: Vec<Node>,
    },
    /// Every article but those of the clause.
    Not {
        /// The operand.
        clause: Box<Node>,
    },
    /// The same articles with the score multiplied.
    Boost {
        /// The operand.
        clause: Box<Node>,
        /// Over 0, at most 1,000.
        factor: f32,
    },
    /// Words of the text.
    Text {
        /// Where to look.
        scope: Scope,
        /// What to look for.
        atom: TextAtom,
    },
    /// A tag or another name that an article carries as a whole: `company:amazon`, `source:reuters`.
    Name {
        /// Which.
        field: NameField,
        /// The name asked for.
        pattern: NamePattern,
    },
    /// A date or number in a range.
    Range {
        /// Which.
        field: ValueField,
        /// Lower end.
        lower: Bound,
        /// Upper end.
        upper: Bound,
    },
    /// `field:*`: articles that have any value there.
    HasName {
        /// Which.
        field: NameField,
    },
    /// `date:*` and the like.
    HasValue {
        /// Which.
        field: ValueField,
    },
    /// Two operands near each other.
    Near {
        /// What near means.
        proximity: Proximity,
        /// First operand.
        left: Box<Node>,
        /// Second operand.
        right: Box<Node>,
    },
    /// `ATLEAST/n`: the operand occurs at least `count` times.
    AtLeast {
        /// How often, at least 1.
        count: u32,
        /// The operand.
        clause: Box<Node>,
    },
}

impl Node {
    /// Why the node has no places in a text that a positional operator could join; `None` when it has.
    pub(crate) fn positional_fault(&self) -> Option<&'static str> {
        match self {
            // What a saved query stands for is looked at when it is known.
            Self::Text { .. } | Self::Name { field: NameField::Search, pattern: NamePattern::Exact(_) } => {
                None
            }
            Self::Boost { clause, .. } | Self::AtLeast { clause, .. } => clause.positional_fault(),
            Self::Or { clauses } => clauses.iter().find_map(Self::positional_fault),
            Self::Near { left, right, .. } => left.positional_fault().or_else(|| right.positional_fault()),
            Self::Several { .. } => Some("IN/n has no place in the text that could be near another"),
            Self::And { .. } => Some("AND has no place in the text that could be near another"),
            Self::Not { .. } => Some("NOT has no place in the text that could be near another"),
            Self::All => Some("* has no place in the text that could be near another"),
            Self::Name { .. } | Self::HasName { .. } | Self::Range { .. } | Self::HasValue { .. } => {
                Some("a field of the whole article has no place in the text that could be near another")
            }
        }
    }
}

/// Which part of the text a word is looked for in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Headline or body.
    #[default]
    Anywhere,
    /// The headline.
    Title,
    /// The first paragraph.
    Lead,
    /// The body, lead included.
    Body,
}

/// Something to look for in the text. Strings are as typed; analysis happens when the query meets an index.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "atom", rename_all = "snake_case")]
pub enum TextAtom {
    /// A plain word: folded and stemmed.
    Word {
        /// As typed.
        text: String,
    },
    /// Quoted text: folded, neither stemmed nor expanded.
    Phrase {
        /// As typed between the quotes.
        text: String,
        /// How many words more than the phrase has may the match span; 0 is the phrase itself.
        slop: u32,
        /// Whether the last word is a prefix (`"prime vid"*`).
        prefix: bool,
    },
    /// `caps:AWS`, `caps:"Prime Video"`: quoted text whose capitals count.
    Cased {
        /// As typed.
        text: String,
    },
    /// `lay*`: at least two characters.
    Prefix {
        /// Without the star.
        text: String,
    },
    /// `w?ld*card`: `?` is one character, `*` any number; the first two are literal.
    Wildcard {
        /// With its marks.
        pattern: String,
    },
    /// `amazn~1`: words within an edit distance (insertion, deletion, substitution, transposition of neighbours).
    Fuzzy {
        /// As typed.
        text: String,
        /// 1 or 2.
        distance: u8,
    },
    /// `/lay(off|out)s?/`: a regular expression over whole folded words.
    Regex {
        /// Without the slashes.
        pattern: String,
    },
}

/// Fields whose values are whole names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NameField {
    /// Tagged with the company, or with the division where the value is `company/division`, in a role other than
    /// cited and publisher.
    Company,
    /// Tagged with the division.
    Division,
    /// Salience of the company or division at or over the threshold.
    About,
    /// A company has this role; `role:peer` of any company, `role:google/peer` of one.
    Role,
    /// Topic.
    Topic,
    /// Outlet that published the article.
    Source,
    /// Outlet that a fact is credited to.
    Cites,
    /// Writer.
    Author,
    /// Subject, section or keyword as the source states it.
    Subject,
    /// Language code.
    Lang,
    /// Story.
    Story,
    /// Article id.
    Id,
    /// File.
    Path,
    /// Address.
    Url,
    /// A saved query, by its name.
    Search,
}

impl NameField {
    /// All of them, in the order of the documentation.
    pub const ALL: [Self; 15] = [
        Self::Company,
        Self::Division,
        Self::About,
        Self::Role,
        Self::Topic,
        Self::Source,
        Self::Cites,
        Self::Author,
        Self::Subject,
        Self::Lang,
        Self::Story,
        Self::Id,
        Self::Path,
        Self::Url,
        Self::Search,
    ];

    /// The name in the query language.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Company => "company",
            Self::Division => "division",
            Self::About => "about",
            Self::Role => "role",
            Self::Topic => "topic",
            Self::Source => "source",
            Self::Cites => "cites",
            Self::Author => "author",
            Self::Subject => "subject",
            Self::Lang => "lang",
            Self::Story => "story",
            Self::Id => "id",
            Self::Path => "path",
            Self::Url => "url",
            Self::Search => "search",
        }
    }
}

/// A whole name, or the beginning or shape of one. Letter case and diacritics don't matter except in `id`, `path` and
/// `url`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "match", content = "text", rename_all = "lowercase")]
pub enum NamePattern {
    /// The name itself; for companies also an alias, a ticker (`$AMZN`) or an id.
    Exact(String),
    /// Names that begin so.
    Prefix(String),
    /// `?` and `*` as in words.
    Wildcard(String),
}

/// Fields that hold a date or a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ValueField {
    /// Date of publication.
    Date,
    /// When the article came into the index.
    Added,
    /// Words in the body.
    Wc,
    /// The highest salience of any company of the article.
    Salience,
    /// Amounts of money that the article names, whatever their currency; bounds are hundredths.
    Money,
    /// Percentages that it names; bounds are hundredths.
    Percent,
    /// Numbers of jobs and of people who have one that it names.
    Headcount,
}

impl ValueField {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Date, Self::Added, Self::Wc, Self::Salience, Self::Money, Self::Percent, Self::Headcount];

    /// The name in the query language.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Date => "date",
            Self::Added => "added",
            Self::Wc => "wc",
            Self::Salience => "salience",
            Self::Money => "money",
            Self::Percent => "percent",
            Self::Headcount => "headcount",
        }
    }

    /// Decimal places of its bounds.
    pub(crate) fn decimals(self) -> u32 {
        if matches!(self, Self::Money | Self::Percent) { 2 } else { 0 }
    }

    /// Whether its values are dates.
    pub fn is_date(self) -> bool {
        matches!(self, Self::Date | Self::Added)
    }
}

/// One end of a range. A date stands for a whole period: an inclusive upper end of `2024` is the end of that year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "bound", content = "value", rename_all = "snake_case")]
pub enum Bound {
    /// No limit.
    Open,
    /// A date that belongs to the range.
    Date(DateValue),
    /// A date that does not.
    DateExclusive(DateValue),
    /// A number that belongs to the range; of money and percentages in hundredths.
    Number(u64),
    /// A number that does not.
    NumberExclusive(u64),
}

/// A date as typed: absolute ones keep their precision, relative ones are resolved when the query runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "date", rename_all = "snake_case")]
pub enum DateValue {
    /// `2026`
    Year {
        /// 1 to 9999.
        year: i16,
    },
    /// `2026-11`
    Month {
        /// 1 to 9999.
        year: i16,
        /// 1 to 12.
        month: i8,
    },
    /// `2026-11-22`
    Day {
        /// 1 to 9999.
        year: i16,
        /// 1 to 12.
        month: i8,
        /// 1 to 31.
        day: i8,
    },
    /// `2026-11-22T10:30:00Z`
    Second {
        /// Unix time.
        seconds: i64,
    },
    /// `today`
    Today,
    /// `yesterday`
    Yesterday,
    /// `7d`, `2w`, `3m`, `1y`: the day that long ago.
    Ago {
        /// At least 1.
        count: u16,
        /// Of what.
        unit: DateUnit,
    },
}

/// Units of relative dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DateUnit {
    /// `d`
    Day,
    /// `w`
    Week,
    /// `m`
    Month,
    /// `y`
    Year,
}

/// What near means. Distances count words: next to each other is 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Proximity {
    /// `NEAR/n`: at most n−1 words between, in either order.
    Near {
        /// At least 1.
        distance: u32,
    },
    /// `PRE/n`: the left one first.
    Before {
        /// At least 1.
        distance: u32,
    },
    /// `SAME`: in one paragraph.
    Paragraph,
    /// `SENT`: in one sentence.
    Sentence,
}
