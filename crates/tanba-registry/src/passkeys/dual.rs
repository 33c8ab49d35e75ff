//! Acts that two people sign: one hash of the act, two signatures over it, and the act itself checked against that hash when it is
//! done.
//!
//! The first who approves opens a proposal: the hash of the act as it stands, and a nonce. Both sign
//! [`challenge`](tanba_seal::passkey::challenge) over the two, so a signature is of no use for another act, or for this one proposed again.
//! Whoever changes a byte of the act between the signatures, or before it is done, voids them.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqlx::sqlite::SqliteRow;
use sqlx::{Column as _, Row, SqliteConnection, TypeInfo as _, ValueRef as _};
use tanba_seal::passkey::{Asserted, challenge};

use super::SignatureAsked;
use super::challenges::{self, Asked, Kind};
use crate::actor::{Actor, Role};
use crate::error::{RegistryError, Result};
use crate::ids::RowId;
use crate::journal::{Entry, hex};
use crate::params::APPROVALS_HOLD_SECONDS;
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::fresh_bytes;

/// A kind of act that two people sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DualKind {
    /// A revision of persons is applied.
    Revision,
    /// A correction, a change of name or a death is applied.
    Correction,
    /// A person is exempt from giving prints; the detail is the ground.
    Exemption,
    /// A search by likelihood ratio is sanctioned.
    LrSearch,
    /// The key of an office that signs sanctions is confirmed.
    OfficeKey,
    /// A look in danger to life is found justified.
    UrgentLook,
    /// The keys that a plan of deletion names are destroyed.
    Erasures,
    /// The log gets its next key; the subject is `log`.
    LogKeyNext,
    /// The older of the log's two keys ends; the subject is `log`.
    LogKeyRetirement,
    /// The beginning of the log is pruned; the subject is the first entry that stays.
    LogPruning,
    /// A threshold of comparisons is set.
    Threshold,
}

/// What the log's key is changed after: the keys as they stand. There is one log, so that the subject is a word.
const LOG_KEYS: &[&str] = &[
    "SELECT $1 AS subject WHERE $1 = 'log'",
    "SELECT number, note, stated_at FROM log_key_statements WHERE $1 = 'log' ORDER BY number",
];

/// What there is to know of a kind.
struct KindRow {
    kind: DualKind,
    name: &'static str,
    /// Roles one of which whoever signs has. Whose two signatures it takes is settled where the act is done.
    signers: &'static [Role],
    what: &'static str,
    /// Every row that the act is done with, all of its columns where none may change meanwhile. `$1` is the subject, `$2` the signer's
    /// organisation. The first finds the subject.
    rows: &'static [&'static str],
}

const KINDS: [KindRow; 11] = [
    KindRow {
        kind: DualKind::Revision,
        name: "revision.apply",
        signers: &[Role::SecondOfficer],
        what: "revision",
        rows: &[
            "SELECT * FROM cluster_revisions WHERE id = $1",
            "SELECT * FROM cluster_moves WHERE revision_id = $1 ORDER BY encounter_id",
        ],
    },
    KindRow {
        kind: DualKind::Correction,
        name: "correction.apply",
        signers: &[Role::SecondOfficer, Role::Operator],
        what: "correction",
        rows: &["SELECT * FROM corrections WHERE id = $1"],
    },
    KindRow {
        kind: DualKind::Exemption,
        name: "exemption.record",
        signers: &[Role::SecondOfficer, Role::Operator],
        what: "encounter",
        rows: &[
            "SELECT * FROM encounters WHERE id = $1",
            "SELECT * FROM hands_photographs WHERE encounter_id = $1 ORDER BY id",
            "SELECT * FROM name_searches WHERE encounter_id = $1 ORDER BY id",
        ],
    },
    KindRow {
        kind: DualKind::LrSearch,
        name: "lr_search.sanction",
        signers: &[Role::SecondOfficer, Role::DnaExaminer],
        what: "search by likelihood ratio",
        // Without its state: it is held against its hash once more when it is made.
        rows: &[
            "SELECT r.id, r.specimen_id, r.case_id, r.purpose, r.legal_basis, r.question, r.profiles, r.unrelated_leads, r.share_found, \
             r.asked_by, r.asked_at FROM lr_requests r JOIN cases c ON c.id = r.case_id WHERE r.id = $1 AND c.organisation_id = $2",
        ],
    },
    KindRow {
        kind: DualKind::OfficeKey,
        name: "sanction_key.confirm",
        signers: &[Role::Supervisor, Role::Administrator],
        what: "key of an office",
        rows: &["SELECT * FROM sanction_keys WHERE id = $1"],
    },
    KindRow {
        kind: DualKind::UrgentLook,
        name: "urgent_look.justify",
        signers: &[Role::SecondOfficer, Role::Officer],
        what: "look in danger to life",
        rows: &[
            "SELECT u.* FROM urgent_reviews u JOIN access_requests r ON r.id = u.request_id JOIN accounts a ON a.id = r.account_id \
             WHERE u.id = $1 AND a.organisation_id = $2",
            "SELECT r.* FROM access_requests r JOIN urgent_reviews u ON u.request_id = r.id WHERE u.id = $1",
        ],
    },
    KindRow {
        kind: DualKind::Erasures,
        name: "erasures.release",
        signers: &[Role::SecondOfficer],
        what: "plan of deletion",
        // Whoever is told of a coming end is told meanwhile.
        rows: &[
            "SELECT id, hash, sealed_body, made_at, log_seq, waits_to, begins_at FROM deletion_plans WHERE id = $1 AND waits_to IS NOT NULL AND released_at IS NULL",
            "SELECT place, action, part, owner_id FROM deletion_steps WHERE plan_id = $1 ORDER BY place",
        ],
    },
    KindRow {
        kind: DualKind::LogKeyNext,
        name: "log_key.next",
        signers: &[Role::Administrator],
        what: "log",
        rows: LOG_KEYS,
    },
    KindRow {
        kind: DualKind::LogKeyRetirement,
        name: "log_key.retire",
        signers: &[Role::Administrator],
        what: "log",
        rows: LOG_KEYS,
    },
    KindRow {
        kind: DualKind::LogPruning,
        name: "log.prune",
        signers: &[Role::Supervisor, Role::Administrator],
        what: "log entry",
        rows: &[
            "SELECT seq, happened_at, event, outcome, leaf FROM log_entries WHERE seq = $1 AND LENGTH(leaf) > 0",
            "SELECT minimum, note, pruned_at FROM log_prunings WHERE minimum < $1 ORDER BY minimum",
        ],
    },
    KindRow {
        kind: DualKind::Threshold,
        name: "threshold.set",
        signers: &[Role::Supervisor, Role::Administrator],
        what: "proposed threshold",
        // With what it rests on, and what is in force before it.
        rows: &[
            "SELECT * FROM threshold_proposals WHERE id = $1",
            "SELECT e.* FROM evaluations e JOIN threshold_proposals p ON p.evaluation = e.hash WHERE p.id = $1",
            "SELECT number, statement FROM threshold_settings WHERE $1 <> '' ORDER BY number",
        ],
    },
];

impl DualKind {
    /// All kinds.
    pub const ALL: [Self; 11] = [
        Self::Revision,
        Self::Correction,
        Self::Exemption,
        Self::LrSearch,
        Self::OfficeKey,
        Self::UrgentLook,
        Self::Erasures,
        Self::LogKeyNext,
        Self::LogKeyRetirement,
        Self::LogPruning,
        Self::Threshold,
    ];

    /// The name in the database, the log and the API.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    fn row(self) -> &'static KindRow {
        // In the order of the enum, as a test says.
        &KINDS[self as usize]
    }

    fn may_be_signed_by(self, actor: &Actor) -> bool {
        self.row().signers.iter().any(|role| actor.has(*role))
    }
}

/// An act that two people sign: its kind, what it is about, and what it is done with beside that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DualAct {
    kind: DualKind,
    subject: String,
    detail: String,
}

impl DualAct {
    /// An act of a kind about a subject.
    pub fn of(kind: DualKind, subject: impl std::fmt::Display) -> Self {
        Self { kind, subject: subject.to_string(), detail: String::new() }
    }

    /// The same done with something beside the subject's rows.
    #[must_use]
    pub fn with(self, detail: &str) -> Self {
        Self { detail: detail.to_owned(), ..self }
    }

    /// Its kind.
    pub fn kind(&self) -> DualKind {
        self.kind
    }

    /// What it is about.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// What it is done with beside that; empty for most kinds.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The hash of the act as it stands: its kind, and every value that it will be done with.
    async fn hash(&self, sql: &mut SqliteConnection, actor: Option<&Actor>) -> Result<[u8; 32]> {
        let row = self.kind.row();
        let mut values = Vec::with_capacity(row.rows.len());
        for statement in row.rows {
            let mut query = sqlx::query(*statement).bind(&self.subject);
            if statement.contains("$2") {
                query = query.bind(actor.map_or_else(String::new, |actor| actor.organisation.to_string()));
            }
            let found = query.fetch_all(&mut *sql).await?;
            if values.is_empty() && found.is_empty() {
                return Err(RegistryError::NotFound { what: row.what });
            }
            values.push(found.iter().map(columns).collect::<Result<Vec<Value>>>()?);
        }
        let text = serde_json::to_vec(&json!([row.name, self.subject, self.detail, values]))
            .map_err(|_| RegistryError::Damaged { what: "act" })?;
        Ok(Sha256::digest(text).into())
    }
}

/// A row as names and values; of octets their hash.
fn columns(row: &SqliteRow) -> Result<Value> {
    let column = |at: usize, name: &str| {
        let value = row.try_get_raw(at)?;
        let value = match value.type_info().name() {
            "NULL" => Value::Null,
            "TEXT" => json!(row.try_get_unchecked::<String, _>(at)?),
            "INTEGER" => json!(row.try_get_unchecked::<i64, _>(at)?),
            "REAL" => json!(row.try_get_unchecked::<f64, _>(at)?.to_bits()),
            _ => json!({"sha256": hex(&Sha256::digest(row.try_get_unchecked::<Vec<u8>, _>(at)?))}),
        };
        Ok(json!([name, value]))
    };
    row.columns().iter().enumerate().map(|(at, c)| column(at, c.name())).collect()
}

/// An act that somebody began to sign and that waits for another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenAct {
    /// The act.
    pub act: DualAct,
    /// When it was signed first, or shown to be signed.
    pub opened_at: Instant,
    /// Until when the signatures hold.
    pub valid_to: Instant,
    /// The logins of those who signed it.
    pub signed_by: Vec<String>,
    /// Whether this officer, under any account, is one of them.
    pub own: bool,
}

/// A proposal that is open.
struct Proposal {
    id: RowId,
    hash: Vec<u8>,
    nonce: [u8; 32],
}

impl Proposal {
    fn challenge(&self, act: &DualAct) -> Vec<u8> {
        challenge(act.kind.name(), &self.nonce, &self.hash).to_vec()
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
    pub async fn begin_approval(&self, actor: &Actor, act: &DualAct) -> Result<SignatureAsked> {
        self.demand_signer(actor, act).await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let hash = act.hash(tx.sql(), Some(actor)).await?;
        let proposal = match open_proposal(&mut tx, act).await? {
            Some(open) if open.hash != hash => return self.void(tx, actor, act, &open).await,
            Some(open) => open,
            None => propose(&mut tx, act, &hash).await?,
        };
        let challenge = proposal.challenge(act);
        let asked = self.signature_asked(&mut tx, actor, challenge.clone(), Some(act.kind.name().to_owned())).await?;
        let waiting = Asked { challenge, code: None, proposal: Some(proposal.id), act: None };
        challenges::put(&mut tx, &actor.session, Kind::Approve, &waiting).await?;
        let details = json!({"for": "approval", "act": act.kind.name(), "proposal": proposal.id});
        tx.commit(&Entry::effect("passkey.asked", actor).details(details)).await?;
        Ok(asked)
    }

    /// Takes the signature over the act.
    ///
    /// # Errors
    /// Denied, with the reason, where the signature does not count, the act changed, or the same human being signed it before under
    /// any account.
    pub async fn finish_approval(&self, actor: &Actor, act: &DualAct, answer: &Asserted) -> Result<()> {
        self.demand_signer(actor, act).await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let asked = challenges::take(&mut tx, &actor.session, Kind::Approve).await?;
        let open = open_proposal(&mut tx, act).await?;
        let Some((asked, proposal)) = asked.zip(open).filter(|(asked, open)| asked.proposal == Some(open.id)) else {
            return self.refuse_unasked(tx, actor).await;
        };
        if proposal.hash != act.hash(tx.sql(), Some(actor)).await? {
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
        let details = json!({"act": act.kind.name(), "subject": act.subject, "proposal": proposal.id, "passkey": key, "hash": hex(&proposal.hash)});
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

    /// Acts that somebody began to sign and that this officer may sign, the newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn open_acts(&self, actor: &Actor) -> Result<Vec<OpenAct>> {
        let mut sql = self.inner.pool.acquire().await?;
        let found = sqlx::query(
            "SELECT * FROM dual_proposals WHERE ended IS NULL AND valid_to > $1 ORDER BY opened_at DESC, id LIMIT 200",
        )
        .bind(self.now().micros())
        .fetch_all(&mut *sql)
        .await?;
        let mut open = Vec::new();
        for row in &found {
            let name: String = row.try_get("act")?;
            let kind =
                KINDS.iter().find(|kind| kind.name == name).ok_or(RegistryError::Damaged { what: "proposal" })?;
            let act = DualAct::of(kind.kind, row.try_get::<String, _>("subject_id")?);
            let act = act.with(&row.try_get::<String, _>("detail")?);
            if !kind.kind.may_be_signed_by(actor) {
                continue;
            }
            match act.hash(&mut sql, Some(actor)).await {
                Ok(_) => {}
                // Another organisation's, or gone.
                Err(RegistryError::NotFound { .. }) => continue,
                Err(other) => return Err(other),
            }
            let signed: Vec<(String, String)> = sqlx::query_as(
                "SELECT a.login, p.natural_person FROM dual_approvals p JOIN accounts a ON a.id = p.account_id \
                 WHERE p.proposal_id = $1 ORDER BY p.approved_at",
            )
            .bind(row.try_get::<String, _>("id")?)
            .fetch_all(&mut *sql)
            .await?;
            open.push(OpenAct {
                act,
                opened_at: rows::instant(row, "opened_at")?,
                valid_to: rows::instant(row, "valid_to")?,
                own: signed.iter().any(|(_, person)| *person == actor.natural_person),
                signed_by: signed.into_iter().map(|(login, _)| login).collect(),
            });
        }
        Ok(open)
    }

    /// Before an act is done: where passkeys are required, or somebody began to sign it, two signatures must be there, over the act as it
    /// is now: that of whoever does it and those of `others`, whose act it is too. They are used up with it. Gives what the entry says of them. An
    /// act that is done with a passphrase, and not by an account, has no actor.
    pub(crate) async fn approved(
        &self,
        tx: &mut WriteTx<'_>,
        actor: Option<&Actor>,
        act: &DualAct,
        others: &[&str],
    ) -> Result<std::result::Result<Value, NotApproved>> {
        let Some(proposal) = open_proposal(tx, act).await? else {
            return Ok(if self.passkeys_required(tx.sql()).await? {
                Err(NotApproved::Missing)
            } else {
                Ok(Value::Null)
            });
        };
        if proposal.hash != act.hash(tx.sql(), actor).await? {
            end(tx, &proposal, "void").await?;
            return Ok(Err(NotApproved::Changed));
        }
        // One row a person, by the table's key.
        let signed: Vec<String> = sqlx::query_scalar(
            "SELECT p.natural_person FROM dual_approvals p JOIN passkeys k ON k.id = p.passkey_id JOIN accounts a ON a.id = p.account_id \
             WHERE p.proposal_id = $1 AND k.removed_at IS NULL AND a.disabled_at IS NULL",
        )
        .bind(proposal.id.to_string())
        .fetch_all(tx.sql())
        .await?;
        let mut whose = others.iter().copied().chain(actor.map(|actor| actor.natural_person.as_str()));
        if signed.len() < 2 || !whose.all(|person| signed.iter().any(|s| s == person)) {
            return Ok(Err(NotApproved::Missing));
        }
        end(tx, &proposal, "done").await?;
        Ok(Ok(json!({"proposal": proposal.id, "hash": hex(&proposal.hash)})))
    }

    /// Whether an act that was approved before it is done is still what was signed. One that nobody had to sign is.
    pub(crate) async fn as_signed(&self, tx: &mut WriteTx<'_>, actor: &Actor, act: &DualAct) -> Result<bool> {
        let signed: Option<Vec<u8>> = sqlx::query_scalar(
            "SELECT act_hash FROM dual_proposals WHERE act = $1 AND subject_id = $2 AND ended = 'done' ORDER BY ended_at DESC LIMIT 1",
        )
        .bind(act.kind.name())
        .bind(&act.subject)
        .fetch_optional(tx.sql())
        .await?;
        match signed {
            Some(signed) => Ok(signed == act.hash(tx.sql(), Some(actor)).await?),
            None => Ok(!self.passkeys_required(tx.sql()).await?),
        }
    }

    /// An account with a role that signed an open act, and whose it is: another than whoever does it, where an account does.
    pub(crate) async fn other_signer(
        &self,
        tx: &mut WriteTx<'_>,
        actor: Option<&Actor>,
        act: &DualAct,
        role: Role,
    ) -> Result<Option<(String, String)>> {
        let Some(proposal) = open_proposal(tx, act).await? else { return Ok(None) };
        Ok(sqlx::query_as(
            "SELECT p.account_id, p.natural_person FROM dual_approvals p JOIN account_roles r ON r.account_id = p.account_id AND r.role = $2 \
             WHERE p.proposal_id = $1 AND p.natural_person <> $3 ORDER BY p.approved_at LIMIT 1",
        )
        .bind(proposal.id.to_string())
        .bind(role.name())
        .bind(actor.map_or("", |actor| actor.natural_person.as_str()))
        .fetch_optional(tx.sql())
        .await?)
    }

    async fn demand_signer(&self, actor: &Actor, act: &DualAct) -> Result<()> {
        if act.kind.may_be_signed_by(actor) {
            return Ok(());
        }
        self.demand(actor, act.kind.row().signers[0], "approve an act that takes two").await
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

    async fn void<T>(&self, mut tx: WriteTx<'_>, actor: &Actor, act: &DualAct, proposal: &Proposal) -> Result<T> {
        end(&mut tx, proposal, "void").await?;
        let entry = Entry::denial("approval.denied", Some(actor))
            .details(json!({"act": act.kind.name(), "subject": act.subject, "proposal": proposal.id}));
        self.deny_unapproved(tx, entry, NotApproved::Changed).await
    }
}

const CHANGED: &str = "the act changed since it was signed, so the signatures are void";

/// The open proposal of an act; one whose time is over is void.
async fn open_proposal(tx: &mut WriteTx<'_>, act: &DualAct) -> Result<Option<Proposal>> {
    let now = tx.now().micros();
    sqlx::query(
        "UPDATE dual_proposals SET ended = 'void', ended_at = $1 WHERE act = $2 AND subject_id = $3 AND detail = $4 AND ended IS NULL AND valid_to <= $1",
    )
    .bind(now)
    .bind(act.kind.name())
    .bind(&act.subject)
    .bind(&act.detail)
    .execute(tx.sql())
    .await?;
    let row = sqlx::query(
        "SELECT id, act_hash, nonce FROM dual_proposals WHERE act = $1 AND subject_id = $2 AND detail = $3 AND ended IS NULL",
    )
    .bind(act.kind.name())
    .bind(&act.subject)
    .bind(&act.detail)
    .fetch_optional(tx.sql())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let nonce: Vec<u8> = row.try_get("nonce")?;
    let nonce = nonce.try_into().map_err(|_| RegistryError::Damaged { what: "proposal" })?;
    Ok(Some(Proposal { id: rows::id(&row, "id")?, hash: row.try_get("act_hash")?, nonce }))
}

async fn propose(tx: &mut WriteTx<'_>, act: &DualAct, hash: &[u8; 32]) -> Result<Proposal> {
    let now = tx.now();
    let proposal =
        Proposal { id: RowId::fresh(now.micros(), fresh_bytes()?), hash: hash.to_vec(), nonce: fresh_bytes()? };
    sqlx::query("INSERT INTO dual_proposals (id, act, subject_id, detail, act_hash, nonce, opened_at, valid_to, ended, ended_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL, NULL)")
        .bind(proposal.id.to_string())
        .bind(act.kind.name())
        .bind(&act.subject)
        .bind(&act.detail)
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
