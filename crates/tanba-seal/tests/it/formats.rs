//! The stored formats, byte for byte. Every value here was computed by an independent implementation (Python, with
//! pyca/cryptography and argon2-cffi) from the formats' descriptions: a change that breaks one breaks stored data.

use tanba_seal::{
    Context, KdfParams, KeyRing, commit,
    log::{Checkpoint, LogVerifier, MemoryStore, integrate},
};

const KEY_FILE: &[u8] = include_bytes!("fixtures/key_file_v1.json");
const PASSPHRASE: &str = "correct horse battery";

const WRAPPED: &str = "54534b01000000018485868788898a8b8c8d8e8f909192939495969798999a9b938bfa43b13e26cde2b2a3a4bd22fc60\
                       5180e52afcafc281c54a77f04965ce10428d8644dad862116ff353fa261e285cbc7ea1e3c7b9edcc33dd1e841a36615d";
const RECORD: &str = "545352019c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b35d7f372b29d2e018bb0fcff8b8480ef60eb9cf57\
                      d49d851c1907e0bc1502e6c59be7fefd3d9b";
const INDEX: &str = "d68056be5018aa505f91b440fee73f0b0faadfd91143fc0a9c288006d6c67991";
/// Of one record, for two parties.
const PSEUDONYMS: [&str; 2] = [
    "564e9443dab49cd31fb99836dd1cb7062095589d45f3b4bf962bcd418519c8c1",
    "9904b510803c1761b538ba03a2faf89f7006c595360762ddc04931a33fdfb25b",
];
const COMMITMENT: &str = "299232f1605862432840cda20d4e812f532dad49b6e2b4a0d1745fc153748f52";
const VERIFIER_KEY: &str = "log.example/fixture+bdefe5b4+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
const CHECKPOINT: &str = "log.example/fixture\n1\ndziFphNIniTOLPdhmdakI/BC5LvxLX7s7pEu8nbGVwE=\n\n\u{2014} \
                          log.example/fixture ve/ltEsfTChMQvRqCaxe/SERsS/bUk102v2epMc9JXXQ8gqFXVHxxgdpKlD5/xZG8364I\
                          bThfuV38bd6tYfUaWegtAg=\n";

/// Bytes that count up: easy to reproduce anywhere.
fn counting_from(start: u8) -> impl FnMut(&mut [u8]) {
    let mut next = start;
    move |out: &mut [u8]| {
        for byte in out {
            *byte = next;
            next = next.wrapping_add(1);
        }
    }
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
}

#[test]
fn version_1_of_every_format_is_written_and_read() {
    let (file, ring) = KeyRing::create(
        PASSPHRASE,
        &["image", "identity"],
        "log.example/fixture",
        KdfParams::MINIMUM,
        &mut counting_from(0),
    )
    .unwrap();
    assert_eq!(std::str::from_utf8(&file), std::str::from_utf8(KEY_FILE));
    drop(ring);

    let ring = KeyRing::open(KEY_FILE, PASSPHRASE).unwrap();
    let row = Context { domain: "image", table: "subject", record: "s-1", field: "key" };
    let field = Context { domain: "image", table: "sample", record: "r-1", field: "pixels" };
    let mut entropy = counting_from(100);
    let (key, wrapped) = ring.new_data_key(&row, &mut entropy).unwrap();
    assert_eq!(wrapped, hex(WRAPPED));
    assert_eq!(key.seal(&field, b"ridges", &mut entropy).unwrap(), hex(RECORD));
    let key = ring.unwrap_data_key(&row, &hex(WRAPPED)).unwrap();
    assert_eq!(key.open(&field, &hex(RECORD)).unwrap().as_slice(), b"ridges");

    assert_eq!(ring.blind_index("iin", b"890101100010").as_slice(), hex(INDEX));
    for (party, expected) in ["service-a", "service-b"].into_iter().zip(PSEUDONYMS) {
        assert_eq!(ring.pseudonym(party, "01890a5d-ac96-774b-bcce-b302099a8057").as_slice(), hex(expected));
    }
    let salt = std::array::from_fn(|i| i as u8);
    assert_eq!(commit(&salt, "subject", b"content").as_slice(), hex(COMMITMENT));

    let signer = ring.log_signer();
    assert_eq!(signer.verifier().to_string(), VERIFIER_KEY);
    assert_eq!(LogVerifier::parse(VERIFIER_KEY).unwrap(), *signer.verifier());
    let mut store = MemoryStore::default();
    let head = integrate(&mut store, &signer, 0, &[b"entry 0"]).unwrap();
    assert_eq!(String::from_utf8(store.files["checkpoint"].clone()).unwrap(), CHECKPOINT);
    assert_eq!(Checkpoint::open(CHECKPOINT.as_bytes(), signer.verifier()).unwrap(), head);
}
