//! How a likelihood ratio is distributed for people who are not related, and for people who are: exactly but for a grid.
//!
//! At each locus every genotype of the population has a probability and a likelihood ratio with the query. Sums over loci of
//! independent values are convolutions. Values are put on a grid of log10 twice, rounded down and rounded up, so that the truth
//! lies between the two. Alleles of the table and of the query count, with frequencies scaled to sum 1.

use crate::profile::Typing;
use crate::weight::{TwoPeople, next_allele};
use crate::{Allele, DnaError, FrequencyTable, Genotype, Locus, MinimumFrequency, Profile};

/// Steps of the grid per unit of log10.
const STEPS: f64 = 200.0;
/// Where the grid ends below: what is less likely still is raised to it in the upper bound, and dropped from the lower one.
const LOWEST: f64 = -100.0;
/// Sets of typed loci that are reckoned one by one; the rest counts as typed at all of the query's loci, which more people reach.
const MOST_SHAPES: usize = 64;

/// What a search by likelihood ratio is to find, before it is made. Each pair is a lower and an upper bound.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct LeadsExpected {
    /// Leads among people who are all unrelated to the query.
    pub unrelated: [f64; 2],
    /// Probability that a true relative (or the same person), typed at all of the query's loci, reaches the bound.
    pub found: [f64; 2],
    /// Profiles that these numbers are for: those with enough loci in common.
    pub profiles: usize,
}

/// A genotype of the population with its probability, given the query's.
pub(super) struct Possible {
    pub(super) alleles: [Allele; 2],
    pub(super) probability: f64,
}

/// A locus with likelihood ratio and probability of each genotype of the population.
type WeighedLocus = (Locus, Vec<(f64, f64)>);

/// A distribution of log10 on the grid, with what lies at minus infinity left out.
struct Mass {
    first: i64,
    mass: Vec<f64>,
}

impl LeadsExpected {
    pub(super) fn of(
        query: &Profile,
        two: &TwoPeople<'_>,
        least: f64,
        shapes: impl Iterator<Item = (u32, usize)>,
    ) -> Result<Self, DnaError> {
        let loci = loci(query, two)?;
        let all = query.genotypes().fold(0, |set, (locus, _)| set | 1 << locus.index());
        let mut rows = std::collections::BTreeMap::<u32, usize>::new();
        for (shape, count) in shapes {
            *rows.entry(shape).or_default() += count;
        }
        let mut rows: Vec<(u32, usize)> = rows.into_iter().collect();
        rows.sort_by_key(|(shape, count)| (usize::MAX - count, *shape));
        let rest: usize = rows.iter().skip(MOST_SHAPES).map(|(_, count)| count).sum();
        rows.truncate(MOST_SHAPES);
        rows.push((all, rest));

        let mut unrelated = [0.0; 2];
        for (shape, count) in rows.iter().filter(|(_, count)| *count > 0) {
            for (side, sum) in [Side::Down, Side::Up].into_iter().zip(&mut unrelated) {
                *sum += *count as f64 * reaching(&loci, *shape, least, side, |_, p| p);
            }
        }
        let related = |lr: f64, p: f64| lr * p;
        // 1 but where mutation changes frequencies from one generation to the next.
        let of_all: f64 = loci.iter().map(|(_, values)| values.iter().map(|(lr, p)| lr * p).sum::<f64>()).product();
        let found = [Side::Down, Side::Up].map(|side| (reaching(&loci, all, least, side, related) / of_all).min(1.0));
        Ok(Self { unrelated, found, profiles: rows.iter().map(|(_, count)| count).sum() })
    }
}

#[derive(Clone, Copy)]
enum Side {
    Down,
    Up,
}

fn loci(query: &Profile, two: &TwoPeople<'_>) -> Result<Vec<WeighedLocus>, DnaError> {
    let pairs = query.genotypes().filter_map(|(locus, genotype)| Some((locus, genotype, two.first_typing(genotype)?)));
    pairs
        .map(|(locus, genotype, own)| {
            let all = possible(two.table(), locus, genotype, two.theta(), two.minimum())?;
            let mut given = two.given(locus, own);
            let weighed = all.iter().map(|g| Ok((given.lr(Typing::Pair(g.alleles))?, g.probability)));
            Ok((locus, weighed.collect::<Result<Vec<_>, DnaError>>()?))
        })
        .collect()
}

/// The genotypes of the population with their probabilities, given that the query's genotype was seen.
pub(super) fn possible(
    table: &FrequencyTable,
    locus: Locus,
    query: &Genotype,
    theta: f64,
    minimum: MinimumFrequency,
) -> Result<Vec<Possible>, DnaError> {
    let mut alleles: Vec<Allele> = table.alleles(locus).filter(|(_, p)| *p > 0.0).map(|(allele, _)| allele).collect();
    let typing = query.typing();
    alleles.extend(typing.iter().flat_map(Typing::alleles));
    alleles.sort_unstable();
    alleles.dedup();
    let mut frequencies =
        alleles.iter().map(|a| table.frequency(locus, *a, minimum)).collect::<Result<Vec<f64>, DnaError>>()?;
    let total: f64 = frequencies.iter().sum();
    frequencies.iter_mut().for_each(|p| *p /= total);
    // One allele after those seen; without any seen, it has its own frequency.
    let next = |place: usize, seen: &[usize]| {
        let held = seen.iter().filter(|own| **own == place).count();
        if seen.is_empty() { frequencies[place] } else { next_allele(theta, frequencies[place], held, seen.len()) }
    };
    let mut all = Vec::with_capacity(alleles.len() * (alleles.len() + 1) / 2);
    for x in 0..alleles.len() {
        all.extend((x..alleles.len()).map(|y| Possible { alleles: [alleles[x], alleles[y]], probability: 0.0 }));
    }
    for (mut seen, share) in genotypes(typing, &alleles, next) {
        let mut place = 0;
        for x in 0..alleles.len() {
            let first = share * next(x, &seen);
            seen.push(x);
            for y in x..alleles.len() {
                let orders = if x == y { 1.0 } else { 2.0 };
                all[place].probability += orders * first * next(y, &seen);
                place += 1;
            }
            seen.pop();
        }
    }
    Ok(all)
}

/// The genotypes that the query can be, as places of alleles, with their probabilities: one, but for a drop-out mark.
fn genotypes(
    typing: Option<Typing>,
    alleles: &[Allele],
    next: impl Fn(usize, &[usize]) -> f64,
) -> Vec<(Vec<usize>, f64)> {
    let place = |allele: Allele| alleles.binary_search(&allele).unwrap_or_default();
    match typing {
        None => vec![(Vec::new(), 1.0)],
        Some(Typing::Pair(pair)) => vec![(pair.map(place).to_vec(), 1.0)],
        Some(Typing::One(allele)) => {
            let own = place(allele);
            let shares: Vec<f64> =
                (0..alleles.len()).map(|z| if z == own { 1.0 } else { 2.0 } * next(z, &[own])).collect();
            let sum: f64 = shares.iter().sum();
            shares.into_iter().enumerate().map(|(z, share)| (vec![own, z], share / sum)).collect()
        }
    }
}

/// Probability that the sum over the loci of a shape reaches `least`, with values rounded to one side.
fn reaching(loci: &[WeighedLocus], shape: u32, least: f64, side: Side, weight: impl Fn(f64, f64) -> f64) -> f64 {
    let mut sum = Mass { first: 0, mass: vec![1.0] };
    for (_, values) in loci.iter().filter(|(locus, _)| shape >> locus.index() & 1 == 1) {
        sum = sum.plus(&Mass::of(values, side, &weight));
    }
    let bound = (least * STEPS).ceil() as i64;
    let from = usize::try_from(bound - sum.first).unwrap_or(0).min(sum.mass.len());
    sum.mass[from..].iter().sum()
}

impl Mass {
    fn of(values: &[(f64, f64)], side: Side, weight: &impl Fn(f64, f64) -> f64) -> Self {
        let place = |lr: f64| {
            let log10 = lr.log10();
            match side {
                Side::Down => (log10 >= LOWEST).then(|| (log10 * STEPS).floor() as i64),
                Side::Up => Some((log10.max(LOWEST) * STEPS).ceil() as i64),
            }
        };
        let placed = values.iter().filter(|(lr, _)| *lr > 0.0);
        let placed: Vec<(i64, f64)> = placed.filter_map(|(lr, p)| Some((place(*lr)?, weight(*lr, *p)))).collect();
        let first = placed.iter().map(|(at, _)| *at).min().unwrap_or(0);
        let last = placed.iter().map(|(at, _)| *at).max().unwrap_or(0);
        let mut mass = vec![0.0; (last - first) as usize + 1];
        for (at, p) in placed {
            mass[(at - first) as usize] += p;
        }
        Self { first, mass }
    }

    fn plus(&self, other: &Self) -> Self {
        let mut mass = vec![0.0; self.mass.len() + other.mass.len() - 1];
        for (at, own) in other.mass.iter().enumerate().filter(|(_, own)| **own > 0.0) {
            for (sum, base) in mass[at..].iter_mut().zip(&self.mass) {
                *sum += own * base;
            }
        }
        Self { first: self.first + other.first, mass }
    }
}
