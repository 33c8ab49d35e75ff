//! Binding a passkey to an account, and taking it away.
//!
//! The first one takes two: an administrator hands over a one-time code, and the person, signed in with the password, gives it back and
//! touches the authenticator. Further ones take the signature of one that is bound.

use serde_json::json;
use sqlx::{Row, SqliteConnection};
use tanba_seal::passkey::{Attestation, PasskeyError, Registered};

use super::challenges::{self, Asked, Kind};
use super::{BindingCode, NewKeyAsked, PasskeyAsked, PasskeyView};
use crate::actor::{Actor, Role};
use crate::error::{RegistryError, Result};
use crate::ids::{AccountId, RowId};
use crate::institutions::exists;
use crate::journal::Entry;
use crate::marks::Power;
use crate::params::{BINDING_CODE_ATTEMPTS, BINDING_CODE_SECONDS};
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::vault::fresh_bytes;

impl Registry {
    /// A code with which an account binds its first passkey; an earlier one ends.
    ///
    /// # Errors
    /// Denied without the administrator's role or a fresh proof, and for an account of the administrator's own once the register has seen a
    /// passkey; unknown account; a conflict where the account has one.
    pub async fn issue_binding_code(&self, actor: &Actor, account: AccountId) -> Result<BindingCode> {
        self.demand(actor, Role::Administrator, "issue codes for passkeys").await?;
        self.demand_recent_proof(actor, "issue a code for a passkey").await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let id = account.to_string();
        exists(tx.sql(), "SELECT COUNT(*) FROM accounts WHERE id = $1 AND disabled_at IS NULL", &id, "account").await?;
        if !live_keys(tx.sql(), &id).await?.is_empty() {
            return Err(RegistryError::Conflict {
                what: "this account has a passkey",
                next: "its holder binds further ones with it; remove it first if it is lost",
            });
        }
        let (own, seen): (i64, i64) = sqlx::query_as(
            "SELECT (SELECT COUNT(*) FROM accounts WHERE id = $1 AND natural_person = $2), (SELECT COUNT(*) FROM passkeys)",
        )
        .bind(&id)
        .bind(&actor.natural_person)
        .fetch_one(tx.sql())
        .await?;
        if own > 0 && seen > 0 {
            let entry = Entry::denial("passkey.code_denied", Some(actor)).details(json!({"account": account}));
            let text = "nobody issues a code for a passkey of their own";
            return self
                .deny_in(tx, entry, "four_eyes", "dual control", text, vec!["another administrator".to_owned()])
                .await;
        }
        let now = tx.now();
        let valid_to = now.plus_seconds(BINDING_CODE_SECONDS);
        let record = RowId::fresh(now.micros(), fresh_bytes()?);
        let code = binding_code(fresh_bytes()?);
        sqlx::query(
            "UPDATE passkey_codes SET valid_to = $1 WHERE account_id = $2 AND used_at IS NULL AND valid_to > $1",
        )
        .bind(now.micros())
        .bind(&id)
        .execute(tx.sql())
        .await?;
        sqlx::query("INSERT INTO passkey_codes (id, account_id, code_blind, wrong, issued_by, issued_at, valid_to, used_at) VALUES ($1, $2, $3, 0, $4, $5, $6, NULL)")
            .bind(record.to_string())
            .bind(&id)
            .bind(self.binding_code_blind(record, &code))
            .bind(actor.account().to_string())
            .bind(now.micros())
            .bind(valid_to.micros())
            .execute(tx.sql())
            .await?;
        tx.commit(&Entry::effect("passkey.code_issued", actor).details(json!({"account": account}))).await?;
        Ok(BindingCode { code, valid_to })
    }

    /// Begins to bind a passkey: with the administrator's code for the first one, with a fresh proof for another. `token` is the session's,
    /// which may still wait for its passkey.
    ///
    /// # Errors
    /// Denied where the code is wrong, used up or too old, or nothing was proved; unauthenticated.
    pub async fn begin_binding(&self, token: &str, code: Option<&str>) -> Result<NewKeyAsked> {
        let (actor, waits) = self.session_of(token).await?;
        let site = self.passkey_site()?;
        let account = actor.account().to_string();
        let mut sql = self.inner.pool.acquire().await?;
        let bound = live_keys(&mut sql, &account).await?;
        drop(sql);
        if waits == Some(PasskeyAsked::ToSign) {
            return Err(RegistryError::PasskeyNeeded { bound: true });
        }
        if !bound.is_empty() {
            self.demand_recent_proof(&actor, "bind another passkey").await?;
        }
        let mut tx = WriteTx::begin(&self.inner).await?;
        let code = match bound.is_empty() {
            false => None,
            true => match self.binding_code_taken(&mut tx, &account, code.unwrap_or_default()).await? {
                Some(record) => Some(record),
                None => {
                    let entry = Entry::denial("passkey.code_denied", Some(&actor)).details(json!({"account": account}));
                    let text = "this code is not one that was issued for the account, or it is used up or too old";
                    let need = "a new code from an administrator".to_owned();
                    return self.deny_in(tx, entry, "passkey_code", "passkeys", text, vec![need]).await;
                }
            },
        };
        let challenge = fresh_bytes::<32>()?.to_vec();
        challenges::put(
            &mut tx,
            &actor.session,
            Kind::Bind,
            &Asked { challenge: challenge.clone(), code, proposal: None, act: None },
        )
        .await?;
        tx.commit(&Entry::effect("passkey.asked", &actor).details(json!({"for": "binding"}))).await?;
        Ok(NewKeyAsked {
            hardware: matches!(site.attestation, Attestation::Hardware(_)),
            site: site.id,
            challenge,
            user: actor.account().as_u128().to_be_bytes().to_vec(),
            login: actor.login().to_owned(),
            bound,
        })
    }

    /// Binds the passkey that was made. The session is one proved with it from now on; the account's other sessions end.
    ///
    /// # Errors
    /// Denied, with the reason, where the key is not taken; unauthenticated.
    pub async fn finish_binding(&self, token: &str, answer: &Registered) -> Result<PasskeyView> {
        let (actor, waits) = self.session_of(token).await?;
        let site = self.passkey_site()?;
        let account = actor.account().to_string();
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let Some(asked) = challenges::take(&mut tx, &actor.session, Kind::Bind).await? else {
            return self.refuse_unasked(tx, &actor).await;
        };
        let seconds = u64::try_from(now.micros() / 1_000_000).unwrap_or(0);
        let made = match site.register(&asked.challenge, answer, seconds) {
            Ok(made) => made,
            Err(why) => return self.refuse_passkey(tx, &actor, why).await,
        };
        let taken: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM passkeys WHERE credential = $1")
            .bind(made.credential.as_slice())
            .fetch_one(tx.sql())
            .await?;
        if taken > 0 {
            return self.refuse_passkey(tx, &actor, PasskeyError::WrongCredential).await;
        }
        // Who gave the code answers for the first key, whoever holds it for the others.
        let mut added_by = account.clone();
        if let Some(code) = asked.code {
            let used = sqlx::query("UPDATE passkey_codes SET used_at = $1 WHERE id = $2 AND used_at IS NULL AND valid_to > $1 RETURNING issued_by")
                .bind(now.micros())
                .bind(code.to_string())
                .fetch_optional(tx.sql())
                .await?;
            let Some(used) = used else { return self.refuse_unasked(tx, &actor).await };
            added_by = used.try_get("issued_by")?;
        } else if live_keys(tx.sql(), &account).await?.is_empty() {
            // The key that allowed this one was removed meanwhile.
            return self.refuse_unasked(tx, &actor).await;
        }
        let id = RowId::fresh(now.micros(), fresh_bytes()?);
        sqlx::query("INSERT INTO passkeys (id, account_id, credential, public_key, counter, synced, model, added_by, added_at, last_used_at, removed_by, removed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, NULL, NULL, NULL)")
            .bind(id.to_string())
            .bind(&account)
            .bind(made.credential.as_slice())
            .bind(made.public_key.as_slice())
            .bind(i64::from(made.counter))
            .bind(i64::from(made.synced))
            .bind(made.model.to_string())
            .bind(added_by)
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        Power::Passkey.write(&mut tx, id.to_string()).await?;
        // Sessions that a password alone has opened.
        sqlx::query("UPDATE sessions SET revoked_at = $1 WHERE account_id = $2 AND token_hash <> $3 AND passkey_id IS NULL AND revoked_at IS NULL")
            .bind(now.micros())
            .bind(&account)
            .bind(actor.session.as_slice())
            .execute(tx.sql())
            .await?;
        super::proving::proved(&mut tx, &actor, id).await?;
        if waits.is_some() {
            tx.log(&Entry::effect("session.opened", &actor).details(json!({"passkey": id}))).await?;
        }
        let details = json!({"passkey": id, "model": made.model.to_string(), "synced": made.synced});
        tx.commit(&Entry::effect("passkey.bound", &actor).details(details)).await?;
        let mut sql = self.inner.pool.acquire().await?;
        let row = sqlx::query("SELECT * FROM passkeys WHERE id = $1").bind(id.to_string()).fetch_one(&mut *sql).await?;
        view(&row)
    }

    /// Takes a passkey away: its holder or an administrator. Sessions that it opened end with it.
    ///
    /// # Errors
    /// Denied without a fresh proof, where one is asked; not found where it is somebody else's.
    pub async fn remove_passkey(&self, actor: &Actor, id: RowId) -> Result<()> {
        self.demand_proof(actor, "remove a passkey", json!({"passkey": id})).await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now().micros();
        let done = sqlx::query(
            "UPDATE passkeys SET removed_at = $1, removed_by = $2 WHERE id = $3 AND removed_at IS NULL AND (account_id = $2 OR $4)",
        )
        .bind(now)
        .bind(actor.account().to_string())
        .bind(id.to_string())
        .bind(actor.has(Role::Administrator))
        .execute(tx.sql())
        .await?;
        if done.rows_affected() == 0 {
            return Err(RegistryError::NotFound { what: "passkey" });
        }
        sqlx::query("UPDATE sessions SET revoked_at = $1 WHERE passkey_id = $2 AND revoked_at IS NULL")
            .bind(now)
            .bind(id.to_string())
            .execute(tx.sql())
            .await?;
        tx.commit(&Entry::effect("passkey.removed", actor).details(json!({"passkey": id}))).await?;
        Ok(())
    }

    /// The passkeys of an account, removed ones too: one's own, or anyone's for administrators.
    ///
    /// # Errors
    /// Denied to others.
    pub async fn passkeys(&self, actor: &Actor, account: AccountId) -> Result<Vec<PasskeyView>> {
        if account != actor.account() {
            self.demand(actor, Role::Administrator, "see passkeys of others").await?;
        }
        let found = sqlx::query("SELECT * FROM passkeys WHERE account_id = $1 ORDER BY added_at, id")
            .bind(account.to_string())
            .fetch_all(&self.inner.pool)
            .await?;
        found.iter().map(view).collect()
    }

    /// Whether a code is the one that waits for the account; a wrong one is counted.
    async fn binding_code_taken(&self, tx: &mut WriteTx<'_>, account: &str, code: &str) -> Result<Option<RowId>> {
        let now = tx.now().micros();
        let row = sqlx::query(
            "SELECT id, code_blind FROM passkey_codes WHERE account_id = $1 AND used_at IS NULL AND valid_to > $2 AND wrong < $3 ORDER BY issued_at DESC, id DESC LIMIT 1",
        )
        .bind(account)
        .bind(now)
        .bind(BINDING_CODE_ATTEMPTS)
        .fetch_optional(tx.sql())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let record: RowId = rows::id(&row, "id")?;
        // Read from paper: capitals, spaces, and digits that look like letters are no difference.
        let read = |c: char| match c.to_ascii_lowercase() {
            'o' => '0',
            'i' | 'l' => '1',
            other => other,
        };
        let plain: String = code.chars().filter(char::is_ascii_alphanumeric).map(read).collect();
        if row.try_get::<Vec<u8>, _>("code_blind")? == self.binding_code_blind(record, &plain) {
            return Ok(Some(record));
        }
        sqlx::query("UPDATE passkey_codes SET wrong = wrong + 1 WHERE id = $1")
            .bind(record.to_string())
            .execute(tx.sql())
            .await?;
        Ok(None)
    }

    fn binding_code_blind(&self, record: RowId, code: &str) -> Vec<u8> {
        self.inner.vault.blind("passkey_code", format!("{record}/{code}").as_bytes())
    }
}

/// Twelve characters of 32: 60 bits. No letter that is read as a digit.
fn binding_code(random: [u8; 12]) -> String {
    const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    random.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect()
}

/// The credential ids of an account's passkeys.
pub(super) async fn live_keys(sql: &mut SqliteConnection, account: &str) -> Result<Vec<Vec<u8>>> {
    Ok(sqlx::query_scalar(
        "SELECT credential FROM passkeys WHERE account_id = $1 AND removed_at IS NULL ORDER BY added_at",
    )
    .bind(account)
    .fetch_all(sql)
    .await?)
}

fn view(row: &sqlx::sqlite::SqliteRow) -> Result<PasskeyView> {
    Ok(PasskeyView {
        id: rows::id(row, "id")?,
        model: row.try_get("model")?,
        synced: row.try_get::<i64, _>("synced")? != 0,
        added_at: rows::instant(row, "added_at")?,
        used_at: rows::instant_opt(row, "last_used_at")?,
        removed_at: rows::instant_opt(row, "removed_at")?,
    })
}
