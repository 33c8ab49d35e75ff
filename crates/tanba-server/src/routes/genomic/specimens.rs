//! Specimens at the door.

use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tanba_registry::{CaseId, SpecimenView};
use utoipa::ToSchema;

use crate::input::Input;
use crate::openapi::InputRefusals;
use crate::problem::Refusal;
use crate::session::Signed;
use crate::wire::Category;

/// A specimen and what was typed of it, to be registered. At least one kind of marker must be typed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSpecimen {
    /// The client's own key: the same request sent twice is one specimen.
    client_key: String,
    /// Why it is held.
    category: Category,
    /// The laboratory's label.
    label: String,
    /// The case it belongs to.
    #[schema(value_type = String, format = "uuid")]
    case: CaseId,
    /// The autosomal profile: rows `locus,allele1,allele2`, or a JSON object of loci. Only the loci of the identification panel.
    #[serde(default)]
    profile: Option<String>,
    /// The Y-STR haplotype, in the same forms.
    #[serde(default)]
    y: Option<String>,
    /// The mitochondrial haplotype: `16024-16365: 16189C`, or a JSON object of ranges and differences.
    #[serde(default)]
    mitochondrial: Option<String>,
    /// Identity SNPs: rows `rs1490413,A,G`, or a JSON object.
    #[serde(default)]
    snps: Option<String>,
    /// What it went through the laboratory with, by the laboratory's code.
    #[serde(default)]
    batch: Option<String>,
    /// For a known donor: the identification number.
    #[serde(default)]
    iin: Option<String>,
    /// Facts that the law asks for: `offence`, `judgment_final`, `written_consent`, `investigator_order`,
    /// `relationship`, `born`, `status`.
    #[serde(default)]
    facts: Map<String, Value>,
}

/// A registered specimen; never its alleles.
#[derive(Serialize, ToSchema)]
pub(crate) struct Specimen {
    /// Its id.
    #[schema(format = "uuid")]
    id: String,
    /// Why it is held.
    category: Category,
    /// How many autosomal loci are typed.
    loci: u32,
    /// How many Y-STR loci are typed.
    y_loci: u32,
    /// Whether mitochondrial DNA was read.
    mitochondrial: bool,
    /// How many identity SNPs are typed.
    snps: u32,
    /// Whether it is held back as possibly contaminated: it is not searched with or found until a person has decided.
    held: bool,
    /// Until when the law lets it be kept, where it says so.
    retain_until: Option<String>,
    /// The clause.
    clause: String,
}

impl From<SpecimenView> for Specimen {
    fn from(view: SpecimenView) -> Self {
        Self {
            id: view.id.to_string(),
            category: view.category.into(),
            loci: view.loci,
            y_loci: view.y_loci,
            mitochondrial: view.mitochondrial,
            snps: view.snps,
            held: view.held,
            retain_until: view.retain_until,
            clause: view.clause,
        }
    }
}

/// Register a specimen
///
/// Where the law lets its group be registered, and with no locus outside the permitted panel. A stain that agrees with a profile of
/// the laboratory is held back until the quality manager has decided.
#[utoipa::path(post, path = "/api/specimens", tag = "genomic", security(("session" = [])),
    request_body = NewSpecimen, responses((status = 201, body = Specimen), InputRefusals))]
pub(crate) async fn register_specimen(
    signed: Signed,
    Input(new): Input<NewSpecimen>,
) -> Result<(StatusCode, Json<Specimen>), Refusal> {
    let new = tanba_registry::NewSpecimen {
        client_key: new.client_key,
        category: new.category.into(),
        label: new.label,
        case: new.case,
        profile: new.profile,
        y: new.y,
        mitochondrial: new.mitochondrial,
        snps: new.snps,
        batch: new.batch,
        iin: new.iin,
        facts: new.facts,
    };
    let view = signed.registry.register_specimen(&signed.actor, &new).await?;
    Ok((StatusCode::CREATED, Json(view.into())))
}
