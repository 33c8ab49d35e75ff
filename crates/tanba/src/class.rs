//! The invented people of a training register: who comes to the counter in each exercise, and whose hands they bring.

use std::collections::{BTreeMap, BTreeSet};

use tanba_formats::Finger;
use tanba_registry::{CivilRecord, Exercise, ExercisePerson};
use tanba_server::{TrainingGuardian, TrainingPeople, TrainingPerson};
use tanba_synth::{CalendarDate, Family, Person, PersonSpec};

use crate::demo::{TEENAGERS, document_of, record};
use crate::scanner::{Hands, name_of};

/// People of each exercise: so many turns before a new training register is due.
const TURNS: u64 = 40;
/// People who are registered when the register is founded; whoever comes with a second number has hands of one of them.
const RESIDENTS: u64 = 3;
/// Everyone comes from this number and the day of founding.
const SEED: u64 = 0x7EA1;

const MISSING: Finger = Finger::LeftLittle;
const BANDAGED: Finger = Finger::RightThumb;
const WEAK: Finger = Finger::RightMiddle;

/// Everyone.
pub(crate) struct Class {
    pub(crate) residents: Vec<Person>,
    pupils: BTreeMap<Exercise, Vec<Pupil>>,
}

struct Pupil {
    person: Person,
    guardian: Option<Person>,
}

impl Class {
    /// The people of a register that was founded on that day.
    pub(crate) fn of(founded: CalendarDate) -> Self {
        let adult = |seed: u64, serial: u64| {
            Person::with(SEED + seed, founded, PersonSpec { age: (20, 70), ..PersonSpec::ADULT })
                .with_serial(serial as u16)
        };
        let pupils = Exercise::ALL
            .into_iter()
            .enumerate()
            .map(|(i, exercise)| {
                let base = (i as u64 + 1) * 1000;
                let people = (0..TURNS).map(|slot| {
                    let seed = base + slot;
                    // Serials keep numbers apart even where two people share a day of birth.
                    let serial = 1000 + i as u64 * 100 + slot;
                    match exercise {
                        Exercise::Teenager => {
                            let family = Family::from_seed(SEED + seed, founded, 1, TEENAGERS);
                            let guardian = family.mother.with_serial((4000 + slot) as u16);
                            let child = family.children.into_iter().next();
                            let person = child.map_or_else(|| adult(seed, serial), |c| c.with_serial(serial as u16));
                            Pupil { person, guardian: Some(guardian) }
                        }
                        Exercise::YoungChild => {
                            let person = Person::with(SEED + seed, founded, PersonSpec::YOUNG_CHILD);
                            Pupil { person: person.with_serial(serial as u16), guardian: None }
                        }
                        _ => Pupil { person: adult(seed, serial), guardian: None },
                    }
                });
                (exercise, people.collect())
            })
            .collect();
        Self { residents: (0..RESIDENTS).map(|i| adult(i, 900 + i)).collect(), pupils }
    }

    /// What the civil register knows of everyone.
    pub(crate) fn civil_register(&self) -> Vec<CivilRecord> {
        let residents = self.residents.iter().map(|person| record(person, &[]));
        let pupils = self.pupils.values().flatten().flat_map(|pupil| {
            let guardians: Vec<&Person> = pupil.guardian.iter().collect();
            let guardian = pupil.guardian.as_ref().map(|g| record(g, &[]));
            [Some(record(&pupil.person, &guardians)), guardian].into_iter().flatten()
        });
        residents.chain(pupils).collect()
    }

    /// The hands that a scanner should know.
    pub(crate) fn hands(&self) -> Vec<Hands> {
        let mut hands: Vec<Hands> = self.residents.iter().map(Hands::of).collect();
        for (exercise, pupils) in &self.pupils {
            for (slot, pupil) in pupils.iter().enumerate() {
                match exercise {
                    // The second number brings hands that are registered.
                    Exercise::Duplicate => {
                        hands[slot % RESIDENTS as usize].numbers.push(pupil.person.iin.as_str().to_owned());
                    }
                    Exercise::DamagedFingers => hands.push(Hands {
                        absent: BTreeSet::from([MISSING, BANDAGED]),
                        weak: BTreeSet::from([WEAK]),
                        ..Hands::of(&pupil.person)
                    }),
                    Exercise::Exemption => {
                        hands.push(Hands { absent: Finger::TEN.into(), ..Hands::of(&pupil.person) });
                    }
                    _ => hands.push(Hands::of(&pupil.person)),
                }
            }
        }
        hands
    }
}

impl TrainingPeople for Class {
    fn people(&self, exercise: Exercise) -> u64 {
        self.pupils.get(&exercise).map_or(0, |pupils| pupils.len() as u64)
    }

    fn person(&self, exercise: Exercise, slot: u64) -> Option<TrainingPerson> {
        let pupil = self.pupils.get(&exercise)?.get(usize::try_from(slot).ok()?)?;
        let (missing, bandaged) = match exercise {
            Exercise::DamagedFingers => (BTreeSet::from([MISSING]), BTreeSet::from([BANDAGED])),
            Exercise::Exemption => (Finger::TEN.into(), BTreeSet::new()),
            _ => Default::default(),
        };
        // The synthetic people lack a finger now and then, as people do.
        let present: BTreeSet<Finger> = pupil.person.present_fingers().collect();
        let missing = Finger::TEN.into_iter().filter(|f| missing.contains(f) || !present.contains(f)).collect();
        Some(TrainingPerson {
            subject: ExercisePerson { iin: pupil.person.iin.as_str().to_owned(), missing, bandaged },
            name: name_of(&pupil.person),
            guardian: pupil.guardian.as_ref().map(|g| TrainingGuardian {
                name: name_of(g),
                iin: g.iin.as_str().to_owned(),
                document: document_of(g),
            }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyone_has_a_number_of_their_own_and_only_the_double_brings_hands_twice() {
        let class = Class::of((2026, 11, 23));
        let records = class.civil_register();
        let numbers: BTreeSet<&str> = records.iter().map(|r| r.iin.as_str()).collect();
        assert_eq!(numbers.len(), records.len(), "no two people share a number");
        let hands = class.hands();
        for exercise in Exercise::ALL {
            for slot in 0..class.people(exercise) {
                let person = class.person(exercise, slot).unwrap();
                let known = hands.iter().find(|h| h.numbers.contains(&person.subject.iin)).unwrap();
                let own = known.person.iin.as_str() == person.subject.iin;
                assert_eq!(own, exercise != Exercise::Duplicate);
                assert_eq!(person.guardian.is_some(), exercise == Exercise::Teenager);
            }
            assert!(class.person(exercise, TURNS).is_none());
        }
        let again = Class::of((2026, 11, 23));
        assert_eq!(records, again.civil_register(), "a register that is opened again finds the same people");
    }
}
