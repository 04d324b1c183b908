//! Facets: from counts by value to the values that are shown.

use std::collections::HashMap;

use super::tally::{FacetCounts, Level};
use super::{FacetField, FacetRequest, FacetValue, Searcher};
use crate::error::Result;
use crate::query::NameField;
use crate::tag::{Gazetteer, unknown_label};

impl Searcher {
    /// The values of a facet, those that most articles have first.
    pub(super) fn facet(&self, request: &FacetRequest, counts: &FacetCounts) -> Result<Vec<FacetValue>> {
        let unknown = FacetValue {
            path: None,
            label: "unknown".to_owned(),
            count: counts.unknown,
            children: Vec::new(),
        };
        let mut values = match request.field {
            FacetField::Year | FacetField::Month | FacetField::Day => dates(request, counts),
            FacetField::Company => companies(request, counts, &*self.index.gazetteer()?),
            FacetField::Division => {
                let gazetteer = self.index.gazetteer()?;
                largest(counts.values(Level::Divisions), request.limit, |path| label(&gazetteer, path))
            }
            FacetField::About => {
                let gazetteer = self.index.gazetteer()?;
                largest(counts.values(Level::All), request.limit, |path| label(&gazetteer, path))
            }
            FacetField::Source | FacetField::Author | FacetField::Subject => {
                spelled(counts.values(Level::All), request.limit)
            }
            FacetField::Topic | FacetField::Lang => {
                largest(counts.values(Level::All), request.limit, str::to_owned)
            }
        };
        if unknown.count > 0 {
            values.push(unknown);
        }
        Ok(values)
    }
}

/// The field whose filter a facet ignores.
pub(super) fn name_field(facet: FacetField) -> Option<NameField> {
    Some(match facet {
        FacetField::Company => NameField::Company,
        FacetField::Division => NameField::Division,
        FacetField::About => NameField::About,
        FacetField::Topic => NameField::Topic,
        FacetField::Source => NameField::Source,
        FacetField::Author => NameField::Author,
        FacetField::Subject => NameField::Subject,
        FacetField::Lang => NameField::Lang,
        FacetField::Year | FacetField::Month | FacetField::Day => return None,
    })
}

fn label(gazetteer: &Gazetteer, path: &str) -> String {
    gazetteer
        .label(path)
        .map(str::to_owned)
        .or_else(|| unknown_label(path))
        .unwrap_or_else(|| path.to_owned())
}

/// The most frequent values, equal ones by name.
fn largest(mut values: Vec<(&str, u64)>, limit: usize, label: impl Fn(&str) -> String) -> Vec<FacetValue> {
    let order =
        |left: &(&str, u64), right: &(&str, u64)| right.1.cmp(&left.1).then_with(|| left.0.cmp(right.0));
    if limit < values.len() {
        values.select_nth_unstable_by(limit, order);
        values.truncate(limit);
    }
    values.sort_unstable_by(order);
    values
        .into_iter()
        .map(|(path, count)| FacetValue {
            label: label(path),
            path: Some(path.to_owned()),
            count,
            children: Vec::new(),
        })
        .collect()
}

/// Companies with their divisions under them.
fn companies(request: &FacetRequest, counts: &FacetCounts, gazetteer: &Gazetteer) -> Vec<FacetValue> {
    let mut shown = largest(counts.values(Level::Whole), request.limit, |path| label(gazetteer, path));
    let divisions = counts.values(Level::Divisions);
    for company in &mut shown {
        let start = format!("{}/", company.path.as_deref().unwrap_or_default());
        // They are in order.
        let from = divisions.partition_point(|(path, _)| *path < start.as_str());
        let under = divisions[from..].iter().take_while(|(path, _)| path.starts_with(&start));
        company.children = largest(under.copied().collect(), usize::MAX, |path| label(gazetteer, path));
    }
    shown
}

/// Names that differ in case or accents are one; the most frequent spelling is shown.
fn spelled(values: Vec<(&str, u64)>, limit: usize) -> Vec<FacetValue> {
    let mut by_name: HashMap<String, (u64, &str, u64)> = HashMap::new();
    for (spelling, count) in values {
        let entry = by_name.entry(crate::text::fold_name(spelling)).or_default();
        entry.0 += count;
        if count > entry.2 || (count == entry.2 && spelling < entry.1) {
            (entry.1, entry.2) = (spelling, count);
        }
    }
    let counts = by_name.iter().map(|(name, (count, ..))| (name.as_str(), *count)).collect();
    largest(counts, limit, |name| by_name.get(name).map_or(name, |(_, spelling, _)| spelling).to_owned())
}

/// Periods in order. Where there are more than asked for the latest are kept.
fn dates(request: &FacetRequest, counts: &FacetCounts) -> Vec<FacetValue> {
    let mut periods: Vec<(String, u64)> = Vec::new();
    for (day, count) in &counts.days {
        let name = day_name(*day, request.field);
        match periods.last_mut() {
            Some((last, total)) if *last == name => *total += count,
            _ => periods.push((name, *count)),
        }
    }
    let from = periods.len().saturating_sub(request.limit);
    periods
        .split_off(from)
        .into_iter()
        .map(|(name, count)| FacetValue {
            label: name.clone(),
            path: Some(name),
            count,
            children: Vec::new(),
        })
        .collect()
}

/// `2023`, `2023-05` or `2023-05-17` of a day counted from 1970.
pub(super) fn day_name(day: i64, field: FacetField) -> String {
    let date = super::trend::date(day);
    match field {
        FacetField::Year => format!("{:04}", date.year()),
        FacetField::Month => format!("{:04}-{:02}", date.year(), date.month()),
        _ => date.to_string(),
    }
}
