//! JPEG with loss and without: what stands behind the start marker.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tanba_formats::image::{ReadOptions, outline, read};

fuzz_target!(|data: &[u8]| {
    let file = [&[0xff, 0xd8], data].concat();
    let _ = read(&file, &ReadOptions { lossy_jpeg: true, ..ReadOptions::default() });
    let _ = outline(&file).to_string();
});
