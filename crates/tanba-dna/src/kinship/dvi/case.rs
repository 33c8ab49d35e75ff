//! Victims, families and markers of a case.

use crate::kinship::{AllelePair, KinshipError, Marker, Pedigree, Sex};

/// An unidentified person.
#[derive(Debug, Clone, PartialEq)]
pub struct Victim {
    /// The id of the sample.
    pub id: String,
    /// What amelogenin or the body says; `Unknown` may be anybody.
    pub sex: Sex,
    /// One genotype for each marker.
    pub genotypes: Vec<Option<AllelePair>>,
}

/// A family that misses somebody.
#[derive(Debug, Clone, PartialEq)]
pub struct Family {
    /// Its name.
    pub name: String,
    /// Its pedigree, with the missing persons in it.
    pub pedigree: Pedigree,
    /// For each marker one genotype for each person of the pedigree.
    pub genotypes: Vec<Vec<Option<AllelePair>>>,
    /// Places of the missing persons in the pedigree.
    pub missing: Vec<usize>,
}

/// A case. Made by [`DviCase::new`], which checks it.
#[derive(Debug, Clone, PartialEq)]
pub struct DviCase {
    pub(super) markers: Vec<Marker>,
    /// The same without mutation.
    pub(super) unchanging: Vec<Marker>,
    pub(super) victims: Vec<Victim>,
    pub(super) families: Vec<Family>,
    /// Family and place in its pedigree of each missing person.
    pub(super) missing: Vec<(usize, usize)>,
}

/// The most victims of one case: they are kept as bits of one number.
pub(super) const MAX_VICTIMS: usize = 128;

impl DviCase {
    /// A case of these parts.
    ///
    /// # Errors
    /// [`KinshipError::Case`] for names that stand twice, genotypes that do not belong to the markers, a missing person who is
    /// typed, and a family that misses nobody; [`KinshipError::TooLarge`] for more than 128 victims.
    pub fn new(markers: Vec<Marker>, victims: Vec<Victim>, families: Vec<Family>) -> Result<Self, KinshipError> {
        if victims.len() > MAX_VICTIMS {
            return Err(KinshipError::TooLarge {
                what: "the number of victims",
                size: victims.len() as f64,
                limit: MAX_VICTIMS as f64,
                advice: "identify the undisputed ones first and leave them out",
            });
        }
        let twice = |names: Vec<&str>| {
            let mut sorted = names;
            sorted.sort_unstable();
            sorted.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0].to_owned())
        };
        let mut missing = Vec::new();
        for (f, family) in families.iter().enumerate() {
            if family.missing.is_empty() {
                return Err(KinshipError::case(
                    "a family misses nobody: name its missing persons or leave it out",
                    &family.name,
                ));
            }
            let fits = |of: &Vec<Option<AllelePair>>| of.len() == family.pedigree.len();
            if family.genotypes.len() != markers.len() || !family.genotypes.iter().all(fits) {
                return Err(KinshipError::case("the genotypes of a family do not belong to the markers", &family.name));
            }
            for &place in &family.missing {
                let Some(id) = family.pedigree.ids().get(place) else {
                    return Err(KinshipError::case(
                        "a missing person is not in the pedigree of the family",
                        &family.name,
                    ));
                };
                if family.genotypes.iter().any(|of| of[place].is_some()) {
                    let reason = "a missing person is typed: enter a direct reference sample as a typed identical twin";
                    return Err(KinshipError::case(reason, id));
                }
                if missing.contains(&(f, place)) {
                    return Err(KinshipError::case("a missing person is named twice", id));
                }
                missing.push((f, place));
            }
        }
        let unchanging = markers.iter().map(Marker::without_mutation).collect();
        let case = Self { markers, unchanging, victims, families, missing };
        if let Some(name) = twice(case.victims.iter().map(|v| v.id.as_str()).collect()) {
            return Err(KinshipError::case("two victims have one id", &name));
        }
        if let Some(name) = twice((0..case.missing.len()).map(|m| case.missing_id(m)).collect()) {
            return Err(KinshipError::case("two missing persons have one id", &name));
        }
        if let Some(name) = twice(case.families.iter().map(|f| f.name.as_str()).collect()) {
            return Err(KinshipError::case("two families have one name", &name));
        }
        if let Some(victim) = case.victims.iter().find(|v| v.genotypes.len() != case.markers.len()) {
            return Err(KinshipError::case("the genotypes of a victim do not belong to the markers", &victim.id));
        }
        Ok(case)
    }

    /// The victims.
    pub fn victims(&self) -> &[Victim] {
        &self.victims
    }

    /// The families.
    pub fn families(&self) -> &[Family] {
        &self.families
    }

    /// The markers.
    pub fn markers(&self) -> &[Marker] {
        &self.markers
    }

    /// Number of missing persons.
    pub fn number_missing(&self) -> usize {
        self.missing.len()
    }

    /// The id of a missing person.
    pub fn missing_id(&self, missing: usize) -> &str {
        let (family, place) = self.missing[missing];
        &self.families[family].pedigree.ids()[place]
    }

    /// The family of a missing person.
    pub fn family_of(&self, missing: usize) -> usize {
        self.missing[missing].0
    }

    /// Whether a victim can be a missing person as far as sex goes.
    pub fn sexes_agree(&self, victim: usize, missing: usize) -> bool {
        let (family, place) = self.missing[missing];
        match (self.victims[victim].sex, self.families[family].pedigree.sex(place)) {
            (Sex::Unknown, _) | (_, Sex::Unknown) => true,
            (a, b) => a == b,
        }
    }
}
