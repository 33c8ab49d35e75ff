//! Taking requests: from the person on the own page, and on the person's behalf at a counter or from a letter.

use std::collections::BTreeSet;

use serde_json::json;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{NewRequest, OwnAnswer, OwnRequest, RequestKind, field, words};
use crate::actor::{Actor, Role};
use crate::error::{RegistryError, Result};
use crate::ids::{PersonId, RowId};
use crate::institutions::{code, text};
use crate::journal::Entry;
use crate::keys::{key_for_reading, key_for_writing};
use crate::params::{REQUEST_WORKING_DAYS, REQUESTS_OPEN};
use crate::registry::Registry;
use crate::review;
use crate::rows;
use crate::store::WriteTx;
use crate::vault::{Domain, fresh_bytes};

/// How a request came.
#[derive(Clone, Copy)]
pub(super) enum Came<'l> {
    OwnPage,
    /// By who acts for the person.
    Representative(PersonId),
    Counter,
    Letter(&'l str),
}

impl Came<'_> {
    fn name(self) -> &'static str {
        match self {
            Self::OwnPage => "own_page",
            Self::Representative(_) => "representative",
            Self::Counter => "counter",
            Self::Letter(_) => "letter",
        }
    }
}

impl Registry {
    /// The signed-in person asks for something. It has a day for its answer from its return on; a contested comparison goes to examiners who
    /// took no part in the first one at once.
    ///
    /// # Errors
    /// Denied, and logged, without the citizen's role; invalid words; not found where the comparison concerns others; a conflict where five
    /// requests are open, or the comparison is not decided or contested already. The same words sent again are the same request.
    pub async fn ask_for(&self, actor: &Actor, new: &NewRequest) -> Result<RowId> {
        let (person, records) = self.own_records(actor).await?;
        self.take_request(actor, (person, &records), new, Came::OwnPage).await
    }

    /// Takes a request on behalf of a person: who is at the counter, or, with the reference of the letter, who wrote. The entry names the
    /// officer, and the person sees on the own page how it came.
    ///
    /// # Errors
    /// Denied, and logged, to whoever may not open the person's record; else those of [`Registry::ask_for`].
    pub async fn enter_request(
        &self,
        actor: &Actor,
        person: PersonId,
        new: &NewRequest,
        letter: Option<&str>,
    ) -> Result<RowId> {
        // Also of a restricted record: its holder may ask for everything, and nothing of it is shown.
        self.demand_relation(actor, person).await?;
        let came = match letter {
            Some(reference) => {
                text("reference", reference)?;
                Came::Letter(reference)
            }
            None => Came::Counter,
        };
        let (person, records) = self.present_and_merged(person).await?;
        self.take_request(actor, (person, &records), new, came).await
    }

    pub(super) async fn take_request(
        &self,
        actor: &Actor,
        (person, records): (PersonId, &BTreeSet<PersonId>),
        new: &NewRequest,
        came: Came<'_>,
    ) -> Result<RowId> {
        let said = words("text", &new.text)?;
        check_about(new)?;
        // One request at a time is taken, so that what is open is counted right.
        let mut tx = WriteTx::begin(&self.inner).await?;
        let open: Vec<_> =
            self.own_requests(records).await?.into_iter().filter(|request| request.answer.is_none()).collect();
        let comparison = new.comparison.map(|id| id.to_string());
        // The same words sent twice are one request.
        for same in open.iter().filter(|r| (r.kind, &r.attribute, r.text.as_str()) == (new.kind, &new.attribute, said))
        {
            let about: Option<String> = sqlx::query_scalar("SELECT candidate_id FROM person_requests WHERE id = $1")
                .bind(same.id.to_string())
                .fetch_one(tx.sql())
                .await?;
            if about == comparison {
                return Ok(same.id);
            }
        }
        // A complaint is never in the way of the other requests, nor they in its.
        let complaint = |kind| kind == RequestKind::Complaint;
        if open.iter().filter(|request| complaint(request.kind) == complaint(new.kind)).count() >= REQUESTS_OPEN {
            return Err(RegistryError::Conflict {
                what: "several of your requests are open",
                next: "wait for an answer to one of them, or go to a service centre with your papers",
            });
        }
        let now = tx.now();
        let id = RowId::fresh(now.micros(), fresh_bytes()?);
        let owner = id.to_string();
        let key = key_for_writing(&self.inner.vault, tx.sql(), now, &owner, Domain::Identity).await?;
        let seal = |part, plain: &str| self.inner.vault.seal(&key, Domain::Identity, &owner, part, plain.as_bytes());
        let sealed = seal(field::WORDS, said)?;
        let reference = match came {
            Came::Letter(reference) => Some(seal(field::REFERENCE, reference.trim())?),
            Came::OwnPage | Came::Representative(_) | Came::Counter => None,
        };
        let second_look = match new.comparison {
            Some(candidate) => Some(self.compare_again(&mut tx, records, candidate).await?),
            None => None,
        };
        let review = match new.kind.task() {
            Some(task) => Some(review::open(&mut tx, task, "person_request", &owner, None).await?),
            None => None,
        };
        let due = self.inner.law().working_days_after(self.inner.zone.date(now), REQUEST_WORKING_DAYS);
        sqlx::query(
            "INSERT INTO person_requests (id, person_id, kind, via, entered_by, attribute, candidate_id, second_look_id, sealed_text, sealed_reference, review_id, requested_at, due_on) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        )
        .bind(&owner)
        .bind(person.to_string())
        .bind(new.kind.name())
        .bind(came.name())
        .bind(actor.account().to_string())
        .bind(&new.attribute)
        .bind(comparison)
        .bind(second_look.map(|id| id.to_string()))
        .bind(sealed)
        .bind(reference)
        .bind(review.map(|id| id.to_string()))
        .bind(now.micros())
        .bind(due.last.to_string())
        .execute(tx.sql())
        .await?;
        let representative = match came {
            Came::Representative(own) => Some(own),
            _ => None,
        };
        let entry = Entry::effect("request.made", actor).purpose("rights_of_the_person").about(person);
        let entry = entry.about_all(representative);
        let details = json!({
            "request": id, "kind": new.kind, "via": came.name(), "attribute": new.attribute, "comparison": new.comparison,
            "second_look": second_look, "representative": representative, "task": review, "due_on": due.last, "holidays_known": due.holidays_known,
        });
        tx.commit(&entry.details(details)).await?;
        Ok(id)
    }

    /// Everything that was asked for about some records, newest first.
    pub(crate) async fn own_requests(&self, records: &BTreeSet<PersonId>) -> Result<Vec<OwnRequest>> {
        let mut requests = Vec::new();
        for record in records {
            let found = sqlx::query(REQUESTS_OF_A_PERSON).bind(record.to_string()).fetch_all(&self.inner.pool).await?;
            for row in &found {
                requests.push(self.request_of(row).await?);
            }
        }
        requests.sort_by_key(|request| std::cmp::Reverse(request.requested_at));
        Ok(requests)
    }

    /// A row of `person_requests`, with the outcome of its review task.
    pub(super) async fn request_of(&self, row: &SqliteRow) -> Result<OwnRequest> {
        let kind: String = row.try_get("kind")?;
        let answer = match rows::instant_opt(row, "answered_at")? {
            None => None,
            Some(at) => Some(self.answer_of(row, at).await?),
        };
        let lifted = match rows::instant_opt(row, "lifted_at")? {
            None => None,
            Some(at) => Some((at, self.request_part(row, "sealed_lifting", field::LIFTING).await?.unwrap_or_default())),
        };
        Ok(OwnRequest {
            id: rows::id(row, "id")?,
            kind: RequestKind::of_name(&kind).ok_or(RegistryError::Damaged { what: "request" })?,
            via: row.try_get("via")?,
            attribute: row.try_get("attribute")?,
            text: self.request_part(row, "sealed_text", field::WORDS).await?.unwrap_or_default(),
            requested_at: rows::instant(row, "requested_at")?,
            due_on: rows::date_opt(row, "due_on")?,
            escalated_at: rows::instant_opt(row, "escalated_at")?,
            answer,
            lifted,
        })
    }

    async fn answer_of(&self, row: &SqliteRow, at: crate::time::Instant) -> Result<OwnAnswer> {
        let granted = row.try_get::<Option<String>, _>("outcome")?.map(|outcome| outcome == "granted");
        let log_seq = row.try_get::<Option<i64>, _>("answer_seq")?.map(|seq| u64::try_from(seq).unwrap_or_default());
        match self.request_part(row, "sealed_answer", field::ANSWER).await? {
            Some(sealed) => {
                let said: super::NewAnswer =
                    serde_json::from_str(&sealed).map_err(|_| RegistryError::Damaged { what: "request" })?;
                let given = |text: String| Some(text).filter(|text| !text.is_empty());
                Ok(OwnAnswer {
                    at,
                    granted,
                    reasons: said.reasons,
                    clause: given(said.clause),
                    appeal: given(said.appeal),
                    log_seq,
                })
            }
            // From before answers were kept with their request.
            None => {
                let reasons: Option<String> = row.try_get("task_outcome")?;
                Ok(OwnAnswer { at, granted, reasons: reasons.unwrap_or_default(), clause: None, appeal: None, log_seq })
            }
        }
    }

    /// A sealed part of a request; none where there is none, or its key was destroyed.
    pub(super) async fn request_part(
        &self,
        row: &SqliteRow,
        column: &str,
        part: &'static str,
    ) -> Result<Option<String>> {
        let Some(sealed) = row.try_get::<Option<Vec<u8>>, _>(column)? else { return Ok(None) };
        let owner: String = row.try_get("id")?;
        let mut sql = self.inner.pool.acquire().await?;
        let Some(key) = key_for_reading(&self.inner.vault, &mut sql, &owner, Domain::Identity).await? else {
            return Ok(None);
        };
        let plain = self.inner.vault.open(&key, Domain::Identity, &owner, part, &sealed)?;
        Ok(Some(String::from_utf8_lossy(&plain).into_owned()))
    }

    /// Whoever answers requests of this kind: the supervisor complaints, a second officer everything else.
    pub(super) async fn demand_answerer(&self, actor: &Actor, kind: RequestKind) -> Result<()> {
        let role = if kind == RequestKind::Complaint { Role::Supervisor } else { Role::SecondOfficer };
        self.demand(actor, role, "answer a request of this kind").await
    }
}

const REQUESTS_OF_A_PERSON: &str = "SELECT q.*, t.outcome AS task_outcome FROM person_requests q LEFT JOIN review_tasks t ON t.id = q.review_id WHERE q.person_id = $1";

/// A correction names what is wrong, a review may name a comparison, and nothing else names either.
fn check_about(new: &NewRequest) -> Result<()> {
    let correction = new.kind == RequestKind::Correction;
    match &new.attribute {
        Some(attribute) if correction => code("attribute", attribute)?,
        None if !correction => {}
        _ => {
            return Err(RegistryError::Invalid {
                field: "attribute",
                problem: "name what is wrong for a correction, and nothing for other requests".to_owned(),
            });
        }
    }
    if new.comparison.is_some() && new.kind != RequestKind::Review {
        return Err(RegistryError::Invalid {
            field: "comparison",
            problem: "a comparison is contested by a request for review".to_owned(),
        });
    }
    Ok(())
}
