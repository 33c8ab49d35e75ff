//! The file in which a person took all own entries away.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tanba_seal::index::OwnEntries;
use tanba_seal::log::LogVerifier;

/// The public key of RFC 8032, section 7.1, test 1.
const KEY: &str = "fuzz.example/log+37983db0+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea";

fuzz_target!(|data: &[u8]| {
    let verifier = LogVerifier::parse(KEY).expect("a valid key");
    if let Ok(own) = OwnEntries::parse(data) {
        assert_eq!(own.to_bytes(), data, "a proof has one form");
        let _ = own.verify(&verifier);
        let _ = own.extends(&own);
    }
});
