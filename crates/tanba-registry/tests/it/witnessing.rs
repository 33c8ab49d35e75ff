//! The rounds to the log's witnesses, with witnesses in the same process.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};

use tanba_registry::tile_dir::TileDir;
use tanba_registry::{Posted, Registry, WitnessLine, WitnessRound, WitnessRounds};
use tanba_seal::log::{
    CHECKPOINT_PATH, LOG_KEYS_PATH, LogVerifier, MemoryStore, Policy, TileStore as _, WITNESSED_PATH, Witness,
    WitnessAnswer,
};
use tanba_seal::{KdfParams, KeyRing};

use crate::house::{House, house};

const NAMES: [&str; 3] = ["ministry", "court", "university"];

/// Witnesses at `http://<name>/`, the statuses of their answers, and what is wrong with some.
struct Bench {
    witnesses: BTreeMap<&'static str, (Witness, Mutex<MemoryStore>)>,
    answered: Mutex<Vec<(String, u16)>>,
    away: Mutex<Vec<&'static str>>,
}

impl WitnessLine for Bench {
    fn post<'a>(&'a self, url: &'a str, body: Vec<u8>) -> Posted<'a> {
        Box::pin(async move {
            let name = url.strip_prefix("http://").and_then(|u| u.strip_suffix("/add-checkpoint")).unwrap();
            if self.away.lock().unwrap().contains(&name) {
                return Err(io::Error::other("connection refused"));
            }
            let (witness, memory) = &self.witnesses[name];
            let answer = witness.add_checkpoint(&mut *memory.lock().unwrap(), &body, 1_790_000_000).unwrap();
            self.answered.lock().unwrap().push((name.to_owned(), answer.status()));
            Ok((answer.status(), answer.body().into_bytes()))
        })
    }
}

/// The keys of the witness with this place in [`NAMES`].
fn ring_of(place: usize) -> KeyRing {
    let mut fill = |out: &mut [u8]| out.fill(u8::try_from(place).unwrap() + 40);
    KeyRing::create("a test passphrase", &["none"], NAMES[place], KdfParams::MINIMUM, &mut fill).unwrap().1
}

fn bench(log: &LogVerifier) -> (Arc<Bench>, Policy) {
    let mut witnesses = BTreeMap::new();
    let mut policy = format!("log {log}\n");
    for (i, name) in NAMES.into_iter().enumerate() {
        let witness = Witness::new(ring_of(i).witness_signer(), vec![log.clone()]);
        policy += &format!("witness {name} {} http://{name}/\n", witness.verifier());
        witnesses.insert(name, (witness, Mutex::default()));
    }
    policy += "group two 2 ministry court university\nquorum two\n";
    let bench = Bench { witnesses, answered: Mutex::default(), away: Mutex::default() };
    (Arc::new(bench), Policy::parse(&policy).unwrap())
}

async fn scene() -> (House, Arc<Bench>, Policy, WitnessRounds) {
    let house = house(&[]).await;
    let log = LogVerifier::parse(&house.registry.verifier_key()).unwrap();
    let (bench, policy) = bench(&log);
    let rounds = WitnessRounds::new(policy.clone(), bench.clone());
    (house, bench, policy, rounds)
}

async fn publish_and_ask(registry: &Registry, rounds: &mut WitnessRounds) -> WitnessRound {
    registry.publish().await.unwrap();
    rounds.ask(registry).await.unwrap()
}

fn stored(data: &Path, path: &str) -> Vec<u8> {
    TileDir::open(&data.join("log")).read(path).unwrap().unwrap_or_default()
}

/// Something that the log gets an entry of.
async fn act(house: &House) {
    house.registry.supervise(&house.supervisor, 0, 1).await.unwrap();
}

#[tokio::test]
async fn control_e4_a_quorum_cosigns_what_is_published_and_proofs_carry_it() {
    let (house, bench, policy, mut rounds) = scene().await;
    let round = publish_and_ask(&house.registry, &mut rounds).await;
    let first = round.witnessed.unwrap();
    assert_eq!((first.cosigners.len(), round.refused.len()), (3, 0));
    act(&house).await;
    let second = publish_and_ask(&house.registry, &mut rounds).await.witnessed.unwrap();
    assert!(second.checkpoint.size > first.checkpoint.size);
    // Where a witness stands is known from the last round: nobody is asked twice.
    assert!(bench.answered.lock().unwrap().iter().all(|(_, status)| *status == 200));
    assert_eq!(bench.answered.lock().unwrap().len(), 6);
    assert!(house.registry.fsck().await.unwrap().ok);
    let proof = house.registry.prove(second.checkpoint.size - 1).await.unwrap();
    assert_eq!(policy.check(&proof.checkpoint).unwrap().checkpoint, second.checkpoint);

    // A service that is started anew does not know where they stand, and finds out.
    let mut anew = WitnessRounds::new(policy, bench.clone());
    act(&house).await;
    assert!(publish_and_ask(&house.registry, &mut anew).await.witnessed.is_some());
    assert_eq!(bench.answered.lock().unwrap().iter().filter(|(_, status)| *status == 409).count(), 3);
}

#[tokio::test]
async fn control_j8_while_witnesses_are_away_the_last_cosigned_checkpoint_stays() {
    let (house, bench, policy, mut rounds) = scene().await;
    publish_and_ask(&house.registry, &mut rounds).await.witnessed.unwrap();
    let data = house.data();
    let before = stored(&data, WITNESSED_PATH);
    *bench.away.lock().unwrap() = vec!["court", "university"];
    act(&house).await;
    let round = publish_and_ask(&house.registry, &mut rounds).await;
    assert!(round.witnessed.is_none());
    let mut away: Vec<&str> = round.refused.iter().map(|(name, _)| name.as_str()).collect();
    away.sort_unstable();
    assert_eq!(away, ["court", "university"]);
    assert_eq!(stored(&data, WITNESSED_PATH), before);
    assert!(policy.check(&stored(&data, CHECKPOINT_PATH)).is_err());
    // One that comes back is enough for two of three, and has missed nothing that it needs.
    *bench.away.lock().unwrap() = vec!["university"];
    let round = publish_and_ask(&house.registry, &mut rounds).await;
    assert_eq!(round.witnessed.unwrap().cosigners.len(), 2);
}

#[tokio::test]
async fn control_e4_a_log_that_was_set_back_is_told_so_and_gets_no_cosignature() {
    let (house, bench, _, mut rounds) = scene().await;
    publish_and_ask(&house.registry, &mut rounds).await.witnessed.unwrap();
    let folder = house.data().join("log");
    let old = crate::house::all_files(&folder);
    act(&house).await;
    publish_and_ask(&house.registry, &mut rounds).await.witnessed.unwrap();
    // The tiles of before: the checkpoint states fewer entries than the witnesses have seen.
    std::fs::remove_dir_all(&folder).unwrap();
    for (path, bytes) in old {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let round = rounds.ask(&house.registry).await.unwrap();
    assert!(round.witnessed.is_none());
    assert!(round.refused.len() == 3 && round.refused.iter().all(|(_, why)| why.contains("set back")), "{round:?}");
    let answer = WitnessAnswer::Conflict(0).status();
    assert!(bench.answered.lock().unwrap().iter().any(|(_, status)| *status == answer));
    // The rows are the log: published again, it is what the witnesses have seen.
    assert!(publish_and_ask(&house.registry, &mut rounds).await.witnessed.is_some());
}

#[tokio::test]
async fn control_e14_witnesses_learn_the_logs_next_key_and_its_history_is_unbroken() {
    let (house, bench, policy, mut rounds) = scene().await;
    let registry = &house.registry;
    let kdf = KdfParams::MINIMUM;
    publish_and_ask(registry, &mut rounds).await.witnessed.unwrap();
    // Both keys sign: who knows the first one only goes on, and has the overlap's time to learn the next.
    registry.rotate_log_key(crate::house::PASSPHRASE, kdf, |_| Ok(())).await.unwrap();
    let overlap = publish_and_ask(registry, &mut rounds).await.witnessed.unwrap();
    let early = registry.prove(1).await.unwrap();
    registry.retire_log_key(crate::house::PASSPHRASE, kdf, |_| Ok(())).await.unwrap();
    act(&house).await;
    // Those who learned nothing cosign nothing, and what they cosigned stays.
    let round = publish_and_ask(registry, &mut rounds).await;
    assert!(round.witnessed.is_none());
    assert!(round.refused.iter().all(|(_, why)| why.contains("403")), "{:?}", round.refused);
    assert_eq!(policy.check(&stored(&house.data(), WITNESSED_PATH)).unwrap().checkpoint, overlap.checkpoint);

    // Those who learned the line go on from the size that they remember, under the same name.
    drop(rounds);
    let Ok(Bench { mut witnesses, .. }) = Arc::try_unwrap(bench) else { panic!("somebody still asks") };
    let keys = stored(&house.data(), LOG_KEYS_PATH);
    let log = policy.logs()[0].following(&keys).unwrap();
    let mut learned = BTreeMap::new();
    for (i, name) in NAMES.into_iter().enumerate() {
        let memory = witnesses.remove(name).unwrap().1;
        learned.insert(name, (Witness::new(ring_of(i).witness_signer(), vec![log.clone()]), memory));
    }
    let bench = Arc::new(Bench { witnesses: learned, answered: Mutex::default(), away: Mutex::default() });
    let mut rounds = WitnessRounds::new(policy.clone(), bench.clone());
    let witnessed = publish_and_ask(registry, &mut rounds).await.witnessed.unwrap();
    assert_eq!(witnessed.cosigners.len(), 3);
    assert!(witnessed.checkpoint.size > overlap.checkpoint.size);
    assert!(bench.answered.lock().unwrap().iter().any(|(_, status)| *status == 409), "they remembered");
    house.assert_log_is_sound().await;
    // The policy that names the first key proves what the second one signed, once it has the line; what was taken before needs none.
    let late = registry.prove(1).await.unwrap();
    assert!(policy.check(&late.checkpoint).is_err());
    let following = policy.clone().following(&keys).unwrap();
    for proof in [&early, &late] {
        following.check(&proof.checkpoint).unwrap();
    }
    policy.check(&early.checkpoint).unwrap();
}
