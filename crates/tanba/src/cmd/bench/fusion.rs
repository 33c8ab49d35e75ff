//! `tanba bench fusion`: the weights of the score and its calibration, fitted anew on prints of nobody.
//!
//! Three populations, none of whose fingers occurs in another: weights are fitted on the first, likelihood ratios and thresholds
//! on the second, and what they are worth is measured on the third. The tables printed are those of `mcc/params.rs` and
//! `calibrate.rs` in `tanba-finger`; nothing else was fitted to anything.

mod bend;
mod fit;
mod sample;

use clap::Args;
use serde_json::json;
use tanba_finger::calibrate::interpolate;
use tanba_finger::evaluate::{Isotonic, cllr};
use tanba_finger::{NUMBERS, Parts};

use crate::console::Console;
use crate::input::ByExtractor;
use fit::{knots, logistic};
use sample::{KINDS, Pair, Sample};

/// False match rates that get a threshold.
const RATES: [f64; 5] = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5];
/// The rate at which scores with and without ridges are to agree: its place in [`RATES`].
const ALIKE: usize = 2;
/// The place of `aligned` in [`NUMBERS`].
const ALIGNED: usize = 2;
/// Knots of the curve from score to likelihood ratio.
const KNOTS: usize = 10;

/// Options of `tanba bench fusion`.
#[derive(Args)]
pub(crate) struct Fusion {
    /// Fingers of each kind in each population.
    #[arg(long, default_value_t = 80, value_parser = clap::value_parser!(u64).range(10..=5000))]
    fingers: u64,
    /// Which fingers.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Keep the weights that the engine has and fit the calibration only.
    #[arg(long)]
    keep_weights: bool,
    #[command(flatten)]
    by: ByExtractor,
}

impl Fusion {
    /// Fits and measures.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        let bar = console.progress(3 * self.fingers * KINDS.len() as u64, "fingers");
        let draw = |population: u64| {
            Sample::draw(self.by.extractor, self.seed.wrapping_mul(1000) + population, self.fingers, &bar)
        };
        let (learn, calibrate, test) = (draw(1), draw(2), draw(3));
        bar.finish_and_clear();

        let weights = (!self.keep_weights).then(|| Weights::fitted(&learn.pairs));
        let score = |p: &Pair| match &weights {
            Some(w) => w.score(p),
            None => p.parts.score(),
        };
        let ordinary: Vec<&Pair> = calibrate.pairs.iter().filter(|p| KINDS[p.kind].ordinary).collect();
        let curve = Isotonic::fitted(ordinary.iter().map(|p| (score(p), p.mated, p.weight)));
        let cap = calibrate.cap();
        let knots = knots(&curve, KNOTS, cap);
        let thresholds = thresholds(&ordinary, &score);
        let lr = |s: f32| interpolate(&knots, f64::from(s));
        let held_out: Vec<&Pair> = test.pairs.iter().filter(|p| KINDS[p.kind].ordinary).collect();
        let cost = cllr(held_out.iter().map(|p| (lr(score(p)), p.mated, p.weight)));
        let least = Isotonic::fitted(held_out.iter().map(|p| (score(p), p.mated, p.weight))).least_cost();
        let realised_among = |belongs: &dyn Fn(&Pair) -> bool| -> Vec<f64> {
            let rate = |t: f32| {
                let (mut over, mut all) = (0.0, 0.0);
                for p in held_out.iter().filter(|p| !p.mated && belongs(p)) {
                    all += p.weight;
                    over += if score(p) >= t { p.weight } else { 0.0 };
                }
                over / all
            };
            thresholds.iter().map(|(_, t)| rate(*t)).collect()
        };
        let realised = realised_among(&|_| true);
        // One threshold serves all kinds; how far each is from the claimed rate is part of what it is worth.
        let by_kind: Vec<(&str, Vec<f64>)> = (0..KINDS.len())
            .filter(|k| KINDS[*k].ordinary)
            .map(|k| (KINDS[k].name, realised_among(&|p| p.kind == k)))
            .collect();

        let mut text = String::new();
        if let Some(w) = &weights {
            text += &format!("with_ridges: {:?}\nwithout_ridges: {:?}\n", w.with_ridges, w.without_ridges);
        }
        text += &format!("knots (score, log10 LR), capped at {cap:.2}: {knots:?}\n");
        text += "thresholds (FMR, score, realised on fresh fingers): ";
        for ((rate, t), r) in thresholds.iter().zip(&realised) {
            text += &format!("({rate:e}, {t:.4}, {r:.2e}) ");
        }
        for (name, rates) in &by_kind {
            text += &format!("\n  {name}: ");
            text += &rates.iter().map(|r| format!("{r:.2e}")).collect::<Vec<_>>().join(" ");
        }
        text += &format!(
            "\nCllr on fresh fingers {cost:.4}, least {least:.4}; {} mated and {} other pairs in each",
            test.mated(),
            test.pairs.len() - test.mated()
        );
        console.answer(
            &json!({
                "numbers": NUMBERS.map(|n| n.0),
                "with_ridges": weights.as_ref().map(|w| &w.with_ridges),
                "without_ridges": weights.as_ref().map(|w| &w.without_ridges),
                "knots": knots,
                "cap": cap,
                "thresholds": thresholds,
                "realised": realised,
                "realised_by_kind": by_kind.iter().map(|(name, r)| json!({"kind": name, "realised": r})).collect::<Vec<_>>(),
                "cllr": cost,
                "cllr_min": least,
                "pairs": [learn.pairs.len(), calibrate.pairs.len(), test.pairs.len()],
            }),
            text,
        );
        Ok(())
    }
}

/// Weights of the score, natural log odds.
struct Weights {
    with_ridges: Vec<f32>,
    without_ridges: Vec<f32>,
}

impl Weights {
    /// Two regressions with the same odds beforehand: pairs whose ridges were compared, and all pairs as if none had been.
    fn fitted(pairs: &[Pair]) -> Self {
        let rows = |with: bool| -> Vec<(Vec<f64>, bool, f64)> {
            pairs
                .iter()
                .filter(|p| !with || p.parts.with_ridges())
                .map(|p| {
                    let parts = if with { p.parts } else { p.parts.of_minutiae() };
                    (parts.numbers().iter().map(|&v| f64::from(v)).collect(), p.mated, p.weight)
                })
                .collect()
        };
        let mut fitted = Self { with_ridges: logistic(&rows(true)), without_ridges: logistic(&rows(false)) };
        // Few numbers leave a heavier tail: a threshold is to mean the same false match rate with and without ridges.
        let ordinary: Vec<&Pair> = pairs.iter().filter(|p| KINDS[p.kind].ordinary).collect();
        let odds = |score: f32| (score / (1.0 - score).max(1e-7)).max(1e-7).ln() * Parts::SPREAD;
        let reached = |with: bool| {
            let score = |p: &Pair| {
                let parts = if with { p.parts } else { p.parts.of_minutiae() };
                fitted.score(&Pair { parts, ..*p })
            };
            odds(thresholds(&ordinary, &score)[ALIKE].1)
        };
        let excess = reached(false) - reached(true);
        fitted.without_ridges[ALIGNED] -= (excess * 1000.0).round() / 1000.0;
        fitted
    }

    fn score(&self, pair: &Pair) -> f32 {
        if pair.parts == Parts::default() {
            return 0.0;
        }
        let weights = if pair.parts.with_ridges() { &self.with_ridges } else { &self.without_ridges };
        Parts::score_of(pair.parts.numbers().iter().zip(weights).map(|(v, w)| v * w).sum())
    }
}

/// For each rate the lowest score that pairs of different fingers reach no more often.
fn thresholds(pairs: &[&Pair], score: &impl Fn(&Pair) -> f32) -> Vec<(f64, f32)> {
    let mut others: Vec<(f32, f64)> = pairs.iter().filter(|p| !p.mated).map(|p| (score(p), p.weight)).collect();
    others.sort_by(|a, b| b.0.total_cmp(&a.0));
    let all: f64 = others.iter().map(|o| o.1).sum();
    RATES
        .iter()
        .map(|&rate| {
            let mut over = 0.0;
            let mut at = 1.0;
            for o in &others {
                over += o.1;
                if over > rate * all {
                    break;
                }
                at = o.0;
            }
            (rate, at)
        })
        .collect()
}
