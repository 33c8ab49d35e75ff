//! Profiles: stored bytes are canonical; text forms are read or refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tanba_dna::{Panel, Profile};

fuzz_target!(|data: &[u8]| {
    // The checksum is supplied: a fuzzer that must guess it never reaches what it guards.
    let stored = [data, &crc32fast::hash(data).to_be_bytes()].concat();
    if let Ok(profile) = Profile::from_bytes(&stored) {
        assert_eq!(profile.to_bytes(), stored);
    }
    if let Ok(text) = std::str::from_utf8(data) {
        for read in [Profile::from_json(text, &Panel::CODIS_20), Profile::from_csv(text, &Panel::CODIS_20)] {
            if let Ok(profile) = read {
                assert_eq!(Profile::from_bytes(&profile.to_bytes()), Ok(profile));
            }
        }
        let _ = tanba_dna::FrequencyTable::from_csv("fuzz", text);
    }
});
