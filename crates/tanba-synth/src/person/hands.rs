//! What happens to hands: fingers lost, covered for now, grown together or one too many.
//!
//! Losses are a history, not a draw per day: each person has the ages at which something would happen, so that a finger lost is never
//! there again at a later day, and one that is there at 18 was there at 12.

use serde::{Deserialize, Serialize};
use tanba_formats::Finger;

use crate::exact;
use crate::random::{Stream, derive};

use super::Sex;
use super::trade::Career;

/// What an operator has to say of a finger beside its print, in the words of the counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Not there.
    Missing,
    /// Covered for now; its ridges are under the bandage.
    Bandaged,
    /// Artificial.
    Prosthetic,
    /// Grown together with the next one.
    Webbed,
    /// Another finger stands beside this one.
    Extra,
    /// Too worn to give a good print.
    Worn,
    /// Cannot be placed on the scanner.
    Unable,
}

/// A condition of one finger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FingerCondition {
    /// Which finger.
    pub finger: Finger,
    /// What is to be said of it.
    pub state: Condition,
}

/// People who lose a finger or its tip, each year: 7.5 in 100,000 come to an emergency department (United States, 1997-2016, National
/// Electronic Injury Surveillance System; published in Hand).
const LOSSES_A_YEAR: f64 = 7.5e-5;
/// Of these, how many lose the whole print; others lose a part of the tip (own choice).
const LOSES_THE_PRINT: f64 = 0.6;
/// Men's and women's rate beside the mean: 79 % of such patients are men (same system, 2010-2019; Renfro et al. 2024).
const RATE_BY_SEX: [f64; 2] = [1.58, 0.42];
/// Rate by age beside the mean, for those who do not work: doors catch small children, saws the retired (same source, for the order;
/// own choice of the factors).
const SMALL_CHILD_RATE: (f64, f64) = (5.0, 2.0);
const CHILD_RATE: f64 = 0.4;
const RETIRED_RATE: f64 = 1.3;
/// Born without a finger: 1 in 4,000 (own choice within what registers of limb defects report).
const BORN_WITHOUT: f64 = 2.5e-4;
/// How many neighbouring fingers one accident takes, from 1 (own choice).
const TAKEN: [f64; 5] = [80.0, 12.0, 5.0, 2.0, 1.0];
/// Where it begins, thumb first: index and middle finger most often, both hands alike (100 patients in Shiraz, 2015).
const BEGINS_AT: [f64; 5] = [0.13, 0.29, 0.27, 0.18, 0.13];
/// Losses after which an artificial finger is worn (own choice).
const PROSTHETIC: f64 = 0.03;
/// Accidents in one life at most.
const ACCIDENTS: usize = 3;

/// People with a finger covered on a day (own choice: a cut a year for one in ten, covered for ten days), times the trade's rate.
const BANDAGED: f64 = 0.0027;
/// Days between two looks at whether somebody wears a bandage: how long it stays on.
const BANDAGE_DAYS: i32 = 12;
/// Born with two fingers grown together: 1 in 2,500, nearly always the middle and ring finger; most are parted before school
/// (textbooks of hand surgery give 1 in 2,000 to 3,000; own choice of the shares).
const WEBBED: f64 = 4e-4;
const WEBBED_ON_BOTH: f64 = 0.5;
const PARTED: f64 = 0.75;
/// Born with a finger too many, at the little finger or the thumb: 1 in 1,000; nine in ten are removed in the first years (as above).
const EXTRA: f64 = 1e-3;
const EXTRA_AT_THE_LITTLE_FINGER: f64 = 0.75;
const REMOVED: f64 = 0.9;
/// Age at which both are operated on, years.
const OPERATED: (f64, f64) = (0.6, 4.0);
/// Born without ridges: five families are known in the world, so this is far more than the truth (own choice, so that a large population
/// has one).
const NO_RIDGES: f64 = 1e-6;
/// A hand that cannot be laid flat: strokes and contractures, people a year of age beyond 55 (own choice: 1 % at 80).
const UNABLE_A_YEAR: f64 = 4e-4;
const UNABLE_FROM: f64 = 55.0;

/// One event that takes fingers.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Loss {
    age: f64,
    hand: usize,
    first: usize,
    taken: usize,
    prosthetic: bool,
}

/// The history of ten fingers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Hands {
    losses: Vec<Loss>,
    /// Fingers grown together with the next, until which age.
    webbed: Vec<(usize, f64)>,
    extra: Vec<(usize, f64)>,
    pub(super) no_ridges: bool,
    /// Age from which a hand cannot be laid down.
    unable: Option<(f64, usize)>,
    bandages: u64,
    bandage_rate: f64,
}

impl Hands {
    pub(super) fn draw(seed: u64, sex: Sex, career: Career) -> Self {
        let mut stream = Stream::new(seed, "hands");
        let sex_rate = RATE_BY_SEX[usize::from(sex == Sex::Female)];
        let mut losses = Vec::new();
        if stream.chance(BORN_WITHOUT) {
            losses.push(Loss { prosthetic: false, ..draw_loss(&mut stream, 0.0) });
        }
        // Accidents come at the times of a Poisson process: at exponential steps of the cumulated rate.
        let rate = LOSSES_A_YEAR * LOSES_THE_PRINT * sex_rate;
        let mut spent = 0.0;
        for _ in 0..ACCIDENTS {
            spent -= exact::ln(1.0 - stream.unit()) / rate;
            match age_of_rate(spent, career) {
                Some(age) => losses.push(draw_loss(&mut stream, age)),
                None => break,
            }
        }

        let mut born = |chance: f64, operated: f64| {
            let mut with = || {
                let until = stream.uniform(OPERATED.0, OPERATED.1);
                if stream.chance(operated) { until } else { f64::INFINITY }
            };
            let until = with();
            (stream.chance(chance), until, stream.unit(), stream.chance(0.5))
        };
        let (is_webbed, parted, both, left) = born(WEBBED, PARTED);
        let (is_extra, removed, place, extra_left) = born(EXTRA, REMOVED);
        let mut webbed = Vec::new();
        if is_webbed {
            for hand in 0..2 {
                if both < WEBBED_ON_BOTH || (hand == 1) == left {
                    webbed.extend([(hand * 5 + 2, parted), (hand * 5 + 3, parted)]);
                }
            }
        }
        let mut extra = Vec::new();
        if is_extra {
            let digit = if place < EXTRA_AT_THE_LITTLE_FINGER { 4 } else { 0 };
            extra.push((usize::from(extra_left) * 5 + digit, removed));
        }
        let stiff = UNABLE_FROM - exact::ln(1.0 - stream.unit()) / UNABLE_A_YEAR;
        let stiff_hand = usize::from(stream.chance(0.5));
        let busy = career.trade.work();
        Self {
            losses,
            webbed,
            extra,
            no_ridges: stream.chance(NO_RIDGES),
            unable: (stiff < 120.0).then_some((stiff, stiff_hand)),
            bandages: derive(seed, "bandages", 0),
            bandage_rate: BANDAGED * (0.6 + 1.4 * busy.blades) * if sex == Sex::Male { 1.2 } else { 0.8 },
        }
    }

    /// Which of the ten have lost their print at an age.
    pub(super) fn missing(&self, age: f64) -> [bool; 10] {
        let mut missing = [false; 10];
        for loss in self.losses.iter().filter(|l| l.age <= age) {
            for digit in loss.digits() {
                missing[loss.hand * 5 + digit] = true;
            }
        }
        missing
    }

    /// What is to be said of the fingers on a day, in the order of the fingers.
    pub(super) fn conditions(&self, age: f64, day: i32, worn: [bool; 10]) -> Vec<FingerCondition> {
        let missing = self.missing(age);
        let bandaged = self.bandaged(day);
        let mut all = Vec::new();
        for i in 0..10 {
            let mut say = |state| all.push(FingerCondition { finger: Finger::TEN[i], state });
            if missing[i] {
                let artificial = self
                    .losses
                    .iter()
                    .any(|l| l.age <= age && l.prosthetic && l.hand == i / 5 && l.digits().any(|d| d == i % 5));
                say(if artificial { Condition::Prosthetic } else { Condition::Missing });
                continue;
            }
            if self.unable.is_some_and(|(from, hand)| from <= age && hand == i / 5) {
                say(Condition::Unable);
            } else if bandaged[i] {
                say(Condition::Bandaged);
            }
            if self.webbed.iter().any(|&(finger, until)| finger == i && age < until) {
                say(Condition::Webbed);
            }
            if self.extra.iter().any(|&(finger, until)| finger == i && age < until) {
                say(Condition::Extra);
            }
            if worn[i] || self.no_ridges {
                say(Condition::Worn);
            }
        }
        all
    }

    fn bandaged(&self, day: i32) -> [bool; 10] {
        let mut stream = Stream::new(self.bandages, "bandage");
        let offset = stream.below(BANDAGE_DAYS as u32) as i32;
        let window = (day + offset).div_euclid(BANDAGE_DAYS);
        let mut stream = Stream::new(derive(self.bandages, "window", window as u64), "bandage");
        let mut covered = [false; 10];
        if stream.chance(self.bandage_rate) {
            let hand = usize::from(stream.chance(0.5));
            let digit = stream.weighted(&BEGINS_AT);
            covered[hand * 5 + digit] = true;
            if digit < 4 && stream.chance(0.15) {
                covered[hand * 5 + digit + 1] = true;
            }
        }
        covered
    }
}

impl Loss {
    /// Neighbours from the first on; a run that would leave the hand begins earlier.
    fn digits(&self) -> std::ops::Range<usize> {
        let first = self.first.min(5 - self.taken);
        first..first + self.taken
    }
}

fn draw_loss(stream: &mut Stream, age: f64) -> Loss {
    Loss {
        age,
        hand: usize::from(stream.chance(0.5)),
        first: stream.weighted(&BEGINS_AT),
        taken: stream.weighted(&TAKEN) + 1,
        prosthetic: stream.chance(PROSTHETIC),
    }
}

/// The age at which the rate, cumulated from birth in years of the mean rate, reaches this; `None` where nobody lives so long.
fn age_of_rate(mut left: f64, career: Career) -> Option<f64> {
    let spans = [
        (SMALL_CHILD_RATE.0, SMALL_CHILD_RATE.1),
        (career.from, CHILD_RATE),
        (career.to, career.trade.work().losses),
        (120.0, RETIRED_RATE),
    ];
    let mut from = 0.0;
    for (to, rate) in spans {
        let held = (to - from) * rate;
        if left < held {
            return Some(from + left / rate);
        }
        left -= held;
        from = to;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::person::Trade;

    const CAREER: Career = Career { trade: Trade::Mechanic, from: 20.0, to: 62.0, left_handed: false };

    #[test]
    fn a_lost_finger_stays_lost_and_neighbours_go_together() {
        let (mut people, mut fingers, mut together) = (0_u32, 0_u32, 0_u32);
        for seed in 0..40_000 {
            let hands = Hands::draw(seed, Sex::Male, CAREER);
            let late = hands.missing(62.0);
            for (young, old) in hands.missing(30.0).into_iter().zip(late) {
                assert!(!young || old);
            }
            people += u32::from(late.contains(&true));
            fingers += late.iter().filter(|m| **m).count() as u32;
            together += (0..9).filter(|&i| i != 4 && late[i] && late[i + 1]).count() as u32;
        }
        // 5 years at 2, 15 at 0.4 and 42 at 4 times the mean, of men: 184 x 7.5e-5 x 0.6 x 1.58 = 1.3 %, and 0.025 % from birth.
        let share = f64::from(people) / 40_000.0;
        assert!((0.0116..0.0152).contains(&share), "{share}");
        // Were fingers lost one by one, a pair of neighbours would be ten times rarer.
        assert!(fingers > people && f64::from(together) > 0.2 * f64::from(people), "{fingers} {together}");
    }

    #[test]
    fn bandages_come_off() {
        let hands: Vec<Hands> = (0..20_000).map(|seed| Hands::draw(seed, Sex::Male, CAREER)).collect();
        let on = |day: i32| hands.iter().filter(|h| h.bandaged(day).contains(&true)).count();
        assert!((60..160).contains(&on(20_000)), "{}", on(20_000));
        let both = hands
            .iter()
            .filter(|h| h.bandaged(20_000).contains(&true) && h.bandaged(20_000 + 2 * BANDAGE_DAYS).contains(&true));
        assert!(both.count() < 6);
    }

    #[test]
    fn webs_and_extra_fingers_are_mostly_operated_on() {
        let count = |age: f64, state: Condition| {
            (0..60_000)
                .filter(|&seed| {
                    let hands = Hands::draw(seed, Sex::Female, CAREER);
                    hands.conditions(age, 0, [false; 10]).iter().any(|c| c.state == state)
                })
                .count()
        };
        assert!((10..40).contains(&count(0.1, Condition::Webbed)));
        assert!((40..85).contains(&count(0.1, Condition::Extra)));
        assert!(count(10.0, Condition::Extra) < 15);
        assert!(count(80.0, Condition::Unable) > 300);
    }
}
