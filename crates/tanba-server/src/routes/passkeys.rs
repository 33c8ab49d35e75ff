//! Passkeys: binding, signing in and proving oneself with them, and signing an act that takes two. What an authenticator is asked and
//! answers is W3C *Web Authentication* Level 3; octets are base64url without padding.

use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tanba_registry::{AccountId, DualAct, PasskeyView, RevisionId, RowId};
use tanba_seal::passkey::{Asserted, Registered};
use utoipa::ToSchema;

use crate::input::{Id, Input};
use crate::octets::Octets;
use crate::openapi::{InputRefusals, Refusals};
use crate::problem::Refusal;
use crate::session::{HalfSigned, Signed};
use crate::wire::time;

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
}

impl From<tanba_registry::SignatureAsked> for SignatureAsked {
    fn from(asked: tanba_registry::SignatureAsked) -> Self {
        let keys = asked.keys.into_iter().map(Octets).collect();
        Self { site: asked.site, challenge: Octets(asked.challenge), keys }
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
/// After the password, or anew before a sensitive act.
#[utoipa::path(post, path = "/api/sessions/challenge", tag = "passkeys", security(("session" = [])),
    responses((status = 200, body = SignatureAsked), InputRefusals))]
pub(crate) async fn begin_session_proof(half: HalfSigned) -> Result<Json<SignatureAsked>, Refusal> {
    Ok(Json(half.registry.begin_proof(&half.token).await?.into()))
}

/// Give the signature
///
/// A session that waited for it is open; sensitive acts may be done for five minutes.
#[utoipa::path(post, path = "/api/sessions/proof", tag = "passkeys", security(("session" = [])), request_body = Signature,
    responses((status = 204, description = "The session is proved"), InputRefusals))]
pub(crate) async fn prove_session(half: HalfSigned, Input(signed): Input<Signature>) -> Result<StatusCode, Refusal> {
    half.registry.finish_proof(&half.token, &signed.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ask for a revision's hash to sign
///
/// Two officers sign the same hash; whoever changes the revision in between voids both signatures.
#[utoipa::path(post, path = "/api/revisions/{revision}/approval-challenge", tag = "passkeys", security(("session" = [])),
    params(("revision" = String, Path, format = "uuid")), responses((status = 200, body = SignatureAsked), InputRefusals))]
pub(crate) async fn begin_revision_approval(
    signed: Signed,
    Id(id): Id<RevisionId>,
) -> Result<Json<SignatureAsked>, Refusal> {
    Ok(Json(signed.registry.begin_approval(&signed.actor, DualAct::Revision(id)).await?.into()))
}

/// Sign a revision
#[utoipa::path(post, path = "/api/revisions/{revision}/approval", tag = "passkeys", security(("session" = [])),
    params(("revision" = String, Path, format = "uuid")), request_body = Signature,
    responses((status = 204, description = "The signature is kept"), InputRefusals))]
pub(crate) async fn approve_revision(
    signed: Signed,
    Id(id): Id<RevisionId>,
    Input(signature): Input<Signature>,
) -> Result<StatusCode, Refusal> {
    signed.registry.finish_approval(&signed.actor, DualAct::Revision(id), &signature.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A change of the log's key.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogKeyChange {
    /// The log gets its next key.
    Next,
    /// The older of two keys ends.
    Retirement,
}

impl From<LogKeyChange> for DualAct {
    fn from(change: LogKeyChange) -> Self {
        Self::LogKey(match change {
            LogKeyChange::Next => tanba_registry::LogKeyChange::Next,
            LogKeyChange::Retirement => tanba_registry::LogKeyChange::Retirement,
        })
    }
}

/// Which change of the log's key is meant.
#[derive(Deserialize, ToSchema)]
pub(crate) struct LogKeyApproval {
    /// The change.
    change: LogKeyChange,
}

/// The signature over a change of the log's key.
#[derive(Deserialize, ToSchema)]
pub(crate) struct LogKeySignature {
    /// The change.
    change: LogKeyChange,
    /// What the authenticator answered.
    signature: Signature,
}

/// Ask for the hash of a change of the log's key to sign
///
/// Two administrators sign it; whoever has the key file's passphrase then carries it out within an hour (`tanba log rotate-key`,
/// `retire-key`), with the service stopped.
#[utoipa::path(post, path = "/api/log/key-approval-challenge", tag = "passkeys", security(("session" = [])), request_body = LogKeyApproval,
    responses((status = 200, body = SignatureAsked), InputRefusals))]
pub(crate) async fn begin_log_key_approval(
    signed: Signed,
    Input(asked): Input<LogKeyApproval>,
) -> Result<Json<SignatureAsked>, Refusal> {
    Ok(Json(signed.registry.begin_approval(&signed.actor, asked.change.into()).await?.into()))
}

/// Sign a change of the log's key
#[utoipa::path(post, path = "/api/log/key-approval", tag = "passkeys", security(("session" = [])), request_body = LogKeySignature,
    responses((status = 204, description = "The signature is kept"), InputRefusals))]
pub(crate) async fn approve_log_key(
    signed: Signed,
    Input(given): Input<LogKeySignature>,
) -> Result<StatusCode, Refusal> {
    signed.registry.finish_approval(&signed.actor, given.change.into(), &given.signature.into()).await?;
    Ok(StatusCode::NO_CONTENT)
}
