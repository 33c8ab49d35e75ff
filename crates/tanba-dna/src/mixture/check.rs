//! Does the model fit the heights: the distribution function of each peak, given all others.
//!
//! If the model is right, each value is uniform between 0 and 1 (probability integral transform; Rosenblatt 1952, used for peak heights by
//! Cowell et al. 2015 and Bleka, Storvik and Gill 2016).

use super::heights::{Ask, Instead};
use super::{Allele, Likelihood, MixtureError, Parameters};
use tanba_formats::genetic::MarkerName;

/// One peak against the model.
#[derive(Clone, PartialEq)]
pub struct PeakCheck {
    /// Where.
    pub marker: MarkerName,
    /// In which replicate, from 0, counted over those that typed the marker.
    pub replicate: usize,
    /// Which allele.
    pub allele: Allele,
    /// RFU.
    pub height: f64,
    /// Probability of a height up to this one, given that there is a peak, and given all other peaks.
    pub probability: f64,
}

impl std::fmt::Debug for PeakCheck {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PeakCheck({}, replicate {}, {})", self.marker, self.replicate, self.probability)
    }
}

/// All peaks against the model.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelCheck {
    /// In the order of markers, replicates and peaks.
    pub peaks: Vec<PeakCheck>,
    /// The largest distance between the empirical distribution of the probabilities and the uniform (Kolmogorov and Smirnov).
    pub distance: f64,
    /// Probability of at least that distance if the model is right, by the asymptotic distribution (Kolmogorov 1933, with the
    /// correction for small samples of Stephens 1970). Peaks are not quite independent, so it is a guide.
    pub p_value: f64,
    /// Peaks whose probability is more extreme than 0.01 divided among all of them: each deserves a look.
    pub outliers: usize,
}

impl Likelihood<'_> {
    /// Holds every peak against the model at given parameters.
    ///
    /// # Errors
    /// [`MixtureError::OutOfRange`] for the parameters.
    pub fn check(&self, parameters: &Parameters) -> Result<ModelCheck, MixtureError> {
        parameters.check(&self.evidence().settings, self.evidence().replicate_factors())?;
        let mut peaks = Vec::new();
        for (marker, programs) in self.evidence().markers.iter().zip(self.programs()) {
            for (replicate, seen) in marker.replicates.iter().flatten().enumerate() {
                for peak in seen {
                    let ln = |ask| {
                        let instead = Instead { allele: peak.allele, replicate, ask };
                        self.marker(programs, parameters, Some(instead))
                    };
                    let (up_to, any) = (ln(Ask::UpTo(peak.height)), ln(Ask::Any));
                    if any == f64::NEG_INFINITY {
                        return Err(MixtureError::Impossible { marker: marker.marker.clone() });
                    }
                    peaks.push(PeakCheck {
                        marker: marker.marker.clone(),
                        replicate,
                        allele: peak.allele,
                        height: peak.height,
                        probability: (up_to - any).exp().min(1.0),
                    });
                }
            }
        }
        let mut sorted: Vec<f64> = peaks.iter().map(|peak| peak.probability).collect();
        sorted.sort_by(f64::total_cmp);
        let n = sorted.len().max(1) as f64;
        let gap = |(i, p): (usize, &f64)| ((i as f64 + 1.0) / n - p).max(p - i as f64 / n);
        let distance = sorted.iter().enumerate().map(gap).fold(0.0, f64::max);
        let least = 0.005 / n;
        let outliers = sorted.iter().filter(|p| **p < least || **p > 1.0 - least).count();
        Ok(ModelCheck { peaks, distance, p_value: kolmogorov(distance, n), outliers })
    }
}

/// Probability that the distance of `n` uniform values is at least `distance`.
fn kolmogorov(distance: f64, n: f64) -> f64 {
    let t = distance * (n.sqrt() + 0.12 + 0.11 / n.sqrt());
    if t < 0.3 {
        return 1.0;
    }
    let term = |k: i32| (if k % 2 == 1 { 2.0 } else { -2.0 }) * (-2.0 * f64::from(k * k) * t * t).exp();
    (1..=20).map(term).sum::<f64>().clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distribution_has_its_known_quantiles() {
        // 1.358 and 1.628 are the 5 % and 1 % points of the limiting distribution.
        for (t, p) in [(1.358, 0.05), (1.628, 0.01)] {
            let n = 1e8_f64;
            assert!((kolmogorov(t / n.sqrt(), n) - p).abs() < 2e-4);
        }
    }
}
