//! One source of prints (a real set, or a manner of making prints), all its distributions and its error rates.

use indicatif::ProgressBar;
use rayon::prelude::*;
use serde_json::{Map, Value, json};
use tanba_finger::evaluate::{Figures, ImpressionSet, Interval, REPLICATES, ScoreMatrix, Trials};
use tanba_finger::{MinutiaKind, PatternClass, Prepared, Scratch, score_only};

use super::sample::{Hits, Sample, Tally, neighbour_distances};

/// Impostor pairs compared at most: more add little and take minutes.
const MOST_IMPOSTORS: usize = 200_000;
/// The bootstrap draws the same fingers for the same number of fingers.
const SEED: u64 = 0x7a9e_0002;
/// Parts of the bootstrap, each with a seed of its own, so that it runs on all processors.
const DRAWN_AT_ONCE: usize = 8;
/// The figures that are shown. Identification at rank 1 needs pairs that a thinned set leaves out.
pub(super) const SHOWN: [&str; 6] = ["eer", "fmr100", "fmr1000", "fmr10000", "zerofmr", "fte"];

/// What a source is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Real images against which the synthetic ones are pinned.
    Real,
    /// Real images that are only shown beside.
    Beside,
    /// Synthetic images.
    Image,
    /// Synthetic templates without images.
    Template,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Real => "real",
            Self::Beside => "real, beside",
            Self::Image => "image",
            Self::Template => "template",
        }
    }
}

/// Everything about one source.
pub(super) struct Source {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) fingers: usize,
    /// Prints, in the order of the set.
    samples: Vec<Sample>,
    pub(super) figures: Figures,
    pub(super) replicates: Vec<Figures>,
    pub(super) interval: Interval,
    /// Best first.
    pub(super) genuine: Vec<f64>,
    pub(super) impostor: Vec<f64>,
    hits: Hits,
}

impl Source {
    /// Compares the prints of a set with each other. `samples` stand in the order of the set.
    pub(super) fn of(name: &str, kind: Kind, set: &ImpressionSet, samples: Vec<Sample>, bar: &ProgressBar) -> Self {
        let impostors = set.thinned(MOST_IMPOSTORS);
        let prepared: Vec<Option<Prepared>> =
            samples.par_iter().map(|s| s.template.as_ref().map(Prepared::new)).collect();
        let rows: Vec<Vec<(usize, f32)>> = (0..set.len())
            .into_par_iter()
            .map_init(Scratch::default, |scratch, i| {
                bar.inc(1);
                let Some(a) = &prepared[i] else { return Vec::new() };
                let others = (i + 1..set.len()).filter(|&j| set.compared(i, j, impostors));
                others.filter_map(|j| Some((j, score_only(a, prepared[j].as_ref()?, scratch)))).collect()
            })
            .collect();
        let mut scores = ScoreMatrix::zero(set.len());
        for (i, row) in rows.into_iter().enumerate() {
            for (j, score) in row {
                scores.set(i, j, score);
            }
        }
        let failed: Vec<bool> = samples.iter().map(|s| s.template.is_none()).collect();
        let trials = Trials::of(set, &scores, &failed, impostors);
        // A seed of its own for each name, so that the sets of a mean are drawn by themselves.
        let seed = name.bytes().fold(SEED, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
        let part = REPLICATES / DRAWN_AT_ONCE;
        let replicates: Vec<Figures> = (0..DRAWN_AT_ONCE)
            .into_par_iter()
            .flat_map_iter(|k| trials.bootstrap(part, seed.wrapping_add(k as u64)))
            .collect();
        let mut hits = Hits::default();
        for found in samples.iter().filter_map(|s| s.hits.as_ref()) {
            hits.add(found);
        }
        let score = |genuine| trials.scores(genuine).into_iter().map(f64::from).collect();
        Self {
            name: name.to_owned(),
            kind,
            fingers: set.fingers(),
            figures: trials.figures(),
            interval: Interval::of(&replicates),
            replicates,
            genuine: score(true),
            impostor: score(false),
            samples,
            hits,
        }
    }

    /// Minutiae of each print; none where the extractor refuses it.
    pub(super) fn minutiae(&self) -> Vec<f64> {
        self.samples.iter().map(|s| s.template.as_ref().map_or(0.0, |t| t.minutiae.len() as f64)).collect()
    }

    /// Quality of each print.
    pub(super) fn quality(&self) -> Vec<f64> {
        self.samples.iter().map(|s| s.template.as_ref().map_or(0.0, |t| f64::from(t.quality))).collect()
    }

    /// Median ridge period of each image, pixels at 500 ppi.
    pub(super) fn period(&self) -> Vec<f64> {
        self.samples.iter().filter_map(|s| s.period.map(f64::from)).collect()
    }

    /// Shares of the images with 0, 1, 2 and more cores, and deltas; none for templates.
    pub(super) fn points(&self) -> Option<([f64; 4], [f64; 4])> {
        let counted: Vec<(usize, usize)> =
            self.samples.iter().filter_map(|s| s.pattern.as_ref().map(|p| (p.cores.len(), p.deltas.len()))).collect();
        let share = |of: &dyn Fn(&(usize, usize)) -> usize| {
            let mut shares = [0.0; 4];
            for c in &counted {
                shares[of(c).min(3)] += 1.0;
            }
            shares.map(|n| n / counted.len() as f64)
        };
        (!counted.is_empty()).then(|| (share(&|c| c.0), share(&|c| c.1)))
    }

    /// Shares of the images by the class that they show, in the order of [`PatternClass::ALL`].
    pub(super) fn classes(&self) -> Option<[f64; PatternClass::ALL.len()]> {
        let seen: Vec<PatternClass> = self.samples.iter().filter_map(|s| s.pattern.as_ref().map(|p| p.class)).collect();
        let mut shares = [0.0; PatternClass::ALL.len()];
        for (class, share) in PatternClass::ALL.iter().zip(&mut shares) {
            *share = seen.iter().filter(|s| *s == class).count() as f64;
        }
        (!seen.is_empty()).then(|| shares.map(|n| n / seen.len() as f64))
    }

    /// How the extractor did against the truth, if that is known.
    pub(super) fn extractor(&self) -> Option<Tally> {
        (self.hits.minutiae.truth > 0).then_some(self.hits.minutiae)
    }

    /// Distances of minutiae to their nearest neighbours, pixels at 500 ppi.
    fn neighbours(&self) -> Vec<f64> {
        self.samples.iter().filter_map(|s| s.template.as_ref()).flat_map(neighbour_distances).collect()
    }

    fn endings_share(&self) -> f64 {
        let all = || self.samples.iter().filter_map(|s| s.template.as_ref()).flat_map(|t| &t.minutiae);
        all().filter(|m| m.kind == MinutiaKind::Ending).count() as f64 / all().count().max(1) as f64
    }

    pub(super) fn to_json(&self) -> Value {
        const USUAL: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];
        let mut keys = Map::new();
        let mut put = |key: &str, value: Value| keys.insert(key.to_owned(), value);
        put("name", json!(self.name));
        put("kind", json!(self.kind.name()));
        put("fingers", json!(self.fingers));
        put("prints", json!(self.samples.len()));
        put("minutiae", quantiles(self.minutiae(), &USUAL));
        put("neighbour_px", quantiles(self.neighbours(), &USUAL));
        put("endings_share", json!(self.endings_share()));
        put("quality", quantiles(self.quality(), &USUAL));
        put("period_px", quantiles(self.period(), &USUAL));
        if let (Some((cores, deltas)), Some(classes)) = (self.points(), self.classes()) {
            let counted = |shares: [f64; 4]| json!({"0": shares[0], "1": shares[1], "2": shares[2], "more": shares[3]});
            put("cores", counted(cores));
            put("deltas", counted(deltas));
            let named: Map<_, _> =
                PatternClass::ALL.iter().zip(classes).map(|(c, s)| (c.name().to_owned(), json!(s))).collect();
            put("classes", Value::Object(named));
        }
        put("genuine", json!(self.genuine.len()));
        put("impostors", json!(self.impostor.len()));
        put("genuine_score", quantiles(self.genuine.clone(), &[0.01, 0.05, 0.25, 0.5, 0.75]));
        put("impostor_score", quantiles(self.impostor.clone(), &[0.5, 0.9, 0.99, 0.999, 0.9999, 1.0]));
        if self.hits.minutiae.truth > 0 {
            put("extractor", self.extractor_json());
            put("estimators", self.estimators_json());
        }
        keys.extend(figures_json(&self.figures, &self.interval));
        Value::Object(keys)
    }

    fn extractor_json(&self) -> Value {
        let h = &self.hits;
        json!({
            "recall": h.minutiae.recall(),
            "precision": h.minutiae.precision(),
            "same_kind": h.same_kind as f64 / h.minutiae.recalled.max(1) as f64,
            "position_px": quantiles(h.offsets.clone(), &[0.5, 0.95]),
            "direction_degrees": quantiles(h.turns.clone(), &[0.5, 0.95]),
        })
    }

    /// How far the estimates can be believed that are made of real images too.
    fn estimators_json(&self) -> Value {
        let h = &self.hits;
        json!({
            "core_recall": h.cores.recall(),
            "core_precision": h.cores.precision(),
            "delta_recall": h.deltas.recall(),
            "delta_precision": h.deltas.precision(),
            "class_right": h.classes.1 as f64 / h.classes.0.max(1) as f64,
            "period_error_px": quantiles(h.period_errors.clone(), &[0.05, 0.5, 0.95]),
        })
    }
}

/// The error rates in percent, each with its interval.
pub(super) fn figures_json(figures: &Figures, interval: &Interval) -> Map<String, Value> {
    let mut keys = Map::new();
    let (low, high) = (interval.low.named(), interval.high.named());
    for (i, (name, value)) in figures.named().into_iter().enumerate().filter(|(_, (name, _))| SHOWN.contains(name)) {
        keys.insert(name.to_owned(), json!(value));
        keys.insert(format!("{name}_ci95"), json!([low[i].1, high[i].1]));
    }
    keys
}

/// Values below which these shares lie: `{"p5": ...}`; null where there are no values.
fn quantiles(mut values: Vec<f64>, shares: &[f64]) -> Value {
    values.sort_by(f64::total_cmp);
    let named = shares.iter().map(|share| {
        let percent = format!("{:.4}", 100.0 * share);
        let name = format!("p{}", percent.trim_end_matches('0').trim_end_matches('.'));
        (name, json!(quantile(&values, *share)))
    });
    if values.is_empty() { Value::Null } else { Value::Object(named.collect()) }
}

/// The value below which this share of the sorted ones lies.
pub(super) fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    sorted.get((last as f64 * share).round() as usize).copied()
}
