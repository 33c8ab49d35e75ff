//! Stains that are the laboratory's own: held back at registration, decided by the quality manager alone.

use tanba_dna::Category;
use tanba_registry::{ContaminationFinding, ContaminationKind, NewSpecimen, RegistryError, Role};

use super::{case, profile, specimen};
use crate::house::{denied, house};

#[tokio::test]
async fn control_b8_a_stain_like_a_profile_of_the_laboratory_is_held_until_somebody_decides() {
    let house = house(&[]).await;
    let manager = house.another("quality", Role::QualityManager).await;
    let lab = case(&house, "LAB").await;
    let crime = case(&house, "A-1").await;
    let convict = house.specimen(&specimen(Category::ConvictedPerson, crime, "c", Some(&profile(21)))).await.unwrap();
    let staff = specimen(Category::Elimination, lab, "staff", Some(&profile(21)));
    assert!(!house.specimen(&staff).await.unwrap().held, "there is no stain yet");
    let stain = house.specimen(&specimen(Category::CrimeStain, crime, "s", Some(&profile(21)))).await.unwrap();
    let clean = house.specimen(&specimen(Category::CrimeStain, crime, "t", Some(&profile(22)))).await.unwrap();
    assert!(stain.held && !clean.held);
    let search = house.profile_search(stain.id, crime, "crime_investigation").await;
    assert!(matches!(search, Err(RegistryError::Conflict { .. })), "{search:?}");
    // Nobody finds it either.
    let found = house.profile_search(convict.id, crime, "crime_investigation").await.unwrap();
    assert!(found.hits.is_empty() && found.profiles_compared == 1, "{found:?}");

    assert_eq!(denied(house.registry.open_contaminations(&house.dna_examiner).await), "role");
    let open = house.registry.open_contaminations(&manager).await.unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!((open[0].stain, open[0].kind), (stain.id, ContaminationKind::Elimination));
    assert_eq!(open[0].other_label.as_deref(), Some("tube staff"));
    let decide = |actor, finding| house.registry.decide_contamination(actor, open[0].id, finding, "worn gloves, log 3");
    assert_eq!(denied(decide(&house.dna_examiner, ContaminationFinding::Cleared).await), "role");
    decide(&manager, ContaminationFinding::Cleared).await.unwrap();
    let again = decide(&manager, ContaminationFinding::Contamination).await;
    assert!(matches!(again, Err(RegistryError::Conflict { .. })), "{again:?}");
    let found = house.profile_search(stain.id, crime, "crime_investigation").await.unwrap();
    assert_eq!(found.hits.iter().map(|hit| hit.specimen).collect::<Vec<_>>(), [convict.id]);
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_b8_a_new_profile_of_the_laboratory_is_held_against_every_stain_and_a_contaminated_one_stays_blocked() {
    let house = house(&[]).await;
    let manager = house.another("quality", Role::QualityManager).await;
    let (lab, crime) = (case(&house, "LAB").await, case(&house, "A-1").await);
    let convict = house.specimen(&specimen(Category::ConvictedPerson, crime, "c", Some(&profile(21)))).await.unwrap();
    let stain = house.specimen(&specimen(Category::CrimeStain, crime, "s", Some(&profile(21)))).await.unwrap();
    let found = house.profile_search(stain.id, crime, "crime_investigation").await.unwrap();
    assert_eq!(found.hits.len(), 1);
    house.specimen(&specimen(Category::Elimination, lab, "visitor", Some(&profile(21)))).await.unwrap();
    let other = house.another("dna-b", Role::DnaExaminer).await;
    let held = house.registry.genomic_hit(&other, found.hits[0].id).await;
    assert!(matches!(held, Err(RegistryError::Conflict { .. })), "the hit waits too: {held:?}");
    assert!(house.registry.genomic_tasks(&other).await.unwrap().is_empty());
    assert!(house.profile_search(convict.id, crime, "crime_investigation").await.unwrap().hits.is_empty());

    let open = house.registry.open_contaminations(&manager).await.unwrap();
    let finding = ContaminationFinding::Contamination;
    house.registry.decide_contamination(&manager, open[0].id, finding, "visitor at the scene").await.unwrap();
    let search = house.profile_search(stain.id, crime, "crime_investigation").await;
    assert!(matches!(search, Err(RegistryError::NotFound { .. })), "{search:?}");
    let again = specimen(Category::CrimeStain, crime, "s", Some(&profile(21)));
    assert!(house.specimen(&again).await.unwrap().held, "the same request tells that it is held for good");
    let void = house.registry.genomic_hit(&other, found.hits[0].id).await.unwrap();
    assert_eq!(void.state, "void");
    assert!(house.profile_search(convict.id, crime, "crime_investigation").await.unwrap().hits.is_empty());
}

#[tokio::test]
async fn control_b8_stains_of_two_cases_in_one_batch_are_held_against_each_other() {
    let house = house(&[]).await;
    let manager = house.another("quality", Role::QualityManager).await;
    let (first, second) = (case(&house, "A-1").await, case(&house, "A-2").await);
    let stain = |key, case, batch: &str| NewSpecimen {
        batch: Some(batch.to_owned()),
        ..specimen(Category::CrimeStain, case, key, Some(&profile(21)))
    };
    let a = house.specimen(&stain("a", first, "plate-1")).await.unwrap();
    assert!(!house.specimen(&stain("b", first, "plate-1")).await.unwrap().held, "of one case two may well agree");
    assert!(!house.specimen(&stain("c", second, "plate-2")).await.unwrap().held, "of another batch");
    let d = house.specimen(&stain("d", second, "plate-1")).await.unwrap();
    assert!(d.held);
    for held in [a.id, d.id] {
        let search = house.profile_search(held, first, "crime_investigation").await;
        assert!(matches!(search, Err(RegistryError::Conflict { .. })), "{search:?}");
    }
    let open = house.registry.open_contaminations(&manager).await.unwrap();
    assert_eq!(open.iter().filter(|one| one.kind == ContaminationKind::Batch).count(), 2);
    for one in &open {
        let finding = ContaminationFinding::Cleared;
        house.registry.decide_contamination(&manager, one.id, finding, "two scenes of one person").await.unwrap();
    }
    let found = house.profile_search(a.id, first, "crime_investigation").await.unwrap();
    assert_eq!(found.hits.len(), 3, "the two cases are linked, and so is the other batch");
}

#[tokio::test]
async fn whoever_entered_a_specimen_does_not_clear_it_and_a_restart_forgets_nothing() {
    let house = house(&[]).await;
    let mut account = crate::house::account("both", house.ministry, Role::DnaExaminer);
    account.roles.insert(Role::QualityManager);
    house.registry.add_account(&house.administrator, &account).await.unwrap();
    let both = crate::house::sign_in(&house.registry, "both", None).await;
    let crime = case(&house, "A-1").await;
    house.specimen(&specimen(Category::Elimination, crime, "staff", Some(&profile(21)))).await.unwrap();
    let own = specimen(Category::CrimeStain, crime, "s", Some(&profile(21)));
    let stain = house.registry.register_specimen(&both, &own).await.unwrap();
    let open = house.registry.open_contaminations(&both).await.unwrap();
    let cleared = ContaminationFinding::Cleared;
    assert_eq!(
        denied(house.registry.decide_contamination(&both, open[0].id, cleared, "it is mine").await),
        "own_specimen"
    );
    let house = house.reopened().await;
    let search = house.profile_search(stain.id, crime, "crime_investigation").await;
    assert!(matches!(search, Err(RegistryError::Conflict { .. })), "{search:?}");
    let manager = house.another("quality", Role::QualityManager).await;
    house.registry.decide_contamination(&manager, open[0].id, cleared, "another donor").await.unwrap();
    assert!(house.profile_search(stain.id, crime, "crime_investigation").await.unwrap().hits.is_empty());
}
