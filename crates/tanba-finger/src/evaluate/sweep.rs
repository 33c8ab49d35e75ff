//! Error rates of a set of trials, swept over the threshold.

use super::{Impostors, ImpressionSet, ScoreMatrix};

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

/// One comparison.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Trial {
    score: f32,
    /// The two fingers; equal for a genuine comparison.
    fingers: (usize, usize),
}

/// A search of one impression among the first impressions of all fingers.
#[derive(Debug, Clone, PartialEq)]
struct Probe {
    finger: usize,
    /// Score against the first impression of each finger.
    scores: Vec<f32>,
}

/// All comparisons of a set, ready to be counted.
#[derive(Debug, Clone, PartialEq)]
pub struct Trials {
    fingers: usize,
    /// Best score first.
    trials: Vec<Trial>,
    probes: Vec<Probe>,
    /// For each finger: impressions, and how many of them failed.
    enrolments: Vec<(usize, usize)>,
}

/// One step of the error curve: what happens when scores of at least `threshold` are accepted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Step {
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
                    trials.push(Trial { score: score(i, j), fingers: (finger(i), finger(j)) });
                }
            }
        }
        trials.sort_by(|a, b| b.score.total_cmp(&a.score));

        let probes = (0..set.len())
            .filter(|&i| !is_first(i))
            .map(|i| Probe { finger: finger(i), scores: first.iter().map(|&f| score(i, f)).collect() })
            .collect();
        let mut enrolments = vec![(0, 0); set.fingers()];
        for (i, &failed) in failed.iter().enumerate() {
            enrolments[finger(i)].0 += 1;
            enrolments[finger(i)].1 += usize::from(failed);
        }
        Self { fingers: set.fingers(), trials, probes, enrolments }
    }

    /// Number of genuine comparisons.
    pub fn genuine(&self) -> usize {
        self.trials.iter().filter(|t| t.fingers.0 == t.fingers.1).count()
    }

    /// Number of impostor comparisons.
    pub fn impostors(&self) -> usize {
        self.trials.len() - self.genuine()
    }

    /// Scores of the genuine (`true`) or impostor comparisons, best first.
    pub fn scores(&self, genuine: bool) -> Vec<f32> {
        self.trials.iter().filter(|t| (t.fingers.0 == t.fingers.1) == genuine).map(|t| t.score).collect()
    }

    /// Number of fingers.
    pub fn fingers(&self) -> usize {
        self.fingers
    }

    /// The error rates of the set as it is.
    pub fn figures(&self) -> Figures {
        self.weighted(&vec![1; self.fingers])
    }

    /// The error rates when finger `f` is there `weights[f]` times; copies of a finger are not impostors of each other.
    pub(super) fn weighted(&self, weights: &[u32]) -> Figures {
        let steps = self.steps(weights);
        let at = |limit: f64| 100.0 * steps.iter().take_while(|s| s.fmr <= limit).map(|s| s.fnmr).fold(1.0, f64::min);
        Figures {
            eer: 100.0 * equal_error(&steps),
            fmr100: at(0.01),
            fmr1000: at(0.001),
            fmr10000: at(0.0001),
            zerofmr: at(0.0),
            fte: self.failed_share(weights),
            rank1: self.first_rank_share(weights),
        }
    }

    /// FMR and FNMR at every threshold above 0 that some score reaches, strictest first, preceded by "accept nothing".
    pub(super) fn steps(&self, weights: &[u32]) -> Vec<Step> {
        let weight = |t: &Trial| {
            let (f, g) = t.fingers;
            let w = f64::from(weights[f]);
            if f == g { (w, 0.0) } else { (0.0, w * f64::from(weights[g])) }
        };
        let (genuine, impostor) = self.trials.iter().map(weight).fold((0.0, 0.0), |s, w| (s.0 + w.0, s.1 + w.1));
        // Without trials of a kind its rate has no meaning; a tiny divisor keeps it finite (0 of 0 is 0).
        let (all_genuine, all_impostor) = (f64::max(genuine, f64::MIN_POSITIVE), f64::max(impostor, f64::MIN_POSITIVE));
        let step = |g: f64, i: f64| Step { fmr: i / all_impostor, fnmr: (genuine - g) / all_genuine };
        let mut steps = vec![step(0.0, 0.0)];
        let (mut g, mut i) = (0.0, 0.0);
        for (at, trial) in self.trials.iter().enumerate().take_while(|(_, t)| t.score > 0.0) {
            let w = weight(trial);
            (g, i) = (g + w.0, i + w.1);
            if self.trials.get(at + 1).is_none_or(|next| next.score < trial.score) {
                steps.push(step(g, i));
            }
        }
        steps
    }

    fn failed_share(&self, weights: &[u32]) -> f64 {
        let (all, failed) = self.enrolments.iter().zip(weights).fold((0.0, 0.0), |(n, k), (&(all, failed), &w)| {
            (n + all as f64 * f64::from(w), k + failed as f64 * f64::from(w))
        });
        100.0 * failed / f64::max(all, 1.0)
    }

    /// A probe is a hit when its own finger scores higher than every other enrolled finger; a tie is a miss.
    fn first_rank_share(&self, weights: &[u32]) -> f64 {
        let (mut hits, mut all) = (0.0, 0.0);
        for probe in &self.probes {
            let w = f64::from(weights[probe.finger]);
            if w == 0.0 {
                continue;
            }
            let own = probe.scores[probe.finger];
            let beaten = probe.scores.iter().enumerate().all(|(f, &s)| f == probe.finger || weights[f] == 0 || s < own);
            all += w;
            if beaten && own > 0.0 {
                hits += w;
            }
        }
        100.0 * hits / f64::max(all, 1.0)
    }
}

/// Where FMR and FNMR meet. Where no step has them equal, of the last step before the crossing and the first one after it the
/// one with the smaller sum counts, and the rate is the mean of its two errors (Maio et al., FVC2000 protocol).
fn equal_error(steps: &[Step]) -> f64 {
    // "Accept everything" closes the curve: failures score 0 and are only accepted there.
    let everything = Step { fmr: 1.0, fnmr: 0.0 };
    let after = steps.iter().position(|s| s.fmr >= s.fnmr).unwrap_or(steps.len());
    let sum = |s: &Step| s.fmr + s.fnmr;
    let crossing = steps.get(after).unwrap_or(&everything);
    if crossing.fmr == crossing.fnmr {
        return crossing.fmr;
    }
    let before = after.checked_sub(1).map_or(f64::INFINITY, |i| sum(&steps[i]));
    sum(crossing).min(before) / 2.0
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
    }

    #[test]
    fn a_tie_is_a_miss_and_a_failure_scores_nothing() {
        let f = trials([0.9, 0.1, 0.9, 0.9, 0.1, 0.9], [false; 4]).figures();
        assert_eq!((f.zerofmr, f.rank1), (100.0, 0.0));
        let f = trials([0.9, 0.1, 0.2, 0.1, 0.3, 0.8], [false, false, false, true]).figures();
        assert_eq!((f.fte, f.zerofmr, f.fmr100, f.rank1), (25.0, 50.0, 50.0, 50.0));
    }
}
