//! The people of the story and what their fingers leave on the glass.

use std::collections::BTreeMap;

use crate::console::Console;
use crate::scanner::Hands;
use anyhow::Context;
use jiff::civil::Date;
use rayon::prelude::*;
use tanba_formats::Finger;
use tanba_registry::CivilRecord;
use tanba_synth::{CalendarDate, Family, ImpressionPreset, Person, PersonSpec, Population, Sex};

/// People who are registered before the story begins.
const RESIDENTS: u64 = 12;
/// Adults in the story.
const ADULTS: u64 = 6;
/// People who have not come yet.
const NEWCOMERS: u64 = 6;

/// The fingers of a mark at a scene.
pub(super) const MARK: [Finger; 2] = [Finger::RightIndex, Finger::RightMiddle];

/// Which touch of the glass: the first, or another one later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Touch {
    First,
    Second,
}

/// Everyone in the story.
pub(super) struct Cast {
    pub(super) residents: Vec<Person>,
    pub(super) adults: Vec<Person>,
    /// A number on paper; the hands are those of the second adult.
    pub(super) second_identity: Person,
    /// Another number on paper; the hands are those of the third adult.
    pub(super) third_identity: Person,
    pub(super) refuser: Person,
    pub(super) exempt: Person,
    /// People whom the civil register knows and nobody has served: for whoever sits down at the counter afterwards.
    pub(super) newcomers: Vec<Person>,
    pub(super) guardian: Person,
    pub(super) teenager: Person,
    pub(super) child: Person,
    prints: BTreeMap<(u64, Finger, Touch), Vec<u8>>,
}

/// The civil date at the register.
pub(super) fn today_date() -> Date {
    use tanba_registry::{Clock as _, SystemClock, Zone};
    let zone = tanba_law::time_zone("kz").and_then(|name| Zone::named(name).ok()).unwrap_or_else(Zone::utc);
    zone.date(SystemClock.now())
}

/// The day of which the people are: the first of this year. On another day they would have other skin and other bandages, and a story that
/// goes well today might stumble tomorrow.
pub(crate) fn people_of() -> CalendarDate {
    (today_date().year(), 1, 1)
}

/// Ages of teenagers on the first of the year, so that they are of 12 to 15 years on every day of it.
pub(crate) const TEENAGERS: (u8, u8) = (13, 14);

impl Cast {
    /// Makes the people, and one image for each finger they will put on a scanner.
    pub(super) fn make(seed: u64, day: CalendarDate, console: &Console) -> anyhow::Result<Self> {
        let mut cast = Self::of(seed, day)?;
        cast.touch_the_glass(console);
        Ok(cast)
    }

    fn of(seed: u64, day: CalendarDate) -> anyhow::Result<Self> {
        let people = Population::new(seed, RESIDENTS + ADULTS + 4 + NEWCOMERS, day);
        let residents: Vec<Person> = (0..RESIDENTS).map(|i| people.person(i)).collect();
        let adults: Vec<Person> = (RESIDENTS..RESIDENTS + ADULTS).map(|i| people.person(i)).collect();
        let other = |i| people.person(RESIDENTS + ADULTS + i);
        let family = Family::from_seed(seed, day, 1, TEENAGERS);
        let teenager = family.children.into_iter().next().context("the family has no child")?.with_serial(5001);
        Ok(Self {
            second_identity: other(0),
            refuser: other(1),
            exempt: other(2),
            third_identity: other(3),
            newcomers: (0..NEWCOMERS).map(|i| other(4 + i)).collect(),
            guardian: family.mother.with_serial(5000),
            teenager,
            child: Person::with(seed, day, PersonSpec::YOUNG_CHILD).with_serial(5002),
            residents,
            adults,
            prints: BTreeMap::new(),
        })
    }

    /// Grows every finger once and lets it touch the glass as often as the story needs.
    fn touch_the_glass(&mut self, console: &Console) {
        let mut wanted: BTreeMap<(u64, Finger), (&Person, Vec<Touch>)> = BTreeMap::new();
        let first = self.residents.iter().chain(&self.adults).chain([&self.teenager]);
        // The other identities bring the second and third adult's hands; the mark is the first adult's.
        let again =
            [(&self.adults[1], &Finger::TEN[..]), (&self.adults[2], &Finger::TEN[..]), (&self.adults[0], &MARK[..])];
        let touches = first
            .flat_map(|p| Finger::TEN.map(|f| (p, f, Touch::First)))
            .chain(again.into_iter().flat_map(|(p, fingers)| fingers.iter().map(move |f| (p, *f, Touch::Second))));
        for (person, finger, touch) in touches {
            wanted.entry((person.seed, finger)).or_insert_with(|| (person, Vec::new())).1.push(touch);
        }
        let bar = console.progress(wanted.len() as u64, "growing fingers of people who do not exist");
        let made: Vec<((u64, Finger, Touch), Vec<u8>)> = wanted
            .into_par_iter()
            .flat_map_iter(|((seed, finger), (person, touches))| {
                let master = person.finger(finger);
                bar.inc(1);
                touches.into_iter().filter_map(move |touch| {
                    let touched = master.as_ref()?.touch(ImpressionPreset::Clean, seed ^ (touch as u64 + 1));
                    Some(((seed, finger, touch), tanba_formats::image::encode_png(&touched.image)))
                })
            })
            .collect();
        bar.finish_and_clear();
        self.prints.extend(made);
    }

    /// What a person's finger left on the glass.
    pub(super) fn print(&self, person: &Person, finger: Finger, touch: Touch) -> anyhow::Result<Vec<u8>> {
        self.prints.get(&(person.seed, finger, touch)).cloned().context("the story wants a touch that was not made")
    }

    /// The hands that a scanner should know, for the pages afterwards.
    pub(super) fn hands(&self) -> Vec<Hands> {
        let people = self.newcomers.iter().chain(&self.adults).chain([&self.refuser, &self.teenager, &self.guardian]);
        let mut hands: Vec<Hands> = people.map(Hands::of).collect();
        for (adult, identity) in [(1, &self.second_identity), (2, &self.third_identity)] {
            hands[self.newcomers.len() + adult].numbers.push(identity.iin.as_str().to_owned());
        }
        hands
    }

    /// What the civil register knows of everyone.
    pub(super) fn civil_register(&self) -> Vec<CivilRecord> {
        let others = [&self.second_identity, &self.third_identity, &self.refuser, &self.exempt, &self.guardian];
        let people = self.residents.iter().chain(&self.adults).chain(others).chain(&self.newcomers);
        let mut records: Vec<CivilRecord> = people.map(|p| record(p, &[])).collect();
        records.extend([&self.teenager, &self.child].map(|p| record(p, &[&self.guardian])));
        records
    }
}

/// The civil record of a person who does not exist.
pub(crate) fn record(person: &Person, guardians: &[&Person]) -> CivilRecord {
    let (family, given) = (&person.name.family, &person.name.given);
    let names = [
        ("family_name_kk", &family.kk),
        ("family_name_ru", &family.ru),
        ("family_name_latin", &family.latin),
        ("given_name_kk", &given.kk),
        ("given_name_ru", &given.ru),
        ("given_name_latin", &given.latin),
    ];
    CivilRecord {
        iin: person.iin.as_str().to_owned(),
        born: Date::constant(person.born.year, i8_of(person.born.month), i8_of(person.born.day)),
        status: "citizen".to_owned(),
        names: names.map(|(name, value)| (name.to_owned(), value.clone())).into(),
        sex: if person.sex == Sex::Male { "male" } else { "female" }.to_owned(),
        guardians: guardians.iter().map(|g| g.iin.as_str().to_owned()).collect(),
        documents: person.documents.iter().map(|document| document.number.clone()).collect(),
        message_address: None,
    }
}

/// The number of a document that the person shows; none where they have none.
pub(crate) fn document_of(person: &Person) -> String {
    person.documents.first().map(|document| document.number.clone()).unwrap_or_default()
}

/// A month or day, which fits.
fn i8_of(number: u8) -> i8 {
    i8::try_from(number).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tanba_synth::Condition;

    #[test]
    fn the_story_has_the_hands_that_it_needs_in_every_year() {
        for year in 2026..2046 {
            let cast = Cast::of(super::super::SEED, (year, 1, 1)).unwrap();
            let needed = cast.residents.iter().chain(&cast.adults).chain([&cast.teenager]).chain(&cast.newcomers);
            for person in needed {
                for finger in Finger::TEN {
                    assert!(person.template_finger(finger).is_some(), "{year}: no {finger:?}");
                }
                // Worn ridges are part of the story; what covers them is not.
                let covered = person.conditions.iter().find(|of| of.state != Condition::Worn);
                assert!(covered.is_none(), "{year}: {covered:?}");
            }
            for day in [(year, 1, 1), (year, 12, 31)] {
                assert!((12..16).contains(&cast.teenager.born.age_at(day)), "{year}");
                assert!(cast.child.born.age_at(day) < 12, "{year}");
            }
        }
    }
}
