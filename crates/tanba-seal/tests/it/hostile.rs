//! Every reader of bytes from outside, given rubbish and nearly right input: errors, never a panic.

use std::sync::LazyLock;

use proptest::{collection::vec, prelude::*};
use tanba_seal::{
    Context, KdfParams, KeyRing,
    keyd::Release,
    log::{
        AddCheckpoint, Checkpoint, LogVerifier, MemoryStore, Policy, TilePath, TlogProof, Witness, WitnessAnswer,
        WitnessVerifier, cosignature_lines, fsck, integrate,
    },
};

use crate::{
    entropy,
    log_cycle::{entries, signer},
    policy::two_of_three,
    witness::{log_of, request, witness},
};

const ROW: Context<'static> = Context { domain: "image", table: "t", record: "r", field: "f" };

/// Replaces, inserts or removes bytes of `valid` at a few places.
pub(crate) fn mangle(valid: &[u8], edits: &[(u16, u8, u8)]) -> Vec<u8> {
    let mut bytes = valid.to_vec();
    for &(at, kind, value) in edits {
        let at = usize::from(at) % (bytes.len() + 1);
        match kind % 3 {
            0 => bytes.insert(at, value),
            1 if at < bytes.len() => bytes[at] = value,
            _ => bytes.truncate(at),
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn rubbish_is_refused_everywhere(bytes in vec(any::<u8>(), 0..300), text in "[ -~\n\u{2014}]{0,120}") {
        let verifier = signer().verifier().clone();
        for input in [bytes.as_slice(), text.as_bytes()] {
            prop_assert!(Checkpoint::open(input, &verifier).is_err());
            prop_assert!(TlogProof::parse(input).is_err());
            prop_assert!(AddCheckpoint::parse(input).is_err());
            prop_assert!(verifier.following(input).is_err());
            prop_assert!(serde_json::from_slice::<Release>(input).is_err());
            prop_assert!(KeyRing::open(input, "a test passphrase").is_err());
        }
        prop_assert!(LogVerifier::parse(&text).is_err());
        prop_assert!(WitnessVerifier::parse(&text).is_err());
        prop_assert!(Policy::parse(&text).is_err());
        prop_assert!(TilePath::parse(&text).is_none());
    }

    #[test]
    fn a_path_is_read_only_as_it_is_written(level in "[0-9]{1,2}|entries", groups in "(x[0-9]{3}/){0,3}[0-9]{3}", width in "(\\.p/[0-9]{1,3})?") {
        let text = format!("tile/{level}/{groups}{width}");
        if let Some(path) = TilePath::parse(&text) {
            prop_assert_eq!(path.to_string(), text);
            prop_assert!(path.end() > 0 && path.width <= 256);
        }
    }

    #[test]
    fn nearly_right_input_is_refused_or_means_what_it_did(edits in vec(any::<(u16, u8, u8)>(), 1..4)) {
        let signer = signer();
        let verifier = signer.verifier();
        let mut store = MemoryStore::default();
        let head = integrate(&mut store, &signer, 0, &entries(0..20)).unwrap();
        let note = mangle(&store.files["checkpoint"], &edits);
        if let Ok(opened) = Checkpoint::open(&note, verifier) {
            prop_assert_eq!(&opened, &head);
        }
        let proof = mangle(&TlogProof::make(&store, verifier, 11).unwrap().to_bytes(), &edits);
        if let Ok(parsed) = TlogProof::parse(&proof)
            && parsed.verify(verifier, &entries(11..12)[0]).is_ok()
        {
            prop_assert_eq!(parsed.index, 11);
        }
        for path in ["tile/entries/000.p/20", "tile/0/000.p/20"] {
            let mut damaged = store.clone();
            let bytes = mangle(&store.files[path], &edits);
            let same = bytes == store.files[path];
            damaged.files.insert(path.to_owned(), bytes);
            prop_assert_eq!(fsck(&damaged, verifier, None).unwrap().ok, same);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_mangled_request_is_refused_or_means_what_it_did(edits in vec(any::<(u16, u8, u8)>(), 1..4)) {
        // Opening a key file takes a key derivation: once is enough.
        static WITNESS: LazyLock<Witness> = LazyLock::new(|| witness("witness.example/w1", &[signer().verifier()]));
        static POLICY: LazyLock<String> = LazyLock::new(two_of_three);
        let witness = &*WITNESS;
        let log = log_of(20);
        let mut memory = MemoryStore::default();
        witness.add_checkpoint(&mut memory, &request(&log_of(9), 9, 0), 1).unwrap();
        let answer = witness.add_checkpoint(&mut memory, &mangle(&request(&log, 20, 9), &edits), 2).unwrap();
        let head = witness.latest(&memory, "log.example/t").unwrap().unwrap().head;
        prop_assert_eq!(head.size, if answer.status() == 200 { 20 } else { 9 });
        if let WitnessAnswer::Cosigned(line) = answer {
            prop_assert_eq!(head.root, Checkpoint::open(&log.files["checkpoint"], signer().verifier()).unwrap().root);
            let answer = mangle(line.as_bytes(), &edits);
            if let Ok(lines) = cosignature_lines(&log.files["checkpoint"], &answer, witness.verifier()) {
                prop_assert_eq!(lines, line);
            }
        }
        // A policy either is refused, or still lets nobody in without a witness, unless it says so.
        let text = mangle(POLICY.as_bytes(), &edits);
        if let Ok(policy) = Policy::parse(&String::from_utf8_lossy(&text)) {
            prop_assert!(!policy.met_by(|_| false));
        }
    }
}

proptest! {
    // Opening a key file that passes its checks takes a key derivation.
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_mangled_envelope_or_key_file_is_refused(edits in vec(any::<(u16, u8, u8)>(), 1..4)) {
        let (file, ring) =
            KeyRing::create("a test passphrase", &["image"], "log", KdfParams::MINIMUM, &mut entropy(3)).unwrap();
        let (key, wrapped) = ring.new_data_key(&ROW, &mut entropy(4)).unwrap();
        let sealed = key.seal(&ROW, b"content", &mut entropy(5)).unwrap();
        let changed = mangle(&sealed, &edits);
        prop_assert_eq!(key.open(&ROW, &changed).is_ok(), changed == sealed);
        let changed = mangle(&wrapped, &edits);
        prop_assert_eq!(ring.unwrap_data_key(&ROW, &changed).is_ok(), changed == wrapped);
        let changed = mangle(&file, &edits);
        prop_assert_eq!(KeyRing::open(&changed, "a test passphrase").is_ok(), changed == file);
    }
}
