//! Any pixels: quality, minutiae, pattern, slaps, and the print compared with itself. A refusal or a low quality, never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tanba_finger::slap::{SlapRequest, segment};
use tanba_finger::{Prepared, Template, compare, default_extractor, native_measures};
use tanba_formats::{Gray8, Ppi};

fuzz_target!(|data: &[u8]| {
    let [width, height, wave, turn, mix, pixels @ ..] = data else { return };
    let (width, height) = (40 + 2 * usize::from(*width), 40 + 2 * usize::from(*height));
    // Pixels alone would be noise for ever: they are laid over waves that the extractor follows.
    let (sin, cos) = (f32::from(*turn) / 40.0).sin_cos();
    let step = 0.2 + f32::from(*wave) / 200.0;
    let pixel = |k: usize| {
        let (x, y) = ((k % width) as f32, (k / width) as f32);
        let ridge = 128.0 + 120.0 * (step * (x * cos + y * sin + 0.001 * x * y)).sin();
        let own = pixels.get(k % pixels.len().max(1)).map_or(ridge, |p| f32::from(*p));
        let share = f32::from(*mix) / 255.0;
        (ridge + (own - ridge) * share) as u8
    };
    let image = Gray8::new(width, height, Ppi::NOMINAL, (0..width * height).map(pixel).collect()).unwrap();
    let _ = segment(&image, &SlapRequest::default());
    let Ok((template, report)) = default_extractor().extract_and_assess(&image) else { return };
    assert!(report.quality <= 100);
    let _ = native_measures(&image, &template.minutiae);
    let again = Template::from_bytes(&template.to_bytes()).expect("what was written is a template");
    let score = compare(&Prepared::new(&template), &Prepared::new(&again)).score;
    assert!((0.0..=1.0).contains(&score), "{score}");
});
