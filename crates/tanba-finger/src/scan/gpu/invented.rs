//! Prints of nobody, to hold a GPU's scores against the processor's.

use super::super::{CODE_WORDS, LANES, ScanPrint, WORDS, ones, weight};

/// Touches of one finger, which is none (its bits are chance): first every number of minutiae that there can be, then whole ones. They are turned, by a
/// quarter at most, and places and directions are off by so much that many pairs agree, many do not, and the last digit of a number decides about some.
pub(super) fn prints() -> Vec<ScanPrint> {
    // A linear congruential generator.
    let mut state = 1u64;
    let mut chance = || {
        let mut half = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state >> 32
        };
        half() << 32 | half()
    };
    let finger: [([u64; WORDS], [i16; 2], u16); LANES] = core::array::from_fn(|_| {
        ([0; WORDS].map(|_| chance()), [0; 2].map(|_| chance() as i16 % 600), chance() as u16)
    });
    let codes: [[u64; CODE_WORDS]; LANES] = core::array::from_fn(|_| [0; CODE_WORDS].map(|_| chance()));
    let touch = |number: usize| {
        let mut print = ScanPrint::empty();
        for lane in 0..number.min(LANES) {
            let (words, [x, y], direction) = finger[(lane + number) % LANES];
            let (place, turn) = match number % 3 {
                0 => ([x, y], 0),
                // The angle of the right triangle of 3, 4 and 5.
                1 => ([(4 * x - 3 * y) / 5, (3 * x + 4 * y) / 5], 6712),
                _ => ([-y, x], 0x4000),
            };
            // An eighth of the bits differ.
            print.words[lane] = words.map(|bits| bits ^ (chance() & chance() & chance()));
            // Every other touch has codes.
            if number % 2 == 1 {
                print.codes[lane] = codes[(lane + number) % LANES].map(|bits| bits ^ (chance() & chance() & chance()));
            }
            print.places[lane] = place.map(|v| v + chance() as i16 % 50);
            let direction = direction.wrapping_add_signed(turn + chance() as i16 % 2500);
            print.turns[lane] = [direction, weight(ones(&print.words[lane]))];
        }
        print
    };
    (0..3 * LANES).map(touch).collect()
}
