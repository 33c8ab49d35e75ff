//! All assignments together, family by family.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use super::case::DviCase;
use super::pairs::{FamilyLikelihoods, PairTable, victims_alone};
use crate::kinship::KinshipError;

/// What is allowed in an assignment and how much work is granted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JointLimits {
    /// A pair with more excluding markers takes no part.
    pub max_exclusions: usize,
    /// The most ways to place victims in the families, each family by itself.
    pub max_placings: usize,
    /// The most steps of the sum over families.
    pub max_steps: f64,
}

impl Default for JointLimits {
    /// Two excluding markers, which two mutations can explain; work for some minutes.
    fn default() -> Self {
        Self { max_exclusions: 2, max_placings: 100_000, max_steps: 2e8 }
    }
}

/// Who is who.
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    /// For each victim the missing person, or nobody.
    pub victims: Vec<Option<usize>>,
    /// Natural logarithm of the likelihood ratio against the assignment of nobody.
    pub ln_lr: f64,
    /// The same from the victims alone, without the families' references: what their kinship among themselves says.
    pub ln_lr_without_references: f64,
    /// Probability among all assignments that are allowed, each as likely beforehand.
    pub posterior: f64,
}

/// One way to place victims in one family.
#[derive(Debug, Clone)]
struct Placing {
    /// Victim and missing person.
    placed: Vec<(usize, usize)>,
    victims: u128,
    ln_lr: f64,
    ln_without_references: f64,
}

/// Sums over what later families can be, given the victims already taken.
#[derive(Debug, Clone, Copy, Default)]
struct Rest {
    sum: f64,
    best: f64,
    number: f64,
}

/// The joint distribution of assignments.
#[derive(Debug)]
pub struct Joint {
    victims: usize,
    missing: usize,
    /// Ways of each family, in the order in which families are gone through.
    families: Vec<Vec<Placing>>,
    /// Victims that this or later families can take.
    later: Vec<u128>,
    /// For each family, by the taken victims that still matter: sums over this and later families, each divided by `scale`.
    rests: Vec<BTreeMap<u128, Rest>>,
    /// Logarithm of the largest factor of each family, which is taken out of the sums.
    scale: Vec<f64>,
}

impl Joint {
    /// Works out the likelihoods of every way to place victims in each family, and the sums over all assignments.
    ///
    /// # Errors
    /// [`KinshipError::TooLarge`] where the limits do not suffice; [`KinshipError::Interrupted`] where `proceed` says no.
    pub fn new(
        case: &DviCase,
        pairs: &PairTable,
        limits: JointLimits,
        proceed: &dyn Fn() -> bool,
    ) -> Result<Self, KinshipError> {
        let alone = victims_alone(case)?;
        let mut families = Vec::new();
        for f in order(case, pairs, limits) {
            families.push(placings(case, f, pairs, limits, &alone, proceed)?);
        }
        let mut later = vec![0u128; families.len() + 1];
        for f in (0..families.len()).rev() {
            later[f] = families[f].iter().fold(later[f + 1], |all, placing| all | placing.victims);
        }
        let scale =
            families.iter().map(|ways: &Vec<Placing>| ways.iter().map(|w| w.ln_lr).fold(0.0, f64::max)).collect();
        let mut joint = Self {
            victims: case.victims.len(),
            missing: case.missing.len(),
            rests: vec![BTreeMap::new(); families.len()],
            families,
            later,
            scale,
        };
        joint.sum_up(limits, proceed)?;
        Ok(joint)
    }

    /// How many assignments are allowed.
    pub fn number(&self) -> f64 {
        self.rest(0, 0).number
    }

    /// Natural logarithm of the sum of all likelihood ratios.
    pub fn ln_total(&self) -> f64 {
        self.rest(0, 0).sum.ln() + self.scale.iter().sum::<f64>()
    }

    /// Posterior probabilities, each allowed assignment being as likely beforehand: a row for each victim, a column for each
    /// missing person, and a last one for nobody of them.
    pub fn marginals(&self) -> Vec<Vec<f64>> {
        let mut table = vec![vec![0.0; self.missing + 1]; self.victims];
        let total = self.rest(0, 0).sum;
        let mut reached: BTreeMap<u128, f64> = BTreeMap::from([(0, 1.0)]);
        for (f, ways) in self.families.iter().enumerate() {
            let mut next: BTreeMap<u128, f64> = BTreeMap::new();
            for (taken, weight) in &reached {
                for way in ways.iter().filter(|way| way.victims & taken == 0) {
                    let after = (taken | way.victims) & self.later[f + 1];
                    let weight = weight * (way.ln_lr - self.scale[f]).exp();
                    *next.entry(after).or_default() += weight;
                    let probability = weight * self.rest(f + 1, after).sum / total;
                    for (victim, missing) in &way.placed {
                        table[*victim][*missing] += probability;
                    }
                }
            }
            reached = next;
        }
        for row in &mut table {
            // What is left is summed directly where it is small: 1 minus nearly 1 has no digits.
            row[self.missing] = (1.0 - row.iter().sum::<f64>()).max(0.0);
        }
        for victim in 0..self.victims {
            if table[victim][self.missing] < 1e-6 {
                table[victim][self.missing] = self.sum_without(victim) / total;
            }
        }
        table
    }

    /// The sum over all assignments in which a victim is nobody.
    fn sum_without(&self, victim: usize) -> f64 {
        let bit = 1u128 << victim;
        let mut reached: BTreeMap<u128, f64> = BTreeMap::from([(0, 1.0)]);
        for (f, ways) in self.families.iter().enumerate() {
            let mut next: BTreeMap<u128, f64> = BTreeMap::new();
            for (taken, weight) in &reached {
                for way in ways.iter().filter(|way| way.victims & (taken | bit) == 0) {
                    let after = (taken | way.victims) & self.later[f + 1];
                    *next.entry(after).or_default() += weight * (way.ln_lr - self.scale[f]).exp();
                }
            }
            reached = next;
        }
        reached.values().sum()
    }

    /// The most likely assignments, the best first; among equals in the order of families and victims.
    pub fn best(&self, most: usize) -> Vec<Assignment> {
        self.best_where(most, &|_, _| true)
    }

    /// As [`Joint::best`], of those assignments in which every placing pleases `allowed(victim, missing)`.
    fn best_where(&self, most: usize, allowed: &dyn Fn(usize, usize) -> bool) -> Vec<Assignment> {
        let total = self.ln_total();
        let mut found = Vec::new();
        let mut open =
            BinaryHeap::from([Open { bound: self.rest(0, 0).best, serial: 0, ways: Vec::new(), taken: 0, ln: 0.0 }]);
        let mut serial = 0;
        while let Some(next) = open.pop() {
            let f = next.ways.len();
            if f == self.families.len() {
                found.push(self.assignment(&next.ways, total));
                if found.len() >= most {
                    break;
                }
                continue;
            }
            for (w, way) in self.families[f].iter().enumerate() {
                if way.victims & next.taken != 0 || !way.placed.iter().all(|(v, m)| allowed(*v, *m)) {
                    continue;
                }
                serial += 1;
                let taken = (next.taken | way.victims) & self.later[f + 1];
                let ln = next.ln + way.ln_lr;
                let ways = next.ways.iter().copied().chain([w]).collect();
                open.push(Open { bound: ln + self.rest(f + 1, taken).best, serial, ways, taken, ln });
            }
        }
        found
    }

    fn assignment(&self, ways: &[usize], ln_total: f64) -> Assignment {
        let mut assignment =
            Assignment { victims: vec![None; self.victims], ln_lr: 0.0, ln_lr_without_references: 0.0, posterior: 0.0 };
        for (family, way) in self.families.iter().zip(ways) {
            let way = &family[*way];
            assignment.ln_lr += way.ln_lr;
            assignment.ln_lr_without_references += way.ln_without_references;
            for (victim, missing) in &way.placed {
                assignment.victims[*victim] = Some(*missing);
            }
        }
        assignment.posterior = (assignment.ln_lr - ln_total).exp();
        assignment
    }

    /// Natural logarithm of the largest likelihood ratio of an assignment all of whose pairs `allowed(victim, missing)` lets be;
    /// minus infinity where there is none.
    pub(super) fn best_ln(&self, allowed: &dyn Fn(usize, usize) -> bool) -> f64 {
        self.best_where(1, allowed).first().map_or(f64::NEG_INFINITY, |best| best.ln_lr)
    }

    fn rest(&self, f: usize, taken: u128) -> Rest {
        match self.rests.get(f) {
            Some(known) => known.get(&taken).copied().unwrap_or_default(),
            None => Rest { sum: 1.0, best: 0.0, number: 1.0 },
        }
    }

    /// Which sets of taken victims can be reached, then the sums from the last family back.
    fn sum_up(&mut self, limits: JointLimits, proceed: &dyn Fn() -> bool) -> Result<(), KinshipError> {
        let mut steps = 0.0;
        for f in 0..self.families.len() {
            let reached: Vec<u128> = match f {
                0 => vec![0],
                _ => {
                    let mut next: Vec<u128> = Vec::new();
                    let mut seen = BTreeSet::new();
                    for taken in self.rests[f - 1].keys() {
                        for way in self.families[f - 1].iter().filter(|way| way.victims & taken == 0) {
                            let after = (taken | way.victims) & self.later[f];
                            if seen.insert(after) {
                                next.push(after);
                            }
                        }
                    }
                    next
                }
            };
            steps += reached.len() as f64 * self.families[f].len() as f64;
            if steps > limits.max_steps {
                return Err(KinshipError::TooLarge {
                    what: "the sum over all assignments",
                    size: steps,
                    limit: limits.max_steps,
                    advice: "confirm the undisputed identifications first and leave those victims and families out",
                });
            }
            if !proceed() {
                return Err(KinshipError::Interrupted);
            }
            self.rests[f] = reached.into_iter().map(|taken| (taken, Rest::default())).collect();
        }
        for f in (0..self.families.len()).rev() {
            if !proceed() {
                return Err(KinshipError::Interrupted);
            }
            let mut rests = std::mem::take(&mut self.rests[f]);
            for (taken, rest) in &mut rests {
                *rest = Rest { sum: 0.0, best: f64::NEG_INFINITY, number: 0.0 };
                for way in self.families[f].iter().filter(|way| way.victims & taken == 0) {
                    let after = self.rest(f + 1, (taken | way.victims) & self.later[f + 1]);
                    rest.sum += (way.ln_lr - self.scale[f]).exp() * after.sum;
                    rest.best = rest.best.max(way.ln_lr + after.best);
                    rest.number += after.number;
                }
            }
            self.rests[f] = rests;
        }
        Ok(())
    }
}

/// An assignment of the first families, by the best that can become of it.
struct Open {
    bound: f64,
    serial: usize,
    ways: Vec<usize>,
    taken: u128,
    ln: f64,
}

impl Ord for Open {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.bound.total_cmp(&other.bound).then(other.serial.cmp(&self.serial))
    }
}

impl PartialOrd for Open {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Open {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Open {}

/// Whether a pair takes part.
pub(super) fn may_be(pairs: &PairTable, limits: JointLimits, victim: usize, missing: usize) -> bool {
    let possible = pairs.ln_lr[victim][missing].is_some_and(|ln| ln > f64::NEG_INFINITY);
    possible && pairs.exclusions[victim][missing].is_some_and(|n| n <= limits.max_exclusions)
}

/// Families in an order in which those that can take the same victims follow each other.
fn order(case: &DviCase, pairs: &PairTable, limits: JointLimits) -> Vec<usize> {
    let candidates = |f: usize| {
        let mut bits = 0u128;
        for missing in (0..case.missing.len()).filter(|m| case.missing[*m].0 == f) {
            for victim in (0..case.victims.len()).filter(|v| may_be(pairs, limits, *v, missing)) {
                bits |= 1 << victim;
            }
        }
        bits
    };
    let bits: Vec<u128> = (0..case.families.len()).map(candidates).collect();
    let mut order: Vec<usize> = Vec::new();
    let mut seen = 0u128;
    while order.len() < case.families.len() {
        let left = (0..case.families.len()).filter(|f| !order.contains(f));
        let next = left.max_by_key(|f| ((bits[*f] & seen).count_ones(), std::cmp::Reverse(*f)));
        let Some(next) = next else { break };
        seen |= bits[next];
        order.push(next);
    }
    order
}

/// Every way to place victims in a family, with its likelihood ratio; those that cannot be are kept, as minus infinity.
fn placings(
    case: &DviCase,
    family: usize,
    pairs: &PairTable,
    limits: JointLimits,
    alone: &[Vec<f64>],
    proceed: &dyn Fn() -> bool,
) -> Result<Vec<Placing>, KinshipError> {
    let mut ways: Vec<Vec<(usize, usize)>> = vec![Vec::new()];
    for missing in (0..case.missing.len()).filter(|m| case.missing[*m].0 == family) {
        let mut more = Vec::new();
        for way in &ways {
            for victim in 0..case.victims.len() {
                if may_be(pairs, limits, victim, missing) && !way.iter().any(|(v, _)| *v == victim) {
                    more.push(way.iter().copied().chain([(victim, missing)]).collect());
                }
            }
        }
        ways.extend(more);
        if ways.len() > limits.max_placings {
            return Err(KinshipError::TooLarge {
                what: "the number of ways to place victims in one family",
                size: ways.len() as f64,
                limit: limits.max_placings as f64,
                advice: "allow fewer excluding markers, or confirm undisputed identifications first",
            });
        }
    }
    let mut likelihoods = FamilyLikelihoods::new(case, family, pairs.mutates[family])?;
    let mut placings = Vec::with_capacity(ways.len());
    for placed in ways {
        if !proceed() {
            return Err(KinshipError::Interrupted);
        }
        let ln_lr = match placed[..] {
            [] => 0.0,
            [(victim, missing)] => pairs.ln_lr[victim][missing].unwrap_or(f64::NEG_INFINITY),
            _ => likelihoods.ln_lr(&placed, 0, alone)?,
        };
        let ln_without_references =
            if placed.len() < 2 { 0.0 } else { likelihoods.ln_lr_without_references(&placed, alone)? };
        let victims = placed.iter().fold(0u128, |bits, (v, _)| bits | 1 << v);
        placings.push(Placing { placed, victims, ln_lr, ln_without_references });
    }
    Ok(placings)
}
