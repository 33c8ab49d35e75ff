//! The missing and the dead stay apart until two experts have reconciled them, and are parted again in the same way.

use tanba_dna::Category;
use tanba_registry::{
    Actor, CaseId, GenomicBar, NewReconciliation, ReconciliationId, ReconciliationView, RegistryError, Role,
    SpecimenId, Verdict,
};

use super::{case, profile, specimen};
use crate::house::{House, denied, house};

struct Scene {
    house: House,
    case: CaseId,
    body: SpecimenId,
    reference: SpecimenId,
    experts: Vec<Actor>,
}

/// A body and the toothbrush of somebody who is missing, with one profile; the experts entered neither.
async fn scene() -> Scene {
    let house = house(&[]).await;
    let case = case(&house, "DVI-1").await;
    let of = |category, key: &str| specimen(category, case, key, Some(&profile(21)));
    let body = house.specimen(&of(Category::UnidentifiedBody, "body")).await.unwrap().id;
    let reference = house.specimen(&of(Category::MissingPersonReference, "brush")).await.unwrap().id;
    let mut experts = Vec::new();
    for login in ["dna-a", "dna-b", "dna-c"] {
        experts.push(house.another(login, Role::DnaExaminer).await);
    }
    Scene { house, case, body, reference, experts }
}

impl Scene {
    fn proposal(&self) -> NewReconciliation {
        NewReconciliation {
            post_mortem: self.body,
            ante_mortem: self.reference,
            case: self.case,
            hit: None,
            reason: "same profile, same scar".to_owned(),
        }
    }

    async fn propose(&self, new: &NewReconciliation) -> tanba_registry::Result<ReconciliationView> {
        self.house.registry.propose_reconciliation(&self.house.dna_examiner, new).await
    }

    async fn judge(
        &self,
        expert: usize,
        id: ReconciliationId,
        verdict: Verdict,
    ) -> tanba_registry::Result<ReconciliationView> {
        self.house.registry.judge_reconciliation(&self.experts[expert], id, verdict, None).await
    }

    async fn joined(&self, id: ReconciliationId) -> tanba_registry::Result<tanba_registry::IdentificationView> {
        self.house.registry.identification(&self.experts[0], id, "unidentified_body", "order 3").await
    }
}

#[tokio::test]
async fn the_two_sides_are_joined_by_two_experts_and_not_before() {
    let scene = scene().await;
    let proposal = scene.propose(&scene.proposal()).await.unwrap();
    let id = proposal.id;
    assert_eq!(proposal.barred, Some(GenomicBar::OwnSpecimen));
    assert_eq!(denied(scene.joined(id).await), "not_reconciled");
    let own = scene.house.registry.judge_reconciliation(&scene.house.dna_examiner, id, Verdict::Same, None).await;
    assert_eq!(denied(own), "own_specimen");
    let fresh = scene.house.registry.reconciliation(&scene.experts[1], id).await.unwrap();
    assert_eq!(scene.judge(0, id, Verdict::Same).await.unwrap().state, "open");
    let second = scene.house.registry.reconciliation(&scene.experts[1], id).await.unwrap();
    assert_eq!(serde_json::to_string(&second).unwrap(), serde_json::to_string(&fresh).unwrap());
    assert_eq!(denied(scene.joined(id).await), "not_reconciled", "one expert is not two");
    assert_eq!(denied(scene.judge(0, id, Verdict::Same).await), "same_examiner");
    let decided = scene.judge(1, id, Verdict::Same).await.unwrap();
    assert_eq!((decided.state.as_str(), decided.findings.len()), ("confirmed", 2));

    let joined = scene.joined(id).await.unwrap();
    assert_eq!(joined.post_mortem.label.as_deref(), Some("tube body"));
    assert_eq!(joined.ante_mortem.label.as_deref(), Some("tube brush"));
    let basis = scene.house.registry.identification(&scene.experts[0], id, "unidentified_body", " ").await;
    denied(basis);
    denied(scene.house.registry.identification(&scene.experts[0], id, "curiosity", "order 3").await);
    let again = scene.propose(&scene.proposal()).await;
    assert!(matches!(again, Err(RegistryError::Conflict { .. })), "{again:?}");
    scene.house.assert_log_is_sound().await;
}

#[tokio::test]
async fn an_identification_is_taken_back_as_it_was_made() {
    let scene = scene().await;
    let id = scene.propose(&scene.proposal()).await.unwrap().id;
    let early = scene.house.registry.propose_withdrawal(&scene.experts[2], id, "not yet").await;
    assert!(matches!(early, Err(RegistryError::Conflict { .. })), "{early:?}");
    for expert in [0, 1] {
        scene.judge(expert, id, Verdict::Same).await.unwrap();
    }
    let withdrawal =
        scene.house.registry.propose_withdrawal(&scene.experts[2], id, "a twin was found alive").await.unwrap();
    assert_eq!((withdrawal.withdraws, withdrawal.barred), (Some(id), Some(GenomicBar::OwnProposal)));
    assert_eq!(denied(scene.judge(2, withdrawal.id, Verdict::Same).await), "own_proposal");
    assert!(scene.joined(id).await.is_ok(), "it stands until two have withdrawn it");
    for expert in [0, 1] {
        scene.judge(expert, withdrawal.id, Verdict::Same).await.unwrap();
    }
    assert_eq!(denied(scene.joined(id).await), "not_reconciled");
    assert_eq!(denied(scene.joined(withdrawal.id).await), "not_reconciled", "a withdrawal joins nothing");
    let view = scene.house.registry.reconciliation(&scene.experts[0], id).await.unwrap();
    assert_eq!((view.state.as_str(), view.findings.len()), ("withdrawn", 2), "nothing of it is lost");
    assert!(scene.propose(&scene.proposal()).await.is_ok(), "it may be proposed anew");
    scene.house.assert_log_is_sound().await;
}

#[tokio::test]
async fn two_that_differ_need_a_third_and_only_a_confirmed_hit_is_a_ground() {
    let scene = scene().await;
    let found = scene.house.profile_search(scene.body, scene.case, "unidentified_body").await.unwrap();
    let hit = found.hits[0].id;
    let with_hit = NewReconciliation { hit: Some(hit), ..scene.proposal() };
    let unconfirmed = scene.propose(&with_hit).await;
    assert!(matches!(unconfirmed, Err(RegistryError::Invalid { field: "hit", .. })), "{unconfirmed:?}");
    for expert in [0, 1] {
        scene.house.registry.judge_genomic_hit(&scene.experts[expert], hit, Verdict::Same, None).await.unwrap();
    }
    let id = scene.propose(&with_hit).await.unwrap().id;
    let twice = scene.propose(&with_hit).await;
    assert!(matches!(twice, Err(RegistryError::Conflict { .. })), "{twice:?}");
    scene.judge(0, id, Verdict::Same).await.unwrap();
    assert_eq!(scene.judge(1, id, Verdict::Different).await.unwrap().state, "open");
    let third = scene.house.registry.open_reconciliations(&scene.experts[2]).await.unwrap();
    assert_eq!((third.len(), third[0].state.as_str(), third[0].findings.len()), (1, "open", 0));
    assert_eq!(scene.judge(2, id, Verdict::Different).await.unwrap().state, "rejected");
    assert_eq!(denied(scene.joined(id).await), "not_reconciled");

    let backwards = NewReconciliation { post_mortem: scene.reference, ante_mortem: scene.body, ..scene.proposal() };
    assert!(matches!(scene.propose(&backwards).await, Err(RegistryError::Invalid { .. })));
    let silent = NewReconciliation { reason: " ".to_owned(), ..scene.proposal() };
    assert!(matches!(scene.propose(&silent).await, Err(RegistryError::Invalid { field: "reason", .. })));
}
