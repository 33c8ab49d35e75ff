//! A hit is confirmed by two examiners who know nothing of each other's finding.

use tanba_dna::{Agreement, Category, Comparison};
use tanba_registry::{Actor, GenomicBar, GenomicHitId, GenomicHitView, RegistryError, Role, Verdict};

use super::{case, profile, specimen};
use crate::house::{House, denied, house};

async fn hit(house: &House) -> GenomicHitId {
    let case = case(house, "A-1").await;
    for (category, key) in [(Category::ConvictedPerson, "c"), (Category::CrimeStain, "s")] {
        let view = house.specimen(&specimen(category, case, key, Some(&profile(21)))).await.unwrap();
        if category == Category::CrimeStain {
            let found = house.profile_search(view.id, case, "crime_investigation").await.unwrap();
            return found.hits[0].id;
        }
    }
    unreachable!("the stain is the second")
}

async fn judge(
    house: &House,
    actor: &Actor,
    id: GenomicHitId,
    verdict: Verdict,
) -> tanba_registry::Result<GenomicHitView> {
    house.registry.judge_genomic_hit(actor, id, verdict, Some("electropherograms read again")).await
}

#[tokio::test]
async fn two_independent_examiners_confirm_a_hit() {
    let house = house(&[]).await;
    let id = hit(&house).await;
    let a = house.another("dna-a", Role::DnaExaminer).await;
    let b = house.another("dna-b", Role::DnaExaminer).await;
    assert_eq!(denied(house.registry.genomic_hit(&house.examiner_a, id).await), "role");
    // Whoever entered the specimens searches, and does not examine.
    assert_eq!(denied(judge(&house, &house.dna_examiner, id, Verdict::Same).await), "own_specimen");
    let tasks = house.registry.genomic_tasks(&house.dna_examiner).await.unwrap();
    assert_eq!((tasks.len(), tasks[0].barred), (1, Some(GenomicBar::OwnSpecimen)));

    let seen = house.registry.genomic_hit(&a, id).await.unwrap();
    assert_eq!((seen.purpose, seen.markers.len(), seen.state.as_str()), (Comparison::SameSource, 20, "open"));
    assert!(seen.markers.iter().all(|at| at.agreement == Some(Agreement::High) && at.differing == Some(0)));
    let given = judge(&house, &a, id, Verdict::Same).await.unwrap();
    assert_eq!((given.state.as_str(), given.mine), ("open", Some(Verdict::Same)));
    assert!(given.findings.is_empty());
    // The second sees what the first saw, byte for byte, and nothing of the finding.
    let second = house.registry.genomic_hit(&b, id).await.unwrap();
    assert_eq!(serde_json::to_string(&second).unwrap(), serde_json::to_string(&seen).unwrap());
    assert_eq!(denied(judge(&house, &a, id, Verdict::Same).await), "same_examiner");
    let decided = judge(&house, &b, id, Verdict::Same).await.unwrap();
    assert_eq!((decided.state.as_str(), decided.findings.len()), ("confirmed", 2));
    assert_eq!(decided.findings[0].notes.as_deref(), Some("electropherograms read again"));
    assert!(!decided.findings[0].mine && decided.findings[1].mine);
    assert!(house.registry.genomic_tasks(&b).await.unwrap().is_empty());
    let c = house.another("dna-c", Role::DnaExaminer).await;
    assert!(matches!(judge(&house, &c, id, Verdict::Different).await, Err(RegistryError::Conflict { .. })));
    house.assert_log_is_sound().await;
}

#[tokio::test]
async fn two_that_differ_need_a_third_who_knows_of_neither() {
    let house = house(&[]).await;
    let id = hit(&house).await;
    let a = house.another("dna-a", Role::DnaExaminer).await;
    let b = house.another("dna-b", Role::DnaExaminer).await;
    let c = house.another("dna-c", Role::DnaExaminer).await;
    let fresh = serde_json::to_string(&house.registry.genomic_hit(&c, id).await.unwrap()).unwrap();
    judge(&house, &a, id, Verdict::Same).await.unwrap();
    assert_eq!(judge(&house, &b, id, Verdict::Different).await.unwrap().state, "open");
    let third = serde_json::to_string(&house.registry.genomic_hit(&c, id).await.unwrap()).unwrap();
    assert_eq!(third, fresh, "not even that there is a dispute");
    assert_eq!(judge(&house, &c, id, Verdict::Different).await.unwrap().state, "rejected");
}

#[tokio::test]
async fn one_person_under_two_accounts_is_one_examiner() {
    let house = house(&[]).await;
    let id = hit(&house).await;
    let a = house.another("dna-a", Role::DnaExaminer).await;
    let mut twin = crate::house::account("dna-a2", house.ministry, Role::DnaExaminer);
    twin.natural_person = "P-dna-a".to_owned();
    house.registry.add_account(&house.administrator, &twin).await.unwrap();
    let twin = crate::house::sign_in(&house.registry, "dna-a2", None).await;
    judge(&house, &a, id, Verdict::Same).await.unwrap();
    assert_eq!(denied(judge(&house, &twin, id, Verdict::Same).await), "same_examiner");
    let elsewhere = crate::house::account("dna-x", house.supervision, Role::DnaExaminer);
    house.registry.add_account(&house.administrator, &elsewhere).await.unwrap();
    let elsewhere = crate::house::sign_in(&house.registry, "dna-x", None).await;
    let view = house.registry.genomic_hit(&elsewhere, id).await;
    assert!(matches!(view, Err(RegistryError::NotFound { .. })), "a case of another organisation: {view:?}");
}
