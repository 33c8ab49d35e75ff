//! Linked markers: two that lie close together on one chromosome go together from parent to child, unless a crossing-over parts them.
//!
//! The selectors of one meiosis at neighbouring markers differ with the recombination fraction between them, without
//! interference (Haldane: *The combination of linkage values*, Journal of Genetics 8, 1919); a group of linked markers is one
//! network ([`Network::linked`]) and the sum over it is exact, as at one marker. Alleles of founders are independent between markers
//! (linkage equilibrium), and each marker's gene pool has its own frequencies (theta).

use super::eliminate::{Part, typed_states};
use super::likelihood::{LnSum, Shown, check_cost, sizes, too_large};
use super::marker::{AllelePair, Inheritance, Marker};
use super::model::Model;
use super::network::{Network, Phase};
use super::plan::Plan;
use super::theta::Quadrature;
use super::{KinshipError, LikelihoodEngine};

/// Which markers of a case are linked. Made by [`Linkage::new`]; the default says that none are.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Linkage {
    groups: Vec<Group>,
}

#[derive(Debug, Clone, PartialEq)]
struct Group {
    /// Places of the markers, in the order in which they lie on the chromosome.
    markers: Vec<usize>,
    /// Recombination fractions between neighbours.
    recombination: Vec<f64>,
}

/// The most markers of one group: the sum grows with each.
const MAX_LINKED: usize = 8;

/// The most points of one marker's gene pool: they are kept while the others are gone through.
const MAX_POINTS: f64 = 1e6;

/// What does not depend on the numbers of linked markers.
#[derive(Debug)]
pub(super) struct CompiledGroup {
    parts: Vec<(Vec<Shown>, usize)>,
    inheritance: Inheritance,
    recombination: Vec<f64>,
    network: Network,
    founders: Vec<usize>,
    plan: Plan,
}

impl Linkage {
    /// Groups of linked markers: their names in the order in which they lie on the chromosome, and the recombination fraction between
    /// each and the next, at least 0 and at most 0.5, the mean of both sexes (of mothers alone on X, where fathers do not recombine).
    /// Markers that `markers` lack are looked over: the fraction across them is that of both stretches.
    ///
    /// # Errors
    /// [`KinshipError::Case`] for a fraction that is none, as many fractions as do not fit, a group of one marker or of more than
    /// eight, a marker that stands twice, and a group that lies on two chromosomes.
    pub fn new<'a>(
        markers: &[Marker],
        groups: impl IntoIterator<Item = (&'a [String], &'a [f64])>,
    ) -> Result<Self, KinshipError> {
        let mut linkage = Self::default();
        let mut seen: Vec<&str> = Vec::new();
        for (names, fractions) in groups {
            let called = || names.join(", ");
            if !(2..=MAX_LINKED).contains(&names.len()) || fractions.len() + 1 != names.len() {
                let reason =
                    "linked markers are two to eight, with one recombination fraction between each and the next";
                return Err(KinshipError::case(reason, &called()));
            }
            if !fractions.iter().all(|r| (0.0..=0.5).contains(r)) {
                return Err(KinshipError::case("a recombination fraction lies between 0 and 0.5", &called()));
            }
            let mut group = Group { markers: Vec::new(), recombination: Vec::new() };
            let mut across = 0.0;
            for (i, name) in names.iter().enumerate() {
                if seen.contains(&name.as_str()) {
                    return Err(KinshipError::case("a marker stands twice among those that are linked", name));
                }
                seen.push(name);
                across = if i == 0 { 0.0 } else { both(across, fractions[i - 1]) };
                let Some(place) = markers.iter().position(|marker| marker.name() == name) else { continue };
                if !group.markers.is_empty() {
                    group.recombination.push(across);
                }
                group.markers.push(place);
                across = 0.0;
            }
            let on = |place: &usize| markers[*place].inheritance();
            if group.markers.windows(2).any(|pair| on(&pair[0]) != on(&pair[1])) {
                let reason = "linked markers lie on one chromosome, and one of these is said to lie on X: correct it";
                return Err(KinshipError::case(reason, &called()));
            }
            if group.markers.len() > 1 {
                linkage.groups.push(group);
            }
        }
        Ok(linkage)
    }

    /// Whether no markers are linked.
    pub fn is_none(&self) -> bool {
        self.groups.is_empty()
    }

    /// The groups: places of their markers, and the recombination fractions between neighbours.
    pub fn groups(&self) -> impl Iterator<Item = (&[usize], &[f64])> {
        self.groups.iter().map(|group| (&group.markers[..], &group.recombination[..]))
    }

    /// The marker and those of its group before it, in their order, with the fractions between them; `None` where there are none.
    pub fn before(&self, marker: usize) -> Option<(&[usize], &[f64])> {
        self.groups().find_map(|(markers, fractions)| {
            let place = markers.iter().position(|m| *m == marker).filter(|place| *place > 0)?;
            Some((&markers[..=place], &fractions[..place]))
        })
    }
}

/// The recombination fraction over two stretches (Haldane).
fn both(a: f64, b: f64) -> f64 {
    a + b - 2.0 * a * b
}

impl LikelihoodEngine<'_> {
    /// The natural logarithm of the probability of what is typed at a marker, given what is typed at the markers of its linkage group
    /// before it, so that the sum over all markers is that of everything; `typed` gives the genotypes at a marker. Where markers
    /// are not linked this is [`LikelihoodEngine::ln_likelihood`]. Minus infinity where the markers before cannot be.
    ///
    /// # Errors
    /// As [`LikelihoodEngine::ln_likelihood`].
    pub fn ln_likelihood_given(
        &mut self,
        marker: usize,
        markers: &[Marker],
        linkage: &Linkage,
        typed: impl Fn(usize) -> Vec<Option<AllelePair>>,
    ) -> Result<f64, KinshipError> {
        let Some((group, fractions)) = linkage.before(marker) else {
            return self.ln_likelihood(&markers[marker], &typed(marker));
        };
        let genotypes: Vec<Vec<Option<AllelePair>>> = group.iter().map(|m| typed(*m)).collect();
        let all: Vec<(&Marker, &[Option<AllelePair>])> =
            group.iter().zip(&genotypes).map(|(m, of)| (&markers[*m], &of[..])).collect();
        let last = group.len() - 1;
        let before = self.ln_likelihood_linked(&all[..last], &fractions[..last - 1])?;
        if before == f64::NEG_INFINITY {
            return Ok(before);
        }
        Ok(self.ln_likelihood_linked(&all, fractions)? - before)
    }

    /// The natural logarithm of the probability of what is typed at linked markers together: each marker with a genotype or none for
    /// each person, in the order of the chromosome, and the recombination fractions between neighbours. Minus infinity for what
    /// cannot be.
    ///
    /// # Errors
    /// As [`LikelihoodEngine::ln_likelihood`]; with theta above 0 [`KinshipError::TooLarge`] comes sooner, because each marker has
    /// a gene pool of its own to be averaged over. [`KinshipError::Case`] where the fractions do not fit.
    pub fn ln_likelihood_linked(
        &mut self,
        linked: &[(&Marker, &[Option<AllelePair>])],
        recombination: &[f64],
    ) -> Result<f64, KinshipError> {
        match linked {
            [] => return Ok(0.0),
            [(marker, genotypes)] => return self.ln_likelihood(marker, genotypes),
            _ if recombination.len() + 1 != linked.len() => {
                let reason = "linked markers need one recombination fraction between each and the next";
                return Err(KinshipError::case(reason, linked[0].0.name()));
            }
            _ => {}
        }
        let mut models = Vec::with_capacity(linked.len());
        let mut typed = vec![Vec::new(); linked.len()];
        for ((marker, genotypes), typed) in linked.iter().zip(&mut typed) {
            self.check(marker, genotypes)?;
            let mut model = Model::default();
            model.set(marker, genotypes);
            if !typed_states(genotypes, &self.pedigree.twin_of, &model.state, typed) {
                return Ok(f64::NEG_INFINITY);
            }
            models.push(model);
        }
        let place = self.compile_group(linked[0].0.inheritance(), &models, &typed, recombination);
        let Self { groups, tables, theta, .. } = self;
        let CompiledGroup { network, plan, founders, .. } = &groups[place];
        let part = |(model, typed)| {
            let model: &Model = model;
            let typed: &Vec<_> = typed;
            Part { model, frequencies: &model.frequencies, typed }
        };
        let mut parts: Vec<Part<'_>> = models.iter().zip(&typed).map(part).collect();
        if !tables.limit(network, &parts) {
            return Ok(f64::NEG_INFINITY);
        }
        if *theta == 0.0 {
            check_cost(plan.cost)?;
            return tables.sum(network, plan, &parts, 0.0);
        }
        // Given the frequencies of every marker's pool founders' alleles are independent; the pools are, too.
        let of = |(part, founders): (&Part<'_>, &usize)| Quadrature::new(part.model, part.typed, *theta, *founders);
        let pools: Vec<Quadrature> = parts.iter().zip(founders).map(of).collect();
        check_cost(pools.iter().map(Quadrature::points).product::<f64>() * plan.cost)?;
        if let Some(pool) = pools.iter().find(|pool| pool.points() > MAX_POINTS) {
            return Err(too_large(pool.points(), MAX_POINTS));
        }
        let points: Vec<Vec<(f64, Vec<f64>)>> = pools.iter().map(Quadrature::all).collect();
        let mut total = LnSum::default();
        let mut chosen = vec![0usize; points.len()];
        loop {
            let mut ln_weight = 0.0;
            for ((part, points), at) in parts.iter_mut().zip(&points).zip(&chosen) {
                ln_weight += points[*at].0;
                part.frequencies = &points[*at].1;
            }
            total.add(ln_weight + tables.sum(network, plan, &parts, 0.0)?);
            let Some(next) = (0..points.len()).rev().find(|i| chosen[*i] + 1 < points[*i].len()) else {
                return Ok(total.ln());
            };
            chosen[next] += 1;
            chosen[next + 1..].fill(0);
        }
    }

    /// The place of what is known of these markers for those who are typed at each.
    fn compile_group(
        &mut self,
        inheritance: Inheritance,
        models: &[Model],
        typed: &[Vec<Option<[u16; 2]>>],
        recombination: &[f64],
    ) -> usize {
        let of = |(model, typed): (&Model, &Vec<_>)| (typed.iter().map(Shown::of).collect(), model.states());
        let parts: Vec<(Vec<Shown>, usize)> = models.iter().zip(typed).map(of).collect();
        let known = self.groups.iter().position(|known| {
            known.inheritance == inheritance && known.recombination == recombination && known.parts == parts
        });
        known.unwrap_or_else(|| {
            let single = |(number, (shown, _)): (usize, &(Vec<Shown>, usize))| {
                let typed: Vec<bool> = shown.iter().map(|shown| *shown != Shown::Nothing).collect();
                let phase = if number == 0 { Phase::Free } else { Phase::Bound };
                Network::new(self.pedigree, &typed, inheritance, phase)
            };
            let singles: Vec<Network> = parts.iter().enumerate().map(single).collect();
            let founders = singles.iter().map(|single| single.founders.len()).collect();
            let network = Network::linked(singles, recombination);
            let sizes_of: Vec<(&[Shown], usize)> = parts.iter().map(|(shown, states)| (&shown[..], *states)).collect();
            let plan = Plan::new(&network, &sizes(&network, &sizes_of));
            let recombination = recombination.to_vec();
            self.groups.push(CompiledGroup { parts, inheritance, recombination, network, founders, plan });
            self.groups.len() - 1
        })
    }
}
