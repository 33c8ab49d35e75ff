//! Passkeys: binding, signing in and proving oneself with them, and signing an act that takes two. What an authenticator is asked and
//! answers is W3C *Web Authentication* Level 3; octets are base64url without padding.

use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tanba_registry::{AccountId, PasskeyView, RowId};
use tanba_seal::passkey::{Asserted, Registered};
use utoipa::ToSchema;

use crate::input::{Id, Input};
use crate::octets::Octets;
use crate::openapi::{InputRefusals, Refusals};
use crate::problem::Refusal;
use crate::session::{HalfSigned, Signed};
use crate::wire::{DualKind, time};

/// A one-time code for an account's first passkey.
#[derive(Serialize, ToSchema)]
pub(crate) struct BindingCode {
    /// What the administrator hands over; it is shown once.
    code: String,
    /// Until when it is taken.
    #[schema(format = "date-time")]
    valid_to: String,
}

/// A passkey.
#[derive(Serialize, ToSchema)]
pub(crate) struct Passkey {
    /// Its id.
    #[schema(format = "uuid")]
    id: String,
    /// The model of the authenticator (its AAGUID).
    #[schema(format = "uuid")]
    model: String,
    /// Whether it may be copied between devices.
    synced: bool,
    /// When it was bound.
    #[schema(format = "date-time")]
    added_at: String,
    /// When it signed last.
    #[schema(format = "date-time")]
    used_at: Option<String>,
    /// When it was removed.
    #[schema(format = "date-time")]
    removed_at: Option<String>,
}

impl From<PasskeyView> for Passkey {
    fn from(view: PasskeyView) -> Self {
        Self {
            id: view.id.to_string(),
            model: view.model,
            synced: view.synced,
            added_at: time(view.added_at),
            used_at: view.used_at.map(time),
            removed_at: view.removed_at.map(time),
        }
    }
}

/// What begins the binding of a passkey.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BeginBinding {
    /// The administrator's code, for the account's first passkey.
    #[serde(default)]
    code: Option<String>,
}

/// What an authenticator is asked for when it makes a key.
#[derive(Serialize, ToSchema)]
pub(crate) struct NewKeyAsked {
    /// `rp.id`.
    site: String,
    /// 32 octets to sign.
    #[schema(value_type = String)]
    challenge: Octets,
    /// `user.id`.
    #[schema(value_type = String)]
    user: Octets,
    /// `user.name`.
    login: String,
    /// The ids of keys that are bound already (`excludeCredentials`).
    #[schema(value_type = Vec<String>)]
    bound: Vec<Octets>,
    /// Whether the authenticator's make must be told (`attestation: "direct"`).
    hardware: bool,
}

impl From<tanba_registry::NewKeyAsked> for NewKeyAsked {
    fn from(asked: tanba_registry::NewKeyAsked) -> Self {
        Self {
            site: asked.site,
            challenge: Octets(asked.challenge),
            user: Octets(asked.user),
            login: asked.login,
            bound: asked.bound.into_iter().map(Octets).collect(),
            hardware: asked.hardware,
        }
    }
}

/// What an authenticator answered when it made a key.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewKey {
    /// `response.clientDataJSON`.
    #[schema(value_type = String)]
    client_data: Octets,
    /// `response.attestationObject`.
    #[schema(value_type = String)]
    attestation: Octets,
}

impl From<NewKey> for Registered {
    fn from(key: NewKey) -> Self {
        Self { client_data: key.client_data.0, attestation: key.attestation.0 }
    }
}

/// What an authenticator is asked to sign.
#[derive(Serialize, ToSchema)]
pub(crate) struct SignatureAsked {
    /// `rpId`.
    site: String,
    /// 32 octets to sign.
    #[schema(value_type = String)]
    challenge: Octets,
    /// The ids of the keys, one of which is to sign (`allowCredentials`).
    #[schema(value_type = Vec<String>)]
    keys: Vec<Octets>,
    /// The act that is signed, in the register's words; none for a session.
    #[serde(skip_serializing_if = "Option::is_none")]
    act: Option<String>,
}

impl SignatureAsked {
    /// The act that is signed.
    pub(crate) fn act(&self) -> Option<&str> {
        self.act.as_deref()
    }
}

impl From<tanba_registry::SignatureAsked> for SignatureAsked {
    fn from(asked: tanba_registry::SignatureAsked) -> Self {
        let keys = asked.keys.into_iter().map(Octets).collect();
        Self { site: asked.site, challenge: Octets(asked.challenge), keys, act: asked.act }
    }
}

/// What an authenticator signed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Signature {
    /// `rawId`.
    #[schema(value_type = String)]
    credential: Octets,
    /// `response.clientDataJSON`.
    #[schema(value_type = String)]
    client_data: Octets,
    /// `response.authenticatorData`.
    #[schema(value_type = String)]
    authenticator_data: Octets,
    /// `response.signature`.
    #[schema(value_type = String)]
    signature: Octets,
}

impl From<Signature> for Asserted {
    fn from(signed: Signature) -> Self {
        Self {
            credential: signed.credential.0,
            client_data: signed.client_data.0,
            authenticator_data: signed.authenticator_data.0,
            signature: signed.signature.0,
        }
    }
}

/// Issue a code for an account's first passkey
///
/// An administrator hands it to the person, who signs in with the password and gives it back. An earlier code ends.
#[utoipa::path(post, path = "/api/accounts/{account}/passkey-code", tag = "passkeys", security(("session" = [])),
    params(("account" = String, Path, format = "uuid")), responses((status = 201, body = BindingCode), InputRefusals))]
pub(crate) async fn issue_passkey_code(
    signed: Signed,
    Id(account): Id<AccountId>,
) -> Result<(StatusCode, Json<BindingCode>), Refusal> {
    let issued = signed.registry.issue_binding_code(&signed.actor, account).await?;
    Ok((StatusCode::CREATED, Json(BindingCode { code: issued.code, valid_to: time(issued.valid_to) })))
}

/// The account's own passkeys, removed ones too
#[utoipa::path(get, path = "/api/passkeys", tag = "passkeys", security(("session" = [])),
    responses((status = 200, body = Vec<Passkey>), Refusals))]
pub(crate) async fn own_passkeys(signed: Signed) -> Result<Json<Vec<Passkey>>, Refusal> {
    let found = signed.registry.passkeys(&signed.actor, signed.actor.account()).await?;
    Ok(Json(found.into_iter().map(Into::into).collect()))
}

/// Begin to bind a passkey
///
/// With a code for the first one, with a fresh proof for another. The session may still wait for its passkey.
#[utoipa::path(post, path = "/api/passkeys/challenge", tag = "passkeys", security(("session" = [])),
    request_body = BeginBinding, responses((status = 200, body = NewKeyAsked), InputRefusals))]
pub(crate) async fn begin_passkey_binding(
    half: HalfSigned,
    Input(begin): Input<BeginBinding>,
) -> Result<Json<NewKeyAsked>, Refusal> {
    Ok(Json(half.registry.begin_binding(&half.token, begin.code.as_deref()).await?.into()))
}

/// Bind the passkey that was made
///
/// The session is open and proved from now on; sessions that the password alone has opened end.
#[utoipa::path(post, path = "/api/passkeys", tag = "passkeys", security(("session" = [])), request_body = NewKey,
    responses((status = 201, body = Passkey), InputRefusals))]
pub(crate) async fn bind_passkey(
    half: HalfSigned,
    Input(key): Input<NewKey>,
) -> Result<(StatusCode, Json<Passkey>), Refusal> {
    let bound = half.registry.finish_binding(&half.token, &key.into()).await?;
    Ok((StatusCode::CREATED, Json(bound.into())))
}

/// Remove a passkey
///
/// One's own, or anyone's for administrators. Sessions that it opened end at once.
#[utoipa::path(delete, path = "/api/passkeys/{passkey}", tag = "passkeys", security(("session" = [])),
    params(("passkey" = String, Path, format = "uuid")),
    responses((status = 204, description = "The passkey opens nothing any more"), Refusals))]
pub(crate) async fn remove_passkey(signed: Signed, Id(id): Id<RowId>) -> Result<StatusCode, Refusal> {
    signed.registry.remove_passkey(&signed.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ask for something to sign
///
/// After the password, or for a sensitive act that was just refused for want of a signature (`passkey_proof`): the challenge is over that
/// act, of which `act` is the name.
#[utoipa::path(post, path = "/api/sessions/challenge", tag = "passkeys", security(("session" = [])),
    responses((status = 200, body = SignatureAsked), InputRefusals))]
pub(crate) async fn begin_session_proof(half: HalfSigned) -> Result<Json<SignatureAsked>, Refusal> {
    Ok(Json(half.registry.begin_proof(&half.token).await?.into()))
}

/// Give the signature
///
/// A session that waited for it is open. Where it was asked over an act, that act may be sent again as it was, once, within five minutes.
#[utoipa::path(post, path = "/api/sessions/proof", tag = "passkeys", security(("session" = [])), request_body = Signature,
    responses((status = 204, description = "The session is proved"), InputRefusals))]
pub(crate) async fn prove_session(half: HalfSigned, Input(signed): Input<Signature>) -> Result<StatusCode, Refusal> {
    half.registry.finish_proof(&half.token, &signed.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// An act that two people sign, and what it is about.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ActToSign {
    /// The kind.
    act: DualKind,
    /// The revision, correction, encounter, request, key, check or plan by its id; of the log's keys `log`.
    subject: String,
    /// Of an exemption its ground; of nothing else.
    #[serde(default)]
    detail: String,
}

impl From<ActToSign> for tanba_registry::DualAct {
    fn from(asked: ActToSign) -> Self {
        Self::of(asked.act.into(), asked.subject).with(&asked.detail)
    }
}

/// The same with a signature over it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ActSigned {
    /// What is signed.
    act: ActToSign,
    /// What the authenticator answered.
    signature: Signature,
}

/// An act that somebody began to sign.
#[derive(Serialize, ToSchema)]
pub(crate) struct OpenAct {
    /// The kind.
    act: DualKind,
    /// What it is about.
    subject: String,
    /// What it is done with beside that.
    detail: String,
    /// When it was shown to be signed first.
    #[schema(format = "date-time")]
    opened_at: String,
    /// Until when the signatures hold.
    #[schema(format = "date-time")]
    valid_to: String,
    /// The logins of those who signed it.
    signed_by: Vec<String>,
    /// Whether this officer is one of them.
    own: bool,
}

/// Ask for the hash of an act that two people sign
///
/// Both sign the same hash of everything that it will be done with. Whoever changes a byte in between voids both signatures, and so does a
/// working day.
#[utoipa::path(post, path = "/api/approvals/challenge", tag = "passkeys", security(("session" = [])),
    request_body = ActToSign, responses((status = 200, body = SignatureAsked), InputRefusals))]
pub(crate) async fn begin_approval(
    signed: Signed,
    Input(asked): Input<ActToSign>,
) -> Result<Json<SignatureAsked>, Refusal> {
    Ok(Json(signed.registry.begin_approval(&signed.actor, &asked.into()).await?.into()))
}

/// Sign an act that two people sign
#[utoipa::path(post, path = "/api/approvals", tag = "passkeys", security(("session" = [])), request_body = ActSigned,
    responses((status = 204, description = "The signature is kept"), InputRefusals))]
pub(crate) async fn approve(signed: Signed, Input(given): Input<ActSigned>) -> Result<StatusCode, Refusal> {
    signed.registry.finish_approval(&signed.actor, &given.act.into(), &given.signature.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Acts that somebody began to sign and that this officer may sign
#[utoipa::path(get, path = "/api/approvals", tag = "passkeys", security(("session" = [])),
    responses((status = 200, body = Vec<OpenAct>), Refusals))]
pub(crate) async fn open_acts(signed: Signed) -> Result<Json<Vec<OpenAct>>, Refusal> {
    let open = signed.registry.open_acts(&signed.actor).await?;
    let told = open.into_iter().map(|open| OpenAct {
        act: open.act.kind().into(),
        subject: open.act.subject().to_owned(),
        detail: open.act.detail().to_owned(),
        opened_at: time(open.opened_at),
        valid_to: time(open.valid_to),
        signed_by: open.signed_by,
        own: open.own,
    });
    Ok(Json(told.collect()))
}
