//! The ridges of a finger that does not exist, as one drawing of thin lines (SVG): the console's only ornament.
//! `cargo run -p tanba-synth --example ornament -- SEED > crates/tanba-server/assets/ridges.svg`.

use std::fmt::Write as _;
use std::io::Write as _;

use tanba_formats::Finger;
use tanba_synth::{FingerSpec, MasterFinger, PatternClass};

/// The rendered finger is blurred and taken at every so many pixels, so that a line has few points.
const STEP: usize = 2;
/// Ridges are darker than this.
const LEVEL: f32 = 80.0;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let seed = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(7);
    let spec = FingerSpec::of(Finger::RightThumb).with_class(PatternClass::Whorl);
    let image = MasterFinger::from_seed(seed, spec).render();
    let (width, height) = (image.width() / STEP, image.height() / STEP);
    // A box of 2 STEP pixels a side around each point: smooth enough to follow, narrow enough to keep ridges apart.
    let at = |x: usize, y: usize| -> f32 {
        let (mut sum, mut n) = (0.0_f32, 0.0_f32);
        for yy in (y * STEP).saturating_sub(STEP)..(y * STEP + STEP).min(image.height()) {
            for xx in (x * STEP).saturating_sub(STEP)..(x * STEP + STEP).min(image.width()) {
                sum += f32::from(image.pixels()[yy * image.width() + xx]);
                n += 1.0;
            }
        }
        sum / n.max(1.0)
    };
    // The pad of the finger is an oval; outside it there is paper, so that every line closes.
    let oval = |x: usize, y: usize| {
        let across = x as f32 / width as f32 * 2.0 - 1.0;
        let down = y as f32 / height as f32 * 2.0 - 1.0;
        across * across + down * down < 0.9
    };
    let grid: Vec<f32> = (0..height * width)
        .map(|i| if oval(i % width, i / width) { at(i % width, i / width) } else { 255.0 })
        .collect();
    let mut segments = Segments::default();
    for y in 0..height - 1 {
        for x in 0..width - 1 {
            let corner = |dx: usize, dy: usize| grid[(y + dy) * width + x + dx];
            segments.cell(x, y, [corner(0, 0), corner(1, 0), corner(1, 1), corner(0, 1)]);
        }
    }
    let mut path = String::new();
    for line in segments.lines() {
        if line.len() < 12 {
            continue; // pores and specks
        }
        for (i, (x, y)) in line.iter().step_by(4).chain(line.last()).enumerate() {
            let _ = write!(path, "{}{:.0} {:.0}", if i == 0 { "M" } else { "L" }, x * 10.0, y * 10.0);
        }
    }
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\"><path d=\"{path}\" fill=\"#0e7181\" fill-rule=\"evenodd\"/></svg>",
        width * 10,
        height * 10
    )?;
    Ok(())
}

/// Marching squares: pieces of the level line, joined end to end. A point is named by the grid edge that it lies on.
#[derive(Default)]
struct Segments {
    next: std::collections::BTreeMap<Edge, Edge>,
    points: std::collections::BTreeMap<Edge, (f32, f32)>,
}

/// Column, row, and whether the edge goes down.
type Edge = (usize, usize, bool);

impl Segments {
    fn cell(&mut self, x: usize, y: usize, corners: [f32; 4]) {
        let inside = corners.map(|value| value < LEVEL);
        let cut = |a: usize, b: usize| (LEVEL - corners[a]) / (corners[b] - corners[a]);
        let (fx, fy) = (x as f32, y as f32);
        // Edges in order: top, right, bottom, left; each with the corners at its ends.
        let edges: [(Edge, usize, usize); 4] =
            [((x, y, false), 0, 1), ((x + 1, y, true), 1, 2), ((x, y + 1, false), 3, 2), ((x, y, true), 0, 3)];
        let mut crossed = Vec::new();
        for (i, (edge, a, b)) in edges.into_iter().enumerate() {
            if inside[a] != inside[b] {
                let t = cut(a, b);
                let point = match i {
                    0 => (fx + t, fy),
                    1 => (fx + 1.0, fy + t),
                    2 => (fx + t, fy + 1.0),
                    _ => (fx, fy + t),
                };
                self.points.insert(edge, point);
                // Going round with the inside on the right: which way the line passes this edge.
                let leaves = [inside[0], inside[1], inside[3], inside[0]][i] == [true, true, false, false][i];
                crossed.push((edge, leaves));
            }
        }
        let (starts, ends): (Vec<_>, Vec<_>) = crossed.into_iter().partition(|(_, leaves)| !leaves);
        for ((from, _), (to, _)) in starts.into_iter().zip(ends) {
            self.next.insert(from, to);
        }
    }

    fn lines(&self) -> Vec<Vec<(f32, f32)>> {
        let mut left = self.next.clone();
        let mut lines = Vec::new();
        // Lines that begin somewhere first, rings after them.
        let ends: std::collections::BTreeSet<Edge> = self.next.values().copied().collect();
        let mut starts: Vec<Edge> = self.next.keys().filter(|edge| !ends.contains(*edge)).copied().collect();
        starts.extend(self.next.keys());
        for start in starts {
            let mut line = Vec::new();
            let mut at = start;
            while let Some(next) = left.remove(&at) {
                line.push(self.points[&at]);
                at = next;
            }
            if !line.is_empty() {
                line.push(self.points[&at]);
                lines.push(line);
            }
        }
        lines
    }
}
