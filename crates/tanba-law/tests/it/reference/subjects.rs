//! Random subjects of a fixed seed, as plain facts and as the engine's subject.

use super::evaluator::Law;
use jiff::civil::Date;
use tanba_law::{Condition, Fact, FingerState, Status, Subject, Trigger};

/// SplitMix64 (Steele, Lea and Flood 2014): small, and the same everywhere.
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// True once in `times`.
    fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    fn of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len() as u64) as usize]
    }
}

/// The facts of one person on one day, in plain words.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) status: Option<&'static str>,
    pub(crate) born: Option<(i64, i64, i64)>,
    pub(crate) trigger: Option<&'static str>,
    pub(crate) given: Vec<(&'static str, bool)>,
    pub(crate) fingers: u8,
    pub(crate) no_patterns: bool,
    pub(crate) injury: bool,
    pub(crate) injury_until: Option<(i64, i64, i64)>,
    pub(crate) diplomatic: bool,
    pub(crate) impossible: Option<&'static str>,
    pub(crate) registered: bool,
    pub(crate) offence: Option<String>,
    pub(crate) relationship: Option<String>,
    pub(crate) refusals: u32,
    pub(crate) paid: bool,
    pub(crate) as_of: (i64, i64, i64),
    pub(crate) known_on: Option<(i64, i64, i64)>,
}

const STATUSES: [&str; 5] = ["citizen", "foreigner", "stateless", "asylum_seeker", "refugee"];
const FACTS: [&str; 7] = [
    "consent",
    "written_consent",
    "guardian_consent",
    "guardian_presence",
    "judgment_final",
    "investigator_order",
    "short_stay",
];

impl Facts {
    /// People crowd at birthdays around the ages that laws name, and on the edges of the packs' own time.
    pub(crate) fn draw(draw: &mut Draw, law: &Law) -> Self {
        let (mut year, month) = (2015 + draw.below(20) as i64, 1 + draw.below(12) as i64);
        if draw.once_in(3) {
            year = 2021 + draw.below(9) as i64;
        }
        let as_of = match draw.below(8) {
            0 => (year, 2, if is_leap(year) { 29 } else { 28 }),
            1 => (year, 3, 1),
            2 => (year, 1, 1),
            3 => (year, 12, 31),
            _ => (year, month, 1 + draw.below(28) as i64),
        };
        let age = match draw.below(6) {
            0 => draw.below(140) as i64,
            1 => -1,
            _ => *draw.of(&[0, 1, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 30, 79, 80, 130, 131]),
        };
        let birth_year = as_of.0 - age;
        let born = match draw.below(6) {
            0 => (birth_year, 2, if is_leap(birth_year) { 29 } else { 28 }),
            1 => (birth_year, 3, 1),
            2 => (birth_year, 1 + draw.below(12) as i64, 1 + draw.below(28) as i64),
            3 => (birth_year, as_of.1, (as_of.2 + 1).min(28)),
            _ => (birth_year, as_of.1, as_of.2.min(28)),
        };
        // Half of the events are ones that the pack speaks of.
        let triggers = Trigger::ALL;
        let trigger = if !law.triggers.is_empty() && draw.once_in(2) {
            *draw.of(&law.triggers)
        } else {
            triggers[draw.below(triggers.len() as u64) as usize].name()
        };
        let word = |draw: &mut Draw, words: &[String]| match draw.below(4) {
            0 => None,
            1 => Some("another".to_owned()),
            _ => words.get(draw.below(words.len().max(1) as u64) as usize).cloned(),
        };
        Self {
            status: (!draw.once_in(20)).then(|| *draw.of(&STATUSES)),
            born: (!draw.once_in(20)).then_some(born),
            trigger: (!draw.once_in(20)).then_some(trigger),
            given: given(draw),
            fingers: if draw.once_in(12) { draw.below(11) as u8 } else { 10 },
            no_patterns: draw.once_in(15),
            injury: draw.once_in(10),
            injury_until: draw.once_in(2).then(|| (as_of.0, as_of.1, 1 + draw.below(28) as i64)),
            diplomatic: draw.once_in(10),
            impossible: draw.once_in(10).then(|| *draw.of(&["physically_impossible", "temporarily_impossible"])),
            registered: draw.once_in(6),
            offence: word(draw, &law.offences),
            relationship: word(draw, &law.relationships),
            refusals: draw.below(4) as u32,
            paid: draw.once_in(3),
            as_of,
            known_on: draw.once_in(3).then(|| (2016 + draw.below(12) as i64, 12, 1 + draw.below(31) as i64)),
        }
    }

    /// The same facts as the engine takes them.
    pub(crate) fn subject(&self) -> Subject {
        let day = |(year, month, day): (i64, i64, i64)| Date::new(year as i16, month as i8, day as i8).unwrap();
        Subject {
            status: self.status.and_then(Status::from_name),
            born: self.born.map(day),
            trigger: self.trigger.and_then(Trigger::from_name),
            facts: self.given.iter().map(|(fact, given)| (Fact::from_name(fact).unwrap(), *given)).collect(),
            fingers: FingerState {
                present: self.fingers,
                no_papillary_patterns: self.no_patterns,
                injury: self.injury,
                injury_until: self.injury_until.map(day),
            },
            diplomatic: self.diplomatic,
            impossible: self.impossible.and_then(Condition::from_name),
            registered_before: self.registered,
            offence: self.offence.clone(),
            relationship: self.relationship.clone(),
            prior_refusals: self.refusals,
            fine_paid: self.paid,
        }
    }
}

/// About half of the facts, one in four of them expressly not fulfilled.
fn given(draw: &mut Draw) -> Vec<(&'static str, bool)> {
    let mut given = Vec::new();
    for fact in FACTS {
        if draw.once_in(2) {
            given.push((fact, !draw.once_in(4)));
        }
    }
    given
}

pub(crate) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}
