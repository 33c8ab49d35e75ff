//! People who do not exist: fingerprints with exact ground truth, identities and genotypes, all from a 64-bit seed.
//!
//! The same seed gives the same bytes on every machine: random streams are ChaCha keyed by seed and purpose, and every
//! elementary function that the platform could round differently is this crate's own. Nothing here knows the time.
//!
//! Error rates measured on these people are optimistic and are to be reported apart from those of real sets: nobody here has a skin
//! disease, a strange sensor or a badly trained operator. `tanba bench realism` compares both (docs/synth/realism.md).

mod exact;
mod finger;
pub mod genetics;
mod person;
mod random;

pub use finger::{
    FingerSpec, Impression, ImpressionParams, ImpressionPreset, MasterFinger, MasterMinutia, NO_CONTACT, PatternClass,
    RidgeMethod, Sensor, Slap, SlapFinger, SlapParams, SlapTaking, TemplateFinger, TruthFields, TruthMinutia,
    TruthRecord, sheet,
};
pub use person::{
    Address, BirthDate, Birthplace, CalendarDate, Condition, DocumentKind, Family, FingerCondition, FingerState,
    IdentityDocument, NameGroup, NameVariant, Person, PersonName, PersonSpec, Population, Scripts, Sex, Skin, Spelling,
    Status, StrGenotype, SyntheticIin, Trade,
};
