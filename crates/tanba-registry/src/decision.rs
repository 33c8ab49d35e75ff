//! Candidates that are decided: now, and not before, the score, of what it is made, and everyone's conclusion.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{Row, SqliteConnection};
use tanba_finger::{Prepared, Template};
use tanba_formats::Finger;
use tanba_gallery::fusion;

use crate::actor::{Actor, Role};
use crate::adjudication::{CandidateRow, notes_field};
use crate::error::{RegistryError, Result};
use crate::ids::CandidateId;
use crate::journal::Entry;
use crate::keys::key_for_reading;
use crate::markings::Markings;
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::Domain;
use crate::verdict::{Conclusion, parse_conclusion};

/// A decided candidate in an examiner's list.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DecidedTask {
    /// The candidate.
    pub id: CandidateId,
    /// `same`, `different`, `inconclusive`.
    pub state: String,
    /// What this examiner concluded.
    pub mine: Conclusion,
    /// When the last judgement was given.
    pub decided_at: Instant,
}

/// A decided candidate: now, and not before, the score and everyone's conclusion.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DecidedCandidate {
    /// The candidate.
    pub id: CandidateId,
    /// `same`, `different`, `inconclusive`.
    pub state: String,
    /// log10 of the likelihood ratio that the search gave, all fingers together, as far as it may be claimed.
    pub log10_lr: f64,
    /// The judgements in the order in which they were given; nobody's name.
    pub judgements: Vec<GivenJudgement>,
    /// Of what the score is made, finger by finger, as today's engine compares them; empty in a review, and where the keys of a side are
    /// gone.
    pub fingers: Vec<ScoredFinger>,
}

/// One finger of both sides, compared.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ScoredFinger {
    /// Which finger.
    pub finger: Finger,
    /// log10 of its likelihood ratio.
    pub log10_lr: f64,
    /// What each part of the comparison added.
    pub parts: Vec<ScorePart>,
}

/// A part of a comparison.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScorePart {
    /// Stable name, such as `ridge_coverage`.
    pub name: String,
    /// The part itself, in a unit of its own.
    pub value: f32,
    /// What it added, in natural log odds.
    pub log_odds: f32,
}

/// A judgement as it was given.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GivenJudgement {
    /// Whether it is the reader's own.
    pub mine: bool,
    /// The step of the scale.
    pub conclusion: Conclusion,
    /// What it rests on.
    pub notes: Option<String>,
    /// How many points the examiner had marked.
    pub marks: usize,
    /// When.
    pub judged_at: Instant,
}

impl Registry {
    /// Decided candidates that this examiner judged, the latest first.
    ///
    /// # Errors
    /// Denied without the examiner's role.
    pub async fn decided_candidates(&self, actor: &Actor) -> Result<Vec<DecidedTask>> {
        self.demand(actor, Role::FingerprintExaminer, "see decided candidates").await?;
        let found = sqlx::query(
            "SELECT c.id, c.state, j.conclusion, (SELECT MAX(o.judged_at) FROM judgements o WHERE o.candidate_id = c.id) AS decided_at \
             FROM candidates c JOIN judgements j ON j.candidate_id = c.id \
             WHERE j.account_id = $1 AND c.state IN ('same', 'different', 'inconclusive') ORDER BY decided_at DESC LIMIT 200",
        )
        .bind(actor.account().to_string())
        .fetch_all(&self.inner.pool)
        .await?;
        found
            .iter()
            .map(|row| {
                Ok(DecidedTask {
                    id: rows::id(row, "id")?,
                    state: row.try_get("state")?,
                    mine: parse_conclusion(&row.try_get::<String, _>("conclusion")?)?,
                    decided_at: rows::instant(row, "decided_at")?,
                })
            })
            .collect()
    }

    /// A decided candidate with its score and everyone's conclusion and notes; the look is logged.
    ///
    /// # Errors
    /// Denied without the examiner's role; not found where it isn't decided or this examiner did not judge it.
    pub async fn decided_candidate(&self, actor: &Actor, id: CandidateId) -> Result<DecidedCandidate> {
        self.demand(actor, Role::FingerprintExaminer, "see decided candidates").await?;
        let mine: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM candidates c JOIN judgements j ON j.candidate_id = c.id \
             WHERE c.id = $1 AND j.account_id = $2 AND c.state IN ('same', 'different', 'inconclusive')",
        )
        .bind(id.to_string())
        .bind(actor.account().to_string())
        .fetch_one(&self.inner.pool)
        .await?;
        if mine == 0 {
            return Err(RegistryError::NotFound { what: "decided candidate" });
        }
        let row = self
            .candidate_row(id, &actor.natural_person)
            .await?
            .ok_or(RegistryError::NotFound { what: "decided candidate" })?
            .0;
        // Before the transaction, which nobody else can write beside.
        let fingers = self.scored_fingers(&row).await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let reference_person = self.person_now(tx.sql(), row.reference).await?;
        let view = self.decision(tx.sql(), &row, Some(actor)).await?;
        let entry = Entry::look("decision.viewed", actor)
            .purpose("registration")
            .about(row.probe_person)
            .about(reference_person);
        tx.commit(&entry.details(json!({"candidate": id}))).await?;
        Ok(DecidedCandidate { fingers, ..view })
    }

    /// Score, conclusions and notes of a candidate, without the fingers. The caller has made sure that it is decided.
    pub(crate) async fn decision(
        &self,
        sql: &mut SqliteConnection,
        row: &CandidateRow,
        reader: Option<&Actor>,
    ) -> Result<DecidedCandidate> {
        let candidate = sqlx::query("SELECT state, log10_lr FROM candidates WHERE id = $1")
            .bind(row.id.to_string())
            .fetch_one(&mut *sql)
            .await?;
        let given = sqlx::query(
            "SELECT j.*, m.sealed_marks FROM judgements j LEFT JOIN markings m ON m.candidate_id = j.candidate_id AND m.account_id = j.account_id \
             WHERE j.candidate_id = $1 ORDER BY j.judged_at",
        )
        .bind(row.id.to_string())
        .fetch_all(&mut *sql)
        .await?;
        let owner = row.probe.to_string();
        let key = key_for_reading(&self.inner.vault, &mut *sql, &owner, Domain::Template).await?;
        let mut judgements = Vec::with_capacity(given.len());
        for judgement in &given {
            let account: String = judgement.try_get("account_id")?;
            let open = |sealed: Option<Vec<u8>>, field: String| match (&key, sealed) {
                (Some(key), Some(sealed)) => {
                    self.inner.vault.open(key, Domain::Template, &owner, &field, &sealed).map(Some)
                }
                _ => Ok(None),
            };
            let notes = open(judgement.try_get("sealed_notes")?, notes_field(row.id, &account))?;
            let marks = open(judgement.try_get("sealed_marks")?, format!("marks/{}/{account}", row.id))?;
            let marks: Option<Markings> = marks
                .map(|plain| serde_json::from_slice(&plain))
                .transpose()
                .map_err(|_| RegistryError::Damaged { what: "markings" })?;
            judgements.push(GivenJudgement {
                mine: reader.is_some_and(|r| r.account().to_string() == account),
                conclusion: parse_conclusion(&judgement.try_get::<String, _>("conclusion")?)?,
                notes: notes.map(|n| String::from_utf8_lossy(&n).into_owned()),
                marks: marks.map_or(0, |m| m.fingers.iter().map(|f| f.marks.len()).sum()),
                judged_at: rows::instant(judgement, "judged_at")?,
            });
        }
        Ok(DecidedCandidate {
            id: row.id,
            state: candidate.try_get("state")?,
            log10_lr: fusion::claimed(candidate.try_get("log10_lr")?),
            judgements,
            fingers: Vec::new(),
        })
    }

    /// The fingers that both sides have, compared, with what each part of the comparison added.
    async fn scored_fingers(&self, row: &CandidateRow) -> Result<Vec<ScoredFinger>> {
        let mut sql = self.inner.pool.acquire().await?;
        let probe = self.templates_of(&mut sql, row.probe).await?;
        let reference = self.templates_of(&mut sql, row.reference).await?;
        drop(sql);
        Self::aside(move || scored(&probe, &reference)).await
    }
}

fn scored(probe: &[(Finger, Template)], reference: &[(Finger, Template)]) -> Vec<ScoredFinger> {
    let scored = |(finger, print): &(Finger, Template)| {
        let (_, other) = reference.iter().find(|(position, _)| position == finger)?;
        let found = tanba_finger::compare(&Prepared::new(print), &Prepared::new(other));
        let part = |c: &tanba_finger::Contribution| ScorePart {
            name: c.name.to_owned(),
            value: c.value,
            log_odds: c.log_odds,
        };
        Some(ScoredFinger {
            finger: *finger,
            log10_lr: tanba_finger::calibrate::log10_lr(found.score),
            parts: found.contributions.iter().map(part).collect(),
        })
    };
    probe.iter().filter_map(scored).collect()
}
