//! The likelihood of a pedigree at one marker.

use super::eliminate::{Part, Tables, typed_states};
use super::ibd::IbdStates;
use super::linked::CompiledGroup;
use super::marker::{ANY, AllelePair, Inheritance, Marker};
use super::model::Model;
use super::network::{Network, Phase, Variable};
use super::pedigree::{Pedigree, Sex};
use super::plan::Plan;
use super::theta::{Quadrature, number_of_partitions, partitions};
use crate::{Theta, kinship::KinshipError};

/// The most multiplications of one calculation: about a minute of one core.
const MAX_COST: f64 = 5e10;
/// Founders' alleles up to which the networks of all partitions are kept: 203 networks.
const MAX_KEPT_PARTITIONS: usize = 6;

/// Works out likelihoods of one pedigree. Keeps its memory and what it found out about the pedigree between markers, so one
/// engine should see all markers; it is not shared between threads.
#[derive(Debug)]
pub struct LikelihoodEngine<'p> {
    pub(super) pedigree: &'p Pedigree,
    pub(super) theta: f64,
    /// Pairs of typed persons, and the identity of their alleles by descent where it could be worked out.
    pairs: Vec<([usize; 2], Option<IbdStates>)>,
    compiled: Vec<Compiled>,
    model: Model,
    pub(super) tables: Tables,
    typed: Vec<Option<[u16; 2]>>,
    shown: Vec<Shown>,
    /// What is known of groups of linked markers.
    pub(super) groups: Vec<CompiledGroup>,
}

/// How much is typed of a person.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Shown {
    Nothing,
    /// One allele, beside which another may have been lost.
    One,
    Both,
}

impl Shown {
    pub(super) fn of(typed: &Option<[u16; 2]>) -> Self {
        match typed {
            None => Self::Nothing,
            Some([_, ANY]) => Self::One,
            Some(_) => Self::Both,
        }
    }
}

/// What does not depend on the marker's numbers: who is typed says which network, the number of alleles which plan.
#[derive(Debug)]
struct Compiled {
    shown: Vec<Shown>,
    inheritance: Inheritance,
    size_class: u32,
    network: Network,
    plan: Plan,
    merged: Option<Vec<(Network, Plan)>>,
}

impl<'p> LikelihoodEngine<'p> {
    /// An engine for a pedigree. With theta above 0 all founders' alleles come from one gene pool (Balding, Nichols 1994).
    pub fn new(pedigree: &'p Pedigree, theta: Theta) -> Self {
        Self {
            pedigree,
            theta: theta.into(),
            pairs: Vec::new(),
            compiled: Vec::new(),
            model: Model::default(),
            tables: Tables::default(),
            typed: Vec::new(),
            shown: Vec::new(),
            groups: Vec::new(),
        }
    }

    /// The natural logarithm of the probability of these genotypes, one for each person of the pedigree in its order, `None` for
    /// who is not typed at this marker. Minus infinity for what cannot be; 0 where nobody is typed.
    ///
    /// # Errors
    /// [`KinshipError::Genotype`] for an allele that the marker does not have, two alleles in a male on X, and a person of
    /// unknown sex on X; [`KinshipError::TooLarge`] where an exact answer would need too much memory or time.
    pub fn ln_likelihood(&mut self, marker: &Marker, genotypes: &[Option<AllelePair>]) -> Result<f64, KinshipError> {
        self.check(marker, genotypes)?;
        if let Some(likelihood) = self.of_two(marker, genotypes) {
            return Ok(likelihood.ln());
        }
        self.model.set(marker, genotypes);
        if !typed_states(genotypes, &self.pedigree.twin_of, &self.model.state, &mut self.typed) {
            return Ok(f64::NEG_INFINITY);
        }
        let place = self.compile(marker.inheritance());
        let Self { compiled, model, tables, typed, theta, .. } = self;
        let Compiled { network, plan, merged, .. } = &mut compiled[place];
        let parts = [Part { model, frequencies: &model.frequencies, typed }];
        if *theta == 0.0 {
            check_cost(plan.cost)?;
            return if tables.limit(network, &parts) {
                tables.sum(network, plan, &parts, 0.0)
            } else {
                Ok(f64::NEG_INFINITY)
            };
        }
        let founders = network.founders.len();
        let quadrature = Quadrature::new(model, typed, *theta, founders);
        let mut total = LnSum::default();
        if quadrature.points() <= number_of_partitions(founders) {
            check_cost(quadrature.points() * plan.cost)?;
            if tables.limit(network, &parts) {
                quadrature.each(|ln_weight, frequencies| {
                    let parts = [Part { frequencies, ..parts[0] }];
                    total.add(ln_weight + tables.sum(network, plan, &parts, 0.0)?);
                    Ok(())
                })?;
            }
            return Ok(total.ln());
        }
        check_cost(number_of_partitions(founders) * plan.cost)?;
        let mut add = |network: &Network, plan: &Plan, tables: &mut Tables| {
            if tables.limit(network, &parts) {
                total.add(tables.sum(network, plan, &parts, *theta)?);
            }
            Ok(())
        };
        if founders <= MAX_KEPT_PARTITIONS {
            let merged = merged.get_or_insert_with(|| {
                let mut all = Vec::new();
                let keep = |blocks: &[usize]| {
                    let merged = network.merged(blocks);
                    let plan = Plan::new(&merged, &sizes(&merged, &[(&self.shown, model.states())]));
                    all.push((merged, plan));
                    Ok::<(), std::convert::Infallible>(())
                };
                let Ok(()) = partitions(founders, keep);
                all
            });
            for (network, plan) in merged {
                add(network, plan, tables)?;
            }
        } else {
            partitions(founders, |blocks| {
                let merged = network.merged(blocks);
                // Most partitions join alleles that differ; they need no plan.
                if !tables.limit(&merged, &parts) {
                    return Ok(());
                }
                let plan = Plan::new(&merged, &sizes(&merged, &[(&self.shown, model.states())]));
                add(&merged, &plan, tables)
            })?;
        }
        let urn: f64 = (0..founders).map(|j| (1.0 - *theta + j as f64 * *theta).ln()).sum();
        Ok(total.ln() - urn)
    }

    /// Two typed persons and no mutation: the states of identity by descent say everything.
    fn of_two(&mut self, marker: &Marker, genotypes: &[Option<AllelePair>]) -> Option<f64> {
        if !marker.is_without_mutation() || marker.inheritance() != Inheritance::Autosomal || marker.silent().is_some()
        {
            return None;
        }
        let mut typed = genotypes.iter().enumerate().filter_map(|(person, pair)| pair.map(|pair| (person, pair)));
        let (Some((a, of_a)), Some((b, of_b)), None) = (typed.next(), typed.next(), typed.next()) else { return None };
        let place = self.pairs.iter().position(|(pair, _)| *pair == [a, b]).unwrap_or_else(|| {
            self.pairs.push(([a, b], IbdStates::of(self.pedigree, a, b)));
            self.pairs.len() - 1
        });
        let theta = Theta::new(self.theta).ok()?;
        Some(self.pairs[place].1.as_ref()?.likelihood(marker, of_a, of_b, theta))
    }

    pub(super) fn check(&self, marker: &Marker, genotypes: &[Option<AllelePair>]) -> Result<(), KinshipError> {
        let nobody =
            || KinshipError::case("a genotype for each person of the pedigree, or none, is needed", marker.name());
        if genotypes.len() != self.pedigree.len() {
            return Err(nobody());
        }
        for (person, pair) in genotypes.iter().enumerate() {
            let Some(pair) = pair else { continue };
            let bad = |reason| Err(KinshipError::genotype(marker.name(), &self.pedigree.ids[person], reason));
            if pair.places().any(|a| usize::from(a) >= marker.labels().len()) {
                return bad("an allele is not in the marker's list");
            }
            match (marker.inheritance(), self.pedigree.sex(person)) {
                (Inheritance::X, Sex::Unknown) => {
                    return bad("an X-chromosomal marker needs the person's sex: enter it, or leave the marker out");
                }
                (Inheritance::X, Sex::Male) if pair.partner_may_be_lost() => {
                    return bad("a male has one X, beside which no allele can be lost: take the drop-out mark away");
                }
                (Inheritance::X, Sex::Male) if !pair.is_homozygous() => {
                    return bad("a male has one X: two different alleles cannot be; check sex and typing");
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The place of what is known for those who are typed now.
    fn compile(&mut self, inheritance: Inheritance) -> usize {
        self.shown.clear();
        self.shown.extend(self.typed.iter().map(Shown::of));
        let size_class = usize::BITS - self.model.states().leading_zeros();
        let known = self.compiled.iter().position(|known| {
            known.size_class == size_class && known.inheritance == inheritance && known.shown == self.shown
        });
        known.unwrap_or_else(|| {
            let typed: Vec<bool> = self.shown.iter().map(|shown| *shown != Shown::Nothing).collect();
            let network = Network::new(self.pedigree, &typed, inheritance, Phase::Free);
            let plan = Plan::new(&network, &sizes(&network, &[(&self.shown, self.model.states())]));
            let shown = self.shown.clone();
            self.compiled.push(Compiled { shown, inheritance, size_class, network, plan, merged: None });
            self.compiled.len() - 1
        })
    }
}

/// How many states each variable will have, about: plans are made for these sizes. `parts` says of each marker of the network who
/// is typed and how many states there are.
pub(super) fn sizes(network: &Network, parts: &[(&[Shown], usize)]) -> Vec<f64> {
    let of_seat = |seat: &super::network::Seat, shown: &[Shown]| match (shown[seat.person], seat.fixed) {
        (Shown::Both, None) => Some(2.0),
        (Shown::Both, Some(_)) | (Shown::One, Some(0)) => Some(1.0),
        _ => None,
    };
    let size = |(place, variable): (usize, &Variable)| match variable {
        Variable::Selector => 2.0,
        Variable::Founder { evidence } | Variable::Inherited { evidence, .. } => {
            let (shown, states) = parts[network.part_of(place)];
            evidence.iter().find_map(|seat| of_seat(seat, shown)).unwrap_or(states as f64)
        }
    };
    network.variables.iter().enumerate().map(size).collect()
}

pub(super) fn check_cost(cost: f64) -> Result<(), KinshipError> {
    if cost <= MAX_COST { Ok(()) } else { Err(too_large(cost, MAX_COST)) }
}

pub(super) fn too_large(size: f64, limit: f64) -> KinshipError {
    KinshipError::TooLarge {
        what: "the pedigree at one marker, or at markers that are linked",
        size,
        limit,
        advice: "leave out distant relatives, use a mutation model that can be lumped (equal, proportional), or theta 0",
    }
}

/// A sum of numbers given by their logarithms.
#[derive(Debug, Default)]
pub(super) struct LnSum {
    largest: Option<f64>,
    sum: f64,
}

impl LnSum {
    pub(super) fn add(&mut self, ln: f64) {
        if ln == f64::NEG_INFINITY {
            return;
        }
        match self.largest {
            Some(largest) if ln <= largest => self.sum += (ln - largest).exp(),
            Some(largest) => {
                self.sum = self.sum * (largest - ln).exp() + 1.0;
                self.largest = Some(ln);
            }
            None => (self.largest, self.sum) = (Some(ln), 1.0),
        }
    }

    pub(super) fn ln(&self) -> f64 {
        self.largest.map_or(f64::NEG_INFINITY, |largest| largest + self.sum.ln())
    }
}
