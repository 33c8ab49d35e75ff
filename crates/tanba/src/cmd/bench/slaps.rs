//! `tanba bench slaps`: how often slaps of nobody are cut into the right fingers.
//!
//! Each slap has its own skin, manner of taking (glass, ink, hasty, hard), turn within 30 degrees, spread and, in half of the slaps, middle
//! joints that touch too. Right hands, left hands and thumbs alternate; in two of five slaps one to three fingers are missing, and in half of
//! those nobody says which. A slap is right when every finger is: position, and each side of the box within 64 pixels at 500 ppi.

use std::collections::BTreeMap;
use std::time::Instant;

use clap::Args;
use rayon::prelude::*;
use serde_json::json;
use tanba_finger::slap::score::{TrueFinger, score};
use tanba_finger::slap::{Finding, SlapKind, SlapRequest, segment};
use tanba_formats::Finger;
use tanba_synth::{FingerSpec, ImpressionPreset, MasterFinger, Slap, SlapParams, SlapTaking};

use crate::console::Console;

/// Greatest turn of a hand, radians.
const TURN_MAX: f32 = 0.524;
/// The manners of taking a slap.
const PRESETS: [ImpressionPreset; 4] =
    [ImpressionPreset::SlapFinger, ImpressionPreset::FvcLike, ImpressionPreset::Hard, ImpressionPreset::Ink];

/// Options of `tanba bench slaps`.
#[derive(Args)]
pub(crate) struct Slaps {
    /// How many slaps.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    count: u64,
    /// The same seed gives the same slaps.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// One slap and what is true of it.
struct Case {
    kind: SlapKind,
    preset: ImpressionPreset,
    joints: bool,
    pose: SlapParams,
    laid: Vec<Finger>,
    missing: Vec<Finger>,
    told: bool,
    seed: u64,
}

/// How it came out.
struct Outcome {
    preset: ImpressionPreset,
    joints: bool,
    right: bool,
    fingers: usize,
    fingers_right: usize,
    /// Whether the hand was guessed right, of slaps of two to four fingers of one hand.
    hand_right: Option<bool>,
    /// Whether all four fingers of a hand are there.
    whole_hand: bool,
    /// Whether missing fingers that nobody told of were noticed.
    noticed: Option<bool>,
    /// Whether a slap without untold missing fingers was said to be odd.
    false_alarm: Option<bool>,
    ms: f64,
}

impl Slaps {
    /// Measures.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        let bar = console.progress(self.count, "cutting slaps");
        let outcomes = (0..self.count)
            .into_par_iter()
            .map(|k| {
                let outcome = Case::draw(self.seed, k).outcome();
                bar.inc(1);
                outcome
            })
            .collect::<anyhow::Result<Vec<Outcome>>>()?;
        bar.finish_and_clear();

        let (fingers, fingers_right) = outcomes.iter().fold((0, 0), |(n, r), o| (n + o.fingers, r + o.fingers_right));
        let all_right = percent(outcomes.iter().map(|o| Some(o.right)));
        let hand_right = percent(outcomes.iter().filter(|o| o.whole_hand).map(|o| o.hand_right));
        let hand_right_of_fewer = percent(outcomes.iter().filter(|o| !o.whole_hand).map(|o| o.hand_right));
        let noticed = percent(outcomes.iter().map(|o| o.noticed));
        let false_alarms = percent(outcomes.iter().map(|o| o.false_alarm));
        let mut ms: Vec<f64> = outcomes.iter().map(|o| o.ms).collect();
        ms.sort_by(f64::total_cmp);
        let ms_median = ms[ms.len() / 2];
        let by_preset: BTreeMap<&str, Option<f64>> = PRESETS
            .iter()
            .map(|p| (p.name(), percent(outcomes.iter().map(|o| (o.preset == *p).then_some(o.right)))))
            .collect();
        let with_joints = percent(outcomes.iter().map(|o| o.joints.then_some(o.right)));
        let fingers_right = 100.0 * fingers_right as f64 / fingers.max(1) as f64;
        let shown = |p: Option<f64>| p.map_or("-".to_owned(), |p| format!("{p:.1} %"));
        console.answer(
            &json!({
                "slaps": self.count,
                "seed": self.seed,
                "all_right": all_right,
                "fingers": fingers,
                "fingers_right": fingers_right,
                "hand_right": hand_right,
                "hand_right_of_fewer": hand_right_of_fewer,
                "missing_noticed": noticed,
                "false_alarms": false_alarms,
                "all_right_by_preset": by_preset,
                "all_right_with_joints": with_joints,
                "ms_median": ms_median,
            }),
            format_args!(
                "{} slaps, every finger right in {}, {fingers_right:.1} % of {fingers} fingers\nhand guessed right: {} with four fingers, {} with two or three\nmissing fingers noticed: {}, false alarms: {}\n{ms_median:.0} ms a slap (median)",
                self.count,
                shown(all_right),
                shown(hand_right),
                shown(hand_right_of_fewer),
                shown(noticed),
                shown(false_alarms),
            ),
        );
        Ok(())
    }
}

/// Percent of those that count.
fn percent(values: impl Iterator<Item = Option<bool>>) -> Option<f64> {
    let (mut count, mut right) = (0u64, 0u64);
    for value in values.flatten() {
        count += 1;
        right += u64::from(value);
    }
    (count > 0).then(|| 100.0 * right as f64 / count as f64)
}

/// A fresh number for each slap and purpose (Steele, Lea and Flood 2014, SplitMix64).
fn draw(seed: u64, k: u64, purpose: u64) -> u64 {
    let mut z = seed
        .wrapping_mul(0xd134_2543_de82_ef95)
        .wrapping_add(k.wrapping_mul(64).wrapping_add(purpose + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Case {
    fn draw(seed: u64, k: u64) -> Self {
        let number = |purpose: u64, below: u64| draw(seed, k, purpose) % below;
        let (kind, all) = match k % 3 {
            0 => (SlapKind::RightFour, &Finger::TEN[1..5]),
            1 => (SlapKind::LeftFour, &Finger::TEN[6..10]),
            _ => (SlapKind::Thumbs, &[Finger::LeftThumb, Finger::RightThumb][..]),
        };
        let lost = match number(0, 20) {
            0 => 3,
            1 | 2 => 2,
            3..=7 => 1,
            _ => 0,
        };
        let mut laid = all.to_vec();
        let mut missing = Vec::new();
        for n in 0..lost.min(all.len() - 1) {
            missing.push(laid.remove(number(1 + n as u64, laid.len() as u64) as usize));
        }
        let seed = draw(seed, k, 8);
        let turn = number(9, 2001) as f32 / 1000.0 - 1.0;
        Self {
            kind,
            preset: PRESETS[number(10, PRESETS.len() as u64) as usize],
            joints: number(11, 2) == 0,
            pose: SlapParams { rotation: turn * TURN_MAX, ..SlapParams::draw(seed) },
            laid,
            missing,
            told: number(12, 2) == 0,
            seed,
        }
    }

    fn outcome(&self) -> anyhow::Result<Outcome> {
        let master =
            |f: &Finger| MasterFinger::from_seed(self.seed.wrapping_add(u64::from(f.code())), FingerSpec::of(*f));
        let masters: Vec<MasterFinger> = self.laid.iter().map(master).collect();
        let taking = SlapTaking { preset: self.preset, joints: self.joints };
        let slap = Slap::taken(&masters, &self.pose, taking, self.seed);
        let truth: Vec<TrueFinger> =
            slap.fingers.iter().map(|f| TrueFinger { finger: f.impression.finger, outline: f.outline }).collect();
        let missing = if self.told { self.missing.clone() } else { Vec::new() };
        let started = Instant::now();
        let found = segment(&slap.image, &SlapRequest { kind: self.kind, missing })?;
        let ms = started.elapsed().as_secs_f64() * 1e3;
        let scored = score(&found.fingers, &truth, f64::from(self.pose.ppi));
        let short = found.findings.iter().any(|f| matches!(f, Finding::TooFewFingers { .. } | Finding::NothingFound));
        let odd = found.findings.iter().any(|f| !matches!(f, Finding::AtEdge { .. }));
        let untold = !self.told && !self.missing.is_empty();
        let hand_right = if self.kind != SlapKind::Thumbs && self.laid.len() >= 2 {
            Some(segment(&slap.image, &SlapRequest::default())?.kind == self.kind)
        } else {
            None
        };
        Ok(Outcome {
            preset: self.preset,
            joints: self.joints,
            right: scored.right,
            fingers: truth.len(),
            fingers_right: scored.fingers.iter().filter(|f| f.right).count(),
            hand_right,
            whole_hand: self.laid.len() == 4,
            noticed: untold.then_some(short),
            false_alarm: (!untold).then_some(odd),
            ms,
        })
    }
}
