//! Pattern class from singular points, and from the flow where the print shows too few of them.
//!
//! - Two cores that open toward each other, two deltas, or ridges that turn all the way round one core: a whorl.
//! - One core and a delta: the delta lies on the line along which a tented arch opens, and beside that of a loop, on the other side
//!   than the one to which the loop turns. This holds however the finger was turned.
//! - One core alone, the usual plain touch: the delta outside the print still bends the flow. Round a core, `2t - phi - a` (`t` ridge
//!   direction, `phi` the way to the place, `a` the opening) is zero for a bare core; a delta at distance `rho` and angle `beta` from
//!   the opening adds `(r / rho) sin(phi - a - beta)` on the circle of radius `r`. So the part that is even about the opening
//!   tells the delta's side, the odd part whether it lies ahead. Only its growth with `r` is the delta's: what is there near
//!   the core is the core's own shape. With it goes how far the opening leans from straight down.
//! - No core: an arch where the turn of the ridges from the left flank to the right rises and falls again from the tip down, and
//!   never turns the other way (below a core that lies above the print it does; above one that lies below the print it
//!   only rises). A print that does not show so much has no class.
//!
//! Weights are logistic regressions on 1400 synthetic prints of six presets, whose class is known.

use std::f32::consts::{FRAC_PI_2, PI, TAU};

use super::field::{Field, wrapped};
use super::{Core, Delta, PatternClass};
use crate::exact::Exact;

/// Cores of a whorl open toward each other within this of half a turn, radians (seen: within 0.6).
const FACING_WITHIN: f32 = 1.3;
/// A single core that leans further than this from straight down opens upward: the lower core of a whorl, radians.
const OPENS_UPWARD: f32 = 2.2;
/// Sureness of a whorl of which only one core, or no core and two deltas, are seen (own choice).
const HALF_SEEN: f32 = 0.6;

/// Circle on which the core's own shape is read, pixels.
const NEAR_RING: f32 = 24.0;
/// Circles on which the delta's influence is read, the widest that the print shows, pixels.
const FAR_RINGS: [f32; 3] = [90.0, 72.0, 56.0];
/// Share of a circle that must be readable.
const RING_SHARE: f32 = 0.75;
/// Places on a circle.
const RING_PLACES: usize = 48;

/// Evidence for a left loop, natural log odds: for each radian that the opening leans to the left, ...
const LEAN: f32 = 6.9;
/// ... of the even part near the core, ...
const EVEN_NEAR: f32 = -6.3;
/// ... and of its growth over [`GROWTH`] pixels.
const EVEN_GROWTH: f32 = 14.3;
const GROWTH: f32 = 66.0;
/// Evidence for a tented arch: for each radian of the odd part far from the core, near it, and from the start.
const ODD_FAR: f32 = 12.8;
const ODD_NEAR: f32 = -6.3;
const ODD_START: f32 = 0.5;
/// A loop's odd part is not below this, radians, at a circle of no radius and for each pixel of it; a second core that is not seen makes
/// it so (of loops, one in a hundred).
const ODD_MIN: f32 = -0.85;
const ODD_MIN_SLOPE: f32 = -0.005;
/// A delta further than this from the line of the opening is a loop's, a nearer one a tented arch's, pixels, and how sharply (of 546
/// synthetic prints tented arches reach 44, loops begin at 52, with one exception).
const BESIDE: f32 = 48.0;
const BESIDE_SPREAD: f32 = 4.0;
/// Evidence below this is none, natural log odds (more than one in four would be wrong).
const EVIDENCE_MIN: f32 = 1.0;

/// Radius round a core at the rim, pixels, and how much of it the print shows.
const RIM: f32 = 16.0;
const RIM_SHARE: f32 = 0.4;
/// Half the width over which the turn of an arch is read, as a share of the print's width.
const ARCH_HALF_WIDTH: f32 = 0.32;
/// Share of that width that must be readable in a row.
const ARCH_ROW_SHARE: f32 = 0.95;
/// Rows needed, pixels.
const ARCH_HEIGHT: f32 = 96.0;
/// Rows over which the turn at the bottom is averaged.
const ARCH_BOTTOM_ROWS: usize = 3;
/// Turn of the steepest row, at least, and how much less the bottom must turn, radians: rows of prints without a core that are no
/// arches do not do both (of 144 synthetic ones one did).
const ARCH_TURN: f32 = 0.6;
const ARCH_FALL: f32 = 0.2;
/// No row turns further the other way, radians: below the first joint's crease ridges sag a little.
const ARCH_TURN_LEAST: f32 = -0.25;
/// Share of the rows within which the steepest one is at the top.
const ARCH_EARLY: f32 = 0.15;
/// The fall at which an arch is as good as sure, radians.
const ARCH_FALL_SURE: f32 = 0.6;

/// The class and how sure it is.
pub(super) fn classify(field: &Field, cores: &[Core], deltas: &[Delta]) -> (PatternClass, f32) {
    let known = match (cores, deltas) {
        ([], []) => arch(field).map(|sure| (PatternClass::Arch, sure)),
        ([], [a, b, ..]) => Some((PatternClass::Whorl, HALF_SEEN * a.confidence.min(b.confidence))),
        ([], _) => None,
        ([a, b, ..], _) if facing(a, b) => {
            let missing = if deltas.len() == 2 { 0.0 } else { 0.5 };
            let sure = a.confidence.min(b.confidence);
            Some((PatternClass::Whorl, 1.0 - (1.0 - sure) * (0.5 + missing)))
        }
        ([core, ..], _) => one_core(field, core, deltas),
    };
    known.unwrap_or((PatternClass::Unknown, 0.0))
}

fn facing(a: &Core, b: &Core) -> bool {
    wrapped(a.direction - b.direction - PI).abs() < FACING_WITHIN
}

/// What one core, which opens downward, and perhaps a delta tell.
fn one_core(field: &Field, core: &Core, deltas: &[Delta]) -> Option<(PatternClass, f32)> {
    // Rows grow downward here: straight down is a quarter turn, and turning on from it leads to the left.
    let opening = -core.direction;
    let lean = wrapped(opening - FRAC_PI_2);
    let half_seen = Some((PatternClass::Whorl, HALF_SEEN * core.confidence));
    if deltas.len() == 2 || lean.abs() > OPENS_UPWARD || all_the_way_round(field, core) {
        return half_seen;
    }
    if let Some(delta) = deltas.first() {
        let beside = wrapped((delta.y - core.y).atan2_exact(delta.x - core.x) - opening);
        let away = (delta.y - core.y).hypot_exact(delta.x - core.x);
        // Behind the bend there is no tent.
        let lateral = if beside.abs() < FRAC_PI_2 { away * beside.sin_exact().abs() } else { away };
        let tented = (BESIDE - lateral) / BESIDE_SPREAD;
        let sure = probability(tented.abs()) * core.confidence.min(delta.confidence);
        if tented.abs() < EVIDENCE_MIN {
            return None;
        }
        let class = match (tented > 0.0, beside > 0.0) {
            (true, _) => PatternClass::TentedArch,
            // The delta at the right of the opening as one looks out of it, which is the left of the image for a loop that hangs down.
            (false, true) => PatternClass::RightLoop,
            (false, false) => PatternClass::LeftLoop,
        };
        return Some((class, sure));
    }
    let near = Ring::read(field, core, opening, NEAR_RING)?;
    let (radius, far) = FAR_RINGS.iter().find_map(|&r| Some((r, Ring::read(field, core, opening, r)?)))?;
    let growth = (far.even - near.even) * GROWTH / (radius - NEAR_RING);
    let left = LEAN * lean + EVEN_NEAR * near.even + EVEN_GROWTH * growth;
    let tented = ODD_FAR * far.odd + ODD_NEAR * near.odd + ODD_START;
    if tented.abs() < EVIDENCE_MIN || far.odd < ODD_MIN + ODD_MIN_SLOPE * radius {
        return None;
    }
    if tented > 0.0 {
        return Some((PatternClass::TentedArch, probability(tented) * core.confidence));
    }
    if left.abs() < EVIDENCE_MIN {
        return None;
    }
    let class = if left > 0.0 { PatternClass::LeftLoop } else { PatternClass::RightLoop };
    Some((class, probability(left.abs()) * probability(-tented) * core.confidence))
}

/// Log odds as a probability.
fn probability(evidence: f32) -> f32 {
    1.0 / (1.0 + (-evidence).exp_exact())
}

/// Whether the ridges of a circle round the core turn once more than round a core alone.
fn all_the_way_round(field: &Field, core: &Core) -> bool {
    let wide = FAR_RINGS[FAR_RINGS.len() - 1];
    (0..2).any(|k| {
        let radius = if k == 0 { wide } else { 0.7 * wide };
        let ring = places(field, core, radius);
        if ring.len() < RING_PLACES {
            return false;
        }
        let angle = |k: usize| ring[k % RING_PLACES].1;
        let turned: f32 = (0..RING_PLACES).map(|k| wrapped(angle(k + 1) - angle(k))).sum();
        turned > 1.5 * TAU
    })
}

/// The ways to the readable places of a circle, and the doubled angle there.
fn places(field: &Field, core: &Core, radius: f32) -> Vec<(f32, f32)> {
    (0..RING_PLACES)
        .filter_map(|k| {
            let phi = TAU * k as f32 / RING_PLACES as f32;
            let (x, y) = (core.x + radius * phi.cos_exact(), core.y + radius * phi.sin_exact());
            field.reads(x, y).then(|| {
                let (re, im) = field.fine.at(x, y);
                (phi, im.atan2_exact(re))
            })
        })
        .collect()
}

/// How the flow on a circle differs from that of a bare core: first harmonics about the opening, radians.
struct Ring {
    even: f32,
    odd: f32,
}

impl Ring {
    fn read(field: &Field, core: &Core, opening: f32, radius: f32) -> Option<Self> {
        let ring = places(field, core, radius);
        if (ring.len() as f32) < RING_SHARE * RING_PLACES as f32 {
            return None;
        }
        let (mut even, mut odd) = (0.0, 0.0);
        for &(phi, doubled) in &ring {
            let off = wrapped(doubled - phi - opening);
            let (sin, cos) = (phi - opening).sin_cos_exact();
            even += off * cos;
            odd += off * sin;
        }
        let scale = 2.0 / ring.len() as f32;
        Some(Self { even: even * scale, odd: odd * scale })
    }
}

/// How sure it is that a print without singular points is of an arch; `None` where it does not show it.
fn arch(field: &Field) -> Option<f32> {
    // A core at the rim is not told, but speaks against an arch.
    if field.coarse.zeros().iter().any(|z| z.core && field.share_readable(z.x, z.y, RIM) >= RIM_SHARE) {
        return None;
    }
    let grid = &field.coarse;
    let middle = |k: usize| (k as f32 + 0.5) * grid.cell;
    let readable = |i: usize, j: usize| field.reads(middle(i), middle(j));
    let (mut sum, mut count, mut widest) = (0.0, 0.0, 0usize);
    for j in 0..grid.height {
        let row: Vec<usize> = (0..grid.width).filter(|&i| readable(i, j)).collect();
        widest = widest.max(row.len());
        count += row.len() as f32;
        sum += row.iter().map(|&i| i as f32).sum::<f32>();
    }
    let centre = sum / f32::max(count, 1.0);
    let half = ARCH_HALF_WIDTH * widest as f32;
    let columns = (centre - half).max(0.0) as usize..=((centre + half) as usize).min(grid.width - 1);
    let needed = ARCH_ROW_SHARE * columns.clone().count() as f32;
    let turns: Vec<f32> = (0..grid.height)
        .filter_map(|j| {
            let row: Vec<f32> = columns
                .clone()
                .filter(|&i| readable(i, j))
                .map(|i| grid.im[j * grid.width + i].atan2_exact(grid.re[j * grid.width + i]))
                .collect();
            let turn: f32 = row.windows(2).map(|w| wrapped(w[1] - w[0])).sum();
            // The field has the doubled angle.
            (row.len() as f32 >= needed).then_some(turn / 2.0)
        })
        .collect();
    if (turns.len() as f32) * grid.cell < ARCH_HEIGHT {
        return None;
    }
    let most = turns.iter().copied().fold(f32::MIN, f32::max);
    let least = turns.iter().copied().fold(f32::MAX, f32::min);
    let bottom = turns.iter().rev().take(ARCH_BOTTOM_ROWS).sum::<f32>() / ARCH_BOTTOM_ROWS as f32;
    // Cut off by the image's upper edge while it already falls: the core of a loop may lie above.
    let early = turns.iter().position(|&t| t == most).is_some_and(|k| (k as f32) < ARCH_EARLY * turns.len() as f32);
    if early && columns.clone().any(|i| readable(i, 0)) {
        return None;
    }
    let fall = most - bottom;
    (most >= ARCH_TURN && least >= ARCH_TURN_LEAST && fall >= ARCH_FALL)
        .then(|| (0.6 + 0.35 * (fall / ARCH_FALL_SURE)).min(0.95))
}
