//! Finger minutiae records of ISO/IEC 19794-2: what is read must be written and read again as the same, and in every other edition.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tanba_formats::minutiae::{self, Edition};

fuzz_target!(|data: &[u8]| {
    let Ok(read) = tanba_formats::iso19794_2::read(data) else { return };
    let _ = read.value.outline();
    let edition = read.value.edition;
    let written = minutiae::write(&read.value, edition).expect("what was read fits");
    let again = minutiae::read(&written).expect("our own bytes").value;
    // A record can be made that has the lengths of another standard too.
    if again.edition == edition {
        assert_eq!(again, read.value);
    }
    for other in [Edition::Iso2005, Edition::Iso2011, Edition::Ansi2004, Edition::Ansi2009] {
        let _ = minutiae::write(&read.value, other);
    }
});
