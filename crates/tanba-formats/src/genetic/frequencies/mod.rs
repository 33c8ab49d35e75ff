//! Tables of allele frequencies, as populations are published in.
//!
//! ```text
//! long:     marker, allele, freq, n_chrom         (n_chrom: chromosomes counted, 2N), a column for the population if there are several
//! wide:     Allele, TH01, vWA, ...                a row an allele; a row `N` with the people counted, or `2N` with chromosomes
//! pop.STR:  STR; population; N; freq_9; freq_9.3; ...    a row a marker
//! SNPs:     CHROM, MARKER, MB, A1, A2, FREQ1      the second allele has the rest
//! Familias: TH01 (alone), then allele <tab> frequency, then a blank row
//! ```
//! Separators, encodings and decimal commas as in [`genotypes`](super::genotypes).

mod read;
mod write;

use super::marker::MarkerName;
use crate::Outline;

pub(super) use read::has_headings;
pub use read::read;
pub use write::{write_familias_text, write_long, write_wide};

/// How far the frequencies of a marker may add up to above 1: published tables are rounded, and 0.001 covers forty alleles that
/// were rounded at the fifth decimal.
pub const SUM_TOLERANCE: f64 = 0.001;
/// Below this sum, alleles are missing rather than rounded.
const LEAST_SUM: f64 = 0.99;

/// The allele frequencies of one population.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PopulationFrequencies {
    /// The population's name, where the table names one.
    pub population: Option<String>,
    /// In the order of the table.
    pub markers: Vec<MarkerFrequencies>,
}

/// The allele frequencies of one marker.
#[derive(Debug, Clone, PartialEq)]
pub struct MarkerFrequencies {
    /// Which marker.
    pub marker: MarkerName,
    /// Chromosomes counted (2N for an autosomal marker), where the table says so.
    pub chromosomes: Option<u32>,
    /// Designations and their frequencies, 0 to 1, in the order of the table.
    pub alleles: Vec<(String, f64)>,
}

impl PopulationFrequencies {
    /// The frequencies of a marker.
    pub fn at(&self, marker: &MarkerName) -> Option<&MarkerFrequencies> {
        self.markers.iter().find(|own| own.marker == *marker)
    }

    /// The table as a tree: markers and their alleles.
    pub fn outline(&self) -> Outline {
        let name = self.population.as_deref().unwrap_or("not named");
        Outline::leaf("allele frequencies of a population", name)
            .with_all(self.markers.iter().map(MarkerFrequencies::outline))
    }
}

impl MarkerFrequencies {
    /// What the frequencies add up to.
    pub fn sum(&self) -> f64 {
        self.alleles.iter().map(|(_, frequency)| frequency).sum()
    }

    /// The frequency of an allele; `None` where it was not seen.
    pub fn frequency(&self, allele: &str) -> Option<f64> {
        self.alleles.iter().find(|(own, _)| own == allele).map(|(_, frequency)| *frequency)
    }

    fn outline(&self) -> Outline {
        let counted = self.chromosomes.map_or("chromosomes not stated".to_owned(), |n| format!("{n} chromosomes"));
        Outline::leaf(self.marker.as_str(), counted)
            .with_all(self.alleles.iter().map(|(allele, frequency)| Outline::leaf(allele, frequency)))
    }
}

#[cfg(test)]
mod tests;
