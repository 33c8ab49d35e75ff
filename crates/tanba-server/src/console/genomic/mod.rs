//! Genomic registration: the desk of DNA examiners, of the quality manager, and of whoever sanctions searches for relatives.
//!
//! [`specimens`], [`searches`] and [`likelihood`] begin in a case; [`hits`], [`reconciliations`] and [`contaminations`] wait for somebody
//! else than whoever began them.
//!
//! Absent here: an allele on a page or in a URL; a likelihood ratio, a rank or another's finding before the decision.

mod contaminations;
mod hits;
mod likelihood;
mod reconciliations;
mod searches;
mod specimens;
mod words;

use std::future::Future;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use tanba_registry::{
    CaseId, CaseView, ContaminationView, GenomicBar, GenomicCase, GenomicTask, LrRequestView, ReconciliationView, Role,
    SpecimenId,
};

use super::access::CaseForm;
use super::form::unfit;
use super::shelf::is_key;
use super::{Answer, Page, Sent, SignedIn, render, see};
use crate::input::Id;
use crate::problem::Refusal;
use crate::state::ServerState;

/// Kinds of cases that are offered; a law pack's purposes decide what can be asked in them.
const CASE_KINDS: [&str; 3] = ["missing_person", "unidentified_body", "crime"];

/// What a kept answer takes in memory, roughly: a line for each hit, of which there are seldom many.
const KEPT_BYTES: usize = 8 << 10;

/// What a form led to, kept so that pressing twice leads there again: a page, and the answer of a search or look.
pub(crate) struct Kept {
    path: String,
    answer: Option<searches::Given>,
}

impl Kept {
    fn at(path: String) -> Self {
        Self { path, answer: None }
    }
}

pub(crate) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/genomic", get(desk).post(open_case))
        .route("/genomic/cases/{case}", get(case_page))
        .route("/genomic/cases/{case}/search", get(searches::form).post(searches::search))
        .route("/genomic/cases/{case}/relatives", get(likelihood::form).post(likelihood::ask))
        .route("/genomic/answers/{answer}", get(searches::answer))
        .route("/genomic/relatives/{request}", get(likelihood::page))
        .route("/genomic/relatives/{request}/decision", post(likelihood::decide))
        .route("/genomic/relatives/{request}/search", post(likelihood::make))
        .route("/genomic/hits/{hit}", get(hits::page))
        .route("/genomic/hits/{hit}/finding", post(hits::judge))
        .route("/genomic/cases/{case}/identification", get(reconciliations::form))
        .route("/genomic/reconciliations", post(reconciliations::propose))
        .route("/genomic/reconciliations/{reconciliation}", get(reconciliations::page))
        .route("/genomic/reconciliations/{reconciliation}/finding", post(reconciliations::judge))
        .route("/genomic/reconciliations/{reconciliation}/identification", post(reconciliations::identification))
        .route("/genomic/reconciliations/{reconciliation}/withdrawal", post(reconciliations::withdraw))
        .route("/genomic/contaminations/{contamination}", get(contaminations::page))
        .route("/genomic/contaminations/{contamination}/decision", post(contaminations::decide))
}

/// Routes that take files.
pub(crate) fn uploads() -> Router<ServerState> {
    Router::new().route("/genomic/cases/{case}/specimens", get(specimens::form).post(specimens::register))
}

#[derive(Template)]
#[template(path = "genomic/desk.html")]
struct Desk {
    p: Page,
    /// What this examiner can do now, and what others must.
    hits: Vec<GenomicTask>,
    barred_hits: Vec<GenomicTask>,
    proposals: Vec<ReconciliationView>,
    barred_proposals: Vec<ReconciliationView>,
    /// Searches for relatives that wait for this officer's sanction; that are sanctioned; that wait for somebody else's sanction.
    to_sanction: Vec<LrRequestView>,
    to_make: Vec<LrRequestView>,
    asked: Vec<LrRequestView>,
    contaminations: Vec<ContaminationView>,
    cases: Vec<CaseView>,
    kinds: [&'static str; 3],
    examines: bool,
}

async fn desk(State(state): State<ServerState>, signed: SignedIn) -> Answer {
    let has = |role| signed.actor.roles().contains(&role);
    let (examines, sanctions, controls) = (has(Role::DnaExaminer), has(Role::SecondOfficer), has(Role::QualityManager));
    let registry = &signed.registry;
    // Whoever has none of the roles is denied by the registry, as an examiner would be.
    let nobody = !(examines || sanctions || controls);
    let (mut hits, mut barred_hits, mut proposals, mut barred_proposals, mut cases) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    if examines || nobody {
        (barred_hits, hits) =
            registry.genomic_tasks(&signed.actor).await?.into_iter().partition(|task| task.barred.is_some());
        (barred_proposals, proposals) =
            registry.open_reconciliations(&signed.actor).await?.into_iter().partition(|view| view.barred.is_some());
        cases = registry.genomic_cases(&signed.actor).await?;
    }
    let requests = if examines || sanctions { registry.lr_requests(&signed.actor).await? } else { Vec::new() };
    let (waiting, sanctioned): (Vec<_>, Vec<_>) = requests.into_iter().partition(|request| request.state == "asked");
    let (to_sanction, asked) = if sanctions { (waiting, Vec::new()) } else { (Vec::new(), waiting) };
    let contaminations = if controls { registry.open_contaminations(&signed.actor).await? } else { Vec::new() };
    render(&Desk {
        p: Page::new(&state, &signed, "genomic", "genomic-title"),
        hits,
        barred_hits,
        proposals,
        barred_proposals,
        to_sanction,
        to_make: if examines { sanctioned } else { Vec::new() },
        asked,
        contaminations,
        cases,
        kinds: CASE_KINDS,
        examines,
    })
}

impl Desk {
    fn bar(&self, bar: &Option<GenomicBar>) -> String {
        bar.map_or_else(String::new, |bar| bar_words(&self.p, bar))
    }

    fn short(&self, id: &impl std::fmt::Display) -> String {
        short(id)
    }

    fn chance(&self, request: &LrRequestView) -> String {
        words::chance(self.p.lang, request.unrelated_leads)
    }

    fn nothing_waits(&self) -> bool {
        self.next().is_none()
    }

    /// The page of what has waited longest, in the order of the desk.
    fn next(&self) -> Option<String> {
        let hit = self.hits.first().map(|task| format!("/genomic/hits/{}", task.id));
        let proposal = || self.proposals.first().map(|view| format!("/genomic/reconciliations/{}", view.id));
        let request = || {
            let first = self.to_sanction.first().or(self.to_make.first());
            first.map(|request| format!("/genomic/relatives/{}", request.id))
        };
        let held = || self.contaminations.first().map(|view| format!("/genomic/contaminations/{}", view.id));
        hit.or_else(proposal).or_else(request).or_else(held)
    }
}

async fn open_case(signed: SignedIn, Sent(form): Sent<CaseForm>) -> Answer {
    see(&format!("/genomic/cases/{}", form.open(&signed).await?))
}

#[derive(Template)]
#[template(path = "genomic/case.html")]
struct CasePage {
    p: Page,
    desk: GenomicCase,
}

impl CasePage {
    fn short(&self, id: &impl std::fmt::Display) -> String {
        short(id)
    }
}

async fn case_page(State(state): State<ServerState>, signed: SignedIn, Id(case): Id<CaseId>) -> Answer {
    let desk = signed.registry.genomic_case(&signed.actor, case).await?;
    let p = Page::new(&state, &signed, "genomic", "genomic-case-title").about("genomic_examination");
    render(&CasePage { p, desk })
}

/// Does what a form asks for once. Pressed twice, the form leads to where it led the first time.
async fn once(
    state: &ServerState,
    signed: &SignedIn,
    key: &str,
    work: impl Future<Output = Result<Kept, Refusal>>,
) -> Answer {
    if !is_key(key) {
        return Err(unfit());
    }
    let session = signed.visitor.csrf();
    if !state.genomic().begin(&session, key) {
        return match state.genomic().find(&session, key) {
            Some(Some(kept)) => see(&kept.path),
            _ => Err(super::shelf::coming()),
        };
    }
    match work.await {
        Ok(kept) => {
            let path = kept.path.clone();
            state.genomic().end(&session, key, Some((kept, KEPT_BYTES)));
            see(&path)
        }
        Err(refusal) => {
            state.genomic().end(&session, key, None);
            Err(refusal)
        }
    }
}

/// A specimen by its number, as somebody typed or chose it.
fn specimen_of(text: &str) -> Result<SpecimenId, Refusal> {
    text.trim().parse().map_err(|_| tanba_registry::RegistryError::NotFound { what: "specimen" }.into())
}

/// Why an examiner has no finding to give.
fn bar_words(p: &Page, bar: GenomicBar) -> String {
    p.t(match bar {
        GenomicBar::OwnSpecimen => "genomic-bar-own-specimen",
        GenomicBar::OwnProfile => "genomic-bar-own-profile",
        GenomicBar::OwnProposal => "genomic-bar-own-proposal",
        GenomicBar::SameExaminer => "genomic-bar-same-examiner",
    })
}

/// What tells two records apart on a page, without saying anything of them.
fn short(id: &impl std::fmt::Display) -> String {
    super::examination::short(id)
}
