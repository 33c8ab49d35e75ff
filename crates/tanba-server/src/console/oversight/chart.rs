//! Small charts, drawn here as SVG: one colour, a title and a description for who cannot see them, and never without the
//! sentence above and the table beneath, which a page puts around them.

use std::fmt::Write as _;

/// As wide as a phone's page, so that text keeps its size there; wider screens put charts side by side.
const WIDTH: usize = 330;
const TEXT: usize = 16;

/// Upright columns, for what has an order: hours, days, tenths. `every` labels each so many of them.
pub(super) fn columns(id: &str, title: &str, about: &str, values: &[(String, u64)], every: usize) -> String {
    const HEIGHT: usize = 130;
    let most = values.iter().map(|(_, n)| *n).max().unwrap_or(0).max(1);
    let (top, bottom) = (TEXT + 8, TEXT + 8);
    let step = WIDTH as f64 / values.len().max(1) as f64;
    let mut svg = open(id, title, about, top + HEIGHT + bottom);
    let base = top + HEIGHT;
    for (i, (label, n)) in values.iter().enumerate() {
        let height = (*n as f64 / most as f64 * HEIGHT as f64).max(if *n > 0 { 2.0 } else { 0.0 });
        let x = i as f64 * step;
        let _ = write!(
            svg,
            "<rect class=\"bar\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{height:.1}\"/>",
            x + step * 0.12,
            base as f64 - height,
            step * 0.76
        );
        if i % every.max(1) == 0 {
            let _ = write!(
                svg,
                "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                // The first label would stick out on the left.
                (x + step / 2.0).max(TEXT as f64 * 0.45 * label.chars().count() as f64 / 2.0 + 2.0),
                base + TEXT + 2,
                escape(label)
            );
        }
    }
    // The tallest column says how tall it is, and so all of them.
    if let Some((i, (_, n))) =
        values.iter().enumerate().max_by_key(|(i, (_, n))| (*n, usize::MAX - i)).filter(|(_, (_, n))| *n > 0)
    {
        let x = (i as f64 * step + step / 2.0).clamp(12.0, WIDTH as f64 - 12.0);
        let _ = write!(svg, "<text class=\"value\" x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\">{n}</text>", top - 6);
    }
    let _ = write!(svg, "<line class=\"axis\" x1=\"0\" y1=\"{base}\" x2=\"{WIDTH}\" y2=\"{base}\"/></svg>");
    svg
}

/// Lying bars with their names above them, for what has no order: outcomes, reasons, bodies. A name that is longer than the
/// chart is wide belongs into the table only, and is cut here.
pub(super) fn bars(id: &str, title: &str, about: &str, values: &[(String, u64, String)]) -> String {
    const ROW: usize = 44;
    let most = values.iter().map(|(_, n, _)| *n).max().unwrap_or(0).max(1);
    let mut svg = open(id, title, about, ROW * values.len().max(1));
    for (i, (label, n, told)) in values.iter().enumerate() {
        let y = i * ROW;
        let width = (*n as f64 / most as f64 * WIDTH as f64).max(if *n > 0 { 2.0 } else { 0.0 });
        let label: String =
            if label.chars().count() > 32 { label.chars().take(31).chain(['…']).collect() } else { label.clone() };
        let _ = write!(
            svg,
            "<text x=\"0\" y=\"{}\">{}</text><text class=\"value\" x=\"{WIDTH}\" y=\"{}\" text-anchor=\"end\">{}</text>\
             <rect class=\"ground\" x=\"0\" y=\"{}\" width=\"{WIDTH}\" height=\"10\"/><rect class=\"bar\" x=\"0\" y=\"{}\" width=\"{width:.1}\" height=\"10\"/>",
            y + TEXT,
            escape(&label),
            y + TEXT,
            escape(told),
            y + TEXT + 7,
            y + TEXT + 7
        );
    }
    svg + "</svg>"
}

/// Rates over a threshold, the rates in powers of ten: the first line falls and is drawn through, the others rise and are broken. `at` is marked. Where a rate is 0, nothing
/// was seen, and its line ends.
pub(super) fn curves(
    id: &str,
    title: &str,
    about: &str,
    lines: &[(String, Vec<(f64, f64)>)],
    at: Option<f64>,
    percent: impl Fn(f64, usize) -> String,
) -> String {
    const HEIGHT: usize = 190;
    /// Powers of ten that are drawn, below 1.
    const DECADES: usize = 5;
    const LEFT: usize = 74;
    let legend = (TEXT + 6) * lines.len();
    let (top, bottom) = (legend + 18, 2 * TEXT + 6);
    let seen = |rate: f64| rate >= 10f64.powi(-(DECADES as i32));
    let last = |line: &[(f64, f64)]| line.iter().filter(|(_, rate)| seen(*rate)).map(|(x, _)| *x).fold(0.0, f64::max);
    let half = |line: &[(f64, f64)]| line.iter().find(|(_, rate)| *rate >= 0.5).map_or(0.0, |(x, _)| *x);
    // Until nothing is seen of what falls and half is lost by what rises, with some room.
    let ends = lines.iter().enumerate().map(|(n, (_, line))| if n == 0 { last(line) } else { half(line) });
    let most = ends.fold(at.unwrap_or(0.0).max(1.0), f64::max) * 1.15;
    let x = |threshold: f64| LEFT as f64 + threshold / most * (WIDTH - LEFT) as f64;
    let y = |rate: f64| top as f64 - rate.log10() / DECADES as f64 * HEIGHT as f64;
    let mut svg = open(id, title, about, top + HEIGHT + bottom);
    for decade in 0..=DECADES {
        let (rate, at) = (10f64.powi(-(decade as i32)), top + decade * HEIGHT / DECADES);
        let label = percent(100.0 * rate, decade.saturating_sub(2));
        let _ = write!(
            svg,
            "<line class=\"grid\" x1=\"{LEFT}\" y1=\"{at}\" x2=\"{WIDTH}\" y2=\"{at}\"/>\
             <text x=\"{}\" y=\"{}\" text-anchor=\"end\">{label}</text>",
            LEFT - 6,
            at + TEXT / 3
        );
    }
    let step = if most > 8.0 { 2 } else { 1 };
    for threshold in (0..=most as usize).step_by(step) {
        let _ = write!(
            svg,
            "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">{threshold}</text>",
            x(threshold as f64),
            top + HEIGHT + TEXT + 4
        );
    }
    for (n, (name, line)) in lines.iter().enumerate() {
        let class = if n == 0 { "line" } else { "line broken" };
        let within = line.iter().filter(|(threshold, rate)| *threshold <= most && seen(*rate));
        let points: Vec<String> = within.map(|(t, rate)| format!("{:.1},{:.1}", x(*t), y(*rate))).collect();
        let row = n * (TEXT + 6) + TEXT;
        let _ = write!(
            svg,
            "<polyline class=\"{class}\" points=\"{}\"/><line class=\"{class}\" x1=\"0\" y1=\"{1}\" x2=\"28\" y2=\"{1}\"/>\
             <text x=\"36\" y=\"{row}\">{2}</text>",
            points.join(" "),
            row - TEXT / 3,
            escape(name)
        );
    }
    if let Some(at) = at {
        let x = x(at);
        let _ = write!(svg, "<line class=\"mark\" x1=\"{x:.1}\" y1=\"{top}\" x2=\"{x:.1}\" y2=\"{}\"/>", top + HEIGHT);
    }
    svg + "</svg>"
}

fn open(id: &str, title: &str, about: &str, height: usize) -> String {
    format!(
        "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\" font-size=\"{TEXT}\">\
         <title id=\"{id}-t\">{}</title><desc id=\"{id}-d\">{}</desc>",
        escape(title),
        escape(about)
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_draws_every_value_and_takes_nobodys_markup() {
        let values = [("<b>".to_owned(), 3), ("b".to_owned(), 0), ("c".to_owned(), 6)];
        let svg = columns("x", "a & b", "\"d\"", &values, 1);
        assert_eq!(svg.matches("<rect").count(), 3);
        assert!(svg.contains("a &amp; b") && svg.contains("&quot;d&quot;") && svg.contains("&lt;b&gt;"));
        assert!(svg.contains("height=\"130.0\"") && svg.contains("height=\"65.0\"") && svg.contains("height=\"0.0\""));
        assert!(svg.contains(">6</text>"), "the tallest says its number");
        let lying =
            bars("y", "t", "d", &[("one".to_owned(), 1, "1".to_owned()), ("two".to_owned(), 2, "2".to_owned())]);
        assert!(lying.contains("width=\"165.0\"") && lying.contains("width=\"330.0\""));
    }

    fn told(percent: f64, places: usize) -> String {
        format!("{percent:.places$} %")
    }

    #[test]
    fn a_curve_ends_where_nothing_was_seen_and_the_threshold_is_marked() {
        let falling = vec![(0.0, 1.0), (1.0, 0.1), (2.0, 0.001), (3.0, 0.0)];
        let rising = vec![(0.0, 0.0), (1.0, 0.01), (2.0, 0.1), (3.0, 1.0)];
        let svg = curves("x", "t", "d", &[("<f>".to_owned(), falling), ("m".to_owned(), rising)], Some(2.0), told);
        let lines: Vec<usize> =
            svg.split("points=\"").skip(1).map(|l| l.split('"').next().unwrap().split(' ').count()).collect();
        assert_eq!(lines, [3, 3], "a rate of 0 is not drawn");
        assert!(
            svg.contains("&lt;f&gt;") && svg.contains("class=\"mark\"") && !svg.contains("NaN") && !svg.contains("inf")
        );
    }

    #[test]
    fn nothing_to_draw_draws_nothing() {
        assert!(columns("x", "t", "d", &[], 1).ends_with("</svg>"));
        assert!(bars("x", "t", "d", &[]).ends_with("</svg>"));
        let empty = curves("x", "t", "d", &[], None, told);
        assert!(empty.ends_with("</svg>") && !empty.contains("NaN"));
    }
}
