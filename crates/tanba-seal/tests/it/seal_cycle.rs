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
fn a_change_of_any_byte_of_the_key_file_is_refused() {
    let (file, _) = create();
    for at in 0..file.len() {
        let mut damaged = file.clone();
        damaged[at] ^= 1 << (at % 8);
        let error = KeyRing::open(&damaged, PASSPHRASE).unwrap_err();
        let told = matches!(error, SealError::DamagedKeyFile { .. } | SealError::KeyFileVersion { .. });
        assert!(told, "byte {at}: {error}");
    }
    for cut in [0, 1, 100, file.len() - 1] {
        assert!(matches!(KeyRing::open(&file[..cut], PASSPHRASE), Err(SealError::DamagedKeyFile { .. })));
    }
    let huge = vec![b' '; 2 << 20];
    assert!(matches!(KeyRing::open(&huge, PASSPHRASE), Err(SealError::DamagedKeyFile { .. })));
}

#[test]
fn a_new_passphrase_replaces_the_old_one_in_the_new_file() {
    let (_, ring) = create();
    let (_, wrapped) = ring.new_data_key(&KEY_ROW, &mut entropy(2)).unwrap();
    let file = ring.rewrap("another six words for tomorrow", KdfParams::MINIMUM, &mut entropy(5)).unwrap();
    assert_eq!(KeyRing::open(&file, PASSPHRASE).unwrap_err(), SealError::WrongPassphrase);
    let ring = KeyRing::open(&file, "another six words for tomorrow").unwrap();
    assert!(ring.unwrap_data_key(&KEY_ROW, &wrapped).is_ok());
}

#[test]
fn weak_passphrases_labels_and_parameters_are_refused() {
    let mut entropy = entropy(1);
    for weak in ["", "             ", "short", "elevenchars", "aaaaaaaaaaaaaaaaaa", "abababababababab"] {
        let error = KeyRing::create(weak, &DOMAINS, "log", KdfParams::MINIMUM, &mut entropy).unwrap_err();
        assert!(matches!(error, SealError::WeakPassphrase { .. }), "{weak:?}");
    }
    // Twelve characters of any script, even though they take more bytes.
    assert!(KeyRing::create("тауда қар бар", &DOMAINS, "log", KdfParams::MINIMUM, &mut entropy).is_ok());
    for labels in [["image", "image"], ["Image", "x"], ["", "x"], ["a label", "x"]] {
        let error = KeyRing::create(PASSPHRASE, &labels, "log", KdfParams::MINIMUM, &mut entropy).unwrap_err();
        assert!(matches!(error, SealError::BadLabel { .. }), "{labels:?}");
    }
    for origin in ["", "a log", "a+b", "a\nb"] {
        let error = KeyRing::create(PASSPHRASE, &DOMAINS, origin, KdfParams::MINIMUM, &mut entropy).unwrap_err();
        assert!(matches!(error, SealError::BadLabel { .. }), "{origin:?}");
    }
    let weak = KdfParams { memory_kib: 1024, ..KdfParams::MINIMUM };
    let error = KeyRing::create(PASSPHRASE, &DOMAINS, "log", weak, &mut entropy).unwrap_err();
    assert!(matches!(error, SealError::KdfParams { .. }));
}

#[test]
fn rotation_keeps_old_keys_until_they_are_retired() {
    let (_, mut ring) = create();
    let (key, old) = ring.new_data_key(&KEY_ROW, &mut entropy(2)).unwrap();
    let sealed = key.seal(&IMAGE, b"ridges", &mut entropy(3)).unwrap();
    assert_eq!(ring.rotate("image", &mut entropy(4)).unwrap(), 2);
    assert!(ring.unwrap_data_key(&KEY_ROW, &old).is_ok());
    let new = ring.rewrap_data_key(&KEY_ROW, &old, &mut entropy(5)).unwrap();

    assert!(matches!(ring.retire_below("image", 3), Err(SealError::UnknownVersion { version: 3, newest: 2, .. })));
    ring.retire_below("image", 2).unwrap();
    assert!(matches!(ring.retire_below("image", 1), Err(SealError::RetiredVersion { .. })));
    let file = ring.rewrap(PASSPHRASE, KdfParams::MINIMUM, &mut entropy(6)).unwrap();
    let ring = KeyRing::open(&file, PASSPHRASE).unwrap();
    assert_eq!(
        ring.unwrap_data_key(&KEY_ROW, &old).unwrap_err(),
        SealError::RetiredVersion { domain: "image".to_owned(), version: 1, minimum: 2 }
    );
    let key = ring.unwrap_data_key(&KEY_ROW, &new).unwrap();
    assert_eq!(key.open(&IMAGE, &sealed).unwrap().as_slice(), b"ridges");
    let state: Vec<_> = ring.domains().collect();
    assert_eq!(state, [("image", 2, 2), ("identity", 1, 1), ("genomic", 1, 1)]);
}

#[test]
fn a_wrapped_key_of_an_unknown_version_or_domain_is_refused() {
    let (_, ring) = create();
    let (_, mut wrapped) = ring.new_data_key(&KEY_ROW, &mut entropy(2)).unwrap();
    for (version, newest) in [(0_u32, 1), (2, 1), (u32::MAX, 1)] {
        wrapped[4..8].copy_from_slice(&version.to_be_bytes());
        let error = ring.unwrap_data_key(&KEY_ROW, &wrapped).unwrap_err();
        assert_eq!(error, SealError::UnknownVersion { domain: "image".to_owned(), version, newest });
    }
    let nowhere = Context { domain: "stars", ..KEY_ROW };
    assert!(matches!(ring.new_data_key(&nowhere, &mut entropy(2)), Err(SealError::UnknownDomain { .. })));
    wrapped[4..8].copy_from_slice(&1_u32.to_be_bytes());
    assert!(matches!(ring.unwrap_data_key(&nowhere, &wrapped), Err(SealError::UnknownDomain { .. })));
}

#[test]
fn every_changed_bit_and_every_truncation_of_an_envelope_is_refused() {
    let (_, ring) = create();
    let (key, wrapped) = ring.new_data_key(&KEY_ROW, &mut entropy(2)).unwrap();
    let sealed = key.seal(&IMAGE, b"ridges", &mut entropy(3)).unwrap();
    for bit in 0..sealed.len() * 8 {
        let mut changed = sealed.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(key.open(&IMAGE, &changed).is_err(), "bit {bit}");
    }
    for bit in 0..wrapped.len() * 8 {
        let mut changed = wrapped.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(ring.unwrap_data_key(&KEY_ROW, &changed).is_err(), "bit {bit}");
    }
    for length in 0..sealed.len() {
        assert!(key.open(&IMAGE, &sealed[..length]).is_err());
    }
    for length in 0..wrapped.len() {
        assert!(ring.unwrap_data_key(&KEY_ROW, &wrapped[..length]).is_err());
    }
    assert_eq!(key.open(&IMAGE, &[]).unwrap_err(), SealError::NotAnEnvelope { what: "no record header of format 1" });
}

#[test]
fn one_plaintext_sealed_twice_has_nothing_in_common_and_an_empty_one_opens() {
    let (_, ring) = create();
    let mut entropy = entropy(9);
    let (key, _) = ring.new_data_key(&KEY_ROW, &mut entropy).unwrap();
    let (a, b) = (key.seal(&IMAGE, &[0; 64], &mut entropy).unwrap(), key.seal(&IMAGE, &[0; 64], &mut entropy).unwrap());
    let equal = a[4..].iter().zip(&b[4..]).filter(|(a, b)| a == b).count();
    assert!(equal < 8, "{equal} equal bytes of {}", a.len());
    let empty = key.seal(&IMAGE, &[], &mut entropy).unwrap();
    assert!(key.open(&IMAGE, &empty).unwrap().is_empty());
}

#[test]
fn nothing_secret_shows_in_debug_output() {
    let (_, ring) = create();
    let (key, _) = ring.new_data_key(&KEY_ROW, &mut entropy(2)).unwrap();
    assert_eq!(format!("{key:?}"), "DataKey { domain: \"image\", .. }");
    let domains = r#"[("image", 1, 1), ("identity", 1, 1), ("genomic", 1, 1)]"#;
    let expected = format!("KeyRing {{ origin: \"registry.example/log\", domains: {domains}, .. }}");
    assert_eq!(format!("{ring:?}"), expected);
    let signer = format!("{:?}", ring.log_signer());
    assert!(
        signer.starts_with("LogSigner { verifier: LogVerifier(registry.example/log+") && signer.ends_with(".. }"),
        "{signer}"
    );
}

#[test]
fn a_pseudonym_is_one_partys_one_records_and_one_key_rings() {
    let (_, ring) = create();
    let one = ring.pseudonym("a", "1");
    assert_eq!(ring.pseudonym("a", "1"), one);
    for other in [ring.pseudonym("b", "1"), ring.pseudonym("a", "2"), ring.blind_index("a", b"1")] {
        assert_ne!(other, one);
    }
    // A party's name and a record's id do not run into each other.
    assert_ne!(ring.pseudonym("a1", "2"), ring.pseudonym("a", "12"));
}

#[test]
fn blind_indexes_differ_by_label_and_key_ring() {
    let (_, ring) = create();
    let domains: [&str; 0] = [];
    let (_, other) = KeyRing::create(PASSPHRASE, &domains, "log", KdfParams::MINIMUM, &mut entropy(8)).unwrap();
    assert_ne!(ring.blind_index("iin", b"1"), ring.blind_index("iin", b"2"));
    assert_ne!(ring.blind_index("iin", b"1"), ring.blind_index("document", b"1"));
    assert_ne!(ring.blind_index("iin", b"1"), other.blind_index("iin", b"1"));
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
