//! Who is left out: how the errors are spread over fingers and persons.
//!
//! A mean rate can hide that a few people are rejected again and again (Doddington et al. 1998: the "goats"). Fingers or persons are
//! sorted by their false non-match rate and cut into tenths.

use super::Trials;
use super::bootstrap::Numbers;

/// Groups that fingers or persons are cut into.
const TENTHS: usize = 10;
/// Imagined sets behind [`LeftOut::worst_tenth_by_chance`].
const IMAGINED: u64 = 200;
/// Their seed: any will do.
const SEED: u64 = 0x7a9e_0003;

/// Comparisons of one finger or person at a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    /// Genuine comparisons.
    pub genuine: usize,
    /// Of them, those that are rejected.
    pub rejected: usize,
    /// Impostor comparisons in which one of its prints took part.
    pub impostors: usize,
    /// Of them, those that are accepted.
    pub accepted: usize,
}

/// A tenth of the fingers or persons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tenth {
    /// How many belong to it.
    pub members: usize,
    /// Their comparisons together.
    pub share: Share,
}

/// How errors are spread.
#[derive(Debug, Clone, PartialEq)]
pub struct LeftOut {
    /// Tenths, the one that is rejected least first; fewer where there are fewer members with genuine comparisons.
    pub tenths: Vec<Tenth>,
    /// Share of all rejections that falls on the last tenth; `None` without rejections.
    pub worst_tenth_share: Option<f64>,
    /// What that share would be on average if as many rejections fell on comparisons at random: even then some have more than
    /// others. `None` without rejections.
    pub worst_tenth_by_chance: Option<f64>,
}

impl Share {
    /// False non-match rate; 0 without comparisons.
    pub fn fnmr(&self) -> f64 {
        self.rejected as f64 / self.genuine.max(1) as f64
    }

    /// False match rate; 0 without comparisons.
    pub fn fmr(&self) -> f64 {
        self.accepted as f64 / self.impostors.max(1) as f64
    }

    fn add(&mut self, other: &Self) {
        self.genuine += other.genuine;
        self.rejected += other.rejected;
        self.impostors += other.impostors;
        self.accepted += other.accepted;
    }
}

impl Trials {
    /// What happens to each finger when scores of at least `threshold` are accepted.
    pub fn shares(&self, threshold: f32) -> Vec<Share> {
        let mut shares = vec![Share::default(); self.fingers()];
        for trial in &self.trials {
            let accepted = trial.score > 0.0 && trial.score >= threshold;
            let (f, g) = (trial.fingers.0 as usize, trial.fingers.1 as usize);
            if trial.genuine() {
                shares[f].genuine += 1;
                shares[f].rejected += usize::from(!accepted);
            } else {
                for finger in [f, g] {
                    shares[finger].impostors += 1;
                    shares[finger].accepted += usize::from(accepted);
                }
            }
        }
        shares
    }
}

/// The shares of persons from those of their fingers.
pub fn by_person(fingers: &[Share], persons: &[usize]) -> Vec<Share> {
    let mut shares = vec![Share::default(); persons.iter().max().map_or(0, |last| last + 1)];
    for (share, &person) in fingers.iter().zip(persons) {
        shares[person].add(share);
    }
    shares
}

impl LeftOut {
    /// Sorts fingers or persons and cuts them into tenths; those without genuine comparisons stay out.
    pub fn of(shares: &[Share]) -> Self {
        let members: Vec<Share> = shares.iter().filter(|s| s.genuine > 0).copied().collect();
        let tenths = tenths(members.clone());
        let rejected: usize = members.iter().map(|s| s.rejected).sum();
        let genuine: usize = members.iter().map(|s| s.genuine).sum();
        let by_chance = || {
            let rate = rejected as f64 / genuine as f64;
            let imagined = (0..IMAGINED).filter_map(|world| {
                let mut numbers = Numbers::new(SEED, world);
                let luck = |s: &Share| {
                    let rejected = (0..s.genuine).filter(|_| numbers.unit() < rate).count();
                    Share { rejected, ..*s }
                };
                worst_share(&self::tenths(members.iter().map(luck).collect()))
            });
            let shares: Vec<f64> = imagined.collect();
            (!shares.is_empty()).then(|| shares.iter().sum::<f64>() / shares.len() as f64)
        };
        Self {
            worst_tenth_share: worst_share(&tenths),
            worst_tenth_by_chance: if rejected > 0 { by_chance() } else { None },
            tenths,
        }
    }
}

fn tenths(mut members: Vec<Share>) -> Vec<Tenth> {
    members.sort_by(|a, b| a.fnmr().total_cmp(&b.fnmr()));
    let (n, groups) = (members.len(), members.len().min(TENTHS));
    (0..groups)
        .map(|k| {
            let mut tenth = Tenth::default();
            for share in &members[k * n / groups..(k + 1) * n / groups] {
                tenth.members += 1;
                tenth.share.add(share);
            }
            tenth
        })
        .collect()
}

fn worst_share(tenths: &[Tenth]) -> Option<f64> {
    let all: usize = tenths.iter().map(|t| t.share.rejected).sum();
    tenths.last().filter(|_| all > 0).map(|t| t.share.rejected as f64 / all as f64)
}

#[cfg(test)]
mod tests {
    use super::super::bootstrap::tests::noisy;
    use super::*;

    fn finger(rejected: usize) -> Share {
        Share { genuine: 28, rejected, impostors: 500, accepted: 1 }
    }

    #[test]
    fn one_goat_bears_all_errors() {
        let mut shares = vec![finger(0); 19];
        shares.insert(4, finger(20));
        let left_out = LeftOut::of(&shares);
        assert_eq!(left_out.tenths.len(), 10);
        assert!(left_out.tenths.iter().all(|t| t.members == 2 && t.share.genuine == 56));
        assert_eq!(left_out.worst_tenth_share, Some(1.0));
        // By luck 20 rejections among 20 fingers give the two worst of them about six.
        let chance = left_out.worst_tenth_by_chance.unwrap();
        assert!((0.2..0.4).contains(&chance), "{chance}");
        assert_eq!(left_out.tenths[9].share.fnmr(), 20.0 / 56.0);
    }

    #[test]
    fn few_fingers_make_fewer_groups_and_none_are_lost() {
        for n in [0, 1, 7, 10, 65] {
            let shares: Vec<Share> = (0..n).map(finger).collect();
            let left_out = LeftOut::of(&shares);
            assert_eq!(left_out.tenths.len(), n.min(10));
            assert_eq!(left_out.tenths.iter().map(|t| t.members).sum::<usize>(), n);
            assert!(left_out.tenths.windows(2).all(|w| w[0].share.fnmr() <= w[1].share.fnmr()));
        }
        assert_eq!(LeftOut::of(&[finger(0); 3]).worst_tenth_share, None);
    }

    #[test]
    fn shares_of_fingers_add_up_to_the_rates_and_to_persons() {
        let t = noisy(20, 1.0);
        let threshold = t.threshold_at(0.01);
        let fingers = t.shares(threshold);
        let rejected: usize = fingers.iter().map(|s| s.rejected).sum();
        assert!((100.0 * rejected as f64 / t.genuine() as f64 - t.figures().fmr100).abs() < 1e-9);
        // Both fingers of an impostor comparison count it.
        assert_eq!(fingers.iter().map(|s| s.impostors).sum::<usize>(), 2 * t.impostors());
        let people = by_person(&fingers, &(0..20).map(|f| f / 5).collect::<Vec<_>>());
        assert_eq!(people.len(), 4);
        assert_eq!(people.iter().map(|s| s.rejected).sum::<usize>(), rejected);
    }
}
