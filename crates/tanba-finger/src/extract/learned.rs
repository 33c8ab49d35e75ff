//! The recipe of [`LearnedRidges`]: what a small network sees of a print, in place of filters along the flow.
//!
//! The network ([`crate::eye`]) was trained on prints of nobody alone (`training/`). It gives the direction and distance of ridges, where they
//! can be read and how surely, the ridges themselves, and minutiae. What is judged of a capture is measured as for the other recipe.

use super::cells::Cells;
use super::gabor::TILE;
use super::{
    Analysis, CELL, ExtractError, Extractor, Segments, Tables, as_plane, at_nominal, normalise, readable, ridges,
    segment, spectrum, template,
};
use crate::exact::Exact;
use crate::extract::rules::distance_inside;
use crate::eye::{Eye, Seen};
use crate::params::{ExtractParams, ReadParams};
use crate::quality::{Measures, QualityReport};
use crate::sink::{Flow, Mask, NoSink, Plane, Stage, StageData, StageSink};
use crate::{Minutia, MinutiaKind, Pattern, Recipe, Template};
use std::f32::consts::TAU;
use std::sync::LazyLock;
use tanba_formats::Gray8;

/// Sides of the network's cells, pixels: of flow, and of minutiae.
const EIGHT: usize = 8;
const FOUR: usize = 4;

/// What each of the network's maps of cells tells.
mod cell {
    /// Cosine and sine of twice the ridges' angle (counter-clockwise as seen), the shorter the less sure.
    pub(super) const COS2: usize = 0;
    pub(super) const SIN2: usize = 1;
    /// Natural logarithm of the ridge period over nine pixels.
    pub(super) const PERIOD: usize = 2;
    /// Logit: ridges can be seen in more than half of the cell.
    pub(super) const SEEN: usize = 3;
    /// Logit: share of the cell's pixels of which it is known rightly whether they are ridge.
    pub(super) const SURE: usize = 4;
}

/// What each of the network's maps of minutiae tells.
mod event {
    /// Logit: here is a minutia.
    pub(super) const HERE: usize = 0;
    /// From the middle of the cell, in cells.
    pub(super) const X: usize = 1;
    pub(super) const Y: usize = 2;
    /// Cosine and sine of its direction.
    pub(super) const COS: usize = 3;
    pub(super) const SIN: usize = 4;
    /// Logit: it is a bifurcation.
    pub(super) const FORK: usize = 5;
}

/// The weights: trained from `training/`, half floats, the project's own.
static EYE: LazyLock<Eye> = LazyLock::new(|| {
    Eye::read(include_bytes!("../../weights/eye.bin"))
        .unwrap_or_else(|e| unreachable!("the weights of this program: {e}"))
});

/// Ridges and minutiae as a small network sees them.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct LearnedRidges {
    /// Numbers shared with the other recipe: sizes, segmentation, refusals.
    pub params: ExtractParams,
    /// How the network's answers are read.
    pub read: ReadParams,
}

impl Extractor for LearnedRidges {
    fn recipe(&self) -> Recipe {
        Recipe::Learned1
    }

    fn extract(&self, image: &Gray8, sink: &mut dyn StageSink) -> Result<Template, ExtractError> {
        let analysis = self.analyse(image, sink)?;
        let measures = Measures::of(&analysis);
        template(analysis, &measures, &self.params, self.recipe())
    }

    fn extract_and_assess(&self, image: &Gray8) -> Result<(Template, QualityReport), ExtractError> {
        let analysis = self.analyse(image, &mut NoSink)?;
        let measures = Measures::of(&analysis);
        let report = QualityReport::of(&analysis, &measures, &self.params);
        Ok((template(analysis, &measures, &self.params, self.recipe())?, report))
    }
}

impl LearnedRidges {
    /// The method, stage by stage. Only the size of the image can be refused here.
    fn analyse(&self, image: &Gray8, sink: &mut dyn StageSink) -> Result<Analysis, ExtractError> {
        let (params, read) = (&self.params, &self.read);
        let image = at_nominal(image, params)?;
        let looks = sink.looks();
        let mut show = |name, explanation, data: StageData<'_>| sink.stage(Stage { name, explanation, data });
        show("image", "The image at 500 pixels per inch.", StageData::Map(&image));
        let Segments { print, alive, ground } = segment::segment(&image, params);
        show("print", "Where the finger touched: cells with enough gradient energy.", StageData::Mask(&print));
        let normal = normalise::normalise(&image, &alive, params);
        let windows = spectrum::spectrum(&normal, &print, &Tables::shared(params).waves);

        let frame = Frame::around(&print, (image.width, image.height), read.margin);
        let seen = EYE.look(&frame.cut(&image));
        let told = Told::of(&seen, &frame, (image.width, image.height));
        show("orientation", "Ridge orientation as the network sees it.", StageData::Flow(&told.flow));
        show("period", "Distance from ridge to ridge in pixels.", StageData::Map(&as_plane(&told.period)));
        show(
            "enhanced",
            "The ridges as the network sees them, whatever creases, dirt and moisture made of them.",
            StageData::Map(&told.enhanced),
        );

        // Certainty as for filtered ridges, so that what is judged of a capture means the same.
        let certainty = readable::certainty(&normal, &told.enhanced, &told.flow, &windows, &alive, params);
        show(
            "certainty",
            "How well the print agrees with its own flow, 0 to 1.",
            StageData::Map(&as_plane(&certainty)),
        );
        let cells = readable::readable(&told.sure, read.sure, params);
        let readable = readable::to_pixels(&cells, image.width, image.height);
        show("readable", "Where ridges can be read.", StageData::Mask(&readable));
        if looks {
            let ridges = ridges::ridge_map(&told.enhanced, &readable, params.island_area, params.hole_area);
            show("ridges", "Ridges, without specks and pores.", StageData::Mask(&ridges));
            let pattern = Pattern::of(&told.flow, &readable, &ridges);
            show("singular", "Cores and deltas, and the class they tell.", StageData::Pattern(&pattern));
        }
        let minutiae = minutiae(&seen, &frame, &distance_inside(&cells), params, read);
        show("minutiae", "Ends and forks of ridges as the network sees them.", StageData::Minutiae(&minutiae));
        let Told { flow, period, enhanced, .. } = told;
        Ok(Analysis { ground, image, print, normal, windows, flow, period, enhanced, readable, certainty, minutiae })
    }
}

/// The part of an image that the network looks at, on whole cells of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Frame {
    left: usize,
    top: usize,
    width: usize,
    height: usize,
}

impl Frame {
    /// The print and a margin around it; everything where there is none.
    fn around(print: &Mask, (width, height): (usize, usize), margin: usize) -> Self {
        let set = || print.data.iter().enumerate().filter(|(_, v)| **v).map(|(k, _)| k);
        let column = |k: usize| k % print.width * CELL;
        let row = |k: usize| k / print.width * CELL;
        let reach = |low: Option<usize>, high: Option<usize>, side: usize| match (low, high) {
            (Some(low), Some(high)) => {
                let from = low.saturating_sub(margin) / EIGHT * EIGHT;
                (from, (high + CELL + margin).min(side) - from)
            }
            _ => (0, side),
        };
        let (left, w) = reach(set().map(column).min(), set().map(column).max(), width);
        let (top, h) = reach(set().map(row).min(), set().map(row).max(), height);
        Self { left, top, width: w, height: h }
    }

    fn cut(&self, image: &Plane) -> Plane {
        let rows = (self.top..self.top + self.height).flat_map(|y| &image.row(y)[self.left..self.left + self.width]);
        Plane { width: self.width, height: self.height, data: rows.copied().collect() }
    }
}

/// The network's answer on the image's own grids.
struct Told {
    flow: Flow,
    period: Cells,
    /// Chance that a pixel is known to be ridge or valley, twice what it is more than even, -1 to 1; ridges positive.
    enhanced: Plane,
    /// How well ridges can be read, 0 to 1, on tiles.
    sure: Cells,
}

impl Told {
    fn of(seen: &Seen, frame: &Frame, (width, height): (usize, usize)) -> Self {
        let map = |k: usize| Cells {
            cell: EIGHT,
            width: seen.cells[k].width,
            height: seen.cells[k].height,
            data: seen.cells[k].data.iter().map(|&v| finite(v)).collect(),
        };
        let [cos2, sin2, log_period, shown, known] =
            [cell::COS2, cell::SIN2, cell::PERIOD, cell::SEEN, cell::SURE].map(map);
        let mut flow = Flow::covering(width, height, TILE);
        let mut period = Cells::covering(width, height, TILE);
        let mut sure = Cells::covering(width, height, TILE);
        for k in 0..sure.data.len() {
            let (x, y) = (k % sure.width * TILE + TILE / 2, k / sure.width * TILE + TILE / 2);
            let inside = (frame.left..frame.left + frame.width).contains(&x)
                && (frame.top..frame.top + frame.height).contains(&y);
            // The middle of the tile, from the corner of what was looked at.
            let (u, v) = (x as f32 - frame.left as f32, y as f32 - frame.top as f32);
            // Rows grow downward here, angles counter-clockwise there.
            let (c, s) = (cos2.at(u, v), -sin2.at(u, v));
            let longest = c.hypot_exact(s).max(1.0);
            (flow.cos2[k], flow.sin2[k]) = (c / longest, s / longest);
            period.data[k] = 9.0 * log_period.at(u, v).clamp(-1.0, 1.0).exp_exact();
            if inside {
                sure.data[k] = logistic(shown.at(u, v)) * (2.0 * logistic(known.at(u, v)) - 1.0).max(0.0);
            }
        }
        let mut enhanced = Plane::zeros(width, height);
        for y in 0..frame.height {
            let row = &seen.ridge.row(y)[..frame.width];
            let out = &mut enhanced.data[(frame.top + y) * width + frame.left..][..frame.width];
            for (o, &v) in out.iter_mut().zip(row) {
                // As tanh(v / 2), near enough for a filter's answer, without its cost.
                let v = finite(v);
                *o = v / (2.0 + v.abs());
            }
        }
        Self { flow, period, enhanced, sure }
    }
}

/// Weights that no training gives could make sums overflow; then nothing is known.
fn finite(v: f32) -> f32 {
    if v.is_finite() { v } else { 0.0 }
}

fn logistic(v: f32) -> f32 {
    1.0 / (1.0 + (-v.clamp(-30.0, 30.0)).exp_exact())
}

/// The minutiae: where the network's heat is highest around, best first.
fn minutiae(seen: &Seen, frame: &Frame, rim: &Cells, params: &ExtractParams, read: &ReadParams) -> Vec<Minutia> {
    let here = &seen.minutiae[event::HERE];
    let least = logit(read.minutia);
    let mut found = Vec::new();
    for y in 0..here.height as isize {
        for x in 0..here.width as isize {
            let v = here.data[y as usize * here.width + x as usize];
            // A tie goes to the first.
            let peak = v.is_finite()
                && v >= least
                && (-1..=1).all(|dy| {
                    (-1..=1).all(|dx| {
                        let (u, w) = (x + dx, y + dy);
                        let outside = u < 0 || w < 0 || u >= here.width as isize || w >= here.height as isize;
                        outside || (dx, dy) == (0, 0) || {
                            let other = here.data[w as usize * here.width + u as usize];
                            if (dy, dx) < (0, 0) { other < v } else { other <= v }
                        }
                    })
                });
            if peak {
                found.extend(event(seen, frame, rim, (x as usize, y as usize), read));
            }
        }
    }
    found.sort_by(|a: &Minutia, b| b.quality.cmp(&a.quality).then(a.y.total_cmp(&b.y)).then(a.x.total_cmp(&b.x)));
    let mut kept: Vec<Minutia> = Vec::with_capacity(found.len());
    for m in found {
        // One event seen twice.
        let again = |k: &Minutia| (k.x - m.x).hypot_exact(k.y - m.y) < params.knot;
        if !kept.iter().any(again) {
            kept.push(m);
        }
    }
    kept.truncate(params.minutiae_max);
    kept
}

/// What lies in a cell, unless it lies beyond what can be read.
fn event(seen: &Seen, frame: &Frame, rim: &Cells, (i, j): (usize, usize), read: &ReadParams) -> Option<Minutia> {
    let map = |k: usize| finite(seen.minutiae[k].data[j * seen.minutiae[k].width + i]);
    let at = |cell: usize, shift: f32, from: usize| {
        (cell as f32 + 0.5 + shift.clamp(-1.0, 1.0)) * FOUR as f32 - 0.5 + from as f32
    };
    let (x, y) = (at(i, map(event::X), frame.left), at(j, map(event::Y), frame.top));
    let inside = x >= 0.0 && y >= 0.0 && x < (frame.left + frame.width) as f32 && y < (frame.top + frame.height) as f32;
    if !inside || rim.at(x + 0.5, y + 0.5) < read.border {
        return None;
    }
    let direction = map(event::SIN).atan2_exact(map(event::COS)).rem_euclid(TAU);
    let kind = if map(event::FORK) > 0.0 { MinutiaKind::Bifurcation } else { MinutiaKind::Ending };
    let quality = (100.0 * logistic(map(event::HERE))).round().clamp(1.0, 100.0) as u8;
    Some(Minutia { x, y, direction, kind, quality }.rounded())
}

/// The logit of a chance.
fn logit(p: f32) -> f32 {
    (p / (1.0 - p)).ln_exact()
}
