//! Error rates of a set of trials, swept over the threshold.

use core::ops::ControlFlow;

use super::{Draw, Impostors, ImpressionSet, ScoreMatrix};

/// The accuracy figures of a set; all rates in percent.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Figures {
    /// Equal error rate, %.
    pub eer: f64,
    /// FNMR at FMR <= 1 %, %.
    pub fmr100: f64,
    /// FNMR at FMR <= 0.1 %, %.
    pub fmr1000: f64,
    /// FNMR at FMR <= 0.01 %, %.
    pub fmr10000: f64,
    /// FNMR at the lowest threshold that no impostor reaches, %.
    pub zerofmr: f64,
    /// Impressions without a template, %.
    pub fte: f64,
    /// Closed-set identification at rank 1, %: the first impression of each finger enrolled, all others searched.
    pub rank1: f64,
}

/// The false match rates of `fmr100`, `fmr1000`, `fmr10000` and `zerofmr`.
const LIMITS: [f64; 4] = [0.01, 0.001, 0.0001, 0.0];

impl Figures {
    /// The figures with their JSON names, in a fixed order.
    pub fn named(&self) -> [(&'static str, f64); 7] {
        [
            ("eer", self.eer),
            ("fmr100", self.fmr100),
            ("fmr1000", self.fmr1000),
            ("fmr10000", self.fmr10000),
            ("zerofmr", self.zerofmr),
            ("fte", self.fte),
            ("rank1", self.rank1),
        ]
    }

    /// The inverse of [`Self::named`].
    pub(super) fn from_values(v: [f64; 7]) -> Self {
        Self { eer: v[0], fmr100: v[1], fmr1000: v[2], fmr10000: v[3], zerofmr: v[4], fte: v[5], rank1: v[6] }
    }

    pub(super) fn values(&self) -> [f64; 7] {
        self.named().map(|(_, v)| v)
    }
}

/// One comparison. Kept small: a set of 10,000 impressions has 50 million.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Trial {
    pub(super) score: f32,
    /// The two fingers; equal for a genuine comparison.
    pub(super) fingers: (u32, u32),
}

impl Trial {
    pub(super) fn genuine(&self) -> bool {
        self.fingers.0 == self.fingers.1
    }
}

/// A search of one impression among the first impressions of all fingers of its set.
#[derive(Debug, Clone, PartialEq)]
struct Probe {
    finger: usize,
    /// Number of the first finger of its set.
    base: usize,
    /// Score against the first impression of each finger of its set.
    scores: Vec<f32>,
}

/// All comparisons of a set, or of several sets pooled, ready to be counted.
#[derive(Debug, Clone, PartialEq)]
pub struct Trials {
    /// For each finger, what is drawn when it is drawn: its own number, or that of its person.
    pub(super) units: Vec<u32>,
    /// Number of units of each pooled set: sets are drawn separately.
    pub(super) strata: Vec<u32>,
    /// Best score first.
    pub(super) trials: Vec<Trial>,
    /// Comparisons of each pair of fingers (equal for genuine ones): what totals are made of when fingers are drawn.
    pub(super) counts: Vec<((u32, u32), u32)>,
    probes: Vec<Probe>,
    /// For each finger: impressions, and how many of them failed.
    pub(super) enrolments: Vec<(usize, usize)>,
}

/// One step of the error curve: what happens when scores of at least `threshold` are accepted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Step {
    /// Infinite for "accept nothing".
    pub(super) threshold: f32,
    pub(super) fmr: f64,
    pub(super) fnmr: f64,
}

impl Trials {
    /// Sorts the comparisons of a set. `failed[i]` marks an impression without a template: its scores count as 0.
    ///
    /// # Panics
    /// When `failed` or `scores` are not of the size of the set: a fault of the caller, not of the input.
    pub fn of(set: &ImpressionSet, scores: &ScoreMatrix, failed: &[bool], impostors: Impostors) -> Self {
        assert_eq!((scores.size(), failed.len()), (set.len(), set.len()), "one score row and one flag per impression");
        let score = |i: usize, j: usize| if failed[i] || failed[j] { 0.0 } else { scores.get(i, j) };
        let finger = |i: usize| set.impressions()[i].finger;
        let first = set.first_impressions();
        let is_first = |i: usize| first[finger(i)] == i;

        let mut trials = Vec::new();
        for i in 0..set.len() {
            for j in i + 1..set.len() {
                if set.compared(i, j, impostors) {
                    // A set that fits in memory has fewer fingers than 2^32. The order within the pair carries nothing.
                    let (f, g) = (finger(i) as u32, finger(j) as u32);
                    trials.push(Trial { score: score(i, j), fingers: (f.min(g), f.max(g)) });
                }
            }
        }
        let counts = counted(&mut trials);
        trials.sort_unstable_by(best_first);

        let probes = (0..set.len())
            .filter(|&i| !is_first(i))
            .map(|i| Probe { finger: finger(i), base: 0, scores: first.iter().map(|&f| score(i, f)).collect() })
            .collect();
        let mut enrolments = vec![(0, 0); set.fingers()];
        for (i, &failed) in failed.iter().enumerate() {
            enrolments[finger(i)].0 += 1;
            enrolments[finger(i)].1 += usize::from(failed);
        }
        let fingers = set.fingers() as u32;
        Self { units: (0..fingers).collect(), strata: vec![fingers], trials, counts, probes, enrolments }
    }

    /// From now on persons are drawn in the bootstrap, with all their fingers, instead of fingers.
    ///
    /// # Panics
    /// When `persons` has not one number per finger, or pooled sets are meant: a fault of the caller.
    pub fn drawn_by_person(mut self, persons: &[usize]) -> Self {
        assert_eq!((persons.len(), self.strata.len()), (self.units.len(), 1), "one person per finger of one set");
        self.units = persons.iter().map(|&p| p as u32).collect();
        self.strata = vec![self.units.iter().max().map_or(0, |last| last + 1)];
        self
    }

    /// The comparisons of several sets together, none between sets: one threshold for all of them.
    pub fn pooled(sets: &[&Self]) -> Self {
        let mut all = Self {
            units: Vec::new(),
            strata: Vec::new(),
            trials: Vec::with_capacity(sets.iter().map(|s| s.trials.len()).sum()),
            counts: Vec::new(),
            probes: Vec::new(),
            enrolments: Vec::new(),
        };
        for set in sets {
            let (base, units) = (all.units.len() as u32, all.strata.iter().sum::<u32>());
            let moved = |(f, g): (u32, u32)| (f + base, g + base);
            all.units.extend(set.units.iter().map(|u| u + units));
            all.strata.extend(&set.strata);
            all.trials.extend(set.trials.iter().map(|t| Trial { score: t.score, fingers: moved(t.fingers) }));
            all.counts.extend(set.counts.iter().map(|(pair, n)| (moved(*pair), *n)));
            all.probes.extend(set.probes.iter().map(|p| Probe {
                finger: p.finger + base as usize,
                base: p.base + base as usize,
                scores: p.scores.clone(),
            }));
            all.enrolments.extend(&set.enrolments);
        }
        all.trials.sort_unstable_by(best_first);
        all
    }

    /// Number of genuine comparisons.
    pub fn genuine(&self) -> usize {
        self.counts.iter().filter(|((f, g), _)| f == g).map(|(_, n)| *n as usize).sum()
    }

    /// Number of impostor comparisons.
    pub fn impostors(&self) -> usize {
        self.trials.len() - self.genuine()
    }

    /// Scores of the genuine (`true`) or impostor comparisons, best first.
    pub fn scores(&self, genuine: bool) -> Vec<f32> {
        self.trials.iter().filter(|t| t.genuine() == genuine).map(|t| t.score).collect()
    }

    /// Number of fingers.
    pub fn fingers(&self) -> usize {
        self.units.len()
    }

    /// The error rates of the set as it is.
    pub fn figures(&self) -> Figures {
        self.figures_of(&self.everyone())
    }

    /// The error rates of the fingers of a draw; copies of a finger are not impostors of each other.
    pub fn figures_of(&self, draw: &Draw) -> Figures {
        let mut at = [1.0; LIMITS.len()];
        let mut equal = EqualError::default();
        self.sweep(draw, |step| {
            for (rate, _) in at.iter_mut().zip(LIMITS).filter(|(_, limit)| step.fmr <= *limit) {
                *rate = step.fnmr;
            }
            equal.step(&step);
            // Beyond the crossing and the loosest limit nothing changes.
            if equal.found.is_some() && step.fmr > LIMITS[0] {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        Figures {
            eer: 100.0 * equal.rate(),
            fmr100: 100.0 * at[0],
            fmr1000: 100.0 * at[1],
            fmr10000: 100.0 * at[2],
            zerofmr: 100.0 * at[3],
            fte: self.failed_share(draw),
            rank1: self.first_rank_share(draw),
        }
    }

    /// The lowest threshold at which the false match rate is at most `fmr` (a fraction); infinite where no score is high enough.
    pub fn threshold_at(&self, fmr: f64) -> f32 {
        let mut threshold = f32::INFINITY;
        self.sweep(&self.everyone(), |step| {
            if step.fmr > fmr {
                return ControlFlow::Break(());
            }
            threshold = step.threshold;
            ControlFlow::Continue(())
        });
        threshold
    }

    /// The false non-match rate (a fraction) at each of these false match rates (fractions, growing), for the fingers of a draw.
    pub fn fnmr_at(&self, fmr: &[f64], draw: &Draw) -> Vec<f64> {
        // "Accept everything" ends the curve: failures score 0 and are only accepted there.
        let mut rates: Vec<f64> = fmr.iter().map(|limit| if *limit >= 1.0 { 0.0 } else { 1.0 }).collect();
        // Those before `open` are behind the sweep.
        let mut open = 0;
        self.sweep(draw, |step| {
            while open < fmr.len() && step.fmr > fmr[open] {
                open += 1;
            }
            for (rate, limit) in rates[open..].iter_mut().zip(&fmr[open..]) {
                if *limit < 1.0 {
                    *rate = step.fnmr;
                }
            }
            if open == fmr.len() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        rates
    }

    /// FMR and FNMR at every threshold above 0 that some score reaches, strictest first, preceded by "accept nothing".
    pub(super) fn sweep(&self, draw: &Draw, mut visit: impl FnMut(Step) -> ControlFlow<()>) {
        let (genuine, impostor) = draw.totals();
        // Without trials of a kind its rate has no meaning; a tiny divisor keeps it finite (0 of 0 is 0).
        let (all_genuine, all_impostor) = (f64::max(genuine, f64::MIN_POSITIVE), f64::max(impostor, f64::MIN_POSITIVE));
        let step =
            |threshold, g: f64, i: f64| Step { threshold, fmr: i / all_impostor, fnmr: (genuine - g) / all_genuine };
        if visit(step(f32::INFINITY, 0.0, 0.0)).is_break() {
            return;
        }
        let (mut g, mut i) = (0.0, 0.0);
        for (at, trial) in self.trials.iter().enumerate().take_while(|(_, t)| t.score > 0.0) {
            let w = draw.weight(trial.fingers.0, trial.fingers.1);
            if trial.genuine() {
                g += w;
            } else {
                i += w;
            }
            let last = self.trials.get(at + 1).is_none_or(|next| next.score < trial.score);
            if last && visit(step(trial.score, g, i)).is_break() {
                return;
            }
        }
    }

    fn failed_share(&self, draw: &Draw) -> f64 {
        let (all, failed) = self.enrolments.iter().enumerate().fold((0.0, 0.0), |(n, k), (f, (all, failed))| {
            let w = f64::from(draw.times(f));
            (n + *all as f64 * w, k + *failed as f64 * w)
        });
        100.0 * failed / f64::max(all, 1.0)
    }

    /// A probe is a hit when its own finger scores higher than every other enrolled finger; a tie is a miss.
    fn first_rank_share(&self, draw: &Draw) -> f64 {
        let (mut hits, mut all) = (0.0, 0.0);
        for probe in &self.probes {
            let w = f64::from(draw.times(probe.finger));
            if w == 0.0 {
                continue;
            }
            let own = probe.scores[probe.finger - probe.base];
            let beaten = probe
                .scores
                .iter()
                .enumerate()
                .all(|(f, &s)| f + probe.base == probe.finger || draw.times(f + probe.base) == 0 || s < own);
            all += w;
            if beaten && own > 0.0 {
                hits += w;
            }
        }
        100.0 * hits / f64::max(all, 1.0)
    }
}

/// Best score first; equal ones by finger, so that the order is one.
fn best_first(a: &Trial, b: &Trial) -> core::cmp::Ordering {
    b.score.total_cmp(&a.score).then(a.fingers.cmp(&b.fingers))
}

/// How many comparisons each pair of fingers has. Sorts the trials by fingers.
fn counted(trials: &mut [Trial]) -> Vec<((u32, u32), u32)> {
    trials.sort_unstable_by_key(|t| t.fingers);
    trials.chunk_by(|a, b| a.fingers == b.fingers).map(|same| (same[0].fingers, same.len() as u32)).collect()
}

/// Where FMR and FNMR meet. Where no step has them equal, of the last step before the crossing and the first one after it the
/// one with the smaller sum counts, and the rate is the mean of its two errors (Maio et al., FVC2000 protocol).
#[derive(Default)]
struct EqualError {
    /// FMR + FNMR of the last step before the crossing.
    before: Option<f64>,
    found: Option<f64>,
}

impl EqualError {
    fn step(&mut self, step: &Step) {
        if self.found.is_some() {
            return;
        }
        let sum = step.fmr + step.fnmr;
        if step.fmr == step.fnmr {
            self.found = Some(step.fmr);
        } else if step.fmr > step.fnmr {
            self.found = Some(self.before.map_or(sum, |before| before.min(sum)) / 2.0);
        } else {
            self.before = Some(sum);
        }
    }

    fn rate(mut self) -> f64 {
        // "Accept everything" closes the curve: failures score 0 and are only accepted there.
        self.step(&Step { threshold: 0.0, fmr: 1.0, fnmr: 0.0 });
        self.found.unwrap_or(0.5)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two fingers with two impressions: genuine (0,1) and (2,3), impostors the other four.
    fn trials(scores: [f32; 6], failed: [bool; 4]) -> Trials {
        let set = ImpressionSet::from_names(&["a_1", "a_2", "b_1", "b_2"]).unwrap();
        let mut m = ScoreMatrix::zero(4);
        for (&(i, j), s) in [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)].iter().zip(scores) {
            m.set(i, j, s);
        }
        Trials::of(&set, &m, &failed, Impostors::All)
    }

    #[test]
    fn separated_scores_make_no_errors() {
        let t = trials([0.9, 0.1, 0.2, 0.1, 0.3, 0.8], [false; 4]);
        assert_eq!((t.genuine(), t.impostors()), (2, 4));
        let f = t.figures();
        assert_eq!((f.eer, f.fmr100, f.zerofmr, f.fte, f.rank1), (0.0, 0.0, 0.0, 0.0, 100.0));
        assert_eq!(t.threshold_at(0.001), 0.8);
    }

    #[test]
    fn one_impostor_above_one_genuine() {
        // Order: 0.9 genuine, 0.5 impostor, 0.4 genuine, 0.3, 0.2, 0.1 impostors.
        let t = trials([0.9, 0.1, 0.5, 0.2, 0.3, 0.4], [false; 4]);
        let f = t.figures();
        // At 0.5: FMR 1/4, FNMR 1/2; at 0.4: FMR 1/4, FNMR 0, the smaller sum.
        assert_eq!(f.eer, 12.5);
        assert_eq!((f.fmr100, f.zerofmr), (50.0, 50.0));
        // Probes a_2 (0.9 against 0.2) and b_2 (0.4 against 0.5).
        assert_eq!(f.rank1, 50.0);
        assert_eq!((t.threshold_at(0.0), t.threshold_at(0.25), t.threshold_at(1.0)), (0.9, 0.4, 0.1));
        assert_eq!(t.fnmr_at(&[0.0, 0.2, 0.25, 1.0], &t.everyone()), [0.5, 0.5, 0.0, 0.0]);
    }

    #[test]
    fn a_tie_is_a_miss_and_a_failure_scores_nothing() {
        let f = trials([0.9, 0.1, 0.9, 0.9, 0.1, 0.9], [false; 4]).figures();
        assert_eq!((f.zerofmr, f.rank1), (100.0, 0.0));
        let f = trials([0.9, 0.1, 0.2, 0.1, 0.3, 0.8], [false, false, false, true]).figures();
        assert_eq!((f.fte, f.zerofmr, f.fmr100, f.rank1), (25.0, 50.0, 50.0, 50.0));
    }

    #[test]
    fn nothing_that_works_is_an_equal_error_of_one_half() {
        assert_eq!(trials([0.0; 6], [true; 4]).figures().eer, 50.0);
    }

    #[test]
    fn pooled_sets_share_a_threshold_and_no_comparison() {
        let (a, b) = (
            trials([0.9, 0.1, 0.5, 0.2, 0.3, 0.4], [false; 4]),
            trials([0.9, 0.1, 0.2, 0.1, 0.3, 0.35], [false, false, false, true]),
        );
        let pool = Trials::pooled(&[&a, &b]);
        assert_eq!((pool.genuine(), pool.impostors(), pool.fingers()), (4, 8, 4));
        // Below 0.9 only the impostor at 0.5, in both sets' thresholds; the failure of the second set is never accepted.
        let f = pool.figures();
        assert_eq!((f.zerofmr, f.fte), (50.0, 12.5));
        assert_eq!(f.rank1, 50.0);
        assert_eq!(Trials::pooled(&[&a]), a);
    }
}
