//! Where a page ended, so that the next one can begin behind it.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::collect::Place;
use super::{SearchRequest, Sort};
use crate::error::{Error, ErrorKind, Result};

/// What tokens of this form begin with.
const VERSION: u8 = 1;

/// Bytes of the checksum at its end.
const CHECKSUM: usize = 4;

/// Where a page of hits ended. It is printed as an opaque token of letters, digits, `-` and `_`, read back with
/// [`FromStr`], and given to [`SearchRequest::after`].
///
/// It holds the place of the last hit in the order (score or date, then id), the number of hits before it, the present
/// that the first page was answered at, the commit that answered, and a fingerprint of the query, so that it is refused
/// with another one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Cursor {
    pub(super) sort: Sort,
    pub(super) place: Place,
    /// Whether it stands behind the articles whose scores were made to agree; the score is the own one then.
    pub(super) is_behind: bool,
    /// Hits up to and with this one.
    pub(super) rank: u64,
    pub(super) now: i64,
    pub(super) generation: u64,
    pub(super) fingerprint: u32,
}

impl Cursor {
    /// The commit that answered the page that ended here.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Refuses a request that is another one than the cursor's.
    pub(super) fn check(&self, request: &SearchRequest) -> Result<()> {
        if self.sort != request.sort {
            let (own, other) = (self.sort.as_str(), request.sort.as_str());
            return Err(Error::new(
                ErrorKind::Argument,
                format!("the cursor belongs to a search sorted by {own}, not by {other}"),
            )
            .with_hint(format!("sort by {own}, or begin again without the cursor")));
        }
        if self.fingerprint != fingerprint(request)? {
            return Err(Error::new(
                ErrorKind::Argument,
                "the cursor belongs to another query, or to other filters",
            )
            .with_hint("repeat the search that it came from, or begin again without the cursor"));
        }
        Ok(())
    }

    fn to_bytes(&self) -> Vec<u8> {
        let sort = match self.sort {
            Sort::Relevance => 0,
            Sort::Newest => 1,
            Sort::Oldest => 2,
            Sort::Id => 3,
        };
        let mut bytes = vec![VERSION, sort << 1 | u8::from(self.is_behind)];
        bytes.extend(self.place.score.to_bits().to_le_bytes());
        bytes.extend(self.fingerprint.to_le_bytes());
        for number in [zigzag(self.place.date), zigzag(self.now), self.rank, self.generation] {
            put(number, &mut bytes);
        }
        bytes.extend(self.place.id.as_bytes());
        bytes.extend(&xxh3_64(&bytes).to_le_bytes()[..CHECKSUM]);
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (content, checksum) = bytes.split_at_checked(bytes.len().checked_sub(CHECKSUM)?)?;
        if xxh3_64(content).to_le_bytes()[..CHECKSUM] != *checksum {
            return None;
        }
        let ([version, form], rest) = content.split_first_chunk()?;
        let (score, rest) = rest.split_first_chunk()?;
        let (fingerprint, mut rest) = rest.split_first_chunk()?;
        let mut number = || take(&mut rest);
        let (date, now, rank, generation) = (unzigzag(number()?), unzigzag(number()?), number()?, number()?);
        let sort = match form >> 1 {
            0 => Sort::Relevance,
            1 => Sort::Newest,
            2 => Sort::Oldest,
            3 => Sort::Id,
            _ => return None,
        };
        let place = Place {
            score: f32::from_bits(u32::from_le_bytes(*score)),
            date,
            id: std::str::from_utf8(rest).ok()?.to_owned(),
        };
        let cursor = Self {
            sort,
            place,
            is_behind: form & 1 == 1,
            rank,
            now,
            generation,
            fingerprint: u32::from_le_bytes(*fingerprint),
        };
        (*version == VERSION).then_some(cursor)
    }
}

/// Small numbers of either sign as small ones.
fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

/// A number in as few bytes as it takes (LEB128), so that a token stays short.
fn put(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn take(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(first & 0x7F) << shift;
        if first & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

/// A number that differs where a request finds other articles or puts them in another order.
pub(super) fn fingerprint(request: &SearchRequest) -> Result<u32> {
    let SearchRequest { query, filters, bag_of_words, expand, synonyms, .. } = request;
    let asked = serde_json::to_vec(&(query, filters, bag_of_words, expand, synonyms)).map_err(|error| {
        Error::new(ErrorKind::Internal, "a query can't be written as JSON").caused_by(error)
    })?;
    Ok(xxh3_64(&asked) as u32)
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.to_bytes()))
    }
}

impl FromStr for Cursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| Self::from_bytes(&bytes)).ok_or_else(|| {
            Error::new(ErrorKind::Argument, "that is no cursor, or one that was cut or changed")
                .with_hint("take it whole from the page before: its `next`")
        })
    }
}

impl From<Cursor> for String {
    fn from(cursor: Cursor) -> Self {
        cursor.to_string()
    }
}

impl TryFrom<String> for Cursor {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::{Cursor, fingerprint};
    use crate::query::NameField;
    use crate::search::collect::Place;
    use crate::search::{SearchRequest, Sort};

    fn request(text: &str) -> SearchRequest {
        SearchRequest::new(text.parse().unwrap())
    }

    fn cursor(sort: Sort, id: &str) -> Cursor {
        Cursor {
            sort,
            place: Place { score: 1.25, date: i64::MIN, id: id.to_owned() },
            is_behind: id.is_empty(),
            rank: 20_000,
            now: -1,
            generation: 7,
            fingerprint: fingerprint(&request("amazon")).unwrap(),
        }
    }

    #[test]
    fn a_token_comes_back_and_a_changed_one_does_not() {
        for sort in [Sort::Relevance, Sort::Newest, Sort::Oldest, Sort::Id] {
            for id in ["", "a", "日本/é", &"x".repeat(512)] {
                let cursor = cursor(sort, id);
                let token = cursor.to_string();
                assert_eq!(token.parse::<Cursor>().unwrap(), cursor);
                assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
                let json = serde_json::to_string(&cursor).unwrap();
                assert_eq!(json, format!("\"{token}\""));
                assert_eq!(serde_json::from_str::<Cursor>(&json).unwrap(), cursor);
                for end in 0..token.len() {
                    assert!(token[..end].parse::<Cursor>().is_err());
                }
                for at in 0..token.len() {
                    let other = if token.as_bytes()[at] == b'A' { "B" } else { "A" };
                    let mut changed = token.clone();
                    changed.replace_range(at..=at, other);
                    assert!(changed.parse::<Cursor>().is_err(), "{at} of {token}");
                }
            }
        }
    }

    #[test]
    fn a_cursor_fits_its_own_search_alone() {
        let cursor = cursor(Sort::Newest, "a");
        let own = request("amazon").sort(Sort::Newest);
        cursor.check(&own.clone().limit(3).explain(true)).unwrap();
        for (other, reason) in [
            (own.clone().sort(Sort::Relevance), "sorted by newest"),
            (request("amazon google").sort(Sort::Newest), "another query"),
            (own.clone().filter(NameField::Company, ["amazon"]), "other filters"),
            (own.clone().synonyms(false), "another query"),
            (own.expand(true), "another query"),
        ] {
            let error = cursor.check(&other).unwrap_err();
            assert!(error.message().contains(reason) && error.hint().is_some(), "{error:?}");
        }
    }
}
