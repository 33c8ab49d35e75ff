//! What each part of a comparison added to its score, as bars.

use std::fmt::Write as _;

use tanba_finger::Contribution;

/// Height of a part's name with its bar, of a line of its meaning, and between parts, pixels.
const NAME: usize = 20;
const LINE: usize = 14;
const BETWEEN: usize = 8;
/// Where the first part begins, pixels.
const TOP: usize = 40;
const WIDTH: f32 = 720.0;
/// Where 0 lies, and the room for bars on either side.
const ZERO: f32 = 520.0;
const ROOM: f32 = 150.0;
/// Letters to a line of a meaning, so that it ends before the bars begin.
const LETTERS: usize = 62;

/// Bars to the right speak for one finger, to the left against it; natural log odds. Light and dark by the reader's setting.
pub(crate) fn parts_svg(parts: &[Contribution]) -> String {
    let most = parts.iter().map(|p| p.log_odds.abs()).fold(1.0, f32::max);
    let meanings: Vec<Vec<String>> = parts.iter().map(|p| wrapped(p.meaning)).collect();
    let end = TOP + meanings.iter().map(|lines| NAME + LINE * lines.len() + BETWEEN).sum::<usize>();
    let height = end + 30;
    let mut svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" role="img" font-family="sans-serif" font-size="13">
<title>What each part added to the score</title>
<style>text{{fill:#1a1a1a}}.paper{{fill:#fff}}.axis{{stroke:#666}}.small{{font-size:11px;opacity:.75}}@media(prefers-color-scheme:dark){{text{{fill:#eee}}.paper{{fill:#161616}}.axis{{stroke:#aaa}}}}</style>
<rect class="paper" width="{WIDTH}" height="{height}"/>
<text x="12" y="24" font-weight="bold">What each part added to the score (natural log odds)</text>
"#
    );
    let mut y = TOP;
    for (part, lines) in parts.iter().zip(&meanings) {
        let length = part.log_odds.abs() / most * ROOM;
        let (x, colour) = if part.log_odds >= 0.0 { (ZERO, "#0072B2") } else { (ZERO - length, "#D55E00") };
        // Writing to a string cannot fail.
        let _ = writeln!(
            svg,
            r#"<text x="12" y="{}">{} = {:.2}</text><rect x="{x:.1}" y="{y}" width="{length:.1}" height="18" fill="{colour}"/><text x="{}" y="{}" text-anchor="end">{:+.2}</text>"#,
            y + 13,
            part.name,
            part.value,
            WIDTH - 6.0,
            y + 13,
            part.log_odds
        );
        y += NAME;
        for line in lines {
            let _ = writeln!(svg, r#"<text class="small" x="12" y="{}">{line}</text>"#, y + 8);
            y += LINE;
        }
        y += BETWEEN;
    }
    let sum: f32 = parts.iter().map(|p| p.log_odds).sum();
    let _ = writeln!(
        svg,
        r#"<line class="axis" x1="{ZERO}" y1="{TOP}" x2="{ZERO}" y2="{end}"/><text x="12" y="{}" font-weight="bold">Together</text><text x="{}" y="{}" text-anchor="end" font-weight="bold">{sum:+.2}</text></svg>"#,
        end + 17,
        WIDTH - 6.0,
        end + 17
    );
    svg
}

/// A meaning in lines.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.len() + 1 + word.len() <= LETTERS => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
