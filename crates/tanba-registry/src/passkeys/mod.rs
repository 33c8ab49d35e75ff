//! Passkeys of those who work here: who must have one, binding them, signing in and proving oneself again with them, and acts
//! that two people sign ([`crate::DualAct`]).
//!
//! An account that has a passkey signs in with password and passkey, always. Where passkeys are required, every official account is
//! asked for one as soon as the register has seen its first; until it has bound one, its password opens nothing but that. A portal, which is
//! a machine, is not asked.
//! A sensitive act takes a signature over itself, which opens it once. Whatever is refused is in the log, by its reason and without the key.

mod binding;
mod challenges;
pub(crate) mod dual;
mod proving;

use serde_json::{Value, json};
use sqlx::SqliteConnection;
use tanba_seal::passkey::{Attestation, PasskeyError, RelyingParty};

use crate::actor::Actor;
use crate::error::{RegistryError, Result};
use crate::ids::RowId;
use crate::journal::{Entry, hex};
use crate::params::STEP_UP_SECONDS;
use crate::registry::{Mode, Registry};
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::fresh_bytes;

/// Whether accounts must have a passkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasskeyDemand {
    /// Every official account, once the first passkey of the register is bound.
    Required,
    /// Whoever has one uses it; passwords alone open the other accounts.
    Allowed,
}

/// How passkeys are used in this process.
pub(crate) struct PasskeyRules {
    site: Option<RelyingParty>,
    demand: PasskeyDemand,
}

impl PasskeyRules {
    /// Before the site is named: nothing can be bound or proved, and what the mode asks for is asked for.
    pub(crate) fn of(mode: Mode) -> Self {
        let demand = match mode {
            Mode::Demonstration => PasskeyDemand::Allowed,
            Mode::Production => PasskeyDemand::Required,
        };
        Self { site: None, demand }
    }
}

/// A passkey as its holder and administrators see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasskeyView {
    /// The passkey.
    pub id: RowId,
    /// The model of the authenticator (its AAGUID).
    pub model: String,
    /// Whether it may be copied between devices.
    pub synced: bool,
    /// When it was bound.
    pub added_at: Instant,
    /// When it signed last.
    pub used_at: Option<Instant>,
    /// When it was removed.
    pub removed_at: Option<Instant>,
}

/// A one-time code for binding a first passkey; shown once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BindingCode {
    /// What the administrator hands over.
    pub code: String,
    /// Until when it is taken.
    pub valid_to: Instant,
}

/// What an authenticator is asked for when it makes a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKeyAsked {
    /// The site (`rp.id`).
    pub site: String,
    /// 32 octets to sign.
    pub challenge: Vec<u8>,
    /// By which the authenticator knows the account: its id's 16 octets.
    pub user: Vec<u8>,
    /// The account's name.
    pub login: String,
    /// Keys that are there already, so that one authenticator is not bound twice.
    pub bound: Vec<Vec<u8>>,
    /// Whether its make must be told.
    pub hardware: bool,
}

/// What an authenticator is asked to sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureAsked {
    /// The site (`rpId`).
    pub site: String,
    /// 32 octets to sign.
    pub challenge: Vec<u8>,
    /// The account's keys, one of which is to sign.
    pub keys: Vec<Vec<u8>>,
    /// The one act that is signed, in words; `None` for a session.
    pub act: Option<String>,
}

/// What is asked of an account beyond its password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasskeyAsked {
    /// Nothing.
    Nothing,
    /// To bind a passkey, with a code from an administrator.
    ToBind,
    /// To sign with one that is bound.
    ToSign,
}

impl Registry {
    /// Names the site that passkeys are for, and whether everyone needs one. Call it when the register is opened.
    ///
    /// # Errors
    /// Invalid where a register for real people would take keys of unknown origin.
    pub fn use_passkeys(&self, site: RelyingParty, demand: PasskeyDemand) -> Result<()> {
        if self.mode() == Mode::Production && matches!(site.attestation, Attestation::Any) {
            return Err(RegistryError::Invalid {
                field: "passkeys",
                problem: "a register for real people takes passkeys of named makers and models only: name their certificates and AAGUIDs".to_owned(),
            });
        }
        let mut rules = self.inner.passkeys.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        *rules = PasskeyRules { site: Some(site), demand };
        Ok(())
    }

    /// Whether passkeys can be bound and used here: the site is named.
    pub fn passkeys_in_use(&self) -> bool {
        self.passkey_site().is_ok()
    }

    /// The site, or a conflict that says who names it.
    fn passkey_site(&self) -> Result<RelyingParty> {
        let rules = self.inner.passkeys.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        rules.site.clone().ok_or(RegistryError::Conflict {
            what: "this service does not know for which address passkeys are",
            next: "the administrator of the machine starts it with the address that people know it by",
        })
    }

    fn passkey_demand(&self) -> PasskeyDemand {
        self.inner.passkeys.read().unwrap_or_else(std::sync::PoisonError::into_inner).demand
    }

    /// Whether passkeys are required now: by the rules, and because the register has seen its first.
    pub(crate) async fn passkeys_required(&self, sql: &mut SqliteConnection) -> Result<bool> {
        let seen: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM passkeys").fetch_one(sql).await?;
        Ok(self.passkey_demand() == PasskeyDemand::Required && seen > 0)
    }

    /// What is asked of an account beyond its password.
    pub(crate) async fn passkey_asked(&self, sql: &mut SqliteConnection, account: &str) -> Result<PasskeyAsked> {
        let row = sqlx::query(
            "SELECT (SELECT COUNT(*) FROM passkeys WHERE account_id = $1 AND removed_at IS NULL) AS keys, \
             (SELECT COUNT(*) FROM account_roles WHERE account_id = $1 AND role NOT IN ('citizen', 'portal')) AS official",
        )
        .bind(account)
        .fetch_one(&mut *sql)
        .await?;
        if rows::number::<i64>(&row, "keys")? > 0 {
            return Ok(PasskeyAsked::ToSign);
        }
        let official = rows::number::<i64>(&row, "official")? > 0;
        Ok(if official && self.passkeys_required(sql).await? { PasskeyAsked::ToBind } else { PasskeyAsked::Nothing })
    }

    /// Fails, with a log entry, unless whoever is asked for a passkey has signed this very act: what is done, and with what. The signature is
    /// used up. Where there is none, the session is asked for it next ([`Registry::begin_proof`]), and the act is sent again as it was.
    pub(crate) async fn demand_proof(&self, actor: &Actor, what: &'static str, with: Value) -> Result<()> {
        if !self.must_sign(actor, what).await? {
            return Ok(());
        }
        let mut tx = WriteTx::begin(&self.inner).await?;
        // Under a key: what an act is done with may be a person's number, and is not to be guessed from the row.
        let text = serde_json::to_vec(&json!([what, with])).map_err(|_| RegistryError::Damaged { what: "act" })?;
        let hash = self.inner.vault.blind("act", &text);
        let now = tx.now();
        let used: Option<String> = sqlx::query_scalar(
            "UPDATE act_proofs SET used_at = $1 WHERE id = (SELECT p.id FROM act_proofs p JOIN passkeys k ON k.id = p.passkey_id \
             WHERE p.session_hash = $2 AND p.act = $3 AND p.act_hash = $4 AND p.used_at IS NULL AND p.proved_at >= $5 \
             AND k.removed_at IS NULL ORDER BY p.proved_at LIMIT 1) RETURNING id",
        )
        .bind(now.micros())
        .bind(actor.session.as_slice())
        .bind(what)
        .bind(hash.as_slice())
        .bind(now.plus_seconds(-STEP_UP_SECONDS).micros())
        .fetch_optional(tx.sql())
        .await?;
        let details = json!({"what": what, "hash": hex(&hash), "proof": used});
        if used.is_some() {
            tx.commit(&Entry::effect("passkey.used", actor).details(details)).await?;
            return Ok(());
        }
        self.forget_unsigned(&mut tx, actor).await?;
        sqlx::query("INSERT INTO act_proofs (id, session_hash, act, act_hash, nonce, asked_at, passkey_id, client_data, authenticator_data, signature, proved_at, used_at) VALUES ($1, $2, $3, $4, $5, $6, NULL, NULL, NULL, NULL, NULL, NULL)")
            .bind(RowId::fresh(now.micros(), fresh_bytes()?).to_string())
            .bind(actor.session.as_slice())
            .bind(what)
            .bind(hash.as_slice())
            .bind(fresh_bytes::<32>()?.as_slice())
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        self.deny_unsigned(tx, actor, details).await
    }

    /// The same for what is one of many small acts in a row: a proof of the last minutes, of whatever session act.
    pub(crate) async fn demand_recent_proof(&self, actor: &Actor, what: &'static str) -> Result<()> {
        if !self.must_sign(actor, what).await? {
            return Ok(());
        }
        let mut tx = WriteTx::begin(&self.inner).await?;
        let since = tx.now().plus_seconds(-STEP_UP_SECONDS).micros();
        let proved: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM sessions s JOIN passkeys k ON k.id = s.passkey_id WHERE s.token_hash = $1 \
             AND s.revoked_at IS NULL AND s.proved_at >= $2 AND k.removed_at IS NULL",
        )
        .bind(actor.session.as_slice())
        .bind(since)
        .fetch_one(tx.sql())
        .await?;
        if proved > 0 {
            return Ok(());
        }
        // What is signed next opens this, and not an act that was asked for before.
        self.forget_unsigned(&mut tx, actor).await?;
        self.deny_unsigned(tx, actor, json!({"what": what})).await
    }

    /// Whether whoever acts is asked for a signature; fails, with a log entry, where they have nothing to sign with. Where nobody has a passkey,
    /// no change waits for another one.
    async fn must_sign(&self, actor: &Actor, what: &'static str) -> Result<bool> {
        let mut sql = self.inner.pool.acquire().await?;
        let asked = self.passkey_asked(&mut sql, &actor.account().to_string()).await?;
        drop(sql);
        match asked {
            PasskeyAsked::Nothing => Ok(false),
            PasskeyAsked::ToSign => Ok(true),
            PasskeyAsked::ToBind => {
                let entry = Entry::denial("passkey.proof_denied", Some(actor)).details(json!({"what": what}));
                let text = "this takes a passkey, and the account has none";
                let need = "a passkey, bound with a code from an administrator";
                self.deny(entry, "passkey_to_bind", "passkeys", text, vec![need.to_owned()]).await
            }
        }
    }

    /// Answers that the act waits to be signed, together with what the transaction holds.
    async fn deny_unsigned(&self, tx: WriteTx<'_>, actor: &Actor, details: Value) -> Result<()> {
        let entry = Entry::denial("passkey.proof_denied", Some(actor)).details(details);
        let text = "this takes your passkey now, whatever it proved earlier";
        let need = "sign it with your passkey, and send it again as it was";
        self.deny_in(tx, entry, "passkey_proof", "passkeys", text, vec![need.to_owned()]).await
    }

    /// Forgets the act that a session was asked to sign and did not.
    async fn forget_unsigned(&self, tx: &mut WriteTx<'_>, actor: &Actor) -> Result<()> {
        for statement in [
            "DELETE FROM passkey_challenges WHERE session_hash = $1 AND act_proof_id IS NOT NULL",
            "DELETE FROM act_proofs WHERE session_hash = $1 AND proved_at IS NULL",
        ] {
            sqlx::query(statement).bind(actor.session.as_slice()).execute(tx.sql()).await?;
        }
        Ok(())
    }

    /// Writes down why a passkey was not taken, together with what the transaction holds, and answers so.
    async fn refuse_passkey<T>(&self, tx: WriteTx<'_>, actor: &Actor, why: PasskeyError) -> Result<T> {
        let entry = Entry::denial("passkey.refused", Some(actor)).details(json!({"why": why.code()}));
        self.deny_in(tx, entry, &format!("passkey_{}", why.code()), "passkeys", &why.to_string(), Vec::new()).await
    }

    /// The same where nothing was asked, or it was too long ago.
    async fn refuse_unasked<T>(&self, tx: WriteTx<'_>, actor: &Actor) -> Result<T> {
        let entry = Entry::denial("passkey.refused", Some(actor)).details(json!({"why": "no_challenge"}));
        let text = "nothing waits to be signed: it was answered before, or too long ago";
        self.deny_in(tx, entry, "passkey_no_challenge", "passkeys", text, vec!["begin again".to_owned()]).await
    }
}
