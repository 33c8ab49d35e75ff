//! Two templates of any minutiae, compared: a score between 0 and 1, whatever they are.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tanba_finger::calibrate::log10_lr;
use tanba_finger::{Minutia, MinutiaKind, Prepared, Recipe, Template, compare};

/// Bytes of a minutia.
const BYTES: usize = 5;

fuzz_target!(|data: &[u8]| {
    let Some((cut, data)) = data.split_first() else { return };
    let (first, second) = data.split_at(usize::from(*cut).min(data.len() / BYTES) * BYTES);
    let (a, b) = (Prepared::new(&template(first)), Prepared::new(&template(second)));
    for (one, other) in [(&a, &b), (&b, &a), (&a, &a)] {
        let found = compare(one, other);
        assert!((0.0..=1.0).contains(&found.score), "{}", found.score);
        assert!(log10_lr(found.score).is_finite());
        assert!(found.contributions.iter().all(|part| part.log_odds.is_finite()));
    }
});

fn template(bytes: &[u8]) -> Template {
    let minutia = |m: &[u8]| Minutia {
        x: f32::from(m[0]) * 2.0,
        y: f32::from(m[1]) * 2.0,
        direction: f32::from(m[2]) / 256.0 * std::f32::consts::TAU,
        kind: [MinutiaKind::Ending, MinutiaKind::Bifurcation, MinutiaKind::Other][usize::from(m[3]) % 3],
        quality: m[4] % 101,
    };
    let minutiae = bytes.chunks_exact(BYTES).map(minutia).collect();
    Template { recipe: Recipe::Unknown, width: 512, height: 512, quality: 50, minutiae, ridges: None }
}
