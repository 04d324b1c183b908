//! Character sets: a mark decides, valid UTF-8 stays as it is, and what was written in a set that is declared is read in it.

use dateline::text::charset::{decode, named_in};
use encoding_rs::Encoding;

use crate::text;

/// Sets that pages declare.
const LABELS: [&str; 12] = [
    "windows-1252",
    "iso-8859-2",
    "windows-1251",
    "koi8-r",
    "shift_jis",
    "euc-jp",
    "gbk",
    "gb18030",
    "big5",
    "euc-kr",
    "iso-8859-15",
    "iso-2022-jp",
];

pub fn check(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else { return };
    let label = LABELS[usize::from(*first) % LABELS.len()];
    let _ = named_in(rest);
    for declared in [None, Some(label), Some("utf-8"), Some("no-such-set")] {
        let found = decode(rest, declared);
        assert!(std::str::from_utf8(found.text.as_bytes()).is_ok());
        assert!(found.text.len() <= 3 * rest.len() + 3, "a byte gives at most one character");
        assert!(found.replaced <= found.text.matches('\u{FFFD}').count());
        let rule = match rest {
            [0xEF, 0xBB, 0xBF, ..] => Some(("UTF-8", encoding_rs::UTF_8, 3)),
            [0xFF, 0xFE, ..] => Some(("UTF-16LE", encoding_rs::UTF_16LE, 2)),
            [0xFE, 0xFF, ..] => Some(("UTF-16BE", encoding_rs::UTF_16BE, 2)),
            _ => None,
        };
        if let Some((name, set, mark)) = rule {
            assert_eq!(found.charset, name, "a mark decides");
            assert_eq!(found.text, set.decode_without_bom_handling(&rest[mark..]).0);
        } else if let (Ok(plain), None) = (std::str::from_utf8(rest), declared)
            && found.charset == "UTF-8"
        {
            assert_eq!(found.text, plain);
            assert_eq!(found.replaced, 0);
        }
    }
    // What was written in a set and says so comes back.
    let Some(set) = Encoding::for_label(label.as_bytes()) else { return };
    let written = text(rest);
    let (encoded, _, has_errors) = set.encode(&written);
    let is_own = !has_errors
        && set.decode_without_bom_handling(&encoded) == (written.as_str().into(), false)
        && Encoding::for_bom(&encoded).is_none()
        // Markup in UTF-16 without a mark is told by its look.
        && !encoded.iter().take(4).any(|byte| *byte == 0)
        && std::str::from_utf8(&encoded).is_err();
    if is_own {
        assert_eq!(decode(&encoded, Some(label)).text, written, "{label}");
    }
}
