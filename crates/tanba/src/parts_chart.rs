//! What each part of a comparison added to its score, as bars.

use std::fmt::Write as _;

use tanba_finger::Contribution;

/// Height of a bar with its words, pixels.
const ROW: usize = 40;
const WIDTH: f32 = 720.0;
/// Where 0 lies, and the room for bars on either side.
const ZERO: f32 = 520.0;
const ROOM: f32 = 150.0;

/// Bars to the right speak for one finger, to the left against it; natural log odds. Light and dark by the reader's setting.
pub(crate) fn parts_svg(parts: &[Contribution]) -> String {
    let most = parts.iter().map(|p| p.log_odds.abs()).fold(1.0, f32::max);
    let height = (parts.len() + 2) * ROW;
    let mut svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" role="img" font-family="sans-serif" font-size="13">
<title>What each part added to the score</title>
<style>text{{fill:#1a1a1a}}.paper{{fill:#fff}}.axis{{stroke:#666}}.small{{font-size:11px;opacity:.75}}@media(prefers-color-scheme:dark){{text{{fill:#eee}}.paper{{fill:#161616}}.axis{{stroke:#aaa}}}}</style>
<rect class="paper" width="{WIDTH}" height="{height}"/>
<text x="12" y="24" font-weight="bold">What each part added to the score (natural log odds)</text>
"#
    );
    for (k, part) in parts.iter().enumerate() {
        let y = (k + 1) * ROW;
        let length = part.log_odds.abs() / most * ROOM;
        let (x, colour) = if part.log_odds >= 0.0 { (ZERO, "#0072B2") } else { (ZERO - length, "#D55E00") };
        let words = if part.meaning.len() > 74 {
            let cut = part.meaning.char_indices().map(|(i, _)| i).take_while(|i| *i <= 71).last().unwrap_or(0);
            format!("{}...", &part.meaning[..cut])
        } else {
            part.meaning.to_owned()
        };
        // Writing to a string cannot fail.
        let _ = writeln!(
            svg,
            r#"<text x="12" y="{}">{} = {:.2}</text><text class="small" x="12" y="{}">{words}</text><rect x="{x:.1}" y="{}" width="{length:.1}" height="18" fill="{colour}"/><text x="{}" y="{}" text-anchor="end">{:+.2}</text>"#,
            y + 12,
            part.name,
            part.value,
            y + 27,
            y + 4,
            WIDTH - 6.0,
            y + 17,
            part.log_odds
        );
    }
    let sum: f32 = parts.iter().map(|p| p.log_odds).sum();
    let end = (parts.len() + 1) * ROW;
    let _ = writeln!(
        svg,
        r#"<line class="axis" x1="{ZERO}" y1="{ROW}" x2="{ZERO}" y2="{end}"/><text x="12" y="{}" font-weight="bold">Together</text><text x="{}" y="{}" text-anchor="end" font-weight="bold">{sum:+.2}</text></svg>"#,
        end + 17,
        WIDTH - 6.0,
        end + 17
    );
    svg
}
