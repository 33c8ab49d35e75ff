//! What searches rest on beside the profiles.

use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::input::Input;
use crate::openapi::InputRefusals;
use crate::problem::Refusal;
use crate::session::Signed;
use crate::wire::ReferenceKind;

/// A reference to be entered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewReference {
    /// What it is: the sequence that mitochondrial haplotypes are differences to (letters, or FASTA), or a table of allele
    /// frequencies (rows `marker,allele,freq,n_chrom`).
    kind: ReferenceKind,
    /// Its name: a code, by which requests name a table.
    name: String,
    /// Its text.
    content: String,
}

/// A reference that was entered.
#[derive(Serialize, ToSchema)]
pub(crate) struct Reference {
    /// What it is.
    kind: ReferenceKind,
    /// Its name.
    name: String,
    /// SHA-256 of its text, in hexadecimal.
    sha256: String,
}

/// Enter a reference sequence or a table of allele frequencies
///
/// It is never changed, so that numbers that rest on it can be made again.
#[utoipa::path(post, path = "/api/genomic-references", tag = "genomic", security(("session" = [])),
    request_body = NewReference, responses((status = 201, body = Reference), InputRefusals))]
pub(crate) async fn enter_reference(
    signed: Signed,
    Input(new): Input<NewReference>,
) -> Result<(StatusCode, Json<Reference>), Refusal> {
    let new = tanba_registry::NewReference { kind: new.kind.into(), name: new.name, content: new.content };
    let view = signed.registry.enter_reference(&signed.actor, &new).await?;
    let view = Reference { kind: view.kind.into(), name: view.name, sha256: view.sha256 };
    Ok((StatusCode::CREATED, Json(view)))
}
