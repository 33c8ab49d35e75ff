//! A body and a missing person: proposed by one, decided by two others, seen together on grounds, taken back in the same way.

use askama::Template;
use axum::extract::State;
use serde::Deserialize;
use tanba_registry::{
    CaseId, GenomicCase, GenomicCodes, NewReconciliation, ReconciliationId, ReconciliationView, SpecimenId,
};

use super::super::form::unfit;
use super::super::{Answer, Page, Sent, SignedIn, fresh_key, render};
use super::hits::FindingForm;
use super::searches::{Found, kept};
use super::{Kept, once, short, specimen_of};
use crate::input::Id;
use crate::state::ServerState;

#[derive(Template)]
#[template(path = "genomic/identification.html")]
struct ProposePage {
    p: Page,
    desk: GenomicCase,
    key: String,
}

pub(super) async fn form(State(state): State<ServerState>, signed: SignedIn, Id(case): Id<CaseId>) -> Answer {
    let desk = signed.registry.genomic_case(&signed.actor, case).await?;
    let p = Page::new(&state, &signed, "genomic", "genomic-propose-title").about("genomic_examination");
    render(&ProposePage { p, desk, key: fresh_key()? })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProposalForm {
    case: CaseId,
    post_mortem: String,
    ante_mortem: String,
    #[serde(default)]
    hit: String,
    reason: String,
    key: String,
}

pub(super) async fn propose(
    State(state): State<ServerState>,
    signed: SignedIn,
    Sent(form): Sent<ProposalForm>,
) -> Answer {
    let hit = Some(form.hit.trim()).filter(|hit| !hit.is_empty()).map(str::parse).transpose().map_err(|_| unfit())?;
    let new = NewReconciliation {
        post_mortem: specimen_of(&form.post_mortem)?,
        ante_mortem: specimen_of(&form.ante_mortem)?,
        case: form.case,
        hit,
        reason: form.reason.trim().to_owned(),
    };
    let work = async {
        let view = signed.registry.propose_reconciliation(&signed.actor, &new).await?;
        Ok(Kept::at(format!("/genomic/reconciliations/{}?done=genomic-proposed", view.id)))
    };
    once(&state, &signed, &form.key, work).await
}

#[derive(Template)]
#[template(path = "genomic/reconciliation.html")]
struct ReconciliationPage {
    p: Page,
    view: ReconciliationView,
    codes: GenomicCodes,
    /// One for each form that the page can have.
    keys: [String; 2],
}

pub(super) async fn page(State(state): State<ServerState>, signed: SignedIn, Id(id): Id<ReconciliationId>) -> Answer {
    let view = signed.registry.reconciliation(&signed.actor, id).await?;
    let title = if view.withdraws.is_some() { "genomic-withdrawal-title" } else { "genomic-reconciliation-title" };
    let p = Page::new(&state, &signed, "genomic", title).about("reconciliation");
    let codes = signed.registry.genomic_codes(&signed.actor);
    render(&ReconciliationPage { p, view, codes, keys: [fresh_key()?, fresh_key()?] })
}

impl ReconciliationPage {
    fn open(&self) -> bool {
        self.view.state == "open"
    }

    /// Both sides may be seen together, and parted again.
    fn stands(&self) -> bool {
        self.view.state == "confirmed" && self.view.withdraws.is_none()
    }

    fn short(&self, id: &SpecimenId) -> String {
        short(id)
    }

    fn bar(&self) -> Option<String> {
        self.view.barred.map(|bar| super::bar_words(&self.p, bar))
    }
}

pub(super) async fn judge(
    State(state): State<ServerState>,
    signed: SignedIn,
    Id(id): Id<ReconciliationId>,
    Sent(form): Sent<FindingForm>,
) -> Answer {
    let work = async {
        let reason = Some(form.reason()?);
        let view = signed.registry.judge_reconciliation(&signed.actor, id, form.verdict, reason).await?;
        Ok(Kept::at(if view.state == "open" {
            "/genomic?done=genomic-found".to_owned()
        } else {
            format!("/genomic/reconciliations/{id}?done=genomic-found")
        }))
    };
    once(&state, &signed, &form.key, work).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LookForm {
    purpose: String,
    legal_basis: String,
    key: String,
}

pub(super) async fn identification(
    State(state): State<ServerState>,
    signed: SignedIn,
    Id(id): Id<ReconciliationId>,
    Sent(form): Sent<LookForm>,
) -> Answer {
    let work = async {
        let view = signed.registry.identification(&signed.actor, id, &form.purpose, form.legal_basis.trim()).await?;
        Ok(kept(&form.key, &form.purpose, Found::Identity(view)))
    };
    once(&state, &signed, &form.key, work).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WithdrawalForm {
    reason: String,
    key: String,
}

pub(super) async fn withdraw(
    State(state): State<ServerState>,
    signed: SignedIn,
    Id(id): Id<ReconciliationId>,
    Sent(form): Sent<WithdrawalForm>,
) -> Answer {
    let work = async {
        let view = signed.registry.propose_withdrawal(&signed.actor, id, form.reason.trim()).await?;
        Ok(Kept::at(format!("/genomic/reconciliations/{}?done=genomic-proposed", view.id)))
    };
    once(&state, &signed, &form.key, work).await
}
