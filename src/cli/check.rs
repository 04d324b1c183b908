//! `dateline check`: whether an index is what was written, and what it costs where it is not.

use super::args::{CheckArgs, Format, When};
use super::progress::grouped;
use super::report::{self, status};
use super::terminal::clean;
use super::{interrupt, print, print_json};
use crate::error::Result;
use crate::index::check::{Checkup, Damage, Depth, check};

pub(super) fn run(args: &CheckArgs, when: When) -> Result<u8> {
    let depth = if args.deep { Depth::Content } else { Depth::Lengths };
    let found = check(&args.at.index, depth, &interrupt::flag())?;
    match args.print.format() {
        Format::Human => print(when, &text(&found))?,
        Format::Json => print_json(when, &found)?,
    }
    if found.damage.is_empty() {
        return Ok(status::DONE);
    }
    report::note(when, "dateline repair builds the index anew, from its sources and what can still be read");
    Ok(status::DAMAGED)
}

fn text(found: &Checkup) -> String {
    let mut out = String::new();
    for damage in &found.damage {
        out.push_str(&format!("{}\n", line(damage)));
        if !damage.ids.is_empty() {
            out.push_str(&format!("  {}\n", ids(&damage.ids, damage.articles)));
        }
    }
    let looked = if found.is_deep {
        "every byte and every article was read"
    } else {
        "names and lengths were compared"
    };
    let damaged = match found.damage.len() {
        0 => "no damage".to_owned(),
        1 => "1 file damaged".to_owned(),
        number => format!("{} files damaged", grouped(number as u64)),
    };
    let articles = if found.articles == 1 { "article" } else { "articles" };
    out.push_str(&format!("{} {articles}: {looked}, {damaged}\n", grouped(found.articles)));
    out
}

/// Ids that are named before the rest is only counted.
const IDS_SHOWN: usize = 20;

/// The first ids of so many articles.
pub(super) fn ids(ids: &[String], articles: u64) -> String {
    if ids.is_empty() {
        return "which ones can't be told".to_owned();
    }
    let mut text = ids.iter().take(IDS_SHOWN).map(|id| clean(id)).collect::<Vec<_>>().join(", ");
    let more = articles.saturating_sub(ids.len().min(IDS_SHOWN) as u64);
    if more > 0 {
        text.push_str(&format!(" and {} more", grouped(more)));
    }
    text
}

/// A damaged file in one line.
pub(super) fn line(damage: &Damage) -> String {
    let articles = match damage.articles {
        0 => String::new(),
        1 => "1 article: ".to_owned(),
        number => format!("{} articles: ", grouped(number)),
    };
    clean(&format!("{}: {}; {articles}{}", damage.file, damage.reason, damage.cost))
}

#[cfg(test)]
mod tests {
    use super::ids;

    #[test]
    fn only_the_first_ids_are_named() {
        let all: Vec<String> = (0..30).map(|number| format!("a{number}")).collect();
        assert_eq!(ids(&all[..2], 2), "a0, a1");
        assert_eq!(ids(&all[..2], 1_002), "a0, a1 and 1,000 more");
        let long = ids(&all, 30);
        assert!(long.starts_with("a0, a1, ") && long.ends_with("a19 and 10 more"), "{long}");
        assert_eq!(ids(&[], 3), "which ones can't be told");
    }
}
