//! Victims, families and markers of a case.

use crate::Theta;
use crate::kinship::{AllelePair, KinshipError, Linkage, Marker, Pedigree, Sex};

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
    /// The pedigree of each family, with an unrelated person beside it for each missing one.
    pub(super) with_strangers: Vec<Pedigree>,
    pub(super) theta: Option<Theta>,
    pub(super) linkage: Linkage,
}

/// The most victims of one case: they are kept as bits of one number.
pub(super) const MAX_VICTIMS: usize = 128;

impl DviCase {
    /// A case of these parts, with theta 0.
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
        let strangers = |of: &Family| {
            of.pedigree.with_strangers(of.missing.iter().map(|place| of.pedigree.sex(*place)).collect::<Vec<_>>())
        };
        let with_strangers = families.iter().map(strangers).collect();
        let linkage = Linkage::default();
        let case = Self { markers, unchanging, victims, families, missing, with_strangers, theta: None, linkage };
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

    /// The case with this coancestry coefficient: a family, the victims in it, and the same victims as strangers come from one gene
    /// pool, of which other families and other victims say nothing.
    #[must_use]
    pub fn with_theta(self, theta: Theta) -> Self {
        Self { theta: Some(theta).filter(|theta| f64::from(*theta) > 0.0), ..self }
    }

    /// The case with linked markers.
    #[must_use]
    pub fn with_linkage(self, linkage: Linkage) -> Self {
        Self { linkage, ..self }
    }

    /// Which markers are linked.
    pub fn linkage(&self) -> &Linkage {
        &self.linkage
    }

    /// The coancestry coefficient.
    pub fn theta(&self) -> f64 {
        self.theta.map_or(0.0, f64::from)
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
