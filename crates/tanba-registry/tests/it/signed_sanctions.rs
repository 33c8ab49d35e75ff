//! Sanctions that a court has signed: what opens, and everything that does not.

use std::sync::LazyLock;

use jiff::SignedDuration;
use sqlx::SqlitePool;
use tanba_registry::{
    Act, Actor, CaseId, Grounds, NewAccount, NewCase, NewSanctionKey, RegistryError, Role, SanctionId, SanctionKeyId,
    SanctionKeyState, SanctionSubject, SignedSanction,
};
use tanba_seal::log::LogSigner;
use tanba_seal::{KdfParams, KeyRing, Sanction};
use tanba_synth::Person;

use crate::access::{case, grounds, sanction};
use crate::house::{House, account, adult, denied, house, production_house, record, sign_in};
use crate::key_process::count;
use crate::law_in_use::signed_folder;
use crate::retention::pool;
use crate::sanctions::iin;

const OFFICE: &str = "prosecutor.test/sanctions";

pub(crate) fn key(name: &str, seed: u8) -> LogSigner {
    let mut next = seed;
    let mut entropy = |out: &mut [u8]| {
        for byte in out {
            next = next.wrapping_mul(5).wrapping_add(3);
            *byte = next;
        }
    };
    KeyRing::create("a test passphrase", &[], name, KdfParams::MINIMUM, &mut entropy).unwrap().1.log_signer()
}

static PROSECUTOR: LazyLock<LogSigner> = LazyLock::new(|| key(OFFICE, 1));
static STRANGER: LazyLock<LogSigner> = LazyLock::new(|| key(OFFICE, 2));

fn subject(person: &Person) -> SanctionSubject {
    SanctionSubject::new(person.iin.as_str(), &[9; 16])
}

/// A sanction for three looks at a person, from today on, for thirty days.
fn order(house: &House, serial: &str, about: Option<&Person>) -> Sanction {
    let from = u64::try_from(house.registry.now().micros() / 1_000_000).unwrap();
    Sanction {
        register: "tanba.test/log".to_owned(),
        serial: serial.to_owned(),
        office: OFFICE.to_owned(),
        level: "prosecutor".to_owned(),
        judge: "P-prosecutor-4".to_owned(),
        organisation: "mia".to_owned(),
        case: "2026-000117".to_owned(),
        subject: about.map(|person| subject(person).commitment().unwrap()),
        modalities: vec!["fingerprint".to_owned()],
        acts: vec!["identify".to_owned(), "read".to_owned()],
        purposes: vec!["crime_investigation".to_owned()],
        valid_from: from,
        valid_to: from + 30 * 86_400,
        uses: 3,
        tell_at: None,
    }
}

pub(crate) fn new_key(house: &House, signer: &LogSigner, level: &str, days: i64) -> NewSanctionKey {
    let now = house.registry.now();
    NewSanctionKey {
        verifier: signer.verifier().to_string(),
        level: level.to_owned(),
        valid_from: now,
        valid_to: now.plus_seconds(days * 86_400),
    }
}

async fn trust(house: &House, signer: &LogSigner, level: &str, days: i64) -> SanctionKeyId {
    let new = new_key(house, signer, level, days);
    let id = house.registry.propose_sanction_key(&house.administrator, &new).await.unwrap();
    house.registry.decide_sanction_key(&house.supervisor, id, true).await.unwrap();
    id
}

async fn enter(house: &House, case: CaseId, note: &str, about: Option<&Person>) -> tanba_registry::Result<SanctionId> {
    let new = SignedSanction { case, note: note.to_owned(), subject: about.map(subject) };
    house.registry.enter_signed_sanction(&house.prosecution_clerk, &new).await
}

async fn read(house: &House, case: CaseId, id: SanctionId, person: &Person) -> Result<(), String> {
    let grounds: Grounds = grounds(Some(case), Some(id));
    match house.registry.ask(&house.officer, Act::Read, &grounds, &iin(person)).await {
        Ok(_) => Ok(()),
        Err(RegistryError::Denied(denial)) => Err(denial.code),
        Err(other) => panic!("{other}"),
    }
}

async fn refusals(house: &House) -> i64 {
    count(house, "SELECT COUNT(*) FROM log_entries WHERE event = 'sanction.refused' AND outcome = 'denial'").await
}

#[tokio::test]
async fn control_d1_a_signed_sanction_opens_what_it_says_and_where_it_must_be_signed_nothing_else_does() {
    let (aida, other) = (adult(11), adult(12));
    let house = house(&[&aida, &other]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    house.register(&other, &other, "k2", 1).await.unwrap();
    let case = case(&house, &house.officer).await;
    // A demonstration takes what a clerk enters, until it is told not to.
    let clerk = sanction(&house, case, Some(&aida), 9).await;
    read(&house, case, clerk, &aida).await.unwrap();
    house.registry.demand_signed_sanctions();
    assert_eq!(read(&house, case, clerk, &aida).await.unwrap_err(), "sanction_missing");
    assert_eq!(refusals(&house).await, 1, "and why is in the log");

    trust(&house, &PROSECUTOR, "prosecutor", 365).await;
    let note = order(&house, "17", Some(&aida)).sign(&PROSECUTOR).unwrap();
    let id = enter(&house, case, &note, Some(&aida)).await.unwrap();
    read(&house, case, id, &aida).await.unwrap();
    assert_eq!(read(&house, case, id, &other).await.unwrap_err(), "sanction_other_subject");
    read(&house, case, id, &aida).await.unwrap();
    read(&house, case, id, &aida).await.unwrap();
    assert_eq!(read(&house, case, id, &aida).await.unwrap_err(), "sanction_used_up");
    let shown = house.registry.case_desk(&house.officer, case).await.unwrap();
    assert!(shown.sanctions.iter().any(|s| s.id == id && s.signed && s.issued_by == format!("{OFFICE} 17")));
    assert!(shown.sanctions.iter().any(|s| s.id == clerk && !s.signed));
    // An order about an unknown person names nobody and opens a search.
    let note = order(&house, "18", None).sign(&PROSECUTOR).unwrap();
    let unknown = enter(&house, case, &note, None).await.unwrap();
    read(&house, case, unknown, &other).await.unwrap();
    // Whoever decided does not use it.
    let own = Sanction { judge: "P-officer".to_owned(), ..order(&house, "19", Some(&aida)) }.sign(&PROSECUTOR).unwrap();
    let own = enter(&house, case, &own, Some(&aida)).await.unwrap();
    assert_eq!(read(&house, case, own, &aida).await.unwrap_err(), "sanction_same_person");
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_d1_a_register_for_real_people_takes_signed_sanctions_only() {
    let aida = adult(11);
    let house = production_house([record(&aida, &[])].into(), &signed_folder(false)).await;
    assert!(house.registry.signed_sanctions_only());
    let case = case(&house, &house.officer).await;
    let start = house.registry.now();
    let unsigned = tanba_registry::NewSanction {
        case,
        authority: "prosecutor".to_owned(),
        issued_by: "decision 9".to_owned(),
        issuer: None,
        purposes: ["crime_investigation".to_owned()].into(),
        acts: vec![Act::Read],
        subject_iin: None,
        valid_from: start,
        valid_to: start.plus_seconds(60),
        max_uses: 1,
        tell_person_at: None,
    };
    let entered = house.registry.enter_sanction(&house.prosecution_clerk, &unsigned).await;
    assert_eq!(denied(entered), "sanction_unsigned");
    assert_eq!(refusals(&house).await, 1);
}

#[tokio::test]
async fn control_d1_whatever_is_changed_in_a_signed_sanction_it_is_refused_and_logged() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let case = case(&house, &house.officer).await;
    let signing = trust(&house, &PROSECUTOR, "prosecutor", 365).await;
    let note = order(&house, "17", Some(&aida)).sign(&PROSECUTOR).unwrap();
    let mut logged = 0;
    let mut expect = async |note: &str, about: Option<&Person>, code: &str| {
        assert_eq!(denied(enter(&house, case, note, about).await), code, "{note}");
        logged += 1;
        assert_eq!(refusals(&house).await, logged, "{code}");
    };
    let later = format!("valid-to {}", order(&house, "17", None).valid_to + 1);
    for (from, to) in [
        ("register tanba.test/log", "register tanba.test/lag"),
        ("serial 17", "serial 18"),
        ("level prosecutor", "level court"),
        ("judge P-prosecutor-4", "judge P-prosecutor-5"),
        ("for mia", "for csc"),
        ("case 2026-000117", "case 2026-000118"),
        ("modalities fingerprint", "modalities genomic"),
        ("acts identify read", "acts identify read release_identity"),
        ("purposes crime_investigation", "purposes identification"),
        (&format!("valid-from {}", order(&house, "17", None).valid_from), "valid-from 1"),
        (&format!("valid-to {}", order(&house, "17", None).valid_to), &later),
        ("uses 3", "uses 4"),
        ("tell-at at-once", "tell-at 1900000000"),
    ] {
        assert!(note.contains(from), "{from}");
        expect(&note.replacen(from, to, 1), Some(&aida), "sanction_not_signed").await;
    }
    let subject_line = note.lines().find(|line| line.starts_with("subject ")).unwrap();
    expect(&note.replacen(subject_line, "subject unknown", 1), Some(&aida), "sanction_not_signed").await;
    expect(&note.replacen("office prosecutor", "office somebody", 1), Some(&aida), "sanction_key_unknown").await;
    for (cut, code) in [(note.len() - 1, "sanction_malformed"), (note.find("\n\n").unwrap(), "sanction_malformed")] {
        expect(&note[..cut], Some(&aida), code).await;
    }
    expect(&order(&house, "17", Some(&aida)).sign(&STRANGER).unwrap(), Some(&aida), "sanction_not_signed").await;
    // Signed well, and not for here.
    let signed = |order: Sanction| order.sign(&PROSECUTOR).unwrap();
    let base = || order(&house, "17", Some(&aida));
    let text = |value: &str| value.to_owned();
    for (order, code) in [
        (Sanction { register: text("another/log"), ..base() }, "sanction_other_register"),
        (Sanction { organisation: text("csc"), ..base() }, "sanction_other_organisation"),
        (Sanction { case: text("another"), ..base() }, "sanction_other_case"),
        (Sanction { level: text("court"), ..base() }, "sanction_key_level"),
        (Sanction { modalities: vec![text("genomic")], ..base() }, "sanction_other_modality"),
        (Sanction { acts: vec![text("erase")], ..base() }, "sanction_unknown_act"),
        (Sanction { valid_to: base().valid_to + 366 * 86_400, ..base() }, "sanction_key_ended"),
    ] {
        expect(&signed(order), Some(&aida), code).await;
    }
    // Another person than the one it is about, or none.
    expect(&signed(order(&house, "17", Some(&adult(12)))), Some(&aida), "sanction_subject_unopened").await;
    expect(&note, None, "sanction_subject_unopened").await;
    expect(&signed(order(&house, "17", None)), Some(&aida), "sanction_subject_unopened").await;
    // The note itself is good once.
    let id = enter(&house, case, &note, Some(&aida)).await.unwrap();
    expect(&note, Some(&aida), "sanction_replayed").await;
    read(&house, case, id, &aida).await.unwrap();
    // A level that the rule does not name opens nothing, however well it is signed.
    let court = key("court.test", 5);
    trust(&house, &court, "city_council", 365).await;
    let wrong = Sanction { office: text("court.test"), level: text("city_council"), ..order(&house, "1", Some(&aida)) };
    let wrong = enter(&house, case, &wrong.sign(&court).unwrap(), Some(&aida)).await.unwrap();
    assert_eq!(read(&house, case, wrong, &aida).await.unwrap_err(), "sanction_wrong_authority");
    // A key that was ended signs nothing any more, nor does what it signed open anything.
    house.registry.revoke_sanction_key(&house.supervisor, signing, "lost").await.unwrap();
    expect(&signed(order(&house, "20", Some(&aida))), Some(&aida), "sanction_key_unknown").await;
    assert_eq!(read(&house, case, id, &aida).await.unwrap_err(), "sanction_missing");
}

#[tokio::test]
async fn control_d1_a_key_that_expired_signs_nothing_and_nothing_outlasts_its_key() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let case = case(&house, &house.officer).await;
    trust(&house, &PROSECUTOR, "prosecutor", 40).await;
    let id = enter(&house, case, &order(&house, "17", Some(&aida)).sign(&PROSECUTOR).unwrap(), Some(&aida)).await;
    house.clock.advance(SignedDuration::from_hours(24 * 11));
    let long = enter(&house, case, &order(&house, "18", Some(&aida)).sign(&PROSECUTOR).unwrap(), Some(&aida)).await;
    assert_eq!(denied(long), "sanction_key_ended");
    read(&house, case, id.unwrap(), &aida).await.unwrap();
    house.clock.advance(SignedDuration::from_hours(24 * 30));
    let short = order(&house, "19", Some(&aida));
    let short = Sanction { valid_to: short.valid_from + 60, ..short };
    let late = enter(&house, case, &short.sign(&PROSECUTOR).unwrap(), Some(&aida)).await;
    assert_eq!(denied(late), "sanction_key_ended");
}

/// Changes a row in the database as its administrator could, asks, and puts it back.
async fn with_row(
    pool: &SqlitePool,
    id: SanctionId,
    column: &str,
    value: &str,
    ask: impl AsyncFn() -> String,
) -> String {
    let id = id.to_string();
    let statements = [
        "CREATE TABLE IF NOT EXISTS saved AS SELECT * FROM sanctions WHERE 0".to_owned(),
        "DELETE FROM saved".to_owned(),
        format!("INSERT INTO saved SELECT * FROM sanctions WHERE id = '{id}'"),
        format!("UPDATE sanctions SET {column} = {value} WHERE id = '{id}'"),
    ];
    for statement in statements {
        sqlx::query(sqlx::AssertSqlSafe(statement)).execute(pool).await.unwrap();
    }
    let answer = ask().await;
    let back = format!("UPDATE sanctions SET {column} = (SELECT {column} FROM saved) WHERE id = '{id}'");
    sqlx::query(sqlx::AssertSqlSafe(back)).execute(pool).await.unwrap();
    answer
}

#[tokio::test]
async fn control_d1_a_row_changed_in_the_database_opens_nothing() {
    let (aida, other) = (adult(11), adult(12));
    let house = house(&[&aida, &other]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    house.register(&other, &other, "k2", 1).await.unwrap();
    house.registry.demand_signed_sanctions();
    let case = case(&house, &house.officer).await;
    let signing = trust(&house, &PROSECUTOR, "prosecutor", 365).await;
    let second = trust(&house, &key(OFFICE, 7), "prosecutor", 365).await;
    let id =
        enter(&house, case, &order(&house, "17", Some(&aida)).sign(&PROSECUTOR).unwrap(), Some(&aida)).await.unwrap();
    let wide = enter(&house, case, &order(&house, "18", None).sign(&PROSECUTOR).unwrap(), None).await.unwrap();
    read(&house, case, id, &aida).await.unwrap();
    let pool = pool(&house).await;
    let another = NewCase { number: "b".to_owned(), kind: "crime".to_owned() };
    let another = house.registry.open_case(&house.officer, &another).await.unwrap();
    let mut logged = refusals(&house).await;
    let of = |column: &str| format!("(SELECT {column} FROM sanctions WHERE id = '{wide}')");
    for (column, value) in [
        ("authority", "'court'".to_owned()),
        ("purposes", "'crime_investigation identification'".to_owned()),
        ("acts", "'identify read release_identity'".to_owned()),
        ("valid_from", "0".to_owned()),
        ("valid_to", "4000000000000000".to_owned()),
        ("max_uses", "1000".to_owned()),
        ("uses", "0".to_owned()),
        ("tell_person_at", "4000000000000000".to_owned()),
        ("issuer_blind", "NULL".to_owned()),
        ("serial", "'99'".to_owned()),
        ("office", "'court.test'".to_owned()),
        ("key_id", format!("'{second}'")),
        ("key_id", "NULL".to_owned()),
        ("sealed_note", "NULL".to_owned()),
        ("sealed_note", of("sealed_note")),
        ("sealed_subject", of("sealed_subject")),
        ("sealed_subject", "NULL".to_owned()),
    ] {
        let asked =
            with_row(&pool, id, column, &value, async || read(&house, case, id, &aida).await.unwrap_err()).await;
        assert_eq!(asked, "sanction_missing", "{column} = {value}");
        logged += 1;
        assert_eq!(refusals(&house).await, logged, "{column} = {value}");
    }
    let moved = format!("'{another}'");
    let asked =
        with_row(&pool, id, "case_id", &moved, async || read(&house, another, id, &aida).await.unwrap_err()).await;
    assert_eq!(asked, "sanction_missing", "another case");
    for person in ["NULL".to_owned(), "(SELECT person_id FROM encounters ORDER BY opened_at DESC LIMIT 1)".to_owned()] {
        let asked =
            with_row(&pool, id, "person_id", &person, async || read(&house, case, id, &other).await.unwrap_err()).await;
        assert_eq!(asked, "sanction_other_subject", "person_id = {person}");
    }
    read(&house, case, id, &aida).await.unwrap();
    // What was ended stays so, whatever the row says.
    house.registry.revoke_sanction(&house.prosecution_clerk, id, "given by mistake").await.unwrap();
    sqlx::query("UPDATE sanctions SET revoked_at = NULL").execute(&pool).await.unwrap();
    assert_eq!(read(&house, case, id, &aida).await.unwrap_err(), "sanction_missing");
    read(&house, case, wide, &other).await.unwrap();
    house.registry.revoke_sanction_key(&house.administrator, signing, "lost").await.unwrap();
    sqlx::query("UPDATE sanction_keys SET state = 'confirmed', revoked_at = NULL").execute(&pool).await.unwrap();
    assert_eq!(read(&house, case, wide, &other).await.unwrap_err(), "sanction_missing");
    let again = enter(&house, case, &order(&house, "21", None).sign(&PROSECUTOR).unwrap(), None).await;
    assert_eq!(denied(again), "sanction_not_signed", "the office's other key is in use");
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_d1_a_key_counts_once_a_supervisor_who_did_not_enter_it_confirmed_it() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let case = case(&house, &house.officer).await;
    let registry = &house.registry;
    let note = order(&house, "17", Some(&aida)).sign(&PROSECUTOR).unwrap();
    let new = new_key(&house, &PROSECUTOR, "prosecutor", 365);
    for actor in [&house.officer, &house.supervisor, &house.prosecution_clerk] {
        assert_eq!(denied(registry.propose_sanction_key(actor, &new).await), "role");
    }
    let id = registry.propose_sanction_key(&house.administrator, &new).await.unwrap();
    let twice = registry.propose_sanction_key(&house.administrator, &new).await;
    assert!(matches!(twice, Err(RegistryError::Conflict { .. })));
    assert_eq!(denied(enter(&house, case, &note, Some(&aida)).await), "sanction_key_unknown", "not confirmed");
    assert_eq!(denied(registry.decide_sanction_key(&house.administrator, id, true).await), "role");
    // The administrator under another account is the same human being.
    let twin = NewAccount {
        natural_person: "P-administrator".to_owned(),
        ..account("twin", house.supervision, Role::Supervisor)
    };
    registry.add_account(&house.administrator, &twin).await.unwrap();
    let twin: Actor = sign_in(registry, "twin", None).await;
    assert_eq!(denied(registry.decide_sanction_key(&twin, id, true).await), "same_person");
    let pool = pool(&house).await;
    sqlx::query("UPDATE sanction_keys SET state = 'confirmed'").execute(&pool).await.unwrap();
    assert_eq!(denied(enter(&house, case, &note, Some(&aida)).await), "sanction_key_unknown", "by the database alone");
    sqlx::query("UPDATE sanction_keys SET state = 'proposed'").execute(&pool).await.unwrap();
    registry.decide_sanction_key(&house.supervisor, id, true).await.unwrap();
    let again = registry.decide_sanction_key(&house.supervisor, id, false).await;
    assert!(matches!(again, Err(RegistryError::Conflict { .. })));
    // The columns beside the sealed record decide nothing.
    sqlx::query("UPDATE sanction_keys SET level = 'court', valid_to = 1, verifier = 'x'").execute(&pool).await.unwrap();
    enter(&house, case, &note, Some(&aida)).await.unwrap();
    let rejected = registry.propose_sanction_key(&house.administrator, &new_key(&house, &STRANGER, "court", 9)).await;
    let rejected = rejected.unwrap();
    registry.decide_sanction_key(&house.supervisor, rejected, false).await.unwrap();
    let ended = registry.revoke_sanction_key(&house.supervisor, rejected, "x").await;
    assert!(matches!(ended, Err(RegistryError::Conflict { .. })));
    assert_eq!(denied(registry.revoke_sanction_key(&house.officer, id, "x").await), "role");
    let keys = registry.sanction_keys(&house.supervisor).await.unwrap();
    let states: Vec<_> = keys.iter().map(|key| (key.id == id, key.state)).collect();
    assert!(
        states.contains(&(true, SanctionKeyState::Confirmed)) && states.contains(&(false, SanctionKeyState::Rejected))
    );
    assert_eq!(denied(registry.sanction_keys(&house.officer).await), "role");
}
