//! A table of allele frequencies from typed people, with the checks that it may be used: proportions of genotypes
//! (Hardy-Weinberg), independence of loci (linkage), and how far samples stand apart (theta).
//!
//! ```text
//! SampleGenotypes (of tanba-formats) -> Survey -> frequencies(): what tanba-formats writes as a table
//!                                              -> hardy_weinberg, linkage, theta: what is to be looked at before
//! ```

mod linkage;
mod proportions;
mod theta;

use std::collections::BTreeMap;

use tanba_formats::genetic::MarkerName;
use tanba_formats::genetic::frequencies::{MarkerFrequencies, PopulationFrequencies};
use tanba_formats::genetic::genotypes::SampleGenotypes;
use tanba_formats::genetic::marker::Chromosome;

pub use linkage::{LinkageTest, linkage};
pub use proportions::{HardyWeinbergTest, hardy_weinberg};
pub use theta::{ThetaEstimate, theta_between};

use crate::{Allele, AlleleMark, DnaError};

/// The typed people of one population: for each marker their genotypes.
#[derive(Debug, Clone, PartialEq)]
pub struct Survey {
    people: usize,
    markers: Vec<SurveyedMarker>,
}

/// One marker of a survey.
#[derive(Clone, PartialEq)]
pub struct SurveyedMarker {
    /// Its name.
    pub name: MarkerName,
    /// The alleles seen, ascending.
    alleles: Vec<Allele>,
    /// For each person the places of both alleles in `alleles`, ascending; `None` where not typed or left out.
    genotypes: Vec<Option<[u16; 2]>>,
    /// People whose typing was left out: off the ladder, or not one or two alleles.
    pub left_out: usize,
}

/// The most people and markers.
const MOST_PEOPLE: usize = 1_000_000;
const MOST_MARKERS: usize = 1_000;
/// The most genotypes, people times markers.
const MOST_GENOTYPES: usize = 50_000_000;

impl Survey {
    /// The autosomal STR markers of typed people. One allele is a homozygote. Sex markers and markers of X and Y are passed over.
    ///
    /// # Errors
    /// [`DnaError::BadSurvey`] for no people or markers, too many, or a marker twice in one person.
    pub fn of(samples: &[SampleGenotypes]) -> Result<Self, DnaError> {
        let bad = |reason| DnaError::BadSurvey { reason };
        if samples.is_empty() || samples.len() > MOST_PEOPLE {
            return Err(bad("there must be people, and at most a million"));
        }
        let mut names: Vec<&MarkerName> = Vec::new();
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        for genotype in samples.iter().flat_map(|sample| &sample.genotypes) {
            let elsewhere = genotype.marker.marker().is_some_and(|m| !matches!(m.chromosome, Chromosome::Autosome(_)));
            if elsewhere || places.contains_key(genotype.marker.as_str()) {
                continue;
            }
            if names.len() == MOST_MARKERS {
                return Err(bad("more than a thousand markers"));
            }
            places.insert(genotype.marker.as_str(), names.len());
            names.push(&genotype.marker);
        }
        if names.is_empty() || names.len() * samples.len() > MOST_GENOTYPES {
            return Err(bad("no autosomal marker, or more than 50 million genotypes"));
        }
        let mut typed: Vec<Vec<Option<[Allele; 2]>>> = vec![vec![None; samples.len()]; names.len()];
        let mut left_out = vec![0; names.len()];
        for (person, sample) in samples.iter().enumerate() {
            let mut seen = vec![false; names.len()];
            for genotype in &sample.genotypes {
                let Some(&at) = places.get(genotype.marker.as_str()) else { continue };
                if std::mem::replace(&mut seen[at], true) {
                    return Err(bad("a marker stands twice in one person: decide which typing is right"));
                }
                match pair(genotype.alleles.iter().map(|call| call.allele.as_str())) {
                    Some(pair) => typed[at][person] = Some(pair),
                    None => left_out[at] += 1,
                }
            }
        }
        let markers = names.into_iter().zip(typed).zip(left_out);
        let markers = markers.map(|((name, typed), left_out)| SurveyedMarker::of(name.clone(), &typed, left_out));
        Ok(Self { people: samples.len(), markers: markers.collect() })
    }

    /// How many people.
    pub fn people(&self) -> usize {
        self.people
    }

    /// The markers, in the order in which they were first met.
    pub fn markers(&self) -> &[SurveyedMarker] {
        &self.markers
    }

    /// The table: counted alleles over counted chromosomes. Markers that nobody was typed at are left out.
    pub fn frequencies(&self, population: &str) -> PopulationFrequencies {
        let typed = self.markers.iter().filter(|marker| marker.typed() > 0);
        PopulationFrequencies {
            population: Some(population.to_owned()),
            markers: typed.map(SurveyedMarker::table).collect(),
        }
    }
}

impl SurveyedMarker {
    fn of(name: MarkerName, typed: &[Option<[Allele; 2]>], left_out: usize) -> Self {
        let mut alleles: Vec<Allele> = typed.iter().flatten().flatten().copied().collect();
        alleles.sort_unstable();
        alleles.dedup();
        // Every allele is in the list; designations are fewer than 1000.
        let place = |allele: &Allele| alleles.binary_search(allele).unwrap_or_default() as u16;
        let genotypes = typed.iter().map(|pair| {
            pair.as_ref().map(|[a, b]| {
                let (a, b) = (place(a), place(b));
                [a.min(b), a.max(b)]
            })
        });
        let genotypes = genotypes.collect();
        Self { name, alleles, genotypes, left_out }
    }

    /// How many people were typed.
    pub fn typed(&self) -> usize {
        self.genotypes.iter().flatten().count()
    }

    /// How often each allele was counted.
    fn counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.alleles.len()];
        for allele in self.genotypes.iter().flatten().flatten() {
            counts[usize::from(*allele)] += 1;
        }
        counts
    }

    fn table(&self) -> MarkerFrequencies {
        let chromosomes = 2 * self.typed();
        let alleles = self.alleles.iter().zip(self.counts());
        MarkerFrequencies {
            marker: self.name.clone(),
            chromosomes: u32::try_from(chromosomes).ok(),
            alleles: alleles.map(|(allele, n)| (allele.to_string(), n as f64 / chromosomes as f64)).collect(),
        }
    }

    /// The share of heterozygotes that was seen.
    pub fn observed_heterozygosity(&self) -> f64 {
        let different = self.genotypes.iter().flatten().filter(|[a, b]| a != b).count();
        different as f64 / self.typed() as f64
    }

    /// The share to expect, 2N/(2N-1) (1 - sum p²) (Nei 1978).
    pub fn expected_heterozygosity(&self) -> f64 {
        let chromosomes = 2.0 * self.typed() as f64;
        let squares: f64 = self.counts().iter().map(|n| (*n as f64 / chromosomes).powi(2)).sum();
        (1.0 - squares) * chromosomes / (chromosomes - 1.0)
    }
}

impl std::fmt::Debug for SurveyedMarker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SurveyedMarker({}, {} people)", self.name, self.typed())
    }
}

/// One or two alleles on the ladder.
fn pair<'a>(designations: impl Iterator<Item = &'a str>) -> Option<[Allele; 2]> {
    let mut alleles: Vec<Allele> = Vec::new();
    for text in designations.take(16) {
        let allele = Allele::parse(text).filter(|allele| allele.mark() == AlleleMark::Exact)?;
        if !alleles.contains(&allele) {
            alleles.push(allele);
        }
    }
    match *alleles {
        [a] => Some([a, a]),
        [a, b] => Some([a, b]),
        _ => None,
    }
}

/// A number from 0 to below `limit`, all as likely but for a bias below limit / 2^53.
fn below(limit: usize, seed: &mut u64) -> usize {
    (crate::weight::uniform(seed) * limit as f64) as usize
}

/// Fisher and Yates's shuffle.
fn shuffle<T>(values: &mut [T], seed: &mut u64) {
    for at in (1..values.len()).rev() {
        values.swap(at, below(at + 1, seed));
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use tanba_formats::genetic::genotypes::MarkerGenotype;

    /// People typed at markers, `[["6", "7"], ["8", "8"]]` for one person.
    pub(crate) fn survey(markers: &[&str], people: &[Vec<[&str; 2]>]) -> Survey {
        let samples: Vec<SampleGenotypes> = people
            .iter()
            .map(|genotypes| SampleGenotypes {
                genotypes: markers.iter().zip(genotypes).map(|(m, alleles)| MarkerGenotype::of(m, *alleles)).collect(),
                ..SampleGenotypes::default()
            })
            .collect();
        Survey::of(&samples).unwrap()
    }

    #[test]
    fn a_table_is_counted() {
        let survey = survey(
            &["TH01", "AMEL"],
            &[vec![["6", "7"], ["X", "Y"]], vec![["6", "6"], ["X", "X"]], vec![["9.3", "OL"], ["X", "X"]]],
        );
        let table = survey.frequencies("made up");
        assert_eq!(table.markers.len(), 1, "amelogenin has no place in it");
        assert_eq!(table.markers[0].chromosomes, Some(4));
        assert_eq!(table.markers[0].alleles, [("6".to_owned(), 0.75), ("7".to_owned(), 0.25)]);
        assert_eq!((survey.markers()[0].typed(), survey.markers()[0].left_out), (2, 1));
        assert!((survey.markers()[0].observed_heterozygosity() - 0.5).abs() < 1e-15);
        assert!((survey.markers()[0].expected_heterozygosity() - (1.0 - 0.625) * 4.0 / 3.0).abs() < 1e-15);
        assert!(Survey::of(&[]).is_err());
    }
}
