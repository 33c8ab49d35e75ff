//! How scores are spread.

use super::super::Trials;
use super::chart::{Chart, LogAxis, Mark, round_step};

/// Bars over the range of the scores.
const BINS: usize = 50;

/// Share of the genuine and of the impostor comparisons by score, and thresholds with a word for each. The shares are logarithmic:
/// what matters is where the few of one kind meet the many of the other.
pub fn histogram_svg(title: &str, trials: &Trials, thresholds: &[(f32, &str)]) -> String {
    let sides = [("genuine", trials.scores(true)), ("impostor", trials.scores(false))];
    let best = sides.iter().flat_map(|s| s.1.first()).copied().fold(f32::MIN_POSITIVE, f32::max);
    let step = round_step(f64::from(best));
    let top = (f64::from(best) / step).ceil().max(1.0) * step;
    let shares: Vec<(&str, usize, [f64; BINS])> = sides
        .iter()
        .map(|(name, scores)| {
            let mut bins = [0.0; BINS];
            for &s in scores {
                let bin = (f64::from(s) / top).clamp(0.0, 1.0) * BINS as f64;
                bins[bin.min(BINS as f64 - 1.0) as usize] += 1.0 / scores.len() as f64;
            }
            (*name, scores.len(), bins)
        })
        .collect();
    let y = LogAxis::of_trials(trials.genuine().max(trials.impostors()));
    let about = "Share of the genuine and of the impostor comparisons by score; the less they overlap, the better.";
    let mut chart =
        Chart::new(&format!("Scores: {title}"), about, ("score", "share of comparisons, %"), (0.0, top), y.range());
    let decimals = usize::from(step < 1.0) + usize::from(step < 0.1);
    for k in 0..=(top / step).round() as u32 {
        chart.vertical(step * f64::from(k), &format!("{:.decimals$}", step * f64::from(k)));
    }
    for (at, label) in y.ticks() {
        chart.horizontal(at, &label);
    }
    for (look, (name, count, bins)) in shares.iter().enumerate() {
        for (bin, &share) in bins.iter().enumerate().filter(|(_, s)| **s > 0.0) {
            let at = |k: usize| top * k as f64 / BINS as f64;
            let tip = format!("{name}, {:.3} to {:.3}: {:.3} %", at(bin), at(bin + 1), 100.0 * share);
            chart.bar((at(bin), at(bin + 1)), y.place(share), look, &tip);
        }
        chart.legend(&Mark::Box(look), name);
        chart.legend(&Mark::None, &format!("{count} comparisons"));
    }
    for (row, (threshold, label)) in thresholds.iter().enumerate().filter(|(_, t)| t.0.is_finite()) {
        chart.guide_at(f64::from(*threshold), row, label);
    }
    chart.close()
}
