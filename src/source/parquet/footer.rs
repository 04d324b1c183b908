//! The footer of a Parquet file, looked at before it is trusted: how long it is, and how deep its tree of columns goes. It is
//! written in Thrift's compact protocol; the tree is a list in which each element says how many of the next are its children.

use parquet::errors::ParquetError;
use parquet::file::reader::ChunkReader;

use super::MARK;

/// Longest footer, in bytes.
const LONGEST: u32 = 64 << 20;

/// Deepest tree of columns.
const MAX_DEPTH: usize = 32;

/// How deep structures may lie in an element.
const MAX_NESTED: usize = 8;

pub(super) fn check<R: ChunkReader>(source: &R) -> Result<(), ParquetError> {
    let refuse = |reason: &str| Err(ParquetError::General(reason.to_owned()));
    let Some(end) = source.len().checked_sub(8) else { return refuse("it is too short") };
    let tail = source.get_bytes(end, 8)?;
    if &tail[4..] != MARK {
        return refuse("its end is missing");
    }
    let length = u32::from_le_bytes([tail[0], tail[1], tail[2], tail[3]]);
    if length > LONGEST || u64::from(length) > end {
        return refuse("its footer is longer than it can be");
    }
    let footer = source.get_bytes(end - u64::from(length), length as usize)?;
    match depth(&footer) {
        Some(depth) if depth <= MAX_DEPTH => Ok(()),
        Some(_) => refuse("its columns lie too deep in each other"),
        None => refuse("its footer can't be read"),
    }
}

/// How deep the tree of columns goes, as far as it matters.
fn depth(footer: &[u8]) -> Option<usize> {
    let mut thrift = Thrift { rest: footer };
    let mut field = 0;
    loop {
        let (next, kind) = thrift.field(field)?;
        if next == 2 && kind == LIST {
            break;
        }
        thrift.skip(kind, MAX_NESTED)?;
        field = next;
    }
    let (count, _) = thrift.list()?;
    let mut open: Vec<u64> = Vec::new();
    let mut deepest = 0;
    for _ in 0..count {
        let children = thrift.children()?;
        if let Some(left) = open.last_mut() {
            *left -= 1;
        }
        if children > 0 {
            open.push(children);
            deepest = deepest.max(open.len());
            if deepest > MAX_DEPTH {
                return Some(deepest);
            }
        }
        while open.last() == Some(&0) {
            open.pop();
        }
    }
    Some(deepest)
}

const LIST: u8 = 9;

/// Bytes in the compact protocol.
struct Thrift<'b> {
    rest: &'b [u8],
}

impl Thrift<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn pass(&mut self, count: u64) -> Option<()> {
        self.rest = self.rest.get(usize::try_from(count).ok()?..)?;
        Some(())
    }

    /// Number and type of the next field; the type 0 ends a structure.
    fn field(&mut self, before: i64) -> Option<(i64, u8)> {
        let head = self.byte()?;
        let kind = head & 0x0f;
        let field = match head >> 4 {
            0 if kind != 0 => {
                let coded = self.number()?;
                (coded >> 1) as i64 ^ -((coded & 1) as i64)
            }
            step => before.checked_add(i64::from(step))?,
        };
        Some((field, kind))
    }

    /// Length and type of a list.
    fn list(&mut self) -> Option<(u64, u8)> {
        let head = self.byte()?;
        let count = if head >> 4 == 15 { self.number()? } else { u64::from(head >> 4) };
        Some((count, head & 0x0f))
    }

    fn skip(&mut self, kind: u8, depth: usize) -> Option<()> {
        let inner = depth.checked_sub(1)?;
        match kind {
            1 | 2 => Some(()),
            3 => self.pass(1),
            4..=6 => self.number().map(drop),
            7 => self.pass(8),
            8 => {
                let length = self.number()?;
                self.pass(length)
            }
            9 | 10 => {
                let (count, kind) = self.list()?;
                for _ in 0..count {
                    // A truth in a list is a byte.
                    if matches!(kind, 1 | 2) { self.pass(1)? } else { self.skip(kind, inner)? }
                }
                Some(())
            }
            12 => {
                let mut field = 0;
                loop {
                    let (next, kind) = self.field(field)?;
                    if kind == 0 {
                        return Some(());
                    }
                    self.skip(kind, inner)?;
                    field = next;
                }
            }
            _ => None,
        }
    }

    /// Reads an element of the tree: how many children it has.
    fn children(&mut self) -> Option<u64> {
        /// Its fifth field.
        const CHILDREN: i64 = 5;
        let (mut field, mut children) = (0, 0);
        loop {
            let (next, kind) = self.field(field)?;
            match kind {
                0 => return Some(children),
                5 if next == CHILDREN => {
                    let coded = self.number()?;
                    // Zigzag: an odd number is negative.
                    children = if coded & 1 == 0 { coded >> 1 } else { 0 };
                }
                kind => self.skip(kind, MAX_NESTED)?,
            }
            field = next;
        }
    }
}
