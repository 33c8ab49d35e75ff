//! Searches by likelihood ratio: asked for with the leads to expect, sanctioned by another officer, made once.

use tanba_dna::{Category, DnaError, Relation};
use tanba_registry::{CaseId, LrQuestion, NewLrSearch, RegistryError, Role, SpecimenId};

use super::{case, child_of, profile, specimen};
use crate::house::{House, denied, house};

fn question(relation: Relation) -> LrQuestion {
    LrQuestion {
        relation,
        frequencies: "synthetic".to_owned(),
        theta: 0.01,
        mutation_rate: None,
        query_is: None,
        least_log10_lr: 2.0,
        most: 10,
        min_loci: 12,
    }
}

pub(crate) fn asked(specimen: SpecimenId, case: CaseId, relation: Relation) -> NewLrSearch {
    NewLrSearch {
        specimen,
        case,
        purpose: "missing_person".to_owned(),
        legal_basis: "search file 7".to_owned(),
        question: question(relation),
    }
}

/// A body, its mother, and people who have nothing to do with it.
pub(crate) async fn disaster(house: &House, case: CaseId) -> (SpecimenId, SpecimenId) {
    house.enter_frequencies().await;
    let (mother, father) = (profile(31), profile(32));
    let body = specimen(Category::UnidentifiedBody, case, "body", Some(&child_of(&mother, &father)));
    let body = house.specimen(&body).await.unwrap().id;
    let relative =
        house.specimen(&specimen(Category::RelativeOfMissing, case, "mother", Some(&mother))).await.unwrap().id;
    for seed in 40..50 {
        let other = specimen(Category::RelativeOfMissing, case, &format!("r{seed}"), Some(&profile(seed)));
        house.specimen(&other).await.unwrap();
    }
    (body, relative)
}

#[tokio::test]
async fn relatives_are_found_once_another_officer_has_sanctioned_the_number_of_unrelated_leads() {
    let house = house(&[]).await;
    let case = case(&house, "DVI-1").await;
    let (body, mother) = disaster(&house, case).await;
    let new = asked(body, case, Relation::ParentChild);
    let request = house.registry.ask_lr_search(&house.dna_examiner, &new).await.unwrap();
    assert_eq!((request.profiles, request.state.as_str()), (11, "asked"));
    assert!(request.unrelated_leads > 0.0 && request.unrelated_leads < 0.1, "{}", request.unrelated_leads);
    assert!(request.share_found > 0.9, "{}", request.share_found);
    let early = house.registry.make_lr_search(&house.dna_examiner, request.id).await;
    assert!(matches!(early, Err(RegistryError::Conflict { .. })), "{early:?}");

    assert_eq!(denied(house.registry.decide_lr_search(&house.dna_examiner, request.id, true, "fine").await), "role");
    let elsewhere = house.registry.decide_lr_search(&house.second, request.id, true, "fine").await;
    assert!(matches!(elsewhere, Err(RegistryError::NotFound { .. })), "a case of another organisation");
    let waiting = house.registry.lr_requests(&house.prosecution_clerk).await.unwrap();
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].unrelated_leads.to_bits(), request.unrelated_leads.to_bits(), "the number is in the request");
    let decide =
        |sanction| house.registry.decide_lr_search(&house.prosecution_clerk, request.id, sanction, "family waits");
    assert_eq!(decide(true).await.unwrap().state, "sanctioned");
    assert!(matches!(decide(false).await, Err(RegistryError::Conflict { .. })));

    let answer = house.registry.make_lr_search(&house.dna_examiner, request.id).await.unwrap();
    assert_eq!(answer.hits.iter().map(|hit| hit.specimen).collect::<Vec<_>>(), [mother]);
    assert!(answer.hits[0].log10_lr.unwrap() > 2.0);
    assert_eq!((answer.profiles_compared, answer.chance_population.as_str()), (11, "synthetic"));
    let again = house.registry.make_lr_search(&house.dna_examiner, request.id).await;
    assert!(matches!(again, Err(RegistryError::Conflict { .. })), "made once");
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn relatives_are_never_looked_for_from_a_crime() {
    let house = house(&[]).await;
    let case = case(&house, "A-1").await;
    let (body, _) = disaster(&house, case).await;
    for category in [Category::CrimeStain, Category::ConvictedPerson] {
        let other = specimen(category, case, category.name(), Some(&profile(31)));
        let id = house.specimen(&other).await.unwrap().id;
        let ask = house.registry.ask_lr_search(&house.dna_examiner, &asked(id, case, Relation::ParentChild)).await;
        assert_eq!(denied(ask), "not_for_finding");
        let same = house.registry.ask_lr_search(&house.dna_examiner, &asked(id, case, Relation::Same)).await;
        assert_eq!(denied(same), "not_for_finding");
    }
    // Another purpose does not open it, nor another body's role, nor a case that is not there.
    let crime = NewLrSearch { purpose: "crime_investigation".to_owned(), ..asked(body, case, Relation::ParentChild) };
    denied(house.registry.ask_lr_search(&house.dna_examiner, &crime).await);
    let blank = NewLrSearch { legal_basis: " ".to_owned(), ..asked(body, case, Relation::ParentChild) };
    denied(house.registry.ask_lr_search(&house.dna_examiner, &blank).await);
    let new = asked(body, case, Relation::ParentChild);
    assert_eq!(denied(house.registry.ask_lr_search(&house.officer, &new).await), "role");
}

#[tokio::test]
async fn one_person_is_weighed_among_references_and_a_grown_register_asks_again() {
    let house = house(&[]).await;
    let case = case(&house, "DVI-1").await;
    let (body, _) = disaster(&house, case).await;
    let dead = child_of(&profile(31), &profile(32));
    let reference =
        |key: &str, profile: &tanba_dna::Profile| specimen(Category::MissingPersonReference, case, key, Some(profile));
    let brush = house.specimen(&reference("brush", &dead)).await.unwrap().id;
    let request = house.registry.ask_lr_search(&house.dna_examiner, &asked(body, case, Relation::Same)).await.unwrap();
    assert_eq!(request.profiles, 1, "the reference: neither the body itself nor relatives are a part of it");
    let clerk = &house.prosecution_clerk;
    house.registry.decide_lr_search(clerk, request.id, true, "family waits").await.unwrap();
    for seed in 60..64 {
        house.specimen(&reference(&format!("m{seed}"), &profile(seed))).await.unwrap();
    }
    let grown = house.registry.make_lr_search(&house.dna_examiner, request.id).await;
    assert!(matches!(grown, Err(RegistryError::Conflict { .. })), "{grown:?}");
    let request = house.registry.ask_lr_search(&house.dna_examiner, &asked(body, case, Relation::Same)).await.unwrap();
    house.registry.decide_lr_search(clerk, request.id, true, "family waits").await.unwrap();
    house.clock.advance(jiff::SignedDuration::from_hours(24 * 8));
    let late = house.registry.make_lr_search(&house.dna_examiner, request.id).await;
    assert!(matches!(late, Err(RegistryError::Conflict { .. })), "a sanction holds for a week: {late:?}");
    house.clock.advance(-jiff::SignedDuration::from_hours(24 * 8));
    let answer = house.registry.make_lr_search(&house.dna_examiner, request.id).await.unwrap();
    assert_eq!(
        answer.hits.iter().map(|hit| hit.specimen).collect::<Vec<_>>(),
        [brush],
        "the body does not find itself"
    );
    assert_eq!(answer.profiles_compared, 5);
}

#[tokio::test]
async fn a_question_that_cannot_be_meant_is_refused_and_whoever_asks_does_not_sanction() {
    let house = house(&[]).await;
    let case = case(&house, "DVI-1").await;
    let (body, _) = disaster(&house, case).await;
    let ask = |question| {
        let new = NewLrSearch { question, ..asked(body, case, Relation::ParentChild) };
        let house = &house;
        async move { house.registry.ask_lr_search(&house.dna_examiner, &new).await }
    };
    let base = question(Relation::ParentChild);
    let table = ask(LrQuestion { frequencies: "elsewhere".to_owned(), ..base.clone() }).await;
    assert!(matches!(table, Err(RegistryError::NotFound { .. })), "{table:?}");
    let mutation = ask(LrQuestion { mutation_rate: Some(0.002), ..base.clone() }).await;
    assert!(matches!(mutation, Err(RegistryError::Invalid { field: "query_is", .. })), "{mutation:?}");
    let many = ask(LrQuestion { most: 1000, ..base.clone() }).await;
    assert!(matches!(many, Err(RegistryError::Invalid { field: "most", .. })), "{many:?}");
    let theta = ask(LrQuestion { theta: f64::NAN, ..base.clone() }).await;
    assert!(matches!(theta, Err(RegistryError::Profile(DnaError::BadTheta))), "{theta:?}");
    let bound = ask(LrQuestion { min_loci: 0, ..base }).await;
    assert!(matches!(bound, Err(RegistryError::Profile(DnaError::BadBound { .. }))), "{bound:?}");

    let mut account = crate::house::account("two-hats", house.ministry, Role::DnaExaminer);
    account.roles.insert(Role::SecondOfficer);
    house.registry.add_account(&house.administrator, &account).await.unwrap();
    let two_hats = crate::house::sign_in(&house.registry, "two-hats", None).await;
    let request = house.registry.ask_lr_search(&two_hats, &asked(body, case, Relation::FullSiblings)).await.unwrap();
    let own = house.registry.decide_lr_search(&two_hats, request.id, true, "my own").await;
    assert_eq!(denied(own), "same_officer");
}
