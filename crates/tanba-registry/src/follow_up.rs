//! What is still to come after an encounter: prints that an injury postponed, and a decision that a child makes anew once the
//! law asks them and no longer a guardian. Both are review tasks about a person, and end with the act that they wait for.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{Row, SqliteConnection};
use tanba_law::Fact;

use crate::actor::Actor;
use crate::capture::still_open;
use crate::consent::{Confirmation, ConsentKind, ShownText};
use crate::consenting::NewConsentRow;
use crate::error::{RegistryError, Result};
use crate::ids::{EncounterId, PersonId};
use crate::institutions::code;
use crate::journal::Entry;
use crate::registry::Registry;
use crate::review;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;

/// The task of prints that were postponed.
pub(crate) const PRINTS_POSTPONED: &str = "prints_postponed";
/// The task of somebody for whom a guardian decided, and who decides alone now.
pub(crate) const DECISION_OF_AGE: &str = "decision_of_age";
/// Longest time for which prints are postponed at once, in years; who is not healed by then is examined again.
const POSTPONED_YEARS: i16 = 1;

/// Prints that cannot be given for now.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Postponement {
    /// What the law pack calls it, such as `hand_injury`.
    pub code: String,
    /// The day on which the person comes again.
    pub come_again: Date,
}

/// Something that a person still has before them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowUp {
    /// `prints_postponed`, `decision_of_age`.
    pub kind: String,
    /// Since when.
    pub opened_at: Instant,
    /// From when it is due, where a day was set.
    pub due_at: Option<Instant>,
}

impl Registry {
    /// Records that a person's prints cannot be given for now, and when they come again. The person stays subject to
    /// registration; the task ends when their prints are taken. Recorded again, the later day counts.
    ///
    /// # Errors
    /// Denied, and logged, where the pack knows no such postponement; invalid where the day is not one to come within a year;
    /// those of an encounter that is not this account's or not open.
    pub async fn postpone_prints(&self, actor: &Actor, id: EncounterId, new: &Postponement) -> Result<()> {
        let row = self.open_encounter_of(actor, id).await?;
        code("code", &new.code)?;
        let today = self.today();
        let latest = today.checked_add(jiff::Span::new().years(POSTPONED_YEARS)).unwrap_or(Date::MAX);
        if new.come_again <= today || new.come_again > latest {
            return Err(RegistryError::Invalid {
                field: "come_again",
                problem: "give a day to come, within a year".to_owned(),
            });
        }
        let Some((pack_hash, clause)) = self.inner.law().postponement(&row.facts, &new.code, today) else {
            let law = self.law_of(&row).await?;
            let denial = Entry::denial("exemption.denied", Some(actor))
                .purpose("registration")
                .about(row.person)
                .law(&law.pack_hash, &law.clause)
                .details(json!({"encounter": id, "code": new.code}));
            let said = "the law pack knows no such postponement for this person";
            let need = "capture the fingers that are there, and state why the others are missing".to_owned();
            return self.deny(denial, "no_such_postponement", &law.clause, said, vec![need]).await;
        };
        let mut tx = WriteTx::begin(&self.inner).await?;
        still_open(tx.sql(), id).await?;
        let due = self.inner.zone.day_begins(new.come_again);
        let person = row.person.to_string();
        let moved = sqlx::query(
            "UPDATE review_tasks SET due_at = $1 WHERE kind = $2 AND subject_kind = 'person' AND subject_id = $3 AND closed_at IS NULL",
        )
        .bind(due.micros())
        .bind(PRINTS_POSTPONED)
        .bind(&person)
        .execute(tx.sql())
        .await?;
        if moved.rows_affected() == 0 {
            review::open(&mut tx, PRINTS_POSTPONED, "person", &person, Some(due)).await?;
        }
        let entry = Entry::effect("prints.postponed", actor).purpose("registration").about(row.person);
        let details = json!({"encounter": id, "code": new.code, "come_again": new.come_again});
        tx.commit(&entry.law(&pack_hash, &clause).details(details)).await?;
        Ok(())
    }

    /// The postponements that the law pack in use knows, with its words.
    pub fn postponement_grounds(&self) -> Vec<crate::LawItem> {
        self.inner.law().postponement_grounds(self.today())
    }

    /// Opens the task of everyone for whom a guardian consented and whom the law asks themselves by now. Run daily.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn open_decisions_of_age(&self) -> Result<usize> {
        let found = sqlx::query(
            "SELECT e.id FROM encounters e JOIN registrations r ON r.encounter_id = e.id AND r.state = 'active' \
             WHERE EXISTS (SELECT 1 FROM consents c WHERE c.encounter_id = e.id AND c.kind = 'guardian_consent' AND c.withdrawn_at IS NULL) \
             AND NOT EXISTS (SELECT 1 FROM review_tasks t WHERE t.kind = $1 AND t.subject_kind = 'person' AND t.subject_id = e.person_id) \
             ORDER BY e.id",
        )
        .bind(DECISION_OF_AGE)
        .fetch_all(&self.inner.pool)
        .await?;
        let mut opened = 0;
        for row in &found {
            opened += usize::from(self.open_decision_of_age(rows::id(row, "id")?).await?);
        }
        Ok(opened)
    }

    async fn open_decision_of_age(&self, id: EncounterId) -> Result<bool> {
        let row = self.load_encounter(id).await?;
        if row.facts.is_empty() {
            // Its keys are gone, and with them what a decision could be about.
            return Ok(false);
        }
        let book = self.inner.law();
        let law = book.enrolment(&row.facts, self.today())?;
        if law.category != "may" || book.need(&law, &[Fact::GuardianConsent]).is_some() {
            return Ok(false);
        }
        let mut tx = WriteTx::begin(&self.inner).await?;
        let person = row.person.to_string();
        review::open_once(&mut tx, DECISION_OF_AGE, ("person", &person)).await?;
        let entry = Entry::system("decision_of_age.due").purpose("registration").about(row.person);
        tx.commit(&entry.law(&law.pack_hash, &law.clause).details(json!({"encounter": id}))).await?;
        Ok(true)
    }

    /// The signed-in person, for whom a guardian had consented, decides that the own prints stay registered.
    ///
    /// # Errors
    /// Denied, and logged, without the citizen's role; not found where no such decision waits.
    pub async fn decide_to_stay(&self, actor: &Actor, text: &ShownText) -> Result<()> {
        let (person, records) = self.own_records(actor).await?;
        let waiting = sqlx::query(
            "SELECT e.id, e.person_id FROM encounters e JOIN registrations r ON r.encounter_id = e.id AND r.state = 'active' \
             JOIN review_tasks t ON t.kind = $1 AND t.subject_id = e.person_id AND t.closed_at IS NULL ORDER BY e.opened_at DESC",
        )
        .bind(DECISION_OF_AGE)
        .fetch_all(&self.inner.pool)
        .await?;
        let mut encounter = None;
        for row in &waiting {
            let of: PersonId = rows::id(row, "person_id")?;
            if of == person || records.contains(&of) {
                encounter = Some(rows::id::<EncounterId>(row, "id")?);
                break;
            }
        }
        let id = encounter.ok_or(RegistryError::NotFound { what: "decision" })?;
        let row = self.load_encounter(id).await?;
        let law = self.inner.law().enrolment(&row.facts, self.today())?;
        let own = self.iin_of_encounter(id).await?.unwrap_or_else(|| row.person.to_string());
        let hash = text.hash();
        let consent = NewConsentRow {
            kind: ConsentKind::SubjectConsent,
            given_by: &own,
            version: &text.version,
            language: &text.language,
            words: &text.words,
            text_hash: Some(&hash),
            modality: "electronic",
            evidence: Confirmation::OwnAccount.name(),
            reference: "",
        };
        let tx = WriteTx::begin(&self.inner).await?;
        self.write_consent(tx, actor, &row, &law, &consent).await
    }

    /// What a person still has before them, oldest first.
    pub(crate) async fn follow_ups(&self, person: PersonId) -> Result<Vec<FollowUp>> {
        let found = sqlx::query(
            "SELECT kind, opened_at, due_at FROM review_tasks WHERE subject_kind = 'person' AND subject_id = $1 AND kind IN ($2, $3) AND closed_at IS NULL \
             ORDER BY opened_at, id",
        )
        .bind(person.to_string())
        .bind(PRINTS_POSTPONED)
        .bind(DECISION_OF_AGE)
        .fetch_all(&self.inner.pool)
        .await?;
        found
            .iter()
            .map(|row| {
                Ok(FollowUp {
                    kind: row.try_get("kind")?,
                    opened_at: rows::instant(row, "opened_at")?,
                    due_at: rows::instant_opt(row, "due_at")?,
                })
            })
            .collect()
    }
}

/// Ends a person's task inside the caller's change, by the act that it waited for.
pub(crate) async fn settle(
    sql: &mut SqliteConnection,
    person: PersonId,
    kind: &'static str,
    outcome: &'static str,
    now: Instant,
) -> Result<()> {
    sqlx::query(
        "UPDATE review_tasks SET closed_at = $1, outcome = $2 WHERE kind = $3 AND subject_kind = 'person' AND subject_id = $4 AND closed_at IS NULL",
    )
    .bind(now.micros())
    .bind(outcome)
    .bind(kind)
    .bind(person.to_string())
    .execute(sql)
    .await?;
    Ok(())
}
