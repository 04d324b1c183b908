//! Reads the table of phrases.

use std::collections::HashMap;
use std::sync::OnceLock;

const BUILTIN: &str = include_str!("phrases.txt");

/// What may stand at one place of a phrase.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Set<'t> {
    /// One of these words.
    pub words: Vec<&'t str>,
    /// A word with a digit.
    pub number: bool,
    /// A year.
    pub year: bool,
    /// A word with a capital.
    pub capital: bool,
}

/// One place of a phrase.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Slot {
    /// Words that may stand before it.
    pub skip: u8,
    /// What stands there, in [`Table::sets`].
    pub set: usize,
    /// Whether more than words fit.
    pub has_marks: bool,
}

/// A phrase and what it counts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Phrase<'t> {
    /// Its topic, in [`Table::topics`].
    pub topic: usize,
    /// What it counts.
    pub weight: i32,
    /// Whether the weight is set by hand and not to be fitted.
    #[cfg_attr(not(test), allow(dead_code))]
    pub by_hand: bool,
    /// As it stands in the table.
    #[cfg_attr(not(test), allow(dead_code))]
    pub text: &'t str,
    /// Its places.
    pub slots: Vec<Slot>,
}

/// The topics and their phrases.
#[derive(Debug, Default)]
pub(super) struct Table<'t> {
    pub topics: Vec<&'t str>,
    pub phrases: Vec<Phrase<'t>>,
    pub sets: Vec<Set<'t>>,
}

impl Table<'static> {
    /// The table of the program. A test sees to it that it can be read.
    pub(super) fn builtin() -> &'static Self {
        static TABLE: OnceLock<Table<'static>> = OnceLock::new();
        TABLE.get_or_init(|| Table::read(BUILTIN).unwrap_or_default())
    }
}

impl<'t> Table<'t> {
    /// Reads a table. The error names the line.
    pub(super) fn read(text: &'t str) -> Result<Self, String> {
        let mut reader = Reader::default();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if !line.is_empty() && !line.starts_with(';') {
                reader.line(line).map_err(|why| format!("line {}: {why}: {line}", number + 1))?;
            }
        }
        Ok(reader.table)
    }
}

#[derive(Default)]
struct Reader<'t> {
    table: Table<'t>,
    classes: HashMap<&'t str, Vec<&'t str>>,
    /// Sets by how they are written.
    known: HashMap<&'t str, usize>,
}

impl<'t> Reader<'t> {
    fn line(&mut self, line: &'t str) -> Result<(), &'static str> {
        if let Some(topic) = line.strip_prefix('[') {
            self.table.topics.push(topic.strip_suffix(']').ok_or("no closing bracket")?);
        } else if let Some((class, words)) = line.split_once(" = ").filter(|(class, _)| is_class(class)) {
            let mut all = self.classes.remove(class).unwrap_or_default();
            for word in words.split_whitespace() {
                self.add(word, &mut all)?;
            }
            self.classes.insert(class, all);
        } else {
            let (weight, text) = line.split_once(' ').ok_or("neither a class nor a phrase")?;
            let topic = self.table.topics.len().checked_sub(1).ok_or("a phrase of no topic")?;
            let digits = weight.strip_suffix('!');
            let phrase = Phrase {
                topic,
                weight: digits.unwrap_or(weight).parse().map_err(|_| "no weight")?,
                by_hand: digits.is_some(),
                text,
                slots: self.slots(text)?,
            };
            self.table.phrases.push(phrase);
        }
        Ok(())
    }

    /// Adds a word, or the words of a class.
    fn add(&self, word: &'t str, all: &mut Vec<&'t str>) -> Result<(), &'static str> {
        if is_class(word) {
            all.extend(self.classes.get(word).ok_or("an unknown class")?);
        } else if word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) {
            all.push(word);
        } else {
            return Err("a word that no text holds in this form");
        }
        Ok(())
    }

    fn slots(&mut self, text: &'t str) -> Result<Vec<Slot>, &'static str> {
        let mut slots: Vec<Slot> = Vec::new();
        let mut skip = 0;
        for part in text.split_whitespace() {
            if let Some(count) = part.strip_prefix('~') {
                skip = count.parse().map_err(|_| "no number of words")?;
                continue;
            }
            let set = self.set(part)?;
            let Set { number, year, capital, .. } = self.table.sets[set];
            if slots.is_empty() && (skip > 0 || capital) {
                return Err("a phrase begins with a word or a number");
            }
            slots.push(Slot { skip, set, has_marks: number || year || capital });
            skip = 0;
        }
        if slots.is_empty() || skip > 0 { Err("a phrase without an end") } else { Ok(slots) }
    }

    fn set(&mut self, text: &'t str) -> Result<usize, &'static str> {
        if let Some(&set) = self.known.get(text) {
            return Ok(set);
        }
        let mut set = Set::default();
        for word in text.split('|') {
            match word {
                "#" => set.number = true,
                "#year" => set.year = true,
                "^" => set.capital = true,
                word => self.add(word, &mut set.words)?,
            }
        }
        set.words.sort_unstable();
        set.words.dedup();
        let number = self.table.sets.len();
        self.table.sets.push(set);
        self.known.insert(text, number);
        Ok(number)
    }
}

fn is_class(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_table_can_be_read_and_holds_no_phrase_twice() {
        let table = Table::read(BUILTIN).unwrap();
        assert_eq!(table.topics.len(), 13, "{:?}", table.topics);
        let mut seen = HashSet::new();
        for phrase in &table.phrases {
            assert!(
                seen.insert((phrase.topic, phrase.text)),
                "{}: {}",
                table.topics[phrase.topic],
                phrase.text
            );
            assert!((-20..=20).contains(&phrase.weight), "{}", phrase.text);
        }
        for (topic, name) in table.topics.iter().enumerate() {
            let outright = table.phrases.iter().filter(|it| it.topic == topic && it.weight >= 10).count();
            assert!(outright >= 5, "{name}");
        }
    }

    #[test]
    fn every_class_is_used() {
        let is_part = |letter: char| letter.is_ascii_uppercase() || letter == '_';
        let words = |line: &'static str| line.split(move |letter| !is_part(letter)).collect::<HashSet<_>>();
        let lines: Vec<&str> = BUILTIN.lines().filter(|line| !line.starts_with(';')).collect();
        for line in &lines {
            let Some((class, _)) = line.split_once(" = ") else { continue };
            let is_other = |other: &&&'static str| !other.starts_with(&format!("{class} = "));
            assert!(lines.iter().filter(is_other).any(|other| words(other).contains(class)), "{class}");
        }
    }

    #[test]
    fn classes_and_marks() {
        let table =
            Table::read("A = buy buys\nA = bought\nB = A got\n[x]\n-3! B ~2 firm|#\n0 # ^\n").unwrap();
        assert_eq!(table.topics, ["x"]);
        let [first, second] = &table.phrases[..] else { panic!("{table:?}") };
        assert_eq!((first.weight, first.by_hand, first.text), (-3, true, "B ~2 firm|#"));
        assert_eq!(table.sets[first.slots[0].set].words, ["bought", "buy", "buys", "got"]);
        assert_eq!((first.slots[1].skip, first.slots[1].has_marks), (2, true));
        assert_eq!((second.weight, second.by_hand), (0, false));
        assert!(table.sets[second.slots[0].set].number && table.sets[second.slots[1].set].capital);
    }

    #[test]
    fn errors_name_the_line() {
        for (text, expected) in [
            ("[x", "line 1: no closing bracket: [x"),
            ("\n3 buy", "line 2: a phrase of no topic: 3 buy"),
            ("[x]\nbuy", "line 2: neither a class nor a phrase: buy"),
            ("[x]\nmany buy", "line 2: no weight: many buy"),
            ("[x]\n3 BUY", "line 2: an unknown class: 3 BUY"),
            ("[x]\n3 Buy", "line 2: a word that no text holds in this form: 3 Buy"),
            ("[x]\n3 ^ buys", "line 2: a phrase begins with a word or a number: 3 ^ buys"),
            ("[x]\n3 buys ~2", "line 2: a phrase without an end: 3 buys ~2"),
            ("[x]\n3 buys ~n it", "line 2: no number of words: 3 buys ~n it"),
        ] {
            assert_eq!(Table::read(text).unwrap_err(), expected);
        }
    }
}
