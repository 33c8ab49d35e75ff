//! Cores, deltas and ridge period of one print as the extractor's own flow shows them: the same estimate for a real image, of which
//! nobody knows the truth, and for a synthetic one, against whose truth it is measured.
//!
//! A core or delta is a zero of the doubled-angle field with winding number +1 or -1 (Kawagoe and Tojo 1984, the Poincaré index).

use std::f32::consts::{FRAC_PI_2, PI, TAU};

use tanba_finger::{Flow, Mask, Plane, Stage, StageData};

/// Standard deviation of the further smoothing of the flow, cells of 8 pixels. Own choice: the least that leaves few false points on
/// synthetic prints.
const SIGMA: f32 = 1.1;
/// A core and a delta nearer than this are noise and vanish together, pixels.
const CANCEL: f32 = 24.0;
/// Cells from a point to the edge of what can be read, at least.
const MARGIN: isize = 1;
/// Radius at which the side to which a loop opens is read, pixels.
const RING: f32 = 28.0;
/// A core whose loop opens this near to straight down is that of a tented arch, radians from the vertical (own choice).
const TENTED: f32 = 0.16;

/// The stages that are looked at, as they come.
#[derive(Default)]
pub(super) struct Seen {
    flow: Option<Flow>,
    period: Option<Plane>,
    readable: Option<Mask>,
}

impl Seen {
    /// Keeps a stage that is wanted.
    pub(super) fn take(&mut self, stage: Stage<'_>) {
        match (stage.name, stage.data) {
            ("orientation", StageData::Flow(flow)) => self.flow = Some(flow.clone()),
            ("period", StageData::Map(period)) => self.period = Some(period.clone()),
            ("readable", StageData::Mask(readable)) => self.readable = Some(readable.clone()),
            _ => {}
        }
    }

    /// Whether ridges can be read at a place, pixels.
    pub(super) fn reads(&self, x: f32, y: f32) -> bool {
        self.readable.as_ref().is_some_and(|mask| mask.at(x as isize, y as isize))
    }

    /// Median ridge period where ridges can be read, pixels at 500 ppi.
    pub(super) fn period(&self) -> Option<f32> {
        let (period, flow) = (self.period.as_ref()?, self.flow.as_ref()?);
        let centre = |i: usize| (i as f32 + 0.5) * flow.cell as f32;
        let mut read: Vec<f32> = (0..period.data.len())
            .filter(|k| self.reads(centre(k % period.width), centre(k / period.width)))
            .map(|k| period.data[k])
            .collect();
        read.sort_by(f32::total_cmp);
        read.get(read.len() / 2).copied()
    }

    /// Cores and deltas.
    pub(super) fn singular_points(&self) -> Option<SingularPoints> {
        Some(SingularPoints::of(self.flow.as_ref()?, self.readable.as_ref()?))
    }
}

/// Pattern class as the points tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SeenClass {
    /// No core.
    Arch,
    /// One core, opening straight down.
    TentedArch,
    /// One core, opening to the left.
    LeftLoop,
    /// One core, opening to the right.
    RightLoop,
    /// Two cores or more.
    Whorl,
}

impl SeenClass {
    pub(super) const NAMES: [&'static str; 5] = ["arch", "tented_arch", "left_loop", "right_loop", "whorl"];
}

/// Places in pixels at 500 ppi.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SingularPoints {
    pub(super) cores: Vec<(f32, f32)>,
    pub(super) deltas: Vec<(f32, f32)>,
    pub(super) class: SeenClass,
}

impl SingularPoints {
    fn of(flow: &Flow, readable: &Mask) -> Self {
        let flow = smoothed(flow);
        let cell = flow.cell as f32;
        let reads = |i: isize, j: isize| {
            i >= 0 && j >= 0 && readable.at(((i as f32 + 0.5) * cell) as isize, ((j as f32 + 0.5) * cell) as isize)
        };
        let angle = |i: usize, j: usize| flow.sin2[j * flow.width + i].atan2(flow.cos2[j * flow.width + i]);
        let (mut cores, mut deltas) = (Vec::new(), Vec::new());
        for j in 0..flow.height.saturating_sub(1) {
            for i in 0..flow.width.saturating_sub(1) {
                let (u, v) = (i as isize, j as isize);
                let inside = (v - MARGIN..=v + 1 + MARGIN).all(|b| (u - MARGIN..=u + 1 + MARGIN).all(|a| reads(a, b)));
                if !inside {
                    continue;
                }
                let round = [angle(i, j), angle(i + 1, j), angle(i + 1, j + 1), angle(i, j + 1)];
                let turned: f32 = (0..4).map(|k| wrapped(round[(k + 1) % 4] - round[k])).sum();
                // The corner that the four cells share.
                let at = ((i as f32 + 1.0) * cell, (j as f32 + 1.0) * cell);
                if turned > PI {
                    cores.push(at);
                } else if turned < -PI {
                    deltas.push(at);
                }
            }
        }
        cancel(&mut cores, &mut deltas);
        let class = match cores.as_slice() {
            [] => SeenClass::Arch,
            [core] => side(&flow, *core),
            _ => SeenClass::Whorl,
        };
        Self { cores, deltas, class }
    }
}

/// Which way a single loop opens.
fn side(flow: &Flow, core: (f32, f32)) -> SeenClass {
    const STEPS: usize = 24;
    let (mut c, mut s) = (0.0, 0.0);
    for k in 0..STEPS {
        let phi = TAU * k as f32 / STEPS as f32;
        let (cos2, sin2) = flow.at(core.0 + RING * phi.cos(), core.1 + RING * phi.sin());
        // Round a core the doubled angle is the angle of the ray plus that of the opening.
        let difference = sin2.atan2(cos2) - phi;
        c += difference.cos();
        s += difference.sin();
    }
    let off = wrapped(s.atan2(c) - FRAC_PI_2);
    if off.abs() < TENTED {
        SeenClass::TentedArch
    } else if off > 0.0 {
        // Rows grow downward, so turning on from straight down leads to the left.
        SeenClass::LeftLoop
    } else {
        SeenClass::RightLoop
    }
}

/// Takes the nearest core and delta away as long as they are too near to be two events.
fn cancel(cores: &mut Vec<(f32, f32)>, deltas: &mut Vec<(f32, f32)>) {
    loop {
        let pairs = (0..cores.len()).flat_map(|c| (0..deltas.len()).map(move |d| (c, d)));
        let away = |&(c, d): &(usize, usize)| distance(cores[c], deltas[d]);
        match pairs.min_by(|a, b| away(a).total_cmp(&away(b))) {
            Some((c, d)) if distance(cores[c], deltas[d]) < CANCEL => {
                cores.swap_remove(c);
                deltas.swap_remove(d);
            }
            _ => return,
        }
    }
}

pub(super) fn distance(a: (f32, f32), b: (f32, f32)) -> f32 {
    (a.0 - b.0).hypot(a.1 - b.1)
}

fn wrapped(angle: f32) -> f32 {
    (angle + PI).rem_euclid(TAU) - PI
}

/// The flow, smoothed once more.
fn smoothed(flow: &Flow) -> Flow {
    let reach = (3.0 * SIGMA).ceil() as isize;
    let weights: Vec<f32> = (-reach..=reach).map(|d| (-0.5 * (d as f32 / SIGMA).powi(2)).exp()).collect();
    let (w, h) = (flow.width as isize, flow.height as isize);
    let along = |from: &[f32], dx: isize, dy: isize| -> Vec<f32> {
        let at = |x: isize, y: isize| from[(y.clamp(0, h - 1) * w + x.clamp(0, w - 1)) as usize];
        let one = |x: isize, y: isize| -> f32 {
            weights.iter().zip(-reach..).map(|(weight, d)| weight * at(x + d * dx, y + d * dy)).sum()
        };
        (0..h).flat_map(|y| (0..w).map(move |x| (x, y))).map(|(x, y)| one(x, y)).collect()
    };
    let both = |map: &[f32]| along(&along(map, 1, 0), 0, 1);
    Flow { cell: flow.cell, width: flow.width, height: flow.height, cos2: both(&flow.cos2), sin2: both(&flow.sin2) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A loop that opens by `opening` (radians from the x axis, rows growing downward) at (160, 140), and perhaps a delta.
    fn field(opening: f32, delta: Option<(f32, f32)>) -> SingularPoints {
        let mut flow = Flow::covering(320, 320, 8);
        for j in 0..flow.height {
            for i in 0..flow.width {
                let (x, y) = ((i as f32 + 0.5) * 8.0, (j as f32 + 0.5) * 8.0);
                let mut doubled = (y - 140.5).atan2(x - 160.5) + opening;
                if let Some((u, v)) = delta {
                    doubled -= (y - v).atan2(x - u);
                }
                flow.cos2[j * flow.width + i] = doubled.cos();
                flow.sin2[j * flow.width + i] = doubled.sin();
            }
        }
        SingularPoints::of(&flow, &Mask { width: 320, height: 320, data: vec![true; 320 * 320] })
    }

    #[test]
    fn a_drawn_loop_has_one_core_where_it_was_drawn_and_opens_to_its_side() {
        for (opening, class) in [(2.2, SeenClass::LeftLoop), (0.9, SeenClass::RightLoop), (1.57, SeenClass::TentedArch)]
        {
            let found = field(opening, None);
            assert_eq!((found.cores.len(), found.deltas.len(), found.class), (1, 0, class));
            assert!(distance(found.cores[0], (160.5, 140.5)) < 9.0, "{found:?}");
        }
    }

    #[test]
    fn a_delta_is_told_from_a_core_and_a_pair_too_near_is_none() {
        let found = field(0.0, Some((220.5, 240.5)));
        assert_eq!((found.cores.len(), found.deltas.len()), (1, 1));
        assert!(distance(found.deltas[0], (220.5, 240.5)) < 9.0, "{found:?}");
        let found = field(0.0, Some((172.5, 148.5)));
        assert_eq!((found.cores.len(), found.deltas.len(), found.class), (0, 0, SeenClass::Arch));
    }
}
