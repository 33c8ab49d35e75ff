//! The finger crate's cores, deltas, classes and ridge counts against the truth of synthetic prints.

use tanba_finger::pattern::{Neighbours, pattern, ridge_count, ridge_counts};
use tanba_finger::{ExtractParams, Mask, NoSink, PatternClass as Seen, Stage, StageData, extract};
use tanba_formats::Finger;
use tanba_synth::{FingerSpec, ImpressionParams, ImpressionPreset, MasterFinger, PatternClass, RidgeMethod};

fn master(class: PatternClass, seed: u64) -> MasterFinger {
    MasterFinger::with_method(seed, FingerSpec::of(Finger::RightIndex).with_class(class), RidgeMethod::Phase)
}

#[test]
fn cores_and_classes_of_easy_touches_are_those_of_the_finger() {
    let (mut shown, mut found, mut told, mut right, mut false_points) = (0, 0, 0, 0, 0);
    let mut away = Vec::new();
    for class in PatternClass::ALL {
        for seed in 900..903 {
            let print = master(class, seed).touch(ImpressionPreset::Easy, seed);
            let seen = pattern(&print.image).unwrap();
            let near = |truth: &[(f32, f32)], x: f32, y: f32| {
                truth.iter().map(|t| (t.0 - x).hypot(t.1 - y)).fold(f32::INFINITY, f32::min)
            };
            shown += print.cores.len();
            for &(x, y) in &print.cores {
                let places: Vec<_> = seen.cores.iter().map(|c| (c.x, c.y)).collect();
                let off = near(&places, x, y);
                if off < 20.0 {
                    found += 1;
                    away.push(off);
                }
            }
            false_points += seen.cores.iter().filter(|c| near(&print.cores, c.x, c.y) > 20.0).count();
            false_points += seen.deltas.iter().filter(|d| near(&print.deltas, d.x, d.y) > 20.0).count();
            told += usize::from(seen.class != Seen::Unknown);
            right += usize::from(seen.class.name() == class.name());
            assert_eq!(seen.class == Seen::Unknown, seen.confidence == 0.0);
        }
    }
    away.sort_by(f32::total_cmp);
    // Of 200 fingers all cores are found, 4.4 pixels off in the middle (half a ridge), 97 % of the classes told are right.
    assert!(found + 1 >= shown && false_points == 0, "{found} of {shown} cores, {false_points} false points");
    assert!(away[away.len() / 2] < 6.5, "{away:?}");
    // About nine of ten are told; these fifteen, four fewer.
    assert!(told >= 10 && right + 1 >= told, "{told} told, {right} right");
}

/// Readable and ridge maps of an image.
fn maps(image: &tanba_formats::Gray8) -> (Mask, Mask) {
    let (mut ridges, mut readable) = (None, None);
    extract(image, &ExtractParams::default(), &mut |stage: Stage<'_>| match (stage.name, stage.data) {
        ("ridges", StageData::Mask(mask)) => ridges = Some(mask.clone()),
        ("readable", StageData::Mask(mask)) => readable = Some(mask.clone()),
        _ => {}
    })
    .unwrap();
    (ridges.unwrap(), readable.unwrap())
}

#[test]
fn ridge_counts_do_not_depend_on_the_touch() {
    // The truth says where the same minutiae lie on an ideal and on a common touch of one finger.
    let (mut same, mut one_off, mut all) = (0, 0, 0);
    for seed in 0..3 {
        let finger = master(PatternClass::LeftLoop, 40 + seed);
        let ideal = finger.impression(&ImpressionParams::ideal(), seed);
        let touch = finger.touch(ImpressionPreset::FvcLike, seed);
        let (ideal_maps, touch_maps) = (maps(&ideal.image), maps(&touch.image));
        let places: Vec<_> =
            ideal.minutiae.iter().zip(&touch.minutiae).filter(|(a, b)| a.visible && b.visible).collect();
        for pair in places.windows(2) {
            let [(a, s), (b, t)] = pair else { unreachable!("windows of two") };
            let first = ridge_count(&ideal_maps.0, &ideal_maps.1, (a.x, a.y), (b.x, b.y));
            let second = ridge_count(&touch_maps.0, &touch_maps.1, (s.x, s.y), (t.x, t.y));
            if let (Some(first), Some(second)) = (first, second) {
                all += 1;
                same += usize::from(first == second);
                one_off += usize::from(first.abs_diff(second) <= 1);
            }
        }
    }
    // Measured: 61 of 92 the same, the rest one off (a true minutia lies beside its ridge as often as on it).
    assert!(all > 60 && same * 2 > all && one_off * 20 > all * 19, "{same} same, {one_off} one off, {all} in all");
}

#[test]
fn neighbours_of_a_print_have_small_counts_and_asking_for_the_pattern_changes_no_template() {
    let print = master(PatternClass::Whorl, 77).touch(ImpressionPreset::Easy, 1);
    let plain = extract(&print.image, &ExtractParams::default(), &mut NoSink).unwrap();
    let watched = extract(&print.image, &ExtractParams::default(), &mut |_: Stage<'_>| ()).unwrap();
    assert!(plain == watched);
    let (ridges, readable) = maps(&print.image);
    let counts = ridge_counts(&plain.minutiae, &ridges, &readable, Neighbours::Octants);
    assert!(counts.len() > 3 * plain.minutiae.len(), "{} counts", counts.len());
    let mut sorted: Vec<u16> = counts.iter().map(|c| c.count).collect();
    sorted.sort_unstable();
    assert!((1..=6).contains(&sorted[sorted.len() / 2]), "{sorted:?}");
}
