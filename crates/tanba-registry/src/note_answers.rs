//! What became of the notes on the supervisor's page: each is answered as founded or unfounded, with a reason, and the share of unfounded
//! ones is the rate of false alarms.
//!
//! The entries of a note about the supervisor's list are kept as keyed hashes: by their places a reader of the database would know whom
//! they are about, and so who is on the list.
//!
//! A note is computed anew whenever the page is opened, so an answer covers what its entries were: one more entry makes it a new note.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{Row, SqliteConnection};

use crate::actor::{Actor, Role};
use crate::anomaly::{AnomalyKind, AnomalyNote};
use crate::breach::demand_entries;
use crate::error::{RegistryError, Result};
use crate::ids::RowId;
use crate::institutions::text;
use crate::journal::{Entry, hex};
use crate::keys::key_for_writing;
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::vault::{Domain, fresh_bytes};

/// What a supervisor found out about a note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewNoteAnswer {
    /// The rule of the note.
    pub kind: AnomalyKind,
    /// Whom it is about, as [`AnomalyNote::subject`] gives it.
    pub subject: String,
    /// Its entries.
    pub entries: Vec<u64>,
    /// Whether there was something to it.
    pub founded: bool,
    /// Why, 1 to 200 characters.
    pub reason: String,
}

/// How many notes of a rule were answered, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FalseAlarms {
    /// The rule.
    pub kind: AnomalyKind,
    /// With something to them.
    pub founded: u64,
    /// With nothing to them.
    pub unfounded: u64,
}

impl FalseAlarms {
    /// Unfounded ones among all that were answered, from 0 to 1; `None` before the first answer.
    pub fn rate(&self) -> Option<f64> {
        let answered = self.founded + self.unfounded;
        #[allow(clippy::cast_precision_loss)] // counts of what people answered
        (answered > 0).then(|| self.unfounded as f64 / answered as f64)
    }
}

impl AnomalyNote {
    /// Whom the note is about: account, organisations and centre, as far as its rule has them.
    pub fn subject(&self) -> String {
        let organisations = self.organisations.join(",");
        format!("{}/{organisations}/{}", self.account.as_deref().unwrap_or(""), self.site.as_deref().unwrap_or(""))
    }
}

impl Registry {
    /// Records what a supervisor found out about a note. The note is gone from the page until there is an entry more.
    ///
    /// # Errors
    /// Denied without the supervisor's role; invalid where the log has no such entries; a conflict where the note was answered.
    pub async fn answer_note(&self, actor: &Actor, new: &NewNoteAnswer) -> Result<()> {
        self.demand(actor, Role::Supervisor, "answer notes").await?;
        text("reason", &new.reason)?;
        text("subject", &new.subject)?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        demand_entries(tx.sql(), &new.entries).await?;
        let answered = answered(tx.sql(), new.kind, &new.subject).await?;
        let entries: Vec<String> = new.entries.iter().map(|seq| self.kept_place(new.kind, *seq)).collect();
        if entries.iter().all(|place| answered.contains(place)) {
            return Err(RegistryError::Conflict {
                what: "this note was answered",
                next: "look at the notes again: one with later entries is a new one",
            });
        }
        let owner = RowId::fresh(now.micros(), fresh_bytes()?).to_string();
        let key = key_for_writing(&self.inner.vault, tx.sql(), now, &owner, Domain::Case).await?;
        let sealed = self.inner.vault.seal(&key, Domain::Case, &owner, "reason", new.reason.as_bytes())?;
        sqlx::query("INSERT INTO note_answers (id, kind, subject, entries, founded, sealed_reason, answered_by, answered_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
            .bind(&owner)
            .bind(new.kind.name())
            .bind(&new.subject)
            .bind(entries.join(" "))
            .bind(i64::from(new.founded))
            .bind(sealed)
            .bind(actor.account().to_string())
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        let details = json!({"kind": new.kind, "subject": new.subject, "entries": new.entries, "founded": new.founded, "reason": new.reason});
        tx.commit(&Entry::effect("note.answered", actor).purpose("supervision").details(details)).await?;
        Ok(())
    }

    /// Leaves out the notes that were answered.
    pub(crate) async fn unanswered(&self, notes: Vec<AnomalyNote>) -> Result<Vec<AnomalyNote>> {
        let mut sql = self.inner.pool.acquire().await?;
        let mut open = Vec::new();
        for note in notes {
            let answered = answered(&mut sql, note.kind, &note.subject()).await?;
            if !note.entries.iter().all(|seq| answered.contains(&self.kept_place(note.kind, *seq))) {
                open.push(note);
            }
        }
        Ok(open)
    }

    /// A place in the log, as an answer keeps it.
    fn kept_place(&self, kind: AnomalyKind, seq: u64) -> String {
        match kind {
            AnomalyKind::WatchedPerson => hex(&self.inner.vault.blind("watched-look", seq.to_string().as_bytes())),
            _ => seq.to_string(),
        }
    }

    /// How many notes of each rule were answered, and how; rules without an answer are left out.
    pub(crate) async fn false_alarms(&self) -> Result<Vec<FalseAlarms>> {
        let found = sqlx::query(
            "SELECT kind, SUM(founded) AS founded, SUM(1 - founded) AS unfounded FROM note_answers GROUP BY kind ORDER BY kind",
        )
        .fetch_all(&self.inner.pool)
        .await?;
        found
            .iter()
            .map(|row| {
                let kind = serde_json::from_value(json!(row.try_get::<String, _>("kind")?));
                Ok(FalseAlarms {
                    kind: kind.map_err(|_| RegistryError::Damaged { what: "answer to a note" })?,
                    founded: rows::number(row, "founded")?,
                    unfounded: rows::number(row, "unfounded")?,
                })
            })
            .collect()
    }
}

/// Entries of notes of a rule about somebody that were answered, as answers keep them.
async fn answered(sql: &mut SqliteConnection, kind: AnomalyKind, subject: &str) -> Result<BTreeSet<String>> {
    let lists: Vec<String> = sqlx::query_scalar("SELECT entries FROM note_answers WHERE kind = $1 AND subject = $2")
        .bind(kind.name())
        .bind(subject)
        .fetch_all(sql)
        .await?;
    Ok(lists.iter().flat_map(|list| list.split(' ')).map(str::to_owned).collect())
}
