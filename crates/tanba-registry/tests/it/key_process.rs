//! A register whose images are opened by a key process only: with the key process and a witness in the same process, each
//! of which can be made to be away.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::SignedDuration;
use sqlx::Row as _;
use tanba_dna::Category;
use tanba_finger::Recipe;
use tanba_registry::{
    Act, Actor, Asked, Capture, Clock as _, ENTRUSTED_KEYS, EncounterId, EncounterState, KEY_PERIOD_S, KeyLine,
    KeyRefusal, LogFilter, NewCase, Posted, Registry, RegistryError, Save, SetClock, Target, WitnessLine,
    WitnessRounds,
};
use tanba_seal::keyd::{
    KeyPlace, Keyd, KeydError, Order, OrderKind, Release, ReleasedKey, Rules, Standing, found_keyd,
};
use tanba_seal::log::{LogSigner, LogVerifier, MemoryStore, Policy, Witness};
use tanba_seal::{Context, KdfParams, KeyRing};

use crate::access::{guard, prints_of};
use crate::genomic::{profile, specimen};
use crate::house::{FINGERS, House, PASSPHRASE, adult, house, print};
use crate::retention::{Killed, pool};

/// Longer than a busy machine takes for a round; a test waits for all of it where a witness is away.
const PATIENCE: Duration = Duration::from_secs(8);

/// What is open for a period of daily work.
const DAILY: [&str; 3] = ["template", "identity", "case"];

/// Purposes of genomic work, which open all groups here.
const GENOMIC: [&str; 7] = [
    "genomic_registration",
    "crime_investigation",
    "missing_person",
    "unidentified_body",
    "genomic_examination",
    "contamination",
    "reconciliation",
];

pub(crate) fn entropy(out: &mut [u8]) {
    getrandom::fill(out).unwrap();
}

pub(crate) fn ring(name: &str, domains: &[&str]) -> KeyRing {
    KeyRing::create("a test passphrase", domains, name, KdfParams::MINIMUM, &mut entropy).unwrap().1
}

/// The key process at the end of its line, and the only witness.
pub(crate) struct Outside {
    clock: Arc<SetClock>,
    pub(crate) keyd: Mutex<Keyd<MemoryStore>>,
    witness: (Witness, Mutex<MemoryStore>),
    supervisor: LogSigner,
    pub(crate) keyd_away: AtomicBool,
    pub(crate) witness_away: AtomicBool,
    /// What was asked, in order.
    pub(crate) releases: Mutex<Vec<Release>>,
    policy: Policy,
    key_file: Vec<u8>,
}

impl Outside {
    /// Around a register's log. `purposes` open images, and periods everything else.
    fn new(log: &LogVerifier, clock: Arc<SetClock>, name: &str, purposes: &[&str]) -> Arc<Self> {
        let witness = Witness::new(ring("court.test", &[]).witness_signer(), vec![log.clone()]);
        let policy = format!("log {log}\nwitness court {} http://court/\nquorum court\n", witness.verifier());
        let policy = Policy::parse(&policy).unwrap();
        let supervisor = ring("supervisor.test", &[]).log_signer();
        let keys = ring(name, &ENTRUSTED_KEYS);
        let key_file = keys.rewrap("a test passphrase", KdfParams::MINIMUM, &mut entropy).unwrap();
        let mut store = MemoryStore::default();
        found_keyd(&keys, &mut store).unwrap();
        let keyd =
            Keyd::open(keys, policy.clone(), supervisor.verifier().clone(), Self::rules(purposes), store).unwrap();
        Arc::new(Self {
            clock,
            keyd: Mutex::new(keyd),
            witness: (witness, Mutex::default()),
            supervisor,
            keyd_away: AtomicBool::new(false),
            witness_away: AtomicBool::new(false),
            releases: Mutex::default(),
            policy,
            key_file,
        })
    }

    pub(crate) fn rules(purposes: &[&str]) -> Rules {
        let groups: BTreeSet<String> =
            ENTRUSTED_KEYS.into_iter().filter(|key| key.starts_with("genomic-")).map(str::to_owned).collect();
        Rules {
            max_entry_age_s: 120,
            max_checkpoint_age_s: 300,
            keys_per_hour: 1000,
            purposes: purposes
                .iter()
                .map(|p| ((*p).to_owned(), ["image".to_owned()].into()))
                .chain([("operation".to_owned(), DAILY.map(str::to_owned).into())])
                .chain(GENOMIC.map(|purpose| (purpose.to_owned(), groups.clone())))
                .collect(),
        }
    }

    /// The key process starts anew with other rules, on its keys and its log.
    pub(crate) fn restart(&self, rules: Rules) {
        self.restart_with(rules, |_| ());
    }

    /// As an older version began it: with one key for all genetic data, opened every day. Its next start makes those of groups.
    pub(crate) fn restart_with_one_key_for_all(&self) {
        let mut rules = Self::rules(&["registration"]);
        rules.purposes.get_mut("operation").unwrap().insert("genomic".to_owned());
        self.restart_with(rules, |keys| keys.add_domain("genomic", &mut entropy).unwrap());
    }

    fn restart_with(&self, rules: Rules, change: impl FnOnce(&mut KeyRing)) {
        let mut keyd = self.keyd.lock().unwrap();
        let store = keyd.store().clone();
        let mut keys = KeyRing::open(&self.key_file, "a test passphrase").unwrap();
        change(&mut keys);
        let supervisor = self.supervisor.verifier().clone();
        *keyd = Keyd::open(keys, self.policy.clone(), supervisor, rules, store).unwrap();
    }

    pub(crate) fn now(&self) -> u64 {
        u64::try_from(self.clock.now().micros() / 1_000_000).unwrap()
    }

    pub(crate) fn order(&self, kind: OrderKind, serial: u64) {
        let order = Order { to: "keyd.test/1".to_owned(), serial, kind }.sign(&self.supervisor);
        self.keyd.lock().unwrap().obey(&order, self.now()).unwrap();
    }

    fn events(&self) -> u64 {
        self.keyd.lock().unwrap().standing().events
    }

    fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Keyd<MemoryStore>) -> Result<T, KeydError>,
    ) -> Asked<'_, T> {
        let answer = if self.keyd_away.load(Ordering::Relaxed) {
            Err(KeyRefusal::Away { why: "connection refused".to_owned() })
        } else {
            work(&mut self.keyd.lock().unwrap()).map_err(KeyRefusal::from)
        };
        Box::pin(std::future::ready(answer))
    }
}

impl KeyLine for Outside {
    fn standing(&self) -> Asked<'_, Standing> {
        self.ask(|keyd| Ok(keyd.standing()))
    }

    fn new_key(&self, place: KeyPlace) -> Asked<'_, (ReleasedKey, Vec<u8>)> {
        self.ask(move |keyd| keyd.new_key(&place.context(), &mut entropy))
    }

    fn wrap(&self, place: KeyPlace, key: ReleasedKey) -> Asked<'_, Vec<u8>> {
        self.ask(move |keyd| keyd.wrap(&place.context(), &key, &mut entropy))
    }

    fn rewrap(&self, place: KeyPlace, wrapped: Vec<u8>) -> Asked<'_, Vec<u8>> {
        self.ask(move |keyd| keyd.rewrap(&place.context(), &wrapped, &mut entropy))
    }

    fn release<'a>(&'a self, request: &'a Release) -> Asked<'a, Vec<ReleasedKey>> {
        self.releases.lock().unwrap().push(request.clone());
        let now = self.now();
        self.ask(move |keyd| keyd.release(request, now))
    }
}

impl WitnessLine for Outside {
    fn post<'a>(&'a self, _url: &'a str, body: Vec<u8>) -> Posted<'a> {
        let answer = if self.witness_away.load(Ordering::Relaxed) {
            Err(std::io::Error::other("connection refused"))
        } else {
            let (witness, seen) = &self.witness;
            let answer = witness.add_checkpoint(&mut *seen.lock().unwrap(), &body, self.now()).unwrap();
            Ok((answer.status(), answer.body().into_bytes()))
        };
        Box::pin(std::future::ready(answer))
    }
}

/// A register that has moved its keys, with everyone around it.
pub(crate) async fn entrusted(people: &[&tanba_synth::Person], purposes: &[&str]) -> (House, Arc<Outside>) {
    let house = house(people).await;
    let outside = outside(&house, purposes);
    house.registry.move_keys_to(outside.clone(), PASSPHRASE, KdfParams::MINIMUM, |_| ()).await.unwrap();
    connect(&house.registry, &outside).await;
    (house, outside)
}

pub(crate) fn outside(house: &House, purposes: &[&str]) -> Arc<Outside> {
    let log = LogVerifier::parse(&house.registry.verifier_key()).unwrap();
    Outside::new(&log, house.clock.clone(), "keyd.test/1", purposes)
}

pub(crate) async fn connect(registry: &Registry, outside: &Arc<Outside>) -> tokio::task::JoinHandle<()> {
    registry.keep_keys_with(outside.clone(), PATIENCE).await.unwrap();
    let rounds = registry.keep_witnessed(WitnessRounds::new(outside.policy.clone(), outside.clone()));
    registry.begin_key_period().await.unwrap();
    rounds
}

pub(crate) fn code<T: std::fmt::Debug>(answer: Result<T, RegistryError>) -> String {
    match answer.unwrap_err() {
        RegistryError::Keys { code, .. } => code,
        other => panic!("{other}"),
    }
}

pub(crate) async fn count(house: &House, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(&pool(house).await).await.unwrap()
}

pub(crate) async fn looks(house: &House, event: &str) -> i64 {
    sqlx::query_scalar("SELECT COUNT(*) FROM log_entries WHERE event = $1")
        .bind(event)
        .fetch_one(&pool(house).await)
        .await
        .unwrap()
}

/// The encounter of a person at the counter with one finger taken.
pub(crate) async fn one_finger(house: &House, person: &tanba_synth::Person, key: &str) -> EncounterId {
    let id = house.open(person, "identity_card", key).await.unwrap().id;
    take(&house.registry, &house.operator, id, person, 0, 1).await.unwrap();
    id
}

async fn take(
    registry: &Registry,
    operator: &Actor,
    id: EncounterId,
    person: &tanba_synth::Person,
    finger: usize,
    touch: u64,
) -> Result<(), RegistryError> {
    let finger = FINGERS[finger];
    let capture = Capture { finger, image: print(person, finger, touch), ppi: None };
    registry.capture(operator, id, capture).await.map(drop)
}

#[tokio::test]
async fn control_e1_no_image_is_opened_before_its_look_is_witnessed() {
    let aida = adult(11);
    let (house, outside) = entrusted(&[&aida], &["registration"]).await;
    let id = one_finger(&house, &aida, "k1").await;
    let begun = outside.events();
    let view = async || house.registry.sample_view(&house.operator, id, FINGERS[0]).await;
    assert!(view().await.unwrap().width > 100);
    // The keys that left were for this record, by an entry in a log that the court has seen.
    let asked = outside.releases.lock().unwrap().last().unwrap().clone();
    assert_eq!((asked.opening.records.clone(), asked.keys.len()), (vec![id.to_string()], 1));
    let entry: serde_json::Value = serde_json::from_str(&asked.entry).unwrap();
    assert_eq!((&entry["event"], &entry["outcome"]), (&"sample.viewed".into(), &"look".into()));
    assert!(!asked.entry.contains(&id.to_string()), "the entry itself names no record");

    // Each look needs an entry of its own, and the log grows between them.
    for _ in 0..3 {
        view().await.unwrap();
    }
    assert_eq!(outside.events(), begun + 4);

    // A witness that is away: the look is written, and nothing is opened.
    outside.witness_away.store(true, Ordering::Relaxed);
    let before = looks(&house, "sample.viewed").await;
    assert_eq!(code(view().await), "not_witnessed");
    assert_eq!((looks(&house, "sample.viewed").await, outside.events()), (before + 1, begun + 4));
    // Taking prints goes on: the key of who is at the counter is at the counter.
    take(&house.registry, &house.operator, id, &aida, 1, 1).await.unwrap();
    outside.witness_away.store(false, Ordering::Relaxed);
    view().await.unwrap();

    // A key process that is away.
    outside.keyd_away.store(true, Ordering::Relaxed);
    assert_eq!(code(view().await), "away");
    take(&house.registry, &house.operator, id, &aida, 1, 2).await.unwrap();
    let samples = count(&house, "SELECT COUNT(*) FROM samples").await;
    let next = house.open(&aida, "passport", "k2").await.unwrap().id;
    assert_eq!(code(take(&house.registry, &house.operator, next, &aida, 0, 1).await), "away");
    assert_eq!(count(&house, "SELECT COUNT(*) FROM samples").await, samples, "nothing of it is kept");
    outside.keyd_away.store(false, Ordering::Relaxed);
    take(&house.registry, &house.operator, next, &aida, 0, 1).await.unwrap();
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_g3_the_supervisors_stop_reaches_the_register() {
    let aida = adult(11);
    let (house, outside) = entrusted(&[&aida], &["registration"]).await;
    let id = one_finger(&house, &aida, "k1").await;
    outside.order(OrderKind::Stop, 1);
    assert_eq!(code(house.registry.sample_view(&house.operator, id, FINGERS[0]).await), "stopped");
    let next = house.open(&aida, "passport", "k2").await.unwrap().id;
    assert_eq!(code(take(&house.registry, &house.operator, next, &aida, 0, 1).await), "stopped");
    outside.order(OrderKind::Resume, 2);
    house.registry.sample_view(&house.operator, id, FINGERS[0]).await.unwrap();
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_j3_folder_and_passphrase_open_no_image() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let outside = outside(&house, &["registration"]);
    house.registry.move_keys_to(outside.clone(), PASSPHRASE, KdfParams::MINIMUM, |_| ()).await.unwrap();
    // Nothing is made with the register's own keys from then on.
    assert_eq!(code(house.open(&aida, "identity_card", "k1").await), "no_period");
    let rounds = connect(&house.registry, &outside).await;
    let id = house.open(&aida, "identity_card", "k1").await.unwrap().id;
    take(&house.registry, &house.operator, id, &aida, 0, 1).await.unwrap();
    let ring = KeyRing::open(&std::fs::read(house.data().join("keys.json")).unwrap(), PASSPHRASE).unwrap();
    assert_eq!(ring.domains().map(|(label, ..)| label).collect::<Vec<_>>(), ["log-payload"]);
    let rows = sqlx::query("SELECT owner_id, wrapped, keeper FROM data_keys WHERE domain = 'image'");
    for row in rows.fetch_all(&pool(&house).await).await.unwrap() {
        let (record, wrapped) = (row.get::<String, _>("owner_id"), row.get::<Vec<u8>, _>("wrapped"));
        assert_eq!(row.get::<String, _>("keeper"), "keyd.test/1");
        for (domain, ..) in ring.domains() {
            let context = Context { domain, table: "data_keys", record: &record, field: "wrapped" };
            assert!(ring.unwrap_data_key(&context, &wrapped).is_err());
        }
    }

    // Whoever opens the folder elsewhere, with its passphrase, sees no print and takes none.
    rounds.abort();
    let _ = rounds.await;
    let data = house.data();
    let House { registry, dir, register, clock, operator, .. } = house;
    drop(registry);
    let registry = Registry::open(&data, PASSPHRASE, register, clock).await.unwrap();
    let view = async || registry.sample_view(&operator, id, FINGERS[0]).await;
    assert_eq!(code(view().await), "no_period");
    assert_eq!(code(take(&registry, &operator, id, &aida, 1, 1).await), "no_period");
    assert_eq!(code(registry.encounter_desk(&operator, id).await), "no_period");
    assert_eq!(code(registry.begin_key_period().await), "not_connected");
    let another =
        Outside::new(&LogVerifier::parse(&registry.verifier_key()).unwrap(), outside.clock.clone(), "keyd.test/2", &[]);
    let wrong = registry.keep_keys_with(another, PATIENCE).await;
    assert!(matches!(wrong, Err(RegistryError::Invalid { field: "keyd", .. })));
    connect(&registry, &outside).await;
    view().await.unwrap();
    // The key that was held is not any more: going on is a look, once.
    take(&registry, &operator, id, &aida, 1, 1).await.unwrap();
    take(&registry, &operator, id, &aida, 1, 2).await.unwrap();
    let resumed = "SELECT COUNT(*) FROM log_entries WHERE event = 'encounter.resumed'";
    let pool = sqlx::SqlitePool::connect(&format!("sqlite://{}", data.join("tanba.sqlite").display())).await.unwrap();
    assert_eq!(sqlx::query_scalar::<_, i64>(resumed).fetch_one(&pool).await.unwrap(), 1);
    drop(dir);
}

#[tokio::test]
async fn control_c2_a_purpose_without_a_rule_opens_nothing() {
    let (aida, other) = (adult(11), adult(12));
    let (house, outside) = entrusted(&[&aida, &other], &["registration"]).await;
    house.registry.extract_with(Recipe::FilteredRidges2.extractor().unwrap());
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    house.registry.extract_with(Recipe::Learned1.extractor().unwrap());
    // The key process does not know this work, whatever the register says.
    let refused = house.registry.renew_templates(1, |_| ControlFlow::Continue(())).await;
    assert_eq!(code(refused), "not_permitted");
    assert_eq!(house.registry.template_standing().await.unwrap().waiting, 2);
    // With a rule for it, every record is opened by an entry of its own.
    let rules = Outside::rules(&["registration", "template_renewal"]);
    outside.restart(rules);
    let done = house.registry.renew_templates(1, |_| ControlFlow::Continue(())).await.unwrap();
    assert_eq!((done.renewed + done.refused, done.waiting), (2, 0));
    assert_eq!(looks(&house, "images.opened").await, 2, "once in vain");
    // A comparison is of both records: one entry names them both.
    let second = house.register(&other, &aida, "k2", 2).await.unwrap();
    assert_eq!(second.encounter.state, EncounterState::Adjudication);
    let task = house.registry.candidate_tasks(&house.examiner_a).await.unwrap()[0].id;
    let material = house.registry.comparison_material(&house.examiner_a, task).await.unwrap();
    assert_eq!((material.probe.len(), material.reference.len()), (2, 0));
    house.lock(&house.examiner_a, task).await;
    let material = house.registry.comparison_material(&house.examiner_a, task).await.unwrap();
    assert_eq!((material.probe.len(), material.reference.len()), (2, 2));
    assert_eq!(outside.releases.lock().unwrap().last().unwrap().opening.records.len(), 2);
    let compared = house.registry.compare_finger(&house.examiner_a, task, FINGERS[0]).await.unwrap();
    assert!(compared.probe.is_some() && compared.reference.is_some());
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn keys_move_to_the_key_process_however_often_it_is_broken_off() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let id = one_finger(&house, &aida, "k2").await;
    let pool = pool(&house).await;
    // As an older version left them: notes on a sample sealed with the image's key.
    let notes = "SELECT COUNT(*) FROM samples WHERE notes_domain = 'template' AND sealed_notes IS NOT NULL";
    let kept: i64 = sqlx::query_scalar(notes).fetch_one(&pool).await.unwrap();
    assert_eq!(kept, 3);

    let wrong = house.registry.move_keys_to(outside(&house, &[]), "not this one", KdfParams::MINIMUM, |_| ()).await;
    assert!(matches!(wrong, Err(RegistryError::Seal(_))));
    assert_eq!(house.registry.key_process_named().await.unwrap(), None, "nothing was begun");
    let outside = outside(&house, &["registration"]);
    let mut broken_off = 0;
    for polls in 1.. {
        let run = house.registry.move_keys_to(outside.clone(), PASSPHRASE, KdfParams::MINIMUM, |_| ());
        let done = Killed(Box::pin(run), polls).await;
        // A key is the register's or the key process's, and says so.
        let ring = KeyRing::open(&std::fs::read(house.data().join("keys.json")).unwrap(), PASSPHRASE).unwrap();
        let rows = sqlx::query("SELECT owner_id, wrapped, keeper FROM data_keys WHERE domain = 'image'");
        for row in rows.fetch_all(&pool).await.unwrap() {
            let (record, wrapped) = (row.get::<String, _>("owner_id"), row.get::<Vec<u8>, _>("wrapped"));
            let context = Context { domain: "image", table: "data_keys", record: &record, field: "wrapped" };
            let own = row.get::<Option<String>, _>("keeper").is_none();
            assert_eq!(ring.unwrap_data_key(&context, &wrapped).is_ok(), own, "after {polls} polls");
        }
        if let Some(done) = done {
            done.unwrap();
            break;
        }
        broken_off += 1;
    }
    assert!(broken_off > 0, "it was broken off somewhere");
    connect(&house.registry, &outside).await;
    house.registry.sample_view(&house.operator, id, FINGERS[0]).await.unwrap();
    take(&house.registry, &house.operator, id, &aida, 1, 1).await.unwrap();
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_j5_keys_are_wrapped_anew_before_an_older_version_is_retired() {
    let (aida, other) = (adult(11), adult(12));
    let (house, outside) = entrusted(&[&aida, &other], &["registration"]).await;
    let id = one_finger(&house, &aida, "k1").await;
    one_finger(&house, &other, "k2").await;
    let rules = || Outside::rules(&["registration"]);
    let rotate = |keys: &mut KeyRing| {
        // The same version each time the key process starts.
        keys.rotate("image", &mut |out: &mut [u8]| out.fill(7)).unwrap();
    };
    let view = async || house.registry.sample_view(&house.operator, id, FINGERS[0]).await;
    // A version that wraps keys is retired too early: nothing is lost, and nothing opens.
    let retire = |keys: &mut KeyRing| {
        rotate(keys);
        keys.retire_below("image", 2).unwrap();
    };
    outside.restart_with(rules(), retire);
    assert_eq!(code(view().await), "key");
    outside.restart_with(rules(), rotate);
    view().await.unwrap();
    let mut heard = Vec::new();
    assert_eq!(house.registry.rewrap_keys(|n| heard.push(n)).await.unwrap(), 12);
    assert_eq!(
        (heard, house.registry.entrusted_keys().await.unwrap()),
        (vec![12], 12),
        "two of images, three for daily work, seven of groups"
    );
    outside.restart_with(rules(), retire);
    view().await.unwrap();
    outside.keyd_away.store(true, Ordering::Relaxed);
    assert_eq!(code(house.registry.rewrap_keys(|_| ()).await), "away");
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_g3_a_stop_closes_names_searches_and_genomic_data_within_a_period() {
    let (aida, other) = (adult(11), adult(12));
    let (house, outside) = entrusted(&[&aida, &other], &["registration"]).await;
    let registry = &house.registry;
    let first = house.register(&aida, &aida, "k1", 1).await.unwrap();
    let new = NewCase { number: "A-1".to_owned(), kind: "crime".to_owned() };
    let case = registry.open_case(&house.dna_examiner, &new).await.unwrap();
    let stain = house.specimen(&specimen(Category::CrimeStain, case, "s1", Some(&profile(1)))).await.unwrap().id;
    let search = async || house.profile_search(stain, case, "crime_investigation").await;
    search().await.unwrap();
    let (guard, grounds) = guard(&house).await;
    let named = async || registry.encounter_desk(&house.operator, first.encounter.id).await;
    named().await.unwrap();
    let period = |seconds| house.clock.advance(SignedDuration::from_secs(seconds));

    // Within the period, and with a second one, all goes on.
    period(KEY_PERIOD_S / 2);
    registry.end_key_period().await;
    registry.begin_key_period().await.unwrap();
    assert_eq!(looks(&house, "keys.period").await, 4, "two of daily work, one of registering, one of searching");
    outside.order(OrderKind::Stop, 1);
    period(KEY_PERIOD_S - 10);
    assert_eq!(code(registry.begin_key_period().await), "stopped");
    registry.end_key_period().await;
    named().await.unwrap();
    assert_eq!(registry.people_searchable(), 1);

    // It ends, and with it everything that is about people.
    period(10);
    registry.end_key_period().await;
    assert_eq!(registry.people_searchable(), 0);
    assert_eq!(code(named().await), "no_period");
    assert_eq!(code(search().await), "stopped");
    assert_eq!(code(house.open(&other, "identity_card", "k2").await), "no_period");
    // One to one, nobody is told apart from somebody.
    for claimed in [&aida, &other, &adult(13)] {
        let target = Target::IinAndPrints(claimed.iin.as_str().to_owned(), prints_of(&aida));
        assert_eq!(code(registry.ask(&guard, Act::Verify, &grounds, &target).await), "no_period");
    }
    assert_eq!(code(registry.run_retention().await), "no_period");
    assert_eq!(code(registry.keep_gallery(Save::WhenWorthIt).await), "no_period");
    // What needs no keys goes on: the supervisor reads the log, in which the stop shows as entries without an answer.
    assert_eq!(looks(&house, "keys.period").await, 6);
    let asked = LogFilter { event: Some("keys.period".to_owned()), ..LogFilter::default() };
    assert_eq!(registry.supervise_log(&house.supervisor, &asked, 10).await.unwrap().entries.len(), 6);

    // The supervisor lets it go on: everybody is there, and found.
    outside.order(OrderKind::Resume, 2);
    registry.begin_key_period().await.unwrap();
    named().await.unwrap();
    assert_eq!(registry.people_searchable(), 1);
    search().await.unwrap();
    let second = house.register(&other, &aida, "k2", 2).await.unwrap();
    assert_eq!(second.encounter.state, EncounterState::Adjudication);
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn whoever_is_being_registered_when_a_period_ends_is_found_in_the_next() {
    let people: Vec<_> = (41..45).map(adult).collect();
    let (house, _outside) = entrusted(&people.iter().collect::<Vec<_>>(), &["registration"]).await;
    let mut ready = Vec::new();
    for (n, person) in people.iter().enumerate() {
        let id = house.open(person, "identity_card", &format!("k{n}")).await.unwrap().id;
        house.capture_all(id, person, 1).await.unwrap();
        ready.push(id);
    }
    let registrations: Vec<_> = ready
        .iter()
        .map(|&id| {
            let (registry, operator) = (house.registry.clone(), house.operator.clone());
            tokio::spawn(async move { registry.complete(&operator, id).await.map(drop) })
        })
        .collect();
    let active = "SELECT COUNT(*) FROM registrations WHERE state = 'active'";
    let two = async { while count(&house, active).await < 2 {} };
    tokio::time::timeout(Duration::from_secs(60), two).await.expect("two are registered within a minute");
    house.clock.advance(SignedDuration::from_secs(KEY_PERIOD_S));
    house.registry.end_key_period().await;
    for registration in registrations {
        // Before the end; after it, or between, there were no keys.
        match registration.await.unwrap() {
            Ok(()) => {}
            refused => assert_eq!(code(refused), "no_period"),
        }
    }
    assert_eq!(house.registry.people_searchable(), 0);
    house.registry.begin_key_period().await.unwrap();
    for (n, person) in people.iter().enumerate() {
        house.registry.complete(&house.operator, ready[n]).await.unwrap();
        assert!(house.registry.people_searchable() > n, "{}", person.name.family.latin);
    }
    assert_eq!(i64::try_from(house.registry.people_searchable()).unwrap(), count(&house, active).await);
    house.assert_log_is_sound().await;
}
