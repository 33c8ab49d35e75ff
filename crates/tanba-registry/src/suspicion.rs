//! Two registered persons whom an officer takes to be one, as when a document is printed and a second number turns up: the
//! prints decide, not the officer. They go to two examiners like any candidate; both registrations stay as they are.

use serde_json::json;
use sqlx::{Row, SqliteConnection};

use crate::actor::Actor;
use crate::capture::registered_encounter;
use crate::completion::insert_search;
use crate::error::{RegistryError, Result};
use crate::ids::{CandidateId, PersonId, RowId};
use crate::institutions::text;
use crate::journal::Entry;
use crate::keys::key_for_writing;
use crate::person::KnownBy;
use crate::registry::Registry;
use crate::store::WriteTx;
use crate::vault::{Domain, fresh_bytes};

impl Registry {
    /// Sends the registered prints of two persons to two examiners, because an officer takes them to be one. Nothing
    /// changes by it: "same" opens a review of both persons, "different" leaves everything as it is.
    ///
    /// # Errors
    /// Denied to whoever may not open the first person's record; not found; a conflict where one of them has no registered
    /// prints, or the two are being compared already.
    pub async fn suspect_duplicate(
        &self,
        actor: &Actor,
        person: PersonId,
        other: &KnownBy,
        reason: &str,
    ) -> Result<CandidateId> {
        text("reason", reason)?;
        self.demand_person(actor, person).await?;
        let other = self.known_by(other).await?.ok_or(RegistryError::NotFound { what: "other person" })?;
        if other == person {
            return Err(RegistryError::Invalid {
                field: "other",
                problem: "this is the same record: name the other one".to_owned(),
            });
        }
        let mut sql = self.inner.pool.acquire().await?;
        // The later registration is searched with, as it would have been if its search had found the other.
        let mut sides = Vec::new();
        for side in [person, other] {
            let (encounter, since) = match registered_encounter(&mut sql, side).await {
                Err(RegistryError::NotFound { .. }) => {
                    return Err(RegistryError::Conflict {
                        what: "one of the two has no registered prints",
                        next: "there is nothing to compare: look at both records, and propose a revision if documents show that they are one",
                    });
                }
                found => found?,
            };
            sides.push((side, encounter, since));
        }
        sides.sort_by_key(|(_, _, since)| std::cmp::Reverse(*since));
        let ((probe_person, probe, _), (reference_person, reference, _)) = (sides[0], sides[1]);
        let prints = self.prints_of(&mut sql, probe).await?;
        drop(sql);
        let (coverage, log10_lr) = self.compare_registered(reference, &prints).await?;

        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        if open_between(tx.sql(), person, other).await? {
            return Err(RegistryError::Conflict {
                what: "the prints of these two are being compared",
                next: "wait for the examiners; the finding comes as a review task",
            });
        }
        let search = insert_search(&mut tx, None, "identification", "civil", &coverage, false).await?;
        let candidate = CandidateId::fresh(now.micros(), fresh_bytes()?);
        sqlx::query("INSERT INTO candidates (id, search_id, place, encounter_id, log10_lr, state) VALUES ($1, $2, 0, $3, $4, 'open')")
            .bind(candidate.to_string())
            .bind(search.to_string())
            .bind(reference.to_string())
            .bind(log10_lr)
            .execute(tx.sql())
            .await?;
        let owner = probe.to_string();
        let key = key_for_writing(&self.inner.vault, tx.sql(), now, &owner, Domain::Identity).await?;
        let sealed = self.inner.vault.seal(
            &key,
            Domain::Identity,
            &owner,
            &format!("suspicion/{candidate}"),
            reason.as_bytes(),
        )?;
        sqlx::query("INSERT INTO suspicions (id, candidate_id, encounter_id, person_id, other_person, sealed_reason, raised_by, raised_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
            .bind(RowId::fresh(now.micros(), fresh_bytes()?).to_string())
            .bind(candidate.to_string())
            .bind(&owner)
            .bind(probe_person.to_string())
            .bind(reference_person.to_string())
            .bind(sealed)
            .bind(actor.account().to_string())
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        let entry = Entry::effect("duplicate.suspected", actor).purpose("revision").about(person).about(other);
        tx.commit(&entry.details(json!({"candidate": candidate, "search": search, "people_compared": 1}))).await?;
        Ok(candidate)
    }
}

/// Whether examiners have yet to decide on the prints of these two.
async fn open_between(sql: &mut SqliteConnection, a: PersonId, b: PersonId) -> Result<bool> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS open FROM suspicions d JOIN candidates c ON c.id = d.candidate_id WHERE c.state IN ('open', 'disputed') \
         AND ((d.person_id = $1 AND d.other_person = $2) OR (d.person_id = $2 AND d.other_person = $1))",
    )
    .bind(a.to_string())
    .bind(b.to_string())
    .fetch_one(sql)
    .await?;
    Ok(row.try_get::<i64, _>("open")? > 0)
}
