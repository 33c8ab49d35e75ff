//! A population: as many people as wanted, each reachable by its place.

use crate::random::derive;

use super::{CalendarDate, Person};

/// Adults who do not exist, one after another; person `i` of a seed is always the same one.
#[derive(Debug, Clone, Copy)]
pub struct Population {
    seed: u64,
    as_of: CalendarDate,
    next: u64,
    size: u64,
}

impl Population {
    /// `size` people of this seed at this day.
    pub fn new(seed: u64, size: u64, as_of: CalendarDate) -> Self {
        Self { seed, as_of, next: 0, size }
    }

    /// How many people there are in all.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Person `index`; any index is allowed. Serials follow the index, so that no two of the first 9,900 people share a number,
    /// and of a million only those few born on one day with indices 10,000 apart can.
    pub fn person(&self, index: u64) -> Person {
        Person::from_seed(derive(self.seed, "person", index), self.as_of).with_serial((index % 10_000) as u16)
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
