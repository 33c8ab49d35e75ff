//! Persons are clusters of encounters, and clusters are revised: merged, split, moved, undone.
//!
//! One officer proposes a plan (which encounters move from which person to which), another applies exactly that plan.
//! Every revision can be undone by a revision of its own. What relied on the old clustering is opened for review.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::{Row, SqliteConnection};

use crate::actor::{Actor, Role};
use crate::error::{RegistryError, Result};
use crate::gallery_changes::mark_changed;
use crate::ids::{EncounterId, PersonId, RevisionId, RowId};
use crate::institutions::text;
use crate::journal::Entry;
use crate::passkeys::dual::{DualAct, DualKind};
use crate::person::{EncounterLine, PersonDocument, document_numbers_of, encounter_line};
use crate::registry::Registry;
use crate::review;
use crate::rights::is_restricted;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::fresh_bytes;

/// What is proposed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Revision {
    /// Two records are of one person: all encounters of `from` go to `into`.
    Merge {
        /// The record that ends.
        from: PersonId,
        /// The record that stays.
        into: PersonId,
    },
    /// One record is of two people: these encounters get a record of their own.
    Split {
        /// The record.
        person: PersonId,
        /// The encounters of the other human being.
        encounters: Vec<EncounterId>,
    },
    /// An encounter was attributed to the wrong record.
    Move {
        /// The encounter.
        encounter: EncounterId,
        /// The record it belongs to.
        to: PersonId,
    },
    /// An applied revision was wrong.
    Undo {
        /// The revision.
        revision: RevisionId,
    },
}

/// A revision as officers see it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RevisionView {
    /// The revision.
    pub id: RevisionId,
    /// `merge`, `split`, `move`, `undo`.
    pub kind: String,
    /// `proposed`, `applied`, `rejected`, `undone`.
    pub state: String,
    /// The encounters that move, from which person to which.
    pub moves: Vec<(EncounterId, PersonId, PersonId)>,
}

/// A proposed revision in the list of those who may apply it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RevisionTask {
    /// The revision.
    pub revision: RevisionView,
    /// When it was proposed.
    pub proposed_at: Instant,
    /// The login of whoever proposed it.
    pub proposed_by: String,
    /// Whether this officer, under any account, proposed it and so may not apply it.
    pub own: bool,
}

/// A revision with everything that the deciding officer must know.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RevisionDetail {
    /// The revision and who proposed it.
    pub task: RevisionTask,
    /// Why.
    pub reason: String,
    /// When it was decided, and by which login.
    pub decided: Option<(Instant, String)>,
    /// The revision that it undoes.
    pub undoes: Option<RevisionId>,
    /// The review that it answers.
    pub review: Option<RowId>,
    /// The encounters that move, in the order of the moves.
    pub encounters: Vec<EncounterLine>,
    /// The documents that rest on those encounters and would follow them.
    pub documents: Vec<PersonDocument>,
}

type Moves = Vec<(EncounterId, PersonId, PersonId)>;

impl Registry {
    /// Proposes a revision. Nothing moves until another officer applies it.
    ///
    /// # Errors
    /// Denied without the second officer's role; not found; a conflict where the plan is empty or can't be undone.
    pub async fn propose_revision(&self, actor: &Actor, revision: &Revision, reason: &str) -> Result<RevisionView> {
        self.propose_for(actor, revision, reason, None).await
    }

    /// Proposes a revision as the answer to a review task, which is closed when the revision is applied.
    pub(crate) async fn propose_for(
        &self,
        actor: &Actor,
        revision: &Revision,
        reason: &str,
        task: Option<RowId>,
    ) -> Result<RevisionView> {
        self.demand(actor, Role::SecondOfficer, "propose a revision of persons").await?;
        text("reason", reason)?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let (kind, undoes, moves) = plan(&mut tx, revision).await?;
        if moves.is_empty() {
            return Err(RegistryError::Conflict {
                what: "nothing would move",
                next: "check the records that you named",
            });
        }
        let id = RevisionId::fresh(now.micros(), fresh_bytes()?);
        sqlx::query("INSERT INTO cluster_revisions (id, kind, state, reason, undoes, plan_hash, proposed_by, proposed_at, decided_by, decided_at, review_id) VALUES ($1, $2, 'proposed', $3, $4, $5, $6, $7, NULL, NULL, $8)")
            .bind(id.to_string())
            .bind(kind)
            .bind(reason)
            .bind(undoes.map(|u| u.to_string()))
            .bind(plan_hash(&moves))
            .bind(actor.account().to_string())
            .bind(now.micros())
            .bind(task.map(|t| t.to_string()))
            .execute(tx.sql())
            .await?;
        for (encounter, from, to) in &moves {
            sqlx::query(
                "INSERT INTO cluster_moves (revision_id, encounter_id, from_person, to_person) VALUES ($1, $2, $3, $4)",
            )
            .bind(id.to_string())
            .bind(encounter.to_string())
            .bind(from.to_string())
            .bind(to.to_string())
            .execute(tx.sql())
            .await?;
        }
        let entry = Entry::effect("revision.proposed", actor).purpose("revision").about_all(people(&moves));
        tx.commit(&entry.details(json!({"revision": id, "kind": kind}))).await?;
        self.revision_view(id).await
    }

    /// Applies a proposed revision: exactly the plan that was proposed, by an officer who did not propose it. Where passkeys are
    /// required, both have signed it ([`Registry::begin_approval`]).
    ///
    /// # Errors
    /// Denied to the human being who proposed it, and where signatures are missing or void; a conflict where the records changed
    /// since.
    pub async fn apply_revision(&self, actor: &Actor, id: RevisionId) -> Result<RevisionView> {
        self.demand(actor, Role::SecondOfficer, "apply a revision of persons").await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let row = sqlx::query(
            "SELECT r.*, a.natural_person FROM cluster_revisions r JOIN accounts a ON a.id = r.proposed_by WHERE r.id = $1",
        )
        .bind(id.to_string())
        .fetch_optional(tx.sql())
        .await?
        .ok_or(RegistryError::NotFound { what: "revision" })?;
        let proposer: String = row.try_get("natural_person")?;
        if proposer == actor.natural_person {
            drop(tx);
            let denial =
                Entry::denial("revision.denied", Some(actor)).purpose("revision").details(json!({"revision": id}));
            return self
                .deny(
                    denial,
                    "four_eyes",
                    "dual control",
                    "whoever proposed a revision does not apply it",
                    vec!["another officer".to_owned()],
                )
                .await;
        }
        let moves = moves_of(tx.sql(), id).await?;
        if row.try_get::<String, _>("state")? != "proposed"
            || row.try_get::<Vec<u8>, _>("plan_hash")? != plan_hash(&moves)
        {
            return Err(RegistryError::Conflict {
                what: "this revision is not open for applying",
                next: "propose it again",
            });
        }
        let act = DualAct::of(DualKind::Revision, id);
        let signed = match self.approved(&mut tx, Some(actor), &act, &[&proposer]).await? {
            Ok(signed) => signed,
            Err(why) => {
                let denial =
                    Entry::denial("revision.denied", Some(actor)).purpose("revision").details(json!({"revision": id}));
                return self.deny_unapproved(tx, denial, why).await;
            }
        };
        for person in moves.iter().flat_map(|(_, from, to)| [*from, *to]) {
            if is_restricted(tx.sql(), person).await? {
                return Err(RegistryError::Conflict {
                    what: "the use of one of these records is restricted at its holder's request",
                    next: "lift the restriction with reasons, or leave the records as they are",
                });
            }
        }
        for (encounter, from, to) in &moves {
            let moved = sqlx::query("UPDATE encounters SET person_id = $1 WHERE id = $2 AND person_id = $3")
                .bind(to.to_string())
                .bind(encounter.to_string())
                .bind(from.to_string())
                .execute(tx.sql())
                .await?;
            if moved.rows_affected() == 0 {
                return Err(RegistryError::Conflict {
                    what: "the records changed since this was proposed",
                    next: "look at them again and propose a new revision",
                });
            }
            sqlx::query("UPDATE documents SET person_id = $1 WHERE encounter_id = $2")
                .bind(to.to_string())
                .bind(encounter.to_string())
                .execute(tx.sql())
                .await?;
        }
        for person in people(&moves) {
            settle_state(tx.sql(), person).await?;
            mark_changed(&mut tx, person).await?;
            let (person, revision) = (person.to_string(), id.to_string());
            review::open_between(&mut tx, "cluster_revised", ("person", &person), ("revision", &revision)).await?;
        }
        sqlx::query("UPDATE cluster_revisions SET state = 'applied', decided_by = $1, decided_at = $2 WHERE id = $3")
            .bind(actor.account().to_string())
            .bind(now.micros())
            .bind(id.to_string())
            .execute(tx.sql())
            .await?;
        if let Some(undone) = row.try_get::<Option<String>, _>("undoes")? {
            sqlx::query("UPDATE cluster_revisions SET state = 'undone' WHERE id = $1")
                .bind(undone)
                .execute(tx.sql())
                .await?;
        }
        if let Some(task) = rows::id_opt(&row, "review_id")? {
            review::close(&mut tx, actor, task, "a revision was applied").await?;
        }
        let entry = Entry::effect("revision.applied", actor).purpose("revision").about_all(people(&moves));
        tx.commit(&entry.details(json!({"revision": id, "signed": signed}))).await?;
        self.follow_soon(people(&moves)).await;
        self.revision_view(id).await
    }

    /// Turns a proposed revision down.
    ///
    /// # Errors
    /// Denied without the second officer's role; a conflict where it is not open.
    pub async fn reject_revision(&self, actor: &Actor, id: RevisionId) -> Result<RevisionView> {
        self.demand(actor, Role::SecondOfficer, "reject a revision of persons").await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now().micros();
        let done = sqlx::query("UPDATE cluster_revisions SET state = 'rejected', decided_by = $1, decided_at = $2 WHERE id = $3 AND state = 'proposed'")
            .bind(actor.account().to_string())
            .bind(now)
            .bind(id.to_string())
            .execute(tx.sql())
            .await?;
        if done.rows_affected() == 0 {
            return Err(RegistryError::Conflict { what: "this revision is not open", next: "look at its state" });
        }
        let moves = moves_of(tx.sql(), id).await?;
        for person in people(&moves) {
            // The record that a split would have filled stays empty, and so ends.
            settle_state(tx.sql(), person).await?;
        }
        let entry = Entry::effect("revision.rejected", actor).purpose("revision").about_all(people(&moves));
        tx.commit(&entry.details(json!({"revision": id}))).await?;
        self.revision_view(id).await
    }

    /// Revisions that wait to be applied or rejected, the oldest first. No person's data but ids.
    ///
    /// # Errors
    /// Denied without the second officer's role.
    pub async fn pending_revisions(&self, actor: &Actor) -> Result<Vec<RevisionTask>> {
        self.demand(actor, Role::SecondOfficer, "see proposed revisions").await?;
        let mut sql = self.inner.pool.acquire().await?;
        let found = sqlx::query(
            "SELECT r.*, a.login, a.natural_person FROM cluster_revisions r JOIN accounts a ON a.id = r.proposed_by \
             WHERE r.state = 'proposed' ORDER BY r.proposed_at, r.id LIMIT 200",
        )
        .fetch_all(&mut *sql)
        .await?;
        let mut tasks = Vec::with_capacity(found.len());
        for row in &found {
            tasks.push(revision_task(&mut sql, row, actor).await?);
        }
        Ok(tasks)
    }

    /// A revision with its reason, the encounters that move and the documents that rest on them; the look is logged.
    ///
    /// # Errors
    /// Denied without the second officer's role; not found.
    pub async fn revision(&self, actor: &Actor, id: RevisionId) -> Result<RevisionDetail> {
        self.demand(actor, Role::SecondOfficer, "see a revision of persons").await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let row = sqlx::query(
            "SELECT r.*, a.login, a.natural_person, d.login AS decided_login FROM cluster_revisions r \
             JOIN accounts a ON a.id = r.proposed_by LEFT JOIN accounts d ON d.id = r.decided_by WHERE r.id = $1",
        )
        .bind(id.to_string())
        .fetch_optional(tx.sql())
        .await?
        .ok_or(RegistryError::NotFound { what: "revision" })?;
        let task = revision_task(tx.sql(), &row, actor).await?;
        let moves = &task.revision.moves;
        let mut encounters = Vec::with_capacity(moves.len());
        let mut documents = Vec::new();
        for (encounter, ..) in moves {
            encounters.push(encounter_line(tx.sql(), *encounter).await?);
        }
        for person in people(moves) {
            let held = document_numbers_of(&self.inner.vault, tx.sql(), person).await?;
            documents.extend(held.into_iter().filter(|d| moves.iter().any(|(e, ..)| *e == d.encounter)));
        }
        let decided_at = rows::instant_opt(&row, "decided_at")?;
        let entry = Entry::look("revision.viewed", actor).purpose("revision").about_all(people(moves));
        tx.commit(&entry.details(json!({"revision": id}))).await?;
        Ok(RevisionDetail {
            reason: row.try_get("reason")?,
            decided: decided_at.zip(row.try_get("decided_login")?),
            undoes: rows::id_opt(&row, "undoes")?,
            review: rows::id_opt(&row, "review_id")?,
            task,
            encounters,
            documents,
        })
    }

    async fn revision_view(&self, id: RevisionId) -> Result<RevisionView> {
        let mut sql = self.inner.pool.acquire().await?;
        let row = sqlx::query("SELECT kind, state FROM cluster_revisions WHERE id = $1")
            .bind(id.to_string())
            .fetch_one(&mut *sql)
            .await?;
        Ok(RevisionView {
            id,
            kind: row.try_get("kind")?,
            state: row.try_get("state")?,
            moves: moves_of(&mut sql, id).await?,
        })
    }
}

/// Revisions that move encounters to or from a person, newest first.
pub(crate) async fn revisions_of(
    sql: &mut SqliteConnection,
    actor: &Actor,
    person: PersonId,
) -> Result<Vec<RevisionTask>> {
    let found = sqlx::query(
        "SELECT r.*, a.login, a.natural_person FROM cluster_revisions r JOIN accounts a ON a.id = r.proposed_by \
         WHERE r.id IN (SELECT revision_id FROM cluster_moves WHERE from_person = $1 OR to_person = $1) ORDER BY r.proposed_at DESC",
    )
    .bind(person.to_string())
    .fetch_all(&mut *sql)
    .await?;
    let mut tasks = Vec::with_capacity(found.len());
    for row in &found {
        tasks.push(revision_task(sql, row, actor).await?);
    }
    Ok(tasks)
}

/// A row as a task for an officer.
async fn revision_task(
    sql: &mut SqliteConnection,
    row: &sqlx::sqlite::SqliteRow,
    actor: &Actor,
) -> Result<RevisionTask> {
    let id = rows::id(row, "id")?;
    Ok(RevisionTask {
        revision: RevisionView {
            id,
            kind: row.try_get("kind")?,
            state: row.try_get("state")?,
            moves: moves_of(sql, id).await?,
        },
        proposed_at: rows::instant(row, "proposed_at")?,
        proposed_by: row.try_get("login")?,
        own: row.try_get::<String, _>("natural_person")? == actor.natural_person,
    })
}

/// Turns a proposal into the moves that it means now.
async fn plan(tx: &mut WriteTx<'_>, revision: &Revision) -> Result<(&'static str, Option<RevisionId>, Moves)> {
    match revision {
        Revision::Merge { from, into } => {
            if from == into {
                return Err(RegistryError::Invalid { field: "into", problem: "name two different records".to_owned() });
            }
            demand_person(tx.sql(), *into).await?;
            let moves = encounters_of(tx.sql(), *from).await?.into_iter().map(|e| (e, *from, *into)).collect();
            Ok(("merge", None, moves))
        }
        Revision::Split { person, encounters } => {
            let all: BTreeSet<EncounterId> = encounters_of(tx.sql(), *person).await?.into_iter().collect();
            let chosen: BTreeSet<EncounterId> = encounters.iter().copied().collect();
            if chosen.is_empty() || !chosen.is_subset(&all) || chosen == all {
                return Err(RegistryError::Invalid {
                    field: "encounters",
                    problem: "name some, but not all, encounters of this record".to_owned(),
                });
            }
            let now = tx.now().micros();
            let fresh = PersonId::fresh(now, fresh_bytes()?);
            sqlx::query("INSERT INTO persons (id, state, created_at) VALUES ($1, 'provisional', $2)")
                .bind(fresh.to_string())
                .bind(now)
                .execute(tx.sql())
                .await?;
            Ok(("split", None, chosen.into_iter().map(|e| (e, *person, fresh)).collect()))
        }
        Revision::Move { encounter, to } => {
            demand_person(tx.sql(), *to).await?;
            let from: Option<String> = sqlx::query_scalar("SELECT person_id FROM encounters WHERE id = $1")
                .bind(encounter.to_string())
                .fetch_optional(tx.sql())
                .await?;
            let from: PersonId = rows::parse_id(&from.ok_or(RegistryError::NotFound { what: "encounter" })?)?;
            Ok(("move", None, if from == *to { Vec::new() } else { vec![(*encounter, from, *to)] }))
        }
        Revision::Undo { revision } => {
            let state: Option<String> = sqlx::query_scalar("SELECT state FROM cluster_revisions WHERE id = $1")
                .bind(revision.to_string())
                .fetch_optional(tx.sql())
                .await?;
            if state.ok_or(RegistryError::NotFound { what: "revision" })? != "applied" {
                return Err(RegistryError::Conflict {
                    what: "only an applied revision can be undone",
                    next: "look at its state",
                });
            }
            let moves = moves_of(tx.sql(), *revision).await?;
            Ok(("undo", Some(*revision), moves.into_iter().map(|(e, from, to)| (e, to, from)).collect()))
        }
    }
}

/// A record without encounters ended by merging; one with an active registration is registered; and so on.
async fn settle_state(sql: &mut SqliteConnection, person: PersonId) -> Result<()> {
    let row = sqlx::query(
        "SELECT (SELECT COUNT(*) FROM encounters WHERE person_id = $1) AS encounters, \
         (SELECT COUNT(*) FROM encounters e JOIN registrations r ON r.encounter_id = e.id WHERE e.person_id = $1 AND r.state = 'active') AS registrations, \
         (SELECT COUNT(*) FROM encounters WHERE person_id = $1 AND state = 'exempt') AS exemptions",
    )
    .bind(person.to_string())
    .fetch_one(&mut *sql)
    .await?;
    let state = if row.try_get::<i64, _>("encounters")? == 0 {
        "merged"
    } else if row.try_get::<i64, _>("registrations")? > 0 {
        "registered"
    } else if row.try_get::<i64, _>("exemptions")? > 0 {
        "exempt"
    } else {
        "provisional"
    };
    sqlx::query("UPDATE persons SET state = $1 WHERE id = $2 AND state <> 'blocked'")
        .bind(state)
        .bind(person.to_string())
        .execute(sql)
        .await?;
    Ok(())
}

async fn demand_person(sql: &mut SqliteConnection, person: PersonId) -> Result<()> {
    let n: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM persons WHERE id = $1 AND state <> 'merged'")
        .bind(person.to_string())
        .fetch_one(sql)
        .await?;
    if n == 0 { Err(RegistryError::NotFound { what: "person" }) } else { Ok(()) }
}

async fn encounters_of(sql: &mut SqliteConnection, person: PersonId) -> Result<Vec<EncounterId>> {
    let ids: Vec<String> = sqlx::query_scalar("SELECT id FROM encounters WHERE person_id = $1 ORDER BY id")
        .bind(person.to_string())
        .fetch_all(sql)
        .await?;
    ids.iter().map(|id| rows::parse_id(id)).collect()
}

async fn moves_of(sql: &mut SqliteConnection, id: RevisionId) -> Result<Moves> {
    let found = sqlx::query(
        "SELECT encounter_id, from_person, to_person FROM cluster_moves WHERE revision_id = $1 ORDER BY encounter_id",
    )
    .bind(id.to_string())
    .fetch_all(sql)
    .await?;
    found
        .iter()
        .map(|r| Ok((rows::id(r, "encounter_id")?, rows::id(r, "from_person")?, rows::id(r, "to_person")?)))
        .collect()
}

fn people(moves: &Moves) -> BTreeSet<PersonId> {
    moves.iter().flat_map(|(_, from, to)| [*from, *to]).collect()
}

/// What the second officer applies is what the first proposed, to the byte.
fn plan_hash(moves: &Moves) -> Vec<u8> {
    let mut hash = Sha256::new();
    for (encounter, from, to) in moves {
        hash.update(format!("{encounter} {from} {to}\n"));
    }
    hash.finalize().to_vec()
}
