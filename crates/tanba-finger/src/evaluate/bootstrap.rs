//! Confidence by resampling fingers: impressions of one finger stand or fall together.

use super::{Figures, Trials};

/// Repetitions of the bootstrap (ISO/IEC 19795-1 leaves the number open; 1,000 to 2,000 are usual).
pub const REPLICATES: usize = 1000;

/// A 95 % interval of each figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower limits.
    pub low: Figures,
    /// Upper limits.
    pub high: Figures,
}

impl Interval {
    /// The 2.5 and 97.5 percentiles of the repetitions.
    pub fn of(replicates: &[Figures]) -> Self {
        let columns: [Vec<f64>; 7] = core::array::from_fn(|c| {
            let mut column: Vec<f64> = replicates.iter().map(|f| f.values()[c]).collect();
            column.sort_by(f64::total_cmp);
            column
        });
        let at = |share: f64| {
            Figures::from_values(core::array::from_fn(|c| {
                let last = columns[c].len().saturating_sub(1);
                columns[c].get((share * last as f64).round() as usize).copied().unwrap_or(0.0)
            }))
        };
        Self { low: at(0.025), high: at(0.975) }
    }
}

impl Trials {
    /// Figures of `replicates` sets whose fingers are drawn with replacement: genuine comparisons of every draw, impostor
    /// comparisons between different fingers. The same seed and number of fingers draw the same fingers.
    pub fn bootstrap(&self, replicates: usize, seed: u64) -> Vec<Figures> {
        let mut draws = Draws::new(seed);
        (0..replicates).map(|_| self.weighted(&draws.weights(self.fingers()))).collect()
    }
}

/// How two matchers differ on the same set: figures of the first minus figures of the second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// Differences in percentage points; negative error rates favour the first.
    pub figures: Figures,
    /// 95 % interval of the differences; one that does not hold 0 is beyond chance.
    pub interval: Interval,
}

/// Compares two matchers by their differences on the same drawn fingers.
///
/// # Panics
/// When the two have different numbers of fingers: they are not of the same set.
pub fn paired_difference(first: &Trials, second: &Trials, replicates: usize, seed: u64) -> Difference {
    assert_eq!(first.fingers(), second.fingers(), "paired comparison needs the same set");
    let minus = |a: &Figures, b: &Figures| {
        let (a, b) = (a.values(), b.values());
        Figures::from_values(core::array::from_fn(|c| a[c] - b[c]))
    };
    let differences: Vec<Figures> = first
        .bootstrap(replicates, seed)
        .iter()
        .zip(&second.bootstrap(replicates, seed))
        .map(|(a, b)| minus(a, b))
        .collect();
    Difference { figures: minus(&first.figures(), &second.figures()), interval: Interval::of(&differences) }
}

/// The mean of several sets' figures; all zero for none.
pub fn mean_figures(sets: &[Figures]) -> Figures {
    let n = sets.len().max(1) as f64;
    Figures::from_values(core::array::from_fn(|c| sets.iter().map(|f| f.values()[c]).sum::<f64>() / n))
}

/// Repetitions of the mean of several sets: the sets are drawn independently of each other (give each its own seed).
pub fn mean_replicates(sets: &[Vec<Figures>]) -> Vec<Figures> {
    let shortest = sets.iter().map(Vec::len).min().unwrap_or(0);
    (0..shortest).map(|r| mean_figures(&sets.iter().map(|s| s[r]).collect::<Vec<_>>())).collect()
}

/// Draws of fingers with replacement, by SplitMix64: reproducible from the seed, which is all that is asked of it.
struct Draws {
    state: u64,
}

impl Draws {
    fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// How often each of `fingers` was drawn in `fingers` draws.
    fn weights(&mut self, fingers: usize) -> Vec<u32> {
        let mut weights = vec![0; fingers];
        for _ in 0..fingers {
            // The bias of the multiplication is below 2^-32 for any set that fits in memory.
            let drawn = (u128::from(self.next()) * fingers as u128) >> 64;
            weights[drawn as usize] += 1;
        }
        weights
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Impostors, ImpressionSet, ScoreMatrix};
    use super::*;

    fn noisy(fingers: usize, spread: f32) -> Trials {
        let names: Vec<String> = (0..fingers * 3).map(|i| format!("{:03}_{}", i / 3, i % 3)).collect();
        let set = ImpressionSet::from_names(&names).unwrap();
        let mut m = ScoreMatrix::zero(names.len());
        let mut draws = Draws::new(7);
        for i in 0..names.len() {
            for j in i + 1..names.len() {
                let noise = (draws.next() >> 40) as f32 / (1 << 24) as f32;
                m.set(i, j, if i / 3 == j / 3 { 1.0 + spread * noise } else { 1.5 * noise });
            }
        }
        Trials::of(&set, &m, &vec![false; names.len()], Impostors::All)
    }

    #[test]
    fn the_interval_holds_the_figure_and_shrinks_with_more_fingers() {
        let width = |fingers| {
            let t = noisy(fingers, 1.0);
            let interval = Interval::of(&t.bootstrap(400, 1));
            let eer = t.figures().eer;
            assert!(interval.low.eer <= eer && eer <= interval.high.eer, "{interval:?} {eer}");
            interval.high.eer - interval.low.eer
        };
        assert!(width(40) < width(8));
    }

    #[test]
    fn the_same_matcher_does_not_differ_from_itself_and_a_better_one_does() {
        let (a, b) = (noisy(20, 1.0), noisy(20, 0.0));
        let same = paired_difference(&a, &a, 200, 3);
        assert_eq!((same.figures.eer, same.interval.low.eer, same.interval.high.eer), (0.0, 0.0, 0.0));
        let better = paired_difference(&a, &b, 200, 3);
        assert!(better.figures.fmr100 < 0.0 && better.interval.high.fmr100 < 0.0, "{better:?}");
    }

    #[test]
    fn means_are_taken_figure_by_figure() {
        let f = |eer| Figures { eer, rank1: 100.0, ..Figures::default() };
        assert_eq!(mean_figures(&[f(1.0), f(3.0)]), f(2.0));
        assert_eq!(mean_replicates(&[vec![f(1.0), f(2.0)], vec![f(3.0), f(6.0)]]), vec![f(2.0), f(4.0)]);
    }
}
