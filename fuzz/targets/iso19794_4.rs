//! Finger image records of ISO/IEC 19794-4 and ANSI INCITS 381: what is read must be written and read again as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tanba_formats::iso19794_4::{self, Edition};

fuzz_target!(|data: &[u8]| {
    let Ok(read) = iso19794_4::read(data) else { return };
    let _ = read.value.outline();
    for image in &read.value.images {
        let _ = image.decode();
    }
    for edition in [Edition::Iso2005, Edition::Iso2011, Edition::Ansi2004] {
        let Ok(written) = iso19794_4::write_as(&read.value, edition) else {
            assert_ne!(edition, read.value.edition, "what was read fits");
            continue;
        };
        // The two records of version 010 can be made to look like each other.
        if let Ok(again) = iso19794_4::read(&written)
            && edition == read.value.edition
            && again.value.edition == edition
        {
            assert_eq!(again.value, read.value);
        }
    }
});
