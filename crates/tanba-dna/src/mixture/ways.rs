//! Related unknown contributors: the ways in which their alleles can have come down, each with its probability.
//!
//! Of two relatives who are not inbred, 0, 1 or 2 alleles are the same by descent with Cotterman's probabilities k0, k1, k2. In each
//! case the alleles of the contributors fall into copies of alleles that are known and alleles that are drawn from the population,
//! some of which two people have. So the probability of a stain is a sum over few cases, in each of which whatever is drawn is drawn
//! independently. A copy by descent is no new draw, and theta does not count it: with a typed relative these are the probabilities of
//! Bleka, Storvik and Gill (2016) and of EuroForMix.

use super::{Contributor, Hypothesis, Relative};
use crate::Allele;

/// Alleles that are drawn for the same contributors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unit {
    /// Places in the hypothesis of those who have them.
    pub(super) places: Vec<usize>,
    /// How many: 1 or 2.
    pub(super) alleles: u8,
}

/// An allele as a marker's program sees it: `None` is one that nobody saw.
pub(super) type Kind = Option<Allele>;

/// One way.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Way {
    pub(super) weight: f64,
    /// Copies by descent of alleles that are known: whose, and which.
    pub(super) copies: Vec<(usize, Kind)>,
    /// Alleles that were drawn, and are known because a genotype is tried: whose, and which.
    pub(super) drawn: Vec<(Vec<usize>, Kind)>,
    pub(super) units: Vec<Unit>,
}

/// Who is who at a marker.
pub(super) struct Known<'a> {
    pub(super) hypothesis: &'a Hypothesis,
    /// The genotype of a reference at the marker.
    pub(super) genotype: &'a dyn Fn(usize) -> Option<[Kind; 2]>,
}

impl Known<'_> {
    /// All ways of positive probability.
    pub(super) fn ways(&self) -> Vec<Way> {
        let contributors = &self.hypothesis.contributors;
        let unknown = |place: &usize| match contributors[*place] {
            Contributor::Known(reference) => (self.genotype)(reference).is_none(),
            Contributor::Unknown => true,
        };
        let mut alone: Vec<usize> = (0..contributors.len()).filter(unknown).collect();
        let mut ways = vec![Way { weight: 1.0, copies: Vec::new(), drawn: Vec::new(), units: Vec::new() }];
        for kin in &self.hypothesis.kin {
            let related = match kin.to {
                Relative::Unknown(other) => of_two(kin.unknown, other),
                Relative::Reference(reference) => match (self.genotype)(reference) {
                    Some(genotype) => of_typed(kin.unknown, genotype),
                    // Not typed here: an unknown among the contributors, or nobody of whom anything is known.
                    None => match contributors.iter().position(|c| *c == Contributor::Known(reference)) {
                        Some(other) => of_two(kin.unknown, other),
                        None => continue,
                    },
                },
            };
            alone.retain(|place| !related.iter().any(|(_, case)| case.concerns(*place)));
            let kappa = kin.relation.kappa().coefficients();
            let cases: Vec<Way> = related
                .into_iter()
                .map(|((shared, part), case)| Way { weight: kappa[shared] * part, ..case })
                .filter(|case| case.weight > 0.0)
                .collect();
            ways = ways.iter().flat_map(|way| cases.iter().map(|case| way.with(case))).collect();
        }
        for way in &mut ways {
            way.units.extend(alone.iter().map(|place| Unit { places: vec![*place], alleles: 2 }));
            // In the order of the contributors, so that nothing depends on who is named first.
            way.units.sort_by(|a, b| a.places.cmp(&b.places));
        }
        ways
    }
}

/// A way of a relation: how many alleles are shared, its part of that case's probability, and what it gives.
type Case = ((usize, f64), Way);

fn case(shared: usize, part: f64, copies: Vec<(usize, Kind)>, units: &[(&[usize], u8)]) -> Case {
    let units = units.iter().map(|(places, alleles)| Unit { places: places.to_vec(), alleles: *alleles }).collect();
    ((shared, part), Way { weight: 1.0, copies, drawn: Vec::new(), units })
}

/// An unknown and a relative of known genotype.
fn of_typed(place: usize, [a, b]: [Kind; 2]) -> Vec<Case> {
    let mut cases = vec![case(0, 1.0, Vec::new(), &[(&[place], 2)]), case(2, 1.0, vec![(place, a), (place, b)], &[])];
    for (allele, part) in if a == b { vec![(a, 1.0)] } else { vec![(a, 0.5), (b, 0.5)] } {
        cases.push(case(1, part, vec![(place, allele)], &[(&[place], 1)]));
    }
    cases
}

/// Two unknown relatives.
fn of_two(first: usize, second: usize) -> Vec<Case> {
    let both = [first.min(second), first.max(second)];
    vec![
        case(0, 1.0, Vec::new(), &[(&[first], 2), (&[second], 2)]),
        case(1, 1.0, Vec::new(), &[(&both, 1), (&[first], 1), (&[second], 1)]),
        case(2, 1.0, Vec::new(), &[(&both, 2)]),
    ]
}

impl Way {
    fn concerns(&self, place: usize) -> bool {
        self.copies.iter().any(|(whose, _)| *whose == place)
            || self.units.iter().any(|unit| unit.places.contains(&place))
    }

    fn with(&self, other: &Self) -> Self {
        Self {
            weight: self.weight * other.weight,
            copies: [&self.copies[..], &other.copies].concat(),
            drawn: [&self.drawn[..], &other.drawn].concat(),
            units: [&self.units[..], &other.units].concat(),
        }
    }

    /// The ways in which a contributor can have a genotype; none where this way does not allow it.
    pub(super) fn if_genotype_is(&self, place: usize, genotype: [Kind; 2]) -> Vec<Self> {
        let mut left = genotype.to_vec();
        let copies = self.copies.iter().filter(|(whose, _)| *whose == place).map(|(_, allele)| allele);
        let drawn = self.drawn.iter().filter(|(whose, _)| whose.contains(&place)).map(|(_, allele)| allele);
        for known in copies.chain(drawn) {
            let Some(at) = left.iter().position(|allele| allele == known) else { return Vec::new() };
            left.swap_remove(at);
        }
        let (own, units): (Vec<Unit>, Vec<Unit>) =
            self.units.iter().cloned().partition(|unit| unit.places.contains(&place));
        let drawn = |orders: f64, alleles: &[Kind]| {
            let whose = own.iter().flat_map(|unit| std::iter::repeat_n(&unit.places, unit.alleles.into()));
            let mut way = Self { weight: self.weight * orders, units: units.clone(), ..self.clone() };
            way.drawn.extend(whose.cloned().zip(alleles.iter().copied()));
            way
        };
        match left[..] {
            [a, b] if a != b && own.len() == 2 => vec![drawn(1.0, &[a, b]), drawn(1.0, &[b, a])],
            [a, b] if a != b => vec![drawn(2.0, &[a, b])],
            _ => vec![drawn(1.0, &left)],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mixture::Kin;
    use crate::weight::{Relation, next_allele};

    const FREQUENCIES: [f64; 3] = [0.1, 0.2, 0.7];
    const THETA: f64 = 0.1;

    fn kind(number: usize) -> Kind {
        Allele::from_tenths(10 * number as u16 + 10)
    }

    /// The probability of genotypes of the contributors, given four alleles typed: 1, 2, 3, 3, of which the relative has 1 and 2.
    fn probability(hypothesis: &Hypothesis, genotypes: &[[usize; 2]]) -> f64 {
        let known = Known { hypothesis, genotype: &|_| Some([kind(0), kind(1)]) };
        let mut ways = known.ways();
        assert!((ways.iter().map(|way| way.weight).sum::<f64>() - 1.0).abs() < 1e-12);
        for (place, genotype) in genotypes.iter().enumerate() {
            ways = ways.iter().flat_map(|way| way.if_genotype_is(place, genotype.map(kind))).collect();
        }
        let of_way = |way: &Way| {
            assert!(way.units.is_empty());
            let mut typed = [0, 1, 2, 2].map(kind).to_vec();
            way.drawn.iter().fold(way.weight, |product, (_, allele)| {
                let number = (0..3).find(|n| kind(*n) == *allele).unwrap();
                let held = typed.iter().filter(|other| *other == allele).count();
                let next = next_allele(THETA, FREQUENCIES[number], held, typed.len());
                typed.push(*allele);
                product * next
            })
        };
        ways.iter().map(of_way).sum()
    }

    const GENOTYPES: [[usize; 2]; 6] = [[0, 0], [0, 1], [0, 2], [1, 1], [1, 2], [2, 2]];

    /// What EuroForMix says of the same people, rounded to four digits (its published tests of `calcGjoint`).
    #[test]
    fn relatives_of_a_typed_person_have_the_probabilities_of_euroformix() {
        let hypothesis = |unknowns: usize, relation| Hypothesis {
            contributors: vec![Contributor::Unknown; unknowns],
            typed_only: vec![0],
            kin: vec![Kin { unknown: 0, to: Relative::Reference(0), relation }],
        };
        for (relation, expected) in [
            (Relation::FullSiblings, [0.0441, 0.355, 0.2029, 0.0685, 0.2235, 0.106]),
            (Relation::ParentChild, [0.0731, 0.1808, 0.3192, 0.1077, 0.3192, 0.0]),
        ] {
            for (genotype, expected) in GENOTYPES.iter().zip(expected) {
                let got = probability(&hypothesis(1, relation), &[*genotype]);
                assert!((got - expected).abs() < 5.1e-5, "{relation} {genotype:?}: {got} {expected}");
            }
        }
        // Beside an unrelated unknown: both 1,1; a sibling 1,2 and the other 3,3.
        for (relation, pair, expected) in [
            (Relation::FullSiblings, [[0, 0], [0, 0]], 0.0026),
            (Relation::ParentChild, [[0, 0], [0, 0]], 0.0039),
            (Relation::FullSiblings, [[0, 1], [2, 2]], 0.144),
            (Relation::FullSiblings, [[2, 2], [2, 2]], 0.0514),
        ] {
            let got = probability(&hypothesis(2, relation), &pair);
            assert!((got - expected).abs() < 5.1e-5, "{relation} {pair:?}: {got} {expected}");
        }
    }

    #[test]
    fn all_genotypes_of_unknown_relatives_sum_to_one_and_either_may_be_named_first() {
        for relation in Relation::ALL {
            let of = |unknown, other| Hypothesis {
                contributors: vec![Contributor::Unknown; 2],
                typed_only: Vec::new(),
                kin: vec![Kin { unknown, to: Relative::Unknown(other), relation }],
            };
            let mut sum = 0.0;
            for a in GENOTYPES {
                for b in GENOTYPES {
                    let (one, other) = (probability(&of(0, 1), &[a, b]), probability(&of(1, 0), &[b, a]));
                    assert!((one - other).abs() < 1e-14);
                    sum += one;
                }
            }
            assert!((sum - 1.0).abs() < 1e-12, "{relation}: {sum}");
        }
    }
}
