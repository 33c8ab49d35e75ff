//! The keys by which sanctions are checked: which office signs with which key, at which level of authority, and for how long. One person
//! enters a key, another of the supervisor confirms it, and either ends it at once.
//!
//! What counts is the sealed record that the confirmation writes; the columns beside it only find it. Revoking destroys the key of that
//! record, so no change of a row makes a key good, or good again.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use tanba_seal::log::LogVerifier;

use crate::actor::{Actor, Role};
use crate::error::{RegistryError, Result};
use crate::ids::SanctionKeyId;
use crate::institutions::{code, text};
use crate::journal::Entry;
use crate::keys::{destroy_key, key_for_reading, key_for_writing};
use crate::passkeys::dual::{DualAct, DualKind};
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::{Domain, fresh_bytes};

/// The key of an office, to be entered.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewSanctionKey {
    /// Its verifier key (C2SP signed-note, `name+hash+key`); the name is the office's.
    pub verifier: String,
    /// At which level of authority the office decides, by the law pack's code (`prosecutor`, `court`, ...).
    pub level: String,
    /// From when.
    pub valid_from: Instant,
    /// Until when; no sanction under it lasts longer.
    pub valid_to: Instant,
}

/// Where a key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SanctionKeyState {
    /// Entered, and good for nothing yet.
    Proposed,
    /// Confirmed.
    Confirmed,
    /// Not confirmed.
    Rejected,
    /// Ended before its time.
    Revoked,
}

impl SanctionKeyState {
    /// The name in the database and in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Confirmed => "confirmed",
            Self::Rejected => "rejected",
            Self::Revoked => "revoked",
        }
    }
}

/// The key of an office, as it is shown.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SanctionKeyView {
    /// The key.
    pub id: SanctionKeyId,
    /// Its verifier key.
    pub verifier: String,
    /// The office: the key's name.
    pub office: String,
    /// The level of authority.
    pub level: String,
    /// From when.
    pub valid_from: Instant,
    /// Until when.
    pub valid_to: Instant,
    /// Where it stands.
    pub state: SanctionKeyState,
}

/// What a confirmed key is, as it is sealed.
#[derive(Serialize, Deserialize)]
pub(crate) struct StandingKey {
    pub verifier: String,
    pub level: String,
    pub valid_from: Instant,
    pub valid_to: Instant,
}

impl StandingKey {
    pub(crate) fn verifier(&self) -> Result<LogVerifier> {
        LogVerifier::parse(&self.verifier).map_err(|_| RegistryError::Damaged { what: "key of an office" })
    }
}

const FIELD: &str = "sanction-key";

impl Registry {
    /// Enters the key of an office. It is good for nothing before a supervisor confirms it.
    ///
    /// # Errors
    /// Denied without the administrator's role; a conflict where it was entered before; invalid values.
    pub async fn propose_sanction_key(&self, actor: &Actor, new: &NewSanctionKey) -> Result<SanctionKeyId> {
        self.demand(actor, Role::Administrator, "enter the key of an office").await?;
        let verifier = LogVerifier::parse(new.verifier.trim())
            .map_err(|e| RegistryError::Invalid { field: "verifier", problem: e.to_string() })?;
        code("level", &new.level)?;
        if new.valid_to <= new.valid_from {
            return Err(RegistryError::Invalid {
                field: "valid_to",
                problem: "a key ends after its beginning".to_owned(),
            });
        }
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let known: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM sanction_keys WHERE verifier = $1")
            .bind(verifier.to_string())
            .fetch_one(tx.sql())
            .await?;
        if known > 0 {
            return Err(RegistryError::Conflict {
                what: "this key was entered before",
                next: "look it up among the keys of offices; a key that was ended is replaced by a new one",
            });
        }
        let id = SanctionKeyId::fresh(now.micros(), fresh_bytes()?);
        sqlx::query("INSERT INTO sanction_keys (id, verifier, office, level, valid_from, valid_to, state, proposed_by, proposed_at) VALUES ($1, $2, $3, $4, $5, $6, 'proposed', $7, $8)")
            .bind(id.to_string())
            .bind(verifier.to_string())
            .bind(verifier.name())
            .bind(&new.level)
            .bind(new.valid_from.micros())
            .bind(new.valid_to.micros())
            .bind(actor.account().to_string())
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        let details = json!({"key": id, "verifier": verifier.to_string(), "level": new.level, "valid_from": new.valid_from, "valid_to": new.valid_to});
        tx.commit(&Entry::effect("sanction_key.proposed", actor).details(details)).await?;
        Ok(id)
    }

    /// Confirms the key of an office, or rejects it: by another human being than the one who entered it. Where passkeys are required, both
    /// have signed what is confirmed ([`Registry::begin_approval`]).
    ///
    /// # Errors
    /// Denied without the supervisor's role, to whoever entered it, and where signatures are missing or void; not found; a conflict where
    /// it is decided.
    pub async fn decide_sanction_key(&self, actor: &Actor, id: SanctionKeyId, confirmed: bool) -> Result<()> {
        self.demand(actor, Role::Supervisor, "confirm the key of an office").await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let row = sqlx::query(
            "SELECT k.*, a.natural_person FROM sanction_keys k JOIN accounts a ON a.id = k.proposed_by WHERE k.id = $1",
        )
        .bind(id.to_string())
        .fetch_optional(tx.sql())
        .await?
        .ok_or(RegistryError::NotFound { what: "key of an office" })?;
        let key = view(&row)?;
        if key.state != SanctionKeyState::Proposed {
            return Err(RegistryError::Conflict {
                what: "this key is decided",
                next: "look at the keys of offices again",
            });
        }
        let proposer: String = row.try_get("natural_person")?;
        if proposer == actor.natural_person {
            drop(tx);
            let denial = Entry::denial("sanction_key.denied", Some(actor)).details(json!({"key": id}));
            let words = "whoever entered a key does not confirm it";
            return self
                .deny(denial, "same_person", "dual control", words, vec!["another supervisor".to_owned()])
                .await;
        }
        let mut signed = Value::Null;
        if confirmed {
            let act = DualAct::of(DualKind::OfficeKey, id);
            signed = match self.approved(&mut tx, Some(actor), &act, &[&proposer]).await? {
                Ok(signed) => signed,
                Err(why) => {
                    let denial = Entry::denial("sanction_key.denied", Some(actor)).details(json!({"key": id}));
                    return self.deny_unapproved(tx, denial, why).await;
                }
            };
        }
        let state = if confirmed { SanctionKeyState::Confirmed } else { SanctionKeyState::Rejected };
        let sealed = if confirmed {
            let owner = id.to_string();
            let standing = StandingKey {
                verifier: key.verifier.clone(),
                level: key.level.clone(),
                valid_from: key.valid_from,
                valid_to: key.valid_to,
            };
            let plain =
                serde_json::to_vec(&standing).map_err(|_| RegistryError::Damaged { what: "key of an office" })?;
            let data_key = key_for_writing(&self.inner.vault, tx.sql(), now, &owner, Domain::Case).await?;
            Some(self.inner.vault.seal(&data_key, Domain::Case, &owner, FIELD, &plain)?)
        } else {
            None
        };
        sqlx::query(
            "UPDATE sanction_keys SET state = $1, sealed_key = $2, decided_by = $3, decided_at = $4 WHERE id = $5",
        )
        .bind(state.name())
        .bind(sealed)
        .bind(actor.account().to_string())
        .bind(now.micros())
        .bind(id.to_string())
        .execute(tx.sql())
        .await?;
        let event = if confirmed { "sanction_key.confirmed" } else { "sanction_key.rejected" };
        // What is confirmed is what the entry says, word for word: an administrator of the database may have changed it meanwhile.
        let details = json!({"key": id, "verifier": key.verifier, "level": key.level, "valid_from": key.valid_from, "valid_to": key.valid_to, "signed": signed});
        tx.commit(&Entry::effect(event, actor).purpose("supervision").details(details)).await?;
        Ok(())
    }

    /// Ends the key of an office now: no sanction under it opens anything any more.
    ///
    /// # Errors
    /// Denied without the administrator's or the supervisor's role; not found; a conflict where it is no key in use.
    pub async fn revoke_sanction_key(&self, actor: &Actor, id: SanctionKeyId, reason: &str) -> Result<()> {
        if !actor.has(Role::Supervisor) {
            self.demand(actor, Role::Administrator, "end the key of an office").await?;
        }
        text("reason", reason)?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let row = sqlx::query("SELECT * FROM sanction_keys WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(tx.sql())
            .await?
            .ok_or(RegistryError::NotFound { what: "key of an office" })?;
        if view(&row)?.state != SanctionKeyState::Confirmed {
            return Err(RegistryError::Conflict {
                what: "this key is not in use",
                next: "look at the keys of offices again",
            });
        }
        sqlx::query("UPDATE sanction_keys SET state = 'revoked', revoked_by = $1, revoked_at = $2 WHERE id = $3")
            .bind(actor.account().to_string())
            .bind(now.micros())
            .bind(id.to_string())
            .execute(tx.sql())
            .await?;
        destroy_key(tx.sql(), now, &id.to_string(), Domain::Case).await?;
        let entry = Entry::effect("sanction_key.revoked", actor).purpose("supervision");
        tx.commit(&entry.details(json!({"key": id, "reason": reason}))).await?;
        Ok(())
    }

    /// The keys of offices, the newest first.
    ///
    /// # Errors
    /// Denied without the administrator's or the supervisor's role.
    pub async fn sanction_keys(&self, actor: &Actor) -> Result<Vec<SanctionKeyView>> {
        if !actor.has(Role::Supervisor) {
            self.demand(actor, Role::Administrator, "see the keys of offices").await?;
        }
        let found = sqlx::query("SELECT * FROM sanction_keys ORDER BY proposed_at DESC LIMIT 500")
            .fetch_all(&self.inner.pool)
            .await?;
        found.iter().map(view).collect()
    }

    /// A confirmed key as it was confirmed; `None` where it was not, or was ended, or is no longer as it was.
    pub(crate) async fn standing_key(
        &self,
        sql: &mut SqliteConnection,
        id: SanctionKeyId,
    ) -> Result<Option<StandingKey>> {
        let owner = id.to_string();
        let sealed: Option<Option<Vec<u8>>> = sqlx::query_scalar("SELECT sealed_key FROM sanction_keys WHERE id = $1")
            .bind(&owner)
            .fetch_optional(&mut *sql)
            .await?;
        let Some(sealed) = sealed.flatten() else { return Ok(None) };
        let Some(key) = key_for_reading(&self.inner.vault, sql, &owner, Domain::Case).await? else { return Ok(None) };
        let Ok(plain) = self.inner.vault.open(&key, Domain::Case, &owner, FIELD, &sealed) else { return Ok(None) };
        serde_json::from_slice(&plain).map(Some).map_err(|_| RegistryError::Damaged { what: "key of an office" })
    }

    /// The keys in use that are found under an office's name.
    pub(crate) async fn keys_of_office(
        &self,
        sql: &mut SqliteConnection,
        office: &str,
    ) -> Result<Vec<(SanctionKeyId, StandingKey)>> {
        let ids: Vec<String> =
            sqlx::query_scalar("SELECT id FROM sanction_keys WHERE office = $1 AND state = 'confirmed' ORDER BY id")
                .bind(office)
                .fetch_all(&mut *sql)
                .await?;
        let mut keys = Vec::new();
        for id in ids {
            let id = rows::parse_id(&id)?;
            keys.extend(self.standing_key(sql, id).await?.map(|key| (id, key)));
        }
        Ok(keys)
    }
}

fn view(row: &SqliteRow) -> Result<SanctionKeyView> {
    let state: String = row.try_get("state")?;
    let states = [
        SanctionKeyState::Proposed,
        SanctionKeyState::Confirmed,
        SanctionKeyState::Rejected,
        SanctionKeyState::Revoked,
    ];
    Ok(SanctionKeyView {
        id: rows::id(row, "id")?,
        verifier: row.try_get("verifier")?,
        office: row.try_get("office")?,
        level: row.try_get("level")?,
        valid_from: rows::instant(row, "valid_from")?,
        valid_to: rows::instant(row, "valid_to")?,
        state: states
            .into_iter()
            .find(|one| one.name() == state)
            .ok_or(RegistryError::Damaged { what: "key of an office" })?,
    })
}
