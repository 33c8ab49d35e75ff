//! Policies: who must have seen a checkpoint before it counts.

use ed25519_dalek::SigningKey;
use tanba_seal::log::{
    LogError, MemoryStore, Policy, TlogProof, WITNESSED_PATH, Witness, Witnessed, fsck, integrate, publish_witnessed,
    read_witnessed,
};

use crate::{
    log_cycle::{entries, signer},
    witness::{fork_of, log_of, request, ring, vkey, witness},
};

const NOW: u64 = 1_790_000_000;
const NAMES: [&str; 3] = ["ministry.example/w", "court.example/w", "university.example/w"];

/// The three witnesses.
fn witnesses() -> Vec<Witness> {
    NAMES.iter().map(|name| witness(name, &[signer().verifier()])).collect()
}

/// Two of three: one of the executive, two outside it.
pub(crate) fn two_of_three() -> String {
    let key = |name: &str| ring(name).witness_signer().verifier().to_string();
    format!(
        "# of the register\nlog {}\n\nwitness ministry {}\n\twitness court {} https://court.example/\nwitness university {}\n\
         group all-three 2 ministry court university\nquorum all-three\n",
        signer().verifier(),
        key(NAMES[0]),
        key(NAMES[1]),
        key(NAMES[2]),
    )
}

/// A log's checkpoint with the cosignatures of some of the witnesses, each at its time.
fn cosigned(log: &MemoryStore, size: u64, by: &[(usize, u64)]) -> Vec<u8> {
    let mut note = log.files["checkpoint"].clone();
    for (i, time) in by {
        let answer =
            witnesses()[*i].add_checkpoint(&mut MemoryStore::default(), &request(log, size, 0), *time).unwrap();
        note.extend_from_slice(answer.body().as_bytes());
    }
    note
}

fn check(policy: &str, note: &[u8]) -> Result<Witnessed, LogError> {
    Policy::parse(policy).unwrap().check(note)
}

#[test]
fn control_e4_a_checkpoint_counts_only_with_the_quorum_of_the_policy() {
    let log = log_of(300);
    let policy = two_of_three();
    #[rustfmt::skip]
    let table: [(&[usize], bool); 6] = [
        (&[], false), (&[0], false), (&[2], false), (&[0, 1], true), (&[1, 2], true), (&[0, 1, 2], true),
    ];
    for (by, counts) in table {
        let by: Vec<(usize, u64)> = by.iter().map(|i| (*i, NOW)).collect();
        let outcome = check(&policy, &cosigned(&log, 300, &by));
        assert_eq!(outcome.is_ok(), counts, "{by:?}: {outcome:?}");
        match outcome {
            Ok(witnessed) => assert_eq!((witnessed.checkpoint.size, witnessed.cosigners.len()), (300, by.len())),
            Err(error) => assert!(matches!(error, LogError::NotWitnessed { .. }), "{error}"),
        }
    }
    // One witness twice is one witness.
    assert!(check(&policy, &cosigned(&log, 300, &[(0, NOW), (0, NOW + 5)])).is_err());
    // The quorum cosigned another checkpoint.
    let both = cosigned(&log, 300, &[(0, NOW), (1, NOW)]);
    let other = log_of(301).files["checkpoint"].clone();
    let signatures = both.windows(2).position(|w| w == b"\n\n").unwrap();
    let at = other.windows(2).position(|w| w == b"\n\n").unwrap();
    let moved = [&other[..at], &both[signatures..]].concat();
    assert!(matches!(check(&policy, &moved), Err(LogError::BadCheckpoint { .. })));
    // Cosigned, and of no log of the policy.
    let of_others = policy
        .replace(&signer().verifier().to_string(), &ring("stranger.example/log").log_signer().verifier().to_string());
    assert!(matches!(check(&of_others, &both), Err(LogError::BadCheckpoint { .. })));
    assert!(
        check(&policy.replace("quorum all-three", "quorum none"), &log.files["checkpoint"]).unwrap().as_of.is_none()
    );
}

#[test]
fn control_e4_an_honest_witness_never_cosigns_a_fork() {
    let (log, fork) = (log_of(300), fork_of(300));
    let witnesses = witnesses();
    let mut memories = vec![MemoryStore::default(); 3];
    // The operator shows one history to the court, the other to the ministry, and then each to the third.
    let mut show = |i: usize, history: &MemoryStore, old| {
        witnesses[i].add_checkpoint(&mut memories[i], &request(history, 300, old), NOW).unwrap()
    };
    let mut kept = log.files["checkpoint"].clone();
    let mut forked = fork.files["checkpoint"].clone();
    kept.extend_from_slice(show(1, &log, 0).body().as_bytes());
    forked.extend_from_slice(show(0, &fork, 0).body().as_bytes());
    kept.extend_from_slice(show(2, &log, 0).body().as_bytes());
    for old in [0, 300] {
        assert_eq!(show(2, &fork, old).status(), 409);
    }
    let longer = fork_of(400);
    let answer = witnesses[2].add_checkpoint(&mut memories[2], &request(&longer, 400, 300), NOW).unwrap();
    assert_eq!(answer.status(), 422);
    let policy = Policy::parse(&two_of_three()).unwrap();
    assert!(policy.check(&kept).is_ok());
    assert!(policy.check(&forked).is_err());
}

#[test]
fn control_e4_a_quorum_within_the_executive_alone_is_seen_as_such() {
    let policy = |quorum: &str| {
        let text = two_of_three().replace("group all-three 2 ministry court university\nquorum all-three\n", quorum);
        Policy::parse(&text).unwrap()
    };
    let executive = |name: &str| name == "ministry";
    assert!(!policy("group g 2 ministry court university\nquorum g\n").met_by(executive));
    assert!(policy("group g 1 ministry court university\nquorum g\n").met_by(executive));
    assert!(policy("quorum ministry\n").met_by(executive));
    assert!(!policy("quorum court\n").met_by(executive));
    assert!(policy("quorum none\n").met_by(|_| false));
    let nested = "group outside any court university\ngroup both all ministry outside\nquorum both\n";
    assert!(!policy(nested).met_by(executive));
    assert!(!policy(nested).met_by(|name| name != "ministry"));
    assert!(policy(nested).met_by(|name| name != "court"));
}

#[test]
fn control_e10_cosignatures_bound_the_age_of_a_checkpoint() {
    let log = log_of(30);
    let policy = two_of_three();
    let as_of = |by: &[(usize, u64)]| check(&policy, &cosigned(&log, 30, by)).unwrap().as_of;
    // The older of the two that make the quorum says how old the quorum's word is.
    assert_eq!(as_of(&[(0, NOW), (1, NOW - 90)]), Some(NOW - 90));
    assert_eq!(as_of(&[(0, NOW), (1, NOW - 90), (2, NOW - 5)]), Some(NOW - 5));
    let witnessed = check(&policy, &cosigned(&log, 30, &[(0, NOW), (1, NOW - 90)])).unwrap();
    witnessed.demand_fresh(NOW, 90).unwrap();
    assert!(witnessed.demand_fresh(NOW + 1, 90).is_err());
    witnessed.demand_fresh(NOW - 90 - 300, 90).unwrap();
    assert!(witnessed.demand_fresh(NOW - 90 - 301, 90).is_err(), "nobody cosigns in the future");
}

#[test]
fn control_e12_a_proof_carries_the_cosignatures_and_is_checked_by_the_policy() {
    let policy = Policy::parse(&two_of_three()).unwrap();
    let mut log = log_of(300);
    let note = cosigned(&log, 300, &[(0, NOW), (2, NOW)]);
    let witnessed = publish_witnessed(&mut log, &policy, &note).unwrap();
    assert_eq!(read_witnessed(&log, &policy).unwrap(), Some(witnessed.clone()));
    integrate(&mut log, &signer(), 300, &entries(300..310)).unwrap();
    assert!(fsck(&log, signer().verifier(), None).unwrap().ok);

    let proof = TlogProof::make(&log, signer().verifier(), 299).unwrap();
    let proof = TlogProof::parse(&proof.to_bytes()).unwrap();
    assert_eq!(proof.verify_witnessed(&policy, &entries(299..300)[0]).unwrap(), witnessed);
    assert!(proof.verify_witnessed(&policy, b"another entry").is_err());
    // Who has the log's key only is convinced as before; an entry that no witness has seen is proved without them.
    assert_eq!(proof.verify(signer().verifier(), &entries(299..300)[0]).unwrap().size, 300);
    assert_eq!(TlogProof::make(&log, signer().verifier(), 300).unwrap().checkpoint, log.files["checkpoint"]);
    let young = TlogProof::make(&log, signer().verifier(), 305).unwrap();
    assert_eq!(young.verify(signer().verifier(), &entries(305..306)[0]).unwrap().size, 310);
    assert!(matches!(young.verify_witnessed(&policy, &entries(305..306)[0]), Err(LogError::NotWitnessed { .. })));
}

#[test]
fn the_witnessed_checkpoint_only_goes_forward_and_fsck_holds_it_against_the_entries() {
    let policy = Policy::parse(&two_of_three()).unwrap();
    let mut log = log_of(300);
    let older = cosigned(&log, 300, &[(0, NOW), (1, NOW)]);
    publish_witnessed(&mut log, &policy, &older).unwrap();
    integrate(&mut log, &signer(), 300, &entries(300..700)).unwrap();
    let newer = cosigned(&log, 700, &[(0, NOW), (1, NOW)]);
    publish_witnessed(&mut log, &policy, &newer).unwrap();
    assert!(publish_witnessed(&mut log, &policy, &older).is_err());
    // Of the same size again, when witnesses have renewed their word.
    let renewed = cosigned(&log, 700, &[(0, NOW + 60), (2, NOW + 60)]);
    assert_eq!(publish_witnessed(&mut log, &policy, &renewed).unwrap().as_of, Some(NOW + 60));
    publish_witnessed(&mut log, &policy, &newer).unwrap();
    let alone = log.files["checkpoint"].clone();
    assert!(publish_witnessed(&mut log, &policy, &alone).is_err());
    let beyond = log_of(701);
    let beyond = cosigned(&beyond, 701, &[(0, NOW), (1, NOW)]);
    assert!(matches!(publish_witnessed(&mut log, &policy, &beyond), Err(LogError::OutOfRange { .. })));
    let forked = cosigned(&fork_of(700), 700, &[(0, NOW), (1, NOW)]);
    assert!(publish_witnessed(&mut log, &policy, &forked).is_err());
    assert_eq!(log.files[WITNESSED_PATH], newer);
    // The same where nothing was witnessed before, also of a log that has grown while its witnesses answered.
    let mut first = log_of(700);
    assert!(publish_witnessed(&mut first, &policy, &forked).is_err());
    publish_witnessed(&mut first, &policy, &older).unwrap();

    let ok = |witnessed: &[u8]| {
        let mut log = log.clone();
        log.files.insert(WITNESSED_PATH.to_owned(), witnessed.to_vec());
        fsck(&log, signer().verifier(), None).unwrap().ok
    };
    assert!(ok(&newer) && ok(&older));
    assert!(!ok(&forked) && !ok(&beyond) && !ok(b"rubbish"));
    assert!(!ok(&cosigned(&fork_of(300), 300, &[(0, NOW)])));
    assert!(ok(&log_of(0).files["checkpoint"]));
}

#[test]
fn a_policy_is_read_strictly_with_the_line_of_what_is_wrong() {
    let key = |seed: u8| vkey(4, "w.example/w", &SigningKey::from_bytes(&[seed; 32]).verifying_key());
    let log = signer().verifier().to_string();
    let (a, b) = (key(1), key(2));
    let good = format!("log {log}\nwitness A {a}\nwitness B {b} https://b.example/\ngroup g any A B\nquorum g");
    let policy = Policy::parse(&good).unwrap();
    assert_eq!((policy.logs().len(), policy.witnesses().len()), (1, 2));
    assert_eq!(policy.witnesses()[1].url.as_deref(), Some("https://b.example/"));
    assert!(Policy::parse("quorum none\n").unwrap().logs().is_empty());

    #[rustfmt::skip]
    let bad = [
        (good.replace("quorum g", ""), 5),
        (format!("{good}\nquorum g"), 6),
        (good.replace("quorum g", "quorum h"), 5),
        (good.replace("group g any A B", "group g any A C"), 4),
        (good.replace("group g any A B", "group g any A A"), 4),
        (good.replace("group g any A B", "group g 3 A B"), 4),
        (good.replace("group g any A B", "group g 0 A B"), 4),
        (good.replace("group g any A B", "group g 01 A B"), 4),
        (good.replace("group g any A B", "group g all"), 4),
        (good.replace("group g any A B", "group A any A B"), 4),
        (good.replace("group g any A B", "group none any A B"), 4),
        (good.replace("group g any A B", "group g any none"), 4),
        (good.replace("group g any A B", "group g any A\ngroup h any A B"), 5),
        (good.replace("witness B", "witness A"), 3),
        (good.replace(&b, &a), 3),
        (good.replace(&b, &log), 3),
        (good.replace(&format!("log {log}"), &format!("log {a}")), 1),
        (format!("log {log}\n{good}"), 2),
        (good.replace("log ", "logs "), 1),
        (good.replace("witness A", "witness A\r"), 2),
        (good.replace(&a, "w.example/w+00000000+AAAA"), 2),
        (good.replace("\nwitness B", " x y\nwitness B"), 2),
        (good.replace("witness A", "witness A\u{7f}"), 2),
    ];
    for (text, line) in bad {
        match Policy::parse(&text) {
            Err(LogError::BadPolicy { line: found, .. }) => assert_eq!(found, line, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
    let nested = |depth: usize| {
        let groups: String = (1..=depth).map(|i| format!("group {i} any {}\n", i - 1)).collect();
        Policy::parse(&format!("witness 0 {a}\n{groups}quorum {depth}"))
    };
    assert!(nested(256).unwrap().met_by(|name| name == "0"));
    assert!(matches!(nested(257), Err(LogError::BadPolicy { .. })));
    // As long as a policy may be, and a byte longer.
    let padded = |bytes: usize| Policy::parse(&format!("quorum none\n#{}", "x".repeat(bytes - 13)));
    assert!(padded(256 * 1024).is_ok() && padded(256 * 1024 + 1).is_err());
    // What is wrong with a key is said.
    let said = Policy::parse(&good.replace(&a, "w.example/w+00000000+AAAA")).unwrap_err().to_string();
    assert!(said.contains("the hash does not fit name and key"), "{said}");
}

#[test]
fn control_e14_a_witness_with_a_key_of_an_unknown_type_never_counts_and_is_no_error() {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use sha2::{Digest as _, Sha256};
    let mut key = vec![7];
    key.extend_from_slice(&[9; 1312]);
    let id = Sha256::new().chain_update("pq.example/w\n").chain_update(&key).finalize();
    let id: String = id[..4].iter().map(|b| format!("{b:02x}")).collect();
    let later = format!("witness later pq.example/w+{id}+{}\n", STANDARD.encode(&key));
    let text = two_of_three().replace("group all-three", &format!("{later}group all-three"));
    let note = cosigned(&log_of(30), 30, &[(0, NOW), (1, NOW)]);
    let policy = Policy::parse(&text).unwrap();
    assert!(policy.witnesses().iter().any(|w| w.name == "later" && w.key.is_none()));
    assert_eq!(policy.check(&note).unwrap().cosigners.len(), 2);
    let only = Policy::parse(&text.replace("quorum all-three", "quorum later")).unwrap();
    assert!(only.check(&note).is_err());
}
