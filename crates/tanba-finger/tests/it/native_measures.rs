//! The native measures of ISO/IEC 29794-4 are the published ones: for the five example images of the standard's reference
//! implementation they must give the outputs that are published with them. Needs the reference material (`TANBA_REFERENCE`).

use tanba_finger::native_measures;
use tanba_formats::Ppi;

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
        let options = tanba_formats::image::ReadOptions::with_ppi(Some(Ppi::NOMINAL));
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
