//! Projects of Familias (`.fam`) as case files: paternity cases, twins, parents of unknown sex, and the sections for disaster
//! victims.

use std::collections::BTreeMap;

use tanba_formats::genetic::familias::{
    DviFamily, DviPedigree, DviPerson, FamiliasFile, FamiliasLocus, MISSING_PERSON, MutationKind,
    MutationModel as FamiliasModel, Relations,
};

use super::{
    CaseFile, FORMAT, FamilyEntry, HypothesisEntry, MarkerEntry, Mutation, MutationEntry, PersonEntry, SexEntry,
    VictimEntry,
};
use crate::kinship::KinshipError;

/// Which part of a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The persons and the pedigrees, which are hypotheses held against the last one.
    Pedigrees,
    /// The section for disaster victims.
    Victims,
}

/// The case of a part of a project. Where one parent only is entered, the other is
/// added as a founder of whom nothing is known, as Familias reckons.
///
/// # Errors
/// [`KinshipError`] for what Tanba does not reckon as Familias does: a stepwise model without a second rate where there
/// are microvariants, persons in relations that the file does not have.
pub fn import(file: &FamiliasFile, part: Part) -> Result<CaseFile, KinshipError> {
    let mut case = CaseFile { format: FORMAT.to_owned(), theta: file.theta, ..CaseFile::default() };
    case.title = file.database.clone().unwrap_or_default();
    for locus in &file.loci {
        case.markers.insert(locus.name.clone(), marker(locus)?);
    }
    if part == Part::Victims {
        let none = || KinshipError::case("the project has no section for disaster victims", &file.version);
        let dvi = file.dvi().ok_or_else(none)?;
        for victim in &dvi.unidentified {
            case.victims.push(VictimEntry { id: victim.name.clone(), sex: known_sex(victim.male) });
            add_profile(&mut case, &victim.name, victim)?;
        }
        for family in &dvi.families {
            add_family(&mut case, family)?;
        }
        return Ok(case);
    }
    let table = file.genotypes();
    for sample in &table.samples {
        let profile: BTreeMap<String, Vec<String>> = sample
            .genotypes
            .iter()
            .map(|g| (g.marker.as_str().to_owned(), g.alleles.iter().map(|call| call.allele.clone()).collect()))
            .collect();
        if !profile.is_empty() {
            case.profiles.insert(sample.id.clone(), profile);
        }
    }
    for pedigree in &file.pedigrees {
        let (persons, twins) = persons(file, &pedigree.relations)?;
        let (name, text) = (pedigree.name.clone(), String::new());
        case.hypotheses.push(HypothesisEntry { name, text, prior: 1.0, persons, twins });
    }
    Ok(case)
}

fn known_sex(male: Option<bool>) -> SexEntry {
    match male {
        Some(true) => SexEntry::Male,
        Some(false) => SexEntry::Female,
        None => SexEntry::Unknown,
    }
}

fn marker(locus: &FamiliasLocus) -> Result<MarkerEntry, KinshipError> {
    let sum: f64 = locus.alleles.iter().map(|(_, p)| p).sum();
    let silent = locus.silent.filter(|p| *p > 0.0);
    // Familias counts the silent allele among those that add up to 1; the case file does not.
    let scale = if silent.is_some_and(|silent| (sum + silent - 1.0).abs() < 1e-6) { sum } else { 1.0 };
    Ok(MarkerEntry {
        alleles: Some(locus.alleles.iter().map(|(allele, p)| (allele.clone(), p / scale)).collect()),
        x: false,
        silent,
        mutation: Some(Mutation { male: model(locus, &locus.male)?, female: model(locus, &locus.female)? }),
    })
}

fn model(locus: &FamiliasLocus, of: &FamiliasModel) -> Result<MutationEntry, KinshipError> {
    let (rate, rate2, range) = (of.rate, of.second_rate, of.range);
    let refuse = |reason| Err(KinshipError::marker(&locus.name, reason));
    let whole = locus.alleles.iter().all(|(a, _)| crate::Allele::parse(a).is_some_and(|a| a.tenths() % 10 == 0));
    match of.kind {
        _ if rate == 0.0 && rate2 == 0.0 => Ok(MutationEntry::None {}),
        MutationKind::Equal => Ok(MutationEntry::Equal { rate }),
        MutationKind::Proportional => Ok(MutationEntry::Proportional { rate }),
        MutationKind::StepwiseExtended => Ok(MutationEntry::Stepwise { rate, rate2, range }),
        MutationKind::Stepwise if whole => Ok(MutationEntry::Stepwise { rate, rate2: 0.0, range }),
        MutationKind::Stepwise => refuse(
            "the stepwise model of the file does not say how microvariants mutate: choose the extended one in Familias",
        ),
        MutationKind::StepwiseStationary => Ok(MutationEntry::StepwiseStationary { rate, range }),
        MutationKind::Other(_) => refuse("the mutation model of the file is not known: choose another in Familias"),
    }
}

fn add_profile(case: &mut CaseFile, id: &str, person: &DviPerson) -> Result<(), KinshipError> {
    if person.genotypes.is_empty() {
        return Ok(());
    }
    let profile = person.genotypes.iter().map(|g| (g.locus.clone(), g.alleles.clone())).collect();
    match case.profiles.insert(id.to_owned(), profile) {
        None => Ok(()),
        Some(_) => Err(KinshipError::case("two typed persons have one name: rename one in Familias", id)),
    }
}

/// A pedigree being read: persons in order, with what is known of their parents.
#[derive(Default)]
struct Growing {
    persons: Vec<PersonEntry>,
    /// Parent and child.
    relations: Vec<(String, String)>,
    twins: Vec<Vec<String>>,
}

impl Growing {
    fn add(&mut self, id: &str, sex: SexEntry) {
        self.persons.push(PersonEntry { id: id.to_owned(), sex, ..PersonEntry::default() });
    }

    fn sex(&self, id: &str) -> SexEntry {
        self.persons.iter().find(|p| p.id == id).map(|p| p.sex).unwrap_or_default()
    }

    fn relate(&mut self, parent: &str, child: &str) -> Result<(), KinshipError> {
        let sex = self.sex(parent);
        let Some(of) = self.persons.iter_mut().find(|p| p.id == child) else {
            return Err(KinshipError::pedigree(child, "a relation names somebody who is not in the pedigree"));
        };
        let place = match sex {
            SexEntry::Male => &mut of.father,
            SexEntry::Female => &mut of.mother,
            // Nothing depends on the sex of a parent of whom it is not known but which mutation rate applies; the free place
            // is taken, the father's first.
            SexEntry::Unknown if of.father.is_none() => &mut of.father,
            SexEntry::Unknown => &mut of.mother,
        };
        if place.replace(parent.to_owned()).is_some() {
            return Err(KinshipError::pedigree(child, "two fathers or two mothers of one person"));
        }
        Ok(())
    }

    /// Gives everybody their parents, and adds those who are not entered.
    fn finish(mut self) -> Result<(Vec<PersonEntry>, Vec<Vec<String>>), KinshipError> {
        // A parent of unknown sex takes the place that the other leaves.
        let (unknown, known): (Vec<_>, Vec<_>) = std::mem::take(&mut self.relations)
            .into_iter()
            .partition(|(parent, _)| self.sex(parent) == SexEntry::Unknown);
        for (parent, child) in known.iter().chain(&unknown) {
            self.relate(parent, child)?;
        }
        let mut founders = Vec::new();
        for person in &mut self.persons {
            let id = &person.id;
            let (place, name, sex) = match (&person.father, &person.mother) {
                (Some(_), None) => (&mut person.mother, format!("mother of {id}"), SexEntry::Female),
                (None, Some(_)) => (&mut person.father, format!("father of {id}"), SexEntry::Male),
                _ => continue,
            };
            *place = Some(name.clone());
            founders.push(PersonEntry { id: name, sex, ..PersonEntry::default() });
        }
        self.persons.extend(founders);
        // Identical twins have the same parents; a direct sample is entered without.
        for group in &self.twins {
            let parents = self.persons.iter().find(|p| group.contains(&p.id) && p.father.is_some()).cloned();
            let sex = group.iter().map(|id| self.sex(id)).find(|s| *s != SexEntry::Unknown).unwrap_or_default();
            for person in self.persons.iter_mut().filter(|p| group.contains(&p.id)) {
                person.sex = sex;
                if let Some(parents) = &parents {
                    (person.father, person.mother) = (parents.father.clone(), parents.mother.clone());
                }
            }
        }
        Ok((self.persons, self.twins))
    }
}

fn persons(file: &FamiliasFile, relations: &Relations) -> Result<(Vec<PersonEntry>, Vec<Vec<String>>), KinshipError> {
    let mut growing = Growing::default();
    let mut names: Vec<String> = Vec::new();
    for person in &file.persons {
        growing.add(&person.name, if person.male { SexEntry::Male } else { SexEntry::Female });
        names.push(person.name.clone());
    }
    // Extras of the known relations come first, then those of the pedigree; of each the females first.
    for (extras, of) in [(&file.known, "known"), (relations, "pedigree")] {
        for (number, sex, word) in
            [(extras.extra_females, SexEntry::Female, "woman"), (extras.extra_males, SexEntry::Male, "man")]
        {
            for n in 1..=number.min(super::super::MAX_PERSONS as u32) {
                let name = format!("extra {word} {n} ({of})");
                growing.add(&name, sex);
                names.push(name);
            }
        }
    }
    let name = |place: u32| {
        names.get(place as usize).ok_or_else(|| {
            KinshipError::pedigree(&place.to_string(), "a relation names somebody who is not in the file")
        })
    };
    for relation in file.known.relations.iter().chain(&relations.relations) {
        let (parent, child) = (name(relation.parent)?, name(relation.child)?);
        if relation.is_direct() {
            growing.twins.push(vec![parent.clone(), child.clone()]);
        } else {
            growing.relations.push((parent.clone(), child.clone()));
        }
    }
    growing.finish()
}

/// Adds a family with its missing person. Names hold within a family only, so the family's name is put before them.
fn add_family(case: &mut CaseFile, family: &DviFamily) -> Result<(), KinshipError> {
    let is_copy = |p: &&DviPedigree| p.name.trim() == "Reference pedigree";
    let Some(pedigree) = family.pedigrees.iter().find(|p| !is_copy(p)).or(family.pedigrees.first()) else {
        return Err(KinshipError::case("a family has no pedigree", &family.name));
    };
    let id = |name: &str| format!("{}: {name}", family.name);
    let mut growing = Growing::default();
    for person in &family.persons {
        let male = person.male.or_else(|| family.is_male(pedigree, &person.name));
        growing.add(&id(&person.name), known_sex(male));
        add_profile(case, &id(&person.name), person)?;
    }
    let mut others: Vec<&str> =
        pedigree.relations.iter().flat_map(|r| [r.parent.as_str(), r.child.as_str()]).chain([MISSING_PERSON]).collect();
    others.sort_unstable();
    others.dedup();
    for other in others {
        if !family.persons.iter().any(|p| p.name == other) {
            growing.add(&id(other), known_sex(family.is_male(pedigree, other)));
        }
    }
    for relation in &pedigree.relations {
        growing.relations.push((id(&relation.parent), id(&relation.child)));
    }
    let (persons, twins) = growing.finish()?;
    case.families.push(FamilyEntry { name: family.name.clone(), persons, twins, missing: vec![id(MISSING_PERSON)] });
    Ok(())
}
