//! Searches by match rule and by lineage markers, and the answers of all searches.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use tanba_registry::{
    CaseId, GenomicAnswer, GenomicCase, GenomicCodes, GenomicHit, GenomicTask, IdentificationView, LineageAnswer,
    MarkerSystem, SearchGrounds,
};

use super::super::form::unfit;
use super::super::{Answer, Page, Sent, SignedIn, fresh_key, render};
use super::{Kept, once, short, specimen_of, words};
use crate::gate::Room;
use crate::input::Id;
use crate::problem::Refusal;
use crate::state::ServerState;

/// What was answered, and for what purpose.
pub(super) struct Given {
    pub(super) purpose: String,
    pub(super) found: Found,
}

/// What was found.
pub(super) enum Found {
    Profile(GenomicAnswer),
    Lineage(LineageAnswer),
    Ratio(GenomicAnswer),
    Identity(IdentificationView),
}

#[derive(Template)]
#[template(path = "genomic/search.html")]
struct SearchPage {
    p: Page,
    desk: GenomicCase,
    codes: GenomicCodes,
    key: String,
}

pub(super) async fn form(State(state): State<ServerState>, signed: SignedIn, Id(case): Id<CaseId>) -> Answer {
    let desk = signed.registry.genomic_case(&signed.actor, case).await?;
    let p = Page::new(&state, &signed, "genomic", "genomic-search-title").about("genomic_examination");
    render(&SearchPage { p, desk, codes: signed.registry.genomic_codes(&signed.actor), key: fresh_key()? })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SearchForm {
    specimen: String,
    by: String,
    purpose: String,
    legal_basis: String,
    key: String,
}

pub(super) async fn search(
    State(state): State<ServerState>,
    signed: SignedIn,
    Id(case): Id<CaseId>,
    _room: Room,
    Sent(form): Sent<SearchForm>,
) -> Answer {
    let specimen = specimen_of(&form.specimen)?;
    let lineage = match form.by.as_str() {
        "rule" => false,
        "lineage" => true,
        _ => return Err(unfit()),
    };
    let work = async {
        let grounds = SearchGrounds { case, purpose: &form.purpose, legal_basis: form.legal_basis.trim() };
        let found = if lineage {
            Found::Lineage(signed.registry.search_lineage(&signed.actor, specimen, grounds).await?)
        } else {
            Found::Profile(signed.registry.search_specimen(&signed.actor, specimen, grounds).await?)
        };
        Ok(kept(&form.key, &form.purpose, found))
    };
    once(&state, &signed, &form.key, work).await
}

/// An answer to be kept under the key of its form.
pub(super) fn kept(key: &str, purpose: &str, found: Found) -> Kept {
    let answer = Given { purpose: purpose.to_owned(), found };
    Kept { path: format!("/genomic/answers/{key}"), answer: Some(answer) }
}

#[derive(Template)]
#[template(path = "genomic/answer.html")]
struct AnswerPage {
    p: Page,
    found: Shown,
    /// Hits that still wait, with why this examiner has no finding to give.
    tasks: Vec<GenomicTask>,
}

#[derive(Template)]
#[template(path = "genomic/identity.html")]
struct IdentityPage {
    p: Page,
    view: IdentificationView,
}

/// An answer of a search as it is shown: hits in the order of their numbers, which is no rank.
struct Shown {
    ratio: bool,
    log_seq: u64,
    profile: Option<GenomicAnswer>,
    lineage: Option<LineageAnswer>,
    hits: Vec<GenomicHit>,
}

pub(super) async fn answer(State(state): State<ServerState>, signed: SignedIn, Path(key): Path<String>) -> Answer {
    let kept = match state.genomic().find(&signed.visitor.csrf(), &key) {
        Some(Some(kept)) => kept,
        Some(None) => return Err(super::super::shelf::coming()),
        None => return Err(gone()),
    };
    let given = kept.answer.as_ref().ok_or_else(gone)?;
    let (ratio, profile, lineage) = match &given.found {
        Found::Identity(view) => {
            let p = Page::new(&state, &signed, "genomic", "genomic-identity-title").about(&given.purpose);
            return render(&IdentityPage { p, view: view.clone() });
        }
        Found::Profile(answer) => (false, Some(answer.clone()), None),
        Found::Ratio(answer) => (true, Some(answer.clone()), None),
        Found::Lineage(answer) => (false, None, Some(answer.clone())),
    };
    let told = profile.as_ref().map(|a| (a.log_seq, a.hits.clone()));
    let (log_seq, mut hits) =
        told.or_else(|| lineage.as_ref().map(|a| (a.log_seq, a.hits.clone()))).ok_or_else(gone)?;
    hits.sort_by_key(|hit| hit.id);
    let p = Page::new(&state, &signed, "genomic", "genomic-answer-title").about(&given.purpose);
    let tasks = signed.registry.genomic_tasks(&signed.actor).await?;
    render(&AnswerPage { p, found: Shown { ratio, log_seq, profile, lineage, hits }, tasks })
}

impl AnswerPage {
    fn chance(&self, expected: &f64) -> String {
        words::chance(self.p.lang, *expected)
    }

    fn short(&self, hit: &GenomicHit) -> String {
        short(&hit.id)
    }

    /// This examiner may look at the hit.
    fn examines(&self, hit: &GenomicHit) -> bool {
        self.tasks.iter().any(|task| task.id == hit.id && task.barred.is_none())
    }

    fn system(&self, system: &MarkerSystem) -> &'static str {
        match system {
            MarkerSystem::Y => "y",
            MarkerSystem::Mitochondrial => "mitochondrial",
            MarkerSystem::Snp => "snp",
        }
    }
}

fn gone() -> Refusal {
    Refusal::new(
        StatusCode::NOT_FOUND,
        "answer_gone",
        "answers are kept for a quarter of an hour, for the session that asked: ask again where you still need it",
    )
}
