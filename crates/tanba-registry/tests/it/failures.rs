//! Each thing that the register depends on, failing, against each thing that people do: never an open path, never half a row, and nothing is lost
//! once it is mended. What the tables expect is what docs/seal/keys.md tells ("When a part is away").

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::SignedDuration;
use tanba_law::Iin;
use tanba_registry::{
    Act, Actor, Capture, CivilRecord, ConsentKind, EncounterId, KEY_PERIOD_S, MemoryRegister, NewRequest, PersonQuery,
    PopulationRegister, RegisterAway, Registry, RegistryError, RequestKind, Role, Save, Target,
};
use tanba_seal::keyd::OrderKind;
use tanba_synth::Person;

use crate::access::{case, grounds, prints_of, sanction};
use crate::citizen::citizen;
use crate::house::{FINGERS, House, PASSPHRASE, PASSWORD, account, adult, house, print, record, sign_in};
use crate::key_process::{Outside, count, entrusted};
use crate::notices::Service;
use crate::retention::pool;
use crate::usages;

/// A population register that can be made not to answer.
struct Unsteady {
    records: MemoryRegister,
    away: AtomicBool,
}

impl Unsteady {
    fn asked(&self) -> Result<&MemoryRegister, RegisterAway> {
        let away = self.away.load(Ordering::Relaxed);
        if away { Err(RegisterAway { why: "connection refused".to_owned() }) } else { Ok(&self.records) }
    }
}

impl PopulationRegister for Unsteady {
    fn fetch(&self, iin: &Iin) -> Result<Option<CivilRecord>, RegisterAway> {
        self.asked()?.fetch(iin)
    }

    fn search_names(
        &self,
        family: &str,
        given: Option<&str>,
        born_year: Option<i16>,
        limit: usize,
    ) -> Result<Vec<CivilRecord>, RegisterAway> {
        self.asked()?.search_names(family, given, born_year, limit)
    }
}

/// What came of an act, in one word.
fn word<T>(result: Result<T, RegistryError>) -> String {
    match result {
        Ok(_) => "done".to_owned(),
        Err(RegistryError::Keys { code, .. }) => code,
        Err(RegistryError::Denied(denial)) => panic!("no failure is a denial by law: {denial:?}"),
        Err(RegistryError::Gallery(_)) => "gallery".to_owned(),
        Err(RegistryError::PopulationRegister(_)) => "register".to_owned(),
        Err(RegistryError::Unpublished { .. }) => "unpublished".to_owned(),
        Err(RegistryError::Io(_)) => "io".to_owned(),
        Err(other) => panic!("{other:?}"),
    }
}

/// What is done under each failure, in this order.
const ACTS: [&str; 10] =
    ["sign in", "look", "search", "image", "begin", "capture", "register", "own page", "portal", "read the log"];

/// A register with its keys elsewhere, in which everything is going on.
struct Scene {
    house: House,
    outside: Arc<Outside>,
    aida: Person,
    grounds: tanba_registry::Grounds,
    own: Actor,
    portal: Actor,
    /// How often an encounter was begun, for its key.
    begun: u32,
}

impl Scene {
    async fn new(aida: Person, house: House, outside: Arc<Outside>) -> Self {
        let done = house.register(&aida, &aida, "k1", 1).await.unwrap();
        let case = case(&house, &house.officer).await;
        let sanction = sanction(&house, case, None, 500).await;
        let own = citizen(&house, "aida", done.encounter.person).await;
        let portal = house.another("egov", Role::Portal).await;
        Self { house, outside, aida, grounds: grounds(Some(case), Some(sanction)), own, portal, begun: 10 }
    }

    /// An encounter in which nothing is missing but its end.
    async fn ready(&mut self, person: &Person) -> EncounterId {
        self.begun += 1;
        let id = self.house.open(person, "identity_card", &format!("ready-{}", self.begun)).await.unwrap().id;
        self.house.capture_all(id, person, 1).await.unwrap();
        id
    }

    /// Somebody comes to the counter, and gives a first print.
    async fn come(&self, key: &str) -> Result<EncounterId, RegistryError> {
        let id = self.house.open(&self.aida, "passport", key).await?.id;
        self.take(id, 1).await?;
        Ok(id)
    }

    async fn take(&self, id: EncounterId, touch: u64) -> Result<(), RegistryError> {
        let capture = Capture { finger: FINGERS[0], image: print(&self.aida, FINGERS[0], touch), ppi: None };
        self.house.registry.capture(&self.house.operator, id, capture).await.map(drop)
    }

    /// Every act once, in one word each.
    async fn everything(&mut self, known: EncounterId, ready: EncounterId) -> Vec<String> {
        self.begun += 1;
        let (house, registry) = (&self.house, &self.house.registry);
        let read = Target::Iin(self.aida.iin.as_str().to_owned());
        let search = Target::Prints(prints_of(&self.aida), None);
        vec![
            word(registry.sign_in("officer", PASSWORD, None).await),
            word(registry.ask(&house.officer, Act::Read, &self.grounds, &read).await),
            word(registry.ask(&house.officer, Act::Identify, &self.grounds, &search).await),
            word(registry.sample_view(&house.operator, known, FINGERS[0]).await),
            word(self.come(&format!("new-{}", self.begun)).await),
            word(self.take(known, 2).await),
            word(registry.complete(&house.operator, ready).await),
            word(registry.own_page(&self.own, None, 10).await),
            self.through_portal().await,
            word(registry.supervise(&house.supervisor, 0, 1).await),
        ]
    }

    /// A portal asks for somebody who is here, and for somebody who is not, who are told apart by no failure.
    async fn through_portal(&self) -> String {
        let ask = async |person: &Person| word(usages::ask(&self.house, &self.portal, person, person).await);
        let (here, nobody) = (ask(&self.aida).await, ask(&adult(99)).await);
        assert_eq!(here, nobody);
        here
    }

    /// Time goes by, and whoever works here signs in again.
    async fn wait(&mut self, seconds: i64) {
        self.house.clock.advance(SignedDuration::from_secs(seconds));
        let registry = &self.house.registry;
        self.house.operator = sign_in(registry, "operator", Some("csc-1-a")).await;
        self.house.officer = sign_in(registry, "officer", None).await;
        self.house.supervisor = sign_in(registry, "supervisor", None).await;
        self.own = sign_in(registry, "aida", None).await;
        self.portal = sign_in(registry, "egov", None).await;
    }
}

/// Until the service has tried to publish, and failed or succeeded.
async fn until_published(registry: &Registry, published: bool) {
    for _ in 0..600 {
        if registry.unpublished_seconds().is_none() == published {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the service did not try to publish within half a minute");
}

#[tokio::test]
async fn control_j8_whatever_fails_there_is_no_open_path_and_nothing_is_half() {
    const D: &str = "done";
    const AWAY: &str = "away";
    const STOPPED: &str = "stopped";
    const NO_PERIOD: &str = "no_period";
    const NOT_WITNESSED: &str = "not_witnessed";
    const NOT: &str = "unpublished";
    // sign in, look, search, image, begin, capture, register, own page, portal, read the log
    let expected: [(&str, [&str; 10]); 8] = [
        ("nothing", [D, D, D, D, D, D, D, D, D, D]),
        ("key process", [D, D, D, AWAY, AWAY, D, D, D, D, D]),
        (
            "key process, longer than a period",
            [D, NO_PERIOD, NO_PERIOD, NO_PERIOD, NO_PERIOD, NO_PERIOD, NO_PERIOD, NO_PERIOD, NO_PERIOD, D],
        ),
        ("supervisor's stop", [D, D, D, STOPPED, STOPPED, D, D, D, D, D]),
        ("witnesses", [D, D, D, NOT_WITNESSED, D, D, D, D, D, D]),
        ("log folder", [D, D, D, "io", D, D, D, D, D, D]),
        ("log folder, longer than ten minutes", [D, NOT, NOT, NOT, NOT, NOT, NOT, NOT, NOT, D]),
        ("gallery folder", [D, D, D, D, D, D, "gallery", D, D, D]),
    ];
    let people: Vec<Person> = (0..expected.len() as u64 + 1).map(|n| adult(11 + n)).collect();
    let (house, outside) = entrusted(&people.iter().collect::<Vec<_>>(), &["registration"]).await;
    house.registry.keep_publishing();
    let mut scene = Scene::new(people[0].clone(), house, outside).await;
    let data = scene.house.data();
    let (log, gallery) = (data.join("log"), data.join("gallery"));
    let moved = |folder: &std::path::Path| {
        fs::rename(folder, folder.with_extension("kept")).unwrap();
        fs::write(folder, b"a file in its place").unwrap();
    };
    let back = |folder: &std::path::Path| {
        fs::remove_file(folder).unwrap();
        fs::rename(folder.with_extension("kept"), folder).unwrap();
    };
    let mut serial = 0;
    let mut wrong = Vec::new();
    for ((failure, expected), person) in expected.iter().zip(&people[1..]) {
        let (known, ready) = (scene.come(&format!("known-{}", person.seed)).await.unwrap(), scene.ready(person).await);
        until_published(&scene.house.registry, true).await;
        match *failure {
            "nothing" => {}
            "key process" => scene.outside.keyd_away.store(true, Ordering::Relaxed),
            "key process, longer than a period" => {
                scene.outside.keyd_away.store(true, Ordering::Relaxed);
                scene.wait(KEY_PERIOD_S + 1).await;
                scene.house.registry.end_key_period().await;
            }
            "supervisor's stop" => {
                serial += 1;
                scene.outside.order(OrderKind::Stop, serial);
            }
            "witnesses" => scene.outside.witness_away.store(true, Ordering::Relaxed),
            "log folder" => moved(&log),
            "log folder, longer than ten minutes" => {
                moved(&log);
                scene.house.registry.supervise(&scene.house.supervisor, 0, 1).await.unwrap();
                until_published(&scene.house.registry, false).await;
                scene.wait(601).await;
            }
            "gallery folder" => {
                moved(&gallery);
                // As a service does by and by.
                assert!(scene.house.registry.keep_gallery(Save::Everyone).await.is_err());
            }
            other => panic!("nobody knows how {other} fails"),
        }
        let seen = scene.everything(known, ready).await;
        for ((act, seen), expected) in ACTS.iter().zip(seen).zip(expected) {
            if seen != *expected {
                wrong.push(format!("{act} while {failure} is away: {seen} and not {expected}"));
            }
        }

        // It is mended, and everything goes on where it stood.
        scene.outside.keyd_away.store(false, Ordering::Relaxed);
        scene.outside.witness_away.store(false, Ordering::Relaxed);
        match *failure {
            "supervisor's stop" => {
                serial += 1;
                scene.outside.order(OrderKind::Resume, serial);
            }
            f if f.starts_with("log folder") => {
                back(&log);
                until_published(&scene.house.registry, true).await;
            }
            "gallery folder" => {
                back(&gallery);
                scene.house.registry.keep_gallery(Save::Everyone).await.unwrap();
            }
            _ => {}
        }
        scene.house.registry.begin_key_period().await.unwrap();
        if expected[6] != D {
            scene.house.registry.complete(&scene.house.operator, ready).await.unwrap();
        }
        assert_eq!(
            count(&scene.house, "SELECT COUNT(*) FROM persons").await,
            count(&scene.house, "SELECT COUNT(DISTINCT person_id) FROM encounters").await
        );
        scene.house.assert_log_is_sound().await;
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(scene.house.registry.people_searchable(), people.len());
}

#[tokio::test]
async fn control_j8_a_population_register_that_is_away_makes_nobody_unknown() {
    let (aida, other, child) = (adult(11), adult(12), crate::house::teenager(13));
    let house = house(&[&aida]).await;
    let done = house.register(&aida, &aida, "k1", 1).await.unwrap();
    let records = [record(&aida, &[]), record(&other, &[]), record(&child, &[&aida])];
    let register = Arc::new(Unsteady { records: MemoryRegister::new(records), away: AtomicBool::new(false) });
    let (data, clock) = (house.data(), house.clock.clone());
    let House { registry, .. } = house;
    drop(registry);
    let registry = Registry::open(&data, PASSPHRASE, register.clone(), clock).await.unwrap();
    let house = House { registry, ..house };
    let service = Service::new();
    house.registry.send_notices(&service).await.unwrap();
    let case = case(&house, &house.officer).await;
    let grounds = grounds(Some(case), Some(sanction(&house, case, None, 1).await));
    house.registry.ask(&house.officer, Act::Read, &grounds, &Target::Iin(aida.iin.as_str().to_owned())).await.unwrap();
    let portal = house.another("egov", Role::Portal).await;
    let minor = house.open(&child, "passport", "child").await.unwrap().id;
    house.say(minor, ConsentKind::GuardianConsent, &aida).await.unwrap();
    let present = house.guardian_present(minor, &aida).await.unwrap();
    let people = count(&house, "SELECT COUNT(*) FROM persons").await;

    register.away.store(true, Ordering::Relaxed);
    // Nobody is taken for a person without a record, and nobody's guardian is forgotten or believed; a portal that asks for somebody else is
    // not told who is here.
    for person in [&child, &other, &adult(99)] {
        assert_eq!(word(usages::ask(&house, &portal, &aida, person).await), "register");
    }
    assert_eq!(word(usages::ask(&house, &portal, &aida, &aida).await), "done");
    assert_eq!(word(house.open(&other, "passport", "k2").await), "register");
    let again = crate::house::identity_of(&aida);
    assert_eq!(word(house.registry.identify_guardian(&house.operator, minor, &again).await), "register");
    assert_eq!(word(house.capture_all(minor, &child, 1).await), "register");
    let query = |person: &Person| PersonQuery::Iin(person.iin.as_str().to_owned());
    let found = house.registry.find_person(&house.operator, &query(&aida)).await.unwrap();
    assert_eq!(found.people.len(), 1, "whoever is registered is found in the own record");
    assert_eq!(word(house.registry.find_person(&house.operator, &query(&other)).await), "register");
    let family = PersonQuery::Name { family: other.name.family.latin.clone(), given: None, born_year: None };
    assert_eq!(word(house.registry.find_person(&house.operator, &family).await), "register");
    assert_eq!(count(&house, "SELECT COUNT(*) FROM persons").await, people);
    // Whoever was looked at can be told of it later.
    let round = house.registry.send_notices(&service).await.unwrap();
    assert_eq!((round.again, round.refused, round.sent), (1, 0, 0));

    register.away.store(false, Ordering::Relaxed);
    assert_eq!(house.registry.view_encounter(&house.operator, minor).await.unwrap().law.category, present.law.category);
    house.capture_all(minor, &child, 1).await.unwrap();
    house.open(&other, "passport", "k2").await.unwrap();
    house.clock.advance(SignedDuration::from_mins(15));
    house.registry.send_notices(&service).await.unwrap();
    assert!(!service.entries_of(&aida).is_empty(), "nothing was given up meanwhile");
    assert_eq!(house.registry.people_searchable(), 1);
    assert_ne!(done.encounter.id, minor);
    house.assert_log_is_sound().await;
}

/// Every table of the register.
async fn tables(pool: &sqlx::SqlitePool) -> Vec<String> {
    let names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '\\_%' ESCAPE '\\' ORDER BY name";
    sqlx::query_scalar(names).fetch_all(pool).await.unwrap()
}

async fn execute(pool: &sqlx::SqlitePool, statement: String) {
    sqlx::query(sqlx::AssertSqlSafe(statement)).execute(pool).await.unwrap();
}

const WRITES: [&str; 3] = ["INSERT", "UPDATE", "DELETE"];

/// Has a table refuse every write, as a full disk or a damaged page of it would; or do so no more.
async fn refuse_writes(pool: &sqlx::SqlitePool, table: &str, refuse: bool) {
    for write in WRITES {
        let name = format!("fault_{table}_{write}");
        execute(
            pool,
            if refuse {
                format!(
                    "CREATE TRIGGER {name} BEFORE {write} ON {table} BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END"
                )
            } else {
                format!("DROP TRIGGER {name}")
            },
        )
        .await;
    }
}

/// Which tables something writes to.
async fn written<T>(pool: &sqlx::SqlitePool, act: impl Future<Output = T>) -> Vec<String> {
    execute(pool, "CREATE TABLE IF NOT EXISTS _written (name TEXT PRIMARY KEY)".to_owned()).await;
    let all = tables(pool).await;
    for (table, write) in all.iter().flat_map(|table| WRITES.map(|write| (table, write))) {
        execute(pool, format!("CREATE TRIGGER seen_{table}_{write} AFTER {write} ON {table} BEGIN INSERT OR IGNORE INTO _written VALUES ('{table}'); END")).await;
    }
    act.await;
    for (table, write) in all.iter().flat_map(|table| WRITES.map(|write| (table, write))) {
        execute(pool, format!("DROP TRIGGER seen_{table}_{write}")).await;
    }
    let seen = sqlx::query_scalar("SELECT name FROM _written ORDER BY name").fetch_all(pool).await.unwrap();
    execute(pool, "DROP TABLE _written".to_owned()).await;
    seen
}

/// Everything in every table.
async fn contents(pool: &sqlx::SqlitePool) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for table in tables(pool).await {
        let columns = format!(
            "SELECT group_concat('quote(\"' || name || '\")', ' || ''|'' || ') FROM pragma_table_info('{table}')"
        );
        let columns: String = sqlx::query_scalar(sqlx::AssertSqlSafe(columns)).fetch_one(pool).await.unwrap();
        let rows = format!("SELECT COALESCE(group_concat({columns}, char(10)), '') FROM {table}");
        all.push((table, sqlx::query_scalar(sqlx::AssertSqlSafe(rows)).fetch_one(pool).await.unwrap()));
    }
    all
}

async fn entries(house: &House) -> i64 {
    count(house, "SELECT COUNT(*) FROM log_entries").await
}

#[tokio::test]
async fn control_j8_no_table_that_refuses_a_write_leaves_half_an_act() {
    let people = [adult(11), adult(12), adult(13)];
    let house = house(&people.iter().collect::<Vec<_>>()).await;
    let [aida, rehearsed, real] = &people;
    let done = house.register(aida, aida, "k1", 1).await.unwrap();
    let case = case(&house, &house.officer).await;
    let sanction = sanction(&house, case, None, 1000).await;
    let grounds = grounds(Some(case), Some(sanction));
    let own = citizen(&house, "aida", done.encounter.person).await;
    let mut ready = Vec::new();
    for person in [rehearsed, real] {
        let id = house.open(person, "identity_card", &format!("ready-{}", person.seed)).await.unwrap().id;
        house.capture_all(id, person, 1).await.unwrap();
        ready.push(id);
    }
    let pool = pool(&house).await;
    let registry = &house.registry;
    let acts = [
        "sign in",
        "look",
        "search",
        "begin",
        "capture",
        "register",
        "erasure asked for",
        "an account",
        "read the log",
    ];
    let mut faults = 0;
    for act in acts {
        // The second time is the one that the faults are in; the first one shows what it writes.
        let perform = async |time: usize| -> Result<(), RegistryError> {
            match act {
                "sign in" => registry.sign_in("officer", PASSWORD, None).await.map(drop),
                "look" => {
                    let target = Target::Iin(aida.iin.as_str().to_owned());
                    registry.ask(&house.officer, Act::Read, &grounds, &target).await.map(drop)
                }
                "search" => {
                    let target = Target::Prints(prints_of(aida), None);
                    registry.ask(&house.officer, Act::Identify, &grounds, &target).await.map(drop)
                }
                "begin" => house.open(aida, "passport", &format!("begun-{time}")).await.map(drop),
                "capture" => {
                    let capture =
                        Capture { finger: FINGERS[0], image: print(&people[time + 1], FINGERS[0], 2), ppi: None };
                    registry.capture(&house.operator, ready[time], capture).await.map(drop)
                }
                "register" => registry.complete(&house.operator, ready[time]).await.map(drop),
                "erasure asked for" => registry
                    .ask_for(&own, &NewRequest::new(RequestKind::Erasure, format!("please {time}")))
                    .await
                    .map(drop),
                "an account" => {
                    let new = account(&format!("new-{time}"), house.ministry, Role::Officer);
                    registry.add_account(&house.administrator, &new).await.map(drop)
                }
                _ => registry.supervise(&house.supervisor, 0, 1).await.map(drop),
            }
        };
        let writes = written(&pool, async { perform(0).await.unwrap() }).await;
        assert!(writes.iter().any(|table| table == "log_entries"), "{act} leaves an entry");
        for table in &writes {
            let (before, logged) = (contents(&pool).await, entries(&house).await);
            refuse_writes(&pool, table, true).await;
            let outcome = perform(1).await;
            refuse_writes(&pool, table, false).await;
            assert!(matches!(outcome, Err(RegistryError::Store(_))), "{act} though {table} takes nothing: {outcome:?}");
            if entries(&house).await == logged {
                for (now, before) in contents(&pool).await.iter().zip(&before) {
                    assert!(now == before, "{act} left something in {} though {table} took nothing", before.0);
                }
            }
            house.assert_log_is_sound().await;
            faults += 1;
        }
        perform(1).await.unwrap_or_else(|error| panic!("{act} after everything was mended: {error}"));
    }
    assert!(faults >= 25, "the acts write to more places than {faults}");
    assert_eq!(registry.people_searchable(), 3);
    house.assert_log_is_sound().await;
}
