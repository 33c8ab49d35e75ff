//! A person's record as an officer may see it: for a purpose that is said first, and written down with the look.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{Row, SqliteConnection};

use crate::actor::{Actor, Role};
use crate::cluster::RevisionTask;
use crate::correction::CorrectionTask;
use crate::documents::{DocumentState, DocumentView, parse_state};
use crate::encounter::EncounterState;
use crate::error::{RegistryError, Result};
use crate::ids::{DocumentId, EncounterId, PersonId, RefusalId};
use crate::institutions::text;
use crate::journal::{Entry, open_payload};
use crate::keys::key_for_reading;
use crate::params::{FOUND_FOR_SECONDS, PURPOSE_HOLDS_SECONDS};
use crate::registry::Registry;
use crate::review::ReviewTask;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::{Domain, Vault};

/// Why an officer looks at a person's record. There is no other reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LookPurpose {
    /// A registration that is being made or was asked about.
    Registration,
    /// A document of the person.
    Document,
    /// A mistake in the record, a new name, a death.
    Correction,
    /// Records that may be of one person, or one that may be of two.
    Revision,
    /// A review task.
    Review,
}

impl LookPurpose {
    /// All purposes.
    pub const ALL: [Self; 5] = [Self::Registration, Self::Document, Self::Correction, Self::Revision, Self::Review];

    /// The name in the log and in forms.
    pub fn name(self) -> &'static str {
        match self {
            Self::Registration => "registration",
            Self::Document => "document",
            Self::Correction => "correction",
            Self::Revision => "revision",
            Self::Review => "review",
        }
    }
}

/// A person's record, as somebody who has it before them can name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KnownBy {
    /// By an individual identification number.
    Iin(String),
    /// By the number of a document.
    Document(String),
    /// By the record's id.
    Person(PersonId),
}

/// A person's record.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PersonView {
    /// The person.
    pub id: PersonId,
    /// `provisional`, `registered`, `exempt`, `merged`, `blocked`.
    pub state: String,
    /// Since when the record exists.
    pub created_at: Instant,
    /// What is known of the person, what holds now first; what was superseded stays.
    pub attributes: Vec<AttributeView>,
    /// Encounters, newest first.
    pub encounters: Vec<EncounterLine>,
    /// Documents, newest first.
    pub documents: Vec<PersonDocument>,
    /// Refusals, newest first.
    pub refusals: Vec<RefusalLine>,
    /// Exemptions, newest first.
    pub exemptions: Vec<ExemptionLine>,
    /// Revisions of the clustering that touch this record, newest first.
    pub revisions: Vec<RevisionTask>,
    /// Corrections, newest first.
    pub corrections: Vec<CorrectionTask>,
    /// Open review tasks about the record.
    pub reviews: Vec<ReviewTask>,
    /// Records that ended in this one.
    pub merged_from: Vec<PersonId>,
    /// The record that this one ended in.
    pub merged_into: Option<PersonId>,
}

impl PersonView {
    /// What holds now of an attribute.
    pub fn current(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|a| a.name == name && a.superseded_at.is_none()).map(|a| a.value.as_str())
    }

    /// Family and given name in this script (`kk`, `ru`, `latin`), or in the first in which both are known.
    pub fn name(&self, script: &str) -> Option<String> {
        [script, "kk", "ru", "latin"].into_iter().find_map(|script| {
            let part = |part: &str| self.current(&format!("{part}_name_{script}"));
            Some(format!("{} {}", part("family")?, part("given")?))
        })
    }
}

/// One value of one attribute.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AttributeView {
    /// `family_name_kk`, `born`, ...
    pub name: String,
    /// The value.
    pub value: String,
    /// `population_register`, `document`, `typed`, `court`.
    pub source: String,
    /// Typed, and no register has confirmed it.
    pub provisional: bool,
    /// First day on which it held, where that is known.
    pub valid_from: Option<String>,
    /// Last day before another took its place, where that is known.
    pub valid_to: Option<String>,
    /// When it was written down.
    pub recorded_at: Instant,
    /// When another value took its place.
    pub superseded_at: Option<Instant>,
    /// The encounter that it is kept with.
    pub encounter: EncounterId,
}

/// An encounter on a person's timeline.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EncounterLine {
    /// The encounter.
    pub id: EncounterId,
    /// The person it is attributed to.
    pub person: PersonId,
    /// Why the person came.
    pub trigger: String,
    /// How far it came.
    pub state: EncounterState,
    /// Where: the station's code.
    pub station: String,
    /// When it began.
    pub opened_at: Instant,
    /// When it ended.
    pub closed_at: Option<Instant>,
    /// Fingers of which it holds a print.
    pub fingers: u32,
    /// `active`, `withdrawn` or `blocked`, where prints were registered by it.
    pub registration: Option<String>,
}

/// A document with its life.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PersonDocument {
    /// The document.
    pub document: DocumentView,
    /// The encounter it rests on.
    pub encounter: EncounterId,
    /// Its number, once it has one.
    pub number: Option<String>,
    /// What happened to it, oldest first.
    pub events: Vec<(String, Instant)>,
}

impl PersonDocument {
    /// Whether someone may be using it: not ended in any way.
    pub fn in_force(&self) -> bool {
        use DocumentState as S;
        !matches!(self.document.state, S::Replaced | S::Expired | S::Cancelled)
    }
}

/// A refusal on a person's page.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RefusalLine {
    /// The refusal.
    pub id: RefusalId,
    /// Which refusal it is, from 1.
    pub step: u32,
    /// What may follow.
    pub consequence: String,
    /// By which clause.
    pub clause: String,
    /// When the person refused.
    pub refused_at: Instant,
    /// When an authority decided.
    pub decided_at: Option<Instant>,
    /// When an appeal was lodged.
    pub appealed_at: Option<Instant>,
    /// When the appeal ended.
    pub appeal_ended_at: Option<Instant>,
}

/// An exemption on a person's page.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ExemptionLine {
    /// What the law pack calls it.
    pub code: String,
    /// `permanent` or `temporary`.
    pub permanence: String,
    /// When.
    pub recorded_at: Instant,
}

impl Registry {
    /// A person's record, for a purpose and a reason that are written down with the look.
    ///
    /// # Errors
    /// Denied without the operator's or second officer's role, and to an operator at whose station the person was never
    /// seen and who did not just find them by a search; not found; invalid without a reason.
    pub async fn view_person(
        &self,
        actor: &Actor,
        person: PersonId,
        purpose: LookPurpose,
        reason: &str,
    ) -> Result<PersonView> {
        text("reason", reason)?;
        self.demand_person(actor, person).await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let row = sqlx::query("SELECT state, created_at FROM persons WHERE id = $1")
            .bind(person.to_string())
            .fetch_optional(tx.sql())
            .await?
            .ok_or(RegistryError::NotFound { what: "person" })?;
        let vault = &self.inner.vault;
        let (merged_from, merged_into) = merges_of(tx.sql(), person).await?;
        let state: String = row.try_get("state")?;
        let view = PersonView {
            id: person,
            created_at: rows::instant(&row, "created_at")?,
            attributes: attributes_of(vault, tx.sql(), person).await?,
            encounters: encounter_lines(tx.sql(), person).await?,
            documents: document_numbers_of(vault, tx.sql(), person).await?,
            refusals: refusals_of(tx.sql(), person).await?,
            exemptions: exemptions_of(tx.sql(), person).await?,
            revisions: crate::cluster::revisions_of(tx.sql(), actor, person).await?,
            corrections: crate::correction::corrections_of(tx.sql(), actor, person).await?,
            reviews: crate::review::about(tx.sql(), person).await?,
            merged_from,
            merged_into: merged_into.filter(|_| state == "merged"),
            state,
        };
        let entry = Entry::look("person.viewed", actor).purpose(purpose.name()).about(person);
        tx.commit(&entry.details(json!({"purpose": purpose, "reason": reason}))).await?;
        Ok(view)
    }

    /// The record that a number stands for; nothing of it is shown yet.
    ///
    /// # Errors
    /// Denied without the second officer's role (operators find people at their station); not found.
    pub async fn locate_person(&self, actor: &Actor, known_by: &KnownBy) -> Result<PersonId> {
        self.demand(actor, Role::SecondOfficer, "open a record by its number").await?;
        let found = self.known_by(known_by).await?;
        let tx = WriteTx::begin(&self.inner).await?;
        let entry = Entry::look("person.located", actor).purpose("registration").about_all(found);
        tx.commit(&entry.details(json!({"found": found.is_some()}))).await?;
        found.ok_or(RegistryError::NotFound { what: "person" })
    }

    /// Says why a record will be looked at. It holds for a quarter of an hour, so that pages of one piece of work do not
    /// ask again; every look is written down all the same.
    ///
    /// # Errors
    /// As [`Registry::view_person`].
    pub async fn state_purpose(
        &self,
        actor: &Actor,
        person: PersonId,
        purpose: LookPurpose,
        reason: &str,
    ) -> Result<()> {
        text("reason", reason)?;
        self.demand_person(actor, person).await?;
        let tx = WriteTx::begin(&self.inner).await?;
        let entry = Entry::look("person.purpose_stated", actor).purpose(purpose.name()).about(person);
        tx.commit(&entry.details(json!({"purpose": purpose, "reason": reason}))).await?;
        Ok(())
    }

    /// The purpose and reason that this account stated for this record in the last quarter of an hour, if any.
    ///
    /// # Errors
    /// Those of the database and of damaged log rows.
    pub async fn stated_purpose(&self, actor: &Actor, person: PersonId) -> Result<Option<(LookPurpose, String)>> {
        let since = self.inner.clock.now().plus_seconds(-PURPOSE_HOLDS_SECONDS);
        let stated = sqlx::query(
            "SELECT l.* FROM log_subjects s JOIN log_entries l ON l.seq = s.seq \
             WHERE s.person_id = $1 AND l.event = 'person.purpose_stated' AND l.happened_at >= $2 ORDER BY l.seq DESC LIMIT 50",
        )
        .bind(person.to_string())
        .bind(since.micros())
        .fetch_all(&self.inner.pool)
        .await?;
        for look in &stated {
            let Some(payload) = open_payload(&self.inner, look)? else { continue };
            if payload.actor.is_some_and(|a| a.account == actor.account().to_string()) {
                let purpose = LookPurpose::ALL.into_iter().find(|p| p.name() == payload.purpose);
                let reason = payload.details["reason"].as_str().unwrap_or_default().to_owned();
                return Ok(purpose.map(|purpose| (purpose, reason)));
            }
        }
        Ok(None)
    }

    /// The record that is meant, if there is one.
    pub(crate) async fn known_by(&self, known_by: &KnownBy) -> Result<Option<PersonId>> {
        let found: Option<String> = match known_by {
            KnownBy::Iin(iin) => return self.person_of_iin(&self.accept_iin(iin.trim())?).await,
            KnownBy::Document(number) => {
                let blind = self.inner.vault.blind("document", number.trim().as_bytes());
                sqlx::query_scalar("SELECT person_id FROM documents WHERE number_blind = $1")
                    .bind(blind)
                    .fetch_optional(&self.inner.pool)
                    .await?
            }
            KnownBy::Person(person) => {
                sqlx::query_scalar("SELECT id FROM persons WHERE id = $1")
                    .bind(person.to_string())
                    .fetch_optional(&self.inner.pool)
                    .await?
            }
        };
        found.map(|person| rows::parse_id(&person)).transpose()
    }

    /// Fails, with a log entry, unless this officer may open this person's record.
    pub(crate) async fn demand_person(&self, actor: &Actor, person: PersonId) -> Result<()> {
        self.demand_relation(actor, person).await?;
        self.demand_unrestricted(actor, person, ("person.denied", "registration")).await
    }

    /// Fails, with a log entry, unless this officer has to do with this person.
    pub(crate) async fn demand_relation(&self, actor: &Actor, person: PersonId) -> Result<()> {
        let mut sql = self.inner.pool.acquire().await?;
        let known: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM persons WHERE id = $1")
            .bind(person.to_string())
            .fetch_one(&mut *sql)
            .await?;
        if actor.has(Role::SecondOfficer) {
            return if known > 0 { Ok(()) } else { Err(RegistryError::NotFound { what: "person" }) };
        }
        self.demand(actor, Role::Operator, "see a person's record").await?;
        let here = actor.station().map(|s| s.id.to_string()).unwrap_or_default();
        let seen_here: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM encounters WHERE person_id = $1 AND station_id = $2")
                .bind(person.to_string())
                .bind(here)
                .fetch_one(&mut *sql)
                .await?;
        if seen_here > 0 || self.found_lately(&mut sql, actor, person).await? {
            return Ok(());
        }
        drop(sql);
        // The same answer for a record that does not exist: whether it does is not this operator's business.
        let denial = Entry::denial("person.denied", Some(actor)).purpose("registration");
        let denial = if known > 0 { denial.about(person) } else { denial };
        self.deny(
            denial.details(json!({"reason": "no_relation"})),
            "no_relation",
            "records are opened where the person is served",
            "the person was not seen at your station and you have not just found them by a search",
            vec![
                "find the person who stands before you by number, document or name; or ask a second officer".to_owned(),
            ],
        )
        .await
    }

    /// Whether this account was shown this person by a search a short while ago.
    async fn found_lately(&self, sql: &mut SqliteConnection, actor: &Actor, person: PersonId) -> Result<bool> {
        let since = self.inner.clock.now().plus_seconds(-FOUND_FOR_SECONDS);
        let looks = sqlx::query(
            "SELECT l.* FROM log_subjects s JOIN log_entries l ON l.seq = s.seq \
             WHERE s.person_id = $1 AND l.event IN ('person.searched', 'person.located') AND l.happened_at >= $2 ORDER BY l.seq DESC LIMIT 50",
        )
        .bind(person.to_string())
        .bind(since.micros())
        .fetch_all(sql)
        .await?;
        for look in &looks {
            let payload = open_payload(&self.inner, look)?;
            if payload.and_then(|p| p.actor).is_some_and(|a| a.account == actor.account().to_string()) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Every value ever held of a person, what holds now first.
pub(crate) async fn attributes_of(
    vault: &Vault,
    sql: &mut SqliteConnection,
    person: PersonId,
) -> Result<Vec<AttributeView>> {
    let found = sqlx::query(
        "SELECT i.* FROM identity_attributes i JOIN encounters e ON e.id = i.encounter_id WHERE e.person_id = $1 \
         ORDER BY CASE WHEN i.superseded_at IS NULL THEN 0 ELSE 1 END, i.name, i.provisional, i.recorded_at DESC, i.id DESC",
    )
    .bind(person.to_string())
    .fetch_all(&mut *sql)
    .await?;
    let mut attributes = Vec::with_capacity(found.len());
    for row in &found {
        let owner: String = row.try_get("encounter_id")?;
        let name: String = row.try_get("name")?;
        let Some(key) = key_for_reading(vault, &mut *sql, &owner, Domain::Identity).await? else { continue };
        let sealed: Vec<u8> = row.try_get("sealed_value")?;
        let value = vault.open(&key, Domain::Identity, &owner, &name, &sealed)?;
        attributes.push(AttributeView {
            value: String::from_utf8_lossy(&value).into_owned(),
            source: row.try_get("source")?,
            provisional: row.try_get::<i64, _>("provisional")? == 1,
            valid_from: row.try_get("valid_from")?,
            valid_to: row.try_get("valid_to")?,
            recorded_at: rows::instant(row, "recorded_at")?,
            superseded_at: rows::instant_opt(row, "superseded_at")?,
            encounter: rows::parse_id(&owner)?,
            name,
        });
    }
    Ok(attributes)
}

const ENCOUNTER_LINE: &str = "SELECT e.*, st.code AS station, r.state AS registration, \
     (SELECT COUNT(*) FROM samples s WHERE s.encounter_id = e.id AND s.kept = 1) AS fingers \
     FROM encounters e JOIN stations st ON st.id = e.station_id LEFT JOIN registrations r ON r.encounter_id = e.id \
     WHERE e.person_id = $1 OR e.id = $1 ORDER BY e.opened_at DESC";

async fn encounter_lines(sql: &mut SqliteConnection, person: PersonId) -> Result<Vec<EncounterLine>> {
    let found = sqlx::query(ENCOUNTER_LINE).bind(person.to_string()).fetch_all(sql).await?;
    found.iter().map(line_of).collect()
}

/// One encounter as a line of a timeline.
pub(crate) async fn encounter_line(sql: &mut SqliteConnection, id: EncounterId) -> Result<EncounterLine> {
    let row = sqlx::query(ENCOUNTER_LINE).bind(id.to_string()).fetch_one(sql).await?;
    line_of(&row)
}

fn line_of(row: &sqlx::sqlite::SqliteRow) -> Result<EncounterLine> {
    Ok(EncounterLine {
        id: rows::id(row, "id")?,
        person: rows::id(row, "person_id")?,
        trigger: row.try_get("trigger_code")?,
        state: crate::encounter::parse_state(&row.try_get::<String, _>("state")?)?,
        station: row.try_get("station")?,
        opened_at: rows::instant(row, "opened_at")?,
        closed_at: rows::instant_opt(row, "closed_at")?,
        fingers: rows::number(row, "fingers")?,
        registration: row.try_get("registration")?,
    })
}

/// A person's documents with their numbers and lives, newest first.
pub(crate) async fn document_numbers_of(
    vault: &Vault,
    sql: &mut SqliteConnection,
    person: PersonId,
) -> Result<Vec<PersonDocument>> {
    let found = sqlx::query("SELECT * FROM documents WHERE person_id = $1 ORDER BY id DESC")
        .bind(person.to_string())
        .fetch_all(&mut *sql)
        .await?;
    let mut documents = Vec::with_capacity(found.len());
    for row in &found {
        let id: DocumentId = rows::id(row, "id")?;
        let owner: String = row.try_get("encounter_id")?;
        let key = key_for_reading(vault, &mut *sql, &owner, Domain::Identity).await?;
        let number = match (key, row.try_get::<Option<Vec<u8>>, _>("sealed_number")?) {
            (Some(key), Some(sealed)) => {
                let plain = vault.open(&key, Domain::Identity, &owner, &format!("document/{id}"), &sealed)?;
                Some(String::from_utf8_lossy(&plain).into_owned())
            }
            _ => None,
        };
        let events = sqlx::query(
            "SELECT event, happened_at FROM document_events WHERE document_id = $1 ORDER BY happened_at, id",
        )
        .bind(id.to_string())
        .fetch_all(&mut *sql)
        .await?;
        let events = events
            .iter()
            .map(|e| Ok((e.try_get("event")?, rows::instant(e, "happened_at")?)))
            .collect::<Result<_>>()?;
        let valid_to: Option<String> = row.try_get("valid_to")?;
        let document = DocumentView {
            id,
            person,
            kind: row.try_get("kind")?,
            state: parse_state(&row.try_get::<String, _>("state")?)?,
            prints_linked: row.try_get::<i64, _>("prints_linked")? == 1,
            valid_to: valid_to
                .map(|d| d.parse())
                .transpose()
                .map_err(|_| RegistryError::Damaged { what: "document" })?,
        };
        documents.push(PersonDocument { document, encounter: rows::parse_id(&owner)?, number, events });
    }
    Ok(documents)
}

async fn refusals_of(sql: &mut SqliteConnection, person: PersonId) -> Result<Vec<RefusalLine>> {
    let found = sqlx::query(
        "SELECT r.* FROM refusals r JOIN encounters e ON e.id = r.encounter_id WHERE e.person_id = $1 ORDER BY r.refused_at DESC",
    )
    .bind(person.to_string())
    .fetch_all(sql)
    .await?;
    found
        .iter()
        .map(|row| {
            Ok(RefusalLine {
                id: rows::id(row, "id")?,
                step: rows::number(row, "step")?,
                consequence: row.try_get("consequence")?,
                clause: row.try_get("clause")?,
                refused_at: rows::instant(row, "refused_at")?,
                decided_at: rows::instant_opt(row, "decided_at")?,
                appealed_at: rows::instant_opt(row, "appealed_at")?,
                appeal_ended_at: rows::instant_opt(row, "appeal_ended_at")?,
            })
        })
        .collect()
}

async fn exemptions_of(sql: &mut SqliteConnection, person: PersonId) -> Result<Vec<ExemptionLine>> {
    let found = sqlx::query(
        "SELECT x.* FROM exemptions x JOIN encounters e ON e.id = x.encounter_id WHERE e.person_id = $1 ORDER BY x.recorded_at DESC",
    )
    .bind(person.to_string())
    .fetch_all(sql)
    .await?;
    found
        .iter()
        .map(|row| {
            Ok(ExemptionLine {
                code: row.try_get("code")?,
                permanence: row.try_get("permanence")?,
                recorded_at: rows::instant(row, "recorded_at")?,
            })
        })
        .collect()
}

/// Records that were merged into this one, and the one that this one was merged into.
async fn merges_of(sql: &mut SqliteConnection, person: PersonId) -> Result<(Vec<PersonId>, Option<PersonId>)> {
    let found = sqlx::query(
        "SELECT DISTINCT m.from_person, m.to_person, r.decided_at FROM cluster_moves m JOIN cluster_revisions r ON r.id = m.revision_id \
         WHERE r.kind = 'merge' AND r.state = 'applied' AND (m.from_person = $1 OR m.to_person = $1) ORDER BY r.decided_at",
    )
    .bind(person.to_string())
    .fetch_all(sql)
    .await?;
    let (mut from, mut into) = (Vec::new(), None);
    for row in &found {
        let (source, target): (PersonId, PersonId) = (rows::id(row, "from_person")?, rows::id(row, "to_person")?);
        if source == person {
            into = Some(target);
        } else {
            from.push(source);
        }
    }
    Ok((from, into))
}
