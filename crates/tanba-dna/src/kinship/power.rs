//! Is it worth testing this relative? What typing more relatives of a missing person can be expected to bring, by simulation.

use std::collections::HashMap;

use rand_core::Rng;

use super::{AllelePair, Inheritance, KinshipError, LikelihoodEngine, Marker, Pedigree, Sex};
use crate::Theta;

/// A family that misses somebody, and whom one thinks of testing.
#[derive(Debug, Clone)]
pub struct PowerQuestion<'a> {
    /// The family, with the missing person in it.
    pub pedigree: &'a Pedigree,
    /// The markers.
    pub markers: &'a [Marker],
    /// For each marker what is typed already, one genotype for each person.
    pub genotypes: &'a [Vec<Option<AllelePair>>],
    /// The place of the missing person.
    pub missing: usize,
    /// Places of the relatives who would be tested.
    pub test: &'a [usize],
    /// From which likelihood ratio on a person counts as found.
    pub threshold: f64,
    /// The coancestry coefficient: the family and the unrelated person come from one gene pool.
    pub theta: Theta,
}

/// What to expect once those relatives are typed.
#[derive(Debug, Clone, PartialEq)]
pub struct Power {
    /// Mean log10 likelihood ratio of the missing person.
    pub mean_log10_lr: f64,
    /// Its 5 %, 50 % and 95 % points.
    pub log10_lr_points: [f64; 3],
    /// Inclusion power: how often the missing person's likelihood ratio reaches the threshold.
    pub inclusion: f64,
    /// Exclusion power: how often an unrelated person is impossible at one marker at least, if nothing mutates.
    pub exclusion: f64,
    /// How many families were simulated.
    pub simulations: usize,
}

/// The most simulations.
const MAX_SIMULATIONS: usize = 1_000_000;

/// A genotype with its probabilities.
#[derive(Debug, Clone, Copy)]
struct Possible {
    pair: AllelePair,
    /// Given the family.
    in_family: f64,
    /// Of somebody unrelated.
    unrelated: f64,
}

/// Simulates. Genotypes are drawn from their distribution given what is typed already, marker by marker; so the answer is about
/// this family and not about families of its kind.
///
/// # Errors
/// [`KinshipError::Case`] where a person to test is typed already or the missing person is, or nothing is to be simulated;
/// otherwise as [`LikelihoodEngine::ln_likelihood`].
pub fn power(question: &PowerQuestion<'_>, simulations: usize, rng: &mut impl Rng) -> Result<Power, KinshipError> {
    if simulations == 0 || simulations > MAX_SIMULATIONS {
        return Err(KinshipError::case("simulate between 1 and 1,000,000 families", "simulations"));
    }
    let order: Vec<usize> = question.test.iter().copied().chain([question.missing]).collect();
    for (i, place) in order.iter().enumerate() {
        let typed = question.genotypes.iter().any(|of| of[*place].is_some());
        if typed || order[..i].contains(place) {
            let reason = "a person to simulate is typed already or named twice: leave the person out";
            return Err(KinshipError::case(reason, &question.pedigree.ids()[*place]));
        }
    }
    let wider = question.pedigree.with_strangers([question.pedigree.sex(question.missing)]);
    let mut log10_lr = vec![0.0; simulations];
    let mut not_excluded = vec![1.0; simulations];
    for (marker, typed) in question.markers.iter().zip(question.genotypes) {
        let mut family = Simulated::new(&wider, question, marker)?;
        let unchanging = marker.without_mutation();
        let mut strict = Simulated::new(&wider, question, &unchanging)?;
        let mut exclusions: HashMap<Vec<AllelePair>, f64> = HashMap::new();
        for simulation in 0..simulations {
            let mut genotypes = typed.clone();
            let mut drawn = Vec::new();
            for &person in &order {
                let possible = family.possible(person, &genotypes, &drawn)?;
                let chosen = draw(possible, rng);
                if person == question.missing {
                    log10_lr[simulation] += (chosen.in_family / chosen.unrelated).log10();
                    let excluded = match exclusions.get(&drawn) {
                        Some(known) => *known,
                        None => {
                            let possible = strict.possible(person, &genotypes, &drawn)?;
                            let all: f64 = possible.iter().map(|p| p.in_family).sum();
                            // Relatives whom only a mutation explains exclude nobody.
                            let out = possible.iter().filter(|p| p.in_family == 0.0).map(|p| p.unrelated).sum();
                            let out = if all > 0.0 { out } else { 0.0 };
                            exclusions.insert(drawn.clone(), out);
                            out
                        }
                    };
                    not_excluded[simulation] *= 1.0 - excluded;
                }
                genotypes[person] = Some(chosen.pair);
                drawn.push(chosen.pair);
            }
        }
    }
    let number = simulations as f64;
    let enough = |log10: &&f64| **log10 >= question.threshold.log10();
    let inclusion = log10_lr.iter().filter(enough).count() as f64 / number;
    let mean_log10_lr = log10_lr.iter().sum::<f64>() / number;
    let exclusion = 1.0 - not_excluded.iter().sum::<f64>() / number;
    log10_lr.sort_by(f64::total_cmp);
    let point = |share: f64| log10_lr[((number - 1.0) * share).round() as usize];
    Ok(Power { mean_log10_lr, log10_lr_points: [0.05, 0.5, 0.95].map(point), inclusion, exclusion, simulations })
}

fn draw(possible: &[Possible], rng: &mut impl Rng) -> Possible {
    // 53 bits, the precision of a double.
    let share = (rng.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
    let all: f64 = possible.iter().map(|p| p.in_family).sum();
    let mut left = share * all;
    let mut last = possible[0];
    for candidate in possible.iter().filter(|p| p.in_family > 0.0) {
        last = *candidate;
        left -= candidate.in_family;
        if left < 0.0 {
            break;
        }
    }
    last
}

/// Distributions of genotypes at one marker, kept by what was drawn before.
struct Simulated<'a> {
    engine: LikelihoodEngine<'a>,
    pedigree: &'a Pedigree,
    marker: &'a Marker,
    missing: usize,
    theta: f64,
    known: HashMap<Vec<AllelePair>, Vec<Possible>>,
}

impl<'a> Simulated<'a> {
    /// `pedigree` is that of the question, with one person more beside it.
    fn new(pedigree: &'a Pedigree, question: &PowerQuestion<'_>, marker: &'a Marker) -> Result<Self, KinshipError> {
        Ok(Self {
            engine: LikelihoodEngine::new(pedigree, question.theta),
            pedigree,
            marker,
            missing: question.missing,
            theta: question.theta.into(),
            known: HashMap::new(),
        })
    }

    fn possible(
        &mut self,
        person: usize,
        genotypes: &[Option<AllelePair>],
        drawn: &[AllelePair],
    ) -> Result<&[Possible], KinshipError> {
        if !self.known.contains_key(drawn) {
            let made = self.work_out(person, genotypes)?;
            self.known.insert(drawn.to_vec(), made);
        }
        Ok(self.known.get(drawn).map_or(&[], Vec::as_slice))
    }

    fn work_out(&mut self, person: usize, genotypes: &[Option<AllelePair>]) -> Result<Vec<Possible>, KinshipError> {
        let stranger = genotypes.len();
        let mut with = genotypes.to_vec();
        with.push(None);
        let mut alone = vec![None; with.len()];
        let before = self.engine.ln_likelihood(self.marker, &with)?;
        let sex = self.pedigree.sex(person);
        let one = self.marker.inheritance() == Inheritance::X && sex == Sex::Male;
        let alleles = self.marker.labels().len() as u16;
        let mut possible = Vec::new();
        for a in 0..alleles {
            for b in a..if one { a + 1 } else { alleles } {
                let pair = Some(AllelePair::new(a, b));
                // Only the missing person is held against somebody unrelated.
                let unrelated = if person != self.missing {
                    1.0
                } else if self.theta > 0.0 && before > f64::NEG_INFINITY {
                    with[stranger] = pair;
                    let ln = self.engine.ln_likelihood(self.marker, &with)?;
                    with[stranger] = None;
                    (ln - before).exp()
                } else {
                    alone[stranger] = pair;
                    self.engine.ln_likelihood(self.marker, &alone)?.exp()
                };
                if unrelated == 0.0 {
                    continue;
                }
                with[person] = pair;
                let in_family = (self.engine.ln_likelihood(self.marker, &with)? - before).exp();
                with[person] = None;
                let in_family = if in_family.is_nan() { 0.0 } else { in_family };
                possible.push(Possible { pair: AllelePair::new(a, b), in_family, unrelated });
            }
        }
        if possible.is_empty() {
            return Err(KinshipError::marker(self.marker.name(), "no genotype is possible: check the frequencies"));
        }
        Ok(possible)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinship::person;

    #[test]
    fn exclusion_of_a_father_alone_is_the_closed_form() {
        // A typed father excludes who shares no allele with him. Father A/B with p = 0.2, 0.3 of the missing child: an unrelated
        // person has neither with (1 - 0.5)^2 = 0.25, at one marker; at two 1 - 0.75^2.
        let pedigree = Pedigree::new(
            &[
                person("F", None, Sex::Male),
                person("M", None, Sex::Female),
                person("C", Some(("F", "M")), Sex::Unknown),
            ],
            &[],
        )
        .unwrap();
        let marker = Marker::new("L", ["A", "B", "C"].map(str::to_owned).to_vec(), vec![0.2, 0.3, 0.5]).unwrap();
        let father = Some(marker.pair("A", "B").unwrap());
        let genotypes = vec![vec![father, None, None]; 2];
        let markers = [marker.clone(), marker];
        let question = PowerQuestion {
            pedigree: &pedigree,
            markers: &markers,
            genotypes: &genotypes,
            missing: 2,
            test: &[],
            threshold: 1.0,
            theta: Theta::new(0.0).unwrap(),
        };
        let mut rng = <rand_chacha::ChaCha8Rng as rand_core::SeedableRng>::seed_from_u64(1);
        let father_only = power(&question, 2000, &mut rng).unwrap();
        assert!((father_only.exclusion - (1.0 - 0.75f64.powi(2))).abs() < 1e-12);
        // Mean log10 LR by hand: the child has A or B from the father, LR = (p_a + p_b) / (4 p_a p_b) and the like.
        let p = [0.2f64, 0.3, 0.5];
        let mut mean = 0.0f64;
        for from_father in [0, 1] {
            for from_mother in 0..3 {
                let (i, j) = (from_father, from_mother);
                let in_family = |i: usize, j: usize| if i < 2 { 0.5 * p[j] } else { 0.0 };
                let (family, all) = match i == j {
                    true => (in_family(i, i), p[i] * p[i]),
                    false => (in_family(i, j) + in_family(j, i), 2.0 * p[i] * p[j]),
                };
                mean += 0.5 * p[j] * (family / all).log10();
            }
        }
        assert!((father_only.mean_log10_lr - 2.0 * mean).abs() < 0.02, "{} {}", father_only.mean_log10_lr, 2.0 * mean);
        // With the mother too, more is excluded and more is found; the same seed gives the same answer.
        let both = PowerQuestion { test: &[1], ..question.clone() };
        let more = power(&both, 2000, &mut rng).unwrap();
        assert!(more.exclusion > father_only.exclusion && more.mean_log10_lr > father_only.mean_log10_lr);
        let again = |seed| {
            let mut rng = <rand_chacha::ChaCha8Rng as rand_core::SeedableRng>::seed_from_u64(seed);
            power(&both, 50, &mut rng).unwrap()
        };
        assert_eq!(again(7), again(7));
        assert!(power(&PowerQuestion { test: &[0], ..question.clone() }, 10, &mut rng).is_err());
        // With theta an unrelated person of the same gene pool has an allele of the father's more often: after his A and B the next
        // allele is neither with (1 - theta) 0.5 / (1 + theta), and the one after that with (theta + (1 - theta) 0.5) / (1 + 2 theta).
        let theta = 0.05;
        let pool = PowerQuestion { theta: Theta::new(theta).unwrap(), ..question };
        let neither = (1.0 - theta) * 0.5 / (1.0 + theta) * (theta + (1.0 - theta) * 0.5) / (1.0 + 2.0 * theta);
        let found = power(&pool, 100, &mut rng).unwrap();
        assert!((found.exclusion - (1.0 - (1.0 - neither).powi(2))).abs() < 1e-12, "{}", found.exclusion);
    }
}
