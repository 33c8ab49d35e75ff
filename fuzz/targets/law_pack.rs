//! Law packs, index tables and subjects.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = tanba_law::Pack::from_yaml(text, &[]);
        let _ = tanba_law::IndexTable::from_yaml(text);
        let _ = tanba_law::AssumptionSheet::from_yaml(text);
        let _ = tanba_law::Subject::from_json(text);
        let _ = tanba_law::Iin::parse(text);
    }
});
