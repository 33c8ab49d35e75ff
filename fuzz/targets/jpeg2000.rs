//! JPEG 2000 codestreams: what stands behind the markers that they begin with.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tanba_formats::image::{outline, read};

fuzz_target!(|data: &[u8]| {
    let file = [&[0xff, 0x4f, 0xff, 0x51], data].concat();
    let _ = read(&file, &Default::default());
    let _ = outline(&file).to_string();
});
