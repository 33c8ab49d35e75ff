//! Genetics of people who do not exist: populations, families, stains and remains, with the truth beside them.
//!
//! ```text
//! CSV -> AlleleTable -> ProfilePopulation --------------------------------> person K, alone or a million in a row
//!                            |      Pedigree + Meiosis -> Families -> family K (linkage, mutation, twins, loops)
//!                            |            Laboratory -> typing K (drop-out, drop-in, typing error)
//!                            +-> Stains -> stain K (1-5 people, peak heights)    Disaster (families, degraded remains)
//!                                            case files and truth files
//! ```
//!
//! Everything is counter-based: item K of a seed is the same whoever makes it, in whatever order, on how many threads ever.

mod case;
mod draw;
mod electropherogram;
mod error;
mod kit;
mod meiosis;
mod mixture;
mod mutation;
mod parameters;
mod pedigree;
mod population;
mod remains;
mod standard;
mod table;
mod typing;

pub use case::{
    CASE_FORMAT, DisasterCase, DisasterMarker, DisasterTruth, FamilyCase, FamilyTruth, MarkerFrequencies, MixtureCase,
    MixtureTruth, Object, PedigreeColumns, TruePeaks, TruePerson, disaster_case, family_case, mixture_case,
    population_object,
};
pub use electropherogram::{Electropherogram, Peak, PeakModel};
pub use error::GeneticsError;
pub use kit::{KIT_NAME, KitRow, fragment_length, kit_rows};
pub use meiosis::{Meiosis, Mutation};
pub use mixture::{SimulatedStain, StainSpec, Stains};
pub use mutation::{MutationMatrix, MutationModel, MutationModels};
pub use pedigree::{Families, Member, Pedigree, PedigreeText, SimulatedFamily};
pub use population::{Diploid, ProfilePopulation};
pub use remains::{Disaster, DisasterFamily, Remains};
pub use table::{AlleleTable, Marker};
pub use typing::{Laboratory, Typing, TypingEvent, TypingModel};
