//! Genomic registration: the four groups of the law, and the hit.

use serde_json::{Map, Value, json};
use tanba_dna::Category;
use tanba_registry::{CaseId, NewCase, NewSpecimen, RegistryError, SpecimenView};

use crate::house::{House, adult, denied, house};

async fn case(house: &House, number: &str) -> CaseId {
    let new = NewCase { number: number.to_owned(), kind: "crime".to_owned() };
    house.registry.open_case(&house.dna_examiner, &new).await.unwrap()
}

fn facts(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => unreachable!("facts are given as an object"),
    }
}

async fn register(
    house: &House,
    category: Category,
    case: CaseId,
    profile: &str,
    facts: Map<String, Value>,
) -> tanba_registry::Result<SpecimenView> {
    let new = NewSpecimen {
        client_key: format!("{category}-{}", facts.len()),
        category,
        label: "tube 7".to_owned(),
        case,
        profile: profile.to_owned(),
        iin: None,
        facts,
    };
    house.registry.register_specimen(&house.dna_examiner, &new).await
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

    let search =
        |specimen, purpose| house.registry.search_specimen(&house.dna_examiner, specimen, case, purpose, "order 12");
    let answer = search(stain.id, "crime_investigation").await.unwrap();
    assert_eq!(answer.hits.len(), 1);
    assert_eq!(answer.hits[0].specimen, convict.id);
    assert_eq!((answer.hits[0].loci_compared, answer.hits[0].mismatches), (20, 0));
    assert_eq!(
        (answer.profiles_compared, answer.profiles_not_comparable),
        (1, 0),
        "the stain is not compared with itself"
    );
    assert!(search(body.id, "crime_investigation").await.unwrap().hits.is_empty());
    denied(search(stain.id, "curiosity").await);
    denied(house.registry.search_specimen(&house.dna_examiner, stain.id, case, "crime_investigation", " ").await);
    denied(house.registry.search_specimen(&house.officer, stain.id, case, "crime_investigation", "order 12").await);
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
    let answer = house
        .registry
        .search_specimen(&house.dna_examiner, body.id, case, "unidentified_body", "order 3")
        .await
        .unwrap();
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
}
