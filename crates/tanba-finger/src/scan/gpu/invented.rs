//! Prints of nobody, to hold a GPU's scores against the processor's. They are no fingers: the bits of their cylinders are chance.

use super::super::{DIRECTION, LANES, PLACE, ScanPrint, WORDS};

/// Prints with every number of minutiae that there can be, in pairs: the second of a pair is the first one turned, moved, and a little changed,
/// so that there is something that agrees.
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
    prints
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
