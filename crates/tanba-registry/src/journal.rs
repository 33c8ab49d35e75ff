//! The log rows: what is written for every effect, every look and every denial.
//!
//! A row holds a *leaf*, which becomes public in the transparency log and says nothing about anyone (codes, times and
//! salted commitments), and a *payload*, sealed under a key of its own, which says who did what to whom and why. The leaf
//! commits to the payload, so neither can be changed without the other; destroying the payload's key leaves a log that
//! still verifies.

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqlx::{Row, SqliteConnection};
use tanba_seal::commit_erased;
use tanba_seal::index::PublishedIndex;
use tanba_seal::keyd::{Opening, commit_records};

use crate::actor::{Actor, Role};
use crate::error::{RegistryError, Result};
use crate::ids::{PersonId, RowId, SanctionId};
use crate::params::UNPUBLISHED_SECONDS;
use crate::registry::Inner;
use crate::time::Instant;
use crate::vault::{Domain, fresh_bytes};

/// Whether an entry records a change, a look or a "no".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Something was changed.
    Effect,
    /// Someone saw something of a person, or a search was made.
    Look,
    /// Something was refused.
    Denial,
}

impl Outcome {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Effect => "effect",
            Self::Look => "look",
            Self::Denial => "denial",
        }
    }
}

/// One entry to be written.
pub(crate) struct Entry<'a> {
    /// What happened, as `noun.verb`.
    pub event: &'static str,
    pub outcome: Outcome,
    pub actor: Option<&'a Actor>,
    /// Whose records it is about.
    pub subjects: Vec<PersonId>,
    pub purpose: &'a str,
    pub pack_hash: Option<&'a str>,
    pub clause: Option<&'a str>,
    pub sanction: Option<SanctionId>,
    /// The records whose keys the entry is to open.
    pub records: Option<&'a LookedAt>,
    /// What was erased, to be committed to, so that a certificate can prove it.
    pub erased: Option<&'a Opening>,
    /// Goes into the sealed payload only.
    pub details: Value,
    /// What an entry says that publishes the index of own entries.
    pub index: Option<PublishedIndex>,
    /// The hash of what was signed about the log's keys.
    pub statement: Option<String>,
}

/// The records that an entry commits to, so that the key process opens these and no others.
pub(crate) struct LookedAt {
    salt: [u8; 16],
    records: Vec<String>,
}

impl LookedAt {
    pub(crate) fn new(records: Vec<String>) -> Result<Self> {
        Ok(Self { salt: fresh_bytes()?, records })
    }

    /// What opens the entry's commitment.
    pub(crate) fn opening(&self) -> Opening {
        Opening { salt: BASE64.encode(self.salt), records: self.records.clone() }
    }

    fn commitment(&self) -> String {
        hex(&commit_records(&self.salt, &self.records))
    }
}

impl<'a> Entry<'a> {
    /// An entry for a change.
    pub(crate) fn effect(event: &'static str, actor: &'a Actor) -> Self {
        Self::new(event, Outcome::Effect, Some(actor))
    }

    /// An entry for a look.
    pub(crate) fn look(event: &'static str, actor: &'a Actor) -> Self {
        Self::new(event, Outcome::Look, Some(actor))
    }

    /// An entry for a refusal.
    pub(crate) fn denial(event: &'static str, actor: Option<&'a Actor>) -> Self {
        Self::new(event, Outcome::Denial, actor)
    }

    /// An entry that the system writes by itself.
    pub(crate) fn system(event: &'static str) -> Self {
        Self::new(event, Outcome::Effect, None)
    }

    fn new(event: &'static str, outcome: Outcome, actor: Option<&'a Actor>) -> Self {
        Self {
            event,
            outcome,
            actor,
            subjects: Vec::new(),
            purpose: "administration",
            pack_hash: None,
            clause: None,
            sanction: None,
            records: None,
            erased: None,
            details: Value::Null,
            index: None,
            statement: None,
        }
    }

    /// Whether somebody looks, or does something to a person. Signing in, refusals, administration, what the program does by itself, and what a
    /// supervisor reads go on while the log is mended.
    fn needs_a_public_log(&self) -> bool {
        let Some(actor) = self.actor else { return false };
        match self.outcome {
            Outcome::Look => !actor.has(Role::Supervisor),
            Outcome::Effect => !self.subjects.is_empty(),
            Outcome::Denial => false,
        }
    }

    pub(crate) fn about(mut self, person: PersonId) -> Self {
        if !self.subjects.contains(&person) {
            self.subjects.push(person);
        }
        self
    }

    pub(crate) fn about_all(self, people: impl IntoIterator<Item = PersonId>) -> Self {
        people.into_iter().fold(self, Self::about)
    }

    pub(crate) fn purpose(mut self, purpose: &'a str) -> Self {
        self.purpose = purpose;
        self
    }

    pub(crate) fn law(mut self, pack_hash: &'a str, clause: &'a str) -> Self {
        self.pack_hash = Some(pack_hash);
        self.clause = Some(clause);
        self
    }

    pub(crate) fn sanction(mut self, sanction: Option<SanctionId>) -> Self {
        self.sanction = sanction;
        self
    }

    pub(crate) fn looks_at(mut self, records: &'a LookedAt) -> Self {
        self.records = Some(records);
        self
    }

    pub(crate) fn erases(mut self, erased: Option<&'a Opening>) -> Self {
        self.erased = erased;
        self
    }

    pub(crate) fn states(mut self, note: &[u8]) -> Self {
        self.statement = Some(hex(&Sha256::digest(note)));
        self
    }

    pub(crate) fn details(mut self, details: Value) -> Self {
        self.details = details;
        self
    }
}

/// The sealed part of an entry.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Payload {
    pub event: String,
    pub actor: Option<PayloadActor>,
    pub subjects: Vec<PersonId>,
    pub purpose: String,
    pub clause: Option<String>,
    pub pack_hash: Option<String>,
    pub sanction: Option<SanctionId>,
    pub details: Value,
    /// Opens the actor commitment of the leaf.
    pub actor_salt: String,
    /// Opens the subject commitment of the leaf.
    pub subject_salt: String,
    /// Opens the commitment of the leaf to the records looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub records: Option<Opening>,
    /// Opens the commitment of the leaf to what was erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erased: Option<Opening>,
}

/// Who acted, as far as a supervisor or the person concerned may learn it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PayloadActor {
    pub account: String,
    pub natural_person: String,
    pub organisation: String,
    pub body: String,
    pub station: Option<String>,
}

/// The public part of an entry: the bytes that are hashed into the tree.
#[derive(Serialize)]
struct Leaf<'a> {
    v: u8,
    seq: u64,
    time: i64,
    event: &'a str,
    outcome: &'a str,
    actor: Option<String>,
    subject: Option<String>,
    purpose: &'a str,
    pack: Option<&'a str>,
    clause: Option<&'a str>,
    sanction: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    records: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    erased: Option<String>,
    payload: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<PublishedIndex>,
    #[serde(skip_serializing_if = "Option::is_none")]
    statement: Option<&'a str>,
}

/// Appends an entry inside the caller's transaction; the place it takes is the next free one.
pub(crate) async fn append(inner: &Inner, sql: &mut SqliteConnection, now: Instant, entry: &Entry<'_>) -> Result<u64> {
    if let Some(seconds) = inner.unpublished_seconds().filter(|seconds| *seconds > UNPUBLISHED_SECONDS)
        && entry.needs_a_public_log()
    {
        return Err(RegistryError::Unpublished { minutes: seconds / 60 });
    }
    let next: i64 =
        sqlx::query_scalar("SELECT COALESCE(MAX(seq), -1) + 1 FROM log_entries").fetch_one(&mut *sql).await?;
    let seq = u64::try_from(next).map_err(|_| RegistryError::Damaged { what: "log entry" })?;
    let owner = seq.to_string();

    let actor_salt: [u8; 16] = fresh_bytes()?;
    let subject_salt: [u8; 16] = fresh_bytes()?;
    let payload = Payload {
        event: entry.event.to_owned(),
        actor: entry.actor.map(|a| PayloadActor {
            account: a.account.to_string(),
            natural_person: a.natural_person.clone(),
            organisation: a.organisation_code.clone(),
            body: a.body.clone(),
            station: a.station.as_ref().map(|s| s.code.clone()),
        }),
        subjects: entry.subjects.clone(),
        purpose: entry.purpose.to_owned(),
        clause: entry.clause.map(str::to_owned),
        pack_hash: entry.pack_hash.map(str::to_owned),
        sanction: entry.sanction,
        details: entry.details.clone(),
        actor_salt: hex(&actor_salt),
        subject_salt: hex(&subject_salt),
        records: entry.records.map(LookedAt::opening),
        erased: entry.erased.cloned(),
    };
    let plain = serde_json::to_vec(&payload).map_err(|_| RegistryError::Damaged { what: "log payload" })?;
    let (key, wrapped) = inner.vault.new_key(Domain::LogPayload, &owner)?;
    let sealed = inner.vault.seal(&key, Domain::LogPayload, &owner, "payload", &plain)?;

    let subjects: String = entry.subjects.iter().map(|p| format!("{p};")).collect();
    let leaf = Leaf {
        v: 1,
        seq,
        time: now.micros(),
        event: entry.event,
        outcome: entry.outcome.as_str(),
        actor: entry.actor.map(|a| hex(&tanba_seal::commit(&actor_salt, "actor", a.account.to_string().as_bytes()))),
        subject: (!entry.subjects.is_empty())
            .then(|| hex(&tanba_seal::commit(&subject_salt, "subject", subjects.as_bytes()))),
        purpose: entry.purpose,
        pack: entry.pack_hash,
        clause: entry.clause,
        sanction: entry.sanction.map(|s| hex(&tanba_seal::commit(&subject_salt, "sanction", s.to_string().as_bytes()))),
        records: entry.records.map(LookedAt::commitment),
        erased: entry.erased.and_then(commit_erased),
        payload: hex(&Sha256::digest(&sealed)),
        index: entry.index,
        statement: entry.statement.as_deref(),
    };
    let leaf = serde_json::to_vec(&leaf).map_err(|_| RegistryError::Damaged { what: "log leaf" })?;

    sqlx::query(
        "INSERT INTO log_entries (seq, happened_at, event, outcome, leaf, wrapped_key, sealed_payload, purpose, account_id, organisation) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(next)
    .bind(now.micros())
    .bind(entry.event)
    .bind(entry.outcome.as_str())
    .bind(leaf)
    .bind(wrapped)
    .bind(sealed)
    .bind(entry.purpose)
    .bind(entry.actor.map_or_else(String::new, |a| a.account.to_string()))
    .bind(entry.actor.map_or_else(String::new, |a| a.organisation_code.clone()))
    .execute(&mut *sql)
    .await?;
    for person in &entry.subjects {
        sqlx::query("INSERT INTO log_subjects (seq, person_id) VALUES ($1, $2)")
            .bind(next)
            .bind(person.to_string())
            .execute(&mut *sql)
            .await?;
    }
    sqlx::query("INSERT INTO outbox (id, kind, log_seq, created_at, done_at) VALUES ($1, 'publish', $2, $3, NULL)")
        .bind(RowId::fresh(now.micros(), fresh_bytes()?).to_string())
        .bind(next)
        .bind(now.micros())
        .execute(&mut *sql)
        .await?;
    Ok(seq)
}

/// Opens the sealed part of a row, after checking that the public part commits to it.
pub(crate) fn open_payload(inner: &Inner, row: &sqlx::sqlite::SqliteRow) -> Result<Option<Payload>> {
    let seq: i64 = row.try_get("seq")?;
    let sealed: Vec<u8> = row.try_get("sealed_payload")?;
    let leaf: Vec<u8> = row.try_get("leaf")?;
    let wrapped = row.try_get::<Option<Vec<u8>>, _>("wrapped_key")?;
    // An entry that was pruned has lost its words before.
    if leaf.is_empty() && wrapped.is_none() {
        return Ok(None);
    }
    let leaf: Value = serde_json::from_slice(&leaf).map_err(|_| RegistryError::Damaged { what: "log leaf" })?;
    if leaf["payload"] != json!(hex(&Sha256::digest(&sealed))) {
        return Err(RegistryError::Damaged { what: "log payload" });
    }
    let Some(wrapped) = wrapped else { return Ok(None) };
    let owner = seq.to_string();
    let key = inner.vault.open_key(Domain::LogPayload, &owner, &wrapped)?;
    let plain = inner.vault.open(&key, Domain::LogPayload, &owner, "payload", &sealed)?;
    serde_json::from_slice(&plain).map(Some).map_err(|_| RegistryError::Damaged { what: "log payload" })
}

/// Fills the columns by which entries are found, in rows that were written before there were such columns. They say
/// nothing that the payload doesn't say, so filling them is no act of its own.
pub(crate) async fn index_older_rows(inner: &Inner) -> Result<()> {
    loop {
        let found = sqlx::query("SELECT * FROM log_entries WHERE purpose IS NULL ORDER BY seq LIMIT 500")
            .fetch_all(&inner.pool)
            .await?;
        if found.is_empty() {
            return Ok(());
        }
        let mut tx = inner.pool.begin().await?;
        for row in &found {
            let payload = open_payload(inner, row)?;
            let actor = payload.as_ref().and_then(|p| p.actor.as_ref());
            sqlx::query("UPDATE log_entries SET purpose = $1, account_id = $2, organisation = $3 WHERE seq = $4")
                .bind(payload.as_ref().map_or("", |p| p.purpose.as_str()))
                .bind(actor.map_or("", |a| a.account.as_str()))
                .bind(actor.map_or("", |a| a.organisation.as_str()))
                .bind(row.try_get::<i64, _>("seq")?)
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// 32 octets from lower-case hexadecimal, such as a hash.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
    digits.collect::<Option<Vec<u8>>>().filter(|bytes| bytes.len() == 32 && hex(bytes) == text)
}
