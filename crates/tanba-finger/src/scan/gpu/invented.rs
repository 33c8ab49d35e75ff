//! Prints of nobody, to hold a GPU's scores against the processor's. They are no fingers: the bits of their cylinders are chance.

use super::super::{DIRECTION, LANES, PLACE, ScanPrint, WORDS};

/// How many prints at the end are [`EDGES`].
pub(super) const AT_THE_EDGE: usize = 2 * EDGES.len();

/// Prints with every number of minutiae that there can be, in pairs: the second of a pair is the first one turned, moved, and a little changed,
/// so that there is something that agrees. The last ones are [`EDGES`].
pub(super) fn prints(seed: u64, pairs: usize) -> Vec<ScanPrint> {
    let mut chance = Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut prints = Vec::with_capacity(2 * pairs);
    for pair in 0..pairs {
        // Most are full, as those of fingers are; the others go through all counts.
        let count = if pair % 4 == 0 { (pair / 4) % (LANES + 1) } else { LANES };
        let first = Sketch::of(&mut chance, count);
        let second = first.touched(&mut chance);
        prints.extend([first.print(), second.print()]);
    }
    for edge in EDGES {
        prints.extend([edge.side(0), edge.side(2)]);
    }
    prints
}

/// Two pairs of minutiae: those of the first print, then the same of the second; of each the place and the direction as [`ScanPrint`] has them.
struct Edge([[i16; 4]; 4]);

/// The first four lie so near the limit of what agrees that a product and a sum rounded once instead of twice decide otherwise (found by trying
/// chance). In the last two the minutiae of the second print stand at right angles to those of the first: two products cancel, where each is rounded.
const EDGES: [Edge; 6] = [
    Edge([[0, 0, -16337, 1228], [462, -135, 5796, -15324], [0, 0, -16182, -2564], [544, -88, 7700, -14460]]),
    Edge([[0, 0, 11731, -11436], [-496, -34, -10626, 12470], [0, 0, -11397, -11769], [6, 414, 11253, 11904]]),
    Edge([[0, 0, -4719, 15689], [101, -481, 5137, -15557], [0, 0, 13943, 8603], [-526, -196, -12696, -10352]]),
    Edge([[0, 0, -13994, 8519], [-120, 500, -14652, -7331], [0, 0, -15249, -5990], [-403, 273, -1330, -16328]]),
    Edge([[0, 0, 11731, -11437], [400, 0, 11731, -11437], [0, 0, 11437, 11731], [0, 400, 11437, 11731]]),
    Edge([[0, 0, 11731, -11437], [400, 0, 11731, -11437], [0, 0, -11437, -11731], [0, -400, -11437, -11731]]),
];

impl Edge {
    /// One print: the two minutiae, and two that agree with nothing, so that there are enough.
    fn side(&self, from: usize) -> ScanPrint {
        let mut print = Sketch::of(&mut Chance(1), 4).print();
        let away = if from == 0 { 20_000 } else { -20_000 };
        let others = [[away, 0, 16384, 0], [0, away, 16384, 0]];
        for (lane, [x, y, cos, sin]) in self.0[from..from + 2].iter().chain(&others).copied().enumerate() {
            (print.x[lane], print.y[lane], print.cos[lane], print.sin[lane]) = (x, y, cos, sin);
        }
        print
    }
}

/// Numbers that look like chance (a linear congruential generator).
struct Chance(u64);

impl Chance {
    fn bits(&mut self) -> u64 {
        let mut half = || {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            self.0 >> 32
        };
        half() << 32 | half()
    }

    fn below(&mut self, limit: f32) -> f32 {
        (self.bits() >> 40) as f32 / (1 << 24) as f32 * limit
    }
}

/// A minutia: its cylinder, its place in pixels and its direction.
#[derive(Clone)]
struct Mark {
    bits: [u64; WORDS],
    x: f32,
    y: f32,
    direction: f32,
}

struct Sketch(Vec<Mark>);

impl Sketch {
    fn of(chance: &mut Chance, count: usize) -> Self {
        Self(
            (0..count)
                .map(|_| Mark {
                    bits: core::array::from_fn(|_| chance.bits() & chance.bits()),
                    x: chance.below(300.0) - 20.0,
                    y: chance.below(400.0) - 20.0,
                    direction: chance.below(core::f32::consts::TAU),
                })
                .collect(),
        )
    }

    /// The same touched again.
    fn touched(&self, chance: &mut Chance) -> Self {
        let (turn, dx, dy) = (chance.below(1.0) - 0.5, chance.below(60.0), chance.below(60.0));
        let (sin, cos) = turn.sin_cos();
        let mut marks: Vec<Mark> = self
            .0
            .iter()
            .map(|mark| Mark {
                // An eighth of the bits differ.
                bits: mark.bits.map(|bits| bits ^ (chance.bits() & chance.bits() & chance.bits())),
                x: mark.x * cos - mark.y * sin + dx + chance.below(6.0),
                y: mark.x * sin + mark.y * cos + dy + chance.below(6.0),
                direction: mark.direction + turn + chance.below(0.2) - 0.1,
            })
            .collect();
        // Best first is another order in every touch.
        marks.reverse();
        Self(marks)
    }

    fn print(&self) -> ScanPrint {
        let mut print = ScanPrint {
            words: [[0; LANES]; WORDS],
            ones: [0; LANES],
            x: [0; LANES],
            y: [0; LANES],
            cos: [0; LANES],
            sin: [0; LANES],
            count: self.0.len() as u16,
        };
        for (lane, mark) in self.0.iter().enumerate() {
            for (word, bits) in mark.bits.iter().enumerate() {
                print.words[word][lane] = *bits;
                print.ones[lane] += bits.count_ones() as u16;
            }
            print.x[lane] = (mark.x * PLACE) as i16;
            print.y[lane] = (mark.y * PLACE) as i16;
            print.cos[lane] = (mark.direction.cos() * DIRECTION) as i16;
            print.sin[lane] = (mark.direction.sin() * DIRECTION) as i16;
        }
        print
    }
}
