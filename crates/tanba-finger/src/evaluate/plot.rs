//! DET curves and score histograms as SVG.

use super::Trials;
use core::fmt::Write as _;

/// A named set of trials to draw.
#[derive(Debug, Clone, Copy)]
pub struct Curve<'t> {
    /// Label in the legend.
    pub name: &'t str,
    /// What is drawn.
    pub trials: &'t Trials,
}

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 480.0;
const MARGIN: f64 = 64.0;
/// Colours that remain distinct for the colour-blind (Okabe-Ito).
const COLOURS: [&str; 7] = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"];

/// FNMR over FMR, both axes logarithmic.
pub fn det_svg(curves: &[Curve<'_>]) -> String {
    const FMR: (f64, f64) = (-5.0, 0.0);
    const FNMR: (f64, f64) = (-3.0, 0.0);
    let x = |fmr: f64| place(fmr.max(1e-9).log10(), FMR, MARGIN, WIDTH - MARGIN / 2.0);
    let y = |fnmr: f64| place(fnmr.max(1e-9).log10(), FNMR, HEIGHT - MARGIN, MARGIN / 2.0);
    let mut svg = open("Detection error trade-off", "false match rate", "false non-match rate");
    for e in FMR.0 as i32..=FMR.1 as i32 {
        let at = x(10f64.powi(e));
        vertical(&mut svg, at, &power(e));
    }
    for e in FNMR.0 as i32..=FNMR.1 as i32 {
        horizontal(&mut svg, y(10f64.powi(e)), &power(e));
    }
    for (curve, colour) in curves.iter().zip(COLOURS.iter().cycle()) {
        let steps = curve.trials.steps(&vec![1; curve.trials.fingers()]);
        let points: String = steps.iter().fold(String::new(), |mut s, step| {
            let _ = write!(s, "{:.1},{:.1} ", x(step.fmr), y(step.fnmr));
            s
        });
        let _ = writeln!(svg, r#"<polyline fill="none" stroke="{colour}" stroke-width="1.5" points="{points}"/>"#);
    }
    legend(&mut svg, &curves.iter().zip(COLOURS.iter().cycle()).map(|(c, k)| (c.name, *k)).collect::<Vec<_>>());
    close(svg)
}

/// Share of the genuine and of the impostor comparisons by score.
pub fn histogram_svg(curve: &Curve<'_>) -> String {
    const BINS: usize = 50;
    let (genuine, impostor) = (curve.trials.scores(true), curve.trials.scores(false));
    let top = genuine.iter().chain(&impostor).copied().fold(f32::MIN_POSITIVE, f32::max);
    let shares = |scores: &[f32]| {
        let mut bins = [0.0f64; BINS];
        for &s in scores {
            bins[((s / top).clamp(0.0, 1.0) * BINS as f32).min(BINS as f32 - 1.0) as usize] +=
                1.0 / scores.len() as f64;
        }
        bins
    };
    let sides = [("genuine", shares(&genuine), COLOURS[0]), ("impostor", shares(&impostor), COLOURS[1])];
    let highest = sides.iter().flat_map(|s| s.1).fold(0.01, f64::max);
    let x = |bin: f64| place(bin, (0.0, BINS as f64), MARGIN, WIDTH - MARGIN / 2.0);
    let y = |share: f64| place(share, (0.0, highest), HEIGHT - MARGIN, MARGIN / 2.0);
    let mut svg = open(&format!("Scores of {}", curve.name), "score", "share of comparisons");
    for i in 0..=5 {
        vertical(&mut svg, x(BINS as f64 * f64::from(i) / 5.0), &format!("{:.2}", top * i as f32 / 5.0));
        let share = highest * f64::from(i) / 5.0;
        horizontal(&mut svg, y(share), &format!("{:.0} %", 100.0 * share));
    }
    for (_, bins, colour) in &sides {
        for (bin, &share) in bins.iter().enumerate().filter(|(_, s)| **s > 0.0) {
            let (left, right) = (x(bin as f64), x(bin as f64 + 1.0));
            let _ = writeln!(
                svg,
                r#"<rect x="{left:.1}" y="{:.1}" width="{:.1}" height="{:.1}" fill="{colour}" fill-opacity="0.5"/>"#,
                y(share),
                right - left,
                y(0.0) - y(share)
            );
        }
    }
    legend(&mut svg, &sides.iter().map(|s| (s.0, s.2)).collect::<Vec<_>>());
    close(svg)
}

fn place(v: f64, range: (f64, f64), from: f64, to: f64) -> f64 {
    from + (v.clamp(range.0, range.1) - range.0) / (range.1 - range.0) * (to - from)
}

fn power(exponent: i32) -> String {
    if exponent == 0 { "1".to_owned() } else { format!("1e{exponent}") }
}

fn open(title: &str, x_axis: &str, y_axis: &str) -> String {
    let mut svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">
<title>{}</title>
<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>
"#,
        escape(title)
    );
    let _ = writeln!(svg, r#"<text x="{}" y="20" text-anchor="middle">{}</text>"#, WIDTH / 2.0, escape(title));
    let _ = writeln!(
        svg,
        r#"<text x="{}" y="{}" text-anchor="middle">{x_axis}</text>"#,
        WIDTH / 2.0,
        HEIGHT - MARGIN / 4.0
    );
    let middle = HEIGHT / 2.0;
    let _ = writeln!(
        svg,
        r#"<text x="16" y="{middle}" text-anchor="middle" transform="rotate(-90 16 {middle})">{y_axis}</text>"#
    );
    svg
}

fn vertical(svg: &mut String, x: f64, label: &str) {
    let (top, bottom) = (MARGIN / 2.0, HEIGHT - MARGIN);
    let _ = writeln!(svg, r##"<path d="M{x:.1} {top}V{bottom}" stroke="#ddd"/>"##);
    let _ = writeln!(svg, r#"<text x="{x:.1}" y="{}" text-anchor="middle">{label}</text>"#, bottom + 18.0);
}

fn horizontal(svg: &mut String, y: f64, label: &str) {
    let (left, right) = (MARGIN, WIDTH - MARGIN / 2.0);
    let _ = writeln!(svg, r##"<path d="M{left} {y:.1}H{right}" stroke="#ddd"/>"##);
    let _ = writeln!(svg, r#"<text x="{}" y="{:.1}" text-anchor="end">{label}</text>"#, left - 6.0, y + 4.0);
}

fn legend(svg: &mut String, entries: &[(&str, &str)]) {
    for (i, (name, colour)) in entries.iter().enumerate() {
        let y = MARGIN / 2.0 + 16.0 * (i as f64 + 1.0);
        let x = WIDTH - MARGIN / 2.0 - 8.0;
        let _ = writeln!(svg, r#"<text x="{x}" y="{y}" text-anchor="end" fill="{colour}">{}</text>"#, escape(name));
    }
}

fn close(mut svg: String) -> String {
    svg.push_str("</svg>\n");
    svg
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::super::{Impostors, ImpressionSet, ScoreMatrix};
    use super::*;

    #[test]
    fn plots_are_well_formed_and_escape_names() {
        let set = ImpressionSet::from_names(&["a_1", "a_2", "b_1"]).unwrap();
        let mut m = ScoreMatrix::zero(3);
        m.set(0, 1, 0.8);
        let trials = Trials::of(&set, &m, &[false; 3], Impostors::All);
        let curve = Curve { name: "<set>&", trials: &trials };
        for svg in [det_svg(&[curve, curve]), histogram_svg(&curve)] {
            assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n"));
            assert!(svg.contains("&lt;set&gt;&amp;") && !svg.contains("NaN") && !svg.contains("<set>"));
        }
        assert_eq!(det_svg(&[curve, curve]).matches("<polyline").count(), 2);
    }
}
