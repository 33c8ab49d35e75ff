//! A stain that is held back, before the quality manager, who alone sees what it agrees with.

use askama::Template;
use axum::extract::State;
use serde::Deserialize;
use tanba_registry::{ContaminationFinding, ContaminationId, ContaminationKind, ContaminationView, RegistryError};

use super::super::{Answer, Page, Sent, SignedIn, render, see};
use super::short;
use crate::input::Id;
use crate::state::ServerState;

#[derive(Template)]
#[template(path = "genomic/contamination.html")]
struct ContaminationPage {
    p: Page,
    view: ContaminationView,
}

pub(super) async fn page(State(state): State<ServerState>, signed: SignedIn, Id(id): Id<ContaminationId>) -> Answer {
    let open = signed.registry.open_contaminations(&signed.actor).await?;
    let view = open.into_iter().find(|view| view.id == id);
    let view = view.ok_or(RegistryError::NotFound { what: "possible contamination" })?;
    let p = Page::new(&state, &signed, "genomic", "genomic-contamination-title").about("contamination");
    render(&ContaminationPage { p, view })
}

impl ContaminationPage {
    fn batch(&self) -> bool {
        self.view.kind == ContaminationKind::Batch
    }

    fn short(&self, id: &tanba_registry::SpecimenId) -> String {
        short(id)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Decision {
    finding: ContaminationFinding,
    reason: String,
}

pub(super) async fn decide(signed: SignedIn, Id(id): Id<ContaminationId>, Sent(form): Sent<Decision>) -> Answer {
    signed.registry.decide_contamination(&signed.actor, id, form.finding, form.reason.trim()).await?;
    see("/genomic?done=saved")
}
