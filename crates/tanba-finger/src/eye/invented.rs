//! Weights of nobody.

use super::describe::DescriptorNet;
use super::layers::Source;
use super::net::Eye;
use super::weights::{file, single};

/// A weights file that means nothing (chance, from a seed), for tests and measurements: every sum stays about as large as its inputs.
pub fn invented(seed: u64) -> Vec<u8> {
    of_all(seed, &mut |w| Eye::of(w).is_ok())
}

/// The same for the network that describes minutiae.
pub fn invented_descriptor(seed: u64) -> Vec<u8> {
    of_all(seed, &mut |w| DescriptorNet::of(w).is_ok())
}

/// A file of all tensors that a network asks for while it is made.
fn of_all(seed: u64, make: &mut dyn FnMut(&mut Source<'_>) -> bool) -> Vec<u8> {
    // A linear congruential generator.
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut chance = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 32
    };
    let mut tensors = Vec::new();
    let made = make(&mut |name, shape| {
        // A bias weighs as an input does.
        let products: usize = shape[1..].iter().product();
        // Below 1 / sqrt(products), as the exponent of a half float.
        let exponent = 14 - u64::from(products.ilog2().div_ceil(2));
        let values: Vec<u16> =
            (0..shape.iter().product()).map(|_| (chance() & 0x83ff | exponent << 10) as u16).collect();
        let singles = values.iter().map(|half| single(*half)).collect();
        tensors.push((name.to_owned(), shape.to_vec(), values));
        Ok(singles)
    });
    debug_assert!(made, "every tensor was given");
    file(&tensors)
}
