//! A narrowed identification: a choice that is logged, that nobody is left out by for what is unknown, and that follows what is corrected.

use std::sync::Arc;

use tanba_registry::{
    Act, Actor, CorrectionKind, Grounds, MemoryRegister, Narrowing, RecordedSex, Registry, RegistryError, Revision,
    Save, Target,
};
use tanba_synth::{Person, Sex};

use crate::access::{case, grounds, prints_of, sanction};
use crate::gallery::{events, pool_of};
use crate::house::{House, PASSPHRASE, adult, house, sign_in};
use crate::persons::change;

fn only(sex: Option<RecordedSex>, born: Option<(u16, u16)>, region: Option<u16>) -> Narrowing {
    let (born_from, born_to) = born.unzip();
    Narrowing { sex, born_from, born_to, region, reason: "seen by two witnesses".to_owned() }
}

fn sex_of(person: &Person) -> RecordedSex {
    if person.sex == Sex::Male { RecordedSex::Male } else { RecordedSex::Female }
}

fn other(sex: RecordedSex) -> RecordedSex {
    if sex == RecordedSex::Male { RecordedSex::Female } else { RecordedSex::Male }
}

/// Candidates, people compared and people left out.
async fn ask(
    (registry, officer, grounds): (&Registry, &Actor, &Grounds),
    person: &Person,
    narrowing: Option<Narrowing>,
) -> (usize, u64, Option<u64>) {
    let target = Target::Prints(prints_of(person), narrowing);
    let answer = registry.ask(officer, Act::Identify, grounds, &target).await.unwrap();
    (answer.candidates.unwrap().len(), answer.people_compared.unwrap(), answer.people_filtered_out)
}

async fn asked(house: &House) -> Grounds {
    let case = case(house, &house.officer).await;
    grounds(Some(case), Some(sanction(house, case, None, 30).await))
}

#[tokio::test]
async fn narrowing_is_chosen_told_and_logged_with_its_reason() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let grounds = asked(&house).await;
    let here = (&house.registry, &house.officer, &grounds);
    let born = u16::try_from(aida.born.year).unwrap();
    let found = (1, 1, Some(0));
    let left_out = (0, 0, Some(1));
    assert_eq!(ask(here, &aida, None).await, (1, 1, None), "everybody, unless it is said otherwise");
    for (narrowing, expected) in [
        (only(Some(sex_of(&aida)), None, None), found),
        (only(None, Some((born, born)), None), found),
        (only(None, None, Some(7)), found),
        (only(Some(other(sex_of(&aida))), None, None), left_out),
        (only(None, Some((born + 1, 2100)), None), left_out),
        (only(None, None, Some(8)), left_out),
    ] {
        assert_eq!(ask(here, &aida, Some(narrowing.clone())).await, expected, "{narrowing:?}");
    }
    let log = house.registry.supervise(&house.supervisor, 0, 1000).await.unwrap();
    let looks: Vec<_> = log.iter().filter(|e| e.look.event == "access.granted").map(|e| &e.details["answer"]).collect();
    assert_eq!(looks.len(), 7);
    assert_eq!(looks[0]["narrowed"], serde_json::Value::Null);
    assert_eq!(looks[6]["narrowed"]["region"], 8);
    assert_eq!(looks[6]["narrowed"]["reason"], "seen by two witnesses");
    assert_eq!(looks[6]["people_filtered_out"], 1);

    // What is no choice is refused, and takes no use of the sanction.
    for narrowing in [only(None, None, None), Narrowing { reason: String::new(), ..only(None, None, Some(7)) }] {
        let target = Target::Prints(prints_of(&aida), Some(narrowing));
        let refused = house.registry.ask(&house.officer, Act::Identify, &grounds, &target).await;
        assert!(matches!(refused, Err(RegistryError::Invalid { .. })));
    }
    let log = house.registry.supervise(&house.supervisor, 0, 1000).await.unwrap();
    assert_eq!(log.iter().filter(|e| e.look.event == "access.granted").count(), 7);
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn a_correction_is_followed_and_survives_a_crash_before_it_is_on_disk() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let person = house.register(&aida, &aida, "k1", 1).await.unwrap().encounter.person;
    let grounds = asked(&house).await;
    let (was, is) = (sex_of(&aida), other(sex_of(&aida)));
    let name = if is == RecordedSex::Male { "male" } else { "female" };
    house.registry.keep_gallery(Save::Everyone).await.unwrap();
    let corrected = change(CorrectionKind::Correction, &[("sex", name)]);
    let proposed = house.registry.propose_correction(&house.second, person, &corrected).await.unwrap();
    house.registry.apply_correction(&house.prosecution_clerk, proposed.id).await.unwrap();
    let here = (&house.registry, &house.officer, &grounds);
    assert_eq!(ask(here, &aida, Some(only(Some(is), None, None))).await, (1, 1, Some(0)));
    assert_eq!(ask(here, &aida, Some(only(Some(was), None, None))).await, (0, 0, Some(1)));

    // Its file still says the old thing.
    let data = house.data();
    let House { dir, registry, clock, .. } = house;
    drop(registry);
    let registry = Registry::open(&data, PASSPHRASE, Arc::new(MemoryRegister::default()), clock.clone()).await.unwrap();
    let officer = sign_in(&registry, "officer", None).await;
    let here = (&registry, &officer, &grounds);
    assert_eq!(ask(here, &aida, Some(only(Some(is), None, None))).await, (1, 1, Some(0)));
    assert_eq!(ask(here, &aida, Some(only(Some(was), None, None))).await, (0, 0, Some(1)));

    // After a round of upkeep no file does, and nothing needs to be remembered. Nobody was forgotten by that.
    let did = registry.keep_gallery(Save::Everyone).await.unwrap();
    assert_eq!((did.saved, did.forgotten), (1, 0));
    drop((officer, registry));
    let pool = pool_of(&data).await;
    let left: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM gallery_changes").fetch_one(&pool).await.unwrap();
    pool.close().await;
    assert_eq!((left, events(&data, "gallery.followed").await, events(&data, "gallery.forgotten").await), (0, 1, 0));
    let registry = Registry::open(&data, PASSPHRASE, Arc::new(MemoryRegister::default()), clock).await.unwrap();
    let officer = sign_in(&registry, "officer", None).await;
    assert_eq!(ask((&registry, &officer, &grounds), &aida, Some(only(Some(was), None, None))).await, (0, 0, Some(1)));
    drop(dir);
}

#[tokio::test]
async fn nobody_is_left_out_by_what_their_records_contradict_each_other_in() {
    let aida = adult(11);
    let other_one = (12..).map(adult).find(|p| p.sex != aida.sex).unwrap();
    let house = house(&[&aida, &other_one]).await;
    let into = house.register(&aida, &aida, "k1", 1).await.unwrap().encounter.person;
    let from = house.register(&other_one, &other_one, "k2", 1).await.unwrap().encounter.person;
    let grounds = asked(&house).await;
    let here = (&house.registry, &house.officer, &grounds);
    let narrowing = || Some(only(Some(other(sex_of(&aida))), None, None));
    assert_eq!(ask(here, &aida, narrowing()).await, (0, 1, Some(1)));
    let merge = house.registry.propose_revision(&house.second, &Revision::Merge { from, into }, "one person").await;
    house.registry.apply_revision(&house.prosecution_clerk, merge.unwrap().id).await.unwrap();
    assert_eq!(ask(here, &aida, narrowing()).await, (1, 2, Some(0)));
}
