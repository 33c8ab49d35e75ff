//! Whose citizen somebody is.

use serde::{Deserialize, Serialize};

/// Status as the law packs name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// A citizen of the register's country.
    Citizen,
    /// A citizen of another country who lives here.
    Foreigner,
    /// A citizen of none.
    Stateless,
}

impl Status {
    /// Shares among residents, own choices of the order of a country that takes in some labour migrants.
    pub(super) const SHARES: [(Self, f64); 3] =
        [(Self::Citizen, 0.9695), (Self::Foreigner, 0.03), (Self::Stateless, 0.0005)];
}
