mod conv;
mod describe;
mod net;
mod normalise;
mod patch;
mod weights;

use super::maps::Maps;
use super::registers::has;
use crate::scan::Instructions;
use crate::{Minutia, MinutiaKind, Plane, RidgeMap};

/// Numbers from -1 to 1 that look like chance (a linear congruential generator).
fn numbers(seed: u64) -> impl FnMut() -> f32 {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    }
}

/// Gray levels of a page that means nothing.
fn page(width: usize, height: usize, seed: u64) -> Plane {
    let mut next = numbers(seed);
    let mut image = Plane::zeros(width, height);
    image.data.fill_with(|| 127.5 + 127.5 * next());
    image
}

/// Maps of this size with numbers from -1 to 1.
fn filled<const D: usize>(width: usize, height: usize, blocks: usize, seed: u64) -> Maps<D> {
    let mut next = numbers(seed);
    let mut maps = Maps::none(blocks);
    maps.fit(width, height);
    for block in 0..blocks {
        for y in 0..height {
            maps.row_mut(block, y).as_flattened_mut().fill_with(&mut next);
        }
    }
    maps
}

/// A ridge map that means nothing, with a hole that cannot be read.
fn ridges(width: usize, height: usize, seed: u64) -> RidgeMap {
    let mut next = numbers(seed);
    let mut map = RidgeMap::blank(width, height);
    let (across, down) = map.cells();
    for (i, j) in (0..down).flat_map(|j| (0..across).map(move |i| (i, j))) {
        if (i, j) != (across / 2, down / 3) {
            map.set_cell(i, j);
        }
    }
    for (x, y) in (0..height).flat_map(|y| (0..width).map(move |x| (x, y))) {
        if map.readable_at(x, y) && next() > 0.0 {
            map.set_ridge(x, y);
        }
    }
    map
}

fn minutia(x: f32, y: f32, direction: f32) -> Minutia {
    Minutia { x, y, direction, kind: MinutiaKind::Ending, quality: 50 }
}

/// Every bit, borders included.
fn bits<const D: usize>(maps: &Maps<D>) -> Vec<u32> {
    maps.all().as_flattened().iter().map(|v| v.to_bits()).collect()
}

/// The vector instructions of this machine; says which it lacks.
#[allow(clippy::print_stderr)] // for whoever reads the test's output
fn vectors() -> Vec<Instructions> {
    let (here, lacking): (Vec<_>, Vec<_>) =
        [Instructions::Avx2, Instructions::Avx512].into_iter().partition(|with| has(*with));
    if !lacking.is_empty() {
        eprintln!("not tested, as this machine lacks them: {lacking:?}");
    }
    here
}
