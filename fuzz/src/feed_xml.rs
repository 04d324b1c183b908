//! Feeds, also in UTF-16: never more items than there are beginnings of one, each an article that holds, in linear time.

use dateline::source::Format;

use crate::reading::read;

pub fn check(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else { return };
    let text = match first % 4 {
        1 => wide(rest, u16::to_le_bytes, &[0xFF, 0xFE]),
        2 => wide(rest, u16::to_be_bytes, &[0xFE, 0xFF]),
        _ => rest.to_vec(),
    };
    let format = (first % 8 < 4).then_some(Format::Feed);
    let reading = read("news.rss", format, &text);
    assert_eq!(reading, read("news.rss", format, &text), "reading gives the same again");
    if format.is_some() {
        assert!(reading.records <= 1 + text.iter().filter(|byte| **byte == b'<').count() as u64);
    }
}

fn wide(bytes: &[u8], unit: fn(u16) -> [u8; 2], mark: &[u8]) -> Vec<u8> {
    let units = crate::text(bytes).encode_utf16().flat_map(unit).collect::<Vec<u8>>();
    [mark, &units].concat()
}
