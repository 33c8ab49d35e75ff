//! Who else must have seen a checkpoint: the options of `tanba log` for it, and the check.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use serde_json::{Value, json};
use tanba_seal::log::{LogError, LogVerifier, Policy, WitnessVerifier};

use crate::cmd::keyd::read_policy;
use crate::{input, party};

/// Which witnesses are asked for.
#[derive(Args, Default)]
pub(crate) struct Cosigners {
    /// Policy of logs and witnesses (c2sp.org/tlog-policy): a quorum of it must have cosigned the checkpoint.
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// Verifier key (name+hash+key) of a witness that must have cosigned the checkpoint; once for each.
    #[arg(long = "witness", value_name = "KEY")]
    pub(crate) witnesses: Vec<String>,
    /// The log's file of keys (`log.keys`), where it has changed its key: what follows the key that is trusted. One that lies beside
    /// the log is read by itself.
    #[arg(long, value_name = "FILE")]
    pub(crate) log_keys: Option<PathBuf>,
    /// How long ago the policy's quorum, or each witness, may have cosigned.
    #[arg(long, value_name = "SECONDS")]
    pub(crate) max_age: Option<u64>,
}

impl Cosigners {
    /// Whether anybody is asked for.
    pub(crate) fn asked(&self) -> bool {
        self.policy.is_some() || !self.witnesses.is_empty() || self.max_age.is_some()
    }

    /// The policy, read, with the log's keys.
    pub(crate) fn read(&self) -> anyhow::Result<Option<Policy>> {
        let Some(mut policy) = self.policy.as_deref().map(read_policy).transpose()? else { return Ok(None) };
        if let Some(keys) = self.keys()? {
            policy = policy.following(&keys)?;
        }
        Ok(Some(policy))
    }

    /// A log's verifier key, with the log's keys.
    pub(crate) fn trusted(&self, vkey: &str) -> anyhow::Result<LogVerifier> {
        following(vkey, self.log_keys.as_deref())
    }

    fn keys(&self) -> anyhow::Result<Option<Vec<u8>>> {
        self.log_keys.as_deref().map(input::read_file).transpose()
    }

    /// Demands the cosignatures on a note; tells whose there are and when they were given (POSIX seconds). `beside` is the file of
    /// keys that lies beside the log.
    pub(crate) fn check(&self, note: &[u8], beside: Option<&[u8]>) -> anyhow::Result<Vec<(String, u64)>> {
        if self.policy.is_none() && self.witnesses.is_empty() {
            bail!("--max-age is about cosignatures: say whose with --policy or --witness");
        }
        let now = party::now();
        let mut found = Vec::new();
        if let Some(mut policy) = self.read()? {
            if let Some(keys) = beside {
                policy = policy.following(keys)?;
            }
            let witnessed = policy.check(note)?;
            if let Some(max_age) = self.max_age {
                witnessed.demand_fresh(now, max_age)?;
            }
            found = witnessed.cosigners;
        }
        for key in &self.witnesses {
            let key = WitnessVerifier::parse(key).context("--witness")?;
            let time = key
                .cosigned_at(note)?
                .filter(|time| self.max_age.is_none_or(|max_age| now.saturating_sub(*time) <= max_age))
                .ok_or(LogError::NotWitnessed { what: "this witness has not cosigned it, or too long ago" })
                .with_context(|| key.name().to_owned())?;
            found.push((key.name().to_owned(), time));
        }
        Ok(found)
    }
}

/// A log's verifier key, as it was given, with what is in a file of the log's keys.
pub(crate) fn following(vkey: &str, keys: Option<&Path>) -> anyhow::Result<LogVerifier> {
    let verifier = LogVerifier::parse(vkey).context("--vkey")?;
    match keys {
        Some(file) => verifier.following(&input::read_file(file)?).with_context(|| file.display().to_string()),
        None => Ok(verifier),
    }
}

/// Cosignatures, for a script.
pub(crate) fn to_json(found: &[(String, u64)]) -> Value {
    found.iter().map(|(name, time)| json!({"witness": name, "time": time})).collect()
}

/// Cosignatures, for a person.
pub(crate) fn describe(found: &[(String, u64)]) -> String {
    let each: Vec<String> = found
        .iter()
        .map(|(name, time)| {
            let at = i64::try_from(*time).ok().and_then(|s| jiff::Timestamp::from_second(s).ok());
            at.map_or_else(|| format!("{name} at {time}"), |at| format!("{name} at {at}"))
        })
        .collect();
    format!("Cosigned by {}.", each.join(", "))
}
