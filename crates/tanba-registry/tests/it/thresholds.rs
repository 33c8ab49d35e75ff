//! Thresholds are set by two people on a published evaluation, and a silent change of one stops every comparison; error rates are published.

use tanba_finger::Recipe;
use tanba_finger::calibrate::MATCHER;
use tanba_registry::{
    Act, AnomalyKind, Capture, EncounterState, Evaluation, EvaluationData, MeasuredKind, MeasuredPoint, MeasuredRate,
    NewThreshold, RegistryError, Role, ThresholdKind, ThresholdState,
};
use tanba_synth::Person;

use crate::access::{case, grounds, mark, sanction};
use crate::house::{FINGERS, House, adult, denied, house, print};
use crate::integrity::database;

fn rate(value: f64) -> MeasuredRate {
    MeasuredRate { value, low: value / 2.0, high: (value * 2.0).min(1.0) }
}

/// An evaluation of one to one with these thresholds; the higher, the fewer false matches and the more misses.
pub(crate) fn evaluation(thresholds: &[f64]) -> Vec<u8> {
    serde_json::to_vec(&of_kinds(&[(ThresholdKind::Verification, 1)], thresholds)).unwrap()
}

fn of_kinds(kinds: &[(ThresholdKind, u64)], thresholds: &[f64]) -> Evaluation {
    let point = |threshold: &f64| MeasuredPoint {
        threshold: *threshold,
        false_positive: rate(10f64.powf(-threshold.min(9.0))),
        false_negative: rate((threshold / 200.0).min(0.9)),
    };
    let measured = |(kind, people): &(ThresholdKind, u64)| MeasuredKind {
        kind: *kind,
        people: *people,
        mated: 1000,
        non_mated: 100_000,
        points: thresholds.iter().map(point).collect(),
        groups: Vec::new(),
    };
    Evaluation {
        format: Evaluation::FORMAT.to_owned(),
        title: "A test".to_owned(),
        made_with: "by hand".to_owned(),
        data: EvaluationData { synthetic: true, about: "invented numbers".to_owned(), persons: 1000 },
        extractor: Recipe::DEFAULT.name().to_owned(),
        matcher: MATCHER.to_owned(),
        failure_to_acquire: rate(0.01),
        measured: kinds.iter().map(measured).collect(),
    }
}

impl House {
    /// A threshold of one to one, set by administrator and supervisor.
    async fn set(&self, hash: &str, value: f64) {
        let id = self.registry.propose_threshold(&self.administrator, &new_threshold(hash, value)).await.unwrap();
        self.registry.decide_threshold(&self.supervisor, id, true).await.unwrap();
    }

    /// A comparison one to one at the counter of somebody who is registered.
    async fn comes_again(&self, person: &Person, key: &str) -> tanba_registry::Result<EncounterState> {
        self.register(person, person, key, 2).await.map(|done| done.encounter.state)
    }

    async fn alarms(&self) -> u64 {
        let summary = self.registry.oversight_summary(&self.supervisor, 1).await.unwrap();
        let note = summary.notes.into_iter().find(|note| note.kind == AnomalyKind::RowsUnreconciled);
        note.map_or(0, |note| note.count)
    }
}

pub(crate) fn new_threshold(hash: &str, value: f64) -> NewThreshold {
    NewThreshold {
        kind: ThresholdKind::Verification,
        value,
        rate: 0.01,
        evaluation: hash.to_owned(),
        reason: "the last evaluation".to_owned(),
    }
}

#[tokio::test]
async fn control_i7_a_threshold_rests_on_a_row_of_an_evaluation_and_no_act_goes_below_the_floor() {
    let house = house(&[]).await;
    let registry = &house.registry;
    let own = registry.error_rates().await.unwrap();
    assert!(own.sound && own.evaluations.is_empty() && own.counted.is_none() && own.history.is_empty());
    let value = |of: &tanba_registry::ErrorRates, kind| of.in_force.iter().find(|t| t.kind == kind).unwrap().value;
    assert_eq!(value(&own, ThresholdKind::Verification), Some(3.0));

    let kinds = [(ThresholdKind::Verification, 1), (ThresholdKind::Candidates, 1000)];
    let file = serde_json::to_vec(&of_kinds(&kinds, &[0.5, 1.5, 2.0, 3.2, 150.0])).unwrap();
    assert_eq!(denied(registry.add_evaluation(Some(&house.operator), &file).await), "role");
    let hash = registry.add_evaluation(Some(&house.supervisor), &file).await.unwrap();
    assert!(matches!(registry.add_evaluation(None, &file).await, Err(RegistryError::Conflict { .. })), "once");

    let propose = async |change: fn(&mut NewThreshold)| {
        let mut new = new_threshold(&hash, 3.2);
        change(&mut new);
        registry.propose_threshold(&house.administrator, &new).await
    };
    let invalid = |result, expected: &str| match result {
        Err(RegistryError::Invalid { field, .. }) => assert_eq!(field, expected),
        other => panic!("{other:?}"),
    };
    invalid(propose(|new| new.value = 3.1).await, "value");
    invalid(propose(|new| new.value = 1.5).await, "value");
    invalid(propose(|new| new.value = 150.0).await, "value");
    invalid(propose(|new| new.value = f64::NAN).await, "value");
    invalid(propose(|new| new.rate = 0.02).await, "rate");
    invalid(propose(|new| new.rate = 1e-4).await, "rate");
    invalid(propose(|new| new.rate = f64::NAN).await, "rate");
    invalid(propose(|new| new.reason = " ".to_owned()).await, "reason");
    invalid(propose(|new| new.kind = ThresholdKind::SameFinger).await, "value");
    // 0.5 among a thousand is 3.5 among a million, which is below the floor of 4.
    invalid(propose(|new| (new.kind, new.value) = (ThresholdKind::Candidates, 0.5)).await, "value");
    let nobody = propose(|new| new.evaluation = "0".repeat(64)).await;
    assert!(matches!(nobody, Err(RegistryError::NotFound { .. })));
    assert_eq!(denied(registry.propose_threshold(&house.supervisor, &new_threshold(&hash, 3.2)).await), "role");

    let many = propose(|new| (new.kind, new.value) = (ThresholdKind::Candidates, 3.2)).await.unwrap();
    let id = propose(|_| {}).await.unwrap();
    assert_eq!(denied(registry.decide_threshold(&house.administrator, id, true).await), "role");
    registry.decide_threshold(&house.supervisor, many, false).await.unwrap();
    registry.decide_threshold(&house.supervisor, id, true).await.unwrap();
    assert!(matches!(
        registry.decide_threshold(&house.supervisor, id, true).await,
        Err(RegistryError::Conflict { .. })
    ));
    let states: Vec<_> =
        registry.threshold_proposals(&house.supervisor).await.unwrap().iter().map(|p| p.state).collect();
    assert_eq!(states, [ThresholdState::Set, ThresholdState::Rejected]);
    let now = registry.error_rates().await.unwrap();
    assert_eq!(value(&now, ThresholdKind::Verification), Some(3.2));
    assert_eq!(value(&now, ThresholdKind::Candidates), value(&own, ThresholdKind::Candidates), "what was rejected");
    assert_eq!((now.history.len(), now.evaluations[0].hash.as_str()), (1, hash.as_str()));
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_i7_whoever_proposed_a_threshold_does_not_set_it_under_another_account() {
    let house = house(&[]).await;
    let hash = house.registry.add_evaluation(None, &evaluation(&[3.2])).await.unwrap();
    let both = tanba_registry::NewAccount {
        natural_person: crate::house::founding().natural_person,
        ..crate::house::account("both", house.supervision, Role::Supervisor)
    };
    house.registry.add_account(&house.administrator, &both).await.unwrap();
    let both = crate::house::sign_in(&house.registry, "both", None).await;
    let id = house.registry.propose_threshold(&house.administrator, &new_threshold(&hash, 3.2)).await.unwrap();
    assert_eq!(denied(house.registry.decide_threshold(&both, id, true).await), "four_eyes");
    // What is set is what the entry of the proposal states, with passkeys or without.
    house.tampered("UPDATE threshold_proposals SET body = replace(body, '3.2', '2.0')").await;
    assert_eq!(denied(house.registry.decide_threshold(&house.supervisor, id, true).await), "thresholds_changed");
    house.tampered("UPDATE threshold_proposals SET body = replace(body, '2.0', '3.2')").await;
    // Nor does it help to put the proposal into somebody else's mouth.
    house
        .tampered("UPDATE threshold_proposals SET proposed_by = (SELECT id FROM accounts WHERE login = 'operator')")
        .await;
    assert_eq!(denied(house.registry.decide_threshold(&both, id, true).await), "thresholds_changed");
    assert!(house.registry.error_rates().await.unwrap().history.is_empty());
}

#[tokio::test]
async fn control_i7_every_comparison_is_decided_by_the_setting_in_force_and_its_entry_says_which() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let told = async |event: &str| {
        let seq: i64 = sqlx::query_scalar("SELECT MAX(seq) FROM log_entries WHERE event = $1")
            .bind(event)
            .fetch_one(&database(&house).await)
            .await
            .unwrap();
        let seq = u64::try_from(seq).unwrap();
        house.registry.supervise_entry(&house.supervisor, seq).await.unwrap().entry.details["threshold"].clone()
    };
    assert_eq!(told("registration.activated").await, 0, "the program's own");
    assert_eq!(house.comes_again(&aida, "k2").await.unwrap(), EncounterState::Verified);
    assert_eq!(told("registration.verified").await, 0);
    let hash = house.registry.add_evaluation(None, &evaluation(&[3.2, 90.0])).await.unwrap();
    house.set(&hash, 3.2).await;
    assert_eq!(house.comes_again(&aida, "k3").await.unwrap(), EncounterState::Verified);
    assert_eq!(told("registration.verified").await, 1);
    house.set(&hash, 90.0).await;
    assert_eq!(house.comes_again(&aida, "k4").await.unwrap(), EncounterState::Conflict, "it is what decides");
    assert_eq!(told("registration.conflict").await, 2);
    // Another extractor is another matter: what was measured says nothing of it.
    house.registry.extract_with(Recipe::FilteredRidges2.extractor().unwrap());
    assert_eq!(denied(house.comes_again(&aida, "k5").await), "threshold_version");
    assert_eq!(house.registry.error_rates().await.unwrap().in_force[0].value, None);
    house.assert_log_is_sound().await;
}

/// What somebody does to the database, and how it is taken back.
const SILENT: [(&str, &str, &str); 10] = [
    (
        "a value",
        "UPDATE threshold_settings SET statement = replace(statement, '3.4', '2.0') WHERE number = 2",
        "UPDATE threshold_settings SET statement = replace(statement, '2.0', '3.4') WHERE number = 2",
    ),
    (
        "a date",
        "UPDATE threshold_settings SET set_at = set_at - 7 WHERE number = 2",
        "UPDATE threshold_settings SET set_at = set_at + 7 WHERE number = 2",
    ),
    (
        "the newest taken away",
        "CREATE TABLE kept AS SELECT * FROM threshold_settings; DELETE FROM threshold_settings WHERE number = 2",
        "INSERT INTO threshold_settings SELECT * FROM kept WHERE number = 2; DROP TABLE kept",
    ),
    (
        "the newest taken away with its entry's event",
        "CREATE TABLE kept AS SELECT * FROM threshold_settings; DELETE FROM threshold_settings WHERE number = 2; \
         UPDATE log_entries SET event = 'x' WHERE seq = (SELECT log_seq FROM kept WHERE number = 2)",
        "UPDATE log_entries SET event = 'threshold.set' WHERE event = 'x'; \
         INSERT INTO threshold_settings SELECT * FROM kept WHERE number = 2; DROP TABLE kept",
    ),
    (
        "all taken away",
        "CREATE TABLE kept AS SELECT * FROM threshold_settings; DELETE FROM threshold_settings",
        "INSERT INTO threshold_settings SELECT * FROM kept; DROP TABLE kept",
    ),
    (
        "an older one put on top",
        "INSERT INTO threshold_settings SELECT 3, statement, wrapped_key, sealed_hash, set_at, log_seq FROM threshold_settings WHERE number = 1",
        "DELETE FROM threshold_settings WHERE number = 3",
    ),
    (
        "an older one in the place of the newest",
        "CREATE TABLE kept AS SELECT * FROM threshold_settings; UPDATE threshold_settings SET \
         statement = (SELECT statement FROM kept WHERE number = 1), sealed_hash = (SELECT sealed_hash FROM kept WHERE number = 1), \
         wrapped_key = (SELECT wrapped_key FROM kept WHERE number = 1) WHERE number = 2",
        "DELETE FROM threshold_settings; INSERT INTO threshold_settings SELECT * FROM kept; DROP TABLE kept",
    ),
    (
        "the order turned round",
        "UPDATE threshold_settings SET number = 3 - number + 10; UPDATE threshold_settings SET number = number - 10",
        "UPDATE threshold_settings SET number = 3 - number + 10; UPDATE threshold_settings SET number = number - 10",
    ),
    (
        "a statement that is no text",
        "UPDATE threshold_settings SET statement = CAST(statement AS BLOB) WHERE number = 1",
        "UPDATE threshold_settings SET statement = CAST(statement AS TEXT) WHERE number = 1",
    ),
    (
        "what is sealed",
        "UPDATE threshold_settings SET sealed_hash = CAST(sealed_hash || 'x' AS BLOB) WHERE number = 2",
        "UPDATE threshold_settings SET sealed_hash = substr(sealed_hash, 1, length(sealed_hash) - 1) WHERE number = 2",
    ),
];

#[tokio::test]
async fn control_i7_a_silent_change_of_a_threshold_stops_every_comparison_and_is_an_alarm() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let hash = house.registry.add_evaluation(None, &evaluation(&[3.2, 3.4])).await.unwrap();
    house.set(&hash, 3.2).await;
    house.set(&hash, 3.4).await;
    let case = case(&house, &house.officer).await;
    let grounds = grounds(Some(case), Some(sanction(&house, case, None, 1000).await));
    let open = house.open(&aida, "identity_card", "k2").await.unwrap();
    let pool = database(&house).await;
    let mut alarms = 0;
    for (what, by_hand, undone) in SILENT {
        sqlx::raw_sql(by_hand).execute(&pool).await.unwrap();
        let denials = house.registry.denials().await.unwrap();
        let finger = Capture { finger: FINGERS[0], image: print(&aida, FINGERS[0], 3), ppi: None };
        assert_eq!(
            denied(house.registry.capture(&house.operator, open.id, finger).await),
            "thresholds_changed",
            "{what}"
        );
        assert_eq!(house.alarms().await, alarms + 1, "{what}: the supervisor is told at once");
        let searched = house.registry.ask(&house.officer, Act::Identify, &grounds, &mark(&aida)).await;
        assert_eq!(denied(searched), "thresholds_changed", "{what}");
        assert_eq!(house.registry.denials().await.unwrap(), denials + 2, "{what}: both are in the log");
        alarms += 1;
        assert_eq!(house.alarms().await, alarms, "{what}: the same is told once");
        let published = house.registry.error_rates().await.unwrap();
        assert!(!published.sound && published.in_force.iter().all(|t| t.value.is_none()), "{what}");
        sqlx::raw_sql(undone).execute(&pool).await.unwrap();
        assert_eq!(house.registry.reconcile_rows().await.unwrap(), [], "{what}");
        assert!(house.registry.error_rates().await.unwrap().sound, "{what}");
    }
    house.capture_all(open.id, &aida, 2).await.unwrap();
    let done = house.registry.complete(&house.operator, open.id).await.unwrap();
    assert_eq!(done.encounter.state, EncounterState::Verified);
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_i7_a_register_that_opens_on_a_silent_change_compares_nothing_and_the_log_check_names_it() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let hash = house.registry.add_evaluation(None, &evaluation(&[3.2])).await.unwrap();
    house.set(&hash, 3.2).await;
    let register = house.register.clone();
    let house = house.reopened_beside(register.clone()).await;
    assert_eq!(house.comes_again(&aida, "k2").await.unwrap(), EncounterState::Verified);
    // A crash between the rows and the file: the rows go on, and the file follows at the next start.
    let file = house.data().join("thresholds");
    let written = std::fs::read(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    let house = house.reopened_beside(register.clone()).await;
    assert_eq!(std::fs::read(&file).unwrap(), written);
    house.tampered("UPDATE threshold_settings SET statement = replace(statement, '3.2', '2.0')").await;
    let house = house.reopened_beside(register).await;
    assert_eq!(house.alarms().await, 1);
    assert_eq!(denied(house.comes_again(&aida, "k3").await), "thresholds_changed");
    let report = house.registry.fsck().await.unwrap();
    assert!(report.faults.iter().any(|fault| fault.path == "thresholds"), "{:?}", report.faults);
    assert_eq!(std::fs::read(&file).unwrap(), written, "the file stays what was set");
}

#[tokio::test]
async fn control_i7_an_evaluation_that_says_what_cannot_be_is_refused() {
    let house = house(&[]).await;
    let good = of_kinds(&[(ThresholdKind::Verification, 1)], &[3.0, 3.2]);
    Evaluation::parse(&serde_json::to_vec(&good).unwrap()).unwrap();
    let refuse = async |what: &str, file: &[u8]| {
        let refused = house.registry.add_evaluation(None, file).await;
        assert!(matches!(refused, Err(RegistryError::Invalid { field: "evaluation", .. })), "{what}: {refused:?}");
    };
    type Change = fn(&mut Evaluation);
    let changes: [(&str, Change); 9] = [
        ("another format", |e| e.format = "tanba-evaluation/2".to_owned()),
        ("no title", |e| e.title.clear()),
        ("nobody", |e| e.data.persons = 0),
        ("a name with a line break", |e| e.extractor = "a\nb".to_owned()),
        ("nothing measured", |e| e.measured.clear()),
        ("a kind twice", |e| e.measured.push(e.measured[0].clone())),
        ("no rows", |e| e.measured[0].points.clear()),
        ("rows out of order", |e| e.measured[0].points.reverse()),
        ("a rate outside its interval", |e| e.measured[0].points[0].false_positive.low = 0.9),
    ];
    for (what, change) in changes {
        let mut bad = good.clone();
        change(&mut bad);
        refuse(what, &serde_json::to_vec(&bad).unwrap()).await;
    }
    let text = serde_json::to_string(&good).unwrap();
    for cut in (0..text.len()).step_by(97) {
        refuse("cut", &text.as_bytes()[..cut]).await;
    }
    refuse("no text", &[0xff; 40]).await;
    refuse("a rate that is no number", text.replacen("0.01", "1e999", 1).as_bytes()).await;
    refuse("a stranger's field", text.replacen("\"title\"", "\"titles\"", 1).as_bytes()).await;
    refuse("huge", &vec![b' '; 2 << 20]).await;
    // What was taken and then changed by hand is published no more.
    house.registry.add_evaluation(None, text.as_bytes()).await.unwrap();
    house.tampered("UPDATE evaluations SET body = replace(body, '0.01', '0.02')").await;
    let published = house.registry.error_rates().await.unwrap();
    assert!(!published.sound && published.evaluations.is_empty());
}

#[tokio::test]
async fn control_i7_the_register_counts_its_own_rates_and_shows_no_cell_of_fewer_than_ten() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    house.comes_again(&aida, "k2").await.unwrap();
    assert_eq!(denied(house.registry.count_error_rates(&house.administrator).await), "role");
    let few = house.registry.count_error_rates(&house.supervisor).await.unwrap();
    assert!(few.rates.iter().flat_map(|rate| &rate.cells).all(|cell| cell.counted.is_none()), "{few:?}");
    // Twenty more came once, of whom nobody knows anything: four were refused and then left their record.
    let pool = database(&house).await;
    sqlx::raw_sql(
        "CREATE TABLE more AS WITH RECURSIVE n (k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < 20) SELECT k FROM n; \
         CREATE TABLE one AS SELECT * FROM encounters WHERE state = 'verified'; \
         INSERT INTO persons (id, state, created_at) SELECT printf('00000000-0000-0000-0000-%012d', k), 'registered', k FROM more",
    )
    .execute(&pool)
    .await
    .unwrap();
    for k in 1..=20 {
        let id = format!("00000000-0000-0000-0000-{k:012}");
        let state = if k <= 5 { "conflict" } else { "verified" };
        sqlx::query("UPDATE one SET id = $1, person_id = $1, client_key = $1, state = $2")
            .bind(&id)
            .bind(state)
            .execute(&pool)
            .await
            .unwrap();
        sqlx::query("INSERT INTO encounters SELECT * FROM one").execute(&pool).await.unwrap();
        if k <= 4 {
            sqlx::query("INSERT INTO review_tasks (id, kind, subject_kind, subject_id, opened_at, closed_at, outcome) VALUES ($1, 'identity_conflict', 'encounter', $1, 1, 2, 'the same')")
                .bind(&id)
                .execute(&pool)
                .await
                .unwrap();
        }
    }
    let counted = house.registry.count_error_rates(&house.supervisor).await.unwrap();
    let refused = counted.rates.iter().find(|rate| rate.name == "false_refusal").unwrap();
    let cell = |way: &str, group: &str| {
        refused.cells.iter().find(|cell| cell.way == way && cell.group == group).unwrap().counted
    };
    let all = cell("all", "all").unwrap();
    // The fifth still waits for its second officer.
    assert_eq!((all.persons, all.of, all.failed), (20, 20, 4));
    // One person of a known sex and age would be told by taking the others from all.
    assert!(cell("sex", "unknown").is_none() && cell("age", "unknown").is_none());
    assert_eq!(house.registry.error_rates().await.unwrap().counted, Some(counted.clone()));
    let again = house.registry.count_error_rates(&house.supervisor).await.unwrap();
    assert_eq!(again.rates, counted.rates, "whoever counts again counts the same");
    house.tampered("UPDATE counted_rates SET body = replace(body, '\"failed\":4', '\"failed\":1')").await;
    let published = house.registry.error_rates().await.unwrap();
    assert!(!published.sound && published.counted.is_none());
}
