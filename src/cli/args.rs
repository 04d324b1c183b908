//! The command line as it is typed. One definition feeds parsing, help, completions and the man page.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::compare::CompareArgs;
use super::similar::SimilarArgs;
use super::trends::TrendsArgs;
use super::{fields, formats};
use crate::search::Cursor;
use crate::source;

/// Full-text search over industry news that knows which companies and divisions an article is about.
#[derive(Debug, Parser)]
#[command(name = "dateline", version, max_term_width = 100, disable_help_subcommand = true)]
#[command(
    after_help = "Exit status: 0 found or done, 1 nothing found, 2 wrong use or query, 3 some input was skipped, \
                        4 another run is writing, 5 reading or writing failed, 6 index damaged or of another format, \
                        130 interrupted."
)]
pub(super) struct Cli {
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t = When::Auto, value_name = "WHEN")]
    pub(super) color: When,

    /// Whether text that is longer than the terminal goes through a pager: `$DATELINE_PAGER`, `$PAGER` or less
    #[arg(long, global = true, value_enum, default_value_t = Paging::Auto, value_name = "WHEN")]
    pub(super) pager: Paging,

    /// The same as --pager never
    #[arg(long, global = true)]
    pub(super) no_pager: bool,

    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Paging {
    /// On a terminal, where the text is longer than it
    Auto,
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum When {
    /// On a terminal, unless the variable `NO_COLOR` is set
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Read articles from files, folders or standard input into an index
    Index(IndexArgs),
    /// Show what would be read from files and why, without an index
    Inspect(InspectArgs),
    /// List the formats, packings and archives that are read
    Formats(FormatsArgs),
    /// Download feeds, and with --full the pages that they name, into a web archive that can be indexed
    #[cfg(feature = "fetch")]
    Fetch(super::fetch::FetchArgs),
    /// Tag the articles of an index again, from what is stored of them, with the company list as it is now
    Retag(RetagArgs),
    /// Find articles
    #[command(after_long_help = fields::listed(true))]
    Search(Box<SearchArgs>),
    /// Write all articles, or those of a query, with their text and tags, one a line
    #[command(after_long_help = fields::listed(false))]
    Export(ExportArgs),
    /// Count articles by company, topic, source or date
    Facets(FacetsArgs),
    /// Find articles that are like one
    Similar(SimilarArgs),
    /// Count articles over time: a line of all, or one for each of the most frequent companies, topics or sources
    Trends(TrendsArgs),
    /// Compare what queries find: companies, topics, sources, dates, distinctive words, and what they have in common
    Compare(CompareArgs),
    /// Print one article with its tags
    Show(ArticleArgs),
    /// Print the companies, divisions and topics of files, with the sentences that prove them
    Tag(TagArgs),
    /// Print why an article of the index has its tags, what their salience is made of, and what was turned down
    Explain(ExplainArgs),
    /// Print what an index holds
    Stats(StatsArgs),
    /// Look for damage in an index, and say what it costs
    Check(CheckArgs),
    /// Build a damaged index anew, from its sources and what is stored in it, and put it in the place of the old one
    Repair(RepairArgs),
    /// Bring an index of an older format over, in the same way
    Upgrade(RepairArgs),
    /// Merge an index into one segment, without what was deleted
    Compact(StatsArgs),
    /// Copy an index while it is written to
    Snapshot(SnapshotArgs),
    /// Look companies up in the gazetteer
    Companies(CompaniesArgs),
    /// List the queries that were given a name, and give them one: search:NAME uses them in other queries
    Saved(SavedArgs),
    /// Grade the program against judgments
    #[command(subcommand)]
    Eval(EvalCommand),
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man {
        /// Of one command instead of all
        command: Option<String>,
    },
}

impl Command {
    /// Whether it writes an index.
    pub(super) fn writes(&self) -> bool {
        matches!(
            self,
            Self::Index(_) | Self::Retag(_) | Self::Repair(_) | Self::Upgrade(_) | Self::Compact(_)
        )
    }
}

/// Where the index is.
#[derive(Args, Debug)]
pub(super) struct At {
    /// Folder of the index
    #[arg(long, value_name = "DIR", default_value = "index")]
    pub(super) index: PathBuf,
}

#[derive(Args, Debug)]
pub(super) struct IndexArgs {
    #[arg(value_name = "PATH", help = formats::paths_help())]
    pub(super) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) at: At,
    #[command(flatten)]
    pub(super) said: Said,
    /// Company list that adds to the built-in one; kept with the index
    #[arg(long, value_name = "FILE")]
    pub(super) companies: Option<PathBuf>,
    /// Threads that decode and tag [default: one a core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(super) threads: Option<u16>,
    /// Memory for indexing; a run takes about twice as much in all
    #[arg(long, value_name = "SIZE", default_value = "256M", value_parser = parse_size)]
    pub(super) memory: usize,
    /// Where a field stands in JSON records, e.g. body=story.text; may be repeated
    #[arg(long = "map", value_name = "FIELD=KEY")]
    pub(super) map: Vec<String>,
    /// How to show progress, on standard error
    #[arg(long, value_enum, default_value_t = Progress::Auto, value_name = "HOW")]
    pub(super) progress: Progress,
    /// Exit with 0 although some input was skipped
    #[arg(long)]
    pub(super) allow_skipped: bool,
    /// Go on with everything that changes under the paths, until interrupted
    #[cfg(feature = "watch")]
    #[arg(long, conflicts_with = "allow_skipped")]
    pub(super) watch: bool,
    /// Name every record that was indexed with a warning, not only the first ones of a kind
    #[arg(long, short)]
    pub(super) verbose: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Progress {
    /// A bar on a terminal, nothing elsewhere
    Auto,
    /// One event a line, as JSON on standard output
    Json,
    None,
}

/// What narrows a search beside the query.
#[derive(Args, Debug)]
pub(super) struct Filters {
    /// Only articles that name the company; several: any of them
    #[arg(long, value_name = "NAME", help_heading = "Filters")]
    pub(super) company: Vec<String>,
    /// Only articles that name the division
    #[arg(long, value_name = "NAME", help_heading = "Filters")]
    pub(super) division: Vec<String>,
    /// Only articles that are about the company or division
    #[arg(long, value_name = "NAME", help_heading = "Filters")]
    pub(super) about: Vec<String>,
    /// Only articles on the topic
    #[arg(long, value_name = "TOPIC", help_heading = "Filters")]
    pub(super) topic: Vec<String>,
    /// Only articles of the outlet
    #[arg(long, value_name = "OUTLET", help_heading = "Filters")]
    pub(super) source: Vec<String>,
    /// Only articles in the language (ISO 639-1)
    #[arg(long, value_name = "CODE", help_heading = "Filters")]
    pub(super) lang: Vec<String>,
    /// Only articles published on or after the date: 2024, 2024-05, 2024-05-17, 30d, 1y
    #[arg(long, value_name = "DATE", help_heading = "Filters")]
    pub(super) since: Option<String>,
    /// Only articles published on or before the date
    #[arg(long, value_name = "DATE", help_heading = "Filters")]
    pub(super) until: Option<String>,
}

/// What plain words find besides themselves.
#[derive(Args, Debug)]
pub(super) struct Words {
    /// Synonyms that add to the built-in ones, a group a line: layoffs, job cuts, redundancies
    #[arg(long, value_name = "FILE", conflicts_with = "no_synonyms")]
    pub(super) synonyms: Option<PathBuf>,
    /// Find the words that were typed, and nothing that stands for them
    #[arg(long)]
    pub(super) no_synonyms: bool,
}

#[derive(Args, Debug)]
pub(super) struct SearchArgs {
    /// Words, "quotations", field:value, AND OR NOT; see docs/query-language.md
    #[arg(value_name = "QUERY", required_unless_present = "queries", num_args = 1..)]
    pub(super) query: Vec<String>,
    #[command(flatten)]
    pub(super) at: At,
    #[command(flatten)]
    pub(super) filters: Filters,
    /// all: the whole query has to match; any, or a number: any or so many of its words, which are then no query syntax
    #[arg(long = "match", default_value = "all", value_name = "all|any|N", value_parser = parse_match)]
    pub(super) matching: Match,
    /// Add words of the first articles to the query, for more that say the same in other words
    #[arg(long)]
    pub(super) expand: bool,
    /// Order of the hits
    #[arg(long, value_enum, default_value_t = SortBy::Relevance, value_name = "ORDER")]
    pub(super) sort: SortBy,
    /// Hits to print, up to 1,000; with --format jsonl and csv any number, or all
    #[arg(short = 'n', long = "limit", value_name = "N|all", value_parser = parse_limit)]
    pub(super) limit: Option<Limit>,
    /// Hits to pass over, up to 10,000
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) offset: usize,
    /// Go on behind the page that gave this cursor, however far down
    #[arg(long, value_name = "CURSOR", conflicts_with_all = ["offset", "queries"])]
    pub(super) after: Option<Cursor>,
    /// Count facets of all hits: company division about topic source author subject lang year month day
    #[arg(long, value_name = "FIELD,…", num_args = 0..=1, value_delimiter = ',', require_equals = true,
          default_missing_value = "company,topic,source,year")]
    pub(super) facets: Option<Vec<By>>,
    /// How to print
    #[arg(long, value_enum, default_value_t = SearchFormat::Human, value_name = "HOW")]
    pub(super) format: SearchFormat,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    pub(super) json: bool,
    /// Fields of a hit to print as JSON, JSON lines or CSV, in this order; they are listed below
    #[arg(long, value_name = "FIELD,…", value_delimiter = ',', conflicts_with = "queries")]
    pub(super) fields: Option<Vec<String>>,
    /// Begin CSV with a byte order mark, without which Excel does not read it as UTF-8
    #[arg(long)]
    pub(super) bom: bool,
    /// Passages to show of a hit, 1 to 10
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=10))]
    pub(super) passages: u8,
    /// Name the words that tell the found articles from all others, with how many of both have them
    #[arg(long, value_name = "N", num_args = 0..=1, require_equals = true, default_missing_value = "20")]
    pub(super) terms: Option<usize>,
    /// Show what the score of each hit is made of
    #[arg(long)]
    pub(super) explain: bool,
    /// Show how the query was read, on standard error
    #[arg(long)]
    pub(super) explain_query: bool,
    #[command(flatten)]
    pub(super) words: Words,
    /// Time after which the search answers with what it has found, up to 10s, or none for no limit [default: 2s, and none
    /// where more than 1,000 hits are asked for]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    pub(super) timeout: Option<Timeout>,
    /// Run a file of queries, one a line as id<TAB>text
    #[arg(long, value_name = "FILE", conflicts_with = "query")]
    pub(super) queries: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(super) struct ExportArgs {
    /// Of the articles that match; without it, of all
    #[arg(value_name = "QUERY")]
    pub(super) query: Vec<String>,
    #[command(flatten)]
    pub(super) at: At,
    #[command(flatten)]
    pub(super) filters: Filters,
    #[command(flatten)]
    pub(super) words: Words,
    /// How to write
    #[arg(long, value_enum, default_value_t = ExportFormat::Jsonl, value_name = "HOW")]
    pub(super) format: ExportFormat,
    /// Fields of an article to write, in this order; they are listed below [default: all that `dateline index` needs to make the
    /// article again, and its tags]
    #[arg(long, value_name = "FIELD,…", value_delimiter = ',')]
    pub(super) fields: Option<Vec<String>>,
    /// Add the places in the text that prove the tags
    #[arg(long, conflicts_with = "fields")]
    pub(super) mentions: bool,
    /// Begin CSV with a byte order mark, without which Excel does not read it as UTF-8
    #[arg(long)]
    pub(super) bom: bool,
    /// File to write, which appears when it is whole [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ExportFormat {
    /// One article a line, as `dateline index` reads them
    Jsonl,
    /// One article a row, for spreadsheets
    Csv,
}

/// How many hits; `None` for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limit(pub(super) Option<usize>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Match {
    All,
    Any,
    AtLeast(u32),
}

/// Milliseconds; `None` without end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Timeout(pub(super) Option<u64>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum SortBy {
    Relevance,
    Newest,
    Oldest,
    Id,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum By {
    Company,
    Division,
    About,
    Topic,
    Source,
    Author,
    Subject,
    Lang,
    Year,
    Month,
    Day,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum SearchFormat {
    /// For reading
    Human,
    /// One object
    Json,
    /// One hit a line
    Jsonl,
    /// One hit a row, for spreadsheets
    Csv,
    /// A TREC run, for grading
    Trec,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For reading
    Human,
    /// One object
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ListFormat {
    /// For reading
    Human,
    /// One object
    Json,
    /// One entry a line
    Jsonl,
    /// One entry a row, for spreadsheets
    Csv,
}

#[derive(Args, Debug)]
pub(super) struct FacetsArgs {
    /// Of the articles that match; without it, of all
    #[arg(value_name = "QUERY")]
    pub(super) query: Vec<String>,
    #[command(flatten)]
    pub(super) at: At,
    #[command(flatten)]
    pub(super) filters: Filters,
    #[command(flatten)]
    pub(super) words: Words,
    /// What to count
    #[arg(long, value_enum, value_name = "FIELD", required = true, value_delimiter = ',')]
    pub(super) by: Vec<By>,
    /// Values to print
    #[arg(short = 'n', long = "limit", value_name = "N", default_value_t = 20)]
    pub(super) limit: usize,
    /// How to print
    #[arg(long, value_enum, default_value_t = ListFormat::Human, value_name = "HOW")]
    pub(super) format: ListFormat,
}

/// How one answer is printed.
#[derive(Args, Clone, Copy, Debug)]
pub(super) struct Print {
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Human, value_name = "HOW")]
    format: Format,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

impl Print {
    pub(super) fn format(self) -> Format {
        if self.json { Format::Json } else { self.format }
    }
}

#[derive(Args, Debug)]
pub(super) struct ArticleArgs {
    /// Id of the article, as a search prints it
    pub(super) id: String,
    #[command(flatten)]
    pub(super) at: At,
    #[command(flatten)]
    pub(super) print: Print,
}

#[derive(Args, Debug)]
pub(super) struct ExplainArgs {
    #[command(flatten)]
    pub(super) article: ArticleArgs,
    /// All sentences of a tag, not only the first three
    #[arg(long)]
    pub(super) all: bool,
}

#[derive(Args, Debug)]
pub(super) struct RetagArgs {
    #[command(flatten)]
    pub(super) at: At,
    /// Company list that adds to the built-in one, in place of the one that is kept with the index
    #[arg(long, value_name = "FILE")]
    pub(super) companies: Option<PathBuf>,
    /// Threads that tag [default: one a core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(super) threads: Option<u16>,
    /// How to show progress, on standard error
    #[arg(long, value_enum, default_value_t = Progress::Auto, value_name = "HOW")]
    pub(super) progress: Progress,
    /// Name every article whose tags change, with what it gains and loses
    #[arg(long, short)]
    pub(super) verbose: bool,
}

#[derive(Args, Debug)]
pub(super) struct TagArgs {
    /// Files and folders of articles, or - for standard input
    #[arg(value_name = "FILE", required = true)]
    pub(super) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) said: Said,
    /// Company list that adds to the built-in one
    #[arg(long, value_name = "FILE")]
    pub(super) companies: Option<PathBuf>,
    /// Where a field stands in JSON records; may be repeated
    #[arg(long = "map", value_name = "FIELD=KEY")]
    pub(super) map: Vec<String>,
    /// All sentences of a tag, not only the first three
    #[arg(long)]
    pub(super) all: bool,
    #[command(flatten)]
    pub(super) print: Print,
}

/// What the user says of the files.
#[derive(Args, Clone, Copy, Debug)]
pub(super) struct Said {
    /// Format of all that is read, whatever it looks like; packings and archives are still opened
    #[arg(id = "as", long = "as", value_name = "FORMAT", value_parser = formats::parser())]
    pub(super) format: Option<source::Format>,
}

#[derive(Args, Debug)]
pub(super) struct InspectArgs {
    /// Files and folders, or - for standard input
    #[arg(value_name = "FILE", required = true)]
    pub(super) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) said: Said,
    /// Where a field stands in JSON records; may be repeated
    #[arg(long = "map", value_name = "FIELD=KEY")]
    pub(super) map: Vec<String>,
    /// Articles after which it ends [default: 10, and all with --json]
    #[arg(short = 'n', long = "limit", value_name = "N|all", value_parser = parse_limit)]
    pub(super) limit: Option<Limit>,
    /// Whole texts, not only how they begin
    #[arg(long)]
    pub(super) full: bool,
    /// One object a line, for each article and for what is skipped
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Args, Debug)]
pub(super) struct FormatsArgs {
    #[command(flatten)]
    pub(super) print: Print,
}

#[derive(Args, Debug)]
pub(super) struct StatsArgs {
    #[command(flatten)]
    pub(super) at: At,
    #[command(flatten)]
    pub(super) print: Print,
}

#[derive(Args, Debug)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    pub(super) at: At,
    /// Read every byte and every article, not only names and lengths
    #[arg(long)]
    pub(super) deep: bool,
    #[command(flatten)]
    pub(super) print: Print,
}

#[derive(Args, Debug)]
pub(super) struct RepairArgs {
    /// Files and folders that the index was made of [default: those that it knows]
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) at: At,
    /// What to build it from [default: the sources where they are known and there, else what is stored]
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(super) from: Option<From>,
    /// Only say what would be done
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Company list that adds to the built-in one, in place of the one that is kept with the index
    #[arg(long, value_name = "FILE")]
    pub(super) companies: Option<PathBuf>,
    /// Where a field stands in JSON records of the sources, as the index was made; may be repeated
    #[arg(long = "map", value_name = "FIELD=KEY")]
    pub(super) map: Vec<String>,
    #[command(flatten)]
    pub(super) said: Said,
    /// Threads that decode and tag [default: one a core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(super) threads: Option<u16>,
    /// Memory for indexing; a run takes about twice as much in all
    #[arg(long, value_name = "SIZE", default_value = "256M", value_parser = parse_size)]
    pub(super) memory: usize,
    #[command(flatten)]
    pub(super) print: Print,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum From {
    /// The files that the index was made of; what came from elsewhere is kept
    Sources,
    /// What is stored in the index, exactly as it is
    Stored,
}

#[derive(Args, Debug)]
pub(super) struct SnapshotArgs {
    /// Folder to copy it into, which is not there yet
    #[arg(value_name = "DIR")]
    pub(super) folder: PathBuf,
    #[command(flatten)]
    pub(super) at: At,
    #[command(flatten)]
    pub(super) print: Print,
}

#[derive(Subcommand, Debug)]
pub(super) enum CompaniesCommand {
    /// Check a company list and say what it would change
    Check {
        /// The list
        file: PathBuf,
        #[command(flatten)]
        print: Print,
    },
}

#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct CompaniesArgs {
    #[command(subcommand)]
    pub(super) command: Option<CompaniesCommand>,
    /// A name, alias, ticker or id; without it, all companies
    #[arg(value_name = "NAME", num_args = 0..)]
    pub(super) name: Vec<String>,
    /// Company list that adds to the built-in one
    #[arg(long, value_name = "FILE")]
    pub(super) companies: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t = ListFormat::Human, value_name = "HOW")]
    pub(super) format: ListFormat,
}

#[derive(Subcommand, Debug)]
pub(super) enum SavedCommand {
    /// Give a query a name, in place of the one that has it
    Add {
        /// Letters, digits, - and _
        name: String,
        /// The query
        #[arg(value_name = "QUERY", required = true, num_args = 1.., allow_hyphen_values = true)]
        query: Vec<String>,
    },
    /// Take a name away
    Remove {
        /// The name
        name: String,
    },
}

#[derive(Args, Debug)]
pub(super) struct SavedArgs {
    #[command(subcommand)]
    pub(super) command: Option<SavedCommand>,
    /// Folder of the index that the queries are kept with
    #[command(flatten)]
    pub(super) at: At,
}

#[derive(Subcommand, Debug)]
pub(super) enum EvalCommand {
    /// Grade the tagger on passages that somebody read: precision, recall and F1 by class
    Tags(EvalTagsArgs),
    /// Grade the ranking on questions whose answers somebody judged: nDCG@10, MAP, MRR and recall@100, as `trec_eval` has them
    Ranking(Box<EvalRankingArgs>),
}

#[derive(Args, Debug)]
pub(super) struct EvalRankingArgs {
    /// Questions, one a line as id<TAB>text
    #[arg(long, value_name = "FILE")]
    pub(super) topics: PathBuf,
    /// Judgments in TREC's form: topic, 0, id of the article, grade
    #[arg(long, value_name = "FILE")]
    pub(super) qrels: PathBuf,
    #[command(flatten)]
    pub(super) at: At,
    #[command(flatten)]
    pub(super) filters: Filters,
    /// all: the whole query has to match; any, or a number: any or so many of its words, which are then no query syntax
    #[arg(long = "match", default_value = "all", value_name = "all|any|N", value_parser = parse_match)]
    pub(super) matching: Match,
    /// Add words of the first articles to the query
    #[arg(long)]
    pub(super) expand: bool,
    #[command(flatten)]
    pub(super) words: Words,
    /// Print every topic, not only the means
    #[arg(long)]
    pub(super) each: bool,
    /// Write what was graded as a TREC run
    #[arg(long, value_name = "FILE")]
    pub(super) run: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Human, value_name = "HOW")]
    pub(super) format: Format,
}

#[derive(Args, Debug)]
pub(super) struct EvalTagsArgs {
    /// Passages with their judgments, one a line; docs/evaluation.md describes the format
    #[arg(value_name = "GOLD", required = true)]
    pub(super) gold: Vec<PathBuf>,
    /// Company list that adds to the built-in one
    #[arg(long, value_name = "FILE")]
    pub(super) companies: Option<PathBuf>,
    /// Passages shown of those with most errors
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(super) worst: usize,
    #[command(flatten)]
    pub(super) print: Print,
}

fn parse_match(text: &str) -> Result<Match, String> {
    match text {
        "all" => Ok(Match::All),
        "any" => Ok(Match::Any),
        number => match number.parse() {
            Ok(number @ 1..=1024) => Ok(Match::AtLeast(number)),
            _ => Err("write all, any, or how many of the words".to_owned()),
        },
    }
}

/// `20`, `all`.
fn parse_limit(text: &str) -> Result<Limit, String> {
    if text == "all" {
        return Ok(Limit(None));
    }
    text.parse().map(|number| Limit(Some(number))).map_err(|_| "write a number, or all".to_owned())
}

/// `500ms`, `2s`, `none`.
pub(super) fn parse_time(text: &str) -> Result<Timeout, String> {
    let wrong = || format!("{text} is no time; write it like 500ms or 2s, up to 10s, or none");
    if text == "none" {
        return Ok(Timeout(None));
    }
    let (digits, unit) = match text.strip_suffix("ms") {
        Some(digits) => (digits, 1),
        None => (text.strip_suffix('s').ok_or_else(wrong)?, 1000),
    };
    let number: u64 = digits.parse().map_err(|_| wrong())?;
    number
        .checked_mul(unit)
        .filter(|ms| (1..=10_000).contains(ms))
        .map(|ms| Timeout(Some(ms)))
        .ok_or_else(wrong)
}

/// `256M`, `1G`, `65536`.
fn parse_size(text: &str) -> Result<usize, String> {
    let wrong = || format!("{text} is no size; write it like 256M or 1G");
    let (digits, shift) = match text.trim_end_matches(['B', 'b', 'i']) {
        text if text.ends_with(['k', 'K']) => (&text[..text.len() - 1], 10),
        text if text.ends_with(['m', 'M']) => (&text[..text.len() - 1], 20),
        text if text.ends_with(['g', 'G']) => (&text[..text.len() - 1], 30),
        text => (text, 0),
    };
    let number: usize = digits.trim().parse().map_err(|_| wrong())?;
    let bytes = number.checked_mul(1 << shift).ok_or_else(wrong)?;
    if (15 << 20..=64 << 30).contains(&bytes) {
        Ok(bytes)
    } else {
        Err(format!("{text} is not between 15M and 64G"))
    }
}
