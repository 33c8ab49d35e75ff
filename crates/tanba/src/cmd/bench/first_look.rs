//! `tanba bench first-look`: whom the first look of a search leaves out, on real sets, one finger at a time; and how fast it is.
//!
//! Every impression of a set is held against every other. At a penetration of 1 %, say, the limit is the score that 1 % of the pairs of
//! different fingers exceed; a pair of the same finger that does not exceed it is a mate that a search would not have compared in full. What the
//! extractor refuses is missed as well.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use rayon::prelude::*;
use serde_json::json;
use tanba_finger::Prepared;
use tanba_finger::eye::VECTOR;
use tanba_finger::scan::{ScanPrint, ScanProbe, print_vector};

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

/// Ways to look at a print: the one that searches go, and two others to hold it against.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// As searches do.
    Codes,
    /// As searches do where nothing is known of ridges.
    Cylinders,
    /// By one vector of the whole print.
    Vector,
}

impl Way {
    const ALL: [(Self, &'static str); 3] =
        [(Self::Codes, "codes"), (Self::Cylinders, "cylinders"), (Self::Vector, "vector")];
}

/// An impression in all three.
struct Look {
    finger: usize,
    /// Where there is one.
    print: Option<Looks>,
}

struct Looks {
    codes: ScanPrint,
    cylinders: ScanPrint,
    vector: Option<[i8; VECTOR]>,
}

impl Looks {
    fn of(print: &Prepared) -> Self {
        Self { codes: ScanPrint::of(print), cylinders: ScanPrint::of_minutiae(print), vector: print_vector(print) }
    }
}

/// What a set came to.
struct Found {
    name: String,
    mates: usize,
    strangers: usize,
    /// Shares of the mates missed at each penetration, by each way.
    missed: [[f64; 3]; 3],
}

impl FirstLook {
    /// Measures.
    pub(crate) fn run(self, console: &Console) -> anyhow::Result<()> {
        let interrupt = Interrupt::listen();
        let mut all = Vec::new();
        let mut sets = Vec::new();
        for folder in &self.folders {
            let set = RealSet::read(folder, 1, &interrupt, console)?;
            let impressions: Vec<(usize, Option<Prepared>)> = set.impressions().collect();
            let looks: Vec<Look> = impressions
                .into_par_iter()
                .map(|(finger, print)| Look { finger, print: print.as_ref().map(Looks::of) })
                .collect();
            let missed = Way::ALL.map(|(way, _)| missed(&looks, way));
            let of_finger = |finger| looks.iter().filter(|look| look.finger == finger).count();
            let mates: usize = looks.iter().map(|look| of_finger(look.finger) - 1).sum();
            let strangers = looks.len() * (looks.len() - 1) - mates;
            sets.push(Found { name: set.name, mates, strangers, missed });
            all.extend(looks.into_iter().filter_map(|look| look.print));
        }
        let mean = |way: usize| -> [f64; 3] {
            core::array::from_fn(|at| sets.iter().map(|set| set.missed[way][at]).sum::<f64>() / sets.len() as f64)
        };
        let means = [0, 1, 2].map(mean);
        let percent = |of: [f64; 3]| of.map(|share| 100.0 * share);
        let mut text = format!("mates missed at penetration {:?} %", percent(PENETRATIONS));
        let mut speeds = serde_json::Map::new();
        for (at, (way, name)) in Way::ALL.into_iter().enumerate() {
            // Writing to a string cannot fail.
            let _ = write!(text, "\nby {name}");
            let missed = sets.iter().map(|set| (set.name.as_str(), set.missed[at])).chain([("mean", means[at])]);
            for (set, missed) in missed {
                let [a, b, c] = percent(missed);
                let _ = write!(text, "\n  {set:<22} {a:5.1} % {b:5.1} % {c:5.1} %");
            }
            let codes: Vec<ScanPrint> = all.iter().filter_map(|looks| looks.scanned(way).cloned()).collect();
            let probe = codes.iter().find(|print| print.comparable());
            for (with, machine) in probe.into_iter().flat_map(on_this_machine) {
                let rate = probe.map_or(0.0, |probe| prints_per_s(with, probe, &codes));
                let _ = write!(text, "\n  {machine:<22} {:.2} million prints a second on a core", rate / 1e6);
                speeds.insert(format!("{name}, {machine}"), json!(rate));
            }
        }
        let by_way = |of: &[[f64; 3]; 3]| -> serde_json::Map<String, serde_json::Value> {
            Way::ALL.iter().zip(of).map(|((_, name), missed)| ((*name).to_owned(), json!(percent(*missed)))).collect()
        };
        let answer = json!({
            "penetrations": percent(PENETRATIONS),
            "sets": sets.iter().map(|set| json!({
                "set": set.name,
                "mates": set.mates,
                "strangers": set.strangers,
                "missed": percent(set.missed[0]),
                "missed_by": by_way(&set.missed),
            })).collect::<Vec<_>>(),
            "mean_missed": percent(means[0]),
            "mean_missed_by": by_way(&means),
            "prints_per_s_per_core": speeds,
        });
        console.answer(&answer, text);
        Ok(())
    }
}

impl Looks {
    /// What is scanned, where this way scans.
    fn scanned(&self, way: Way) -> Option<&ScanPrint> {
        match way {
            Way::Codes => Some(&self.codes),
            Way::Cylinders => Some(&self.cylinders),
            Way::Vector => None,
        }
    }

    /// How alike two prints are by their vectors.
    fn product(&self, other: &Self) -> i32 {
        let both = self.vector.as_ref().zip(other.vector.as_ref());
        both.map_or(i32::MIN, |(a, b)| a.iter().zip(b).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum())
    }
}

/// Shares of the mates missed at each penetration.
fn missed(looks: &[Look], way: Way) -> [f64; 3] {
    let codes: Vec<ScanPrint> = looks.iter().filter_map(|look| look.print.as_ref()?.scanned(way).cloned()).collect();
    let (mut mates, mut strangers) = (Vec::new(), Vec::new());
    let mut scores = vec![0; codes.len()];
    for (at, look) in looks.iter().enumerate() {
        if let Some(code) = look.print.as_ref().and_then(|print| print.scanned(way)) {
            ScanProbe::of(code).scan(&codes, &mut scores);
        }
        let mut of_code = scores.iter();
        for (other_at, other) in looks.iter().enumerate() {
            // Nothing is as unlike as can be.
            let score = match (&look.print, &other.print) {
                (Some(a), Some(b)) if way == Way::Vector => i64::from(a.product(b)),
                (a, Some(_)) => of_code.next().filter(|_| a.is_some()).map_or(0, |score| i64::from(*score)),
                (_, None) => i64::MIN,
            };
            if at != other_at {
                if look.finger == other.finger { &mut mates } else { &mut strangers }.push(score);
            }
        }
    }
    strangers.sort_unstable_by(|a: &i64, b| b.cmp(a));
    PENETRATIONS.map(|penetration| {
        let limit = strangers.get((penetration * strangers.len() as f64) as usize).copied().unwrap_or(0);
        mates.iter().filter(|score| **score <= limit).count() as f64 / mates.len().max(1) as f64
    })
}
