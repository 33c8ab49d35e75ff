//! ISO/IEC 19794-2 finger minutiae records: what is read must be writable or refused, never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(read) = tanba_formats::iso19794_2::read(data) {
        let _ = tanba_formats::iso19794_2::write(&read.value);
    }
});
