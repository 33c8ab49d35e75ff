//! A pedigree: persons, their parents and their sex, checked.

use std::collections::HashMap;

use crate::kinship::KinshipError;

/// The most persons of one pedigree.
pub const MAX_PERSONS: usize = 10_000;

/// Sex, as far as it matters here: who can be a father, and who carries one X.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sex {
    /// A father, not a mother.
    Male,
    /// A mother, not a father.
    Female,
    /// Not known.
    Unknown,
}

/// A person as a case names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The id in the case; unique in the pedigree.
    pub id: String,
    /// The father's id; `None` for a founder.
    pub father: Option<String>,
    /// The mother's id; `None` for a founder.
    pub mother: Option<String>,
    /// Sex.
    pub sex: Sex,
}

/// A checked pedigree; it may fall into several families, and persons without relatives are allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pedigree {
    pub(crate) ids: Vec<String>,
    pub(crate) sexes: Vec<Sex>,
    /// Father and mother of those who have parents here.
    pub(crate) parents: Vec<Option<[usize; 2]>>,
    /// Who stands for a group of identical twins; everybody else for themselves.
    pub(crate) twin_of: Vec<usize>,
    /// All persons, parents before children.
    pub(crate) order: Vec<usize>,
}

impl Pedigree {
    /// A pedigree of these persons, and groups of identical (monozygotic) twins by id.
    ///
    /// # Errors
    /// [`KinshipError::Pedigree`]: an id twice or empty, a parent who is not in the pedigree, one parent without the other, a
    /// father who is female or also a mother, somebody's own ancestor, twins of different parents or sex.
    pub fn new(persons: &[Person], twins: &[Vec<String>]) -> Result<Self, KinshipError> {
        if persons.len() > MAX_PERSONS {
            return Err(KinshipError::TooLarge {
                what: "the pedigree",
                size: persons.len() as f64,
                limit: MAX_PERSONS as f64,
                advice: "leave out persons who are not relatives of anybody typed",
            });
        }
        let mut places = HashMap::with_capacity(persons.len());
        for (place, person) in persons.iter().enumerate() {
            if person.id.trim().is_empty() {
                return Err(KinshipError::pedigree(&person.id, "a person has no id"));
            }
            if places.insert(person.id.as_str(), place).is_some() {
                return Err(KinshipError::pedigree(&person.id, "the id stands twice: give every person one entry"));
            }
        }
        let mut pedigree = Self {
            ids: persons.iter().map(|p| p.id.clone()).collect(),
            sexes: persons.iter().map(|p| p.sex).collect(),
            parents: vec![None; persons.len()],
            twin_of: (0..persons.len()).collect(),
            order: Vec::new(),
        };
        for (place, person) in persons.iter().enumerate() {
            let find = |id: &str| {
                places.get(id).copied().ok_or_else(|| {
                    KinshipError::pedigree(&person.id, "a parent is not in the pedigree: add the parent as a person")
                })
            };
            pedigree.parents[place] = match (&person.father, &person.mother) {
                (None, None) => None,
                (Some(father), Some(mother)) => Some([find(father)?, find(mother)?]),
                _ => {
                    let reason =
                        "only one parent is named: add the other as a person, even when nothing is known of them";
                    return Err(KinshipError::pedigree(&person.id, reason));
                }
            };
        }
        pedigree.check_sexes()?;
        pedigree.sort()?;
        pedigree.join_twins(twins, &places)?;
        Ok(pedigree)
    }

    /// Number of persons.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The ids, in the order given.
    pub fn ids(&self) -> &[String] {
        &self.ids
    }

    /// The place of an id.
    pub fn place(&self, id: &str) -> Option<usize> {
        self.ids.iter().position(|known| known == id)
    }

    /// Father and mother of a person, by place.
    pub fn parents(&self, place: usize) -> Option<[usize; 2]> {
        self.parents[place]
    }

    /// The sex of a person: as given, or what being somebody's father or mother says.
    pub fn sex(&self, place: usize) -> Sex {
        self.sexes[place]
    }

    /// The place that stands for a person and their identical twins.
    pub fn twin_of(&self, place: usize) -> usize {
        self.twin_of[place]
    }

    /// The pedigree with persons beside it who are nobody's relatives, one of each of these sexes, after all others.
    #[must_use]
    pub(crate) fn with_strangers(&self, sexes: impl IntoIterator<Item = Sex>) -> Self {
        let mut wider = self.clone();
        for (number, sex) in (1..).zip(sexes) {
            let place = wider.ids.len();
            wider.ids.push(format!("unrelated person {number}"));
            wider.sexes.push(sex);
            wider.parents.push(None);
            wider.twin_of.push(place);
            wider.order.push(place);
        }
        wider
    }

    fn check_sexes(&mut self) -> Result<(), KinshipError> {
        for child in 0..self.len() {
            let Some(parents) = self.parents[child] else { continue };
            for (parent, role) in parents.into_iter().zip([Sex::Male, Sex::Female]) {
                match self.sexes[parent] {
                    sex if sex == role => {}
                    Sex::Unknown => self.sexes[parent] = role,
                    _ if parents[0] == parents[1] => {
                        return Err(KinshipError::pedigree(
                            &self.ids[parent],
                            "father and mother of one child at once",
                        ));
                    }
                    _ => {
                        let reason = "a father must be male and a mother female: correct the sex or the parent";
                        return Err(KinshipError::pedigree(&self.ids[parent], reason));
                    }
                }
            }
        }
        Ok(())
    }

    /// Parents before children (Kahn's order); who is left over is among their own ancestors.
    fn sort(&mut self) -> Result<(), KinshipError> {
        let mut children = vec![Vec::new(); self.len()];
        let mut waiting = vec![0u8; self.len()];
        for child in 0..self.len() {
            for parent in self.parents[child].into_iter().flatten() {
                children[parent].push(child);
                waiting[child] += 1;
            }
        }
        self.order = (0..self.len()).filter(|p| waiting[*p] == 0).collect();
        let mut next = 0;
        while let Some(parent) = self.order.get(next).copied() {
            next += 1;
            for &child in &children[parent] {
                waiting[child] -= 1;
                if waiting[child] == 0 {
                    self.order.push(child);
                }
            }
        }
        match (0..self.len()).find(|p| waiting[*p] > 0) {
            Some(person) => Err(KinshipError::pedigree(
                &self.ids[person],
                "is or descends from somebody who is their own ancestor: correct the parents",
            )),
            None => Ok(()),
        }
    }

    fn join_twins(&mut self, twins: &[Vec<String>], places: &HashMap<&str, usize>) -> Result<(), KinshipError> {
        for group in twins {
            let mut first = None;
            for id in group {
                let place = *places
                    .get(id.as_str())
                    .ok_or_else(|| KinshipError::pedigree(id, "a twin is not in the pedigree: add the person"))?;
                let Some(first) = first else {
                    first = Some(self.twin_of[place]);
                    continue;
                };
                if self.parents[place] != self.parents[first] {
                    return Err(KinshipError::pedigree(
                        id,
                        "identical twins have the same parents: correct one of them",
                    ));
                }
                if self.sexes[place] != self.sexes[first] {
                    return Err(KinshipError::pedigree(id, "identical twins are of one sex: correct one of them"));
                }
                let old = self.twin_of[place];
                for representative in &mut self.twin_of {
                    if *representative == old {
                        *representative = first;
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(id: &str, father: &str, mother: &str, sex: Sex) -> Person {
        let parent = |id: &str| (!id.is_empty()).then(|| id.to_owned());
        Person { id: id.to_owned(), father: parent(father), mother: parent(mother), sex }
    }

    fn refusal(persons: &[Person], twins: &[Vec<String>]) -> String {
        Pedigree::new(persons, twins).unwrap_err().to_string()
    }

    #[test]
    fn what_cannot_be_is_refused_and_names_the_person() {
        use Sex::{Female, Male, Unknown};
        let (f, m) = (person("F", "", "", Male), person("M", "", "", Female));
        let child = person("C", "F", "M", Unknown);
        for (persons, says) in [
            (vec![f.clone(), f.clone()], "`F`: the id stands twice"),
            (vec![child.clone(), f.clone()], "`C`: a parent is not in the pedigree"),
            (vec![f.clone(), person("C", "F", "", Male)], "`C`: only one parent"),
            (vec![person("F", "", "", Female), m.clone(), child.clone()], "`F`: a father must be male"),
            (vec![f.clone(), person("C", "F", "F", Male)], "`F`: father and mother"),
            (vec![person("F", "C", "M", Male), m.clone(), person("C", "F", "M", Male)], "their own ancestor"),
            (vec![person("F", "F", "M", Male), m.clone()], "their own ancestor"),
        ] {
            assert!(refusal(&persons, &[]).contains(says), "{}", refusal(&persons, &[]));
        }
        let both = vec![f.clone(), m.clone(), child.clone(), person("D", "F", "M", Male)];
        assert!(refusal(&both, &[vec!["C".into(), "D".into()]]).contains("`D`: identical twins are of one sex"));
        assert!(refusal(&both, &[vec!["C".into(), "F".into()]]).contains("`F`: identical twins have the same parents"));
        assert!(refusal(&both, &[vec!["C".into(), "X".into()]]).contains("`X`"));
    }

    #[test]
    fn children_may_come_first_and_roles_say_the_sex() {
        let persons =
            [person("C", "F", "M", Sex::Unknown), person("F", "", "", Sex::Unknown), person("M", "", "", Sex::Unknown)];
        let pedigree = Pedigree::new(&persons, &[]).unwrap();
        assert_eq!((pedigree.sex(1), pedigree.sex(2), pedigree.sex(0)), (Sex::Male, Sex::Female, Sex::Unknown));
        assert_eq!(pedigree.order.last(), Some(&0));
    }
}
