//! What the probe's fingers say about one person.

use crate::answer::FingerEvidence;
use crate::fusion;
use crate::search::Probe;
use tanba_finger::{Prepared, Scratch, score_only};
use tanba_formats::Finger;

/// What the probe's fingers say about one person.
#[derive(Debug, Default)]
pub(crate) struct PersonEvidence {
    /// One per position of the probe that the person has too.
    pub(crate) fingers: Vec<FingerEvidence>,
    /// All of them together.
    pub(crate) log10_lr: f64,
    /// Pairs of impressions compared.
    pub(crate) compared: u64,
}

/// Which finger of a person a finger of the probe is held against.
type Order<'a> = &'a dyn Fn(Finger) -> Finger;

impl PersonEvidence {
    /// Compares the probe with one person, position by position: impressions of one position on either side, and all fingers for an
    /// unknown position, are alternatives to each other; positions add up ([`fusion::of_fingers`]). Fingers may stand in another order
    /// than was said: two that fit nothing where they should may fit each other's places, and, if the hands `may_be_exchanged`,
    /// all may fit the other hand. What is found so is one explanation among many and counts less ([`fusion::of_explanations`]).
    /// As soon as no finger that is left can lift the evidence to `hopeless`, the rest is not compared.
    pub(crate) fn of(
        probe: &Probe,
        enrolled: &[(Finger, Prepared)],
        may_be_exchanged: bool,
        hopeless: f64,
        scratch: &mut Scratch,
    ) -> Self {
        let mut compared = 0;
        let mut explain = |order: Order<'_>| fingers(probe, enrolled, order, hopeless, scratch, &mut compared);
        let as_said = explain(&|finger| finger);
        let mut explanations = vec![as_said];
        if may_be_exchanged {
            explanations.push(explain(&Finger::of_other_hand));
        }
        if let Some((a, b)) = misplaced(&explanations[0]) {
            let swap = move |finger| match finger {
                f if f == a => b,
                f if f == b => a,
                f => f,
            };
            explanations.push(explain(&swap));
        }
        let sums: Vec<f64> = explanations.iter().map(|fingers| fusion::of_fingers(fingers)).collect();
        let log10_lr = fusion::of_explanations(&sums);
        // The explanation that says most is told; of equal ones the first, which is what the operator said.
        let most = (1..sums.len()).fold(0, |most, at| if sums[at] - fusion::UNLIKELY > sums[most] { at } else { most });
        Self { fingers: explanations.swap_remove(most), log10_lr, compared }
    }
}

/// What two sets of prints say about being one person's (log10 likelihood ratio): the measure that searches go by, for whoever measures it.
/// 0 where they have no finger in common.
pub fn evidence_of(
    probe: &Probe,
    enrolled: &[(Finger, Prepared)],
    hands_may_be_exchanged: bool,
    scratch: &mut Scratch,
) -> f64 {
    PersonEvidence::of(probe, enrolled, hands_may_be_exchanged, f64::NEG_INFINITY, scratch).log10_lr
}

fn fingers(
    probe: &Probe,
    enrolled: &[(Finger, Prepared)],
    order: Order<'_>,
    hopeless: f64,
    scratch: &mut Scratch,
    compared: &mut u64,
) -> Vec<FingerEvidence> {
    let mut evidence: Vec<FingerEvidence> = Vec::new();
    let mut alternatives: Vec<f64> = Vec::new();
    let mut left = probe.positions().count();
    for (position, impressions) in probe.positions() {
        // At least one, so that whoever has a finger in common is never told to have none.
        let most = fusion::of_fingers(&evidence) + left as f64 * fusion::most_of_a_finger();
        if !evidence.is_empty() && most < hopeless {
            break;
        }
        left -= 1;
        let held_against = order(position);
        let known = position != Finger::Unknown;
        alternatives.clear();
        let mut best: Option<(f32, Finger)> = None;
        for impression in impressions.filter(|print| print.comparable()) {
            for (finger, theirs) in enrolled {
                if !theirs.comparable() || (known && *finger != Finger::Unknown && *finger != held_against) {
                    continue;
                }
                let score = score_only(impression, theirs, scratch);
                *compared += 1;
                alternatives.push(fusion::of_comparison(score, impression.quality(), theirs.quality()));
                if best.is_none_or(|(s, _)| score > s) {
                    best = Some((score, *finger));
                }
            }
        }
        if let (Some(log10_lr), Some((score, enrolled))) = (fusion::of_alternatives(&alternatives), best) {
            evidence.push(FingerEvidence { probe: position, enrolled, score, log10_lr });
        }
    }
    evidence
}

/// Two fingers that speak against the person while the others speak for them: they may have been taken for each other. None where fewer
/// than two speak for the person, or not exactly two against.
fn misplaced(fingers: &[FingerEvidence]) -> Option<(Finger, Finger)> {
    let known = || fingers.iter().filter(|f| f.probe != Finger::Unknown);
    let against: Vec<Finger> = known().filter(|f| f.log10_lr < -fusion::SAYS).map(|f| f.probe).collect();
    let speak_for = known().filter(|f| f.log10_lr > fusion::SAYS).count();
    match against[..] {
        [a, b] if speak_for >= 2 => Some((a, b)),
        _ => None,
    }
}
