//! The presets are pinned: with the project's own matcher prints of nobody are about as hard as those of the real sets that the
//! preset is named after. The bounds are 95 % intervals of the mean of four FVC sets (docs/synth/realism.md says how they were
//! measured); the figures here depend on nothing but the seed.

use std::sync::atomic::{AtomicU32, Ordering};

use tanba_finger::evaluate::{Figures, ImpressionSet, ScoreMatrix, Trials};
use tanba_finger::{ExtractParams, NoSink, Prepared, Scratch, Template, extract, score_only};
use tanba_synth::{FingerSpec, FingerState, ImpressionPreset, MasterFinger, Population, RidgeMethod, TemplateFinger};

/// FVC2002 DB1 B and DB3 B, FVC2004 DB1 B and DB4 B: interval of the mean EER and FMR1000, percent.
const FVC_EER: (f64, f64) = (0.09, 1.44);
const FVC_FMR1000: (f64, f64) = (0.18, 2.68);
/// The easy preset stays below, the hard one above, percent.
const EASY_BELOW: f64 = 0.5;
const HARD_ABOVE: f64 = 8.0;
/// Impostor pairs compared at most.
const IMPOSTORS: usize = 40_000;
/// Base of all seeds. The figures of other seeds scatter as those of other people would.
const SEED: u64 = 1;

#[derive(Clone, Copy)]
struct Size {
    fingers: u32,
    impressions: u32,
}

/// A finger of person `f`, as `tanba synth prints` and `tanba bench realism` take it.
fn finger_of(f: u32) -> (u64, FingerSpec) {
    let person = Population::new(SEED, u64::MAX, (2026, 1, 1)).person(u64::from(f));
    match person.fingers[f as usize % 10] {
        FingerState::Present { spec, seed } => (seed, spec),
        FingerState::Missing { finger } => (person.seed, FingerSpec::of(finger)),
    }
}

/// Seeds of a finger's touches, as the program has them.
fn touches(finger_seed: u64, size: Size) -> impl Iterator<Item = u64> {
    (1..=u64::from(size.impressions)).map(move |k| finger_seed.wrapping_add(k.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
}

/// What the extractor makes of images, fast method.
fn images(preset: ImpressionPreset, size: Size) -> Figures {
    figures(size, |finger| {
        let (seed, spec) = finger_of(finger);
        let master = MasterFinger::with_method(seed, spec, RidgeMethod::Phase);
        let found = |touch| extract(&master.touch(preset, touch).image, &ExtractParams::default(), &mut NoSink).ok();
        touches(seed, size).map(found).collect()
    })
}

fn templates(preset: ImpressionPreset, size: Size) -> Figures {
    figures(size, |finger| {
        let (seed, spec) = finger_of(finger);
        let alone = TemplateFinger::from_seed(seed, spec);
        touches(seed, size).map(|touch| Some(alone.touch(preset, touch))).collect()
    })
}

/// Error rates of fingers, made and compared on two threads: the figures do not depend on that.
fn figures(size: Size, of_finger: impl Fn(u32) -> Vec<Option<Template>> + Sync) -> Figures {
    let names: Vec<String> =
        (0..size.fingers).flat_map(|f| (0..size.impressions).map(move |i| format!("{f:05}_{i:03}"))).collect();
    let set = ImpressionSet::from_names(&names).expect("names of a set");
    let templates: Vec<Option<Template>> = shared(size.fingers, of_finger).into_iter().flatten().collect();
    let prepared: Vec<Option<Prepared>> = templates.iter().map(|t| t.as_ref().map(Prepared::new)).collect();
    let impostors = set.thinned(IMPOSTORS);
    let rows = shared(set.len() as u32, |i| {
        let (i, mut scratch) = (i as usize, Scratch::default());
        let others = (i + 1..set.len()).filter(|&j| set.compared(i, j, impostors));
        others
            .filter_map(|j| Some((j, score_only(prepared[i].as_ref()?, prepared[j].as_ref()?, &mut scratch))))
            .collect::<Vec<_>>()
    });
    let mut scores = ScoreMatrix::zero(set.len());
    for (i, row) in rows.into_iter().enumerate() {
        row.into_iter().for_each(|(j, score)| scores.set(i, j, score));
    }
    let failed: Vec<bool> = templates.iter().map(Option::is_none).collect();
    Trials::of(&set, &scores, &failed, impostors).figures()
}

/// Values for `0..n`, in order.
fn shared<T: Send>(n: u32, of: impl Fn(u32) -> T + Sync) -> Vec<T> {
    let next = AtomicU32::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let i = next.fetch_add(1, Ordering::Relaxed);
            if i >= n {
                return done;
            }
            done.push((i, of(i)));
        }
    };
    let mut all = std::thread::scope(|scope| {
        let workers = [scope.spawn(work), scope.spawn(work)];
        workers.into_iter().flat_map(|w| w.join().expect("a worker that does not panic")).collect::<Vec<_>>()
    });
    all.sort_by_key(|(i, _)| *i);
    all.into_iter().map(|(_, value)| value).collect()
}

fn assert_pinned(figures: &Figures) {
    let inside = |v: f64, (low, high): (f64, f64)| low <= v && v <= high;
    assert!(inside(figures.eer, FVC_EER) && inside(figures.fmr1000, FVC_FMR1000), "{figures:?}");
}

#[test]
fn fvc_like_images_are_as_hard_as_the_real_sets() {
    assert_pinned(&images(ImpressionPreset::FvcLike, Size { fingers: 100, impressions: 4 }));
}

#[test]
fn fvc_like_templates_are_as_hard_as_the_real_sets() {
    assert_pinned(&templates(ImpressionPreset::FvcLike, Size { fingers: 100, impressions: 8 }));
}

#[test]
fn easy_is_easy_and_hard_is_hard() {
    let size = Size { fingers: 30, impressions: 4 };
    for (easy, hard) in [
        (images(ImpressionPreset::Easy, size), images(ImpressionPreset::Hard, size)),
        (templates(ImpressionPreset::Easy, size), templates(ImpressionPreset::Hard, size)),
    ] {
        assert!(easy.eer < EASY_BELOW && hard.eer > HARD_ABOVE, "{easy:?} {hard:?}");
    }
}
