//! Project files of Familias (`.fam`): persons, pedigrees, a frequency database with mutation models, genotypes, and the sections
//! of the module for disaster victims.
//!
//! ```text
//! title, remark, version, ("")
//! persons: number; of each: name, flag, year of birth, flag, male; genotypes: number, of each: allele, allele, locus (from 0)
//! "Known relations": extra females, extra males; relations: number, of each: parent, child (persons from 0, extras behind them)
//! pedigrees: number; of each: number, name, extra females, extra males, relations
//! probabilities flag (#Databases, theta); loci: number; flag, name of the database
//!   locus: name, rates (female, male), models, alleles with the silent one, ranges, second rates, silent flag, its frequency,
//!          alleles (DatabaseSize, Dropout probability, Minor allele frequency), of each: name, frequency
//! [DVI], [Prior], [Advanced]: headings in brackets as deep as they are nested, `key= value` below
//! ```
//! Familias publishes no description of the file; this is what files of its versions 3.2 to 3.4 and the readers of others
//! (pedsuite) show. What could not be learned is kept as it stands: two flags of a person, notes behind numbers, and all lines from the
//! first on that is not understood.

mod dvi;
mod read;
mod write;

use super::frequencies::{MarkerFrequencies, PopulationFrequencies};
use super::genotypes::{AlleleCall, GenotypeTable, MarkerGenotype, SampleGenotypes};
use super::marker::MarkerName;
use crate::Outline;

pub use dvi::{Dvi, DviFamily, DviGenotype, DviPedigree, DviPerson, DviRelation, MISSING_PERSON};
pub use read::read;
pub use write::write;

/// The most brackets around a heading; Familias has six.
const MAX_DEPTH: usize = 16;

/// A project of Familias.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FamiliasFile {
    /// The first two lines, without quotes: which program wrote it, and a warning or remark.
    pub title: [String; 2],
    /// The version line: `3.3.1`, or `3.2.8 (DVI)`.
    pub version: String,
    /// Persons; relations and genotypes name them by their place.
    pub persons: Vec<FamiliasPerson>,
    /// What holds in every pedigree.
    pub known: Relations,
    /// The hypotheses.
    pub pedigrees: Vec<FamiliasPedigree>,
    /// Whether computed probabilities follow the pedigrees. Their form is not known: all lines from there on are in `unread`.
    pub has_probabilities: bool,
    /// Number of databases, as the file says.
    pub databases: u32,
    /// The coancestry coefficient theta (Fst) of the database.
    pub theta: f64,
    /// The database's name, where it has one.
    pub database: Option<String>,
    /// The loci of the database.
    pub loci: Vec<FamiliasLocus>,
    /// The sections in brackets, line by line; [`FamiliasFile::dvi`] understands those for disaster victims.
    pub sections: Vec<SectionLine>,
    /// Lines that were not understood, from the first such one to the end.
    pub unread: Vec<String>,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FamiliasPerson {
    /// The name.
    pub name: String,
    /// Whether male.
    pub male: bool,
    /// Year of birth, where one is entered.
    pub born: Option<i32>,
    /// Whether drop-out is considered for this person.
    pub considers_dropout: bool,
    /// The flags before and after the year of birth; false in every published file.
    pub flags: [bool; 2],
    /// What was typed.
    pub genotypes: Vec<FamiliasGenotype>,
}

/// What one locus showed in a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FamiliasGenotype {
    /// Places of the alleles in the locus, from 0; `None` for one that is not known.
    pub alleles: [Option<u32>; 2],
    /// Place of the locus in the database, from 0.
    pub locus: u32,
}

/// Persons without a name, and who is whose parent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Relations {
    /// Extra females; their places come after those of the persons (and of the known extras).
    pub extra_females: u32,
    /// Extra males, after the females.
    pub extra_males: u32,
    /// Parents and their children.
    pub relations: Vec<Relation>,
}

/// A parent and a child, or two samples that are held to be of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    /// Place of the parent.
    pub parent: u32,
    /// Place of the child.
    pub child: u32,
    /// What stands behind the parent's number: `(Direct)` where both are one person, or identical twins, and no parent and child.
    pub note: Option<String>,
}

/// A hypothesis: who is related to whom.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FamiliasPedigree {
    /// Its number in the file, from 0.
    pub number: u32,
    /// Its name.
    pub name: String,
    /// Its relations, beside the known ones.
    pub relations: Relations,
}

/// A locus of the database.
#[derive(Debug, Clone, PartialEq)]
pub struct FamiliasLocus {
    /// The name, as the file spells it.
    pub name: String,
    /// Mutations of mothers.
    pub female: MutationModel,
    /// Mutations of fathers.
    pub male: MutationModel,
    /// The frequency of a silent allele, where one is modelled.
    pub silent: Option<f64>,
    /// What stands behind the number of alleles; older files have nothing there.
    pub options: Option<LocusOptions>,
    /// Designations and frequencies, without the silent allele.
    pub alleles: Vec<(String, f64)>,
}

/// A mutation model with its numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MutationModel {
    /// Which model.
    pub kind: MutationKind,
    /// Mutations of a meiosis.
    pub rate: f64,
    /// How much rarer each further step is.
    pub range: f64,
    /// Mutations between whole repeats and microvariants, of the extended model.
    pub second_rate: f64,
}

/// The mutation models of Familias, by their number in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MutationKind {
    /// 0: every other allele is as likely.
    Equal,
    /// 1: in proportion to the frequencies.
    Proportional,
    /// 2: by steps; frequencies change over generations.
    Stepwise,
    /// 3: by steps; frequencies stay.
    StepwiseStationary,
    /// 4: by steps, with a rate of its own between whole repeats and microvariants.
    StepwiseExtended,
    /// Another number.
    Other(u32),
}

/// Numbers of a locus that Familias keeps beside the number of its alleles.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LocusOptions {
    /// How many alleles the frequencies come from.
    pub database_size: f64,
    /// Drop-out probability.
    pub dropout: f64,
    /// What rare alleles are raised to.
    pub minor_allele_frequency: f64,
}

/// A line of the sections behind the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SectionLine {
    /// `[DVI]`, `[[Reference Families]]`: a heading and how many brackets it has.
    Heading {
        /// How many brackets.
        depth: usize,
        /// The text between them, blanks and all.
        title: String,
    },
    /// `Name= F14`.
    Entry {
        /// Before the equals sign.
        key: String,
        /// Behind it.
        value: String,
    },
    /// Anything else, blank lines too.
    Text(String),
}

impl Relation {
    /// Whether the two are held to be one person (or identical twins): the keyword `Direct`.
    pub fn is_direct(&self) -> bool {
        self.note.as_ref().is_some_and(|note| note.contains("Direct"))
    }
}

impl MutationKind {
    /// The number in the file.
    pub fn code(self) -> u32 {
        match self {
            Self::Equal => 0,
            Self::Proportional => 1,
            Self::Stepwise => 2,
            Self::StepwiseStationary => 3,
            Self::StepwiseExtended => 4,
            Self::Other(code) => code,
        }
    }

    /// The model of a number.
    pub fn from_code(code: u32) -> Self {
        match code {
            0 => Self::Equal,
            1 => Self::Proportional,
            2 => Self::Stepwise,
            3 => Self::StepwiseStationary,
            4 => Self::StepwiseExtended,
            code => Self::Other(code),
        }
    }
}

impl FamiliasFile {
    /// The genotypes of the persons, by designation. What points at no locus or allele is left out.
    pub fn genotypes(&self) -> GenotypeTable {
        let genotype = |own: &FamiliasGenotype| {
            let locus = self.loci.get(own.locus as usize)?;
            let names = own.alleles.iter().flatten().filter_map(|at| locus.alleles.get(*at as usize));
            let alleles: Vec<_> = names.map(|(name, _)| AlleleCall::of(name)).collect();
            let genotype =
                MarkerGenotype { marker: MarkerName::of(&locus.name), dye: None, alleles, fields: Vec::new() };
            (!genotype.alleles.is_empty()).then_some(genotype)
        };
        let samples = self.persons.iter().map(|person| SampleGenotypes {
            id: person.name.clone(),
            genotypes: person.genotypes.iter().filter_map(genotype).collect(),
            ..SampleGenotypes::default()
        });
        GenotypeTable { samples: samples.collect() }
    }

    /// The frequencies of the database, silent alleles left out.
    pub fn frequencies(&self) -> PopulationFrequencies {
        let markers = self.loci.iter().map(|locus| MarkerFrequencies {
            marker: MarkerName::of(&locus.name),
            chromosomes: locus.options.map(|o| o.database_size).filter(|n| (1.0..=1e9).contains(n)).map(|n| n as u32),
            alleles: locus.alleles.clone(),
        });
        PopulationFrequencies { population: self.database.clone(), markers: markers.collect() }
    }

    /// The project as a tree.
    pub fn outline(&self) -> Outline {
        let table = self.genotypes();
        let persons = self.persons.iter().zip(&table.samples).map(|(person, sample)| {
            let sex = if person.male { "male" } else { "female" };
            Outline::leaf("person", format_args!("{} ({sex})", person.name)).with_all(sample.outline().children)
        });
        let pedigrees = self
            .pedigrees
            .iter()
            .map(|pedigree| Outline::leaf("pedigree", &pedigree.name).with_all(self.relations(&pedigree.relations)));
        let loci =
            self.loci.iter().map(|locus| {
                let models = [("female mutations", &locus.female), ("male mutations", &locus.male)];
                Outline::leaf("locus", &locus.name)
                    .with_all(models.map(|(label, model)| {
                        Outline::leaf(label, format_args!("{:?}, rate {}", model.kind, model.rate))
                    }))
                    .with_all(locus.silent.map(|silent| Outline::leaf("silent allele", silent)))
                    .with_all(locus.alleles.iter().map(|(allele, frequency)| Outline::leaf(allele, frequency)))
            });
        let known = &self.known;
        Outline::leaf("Familias project", &self.version)
            .with(Outline::leaf("persons", self.persons.len()).with_all(persons))
            .with(Outline::leaf("known relations", known.relations.len()).with_all(self.relations(known)))
            .with_all(pedigrees)
            .with(
                Outline::leaf("database", self.database.as_deref().unwrap_or("not named"))
                    .with(Outline::leaf("theta", self.theta))
                    .with_all(loci),
            )
            .with_all(self.dvi().map(|dvi| dvi.outline()))
            .with_all(
                (!self.unread.is_empty()).then(|| Outline::leaf("lines that were not understood", self.unread.len())),
            )
    }

    fn relations(&self, relations: &Relations) -> impl Iterator<Item = Outline> {
        let name = |place: u32| {
            let person = self.persons.get(place as usize);
            person.map_or_else(|| format!("unnamed person {place}"), |person| person.name.clone())
        };
        relations.relations.iter().map(move |relation| {
            let (label, joined) = if relation.is_direct() { ("the same person", "and") } else { ("parent", "of") };
            Outline::leaf(label, format_args!("{} {joined} {}", name(relation.parent), name(relation.child)))
        })
    }
}

#[cfg(test)]
pub(crate) mod tests;
