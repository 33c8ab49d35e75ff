//! Gallery files: what is accepted must lead back to the same bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tanba_gallery::Gallery;

fuzz_target!(|data: &[u8]| {
    // The checksum is supplied: a fuzzer that must guess it never reaches what it guards.
    let data = [data, &crc32fast::hash(data).to_le_bytes()].concat();
    if let Ok(gallery) = Gallery::from_bytes(&data) {
        let bytes = gallery.to_bytes();
        let again = Gallery::from_bytes(&bytes).expect("our own bytes");
        assert_eq!(again.to_bytes(), bytes);
    }
});
