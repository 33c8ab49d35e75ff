//! The key process: no log, no key.

use std::{collections::BTreeMap, io};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tanba_seal::{
    Context, KdfParams, KeyRing,
    keyd::{Keyd, KeydError, Opening, Order, OrderKind, Release, Rules, WantedKey, commit_records, found_keyd},
    log::{
        AddCheckpoint, LogSigner, MemoryStore, Policy, TileStore, TlogProof, Witness, WitnessAnswer, integrate,
        prove_consistency, publish_witnessed,
    },
};

use crate::{
    entropy,
    log_cycle::signer,
    witness::{ring, witness},
};

pub(crate) const NOW: u64 = 1_790_000_000;
pub(crate) const KEYD: &str = "keyd.example/1";
pub(crate) const SUPERVISOR: &str = "supervisor.example";
const SALT: [u8; 16] = [7; 16];
/// The sealed pixels of a record.
const FIELD: Context<'static> = Context { domain: "image", table: "records", record: "enc-1", field: "pixels" };

fn key_row(domain: &'static str, record: &'static str) -> Context<'static> {
    Context { domain, table: "data_keys", record, field: "wrapped" }
}

pub(crate) fn policy() -> Policy {
    let witness = ring("court.example/w").witness_signer().verifier().to_string();
    Policy::parse(&format!("log {}\nwitness court {witness}\nquorum court\n", signer().verifier())).unwrap()
}

pub(crate) fn rules() -> Rules {
    let opens = |domains: &[&str]| domains.iter().map(|d| (*d).to_owned()).collect();
    Rules {
        max_entry_age_s: 120,
        max_checkpoint_age_s: 60,
        keys_per_hour: 3,
        purposes: BTreeMap::from([
            ("criminal_investigation".to_owned(), opens(&["image", "genomic"])),
            ("document_verification".to_owned(), opens(&["image"])),
        ]),
    }
}

fn keyd_on<S: TileStore>(store: S) -> Result<Keyd<S>, KeydError> {
    Keyd::open(ring(KEYD), policy(), ring(SUPERVISOR).log_signer().verifier().clone(), rules(), store)
}

/// The log of a key process that has released nothing.
fn founded() -> MemoryStore {
    let mut store = MemoryStore::default();
    found_keyd(&ring(KEYD), &mut store).unwrap();
    store
}

pub(crate) fn keyd() -> Keyd<MemoryStore> {
    keyd_on(founded()).unwrap()
}

/// A register's log with its witness.
struct Register {
    log: MemoryStore,
    size: u64,
    witness: Witness,
    seen: MemoryStore,
    seen_size: u64,
}

impl Register {
    fn new() -> Self {
        let witness = witness("court.example/w", &[signer().verifier()]);
        Self { log: MemoryStore::default(), size: 0, witness, seen: MemoryStore::default(), seen_size: 0 }
    }

    /// Writes an entry, has it witnessed at `time`, and gives it.
    fn write(&mut self, entry: &Value, time: u64) -> String {
        let entry = entry.to_string();
        self.append(&entry);
        self.be_witnessed(time);
        entry
    }

    fn append(&mut self, entry: &str) {
        integrate(&mut self.log, &signer(), self.size, &[entry]).unwrap();
        self.size += 1;
    }

    fn be_witnessed(&mut self, time: u64) {
        let note = self.log.files["checkpoint"].clone();
        let request = AddCheckpoint::make(&self.log, &note, self.size, self.seen_size).unwrap().to_bytes();
        let WitnessAnswer::Cosigned(line) = self.witness.add_checkpoint(&mut self.seen, &request, time).unwrap() else {
            panic!("not cosigned")
        };
        self.seen_size = self.size;
        let cosigned = [note.as_slice(), line.as_bytes()].concat();
        publish_witnessed(&mut self.log, &policy(), &cosigned).unwrap();
    }

    /// Asks for `keys` with the entry at `index`, on top of the `old` entries that the key process relied on.
    fn release(&self, index: u64, entry: &str, records: &[&str], old: u64, keys: Vec<WantedKey>) -> Release {
        let proof = TlogProof::make(&self.log, signer().verifier(), index).unwrap();
        let consistency = match old {
            0 => Vec::new(),
            old => prove_consistency(&self.log, old, self.seen_size).unwrap(),
        };
        Release {
            proof: String::from_utf8(proof.to_bytes()).unwrap(),
            entry: entry.to_owned(),
            old,
            consistency: consistency.iter().map(ToString::to_string).collect(),
            opening: Opening {
                salt: STANDARD.encode(SALT),
                records: records.iter().map(|record| (*record).to_owned()).collect(),
            },
            keys,
        }
    }
}

/// An entry as a register's log has it.
fn look(seq: u64, time: u64, records: &[&str]) -> Value {
    let commitment: String = commit_records(&SALT, records).iter().map(|b| format!("{b:02x}")).collect();
    json!({
        "v": 1, "seq": seq, "time": time * 1_000_000, "event": "print.viewed", "outcome": "look",
        "actor": "00", "subject": "00", "purpose": "criminal_investigation", "pack": null, "clause": "art-12",
        "sanction": null, "payload": "00", "records": commitment,
    })
}

/// A key of the key process, wrapped, and something sealed under it.
fn sealed(keyd: &Keyd<MemoryStore>, domain: &'static str, record: &'static str) -> (WantedKey, Vec<u8>) {
    let (key, wrapped) = keyd.new_key(&key_row(domain, record), &mut entropy(31)).unwrap();
    let field = Context { domain, record, ..FIELD };
    let sealed = key.open().unwrap().seal(&field, b"ridges", &mut entropy(32)).unwrap();
    let wanted = WantedKey {
        domain: domain.to_owned(),
        table: "data_keys".to_owned(),
        record: record.to_owned(),
        field: "wrapped".to_owned(),
        wrapped: STANDARD.encode(wrapped),
    };
    (wanted, sealed)
}

#[test]
fn control_e1_with_the_look_in_the_witnessed_log_the_key_is_released() {
    let mut keyd = keyd();
    let (wanted, sealed) = sealed(&keyd, "image", "enc-1");
    let mut register = Register::new();
    let entry = register.write(&look(0, NOW, &["enc-1", "enc-2"]), NOW);
    let request = register.release(0, &entry, &["enc-1", "enc-2"], 0, vec![wanted.clone()]);
    let keys = keyd.release(&request, NOW + 5).unwrap();
    assert_eq!(keys[0].open().unwrap().open(&FIELD, &sealed).unwrap().as_slice(), b"ridges");
    let key = serde_json::to_value(&keys[0]).unwrap()["key"].as_str().unwrap().to_owned();
    assert!(key.len() == 44 && !format!("{keys:?}{keyd:?}").contains(&key));
    let standing = keyd.standing();
    assert_eq!((standing.relied_on, standing.events, standing.stopped_since), (1, 1, None));
    let own: String = keyd.store().files.values().map(|bytes| String::from_utf8_lossy(bytes)).collect();
    assert!(own.contains("criminal_investigation") && !own.contains("enc-1"), "its own log names no record");

    // The next look goes on from there.
    let entry = register.write(&look(1, NOW + 6, &["enc-1"]), NOW + 6);
    let request = register.release(1, &entry, &["enc-1"], 1, vec![wanted]);
    keyd.release(&request, NOW + 7).unwrap();
}

#[test]
fn control_e1_without_an_entry_that_permits_it_no_key_leaves() {
    let mut keyd = keyd();
    let (image, _) = sealed(&keyd, "image", "enc-1");
    let (genomic, _) = sealed(&keyd, "genomic", "enc-1");
    let mut register = Register::new();
    for i in 0..5 {
        register.write(&look(i, NOW, &["enc-9"]), NOW);
    }
    let at = |change: fn(&mut Value)| {
        let mut entry = look(5, NOW, &["enc-1"]);
        change(&mut entry);
        entry
    };
    let named = ["enc-1"];
    #[rustfmt::skip]
    let table: Vec<(&str, Value, &[&str], &WantedKey, &str)> = vec![
        ("a denial",                    at(|e| e["outcome"] = json!("denial")), &named, &image, "not_permitted"),
        ("another place in the log",    at(|e| e["seq"] = json!(4)), &named, &image, "not_permitted"),
        ("an old entry",                at(|e| e["time"] = json!((NOW - 121) * 1_000_000)), &named, &image, "not_permitted"),
        ("an entry of the future",      at(|e| e["time"] = json!((NOW + 61) * 1_000_000)), &named, &image, "not_permitted"),
        ("no records named",            at(|e| e["records"] = Value::Null), &named, &image, "not_permitted"),
        ("other records named",         look(5, NOW, &["enc-2"]), &named, &image, "not_permitted"),
        ("a key of a record not named", look(5, NOW, &["enc-2"]), &["enc-2"], &image, "not_permitted"),
        ("a purpose without a rule",    at(|e| e["purpose"] = json!("curiosity")), &named, &image, "not_permitted"),
        ("a purpose for other data",    at(|e| e["purpose"] = json!("document_verification")), &named, &genomic, "not_permitted"),
        ("no entry of a register",      json!({"event": "released"}), &named, &image, "malformed"),
    ];
    for (what, entry, records, key, code) in table {
        let mut register = Register::new();
        for i in 0..5 {
            register.write(&look(i, NOW, &["enc-9"]), NOW);
        }
        let entry = register.write(&entry, NOW);
        let request = register.release(5, &entry, records, 0, vec![key.clone()]);
        let refused = keyd.release(&request, NOW).unwrap_err();
        assert_eq!(refused.code(), code, "{what}: {refused}");
    }
    assert_eq!(keyd.standing().events, 0);

    let entry = register.write(&at(|_| ()), NOW);
    let good = register.release(5, &entry, &named, 0, vec![image.clone()]);
    let change = |change: &dyn Fn(&mut Release)| {
        let mut request = good.clone();
        change(&mut request);
        request
    };
    let other_salt = STANDARD.encode([8; 16]);
    #[rustfmt::skip]
    let forged: Vec<(&str, Release, &str)> = vec![
        ("another entry than the proof's", change(&|r| r.entry = look(5, NOW, &["enc-1", "enc-2"]).to_string()), "not_proved"),
        ("a proof of another index",       change(&|r| r.proof = r.proof.replacen("index 5", "index 4", 1)), "not_proved"),
        ("a proof with a line changed",    change(&|r| r.proof = r.proof.replacen("\n\n", "\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n", 1)), "not_proved"),
        ("no proof",                       change(&|r| r.proof.clear()), "not_proved"),
        ("no witness",                     change(&|r| { let cut = r.proof.find("\u{2014} court").unwrap(); r.proof.truncate(cut); }), "not_proved"),
        ("another salt",                   change(&|r| r.opening.salt.clone_from(&other_salt)), "not_permitted"),
        ("a short salt",                   change(&|r| r.opening.salt = "AAAA".to_owned()), "malformed"),
        ("identifiers run together",       change(&|r| r.opening.records = vec!["enc-1;".to_owned()]), "malformed"),
        ("no keys",                        change(&|r| r.keys.clear()), "malformed"),
        ("a thousand keys",                change(&|r| r.keys = vec![image.clone(); 1000]), "malformed"),
        ("more keys than in an hour",      change(&|r| r.keys = vec![image.clone(); 4]), "too_many"),
        ("a key that is not base64",       change(&|r| r.keys[0].wrapped = "*".to_owned()), "malformed"),
        ("a key of another field",         change(&|r| r.keys[0].field = "other".to_owned()), "key"),
        ("rubbish for a key",              change(&|r| r.keys[0].wrapped = "AAAA".to_owned()), "key"),
    ];
    for (what, request, code) in forged {
        let refused = keyd.release(&request, NOW).unwrap_err();
        assert_eq!(refused.code(), code, "{what}: {refused}");
    }
    assert_eq!(keyd.standing().events, 0, "nothing was released");
    keyd.release(&good, NOW).unwrap();
}

#[test]
fn control_e1_a_proof_works_once_and_not_after_its_time() {
    let mut keyd = keyd();
    let (wanted, _) = sealed(&keyd, "image", "enc-1");
    let mut register = Register::new();
    let entry = register.write(&look(0, NOW, &["enc-1"]), NOW);
    let request = register.release(0, &entry, &["enc-1"], 0, vec![wanted.clone()]);
    assert_eq!(
        keyd.release(&request, NOW + 61).unwrap_err().code(),
        "not_proved",
        "no witness has spoken for a minute"
    );
    keyd.release(&request, NOW + 60).unwrap();
    // The head is known now, so the same proof needs no step; it is refused all the same, also by one started anew.
    let again = Release { old: 1, ..request };
    assert_eq!(keyd.release(&again, NOW + 60).unwrap_err().code(), "replayed");
    let mut restarted = keyd_on(keyd.store().clone()).unwrap();
    assert_eq!(restarted.release(&again, NOW + 60).unwrap_err().code(), "replayed");
    // A clock that is set back brings nothing back.
    assert_eq!(restarted.release(&again, NOW - 5000).unwrap_err().code(), "replayed");
    assert_eq!(restarted.standing(), keyd.standing());
}

#[test]
fn control_c8_keys_are_counted_by_the_hour() {
    let mut keyd = keyd();
    let (wanted, _) = sealed(&keyd, "image", "enc-1");
    let mut register = Register::new();
    let mut ask = |keyd: &mut Keyd<MemoryStore>, time: u64, keys: usize| {
        let (index, old) = (register.size, keyd.standing().relied_on);
        let entry = register.write(&look(index, time, &["enc-1"]), time);
        keyd.release(&register.release(index, &entry, &["enc-1"], old, vec![wanted.clone(); keys]), time)
    };
    assert_eq!(ask(&mut keyd, NOW, 2).unwrap().len(), 2);
    assert_eq!(ask(&mut keyd, NOW + 10, 2).unwrap_err().code(), "too_many");
    ask(&mut keyd, NOW + 20, 1).unwrap();
    assert_eq!(ask(&mut keyd, NOW + 3599, 1).unwrap_err().code(), "too_many");
    ask(&mut keyd, NOW + 3600, 2).unwrap();
    assert_eq!(ask(&mut keyd, NOW + 3601, 1).unwrap_err().code(), "too_many");
}

fn order(supervisor: &LogSigner, serial: u64, kind: OrderKind) -> Vec<u8> {
    Order { to: KEYD.to_owned(), serial, kind }.sign(supervisor)
}

#[test]
fn control_g3_a_stop_is_lifted_by_the_supervisor_alone() {
    let supervisor = ring(SUPERVISOR).log_signer();
    let mut keyd = keyd();
    let (wanted, _) = sealed(&keyd, "image", "enc-1");
    let mut register = Register::new();
    let entry = register.write(&look(0, NOW, &["enc-1"]), NOW);
    let request = register.release(0, &entry, &["enc-1"], 0, vec![wanted]);
    keyd.obey(&order(&supervisor, 1, OrderKind::Stop), NOW).unwrap();
    assert_eq!(keyd.release(&request, NOW).unwrap_err().code(), "stopped");
    assert_eq!(keyd.new_key(&key_row("image", "enc-2"), &mut entropy(1)).unwrap_err().code(), "stopped");

    // The operator has every key but the supervisor's: the register's, the key process's own, and the old orders.
    let named_alike =
        KeyRing::create("a test passphrase", &["image"], SUPERVISOR, KdfParams::MINIMUM, &mut entropy(77));
    let named_alike = named_alike.unwrap().1.log_signer();
    let to_another = Order { to: "keyd.example/2".to_owned(), serial: 9, kind: OrderKind::Resume }.sign(&supervisor);
    let changed = String::from_utf8(order(&supervisor, 9, OrderKind::Stop)).unwrap();
    let changed = changed.replace("\nstop\n", "\nresume\n").into_bytes();
    #[rustfmt::skip]
    let attempts = [
        order(&signer(), 2, OrderKind::Resume),
        order(&ring(KEYD).log_signer(), 2, OrderKind::Resume),
        order(&named_alike, 2, OrderKind::Resume),
        order(&supervisor, 1, OrderKind::Resume),
        order(&supervisor, 0, OrderKind::Resume),
        to_another,
        changed,
        Vec::new(),
    ];
    for (i, attempt) in attempts.into_iter().enumerate() {
        assert_eq!(keyd.obey(&attempt, NOW + 1).unwrap_err().code(), "bad_order", "attempt {i}");
    }
    // Nor does a new start lift it.
    let mut keyd = keyd_on(keyd.store().clone()).unwrap();
    assert_eq!(keyd.release(&request, NOW + 1).unwrap_err().code(), "stopped");
    let resume = order(&supervisor, 2, OrderKind::Resume);
    assert_eq!(keyd.obey(&resume, NOW + 2).unwrap().stopped_since, None);
    keyd.release(&request, NOW + 2).unwrap();
    keyd.obey(&order(&supervisor, 3, OrderKind::Stop), NOW + 3).unwrap();
    assert_eq!(keyd.obey(&resume, NOW + 4).unwrap_err().code(), "bad_order", "an order is obeyed once");
}

#[test]
fn control_e4_a_log_that_goes_back_or_forks_gets_no_key_and_stops_releases() {
    let mut keyd = keyd();
    let (wanted, _) = sealed(&keyd, "image", "enc-1");
    let mut register = Register::new();
    register.append(&look(0, NOW, &["enc-1"]).to_string());
    register.be_witnessed(NOW);
    let early = register.release(0, &look(0, NOW, &["enc-1"]).to_string(), &["enc-1"], 0, vec![wanted.clone()]);
    let entry = register.write(&look(1, NOW, &["enc-1"]), NOW);
    keyd.release(&register.release(1, &entry, &["enc-1"], 0, vec![wanted.clone()]), NOW).unwrap();
    assert!(matches!(keyd.release(&early, NOW), Err(KeydError::Behind { size: 2 })));

    // A longer log that does not extend it, and one whose proof begins elsewhere.
    let mut other = Register::new();
    for i in 0..3 {
        other.write(&look(i, NOW, &["enc-1"]), NOW);
    }
    let entry = other.write(&look(3, NOW, &["enc-1"]), NOW);
    let request = other.release(3, &entry, &["enc-1"], 2, vec![wanted.clone()]);
    assert_ne!(request.consistency.len(), 0);
    let mut forked = Register::new();
    forked.write(&json!({"another": "history"}), NOW);
    forked.write(&look(1, NOW, &["enc-1"]), NOW);
    let entry = forked.write(&look(2, NOW, &["enc-1"]), NOW);
    let longer = forked.release(2, &entry, &["enc-1"], 2, vec![wanted.clone()]);
    assert_eq!(keyd.release(&longer, NOW).unwrap_err().code(), "not_proved");
    let elsewhere = Release { old: 1, ..longer };
    assert_eq!(keyd.release(&elsewhere, NOW).unwrap_err().code(), "behind");
    assert_eq!(keyd.standing().stopped_since, None, "what was only not proved is no evidence");

    // Two checkpoints of one size, both signed and witnessed: evidence, and the end of releases.
    let mut forked = Register::new();
    forked.write(&json!({"another": "history"}), NOW);
    let entry = forked.write(&look(1, NOW, &["enc-1"]), NOW);
    let fork = forked.release(1, &entry, &["enc-1"], 2, vec![wanted.clone()]);
    assert!(matches!(keyd.release(&fork, NOW), Err(KeydError::Forked { size: 2 })));
    assert_eq!(keyd.release(&request, NOW).unwrap_err().code(), "stopped");
    let own: String = keyd.store().files.values().map(|bytes| String::from_utf8_lossy(bytes)).collect();
    assert!(own.contains("forked") && own.contains("court.example/w"), "the evidence is kept");
    let mut keyd = keyd_on(keyd.store().clone()).unwrap();
    assert_eq!(keyd.release(&request, NOW).unwrap_err().code(), "stopped");
    keyd.obey(&order(&ring(SUPERVISOR).log_signer(), 1, OrderKind::Resume), NOW).unwrap();
    keyd.release(&request, NOW).unwrap();
}

/// A store that fails after some writes.
struct Dying {
    store: MemoryStore,
    left: usize,
}

impl TileStore for Dying {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        self.store.read(path)
    }
    fn write(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.left = self.left.checked_sub(1).ok_or_else(|| io::Error::other("power is gone"))?;
        self.store.write(path, bytes)
    }
    fn remove(&mut self, path: &str) -> io::Result<()> {
        self.store.remove(path)
    }
    fn list(&self, visit: &mut dyn FnMut(&str)) -> io::Result<()> {
        self.store.list(visit)
    }
}

#[test]
fn control_e6_a_crash_at_any_write_releases_nothing_unrecorded() {
    let (wanted, _) = sealed(&keyd(), "image", "enc-1");
    let mut register = Register::new();
    let entry = register.write(&look(0, NOW, &["enc-1"]), NOW);
    let request = register.release(0, &entry, &["enc-1"], 0, vec![wanted]);
    let mut released = false;
    for left in 0..10 {
        let mut dying = keyd_on(Dying { store: founded(), left }).unwrap();
        let outcome = dying.release(&request, NOW);
        let store = dying.store().store.clone();
        let mut restarted = keyd_on(store).unwrap();
        let recorded = restarted.standing().events == 1;
        match outcome {
            Ok(_) => {
                assert!(recorded, "what left is in the log");
                released = true;
            }
            Err(error) => assert_eq!(error.code(), "own_log"),
        }
        // Not recorded: it may be asked for again. Recorded: never.
        let again = Release { old: restarted.standing().relied_on, ..request.clone() };
        assert_eq!(restarted.release(&again, NOW).is_ok(), !recorded, "after {left} writes");
    }
    assert!(released, "ten writes are enough");
}

#[test]
fn control_e3_a_key_process_does_not_open_on_a_changed_log_of_its_own() {
    let mut keyd = keyd();
    keyd.obey(&order(&ring(SUPERVISOR).log_signer(), 1, OrderKind::Stop), NOW).unwrap();
    for path in keyd.store().files.keys() {
        let mut changed = keyd.store().clone();
        *changed.files.get_mut(path).unwrap().last_mut().unwrap() ^= 1;
        assert!(keyd_on(changed).is_err(), "{path}");
        let mut missing = keyd.store().clone();
        missing.files.remove(path);
        assert!(keyd_on(missing).is_err(), "{path} missing");
    }
    assert!(keyd_on(MemoryStore::default()).is_err(), "a log that is gone is not begun anew");
    assert!(found_keyd(&ring(KEYD), &mut keyd.store().clone()).is_err(), "nor is one that is there");
    let too_long = Rules { max_entry_age_s: 3481, ..rules() };
    let supervisor = ring(SUPERVISOR).log_signer().verifier().clone();
    assert!(Keyd::open(ring(KEYD), policy(), supervisor, too_long, founded()).is_err());
}

/// Groups of people whose data has a key-encryption key of its own.
const CONVICTED: &str = "genomic-convicted-person";
const RELATIVE: &str = "genomic-relative-of-missing";

#[test]
fn control_c2_a_token_for_document_verification_opens_no_criminal_template_even_with_the_database() {
    let opens = |domains: &[&str]| domains.iter().map(|d| (*d).to_owned()).collect();
    let rules = Rules {
        keys_per_hour: 10,
        purposes: BTreeMap::from([
            // A rule means one whole label, and no part of it.
            ("document_verification".to_owned(), opens(&["image", "genomic"])),
            ("criminal_investigation".to_owned(), opens(&[CONVICTED])),
            ("search_for_missing".to_owned(), opens(&[RELATIVE])),
        ]),
        ..rules()
    };
    let domains = ["image", CONVICTED, RELATIVE];
    let (_, ring) = KeyRing::create("a test passphrase", &domains, KEYD, KdfParams::MINIMUM, &mut entropy(41)).unwrap();
    let mut store = MemoryStore::default();
    found_keyd(&ring, &mut store).unwrap();
    let supervisor = self::ring(SUPERVISOR).log_signer().verifier().clone();
    let mut keyd = Keyd::open(ring, policy(), supervisor, rules, store).unwrap();
    // Everything that lies in the database, and whatever entries its holder cares to write: witnesses cosign them all.
    let (convicted, template) = sealed(&keyd, CONVICTED, "enc-1");
    let (relative, _) = sealed(&keyd, RELATIVE, "enc-1");
    let as_relative = WantedKey { domain: RELATIVE.to_owned(), ..convicted.clone() };
    let as_image = WantedKey { domain: "image".to_owned(), ..convicted.clone() };
    let mut register = Register::new();
    let mut old = 0;
    for (purpose, key, code) in [
        ("document_verification", &convicted, Some("not_permitted")),
        ("document_verification", &relative, Some("not_permitted")),
        ("document_verification", &as_image, Some("key")),
        ("search_for_missing", &convicted, Some("not_permitted")),
        ("search_for_missing", &as_relative, Some("key")),
        ("criminal_investigation", &relative, Some("not_permitted")),
        ("criminal_investigation", &convicted, None),
    ] {
        let seq = register.size;
        let mut entry = look(seq, NOW, &["enc-1"]);
        entry["purpose"] = json!(purpose);
        let entry = register.write(&entry, NOW);
        let request = register.release(seq, &entry, &["enc-1"], old, vec![key.clone()]);
        match (keyd.release(&request, NOW), code) {
            (Err(refused), Some(code)) => assert_eq!(refused.code(), code, "{purpose} {}", key.domain),
            (Ok(keys), None) => {
                let field = Context { domain: CONVICTED, ..FIELD };
                assert_eq!(keys[0].open().unwrap().open(&field, &template).unwrap().as_slice(), b"ridges");
                old = register.size;
            }
            (answer, _) => panic!("{purpose} {}: {answer:?}", key.domain),
        }
    }
    assert_eq!(old, 7, "the right purpose opens it");
}

#[test]
fn a_data_key_that_is_moved_to_a_group_opens_what_it_sealed() {
    let domains = ["genomic", CONVICTED, RELATIVE];
    let (_, mut ring) =
        KeyRing::create("a test passphrase", &domains, KEYD, KdfParams::MINIMUM, &mut entropy(42)).unwrap();
    let row = |domain| key_row(domain, "enc-1");
    let (key, wrapped) = ring.new_data_key(&row("genomic"), &mut entropy(43)).unwrap();
    let field = Context { domain: "genomic", ..FIELD };
    let sealed = key.seal(&field, b"alleles", &mut entropy(44)).unwrap();
    let moved = ring.move_data_key(&row("genomic"), &row(CONVICTED), &wrapped, &mut entropy(45)).unwrap();
    ring.remove_domain("genomic").unwrap();
    let key = ring.unwrap_data_key(&row(CONVICTED), &moved).unwrap();
    assert!(key.open(&field, &sealed).is_err(), "it is of the group, and says so");
    assert_eq!(key.for_records_of("genomic").open(&field, &sealed).unwrap().as_slice(), b"alleles");
    for (domain, wrapped) in [(RELATIVE, &moved), (CONVICTED, &wrapped), ("genomic", &moved)] {
        assert!(ring.unwrap_data_key(&row(domain), wrapped).is_err(), "{domain}");
    }
    assert!(ring.unwrap_data_key(&key_row(CONVICTED, "enc-2"), &moved).is_err(), "of another record");
}
