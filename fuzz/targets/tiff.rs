//! TIFF files of both byte orders, with every compression.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tanba_formats::image::{ReadOptions, outline, read};

fuzz_target!(|data: &[u8]| {
    for start in [&b"II*\0"[..], b"MM\0*", b"II+\0"] {
        let file = [start, data.get(4..).unwrap_or_default()].concat();
        let _ = read(&file, &ReadOptions { lossy_jpeg: true, ..ReadOptions::default() });
        let _ = outline(&file).to_string();
    }
});
