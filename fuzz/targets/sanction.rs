//! Signed sanctions, before and after the check of who signed them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tanba_seal::log::LogVerifier;
use tanba_seal::{Sanction, Subject};

/// The public key of RFC 8032, section 7.1, test 1.
const KEY: &str = "fuzz.example/log+37983db0+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea";

fuzz_target!(|data: &[u8]| {
    let office = LogVerifier::parse(KEY).expect("a valid key");
    let claimed = Sanction::claimed(data);
    if Sanction::open(data, &office).is_ok() {
        assert!(claimed.is_ok(), "what is signed is well formed");
    }
    if let Ok(subject) = serde_json::from_slice::<Subject>(data) {
        let _ = subject.commitment();
    }
});
