//! The assumption sheet: what a demonstration assumes where the law is not known to us, each with its reason.

use crate::access::AccessRule;
use crate::retention::{RetentionKind, RetentionRow};
use crate::{GenomicPanel, PackHash, Text, Withdrawal};
use serde::Deserialize;

/// Assumptions that fill the unknown fields of some packs, for demonstration only.
#[derive(Debug, Clone)]
pub struct AssumptionSheet {
    pub(crate) doc: SheetDoc,
    pub(crate) hash: PackHash,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SheetDoc {
    #[expect(dead_code, reason = "checked before the document is read")]
    pub(crate) format: String,
    pub(crate) id: String,
    pub(crate) title: Text,
    pub(crate) packs: Vec<String>,
    pub(crate) access: Vec<AssumedAccess>,
    pub(crate) retention: Vec<AssumedRetention>,
    pub(crate) panel: Option<AssumedPanel>,
    #[serde(default)]
    pub(crate) withdrawal: Option<AssumedWithdrawal>,
}

/// One assumed rule of access.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AssumedAccess {
    pub(crate) rule: AccessRule,
    pub(crate) reason: Text,
}

/// One assumed period.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AssumedRetention {
    pub(crate) kind: RetentionKind,
    pub(crate) row: RetentionRow,
    pub(crate) reason: Text,
}

/// The assumed identification panel.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AssumedPanel {
    pub(crate) value: GenomicPanel,
    pub(crate) text: Text,
    pub(crate) reason: Text,
}

/// What is assumed to follow when a consent is taken back.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AssumedWithdrawal {
    pub(crate) value: Withdrawal,
    pub(crate) reason: Text,
}

impl AssumptionSheet {
    /// Id, such as `kz-demo`.
    pub fn id(&self) -> &str {
        &self.doc.id
    }

    /// Name of the sheet.
    pub fn title(&self) -> &Text {
        &self.doc.title
    }

    /// SHA-256 of the canonical content.
    pub fn hash(&self) -> PackHash {
        self.hash
    }

    /// Whether it was written for this pack.
    pub fn covers(&self, pack_id: &str) -> bool {
        self.doc.packs.iter().any(|id| id == pack_id)
    }

    /// Every assumption: its code, what is assumed, and why.
    pub fn assumptions(&self) -> impl Iterator<Item = (&str, &Text, &Text)> {
        let access = self.doc.access.iter().map(|row| (row.rule.code.as_str(), &row.rule.text, &row.reason));
        let retention = self.doc.retention.iter().map(|row| (row.row.code.as_str(), &row.row.text, &row.reason));
        let panel = self.doc.panel.iter().map(|row| ("panel", &row.text, &row.reason));
        let withdrawal = self.doc.withdrawal.iter().map(|row| ("withdrawal", &row.value.text, &row.reason));
        access.chain(retention).chain(panel).chain(withdrawal)
    }
}
