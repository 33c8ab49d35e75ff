//! A consent is taken back: use ends at once, and the same executor deletes what was given by it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::Row;
use tanba_law::{Modality, Text};

use super::block::{Gone, note_block};
use super::plan::Waits;
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

/// What a person may have erased, and what not.
#[derive(Debug, Default)]
pub(crate) struct GivenUp {
    /// Encounters whose prints were given by a consent.
    pub encounters: Vec<String>,
    /// Specimens whose profiles were.
    pub specimens: Vec<String>,
    /// Registrations that the law made a duty.
    pub duties: Vec<Duty>,
}

/// A registration that was no choice.
#[derive(Debug)]
pub(crate) struct Duty {
    pub pack_hash: String,
    pub clause: String,
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
        let given = self.given_up(&records).await?;
        if given.encounters.is_empty() {
            return self.deny_taking_back(actor, person, &given.duties).await;
        }
        let law = self.inner.law();
        let rule = self.withdrawal_rule(actor, person, &law, Modality::Fingerprint).await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let withdrawn_at = tx.now();
        let gone = self.take_back_prints(&mut tx, &given.encounters, &records).await?;
        let log_seq = self.log_withdrawal(&mut tx, (actor, person), &rule, "encounters", &given.encounters).await?;
        let erased = self.end_withdrawal(tx, &law, &given.encounters, &gone).await?;
        Ok(ConsentWithdrawal { withdrawn_at, log_seq, erased, document_stays: rule.document_stays, text: rule.text })
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
        let rule = self.withdrawal_rule(actor, person, &law, Modality::Genomic).await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let withdrawn_at = tx.now();
        let gone = take_back_profiles(&mut tx, &given).await?;
        let log_seq = self.log_withdrawal(&mut tx, (actor, person), &rule, "specimens", &given).await?;
        let erased = self.end_withdrawal(tx, &law, &given, &gone).await?;
        Ok(ConsentWithdrawal { withdrawn_at, log_seq, erased, document_stays: rule.document_stays, text: rule.text })
    }

    /// What an officer's "granted" to a request for erasure would erase: everything that was given by a consent.
    ///
    /// # Errors
    /// Denied, and logged, by the clause that made the registration a duty, and where the law does not say what follows a withdrawal; a
    /// conflict where nothing is held that could be erased.
    pub(crate) async fn may_be_given_up(
        &self,
        actor: &Actor,
        person: PersonId,
        records: &BTreeSet<PersonId>,
    ) -> Result<GivenUp> {
        let given = self.given_up(records).await?;
        if given.encounters.is_empty() && given.specimens.is_empty() {
            if given.duties.is_empty() {
                return Err(RegistryError::Conflict {
                    what: "this record holds nothing that could be erased at request",
                    next: "refuse the request and say so",
                });
            }
            return self.deny_taking_back(actor, person, &given.duties).await;
        }
        Ok(given)
    }

    /// Takes back, for the person and in the transaction of the answer, what was given by consents, and erases it; the log entries of the
    /// erasures.
    pub(crate) async fn give_up(
        &self,
        mut tx: WriteTx<'_>,
        (actor, person): (&Actor, PersonId),
        given: &GivenUp,
        records: &BTreeSet<PersonId>,
    ) -> Result<Vec<u64>> {
        let law = self.inner.law();
        let mut gone = Vec::new();
        for (modality, of, ids) in [
            (Modality::Fingerprint, "encounters", &given.encounters),
            (Modality::Genomic, "specimens", &given.specimens),
        ] {
            if ids.is_empty() {
                continue;
            }
            let Some(rule) = law.withdrawal(modality, self.today()) else {
                drop(tx);
                return self.withdrawal_not_known(actor, person, law.prints_hash(self.today())).await;
            };
            gone.extend(match modality {
                Modality::Genomic => take_back_profiles(&mut tx, ids).await?,
                _ => self.take_back_prints(&mut tx, ids, records).await?,
            });
            self.log_withdrawal(&mut tx, (actor, person), &rule, of, ids).await?;
        }
        let all: Vec<String> = given.encounters.iter().chain(&given.specimens).cloned().collect();
        self.end_withdrawal(tx, &law, &all, &gone).await
    }

    /// What of some records was given by a consent, and what the law made a duty.
    pub(crate) async fn given_up(&self, records: &BTreeSet<PersonId>) -> Result<GivenUp> {
        let mut given = GivenUp { specimens: self.given_by_consent(records).await?, ..GivenUp::default() };
        for record in records {
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
                    given.encounters.push(row.try_get("id")?);
                } else if category == "must" && row.try_get::<i64, _>("registered")? == 1 {
                    given.duties.push(Duty { pack_hash: row.try_get("pack_hash")?, clause: row.try_get("clause")? });
                }
            }
        }
        Ok(given)
    }

    async fn deny_taking_back<T>(&self, actor: &Actor, person: PersonId, duties: &[Duty]) -> Result<T> {
        let Some(Duty { pack_hash, clause }) = duties.last() else {
            return Err(RegistryError::NotFound { what: "consent" });
        };
        let denial = Entry::denial("withdrawal.denied", Some(actor)).purpose("rights_of_the_person").about(person);
        let denial = denial.law(pack_hash, clause);
        self.deny_by_law(denial, "registration_is_a_duty", clause, &duty_text(), Vec::new()).await
    }

    /// What the law says to a withdrawal.
    async fn withdrawal_rule(
        &self,
        actor: &Actor,
        person: PersonId,
        law: &LawBook,
        modality: Modality,
    ) -> Result<WithdrawalRule> {
        let today = self.today();
        match law.withdrawal(modality, today) {
            Some(rule) => Ok(rule),
            None if modality == Modality::Genomic => self.withdrawal_not_known(actor, person, String::new()).await,
            None => self.withdrawal_not_known(actor, person, law.prints_hash(today)).await,
        }
    }

    /// Ends what rests on consents to prints; what left the searches.
    async fn take_back_prints(
        &self,
        tx: &mut WriteTx<'_>,
        encounters: &[String],
        records: &BTreeSet<PersonId>,
    ) -> Result<Vec<Gone>> {
        let now = tx.now();
        for encounter in encounters {
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
        for record in records {
            settle(tx.sql(), *record, DECISION_OF_AGE, "withdrawn", now).await?;
        }
        encounters.iter().map(|id| rows::parse_id(id).map(Gone::Encounter)).collect()
    }

    async fn log_withdrawal(
        &self,
        tx: &mut WriteTx<'_>,
        (actor, person): (&Actor, PersonId),
        rule: &WithdrawalRule,
        of: &str,
        ids: &[String],
    ) -> Result<u64> {
        let entry = Entry::effect("consent.withdrawn", actor)
            .purpose("rights_of_the_person")
            .law(&rule.pack_hash, "withdrawal")
            .about(person)
            .details(json!({of: ids, "delete_within": rule.delete_within, "assumed": rule.assumed}));
        tx.log(&entry).await
    }

    /// Makes a withdrawal durable, takes what it ends out of the searches, and erases it; the log entries of the erasures.
    async fn end_withdrawal(&self, tx: WriteTx<'_>, law: &LawBook, ids: &[String], gone: &[Gone]) -> Result<Vec<u64>> {
        tx.commit_logged().await?;
        self.out_of_searches(gone).await;
        self.erase_withdrawn(law, ids).await
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
                due.extend(self.steps_of(&mut sql, law, &held, self.today(), &mut undecided).await?);
            }
        }
        drop(sql);
        let plan = self.store_plan(due, undecided, Waits::Nobody).await?;
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

/// Ends the use of profiles that were given by a consent; what left the searches.
async fn take_back_profiles(tx: &mut WriteTx<'_>, specimens: &[String]) -> Result<Vec<Gone>> {
    let now = tx.now().micros();
    for specimen in specimens {
        sqlx::query("UPDATE specimens SET consent_withdrawn_at = $1, state = 'blocked' WHERE id = $2 AND consent_withdrawn_at IS NULL")
            .bind(now)
            .bind(specimen)
            .execute(tx.sql())
            .await?;
        note_block(tx.sql(), specimen, "consent_withdrawn", now).await?;
    }
    specimens.iter().map(|id| rows::parse_id(id).map(Gone::Specimen)).collect()
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
