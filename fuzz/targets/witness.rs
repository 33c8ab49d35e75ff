//! What a stranger sends to a witness, policies, and what is asked of a key process.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tanba_seal::keyd::Release;
use tanba_seal::log::{AddCheckpoint, Policy, TlogProof, WitnessVerifier, cosignature_lines};

/// The public key of RFC 8032, section 7.1, test 1, as a witness's.
const KEY: &str = "fuzz.example/w+0cf4c5be+BNdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea";
/// A policy that knows it.
const POLICY: &str = "log fuzz.example/log+37983db0+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea\nquorum none\n";

fuzz_target!(|data: &[u8]| {
    let witness = WitnessVerifier::parse(KEY).expect("a valid key");
    let policy = Policy::parse(POLICY).expect("a valid policy");
    if let Ok(request) = AddCheckpoint::parse(data) {
        assert_eq!(request.to_bytes(), data, "a request has one form");
        let _ = policy.check(&request.checkpoint);
        let _ = cosignature_lines(&request.checkpoint, data, &witness);
    }
    let _ = witness.cosigned_at(data);
    if let Ok(proof) = TlogProof::parse(data) {
        let _ = proof.verify_witnessed(&policy, data);
    }
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = Policy::parse(text);
        let _ = WitnessVerifier::parse(text);
        let _ = serde_json::from_str::<Release>(text);
    }
});
