//! One person from a seed.

use serde::{Deserialize, Serialize};
use tanba_formats::Finger;

use crate::finger::{FingerSpec, MasterFinger, PatternClass, TemplateFinger};
use crate::random::{Stream, derive};

use super::date::to_days;
use super::growth::Growth;
use super::hands::Hands;
use super::names::NameRoots;
use super::skin::{self, Life};
use super::trade::Career;
use super::{
    Address, BirthDate, Birthplace, CalendarDate, Condition, FingerCondition, IdentityDocument, NameGroup, PersonName,
    Scripts, Skin, Status, StrGenotype, SyntheticIin, Trade, document, pyramid,
};

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
    /// Sex; drawn with its share among people of these ages where `None`.
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

/// A person who does not exist, as found on one day.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Person {
    /// The seed that made the person.
    pub seed: u64,
    /// The day of which age, trade, skin, conditions and documents are told.
    #[serde(serialize_with = "document::iso")]
    pub as_of: CalendarDate,
    /// Sex.
    pub sex: Sex,
    /// The true birth date (the IIN shows another century).
    pub born: BirthDate,
    /// Name.
    pub name: PersonName,
    /// The family name at birth of a woman who took her husband's.
    pub birth_family: Option<Scripts>,
    /// A number that belongs to nobody.
    pub iin: SyntheticIin,
    /// Citizen, foreigner or stateless.
    pub status: Status,
    /// ISO 3166-1 alpha-3 code of a foreigner's country.
    pub citizenship: Option<&'static str>,
    /// Where the person was born.
    pub birthplace: Birthplace,
    /// Where the person lives.
    pub residence: Address,
    /// What the person does on this day.
    pub trade: Trade,
    /// Whether the left hand works.
    pub left_handed: bool,
    /// Documents held on this day, some of them expired.
    pub documents: Vec<IdentityDocument>,
    /// The ten fingers, in the order of [`Finger::TEN`].
    pub fingers: [FingerState; 10],
    /// The skin of each, in the same order; of a missing finger, what it would be.
    pub skin: [Skin; 10],
    /// What an operator has to say of fingers on this day.
    pub conditions: Vec<FingerCondition>,
    /// Alleles at the 20 CODIS loci, of no real population.
    pub genotype: StrGenotype,
    #[serde(skip)]
    pub(super) roots: NameRoots,
    /// Day of arrival in the country, days since 1970-01-01; the birth for those who did not come.
    #[serde(skip)]
    arrived: i32,
    /// What document numbers are made from: the place in a population.
    #[serde(skip)]
    place: u64,
}

/// Where a person stands in a population.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ticket {
    /// Serial of the IIN.
    pub(super) serial: u16,
    /// What document numbers are made from.
    pub(super) place: u64,
}

/// Mean ridge period of men and women once grown, pixels at 500 ppi, and its deviation between people and between fingers of one.
const PERIOD_MALE: f64 = 9.25;
const PERIOD_FEMALE: f64 = 8.65;
const PERIOD_BETWEEN_PEOPLE: f64 = 0.4;
const PERIOD_BETWEEN_FINGERS: f64 = 0.25;
/// Thumb's ridges are wider, the little finger's narrower.
const PERIOD_BY_DIGIT: [f64; 5] = [1.06, 1.0, 1.0, 0.99, 0.95];
/// Wear from which an operator calls a finger worn (own choice).
const CALLED_WORN: f32 = 0.6;
/// Women who took a husband's family name: share of all, and the ages between which it happens (own choices).
const TOOK_A_NAME: f64 = 0.55;
const MARRIES: (f64, f64) = (19.0, 34.0);
/// Years for which foreigners have been in the country, at most (own choice).
const CAME_WITHIN: f64 = 15.0;
/// Stateless people with a foreigner's name (own choice).
const STATELESS_FOREIGN_NAME: f64 = 0.4;

impl Person {
    /// A citizen of 16 to 79 years at the given day.
    pub fn from_seed(seed: u64, as_of: CalendarDate) -> Self {
        Self::with(seed, as_of, PersonSpec::ADULT)
    }

    /// A person as specified: a citizen, or a foreigner where the group is [`NameGroup::Foreign`].
    pub fn with(seed: u64, as_of: CalendarDate, spec: PersonSpec) -> Self {
        Self::draw(seed, as_of, spec, None, None)
    }

    /// Any resident within completed ages (0 to 104): citizens, foreigners and stateless people with their shares.
    pub fn resident(seed: u64, as_of: CalendarDate, age: (u8, u8)) -> Self {
        Self::resident_at(seed, as_of, age, None)
    }

    /// The same, with the serial of the number and the place in a population.
    pub(super) fn resident_at(seed: u64, as_of: CalendarDate, age: (u8, u8), ticket: Option<Ticket>) -> Self {
        let mut stream = Stream::new(seed, "status");
        let status = Status::SHARES[stream.weighted(&Status::SHARES.map(|s| s.1))].0;
        let foreign = match status {
            Status::Citizen => false,
            Status::Foreigner => true,
            Status::Stateless => stream.chance(STATELESS_FOREIGN_NAME),
        };
        let spec = PersonSpec { age, sex: None, group: foreign.then_some(NameGroup::Foreign) };
        Self::draw(seed, as_of, spec, Some(status), ticket)
    }

    pub(super) fn draw(
        seed: u64,
        as_of: CalendarDate,
        spec: PersonSpec,
        status: Option<Status>,
        ticket: Option<Ticket>,
    ) -> Self {
        let mut stream = Stream::new(seed, "identity");
        let low = i32::from(spec.age.0.min(110));
        let high = i32::from(spec.age.1.min(110)).max(low);
        let drawn = pyramid::draw_sex(&mut stream, (low, high));
        let sex = spec.sex.unwrap_or(drawn);
        let drawn = NameGroup::draw(&mut stream);
        let group = spec.group.unwrap_or(drawn);
        let age = pyramid::draw_age(&mut stream, sex, (low, high));
        let born = birth_in(&mut stream, as_of, age, age);
        let status = status.unwrap_or(if group == NameGroup::Foreign { Status::Foreigner } else { Status::Citizen });
        let mut names = Stream::new(seed, "names");
        let mut roots = NameRoots::draw(group, sex, &mut names);
        let marries = (names.chance(TOOK_A_NAME), names.uniform(MARRIES.0, MARRIES.1));
        if sex == Sex::Female && marries.0 && marries.1 <= born.exact_age_at(as_of) {
            roots = roots.married(&mut names);
        }
        Self::assemble(seed, as_of, (sex, born), roots, status, StrGenotype::founder(seed, sex), ticket)
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
        let mut child = Self::assemble(seed, as_of, (sex, born), roots, Status::Citizen, genotype, None);
        child.residence = father.residence.clone();
        child
    }

    fn assemble(
        seed: u64,
        as_of: CalendarDate,
        (sex, born): (Sex, BirthDate),
        roots: NameRoots,
        status: Status,
        genotype: StrGenotype,
        ticket: Option<Ticket>,
    ) -> Self {
        let Ticket { serial, place } = ticket.unwrap_or_else(|| Ticket {
            serial: Stream::new(seed, "serial").below(10_000) as u16,
            place: derive(seed, "papers", 0),
        });
        let mut stream = Stream::new(seed, "home");
        let country = roots.country();
        let birth = to_days((born.year, born.month, born.day));
        let stay = (stream.uniform(0.1, CAME_WITHIN) * 365.25) as i32;
        let person = Self {
            seed,
            as_of,
            sex,
            born,
            name: roots.written(sex),
            birth_family: roots.maiden(sex),
            iin: SyntheticIin::from_serial(born, sex, u32::from(serial)),
            status,
            citizenship: country.filter(|_| status == Status::Foreigner),
            birthplace: Birthplace::draw(country, &mut stream),
            residence: Address::draw(&mut stream),
            trade: Trade::SmallChild,
            left_handed: false,
            documents: Vec::new(),
            fingers: Finger::TEN.map(|finger| FingerState::Missing { finger }),
            skin: [Skin::NEW; 10],
            conditions: Vec::new(),
            genotype,
            roots,
            arrived: if country.is_some() { birth.max(to_days(as_of) - stay) } else { birth },
            place,
        };
        person.at(as_of)
    }

    /// The same person on another day: name, number, birth, home and ridges stay; age, trade, the width of the ridges, skin, what
    /// happened to the hands, and documents are those of that day. Before the birth, everything is a newborn's and there are no documents.
    #[must_use]
    pub fn at(mut self, as_of: CalendarDate) -> Self {
        self.as_of = as_of;
        let age = self.born.exact_age_at(as_of).max(0.0);
        let day = to_days(as_of);
        let career = Career::draw(self.seed, self.sex);
        self.trade = career.at(age);
        self.left_handed = career.left_handed;
        let (worked, rested) = career.years(age);
        self.skin = skin::ten(&Life {
            seed: self.seed,
            sex: self.sex,
            age,
            trade: if age < career.from { self.trade } else { career.trade },
            worked,
            rested,
            left_handed: career.left_handed,
            month: as_of.1,
        });
        let hands = Hands::draw(self.seed, self.sex, career);
        if hands.no_ridges {
            self.skin.iter_mut().for_each(|skin| skin.wear = 1.0);
        }
        let worn = self.skin.map(|skin| skin.wear >= CALLED_WORN);
        self.conditions = hands.conditions(age, day, worn);
        self.fingers = self.ridges(age, hands.missing(age));
        self.documents = document::of(&self, (as_of, self.arrived), self.place);
        self
    }

    /// The same person with the first issued number from this serial on: for callers that hand out serials themselves.
    #[must_use]
    pub fn with_serial(mut self, serial: u16) -> Self {
        self.iin = SyntheticIin::from_serial(self.born, self.sex, u32::from(serial));
        self.documents = document::of(&self, (self.as_of, self.arrived), self.place);
        self
    }

    /// The same person under other names.
    pub(super) fn renamed(mut self, roots: NameRoots) -> Self {
        self.name = roots.written(self.sex);
        self.birth_family = roots.maiden(self.sex);
        self.roots = roots;
        self.documents = document::of(&self, (self.as_of, self.arrived), self.place);
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

    /// The fingers that can be laid on a scanner on this day: there, not covered, not stiff.
    pub fn capturable_fingers(&self) -> impl Iterator<Item = Finger> {
        let stopped = |f: &Finger| {
            self.conditions.iter().any(|c| c.finger == *f && matches!(c.state, Condition::Bandaged | Condition::Unable))
        };
        self.present_fingers().filter(move |f| !stopped(f))
    }

    fn ridges(&self, age: f64, missing: [bool; 10]) -> [FingerState; 10] {
        let mut stream = Stream::new(self.seed, "fingers");
        let classes = PatternClass::ten_from_seed(self.seed);
        let adult = if self.sex == Sex::Male { PERIOD_MALE } else { PERIOD_FEMALE };
        let growth = Growth::draw(self.seed, self.sex).at(age);
        let own = stream.normal(adult, PERIOD_BETWEEN_PEOPLE);
        std::array::from_fn(|i| {
            let finger = Finger::TEN[i];
            let period = own * PERIOD_BY_DIGIT[i % 5] + stream.normal(0.0, PERIOD_BETWEEN_FINGERS);
            if missing[i] {
                return FingerState::Missing { finger };
            }
            let skin = &self.skin[i];
            FingerState::Present {
                spec: FingerSpec {
                    class: Some(classes[i]),
                    period: Some(period as f32),
                    wear: skin.wear,
                    size: growth as f32,
                    creases: Some(skin.creases),
                    scars: skin.scars as u8,
                    dryness: skin.dryness,
                    moisture_variance: skin.moisture_variance,
                    elasticity: skin.elasticity,
                    pores: skin.pores,
                    ..FingerSpec::of(finger)
                },
                seed: derive(self.seed, "finger", i as u64),
            }
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
