use super::{filled, minutia, numbers, ridges};
use crate::eye::maps::Maps;
use crate::eye::patch::{CHANNELS, SIDE, Squares, patch};
use crate::scan::Instructions;
use crate::{Minutia, RidgeMap};
use std::f32::consts::{FRAC_PI_2, PI, TAU};

/// Both channels, row by row.
fn seen(ridges: &RidgeMap, minutia: &Minutia) -> [Vec<f32>; CHANNELS] {
    let mut squares = Squares::default();
    squares.spread(ridges);
    // Whatever was there before.
    let mut out: Maps<1> = filled(SIDE, SIDE, CHANNELS, 1);
    patch(Instructions::Plain, &squares, minutia, &mut out).unwrap();
    [0, 1].map(|channel| (0..SIDE).flat_map(|y| out.row(channel, y).as_flattened()).copied().collect())
}

/// As it is defined, in f64.
fn defined(ridges: &RidgeMap, minutia: &Minutia, row: usize, column: usize) -> [f64; CHANNELS] {
    let (a, b) = ((column as f64 - 23.5) * 2.75, (row as f64 - 23.5) * 2.75);
    let t = f64::from(minutia.direction);
    let x = f64::from(minutia.x) + a * t.cos() - b * t.sin();
    let y = f64::from(minutia.y) - a * t.sin() - b * t.cos();
    // The middle of sample s lies at pixel 2 s + 0.5.
    let (u, v) = ((x - 0.5) / 2.0, (y - 0.5) / 2.0);
    let mut sum = [0.0; CHANNELS];
    for (i, j) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
        let (x, y) = (u.floor() + f64::from(i), v.floor() + f64::from(j));
        let inside = x >= 0.0 && y >= 0.0 && x < ridges.width as f64 && y < ridges.height as f64;
        if inside && ridges.readable_at(x as usize, y as usize) {
            let weight = (1.0 - (u - x).abs()) * (1.0 - (v - y).abs());
            sum[0] += if ridges.ridge_at(x as usize, y as usize) { weight } else { -weight };
            sum[1] += weight;
        }
    }
    sum
}

fn largest(of: &[f32]) -> f32 {
    of.iter().fold(0.0, |most, v| most.max(v.abs()))
}

#[test]
fn a_patch_is_what_it_is_defined_as() {
    let ridges = ridges(131, 90, 3);
    let mut next = numbers(4);
    // Around the map as well as on it: 262 by 180 pixels, and a patch that reaches 92 pixels.
    for _ in 0..60 {
        let m = minutia(131.0 + 230.0 * next(), 90.0 + 190.0 * next(), PI + PI * next());
        let found = seen(&ridges, &m);
        for k in 0..SIDE * SIDE {
            let expected = defined(&ridges, &m, k / SIDE, k % SIDE);
            for channel in 0..CHANNELS {
                let found = f64::from(found[channel][k]);
                assert!((found - expected[channel]).abs() < 2e-4, "{m:?} {k} {channel}: {found} {expected:?}");
            }
        }
    }
}

#[test]
fn columns_run_along_the_direction_and_rows_to_its_left() {
    // Ridge above the middle, valley below.
    let mut map = RidgeMap::blank(160, 160);
    (0..400).for_each(|k| map.set_cell(k % 20, k / 20));
    (0..160 * 80).for_each(|k| map.set_ridge(k % 160, k / 160));
    let corners = |direction| {
        let [ridge, readable] = seen(&map, &minutia(159.5, 159.5, direction));
        assert!(readable.iter().all(|v| *v == 1.0));
        [0, SIDE - 1, SIDE * (SIDE - 1), SIDE * SIDE - 1].map(|k| ridge[k])
    };
    // Right, up, left, down as seen; upper left, upper right, lower left, lower right of the patch.
    assert_eq!(corners(0.0), [-1.0, -1.0, 1.0, 1.0]);
    assert_eq!(corners(FRAC_PI_2), [-1.0, 1.0, -1.0, 1.0]);
    assert_eq!(corners(PI), [1.0, 1.0, -1.0, -1.0]);
    assert_eq!(corners(3.0 * FRAC_PI_2), [1.0, -1.0, 1.0, -1.0]);
}

#[test]
fn a_print_that_is_turned_and_shifted_gives_the_same_patch() {
    let here = ridges(140, 110, 5);
    // A quarter counter-clockwise as seen, and 10 samples to the right, 6 down.
    let mut there = RidgeMap::blank(110 + 10, 140 + 6);
    let place = |x: usize, y: usize| (y + 10, 139 - x + 6);
    for (x, y) in (0..110).flat_map(|y| (0..140).map(move |x| (x, y))).filter(|(x, y)| here.readable_at(*x, *y)) {
        let (u, v) = place(x, y);
        there.readable[v * there.words + u / 64] |= 1 << (u % 64);
        if here.ridge_at(x, y) {
            there.set_ridge(u, v);
        }
    }
    let mut next = numbers(6);
    for _ in 0..40 {
        let m = minutia(140.0 + 150.0 * next(), 110.0 + 120.0 * next(), PI + PI * next());
        let turned = minutia(m.y + 20.0, 279.0 - m.x + 12.0, (m.direction + FRAC_PI_2) % TAU);
        let (first, second) = (seen(&here, &m), seen(&there, &turned));
        for channel in 0..CHANNELS {
            let off: Vec<f32> = first[channel].iter().zip(&second[channel]).map(|(a, b)| a - b).collect();
            assert!(largest(&off) < 5e-4, "{m:?}: {}", largest(&off));
        }
        assert!(largest(&first[0]) > 0.1, "{m:?}: nothing to compare");
    }
}

#[test]
fn a_minutia_far_outside_or_nowhere_sees_nothing() {
    let map = ridges(100, 80, 7);
    let odd = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN, 1e9, -1e9, 300.0, -95.0];
    for v in odd {
        for m in [minutia(v, 70.0, 1.0), minutia(70.0, v, 1.0), minutia(v, v, 1.0)] {
            assert!(seen(&map, &m).concat().iter().all(|v| *v == 0.0), "{m:?}");
        }
        // Any finite direction has a sine.
        let [ridge, readable] = seen(&map, &minutia(70.0, 70.0, v));
        assert_eq!(largest(&readable) == 0.0, !v.is_finite(), "{v}");
        assert!(largest(&ridge) <= 1.0 && readable.iter().all(|v| (0.0..=1.0).contains(v)), "{v}");
    }
    for (width, height) in [(0, 0), (0, 9), (9, 0)] {
        let map = RidgeMap::blank(width, height);
        assert!(seen(&map, &minutia(0.0, 0.0, 0.0)).concat().iter().all(|v| *v == 0.0));
    }
}
