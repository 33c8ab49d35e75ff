//! Exercises: what a good turn and a bad turn score, and that only a training register scores at all.

use std::collections::BTreeSet;

use tanba_formats::Finger;
use tanba_registry::{
    Capture, ConsentKind, Criterion, EncounterId, Exemption, Exercise, ExercisePerson, ExerciseScore, FingerState,
    Founding, MemoryRegister, Mode, Registry, RegistryError, SystemClock, Verdict,
};
use tanba_synth::Person;

use crate::house::{
    FINGERS, House, adult, denied, founding, house, print, record, teenager, training_house, young_child,
};

fn person(person: &Person) -> ExercisePerson {
    // The test people offer two fingers only; the other eight count as not there.
    let missing = Finger::TEN.into_iter().filter(|f| !FINGERS.contains(f)).collect();
    ExercisePerson { iin: person.iin.as_str().to_owned(), missing, bandaged: BTreeSet::new() }
}

async fn say(house: &House, id: EncounterId, kind: ConsentKind, by: &Person) {
    house.say(id, kind, by).await.unwrap();
}

async fn score(house: &House, exercise: Exercise, about: &ExercisePerson) -> ExerciseScore {
    house.registry.score_exercise(&house.operator, exercise, about).await.unwrap()
}

fn missed(score: &ExerciseScore) -> Vec<Criterion> {
    score.criteria.iter().filter(|(_, _, met)| !met).map(|(criterion, _, _)| *criterion).collect()
}

#[tokio::test]
async fn an_ordinary_registration_done_well_scores_all_and_carelessly_little() {
    let (aida, other) = (adult(11), adult(12));
    let house = training_house([&aida, &other].map(|p| record(p, &[])).into()).await;
    assert!(house.registry.training());
    let run = house.registry.begin_exercise(&house.operator, Exercise::OrdinaryAdult, 2).await.unwrap();
    assert_eq!(run.slot, 0);
    let same = house.registry.begin_exercise(&house.operator, Exercise::OrdinaryAdult, 2).await.unwrap();
    assert_eq!(same, run, "a turn that is not over goes on");
    let nothing = score(&house, Exercise::OrdinaryAdult, &person(&aida)).await;
    assert_eq!((nothing.points, nothing.possible, nothing.ended), (0, 100, false));

    let encounter = house.open(&aida, "identity_card", "k1").await.unwrap();
    say(&house, encounter.id, ConsentKind::Explanation, &aida).await;
    house.capture_all(encounter.id, &aida, 1).await.unwrap();
    house.registry.complete(&house.operator, encounter.id).await.unwrap();
    let before = score(&house, Exercise::OrdinaryAdult, &person(&aida)).await;
    assert_eq!((missed(&before), before.ended), (vec![Criterion::DocumentLinked], false));
    house.registry.apply_for_document(&house.operator, encounter.id, "identity_card").await.unwrap();
    let good = score(&house, Exercise::OrdinaryAdult, &person(&aida)).await;
    assert_eq!((good.points, missed(&good), good.ended), (100, vec![], true));

    // The next turn has the next person. Prints first, then the explanation; and a try at the log in between.
    let run = house.registry.begin_exercise(&house.operator, Exercise::OrdinaryAdult, 2).await.unwrap();
    assert_eq!(run.slot, 1);
    let encounter = house.open(&other, "identity_card", "k2").await.unwrap();
    house.capture_all(encounter.id, &other, 1).await.unwrap();
    say(&house, encounter.id, ConsentKind::Explanation, &other).await;
    denied(house.registry.supervise(&house.operator, 0, 1).await);
    house.registry.complete(&house.operator, encounter.id).await.unwrap();
    house.registry.apply_for_document(&house.operator, encounter.id, "identity_card").await.unwrap();
    let poor = score(&house, Exercise::OrdinaryAdult, &person(&other)).await;
    assert_eq!(missed(&poor), [Criterion::ExplainedFirst, Criterion::NothingDenied]);
    assert_eq!(poor.points, 70);
    let board = house.registry.training_board(&house.operator).await.unwrap();
    assert_eq!((board[0].best, board[0].scored, board[0].current), (Some(100), 2, None), "the best is kept");
    assert_eq!(board[0].last, Some(poor), "and the latest is told again");
    let over = house.registry.begin_exercise(&house.operator, Exercise::OrdinaryAdult, 2).await;
    assert!(matches!(over, Err(RegistryError::Conflict { .. })));
    let unbegun = house.registry.score_exercise(&house.operator, Exercise::Refusal, &person(&other)).await;
    assert!(matches!(unbegun, Err(RegistryError::Conflict { .. })));
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn a_teenager_takes_a_guardian_before_the_first_finger() {
    let (parent, first, second) = (adult(21), teenager(22), teenager(23));
    let records = vec![record(&parent, &[]), record(&first, &[&parent]), record(&second, &[&parent])];
    let house = training_house(records).await;
    for (key, child, careful) in [("k1", &first, true), ("k2", &second, false)] {
        house.registry.begin_exercise(&house.operator, Exercise::Teenager, 9).await.unwrap();
        let encounter = house.open(child, "passport", key).await.unwrap();
        if !careful {
            let early = Capture { finger: FINGERS[0], image: print(child, FINGERS[0], 1), ppi: None };
            denied(house.registry.capture(&house.operator, encounter.id, early).await);
        }
        say(&house, encounter.id, ConsentKind::GuardianConsent, &parent).await;
        house.guardian_present(encounter.id, &parent).await.unwrap();
        if careful {
            say(&house, encounter.id, ConsentKind::Explanation, &parent).await;
        }
        house.capture_all(encounter.id, child, 1).await.unwrap();
        house.registry.complete(&house.operator, encounter.id).await.unwrap();
        let scored = score(&house, Exercise::Teenager, &person(child)).await;
        let expected = if careful { vec![] } else { vec![Criterion::ExplainedFirst, Criterion::NothingDenied] };
        assert_eq!((missed(&scored), scored.ended), (expected, true));
    }
}

#[tokio::test]
async fn with_a_child_it_is_right_to_be_told_no_once() {
    let (first, second) = (young_child(31), young_child(32));
    let house = training_house([&first, &second].map(|p| record(p, &[])).into()).await;
    house.registry.begin_exercise(&house.operator, Exercise::YoungChild, 9).await.unwrap();
    denied(house.open(&first, "passport", "k1").await);
    let good = score(&house, Exercise::YoungChild, &person(&first)).await;
    assert_eq!((good.points, good.ended), (100, true));
    house.registry.begin_exercise(&house.operator, Exercise::YoungChild, 9).await.unwrap();
    for key in ["k2", "k3", "k4"] {
        denied(house.open(&second, "passport", key).await);
    }
    let stubborn = score(&house, Exercise::YoungChild, &person(&second)).await;
    assert_eq!(missed(&stubborn), [Criterion::AskedOnce]);
}

#[tokio::test]
async fn a_refusal_comes_after_the_explanation_and_without_a_finger() {
    let (first, second) = (adult(41), adult(42));
    let house = training_house([&first, &second].map(|p| record(p, &[])).into()).await;
    house.registry.begin_exercise(&house.operator, Exercise::Refusal, 9).await.unwrap();
    let encounter = house.open(&first, "identity_card", "k1").await.unwrap();
    say(&house, encounter.id, ConsentKind::Explanation, &first).await;
    house.registry.record_refusal(&house.operator, encounter.id).await.unwrap();
    assert_eq!(score(&house, Exercise::Refusal, &person(&first)).await.points, 100);

    house.registry.begin_exercise(&house.operator, Exercise::Refusal, 9).await.unwrap();
    let encounter = house.open(&second, "identity_card", "k2").await.unwrap();
    let pressed = Capture { finger: FINGERS[0], image: print(&second, FINGERS[0], 1), ppi: None };
    house.registry.capture(&house.operator, encounter.id, pressed).await.unwrap();
    house.registry.record_refusal(&house.operator, encounter.id).await.unwrap();
    let pressed = score(&house, Exercise::Refusal, &person(&second)).await;
    assert_eq!(missed(&pressed), [Criterion::ExplainedFirst, Criterion::NothingTaken]);
}

#[tokio::test]
async fn a_missing_and_a_bandaged_finger_are_stated_as_what_they_are() {
    let (first, second) = (adult(51), adult(52));
    let house = training_house([&first, &second].map(|p| record(p, &[])).into()).await;
    let (missing, bandaged) = (Finger::LeftLittle, Finger::RightThumb);
    for (key, who, bandaged_as, right) in
        [("k1", &first, FingerState::Bandaged, true), ("k2", &second, FingerState::Missing, false)]
    {
        house.registry.begin_exercise(&house.operator, Exercise::DamagedFingers, 9).await.unwrap();
        let encounter = house.open(who, "identity_card", key).await.unwrap();
        say(&house, encounter.id, ConsentKind::Explanation, who).await;
        for finger in Finger::TEN {
            if FINGERS.contains(&finger) {
                let capture = Capture { finger, image: print(who, finger, 1), ppi: None };
                house.registry.capture(&house.operator, encounter.id, capture).await.unwrap();
            } else {
                let state = if finger == bandaged { bandaged_as } else { FingerState::Missing };
                house.registry.state_finger(&house.operator, encounter.id, finger, state).await.unwrap();
            }
        }
        house.registry.complete(&house.operator, encounter.id).await.unwrap();
        let about = ExercisePerson {
            missing: person(who).missing.into_iter().filter(|f| *f != bandaged).chain([missing]).collect(),
            bandaged: [bandaged].into(),
            ..person(who)
        };
        let scored = score(&house, Exercise::DamagedFingers, &about).await;
        assert_eq!(missed(&scored), if right { vec![] } else { vec![Criterion::BandagedStated] });
    }
}

#[tokio::test]
async fn an_exemption_takes_a_second_officer_and_a_document_still_follows() {
    let aida = adult(61);
    let house = training_house(vec![record(&aida, &[])]).await;
    house.registry.begin_exercise(&house.operator, Exercise::Exemption, 9).await.unwrap();
    let encounter = house.open(&aida, "identity_card", "k1").await.unwrap();
    say(&house, encounter.id, ConsentKind::Explanation, &aida).await;
    house.ground_exemption(encounter.id).await;
    let about = ExercisePerson { missing: Finger::TEN.into(), ..person(&aida) };
    let before = score(&house, Exercise::Exemption, &about).await;
    assert_eq!(missed(&before), [Criterion::ExemptByTwo, Criterion::DocumentWithoutPrints]);
    let exemption = Exemption { code: "no_fingers_both_hands".to_owned() };
    house.registry.record_exemption(&house.operator, &house.second, encounter.id, &exemption).await.unwrap();
    house.registry.apply_for_document(&house.operator, encounter.id, "identity_card").await.unwrap();
    let scored = score(&house, Exercise::Exemption, &about).await;
    assert_eq!((scored.points, scored.ended), (100, true));
}

#[tokio::test]
async fn a_double_is_found_by_the_search_and_decided_by_two_who_did_not_capture() {
    let (aida, other) = (adult(11), adult(12));
    let house = training_house([&aida, &other].map(|p| record(p, &[])).into()).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    house.registry.begin_exercise(&house.operator, Exercise::Duplicate, 9).await.unwrap();
    let encounter = house.open(&other, "identity_card", "k2").await.unwrap();
    say(&house, encounter.id, ConsentKind::Explanation, &other).await;
    house.capture_all(encounter.id, &aida, 2).await.unwrap();
    house.registry.complete(&house.operator, encounter.id).await.unwrap();
    let task = house.registry.candidate_tasks(&house.examiner_a).await.unwrap()[0].id;
    house.judge(&house.examiner_a, task, Verdict::Same).await.unwrap();
    let half = score(&house, Exercise::Duplicate, &person(&other)).await;
    assert_eq!((missed(&half), half.ended), (vec![Criterion::TwoExaminers, Criterion::FoundTheSame], false));
    house.judge(&house.examiner_b, task, Verdict::Same).await.unwrap();
    let scored = score(&house, Exercise::Duplicate, &person(&other)).await;
    assert_eq!((scored.points, scored.ended), (100, true));
}

#[tokio::test]
async fn only_a_training_register_scores_and_it_can_become_no_other() {
    let aida = adult(11);
    let plain = house(&[&aida]).await;
    assert!(!plain.registry.training());
    let refused = plain.registry.begin_exercise(&plain.operator, Exercise::OrdinaryAdult, 9).await;
    assert!(matches!(refused, Err(RegistryError::Conflict { .. })));

    let dir = tempfile::tempdir().unwrap();
    let real = Founding { mode: Mode::Production, ..founding() };
    let (register, clock) = (std::sync::Arc::new(MemoryRegister::default()), std::sync::Arc::new(SystemClock));
    let founded = Registry::found_training(dir.path(), "seven winters on the steppe", &real, register, clock).await;
    assert!(matches!(founded, Err(RegistryError::Invalid { field: "mode", .. })));

    let training = training_house(vec![record(&aida, &[])]).await;
    assert_eq!(training.registry.mode(), Mode::Demonstration);
    let (data, clock) = (training.data(), training.clock.clone());
    let House { dir, registry, .. } = training;
    drop(registry);
    let again =
        Registry::open(&data, crate::house::PASSPHRASE, std::sync::Arc::new(MemoryRegister::default()), clock).await;
    assert!(again.unwrap().training(), "the mark stays");
    drop(dir);
}
