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
//! `T` is 1 for the same allele and 0 otherwise. Of a typing that may lack its second allele (`16,F`) numerator and denominator are
//! summed over all genotypes that it can be; alleles that neither profile shows act alike, and are one kind there. With mutation the two are weighed by their lines of descent (`related`).

use serde::{Deserialize, Serialize};

use super::related::{self, RelatedAt};
use super::relation::{Kappa, Relation};
use super::same_source;
use crate::kinship::{Descent, MutationModel};
use crate::profile::Typing;
use crate::{Allele, DnaError, FrequencyTable, Genotype, Locus, MinimumFrequency, Theta};

/// What is weighed against "unrelated".
#[derive(Debug, Clone, PartialEq)]
pub enum Hypothesis {
    /// The two are related, and nothing mutates.
    Kinship {
        /// How.
        kappa: Kappa,
    },
    /// The two are related, and alleles mutate on their way down.
    Related {
        /// How; any but one and the same person.
        relation: Relation,
        /// How alleles mutate, and which of the two is the older.
        mutation: Mutation,
    },
    /// The first profile, which may have lost alleles or hold stray ones, is of the second one's person.
    SameSource {
        /// Probability that one allele of a heterozygote drops out, at least 0 and below 1; a homozygote drops out with its square.
        dropout: f64,
        /// Probability that a stray allele drops in at a locus, at least 0 and below 1.
        dropin: f64,
    },
}

/// Mutation between two relatives, the same in fathers and mothers.
#[derive(Debug, Clone, PartialEq)]
pub struct Mutation {
    /// The model.
    pub model: MutationModel,
    /// Which of the two the first profile is, for parent and child, grandparent and avuncular: models are not the same in both
    /// directions. It says nothing of relatives of one generation.
    pub first_is: ParentRole,
}

/// The older or the younger generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParentRole {
    /// Parent, grandparent, uncle or aunt.
    Parent,
    /// Child, grandchild, nephew or niece.
    Child,
}

/// Two hypotheses with all that is needed to weigh them.
#[derive(Debug, Clone)]
pub struct TwoPeople<'a> {
    hypothesis: Hypothesis,
    /// Of relatives with mutation.
    descent: Option<Descent>,
    table: &'a FrequencyTable,
    theta: f64,
    minimum: MinimumFrequency,
}

/// A kind of allele with its frequency; `None` for all that nobody shows.
pub(super) type Kind = (Option<Allele>, f64);

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
    /// [`DnaError::BadProbability`] for drop-out or drop-in outside 0 to below 1; [`DnaError::BadMutation`] for mutation of one and
    /// the same person.
    pub fn new(
        hypothesis: Hypothesis,
        table: &'a FrequencyTable,
        theta: Theta,
        minimum: MinimumFrequency,
    ) -> Result<Self, DnaError> {
        let rate =
            |what, rate: f64| if (0.0..1.0).contains(&rate) { Ok(()) } else { Err(DnaError::BadProbability { what }) };
        let mut descent = None;
        match &hypothesis {
            Hypothesis::Kinship { .. } => {}
            Hypothesis::Related { relation, .. } => {
                let reason = "a person does not mutate into the same person: leave the model out";
                let of = related::descent(*relation, theta.into())
                    .ok_or(DnaError::BadMutation { at: relation.name(), reason })?;
                descent = Some(of);
            }
            Hypothesis::SameSource { dropout, dropin } => {
                rate("drop-out", *dropout)?;
                rate("drop-in", *dropin)?;
            }
        }
        Ok(Self { hypothesis, descent, table, theta: theta.into(), minimum })
    }

    /// What is weighed.
    pub fn hypothesis(&self) -> &Hypothesis {
        &self.hypothesis
    }

    /// The table of frequencies.
    pub fn table(&self) -> &FrequencyTable {
        self.table
    }

    /// The likelihood ratio at a locus; `None` where one of the two genotypes has no closed form here (three alleles, an off-ladder
    /// mark), so that the locus is left out.
    ///
    /// # Errors
    /// [`DnaError::NoFrequenciesAt`], [`DnaError::NoFrequency`], what [`FrequencyTable::frequency`] says, and
    /// [`DnaError::BadMutation`] for a model that does not fit the alleles.
    pub fn lr(&self, locus: Locus, first: &Genotype, second: &Genotype) -> Result<Option<f64>, DnaError> {
        let (Some(first), Some(second)) = (self.first_typing(first), second.typing()) else { return Ok(None) };
        self.given(locus, first).lr(second).map(Some)
    }

    /// What the first profile shows at a locus, where that can be weighed. A model of drop-out says itself what may be lost, so that
    /// a mark tells it nothing more.
    pub(crate) fn first_typing(&self, genotype: &Genotype) -> Option<Typing> {
        match (&self.hypothesis, genotype.typing()?) {
            (Hypothesis::SameSource { dropout, .. }, Typing::One(a)) if *dropout > 0.0 => Some(Typing::Pair([a, a])),
            (_, typing) => Some(typing),
        }
    }

    /// A genotype of the first person, to be weighed against many of the second.
    pub(crate) fn given(&self, locus: Locus, first: Typing) -> Given<'_> {
        let related = match (&self.hypothesis, &self.descent) {
            (Hypothesis::Related { mutation, .. }, Some(descent)) => {
                Some(RelatedAt::new(self, (descent, mutation), locus, first))
            }
            _ => None,
        };
        Given { two: self, locus, first, related }
    }

    fn kinship(&self, locus: Locus, first: Typing, second: Typing, kappa: Kappa) -> Result<f64, DnaError> {
        let k0 = kappa.coefficients()[0];
        if let (Typing::Pair([a, b]), Typing::Pair([x, y])) = (first, second) {
            let other = [x, y].map(|allele| Ok((Some(allele), self.frequency(locus, allele)?)));
            let [x, y] = other;
            let (unrelated, shared) = self.shared([Some(a), Some(b)], [x?, y?], kappa);
            return Ok(k0 + shared / unrelated);
        }
        let kinds = self.kinds(locus, first.alleles().chain(second.alleles()))?;
        let (mut related, mut unrelated) = (0.0, 0.0);
        for (own, probability) in self.possible(first, &kinds) {
            for (other, _) in self.possible(second, &kinds) {
                let (second, shared) = self.shared(own.map(|(allele, _)| allele), other, kappa);
                related += probability * (k0 * second + shared);
                unrelated += probability * second;
            }
        }
        Ok(related / unrelated)
    }

    /// The probability of the second genotype given the first if nothing is shared, and what sharing one and both alleles adds.
    fn shared(&self, [a, b]: [Option<Allele>; 2], [(x, p), (y, q)]: [Kind; 2], kappa: Kappa) -> (f64, f64) {
        let next_x = self.next(x, p, &[a, b]);
        let next_y = self.next(y, q, &[a, b]);
        let unrelated = if x == y { 1.0 } else { 2.0 } * next_x * self.next(y, q, &[a, b, x]);
        let passed = |t: Option<Allele>, x: Option<Allele>| f64::from(u8::from(t == x));
        let one: f64 = [a, b]
            .iter()
            .map(
                |t| if x == y { passed(*t, x) * next_x } else { passed(*t, x) * next_y + passed(*t, y) * next_x } / 2.0,
            )
            .sum();
        let both = if [a, b] == [x, y] || [b, a] == [x, y] { 1.0 } else { 0.0 };
        let [_, k1, k2] = kappa.coefficients();
        (unrelated, k1 * one + k2 * both)
    }

    /// The alleles named, and all others as one kind, with their frequencies.
    pub(super) fn kinds(&self, locus: Locus, named: impl Iterator<Item = Allele>) -> Result<Vec<Kind>, DnaError> {
        let mut kinds: Vec<Kind> = Vec::with_capacity(5);
        for allele in named {
            if !kinds.iter().any(|(kind, _)| *kind == Some(allele)) {
                kinds.push((Some(allele), self.frequency(locus, allele)?));
            }
        }
        let rest = 1.0 - kinds.iter().map(|(_, p)| p).sum::<f64>();
        // Minimum frequencies may lift the sum above 1: then nothing is left for other alleles.
        kinds.push((None, rest.max(0.0)));
        Ok(kinds)
    }

    /// The genotypes that a typing can be, each with its probability.
    pub(super) fn possible(&self, typing: Typing, kinds: &[Kind]) -> Vec<([Kind; 2], f64)> {
        let kind = |allele| kinds.iter().copied().find(|(kind, _)| *kind == Some(allele)).unwrap_or((None, 0.0));
        let genotype = |[x, y]: [Kind; 2]| {
            let orders = if x.0 == y.0 { 1.0 } else { 2.0 };
            ([x, y], orders * x.1 * self.next(y.0, y.1, &[x.0]))
        };
        match typing {
            Typing::Pair(alleles) => vec![genotype(alleles.map(kind))],
            Typing::One(allele) => kinds.iter().map(|other| genotype([kind(allele), *other])).collect(),
        }
    }

    /// Probability that the next allele is `allele`, of frequency `p`, after those that were seen.
    fn next(&self, allele: Option<Allele>, p: f64, seen: &[Option<Allele>]) -> f64 {
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
}

/// See [`TwoPeople::given`].
pub(crate) struct Given<'t> {
    two: &'t TwoPeople<'t>,
    locus: Locus,
    first: Typing,
    related: Option<RelatedAt<'t>>,
}

impl Given<'_> {
    /// The likelihood ratio of the two typings.
    pub(crate) fn lr(&mut self, second: Typing) -> Result<f64, DnaError> {
        let Self { two, locus, first, related } = self;
        let lr = match (related, &two.hypothesis) {
            (Some(related), _) => related.lr(second)?,
            (None, Hypothesis::SameSource { dropout, dropin }) => {
                same_source::lr(two, *locus, *first, second, *dropout, *dropin)?
            }
            (None, Hypothesis::Kinship { kappa }) => two.kinship(*locus, *first, second, *kappa)?,
            // Cannot be: such a hypothesis comes with its lines of descent.
            (None, Hypothesis::Related { .. }) => f64::NAN,
        };
        // Frequencies so small that their product is 0 in a computer: as good as none.
        if lr.is_finite() { Ok(lr) } else { Err(DnaError::NoFrequency { locus: *locus }) }
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
        if let Some(one) = text.strip_suffix(",F") {
            return Genotype::with_dropout_mark(Allele::parse(one).unwrap());
        }
        Genotype::new(text.split(',').map(|a| Allele::parse(a).unwrap())).unwrap()
    }

    fn lr(relation: Relation, theta: f64, rate: Option<(f64, ParentRole)>, a: &str, b: &str) -> f64 {
        let table = FrequencyTable::from_csv("made up", TABLE).unwrap();
        let hypothesis = match rate {
            None => Hypothesis::Kinship { kappa: relation.kappa() },
            Some((rate, first_is)) => {
                let mutation = Mutation { model: MutationModel::Equal { rate }, first_is };
                Hypothesis::Related { relation, mutation }
            }
        };
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
            Hypothesis::Kinship { kappa: Relation::FullSiblings.kappa() },
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
        // Four kinds, rate 0.003: parent 6,6, child 7,7 got a 7 by mutation with 0.001, and a 7 from the other parent, whose alleles
        // mutate too: 0.997 * 0.1 + 0.001 * 0.9.
        let from_other = 0.997 * 0.1 + 0.001 * 0.9;
        near(lr(Relation::ParentChild, 0.0, Some((0.003, ParentRole::Parent)), "6", "7"), 0.001 * from_other / 0.01);
        // Seen from the child the same two profiles, in the other order.
        near(
            lr(Relation::ParentChild, 0.0, Some((0.003, ParentRole::Child)), "7", "6"),
            lr(Relation::ParentChild, 0.0, Some((0.003, ParentRole::Parent)), "6", "7"),
        );
        let table = FrequencyTable::from_csv("made up", TABLE).unwrap();
        let refused = |relation, model| {
            let mutation = Mutation { model, first_is: ParentRole::Child };
            let hypothesis = Hypothesis::Related { relation, mutation };
            let two = TwoPeople::new(hypothesis, &table, Theta::new(0.0).unwrap(), MinimumFrequency::None);
            two.and_then(|two| two.lr(Locus::Th01, &genotype("6"), &genotype("7"))).is_err()
        };
        assert!(refused(Relation::Same, MutationModel::Equal { rate: 0.001 }));
        assert!(refused(Relation::FullSiblings, MutationModel::Equal { rate: 1.5 }));
        assert!(!refused(Relation::FullSiblings, MutationModel::Equal { rate: 0.001 }));
    }

    /// All genotypes that a typing can be, of the alleles of the table.
    fn possible(typing: &str) -> Vec<String> {
        match typing.strip_suffix(",F") {
            None => vec![typing.to_owned()],
            Some(one) => ["6", "7", "8", "9"].iter().map(|other| format!("{one},{other}")).collect(),
        }
    }

    proptest! {
        /// A marked allele is what its definition says: both hypotheses summed over the genotypes that it can be.
        #[test]
        fn a_marked_allele_is_the_sum_over_its_partners(
            relation in prop::sample::select(Relation::ALL.to_vec()),
            rate in prop::option::of((0.001..0.1f64, prop::sample::select(vec![ParentRole::Parent, ParentRole::Child]))),
            theta in prop_oneof![Just(0.0), 0.0..0.2f64],
            first in prop::sample::select(vec!["6,F", "7,F", "6,7", "8"]),
            second in prop::sample::select(vec!["6,F", "8,F", "6,8", "7"]),
        ) {
            let rate = rate.filter(|_| relation != Relation::Same);
            let (mut related, mut unrelated) = (0.0, 0.0);
            for own in possible(first) {
                for other in possible(second) {
                    let mut probability = 1.0;
                    let mut seen: Vec<Allele> = Vec::new();
                    for text in [&own, &other] {
                        let Some(Typing::Pair(pair)) = genotype(text).typing() else { panic!() };
                        probability *= if pair[0] == pair[1] { 1.0 } else { 2.0 };
                        for allele in pair {
                            let p = [0.2, 0.1, 0.4, 0.3][usize::from(allele.tenths() / 10 - 6)];
                            let held = seen.iter().filter(|other| **other == allele).count();
                            probability *= if seen.is_empty() { p } else { next_allele(theta, p, held, seen.len()) };
                            seen.push(allele);
                        }
                    }
                    related += probability * lr(relation, theta, rate, &own, &other);
                    unrelated += probability;
                }
            }
            let got = lr(relation, theta, rate, first, second);
            prop_assert!((got - related / unrelated).abs() < 1e-11 * (1.0 + got), "{} {}", got, related / unrelated);
        }

        /// Under "unrelated" a likelihood ratio averages to 1, and without mutation the order of the two does not matter.
        #[test]
        fn it_averages_to_one_and_is_symmetric(
            relation in prop::sample::select(Relation::ALL.to_vec()),
            theta in 0.0..0.2f64,
            first in prop::sample::select(vec!["6", "6,7", "8,9", "7"]),
        ) {
            let alleles = ["6", "7", "8", "9"];
            let table = FrequencyTable::from_csv("made up", TABLE).unwrap();
            let Some(Typing::Pair(own)) = genotype(first).typing() else { panic!() };
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
