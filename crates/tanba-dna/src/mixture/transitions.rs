//! How one step of the sum over genotypes leads from state to state.
//!
//! The alleles that are drawn are summed over along the stutter ladder. Before an allele is added, each unit of them (a contributor's
//! two, as a rule) is in one of a few local states: alleles used so far, and copies of the last ones that still matter. Units are
//! independent here, so joint states, configurations and transitions are products of the local ones.

/// Copies of one unit: of the three alleles before the added one, in the order of the ladder, and of the added one.
pub(super) type Copies = [u8; 4];

/// Which copies a step can see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct StepKind {
    /// Which of the alleles of [`Copies`] can have copies that still matter.
    pub(super) seen: [bool; 4],
    /// After this step, copies of which of the (then) last three alleles are remembered.
    pub(super) kept: [bool; 3],
}

/// All transitions of one kind of step for units of so many alleles.
#[derive(Debug)]
pub(super) struct Transitions {
    pub(super) states_in: usize,
    pub(super) states_out: usize,
    /// Copies that a unit of one and of two alleles can have in a configuration; the joint configuration is a number in these bases,
    /// the first unit its most significant digit.
    pub(super) local: [Vec<Copies>; 2],
    /// How many joint configurations there are.
    pub(super) configurations: usize,
    /// `(state before, state after, configuration)`.
    pub(super) moves: Vec<[u32; 3]>,
}

/// Copies of those alleles that are seen, so many at most in all.
fn local_copies(seen: [bool; 4], alleles: u8) -> Vec<Copies> {
    let mut all: Vec<Copies> = vec![[0; 4]];
    for (at, _) in seen.iter().enumerate().filter(|(_, seen)| **seen) {
        let with = |copies: &Copies| {
            let left = alleles - copies.iter().sum::<u8>();
            let copies = *copies;
            (0..=left).map(move |n| {
                let mut more = copies;
                more[at] = n;
                more
            })
        };
        all = all.iter().flat_map(with).collect();
    }
    all
}

/// A local state: alleles used, and copies of the last three.
type State = (u8, [u8; 3]);

/// The last state is that of all alleles used.
fn local_states([a, b, c]: [bool; 3], alleles: u8) -> Vec<State> {
    let copies = local_copies([a, b, c, false], alleles);
    let of =
        |used: u8| copies.iter().filter(move |c| c.iter().sum::<u8>() <= used).map(move |c| (used, [c[0], c[1], c[2]]));
    (0..=alleles).flat_map(of).collect()
}

fn place<T: PartialEq>(of: &T, all: &[T]) -> u32 {
    // INVARIANT: every state that a move leads to was listed by the same rule.
    all.iter().position(|one| one == of).map_or(0, |at| at as u32)
}

/// The steps of one unit.
struct Local {
    ins: usize,
    outs: usize,
    copies: Vec<Copies>,
    moves: Vec<[u32; 3]>,
}

impl Local {
    fn new(StepKind { seen, kept }: StepKind, alleles: u8) -> Self {
        let copies = local_copies(seen, alleles);
        let ins = local_states([seen[0], seen[1], seen[2]], alleles);
        let kept: Vec<bool> = kept.into_iter().zip(&seen[1..]).map(|(kept, seen)| kept && *seen).collect();
        let outs = local_states([kept[0], kept[1], kept[2]], alleles);
        let mut moves = Vec::new();
        for (from, (used, [a, b, c])) in ins.iter().enumerate() {
            for x in 0..=(if seen[3] { alleles - used } else { 0 }) {
                let mut last = [*b, *c, x];
                last.iter_mut().zip(&kept).for_each(|(copies, kept)| *copies *= u8::from(*kept));
                moves.push([from as u32, place(&(used + x, last), &outs), place(&[*a, *b, *c, x], &copies)]);
            }
        }
        Self { ins: ins.len(), outs: outs.len(), copies, moves }
    }
}

impl Transitions {
    /// The transitions of a kind of step; `units` are the numbers of alleles, 1 or 2 each.
    pub(super) fn new(kind: StepKind, units: &[u8]) -> Self {
        let local = [1, 2].map(|alleles| Local::new(kind, alleles));
        let of = |alleles: u8| &local[usize::from(alleles) - 1];
        let mut joint = vec![[0, 0, 0]];
        for alleles in units {
            let Local { ins, outs, copies, moves } = of(*alleles);
            let bases = [*ins as u32, *outs as u32, copies.len() as u32];
            let next = |[a, b, c]: &[u32; 3]| {
                let [a, b, c] = [a * bases[0], b * bases[1], c * bases[2]];
                moves.iter().map(move |[d, e, f]| [a + d, b + e, c + f])
            };
            joint = joint.iter().flat_map(next).collect();
        }
        let product = |size: fn(&Local) -> usize| units.iter().map(|alleles| size(of(*alleles))).product();
        let (states_in, states_out) = (product(|l| l.ins), product(|l| l.outs));
        let configurations = product(|l| l.copies.len());
        Self { states_in, states_out, local: local.map(|l| l.copies), configurations, moves: joint }
    }

    /// The copies of each unit in a joint configuration.
    pub(super) fn copies(&self, mut configuration: usize, units: &[u8]) -> Vec<Copies> {
        let mut all = vec![[0; 4]; units.len()];
        for (copies, alleles) in all.iter_mut().zip(units).rev() {
            let local = &self.local[usize::from(*alleles) - 1];
            *copies = local[configuration % local.len()];
            configuration /= local.len();
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_moves_is_as_counted_by_hand() {
        let kind = |seen, kept| StepKind { seen, kept };
        // Without stutter: 3 ways from none used, 2 from one, 1 from two.
        let plain = Transitions::new(kind([false, false, false, true], [false; 3]), &[2, 2]);
        assert_eq!((plain.states_in, plain.states_out, plain.configurations, plain.moves.len()), (9, 9, 9, 36));
        // One allele only: used or not before, and now where it was not.
        let single = Transitions::new(kind([false, false, false, true], [false; 3]), &[1, 2]);
        assert_eq!((single.states_in, single.configurations, single.moves.len()), (6, 6, 18));
        let both = kind([false, true, true, true], [false, true, true]);
        let one = Transitions::new(both, &[2]);
        assert_eq!((one.states_in, one.states_out, one.configurations, one.moves.len()), (10, 10, 10, 15));
        assert_eq!(Transitions::new(both, &[2; 3]).moves.len(), 3375);
        let none = Transitions::new(both, &[]);
        assert_eq!((none.states_in, none.configurations, none.moves.len()), (1, 1, 1));
        // With stutter of two repeats one allele more is remembered.
        let double = Transitions::new(kind([true; 4], [true; 3]), &[2]);
        assert_eq!((double.states_in, double.configurations, double.moves.len()), (15, 15, 21));
    }
}
