//! A pedigree and what is typed in it as a network of alleles: what depends on what.
//!
//! Every person who matters has two ordered alleles, a paternal and a maternal one. An allele of a child comes from one of two
//! alleles of the parent; a selector says which. Given the selector, it depends on one allele only, so that no table of the
//! network has more than three variables (Fishelson, Geiger: *Exact genetic linkage computations for general pedigrees*, 2002,
//! use the same variables). At linked markers the selectors of one meiosis hang together.

use std::collections::HashMap;

use super::marker::Inheritance;
use super::pedigree::{Pedigree, Sex};

/// A variable of the network.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Variable {
    /// An allele that nobody in the pedigree handed down.
    Founder {
        /// Where it is limited by what was typed.
        evidence: Vec<Seat>,
    },
    /// An allele that comes from one of the parent's.
    Inherited {
        /// The parent's alleles from which it can come.
        from: Vec<usize>,
        /// Whether the parent is the mother.
        maternal: bool,
        /// Where it is limited by what was typed.
        evidence: Vec<Seat>,
    },
    /// Which of two alleles a parent handed down.
    Selector,
}

/// One of the alleles of a typed person.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Seat {
    /// The person (who stands for all of their identical twins).
    pub(super) person: usize,
    /// `Some(0 | 1)` where the order of the alleles does not matter and is fixed; `None` where the allele can be either one.
    pub(super) fixed: Option<usize>,
}

/// A table of the network.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Factor {
    /// How frequent a founder's allele is; `block` founders' alleles are this one by descent outside the pedigree (theta).
    Prior { variable: usize, block: usize },
    /// The mutation matrix, where the selector says that the child's allele comes from this one; 1 elsewhere.
    Transmission { selector: Option<(usize, bool)>, from: usize, to: usize, maternal: bool },
    /// Whether two alleles give the genotype that was typed.
    Evidence { person: usize, alleles: [usize; 2], unordered: bool },
    /// Whether one meiosis hands down the same of the parent's chromosomes at two linked markers; `before` is the selector at the
    /// first of them, `None` where the first of the parent's alleles stands for both.
    Linkage { before: Option<usize>, selector: usize, recombination: f64 },
}

/// What one parent hands to one child, where the parent has two alleles.
#[derive(Debug, Clone, Copy)]
struct Meiosis {
    child: usize,
    maternal: bool,
    /// Which of the two alleles; `None` where the parent's first may be said to be the one.
    selector: Option<usize>,
}

/// Whether what cannot be told apart is counted once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// A founder's two alleles may be said to stand in one order: nothing else is known of them.
    Free,
    /// The order is that of another marker on the same chromosomes, so that both must be looked at.
    Bound,
}

/// Variables in an order in which parents come first, and the tables over them.
#[derive(Debug, Clone)]
pub(super) struct Network {
    pub(super) variables: Vec<Variable>,
    pub(super) factors: Vec<Factor>,
    /// Variables of founders' alleles that are handed down to somebody typed, or typed themselves.
    pub(super) founders: Vec<usize>,
    /// Number of selectors whose choices have probability one half each; those of later linked markers follow [`Factor::Linkage`].
    pub(super) selectors: i32,
    /// The first variable of each marker: one where markers are not linked.
    starts: Vec<usize>,
    meioses: Vec<Meiosis>,
}

impl Factor {
    /// The variables of the table, in the order of its axes.
    pub(super) fn variables(&self) -> Vec<usize> {
        match self {
            Self::Prior { variable, .. } => vec![*variable],
            Self::Transmission { selector: Some((selector, _)), from, to, .. } => vec![*selector, *from, *to],
            Self::Transmission { selector: None, from, to, .. } => vec![*from, *to],
            Self::Evidence { alleles, .. } if alleles[0] == alleles[1] => vec![alleles[0]],
            Self::Evidence { alleles, .. } => alleles.to_vec(),
            Self::Linkage { before: Some(before), selector, .. } => vec![*before, *selector],
            Self::Linkage { before: None, selector, .. } => vec![*selector],
        }
    }

    /// The same table over variables that are numbered from `start` on.
    fn moved(mut self, start: usize) -> Self {
        match &mut self {
            Self::Prior { variable, .. } => *variable += start,
            Self::Transmission { selector, from, to, .. } => {
                selector.iter_mut().for_each(|(selector, _)| *selector += start);
                (*from, *to) = (*from + start, *to + start);
            }
            Self::Evidence { alleles, .. } => alleles.iter_mut().for_each(|a| *a += start),
            Self::Linkage { before, selector, .. } => {
                before.iter_mut().for_each(|before| *before += start);
                *selector += start;
            }
        }
        self
    }
}

impl Default for Network {
    /// Nothing, of one marker.
    fn default() -> Self {
        Self {
            variables: Vec::new(),
            factors: Vec::new(),
            founders: Vec::new(),
            selectors: 0,
            starts: vec![0],
            meioses: Vec::new(),
        }
    }
}

impl Network {
    /// The network of a pedigree for one marker; `typed` says who is typed, by place of the person who stands for twins.
    pub(super) fn new(pedigree: &Pedigree, typed: &[bool], inheritance: Inheritance, phase: Phase) -> Self {
        let free = phase == Phase::Free;
        let matters = who_matters(pedigree, typed);
        let mut network = Self::default();
        // Paternal and maternal variable of each person; equal where a person has one allele.
        let mut alleles = vec![[usize::MAX; 2]; pedigree.len()];
        // Founders of whom nothing is typed: their two alleles are alike, so that the first child may be said to have the first.
        let mut exchangeable = vec![false; pedigree.len()];
        for &person in &pedigree.order {
            if !matters[person] {
                continue;
            }
            let single = inheritance == Inheritance::X && pedigree.sex(person) == Sex::Male;
            match pedigree.parents(person) {
                None => {
                    let seats = if single { 1 } else { 2 };
                    for seat in 0..seats {
                        let fixed = (free || single).then_some(seat);
                        let evidence = typed[person].then_some(Seat { person, fixed }).into_iter().collect();
                        alleles[person][seat] = network.add(Variable::Founder { evidence });
                    }
                    if single {
                        alleles[person][1] = alleles[person][0];
                    }
                    exchangeable[person] = free && !single && !typed[person];
                }
                Some(parents) => {
                    let evidence = typed[person].then_some(Seat { person, fixed: single.then_some(0) });
                    for (seat, parent) in parents.into_iter().enumerate() {
                        if single && seat == 0 {
                            continue;
                        }
                        let parent = pedigree.twin_of(parent);
                        let first = std::mem::take(&mut exchangeable[parent]);
                        alleles[person][seat] = network.inherit(alleles[parent], person, first, seat == 1, evidence);
                    }
                    if single {
                        alleles[person][0] = alleles[person][1];
                    }
                }
            }
            if typed[person] {
                let unordered = free && pedigree.parents(person).is_none();
                network.factors.push(Factor::Evidence { person, alleles: alleles[person], unordered });
            }
        }
        network.add_priors();
        network
    }

    fn add(&mut self, variable: Variable) -> usize {
        self.variables.push(variable);
        self.variables.len() - 1
    }

    fn inherit(
        &mut self,
        parent: [usize; 2],
        child: usize,
        first: bool,
        maternal: bool,
        evidence: Option<Seat>,
    ) -> usize {
        let one = parent[0] == parent[1] || first;
        let from = if one { vec![parent[0]] } else { parent.to_vec() };
        let selector = (!one).then(|| self.add(Variable::Selector));
        if parent[0] != parent[1] {
            self.meioses.push(Meiosis { child, maternal, selector });
        }
        let to = self.add(Variable::Inherited { from, maternal, evidence: evidence.into_iter().collect() });
        match selector {
            None => self.factors.push(Factor::Transmission { selector: None, from: parent[0], to, maternal }),
            Some(selector) => {
                self.selectors += 1;
                for (from, second) in parent.into_iter().zip([false, true]) {
                    self.factors.push(Factor::Transmission { selector: Some((selector, second)), from, to, maternal });
                }
            }
        }
        to
    }

    /// Founders' alleles that are typed or handed down get their frequency; the others sum to 1 and are left out.
    fn add_priors(&mut self) {
        let mut used = vec![false; self.variables.len()];
        for variable in self.factors.iter().flat_map(Factor::variables) {
            used[variable] = true;
        }
        for variable in 0..self.variables.len() {
            if used[variable] && matches!(self.variables[variable], Variable::Founder { .. }) {
                self.founders.push(variable);
                self.factors.push(Factor::Prior { variable, block: 1 });
            }
        }
    }

    /// The network of linked markers, made of those of the single ones: the first with [`Phase::Free`], the others
    /// [`Phase::Bound`]. `recombination` is the fraction between neighbours. A meiosis that does not matter at a marker is looked
    /// over there, and its fraction to the next marker is that of the two stretches without interference (Haldane 1919).
    pub(super) fn linked(parts: Vec<Self>, recombination: &[f64]) -> Self {
        let mut all = Self { starts: Vec::with_capacity(parts.len()), ..Self::default() };
        let mut last: HashMap<(usize, bool), (usize, Option<usize>)> = HashMap::new();
        for (number, part) in parts.into_iter().enumerate() {
            let start = all.variables.len();
            all.starts.push(start);
            for mut variable in part.variables {
                if let Variable::Inherited { from, .. } = &mut variable {
                    from.iter_mut().for_each(|f| *f += start);
                }
                all.variables.push(variable);
            }
            all.factors.extend(part.factors.into_iter().map(|factor| factor.moved(start)));
            all.founders.extend(part.founders.into_iter().map(|founder| founder + start));
            for Meiosis { child, maternal, selector } in part.meioses {
                let selector = selector.map(|selector| selector + start);
                match (last.insert((child, maternal), (number, selector)), selector) {
                    (None, None) | (Some(_), None) => {}
                    (None, Some(_)) => all.selectors += 1,
                    (Some((before, chosen)), Some(selector)) => {
                        let recombination = recombination[before..number].iter().fold(0.0, |r, s| r + s - 2.0 * r * s);
                        all.factors.push(Factor::Linkage { before: chosen, selector, recombination });
                    }
                }
            }
        }
        all
    }

    /// Of which of the linked markers a variable is; 0 where there is one marker.
    pub(super) fn part_of(&self, variable: usize) -> usize {
        if self.starts.len() == 1 { 0 } else { self.starts.partition_point(|start| *start <= variable) - 1 }
    }

    /// The network in which founders' alleles of one block are one allele; `blocks[i]` is the block of the i-th founder's
    /// allele, in restricted-growth form.
    pub(super) fn merged(&self, blocks: &[usize]) -> Self {
        let mut stands_for: Vec<usize> = (0..self.variables.len()).collect();
        for (i, founder) in self.founders.iter().enumerate() {
            let first = blocks.iter().position(|b| *b == blocks[i]).unwrap_or(i);
            stands_for[*founder] = self.founders[first];
        }
        let mut merged = Self { variables: self.variables.clone(), selectors: self.selectors, ..Self::default() };
        for variable in &mut merged.variables {
            if let Variable::Inherited { from, .. } = variable {
                from.iter_mut().for_each(|f| *f = stands_for[*f]);
            }
        }
        for factor in &self.factors {
            let mut factor = factor.clone();
            match &mut factor {
                Factor::Prior { variable, .. } if stands_for[*variable] != *variable => continue,
                Factor::Prior { variable, block } => {
                    *block = stands_for.iter().filter(|s| **s == *variable).count();
                    merged.founders.push(*variable);
                }
                Factor::Transmission { from, .. } => *from = stands_for[*from],
                Factor::Evidence { alleles, .. } => alleles.iter_mut().for_each(|a| *a = stands_for[*a]),
                Factor::Linkage { .. } => {}
            }
            merged.factors.push(factor);
        }
        for (variable, first) in stands_for.into_iter().enumerate().filter(|(variable, first)| variable != first) {
            let moved = match &mut merged.variables[variable] {
                Variable::Founder { evidence } => std::mem::take(evidence),
                _ => continue,
            };
            if let Variable::Founder { evidence } = &mut merged.variables[first] {
                evidence.extend(moved);
            }
        }
        merged
    }
}

/// Who is typed or has a typed descendant; identical twins through the one who stands for them.
fn who_matters(pedigree: &Pedigree, typed: &[bool]) -> Vec<bool> {
    let mut matters = typed.to_vec();
    for &person in pedigree.order.iter().rev() {
        let group = pedigree.twin_of(person);
        if group == person && matters[person] {
            for parent in pedigree.parents(person).into_iter().flatten() {
                matters[pedigree.twin_of(parent)] = true;
            }
        }
    }
    matters
}
