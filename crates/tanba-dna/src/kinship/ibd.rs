//! Two persons: which of their four alleles are copies of one founder's allele (identity by descent).
//!
//! Without mutation, the likelihood of two genotypes needs nothing else of a pedigree. The states are the fifteen detailed ones
//! of Jacquard (*Genetic information given by a relative*, 1972), which also hold for inbred persons.

use std::collections::HashMap;

use super::marker::{ANY, AllelePair, Marker};
use super::pedigree::Pedigree;
use crate::Theta;

/// The ways to put the alleles (A paternal, A maternal, B paternal, B maternal) into blocks of copies.
const STATES: [[u8; 4]; 15] = [
    [0, 0, 0, 0],
    [0, 0, 0, 1],
    [0, 0, 1, 0],
    [0, 0, 1, 1],
    [0, 0, 1, 2],
    [0, 1, 0, 0],
    [0, 1, 0, 1],
    [0, 1, 0, 2],
    [0, 1, 1, 0],
    [0, 1, 1, 1],
    [0, 1, 1, 2],
    [0, 1, 2, 0],
    [0, 1, 2, 1],
    [0, 1, 2, 2],
    [0, 1, 2, 3],
];

/// How many combinations of ancestors are followed; beyond that the general engine answers.
const MAX_STEPS: usize = 200_000;

/// The probabilities of identity by descent between two persons, autosomal.
#[derive(Debug, Clone, PartialEq)]
pub struct IbdStates {
    /// States of positive probability, with it.
    states: Vec<([u8; 4], f64)>,
}

impl IbdStates {
    /// The states of two persons by their places in a pedigree; `None` where the pedigree is too large to follow all of their
    /// ancestors. Identical twins are one person.
    pub fn of(pedigree: &Pedigree, a: usize, b: usize) -> Option<Self> {
        let [a, b] = [a, b].map(|person| pedigree.twin_of(person));
        let mut age = vec![0usize; pedigree.len()];
        for (place, person) in pedigree.order.iter().enumerate() {
            age[*person] = place;
        }
        let mut walk = Walk { pedigree, age, known: HashMap::new() };
        let seats = [(a, 0), (a, 1), (b, 0), (b, 1)];
        let probabilities = walk.states(seats)?;
        let states = STATES.into_iter().zip(probabilities).filter(|(_, p)| *p > 0.0).collect();
        Some(Self { states })
    }

    /// The probabilities that two persons who are not inbred share 0, 1 and 2 alleles (kappa; Thompson 1975); `None` where one
    /// of them is inbred.
    pub fn kappa(&self) -> Option<[f64; 3]> {
        let mut kappa = [0.0; 3];
        for ([a, b, c, d], probability) in &self.states {
            if a == b || c == d {
                return None;
            }
            let shared = usize::from([c, d].contains(&a)) + usize::from([c, d].contains(&b));
            kappa[shared] += probability;
        }
        Some(kappa)
    }

    /// The nine condensed coefficients of identity, delta 1 to 9 (Jacquard 1974).
    pub fn condensed(&self) -> [f64; 9] {
        let mut delta = [0.0; 9];
        for ([a, b, c, d], probability) in &self.states {
            let links = [a == c, a == d, b == c, b == d].into_iter().filter(|l| *l).count();
            let place = match (a == b, c == d, links) {
                (true, true, 4) => 0,
                (true, true, _) => 1,
                (true, false, 2) => 2,
                (true, false, _) => 3,
                (false, true, 2) => 4,
                (false, true, _) => 5,
                (false, false, 2) => 6,
                (false, false, 1) => 7,
                (false, false, _) => 8,
            };
            delta[place] += probability;
        }
        delta
    }

    /// The probability of two genotypes at a marker, whose mutation and silent allele are passed over.
    pub fn likelihood(&self, marker: &Marker, a: AllelePair, b: AllelePair, theta: Theta) -> f64 {
        let mut named: Vec<u16> = a.places().chain(b.places()).collect();
        named.sort_unstable();
        named.dedup();
        // An allele that may be lost is one of those that the two show, or any other: those act alike, as one.
        let others = marker.frequencies().iter().enumerate().filter(|(at, _)| !named.contains(&(*at as u16)));
        let others: f64 = others.map(|(_, p)| p).sum();
        let p = |allele: u16| if allele == ANY { others } else { marker.frequencies()[usize::from(allele)] };
        let genotypes = |pair: AllelePair| match pair.both() {
            [one, ANY] => named.iter().chain(&[ANY]).map(|other| [one, *other]).collect(),
            both => vec![both],
        };
        let second = genotypes(b);
        let of_first = |a: [u16; 2]| second.iter().map(|b| self.of_pairs(a, *b, p, theta.into())).sum::<f64>();
        genotypes(a).into_iter().map(of_first).sum()
    }

    fn of_pairs(&self, [a1, a2]: [u16; 2], [b1, b2]: [u16; 2], p: impl Fn(u16) -> f64 + Copy, theta: f64) -> f64 {
        let orders = |x: u16, y: u16| if x == y { 1 } else { 2 };
        let mut total = 0.0;
        for (state, probability) in &self.states {
            for alleles in [[a1, a2, b1, b2], [a2, a1, b1, b2], [a1, a2, b2, b1], [a2, a1, b2, b1]]
                .into_iter()
                .enumerate()
                .filter(|(i, _)| (i % 2) < orders(a1, a2) && (i / 2) < orders(b1, b2))
                .map(|(_, alleles)| alleles)
            {
                total += probability * drawn(state, alleles, p, theta);
            }
        }
        total
    }
}

/// The probability that the blocks of a state, drawn one after the other, are these alleles.
fn drawn(state: &[u8; 4], alleles: [u16; 4], p: impl Fn(u16) -> f64, theta: f64) -> f64 {
    let mut blocks = [0u16; 4];
    let mut number = 0usize;
    let mut product = 1.0;
    for (block, allele) in state.iter().zip(alleles) {
        if usize::from(*block) < number {
            if blocks[usize::from(*block)] != allele {
                return 0.0;
            }
            continue;
        }
        if theta == 0.0 || number == 0 {
            product *= p(allele);
        } else {
            let before = blocks[..number].iter().filter(|b| **b == allele).count() as f64;
            product *= (before * theta + (1.0 - theta) * p(allele)) / (1.0 + (number as f64 - 1.0) * theta);
        }
        blocks[number] = allele;
        number += 1;
    }
    product
}

/// A person's paternal (0) or maternal (1) allele.
type Seat = (usize, u8);

struct Walk<'p> {
    pedigree: &'p Pedigree,
    age: Vec<usize>,
    known: HashMap<[Seat; 4], [f64; 15]>,
}

impl Walk<'_> {
    /// Follows the youngest allele to the parent: with one half each it is a copy of one of the parent's two.
    fn states(&mut self, seats: [Seat; 4]) -> Option<[f64; 15]> {
        let youngest = seats.into_iter().filter(|(person, _)| self.pedigree.parents(*person).is_some());
        let Some(youngest) = youngest.max_by_key(|(person, seat)| (self.age[*person], *seat)) else {
            let mut certain = [0.0; 15];
            certain[place_of(seats)] = 1.0;
            return Some(certain);
        };
        if let Some(known) = self.known.get(&seats) {
            return Some(*known);
        }
        if self.known.len() >= MAX_STEPS {
            return None;
        }
        let parents = self.pedigree.parents(youngest.0)?;
        let parent = self.pedigree.twin_of(parents[usize::from(youngest.1)]);
        let mut sum = [0.0; 15];
        for side in [0, 1] {
            let moved = seats.map(|seat| if seat == youngest { (parent, side) } else { seat });
            let part = self.states(moved)?;
            sum.iter_mut().zip(part).for_each(|(s, p)| *s += 0.5 * p);
        }
        self.known.insert(seats, sum);
        Some(sum)
    }
}

fn place_of(seats: [Seat; 4]) -> usize {
    let mut state = [0u8; 4];
    let mut next = 0;
    for i in 0..4 {
        state[i] = match (0..i).find(|j| seats[*j] == seats[i]) {
            Some(j) => state[j],
            None => {
                next += 1;
                next - 1
            }
        };
    }
    STATES.iter().position(|s| *s == state).unwrap_or(STATES.len() - 1)
}
