//! Image files: PNG, BMP, PNM, TIFF, WSQ, JPEG, JPEG 2000; their pixels and their outlines.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tanba_formats::image::{ReadOptions, outline, read};

fuzz_target!(|data: &[u8]| {
    let _ = read(data, &ReadOptions { lossy_jpeg: true, ..ReadOptions::default() });
    let _ = outline(data).to_string();
});
