//! The four groups of the law, the door of permitted loci, and the hit.

use serde_json::{Map, json};
use tanba_dna::Category;
use tanba_registry::{AnomalyKind, CaseId, NewSpecimen, ReferenceKind, RegistryError, SearchGrounds, SpecimenView};

use super::lineage::Y;
use super::{case, facts, profile, specimen};
use crate::house::{House, adult, denied, house};
use crate::sanctions::house_with_line;

async fn register(
    house: &House,
    category: Category,
    case: CaseId,
    profile: &str,
    facts: Map<String, serde_json::Value>,
) -> tanba_registry::Result<SpecimenView> {
    let new = NewSpecimen {
        profile: Some(profile.to_owned()),
        facts: facts.clone(),
        ..specimen(category, case, &format!("{category}-{}", facts.len()), None)
    };
    house.specimen(&new).await
}

#[tokio::test]
async fn a_stain_finds_the_convict_with_the_same_profile() {
    let (donor, other) = (adult(21), adult(22));
    let house = house(&[]).await;
    let case = case(&house, "A-1").await;
    let convicted = json!({"offence": "grave", "judgment_final": true});
    let convict =
        register(&house, Category::ConvictedPerson, case, &donor.genotype.profile().to_csv(), facts(convicted))
            .await
            .unwrap();
    assert_eq!(convict.retain_until.as_deref(), Some("2051-11-23"), "25 years from the day of collection");
    let order = json!({"investigator_order": true});
    let stain =
        register(&house, Category::CrimeStain, case, &donor.genotype.profile().to_csv(), facts(order)).await.unwrap();
    let body = register(&house, Category::UnidentifiedBody, case, &other.genotype.profile().to_csv(), Map::new())
        .await
        .unwrap();

    let answer = house.profile_search(stain.id, case, "crime_investigation").await.unwrap();
    assert_eq!(answer.hits.len(), 1);
    assert_eq!(answer.hits[0].specimen, convict.id);
    assert_eq!((answer.hits[0].loci_compared, answer.hits[0].mismatches), (20, 0));
    assert_eq!(
        (answer.profiles_compared, answer.profiles_not_comparable),
        (1, 0),
        "the stain is not compared with itself"
    );
    // With the alleles of one convict alone every hit looks like chance; with those of a population hardly one in 10^11 does.
    assert_eq!(answer.chance_population, "the searched profiles themselves");
    assert!((answer.expected_by_chance - 1.0).abs() < 1e-6, "{}", answer.expected_by_chance);
    house.enter_frequencies().await;
    let answer = house.profile_search(stain.id, case, "crime_investigation").await.unwrap();
    assert_eq!((answer.hits.len(), answer.chance_population.as_str()), (1, "synthetic"));
    assert!(answer.expected_by_chance > 0.0 && answer.expected_by_chance < 1e-11, "{}", answer.expected_by_chance);
    let nothing = house.profile_search(body.id, case, "crime_investigation").await.unwrap();
    assert!(nothing.hits.is_empty() && nothing.expected_by_chance < 1e-12, "{}", nothing.expected_by_chance);
    denied(house.profile_search(stain.id, case, "curiosity").await);
    let grounds = SearchGrounds { case, purpose: "crime_investigation", legal_basis: " " };
    denied(house.registry.search_specimen(&house.dna_examiner, stain.id, grounds).await);
    let grounds = SearchGrounds { legal_basis: "order 12", ..grounds };
    denied(house.registry.search_specimen(&house.officer, stain.id, grounds).await);
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn a_body_is_found_by_the_missing_persons_own_reference() {
    let missing = adult(23);
    let house = house(&[]).await;
    let case = case(&house, "M-1").await;
    let consent = json!({"written_consent": true, "relationship": "parent"});
    let profile = missing.genotype.profile().to_csv();
    let reference = register(&house, Category::MissingPersonReference, case, &profile, facts(consent)).await.unwrap();
    let body = register(&house, Category::UnidentifiedBody, case, &profile, Map::new()).await.unwrap();
    let answer = house.profile_search(body.id, case, "unidentified_body").await.unwrap();
    assert_eq!(answer.hits.iter().map(|h| h.specimen).collect::<Vec<_>>(), [reference.id]);
}

#[tokio::test]
async fn what_the_law_does_not_provide_is_not_registered() {
    let donor = adult(21);
    let house = house(&[]).await;
    let case = case(&house, "A-1").await;
    let profile = donor.genotype.profile().to_csv();
    let minor = facts(json!({"offence": "minor", "judgment_final": true}));
    assert_eq!(denied(register(&house, Category::ConvictedPerson, case, &profile, minor).await), "must_not_register");
    let pending = facts(json!({"offence": "grave"}));
    assert_eq!(denied(register(&house, Category::ConvictedPerson, case, &profile, pending).await), "not_yet_lawful");
    let relative = facts(json!({"relationship": "parent"}));
    assert_eq!(denied(register(&house, Category::RelativeOfMissing, case, &profile, relative).await), "not_yet_lawful");
}

#[tokio::test]
async fn a_locus_outside_the_panel_is_refused_and_never_stored() {
    let donor = adult(21);
    let house = house(&[]).await;
    let case = case(&house, "A-1").await;
    let profile = format!("{}\nMEDICAL1,3,4\n", donor.genotype.profile().to_csv().trim_end());
    let convicted = facts(json!({"offence": "grave", "judgment_final": true}));
    let refused = register(&house, Category::ConvictedPerson, case, &profile, convicted).await;
    assert!(matches!(refused, Err(RegistryError::Profile(_))), "{refused:?}");
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn lineage_markers_stand_beside_the_profile_and_are_kept_sealed() {
    let house = house(&[]).await;
    let case = case(&house, "M-1").await;
    let mut relative = specimen(Category::RelativeOfMissing, case, "r", Some(&profile(21)));
    relative.y = Some(Y.to_owned());
    relative.snps = Some("rs1490413,A,G\nrs876724,C,C".to_owned());
    relative.mitochondrial = Some("1-300: 2T".to_owned());
    let without = house.specimen(&relative).await;
    assert!(matches!(without, Err(RegistryError::Conflict { .. })), "{without:?}");
    let sequence = "ACGT".repeat(100);
    house.enter(ReferenceKind::MitochondrialReference, "short", &sequence).await.unwrap();
    let again = house.enter(ReferenceKind::MitochondrialReference, "other", &sequence).await;
    assert!(matches!(again, Err(RegistryError::Conflict { .. })), "a register has one reference for good");
    let view = house.specimen(&relative).await.unwrap();
    assert_eq!((view.loci, view.y_loci, view.mitochondrial, view.snps), (20, 8, true, 2));
    assert_eq!(house.specimen(&relative).await.unwrap().id, view.id, "the same key is the same specimen");
    let other = NewSpecimen { snps: None, ..relative.clone() };
    assert!(matches!(house.specimen(&other).await, Err(RegistryError::Conflict { .. })));
    // Remains of which nothing but mitochondrial DNA could be read.
    let mut bone = specimen(Category::UnidentifiedBody, case, "b", None);
    let nothing = house.specimen(&bone).await;
    assert!(matches!(nothing, Err(RegistryError::Profile(_))), "{nothing:?}");
    bone.mitochondrial = Some("1-300: 2T 7A".to_owned());
    let bone = house.specimen(&bone).await.unwrap();
    assert_eq!((bone.loci, bone.y_loci, bone.mitochondrial, bone.snps), (0, 0, true, 0));
    let search = house.profile_search(bone.id, case, "unidentified_body").await;
    assert!(matches!(search, Err(RegistryError::Conflict { .. })), "{search:?}");
    // Nothing of it can be read in the files.
    for (path, bytes) in crate::house::all_files(&house.data()) {
        for secret in [&b"DYS385"[..], b"1490413", b"TYHP", b"TSNP", b"TMTH"] {
            let found = bytes.windows(secret.len()).any(|part| part == secret);
            assert!(!found, "{} holds {}", path.display(), String::from_utf8_lossy(secret));
        }
    }
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn a_marker_that_the_law_does_not_permit_refuses_the_whole_specimen() {
    let house = house(&[]).await;
    let case = case(&house, "M-1").await;
    let before = house.registry.denials().await.unwrap();
    let new = specimen(Category::UnidentifiedBody, case, "b", Some(&profile(21)));
    for refused in [
        // rs12913832 tells the colour of eyes.
        NewSpecimen { snps: Some("rs1490413,A,G\nrs12913832,A,G".to_owned()), ..new.clone() },
        NewSpecimen { y: Some("TH01,6".to_owned()), ..new.clone() },
    ] {
        let answer = house.specimen(&refused).await;
        assert!(matches!(answer, Err(RegistryError::Profile(_))), "{answer:?}");
    }
    assert_eq!(house.registry.denials().await.unwrap() - before, 2, "each refusal is in the log");
    assert!(!house.specimen(&new).await.unwrap().held, "the key is free: nothing of the refused was kept");
}

#[tokio::test]
async fn control_c8_genomic_searches_count_towards_the_limits() {
    let house =
        house_with_line(&[], "crime-genomic", "volume: {requests: 9, hours: 24, in_a_case: 2, of_a_body: 3}").await;
    let (first, second) = (case(&house, "A-1").await, case(&house, "A-2").await);
    let stain = house.specimen(&specimen(Category::CrimeStain, first, "s1", Some(&profile(21)))).await.unwrap();
    let search = async |case| house.profile_search(stain.id, case, "crime_investigation").await;
    search(first).await.unwrap();
    search(first).await.unwrap();
    assert_eq!(denied(search(first).await), "case_volume_reached");
    search(second).await.unwrap();
    assert_eq!(denied(search(second).await), "body_volume_reached");
    let summary = house.registry.oversight_summary(&house.supervisor, 1).await.unwrap();
    let note = summary.notes.iter().find(|n| n.kind == AnomalyKind::VolumeReached).expect("a note");
    assert_eq!((note.account.as_deref(), note.count), (Some("dna"), 2));
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn control_c8_a_genomic_search_that_finds_more_than_a_hundred_tells_none() {
    let house = house(&[]).await;
    let case = case(&house, "A-1").await;
    let profile = profile(21);
    let mut stains = Vec::new();
    for n in 0..=100 {
        let new = specimen(Category::CrimeStain, case, &format!("s{n}"), Some(&profile));
        stains.push(house.specimen(&new).await.unwrap().id);
    }
    let found = house.profile_search(stains[0], case, "crime_investigation").await.unwrap();
    assert_eq!(found.hits.len(), 100);
    house.specimen(&specimen(Category::CrimeStain, case, "one-more", Some(&profile))).await.unwrap();
    assert_eq!(denied(house.profile_search(stains[0], case, "crime_investigation").await), "too_many_hits");
    house.assert_log_is_sound().await;
}
