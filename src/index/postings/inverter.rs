//! The postings of a field in memory.

use std::hint::black_box;
use std::io::Write;

use tantivy::postings::FieldSerializer;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::index::terms::read;

/// Bytes of a term that stand beside the rest of what is known of it.
const KEY: usize = 16;

/// Bytes of postings that stand there before they are moved to the arena.
const BUFFER: usize = 16;

/// Terms that are looked up together, so that the processor waits for their memory once.
const BATCH: usize = 64;

/// A term, in one line of the processor's cache, and where its postings are.
///
/// Of each article they have the distance to the article before; then of each place the distance to the place before (from -1) and
/// one more; and a zero where another article follows; as numbers of seven bits a byte, the lowest first.
#[repr(align(64))]
struct Term {
    /// The first bytes, zeros behind.
    key: u128,
    /// Where the other bytes begin.
    rest: u32,
    /// Number of bytes.
    length: u16,
    /// Bytes used of `buffer`.
    used: u8,
    /// Chunks in the arena.
    chunks: u16,
    docs: u32,
    last_doc: u32,
    last_position: u32,
    first_chunk: u32,
    /// Where the last chunk goes on.
    tail: u32,
    /// Bytes left there.
    room: u16,
    /// Postings behind those of the arena.
    buffer: [u8; BUFFER],
}

const _: () = assert!(size_of::<Term>() == 64);

/// Terms by number, in pages: they are never moved.
#[derive(Default)]
struct TermPages {
    pages: Vec<Vec<Term>>,
}

/// Terms of a page.
const PAGE_TERMS: usize = 1 << 14;

impl TermPages {
    fn len(&self) -> usize {
        self.pages.last().map_or(0, |last| (self.pages.len() - 1) * PAGE_TERMS + last.len())
    }

    fn push(&mut self, term: Term) {
        if self.pages.last().is_none_or(|page| page.len() == PAGE_TERMS) {
            self.pages.push(Vec::with_capacity(PAGE_TERMS));
        }
        if let Some(page) = self.pages.last_mut() {
            page.push(term);
        }
    }

    #[inline]
    fn at(&self, number: usize) -> &Term {
        &self.pages[number / PAGE_TERMS][number % PAGE_TERMS]
    }

    #[inline]
    fn at_mut(&mut self, number: usize) -> &mut Term {
        &mut self.pages[number / PAGE_TERMS][number % PAGE_TERMS]
    }
}

/// Postings of all terms, in chunks: each begins with the address of the next one of its term.
#[derive(Default)]
struct Arena {
    pages: Vec<Vec<u8>>,
}

/// Bytes of a page of the arena.
const PAGE: usize = 1 << 20;

/// Bytes of an address.
const LINK: usize = 4;

/// Bytes of a chunk by its number: twice the one before.
fn chunk_bytes(number: u16) -> usize {
    32 << number.min(10)
}

impl Arena {
    /// The address of a new chunk.
    fn push(&mut self, bytes: usize) -> u32 {
        if self.pages.last().is_none_or(|page| page.len() + bytes > PAGE) {
            self.pages.push(Vec::with_capacity(PAGE));
        }
        let number = self.pages.len() - 1;
        let page = &mut self.pages[number];
        let at = page.len();
        page.resize(at + bytes, 0);
        (number * PAGE + at) as u32
    }

    /// Bytes in chunks.
    fn used(&self) -> usize {
        self.pages.last().map_or(0, |last| (self.pages.len() - 1) * PAGE + last.len())
    }

    fn at(&self, address: u32, bytes: usize) -> &[u8] {
        let (page, at) = (address as usize / PAGE, address as usize % PAGE);
        &self.pages[page][at..at + bytes]
    }

    fn write(&mut self, address: u32, bytes: &[u8]) {
        let (page, at) = (address as usize / PAGE, address as usize % PAGE);
        self.pages[page][at..at + bytes.len()].copy_from_slice(bytes);
    }
}

impl Term {
    #[inline]
    fn push(&mut self, byte: u8, arena: &mut Arena) {
        if usize::from(self.used) == BUFFER {
            self.flush(arena);
        }
        self.buffer[usize::from(self.used)] = byte;
        self.used += 1;
    }

    #[inline]
    fn push_number(&mut self, mut number: u32, arena: &mut Arena) {
        while number >= 128 {
            self.push(number as u8 | 128, arena);
            number >>= 7;
        }
        self.push(number as u8, arena);
    }

    #[inline]
    fn add(&mut self, doc: u32, position: u32, arena: &mut Arena) {
        if self.docs == 0 || self.last_doc != doc {
            if self.docs > 0 {
                self.push(0, arena);
            }
            self.push_number(doc - self.last_doc, arena);
            self.docs += 1;
            self.last_doc = doc;
            self.last_position = 0;
        }
        self.push_number(position - self.last_position + 1, arena);
        self.last_position = position;
    }

    /// Moves the buffer, which is full, to the arena.
    #[inline(never)]
    fn flush(&mut self, arena: &mut Arena) {
        let fits = BUFFER.min(usize::from(self.room));
        if fits > 0 {
            arena.write(self.tail, &self.buffer[..fits]);
            self.tail += fits as u32;
            self.room -= fits as u16;
        }
        if fits < BUFFER {
            let bytes = chunk_bytes(self.chunks);
            let next = arena.push(bytes);
            if self.chunks == 0 {
                self.first_chunk = next;
            } else {
                let full = self.tail - chunk_bytes(self.chunks - 1) as u32;
                arena.write(full, &next.to_le_bytes());
            }
            self.chunks += 1;
            let left = &self.buffer[fits..];
            arena.write(next + LINK as u32, left);
            self.tail = next + (LINK + left.len()) as u32;
            self.room = (bytes - LINK - left.len()) as u16;
        }
        self.used = 0;
    }

    /// Reads all of its postings.
    fn read(&self, arena: &Arena, out: &mut Vec<u8>) {
        out.clear();
        let mut chunk = self.first_chunk;
        for number in 0..self.chunks {
            let all = arena.at(chunk, chunk_bytes(number));
            let left = if number + 1 == self.chunks { usize::from(self.room) } else { 0 };
            out.extend_from_slice(&all[LINK..all.len() - left]);
            chunk = u32::from_le_bytes([all[0], all[1], all[2], all[3]]);
        }
        out.extend_from_slice(&self.buffer[..usize::from(self.used)]);
    }
}

/// A place of a term that is to be added.
struct Lookup {
    key: u128,
    hash: u32,
    position: u32,
    start: usize,
    length: usize,
}

/// The postings of a field.
pub(super) struct Inverter {
    seed: u64,
    /// A hash table with open addressing: the hash of a term in the upper half, its number from 1 in the lower. At most three quarters
    /// full; as many as a power of two.
    table: Vec<u64>,
    terms: TermPages,
    /// What long terms have behind their first bytes.
    rests: Vec<u8>,
    arena: Arena,
    /// Number of terms by article.
    lengths: Vec<u32>,
    occurrences: u64,
    /// Kept from one article to the next.
    batch: Vec<Lookup>,
}

impl Inverter {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            seed,
            table: vec![0; 1 << 10],
            terms: TermPages::default(),
            rests: Vec::new(),
            arena: Arena::default(),
            lengths: Vec::new(),
            occurrences: 0,
            batch: Vec::with_capacity(BATCH),
        }
    }

    /// Bytes that it uses.
    pub(super) fn memory(&self) -> usize {
        size_of_val(&*self.table)
            + size_of::<Term>() * self.terms.len()
            + size_of_val(&*self.lengths)
            + self.rests.len()
            + self.arena.used()
    }

    /// How many terms each article has.
    pub(super) fn lengths(&self) -> &[u32] {
        &self.lengths
    }

    /// How many terms all articles have.
    pub(super) fn occurrences(&self) -> u64 {
        self.occurrences
    }

    /// Adds the next article: terms as [`Terms`](crate::index::terms::Terms) wrote them, whose positions begin anew with each part.
    pub(super) fn add(&mut self, doc: u32, parts: &[&[u8]]) {
        let mut batch = std::mem::take(&mut self.batch);
        let mut length = 0;
        for text in parts {
            let mut position = 0;
            let mut places = read(text);
            loop {
                batch.clear();
                batch.extend(places.by_ref().take(BATCH).map(|place| {
                    position += place.distance;
                    let (start, length) = (place.start, place.length);
                    let (key, hash) = self.key(&text[start..], length);
                    Lookup { key, hash, position: position - 1, start, length }
                }));
                if batch.is_empty() {
                    break;
                }
                self.load(&batch);
                for lookup in &batch {
                    let rest = &text[lookup.start + KEY.min(lookup.length)..lookup.start + lookup.length];
                    let number = self.number(lookup, rest);
                    self.terms.at_mut(number).add(doc, lookup.position, &mut self.arena);
                }
                length += batch.len() as u32;
            }
        }
        self.batch = batch;
        self.lengths.push(length);
        self.occurrences += u64::from(length);
    }

    /// Brings what the terms of a batch need into the cache. Nothing in these two loops depends on what came before, so that the
    /// processor waits for all of it together.
    fn load(&self, batch: &[Lookup]) {
        let mask = self.table.len() - 1;
        let mut numbers = [0_u32; BATCH];
        for (number, lookup) in numbers.iter_mut().zip(batch) {
            *number = self.table[lookup.hash as usize & mask] as u32;
        }
        let mut docs = 0;
        for number in numbers.into_iter().filter(|number| *number > 0) {
            docs ^= self.terms.at(number as usize - 1).docs;
        }
        black_box(docs);
    }

    /// The first bytes of a term that begins a text, and its hash.
    #[inline]
    fn key(&self, text: &[u8], length: usize) -> (u128, u32) {
        let mut first = [0; KEY];
        match text.first_chunk::<KEY>() {
            Some(chunk) => first = *chunk,
            None => first[..text.len()].copy_from_slice(text),
        }
        let mut key = u128::from_le_bytes(first);
        let hash = if length <= KEY {
            if length < KEY {
                key &= (1 << (8 * length)) - 1;
            }
            xxh3_64_with_seed(&key.to_le_bytes(), self.seed)
        } else {
            xxh3_64_with_seed(&text[..length], self.seed)
        };
        (key, (hash >> 32) as u32)
    }

    /// The number of a term.
    #[inline]
    fn number(&mut self, lookup: &Lookup, rest: &[u8]) -> usize {
        let mask = self.table.len() - 1;
        let mut slot = lookup.hash as usize & mask;
        loop {
            let entry = self.table[slot];
            if entry == 0 {
                return self.insert(slot, lookup, rest);
            }
            if (entry >> 32) as u32 == lookup.hash {
                let number = (entry as u32 - 1) as usize;
                let term = self.terms.at(number);
                if term.key == lookup.key
                    && usize::from(term.length) == lookup.length
                    && (rest.is_empty() || self.rest(term) == rest)
                {
                    return number;
                }
            }
            slot = (slot + 1) & mask;
        }
    }

    #[inline(never)]
    fn insert(&mut self, slot: usize, lookup: &Lookup, rest: &[u8]) -> usize {
        let number = self.terms.len();
        self.terms.push(Term {
            key: lookup.key,
            rest: self.rests.len() as u32,
            length: lookup.length as u16,
            used: 0,
            chunks: 0,
            docs: 0,
            last_doc: 0,
            last_position: 0,
            first_chunk: 0,
            tail: 0,
            room: 0,
            buffer: [0; BUFFER],
        });
        self.rests.extend_from_slice(rest);
        self.table[slot] = u64::from(lookup.hash) << 32 | (number as u64 + 1);
        if 4 * self.terms.len() > 3 * self.table.len() {
            self.grow();
        }
        number
    }

    fn grow(&mut self) {
        let mut table = vec![0; 2 * self.table.len()];
        let mask = table.len() - 1;
        for entry in self.table.iter().filter(|entry| **entry != 0) {
            let mut slot = (entry >> 32) as usize & mask;
            while table[slot] != 0 {
                slot = (slot + 1) & mask;
            }
            table[slot] = *entry;
        }
        self.table = table;
    }

    /// What a term has behind its first bytes.
    fn rest(&self, term: &Term) -> &[u8] {
        let start = term.rest as usize;
        &self.rests[start..start + usize::from(term.length).saturating_sub(KEY)]
    }

    /// Writes all terms, in the order of their bytes.
    pub(super) fn write<W: Write>(mut self, serializer: &mut FieldSerializer<'_, W>) -> std::io::Result<()> {
        self.table = Vec::new();
        // The order of most follows from their first bytes, which need not be looked up.
        let terms = (0..).zip(self.terms.pages.iter().flatten());
        let mut order: Vec<(u64, u32)> =
            terms.map(|(number, term)| ((term.key as u64).swap_bytes(), number)).collect();
        order.sort_unstable_by(|(first, number), (other_first, other_number)| {
            first.cmp(other_first).then_with(|| {
                let [term, other] = [number, other_number].map(|number| self.terms.at(*number as usize));
                let by_key = term.key.swap_bytes().cmp(&other.key.swap_bytes());
                by_key
                    .then_with(|| self.rest(term).cmp(self.rest(other)))
                    .then(term.length.cmp(&other.length))
            })
        });
        let (mut bytes, mut text, mut distances) = (Vec::new(), Vec::new(), Vec::new());
        for (_, number) in order {
            let term = self.terms.at(number as usize);
            text.clear();
            text.extend_from_slice(&term.key.to_le_bytes()[..usize::from(term.length).min(KEY)]);
            text.extend_from_slice(self.rest(term));
            serializer.new_term(&text, term.docs, true)?;
            term.read(&self.arena, &mut bytes);
            let mut numbers = Numbers(&bytes);
            let mut doc = 0;
            while let Some(distance) = numbers.next() {
                doc += distance;
                distances.clear();
                distances.extend(numbers.by_ref().take_while(|number| *number > 0).map(|number| number - 1));
                serializer.write_doc(doc, distances.len() as u32, &distances);
            }
            serializer.close_term()?;
        }
        Ok(())
    }
}

/// Numbers of seven bits a byte, the lowest first.
struct Numbers<'b>(&'b [u8]);

impl Iterator for Numbers<'_> {
    type Item = u32;

    #[inline]
    fn next(&mut self) -> Option<u32> {
        let (mut number, mut shift) = (0, 0);
        loop {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u32::from(byte & 127) << shift;
            if *byte < 128 {
                return Some(number);
            }
            shift += 7;
        }
    }
}
