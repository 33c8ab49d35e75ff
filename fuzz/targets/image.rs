//! Image files: PNG, BMP, PNM, TIFF, WSQ.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = tanba_formats::image::read(data, &Default::default());
});
