//! Whole people: name, birth, number, papers, ten fingers and genotype, alone, in families and as a population.

mod address;
mod date;
mod document;
mod family;
mod foreign;
mod genotype;
mod growth;
mod hands;
mod identity;
mod iin;
mod mrz;
mod names;
mod population;
mod pyramid;
mod roots;
mod skin;
mod status;
mod trade;
mod translit;
mod variants;

pub use address::{Address, Birthplace};
pub use date::{BirthDate, CalendarDate};
pub use document::{DocumentKind, IdentityDocument};
pub use family::Family;
pub use genotype::StrGenotype;
pub use hands::{Condition, FingerCondition};
pub use identity::{FingerState, Person, PersonSpec, Sex};
pub use iin::SyntheticIin;
pub use names::{NameGroup, PersonName, Scripts};
pub use population::Population;
pub use skin::Skin;
pub use status::Status;
pub use trade::Trade;
pub use variants::{NameVariant, Spelling};
