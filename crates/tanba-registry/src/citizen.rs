//! What the person concerned sees on the own page, and the request to put something right.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::Row;

use crate::actor::{Actor, Role};
use crate::consent::ConsentView;
use crate::documents::DocumentState;
use crate::encounter::parse_state;
use crate::error::{RegistryError, Result};
use crate::follow_up::FollowUp;
use crate::ids::{PersonId, RefusalId, RowId};
use crate::journal::{Entry, Outcome};
use crate::keys::{key_for_reading, key_for_writing};
use crate::params::{CORRECTIONS_OPEN, REQUEST_WORKING_DAYS};
use crate::registry::Registry;
use crate::review;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::transparency::OwnEncounter;
use crate::vault::{Domain, fresh_bytes};

/// Everything that a person is shown of the own record.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OwnPage {
    /// Attributes with where each comes from.
    pub attributes: Vec<OwnAttribute>,
    /// Encounters, newest first.
    pub encounters: Vec<OwnEncounter>,
    /// Fingers whose prints are held.
    pub prints_held: u32,
    /// Since when the person has locked the own biometrics, if they are locked.
    pub locked_since: Option<Instant>,
    /// Genomic profiles that are kept by a consent, which can be taken back.
    pub profiles_by_consent: u32,
    /// Documents, newest first.
    pub documents: Vec<OwnDocument>,
    /// Refusals, newest first, with what follows.
    pub refusals: Vec<OwnRefusal>,
    /// Consents, presences, explanations and objections, newest first.
    pub consents: Vec<ConsentView>,
    /// What is still to come: postponed prints, a decision that is the person's own by now.
    pub follow_ups: Vec<FollowUp>,
    /// Own requests for correction, newest first.
    pub corrections: Vec<OwnCorrection>,
    /// Everyone who looked at or changed something, newest first, in groups.
    pub looks: Vec<LookGroup>,
    /// There are older entries: ask again with `before` the last place of the last group.
    pub more: bool,
}

/// One attribute as it is held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnAttribute {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// `population_register`, `document`, `typed`, `court`.
    pub source: String,
    /// No register has confirmed it.
    pub provisional: bool,
    /// Since when it is held.
    pub recorded_at: Instant,
}

/// A document in the own record.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OwnDocument {
    /// `identity_card`, `passport`, ...
    pub kind: String,
    /// Where it stands.
    pub state: DocumentState,
    /// Whether the own prints stand behind it.
    pub prints_linked: bool,
    /// Last day of validity.
    pub valid_to: Option<Date>,
    /// When that was last changed.
    pub updated_at: Instant,
}

/// A refusal in the own record.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OwnRefusal {
    /// The refusal.
    pub id: RefusalId,
    /// What may follow.
    pub consequence: String,
    /// Who may decide it.
    pub authority: String,
    /// The fine in money, where the year's index is known.
    pub amount: Option<f64>,
    /// The clause.
    pub clause: String,
    /// When.
    pub refused_at: Instant,
    /// When the authority decided, if it has.
    pub decided_at: Option<Instant>,
    /// When the fine was paid, if it was.
    pub paid_at: Option<Instant>,
    /// When an appeal was lodged, if it was.
    pub appealed_at: Option<Instant>,
    /// When the appeal ended, if it has.
    pub appeal_ended_at: Option<Instant>,
    /// The appeal was upheld: nothing follows any more.
    pub appeal_upheld: bool,
}

/// An own request for correction.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OwnCorrection {
    /// The request.
    pub id: RowId,
    /// What it is about.
    pub attribute: String,
    /// The own words.
    pub text: String,
    /// When.
    pub requested_at: Instant,
    /// The last day for an answer; none for a request from before there were such days.
    pub due_on: Option<Date>,
    /// When it was put before the supervisor, because nobody had answered by then.
    pub escalated_at: Option<Instant>,
    /// When it was answered, if it was.
    pub answered_at: Option<Instant>,
    /// The answer.
    pub answer: Option<String>,
}

/// Entries of one day by one organisation for one purpose, told as one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookGroup {
    /// The civil day.
    pub day: Date,
    /// Change, look or denial.
    pub outcome: Outcome,
    /// What happened, as `noun.verb`.
    pub event: String,
    /// The organisation's name; none where the system did it by itself.
    pub organisation: Option<String>,
    /// It was the person, on the own page.
    pub own: bool,
    /// For what purpose.
    pub purpose: String,
    /// By which clause.
    pub clause: Option<String>,
    /// When, and where in the log, newest first.
    pub entries: Vec<(u64, Instant)>,
}

/// What a person says is wrong.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewCorrectionRequest {
    /// The attribute that is wrong by its name, or `other`.
    pub attribute: String,
    /// What is wrong and what would be right, in the own words.
    pub text: String,
}

/// A request for correction as a second officer sees it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CorrectionRequestView {
    /// The request.
    pub id: RowId,
    /// Whose record it is about, as it stands now.
    pub person: PersonId,
    /// What it is about.
    pub attribute: String,
    /// The person's own words.
    pub text: String,
    /// When.
    pub requested_at: Instant,
    /// The review task, to be closed with the answer.
    pub review: RowId,
    /// Whether that is still open.
    pub open: bool,
}

/// Characters of a request for correction.
const CORRECTION_CHARS: usize = 1000;

impl Registry {
    /// The own page. Looking at it is an entry too, and the page shows it.
    ///
    /// # Errors
    /// Denied, and logged, without the citizen's role.
    pub async fn own_page(&self, actor: &Actor, before: Option<u64>, limit: u32) -> Result<OwnPage> {
        let (person, records) = self.own_records(actor).await?;
        let tx = WriteTx::begin(&self.inner).await?;
        tx.commit(&Entry::look("own_record.viewed", actor).purpose("rights_of_the_person").about(person)).await?;
        let (looks, more) = self.own_looks(&records, before, limit).await?;
        let encounters = self.own_encounters(person).await?;
        Ok(OwnPage {
            attributes: self.own_attributes(person).await?,
            prints_held: self.prints_held(person).await?,
            locked_since: self.own_lock(&records).await?,
            profiles_by_consent: u32::try_from(self.given_by_consent(&records).await?.len()).unwrap_or(u32::MAX),
            documents: self.own_documents(person).await?,
            refusals: self.own_refusals(person).await?,
            consents: self.own_consents(&encounters).await?,
            encounters,
            follow_ups: self.follow_ups(person).await?,
            corrections: self.own_corrections(&records).await?,
            looks,
            more,
        })
    }

    /// Whether a log entry is about the signed-in person, so that its proof is theirs to take away with its meaning.
    ///
    /// # Errors
    /// Denied, and logged, without the citizen's role; not found where it is about others.
    pub async fn own_entry(&self, actor: &Actor, seq: u64) -> Result<LookGroup> {
        let (_, records) = self.own_records(actor).await?;
        let (looks, _) = self.own_looks(&records, Some(seq.saturating_add(1)), 1).await?;
        looks
            .into_iter()
            .find(|group| group.entries.iter().any(|(place, _)| *place == seq))
            .ok_or(RegistryError::NotFound { what: "entry about you" })
    }

    /// Asks for something to be put right. It opens a review task for a second officer, who answers.
    ///
    /// # Errors
    /// Denied, and logged, without the citizen's role; invalid texts; a conflict where five requests are open. The
    /// same words sent again are the same request.
    pub async fn request_correction(&self, actor: &Actor, new: &NewCorrectionRequest) -> Result<RowId> {
        let (person, records) = self.own_records(actor).await?;
        crate::institutions::code("attribute", &new.attribute)?;
        let words = new.text.trim();
        if words.is_empty() || words.chars().count() > CORRECTION_CHARS {
            return Err(RegistryError::Invalid {
                field: "text",
                problem: format!("say in 1 to {CORRECTION_CHARS} characters what is wrong and what would be right"),
            });
        }
        if words.chars().any(|c| c.is_control() && c != '\n' && c != '\r') {
            return Err(RegistryError::Invalid {
                field: "text",
                problem: "use letters and line breaks only".to_owned(),
            });
        }
        let open: Vec<OwnCorrection> =
            self.own_corrections(&records).await?.into_iter().filter(|c| c.answered_at.is_none()).collect();
        // The same words sent twice are one request.
        if let Some(same) = open.iter().find(|c| c.attribute == new.attribute && c.text == words) {
            return Ok(same.id);
        }
        if open.len() >= CORRECTIONS_OPEN {
            return Err(RegistryError::Conflict {
                what: "several of your requests are open",
                next: "wait for an answer to one of them, or go to a service centre with your papers",
            });
        }
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let id = RowId::fresh(now.micros(), fresh_bytes()?);
        let owner = id.to_string();
        let key = key_for_writing(&self.inner.vault, tx.sql(), now, &owner, Domain::Identity).await?;
        let sealed = self.inner.vault.seal(&key, Domain::Identity, &owner, "correction", words.as_bytes())?;
        let review = review::open(&mut tx, "correction_requested", "correction_request", &owner, None).await?;
        let due = self.inner.law().working_days_after(self.inner.zone.date(now), REQUEST_WORKING_DAYS);
        sqlx::query("INSERT INTO correction_requests (id, person_id, attribute, sealed_text, review_id, requested_at, due_on) VALUES ($1, $2, $3, $4, $5, $6, $7)")
            .bind(&owner)
            .bind(person.to_string())
            .bind(&new.attribute)
            .bind(sealed)
            .bind(review.to_string())
            .bind(now.micros())
            .bind(due.last.to_string())
            .execute(tx.sql())
            .await?;
        let entry = Entry::effect("correction.requested", actor).purpose("rights_of_the_person").about(person);
        tx.commit(&entry.details(json!({"request": id, "attribute": new.attribute, "task": review, "due_on": due.last, "holidays_known": due.holidays_known}))).await?;
        Ok(id)
    }

    /// A request for correction, for the officer who answers it; a look at the person.
    ///
    /// # Errors
    /// Denied, and logged, without the second officer's role; not found.
    pub async fn correction_request(&self, actor: &Actor, id: RowId) -> Result<CorrectionRequestView> {
        self.demand(actor, Role::SecondOfficer, "see a request for correction").await?;
        let mut sql = self.inner.pool.acquire().await?;
        let row = sqlx::query(
            "SELECT c.*, t.closed_at FROM correction_requests c JOIN review_tasks t ON t.id = c.review_id WHERE c.id = $1",
        )
        .bind(id.to_string())
        .fetch_optional(&mut *sql)
        .await?
        .ok_or(RegistryError::NotFound { what: "request for correction" })?;
        drop(sql);
        let (person, _) = self.present_and_merged(rows::id(&row, "person_id")?).await?;
        let tx = WriteTx::begin(&self.inner).await?;
        let entry = Entry::look("correction.viewed", actor).purpose("correction").about(person);
        tx.commit(&entry.details(json!({"request": id}))).await?;
        Ok(CorrectionRequestView {
            id,
            person,
            attribute: row.try_get("attribute")?,
            text: self.correction_text(&row).await?,
            requested_at: rows::instant(&row, "requested_at")?,
            review: rows::id(&row, "review_id")?,
            open: rows::instant_opt(&row, "closed_at")?.is_none(),
        })
    }

    /// The own record as it stands now, and every record that was merged into it.
    pub(crate) async fn own_records(&self, actor: &Actor) -> Result<(PersonId, BTreeSet<PersonId>)> {
        self.demand(actor, Role::Citizen, "see the own record").await?;
        let known_as = actor.person.ok_or(RegistryError::NotFound { what: "person" })?;
        self.present_and_merged(known_as).await
    }

    async fn own_looks(
        &self,
        records: &BTreeSet<PersonId>,
        before: Option<u64>,
        limit: u32,
    ) -> Result<(Vec<LookGroup>, bool)> {
        let (found, more) = self.entries_about(records, before, limit).await?;
        let names = self.organisation_names().await?;
        let mut groups: Vec<LookGroup> = Vec::new();
        for row in &found {
            let (look, payload) = self.look_view(row)?;
            let own = look.purpose == "rights_of_the_person"
                && payload.is_some_and(|p| p.subjects.iter().all(|s| records.contains(s)));
            let group = LookGroup {
                day: self.inner.zone.date(look.at),
                outcome: look.outcome,
                event: look.event,
                organisation: look.organisation.map(|code| names.get(&code).cloned().unwrap_or(code)),
                own,
                purpose: look.purpose,
                clause: look.clause,
                entries: vec![(look.seq, look.at)],
            };
            match groups.last_mut() {
                Some(last) if last.same_as(&group) => last.entries.extend(group.entries),
                _ => groups.push(group),
            }
        }
        Ok((groups, more))
    }

    async fn own_attributes(&self, person: PersonId) -> Result<Vec<OwnAttribute>> {
        let mut sql = self.inner.pool.acquire().await?;
        let found = sqlx::query(
            "SELECT i.encounter_id, i.name, i.sealed_value, i.source, i.provisional, i.recorded_at FROM identity_attributes i \
             JOIN encounters e ON e.id = i.encounter_id WHERE e.person_id = $1 AND i.superseded_at IS NULL ORDER BY i.provisional DESC, i.recorded_at",
        )
        .bind(person.to_string())
        .fetch_all(&mut *sql)
        .await?;
        let mut held = BTreeMap::new();
        for row in &found {
            let owner: String = row.try_get("encounter_id")?;
            let name: String = row.try_get("name")?;
            // What was read last of a name stands: confirmed before provisional, later before earlier.
            if let Some(key) = key_for_reading(&self.inner.vault, &mut sql, &owner, Domain::Identity).await? {
                let sealed: Vec<u8> = row.try_get("sealed_value")?;
                let value = self.inner.vault.open(&key, Domain::Identity, &owner, &name, &sealed)?;
                let attribute = OwnAttribute {
                    name: name.clone(),
                    value: String::from_utf8_lossy(&value).into_owned(),
                    source: row.try_get("source")?,
                    provisional: row.try_get::<i64, _>("provisional")? != 0,
                    recorded_at: rows::instant(row, "recorded_at")?,
                };
                held.insert(name, attribute);
            }
        }
        Ok(held.into_values().collect())
    }

    pub(crate) async fn own_encounters(&self, person: PersonId) -> Result<Vec<OwnEncounter>> {
        let found = sqlx::query(
            "SELECT id, trigger_code, state, opened_at FROM encounters WHERE person_id = $1 ORDER BY opened_at DESC",
        )
        .bind(person.to_string())
        .fetch_all(&self.inner.pool)
        .await?;
        found
            .iter()
            .map(|row| {
                Ok(OwnEncounter {
                    id: rows::id(row, "id")?,
                    trigger: row.try_get("trigger_code")?,
                    state: parse_state(&row.try_get::<String, _>("state")?)?,
                    opened_at: rows::instant(row, "opened_at")?,
                })
            })
            .collect()
    }

    pub(crate) async fn prints_held(&self, person: PersonId) -> Result<u32> {
        let prints: i64 = sqlx::query_scalar(
            "SELECT COUNT(DISTINCT s.finger) FROM samples s JOIN encounters e ON e.id = s.encounter_id JOIN registrations r ON r.encounter_id = e.id \
             WHERE e.person_id = $1 AND s.kept = 1 AND r.state <> 'withdrawn'",
        )
        .bind(person.to_string())
        .fetch_one(&self.inner.pool)
        .await?;
        Ok(u32::try_from(prints).unwrap_or(0))
    }

    async fn own_documents(&self, person: PersonId) -> Result<Vec<OwnDocument>> {
        let found = sqlx::query(
            "SELECT kind, state, prints_linked, valid_to, updated_at FROM documents WHERE person_id = $1 ORDER BY updated_at DESC, id DESC",
        )
        .bind(person.to_string())
        .fetch_all(&self.inner.pool)
        .await?;
        found
            .iter()
            .map(|row| {
                Ok(OwnDocument {
                    kind: row.try_get("kind")?,
                    state: crate::documents::parse_state(&row.try_get::<String, _>("state")?)?,
                    prints_linked: row.try_get::<i64, _>("prints_linked")? != 0,
                    valid_to: row
                        .try_get::<Option<String>, _>("valid_to")?
                        .map(|d| d.parse())
                        .transpose()
                        .map_err(|_| RegistryError::Damaged { what: "document" })?,
                    updated_at: rows::instant(row, "updated_at")?,
                })
            })
            .collect()
    }

    async fn own_refusals(&self, person: PersonId) -> Result<Vec<OwnRefusal>> {
        let found = sqlx::query(
            "SELECT r.* FROM refusals r JOIN encounters e ON e.id = r.encounter_id WHERE e.person_id = $1 ORDER BY r.refused_at DESC",
        )
        .bind(person.to_string())
        .fetch_all(&self.inner.pool)
        .await?;
        found
            .iter()
            .map(|row| {
                Ok(OwnRefusal {
                    id: rows::id(row, "id")?,
                    consequence: row.try_get("consequence")?,
                    authority: row.try_get("authority")?,
                    amount: row.try_get("amount")?,
                    clause: row.try_get("clause")?,
                    refused_at: rows::instant(row, "refused_at")?,
                    decided_at: rows::instant_opt(row, "decided_at")?,
                    paid_at: rows::instant_opt(row, "paid_at")?,
                    appealed_at: rows::instant_opt(row, "appealed_at")?,
                    appeal_ended_at: rows::instant_opt(row, "appeal_ended_at")?,
                    appeal_upheld: row.try_get::<Option<String>, _>("appeal_outcome")?.as_deref() == Some("upheld"),
                })
            })
            .collect()
    }

    async fn own_consents(&self, encounters: &[OwnEncounter]) -> Result<Vec<ConsentView>> {
        let mut sql = self.inner.pool.acquire().await?;
        let mut consents = Vec::new();
        for encounter in encounters {
            consents.extend(self.all_consents_of(&mut sql, encounter.id).await?);
        }
        consents.sort_by_key(|consent| std::cmp::Reverse(consent.given_at));
        Ok(consents)
    }

    async fn own_corrections(&self, records: &BTreeSet<PersonId>) -> Result<Vec<OwnCorrection>> {
        let mut corrections = Vec::new();
        for record in records {
            let found = sqlx::query(
                "SELECT c.*, t.closed_at, t.outcome FROM correction_requests c JOIN review_tasks t ON t.id = c.review_id WHERE c.person_id = $1",
            )
            .bind(record.to_string())
            .fetch_all(&self.inner.pool)
            .await?;
            for row in &found {
                corrections.push(OwnCorrection {
                    id: rows::id(row, "id")?,
                    attribute: row.try_get("attribute")?,
                    text: self.correction_text(row).await?,
                    requested_at: rows::instant(row, "requested_at")?,
                    due_on: rows::date_opt(row, "due_on")?,
                    escalated_at: rows::instant_opt(row, "escalated_at")?,
                    answered_at: rows::instant_opt(row, "closed_at")?,
                    answer: row.try_get("outcome")?,
                });
            }
        }
        corrections.sort_by_key(|c| std::cmp::Reverse(c.requested_at));
        Ok(corrections)
    }

    async fn correction_text(&self, row: &sqlx::sqlite::SqliteRow) -> Result<String> {
        let owner: String = row.try_get("id")?;
        let mut sql = self.inner.pool.acquire().await?;
        let Some(key) = key_for_reading(&self.inner.vault, &mut sql, &owner, Domain::Identity).await? else {
            return Ok(String::new());
        };
        let sealed: Vec<u8> = row.try_get("sealed_text")?;
        let words = self.inner.vault.open(&key, Domain::Identity, &owner, "correction", &sealed)?;
        Ok(String::from_utf8_lossy(&words).into_owned())
    }
}

impl LookGroup {
    fn same_as(&self, other: &Self) -> bool {
        self.day == other.day
            && self.outcome == other.outcome
            && self.event == other.event
            && self.organisation == other.organisation
            && self.own == other.own
            && self.purpose == other.purpose
            && self.clause == other.clause
    }
}
