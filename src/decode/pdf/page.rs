//! What a page draws, as runs of text with their places (ISO 32000-1, 9.4). Fonts are read for what their codes mean and how wide
//! they are, and for nothing else.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use lopdf::content::{Content, Operation};
use lopdf::{Dictionary, Document, Encoding, Object, ObjectId, Stream};

use super::super::MAX_TEXT;
use super::MAX_STREAM;

/// How deep forms may lie in each other.
const MAX_FORMS: usize = 4;

/// How many states may be saved.
const MAX_STATES: usize = 64;

/// How many operations are looked at in all pages.
const MAX_OPERATIONS: usize = 2_000_000;

/// Bytes that all content may unpack to.
const MAX_CONTENT: usize = 256 << 20;

/// A piece of text that is drawn at once.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Run {
    pub(super) page: usize,
    /// Where it begins and ends, and its base line, in points from the lower left.
    pub(super) start: f64,
    pub(super) end: f64,
    pub(super) base: f64,
    /// Height of its letters in points.
    pub(super) size: f64,
    pub(super) text: String,
}

/// Moves and scales, as the six numbers of a PDF.
type Matrix = [f64; 6];

const UNMOVED: Matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];

/// First `left`, then `right`.
fn product(left: &Matrix, right: &Matrix) -> Matrix {
    let cell = |row: usize, column: usize| {
        let moved = if row == 2 { right[4 + column] } else { 0.0 };
        left[2 * row] * right[column] + left[2 * row + 1] * right[2 + column] + moved
    };
    [cell(0, 0), cell(0, 1), cell(1, 0), cell(1, 1), cell(2, 0), cell(2, 1)]
}

struct Font<'d> {
    encoding: Option<Encoding<'d>>,
    is_composite: bool,
    widths: HashMap<u32, f64>,
    default_width: f64,
}

type Fonts<'d> = BTreeMap<Vec<u8>, &'d Dictionary>;

#[derive(Clone)]
struct State<'d> {
    page: Matrix,
    text: Matrix,
    line: Matrix,
    font: Option<Rc<Font<'d>>>,
    size: f64,
    leading: f64,
    letter_space: f64,
    word_space: f64,
    stretch: f64,
}

/// Reads pages one after the other.
pub(super) struct Reader<'d> {
    document: &'d Document,
    fonts: HashMap<*const Dictionary, Rc<Font<'d>>>,
    page: usize,
    operations: usize,
    content: usize,
    length: usize,
    pub(super) runs: Vec<Run>,
    /// Whether not all was read.
    pub(super) is_cut: bool,
}

impl<'d> Reader<'d> {
    pub(super) fn new(document: &'d Document) -> Self {
        Self {
            document,
            fonts: HashMap::new(),
            page: 0,
            operations: 0,
            content: 0,
            length: 0,
            runs: Vec::new(),
            is_cut: false,
        }
    }

    /// Reads a page; gives whether there is room for more.
    pub(super) fn page(&mut self, id: ObjectId) -> bool {
        self.page += 1;
        let fonts = self.document.get_page_fonts(id).unwrap_or_default();
        let Ok(content) = self.document.get_page_content_with_limit(id, MAX_STREAM) else {
            self.is_cut = true;
            return true;
        };
        let forms = self.page_forms(id);
        self.draw(&content, &fonts, &forms, UNMOVED, MAX_FORMS);
        !self.is_full()
    }

    fn is_full(&mut self) -> bool {
        let is_full =
            self.operations > MAX_OPERATIONS || self.content > MAX_CONTENT || self.length > MAX_TEXT;
        self.is_cut |= is_full;
        is_full
    }

    fn page_forms(&self, id: ObjectId) -> Vec<&'d Dictionary> {
        let Ok((own, shared)) = self.document.get_page_resources(id) else { return Vec::new() };
        own.into_iter()
            .chain(shared.into_iter().filter_map(|id| self.document.get_dictionary(id).ok()))
            .collect()
    }

    fn resolved(&self, dictionary: &'d Dictionary, key: &[u8]) -> Option<&'d Object> {
        Some(self.document.dereference(dictionary.get(key).ok()?).ok()?.1)
    }

    fn draw(
        &mut self,
        content: &[u8],
        fonts: &Fonts<'d>,
        resources: &[&'d Dictionary],
        page: Matrix,
        depth: usize,
    ) {
        self.content += content.len();
        let Ok(content) = Content::decode(content) else { return };
        let mut state = State {
            page,
            text: UNMOVED,
            line: UNMOVED,
            font: None,
            size: 0.0,
            leading: 0.0,
            letter_space: 0.0,
            word_space: 0.0,
            stretch: 1.0,
        };
        let mut saved: Vec<State<'d>> = Vec::new();
        for operation in &content.operations {
            self.operations += 1;
            if self.is_full() {
                return;
            }
            let number = |place: usize| {
                operation.operands.get(place).and_then(|value| value.as_float().ok()).map_or(0.0, f64::from)
            };
            match operation.operator.as_str() {
                "q" if saved.len() < MAX_STATES => saved.push(state.clone()),
                "Q" => state = saved.pop().unwrap_or(state),
                "cm" => state.page = product(&matrix(operation), &state.page),
                "BT" => (state.text, state.line) = (UNMOVED, UNMOVED),
                "Tc" => state.letter_space = number(0),
                "Tw" => state.word_space = number(0),
                "Tz" => state.stretch = number(0) / 100.0,
                "TL" => state.leading = number(0),
                "Tf" => {
                    let name =
                        operation.operands.first().and_then(|name| name.as_name().ok()).unwrap_or_default();
                    state.font = fonts.get(name).map(|font| self.font(font));
                    state.size = number(1);
                }
                "Td" => state.next_line(number(0), number(1)),
                "TD" => {
                    state.leading = -number(1);
                    state.next_line(number(0), number(1));
                }
                "Tm" => {
                    state.text = matrix(operation);
                    state.line = state.text;
                }
                "T*" => state.next_line(0.0, -state.leading),
                "Tj" => self.show(&mut state, &operation.operands),
                "TJ" => {
                    if let Some(Object::Array(pieces)) = operation.operands.first() {
                        self.show(&mut state, pieces);
                    }
                }
                "'" => {
                    state.next_line(0.0, -state.leading);
                    self.show(&mut state, &operation.operands);
                }
                "\"" => {
                    (state.word_space, state.letter_space) = (number(0), number(1));
                    state.next_line(0.0, -state.leading);
                    self.show(&mut state, operation.operands.get(2..).unwrap_or_default());
                }
                "Do" if depth > 0 => {
                    let name =
                        operation.operands.first().and_then(|name| name.as_name().ok()).unwrap_or_default();
                    if let Some(form) = self.form(resources, name) {
                        self.draw_form(form, fonts, resources, &state.page, depth - 1);
                    }
                }
                _ => {}
            }
        }
    }

    fn form(&self, resources: &[&'d Dictionary], name: &[u8]) -> Option<&'d Stream> {
        resources.iter().find_map(|resources| {
            let objects = self.resolved(resources, b"XObject")?.as_dict().ok()?;
            let form = self.resolved(objects, name)?.as_stream().ok()?;
            (form.dict.get(b"Subtype").and_then(Object::as_name).ok()? == b"Form").then_some(form)
        })
    }

    fn draw_form(
        &mut self,
        form: &'d Stream,
        fonts: &Fonts<'d>,
        resources: &[&'d Dictionary],
        page: &Matrix,
        depth: usize,
    ) {
        let Ok(content) = form.get_plain_content_with_limit(MAX_STREAM) else {
            self.is_cut = true;
            return;
        };
        let mut all_fonts = fonts.clone();
        let own = self.resolved(&form.dict, b"Resources").and_then(|own| own.as_dict().ok());
        if let Some(named) =
            own.and_then(|own| self.resolved(own, b"Font")).and_then(|named| named.as_dict().ok())
        {
            for (name, font) in named {
                if let Some(font) =
                    self.document.dereference(font).ok().and_then(|(_, font)| font.as_dict().ok())
                {
                    all_fonts.insert(name.clone(), font);
                }
            }
        }
        let moved = self
            .resolved(&form.dict, b"Matrix")
            .and_then(|matrix| matrix.as_array().ok())
            .map_or(UNMOVED, |numbers| six(numbers));
        let resources: Vec<&Dictionary> = own.into_iter().chain(resources.iter().copied()).collect();
        self.draw(&content, &all_fonts, &resources, product(&moved, page), depth);
    }

    fn font(&mut self, dictionary: &'d Dictionary) -> Rc<Font<'d>> {
        let key: *const Dictionary = dictionary;
        if let Some(font) = self.fonts.get(&key) {
            return Rc::clone(font);
        }
        let is_composite =
            dictionary.get(b"Subtype").and_then(Object::as_name).is_ok_and(|kind| kind == b"Type0");
        let encoding = dictionary.get_font_encoding_with_limit(self.document, MAX_STREAM).ok();
        let (widths, default_width) = if is_composite {
            self.composite_widths(dictionary).unwrap_or((HashMap::new(), 1000.0))
        } else {
            (self.simple_widths(dictionary).unwrap_or_default(), 500.0)
        };
        let font = Rc::new(Font { encoding, is_composite, widths, default_width });
        self.fonts.insert(key, Rc::clone(&font));
        font
    }

    fn simple_widths(&self, font: &'d Dictionary) -> Option<HashMap<u32, f64>> {
        let first = self.resolved(font, b"FirstChar")?.as_float().ok()? as u32;
        let widths = self.resolved(font, b"Widths")?.as_array().ok()?;
        let number = |value: &Object| {
            self.document.dereference(value).ok().and_then(|(_, value)| value.as_float().ok())
        };
        Some(
            widths
                .iter()
                .take(256)
                .zip(first..)
                .filter_map(|(width, code)| Some((code, f64::from(number(width)?))))
                .collect(),
        )
    }

    /// Widths by lists (`5 [300 400]`) and by ranges (`5 9 300`).
    fn composite_widths(&self, font: &'d Dictionary) -> Option<(HashMap<u32, f64>, f64)> {
        let descendant = self.resolved(font, b"DescendantFonts")?.as_array().ok()?.first()?;
        let descendant = self.document.dereference(descendant).ok()?.1.as_dict().ok()?;
        let default = self
            .resolved(descendant, b"DW")
            .and_then(|width| width.as_float().ok())
            .map_or(1000.0, f64::from);
        let mut widths = HashMap::new();
        let listed = self
            .resolved(descendant, b"W")
            .and_then(|widths| widths.as_array().ok())
            .map_or(&[][..], Vec::as_slice);
        let mut values = listed.iter().filter_map(|value| Some(self.document.dereference(value).ok()?.1));
        while let (Some(first), Some(second)) = (values.next(), values.next()) {
            let first = first.as_float().unwrap_or(0.0) as u32;
            if let Ok(list) = second.as_array() {
                let list = list.iter().zip(first..=u32::from(u16::MAX));
                widths
                    .extend(list.filter_map(|(width, code)| Some((code, f64::from(width.as_float().ok()?)))));
            } else {
                let last = (second.as_float().unwrap_or(0.0) as u32).min(u32::from(u16::MAX));
                let width = f64::from(values.next()?.as_float().ok()?);
                if u16::try_from(widths.len()).is_ok() {
                    widths.extend((first..=last).map(|code| (code, width)));
                }
            }
        }
        Some((widths, default))
    }

    /// Draws strings, with the numbers between them that move on.
    fn show(&mut self, state: &mut State<'d>, pieces: &[Object]) {
        /// A wider gap between letters is a space, in parts of their size.
        const GAP: f64 = 0.18;
        let mut text = String::new();
        let start = product(&state.text, &state.page);
        for piece in pieces {
            match piece {
                Object::String(bytes, _) => {
                    let font = state.font.clone();
                    let shown = match font.as_ref().and_then(|font| font.encoding.as_ref()) {
                        Some(encoding) => Document::decode_text(encoding, bytes).unwrap_or_default(),
                        None => bytes
                            .iter()
                            .filter(|byte| byte.is_ascii())
                            .map(|byte| char::from(*byte))
                            .collect(),
                    };
                    text.push_str(&shown);
                    let advance = font.as_ref().map_or(0.0, |font| font.advance(bytes, state));
                    state.advance(advance);
                }
                piece => {
                    let gap = -piece.as_float().map_or(0.0, f64::from) / 1000.0;
                    if gap > GAP && !text.is_empty() && !text.ends_with(' ') {
                        text.push(' ');
                    }
                    state.advance(gap * state.size * state.stretch);
                }
            }
        }
        let end = product(&state.text, &state.page);
        let size = state.size.abs() * start[2].hypot(start[3]);
        self.length += text.len();
        let is_upright = start[1].abs() < 0.01 + start[0].abs() * 0.2;
        if !text.is_empty() && is_upright && size.is_finite() {
            self.runs.push(Run { page: self.page, start: start[4], end: end[4], base: start[5], size, text });
        }
    }
}

impl State<'_> {
    fn next_line(&mut self, right: f64, up: f64) {
        self.line = product(&[1.0, 0.0, 0.0, 1.0, right, up], &self.line);
        self.text = self.line;
    }

    fn advance(&mut self, width: f64) {
        self.text = product(&[1.0, 0.0, 0.0, 1.0, width, 0.0], &self.text);
    }
}

impl Font<'_> {
    /// How wide a string is, in units of the text.
    fn advance(&self, bytes: &[u8], state: &State<'_>) -> f64 {
        let width =
            |code: u32| self.widths.get(&code).copied().unwrap_or(self.default_width) / 1000.0 * state.size;
        let of_code = |code: u32, is_space: bool| {
            width(code) + state.letter_space + if is_space { state.word_space } else { 0.0 }
        };
        let all: f64 = if self.is_composite {
            bytes
                .chunks(2)
                .map(|code| of_code(code.iter().fold(0, |code, byte| code << 8 | u32::from(*byte)), false))
                .sum()
        } else {
            bytes.iter().map(|byte| of_code(u32::from(*byte), *byte == b' ')).sum()
        };
        all * state.stretch
    }
}

fn matrix(operation: &Operation) -> Matrix {
    six(&operation.operands)
}

fn six(numbers: &[Object]) -> Matrix {
    let mut matrix = UNMOVED;
    for (place, value) in numbers.iter().take(6).enumerate() {
        matrix[place] = value.as_float().map_or(0.0, f64::from);
    }
    matrix
}
