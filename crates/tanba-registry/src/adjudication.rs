//! No match is a decision: two examiners look at prints, not at people, and neither sees the other's verdict first.

use base64::Engine as _;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{Row, SqliteConnection};
use tanba_law::{AccessAct, DataClass};

use crate::actor::{Actor, Role};
use crate::capture::{activate, live_person};
use crate::encounter::{EncounterState, close};
use crate::error::{RegistryError, Result};
use crate::ids::{CandidateId, EncounterId};
use crate::journal::Entry;
use crate::params::EXAMINERS_NEEDED;
use crate::registry::Registry;
use crate::review;
use crate::rows;
use crate::store::WriteTx;

/// An examiner's finding on a pair of print sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The prints are of one person.
    Same,
    /// They are of two.
    Different,
    /// It can't be said.
    Inconclusive,
}

impl Verdict {
    fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Different => "different",
            Self::Inconclusive => "inconclusive",
        }
    }
}

/// A candidate that waits for a judgement; no name, no score.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CandidateTask {
    /// The candidate.
    pub id: CandidateId,
    /// The encounter whose prints were searched with.
    pub encounter: EncounterId,
    /// Place among the search's candidates, from 0.
    pub place: u32,
    /// Whether this examiner has judged it.
    pub judged_by_me: bool,
}

/// One finger of a comparison.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PrintImage {
    /// Which finger.
    pub finger: tanba_formats::Finger,
    /// The image file as it was captured, base64.
    pub image: String,
}

/// The prints to be compared; nobody's name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ComparisonMaterial {
    /// The candidate.
    pub candidate: CandidateId,
    /// The prints that were searched with.
    pub probe: Vec<PrintImage>,
    /// The candidate's prints.
    pub reference: Vec<PrintImage>,
}

/// What a judgement led to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct JudgementView {
    /// `open` while another examiner's judgement is awaited; then `same`, `different`, `inconclusive` or `disputed`.
    pub state: String,
    /// The encounter's state after it.
    pub encounter_state: EncounterState,
}

struct CandidateRow {
    probe: EncounterId,
    reference: EncounterId,
    operator: String,
    state: String,
}

impl Registry {
    /// Candidates that wait for a judgement.
    ///
    /// # Errors
    /// Denied without the examiner's role.
    pub async fn candidate_tasks(&self, actor: &Actor) -> Result<Vec<CandidateTask>> {
        self.demand(actor, Role::FingerprintExaminer, "see candidates").await?;
        let found = sqlx::query(
            "SELECT c.id, c.place, s.encounter_id, (SELECT COUNT(*) FROM judgements j WHERE j.candidate_id = c.id AND j.account_id = $1) AS mine \
             FROM candidates c JOIN searches s ON s.id = c.search_id \
             WHERE c.state IN ('open', 'disputed') AND s.encounter_id IS NOT NULL ORDER BY s.searched_at, c.place LIMIT 500",
        )
        .bind(actor.account().to_string())
        .fetch_all(&self.inner.pool)
        .await?;
        found
            .iter()
            .map(|row| {
                Ok(CandidateTask {
                    id: rows::id(row, "id")?,
                    encounter: rows::id(row, "encounter_id")?,
                    place: rows::number(row, "place")?,
                    judged_by_me: row.try_get::<i64, _>("mine")? > 0,
                })
            })
            .collect()
    }

    /// The prints of a candidate and of the probe, for comparison; a look at both people.
    ///
    /// # Errors
    /// Denied to the operator of the encounter; not found where the candidate is no longer live.
    pub async fn comparison_material(&self, actor: &Actor, id: CandidateId) -> Result<ComparisonMaterial> {
        let row = self.candidate_for(actor, id).await?;
        let probe_person = self.person_now(&mut *self.inner.pool.acquire().await?, row.probe).await?;
        self.permit_registration_look(actor, "adjudication", AccessAct::Read, DataClass::BiometricImage, probe_person)
            .await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let reference_person =
            live_person(tx.sql(), row.reference).await?.ok_or(RegistryError::NotFound { what: "candidate" })?;
        let probe = self.images_of(tx.sql(), row.probe).await?;
        let reference = self.images_of(tx.sql(), row.reference).await?;
        let entry =
            Entry::look("candidate.viewed", actor).purpose("registration").about(probe_person).about(reference_person);
        tx.commit(&entry.details(json!({"candidate": id}))).await?;
        let encode = |images: Vec<(tanba_formats::Finger, Vec<u8>)>| {
            let engine = base64::engine::general_purpose::STANDARD;
            images.into_iter().map(|(finger, image)| PrintImage { finger, image: engine.encode(image) }).collect()
        };
        Ok(ComparisonMaterial { candidate: id, probe: encode(probe), reference: encode(reference) })
    }

    /// Gives a verdict. Two agreeing examiners decide; where they disagree, a third does.
    ///
    /// # Errors
    /// Denied to the operator of the encounter and to someone who judged it already under any account.
    pub async fn judge(&self, actor: &Actor, id: CandidateId, verdict: Verdict) -> Result<JudgementView> {
        let candidate = self.candidate_for(actor, id).await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        if !matches!(candidate_state(tx.sql(), id).await?.as_str(), "open" | "disputed") {
            return Err(RegistryError::Conflict {
                what: "this candidate is decided",
                next: "list the open candidates again",
            });
        }
        let judged: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM judgements j JOIN accounts a ON a.id = j.account_id WHERE j.candidate_id = $1 AND a.natural_person = $2",
        )
        .bind(id.to_string())
        .bind(&actor.natural_person)
        .fetch_one(tx.sql())
        .await?;
        if judged > 0 {
            drop(tx);
            return self.deny_judgement(actor, id, "same_examiner", "you have judged this candidate").await;
        }
        sqlx::query("INSERT INTO judgements (candidate_id, account_id, verdict, judged_at) VALUES ($1, $2, $3, $4)")
            .bind(id.to_string())
            .bind(actor.account().to_string())
            .bind(verdict.name())
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        let verdicts: Vec<String> = sqlx::query_scalar("SELECT verdict FROM judgements WHERE candidate_id = $1")
            .bind(id.to_string())
            .fetch_all(tx.sql())
            .await?;
        let state = decided(&verdicts);
        sqlx::query("UPDATE candidates SET state = $1 WHERE id = $2")
            .bind(state)
            .bind(id.to_string())
            .execute(tx.sql())
            .await?;
        let (ended, registers) = self.follow_from(&mut tx, &candidate, state).await?;
        let person = self.person_now(tx.sql(), candidate.probe).await?;
        let reference = self.person_now(tx.sql(), candidate.reference).await?;
        let entry = Entry::effect("judgement.given", actor).purpose("registration").about(person).about(reference);
        let details = json!({"candidate": id, "verdict": verdict, "state": state, "encounter": candidate.probe, "encounter_state": ended});
        tx.commit(&entry.details(details)).await?;
        if registers {
            let mut sql = self.inner.pool.acquire().await?;
            let templates = self.templates_of(&mut sql, candidate.probe).await?;
            self.enter_gallery(candidate.probe, templates)?;
        }
        Ok(JudgementView { state: state.to_owned(), encounter_state: ended })
    }

    /// What follows for the encounter once a candidate is decided: all different registers it, one same ends it.
    async fn follow_from(
        &self,
        tx: &mut WriteTx<'_>,
        candidate: &CandidateRow,
        state: &str,
    ) -> Result<(EncounterState, bool)> {
        let now = tx.now().micros();
        if state == "same" {
            close(tx.sql(), candidate.probe, "duplicate", now).await?;
            review::open(tx, "duplicate_registration", "encounter", &candidate.probe.to_string(), None).await?;
            return Ok((EncounterState::Duplicate, false));
        }
        if state == "inconclusive" {
            // Examiners have said what prints can say; without this the encounter would wait for nobody.
            review::open(tx, "inconclusive_comparison", "encounter", &candidate.probe.to_string(), None).await?;
        }
        let left: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM candidates c JOIN searches s ON s.id = c.search_id WHERE s.encounter_id = $1 AND c.state <> 'different'",
        )
        .bind(candidate.probe.to_string())
        .fetch_one(tx.sql())
        .await?;
        if state != "different" || left > 0 {
            return Ok((EncounterState::Adjudication, false));
        }
        let search: String =
            sqlx::query_scalar("SELECT id FROM searches WHERE encounter_id = $1 ORDER BY searched_at DESC LIMIT 1")
                .bind(candidate.probe.to_string())
                .fetch_one(tx.sql())
                .await?;
        let row = self.load_encounter(candidate.probe).await?;
        activate(tx, &row, rows::parse_id(&search)?).await?;
        Ok((EncounterState::Registered, true))
    }

    async fn candidate_for(&self, actor: &Actor, id: CandidateId) -> Result<CandidateRow> {
        self.demand(actor, Role::FingerprintExaminer, "judge a candidate").await?;
        let row = sqlx::query(
            "SELECT c.state, c.encounter_id AS reference, s.encounter_id AS probe, a.natural_person FROM candidates c \
             JOIN searches s ON s.id = c.search_id JOIN encounters e ON e.id = s.encounter_id JOIN accounts a ON a.id = e.account_id WHERE c.id = $1",
        )
        .bind(id.to_string())
        .fetch_optional(&self.inner.pool)
        .await?
        .ok_or(RegistryError::NotFound { what: "candidate" })?;
        let candidate = CandidateRow {
            probe: rows::id(&row, "probe")?,
            reference: rows::id(&row, "reference")?,
            operator: row.try_get("natural_person")?,
            state: row.try_get("state")?,
        };
        if candidate.operator == actor.natural_person {
            let text = "whoever captured the prints does not judge them";
            return self.deny_judgement(actor, id, "own_encounter", text).await;
        }
        if !matches!(candidate.state.as_str(), "open" | "disputed") {
            return Err(RegistryError::Conflict {
                what: "this candidate is decided",
                next: "list the open candidates again",
            });
        }
        Ok(candidate)
    }

    async fn deny_judgement<T>(&self, actor: &Actor, id: CandidateId, code: &str, text: &str) -> Result<T> {
        let denial =
            Entry::denial("judgement.denied", Some(actor)).purpose("registration").details(json!({"candidate": id}));
        self.deny(denial, code, "two examiners", text, vec!["another examiner".to_owned()]).await
    }

    /// The person that an encounter is attributed to at present.
    pub(crate) async fn person_now(&self, sql: &mut SqliteConnection, id: EncounterId) -> Result<crate::ids::PersonId> {
        let person: String = sqlx::query_scalar("SELECT person_id FROM encounters WHERE id = $1")
            .bind(id.to_string())
            .fetch_one(sql)
            .await?;
        rows::parse_id(&person)
    }
}

async fn candidate_state(sql: &mut SqliteConnection, id: CandidateId) -> Result<String> {
    Ok(sqlx::query_scalar("SELECT state FROM candidates WHERE id = $1").bind(id.to_string()).fetch_one(sql).await?)
}

/// Two that agree decide; two that differ need a third; three that all differ stay disputed.
fn decided(verdicts: &[String]) -> &'static str {
    let count = |v: Verdict| verdicts.iter().filter(|x| x.as_str() == v.name()).count();
    for verdict in [Verdict::Same, Verdict::Different, Verdict::Inconclusive] {
        if count(verdict) >= EXAMINERS_NEEDED {
            return verdict.name();
        }
    }
    if verdicts.len() >= EXAMINERS_NEEDED { "disputed" } else { "open" }
}

#[cfg(test)]
mod tests {
    use super::decided;

    fn state(verdicts: &[&str]) -> &'static str {
        decided(&verdicts.iter().map(|v| (*v).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn one_examiner_decides_nothing_and_two_that_agree_do() {
        assert_eq!(state(&["same"]), "open");
        assert_eq!(state(&["same", "same"]), "same");
        assert_eq!(state(&["different", "different"]), "different");
    }

    #[test]
    fn a_third_examiner_decides_a_dispute() {
        assert_eq!(state(&["same", "different"]), "disputed");
        assert_eq!(state(&["same", "different", "different"]), "different");
        assert_eq!(state(&["same", "different", "inconclusive"]), "disputed");
    }
}
