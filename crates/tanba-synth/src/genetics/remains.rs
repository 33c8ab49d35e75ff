//! A disaster: families who miss somebody, remains that time and fire have worked on, and who is who.

use tanba_dna::Allele;

use crate::person::Sex;

use super::draw::{Draw, Streams};
use super::electropherogram::Electropherogram;
use super::parameters::{BONE_DEGRADATION, BONE_HEIGHT, BONE_VARIATION, NOT_FOUND, UNRELATED_REMAINS};
use super::pedigree::Families;
use super::population::draw_sex;
use super::{Diploid, GeneticsError, Meiosis, PeakModel, Pedigree, ProfilePopulation, SimulatedFamily};

/// Remains of one person as they were typed.
#[derive(Debug, Clone, PartialEq)]
pub struct Remains {
    /// Whose they are.
    pub person: Diploid,
    /// The missing person, as places of the family and in [`Pedigree::missing`]; `None`: of nobody who is looked for.
    pub is: Option<(usize, usize)>,
    /// The parameters of the heights.
    pub model: PeakModel,
    /// What was seen.
    pub seen: Electropherogram,
    /// What a careful reader calls at each marker.
    pub calls: Vec<Option<(Allele, Allele)>>,
    /// The sex that amelogenin shows.
    pub sex: Option<Sex>,
}

/// A family before the disaster, with those who are missing now.
#[derive(Debug, Clone, PartialEq)]
pub struct DisasterFamily {
    /// Its shape.
    pub pedigree: Pedigree,
    /// Its people.
    pub family: SimulatedFamily,
}

/// A whole case.
#[derive(Debug, Clone, PartialEq)]
pub struct Disaster {
    /// The families, enough for the remains.
    pub families: Vec<DisasterFamily>,
    /// The remains, in an order that tells nothing.
    pub remains: Vec<Remains>,
}

impl Disaster {
    /// A case with so many remains, 1 to 10,000, each of another person. One of ten belongs to no family, and one of ten missing
    /// people is not among them. Families have one missing person, some two siblings; their shapes alternate.
    ///
    /// # Errors
    /// [`GeneticsError::OutOfRange`].
    pub fn new(
        population: &ProfilePopulation,
        meiosis: &Meiosis,
        model: PeakModel,
        seed: u64,
        remains: usize,
    ) -> Result<Self, GeneticsError> {
        if !(1..=10_000).contains(&remains) {
            return Err(GeneticsError::OutOfRange { what: "the number of remains", range: "from 1 to 10000" });
        }
        model.checked()?;
        let streams = Streams::new(seed, "genetics/disaster");
        let shapes = Pedigree::of_disaster();
        let kinds: Vec<Families<'_>> =
            shapes.iter().map(|shape| Families::new(shape, population, meiosis, seed, "disaster")).collect();
        let mut draw = streams.at(0);
        let mut families: Vec<DisasterFamily> = Vec::new();
        let mut found: Vec<(Diploid, Option<(usize, usize)>)> = Vec::new();
        while found.len() < remains {
            if draw.chance(UNRELATED_REMAINS) {
                let sex = draw_sex(&mut draw);
                // Somebody of a gene pool as any family's.
                found.push((population.founder(found.len() as u64, sex, &mut draw), None));
                continue;
            }
            let place = families.len();
            let kind = &kinds[draw.below(kinds.len())];
            let family = kind.family(place as u64);
            for (i, &member) in kind.pedigree.missing().iter().enumerate() {
                if !draw.chance(NOT_FOUND) && found.len() < remains {
                    found.push((family.people[member].clone(), Some((place, i))));
                }
            }
            families.push(DisasterFamily { pedigree: kind.pedigree.clone(), family });
        }
        for i in (1..found.len()).rev() {
            found.swap(i, draw.below(i + 1));
        }
        let remains = found
            .into_iter()
            .enumerate()
            .map(|(i, (person, is))| type_remains(population, model, person, is, &mut streams.at(1 + i as u64)))
            .collect();
        Ok(Self { families, remains })
    }
}

fn type_remains(
    population: &ProfilePopulation,
    model: PeakModel,
    person: Diploid,
    is: Option<(usize, usize)>,
    draw: &mut Draw,
) -> Remains {
    let model = PeakModel {
        mu: draw.log_uniform(BONE_HEIGHT),
        omega: draw.uniform(BONE_VARIATION),
        beta: draw.uniform(BONE_DEGRADATION),
        ..model
    };
    let seen = model.amplify(population, &[(&person, 1.0)], draw);
    let (calls, sex) = (seen.single_source_calls(), seen.single_source_sex());
    Remains { person, is, model, seen, calls, sex }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genetics::{AlleleTable, MutationModels, fragment_length};

    #[test]
    fn remains_are_those_of_the_missing_and_long_fragments_are_lost_first() {
        let table = AlleleTable::illustration();
        let meiosis = Meiosis::new(&table, MutationModels::USUAL, true).unwrap();
        let population = ProfilePopulation::new(table.clone(), 1, 0.01, 5).unwrap();
        let disaster = Disaster::new(&population, &meiosis, PeakModel::default(), 3, 400).unwrap();
        assert_eq!(disaster, Disaster::new(&population, &meiosis, PeakModel::default(), 3, 400).unwrap());
        assert_eq!(disaster.remains.len(), 400);
        let mut taken = std::collections::BTreeSet::new();
        let (mut lost, mut kept, mut right, mut called) = ([0_u32; 2], [0_u32; 2], 0, 0);
        for remains in &disaster.remains {
            if let Some((family, missing)) = remains.is {
                assert!(taken.insert((family, missing)));
                let family = &disaster.families[family];
                assert_eq!(remains.person, family.family.people[family.pedigree.missing()[missing]]);
            }
            for (m, marker) in table.markers().iter().enumerate() {
                let (a, b) = table.pair(&remains.person, m);
                let long = usize::from(fragment_length(marker, a) > 220);
                let seen = remains.seen.markers[m].iter().any(|peak| peak.allele == a);
                lost[long] += u32::from(!seen);
                kept[long] += u32::from(seen);
                if let Some((low, high)) = remains.calls[m] {
                    called += 1;
                    right += u32::from((low, high) == (a.min(b), a.max(b)));
                }
            }
        }
        let nobody = 400 - taken.len();
        assert!((15..70).contains(&nobody), "{nobody}");
        let missing: usize = disaster.families.iter().map(|f| f.pedigree.missing().len()).sum();
        assert!(missing > taken.len(), "some missing people are not found");
        let share = |i: usize| f64::from(lost[i]) / f64::from(lost[i] + kept[i]);
        assert!(share(0) < 0.1 && share(1) > 2.0 * share(0) && share(1) < 0.7, "{} {}", share(0), share(1));
        assert!(f64::from(right) / f64::from(called) > 0.96, "{right} of {called}");
        assert!(called > 4000, "{called}");
    }
}
