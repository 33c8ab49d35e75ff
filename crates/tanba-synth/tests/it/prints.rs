//! Masters and impressions.

use tanba_finger::MinutiaKind;
use tanba_formats::{Finger, Gray8};
use tanba_synth::{
    FingerSpec, ImpressionParams, ImpressionPreset, MasterFinger, PatternClass, TruthMinutia, TruthRecord, sheet,
};

fn master(seed: u64) -> MasterFinger {
    MasterFinger::from_seed(seed, FingerSpec::of(Finger::RightIndex))
}

/// Mean gray of the image along a ray from a minutia.
fn gray_along(image: &Gray8, x: f32, y: f32, direction: f32) -> f64 {
    let steps = [3.0_f32, 4.0, 5.0, 6.0];
    let at = |d: f32| {
        let (px, py) = (x + d * direction.cos() + 0.5, y - d * direction.sin() + 0.5);
        f64::from(image.pixels()[py as usize * image.width() + px as usize])
    };
    steps.iter().map(|&d| at(d)).sum::<f64>() / steps.len() as f64
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let (a, b) = (master(11), master(11));
    assert_eq!(a.render(), b.render());
    assert_eq!(a.minutiae(), b.minutiae());
    let (i, j) = (a.touch(ImpressionPreset::FvcLike, 5), b.touch(ImpressionPreset::FvcLike, 5));
    assert_eq!(i.image, j.image);
    assert_eq!(i.minutiae, j.minutiae);
    assert_ne!(i.image, a.touch(ImpressionPreset::FvcLike, 6).image);
    assert_ne!(a.render(), master(12).render());
}

#[test]
fn minutiae_have_the_density_and_the_mix_of_kinds_of_real_fingers() {
    let (mut count, mut endings) = (0, 0);
    for seed in 0..6 {
        let m = master(seed);
        for t in m.touch(ImpressionPreset::Clean, seed).minutiae.iter().filter(|t| t.visible) {
            count += 1;
            endings += usize::from(t.kind == MinutiaKind::Ending);
        }
    }
    let mean = count as f64 / 6.0;
    assert!((30.0..75.0).contains(&mean), "{mean} visible minutiae on a clean impression");
    let share = endings as f64 / count as f64;
    assert!((0.35..0.75).contains(&share), "{share} endings");
}

#[test]
fn an_ending_has_its_ridge_ahead_and_a_bifurcation_its_valley() {
    let (mut right, mut all) = (0, 0);
    for seed in 0..4 {
        let m = master(seed);
        let print = m.impression(&ImpressionParams::ideal(), seed);
        // Beside another minutia, the line ahead may be that one's.
        let alone =
            |t: &TruthMinutia| print.minutiae.iter().filter(|o| (o.x - t.x).hypot(o.y - t.y) < 12.0).count() == 1;
        for t in print.minutiae.iter().filter(|t| t.visible && alone(t)) {
            let ahead = gray_along(&print.image, t.x, t.y, t.direction);
            let behind = gray_along(&print.image, t.x, t.y, t.direction + std::f32::consts::PI);
            all += 1;
            right += usize::from((ahead < behind) == (t.kind == MinutiaKind::Ending));
        }
    }
    // A few lie half-way between the kinds, where the gray levels ahead and behind hardly differ.
    assert!(all > 100 && right * 100 > all * 93, "{right} of {all}");
}

#[test]
fn truth_moves_with_a_known_rigid_motion() {
    let m = master(3);
    let ideal = m.impression(&ImpressionParams::ideal(), 1);
    let turned = ImpressionParams { rotation: 0.4, shift: (12.0, -9.0), ..ImpressionParams::ideal() };
    let moved = m.impression(&turned, 1);
    assert_eq!(ideal.minutiae.len(), m.minutiae().len());
    let (s, c) = 0.4_f32.sin_cos();
    for (a, b) in ideal.minutiae.iter().zip(&moved.minutiae) {
        let (dx, dy) = (a.x - 194.0, a.y - 208.0);
        let (x, y) = (194.0 + 12.0 + c * dx + s * dy, 208.0 - 9.0 + c * dy - s * dx);
        assert!((x - b.x).abs() < 1e-3 && (y - b.y).abs() < 1e-3, "({x}, {y}) is not ({}, {})", b.x, b.y);
        let turn = (b.direction - a.direction - 0.4).rem_euclid(std::f32::consts::TAU);
        assert!(turn.min(std::f32::consts::TAU - turn) < 1e-4);
        assert_eq!(a.kind, b.kind);
    }
}

#[test]
fn every_class_can_be_asked_for_and_has_its_singular_points() {
    for class in PatternClass::ALL {
        let m = MasterFinger::from_seed(9, FingerSpec::of(Finger::LeftRing).with_class(class));
        let expected = match class {
            PatternClass::Arch => 0,
            PatternClass::Whorl => 2,
            _ => 1,
        };
        assert_eq!((m.class(), m.cores().len(), m.deltas().len()), (class, expected, expected));
    }
}

#[test]
fn no_parameters_make_it_panic() {
    let m = MasterFinger::from_seed(
        u64::MAX,
        FingerSpec { finger: Finger::Unknown, class: None, period: Some(f32::NAN), wear: f32::INFINITY },
    );
    let strange = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, -1e9, 0.0];
    for (i, &v) in strange.iter().enumerate() {
        let params = ImpressionParams {
            width: if i % 2 == 0 { 0 } else { u16::MAX },
            height: 1,
            rotation: v,
            shift: (v, -v),
            contact_shift: (v, v),
            contact: (v, v),
            drag: (v, v),
            torsion: v,
            plasticity: v,
            stretch: v,
            moisture: v,
            patchiness: v,
            grain: v,
            scratches: 255,
            contrast: v,
            background: 0,
            sensor_noise: v,
            dirt: v,
        };
        let print = m.impression(&params, 1);
        assert_eq!(print.image.height(), 64);
        assert!(print.truth_template().minutiae.len() <= m.minutiae().len());
    }
}

#[test]
fn a_sheet_holds_every_print() {
    let prints: Vec<Gray8> = (0..3).map(|i| master(1).touch(ImpressionPreset::Ink, i).image).collect();
    let all = sheet(&prints);
    let found = |print: &Gray8| {
        let row = &print.pixels()[200 * print.width()..201 * print.width()];
        all.pixels().chunks_exact(all.width()).any(|line| line.windows(row.len()).any(|w| w == row))
    };
    assert!(prints.iter().all(found));
    assert_eq!((sheet(&[]).width(), sheet(&[]).height()), (9, 9));
}

#[test]
fn the_truth_record_survives_json_and_names_nothing_outside_the_image() {
    let print = master(4).touch(ImpressionPreset::Hard, 4);
    let record = print.truth_record();
    let text = serde_json::to_string(&record).unwrap();
    assert_eq!(serde_json::from_str::<TruthRecord>(&text).unwrap(), record);
    assert!(record.minutiae.iter().all(|m| m.x >= 0.0 && m.x < 388.0 && m.y >= 0.0 && m.y < 416.0));
    let visible = record.minutiae.iter().filter(|m| m.visible).count();
    assert_eq!(visible, print.truth_template().minutiae.len());
}
