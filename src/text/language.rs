//! Which language a text is in.

use whatlang::{Detector, Lang};

/// Bytes from the beginning of a text that are looked at.
const LOOKED_AT: usize = 2000;

/// Shorter texts are not judged.
const SHORTEST: usize = 40;

/// The language as ISO 639-1; `None` where the text is too short or could be several.
pub fn detect(text: &str) -> Option<&'static str> {
    let text = &text[..text.floor_char_boundary(LOOKED_AT)];
    if text.trim().len() < SHORTEST {
        return None;
    }
    if super::english::is_english(text) {
        return Some("en");
    }
    let found = Detector::new().detect(text)?;
    if !found.is_reliable() {
        return None;
    }
    Some(iso_639_1(found.lang()))
}

/// A language tag of a record (`en-US`, `en_GB`, `English`) as ISO 639-1.
pub fn normalize(tag: &str) -> Option<String> {
    let first = tag.trim().split(['-', '_']).next().unwrap_or("").to_ascii_lowercase();
    match first.len() {
        2 if first.bytes().all(|byte| byte.is_ascii_lowercase()) => Some(first),
        3 => Lang::from_code(first).map(|lang| iso_639_1(lang).to_owned()),
        _ => Lang::all()
            .iter()
            .find(|lang| lang.eng_name().eq_ignore_ascii_case(&first))
            .map(|lang| iso_639_1(*lang).to_owned()),
    }
}

fn iso_639_1(lang: Lang) -> &'static str {
    match lang {
        Lang::Eng => "en",
        Lang::Deu => "de",
        Lang::Fra => "fr",
        Lang::Spa => "es",
        Lang::Ita => "it",
        Lang::Por => "pt",
        Lang::Nld => "nl",
        Lang::Rus => "ru",
        Lang::Ukr => "uk",
        Lang::Bel => "be",
        Lang::Bul => "bg",
        Lang::Srp => "sr",
        Lang::Mkd => "mk",
        Lang::Hrv => "hr",
        Lang::Slv => "sl",
        Lang::Slk => "sk",
        Lang::Ces => "cs",
        Lang::Pol => "pl",
        Lang::Swe => "sv",
        Lang::Dan => "da",
        Lang::Nob => "nb",
        Lang::Fin => "fi",
        Lang::Est => "et",
        Lang::Lav => "lv",
        Lang::Lit => "lt",
        Lang::Hun => "hu",
        Lang::Ron => "ro",
        Lang::Ell => "el",
        Lang::Tur => "tr",
        Lang::Aze => "az",
        Lang::Uzb => "uz",
        Lang::Tuk => "tk",
        Lang::Ara => "ar",
        Lang::Heb => "he",
        Lang::Yid => "yi",
        Lang::Pes => "fa",
        Lang::Urd => "ur",
        Lang::Hin => "hi",
        Lang::Mar => "mr",
        Lang::Nep => "ne",
        Lang::Ben => "bn",
        Lang::Guj => "gu",
        Lang::Pan => "pa",
        Lang::Tam => "ta",
        Lang::Tel => "te",
        Lang::Kan => "kn",
        Lang::Mal => "ml",
        Lang::Ori => "or",
        Lang::Sin => "si",
        Lang::Mya => "my",
        Lang::Khm => "km",
        Lang::Tha => "th",
        Lang::Vie => "vi",
        Lang::Ind => "id",
        Lang::Jav => "jv",
        Lang::Tgl => "tl",
        Lang::Kat => "ka",
        Lang::Hye => "hy",
        Lang::Amh => "am",
        Lang::Cmn => "zh",
        Lang::Jpn => "ja",
        Lang::Kor => "ko",
        Lang::Cat => "ca",
        Lang::Lat => "la",
        Lang::Epo => "eo",
        Lang::Afr => "af",
        Lang::Zul => "zu",
        Lang::Sna => "sn",
        Lang::Aka => "ak",
        Lang::Cym => "cy",
    }
}

#[cfg(test)]
mod tests {
    use super::{detect, normalize};

    #[test]
    fn languages() {
        for (text, lang) in [
            (
                "Amazon said on Wednesday that it will cut more than 18,000 jobs, most of them in its stores.",
                Some("en"),
            ),
            (
                "Der Konzern will in diesem Jahr rund achttausend Stellen umbauen, wie er am Dienstag mitteilte.",
                Some("de"),
            ),
            (
                "Le groupe a annoncé jeudi une hausse de ses ventes annuelles, portée par les produits de luxe.",
                Some("fr"),
            ),
            ("Amazon", None),
            ("", None),
        ] {
            assert_eq!(detect(text), lang, "{text}");
        }
    }

    #[test]
    fn tags_of_records() {
        for (tag, lang) in [
            ("en-US", Some("en")),
            ("de_AT", Some("de")),
            ("deu", Some("de")),
            ("English", Some("en")),
            ("FR", Some("fr")),
            ("", None),
            ("xx-klingon-123", Some("xx")),
        ] {
            assert_eq!(normalize(tag).as_deref(), lang, "{tag}");
        }
    }
}
