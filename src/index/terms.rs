//! Terms of a text with their positions, as they go from the threads that read words to those that gather postings.

/// Terms in the order of their positions. For each: its length, the distance of its position to the one before (7 bits a byte,
/// the lowest first; the first position is 1 behind nothing), its bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Terms {
    bytes: Vec<u8>,
    /// The last position, from 1.
    last: u32,
}

/// Longest term in bytes; of a longer one the beginning counts. No word comes near.
const LONGEST: usize = u8::MAX as usize;

impl Terms {
    /// Appends a term at a position, from 0, that is not before the last one.
    pub(crate) fn push(&mut self, position: u32, term: &str) {
        let mut distance = position + 1 - self.last;
        self.last = position + 1;
        let term = &term.as_bytes()[..term.floor_char_boundary(LONGEST)];
        self.bytes.push(term.len() as u8);
        while distance >= 128 {
            self.bytes.push(distance as u8 | 128);
            distance >>= 7;
        }
        self.bytes.push(distance as u8);
        self.bytes.extend_from_slice(term);
    }

    /// Appends a term one position behind the last.
    pub(crate) fn push_next(&mut self, term: &str) {
        self.push(self.last, term);
    }

    /// Appends a term at the position of the last.
    pub(crate) fn push_beside(&mut self, term: &str) {
        self.push(self.last.saturating_sub(1), term);
    }

    /// As they stand.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Takes all terms away and gives back what is over so many bytes.
    pub(crate) fn clear(&mut self, kept: usize) {
        self.bytes.clear();
        self.bytes.shrink_to(kept);
        self.last = 0;
    }

    /// How many words in front of it other terms stand in the same order, each with all of its own terms; `None` where they don't
    /// within so many words.
    pub(crate) fn find(&self, others: &Self, most_before: usize) -> Option<usize> {
        let mut before = 0;
        for term in read(&self.bytes) {
            if term.distance == 0 {
                continue;
            }
            if before > most_before {
                break;
            }
            let rest = &self.bytes[term.record..];
            // The distance of a further term is in the second byte.
            if rest.starts_with(&others.bytes) && rest.get(others.bytes.len() + 1) != Some(&0) {
                return Some(before);
            }
            before += 1;
        }
        None
    }
}

/// A term in the bytes of [`Terms`].
pub(super) struct Place {
    /// Where it begins with its length.
    record: usize,
    /// Where its text begins.
    pub(super) start: usize,
    pub(super) length: usize,
    /// From the position before.
    pub(super) distance: u32,
}

/// Goes over the terms that [`Terms`] wrote. What is broken ends it.
pub(super) fn read(bytes: &[u8]) -> Reader<'_> {
    Reader { bytes, at: 0 }
}

pub(super) struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Iterator for Reader<'_> {
    type Item = Place;

    #[inline]
    fn next(&mut self) -> Option<Place> {
        let record = self.at;
        let (length, mut start) = (usize::from(*self.bytes.get(record)?), record + 1);
        let (mut distance, mut shift) = (0, 0);
        loop {
            let byte = *self.bytes.get(start)?;
            start += 1;
            distance |= u32::from(byte & 127) << shift;
            if byte < 128 {
                break;
            }
            shift += 7;
        }
        self.at = start + length;
        Some(Place { record, start, length, distance })
    }
}

/// The terms of an article: headline, body, layout of the headline, layout of the body.
#[derive(Debug, Default)]
pub(crate) struct ArticleTerms {
    bytes: Vec<u8>,
    ends: [usize; 4],
}

impl ArticleTerms {
    pub(crate) fn new(parts: [&Terms; 4]) -> Self {
        let mut bytes = Vec::with_capacity(parts.iter().map(|part| part.bytes.len()).sum());
        let ends = parts.map(|part| {
            bytes.extend_from_slice(&part.bytes);
            bytes.len()
        });
        Self { bytes, ends }
    }

    /// Headline, body, layout of the headline, layout of the body, each as [`Terms`] wrote it.
    pub(super) fn parts(&self) -> [&[u8]; 4] {
        let mut start = 0;
        self.ends.map(|end| &self.bytes[std::mem::replace(&mut start, end)..end])
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::{ArticleTerms, Terms, read};

    /// Terms with their positions.
    pub(in crate::index) fn listed(bytes: &[u8]) -> Vec<(String, u32)> {
        let mut position = 0;
        read(bytes)
            .map(|place| {
                position += place.distance;
                let text = &bytes[place.start..place.start + place.length];
                (String::from_utf8(text.to_vec()).unwrap(), position - 1)
            })
            .collect()
    }

    fn terms(words: &str) -> Terms {
        let mut terms = Terms::default();
        for word in words.split(' ').filter(|word| !word.is_empty()) {
            let mut forms = word.split('|');
            terms.push_next(forms.next().unwrap());
            forms.for_each(|form| terms.push_beside(form));
        }
        terms
    }

    #[test]
    fn terms_are_read_as_they_were_written() {
        let mut terms = terms("amazon cuts|cut");
        terms.push(20_000, "jobs");
        terms.push_beside(&"é".repeat(200));
        let expected =
            [("amazon", 0), ("cuts", 1), ("cut", 1), ("jobs", 20_000), (&*"é".repeat(127), 20_000)];
        assert_eq!(listed(terms.as_bytes()), expected.map(|(term, position)| (term.to_owned(), position)));
        let article = ArticleTerms::new([&terms, &Terms::default(), &terms, &Terms::default()]);
        assert_eq!(article.parts(), [terms.as_bytes(), &[], terms.as_bytes(), &[]]);
        assert_eq!(read(&[3]).count(), 0);
    }

    #[test]
    fn terms_are_found_among_others() {
        for (all, some, most, expected) in [
            ("a b c", "b c", 5, Some(1)),
            ("a b c", "a", 0, Some(0)),
            ("a b c", "c", 1, None),
            ("a b c", "b d", 5, None),
            ("a b|x c", "b", 5, None),
            ("a b|x c", "b|x", 5, Some(1)),
            ("a b|x", "x", 5, None),
            ("a b", "b c", 5, None),
        ] {
            assert_eq!(terms(all).find(&terms(some), most), expected, "{some} in {all}");
        }
    }
}
