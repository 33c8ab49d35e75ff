//! The published outputs of the five example images, and what formulas say. The images need the reference material
//! (`TANBA_REFERENCE`).

use super::native_measures;
use tanba_formats::{Gray8, Ppi};

/// Name and value of each line of a published output.
fn published(text: &str) -> Vec<(&str, f64)> {
    text.lines().filter_map(|l| l.split_once(": ")).filter_map(|(n, v)| Some((n, v.trim().parse().ok()?))).collect()
}

#[test]
fn the_published_outputs_of_the_five_example_images_come_out() {
    let folder = std::env::var_os("TANBA_REFERENCE")
        .map(|p| std::path::PathBuf::from(p).join("formats/nfiq2_sfinge_examples"))
        .filter(|p| p.is_dir());
    let Some(folder) = folder else {
        eprintln!("skipped: TANBA_REFERENCE is not set to a folder with formats/nfiq2_sfinge_examples");
        return;
    };
    for i in 1..=5 {
        let bytes = std::fs::read(folder.join(format!("SFinGe_Test0{i}.pgm"))).expect("an image");
        let options = tanba_formats::image::ReadOptions { ppi: Some(Ppi::NOMINAL) };
        let image = tanba_formats::image::read(&bytes, &options).expect("an image").value;
        let text = std::fs::read_to_string(folder.join(format!("SFinGe_Test0{i}_output.txt"))).expect("an output");
        let published = published(&text);
        let mut held = 0;
        for ours in native_measures(&image, &[]) {
            let Some(&(name, expected)) = published.iter().find(|p| p.0 == ours.name) else { continue };
            // Six significant digits are printed: half a unit of the last one, for a number that begins with 1.
            let off = (ours.value - expected).abs();
            assert!(off <= 5.001e-6 * expected.abs(), "image {i}, {name}: {} against {expected}", ours.value);
            held += 1;
        }
        // All but the unified score and the five that take the reference implementation's minutiae.
        assert_eq!((held, published.len()), (68, 74));
    }
}

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
