//! Bytes to text: which character set a record is written in.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

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
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Decoded { text: Cow::Borrowed(text), charset: UTF_8.name(), replaced: 0 };
    }
    let declared = declared.and_then(|label| Encoding::for_label(label.trim().as_bytes()));
    if let Some(charset) = declared.filter(|charset| *charset != UTF_8) {
        return with(charset, bytes);
    }
    // A text that is UTF-8 but for a few broken places is that, and not some other set in which everything else would
    // be wrong.
    let lossy = with(UTF_8, bytes);
    let foreign = bytes.iter().filter(|byte| !byte.is_ascii()).count();
    if declared == Some(UTF_8) || lossy.replaced * 8 < foreign {
        return lossy;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let guessed = detector.guess(None, Utf8Detection::Deny);
    let found = with(guessed, bytes);
    // windows-1252 maps every byte to something, so it is what is left when a guess was wrong.
    if found.replaced > 0 { with(WINDOWS_1252, bytes) } else { found }
}

/// The character set that the first line of an XML document names.
pub fn declared_in_xml(bytes: &[u8]) -> Option<&str> {
    let head = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let head = head.strip_prefix(b"<?xml")?;
    let head = &head[..memchr::memmem::find(&head[..head.len().min(300)], b"?>")?];
    let value = &head[memchr::memmem::find(head, b"encoding")? + "encoding".len()..];
    let value = value.trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let (quote, value) = value.split_first()?;
    let length = memchr::memchr(*quote, value)?;
    std::str::from_utf8(&value[..length]).ok()
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
