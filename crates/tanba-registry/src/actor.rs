//! Who acts: an account that signed in, in which roles, for which organisation, at which station.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, OrganisationId, PersonId, SiteId, StationId};

/// What an account may do at all; what it may do with a person's data, the law pack decides besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Registers people at a counter.
    Operator,
    /// Confirms what one officer alone may not decide.
    SecondOfficer,
    /// Compares prints.
    FingerprintExaminer,
    /// Enters and compares genomic profiles.
    DnaExaminer,
    /// Decides whether a stain is contaminated; alone sees whose profile of the laboratory it agrees with.
    QualityManager,
    /// Works on a case of an authority.
    Officer,
    /// Watches over all of it; sees logs, not biometrics.
    Supervisor,
    /// Sets up organisations, sites and accounts; sees no person's data.
    Administrator,
    /// The person concerned.
    Citizen,
    /// A portal of the country: a machine that asks who looked at whom it has signed in.
    Portal,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 10] = [
        Self::Operator,
        Self::SecondOfficer,
        Self::FingerprintExaminer,
        Self::DnaExaminer,
        Self::QualityManager,
        Self::Officer,
        Self::Supervisor,
        Self::Administrator,
        Self::Citizen,
        Self::Portal,
    ];

    /// The name in the API and the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::SecondOfficer => "second_officer",
            Self::FingerprintExaminer => "fingerprint_examiner",
            Self::DnaExaminer => "dna_examiner",
            Self::QualityManager => "quality_manager",
            Self::Officer => "officer",
            Self::Supervisor => "supervisor",
            Self::Administrator => "administrator",
            Self::Citizen => "citizen",
            Self::Portal => "portal",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text names no role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is not a role: use one of operator, second_officer, fingerprint_examiner, dna_examiner, quality_manager, officer, supervisor, administrator, citizen, portal"
)]
pub struct UnknownRole;

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|r| r.name() == text).ok_or(UnknownRole)
    }
}

/// The station that a session was opened at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActorStation {
    /// The station.
    pub id: StationId,
    /// Its code.
    pub code: String,
    /// Where it stands.
    pub site: SiteId,
    /// What may lawfully start there.
    pub triggers: BTreeSet<String>,
}

/// A signed-in account. Only [`crate::Registry::authenticate`] makes one, so holding it is proof of a session.
#[derive(Debug, Clone)]
pub struct Actor {
    pub(crate) account: AccountId,
    pub(crate) login: String,
    pub(crate) natural_person: String,
    pub(crate) organisation: OrganisationId,
    pub(crate) organisation_code: String,
    pub(crate) body: String,
    pub(crate) roles: BTreeSet<Role>,
    pub(crate) station: Option<ActorStation>,
    pub(crate) person: Option<PersonId>,
    /// The keyed hash of the number by which it signs in nationally.
    pub(crate) number_blind: Option<Vec<u8>>,
    /// The hash of the session's token.
    pub(crate) session: Vec<u8>,
}

impl Actor {
    /// The account.
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// The name it signs in with.
    pub fn login(&self) -> &str {
        &self.login
    }

    /// Whether it is one of the national sign-in, which has no password.
    pub fn is_national(&self) -> bool {
        self.number_blind.is_some()
    }

    /// The organisation it acts for.
    pub fn organisation(&self) -> OrganisationId {
        self.organisation
    }

    /// The legal body it acts for, by the code that law packs use.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// Its roles.
    pub fn roles(&self) -> &BTreeSet<Role> {
        &self.roles
    }

    /// The station of the session, if any.
    pub fn station(&self) -> Option<&ActorStation> {
        self.station.as_ref()
    }

    pub(crate) fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}
