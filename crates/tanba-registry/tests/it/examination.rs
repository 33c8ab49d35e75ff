//! Prints before people: markings before the reference, the reference before the conclusion, the score last of all.

use std::sync::Arc;

use tanba_formats::Finger;
use tanba_registry::{
    Barred, CandidateId, Conclusion, EncounterState, ExaminationStage, FingerMarks, Judgement, Mark, Markings,
    MemoryRegister, NewAccount, Registry, RegistryError, Role, Side, Verdict,
};
use tanba_synth::Person;

use crate::house::{FINGERS, House, PASSPHRASE, adult, denied, house, markings, record, sign_in};

/// A register in which `aida` has come back under another number.
async fn two_numbers(people: &[&Person]) -> (House, CandidateId) {
    let house = house(people).await;
    house.register(people[0], people[0], "k1", 1).await.unwrap();
    house.register(people[1], people[0], "k2", 2).await.unwrap();
    let task = house.registry.candidate_tasks(&house.examiner_a).await.unwrap()[0].id;
    (house, task)
}

fn conflict<T: std::fmt::Debug>(result: Result<T, RegistryError>) -> &'static str {
    match result {
        Err(RegistryError::Conflict { what, .. }) => what,
        other => panic!("expected a conflict, got {other:?}"),
    }
}

#[tokio::test]
async fn the_reference_is_given_only_after_the_markings_are_locked_and_they_stay_as_they_were() {
    let (house, task) = two_numbers(&[&adult(11), &adult(12)]).await;
    let (registry, examiner) = (&house.registry, &house.examiner_a);
    let before = registry.examination(examiner, task).await.unwrap();
    assert_eq!((before.stage, before.probe.len(), before.reference.len()), (ExaminationStage::Marking, 2, 0));
    assert!(before.proposal.iter().all(|p| p.marks.marks.len() > 10 && p.width > 100), "the machine proposes");
    let shown = registry.compare_finger(examiner, task, FINGERS[0]).await.unwrap();
    assert!(shown.probe.is_some() && shown.reference.is_none() && shown.pairs.is_empty());
    let early = registry.print_picture(examiner, task, Side::Reference, FINGERS[0]).await;
    assert!(matches!(early, Err(RegistryError::NotFound { .. })));
    assert_eq!(
        conflict(registry.judge(examiner, task, Verdict::Same).await),
        "your markings of this candidate are not locked"
    );

    house.lock(examiner, task).await;
    let other = Markings { fingers: Vec::new(), nothing_to_mark: true };
    assert_eq!(
        conflict(registry.lock_markings(examiner, task, &other).await),
        "your markings of this candidate are locked"
    );
    let after = registry.examination(examiner, task).await.unwrap();
    assert_eq!((after.stage, after.reference.len()), (ExaminationStage::Comparing, 2));
    assert_eq!((after.markings, after.proposal), (Some(markings()), Vec::new()), "immutable");
    // One examiner's lock opens nothing for another.
    let blind = registry.examination(&house.examiner_b, task).await.unwrap();
    assert_eq!((blind.stage, blind.reference.len(), blind.markings), (ExaminationStage::Marking, 0, None));
    registry.judge(examiner, task, Verdict::Same).await.unwrap();
    assert_eq!(registry.examination(examiner, task).await.unwrap().stage, ExaminationStage::Judged);
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn what_is_marked_and_not_locked_is_kept_for_its_examiner_alone_and_goes_with_the_lock() {
    let (house, task) = two_numbers(&[&adult(11), &adult(12)]).await;
    let (registry, a) = (&house.registry, &house.examiner_a);
    registry.keep_draft(a, task, &Markings::default()).await.unwrap();
    registry.keep_draft(a, task, &markings()).await.unwrap();
    let draft = registry.examination(a, task).await.unwrap();
    assert_eq!((draft.stage, draft.draft), (ExaminationStage::Marking, Some(markings())));
    assert!(draft.reference.is_empty(), "a draft opens nothing");
    assert_eq!(registry.examination(&house.examiner_b, task).await.unwrap().draft, None);
    let mut outside = markings();
    outside.fingers[0].marks[0].x = -3.0;
    assert!(matches!(registry.keep_draft(a, task, &outside).await, Err(RegistryError::Invalid { .. })));
    house.lock(a, task).await;
    assert_eq!(registry.examination(a, task).await.unwrap().draft, None);
    assert_eq!(conflict(registry.keep_draft(a, task, &markings()).await), "your markings of this candidate are locked");
    let database = house.data().join("tanba.sqlite");
    let pool = sqlx::SqlitePool::connect(&format!("sqlite://{}", database.display())).await.unwrap();
    let kept: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM marking_drafts").fetch_one(&pool).await.unwrap();
    assert_eq!(kept, 0);
}

#[tokio::test]
async fn a_database_from_before_the_scale_of_five_steps_opens_and_its_judgements_have_a_step() {
    let people = [adult(11), adult(12)];
    let (house, task) = two_numbers(&[&people[0], &people[1]]).await;
    house.judge(&house.examiner_a, task, Conclusion::Identification).await.unwrap();
    house.judge(&house.examiner_b, task, Conclusion::Identification).await.unwrap();
    let (data, clock) = (house.data(), house.clock.clone());
    let House { dir, registry, .. } = house;
    drop(registry);
    // As the version before has left it.
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(data.join("tanba.sqlite")).foreign_keys(false);
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    sqlx::raw_sql(
        "DROP TABLE markings; DROP TABLE marking_drafts; DROP TABLE corrections; DROP TABLE suspicions; \
         DROP INDEX judgements_account; ALTER TABLE judgements DROP COLUMN conclusion; ALTER TABLE judgements DROP COLUMN sealed_notes; \
         DROP INDEX review_tasks_open; ALTER TABLE review_tasks DROP COLUMN other_kind; ALTER TABLE review_tasks DROP COLUMN other_id; \
         ALTER TABLE cluster_revisions DROP COLUMN review_id; DROP INDEX cluster_moves_from; DROP INDEX cluster_moves_to; \
         DROP INDEX candidates_encounter; DROP INDEX candidates_state; DELETE FROM _sqlx_migrations WHERE version = 3;",
    )
    .execute(&pool)
    .await
    .unwrap();
    pool.close().await;

    let register = Arc::new(MemoryRegister::new(people.iter().map(|p| record(p, &[]))));
    let again = Registry::open(&data, PASSPHRASE, register, clock).await.unwrap();
    assert_eq!(again.people_searchable(), 1);
    let examiner = sign_in(&again, "examiner-a", None).await;
    let view = again.decided_candidate(&examiner, task).await.unwrap();
    assert!(view.judgements.iter().all(|j| j.conclusion == Conclusion::Identification && j.marks == 0));
    let second = sign_in(&again, "second", None).await;
    let reviews = again.open_reviews(&second).await.unwrap();
    assert_eq!((reviews[0].kind.as_str(), reviews[0].persons.len()), ("duplicate_registration", 1));
    again.review(&second, reviews[0].id).await.unwrap();
    drop(dir);
}

#[tokio::test]
async fn paired_minutiae_lie_on_each_other_and_the_ridges_of_one_finger_agree() {
    let (house, task) = two_numbers(&[&adult(11), &adult(12)]).await;
    house.lock(&house.examiner_a, task).await;
    let view = house.registry.compare_finger(&house.examiner_a, task, FINGERS[0]).await.unwrap();
    let (probe, reference) = (view.probe.unwrap(), view.reference.unwrap());
    for print in [&probe, &reference] {
        let png = |bytes: &[u8]| tanba_formats::image::read(bytes, &Default::default()).unwrap().value;
        for picture in [&print.image, print.enhanced.as_ref().unwrap(), print.ridges.as_ref().unwrap()] {
            let picture = png(picture);
            assert_eq!((picture.width(), picture.height()), (print.width, print.height));
            assert!((picture.ppi().get() - 500.0).abs() < 0.1);
        }
        assert!(print.minutiae.len() > 10);
    }
    let alignment = view.alignment.unwrap();
    assert!(view.pairs.len() > 10, "{}", view.pairs.len());
    for pair in &view.pairs {
        let (from, to) = (&probe.minutiae[pair.probe], &reference.minutiae[pair.reference]);
        let (x, y) = alignment.apply(from.x, from.y);
        assert!((x - to.x).hypot(y - to.y) < 30.0, "skin stretches, and not that far");
        assert!((0.0..=1.0).contains(&pair.closeness));
    }
    let orientation = view.orientation.unwrap();
    assert!(orientation.mean_degrees < 10.0, "{}", orientation.mean_degrees);
    assert_eq!(view.marks.unwrap().marks, markings().fingers[0].marks);
    let picture = house.registry.print_picture(&house.examiner_a, task, Side::Reference, FINGERS[0]).await.unwrap();
    assert_eq!(picture, reference.image);
    let none = house.registry.compare_finger(&house.examiner_a, task, Finger::RightLittle).await;
    assert!(matches!(none, Err(RegistryError::NotFound { .. })));
}

#[tokio::test]
async fn only_the_ends_of_the_scale_decide_and_what_was_said_is_shown_afterwards_only() {
    let (house, task) = two_numbers(&[&adult(11), &adult(12)]).await;
    let (registry, a, b) = (&house.registry, &house.examiner_a, &house.examiner_b);
    let said = Judgement {
        conclusion: Conclusion::Identification,
        notes: Some("core and delta agree;\n14 points".to_owned()),
    };
    let open = house.judge(a, task, said.clone()).await.unwrap();
    assert_eq!(open.state, "open");
    let early = registry.decided_candidate(a, task).await;
    assert!(matches!(early, Err(RegistryError::NotFound { .. })), "no score before the decision");
    assert!(registry.decided_candidates(a).await.unwrap().is_empty());
    let disputed = house.judge(b, task, Conclusion::SupportSame).await.unwrap();
    assert_eq!(disputed.state, "disputed", "support is not identification");
    let tasks = registry.candidate_tasks(a).await.unwrap();
    assert_eq!((tasks[0].judged_by_me, tasks[0].barred), (true, Some(Barred::SameExaminer)));

    let third = house.another("examiner-c", Role::FingerprintExaminer).await;
    let theirs = registry.candidate_tasks(&third).await.unwrap();
    let wire = serde_json::to_string(&theirs).unwrap();
    for leak in ["same", "identification", "disputed", "log10", "examiner"] {
        assert!(!wire.contains(leak), "the third examiner's list says {leak}: {wire}");
    }
    let decided = house.judge(&third, task, Conclusion::Identification).await.unwrap();
    assert_eq!((decided.state.as_str(), decided.encounter_state), ("same", EncounterState::Duplicate));

    let view = registry.decided_candidate(b, task).await.unwrap();
    assert!(view.log10_lr > 2.0);
    let conclusions: Vec<Conclusion> = view.judgements.iter().map(|j| j.conclusion).collect();
    assert_eq!(conclusions, [Conclusion::Identification, Conclusion::SupportSame, Conclusion::Identification]);
    assert_eq!(view.judgements.iter().map(|j| j.mine).collect::<Vec<_>>(), [false, true, false]);
    assert_eq!((view.judgements[0].notes.as_deref(), view.judgements[0].marks), (said.notes.as_deref(), 2));
    assert_eq!(registry.decided_candidates(b).await.unwrap()[0].mine, Conclusion::SupportSame);
    // Whoever had no part in it has no need to know.
    let fourth = house.another("examiner-d", Role::FingerprintExaminer).await;
    assert!(matches!(registry.decided_candidate(&fourth, task).await, Err(RegistryError::NotFound { .. })));
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn three_who_differ_leave_the_matter_to_a_review() {
    let (house, task) = two_numbers(&[&adult(11), &adult(12)]).await;
    let third = house.another("examiner-c", Role::FingerprintExaminer).await;
    house.judge(&house.examiner_a, task, Conclusion::Identification).await.unwrap();
    house.judge(&house.examiner_b, task, Conclusion::Exclusion).await.unwrap();
    assert!(house.registry.open_reviews(&house.second).await.unwrap().is_empty());
    house.judge(&third, task, Conclusion::Inconclusive).await.unwrap();
    let reviews = house.registry.open_reviews(&house.second).await.unwrap();
    assert_eq!(reviews.iter().map(|r| r.kind.as_str()).collect::<Vec<_>>(), ["disputed_comparison"]);
    let review = house.registry.review(&house.second, reviews[0].id).await.unwrap();
    assert_eq!(review.decision.unwrap().judgements.len(), 3);
    assert_eq!(review.merge, None, "nobody is merged on a dispute");
}

#[tokio::test]
async fn whoever_captured_either_side_or_gave_the_prints_may_not_judge() {
    let (aida, other) = (adult(11), adult(12));
    let house = house(&[&aida, &other]).await;
    let both = NewAccount {
        roles: [Role::Operator, Role::FingerprintExaminer].into(),
        ..crate::house::account("both", house.centre, Role::Operator)
    };
    house.registry.add_account(&house.administrator, &both).await.unwrap();
    let both = sign_in(&house.registry, "both", Some("csc-1-a")).await;
    let first = house.register(&aida, &aida, "k1", 1).await.unwrap();
    let citizen = NewAccount {
        person: Some(first.encounter.person),
        natural_person: "P-aida-examiner".to_owned(),
        ..crate::house::account("aida", house.centre, Role::Citizen)
    };
    house.registry.add_account(&house.administrator, &citizen).await.unwrap();
    let owner = crate::house::account("aida-examiner", house.ministry, Role::FingerprintExaminer);
    house.registry.add_account(&house.administrator, &owner).await.unwrap();
    let owner = sign_in(&house.registry, "aida-examiner", None).await;
    // The second capture is by the account that also examines.
    let new = tanba_registry::OpenEncounter {
        client_key: "k2".to_owned(),
        trigger: "identity_card".to_owned(),
        iin: Some(other.iin.as_str().to_owned()),
        typed: std::collections::BTreeMap::new(),
    };
    let encounter = house.registry.open_encounter(&both, &new).await.unwrap();
    house.capture_all(encounter.id, &aida, 2).await.unwrap();
    house.registry.complete(&house.operator, encounter.id).await.unwrap();

    for (examiner, barred, code) in
        [(&both, Barred::OwnEncounter, "own_encounter"), (&owner, Barred::OwnPrints, "own_prints")]
    {
        let tasks = house.registry.candidate_tasks(examiner).await.unwrap();
        assert_eq!(tasks[0].barred, Some(barred), "the list says it before anything is opened");
        let task = tasks[0].id;
        assert_eq!(denied(house.registry.examination(examiner, task).await), code);
        assert_eq!(denied(house.registry.compare_finger(examiner, task, FINGERS[0]).await), code);
        assert_eq!(denied(house.registry.lock_markings(examiner, task, &markings()).await), code);
        assert_eq!(denied(house.registry.judge(examiner, task, Verdict::Same).await), code);
    }
}

#[tokio::test]
async fn markings_that_a_person_could_not_have_set_are_refused_whole() {
    let (house, task) = two_numbers(&[&adult(11), &adult(12)]).await;
    let good = markings();
    let mark = |change: fn(&mut Mark)| {
        let mut markings = good.clone();
        change(&mut markings.fingers[0].marks[0]);
        markings
    };
    let many = vec![good.fingers[0].marks[0]; 301];
    let finger = |finger, marks| Markings { fingers: vec![FingerMarks { finger, marks }], nothing_to_mark: false };
    for (name, bad) in [
        ("outside", mark(|m| m.x = 5000.0)),
        ("negative", mark(|m| m.y = -1.0)),
        ("not a number", mark(|m| m.x = f32::NAN)),
        ("endless", mark(|m| m.angle = f32::INFINITY)),
        ("too many", finger(FINGERS[0], many)),
        ("no such finger", finger(Finger::LeftLittle, good.fingers[0].marks.clone())),
        ("twice", Markings { fingers: vec![good.fingers[0].clone(); 2], nothing_to_mark: false }),
        ("empty", Markings::default()),
        ("both", Markings { nothing_to_mark: true, ..good.clone() }),
    ] {
        let refused = house.registry.lock_markings(&house.examiner_a, task, &bad).await;
        assert!(matches!(refused, Err(RegistryError::Invalid { .. })), "{name}: {refused:?}");
    }
    let none = Markings { fingers: Vec::new(), nothing_to_mark: true };
    house.registry.lock_markings(&house.examiner_a, task, &none).await.unwrap();
    let long = Judgement { conclusion: Conclusion::Inconclusive, notes: Some("x".repeat(2001)) };
    let refused = house.registry.judge(&house.examiner_a, task, long).await;
    assert!(matches!(refused, Err(RegistryError::Invalid { .. })));
}

#[tokio::test]
async fn a_candidate_whose_registration_has_ended_is_shown_to_nobody() {
    let (house, task) = two_numbers(&[&adult(11), &adult(12)]).await;
    house.lock(&house.examiner_a, task).await;
    let database = house.data().join("tanba.sqlite");
    let pool = sqlx::SqlitePool::connect(&format!("sqlite://{}", database.display())).await.unwrap();
    sqlx::query("UPDATE registrations SET state = 'withdrawn'").execute(&pool).await.unwrap();
    let gone = house.registry.compare_finger(&house.examiner_a, task, FINGERS[0]).await;
    assert!(matches!(gone, Err(RegistryError::NotFound { what: "candidate" })));
}
