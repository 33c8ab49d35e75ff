//! WSQ images: the segments and code words behind the start marker, which other inputs rarely begin with.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tanba_formats::image::{outline, read, wsq};

fuzz_target!(|data: &[u8]| {
    let file = [&[0xff, 0xa0, 0xff], data].concat();
    let _ = read(&file, &Default::default());
    let _ = wsq::comments(&file);
    let _ = outline(&file).to_string();
});
