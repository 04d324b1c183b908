//! The names of a byline, without what stands around them: `By A. B. and C. D., Associated Press`.

use super::markup;

/// Longest name, in bytes, and most of one article.
const LONGEST: usize = 100;
const MOST: usize = 50;

/// Words that a byline begins with, in small letters; a colon may follow.
const OPENINGS: [&str; 18] = [
    "by",
    "von",
    "par",
    "por",
    "di",
    "door",
    "analysis by",
    "opinion by",
    "story by",
    "written by",
    "posted by",
    "review by",
    "report by",
    "reported by",
    "words by",
    "text by",
    "author",
    "текст",
];

/// What follows a name without being one.
const TITLES: [&str; 12] = ["jr", "sr", "ph.d", "phd", "m.d", "md", "ii", "iii", "esq", "mba", "j.d", "cfa"];

/// Words of which one shows that a part says what the writer is.
const TRADES: [&str; 13] = [
    "writer",
    "editor",
    "reporter",
    "correspondent",
    "contributor",
    "columnist",
    "producer",
    "analyst",
    "staff",
    "editor-at-large",
    "journalist",
    "redakteur",
    "redacción",
];

/// Agencies and houses whose name stands behind that of a writer.
const HOUSES: [&str; 17] = [
    "ap",
    "associated press",
    "the associated press",
    "reuters",
    "afp",
    "dpa",
    "bloomberg",
    "bloomberg news",
    "cnn",
    "cnn business",
    "bbc news",
    "business insider",
    "usa today",
    "upi",
    "pti",
    "ians",
    "newsroom",
];

/// The names of one byline.
pub(super) fn names(byline: &str) -> Vec<String> {
    all([byline])
}

/// The names of several, each once.
pub(super) fn all<'t>(bylines: impl IntoIterator<Item = &'t str>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for byline in bylines {
        let line = markup::line(byline);
        let line = without_opening(&line);
        let mut is_behind = false;
        let parts = line
            .split([',', ';', '|'])
            .flat_map(|part| part.split(" and "))
            .flat_map(|part| part.split(" & "));
        for name in parts {
            let name = name.trim().trim_start_matches("and ").trim();
            let is_one = !name.is_empty() && name.len() <= LONGEST && name.chars().any(char::is_alphabetic);
            if !is_one || (is_behind && is_addition(name)) || is_title(name) {
                continue;
            }
            is_behind = true;
            if names.len() < MOST && !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
    }
    names
}

fn without_opening(line: &str) -> &str {
    let line = line.trim_start_matches(['|', ' ', '-', '–']);
    for opening in OPENINGS {
        let Some((head, rest)) = line.split_at_checked(opening.len()) else { continue };
        if head.to_lowercase() == opening && rest.starts_with([' ', ':']) {
            return rest.trim_start_matches([':', ' ']);
        }
    }
    line
}

/// Whether it says of the name before it who that is, or when it wrote.
fn is_addition(part: &str) -> bool {
    let lower = part.to_lowercase();
    let is_trade = lower.split([' ', '/']).any(|word| TRADES.contains(&word));
    let is_house = HOUSES.contains(&&*lower) || lower.contains(".com") || lower.contains('@');
    let is_time = lower.chars().any(|letter| letter.is_ascii_digit());
    let is_degree =
        (2..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'.');
    is_trade || is_house || is_time || is_degree
}

fn is_title(part: &str) -> bool {
    TITLES.contains(&part.to_lowercase().trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::{all, names};

    #[test]
    fn bylines() {
        for (byline, expected) in [
            ("By Jane Doe", vec!["Jane Doe"]),
            ("BY: Jane Doe", vec!["Jane Doe"]),
            ("Analysis by Jane Doe, CNN Editor-at-large", vec!["Jane Doe"]),
            ("Jane Doe and John Roe", vec!["Jane Doe", "John Roe"]),
            ("By JANE DOE and JOHN ROE, Associated Press", vec!["JANE DOE", "JOHN ROE"]),
            ("By Jane Doe, AP National Security Writer", vec!["Jane Doe"]),
            ("Jane Doe | jdoe@example.com", vec!["Jane Doe"]),
            ("by Jane Doe | November 18, 2019 12:01 PM", vec!["Jane Doe"]),
            ("Jane Doe, MS, RDN", vec!["Jane Doe"]),
            ("A. Bee, C. Dee, and E. Eff", vec!["A. Bee", "C. Dee", "E. Eff"]),
            ("Jane Doe; John Roe | Staff", vec!["Jane Doe", "John Roe"]),
            ("Sam Anders, Jr.", vec!["Sam Anders"]),
            ("Reuters", vec!["Reuters"]),
            ("Staff Reports", vec!["Staff Reports"]),
            ("Byron Bay", vec!["Byron Bay"]),
            ("", vec![]),
        ] {
            assert_eq!(names(byline), expected, "{byline}");
        }
        assert_eq!(all(["By Jane Doe, CNN", "Jane Doe, CNN", "John Roe"]), ["Jane Doe", "John Roe"]);
    }
}
