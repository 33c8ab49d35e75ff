//! A register moves from one extractor to another while it is searched.

use std::ops::ControlFlow;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;

use jiff::civil::date;
use sqlx::Row as _;
use tanba_finger::{ExtractError, Extractor, FilteredRidges, Recipe, StageSink, Template};
use tanba_formats::Gray8;
use tanba_registry::{Act, Actor, EncounterId, Grounds, MemoryRegister, Registry, RenewalRun, Save, Target};
use tanba_synth::Person;

use crate::access::{case, grounds, prints_of, sanction};
use crate::gallery::{events, pool_of};
use crate::house::{self, House, PASSPHRASE, adult, sign_in};
use crate::retention::{Killed, pool, travel};

/// Another recipe whose templates can be told from those of the first one by what they are found by: the best few minutiae, and no ridges.
struct OfMinutiae;

/// By which everybody was registered.
fn first() -> &'static dyn Extractor {
    Recipe::FilteredRidges2.extractor().expect("it is in this program")
}

async fn house(people: &[&Person]) -> House {
    let house = house::house(people).await;
    house.registry.extract_with(first());
    house
}

/// So few that the evidence is weaker than what may be claimed at most, and strong enough to find somebody by.
const FEW: usize = 9;
/// People of whom that is true.
const WEAKER: [u64; 3] = [63, 67, 73];

impl Extractor for OfMinutiae {
    fn recipe(&self) -> Recipe {
        Recipe::Learned1
    }

    fn extract(&self, image: &Gray8, sink: &mut dyn StageSink) -> Result<Template, ExtractError> {
        let mut template = FilteredRidges::default().extract(image, sink)?;
        template.minutiae.truncate(FEW);
        Ok(Template { recipe: Recipe::Learned1, ridges: None, ..template })
    }
}

/// One that finds nothing anywhere.
struct Blind;

impl Extractor for Blind {
    fn recipe(&self) -> Recipe {
        Recipe::Learned1
    }

    fn extract(&self, _: &Gray8, _: &mut dyn StageSink) -> Result<Template, ExtractError> {
        Err(ExtractError::NotAFingerprint)
    }
}

async fn renew(registry: &Registry) -> RenewalRun {
    registry.renew_templates(2, |_| ControlFlow::Continue(())).await.unwrap()
}

async fn asked(house: &House) -> Grounds {
    let case = case(house, &house.officer).await;
    grounds(Some(case), Some(sanction(house, case, None, 500).await))
}

/// The evidence that each of these people is found by, in a search by the first extractor with the prints of them all.
async fn found(registry: &Registry, officer: &Actor, grounds: &Grounds, people: &[Person]) -> Vec<f64> {
    let now = registry.template_standing().await.unwrap().wanted;
    registry.extract_with(first());
    let mut evidence = Vec::new();
    for person in people {
        let target = Target::Prints(prints_of(person), None);
        let answer = registry.ask(officer, Act::Identify, grounds, &target).await.unwrap();
        assert_eq!(answer.people_compared, Some(people.len() as u64), "everybody is asked");
        let [candidate] = &answer.candidates.unwrap()[..] else { panic!("one candidate") };
        evidence.push(candidate.log10_lr.unwrap());
    }
    if now == Recipe::Learned1 {
        registry.extract_with(&OfMinutiae);
    }
    evidence
}

async fn again(data: &Path, house_clock: &Arc<tanba_registry::SetClock>) -> (Registry, Actor) {
    let register = Arc::new(MemoryRegister::default());
    let registry = Registry::open(data, PASSPHRASE, register, house_clock.clone()).await.unwrap();
    registry.extract_with(first());
    let officer = sign_in(&registry, "officer", None).await;
    (registry, officer)
}

/// Recipe and tried recipe of every kept sample, by encounter.
async fn recipes(pool: &sqlx::SqlitePool, id: EncounterId) -> Vec<(Option<i64>, Option<i64>)> {
    let rows =
        sqlx::query("SELECT recipe, recipe_tried FROM samples WHERE encounter_id = $1 AND kept = 1 ORDER BY finger")
            .bind(id.to_string())
            .fetch_all(pool)
            .await
            .unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

#[tokio::test]
async fn a_register_moves_record_by_record_and_is_searched_right_before_during_and_after() {
    let people = WEAKER.map(adult);
    let house = house(&people.iter().collect::<Vec<_>>()).await;
    let mut ids = Vec::new();
    for (n, person) in people.iter().enumerate() {
        ids.push(house.register(person, person, &format!("k{n}"), 1).await.unwrap().encounter.id);
    }
    let grounds = asked(&house).await;
    // Images of the last one are erased, as after their year.
    let sql = pool(&house).await;
    for statement in [
        "UPDATE data_keys SET wrapped = NULL, destroyed_at = 1 WHERE domain = 'image' AND owner_id = $1",
        "UPDATE samples SET sealed_image = x'', sealed_notes = NULL, image_blind = NULL WHERE encounter_id = $1",
    ] {
        sqlx::query(statement).bind(ids[2].to_string()).execute(&sql).await.unwrap();
    }
    assert_eq!(house.registry.keep_gallery(Save::Everyone).await.unwrap().saved, 3);
    let before = found(&house.registry, &house.officer, &grounds, &people).await;

    house.registry.extract_with(&OfMinutiae);
    let standing = house.registry.template_standing().await.unwrap();
    assert_eq!(
        (standing.wanted, standing.waiting, standing.refused, standing.without_image),
        (Recipe::Learned1, 4, 0, 2)
    );
    assert_eq!(standing.templates, [(Recipe::FilteredRidges2, 6)].into());
    assert_eq!(house.registry.renewal(), None, "nothing is made anew before somebody says so");
    let mut heard = Vec::new();
    let stopped = house.registry.renew_templates(1, |run| {
        heard.push(*run);
        ControlFlow::Break(())
    });
    let stopped = stopped.await.unwrap();
    assert_eq!((stopped.renewed, stopped.waiting, stopped.refused), (2, 2, 0), "after one record of two fingers");
    assert_eq!((heard, house.registry.renewal()), (vec![stopped], Some(stopped)));
    let half = found(&house.registry, &house.officer, &grounds, &people).await;
    // Ids of one moment come in any order.
    let sooner = usize::from(recipes(&sql, ids[1]).await == [(Some(2), Some(2)); 2]);
    let later = 1 - sooner;
    assert!(half[sooner] < before[sooner], "searched by the new template: {before:?} {half:?}");
    assert_eq!((half[later], half[2]), (before[later], before[2]), "and the others by the old ones");

    // The files of the gallery still have the old templates; the process is gone before they are written.
    let (data, clock) = (house.data(), house.clock.clone());
    let House { dir, registry, .. } = house;
    drop(registry);
    let (registry, officer) = again(&data, &clock).await;
    assert_eq!(registry.gallery_stats().unsaved, 1, "the one who was made anew");
    assert_eq!(found(&registry, &officer, &grounds, &people).await, half);
    registry.extract_with(&OfMinutiae);
    let run = renew(&registry).await;
    assert_eq!(run, RenewalRun { renewed: 2, ..RenewalRun::default() });
    let after = found(&registry, &officer, &grounds, &people).await;
    assert!(after[later] < half[later], "{half:?} {after:?}");
    assert_eq!((after[sooner], after[2]), (half[sooner], before[2]));
    assert_eq!(renew(&registry).await, RenewalRun::default(), "once is enough");
    let standing = registry.template_standing().await.unwrap();
    assert_eq!(standing.templates, [(Recipe::FilteredRidges2, 2), (Recipe::Learned1, 4)].into());
    assert_eq!((standing.waiting, standing.without_image), (0, 2));
    assert_eq!(recipes(&sql, ids[2]).await, [(Some(1), None); 2], "not touched");

    // On disk there is nothing old any more, and what is there says the same.
    let did = registry.keep_gallery(Save::Everyone).await.unwrap();
    assert_eq!((did.saved, did.forgotten), (2, 0));
    let left: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM gallery_changes").fetch_one(&sql).await.unwrap();
    assert_eq!((left, registry.gallery_stats().dead), (0, 0));
    drop((registry, officer));
    let (registry, officer) = again(&data, &clock).await;
    assert_eq!(registry.gallery_stats().unsaved, 0);
    assert_eq!(found(&registry, &officer, &grounds, &people).await, after);
    drop((registry, officer));
    std::fs::remove_dir_all(data.join("gallery")).unwrap();
    let (registry, officer) = again(&data, &clock).await;
    assert_eq!(found(&registry, &officer, &grounds, &people).await, after, "as the database says");

    // And back: those that are of the wanted recipe are left alone.
    registry.extract_with(first());
    assert_eq!(renew(&registry).await, RenewalRun { renewed: 4, ..RenewalRun::default() });
    assert_eq!(found(&registry, &officer, &grounds, &people).await, before, "an extractor makes the same twice");
    registry.publish().await.unwrap();
    assert!(registry.fsck().await.unwrap().ok);
    assert!(registry.unresolved_citations().await.unwrap().is_empty());
    drop((registry, officer));
    assert_eq!(events(&data, "templates.renewed").await, 4, "a record, an entry");
    drop(dir);
}

#[tokio::test]
async fn new_prints_by_a_new_extractor_find_who_was_registered_by_the_old_one() {
    let (aida, other) = (adult(WEAKER[0]), adult(61));
    let house = house(&[&aida, &other]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    house.registry.extract_with(&OfMinutiae);
    let done = house.register(&other, &aida, "k2", 2).await.unwrap();
    assert_eq!(done.candidates, 1);
    let pool = pool(&house).await;
    assert_eq!(recipes(&pool, done.encounter.id).await, [(Some(2), None); 2]);
    // Nobody decided yet, so it is no registration, and nothing of it waits.
    assert_eq!(house.registry.template_standing().await.unwrap().waiting, 2);
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn killed_anywhere_a_record_is_whole_and_the_next_run_goes_on() {
    let people = [adult(WEAKER[0]), adult(WEAKER[1])];
    let house = house(&people.iter().collect::<Vec<_>>()).await;
    for (n, person) in people.iter().enumerate() {
        house.register(person, person, &format!("k{n}"), 1).await.unwrap();
    }
    let grounds = asked(&house).await;
    house.registry.extract_with(&OfMinutiae);
    let pool = pool(&house).await;
    let mut unfinished = 0;
    for polls in 1.. {
        let run = house.registry.renew_templates(1, |_| ControlFlow::Continue(()));
        let done = Killed(pin!(run), polls).await.transpose().unwrap();
        let row = sqlx::query(
            "SELECT (SELECT COUNT(*) FROM (SELECT encounter_id FROM samples GROUP BY encounter_id HAVING COUNT(DISTINCT recipe) > 1)), \
             (SELECT COUNT(DISTINCT encounter_id) FROM samples WHERE recipe = 2), \
             (SELECT COUNT(*) FROM log_entries WHERE event = 'templates.renewed')",
        )
        .fetch_one(&pool)
        .await
        .unwrap();
        let (torn, renewed, told): (i64, i64, i64) = (row.get(0), row.get(1), row.get(2));
        assert_eq!(
            (torn, renewed),
            (0, told),
            "killed after {polls} polls: a record is whole, and its entry goes with it"
        );
        if done.is_some() {
            break;
        }
        unfinished += 1;
    }
    assert!(unfinished > 10, "it was killed at many places: {unfinished}");
    assert_eq!(events(&house.data(), "templates.renewed").await, 2);
    // Whatever the gallery missed when it was killed, it has after the next round.
    house.registry.keep_gallery(Save::Everyone).await.unwrap();
    let after = found(&house.registry, &house.officer, &grounds, &people).await;
    let (data, clock) = (house.data(), house.clock.clone());
    let House { dir, registry, .. } = house;
    drop(registry);
    std::fs::remove_dir_all(data.join("gallery")).unwrap();
    let (registry, officer) = again(&data, &clock).await;
    assert_eq!(found(&registry, &officer, &grounds, &people).await, after);
    drop(dir);
}

#[tokio::test]
async fn what_the_new_extractor_makes_nothing_of_stays_and_is_not_tried_again() {
    let aida = adult(61);
    let house = house(&[&aida]).await;
    let id = house.register(&aida, &aida, "k1", 1).await.unwrap().encounter.id;
    let grounds = asked(&house).await;
    let people = [aida];
    let before = found(&house.registry, &house.officer, &grounds, &people).await;
    house.registry.extract_with(&Blind);
    assert_eq!(renew(&house.registry).await, RenewalRun { refused: 2, ..RenewalRun::default() });
    assert_eq!(renew(&house.registry).await, RenewalRun::default());
    let standing = house.registry.template_standing().await.unwrap();
    assert_eq!((standing.waiting, standing.refused, standing.templates), (0, 2, [(Recipe::FilteredRidges2, 2)].into()));
    assert_eq!(recipes(&pool(&house).await, id).await, [(Some(1), Some(2)); 2]);
    assert_eq!(found(&house.registry, &house.officer, &grounds, &people).await, before);
    let (kept, renewed) =
        (events(&house.data(), "templates.kept").await, events(&house.data(), "templates.renewed").await);
    assert_eq!((kept, renewed), (1, 0));
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn a_record_that_may_not_be_used_is_not_touched() {
    let people: Vec<Person> = (61..64).map(adult).collect();
    let house = house(&people.iter().collect::<Vec<_>>()).await;
    let mut ids = Vec::new();
    for (n, person) in people.iter().enumerate() {
        ids.push(house.register(person, person, &format!("k{n}"), 1).await.unwrap().encounter.id);
    }
    let sql = pool(&house).await;
    for (id, state) in [(ids[0], "blocked"), (ids[1], "withdrawn")] {
        sqlx::query("UPDATE registrations SET state = $1 WHERE encounter_id = $2")
            .bind(state)
            .bind(id.to_string())
            .execute(&sql)
            .await
            .unwrap();
    }
    house.registry.extract_with(&OfMinutiae);
    // The year of the images is over, and nobody has erased them yet: they are not used once more.
    travel(&house, date(2027, 11, 23));
    let run = renew(&house.registry).await;
    assert_eq!((run.renewed, run.refused, run.passed_over, run.waiting), (0, 0, 1, 2));
    for id in &ids {
        assert_eq!(recipes(&sql, *id).await, [(Some(1), None); 2]);
    }
    // Erased, they do not wait any more.
    house.registry.run_retention().await.unwrap();
    let standing = house.registry.template_standing().await.unwrap();
    assert_eq!((standing.waiting, standing.without_image), (0, 2));
    assert_eq!(renew(&house.registry).await, RenewalRun::default());
    assert_eq!(events(&house.data(), "templates.renewed").await, 0);
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn a_row_that_does_not_say_what_made_its_template_learns_it_from_the_template() {
    let aida = adult(61);
    let house = house(&[&aida]).await;
    let id = house.register(&aida, &aida, "k1", 1).await.unwrap().encounter.id;
    let sql = pool(&house).await;
    // As the migration leaves the rows of an older version.
    sqlx::query("UPDATE samples SET recipe = 0").execute(&sql).await.unwrap();
    let standing = house.registry.template_standing().await.unwrap();
    assert_eq!((standing.waiting, standing.templates), (2, [(Recipe::Unknown, 2)].into()));
    assert_eq!(renew(&house.registry).await, RenewalRun { known_now: 2, ..RenewalRun::default() });
    assert_eq!(recipes(&sql, id).await, [(Some(1), Some(1)); 2]);
    assert_eq!(house.registry.template_standing().await.unwrap().waiting, 0);
}

#[tokio::test]
async fn a_damaged_record_stops_nobody_elses() {
    let people: Vec<Person> = (61..63).map(adult).collect();
    let house = house(&people.iter().collect::<Vec<_>>()).await;
    let mut ids = Vec::new();
    for (n, person) in people.iter().enumerate() {
        ids.push(house.register(person, person, &format!("k{n}"), 1).await.unwrap().encounter.id);
    }
    let sql = pool_of(&house.data()).await;
    sqlx::query("UPDATE samples SET sealed_image = x'00' WHERE encounter_id = $1")
        .bind(ids[0].to_string())
        .execute(&sql)
        .await
        .unwrap();
    house.registry.extract_with(&OfMinutiae);
    let run = renew(&house.registry).await;
    assert_eq!((run.renewed, run.unreadable, run.waiting), (2, 1, 2), "it waits until somebody has looked");
    assert_eq!(recipes(&sql, ids[0]).await, [(Some(1), None); 2]);
}
