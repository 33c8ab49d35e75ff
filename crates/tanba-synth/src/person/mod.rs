//! Whole people: name, birth, number, ten fingers and genotype, alone, in families and as a population.

mod date;
mod family;
mod genotype;
mod identity;
mod iin;
mod names;
mod population;

pub use date::{BirthDate, CalendarDate};
pub use family::Family;
pub use genotype::StrGenotype;
pub use identity::{FingerState, Person, PersonSpec, Sex};
pub use iin::SyntheticIin;
pub use names::{NameGroup, PersonName, Scripts};
pub use population::Population;
