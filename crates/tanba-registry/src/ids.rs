//! One type for each kind of id: UUIDv7, so that ids sort by the time they were given.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The text is not the id of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not the id of a {kind}: copy the id as the service gave it (36 characters with hyphens)")]
pub struct BadId {
    kind: &'static str,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $kind:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A fresh id, from the caller's time (microseconds since 1970) and 10 bytes of entropy.
            pub(crate) fn fresh(micros: i64, entropy: [u8; 10]) -> Self {
                Self(uuid_v7(micros, entropy))
            }

            /// The 128 bits.
            pub fn as_u128(self) -> u128 {
                self.0.as_u128()
            }

            /// An id from its 128 bits.
            pub fn from_u128(bits: u128) -> Self {
                Self(Uuid::from_u128(bits))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = BadId;

            fn from_str(text: &str) -> Result<Self, BadId> {
                Uuid::parse_str(text).map(Self).map_err(|_| BadId { kind: $kind })
            }
        }
    )*};
}

ids! {
    /// An organisation that operates or uses the register.
    OrganisationId = "organisation";
    /// A place where people come.
    SiteId = "site";
    /// A device at a site.
    StationId = "station";
    /// Someone who signs in.
    AccountId = "account";
    /// A person: a revisable cluster of encounters.
    PersonId = "person";
    /// One occasion at which a person stood before an operator.
    EncounterId = "encounter";
    /// One captured finger image.
    SampleId = "sample";
    /// An identity document.
    DocumentId = "document";
    /// A recorded refusal.
    RefusalId = "refusal";
    /// One search of a gallery.
    SearchId = "search";
    /// One candidate that a search showed.
    CandidateId = "candidate";
    /// A change of the law that was delivered to the supervisor.
    LawDeliveryId = "delivery of law";
    /// A case of a breach of personal data.
    BreachId = "breach";
    /// A revision of the clustering of encounters into persons.
    RevisionId = "revision";
    /// A change of what is known of a person.
    CorrectionId = "correction";
    /// A case of an authority.
    CaseId = "case";
    /// A sanction or court decision.
    SanctionId = "sanction";
    /// A key by which sanctions are checked.
    SanctionKeyId = "key of an office";
    /// A request by an authority.
    AccessRequestId = "access request";
    /// A biological specimen and its profile.
    SpecimenId = "specimen";
    /// Two specimens that a search found to agree.
    GenomicHitId = "genomic hit";
    /// A stain that may be the laboratory's own.
    ContaminationId = "possible contamination";
    /// A search by likelihood ratio that is asked for.
    LrRequestId = "search by likelihood ratio";
    /// A proposal that a body is a missing person, or the withdrawal of one.
    ReconciliationId = "reconciliation";
    /// A threshold that somebody proposed.
    ThresholdProposalId = "proposed threshold";
    /// A person whose every look is noted.
    WatchId = "watch";
    /// A service that asks one to one whether somebody is who they say.
    ServiceId = "service";
    /// Any other row.
    RowId = "row";
}

/// RFC 9562 section 5.7: 48 bits of milliseconds, then version, 12 random bits, variant, 62 random bits.
fn uuid_v7(micros: i64, entropy: [u8; 10]) -> Uuid {
    let millis = u64::try_from(micros / 1000).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &entropy).into_uuid()
}
