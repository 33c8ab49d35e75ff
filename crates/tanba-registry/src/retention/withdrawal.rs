//! A consent is taken back: use ends at once, and the same executor deletes what was given by it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::Row;
use tanba_law::{Modality, Text};

use super::block::{Gone, note_block};
use crate::actor::Actor;
use crate::error::{RegistryError, Result};
use crate::follow_up::{DECISION_OF_AGE, settle};
use crate::ids::PersonId;
use crate::journal::Entry;
use crate::law::LawBook;
use crate::law_keeping::WithdrawalRule;
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;

/// What a person takes away who took a consent back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentWithdrawal {
    /// When.
    pub withdrawn_at: Instant,
    /// Where it stands in the log.
    pub log_seq: u64,
    /// Log entries of the erasures; with their inclusion proofs they are the proof of deletion.
    pub erased: Vec<u64>,
    /// Whether documents that were issued with the prints stay valid.
    pub document_stays: bool,
    /// In the law's words.
    pub text: Text,
}

impl Registry {
    /// The signed-in person takes back the consent to have the own prints registered. From its return on no search finds them, and
    /// everything that was given by the consent is erased.
    ///
    /// # Errors
    /// Denied, and logged, where the law made the registration a duty, or does not say what follows; not found where nothing is
    /// registered by a consent.
    pub async fn withdraw_consent(&self, actor: &Actor) -> Result<ConsentWithdrawal> {
        let (person, records) = self.own_records(actor).await?;
        let today = self.today();
        let mut voluntary = Vec::new();
        let mut duty = None;
        for record in &records {
            let found = sqlx::query(
                "SELECT e.id, e.category, e.pack_hash, e.clause, EXISTS (SELECT 1 FROM consents c WHERE c.encounter_id = e.id \
                 AND c.kind IN ('subject_consent', 'guardian_consent') AND c.withdrawn_at IS NULL) AS consented, \
                 EXISTS (SELECT 1 FROM registrations r WHERE r.encounter_id = e.id AND r.state <> 'withdrawn') AS registered \
                 FROM encounters e WHERE e.person_id = $1 ORDER BY e.id",
            )
            .bind(record.to_string())
            .fetch_all(&self.inner.pool)
            .await?;
            for row in &found {
                let category: String = row.try_get("category")?;
                if category == "may" && row.try_get::<i64, _>("consented")? == 1 {
                    voluntary.push(row.try_get::<String, _>("id")?);
                } else if category == "must" && row.try_get::<i64, _>("registered")? == 1 {
                    duty = Some((row.try_get::<String, _>("pack_hash")?, row.try_get::<String, _>("clause")?));
                }
            }
        }
        if voluntary.is_empty() {
            let Some((hash, clause)) = duty else { return Err(RegistryError::NotFound { what: "consent" }) };
            let denial = Entry::denial("withdrawal.denied", Some(actor)).purpose("rights_of_the_person").about(person);
            let denial = denial.law(&hash, &clause);
            return self.deny_by_law(denial, "registration_is_a_duty", &clause, &duty_text(), Vec::new()).await;
        }
        let law = self.inner.law();
        let Some(rule) = law.withdrawal(Modality::Fingerprint, today) else {
            return self.withdrawal_not_known(actor, person, law.prints_hash(today)).await;
        };
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        for encounter in &voluntary {
            sqlx::query("UPDATE consents SET withdrawn_at = $1 WHERE encounter_id = $2 AND kind IN ('subject_consent', 'guardian_consent') AND withdrawn_at IS NULL")
                .bind(now.micros())
                .bind(encounter)
                .execute(tx.sql())
                .await?;
            let blocked =
                sqlx::query("UPDATE registrations SET state = 'blocked' WHERE encounter_id = $1 AND state = 'active'")
                    .bind(encounter)
                    .execute(tx.sql())
                    .await?;
            if blocked.rows_affected() > 0 {
                note_block(tx.sql(), encounter, "consent_withdrawn", now.micros()).await?;
            }
        }
        for record in &records {
            settle(tx.sql(), *record, DECISION_OF_AGE, "withdrawn", now).await?;
        }
        let gone = voluntary.iter().map(|id| rows::parse_id(id).map(Gone::Encounter)).collect::<Result<Vec<_>>>()?;
        self.end_withdrawal(tx, (actor, person), (&law, rule), "encounters", (&voluntary, &gone)).await
    }

    /// The signed-in person takes back the consent to have the own genomic profile kept: as a relative of somebody who is missing. From its
    /// return on no search finds it; the profile's keys are destroyed, and the laboratory is told to destroy the material.
    ///
    /// # Errors
    /// Denied, and logged, where the law does not say what follows; not found where no profile is kept by a consent.
    pub async fn withdraw_genomic_consent(&self, actor: &Actor) -> Result<ConsentWithdrawal> {
        let (person, records) = self.own_records(actor).await?;
        let law = self.inner.law();
        let given = self.given_by_consent(&records).await?;
        if given.is_empty() {
            return Err(RegistryError::NotFound { what: "consent" });
        }
        let Some(rule) = law.withdrawal(Modality::Genomic, self.today()) else {
            return self.withdrawal_not_known(actor, person, String::new()).await;
        };
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        for specimen in &given {
            sqlx::query("UPDATE specimens SET consent_withdrawn_at = $1, state = 'blocked' WHERE id = $2 AND consent_withdrawn_at IS NULL")
                .bind(now.micros())
                .bind(specimen)
                .execute(tx.sql())
                .await?;
            note_block(tx.sql(), specimen, "consent_withdrawn", now.micros()).await?;
        }
        let gone = given.iter().map(|id| rows::parse_id(id).map(Gone::Specimen)).collect::<Result<Vec<_>>>()?;
        self.end_withdrawal(tx, (actor, person), (&law, rule), "specimens", (&given, &gone)).await
    }

    /// Writes a withdrawal down, takes what it ends out of the searches, and erases it.
    async fn end_withdrawal(
        &self,
        tx: WriteTx<'_>,
        (actor, person): (&Actor, PersonId),
        (law, rule): (&LawBook, WithdrawalRule),
        of: &str,
        (ids, gone): (&[String], &[Gone]),
    ) -> Result<ConsentWithdrawal> {
        let withdrawn_at = tx.now();
        let entry = Entry::effect("consent.withdrawn", actor)
            .purpose("rights_of_the_person")
            .law(&rule.pack_hash, "withdrawal")
            .about(person)
            .details(json!({of: ids, "delete_within": rule.delete_within, "assumed": rule.assumed}));
        let log_seq = tx.commit(&entry).await?;
        self.out_of_searches(gone).await;
        let erased = self.erase_withdrawn(law, ids).await?;
        Ok(ConsentWithdrawal { withdrawn_at, log_seq, erased, document_stays: rule.document_stays, text: rule.text })
    }

    /// Specimens of somebody's records that are kept because the law let the person choose.
    pub(crate) async fn given_by_consent(&self, records: &BTreeSet<PersonId>) -> Result<Vec<String>> {
        let law = self.inner.law();
        let mut given = Vec::new();
        for record in records {
            let found = sqlx::query(
                "SELECT id, pack, clause FROM specimens WHERE person_id = $1 AND state <> 'withdrawn' AND consent_withdrawn_at IS NULL ORDER BY id",
            )
            .bind(record.to_string())
            .fetch_all(&self.inner.pool)
            .await?;
            for row in &found {
                if law.by_choice(&row.try_get::<String, _>("pack")?, &row.try_get::<String, _>("clause")?) {
                    given.push(row.try_get::<String, _>("id")?);
                }
            }
        }
        Ok(given)
    }

    /// Erases what was given by a consent that was taken back; the log entries of the erasures.
    async fn erase_withdrawn(&self, law: &LawBook, owners: &[String]) -> Result<Vec<u64>> {
        let (mut due, mut undecided) = (Vec::new(), Vec::new());
        let mut sql = self.inner.pool.acquire().await?;
        for owner in owners {
            if let Some(held) = self.held_of(&mut sql, owner).await? {
                due.extend(self.steps_of(&mut sql, law, &held, &mut undecided).await?);
            }
        }
        drop(sql);
        let plan = self.store_plan(due, undecided).await?;
        // Where this is interrupted, the next run of the service goes on; the law gives it time.
        self.carry_out_plans().await?;
        let erased = sqlx::query(
            "SELECT log_seq FROM deletion_steps WHERE plan_id = $1 AND action = 'erase' AND outcome = 'done' ORDER BY place",
        )
        .bind(plan.id.to_string())
        .fetch_all(&self.inner.pool)
        .await?;
        erased.iter().map(|row| rows::number(row, "log_seq")).collect()
    }

    async fn withdrawal_not_known<T>(&self, actor: &Actor, person: PersonId, hash: String) -> Result<T> {
        let denial = Entry::denial("withdrawal.denied", Some(actor)).purpose("rights_of_the_person").about(person);
        let denial = denial.law(&hash, "withdrawal");
        self.deny_by_law(denial, "withdrawal_not_known", "withdrawal", &not_known_text(), Vec::new()).await
    }
}

/// The registry's own words, whatever the pack says.
fn duty_text() -> Text {
    Text::new(
        "Бұл тіркеу заң бойынша міндет болды: оған келісім берілмеген, сондықтан қайтарып алынбайды. Түзетуді немесе жоюды сұрай аласыз.",
        "Эта регистрация была обязанностью по закону: согласие не давалось, и отозвать его нельзя. Вы можете просить об исправлении или удалении.",
        "This registration was a duty by law: no consent was given, and none can be taken back. You may ask for a correction or for deletion.",
    )
}

fn not_known_text() -> Text {
    Text::new(
        "Келісімді қайтарып алғаннан кейін не болатынын заң айтпайды немесе ол оқылмады: заңгер шешеді.",
        "Закон не говорит, что следует за отзывом согласия, или это не прочитано: решает юрист.",
        "The law does not say what follows when a consent is taken back, or it could not be read: a lawyer decides.",
    )
}
