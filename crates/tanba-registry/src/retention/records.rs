//! What happens to a record that its keeping depends on: events, reviews, orders to keep, material that was destroyed.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{Row, SqliteConnection};

use super::assess::Kind;
use crate::actor::{Actor, Role};
use crate::error::{RegistryError, Result};
use crate::ids::{RowId, SanctionId, SpecimenId};
use crate::institutions::{code, text};
use crate::journal::Entry;
use crate::keys::{key_for_reading, key_for_writing};
use crate::registry::Registry;
use crate::rows;
use crate::signed_sanctions::STANDING_ROW;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::{Domain, Vault, fresh_bytes};

/// An event that starts, ends or renews a clock of retention.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetentionEvent {
    /// In the pack's words: `acquittal`, `rehabilitation`, `judgment_final`, `new_entry`, ...; `reviewed` where somebody looked
    /// whether the record is still needed, and it is.
    pub event: String,
    /// The day on which it happened.
    pub on: Date,
    /// The gravity of the offence, in the pack's words, where the event says it.
    #[serde(default)]
    pub gravity: Option<String>,
    /// The judgment, order or note that says so.
    pub evidence: String,
}

/// An order to keep a record beyond its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoldRequest {
    /// The encounter or specimen.
    pub record: RowId,
    /// The sanction: its purposes must name `legal_hold`. The hold lasts as long as it does.
    pub sanction: SanctionId,
}

/// Biological material that must be destroyed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaterialOrder {
    /// The specimen.
    pub specimen: SpecimenId,
    /// Since when.
    pub ordered_at: Instant,
}

/// The purpose for which a sanction must be given so that a record is kept by it.
const LEGAL_HOLD: &str = "legal_hold";

impl Registry {
    /// Records an event of an encounter's prints (by a second officer) or of a specimen (by a DNA examiner). What follows from it,
    /// the next plan says.
    ///
    /// # Errors
    /// Denied, and logged, without the role; not found where nothing is held; invalid values.
    pub async fn record_retention_event(&self, actor: &Actor, record: RowId, event: &RetentionEvent) -> Result<()> {
        code("event", &event.event)?;
        text("evidence", &event.evidence)?;
        if let Some(gravity) = &event.gravity {
            code("gravity", gravity)?;
        }
        if event.on > self.today() {
            return Err(RegistryError::Invalid {
                field: "on",
                problem: "an event is recorded when it has happened, not before".to_owned(),
            });
        }
        let owner = record.to_string();
        let mut sql = self.inner.pool.acquire().await?;
        let held = self.held_of(&mut sql, &owner).await?;
        drop(sql);
        let role = match held.as_ref().map(|held| held.kind) {
            Some(Kind::Specimen) => Role::DnaExaminer,
            _ => Role::SecondOfficer,
        };
        self.demand(actor, role, "record what a record's keeping depends on").await?;
        let held = held.ok_or(RegistryError::NotFound { what: "record" })?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let id = RowId::fresh(now.micros(), fresh_bytes()?);
        let plain = serde_json::to_vec(event).map_err(|_| RegistryError::Damaged { what: "retention event" })?;
        let domain = held.kind.domain();
        let key = key_for_writing(&self.inner.vault, tx.sql(), now, &owner, domain).await?;
        let sealed = self.inner.vault.seal(&key, domain, &owner, &field(id), &plain)?;
        sqlx::query("INSERT INTO retention_events (id, owner_id, sealed_event, recorded_by, recorded_at) VALUES ($1, $2, $3, $4, $5)")
            .bind(id.to_string())
            .bind(&owner)
            .bind(sealed)
            .bind(actor.account().to_string())
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        let entry = Entry::effect("retention.event_recorded", actor).purpose("retention").about_all(held.person);
        tx.commit(&entry.details(json!({"record": record, "event": event.event}))).await?;
        Ok(())
    }

    /// Keeps a record beyond its time, by a sanction. Whether its authority may order that, the pack says when the time is over.
    ///
    /// # Errors
    /// Denied, and logged, without the officer's role, or where no sanction for it is in force.
    pub async fn hold_record(&self, actor: &Actor, hold: &HoldRequest) -> Result<()> {
        self.demand(actor, Role::Officer, "order that a record is kept").await?;
        let owner = hold.record.to_string();
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let held = self.held_of(tx.sql(), &owner).await?.ok_or(RegistryError::NotFound { what: "record" })?;
        let sanction = sqlx::query(STANDING_ROW).bind(hold.sanction.to_string()).fetch_optional(tx.sql()).await?;
        let orders = match sanction {
            None => false,
            Some(row) => {
                let ours = row.try_get::<String, _>("organisation")? == actor.organisation_code;
                let (from, to) = (rows::instant(&row, "valid_from")?, rows::instant(&row, "valid_to")?);
                let in_force = rows::instant_opt(&row, "revoked_at")?.is_none() && from <= now && now < to;
                let purposes: String = row.try_get("purposes")?;
                // An order about one person keeps nobody else's record, and what is not as it was signed keeps none.
                let about = self.standing(tx.sql(), &row).await?.is_ok_and(|subject| subject.opens(held.person));
                ours && in_force && about && purposes.split(' ').any(|p| p == LEGAL_HOLD)
            }
        };
        if !orders {
            drop(tx);
            let denial = Entry::denial("hold.denied", Some(actor)).purpose("retention").about_all(held.person);
            return self
                .deny(
                    denial.details(json!({"record": hold.record})),
                    "hold_without_sanction",
                    "a record is kept beyond its time by a sanction only",
                    "no sanction in force orders that this record is kept",
                    vec!["a sanction whose purposes name legal_hold".to_owned()],
                )
                .await;
        }
        sqlx::query("INSERT INTO legal_holds (id, owner_id, sanction_id, entered_by, entered_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (owner_id, sanction_id) DO NOTHING")
            .bind(RowId::fresh(now.micros(), fresh_bytes()?).to_string())
            .bind(&owner)
            .bind(hold.sanction.to_string())
            .bind(actor.account().to_string())
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        let entry = Entry::effect("record.held", actor).purpose("retention").sanction(Some(hold.sanction));
        tx.commit(&entry.about_all(held.person).details(json!({"record": hold.record}))).await?;
        Ok(())
    }

    /// Material whose destruction is ordered and not confirmed, the oldest first.
    ///
    /// # Errors
    /// Denied, and logged, without the DNA examiner's role.
    pub async fn material_to_destroy(&self, actor: &Actor) -> Result<Vec<MaterialOrder>> {
        self.demand(actor, Role::DnaExaminer, "see what material is to be destroyed").await?;
        let found = sqlx::query(
            "SELECT specimen_id, ordered_at FROM material_destructions WHERE confirmed_at IS NULL ORDER BY ordered_at, specimen_id",
        )
        .fetch_all(&self.inner.pool)
        .await?;
        found
            .iter()
            .map(|row| {
                Ok(MaterialOrder {
                    specimen: rows::id(row, "specimen_id")?,
                    ordered_at: rows::instant(row, "ordered_at")?,
                })
            })
            .collect()
    }

    /// The laboratory's word that material was destroyed.
    ///
    /// # Errors
    /// Denied, and logged, without the DNA examiner's role; not found where no such order is open.
    pub async fn confirm_material_destroyed(&self, actor: &Actor, specimen: SpecimenId, evidence: &str) -> Result<()> {
        self.demand(actor, Role::DnaExaminer, "confirm that material was destroyed").await?;
        text("evidence", evidence)?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now().micros();
        let done = sqlx::query(
            "UPDATE material_destructions SET confirmed_by = $1, confirmed_at = $2, evidence = $3 WHERE specimen_id = $4 AND confirmed_at IS NULL",
        )
        .bind(actor.account().to_string())
        .bind(now)
        .bind(evidence)
        .bind(specimen.to_string())
        .execute(tx.sql())
        .await?;
        if done.rows_affected() == 0 {
            return Err(RegistryError::NotFound { what: "order to destroy material" });
        }
        let person: Option<String> = sqlx::query_scalar("SELECT person_id FROM specimens WHERE id = $1")
            .bind(specimen.to_string())
            .fetch_one(tx.sql())
            .await?;
        let person = person.map(|person| rows::parse_id(&person)).transpose()?;
        let entry = Entry::effect("material.destroyed", actor).purpose("retention").about_all(person);
        tx.commit(&entry.details(json!({"specimen": specimen, "evidence": evidence}))).await?;
        Ok(())
    }
}

/// The events of a record, in the order in which they were recorded; none where its keys are gone.
pub(super) async fn events_of(
    vault: &Vault,
    sql: &mut SqliteConnection,
    kind: Kind,
    owner: &str,
) -> Result<Vec<RetentionEvent>> {
    let found =
        sqlx::query("SELECT id, sealed_event FROM retention_events WHERE owner_id = $1 ORDER BY recorded_at, id")
            .bind(owner)
            .fetch_all(&mut *sql)
            .await?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let domain: Domain = kind.domain();
    let Some(key) = key_for_reading(vault, sql, owner, domain).await? else { return Ok(Vec::new()) };
    found
        .iter()
        .map(|row| {
            let sealed: Vec<u8> = row.try_get("sealed_event")?;
            let plain = vault.open(&key, domain, owner, &field(rows::id(row, "id")?), &sealed)?;
            serde_json::from_slice(&plain).map_err(|_| RegistryError::Damaged { what: "retention event" })
        })
        .collect()
}

/// What a sealed event is bound to, beside its record.
fn field(id: RowId) -> String {
    format!("retention/{id}")
}
