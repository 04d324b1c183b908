//! From accepted mentions to tags: what each company does in the article, and how much the article is about it.
//!
//! Salience is the sum of four parts: the headline, the lead, the share of all mentions, and their number. A mention
//! of a division counts for its company; "the company" and other paraphrases add to it and never make a tag.

use std::collections::HashMap;

use crate::article::{
    Article, Citation, CompanyTag, DivisionTag, Mention, Rejected, Role, Tags, TextField, TitleSource,
};
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
}

impl Count {
    fn mentions(&self) -> u32 {
        (self.own.len() + self.divisions.len()) as u32
    }

    fn weight(&self) -> f32 {
        let told = self.own.len() as f32 - (self.cited + self.published) as f32;
        told.max(0.0)
            + self.divisions.len() as f32 * DIVISION_WEIGHT
            + self.paraphrases as f32 * PARAPHRASE_WEIGHT
    }
}

/// Tags of an article whose names are resolved.
pub(super) fn tags(resolver: &mut Resolver<'_, '_>, article: &Article) -> Tags {
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
    let raw: HashMap<u32, f32> = counts
        .iter()
        .map(|(id, count)| (*id, salience(count, total, title_speaks, has_title, front_speaks)))
        .collect();
    let top = counts
        .iter()
        .filter(|(id, count)| is_business(**id, count))
        .map(|(id, _)| raw.get(id).copied().unwrap_or(0.0))
        .fold(0.0_f32, f32::max);

    let mut tags = Tags::default();
    for (&id, count) in &counts {
        let Some(company) = resolver.gazetteer.company_at(id as usize) else { continue };
        let points = raw.get(&id).copied().unwrap_or(0.0);
        let role = if is_business(id, count) {
            role(count, points, top)
        } else if count.published > 0 || roles.is_publisher(id) {
            Role::Publisher
        } else {
            Role::Cited
        };
        let salience = match role {
            Role::Subject | Role::Partner => points,
            Role::Peer => points.min(PEER_CAP),
            Role::Cited => points.min(CITED_CAP),
            Role::Publisher => f32::from(PUBLISHER_SALIENCE),
        };
        tags.companies.push(CompanyTag {
            id: company.id.clone(),
            name: company.name.clone(),
            role,
            salience: salience.round().clamp(1.0, 100.0) as u8,
            known: true,
            mentions: count.own.iter().filter_map(|&place| mention(resolver, company, place)).collect(),
        });
        add_divisions(resolver, company, count, total, title_speaks, &mut tags);
    }
    add_credits(resolver, article, &roles, &mut tags);
    add_rejected(resolver, &mut tags);
    unknown::add(resolver, &mut tags);
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

fn count(resolver: &Resolver<'_, '_>, roles: &Roles) -> HashMap<u32, Count> {
    let mut counts: HashMap<u32, Count> = HashMap::new();
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
            count.lead_deal |= role == MentionRole::Dealt;
        } else if word < second {
            count.second = true;
        }
    }
    counts
}

/// "The company", "the e-commerce giant": count for the company that was named last, or that it paraphrases.
fn add_paraphrases(resolver: &Resolver<'_, '_>, counts: &mut HashMap<u32, Count>) {
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
fn outlets_that_are_told_of(resolver: &Resolver<'_, '_>, counts: &HashMap<u32, Count>) -> Vec<u32> {
    counts
        .iter()
        .filter(|(id, count)| {
            let told = count.mentions().saturating_sub(count.cited + count.published);
            is_outlet(resolver, **id)
                && (count.title_event && told >= 2 || told >= 4 && told > count.cited && count.lead)
        })
        .map(|(id, _)| *id)
        .collect()
}

fn salience(count: &Count, total: f32, title_speaks: bool, has_title: bool, front_speaks: bool) -> f32 {
    let weight = count.weight();
    let share = if total > 0.0 { (weight / total).min(1.0) } else { 0.0 };
    // Where the headline names nobody, the lead stands in for it.
    let (title, lead) = if title_speaks {
        (TITLE_POINTS, LEAD_POINTS)
    } else {
        (0.0, LEAD_POINTS + if has_title { TITLE_POINTS * 0.6 } else { TITLE_POINTS })
    };
    let mut points = SHARE_POINTS * share + COUNT_POINTS * (weight / (weight + 3.0));
    if count.title {
        points += if count.title_event { title } else { title * 0.3 };
    }
    if count.lead {
        points += if count.lead_event { lead } else { lead * 0.3 };
        if count.lead_deal && !count.title_event {
            points += DEAL_POINTS;
        }
    } else if count.second {
        // Where not even the lead names a company, what follows it does its work.
        points += if front_speaks || share < 0.3 { SECOND_POINTS } else { lead };
    }
    points.min(100.0)
}

/// What a company does, from where it stands and how it compares with the one that the article is most about.
fn role(count: &Count, points: f32, top: f32) -> Role {
    let front = count.title_event || count.lead_event;
    let only_compared = count.compared >= count.mentions();
    let threshold = f32::from(ABOUT_THRESHOLD);
    if only_compared && !count.title_event {
        Role::Peer
    } else if points >= top && (points >= threshold * 0.8 || front)
        || points >= threshold && points >= top * 0.75
    {
        Role::Subject
    } else if points >= threshold || front && (count.title_event || count.dealt > 0) || count.dealt >= 2 {
        Role::Partner
    } else {
        Role::Peer
    }
}

fn add_divisions(
    resolver: &Resolver<'_, '_>,
    company: &Company,
    count: &Count,
    total: f32,
    title_speaks: bool,
    tags: &mut Tags,
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
        let mut points = COUNT_POINTS * (weight / (weight + 3.0));
        if total > 0.0 {
            points += SHARE_POINTS * (weight / total).min(1.0);
        }
        if title {
            points += TITLE_POINTS;
        }
        if in_lead {
            points += LEAD_POINTS + if title_speaks { 0.0 } else { TITLE_POINTS * 0.6 };
        }
        tags.divisions.push(DivisionTag {
            path: format!("{}/{}", company.id, division.id),
            name: division.name.clone(),
            salience: points.round().clamp(1.0, 100.0) as u8,
            mentions: group.iter().filter_map(|&(_, place)| mention(resolver, company, place)).collect(),
        });
    }
}

/// Outlets that the decoder found credited or publishing, known or not.
fn add_credits(resolver: &Resolver<'_, '_>, article: &Article, roles: &Roles, tags: &mut Tags) {
    for credit in article.cites.iter().take(MAX_CREDITS) {
        add_credit(resolver, credit, Role::Cited, tags);
    }
    if let Some(publisher) = &article.publisher {
        add_credit(resolver, publisher, Role::Publisher, tags);
    }
    if let Some(id) = roles.source
        && let Some(company) = resolver.gazetteer.company_at(id as usize)
        && tags.companies.iter().all(|tag| tag.id != company.id)
    {
        tags.companies.push(CompanyTag {
            id: company.id.clone(),
            name: company.name.clone(),
            role: Role::Publisher,
            salience: PUBLISHER_SALIENCE,
            known: true,
            mentions: Vec::new(),
        });
    }
}

fn add_credit(resolver: &Resolver<'_, '_>, credit: &Citation, role: Role, tags: &mut Tags) {
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
        rule: role.as_str().to_owned(),
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
    tags.companies.push(CompanyTag {
        name: company.map_or(named, |company| company.name.as_str()).to_owned(),
        id,
        role,
        salience: if role == Role::Cited { CITED_CAP as u8 / 2 } else { PUBLISHER_SALIENCE },
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
    Some(Mention { field: field(candidate), start, end, text: text.to_owned(), rule: rule.to_owned() })
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
