//! The page of one's own passkeys: signing with one after the password and before a sensitive act, binding and removing them;
//! and signing an act that takes two. What an authenticator is asked stands in the page, what it answers is sent as a form.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};
use tanba_registry::{DualAct, DualKind, PasskeyAsked, PasskeyView, Registry, RegistryError, Role, RowId};

use super::entrance::own_path;
use super::visitor::HalfSignedIn;
use super::{Answer, Page, Sent, SignedIn, nav, render, see};
use crate::input::{Asked, Id};
use crate::problem::Refusal;
use crate::routes::passkeys::{NewKey, NewKeyAsked, Signature, SignatureAsked};
use crate::state::ServerState;

pub(crate) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/passkey", get(page))
        .route("/passkey/proof", get(ask_proof).post(prove))
        .route("/passkey/new", post(ask_new))
        .route("/passkey/made", post(made))
        .route("/passkey/{passkey}/remove", post(remove))
        .route("/approvals/{act}/{subject}", get(ask_approval).post(approve))
}

/// What the authenticator is asked, for the island.
struct Question {
    /// Where the answer goes.
    action: String,
    /// The key of the heading.
    heading: &'static str,
    /// `make` or `sign`.
    kind: &'static str,
    /// The question as JSON.
    json: String,
    /// Where to go on; of an act that takes two, its detail.
    next: String,
    /// The name of the act that is signed, and of which kind of names it is.
    act: Option<(&'static str, String)>,
}

impl Question {
    fn new(kind: &'static str, heading: &'static str, action: &str, asked: &impl Serialize) -> Result<Self, Refusal> {
        let json = serde_json::to_string(asked).map_err(|e| Refusal::internal(&e))?;
        Ok(Self { action: action.to_owned(), heading, kind, json, next: String::new(), act: None })
    }
}

#[derive(Template)]
#[template(path = "passkey.html")]
struct PasskeyPage {
    p: Page,
    question: Option<Question>,
    /// The session waits for a first passkey, or there is none: with a code one is bound.
    needs_code: bool,
    /// The session is open.
    open: bool,
    keys: Vec<PasskeyView>,
}

#[derive(Deserialize, Default)]
struct NextAsked {
    #[serde(default)]
    next: String,
}

async fn page(State(state): State<ServerState>, half: HalfSignedIn, Asked(asked): Asked<NextAsked>) -> Answer {
    let mut p = Page::open(&state, &half.visitor, "common", "passkey-title").island("passkey.js");
    match half.registry.session_waits_for(&half.token).await? {
        Some(PasskeyAsked::ToSign) => {
            let asked_to_sign = SignatureAsked::from(half.registry.begin_proof(&half.token).await?);
            let mut question = Question::new("sign", "passkey-sign", "/passkey/proof", &asked_to_sign)?;
            question.next = own_path(&asked.next);
            render(&PasskeyPage { p, question: Some(question), needs_code: false, open: false, keys: Vec::new() })
        }
        Some(_) => render(&PasskeyPage { p, question: None, needs_code: true, open: false, keys: Vec::new() }),
        None => {
            let signed = half.signed_in().await?;
            let mut keys = signed.registry.passkeys(&signed.actor, signed.actor.account()).await?;
            keys.retain(|key| key.removed_at.is_none());
            p = Page::new(&state, &signed, "common", "passkey-title");
            render(&PasskeyPage { p, question: None, needs_code: keys.is_empty(), open: true, keys })
        }
    }
}

async fn ask_proof(State(state): State<ServerState>, signed: SignedIn, Asked(asked): Asked<NextAsked>) -> Answer {
    let to_sign = SignatureAsked::from(signed.registry.begin_proof(&signed.token).await?);
    let mut question = Question::new("sign", "passkey-sign", "/passkey/proof", &to_sign)?;
    question.next = own_path(&asked.next);
    question.act = to_sign.act().map(|act| ("one-act", act.to_owned()));
    ask(&state, &signed, question)
}

fn ask(state: &ServerState, signed: &SignedIn, question: Question) -> Answer {
    let p = Page::new(state, signed, "common", "passkey-title").island("passkey.js");
    render(&PasskeyPage { p, question: Some(question), needs_code: false, open: false, keys: Vec::new() })
}

/// A form of the page with where to go on beside the signature.
#[derive(Deserialize)]
struct Proof {
    #[serde(flatten)]
    signature: Signature,
    #[serde(default)]
    next: String,
}

async fn prove(half: HalfSignedIn, Sent(form): Sent<Proof>) -> Answer {
    half.registry.finish_proof(&half.token, &form.signature.into()).await?;
    go_on(&half.registry, &half.token, &form.next).await
}

/// To where somebody was going, or the first desk.
async fn go_on(registry: &Registry, token: &str, next: &str) -> Answer {
    let actor = registry.authenticate(token).await?;
    match own_path(next) {
        next if next == "/" => see(nav::first_page(&actor)),
        next => see(&next),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Code {
    #[serde(default)]
    code: String,
}

async fn ask_new(State(state): State<ServerState>, half: HalfSignedIn, Sent(form): Sent<Code>) -> Answer {
    let code = Some(form.code.trim()).filter(|code| !code.is_empty());
    let asked = NewKeyAsked::from(half.registry.begin_binding(&half.token, code).await?);
    let question = Question::new("make", "passkey-make", "/passkey/made", &asked)?;
    let p = Page::open(&state, &half.visitor, "common", "passkey-title").island("passkey.js");
    render(&PasskeyPage { p, question: Some(question), needs_code: false, open: false, keys: Vec::new() })
}

/// The island's form has the fields of both kinds of answer; of a made key there is nothing else.
#[derive(Deserialize)]
struct Made {
    #[serde(flatten)]
    key: NewKey,
}

async fn made(half: HalfSignedIn, Sent(form): Sent<Made>) -> Answer {
    half.registry.finish_binding(&half.token, &form.key.into()).await?;
    see("/passkey?done=saved")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

async fn remove(signed: SignedIn, Id(id): Id<RowId>, Sent(Nothing {}): Sent<Nothing>) -> Answer {
    signed.registry.remove_passkey(&signed.actor, id).await?;
    see("/passkey?done=saved")
}

/// What of an act is not in its address.
#[derive(Deserialize, Default)]
struct Detail {
    #[serde(default)]
    detail: String,
}

fn act((kind, subject): (&str, &str), detail: &str) -> Result<DualAct, Refusal> {
    let kind = DualKind::ALL.into_iter().find(|known| known.name() == kind);
    Ok(kind.map(|kind| DualAct::of(kind, subject).with(detail)).ok_or(RegistryError::NotFound { what: "act" })?)
}

/// The page on which the act is read, and done.
fn page_of(act: &DualAct) -> String {
    let subject = act.subject();
    match act.kind() {
        DualKind::Revision => format!("/revisions/{subject}"),
        DualKind::Correction => format!("/revisions/corrections/{subject}"),
        DualKind::Exemption => format!("/counter/encounters/{subject}/exemption"),
        DualKind::LrSearch => format!("/genomic/relatives/{subject}"),
        DualKind::OfficeKey => "/sanction-keys".to_owned(),
        DualKind::Threshold => "/thresholds".to_owned(),
        DualKind::UrgentLook => "/checks".to_owned(),
        DualKind::Erasures => "/revisions".to_owned(),
        // It is done with the key file's passphrase, and not here.
        DualKind::LogKeyNext | DualKind::LogKeyRetirement => "/admin".to_owned(),
        DualKind::LogPruning => "/log-pruning".to_owned(),
    }
}

async fn ask_approval(
    State(state): State<ServerState>,
    signed: SignedIn,
    Path((kind, subject)): Path<(String, String)>,
    Asked(asked): Asked<Detail>,
) -> Answer {
    let act = act((&kind, &subject), &asked.detail)?;
    let to_sign = SignatureAsked::from(signed.registry.begin_approval(&signed.actor, &act).await?);
    let action = format!("/approvals/{}/{}", act.kind().name(), act.subject());
    let mut question = Question::new("sign", "passkey-approve", &action, &to_sign)?;
    question.act = Some(("dual-act", act.kind().name().to_owned()));
    question.next = asked.detail;
    ask(&state, &signed, question)
}

/// The signature; where a proof says where to go on, an approval has its detail.
async fn approve(signed: SignedIn, Path((kind, subject)): Path<(String, String)>, Sent(form): Sent<Proof>) -> Answer {
    let act = act((&kind, &subject), &form.next)?;
    signed.registry.finish_approval(&signed.actor, &act, &form.signature.into()).await?;
    // A second officer reads the counter's exemptions in the list, and not at the counter.
    let back = match act.kind() {
        DualKind::Exemption if !signed.actor.roles().contains(&Role::Operator) => "/revisions".to_owned(),
        _ => page_of(&act),
    };
    see(&format!("{back}?done=saved"))
}
