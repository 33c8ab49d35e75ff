//! The tables of a network for one marker, and the sum over all of its variables.

use super::marker::{ANY, AllelePair};
use super::model::Model;
use super::network::{Factor, Network, Seat, Variable};
use super::plan::{Input, MAX_INPUTS, Plan, Step};
use crate::kinship::KinshipError;

/// The most entries of all tables of one calculation together: 1 GiB.
const MAX_ENTRIES: f64 = 134_217_728.0;
/// The most axes of one table; a table of more would exceed [`MAX_ENTRIES`] or have axes of one entry only, which are dropped.
const MAX_AXES: usize = 28;
/// Tables whose largest entry falls below this are scaled, so that no pedigree is too large for the numbers.
const SMALL: f64 = 1e-100;

/// Memory of a calculation, kept between markers.
#[derive(Debug, Default)]
pub(super) struct Tables {
    /// States that each variable can be in: a stretch of `states`.
    domains: Vec<(usize, usize)>,
    states: Vec<u16>,
    /// Where each table begins in `entries`.
    starts: Vec<usize>,
    entries: Vec<f64>,
    mark: Vec<bool>,
}

/// The pair of states that was typed in each person who stands for a group of twins, the second [`ANY`] where it can be any one;
/// `None` where nothing is typed.
pub(super) type Typed = [Option<[u16; 2]>];

/// What a calculation needs to know of one marker.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'a> {
    pub(super) model: &'a Model,
    /// Of the states of the model.
    pub(super) frequencies: &'a [f64],
    pub(super) typed: &'a Typed,
}

/// Pairs of states of what is typed; `false` where identical twins differ, which cannot be.
pub(super) fn typed_states(
    genotypes: &[Option<AllelePair>],
    twin_of: &[usize],
    state: &[u16],
    typed: &mut Vec<Option<[u16; 2]>>,
) -> bool {
    typed.clear();
    typed.resize(genotypes.len(), None);
    for (person, pair) in genotypes.iter().enumerate() {
        let Some(pair) = pair else { continue };
        let mut states = pair.both().map(|a| if a == ANY { ANY } else { state[usize::from(a)] });
        states.sort_unstable();
        let known = &mut typed[twin_of[person]];
        let both = known.map_or(Some(states), |known| of_both(known, states));
        if both.is_none() {
            return false;
        }
        *known = both;
    }
    true
}

/// What two typings of one genotype say together; `None` where they contradict each other.
fn of_both([a, b]: [u16; 2], [c, d]: [u16; 2]) -> Option<[u16; 2]> {
    match (b == ANY, d == ANY) {
        (false, false) => ([a, b] == [c, d]).then_some([a, b]),
        (false, true) => [a, b].contains(&c).then_some([a, b]),
        (true, false) => [c, d].contains(&a).then_some([c, d]),
        (true, true) if a == c => Some([a, ANY]),
        (true, true) => Some([a.min(c), a.max(c)]),
    }
}

impl Tables {
    /// Works out which states each variable can be in; `false` where what is typed cannot be. `parts` are the markers of the
    /// network, one unless they are linked.
    pub(super) fn limit(&mut self, network: &Network, parts: &[Part<'_>]) -> bool {
        self.domains.clear();
        self.states.clear();
        self.states.extend(0..parts.iter().map(|part| part.model.states()).max().unwrap_or(0) as u16);
        for (place, variable) in network.variables.iter().enumerate() {
            let Part { model, typed, .. } = parts[network.part_of(place)];
            let all = (0, model.states());
            let start = self.states.len();
            let mut full = false;
            match variable {
                // Read as the numbers 0 and 1.
                Variable::Selector => self.states.extend([0, 1]),
                Variable::Founder { evidence } | Variable::Inherited { evidence, .. } => {
                    let mut limits = evidence.iter().filter_map(|seat| seat_states(*seat, typed, model));
                    match limits.next() {
                        Some(allowed) => self.states.extend(allowed.into_iter().flatten()),
                        None => full = true,
                    }
                    for allowed in limits {
                        self.retain(start, |state| allowed.contains(&Some(state)));
                    }
                }
            }
            if let Variable::Inherited { from, maternal, .. } = variable
                && !model.mutation[usize::from(*maternal)].positive
            {
                self.reach(from, &model.mutation[usize::from(*maternal)], model.states());
                if full && !self.mark.iter().all(|m| *m) {
                    full = false;
                    self.states.extend(0..model.states() as u16);
                }
                if !full {
                    let mark = std::mem::take(&mut self.mark);
                    self.retain(start, |state| mark[usize::from(state)]);
                    self.mark = mark;
                }
            }
            let domain = if full { all } else { (start, self.states.len()) };
            if domain.0 == domain.1 {
                return false;
            }
            self.domains.push(domain);
        }
        true
    }

    fn retain(&mut self, start: usize, keep: impl Fn(u16) -> bool) {
        let mut end = start;
        for at in start..self.states.len() {
            if keep(self.states[at]) {
                self.states[end] = self.states[at];
                end += 1;
            }
        }
        self.states.truncate(end);
    }

    /// Marks the states that a child can get from these variables.
    fn reach(&mut self, from: &[usize], mutation: &super::model::Transitions, states: usize) {
        self.mark.clear();
        self.mark.resize(states, false);
        for variable in from {
            let (start, end) = self.domains[*variable];
            for state in &self.states[start..end] {
                if mutation.identity {
                    self.mark[usize::from(*state)] = true;
                } else {
                    let row = mutation.row(*state);
                    self.mark.iter_mut().zip(row).for_each(|(mark, m)| *mark |= *m > 0.0);
                }
            }
        }
    }

    fn size(&self, variable: usize) -> usize {
        self.domains[variable].1 - self.domains[variable].0
    }

    fn domain(&self, variable: usize) -> &[u16] {
        &self.states[self.domains[variable].0..self.domains[variable].1]
    }

    /// The natural logarithm of the sum over all variables; minus infinity for 0. Call [`Tables::limit`] first.
    pub(super) fn sum(
        &mut self,
        network: &Network,
        plan: &Plan,
        parts: &[Part<'_>],
        theta: f64,
    ) -> Result<f64, KinshipError> {
        self.lay_out(plan)?;
        for (table, factor) in network.factors.iter().enumerate() {
            // All of a factor's variables are of one marker, but for those of linkage, which ask nothing of a marker.
            let first = plan.axes[table].first().copied().unwrap_or(0);
            self.fill(table, factor, parts[network.part_of(first)], theta);
        }
        let mut ln = -std::f64::consts::LN_2 * f64::from(network.selectors);
        let mut product = 1.0;
        for (made, step) in plan.steps.iter().enumerate() {
            let table = network.factors.len() + made;
            let largest = self.step(plan, step, table);
            if largest == 0.0 {
                return Ok(f64::NEG_INFINITY);
            }
            let range = self.starts[table]..self.starts[table + 1];
            if largest < SMALL {
                self.entries[range.clone()].iter_mut().for_each(|entry| *entry /= largest);
                ln += largest.ln();
            }
            if step.out.is_empty() {
                product *= self.entries[range.start];
                if product < SMALL {
                    ln += product.ln();
                    product = 1.0;
                }
            }
        }
        Ok(ln + product.ln())
    }

    fn lay_out(&mut self, plan: &Plan) -> Result<(), KinshipError> {
        self.starts.clear();
        let mut entries = 0.0;
        for axes in &plan.axes {
            self.starts.push(entries as usize);
            entries += axes.iter().map(|v| self.size(*v) as f64).product::<f64>();
            if entries > MAX_ENTRIES {
                return Err(KinshipError::TooLarge {
                    what: "the pedigree at one marker",
                    size: entries,
                    limit: MAX_ENTRIES,
                    advice: "type or leave out persons who close loops, or use a mutation model that can be lumped (equal, proportional)",
                });
            }
        }
        self.starts.push(entries as usize);
        if self.entries.len() < entries as usize {
            self.entries.resize(entries as usize, 0.0);
        }
        Ok(())
    }

    fn fill(&mut self, table: usize, factor: &Factor, part: Part<'_>, theta: f64) {
        let Part { model, frequencies, typed } = part;
        let mut entries = std::mem::take(&mut self.entries);
        let out = &mut entries[self.starts[table]..self.starts[table + 1]];
        match factor {
            Factor::Prior { variable, block } => {
                // (n - 1)! theta^(n - 1) (1 - theta) p: a block of n alleles in the urn of Balding and Nichols.
                let together = (1..*block).fold(1.0 - theta, |product, n| product * theta * n as f64);
                for (entry, state) in out.iter_mut().zip(self.domain(*variable)) {
                    *entry = together * frequencies[usize::from(*state)];
                }
            }
            Factor::Transmission { selector, from, to, maternal } => {
                let mutation = &model.mutation[usize::from(*maternal)];
                let block = self.size(*from) * self.size(*to);
                let mut at = 0;
                for choice in [false, true] {
                    match selector {
                        None if choice => break,
                        Some((_, when)) if *when != choice => {
                            out[at..at + block].fill(1.0);
                            at += block;
                            continue;
                        }
                        _ => {}
                    }
                    for parent in self.domain(*from) {
                        for child in self.domain(*to) {
                            out[at] = mutation.get(*parent, *child);
                            at += 1;
                        }
                    }
                }
            }
            Factor::Linkage { before, recombination, .. } => {
                let (same, other) = (1.0 - recombination, *recombination);
                // Without a selector before, the first of the parent's alleles was handed down: the first row.
                let table = [same, other, other, same];
                out.copy_from_slice(&table[..if before.is_some() { 4 } else { 2 }]);
            }
            Factor::Evidence { person, alleles, unordered } => {
                let Some(genotype) = typed[*person] else {
                    out.fill(1.0);
                    self.entries = entries;
                    return;
                };
                if alleles[0] == alleles[1] {
                    for (entry, state) in out.iter_mut().zip(self.domain(alleles[0])) {
                        *entry = weight(genotype, [*state; 2], *unordered, model.silent);
                    }
                } else {
                    let second = self.domain(alleles[1]);
                    for (row, first) in out.chunks_exact_mut(second.len()).zip(self.domain(alleles[0])) {
                        for (entry, state) in row.iter_mut().zip(second) {
                            *entry = weight(genotype, [*first, *state], *unordered, model.silent);
                        }
                    }
                }
            }
        }
        self.entries = entries;
    }

    /// Carries out a step and returns the largest entry of the new table.
    fn step(&mut self, plan: &Plan, step: &Step, table: usize) -> f64 {
        let (sources, out) = self.entries.split_at_mut(self.starts[table]);
        let out = &mut out[..self.starts[table + 1] - self.starts[table]];
        let size = |variable: usize| self.domains[variable].1 - self.domains[variable].0;
        // Axes of one entry need no loop.
        let mut loops = [(0usize, 0usize); MAX_AXES];
        let mut number = 0;
        for (place, variable) in step.out.iter().enumerate() {
            if size(*variable) > 1 {
                loops[number] = (place, size(*variable));
                number += 1;
            }
        }
        let loops = &loops[..number];
        let inner = step.eliminate.map_or(1, size);
        let strides = |input: &Input, place: usize| {
            let axes = &plan.axes[input.table];
            let axis = input.axes.iter().position(|a| *a == place)?;
            Some(axes[axis + 1..].iter().map(|v| size(*v)).product::<usize>())
        };
        let table_of = |input: &Input| &sources[self.starts[input.table]..self.starts[input.table + 1]];
        macro_rules! contract {
            ($n:literal) => {{
                let mut tables: [&[f64]; $n] = [&[]; $n];
                let mut inner_strides = [0usize; $n];
                let mut outer = [[0usize; $n]; MAX_AXES];
                for (i, input) in step.inputs.iter().enumerate() {
                    tables[i] = table_of(input);
                    if step.eliminate.is_some() {
                        inner_strides[i] = strides(input, step.out.len()).unwrap_or(0);
                    }
                    for (l, (place, _)) in loops.iter().enumerate() {
                        outer[l][i] = strides(input, *place).unwrap_or(0);
                    }
                }
                contract::<$n>(tables, inner_strides, inner, loops, &outer, out)
            }};
        }
        const { assert!(MAX_INPUTS == 6) };
        match step.inputs.len() {
            1 => contract!(1),
            2 => contract!(2),
            3 => contract!(3),
            4 => contract!(4),
            5 => contract!(5),
            _ => contract!(6),
        }
    }
}

/// Sums the product of N tables over the inner loop, for every entry of the outer loops; the largest sum.
fn contract<const N: usize>(
    tables: [&[f64]; N],
    inner_strides: [usize; N],
    inner: usize,
    loops: &[(usize, usize)],
    outer: &[[usize; N]; MAX_AXES],
    out: &mut [f64],
) -> f64 {
    let mut counters = [0usize; MAX_AXES];
    let mut base = [0usize; N];
    let mut largest = 0.0f64;
    for entry in out.iter_mut() {
        let mut at = base;
        let mut sum = 0.0;
        for _ in 0..inner {
            let mut product = tables[0][at[0]];
            for i in 1..N {
                product *= tables[i][at[i]];
            }
            sum += product;
            for i in 0..N {
                at[i] += inner_strides[i];
            }
        }
        *entry = sum;
        largest = largest.max(sum);
        for l in (0..loops.len()).rev() {
            counters[l] += 1;
            for i in 0..N {
                base[i] += outer[l][i];
            }
            if counters[l] < loops[l].1 {
                break;
            }
            for i in 0..N {
                base[i] -= outer[l][i] * loops[l].1;
            }
            counters[l] = 0;
        }
    }
    largest
}

/// States that an allele of a typed person can be in; `None` where it can be in any.
fn seat_states(seat: Seat, typed: &Typed, model: &Model) -> Option<[Option<u16>; 3]> {
    let [a, b] = typed[seat.person]?;
    // A homozygote may hide a silent allele beside the one seen.
    let silent = model.silent.filter(|_| a == b);
    match seat.fixed {
        Some(0) => Some([Some(a), None, None]),
        _ if b == ANY => None,
        Some(_) => Some([Some(b), silent, None]),
        None => Some([Some(a), Some(b).filter(|b| *b != a), silent]),
    }
}

/// How many orders of two alleles show this genotype: 0 or 1; 0, 1 or 2 where the order is fixed.
fn weight(genotype: [u16; 2], alleles: [u16; 2], unordered: bool, silent: Option<u16>) -> f64 {
    let [a, b] = genotype;
    let shows = |pair: [u16; 2]| pair[0] == a && (b == ANY || pair[1] == b || (a == b && Some(pair[1]) == silent));
    let yes = shows(alleles) || (!unordered && shows([alleles[1], alleles[0]]));
    match (yes, unordered && alleles[0] != alleles[1]) {
        (false, _) => 0.0,
        (true, false) => 1.0,
        (true, true) => 2.0,
    }
}
