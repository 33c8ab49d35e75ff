//! Allele frequencies of a population, and what stands in for the alleles that were not counted.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tanba_formats::genetic::frequencies::PopulationFrequencies;

use crate::{Allele, DnaError, Locus};

/// Allele frequencies of one population sample.
#[derive(Debug, Clone, PartialEq)]
pub struct FrequencyTable {
    population: String,
    loci: BTreeMap<Locus, LocusFrequencies>,
}

#[derive(Debug, Clone, PartialEq)]
struct LocusFrequencies {
    alleles: BTreeMap<Allele, f64>,
    /// How many were counted; some published tables do not say.
    chromosomes: Option<u32>,
}

/// The coancestry coefficient, at least 0 and below 1; 0.01 and 0.03 are the values of NRC 1996.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Theta(f64);

/// What stands in for rare and unseen alleles.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MinimumFrequency {
    /// The frequency as counted; an unseen allele is an error.
    None,
    /// At least 5/2N, N people in the sample (NRC 1996, chapter 5).
    FiveOverTwoN,
    /// At least this frequency, above 0 and at most 1: for tables that do not tell how many people they rest on.
    AtLeast(f64),
}

impl FrequencyTable {
    /// The longest table text, in bytes: the largest published ones have some 20 KiB.
    pub const MAX_TEXT: usize = 4 * 1024 * 1024;

    /// Reads rows `marker,allele,freq,n_chrom` (n_chrom: chromosomes counted, 2N; blank or `NA` where nobody says). Markers other than the core loci are
    /// passed over, because tables hold more loci than a panel may.
    ///
    /// # Errors
    /// [`DnaError::BadFrequencies`] where a core locus has an unreadable row, a frequency outside 0..=1, a sum above 1,
    /// the same allele twice, or no chromosomes; [`DnaError::TextTooLong`].
    pub fn from_csv(population: &str, text: &str) -> Result<Self, DnaError> {
        let bad = |reason| DnaError::BadFrequencies { reason };
        if text.len() > Self::MAX_TEXT {
            return Err(DnaError::TextTooLong { limit: Self::MAX_TEXT });
        }
        let mut table = Self { population: population.chars().take(100).collect(), loci: BTreeMap::new() };
        for line in text.trim_start_matches('\u{feff}').lines().filter(|line| !line.trim().is_empty()) {
            let cells: Vec<&str> = line.splitn(5, ',').map(|cell| cell.trim().trim_matches('"')).collect();
            let Some(locus) = Locus::parse(cells[0]) else { continue };
            let [_, allele, frequency, chromosomes] = cells[..] else {
                return Err(bad("a row has not the four cells marker,allele,freq,n_chrom"));
            };
            table.add(
                locus,
                Allele::parse(allele).ok_or(bad("an allele cannot be read"))?,
                frequency.parse().map_err(|_| bad("a frequency cannot be read"))?,
                match chromosomes {
                    "" | "NA" => None,
                    counted => Some(counted.parse().map_err(|_| bad("a number of chromosomes cannot be read"))?),
                },
            )?;
        }
        table.finish()
    }

    /// A table of `(locus, allele, frequency, chromosomes counted)`.
    ///
    /// # Errors
    /// [`DnaError::BadFrequencies`], as [`FrequencyTable::from_csv`].
    pub fn new(population: &str, rows: impl IntoIterator<Item = (Locus, Allele, f64, u32)>) -> Result<Self, DnaError> {
        let mut table = Self { population: population.to_owned(), loci: BTreeMap::new() };
        for (locus, allele, frequency, chromosomes) in rows {
            table.add(locus, allele, frequency, Some(chromosomes))?;
        }
        table.finish()
    }

    /// The core loci of a published table of any form that `tanba-formats` reads; other markers are passed over.
    ///
    /// # Errors
    /// [`DnaError::BadFrequencies`] as [`FrequencyTable::from_csv`], and where a core locus lumps alleles together, because those
    /// have no frequency of their own.
    pub fn from_published(published: &PopulationFrequencies) -> Result<Self, DnaError> {
        let bad = |reason| DnaError::BadFrequencies { reason };
        let mut table = Self {
            population: published.population.as_deref().unwrap_or("not named").chars().take(100).collect(),
            loci: BTreeMap::new(),
        };
        for marker in &published.markers {
            let Some(locus) = Locus::parse(marker.marker.as_str()) else { continue };
            for (allele, frequency) in &marker.alleles {
                let allele = Allele::parse(allele).ok_or(bad("an allele cannot be read"))?;
                table.add(locus, allele, *frequency, marker.chromosomes)?;
            }
        }
        table.finish()
    }

    /// The population's name.
    pub fn population(&self) -> &str {
        &self.population
    }

    /// The frequency of an allele under a rule for rare ones.
    ///
    /// # Errors
    /// [`DnaError::NoFrequenciesAt`], [`DnaError::NoFrequency`]; [`DnaError::NoSampleSize`] where 5/2N is asked of a table
    /// that does not tell N; [`DnaError::BadFrequencies`] for a minimum outside 0 to 1.
    pub fn frequency(&self, locus: Locus, allele: Allele, minimum: MinimumFrequency) -> Result<f64, DnaError> {
        let at = self.loci.get(&locus).ok_or(DnaError::NoFrequenciesAt { locus })?;
        let counted = at.alleles.get(&allele).copied().filter(|frequency| *frequency > 0.0);
        match minimum {
            MinimumFrequency::None => counted.ok_or(DnaError::NoFrequency { locus }),
            MinimumFrequency::FiveOverTwoN => {
                let chromosomes = at.chromosomes.ok_or(DnaError::NoSampleSize { locus })?;
                let least = (5.0 / f64::from(chromosomes)).min(1.0);
                Ok(counted.unwrap_or(least).max(least))
            }
            MinimumFrequency::AtLeast(least) if least > 0.0 && least <= 1.0 => Ok(counted.unwrap_or(least).max(least)),
            MinimumFrequency::AtLeast(_) => {
                Err(DnaError::BadFrequencies { reason: "a minimum frequency lies above 0 and at most at 1" })
            }
        }
    }

    /// How many chromosomes were counted at a locus, where the table tells.
    pub(crate) fn chromosomes(&self, locus: Locus) -> Option<u32> {
        self.loci.get(&locus)?.chromosomes
    }

    /// Whether an allele was seen at a locus.
    pub(crate) fn holds(&self, locus: Locus, allele: Allele) -> bool {
        self.loci.get(&locus).is_some_and(|at| at.alleles.contains_key(&allele))
    }

    /// The alleles at a locus with their frequencies, in the order of the designations.
    pub fn alleles(&self, locus: Locus) -> impl Iterator<Item = (Allele, f64)> {
        self.loci.get(&locus).into_iter().flat_map(|at| at.alleles.iter().map(|(allele, f)| (*allele, *f)))
    }

    fn add(&mut self, locus: Locus, allele: Allele, frequency: f64, chromosomes: Option<u32>) -> Result<(), DnaError> {
        let bad = |reason| DnaError::BadFrequencies { reason };
        if !(0.0..=1.0).contains(&frequency) {
            return Err(bad("a frequency lies outside 0 to 1"));
        }
        if chromosomes == Some(0) {
            return Err(bad("a locus has no chromosomes counted"));
        }
        let at = self.loci.entry(locus).or_insert(LocusFrequencies { alleles: BTreeMap::new(), chromosomes });
        if at.chromosomes != chromosomes {
            return Err(bad("the rows of a locus disagree about the chromosomes counted"));
        }
        match at.alleles.insert(allele, frequency) {
            Some(_) => Err(bad("an allele stands twice")),
            None => Ok(()),
        }
    }

    fn finish(self) -> Result<Self, DnaError> {
        // Published tables are rounded: 0.001 covers forty alleles rounded at the fifth decimal.
        if self.loci.values().any(|at| at.alleles.values().sum::<f64>() > 1.001) {
            return Err(DnaError::BadFrequencies { reason: "the frequencies of a locus add up to more than 1" });
        }
        if self.loci.is_empty() {
            return Err(DnaError::BadFrequencies { reason: "no core locus in the table" });
        }
        Ok(self)
    }
}

impl Theta {
    /// theta, at least 0 and below 1.
    ///
    /// # Errors
    /// [`DnaError::BadTheta`] otherwise.
    pub fn new(theta: f64) -> Result<Self, DnaError> {
        if (0.0..1.0).contains(&theta) { Ok(Self(theta)) } else { Err(DnaError::BadTheta) }
    }
}

impl TryFrom<f64> for Theta {
    type Error = DnaError;

    fn try_from(theta: f64) -> Result<Self, Self::Error> {
        Self::new(theta)
    }
}

impl From<Theta> for f64 {
    fn from(theta: Theta) -> Self {
        theta.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str =
        "marker,allele,freq,n_chrom\nTH01,6,0.2,200\nTH01,9.3,0.3,200\nvWA,17,0.05,100\nSE33,17,oops,0\n";

    #[test]
    fn a_published_table_says_the_same_in_any_form() {
        let of = |text: &str| {
            let read = tanba_formats::genetic::frequencies::read(text.as_bytes()).unwrap().value;
            FrequencyTable::from_published(&read[0])
        };
        let long = of(TABLE).unwrap();
        assert_eq!(long.loci, FrequencyTable::from_csv("made up", TABLE).unwrap().loci);
        let wide = of("Allele;THO1;VWA;SE33\n6;0,2;;\n9.3;0,3;;\n17;;0,05;0,1\nN;100;50;40\n").unwrap();
        assert_eq!((wide.loci, wide.population), (long.loci, "not named".to_owned()));
        assert!(of("marker,allele,freq,n_chrom\nTH01,rest,0.1,200\n").is_err());
        let unsized_table = of("marker,allele,freq\nTH01,6,0.1\n").unwrap();
        let six = Allele::parse("6").unwrap();
        let ask = |minimum| unsized_table.frequency(Locus::Th01, six, minimum);
        assert_eq!(ask(MinimumFrequency::FiveOverTwoN), Err(DnaError::NoSampleSize { locus: Locus::Th01 }));
        assert_eq!(ask(MinimumFrequency::AtLeast(0.2)), Ok(0.2));
        assert!(ask(MinimumFrequency::AtLeast(f64::NAN)).is_err() && ask(MinimumFrequency::AtLeast(0.0)).is_err());
    }

    #[test]
    fn tables_that_are_not_tables_are_refused() {
        for text in [
            "",
            "SE33,17,0.5,100",
            "TH01,6,0.2",
            "TH01,6,NaN,100",
            "TH01,6,1.5,100",
            "TH01,6,0.5,0",
            "TH01,6,0.5,100\nTH01,6,0.2,100",
            "TH01,6,0.7,100\nTH01,7,0.7,100",
            "TH01,6,0.5,100\nTH01,7,0.2,90",
            "TH01,x,0.5,100",
        ] {
            assert!(FrequencyTable::from_csv("x", text).is_err(), "{text}");
        }
        for theta in [-0.1, 1.0, f64::NAN] {
            assert!(Theta::new(theta).is_err());
        }
    }
}
