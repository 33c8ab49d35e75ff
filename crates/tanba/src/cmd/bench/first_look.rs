//! `tanba bench first-look`: whom the first look of a search leaves out, on real sets, one finger at a time; and how fast it is.
//!
//! Every impression of a set is held against every other. At a penetration of 1 %, say, the limit is the score that 1 % of the pairs of
//! different fingers exceed; a pair of the same finger that does not exceed it is a mate that a search would not have compared in full. What the
//! extractor refuses is missed as well.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use tanba_finger::scan::{ScanPrint, ScanProbe};

use super::identify::{RealSet, on_this_machine, prints_per_s};
use crate::cmd::synth::output::Interrupt;
use crate::console::Console;

/// Shares of the strangers that may be left over.
const PENETRATIONS: [f64; 3] = [0.05, 0.01, 0.001];

/// Options of `tanba bench first-look`.
#[derive(Args)]
pub(crate) struct FirstLook {
    /// Folders of prints named `<finger>_<impression>.<ext>`, one set each.
    #[arg(required = true, value_name = "DIR")]
    folders: Vec<PathBuf>,
}

/// What a set came to.
struct Found {
    name: String,
    mates: usize,
    strangers: usize,
    /// Shares of the mates missed, at each penetration.
    missed: [f64; 3],
}

impl FirstLook {
    /// Measures.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        let interrupt = Interrupt::listen();
        let mut all = Vec::new();
        let mut sets = Vec::new();
        for folder in &self.folders {
            let set = RealSet::read(folder, 1, &interrupt, console)?;
            let prints: Vec<(usize, Option<ScanPrint>)> =
                set.impressions().map(|(finger, print)| (finger, print.as_ref().map(ScanPrint::of))).collect();
            sets.push(Found::of(set.name, &prints));
            all.extend(prints.into_iter().filter_map(|(_, print)| print));
        }
        let mean = PENETRATIONS.map(|_| 0.0);
        let mean = sets
            .iter()
            .fold(mean, |mean, set| core::array::from_fn(|at| mean[at] + set.missed[at] / sets.len() as f64));
        let probe = all.iter().find(|print| print.comparable());
        let speeds: Vec<(&str, f64)> = probe.map_or_else(Vec::new, |probe| {
            on_this_machine(probe).map(|(with, name)| (name, prints_per_s(with, probe, &all))).collect()
        });
        let percent = |of: [f64; 3]| of.map(|share| 100.0 * share);
        let mut text = format!("{:<24} mates missed at penetration {:?} %", "", percent(PENETRATIONS));
        let missed = sets.iter().map(|set| (set.name.as_str(), set.missed)).chain([("mean", mean)]);
        for (name, missed) in missed {
            let [a, b, c] = percent(missed);
            // Writing to a string cannot fail.
            let _ = write!(text, "\n{name:<24} {a:5.1} % {b:5.1} % {c:5.1} %");
        }
        for (name, rate) in &speeds {
            let _ = write!(text, "\n{name:<24} {:.2} million prints a second on a core", rate / 1e6);
        }
        let answer = json!({
            "penetrations": percent(PENETRATIONS),
            "sets": sets.iter().map(|set| json!({
                "set": set.name,
                "mates": set.mates,
                "strangers": set.strangers,
                "missed": percent(set.missed),
            })).collect::<Vec<_>>(),
            "mean_missed": percent(mean),
            "prints_per_s_per_core": speeds.iter().map(|(name, rate)| ((*name).to_owned(), json!(rate))).collect::<serde_json::Map<_, _>>(),
        });
        console.answer(&answer, text);
        Ok(())
    }
}

impl Found {
    fn of(name: String, prints: &[(usize, Option<ScanPrint>)]) -> Self {
        let codes: Vec<ScanPrint> = prints.iter().filter_map(|(_, print)| print.clone()).collect();
        let (mut mates, mut strangers) = (Vec::new(), Vec::new());
        let mut scores = vec![0; codes.len()];
        for (at, (finger, print)) in prints.iter().enumerate() {
            if let Some(print) = print {
                ScanProbe::of(print).scan(&codes, &mut scores);
            }
            let mut of_code = scores.iter();
            for (other_at, (other, theirs)) in prints.iter().enumerate() {
                let score = theirs.as_ref().and_then(|_| of_code.next()).filter(|_| print.is_some());
                if at != other_at {
                    if finger == other { &mut mates } else { &mut strangers }.push(score.copied().unwrap_or(0));
                }
            }
        }
        strangers.sort_unstable_by(|a: &u32, b| b.cmp(a));
        let missed = PENETRATIONS.map(|penetration| {
            let limit = strangers.get((penetration * strangers.len() as f64) as usize).copied().unwrap_or(0);
            mates.iter().filter(|score| **score <= limit).count() as f64 / mates.len().max(1) as f64
        });
        Self { name, mates: mates.len(), strangers: strangers.len(), missed }
    }
}
