//! Damaged copies of seeds, the same ones every time: what a short run without coverage is fed with.

use crate::{Seed, prints};

/// So many damaged copies of each seed; some are cut together with another seed of the same target.
pub fn of(seeds: &[Seed], each: usize) -> Vec<Seed> {
    let mut next = prints::numbers(7);
    let mut below = move |n: usize| {
        let wide = (0..4).fold(0_usize, |v, _| v << 8 | usize::from(next()));
        wide % n.max(1)
    };
    let mut made = Vec::with_capacity(seeds.len() * each);
    for (k, (target, seed)) in seeds.iter().enumerate() {
        for _ in 0..each {
            let mut bytes = seed.clone();
            for _ in 0..=below(4) {
                let (at, length) = (below(bytes.len()), 1 + below(16));
                let end = (at + length).min(bytes.len());
                match below(7) {
                    _ if bytes.is_empty() => {}
                    0 => bytes[at] ^= 1 << below(8),
                    1 => bytes[at..end].fill([0, 0xff, b'9', b' '][below(4)]),
                    2 => bytes.truncate(at),
                    3 => drop(bytes.drain(at..end)),
                    4 => {
                        let again = bytes[at..end].to_vec();
                        bytes.splice(at..at, again);
                    }
                    5 => {
                        // Numbers as formats have them: high byte first.
                        let number = [0, 1, 0x7fff, 0x8000, 0xffff_u16][below(5)].to_be_bytes();
                        for (byte, of) in bytes[at..end].iter_mut().zip(number) {
                            *byte = of;
                        }
                    }
                    _ => {
                        let near = (k + 1 + below(5)) % seeds.len();
                        if seeds[near].0 == *target {
                            bytes.truncate(at);
                            bytes.extend_from_slice(&seeds[near].1[below(seeds[near].1.len())..]);
                        }
                    }
                }
            }
            made.push((*target, bytes));
        }
    }
    made
}
