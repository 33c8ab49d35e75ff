//! Parents and their children.

use serde::Serialize;

use crate::random::{Stream, derive};

use super::{CalendarDate, Person, PersonSpec, Sex};

/// A mother, a father and their children; the children are full siblings.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Family {
    /// Mother, 36 to 58 years old.
    pub mother: Person,
    /// Father, of about the same age.
    pub father: Person,
    /// Children in the order asked for.
    pub children: Vec<Person>,
}

impl Family {
    /// A family whose children have ages within `children_age` (completed years), so far as the mother's age allows: she was 18 to 40
    /// at each birth.
    pub fn from_seed(seed: u64, as_of: CalendarDate, children: usize, children_age: (u8, u8)) -> Self {
        let mut stream = Stream::new(seed, "family");
        // Old enough for the oldest child, young enough for the youngest.
        let eldest = children_age.1.max(children_age.0).min(60);
        let low = (eldest + 18).max(20);
        let high = children_age.0.min(eldest).saturating_add(40).max(low);
        let spec = PersonSpec { age: (low, high), sex: Some(Sex::Male), group: None };
        let father = Person::with(derive(seed, "father", 0), as_of, spec);
        let mother_spec = PersonSpec { sex: Some(Sex::Female), group: Some(father.roots.group()), ..spec };
        let mut mother = Person::with(derive(seed, "mother", 0), as_of, mother_spec);
        // She bears his name or her own, never a third one.
        let names = if stream.chance(0.8) { mother.roots.married_to(&father.roots) } else { mother.roots.unmarried() };
        mother = mother.renamed(names);
        mother.residence = father.residence.clone();
        let children = (0..children)
            .map(|i| Person::child(derive(seed, "child", i as u64), as_of, (&mother, &father), children_age))
            .collect();
        Self { mother, father, children }
    }
}
