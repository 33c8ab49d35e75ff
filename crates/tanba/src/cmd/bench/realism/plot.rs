//! The distributions as SVG: real sets in thin grays, synthetic ones in colour, fit for light and dark pages.

use std::fmt::Write as _;

use super::OfPreset;
use super::source::{Kind, Source, quantile};

const WIDTH: f64 = 700.0;
const HEIGHT: f64 = 380.0;
/// Left, right, top and bottom of the field in which lines are drawn.
const FIELD: (f64, f64, f64, f64) = (82.0, 520.0, 36.0, 322.0);
/// Points of a curve at most.
const POINTS: usize = 160;

/// Colours that remain distinct for the colour-blind (after Okabe and Ito), on white and on black.
const STYLE: &str = "<style>
svg{font-family:sans-serif;font-size:12px}.bg{fill:#fff}text{fill:#222}.grid{stroke:#e2e2e2}.l{fill:none}
.real{stroke:#777;stroke-width:1.2}.real-f{fill:#777}.band{fill:#000;fill-opacity:.09}
.fast{stroke:#0072b2;stroke-width:2}.fast-f{fill:#0072b2}.growth{stroke:#d55e00;stroke-width:2}.growth-f{fill:#d55e00}
.template{stroke:#009e73;stroke-width:2}.template-f{fill:#009e73}.open{fill:#fff}
@media(prefers-color-scheme:dark){.bg,.open{fill:#0d1117}text{fill:#ddd}.grid{stroke:#2c323a}.real{stroke:#a2a2a2}.real-f{fill:#a2a2a2}
.band{fill:#fff;fill-opacity:.12}.fast{stroke:#56b4e9}.fast-f{fill:#56b4e9}.growth{stroke:#f0913d}.growth-f{fill:#f0913d}
.template{stroke:#2fc79b}.template-f{fill:#2fc79b}}
</style>
";
/// Dashes that tell the real sets apart.
const DASHES: [&str; 5] = ["", "7 3", "2 2", "8 3 2 3", "12 4"];

/// How a source is drawn.
#[derive(Clone, Copy)]
struct Look {
    class: &'static str,
    dash: &'static str,
    /// Opacity of bars: what tells the real sets apart there.
    shade: f64,
}

/// Every plot with its file name.
pub(super) fn all(sources: &[Source], presets: &[OfPreset]) -> Vec<(&'static str, String)> {
    let mut plots = vec![
        (
            "minutiae.svg",
            distribution(sources, "Minutiae found on a print", "minutiae", (0.0, 80.0, 10.0), &Source::minutiae),
        ),
        (
            "period.svg",
            distribution(
                sources,
                "Ridge period: median over a print, by the extractor",
                "pixels at 500 ppi",
                (5.0, 13.0, 1.0),
                &Source::period,
            ),
        ),
        (
            "quality.svg",
            distribution(sources, "Quality of a print", "quality, 0 to 100", (0.0, 100.0, 10.0), &Source::quality),
        ),
        ("singular.svg", singular(sources)),
        ("classes.svg", classes(sources)),
        ("genuine.svg", genuine(sources)),
        ("impostor.svg", impostor(sources)),
    ];
    if !presets.is_empty() {
        plots.push(("recall.svg", recall(presets)));
        plots.push(("presets.svg", error_by_preset(sources, presets)));
    }
    plots
}

fn looks(sources: &[Source]) -> Vec<Look> {
    let mut real = 0;
    sources
        .iter()
        .map(|s| match (s.kind, s.name.as_str()) {
            (Kind::Real | Kind::Beside, _) => {
                real += 1;
                let dash = DASHES[(real - 1) % DASHES.len()];
                Look { class: "real", dash, shade: 1.0 - 0.16 * ((real - 1) % DASHES.len()) as f64 }
            }
            (Kind::Template, _) => Look { class: "template", dash: "", shade: 1.0 },
            (Kind::Image, "growth") => Look { class: "growth", dash: "", shade: 1.0 },
            (Kind::Image, _) => Look { class: "fast", dash: "", shade: 1.0 },
        })
        .collect()
}

fn shown_name(source: &Source) -> String {
    match source.kind {
        Kind::Real | Kind::Beside => source.name.clone(),
        Kind::Image => format!("synthetic, {}", source.name),
        Kind::Template => "synthetic, template".to_owned(),
    }
}

/// Share of the prints that have at most so much.
fn distribution(
    sources: &[Source],
    title: &str,
    x_axis: &str,
    (low, high, step): (f64, f64, f64),
    of: &dyn Fn(&Source) -> Vec<f64>,
) -> String {
    let mut chart = Chart::new(title, x_axis, "share of prints with at most so much", (low, high), (0.0, 1.0));
    chart.linear_x(step);
    chart.percent_y(0.2);
    let mut entries = Vec::new();
    for (source, look) in sources.iter().zip(looks(sources)) {
        let mut values = of(source);
        values.sort_by(f64::total_cmp);
        if values.is_empty() {
            continue;
        }
        let points = (0..=POINTS).filter_map(|k| {
            let share = k as f64 / POINTS as f64;
            Some((quantile(&values, share)?, share))
        });
        chart.line(points, look);
        entries.push((shown_name(source), look));
    }
    chart.legend(&entries);
    chart.close()
}

/// Share of the genuine comparisons below a score: what a threshold there would reject.
fn genuine(sources: &[Source]) -> String {
    let title = "Genuine comparisons that a threshold rejects";
    let mut chart = Chart::new(title, "score", "share of genuine comparisons below", (0.0, 1.0), (-3.0, 0.0));
    chart.linear_x(0.2);
    chart.powers_y();
    let mut entries = Vec::new();
    for (source, look) in sources.iter().zip(looks(sources)) {
        // Best first: the k-th from the end has k below it.
        let n = source.genuine.len();
        let worst = source.genuine.iter().rev().enumerate();
        chart.line(thin_log(worst.map(|(k, score)| (*score, (k as f64 / n as f64).max(1e-9))), n), look);
        entries.push((shown_name(source), look));
    }
    chart.legend(&entries);
    chart.close()
}

/// Share of the impostor comparisons at or above a score, logarithmic: the tail is what a large gallery meets.
fn impostor(sources: &[Source]) -> String {
    let most = sources.iter().filter_map(|s| s.impostor.first()).fold(0.1_f64, |a, b| a.max(*b));
    let high = (most * 10.0).ceil() / 10.0;
    let title = "Impostor comparisons that a threshold accepts (1 - CDF)";
    let mut chart = Chart::new(title, "score", "share of impostor comparisons at or above", (0.0, high), (-5.5, 0.0));
    chart.linear_x(0.1);
    chart.powers_y();
    let mut entries = Vec::new();
    for (source, look) in sources.iter().zip(looks(sources)) {
        let n = source.impostor.len();
        let best = source.impostor.iter().enumerate();
        chart.line(thin_log(best.map(|(k, score)| (*score, (k + 1) as f64 / n as f64)), n), look);
        entries.push((shown_name(source), look));
    }
    chart.legend(&entries);
    chart.close()
}

/// The logarithm of the shares, of so many points those that can be told apart on a logarithmic axis.
fn thin_log(points: impl Iterator<Item = (f64, f64)>, n: usize) -> impl Iterator<Item = (f64, f64)> {
    let mut last = f64::NEG_INFINITY;
    points.enumerate().filter_map(move |(k, (x, share))| {
        let y = share.log10();
        let keep = y - last > 0.03 || k + 1 == n;
        if keep {
            last = y;
        }
        keep.then_some((x, y))
    })
}

/// Bars in groups.
fn bars(
    title: &str,
    groups: &[(f64, String)],
    width: f64,
    rows: &[(String, Look, Vec<f64>)],
    note: &[(f64, &str)],
) -> String {
    let mut chart = Chart::new(title, "", "share of prints", (0.0, 1.0), (0.0, 1.0));
    chart.percent_y(0.2);
    let bar = width / (rows.len() as f64 + 1.5);
    for (g, (middle, label)) in groups.iter().enumerate() {
        chart.label_x(*middle, label);
        for (r, (_, look, shares)) in rows.iter().enumerate() {
            let left = middle - width / 2.0 + bar * (r as f64 + 0.75);
            chart.bar(left, bar * 0.86, shares[g], *look);
        }
    }
    for (middle, text) in note {
        chart.under_labels(*middle, text);
    }
    chart.bar_legend(&rows.iter().map(|r| (r.0.clone(), r.1)).collect::<Vec<_>>());
    chart.close()
}

fn singular(sources: &[Source]) -> String {
    let groups: Vec<(f64, String)> = (0..8)
        .map(|k| {
            let label = ["0", "1", "2", "3+"][k % 4].to_owned();
            ((k as f64 + 0.5) / 8.0 * 0.96 + if k < 4 { 0.0 } else { 0.04 }, label)
        })
        .collect();
    let rows: Vec<_> = sources
        .iter()
        .zip(looks(sources))
        .filter_map(|(s, look)| s.points().map(|(c, d)| (shown_name(s), look, [c, d].concat())))
        .collect();
    bars("Cores and deltas seen on a print", &groups, 0.115, &rows, &[(0.24, "cores"), (0.76, "deltas")])
}

fn classes(sources: &[Source]) -> String {
    let names = ["arch", "tented", "left loop", "right loop", "whorl", "unknown"];
    let groups: Vec<(f64, String)> =
        names.iter().enumerate().map(|(k, n)| ((k as f64 + 0.5) / 6.0, (*n).to_owned())).collect();
    let rows: Vec<_> = sources
        .iter()
        .zip(looks(sources))
        .filter_map(|(s, look)| s.classes().map(|c| (shown_name(s), look, c.to_vec())))
        .collect();
    bars("Pattern class as the print shows it", &groups, 0.15, &rows, &[])
}

/// Recall and precision of the extractor against the truth, preset by preset.
fn recall(presets: &[OfPreset]) -> String {
    let title = "The extractor against the truth, synthetic images (fast)";
    let mut chart = Chart::new(title, "share of minutiae", "", (0.0, 1.0), (presets.len() as f64, 0.0));
    chart.percent_x(0.2);
    for (row, p) in presets.iter().enumerate() {
        let y = row as f64 + 0.5;
        chart.label_y(y, p.preset.name());
        if let Some(tally) = p.image.extractor() {
            chart.rule(tally.recall(), tally.precision(), y);
            chart.dot(tally.recall(), y, "fast", true);
            chart.dot(tally.precision(), y, "growth", false);
        }
    }
    chart.dot_legend(&[("recall: true found", "fast", true), ("precision: found true", "growth", false)]);
    chart.close()
}

/// Equal error rates with their intervals, preset by preset; the band is the interval of the real sets' mean.
fn error_by_preset(sources: &[Source], presets: &[OfPreset]) -> String {
    const LOW: f64 = 0.01;
    let title = "Equal error rate by preset, with 95 % intervals";
    let axis = (LOW.log10() - 0.12, 60.0_f64.log10());
    let mut chart = Chart::new(title, "EER, %", "", axis, (presets.len() as f64, 0.0));
    let place = |v: f64| v.max(LOW).log10();
    if let Some(mean) = super::Mean::of(sources) {
        chart.band(place(mean.interval.low.eer), place(mean.interval.high.eer));
    }
    for (tick, label) in [(0.01, "0.01 or less"), (0.1, "0.1"), (1.0, "1"), (10.0, "10")] {
        chart.vertical(place(tick), label);
    }
    for (row, p) in presets.iter().enumerate() {
        chart.label_y(row as f64 + 0.5, p.preset.name());
        for (source, class, y) in [(&p.image, "fast", 0.36), (&p.template, "template", 0.64)] {
            let y = row as f64 + y;
            chart.rule_of(place(source.interval.low.eer), place(source.interval.high.eer), y, class);
            chart.dot(place(source.figures.eer), y, class, true);
        }
    }
    chart.dot_legend(&[("images (fast)", "fast", true), ("templates", "template", true)]);
    chart.note_legend("band: mean of real sets");
    chart.close()
}

/// An SVG under way.
struct Chart {
    svg: String,
    x: (f64, f64),
    y: (f64, f64),
    legend_rows: usize,
}

impl Chart {
    fn new(title: &str, x_axis: &str, y_axis: &str, x: (f64, f64), y: (f64, f64)) -> Self {
        let mut svg = format!("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\">\n{STYLE}");
        let title = escape(title);
        let (left, right, top, bottom) = FIELD;
        let (middle, centre) = ((left + right) / 2.0, (top + bottom) / 2.0);
        // Writing to a string cannot fail.
        let _ = writeln!(svg, r#"<title>{title}</title><rect class="bg" width="{WIDTH}" height="{HEIGHT}"/>"#);
        let _ = writeln!(svg, r#"<text x="{left}" y="20" font-weight="bold">{title}</text>"#);
        let _ =
            writeln!(svg, r#"<text x="{middle}" y="{}" text-anchor="middle">{}</text>"#, HEIGHT - 14.0, escape(x_axis));
        let _ = writeln!(
            svg,
            r#"<text x="14" y="{centre}" text-anchor="middle" transform="rotate(-90 14 {centre})">{}</text>"#,
            escape(y_axis)
        );
        Self { svg, x, y, legend_rows: 0 }
    }

    fn px(&self, x: f64) -> f64 {
        let t = (x - self.x.0) / (self.x.1 - self.x.0);
        FIELD.0 + t.clamp(0.0, 1.0) * (FIELD.1 - FIELD.0)
    }

    fn py(&self, y: f64) -> f64 {
        let t = (y - self.y.0) / (self.y.1 - self.y.0);
        FIELD.3 - t.clamp(0.0, 1.0) * (FIELD.3 - FIELD.2)
    }

    fn vertical(&mut self, x: f64, label: &str) {
        let at = self.px(x);
        let _ = writeln!(self.svg, r#"<path class="grid" d="M{at:.1} {}V{}"/>"#, FIELD.2, FIELD.3);
        self.label_x(x, label);
    }

    fn label_x(&mut self, x: f64, label: &str) {
        let at = self.px(x);
        let _ = writeln!(self.svg, r#"<text x="{at:.1}" y="{}" text-anchor="middle">{label}</text>"#, FIELD.3 + 17.0);
    }

    fn under_labels(&mut self, x: f64, text: &str) {
        let at = self.px(x);
        let _ = writeln!(self.svg, r#"<text x="{at:.1}" y="{}" text-anchor="middle">{text}</text>"#, FIELD.3 + 36.0);
    }

    fn horizontal(&mut self, y: f64, label: &str) {
        let at = self.py(y);
        let _ = writeln!(self.svg, r#"<path class="grid" d="M{} {at:.1}H{}"/>"#, FIELD.0, FIELD.1);
        let _ =
            writeln!(self.svg, r#"<text x="{}" y="{:.1}" text-anchor="end">{label}</text>"#, FIELD.0 - 6.0, at + 4.0);
    }

    fn label_y(&mut self, y: f64, label: &str) {
        let at = self.py(y) + 4.0;
        let _ = writeln!(self.svg, r#"<text x="{}" y="{at:.1}" text-anchor="end">{label}</text>"#, FIELD.0 - 6.0);
    }

    fn linear_x(&mut self, step: f64) {
        let steps = ((self.x.1 - self.x.0) / step).round() as u32;
        for k in 0..=steps {
            let v = self.x.0 + step * f64::from(k);
            let label = if step < 1.0 { format!("{v:.1}") } else { format!("{v:.0}") };
            self.vertical(v, &label);
        }
    }

    fn percent_x(&mut self, step: f64) {
        for k in 0..=(1.0 / step).round() as u32 {
            let v = step * f64::from(k);
            self.vertical(v, &format!("{:.0} %", 100.0 * v));
        }
    }

    fn percent_y(&mut self, step: f64) {
        for k in 0..=(1.0 / step).round() as u32 {
            let v = step * f64::from(k);
            self.horizontal(v, &format!("{:.0} %", 100.0 * v));
        }
    }

    fn powers_y(&mut self) {
        for e in self.y.0.ceil() as i32..=0 {
            let label = match e {
                0 => "100 %".to_owned(),
                -1 => "10 %".to_owned(),
                -2 => "1 %".to_owned(),
                _ => format!("{:.*} %", (-e - 2) as usize, 10f64.powi(e + 2)),
            };
            self.horizontal(f64::from(e), &label);
        }
    }

    fn line(&mut self, points: impl Iterator<Item = (f64, f64)>, look: Look) {
        let mut path = String::new();
        for (x, y) in points {
            let _ = write!(path, "{:.1},{:.1} ", self.px(x), self.py(y));
        }
        let _ = writeln!(
            self.svg,
            r#"<polyline class="l {}" stroke-dasharray="{}" points="{}"/>"#,
            look.class,
            look.dash,
            path.trim_end()
        );
    }

    fn bar(&mut self, left: f64, width: f64, share: f64, look: Look) {
        let (from, to) = (self.px(left), self.px(left + width));
        let (top, bottom) = (self.py(share), self.py(0.0));
        let _ = writeln!(
            self.svg,
            r#"<rect class="{}-f" fill-opacity="{:.2}" x="{from:.1}" y="{top:.1}" width="{:.1}" height="{:.1}"/>"#,
            look.class,
            look.shade,
            to - from,
            bottom - top
        );
    }

    fn band(&mut self, from: f64, to: f64) {
        let (from, to) = (self.px(from), self.px(to));
        let _ = writeln!(
            self.svg,
            r#"<rect class="band" x="{from:.1}" y="{}" width="{:.1}" height="{}"/>"#,
            FIELD.2,
            to - from,
            FIELD.3 - FIELD.2
        );
    }

    fn rule(&mut self, from: f64, to: f64, y: f64) {
        self.rule_of(from, to, y, "real");
    }

    fn rule_of(&mut self, from: f64, to: f64, y: f64, class: &str) {
        let (from, to, at) = (self.px(from), self.px(to), self.py(y));
        let _ = writeln!(self.svg, r#"<path class="{class}" d="M{from:.1} {at:.1}H{to:.1}"/>"#);
    }

    fn dot(&mut self, x: f64, y: f64, class: &str, filled: bool) {
        let (cx, cy) = (self.px(x), self.py(y));
        self.mark(cx, cy, class, filled);
    }

    fn mark(&mut self, cx: f64, cy: f64, class: &str, filled: bool) {
        let fill = if filled { format!("{class}-f") } else { "open".to_owned() };
        let _ = writeln!(self.svg, r#"<circle class="{class} {fill}" cx="{cx:.1}" cy="{cy:.1}" r="4"/>"#);
    }

    /// The row of the next entry beside the field.
    fn next_entry(&mut self, text: &str) -> (f64, f64) {
        let (x, y) = (FIELD.1 + 14.0, FIELD.2 + 10.0 + 20.0 * self.legend_rows as f64);
        self.legend_rows += 1;
        let _ = writeln!(self.svg, r#"<text x="{}" y="{:.1}">{}</text>"#, x + 28.0, y + 4.0, escape(text));
        (x, y)
    }

    fn legend(&mut self, entries: &[(String, Look)]) {
        for (name, look) in entries {
            let (x, y) = self.next_entry(name);
            let _ = writeln!(
                self.svg,
                r#"<path class="{}" stroke-dasharray="{}" d="M{x} {y}h22"/>"#,
                look.class, look.dash
            );
        }
    }

    fn bar_legend(&mut self, entries: &[(String, Look)]) {
        for (name, look) in entries {
            let (x, y) = self.next_entry(name);
            let _ = writeln!(
                self.svg,
                r#"<rect class="{}-f" fill-opacity="{:.2}" x="{x}" y="{}" width="12" height="10"/>"#,
                look.class,
                look.shade,
                y - 5.0
            );
        }
    }

    fn dot_legend(&mut self, entries: &[(&str, &str, bool)]) {
        for (name, class, filled) in entries {
            let (x, y) = self.next_entry(name);
            self.mark(x + 12.0, y, class, *filled);
        }
    }

    fn note_legend(&mut self, text: &str) {
        let (x, y) = self.next_entry(text);
        let _ = writeln!(self.svg, r#"<rect class="band" x="{x}" y="{}" width="22" height="12"/>"#, y - 6.0);
    }

    fn close(mut self) -> String {
        self.svg.push_str("</svg>\n");
        self.svg
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
