use super::*;
use crate::{Minutia, MinutiaKind, Recipe, Template};
use proptest::prelude::*;

/// Numbers that look like chance (a linear congruential generator).
fn numbers(seed: u64) -> impl FnMut(f32) -> f32 {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    move |below| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 24) as f32 * below
    }
}

pub(super) fn scattered(seed: u64, count: usize) -> Vec<Minutia> {
    let mut next = numbers(seed);
    (0..count)
        .map(|k| Minutia {
            x: 40.0 + next(260.0),
            y: 40.0 + next(320.0),
            direction: next(core::f32::consts::TAU),
            kind: MinutiaKind::Ending,
            quality: 100 - (k % 90) as u8,
        })
        .collect()
}

/// Turned, moved, each minutia a little off, some lost.
pub(super) fn touched(minutiae: &[Minutia], seed: u64) -> Vec<Minutia> {
    let mut next = numbers(seed);
    let (turn, dx, dy) = (next(0.6) - 0.3, next(30.0), next(30.0));
    let (sin, cos) = turn.sin_cos();
    let kept: Vec<&Minutia> = minutiae.iter().filter(|_| next(1.0) < 0.8).collect();
    kept.into_iter()
        .map(|m| Minutia {
            x: m.x * cos - m.y * sin + dx + next(4.0) - 2.0,
            y: m.x * sin + m.y * cos + dy + next(4.0) - 2.0,
            direction: (m.direction - turn + next(0.2) - 0.1).rem_euclid(core::f32::consts::TAU),
            ..*m
        })
        .collect()
}

pub(super) fn print(minutiae: Vec<Minutia>) -> ScanPrint {
    let template = Template { recipe: Recipe::Unknown, width: 400, height: 500, quality: 70, minutiae, ridges: None };
    ScanPrint::of(&Prepared::new(&template))
}

#[test]
fn a_touch_of_the_same_finger_comes_first_among_others() {
    let fingers: Vec<Vec<Minutia>> = (0..60).map(|f| scattered(f, 45)).collect();
    let gallery: Vec<ScanPrint> = fingers.iter().map(|m| print(m.clone())).collect();
    let mut scores = vec![0; gallery.len()];
    let mut first = 0;
    for (f, finger) in fingers.iter().enumerate() {
        scan(&print(touched(finger, 1000 + f as u64)), &gallery, &mut scores);
        first += usize::from(scores.iter().all(|s| *s <= scores[f]) && scores[f] > 0);
    }
    assert!(first >= 58, "{first} of 60");
}

#[test]
fn every_instruction_set_gives_the_same_scores() {
    let gallery: Vec<ScanPrint> = (0..200).map(|f| print(scattered(f, (f % 50) as usize))).collect();
    let mut wide = vec![0; gallery.len()];
    let mut plain = vec![0; gallery.len()];
    for probe in gallery.iter().step_by(7) {
        assert!(scan_with(Instructions::Plain, probe, &gallery, &mut plain));
        for with in [Instructions::Avx2, Instructions::Avx512] {
            if scan_with(with, probe, &gallery, &mut wide) {
                assert_eq!(wide, plain, "{with:?}");
            }
        }
    }
    assert!(plain.iter().any(|score| *score > 0));
}

#[test]
fn what_cannot_be_found_scores_nothing_and_nothing_is_written_beyond() {
    let (few, many) = (print(scattered(1, 3)), print(scattered(2, 40)));
    assert!(!few.comparable() && many.comparable());
    let mut scores = [7; 3];
    scan(&many, &[few.clone(), many.clone()], &mut scores);
    assert_eq!((scores[0], scores[2]), (0, 7));
    assert!(scores[1] > 0);
    scan(&few, &[many], &mut scores);
    assert_eq!(scores[0], 0);
}

#[test]
fn a_cell_of_half_the_resolution_is_set_where_any_of_its_four_is() {
    assert_eq!(halved(&[0; 4]), 0);
    assert_eq!(halved(&[u64::MAX; 4]), u64::MAX);
    // The last cell of the sixteen by sixteen.
    assert_eq!(halved(&[0, 0, 0, 1 << 63]), 1 << 63);
    // Row 1, column 2: the second cell of the first row.
    assert_eq!(halved(&[1 << 18, 0, 0, 0]), 1 << 1);
}

/// A print of anything: any bits, places and directions.
pub(super) fn anything() -> impl Strategy<Value = ScanPrint> {
    let place = prop_oneof![-2000i16..2000, any::<i16>()];
    // Few directions, so that pairs agree; dense and sparse cylinders.
    let direction = prop_oneof![0u16..3000, any::<u16>()];
    let word = prop_oneof![any::<u64>(), (any::<u64>(), any::<u64>(), any::<u64>()).prop_map(|(a, b, c)| a & b & c)];
    let cylinder = (prop::array::uniform6(word), [place.clone(), place], direction);
    // Four minutiae, so that those of different prints can be alike, or any at all.
    let code = prop_oneof![
        (0u64..4).prop_map(|k| [k.wrapping_mul(0x1234_5678_9abc_def1) + 1; 4]),
        prop::array::uniform4(any::<u64>())
    ];
    let lanes = prop::collection::vec((cylinder, code), 0..=LANES);
    (lanes, any::<bool>()).prop_map(|(lanes, has_codes)| {
        let mut print = ScanPrint::empty();
        let there = lanes.into_iter().filter(|((words, ..), _)| ones(words) > 0);
        for (lane, ((words, place, direction), code)) in there.enumerate() {
            (print.words[lane], print.places[lane]) = (words, place);
            if has_codes {
                print.codes[lane] = code;
            }
            print.turns[lane] = [direction, weight(ones(&words))];
        }
        print
    })
}

/// The same print, each cylinder a little changed.
pub(super) fn alike() -> impl Strategy<Value = (ScanPrint, ScanPrint)> {
    let change = (0..WORDS, any::<u64>(), -20i16..20, -20i16..20, -500i16..500);
    (anything(), prop::collection::vec(change, LANES)).prop_map(|(one, changes)| {
        let mut other = one.clone();
        for (lane, (word, bits, dx, dy, turn)) in changes.into_iter().enumerate().take(one.count()) {
            other.words[lane][word] |= bits;
            if one.has_codes() {
                other.codes[lane][word % CODE_WORDS] ^= bits & bits >> 7;
            }
            let [x, y] = one.places[lane];
            other.places[lane] = [x.wrapping_add(dx), y.wrapping_add(dy)];
            other.turns[lane] = [one.turns[lane][0].wrapping_add_signed(turn), weight(ones(&other.words[lane]))];
        }
        (one, other)
    })
}

fn score_with(with: Instructions, probe: &ScanPrint, print: &ScanPrint) -> Option<u32> {
    let mut score = [0];
    scan_with(with, probe, core::slice::from_ref(print), &mut score).then_some(score[0])
}

/// The slow, obvious form.
fn reference(probe: &ScanPrint, print: &ScanPrint) -> u32 {
    if !probe.comparable() || !print.comparable() {
        return 0;
    }
    // Similarity, cylinder of the print, cylinder of the probe.
    let best = |i: usize| {
        let weight = probe_weight(ones(&probe.words[i]));
        let near = |j: &usize| {
            let turn = print.turns[*j][0].wrapping_sub(probe.turns[i][0]) as i16;
            (-0x3fff..=0x4000).contains(&turn)
        };
        let alike = |j: usize| {
            if probe.has_codes() && print.has_codes() {
                let differ = (0..CODE_WORDS).map(|w| (probe.codes[i][w] ^ print.codes[j][w]).count_ones()).sum::<u32>();
                return u64::from(4 * 90_u32.saturating_sub(differ));
            }
            let both: [u64; WORDS] = core::array::from_fn(|w| probe.words[i][w] & print.words[j][w]);
            (ones(&both) as u64 * u64::from(weight) * u64::from(print.turns[j][1])) >> 21
        };
        (0..print.count()).filter(near).map(|j| (alike(j), j, i)).max().unwrap_or((0, 0, i))
    };
    let sorted = |range: core::ops::Range<usize>| {
        let mut pairs: Vec<_> = range.map(best).collect();
        pairs.sort_by(|a, b| b.cmp(a));
        pairs
    };
    // The order decides which of two pairs is seen from the other; roundings differ.
    let (mut pairs, last) = (sorted(0..16), sorted(16..24));
    for (pair, other) in pairs[8..].iter_mut().zip(last.into_iter().rev()) {
        *pair = (*pair).max(other);
    }
    let scaled = |a: i16, b: i16| ((i32::from(a) * i32::from(b) + 0x4000) >> 15) as i16;
    let cos_sin = |turn: u16| {
        let sin = |turn: i16| {
            let folded = 0x4000i16.wrapping_sub(turn.wrapping_sub(0x4000).wrapping_abs());
            let square = 2 * scaled(folded, folded);
            scaled(folded, 25733 - scaled(square, 21077 - scaled(square, 4765)))
        };
        (sin((turn as i16).wrapping_add(0x4000)), sin(turn as i16))
    };
    let mut total = 0;
    for by in 1..=8 {
        for u in 0..if by == 8 { 8 } else { 16 } {
            let ((s_u, j_u, i_u), (s_v, j_v, i_v)) = (pairs[u], pairs[(u + by) % 16]);
            let less = |a: [i16; 2], b: [i16; 2]| [a[0].saturating_sub(b[0]), a[1].saturating_sub(b[1])];
            let square = |a: [i16; 2]| {
                let square = |v: i16| i32::from(v) * i32::from(v);
                square(a[0]).wrapping_add(square(a[1]))
            };
            let twice = |a: [i16; 2]| a.map(|v| v.saturating_mul(2));
            let a = less(twice(probe.places[i_v]), twice(probe.places[i_u]));
            let b = less(print.places[j_v], print.places[j_u]);
            let turn = |i: usize, j: usize| print.turns[j][0].wrapping_sub(probe.turns[i][0]);
            let (turn_u, turn_v) = (turn(i_u, j_u), turn(i_v, j_v));
            let ((cos_u, sin_u), (cos_v, sin_v)) = (cos_sin(turn_u), cos_sin(turn_v));
            let (cos, sin) = (cos_u + cos_v, sin_u + sin_v);
            let turned =
                [scaled(a[0], cos).wrapping_add(scaled(a[1], -sin)), scaled(a[1], cos).wrapping_add(scaled(a[0], sin))];
            let limit = ((square(b) as u32 >> 7) + 1024) as i32;
            let agree = square(less(turned, b)) <= limit && (turn_v.wrapping_sub(turn_u) as i16).unsigned_abs() <= 3640;
            total += if agree { s_u as u32 * s_v as u32 } else { 0 };
        }
    }
    total << 7 | u32::from(probe.has_codes() && print.has_codes())
}

/// With all instructions, and as the slow reference has it.
fn score_the_same(probe: &ScanPrint, print: &ScanPrint) -> Result<(), TestCaseError> {
    let plain = score_with(Instructions::Plain, probe, print);
    prop_assert_eq!(plain, Some(reference(probe, print)));
    for with in [Instructions::Avx2, Instructions::Avx512] {
        let score = score_with(with, probe, print);
        prop_assert!(score.is_none() || score == plain, "{:?}: {:?}, not {:?}", with, score, plain);
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_two_prints_score_the_same_with_all_instructions((probe, print) in (anything(), anything())) {
        score_the_same(&probe, &print)?;
    }

    #[test]
    fn prints_that_are_alike_score_the_same_with_all_instructions((probe, print) in alike()) {
        score_the_same(&probe, &print)?;
    }
}

#[test]
fn measurements_count_what_went_through() {
    let gallery = [print(scattered(1, 40)), print(scattered(2, 40))];
    let probe = ScanProbe::of(&gallery[0]);
    // 24 cylinders of six words against as many.
    assert_eq!(matrix_work(Instructions::Plain, &probe, &gallery, 3), Some(2 * 3 * 24 * 24 * 48));
    assert_eq!(roof_work(Instructions::Plain, &probe, &[7; 13], 5), Some(5 * 2 * 24 * 48));
}
