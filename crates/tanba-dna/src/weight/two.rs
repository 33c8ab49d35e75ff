//! The likelihood ratio of two profiles at a locus: related in a way, or from the same source, against unrelated.
//!
//! Alleles come one after the other out of one gene pool (Balding and Nichols 1994, *Forensic Science International* 64, 125):
//! after `n` alleles of which `m` are of kind `x`, the next one is `x` with probability `(m θ + (1-θ) p) / (1 + (n-1) θ)`.
//! With that, `(a, b)` the one genotype and `(x, y)` the other:
//!
//! ```text
//! unrelated    U = 2 P(x|ab) P(y|abx)                           (without the 2 where x = y)
//! one shared   S = sum over t in {a, b} of [ T(t,x) P(y|ab) + T(t,y) P(x|ab) ] / 2        (T(t,x) P(x|ab) / 2 where x = y)
//! both shared  B = 1 where (x, y) = (a, b), else 0
//! LR = k0 + k1 S/U + k2 B/U
//! ```
//! `T` is 1 for the same allele and 0 otherwise; between parent and child it may hold mutation.

use serde::{Deserialize, Serialize};

use super::relation::Kappa;
use super::same_source;
use crate::{Allele, DnaError, FrequencyTable, Genotype, Locus, MinimumFrequency, Theta};

/// What is weighed against "unrelated".
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Hypothesis {
    /// The two are related.
    Kinship {
        /// How.
        kappa: Kappa,
        /// Mutation between parent and child; for other relations there must be none.
        mutation: Option<Mutation>,
    },
    /// The first profile, which may have lost alleles or hold stray ones, is of the second one's person.
    SameSource {
        /// Probability that one allele of a heterozygote drops out, at least 0 and below 1; a homozygote drops out with its square.
        dropout: f64,
        /// Probability that a stray allele drops in at a locus, at least 0 and below 1.
        dropin: f64,
    },
}

/// Mutation from parent to child by the equal model: with probability `rate` to another allele, each as likely.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Mutation {
    /// Probability per transmission, at least 0 and below 1.
    pub rate: f64,
    /// Which of the two the first profile is: the model is not the same in both directions.
    pub first_is: ParentRole,
}

/// Parent or child.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParentRole {
    /// The one who passed the allele on.
    Parent,
    /// The one who received it.
    Child,
}

/// Two hypotheses with all that is needed to weigh them.
#[derive(Debug, Clone, Copy)]
pub struct TwoPeople<'a> {
    hypothesis: Hypothesis,
    table: &'a FrequencyTable,
    theta: f64,
    minimum: MinimumFrequency,
}

/// What one locus weighs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LocusLr {
    /// Where.
    pub locus: Locus,
    /// Base-10 logarithm of the likelihood ratio; minus infinity where the hypothesis cannot be.
    pub log10_lr: f64,
}

impl<'a> TwoPeople<'a> {
    /// Hypotheses over a table of frequencies.
    ///
    /// # Errors
    /// [`DnaError::BadProbability`] for rates outside 0 to below 1, or mutation elsewhere than between parent and child.
    pub fn new(
        hypothesis: Hypothesis,
        table: &'a FrequencyTable,
        theta: Theta,
        minimum: MinimumFrequency,
    ) -> Result<Self, DnaError> {
        let rate =
            |what, rate: f64| if (0.0..1.0).contains(&rate) { Ok(()) } else { Err(DnaError::BadProbability { what }) };
        match hypothesis {
            Hypothesis::Kinship { kappa, mutation: Some(mutation) } => {
                rate("mutation rate", mutation.rate)?;
                if kappa.coefficients() != [0.0, 1.0, 0.0] {
                    return Err(DnaError::BadProbability {
                        what: "mutation of a relation other than parent and child",
                    });
                }
            }
            Hypothesis::Kinship { .. } => {}
            Hypothesis::SameSource { dropout, dropin } => {
                rate("drop-out", dropout)?;
                rate("drop-in", dropin)?;
            }
        }
        Ok(Self { hypothesis, table, theta: theta.into(), minimum })
    }

    /// What is weighed.
    pub fn hypothesis(&self) -> Hypothesis {
        self.hypothesis
    }

    /// The table of frequencies.
    pub fn table(&self) -> &FrequencyTable {
        self.table
    }

    /// The likelihood ratio at a locus; `None` where one of the two genotypes has no closed form here (three alleles, an off-ladder
    /// mark, or a drop-out mark elsewhere than in a first profile that may have lost alleles), so that the locus is left out.
    ///
    /// # Errors
    /// [`DnaError::NoFrequenciesAt`], [`DnaError::NoFrequency`], and what [`FrequencyTable::frequency`] says.
    pub fn lr(&self, locus: Locus, first: &Genotype, second: &Genotype) -> Result<Option<f64>, DnaError> {
        let (Some(first), Some(second)) = (self.first_pair(first), second.pair()) else { return Ok(None) };
        self.pair_lr(locus, first, second).map(Some)
    }

    /// What the first profile shows at a locus, where that can be weighed. A drop-out mark asks for a model of drop-out: without one
    /// it says neither that there is a second allele nor that there is none.
    pub(crate) fn first_pair(&self, genotype: &Genotype) -> Option<[Allele; 2]> {
        match self.hypothesis {
            Hypothesis::SameSource { dropout, .. } if dropout > 0.0 => genotype.seen(),
            _ => genotype.pair(),
        }
    }

    /// The likelihood ratio of two pairs of alleles.
    pub(crate) fn pair_lr(&self, locus: Locus, first: [Allele; 2], second: [Allele; 2]) -> Result<f64, DnaError> {
        let lr = self.ratio(locus, first, second)?;
        // Frequencies so small that their product is 0 in a computer: as good as none.
        if lr.is_finite() { Ok(lr) } else { Err(DnaError::NoFrequency { locus }) }
    }

    fn ratio(&self, locus: Locus, first: [Allele; 2], second: [Allele; 2]) -> Result<f64, DnaError> {
        match self.hypothesis {
            Hypothesis::SameSource { dropout, dropin } => same_source::lr(self, locus, first, second, dropout, dropin),
            Hypothesis::Kinship { kappa, mutation } => {
                let (given, other) = match mutation {
                    Some(Mutation { first_is: ParentRole::Child, .. }) => (second, first),
                    _ => (first, second),
                };
                self.kinship(locus, given, other, kappa, mutation.map_or(0.0, |m| m.rate))
            }
        }
    }

    fn kinship(
        &self,
        locus: Locus,
        [a, b]: [Allele; 2],
        [x, y]: [Allele; 2],
        kappa: Kappa,
        rate: f64,
    ) -> Result<f64, DnaError> {
        let [p, q] = [self.frequency(locus, x)?, self.frequency(locus, y)?];
        let next_x = self.next(x, p, &[a, b]);
        let next_y = self.next(y, q, &[a, b]);
        let unrelated = if x == y { 1.0 } else { 2.0 } * next_x * self.next(y, q, &[a, b, x]);
        let kinds = self.kinds(locus, &[a, b, x, y]) as f64;
        let passed = |t: Allele, x: Allele| match (t == x, kinds > 1.0) {
            (true, true) => 1.0 - rate,
            (true, false) => 1.0,
            (false, _) => rate / (kinds - 1.0),
        };
        let one: f64 = [a, b]
            .iter()
            .map(
                |t| if x == y { passed(*t, x) * next_x } else { passed(*t, x) * next_y + passed(*t, y) * next_x } / 2.0,
            )
            .sum();
        let both = if [a, b] == [x, y] { 1.0 } else { 0.0 };
        let [k0, k1, k2] = kappa.coefficients();
        Ok(k0 + (k1 * one + k2 * both) / unrelated)
    }

    /// Probability that the next allele is `allele`, of frequency `p`, after those that were seen.
    pub(super) fn next(&self, allele: Allele, p: f64, seen: &[Allele]) -> f64 {
        next_allele(self.theta, p, seen.iter().filter(|other| **other == allele).count(), seen.len())
    }

    pub(super) fn frequency(&self, locus: Locus, allele: Allele) -> Result<f64, DnaError> {
        self.table.frequency(locus, allele, self.minimum)
    }

    pub(crate) fn theta(&self) -> f64 {
        self.theta
    }

    pub(crate) fn minimum(&self) -> MinimumFrequency {
        self.minimum
    }

    /// How many kinds of alleles the model knows at a locus: those of the table, and those seen besides.
    fn kinds(&self, locus: Locus, seen: &[Allele]) -> usize {
        let known = |allele: &Allele| self.table.holds(locus, *allele);
        let mut unknown: Vec<Allele> = seen.iter().copied().filter(|allele| !known(allele)).collect();
        unknown.sort_unstable();
        unknown.dedup();
        self.table.alleles(locus).count() + unknown.len()
    }
}

/// Balding and Nichols (1994): probability that the next allele is of a kind with frequency `p`, of which `of_kind` stand among
/// the `seen` alleles.
pub(crate) fn next_allele(theta: f64, p: f64, of_kind: usize, seen: usize) -> f64 {
    (of_kind as f64 * theta + (1.0 - theta) * p) / (1.0 + (seen as f64 - 1.0) * theta)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weight::Relation;
    use proptest::prelude::*;

    const TABLE: &str = "TH01,6,0.2,200\nTH01,7,0.1,200\nTH01,8,0.4,200\nTH01,9,0.3,200";

    fn genotype(text: &str) -> Genotype {
        Genotype::new(text.split(',').map(|a| Allele::parse(a).unwrap())).unwrap()
    }

    fn lr(relation: Relation, theta: f64, rate: Option<(f64, ParentRole)>, a: &str, b: &str) -> f64 {
        let table = FrequencyTable::from_csv("made up", TABLE).unwrap();
        let mutation = rate.map(|(rate, first_is)| Mutation { rate, first_is });
        let hypothesis = Hypothesis::Kinship { kappa: relation.kappa(), mutation };
        let two = TwoPeople::new(hypothesis, &table, Theta::new(theta).unwrap(), MinimumFrequency::None).unwrap();
        two.lr(Locus::Th01, &genotype(a), &genotype(b)).unwrap().unwrap()
    }

    fn near(got: f64, by_hand: f64) {
        assert!((got - by_hand).abs() < 1e-12 * by_hand.abs().max(1.0), "{got} {by_hand}");
    }

    /// p(6) = 0.2, p(7) = 0.1, p(8) = 0.4.
    #[test]
    fn the_closed_forms_without_theta_by_hand() {
        use Relation::{FirstCousins, FullSiblings, HalfSiblings, ParentChild, Same};
        let of = |relation, a, b| lr(relation, 0.0, None, a, b);
        near(of(ParentChild, "6", "6"), 1.0 / 0.2);
        near(of(ParentChild, "6", "6,7"), 1.0 / (2.0 * 0.2));
        near(of(ParentChild, "6,7", "6,7"), (0.2 + 0.1) / (4.0 * 0.2 * 0.1));
        near(of(ParentChild, "6,7", "6,8"), 1.0 / (4.0 * 0.2));
        near(of(ParentChild, "6,7", "8,9"), 0.0);
        near(of(Same, "6,7", "6,7"), 1.0 / 0.04);
        near(of(Same, "6,7", "6"), 0.0);
        near(of(FullSiblings, "6", "6"), 1.2 * 1.2 / (4.0 * 0.04));
        near(of(FullSiblings, "6,7", "6,7"), (1.0 + 0.3 + 0.04) / (4.0 * 0.04));
        near(of(FullSiblings, "6", "7"), 0.25);
        near(of(HalfSiblings, "6", "6"), 0.5 + 0.5 / 0.2);
        near(of(FirstCousins, "6,7", "6,8"), 0.75 + 0.25 / (4.0 * 0.2));
    }

    #[test]
    fn frequencies_that_multiply_to_nothing_are_an_error() {
        let table = FrequencyTable::from_csv("x", "TH01,6,1e-200,200\nTH01,7,0.5,200").unwrap();
        for hypothesis in [
            Hypothesis::Kinship { kappa: Relation::FullSiblings.kappa(), mutation: None },
            Hypothesis::SameSource { dropout: 0.0, dropin: 0.0 },
        ] {
            let two = TwoPeople::new(hypothesis, &table, Theta::new(0.0).unwrap(), MinimumFrequency::None).unwrap();
            let got = two.lr(Locus::Th01, &genotype("6"), &genotype("6"));
            assert_eq!(got, Err(DnaError::NoFrequency { locus: Locus::Th01 }));
        }
    }

    #[test]
    fn theta_by_hand() {
        // Parent and child 6,6 / 6,6: given 6,6 the child's other allele, over two more alleles 6.
        let t = 0.02;
        let third = (2.0 * t + 0.98 * 0.2) / (1.0 + t);
        let fourth = (3.0 * t + 0.98 * 0.2) / (1.0 + 2.0 * t);
        near(lr(Relation::ParentChild, t, None, "6", "6"), 1.0 / fourth);
        near(lr(Relation::Same, t, None, "6", "6"), 1.0 / (third * fourth));
    }

    #[test]
    fn mutation_by_hand() {
        // Four kinds, rate 0.003: parent 6,6, child 7,7 got a 7 by mutation with 0.001, and a 7 from the other side.
        near(lr(Relation::ParentChild, 0.0, Some((0.003, ParentRole::Parent)), "6", "7"), 0.001 * 0.1 / 0.01);
        // Seen from the child the same two profiles, in the other order.
        near(
            lr(Relation::ParentChild, 0.0, Some((0.003, ParentRole::Child)), "7", "6"),
            lr(Relation::ParentChild, 0.0, Some((0.003, ParentRole::Parent)), "6", "7"),
        );
        let table = FrequencyTable::from_csv("made up", TABLE).unwrap();
        let siblings = Hypothesis::Kinship {
            kappa: Relation::FullSiblings.kappa(),
            mutation: Some(Mutation { rate: 0.001, first_is: ParentRole::Child }),
        };
        assert!(TwoPeople::new(siblings, &table, Theta::new(0.0).unwrap(), MinimumFrequency::None).is_err());
    }

    proptest! {
        /// Under "unrelated" a likelihood ratio averages to 1, and without mutation the order of the two does not matter.
        #[test]
        fn it_averages_to_one_and_is_symmetric(
            relation in prop::sample::select(Relation::ALL.to_vec()),
            theta in 0.0..0.2f64,
            first in prop::sample::select(vec!["6", "6,7", "8,9", "7"]),
        ) {
            let alleles = ["6", "7", "8", "9"];
            let table = FrequencyTable::from_csv("made up", TABLE).unwrap();
            let own = genotype(first).pair().unwrap();
            let mut mean = 0.0;
            for (i, x) in alleles.iter().enumerate() {
                for y in &alleles[i..] {
                    let [ax, ay] = [x, y].map(|a| Allele::parse(a).unwrap());
                    let [p, q] = [ax, ay].map(|a| table.frequency(Locus::Th01, a, MinimumFrequency::None).unwrap());
                    let seen = |kind: Allele, seen: &[Allele]| seen.iter().filter(|s| **s == kind).count();
                    let probability = if x == y { 1.0 } else { 2.0 }
                        * next_allele(theta, p, seen(ax, &own), 2)
                        * next_allele(theta, q, seen(ay, &[own[0], own[1], ax]), 3);
                    let second = format!("{x},{y}");
                    let value = lr(relation, theta, None, first, &second);
                    prop_assert!((value - lr(relation, theta, None, &second, first)).abs() < 1e-9 * (1.0 + value));
                    mean += probability * value;
                }
            }
            prop_assert!((mean - 1.0).abs() < 1e-9, "{}", mean);
        }
    }
}
