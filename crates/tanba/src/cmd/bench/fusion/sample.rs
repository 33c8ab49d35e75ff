//! Pairs of prints of nobody.

use indicatif::ProgressBar;
use rayon::prelude::*;
use tanba_finger::evaluate::Numbers;
use tanba_finger::{Extractor, NoSink, Parts, Prepared, Scratch, parts};
use tanba_formats::Finger;
use tanba_formats::Ppi;
use tanba_formats::image::resample;
use tanba_synth::{FingerSpec, ImpressionPreset, MasterFinger, RidgeMethod};

use super::bend::bend;

/// How the prints of a kind are taken.
pub(super) struct Kind {
    pub(super) name: &'static str,
    touches: &'static [ImpressionPreset],
    method: RidgeMethod,
    /// Every so many touches is bent; 0 for none.
    bent: usize,
    /// Whether thresholds and likelihood ratios are to hold for them.
    pub(super) ordinary: bool,
}

use ImpressionPreset::{Capacitive, FvcLike, Hard, Ink, Rolled, SlapFinger};

/// The kinds, each with the same weight: flat prints of two sensors, rolled against flat, ink against live, and two that are there
/// to teach the weights what hard prints and stretched skin look like.
pub(super) const KINDS: [Kind; 6] = [
    Kind { name: "optical", touches: &[FvcLike; 5], method: RidgeMethod::Growth, bent: 0, ordinary: true },
    Kind { name: "optical-phase", touches: &[FvcLike; 5], method: RidgeMethod::Phase, bent: 3, ordinary: true },
    Kind { name: "capacitive", touches: &[Capacitive; 5], method: RidgeMethod::Growth, bent: 0, ordinary: true },
    Kind {
        name: "rolled-flat-ink",
        touches: &[Rolled, SlapFinger, Ink, FvcLike],
        method: RidgeMethod::Growth,
        bent: 0,
        ordinary: true,
    },
    Kind { name: "hard", touches: &[Hard; 4], method: RidgeMethod::Growth, bent: 0, ordinary: false },
    Kind { name: "stretched", touches: &[FvcLike; 4], method: RidgeMethod::Growth, bent: 2, ordinary: false },
];

/// One pair of prints.
pub(super) struct Pair {
    pub(super) kind: usize,
    pub(super) mated: bool,
    pub(super) parts: Parts,
    /// Kinds weigh the same, whatever the number of their pairs.
    pub(super) weight: f64,
}

/// All pairs of a population.
pub(super) struct Sample {
    pub(super) pairs: Vec<Pair>,
    fingers: u64,
}

impl Sample {
    pub(super) fn draw(extractor: &dyn Extractor, seed: u64, fingers: u64, bar: &ProgressBar) -> Self {
        let mut pairs = Vec::new();
        for (k, kind) in KINDS.iter().enumerate() {
            let prints: Vec<(u64, Option<Prepared>)> = (0..fingers)
                .into_par_iter()
                .flat_map_iter(|f| {
                    let prints = kind.prints(extractor, seed.wrapping_mul(31) + k as u64, f);
                    bar.inc(1);
                    prints.into_iter().map(move |p| (f, p))
                })
                .collect();
            let mut found: Vec<Pair> = (0..prints.len())
                .into_par_iter()
                .map_init(Scratch::default, |scratch, i| {
                    (i + 1..prints.len())
                        .filter(|&j| prints[i].0 == prints[j].0 || compared(i, j))
                        .map(|j| {
                            let parts = match (&prints[i].1, &prints[j].1) {
                                (Some(a), Some(b)) => parts(a, b, scratch),
                                _ => Parts::default(),
                            };
                            Pair { kind: k, mated: prints[i].0 == prints[j].0, parts, weight: 1.0 }
                        })
                        .collect::<Vec<_>>()
                })
                .flatten_iter()
                .collect();
            let mated = found.iter().filter(|p| p.mated).count() as f64;
            let others = found.len() as f64 - mated;
            // One pair in twenty-one mated, whatever the kind: what the score's scale of odds means.
            for p in &mut found {
                p.weight = if p.mated { 1.0 / mated } else { 20.0 / others } * 1000.0;
            }
            pairs.extend(found);
        }
        Self { pairs, fingers }
    }

    /// Pairs of one finger.
    pub(super) fn mated(&self) -> usize {
        self.pairs.iter().filter(|p| p.mated).count()
    }

    /// Above this log10 likelihood ratio the pairs of different fingers have nothing to say (rule of 3 on pairs of fingers of
    /// the ordinary kinds, which are independent; their impressions are not).
    pub(super) fn cap(&self) -> f64 {
        let kinds = KINDS.iter().filter(|k| k.ordinary).count() as f64;
        let n = self.fingers as f64;
        (kinds * n * (n - 1.0) / 2.0 / 3.0).log10()
    }
}

impl Kind {
    fn prints(&self, extractor: &dyn Extractor, seed: u64, f: u64) -> Vec<Option<Prepared>> {
        let spec = FingerSpec::of(Finger::TEN[(f % 10) as usize]);
        let own = seed.wrapping_mul(1_000_003).wrapping_add(f);
        let master = MasterFinger::with_method(own, spec, self.method);
        let mut numbers = Numbers::from_state(own);
        self.touches
            .iter()
            .enumerate()
            .map(|(t, &preset)| {
                let image = master.touch(preset, own.wrapping_mul(97).wrapping_add(t as u64)).image;
                let bent = self.bent > 0 && t % self.bent == self.bent - 1;
                let image = if bent { bend(&image, &mut numbers).unwrap_or(image) } else { image };
                let image = resample(&image, Ppi::NOMINAL);
                extractor.extract(&image, &mut NoSink).ok().map(|t| Prepared::new(&t))
            })
            .collect()
    }
}

/// A third of the pairs of different fingers, the same ones each time.
fn compared(i: usize, j: usize) -> bool {
    Numbers::from_state((i as u64) << 32 | j as u64).next().is_multiple_of(3)
}
