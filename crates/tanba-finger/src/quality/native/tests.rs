//! Images of all sizes, and what formulas say. The published outputs are held in `tests/it/native_measures.rs`.

use super::native_measures;
use crate::{Minutia, MinutiaKind};
use tanba_formats::{Gray8, Ppi};

#[test]
fn an_image_of_any_size_has_finite_measures() {
    for (w, h) in [(1, 1), (3, 200), (35, 35), (36, 36), (70, 33), (200, 100)] {
        for fill in [0u8, 255, 7] {
            let pixels = (0..w * h).map(|k| fill.wrapping_mul((k * k % 251) as u8)).collect();
            let measures = native_measures(&Gray8::new(w, h, Ppi::NOMINAL, pixels).expect("whole"), &[]);
            assert_eq!(measures.len(), 72);
            assert!(measures.iter().all(|m| m.value.is_finite()), "{w} x {h}, {fill}: {measures:?}");
        }
    }
}

fn value(image: &Gray8, minutiae: &[Minutia], name: &str) -> f64 {
    native_measures(image, minutiae).iter().find(|m| m.name == name).expect("a measure").value
}

/// Upright ridges of period 8 within a white frame, gray 128 - 100 and 128 + 100 at their middle and between.
fn stripes() -> Gray8 {
    let wave = |x: usize| (128.0 - 100.0 * (std::f64::consts::TAU * x as f64 / 8.0).cos()).round() as u8;
    let inside = |x: usize, y: usize| (20..220).contains(&x) && (30..230).contains(&y);
    let pixels = (0..240 * 260).map(|k| if inside(k % 240, k / 240) { wave(k % 240) } else { 255 });
    Gray8::new(240, 260, Ppi::NOMINAL, pixels.collect()).expect("whole")
}

#[test]
fn perfect_ridges_have_perfect_measures() {
    let image = stripes();
    // The frame is cut off: the mean is that of the wave, and 200 x 200 pixels have 6 x 6 blocks.
    assert!((value(&image, &[], "Mu") - 128.0).abs() < 1.0);
    assert!(value(&image, &[], "OCL_Bin10_Mean") > 0.9999);
    assert_eq!(value(&image, &[], "OCL_Bin10_9"), 36.0);
    // Ridges and valleys of equal width, and one direction throughout.
    assert!((value(&image, &[], "RVUP_Bin10_Mean") - 1.0).abs() < 0.15);
    assert!(value(&image, &[], "LCS_Bin10_Mean") > 0.95);
    assert_eq!(value(&image, &[], "OF_Bin10_Mean"), 0.0);
    // One wave: the peak is all there is, and its neighbours, 0 each, add nothing.
    assert!(value(&image, &[], "FDA_Bin10_Mean") > 0.9);
    assert!(value(&image, &[], "OrientationMap_ROIFilter_CoherenceRel") > 0.99);
}

#[test]
fn minutiae_are_counted_where_they_lie() {
    let at = |x: f32, y: f32| Minutia { x, y, direction: 0.0, kind: MinutiaKind::Ending, quality: 50 };
    // Nine together, one 150 pixels off, one in the white frame that is cut away.
    let mut minutiae: Vec<Minutia> = (0..9).map(|i| at(60.0 + i as f32, 70.0)).collect();
    minutiae.extend([at(210.0, 220.0), at(5.0, 5.0)]);
    let image = stripes();
    assert_eq!(value(&image, &minutiae, "minutiae_count"), 10.0);
    assert_eq!(value(&image, &minutiae, "minutiae_in_200x200"), 9.0);
    assert_eq!(value(&image, &minutiae, "minutiae_ocl_80"), 1.0);
}
