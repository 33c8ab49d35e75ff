//! A slow reference for the tests: every joint genotype written out, densities straight from their formulas, nothing shared with the
//! engine but the types of its input. And random small stains to try it on.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tanba_formats::genetic::MarkerName;

use super::{
    Contributor, Evidence, Hypothesis, Kin, MarkerEvidence, OwnSettings, Parameters, Peak, Reference, Relative,
    Settings,
};
use crate::{Allele, Relation};

/// ln Γ by Lanczos' approximation (1964), g = 7 with nine coefficients: not the method of the engine.
fn ln_gamma(x: f64) -> f64 {
    const C: [f64; 9] = [
        0.999_999_999_999_809_9,
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    if x < 0.5 {
        return (std::f64::consts::PI / (std::f64::consts::PI * x).sin()).ln() - ln_gamma(1.0 - x);
    }
    let x = x - 1.0;
    let sum = C.iter().enumerate().skip(1).map(|(i, c)| c / (x + i as f64)).sum::<f64>() + C[0];
    let t = x + 7.5;
    0.5 * std::f64::consts::TAU.ln() + (x + 0.5) * t.ln() - t + sum.ln()
}

fn ln_density(y: f64, shape: f64, scale: f64) -> f64 {
    (shape - 1.0) * y.ln() - y / scale - shape * scale.ln() - ln_gamma(shape)
}

/// The distribution function by integrating the density, after y = T u^(1/shape) has taken the pole at 0 away.
fn distribution(threshold: f64, shape: f64, scale: f64) -> f64 {
    // Substituted: P = (T/s)^k / Γ(k+1) * integral over u in 0..1 of exp(-(T/s) u^(1/k)), by Simpson's rule in v = u^(1/k) where k > 1.
    let x = threshold / scale;
    let n = 4_000;
    let simpson = |f: &dyn Fn(f64) -> f64, to: f64| {
        let h = to / f64::from(n);
        (0..=n)
            .map(|i| {
                f64::from(match i {
                    0 => 1,
                    i if i == n => 1,
                    i if i % 2 == 1 => 4,
                    _ => 2,
                }) * f(h * f64::from(i))
            })
            .sum::<f64>()
            * h
            / 3.0
    };
    if shape >= 3.0 {
        return simpson(&|y| if y == 0.0 { 0.0 } else { ln_density(y, shape, 1.0).exp() }, x);
    }
    // Raise the shape by parts: P(k, x) = P(k + 1, x) + x^k e^-x / Γ(k+1).
    distribution(threshold, shape + 1.0, scale) + (shape * x.ln() - x - ln_gamma(shape + 1.0)).exp()
}

/// Natural logarithm of the likelihood of one marker: many replicates of an unlikely stain are less than any plain number.
pub(super) fn marker(evidence: &Evidence, at: usize, hypothesis: &Hypothesis, parameters: &Parameters) -> f64 {
    let marker = &evidence.markers()[at];
    let settings = &evidence.settings().at(marker);
    let mut table = marker.frequencies.clone();
    let seen: Vec<Allele> = marker.seen();
    let smallest = evidence.markers().iter().flat_map(|m| m.frequencies.values().copied()).fold(1.0, f64::min);
    for allele in &seen {
        table.entry(*allele).or_insert(settings.minimum_frequency.unwrap_or(smallest));
    }
    let sum: f64 = table.values().sum();
    // The rest is the last allele of the list, number `seen.len()`.
    let mut p: Vec<f64> = seen.iter().map(|allele| table[allele] / sum).collect();
    p.push(1.0 - p.iter().sum::<f64>());
    let number = |allele: Allele| seen.iter().position(|s| *s == allele).unwrap_or(seen.len());
    let genotype =
        |reference: usize| evidence.references()[reference].genotypes.get(&marker.marker).map(|g| g.map(number));

    let mut people: Vec<Option<[usize; 2]>> = Vec::new();
    let mut typed: Vec<usize> = Vec::new();
    for contributor in &hypothesis.contributors {
        let known = if let Contributor::Known(r) = contributor { genotype(*r) } else { None };
        typed.extend(known.into_iter().flatten());
        people.push(known);
    }
    typed.extend(hypothesis.typed_only.iter().filter_map(|r| genotype(*r)).flatten());
    // Each unknown with a relative: how, and the relative's genotype or place.
    let mut kin = KinOf::new();
    for Kin { unknown, relation, to } in &hypothesis.kin {
        let kappa = relation.kappa().coefficients();
        match to {
            Relative::Reference(reference) => {
                kin.extend(genotype(*reference).map(|genotype| (*unknown, (kappa, Ok(genotype)))));
            }
            // Told of the later one, when the other's genotype is known.
            Relative::Unknown(other) => {
                kin.insert((*unknown).max(*other), (kappa, Err((*unknown).min(*other))));
            }
        }
    }
    let mut cache = BTreeMap::new();
    let mut terms = Vec::new();
    let mut weigh = |people: &[[usize; 2]], prior: f64| {
        terms.push(prior.ln() + heights(people, marker, settings, parameters, &seen, &p, &mut cache));
    };
    enumerate(&mut people, &mut typed, 1.0, (&p, settings.theta, &kin), &mut weigh);
    let most = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if most == f64::NEG_INFINITY {
        return most;
    }
    most + terms.iter().map(|term| (term - most).exp()).sum::<f64>().ln()
}

/// Kappa, and the relative's genotype, or place among the people.
type KinOf = BTreeMap<usize, ([f64; 3], Result<[usize; 2], usize>)>;

/// Goes through the genotypes of everybody unknown, one person after the other, each with its prior.
fn enumerate(
    people: &mut Vec<Option<[usize; 2]>>,
    typed: &mut Vec<usize>,
    prior: f64,
    (p, theta, kin): (&[f64], f64, &KinOf),
    weigh: &mut dyn FnMut(&[[usize; 2]], f64),
) {
    let Some(next) = people.iter().position(Option::is_none) else {
        let all: Vec<[usize; 2]> = people.iter().map(|g| g.unwrap()).collect();
        return weigh(&all, prior);
    };
    let draw = |allele: usize, typed: &[usize]| {
        let copies = typed.iter().filter(|other| **other == allele).count() as f64;
        let n = typed.len() as f64;
        (theta * copies + (1.0 - theta) * p[allele]) / (1.0 + (n - 1.0) * theta)
    };
    // What of the genotype is a copy of the relative's: nothing, the one or the other allele, both.
    let ([k0, k1, k2], relative) = kin.get(&next).map_or(([1.0, 0.0, 0.0], [0; 2]), |(kappa, of)| {
        (*kappa, of.map_or_else(|place| people[place].unwrap(), |genotype| genotype))
    });
    for (part, copies) in
        [(k0, vec![]), (k1 / 2.0, vec![relative[0]]), (k1 / 2.0, vec![relative[1]]), (k2, relative.to_vec())]
    {
        let drawn = 2 - copies.len();
        for number in 0..p.len().pow(drawn as u32) {
            let new = &[number % p.len(), number / p.len()][..drawn];
            let mut probability = part;
            for allele in new {
                probability *= draw(*allele, typed);
                typed.push(*allele);
            }
            let genotype = [&copies[..], new].concat();
            people[next] = Some([genotype[0], genotype[1]]);
            if probability > 0.0 {
                enumerate(people, typed, prior * probability, (p, theta, kin), weigh);
            }
            people[next] = None;
            typed.truncate(typed.len() - drawn);
        }
    }
}

/// Natural logarithm of the density of the heights.
fn heights(
    people: &[[usize; 2]],
    marker: &MarkerEvidence,
    settings: &Settings,
    parameters: &Parameters,
    seen: &[Allele],
    p: &[f64],
    cache: &mut BTreeMap<[u64; 2], f64>,
) -> f64 {
    let scale = parameters.mu * parameters.omega * parameters.omega;
    // Keyed by tenths of a repeat; the rest has a key of its own.
    const REST: i32 = -1_000;
    let mut shapes: BTreeMap<i32, f64> = BTreeMap::new();
    for (person, share) in people.iter().zip(&parameters.proportions) {
        for allele in person {
            let (key, size) = match seen.get(*allele) {
                Some(allele) => (i32::from(allele.tenths()), marker.sizes.get(allele).copied()),
                None => (REST, marker.rest_size),
            };
            let decay = size.map_or(1.0, |bases| parameters.beta.powf((bases - 125.0) / 100.0));
            let shape = share * decay / (parameters.omega * parameters.omega);
            let (back, forward) = (parameters.back_stutter, parameters.forward_stutter);
            let double = parameters.double_back_stutter;
            if key == REST {
                *shapes.entry(key).or_default() += shape;
                continue;
            }
            let stays = 1.0 - back - forward - double;
            for (key, part) in [(key, stays), (key - 10, back), (key + 10, forward), (key - 20, double)] {
                if part > 0.0 {
                    *shapes.entry(key).or_default() += shape * part;
                }
            }
        }
    }
    let mut ln = 0.0;
    for (replicate, peaks) in marker.replicates.iter().enumerate() {
        let Some(peaks) = peaks else { continue };
        let own = if replicate == 0 { None } else { parameters.replicate_factors.get(replicate - 1) };
        let scale = scale * own.unwrap_or(&1.0);
        let mut drop_ins = 0;
        for peak in peaks {
            match shapes.get(&i32::from(peak.allele.tenths())) {
                Some(shape) => ln += ln_density(peak.height, *shape, scale),
                None => {
                    drop_ins += 1;
                    let at = seen.iter().position(|s| *s == peak.allele).unwrap();
                    ln += (settings.drop_in * p[at] * settings.drop_in_rate).ln();
                    ln -= settings.drop_in_rate * (peak.height - marker.threshold);
                }
            }
        }
        for (key, shape) in &shapes {
            if !peaks.iter().any(|peak| i32::from(peak.allele.tenths()) == *key) {
                let below = cache.entry([shape.to_bits(), scale.to_bits()]);
                ln += below.or_insert_with(|| distribution(marker.threshold, *shape, scale)).ln();
            }
        }
        if drop_ins == 0 {
            ln += (1.0 - settings.drop_in).ln();
        }
    }
    ln
}

/// A stain, a hypothesis and parameters.
pub(super) type Case = (Evidence, Hypothesis, Parameters);

/// Ladder of the random stains: two chains and a gap.
const LADDER: [u16; 8] = [80, 83, 90, 93, 100, 110, 130, 140];

/// Random small stains of one marker.
pub(super) fn cases() -> impl Strategy<Value = Case> {
    let settings = (
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        prop_oneof![Just(0.0), 0.0..0.1f64],
        0.001..0.3f64,
        any::<bool>(),
        proptest::option::weighted(0.3, 0.3..3.0f64),
    );
    let peaks = proptest::collection::vec(proptest::collection::btree_map(0..8usize, 51.0..2000.0f64, 0..4), 1..3);
    let people = (
        0..=2usize,
        0..=2usize,
        0..=1usize,
        proptest::collection::vec((0..8usize, 0..8usize), 3),
        proptest::option::of((proptest::sample::select(Relation::ALL.to_vec()), 0..4usize)),
    );
    let numbers = (
        proptest::collection::vec(0.05..1.0f64, 4),
        100.0..2000.0f64,
        0.1..1.0f64,
        0.4..1.2f64,
        0.01..0.3f64,
        0.01..0.2f64,
        0.001..0.1f64,
    );
    let own = proptest::option::weighted(0.3, (0.0..0.1f64, 0.001..0.3f64));
    (settings, peaks, people, numbers, own).prop_filter_map("nobody in it", |(s, replicates, who, n, own)| {
        let settings = Settings {
            back_stutter: s.0,
            forward_stutter: s.1,
            double_back_stutter: s.0 && s.5,
            height_by_replicate: s.6.is_some(),
            degradation: s.2,
            theta: s.3,
            drop_in: s.4,
            ..Settings::default()
        };
        let allele = |at: usize| Allele::from_tenths(LADDER[at]).unwrap();
        let bases = |at: usize| 100.0 + f64::from(LADDER[at]);
        let marker = MarkerEvidence {
            marker: MarkerName::of("D3S1358"),
            replicates: replicates
                .iter()
                .map(|peaks| {
                    Some(peaks.iter().map(|(at, height)| Peak { allele: allele(*at), height: *height }).collect())
                })
                .collect(),
            threshold: 50.0,
            // Allele 140 is in no table.
            frequencies: (0..7).map(|at| (allele(at), [0.3, 0.05, 0.2, 0.1, 0.15, 0.15, 0.05][at])).collect(),
            sizes: if s.2 { (0..8).map(|at| (allele(at), bases(at))).collect() } else { BTreeMap::new() },
            rest_size: s.2.then_some(260.0),
            own: own.map_or_else(OwnSettings::default, |(theta, drop_in)| OwnSettings {
                theta: Some(theta),
                drop_in: Some(drop_in),
                drop_in_rate: Some(0.02),
            }),
        };
        let (known, unknown, typed_only, genotypes, relation) = who;
        let references = genotypes.iter().enumerate().map(|(k, (a, b))| Reference {
            id: k.to_string(),
            genotypes: [(MarkerName::of("D3S1358"), [allele(*a), allele(*b)])].into(),
        });
        let contributors: Vec<Contributor> =
            (0..known).map(Contributor::Known).chain((0..unknown).map(|_| Contributor::Unknown)).collect();
        if contributors.is_empty() {
            return None;
        }
        let sum: f64 = n.0[..contributors.len()].iter().sum();
        let parameters = Parameters {
            proportions: n.0[..contributors.len()].iter().map(|w| w / sum).collect(),
            mu: n.1,
            omega: n.2,
            beta: if s.2 { n.3 } else { 1.0 },
            back_stutter: if s.0 { n.4 } else { 0.0 },
            forward_stutter: if s.1 { n.5 } else { 0.0 },
            double_back_stutter: if s.0 && s.5 { n.6 } else { 0.0 },
            replicate_factors: s.6.into_iter().filter(|_| replicates.len() == 2).collect(),
        };
        let evidence = Evidence::new(settings, vec![marker], references.collect()).unwrap();
        // Of the first unknown: to the second, or to a known person.
        let to = |choice: usize| match choice {
            0 if unknown == 2 => Some(Relative::Unknown(known + 1)),
            1 if typed_only == 1 => Some(Relative::Reference(2)),
            choice if choice >= 2 && choice - 2 < known => Some(Relative::Reference(choice - 2)),
            _ => None,
        };
        let kin = relation
            .filter(|_| unknown > 0)
            .and_then(|(relation, choice)| Some(Kin { unknown: known, relation, to: to(choice)? }));
        let typed_only = (2..2 + typed_only).collect();
        Some((evidence, Hypothesis { contributors, typed_only, kin: kin.into_iter().collect() }, parameters))
    })
}
