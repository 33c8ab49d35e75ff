//! Searches by match rule and by lineage markers.

use axum::Json;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tanba_registry::{CaseId, GenomicAnswer, GenomicHit, LineageAnswer, LineageCount, SearchGrounds, SpecimenId};
use utoipa::ToSchema;

use crate::gate::Room;
use crate::input::{Id, Input};
use crate::openapi::InputRefusals;
use crate::problem::Refusal;
use crate::session::Signed;
use crate::wire::{Category, MarkerSystem};

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

impl NewSearch {
    fn grounds(&self) -> SearchGrounds<'_> {
        SearchGrounds { case: self.case, purpose: &self.purpose, legal_basis: &self.legal_basis }
    }
}

/// The answer of a search by match rule or likelihood ratio.
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
    /// How many hits to expect by chance, among profiles of people who are not the person (or relative) sought.
    expected_by_chance: f64,
    /// Whose allele frequencies that number rests on.
    chance_population: String,
    /// What was found; two examiners must confirm each.
    #[schema(max_items = 100)]
    hits: Vec<Hit>,
}

/// A specimen that was found.
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
    /// Loci compared; of a search by lineage markers Y loci and SNPs, with mitochondrial DNA as one.
    loci_compared: u32,
    /// Loci at which they differ; with likelihood ratios, none are counted.
    mismatches: u32,
    /// log10 of the likelihood ratio, of a search by it.
    log10_lr: Option<f64>,
}

impl From<GenomicHit> for Hit {
    fn from(hit: GenomicHit) -> Self {
        Self {
            id: hit.id.to_string(),
            specimen: hit.specimen.to_string(),
            category: hit.category.into(),
            loci_compared: hit.loci_compared,
            mismatches: hit.mismatches,
            log10_lr: hit.log10_lr,
        }
    }
}

impl From<GenomicAnswer> for SearchAnswer {
    fn from(answer: GenomicAnswer) -> Self {
        Self {
            search: answer.search.to_string(),
            log_seq: answer.log_seq,
            profiles_compared: answer.profiles_compared,
            profiles_not_comparable: answer.profiles_not_comparable,
            expected_by_chance: answer.expected_by_chance,
            chance_population: answer.chance_population,
            hits: answer.hits.into_iter().map(Hit::from).collect(),
        }
    }
}

/// The answer of a search by lineage markers.
#[derive(Serialize, ToSchema)]
pub(crate) struct LineageSearchAnswer {
    /// The search.
    #[schema(format = "uuid")]
    search: String,
    /// Where in the log it stands.
    log_seq: u64,
    /// What each kind of marker met.
    systems: Vec<SystemCount>,
    /// What was found. Relatives share these markers: a hit is never an identification by itself.
    #[schema(max_items = 100)]
    hits: Vec<Hit>,
}

/// What one kind of marker met in a search.
#[derive(Serialize, ToSchema)]
pub(crate) struct SystemCount {
    /// Which markers.
    system: MarkerSystem,
    /// Haplotypes that were compared.
    compared: u64,
    /// Specimens typed for these markers with too little in common: neither found nor excluded.
    not_comparable: u64,
    /// Those that agree, or are one mutation away.
    agreeing: u64,
    /// So many of the compared may agree by chance, at most (95 %), as if all that agree did so by chance.
    by_chance_at_most: f64,
}

impl From<LineageCount> for SystemCount {
    fn from(count: LineageCount) -> Self {
        Self {
            system: count.system.into(),
            compared: count.compared,
            not_comparable: count.not_comparable,
            agreeing: count.agreeing,
            by_chance_at_most: count.by_chance_at_most,
        }
    }
}

impl From<LineageAnswer> for LineageSearchAnswer {
    fn from(answer: LineageAnswer) -> Self {
        Self {
            search: answer.search.to_string(),
            log_seq: answer.log_seq,
            systems: answer.systems.into_iter().map(SystemCount::from).collect(),
            hits: answer.hits.into_iter().map(Hit::from).collect(),
        }
    }
}

/// Search with a specimen's profile
///
/// Among the groups that it may lawfully be compared with, with the number of hits to expect by chance.
#[utoipa::path(post, path = "/api/specimens/{specimen}/searches", tag = "genomic", security(("session" = [])),
    params(("specimen" = String, Path, format = "uuid")), request_body = NewSearch,
    responses((status = 201, body = SearchAnswer), InputRefusals))]
pub(crate) async fn search_specimen(
    signed: Signed,
    Id(id): Id<SpecimenId>,
    _room: Room,
    Input(new): Input<NewSearch>,
) -> Result<(StatusCode, Json<SearchAnswer>), Refusal> {
    let answer = signed.registry.search_specimen(&signed.actor, id, new.grounds()).await?;
    Ok((StatusCode::CREATED, Json(answer.into())))
}

/// Search with a specimen's Y, mitochondrial and SNP markers
///
/// Among those who are looked for and those who look for them. Nothing of a crime is searched with such markers or found by them.
#[utoipa::path(post, path = "/api/specimens/{specimen}/lineage-searches", tag = "genomic", security(("session" = [])),
    params(("specimen" = String, Path, format = "uuid")), request_body = NewSearch,
    responses((status = 201, body = LineageSearchAnswer), InputRefusals))]
pub(crate) async fn search_lineage(
    signed: Signed,
    Id(id): Id<SpecimenId>,
    _room: Room,
    Input(new): Input<NewSearch>,
) -> Result<(StatusCode, Json<LineageSearchAnswer>), Refusal> {
    let answer = signed.registry.search_lineage(&signed.actor, id, new.grounds()).await?;
    Ok((StatusCode::CREATED, Json(answer.into())))
}
