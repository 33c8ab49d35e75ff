//! A specimen at the door, from a form: typed or uploaded, and never shown again.

use askama::Template;
use axum::extract::State;
use serde_json::{Map, Value, json};
use tanba_dna::{Category, DnaError};
use tanba_registry::{CaseId, CaseView, GenomicCodes, NewSpecimen, RegistryError};

use super::super::form::unfit;
use super::super::{Answer, Page, SignedIn, Upload, fresh_key, render};
use super::{Kept, once};
use crate::gate::Room;
use crate::input::Id;
use crate::problem::Refusal;
use crate::state::ServerState;

/// Kinds of markers, by the fields of the form.
const MARKERS: [&str; 4] = ["profile", "y", "mitochondrial", "snps"];
/// Facts that are so or are not said.
const STATED: [&str; 3] = ["judgment_final", "written_consent", "investigator_order"];
/// Facts with a value.
const VALUED: [&str; 4] = ["offence", "relationship", "born", "status"];

#[derive(Template)]
#[template(path = "genomic/register.html")]
struct RegisterPage {
    p: Page,
    case: CaseView,
    codes: GenomicCodes,
    categories: [Category; 7],
    markers: [&'static str; 4],
    stated: [&'static str; 3],
    statuses: [&'static str; 5],
    key: String,
}

impl RegisterPage {
    /// The law names kinds of offences and no rest: what is none of them can be said too.
    fn lacks_other(&self) -> bool {
        self.codes.offences.iter().all(|code| code != "other")
    }
}

pub(super) async fn form(State(state): State<ServerState>, signed: SignedIn, Id(case): Id<CaseId>) -> Answer {
    // Only the case's number is shown, so no specimen of it is looked at.
    let cases = signed.registry.genomic_cases(&signed.actor).await?;
    let case = cases.into_iter().find(|known| known.id == case).ok_or(RegistryError::NotFound { what: "case" })?;
    render(&RegisterPage {
        p: Page::new(&state, &signed, "genomic", "genomic-register-title"),
        case,
        codes: signed.registry.genomic_codes(&signed.actor),
        categories: Category::ALL,
        markers: MARKERS,
        stated: STATED,
        statuses: ["citizen", "foreigner", "stateless", "asylum_seeker", "refugee"],
        key: fresh_key()?,
    })
}

pub(super) async fn register(
    State(state): State<ServerState>,
    signed: SignedIn,
    Id(case): Id<CaseId>,
    _room: Room,
    upload: Upload,
) -> Answer {
    let given = |name: &str| {
        let text = upload.fields.get(name).map(|text| text.trim().to_owned());
        text.filter(|text| !text.is_empty())
    };
    let mut facts = Map::new();
    for fact in STATED {
        if given(fact).is_some() {
            facts.insert(fact.to_owned(), Value::Bool(true));
        }
    }
    for fact in VALUED {
        if let Some(value) = given(fact) {
            facts.insert(fact.to_owned(), json!(value));
        }
    }
    let mut typed = MARKERS.map(&given);
    for file in &upload.files {
        let kind = file.field.strip_suffix("-file").and_then(|kind| MARKERS.iter().position(|known| *known == kind));
        let place = typed.get_mut(kind.ok_or_else(unfit)?).ok_or_else(unfit)?;
        if place.is_some() {
            return Err(RegistryError::Invalid {
                field: "typed_twice",
                problem: "give each kind of marker as text or as a file, not as both".to_owned(),
            }
            .into());
        }
        let text = str::from_utf8(&file.bytes).map_err(|_| not_text())?;
        *place = Some(text.to_owned());
    }
    let [profile, y, mitochondrial, snps] = typed;
    let key = given("key").unwrap_or_default();
    let new = NewSpecimen {
        client_key: key.clone(),
        category: given("category").and_then(|name| name.parse().ok()).ok_or_else(unfit)?,
        label: given("label").unwrap_or_default(),
        case,
        profile,
        y,
        mitochondrial,
        snps,
        batch: given("batch"),
        iin: given("iin"),
        facts,
    };
    let work = async {
        let view = signed.registry.register_specimen(&signed.actor, &new).await?;
        let done = if view.held { "genomic-held" } else { "genomic-registered" };
        Ok(Kept::at(format!("/genomic/cases/{case}?done={done}")))
    };
    once(&state, &signed, &key, work).await
}

fn not_text() -> Refusal {
    RegistryError::Profile(DnaError::BadText { reason: "the file is not text" }).into()
}
