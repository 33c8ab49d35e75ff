//! The figures as pictures.

use std::path::Path;

use tanba_finger::evaluate::{Axis, Line, lines_svg};

use super::projection::{Cost, Projection, Size, curve};
use super::searches::Found;
use crate::cmd::synth::output::write;

/// Writes the pictures; nothing where there was too little to fit.
pub(super) fn draw(
    folder: &Path,
    projection: &Projection,
    found: &Found,
    people: u64,
    cost: Option<Cost>,
    measured_s: Option<f64>,
) -> anyhow::Result<()> {
    let Some(sizes) = &projection.sizes else { return Ok(()) };
    let what = format!("synthetic people, {people} searched");
    let points = |of: &dyn Fn(&Size) -> f64| sizes.iter().map(|size| (size.people, of(size))).collect::<Vec<_>>();
    let sizes_axis = Axis { label: "people enrolled", range: (1e4, 1e8), logarithmic: true };
    let least = 100.0 / found.mated.len().max(1) as f64;
    let missed = Axis { label: "mates missed (FNIR), %", range: (least / 2.0, 100.0), logarithmic: true };

    let curves: Vec<Line<'_>> = [("10,000 people", 10_000), ("as searched", people), ("20 million", 20_000_000)]
        .into_iter()
        .map(|(name, n)| Line {
            name,
            points: curve(found, people, n).into_iter().map(|(x, y)| (100.0 * x, 100.0 * y)).collect(),
            intervals: Vec::new(),
            dots: false,
        })
        .collect();
    let rates = Axis { label: "searches answered falsely (FPIR), %", range: (1e-3, 100.0), logarithmic: true };
    write(
        &folder.join("errors.svg"),
        lines_svg(
            &format!("Errors traded off: {what}"),
            "Mates missed over searches answered falsely, both logarithmic; lower and further left is better.",
            rates,
            missed,
            &curves,
        )
        .as_bytes(),
    )?;

    let threshold = |at: usize, name| Line {
        name,
        points: points(&|size| size.at[at].threshold.value),
        intervals: sizes.iter().map(|s| (s.people, s.at[at].threshold.low, s.at[at].threshold.high)).collect(),
        dots: true,
    };
    let thresholds = [threshold(0, "FPIR 0.1 %"), threshold(1, "FPIR 1 %")];
    let ends = |of: &[Line<'_>]| {
        let all = || of.iter().flat_map(|line| line.intervals.iter().flat_map(|(_, low, high)| [*low, *high]));
        (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max))
    };
    let axis = Axis { label: "threshold, log10 likelihood ratio", range: ends(&thresholds), logarithmic: false };
    let about = "The threshold that keeps the rate of false answers grows with the number of people enrolled.";
    let drawn = lines_svg(&format!("Threshold and size: {what}"), about, sizes_axis, axis, &thresholds);
    write(&folder.join("threshold.svg"), drawn.as_bytes())?;

    let fnir = |at: usize, name| Line {
        name,
        points: points(&|size| 100.0 * size.at[at].fnir.value),
        intervals: sizes.iter().map(|s| (s.people, 100.0 * s.at[at].fnir.low, 100.0 * s.at[at].fnir.high)).collect(),
        dots: true,
    };
    let about =
        "Mates missed at the threshold that keeps the rate of false answers, over the number of people enrolled.";
    let lines = [fnir(0, "FPIR 0.1 %"), fnir(1, "FPIR 1 %")];
    let drawn = lines_svg(&format!("Missed and size: {what}"), about, sizes_axis, missed, &lines);
    write(&folder.join("missed.svg"), drawn.as_bytes())?;

    if let Some(cost) = cost {
        let line = |name, points| Line { name, points, intervals: Vec::new(), dots: true };
        let mut lines = vec![line("projected", points(&|size| cost.of(size.people)))];
        lines.extend(measured_s.map(|seconds| line("measured", vec![(people as f64, seconds)])));
        let axis = Axis { label: "core-seconds of a search", range: (0.01, 1000.0), logarithmic: true };
        let about = "Time of one search on one core over the number of people enrolled.";
        let drawn = lines_svg(&format!("Time and size: {what}"), about, sizes_axis, axis, &lines);
        write(&folder.join("time.svg"), drawn.as_bytes())?;
    }
    Ok(())
}
