//! Answering requests: granted or refused, with reasons in plain words, the clause and where an appeal can be lodged; what follows from a
//! "granted" happens in the transaction of the answer.

use serde_json::json;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::contest::second_look_ended;
use super::{NewAnswer, PersonRequest, RequestKind, RequestLine, field, words};
use crate::actor::{Actor, Role};
use crate::error::{RegistryError, Result};
use crate::ids::{CandidateId, PersonId, RowId};
use crate::institutions::text;
use crate::journal::Entry;
use crate::keys::key_for_writing;
use crate::registry::Registry;
use crate::review;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::Domain;

impl Registry {
    /// Requests that wait for an answer of this account, the soonest due first, and restrictions in force; without a word of them.
    ///
    /// # Errors
    /// Denied, and logged, without the second officer's or the supervisor's role.
    pub async fn requests_to_answer(&self, actor: &Actor) -> Result<Vec<RequestLine>> {
        let supervisor = actor.has(Role::Supervisor);
        if !supervisor {
            self.demand(actor, Role::SecondOfficer, "see requests of persons").await?;
        }
        let found = sqlx::query(
            "SELECT id, kind, requested_at, due_on, escalated_at, outcome, lifted_at FROM person_requests \
             WHERE answered_at IS NULL OR (kind = 'restriction' AND outcome = 'granted' AND lifted_at IS NULL) \
             ORDER BY due_on, id LIMIT 1000",
        )
        .fetch_all(&self.inner.pool)
        .await?;
        let mut lines = Vec::new();
        for row in &found {
            let kind = kind_of(row)?;
            let mine = if kind == RequestKind::Complaint { supervisor } else { actor.has(Role::SecondOfficer) };
            if mine {
                lines.push(RequestLine {
                    id: rows::id(row, "id")?,
                    kind,
                    requested_at: rows::instant(row, "requested_at")?,
                    due_on: rows::date_opt(row, "due_on")?,
                    overdue: rows::instant_opt(row, "escalated_at")?.is_some(),
                    in_force: in_force(row)?,
                });
            }
        }
        Ok(lines)
    }

    /// A request, for whoever answers it; a look at the person.
    ///
    /// # Errors
    /// Denied, and logged, without the supervisor's role for a complaint and the second officer's for everything else; not found.
    pub async fn person_request(&self, actor: &Actor, id: RowId) -> Result<PersonRequest> {
        let row = self.request_row(id).await?;
        let kind = kind_of(&row)?;
        self.demand_answerer(actor, kind).await?;
        let (person, records) = self.present_and_merged(rows::id(&row, "person_id")?).await?;
        let tx = WriteTx::begin(&self.inner).await?;
        let entry = Entry::look("request.viewed", actor).purpose("rights_of_the_person").about(person);
        tx.commit(&entry.details(json!({"request": id, "kind": kind}))).await?;
        let second_look: Option<String> = sqlx::query_scalar("SELECT c.state FROM candidates c WHERE c.id = $1")
            .bind(row.try_get::<Option<String>, _>("second_look_id")?)
            .fetch_optional(&self.inner.pool)
            .await?;
        let request = self.request_of(&row).await?;
        let duties = match (kind, &request.answer) {
            (RequestKind::Erasure, None) => {
                self.given_up(&records).await?.duties.into_iter().map(|d| d.clause).collect()
            }
            _ => Vec::new(),
        };
        Ok(PersonRequest {
            person,
            reference: self.request_part(&row, "sealed_reference", field::REFERENCE).await?,
            comparison: rows::id_opt(&row, "candidate_id")?,
            second_look,
            in_force: in_force(&row)?,
            duties,
            request,
        })
    }

    /// Answers a request. A granted restriction stops the use of the record with it; a granted erasure erases what the person may take back.
    ///
    /// # Errors
    /// Denied, and logged, as [`Registry::person_request`], to whoever entered the request, and by the law where nothing may be erased; invalid
    /// without reasons, and without clause and appeal where it is refused; a conflict where it is answered, where the examiners who compare
    /// again have not decided, and where the record is restricted already.
    pub async fn answer_request(&self, actor: &Actor, id: RowId, answer: &NewAnswer) -> Result<()> {
        let row = self.request_row(id).await?;
        let kind = kind_of(&row)?;
        self.demand_answerer(actor, kind).await?;
        let answer = checked(answer)?;
        let (person, records) = self.present_and_merged(rows::id(&row, "person_id")?).await?;
        if self.entered_by(&row, actor).await? {
            let denial = Entry::denial("request.denied", Some(actor)).purpose("rights_of_the_person").about(person);
            let need = vec!["another officer".to_owned()];
            let said = "whoever entered a request does not answer it";
            return self
                .deny(denial.details(json!({"request": id, "kind": kind})), "four_eyes", "dual control", said, need)
                .await;
        }
        let erased = match kind {
            RequestKind::Erasure if answer.granted => Some(self.may_be_given_up(actor, person, &records).await?),
            _ => None,
        };
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let owner = id.to_string();
        let second_look_id: Option<CandidateId> = rows::id_opt(&row, "second_look_id")?;
        let second_look: Option<String> = sqlx::query_scalar("SELECT state FROM candidates WHERE id = $1")
            .bind(second_look_id.map(|id| id.to_string()))
            .fetch_optional(tx.sql())
            .await?;
        if let (Some(id), Some(state)) = (second_look_id, &second_look)
            && !second_look_ended(tx.sql(), id, state).await?
        {
            return Err(RegistryError::Conflict {
                what: "the prints are being compared again",
                next: "wait until two examiners who took no part in the first comparison have decided, then answer",
            });
        }
        let key = key_for_writing(&self.inner.vault, tx.sql(), now, &owner, Domain::Identity).await?;
        let plain = serde_json::to_vec(&answer).map_err(|_| RegistryError::Damaged { what: "request" })?;
        let sealed = self.inner.vault.seal(&key, Domain::Identity, &owner, field::ANSWER, &plain)?;
        let outcome = if answer.granted { "granted" } else { "refused" };
        let done = sqlx::query(
            "UPDATE person_requests SET answered_at = $1, answered_by = $2, outcome = $3, sealed_answer = $4 WHERE id = $5 AND answered_at IS NULL",
        )
        .bind(now.micros())
        .bind(actor.account().to_string())
        .bind(outcome)
        .bind(sealed)
        .bind(&owner)
        .execute(tx.sql())
        .await?;
        if done.rows_affected() == 0 {
            return Err(RegistryError::Conflict {
                what: "this request is answered",
                next: "list the open requests again",
            });
        }
        if let Some(task) = rows::id_opt(&row, "review_id")? {
            // What was said to the person is sealed with the request; the task says how it ended.
            review::close(&mut tx, actor, task, outcome).await?;
        }
        let entry = Entry::effect("request.answered", actor).purpose("rights_of_the_person").about(person);
        let details = json!({"request": id, "kind": kind, "outcome": outcome, "clause": answer.clause, "second_look": second_look});
        let seq = tx.log(&entry.details(details)).await?;
        sqlx::query("UPDATE person_requests SET answer_seq = $1 WHERE id = $2")
            .bind(i64::try_from(seq).unwrap_or(i64::MAX))
            .bind(&owner)
            .execute(tx.sql())
            .await?;
        match (kind, erased) {
            (RequestKind::Restriction, _) if answer.granted => {
                let gone = self.restrict(&mut tx, actor, (person, &records), id).await?;
                tx.commit_logged().await?;
                self.out_of_searches(&gone).await;
            }
            (_, Some(given)) => {
                self.give_up(tx, (actor, person), &given, &records).await?;
            }
            _ => tx.commit_logged().await?,
        }
        Ok(())
    }

    pub(super) async fn request_row(&self, id: RowId) -> Result<SqliteRow> {
        sqlx::query(
            "SELECT q.*, t.outcome AS task_outcome FROM person_requests q LEFT JOIN review_tasks t ON t.id = q.review_id WHERE q.id = $1",
        )
        .bind(id.to_string())
        .fetch_optional(&self.inner.pool)
        .await?
        .ok_or(RegistryError::NotFound { what: "request" })
    }

    /// Whether this human being entered the request, under any account.
    async fn entered_by(&self, row: &SqliteRow, actor: &Actor) -> Result<bool> {
        let by: Option<String> = sqlx::query_scalar("SELECT natural_person FROM accounts WHERE id = $1")
            .bind(row.try_get::<Option<String>, _>("entered_by")?)
            .fetch_optional(&self.inner.pool)
            .await?;
        Ok(by.is_some_and(|by| by == actor.natural_person))
    }
}

pub(super) fn kind_of(row: &SqliteRow) -> Result<RequestKind> {
    RequestKind::of_name(&row.try_get::<String, _>("kind")?).ok_or(RegistryError::Damaged { what: "request" })
}

/// Whether a row is a restriction that was granted and not lifted.
pub(super) fn in_force(row: &SqliteRow) -> Result<bool> {
    let lifted: Option<Instant> = rows::instant_opt(row, "lifted_at")?;
    let granted = row.try_get::<Option<String>, _>("outcome")?.as_deref() == Some("granted");
    Ok(kind_of(row)? == RequestKind::Restriction && granted && lifted.is_none())
}

/// An answer that says everything that it must say.
fn checked(answer: &NewAnswer) -> Result<NewAnswer> {
    let reasons = words("reasons", &answer.reasons)?.to_owned();
    let (clause, appeal) = (answer.clause.trim(), answer.appeal.trim());
    for (field, said) in [("clause", clause), ("appeal", appeal)] {
        if !answer.granted || !said.is_empty() {
            text(field, said)?;
        }
    }
    Ok(NewAnswer { granted: answer.granted, reasons, clause: clause.to_owned(), appeal: appeal.to_owned() })
}

/// What an answer needs of a person's record.
pub(super) type Records<'r> = (PersonId, &'r std::collections::BTreeSet<PersonId>);
