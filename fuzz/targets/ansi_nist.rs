//! ANSI/NIST-ITL transactions, and the images of their prints.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(read) = tanba_formats::ansi_nist::read(data) else { return };
    for print in read.value.friction_ridges() {
        let _ = print.decode();
    }
});
