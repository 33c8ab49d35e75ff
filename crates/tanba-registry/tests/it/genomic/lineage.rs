//! Searches by Y, mitochondrial and SNP markers: among those who are looked for and those who look for them, and nobody else.

use tanba_dna::Category;
use tanba_registry::{
    LineageAnswer, MarkerSystem, NewSpecimen, ReferenceKind, RegistryError, SearchGrounds, SpecimenId,
};

use super::{case, profile, specimen};
use crate::house::{House, denied, house};

pub(crate) const Y: &str =
    "DYS19,14\nDYS385,11,14\nDYS389I,13\nDYS389II,29\nDYS390,24\nDYS391,10\nDYS392,13\nDYS393,13";

pub(crate) async fn search(
    house: &House,
    id: SpecimenId,
    case: tanba_registry::CaseId,
) -> tanba_registry::Result<LineageAnswer> {
    let grounds = SearchGrounds { case, purpose: "missing_person", legal_basis: "order 3" };
    house.registry.search_lineage(&house.dna_examiner, id, grounds).await
}

#[tokio::test]
async fn a_body_is_found_by_the_father_it_has_the_y_chromosome_of() {
    let house = house(&[]).await;
    let case = case(&house, "M-1").await;
    house.enter(ReferenceKind::MitochondrialReference, "short", &"ACGT".repeat(100)).await.unwrap();
    let with = |category, key: &str, y: &str, mitochondrial: &str| NewSpecimen {
        y: Some(y.to_owned()),
        mitochondrial: Some(mitochondrial.to_owned()),
        ..specimen(category, case, key, None)
    };
    let relative = Category::RelativeOfMissing;
    let father = house.specimen(&with(relative, "f", Y, "1-300: 2T 7A")).await.unwrap();
    // A mutation in one step; a man of another line; one with too few loci in common.
    let brother =
        house.specimen(&with(relative, "b", &Y.replace("DYS390,24", "DYS390,25"), "1-300: 5G")).await.unwrap();
    house.specimen(&with(relative, "o", &Y.replace("DYS390,24", "DYS390,21"), "1-300: 2T 7A 9C")).await.unwrap();
    house.specimen(&with(relative, "s", "DYS19,14\nDYS390,24", "1-100: 5G")).await.unwrap();
    // A convict and a stain with the very haplotype of the father.
    for category in [Category::ConvictedPerson, Category::CrimeStain] {
        house.specimen(&with(category, category.name(), Y, "1-300: 5G")).await.unwrap();
    }
    let body = house.specimen(&with(Category::UnidentifiedBody, "x", Y, "1-300: 5G")).await.unwrap();
    let answer = search(&house, body.id, case).await.unwrap();
    let found: Vec<SpecimenId> = answer.hits.iter().map(|hit| hit.specimen).collect();
    assert_eq!(found.len(), 2, "{answer:?}");
    assert!(
        found.contains(&father.id) && found.contains(&brother.id),
        "paternal relatives need not share the mother's line"
    );
    let [y, mitochondrial] = &answer.systems[..] else { panic!("{answer:?}") };
    assert_eq!((y.system, y.compared, y.not_comparable, y.agreeing), (MarkerSystem::Y, 3, 1, 2));
    // Two of three: the upper limit solves (1-p)^3 + 3p(1-p)^2 + 3p^2(1-p) = 0.05, which is p^3 = 0.95.
    assert!((y.by_chance_at_most - 3.0 * 0.95_f64.cbrt()).abs() < 1e-9, "{}", y.by_chance_at_most);
    assert_eq!((mitochondrial.compared, mitochondrial.not_comparable, mitochondrial.agreeing), (3, 1, 1));
    // And from the other side.
    let back = search(&house, father.id, case).await.unwrap();
    assert_eq!(back.hits.iter().map(|hit| hit.specimen).collect::<Vec<_>>(), [body.id]);
    let house = house.reopened().await;
    assert_eq!(search(&house, body.id, case).await.unwrap().hits.len(), 2);
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn nothing_of_a_crime_is_searched_with_lineage_markers_or_found_by_them() {
    let house = house(&[]).await;
    let case = case(&house, "A-1").await;
    let with = |category: Category| NewSpecimen {
        y: Some(Y.to_owned()),
        ..specimen(category, case, category.name(), Some(&profile(21)))
    };
    let mut ids = Vec::new();
    for category in Category::ALL {
        ids.push((category, house.specimen(&with(category)).await.unwrap().id));
    }
    for (category, id) in &ids {
        match category {
            Category::ConvictedPerson | Category::Elimination => {
                assert_eq!(denied(search(&house, *id, case).await), "not_for_finding");
            }
            // Held back, because it agrees with the elimination profile.
            Category::CrimeStain => {
                assert!(matches!(search(&house, *id, case).await, Err(RegistryError::Conflict { .. })));
            }
            // The law's group of unknown donors is not open to a search for relatives, whatever the specimen is called.
            Category::UnidentifiedPerson => {
                assert_eq!(denied(search(&house, *id, case).await), "act_not_listed");
            }
            Category::UnidentifiedBody => {
                let found = search(&house, *id, case).await.unwrap();
                let mut categories: Vec<Category> = found.hits.iter().map(|hit| hit.category).collect();
                categories.sort();
                assert_eq!(categories, [Category::RelativeOfMissing, Category::MissingPersonReference], "{found:?}");
            }
            _ => {
                let found = search(&house, *id, case).await.unwrap();
                assert!(found.hits.iter().all(|hit| hit.category == Category::UnidentifiedBody
                    || hit.category == Category::MissingPersonReference
                    || hit.category == Category::RelativeOfMissing));
            }
        }
    }
    let none = house.specimen(&specimen(Category::UnidentifiedBody, case, "n", Some(&profile(22)))).await.unwrap();
    assert!(matches!(search(&house, none.id, case).await, Err(RegistryError::Conflict { .. })));
}

#[tokio::test]
async fn snps_find_the_person_and_never_a_relative() {
    let house = house(&[]).await;
    let case = case(&house, "M-1").await;
    let numbers = [
        251934, 354439, 717302, 719366, 722098, 727811, 729172, 733164, 735155, 737681, 740910, 763869, 826472, 873196,
        876724, 891700, 901398, 907100, 914165, 917118, 938283, 964681, 1005533, 1015250, 1024116, 1028528, 1029047,
        1031825, 1335873, 1355366,
    ];
    let rows = |changed: usize| {
        let genotype = |at: usize| if at < changed { "G,G" } else { "A,G" };
        numbers.iter().enumerate().map(|(at, n)| format!("rs{n},{}\n", genotype(at))).collect::<String>()
    };
    let with = |category: Category, key: &str, snps: String| NewSpecimen {
        snps: Some(snps),
        ..specimen(category, case, key, None)
    };
    let own = house.specimen(&with(Category::MissingPersonReference, "own", rows(0))).await.unwrap();
    house.specimen(&with(Category::MissingPersonReference, "two", rows(2))).await.unwrap();
    house.specimen(&with(Category::RelativeOfMissing, "kin", rows(0))).await.unwrap();
    let body = house.specimen(&with(Category::UnidentifiedBody, "x", rows(1))).await.unwrap();
    let answer = search(&house, body.id, case).await.unwrap();
    let two = answer.hits.iter().map(|hit| (hit.specimen, hit.mismatches)).collect::<Vec<_>>();
    assert_eq!(two.len(), 2, "one base may be lost: {answer:?}");
    assert!(two.contains(&(own.id, 1)));
    assert_eq!((answer.systems[0].system, answer.systems[0].compared), (MarkerSystem::Snp, 2));
}
