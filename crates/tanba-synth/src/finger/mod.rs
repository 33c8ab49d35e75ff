//! Fingerprints of fingers that do not exist: a master once, impressions of it as often as wanted.

mod class;
mod easing;
mod growth;
mod impression;
mod islands;
mod master;
mod minutiae;
mod noise;
mod orientation;
mod parameters;
mod period;
mod phase;
mod plan;
mod sheet;
mod slap;
mod template;
mod truth;
mod warp;

pub use class::PatternClass;
pub use impression::{Impression, ImpressionParams, ImpressionPreset, NO_CONTACT, Sensor};
pub use master::{FingerSpec, MasterFinger, MasterMinutia, RidgeMethod};
pub use sheet::sheet;
pub use slap::{Slap, SlapFinger, SlapParams, SlapTaking};
pub use template::TemplateFinger;
pub use truth::{TruthFields, TruthMinutia, TruthRecord};
