//! Every act that two people sign, driven through from authenticators in software: what is changed, missing, repeated or meant for another
//! act is denied and in the log.

use jiff::SignedDuration;
use jiff::civil::{Date, date};
use tanba_dna::Relation;
use tanba_registry::{
    Act, Actor, AnomalyKind, CorrectionKind, DualAct, DualKind, EncounterState, Exemption, Part, PasskeyDemand,
    Registry, RegistryError, Result, RetentionEvent, Role, RowId,
};

use crate::follow_up::{danger, security};
use crate::genomic::case;
use crate::genomic::likelihood::{asked, disaster};
use crate::house::{House, adult, denied, house, house_under, record, today};
use crate::law_in_use::folder;
use crate::passkeys::{Holder, bind, proposed, site};
use crate::persons::change;
use crate::retention::{record_id, sheet, travel};
use crate::sanctions::iin;
use crate::signed_sanctions::{key, new_key};
use crate::thresholds::{evaluation, new_threshold};

/// A change behind the program's back, and the one that takes it back.
type Change = (&'static str, &'static str);

/// A house that asks for passkeys, and its administrator's.
async fn with_passkeys(house: &House) -> Holder {
    house.registry.use_passkeys(site(), PasskeyDemand::Required).unwrap();
    bind(house, &house.administrator, "administrator").await
}

/// Denied with a code, by one entry more.
async fn refused<T: std::fmt::Debug>(registry: &Registry, code: &str, result: impl Future<Output = Result<T>>) {
    let before = registry.denials().await.unwrap();
    assert_eq!(denied(result.await), code);
    assert_eq!(registry.denials().await.unwrap(), before + 1, "{code} is in the log");
}

/// An act that `first` asks for and `second` does, changed and denied at every moment, and done in the end.
async fn drive(
    house: &House,
    act: &DualAct,
    (first, second, third): (&mut Holder, &mut Holder, Option<&mut Holder>),
    changes: &[Change],
    doing: impl AsyncFn(&Actor) -> Result<()>,
) {
    let registry = &house.registry;
    let other = DualAct::of(act.kind(), "00000000-0000-0000-0000-000000000007");
    refused(registry, "approval_missing", doing(&second.actor)).await;
    for (change, back) in changes {
        // Before the second one looks.
        first.approve(registry, act).await.unwrap();
        assert!(house.tampered(change).await > 0, "{change}");
        refused(registry, "approval_void", second.approve(registry, act)).await;
        house.tampered(back).await;
        refused(registry, "approval_missing", doing(&second.actor)).await;
        // While the second one signs.
        first.approve(registry, act).await.unwrap();
        let asked = registry.begin_approval(&second.actor, act).await.unwrap();
        house.tampered(change).await;
        let signed = second.key.sign(&asked.challenge);
        refused(registry, "approval_void", registry.finish_approval(&second.actor, act, &signed)).await;
        house.tampered(back).await;
        // Before it is done.
        first.approve(registry, act).await.unwrap();
        second.approve(registry, act).await.unwrap();
        house.tampered(change).await;
        refused(registry, "approval_void", doing(&second.actor)).await;
        house.tampered(back).await;
        refused(registry, "approval_missing", doing(&second.actor)).await;
    }
    // The same person twice, a signature given again, and one for another act.
    let asked = registry.begin_approval(&first.actor, act).await.unwrap();
    let signed = first.key.sign(&asked.challenge);
    refused(registry, "passkey_no_challenge", registry.finish_approval(&first.actor, &other, &signed)).await;
    refused(registry, "passkey_no_challenge", registry.finish_approval(&first.actor, act, &signed)).await;
    first.approve(registry, act).await.unwrap();
    refused(registry, "four_eyes", first.approve(registry, act)).await;
    registry.begin_approval(&second.actor, act).await.unwrap();
    refused(registry, "passkey_wrong_credential", registry.finish_approval(&second.actor, act, &signed)).await;
    refused(registry, "approval_missing", doing(&second.actor)).await;
    if let Some(third) = third {
        // Two people have signed it, and one of them has nothing to do with it.
        third.approve(registry, act).await.unwrap();
        refused(registry, "approval_missing", doing(&second.actor)).await;
    }
    let open = registry.open_acts(&second.actor).await.unwrap();
    let open = open.iter().find(|open| open.act == *act).expect("it waits for the second");
    assert!(!open.own && open.signed_by.contains(&first.actor.login().to_owned()));
    second.approve(registry, act).await.unwrap();
    doing(&second.actor).await.unwrap();
    assert!(registry.open_acts(&second.actor).await.unwrap().is_empty(), "used up");
    assert!(doing(&second.actor).await.is_err(), "once");
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_j2_a_revision_is_signed_by_whoever_proposed_it_and_whoever_applies_it() {
    let house = house(&[&adult(71), &adult(72)]).await;
    house.another("third", Role::SecondOfficer).await;
    let administrator = with_passkeys(&house).await;
    let mut second = bind(&house, &administrator.actor, "second").await;
    let mut clerk = bind(&house, &administrator.actor, "clerk").await;
    let mut third = bind(&house, &administrator.actor, "third").await;
    let id = proposed(&house, &third.actor, "k").await;
    let changes = [
        (
            "UPDATE cluster_revisions SET reason = reason || 'x'",
            "UPDATE cluster_revisions SET reason = substr(reason, 1, length(reason) - 1)",
        ),
        (
            "UPDATE cluster_revisions SET proposed_at = proposed_at + 1",
            "UPDATE cluster_revisions SET proposed_at = proposed_at - 1",
        ),
    ];
    let act = DualAct::of(DualKind::Revision, id);
    let doing = async |actor: &Actor| house.registry.apply_revision(actor, id).await.map(drop);
    drive(&house, &act, (&mut third, &mut clerk, Some(&mut second)), &changes, doing).await;
}

#[tokio::test]
async fn control_j2_a_correction_is_signed_by_whoever_proposed_it_and_whoever_applies_it() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let person = house.register(&aida, &aida, "k1", 1).await.unwrap().encounter.person;
    let administrator = with_passkeys(&house).await;
    let mut second = bind(&house, &administrator.actor, "second").await;
    let mut clerk = bind(&house, &administrator.actor, "clerk").await;
    let married = change(CorrectionKind::NameChange, &[("family_name_latin", "Serikova")]);
    let id = house.registry.propose_correction(&second.actor, person, &married).await.unwrap().id;
    let changes = [
        (
            "UPDATE corrections SET proposed_at = proposed_at + 1",
            "UPDATE corrections SET proposed_at = proposed_at - 1",
        ),
        (
            "UPDATE corrections SET sealed_change = CAST(sealed_change || 'x' AS BLOB)",
            "UPDATE corrections SET sealed_change = substr(sealed_change, 1, length(sealed_change) - 1)",
        ),
    ];
    let act = DualAct::of(DualKind::Correction, id);
    let doing = async |actor: &Actor| house.registry.apply_correction(actor, id).await.map(drop);
    drive(&house, &act, (&mut second, &mut clerk, None), &changes, doing).await;
}

#[tokio::test]
async fn control_j2_an_exemption_is_signed_by_the_operator_and_a_second_officer_with_its_ground() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let id = house.open(&aida, "identity_card", "k1").await.unwrap().id;
    house.ground_exemption(id).await;
    let administrator = with_passkeys(&house).await;
    let mut operator = bind(&house, &administrator.actor, "operator").await;
    let mut second = bind(&house, &administrator.actor, "second").await;
    let registry = &house.registry;
    let none = Exemption { code: "no_fingers_both_hands".to_owned() };
    let act = DualAct::of(DualKind::Exemption, id).with(&none.code);
    // Signed for another ground, it is another act.
    let other = DualAct::of(DualKind::Exemption, id).with("hand_injury");
    operator.approve(registry, &other).await.unwrap();
    second.approve(registry, &other).await.unwrap();
    refused(registry, "approval_missing", registry.record_exemption(&operator.actor, &second.actor, id, &none)).await;
    house.tampered("UPDATE dual_proposals SET ended = 'void', ended_at = 0").await;
    let changes = [
        (
            "UPDATE hands_photographs SET taken_at = taken_at + 1",
            "UPDATE hands_photographs SET taken_at = taken_at - 1",
        ),
        ("UPDATE name_searches SET finding = 'perhaps'", "UPDATE name_searches SET finding = 'nobody'"),
    ];
    // The second officer signed at another desk, and is not named. Asked again after the end, it tells the same end.
    let doing = async |actor: &Actor| {
        if registry.view_encounter(actor, id).await?.state == EncounterState::Exempt {
            return Err(RegistryError::NotFound { what: "encounter" });
        }
        registry.record_exemption(actor, None, id, &none).await.map(drop)
    };
    drive(&house, &act, (&mut second, &mut operator, None), &changes, doing).await;
}

#[tokio::test]
async fn control_j2_a_search_by_likelihood_ratio_is_signed_by_whoever_asks_and_whoever_sanctions_it() {
    let house = house(&[]).await;
    let case = case(&house, "DVI-1").await;
    let (body, _) = disaster(&house, case).await;
    house.another("third", Role::SecondOfficer).await;
    let administrator = with_passkeys(&house).await;
    let mut examiner = bind(&house, &administrator.actor, "dna").await;
    let mut clerk = bind(&house, &administrator.actor, "clerk").await;
    let mut third = bind(&house, &administrator.actor, "third").await;
    let registry = &house.registry;
    let id = registry.ask_lr_search(&examiner.actor, &asked(body, case, Relation::ParentChild)).await.unwrap().id;
    let change = (
        "UPDATE lr_requests SET legal_basis = legal_basis || 'x'",
        "UPDATE lr_requests SET legal_basis = substr(legal_basis, 1, length(legal_basis) - 1)",
    );
    let act = DualAct::of(DualKind::LrSearch, id);
    let doing = async |actor: &Actor| registry.decide_lr_search(actor, id, true, "family waits").await.map(drop);
    drive(&house, &act, (&mut examiner, &mut clerk, Some(&mut third)), &[change], doing).await;
    // What is made is what was signed.
    house.tampered(change.0).await;
    refused(registry, "passkey_proof", registry.make_lr_search(&examiner.actor, id)).await;
    examiner.prove(registry).await.unwrap();
    refused(registry, "approval_void", registry.make_lr_search(&examiner.actor, id)).await;
    house.tampered(change.1).await;
    let make = async |actor: &Actor| registry.make_lr_search(actor, id).await;
    assert_eq!(examiner.signing(registry, make).await.unwrap().hits.len(), 1);
    // A no takes no signature, and another organisation's request is not there to be signed.
    let id = registry.ask_lr_search(&examiner.actor, &asked(body, case, Relation::ParentChild)).await.unwrap().id;
    let second = bind(&house, &administrator.actor, "second").await;
    let foreign = registry.begin_approval(&second.actor, &DualAct::of(DualKind::LrSearch, id)).await;
    assert!(matches!(foreign, Err(RegistryError::NotFound { .. })));
    let refuse = async |actor: &Actor| registry.decide_lr_search(actor, id, false, "too many").await;
    assert_eq!(clerk.signing(registry, refuse).await.unwrap().state, "refused");
}

#[tokio::test]
async fn control_j2_the_key_of_an_office_is_signed_by_whoever_entered_it_and_whoever_confirms_it() {
    let house = house(&[]).await;
    let registry = &house.registry;
    let mut administrator = with_passkeys(&house).await;
    let mut supervisor = bind(&house, &administrator.actor, "supervisor").await;
    let new = new_key(&house, &key("prosecutor.test/office", 3), "prosecutor", 365);
    let id = registry.propose_sanction_key(&administrator.actor, &new).await.unwrap();
    let changes = [
        (
            "UPDATE sanction_keys SET level = level || 'x'",
            "UPDATE sanction_keys SET level = substr(level, 1, length(level) - 1)",
        ),
        ("UPDATE sanction_keys SET valid_to = valid_to + 1", "UPDATE sanction_keys SET valid_to = valid_to - 1"),
    ];
    let act = DualAct::of(DualKind::OfficeKey, id);
    let doing = async |actor: &Actor| registry.decide_sanction_key(actor, id, true).await;
    drive(&house, &act, (&mut administrator, &mut supervisor, None), &changes, doing).await;
}

#[tokio::test]
async fn control_i7_a_threshold_is_signed_by_whoever_proposed_it_and_whoever_sets_it() {
    let house = house(&[]).await;
    let registry = &house.registry;
    let mut administrator = with_passkeys(&house).await;
    let mut supervisor = bind(&house, &administrator.actor, "supervisor").await;
    let hash = registry.add_evaluation(None, &evaluation(&[3.0, 3.2, 3.4])).await.unwrap();
    let first = new_threshold(&hash, 3.4);
    let id = registry.propose_threshold(&administrator.actor, &first).await.unwrap();
    let changes = [
        (
            "UPDATE threshold_proposals SET body = replace(body, '3.4', '3.2')",
            "UPDATE threshold_proposals SET body = replace(body, '3.2', '3.4')",
        ),
        (
            "UPDATE evaluations SET body = replace(body, 'invented', 'measured')",
            "UPDATE evaluations SET body = replace(body, 'measured', 'invented')",
        ),
    ];
    let act = DualAct::of(DualKind::Threshold, id);
    let doing = async |actor: &Actor| registry.decide_threshold(actor, id, true).await;
    drive(&house, &act, (&mut administrator, &mut supervisor, None), &changes, doing).await;
    assert_eq!(registry.error_rates().await.unwrap().history[0].proposed.value, 3.4);
}

#[tokio::test]
async fn control_j2_a_look_in_danger_to_life_is_justified_by_whoever_made_it_and_whoever_checks_it() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let knb = security(&house).await;
    let registry = &house.registry;
    let grounds = danger(knb.case, Some("a bomb, tonight"));
    registry.ask(&knb.officer, Act::Read, &grounds, &iin(&aida)).await.unwrap();
    let id = registry.urgent_reviews(&knb.officer).await.unwrap()[0].id;
    let administrator = with_passkeys(&house).await;
    let mut officer = bind(&house, &administrator.actor, "agent").await;
    let mut checker = bind(&house, &administrator.actor, "checker").await;
    let changes = [
        (
            "UPDATE access_requests SET purpose = purpose || 'x'",
            "UPDATE access_requests SET purpose = substr(purpose, 1, length(purpose) - 1)",
        ),
        ("UPDATE urgent_reviews SET holidays_known = 0", "UPDATE urgent_reviews SET holidays_known = 1"),
    ];
    let act = DualAct::of(DualKind::UrgentLook, id);
    let doing = async |actor: &Actor| registry.decide_urgent_review(actor, id, true, "heard").await.map(drop);
    drive(&house, &act, (&mut officer, &mut checker, None), &changes, doing).await;
}

/// A register in which a year's images are due today.
async fn with_images_due() -> House {
    with_images_until(date(2027, 11, 23)).await
}

/// A register on a day, with a person's images that are due on 23 November 2027.
async fn with_images_until(day: Date) -> House {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    travel(&house, day);
    house
}

async fn image_keys(house: &House) -> i64 {
    let pool = crate::retention::pool(house).await;
    sqlx::query_scalar("SELECT COUNT(*) FROM data_keys WHERE domain = 'image' AND wrapped IS NOT NULL")
        .fetch_one(&pool)
        .await
        .unwrap()
}

#[tokio::test]
async fn control_h6_keys_are_destroyed_when_two_have_signed_the_plan() {
    let house = with_images_due().await;
    let registry = &house.registry;
    let administrator = with_passkeys(&house).await;
    let mut second = bind(&house, &administrator.actor, "second").await;
    let mut clerk = bind(&house, &administrator.actor, "clerk").await;
    let run = registry.run_retention().await.unwrap();
    assert_eq!((run.erased, run.overdue, run.unsigned), (0, 0, 0), "it waits");
    assert_eq!(registry.run_retention().await.unwrap().erased, 0, "and is planned once");
    let waiting = registry.waiting_erasures(&second.actor).await.unwrap();
    assert_eq!(waiting.len(), 1);
    let erasures: Vec<_> =
        waiting[0].erasures.iter().map(|(part, _, clause, n)| (*part, clause.as_str(), *n)).collect();
    assert_eq!(erasures, [(Part::PrintImages, "retention.sample", 1)]);
    assert_eq!(denied(registry.waiting_erasures(&administrator.actor).await), "role");
    let plan = waiting[0].plan;
    let changes = [
        (
            "UPDATE deletion_steps SET owner_id = owner_id || 'x'",
            "UPDATE deletion_steps SET owner_id = substr(owner_id, 1, length(owner_id) - 1)",
        ),
        (
            "UPDATE deletion_plans SET sealed_body = CAST(sealed_body || 'x' AS BLOB)",
            "UPDATE deletion_plans SET sealed_body = substr(sealed_body, 1, length(sealed_body) - 1)",
        ),
    ];
    let act = DualAct::of(DualKind::Erasures, plan);
    let doing = async |actor: &Actor| registry.release_erasures(actor, plan).await.map(drop);
    assert_eq!(image_keys(&house).await, 1);
    drive(&house, &act, (&mut second, &mut clerk, None), &changes, doing).await;
    assert_eq!((image_keys(&house).await, registry.overdue().await.unwrap()), (0, 0));
    assert!(registry.waiting_erasures(&clerk.actor).await.unwrap().is_empty());
}

#[tokio::test]
async fn control_h6_the_law_does_not_wait_longer_than_a_day_for_an_officer_who_is_away() {
    let house = with_images_due().await;
    let registry = &house.registry;
    let administrator = with_passkeys(&house).await;
    let mut second = bind(&house, &administrator.actor, "second").await;
    registry.run_retention().await.unwrap();
    let plan = registry.waiting_erasures(&second.actor).await.unwrap()[0].plan;
    // One signature is none.
    second.approve(registry, &DualAct::of(DualKind::Erasures, plan)).await.unwrap();
    refused(registry, "approval_missing", registry.release_erasures(&second.actor, plan)).await;
    house.clock.advance(SignedDuration::from_hours(23));
    assert_eq!((registry.run_retention().await.unwrap().erased, image_keys(&house).await), (0, 1));
    house.clock.advance(SignedDuration::from_hours(1));
    let run = registry.run_retention().await.unwrap();
    assert_eq!((run.erased, run.unsigned, run.overdue, image_keys(&house).await), (1, 1, 0, 0));
    let notes = registry.oversight_summary(&house.supervisor, 2).await.unwrap().notes;
    assert!(notes.iter().any(|note| note.kind == AnomalyKind::ErasuresUnsigned && note.count == 1), "{notes:?}");
    let late = registry.release_erasures(&second.actor, plan).await;
    assert!(matches!(late, Err(RegistryError::Conflict { .. })), "{late:?}");
}

/// A register three days before a year's images are due, its officers with passkeys, and the plan that it made for that day.
async fn planned_ahead() -> (House, Holder, Holder, RowId) {
    let house = with_images_until(date(2027, 11, 20)).await;
    let registry = &house.registry;
    let administrator = with_passkeys(&house).await;
    let second = bind(&house, &administrator.actor, "second").await;
    let clerk = bind(&house, &administrator.actor, "clerk").await;
    for _ in 0..2 {
        let run = registry.run_retention().await.unwrap();
        assert_eq!((run.erased, run.blocked, run.overdue), (0, 0, 0));
    }
    let waiting = registry.waiting_erasures(&second.actor).await.unwrap();
    assert_eq!(waiting.len(), 1, "it is planned once");
    assert_eq!((waiting[0].as_of, waiting[0].ahead), (date(2027, 11, 23), true));
    assert_eq!(registry.people_searchable(), 1, "and used until then");
    let plan = waiting[0].plan;
    (house, second, clerk, plan)
}

#[tokio::test]
async fn control_h10_erasures_are_signed_before_their_day_and_happen_on_it() {
    let (house, mut second, mut clerk, plan) = planned_ahead().await;
    let registry = &house.registry;
    let act = DualAct::of(DualKind::Erasures, plan);
    second.approve(registry, &act).await.unwrap();
    clerk.approve(registry, &act).await.unwrap();
    let released = registry.release_erasures(&clerk.actor, plan).await.unwrap();
    assert_eq!((released.erased, image_keys(&house).await), (0, 1), "not before its day");
    travel(&house, date(2027, 11, 22));
    assert_eq!((registry.run_retention().await.unwrap().erased, image_keys(&house).await), (0, 1));
    travel(&house, date(2027, 11, 23));
    assert_eq!(registry.overdue().await.unwrap(), 1);
    let run = registry.run_retention().await.unwrap();
    assert_eq!((run.erased, run.unsigned, run.overdue, image_keys(&house).await), (1, 0, 0, 0));
    assert_eq!(registry.run_retention().await.unwrap().not_due, 0, "nothing of it is planned a second time");
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_h10_the_day_does_not_wait_for_signatures() {
    let (house, ..) = planned_ahead().await;
    let registry = &house.registry;
    travel(&house, date(2027, 11, 23));
    let run = registry.run_retention().await.unwrap();
    assert_eq!((run.erased, run.unsigned, run.overdue, image_keys(&house).await), (1, 1, 0, 0));
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_h6_a_step_that_its_plan_does_not_have_destroys_nothing() {
    for change in [
        "UPDATE deletion_steps SET part = 'print_templates' WHERE action = 'erase'",
        "UPDATE deletion_plans SET sealed_body = CAST(sealed_body || 'x' AS BLOB)",
        "UPDATE deletion_steps SET place = 7",
    ] {
        let house = with_images_due().await;
        let registry = &house.registry;
        registry.plan_deletions().await.unwrap();
        assert!(house.tampered(change).await > 0);
        let run = registry.carry_out_plans().await.unwrap();
        assert_eq!((run.erased, run.not_due, image_keys(&house).await), (0, 1, 1), "{change}");
        let notes = registry.oversight_summary(&house.supervisor, 2).await.unwrap().notes;
        assert!(notes.iter().any(|note| note.kind == AnomalyKind::RowsUnreconciled), "{change}: {notes:?}");
        let run = registry.run_retention().await.unwrap();
        assert_eq!((run.erased, run.overdue, image_keys(&house).await), (1, 0, 0), "{change}: it is planned anew");
    }
}

#[tokio::test]
async fn control_h6_what_waits_to_be_erased_is_found_by_nobody_meanwhile() {
    let aida = adult(11);
    let row =
        "      category: any\n      start_event: collection\n      max_period: P40Y\n      end_events: [acquittal]\n";
    let house =
        house_under([&aida].map(|p| record(p, &[])).into(), "kz", &folder(&[("sheet", &sheet(row))]), today()).await;
    let registry = &house.registry;
    let id = record_id(house.register(&aida, &aida, "k1", 1).await.unwrap().encounter.id);
    let administrator = with_passkeys(&house).await;
    let mut second = bind(&house, &administrator.actor, "second").await;
    let mut clerk = bind(&house, &administrator.actor, "clerk").await;
    let event =
        RetentionEvent { event: "acquittal".to_owned(), on: today(), gravity: None, evidence: "judgment 3".to_owned() };
    registry.record_retention_event(&second.actor, id, &event).await.unwrap();
    let run = registry.run_retention().await.unwrap();
    assert_eq!((run.erased, run.blocked, run.overdue, registry.people_searchable()), (0, 1, 0, 0));
    let run = registry.run_retention().await.unwrap();
    assert_eq!((run.erased, run.blocked, run.unblocked, registry.people_searchable()), (0, 0, 0, 0));
    let plan = registry.waiting_erasures(&second.actor).await.unwrap()[0].plan;
    let act = DualAct::of(DualKind::Erasures, plan);
    second.approve(registry, &act).await.unwrap();
    clerk.approve(registry, &act).await.unwrap();
    let run = registry.release_erasures(&clerk.actor, plan).await.unwrap();
    assert_eq!((run.erased, run.proofs.len(), registry.overdue().await.unwrap()), (2, 2, 0));
    assert_eq!(image_keys(&house).await, 0);
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_j2_a_crash_between_the_signatures_keeps_the_one_that_was_given() {
    let house = house(&[&adult(71), &adult(72)]).await;
    let administrator = with_passkeys(&house).await;
    let mut second = bind(&house, &administrator.actor, "second").await;
    let mut clerk = bind(&house, &administrator.actor, "clerk").await;
    let id = proposed(&house, &second.actor, "k").await;
    let act = DualAct::of(DualKind::Revision, id);
    second.approve(&house.registry, &act).await.unwrap();
    let asked = house.registry.begin_approval(&clerk.actor, &act).await.unwrap();
    let register = house.register.clone();
    let house = house.reopened_beside(register).await;
    house.registry.use_passkeys(site(), PasskeyDemand::Required).unwrap();
    refused(&house.registry, "approval_missing", house.registry.apply_revision(&clerk.actor, id)).await;
    let signed = clerk.key.sign(&asked.challenge);
    house.registry.finish_approval(&clerk.actor, &act, &signed).await.unwrap();
    house.registry.apply_revision(&clerk.actor, id).await.unwrap();
}

#[tokio::test]
async fn every_kind_has_its_row_and_a_name_of_its_own() {
    let names: std::collections::BTreeSet<_> = DualKind::ALL.iter().map(|kind| kind.name()).collect();
    assert_eq!(names.len(), DualKind::ALL.len());
    assert_eq!(DualKind::Erasures.name(), "erasures.release");
    assert_eq!(DualKind::OfficeKey.name(), "sanction_key.confirm");
}
