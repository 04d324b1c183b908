//! Stemming: inflections of a word under one form (Snowball's English stemmer), British spellings under American ones.

use std::borrow::Cow;

use frostem::{Algorithm, Stemmer};

/// Stems folded words.
pub struct EnglishStemmer(Stemmer);

impl Default for EnglishStemmer {
    fn default() -> Self {
        Self::new()
    }
}

impl EnglishStemmer {
    /// A stemmer; cheap to make.
    pub fn new() -> Self {
        Self(Stemmer::new(Algorithm::English))
    }

    /// The stem of a folded word. Words of three letters and fewer stand for themselves (`AWS` is no plural), and so
    /// does whatever holds a digit or a sign.
    pub fn stem<'w>(&self, word: &'w str) -> Cow<'w, str> {
        if word.len() <= 3 || !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return Cow::Borrowed(word);
        }
        match with_z(word) {
            Some(spelling) => Cow::Owned(self.0.stem(&spelling).into_owned()),
            None => american(self.0.stem(word)),
        }
    }
}

/// Endings of verbs in -ise and what is made of them; -yse has the same.
const ISE: &[&str] = &["ise", "ised", "ises", "iser", "isers", "ising", "isation", "isations", "isational"];
const YSE: &[&str] = &["lyse", "lysed", "lyses", "lyser", "lysers", "lysing"];

/// What such verbs are made from ends so: realise, polarise, organise. "Promise", "exercise" and "advise" are others.
const MADE_FROM: &[&str] = &[
    "al", "an", "ar", "at", "en", "er", "et", "ic", "id", "il", "im", "in", "it", "nom", "ol", "on", "or",
    "tom", "ul", "yl",
];

/// A word in -ise or -yse with its z; Snowball knows the suffix in that spelling alone.
fn with_z(word: &str) -> Option<String> {
    let (base, ending) = ISE
        .iter()
        .filter_map(|ending| word.strip_suffix(ending).map(|base| (base, *ending)))
        .find(|(base, _)| {
            base.len() >= 4 && *base != "treat" && MADE_FROM.iter().any(|end| base.ends_with(end))
        })
        .or_else(|| YSE.iter().find_map(|ending| word.strip_suffix(ending).map(|base| (base, *ending))))?;
    Some(format!("{base}{}", ending.replacen('s', "z", 1)))
}

/// A stem in its American spelling.
fn american(stem: Cow<'_, str>) -> Cow<'_, str> {
    let whole = match &*stem {
        "centr" => "center",
        "theatr" => "theater",
        "metr" => "meter",
        "litr" => "liter",
        "fibr" => "fiber",
        "defenc" => "defens",
        "offenc" => "offens",
        "licenc" => "licens",
        // "Four", "hour", "flour" and "tour" are no British spellings.
        other => match other.strip_suffix("our") {
            Some(base) if base.len() >= 3 => return Cow::Owned(format!("{base}or")),
            _ => return stem,
        },
    };
    Cow::Borrowed(whole)
}

#[cfg(test)]
mod tests {
    use super::EnglishStemmer;

    #[test]
    fn stems() {
        let stemmer = EnglishStemmer::new();
        for (word, stem) in [
            ("layoffs", "layoff"),
            ("restructuring", "restructur"),
            ("aws", "aws"),
            ("jobs", "job"),
            ("at&t", "at&t"),
            ("9000", "9000"),
            ("кризис", "кризис"),
            ("four", "four"),
            ("promised", "promis"),
            ("revise", "revis"),
        ] {
            assert_eq!(stemmer.stem(word), stem, "{word}");
        }
    }

    #[test]
    fn both_spellings_have_one_stem() {
        let stemmer = EnglishStemmer::new();
        for (british, american) in [
            ("organisations", "organizations"),
            ("privatised", "privatized"),
            ("labour", "labor"),
            ("favourable", "favorable"),
            ("behaviour", "behavior"),
            ("centres", "centers"),
            ("defence", "defense"),
            ("analysing", "analyzing"),
        ] {
            assert_eq!(stemmer.stem(british), stemmer.stem(american), "{british}");
        }
    }
}
