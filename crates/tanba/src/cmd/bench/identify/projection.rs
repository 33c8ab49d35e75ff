//! From the evidence that searches found to thresholds and error rates, at the size searched and at others, each with its interval.
//!
//! Intervals come from drawing with replacement: the searches for people who are not enrolled, from which the threshold is fitted anew,
//! and those for people who are, which are counted at that threshold. So they hold what is not known of either.

use serde_json::{Value, json};
use tanba_finger::evaluate::{Numbers, percentiles};

use super::searches::Found;
use super::tail::{Pareto, Strangers, false_answers, false_matches, strongest};

/// Draws for the intervals.
const DRAWS: usize = 400;
/// The rates of false answers that thresholds are told for.
pub(super) const FPIR: [f64; 2] = [1e-3, 1e-2];
/// Numbers of people that are told, whatever was searched. The last is a country's.
const SIZES: [f64; 4] = [1e4, 1e5, 1e6, 2e7];

/// A number and where it may lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Estimate {
    pub(super) value: f64,
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Estimate {
    /// The number is inside its interval, also where a bootstrap of few distinct values is narrow.
    pub(super) fn of(value: f64, drawn: Vec<f64>) -> Self {
        let (low, high) = percentiles(drawn);
        Self { value, low: low.min(value), high: high.max(value) }
    }

    pub(super) fn times(self, factor: f64) -> Self {
        Self { value: factor * self.value, low: factor * self.low, high: factor * self.high }
    }

    pub(super) fn interval(self) -> Value {
        json!([self.low, self.high])
    }
}

/// A threshold, and how many mates it misses.
#[derive(Debug, Clone, Copy)]
pub(super) struct At {
    pub(super) threshold: Estimate,
    pub(super) fnir: Estimate,
}

/// What one search costs: a part that every search has, and one for each person enrolled.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Cost {
    /// Core-seconds of looking at one person.
    pub(super) look: f64,
    /// Core-seconds of comparing one person in full.
    pub(super) weigh: f64,
    /// Share of the people that are compared in full, and the fewest.
    pub(super) share: f64,
    pub(super) fewest: f64,
}

impl Cost {
    /// Core-seconds of a search of so many people.
    pub(super) fn of(&self, people: f64) -> f64 {
        people * self.look + self.weigh * (people * self.share).max(self.fewest).min(people)
    }
}

/// One size of the gallery.
pub(super) struct Size {
    pub(super) people: f64,
    pub(super) at: [At; 2],
    /// Strangers named in 1,000 searches of people who are not enrolled, at the threshold of FPIR 0.1 %.
    pub(super) adjudications: f64,
    /// The same if the threshold stayed that of the size that was searched.
    pub(super) adjudications_if_it_stayed: f64,
}

/// All thresholds and rates.
pub(in super::super) struct Projection {
    /// At the size that was searched, from the strongest of each search: nothing is assumed of the comparisons.
    pub(super) direct: [At; 2],
    /// From the tail of all comparisons; `None` where there are too few.
    pub(super) sizes: Option<Vec<Size>>,
    /// The same tail's thresholds at the size that was searched.
    pub(super) pooled: Option<[At; 2]>,
}

impl Projection {
    pub(in super::super) fn of(found: &Found, people: u64) -> Self {
        let tops: Vec<f64> =
            found.strangers.iter().map(|all| all.first().copied().unwrap_or(f64::NEG_INFINITY)).collect();
        let mates: Vec<f64> = found.mated.iter().map(|m| m.mate.unwrap_or(f64::NEG_INFINITY)).collect();
        let (searches, mated) = (tops.len(), mates.len());
        let strangers = Strangers::of(&found.strangers, people);
        let everyone = strangers.as_ref().map(|all| all.tail(0..searches));
        let mut numbers = Numbers::from_state(1);
        let mut below = |n: usize| (numbers.next() % n.max(1) as u64) as usize;
        let draws: Vec<Draw> = (0..DRAWS)
            .map(|_| {
                let drawn: Vec<usize> = (0..searches).map(|_| below(searches)).collect();
                let mut mates: Vec<f64> = (0..mated).map(|_| mates[below(mated)]).collect();
                mates.sort_by(f64::total_cmp);
                let tops = sorted(drawn.iter().map(|at| tops[*at]));
                Draw { tops, mates, tail: strangers.as_ref().map(|all| all.tail(drawn.iter().copied())) }
            })
            .collect();
        let (tops, mates) = (sorted(tops.iter().copied()), sorted(mates.iter().copied()));
        let whole = Draw { tops, mates, tail: everyone };
        let at = |threshold: &dyn Fn(&Draw) -> f64| {
            let (now, drawn): (f64, Vec<f64>) = (threshold(&whole), draws.iter().map(threshold).collect());
            let missed = draws.iter().zip(&drawn).map(|(draw, threshold)| draw.missed(*threshold)).collect();
            At { threshold: Estimate::of(now, drawn), fnir: Estimate::of(whole.missed(now), missed) }
        };
        let pooled = |tail: Pareto, people: f64| {
            FPIR.map(|fpir| {
                let rate = false_matches(fpir, people);
                at(&|draw| draw.tail.unwrap_or(tail).exceeded(rate))
            })
        };
        let sizes = everyone.map(|tail| {
            let stays = tail.exceeded(false_matches(FPIR[0], people as f64));
            let size = |n: f64| {
                let at = pooled(tail, n);
                let named = |threshold: f64| 1000.0 * n * tail.rate(threshold);
                Size {
                    people: n,
                    adjudications: named(at[0].threshold.value),
                    adjudications_if_it_stayed: named(stays),
                    at,
                }
            };
            SIZES.map(size).into()
        });
        Self {
            direct: FPIR.map(|fpir| at(&|draw| strongest(&draw.tops, fpir))),
            sizes,
            pooled: everyone.map(|tail| pooled(tail, people as f64)),
        }
    }

    /// What is projected, a line a size.
    pub(in super::super) fn lines(&self) -> impl Iterator<Item = String> {
        self.sizes.iter().flatten().map(|size| {
            let [missed, from] = [size.at[0].fnir.times(100.0), size.at[0].threshold];
            format!(
                "projected to {:>8} people, synthetic: missed {:.2} % [{:.2}, {:.2}] at FPIR 0.1 % (from {:.2} [{:.2}, {:.2}] on)",
                size.people, missed.value, missed.low, missed.high, from.value, from.low, from.high,
            )
        })
    }

    /// As the answer has it, with what a search of each size costs.
    pub(in super::super) fn to_json(&self, cost: Option<Cost>) -> Value {
        let sizes = self.sizes.iter().flatten().map(|size| {
            let [strict, lax] = size.at;
            json!({
                "people": size.people as u64,
                "threshold": strict.threshold.value,
                "threshold_ci95": strict.threshold.interval(),
                "fnir": 100.0 * strict.fnir.value,
                "fnir_ci95": strict.fnir.times(100.0).interval(),
                "threshold_1e2": lax.threshold.value,
                "fnir_1e2": 100.0 * lax.fnir.value,
                "fnir_1e2_ci95": lax.fnir.times(100.0).interval(),
                "adjudications_per_1000": size.adjudications,
                "adjudications_per_1000_if_the_threshold_stayed": size.adjudications_if_it_stayed,
                "core_s_per_search": cost.map(|cost| cost.of(size.people)),
            })
        });
        Value::Array(sizes.collect())
    }
}

/// One set of searches: as they were, or drawn.
struct Draw {
    tops: Vec<f64>,
    mates: Vec<f64>,
    tail: Option<Pareto>,
}

impl Draw {
    /// Share of the mates below a threshold.
    fn missed(&self, threshold: f64) -> f64 {
        self.mates.partition_point(|lr| *lr < threshold) as f64 / self.mates.len().max(1) as f64
    }
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

/// Rates of false answers and of mates missed in a gallery of another size than was searched; for the plot.
pub(super) fn curve(found: &Found, searched: u64, people: u64) -> Vec<(f64, f64)> {
    let Some(strangers) = Strangers::of(&found.strangers, searched) else { return Vec::new() };
    let tail = strangers.tail(0..found.strangers.len());
    let mates = sorted(found.mated.iter().map(|m| m.mate.unwrap_or(f64::NEG_INFINITY)));
    let draw = Draw { tops: Vec::new(), mates, tail: None };
    let people = people as f64;
    // Further than where the tail begins nothing is known.
    let most = false_answers(tail.rate(f64::NEG_INFINITY), people).min(0.999);
    let rates = (0..=60).map(|i| 10f64.powf(-5.0 + (most.log10() + 5.0) * f64::from(i) / 60.0));
    rates.map(|fpir| (fpir, draw.missed(tail.exceeded(false_matches(fpir, people))))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::searches::Mated;
    use super::*;

    /// Evidence of strangers that is exponential, and of mates spread evenly over 0 to 20.
    fn found(searches: usize, people: usize) -> Found {
        let mut numbers = Numbers::from_state(9);
        let mut strongest_of = |_| {
            let mut all: Vec<f64> = (0..people).map(|_| -(1.0 - numbers.unit()).ln() / 2.3).collect();
            all.sort_by(|a, b| b.total_cmp(a));
            all
        };
        let strangers = (0..searches).map(&mut strongest_of).collect();
        let mate = |k: usize| Mated { mate: Some(20.0 * k as f64 / searches as f64), ..Mated::default() };
        Found { mated: (0..searches).map(mate).collect(), strangers }
    }

    #[test]
    fn more_people_take_a_higher_threshold_and_miss_more() {
        let cost = Cost { look: 1e-6, weigh: 1e-3, share: 0.01, fewest: 100.0 };
        let projection = Projection::of(&found(400, 200), 200);
        let sizes = projection.sizes.as_ref().unwrap();
        for (small, large) in sizes.iter().zip(&sizes[1..]) {
            assert!(small.at[0].threshold.value < large.at[0].threshold.value);
            assert!(small.at[0].fnir.value <= large.at[0].fnir.value);
            assert!(cost.of(small.people) < cost.of(large.people));
        }
        for size in sizes {
            let [strict, lax] = size.at;
            assert!(strict.threshold.value > lax.threshold.value && strict.fnir.value >= lax.fnir.value);
            assert!(strict.fnir.low <= strict.fnir.value && strict.fnir.value <= strict.fnir.high);
            // One false answer in a thousand searches names one stranger.
            assert!((size.adjudications - 1.0).abs() < 0.01, "{}", size.adjudications);
            assert!(size.adjudications_if_it_stayed > size.adjudications);
        }
        // log10 of a thousand times twenty million is 10.3: half of the mates lie below.
        let largest = &sizes[3].at[0];
        assert!(largest.threshold.low < 10.3 && 10.3 < largest.threshold.high, "{:?}", largest.threshold);
        let pooled = projection.pooled.unwrap()[1].threshold;
        assert!((pooled.value - projection.direct[1].threshold.value).abs() < 0.5);
    }

    #[test]
    fn a_search_costs_a_look_at_everyone_and_a_comparison_of_some() {
        let cost = Cost { look: 2e-6, weigh: 1e-3, share: 0.003, fewest: 100.0 };
        assert!((cost.of(1e4) - 0.12).abs() < 1e-9);
        assert!((cost.of(1e5) - 0.5).abs() < 1e-9);
        assert!((cost.of(2e7) - 100.0).abs() < 1e-9);
        assert!((cost.of(50.0) - 0.0501).abs() < 1e-9);
    }

    #[test]
    fn equal_searches_give_equal_figures() {
        let (a, b) = (Projection::of(&found(100, 50), 50), Projection::of(&found(100, 50), 50));
        assert_eq!(a.to_json(None), b.to_json(None));
    }
}
