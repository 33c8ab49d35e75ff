//! One person from a seed.

use serde::{Deserialize, Serialize};
use tanba_formats::Finger;

use crate::finger::{FingerSpec, MasterFinger, PatternClass, TemplateFinger};
use crate::random::{Stream, derive};

use super::names::NameRoots;
use super::{BirthDate, CalendarDate, NameGroup, PersonName, StrGenotype, SyntheticIin};

/// Sex as a document states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    /// Male.
    Male,
    /// Female.
    Female,
}

/// What is fixed about a person beforehand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PersonSpec {
    /// Least and greatest age in completed years, both within 0 to 110.
    pub age: (u8, u8),
    /// Sex; drawn evenly where `None`.
    pub sex: Option<Sex>,
    /// Tradition of the name; drawn with Kazakhstan's rough shares where `None`.
    pub group: Option<NameGroup>,
}

impl PersonSpec {
    /// Somebody of 16 to 79 years.
    pub const ADULT: Self = Self { age: (16, 79), sex: None, group: None };
    /// Somebody too young for any fingerprinting: 5 to 10 years.
    pub const YOUNG_CHILD: Self = Self { age: (5, 10), sex: None, group: None };
    /// Somebody of 12 to 15 years.
    pub const TEENAGER: Self = Self { age: (12, 15), sex: None, group: None };
}

/// One of the ten fingers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum FingerState {
    /// There, with what makes its master.
    Present {
        /// Class, ridge period and wear.
        spec: FingerSpec,
        /// Seed of the master.
        seed: u64,
    },
    /// Lost.
    Missing {
        /// Which one.
        finger: Finger,
    },
}

/// A person who does not exist.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Person {
    /// The seed that made the person.
    pub seed: u64,
    /// Sex.
    pub sex: Sex,
    /// The true birth date (the IIN shows another century).
    pub born: BirthDate,
    /// Name.
    pub name: PersonName,
    /// A number that belongs to nobody.
    pub iin: SyntheticIin,
    /// The ten fingers, in the order of [`Finger::TEN`].
    pub fingers: [FingerState; 10],
    /// Alleles at the 20 CODIS loci, of no real population.
    pub genotype: StrGenotype,
    #[serde(skip)]
    pub(super) roots: NameRoots,
}

/// Chance that any one finger is missing (own choice).
const MISSING_CHANCE: f64 = 0.003;
/// Share of adults whose ridges are worn, and the range of the wear.
const WORN_CHANCE: f64 = 0.08;
const WEAR_RANGE: (f64, f64) = (0.25, 0.75);
/// Mean ridge period of grown men and women, pixels at 500 ppi, and its deviation between people and between fingers of one.
const PERIOD_MALE: f64 = 9.25;
const PERIOD_FEMALE: f64 = 8.65;
const PERIOD_BETWEEN_PEOPLE: f64 = 0.4;
const PERIOD_BETWEEN_FINGERS: f64 = 0.25;
/// Thumb's ridges are wider, the little finger's narrower.
const PERIOD_BY_DIGIT: [f64; 5] = [1.06, 1.0, 1.0, 0.99, 0.95];
/// A newborn's ridge period as a fraction of the adult's, and the age at which it is grown.
const PERIOD_AT_BIRTH: f64 = 0.6;
const GROWN_AT: f64 = 17.0;

impl Person {
    /// An adult of 16 to 79 years at the given day.
    pub fn from_seed(seed: u64, as_of: CalendarDate) -> Self {
        Self::with(seed, as_of, PersonSpec::ADULT)
    }

    /// A person as specified.
    pub fn with(seed: u64, as_of: CalendarDate, spec: PersonSpec) -> Self {
        let mut stream = Stream::new(seed, "identity");
        let sex = spec.sex.unwrap_or(if stream.chance(0.5) { Sex::Male } else { Sex::Female });
        let group = spec.group.unwrap_or_else(|| NameGroup::draw(&mut stream));
        let low = i32::from(spec.age.0.min(110));
        let high = i32::from(spec.age.1.min(110)).max(low);
        let roots = NameRoots::draw(group, sex, &mut stream);
        let born = birth_in(&mut stream, as_of, low, high);
        Self::assemble(seed, as_of, sex, born, roots, StrGenotype::founder(seed, sex))
    }

    /// A child of two people, between `oldest` years and today's newborn, and younger than the mother by 18 to 40 years where
    /// the ages allow.
    pub(super) fn child(
        seed: u64,
        as_of: CalendarDate,
        (mother, father): (&Self, &Self),
        (youngest, oldest): (u8, u8),
    ) -> Self {
        let mut stream = Stream::new(seed, "child");
        let sex = if stream.chance(0.5) { Sex::Male } else { Sex::Female };
        let mother_age = mother.born.age_at(as_of);
        let high = i32::from(oldest).min(mother_age - 18).max(0);
        let low = i32::from(youngest).max(mother_age - 40).min(high).max(0);
        let born = birth_in(&mut stream, as_of, low, high);
        let roots = father.roots.child(sex, &mut stream);
        let genotype = StrGenotype::child(&mother.genotype, &father.genotype, seed, sex);
        Self::assemble(seed, as_of, sex, born, roots, genotype)
    }

    fn assemble(
        seed: u64,
        as_of: CalendarDate,
        sex: Sex,
        born: BirthDate,
        roots: NameRoots,
        genotype: StrGenotype,
    ) -> Self {
        let serial = Stream::new(seed, "serial").below(10_000);
        Self {
            seed,
            sex,
            born,
            name: roots.written(sex),
            iin: SyntheticIin::from_serial(born, sex, serial),
            fingers: fingers(seed, sex, born.age_at(as_of)),
            genotype,
            roots,
        }
    }

    /// The same person with the first issued number from this serial on: for callers that hand out serials themselves.
    #[must_use]
    pub fn with_serial(mut self, serial: u16) -> Self {
        self.iin = SyntheticIin::from_serial(self.born, self.sex, u32::from(serial));
        self
    }

    /// The master of a finger (some 60 ms of work); `None` where it is missing or unknown.
    pub fn finger(&self, finger: Finger) -> Option<MasterFinger> {
        self.present(finger).map(|(seed, spec)| MasterFinger::from_seed(seed, spec))
    }

    /// A finger as minutiae alone (a fraction of a millisecond), for large populations; `None` where it is missing or unknown. Its
    /// minutiae are not those of [`Self::finger`].
    pub fn template_finger(&self, finger: Finger) -> Option<TemplateFinger> {
        self.present(finger).map(|(seed, spec)| TemplateFinger::from_seed(seed, spec))
    }

    fn present(&self, finger: Finger) -> Option<(u64, FingerSpec)> {
        let index = usize::from(finger.code()).checked_sub(1)?;
        match self.fingers.get(index)? {
            FingerState::Present { spec, seed } => Some((*seed, *spec)),
            FingerState::Missing { .. } => None,
        }
    }

    /// The fingers that are there.
    pub fn present_fingers(&self) -> impl Iterator<Item = Finger> {
        self.fingers.iter().filter_map(|state| match state {
            FingerState::Present { spec, .. } => Some(spec.finger),
            FingerState::Missing { .. } => None,
        })
    }
}

/// A birth that makes the age today lie within the completed years.
fn birth_in(stream: &mut Stream, (year, month, day): CalendarDate, low: i32, high: i32) -> BirthDate {
    // Drawn by days, then redrawn at the edges where leap years would make the age one off.
    let as_of = (year, month, day);
    for _ in 0..64 {
        let days = stream.uniform(f64::from(low) * 365.2425, (f64::from(high) + 1.0) * 365.2425) as i32;
        let born = BirthDate::days_before(as_of, days);
        if (low..=high).contains(&born.age_at(as_of)) {
            return born;
        }
    }
    BirthDate::days_before(as_of, low * 366 + 30)
}

fn fingers(seed: u64, sex: Sex, age: i32) -> [FingerState; 10] {
    let mut stream = Stream::new(seed, "fingers");
    let classes = PatternClass::ten_from_seed(seed);
    let adult = if sex == Sex::Male { PERIOD_MALE } else { PERIOD_FEMALE };
    let growth = PERIOD_AT_BIRTH + (1.0 - PERIOD_AT_BIRTH) * (f64::from(age.max(0)) / GROWN_AT).min(1.0);
    let own = stream.normal(adult, PERIOD_BETWEEN_PEOPLE);
    let worn = stream.chance(WORN_CHANCE) && age >= 25;
    let wear = if worn { stream.uniform(WEAR_RANGE.0, WEAR_RANGE.1) } else { 0.0 };
    std::array::from_fn(|i| {
        let finger = Finger::TEN[i];
        let period = own * PERIOD_BY_DIGIT[i % 5] + stream.normal(0.0, PERIOD_BETWEEN_FINGERS);
        if stream.chance(MISSING_CHANCE) {
            return FingerState::Missing { finger };
        }
        FingerState::Present {
            spec: FingerSpec {
                class: Some(classes[i]),
                period: Some(period as f32),
                wear: wear as f32,
                size: growth as f32,
                ..FingerSpec::of(finger)
            },
            seed: derive(seed, "finger", i as u64),
        }
    })
}
