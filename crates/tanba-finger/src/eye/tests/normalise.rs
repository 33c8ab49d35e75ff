use super::{filled, page};
use crate::Plane;
use crate::eye::maps::Maps;
use crate::eye::normalise::{normalise, padded};

/// The input of the network, over whatever was there before.
fn normalised(image: &Plane) -> Maps<1> {
    let mut input = filled::<1>(padded(image.width), padded(image.height), 1, 3);
    normalise(image, &mut input);
    input
}

/// As it is defined, from rounded gray levels.
fn defined(image: &Plane, x: usize, y: usize) -> f64 {
    let level = |x: usize, y: usize| f64::from(image.row(y)[x]).clamp(0.0, 255.0).round();
    let (mut n, mut sum, mut squares) = (0.0, 0.0, 0.0);
    for j in y.saturating_sub(16)..(y + 17).min(image.height) {
        for i in x.saturating_sub(16)..(x + 17).min(image.width) {
            n += 1.0;
            sum += level(i, j);
            squares += level(i, j) * level(i, j);
        }
    }
    let mean = sum / n;
    let variance = (squares / n - mean * mean).max(0.0);
    ((level(x, y) - mean) / (variance.sqrt() + 12.0)).clamp(-3.0, 3.0)
}

#[test]
fn every_place_gets_its_own_mean_and_contrast() {
    for (width, height) in [(1, 1), (5, 3), (16, 17), (33, 33), (40, 100), (101, 20)] {
        let mut image = page(width, height, 1);
        // Flat, then a spot that is cut.
        image.data.iter_mut().skip(width * height / 2).for_each(|v| *v = 200.0);
        if let Some(spot) = image.data.last_mut() {
            *spot = 0.0;
        }
        let input = normalised(&image);
        assert_eq!((input.width() % 16, input.height() % 16), (0, 0));
        for y in 0..input.height() {
            for (x, [found]) in input.row(0, y).iter().enumerate() {
                let expected = if x < width && y < height { defined(&image, x, y) } else { 0.0 };
                // The mean of squares less the square of the mean has lost some digits.
                assert!((f64::from(*found) - expected).abs() < 1e-5, "{width} x {height}, {x} {y}: {found} {expected}");
            }
        }
    }
}

#[test]
fn what_is_no_gray_level_is_the_nearest() {
    let image = |values: [f32; 8]| normalised(&Plane { width: 8, height: 1, data: values.to_vec() });
    let odd = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 300.0, -5.0, 99.5, 254.6, 0.499_999_97];
    assert_eq!(image(odd), image([0.0, 255.0, 0.0, 255.0, 0.0, 100.0, 255.0, 0.0]));
}
