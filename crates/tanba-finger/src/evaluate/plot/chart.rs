//! The frame that all plots share: field, axes, grid, legend, colours.

use core::fmt::Write as _;

pub(super) const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 430.0;
/// Left, right, top and bottom of the field in which things are drawn.
const FIELD: (f64, f64, f64, f64) = (78.0, 520.0, 44.0, 366.0);
/// Legend: left edge, first line, distance of lines.
const LEGEND: (f64, f64, f64) = (536.0, 58.0, 19.0);
/// Points of a line closer than this on either axis are drawn once.
const SEEN: f64 = 0.4;
/// Dashes tell curves apart without their colours.
const DASHES: [&str; 4] = ["", "7 3", "2 2.5", "9 3 2 3"];
/// Colours of the stylesheet.
const COLOURS: usize = 6;

/// Okabe and Ito's colours, on light and on dark.
const STYLE: &str = "<style>
.tp{font-family:system-ui,sans-serif;font-size:12.5px}.tp .bg{fill:#fff}.tp text{fill:#222}.tp .t{font-size:15px;font-weight:600}
.tp .grid{stroke:#e4e4e4}.tp .axis{stroke:#888}.tp .line{fill:none;stroke-width:1.8}.tp .guide{fill:none;stroke:#777;stroke-dasharray:4 4}
.tp .small{font-size:11px;fill:#555}.tp .area{stroke:none;fill-opacity:.16}.tp .bar{stroke:none;fill-opacity:.55}.tp .ring{stroke:#fff;stroke-width:1}
.tp .s0{stroke:#0072b2}.tp .s1{stroke:#d55e00}.tp .s2{stroke:#00805f}.tp .s3{stroke:#b5528a}.tp .s4{stroke:#a67300}.tp .s5{stroke:#333}
.tp .f0{fill:#0072b2}.tp .f1{fill:#d55e00}.tp .f2{fill:#00805f}.tp .f3{fill:#b5528a}.tp .f4{fill:#a67300}.tp .f5{fill:#333}
@media(prefers-color-scheme:dark){.tp .bg{fill:#14171c}.tp text{fill:#e4e4e4}.tp .grid{stroke:#2c323a}.tp .axis{stroke:#8a8a8a}
.tp .guide{stroke:#9a9a9a}.tp .small{fill:#b8b8b8}.tp .area{fill-opacity:.22}.tp .ring{stroke:#14171c}
.tp .s0{stroke:#56b4e9}.tp .s1{stroke:#f0913d}.tp .s2{stroke:#2fc79b}.tp .s3{stroke:#dd94bd}.tp .s4{stroke:#e5b23c}.tp .s5{stroke:#ddd}
.tp .f0{fill:#56b4e9}.tp .f1{fill:#f0913d}.tp .f2{fill:#2fc79b}.tp .f3{fill:#dd94bd}.tp .f4{fill:#e5b23c}.tp .f5{fill:#ddd}}
</style>
";

/// An SVG under way. Values outside the axes are drawn at their ends.
pub(super) struct Chart {
    svg: String,
    x: (f64, f64),
    y: (f64, f64),
    legend_rows: usize,
}

/// How an entry of the legend is marked.
pub(super) enum Mark {
    /// The line of a curve.
    Line(usize),
    /// A filled box.
    Box(usize),
    /// A dot.
    Dot(usize),
    /// A guide line.
    Guide,
    /// Nothing: a word under the entry before.
    None,
}

impl Chart {
    /// `about` says in a sentence what is to be seen.
    pub(super) fn new(title: &str, about: &str, axes: (&str, &str), x: (f64, f64), y: (f64, f64)) -> Self {
        let (title, about) = (escape(title), escape(about));
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"tp\" role=\"img\" viewBox=\"0 0 {WIDTH} {HEIGHT}\">\n<title>{title}</title>\n<desc>{about}</desc>\n{STYLE}"
        );
        let (left, right, top, bottom) = FIELD;
        let (middle, centre) = ((left + right) / 2.0, (top + bottom) / 2.0);
        // Writing to a string cannot fail.
        let _ = writeln!(svg, r#"<rect class="bg" width="{WIDTH}" height="{HEIGHT}"/>"#);
        let _ = writeln!(svg, r#"<text class="t" x="{left}" y="24">{title}</text>"#);
        let _ =
            writeln!(svg, r#"<text x="{middle}" y="{}" text-anchor="middle">{}</text>"#, HEIGHT - 14.0, escape(axes.0));
        let _ = writeln!(
            svg,
            r#"<text x="16" y="{centre}" text-anchor="middle" transform="rotate(-90 16 {centre})">{}</text>"#,
            escape(axes.1)
        );
        let _ = writeln!(svg, r#"<path class="axis" fill="none" d="M{left} {top}V{bottom}H{right}"/>"#);
        Self { svg, x, y, legend_rows: 0 }
    }

    fn px(&self, x: f64) -> f64 {
        place(x, self.x, FIELD.0, FIELD.1)
    }

    fn py(&self, y: f64) -> f64 {
        place(y, self.y, FIELD.3, FIELD.2)
    }

    /// A grid line across the x axis, with its label.
    pub(super) fn vertical(&mut self, x: f64, label: &str) {
        let at = self.px(x);
        let _ = writeln!(self.svg, r#"<path class="grid" d="M{at:.1} {}V{}"/>"#, FIELD.2, FIELD.3);
        let _ = writeln!(
            self.svg,
            r#"<text x="{at:.1}" y="{}" text-anchor="middle">{}</text>"#,
            FIELD.3 + 18.0,
            escape(label)
        );
    }

    /// A label under the x axis without a grid line; `row` 1 is below the ordinary labels.
    pub(super) fn label_x(&mut self, x: f64, row: usize, label: &str) {
        let (at, y) = (self.px(x), FIELD.3 + 18.0 + 15.0 * row as f64);
        let _ = writeln!(self.svg, r#"<text x="{at:.1}" y="{y}" text-anchor="middle">{}</text>"#, escape(label));
    }

    /// A grid line across the y axis, with its label.
    pub(super) fn horizontal(&mut self, y: f64, label: &str) {
        let at = self.py(y);
        let _ = writeln!(self.svg, r#"<path class="grid" d="M{} {at:.1}H{}"/>"#, FIELD.0, FIELD.1);
        let _ = writeln!(
            self.svg,
            r#"<text x="{}" y="{:.1}" text-anchor="end">{}</text>"#,
            FIELD.0 - 7.0,
            at + 4.0,
            escape(label)
        );
    }

    /// A curve.
    pub(super) fn line(&mut self, points: impl Iterator<Item = (f64, f64)>, look: usize) {
        let (class, dash) = (look % COLOURS, DASHES[look % DASHES.len()]);
        let points = self.thinned(points);
        let _ = writeln!(self.svg, r#"<polyline class="line s{class}" stroke-dasharray="{dash}" points="{points}"/>"#);
    }

    /// A line to hold others against.
    pub(super) fn guide(&mut self, points: impl Iterator<Item = (f64, f64)>) {
        let points = self.thinned(points);
        let _ = writeln!(self.svg, r#"<polyline class="guide" points="{points}"/>"#);
    }

    /// An upright line to hold others against, with a word at its top.
    pub(super) fn guide_at(&mut self, x: f64, row: usize, label: &str) {
        let at = self.px(x);
        let _ = writeln!(self.svg, r#"<path class="guide" d="M{at:.1} {}V{}"/>"#, FIELD.2, FIELD.3);
        let _ = writeln!(
            self.svg,
            r#"<text class="small" x="{:.1}" y="{}">{}</text>"#,
            at + 3.0,
            FIELD.2 + 11.0 + 13.0 * row as f64,
            escape(label)
        );
    }

    /// A filled area between a line there and a line back.
    pub(super) fn area(&mut self, outline: impl Iterator<Item = (f64, f64)>, look: usize) {
        let points = self.thinned(outline);
        let _ = writeln!(self.svg, r#"<polygon class="area f{}" points="{points}"/>"#, look % COLOURS);
    }

    /// A bar from the foot of the field, between two places of the x axis.
    pub(super) fn bar(&mut self, (from, to): (f64, f64), height: f64, look: usize, tip: &str) {
        let (from, to) = (self.px(from), self.px(to));
        let (top, bottom) = (self.py(height), self.py(self.y.0));
        let _ = writeln!(
            self.svg,
            r#"<rect class="bar f{}" x="{from:.1}" y="{top:.1}" width="{:.1}" height="{:.1}"><title>{}</title></rect>"#,
            look % COLOURS,
            to - from,
            bottom - top,
            escape(tip)
        );
    }

    /// A dot.
    pub(super) fn dot(&mut self, x: f64, y: f64, look: usize, tip: &str) {
        let _ = writeln!(
            self.svg,
            r#"<circle class="ring f{}" cx="{:.1}" cy="{:.1}" r="4"><title>{}</title></circle>"#,
            look % COLOURS,
            self.px(x),
            self.py(y),
            escape(tip)
        );
    }

    /// An upright interval, with a bar across each end that is a limit and an arrow at each that is open.
    pub(super) fn interval(&mut self, x: f64, low: Option<f64>, high: Option<f64>, look: usize) {
        let x = self.px(x);
        let (foot, top) = (self.py(low.unwrap_or(self.y.0)), self.py(high.unwrap_or(self.y.1)));
        let (left, right) = (x - 4.0, x + 4.0);
        let mut path = format!("M{x:.1} {foot:.1}V{top:.1}");
        for (end, limit, inward) in [(foot, low, -6.0), (top, high, 6.0)] {
            if limit.is_some() {
                let _ = write!(path, "M{left:.1} {end:.1}H{right:.1}");
            } else {
                let back = end + inward;
                let _ = write!(path, "M{left:.1} {back:.1}L{x:.1} {end:.1}L{right:.1} {back:.1}");
            }
        }
        let _ = writeln!(self.svg, r#"<path class="line s{}" d="{path}"/>"#, look % COLOURS);
    }

    /// A small word within the field.
    pub(super) fn note(&mut self, x: f64, y: f64, text: &str) {
        let (x, y) = (self.px(x), self.py(y));
        let _ = writeln!(
            self.svg,
            r#"<text class="small" x="{x:.1}" y="{:.1}" text-anchor="middle">{}</text>"#,
            y - 5.0,
            escape(text)
        );
    }

    /// The next line of the legend.
    pub(super) fn legend(&mut self, mark: &Mark, label: &str) {
        let (left, first, step) = LEGEND;
        let y = first + step * self.legend_rows as f64;
        if y > HEIGHT - 20.0 {
            return;
        }
        self.legend_rows += 1;
        let (from, to, middle) = (left, left + 24.0, left + 12.0);
        let drawn = match mark {
            Mark::Line(look) => format!(
                r#"<path class="line s{}" stroke-dasharray="{}" d="M{from} {y}H{to}"/>"#,
                look % COLOURS,
                DASHES[look % DASHES.len()]
            ),
            Mark::Box(look) => {
                format!(r#"<rect class="bar f{}" x="{from}" y="{}" width="24" height="11"/>"#, look % COLOURS, y - 6.0)
            }
            Mark::Dot(look) => format!(r#"<circle class="ring f{}" cx="{middle}" cy="{y}" r="4"/>"#, look % COLOURS),
            Mark::Guide => format!(r#"<path class="guide" d="M{from} {y}H{to}"/>"#),
            Mark::None => String::new(),
        };
        let class = if matches!(mark, Mark::None) { " class=\"small\"" } else { "" };
        let _ = writeln!(self.svg, r#"{drawn}<text{class} x="{}" y="{}">{}</text>"#, to + 6.0, y + 4.0, escape(label));
    }

    pub(super) fn close(mut self) -> String {
        self.svg.push_str("</svg>\n");
        self.svg
    }

    /// Points as the attribute wants them, those that lie on one another once. The last one always stays.
    fn thinned(&self, points: impl Iterator<Item = (f64, f64)>) -> String {
        let mut text = String::new();
        let mut last: Option<(f64, f64)> = None;
        let mut left_out = None;
        for (x, y) in points {
            let at = (self.px(x), self.py(y));
            if last.is_none_or(|l| (l.0 - at.0).abs() > SEEN || (l.1 - at.1).abs() > SEEN) {
                let _ = write!(text, "{:.1},{:.1} ", at.0, at.1);
                (last, left_out) = (Some(at), None);
            } else {
                left_out = Some(at);
            }
        }
        if let Some((x, y)) = left_out {
            let _ = write!(text, "{x:.1},{y:.1}");
        }
        text.trim_end().to_owned()
    }
}

/// A rate on a logarithmic axis that has a place for zero, a little below its lowest power of ten.
#[derive(Clone, Copy)]
pub(super) struct LogAxis {
    /// The lowest power of ten that is drawn.
    lowest: i32,
}

impl LogAxis {
    /// Room for zero below the lowest power, in powers of ten.
    const ZERO: f64 = 0.6;

    /// The axis on which one of so many trials can still be seen.
    pub(super) fn of_trials(trials: usize) -> Self {
        let lowest = -((trials.max(10) as f64).log10().ceil() as i32);
        Self { lowest }
    }

    pub(super) fn range(self) -> (f64, f64) {
        (f64::from(self.lowest) - Self::ZERO, 0.0)
    }

    pub(super) fn place(self, rate: f64) -> f64 {
        if rate > 0.0 { rate.log10().max(f64::from(self.lowest)) } else { f64::from(self.lowest) - Self::ZERO }
    }

    /// Places and labels in percent, zero first.
    pub(super) fn ticks(self) -> Vec<(f64, String)> {
        let power = |e: i32| {
            let decimals = (-e - 2).max(0) as usize;
            (f64::from(e), format!("{:.decimals$}", 10f64.powi(e + 2)))
        };
        core::iter::once((self.place(0.0), "0".to_owned())).chain((self.lowest..=0).map(power)).collect()
    }
}

/// Round steps that cut a range into about five.
pub(super) fn round_step(range: f64) -> f64 {
    let rough = (range / 5.0).max(1e-6);
    let power = 10f64.powf(rough.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * power).find(|s| *s >= rough * 0.999).unwrap_or(rough)
}

fn place(v: f64, range: (f64, f64), from: f64, to: f64) -> f64 {
    // What is no number is drawn at the start.
    let t = ((v - range.0) / (range.1 - range.0)).clamp(0.0, 1.0);
    from + if t.is_nan() { 0.0 } else { t } * (to - from)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
