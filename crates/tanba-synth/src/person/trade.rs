//! What people do, and what it does to their hands.

use serde::{Deserialize, Serialize};

use crate::random::Stream;

use super::Sex;

/// An occupation, so far as hands tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trade {
    /// Too young for school.
    SmallChild,
    /// At school.
    Schoolchild,
    /// At a college or university.
    Student,
    /// Paper, screens, shops.
    Office,
    /// Chalk and books.
    Teacher,
    /// Disinfectant on the hands many times a day.
    Nurse,
    /// Soil, tools, livestock.
    Farmer,
    /// Bricks, mortar, cement.
    Bricklayer,
    /// Metal, oil, solvents.
    Mechanic,
    /// Rock and machines.
    Miner,
    /// Needles and cloth.
    Tailor,
    /// Steering wheels, some loading.
    Driver,
    /// Water, knives, heat.
    Cook,
    /// Water and cleaning agents.
    Cleaner,
    /// Keeps a house.
    Homemaker,
    /// Retired.
    Pensioner,
}

/// What a trade does, each 0 (nothing) to 1 (the most of all trades). Own choices.
#[derive(Debug, Clone, Copy)]
pub(super) struct Work {
    /// Grinds the ridges off.
    pub(super) abrasion: f64,
    /// Water and chemicals on all fingers alike.
    pub(super) chemistry: f64,
    /// Dries and thickens the skin.
    pub(super) drying: f64,
    /// Leaves scars.
    pub(super) blades: f64,
    /// Times the general rate at which fingers are lost.
    pub(super) losses: f64,
}

/// A trade's effects, and how many of a hundred working men and women have it.
const TRADES: [(Trade, Work, f64, f64); 12] = [
    (Trade::Office, Work { abrasion: 0.0, chemistry: 0.0, drying: 0.0, blades: 0.0, losses: 0.3 }, 28.0, 40.0),
    (Trade::Teacher, Work { abrasion: 0.05, chemistry: 0.0, drying: 0.3, blades: 0.0, losses: 0.3 }, 4.0, 14.0),
    (Trade::Nurse, Work { abrasion: 0.0, chemistry: 0.8, drying: 0.4, blades: 0.05, losses: 0.3 }, 1.5, 8.0),
    (Trade::Farmer, Work { abrasion: 0.65, chemistry: 0.05, drying: 0.8, blades: 0.5, losses: 2.5 }, 14.0, 8.0),
    (Trade::Bricklayer, Work { abrasion: 1.0, chemistry: 0.4, drying: 1.0, blades: 0.4, losses: 2.0 }, 13.0, 1.5),
    (Trade::Mechanic, Work { abrasion: 0.6, chemistry: 0.4, drying: 0.5, blades: 0.8, losses: 4.0 }, 12.0, 1.0),
    (Trade::Miner, Work { abrasion: 0.8, chemistry: 0.1, drying: 0.7, blades: 0.6, losses: 4.0 }, 5.5, 0.5),
    (Trade::Tailor, Work { abrasion: 0.3, chemistry: 0.0, drying: 0.2, blades: 0.5, losses: 0.6 }, 0.5, 3.0),
    (Trade::Driver, Work { abrasion: 0.2, chemistry: 0.0, drying: 0.2, blades: 0.1, losses: 1.0 }, 16.0, 0.5),
    (Trade::Cook, Work { abrasion: 0.15, chemistry: 0.5, drying: 0.3, blades: 1.0, losses: 1.0 }, 2.0, 6.0),
    (Trade::Cleaner, Work { abrasion: 0.2, chemistry: 1.0, drying: 0.5, blades: 0.05, losses: 0.5 }, 1.5, 5.5),
    (Trade::Homemaker, Work { abrasion: 0.1, chemistry: 0.3, drying: 0.2, blades: 0.2, losses: 0.5 }, 2.0, 12.0),
];
/// Everybody else's hands.
const LEISURE: Work = Work { abrasion: 0.0, chemistry: 0.0, drying: 0.0, blades: 0.05, losses: 0.3 };

impl Trade {
    pub(super) fn work(self) -> Work {
        TRADES.iter().find(|t| t.0 == self).map_or(LEISURE, |t| t.1)
    }
}

/// Somebody's working life, fixed at birth by the seed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Career {
    pub(super) trade: Trade,
    /// Age at which it begins and ends, years.
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) left_handed: bool,
}

/// Share of left-handed people (about one in ten: Papadatou-Pastou et al. 2020).
const LEFT_HANDED: f64 = 0.106;
/// Age from which children go to school and until when they do.
const SCHOOL: (f64, f64) = (6.0, 17.5);

impl Career {
    pub(super) fn draw(seed: u64, sex: Sex) -> Self {
        let mut stream = Stream::new(seed, "career");
        let shares = TRADES.map(|t| if sex == Sex::Male { t.2 } else { t.3 });
        let trade = TRADES[stream.weighted(&shares)].0;
        // Desks want some years of study first; half of the others begin at once.
        let desk = matches!(trade, Trade::Office | Trade::Teacher | Trade::Nurse);
        let from = if desk { stream.uniform(19.0, 24.0) } else { stream.uniform(17.5, 22.0) };
        let to = stream.normal(if sex == Sex::Male { 62.5 } else { 60.5 }, 1.5);
        Self { trade, from, to, left_handed: stream.chance(LEFT_HANDED) }
    }

    /// What the person says of himself at an age.
    pub(super) fn at(self, age: f64) -> Trade {
        if age < SCHOOL.0 {
            Trade::SmallChild
        } else if age < SCHOOL.1 {
            Trade::Schoolchild
        } else if age < self.from {
            Trade::Student
        } else if age < self.to {
            self.trade
        } else {
            Trade::Pensioner
        }
    }

    /// Years in the trade and years since it was left.
    pub(super) fn years(self, age: f64) -> (f64, f64) {
        ((age.min(self.to) - self.from).max(0.0), (age - self.to).max(0.0))
    }
}
