//! Detection error trade-off: false non-matches over false matches, both axes logarithmic (ISO/IEC 19795-1).

use core::ops::ControlFlow;

use super::super::Trials;
use super::super::bootstrap::percentiles;
use super::chart::{Chart, LogAxis, Mark};

/// A named set of trials to draw.
#[derive(Debug, Clone)]
pub struct Curve<'t> {
    /// Label in the legend.
    pub name: &'t str,
    /// What is drawn.
    pub trials: &'t Trials,
    /// Where the curve may lie.
    pub band: Option<Band>,
}

/// The false match rates at which bands are measured: four to a power of ten.
pub const BAND_FMR: [f64; 21] = [
    1e-5, 1.8e-5, 3.2e-5, 5.6e-5, 1e-4, 1.8e-4, 3.2e-4, 5.6e-4, 1e-3, 1.8e-3, 3.2e-3, 5.6e-3, 1e-2, 1.8e-2, 3.2e-2,
    5.6e-2, 0.1, 0.18, 0.32, 0.56, 1.0,
];

/// Lower and upper limit of the false non-match rate at each of [`BAND_FMR`].
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    limits: Vec<(f64, f64)>,
}

impl Band {
    /// The 95 % band of repetitions, each the answer of [`Trials::fnmr_at`] to [`BAND_FMR`].
    pub fn of(replicates: &[Vec<f64>]) -> Self {
        let at = |k: usize| percentiles(replicates.iter().filter_map(|r| r.get(k)).copied().collect());
        Self { limits: (0..BAND_FMR.len()).map(at).collect() }
    }
}

/// The false match rates that are marked on each curve.
const MARKED: [f64; 3] = [0.01, 0.001, 0.0001];

/// FNMR over FMR, with bands where they are given, the line of equal errors, and a dot at FMR 1, 0.1 and 0.01 %.
pub fn det_svg(title: &str, curves: &[Curve<'_>]) -> String {
    let most = |of: fn(&Trials) -> usize| curves.iter().map(|c| of(c.trials)).max().unwrap_or(0);
    let (x, y) = (LogAxis::of_trials(most(Trials::impostors)), LogAxis::of_trials(most(Trials::genuine)));
    let about = "False non-match rate over false match rate, both logarithmic; lower and further left is better.";
    let mut chart = Chart::new(
        &format!("Errors traded off (DET): {title}"),
        about,
        ("false match rate, %", "false non-match rate, %"),
        x.range(),
        y.range(),
    );
    for (at, label) in x.ticks() {
        chart.vertical(at, &label);
    }
    for (at, label) in y.ticks() {
        chart.horizontal(at, &label);
    }
    // Equal errors: straight between the lowest power that both axes have and 1.
    let lowest = x.range().0.max(y.range().0).ceil();
    chart.guide([(lowest, lowest), (0.0, 0.0)].into_iter());
    for (look, curve) in curves.iter().enumerate() {
        if let Some(band) = &curve.band {
            let reach = |fmr: &f64| fmr.log10() >= x.range().0.ceil();
            let limits = || BAND_FMR.iter().zip(&band.limits).filter(|(fmr, _)| reach(fmr));
            let there = limits().map(|(fmr, l)| (x.place(*fmr), y.place(l.0)));
            let back = limits().rev().map(|(fmr, l)| (x.place(*fmr), y.place(l.1)));
            chart.area(there.chain(back), look);
        }
    }
    for (look, curve) in curves.iter().enumerate() {
        let mut points = Vec::new();
        let everyone = curve.trials.everyone();
        let mut level = f64::NAN;
        curve.trials.sweep(&everyone, |step| {
            // Only where a curve turns: a thousand impostors in a row are one straight line.
            if step.fnmr != level {
                if let Some(&(_, before)) = points.last() {
                    points.push((x.place(step.fmr), before));
                }
                level = step.fnmr;
                points.push((x.place(step.fmr), y.place(step.fnmr)));
            }
            ControlFlow::Continue(())
        });
        // "Accept everything" ends every curve.
        points.extend(points.last().map(|&(_, last)| (0.0, last)));
        points.push((0.0, y.place(0.0)));
        chart.line(points.into_iter(), look);
        let marked = curve.trials.fnmr_at(&ascending(), &everyone);
        for (fmr, fnmr) in ascending().into_iter().zip(marked).filter(|(fmr, _)| fmr.log10() >= x.range().0) {
            let tip = format!("{}: FNMR {:.2} % at FMR {} %", curve.name, 100.0 * fnmr, 100.0 * fmr);
            chart.dot(x.place(fmr), y.place(fnmr), look, &tip);
        }
        chart.legend(&Mark::Line(look), curve.name);
        chart.legend(&Mark::None, &format!("EER {:.2} %", curve.trials.figures().eer));
    }
    chart.legend(&Mark::Guide, "equal errors");
    if curves.iter().any(|c| c.band.is_some()) {
        chart.legend(&Mark::Box(0), "95 % band");
    }
    chart.legend(&Mark::Dot(0), "FMR 1, 0.1, 0.01 %");
    chart.close()
}

fn ascending() -> [f64; 3] {
    let mut rates = MARKED;
    rates.reverse();
    rates
}
