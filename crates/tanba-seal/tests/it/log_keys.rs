//! A log that changes its key: what the old key signed stays proved, and whoever steals it signs nothing newer.

use std::sync::LazyLock;

use proptest::{collection::vec, prelude::*};
use sha2::{Digest as _, Sha256};
use tanba_seal::{
    KdfParams, KeyRing,
    log::{
        AddCheckpoint, Checkpoint, Hash, LOG_KEYS_PATH, LogError, LogSigner, LogVerifier, MemoryStore, Policy,
        TileStore as _, TlogProof, VERIFIER_KEY_PATH, Witness, WitnessAnswer, empty_root, fsck, integrate,
        read_checkpoint, sign_statement, state_key, state_retirement,
    },
};

use crate::{entropy, hostile::mangle, log_cycle::entries, witness::ring as party};

const NAME: &str = "log.example/t";
const NOW: u64 = 1_790_000_000;

/// The key files of one register through its life: with its first key, with both, and with the second one alone. The first one is of
/// Ed25519 alone, as in registers of before; or of both kinds.
struct Life {
    files: [Vec<u8>; 3],
}

const PASSPHRASE: &str = "a test passphrase";

impl Life {
    fn new(post_quantum: bool, seed: u64) -> Self {
        let kdf = KdfParams::MINIMUM;
        let create = if post_quantum { KeyRing::create_post_quantum } else { KeyRing::create };
        let (first, mut ring) = create(PASSPHRASE, &["image"], NAME, kdf, &mut entropy(seed)).unwrap();
        ring.add_log_key(&mut entropy(seed + 1)).unwrap();
        assert!(ring.add_log_key(&mut entropy(9)).is_err(), "two at once are enough");
        let both = ring.rewrap(PASSPHRASE, kdf, &mut entropy(seed + 2)).unwrap();
        ring.drop_old_log_key();
        let second = ring.rewrap(PASSPHRASE, kdf, &mut entropy(seed + 3)).unwrap();
        Self { files: [first, both, second] }
    }

    fn signer(&self, at: usize) -> LogSigner {
        KeyRing::open(&self.files[at], PASSPHRASE).unwrap().log_signer()
    }
}

static PLAIN: LazyLock<Life> = LazyLock::new(|| Life::new(false, 20));
static BOTH: LazyLock<Life> = LazyLock::new(|| Life::new(true, 40));

fn grow(store: &mut MemoryStore, signer: &LogSigner, to: u64) -> Checkpoint {
    let size = read_checkpoint(store, signer.verifier()).unwrap().map_or(0, |head| head.size);
    integrate(store, signer, size, &entries(size..to)).unwrap()
}

fn append(store: &mut MemoryStore, note: &[u8]) {
    store.files.entry(LOG_KEYS_PATH.to_owned()).or_default().extend_from_slice(note);
}

fn keys(store: &MemoryStore) -> Vec<u8> {
    store.files.get(LOG_KEYS_PATH).cloned().unwrap_or_default()
}

/// The log through a change of its key: at 300 entries under the first key, at 310 under both, retired at 310, at 330 under the second.
fn story(life: &Life) -> [MemoryStore; 3] {
    let mut store = MemoryStore::default();
    let (old, both, new) = (life.signer(0), life.signer(1), life.signer(2));
    store.write(VERIFIER_KEY_PATH, format!("{}\n", old.verifier()).as_bytes()).unwrap();
    let head = grow(&mut store, &old, 300);
    let before = store.clone();
    let first = state_key(&both, b"", None).unwrap();
    append(&mut store, &first);
    let second = state_key(&both, &first, Some(&head)).unwrap();
    append(&mut store, &second);
    let head = grow(&mut store, &both, 310);
    let during = store.clone();
    let end = state_retirement(&both, &keys(&store), &head).unwrap();
    append(&mut store, &end);
    grow(&mut store, &new, 330);
    [before, during, store]
}

fn check(store: &MemoryStore, verifier: &LogVerifier) {
    let report = fsck(store, verifier, None).unwrap();
    assert!(report.ok, "{:?}", report.faults);
}

#[test]
fn control_e14_a_log_changes_its_own_key_and_every_old_proof_still_verifies() {
    for life in [&*PLAIN, &*BOTH] {
        let [before, during, after] = story(life);
        let (old, new) = (life.signer(0).verifier().clone(), life.signer(2).verifier().clone());
        let entry = &entries(7..8)[0];
        let [early, middle, late] = [&before, &during, &after].map(|log| TlogProof::make(log, &old, 7).unwrap());
        early.verify(&old, entry).unwrap();
        middle.verify(&old, entry).unwrap();
        middle.verify(&new, entry).unwrap();
        assert!(late.verify(&old, entry).is_err(), "the old key alone knows nothing of its successor");
        late.verify(&new, entry).unwrap();
        assert!(early.verify(&new, entry).is_err());
        for key in [&old, &new] {
            let knows_all = key.following(&keys(&after)).unwrap();
            for proof in [&early, &middle, &late] {
                proof.verify(&knows_all, entry).unwrap();
            }
            // What lies beside the log is followed from either key.
            check(&during, key);
            check(&after, key);
            let known = knows_all.keys();
            assert_eq!([known[0].until, known[1].until], [Some(310), None]);
            assert_eq!((known[1].from, &known[1].vkey), (300, &new.to_string()));
            assert!(known[1].post_quantum.is_some());
        }
        check(&before, &old);
        assert!(!fsck(&before, &new, None).unwrap().ok);
        // A policy that names either key counts the log at any time, once it is given the line of keys.
        for key in [&old, &new] {
            let policy = Policy::parse(&format!("log {key}\nquorum none\n")).unwrap();
            let following = policy.clone().following(&keys(&after)).unwrap();
            for proof in [&early, &middle, &late] {
                proof.verify_witnessed(&following, entry).unwrap();
            }
            assert_eq!(late.verify_witnessed(&policy, entry).is_ok(), *key == new);
        }
    }
}

#[test]
fn control_e14_a_stolen_old_key_signs_nothing_past_its_retirement() {
    for life in [&*PLAIN, &*BOTH] {
        let [before, _, after] = story(life);
        let (old, thief) = (life.signer(0).verifier().clone(), life.signer(0));
        let line = keys(&after);
        let knows_all = old.following(&line).unwrap();
        let mut witnessed = MemoryStore::default();
        let witness = Witness::new(party("witness.example/w").witness_signer(), vec![knows_all.clone()]);
        let mut ask = |log: &MemoryStore, size, old| {
            let request = AddCheckpoint::make(log, &log.files["checkpoint"], size, old).unwrap().to_bytes();
            witness.add_checkpoint(&mut witnessed, &request, NOW).unwrap()
        };
        assert_eq!(ask(&before, 300, 0).status(), 200);
        // The thief goes on from the true log, or from before the change, with the key alone.
        let mut extended = after.clone();
        extended.files.remove(LOG_KEYS_PATH);
        let root_only = Checkpoint::open(&extended.files["checkpoint"], &knows_all).unwrap();
        assert_eq!(root_only.size, 330);
        let mut forked = before.clone();
        integrate(&mut forked, &thief, 300, &entries(1000..1040)).unwrap();
        Checkpoint::open(&forked.files["checkpoint"], &old).unwrap();
        for (size, refused) in [(301, false), (310, true), (340, true)] {
            let mut forked = before.clone();
            integrate(&mut forked, &thief, 300, &entries(1000..700 + size)).unwrap();
            let opened = Checkpoint::open(&forked.files["checkpoint"], &knows_all);
            assert_eq!(opened.is_err(), refused, "at {size} entries; before its end, witnesses tell");
        }
        assert_eq!(ask(&forked, 340, 300), WitnessAnswer::NotSigned);
        assert_eq!(ask(&after, 330, 300).status(), 200, "the history is unbroken under the new key");
        assert_eq!(ask(&forked, 340, 330), WitnessAnswer::NotSigned);

        // Nor does the thief name a successor to whoever knows the true one.
        let other = Life { files: [life.files[0].clone(), Vec::new(), Vec::new()] };
        let mut ring = KeyRing::open(&other.files[0], PASSPHRASE).unwrap();
        ring.add_log_key(&mut entropy(99)).unwrap();
        let first = state_key(&ring.log_signer(), b"", None).unwrap();
        let head = Checkpoint::open(&before.files["checkpoint"], &old).unwrap();
        let false_line = [first.clone(), state_key(&ring.log_signer(), &first, Some(&head)).unwrap()].concat();
        old.following(&false_line).unwrap();
        assert!(matches!(knows_all.following(&false_line), Err(LogError::BadLogKeys { .. })));
        assert!(knows_all.following(&line[..first.len()]).is_ok(), "less than is known changes nothing");
        assert!(life.signer(2).verifier().following(&false_line).is_err());
    }
}

#[test]
fn control_e14_both_kinds_of_signature_are_demanded_where_the_log_has_both() {
    let (old, both) = (BOTH.signer(0), BOTH.signer(1));
    let mut store = MemoryStore::default();
    let first = state_key(&old, b"", None).unwrap();
    append(&mut store, &first);
    grow(&mut store, &old, 9);
    check(&store, old.verifier());
    let note = String::from_utf8(store.files["checkpoint"].clone()).unwrap();
    let lines: Vec<&str> = note.split_inclusive('\n').collect();
    let [.., classic, post_quantum] = lines[..] else { panic!("{note}") };
    let text = note.split_once("\n\n").unwrap().0.to_owned() + "\n\n";
    let knows = old.verifier().following(&first).unwrap();
    let key = knows.keys()[0].post_quantum.clone().unwrap();
    let by_ml_dsa = Policy::parse(&format!("log {key}\nquorum none\n")).unwrap();
    let by_ed25519 = Policy::parse(&format!("log {}\nquorum none\n", old.verifier())).unwrap();
    let by_both = by_ed25519.clone().following(&first).unwrap();
    let cases = [
        (note.clone(), true, true, true),
        (format!("{text}{classic}"), true, false, false),
        (format!("{text}{post_quantum}"), false, true, false),
        (format!("{text}{}", both.verifier()), false, false, false),
    ];
    for (note, classic, post_quantum, demanded) in cases {
        let opened = [&by_ed25519, &by_ml_dsa, &by_both].map(|policy| policy.check(note.as_bytes()).is_ok());
        assert_eq!(opened, [classic, post_quantum, demanded], "{note}");
        assert_eq!(Checkpoint::open(note.as_bytes(), &knows).is_ok(), demanded);
    }
    // Of another tree, under a known key: false, and not merely missing.
    grow(&mut store, &old, 10);
    let other = String::from_utf8(store.files["checkpoint"].clone()).unwrap();
    let other = other.split_inclusive('\n').next_back().unwrap();
    for policy in [&by_ml_dsa, &by_both] {
        let refused = policy.check(format!("{text}{classic}{other}").as_bytes());
        assert!(matches!(refused, Err(LogError::BadCheckpoint { what }) if what.contains("does not verify")));
    }
}

#[test]
fn control_e14_a_line_of_keys_is_refused_with_any_change_to_it() {
    let [_, _, after] = story(&BOTH);
    let (line, old) = (keys(&after), BOTH.signer(0).verifier().clone());
    let starts: Vec<usize> =
        String::from_utf8(line.clone()).unwrap().match_indices("tanba-log-key/1\n").map(|(at, _)| at).collect();
    assert_eq!(starts.len(), 3);
    let statement = |i: usize| &line[starts[i]..*starts.get(i + 1).unwrap_or(&line.len())];
    assert!(old.following(&line).is_ok());
    assert!(old.following(&[statement(0), statement(1)].concat()).is_ok(), "what came later may be unknown");
    for wrong in [
        Vec::new(),
        statement(1).to_vec(),
        [statement(0), statement(2)].concat(),
        [statement(0), statement(1), statement(1)].concat(),
        [statement(0), statement(1), statement(2), statement(2)].concat(),
        [statement(1), statement(0)].concat(),
    ] {
        assert!(matches!(old.following(&wrong), Err(LogError::BadLogKeys { .. })));
    }
    for at in (0..line.len()).step_by(41) {
        let mut changed = line.clone();
        changed[at] ^= 1;
        // A name in a signature line that is nobody's makes it an unknown signature, and then one is missing.
        assert!(old.following(&changed).is_err(), "byte {at}");
        let cut = &line[..at];
        assert!(starts.contains(&at) || old.following(cut).is_err(), "cut at {at}");
    }
    let stranger = Life::new(true, 60);
    assert!(stranger.signer(0).verifier().following(&line).is_err());
    // A key that its predecessor has not stated.
    let first = state_key(&BOTH.signer(0), b"", None).unwrap();
    assert!(state_key(&BOTH.signer(2), &first, None).is_err());
    assert!(state_key(&BOTH.signer(0), &first, None).is_err(), "no key follows itself");
    let head = read_checkpoint(&after, &old).unwrap().unwrap();
    assert!(state_retirement(&BOTH.signer(0), &first, &head).is_err(), "the only key stays");
}

/// A statement of keys of Ed25519 alone, by the words of docs/seal/log-keys.md.
fn statement(origin: &str, file: &[u8], what: &str, by: &[&LogSigner]) -> Vec<u8> {
    let text = format!("tanba-log-key/1\nlog {origin}\nafter {}\n{what}", Hash(Sha256::digest(file).into()));
    let line = |signer: &&LogSigner| sign_statement(signer, &text).unwrap()[text.len() + 1..].to_owned();
    format!("{text}\n{}", by.iter().map(line).collect::<String>()).into_bytes()
}

#[test]
fn control_e14_each_demand_on_a_line_of_keys_is_made() {
    let signer = |name: &str, seed| {
        let created = KeyRing::create(PASSPHRASE, &["image"], name, KdfParams::MINIMUM, &mut entropy(seed)).unwrap();
        created.1.log_signer()
    };
    let [a, b, c] = [61, 62, 63].map(|seed| signer(NAME, seed));
    let other = signer("other.example/t", 64);
    let (none, some) = (empty_root(), Hash([7; 32]));
    let key = |number: u64, size: u64, root: Hash, signer: &LogSigner| {
        format!("key {number}\nfrom {size} {root}\ned25519 {}\n", signer.verifier())
    };
    let retire = |number: u64, size: u64| format!("retire {number}\nuntil {size} {some}\n");
    type Step<'a> = (String, Vec<&'a LogSigner>);
    let line = |steps: &[Step<'_>]| {
        steps.iter().fold(Vec::new(), |file, (what, by)| [file.clone(), statement(NAME, &file, what, by)].concat())
    };
    let first: Step<'_> = (key(1, 0, none, &a), vec![&a]);
    let second: Step<'_> = (key(2, 10, some, &b), vec![&a, &b]);
    let retired: Step<'_> = (retire(1, 10), vec![&b]);
    let third: Step<'_> = (key(3, 10, some, &c), vec![&b, &c]);
    let last: Step<'_> = (retire(2, 20), vec![&c]);
    let whole = line(&[first.clone(), second.clone(), retired.clone(), third.clone(), last.clone()]);
    let known = a.verifier().following(&whole).unwrap();
    assert_eq!(
        known.keys().iter().map(|key| (key.from, key.until)).collect::<Vec<_>>(),
        [(0, Some(10)), (10, Some(20)), (10, None)]
    );
    for signer in [&a, &b, &c] {
        assert!(known.has(&signer.verifier().to_string()) && signer.verifier().has(&signer.verifier().to_string()));
    }
    assert!(!known.has(&other.verifier().to_string()) && !a.verifier().has(&b.verifier().to_string()));

    let stranger = |what: String| (what, vec![&a, &other]);
    #[rustfmt::skip]
    let wrong: Vec<(&str, Vec<Step<'_>>)> = vec![
        ("the first key from later on", vec![(key(1, 5, none, &a), vec![&a])]),
        ("the first key from another tree", vec![(key(1, 0, some, &a), vec![&a])]),
        ("the first key is the second", vec![(key(2, 0, none, &a), vec![&a])]),
        ("a key signed by itself alone", vec![first.clone(), (second.0.clone(), vec![&b])]),
        ("a key signed by the one before alone", vec![first.clone(), (second.0.clone(), vec![&a])]),
        ("a key signed by somebody else too", vec![first.clone(), (second.0.clone(), vec![&a, &b, &c])]),
        ("a key signed by somebody else instead", vec![first.clone(), (second.0.clone(), vec![&a, &c])]),
        ("a number is left out", vec![first.clone(), (key(3, 10, some, &b), vec![&a, &b])]),
        ("a key comes twice", vec![first.clone(), (key(2, 10, some, &a), vec![&a, &a])]),
        ("a key under another name", vec![first.clone(), stranger(key(2, 10, some, &other))]),
        ("a third key while the first still signs", vec![first.clone(), second.clone(), third.clone()]),
        ("a key from before the one before it", vec![first.clone(), second.clone(), retired.clone(), (key(3, 9, some, &c), vec![&b, &c])]),
        ("the only key is retired", vec![first.clone(), (retire(0, 10), vec![&a])]),
        ("retired by itself", vec![first.clone(), second.clone(), (retired.0.clone(), vec![&a])]),
        ("retired before its successor began", vec![first.clone(), second.clone(), (retire(1, 9), vec![&b])]),
        ("the newest is retired", vec![first.clone(), second.clone(), (retire(2, 10), vec![&b])]),
        ("retired twice", vec![first.clone(), second.clone(), retired.clone(), retired.clone()]),
        ("a line that means nothing", vec![first.clone(), second.clone(), (retired.0.clone() + "because it was old\n", vec![&b])]),
        ("neither a key nor its end", vec![first.clone(), (format!("forget 1\nfrom 10 {some}\n"), vec![&a])]),
        ("a key of a type that its line does not name", vec![first.clone(), (second.0.replace("ed25519", "ml-dsa-44"), vec![&a, &b])]),
        ("a size that is no number", vec![first.clone(), (second.0.replace("from 10", "from 010"), vec![&a, &b])]),
    ];
    for (what, steps) in wrong {
        let refused = a.verifier().following(&line(&steps));
        assert!(matches!(refused, Err(LogError::BadLogKeys { .. })), "{what}: {refused:?}");
    }
    let elsewhere =
        statement("other.example/t", &line(std::slice::from_ref(&first)), &key(2, 10, some, &other), &[&a, &other]);
    let refused = a.verifier().following(&[line(&[first]), elsewhere].concat());
    assert!(matches!(refused, Err(LogError::BadLogKeys { .. })), "the line of another log: {refused:?}");
    // As long as a file may be, and a byte longer.
    let said = |bytes: usize| a.verifier().following(&vec![b'x'; bytes]).unwrap_err().to_string();
    assert!(!said(2 * 1024 * 1024).contains("longer") && said(2 * 1024 * 1024 + 1).contains("longer"));
}

#[test]
fn control_e14_a_new_key_signs_no_other_tree_than_the_one_it_was_stated_at() {
    let [.., after] = story(&PLAIN);
    let knows_all = PLAIN.signer(0).verifier().following(&keys(&after)).unwrap();
    assert_eq!(PLAIN.signer(1).vkeys(), [0, 2].map(|at| PLAIN.signer(at).verifier().to_string()));
    let signed = |entries: &[Vec<u8>]| {
        let mut store = MemoryStore::default();
        integrate(&mut store, &PLAIN.signer(2), 0, entries).unwrap();
        Checkpoint::open(&store.files["checkpoint"], &knows_all).is_ok()
    };
    assert!(signed(&entries(0..300)) && signed(&entries(0..301)));
    assert!(!signed(&entries(0..299)) && !signed(&entries(1000..1300)));
}

#[test]
fn control_e14_fsck_finds_a_key_that_was_stated_at_another_tree() {
    let [_, during, after] = story(&PLAIN);
    let old = PLAIN.signer(0).verifier().clone();
    let mut store = MemoryStore::default();
    grow(&mut store, &PLAIN.signer(0), 299);
    integrate(&mut store, &PLAIN.signer(0), 299, &[b"another".to_vec()]).unwrap();
    append(&mut store, &keys(&during));
    let report = fsck(&store, &old, None).unwrap();
    assert!(!report.ok);
    assert_eq!(report.faults[0].path, LOG_KEYS_PATH, "{:?}", report.faults);
    for change in [|file: &mut Vec<u8>| file.truncate(100), |file: &mut Vec<u8>| file[300] ^= 1] {
        let mut damaged = after.clone();
        change(damaged.files.get_mut(LOG_KEYS_PATH).unwrap());
        assert!(fsck(&damaged, &old, None).unwrap().faults.iter().any(|fault| fault.path == LOG_KEYS_PATH));
        assert!(read_checkpoint(&damaged, &old).is_err());
    }
}

#[test]
fn a_key_file_says_what_its_log_signs_with_and_the_older_formats_stay() {
    for life in [&*PLAIN, &*BOTH] {
        let rings = life.files.each_ref().map(|file| KeyRing::open(file, PASSPHRASE).unwrap());
        let version =
            |file: &[u8]| serde_json::from_slice::<serde_json::Value>(file).unwrap()["header"]["version"].clone();
        assert_eq!(life.files.each_ref().map(|file| version(file))[1..], [3, 3]);
        for (ring, file) in rings.iter().zip(&life.files) {
            let again = ring.rewrap(PASSPHRASE, KdfParams::MINIMUM, &mut entropy(3)).unwrap();
            assert_eq!(version(&again), version(file));
            let again = KeyRing::open(&again, PASSPHRASE).unwrap();
            assert_eq!(again.log_signer().verifier(), ring.log_signer().verifier());
            assert_eq!(again.blind_index("iin", b"1"), rings[0].blind_index("iin", b"1"));
        }
        let [first, both, second] = rings.each_ref().map(|ring| ring.log_signer().verifier().to_string());
        assert!(first == both && both != second);
    }
    assert!(String::from_utf8(PLAIN.files[0].clone()).unwrap().contains("\"version\": 1"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_nearly_right_line_of_keys_is_refused_or_the_beginning_of_the_right_one(edits in vec(any::<(u16, u8, u8)>(), 1..4)) {
        static LINE: LazyLock<(LogVerifier, Vec<u8>)> =
            LazyLock::new(|| (BOTH.signer(0).verifier().clone(), keys(&story(&BOTH)[2])));
        let (old, line) = &*LINE;
        let changed = mangle(line, &edits);
        if old.following(&changed).is_ok() {
            prop_assert!(line.starts_with(&changed));
        }
    }
}
