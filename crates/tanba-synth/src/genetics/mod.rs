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
//!
//! # Pedigrees
//!
//! A pedigree is read from ([`PedigreeText`]):
//!
//! ```json
//! {"name": "own", "members": [
//!     {"id": "M", "sex": "female"},
//!     {"id": "F", "typed": false},
//!     {"id": "C1", "mother": "M", "father": "F"},
//!     {"id": "C2", "mother": "M", "father": "F", "twin_of": "C1"},
//!     {"id": "MP", "mother": "M", "father": "F", "sex": "male"}],
//!  "missing": ["MP"]}
//! ```
//!
//! Members stand in any order. Both parents are given, or neither: somebody with one known parent gets the other as a member with
//! `typed` false. Loops and related parents are allowed. Nobody is checked for age.
//!
//! # Case files
//!
//! All are JSON with the field names of the vectors that laboratories already exchange (pedtools' `id`, `fid`, `mid`, `sex`;
//! euroformix' `adata`, `hdata`), under `"format": "dna-cases/1"`. What a case hides (who is the father, what dropped out) stands
//! in the truth file alone.
//!
//! **Families** (`kind` `pairwise_kinship` or `missing_person`): `populations` maps a name to markers, each with `alleles` and
//! `freqs`; each of `cases` has `id`, `population`, `relation` (the pedigree's name), `pedigree`, `profiles` (member to marker to
//! two alleles), `mutation` (`female` and `male`, each with `model` and its numbers), `linkage` (pairs of markers with their
//! recombination fraction), `theta`; and `typed` (the typed members), or `typed_relatives` and `missing` (one id, or a list of
//! several), where the profile under the missing person's id is the candidate's. In `pedigree` parents of founders are `"0"`, sex
//! is 1 male, 2 female; `twin_of` is there where there are monozygotic twins, `"0"` for everybody else.
//!
//! **Mixtures** (`kind` `mixture_continuous`): `kits` maps a name to rows `Marker`, `Allele`, `Size`, `Color`, `Repeat`; each of
//! `cases` has `id`, `NOC`, `POI` and `conditioned` (names in `references`), `kit`, which effects there are, `AT`, `drop_in_prob`,
//! `drop_in_lambda`, `fst`, `samples` (one for each amplification: marker to `adata` alleles and `hdata` heights), `references`
//! and `pop_freqs`.
//!
//! **Remains** (`kind` `dvi`): each of `datasets` has `name`, `pm` (remains to marker to alleles; a marker that cannot be called is
//! absent), `pm_sex` (0 unknown), `am` (family to pedigree), `am_profiles`, `missing`, and `markers` with `alleles`, `freqs`,
//! `chrom` (null: autosomal) and `mutation`.
//!
//! **Truth** (`dna-truth/1`): the same list under the same key. Families: `related` (whether the pedigree is true), `exchanged`
//! (members whose profiles are a stranger's), `people` (sex, and genotype with the mother's allele first), `mutations` (`child`,
//! `parent`, `marker`, `from`, `to`), `typing` (`member`, `marker`, `event` of `drop_out`, `drop_in` and `error`, `allele`,
//! `written`). Mixtures: `poi_is` (contributor, counted from 1, or null), `conditioned`, `proportions`, `first_two_are_siblings`,
//! `model`, `contributors`, and for each amplification what `dropped`, what `dropped_in`, and what is `stutter` alone. Remains:
//! `assignment` (remains to missing person, or null), `not_found`, and for each of the `remains` the same about its peaks.

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
    MixtureTruth, Object, PedigreeColumns, TrueEvent, TruePeaks, TruePerson, disaster_case, family_case, mixture_case,
    population_object, typing_truth,
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
