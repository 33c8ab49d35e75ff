//! What an authenticator answers: attestation objects, authenticator data, client data, certificates that are to be anchors.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tanba_seal::passkey::{
    Aaguid, Asserted, Attestation, HardwareOnly, Passkey, PasskeyError, Registered, RelyingParty,
};

/// The challenge is three octets of zero.
const CREATED: &[u8] = br#"{"type":"webauthn.create","challenge":"AAAA","origin":"https://fuzz.example"}"#;
const GOT: &[u8] = br#"{"type":"webauthn.get","challenge":"AAAA","origin":"https://fuzz.example"}"#;
/// 2026-11-27.
const NOW: u64 = 1_795_737_600;

fn site(attestation: Attestation) -> RelyingParty {
    RelyingParty { id: "fuzz.example".to_owned(), origins: ["https://fuzz.example".to_owned()].into(), attestation }
}

fuzz_target!(|data: &[u8]| {
    let models = [Aaguid([0; 16])];
    let strict = match HardwareOnly::new([data], models) {
        Ok(anchored) => site(Attestation::Hardware(anchored)),
        Err(_) => site(Attestation::Hardware(HardwareOnly::new([], models).expect("no certificate"))),
    };
    let mild = site(Attestation::Any);
    let made = Registered { client_data: CREATED.to_vec(), attestation: data.to_vec() };
    let passkey = match mild.register(&[0; 3], &made, NOW) {
        Ok(passkey) => {
            assert!((1..=1023).contains(&passkey.credential.len()));
            assert!(strict.register(&[0; 3], &made, NOW).is_err(), "nobody's anchor was given");
            passkey
        }
        Err(_) => Passkey {
            credential: Vec::new(),
            public_key: data.to_vec(),
            counter: 0,
            synced: false,
            model: Aaguid([0; 16]),
        },
    };
    let told = Registered { client_data: data.to_vec(), attestation: data.to_vec() };
    assert!(strict.register(&[0; 3], &told, NOW).is_err());
    let signed = Asserted {
        credential: passkey.credential.clone(),
        client_data: GOT.to_vec(),
        authenticator_data: data.to_vec(),
        signature: data.to_vec(),
    };
    let answer = mild.assert(&[0; 3], &passkey, &signed);
    assert!(answer.is_err(), "a signature is not its own message");
    assert_ne!(answer, Err(PasskeyError::WrongCredential));
});
