//! Whose genotype may it be: posterior probabilities of each unknown contributor's genotypes.

use super::compile::{SeenFrequencies, Shared, frequencies};
use super::{Allele, Contributor, Likelihood, MixtureError, Parameters};
use tanba_formats::genetic::MarkerName;

/// One genotype of one contributor.
#[derive(Clone, Copy, PartialEq)]
pub struct GenotypePosterior {
    /// The alleles; `None` is any allele that nobody saw.
    pub alleles: [Option<Allele>; 2],
    /// Its posterior probability.
    pub probability: f64,
}

impl std::fmt::Debug for GenotypePosterior {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "GenotypePosterior(.., {})", self.probability)
    }
}

/// The genotypes of one unknown contributor at one marker, the most probable first.
#[derive(Debug, Clone, PartialEq)]
pub struct Deconvolution {
    /// Place of the contributor in the hypothesis.
    pub contributor: usize,
    /// Where.
    pub marker: MarkerName,
    /// Genotypes; the probabilities sum to 1.
    pub genotypes: Vec<GenotypePosterior>,
}

impl Likelihood<'_> {
    /// The exact marginal posterior of every unknown contributor's genotype at every marker, at given parameters.
    ///
    /// Each genotype is tried as if it were known, and its likelihood weighed with its prior probability (Bayes' theorem).
    ///
    /// # Errors
    /// [`MixtureError::OutOfRange`] for the parameters; [`MixtureError::Impossible`] where the evidence has likelihood 0 there.
    pub fn deconvolve(&self, parameters: &Parameters) -> Result<Vec<Deconvolution>, MixtureError> {
        let totals = self.at(parameters)?;
        let mut shared = Shared::new();
        let mut all = Vec::new();
        for (place, contributor) in self.hypothesis().contributors.iter().enumerate() {
            if *contributor != Contributor::Unknown {
                continue;
            }
            for (at, (marker, total)) in totals.markers.iter().enumerate() {
                if *total == f64::NEG_INFINITY {
                    return Err(MixtureError::Impossible { marker: marker.clone() });
                }
                let SeenFrequencies { seen, rest } = frequencies(&self.evidence().markers[at], self.evidence().minimum);
                let mut alleles: Vec<Option<Allele>> = seen.keys().copied().map(Some).collect();
                alleles.extend((rest > 0.0).then_some(None));
                let mut genotypes = Vec::new();
                for (i, first) in alleles.iter().enumerate() {
                    for second in &alleles[i..] {
                        let trial = (place, [*first, *second]);
                        let ln = self.trial(at, parameters, trial, &mut shared);
                        genotypes.push(GenotypePosterior { alleles: trial.1, probability: (ln - total).exp() });
                    }
                }
                genotypes.sort_by(|a, b| b.probability.total_cmp(&a.probability));
                all.push(Deconvolution { contributor: place, marker: marker.clone(), genotypes });
            }
        }
        Ok(all)
    }
}
