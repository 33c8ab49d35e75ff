//! ML-DSA-44 cosignatures, by the words of C2SP tlog-cosignature and against another implementation of FIPS 204.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use fips204::{
    ml_dsa_44,
    traits::{KeyGen as _, SerDes as _, Signer as _, Verifier as _},
};
use sha2::{Digest as _, Sha256};
use tanba_seal::log::{
    LogError, LogVerifier, MemoryStore, Policy, WitnessAnswer, WitnessVerifier, cosignature_lines, open_statement,
};

use crate::{
    log_cycle::signer,
    witness::{log_of, request, ring, witness},
};

const NOW: u64 = 1_790_000_000;
const NAME: &str = "witness.example/w1";

/// The signed structure of the specification, byte by byte.
fn message(name: &str, time: u64, origin: &str, size: u64, root: &[u8]) -> Vec<u8> {
    let mut out = b"subtree/v1\n\0".to_vec();
    out.push(name.len() as u8);
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(&time.to_be_bytes());
    out.push(origin.len() as u8);
    out.extend_from_slice(origin.as_bytes());
    out.extend_from_slice(&[0; 8]);
    out.extend_from_slice(&size.to_be_bytes());
    out.extend_from_slice(root);
    out
}

/// A cosigner that is not this program's.
struct Foreign {
    name: &'static str,
    public: ml_dsa_44::PublicKey,
    private: ml_dsa_44::PrivateKey,
}

impl Foreign {
    fn new(name: &'static str) -> Self {
        let (public, private) = ml_dsa_44::KG::keygen_from_seed(&[9; 32]);
        Self { name, public, private }
    }

    fn id(&self) -> Vec<u8> {
        let hash = Sha256::new().chain_update(self.name).chain_update([b'\n', 6]);
        hash.chain_update(self.public.clone().into_bytes()).finalize()[..4].to_vec()
    }

    fn vkey(&self) -> String {
        let id: String = self.id().iter().map(|byte| format!("{byte:02x}")).collect();
        let key = [[6].as_slice(), &self.public.clone().into_bytes()].concat();
        format!("{}+{id}+{}", self.name, STANDARD.encode(key))
    }

    /// Its signature line on the checkpoint of `log`.
    fn cosign(&self, log: &MemoryStore, time: u64) -> String {
        let (origin, size, root) = parts(log);
        let message = message(self.name, time, &origin, size, &root);
        let signature = self.private.try_sign_with_seed(&[3; 32], &message, &[]).unwrap();
        let bytes = [self.id().as_slice(), &time.to_be_bytes(), &signature].concat();
        format!("\u{2014} {} {}\n", self.name, STANDARD.encode(bytes))
    }
}

fn text(log: &MemoryStore) -> String {
    String::from_utf8(log.files["checkpoint"].clone()).unwrap()
}

fn parts(log: &MemoryStore) -> (String, u64, Vec<u8>) {
    let note = text(log);
    let mut lines = note.lines();
    let mut next = || lines.next().unwrap();
    (next().to_owned(), next().parse().unwrap(), STANDARD.decode(next()).unwrap())
}

fn policy(vkey: &str) -> Policy {
    Policy::parse(&format!("log {}\nwitness w {vkey}\nquorum w\n", signer().verifier())).unwrap()
}

#[test]
fn control_e14_a_witness_cosigns_with_ml_dsa_44_as_the_specification_says() {
    let witness = witness(NAME, &[signer().verifier()]);
    let log = log_of(9);
    let WitnessAnswer::Cosigned(lines) =
        witness.add_checkpoint(&mut MemoryStore::default(), &request(&log, 9, 0), NOW).unwrap()
    else {
        panic!("not cosigned")
    };
    let lines: Vec<&str> = lines.lines().collect();
    assert_eq!(lines.len(), 2, "Ed25519 and ML-DSA-44");
    let bytes = STANDARD.decode(lines[1].strip_prefix("\u{2014} witness.example/w1 ").unwrap()).unwrap();
    assert_eq!(bytes.len(), 4 + 8 + 2420);
    let vkey = witness.post_quantum_verifier().to_string();
    let key = STANDARD.decode(vkey.splitn(3, '+').nth(2).unwrap()).unwrap();
    assert_eq!((key.len(), key[0]), (1313, 6));
    assert_eq!(bytes[..4], Sha256::new().chain_update(format!("{NAME}\n")).chain_update(&key).finalize()[..4]);
    assert_eq!(bytes[4..12], NOW.to_be_bytes());
    let (origin, size, root) = parts(&log);
    let public = ml_dsa_44::PublicKey::try_from_bytes(key[1..].try_into().unwrap()).unwrap();
    let signature: [u8; 2420] = bytes[12..].try_into().unwrap();
    assert!(public.verify(&message(NAME, NOW, &origin, size, &root), &signature, &[]), "by another implementation");
    assert!(!public.verify(&message("other", NOW, &origin, size, &root), &signature, &[]));

    // The text form of the key is read back, and no other kind of key is taken for it.
    assert_eq!(WitnessVerifier::parse(&vkey).unwrap(), *witness.post_quantum_verifier());
    assert!(LogVerifier::parse(&vkey).is_err());
    // Each key finds its own line in the answer.
    let answer = lines.join("\n") + "\n";
    for (verifier, line) in [(witness.verifier(), lines[0]), (witness.post_quantum_verifier(), lines[1])] {
        let found = cosignature_lines(&log.files["checkpoint"], answer.as_bytes(), verifier).unwrap();
        assert_eq!(found, format!("{line}\n"));
    }
}

#[test]
fn control_e14_a_policy_counts_ml_dsa_44_cosignatures_and_refuses_false_ones() {
    let foreign = Foreign::new("court.example/w");
    let policy = policy(&foreign.vkey());
    let (log, other) = (log_of(300), log_of(299));
    let good = text(&log) + &foreign.cosign(&log, NOW);
    let witnessed = policy.check(good.as_bytes()).unwrap();
    assert_eq!((witnessed.checkpoint.size, witnessed.as_of), (300, Some(NOW)));
    assert_eq!(witnessed.cosigners, [("w".to_owned(), NOW)]);

    let not_counted = |note: &str| matches!(policy.check(note.as_bytes()), Err(LogError::NotWitnessed { .. }));
    let refused = |note: &str| matches!(policy.check(note.as_bytes()), Err(LogError::BadCheckpoint { .. }));
    assert!(not_counted(&text(&log)));
    // Without a time it says nothing about the largest tree: true, and it does not count.
    assert!(not_counted(&(text(&log) + &foreign.cosign(&log, 0))));
    // Of another tree, of an impossible time, with a changed time, cut short, or with any part changed.
    assert!(refused(&(text(&log) + &foreign.cosign(&other, NOW))));
    assert!(refused(&(text(&log) + &foreign.cosign(&log, u64::MAX))));
    let line = foreign.cosign(&log, NOW);
    let encoded = line.trim_end().rsplit(' ').next().unwrap();
    let bytes = STANDARD.decode(encoded).unwrap();
    let changed = |bytes: &[u8]| text(&log) + &line.replace(encoded, &STANDARD.encode(bytes));
    for at in [4, 11, 12, 43, 44, 1000, 2300, 2351, 2352, 2431] {
        let mut altered = bytes.clone();
        altered[at] ^= 1;
        assert!(refused(&changed(&altered)), "byte {at}");
    }
    for length in [5, 11, 12, 76, bytes.len() - 1] {
        assert!(refused(&changed(&bytes[..length])), "length {length}");
    }
    // The last time that can be counts, and an origin has a name.
    assert!(policy.check((text(&log) + &foreign.cosign(&log, i64::MAX as u64)).as_bytes()).is_ok());
    let mut nameless = log.clone();
    nameless.files.insert("checkpoint".to_owned(), text(&log).replacen("log.example/t\n", "\n", 1).into_bytes());
    let verifier = WitnessVerifier::parse(&foreign.vkey()).unwrap();
    let note = text(&nameless) + &foreign.cosign(&nameless, NOW);
    assert!(matches!(verifier.cosigned_at(note.as_bytes()), Err(LogError::BadCheckpoint { .. })));
    let mut timeless = bytes.clone();
    timeless[4..12].fill(0);
    assert!(refused(&changed(&timeless)), "the time is signed");
}

#[test]
fn control_e14_a_witness_changes_from_ed25519_to_ml_dsa_44_and_old_proofs_still_count() {
    let witness = witness(NAME, &[signer().verifier()]);
    let log = log_of(9);
    let answer = witness.add_checkpoint(&mut MemoryStore::default(), &request(&log, 9, 0), NOW).unwrap().body();
    let both = text(&log) + &answer;
    let only_old = text(&log) + answer.split_inclusive('\n').next().unwrap();
    let before = policy(&witness.verifier().to_string());
    let after = policy(&witness.post_quantum_verifier().to_string());
    let during = Policy::parse(&format!(
        "log {}\nwitness old {}\nwitness new {}\ngroup w any old new\nquorum w\n",
        signer().verifier(),
        witness.verifier(),
        witness.post_quantum_verifier()
    ))
    .unwrap();
    for (policy, old, new) in [(&before, true, true), (&during, true, true), (&after, false, true)] {
        assert_eq!((policy.check(only_old.as_bytes()).is_ok(), policy.check(both.as_bytes()).is_ok()), (old, new));
    }
}

#[test]
fn control_e14_a_key_of_ml_dsa_44_signs_no_statement_by_its_text() {
    let foreign = Foreign::new("log.example/pq");
    let policy = Policy::parse(&format!("log {}\nquorum none\n", foreign.vkey())).unwrap();
    let text = "tanba-test/1\nof nothing\n";
    let signature = foreign.private.try_sign_with_seed(&[3; 32], text.as_bytes(), &[]).unwrap();
    let line = STANDARD.encode([foreign.id().as_slice(), &signature].concat());
    let note = format!("{text}\n\u{2014} {} {line}\n", foreign.name);
    assert!(open_statement(&policy.logs()[0], note.as_bytes()).is_err());
}

#[test]
fn keys_of_a_wrong_length_are_refused() {
    let key = |algorithm: u8, key: &[u8]| {
        let bytes = [[algorithm].as_slice(), key].concat();
        let id = Sha256::new().chain_update("w\n").chain_update(&bytes).finalize();
        let id: String = id[..4].iter().map(|byte| format!("{byte:02x}")).collect();
        format!("w+{id}+{}", STANDARD.encode(bytes))
    };
    for (algorithm, length) in [(6, 32), (6, 1311), (6, 1313), (4, 1312), (4, 31)] {
        assert!(WitnessVerifier::parse(&key(algorithm, &vec![1; length])).is_err(), "type {algorithm}, {length} bytes");
    }
    assert!(WitnessVerifier::parse(&key(6, &[1; 1312])).is_ok());
    assert_ne!(
        ring(NAME).witness_signer().post_quantum_verifier(),
        ring("other.example/w").witness_signer().post_quantum_verifier()
    );
}
