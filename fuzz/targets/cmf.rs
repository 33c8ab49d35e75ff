//! CODIS messages: what is read and fits the schema must be written and read again as the same, up to the order of alleles.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tanba_formats::genetic::cmf::{self, Schema};

fuzz_target!(|data: &[u8]| {
    if let Ok(read) = cmf::read(data) {
        let _ = read.value.outline();
        for schema in [Schema::V32, Schema::V2017] {
            if let Ok(written) = cmf::write(&read.value, schema) {
                let again = cmf::read(&written).expect("what was written is a message");
                assert_eq!(again.diagnostics, []);
                assert_eq!(cmf::write(&again.value, schema).expect("it was written before"), written);
            }
        }
    }
    if let Ok(read) = cmf::read_rapid(data) {
        let _ = read.value.outline();
        if let Ok(written) = cmf::write_rapid(&read.value) {
            let again = cmf::read_rapid(&written).expect("what was written is a message");
            assert_eq!(again.diagnostics, []);
            assert_eq!(cmf::write_rapid(&again.value).expect("it was written before"), written);
        }
    }
});
