//! A guardian beside a child: identified by the population register, and present by an act of their own.
//!
//! `identify` (number and document, both as the register has them, and still a guardian today) -> a one-time code that the
//! register sends to the guardian, or that is on a slip where it sends none -> `confirm` (the guardian gives the code back).
//! Nobody states a presence for somebody else, and it holds on its day only.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::{Row, SqliteConnection};
use tanba_law::Iin;

use crate::actor::Actor;
use crate::capture::still_open;
use crate::consent::{Confirmation, ConsentKind};
use crate::consenting::NewConsentRow;
use crate::encounter::{EncounterRow, EncounterView};
use crate::error::{RegistryError, Result};
use crate::ids::{EncounterId, RowId};
use crate::institutions::text;
use crate::journal::Entry;
use crate::keys::{key_for_reading, key_for_writing};
use crate::params::{GUARDIAN_CODE_ATTEMPTS, GUARDIAN_CODE_SECONDS};
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::{Domain, fresh_bytes};

/// Who a guardian says they are.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuardianIdentity {
    /// The individual identification number.
    pub iin: String,
    /// The number of the identity document that they show.
    pub document: String,
    /// The language that is spoken with them, `kk`, `ru`, `en`, ...
    pub language: String,
}

/// The code that a guardian confirms their presence with.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GuardianCode {
    /// Six digits for the slip; none where the population register sent them to the guardian.
    pub code: Option<String>,
    /// First instant at which it is no longer taken.
    pub valid_to: Instant,
}

#[derive(Serialize, Deserialize)]
struct SealedGuardian {
    iin: String,
    document: String,
}

impl Registry {
    /// Identifies a guardian by the population register and issues the one-time code. A new code ends an earlier one.
    ///
    /// # Errors
    /// Denied, and logged, where the register does not name them as a guardian now, or does not know the document as theirs;
    /// invalid values; those of an encounter that is not this account's or not open.
    pub async fn identify_guardian(
        &self,
        actor: &Actor,
        id: EncounterId,
        guardian: &GuardianIdentity,
    ) -> Result<GuardianCode> {
        let row = self.open_encounter_of(actor, id).await?;
        text("document", &guardian.document)?;
        text("language", &guardian.language)?;
        let iin = self.accept_iin(&guardian.iin)?;
        self.demand_guardian(actor, &row, &iin.reveal()).await?;
        let document = plain_number(&guardian.document);
        let known = self
            .inner
            .register
            .fetch(&iin)?
            .is_some_and(|record| record.documents.iter().any(|number| plain_number(number) == document));
        if !known {
            let said = "the population register does not know this document as the guardian's";
            let need = "a valid identity document of the guardian";
            return self.deny_guardian(actor, &row, None, "guardian_not_identified", said, need).await;
        }
        let code = format!("{:06}", u32::from_be_bytes(fresh_bytes()?) % 1_000_000);
        let delivered = self.inner.register.send_code(&iin, &code)?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        still_open(tx.sql(), id).await?;
        let now = tx.now();
        let owner = id.to_string();
        let record = RowId::fresh(now.micros(), fresh_bytes()?);
        let sealed = SealedGuardian { iin: iin.reveal(), document: guardian.document.trim().to_owned() };
        let plain = serde_json::to_vec(&sealed).map_err(|_| RegistryError::Damaged { what: "guardian" })?;
        let key = key_for_writing(&self.inner.vault, tx.sql(), now, &owner, Domain::Identity).await?;
        let sealed = self.inner.vault.seal(&key, Domain::Identity, &owner, &guardian_field(record), &plain)?;
        let valid_to = now.plus_seconds(GUARDIAN_CODE_SECONDS);
        sqlx::query("DELETE FROM guardian_codes WHERE encounter_id = $1 AND used_at IS NULL")
            .bind(&owner)
            .execute(tx.sql())
            .await?;
        sqlx::query(
            "INSERT INTO guardian_codes (id, encounter_id, sealed_guardian, code_blind, language, delivered, wrong, issued_at, valid_to, used_at) \
             VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, NULL)",
        )
        .bind(record.to_string())
        .bind(&owner)
        .bind(sealed)
        .bind(self.code_blind(record, &code))
        .bind(&guardian.language)
        .bind(i64::from(delivered))
        .bind(now.micros())
        .bind(valid_to.micros())
        .execute(tx.sql())
        .await?;
        let entry = Entry::effect("guardian.identified", actor).purpose("registration").about(row.person);
        tx.commit(&entry.details(json!({"encounter": id, "event": record, "delivered": delivered}))).await?;
        Ok(GuardianCode { code: (!delivered).then_some(code), valid_to })
    }

    /// The guardian gives the code back: they are here.
    ///
    /// # Errors
    /// Denied, and logged, where the code is wrong, used up or too old, and where the guardian's authority ended meanwhile; a
    /// conflict where nobody was identified.
    pub async fn confirm_guardian(&self, actor: &Actor, id: EncounterId, code: &str) -> Result<EncounterView> {
        let row = self.open_encounter_of(actor, id).await?;
        let law = self.law_of(&row).await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        still_open(tx.sql(), id).await?;
        let issued = sqlx::query("SELECT * FROM guardian_codes WHERE encounter_id = $1 AND used_at IS NULL")
            .bind(id.to_string())
            .fetch_optional(tx.sql())
            .await?
            .ok_or(RegistryError::Conflict {
                what: "no guardian waits to confirm",
                next: "identify the guardian by number and document first",
            })?;
        let record: RowId = rows::id(&issued, "id")?;
        let spent = rows::number::<i64>(&issued, "wrong")? >= GUARDIAN_CODE_ATTEMPTS;
        if spent || rows::instant(&issued, "valid_to")? <= tx.now() {
            let said = "this code is too old, or was given wrongly too often";
            let need = "identify the guardian again: they get a new code";
            return self.deny_guardian(actor, &row, Some(tx), "guardian_code_ended", said, need).await;
        }
        let digits: String = code.chars().filter(char::is_ascii_digit).take(12).collect();
        if issued.try_get::<Vec<u8>, _>("code_blind")? != self.code_blind(record, &digits) {
            sqlx::query("UPDATE guardian_codes SET wrong = wrong + 1 WHERE id = $1")
                .bind(record.to_string())
                .execute(tx.sql())
                .await?;
            let need = "the six digits that the guardian was given";
            return self
                .deny_guardian(actor, &row, Some(tx), "guardian_code_wrong", "this is not the guardian's code", need)
                .await;
        }
        let owner = id.to_string();
        let key = key_for_reading(&self.inner.vault, tx.sql(), &owner, Domain::Identity)
            .await?
            .ok_or(RegistryError::Damaged { what: "guardian" })?;
        let sealed: Vec<u8> = issued.try_get("sealed_guardian")?;
        let plain = self.inner.vault.open(&key, Domain::Identity, &owner, &guardian_field(record), &sealed)?;
        let guardian: SealedGuardian =
            serde_json::from_slice(&plain).map_err(|_| RegistryError::Damaged { what: "guardian" })?;
        if !self.is_guardian(&row, &guardian.iin)? {
            return self.deny_not_guardian(actor, &row, Some(tx)).await;
        }
        sqlx::query("UPDATE guardian_codes SET used_at = $1 WHERE id = $2")
            .bind(tx.now().micros())
            .bind(record.to_string())
            .execute(tx.sql())
            .await?;
        let by = if rows::number::<i64>(&issued, "delivered")? == 1 {
            Confirmation::OneTimeCode
        } else {
            Confirmation::OneTimeCodeOnSlip
        };
        let language: String = issued.try_get("language")?;
        let presence = NewConsentRow {
            kind: ConsentKind::GuardianPresence,
            given_by: &guardian.iin,
            // Nothing is read out: the act itself says it.
            version: "presence",
            language: &language,
            words: "",
            text_hash: None,
            modality: "electronic",
            evidence: by.name(),
            // Whose document it was stays in the event; a receipt and the child's page are no place for its number.
            reference: "",
        };
        self.write_consent(tx, actor, &row, &law, &presence).await?;
        self.build_view(id).await
    }

    /// Whether the population register names this person as a guardian of the child today; where it does not know the child,
    /// nobody is.
    pub(crate) fn is_guardian(&self, row: &EncounterRow, iin: &str) -> Result<bool> {
        Ok(self.guardians_today(row)?.contains(iin))
    }

    /// The guardians of a child as the population register names them today.
    fn guardians_today(&self, row: &EncounterRow) -> Result<BTreeSet<String>> {
        let child = row.facts.get("iin").and_then(Value::as_str).and_then(|iin| Iin::parse(iin).ok());
        let record = child.map(|iin| self.inner.register.fetch(&iin)).transpose()?.flatten();
        Ok(record.map(|record| record.guardians.into_iter().collect()).unwrap_or_default())
    }

    /// Fails, with a log entry, unless the register names them today.
    pub(crate) async fn demand_guardian(&self, actor: &Actor, row: &EncounterRow, given_by: &str) -> Result<()> {
        if self.is_guardian(row, given_by)? { Ok(()) } else { self.deny_not_guardian(actor, row, None).await }
    }

    async fn deny_not_guardian<T>(&self, actor: &Actor, row: &EncounterRow, tx: Option<WriteTx<'_>>) -> Result<T> {
        let said = "the population register does not name this person as a guardian of the child";
        let need = "a parent or legal guardian named in the register";
        self.deny_guardian(actor, row, tx, "not_a_guardian", said, need).await
    }

    /// Says no by the clause that asks for the guardian; what was changed in `tx` goes with the entry.
    async fn deny_guardian<T>(
        &self,
        actor: &Actor,
        row: &EncounterRow,
        tx: Option<WriteTx<'_>>,
        code: &'static str,
        said: &str,
        need: &str,
    ) -> Result<T> {
        let law = self.law_of(row).await?;
        let entry = Entry::denial("consent.denied", Some(actor))
            .purpose("registration")
            .about(row.person)
            .law(&law.pack_hash, &law.clause)
            .details(json!({"encounter": row.id, "reason": code}));
        let tx = match tx {
            Some(tx) => tx,
            None => WriteTx::begin(&self.inner).await?,
        };
        self.deny_in(tx, entry, code, &law.clause, said, vec![need.to_owned()]).await
    }

    fn code_blind(&self, record: RowId, code: &str) -> Vec<u8> {
        self.inner.vault.blind("guardian_code", format!("{record}/{code}").as_bytes())
    }
}

/// Whether a code was issued in an encounter that can still be given back.
pub(crate) async fn guardian_waits(sql: &mut SqliteConnection, id: EncounterId, now: Instant) -> Result<bool> {
    let waiting: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM guardian_codes WHERE encounter_id = $1 AND used_at IS NULL AND valid_to > $2 AND wrong < $3",
    )
    .bind(id.to_string())
    .bind(now.micros())
    .bind(GUARDIAN_CODE_ATTEMPTS)
    .fetch_one(sql)
    .await?;
    Ok(waiting > 0)
}

/// A document number as it is compared: letters and digits alone.
fn plain_number(number: &str) -> String {
    number.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect()
}

fn guardian_field(id: RowId) -> String {
    format!("guardian/{id}")
}
