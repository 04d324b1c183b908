//! Series of numbers as lines of block characters over one axis of time.

use super::terminal::{clean, columns, paint, shorten, style};
use anstyle::Style;

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Columns that a period takes at most, where there is room.
const WIDEST: usize = 4;

/// Columns of a name, and as a part of the terminal.
const NAME: usize = 28;

/// A line of the table.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) counts: Vec<u64>,
    /// What the counts are parts of, by period; they are shown as they are where it is empty.
    pub(super) of: Vec<u64>,
    /// What stands at the end of the line, aligned to the right.
    pub(super) figures: String,
    pub(super) is_faint: bool,
}

/// How the table was drawn.
pub(super) struct Drawn {
    pub(super) text: String,
    /// Periods that one place of a line stands for.
    pub(super) merged: usize,
    /// The value of the highest block: a number or, of parts, a share.
    pub(super) largest: f64,
}

/// Draws rows over periods that begin and end with these labels. All rows have one scale.
pub(super) fn draw(rows: &[Row], first: &str, last: &str, width: usize) -> Drawn {
    let room = NAME.min(width / 3);
    let names: Vec<String> = rows.iter().map(|row| shorten(&clean(&row.name), room)).collect();
    let widest = names.iter().map(|name| columns(name)).max().unwrap_or(0);
    let figures = rows.iter().map(|row| columns(&row.figures)).max().unwrap_or(0);
    let room = width.saturating_sub(widest + figures + 4).max(8);
    let periods = rows.first().map_or(0, |row| row.counts.len());
    let merged = periods.div_ceil(room).max(1);
    let places = periods.div_ceil(merged);
    let stretch = room.checked_div(places).unwrap_or(1).clamp(1, WIDEST);
    let values: Vec<Vec<f64>> = rows.iter().map(|row| row.values(merged)).collect();
    let largest = values.iter().flatten().copied().fold(0.0, f64::max);
    let axis = axis(first, last, places * stretch);
    let drawn = (places * stretch).max(columns(&axis));
    let mut text = String::new();
    for ((row, name), values) in rows.iter().zip(&names).zip(&values) {
        let (plain, line) =
            if row.is_faint { (style::FAINT, style::FAINT) } else { (Style::new(), style::COMPANY) };
        paint(&mut text, name, plain);
        text.extend(std::iter::repeat_n(' ', widest - columns(name) + 2));
        let blocks: String =
            values.iter().flat_map(|value| std::iter::repeat_n(block(*value, largest), stretch)).collect();
        let gap = drawn - columns(&blocks) + 2 + figures - columns(&row.figures);
        paint(&mut text, &blocks, line);
        text.extend(std::iter::repeat_n(' ', gap));
        text.push_str(&row.figures);
        text.push('\n');
    }
    text.extend(std::iter::repeat_n(' ', widest + 2));
    paint(&mut text, &axis, style::FAINT);
    text.push('\n');
    Drawn { text, merged, largest }
}

impl Row {
    /// Adjoining periods together.
    fn values(&self, merged: usize) -> Vec<f64> {
        let counts = self.counts.chunks(merged).map(|some| some.iter().sum::<u64>() as f64);
        if self.of.is_empty() {
            return counts.collect();
        }
        let of = self.of.chunks(merged).map(|some| some.iter().sum::<u64>() as f64);
        counts.zip(of).map(|(count, of)| if of > 0.0 { count / of } else { 0.0 }).collect()
    }
}

/// Nothing is a space; the least of something is a block.
fn block(value: f64, largest: f64) -> char {
    if value <= 0.0 || largest <= 0.0 {
        return ' ';
    }
    let level = (value / largest * BLOCKS.len() as f64 - 1e-9).ceil() as usize;
    BLOCKS[level.clamp(1, BLOCKS.len()) - 1]
}

/// The first label at the beginning and the last one at the end.
fn axis(first: &str, last: &str, places: usize) -> String {
    if first == last {
        return first.to_owned();
    }
    let gap = places.saturating_sub(columns(first) + columns(last));
    if gap < 2 { format!("{first} – {last}") } else { format!("{first}{}{last}", " ".repeat(gap)) }
}

#[cfg(test)]
mod tests {
    use super::{Row, draw};

    fn row(name: &str, counts: &[u64]) -> Row {
        Row {
            name: name.to_owned(),
            counts: counts.to_vec(),
            of: Vec::new(),
            figures: counts.iter().sum::<u64>().to_string(),
            is_faint: false,
        }
    }

    fn plain(text: &str) -> Vec<String> {
        anstream::adapter::strip_str(text).to_string().lines().map(str::to_owned).collect()
    }

    #[test]
    fn all_rows_have_one_scale_and_nothing_is_a_space() {
        let counts: Vec<u64> = (0..9).collect();
        let twice: Vec<u64> = (0..9).map(|count| count * 2).collect();
        // Room for two columns a period.
        let drawn = draw(&[row("one", &counts), row("two", &twice)], "2001", "2009", 31);
        assert_eq!((drawn.merged, drawn.largest as u64), (1, 16));
        assert_eq!(
            plain(&drawn.text),
            ["one    ▁▁▁▁▂▂▂▂▃▃▃▃▄▄▄▄  36", "two    ▁▁▂▂▃▃▄▄▅▅▆▆▇▇██  72", "     2001          2009",]
        );
    }

    #[test]
    fn adjoining_periods_are_merged_where_there_is_no_room() {
        let counts = vec![1; 100];
        let drawn = draw(&[row("all", &counts)], "2001", "2100", 40);
        assert_eq!(drawn.merged, 4);
        assert_eq!(plain(&drawn.text)[0], "all  █████████████████████████  100");
        assert!((drawn.largest - 4.0).abs() < 1e-9);
        for width in 40..=200 {
            let lines =
                plain(&draw(&[row("a name that is far too long for it", &counts)], "x", "y", width).text);
            assert!(lines.iter().all(|line| line.chars().count() <= width), "{width}: {lines:?}");
        }
    }

    #[test]
    fn parts_are_of_what_lies_in_the_periods() {
        let mut share = row("a", &[1, 0, 3, 0]);
        share.of = vec![2, 0, 3, 7];
        let drawn = draw(&[share], "1", "4", 20);
        assert_eq!(drawn.merged, 1);
        assert!((drawn.largest - 1.0).abs() < 1e-9);
    }
}
