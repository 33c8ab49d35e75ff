//! ANSI/NIST-ITL transactions: all that is read from them, and what is written is read back as it is.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tanba_formats::ansi_nist::{self, Profile};

fuzz_target!(|data: &[u8]| {
    let Ok(read) = ansi_nist::read(data) else { return };
    for print in read.value.friction_ridges() {
        let _ = print.decode();
    }
    let _ = read.value.minutiae();
    let _ = read.value.outline().to_string();
    for profile in [Profile::Base, Profile::Ebts, Profile::IntI] {
        let _ = ansi_nist::validate(&read.value, profile);
    }
    if let Ok(written) = ansi_nist::write(&read.value) {
        let again = ansi_nist::read(&written).unwrap();
        assert_eq!(ansi_nist::write(&again.value).unwrap(), written);
    }
});
