//! Prints and pairs of templates, as the targets `print` and `comparison` unpack them.

use crate::Seed;

pub fn seeds() -> Vec<Seed> {
    let mut next = numbers(1);
    let mut bytes = |n: usize| (0..n).map(|_| next()).collect::<Vec<u8>>();
    let mut seeds = Vec::new();
    for (k, mix) in [0, 40, 90, 160, 255, 20].into_iter().enumerate() {
        let size = bytes(2);
        let shape = [120 + 20 * k as u8, 30 * k as u8, mix];
        seeds.push(("print", [size, shape.to_vec(), bytes(300 * (k + 1))].concat()));
        seeds.push(("comparison", [vec![10 * k as u8], bytes(100 * k)].concat()));
    }
    seeds
}

/// Bytes that look like chance and are the same every time (a linear congruential generator).
pub fn numbers(seed: u64) -> impl FnMut() -> u8 {
    let mut state = seed;
    move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    }
}
