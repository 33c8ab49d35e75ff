//! Error rates and thresholds: published to everybody, set by two people.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tanba_registry as registry;
use tanba_registry::ThresholdProposalId;
use utoipa::ToSchema;

use crate::input::{Id, Input, file};
use crate::openapi::{InputRefusals, Refusals};
use crate::problem::Refusal;
use crate::session::Signed;
use crate::state::ServerState;
use crate::wire::{Made, ThresholdKind, ThresholdState, time};

/// A rate with its 95 % interval, fractions.
#[derive(Serialize, ToSchema)]
pub(crate) struct Rate {
    /// The rate.
    value: f64,
    /// Lower limit.
    low: f64,
    /// Upper limit.
    high: f64,
}

/// Error rates and thresholds. Nobody is in them.
#[derive(Serialize, ToSchema)]
pub(crate) struct ErrorRates {
    /// What makes templates here.
    extractor: String,
    /// What compares them.
    matcher: String,
    /// Whether everything is as the log states it; what is not is left out.
    sound: bool,
    /// The threshold of each kind of comparison.
    thresholds: Vec<Threshold>,
    /// What was ever set, the newest first.
    history: Vec<Setting>,
    /// The evaluations, the newest first; none: nothing was measured here.
    evaluations: Vec<PublishedEvaluation>,
    /// What the register counted of itself last; absent before it counted.
    counted: Option<Counted>,
}

/// The threshold of a kind of comparison, log10 likelihood ratio.
#[derive(Serialize, ToSchema)]
pub(crate) struct Threshold {
    /// Which kind.
    kind: ThresholdKind,
    /// From which evidence on the answer is yes; absent while nothing is compared.
    value: Option<f64>,
    /// The size of the register that it is for; 1 where size does not count.
    people: u64,
    /// The setting's number; 0 is the program's own value.
    setting: u64,
    /// Below which nobody sets it; of `candidates` in a register of a million.
    floor: f64,
}

/// A setting, as its entry of the log states it.
#[derive(Serialize, ToSchema)]
pub(crate) struct Setting {
    /// Its number.
    number: u64,
    /// What was set.
    #[serde(flatten)]
    proposed: Proposed,
    /// Since when.
    #[schema(format = "date-time")]
    set_at: String,
}

/// A threshold that rests on an evaluation.
#[derive(Serialize, ToSchema)]
pub(crate) struct Proposed {
    /// Of which kind of comparison.
    kind: ThresholdKind,
    /// log10 likelihood ratio.
    value: f64,
    /// The size of the register that it is for; 1 where size does not count.
    people: u64,
    /// The false match rate that it stands for, a fraction.
    rate: f64,
    /// What made the templates that it is for.
    extractor: String,
    /// What compares them.
    matcher: String,
    /// SHA-256 of the evaluation.
    evaluation: String,
    /// Why.
    reason: String,
}

/// An evaluation.
#[derive(Serialize, ToSchema)]
pub(crate) struct PublishedEvaluation {
    /// SHA-256 of the file.
    hash: String,
    /// When it was added.
    #[schema(format = "date-time")]
    added_at: String,
    /// Where that stands in the log.
    log_seq: u64,
    /// The file (tanba-evaluation/1).
    #[schema(value_type = Object)]
    evaluation: registry::Evaluation,
}

/// What the register counted of itself.
#[derive(Serialize, ToSchema)]
pub(crate) struct Counted {
    /// When.
    #[schema(format = "date-time")]
    counted_at: String,
    /// People that a cell has at least; a smaller one is not shown.
    smallest_cell: u64,
    /// Each rate.
    rates: Vec<CountedRate>,
}

/// One rate.
#[derive(Serialize, ToSchema)]
pub(crate) struct CountedRate {
    /// `failure_to_acquire`, `failure_to_enrol` or `false_refusal`.
    name: String,
    /// Everybody, and each group.
    cells: Vec<Cell>,
}

/// A group of people.
#[derive(Serialize, ToSchema)]
pub(crate) struct Cell {
    /// By what people are grouped: `all`, `sex`, `age`.
    way: String,
    /// The group.
    group: String,
    /// What was counted; absent where that would be of too few people.
    counted: Option<Tally>,
}

/// So many of so many.
#[derive(Serialize, ToSchema)]
pub(crate) struct Tally {
    /// People.
    persons: u64,
    /// Occasions.
    of: u64,
    /// Those at which it failed.
    failed: u64,
    /// The share.
    rate: Rate,
}

/// An evaluation to be added.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewEvaluation {
    /// The file (tanba-evaluation/1) in base64, of 1 MiB at most.
    file: String,
}

/// An evaluation that was added.
#[derive(Serialize, ToSchema)]
pub(crate) struct Added {
    /// SHA-256 of the file.
    hash: String,
}

/// A threshold to be proposed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewThreshold {
    /// Of which kind of comparison.
    kind: ThresholdKind,
    /// log10 likelihood ratio: a row of the evaluation.
    value: f64,
    /// The false match rate that it stands for, a fraction: no less than the upper limit that was measured.
    rate: f64,
    /// SHA-256 of the evaluation.
    evaluation: String,
    /// Why, in words that are published.
    reason: String,
}

/// Whether a threshold is set.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ThresholdDecision {
    /// `false` rejects it.
    confirmed: bool,
}

/// A threshold that was proposed.
#[derive(Serialize, ToSchema)]
pub(crate) struct ThresholdProposal {
    /// The proposal.
    #[schema(format = "uuid")]
    id: String,
    /// What is proposed.
    #[serde(flatten)]
    proposed: Proposed,
    /// Where it stands.
    state: ThresholdState,
    /// When it was proposed.
    #[schema(format = "date-time")]
    proposed_at: String,
    /// When it was decided.
    #[schema(format = "date-time")]
    decided_at: Option<String>,
}

impl From<registry::MeasuredRate> for Rate {
    fn from(rate: registry::MeasuredRate) -> Self {
        Self { value: rate.value, low: rate.low, high: rate.high }
    }
}

impl From<registry::ProposedThreshold> for Proposed {
    fn from(proposed: registry::ProposedThreshold) -> Self {
        Self {
            kind: proposed.kind.into(),
            value: proposed.value,
            people: proposed.people,
            rate: proposed.rate,
            extractor: proposed.extractor,
            matcher: proposed.matcher,
            evaluation: proposed.evaluation,
            reason: proposed.reason,
        }
    }
}

impl From<registry::CountedRates> for Counted {
    fn from(counted: registry::CountedRates) -> Self {
        let tally = |t: registry::Tally| Tally { persons: t.persons, of: t.of, failed: t.failed, rate: t.rate.into() };
        let cell =
            |cell: registry::CountedCell| Cell { way: cell.way, group: cell.group, counted: cell.counted.map(tally) };
        let rate = |rate: registry::CountedRate| CountedRate {
            name: rate.name,
            cells: rate.cells.into_iter().map(cell).collect(),
        };
        Self {
            counted_at: time(counted.counted_at),
            smallest_cell: counted.smallest_cell,
            rates: counted.rates.into_iter().map(rate).collect(),
        }
    }
}

impl From<registry::ErrorRates> for ErrorRates {
    fn from(rates: registry::ErrorRates) -> Self {
        let threshold = |t: registry::ThresholdInForce| Threshold {
            kind: t.kind.into(),
            value: t.value,
            people: t.people,
            setting: t.setting.map_or(0, |setting| setting.number),
            floor: t.floor,
        };
        let setting = |s: registry::ThresholdSetting| Setting {
            number: s.number,
            proposed: s.proposed.into(),
            set_at: time(s.set_at),
        };
        let evaluation = |e: registry::EvaluationView| PublishedEvaluation {
            hash: e.hash,
            added_at: time(e.added_at),
            log_seq: e.log_seq,
            evaluation: e.evaluation,
        };
        Self {
            extractor: rates.extractor,
            matcher: rates.matcher,
            sound: rates.sound,
            thresholds: rates.in_force.into_iter().map(threshold).collect(),
            history: rates.history.into_iter().map(setting).collect(),
            evaluations: rates.evaluations.into_iter().map(evaluation).collect(),
            counted: rates.counted.map(Counted::from),
        }
    }
}

/// Error rates, thresholds and their history
///
/// For everybody. A register that was never evaluated says so by having no evaluations.
#[utoipa::path(get, path = "/api/error-rates", tag = "transparency", security(()),
    responses((status = 200, body = ErrorRates), Refusals))]
pub(crate) async fn error_rates(State(state): State<ServerState>) -> Result<Json<ErrorRates>, Refusal> {
    Ok(Json(state.registry()?.error_rates().await?.into()))
}

/// Have the register count its own error rates, and publish them
///
/// No cell of fewer than ten people is shown.
#[utoipa::path(post, path = "/api/error-rates/counts", tag = "transparency", security(("session" = [])),
    responses((status = 201, body = Counted), Refusals))]
pub(crate) async fn count_error_rates(signed: Signed) -> Result<(StatusCode, Json<Counted>), Refusal> {
    let counted = signed.registry.count_error_rates(&signed.actor).await?;
    Ok((StatusCode::CREATED, Json(counted.into())))
}

/// Add an evaluation
///
/// It is published, and thresholds may rest on it.
#[utoipa::path(post, path = "/api/evaluations", tag = "transparency", security(("session" = [])),
    request_body = NewEvaluation, responses((status = 201, body = Added), InputRefusals))]
pub(crate) async fn add_evaluation(
    signed: Signed,
    Input(new): Input<NewEvaluation>,
) -> Result<(StatusCode, Json<Added>), Refusal> {
    let hash = signed.registry.add_evaluation(Some(&signed.actor), &file(&new.file)?).await?;
    Ok((StatusCode::CREATED, Json(Added { hash })))
}

/// Propose a threshold
///
/// Nothing changes before a supervisor sets it. It is a row of the evaluation, and no lower than the floor.
#[utoipa::path(post, path = "/api/thresholds", tag = "transparency", security(("session" = [])),
    request_body = NewThreshold, responses((status = 201, body = Made), InputRefusals))]
pub(crate) async fn propose_threshold(
    signed: Signed,
    Input(new): Input<NewThreshold>,
) -> Result<(StatusCode, Json<Made>), Refusal> {
    let new = registry::NewThreshold {
        kind: new.kind.into(),
        value: new.value,
        rate: new.rate,
        evaluation: new.evaluation,
        reason: new.reason,
    };
    let id = signed.registry.propose_threshold(&signed.actor, &new).await?;
    Ok((StatusCode::CREATED, Json(Made::new(id))))
}

/// Set or reject a threshold
///
/// By a supervisor who is another human being than whoever proposed it.
#[utoipa::path(post, path = "/api/thresholds/{proposal}/decision", tag = "transparency", security(("session" = [])),
    params(("proposal" = String, Path, format = "uuid")), request_body = ThresholdDecision,
    responses((status = 204), InputRefusals))]
pub(crate) async fn decide_threshold(
    signed: Signed,
    Id(id): Id<ThresholdProposalId>,
    Input(decision): Input<ThresholdDecision>,
) -> Result<StatusCode, Refusal> {
    signed.registry.decide_threshold(&signed.actor, id, decision.confirmed).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The thresholds that were proposed
#[utoipa::path(get, path = "/api/thresholds", tag = "transparency", security(("session" = [])),
    responses((status = 200, body = Vec<ThresholdProposal>), Refusals))]
pub(crate) async fn threshold_proposals(signed: Signed) -> Result<Json<Vec<ThresholdProposal>>, Refusal> {
    let proposals = signed.registry.threshold_proposals(&signed.actor).await?;
    let shown = proposals.into_iter().map(|one| ThresholdProposal {
        id: one.id.to_string(),
        proposed: one.proposed.into(),
        state: one.state.into(),
        proposed_at: time(one.proposed_at),
        decided_at: one.decided_at.map(time),
    });
    Ok(Json(shown.collect()))
}
