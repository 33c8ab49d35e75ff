//! Signing with a passkey: after the password, and again before a sensitive act.

use serde_json::json;
use sqlx::Row;
use tanba_seal::passkey::{Aaguid, Asserted, Passkey, PasskeyError, challenge};

use super::binding::live_keys;
use super::challenges::{self, Asked, Kind};
use super::{PasskeyAsked, SignatureAsked};
use crate::actor::Actor;
use crate::error::{RegistryError, Result};
use crate::ids::RowId;
use crate::institutions::{load_actor, token_hash};
use crate::journal::Entry;
use crate::marks::Power;
use crate::params::STEP_UP_SECONDS;
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::vault::fresh_bytes;

impl Registry {
    /// What a session still waits for; `None` where it is open.
    ///
    /// # Errors
    /// Unauthenticated where the session is unknown or has ended.
    pub async fn session_waits_for(&self, token: &str) -> Result<Option<PasskeyAsked>> {
        Ok(self.session_of(token).await?.1)
    }

    /// Asks for a signature of one of the account's passkeys: after the password, or anew in an open session. Where a sensitive act was
    /// refused for want of one, it is a signature over that act.
    ///
    /// # Errors
    /// Unauthenticated; a conflict where the account has no passkey.
    pub async fn begin_proof(&self, token: &str) -> Result<SignatureAsked> {
        let (actor, _) = self.session_of(token).await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let waiting = waiting_act(&mut tx, &actor).await?;
        let challenge = match &waiting {
            Some(act) => challenge(&act.what, &act.nonce, &act.hash).to_vec(),
            None => fresh_bytes::<32>()?.to_vec(),
        };
        let (act, what) = waiting.map(|act| (act.id, act.what)).unzip();
        let asked = self.signature_asked(&mut tx, &actor, challenge.clone(), what).await?;
        let details = json!({"for": "proof", "act": asked.act});
        challenges::put(&mut tx, &actor.session, Kind::Prove, &Asked { challenge, code: None, proposal: None, act })
            .await?;
        tx.commit(&Entry::effect("passkey.asked", &actor).details(details)).await?;
        Ok(asked)
    }

    /// Takes the signature: a session that waited for it is open; the act that it was asked over may be done, once, within minutes.
    ///
    /// # Errors
    /// Denied, with the reason, where the signature does not count; unauthenticated.
    pub async fn finish_proof(&self, token: &str, answer: &Asserted) -> Result<()> {
        let (actor, waits) = self.session_of(token).await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let Some(asked) = challenges::take(&mut tx, &actor.session, Kind::Prove).await? else {
            return self.refuse_unasked(tx, &actor).await;
        };
        let key = match self.signed(&mut tx, &actor, &asked.challenge, answer).await? {
            Ok(key) => key,
            Err(why) => return self.refuse_passkey(tx, &actor, why).await,
        };
        if let Some(act) = asked.act {
            let done = sqlx::query(
                "UPDATE act_proofs SET passkey_id = $1, client_data = $2, authenticator_data = $3, signature = $4, proved_at = $5 \
                 WHERE id = $6 AND session_hash = $7 AND proved_at IS NULL",
            )
            .bind(key.to_string())
            .bind(answer.client_data.as_slice())
            .bind(answer.authenticator_data.as_slice())
            .bind(answer.signature.as_slice())
            .bind(tx.now().micros())
            .bind(act.to_string())
            .bind(actor.session.as_slice())
            .execute(tx.sql())
            .await?;
            if done.rows_affected() == 0 {
                return self.refuse_unasked(tx, &actor).await;
            }
            tx.commit(&Entry::effect("session.proved", &actor).details(json!({"passkey": key, "proof": act}))).await?;
            return Ok(());
        }
        proved(&mut tx, &actor, key).await?;
        let event = if waits.is_some() { "session.opened" } else { "session.proved" };
        tx.commit(&Entry::effect(event, &actor).details(json!({"passkey": key}))).await?;
        Ok(())
    }

    /// The account of a session, and what the session waits for. For passkeys alone: everything else takes an open session.
    pub(crate) async fn session_of(&self, token: &str) -> Result<(Actor, Option<PasskeyAsked>)> {
        let mut sql = self.inner.pool.acquire().await?;
        let row = sqlx::query(
            "SELECT s.account_id, s.station_id, s.waits_for_passkey FROM sessions s JOIN accounts a ON a.id = s.account_id \
             LEFT JOIN passkeys k ON k.id = s.passkey_id \
             WHERE s.token_hash = $1 AND s.revoked_at IS NULL AND s.expires_at > $2 AND a.disabled_at IS NULL AND k.removed_at IS NULL",
        )
        .bind(token_hash(token))
        .bind(self.inner.clock.now().micros())
        .fetch_optional(&mut *sql)
        .await?
        .ok_or(RegistryError::Unauthenticated)?;
        Power::Session.demand(&self.inner.vault, &mut sql, token_hash(token)).await?;
        let account: String = row.try_get("account_id")?;
        let station: Option<String> = row.try_get("station_id")?;
        let waits = if row.try_get::<i64, _>("waits_for_passkey")? == 0 {
            None
        } else {
            match self.passkey_asked(&mut sql, &account).await? {
                PasskeyAsked::ToSign => Some(PasskeyAsked::ToSign),
                // Its last key was removed while it waited: it binds another one, or begins again.
                PasskeyAsked::ToBind | PasskeyAsked::Nothing => Some(PasskeyAsked::ToBind),
            }
        };
        let vault = &self.inner.vault;
        Ok((load_actor(vault, &mut sql, &account, station.as_deref(), token_hash(token)).await?, waits))
    }

    /// What an authenticator of the account is to sign.
    pub(super) async fn signature_asked(
        &self,
        tx: &mut WriteTx<'_>,
        actor: &Actor,
        challenge: Vec<u8>,
        act: Option<String>,
    ) -> Result<SignatureAsked> {
        let site = self.passkey_site()?;
        let keys = live_keys(tx.sql(), &actor.account().to_string()).await?;
        if keys.is_empty() {
            return Err(RegistryError::Conflict {
                what: "this account has no passkey",
                next: "bind one first, with a code from an administrator",
            });
        }
        Ok(SignatureAsked { site: site.id, challenge, keys, act })
    }

    /// Checks a signature of one of the account's passkeys, and keeps its counter; gives the passkey, or why not.
    pub(super) async fn signed(
        &self,
        tx: &mut WriteTx<'_>,
        actor: &Actor,
        challenge: &[u8],
        answer: &Asserted,
    ) -> Result<std::result::Result<RowId, PasskeyError>> {
        let site = self.passkey_site()?;
        let row =
            sqlx::query("SELECT * FROM passkeys WHERE credential = $1 AND account_id = $2 AND removed_at IS NULL")
                .bind(answer.credential.as_slice())
                .bind(actor.account().to_string())
                .fetch_optional(tx.sql())
                .await?;
        let Some(row) = row else { return Ok(Err(PasskeyError::WrongCredential)) };
        Power::Passkey.demand(&self.inner.vault, tx.sql(), row.try_get::<String, _>("id")?).await?;
        let passkey = Passkey {
            credential: row.try_get("credential")?,
            public_key: row.try_get("public_key")?,
            counter: rows::number(&row, "counter")?,
            synced: row.try_get::<i64, _>("synced")? != 0,
            model: row
                .try_get::<String, _>("model")?
                .parse::<Aaguid>()
                .map_err(|_| RegistryError::Damaged { what: "passkey" })?,
        };
        let counter = match site.assert(challenge, &passkey, answer) {
            Ok(counter) => counter,
            Err(why) => return Ok(Err(why)),
        };
        let now = tx.now().micros();
        sqlx::query("UPDATE passkeys SET counter = $1, last_used_at = $2 WHERE id = $3")
            .bind(i64::from(counter))
            .bind(now)
            .bind(row.try_get::<String, _>("id")?)
            .execute(tx.sql())
            .await?;
        rows::id(&row, "id").map(Ok)
    }
}

/// A sensitive act that was refused for want of a signature.
struct WaitingAct {
    id: RowId,
    what: String,
    hash: Vec<u8>,
    nonce: [u8; 32],
}

/// The act that a session is to sign next.
async fn waiting_act(tx: &mut WriteTx<'_>, actor: &Actor) -> Result<Option<WaitingAct>> {
    let since = tx.now().plus_seconds(-STEP_UP_SECONDS).micros();
    let row = sqlx::query(
        "SELECT * FROM act_proofs WHERE session_hash = $1 AND proved_at IS NULL AND asked_at >= $2 ORDER BY asked_at DESC LIMIT 1",
    )
    .bind(actor.session.as_slice())
    .bind(since)
    .fetch_optional(tx.sql())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let nonce: Vec<u8> = row.try_get("nonce")?;
    Ok(Some(WaitingAct {
        id: rows::id(&row, "id")?,
        what: row.try_get("act")?,
        hash: row.try_get("act_hash")?,
        nonce: nonce.try_into().map_err(|_| RegistryError::Damaged { what: "act" })?,
    }))
}

/// Writes down with which passkey a session was proved, now.
pub(super) async fn proved(tx: &mut WriteTx<'_>, actor: &Actor, key: RowId) -> Result<()> {
    let now = tx.now().micros();
    sqlx::query("UPDATE sessions SET waits_for_passkey = 0, passkey_id = $1, proved_at = $2 WHERE token_hash = $3")
        .bind(key.to_string())
        .bind(now)
        .bind(actor.session.as_slice())
        .execute(tx.sql())
        .await?;
    Power::Session.write(tx, actor.session.to_vec()).await
}
