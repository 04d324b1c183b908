//! zip, read from the front: each member has a header of its own before it.
//!
//! The list of members stands at the end of an archive, so a reader that goes by it has to jump in the file. What comes in a
//! pipe or in another archive can't be jumped in, and a download that broke off has no end. From the front every byte is read
//! once, so that members that overlap, as in bombs, are no matter. Where a header leaves the size open, as programs
//! write it that send an archive while it is made, the end of the packed data shows it, or the size that follows. The list
//! is only asked which members are links, where there is a file to ask.

mod links;

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read};

use flate2::Crc;
use flate2::bufread::DeflateDecoder;

use super::window::Window;
use super::{Kind, Members, Within};
use crate::error::Result;
use crate::source::Packing;
use crate::source::unpack::{Meter, metered, unpack};

pub(in crate::source) use links::links;

const LOCAL: &[u8] = b"PK\x03\x04";
const DESCRIPTOR: &[u8] = b"PK\x07\x08";

/// Signatures of what follows behind the last member.
const ENDS: [&[u8]; 4] = [b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x08"];

/// How members may be packed.
const STORE: u16 = 0;
const DEFLATE: u16 = 8;
const BZIP2: u16 = 12;
const ZSTD: u16 = 93;
const XZ: u16 = 95;

/// Bytes of a member that are held at a time.
const BUFFER: usize = 16 << 10;

/// Names that a document of an office program or a book begins with, which is a zip archive too.
const DOCUMENTS: [&[u8]; 3] = [b"mimetype", b"[Content_Types].xml", b"_rels/.rels"];

/// What stands before a member.
struct Header {
    flags: u16,
    method: u16,
    crc: u32,
    /// Packed size as it is stated.
    packed: u64,
    name: Vec<u8>,
}

impl Header {
    const ENCRYPTED: u16 = 1;
    const SIZES_FOLLOW: u16 = 1 << 3;

    fn read(window: &mut Window<'_>) -> io::Result<Self> {
        let fixed: [u8; 30] = window.take_array()?;
        let short = |at: usize| u16::from_le_bytes([fixed[at], fixed[at + 1]]);
        let long = |at: usize| u32::from_le_bytes([fixed[at], fixed[at + 1], fixed[at + 2], fixed[at + 3]]);
        let mut name = vec![0; usize::from(short(26))];
        window.read_exact(&mut name)?;
        let mut extra = vec![0; usize::from(short(28))];
        window.read_exact(&mut extra)?;
        let (packed, unpacked) = (long(18), long(22));
        let packed = match packed {
            u32::MAX => zip64(&extra, unpacked == u32::MAX).unwrap_or(u64::from(packed)),
            packed => u64::from(packed),
        };
        Ok(Self { flags: short(6), method: short(8), crc: long(14), packed, name })
    }

    /// Whether nothing but the packed data shows where it ends.
    fn is_open(&self) -> bool {
        self.size().is_none() && self.method == DEFLATE && !self.is(Self::ENCRYPTED)
    }

    fn is(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }

    /// The packed size; `None` where it follows behind the data.
    fn size(&self) -> Option<u64> {
        (!self.is(Self::SIZES_FOLLOW) || self.packed != 0).then_some(self.packed)
    }

    fn kind(&self, is_link: bool) -> Kind {
        if self.name.ends_with(b"/") {
            Kind::Folder
        } else if is_link {
            Kind::Other
        } else {
            Kind::File
        }
    }
}

/// The packed size in the extra field of large members.
fn zip64(mut extra: &[u8], is_unpacked_there: bool) -> Option<u64> {
    while let [a, b, c, d, rest @ ..] = extra {
        let (id, length) = (u16::from_le_bytes([*a, *b]), usize::from(u16::from_le_bytes([*c, *d])));
        let field = rest.get(..length)?;
        if id == 1 {
            let at = if is_unpacked_there { 8 } else { 0 };
            return Some(u64::from_le_bytes(*field.get(at..)?.first_chunk()?));
        }
        extra = &rest[length..];
    }
    None
}

/// Visits all members.
pub(super) fn each(reader: Box<dyn BufRead + '_>, members: &mut Members<'_, '_>) -> Result<io::Result<()>> {
    let mut window = Window::new(reader);
    loop {
        match next(&mut window, members)? {
            Ok(true) => {}
            Ok(false) => return Ok(io::copy(&mut window, &mut io::sink()).map(drop)),
            Err(error) => return Ok(Err(error)),
        }
    }
}

/// Visits the next member; the inner answer is whether there was one.
fn next(window: &mut Window<'_>, members: &mut Members<'_, '_>) -> Result<io::Result<bool>> {
    let position = window.position;
    let signature = match window.peek(4) {
        Ok(signature) => signature,
        Err(error) => return Ok(Err(error)),
    };
    if !signature.starts_with(LOCAL) {
        let is_end = ENDS.iter().any(|end| signature.starts_with(end));
        return Ok(match signature.len() {
            _ if is_end => Ok(false),
            0..4 => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it ends between two members")),
            _ => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("what stands at byte {position} is no member"),
            )),
        });
    }
    let header = match Header::read(window) {
        Ok(header) => header,
        Err(error) => return Ok(Err(error)),
    };
    if position == 0 && DOCUMENTS.contains(&&*header.name) {
        members.read += 1;
        members.sink.skip(None, "unknown-format", "it is an office document or a book, which is not read")?;
        return Ok(io::copy(window, &mut io::sink()).map(|_| false));
    }
    // Positions are those of the file only where the archive is one, and not packed.
    let is_link = members.depth == 0 && members.rules.links.contains(&position);
    let wanted = members.wanted(&header.name, header.kind(is_link))?;
    let refusal = match header.method {
        _ if header.is(Header::ENCRYPTED) => Some(("encrypted", "it is encrypted".to_owned())),
        STORE | DEFLATE | BZIP2 | ZSTD | XZ => None,
        method => {
            Some(("unknown-packing", format!("method {method} of zip, by which it is packed, is not read")))
        }
    };
    let outcome = match (wanted, refusal) {
        (Some(name), None) => member(window, &header, &name, members)?,
        (Some(name), Some((class, reason))) => {
            members.skip(&name, class, reason)?;
            pass(window, &header, &members.rules.meter)
        }
        (None, _) => pass(window, &header, &members.rules.meter),
    };
    Ok(outcome.map(|()| true))
}

/// Reads a member and what follows its data.
fn member(
    window: &mut Window<'_>,
    header: &Header,
    name: &str,
    members: &mut Members<'_, '_>,
) -> Result<io::Result<()>> {
    let (start, is_broken) = (window.position, Cell::new(false));
    let mut data = data(window, header, &is_broken);
    let mut unpacked = match content(header.method, &mut data, &members.rules.meter) {
        Ok(unpacked) => Checked { inner: unpacked, sum: Crc::new() },
        Err(error) => return Ok(Err(error)),
    };
    let is_whole =
        match members.member(name, Box::new(BufReader::with_capacity(BUFFER, &mut unpacked)), &is_broken)? {
            Ok(is_whole) => is_whole,
            Err(error) => return Ok(Err(error)),
        };
    // Where only what is packed says where it ends, it is read to there; else what is left of the data is passed over.
    let is_open = header.is_open();
    let passed = if is_open { io::copy(&mut unpacked, &mut io::sink()) } else { Ok(0) };
    let sum = unpacked.sum.sum();
    drop(unpacked);
    let passed = passed.and_then(|_| if is_open { Ok(0) } else { io::copy(&mut data, &mut io::sink()) });
    drop(data);
    let stated = passed.and_then(|_| behind(window, header, start));
    match stated {
        Ok(stated) if is_whole && stated != sum => {
            members.skip(
                name,
                "damaged",
                "its content is not what the archive's checksum says; it may be damaged",
            )?;
            Ok(Ok(()))
        }
        outcome => Ok(outcome.map(drop).map_err(|error| super::in_member(name, &error))),
    }
}

/// Passes over a member.
fn pass(window: &mut Window<'_>, header: &Header, meter: &Meter) -> io::Result<()> {
    let (start, is_broken) = (window.position, Cell::new(false));
    let mut data = data(window, header, &is_broken);
    if header.is_open() {
        io::copy(&mut content(header.method, &mut data, meter)?, &mut io::sink())?;
    } else {
        io::copy(&mut data, &mut io::sink())?;
    }
    drop(data);
    behind(window, header, start).map(drop)
}

/// The data of a member as it stands there.
fn data<'w>(window: &'w mut Window<'_>, header: &Header, is_broken: &'w Cell<bool>) -> Box<dyn BufRead + 'w> {
    match header.size() {
        Some(size) => Box::new(Within::new(window, size, is_broken)),
        None if header.is_open() => Box::new(Within::new(window, u64::MAX, is_broken)),
        None => Box::new(Sought { window, count: 0, is_broken }),
    }
}

/// What is packed in the data of a member.
fn content<'d>(
    method: u16,
    data: &'d mut (impl BufRead + 'd),
    meter: &Meter,
) -> io::Result<Box<dyn BufRead + 'd>> {
    match method {
        DEFLATE => Ok(metered(DeflateDecoder::new(data), meter)),
        BZIP2 => unpack(Packing::Bzip2, data, meter),
        ZSTD => unpack(Packing::Zstd, data, meter),
        XZ => unpack(Packing::Xz, data, meter),
        _ => Ok(Box::new(data)),
    }
}

/// Sums up what is read.
struct Checked<'d> {
    inner: Box<dyn BufRead + 'd>,
    sum: Crc,
}

impl Read for Checked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.sum.update(&buffer[..count]);
        Ok(count)
    }
}

/// Passes over the sizes that follow the data of a member which began at `start`; gives the checksum.
fn behind(window: &mut Window<'_>, header: &Header, start: u64) -> io::Result<u32> {
    if !header.is(Header::SIZES_FOLLOW) {
        return Ok(header.crc);
    }
    let packed = window.position - start;
    match Descriptor::read(window.peek(Descriptor::LONGEST)?, packed) {
        Some(found) => {
            window.consume(found.length);
            Ok(found.crc)
        }
        None => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "the size that follows it is not that of its data",
        )),
    }
}

/// What follows the data of a member whose size its header leaves open.
struct Descriptor {
    crc: u32,
    length: usize,
}

impl Descriptor {
    /// With the beginning of what comes then.
    const LONGEST: usize = 28;

    /// Reads one behind data of `packed` bytes. It may have a signature, and sizes of four or eight bytes; the size and what
    /// comes then show which.
    fn read(bytes: &[u8], packed: u64) -> Option<Self> {
        let bytes = &bytes[..bytes.len().min(Self::LONGEST)];
        let skip = if bytes.starts_with(DESCRIPTOR) { 4 } else { 0 };
        let fields = &bytes[skip..];
        let crc = u32::from_le_bytes(*fields.first_chunk()?);
        let is_followed = |length: usize| {
            fields.get(length..).is_some_and(|next| next.is_empty() || next.starts_with(b"PK"))
        };
        let short = || fields.get(4..8)?.first_chunk().map(|size| u64::from(u32::from_le_bytes(*size)));
        let long = || fields.get(4..12)?.first_chunk().map(|size| u64::from_le_bytes(*size));
        if long() == Some(packed) && is_followed(20) {
            Some(Self { crc, length: skip + 20 })
        } else if short() == Some(packed & u64::from(u32::MAX)) && is_followed(12) {
            Some(Self { crc, length: skip + 12 })
        } else {
            None
        }
    }
}

/// Data that nothing but the size behind it ends: what is found is a signature and a size that is the number of bytes before.
struct Sought<'w, 'r> {
    window: &'w mut Window<'r>,
    count: u64,
    is_broken: &'w Cell<bool>,
}

impl Read for Sought<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(buffer)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Sought<'_, '_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let count = self.count;
        let available = self.window.peek(Descriptor::LONGEST).inspect_err(|_| self.is_broken.set(true))?;
        if available.is_empty() {
            self.is_broken.set(true);
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let end = match memchr::memmem::find(available, DESCRIPTOR) {
            Some(0) if Descriptor::read(available, count).is_some() => 0,
            // A signature that is one by chance.
            Some(0) => 1,
            Some(at) => at,
            // One may begin in the last three bytes.
            None => (available.len() - 3.min(available.len() - 1)).max(1),
        };
        Ok(&available[..end])
    }

    fn consume(&mut self, count: usize) {
        self.count += count as u64;
        self.window.consume(count);
    }
}
