//! Key rings whose key-encryption keys lie in a token.

use std::sync::Arc;

use tanba_seal::{Context, KdfParams, KeyRing, SealError, TokenError};

use crate::bench::{Bench, entropy};

const PASSPHRASE: &str = "five unrelated words, please";
const NAME: &str = "keyd.example/1";
const ROW: Context<'static> = Context { domain: "image", table: "data_keys", record: "enc-1", field: "wrapped" };
const FIELD: Context<'static> = Context { domain: "image", table: "records", record: "enc-1", field: "pixels" };

fn create(bench: &Bench, label: &str) -> (Vec<u8>, KeyRing) {
    let token = Arc::new(bench.open(label).unwrap());
    KeyRing::create_in_token(token, PASSPHRASE, &["image", "genomic"], NAME, KdfParams::MINIMUM, &mut entropy).unwrap()
}

fn open(bench: &Bench, label: &str, file: &[u8]) -> Result<KeyRing, SealError> {
    KeyRing::open_in_token(Arc::new(bench.open(label).unwrap()), file, PASSPHRASE)
}

#[test]
fn control_j4_data_keys_are_wrapped_in_the_token_and_bound_to_their_place() {
    let Some(bench) = Bench::of("keys::control_j4_data_keys_are_wrapped_in_the_token_and_bound_to_their_place") else {
        return;
    };
    bench.token("keys");
    let (file, ring) = create(&bench, "keys");
    let (key, wrapped) = ring.new_data_key(&ROW, &mut entropy).unwrap();
    let sealed = key.seal(&FIELD, b"ridges", &mut entropy).unwrap();
    assert_eq!(wrapped.len(), 100);
    drop((ring, key));

    let ring = open(&bench, "keys", &file).unwrap();
    let key = ring.unwrap_data_key(&ROW, &wrapped).unwrap();
    assert_eq!(key.open(&FIELD, &sealed).unwrap().as_slice(), b"ridges");
    for moved in [Context { record: "enc-2", ..ROW }, Context { table: "others", ..ROW }, Context { field: "w", ..ROW }]
    {
        assert_eq!(ring.unwrap_data_key(&moved, &wrapped).unwrap_err(), SealError::Altered);
    }
    let genomic = Context { domain: "genomic", ..ROW };
    assert_eq!(ring.unwrap_data_key(&genomic, &wrapped).unwrap_err(), SealError::WrongKey);
    for at in 0..wrapped.len() {
        let mut changed = wrapped.clone();
        changed[at] ^= 1;
        let error = ring.unwrap_data_key(&ROW, &changed).unwrap_err();
        match at {
            0..4 => assert!(matches!(error, SealError::NotAnEnvelope { .. }), "{at}: {error}"),
            4..8 => assert!(matches!(error, SealError::UnknownVersion { .. }), "{at}: {error}"),
            8..40 => assert_eq!(error, SealError::WrongKey, "{at}"),
            _ => assert_eq!(error, SealError::Altered, "{at}"),
        }
    }
    for length in 0..wrapped.len() {
        assert!(matches!(ring.unwrap_data_key(&ROW, &wrapped[..length]), Err(SealError::NotAnEnvelope { .. })));
    }
}

#[test]
fn control_j4_the_key_of_another_token_does_not_open() {
    let Some(bench) = Bench::of("keys::control_j4_the_key_of_another_token_does_not_open") else { return };
    bench.token("keys");
    bench.token("others");
    let (file, ring) = create(&bench, "keys");
    let (_, wrapped) = ring.new_data_key(&ROW, &mut entropy).unwrap();
    let (_, other) = create(&bench, "others");
    assert_eq!(other.unwrap_data_key(&ROW, &wrapped).unwrap_err(), SealError::WrongKey);
    let refused = open(&bench, "others", &file).unwrap_err();
    assert!(matches!(refused, SealError::Token(TokenError::NoKey { .. })), "{refused}");
    assert_eq!(
        KeyRing::open(&file, PASSPHRASE).unwrap_err(),
        SealError::TokenNeeded { label: "keys".to_owned() },
        "without a token"
    );
    // A file that holds its keys itself is not opened as if they were in the token.
    let (plain, plain_ring) = KeyRing::create(PASSPHRASE, &["image"], NAME, KdfParams::MINIMUM, &mut entropy).unwrap();
    assert_eq!(open(&bench, "keys", &plain).unwrap_err(), SealError::NoTokenKeys);
    assert!(matches!(plain_ring.unwrap_data_key(&ROW, &wrapped), Err(SealError::NotAnEnvelope { .. })));
}

#[test]
fn control_j5_versions_in_a_token_are_retired_and_destroyed() {
    let Some(bench) = Bench::of("keys::control_j5_versions_in_a_token_are_retired_and_destroyed") else { return };
    bench.token("keys");
    let (_, mut ring) = create(&bench, "keys");
    let (key, old) = ring.new_data_key(&ROW, &mut entropy).unwrap();
    let sealed = key.seal(&FIELD, b"ridges", &mut entropy).unwrap();
    assert_eq!(ring.rotate("image", &mut entropy).unwrap(), 2);
    let new = ring.rewrap_data_key(&ROW, &old, &mut entropy).unwrap();
    assert!(ring.unwrap_data_key(&ROW, &old).is_ok());
    let in_use = ring.destroy_retired("image", 1).unwrap_err();
    assert!(matches!(in_use, SealError::VersionInUse { version: 1, minimum: 1, .. }), "{in_use}");

    // What still opens the old version, as an older copy of the key file would.
    let old_file = ring.rewrap(PASSPHRASE, KdfParams::MINIMUM, &mut entropy).unwrap();
    ring.retire_below("image", 2).unwrap();
    assert!(matches!(ring.unwrap_data_key(&ROW, &old), Err(SealError::RetiredVersion { .. })));
    assert!(
        open(&bench, "keys", &old_file).unwrap().unwrap_data_key(&ROW, &old).is_ok(),
        "retired only in the newer file"
    );

    let name = ring.destroy_retired("image", 1).unwrap();
    assert_eq!(ring.destroy_retired("image", 1).unwrap(), name, "a second time is no error");
    assert!(matches!(ring.destroy_retired("image", 2), Err(SealError::VersionInUse { .. })));
    // Not even the older copy opens it now.
    let refused = open(&bench, "keys", &old_file).unwrap_err();
    assert!(matches!(&refused, SealError::Token(TokenError::NoKey { name: gone, .. }) if *gone == name.to_string()));
    let file = ring.rewrap(PASSPHRASE, KdfParams::MINIMUM, &mut entropy).unwrap();
    let ring = open(&bench, "keys", &file).unwrap();
    assert_eq!(ring.unwrap_data_key(&ROW, &new).unwrap().open(&FIELD, &sealed).unwrap().as_slice(), b"ridges");
}
