//! Signed checkpoints, verifier keys and their lines, and offline proofs.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tanba_seal::log::{Checkpoint, LogVerifier, TlogProof};

/// The public key of RFC 8032, section 7.1, test 1.
const KEY: &str = "fuzz.example/log+37983db0+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea";

fuzz_target!(|data: &[u8]| {
    let verifier = LogVerifier::parse(KEY).expect("a valid key");
    let _ = Checkpoint::open(data, &verifier);
    let _ = TlogProof::parse(data);
    let _ = verifier.following(data);
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = LogVerifier::parse(text);
    }
});
