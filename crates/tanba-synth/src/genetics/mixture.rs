//! Crime stains: one to five people in unknown shares, amplified once or several times.

use super::draw::{Draw, Streams};
use super::electropherogram::Electropherogram;
use super::parameters::{LEAST_PROPORTION, STAIN_DEGRADATION, STAIN_HEIGHT, STAIN_VARIATION};
use super::population::draw_sex;
use super::{Diploid, GeneticsError, Meiosis, PeakModel, ProfilePopulation};

/// What stains are like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StainSpec {
    /// People who left one, 1 to 5.
    pub contributors: usize,
    /// Amplifications of it, 1 to 5.
    pub replicates: usize,
    /// Contributors whose reference is given as known, below `contributors`.
    pub known: usize,
    /// Probability that the two largest contributors are full siblings.
    pub related: f64,
    /// Probability that the person of interest did not contribute.
    pub false_share: f64,
    /// Thresholds, stutter and drop-in; and height, variation and degradation where the next three say so.
    pub model: PeakModel,
    /// Whether each stain draws its own expected height, from 300 to 3,000 RFU.
    pub vary_height: bool,
    /// Whether each stain draws its own variation, from 0.1 to 0.3.
    pub vary_variation: bool,
    /// Whether each stain draws its own degradation, from 0.6 to 1.
    pub vary_degradation: bool,
}

/// A stain and the truth about it.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedStain {
    /// The people in it, the largest share first.
    pub contributors: Vec<Diploid>,
    /// Their shares; they sum to 1.
    pub proportions: Vec<f64>,
    /// Whether the two largest are full siblings.
    pub related: bool,
    /// The parameters of its heights.
    pub model: PeakModel,
    /// What was seen, one for each amplification.
    pub replicates: Vec<Electropherogram>,
    /// The person of interest.
    pub person_of_interest: Diploid,
    /// Which contributor that is; `None` where it is none.
    pub interest_is: Option<usize>,
    /// Contributors whose references are known; never the person of interest.
    pub known: Vec<usize>,
}

/// Stains of one population, each by number.
#[derive(Clone)]
pub struct Stains<'a> {
    population: &'a ProfilePopulation,
    meiosis: &'a Meiosis,
    spec: StainSpec,
    streams: Streams,
}

impl<'a> Stains<'a> {
    /// Stains as specified; the people of stain `k` are of gene pool `k`.
    ///
    /// # Errors
    /// [`GeneticsError::OutOfRange`].
    pub fn new(
        population: &'a ProfilePopulation,
        meiosis: &'a Meiosis,
        spec: StainSpec,
        seed: u64,
    ) -> Result<Self, GeneticsError> {
        spec.model.checked()?;
        for (what, fits, range) in [
            ("the number of contributors", (1..=5).contains(&spec.contributors), "from 1 to 5"),
            ("the number of amplifications", (1..=5).contains(&spec.replicates), "from 1 to 5"),
            ("the number of known contributors", spec.known < spec.contributors, "below the number of contributors"),
            ("the share of related contributors", (0.0..=1.0).contains(&spec.related), "from 0 to 1"),
            ("the share of false cases", (0.0..=1.0).contains(&spec.false_share), "from 0 to 1"),
        ] {
            if !fits {
                return Err(GeneticsError::OutOfRange { what, range });
            }
        }
        Ok(Self { population, meiosis, spec, streams: Streams::new(seed, "genetics/stain") })
    }

    /// The population.
    pub fn population(&self) -> &'a ProfilePopulation {
        self.population
    }

    /// Stain `k`; any number is allowed.
    pub fn stain(&self, k: u64) -> SimulatedStain {
        let mut draw = self.streams.at(k);
        let n = self.spec.contributors;
        let related = n > 1 && draw.chance(self.spec.related);
        let mut contributors = if related { self.siblings(k, &mut draw).to_vec() } else { Vec::new() };
        while contributors.len() < n {
            contributors.push(self.stranger(k, &mut draw));
        }
        let proportions = proportions(n, &mut draw);
        let mut model = self.spec.model;
        // Drawn in any case, so that fixing one number moves no other.
        let drawn = (draw.log_uniform(STAIN_HEIGHT), draw.uniform(STAIN_VARIATION), draw.uniform(STAIN_DEGRADATION));
        if self.spec.vary_height {
            model.mu = drawn.0;
        }
        if self.spec.vary_variation {
            model.omega = drawn.1;
        }
        if self.spec.vary_degradation {
            model.beta = drawn.2;
        }
        let stranger = self.stranger(k, &mut draw);
        let place = draw.below(n);
        let interest_is = (!draw.chance(self.spec.false_share)).then_some(place);
        let known = (0..n).filter(|i| *i != place).take(self.spec.known).collect();
        let who: Vec<(&Diploid, f64)> = contributors.iter().zip(proportions.iter().copied()).collect();
        let replicates = (0..self.spec.replicates).map(|_| model.amplify(self.population, &who, &mut draw)).collect();
        let person_of_interest = interest_is.map_or(stranger, |i| contributors[i].clone());
        SimulatedStain { contributors, proportions, related, model, replicates, person_of_interest, interest_is, known }
    }

    fn stranger(&self, pool: u64, draw: &mut Draw) -> Diploid {
        let sex = draw_sex(draw);
        self.population.founder(pool, sex, draw)
    }

    fn siblings(&self, pool: u64, draw: &mut Draw) -> [Diploid; 2] {
        let mother = self.population.founder(pool, crate::person::Sex::Female, draw);
        let father = self.population.founder(pool, crate::person::Sex::Male, draw);
        [(); 2].map(|()| {
            let sex = draw_sex(draw);
            self.meiosis.child(&mother, &father, sex, draw, &mut Vec::new())
        })
    }
}

/// Shares from a symmetric Dirichlet distribution with parameter 2 above a least one, the largest first.
fn proportions(n: usize, draw: &mut Draw) -> Vec<f64> {
    let parts: Vec<f64> = (0..n).map(|_| draw.gamma(2.0)).collect();
    let sum: f64 = parts.iter().sum();
    let free = 1.0 - LEAST_PROPORTION * n as f64;
    let mut shares: Vec<f64> = parts.iter().map(|part| LEAST_PROPORTION + free * part / sum).collect();
    if n == 1 {
        shares[0] = 1.0;
    }
    shares.sort_by(|a, b| b.total_cmp(a));
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genetics::{AlleleTable, MutationModels};

    const SPEC: StainSpec = StainSpec {
        contributors: 3,
        replicates: 2,
        known: 1,
        related: 0.5,
        false_share: 0.5,
        model: PeakModel {
            mu: 1000.0,
            omega: 0.2,
            beta: 0.8,
            back_stutter: 0.07,
            forward_stutter: 0.01,
            threshold: 50.0,
            drop_in: 0.05,
            drop_in_lambda: 0.01,
        },
        vary_height: true,
        vary_variation: true,
        vary_degradation: true,
    };

    #[test]
    fn the_truth_explains_every_peak_and_every_missing_allele() {
        let table = AlleleTable::illustration();
        let meiosis = Meiosis::new(&table, MutationModels::NONE, true).unwrap();
        let population = ProfilePopulation::new(table, 1, 0.01, 4).unwrap();
        let stains = Stains::new(&population, &meiosis, SPEC, 2).unwrap();
        let (mut related, mut guilty) = (0, 0);
        for k in 0..200 {
            let stain = stains.stain(k);
            assert_eq!(stain, stains.stain(k));
            assert_eq!((stain.contributors.len(), stain.replicates.len(), stain.known.len()), (3, 2, 1));
            assert!((stain.proportions.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            assert!(stain.proportions.is_sorted_by(|a, b| a >= b) && stain.proportions[2] >= LEAST_PROPORTION);
            related += u32::from(stain.related);
            if let Some(i) = stain.interest_is {
                guilty += 1;
                assert_eq!(stain.person_of_interest, stain.contributors[i]);
                assert!(!stain.known.contains(&i));
            } else {
                assert!(!stain.contributors.contains(&stain.person_of_interest));
            }
            for seen in &stain.replicates {
                for (m, peaks) in seen.markers.iter().enumerate() {
                    let mut owned: Vec<_> =
                        stain.contributors.iter().flat_map(|c| <[_; 2]>::from(population.table().pair(c, m))).collect();
                    for peak in peaks {
                        assert!(f64::from(peak.height) >= 50.0);
                        let explained = owned.contains(&peak.allele)
                            || seen.stutter.contains(&(m, peak.allele))
                            || seen.dropped_in.contains(&(m, peak.allele));
                        assert!(explained);
                    }
                    owned.retain(|allele| !peaks.iter().any(|peak| peak.allele == *allele));
                    let told = |allele| seen.dropped.iter().any(|(_, at, a)| (*at, *a) == (m, allele));
                    assert!(owned.into_iter().all(told));
                }
            }
        }
        assert!((70..130).contains(&related) && (70..130).contains(&guilty), "{related} {guilty}");
    }

    #[test]
    fn fixing_one_number_moves_no_other() {
        let table = AlleleTable::illustration();
        let meiosis = Meiosis::new(&table, MutationModels::NONE, true).unwrap();
        let population = ProfilePopulation::new(table, 1, 0.0, 1).unwrap();
        let free = Stains::new(&population, &meiosis, SPEC, 2).unwrap().stain(5);
        let fixed = Stains::new(&population, &meiosis, StainSpec { vary_height: false, ..SPEC }, 2).unwrap().stain(5);
        assert_eq!((fixed.model.mu, fixed.model.beta), (1000.0, free.model.beta));
        assert_eq!((fixed.contributors, fixed.proportions), (free.contributors, free.proportions));
    }

    #[test]
    fn what_cannot_be_asked_is_refused() {
        let table = AlleleTable::illustration();
        let meiosis = Meiosis::new(&table, MutationModels::NONE, true).unwrap();
        let population = ProfilePopulation::new(table, 1, 0.0, 1).unwrap();
        let said = |spec| Stains::new(&population, &meiosis, spec, 2).err().unwrap().to_string();
        assert!(said(StainSpec { contributors: 6, ..SPEC }).contains("1 to 5"));
        assert!(said(StainSpec { known: 3, ..SPEC }).contains("below the number"));
        assert!(said(StainSpec { related: 1.5, ..SPEC }).contains("from 0 to 1"));
    }
}
