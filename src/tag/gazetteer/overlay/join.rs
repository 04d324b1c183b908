//! One company out of two lines: what a line adds and takes away, and what goes over when two companies become one.

use super::super::read::{DivisionLine, Findings, Line, check_id};
use super::super::{Company, Division};
use crate::text::edit_distance;

/// Adds the lists of an overlay line to a company; single values replace, divisions are joined by id. A name that
/// the overlay calls strong leaves the weak list, and the other way round.
pub(super) fn extend(mut company: Company, line: Line, findings: &mut Findings) -> Company {
    company.weak.retain(|name| !line.aliases.contains(name));
    company.aliases.retain(|name| !line.weak.contains(name));
    rename(&mut company.name, line.name, &mut company.aliases, &mut company.weak);
    company.kind = line.kind.unwrap_or(company.kind);
    company.sector = line.sector.or(company.sector);
    company.industry = line.industry.or(company.industry);
    company.country = line.country.or(company.country);
    for (into, from) in [
        (&mut company.legal, line.legal),
        (&mut company.aliases, line.aliases),
        (&mut company.weak, line.weak),
        (&mut company.familiar, line.familiar),
        (&mut company.tickers, line.tickers),
        (&mut company.people, line.people),
        (&mut company.epithets, line.epithets),
        (&mut company.domains, line.domains),
        (&mut company.cues, line.cues),
        (&mut company.veto, line.veto),
        (&mut company.former_ids, line.former_ids),
    ] {
        append(into, from);
    }
    append(&mut company.former, line.former);
    let former = company.former.len();
    company.former.retain(|former| !line.drop.contains(&former.name));
    let dropped_former = former > company.former.len();
    let lists = [
        &mut company.legal,
        &mut company.aliases,
        &mut company.weak,
        &mut company.familiar,
        &mut company.tickers,
        &mut company.people,
        &mut company.epithets,
        &mut company.domains,
        &mut company.cues,
        &mut company.veto,
    ];
    drop_from(lists, &line.drop, &company.name, &company.id, dropped_former, findings);
    for division in line.divisions {
        extend_division(&mut company, division, findings);
    }
    company
}

fn extend_division(company: &mut Company, line: DivisionLine, findings: &mut Findings) {
    let path = format!("{}/{}", company.id, line.id);
    let Some(place) = company.divisions.iter().position(|known| known.id == line.id) else {
        if line.remove {
            findings.warning(
                format!("there is no division `{path}` to remove"),
                division_hint(company, &line.id),
            );
        } else if line.rename.is_some() || !line.drop.is_empty() {
            let verb = if line.rename.is_some() { "rename" } else { "drop names of" };
            findings
                .error(format!("there is no division `{path}` to {verb}"), division_hint(company, &line.id));
        } else {
            company.divisions.push(line.into_division());
        }
        return;
    };
    if line.remove {
        company.divisions.remove(place);
        return;
    }
    if let Some(new) = &line.rename
        && *new != line.id
        && company.divisions.iter().any(|other| other.id == *new)
    {
        let reason = format!("`{path}` can't become `{new}`, which is another division");
        findings.error(reason, "remove one of them and add its names to the other");
        return;
    }
    let Some(known) = company.divisions.get_mut(place) else { return };
    known.weak.retain(|name| !line.aliases.contains(name));
    known.aliases.retain(|name| !line.weak.contains(name));
    rename(&mut known.name, line.name, &mut known.aliases, &mut known.weak);
    known.kind = line.kind.unwrap_or(known.kind);
    append(&mut known.aliases, line.aliases);
    append(&mut known.weak, line.weak);
    append(&mut known.familiar, line.familiar);
    append(&mut known.cues, line.cues);
    append(&mut known.veto, line.veto);
    append(&mut known.former_ids, line.former_ids);
    known.since = line.since.or(known.since.take());
    known.until = line.until.or(known.until.take());
    let lists = [&mut known.aliases, &mut known.weak, &mut known.familiar, &mut known.cues, &mut known.veto];
    drop_from(lists, &line.drop, &known.name, &path, false, findings);
    if let Some(new) = line.rename.filter(|new| *new != line.id) {
        check_id(&new, "new", findings);
        known.id = new;
        append(&mut known.former_ids, vec![line.id]);
    }
}

fn division_hint(company: &Company, id: &str) -> String {
    let near = company.divisions.iter().map(|known| (edit_distance(&known.id, id), &known.id)).min();
    match near {
        Some((distance, near)) if distance <= 2 => format!("did you mean `{near}`?"),
        _ => format!("`dateline companies {}` shows its divisions", company.id),
    }
}

/// Gives a new display name. The old one stays a name, as far as it was one to be trusted.
fn rename(name: &mut String, new: String, aliases: &mut Vec<String>, weak: &mut Vec<String>) {
    if new.is_empty() || new == *name {
        return;
    }
    let old = std::mem::replace(name, new);
    keep_name(old, aliases, weak);
}

/// Keeps what was a display name among the other names: one of a few letters stays as doubtful as it was.
fn keep_name(name: String, aliases: &mut Vec<String>, weak: &mut Vec<String>) {
    if aliases.contains(&name) || weak.contains(&name) {
        return;
    }
    let is_short = name.chars().filter(|letter| letter.is_alphanumeric()).count() < 4;
    if is_short { weak.push(name) } else { aliases.push(name) }
}

/// Takes texts out of lists. What is in none of them was meant to be somewhere.
fn drop_from<const N: usize>(
    mut lists: [&mut Vec<String>; N],
    dropped: &[String],
    display: &str,
    path: &str,
    is_found: bool,
    findings: &mut Findings,
) {
    for text in dropped {
        if text == display {
            findings.error(
                format!("`{text}` is the display name of `{path}` and can't be dropped"),
                "give it another `name` on the same line",
            );
            continue;
        }
        let mut found = is_found;
        for list in &mut lists {
            let before = list.len();
            list.retain(|known| known != text);
            found |= list.len() < before;
        }
        if !found {
            findings.warning(
                format!("`{path}` has no `{text}` to drop"),
                "names are compared letter by letter, as `dateline companies NAME` shows them",
            );
        }
    }
}

/// Two companies as one: everything of the part goes over, single values only where the whole has none.
pub(super) fn unite(mut whole: Company, part: Company) -> Company {
    // A name that the whole's division has already leads to the whole as it is.
    let taken: Vec<String> = whole
        .divisions
        .iter()
        .flat_map(|division| std::iter::once(&division.name).chain(&division.aliases).chain(&division.weak))
        .cloned()
        .collect();
    let free = |names: Vec<String>| -> Vec<String> {
        names.into_iter().filter(|name| !taken.contains(name)).collect()
    };
    let mut weak = part.weak;
    let mut aliases = part.aliases;
    keep_name(part.name, &mut aliases, &mut weak);
    // The company's own names are as trustworthy as they were.
    let known =
        |name: &String| *name == whole.name || whole.aliases.contains(name) || whole.weak.contains(name);
    aliases.retain(|name| !known(name));
    weak.retain(|name| !known(name));
    append(&mut whole.aliases, free(aliases));
    append(&mut whole.weak, free(weak));
    for (into, from) in [
        (&mut whole.familiar, part.familiar),
        (&mut whole.legal, part.legal),
        (&mut whole.tickers, part.tickers),
        (&mut whole.people, part.people),
        (&mut whole.epithets, part.epithets),
        (&mut whole.domains, part.domains),
        (&mut whole.cues, part.cues),
        (&mut whole.veto, part.veto),
        (&mut whole.former_ids, part.former_ids),
    ] {
        append(into, from);
    }
    append(&mut whole.former_ids, vec![part.id]);
    append(&mut whole.former, part.former);
    whole.sector = whole.sector.or(part.sector);
    whole.industry = whole.industry.or(part.industry);
    whole.country = whole.country.or(part.country);
    for division in part.divisions {
        match whole.divisions.iter_mut().find(|known| known.id == division.id) {
            Some(known) => unite_divisions(known, division),
            None => whole.divisions.push(division),
        }
    }
    whole
}

fn unite_divisions(whole: &mut Division, part: Division) {
    let (mut aliases, mut weak) = (part.aliases, part.weak);
    keep_name(part.name, &mut aliases, &mut weak);
    aliases.retain(|name| *name != whole.name && !whole.weak.contains(name));
    weak.retain(|name| *name != whole.name && !whole.aliases.contains(name));
    append(&mut whole.aliases, aliases);
    append(&mut whole.weak, weak);
    append(&mut whole.familiar, part.familiar);
    append(&mut whole.cues, part.cues);
    append(&mut whole.veto, part.veto);
    append(&mut whole.former_ids, part.former_ids);
    // It belonged to one of both for as long as it belonged to either.
    whole.since = whole.since.take().zip(part.since).map(|(left, right)| left.min(right));
    whole.until = whole.until.take().zip(part.until).map(|(left, right)| left.max(right));
}

/// Adds what is not there yet.
pub(super) fn append<T: PartialEq>(into: &mut Vec<T>, from: Vec<T>) {
    for item in from {
        if !into.contains(&item) {
            into.push(item);
        }
    }
}
