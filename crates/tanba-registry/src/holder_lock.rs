//! The person's own lock: while it holds, comparisons one to one are answered no, where the rule that permits them heeds it. Searches and
//! looks that a law orders go on.

use std::collections::BTreeSet;

use serde_json::json;
use sqlx::SqliteConnection;

use crate::actor::Actor;
use crate::encounter::EncounterState;
use crate::error::{RegistryError, Result};
use crate::ids::{EncounterId, PersonId, RowId};
use crate::journal::Entry;
use crate::params::FOUND_FOR_SECONDS;
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::fresh_bytes;

impl Registry {
    /// The signed-in person locks the own biometrics; since when they are locked. Locked twice is locked once.
    ///
    /// # Errors
    /// Denied, and logged, without the citizen's role.
    pub async fn lock_own_biometrics(&self, actor: &Actor) -> Result<Instant> {
        let (person, records) = self.own_records(actor).await?;
        self.set_lock(actor, person, &records, "own_page").await
    }

    /// The signed-in person takes the own lock away, and proves a second time who they are: by the password, and by the passkey where the
    /// account has one; by the national sign-in, anew, where they came by that.
    ///
    /// # Errors
    /// Denied, and logged, without the citizen's role and where the second proof fails; the account rests after too many failures.
    pub async fn release_own_lock(&self, actor: &Actor, password: &str) -> Result<()> {
        let (person, records) = self.own_records(actor).await?;
        self.demand_proof(actor, "take the own lock away", json!([person])).await?;
        if actor.is_national() {
            let denial =
                Entry::denial("biometrics.unlock_denied", Some(actor)).purpose("rights_of_the_person").about(person);
            self.demand_recognised(actor, denial).await?;
            return self.take_lock_away(actor, person, &records, "own_page").await;
        }
        let tried = self.try_password(actor.login(), password).await?;
        if tried.matches {
            return self.take_lock_away(actor, person, &records, "own_page").await;
        }
        let mut tx = WriteTx::begin(&self.inner).await?;
        tried.count_failure(&mut tx, actor.login()).await?;
        let denial =
            Entry::denial("biometrics.unlock_denied", Some(actor)).purpose("rights_of_the_person").about(person);
        let needs = vec!["the password of this account".to_owned()];
        let text = "this is not the password, so the lock stays";
        self.deny_in(tx, denial, "second_proof", "the person's own lock", text, needs).await
    }

    /// Locks the biometrics of the person who stands at the counter, at their word.
    ///
    /// # Errors
    /// Denied without the operator's role; not found at another station; a conflict where the visit is over.
    pub async fn lock_at_counter(&self, actor: &Actor, encounter: EncounterId) -> Result<Instant> {
        let (person, _) = self.visit_of(actor, encounter).await?;
        let (person, records) = self.present_and_merged(person).await?;
        self.set_lock(actor, person, &records, "counter").await
    }

    /// Takes the lock away for the person at the counter. Their paper is the first proof; the second is that their prints were found to be
    /// the registered ones in this visit.
    ///
    /// # Errors
    /// As [`Registry::lock_at_counter`]; a conflict where this visit did not end in a verification.
    pub async fn release_at_counter(&self, actor: &Actor, encounter: EncounterId) -> Result<()> {
        let (person, state) = self.visit_of(actor, encounter).await?;
        if state != EncounterState::Verified {
            return Err(RegistryError::Conflict {
                what: "the prints were not found to be the registered ones in this visit",
                next: "take the prints and compare them first: they are the second proof",
            });
        }
        let (person, records) = self.present_and_merged(person).await?;
        self.take_lock_away(actor, person, &records, "counter").await
    }

    /// Whether a person's record, or one that was merged with it, is locked.
    pub(crate) async fn is_locked(&self, person: PersonId) -> Result<bool> {
        let (_, records) = self.present_and_merged(person).await?;
        let mut sql = self.inner.pool.acquire().await?;
        Ok(locked_since(&mut sql, &records).await?.is_some())
    }

    /// Since when any of these records is locked.
    pub(crate) async fn own_lock(&self, records: &BTreeSet<PersonId>) -> Result<Option<Instant>> {
        let mut sql = self.inner.pool.acquire().await?;
        locked_since(&mut sql, records).await
    }

    async fn set_lock(
        &self,
        actor: &Actor,
        person: PersonId,
        records: &BTreeSet<PersonId>,
        by: &str,
    ) -> Result<Instant> {
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        if let Some(since) = locked_since(tx.sql(), records).await? {
            return Ok(since);
        }
        sqlx::query("INSERT INTO biometric_locks (id, person_id, locked_at, released_at) VALUES ($1, $2, $3, NULL)")
            .bind(RowId::fresh(now.micros(), fresh_bytes()?).to_string())
            .bind(person.to_string())
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        let entry = Entry::effect("biometrics.locked", actor).purpose("rights_of_the_person").about(person);
        tx.commit(&entry.details(json!({"at": by}))).await?;
        Ok(now)
    }

    async fn take_lock_away(
        &self,
        actor: &Actor,
        person: PersonId,
        records: &BTreeSet<PersonId>,
        by: &str,
    ) -> Result<()> {
        let mut tx = WriteTx::begin(&self.inner).await?;
        if locked_since(tx.sql(), records).await?.is_none() {
            return Ok(());
        }
        for record in records {
            sqlx::query("UPDATE biometric_locks SET released_at = $1 WHERE person_id = $2 AND released_at IS NULL")
                .bind(tx.now().micros())
                .bind(record.to_string())
                .execute(tx.sql())
                .await?;
        }
        let entry = Entry::effect("biometrics.unlocked", actor).purpose("rights_of_the_person").about(person);
        tx.commit(&entry.details(json!({"at": by}))).await?;
        Ok(())
    }

    /// Who stands at the counter, and how their visit ended, if it has: nobody locks or unlocks for somebody who has left.
    async fn visit_of(&self, actor: &Actor, encounter: EncounterId) -> Result<(PersonId, EncounterState)> {
        let row = self.encounter_for(actor, encounter).await?;
        let at: i64 = sqlx::query_scalar("SELECT COALESCE(closed_at, opened_at) FROM encounters WHERE id = $1")
            .bind(encounter.to_string())
            .fetch_one(&self.inner.pool)
            .await?;
        if at < self.now().plus_seconds(-FOUND_FOR_SECONDS).micros() {
            return Err(RegistryError::Conflict {
                what: "this visit is over",
                next: "open a new one for the person who stands before you",
            });
        }
        Ok((row.person, row.state))
    }
}

async fn locked_since(sql: &mut SqliteConnection, records: &BTreeSet<PersonId>) -> Result<Option<Instant>> {
    let mut since: Option<Instant> = None;
    for record in records {
        let row = sqlx::query("SELECT locked_at FROM biometric_locks WHERE person_id = $1 AND released_at IS NULL")
            .bind(record.to_string())
            .fetch_optional(&mut *sql)
            .await?;
        if let Some(row) = row {
            let at = rows::instant(&row, "locked_at")?;
            since = Some(since.map_or(at, |earlier| earlier.min(at)));
        }
    }
    Ok(since)
}
