//! Native templates: what is accepted must lead back to the same template.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // The checksum is supplied: a fuzzer that must guess it never reaches what it guards.
    let data = [data, &crc32fast::hash(data).to_le_bytes()].concat();
    if let Ok(template) = tanba_finger::Template::from_bytes(&data) {
        assert_eq!(tanba_finger::Template::from_bytes(&template.to_bytes()).as_ref(), Ok(&template));
    }
});
