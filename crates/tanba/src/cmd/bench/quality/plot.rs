//! Error against reject as a picture.

use std::fmt::Write as _;

use super::Told;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 150.0;
const TOP: f64 = 36.0;
const BOTTOM: f64 = 52.0;
/// Colours that remain distinct for the colour-blind (Okabe-Ito).
const COLOURS: [&str; 8] = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#999999"];

/// One line for each set; dashed, in the last set's colour, what an order that knows the errors would do.
pub(super) fn svg(told: &[Told]) -> String {
    let top = told.iter().flat_map(|t| &t.curve.fnmr).copied().fold(0.001, f64::max);
    let most = tanba_finger::quality::reject::MOST;
    let x = |share: f64| LEFT + share / most * (WIDTH - LEFT - RIGHT);
    let y = |rate: f64| HEIGHT - BOTTOM - rate / top * (HEIGHT - TOP - BOTTOM);
    let mut out = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">
<title>Error against reject</title>
<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>
<text x="{}" y="20" text-anchor="middle">False non-match rate when images of low quality are rejected</text>
<text x="{}" y="{}" text-anchor="middle">images rejected</text>
"##,
        WIDTH / 2.0,
        x(most / 2.0),
        HEIGHT - 12.0
    );
    // Writing to a string cannot fail.
    for i in 0..=4 {
        let (share, rate) = (most * f64::from(i) / 4.0, top * f64::from(i) / 4.0);
        let _ = writeln!(
            out,
            r##"<path d="M{:.1} {TOP}V{}" stroke="#ddd"/><text x="{:.1}" y="{}" text-anchor="middle">{:.0} %</text>"##,
            x(share),
            HEIGHT - BOTTOM,
            x(share),
            HEIGHT - BOTTOM + 18.0,
            100.0 * share
        );
        let _ = writeln!(
            out,
            r##"<path d="M{LEFT} {:.1}H{}" stroke="#ddd"/><text x="{}" y="{:.1}" text-anchor="end">{:.1} %</text>"##,
            y(rate),
            WIDTH - RIGHT,
            LEFT - 6.0,
            y(rate) + 4.0,
            100.0 * rate
        );
    }
    let line = |curve: &tanba_finger::quality::reject::RejectCurve| {
        curve.rejected.iter().zip(&curve.fnmr).fold(String::new(), |mut s, (&share, &rate)| {
            let _ = write!(s, "{:.1},{:.1} ", x(share), y(rate));
            s
        })
    };
    for (i, t) in told.iter().enumerate() {
        let colour = COLOURS[i % COLOURS.len()];
        let wide = if i + 1 == told.len() { 3.0 } else { 1.5 };
        let _ = writeln!(
            out,
            r#"<polyline fill="none" stroke="{colour}" stroke-width="{wide}" points="{}"/>"#,
            line(&t.curve)
        );
        if i + 1 == told.len() {
            let _ = writeln!(
                out,
                r#"<polyline fill="none" stroke="{colour}" stroke-dasharray="4 3" points="{}"/>"#,
                line(&t.best)
            );
        }
        let name = t.name.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let _ = writeln!(
            out,
            r#"<text x="{}" y="{}" fill="{colour}">{name}</text>"#,
            WIDTH - RIGHT + 10.0,
            TOP + 14.0 + 17.0 * i as f64
        );
    }
    out.push_str("</svg>\n");
    out
}
