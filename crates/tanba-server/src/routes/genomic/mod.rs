//! Genomic registration: specimens, what is searched with them, and what becomes of a hit.

mod contaminations;
mod hits;
mod likelihood;
mod reconciliations;
mod references;
mod searches;
mod specimens;

use serde::{Deserialize, Serialize};
use tanba_registry::GenomicFinding;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::ServerState;
use crate::wire::{Verdict, time};

/// The routes of genomic registration.
pub(super) fn all() -> OpenApiRouter<ServerState> {
    OpenApiRouter::new()
        .routes(routes!(specimens::register_specimen))
        .routes(routes!(searches::search_specimen))
        .routes(routes!(searches::search_lineage))
        .routes(routes!(likelihood::ask_lr_search, likelihood::lr_requests))
        .routes(routes!(likelihood::decide_lr_search))
        .routes(routes!(likelihood::make_lr_search))
        .routes(routes!(hits::genomic_tasks))
        .routes(routes!(hits::genomic_hit))
        .routes(routes!(hits::judge_genomic_hit))
        .routes(routes!(contaminations::open_contaminations))
        .routes(routes!(contaminations::decide_contamination))
        .routes(routes!(reconciliations::propose_reconciliation, reconciliations::open_reconciliations))
        .routes(routes!(reconciliations::reconciliation))
        .routes(routes!(reconciliations::judge_reconciliation))
        .routes(routes!(reconciliations::propose_withdrawal))
        .routes(routes!(reconciliations::identification))
        .routes(routes!(references::enter_reference))
}

/// An examiner's finding on a hit or a proposed identification.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewFinding {
    /// `same`: it holds for what was looked for; `different`: it does not.
    verdict: Verdict,
    /// What it rests on. Up to 2,000 characters.
    #[serde(default)]
    notes: Option<String>,
}

/// A finding as it was given; nobody's name.
#[derive(Serialize, ToSchema)]
pub(super) struct Finding {
    /// Whether it is the reader's own.
    mine: bool,
    /// Whether it holds.
    verdict: Verdict,
    /// What it rests on.
    notes: Option<String>,
    /// When.
    #[schema(format = "date-time")]
    found_at: String,
}

impl From<GenomicFinding> for Finding {
    fn from(finding: GenomicFinding) -> Self {
        Self {
            mine: finding.mine,
            verdict: finding.verdict.into(),
            notes: finding.notes,
            found_at: time(finding.found_at),
        }
    }
}

/// A reason, for the record.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Reason {
    /// In a sentence.
    reason: String,
}
