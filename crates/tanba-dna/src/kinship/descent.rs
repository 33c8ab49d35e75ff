//! Two relatives with mutation: where the four alleles come from, and how often each was handed down.
//!
//! A pair of relatives who are not inbred, and whose common ancestors are founders, have four alleles, each of which is a founder's
//! allele handed down so many times. With one mutation matrix `M` for both sexes a founder's allele becomes `a` after `n` meioses
//! with `(M^n)[founder's, a]`, so the likelihood is a sum over the ways of descent of a product over founders' alleles. That is what
//! [`super::LikelihoodEngine`] reckons for the pedigree, but in closed form: a search needs thousands of these a query.

use std::collections::BTreeMap;

use super::pedigree::Pedigree;
use super::theta::partitions;
use super::{KinshipError, MutationMatrix, MutationModel};

/// The ways of descent of two persons' alleles (A paternal, A maternal, B paternal, B maternal), with the coancestry coefficient.
#[derive(Debug, Clone)]
pub(crate) struct Descent {
    shapes: Vec<Shape>,
}

/// All ways in which the four alleles were handed down so often.
#[derive(Debug, Clone)]
struct Shape {
    meioses: [usize; 4],
    terms: Vec<Term>,
}

/// Which of the four alleles are copies of one founder's allele, in the pedigree or before it, as sets of bits.
#[derive(Debug, Clone)]
struct Term {
    weight: f64,
    blocks: Vec<u8>,
}

/// A person's paternal (0) or maternal (1) allele, and how often it was handed down since.
type Line = (usize, usize, usize);

impl Descent {
    /// The ways of two persons by their places in a pedigree without twins; `None` where an ancestor whom they share has parents in
    /// the pedigree, or one of them is inbred. All founders' alleles are of one gene pool (Balding, Nichols 1994).
    pub(crate) fn of(pedigree: &Pedigree, a: usize, b: usize, theta: f64) -> Option<Self> {
        let mut age = vec![0usize; pedigree.len()];
        for (place, person) in pedigree.order.iter().enumerate() {
            age[*person] = place;
        }
        let mut found = BTreeMap::new();
        follow(pedigree, &age, [(a, 0, 0), (a, 1, 0), (b, 0, 0), (b, 1, 0)], 1.0, &mut found)?;
        let mut shapes: BTreeMap<[usize; 4], BTreeMap<Vec<u8>, f64>> = BTreeMap::new();
        for ((founder, meioses), probability) in found {
            let terms = shapes.entry(meioses).or_default();
            let founders = founder.iter().max().map_or(0, |f| f + 1);
            let mut add = |blocks: &[usize]| {
                let mut weight = probability;
                let number = blocks.iter().max().map_or(0, |b| b + 1);
                let mut sets = vec![0u8; number];
                for (block, set) in sets.iter_mut().enumerate() {
                    // The urn as blocks of copies; see `theta`.
                    let size = blocks.iter().filter(|b| **b == block).count();
                    weight *= (1..size).fold(1.0 - theta, |so_far, n| so_far * theta * n as f64);
                    (0..4).filter(|line| blocks[founder[*line]] == block).for_each(|line| *set |= 1 << line);
                }
                weight /= (0..founders).map(|j| 1.0 - theta + j as f64 * theta).product::<f64>();
                sets.sort_unstable();
                *terms.entry(sets).or_default() += weight;
                Ok::<(), std::convert::Infallible>(())
            };
            let Ok(()) = partitions(founders, &mut add);
        }
        let term = |(blocks, weight)| Term { weight, blocks };
        let shape = |(meioses, terms): ([usize; 4], BTreeMap<Vec<u8>, f64>)| {
            // With theta 0 nothing is a copy of what came before the pedigree.
            Shape { meioses, terms: terms.into_iter().map(term).filter(|term| term.weight > 0.0).collect() }
        };
        Some(Self { shapes: shapes.into_iter().map(shape).collect() })
    }

    /// The matrix of a model for these alleles, as often as this descent needs it.
    pub(crate) fn powers(
        &self,
        model: &MutationModel,
        labels: &[String],
        frequencies: &[f64],
    ) -> Result<MutationPowers, KinshipError> {
        let matrix = MutationMatrix::new(model, labels, frequencies)?;
        let k = labels.len();
        let longest = self.shapes.iter().flat_map(|shape| shape.meioses).max().unwrap_or(0);
        let mut powers = vec![(0..k * k).map(|cell| f64::from(u8::from(cell / k == cell % k))).collect::<Vec<f64>>()];
        for n in 0..longest {
            let mut next = vec![0.0; k * k];
            for to in 0..k {
                for between in 0..k {
                    let last = matrix.get(between, to);
                    for from in 0..k {
                        next[to * k + from] += powers[n][between * k + from] * last;
                    }
                }
            }
            powers.push(next);
        }
        Ok(MutationPowers { alleles: k, powers })
    }

    /// The probability of two genotypes, as places of alleles.
    pub(crate) fn likelihood(
        &self,
        powers: &MutationPowers,
        frequencies: &[f64],
        [a1, a2]: [usize; 2],
        [b1, b2]: [usize; 2],
    ) -> f64 {
        let k = powers.alleles;
        let mut products = vec![0.0; 16 * k];
        products[..k].copy_from_slice(frequencies);
        let orders = [[a1, a2, b1, b2], [a2, a1, b1, b2], [a1, a2, b2, b1], [a2, a1, b2, b1]];
        // The first order swaps nothing, the second A's alleles, the third B's, the fourth both.
        let different = |order: &usize| (order & 1 == 0 || a1 != a2) && (order & 2 == 0 || b1 != b2);
        let mut total = 0.0;
        for shape in &self.shapes {
            for order in (0..4).filter(different) {
                // For each set of alleles the probability that they come from one founder's allele, whichever it is.
                let mut sums = [0.0; 16];
                for set in 1..16usize {
                    let line = set.trailing_zeros() as usize;
                    let handed_down = powers.to(shape.meioses[line], orders[order][line]);
                    let (before, rest) = products.split_at_mut(set * k);
                    let without = &before[(set & (set - 1)) * k..][..k];
                    for ((product, other), down) in rest.iter_mut().zip(without).zip(handed_down) {
                        *product = other * down;
                        sums[set] += *product;
                    }
                }
                let product =
                    |term: &Term| term.blocks.iter().fold(term.weight, |so_far, set| so_far * sums[usize::from(*set)]);
                total += shape.terms.iter().map(product).sum::<f64>();
            }
        }
        total
    }
}

/// The powers of a mutation matrix, column by column, from the 0th on.
#[derive(Debug, Clone)]
pub(crate) struct MutationPowers {
    alleles: usize,
    powers: Vec<Vec<f64>>,
}

impl MutationPowers {
    /// The probabilities of all alleles to become this one in so many meioses.
    fn to(&self, meioses: usize, allele: usize) -> &[f64] {
        &self.powers[meioses][allele * self.alleles..][..self.alleles]
    }
}

/// Follows the youngest allele to either one of the parent's, with one half each, until all are founders'.
fn follow(
    pedigree: &Pedigree,
    age: &[usize],
    lines: [Line; 4],
    probability: f64,
    found: &mut BTreeMap<([usize; 4], [usize; 4]), f64>,
) -> Option<()> {
    let inherited = lines.into_iter().filter(|(person, ..)| pedigree.parents(*person).is_some());
    let Some(youngest) = inherited.max_by_key(|(person, seat, _)| (age[*person], *seat)) else {
        let same = |i: usize, j: usize| (lines[i].0, lines[i].1) == (lines[j].0, lines[j].1);
        if same(0, 1) || same(2, 3) {
            return None;
        }
        let mut founder = [0; 4];
        let mut number = 0;
        for i in 0..4 {
            founder[i] = (0..i).find(|j| same(*j, i)).map_or(number, |j| founder[j]);
            number = number.max(founder[i] + 1);
        }
        *found.entry((founder, lines.map(|line| line.2))).or_default() += probability;
        return Some(());
    };
    let (person, seat, _) = youngest;
    // Two lines met in a person with parents: from there on they are one, and not two that mutate by themselves.
    if lines.iter().filter(|line| (line.0, line.1) == (person, seat)).count() > 1 {
        return None;
    }
    let parent = pedigree.parents(person)?[seat];
    for side in [0, 1] {
        let moved = lines.map(|line| if line == youngest { (parent, side, line.2 + 1) } else { line });
        follow(pedigree, age, moved, 0.5 * probability, found)?;
    }
    Some(())
}
