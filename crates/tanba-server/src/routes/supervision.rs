//! What a supervisor acknowledges, answers and follows: changes of the law, notes, breaches of personal data.

use std::collections::BTreeMap;

use axum::Json;
use axum::http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tanba_registry::{BreachId, Instant, LawDeliveryId, RegistryError};
use utoipa::ToSchema;

use crate::input::{Asked, Id, Input};
use crate::openapi::{InputRefusals, Refusals};
use crate::problem::Refusal;
use crate::session::Signed;
use crate::wire::{AnomalyKind, BreachKind, BreachStep, LawDeliveryState, Made, Text, time};

/// What a delivery changes of one pack.
#[derive(Serialize, ToSchema)]
pub(crate) struct PackChange {
    /// The pack.
    pack: String,
    /// Its name.
    title: Text,
    /// `added`, `removed` or `changed`.
    kind: String,
    /// Every change of a pack that stays, in words.
    changes: Vec<Text>,
}

/// A change of the law that was delivered.
#[derive(Serialize, ToSchema)]
pub(crate) struct LawDelivery {
    /// The delivery.
    #[schema(format = "uuid")]
    id: String,
    /// SHA-256 over its files.
    set_hash: String,
    /// Where it stands.
    state: LawDeliveryState,
    /// When it was delivered.
    #[schema(format = "date-time")]
    delivered_at: String,
    /// Where that stands in the log.
    log_seq: u64,
    /// When it was acknowledged.
    #[schema(format = "date-time")]
    acknowledged_at: Option<String>,
    /// When it was put into use.
    #[schema(format = "date-time")]
    activated_at: Option<String>,
    /// What it means for people, in its operator's words.
    impact: Option<String>,
    /// What it changes, against the law in use; of the one that waits.
    changes: Vec<PackChange>,
    /// Files beside the packs that it changes.
    files: Vec<String>,
    /// Packs that it ends, which did not wait.
    ends: Vec<String>,
}

/// Changes of the law, the newest first
///
/// For the supervisor. What a change allows counts once it is acknowledged; what it ends has ended.
#[utoipa::path(get, path = "/api/law-deliveries", tag = "transparency", security(("session" = [])),
    responses((status = 200, body = Vec<LawDelivery>), Refusals))]
pub(crate) async fn law_deliveries(signed: Signed) -> Result<Json<Vec<LawDelivery>>, Refusal> {
    let deliveries = signed.registry.law_deliveries(&signed.actor).await?;
    let change = |change: tanba_registry::PackChange| PackChange {
        pack: change.pack,
        title: change.title.into(),
        kind: change.kind,
        changes: change.changes.into_iter().map(Text::from).collect(),
    };
    let shown = deliveries.into_iter().map(|delivery| LawDelivery {
        id: delivery.id.to_string(),
        set_hash: delivery.set_hash,
        state: delivery.state.into(),
        delivered_at: time(delivery.delivered_at),
        log_seq: delivery.log_seq,
        acknowledged_at: delivery.acknowledged_at.map(time),
        activated_at: delivery.activated_at.map(time),
        impact: delivery.impact,
        changes: delivery.changes.into_iter().map(change).collect(),
        files: delivery.files,
        ends: delivery.ends,
    });
    Ok(Json(shown.collect()))
}

/// Acknowledge a change of the law
///
/// It counts from now on.
#[utoipa::path(post, path = "/api/law-deliveries/{delivery}/acknowledgement", tag = "transparency", security(("session" = [])),
    params(("delivery" = String, Path, format = "uuid")),
    responses((status = 204, description = "It is acknowledged"), InputRefusals))]
pub(crate) async fn acknowledge_law(signed: Signed, Id(id): Id<LawDeliveryId>) -> Result<StatusCode, Refusal> {
    signed.registry.acknowledge_law(&signed.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A breach of personal data, to be reported.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewBreach {
    /// What happened, 1 to 200 characters.
    what: String,
    /// When it became known; now where not said.
    #[schema(value_type = Option<String>, format = "date-time")]
    #[serde(default)]
    known_at: Option<Timestamp>,
    /// Entries of the log about the records concerned.
    #[serde(default)]
    entries: Vec<u64>,
}

/// What was done about a breach.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewBreachStep {
    /// Which step.
    step: BreachStep,
    /// How, or why not; 1 to 200 characters.
    words: String,
}

/// A step that was taken.
#[derive(Serialize, ToSchema)]
pub(crate) struct BreachStepTaken {
    /// Which.
    step: BreachStep,
    /// In the words of whoever took it.
    words: String,
    /// By which account.
    by: String,
    /// When.
    #[schema(format = "date-time")]
    at: String,
}

/// The case of a breach.
#[derive(Serialize, ToSchema)]
pub(crate) struct Breach {
    /// The case.
    #[schema(format = "uuid")]
    id: String,
    /// Where it comes from.
    kind: BreachKind,
    /// The account that the alarm was about.
    account: Option<String>,
    /// What happened, where somebody said it.
    what: Option<String>,
    /// When it became known.
    #[schema(format = "date-time")]
    known_at: String,
    /// Until when the authority must have been told.
    #[schema(format = "date-time")]
    due_at: String,
    /// When the supervisor was told that this is late.
    #[schema(format = "date-time")]
    escalated_at: Option<String>,
    /// When it was closed.
    #[schema(format = "date-time")]
    closed_at: Option<String>,
    /// Entries of the log about the records concerned.
    entries: Vec<u64>,
    /// How many people those are about.
    people: u64,
    /// What was done, in order.
    steps: Vec<BreachStepTaken>,
}

/// Report a breach of personal data
///
/// By a supervisor or an administrator. Its clock runs from when it became known.
#[utoipa::path(post, path = "/api/breaches", tag = "transparency", security(("session" = [])),
    request_body = NewBreach, responses((status = 201, body = Made), InputRefusals))]
pub(crate) async fn open_breach(
    signed: Signed,
    Input(new): Input<NewBreach>,
) -> Result<(StatusCode, Json<Made>), Refusal> {
    let known_at = new.known_at.map(|at| Instant::from_micros(at.as_microsecond()));
    let new = tanba_registry::NewBreach { what: new.what, known_at, entries: new.entries };
    let id = signed.registry.open_breach(&signed.actor, &new).await?;
    Ok((StatusCode::CREATED, Json(Made::new(id))))
}

/// Breaches of personal data, those that are open first
///
/// For supervisors and administrators. People are named by entries of the log alone.
#[utoipa::path(get, path = "/api/breaches", tag = "transparency", security(("session" = [])),
    responses((status = 200, body = Vec<Breach>), Refusals))]
pub(crate) async fn breaches(signed: Signed) -> Result<Json<Vec<Breach>>, Refusal> {
    let cases = signed.registry.breaches(&signed.actor).await?;
    let step = |step: tanba_registry::BreachStepView| BreachStepTaken {
        step: step.step.into(),
        words: step.words,
        by: step.by,
        at: time(step.at),
    };
    let shown = cases.into_iter().map(|case| Breach {
        id: case.id.to_string(),
        kind: case.kind.into(),
        account: case.account,
        what: case.what,
        known_at: time(case.known_at),
        due_at: time(case.due_at),
        escalated_at: case.escalated_at.map(time),
        closed_at: case.closed_at.map(time),
        entries: case.entries,
        people: case.people,
        steps: case.steps.into_iter().map(step).collect(),
    });
    Ok(Json(shown.collect()))
}

/// Record what was done about a breach
///
/// Each step is taken once. Persons who were told see it on their own page.
#[utoipa::path(post, path = "/api/breaches/{breach}/steps", tag = "transparency", security(("session" = [])),
    params(("breach" = String, Path, format = "uuid")), request_body = NewBreachStep,
    responses((status = 204, description = "It is recorded"), InputRefusals))]
pub(crate) async fn take_breach_step(
    signed: Signed,
    Id(id): Id<BreachId>,
    Input(new): Input<NewBreachStep>,
) -> Result<StatusCode, Refusal> {
    signed.registry.take_breach_step(&signed.actor, id, new.step.into(), &new.words).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Over how many days.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Days {
    days: Option<u32>,
}

/// Something in the log that deserves a question.
#[derive(Serialize, ToSchema)]
pub(crate) struct Note {
    /// The rule.
    kind: AnomalyKind,
    /// Whom it is about, for the answer.
    subject: String,
    /// The note as a sentence.
    sentence: String,
    /// Places in the log, oldest first.
    entries: Vec<u64>,
}

/// How the notes of a rule were answered.
#[derive(Serialize, ToSchema)]
pub(crate) struct FalseAlarms {
    /// The rule.
    kind: AnomalyKind,
    /// With something to them.
    founded: u64,
    /// With nothing to them.
    unfounded: u64,
    /// The share of those with nothing to them.
    rate: Option<f64>,
}

/// Notes without an answer, and how the others were answered.
#[derive(Serialize, ToSchema)]
pub(crate) struct Notes {
    /// The notes.
    notes: Vec<Note>,
    /// Since the register began.
    false_alarms: Vec<FalseAlarms>,
}

/// What deserves a question
///
/// For the supervisor.
#[utoipa::path(get, path = "/api/supervision/notes", tag = "transparency", security(("session" = [])),
    params(("days" = Option<u32>, Query, description = "Over how many days, today among them, 1 to 92; 7 where not said")),
    responses((status = 200, body = Notes), Refusals))]
pub(crate) async fn notes(signed: Signed, Asked(asked): Asked<Days>) -> Result<Json<Notes>, Refusal> {
    let summary = signed.registry.oversight_summary(&signed.actor, asked.days.unwrap_or(7)).await?;
    let note = |note: tanba_registry::AnomalyNote| Note {
        kind: note.kind.into(),
        subject: note.subject(),
        sentence: note.sentence(),
        entries: note.entries,
    };
    let counts = |counts: &tanba_registry::FalseAlarms| FalseAlarms {
        kind: counts.kind.into(),
        founded: counts.founded,
        unfounded: counts.unfounded,
        rate: counts.rate(),
    };
    Ok(Json(Notes {
        false_alarms: summary.false_alarms.iter().map(counts).collect(),
        notes: summary.notes.into_iter().map(note).collect(),
    }))
}

/// What was found out about a note.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewNoteAnswer {
    /// The rule.
    kind: AnomalyKind,
    /// Whom the note is about, as it says.
    subject: String,
    /// Its entries.
    entries: Vec<u64>,
    /// Whether there was something to it.
    founded: bool,
    /// Why, 1 to 200 characters.
    reason: String,
}

/// Answer a note
///
/// It is gone until there is an entry more.
#[utoipa::path(post, path = "/api/supervision/note-answers", tag = "transparency", security(("session" = [])),
    request_body = NewNoteAnswer, responses((status = 204, description = "It is recorded"), InputRefusals))]
pub(crate) async fn answer_note(signed: Signed, Input(new): Input<NewNoteAnswer>) -> Result<StatusCode, Refusal> {
    if new.entries.is_empty() {
        let problem = "name the entries of the note, by their places in the log".to_owned();
        return Err(RegistryError::Invalid { field: "entries", problem }.into());
    }
    let new = tanba_registry::NewNoteAnswer {
        kind: new.kind.into(),
        subject: new.subject,
        entries: new.entries,
        founded: new.founded,
        reason: new.reason,
    };
    signed.registry.answer_note(&signed.actor, &new).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Statistical returns.
#[derive(Serialize, ToSchema)]
pub(crate) struct Returns {
    /// Counts by day (of UTC) and by event, as the database has them; beside events that have a row each, all effects, looks and denials.
    returns: BTreeMap<String, BTreeMap<String, u64>>,
    /// Where the published log has others: day, what, by the rows, by the log. None, in a sound register.
    #[schema(value_type = Vec<Object>)]
    differences: Vec<tanba_registry::ReturnsDifference>,
}

/// Statistical returns, held against the log
///
/// For the supervisor: what the rows count is counted again from the public log alone.
#[utoipa::path(get, path = "/api/supervision/returns", tag = "transparency", security(("session" = [])),
    responses((status = 200, body = Returns), Refusals))]
pub(crate) async fn returns(signed: Signed) -> Result<Json<Returns>, Refusal> {
    let check = signed.registry.check_returns(&signed.actor).await?;
    let returns = check.returns.into_iter().map(|(day, counts)| (day.to_string(), counts)).collect();
    Ok(Json(Returns { returns, differences: check.differences }))
}
