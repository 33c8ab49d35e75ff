//! An operator's shift: who works at which station, from when until when.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::Row;

use crate::actor::{Actor, ActorStation, Role};
use crate::error::{RegistryError, Result};
use crate::ids::RowId;
use crate::journal::Entry;
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::fresh_bytes;

/// A shift at a station.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shift {
    /// The shift.
    pub id: RowId,
    /// The station's code.
    pub station: String,
    /// When it began.
    pub opened_at: Instant,
}

/// What is left when a shift ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShiftEnd {
    /// Encounters still open at the station; they stay, encrypted, for whoever comes next.
    pub encounters_open: u64,
}

/// The station that a session was opened at, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StationView {
    /// The station's code.
    pub station: String,
    /// The site's name.
    pub site: String,
    /// What kind of site it is.
    pub site_kind: String,
    /// The registrations that may lawfully start there.
    pub triggers: Vec<String>,
}

impl Registry {
    /// Opens a shift at the session's station; opened twice, it is the same shift.
    ///
    /// # Errors
    /// Denied without the operator's role; invalid without a station; a conflict while the account's shift at another
    /// station is open.
    pub async fn open_shift(&self, actor: &Actor) -> Result<Shift> {
        self.demand(actor, Role::Operator, "open a shift").await?;
        let station = at_station(actor)?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let open = sqlx::query("SELECT station_id FROM shifts WHERE account_id = $1 AND closed_at IS NULL")
            .bind(actor.account().to_string())
            .fetch_optional(tx.sql())
            .await?;
        if let Some(open) = open {
            drop(tx);
            if open.try_get::<String, _>("station_id")? != station.id.to_string() {
                return Err(RegistryError::Conflict {
                    what: "your shift at another station is still open",
                    next: "close that shift first; its encounters stay where they are",
                });
            }
            return self.current_shift(actor).await?.ok_or(RegistryError::Damaged { what: "shift" });
        }
        let id = RowId::fresh(now.micros(), fresh_bytes()?);
        sqlx::query(
            "INSERT INTO shifts (id, account_id, station_id, opened_at, closed_at) VALUES ($1, $2, $3, $4, NULL)",
        )
        .bind(id.to_string())
        .bind(actor.account().to_string())
        .bind(station.id.to_string())
        .bind(now.micros())
        .execute(tx.sql())
        .await?;
        let entry = Entry::effect("shift.opened", actor).purpose("registration");
        tx.commit(&entry.details(json!({"shift": id, "station": station.code}))).await?;
        Ok(Shift { id, station: station.code.clone(), opened_at: now })
    }

    /// Closes the account's open shift, and says what is still open at its station.
    ///
    /// # Errors
    /// Denied without the operator's role; a conflict where no shift is open.
    pub async fn close_shift(&self, actor: &Actor) -> Result<ShiftEnd> {
        self.demand(actor, Role::Operator, "close a shift").await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let open = sqlx::query("SELECT id, station_id FROM shifts WHERE account_id = $1 AND closed_at IS NULL")
            .bind(actor.account().to_string())
            .fetch_optional(tx.sql())
            .await?
            .ok_or(RegistryError::Conflict { what: "no shift is open", next: "open a shift to begin work" })?;
        let shift: String = open.try_get("id")?;
        sqlx::query("UPDATE shifts SET closed_at = $1 WHERE id = $2")
            .bind(now.micros())
            .bind(&shift)
            .execute(tx.sql())
            .await?;
        let left: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM encounters WHERE station_id = $1 AND state = 'open'")
            .bind(open.try_get::<String, _>("station_id")?)
            .fetch_one(tx.sql())
            .await?;
        let entry = Entry::effect("shift.closed", actor).purpose("registration");
        tx.commit(&entry.details(json!({"shift": shift, "encounters_open": left}))).await?;
        Ok(ShiftEnd { encounters_open: u64::try_from(left).unwrap_or(0) })
    }

    /// The account's open shift, if any.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn current_shift(&self, actor: &Actor) -> Result<Option<Shift>> {
        let row = sqlx::query(
            "SELECT s.id, s.opened_at, t.code FROM shifts s JOIN stations t ON t.id = s.station_id WHERE s.account_id = $1 AND s.closed_at IS NULL",
        )
        .bind(actor.account().to_string())
        .fetch_optional(&self.inner.pool)
        .await?;
        row.map(|row| {
            Ok(Shift {
                id: rows::id(&row, "id")?,
                station: row.try_get("code")?,
                opened_at: rows::instant(&row, "opened_at")?,
            })
        })
        .transpose()
    }

    /// The station of the session, its site, and what may start there; nothing about any person.
    ///
    /// # Errors
    /// Invalid where the session was opened without a station.
    pub async fn station_view(&self, actor: &Actor) -> Result<StationView> {
        let station = at_station(actor)?;
        let row = sqlx::query("SELECT name, kind FROM sites WHERE id = $1")
            .bind(station.site.to_string())
            .fetch_one(&self.inner.pool)
            .await?;
        Ok(StationView {
            station: station.code.clone(),
            site: row.try_get("name")?,
            site_kind: row.try_get("kind")?,
            triggers: station.triggers.iter().cloned().collect(),
        })
    }
}

/// The station that the session was opened at.
pub(crate) fn at_station(actor: &Actor) -> Result<&ActorStation> {
    actor.station().ok_or(RegistryError::Invalid {
        field: "station",
        problem: "this is done at a station: sign in with its code".to_owned(),
    })
}
