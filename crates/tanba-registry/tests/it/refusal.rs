//! A refusal: what follows, in which order, and what stops it.

use jiff::SignedDuration;
use tanba_registry::{EncounterId, RefusalView, RegistryError};

use crate::house::{House, adult, denied, house};

async fn refuse(house: &House, person: &tanba_synth::Person, key: &str) -> (EncounterId, RefusalView) {
    house.clock.advance(SignedDuration::from_hours(48));
    // Sessions end after a working day, so a later day needs a new sign-in.
    let operator = crate::house::sign_in(&house.registry, "operator", Some("csc-1-a")).await;
    let new = tanba_registry::OpenEncounter {
        client_key: key.to_owned(),
        trigger: "identity_card".to_owned(),
        iin: Some(person.iin.as_str().to_owned()),
        typed: std::collections::BTreeMap::new(),
    };
    let encounter = house.registry.open_encounter(&operator, &new).await.unwrap();
    (encounter.id, house.registry.record_refusal(&operator, encounter.id).await.unwrap())
}

#[tokio::test]
async fn a_fine_comes_first_and_the_document_is_denied_only_after_payment_and_a_second_refusal() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let officer = &house.officer;
    let (_, first) = refuse(&house, &aida, "k1").await;
    assert_eq!((first.consequence.as_str(), first.index_units), ("fine", Some(5.0)));
    assert_eq!(first.amount, Some(21_625.0), "five index units of 2026");
    assert!(first.interim_document);
    assert!(first.decided_at.is_none(), "nothing follows by itself");
    assert!(matches!(house.registry.fine_paid(officer, first.id).await, Err(RegistryError::Conflict { .. })));

    // A second refusal before the fine was decided or paid opens no second step.
    house.registry.decide_refusal(officer, first.id).await.unwrap();
    let (_, unpaid) = refuse(&house, &aida, "k2").await;
    assert_eq!(unpaid.consequence, "none");

    house.registry.fine_paid(officer, first.id).await.unwrap();
    let (encounter, second) = refuse(&house, &aida, "k3").await;
    assert_eq!(second.consequence, "deny_document");
    house.registry.decide_refusal(officer, second.id).await.unwrap();
    let code = denied(house.registry.apply_for_document(&house.operator, encounter, "identity_card").await);
    assert_eq!(code, "refusal_in_force");

    // Giving the prints ends the matter.
    let (encounter, key) = (house.open(&aida, "identity_card", "k4").await.unwrap(), "identity_card");
    house.capture_all(encounter.id, &aida, 1).await.unwrap();
    house.registry.complete(&house.operator, encounter.id).await.unwrap();
    assert!(house.registry.apply_for_document(&house.operator, encounter.id, key).await.unwrap().prints_linked);
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn an_appeal_suspends_the_decision() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let (_, refusal) = refuse(&house, &aida, "k1").await;
    house.registry.appeal_refusal(&house.operator, refusal.id).await.unwrap();
    let decided = house.registry.decide_refusal(&house.officer, refusal.id).await;
    assert!(matches!(decided, Err(RegistryError::Conflict { .. })));
}

#[tokio::test]
async fn an_operator_does_not_decide_what_follows() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let (_, refusal) = refuse(&house, &aida, "k1").await;
    assert_eq!(denied(house.registry.decide_refusal(&house.operator, refusal.id).await), "role");
}
