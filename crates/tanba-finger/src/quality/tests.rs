//! What quality must say of captures that can be drawn by formula.

use super::assess;
use tanba_formats::{Gray8, Ppi};

/// Whorl-like ridges: phase by the distance from the middle, a few spirals for minutiae; `contrast` in gray levels and
/// `reach`, the radius of the contact, in pixels.
fn whorl(contrast: f32, reach: f32) -> Gray8 {
    let pixels = (0..320 * 320).map(|k| {
        let (x, y) = ((k % 320) as f32 - 160.0, (k / 320) as f32 - 160.0);
        let spirals: f32 = (0..9)
            .map(|i| {
                let a = i as f32 * 2.4;
                let d = 45.0 + 9.0 * i as f32;
                (if i % 2 == 0 { 1.0 } else { -1.0 }) * (y - d * a.sin()).atan2(x - d * a.cos())
            })
            .sum();
        let r = x.hypot(y);
        if r > reach { (170.0 + contrast) as u8 } else { (170.0 - contrast * (0.7 * r + spirals).cos()) as u8 }
    });
    Gray8::new(320, 320, Ppi::NOMINAL, pixels.collect()).expect("a whole image")
}

#[test]
fn more_finger_is_better() {
    let (large, small) = (assess(&whorl(60.0, 150.0)), assess(&whorl(60.0, 95.0)));
    assert!(small.quality + 10 < large.quality, "{} against {}", small.quality, large.quality);
    assert!(small.advice.iter().any(|a| a.code == "cover-more"), "{:?}", small.advice);
}

#[test]
fn measures_have_names_of_their_own_and_finite_values() {
    let report = assess(&whorl(60.0, 150.0));
    let mut names: Vec<&str> = report.measures.iter().map(|m| m.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), report.measures.len());
    assert!(report.measures.iter().all(|m| m.value.is_finite()));
    let period = report.measures.iter().find(|m| m.name == "ridge_period").expect("listed").value;
    assert!((period - std::f32::consts::TAU / 0.7).abs() < 0.5, "{period}");
}

#[test]
fn a_faint_print_sends_someone_to_the_scanner() {
    let report = assess(&whorl(7.0, 150.0));
    assert!(report.advice.iter().any(|a| a.code == "check-scanner"), "{report:?}");
}

#[test]
fn what_is_no_finger_has_quality_zero_and_one_advice() {
    for side in [1, 20, 100, 300] {
        let white = Gray8::new(side, side, Ppi::NOMINAL, vec![255; side * side]).expect("whole");
        let report = assess(&white);
        assert_eq!(report.quality, 0);
        assert_eq!(report.advice.len(), 1);
    }
}
