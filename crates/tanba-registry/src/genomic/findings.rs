//! No hit is an identification: two examiners look at it, independently, and only what both find holds is confirmed.
//!
//! The same way of deciding serves hits and reconciliations: whoever entered one of the specimens has no finding to give, nobody
//! gives two, nobody sees another's before the matter is decided; two that differ need a third.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use super::hits::EXAMINATION;
use crate::actor::Actor;
use crate::error::{RegistryError, Result};
use crate::ids::SpecimenId;
use crate::journal::Entry;
use crate::keys::{key_for_reading, key_for_writing};
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::Domain;
use crate::verdict::{Verdict, check_notes, decided, parse_verdict};

/// Why an examiner has no finding to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GenomicBar {
    /// Entered one of the two specimens.
    OwnSpecimen,
    /// Is the donor of one of them.
    OwnProfile,
    /// Proposed it.
    OwnProposal,
    /// Has given a finding, under this or another account.
    SameExaminer,
}

impl GenomicBar {
    fn code(self) -> &'static str {
        match self {
            Self::OwnSpecimen => "own_specimen",
            Self::OwnProfile => "own_profile",
            Self::OwnProposal => "own_proposal",
            Self::SameExaminer => "same_examiner",
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::OwnSpecimen => "whoever entered one of the specimens does not examine the hit",
            Self::OwnProfile => "nobody examines a hit on their own profile",
            Self::OwnProposal => "whoever proposes it does not decide it",
            Self::SameExaminer => "an examiner gives one finding; the next must be another person's",
        }
    }
}

/// A finding as it was given; nobody's name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GenomicFinding {
    /// Whether it is the reader's own.
    pub mine: bool,
    /// Whether it holds.
    pub verdict: Verdict,
    /// What it rests on.
    pub notes: Option<String>,
    /// When.
    pub found_at: Instant,
}

/// Something that examiners decide: a hit or a reconciliation.
pub(super) struct Matter {
    /// `hit` or `reconciliation`.
    pub(super) kind: &'static str,
    pub(super) id: String,
    /// The specimen whose keys seal the notes.
    pub(super) owner: SpecimenId,
}

impl Registry {
    /// Writes a finding down and tells the state that follows: `open`, `disputed`, `confirmed`, `rejected`, `inconclusive`.
    pub(super) async fn give_finding(
        &self,
        tx: &mut WriteTx<'_>,
        actor: &Actor,
        matter: &Matter,
        verdict: Verdict,
        notes: Option<&str>,
    ) -> Result<&'static str> {
        let now = tx.now();
        let sealed = match notes.filter(|notes| !notes.trim().is_empty()) {
            None => None,
            Some(notes) => {
                check_notes(notes)?;
                let owner = matter.owner.to_string();
                let key = key_for_writing(&self.inner.vault, tx.sql(), now, &owner, Domain::Genomic).await?;
                let field = notes_field(matter, &actor.account().to_string());
                Some(self.inner.vault.seal(&key, Domain::Genomic, &owner, &field, notes.as_bytes())?)
            }
        };
        sqlx::query("INSERT INTO genomic_findings (subject_kind, subject_id, account_id, verdict, sealed_notes, found_at) VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(matter.kind)
            .bind(&matter.id)
            .bind(actor.account().to_string())
            .bind(verdict.name())
            .bind(sealed)
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        let verdicts: Vec<String> =
            sqlx::query_scalar("SELECT verdict FROM genomic_findings WHERE subject_kind = $1 AND subject_id = $2")
                .bind(matter.kind)
                .bind(&matter.id)
                .fetch_all(tx.sql())
                .await?;
        Ok(match decided(&verdicts) {
            "same" => "confirmed",
            "different" => "rejected",
            other => other,
        })
    }

    /// All findings of a matter, in their order.
    pub(super) async fn findings_of(
        &self,
        sql: &mut SqliteConnection,
        matter: &Matter,
        reader: &Actor,
    ) -> Result<Vec<GenomicFinding>> {
        let given = sqlx::query(
            "SELECT g.*, a.natural_person FROM genomic_findings g JOIN accounts a ON a.id = g.account_id WHERE g.subject_kind = $1 AND g.subject_id = $2 ORDER BY g.found_at, g.account_id",
        )
        .bind(matter.kind)
        .bind(&matter.id)
        .fetch_all(&mut *sql)
        .await?;
        let owner = matter.owner.to_string();
        let key = key_for_reading(&self.inner.vault, sql, &owner, Domain::Genomic).await?;
        given
            .iter()
            .map(|row| {
                let field = notes_field(matter, &row.try_get::<String, _>("account_id")?);
                let notes = match (&key, row.try_get::<Option<Vec<u8>>, _>("sealed_notes")?) {
                    (Some(key), Some(sealed)) => {
                        Some(self.inner.vault.open(key, Domain::Genomic, &owner, &field, &sealed)?)
                    }
                    _ => None,
                };
                Ok(GenomicFinding {
                    mine: row.try_get::<String, _>("natural_person")? == reader.natural_person,
                    verdict: parse_verdict(&row.try_get::<String, _>("verdict")?)?,
                    notes: notes.map(|notes| String::from_utf8_lossy(&notes).into_owned()),
                    found_at: rows::instant(row, "found_at")?,
                })
            })
            .collect()
    }

    pub(super) async fn deny_finding<T>(
        &self,
        actor: &Actor,
        kind: &'static str,
        id: &str,
        bar: GenomicBar,
    ) -> Result<T> {
        let denial =
            Entry::denial("genomic_finding.denied", Some(actor)).purpose(EXAMINATION).details(json!({kind: id}));
        self.deny(denial, bar.code(), "two examiners", bar.text(), vec!["another examiner".to_owned()]).await
    }
}

/// Why this examiner has no finding to give, from the columns of a matter.
pub(super) fn barred(row: &SqliteRow, proposed_by: Option<bool>) -> Result<Option<GenomicBar>> {
    Ok(if row.try_get::<i64, _>("own_specimen")? > 0 {
        Some(GenomicBar::OwnSpecimen)
    } else if row.try_get::<i64, _>("own_profile")? > 0 {
        Some(GenomicBar::OwnProfile)
    } else if proposed_by == Some(true) {
        Some(GenomicBar::OwnProposal)
    } else if row.try_get::<i64, _>("given")? > 0 {
        Some(GenomicBar::SameExaminer)
    } else {
        None
    })
}

pub(super) fn is_open(state: &str) -> bool {
    matches!(state, "open" | "disputed")
}

pub(super) fn demand_open(state: &str) -> Result<()> {
    if is_open(state) {
        return Ok(());
    }
    Err(RegistryError::Conflict {
        what: "this is decided already",
        next: "what was decided stands; an identification is taken back by a withdrawal of its own",
    })
}

fn notes_field(matter: &Matter, account: &str) -> String {
    format!("notes/{}/{}/{account}", matter.kind, matter.id)
}
