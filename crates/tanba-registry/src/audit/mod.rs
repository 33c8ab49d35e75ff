//! The audit bundle: a folder from which an outside auditor checks, offline and with nothing but the log's public key, what the register did.
//!
//! ```text
//! manifest.note   signed by the log's key: name of the format, log, size, root, SHA-256 of bundle.json
//! bundle.json     law, its deliveries and acknowledgements; hashes of sanctions; breaches, open notes; the returns
//! log/            the whole log from its minimum index on: tiles, checkpoint, cosignatures
//! ```
//!
//! No personal data are in it: entries are named by their places, sanctions by hashes, people not at all.

mod make;
mod verify;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::anomaly::AnomalyKind;
use crate::breach::{BreachKind, BreachStep};
use crate::note_answers::FalseAlarms;
use crate::registry::Mode;
use crate::returns::Returns;
use crate::time::Instant;

pub use verify::{AuditReport, verify_audit};

const FORMAT: &str = "tanba-audit-bundle/1";
const MANIFEST: &str = "manifest.note";
const BUNDLE: &str = "bundle.json";
const LOG: &str = "log";

/// Events of the log each of which a part of the bundle answers for: none may be left out, and none invented.
const ANSWERED: [&str; 5] = ["law.delivered", "law.acknowledged", "law.activated", "sanction.entered", "breach.opened"];

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditBundle {
    /// Entries of the log in it.
    pub size: u64,
    /// The root over them, in base64.
    pub root: String,
    /// Files written.
    pub files: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bundle {
    format: String,
    origin: String,
    mode: Mode,
    made_at: Instant,
    /// The packs in use with their hashes.
    packs: Vec<(String, String)>,
    /// Every set of law that was delivered or in use, by its hash: names and contents of its files.
    law: BTreeMap<String, Vec<(String, String)>>,
    deliveries: Vec<Delivery>,
    activations: Vec<Activation>,
    sanctions: Vec<Sanction>,
    breaches: Vec<Breach>,
    open_notes: Vec<OpenNote>,
    false_alarms: Vec<FalseAlarms>,
    returns: Returns,
    /// Of these, what is counted of entries that were pruned from the log: nobody can count them again.
    #[serde(default, skip_serializing_if = "Returns::is_empty")]
    pruned_returns: Returns,
}

/// A place in the log and its instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct At {
    seq: u64,
    time: Instant,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Delivery {
    set: String,
    delivered: At,
    acknowledged: Option<At>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Activation {
    set: String,
    at: At,
    /// The place of the delivery; none for the law of the founding.
    delivery: Option<u64>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sanction {
    entered: At,
    /// SHA-256 of the signed note; none where nobody signed it, or its words are erased.
    hash: Option<String>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Breach {
    opened: At,
    kind: BreachKind,
    known_at: Instant,
    due_at: Instant,
    escalated_at: Option<Instant>,
    closed_at: Option<Instant>,
    steps: Vec<(BreachStep, Instant)>,
    entries: Vec<u64>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct OpenNote {
    kind: AnomalyKind,
    entries: Vec<u64>,
}
