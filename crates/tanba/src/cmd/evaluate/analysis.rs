//! Everything that is counted of a set, a sensor, or all sets together.

use rayon::prelude::*;
use tanba_finger::calibrate::{log10_lr, threshold};
use tanba_finger::evaluate::{
    CalibrationBin, Cost, Figures, ImpressionSet, LeftOut, Measured, REPLICATES, Realised, Share, Trials, Versus,
    by_person,
};

use super::unless_interrupted;
use crate::cmd::synth::output::Interrupt;

/// False match rates that a threshold is asked for, fractions.
const CLAIMED: [f64; 5] = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5];
/// False match rate at whose threshold it is counted who is left out, a fraction. The threshold is each set's own.
pub(super) const LEFT_OUT_AT: f64 = 1e-3;

/// Fingers that are named at most among those rejected most.
const NAMED: usize = 10;

/// The errors of each finger and each person of a set.
#[derive(Clone)]
pub(super) struct Members {
    fingers: Vec<Share>,
    /// What each finger is called.
    names: Vec<String>,
    persons: Vec<Share>,
    /// The names tell which fingers are of one person.
    persons_known: bool,
}

impl Members {
    /// Those of a set, at its own threshold.
    pub(super) fn of(set: &ImpressionSet, trials: &Trials) -> Self {
        let fingers = trials.shares(trials.threshold_at(LEFT_OUT_AT));
        Self {
            persons: by_person(&fingers, set.persons()),
            names: (0..set.fingers()).map(|f| set.finger_name(f).to_owned()).collect(),
            fingers,
            persons_known: set.knows_persons(),
        }
    }

    /// Those of several sets, each with its name; fingers are called `<set>/<finger>`.
    pub(super) fn together<'m>(sets: impl Iterator<Item = (&'m str, &'m Self)>) -> Self {
        let mut all = Self { fingers: Vec::new(), names: Vec::new(), persons: Vec::new(), persons_known: false };
        for (name, set) in sets {
            all.fingers.extend(&set.fingers);
            all.names.extend(set.names.iter().map(|finger| format!("{name}/{finger}")));
            all.persons.extend(&set.persons);
            all.persons_known |= set.persons_known;
        }
        all
    }

    /// The fingers that are rejected most, the worst first; none that is never rejected.
    fn rejected_most(&self) -> Vec<(String, Share)> {
        let mut rejected: Vec<(&String, &Share)> =
            self.names.iter().zip(&self.fingers).filter(|(_, share)| share.rejected > 0).collect();
        rejected.sort_by(|a, b| b.1.fnmr().total_cmp(&a.1.fnmr()));
        rejected.into_iter().take(NAMED).map(|(name, share)| (name.clone(), *share)).collect()
    }
}

/// How a set stands against another matcher.
#[derive(Clone)]
pub(super) struct AgainstOne {
    pub(super) theirs: Measured,
    pub(super) versus: Versus,
}

/// What was counted.
#[derive(Clone)]
pub(super) struct Analysis {
    pub(super) genuine: usize,
    pub(super) impostors: usize,
    pub(super) fingers: usize,
    pub(super) measured: Measured,
    pub(super) against: Option<AgainstOne>,
    /// Claimed false match rate (a fraction) and what its threshold does.
    pub(super) realised: Vec<(f64, Realised)>,
    pub(super) cost: Option<Cost>,
    pub(super) calibration: Vec<CalibrationBin>,
    pub(super) left_out: LeftOut,
    /// The same by person, where the names tell.
    pub(super) persons: Option<LeftOut>,
    /// The fingers that are rejected most.
    pub(super) rejected_most: Vec<(String, Share)>,
    pub(super) members: Members,
}

impl Analysis {
    /// Counts; both matchers are drawn with the same seed, so their repetitions are of the same fingers.
    pub(super) fn of(
        trials: &Trials,
        theirs: Option<&Trials>,
        members: Members,
        seed: u64,
        interrupt: &Interrupt,
    ) -> anyhow::Result<Self> {
        let measured = measure(trials, seed, interrupt)?;
        let against = theirs
            .map(|theirs| -> anyhow::Result<AgainstOne> {
                let theirs = measure(theirs, seed, interrupt)?;
                Ok(AgainstOne { versus: Versus::of(&measured, &theirs), theirs })
            })
            .transpose()?;
        let known: Vec<(f64, f32)> =
            CLAIMED.into_iter().filter_map(|claimed| Some((claimed, threshold(claimed)?))).collect();
        let thresholds: Vec<f32> = known.iter().map(|k| k.1).collect();
        let (realised, (cost, calibration)) = rayon::join(
            || trials.realised(&thresholds, REPLICATES, seed),
            || (trials.cost(log10_lr, REPLICATES, seed), trials.calibration(log10_lr, REPLICATES, seed)),
        );
        unless_interrupted(interrupt)?;
        let realised = known.iter().map(|k| k.0).zip(realised).collect();
        Ok(Self {
            genuine: trials.genuine(),
            impostors: trials.impostors(),
            fingers: trials.fingers(),
            measured,
            against,
            realised,
            cost,
            calibration,
            left_out: LeftOut::of(&members.fingers),
            persons: members.persons_known.then(|| LeftOut::of(&members.persons)),
            rejected_most: members.rejected_most(),
            members,
        })
    }
}

/// Figures and their repetitions, on all processors; each draw has a number of its own, so the order does not matter.
fn measure(trials: &Trials, seed: u64, interrupt: &Interrupt) -> anyhow::Result<Measured> {
    let replicates: Vec<Figures> = (0..REPLICATES)
        .into_par_iter()
        .map(|r| {
            unless_interrupted(interrupt)?;
            Ok(trials.figures_of(&trials.draw(seed, r)))
        })
        .collect::<anyhow::Result<_>>()?;
    Ok(Measured { figures: trials.figures(), replicates })
}
