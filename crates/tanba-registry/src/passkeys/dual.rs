//! Acts that two people sign: one hash of the act, two signatures over it, and the act itself checked against that hash when it is
//! done.
//!
//! The first who approves opens a proposal: the hash of the act as it stands, and a nonce. Both sign
//! [`challenge`](tanba_seal::passkey::challenge) over the two, so a signature is of no use for another act, or for this one proposed again.
//! Whoever changes a byte of the act between the signatures, or before it is done, voids them.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqlx::{Row, SqliteConnection};
use tanba_seal::passkey::{Asserted, challenge};

use super::SignatureAsked;
use super::challenges::{self, Asked, Kind};
use crate::actor::{Actor, Role};
use crate::cluster::revision_act;
use crate::error::{RegistryError, Result};
use crate::ids::{RevisionId, RowId};
use crate::journal::{Entry, hex};
use crate::log_keys::{LogKeyChange, log_key_act};
use crate::params::APPROVALS_HOLD_SECONDS;
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::vault::fresh_bytes;

/// An act that two people sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DualAct {
    /// A revision of persons is applied.
    Revision(RevisionId),
    /// The log's own key is changed.
    LogKey(LogKeyChange),
}

impl DualAct {
    /// Its kind and what it is about.
    fn name(self) -> (&'static str, String) {
        match self {
            Self::Revision(id) => ("revision.apply", id.to_string()),
            Self::LogKey(LogKeyChange::Next) => ("log_key.next", "log".to_owned()),
            Self::LogKey(LogKeyChange::Retirement) => ("log_key.retire", "log".to_owned()),
        }
    }

    /// The role that both have.
    fn role(self) -> Role {
        match self {
            Self::Revision(_) => Role::SecondOfficer,
            Self::LogKey(_) => Role::Administrator,
        }
    }

    /// The hash of the act as it stands: its kind, and every value that it will be done with.
    async fn hash(self, sql: &mut SqliteConnection) -> Result<[u8; 32]> {
        let act = match self {
            Self::Revision(id) => revision_act(sql, id).await?,
            Self::LogKey(_) => log_key_act(sql).await?,
        };
        let (kind, subject) = self.name();
        let text =
            serde_json::to_vec(&json!([kind, subject, act])).map_err(|_| RegistryError::Damaged { what: "act" })?;
        Ok(Sha256::digest(text).into())
    }
}

/// A proposal that is open.
struct Proposal {
    id: RowId,
    hash: Vec<u8>,
    nonce: [u8; 32],
}

impl Proposal {
    fn challenge(&self, act: DualAct) -> Vec<u8> {
        challenge(act.name().0, &self.nonce, &self.hash).to_vec()
    }
}

/// Why an act that takes two signatures is not done.
pub(crate) enum NotApproved {
    /// It changed since it was signed.
    Changed,
    /// There are not two signatures of two people, one of them of whoever does it.
    Missing,
}

impl Registry {
    /// Asks for the signature of one of the account's passkeys over an act that takes two.
    ///
    /// # Errors
    /// Denied without the act's role, and where the act changed since the first signature; not found; a conflict where the account has no
    /// passkey.
    pub async fn begin_approval(&self, actor: &Actor, act: DualAct) -> Result<SignatureAsked> {
        self.demand(actor, act.role(), "approve an act that takes two").await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let hash = act.hash(tx.sql()).await?;
        let proposal = match open_proposal(&mut tx, act).await? {
            Some(open) if open.hash != hash => return self.void(tx, actor, act, &open).await,
            Some(open) => open,
            None => propose(&mut tx, act, &hash).await?,
        };
        let challenge = proposal.challenge(act);
        let asked = self.signature_asked(&mut tx, actor, challenge.clone()).await?;
        let waiting = Asked { challenge, code: None, proposal: Some(proposal.id) };
        challenges::put(&mut tx, &actor.session, Kind::Approve, &waiting).await?;
        let details = json!({"for": "approval", "act": act.name().0, "proposal": proposal.id});
        tx.commit(&Entry::effect("passkey.asked", actor).details(details)).await?;
        Ok(asked)
    }

    /// Takes the signature over the act.
    ///
    /// # Errors
    /// Denied, with the reason, where the signature does not count, the act changed, or the same human being signed it before under
    /// any account.
    pub async fn finish_approval(&self, actor: &Actor, act: DualAct, answer: &Asserted) -> Result<()> {
        self.demand(actor, act.role(), "approve an act that takes two").await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let asked = challenges::take(&mut tx, &actor.session, Kind::Approve).await?;
        let open = open_proposal(&mut tx, act).await?;
        let Some((asked, proposal)) = asked.zip(open).filter(|(asked, open)| asked.proposal == Some(open.id)) else {
            return self.refuse_unasked(tx, actor).await;
        };
        if proposal.hash != act.hash(tx.sql()).await? {
            return self.void(tx, actor, act, &proposal).await;
        }
        let key = match self.signed(&mut tx, actor, &asked.challenge, answer).await? {
            Ok(key) => key,
            Err(why) => return self.refuse_passkey(tx, actor, why).await,
        };
        let now = tx.now().micros();
        let done = sqlx::query(
            "INSERT INTO dual_approvals (proposal_id, natural_person, account_id, passkey_id, client_data, authenticator_data, signature, approved_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (proposal_id, natural_person) DO NOTHING",
        )
        .bind(proposal.id.to_string())
        .bind(&actor.natural_person)
        .bind(actor.account().to_string())
        .bind(key.to_string())
        .bind(answer.client_data.as_slice())
        .bind(answer.authenticator_data.as_slice())
        .bind(answer.signature.as_slice())
        .bind(now)
        .execute(tx.sql())
        .await?;
        let details = json!({"act": act.name().0, "subject": act.name().1, "proposal": proposal.id, "passkey": key, "hash": hex(&proposal.hash)});
        if done.rows_affected() == 0 {
            let entry = Entry::denial("approval.denied", Some(actor)).details(details);
            let text = "whoever signed an act does not sign it a second time, under any account";
            return self
                .deny_in(tx, entry, "four_eyes", "dual control", text, vec!["another officer".to_owned()])
                .await;
        }
        tx.commit(&Entry::effect("approval.given", actor).details(details)).await?;
        Ok(())
    }

    /// Before an act is done: where passkeys are required, or somebody began to sign it, both signatures must be there, over the act as it
    /// is now. They are used up with it. Gives what the entry says of them. An act that is done with a passphrase, and not by an
    /// account, has no actor.
    pub(crate) async fn approved(
        &self,
        tx: &mut WriteTx<'_>,
        actor: Option<&Actor>,
        act: DualAct,
    ) -> Result<std::result::Result<Value, NotApproved>> {
        let Some(proposal) = open_proposal(tx, act).await? else {
            return Ok(if self.passkeys_required(tx.sql()).await? {
                Err(NotApproved::Missing)
            } else {
                Ok(Value::Null)
            });
        };
        if proposal.hash != act.hash(tx.sql()).await? {
            end(tx, &proposal, "void").await?;
            return Ok(Err(NotApproved::Changed));
        }
        let signed: Vec<String> = sqlx::query_scalar(
            "SELECT p.natural_person FROM dual_approvals p JOIN passkeys k ON k.id = p.passkey_id JOIN accounts a ON a.id = p.account_id \
             WHERE p.proposal_id = $1 AND k.removed_at IS NULL AND a.disabled_at IS NULL",
        )
        .bind(proposal.id.to_string())
        .fetch_all(tx.sql())
        .await?;
        // One row a person, by the table's key.
        if signed.len() < 2 || actor.is_some_and(|actor| !signed.contains(&actor.natural_person)) {
            return Ok(Err(NotApproved::Missing));
        }
        end(tx, &proposal, "done").await?;
        Ok(Ok(json!({"proposal": proposal.id, "hash": hex(&proposal.hash)})))
    }

    /// The denial where [`Registry::approved`] says no; what the transaction holds beside it stays.
    pub(crate) async fn deny_unapproved<T>(&self, tx: WriteTx<'_>, entry: Entry<'_>, why: NotApproved) -> Result<T> {
        let (code, text, need) = match why {
            NotApproved::Changed => ("approval_void", CHANGED, "look at it again, and both sign it as it is now"),
            NotApproved::Missing => (
                "approval_missing",
                "this is done when two people have signed it with their passkeys",
                "the signatures of two officers, one of them yours",
            ),
        };
        self.deny_in(tx, entry, code, "dual control", text, vec![need.to_owned()]).await
    }

    async fn void<T>(&self, mut tx: WriteTx<'_>, actor: &Actor, act: DualAct, proposal: &Proposal) -> Result<T> {
        end(&mut tx, proposal, "void").await?;
        let (kind, subject) = act.name();
        let entry = Entry::denial("approval.denied", Some(actor))
            .details(json!({"act": kind, "subject": subject, "proposal": proposal.id}));
        self.deny_unapproved(tx, entry, NotApproved::Changed).await
    }
}

const CHANGED: &str = "the act changed since it was signed, so the signatures are void";

/// The open proposal of an act; one whose time is over is void.
async fn open_proposal(tx: &mut WriteTx<'_>, act: DualAct) -> Result<Option<Proposal>> {
    let (kind, subject) = act.name();
    let now = tx.now().micros();
    sqlx::query("UPDATE dual_proposals SET ended = 'void', ended_at = $1 WHERE act = $2 AND subject_id = $3 AND ended IS NULL AND valid_to <= $1")
        .bind(now)
        .bind(kind)
        .bind(&subject)
        .execute(tx.sql())
        .await?;
    let row = sqlx::query(
        "SELECT id, act_hash, nonce FROM dual_proposals WHERE act = $1 AND subject_id = $2 AND ended IS NULL",
    )
    .bind(kind)
    .bind(&subject)
    .fetch_optional(tx.sql())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let nonce: Vec<u8> = row.try_get("nonce")?;
    let nonce = nonce.try_into().map_err(|_| RegistryError::Damaged { what: "proposal" })?;
    Ok(Some(Proposal { id: rows::id(&row, "id")?, hash: row.try_get("act_hash")?, nonce }))
}

async fn propose(tx: &mut WriteTx<'_>, act: DualAct, hash: &[u8; 32]) -> Result<Proposal> {
    let now = tx.now();
    let proposal =
        Proposal { id: RowId::fresh(now.micros(), fresh_bytes()?), hash: hash.to_vec(), nonce: fresh_bytes()? };
    let (kind, subject) = act.name();
    sqlx::query("INSERT INTO dual_proposals (id, act, subject_id, act_hash, nonce, opened_at, valid_to, ended, ended_at) VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, NULL)")
        .bind(proposal.id.to_string())
        .bind(kind)
        .bind(subject)
        .bind(proposal.hash.as_slice())
        .bind(proposal.nonce.as_slice())
        .bind(now.micros())
        .bind(now.plus_seconds(APPROVALS_HOLD_SECONDS).micros())
        .execute(tx.sql())
        .await?;
    Ok(proposal)
}

async fn end(tx: &mut WriteTx<'_>, proposal: &Proposal, how: &'static str) -> Result<()> {
    let now = tx.now().micros();
    sqlx::query("UPDATE dual_proposals SET ended = $1, ended_at = $2 WHERE id = $3")
        .bind(how)
        .bind(now)
        .bind(proposal.id.to_string())
        .execute(tx.sql())
        .await?;
    Ok(())
}
