//! What years, work and weather have made of the skin of each finger.
//!
//! A one-factor model with two more levels: for each property of each finger
//! `logit(value) = mean(age, sex, trade, season) + spread * z`, where
//! `z = GENERAL G + OWN P + HAND H + FINGER F`; G is one standard normal for the person, P one for each property, H one for each property and hand,
//! F one for each property and finger, and the squares of the four weights sum to 1. So two fingers of one person correlate by
//! `GENERAL^2 + OWN^2` in a property, and two of one hand by `HAND^2` more. Scars are counted, not logistic.
//!
//! Every mean and weight is this project's own choice: the literature tells directions (ridges of the old and of manual workers
//! are flat and dry: Modi et al. 2007; Drahansky et al. 2012), not a joint distribution.

use serde::{Deserialize, Serialize};

use crate::exact;
use crate::random::Stream;

use super::{Sex, Trade};

/// The skin of one fingertip on one day. Each is 0 to 1 but for the scars.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Skin {
    /// How far the ridges' relief is worn off: 0 none, 1 hardly any left.
    pub wear: f32,
    /// 0 sweating, 0.5 usual, 1 cracking.
    pub dryness: f32,
    /// How much moisture differs from one touch to the next: 0 not, 1 from wet to dry.
    pub moisture_variance: f32,
    /// Density of white lines and wrinkles: 0 none, 1 as dense as on the oldest hands.
    pub creases: f32,
    /// Lasting scars across the ridges, a count.
    pub scars: f32,
    /// 1 a child's, 0 the skin of the very old, which keeps a fold.
    pub elasticity: f32,
    /// How well pores can be seen along the ridges: 0 not at all, 1 all.
    pub pores: f32,
}

impl Skin {
    /// Before anything has happened to it.
    pub(super) const NEW: Self =
        Self { wear: 0.0, dryness: 0.5, moisture_variance: 0.0, creases: 0.0, scars: 0.0, elasticity: 1.0, pores: 1.0 };
}

/// Weights of the general factor, the property's own, the hand's and the finger's. Their squares sum to 1.
const GENERAL: f64 = 0.50;
const OWN: f64 = 0.60;
const HAND: f64 = 0.28;
const FINGER: f64 = 0.558_211_4;

/// How much each digit of a hand takes part in work, thumb first.
const DIGIT_SHARE: [f64; 5] = [1.0, 1.0, 0.85, 0.5, 0.4];
/// The other hand's share of the work.
const OTHER_HAND: f64 = 0.6;
/// Years of a trade after which its marks are as deep as they get, and years after it in which two thirds of them heal.
const MARKS_SET_IN: f64 = 8.0;
const MARKS_HEAL: f64 = 12.0;

/// What the skin of a person depends on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Life {
    pub(super) seed: u64,
    pub(super) sex: Sex,
    /// Years with their fraction.
    pub(super) age: f64,
    /// The trade that left its marks: the one exercised, or the last.
    pub(super) trade: Trade,
    /// Years in it, and years since it was left.
    pub(super) worked: f64,
    pub(super) rested: f64,
    /// Whether the left hand works.
    pub(super) left_handed: bool,
    /// Month, 1 to 12: in winter, heated air dries the skin.
    pub(super) month: u8,
}

/// The skin of the ten fingers.
pub(super) fn ten(life: &Life) -> [Skin; 10] {
    let mut draws = Draws::new(life.seed);
    let work = life.trade.work();
    let set = (life.worked / MARKS_SET_IN).min(1.0) * exact::exp(-life.rested.max(0.0) / MARKS_HEAL);
    let old = ((life.age - 25.0) / 50.0).clamp(0.0, 1.4);
    let young = ((18.0 - life.age) / 18.0).clamp(0.0, 1.0);
    let woman = if life.sex == Sex::Female { 1.0 } else { 0.0 };
    // 1 in January, -1 in July.
    let winter = exact::sin_cos(std::f64::consts::TAU * (f64::from(life.month) + 2.0) / 12.0).0;
    let properties: [Property; 6] = std::array::from_fn(|_| draws.property());
    let mut scars = Stream::new(life.seed, "scars");
    std::array::from_fn(|i| {
        let digit = i % 5;
        let works = (i >= 5) == life.left_handed;
        let share = DIGIT_SHARE[digit] * if works { 1.0 } else { OTHER_HAND } * set;
        // Soaked in water or disinfectant, both hands are alike and all fingers too.
        let soaked = work.chemistry * set;
        let value = |property: usize, mean: f64, spread: f64| {
            logistic(mean + spread * draws.z(&properties[property], i)) as f32
        };
        let rate = (0.03 + 0.002 * life.age + work.blades * share * 0.03 * life.worked.min(30.0)) * 0.6;
        Skin {
            wear: value(0, -4.1 - 1.2 * young + 1.3 * old + 3.4 * work.abrasion * share + 1.4 * soaked, 0.85),
            dryness: value(
                1,
                -0.4 - 0.5 * young + 0.9 * old + 0.35 * winter + 1.1 * work.drying * share + 1.3 * soaked,
                0.8,
            ),
            moisture_variance: value(
                2,
                -1.1 + 0.6 * young - 0.3 * old + 0.6 * soaked + 0.3 * work.abrasion * share,
                0.7,
            ),
            creases: value(
                3,
                -3.0 - 1.5 * young + 3.0 * old + 0.25 * woman + 0.8 * work.drying * share + 0.8 * soaked,
                0.8,
            ),
            scars: poisson(rate, scars.unit()),
            elasticity: value(4, 2.2 + 1.0 * young - 2.6 * old - 0.4 * work.drying * share, 0.6),
            pores: value(5, 0.4 + 0.3 * young - 1.0 * old - 1.2 * work.abrasion * share - 0.6 * soaked, 0.7),
        }
    })
}

/// One property's own, hand and finger effects.
struct Property {
    own: f64,
    hands: [f64; 2],
    fingers: [f64; 10],
}

struct Draws {
    general: f64,
    stream: Stream,
}

impl Draws {
    fn new(seed: u64) -> Self {
        let mut stream = Stream::new(seed, "skin");
        Self { general: stream.normal(0.0, 1.0), stream }
    }

    fn property(&mut self) -> Property {
        let mut normal = || self.stream.normal(0.0, 1.0);
        Property { own: normal(), hands: [normal(), normal()], fingers: std::array::from_fn(|_| normal()) }
    }

    fn z(&self, property: &Property, finger: usize) -> f64 {
        GENERAL * self.general
            + OWN * property.own
            + HAND * property.hands[finger / 5]
            + FINGER * property.fingers[finger]
    }
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + exact::exp(-x))
}

/// The count at quantile `u`: it never falls while the rate grows.
fn poisson(rate: f64, u: f64) -> f32 {
    let mut chance = exact::exp(-rate);
    let mut below = chance;
    let mut count = 0_u8;
    while below <= u && count < 12 {
        count += 1;
        chance *= rate / f64::from(count);
        below += chance;
    }
    f32::from(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn life(seed: u64, age: f64, trade: Trade) -> Life {
        Life {
            seed,
            sex: Sex::Male,
            age,
            trade,
            worked: (age - 20.0).max(0.0),
            rested: 0.0,
            left_handed: false,
            month: 7,
        }
    }

    fn mean(age: f64, trade: Trade, of: impl Fn(&Skin) -> f32) -> f64 {
        (0..400).flat_map(|s| ten(&life(s, age, trade))).map(|s| f64::from(of(&s))).sum::<f64>() / 4000.0
    }

    #[test]
    fn weights_of_the_factors_sum_to_one() {
        assert!((GENERAL * GENERAL + OWN * OWN + HAND * HAND + FINGER * FINGER - 1.0).abs() < 1e-6);
    }

    #[test]
    fn builders_wear_and_nurses_dry_and_the_old_crease() {
        let wear = |trade| mean(40.0, trade, |s| s.wear);
        assert!(
            wear(Trade::Bricklayer) > 5.0 * wear(Trade::Office),
            "{} {}",
            wear(Trade::Bricklayer),
            wear(Trade::Office)
        );
        assert!(mean(40.0, Trade::Nurse, |s| s.dryness) > mean(40.0, Trade::Office, |s| s.dryness) + 0.15);
        assert!(mean(75.0, Trade::Office, |s| s.creases) > 2.0 * mean(35.0, Trade::Office, |s| s.creases));
        assert!(mean(75.0, Trade::Office, |s| s.elasticity) < mean(12.0, Trade::Schoolchild, |s| s.elasticity) - 0.3);
        assert!(mean(50.0, Trade::Mechanic, |s| s.scars) > mean(50.0, Trade::Office, |s| s.scars));
    }

    #[test]
    fn winter_dries_and_the_working_hand_wears_more() {
        let in_month = |month| {
            (0..400).flat_map(|s| ten(&Life { month, ..life(s, 40.0, Trade::Office) })).map(|s| s.dryness).sum::<f32>()
        };
        assert!(in_month(1) > 1.1 * in_month(7));
        let hands: Vec<[Skin; 10]> = (0..400).map(|s| ten(&life(s, 45.0, Trade::Bricklayer))).collect();
        let sum =
            |range: std::ops::Range<usize>| hands.iter().flat_map(|h| &h[range.clone()]).map(|s| s.wear).sum::<f32>();
        assert!(sum(0..5) > 1.2 * sum(5..10));
        assert!(sum(0..3) / 3.0 > sum(3..5) / 2.0);
    }

    #[test]
    fn fingers_of_one_person_are_alike_and_of_one_hand_more_so() {
        let logit = |x: f32| f64::from(x / (1.0 - x)).log10();
        let hands: Vec<[Skin; 10]> = (0..3000).map(|s| ten(&life(s, 40.0, Trade::Office))).collect();
        let correlation = |a: usize, b: usize| {
            let pairs: Vec<(f64, f64)> = hands.iter().map(|h| (logit(h[a].wear), logit(h[b].wear))).collect();
            let n = pairs.len() as f64;
            let (ma, mb) = (pairs.iter().map(|p| p.0).sum::<f64>() / n, pairs.iter().map(|p| p.1).sum::<f64>() / n);
            let moment = |f: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(f).sum::<f64>() / n;
            moment(&|p| (p.0 - ma) * (p.1 - mb))
                / (moment(&|p| (p.0 - ma) * (p.0 - ma)) * moment(&|p| (p.1 - mb) * (p.1 - mb))).sqrt()
        };
        let (same, other) = (correlation(1, 2), correlation(1, 6));
        assert!((same - 0.69).abs() < 0.05 && (other - 0.61).abs() < 0.05, "{same} {other}");
    }
}
