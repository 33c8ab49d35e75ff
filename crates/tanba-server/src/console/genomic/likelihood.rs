//! Searches by likelihood ratio: asked for in a case, sanctioned by another officer with the number of unrelated leads in view, made once.

use askama::Template;
use axum::extract::State;
use serde::Deserialize;
use tanba_dna::{ParentRole, Relation};
use tanba_registry::{
    CaseId, GenomicCase, GenomicCodes, LrQuestion, LrRequestId, LrRequestView, NewLrSearch, RegistryError, Role,
};

use super::super::form::unfit;
use super::super::{Answer, Page, Sent, SignedIn, fresh_key, render, see};
use super::searches::{Found, kept};
use super::{Kept, once, short, specimen_of, words};
use crate::gate::Room;
use crate::input::Id;
use crate::problem::Refusal;
use crate::state::ServerState;

#[derive(Template)]
#[template(path = "genomic/relatives.html")]
struct AskPage {
    p: Page,
    desk: GenomicCase,
    codes: GenomicCodes,
    relations: [Relation; 8],
    key: String,
}

pub(super) async fn form(State(state): State<ServerState>, signed: SignedIn, Id(case): Id<CaseId>) -> Answer {
    let desk = signed.registry.genomic_case(&signed.actor, case).await?;
    render(&AskPage {
        p: Page::new(&state, &signed, "genomic", "genomic-relatives-title").about("genomic_examination"),
        desk,
        codes: signed.registry.genomic_codes(&signed.actor),
        relations: Relation::ALL,
        key: fresh_key()?,
    })
}

/// Numbers come as text: an empty field is none.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AskForm {
    specimen: String,
    purpose: String,
    legal_basis: String,
    relation: String,
    frequencies: String,
    theta: String,
    mutation_rate: String,
    query_is: String,
    least_log10_lr: String,
    most: String,
    min_loci: String,
    key: String,
}

impl AskForm {
    fn question(&self) -> Result<LrQuestion, Refusal> {
        Ok(LrQuestion {
            relation: self.relation.parse().map_err(|_| unfit())?,
            frequencies: self.frequencies.clone(),
            theta: number(&self.theta)?.ok_or_else(not_a_number)?,
            mutation_rate: number(&self.mutation_rate)?,
            query_is: match self.query_is.as_str() {
                "" => None,
                "parent" => Some(ParentRole::Parent),
                "child" => Some(ParentRole::Child),
                _ => return Err(unfit()),
            },
            least_log10_lr: number(&self.least_log10_lr)?.ok_or_else(not_a_number)?,
            most: self.most.trim().parse().map_err(|_| not_a_number())?,
            min_loci: self.min_loci.trim().parse().map_err(|_| not_a_number())?,
        })
    }
}

/// A number as people write it here, with a comma or a point.
fn number(text: &str) -> Result<Option<f64>, Refusal> {
    let text = text.trim().replace(',', ".");
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().ok().filter(|number: &f64| number.is_finite()).map(Some).ok_or_else(not_a_number)
}

fn not_a_number() -> Refusal {
    RegistryError::Invalid { field: "numbers", problem: "give numbers such as 0.01 or 3".to_owned() }.into()
}

pub(super) async fn ask(
    State(state): State<ServerState>,
    signed: SignedIn,
    Id(case): Id<CaseId>,
    _room: Room,
    Sent(form): Sent<AskForm>,
) -> Answer {
    let new = NewLrSearch {
        specimen: specimen_of(&form.specimen)?,
        case,
        purpose: form.purpose.clone(),
        legal_basis: form.legal_basis.trim().to_owned(),
        question: form.question()?,
    };
    let work = async {
        let view = signed.registry.ask_lr_search(&signed.actor, &new).await?;
        Ok(Kept::at(format!("/genomic/relatives/{}?done=genomic-asked", view.id)))
    };
    once(&state, &signed, &form.key, work).await
}

#[derive(Template)]
#[template(path = "genomic/request.html")]
struct RequestPage {
    p: Page,
    request: LrRequestView,
    examines: bool,
    sanctions: bool,
    key: String,
}

pub(super) async fn page(State(state): State<ServerState>, signed: SignedIn, Id(id): Id<LrRequestId>) -> Answer {
    let request = find(&signed, id).await?;
    let roles = signed.actor.roles();
    let p = Page::new(&state, &signed, "genomic", "genomic-request-title");
    let (examines, sanctions) = (roles.contains(&Role::DnaExaminer), roles.contains(&Role::SecondOfficer));
    render(&RequestPage { p, request, examines, sanctions, key: fresh_key()? })
}

/// A request that waits for a sanction or to be made.
async fn find(signed: &SignedIn, id: LrRequestId) -> Result<LrRequestView, Refusal> {
    let requests = signed.registry.lr_requests(&signed.actor).await?;
    let found = requests.into_iter().find(|request| request.id == id);
    Ok(found.ok_or(RegistryError::NotFound { what: "search by likelihood ratio" })?)
}

impl RequestPage {
    fn chance(&self) -> String {
        words::chance(self.p.lang, self.request.unrelated_leads)
    }

    fn share(&self) -> String {
        words::share(self.p.lang, self.request.share_found)
    }

    fn specimen(&self) -> String {
        short(&self.request.search.specimen)
    }

    fn waits_for_sanction(&self) -> bool {
        self.request.state == "asked"
    }

    /// A number as it was asked, in the language's writing.
    fn exact(&self, number: &f64) -> String {
        let text = number.to_string();
        if self.p.lang == super::super::Lang::En { text } else { text.replace('.', ",") }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Decision {
    decision: String,
    reason: String,
}

pub(super) async fn decide(signed: SignedIn, Id(id): Id<LrRequestId>, Sent(form): Sent<Decision>) -> Answer {
    let sanction = match form.decision.as_str() {
        "sanction" => true,
        "refuse" => false,
        _ => return Err(unfit()),
    };
    signed.registry.decide_lr_search(&signed.actor, id, sanction, form.reason.trim()).await?;
    see(if sanction { "/genomic?done=genomic-sanctioned" } else { "/genomic?done=genomic-refused" })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Make {
    key: String,
}

pub(super) async fn make(
    State(state): State<ServerState>,
    signed: SignedIn,
    Id(id): Id<LrRequestId>,
    _room: Room,
    Sent(form): Sent<Make>,
) -> Answer {
    let work = async {
        let purpose = find(&signed, id).await?.search.purpose;
        let answer = signed.registry.make_lr_search(&signed.actor, id).await?;
        Ok(kept(&form.key, &purpose, Found::Ratio(answer)))
    };
    once(&state, &signed, &form.key, work).await
}
