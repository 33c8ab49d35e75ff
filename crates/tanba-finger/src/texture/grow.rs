//! Following the ridges from where two prints are known to agree outward, as far as they go on agreeing.
//!
//! A pressed finger can be stretched by a third of its length; no map through a handful of minutiae predicts where its rim comes
//! to lie. Ridges do: a window that lies right tells, by its own place and those of its neighbours, where the next window must
//! be looked for. Windows are therefore settled best first, each one predicted from the settled ones around it (region growing;
//! Cui, Feng, Li, Lu and Zhou, "2-D phase demodulation for deformable fingerprint registration", TIFS 2018, follow the phase in
//! the same order). On prints of one finger the growth covers the common area; on others it soon meets a minutia that only one
//! print has, and stops.

use super::ridge_map::{Bits, RidgeMap, STRIDE};
use crate::texture::Warp;
use pulp::{Arch, Simd, WithSimd};
use std::collections::BinaryHeap;

/// Samples between the middles of neighbouring windows.
const STEP: usize = 12;
/// Samples along a side of a window: five ridges.
const SIDE: usize = 24;
/// Shifts tried around a prediction, samples each way; half a ridge period, beyond which the next ridge fits as well.
const SHIFT: usize = 2;
/// Samples along a side of what is read of the second print for a window.
const PATCH: usize = SIDE + 2 * SHIFT;
/// Least samples that both prints show in a window: half of it.
const LEAST: u32 = (SIDE * SIDE / 2) as u32;
/// Agreement (-1 to 1) from which on a window counts as settled: unrelated ridges of the same direction reach 0.3 by shifting.
const SETTLED: f32 = 0.45;
/// How far from an anchor the growth may begin, samples.
const NEAR: f32 = 20.0;
/// Of two shifts the nearer to the prediction is taken unless the other agrees better by this much per squared sample.
const STRAY: f32 = 0.005;
/// How far around a place settled windows speak for it, windows.
const AROUND: isize = 3;
/// Weight of the alignment's own rotation against the settled windows' in a prediction, square samples.
const STIFFNESS: f32 = 40.0;
/// Agreement from which on a beginning needs no second reading.
const SURE: f32 = 0.65;
/// Ratios of ridge distances that pressure can make of one skin.
const STRETCHED: std::ops::RangeInclusive<f32> = 0.6..=1.7;
/// Cosine of the largest error of the alignment's rotation near an anchor (30 degrees).
const TURNED: f32 = 0.866;
/// Agreement of a window tried that speaks neither for one finger nor against it.
const NEUTRAL: f32 = 0.3;

/// What a growth found.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Growth {
    /// Windows settled.
    pub(crate) settled: f32,
    /// Windows tried, the settled ones included.
    pub(crate) tried: f32,
    /// Summed agreement of the windows tried.
    pub(crate) agreement: f32,
    /// Windows that both prints show, tried or not.
    pub(crate) common: f32,
}

impl Growth {
    /// Share of what both prints show in which their ridges run on each other.
    pub(crate) fn coverage(&self) -> f32 {
        self.settled / self.common.max(1.0)
    }

    /// How much the windows speak for one finger: the growth with the most is the one to believe.
    pub(crate) fn support(&self) -> f32 {
        self.agreement - NEUTRAL * self.tried
    }
}

/// A window of the first print.
#[derive(Debug, Clone, Copy)]
struct Window {
    state: State,
    /// Where its middle lies on the second print, samples.
    at: (f32, f32),
    /// Ridge on ridge and valley on valley less the rest, as a share of what both prints show: -1 to 1.
    agreement: f32,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    /// The first print shows nothing there.
    Blank,
    Open,
    Tried,
    Settled,
}

/// A linear map near one place of the first print.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Local {
    /// Where the place lies on the second print, samples.
    pub(crate) at: (f32, f32),
    /// Change of that along x and y: `[dx/dx, dx/dy, dy/dx, dy/dy]`.
    pub(crate) jacobian: [f32; 4],
    /// How much the settled windows around have to say.
    pub(crate) weight: f32,
}

/// Working memory.
#[derive(Debug, Default)]
pub(crate) struct Grower {
    /// The first print's windows before any growth.
    fresh: Vec<Window>,
    windows: Vec<Window>,
    /// Those of the best growth so far, with its rotation.
    kept: (Vec<Window>, (f32, f32)),
    width: usize,
    height: usize,
    /// Most agreeing first: agreement in millionths and the window, by order of their number where equal.
    queue: BinaryHeap<(u32, std::cmp::Reverse<u32>)>,
    /// The second print with a rim of nothing: bit 0 ridge, bit 1 readable.
    second: Vec<u8>,
    second_size: (usize, usize),
    /// Rotation of the alignment in rows that count downward.
    turn: (f32, f32),
}

impl Grower {
    /// Reads the two maps; [`Self::grow`] may then be called for several alignments.
    pub(crate) fn load(&mut self, a: &RidgeMap, b: &RidgeMap) {
        let count = |size: usize| if size < SIDE { 0 } else { (size - SIDE) / STEP + 1 };
        (self.width, self.height) = (count(a.width), count(a.height));
        self.second_size = (b.width, b.height);
        self.second.clear();
        self.second.resize((b.width + 2) * (b.height + 2), 0);
        for y in 0..b.height {
            let row = &mut self.second[(y + 1) * (b.width + 2) + 1..][..b.width];
            for (k, piece) in row.chunks_mut(64).enumerate() {
                let (ridges, readable) = (b.ridges[y * b.words + k], b.readable[y * b.words + k]);
                for (x, v) in piece.iter_mut().enumerate() {
                    *v = (ridges >> x & 1) as u8 | ((readable >> x & 1) << 1) as u8;
                }
            }
        }
        self.fresh.clear();
        for k in 0..self.width * self.height {
            let (x, y) = (k % self.width * STEP, k / self.width * STEP);
            let shown: u32 = (0..SIDE).map(|r| a.bits(Bits::Readable, x, y + r).count_ones()).sum();
            let state = if shown >= LEAST { State::Open } else { State::Blank };
            self.fresh.push(Window { state, at: (0.0, 0.0), agreement: 0.0 });
        }
    }

    /// Sets the last growth aside, in place of the one set aside before.
    pub(crate) fn keep(&mut self) {
        std::mem::swap(&mut self.windows, &mut self.kept.0);
        self.kept.1 = self.turn;
    }

    /// Brings back the growth that was set aside: what is asked from now on is answered by it.
    pub(crate) fn restore(&mut self) {
        std::mem::swap(&mut self.windows, &mut self.kept.0);
        self.turn = self.kept.1;
    }

    /// Grows from the anchors (places of the first print, y upward) under a warp that is right around them.
    pub(crate) fn grow(&mut self, a: &RidgeMap, warp: &Warp, anchors: &[(f32, f32)]) -> Growth {
        Arch::new().dispatch(Grow { growing: self, a, warp, anchors })
    }

    #[inline(always)]
    fn run(&mut self, a: &RidgeMap, warp: &Warp, anchors: &[(f32, f32)]) -> Growth {
        let motion = warp.motion();
        self.turn = (motion.cos, -motion.sin);
        self.queue.clear();
        self.windows.clone_from(&self.fresh);
        let scale = STRIDE as f32;
        let carry = |x: f32, y: f32| {
            let (u, v) = warp.carry(scale * x, -scale * y);
            (u / scale, -v / scale)
        };
        for k in 0..self.windows.len() {
            let (x, y) = self.middle(k);
            let near = |m: &(f32, f32)| (m.0 / scale - x).powi(2) + (-m.1 / scale - y).powi(2) < NEAR * NEAR;
            if self.windows[k].state == State::Open && anchors.iter().any(near) {
                let d = STEP as f32 / 2.0;
                let (p, q, r) = (carry(x, y), carry(x + d, y), carry(x, y + d));
                let jacobian = [(q.0 - p.0) / d, (r.0 - p.0) / d, (q.1 - p.1) / d, (r.1 - p.1) / d];
                self.look(a, k, Local { at: p, jacobian, weight: 1.0 }, true);
            }
        }
        while let Some((agreement, std::cmp::Reverse(k))) = self.queue.pop() {
            let k = k as usize;
            if self.windows[k].state == State::Settled || agreement != millionths(self.windows[k].agreement) {
                continue;
            }
            if self.windows[k].agreement < SETTLED {
                break;
            }
            self.windows[k].state = State::Settled;
            let (i, j) = (k % self.width, k / self.width);
            for (di, dj) in [(1, 0), (-1, 0), (0, 1), (0, -1)] {
                let (Some(i), Some(j)) = (i.checked_add_signed(di), j.checked_add_signed(dj)) else { continue };
                if i >= self.width || j >= self.height {
                    continue;
                }
                let n = j * self.width + i;
                let w = &self.windows[n];
                // What agrees already waits for its turn; what does not may by a better prediction.
                let open = w.state == State::Open || w.state == State::Tried && w.agreement < SETTLED;
                if open && let Some(local) = self.predict(self.middle(n)) {
                    self.look(a, n, local, false);
                }
            }
        }
        self.result()
    }

    /// Counts the windows.
    fn result(&self) -> Growth {
        let mut growth = Growth::default();
        let (mut dx, mut dy) = (0.0, 0.0);
        let (cos, sin) = self.turn;
        let turned = |(x, y): (f32, f32)| (cos * x - sin * y, sin * x + cos * y);
        for (k, w) in self.windows.iter().enumerate() {
            if w.state == State::Settled {
                let (x, y) = turned(self.middle(k));
                (dx, dy) = (dx + w.at.0 - x, dy + w.at.1 - y);
                growth.settled += 1.0;
            }
        }
        if growth.settled > 0.0 {
            (dx, dy) = (dx / growth.settled, dy / growth.settled);
        }
        for (k, w) in self.windows.iter().enumerate() {
            match w.state {
                State::Settled | State::Tried => {
                    growth.tried += 1.0;
                    growth.common += 1.0;
                    growth.agreement += w.agreement;
                }
                State::Open => {
                    let (x, y) = turned(self.middle(k));
                    let (x, y) = (x + dx, y + dy);
                    let (w, h) = self.second_size;
                    if x >= 0.0 && y >= 0.0 && (x as usize) < w && (y as usize) < h {
                        let sample = self.second[(y as usize + 1) * (w + 2) + x as usize + 1];
                        growth.common += f32::from(sample >> 1);
                    }
                }
                State::Blank => {}
            }
        }
        growth
    }

    /// Middle of a window, samples.
    fn middle(&self, k: usize) -> (f32, f32) {
        let half = SIDE as f32 / 2.0;
        ((k % self.width * STEP) as f32 + half, (k / self.width * STEP) as f32 + half)
    }

    /// The map near a place (samples), by the settled windows around it; `None` where there are none.
    #[inline(always)]
    pub(crate) fn predict(&self, (x, y): (f32, f32)) -> Option<Local> {
        let cell = |v: f32| ((v - SIDE as f32 / 2.0) / STEP as f32).round() as isize;
        let (i, j) = (cell(x), cell(y));
        // Moments of a plane through the settled places around, nearer ones weighing more.
        let mut s = [0.0f32; 12];
        let range = |c: isize, end: usize| (c - AROUND).max(0)..(c + AROUND + 1).min(end as isize);
        for q in range(j, self.height) {
            for p in range(i, self.width) {
                let n = q as usize * self.width + p as usize;
                let w = &self.windows[n];
                if w.state != State::Settled {
                    continue;
                }
                let middle = self.middle(n);
                let (u, v) = (middle.0 - x, middle.1 - y);
                let fall = 1.0 + (u * u + v * v) * (1.0 / (4 * STEP * STEP) as f32);
                let weight = w.agreement * w.agreement / (fall * fall);
                let (f, g) = w.at;
                let terms = [1.0, u, v, u * u, u * v, v * v, f, u * f, v * f, g, u * g, v * g];
                for (s, t) in s.iter_mut().zip(terms) {
                    *s += weight * t;
                }
            }
        }
        if s[0] <= 0.0 {
            return None;
        }
        let m = s.map(|v| v / s[0]);
        let prior = STIFFNESS / s[0];
        let (uu, uv, vv) = (m[3] - m[1] * m[1] + prior, m[4] - m[1] * m[2], m[5] - m[2] * m[2] + prior);
        let scale = 1.0 / (uu * vv - uv * uv);
        let slope = |o: usize, along: (f32, f32)| {
            let (a, b) = (m[o + 1] - m[1] * m[o] + prior * along.0, m[o + 2] - m[2] * m[o] + prior * along.1);
            ((a * vv - b * uv) * scale, (b * uu - a * uv) * scale)
        };
        let (cos, sin) = self.turn;
        let ((a, b), (c, d)) = (slope(6, (cos, -sin)), slope(9, (sin, cos)));
        Some(Local {
            at: (m[6] - a * m[1] - b * m[2], m[9] - c * m[1] - d * m[2]),
            jacobian: [a, b, c, d],
            weight: s[0],
        })
    }

    /// Whether a settled window holds the place of the first print, samples.
    pub(crate) fn holds(&self, (x, y): (f32, f32)) -> bool {
        let cell = |v: f32, end: usize| {
            let c = ((v - SIDE as f32 / 2.0) / STEP as f32).round();
            (c >= 0.0 && (c as usize) < end).then_some(c as usize)
        };
        match (cell(x, self.width), cell(y, self.height)) {
            (Some(i), Some(j)) => self.windows[j * self.width + i].state == State::Settled,
            _ => false,
        }
    }

    /// The place of the first print and that of the second, samples, and the agreement of every settled window.
    pub(crate) fn settled(&self) -> impl Iterator<Item = ((f32, f32), (f32, f32), f32)> + '_ {
        (0..self.windows.len())
            .filter(|&k| self.windows[k].state == State::Settled)
            .map(|k| (self.middle(k), self.windows[k].at, self.windows[k].agreement))
    }

    /// Looks for window `k` around a prediction and queues it where that is better than before.
    ///
    /// Skin that is stretched has its ridges farther apart, and a few minutiae do not tell the rotation well: at the beginning the
    /// second print is read again at the ridge distance and direction of the first. Later the settled windows know both.
    #[inline(always)]
    fn look(&mut self, a: &RidgeMap, k: usize, local: Local, beginning: bool) {
        let (x, y) = (k % self.width * STEP, k / self.width * STEP);
        let mut own = Rows { ridges: [0; SIDE], readable: [0; SIDE] };
        for r in 0..SIDE {
            own.ridges[r] = a.bits(Bits::Ridges, x, y + r);
            own.readable[r] = a.bits(Bits::Readable, x, y + r);
        }
        let patch = self.patch(local);
        let mut found = fit(&own, &patch, local);
        if beginning && found.0 < SURE {
            let (one, other) = (own.wave(), patch.wave());
            let scale = other.0 / one.0;
            // The turn from one wave to the other, of the two possible ones the smaller.
            let (mut cos, mut sin) = (one.1 * other.1 + one.2 * other.2, one.1 * other.2 - one.2 * other.1);
            if cos < 0.0 {
                (cos, sin) = (-cos, -sin);
            }
            if STRETCHED.contains(&scale) && cos > TURNED {
                let [a, b, c, d] = local.jacobian;
                let jacobian = [a * cos + b * sin, b * cos - a * sin, c * cos + d * sin, d * cos - c * sin];
                let local = Local { jacobian: jacobian.map(|v| v * scale), ..local };
                let again = fit(&own, &self.patch(local), local);
                if again.0 > found.0 {
                    found = again;
                }
            }
        }
        let w = &mut self.windows[k];
        if found.0 > -1.0 && (w.state == State::Open || found.0 > w.agreement) {
            *w = Window { state: State::Tried, agreement: found.0, at: found.1 };
            self.queue.push((millionths(found.0), std::cmp::Reverse(k as u32)));
        }
    }

    /// The second print around a place, laid as the first one lies: ridges and readable samples, row by row.
    #[inline(always)]
    fn patch(&self, local: Local) -> Rows<PATCH> {
        let (w, h) = self.second_size;
        let [j0, j1, j2, j3] = local.jacobian;
        let half = PATCH as f32 / 2.0 - 0.5;
        let (mut ridges, mut readable) = ([0u32; PATCH], [0u32; PATCH]);
        // One more for the rim; truncation is the floor of what is not negative.
        let place = |v: f32, end: usize| (v + 1.0).clamp(0.0, (end + 1) as f32) as usize;
        // Where all four corners are inside, so is everything between, and nothing need be held back.
        let spread = |a: f32, b: f32| half * (a.abs() + b.abs());
        let (wide, high) = (spread(j0, j1), spread(j2, j3));
        let inside = local.at.0 - wide >= 0.0
            && local.at.1 - high >= 0.0
            && local.at.0 + wide < w as f32
            && local.at.1 + high < h as f32;
        for r in 0..PATCH {
            let v = r as f32 - half;
            let (x, y) = (local.at.0 + j1 * v - j0 * half, local.at.1 + j3 * v - j2 * half);
            let mut row = [0u8; PATCH];
            if inside {
                // A loop: what the library makes arrays with is not inlined into the dispatched function.
                let mut at = [0i32; PATCH];
                for (c, at) in at.iter_mut().enumerate() {
                    let k = c as f32;
                    let (x, y) = ((x + k * j0 + 1.0) as i32, (y + k * j2 + 1.0) as i32);
                    *at = y * (w as i32 + 2) + x;
                }
                for (sample, at) in row.iter_mut().zip(at) {
                    *sample = self.second[at as usize];
                }
            } else {
                for (c, sample) in row.iter_mut().enumerate() {
                    let k = c as f32;
                    *sample = self.second[place(y + k * j2, h) * (w + 2) + place(x + k * j0, w)];
                }
            }
            for (c, sample) in row.iter().enumerate() {
                ridges[r] |= u32::from(sample & 1) << c;
                readable[r] |= u32::from(sample >> 1) << c;
            }
        }
        Rows { ridges, readable }
    }
}

/// A square of samples, a row to a word.
struct Rows<const N: usize> {
    ridges: [u32; N],
    readable: [u32; N],
}

/// The work of [`Grower::grow`]; a type and not a closure because closures are not inlined into the dispatched function.
struct Grow<'a> {
    growing: &'a mut Grower,
    a: &'a RidgeMap,
    warp: &'a Warp,
    anchors: &'a [(f32, f32)],
}

impl WithSimd for Grow<'_> {
    type Output = Growth;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Growth {
        self.growing.run(self.a, self.warp, self.anchors)
    }
}

impl<const N: usize> Rows<N> {
    /// Ridge distance in samples and the direction across the ridges as a unit vector (of the two the one to the right).
    ///
    /// Edges of parallel ridges cross rows and columns in proportion to the cosine and the sine of that direction: the square root
    /// of the squared counts is their length, and the two diagonals tell the sign.
    #[inline(always)]
    fn wave(&self) -> (f32, f32, f32) {
        let (mut area, mut rows, mut columns, mut falling, mut rising) = (0u32, 0u32, 0u32, 0u32, 0u32);
        for r in 0..N {
            let (line, shown) = (self.ridges[r], self.readable[r]);
            area += shown.count_ones();
            rows += ((line ^ (line >> 1)) & shown & (shown >> 1)).count_ones();
            if r + 1 < N {
                let (next, seen) = (self.ridges[r + 1], self.readable[r + 1]);
                columns += ((line ^ next) & shown & seen).count_ones();
                falling += ((line ^ (next >> 1)) & shown & (seen >> 1)).count_ones();
                rising += (((line >> 1) ^ next) & (shown >> 1) & seen).count_ones();
            }
        }
        let length = ((rows * rows + columns * columns) as f32).sqrt().max(1.0);
        let sign = if falling >= rising { 1.0 } else { -1.0 };
        (2.0 * area as f32 / length, rows as f32 / length, sign * columns as f32 / length)
    }
}

/// The best agreement of a window with what was read around its prediction, and where the window's middle lies then.
#[inline(always)]
fn fit(own: &Rows<SIDE>, patch: &Rows<PATCH>, local: Local) -> (f32, (f32, f32)) {
    let mut best = (-1.0f32, 0usize, 0usize);
    for sy in 0..=2 * SHIFT {
        for sx in 0..=2 * SHIFT {
            let (mut same, mut both) = (0u32, 0u32);
            for r in 0..SIDE {
                let mask = own.readable[r] & (patch.readable[r + sy] >> sx);
                both += mask.count_ones();
                same += (mask & !(own.ridges[r] ^ (patch.ridges[r + sy] >> sx))).count_ones();
            }
            if both >= LEAST {
                let (dx, dy) = (sx as f32 - SHIFT as f32, sy as f32 - SHIFT as f32);
                let agreement = 2.0 * same as f32 / both as f32 - 1.0 - STRAY * (dx * dx + dy * dy);
                if agreement > best.0 {
                    best = (agreement, sx, sy);
                }
            }
        }
    }
    let (dx, dy) = (best.1 as f32 - SHIFT as f32, best.2 as f32 - SHIFT as f32);
    let ([a, b, c, d], at) = (local.jacobian, local.at);
    (best.0, (at.0 + a * dx + b * dy, at.1 + c * dx + d * dy))
}

/// Agreement as a whole number that sorts; below 0 nothing grows.
fn millionths(agreement: f32) -> u32 {
    (agreement.max(0.0) * 1e6) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wave_of_a_grating_is_its_period_and_direction() {
        for (period, degrees) in [(4.0f32, 0.0f32), (4.5, 20.0), (5.0, 45.0), (6.0, 80.0), (4.5, -30.0), (5.0, -70.0)] {
            let (sin, cos) = degrees.to_radians().sin_cos();
            let mut rows = Rows::<28> { ridges: [0; 28], readable: [(1 << 28) - 1; 28] };
            for y in 0..28 {
                for x in 0..28 {
                    let phase = (x as f32 * cos + y as f32 * sin) / period;
                    rows.ridges[y] |= u32::from((phase * std::f32::consts::TAU).cos() > 0.0) << x;
                }
            }
            let (found, c, s) = rows.wave();
            assert!((found / period - 1.0).abs() < 0.12, "{period} {degrees}: {found}");
            assert!((c * cos + s * sin).abs() > 0.98, "{period} {degrees}: {c} {s}");
        }
    }
}
