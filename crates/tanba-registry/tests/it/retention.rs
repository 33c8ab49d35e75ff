//! How long everything is kept, in a register: plans, their execution, and what stops at once. Named by the control that each shows.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use jiff::SignedDuration;
use jiff::civil::{Date, date};
use sqlx::Row as _;
use tanba_dna::Category;
use tanba_registry::{
    Act, Action, Actor, CorrectionKind, EncounterId, HoldRequest, Instant, MemoryRegister, NewCase, NewCorrection,
    NewSanction, Part, Registry, RegistryError, RetentionEvent, RowId, SearchGrounds,
};
use tanba_synth::Person;

use crate::citizen::citizen;
use crate::genomic::lineage::{Y, search};
use crate::genomic::specimen;
use crate::house::{House, PASSPHRASE, adult, denied, house, house_under, record, sign_in, today};
use crate::law_in_use::{KZ_2024, KZ_DEMO, folder};

pub(crate) async fn pool(house: &House) -> sqlx::SqlitePool {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(house.data().join("tanba.sqlite"));
    sqlx::SqlitePool::connect_with(options).await.unwrap()
}

/// Forward to the morning of a day.
pub(crate) fn travel(house: &House, to: Date) {
    let now = house.registry.today();
    let days = i64::from(now.until(to).unwrap().get_days());
    assert!(days > 0, "time goes forward: {now} to {to}");
    house.clock.advance(SignedDuration::from_hours(24 * days));
}

/// The record of a person's only encounter, for what is said about it.
pub(crate) fn record_id(id: EncounterId) -> RowId {
    id.to_string().parse().unwrap()
}

/// Whether somebody with these hands, under another name, is told that they may be registered already.
async fn found_by_search(house: &House, other: &Person, hands: &Person, key: &str) -> usize {
    let operator = sign_in(&house.registry, "operator", Some("csc-1-a")).await;
    HouseAt { house, operator }.register(other, hands, key).await
}

/// A house whose operator signed in again, because sessions end while time passes.
struct HouseAt<'a> {
    house: &'a House,
    operator: Actor,
}

impl HouseAt<'_> {
    async fn register(&self, person: &Person, hands: &Person, key: &str) -> usize {
        use tanba_formats::Finger;
        use tanba_registry::{Capture, FingerState, OpenEncounter, QualityReason};
        let registry = &self.house.registry;
        let new = OpenEncounter {
            client_key: key.to_owned(),
            trigger: "identity_card".to_owned(),
            iin: Some(person.iin.as_str().to_owned()),
            typed: std::collections::BTreeMap::new(),
        };
        let id = registry.open_encounter(&self.operator, &new).await.unwrap().id;
        for finger in Finger::TEN {
            if crate::house::FINGERS.contains(&finger) {
                let capture = Capture { finger, image: crate::house::print(hands, finger, 2), ppi: None };
                if registry.capture(&self.operator, id, capture).await.unwrap().flagged {
                    let reason = QualityReason::ManualWork;
                    registry.accept_quality(&self.operator, id, finger, reason, None).await.unwrap();
                }
            } else {
                registry.state_finger(&self.operator, id, finger, FingerState::Unable).await.unwrap();
            }
        }
        registry.complete(&self.operator, id).await.unwrap().candidates
    }
}

#[tokio::test]
async fn control_h4_h10_images_go_after_their_year_and_templates_stay() {
    let (aida, other) = (adult(11), adult(12));
    let house = house(&[&aida, &other]).await;
    let done = house.register(&aida, &aida, "k1", 1).await.unwrap();
    let nothing = house.registry.run_retention().await.unwrap();
    assert_eq!((nothing.erased, nothing.blocked, nothing.overdue), (0, 0, 0), "a day later nothing is due");

    travel(&house, date(2027, 11, 22));
    assert_eq!(house.registry.overdue().await.unwrap(), 0, "the last day of the year");
    travel(&house, date(2027, 11, 23));
    assert_eq!(house.registry.overdue().await.unwrap(), 1);
    let plan = house.registry.plan_deletions().await.unwrap();
    assert_eq!(plan.rows.len(), 1);
    let row = &plan.rows[0];
    assert_eq!((row.action, row.part, row.until), (Action::Erase, Part::PrintImages, Some(date(2027, 11, 23))));
    assert_eq!((row.owner.as_str(), row.clause.as_str()), (done.encounter.id.to_string().as_str(), "retention.sample"));
    assert_eq!(row.pack_hash, done.encounter.law.pack_hash, "the plan names the pack by its hash");
    assert_eq!(house.registry.overdue().await.unwrap(), 1, "a plan changes nothing");
    let run = house.registry.carry_out_plans().await.unwrap();
    assert_eq!((run.erased, run.proofs.len()), (1, 1));
    assert_eq!(house.registry.overdue().await.unwrap(), 0);
    let again = house.registry.run_retention().await.unwrap();
    assert_eq!((again.erased, again.overdue), (0, 0), "once is enough");

    let pool = pool(&house).await;
    let keys = sqlx::query("SELECT domain, wrapped IS NULL AS gone FROM data_keys WHERE owner_id = $1 ORDER BY domain")
        .bind(done.encounter.id.to_string())
        .fetch_all(&pool)
        .await
        .unwrap();
    let keys: Vec<(String, bool)> = keys.iter().map(|row| (row.get(0), row.get(1))).collect();
    let expected = [("identity", false), ("image", true), ("template", false)];
    assert_eq!(keys, expected.map(|(domain, gone)| (domain.to_owned(), gone)));
    let left: i64 = sqlx::query_scalar("SELECT SUM(LENGTH(sealed_image)) FROM samples").fetch_one(&pool).await.unwrap();
    assert_eq!(left, 0, "the ciphertext is gone too");
    assert_eq!(found_by_search(&house, &other, &aida, "k2").await, 1, "the template is searched as before");
    // The supervisor reads the plan, as it was made.
    let supervisor = sign_in(&house.registry, "supervisor", None).await;
    let plans = house.registry.deletion_plans(&supervisor).await.unwrap();
    let kept = plans.iter().find(|kept| kept.id == plan.id).unwrap();
    assert_eq!((kept.hash.as_str(), &kept.rows, kept.done_at.is_some()), (plan.hash.as_str(), &plan.rows, true));
    assert_eq!(denied(house.registry.deletion_plans(&sign_in(&house.registry, "second", None).await).await), "role");
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_h2_a_missed_review_takes_a_record_out_of_every_search_until_it_is_made() {
    let (aida, other, third) = (adult(11), adult(12), adult(13));
    let house = house(&[&aida, &other, &third]).await;
    let done = house.register(&aida, &aida, "k1", 1).await.unwrap();
    travel(&house, date(2036, 11, 23));
    let run = house.registry.run_retention().await.unwrap();
    assert_eq!(
        (run.erased, run.blocked, house.registry.people_searchable()),
        (2, 1, 0),
        "images and the log; and the block"
    );
    assert_eq!(found_by_search(&house, &other, &aida, "k2").await, 0, "nobody may use what was not reviewed");

    let second = sign_in(&house.registry, "second", None).await;
    let review = RetentionEvent {
        event: "reviewed".to_owned(),
        on: date(2036, 11, 23),
        gravity: None,
        evidence: "note 5".to_owned(),
    };
    let id = record_id(done.encounter.id);
    let officer = sign_in(&house.registry, "officer", None).await;
    assert_eq!(denied(house.registry.record_retention_event(&officer, id, &review).await), "role");
    house.registry.record_retention_event(&second, id, &review).await.unwrap();
    let run = house.registry.run_retention().await.unwrap();
    assert_eq!((run.unblocked, house.registry.people_searchable()), (1, 2));
    assert_eq!(found_by_search(&house, &third, &aida, "k3").await, 2, "both records with these hands");
    house.assert_log_is_sound().await;
}

/// A sheet with other rows of keeping for prints.
pub(crate) fn sheet(row: &str) -> String {
    let at = KZ_DEMO.find("retention:\n").unwrap();
    let text = "      text: {kk: kk, ru: ru, en: en}\n    reason: {kk: kk, ru: ru, en: en}\n";
    let rows =
        ["profile", "sample"].map(|kind| format!("  - kind: {kind}\n    row:\n      code: {kind}-test\n{row}{text}"));
    format!("{}retention:\n{}{}", &KZ_DEMO[..at], rows[0], rows[1])
}

#[tokio::test]
async fn control_h3_somebody_is_told_three_months_before_and_once() {
    let aida = adult(11);
    let row = "      category: any\n      start_event: collection\n      max_period: P5Y\n      notice_before: P3M\n";
    let house =
        house_under([&aida].map(|p| record(p, &[])).into(), "kz", &folder(&[("sheet", &sheet(row))]), today()).await;
    let done = house.register(&aida, &aida, "k1", 1).await.unwrap();
    travel(&house, date(2031, 8, 22));
    assert_eq!(house.registry.run_retention().await.unwrap().notified, 0);
    travel(&house, date(2031, 8, 23));
    assert_eq!(house.registry.run_retention().await.unwrap().notified, 2, "of the images, of the templates");
    travel(&house, date(2031, 8, 24));
    let told = house.registry.run_retention().await.unwrap();
    assert_eq!((told.notified, told.erased), (0, 0), "nobody is told twice");
    let own = citizen(&house, "aida", done.encounter.person).await;
    let page = house.registry.own_page(&own, None, 50).await.unwrap();
    assert!(page.looks.iter().any(|look| look.event == "record.ends_soon"), "the person reads it on the own page");
    travel(&house, date(2031, 11, 23));
    assert_eq!(house.registry.run_retention().await.unwrap().erased, 2);
    let own = sign_in(&house.registry, "aida", None).await;
    let page = house.registry.own_page(&own, None, 50).await.unwrap();
    assert_eq!(page.prints_held, 0);
    assert!(page.looks.iter().any(|look| look.event == "record.erased"));
}

#[tokio::test]
async fn control_h8_a_death_ends_it_and_without_one_the_hundredth_birthday() {
    let (aida, other) = (adult(11), adult(12));
    let row = "      category: any\n      start_event: collection\n      until_age: 100\n      end_events: [death]\n";
    let people = [&aida, &other].map(|p| record(p, &[])).into();
    let house = house_under(people, "kz", &folder(&[("sheet", &sheet(row))]), today()).await;
    let first = house.register(&aida, &aida, "k1", 1).await.unwrap();
    house.register(&other, &other, "k2", 1).await.unwrap();
    let change = NewCorrection {
        kind: CorrectionKind::Death,
        attributes: [("died".to_owned(), "2026-11-20".to_owned())].into(),
        source: "population_register".to_owned(),
        evidence: "record 7".to_owned(),
        reason: "death".to_owned(),
        valid_from: None,
    };
    let second = house.registry.propose_correction(&house.second, first.encounter.person, &change).await.unwrap();
    assert_eq!(house.registry.run_retention().await.unwrap().erased, 0, "a proposal is not a death");
    house.registry.apply_correction(&house.prosecution_clerk, second.id).await.unwrap();
    assert_eq!(house.registry.run_retention().await.unwrap().erased, 2);
    assert_eq!(house.registry.people_searchable(), 1);

    let born: Date = other.born.iso().parse().unwrap();
    let birthday = date(born.year() + 100, born.month(), born.day());
    travel(&house, birthday.yesterday().unwrap());
    assert_eq!(house.registry.overdue().await.unwrap(), 0, "the day before");
    travel(&house, birthday);
    // The log of a hundred years ago goes as well, by its own clock.
    assert_eq!(house.registry.run_retention().await.unwrap().overdue, 0);
    assert_eq!(house.registry.people_searchable(), 0);
}

#[tokio::test]
async fn control_h5_an_acquittal_takes_sample_and_profile_and_every_copy() {
    let aida = adult(11);
    let row = "      category: any\n      start_event: collection\n      max_period: P40Y\n      end_events: [acquittal, rehabilitation]\n";
    let records = [&aida].map(|p| record(p, &[])).into();
    let house = house_under(records, "kz", &folder(&[("sheet", &sheet(row))]), today()).await;
    let done = house.register(&aida, &aida, "k1", 1).await.unwrap();
    house.registry.keep_gallery(tanba_registry::Save::Everyone).await.unwrap();
    let id = record_id(done.encounter.id);
    let event = |name: &str, on| RetentionEvent {
        event: name.to_owned(),
        on,
        gravity: None,
        evidence: "judgment 3".to_owned(),
    };
    let early = house.registry.record_retention_event(&house.second, id, &event("acquittal", date(2027, 1, 1))).await;
    assert!(matches!(early, Err(RegistryError::Invalid { field: "on", .. })), "not before it has happened");
    house.registry.record_retention_event(&house.second, id, &event("conviction", today())).await.unwrap();
    assert_eq!(house.registry.run_retention().await.unwrap().erased, 0, "no end of this row");
    house.registry.record_retention_event(&house.second, id, &event("acquittal", today())).await.unwrap();
    let run = house.registry.run_retention().await.unwrap();
    assert_eq!((run.erased, run.overdue, house.registry.people_searchable()), (2, 0, 0));
    let stats = house.registry.gallery_stats();
    assert_eq!((stats.segments, stats.dead), (0, 0), "nothing of them is left in a segment");
    let gone = house.registry.record_retention_event(&house.second, id, &event("acquittal", today())).await;
    assert!(matches!(gone, Err(RegistryError::NotFound { .. })), "nothing is held of which anything could be said");
}

#[tokio::test]
async fn control_h7_only_a_sanction_keeps_a_record_and_no_longer_than_it_lasts() {
    let aida = adult(11);
    let row = "      category: any\n      start_event: collection\n      max_period: P1Y\n      hold_by: [court]\n";
    let house =
        house_under([&aida].map(|p| record(p, &[])).into(), "kz", &folder(&[("sheet", &sheet(row))]), today()).await;
    let done = house.register(&aida, &aida, "k1", 1).await.unwrap();
    let new = NewCase { number: "A-7".to_owned(), kind: "crime".to_owned() };
    let case = house.registry.open_case(&house.officer, &new).await.unwrap();
    let end = house.registry.zone().day_begins(date(2028, 6, 1));
    let sanction = |authority: &str, purpose: &str| NewSanction {
        case,
        authority: authority.to_owned(),
        issued_by: "decision 8".to_owned(),
        issuer: None,
        purposes: [purpose.to_owned()].into(),
        acts: vec![Act::Read],
        subject_iin: Some(aida.iin.as_str().to_owned()),
        valid_from: Instant::from_micros(0),
        valid_to: end,
        max_uses: 1,
        tell_person_at: None,
    };
    let enter = async |authority: &str, purpose: &str| {
        house.registry.enter_sanction(&house.prosecution_clerk, &sanction(authority, purpose)).await.unwrap()
    };
    let hold = |sanction| HoldRequest { record: record_id(done.encounter.id), sanction };
    let another = enter("court", "crime_investigation").await;
    let refused = house.registry.hold_record(&house.officer, &hold(another)).await;
    assert_eq!(denied(refused), "hold_without_sanction", "an order to search is none to keep");
    let (court, prosecutor) = (enter("court", "legal_hold").await, enter("prosecutor", "legal_hold").await);
    house.registry.hold_record(&house.officer, &hold(prosecutor)).await.unwrap();
    travel(&house, date(2027, 11, 22));
    let officer = sign_in(&house.registry, "officer", None).await;
    house.registry.hold_record(&officer, &hold(court)).await.unwrap();
    travel(&house, date(2027, 11, 23));
    let run = house.registry.run_retention().await.unwrap();
    // The prosecutor's order is worth nothing here: the row says who may give one.
    assert_eq!((run.erased, run.blocked, house.registry.people_searchable()), (0, 1, 0), "kept, and used by nobody");
    travel(&house, date(2028, 6, 1));
    let run = house.registry.run_retention().await.unwrap();
    assert_eq!((run.erased, run.overdue), (2, 0), "the order has ended");
}

#[tokio::test]
async fn control_h4_material_is_ordered_away_and_the_laboratory_says_when_it_is() {
    let donor = adult(21);
    let house = house(&[]).await;
    let new = NewCase { number: "A-1".to_owned(), kind: "crime".to_owned() };
    let case = house.registry.open_case(&house.dna_examiner, &new).await.unwrap();
    let new = specimen(Category::ConvictedPerson, case, "s1", Some(&donor.genotype.profile()));
    let specimen = house.registry.register_specimen(&house.dna_examiner, &new).await.unwrap().id;
    travel(&house, date(2027, 11, 23));
    assert_eq!(house.registry.run_retention().await.unwrap().erased, 1, "the order");
    let dna = sign_in(&house.registry, "dna", None).await;
    let orders = house.registry.material_to_destroy(&dna).await.unwrap();
    assert_eq!(orders.iter().map(|order| order.specimen).collect::<Vec<_>>(), [specimen]);
    house.registry.confirm_material_destroyed(&dna, specimen, "certificate 12").await.unwrap();
    assert!(house.registry.material_to_destroy(&dna).await.unwrap().is_empty());
    let twice = house.registry.confirm_material_destroyed(&dna, specimen, "certificate 12").await;
    assert!(matches!(twice, Err(RegistryError::NotFound { .. })));
    // The profile has a clock of its own: 25 years.
    travel(&house, date(2051, 11, 22));
    assert_eq!(house.registry.overdue().await.unwrap(), u64::from(log_is_due(&house).await), "the log alone");
    travel(&house, date(2051, 11, 23));
    let run = house.registry.run_retention().await.unwrap();
    assert_eq!(run.overdue, 0);
    let dna = sign_in(&house.registry, "dna", None).await;
    let grounds = SearchGrounds { case, purpose: "crime_investigation", legal_basis: "order 1" };
    let search = house.registry.search_specimen(&dna, specimen, grounds).await;
    assert!(matches!(search, Err(RegistryError::NotFound { .. })), "{search:?}");
    house.assert_log_is_sound().await;
}

/// Whether the log has entries older than their ten years.
async fn log_is_due(house: &House) -> bool {
    let plan = house.registry.plan_deletions().await.unwrap();
    plan.rows.iter().any(|row| row.part == Part::LogPayloads)
}

#[tokio::test]
async fn control_e13_log_entries_lose_their_words_after_their_own_time_and_the_proofs_stay() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    house.open(&aida, "identity_card", "k1").await.unwrap();
    let pool = pool(&house).await;
    let first: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM log_entries").fetch_one(&pool).await.unwrap();
    travel(&house, date(2036, 11, 22));
    house.registry.run_retention().await.unwrap();
    let readable = "SELECT COUNT(*) FROM log_entries WHERE wrapped_key IS NOT NULL AND seq < $1";
    let left = async || sqlx::query_scalar::<_, i64>(readable).bind(first).fetch_one(&pool).await.unwrap();
    assert_eq!(left().await, first);
    travel(&house, date(2036, 11, 23));
    let run = house.registry.run_retention().await.unwrap();
    assert_eq!((run.overdue, left().await), (0, 0));
    house.assert_log_is_sound().await;
    // Plans say on which days something had to go; they go with the entries that tell of them.
    travel(&house, date(2046, 11, 23));
    house.registry.run_retention().await.unwrap();
    let supervisor = sign_in(&house.registry, "supervisor", None).await;
    let plans = house.registry.deletion_plans(&supervisor).await.unwrap();
    assert_eq!(plans.iter().map(|plan| plan.as_of).collect::<Vec<_>>(), [date(2046, 11, 23)]);
}

#[tokio::test]
async fn control_e13_each_countrys_log_loses_its_words_on_the_day_of_its_pack() {
    // France: five years. India: of the keepers that the pack tells apart, the register is the authority, which has six months.
    let (france, india) = (
        include_str!("../../../tanba-law/packs/fr-tes.yaml"),
        include_str!("../../../tanba-law/packs/in-aadhaar-2016.yaml"),
    );
    for (country, pack, last) in [("fr", france, date(2031, 11, 22)), ("in", india, date(2027, 5, 22))] {
        let house = house_under(Vec::new(), country, &folder(&[(country, pack)]), today()).await;
        let pool = pool(&house).await;
        let first: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM log_entries").fetch_one(&pool).await.unwrap();
        let readable = "SELECT COUNT(*) FROM log_entries WHERE wrapped_key IS NOT NULL AND seq < $1";
        let left = async || sqlx::query_scalar::<_, i64>(readable).bind(first).fetch_one(&pool).await.unwrap();
        travel(&house, last);
        house.registry.run_retention().await.unwrap();
        assert_eq!(left().await, first, "{country}, on the last day");
        travel(&house, last.tomorrow().unwrap());
        house.registry.run_retention().await.unwrap();
        assert_eq!(left().await, 0, "{country}");
        house.assert_log_is_sound().await;
    }
}

/// A future that dies after so many polls: a process that was killed, as far as its work can tell.
pub(crate) struct Killed<F>(pub(crate) F, pub(crate) usize);

impl<F: Future + Unpin> Future for Killed<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.1 == 0 {
            return Poll::Ready(None);
        }
        self.1 -= 1;
        Pin::new(&mut self.0).poll(context).map(Some)
    }
}

#[tokio::test]
async fn control_h9_a_run_that_is_killed_anywhere_is_finished_by_the_next_one() {
    let people: Vec<Person> = (31..34).map(adult).collect();
    let row = "      category: any\n      start_event: collection\n      max_period: P1Y\n";
    let records = people.iter().map(|p| record(p, &[])).collect();
    let house = house_under(records, "kz", &folder(&[("sheet", &sheet(row))]), today()).await;
    for (n, person) in people.iter().enumerate() {
        house.register(person, person, &format!("k{n}"), 1).await.unwrap();
    }
    travel(&house, date(2027, 11, 23));
    let pool = pool(&house).await;
    let mut unfinished = 0;
    for polls in 1.. {
        let done = Killed(pin!(house.registry.run_retention()), polls).await.transpose().unwrap();
        // What counts is in the rows: a registration is whole, or it is over and its keys are gone.
        let torn: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM registrations r JOIN data_keys k ON k.owner_id = r.encounter_id AND k.domain = 'template' \
             WHERE (r.state = 'active') <> (k.wrapped IS NOT NULL)",
        )
        .fetch_one(&pool)
        .await
        .unwrap();
        assert_eq!(torn, 0, "killed after {polls} polls: half deleted");
        let steps: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM deletion_steps WHERE outcome = 'done' AND log_seq IS NULL")
                .fetch_one(&pool)
                .await
                .unwrap();
        assert_eq!(steps, 0, "no step without its log entry");
        if done.is_some() {
            break;
        }
        unfinished += 1;
    }
    assert!(unfinished > 20, "it was killed at many places: {unfinished}");
    assert_eq!((house.registry.overdue().await.unwrap(), house.registry.people_searchable()), (0, 0));
    let erased: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM log_entries WHERE event = 'record.erased'")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(erased, 6, "each part of each record once, however often it was tried");
    house.assert_log_is_sound().await;
    // A cold start finds nobody either.
    let (data, clock) = (house.data(), house.clock.clone());
    let House { dir, registry, .. } = house;
    drop(registry);
    let again = Registry::open(&data, PASSPHRASE, Arc::new(MemoryRegister::default()), clock).await.unwrap();
    assert_eq!(again.people_searchable(), 0);
    drop(dir);
}

#[tokio::test]
async fn control_b4_a_consent_taken_back_ends_use_at_once_and_the_document_stays() {
    let (aida, other) = (adult(11), adult(12));
    let people = [&aida, &other].map(|p| record(p, &[])).into();
    let house = house_under(people, "kz", &folder(&[("kz-2024", KZ_2024)]), today()).await;
    let encounter = house.open(&aida, "identity_card", "k1").await.unwrap();
    assert_eq!((encounter.law.pack.as_str(), encounter.law.category.as_str()), ("kz-2024-in-force", "may"));
    assert_eq!(denied(house.capture_all(encounter.id, &aida, 1).await), "not_yet_lawful", "not without a consent");
    crate::law_in_use::consent(&house, encounter.id, &aida).await;
    house.capture_all(encounter.id, &aida, 1).await.unwrap();
    house.registry.complete(&house.operator, encounter.id).await.unwrap();
    house.registry.apply_for_document(&house.operator, encounter.id, "identity_card").await.unwrap();
    assert_eq!(house.registry.people_searchable(), 1);

    let own = citizen(&house, "aida", encounter.person).await;
    let proof = house.registry.withdraw_consent(&own).await.unwrap();
    assert!(proof.document_stays);
    assert_eq!(proof.erased.len(), 2, "images and templates");
    assert_eq!(house.registry.people_searchable(), 0);
    let second = house.open(&other, "identity_card", "k2").await.unwrap();
    crate::law_in_use::consent(&house, second.id, &other).await;
    house.capture_all(second.id, &aida, 2).await.unwrap();
    let done = house.registry.complete(&house.operator, second.id).await.unwrap();
    assert_eq!(done.candidates, 0, "no search finds what was taken back");
    let page = house.registry.own_page(&own, None, 50).await.unwrap();
    assert_eq!(page.prints_held, 0);
    assert!(page.consents.iter().any(|consent| consent.withdrawn_at.is_some()));
    assert_eq!(format!("{:?}", page.documents[0].state), "Applied", "the document goes its way");
    assert!(!page.documents[0].prints_linked);
    for seq in proof.erased {
        assert_eq!(house.registry.own_entry(&own, seq).await.unwrap().event, "record.erased", "the proof is theirs");
    }
    let nothing = house.registry.withdraw_consent(&own).await;
    assert!(matches!(nothing, Err(RegistryError::NotFound { what: "consent" })), "{nothing:?}");
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn several_runs_at_once_take_each_step_once() {
    let people: Vec<Person> = (51..54).map(adult).collect();
    let house = house(&people.iter().collect::<Vec<_>>()).await;
    for (n, person) in people.iter().enumerate() {
        house.register(person, person, &format!("k{n}"), 1).await.unwrap();
    }
    travel(&house, date(2027, 11, 23));
    house.registry.plan_deletions().await.unwrap();
    let runs: Vec<_> = (0..3)
        .map(|_| {
            let registry = house.registry.clone();
            tokio::spawn(async move { registry.carry_out_plans().await.unwrap() })
        })
        .collect();
    let (mut erased, mut not_due) = (0, 0);
    for run in runs {
        let run = run.await.unwrap();
        (erased, not_due) = (erased + run.erased, not_due + run.not_due);
    }
    assert_eq!((erased, not_due, house.registry.overdue().await.unwrap()), (3, 0, 0));
}

#[tokio::test]
async fn control_b4_what_the_law_made_a_duty_is_not_taken_back() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let done = house.register(&aida, &aida, "k1", 1).await.unwrap();
    let own = citizen(&house, "aida", done.encounter.person).await;
    assert_eq!(denied(house.registry.withdraw_consent(&own).await), "registration_is_a_duty");
    assert_eq!(denied(house.registry.withdraw_consent(&house.operator).await), "role");
    assert_eq!(house.registry.people_searchable(), 1);
}

#[tokio::test]
async fn control_b4_a_relative_takes_the_consent_to_a_profile_back() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let done = house.register(&aida, &aida, "k1", 1).await.unwrap();
    let own = citizen(&house, "aida", done.encounter.person).await;
    let nothing = house.registry.withdraw_genomic_consent(&own).await;
    assert!(matches!(nothing, Err(RegistryError::NotFound { what: "consent" })));
    let case = crate::genomic::case(&house, "M-3").await;
    let with = |category, key: &str| {
        let mut new = specimen(category, case, key, None);
        new.y = Some(Y.to_owned());
        new
    };
    let mut relative = with(Category::RelativeOfMissing, "r");
    relative.iin = Some(aida.iin.as_str().to_owned());
    house.specimen(&relative).await.unwrap();
    let body = house.specimen(&with(Category::UnidentifiedBody, "b")).await.unwrap();
    let hits = async || search(&house, body.id, case).await.unwrap().hits.len();
    assert_eq!(hits().await, 1);
    assert_eq!(house.registry.own_page(&own, None, 10).await.unwrap().profiles_by_consent, 1);
    let proof = house.registry.withdraw_genomic_consent(&own).await.unwrap();
    assert_eq!(proof.erased.len(), 2, "the profile, and the order to destroy the material");
    assert_eq!((hits().await, house.registry.overdue().await.unwrap()), (0, 0));
    let page = house.registry.own_page(&own, None, 50).await.unwrap();
    assert_eq!(page.profiles_by_consent, 0);
    assert!(page.looks.iter().any(|look| look.event == "consent.withdrawn"));
    for seq in proof.erased {
        house.registry.own_entry(&own, seq).await.unwrap();
    }
    let again = house.registry.withdraw_genomic_consent(&own).await;
    assert!(matches!(again, Err(RegistryError::NotFound { what: "consent" })), "once");
    assert_eq!(denied(house.registry.withdraw_genomic_consent(&house.operator).await), "role");
    house.assert_log_is_sound().await;
}
