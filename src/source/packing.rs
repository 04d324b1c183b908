//! What wraps articles: packings, which hold one stream, and archives, which hold files. Both are known by their first
//! bytes; the endings say which files of a folder are looked at.

use std::fmt;

/// How one stream is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// gzip, also of several members.
    Gzip,
    /// Zstandard, also of several frames.
    Zstd,
    /// bzip2, also of several streams.
    Bzip2,
    /// xz, also of several streams.
    Xz,
}

impl Packing {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Self; 4] = [Self::Gzip, Self::Zstd, Self::Bzip2, Self::Xz];

    /// The name of it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
        }
    }

    /// Endings of file names, in lower case, without the dot.
    pub fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Gzip => &["gz"],
            Self::Zstd => &["zst"],
            Self::Bzip2 => &["bz2"],
            Self::Xz => &["xz"],
        }
    }

    /// The packing of a file that begins with `head`.
    pub(super) fn look(head: &[u8]) -> Option<Self> {
        /// A frame that zstd passes over may come first.
        fn is_skippable(head: &[u8]) -> bool {
            matches!(head, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..])
        }
        if head.starts_with(&[0x1f, 0x8b]) {
            Some(Self::Gzip)
        } else if head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) || is_skippable(head) {
            Some(Self::Zstd)
        } else if matches!(head, [b'B', b'Z', b'h', b'1'..=b'9', 0x31 | 0x17, 0x41 | 0x72, ..]) {
            Some(Self::Bzip2)
        } else if head.starts_with(b"\xFD7zXZ\0") {
            Some(Self::Xz)
        } else {
            None
        }
    }

    /// A file name without the ending of a packing.
    pub(super) fn strip(name: &str) -> &str {
        match name.rsplit_once('.') {
            Some((stem, ending)) if Self::ALL.iter().any(|packing| has(packing.endings(), ending)) => stem,
            _ => name,
        }
    }
}

impl fmt::Display for Packing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What holds several files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Archive {
    /// zip.
    Zip,
    /// tar, as a rule under a packing.
    Tar,
}

impl Archive {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Self; 2] = [Self::Zip, Self::Tar];

    /// The name of it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Zip => "zip",
            Self::Tar => "tar",
        }
    }

    /// Endings of file names, in lower case, without the dot; those of a packing may follow.
    pub fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Zip => &["zip"],
            Self::Tar => &["tar", "tgz", "tbz2", "tbz", "txz", "tzst"],
        }
    }

    /// The archive that begins with `head`.
    pub(super) fn look(head: &[u8]) -> Option<Self> {
        if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
            return Some(Self::Zip);
        }
        let block = head.first_chunk::<512>()?;
        let header = tar::Header::from_byte_slice(block);
        // The sum stands in every tar; the mark "ustar" is missing from the oldest.
        let sum: u32 = block
            .iter()
            .enumerate()
            .map(|(at, byte)| if (148..156).contains(&at) { u32::from(b' ') } else { u32::from(*byte) })
            .sum();
        (block[0] != 0 && header.cksum().is_ok_and(|stated| stated == sum)).then_some(Self::Tar)
    }

    /// Whether a file is an archive by its name.
    pub(super) fn is_named(name: &str) -> bool {
        let ending = Packing::strip(name).rsplit_once('.').map(|(_, ending)| ending);
        ending.is_some_and(|ending| Self::ALL.iter().any(|archive| has(archive.endings(), ending)))
    }
}

impl fmt::Display for Archive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

fn has(endings: &[&str], ending: &str) -> bool {
    endings.iter().any(|known| known.eq_ignore_ascii_case(ending))
}

#[cfg(test)]
mod tests {
    use super::{Archive, Packing};

    #[test]
    fn names_and_first_bytes() {
        for (name, stripped, is_archive) in [
            ("a.jsonl.GZ", "a.jsonl", false),
            ("a.xml.bz2", "a.xml", false),
            ("a.tar.xz", "a.tar", true),
            ("a.TGZ", "a.TGZ", true),
            ("news.zip", "news.zip", true),
            ("zip", "zip", false),
            ("gz", "gz", false),
        ] {
            assert_eq!((Packing::strip(name), Archive::is_named(name)), (stripped, is_archive), "{name}");
        }
        for text in [&b"BZh in a text"[..], b"PKO", b"", b"\x1f"] {
            assert_eq!((Packing::look(text), Archive::look(text)), (None, None), "{text:?}");
        }
        assert_eq!(Archive::look(&[b'x'; 600]), None);
        assert_eq!(Archive::look(&[0; 600]), None);
        let mut header = tar::Header::new_old();
        header.set_path("a.txt").unwrap();
        header.set_cksum();
        assert_eq!(Archive::look(header.as_bytes()), Some(Archive::Tar));
    }
}
