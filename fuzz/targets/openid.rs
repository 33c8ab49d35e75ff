//! What comes from an OpenID provider: its description, its keys, the redirect, tokens, further answers.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tanba_seal::openid::{Callback, Discovery, Expected, IdToken, KeySet, host_of};

/// The key of RFC 8037, appendix A.2.
const KEYS: &[u8] =
    br#"{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
const ISSUER: &str = "https://fuzz.example";
/// 2026-11-27.
const NOW: i64 = 1_795_737_600;

fuzz_target!(|data: &[u8]| {
    let keys = KeySet::read(KEYS).expect("a valid key");
    let hosts = ["fuzz.example".to_owned()].into();
    if let Ok(description) = Discovery::read(data, ISSUER, &hosts) {
        assert_eq!(host_of(&description.token_endpoint), Some("fuzz.example"));
    }
    let _ = KeySet::read(data);
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = Callback::read(text);
    let _ = host_of(text);
    let expected = Expected { issuer: ISSUER, client: "tanba", nonce: "n", acr: &[], recognised_since: None, now: NOW };
    for keys in [Some(keys), KeySet::read(data).ok()].into_iter().flatten() {
        assert!(IdToken::verify(text, "", &keys, &expected).is_err(), "nobody has signed for this audience");
    }
});
