//! What a person takes home: a receipt with a code that anyone can check and that says nothing about them.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::Row;
use tanba_formats::Finger;

use crate::actor::Actor;
use crate::consent::ConsentView;
use crate::encounter::EncounterState;
use crate::error::{RegistryError, Result};
use crate::ids::{EncounterId, RowId};
use crate::journal::{Entry, hex};
use crate::registry::Registry;
use crate::rows;
use crate::shift::at_station;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::fresh_bytes;

/// A receipt as it is printed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Receipt {
    /// The code: 32 hexadecimal digits. Only the paper has it; the register keeps a hash.
    pub code: String,
    /// What it is for: `registration`, `verification`, `exemption`, `refusal`, `visit`.
    pub kind: String,
    /// Where it was issued.
    pub site: String,
    /// When.
    pub issued_at: Instant,
    /// Its place in the public log.
    pub log_seq: u64,
    /// The two fingers that a later verification should begin with, best first.
    pub best_fingers: Vec<Finger>,
    /// What was explained and agreed to in this encounter, oldest first.
    pub consents: Vec<ConsentView>,
}

/// What anyone learns of a receipt by its code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptCheck {
    /// What it is for.
    pub kind: String,
    /// Where it was issued.
    pub site: String,
    /// When.
    pub issued_at: Instant,
    /// Its place in the public log.
    pub log_seq: u64,
}

/// Fingers of different hands are preferred where their qualities differ by no more than this.
const HANDS_TOLERANCE: u8 = 10;

impl Registry {
    /// Issues a receipt for an encounter. Each has a code of its own; all of them are genuine.
    ///
    /// # Errors
    /// Not found where the encounter is not of this station.
    pub async fn issue_receipt(&self, actor: &Actor, id: EncounterId) -> Result<Receipt> {
        let row = self.encounter_for(actor, id).await?;
        let station = at_station(actor)?;
        let kind = kind_of(row.state);
        let secret: [u8; 16] = fresh_bytes()?;
        let code = hex(&secret);
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let site: String = sqlx::query_scalar("SELECT name FROM sites WHERE id = $1")
            .bind(station.site.to_string())
            .fetch_one(tx.sql())
            .await?;
        let receipt = RowId::fresh(now.micros(), fresh_bytes()?);
        let entry = Entry::effect("receipt.issued", actor).purpose("registration").about(row.person);
        let log_seq = tx.log(&entry.details(json!({"encounter": id, "receipt": receipt, "kind": kind}))).await?;
        sqlx::query("INSERT INTO receipts (id, code_hash, encounter_id, kind, account_id, site_name, log_seq, issued_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
            .bind(receipt.to_string())
            .bind(code_hash(&code))
            .bind(id.to_string())
            .bind(kind)
            .bind(actor.account().to_string())
            .bind(&site)
            .bind(i64::try_from(log_seq).unwrap_or(i64::MAX))
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        tx.commit_logged().await?;
        Ok(Receipt {
            code,
            kind: kind.to_owned(),
            site,
            issued_at: now,
            log_seq,
            best_fingers: self.best_fingers(id).await?,
            consents: self.consents_now(id).await?,
        })
    }

    /// A receipt of an encounter once more, for the page that prints it.
    ///
    /// # Errors
    /// Not found where the code is not of this encounter, or the encounter not of this station.
    pub async fn receipt_of(&self, actor: &Actor, id: EncounterId, code: &str) -> Result<Receipt> {
        self.encounter_for(actor, id).await?;
        let row = sqlx::query("SELECT * FROM receipts WHERE code_hash = $1 AND encounter_id = $2")
            .bind(code_hash(code))
            .bind(id.to_string())
            .fetch_optional(&self.inner.pool)
            .await?
            .ok_or(RegistryError::NotFound { what: "receipt" })?;
        Ok(Receipt {
            code: plain_code(code),
            kind: row.try_get("kind")?,
            site: row.try_get("site_name")?,
            issued_at: rows::instant(&row, "issued_at")?,
            log_seq: rows::number(&row, "log_seq")?,
            best_fingers: self.best_fingers(id).await?,
            consents: self.consents_now(id).await?,
        })
    }

    /// Whether a receipt is genuine, for anyone who holds its code; it says nothing about the person.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn check_receipt(&self, code: &str) -> Result<Option<ReceiptCheck>> {
        let row = sqlx::query("SELECT kind, site_name, issued_at, log_seq FROM receipts WHERE code_hash = $1")
            .bind(code_hash(code))
            .fetch_optional(&self.inner.pool)
            .await?;
        row.map(|row| {
            Ok(ReceiptCheck {
                kind: row.try_get("kind")?,
                site: row.try_get("site_name")?,
                issued_at: rows::instant(&row, "issued_at")?,
                log_seq: rows::number(&row, "log_seq")?,
            })
        })
        .transpose()
    }

    async fn consents_now(&self, id: EncounterId) -> Result<Vec<ConsentView>> {
        let mut sql = self.inner.pool.acquire().await?;
        self.consents_of(&mut sql, id).await
    }

    async fn best_fingers(&self, id: EncounterId) -> Result<Vec<Finger>> {
        let found = sqlx::query("SELECT finger, quality FROM samples WHERE encounter_id = $1 AND kept = 1")
            .bind(id.to_string())
            .fetch_all(&self.inner.pool)
            .await?;
        let mut kept = Vec::with_capacity(found.len());
        for row in &found {
            let finger = Finger::try_from(rows::number::<u8>(row, "finger")?)
                .map_err(|_| RegistryError::Damaged { what: "finger" })?;
            kept.push((finger, rows::number(row, "quality")?));
        }
        Ok(best_two(kept))
    }
}

/// The two fingers of best quality; of different hands, where that costs little.
fn best_two(mut kept: Vec<(Finger, u8)>) -> Vec<Finger> {
    kept.sort_by_key(|(finger, quality)| (std::cmp::Reverse(*quality), *finger));
    let Some(&(first, _)) = kept.first() else { return Vec::new() };
    let right = |finger: Finger| finger.code() <= Finger::RightLittle.code();
    let Some(&(second, second_quality)) = kept.get(1) else { return vec![first] };
    let other_hand = kept[1..].iter().find(|(finger, quality)| {
        right(*finger) != right(first) && second_quality.saturating_sub(*quality) <= HANDS_TOLERANCE
    });
    vec![first, other_hand.map_or(second, |(finger, _)| *finger)]
}

fn kind_of(state: EncounterState) -> &'static str {
    match state {
        EncounterState::Registered => "registration",
        EncounterState::Verified => "verification",
        EncounterState::Exempt => "exemption",
        EncounterState::Refused => "refusal",
        EncounterState::Open
        | EncounterState::Adjudication
        | EncounterState::Denied
        | EncounterState::Duplicate
        | EncounterState::Conflict => "visit",
    }
}

/// The code without the spaces and hyphens that people read and type it with.
fn plain_code(code: &str) -> String {
    code.chars().filter(char::is_ascii_alphanumeric).take(64).collect::<String>().to_ascii_lowercase()
}

fn code_hash(code: &str) -> Vec<u8> {
    Sha256::digest(plain_code(code).as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_two_are_of_two_hands_where_that_costs_little() {
        use Finger::{LeftIndex, LeftRing, RightIndex, RightThumb};
        assert_eq!(best_two(vec![]), []);
        assert_eq!(best_two(vec![(RightThumb, 40)]), [RightThumb]);
        assert_eq!(best_two(vec![(RightThumb, 90), (RightIndex, 80), (LeftIndex, 70)]), [RightThumb, LeftIndex]);
        assert_eq!(best_two(vec![(RightThumb, 90), (RightIndex, 80), (LeftIndex, 69)]), [RightThumb, RightIndex]);
        assert_eq!(best_two(vec![(LeftRing, 50), (RightIndex, 50)]), [RightIndex, LeftRing]);
    }

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        assert_eq!(code_hash("AB-12 cd"), code_hash("ab12cd"));
        assert_ne!(code_hash("ab12cd"), code_hash("ab12ce"));
    }
}
