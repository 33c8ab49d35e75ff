//! Identity documents through their whole life, and the link between a document and the prints of its holder.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::Row;
use tanba_law::DocumentType;

use crate::actor::{Actor, Role};
use crate::encounter::EncounterState;
use crate::error::{RegistryError, Result};
use crate::ids::{DocumentId, EncounterId, PersonId, RefusalId, RowId};
use crate::institutions::code;
use crate::journal::Entry;
use crate::keys::{key_for_reading, key_for_writing};
use crate::refusal;
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::{Domain, fresh_bytes};

/// Where a document stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentState {
    /// Asked for.
    Applied,
    /// Made, not yet handed over.
    Personalised,
    /// In the holder's hands.
    Issued,
    /// Reported lost.
    Lost,
    /// Reported stolen.
    Stolen,
    /// Another document stands in its place.
    Replaced,
    /// Past its date.
    Expired,
    /// Made void.
    Cancelled,
}

/// What happens to a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // the names are the documentation
pub enum DocumentEvent {
    Personalised,
    Issued,
    Lost,
    Found,
    Stolen,
    Replaced,
    Expired,
    Cancelled,
}

impl DocumentState {
    /// The name in the database and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Personalised => "personalised",
            Self::Issued => "issued",
            Self::Lost => "lost",
            Self::Stolen => "stolen",
            Self::Replaced => "replaced",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state after an event, or `None` where that can't happen to a document in this state.
    ///
    /// ```
    /// use tanba_registry::{DocumentEvent, DocumentState};
    /// assert_eq!(DocumentState::Lost.after(DocumentEvent::Found), Some(DocumentState::Issued));
    /// assert_eq!(DocumentState::Cancelled.after(DocumentEvent::Issued), None);
    /// ```
    pub fn after(self, event: DocumentEvent) -> Option<Self> {
        use DocumentEvent as E;
        match (self, event) {
            (Self::Applied, E::Personalised) => Some(Self::Personalised),
            (Self::Personalised, E::Issued) => Some(Self::Issued),
            (Self::Issued, E::Lost) => Some(Self::Lost),
            (Self::Issued | Self::Lost, E::Stolen) => Some(Self::Stolen),
            (Self::Lost | Self::Stolen, E::Found) => Some(Self::Issued),
            (Self::Issued | Self::Lost | Self::Stolen, E::Replaced) => Some(Self::Replaced),
            (Self::Issued | Self::Lost | Self::Stolen, E::Expired) => Some(Self::Expired),
            (Self::Applied | Self::Personalised | Self::Issued | Self::Lost | Self::Stolen, E::Cancelled) => {
                Some(Self::Cancelled)
            }
            _ => None,
        }
    }
}

impl DocumentEvent {
    /// The name in the database and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Personalised => "personalised",
            Self::Issued => "issued",
            Self::Lost => "lost",
            Self::Found => "found",
            Self::Stolen => "stolen",
            Self::Replaced => "replaced",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        }
    }
}

/// A document as the operator sees it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DocumentView {
    /// The document.
    pub id: DocumentId,
    /// Its holder.
    pub person: PersonId,
    /// `identity_card`, `passport`, ...
    pub kind: String,
    /// Where it stands.
    pub state: DocumentState,
    /// Whether its holder's registered prints stand behind it.
    pub prints_linked: bool,
    /// Last day of validity.
    pub valid_to: Option<Date>,
}

/// The kind of an interim document.
pub const INTERIM: &str = "interim";

/// One step in the life of a document.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DocumentStep {
    /// `applied`, `personalised`, `issued`, ...
    pub event: String,
    /// When.
    pub at: Instant,
}

/// A document with its life.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DocumentLife {
    /// The document.
    pub document: DocumentView,
    /// The encounter in which it was applied for.
    pub encounter: EncounterId,
    /// Its printed number, once it has one.
    pub number: Option<String>,
    /// What happened to it, oldest first.
    pub steps: Vec<DocumentStep>,
}

/// The number and date that personalisation gives a document.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Personalisation {
    /// The printed number.
    pub number: String,
    /// Last day of validity.
    pub valid_to: Date,
}

impl Registry {
    /// Applies for a document at the end of an encounter; where the prints were registered or verified, they are linked.
    ///
    /// # Errors
    /// Denied (and logged) where a refusal stands in the way or the encounter did not end in a way that allows it.
    pub async fn apply_for_document(&self, actor: &Actor, encounter: EncounterId, kind: &str) -> Result<DocumentView> {
        let row = self.encounter_for(actor, encounter).await?;
        let kind = DocumentType::from_name(kind).ok_or(RegistryError::Invalid {
            field: "kind",
            problem: "not a document kind that the law knows".to_owned(),
        })?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let already = sqlx::query("SELECT id FROM documents WHERE encounter_id = $1 AND kind = $2")
            .bind(encounter.to_string())
            .bind(kind.name())
            .fetch_optional(tx.sql())
            .await?;
        if let Some(already) = already {
            // The same application twice is one application.
            let id = rows::id(&already, "id")?;
            let entry = Entry::look("document.viewed", actor).purpose("document").about(row.person);
            tx.commit(&entry.details(json!({"document": id}))).await?;
            return self.document_view(id).await;
        }
        let denied = refusal::denial_in_force(tx.sql(), row.person).await?;
        let allowed = match row.state {
            EncounterState::Registered | EncounterState::Verified => Some(true),
            EncounterState::Exempt => Some(false),
            _ => None,
        };
        let (Some(prints_linked), None) = (allowed, &denied) else {
            drop(tx);
            let (code, clause, text) = match denied {
                Some(clause) => ("refusal_in_force", clause, "a decision after a refusal denies this document"),
                None => (
                    "not_registered",
                    "registration precedes the document".to_owned(),
                    "the encounter did not end in a registration, a verification or an exemption",
                ),
            };
            let denial = Entry::denial("document.denied", Some(actor)).purpose("document").about(row.person);
            let denial = denial
                .details(json!({"encounter": encounter, "kind": kind.name(), "state": row.state, "reason": code}));
            let needs =
                vec!["complete the registration; an appeal suspends a denial and gives an interim document".to_owned()];
            return self.deny(denial, code, &clause, text, needs).await;
        };
        let id = DocumentId::fresh(now.micros(), fresh_bytes()?);
        sqlx::query("INSERT INTO documents (id, person_id, encounter_id, kind, number_blind, sealed_number, state, prints_linked, valid_to, replaces, updated_at) VALUES ($1, $2, $3, $4, NULL, NULL, 'applied', $5, NULL, NULL, $6)")
            .bind(id.to_string())
            .bind(row.person.to_string())
            .bind(encounter.to_string())
            .bind(kind.name())
            .bind(i64::from(prints_linked))
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        self.insert_document_event(&mut tx, actor, id, "applied").await?;
        let details =
            json!({"document": id, "kind": kind.name(), "encounter": encounter, "prints_linked": prints_linked});
        tx.commit(&Entry::effect("document.applied", actor).purpose("document").about(row.person).details(details))
            .await?;
        self.document_view(id).await
    }

    /// Gives a document its number and date.
    ///
    /// # Errors
    /// A conflict where the number is taken or the document isn't waiting for it.
    pub async fn personalise_document(
        &self,
        actor: &Actor,
        id: DocumentId,
        given: &Personalisation,
    ) -> Result<DocumentView> {
        self.demand(actor, Role::Operator, "personalise a document").await?;
        code("number", &given.number)?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let (person, encounter, _) = self.move_document(&mut tx, actor, id, DocumentEvent::Personalised).await?;
        let blind = self.inner.vault.blind("document", given.number.as_bytes());
        let taken: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM documents WHERE number_blind = $1")
            .bind(&blind)
            .fetch_one(tx.sql())
            .await?;
        if taken > 0 {
            return Err(RegistryError::Conflict {
                what: "this document number is taken",
                next: "check the blank's number",
            });
        }
        let owner = encounter.to_string();
        let key = key_for_writing(&self.inner.vault, tx.sql(), now, &owner, Domain::Identity).await?;
        let sealed = self.inner.vault.seal(
            &key,
            Domain::Identity,
            &owner,
            &format!("document/{id}"),
            given.number.as_bytes(),
        )?;
        sqlx::query("UPDATE documents SET number_blind = $1, sealed_number = $2, valid_to = $3 WHERE id = $4")
            .bind(blind)
            .bind(sealed)
            .bind(given.valid_to.to_string())
            .bind(id.to_string())
            .execute(tx.sql())
            .await?;
        let entry = Entry::effect("document.personalised", actor).purpose("document").about(person);
        tx.commit(&entry.details(json!({"document": id}))).await?;
        self.document_view(id).await
    }

    /// Records what happened to a document.
    ///
    /// # Errors
    /// A conflict where that can't happen to a document in its state.
    pub async fn document_happened(&self, actor: &Actor, id: DocumentId, event: DocumentEvent) -> Result<DocumentView> {
        self.demand(actor, Role::Operator, "change a document").await?;
        if event == DocumentEvent::Personalised {
            return Err(RegistryError::Invalid {
                field: "event",
                problem: "personalisation needs the number and date".to_owned(),
            });
        }
        let mut tx = WriteTx::begin(&self.inner).await?;
        let (person, _, state) = self.move_document(&mut tx, actor, id, event).await?;
        if state == DocumentState::Issued && event == DocumentEvent::Issued {
            self.end_interim_documents(&mut tx, actor, None, person, DocumentEvent::Replaced).await?;
        }
        let entry = Entry::effect("document.changed", actor).purpose("document").about(person);
        tx.commit(&entry.details(json!({"document": id, "event": event, "state": state}))).await?;
        self.document_view(id).await
    }

    /// A document by its id; the look is logged.
    ///
    /// # Errors
    /// Denied without the operator's role; not found.
    pub async fn view_document(&self, actor: &Actor, id: DocumentId) -> Result<DocumentView> {
        self.demand(actor, Role::Operator, "see a document").await?;
        let view = self.document_view(id).await?;
        let tx = WriteTx::begin(&self.inner).await?;
        let entry = Entry::look("document.viewed", actor).purpose("document").about(view.person);
        tx.commit(&entry.details(json!({"document": id}))).await?;
        Ok(view)
    }

    /// A document with its number and everything that happened to it; a look.
    ///
    /// # Errors
    /// Denied without the operator's role; not found.
    pub async fn document_life(&self, actor: &Actor, id: DocumentId) -> Result<DocumentLife> {
        let document = self.view_document(actor, id).await?;
        let mut sql = self.inner.pool.acquire().await?;
        let row = sqlx::query("SELECT encounter_id, sealed_number FROM documents WHERE id = $1")
            .bind(id.to_string())
            .fetch_one(&mut *sql)
            .await?;
        let encounter: EncounterId = rows::id(&row, "encounter_id")?;
        let owner = encounter.to_string();
        let key = key_for_reading(&self.inner.vault, &mut sql, &owner, Domain::Identity).await?;
        let number = match (key, row.try_get::<Option<Vec<u8>>, _>("sealed_number")?) {
            (Some(key), Some(sealed)) => {
                let field = format!("document/{id}");
                let plain = self.inner.vault.open(&key, Domain::Identity, &owner, &field, &sealed)?;
                Some(String::from_utf8_lossy(&plain).into_owned())
            }
            _ => None,
        };
        let steps = sqlx::query(
            "SELECT event, happened_at FROM document_events WHERE document_id = $1 ORDER BY happened_at, id",
        )
        .bind(id.to_string())
        .fetch_all(&mut *sql)
        .await?
        .iter()
        .map(|row| Ok(DocumentStep { event: row.try_get("event")?, at: rows::instant(row, "happened_at")? }))
        .collect::<Result<_>>()?;
        Ok(DocumentLife { document, encounter, number, steps })
    }

    /// Issues an interim document while an appeal against a refusal is pending; issued twice, it is the same one. It ends
    /// with the appeal, or when a document takes its place.
    ///
    /// # Errors
    /// Denied without the operator's or officer's role; a conflict where no appeal is pending.
    pub async fn issue_interim_document(&self, actor: &Actor, refusal: RefusalId) -> Result<DocumentView> {
        let encounter = self.refusal_encounter(refusal).await?;
        let row = if actor.has(Role::Officer) {
            self.load_encounter(encounter).await?
        } else {
            self.encounter_for(actor, encounter).await?
        };
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let pending: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM refusals WHERE id = $1 AND appealed_at IS NOT NULL AND appeal_ended_at IS NULL",
        )
        .bind(refusal.to_string())
        .fetch_one(tx.sql())
        .await?;
        if pending == 0 {
            return Err(RegistryError::Conflict {
                what: "no appeal against this refusal is pending",
                next: "an interim document is issued while an appeal is pending",
            });
        }
        let issued: Option<String> =
            sqlx::query_scalar("SELECT id FROM documents WHERE refusal_id = $1 AND state = 'issued'")
                .bind(refusal.to_string())
                .fetch_optional(tx.sql())
                .await?;
        if let Some(issued) = issued {
            drop(tx);
            return self.document_view(rows::parse_id(&issued)?).await;
        }
        let id = DocumentId::fresh(now.micros(), fresh_bytes()?);
        // The register gives its number: an interim document has no blank with one printed on it.
        let number = format!("T-{}", crate::journal::hex(&fresh_bytes::<5>()?).to_ascii_uppercase());
        let owner = encounter.to_string();
        let key = key_for_writing(&self.inner.vault, tx.sql(), now, &owner, Domain::Identity).await?;
        let field = format!("document/{id}");
        let sealed = self.inner.vault.seal(&key, Domain::Identity, &owner, &field, number.as_bytes())?;
        sqlx::query("INSERT INTO documents (id, person_id, encounter_id, kind, number_blind, sealed_number, state, prints_linked, valid_to, replaces, updated_at, refusal_id) VALUES ($1, $2, $3, $4, $5, $6, 'issued', 0, NULL, NULL, $7, $8)")
            .bind(id.to_string())
            .bind(row.person.to_string())
            .bind(&owner)
            .bind(INTERIM)
            .bind(self.inner.vault.blind("document", number.as_bytes()))
            .bind(sealed)
            .bind(now.micros())
            .bind(refusal.to_string())
            .execute(tx.sql())
            .await?;
        self.insert_document_event(&mut tx, actor, id, "issued").await?;
        let entry = Entry::effect("document.interim_issued", actor).purpose("document").about(row.person);
        tx.commit(&entry.details(json!({"document": id, "refusal": refusal}))).await?;
        self.document_view(id).await
    }

    /// Ends interim documents of a person (those of one refusal, where one is named) inside the caller's change.
    pub(crate) async fn end_interim_documents(
        &self,
        tx: &mut WriteTx<'_>,
        actor: &Actor,
        refusal: Option<RefusalId>,
        person: PersonId,
        event: DocumentEvent,
    ) -> Result<()> {
        let found: Vec<String> = sqlx::query_scalar(
            "SELECT id FROM documents WHERE kind = $1 AND person_id = $2 AND ($3 = '' OR refusal_id = $3) AND state IN ('issued', 'lost', 'stolen')",
        )
        .bind(INTERIM)
        .bind(person.to_string())
        .bind(refusal.map(|r| r.to_string()).unwrap_or_default())
        .fetch_all(tx.sql())
        .await?;
        for id in &found {
            self.move_document(tx, actor, rows::parse_id(id)?, event).await?;
        }
        Ok(())
    }

    /// A person's documents, newest first.
    pub(crate) async fn documents_of(&self, person: PersonId) -> Result<Vec<DocumentView>> {
        let found: Vec<String> =
            sqlx::query_scalar("SELECT id FROM documents WHERE person_id = $1 ORDER BY id DESC LIMIT 50")
                .bind(person.to_string())
                .fetch_all(&self.inner.pool)
                .await?;
        let mut views = Vec::with_capacity(found.len());
        for id in &found {
            views.push(self.document_view(rows::parse_id(id)?).await?);
        }
        Ok(views)
    }

    pub(crate) async fn move_document(
        &self,
        tx: &mut WriteTx<'_>,
        actor: &Actor,
        id: DocumentId,
        event: DocumentEvent,
    ) -> Result<(PersonId, EncounterId, DocumentState)> {
        let now = tx.now().micros();
        let row = sqlx::query("SELECT person_id, encounter_id, state FROM documents WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(tx.sql())
            .await?
            .ok_or(RegistryError::NotFound { what: "document" })?;
        let state = parse_state(&row.try_get::<String, _>("state")?)?;
        let next = state.after(event).ok_or(RegistryError::Conflict {
            what: "this cannot happen to a document in its present state",
            next: "look at the document's state first",
        })?;
        let person: PersonId = rows::id(&row, "person_id")?;
        sqlx::query("UPDATE documents SET state = $1, updated_at = $2 WHERE id = $3")
            .bind(next.name())
            .bind(now)
            .bind(id.to_string())
            .execute(tx.sql())
            .await?;
        self.insert_document_event(tx, actor, id, event.name()).await?;
        Ok((person, rows::id(&row, "encounter_id")?, next))
    }

    async fn insert_document_event(
        &self,
        tx: &mut WriteTx<'_>,
        actor: &Actor,
        id: DocumentId,
        event: &'static str,
    ) -> Result<()> {
        let now = tx.now().micros();
        sqlx::query(
            "INSERT INTO document_events (id, document_id, event, account_id, happened_at) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(RowId::fresh(now, fresh_bytes()?).to_string())
        .bind(id.to_string())
        .bind(event)
        .bind(actor.account().to_string())
        .bind(now)
        .execute(tx.sql())
        .await?;
        Ok(())
    }

    async fn document_view(&self, id: DocumentId) -> Result<DocumentView> {
        let row = sqlx::query("SELECT * FROM documents WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.inner.pool)
            .await?
            .ok_or(RegistryError::NotFound { what: "document" })?;
        let valid_to: Option<String> = row.try_get("valid_to")?;
        Ok(DocumentView {
            id,
            person: rows::id(&row, "person_id")?,
            kind: row.try_get("kind")?,
            state: parse_state(&row.try_get::<String, _>("state")?)?,
            prints_linked: row.try_get::<i64, _>("prints_linked")? == 1,
            valid_to: valid_to
                .map(|d| d.parse())
                .transpose()
                .map_err(|_| RegistryError::Damaged { what: "document" })?,
        })
    }
}

pub(crate) fn parse_state(text: &str) -> Result<DocumentState> {
    serde_json::from_value(serde_json::Value::String(text.to_owned()))
        .map_err(|_| RegistryError::Damaged { what: "document" })
}
