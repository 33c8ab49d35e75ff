//! The law's answer as it goes over the wire.

use serde::Serialize;
use tanba_registry::{LawAnswer, LawConsequence, LawItem};
use utoipa::ToSchema;

use crate::wire::Text;

/// What the law says of a person in an encounter.
#[derive(Serialize, ToSchema)]
pub(crate) struct Law {
    /// `must`, `may` or `must_not` be registered.
    category: String,
    /// What is still to be given before anything is taken.
    missing: Vec<Item>,
    /// What the registering body must do.
    obligations: Vec<Item>,
    /// What a refusal may lead to, in order.
    consequences: Vec<Consequence>,
    /// The law pack.
    pack: String,
    /// Its hash.
    pack_hash: String,
    /// The deciding clause.
    clause: String,
    /// Why, in plain words.
    text: Text,
    /// What was noticed.
    diagnostics: Vec<String>,
    /// The pack is a draft, and this is a demonstration.
    demonstration: bool,
}

/// Something still to be given, or to be done.
#[derive(Serialize, ToSchema)]
pub(crate) struct Item {
    /// Stable name.
    code: String,
    /// In plain words.
    text: Text,
}

/// A consequence that a refusal may have.
#[derive(Serialize, ToSchema)]
pub(crate) struct Consequence {
    /// Place in the order, from 1.
    order: u8,
    /// What it is.
    #[schema(value_type = String, example = "fine")]
    kind: tanba_law::ConsequenceKind,
    /// The clause.
    clause: String,
    /// In plain words.
    text: Text,
}

impl From<LawAnswer> for Law {
    fn from(law: LawAnswer) -> Self {
        Self {
            category: law.category,
            missing: law.missing.into_iter().map(Item::from).collect(),
            obligations: law.obligations.into_iter().map(Item::from).collect(),
            consequences: law.consequences.into_iter().map(Consequence::from).collect(),
            pack: law.pack,
            pack_hash: law.pack_hash,
            clause: law.clause,
            text: law.text.into(),
            diagnostics: law.diagnostics,
            demonstration: law.demonstration,
        }
    }
}

impl From<LawItem> for Item {
    fn from(item: LawItem) -> Self {
        Self { code: item.code, text: item.text.into() }
    }
}

impl From<LawConsequence> for Consequence {
    fn from(consequence: LawConsequence) -> Self {
        Self {
            order: consequence.order,
            kind: consequence.kind,
            clause: consequence.clause,
            text: consequence.text.into(),
        }
    }
}
