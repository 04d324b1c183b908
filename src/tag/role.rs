//! What a single mention does in its sentence: takes part in a deal, is compared with, is credited, or publishes.

use crate::article::Article;
use crate::tag::context::Context;
use crate::tag::gazetteer::CompanyKind;
use crate::tag::lexicon::{COMPARE, DEAL, EXCHANGE, PHOTO, REPORT_VERB, SHARE, TOLD};
use crate::tag::matcher::{Found, NO_DIVISION};
use crate::tag::resolve::{BODY, Candidate, Resolver, State};
use crate::tag::view::{Gap, LOWER, Word};

/// How many words of a sentence before a name are looked at for what opens a list.
const LOOK_BACK: usize = 14;
/// Words of a picture credit that names its agency: "Drew Angerer for Getty Images".
const CREDIT: usize = 7;
/// Companies in one sentence from which it is a list.
const LIST: usize = 3;

/// Networks that the world speaks on.
const NETWORKS: &[&[u8]] = &[
    b"facebook",
    b"twitter",
    b"x",
    b"linkedin",
    b"whatsapp",
    b"reddit",
    b"pinterest",
    b"instagram",
    b"telegram",
    b"youtube",
    b"tiktok",
    b"flipboard",
    b"messenger",
];

/// What a mention does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MentionRole {
    /// It is told of.
    Plain,
    /// It stands in a sentence about a deal or dispute with another company.
    Dealt,
    /// It stands in such a sentence behind the company that acts: "Ferrero agreed to buy WK Kellogg".
    DealtWith,
    /// It stands in a comparison or list.
    Compared,
    /// A fact is credited to it.
    Cited,
    /// It stands in a publisher's line, picture credit or wire mark.
    Published,
}

/// Roles of all candidates.
pub(super) struct Roles {
    of_mentions: Vec<MentionRole>,
    /// The outlet of [`Article::source`], if the gazetteer knows it.
    pub source: Option<u32>,
    /// The outlet of [`Article::publisher`].
    publisher: Option<u32>,
}

impl Roles {
    /// Reads the role of every accepted mention.
    pub(super) fn new(resolver: &Resolver<'_, '_>, article: &Article) -> Self {
        let outlet = |name: &str| {
            let id = resolver.matcher.named(name)?;
            let company = resolver.gazetteer.company_at(id.company as usize)?;
            (company.kind == CompanyKind::Outlet && id.division == NO_DIVISION).then_some(id.company)
        };
        let mut roles = Self {
            of_mentions: vec![MentionRole::Plain; resolver.candidates.len()],
            source: article.source.as_deref().and_then(outlet),
            publisher: article.publisher.as_ref().and_then(|publisher| outlet(&publisher.name)),
        };
        roles.read_sentences(resolver);
        let mut cites = article.cites.iter().map(|credit| credit.span.clone()).collect::<Vec<_>>();
        cites.sort_by_key(|span| span.start);
        for (place, candidate) in resolver.candidates.iter().enumerate() {
            let State::Accepted(id, _) = candidate.state else { continue };
            let context = resolver.context(candidate.field);
            let company = resolver.gazetteer.company_at(id.company as usize);
            let outlet =
                company.is_some_and(|company| company.kind == CompanyKind::Outlet) && !id.is_division();
            let start = context.first(candidate.found).map_or(0, |word| word.start as usize);
            let inside = |span: &std::ops::Range<usize>| candidate.field == BODY && span.contains(&start);
            let credited = cites
                .get(..cites.partition_point(|span| span.start <= start))
                .and_then(<[_]>::last)
                .is_some_and(inside);
            let role = if article.publisher.as_ref().is_some_and(|publisher| inside(&publisher.span))
                || is_credit_line(resolver, candidate, outlet)
                || is_wire_mark(context, candidate.found, candidate.field)
                || !outlet && is_button(context, candidate.found, candidate.field)
            {
                Some(MentionRole::Published)
            } else if outlet && (credited || is_cited(context, candidate.found))
                || is_credited_by_name(context, candidate.found)
                || is_platform(context, candidate.found)
            {
                Some(MentionRole::Cited)
            } else {
                None
            };
            if let (Some(role), Some(slot)) = (role, roles.of_mentions.get_mut(place)) {
                *slot = role;
            }
        }
        roles
    }

    /// The role of a candidate.
    pub(super) fn of(&self, place: usize) -> MentionRole {
        self.of_mentions.get(place).copied().unwrap_or(MentionRole::Plain)
    }

    /// Whether the article comes from this outlet.
    pub(super) fn is_publisher(&self, company: u32) -> bool {
        self.source == Some(company) || self.publisher == Some(company)
    }

    /// Comparisons and deals, sentence by sentence.
    fn read_sentences(&mut self, resolver: &Resolver<'_, '_>) {
        let accepted: Vec<(usize, usize, u32, u32)> = resolver
            .candidates
            .iter()
            .enumerate()
            .filter_map(|(place, candidate)| match candidate.state {
                State::Accepted(id, _) => {
                    let word = resolver.context(candidate.field).first(candidate.found)?;
                    Some((place, candidate.field, word.sentence, id.company))
                }
                _ => None,
            })
            .collect();
        for group in accepted.chunk_by(|left, right| left.1 == right.1 && left.2 == right.2) {
            let Some(&(_, field, sentence, first_company)) = group.first() else { continue };
            let view = &resolver.views[field];
            let context = resolver.context(field);
            let several = group.iter().any(|&(_, _, _, company)| company != first_company);
            let from = view.sentences.get(sentence as usize).map_or(0, |sentence| sentence.first as usize);
            let until = view.sentence_end(sentence).min(from + 120);
            let deal = several
                && view
                    .words
                    .get(from..until)
                    .unwrap_or_default()
                    .iter()
                    .any(|word| word.id != 0 && context.classes(word) & DEAL != 0);
            // Rows of three and more companies: "Meta, Google, Microsoft and Salesforce".
            let mut row = 0;
            for number in 0..group.len() {
                let ends = number + 1 == group.len() || {
                    let (left, right) = (group[number].0, group[number + 1].0);
                    right != left + 1 || !resolver.is_row(left, right)
                };
                if ends {
                    let members = &group[row..=number];
                    let mut companies: Vec<u32> = members.iter().map(|member| member.3).collect();
                    companies.sort_unstable();
                    companies.dedup();
                    if companies.len() >= LIST && field == BODY {
                        for &(place, ..) in members {
                            self.set(place, MentionRole::Compared);
                        }
                    }
                    row = number + 1;
                }
            }
            let places = group.iter().map(|member| member.0);
            let quoted: Vec<usize> =
                places.filter(|&place| context.is_quote(resolver.candidates[place].found)).collect();
            for &(place, _, _, company) in group {
                let found = resolver.candidates[place].found;
                // "Facebook's services, including Instagram" compares nothing.
                let of_its_own =
                    company == first_company && group.first().is_some_and(|first| first.0 != place);
                if is_venue(context, found)
                    || is_former_employer(context, found)
                    || quoted.len() > 1 && quoted.contains(&place)
                    || !of_its_own
                        && (opens_comparison(context, found, from) || is_one_of_many(context, found))
                {
                    self.set(place, MentionRole::Compared);
                } else if deal && self.of(place) == MentionRole::Plain {
                    let acts = company == first_company;
                    self.set(place, if acts { MentionRole::Dealt } else { MentionRole::DealtWith });
                }
            }
        }
    }

    fn set(&mut self, place: usize, role: MentionRole) {
        if let Some(slot) = self.of_mentions.get_mut(place) {
            *slot = role;
        }
    }
}

/// "on the New York Stock Exchange", "on Nasdaq": where shares are traded is not what an article is about.
fn is_venue(context: Context<'_, '_>, found: Found) -> bool {
    let Some(last) = context.word((found.last as usize).saturating_sub(1)) else { return false };
    let exchange = context.classes(last) & EXCHANGE != 0 || context.view.folded_word(last) == b"exchange";
    exchange
        && (1..=2)
            .filter_map(|n| context.before(found, n))
            .any(|word| matches!(context.view.folded_word(word), b"on" | b"to" | b"from" | b"at"))
}

/// "a former Google engineer", "who had worked at Google": where somebody comes from.
fn is_former_employer(context: Context<'_, '_>, found: Found) -> bool {
    let word = |n: usize| context.before(found, n).map_or(&b""[..], |word| context.view.folded_word(word));
    let is_former =
        |word: &[u8]| matches!(word, b"former" | b"ex" | b"onetime" | b"formerly" | b"previously");
    is_former(word(1))
        || matches!(word(1), b"at" | b"of" | b"for" | b"from" | b"with")
            && (2..=5).any(|n| {
                is_former(word(n))
                    || matches!(
                        word(n),
                        b"worked" | b"stint" | b"veteran" | b"alumnus" | b"alumni" | b"career"
                    )
            })
}

/// "whose customers include Ryanair", "as Boeing did": named beside others, not told of.
fn is_one_of_many(context: Context<'_, '_>, found: Found) -> bool {
    let before = |n: usize| context.before(found, n).map_or(&b""[..], |word| context.view.folded_word(word));
    let after = context.after(found, 1).map_or(&b""[..], |word| context.view.folded_word(word));
    if before(1) == b"as" {
        return matches!(after, b"did" | b"does" | b"has" | b"had");
    }
    matches!(before(1), b"include" | b"includes" | b"included" | b"are" | b"were" | b"among")
        && (2..=8).any(|n| {
            matches!(
                before(n),
                b"customers"
                    | b"clients"
                    | b"suppliers"
                    | b"users"
                    | b"backers"
                    | b"investors"
                    | b"buyers"
                    | b"employers"
                    | b"others"
            )
        })
}

/// "companies including Meta", "unlike Amazon", "rivals such as Google and Microsoft".
fn opens_comparison(context: Context<'_, '_>, found: Found, sentence: usize) -> bool {
    let first = found.first as usize;
    let from = first.saturating_sub(LOOK_BACK).max(sentence);
    for place in (from..first).rev() {
        let Some(word) = context.word(place) else { return false };
        let next = context.word(place + 1);
        // A clause ends the list, unless it is the row itself.
        if next.is_some_and(|next| matches!(next.gap, Gap::Other | Gap::Close)) {
            return false;
        }
        if word.id != 0 && context.classes(word) & COMPARE != 0 && word.shape & LOWER != 0
            || is_unlike(context, place)
        {
            return true;
        }
    }
    false
}

fn is_unlike(context: Context<'_, '_>, place: usize) -> bool {
    context.word(place).is_some_and(|word| matches!(context.view.folded_word(word), b"unlike" | b"like"))
}

/// "according to X", "told X", "X reported": only for names that are outlets.
fn is_cited(context: Context<'_, '_>, found: Found) -> bool {
    let back = |n: usize| context.before(found, n).map(|word| context.view.folded_word(word));
    let skip = usize::from(back(1) == Some(b"the"));
    if let Some(before) = context.before(found, 1 + skip) {
        let classes = context.classes(before);
        let word = context.view.folded_word(before);
        if classes & TOLD != 0 || classes & REPORT_VERB != 0 || matches!(word, b"citing" | b"per") {
            return true;
        }
        // "a Reuters report", "the Wall Street Journal's report".
    }
    (1..=3).filter_map(|n| context.after(found, n)).any(|word| {
        word.id != 0 && context.classes(word) & REPORT_VERB != 0
            || matches!(
                context.view.folded_word(word),
                b"report"
                    | b"survey"
                    | b"interview"
                    | b"story"
                    | b"investigation"
                    | b"article"
                    | b"poll"
                    | b"data"
                    | b"analysis"
                    | b"study"
                    | b"reporter"
                    | b"columnist"
                    | b"journalist"
                    | b"estimates"
                    | b"research"
            )
    })
}

/// "according to X" for a name of any kind.
fn is_credited_by_name(context: Context<'_, '_>, found: Found) -> bool {
    let back = |n: usize| context.before(found, n).map(|word| context.view.folded_word(word));
    let skip = usize::from(back(1) == Some(b"the"));
    back(1 + skip) == Some(b"to") && back(2 + skip) == Some(b"according")
        || back(1) == Some(b"at")
            && matches!(
                back(2),
                Some(
                    b"analyst" | b"analysts" | b"economist" | b"economists" | b"strategist" | b"strategists"
                )
            )
        || context.after(found, 1).is_some_and(|word| {
            matches!(context.view.folded_word(word), b"analyst" | b"analysts" | b"economist" | b"economists")
        })
}

/// "Photo: Getty Images", "Share on Facebook", "© 2023 Reuters", "WebProNews is an iEntry Publication".
fn is_credit_line(resolver: &Resolver<'_, '_>, candidate: &Candidate, outlet: bool) -> bool {
    let context = resolver.context(candidate.field);
    let Some(first) = context.first(candidate.found) else { return false };
    let sentence = context.view.sentence_of(first);
    let from = sentence.first as usize;
    let until = context.view.sentence_end(first.sentence);
    if until - from > 14 {
        return false;
    }
    let words = context.view.words.get(from..until).unwrap_or_default();
    let is = |name: &[u8]| words.iter().any(|word| context.view.folded_word(word) == name);
    let class = |class: u64| words.iter().any(|word| word.id != 0 && context.classes(word) & class != 0);
    let first_is = |class: u64| words.first().is_some_and(|word| context.classes(word) & class != 0);
    // "Credit Suisse fell" begins with a name.
    first_is(PHOTO) && !resolver.is_long_name_at(candidate.field, sentence.first)
        || first_is(SHARE) && (is(b"on") || is(b"us"))
        || is(b"getty") && class(PHOTO) && words.len() <= CREDIT
        || outlet
            && (is(b"publication")
                || is(b"copyright")
                || is(b"rights") && is(b"reserved")
                || is(b"reporting") && is(b"by")
                || is(b"editing") && is(b"by"))
}

/// "LONDON (Reuters) -" at the beginning of the body.
fn is_wire_mark(context: Context<'_, '_>, found: Found, field: usize) -> bool {
    field == BODY
        && found.first < 14
        && (1..=2).any(|n| {
            let place = (found.first + 1).checked_sub(n).and_then(|place| context.word(place as usize));
            place.is_some_and(|word| word.gap == Gap::Open)
        })
        && context.word(found.last as usize).is_some_and(|word| word.gap == Gap::Other)
}

/// "wrote on Twitter", "a Facebook post": the network is where something was said.
fn is_platform(context: Context<'_, '_>, found: Found) -> bool {
    let network = found.last - found.first == 1
        && context.first(found).is_some_and(|first| NETWORKS.contains(&context.view.folded_word(first)));
    if !network {
        return false;
    }
    let posted = context.after(found, 1).is_some_and(|word| {
        matches!(
            context.view.folded_word(word),
            b"page"
                | b"post"
                | b"posts"
                | b"account"
                | b"accounts"
                | b"user"
                | b"message"
                | b"video"
                | b"profile"
                | b"group"
                | b"thread"
                | b"feed"
                | b"livestream"
                | b"channel"
                | b"statement"
                | b"follower"
                | b"followers"
        )
    });
    let on = context
        .before(found, 1)
        .is_some_and(|word| matches!(context.view.folded_word(word), b"on" | b"via" | b"to" | b"over"));
    posted
        || on
            && (2..=9).filter_map(|n| context.before(found, n)).any(|word| {
                matches!(
                    context.view.folded_word(word),
                    b"wrote"
                        | b"said"
                        | b"posted"
                        | b"tweeted"
                        | b"tweet"
                        | b"tweets"
                        | b"announced"
                        | b"took"
                        | b"post"
                        | b"shared"
                        | b"message"
                        | b"statement"
                        | b"writing"
                        | b"posting"
                        | b"commented"
                        | b"responded"
                        | b"replied"
                        | b"follow"
                        | b"followers"
                        | b"viral"
                        | b"video"
                        | b"account"
                        | b"page"
                        | b"live"
                )
            })
}

/// A paragraph that is nothing but the name of a network: a share button.
fn is_button(context: Context<'_, '_>, found: Found, field: usize) -> bool {
    let Some(first) = context.first(found) else { return false };
    let sentence = context.view.sentence_of(first);
    let until = context.view.sentence_end(first.sentence);
    let words = context.view.words.get(sentence.first as usize..until).unwrap_or_default();
    let is_network = |word: &Word| NETWORKS.contains(&context.view.folded_word(word));
    field == BODY
        && until - (sentence.first as usize) <= 8
        && is_network(first)
        && words.iter().all(|word| {
            is_network(word)
                || matches!(
                    context.view.folded_word(word),
                    b"share" | b"on" | b"email" | b"print" | b"copy" | b"link" | b"follow" | b"us" | b"and"
                )
        })
}
