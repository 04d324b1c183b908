//! A chart of counts over time as an SVG file: columns for one series, lines for several.
//!
//! It is legible on light and dark ground, because its colours are classes whose values follow `prefers-color-scheme`. The
//! colours are those of Okabe and Ito ("Color Universal Design", 2008), which colour-blind readers tell apart; from the
//! seventh series on they come again with broken lines. Nothing in it runs or is loaded.

use std::fmt::Write as _;

use super::terminal::{clean, shorten};

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 480.0;

/// Room around the plot: for the title, numbers, dates and the legend.
const TOP: f64 = 64.0;
const LEFT: f64 = 64.0;
const BOTTOM: f64 = 48.0;
const RIGHT: f64 = 24.0;
const LEGEND: f64 = 200.0;

/// Lines of the axis of numbers, about.
const STEPS: f64 = 5.0;

/// Most dates on the axis.
const DATES: usize = 8;

/// Columns of a label in the legend.
const LABEL: usize = 24;

const COLOURS: usize = 6;

/// Viewers that know no media queries draw it on light ground.
const STYLE: &str = "\
.ground{fill:#fff}text{fill:#222;font:13px system-ui,sans-serif}.title{font-size:18px;font-weight:600}\
.faint{fill:#666}.grid{stroke:#ddd}.axis{stroke:#888}";
const DARK_STYLE: &str = ".ground{fill:#161616}text{fill:#eee}.faint{fill:#aaa}.grid{stroke:#333}";
const LINE_STYLE: &str = ".line{fill:none;stroke-width:2;stroke-linejoin:round}.column,.point{stroke:none}";

/// Colours of the series on light and on dark ground, then that of the rest.
const PALETTES: [[&str; COLOURS + 1]; 2] = [
    ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#777"],
    ["#56b4e9", "#e69f00", "#00c795", "#cc79a7", "#f0e442", "#e8743b", "#aaa"],
];

/// The rules of a palette.
fn colours(palette: &[&str]) -> String {
    let rules = palette.iter().enumerate().map(|(number, colour)| {
        let class = if number == COLOURS { "rest".to_owned() } else { format!("s{number}") };
        format!(".{class}{{stroke:{colour};fill:{colour}}}")
    });
    rules.collect()
}

fn style() -> String {
    let [light, dark] = PALETTES.map(|palette| colours(&palette));
    format!("{STYLE}{light}@media(prefers-color-scheme:dark){{{DARK_STYLE}{dark}}}{LINE_STYLE}")
}

/// What is drawn. Every line has a value for each period; `None` where there is none to draw.
pub(super) struct Chart {
    pub(super) title: String,
    pub(super) subtitle: String,
    pub(super) periods: Vec<String>,
    pub(super) lines: Vec<Line>,
    /// Values are parts of 1 and shown in percent.
    pub(super) is_share: bool,
}

pub(super) struct Line {
    pub(super) label: String,
    pub(super) values: Vec<Option<f64>>,
    /// What is left beside the others; it is grey.
    pub(super) is_rest: bool,
}

impl Chart {
    /// The file.
    pub(super) fn svg(&self) -> String {
        let has_legend = self.lines.len() > 1;
        let right = WIDTH - if has_legend { RIGHT + LEGEND } else { RIGHT };
        // A long legend makes the chart higher.
        let height = HEIGHT.max(TOP + BOTTOM + self.lines.len() as f64 * 20.0);
        let plot = Plot {
            right,
            bottom: height - BOTTOM,
            periods: self.periods.len().max(1),
            top: ceiling(self.largest(), self.is_share),
        };
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
             height=\"{height}\" role=\"img\" aria-labelledby=\"title\">\n<title id=\"title\">{}</title>\n\
             <style>{}</style>\n<rect class=\"ground\" width=\"100%\" height=\"100%\"/>\n",
            escaped(&self.title),
            style()
        );
        text(&mut out, "title", (LEFT, 28.0), "start", &shorten(&clean(&self.title), 90));
        text(&mut out, "faint", (LEFT, 48.0), "start", &clean(&self.subtitle));
        self.axes(&mut out, &plot);
        for (number, line) in self.lines.iter().enumerate() {
            if has_legend {
                draw_line(&mut out, &plot, line, number);
                legend(&mut out, right + 24.0, number, line);
            } else {
                columns(&mut out, &plot, line, &self.periods);
            }
        }
        out.push_str("</svg>\n");
        out
    }

    fn largest(&self) -> f64 {
        self.lines.iter().flat_map(|line| line.values.iter().flatten()).copied().fold(0.0, f64::max)
    }

    fn axes(&self, out: &mut String, plot: &Plot) {
        let step = step(plot.top, self.is_share);
        let steps = (plot.top / step).round() as usize;
        for number in 0..=steps {
            let value = number as f64 * step;
            let y = plot.y(value);
            let class = if number == 0 { "axis" } else { "grid" };
            rule(out, class, (LEFT, y), (plot.right, y));
            let shown = if self.is_share { percent(value) } else { super::progress::grouped(value as u64) };
            text(out, "faint", (LEFT - 8.0, y + 4.0), "end", &shown);
        }
        let every = self.periods.len().div_ceil(DATES).max(1);
        for (at, label) in self.periods.iter().enumerate().step_by(every) {
            let x = plot.x(at);
            rule(out, "axis", (x, plot.bottom), (x, plot.bottom + 5.0));
            text(out, "faint", (x, plot.bottom + 20.0), "middle", label);
        }
    }
}

/// Where values lie.
struct Plot {
    right: f64,
    bottom: f64,
    periods: usize,
    top: f64,
}

impl Plot {
    fn slot(&self) -> f64 {
        (self.right - LEFT) / self.periods as f64
    }

    /// The middle of a period.
    fn x(&self, period: usize) -> f64 {
        LEFT + self.slot() * (period as f64 + 0.5)
    }

    fn y(&self, value: f64) -> f64 {
        self.bottom - (self.bottom - TOP) * value / self.top
    }
}

/// A round step of the axis: 1, 2 or 5 of some power of ten; of counts at least 1.
fn step(top: f64, is_share: bool) -> f64 {
    let raw = top / STEPS;
    let power = 10_f64.powf(raw.log10().floor());
    let round = [1.0, 2.0, 5.0, 10.0].into_iter().find(|round| round * power >= raw * 0.999).unwrap_or(10.0);
    let step = round * power;
    if is_share { step } else { step.max(1.0) }
}

/// The end of the axis: the first step at or over the largest value.
fn ceiling(largest: f64, is_share: bool) -> f64 {
    let largest = if largest > 0.0 { largest } else { 1.0 };
    let step = step(largest, is_share);
    (largest / step - 1e-9).ceil() * step
}

/// `12.5 %`, without digits that say nothing.
pub(super) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    let digits = if percent >= 10.0 || percent == 0.0 {
        0
    } else if percent >= 1.0 {
        1
    } else {
        2
    };
    format!("{percent:.digits$} %")
}

fn columns(out: &mut String, plot: &Plot, line: &Line, periods: &[String]) {
    let width = (plot.slot() * 0.8).clamp(0.5, 60.0);
    for (at, value) in line.values.iter().enumerate() {
        let Some(value) = value.filter(|value| *value > 0.0) else { continue };
        let y = plot.y(value);
        let label = periods.get(at).map_or("", String::as_str);
        let _ = writeln!(
            out,
            "<rect class=\"column s0\" x=\"{:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{:.1}\">\
             <title>{}: {}</title></rect>",
            plot.x(at) - width / 2.0,
            plot.bottom - y,
            escaped(label),
            if value < 1.0 { percent(value) } else { format!("{value}") },
        );
    }
}

fn class(number: usize, line: &Line) -> String {
    if line.is_rest { "rest".to_owned() } else { format!("s{}", number % COLOURS) }
}

/// Broken from the seventh line on, and each time otherwise.
fn dashes(number: usize) -> &'static str {
    ["", " stroke-dasharray=\"7 4\"", " stroke-dasharray=\"2 3\"", " stroke-dasharray=\"9 3 2 3\""]
        [number / COLOURS % 4]
}

fn draw_line(out: &mut String, plot: &Plot, line: &Line, number: usize) {
    let class = class(number, line);
    let mut path = String::new();
    let mut is_open = false;
    for (at, value) in line.values.iter().enumerate() {
        let Some(value) = value else {
            is_open = false;
            continue;
        };
        let _ = write!(path, "{}{:.1} {:.1}", if is_open { "L" } else { "M" }, plot.x(at), plot.y(*value));
        is_open = true;
    }
    let title = escaped(&line.label);
    let dashes = dashes(number);
    let _ = writeln!(out, "<path class=\"line {class}\"{dashes} d=\"{path}\"><title>{title}</title></path>");
    // A value alone has no line.
    if plot.periods <= 40 {
        for (at, value) in line.values.iter().enumerate() {
            if let Some(value) = value {
                let (x, y) = (plot.x(at), plot.y(*value));
                let _ =
                    writeln!(out, "<circle class=\"point {class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2.5\"/>");
            }
        }
    }
}

fn legend(out: &mut String, x: f64, number: usize, line: &Line) {
    let y = TOP + 8.0 + 20.0 * number as f64;
    let (class, dashes) = (class(number, line), dashes(number));
    let _ = writeln!(out, "<path class=\"line {class}\"{dashes} d=\"M{x:.1} {y:.1}h22\"/>");
    text(out, "label", (x + 30.0, y + 4.0), "start", &shorten(&clean(&line.label), LABEL));
}

fn rule(out: &mut String, class: &str, from: (f64, f64), to: (f64, f64)) {
    let _ = writeln!(
        out,
        "<line class=\"{class}\" x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\"/>",
        from.0, from.1, to.0, to.1
    );
}

fn text(out: &mut String, class: &str, at: (f64, f64), anchor: &str, shown: &str) {
    let (x, y) = at;
    let _ = writeln!(
        out,
        "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>",
        escaped(shown)
    );
}

fn escaped(text: &str) -> String {
    html_escape::encode_quoted_attribute(&clean(text)).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{Chart, Line, ceiling, percent, step};

    fn chart(lines: Vec<Line>) -> Chart {
        let periods = lines[0].values.iter().enumerate().map(|(at, _)| format!("20{at:02}")).collect();
        Chart {
            title: "<script>alert(\"1\")</script> & \u{1b}[31m".to_owned(),
            subtitle: String::new(),
            periods,
            lines,
            is_share: false,
        }
    }

    fn line(label: &str, values: &[f64]) -> Line {
        Line {
            label: label.to_owned(),
            values: values.iter().map(|value| Some(*value)).collect(),
            is_rest: false,
        }
    }

    #[test]
    fn axes_have_round_numbers() {
        for (largest, is_share, expected, stepped) in [
            (1.0, false, 1.0, 1.0),
            (7.0, false, 8.0, 2.0),
            (100.0, false, 100.0, 20.0),
            (101.0, false, 150.0, 50.0),
            (0.0, false, 1.0, 1.0),
            (0.13, true, 0.15, 0.05),
        ] {
            let top = ceiling(largest, is_share);
            assert!((top - expected).abs() < 1e-9, "{largest}: {top}");
            assert!((step(largest.max(f64::from(!is_share)), is_share) - stepped).abs() < 1e-9, "{largest}");
        }
        assert_eq!([0.0, 0.004, 0.05, 0.5].map(percent), ["0 %", "0.40 %", "5.0 %", "50 %"]);
    }

    #[test]
    fn one_series_has_columns_and_several_have_lines_and_a_legend() {
        let one = chart(vec![line("all", &[1.0, 0.0, 3.0])]).svg();
        assert_eq!(one.matches("class=\"column").count(), 2, "a zero has no column");
        assert!(!one.contains("class=\"line"));
        let several = chart((0..8).map(|at| line(&format!("L{at}"), &[1.0, 2.0])).collect()).svg();
        assert_eq!(several.matches("d=\"M").count(), 16, "a line and a mark in the legend each");
        assert!(several.contains(">L7</text>") && several.contains("stroke-dasharray"));
    }

    #[test]
    fn text_is_only_text() {
        let svg = chart(vec![line("</style><a onload='x'>", &[1.0]), line("b", &[2.0])]).svg();
        assert!(!svg.contains("<script") && !svg.contains("<a "), "{svg}");
        assert!(!svg.contains('\u{1b}'));
        assert!(svg.contains("&lt;script&gt;") && svg.contains("prefers-color-scheme"));
    }

    #[test]
    fn a_gap_breaks_the_line() {
        let mut broken = line("a", &[1.0, 2.0, 3.0]);
        broken.values[1] = None;
        let svg = chart(vec![broken, line("b", &[1.0, 1.0, 1.0])]).svg();
        let path = svg.split(" d=\"").nth(1).unwrap().split('"').next().unwrap();
        assert_eq!((path.matches('M').count(), path.matches('L').count()), (2, 0));
    }
}
