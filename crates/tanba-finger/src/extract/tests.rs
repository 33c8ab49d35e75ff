//! What the extraction must do on images that can be drawn by formula.

use super::extract;
use crate::{ExtractError, ExtractParams, MinutiaKind, NoSink, Template};
use std::f32::consts::{PI, TAU};
use tanba_formats::{Gray8, Ppi};

fn draw(width: usize, height: usize, value: impl Fn(f32, f32) -> f32) -> Gray8 {
    let pixels = (0..width * height).map(|k| value((k % width) as f32, (k / width) as f32).clamp(0.0, 255.0) as u8);
    Gray8::new(width, height, Ppi::NOMINAL, pixels.collect()).expect("a whole image")
}

fn run(image: &Gray8) -> Result<Template, ExtractError> {
    extract(image, &ExtractParams::default(), &mut NoSink)
}

/// Parallel ridges across the direction `normal` (radians, y down), with ridge events at the given places: charge +1
/// adds a ridge to the right of the normal, -1 to the left (Larkin and Fletcher's phase spirals).
fn wave(normal: f32, period: f32, events: &[(f32, f32, f32)]) -> Gray8 {
    let (sin, cos) = normal.sin_cos();
    draw(300, 300, |x, y| {
        let mut phase = TAU / period * (x * cos + y * sin);
        for &(ex, ey, charge) in events {
            phase += charge * (y - ey).atan2(x - ex);
        }
        128.0 - 100.0 * phase.cos()
    })
}

const EVENTS: [(f32, f32, f32); 5] =
    [(90.0, 100.0, 1.0), (190.0, 120.0, -1.0), (150.0, 150.0, 1.0), (110.0, 200.0, -1.0), (200.0, 205.0, 1.0)];

/// Angle between two directions, radians.
fn turn(a: f32, b: f32) -> f32 {
    let d = (a - b).rem_euclid(TAU);
    d.min(TAU - d)
}

#[test]
fn finds_the_events_of_a_wave_at_their_place_with_their_direction() {
    for normal in [0.3f32, 1.2, 2.0, 2.9] {
        for period in [7.0, 9.0, 11.0] {
            let template = run(&wave(normal, period, &EVENTS)).expect("a readable wave");
            assert_eq!(template.minutiae.len(), EVENTS.len(), "normal {normal} period {period}: {template:?}");
            for (x, y, charge) in EVENTS {
                let near = template
                    .minutiae
                    .iter()
                    .min_by(|a, b| (a.x - x).hypot(a.y - y).total_cmp(&(b.x - x).hypot(b.y - y)))
                    .expect("minutiae");
                assert!((near.x - x).hypot(near.y - y) < 6.0, "{near:?} for {x},{y} at {normal}, {period}");
                // One more ridge lies where the spiral's phase grows along the normal: a quarter turn from it.
                let side = normal - charge * PI / 2.0;
                let expected = (-side.sin()).atan2(side.cos());
                assert!(turn(near.direction, expected) < 0.35, "{near:?} should point to {expected}");
            }
        }
    }
}

#[test]
fn ends_and_forks_swap_when_ridges_and_valleys_do() {
    let image = wave(1.2, 9.0, &EVENTS);
    let inverse = draw(300, 300, |x, y| 255.0 - f32::from(image.pixels()[y as usize * 300 + x as usize]));
    let (a, b) = (run(&image).expect("readable"), run(&inverse).expect("readable"));
    assert_eq!(a.minutiae.len(), b.minutiae.len());
    for m in &a.minutiae {
        let twin = b.minutiae.iter().find(|n| (n.x - m.x).hypot(n.y - m.y) < 9.0).expect("the same event");
        assert_ne!(twin.kind, m.kind);
        assert_ne!(twin.kind, MinutiaKind::Other);
        assert!(turn(twin.direction, m.direction) < 0.3);
    }
}

#[test]
fn the_same_image_gives_the_same_template() {
    let image = wave(0.8, 8.0, &EVENTS);
    assert_eq!(run(&image), run(&image));
}

#[test]
fn no_size_panics() {
    for (w, h) in [(1, 1), (1, 500), (79, 300), (80, 80), (81, 83), (85, 120), (97, 301), (300, 80)] {
        let image = draw(w, h, |x, y| 128.0 + 100.0 * (0.5 * x + 0.4 * y).sin());
        let _ = run(&image);
    }
}

#[test]
fn blank_images_are_refused() {
    for level in [0.0, 128.0, 255.0] {
        assert!(matches!(run(&draw(300, 300, |_, _| level)), Err(ExtractError::NoRidges { .. })));
    }
    assert!(matches!(run(&draw(300, 300, |x, _| x * 0.8)), Err(ExtractError::NoRidges { .. })));
}
