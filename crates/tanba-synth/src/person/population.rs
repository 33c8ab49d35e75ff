//! A population: as many people as wanted, each reachable by its place.

use crate::random::derive;

use super::identity::Ticket;
use super::{CalendarDate, Person, PersonSpec};

/// People who do not exist, one after another; person `i` of a seed is always the same one.
#[derive(Debug, Clone, Copy)]
pub struct Population {
    seed: u64,
    as_of: CalendarDate,
    next: u64,
    size: u64,
    age: (u8, u8),
    all: bool,
}

impl Population {
    /// `size` citizens of 16 to 79 years of this seed at this day.
    pub fn new(seed: u64, size: u64, as_of: CalendarDate) -> Self {
        Self { seed, as_of, next: 0, size, age: PersonSpec::ADULT.age, all: false }
    }

    /// `size` residents within completed ages (0 to 104), foreigners and stateless people among them.
    pub fn residents(seed: u64, size: u64, as_of: CalendarDate, age: (u8, u8)) -> Self {
        Self { age, all: true, ..Self::new(seed, size, as_of) }
    }

    /// How many people there are in all.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Person `index`; any index is allowed. Serials follow the index, so that no two of the first 9,900 people share a number,
    /// and of a million only those few born on one day with indices 10,000 apart can.
    pub fn person(&self, index: u64) -> Person {
        let seed = derive(self.seed, "person", index);
        let ticket = Some(Ticket { serial: (index % 10_000) as u16, place: index });
        if self.all {
            Person::resident_at(seed, self.as_of, self.age, ticket)
        } else {
            let spec = PersonSpec { age: self.age, ..PersonSpec::ADULT };
            Person::draw(seed, self.as_of, spec, None, ticket)
        }
    }
}

impl Iterator for Population {
    type Item = Person;

    fn next(&mut self) -> Option<Person> {
        (self.next < self.size).then(|| {
            let person = self.person(self.next);
            self.next += 1;
            person
        })
    }
}
