//! The statistics of a day against numbers counted by hand; the log by questions; notes that find what was seeded, and
//! find nothing in an ordinary day.

use jiff::SignedDuration;
use tanba_formats::Finger;
use tanba_registry::{
    Act, AnomalyKind, Capture, EncounterState, Grounds, LogFilter, NewAccount, NewOrganisation, Outcome, PersonQuery,
    RegistryError, Role, StatisticsScope, Target,
};

use crate::house::{FINGERS, House, account, adult, denied, house, house_with, print, record, sign_in, young_child};

/// The kinds of the notes of the last days.
async fn notes(house: &House) -> Vec<AnomalyKind> {
    let supervisor = sign_in(&house.registry, "supervisor", None).await;
    let summary = house.registry.oversight_summary(&supervisor, 7).await.unwrap();
    summary.notes.iter().map(|n| n.kind).collect()
}

#[tokio::test]
async fn the_statistics_of_a_day_are_what_happened_in_it() {
    let (aida, other, refuser, child) = (adult(11), adult(12), adult(13), young_child(14));
    let house = house_with([&aida, &other, &refuser, &child].map(|p| record(p, &[])).into()).await;
    let minutes = |n| house.clock.advance(SignedDuration::from_mins(n));

    // Noon UTC is 17:00 here. Two minutes for the first, with one finger captured twice.
    let first = house.open(&aida, "identity_card", "k1").await.unwrap();
    house.capture_all(first.id, &aida, 1).await.unwrap();
    let again = Capture { finger: FINGERS[0], image: print(&aida, FINGERS[0], 2), ppi: None };
    house.registry.capture(&house.operator, first.id, again).await.unwrap();
    minutes(2);
    house.registry.complete(&house.operator, first.id).await.unwrap();
    // Ten minutes for the second, at 17:02.
    let second = house.open(&other, "identity_card", "k2").await.unwrap();
    house.capture_all(second.id, &other, 1).await.unwrap();
    minutes(10);
    house.registry.complete(&house.operator, second.id).await.unwrap();
    // At 18:12 somebody refuses, a child is turned away, and a document is asked for that there can't be.
    minutes(60);
    let third = house.open(&refuser, "identity_card", "k3").await.unwrap();
    house.registry.record_refusal(&house.operator, third.id).await.unwrap();
    denied(house.open(&child, "passport", "k4").await);
    denied(house.registry.apply_for_document(&house.operator, third.id, "identity_card").await);
    let fourth = house.open(&child_of_nobody(), "identity_card", "k5").await;
    assert!(fourth.is_err(), "no register knows this number, and nothing was typed");

    let today = house.registry.today();
    let own = house.registry.day_statistics(&house.operator, today, StatisticsScope::OwnSite).await.unwrap();
    assert_eq!(own.site.as_deref(), Some("Service centre 1"));
    assert_eq!(own.arrivals, 3, "whom the law turns away leaves no encounter");
    assert_eq!((own.arrivals_by_hour[17], own.arrivals_by_hour[18]), (2, 1));
    assert_eq!((own.outcomes.registered, own.outcomes.refused, own.outcomes.open), (2, 1, 0));
    assert_eq!((own.fingers_recaptured, own.extra_attempts), (1, 1));
    assert_eq!(own.quality_deciles.iter().sum::<u64>(), 4, "two fingers of two people are kept");
    let index = own.fingers.iter().find(|f| f.finger == Finger::RightIndex).unwrap();
    assert_eq!((index.kept, index.recaptured), (2, u64::from(FINGERS[0] == Finger::RightIndex)));
    assert_eq!(own.fingers.iter().map(|f| f.kept).sum::<u64>(), 4);
    assert_eq!(own.times.ended, 3);
    assert_eq!(own.times.median_seconds, Some(120));
    assert_eq!(own.times.p90_seconds, Some(600));
    let denials: Vec<(&str, &str, u64)> =
        own.denials.iter().map(|d| (d.event.as_str(), d.reason.as_str(), d.count)).collect();
    assert_eq!(
        denials,
        [("document.denied", "not_registered", 1), ("encounter.denied", "must_not_register", 1)],
        "a person's own refusal is no denial"
    );

    // The supervisor's denied call is at no site; the day before and after are empty.
    denied(house.registry.supervise(&house.operator, 0, 1).await);
    let all = house.registry.day_statistics(&house.supervisor, today, StatisticsScope::All).await.unwrap();
    assert_eq!(all.arrivals, 3);
    assert_eq!(all.denials.iter().map(|d| d.count).sum::<u64>(), 3, "with the operator's attempt at the log");
    for day in [today.yesterday().unwrap(), today.tomorrow().unwrap()] {
        let other = house.registry.day_statistics(&house.supervisor, day, StatisticsScope::All).await.unwrap();
        assert_eq!((other.arrivals, other.denials.len(), other.times.median_seconds), (0, 0, None));
    }
    assert_eq!(denied(house.registry.day_statistics(&house.operator, today, StatisticsScope::All).await), "role");
    assert_eq!(denied(house.registry.day_statistics(&house.officer, today, StatisticsScope::OwnSite).await), "role");
    let nowhere = house.registry.day_statistics(&house.supervisor, today, StatisticsScope::OwnSite).await;
    assert!(matches!(nowhere, Err(RegistryError::Invalid { field: "scope", .. })));
}

/// A number that no register of the test knows.
fn child_of_nobody() -> tanba_synth::Person {
    adult(99)
}

#[tokio::test]
async fn a_day_begins_at_midnight_of_the_register_and_not_of_greenwich() {
    let (aida, other) = (adult(11), adult(12));
    let house = house(&[&aida, &other]).await;
    house.open(&aida, "identity_card", "k1").await.unwrap();
    let first_day = house.registry.today();
    // 17:00 and seven and a half hours: 00:30 of the next day here, 19:30 of the same day in Greenwich.
    house.clock.advance(SignedDuration::from_mins(450));
    house.open(&other, "identity_card", "k2").await.unwrap();
    assert_eq!(house.registry.today(), first_day.tomorrow().unwrap());
    for day in [first_day, first_day.tomorrow().unwrap()] {
        let seen = house.registry.day_statistics(&house.supervisor, day, StatisticsScope::All).await.unwrap();
        assert_eq!(seen.arrivals, 1);
    }
}

#[tokio::test]
async fn the_log_answers_questions_newest_first_and_each_reading_is_an_entry() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    denied(house.registry.candidate_tasks(&house.operator).await);
    let ask = async |filter: LogFilter, limit| house.registry.supervise_log(&house.supervisor, &filter, limit).await;

    let denials = ask(LogFilter { outcome: Some(Outcome::Denial), ..LogFilter::default() }, 100).await.unwrap();
    assert_eq!(denials.entries.len(), 1);
    assert_eq!(denials.entries[0].look.event, "role.denied");
    assert_eq!(denials.entries[0].login.as_deref(), Some("operator"));
    assert_eq!(denials.entries[0].details["reason"], "role");

    let fingers = ask(LogFilter { event: Some("finger.".to_owned()), ..LogFilter::default() }, 4).await.unwrap();
    assert_eq!((fingers.entries.len(), fingers.more), (4, true));
    assert!(fingers.entries.windows(2).all(|w| w[0].look.seq > w[1].look.seq), "newest first");
    let before = fingers.entries.last().map(|e| e.look.seq);
    let rest = ask(LogFilter { event: Some("finger.".to_owned()), before, ..LogFilter::default() }, 100).await.unwrap();
    assert_eq!((rest.entries.len(), rest.more), (6, false), "ten fingers, captured or stated");

    let centre = ask(LogFilter { organisation: Some("csc".to_owned()), ..LogFilter::default() }, 1000).await.unwrap();
    assert!(!centre.entries.is_empty());
    assert!(centre.entries.iter().all(|e| e.look.organisation.as_deref() == Some("csc")));
    let registration =
        ask(LogFilter { purpose: Some("registration".to_owned()), ..LogFilter::default() }, 1000).await.unwrap();
    assert!(registration.entries.iter().all(|e| e.look.purpose == "registration"));
    let later = Some(house.registry.now());
    let none = ask(LogFilter { until: Some(tanba_registry::Instant::from_micros(0)), ..LogFilter::default() }, 9).await;
    assert!(none.unwrap().entries.is_empty());
    // From the present on there is the reading itself alone.
    let reading = ask(LogFilter { since: later, ..LogFilter::default() }, 9).await.unwrap();
    let events: Vec<&str> = reading.entries.iter().map(|e| e.look.event.as_str()).collect();
    assert_eq!(events, ["log.supervised", "log.supervised"], "the one before, which found nothing, and this one");
    let places = ask(LogFilter { places: vec![0, 3], ..LogFilter::default() }, 9).await.unwrap();
    assert_eq!(places.entries.iter().map(|e| e.look.seq).collect::<Vec<_>>(), [3, 0]);
    assert!(ask(LogFilter { places: vec![0; 501], ..LogFilter::default() }, 9).await.is_err());

    house.registry.publish().await.unwrap();
    let entry = house.registry.supervise_entry(&house.supervisor, 0).await.unwrap();
    assert!(entry.published && entry.leaf.contains("instance.founded"));
    let missing = house.registry.supervise_entry(&house.supervisor, 1_000_000).await;
    assert!(matches!(missing, Err(RegistryError::NotFound { .. })));
    for other in [&house.operator, &house.officer, &house.administrator] {
        assert_eq!(denied(house.registry.supervise_log(other, &LogFilter::default(), 1).await), "role");
        assert_eq!(denied(house.registry.supervise_entry(other, 0).await), "role");
        assert_eq!(denied(house.registry.oversight_summary(other, 7).await), "role");
    }
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn nothing_that_a_supervisor_reads_names_a_person() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    denied(house.registry.ask(&house.officer, Act::Read, &Grounds::default(), &of(&aida)).await);
    let page = house.registry.supervise_log(&house.supervisor, &LogFilter::default(), 1000).await.unwrap();
    let summary = house.registry.oversight_summary(&house.supervisor, 7).await.unwrap();
    let told = serde_json::to_string(&page).unwrap() + &serde_json::to_string(&summary).unwrap();
    for secret in [aida.iin.as_str(), &aida.name.family.latin, &aida.name.given.latin] {
        assert!(!told.contains(secret));
    }
}

fn of(person: &tanba_synth::Person) -> Target {
    Target::Iin(person.iin.as_str().to_owned())
}

#[tokio::test]
async fn what_an_entry_is_found_by_cannot_say_something_else_than_the_entry() {
    let house = house(&[]).await;
    let pool =
        sqlx::SqlitePool::connect(&format!("sqlite://{}", house.data().join("tanba.sqlite").display())).await.unwrap();
    sqlx::query("UPDATE log_entries SET organisation = 'mia' WHERE seq = 3").execute(&pool).await.unwrap();
    let read = house.registry.supervise_entry(&house.supervisor, 3).await;
    assert!(matches!(read, Err(RegistryError::Damaged { what: "log entry" })), "{read:?}");
}

#[tokio::test]
async fn a_log_that_was_written_before_entries_were_indexed_is_found_again() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    house.open(&aida, "identity_card", "k1").await.unwrap();
    let data = house.data();
    let pool = sqlx::SqlitePool::connect(&format!("sqlite://{}", data.join("tanba.sqlite").display())).await.unwrap();
    sqlx::query("UPDATE log_entries SET purpose = NULL, account_id = NULL, organisation = NULL")
        .execute(&pool)
        .await
        .unwrap();
    pool.close().await;
    let House { dir, registry, clock, .. } = house;
    drop(registry);
    let registry = tanba_registry::Registry::open(
        &data,
        crate::house::PASSPHRASE,
        std::sync::Arc::new(tanba_registry::MemoryRegister::default()),
        clock,
    )
    .await
    .unwrap();
    let supervisor = sign_in(&registry, "supervisor", None).await;
    let filter = LogFilter { organisation: Some("csc".to_owned()), ..LogFilter::default() };
    let page = registry.supervise_log(&supervisor, &filter, 100).await.unwrap();
    assert!(page.entries.iter().any(|e| e.look.event == "encounter.opened"));
    drop(dir);
}

#[tokio::test]
async fn an_ordinary_day_has_no_notes_and_says_what_waits() {
    let (aida, other, refuser) = (adult(11), adult(12), adult(13));
    let house = house(&[&aida, &other, &refuser]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let second = house.register(&other, &aida, "k2", 2).await.unwrap();
    assert_eq!(second.encounter.state, EncounterState::Adjudication);
    let task = house.registry.candidate_tasks(&house.examiner_a).await.unwrap()[0].id;
    house.registry.comparison_material(&house.examiner_a, task).await.unwrap();
    let third = house.open(&refuser, "identity_card", "k3").await.unwrap();
    house.registry.record_refusal(&house.operator, third.id).await.unwrap();
    // A slip, corrected.
    denied(house.registry.candidate_tasks(&house.operator).await);
    house.registry.view_encounter(&house.operator, third.id).await.unwrap();

    let summary = house.registry.oversight_summary(&house.supervisor, 7).await.unwrap();
    assert_eq!(summary.notes, [], "an ordinary day");
    let waiting: Vec<(&str, u64)> = summary.waiting.iter().map(|w| (w.kind.as_str(), w.count)).collect();
    assert_eq!(waiting, [("candidate", 1), ("refusal_decision", 1)], "the longest waiting first");
    let denials: u64 = summary.activity.iter().filter(|a| a.outcome == Outcome::Denial).map(|a| a.count).sum();
    assert_eq!(denials, house.registry.denials().await.unwrap());
    let all: u64 = summary.activity.iter().map(|a| a.count).sum();
    assert_eq!(all, summary.log_rows);
    assert_eq!(summary.activity[0].day, house.registry.today());
    assert_eq!(summary.organisations["csc"], "csc");
    assert_eq!((summary.log_published, summary.log_overdue), (1, 0), "the founding alone is published, a moment ago");
    house.clock.advance(SignedDuration::from_mins(2));
    let later = house.registry.oversight_summary(&house.supervisor, 7).await.unwrap();
    assert_eq!(later.log_overdue, summary.log_rows - 1, "all but the look of just now");
    house.registry.publish().await.unwrap();
    assert_eq!(house.registry.oversight_summary(&house.supervisor, 7).await.unwrap().log_overdue, 0);
}

#[tokio::test]
async fn an_officer_who_looks_at_the_own_record_is_noted_and_a_citizen_who_does_is_not() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let done = house.register(&aida, &aida, "k1", 1).await.unwrap();
    assert_eq!(notes(&house).await, []);
    // Aida serves as the operator, and has a citizen's account as everyone has.
    let citizen = NewAccount {
        person: Some(done.encounter.person),
        natural_person: "P-operator".to_owned(),
        ..account("aida", house.centre, Role::Citizen)
    };
    house.registry.add_account(&house.administrator, &citizen).await.unwrap();
    house.registry.view_encounter(&house.operator, done.encounter.id).await.unwrap();
    let summary = house.registry.oversight_summary(&house.supervisor, 7).await.unwrap();
    let note = summary.notes.iter().find(|n| n.kind == AnomalyKind::SelfLookup).expect("it is noted");
    assert_eq!(note.account.as_deref(), Some("operator"));
    assert!(note.sentence().contains("operator"));
    let page = house
        .registry
        .supervise_log(&house.supervisor, &LogFilter { places: note.entries.clone(), ..LogFilter::default() }, 100)
        .await
        .unwrap();
    assert!(page.entries.iter().any(|e| e.look.event == "encounter.viewed"), "the note names its entries");
    // The person's own page is no look by the officer.
    let own = sign_in(&house.registry, "aida", None).await;
    let before = note.count;
    house.registry.own_page(&own, None, 10).await.unwrap();
    let again = house.registry.oversight_summary(&house.supervisor, 7).await.unwrap();
    assert_eq!(again.notes.iter().find(|n| n.kind == AnomalyKind::SelfLookup).map(|n| n.count), Some(before));
}

#[tokio::test]
async fn a_look_at_night_is_noted_and_one_by_day_is_not() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let encounter = house.open(&aida, "identity_card", "k1").await.unwrap();
    house.registry.view_encounter(&house.operator, encounter.id).await.unwrap();
    assert_eq!(notes(&house).await, []);
    house.clock.advance(SignedDuration::from_hours(6)); // 23:00
    house.registry.view_encounter(&house.operator, encounter.id).await.unwrap();
    assert_eq!(notes(&house).await, [AnomalyKind::AfterHours]);
}

#[tokio::test]
async fn many_people_in_an_hour_are_noted_and_as_many_in_a_day_are_not() {
    let people: Vec<tanba_synth::Person> = (200..241).map(adult).collect();
    let house = house(&people.iter().collect::<Vec<_>>()).await;
    let mut encounters = Vec::new();
    for (n, person) in people.iter().enumerate() {
        encounters.push(house.open(person, "identity_card", &format!("k{n}")).await.unwrap().id);
    }
    for id in &encounters {
        house.clock.advance(SignedDuration::from_mins(5));
        house.registry.view_encounter(&house.operator, *id).await.unwrap();
    }
    assert_eq!(notes(&house).await, [], "twelve in an hour are work");
    house.clock.advance(SignedDuration::from_mins(15 * 60 + 25)); // 11:50 of the next day
    let operator = sign_in(&house.registry, "operator", Some("csc-1-a")).await;
    for id in &encounters {
        // Some before noon and some after it: no hour of the clock has them all.
        house.clock.advance(SignedDuration::from_secs(30));
        house.registry.view_encounter(&operator, *id).await.unwrap();
    }
    let supervisor = sign_in(&house.registry, "supervisor", None).await;
    let summary = house.registry.oversight_summary(&supervisor, 7).await.unwrap();
    assert_eq!(summary.notes.len(), 1);
    assert_eq!((summary.notes[0].kind, summary.notes[0].count), (AnomalyKind::ManyLooks, 41));
}

#[tokio::test]
async fn searching_for_people_all_the_time_is_noted() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    house.open(&aida, "identity_card", "k1").await.unwrap();
    let query = PersonQuery::Iin(aida.iin.as_str().to_owned());
    for _ in 0..60 {
        house.registry.find_person(&house.operator, &query).await.unwrap();
    }
    assert_eq!(notes(&house).await, []);
    house.registry.find_person(&house.operator, &query).await.unwrap();
    assert_eq!(notes(&house).await, [AnomalyKind::ManySearches]);
}

#[tokio::test]
async fn denials_in_a_row_are_noted_and_with_something_allowed_between_them_are_not() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let encounter = house.open(&aida, "identity_card", "k1").await.unwrap();
    for _ in 0..2 {
        for _ in 0..4 {
            denied(house.registry.candidate_tasks(&house.operator).await);
        }
        house.registry.view_encounter(&house.operator, encounter.id).await.unwrap();
    }
    assert_eq!(notes(&house).await, []);
    for _ in 0..5 {
        denied(house.registry.candidate_tasks(&house.operator).await);
    }
    assert_eq!(notes(&house).await, [AnomalyKind::DenialsInARow]);
}

#[tokio::test]
async fn a_person_whom_several_organisations_look_at_in_a_day_is_noted() {
    let (aida, other) = (adult(11), adult(12));
    let house = house(&[&aida, &other]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let second = house.register(&other, &aida, "k2", 2).await.unwrap();
    house.registry.view_encounter(&house.operator, second.encounter.id).await.unwrap();
    let task = house.registry.candidate_tasks(&house.examiner_a).await.unwrap()[0].id;
    house.registry.comparison_material(&house.examiner_a, task).await.unwrap();
    assert_eq!(notes(&house).await, [], "a registration and its examination take two");
    let new = NewOrganisation {
        code: "migration".to_owned(),
        name: "migration".to_owned(),
        body: "ministry_of_interior".to_owned(),
    };
    let third = house.registry.add_organisation(&house.administrator, &new).await.unwrap();
    let examiner = account("examiner-c", third, Role::FingerprintExaminer);
    house.registry.add_account(&house.administrator, &examiner).await.unwrap();
    let examiner = sign_in(&house.registry, "examiner-c", None).await;
    house.registry.comparison_material(&examiner, task).await.unwrap();
    let found = notes(&house).await;
    assert!(found.contains(&AnomalyKind::SeveralBodies), "{found:?}");
}

#[tokio::test]
async fn control_g6_somebody_whom_everybody_looks_at_in_a_day_is_noted() {
    let (aida, other) = (adult(11), adult(12));
    let house = house(&[&aida, &other]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    house.register(&other, &aida, "k2", 2).await.unwrap();
    let task = house.registry.candidate_tasks(&house.examiner_a).await.unwrap()[0].id;
    for n in 1..=9 {
        if n == 4 {
            // Three a day are three cases.
            house.clock.advance(SignedDuration::from_hours(25));
        }
        let login = format!("curious-{n}");
        let administrator = sign_in(&house.registry, "administrator", None).await;
        let new = account(&login, house.examiner_a.organisation(), Role::FingerprintExaminer);
        house.registry.add_account(&administrator, &new).await.unwrap();
        let examiner = sign_in(&house.registry, &login, None).await;
        // Again and again by one is one pair of eyes.
        for _ in 0..3 {
            house.registry.comparison_material(&examiner, task).await.unwrap();
        }
        let noted = notes(&house).await.contains(&AnomalyKind::ManyEyes);
        assert_eq!(noted, n == 9, "after {n} accounts");
    }
}

#[tokio::test]
async fn a_centre_at_which_nobody_says_no_to_what_is_voluntary_is_noted() {
    let people: Vec<tanba_synth::Person> = (300..331).map(adult).collect();
    let records = people.iter().map(|p| record(p, &[])).collect();
    let law = crate::law_in_use::folder(&[("kz-2024", crate::law_in_use::KZ_2024)]);
    let house = crate::house::house_under(records, "kz", &law, crate::house::today()).await;
    let consented = async |person: &tanba_synth::Person, key: &str| {
        let id = house.open(person, "identity_card", key).await.unwrap().id;
        crate::law_in_use::consent(&house, id, person).await;
        for finger in Finger::TEN {
            if finger == FINGERS[0] {
                // Everybody has the hands of the first: the visits end with examiners, and the consents count all the same.
                let capture = Capture { finger, image: print(&people[0], finger, 1), ppi: None };
                house.registry.capture(&house.operator, id, capture).await.unwrap();
                let reason = tanba_registry::QualityReason::ManualWork;
                let _ = house.registry.accept_quality(&house.operator, id, finger, reason, None).await;
            } else {
                let state = tanba_registry::FingerState::Unable;
                house.registry.state_finger(&house.operator, id, finger, state).await.unwrap();
            }
        }
        house.registry.complete(&house.operator, id).await.unwrap();
    };
    for (n, person) in people[..29].iter().enumerate() {
        consented(person, &format!("k{n}")).await;
    }
    assert!(!notes(&house).await.contains(&AnomalyKind::NearTotalConsent), "29 say nothing yet");
    consented(&people[29], "k29").await;
    let supervisor = sign_in(&house.registry, "supervisor", None).await;
    let summary = house.registry.oversight_summary(&supervisor, 7).await.unwrap();
    let note = summary.notes.iter().find(|n| n.kind == AnomalyKind::NearTotalConsent).expect("it is noted");
    assert_eq!((note.site.as_deref(), note.count, note.entries.len()), (Some("csc-1"), 30, 30));
    assert_eq!(note.sentence(), "at csc-1 30 people consented to what is voluntary, and nearly nobody declined");
    // One who declines of 31 is 3 in a hundred: somebody is asked after all.
    let last = house.open(&people[30], "identity_card", "k30").await.unwrap();
    house.registry.record_refusal(&house.operator, last.id).await.unwrap();
    assert!(!notes(&house).await.contains(&AnomalyKind::NearTotalConsent));
}

/// At the size of a large district: 10,000 people, 100,000 encounters over a year, 600,000 log entries. Run by hand with
/// `cargo test -p tanba-registry --release -- --ignored --nocapture scale`; it prints what was measured.
#[tokio::test]
#[allow(clippy::print_stdout)] // what was measured is what it is run for
#[ignore = "fills a database of 400 MB; run by hand to measure"]
async fn scale_pages_of_oversight_stay_under_a_tenth_of_a_second() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let done = house.register(&aida, &aida, "k1", 1).await.unwrap();
    let citizen = NewAccount { person: Some(done.encounter.person), ..account("aida", house.centre, Role::Citizen) };
    house.registry.add_account(&house.administrator, &citizen).await.unwrap();
    let citizen = sign_in(&house.registry, "aida", None).await;
    let pool =
        sqlx::SqlitePool::connect(&format!("sqlite://{}", house.data().join("tanba.sqlite").display())).await.unwrap();
    let now = house.registry.now().micros();
    // Copies of one honest row with other ids and times; ciphertexts of copies don't open, and nothing opens them.
    let fill = format!(
        "PRAGMA synchronous = OFF;
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
         INSERT INTO persons SELECT '00000000-0000-7000-8000-' || printf('%012d', i), 'registered', {now} FROM n;
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
         INSERT INTO encounters (id, person_id, station_id, account_id, client_key, request_hash, trigger_code, state, category, pack, pack_hash, clause, sealed_facts, opened_at, closed_at)
         SELECT '00000000-0000-7000-9000-' || printf('%012d', i), '00000000-0000-7000-8000-' || printf('%012d', 1 + i % 10000), e.station_id, e.account_id, 'x' || i, e.request_hash,
           e.trigger_code, 'registered', e.category, e.pack, e.pack_hash, e.clause, e.sealed_facts, {now} - i * 300000000, {now} - i * 300000000 + 90000000
         FROM n, (SELECT * FROM encounters LIMIT 1) e;
         INSERT INTO samples (id, encounter_id, finger, attempt, kept, quality, sealed_image, sealed_template, captured_at)
         SELECT e.id || '-' || f.finger, e.id, f.finger, 1, 1, 40 + f.finger, x'00', x'00', e.opened_at
         FROM encounters e, (SELECT DISTINCT finger FROM finger_states UNION SELECT 2) f WHERE e.client_key LIKE 'x%';
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600000)
         INSERT INTO log_entries (seq, happened_at, event, outcome, leaf, wrapped_key, sealed_payload, purpose, account_id, organisation)
         SELECT 1000 + h.i, {now} - (600000 - h.i) * 50000000, CASE WHEN i % 6 = 0 AND h.day THEN 'encounter.viewed' ELSE 'finger.captured' END, CASE WHEN i % 6 = 0 AND h.day THEN 'look' ELSE 'effect' END,
           l.leaf, l.wrapped_key, l.sealed_payload, 'registration', l.account_id, 'csc' FROM (SELECT i, (({now} - (600000 - i) * 50000000) / 3600000000 + 5) % 24 BETWEEN 8 AND 20 AS day FROM n) h, (SELECT * FROM log_entries WHERE event = 'encounter.opened' LIMIT 1) l;
         INSERT INTO log_subjects SELECT seq, '00000000-0000-7000-8000-' || printf('%012d', 1 + seq % 10000) FROM log_entries WHERE seq > 1000;"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(fill)).execute(&pool).await.unwrap();
    pool.close().await;

    let today = house.registry.today();
    let registry = &house.registry;
    let own_looks = registry.own_page(&citizen, Some(1000), 50).await.unwrap().looks;
    let operator_looks =
        LogFilter { event: Some("encounter.opened".to_owned()), before: Some(1000), ..LogFilter::default() };
    for round in ["first", "again"] {
        let mut slow = Vec::new();
        let mut took = |what: &'static str, started: std::time::Instant| {
            println!("{round} {what}: {:?}", started.elapsed());
            slow.extend((started.elapsed().as_millis() > 100 && round == "again").then_some(what));
        };
        let started = std::time::Instant::now();
        let day = registry.day_statistics(&house.operator, today, StatisticsScope::OwnSite).await.unwrap();
        took("statistics of a day", started);
        assert!(day.arrivals > 100);
        let started = std::time::Instant::now();
        let summary = registry.oversight_summary(&house.supervisor, 7).await.unwrap();
        took("supervisor's first page, 7 days", started);
        assert!(!summary.activity.is_empty());
        let started = std::time::Instant::now();
        registry.supervise_log(&house.supervisor, &operator_looks, 50).await.unwrap();
        took("log by event", started);
        let started = std::time::Instant::now();
        let rare = LogFilter { outcome: Some(Outcome::Denial), ..LogFilter::default() };
        registry.supervise_log(&house.supervisor, &rare, 50).await.unwrap();
        took("log, denials only", started);
        let started = std::time::Instant::now();
        assert!(registry.own_page(&citizen, None, 50).await.unwrap().looks.len() >= own_looks.len());
        took("citizen's own page", started);
        assert_eq!(slow, Vec::<&str>::new(), "over 100 ms");
    }
}
