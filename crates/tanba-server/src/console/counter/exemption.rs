//! The exemption: what it rests on, in the order in which it is done, and the second officer at the end.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use tanba_registry::{
    EncounterId, Exemption, FoundPeople, FoundPerson, LawItem, NameFinding, Postponement, RegistryError,
};
use zeroize::Zeroizing;

use super::{Head, Nothing, at, page as page_about};
use crate::console::{Answer, Lang, Page, Sent, SignedIn, Upload, render, see};
use crate::gate::Room;
use crate::input::Id;
use crate::problem::Refusal;
use crate::state::ServerState;

#[derive(Template)]
#[template(path = "counter/exemption.html")]
struct ExemptionPage {
    p: Page,
    head: Head,
    grounds: Vec<LawItem>,
    /// What only postpones: an injury that will heal.
    postpones: Vec<LawItem>,
    /// The last search by name, as long as it is at hand.
    found: Option<Arc<FoundPeople>>,
}

impl ExemptionPage {
    /// The next thing to do: what the main button does.
    fn next(&self) -> &'static str {
        let done = &self.head.desk.exemption;
        match () {
            () if !self.head.open() => "closed",
            () if !done.photograph => "photograph",
            () if done.name_search.is_none() => "search",
            () if done.finding.is_none() => "look",
            () => "record",
        }
    }

    fn name_of(&self, person: &FoundPerson, lang: &Lang) -> String {
        super::arrival::name_in(person, lang)
    }
}

pub(super) async fn page(State(state): State<ServerState>, signed: SignedIn, Id(id): Id<EncounterId>) -> Answer {
    let head = Head::load(&signed, id, "exemption").await?;
    let found = state.counter().found(&shelf_key(id), signed.actor.account(), signed.registry.now());
    let grounds = signed.registry.exemption_grounds();
    let postpones = signed.registry.postponement_grounds();
    render(&ExemptionPage {
        p: page_about(&state, &signed, "counter-exemption-title"),
        head,
        grounds,
        postpones,
        found,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PostponementForm {
    code: String,
    come_again: String,
}

/// The hands heal first: the person comes again on a day that is set here.
pub(super) async fn postpone(signed: SignedIn, Id(id): Id<EncounterId>, Sent(form): Sent<PostponementForm>) -> Answer {
    let come_again = form.come_again.parse().map_err(|_| RegistryError::Invalid {
        field: "come_again",
        problem: "give a day to come, within a year".to_owned(),
    })?;
    let postponement = Postponement { code: form.code, come_again };
    signed.registry.postpone_prints(&signed.actor, id, &postponement).await?;
    see(&at(id, "exemption"))
}

/// Under which key the last search of an encounter is kept.
fn shelf_key(id: EncounterId) -> String {
    format!("namesakes-{id}")
}

pub(super) async fn take_photograph(signed: SignedIn, Id(id): Id<EncounterId>, _room: Room, upload: Upload) -> Answer {
    let image = upload.files.into_iter().next().ok_or(RegistryError::Invalid {
        field: "photograph",
        problem: "choose the photograph of the hands".to_owned(),
    })?;
    signed.registry.record_hands_photograph(&signed.actor, id, image.bytes.to_vec()).await?;
    see(&at(id, "exemption"))
}

/// The photograph, for this station's operators and for second officers.
pub(super) async fn photograph(signed: SignedIn, Id(id): Id<EncounterId>) -> Result<Response, Refusal> {
    let photograph = signed.registry.hands_photograph(&signed.actor, id).await?;
    Ok(([(header::CONTENT_TYPE, photograph.format.media_type())], photograph.image.to_vec()).into_response())
}

pub(super) async fn search(
    State(state): State<ServerState>,
    signed: SignedIn,
    Id(id): Id<EncounterId>,
    Sent(Nothing {}): Sent<Nothing>,
) -> Answer {
    let found = signed.registry.search_namesakes(&signed.actor, id).await?;
    let people = FoundPeople { people: found.people, more: false, document: None };
    state.counter().forget(&shelf_key(id));
    state.counter().keep(&shelf_key(id), signed.actor.account(), signed.registry.now(), people);
    see(&at(id, "exemption"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Finding {
    finding: String,
}

pub(super) async fn finding(signed: SignedIn, Id(id): Id<EncounterId>, Sent(form): Sent<Finding>) -> Answer {
    let finding = match form.finding.as_str() {
        "nobody" => NameFinding::Nobody,
        "perhaps" => NameFinding::Perhaps,
        _ => {
            let odd = RegistryError::Invalid { field: "finding", problem: "choose what the page offers".to_owned() };
            return Err(odd.into());
        }
    };
    signed.registry.record_name_finding(&signed.actor, id, finding).await?;
    see(&at(id, "exemption"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    code: String,
    login: String,
    password: Zeroizing<String>,
}

/// The second officer signs in here, for this one act: what they confirm is on the screen before both. Whoever has signed it with a passkey,
/// at a desk of their own, is not asked for a password.
pub(super) async fn record(signed: SignedIn, Id(id): Id<EncounterId>, Sent(form): Sent<Record>) -> Answer {
    let registry = &signed.registry;
    if form.login.trim().is_empty() && registry.passkeys_in_use() {
        registry.record_exemption(&signed.actor, None, id, &Exemption { code: form.code }).await?;
        return see(&at(id, "document"));
    }
    let token = match registry.sign_in(form.login.trim(), &form.password, None).await {
        Ok(token) => token,
        // The operator's own session goes on: this is no reason to send them to the entrance.
        Err(RegistryError::Unauthenticated) => {
            return Err(Refusal::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "second_officer_unknown",
                "the second officer's login and password do not fit: nothing was recorded; try again",
            ));
        }
        Err(other) => return Err(other.into()),
    };
    let second = match registry.authenticate(token.reveal()).await {
        Ok(second) => second,
        Err(RegistryError::PasskeyNeeded { .. }) => {
            return Err(Refusal::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "second_officer_passkey",
                "the second officer signs in with a passkey, which this page cannot ask for: nothing was recorded; confirm over the API",
            ));
        }
        Err(other) => return Err(other.into()),
    };
    let recorded = registry.record_exemption(&signed.actor, &second, id, &Exemption { code: form.code }).await;
    registry.sign_out(&second, token.reveal()).await?;
    recorded?;
    see(&at(id, "document"))
}
