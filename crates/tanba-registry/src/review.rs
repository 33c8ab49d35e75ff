//! Tasks that a person must look at: what automation may notice but not decide.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{Row, SqliteConnection};

use crate::actor::{Actor, Role};
use crate::cluster::{Revision, RevisionView};
use crate::decision::DecidedCandidate;
use crate::error::{RegistryError, Result};
use crate::ids::{CandidateId, EncounterId, PersonId, RevisionId, RowId};
use crate::institutions::text;
use crate::journal::Entry;
use crate::person::{EncounterLine, PersonDocument, document_numbers_of, encounter_line};
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::fresh_bytes;

/// A task of review.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReviewTask {
    /// The task.
    pub id: RowId,
    /// `identity_conflict`, `duplicate_registration`, `inconclusive_comparison`, `disputed_comparison`, `cluster_revised`,
    /// `death_recorded`, `correction_requested`, `restriction_requested`, `erasure_requested`, `review_requested`, `match_overturned`,
    /// `possible_duplicate_by_name`, `prints_postponed`, `decision_of_age`.
    pub kind: String,
    /// What kind of record it is about.
    pub subject_kind: String,
    /// Which one.
    pub subject_id: String,
    /// When it was opened.
    pub opened_at: Instant,
    /// The persons that it is about at present: one, or the two who may be one.
    pub persons: Vec<PersonId>,
    /// The encounters that it is about, in the order of the persons; empty where it is about a person as a whole.
    pub encounters: Vec<EncounterId>,
}

/// A task with all that a second officer decides it by.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReviewView {
    /// The task.
    pub task: ReviewTask,
    /// When and how it was closed, if it is.
    pub closed: Option<(Instant, String)>,
    /// Each side of it.
    pub parties: Vec<ReviewParty>,
    /// What examiners found, where prints were compared.
    pub decision: Option<DecidedCandidate>,
    /// The merge that follows from the finding: which record ends, and in which it goes on.
    pub merge: Option<(PersonId, PersonId)>,
    /// The revision that was proposed for it and waits, or was applied.
    pub revision: Option<RevisionId>,
}

/// One side of a review.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReviewParty {
    /// The person.
    pub person: PersonId,
    /// The encounter in question, where it is about one.
    pub encounter: Option<EncounterLine>,
    /// The person's documents: what a finding may affect.
    pub documents: Vec<PersonDocument>,
}

impl Registry {
    /// The open tasks, oldest first.
    ///
    /// # Errors
    /// Denied without the second officer's or the supervisor's role.
    pub async fn open_reviews(&self, actor: &Actor) -> Result<Vec<ReviewTask>> {
        if !actor.has(Role::Supervisor) {
            self.demand(actor, Role::SecondOfficer, "see review tasks").await?;
        }
        let mut sql = self.inner.pool.acquire().await?;
        let found = sqlx::query("SELECT * FROM review_tasks WHERE closed_at IS NULL ORDER BY opened_at, id LIMIT 500")
            .fetch_all(&mut *sql)
            .await?;
        let mut tasks = Vec::with_capacity(found.len());
        for row in &found {
            tasks.push(task_of(&mut sql, row).await?);
        }
        Ok(tasks)
    }

    /// One task, open or closed, with both sides of it; the look is logged.
    ///
    /// # Errors
    /// Denied without the second officer's role; not found.
    pub async fn review(&self, actor: &Actor, id: RowId) -> Result<ReviewView> {
        self.demand(actor, Role::SecondOfficer, "work on a review task").await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let row = sqlx::query("SELECT * FROM review_tasks WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(tx.sql())
            .await?
            .ok_or(RegistryError::NotFound { what: "review task" })?;
        let task = task_of(tx.sql(), &row).await?;
        let closed = match rows::instant_opt(&row, "closed_at")? {
            Some(at) => Some((at, row.try_get::<Option<String>, _>("outcome")?.unwrap_or_default())),
            None => None,
        };
        let mut parties = Vec::new();
        for (place, person) in task.persons.iter().enumerate() {
            let encounter = match task.encounters.get(place) {
                Some(encounter) => Some(encounter_line(tx.sql(), *encounter).await?),
                None => None,
            };
            let documents = document_numbers_of(&self.inner.vault, tx.sql(), *person).await?;
            parties.push(ReviewParty { person: *person, encounter, documents });
        }
        let decision = match task.encounters.as_slice() {
            [probe, reference] => self.decision_between(tx.sql(), *probe, *reference).await?,
            _ => None,
        };
        let revision: Option<String> = sqlx::query_scalar(
            "SELECT id FROM cluster_revisions WHERE review_id = $1 AND state IN ('proposed', 'applied') ORDER BY proposed_at DESC LIMIT 1",
        )
        .bind(id.to_string())
        .fetch_optional(tx.sql())
        .await?;
        let revision = revision.map(|r| rows::parse_id(&r)).transpose()?;
        let merge = merge_of(&task).filter(|_| closed.is_none() && revision.is_none());
        let entry = Entry::look("review.viewed", actor).purpose("review").about_all(task.persons.iter().copied());
        tx.commit(&entry.details(json!({"task": id, "kind": task.kind}))).await?;
        Ok(ReviewView { task, closed, parties, decision, merge, revision })
    }

    /// Proposes, in one step, the merge that follows from a duplicate that examiners found. Another officer applies it, and
    /// that closes the task.
    ///
    /// # Errors
    /// Denied without the second officer's role; a conflict where the task is closed, a merge does not follow from it, or
    /// one is proposed already.
    pub async fn propose_merge(&self, actor: &Actor, id: RowId, reason: &str) -> Result<RevisionView> {
        let view = self.review(actor, id).await?;
        let Some((from, into)) = view.merge else {
            return Err(RegistryError::Conflict {
                what: "no merge follows from this task now",
                next: "look at the task: it may be closed, answered by a revision, or about one record",
            });
        };
        self.propose_for(actor, &Revision::Merge { from, into }, reason, Some(id)).await
    }

    /// Closes a task with what was found.
    ///
    /// # Errors
    /// Denied without the second officer's role; a conflict where it is closed, and where it is a person's request: that is answered.
    pub async fn close_review(&self, actor: &Actor, id: RowId, outcome: &str) -> Result<()> {
        self.demand(actor, Role::SecondOfficer, "close a review task").await?;
        text("outcome", outcome)?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let requests: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM review_tasks WHERE id = $1 AND subject_kind = 'person_request'")
                .bind(id.to_string())
                .fetch_one(tx.sql())
                .await?;
        if requests > 0 {
            return Err(RegistryError::Conflict {
                what: "this task is a request of the person concerned",
                next: "answer the request with reasons; that closes the task",
            });
        }
        if !close(&mut tx, actor, id, outcome).await? {
            return Err(RegistryError::Conflict {
                what: "this task is closed or unknown",
                next: "list the open tasks again",
            });
        }
        tx.commit(&Entry::effect("review.closed", actor).details(json!({"task": id}))).await?;
        Ok(())
    }

    /// What examiners found of the prints of two encounters, where that is decided or disputed for good.
    async fn decision_between(
        &self,
        sql: &mut SqliteConnection,
        probe: EncounterId,
        reference: EncounterId,
    ) -> Result<Option<DecidedCandidate>> {
        let candidate: Option<String> = sqlx::query_scalar(
            "SELECT c.id FROM candidates c JOIN searches s ON s.id = c.search_id LEFT JOIN suspicions d ON d.candidate_id = COALESCE(c.contests, c.id) \
             WHERE COALESCE(s.encounter_id, d.encounter_id) = $1 AND c.encounter_id = $2 AND (c.state IN ('same', 'different', 'inconclusive') \
             OR (c.state = 'disputed' AND (SELECT COUNT(*) FROM judgements j WHERE j.candidate_id = c.id) > 2)) ORDER BY s.searched_at DESC, c.id DESC LIMIT 1",
        )
        .bind(probe.to_string())
        .bind(reference.to_string())
        .fetch_optional(&mut *sql)
        .await?;
        let Some(candidate) = candidate else { return Ok(None) };
        let id: CandidateId = rows::parse_id(&candidate)?;
        let Some((row, _)) = self.candidate_row(id, "").await? else { return Ok(None) };
        self.decision(sql, &row, None).await.map(Some)
    }
}

/// Open tasks about a person or an encounter of theirs.
pub(crate) async fn about(sql: &mut SqliteConnection, person: PersonId) -> Result<Vec<ReviewTask>> {
    let found = sqlx::query(
        "SELECT * FROM review_tasks WHERE closed_at IS NULL AND (subject_id = $1 OR other_id = $1 \
         OR subject_id IN (SELECT id FROM encounters WHERE person_id = $1) OR other_id IN (SELECT id FROM encounters WHERE person_id = $1)) \
         ORDER BY opened_at, id",
    )
    .bind(person.to_string())
    .fetch_all(&mut *sql)
    .await?;
    let mut tasks = Vec::with_capacity(found.len());
    for row in &found {
        tasks.push(task_of(sql, row).await?);
    }
    Ok(tasks)
}

/// A row as a task, with the persons that it is about now.
async fn task_of(sql: &mut SqliteConnection, row: &sqlx::sqlite::SqliteRow) -> Result<ReviewTask> {
    let subject = (row.try_get::<String, _>("subject_kind")?, row.try_get::<String, _>("subject_id")?);
    let other = (row.try_get::<Option<String>, _>("other_kind")?, row.try_get::<Option<String>, _>("other_id")?);
    let mut persons: Vec<PersonId> = Vec::new();
    let mut encounters: Vec<EncounterId> = Vec::new();
    let sides = [(Some(subject.0.clone()), Some(subject.1.clone())), other];
    for (kind, id) in sides.into_iter().filter_map(|(kind, id)| kind.zip(id)) {
        match kind.as_str() {
            "encounter" => {
                let person: Option<String> = sqlx::query_scalar("SELECT person_id FROM encounters WHERE id = $1")
                    .bind(&id)
                    .fetch_optional(&mut *sql)
                    .await?;
                if let Some(person) = person {
                    persons.push(rows::parse_id(&person)?);
                    encounters.push(rows::parse_id(&id)?);
                }
            }
            "person" => persons.push(rows::parse_id(&id)?),
            "person_request" => {
                let person: Option<String> = sqlx::query_scalar("SELECT person_id FROM person_requests WHERE id = $1")
                    .bind(&id)
                    .fetch_optional(&mut *sql)
                    .await?;
                if let Some(person) = person {
                    persons.push(rows::parse_id(&person)?);
                }
            }
            _ => {}
        }
    }
    Ok(ReviewTask {
        id: rows::id(row, "id")?,
        kind: row.try_get("kind")?,
        subject_kind: subject.0,
        subject_id: subject.1,
        opened_at: rows::instant(row, "opened_at")?,
        persons,
        encounters,
    })
}

/// The merge that a found duplicate means: the record of the searched encounter goes into the one that was there before.
fn merge_of(task: &ReviewTask) -> Option<(PersonId, PersonId)> {
    match task.persons.as_slice() {
        [from, into] if task.kind == "duplicate_registration" && from != into => Some((*from, *into)),
        _ => None,
    }
}

/// Closes an open task inside the caller's change; false where it wasn't open.
pub(crate) async fn close(tx: &mut WriteTx<'_>, actor: &Actor, id: RowId, outcome: &str) -> Result<bool> {
    let now = tx.now().micros();
    let done = sqlx::query(
        "UPDATE review_tasks SET closed_at = $1, closed_by = $2, outcome = $3 WHERE id = $4 AND closed_at IS NULL",
    )
    .bind(now)
    .bind(actor.account().to_string())
    .bind(outcome)
    .bind(id.to_string())
    .execute(tx.sql())
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Opens a task inside the caller's change.
pub(crate) async fn open(
    tx: &mut WriteTx<'_>,
    kind: &'static str,
    subject_kind: &'static str,
    subject_id: &str,
    due: Option<Instant>,
) -> Result<RowId> {
    insert(tx, kind, (subject_kind, subject_id), None, due).await
}

/// Opens a task about two records.
pub(crate) async fn open_between(
    tx: &mut WriteTx<'_>,
    kind: &'static str,
    subject: (&'static str, &str),
    other: (&'static str, &str),
) -> Result<RowId> {
    insert(tx, kind, subject, Some(other), None).await
}

/// Opens a task unless one of this kind about this record is open.
pub(crate) async fn open_once(tx: &mut WriteTx<'_>, kind: &'static str, subject: (&'static str, &str)) -> Result<()> {
    let open: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM review_tasks WHERE kind = $1 AND subject_kind = $2 AND subject_id = $3 AND closed_at IS NULL",
    )
    .bind(kind)
    .bind(subject.0)
    .bind(subject.1)
    .fetch_one(tx.sql())
    .await?;
    if open == 0 {
        self::open(tx, kind, subject.0, subject.1, None).await?;
    }
    Ok(())
}

async fn insert(
    tx: &mut WriteTx<'_>,
    kind: &'static str,
    subject: (&'static str, &str),
    other: Option<(&'static str, &str)>,
    due: Option<Instant>,
) -> Result<RowId> {
    let now = tx.now();
    let id = RowId::fresh(now.micros(), fresh_bytes()?);
    sqlx::query("INSERT INTO review_tasks (id, kind, subject_kind, subject_id, opened_at, due_at, closed_at, closed_by, outcome, other_kind, other_id) VALUES ($1, $2, $3, $4, $5, $6, NULL, NULL, NULL, $7, $8)")
        .bind(id.to_string())
        .bind(kind)
        .bind(subject.0)
        .bind(subject.1)
        .bind(now.micros())
        .bind(due.map(Instant::micros))
        .bind(other.map(|o| o.0))
        .bind(other.map(|o| o.1))
        .execute(tx.sql())
        .await?;
    Ok(id)
}
