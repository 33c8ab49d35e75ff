//! A hit before an examiner: how two specimens agree marker by marker, and what this examiner makes of it.

use askama::Template;
use axum::extract::State;
use serde::Deserialize;
use tanba_dna::{Agreement, Category, Comparison};
use tanba_registry::{CaseView, GenomicHitId, GenomicHitView, MarkerAgreement, RegistryError, SpecimenId, Verdict};

use super::super::{Answer, Page, Sent, SignedIn, fresh_key, render};
use super::{Kept, once, short};
use crate::input::Id;
use crate::problem::Refusal;
use crate::state::ServerState;

#[derive(Template)]
#[template(path = "genomic/hit.html")]
struct HitPage {
    p: Page,
    view: GenomicHitView,
    /// Where the hit is confirmed and joins a body to a missing person: the two sides, and the cases to propose it in.
    proposal: Option<(SpecimenId, SpecimenId, Vec<CaseView>)>,
    key: String,
}

pub(super) async fn page(State(state): State<ServerState>, signed: SignedIn, Id(id): Id<GenomicHitId>) -> Answer {
    let view = signed.registry.genomic_hit(&signed.actor, id).await?;
    let proposal = match sides(&view).filter(|_| view.state == "confirmed") {
        Some((dead, sought)) => Some((dead, sought, signed.registry.genomic_cases(&signed.actor).await?)),
        None => None,
    };
    let p = Page::new(&state, &signed, "genomic", "genomic-hit-title").about("genomic_examination");
    render(&HitPage { p, view, proposal, key: fresh_key()? })
}

/// The body and the missing person's side of a hit between the two.
fn sides(view: &GenomicHitView) -> Option<(SpecimenId, SpecimenId)> {
    let dead = |category| matches!(category, Category::UnidentifiedBody | Category::UnidentifiedPerson);
    let sought = |category| matches!(category, Category::MissingPersonReference | Category::RelativeOfMissing);
    if dead(view.query_category) && sought(view.found_category) {
        Some((view.query, view.found))
    } else if dead(view.found_category) && sought(view.query_category) {
        Some((view.found, view.query))
    } else {
        None
    }
}

impl HitPage {
    fn open(&self) -> bool {
        self.view.state == "open"
    }

    fn short(&self, id: &SpecimenId) -> String {
        short(id)
    }

    fn looks_for(&self) -> &'static str {
        match self.view.purpose {
            Comparison::SameSource => "same-source",
            Comparison::Kinship => "kinship",
            Comparison::Quality => "quality",
        }
    }

    /// How a locus agrees, or how many of the compared differ.
    fn agreement(&self, marker: &MarkerAgreement) -> String {
        match (marker.agreement, marker.differing) {
            (Some(agreement), _) => self.p.t(match agreement {
                Agreement::High => "genomic-agree-high",
                Agreement::Moderate => "genomic-agree-moderate",
                Agreement::Low => "genomic-agree-low",
                Agreement::None => "genomic-agree-none",
            }),
            (None, Some(0)) => self.p.t("genomic-agree-all"),
            (None, Some(n)) => self.p.count("genomic-differ", &n),
            (None, None) => self.p.t("genomic-differ-many"),
        }
    }

    /// The marker agrees in everything that was compared.
    fn agrees(&self, marker: &MarkerAgreement) -> bool {
        marker.differing == Some(0)
    }
}

/// A finding on a hit or a proposed identification.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FindingForm {
    pub(super) verdict: Verdict,
    pub(super) notes: String,
    pub(super) key: String,
}

impl FindingForm {
    /// What the finding rests on; the page asks for it.
    pub(super) fn reason(&self) -> Result<&str, Refusal> {
        let reason = self.notes.trim();
        if reason.is_empty() {
            let problem = "say what the finding rests on".to_owned();
            return Err(RegistryError::Invalid { field: "finding_reason", problem }.into());
        }
        Ok(reason)
    }
}

pub(super) async fn judge(
    State(state): State<ServerState>,
    signed: SignedIn,
    Id(id): Id<GenomicHitId>,
    Sent(form): Sent<FindingForm>,
) -> Answer {
    let work = async {
        let view = signed.registry.judge_genomic_hit(&signed.actor, id, form.verdict, Some(form.reason()?)).await?;
        Ok(Kept::at(if view.state == "open" {
            "/genomic?done=genomic-found".to_owned()
        } else {
            format!("/genomic/hits/{id}?done=genomic-found")
        }))
    };
    once(&state, &signed, &form.key, work).await
}
