//! In which order the variables of a network are summed out.
//!
//! The order decides the size of the largest table, and finding the best is as hard as the sum itself; so the next variable is
//! always the one that costs least now (min-weight; Kjærulff: *Triangulation of graphs*, 1990).

use super::network::Network;

/// Tables that are multiplied at once; more are multiplied in parts.
pub(super) const MAX_INPUTS: usize = 6;

/// One table and where its axes lie in the loops of a step.
#[derive(Debug, Clone)]
pub(super) struct Input {
    pub(super) table: usize,
    /// For each axis of the table, the loop: a place in `Step::out`, or its length for the variable that is summed out.
    pub(super) axes: Vec<usize>,
}

/// Multiplies tables and sums one variable out.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) inputs: Vec<Input>,
    /// Variables of the new table, in the order of its axes.
    pub(super) out: Vec<usize>,
    /// The variable summed out; `None` where tables are only multiplied.
    pub(super) eliminate: Option<usize>,
}

/// All steps. Tables are numbered: first those of the network, then those that the steps make, one each.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) axes: Vec<Vec<usize>>,
    pub(super) steps: Vec<Step>,
    /// Multiplications, at the sizes that were assumed.
    pub(super) cost: f64,
}

impl Plan {
    /// A plan for variables of these sizes.
    pub(super) fn new(network: &Network, sizes: &[f64]) -> Self {
        let by_work = Self::greedy(network, sizes, |union, _| union);
        let by_table = Self::greedy(network, sizes, |union, own| union / own);
        if by_work.cost <= by_table.cost { by_work } else { by_table }
    }

    fn greedy(network: &Network, sizes: &[f64], price: impl Fn(f64, f64) -> f64) -> Self {
        let mut plan = Self {
            axes: network.factors.iter().map(super::network::Factor::variables).collect(),
            steps: Vec::new(),
            cost: 0.0,
        };
        // Tables that hold each variable, of those not used up yet.
        let mut holders: Vec<Vec<usize>> = vec![Vec::new(); sizes.len()];
        for (table, axes) in plan.axes.iter().enumerate() {
            for &variable in axes {
                holders[variable].push(table);
            }
        }
        let mut waiting: Vec<usize> = (0..sizes.len()).filter(|v| !holders[*v].is_empty()).collect();
        let mut prices: Vec<f64> = vec![f64::NAN; sizes.len()];
        while !waiting.is_empty() {
            for &variable in &waiting {
                if prices[variable].is_nan() {
                    let union = union(&plan.axes, &holders[variable]);
                    prices[variable] = price(union.iter().map(|v| sizes[*v]).product(), sizes[variable]);
                }
            }
            let Some(next) = (0..waiting.len()).min_by(|a, b| prices[waiting[*a]].total_cmp(&prices[waiting[*b]]))
            else {
                break;
            };
            let variable = waiting.swap_remove(next);
            plan.eliminate(variable, &mut holders, sizes);
            for &neighbour in plan.axes.last().into_iter().flatten() {
                prices[neighbour] = f64::NAN;
            }
        }
        plan
    }

    fn eliminate(&mut self, variable: usize, holders: &mut [Vec<usize>], sizes: &[f64]) {
        let mut tables = std::mem::take(&mut holders[variable]);
        while tables.len() > MAX_INPUTS {
            let part: Vec<usize> = tables.drain(..MAX_INPUTS).collect();
            tables.push(self.step(&part, None, holders, sizes));
        }
        self.step(&tables, Some(variable), holders, sizes);
    }

    fn step(&mut self, tables: &[usize], eliminate: Option<usize>, holders: &mut [Vec<usize>], sizes: &[f64]) -> usize {
        let mut out = union(&self.axes, tables);
        self.cost += out.iter().map(|v| sizes[*v]).product::<f64>() * tables.len() as f64;
        out.retain(|v| Some(*v) != eliminate);
        let axes_of = |table: usize| {
            self.axes[table].iter().map(|v| out.iter().position(|o| o == v).unwrap_or(out.len())).collect()
        };
        let inputs = tables.iter().map(|table| Input { table: *table, axes: axes_of(*table) }).collect();
        let made = self.axes.len();
        for &variable in &out {
            holders[variable].retain(|table| !tables.contains(table));
            holders[variable].push(made);
        }
        self.axes.push(out.clone());
        self.steps.push(Step { inputs, out, eliminate });
        made
    }
}

/// The variables of some tables, each once, in the order in which they appear.
fn union(axes: &[Vec<usize>], tables: &[usize]) -> Vec<usize> {
    let mut union = Vec::new();
    for &variable in tables.iter().flat_map(|table| &axes[*table]) {
        if !union.contains(&variable) {
            union.push(variable);
        }
    }
    union
}
