//! A marker under a hypothesis, made ready: which positions of the stutter ladder there are, who can have alleles there, and the
//! steps of the sum over the genotypes of the unknown.
//!
//! Positions are the alleles seen, the places where their stutter would fall, and one for all alleles that nobody saw. They are
//! ordered so that a position depends on its neighbours only: in chains of one repeat each.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::evidence::MarkerEvidence;
use super::transitions::{Copies, StepKind, Transitions};
use super::{Evidence, Hypothesis};
use crate::Allele;

/// Transitions by kind and number of unknown contributors, shared by all markers of a hypothesis.
pub(super) type Shared = BTreeMap<(StepKind, usize), Arc<Transitions>>;

/// What a position is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// An allele that was seen in a replicate.
    Seen(Allele),
    /// Where stutter could fall and nothing was seen in any replicate.
    Stutter,
    /// All alleles that were not seen; they do not stutter.
    Rest,
}

/// One position.
#[derive(Debug, Clone)]
pub(super) struct Position {
    pub(super) place: Place,
    /// (bases - 125) / 100.
    pub(super) size: f64,
    /// Copies of the known contributors, by their place in the hypothesis.
    pub(super) known: Vec<(usize, f64)>,
    /// Frequency, 0 where nobody can have an allele.
    pub(super) frequency: f64,
    /// Copies among the alleles typed.
    pub(super) typed: f64,
    /// Whether an unknown contributor can have alleles here.
    pub(super) carries: bool,
    /// Heights in the replicates that show it: replicate and RFU.
    pub(super) heights: Vec<(usize, f64)>,
    /// Replicates that do not show it.
    pub(super) unseen: usize,
}

/// One step: an allele is added, and the heights at the position before it (and at itself, where it is the last of its chain) are
/// weighed.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) transitions: Arc<Transitions>,
    /// Prior weight of the copies added, for each configuration.
    pub(super) weights: Vec<f64>,
    /// Which table of heights belongs to the position before.
    pub(super) before: Option<usize>,
    /// Which table belongs to the position itself, and the row of that table for each configuration.
    pub(super) closing: Option<(usize, Vec<u32>)>,
}

/// For which copies the heights at a position must be weighed.
#[derive(Debug, Clone)]
pub(super) struct Table {
    /// The position.
    pub(super) position: usize,
    /// The neighbours whose stutter can fall here, before and after it in the order of the chain.
    pub(super) neighbours: [Option<usize>; 2],
    /// Copies that one unknown contributor can have: at the neighbour before, here, at the neighbour after. Rows are numbers in
    /// this base, the first unknown contributor the most significant digit.
    pub(super) local: Vec<Copies>,
    /// How many rows.
    pub(super) rows: usize,
}

/// A marker under a hypothesis.
#[derive(Debug, Clone)]
pub(super) struct MarkerProgram {
    pub(super) positions: Vec<Position>,
    pub(super) tables: Vec<Table>,
    pub(super) steps: Vec<Step>,
    /// Places of the unknown contributors in the hypothesis.
    pub(super) unknown: Vec<usize>,
    /// Logarithm of what the prior probabilities of all joint genotypes have in common.
    pub(super) ln_prior: f64,
    pub(super) threshold: f64,
    /// Replicates in which the marker was typed.
    pub(super) replicates: usize,
    /// Whether positions run from long to short, as they do where stutter goes forward only.
    pub(super) descending: bool,
    /// What the evidence is the sum of: a factor, and the positions where drop-in is not allowed.
    pub(super) drop_in_terms: Vec<(f64, Vec<bool>)>,
}

/// A contributor whose genotype is tried: place in the hypothesis, and alleles, `None` for one that nobody saw.
pub(super) type Trial = (usize, [Option<Allele>; 2]);

impl MarkerProgram {
    /// Compiles a marker. With a trial, that unknown contributor has that genotype, and `ln_prior` holds its probability.
    pub(super) fn new(
        evidence: &Evidence,
        marker: &MarkerEvidence,
        hypothesis: &Hypothesis,
        trial: Option<Trial>,
        shared: &mut Shared,
    ) -> Self {
        let settings = &evidence.settings;
        let frequencies = frequencies(marker, evidence.minimum);
        let seen = marker.seen();
        let in_stain = |allele: Allele| seen.binary_search(&allele).ok().map(|_| allele);
        let genotype = |reference: usize| {
            let genotype = evidence.references[reference].genotypes.get(&marker.marker)?;
            Some(genotype.map(in_stain))
        };
        // Who has which alleles; who is in the stain without a reference at this marker counts as unknown.
        let mut owners: Vec<(Option<usize>, [Option<Allele>; 2])> = Vec::new();
        for (place, reference) in hypothesis.known() {
            owners.extend(genotype(reference).map(|alleles| (Some(place), alleles)));
        }
        for reference in &hypothesis.typed_only {
            owners.extend(genotype(*reference).map(|alleles| (None, alleles)));
        }
        let mut typed: Vec<Option<Allele>> = owners.iter().flat_map(|(_, alleles)| *alleles).collect();
        let mut ln_prior = 0.0;
        let probability = |allele: Option<Allele>| match allele {
            Some(allele) => frequencies.seen[&allele],
            None => frequencies.rest,
        };
        if let Some((place, alleles)) = trial {
            for allele in alleles {
                let copies = typed.iter().filter(|other| **other == allele).count() as f64;
                let of = typed.len() as f64;
                ln_prior += draw(settings.theta, copies, of, probability(allele)).ln();
                typed.push(allele);
            }
            ln_prior += if alleles[0] == alleles[1] { 0.0 } else { std::f64::consts::LN_2 };
            owners.push((Some(place), alleles));
        }
        let unknown: Vec<usize> = (0..hypothesis.contributors.len())
            .filter(|place| !owners.iter().any(|(owner, _)| *owner == Some(*place)))
            .collect();
        for t in 0..2 * unknown.len() {
            ln_prior -= (1.0 + (typed.len() as f64 + t as f64 - 1.0) * settings.theta).ln();
        }
        ln_prior += unknown.len() as f64 * std::f64::consts::LN_2;

        let known_copies = |allele: Option<Allele>| -> Vec<(usize, f64)> {
            let copies = |alleles: &[Option<Allele>; 2]| alleles.iter().filter(|other| **other == allele).count();
            owners
                .iter()
                .filter_map(|(owner, alleles)| Some(((*owner)?, copies(alleles) as f64)))
                .filter(|(_, copies)| *copies > 0.0)
                .collect()
        };
        let replicates = marker.replicates.iter().flatten().count();
        let mut layout = Layout::new(&seen, settings.back_stutter, settings.forward_stutter);
        let positions: Vec<Position> = layout
            .places
            .iter()
            .map(|place| {
                let allele = if let Place::Seen(allele) = place { Some(*allele) } else { None };
                let heights: Vec<(usize, f64)> = allele.map_or_else(Vec::new, |allele| {
                    let peaks = marker.replicates.iter().flatten().enumerate();
                    let of =
                        |peaks: &Vec<super::Peak>| peaks.iter().find(|peak| peak.allele == allele).map(|p| p.height);
                    peaks.filter_map(|(r, peaks)| Some((r, of(peaks)?))).collect()
                });
                let real = *place != Place::Stutter;
                let frequency = if real { probability(allele) } else { 0.0 };
                let typed = if real { typed.iter().filter(|other| **other == allele).count() as f64 } else { 0.0 };
                let size = allele.map_or(marker.rest_size, |allele| marker.sizes.get(&allele).copied());
                Position {
                    place: *place,
                    size: (size.unwrap_or(125.0) - 125.0) / 100.0,
                    known: if real { known_copies(allele) } else { Vec::new() },
                    frequency,
                    typed,
                    carries: frequency > 0.0 || settings.theta * typed > 0.0,
                    unseen: replicates - heights.len(),
                    heights,
                }
            })
            .collect();
        // A rest that nobody can have needs no position.
        if let Some(rest) = positions.last().filter(|p| p.place == Place::Rest)
            && !rest.carries
            && rest.known.is_empty()
        {
            layout.chains.pop();
        }
        let both = settings.back_stutter && settings.forward_stutter;
        let mut program = Self {
            tables: Vec::new(),
            steps: Vec::new(),
            unknown,
            ln_prior,
            threshold: marker.threshold,
            replicates,
            descending: layout.descending,
            drop_in_terms: Vec::new(),
            positions,
        };
        for chain in &layout.chains {
            program.add_chain(chain, both, settings.theta, shared);
        }
        program.drop_in_terms = program.terms(settings.drop_in);
        program
    }

    fn add_chain(&mut self, chain: &[usize], both: bool, theta: f64, shared: &mut Shared) {
        let unknowns = self.unknown.len();
        let carries = |i: usize| self.positions[chain[i]].carries;
        let mut new_steps = Vec::new();
        let mut new_tables: Vec<Table> = Vec::new();
        for i in 0..chain.len() {
            let closes = i + 1 == chain.len();
            let kind = StepKind {
                before: both && i >= 2 && carries(i - 2),
                last: i >= 1 && carries(i - 1),
                added: carries(i),
                keep_before: both && !closes,
                keep_last: !closes,
            };
            let transitions = Arc::clone(
                shared.entry((kind, unknowns)).or_insert_with(|| Arc::new(Transitions::new(kind, unknowns))),
            );
            let weights = (0..transitions.configurations)
                .map(|row| {
                    let added = transitions.copies(row, unknowns).into_iter().map(|copies| copies[2]);
                    prior_weight(added, theta, &self.positions[chain[i]])
                })
                .collect();
            let neighbour = |at: Option<usize>| at.and_then(|at| chain.get(at)).copied();
            let table = |at: usize, local: Vec<Copies>| Table {
                position: chain[at],
                neighbours: [neighbour(at.checked_sub(1).filter(|_| both)), neighbour(Some(at + 1))],
                rows: (0..unknowns).fold(1, |product, _| product * local.len()),
                local,
            };
            let before = (i >= 1).then(|| {
                new_tables.push(table(i - 1, transitions.local.clone()));
                self.tables.len() + new_tables.len() - 1
            });
            let closing = closes.then(|| {
                // At the end of the chain the configuration of the step, one place on: what was added is now here.
                let moved = |[_, last, added]: Copies| [if both { last } else { 0 }, added, 0];
                let mut local: Vec<Copies> = transitions.local.iter().map(|copies| moved(*copies)).collect();
                local.sort_unstable();
                local.dedup();
                let rows = (0..transitions.configurations)
                    .map(|row| {
                        transitions.copies(row, unknowns).into_iter().fold(0, |number, copies| {
                            let digit = local.binary_search(&moved(copies)).unwrap_or(0);
                            number * local.len() as u32 + digit as u32
                        })
                    })
                    .collect();
                new_tables.push(table(i, local));
                (self.tables.len() + new_tables.len() - 1, rows)
            });
            new_steps.push(Step { transitions, weights, before, closing });
        }
        self.tables.extend(new_tables);
        self.steps.extend(new_steps);
    }

    /// The factor (1 - c) of a replicate without drop-in is 1 - c [no drop-in]; multiplied out over the replicates, each term
    /// forbids drop-in in some of them. Terms that forbid it at the same positions are one.
    fn terms(&self, drop_in: f64) -> Vec<(f64, Vec<bool>)> {
        if drop_in == 0.0 {
            return vec![(1.0, self.positions.iter().map(|position| !position.heights.is_empty()).collect())];
        }
        let mut terms: BTreeMap<Vec<bool>, f64> = BTreeMap::new();
        for chosen in 0_u32..1 << self.replicates {
            let forbidden =
                self.positions.iter().map(|p| p.heights.iter().any(|(r, _)| chosen >> r & 1 == 1)).collect();
            *terms.entry(forbidden).or_default() += (-drop_in).powi(chosen.count_ones() as i32);
        }
        terms.into_iter().map(|(forbidden, factor)| (factor, forbidden)).collect()
    }
}

/// Probability of the next allele, given `copies` of it among `of` alleles typed (Balding and Nichols 1994).
fn draw(theta: f64, copies: f64, of: f64, frequency: f64) -> f64 {
    (theta * copies + (1.0 - theta) * frequency) / (1.0 + (of - 1.0) * theta)
}

/// The part of the prior probability of the unknown genotypes that belongs to one allele: the numerators of Balding and Nichols'
/// draws, over the factorials that make heterozygotes twice as probable.
fn prior_weight(copies: impl Iterator<Item = u8>, theta: f64, position: &Position) -> f64 {
    let (mut weight, mut count) = (1.0, 0.0);
    for copies in copies {
        for _ in 0..copies {
            weight *= theta * (position.typed + count) + (1.0 - theta) * position.frequency;
            count += 1.0;
        }
        if copies == 2 {
            weight /= 2.0;
        }
    }
    weight
}

/// Frequencies of the alleles seen, and of all others together.
pub(super) struct SeenFrequencies {
    pub(super) seen: BTreeMap<Allele, f64>,
    pub(super) rest: f64,
}

/// Alleles that the table does not have get the minimum; then everything is divided by the sum.
pub(super) fn frequencies(marker: &MarkerEvidence, minimum: f64) -> SeenFrequencies {
    let mut table = marker.frequencies.clone();
    table.retain(|_, frequency| *frequency > 0.0);
    let seen = marker.seen();
    for allele in &seen {
        table.entry(*allele).or_insert(minimum);
    }
    let sum: f64 = table.values().sum();
    let others = table.iter().filter(|(allele, _)| seen.binary_search(allele).is_err()).map(|(_, f)| f / sum).sum();
    let seen = seen.into_iter().filter_map(|allele| Some((allele, table.get(&allele)? / sum))).collect();
    SeenFrequencies { seen, rest: others }
}

/// Positions and chains.
struct Layout {
    places: Vec<Place>,
    chains: Vec<Vec<usize>>,
    descending: bool,
}

impl Layout {
    fn new(seen: &[Allele], back: bool, forward: bool) -> Self {
        // Keyed by the part of a repeat, then by repeats, so that neighbours of one chain follow each other.
        let key = |tenths: i32| (tenths.rem_euclid(10), tenths.div_euclid(10));
        let mut ladder: BTreeMap<(i32, i32), Place> = BTreeMap::new();
        for allele in seen {
            ladder.insert(key(i32::from(allele.tenths())), Place::Seen(*allele));
        }
        for allele in seen {
            for (modelled, by) in [(back, -10), (forward, 10)] {
                if modelled {
                    ladder.entry(key(i32::from(allele.tenths()) + by)).or_insert(Place::Stutter);
                }
            }
        }
        let descending = forward && !back;
        let mut rows: Vec<((i32, i32), Place)> = ladder.into_iter().collect();
        if descending {
            rows.reverse();
        }
        let (mut places, mut chains): (Vec<Place>, Vec<Vec<usize>>) = (Vec::new(), Vec::new());
        let mut previous: Option<(i32, i32)> = None;
        for (at, ((part, repeats), place)) in rows.into_iter().enumerate() {
            let follows = previous.is_some_and(|(p, r)| p == part && (r - repeats).abs() == 1);
            match chains.last_mut() {
                Some(chain) if follows && (back || forward) => chain.push(at),
                _ => chains.push(vec![at]),
            }
            places.push(place);
            previous = Some((part, repeats));
        }
        chains.push(vec![places.len()]);
        places.push(Place::Rest);
        Self { places, chains, descending }
    }
}
