//! CBEFF: biometric information records in XML, and the templates of passports. What is read must be written and read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tanba_formats::cbeff;

fuzz_target!(|data: &[u8]| {
    if let Ok(read) = cbeff::lds::read(data) {
        let _ = read.value.outline();
        if let Ok(written) = cbeff::lds::write(&read.value) {
            assert_eq!(cbeff::lds::read(&written).expect("our own bytes").value, read.value);
        }
    }
    let _ = cbeff::is_xml(data);
    let Ok(read) = cbeff::read_xml(data) else { return };
    let _ = read.value.outline();
    let Ok(written) = cbeff::write_xml(&read.value) else { return };
    // Elements of the schema's namespace that were unknown in another are understood now, and from there on nothing changes.
    let again = cbeff::write_xml(&cbeff::read_xml(&written).expect("our own bytes").value).expect("our own record");
    let last = cbeff::write_xml(&cbeff::read_xml(&again).expect("our own bytes").value).expect("our own record");
    assert_eq!(last, again);
});
