//! What is known of a person changes under dual control: one officer proposes with source and evidence, another applies.
//!
//! Old values stay, marked as superseded. The individual identification number is never changed: a wrong number means a wrong
//! record, and records are revised in [`crate::cluster`].

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{Row, SqliteConnection};

use crate::actor::{Actor, Role};
use crate::documents::DocumentEvent;
use crate::error::{Denial, RegistryError, Result};
use crate::gallery_changes::mark_changed;
use crate::ids::{CorrectionId, DocumentId, EncounterId, PersonId, RowId};
use crate::institutions::text;
use crate::journal::Entry;
use crate::keys::{key_for_reading, key_for_writing};
use crate::passkeys::dual::{DualAct, DualKind};
use crate::registry::Registry;
use crate::review;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::{Domain, fresh_bytes};

/// What kind of change it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CorrectionKind {
    /// The record was wrong.
    Correction,
    /// The record was right until the person took another name.
    NameChange,
    /// The person died.
    Death,
    /// The person was taken to be dead, and is not.
    DeathWithdrawn,
}

impl CorrectionKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Correction, Self::NameChange, Self::Death, Self::DeathWithdrawn];

    /// The name in the database and in forms.
    pub fn name(self) -> &'static str {
        match self {
            Self::Correction => "correction",
            Self::NameChange => "name_change",
            Self::Death => "death",
            Self::DeathWithdrawn => "death_withdrawn",
        }
    }
}

/// A change to be proposed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewCorrection {
    /// What kind of change.
    pub kind: CorrectionKind,
    /// The new values by attribute; `died` (a date) for a death, nothing for a death that is withdrawn.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
    /// Who says so: `population_register`, `document`, `court`.
    pub source: String,
    /// Which document or decision.
    pub evidence: String,
    /// Why, for the officer who decides.
    pub reason: String,
    /// From which day a new name is borne.
    #[serde(default)]
    pub valid_from: Option<Date>,
}

/// A change in a list; no value in it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CorrectionTask {
    /// The change.
    pub id: CorrectionId,
    /// Whose record.
    pub person: PersonId,
    /// What kind of change.
    pub kind: CorrectionKind,
    /// `proposed`, `applied`, `rejected`.
    pub state: String,
    /// When it was proposed.
    pub proposed_at: Instant,
    /// The login of whoever proposed it.
    pub proposed_by: String,
    /// Whether this officer, under any account, proposed it and so may not apply it.
    pub own: bool,
    /// When it was decided.
    pub decided_at: Option<Instant>,
}

/// A change with everything that the deciding officer must know.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CorrectionView {
    /// The change and who proposed it.
    pub task: CorrectionTask,
    /// Attribute by attribute: the value that was held when it was proposed, and the new one.
    pub changes: Vec<AttributeChange>,
    /// Who says so.
    pub source: String,
    /// Which document or decision.
    pub evidence: String,
    /// Why.
    pub reason: String,
    /// From which day a new name is borne.
    pub valid_from: Option<Date>,
    /// Documents in force that show what would change, or would be cancelled by a death.
    pub documents: Vec<crate::person::PersonDocument>,
}

/// One attribute before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttributeChange {
    /// The attribute.
    pub name: String,
    /// What was held; `None` where nothing was.
    pub before: Option<String>,
    /// What is proposed; `None` where the value is taken back.
    pub after: Option<String>,
}

/// The sealed part of a row.
#[derive(Serialize, Deserialize)]
struct Change {
    changes: Vec<AttributeChange>,
    source: String,
    evidence: String,
    reason: String,
    valid_from: Option<Date>,
}

/// The attribute that records a death.
const DIED: &str = "died";

/// What may be corrected; a new name is of those that are names.
const CORRECTABLE: [&str; 10] = [
    "family_name_kk",
    "given_name_kk",
    "family_name_ru",
    "given_name_ru",
    "family_name_latin",
    "given_name_latin",
    "born",
    "sex",
    "status",
    "citizenship",
];

/// Whose word a change may rest on.
const SOURCES: [&str; 3] = ["population_register", "document", "court"];

impl Registry {
    /// Proposes a change. Nothing changes until another officer applies it.
    ///
    /// # Errors
    /// Denied to whoever may not open the person's record; invalid values; a conflict where nothing would change.
    pub async fn propose_correction(
        &self,
        actor: &Actor,
        person: PersonId,
        new: &NewCorrection,
    ) -> Result<CorrectionTask> {
        self.demand_person(actor, person).await?;
        let after = checked(new, self.today())?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let holder = holder_of(tx.sql(), person).await?;
        let held = self.held(tx.sql(), person).await?;
        let changes: Vec<AttributeChange> = after
            .into_iter()
            .map(|(name, after)| AttributeChange { before: held.get(&name).cloned(), name, after })
            .filter(|change| change.before != change.after)
            .collect();
        if changes.is_empty() {
            return Err(RegistryError::Conflict {
                what: "nothing would change",
                next: "the record holds these values; give the one that is different",
            });
        }
        if let Some(died) = changes.iter().find(|c| c.name == DIED).and_then(|c| c.after.as_ref())
            && held.get("born").is_some_and(|born| died < born)
        {
            return Err(RegistryError::Invalid { field: DIED, problem: "nobody dies before their birth".to_owned() });
        }
        let id = CorrectionId::fresh(now.micros(), fresh_bytes()?);
        let change = Change {
            changes,
            source: new.source.clone(),
            evidence: new.evidence.clone(),
            reason: new.reason.clone(),
            valid_from: new.valid_from,
        };
        let owner = holder.to_string();
        let key = key_for_writing(&self.inner.vault, tx.sql(), now, &owner, Domain::Identity).await?;
        let plain = serde_json::to_vec(&change).map_err(|_| RegistryError::Damaged { what: "correction" })?;
        let sealed = self.inner.vault.seal(&key, Domain::Identity, &owner, &field(id), &plain)?;
        sqlx::query("INSERT INTO corrections (id, person_id, encounter_id, kind, state, sealed_change, proposed_by, proposed_at, decided_by, decided_at) VALUES ($1, $2, $3, $4, 'proposed', $5, $6, $7, NULL, NULL)")
            .bind(id.to_string())
            .bind(person.to_string())
            .bind(&owner)
            .bind(new.kind.name())
            .bind(sealed)
            .bind(actor.account().to_string())
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        let entry = Entry::effect("correction.proposed", actor).purpose("correction").about(person);
        tx.commit(&entry.details(json!({"correction": id, "kind": new.kind}))).await?;
        let mut sql = self.inner.pool.acquire().await?;
        task_row(&mut sql, id)
            .await?
            .map(|row| task_of(&row, actor))
            .ok_or(RegistryError::Damaged { what: "correction" })?
    }

    /// Changes that wait to be applied or rejected, the oldest first; without their values.
    ///
    /// # Errors
    /// Denied without the second officer's role.
    pub async fn pending_corrections(&self, actor: &Actor) -> Result<Vec<CorrectionTask>> {
        self.demand(actor, Role::SecondOfficer, "see proposed corrections").await?;
        let found = sqlx::query(
            "SELECT c.*, a.login, a.natural_person FROM corrections c JOIN accounts a ON a.id = c.proposed_by \
             WHERE c.state = 'proposed' ORDER BY c.proposed_at, c.id LIMIT 200",
        )
        .fetch_all(&self.inner.pool)
        .await?;
        found.iter().map(|row| task_of(row, actor)).collect()
    }

    /// A change with its values, source and evidence; the look is logged.
    ///
    /// # Errors
    /// Denied without the second officer's role; not found.
    pub async fn correction(&self, actor: &Actor, id: CorrectionId) -> Result<CorrectionView> {
        self.demand(actor, Role::SecondOfficer, "see a correction").await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let row = task_row(tx.sql(), id).await?.ok_or(RegistryError::NotFound { what: "correction" })?;
        let task = task_of(&row, actor)?;
        let change = self.open_change(tx.sql(), &row).await?;
        let documents = crate::person::document_numbers_of(&self.inner.vault, tx.sql(), task.person).await?;
        let entry = Entry::look("correction.viewed", actor).purpose("correction").about(task.person);
        tx.commit(&entry.details(json!({"correction": id}))).await?;
        Ok(CorrectionView {
            task,
            changes: change.changes,
            source: change.source,
            evidence: change.evidence,
            reason: change.reason,
            valid_from: change.valid_from,
            documents: documents.into_iter().filter(crate::person::PersonDocument::in_force).collect(),
        })
    }

    /// Applies a proposed change: exactly what was proposed, by an officer who did not propose it. Where passkeys are required, both have
    /// signed it ([`Registry::begin_approval`]). A death cancels the documents in force and opens a review.
    ///
    /// # Errors
    /// Denied to the human being who proposed it, and where signatures are missing or void; a conflict where the record changed since.
    pub async fn apply_correction(&self, actor: &Actor, id: CorrectionId) -> Result<CorrectionTask> {
        self.demand(actor, Role::SecondOfficer, "apply a correction").await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let row = task_row(tx.sql(), id).await?.ok_or(RegistryError::NotFound { what: "correction" })?;
        let task = task_of(&row, actor)?;
        if task.own {
            drop(tx);
            let denial = Entry::denial("correction.denied", Some(actor)).purpose("correction").about(task.person);
            return self
                .deny(
                    denial.details(json!({"correction": id})),
                    "four_eyes",
                    "dual control",
                    "whoever proposed a correction does not apply it",
                    vec!["another officer".to_owned()],
                )
                .await;
        }
        if task.state != "proposed" {
            return Err(RegistryError::Conflict {
                what: "this correction is decided",
                next: "look at the person's record; propose another correction if it is still wrong",
            });
        }
        let act = DualAct::of(DualKind::Correction, id);
        let proposer: String = row.try_get("natural_person")?;
        let signed = match self.approved(&mut tx, Some(actor), &act, &[&proposer]).await? {
            Ok(signed) => signed,
            Err(why) => {
                let denial = Entry::denial("correction.denied", Some(actor)).purpose("correction").about(task.person);
                return self.deny_unapproved(tx, denial.details(json!({"correction": id})), why).await;
            }
        };
        let change = self.open_change(tx.sql(), &row).await?;
        let holder: EncounterId = rows::id(&row, "encounter_id")?;
        let held = self.held(tx.sql(), task.person).await?;
        let unchanged = change.changes.iter().all(|c| held.get(&c.name) == c.before.as_ref());
        if !unchanged || self.person_now(tx.sql(), holder).await? != task.person {
            return Err(RegistryError::Conflict {
                what: "the record changed since this was proposed",
                next: "look at the record again and propose a new correction",
            });
        }
        for attribute in &change.changes {
            self.supersede(&mut tx, task.person, holder, attribute, &change).await?;
        }
        self.refresh_name_keys(&mut tx, task.person, holder).await?;
        mark_changed(&mut tx, task.person).await?;
        let mut cancelled = Vec::new();
        if task.kind == CorrectionKind::Death {
            cancelled = self.cancel_documents(&mut tx, actor, task.person).await?;
            review::open_once(&mut tx, "death_recorded", ("person", &task.person.to_string())).await?;
        }
        decide(&mut tx, actor, id, "applied").await?;
        self.order_corrections_about(&mut tx, task.person, (holder, id), &change.changes).await?;
        let names: Vec<&str> = change.changes.iter().map(|c| c.name.as_str()).collect();
        let entry = Entry::effect("correction.applied", actor).purpose("correction").about(task.person);
        let details = json!({
            "correction": id, "kind": task.kind, "attributes": names, "documents_cancelled": cancelled, "signed": signed,
        });
        tx.commit(&entry.details(details)).await?;
        self.follow_soon([task.person]).await;
        Ok(CorrectionTask { state: "applied".to_owned(), decided_at: Some(now), ..task })
    }

    /// Turns a proposed change down.
    ///
    /// # Errors
    /// Denied without the second officer's role; a conflict where it is decided.
    pub async fn reject_correction(&self, actor: &Actor, id: CorrectionId) -> Result<CorrectionTask> {
        self.demand(actor, Role::SecondOfficer, "reject a correction").await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let row = task_row(tx.sql(), id).await?.ok_or(RegistryError::NotFound { what: "correction" })?;
        let task = task_of(&row, actor)?;
        decide(&mut tx, actor, id, "rejected").await?;
        let entry = Entry::effect("correction.rejected", actor).purpose("correction").about(task.person);
        tx.commit(&entry.details(json!({"correction": id, "kind": task.kind}))).await?;
        Ok(CorrectionTask { state: "rejected".to_owned(), decided_at: Some(now), ..task })
    }

    /// The answer to whoever would open an encounter under the number of a person recorded as dead: a review, and a "no".
    pub(crate) async fn deny_dead<T>(&self, mut tx: WriteTx<'_>, actor: &Actor, person: PersonId) -> Result<T> {
        review::open_once(&mut tx, "identity_conflict", ("person", &person.to_string())).await?;
        let entry = Entry::denial("encounter.denied", Some(actor)).purpose("registration").about(person);
        let log_seq = tx.commit(&entry.details(json!({"reason": "recorded_dead"}))).await?;
        Err(RegistryError::Denied(Box::new(Denial {
            code: "recorded_dead".to_owned(),
            clause: "a death is recorded under this number".to_owned(),
            text: "the record under this number says that its holder has died: a second officer looks at it first"
                .to_owned(),
            needs: vec![
                "a second officer who reviews the conflict; if the record is wrong, the death is withdrawn there"
                    .to_owned(),
            ],
            log_seq,
            law_text: None,
            law_needs: Vec::new(),
        })))
    }

    /// What is held of a person now, by attribute.
    async fn held(&self, sql: &mut SqliteConnection, person: PersonId) -> Result<BTreeMap<String, String>> {
        // The same order as everywhere: a register's word after what was typed, the later after the earlier.
        let found = sqlx::query(
            "SELECT i.encounter_id, i.name, i.sealed_value FROM identity_attributes i JOIN encounters e ON e.id = i.encounter_id \
             WHERE e.person_id = $1 AND i.superseded_at IS NULL ORDER BY i.provisional DESC, i.recorded_at",
        )
        .bind(person.to_string())
        .fetch_all(&mut *sql)
        .await?;
        let mut held = BTreeMap::new();
        for row in &found {
            let owner: String = row.try_get("encounter_id")?;
            let name: String = row.try_get("name")?;
            if let Some(key) = key_for_reading(&self.inner.vault, &mut *sql, &owner, Domain::Identity).await? {
                let sealed: Vec<u8> = row.try_get("sealed_value")?;
                let value = self.inner.vault.open(&key, Domain::Identity, &owner, &name, &sealed)?;
                held.insert(name, String::from_utf8_lossy(&value).into_owned());
            }
        }
        Ok(held)
    }

    async fn open_change(&self, sql: &mut SqliteConnection, row: &sqlx::sqlite::SqliteRow) -> Result<Change> {
        let owner: String = row.try_get("encounter_id")?;
        let id: CorrectionId = rows::id(row, "id")?;
        let key = key_for_reading(&self.inner.vault, sql, &owner, Domain::Identity)
            .await?
            .ok_or(RegistryError::NotFound { what: "correction" })?;
        let sealed: Vec<u8> = row.try_get("sealed_change")?;
        let plain = self.inner.vault.open(&key, Domain::Identity, &owner, &field(id), &sealed)?;
        serde_json::from_slice(&plain).map_err(|_| RegistryError::Damaged { what: "correction" })
    }

    /// One attribute: the old value ends, the new one begins, both stay.
    async fn supersede(
        &self,
        tx: &mut WriteTx<'_>,
        person: PersonId,
        holder: EncounterId,
        attribute: &AttributeChange,
        change: &Change,
    ) -> Result<()> {
        let now = tx.now();
        let valid_from = change.valid_from.map(|d| d.to_string());
        sqlx::query(
            "UPDATE identity_attributes SET superseded_at = $1, valid_to = $2 WHERE name = $3 AND superseded_at IS NULL \
             AND encounter_id IN (SELECT id FROM encounters WHERE person_id = $4)",
        )
        .bind(now.micros())
        .bind(&valid_from)
        .bind(&attribute.name)
        .bind(person.to_string())
        .execute(tx.sql())
        .await?;
        let Some(value) = &attribute.after else { return Ok(()) };
        let owner = holder.to_string();
        let key = key_for_writing(&self.inner.vault, tx.sql(), now, &owner, Domain::Identity).await?;
        let sealed = self.inner.vault.seal(&key, Domain::Identity, &owner, &attribute.name, value.as_bytes())?;
        sqlx::query("INSERT INTO identity_attributes (id, encounter_id, name, sealed_value, value_blind, source, provisional, valid_from, valid_to, recorded_at, superseded_at) VALUES ($1, $2, $3, $4, NULL, $5, 0, $6, NULL, $7, NULL)")
            .bind(RowId::fresh(now.micros(), fresh_bytes()?).to_string())
            .bind(&owner)
            .bind(&attribute.name)
            .bind(sealed)
            .bind(&change.source)
            .bind(valid_from)
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        Ok(())
    }

    /// The person is found under the names borne now and those borne before.
    async fn refresh_name_keys(&self, tx: &mut WriteTx<'_>, person: PersonId, holder: EncounterId) -> Result<()> {
        let known = crate::person::attributes_of(&self.inner.vault, tx.sql(), person).await?;
        let names: Vec<_> = known.iter().map(|a| (a.name.as_str(), a.value.as_str())).collect();
        self.write_name_keys(tx.sql(), holder, &names).await
    }

    async fn cancel_documents(&self, tx: &mut WriteTx<'_>, actor: &Actor, person: PersonId) -> Result<Vec<DocumentId>> {
        let found = crate::person::document_numbers_of(&self.inner.vault, tx.sql(), person).await?;
        let mut cancelled = Vec::new();
        for document in found.iter().filter(|d| d.in_force()) {
            let id = document.document.id;
            self.move_document(tx, actor, id, DocumentEvent::Cancelled).await?;
            cancelled.push(id);
        }
        Ok(cancelled)
    }
}

/// Whether a person is recorded as dead.
pub(crate) async fn recorded_dead(sql: &mut SqliteConnection, person: PersonId) -> Result<bool> {
    let n: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM identity_attributes i JOIN encounters e ON e.id = i.encounter_id \
         WHERE e.person_id = $1 AND i.name = 'died' AND i.superseded_at IS NULL",
    )
    .bind(person.to_string())
    .fetch_one(sql)
    .await?;
    Ok(n > 0)
}

/// Corrections of a person's record, newest first, without their values.
pub(crate) async fn corrections_of(
    sql: &mut SqliteConnection,
    actor: &Actor,
    person: PersonId,
) -> Result<Vec<CorrectionTask>> {
    let found = sqlx::query(
        "SELECT c.*, a.login, a.natural_person FROM corrections c JOIN accounts a ON a.id = c.proposed_by \
         WHERE c.person_id = $1 ORDER BY c.proposed_at DESC, c.id DESC",
    )
    .bind(person.to_string())
    .fetch_all(sql)
    .await?;
    found.iter().map(|row| task_of(row, actor)).collect()
}

async fn task_row(sql: &mut SqliteConnection, id: CorrectionId) -> Result<Option<sqlx::sqlite::SqliteRow>> {
    Ok(sqlx::query(
        "SELECT c.*, a.login, a.natural_person FROM corrections c JOIN accounts a ON a.id = c.proposed_by WHERE c.id = $1",
    )
    .bind(id.to_string())
    .fetch_optional(sql)
    .await?)
}

fn task_of(row: &sqlx::sqlite::SqliteRow, actor: &Actor) -> Result<CorrectionTask> {
    let kind: String = row.try_get("kind")?;
    Ok(CorrectionTask {
        id: rows::id(row, "id")?,
        person: rows::id(row, "person_id")?,
        kind: CorrectionKind::ALL
            .into_iter()
            .find(|k| k.name() == kind)
            .ok_or(RegistryError::Damaged { what: "correction" })?,
        state: row.try_get("state")?,
        proposed_at: rows::instant(row, "proposed_at")?,
        proposed_by: row.try_get("login")?,
        own: row.try_get::<String, _>("natural_person")? == actor.natural_person,
        decided_at: rows::instant_opt(row, "decided_at")?,
    })
}

async fn decide(tx: &mut WriteTx<'_>, actor: &Actor, id: CorrectionId, state: &'static str) -> Result<()> {
    let now = tx.now().micros();
    let done = sqlx::query(
        "UPDATE corrections SET state = $1, decided_by = $2, decided_at = $3 WHERE id = $4 AND state = 'proposed'",
    )
    .bind(state)
    .bind(actor.account().to_string())
    .bind(now)
    .bind(id.to_string())
    .execute(tx.sql())
    .await?;
    if done.rows_affected() == 0 {
        return Err(RegistryError::Conflict {
            what: "this correction is decided",
            next: "look at the person's record; propose another correction if it is still wrong",
        });
    }
    Ok(())
}

/// The encounter that a person's new attributes are kept with: the latest whose keys exist and which is theirs beyond doubt.
async fn holder_of(sql: &mut SqliteConnection, person: PersonId) -> Result<EncounterId> {
    let encounter: Option<String> = sqlx::query_scalar(
        "SELECT e.id FROM encounters e JOIN data_keys k ON k.owner_id = e.id AND k.domain = 'identity' AND k.wrapped IS NOT NULL \
         WHERE e.person_id = $1 AND e.state NOT IN ('conflict', 'denied', 'duplicate') ORDER BY e.opened_at DESC LIMIT 1",
    )
    .bind(person.to_string())
    .fetch_optional(sql)
    .await?;
    let encounter = encounter.ok_or(RegistryError::Conflict {
        what: "this record holds nothing that could be corrected",
        next: "it may have been merged into another: open that one",
    })?;
    rows::parse_id(&encounter)
}

/// What is proposed, attribute by attribute, or what is wrong with it.
fn checked(new: &NewCorrection, today: Date) -> Result<BTreeMap<String, Option<String>>> {
    text("evidence", &new.evidence)?;
    text("reason", &new.reason)?;
    let invalid = |field, problem: &str| RegistryError::Invalid { field, problem: problem.to_owned() };
    if !SOURCES.contains(&new.source.as_str()) {
        return Err(invalid("source", "use population_register, document or court"));
    }
    if new.valid_from.is_some_and(|from| from > today) {
        return Err(invalid("valid_from", "a change is recorded when it holds, not before"));
    }
    let allowed: &[&str] = match new.kind {
        CorrectionKind::Correction => &CORRECTABLE,
        CorrectionKind::NameChange => &CORRECTABLE[..6],
        CorrectionKind::Death => &[DIED],
        CorrectionKind::DeathWithdrawn => &[],
    };
    if new.kind == CorrectionKind::NameChange && new.valid_from.is_none() {
        return Err(invalid("valid_from", "say from which day the new name is borne (YYYY-MM-DD)"));
    }
    if new.kind == CorrectionKind::DeathWithdrawn {
        return if new.attributes.is_empty() {
            Ok([(DIED.to_owned(), None)].into())
        } else {
            Err(invalid("attributes", "nothing but the death is withdrawn: give no values"))
        };
    }
    if new.attributes.is_empty() {
        return Err(invalid("attributes", "give at least one new value"));
    }
    let mut after = BTreeMap::new();
    for (name, value) in &new.attributes {
        if !allowed.contains(&name.as_str()) {
            return Err(invalid(
                "attributes",
                "this cannot be changed in this way; the identification number never: a wrong number means a wrong record",
            ));
        }
        text("attributes", value)?;
        let value = value.trim();
        let fits = match name.as_str() {
            "born" | DIED => value.parse::<Date>().is_ok_and(|d| d <= today && d.to_string() == value),
            "sex" => matches!(value, "male" | "female"),
            "status" | "citizenship" => crate::institutions::code("attributes", value).is_ok(),
            _ => true,
        };
        if !fits {
            return Err(invalid(
                "attributes",
                "give dates as YYYY-MM-DD and not in the future, sex as male or female, codes as the law names them",
            ));
        }
        after.insert(name.clone(), Some(value.to_owned()));
    }
    Ok(after)
}

/// What a sealed change is bound to, beside its encounter.
fn field(id: CorrectionId) -> String {
    format!("correction/{id}")
}
