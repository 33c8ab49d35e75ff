//! How one step of the sum over genotypes leads from state to state.
//!
//! The genotypes of the unknown contributors are summed over allele by allele along the stutter ladder. Before an allele is added,
//! each contributor is in one of a few local states: alleles used so far (0 to 2), copies of the last allele but one, copies of
//! the last. Contributors are independent here, so joint states, configurations and transitions are products of the local ones.

/// Which copies a step can see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct StepKind {
    /// The last allele but one can have copies that still matter.
    pub(super) before: bool,
    /// The last allele can have copies that still matter.
    pub(super) last: bool,
    /// The allele to be added can have copies.
    pub(super) added: bool,
    /// After this step, copies of the (then) last allele but one are remembered.
    pub(super) keep_before: bool,
    /// After this step, copies of the (then) last allele are remembered.
    pub(super) keep_last: bool,
}

/// Copies of one contributor: the last allele but one, the last, the added.
pub(super) type Copies = [u8; 3];

/// All transitions of one kind of step for so many unknown contributors.
#[derive(Debug)]
pub(super) struct Transitions {
    pub(super) states_in: usize,
    pub(super) states_out: usize,
    /// Copies that one contributor can have in a configuration; the joint configuration is a number in this base, the first
    /// contributor its most significant digit.
    pub(super) local: Vec<Copies>,
    /// How many joint configurations there are.
    pub(super) configurations: usize,
    /// `(state before, state after, configuration)`.
    pub(super) moves: Vec<[u32; 3]>,
}

/// Copies that the kind allows, at most two alleles in all.
fn local_copies(before: bool, last: bool, added: bool) -> Vec<Copies> {
    let upto = |seen: bool| 0..=if seen { 2u8 } else { 0 };
    let mut all = Vec::new();
    for p in upto(before) {
        for c in upto(last) {
            for x in upto(added) {
                if p + c + x <= 2 {
                    all.push([p, c, x]);
                }
            }
        }
    }
    all
}

/// Local states `(used, before, last)`.
fn local_states(before: bool, last: bool) -> Vec<Copies> {
    let mut all = Vec::new();
    for used in 0..=2 {
        all.extend(
            local_copies(before, last, false)
                .into_iter()
                .filter(|[p, c, _]| p + c <= used)
                .map(|[p, c, _]| [used, p, c]),
        );
    }
    all
}

fn place<T: PartialEq>(of: &T, all: &[T]) -> u32 {
    // INVARIANT: every state that a move leads to was listed by the same rule.
    all.iter().position(|one| one == of).map_or(0, |at| at as u32)
}

impl Transitions {
    /// The transitions of a kind of step.
    pub(super) fn new(kind: StepKind, unknowns: usize) -> Self {
        let local = local_copies(kind.before, kind.last, kind.added);
        let ins = local_states(kind.before, kind.last);
        let outs = local_states(kind.keep_before && kind.last, kind.keep_last && kind.added);
        let mut moves = Vec::new();
        for (from, &[used, p, c]) in ins.iter().enumerate() {
            for x in 0..=(if kind.added { 2 - used } else { 0 }) {
                let after = [used + x, if kind.keep_before { c } else { 0 }, if kind.keep_last { x } else { 0 }];
                moves.push([from as u32, place(&after, &outs), place(&[p, c, x], &local)]);
            }
        }
        let (n_in, n_out, n_local) = (ins.len() as u32, outs.len() as u32, local.len() as u32);
        let mut joint = vec![[0, 0, 0]];
        for _ in 0..unknowns {
            joint = joint
                .iter()
                .flat_map(|[a, b, c]| moves.iter().map(move |[d, e, f]| [a * n_in + d, b * n_out + e, c * n_local + f]))
                .collect();
        }
        let power = |base: usize| (0..unknowns).fold(1, |product, _| product * base);
        Self {
            states_in: power(ins.len()),
            states_out: power(outs.len()),
            configurations: power(local.len()),
            local,
            moves: joint,
        }
    }

    /// The copies of each contributor in a joint configuration.
    pub(super) fn copies(&self, mut configuration: usize, unknowns: usize) -> Vec<Copies> {
        let mut all = vec![[0; 3]; unknowns];
        for copies in all.iter_mut().rev() {
            *copies = self.local[configuration % self.local.len()];
            configuration /= self.local.len();
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_moves_is_as_counted_by_hand() {
        let kind =
            |before, last, added, keep_before, keep_last| StepKind { before, last, added, keep_before, keep_last };
        // Without stutter: 3 ways from none used, 2 from one, 1 from two.
        let plain = Transitions::new(kind(false, false, true, false, false), 2);
        assert_eq!((plain.states_in, plain.states_out, plain.configurations, plain.moves.len()), (9, 9, 9, 36));
        let both = Transitions::new(kind(true, true, true, true, true), 1);
        assert_eq!((both.states_in, both.states_out, both.configurations, both.moves.len()), (10, 10, 10, 15));
        assert_eq!(Transitions::new(kind(true, true, true, true, true), 3).moves.len(), 3375);
        let none = Transitions::new(kind(true, true, true, true, true), 0);
        assert_eq!((none.states_in, none.configurations, none.moves.len()), (1, 1, 1));
    }
}
