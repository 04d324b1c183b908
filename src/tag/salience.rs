//! From accepted mentions to tags: what each company does in the article, and how much the article is about it.
//!
//! Salience is the sum of four parts: the headline, the lead, the share of all mentions, and their number. A mention
//! of a division counts for its company; "the company" and other paraphrases add to it and never make a tag. Each part
//! is added by name, so that [`TagReasons`] can say what the sum is made of.

use std::collections::BTreeMap;

use crate::article::{
    Article, Citation, CompanyTag, DivisionTag, Mention, Rejected, Role, Tags, TextField, TitleSource,
};
use crate::tag::explain::{Points, TagReasons};
use crate::tag::gazetteer::{Company, CompanyKind};
use crate::tag::lexicon::COREFERENCE;
use crate::tag::matcher::Id;
use crate::tag::resolve::{BODY, Candidate, Resolver, State, TITLE};
use crate::tag::role::{MentionRole, Roles};
use crate::tag::unknown;
use crate::tag::view::View;

/// Salience from which an article is about a company (`about:` in a query).
pub const ABOUT_THRESHOLD: u8 = 50;

const TITLE_POINTS: f32 = 30.0;
const LEAD_POINTS: f32 = 20.0;
const SECOND_POINTS: f32 = 8.0;
const SHARE_POINTS: f32 = 35.0;
const COUNT_POINTS: f32 = 15.0;
/// A company that is only compared with cannot reach the threshold.
const PEER_CAP: f32 = 35.0;
const CITED_CAP: f32 = 10.0;
const PUBLISHER_SALIENCE: u8 = 3;
/// What a division's mention and a paraphrase count beside a mention by name.
const DIVISION_WEIGHT: f32 = 0.8;
const PARAPHRASE_WEIGHT: f32 = 0.5;
/// Words of the second sentence that belong to the lead.
const LEAD_WORDS: usize = 35;
/// Points for taking part in a deal or dispute with another company in the lead.
const DEAL_POINTS: f32 = 14.0;

/// Credited outlets of one article that are followed.
const MAX_CREDITS: usize = 200;

/// What is counted for one company.
#[derive(Debug, Default)]
struct Count {
    /// Places in the candidates.
    own: Vec<usize>,
    divisions: Vec<(Id, usize)>,
    paraphrases: u32,
    title: bool,
    /// In the headline as more than a comparison.
    title_event: bool,
    lead: bool,
    lead_event: bool,
    lead_deal: bool,
    second: bool,
    compared: u32,
    cited: u32,
    published: u32,
    dealt: u32,
    /// Of these, those behind another company that acts.
    dealt_with: u32,
}

impl Count {
    fn mentions(&self) -> u32 {
        (self.own.len() + self.divisions.len()) as u32
    }

    /// Whether another company acts in all that is told of it.
    fn only_dealt_with(&self) -> bool {
        self.dealt_with > 0 && self.dealt_with + self.compared >= self.mentions()
    }

    fn weight(&self) -> f32 {
        let told = self.own.len() as f32 - (self.cited + self.published) as f32;
        told.max(0.0)
            + self.divisions.len() as f32 * DIVISION_WEIGHT
            + self.paraphrases as f32 * PARAPHRASE_WEIGHT
    }
}

/// Tags of an article whose names are resolved.
pub(super) fn tags(resolver: &mut Resolver<'_, '_>, article: &Article, reasons: &mut TagReasons) -> Tags {
    let roles = Roles::new(resolver, article);
    drop_credits(resolver, &roles);
    let resolver = &*resolver;
    let mut counts = count(resolver, &roles);
    add_paraphrases(resolver, &mut counts);
    let outlets_told = outlets_that_are_told_of(resolver, &counts);

    let has_title = article.title_source != TitleSource::Lead && !resolver.views[TITLE].words.is_empty();
    let is_business = |id: u32, count: &Count| {
        !is_outlet(resolver, id) && count.cited + count.published < count.mentions()
            || outlets_told.contains(&id)
    };
    let title_speaks = has_title && counts.iter().any(|(id, count)| count.title && is_business(*id, count));
    let total: f32 =
        counts.iter().filter(|(id, count)| is_business(**id, count)).map(|(_, count)| count.weight()).sum();
    let front_speaks = title_speaks || counts.iter().any(|(id, count)| count.lead && is_business(*id, count));
    let scale = Scale { total, title_speaks, has_title, front_speaks };
    let mut sums: BTreeMap<u32, Points> =
        counts.iter().map(|(id, count)| (*id, salience(count, &scale, reasons.points()))).collect();
    let top = counts
        .iter()
        .filter(|(id, count)| is_business(**id, count))
        .map(|(id, _)| sums.get(id).map_or(0.0, Points::total))
        .fold(0.0_f32, f32::max);
    let somebody_acts = counts.iter().any(|(id, count)| {
        is_business(*id, count) && !count.only_dealt_with() && (count.title_event || count.lead_event)
    });

    let mut tags = Tags::default();
    for (&id, count) in &counts {
        let Some(company) = resolver.gazetteer.company_at(id as usize) else { continue };
        let mut points = sums.remove(&id).unwrap_or_else(|| reasons.points());
        let (role, because) = if is_business(id, count) {
            role(count, points.total(), top, somebody_acts)
        } else if count.published > 0 || roles.is_publisher(id) {
            (Role::Publisher, PUBLISHES)
        } else {
            (Role::Cited, IS_CITED)
        };
        match role {
            Role::Subject | Role::Partner => {}
            Role::Peer => points.at_most(PEER_CAP, || format!("a peer has at most {PEER_CAP}")),
            Role::Cited => points.at_most(CITED_CAP, || format!("a cited outlet has at most {CITED_CAP}")),
            Role::Publisher => points = fixed(reasons, role),
        }
        tags.companies.push(CompanyTag {
            id: company.id.clone(),
            name: company.name.clone(),
            role,
            salience: reasons.company(&company.id, because, points),
            known: true,
            mentions: count.own.iter().filter_map(|&place| mention(resolver, company, place)).collect(),
        });
        add_divisions(resolver, company, count, &scale, &mut tags, reasons);
    }
    add_credits(resolver, article, &roles, &mut tags, reasons);
    if reasons.is_kept() {
        add_rejected(resolver, &mut tags);
    }
    unknown::add(resolver, &mut tags, reasons);
    tags.companies
        .sort_by(|left, right| right.salience.cmp(&left.salience).then_with(|| left.id.cmp(&right.id)));
    tags.divisions
        .sort_by(|left, right| right.salience.cmp(&left.salience).then_with(|| left.path.cmp(&right.path)));
    tags
}

/// A business in a picture credit, share button or wire mark is no mention of it.
fn drop_credits(resolver: &mut Resolver<'_, '_>, roles: &Roles) {
    for place in 0..resolver.candidates.len() {
        let State::Accepted(id, _) = resolver.candidates[place].state else { continue };
        if roles.of(place) == MentionRole::Published && (id.is_division() || !is_outlet(resolver, id.company))
        {
            let reason = "a credit line, share button or wire mark";
            resolver.candidates[place].state = State::Rejected(id, reason.into());
        }
    }
}

fn is_outlet(resolver: &Resolver<'_, '_>, id: u32) -> bool {
    resolver.gazetteer.company_at(id as usize).is_some_and(|company| company.kind == CompanyKind::Outlet)
}

/// One past the last word of the lead, and of what follows it closely.
fn lead_ends(view: &View<'_>) -> (usize, usize) {
    let first = view.sentence_end(0);
    let lead = view.sentence_end(1).min(first + LEAD_WORDS);
    (lead, view.sentence_end(4).max(lead))
}

fn count(resolver: &Resolver<'_, '_>, roles: &Roles) -> BTreeMap<u32, Count> {
    let mut counts: BTreeMap<u32, Count> = BTreeMap::new();
    let (lead, second) = lead_ends(&resolver.views[BODY]);
    for (place, candidate) in resolver.candidates.iter().enumerate() {
        let State::Accepted(id, _) = candidate.state else { continue };
        let count = counts.entry(id.company).or_default();
        if id.is_division() {
            count.divisions.push((id, place));
        } else {
            count.own.push(place);
        }
        let role = roles.of(place);
        match role {
            MentionRole::Cited => count.cited += 1,
            MentionRole::Published => count.published += 1,
            MentionRole::Compared => count.compared += 1,
            MentionRole::Dealt => count.dealt += 1,
            MentionRole::DealtWith => {
                count.dealt += 1;
                count.dealt_with += 1;
            }
            MentionRole::Plain => {}
        }
        if matches!(role, MentionRole::Cited | MentionRole::Published) {
            continue;
        }
        let event = role != MentionRole::Compared;
        let word = candidate.found.first as usize;
        if candidate.field == TITLE {
            count.title = true;
            count.title_event |= event;
        } else if word < lead {
            count.lead = true;
            count.lead_event |= event;
            count.lead_deal |= matches!(role, MentionRole::Dealt | MentionRole::DealtWith);
        } else if word < second {
            count.second = true;
        }
    }
    counts
}

/// "The company", "the e-commerce giant": count for the company that was named last, or that it paraphrases.
fn add_paraphrases(resolver: &Resolver<'_, '_>, counts: &mut BTreeMap<u32, Count>) {
    for candidate in &resolver.candidates {
        if let State::Epithet(company) = candidate.state
            && let Some(count) = counts.get_mut(&company)
        {
            count.paraphrases += 1;
        }
    }
    let view = &resolver.views[BODY];
    let context = resolver.context(BODY);
    let mut named = resolver
        .candidates
        .iter()
        .filter_map(|candidate| match candidate.state {
            State::Accepted(id, _) if candidate.field == BODY => {
                Some((candidate.found.first as usize, id.company))
            }
            _ => None,
        })
        .peekable();
    let mut last: Option<(u32, u32)> = None;
    for (place, word) in view.words.iter().enumerate() {
        while let Some((_, company)) = named.next_if(|(first, _)| *first <= place) {
            if !is_outlet(resolver, company) {
                last = Some((company, word.sentence));
            }
        }
        if word.id != 0
            && context.classes(word) & COREFERENCE != 0
            && place > 0
            && view.words.get(place - 1).is_some_and(|before| view.folded_word(before) == b"the")
            && let Some((company, sentence)) = last
            && word.sentence <= sentence + 2
            && let Some(count) = counts.get_mut(&company)
        {
            count.paraphrases += 1;
            last = Some((company, word.sentence));
        }
    }
}

/// Outlets that the article is about: in the headline, or the subject of several sentences.
fn outlets_that_are_told_of(resolver: &Resolver<'_, '_>, counts: &BTreeMap<u32, Count>) -> Vec<u32> {
    counts
        .iter()
        .filter(|(id, count)| {
            let told = count.mentions().saturating_sub(count.cited + count.published);
            is_outlet(resolver, **id)
                && (count.title_event && told >= 2
                    || told >= 4 && told > count.cited && count.lead
                    // "Nikkei agreed to buy the Financial Times".
                    || count.dealt > 0 && count.cited == 0 && (count.title_event || count.lead_event))
        })
        .map(|(id, _)| *id)
        .collect()
}

/// What the salience of every company is measured against.
struct Scale {
    /// Weight of all mentions.
    total: f32,
    /// Whether the headline names a company.
    title_speaks: bool,
    has_title: bool,
    /// Whether headline or lead names a company.
    front_speaks: bool,
}

impl Scale {
    /// The part of all mentions that a weight is, and how to say so.
    fn share(&self, weight: f32) -> f32 {
        if self.total > 0.0 { (weight / self.total).min(1.0) } else { 0.0 }
    }

    fn share_detail(&self, weight: f32) -> String {
        format!("{} of {}", short(weight), short(self.total))
    }
}

/// A weight with a tenth where it has one.
fn short(weight: f32) -> String {
    if weight.fract().abs() < 0.05 { format!("{weight:.0}") } else { format!("{weight:.1}") }
}

fn number_detail(mentions: u32, paraphrases: u32) -> String {
    let of = |count: u32, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    match paraphrases {
        0 => of(mentions, "mention"),
        _ => format!("{}, {}", of(mentions, "mention"), of(paraphrases, "paraphrase")),
    }
}

fn salience(count: &Count, scale: &Scale, mut points: Points) -> Points {
    let weight = count.weight();
    let share = scale.share(weight);
    // Where the headline names nobody, the lead stands in for it.
    let (title, lead) = if scale.title_speaks {
        (TITLE_POINTS, LEAD_POINTS)
    } else {
        (0.0, LEAD_POINTS + if scale.has_title { TITLE_POINTS * 0.6 } else { TITLE_POINTS })
    };
    let stands_in = if scale.title_speaks { "" } else { ", for a headline without a company" };
    points.add("share of mentions", SHARE_POINTS * share, || scale.share_detail(weight));
    points.add("number of mentions", COUNT_POINTS * (weight / (weight + 3.0)), || {
        number_detail(count.mentions(), count.paraphrases)
    });
    if count.title {
        if count.title_event {
            points.add("headline", title, || "named in it".to_owned());
        } else {
            points.add("headline", title * 0.3, || "only compared with in it".to_owned());
        }
    }
    if count.lead {
        if count.lead_event {
            points.add("lead", lead, || format!("named in it{stands_in}"));
        } else {
            points.add("lead", lead * 0.3, || format!("only compared with in it{stands_in}"));
        }
        if count.lead_deal && !count.title_event {
            points.add("deal", DEAL_POINTS, || "in a deal or dispute with another company".to_owned());
        }
    } else if count.second {
        // Where not even the lead names a company, what follows it does its work.
        if scale.front_speaks || share < 0.3 {
            points.add("after the lead", SECOND_POINTS, || "named soon after it".to_owned());
        } else {
            points
                .add("after the lead", lead, || "named soon after it, where the front names none".to_owned());
        }
    }
    points.at_most(100.0, || "100 is the highest".to_owned());
    points
}

const PUBLISHES: &str = "it published the article, or stands in a credit line";
const IS_CITED: &str = "facts are credited to it";

/// The salience of outlets that are not told of, whatever their mentions.
fn fixed(reasons: &TagReasons, role: Role) -> Points {
    let mut points = reasons.points();
    if role == Role::Cited {
        points.add("cited outlet", f32::from(CITED_CAP as u8 / 2), || "the same for all".to_owned());
    } else {
        points.add("publisher", f32::from(PUBLISHER_SALIENCE), || "the same for all".to_owned());
    }
    points
}

/// What a company does, from where it stands and how it compares with the one that the article is most about; and why.
fn role(count: &Count, points: f32, top: f32, somebody_acts: bool) -> (Role, &'static str) {
    let front = count.title_event || count.lead_event;
    let only_compared = count.compared >= count.mentions();
    let threshold = f32::from(ABOUT_THRESHOLD);
    if only_compared && !count.title_event {
        (Role::Peer, "it only stands in comparisons and lists")
    } else if count.only_dealt_with() && somebody_acts && (front || points >= threshold) {
        (Role::Partner, "it only stands behind another company in deals or disputes")
    } else if points >= top && (points >= threshold * 0.8 || front) {
        (Role::Subject, "no company of the article has more points")
    } else if points >= threshold && points >= top * 0.75 {
        (Role::Subject, "over the threshold and near the company with most points")
    } else if points >= threshold {
        (Role::Partner, "over the threshold, but well behind the company with most points")
    } else if count.title_event {
        (Role::Partner, "in the headline, behind the company with most points")
    } else if front && count.dealt > 0 {
        (Role::Partner, "in the lead, in a deal or dispute with another company")
    } else if count.dealt >= 2 {
        (Role::Partner, "in several sentences on a deal or dispute with another company")
    } else {
        (Role::Peer, "under the threshold, and in no deal or dispute")
    }
}

fn add_divisions(
    resolver: &Resolver<'_, '_>,
    company: &Company,
    count: &Count,
    scale: &Scale,
    tags: &mut Tags,
    reasons: &mut TagReasons,
) {
    let (lead, _) = lead_ends(&resolver.views[BODY]);
    let mut sorted = count.divisions.clone();
    sorted.sort_unstable();
    for group in sorted.chunk_by(|left, right| left.0 == right.0) {
        let Some(&(id, _)) = group.first() else { continue };
        let Some(division) = company.divisions.get(id.division as usize) else { continue };
        let of = |place: usize| resolver.candidates.get(place);
        let title =
            group.iter().filter_map(|&(_, place)| of(place)).any(|candidate| candidate.field == TITLE);
        let in_lead = group
            .iter()
            .filter_map(|&(_, place)| of(place))
            .any(|candidate| candidate.field == BODY && (candidate.found.first as usize) < lead);
        let weight = group.len() as f32;
        let mut points = reasons.points();
        points.add("number of mentions", COUNT_POINTS * (weight / (weight + 3.0)), || {
            number_detail(group.len() as u32, 0)
        });
        points.add("share of mentions", SHARE_POINTS * scale.share(weight), || scale.share_detail(weight));
        if title {
            points.add("headline", TITLE_POINTS, || "named in it".to_owned());
        }
        if in_lead {
            let (more, stands_in) = if scale.title_speaks {
                (0.0, "")
            } else {
                (TITLE_POINTS * 0.6, ", for a headline without a company")
            };
            points.add("lead", LEAD_POINTS + more, || format!("named in it{stands_in}"));
        }
        points.at_most(100.0, || "100 is the highest".to_owned());
        let path = format!("{}/{}", company.id, division.id);
        tags.divisions.push(DivisionTag {
            salience: reasons.division(&path, points),
            path,
            name: division.name.clone(),
            mentions: group.iter().filter_map(|&(_, place)| mention(resolver, company, place)).collect(),
        });
    }
}

/// Outlets that the decoder found credited or publishing, known or not.
fn add_credits(
    resolver: &Resolver<'_, '_>,
    article: &Article,
    roles: &Roles,
    tags: &mut Tags,
    reasons: &mut TagReasons,
) {
    for credit in article.cites.iter().take(MAX_CREDITS) {
        add_credit(resolver, credit, Role::Cited, tags, reasons);
    }
    if let Some(publisher) = &article.publisher {
        add_credit(resolver, publisher, Role::Publisher, tags, reasons);
    }
    if let Some(id) = roles.source
        && let Some(company) = resolver.gazetteer.company_at(id as usize)
        && tags.companies.iter().all(|tag| tag.id != company.id)
    {
        tags.companies.push(CompanyTag {
            id: company.id.clone(),
            name: company.name.clone(),
            role: Role::Publisher,
            salience: reasons.company(&company.id, PUBLISHES, fixed(reasons, Role::Publisher)),
            known: true,
            mentions: Vec::new(),
        });
    }
}

fn add_credit(
    resolver: &Resolver<'_, '_>,
    credit: &Citation,
    role: Role,
    tags: &mut Tags,
    reasons: &mut TagReasons,
) {
    let name = credit.name.trim();
    let named = name.strip_prefix("the ").or_else(|| name.strip_prefix("The ")).unwrap_or(name);
    let known = resolver.matcher.named(name).or_else(|| resolver.matcher.named(named));
    let company = known.and_then(|id| resolver.gazetteer.company_at(id.company as usize));
    let id = match company {
        // A company that speaks of itself is no source; one that is tagged has its role already.
        Some(company) if company.kind != CompanyKind::Outlet => return,
        Some(company) => company.id.clone(),
        None => {
            let id = slug(named);
            if id.is_empty()
                || !named.starts_with(|c: char| c.is_uppercase() || c.is_numeric())
                || named.len() > 60
            {
                return;
            }
            id
        }
    };
    let span = credit.span.clone();
    let mention = article_text(resolver, span.start, span.end).map(|text| Mention {
        field: TextField::Body,
        start: span.start,
        end: span.end,
        text: text.to_owned(),
        rule: role.as_str().into(),
    });
    if let Some(tag) = tags.companies.iter_mut().find(|tag| tag.id == id) {
        if let Some(mention) = mention
            && tag.mentions.iter().all(|known| known.end <= mention.start || known.start >= mention.end)
        {
            tag.mentions.push(mention);
            tag.mentions.sort_by_key(|mention| (mention.field != TextField::Title, mention.start));
        }
        return;
    }
    let because = if role == Role::Cited { IS_CITED } else { PUBLISHES };
    let salience = reasons.company(&id, because, fixed(reasons, role));
    tags.companies.push(CompanyTag {
        name: company.map_or(named, |company| company.name.as_str()).to_owned(),
        id,
        role,
        salience,
        known: company.is_some(),
        mentions: mention.into_iter().collect(),
    });
}

fn article_text<'t>(resolver: &Resolver<'_, 't>, start: usize, end: usize) -> Option<&'t str> {
    resolver.views[BODY].text.get(start..end)
}

fn slug(name: &str) -> String {
    let folded = crate::text::fold::fold(name);
    let mut slug = String::with_capacity(folded.len());
    for letter in folded.chars() {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter);
        } else if !slug.is_empty() && !slug.ends_with('-') && !matches!(letter, '\'' | '’') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

/// The place of a candidate in its text, with the legal form and the marks that belong to the name.
fn span<'t>(
    resolver: &Resolver<'_, 't>,
    candidate: &Candidate,
    name: &str,
) -> Option<(usize, usize, &'t str)> {
    let view = &resolver.views[candidate.field];
    let start = view.words.get(candidate.found.first as usize)?.start as usize;
    let last = (candidate.found.last + candidate.tail) as usize;
    let mut end = view.words.get(last.checked_sub(1)?)?.end as usize;
    if candidate.tail == 0
        && let Some(mark) = name.chars().next_back().filter(|c| matches!(c, '!' | '+'))
        && view.text.get(end..).is_some_and(|rest| rest.starts_with(mark))
    {
        end += 1;
    }
    // The full stop of "Inc." belongs to it.
    if candidate.tail > 0 && view.text.get(end..).is_some_and(|rest| rest.starts_with('.')) {
        end += 1;
    }
    Some((start, end, view.text.get(start..end)?))
}

fn field(candidate: &Candidate) -> TextField {
    if candidate.field == TITLE { TextField::Title } else { TextField::Body }
}

fn mention(resolver: &Resolver<'_, '_>, company: &Company, place: usize) -> Option<Mention> {
    let candidate = resolver.candidates.get(place)?;
    let State::Accepted(id, rule) = candidate.state else { return None };
    let name =
        if id.is_division() { &company.divisions.get(id.division as usize)?.name } else { &company.name };
    let (start, end, text) = span(resolver, candidate, name)?;
    Some(Mention { field: field(candidate), start, end, text: text.to_owned(), rule: rule.into() })
}

fn add_rejected(resolver: &Resolver<'_, '_>, tags: &mut Tags) {
    for candidate in &resolver.candidates {
        let State::Rejected(id, reason) = &candidate.state else { continue };
        let Some(company) = resolver.gazetteer.company_at(id.company as usize) else { continue };
        let division = company.divisions.get(id.division as usize);
        let Some((start, end, text)) = span(resolver, candidate, "") else { continue };
        tags.rejected.push(Rejected {
            field: field(candidate),
            start,
            end,
            text: text.to_owned(),
            candidate: match division {
                Some(division) => format!("{}/{}", company.id, division.id),
                None => company.id.clone(),
            },
            reason: reason.clone().into_owned(),
        });
    }
}
