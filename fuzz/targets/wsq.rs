//! WSQ images: the segments and code words behind the start marker, which other inputs rarely begin with.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let file = [&[0xff, 0xa0, 0xff], data].concat();
    let _ = tanba_formats::image::read(&file, &Default::default());
});
