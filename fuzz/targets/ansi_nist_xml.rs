//! ANSI/NIST-ITL transactions in XML, read and written, and those of the traditional encoding written in XML.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tanba_formats::ansi_nist::{self, xml};

fuzz_target!(|data: &[u8]| {
    let Ok(read) = ansi_nist::read(data) else { return };
    let _ = read.value.outline().to_string();
    if let Ok(written) = xml::write(&read.value) {
        let again = xml::read(&written).unwrap();
        assert_eq!(xml::write(&again.value).unwrap(), written);
    }
});
