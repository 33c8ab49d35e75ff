//! Confidence by resampling fingers: impressions of one finger stand or fall together.

use super::{Figures, Trials};

/// Repetitions of the bootstrap (ISO/IEC 19795-1 leaves the number open; 1,000 to 2,000 are usual).
pub const REPLICATES: usize = 1000;
/// The lower end of a 95 % interval, as a share of the sorted repetitions; the upper one is as far from the other end.
const LOWER_TAIL: f64 = 0.025;

/// How often each finger is there.
#[derive(Debug, Clone, PartialEq)]
pub struct Draw<'t> {
    /// For each finger, what is drawn when it is drawn.
    units: &'t [u32],
    /// How often each finger is there.
    times: Vec<u32>,
    /// How many genuine and impostor comparisons there are.
    totals: (f64, f64),
}

impl<'t> Draw<'t> {
    fn new(trials: &'t Trials, times: Vec<u32>) -> Self {
        let mut draw = Self { units: &trials.units, times, totals: (0.0, 0.0) };
        draw.totals = trials.counts.iter().fold((0.0, 0.0), |(genuine, impostors), ((f, g), n)| {
            let w = draw.weight(*f, *g) * f64::from(*n);
            if f == g { (genuine + w, impostors) } else { (genuine, impostors + w) }
        });
        draw
    }

    /// How many genuine and impostor comparisons there are.
    pub(super) fn totals(&self) -> (f64, f64) {
        self.totals
    }

    /// How often a finger is there.
    pub(super) fn times(&self, finger: usize) -> u32 {
        self.times[finger]
    }

    /// How often a comparison of two fingers is there. What was drawn together is compared within each copy only: a copy of a
    /// finger (or of a person) is no impostor of another copy.
    #[inline]
    pub(super) fn weight(&self, f: u32, g: u32) -> f64 {
        let w = f64::from(self.times[f as usize]);
        if f == g || self.units[f as usize] == self.units[g as usize] {
            w
        } else {
            w * f64::from(self.times[g as usize])
        }
    }
}

impl Trials {
    /// Every finger once: the set as it is.
    pub fn everyone(&self) -> Draw<'_> {
        Draw::new(self, vec![1; self.units.len()])
    }

    /// The `index`-th draw with replacement of as many fingers (or persons) as there are, each pooled set by itself. The same seed,
    /// index and set draw the same fingers, whatever the scores: so two matchers are compared on the same draws.
    pub fn draw(&self, seed: u64, index: usize) -> Draw<'_> {
        let mut numbers = Numbers::new(seed, index as u64);
        let mut drawn = vec![0; self.strata.iter().sum::<u32>() as usize];
        let mut start = 0;
        for &units in &self.strata {
            for _ in 0..units {
                drawn[start + numbers.below(units) as usize] += 1;
            }
            start += units as usize;
        }
        Draw::new(self, self.units.iter().map(|&u| drawn[u as usize]).collect())
    }

    /// Figures of the first `replicates` draws of a seed.
    pub fn bootstrap(&self, replicates: usize, seed: u64) -> Vec<Figures> {
        (0..replicates).map(|r| self.figures_of(&self.draw(seed, r))).collect()
    }
}

/// The 2.5 and 97.5 percentiles of repetitions; 0 for none.
pub fn percentiles(mut values: Vec<f64>) -> (f64, f64) {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1) as f64;
    let at = |share: f64| values.get((share * last).round() as usize).copied().unwrap_or(0.0);
    (at(LOWER_TAIL), at(1.0 - LOWER_TAIL))
}

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
        let limits: [(f64, f64); 7] =
            core::array::from_fn(|c| percentiles(replicates.iter().map(|f| f.values()[c]).collect()));
        Self { low: Figures::from_values(limits.map(|l| l.0)), high: Figures::from_values(limits.map(|l| l.1)) }
    }
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

/// Numbers from a seed, by SplitMix64: reproducible, which is all that is asked of them.
#[derive(Debug, Clone)]
pub struct Numbers {
    state: u64,
}

impl Numbers {
    /// The series that goes on from a state.
    pub fn from_state(state: u64) -> Self {
        Self { state }
    }

    /// The `index`-th series of a seed.
    pub(super) fn new(seed: u64, index: u64) -> Self {
        // One number of the seed's own series, far away from those of its neighbours.
        let mut start = Self { state: seed ^ index.wrapping_mul(0xD1B5_4A32_D192_ED03) };
        Self { state: start.next() }
    }

    /// Any of 2^64 numbers.
    #[allow(clippy::should_implement_trait)] // a series without an end is no iterator to be consumed
    pub fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// 0 to less than `n`; the bias of the multiplication is below 2^-32.
    fn below(&mut self, n: u32) -> u32 {
        ((u128::from(self.next()) * u128::from(n)) >> 64) as u32
    }

    /// 0 to less than 1.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::{Impostors, ImpressionSet, ScoreMatrix};
    use super::*;

    /// Fingers of three impressions with noisy scores: genuine 1 to 1 + spread, impostors 0 to 1.5.
    pub(crate) fn noisy(fingers: usize, spread: f32) -> Trials {
        let names: Vec<String> = (0..fingers * 3).map(|i| format!("{:03}_{}", i / 3, i % 3)).collect();
        let set = ImpressionSet::from_names(&names).unwrap();
        let mut m = ScoreMatrix::zero(names.len());
        let mut numbers = Numbers::new(7, 0);
        for i in 0..names.len() {
            for j in i + 1..names.len() {
                let noise = numbers.unit() as f32;
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
    fn the_interval_covers_what_it_says() {
        // Samples of one world: the scores' law does not depend on the number of fingers, so a very large set tells the truth. Of
        // 100 intervals of 95 % at least 88 hold it (fewer than that has a chance of about 1 in 500).
        let truth = 100.0 * {
            // Genuine u in 1..2, impostor v in 0..1.5: FMR(t) = (1.5 - t)/1.5 meets FNMR(t) = t - 1 at t = 1.2.
            0.2
        };
        let held = (0..100)
            .filter(|&world| {
                let names: Vec<String> = (0..60).map(|i| format!("{:03}_{}", i / 2, i % 2)).collect();
                let set = ImpressionSet::from_names(&names).unwrap();
                let mut m = ScoreMatrix::zero(60);
                let mut numbers = Numbers::new(11, world);
                for i in 0..60 {
                    for j in i + 1..60 {
                        let u = numbers.unit() as f32;
                        m.set(i, j, if i / 2 == j / 2 { 1.0 + u } else { 1.5 * u });
                    }
                }
                let interval = Interval::of(&Trials::of(&set, &m, &[false; 60], Impostors::All).bootstrap(200, 5));
                interval.low.eer <= truth && truth <= interval.high.eer
            })
            .count();
        assert!(held >= 88, "{held}");
    }

    #[test]
    fn a_draw_depends_on_seed_and_index_alone_and_keeps_the_number() {
        let (a, b) = (noisy(20, 1.0), noisy(20, 0.0));
        for r in 0..20 {
            assert_eq!(a.draw(3, r).times, b.draw(3, r).times);
            assert_eq!(a.draw(3, r).times.iter().sum::<u32>(), 20);
        }
        assert_ne!(a.draw(3, 0).times, a.draw(3, 1).times);
        assert_ne!(a.draw(3, 0).times, a.draw(4, 0).times);
        let pool = Trials::pooled(&[&a, &b]);
        let times = pool.draw(3, 0).times;
        assert_eq!((times[..20].iter().sum::<u32>(), times[20..].iter().sum::<u32>()), (20, 20));
    }

    #[test]
    fn a_person_is_drawn_with_all_fingers() {
        let persons: Vec<usize> = (0..20).map(|f| f / 4).collect();
        let t = noisy(20, 1.0).drawn_by_person(&persons);
        for r in 0..20 {
            let draw = t.draw(1, r);
            assert!(draw.times.chunks(4).all(|c| c.iter().all(|w| *w == c[0])));
            // Within a person every copy counts once, between persons every pair of copies.
            assert_eq!(draw.weight(0, 1), f64::from(draw.times(0)));
            assert_eq!(draw.weight(0, 4), f64::from(draw.times(0) * draw.times(4)));
        }
        assert_eq!(t.figures(), noisy(20, 1.0).figures());
    }

    #[test]
    fn means_are_taken_figure_by_figure() {
        let f = |eer| Figures { eer, rank1: 100.0, ..Figures::default() };
        assert_eq!(mean_figures(&[f(1.0), f(3.0)]), f(2.0));
        assert_eq!(mean_replicates(&[vec![f(1.0), f(2.0)], vec![f(3.0), f(6.0)]]), vec![f(2.0), f(4.0)]);
    }
}
