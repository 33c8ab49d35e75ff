//! Setting a threshold: an administrator proposes it, on an evaluation; a supervisor, another human being, sets or rejects it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row as _, SqliteConnection};

use super::{ThresholdKind, ThresholdSetting, evaluation, held};
use crate::actor::{Actor, Role};
use crate::error::{RegistryError, Result};
use crate::ids::ThresholdProposalId;
use crate::institutions::text;
use crate::journal::{Entry, hex, open_payload};
use crate::params::{MILLION, MOST_FALSE, MOST_MISSED};
use crate::passkeys::dual::{DualAct, DualKind};
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::fresh_bytes;

/// The event of a proposal.
const PROPOSED: &str = "threshold.proposed";

/// A threshold, to be proposed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewThreshold {
    /// Of which kind of comparison.
    pub kind: ThresholdKind,
    /// log10 LR: a row of the evaluation.
    pub value: f64,
    /// The false match rate (FPIR of candidates) that it stands for, a fraction: no less than the upper limit that was measured.
    pub rate: f64,
    /// SHA-256 of the evaluation that it rests on.
    pub evaluation: String,
    /// Why, in words that are published; they name nobody.
    pub reason: String,
}

/// A threshold that was proposed, with what the evaluation says of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProposedThreshold {
    /// Of which kind of comparison.
    pub kind: ThresholdKind,
    /// log10 LR.
    pub value: f64,
    /// The size of the register that it is for; 1 where size does not count.
    pub people: u64,
    /// The false match rate that it stands for.
    pub rate: f64,
    /// What made the templates that it is for.
    pub extractor: String,
    /// What compares them.
    pub matcher: String,
    /// SHA-256 of the evaluation that it rests on.
    pub evaluation: String,
    /// Why.
    pub reason: String,
}

/// Where a proposal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThresholdState {
    /// It waits for a supervisor.
    Proposed,
    /// It was set.
    Set,
    /// It was not.
    Rejected,
}

impl ThresholdState {
    /// The name in the database and in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Set => "set",
            Self::Rejected => "rejected",
        }
    }
}

/// A proposal, as it is shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ThresholdProposalView {
    /// The proposal.
    pub id: ThresholdProposalId,
    /// What is proposed.
    pub proposed: ProposedThreshold,
    /// Where it stands.
    pub state: ThresholdState,
    /// When it was proposed.
    pub proposed_at: Instant,
    /// When it was decided.
    pub decided_at: Option<Instant>,
}

impl Registry {
    /// Proposes a threshold. Nothing changes before a supervisor sets it.
    ///
    /// # Errors
    /// Denied without the administrator's role; not found; invalid where the evaluation has no such row, or the value lies below the floor,
    /// stands for more false matches than any may, or misses too many mates.
    pub async fn propose_threshold(&self, actor: &Actor, new: &NewThreshold) -> Result<ThresholdProposalId> {
        self.demand(actor, Role::Administrator, "propose a threshold").await?;
        text("reason", &new.reason)?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let proposed = supported(tx.sql(), new).await?;
        let now = tx.now();
        let id = ThresholdProposalId::fresh(now.micros(), fresh_bytes()?);
        let body =
            serde_json::to_string(&proposed).map_err(|_| RegistryError::Damaged { what: "proposed threshold" })?;
        let details = json!({"proposal": id, "threshold": proposed});
        let log_seq = tx.log(&Entry::effect(PROPOSED, actor).details(details).states(body.as_bytes())).await?;
        sqlx::query("INSERT INTO threshold_proposals (id, body, evaluation, state, proposed_by, proposed_at, log_seq) VALUES ($1, $2, $3, 'proposed', $4, $5, $6)")
            .bind(id.to_string())
            .bind(body)
            .bind(&proposed.evaluation)
            .bind(actor.account().to_string())
            .bind(now.micros())
            .bind(i64::try_from(log_seq).unwrap_or(i64::MAX))
            .execute(tx.sql())
            .await?;
        tx.commit_logged().await?;
        Ok(id)
    }

    /// Sets the threshold that was proposed, or rejects it: by another human being than the one who proposed it. Where passkeys are
    /// required, both have signed what is set ([`Registry::begin_approval`]).
    ///
    /// # Errors
    /// Denied without the supervisor's role, to whoever proposed it, where signatures are missing or void, and where the settings or the
    /// proposal are not what they were; not found; a conflict where it is decided.
    pub async fn decide_threshold(&self, actor: &Actor, id: ThresholdProposalId, confirmed: bool) -> Result<()> {
        self.demand(actor, Role::Supervisor, "set a threshold").await?;
        let settings = self.settings().await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let row = sqlx::query(
            "SELECT p.*, a.natural_person FROM threshold_proposals p JOIN accounts a ON a.id = p.proposed_by WHERE p.id = $1",
        )
        .bind(id.to_string())
        .fetch_optional(tx.sql())
        .await?
        .ok_or(RegistryError::NotFound { what: "proposed threshold" })?;
        let view = view(&row)?;
        if view.state != ThresholdState::Proposed {
            return Err(RegistryError::Conflict {
                what: "this threshold is decided",
                next: "look at the thresholds again",
            });
        }
        let denial = || Entry::denial("threshold.denied", Some(actor)).details(json!({"proposal": id}));
        let proposer: String = row.try_get("natural_person")?;
        if proposer == actor.natural_person {
            let words = "whoever proposed a threshold does not set it";
            let need = vec!["another supervisor".to_owned()];
            return self.deny_in(tx, denial(), "four_eyes", "dual control", words, need).await;
        }
        let mut signed = Value::Null;
        if confirmed {
            let act = DualAct::of(DualKind::Threshold, id);
            signed = match self.approved(&mut tx, Some(actor), &act, &[&proposer]).await? {
                Ok(signed) => signed,
                Err(why) => return self.deny_unapproved(tx, denial(), why).await,
            };
        }
        let as_proposed = self.as_proposed(tx.sql(), &row, &proposer).await?;
        let (mut number, mut details) = (0, json!({"proposal": id, "threshold": view.proposed}));
        if confirmed {
            let Some(settings) = settings.ok().filter(|_| as_proposed) else {
                let words = "the settings, or what was proposed, were changed by hand: nothing is set on top of them";
                let need = "an administrator who restores the database, the folder `log` and the file `thresholds` from one backup";
                let need = vec![need.to_owned()];
                return self.deny_in(tx, denial(), "thresholds_changed", "dual control", words, need).await;
            };
            number = settings.len() as u64 + 1;
            let standing: Vec<String> = sqlx::query_scalar("SELECT statement FROM threshold_settings ORDER BY number")
                .fetch_all(tx.sql())
                .await?;
            if standing.len() != settings.len() {
                return Err(RegistryError::Conflict {
                    what: "another threshold was set meanwhile",
                    next: "look at the thresholds again",
                });
            }
            let setting = ThresholdSetting {
                number,
                proposed: view.proposed,
                proposal: id,
                set_at: now,
                before: standing.last().map(|statement| hex(&Sha256::digest(statement))).unwrap_or_default(),
            };
            let statement =
                serde_json::to_string(&setting).map_err(|_| RegistryError::Damaged { what: "threshold" })?;
            details = json!({"setting": setting, "signed": signed});
            let entry = Entry::effect(held::SET, actor).purpose("supervision").details(details.clone());
            let log_seq = tx.log(&entry.states(statement.as_bytes())).await?;
            self.store_setting(&mut tx, number, &statement, log_seq).await?;
        }
        let state = if confirmed { ThresholdState::Set } else { ThresholdState::Rejected };
        sqlx::query("UPDATE threshold_proposals SET state = $1, decided_by = $2, decided_at = $3 WHERE id = $4")
            .bind(state.name())
            .bind(actor.account().to_string())
            .bind(now.micros())
            .bind(id.to_string())
            .execute(tx.sql())
            .await?;
        if number == 0 {
            let entry = Entry::effect("threshold.rejected", actor).purpose("supervision");
            tx.commit(&entry.details(details)).await?;
            return Ok(());
        }
        tx.commit_logged().await?;
        self.keep_settings().await
    }

    /// Whether the row says what the entry of its proposal does: the threshold, and who proposed it.
    async fn as_proposed(&self, sql: &mut SqliteConnection, row: &SqliteRow, proposer: &str) -> Result<bool> {
        let (body, seq): (String, i64) = (row.try_get("body")?, row.try_get("log_seq")?);
        if !held::is_stated(sql, PROPOSED, seq, &body).await? {
            return Ok(false);
        }
        let entry = sqlx::query("SELECT * FROM log_entries WHERE seq = $1").bind(seq).fetch_one(sql).await?;
        let payload = open_payload(&self.inner, &entry)?;
        Ok(payload.and_then(|payload| payload.actor).is_some_and(|actor| actor.natural_person == proposer))
    }

    /// What was proposed, the newest first.
    ///
    /// # Errors
    /// Denied without the administrator's or the supervisor's role.
    pub async fn threshold_proposals(&self, actor: &Actor) -> Result<Vec<ThresholdProposalView>> {
        if !actor.has(Role::Supervisor) {
            self.demand(actor, Role::Administrator, "see proposed thresholds").await?;
        }
        let found = sqlx::query("SELECT * FROM threshold_proposals ORDER BY proposed_at DESC LIMIT 200")
            .fetch_all(&self.inner.pool)
            .await?;
        found.iter().map(view).collect()
    }
}

/// What is proposed, if the evaluation says what it must.
async fn supported(sql: &mut SqliteConnection, new: &NewThreshold) -> Result<ProposedThreshold> {
    let invalid = |field: &'static str, problem: String| Err(RegistryError::Invalid { field, problem });
    let view = evaluation::published(sql, &new.evaluation).await?;
    let evaluation = view.ok_or(RegistryError::NotFound { what: "evaluation" })?.evaluation;
    let measured = evaluation.of(new.kind);
    let Some((measured, point)) = measured.and_then(|measured| Some((measured, measured.at(new.value)?))) else {
        return invalid("value", "the evaluation has no rates for this value: choose one of its rows".to_owned());
    };
    let people = new.kind.people(measured.people);
    // Of candidates, what it comes to in a register of a million.
    let told = if people > 1 { point.threshold + (MILLION as f64 / people as f64).log10() } else { point.threshold };
    if told < new.kind.floor() {
        let floor = new.kind.floor() - told + point.threshold;
        return invalid("value", format!("no act goes below the floor, which is {floor:.2} here: choose a higher row"));
    }
    if !(new.rate > 0.0 && new.rate <= MOST_FALSE) {
        return invalid("rate", format!("give a fraction above 0 and at most {MOST_FALSE}"));
    }
    if point.false_positive.high > new.rate {
        let high = point.false_positive.high;
        return invalid(
            "rate",
            format!("the evaluation supports no less than {high:.2e} at this value, its upper limit"),
        );
    }
    if point.false_negative.value > MOST_MISSED {
        return invalid("value", "more than half of the mates are missed at this value: choose a lower row".to_owned());
    }
    Ok(ProposedThreshold {
        kind: new.kind,
        value: point.threshold,
        people,
        rate: new.rate,
        extractor: evaluation.extractor,
        matcher: evaluation.matcher,
        evaluation: new.evaluation.clone(),
        reason: new.reason.clone(),
    })
}

fn view(row: &SqliteRow) -> Result<ThresholdProposalView> {
    let damaged = || RegistryError::Damaged { what: "proposed threshold" };
    let state: String = row.try_get("state")?;
    Ok(ThresholdProposalView {
        id: rows::id(row, "id")?,
        proposed: serde_json::from_str(&row.try_get::<String, _>("body")?).map_err(|_| damaged())?,
        state: [ThresholdState::Proposed, ThresholdState::Set, ThresholdState::Rejected]
            .into_iter()
            .find(|one| one.name() == state)
            .ok_or_else(damaged)?,
        proposed_at: rows::instant(row, "proposed_at")?,
        decided_at: rows::instant_opt(row, "decided_at")?,
    })
}
