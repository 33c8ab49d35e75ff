//! What the extraction must do on images that can be drawn by formula.

use super::{Extractor, FilteredRidges, LearnedRidges, extract};
use proptest::prelude::*;

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
                assert!((near.x - x).hypot(near.y - y) < 5.0, "{near:?} for {x},{y} at {normal}, {period}");
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
        let twin = b.minutiae.iter().find(|n| (n.x - m.x).hypot(n.y - m.y) < 5.0).expect("the same event");
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

/// Both ways from an image to a template.
fn both() -> [&'static dyn Extractor; 2] {
    [crate::Recipe::FilteredRidges2, crate::Recipe::Learned1].map(|r| r.extractor().expect("it is in this program"))
}

#[test]
fn the_network_finds_most_events_of_a_wave_though_no_finger_looks_like_that() {
    let (mut found, mut all) = (0, 0);
    for normal in [0.3f32, 1.2, 2.0, 2.9] {
        for period in [8.0, 9.0, 10.0] {
            let Ok(template) = LearnedRidges::default().extract(&wave(normal, period, &EVENTS), &mut NoSink) else {
                all += EVENTS.len();
                continue;
            };
            assert_eq!(template.recipe, crate::Recipe::Learned1);
            for (x, y, charge) in EVENTS {
                let side = normal - charge * PI / 2.0;
                let expected = (-side.sin()).atan2(side.cos());
                let near = |m: &crate::Minutia| (m.x - x).hypot(m.y - y) < 6.0 && turn(m.direction, expected) < 0.5;
                found += usize::from(template.minutiae.iter().any(near));
                all += 1;
            }
        }
    }
    assert!(2 * found > all, "{found} of {all}");
}

#[test]
fn the_network_says_the_same_of_an_image_wherever_it_lies_on_the_glass() {
    let image = wave(1.2, 9.0, &EVENTS);
    let laid = |left: usize, top: usize| {
        let place = |x: f32, y: f32| {
            let (u, v) = (x as isize - left as isize, y as isize - top as isize);
            let inside = (0..300).contains(&u) && (0..300).contains(&v);
            if inside { f32::from(image.pixels()[v as usize * 300 + u as usize]) } else { 245.0 }
        };
        LearnedRidges::default().extract(&draw(520, 520, place), &mut NoSink).expect("a readable wave")
    };
    let (a, b) = (laid(40, 48), laid(120, 160));
    assert_eq!(a.minutiae.len(), b.minutiae.len());
    for (m, n) in a.minutiae.iter().zip(&b.minutiae) {
        assert_eq!(
            (m.x + 80.0, m.y + 112.0, m.direction, m.kind, m.quality),
            (n.x, n.y, n.direction, n.kind, n.quality)
        );
    }
}

#[test]
fn no_size_panics() {
    for (w, h) in [(1, 1), (1, 500), (79, 300), (80, 80), (81, 83), (85, 120), (97, 301), (300, 80)] {
        let image = draw(w, h, |x, y| 128.0 + 100.0 * (0.5 * x + 0.4 * y).sin());
        both().into_iter().for_each(|e| drop(e.extract(&image, &mut NoSink)));
    }
}

#[test]
fn blank_images_are_refused() {
    for by in both() {
        let refused = |image: &Gray8| matches!(by.extract(image, &mut NoSink), Err(ExtractError::NoRidges { .. }));
        for level in [0.0, 128.0, 255.0] {
            assert!(refused(&draw(300, 300, |_, _| level)));
        }
        assert!(refused(&draw(300, 300, |x, _| x * 0.8)));
    }
}

/// White noise from a fixed linear congruence, -0.5 to 0.5, blurred over `2 reach + 1` pixels twice.
fn cloud(side: usize, reach: usize) -> Vec<f32> {
    let mut state = 1u32;
    let mut map: Vec<f32> = (0..side * side)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 24) as f32 - 0.5
        })
        .collect();
    for _ in 0..2 {
        let from = map.clone();
        for (k, v) in map.iter_mut().enumerate() {
            let (x, y) = (k % side, k / side);
            let near = (0..=2 * reach).map(|d| (d + side - reach) % side);
            let row: f32 = near.clone().map(|d| from[y * side + (x + d) % side]).sum();
            let column: f32 = near.map(|d| from[(y + d) % side * side + x]).sum();
            *v = (row + column) / (4 * reach + 2) as f32;
        }
    }
    map
}

#[test]
fn other_textures_are_refused() {
    let side = 300;
    for reach in [0, 1, 2, 4, 8] {
        let map = cloud(side, reach);
        let deviation = (map.iter().map(|v| v * v).sum::<f32>() / map.len() as f32).sqrt();
        let result = run(&draw(side, side, |x, y| 128.0 + 50.0 * map[y as usize * side + x as usize] / deviation));
        assert!(result.is_err(), "noise blurred by {reach} became {} minutiae", result.map_or(0, |t| t.minutiae.len()));
    }
    let board = |x: f32, y: f32| if (x / 9.0) as i32 % 2 == (y / 9.0) as i32 % 2 { 30.0 } else { 220.0 };
    let dots = |x: f32, y: f32| 128.0 + 60.0 * (0.7 * x).sin() + 60.0 * (0.7 * y).sin();
    // Lines of letters: strokes up and across in cells of 8 x 12, some cells blank.
    let text = |x: f32, y: f32| {
        let (column, line) = ((x / 8.0) as u32, (y / 18.0) as u32);
        let letter = (column * 7 + line * 13 + column * line * 5) % 11;
        let (u, v) = (x % 8.0, y % 18.0);
        let up = letter % 3 != 0 && (u - 1.0 - (letter % 4) as f32).abs() < 1.0;
        let across = letter % 2 == 0 && (v - 1.0 - (letter % 5) as f32 * 2.0).abs() < 1.0 && u < 6.0;
        if v < 12.0 && (up || across) { 20.0 } else { 250.0 }
    };
    for (name, image) in
        [("board", draw(side, side, board)), ("dots", draw(side, side, dots)), ("text", draw(side, side, text))]
    {
        let result = run(&image);
        assert!(result.is_err(), "{name} became {} minutiae", result.map_or(0, |t| t.minutiae.len()));
    }
}

#[test]
fn resolution_does_not_change_what_is_found() {
    let nominal = run(&wave(1.2, 9.0, &EVENTS)).expect("readable");
    for ppi in [250.0, 333.0, 1000.0] {
        // The same finger on a finer or coarser grid.
        let scale = ppi / 500.0;
        let (sin, cos) = 1.2f32.sin_cos();
        let side = (300.0 * scale) as usize;
        let pixels = (0..side * side).map(|k| {
            let at = |v: usize| (v as f32 + 0.5) / scale as f32 - 0.5;
            let (x, y) = (at(k % side), at(k / side));
            let spirals: f32 = EVENTS.iter().map(|e| e.2 * (y - e.1).atan2(x - e.0)).sum();
            (128.0 - 100.0 * (TAU / 9.0 * (x * cos + y * sin) + spirals).cos()) as u8
        });
        let image = Gray8::new(side, side, Ppi::new(ppi).expect("positive"), pixels.collect()).expect("whole");
        let found = run(&image).expect("readable");
        assert_eq!(found.minutiae.len(), nominal.minutiae.len(), "at {ppi} ppi");
        for m in &nominal.minutiae {
            let twin = found.minutiae.iter().find(|n| (n.x - m.x).hypot(n.y - m.y) < 5.0);
            let twin = twin.unwrap_or_else(|| panic!("{m:?} is missing at {ppi} ppi"));
            assert!(turn(twin.direction, m.direction) < 0.2);
        }
    }
}

#[test]
fn minutiae_turn_with_the_finger() {
    // Five events about the middle, the whole finger turned in steps of 25 degrees.
    let turned = |angle: f32| -> Vec<(f32, f32, f32)> {
        let (sin, cos) = angle.sin_cos();
        EVENTS
            .iter()
            .map(|&(x, y, charge)| {
                let (x, y) = (x - 150.0, y - 150.0);
                (150.0 + x * cos - y * sin, 150.0 + x * sin + y * cos, charge)
            })
            .collect()
    };
    let base = run(&wave(1.2, 9.0, &EVENTS)).expect("readable");
    for step in 1..7 {
        let angle = step as f32 * 25f32.to_radians();
        let found = run(&wave(1.2 + angle, 9.0, &turned(angle))).expect("readable");
        assert_eq!(found.minutiae.len(), base.minutiae.len(), "turned by {angle}");
        for m in &base.minutiae {
            let (sin, cos) = angle.sin_cos();
            let (x, y) = (m.x - 150.0, m.y - 150.0);
            let (x, y) = (150.0 + x * cos - y * sin, 150.0 + x * sin + y * cos);
            let twin = found.minutiae.iter().find(|n| (n.x - x).hypot(n.y - y) < 9.0);
            let twin = twin.unwrap_or_else(|| panic!("{m:?} is lost when turned by {angle}"));
            assert!(turn(twin.direction, m.direction - angle) < 0.3);
        }
    }
}

#[test]
fn an_inverted_print_is_refused_by_name() {
    // A disc of ridges on white, and the same turned over.
    let disc = |x: f32, y: f32| {
        let inside = (x - 150.0).hypot(y - 150.0) < 110.0;
        let spirals: f32 = EVENTS.iter().map(|e| e.2 * (y - e.1).atan2(x - e.0)).sum();
        let bent = (x - 150.0).hypot(y + 60.0);
        if inside { 128.0 - 90.0 * (TAU / 9.0 * bent + spirals).cos() } else { 235.0 + (x * 0.7).sin() }
    };
    let right = run(&draw(300, 300, disc)).expect("readable");
    assert!(right.minutiae.len() >= 4);
    assert_eq!(run(&draw(300, 300, |x, y| 255.0 - disc(x, y))).err(), Some(ExtractError::Inverted));
    // A black frame round it is no inversion.
    let framed =
        |x: f32, y: f32| if (10.0..290.0).contains(&x) && (10.0..290.0).contains(&y) { disc(x, y) } else { 0.0 };
    assert!(run(&draw(300, 300, framed)).is_ok());
}

#[test]
fn its_templates_say_so_and_those_of_the_version_before_are_known_by_their_ridges() {
    let image = wave(0.5, 9.0, &[(90.0, 110.0, 1.0), (200.0, 90.0, -1.0), (150.0, 210.0, 1.0), (210.0, 200.0, -1.0)]);
    let params = ExtractParams { minutiae_min: 1, ..ExtractParams::default() };
    let extractor = FilteredRidges(params);
    let template = extractor.extract(&image, &mut NoSink).unwrap();
    assert!(template.recipe == extractor.recipe() && template.ridges.is_some());
    assert_eq!(extractor.extract_and_assess(&image), Ok((template.clone(), crate::assess(&image))));
    let mut bytes = template.to_bytes();
    // The recipe is all that came with version 3.
    bytes.remove(18);
    bytes[8] = 2;
    let end = bytes.len() - 4;
    let checksum = crate::crc32(&bytes[..end]).to_le_bytes();
    bytes[end..].copy_from_slice(&checksum);
    assert_eq!(Template::from_bytes(&bytes), Ok(template));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_pixels_give_an_answer(
        w in 1usize..260, h in 1usize..260, seed in 0u64.., kind in 0u8..4, ppi in prop::sample::select(vec![250.0, 500.0, 1000.0])
    ) {
        let mut state = seed;
        let mut next = move || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 56) as u8
        };
        let pixels = (0..w * h)
            .map(|k| match kind {
                0 => next(),
                1 => if next() > 250 { 0 } else { 255 },
                2 => (k % w * 255 / w) as u8,
                _ => if (k % w / 5 + k / w / 7).is_multiple_of(2) { next() / 4 } else { 200 },
            })
            .collect();
        let image = Gray8::new(w, h, Ppi::new(ppi).unwrap(), pixels).unwrap();
        if let Ok(template) = run(&image) {
            // Whatever was seen can be written, read and compared.
            let read = Template::from_bytes(&template.to_bytes());
            prop_assert_eq!(read.as_ref(), Ok(&template));
            let prepared = crate::Prepared::new(&template);
            let score = crate::compare(&prepared, &prepared).score;
            prop_assert!((0.0..=1.0).contains(&score));
        }
        let report = crate::assess(&image);
        prop_assert!(report.quality <= 100);
    }
}
