//! Peak heights: what the capillary shows of one or several people.
//!
//! The model is the one that euroformix fits (Bleka, Storvik and Gill 2016), so that what is estimated can be held against what was
//! simulated. Allele `a` receives from contributors `k` with shares `w_k` and `n_k(a)` copies
//!
//! ```text
//! own(a)   = sum_k w_k n_k(a) * beta^((bases(a) - 125) / 100)
//! shape(a) = [ (1 - back - forward) own(a) + back own(a + 1) + forward own(a - 1) ] / omega²
//! height(a) ~ Gamma(shape(a), scale mu omega²)
//! ```
//!
//! where `a + 1` and `a - 1` are one repeat more and less. So `mu` is the expected height of one allele of a sole contributor at
//! 125 bases and `omega` its coefficient of variation. What stays below the analytical threshold is not seen. A drop-in comes with a
//! probability per marker, of an allele that shows no peak, with a height that exceeds the threshold exponentially.

use std::collections::BTreeMap;

use serde::Serialize;
use tanba_dna::Allele;

use crate::exact;
use crate::person::Sex;

use super::draw::Draw;
use super::kit::{AMELOGENIN, fragment_length};
use super::parameters::{
    ANALYTICAL_THRESHOLD, BACK_STUTTER, DEGRADATION, DROP_IN_LAMBDA, FORWARD_STUTTER, LEAST_BALANCE, PEAK_DROP_IN,
    PEAK_HEIGHT, PEAK_VARIATION, STOCHASTIC_THRESHOLD, STUTTER_FILTER,
};
use super::{Diploid, GeneticsError, ProfilePopulation};

/// The parameters of peak heights.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PeakModel {
    /// Expected height of one allele of a sole contributor at 125 bases, RFU.
    pub mu: f64,
    /// Coefficient of variation of that height.
    pub omega: f64,
    /// Factor of the expected height for each 100 bases more.
    pub beta: f64,
    /// Share of an allele that shows one repeat below it.
    pub back_stutter: f64,
    /// Share of an allele that shows one repeat above it.
    pub forward_stutter: f64,
    /// Analytical threshold, RFU.
    pub threshold: f64,
    /// Probability of a drop-in at a marker.
    pub drop_in: f64,
    /// Rate of its height above the threshold, per RFU.
    pub drop_in_lambda: f64,
}

/// A peak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peak {
    /// Designation.
    pub allele: Allele,
    /// Height, whole RFU.
    pub height: u32,
}

/// What was seen, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Electropherogram {
    /// At each marker of the table the peaks, ascending by allele.
    pub markers: Vec<Vec<Peak>>,
    /// Heights of X and Y at amelogenin; 0 where below the threshold.
    pub amelogenin: (u32, u32),
    /// Alleles that are not seen: contributor, place of the marker, allele.
    pub dropped: Vec<(usize, usize, Allele)>,
    /// Peaks that are a drop-in: place of the marker, allele.
    pub dropped_in: Vec<(usize, Allele)>,
    /// Peaks that are nothing but stutter.
    pub stutter: Vec<(usize, Allele)>,
}

impl Default for PeakModel {
    fn default() -> Self {
        Self {
            mu: PEAK_HEIGHT,
            omega: PEAK_VARIATION,
            beta: DEGRADATION,
            back_stutter: BACK_STUTTER,
            forward_stutter: FORWARD_STUTTER,
            threshold: ANALYTICAL_THRESHOLD,
            drop_in: PEAK_DROP_IN,
            drop_in_lambda: DROP_IN_LAMBDA,
        }
    }
}

impl PeakModel {
    /// The model, if every number is in its range.
    ///
    /// # Errors
    /// [`GeneticsError::OutOfRange`].
    pub fn checked(self) -> Result<Self, GeneticsError> {
        for (what, value, low, high, range) in [
            ("the expected peak height", self.mu, 10.0, 100_000.0, "from 10 to 100000 RFU"),
            ("the variation of peak heights", self.omega, 0.02, 2.0, "from 0.02 to 2"),
            ("the degradation", self.beta, 0.01, 1.0, "from 0.01 to 1 (1 is none)"),
            ("the back stutter", self.back_stutter, 0.0, 0.5, "from 0 to 0.5"),
            ("the forward stutter", self.forward_stutter, 0.0, 0.5, "from 0 to 0.5"),
            ("the analytical threshold", self.threshold, 1.0, 10_000.0, "from 1 to 10000 RFU"),
            ("the probability of drop-in", self.drop_in, 0.0, 1.0, "from 0 to 1"),
            ("the rate of drop-in heights", self.drop_in_lambda, 0.0001, 1.0, "from 0.0001 to 1 per RFU"),
        ] {
            if !(low..=high).contains(&value) {
                return Err(GeneticsError::OutOfRange { what, range });
            }
        }
        Ok(self)
    }

    /// One amplification of a sample with these contributors and their shares, which sum to 1.
    pub(super) fn amplify(
        &self,
        population: &ProfilePopulation,
        contributors: &[(&Diploid, f64)],
        draw: &mut Draw,
    ) -> Electropherogram {
        let mut seen = Electropherogram {
            markers: Vec::new(),
            amelogenin: (0, 0),
            dropped: Vec::new(),
            dropped_in: Vec::new(),
            stutter: Vec::new(),
        };
        let table = population.table();
        for (m, marker) in table.markers().iter().enumerate() {
            // Expected material of each allele, before stutter.
            let mut own: BTreeMap<Allele, f64> = BTreeMap::new();
            for (person, share) in contributors {
                let (a, b) = table.pair(person, m);
                for allele in [a, b] {
                    *own.entry(allele).or_default() += share * self.left(fragment_length(marker, allele));
                }
            }
            let mut shapes: BTreeMap<Allele, f64> = BTreeMap::new();
            for (&allele, &amount) in &own {
                let below = allele.tenths().checked_sub(10).and_then(Allele::from_tenths);
                let above = Allele::from_tenths(allele.tenths() + 10);
                let stays = 1.0 - self.back_stutter - self.forward_stutter;
                for (at, part) in [(Some(allele), stays), (below, self.back_stutter), (above, self.forward_stutter)] {
                    if let Some(at) = at {
                        *shapes.entry(at).or_default() += part * amount;
                    }
                }
            }
            let mut peaks: Vec<Peak> = Vec::new();
            for (allele, shape) in shapes {
                let height = self.height(shape, draw);
                if height > 0 {
                    peaks.push(Peak { allele, height });
                    if !own.contains_key(&allele) {
                        seen.stutter.push((m, allele));
                    }
                }
            }
            for (k, (person, _)) in contributors.iter().enumerate() {
                let (a, b) = table.pair(person, m);
                for own in [Some(a), (a != b).then_some(b)].iter().flatten() {
                    if !peaks.iter().any(|peak| peak.allele == *own) {
                        seen.dropped.push((k, m, *own));
                    }
                }
            }
            if draw.chance(self.drop_in) {
                // By the reference frequencies, as the likelihood has it.
                let allele = marker.alleles()[draw.weighted(marker.frequencies())];
                let height = self.threshold + draw.exponential() / self.drop_in_lambda;
                if !peaks.iter().any(|peak| peak.allele == allele) {
                    peaks.push(Peak { allele, height: (height + 0.5).floor() as u32 });
                    seen.dropped_in.push((m, allele));
                }
            }
            peaks.sort_unstable_by_key(|peak| peak.allele);
            seen.markers.push(peaks);
        }
        let (mut x, mut y) = (0.0, 0.0);
        for (person, share) in contributors {
            let male = person.sex == Sex::Male;
            x += share * if male { 1.0 } else { 2.0 } * self.left(AMELOGENIN.0);
            y += share * if male { 1.0 } else { 0.0 } * self.left(AMELOGENIN.1);
        }
        seen.amelogenin = (self.height(x, draw), self.height(y, draw));
        seen
    }

    /// What degradation leaves of a fragment of so many bases, against one of 125.
    fn left(&self, bases: u16) -> f64 {
        exact::exp(exact::ln(self.beta) * (f64::from(bases) - 125.0) / 100.0)
    }

    /// The height for this much material in whole RFU, or 0 below the threshold.
    fn height(&self, material: f64, draw: &mut Draw) -> u32 {
        let height = draw.gamma(material / (self.omega * self.omega)) * self.mu * self.omega * self.omega;
        let rounded = (height + 0.5).floor();
        if rounded >= self.threshold { rounded as u32 } else { 0 }
    }
}

impl Electropherogram {
    /// The genotype that a careful reader calls from a sample of one person: peaks that could be stutter are passed over, two peaks
    /// are a heterozygote if the lower reaches 0.35 of the higher, one is a homozygote only if it reaches the stochastic threshold
    /// of 300 RFU. Nothing is called elsewhere.
    pub fn single_source_calls(&self) -> Vec<Option<(Allele, Allele)>> {
        let call = |peaks: &Vec<Peak>| {
            let real: Vec<Peak> = peaks.iter().filter(|peak| !could_be_stutter(**peak, peaks)).copied().collect();
            match real[..] {
                [one] if f64::from(one.height) >= STOCHASTIC_THRESHOLD => Some((one.allele, one.allele)),
                [one, two] if is_balanced(one, two) => Some((one.allele, two.allele)),
                _ => None,
            }
        };
        self.markers.iter().map(call).collect()
    }

    /// The sex that amelogenin shows; `None` where a Y could have dropped out.
    pub fn single_source_sex(&self) -> Option<Sex> {
        match self.amelogenin {
            (_, y) if y > 0 => Some(Sex::Male),
            (x, _) if f64::from(x) >= STOCHASTIC_THRESHOLD => Some(Sex::Female),
            _ => None,
        }
    }
}

fn is_balanced(a: Peak, b: Peak) -> bool {
    f64::from(a.height.min(b.height)) >= LEAST_BALANCE * f64::from(a.height.max(b.height))
}

fn could_be_stutter(peak: Peak, peaks: &[Peak]) -> bool {
    peaks.iter().any(|parent| {
        parent.allele.tenths() == peak.allele.tenths() + 10
            && f64::from(peak.height) < STUTTER_FILTER * f64::from(parent.height)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genetics::AlleleTable;
    use crate::genetics::draw::Streams;

    /// Marker `X9` of the grey lane has 200 bases at allele 8, 4 a repeat.
    fn population() -> ProfilePopulation {
        let table = AlleleTable::from_csv("t", "X9,8,0.25\nX9,10,0.25\nX9,20,0.25\nX9,30,0.25\n").unwrap();
        ProfilePopulation::new(table, 1, 0.0, 1).unwrap()
    }

    fn person(a: u8, b: u8) -> Diploid {
        Diploid { sex: Sex::Male, maternal: vec![a], paternal: vec![b] }
    }

    /// Mean and variance of the height of an allele, 0 where it is not seen.
    fn heights(model: &PeakModel, who: &[(&Diploid, f64)], allele: &str) -> (f64, f64) {
        let (population, streams, n) = (population(), Streams::new(7, "test"), 20_000);
        let allele = Allele::parse(allele).unwrap();
        let all: Vec<f64> = (0..n)
            .map(|k| {
                let seen = model.amplify(&population, who, &mut streams.at(k));
                let peak = seen.markers[0].iter().find(|peak| peak.allele == allele);
                peak.map_or(0.0, |peak| f64::from(peak.height))
            })
            .collect();
        let mean = all.iter().sum::<f64>() / n as f64;
        (mean, all.iter().map(|h| (h - mean) * (h - mean)).sum::<f64>() / n as f64)
    }

    const PLAIN: PeakModel = PeakModel {
        mu: 1000.0,
        omega: 0.2,
        beta: 1.0,
        back_stutter: 0.0,
        forward_stutter: 0.0,
        threshold: 1.0,
        drop_in: 0.0,
        drop_in_lambda: 0.01,
    };

    #[test]
    fn heights_have_the_mean_and_variance_of_the_model() {
        let close = |got: f64, want: f64, part: f64, what: &str| {
            assert!((got / want - 1.0).abs() < part, "{what}: {got} for {want}");
        };
        let (one, two) = (person(0, 2), person(1, 1));
        let (mean, variance) = heights(&PLAIN, &[(&one, 1.0)], "20");
        close(mean, 1000.0, 0.01, "heterozygote");
        close(variance, 200.0 * 200.0, 0.05, "its variance");
        // A homozygote has twice the material: twice the mean and twice the variance.
        let (mean, variance) = heights(&PLAIN, &[(&two, 1.0)], "10");
        close(mean, 2000.0, 0.01, "homozygote");
        close(variance, 2.0 * 200.0 * 200.0, 0.05, "its variance");
        let (mean, _) = heights(&PLAIN, &[(&one, 0.3), (&two, 0.7)], "10");
        close(mean, 1400.0, 0.01, "share");
        // Allele 30 has 200 + 22 * 4 = 288 bases.
        let degraded = PeakModel { beta: 0.5, ..PLAIN };
        let (mean, _) = heights(&degraded, &[(&person(3, 3), 1.0)], "30");
        close(mean, 2000.0 * 0.5_f64.powf(1.63), 0.01, "degraded");
        let stutter = PeakModel { back_stutter: 0.1, forward_stutter: 0.02, ..PLAIN };
        close(heights(&stutter, &[(&one, 1.0)], "19").0, 100.0, 0.02, "back stutter");
        close(heights(&stutter, &[(&one, 1.0)], "21").0, 20.0, 0.05, "forward stutter");
        close(heights(&stutter, &[(&one, 1.0)], "20").0, 880.0, 0.01, "what stays");
    }

    #[test]
    fn low_and_long_alleles_drop_out_as_the_gamma_distribution_says() {
        // Shape 1 (omega 1): the height is exponential with mean mu, so below the threshold with 1 - exp(-50 / mu).
        let model = PeakModel { mu: 100.0, omega: 1.0, threshold: 50.0, ..PLAIN };
        let (population, streams, n) = (population(), Streams::new(8, "test"), 20_000_u32);
        let who = person(0, 2);
        let mut lost = 0;
        for k in 0..u64::from(n) {
            let seen = model.amplify(&population, &[(&who, 1.0)], &mut streams.at(k));
            assert_eq!(seen.dropped.len() + seen.markers[0].len(), 2);
            lost += seen.dropped.len();
        }
        // Whole RFU: 49.5 rounds to the threshold.
        let expected = 1.0 - (-49.5_f64 / 100.0).exp();
        let got = lost as f64 / (2.0 * f64::from(n));
        assert!((got - expected).abs() < 0.012, "{got} {expected}");
    }

    #[test]
    fn drop_ins_come_with_their_probability_and_mean_height() {
        let model = PeakModel { drop_in: 0.3, drop_in_lambda: 0.02, threshold: 50.0, ..PLAIN };
        let (population, streams, n) = (population(), Streams::new(9, "test"), 20_000_u32);
        let who = person(0, 0);
        let (mut count, mut total) = (0_u32, 0.0);
        for k in 0..u64::from(n) {
            let seen = model.amplify(&population, &[(&who, 1.0)], &mut streams.at(k));
            for (_, allele) in &seen.dropped_in {
                count += 1;
                let peak = seen.markers[0].iter().find(|p| p.allele == *allele).unwrap();
                total += f64::from(peak.height) - 50.0;
            }
        }
        // A quarter falls on the allele that is there.
        assert!((f64::from(count) / f64::from(n) - 0.3 * 0.75).abs() < 0.015, "{count}");
        assert!((total / f64::from(count) - 50.0).abs() < 3.0);
    }

    #[test]
    fn calls_pass_over_stutter_and_refuse_lone_low_peaks() {
        let peak = |text: &str, height| Peak { allele: Allele::parse(text).unwrap(), height };
        let of = |markers: Vec<Vec<Peak>>| Electropherogram {
            markers,
            amelogenin: (400, 0),
            dropped: vec![],
            dropped_in: vec![],
            stutter: vec![],
        };
        let seen = of(vec![
            vec![peak("9", 80), peak("10", 900), peak("12", 700)],
            vec![peak("10", 150)],
            vec![peak("10", 350)],
            vec![],
            vec![peak("7", 400), peak("10", 400), peak("12", 300)],
            vec![peak("9", 500), peak("10", 900)],
            vec![peak("12", 100), peak("20", 900)],
        ]);
        let shown: Vec<String> =
            seen.single_source_calls().iter().map(|c| c.map_or("-".into(), |(a, b)| format!("{a}/{b}"))).collect();
        assert_eq!(shown, ["10/12", "-", "10/10", "-", "-", "9/10", "-"]);
        assert_eq!(seen.single_source_sex(), Some(Sex::Female));
        assert_eq!(Electropherogram { amelogenin: (100, 0), ..seen.clone() }.single_source_sex(), None);
        assert_eq!(Electropherogram { amelogenin: (0, 60), ..seen }.single_source_sex(), Some(Sex::Male));
    }

    #[test]
    fn numbers_outside_their_range_are_refused_in_words() {
        let said = |model: PeakModel| model.checked().unwrap_err().to_string();
        assert!(said(PeakModel { mu: 0.0, ..PLAIN }).contains("10 to 100000 RFU"));
        assert!(said(PeakModel { beta: 0.0, ..PLAIN }).contains("1 is none"));
        assert!(said(PeakModel { omega: f64::NAN, ..PLAIN }).contains("variation"));
        assert!(PLAIN.checked().is_ok() && PeakModel::default().checked().is_ok());
    }
}
