//! The witness: every answer of the specification, and no way to make it cosign two histories.

use std::{
    io,
    sync::{LazyLock, Mutex},
};

use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use tanba_seal::{
    KdfParams, KeyRing,
    log::{
        AddCheckpoint, Hash, LogError, LogVerifier, MAX_WITNESS_REQUEST_BYTES, MemoryStore, Policy, TileStore, Witness,
        WitnessAnswer, WitnessVerifier, cosignature_lines, integrate, open_statement, sign_statement, valid_key_name,
    },
};

use crate::{
    entropy,
    log_cycle::{entries, signer},
};

const NOW: u64 = 1_790_000_000;

/// The key ring of a party; each name has keys of its own.
pub(crate) fn ring(name: &str) -> KeyRing {
    // The key derivation is slow on purpose: once for each file is enough.
    static FILES: LazyLock<Mutex<std::collections::BTreeMap<String, Vec<u8>>>> = LazyLock::new(Mutex::default);
    let mut files = FILES.lock().unwrap();
    let file = files.entry(name.to_owned()).or_insert_with(|| {
        let seed = name.bytes().fold(11, |hash: u64, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
        KeyRing::create("a test passphrase", &["image", "genomic"], name, KdfParams::MINIMUM, &mut entropy(seed))
            .unwrap()
            .0
    });
    KeyRing::open(file, "a test passphrase").unwrap()
}

pub(crate) fn witness(name: &str, logs: &[&LogVerifier]) -> Witness {
    Witness::new(ring(name).witness_signer(), logs.iter().map(|log| (*log).clone()).collect())
}

/// A log of `size` entries, its checkpoint being `store.files["checkpoint"]`.
pub(crate) fn log_of(size: u64) -> MemoryStore {
    let mut store = MemoryStore::default();
    integrate(&mut store, &signer(), 0, &entries(0..size)).unwrap();
    store
}

/// Another history under the same key.
pub(crate) fn fork_of(size: u64) -> MemoryStore {
    let mut store = MemoryStore::default();
    let history: Vec<Vec<u8>> = (0..size).map(|i| format!("another entry {i}").into_bytes()).collect();
    integrate(&mut store, &signer(), 0, &history).unwrap();
    store
}

pub(crate) fn request(log: &MemoryStore, size: u64, old: u64) -> Vec<u8> {
    AddCheckpoint::make(log, &log.files["checkpoint"], size, old).unwrap().to_bytes()
}

fn ask(witness: &Witness, memory: &mut MemoryStore, request: &[u8]) -> WitnessAnswer {
    witness.add_checkpoint(memory, request, NOW).unwrap()
}

#[test]
fn control_e5_a_witness_answers_as_the_specification_says() {
    let log = signer();
    let witness = witness("witness.example/w1", &[log.verifier()]);
    let (small, large, fork) = (log_of(300), log_of(700), fork_of(700));
    let mut memory = MemoryStore::default();
    let first = ask(&witness, &mut memory, &request(&small, 300, 0));
    assert!(matches!(first, WitnessAnswer::Cosigned(_)), "{first:?}");
    let remembered = memory.clone();

    let stranger = ring("stranger.example/log");
    let mut unknown = MemoryStore::default();
    integrate(&mut unknown, &stranger.log_signer(), 0, &entries(0..3)).unwrap();
    let text = |log: &MemoryStore| String::from_utf8(log.files["checkpoint"].clone()).unwrap();
    let unsigned = text(&large).replace("\u{2014} log.example/t ", "\u{2014} somebody.else ");
    let mut false_signature = large.files["checkpoint"].clone();
    let last = false_signature.len() - 10;
    false_signature[last] = if false_signature[last] == b'A' { b'B' } else { b'A' };
    let proof = AddCheckpoint::make(&large, &large.files["checkpoint"], 700, 300).unwrap();
    let with = |change: &dyn Fn(&mut AddCheckpoint)| {
        let mut changed = proof.clone();
        change(&mut changed);
        changed.to_bytes()
    };
    let good = proof.to_bytes();
    let head = String::from_utf8(good.clone()).unwrap();

    #[rustfmt::skip]
    let table: Vec<(&str, Vec<u8>, u16)> = vec![
        ("an unknown origin",                 request(&unknown, 3, 0), 404),
        ("no signature of the log",           with(&|r| r.checkpoint = unsigned.clone().into_bytes()), 403),
        ("a false signature of the log",      with(&|r| r.checkpoint = false_signature.clone()), 403),
        ("an old size above the checkpoint",  with(&|r| r.old = 701), 400),
        ("an old size that is not the last",  with(&|r| r.old = 299), 409),
        ("a start from nothing, once known",  request(&large, 700, 0), 409),
        ("the same size with another root",   request(&fork_of(300), 300, 300), 409),
        ("another history, with its proof",   request(&fork, 700, 300), 422),
        ("a proof with a hash changed",       with(&|r| r.proof[1] = Hash([7; 32])), 422),
        ("a proof that is too short",         with(&|r| { r.proof.pop(); }), 422),
        ("a proof that is too long",          with(&|r| r.proof.push(Hash([7; 32]))), 422),
        ("no proof",                          with(&|r| r.proof.clear()), 422),
        ("a proof where none is needed",      AddCheckpoint { old: 300, proof: vec![Hash([7; 32])], checkpoint: small.files["checkpoint"].clone() }.to_bytes(), 422),
        ("more than 63 proof lines",          with(&|r| r.proof = vec![Hash([7; 32]); 64]), 400),
        ("no old line",                       head.replacen("old 300\n", "", 1).into_bytes(), 400),
        ("a size with a leading zero",        head.replacen("old 300", "old 0300", 1).into_bytes(), 400),
        ("a size that is negative",           head.replacen("old 300", "old -1", 1).into_bytes(), 400),
        ("a proof line that is no hash",      head.replacen("old 300\n", "old 300\nAAAA\n", 1).into_bytes(), 400),
        ("no empty line",                     head.replace("\n\n", "\n").into_bytes(), 400),
        ("a checkpoint that is cut off",      good[..good.len() - 1].to_vec(), 400),
        ("nothing",                           Vec::new(), 400),
        ("a body beyond all bounds",          vec![b'x'; 1 << 20], 400),
    ];
    for (what, request, status) in table {
        let answer = ask(&witness, &mut memory, &request);
        assert_eq!(answer.status(), status, "{what}: {answer:?}");
        assert_eq!(memory, remembered, "{what} changes nothing");
        if status == 400 {
            assert!(
                !["\n", "the request is malformed\n"].contains(&answer.body().as_str()),
                "{what}: says what is wrong"
            );
        }
        if status == 409 {
            assert_eq!((answer.content_type(), answer.body().as_str()), ("text/x.tlog.size", "300\n"), "{what}");
        }
    }
    // The same checkpoint again is cosigned again, so that its time can be renewed; and the next one goes on from it.
    assert_eq!(ask(&witness, &mut memory, &request(&small, 300, 300)).status(), 200);
    assert_eq!(ask(&witness, &mut memory, &good).status(), 200);
    assert_eq!(ask(&witness, &mut memory, &request(&small, 300, 300)), WitnessAnswer::Conflict(700));
}

#[test]
fn control_e5_a_proof_from_nothing_must_be_empty_and_the_empty_tree_is_one() {
    let log = signer();
    let witness = witness("witness.example/w1", &[log.verifier()]);
    let mut memory = MemoryStore::default();
    let empty = log_of(0);
    assert_eq!(ask(&witness, &mut memory, &request(&empty, 0, 0)).status(), 200);
    let mut from_nothing = AddCheckpoint::make(&log_of(5), &log_of(5).files["checkpoint"], 5, 0).unwrap();
    from_nothing.proof.push(Hash([1; 32]));
    assert_eq!(ask(&witness, &mut memory, &from_nothing.to_bytes()), WitnessAnswer::NotConsistent);
    from_nothing.proof.clear();
    assert_eq!(ask(&witness, &mut memory, &from_nothing.to_bytes()).status(), 200);
}

/// The cosignature is checked here by the specification's own words, with nothing of the code under test.
#[test]
fn control_e5_the_cosignature_is_the_bytes_that_tlog_cosignature_describes() {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use sha2::{Digest as _, Sha256};
    let log = signer();
    let witness = witness("witness.example/w1", &[log.verifier()]);
    let store = log_of(9);
    let answer = ask(&witness, &mut MemoryStore::default(), &request(&store, 9, 0));
    let body = answer.body();
    let line = body.lines().next().unwrap().strip_prefix("\u{2014} witness.example/w1 ").unwrap();
    let bytes = STANDARD.decode(line).unwrap();
    let vkey = witness.verifier().to_string();
    let key = STANDARD.decode(vkey.splitn(3, '+').nth(2).unwrap()).unwrap();
    assert_eq!((key.len(), key[0], bytes.len()), (33, 4, 4 + 8 + 64));
    let id = Sha256::new().chain_update("witness.example/w1\n").chain_update(&key).finalize();
    assert_eq!(bytes[..4], id[..4]);
    assert_eq!(bytes[4..12], NOW.to_be_bytes());
    let note = String::from_utf8(store.files["checkpoint"].clone()).unwrap();
    let (text, _) = note.split_once("\n\n").unwrap();
    let message = format!("cosignature/v1\ntime {NOW}\n{text}\n");
    let key = VerifyingKey::from_bytes(key[1..].try_into().unwrap()).unwrap();
    key.verify_strict(message.as_bytes(), &bytes[12..].try_into().unwrap()).unwrap();
}

#[test]
fn control_e14_signatures_of_unknown_types_and_strangers_are_passed_over() {
    let log = signer();
    let witness = witness("witness.example/w1", &[log.verifier()]);
    let store = log_of(9);
    let checkpoint = &store.files["checkpoint"];
    let WitnessAnswer::Cosigned(lines) = ask(&witness, &mut MemoryStore::default(), &request(&store, 9, 0)) else {
        panic!("not cosigned")
    };
    let line = lines.split_inclusive('\n').next().unwrap();
    // As a witness with a second key of a later kind would answer.
    let answer = format!("\u{2014} witness.example/w1 AAAAAAECAwQ=\n{line}\u{2014} other.example BBBBBBECAwQ=\n");
    assert_eq!(cosignature_lines(checkpoint, answer.as_bytes(), witness.verifier()).unwrap(), line);
    let strangers = "\u{2014} other.example AAAAAAECAwQ=\n";
    assert!(cosignature_lines(checkpoint, strangers.as_bytes(), witness.verifier()).is_err());
    assert!(cosignature_lines(checkpoint, b"rubbish", witness.verifier()).is_err());
    // When a copy was cosigned last, and that a copy without a cosignature was not.
    let cosigned = [checkpoint.as_slice(), answer.as_bytes()].concat();
    assert_eq!(witness.verifier().cosigned_at(&cosigned).unwrap(), Some(NOW));
    assert_eq!(witness.verifier().cosigned_at(checkpoint).unwrap(), None);
    assert_eq!(witness.verifier().name(), "witness.example/w1");
    let other = log_of(10);
    assert!(cosignature_lines(&other.files["checkpoint"], line.as_bytes(), witness.verifier()).is_err());
}

#[test]
fn control_e14_a_log_changes_its_key_while_both_are_trusted() {
    let old = SigningKey::from_bytes(&[5; 32]);
    let new = SigningKey::from_bytes(&[6; 32]);
    let vkey = |key: &SigningKey| vkey(1, "log.example/t", &key.verifying_key());
    let note = |key: &SigningKey, size: u64| {
        let log = log_of(size);
        let text = String::from_utf8(log.files["checkpoint"].clone()).unwrap();
        let text = text.split_once("\n\n").unwrap().0.to_owned() + "\n";
        signed(1, &text, "log.example/t", key)
    };
    let keys = [LogVerifier::parse(&vkey(&old)).unwrap(), LogVerifier::parse(&vkey(&new)).unwrap()];
    let both = Witness::new(ring("witness.example/w1").witness_signer(), keys.to_vec());
    let only_new = Witness::new(ring("witness.example/w1").witness_signer(), keys[1..].to_vec());
    let mut memory = MemoryStore::default();
    let request = |key, old, size| AddCheckpoint::make(&log_of(size), &note(key, size), size, old).unwrap().to_bytes();
    assert_eq!(ask(&both, &mut memory, &request(&old, 0, 10)).status(), 200);
    assert_eq!(ask(&both, &mut memory, &request(&new, 10, 20)).status(), 200);
    assert_eq!(ask(&only_new, &mut memory, &request(&old, 20, 30)).status(), 403);
    assert_eq!(ask(&only_new, &mut memory, &request(&new, 20, 30)).status(), 200);

    // Who relies on the log lists both: what the old key signed stays proved.
    let policy = Policy::parse(&format!("log {}\nlog {}\nquorum none\n", vkey(&old), vkey(&new))).unwrap();
    for (key, size) in [(&old, 10), (&new, 30)] {
        assert_eq!(policy.check(&note(key, size)).unwrap().checkpoint.size, size);
    }
    assert!(policy.check(&note(&SigningKey::from_bytes(&[7; 32]), 30)).is_err());
}

/// A verifier key, by the specification's words.
pub(crate) fn vkey(algorithm: u8, name: &str, key: &VerifyingKey) -> String {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use sha2::{Digest as _, Sha256};
    let mut bytes = vec![algorithm];
    bytes.extend_from_slice(key.as_bytes());
    let id = Sha256::new().chain_update(format!("{name}\n")).chain_update(&bytes).finalize();
    let id: String = id[..4].iter().map(|b| format!("{b:02x}")).collect();
    format!("{name}+{id}+{}", STANDARD.encode(bytes))
}

/// A signed note, by the specification's words.
fn signed(algorithm: u8, text: &str, name: &str, key: &SigningKey) -> Vec<u8> {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use sha2::{Digest as _, Sha256};
    let id = Sha256::new()
        .chain_update(format!("{name}\n"))
        .chain_update([algorithm])
        .chain_update(key.verifying_key().as_bytes())
        .finalize();
    let mut bytes = id[..4].to_vec();
    bytes.extend_from_slice(&key.sign(text.as_bytes()).to_bytes());
    format!("{text}\n\u{2014} {name} {}\n", STANDARD.encode(bytes)).into_bytes()
}

#[test]
fn a_cosignature_of_ed25519_bears_a_time_that_can_be() {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let key = SigningKey::from_bytes(&[5; 32]);
    let verifier = WitnessVerifier::parse(&vkey(4, "w.example/w", &key.verifying_key())).unwrap();
    let note = String::from_utf8(log_of(9).files["checkpoint"].clone()).unwrap();
    let text = note.split_once("\n\n").unwrap().0;
    let at = |time: u64| {
        let signature = key.sign(format!("cosignature/v1\ntime {time}\n{text}\n").as_bytes()).to_bytes();
        let id = u32::from_str_radix(verifier.to_string().split('+').nth(1).unwrap(), 16).unwrap();
        let bytes = [id.to_be_bytes().as_slice(), &time.to_be_bytes(), &signature].concat();
        verifier.cosigned_at(format!("{note}\u{2014} w.example/w {}\n", STANDARD.encode(bytes)).as_bytes())
    };
    let last = i64::MAX as u64;
    assert_eq!([at(1).unwrap(), at(last).unwrap()], [Some(1), Some(last)]);
    for time in [0, last + 1] {
        assert!(matches!(at(time), Err(LogError::BadCheckpoint { what }) if what.contains("possible time")), "{time}");
    }
}

#[test]
fn what_signs_shows_its_public_keys_alone() {
    let ring = ring("witness.example/w1");
    let (log, witness) = (ring.log_signer(), ring.witness_signer());
    let shown = [
        (format!("{log:?}"), format!("LogSigner {{ verifier: LogVerifier({}), .. }}", log.verifier())),
        (format!("{witness:?}"), format!("WitnessSigner {{ verifier: WitnessVerifier({}), .. }}", witness.verifier())),
        (format!("{:?}", Hash([0; 32])), "Hash(AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=)".to_owned()),
    ];
    for (debug, expected) in shown {
        assert_eq!(debug, expected);
    }
}

/// A memory that fails.
struct Broken(MemoryStore);

impl TileStore for Broken {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        self.0.read(path)
    }
    fn write(&mut self, _: &str, _: &[u8]) -> io::Result<()> {
        Err(io::Error::other("the disk is full"))
    }
    fn remove(&mut self, _: &str) -> io::Result<()> {
        Ok(())
    }
    fn list(&self, _: &mut dyn FnMut(&str)) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn control_e5_nothing_is_cosigned_that_is_not_remembered_first() {
    let log = signer();
    let witness = witness("witness.example/w1", &[log.verifier()]);
    let store = log_of(9);
    let outcome = witness.add_checkpoint(&mut Broken(MemoryStore::default()), &request(&store, 9, 0), NOW);
    assert!(matches!(outcome, Err(LogError::Store { .. })));

    // What it remembers is what it signed: a changed memory is a failure, not a conflict that could be worked around.
    let mut memory = MemoryStore::default();
    ask(&witness, &mut memory, &request(&store, 9, 0));
    let path = memory.files.keys().next().unwrap().clone();
    for at in (0..memory.files[&path].len()).step_by(3) {
        let mut changed = memory.clone();
        changed.files.get_mut(&path).unwrap()[at] ^= 1;
        let outcome = witness.add_checkpoint(&mut changed, &request(&log_of(20), 20, 9), NOW);
        assert!(outcome.is_err(), "byte {at}: {outcome:?}");
    }
    // Nor does the head of one log stand for another's.
    let stranger = ring("stranger.example/log").log_signer();
    let two = Witness::new(
        ring("witness.example/w1").witness_signer(),
        vec![log.verifier().clone(), stranger.verifier().clone()],
    );
    let mut theirs = MemoryStore::default();
    let mut other = MemoryStore::default();
    integrate(&mut other, &stranger, 0, &entries(0..9)).unwrap();
    ask(&two, &mut theirs, &request(&other, 9, 0));
    theirs.files.insert(path, theirs.files.values().next().unwrap().clone());
    assert!(two.add_checkpoint(&mut theirs, &request(&log_of(20), 20, 9), NOW).is_err());
}

#[test]
fn a_witness_of_two_logs_remembers_both() {
    let stranger = ring("stranger.example/log").log_signer();
    let witness = witness("witness.example/w1", &[signer().verifier(), stranger.verifier()]);
    let mut other = MemoryStore::default();
    integrate(&mut other, &stranger, 0, &entries(0..4)).unwrap();
    let mut memory = MemoryStore::default();
    assert_eq!(ask(&witness, &mut memory, &request(&log_of(9), 9, 0)).status(), 200);
    assert_eq!(ask(&witness, &mut memory, &request(&other, 4, 0)).status(), 200);
    let size = |origin| witness.latest(&memory, origin).unwrap().unwrap().head.size;
    assert_eq!((size("log.example/t"), size("stranger.example/log")), (9, 4));
}

#[test]
fn a_request_is_read_up_to_its_bounds() {
    let hash = Hash([7; 32]);
    let longest = AddCheckpoint { old: u64::MAX, proof: vec![hash; 63], checkpoint: vec![b'x'; 128 * 1024] };
    let bytes = longest.to_bytes();
    assert_eq!(AddCheckpoint::parse(&bytes).unwrap(), longest);
    // No line more, and no byte beyond the bound.
    assert!(bytes.len() + 45 > MAX_WITNESS_REQUEST_BYTES);
    let of_length = |length: usize| [bytes.clone(), vec![b'x'; length - bytes.len()]].concat();
    assert!(AddCheckpoint::parse(&of_length(MAX_WITNESS_REQUEST_BYTES)).is_ok());
    assert!(AddCheckpoint::parse(&of_length(MAX_WITNESS_REQUEST_BYTES + 1)).is_err());
}

#[test]
fn control_e5_the_rollback_race_of_the_specification_is_refused() {
    let log = signer();
    let witness = witness("witness.example/w1", &[log.verifier()]);
    let memory = Mutex::new(MemoryStore::default());
    ask(&witness, &mut memory.lock().unwrap(), &request(&log_of(8), 8, 0));
    // Both were made against the same head. Whichever comes second does not count any more.
    let requests: Vec<Vec<u8>> = (9..41).map(|size| request(&log_of(size), size, 8)).collect();
    let answers: Vec<WitnessAnswer> = std::thread::scope(|threads| {
        let (witness, memory) = (&witness, &memory);
        let running: Vec<_> = requests
            .iter()
            .rev()
            .map(|request| threads.spawn(move || ask(witness, &mut memory.lock().unwrap(), request)))
            .collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let cosigned = answers.iter().filter(|answer| answer.status() == 200).count();
    assert_eq!((cosigned, answers.iter().filter(|answer| answer.status() == 409).count()), (1, 31));
    let size = witness.latest(&*memory.lock().unwrap(), "log.example/t").unwrap().unwrap().head.size;
    assert!(answers.contains(&WitnessAnswer::Conflict(size)));
}

#[test]
fn control_e10_the_time_of_a_cosignature_never_goes_back() {
    let log = signer();
    let witness = witness("witness.example/w1", &[log.verifier()]);
    let mut memory = MemoryStore::default();
    let mut at = |size, old, time| {
        let store = log_of(size);
        let WitnessAnswer::Cosigned(line) =
            witness.add_checkpoint(&mut memory, &request(&store, size, old), time).unwrap()
        else {
            panic!("not cosigned")
        };
        let note = [store.files["checkpoint"].as_slice(), line.as_bytes()].concat();
        witness.verifier().cosigned_at(&note).unwrap().unwrap()
    };
    assert_eq!(at(3, 0, NOW), NOW);
    assert_eq!(at(4, 3, NOW - 500), NOW);
    assert_eq!(at(5, 4, NOW + 1), NOW + 1);
}

#[test]
fn keys_of_logs_and_of_witnesses_are_not_taken_for_each_other() {
    let ring = ring("witness.example/w1");
    let (log, witness) = (ring.log_signer(), ring.witness_signer());
    assert!(LogVerifier::parse(&witness.verifier().to_string()).is_err());
    assert!(WitnessVerifier::parse(&log.verifier().to_string()).is_err());
    let (log, witness) = (log.verifier().to_string(), witness.verifier().to_string());
    assert_ne!(log.rsplit('+').next(), witness.rsplit('+').next());
    assert_eq!(WitnessVerifier::parse(&witness).unwrap().to_string(), witness);
    for (name, valid) in [
        ("log.example/t", true),
        (&"n".repeat(255), true),
        (&"n".repeat(256), false),
        ("", false),
        ("two words", false),
        ("two\u{a0}words", false),
        ("bell\u{7}", false),
        ("log+t", false),
    ] {
        assert_eq!(valid_key_name(name), valid, "{name:?}");
    }
}

#[test]
fn a_statement_is_lines_that_no_checkpoint_begins_with() {
    let log = signer();
    let good = "tanba-test/1\nof nothing\n";
    let note = sign_statement(&log, good).unwrap();
    assert_eq!(open_statement(log.verifier(), note.as_bytes()).unwrap(), good);
    let half = 64 * 1024;
    let of_length = |bytes: usize| format!("{}\n", "x".repeat(bytes - 1));
    assert!(sign_statement(&log, &of_length(half)).is_ok());
    for bad in [
        "log.example/t\nof nothing\n",
        "of nothing",
        "tanba-test/1\n\nof nothing\n",
        "tab\tbed\n",
        &of_length(half + 1),
    ] {
        assert!(sign_statement(&log, bad).is_err(), "{bad:.40}");
    }
    assert!(open_statement(log.verifier(), &log_of(3).files["checkpoint"]).is_err(), "a checkpoint is no statement");
    assert!(open_statement(ring("stranger.example/log").log_signer().verifier(), note.as_bytes()).is_err());
}
