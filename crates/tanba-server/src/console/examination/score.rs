//! What each part of a comparison added to its score, as bars: to the right for one finger, to the left against it.

use tanba_formats::Finger;
use tanba_registry::{ScorePart, ScoredFinger};

/// As wide as the drawing of a bar is, in its own units; nothing lies in the middle.
const WIDTH: f32 = 200.0;

/// One finger.
pub(super) struct FingerScore {
    pub(super) finger: Finger,
    pub(super) log10_lr: f64,
    pub(super) bars: Vec<Bar>,
}

/// One part.
pub(super) struct Bar {
    /// Its name, as keys have it.
    pub(super) name: String,
    /// The part itself, and what it added in natural log odds, as a page writes them.
    pub(super) value: f64,
    pub(super) added: f64,
    /// Where the bar begins, and how long it is.
    pub(super) x: f32,
    pub(super) width: f32,
}

impl FingerScore {
    pub(super) fn of(scored: &ScoredFinger) -> Self {
        let most = scored.parts.iter().map(|part| part.log_odds.abs()).fold(1.0, f32::max);
        let bar = |part: &ScorePart| {
            let width = part.log_odds.abs() / most * WIDTH / 2.0;
            Bar {
                name: part.name.replace('_', "-"),
                value: f64::from(part.value),
                added: f64::from(part.log_odds),
                x: if part.log_odds < 0.0 { WIDTH / 2.0 - width } else { WIDTH / 2.0 },
                width,
            }
        };
        Self { finger: scored.finger, log10_lr: scored.log10_lr, bars: scored.parts.iter().map(bar).collect() }
    }
}

impl Bar {
    pub(super) fn against(&self) -> bool {
        self.added < 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_lie_on_their_side_of_the_middle_and_the_longest_fills_it() {
        let part = |name: &str, log_odds| ScorePart { name: name.to_owned(), value: 1.0, log_odds };
        let parts = vec![part("ridge_coverage", 8.0), part("minutiae_missing", -4.0)];
        let drawn = FingerScore::of(&ScoredFinger { finger: Finger::RightIndex, log10_lr: 3.0, parts });
        let places: Vec<_> = drawn.bars.iter().map(|b| (b.name.as_str(), b.x, b.width, b.against())).collect();
        assert_eq!(places, [("ridge-coverage", 100.0, 100.0, false), ("minutiae-missing", 50.0, 50.0, true)]);
    }
}
