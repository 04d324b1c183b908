//! From the block of a record to what a server sent: the head of the answer, the chunks and packings of its body.

use std::borrow::Cow;
use std::io::{self, Read};

use flate2::bufread::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use httparse::Status;

use super::head::Head;
use crate::source::Limits;

/// A body may become this large, in bytes, whatever its ratio.
const FREE: u64 = 1 << 20;

/// More packings around one another are no server's.
const MAX_PACKINGS: usize = 4;

/// What a server sent, as a reader got it.
#[derive(Debug)]
pub(super) struct Payload<'b> {
    pub(super) bytes: Cow<'b, [u8]>,
    /// The media type with its parameters, as it was declared; empty where it was not.
    pub(super) media_type: String,
    /// Why not all of it is there.
    pub(super) damage: Option<String>,
}

/// Why a block holds no page.
#[derive(Debug, PartialEq)]
pub(super) enum Refused {
    /// The answer had another status than 200.
    Status(u16),
    /// It can't be read.
    Broken(String),
}

/// Reads an HTTP answer.
pub(super) fn of_answer<'b>(block: &'b [u8], limits: &Limits) -> Result<Payload<'b>, Refused> {
    let head = Head::read(block).ok_or_else(|| Refused::Broken("it has no readable HTTP head".to_owned()))?;
    match head.status() {
        Some(200) => {}
        Some(status) => return Err(Refused::Status(status)),
        None => return Err(Refused::Broken("its HTTP head has no status".to_owned())),
    }
    let mut bytes = Cow::Borrowed(&block[head.length..]);
    let mut damage = None;
    // Many archives hold the body as it was read and the fields as they were sent, so what they say is only taken for true
    // where the bytes look so.
    if head.get("Transfer-Encoding").is_some_and(|coding| coding.to_ascii_lowercase().contains("chunked"))
        && let Some((whole, is_whole)) = joined(&bytes)
    {
        bytes = Cow::Owned(whole);
        if !is_whole {
            damage = Some("its body breaks off".to_owned());
        }
    }
    let packings = head.get("Content-Encoding").unwrap_or_default().to_ascii_lowercase();
    let allowed = FREE.saturating_add(limits.max_ratio.saturating_mul(bytes.len() as u64));
    let allowed = allowed.min(limits.max_whole as u64);
    for packing in packings.rsplit(',').map(str::trim).take(MAX_PACKINGS) {
        match unpacked(packing, &bytes, allowed) {
            Ok(None) => {}
            Ok(Some((whole, fault))) => {
                bytes = Cow::Owned(whole);
                damage = damage.or(fault);
            }
            Err(error) => return Err(Refused::Broken(error)),
        }
    }
    let media_type = head.get("Content-Type").unwrap_or_default().to_owned();
    Ok(Payload { bytes, media_type, damage })
}

/// Chunks joined, and whether the last one is there; `None` where there are no chunks.
fn joined(bytes: &[u8]) -> Option<(Vec<u8>, bool)> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    loop {
        let Ok(Status::Complete((skip, length))) = httparse::parse_chunk_size(&bytes[at..]) else {
            return (at > 0).then_some((out, false));
        };
        if length == 0 {
            return Some((out, true));
        }
        let start = at + skip;
        let end = usize::try_from(length).ok().and_then(|length| start.checked_add(length));
        let Some(chunk) = end.and_then(|end| bytes.get(start..end)) else {
            // A text can begin like a length; then hardly anything else is as long as it says.
            let is_chunk = at > 0 || bytes[..skip].ends_with(b"\r\n");
            out.extend_from_slice(&bytes[start..]);
            return is_chunk.then_some((out, false));
        };
        out.extend_from_slice(chunk);
        at = start + chunk.len();
        at += bytes[at..].iter().take(2).take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
    }
}

/// A body unpacked, and what is wrong with its end.
type Whole = (Vec<u8>, Option<String>);

/// Unpacks a body; `None` where it is not packed so.
fn unpacked(packing: &str, bytes: &[u8], allowed: u64) -> Result<Option<Whole>, String> {
    let is_zlib = || {
        matches!(bytes, [first, second, ..]
            if first & 0x0f == 8 && (u16::from(*first) << 8 | u16::from(*second)).is_multiple_of(31))
    };
    let outcome = match packing {
        "gzip" | "x-gzip" if bytes.starts_with(&[0x1f, 0x8b]) => read(MultiGzDecoder::new(bytes), allowed),
        "deflate" if is_zlib() => read(ZlibDecoder::new(bytes), allowed),
        "deflate" => read(DeflateDecoder::new(bytes), allowed),
        "zstd" if bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) => {
            read(zstd::stream::read::Decoder::with_buffer(bytes).map_err(|error| error.to_string())?, allowed)
        }
        "br" => read(brotli_decompressor::Decompressor::new(bytes, 16 << 10), allowed),
        _ => return Ok(None),
    };
    let (whole, error) = outcome;
    if whole.len() as u64 > allowed {
        return Err(format!("its body unpacks to more than {allowed} bytes"));
    }
    // Nothing came out: it was not packed, as these two say in no other way.
    if whole.is_empty() && error.is_some() && matches!(packing, "deflate" | "br") {
        return Ok(None);
    }
    let damage = error.map(|error| format!("its body can't be unpacked to its end: {error}"));
    Ok(Some((whole, damage)))
}

/// Reads what is allowed and a byte more; what came before an error is kept.
fn read(reader: impl Read, allowed: u64) -> (Vec<u8>, Option<io::Error>) {
    let mut out = Vec::new();
    let error = reader.take(allowed + 1).read_to_end(&mut out).err();
    (out, error)
}

#[cfg(test)]
mod tests {
    use super::{Refused, of_answer};
    use crate::source::Limits;
    use flate2::Compression;
    use std::io::Write;

    fn answer(fields: &str, body: &[u8]) -> Vec<u8> {
        [format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{fields}\r\n").as_bytes(), body].concat()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn bodies_come_out_as_they_were_sent() {
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(b"one two").unwrap();
        let mut deflate = flate2::write::DeflateEncoder::new(Vec::new(), Compression::default());
        deflate.write_all(b"one two").unwrap();
        let packed = gzip(b"one two");
        let chunks = [
            format!("{:x}\r\n", 10).as_bytes(),
            &packed[..10],
            format!("\r\n{:X};x=y\r\n", packed.len() - 10).as_bytes(),
            &packed[10..],
            b"\r\n0\r\n\r\n",
        ]
        .concat();
        // "one two" by the reference encoder.
        let brotli = [0x0b, 0x03, 0x80, b'o', b'n', b'e', b' ', b't', b'w', b'o', 0x03];
        for (fields, body) in [
            ("", &b"one two"[..]),
            ("Content-Encoding: gzip\r\n", &packed),
            ("Content-Encoding: deflate\r\n", &zlib.finish().unwrap()),
            ("Content-Encoding: deflate\r\n", &deflate.finish().unwrap()),
            ("Content-Encoding: zstd\r\n", &zstd::bulk::compress(b"one two", 3).unwrap()),
            ("Content-Encoding: br\r\n", &brotli),
            ("Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", &chunks),
            // The body was stored as it was read.
            ("Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", b"one two"),
            ("Content-Encoding: br\r\n", b"one two"),
            ("Content-Encoding: identity, gzip\r\n", &packed),
            ("Content-Encoding: gzip, gzip\r\n", &gzip(&packed)),
        ] {
            let block = answer(fields, body);
            let payload = of_answer(&block, &Limits::default()).unwrap();
            assert_eq!((&*payload.bytes, payload.damage), (&b"one two"[..], None), "{fields} {body:?}");
        }
    }

    #[test]
    fn what_breaks_off_gives_what_it_holds() {
        let text: String = (0..5000).map(|number| number.to_string()).collect();
        let packed = gzip(text.as_bytes());
        for (fields, body) in [
            ("Transfer-Encoding: chunked\r\n", &b"3\r\n012\r\n10\r\n3456"[..]),
            ("Transfer-Encoding: chunked\r\n", b"3\r\n012\r\nnonsense"),
            ("Content-Encoding: gzip\r\n", &packed[..packed.len() / 2]),
        ] {
            let block = answer(fields, body);
            let payload = of_answer(&block, &Limits::default()).unwrap();
            assert!(payload.bytes.starts_with(b"012"), "{fields}");
            assert!(payload.damage.is_some(), "{fields}");
        }
    }

    #[test]
    fn bombs_and_other_answers_are_refused() {
        let block = answer("Content-Encoding: gzip\r\n", &gzip(&vec![0; 64 << 20]));
        assert!(matches!(of_answer(&block, &Limits::default()), Err(Refused::Broken(_))));
        let status = |text: &[u8]| of_answer(text, &Limits::default()).unwrap_err();
        assert_eq!(status(b"HTTP/1.0 404 Not Found\r\n\r\nno"), Refused::Status(404));
        assert!(matches!(status(b"HTTP/1.0\r\n\r\nno"), Refused::Broken(_)));
        assert!(matches!(status(b"<p>"), Refused::Broken(_)));
    }
}
