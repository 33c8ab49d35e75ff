//! People who do not exist: fingerprints with exact ground truth, identities and genotypes, all from a 64-bit seed.
//!
//! The same seed gives the same bytes on every machine: random streams are ChaCha keyed by seed and purpose, and every
//! elementary function that the platform could round differently is this crate's own. Nothing here knows the time.

mod exact;
mod finger;
mod person;
mod random;

pub use finger::{
    FingerSpec, Impression, ImpressionParams, ImpressionPreset, MasterFinger, MasterMinutia, PatternClass,
    TemplateFinger, TruthMinutia, TruthRecord, sheet,
};
pub use person::{
    BirthDate, CalendarDate, Family, FingerState, NameGroup, Person, PersonName, PersonSpec, Population, Scripts, Sex,
    StrGenotype, SyntheticIin,
};
