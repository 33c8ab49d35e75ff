//! Plots and pictures, each a file of its own.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;
use rayon::prelude::*;
use tanba_finger::calibrate::{log10_lr, threshold};
use tanba_finger::evaluate::{
    BAND_FMR, Band, Curve, Pair, REPLICATES, Trials, calibration_svg, det_svg, histogram_svg, left_out_svg, tippett_svg,
};

use super::analysis::Analysis;
use super::answer::Answer;
use super::prints::Look;
use super::{Set, seed, unless_interrupted};
use crate::cmd::synth::output::{Interrupt, write};
use crate::console::Console;

/// Folder of the pictures of pairs, within that of the plots.
const PAIRS: &str = "pairs";
/// The false match rates whose thresholds are drawn on score histograms, fractions, and what stands beside them.
const DRAWN_THRESHOLDS: [(f64, &str); 2] = [(1e-2, "claimed FMR 1 %"), (1e-4, "claimed FMR 0.01 %")];

/// What was drawn, for the page.
pub(super) struct Drawn {
    /// All sets in one plot, then the plots of all sets pooled.
    pub(super) together: Vec<String>,
    /// Plots and pictures of each set.
    pub(super) sets: Vec<OfSet>,
    /// Plots of each sensor of several sets: its name and its plots.
    pub(super) sensors: Vec<(String, Vec<String>)>,
}

/// Plots and pictures of one set.
pub(super) struct OfSet {
    pub(super) plots: Vec<String>,
    pub(super) genuine: Vec<Picture>,
    pub(super) impostor: Vec<Picture>,
}

/// A picture of two prints.
pub(super) struct Picture {
    /// Path within the folder of the plots.
    pub(super) path: String,
    pub(super) names: (String, String),
    pub(super) score: f32,
    pub(super) log10_lr: f64,
    /// Pairs of minutiae that were found.
    pub(super) pairs: usize,
}

/// Draws everything into the folder.
pub(super) fn draw(
    answer: &Answer<'_>,
    folder: &Path,
    interrupt: &Interrupt,
    console: &Console,
) -> anyhow::Result<Drawn> {
    let several = answer.sets.len() > 1;
    let work: usize = answer.sets.iter().map(|s| 5 + s.worst.genuine.len() + s.worst.impostor.len()).sum();
    let bar = console.progress(work as u64, "drawing");
    let put = |name: &str, svg: String| -> anyhow::Result<String> {
        write(&folder.join(name), svg.as_bytes())?;
        Ok(svg)
    };

    let mut together = Vec::new();
    if several {
        let curves: Vec<Curve<'_>> =
            answer.sets.iter().map(|s| Curve { name: &s.source.name, trials: &s.trials, band: None }).collect();
        together.push(put("det.svg", det_svg("all sets", &curves))?);
        let (ours, theirs) = answer.pooled.trials(answer.sets);
        let plots = plots_of("all sets, pooled", ours, theirs, &answer.pooled.analysis, answer.against, interrupt)?;
        for (kind, svg) in plots {
            together.push(put(&format!("{kind}-pooled.svg"), svg)?);
        }
    }
    let mut sensors = Vec::new();
    for pool in answer.sensors.iter().filter(|p| p.sets.len() > 1 && p.sets.len() < answer.sets.len()) {
        let (ours, theirs) = pool.trials(answer.sets);
        let mut plots = Vec::new();
        for (kind, svg) in plots_of(&pool.name, ours, theirs, &pool.analysis, answer.against, interrupt)? {
            plots.push(put(&format!("{kind}-sensor-{}.svg", file_name(&pool.name)), svg)?);
        }
        sensors.push((pool.name.clone(), plots));
    }
    let mut sets = Vec::new();
    for set in answer.sets {
        let name = &set.source.name;
        let mut plots = Vec::new();
        for (kind, svg) in plots_of(name, &set.trials, set.theirs.as_ref(), &set.analysis, answer.against, interrupt)? {
            // One set alone has the plot that several have together.
            let file = if kind == "det" && !several { "det.svg".to_owned() } else { format!("{kind}-{name}.svg") };
            plots.push(put(&file, svg)?);
            bar.inc(1);
        }
        let (genuine, impostor) = pictures(set, folder, interrupt, || bar.inc(1))?;
        sets.push(OfSet { plots, genuine, impostor });
    }
    bar.finish_and_clear();
    Ok(Drawn { together, sets, sensors })
}

/// The plots of one set, sensor, or all sets: what the file's name begins with, and the plot.
fn plots_of(
    name: &str,
    ours: &Trials,
    theirs: Option<&Trials>,
    analysis: &Analysis,
    against: Option<&str>,
    interrupt: &Interrupt,
) -> anyhow::Result<Vec<(&'static str, String)>> {
    let band = |trials: &Trials| -> anyhow::Result<Option<Band>> {
        let drawn = (0..REPLICATES)
            .into_par_iter()
            .map(|r| {
                unless_interrupted(interrupt)?;
                Ok(trials.fnmr_at(&BAND_FMR, &trials.draw(seed(name), r)))
            })
            .collect::<anyhow::Result<Vec<_>>>()?;
        Ok(Some(Band::of(&drawn)))
    };
    let mut curves = vec![Curve { name: "this engine", trials: ours, band: band(ours)? }];
    if let Some(theirs) = theirs {
        curves.push(Curve { name: against.unwrap_or("the other"), trials: theirs, band: band(theirs)? });
    }
    let lines: Vec<(f32, &str)> =
        DRAWN_THRESHOLDS.into_iter().filter_map(|(fmr, label)| Some((threshold(fmr)?, label))).collect();
    let mut plots = vec![
        ("det", det_svg(name, &curves)),
        ("scores", histogram_svg(name, ours, &lines)),
        ("calibration", calibration_svg(name, &analysis.calibration)),
        ("tippett", tippett_svg(name, ours, log10_lr)),
        ("left-out", left_out_svg(name, "fingers", &analysis.left_out)),
    ];
    if let Some(persons) = &analysis.persons {
        plots.push(("left-out-persons", left_out_svg(name, "persons", persons)));
    }
    Ok(plots)
}

/// Draws the worst pairs of a set. Prints are read again, a few at a time, so that memory holds no images of the whole set.
fn pictures(
    set: &Set,
    folder: &Path,
    interrupt: &Interrupt,
    done: impl Fn() + Sync,
) -> anyhow::Result<(Vec<Picture>, Vec<Picture>)> {
    if set.worst.genuine.is_empty() && set.worst.impostor.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let inside = format!("{PAIRS}/{}", set.source.name);
    let place = folder.join(&inside);
    std::fs::create_dir_all(&place).with_context(|| format!("cannot make the folder {}", place.display()))?;
    clear(&place)?;
    let kinds = [("genuine", &set.worst.genuine), ("impostor", &set.worst.impostor)];
    let mut wanted: BTreeMap<usize, Option<Look>> = BTreeMap::new();
    for pair in kinds.iter().flat_map(|k| k.1) {
        wanted.extend([(pair.a, None), (pair.b, None)]);
    }
    wanted.par_iter_mut().try_for_each(|(&i, look)| {
        unless_interrupted(interrupt)?;
        let source = &set.source;
        *look = Some(Look::at(&source.folder.join(&source.set.impressions()[i].name), source.ppi, source.extractor));
        anyhow::Ok(())
    })?;
    let draw = |kind: &str, rank: usize, pair: &Pair| -> anyhow::Result<Picture> {
        unless_interrupted(interrupt)?;
        let look = |i: usize| wanted.get(&i).and_then(Option::as_ref).context("every print of a pair was read");
        let (canvas, pairs) = look(pair.a)?.beside(look(pair.b)?);
        let path = format!("{inside}/{kind}-{:02}-{:.4}.png", rank + 1, pair.score);
        canvas.write(&folder.join(&path))?;
        done();
        let name = |i: usize| set.source.set.impressions()[i].name.clone();
        let names = (name(pair.a), name(pair.b));
        Ok(Picture { path, names, score: pair.score, log10_lr: log10_lr(pair.score), pairs })
    };
    let [genuine, impostor] = kinds.map(|(kind, pairs)| {
        pairs.par_iter().enumerate().map(|(rank, pair)| draw(kind, rank, pair)).collect::<anyhow::Result<Vec<_>>>()
    });
    Ok((genuine?, impostor?))
}

/// Removes what an earlier run left here: its pictures have other scores in their names, and would stand beside the new ones.
fn clear(place: &Path) -> anyhow::Result<()> {
    let failed = || format!("cannot clear {}", place.display());
    for entry in std::fs::read_dir(place).with_context(failed)? {
        let path = entry.with_context(failed)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let ours = ["genuine-", "impostor-"].iter().any(|kind| name.starts_with(kind)) && name.ends_with(".png");
        if ours {
            std::fs::remove_file(&path).with_context(failed)?;
        }
    }
    Ok(())
}

/// A name that any file system takes.
fn file_name(name: &str) -> String {
    name.chars().map(|c| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '_' }).collect()
}
