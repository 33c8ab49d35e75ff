//! What is measured on one print, and for a synthetic one how the extractor did against the truth.

use tanba_finger::{ExtractParams, Minutia, MinutiaKind, Pattern, Stage, Template, extract};
use tanba_formats::Gray8;
use tanba_synth::{Impression, MasterFinger};

use super::singular::{Seen, distance};

/// A found minutia is a true one when it is this near, pixels at 500 ppi, and points this nearly the same way (own choice: half a
/// ridge period is less than what the matcher forgives, a period more than chance).
const NEAR: f32 = 9.0;
const ALIGNED: f32 = std::f32::consts::FRAC_PI_6;
/// A found core or delta is a true one when it is this near, pixels.
const SINGULAR_NEAR: f32 = 28.0;
/// Cells of the true fields, pixels.
const FIELD_CELL: usize = 8;

/// One print.
pub(super) struct Sample {
    /// None where the extractor refuses the image.
    pub(super) template: Option<Template>,
    /// Median ridge period, pixels at 500 ppi; none for a template that never was an image.
    pub(super) period: Option<f32>,
    /// Cores, deltas and class; likewise.
    pub(super) pattern: Option<Pattern>,
    /// Against the truth; for images of known fingers.
    pub(super) hits: Option<Hits>,
}

impl Sample {
    /// A template without an image.
    pub(super) fn of_template(template: Template) -> Self {
        Self { template: Some(template), period: None, pattern: None, hits: None }
    }

    /// A real image.
    pub(super) fn of_image(image: &Gray8) -> Self {
        Self::seen(image).0
    }

    /// A synthetic image, whose finger is known.
    pub(super) fn of_impression(print: &Impression, master: &MasterFinger) -> Self {
        let (mut sample, seen) = Self::seen(&print.image);
        sample.hits = Some(Hits::count(print, master, &sample, &seen));
        sample
    }

    fn seen(image: &Gray8) -> (Self, Seen) {
        let mut seen = Seen::default();
        let template = extract(image, &ExtractParams::default(), &mut |stage: Stage<'_>| seen.take(stage)).ok();
        // What was no fingerprint to the extractor is none here.
        let (period, pattern) = if template.is_some() { (seen.period(), seen.pattern()) } else { (None, None) };
        (Self { template, period, pattern, hits: None }, seen)
    }
}

/// How many there are, how many of them were found, and how many were found in all and are true.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    pub(super) truth: usize,
    pub(super) recalled: usize,
    pub(super) found: usize,
    pub(super) right: usize,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.truth += other.truth;
        self.recalled += other.recalled;
        self.found += other.found;
        self.right += other.right;
    }

    /// Share of the true ones that was found.
    pub(super) fn recall(&self) -> f64 {
        self.recalled as f64 / self.truth.max(1) as f64
    }

    /// Share of the found ones that is true.
    pub(super) fn precision(&self) -> f64 {
        self.right as f64 / self.found.max(1) as f64
    }

    fn of_points(truth: &[(f32, f32)], found: &[(f32, f32)], counts: impl Fn(f32, f32) -> bool) -> Self {
        let near = |p: (f32, f32), others: &[(f32, f32)]| others.iter().any(|o| distance(p, *o) < SINGULAR_NEAR);
        let readable: Vec<(f32, f32)> = truth.iter().copied().filter(|p| counts(p.0, p.1)).collect();
        Self {
            truth: readable.len(),
            recalled: readable.iter().filter(|p| near(**p, found)).count(),
            found: found.len(),
            right: found.iter().filter(|p| near(**p, truth)).count(),
        }
    }
}

/// How the extractor, and the estimates made of its flow, did against the truth of one print or many.
#[derive(Default)]
pub(super) struct Hits {
    /// Minutiae that are visible.
    pub(super) minutiae: Tally,
    /// Of the minutiae found, how many with the right kind.
    pub(super) same_kind: usize,
    /// Distance of each minutia found from its truth, pixels at 500 ppi.
    pub(super) offsets: Vec<f64>,
    /// Difference of direction, degrees.
    pub(super) turns: Vec<f64>,
    /// Cores and deltas at readable places.
    pub(super) cores: Tally,
    pub(super) deltas: Tally,
    /// Prints whose class could be seen, that is whose true cores are all readable; and those where it was seen rightly.
    pub(super) classes: (usize, usize),
    /// Estimated median period less the true one, pixels at 500 ppi.
    pub(super) period_errors: Vec<f64>,
}

impl Hits {
    fn count(print: &Impression, master: &MasterFinger, sample: &Sample, seen: &Seen) -> Self {
        let mut hits = Self::default();
        // The truth is in pixels of the image, everything else at 500 ppi.
        let scale = (500.0 / print.image.ppi().get()) as f32;
        let found: &[Minutia] = sample.template.as_ref().map_or(&[], |t| &t.minutiae);
        let near = |m: &Minutia, t: &tanba_synth::TruthMinutia| {
            let off = distance((m.x, m.y), (t.x * scale, t.y * scale));
            let turn = (m.direction - t.direction).rem_euclid(std::f32::consts::TAU);
            let turn = turn.min(std::f32::consts::TAU - turn);
            (off <= NEAR && turn <= ALIGNED).then_some((off, turn))
        };
        for t in print.minutiae.iter().filter(|t| t.visible) {
            hits.minutiae.truth += 1;
            let all = found.iter().filter_map(|m| near(m, t).map(|(off, turn)| (off, turn, m.kind)));
            if let Some((off, turn, kind)) = all.min_by(|a, b| a.0.total_cmp(&b.0)) {
                hits.minutiae.recalled += 1;
                hits.same_kind += usize::from(kind == t.kind || kind == MinutiaKind::Other);
                hits.offsets.push(f64::from(off));
                hits.turns.push(f64::from(turn.to_degrees()));
            }
        }
        hits.minutiae.found = found.len();
        hits.minutiae.right = found.iter().filter(|m| print.minutiae.iter().any(|t| near(m, t).is_some())).count();

        if let Some(pattern) = &sample.pattern {
            let scaled = |points: &[(f32, f32)]| -> Vec<(f32, f32)> {
                points.iter().map(|p| (p.0 * scale, p.1 * scale)).collect()
            };
            let (cores, deltas) = (scaled(&print.cores), scaled(&print.deltas));
            // A point at the very edge cannot be seen to be one.
            let reads = |x: f32, y: f32| {
                [(0.0, 0.0), (20.0, 0.0), (-20.0, 0.0), (0.0, 20.0), (0.0, -20.0)]
                    .iter()
                    .all(|(u, v)| seen.reads(x + u, y + v))
            };
            let seen_cores: Vec<_> = pattern.cores.iter().map(|c| (c.x, c.y)).collect();
            let seen_deltas: Vec<_> = pattern.deltas.iter().map(|d| (d.x, d.y)).collect();
            hits.cores = Tally::of_points(&cores, &seen_cores, reads);
            hits.deltas = Tally::of_points(&deltas, &seen_deltas, reads);
            if cores.iter().all(|p| reads(p.0, p.1)) {
                hits.classes = (1, usize::from(pattern.class.name() == print.class.name()));
            }
        }
        if let Some(period) = sample.period {
            let fields = print.fields(master, FIELD_CELL);
            let known = fields.period.iter().zip(&fields.mask).filter(|(p, mask)| **mask == 1 && **p > 0.0);
            let mut known: Vec<f32> = known.map(|(p, _)| p * scale).collect();
            known.sort_by(f32::total_cmp);
            hits.period_errors.extend(known.get(known.len() / 2).map(|truth| f64::from(period - truth)));
        }
        hits
    }

    /// Puts those of another print to these.
    pub(super) fn add(&mut self, other: &Self) {
        self.minutiae.add(&other.minutiae);
        self.cores.add(&other.cores);
        self.deltas.add(&other.deltas);
        self.same_kind += other.same_kind;
        self.classes = (self.classes.0 + other.classes.0, self.classes.1 + other.classes.1);
        self.offsets.extend(&other.offsets);
        self.turns.extend(&other.turns);
        self.period_errors.extend(&other.period_errors);
    }
}

/// Distance of each minutia to its nearest neighbour, pixels.
pub(super) fn neighbour_distances(template: &Template) -> Vec<f64> {
    let m = &template.minutiae;
    let away = |i: usize, j: usize| f64::from(distance((m[i].x, m[i].y), (m[j].x, m[j].y)));
    (0..m.len()).filter_map(|i| (0..m.len()).filter(|&j| j != i).map(|j| away(i, j)).min_by(f64::total_cmp)).collect()
}
