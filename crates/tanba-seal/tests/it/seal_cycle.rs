//! Key files, data keys and envelopes.

use tanba_seal::{Context, KdfParams, KeyRing, SealError, commit};

use crate::entropy;

const PASSPHRASE: &str = "five unrelated words, please";
const DOMAINS: [&str; 3] = ["image", "identity", "genomic"];

fn create() -> (Vec<u8>, KeyRing) {
    KeyRing::create(PASSPHRASE, &DOMAINS, "registry.example/log", KdfParams::MINIMUM, &mut entropy(1)).unwrap()
}

const KEY_ROW: Context<'static> = Context { domain: "image", table: "subject", record: "s-1", field: "key" };
const IMAGE: Context<'static> = Context { domain: "image", table: "sample", record: "r-1", field: "pixels" };

#[test]
fn what_is_sealed_opens_after_the_key_file_was_closed_and_opened() {
    let (file, ring) = create();
    let (key, wrapped) = ring.new_data_key(&KEY_ROW, &mut entropy(2)).unwrap();
    let sealed = key.seal(&IMAGE, b"ridges", &mut entropy(3)).unwrap();
    assert_eq!((wrapped.len(), sealed.len()), (96, 6 + 60));
    let index = ring.blind_index("iin", b"990101");
    let vkey = ring.log_signer().verifier().to_string();
    drop((ring, key));

    let ring = KeyRing::open(&file, PASSPHRASE).unwrap();
    let key = ring.unwrap_data_key(&KEY_ROW, &wrapped).unwrap();
    assert_eq!(key.open(&IMAGE, &sealed).unwrap().as_slice(), b"ridges");
    assert_eq!(ring.blind_index("iin", b"990101"), index);
    assert_eq!(ring.log_signer().verifier().to_string(), vkey);
    assert_eq!(ring.origin(), "registry.example/log");
}

#[test]
fn a_wrong_passphrase_is_told_from_a_damaged_file() {
    let (file, _) = create();
    assert_eq!(KeyRing::open(&file, "five unrelated words, pleasE").unwrap_err(), SealError::WrongPassphrase);
    let mut damaged = file.clone();
    let at = damaged.len() / 2;
    damaged[at] ^= 1;
    assert!(matches!(KeyRing::open(&damaged, PASSPHRASE).unwrap_err(), SealError::DamagedKeyFile { .. }));
}

#[test]
fn swapped_contexts_and_keys_are_detected() {
    let (_, ring) = create();
    let (key, wrapped) = ring.new_data_key(&KEY_ROW, &mut entropy(2)).unwrap();
    let sealed = key.seal(&IMAGE, b"ridges", &mut entropy(3)).unwrap();
    let moved = [
        Context { table: "other", ..IMAGE },
        Context { record: "r-2", ..IMAGE },
        Context { field: "thumbnail", ..IMAGE },
        Context { table: "sampler", record: "-1", ..IMAGE },
    ];
    for context in moved {
        assert_eq!(key.open(&context, &sealed).unwrap_err(), SealError::Altered);
    }
    let other_domain = Context { domain: "identity", ..IMAGE };
    assert!(matches!(key.open(&other_domain, &sealed), Err(SealError::DomainMismatch { .. })));
    assert_eq!(ring.unwrap_data_key(&Context { record: "s-2", ..KEY_ROW }, &wrapped).unwrap_err(), SealError::Altered);
    let (other, _) = ring.new_data_key(&KEY_ROW, &mut entropy(4)).unwrap();
    assert_eq!(other.open(&IMAGE, &sealed).unwrap_err(), SealError::WrongKey);
}

#[test]
fn equal_events_give_different_commitments() {
    assert_eq!(commit(&[1; 16], "subject", b"x"), commit(&[1; 16], "subject", b"x"));
    assert_ne!(commit(&[1; 16], "subject", b"x"), commit(&[2; 16], "subject", b"x"));
    assert_ne!(commit(&[1; 16], "subject", b"x"), commit(&[1; 16], "subjectx", b""));
}
