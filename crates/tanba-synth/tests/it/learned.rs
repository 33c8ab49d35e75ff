//! The learned extractor against the truth of prints that it was not trained on.

use tanba_finger::{MinutiaKind, NoSink, Recipe, Template};
use tanba_formats::Finger;
use tanba_synth::{FingerSpec, ImpressionPreset, MasterFinger, RidgeMethod, TruthMinutia};

/// Pixels and radians within which a minutia is the true one.
const NEAR: f32 = 10.0;
const TURN: f32 = 0.5;

/// Minutiae that were found and true, found, and there to be found, and the found ones of the right kind.
#[derive(Default)]
struct Tally {
    right: usize,
    found: usize,
    there: usize,
    kind: usize,
}

impl Tally {
    fn add(&mut self, template: &Template, truth: &[TruthMinutia]) {
        let visible: Vec<_> = truth.iter().filter(|m| m.visible).collect();
        let mut taken = vec![false; visible.len()];
        for m in &template.minutiae {
            let fits = |t: &TruthMinutia| {
                let turn = (t.direction - m.direction).rem_euclid(std::f32::consts::TAU);
                (t.x - m.x).hypot(t.y - m.y) < NEAR && turn.min(std::f32::consts::TAU - turn) < TURN
            };
            if let Some(k) = (0..visible.len()).find(|&k| !taken[k] && fits(visible[k])) {
                taken[k] = true;
                self.right += 1;
                self.kind += usize::from(visible[k].kind == m.kind && m.kind != MinutiaKind::Other);
            }
        }
        self.found += template.minutiae.len();
        self.there += visible.len();
    }

    /// Harmonic mean of how many of the found are true and how many of the true are found.
    fn f1(&self) -> f64 {
        2.0 * self.right as f64 / (self.found + self.there) as f64
    }
}

#[test]
fn it_finds_more_of_what_is_there_and_less_of_what_is_not() {
    for preset in [ImpressionPreset::FvcLike, ImpressionPreset::Hard, ImpressionPreset::Capacitive] {
        let mut tallies = [Tally::default(), Tally::default()];
        for k in 0..12 {
            let spec = FingerSpec::of(Finger::TEN[k % 10]);
            let master = MasterFinger::with_method(5_000 + k as u64, spec, RidgeMethod::Phase);
            let touch = master.touch(preset, 60 + k as u64);
            for (tally, recipe) in tallies.iter_mut().zip([Recipe::FilteredRidges2, Recipe::Learned1]) {
                let extractor = recipe.extractor().expect("it is in this program");
                let none = Template { recipe, width: 1, height: 1, quality: 0, minutiae: Vec::new(), ridges: None };
                tally.add(&extractor.extract(&touch.image, &mut NoSink).unwrap_or(none), &touch.minutiae);
            }
        }
        let [filtered, learned] = &tallies;
        assert!(
            learned.f1() > filtered.f1() + 0.03,
            "{}: {:.3} against {:.3}",
            preset.name(),
            learned.f1(),
            filtered.f1()
        );
        assert!(
            learned.kind * 10 > learned.right * 7,
            "{}: {} kinds of {}",
            preset.name(),
            learned.kind,
            learned.right
        );
    }
}
