//! A marker under a hypothesis, made ready: which positions of the stutter ladder there are, who can have alleles there, and the
//! steps of the sum over the genotypes of the unknown.
//!
//! Positions are the alleles seen, the places where their stutter would fall, and one for all alleles that nobody saw. They are
//! ordered so that a position depends on its neighbours only: in chains of one repeat each. Where unknown contributors are related,
//! each way in which their alleles can have come down ([`super::ways`]) is a program of its own, and the evidence is their sum.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::evidence::MarkerEvidence;
use super::ladder::{Ladder, Place, Reach};
use super::transitions::{Copies, StepKind, Transitions};
use super::ways::{Kind, Known, Unit, Way};
use super::{Evidence, Hypothesis, Settings};
use crate::Allele;
use crate::weight::next_allele;

/// Transitions by kind and the alleles of the units, shared by all markers of a hypothesis.
pub(super) type Shared = BTreeMap<(StepKind, Vec<u8>), Arc<Transitions>>;

/// One position.
#[derive(Debug, Clone)]
pub(super) struct Position {
    pub(super) place: Place,
    /// (bases - 125) / 100.
    pub(super) size: f64,
    /// Copies that contributors are known to have, by their place in the hypothesis.
    pub(super) known: Vec<(usize, f64)>,
    /// Frequency, 0 where nobody can have an allele.
    pub(super) frequency: f64,
    /// Copies among the alleles typed.
    pub(super) typed: f64,
    /// Whether alleles of unknown contributors can be here.
    pub(super) carries: bool,
    /// Heights in the replicates that show it, of those that typed the marker: replicate and RFU.
    pub(super) heights: Vec<(usize, f64)>,
    /// Replicates that do not show it.
    pub(super) unseen: Vec<usize>,
}

/// One step: an allele is added, and the heights at a position of which all givers are known now are weighed; at the end of a chain
/// those at the last positions too.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) transitions: Arc<Transitions>,
    /// Prior weight of the copies added, for each configuration.
    pub(super) weights: Vec<f64>,
    /// Which table of heights belongs to that position; its rows are the configurations.
    pub(super) table: Option<usize>,
    /// Tables of the last positions of the chain, and the row of each table for each configuration.
    pub(super) closing: Vec<(usize, Vec<u32>)>,
}

/// For which copies the heights at a position must be weighed.
#[derive(Debug, Clone)]
pub(super) struct Table {
    /// The position.
    pub(super) position: usize,
    /// Positions whose material falls here: the neighbour before it in the order of the chain, itself, the two after it.
    pub(super) givers: [Option<usize>; 4],
    /// Copies at the givers that a unit of one and of two alleles can have. Rows are numbers in these bases, the first unit the most
    /// significant digit.
    pub(super) local: [Vec<Copies>; 2],
    /// How many rows.
    pub(super) rows: usize,
}

/// A marker under a hypothesis, or one way of it.
#[derive(Debug, Clone)]
pub(super) struct MarkerProgram {
    pub(super) positions: Vec<Position>,
    pub(super) tables: Vec<Table>,
    pub(super) steps: Vec<Step>,
    /// The alleles that are summed over.
    pub(super) units: Vec<Unit>,
    /// Logarithm of what the prior probabilities of all joint genotypes have in common.
    pub(super) ln_prior: f64,
    pub(super) threshold: f64,
    /// Those of the marker.
    pub(super) settings: Settings,
    /// Replicates in which the marker was typed, in their order; others count them from 0.
    pub(super) typed: Vec<usize>,
    pub(super) reach: Reach,
    /// What the evidence is the sum of: a factor, and the positions where drop-in is not allowed.
    pub(super) drop_in_terms: Vec<(f64, Vec<bool>)>,
}

/// A contributor whose genotype is tried: place in the hypothesis, and alleles, `None` for one that nobody saw.
pub(super) type Trial = (usize, [Kind; 2]);

/// The programs of a marker, whose sums add up. With a trial, that unknown contributor has that genotype, and `ln_prior` holds its
/// probability too; none where that cannot be.
pub(super) fn programs(
    evidence: &Evidence,
    marker: &MarkerEvidence,
    hypothesis: &Hypothesis,
    trial: Option<Trial>,
    shared: &mut Shared,
) -> Vec<MarkerProgram> {
    let seen = marker.seen();
    let in_stain = |allele: Allele| seen.binary_search(&allele).ok().map(|_| allele);
    let genotype = |reference: usize| {
        let genotype = evidence.references[reference].genotypes.get(&marker.marker)?;
        Some(genotype.map(in_stain))
    };
    // Who has which alleles; who is in the stain without a reference at this marker counts as unknown.
    let mut typed: Vec<(Option<usize>, [Kind; 2])> = Vec::new();
    for (place, reference) in hypothesis.known() {
        typed.extend(genotype(reference).map(|alleles| (Some(place), alleles)));
    }
    for reference in &hypothesis.typed_only {
        typed.extend(genotype(*reference).map(|alleles| (None, alleles)));
    }
    let mut ways = Known { hypothesis, genotype: &genotype }.ways();
    if let Some((place, alleles)) = trial {
        ways = ways.iter().flat_map(|way| way.if_genotype_is(place, alleles)).collect();
    }
    ways.into_iter().map(|way| MarkerProgram::new(evidence, marker, &typed, way, shared)).collect()
}

impl MarkerProgram {
    fn new(
        evidence: &Evidence,
        marker: &MarkerEvidence,
        typed: &[(Option<usize>, [Kind; 2])],
        way: Way,
        shared: &mut Shared,
    ) -> Self {
        let settings = &evidence.settings.at(marker);
        let frequencies = frequencies(marker, evidence.minimum);
        let probability = |allele: Kind| match allele {
            Some(allele) => frequencies.seen[&allele],
            None => frequencies.rest,
        };
        // Copies that somebody is known to have, and the alleles that were drawn so far.
        let owned =
            typed.iter().filter_map(|(owner, alleles)| owner.map(|owner| alleles.map(|allele| (owner, allele))));
        let mut held: Vec<(usize, Kind)> = owned.flatten().chain(way.copies).collect();
        let mut drawn: Vec<Kind> = typed.iter().flat_map(|(_, alleles)| *alleles).collect();
        let mut ln_prior = way.weight.ln();
        for (places, allele) in &way.drawn {
            let copies = drawn.iter().filter(|other| *other == allele).count();
            ln_prior += next_allele(settings.theta, probability(*allele), copies, drawn.len()).ln();
            drawn.push(*allele);
            held.extend(places.iter().map(|place| (*place, *allele)));
        }
        let open: u8 = way.units.iter().map(|unit| unit.alleles).sum();
        for t in 0..usize::from(open) {
            ln_prior -= (1.0 + ((drawn.len() + t) as f64 - 1.0) * settings.theta).ln();
        }
        // Heterozygotes come in two orders.
        ln_prior += way.units.iter().filter(|unit| unit.alleles == 2).count() as f64 * std::f64::consts::LN_2;

        let known_copies = |allele: Kind| -> Vec<(usize, f64)> {
            let mut copies: BTreeMap<usize, f64> = BTreeMap::new();
            for (owner, _) in held.iter().filter(|(_, other)| *other == allele) {
                *copies.entry(*owner).or_default() += 1.0;
            }
            copies.into_iter().collect()
        };
        let replicates: Vec<usize> =
            marker.replicates.iter().enumerate().filter_map(|(at, peaks)| peaks.as_ref().map(|_| at)).collect();
        let mut ladder = Ladder::new(&marker.seen(), settings);
        let positions: Vec<Position> = ladder
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
                let typed = if real { drawn.iter().filter(|other| **other == allele).count() as f64 } else { 0.0 };
                let size = allele.map_or(marker.rest_size, |allele| marker.sizes.get(&allele).copied());
                Position {
                    place: *place,
                    size: (size.unwrap_or(125.0) - 125.0) / 100.0,
                    known: if real { known_copies(allele) } else { Vec::new() },
                    frequency,
                    typed,
                    carries: frequency > 0.0 || settings.theta * typed > 0.0,
                    unseen: (0..replicates.len()).filter(|r| !heights.iter().any(|(seen, _)| seen == r)).collect(),
                    heights,
                }
            })
            .collect();
        // A rest that nobody can have needs no position.
        if let Some(rest) = positions.last().filter(|p| p.place == Place::Rest)
            && !rest.carries
            && rest.known.is_empty()
        {
            ladder.chains.pop();
        }
        let mut program = Self {
            tables: Vec::new(),
            steps: Vec::new(),
            units: way.units,
            ln_prior,
            threshold: marker.threshold,
            settings: *settings,
            typed: replicates,
            reach: Reach::of(settings),
            drop_in_terms: Vec::new(),
            positions,
        };
        for chain in &ladder.chains {
            program.add_chain(chain, settings, shared);
        }
        program.drop_in_terms = program.terms(settings.drop_in);
        program
    }

    fn add_chain(&mut self, chain: &[usize], settings: &Settings, shared: &mut Shared) {
        let Reach { before, after, .. } = self.reach;
        let units: Vec<u8> = self.units.iter().map(|unit| unit.alleles).collect();
        let carries = |i: usize| self.positions[chain[i]].carries;
        // Alleles that matter beside the added one.
        let memory = after + usize::from(before);
        let mut new_steps = Vec::new();
        let mut new_tables: Vec<Table> = Vec::new();
        for i in 0..chain.len() {
            let closes = i + 1 == chain.len();
            let mut kind = StepKind { seen: [false; 4], kept: [false; 3] };
            kind.seen[3] = carries(i);
            for back in 1..=memory {
                kind.seen[3 - back] = i >= back && carries(i - back);
                kind.kept[3 - back] = !closes;
            }
            let transitions = Arc::clone(
                shared.entry((kind, units.clone())).or_insert_with(|| Arc::new(Transitions::new(kind, &units))),
            );
            let weights = (0..transitions.configurations)
                .map(|row| {
                    let added = transitions.copies(row, &units).into_iter().map(|copies| copies[3]);
                    prior_weight(added, settings.theta, &self.positions[chain[i]])
                })
                .collect();
            let at = |place: Option<usize>| place.and_then(|place| chain.get(place)).copied();
            let table = |here: usize, local: [Vec<Copies>; 2]| Table {
                position: chain[here],
                givers: [
                    at(here.checked_sub(1).filter(|_| before)),
                    at(Some(here)),
                    at(Some(here + 1).filter(|_| after >= 1)),
                    at(Some(here + 2).filter(|_| after >= 2)),
                ],
                rows: units.iter().map(|alleles| local[usize::from(*alleles) - 1].len()).product(),
                local,
            };
            // The copies of a configuration at the givers of the position that lies so many before the added one.
            let given = |back: usize| {
                move |copies: &Copies| -> Copies {
                    let at = |slot: usize| copies.get(slot).copied().unwrap_or(0);
                    let here = 3 - back;
                    [if before { at(here - 1) } else { 0 }, at(here), at(here + 1), at(here + 2)]
                }
            };
            let number = |new: &[Table]| self.tables.len() + new.len() - 1;
            let regular = (i >= after).then(|| {
                let local = [0, 1].map(|unit| transitions.local[unit].iter().map(given(after)).collect());
                new_tables.push(table(i - after, local));
                number(&new_tables)
            });
            let mut closing = Vec::new();
            for back in (0..after.min(i + 1)).rev().filter(|_| closes) {
                let local = [0, 1].map(|unit| {
                    let mut local: Vec<Copies> = transitions.local[unit].iter().map(given(back)).collect();
                    local.sort_unstable();
                    local.dedup();
                    local
                });
                let row = |configuration| {
                    let copies = transitions.copies(configuration, &units);
                    copies.iter().zip(&units).fold(0, |number, (copies, alleles)| {
                        let local = &local[usize::from(*alleles) - 1];
                        let digit = local.binary_search(&given(back)(copies)).unwrap_or(0);
                        number * local.len() as u32 + digit as u32
                    })
                };
                let rows = (0..transitions.configurations).map(row).collect();
                new_tables.push(table(i - back, local));
                closing.push((number(&new_tables), rows));
            }
            new_steps.push(Step { transitions, weights, table: regular, closing });
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
        for chosen in 0_u32..1 << self.typed.len() {
            let forbidden =
                self.positions.iter().map(|p| p.heights.iter().any(|(r, _)| chosen >> r & 1 == 1)).collect();
            *terms.entry(forbidden).or_default() += (-drop_in).powi(chosen.count_ones() as i32);
        }
        terms.into_iter().map(|(forbidden, factor)| (factor, forbidden)).collect()
    }
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
