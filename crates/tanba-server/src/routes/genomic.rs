//! Genomic registration, and the search that finds the same profile.

use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tanba_registry::{CaseId, GenomicAnswer, GenomicHit, SpecimenId, SpecimenView};
use utoipa::ToSchema;

use crate::gate::Room;
use crate::input::{Id, Input};
use crate::openapi::InputRefusals;
use crate::problem::Refusal;
use crate::session::Signed;
use crate::wire::Category;

/// A specimen and its profile, to be registered.
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
    /// The profile: rows `locus,allele1,allele2`, or a JSON object of loci. Only the loci of the identification panel.
    profile: String,
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
    /// How many loci are typed.
    loci: u32,
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
            retain_until: view.retain_until,
            clause: view.clause,
        }
    }
}

/// On what grounds a specimen is searched with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSearch {
    /// The case.
    #[schema(value_type = String, format = "uuid")]
    case: CaseId,
    /// The purpose, by the code of law packs.
    purpose: String,
    /// The legal basis, as the examiner states it.
    legal_basis: String,
}

/// The answer of a genomic search.
#[derive(Serialize, ToSchema)]
pub(crate) struct SearchAnswer {
    /// The search.
    #[schema(format = "uuid")]
    search: String,
    /// Where in the log it stands.
    log_seq: u64,
    /// How many other profiles were compared.
    profiles_compared: u64,
    /// How many have too few loci in common to be compared: they were neither found nor excluded.
    profiles_not_comparable: u64,
    /// What was found; a human being must confirm each.
    hits: Vec<Hit>,
}

/// A specimen with the same profile.
#[derive(Serialize, ToSchema)]
pub(crate) struct Hit {
    /// The hit.
    #[schema(format = "uuid")]
    id: String,
    /// The specimen that was found.
    #[schema(format = "uuid")]
    specimen: String,
    /// Why that one is held.
    category: Category,
    /// Loci typed in both.
    loci_compared: u32,
    /// Loci at which they differ.
    mismatches: u32,
}

impl From<GenomicAnswer> for SearchAnswer {
    fn from(answer: GenomicAnswer) -> Self {
        let hit = |hit: GenomicHit| Hit {
            id: hit.id.to_string(),
            specimen: hit.specimen.to_string(),
            category: hit.category.into(),
            loci_compared: hit.loci_compared,
            mismatches: hit.mismatches,
        };
        Self {
            search: answer.search.to_string(),
            log_seq: answer.log_seq,
            profiles_compared: answer.profiles_compared,
            profiles_not_comparable: answer.profiles_not_comparable,
            hits: answer.hits.into_iter().map(hit).collect(),
        }
    }
}

/// Register a specimen's profile
///
/// Where the law lets its group be registered, and with no locus outside the permitted panel.
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
        iin: new.iin,
        facts: new.facts,
    };
    let view = signed.registry.register_specimen(&signed.actor, &new).await?;
    Ok((StatusCode::CREATED, Json(view.into())))
}

/// Search with a specimen's profile
///
/// Among the groups that it may lawfully be compared with.
#[utoipa::path(post, path = "/api/specimens/{specimen}/searches", tag = "genomic", security(("session" = [])),
    params(("specimen" = String, Path, format = "uuid")), request_body = NewSearch,
    responses((status = 201, body = SearchAnswer), InputRefusals))]
pub(crate) async fn search_specimen(
    signed: Signed,
    Id(id): Id<SpecimenId>,
    _room: Room,
    Input(new): Input<NewSearch>,
) -> Result<(StatusCode, Json<SearchAnswer>), Refusal> {
    let NewSearch { case, purpose, legal_basis } = new;
    let answer = signed.registry.search_specimen(&signed.actor, id, case, &purpose, &legal_basis).await?;
    Ok((StatusCode::CREATED, Json(answer.into())))
}
