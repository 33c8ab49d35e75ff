//! Stains and people that the model makes: for validation, and for tests with people who did not contribute.

use std::collections::BTreeMap;

use super::draw::Draw;
use super::{Evidence, MixtureError, Parameters, Peak, Reference};
use crate::Allele;

impl Evidence {
    /// A person drawn from the allele frequencies in Hardy-Weinberg proportions; the same for the same seed and number.
    pub fn random_person(&self, seed: u64, number: u64) -> Reference {
        let mut draw = Draw::new(seed, number.wrapping_mul(2).wrapping_add(1));
        let genotypes = self
            .markers
            .iter()
            .map(|marker| {
                let alleles: Vec<Allele> = marker.frequencies.keys().copied().collect();
                let mut one = || alleles[draw.weighted(marker.frequencies.values().copied())];
                (marker.marker.clone(), [one(), one()])
            })
            .collect();
        Reference { id: format!("random person {number}"), genotypes }
    }

    /// The same markers with peaks that the model draws for these people: as many replicates as asked, heights in whole RFU.
    ///
    /// # Errors
    /// [`MixtureError::OutOfRange`], [`MixtureError::BadReference`] where a person lacks a marker, and what [`Evidence::new`] refuses.
    pub fn simulate(
        &self,
        people: &[Reference],
        parameters: &Parameters,
        replicates: usize,
        seed: u64,
    ) -> Result<Self, MixtureError> {
        let factors = if self.settings.height_by_replicate { replicates.saturating_sub(1) } else { 0 };
        parameters.check(&self.settings, factors)?;
        if parameters.proportions.len() != people.len() {
            return Err(MixtureError::OutOfRange { what: "the number of proportions", range: "that of the people" });
        }
        let mut draw = Draw::new(seed, 0);
        let scale = parameters.mu * parameters.omega * parameters.omega;
        let mut markers = self.markers.clone();
        for marker in &mut markers {
            let own = self.settings.at(marker);
            let mut shapes: BTreeMap<u16, f64> = BTreeMap::new();
            for (person, share) in people.iter().zip(&parameters.proportions) {
                let Some(genotype) = person.genotypes.get(&marker.marker) else {
                    return Err(MixtureError::BadReference {
                        person: person.id.clone(),
                        marker: marker.marker.clone(),
                        reason: "a simulated contributor needs a genotype at every marker",
                    });
                };
                for allele in genotype {
                    let size = marker.sizes.get(allele).copied().or(marker.rest_size).unwrap_or(125.0);
                    let decay = parameters.beta.powf((size - 125.0) / 100.0);
                    let shape = share * decay / (parameters.omega * parameters.omega);
                    let [back, forward, double] = parameters.stutter();
                    for (by, part) in [(20, parameters.stays()), (10, back), (30, forward), (0, double)] {
                        if part > 0.0 {
                            // Shifted by two repeats, so that nothing is below 0.
                            *shapes.entry(allele.tenths() + by).or_default() += shape * part;
                        }
                    }
                }
            }
            marker.replicates = (0..replicates)
                .map(|replicate| {
                    let scale = scale * parameters.factor(replicate);
                    let mut peaks: Vec<Peak> = Vec::new();
                    for (shifted, shape) in &shapes {
                        let height = (draw.gamma(*shape) * scale).round();
                        let allele = shifted.checked_sub(20).and_then(Allele::from_tenths);
                        peaks.extend(
                            allele.filter(|_| height >= marker.threshold).map(|allele| Peak { allele, height }),
                        );
                    }
                    if draw.unit() < own.drop_in {
                        let alleles: Vec<Allele> = marker.frequencies.keys().copied().collect();
                        let allele = alleles[draw.weighted(marker.frequencies.values().copied())];
                        let height = (marker.threshold - draw.unit().ln() / own.drop_in_rate).round();
                        if !shapes.contains_key(&(allele.tenths() + 20)) {
                            peaks.push(Peak { allele, height });
                        }
                    }
                    Some(peaks)
                })
                .collect();
        }
        Self::new(self.settings, markers, self.references.clone())
    }
}
