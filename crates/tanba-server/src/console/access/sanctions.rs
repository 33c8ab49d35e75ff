//! Sanctions and court decisions, entered by another human being than the officer who will use them.

use askama::Template;
use axum::extract::State;
use jiff::civil::Date;
use serde::Deserialize;
use tanba_registry::{
    AccessDesk, Act, CaseDesk, CaseId, NewSanction, RegistryError, SanctionId, SanctionSubject, SignedSanction,
};

use super::super::{Answer, Page, Sent, SignedIn, render, see};
use super::offered;
use crate::state::ServerState;

#[derive(Template)]
#[template(path = "access/sanctions.html")]
struct SanctionsPage {
    p: Page,
    desk: AccessDesk,
    /// Cases with what was entered in them.
    cases: Vec<CaseDesk>,
    purposes: Vec<String>,
    acts: Vec<String>,
    /// Levels of authority that the law asks for.
    authorities: Vec<String>,
    today: Date,
    month_on: Date,
    /// Whether a clerk may enter what nobody has signed.
    unsigned_too: bool,
}

pub(super) async fn page(State(state): State<ServerState>, signed: SignedIn) -> Answer {
    let desk = signed.registry.access_desk(&signed.actor).await?;
    let mut cases = Vec::new();
    for case in desk.cases.iter().filter(|case| case.sanctions > 0).take(20) {
        cases.push(signed.registry.case_desk(&signed.actor, case.id).await?);
    }
    let (purposes, acts) = offered(&desk.rules);
    let mut authorities: Vec<String> = desk.rules.iter().flat_map(|rule| rule.sanction.iter().cloned()).collect();
    authorities.sort();
    authorities.dedup();
    let today = signed.registry.today();
    render(&SanctionsPage {
        p: Page::new(&state, &signed, "access", "sanctions-title"),
        month_on: today.saturating_add(jiff::Span::new().days(30)),
        today,
        unsigned_too: !signed.registry.signed_sanctions_only(),
        desk,
        cases,
        purposes,
        acts,
        authorities,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SanctionForm {
    case: CaseId,
    authority: String,
    issued_by: String,
    #[serde(default)]
    issuer: String,
    #[serde(default)]
    purposes: Vec<String>,
    #[serde(default)]
    acts: Vec<Act>,
    #[serde(default)]
    iin: String,
    from: Date,
    to: Date,
    uses: u32,
    #[serde(default)]
    tell: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RevocationForm {
    sanction: SanctionId,
    reason: String,
}

pub(super) async fn revoke(signed: SignedIn, Sent(form): Sent<RevocationForm>) -> Answer {
    signed.registry.revoke_sanction(&signed.actor, form.sanction, form.reason.trim()).await?;
    see("/sanctions?done=saved")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SignedForm {
    case: CaseId,
    note: String,
    #[serde(default)]
    subject: String,
}

pub(super) async fn enter_signed(signed: SignedIn, Sent(form): Sent<SignedForm>) -> Answer {
    let subject: Option<SanctionSubject> = match form.subject.trim() {
        "" => None,
        text => Some(serde_json::from_str(text).map_err(|_| RegistryError::Invalid {
            field: "subject",
            problem: "paste the subject file as the authority gave it".to_owned(),
        })?),
    };
    // A form's text has lines ended as on a typewriter, and may lack the last end.
    let note = format!("{}\n", form.note.replace("\r\n", "\n").trim_end());
    let new = SignedSanction { case: form.case, note, subject };
    signed.registry.enter_signed_sanction(&signed.actor, &new).await?;
    see("/sanctions?done=saved")
}

pub(super) async fn enter(signed: SignedIn, Sent(form): Sent<SanctionForm>) -> Answer {
    let zone = signed.registry.zone();
    let Ok(day_after) = form.to.tomorrow() else {
        return Err(
            RegistryError::Invalid { field: "sanction", problem: "give a last day that exists".to_owned() }.into()
        );
    };
    let tell: Option<Date> = match form.tell.trim() {
        "" => None,
        day => Some(day.parse().map_err(|_| super::super::form::unfit())?),
    };
    let new = NewSanction {
        case: form.case,
        authority: form.authority,
        issued_by: form.issued_by.trim().to_owned(),
        issuer: Some(form.issuer.trim().to_owned()).filter(|number| !number.is_empty()),
        purposes: form.purposes.into_iter().collect(),
        acts: form.acts,
        subject_iin: Some(form.iin.trim().to_owned()).filter(|iin| !iin.is_empty()),
        valid_from: zone.day_begins(form.from),
        // The last day is inside.
        valid_to: zone.day_begins(day_after),
        max_uses: form.uses,
        tell_person_at: tell.map(|day| zone.day_begins(day)),
    };
    signed.registry.enter_sanction(&signed.actor, &new).await?;
    see("/sanctions?done=saved")
}
