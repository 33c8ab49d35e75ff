//! Likelihood ratios: claimed against found, and the Tippett plot.

use super::super::{CalibrationBin, Trials};
use super::chart::{Chart, LogAxis, Mark};

/// Claimed log10 likelihood ratios against empirical ones. On the diagonal the claims are true; above it scores speak more for one
/// finger than is claimed, below it less.
pub fn calibration_svg(title: &str, bins: &[CalibrationBin]) -> String {
    let seen = || bins.iter().flat_map(|b| [Some(b.claimed.0), Some(b.claimed.1), b.log10_lr, b.low, b.high]).flatten();
    let low = seen().fold(-1.0, f64::min).floor();
    let high = seen().fold(1.0, f64::max).ceil();
    let about =
        "Likelihood ratio found over likelihood ratio claimed, in powers of ten; true claims lie on the diagonal.";
    let mut chart = Chart::new(
        &format!("Likelihood ratios: {title}"),
        about,
        ("claimed log10 likelihood ratio", "empirical log10 likelihood ratio"),
        (low, high),
        (low, high),
    );
    for k in low as i32..=high as i32 {
        chart.vertical(f64::from(k), &format!("{k}"));
        chart.horizontal(f64::from(k), &format!("{k}"));
    }
    chart.guide([(low, low), (high, high)].into_iter());
    for bin in bins {
        let middle = f64::midpoint(bin.claimed.0, bin.claimed.1);
        chart.interval(middle, bin.low, bin.high, 0);
        if let Some(found) = bin.log10_lr {
            let tip = format!(
                "claimed {:.1} to {:.1}, found {found:.2}: {} genuine, {} impostor",
                bin.claimed.0, bin.claimed.1, bin.genuine, bin.impostors
            );
            chart.dot(middle, found, 0, &tip);
        }
    }
    chart.legend(&Mark::Guide, "true claims");
    chart.legend(&Mark::Dot(0), "found");
    chart.legend(&Mark::Line(0), "95 % interval");
    chart.legend(&Mark::None, "arrow: no limit");
    chart.legend(&Mark::None, "above: more for one finger");
    chart.legend(&Mark::None, "than is claimed");
    chart.close()
}

/// Shares of the genuine and of the impostor comparisons whose likelihood ratio is at least so high (Tippett plot). No true ratio of
/// impostors passes the dashed line: a ratio of at least x comes to them at most once in x.
pub fn tippett_svg(title: &str, trials: &Trials, log10_lr: impl Fn(f32) -> f64) -> String {
    let sides = [("genuine", trials.scores(true)), ("impostor", trials.scores(false))];
    let claimed: Vec<Vec<f64>> = sides.iter().map(|s| s.1.iter().map(|v| log10_lr(*v)).collect()).collect();
    let low = claimed.iter().flatten().copied().fold(-1.0, f64::min).floor();
    let high = claimed.iter().flatten().copied().fold(1.0, f64::max).ceil();
    let y = LogAxis::of_trials(sides.iter().map(|s| s.1.len()).max().unwrap_or(0));
    let about = "Share of comparisons with at least a likelihood ratio, for genuine and impostor comparisons.";
    let mut chart = Chart::new(
        &format!("Tippett plot: {title}"),
        about,
        ("log10 likelihood ratio", "share with at least so high a ratio, %"),
        (low, high),
        y.range(),
    );
    for k in low as i32..=high as i32 {
        chart.vertical(f64::from(k), &format!("{k}"));
    }
    for (at, label) in y.ticks() {
        chart.horizontal(at, &label);
    }
    let floor = y.range().0.ceil().max(-high);
    chart.guide([(low.min(0.0), 0.0), (0.0, 0.0), (-floor, floor)].into_iter());
    for (look, ((name, _), ratios)) in sides.iter().zip(&claimed).enumerate() {
        let n = ratios.len() as f64;
        // Best first: at the k-th, k + 1 have at least as much. A stair: the share stands until the next ratio.
        let stairs = ratios
            .iter()
            .enumerate()
            .flat_map(|(k, &lr)| [(lr, y.place(k as f64 / n)), (lr, y.place((k + 1) as f64 / n))]);
        let whole = [(high, y.place(0.0))].into_iter().chain(stairs).chain([(low, y.place(1.0))]);
        if n > 0.0 {
            chart.line(whole, look);
        }
        chart.legend(&Mark::Line(look), name);
    }
    chart.legend(&Mark::Guide, "most that true ratios");
    chart.legend(&Mark::None, "give to impostors");
    chart.close()
}
