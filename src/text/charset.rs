//! Bytes to text: which character set a record is written in.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, ISO_2022_JP, UTF_8 as UTF_8_SET, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Name of the set in which everything is kept.
pub const UTF_8: &str = "UTF-8";

/// A text and how it was read.
#[derive(Debug, PartialEq, Eq)]
pub struct Decoded<'b> {
    /// The text.
    pub text: Cow<'b, str>,
    /// Name of the character set, e.g. `UTF-8`, `windows-1252`.
    pub charset: &'static str,
    /// Sequences that meant nothing in it and stand as U+FFFD.
    pub replaced: usize,
}

/// Reads bytes as text: a byte-order mark decides, else what is declared, else UTF-8 where the bytes are that, else what
/// they look like.
///
/// A declaration that contradicts valid UTF-8 with characters beyond ASCII is taken for a mistake of the page's template.
pub fn decode<'b>(bytes: &'b [u8], declared: Option<&str>) -> Decoded<'b> {
    if let Some((charset, mark)) = Encoding::for_bom(bytes) {
        return with(charset, &bytes[mark..]);
    }
    // Markup in UTF-16 without a mark is valid UTF-8 as well, full of NULs.
    if let Some(charset) = utf_16_by_look(bytes) {
        return with(charset, bytes);
    }
    let declared = declared.and_then(|label| Encoding::for_label(label.trim().as_bytes()));
    // So is the one set that says everything in seven bits.
    if declared == Some(ISO_2022_JP) && bytes.contains(&0x1B) {
        return with(ISO_2022_JP, bytes);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Decoded { text: Cow::Borrowed(text), charset: UTF_8, replaced: 0 };
    }
    if let Some(charset) = declared.filter(|charset| *charset != UTF_8_SET) {
        return with(charset, bytes);
    }
    // A text that is UTF-8 but for a few broken places is that, and not some other set in which everything else would
    // be wrong.
    let lossy = with(UTF_8_SET, bytes);
    let foreign = bytes.iter().filter(|byte| !byte.is_ascii()).count();
    if declared == Some(UTF_8_SET) || lossy.replaced * 8 < foreign {
        return lossy;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let guessed = detector.guess(None, Utf8Detection::Deny);
    let found = with(guessed, bytes);
    // windows-1252 maps every byte to something, so it is what is left when a guess was wrong.
    if found.replaced > 0 { with(WINDOWS_1252, bytes) } else { found }
}

/// The label behind the first `charset=` of a media type or of the beginning of a page.
pub fn named_in(bytes: &[u8]) -> Option<String> {
    let lower = bytes.to_ascii_lowercase();
    let at = memchr::memmem::find(&lower, b"charset=")? + "charset=".len();
    let label: String = lower[at..]
        .iter()
        .map(|byte| char::from(*byte))
        .skip_while(|letter| matches!(letter, '"' | '\'' | ' '))
        .take_while(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | ':'))
        .collect();
    (!label.is_empty()).then_some(label)
}

fn utf_16_by_look(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes {
        [b'<', 0, second, 0, ..] if *second != 0 => Some(UTF_16LE),
        [0, b'<', 0, second, ..] if *second != 0 => Some(UTF_16BE),
        _ => None,
    }
}

fn with<'b>(charset: &'static Encoding, bytes: &'b [u8]) -> Decoded<'b> {
    let (text, has_errors) = charset.decode_without_bom_handling(bytes);
    let replaced = if has_errors { text.matches('\u{FFFD}').count() } else { 0 };
    Decoded { text, charset: charset.name(), replaced }
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn marks_declarations_and_guesses() {
        for (bytes, declared, text, charset, replaced) in [
            (&b"plain"[..], None, "plain", "UTF-8", 0),
            ("Nestlé".as_bytes(), None, "Nestlé", "UTF-8", 0),
            (b"\xEF\xBB\xBFNestl\xC3\xA9", Some("windows-1252"), "Nestlé", "UTF-8", 0),
            (b"\xFF\xFEa\0b\0", None, "ab", "UTF-16LE", 0),
            (b"Nestl\xE9 \x93cuts\x94", Some("iso-8859-1"), "Nestlé “cuts”", "windows-1252", 0),
            (
                b"Nestl\xE9 annonce la suppression de postes, a d\xE9clar\xE9 le groupe",
                None,
                "Nestlé annonce la suppression de postes, a déclaré le groupe",
                "windows-1252",
                0,
            ),
            ("Nestlé".as_bytes(), Some("windows-1252"), "Nestlé", "UTF-8", 0),
            (b"ok \xFF broken", Some("utf-8"), "ok \u{FFFD} broken", "UTF-8", 1),
            (b"", None, "", "UTF-8", 0),
            (b"x", Some("no-such-set"), "x", "UTF-8", 0),
        ] {
            let decoded = decode(bytes, declared);
            assert_eq!(
                (&*decoded.text, decoded.charset, decoded.replaced),
                (text, charset, replaced),
                "{bytes:?}"
            );
        }
        let mostly_utf8 = [b"caf\xC3\xA9 ".repeat(20), b"\xE9".to_vec()].concat();
        let decoded = decode(&mostly_utf8, None);
        assert_eq!((decoded.charset, decoded.replaced), ("UTF-8", 1));
    }
}
