//! Every victim as every missing person, one pair at a time.

use super::case::DviCase;
use crate::Theta;
use crate::kinship::{AllelePair, KinshipError, LikelihoodEngine, Marker, Pedigree, Person};

/// Where mutation takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MutationUse {
    /// In every family.
    #[default]
    Everywhere,
    /// Only in families whose relatives contradict each other without it; elsewhere one excluding marker is enough. Faster to
    /// read and what jointDVI of dvir does unless told otherwise.
    WhereRelativesNeedIt,
}

/// What one pair at a time shows: rows are victims, columns missing persons.
#[derive(Debug, Clone, PartialEq)]
pub struct PairTable {
    /// Natural logarithm of the likelihood ratio: the victim is the missing person, against: is nobody of the family. `None` where
    /// the sexes differ; minus infinity where it cannot be.
    pub ln_lr: Vec<Vec<Option<f64>>>,
    /// At how many markers the family and the victim together cannot be if nothing mutates; `None` where the sexes differ. A
    /// marker at which the relatives contradict each other already counts against every victim, as in dvir.
    pub exclusions: Vec<Vec<Option<usize>>>,
    /// For each family, whether mutation takes part.
    pub mutates: Vec<bool>,
    /// Natural logarithm of the likelihood of everything if no victim is anybody missing.
    pub ln_null: f64,
}

/// Likelihoods of one family with victims in the places of missing persons.
pub(super) struct FamilyLikelihoods<'c> {
    case: &'c DviCase,
    family: usize,
    markers: &'c [Marker],
    engine: LikelihoodEngine<'c>,
    /// Likelihood of the family as it is, by marker.
    pub(super) alone: Vec<f64>,
}

impl<'c> FamilyLikelihoods<'c> {
    pub(super) fn new(case: &'c DviCase, family: usize, mutates: bool) -> Result<Self, KinshipError> {
        let markers = if mutates { &case.markers } else { &case.unchanging };
        let of = &case.families[family];
        let theta = Theta::new(0.0).map_err(|_| KinshipError::BadTheta)?;
        let mut engine = LikelihoodEngine::new(&of.pedigree, theta);
        let mut alone = Vec::with_capacity(case.markers.len());
        for (marker, genotypes) in markers.iter().zip(&of.genotypes) {
            let ln = engine.ln_likelihood(marker, genotypes)?;
            if ln == f64::NEG_INFINITY {
                return Err(KinshipError::marker(
                    marker.name(),
                    "the relatives of a family contradict each other: check the pedigree and the typing, or add a mutation model",
                ));
            }
            alone.push(ln);
        }
        Ok(Self { case, family, markers, engine, alone })
    }

    /// The likelihood with these victims in these places, marker by marker, and the victims' own likelihoods taken out.
    pub(super) fn ln_lr(&mut self, placed: &[(usize, usize)], victims: &[Vec<f64>]) -> Result<f64, KinshipError> {
        let mut total = 0.0;
        for m in 0..self.markers.len() {
            let with = self.with(m, placed, &self.markers[m])?;
            total += with - self.alone[m] - placed.iter().map(|(v, _)| victims[*v][m]).sum::<f64>();
        }
        Ok(total)
    }

    /// As [`Self::ln_lr`], with nobody typed but the victims: what their kinship among themselves says.
    pub(super) fn ln_lr_without_references(
        &mut self,
        placed: &[(usize, usize)],
        victims: &[Vec<f64>],
    ) -> Result<f64, KinshipError> {
        let mut total = 0.0;
        for m in 0..self.markers.len() {
            let genotypes = self.place(vec![None; self.case.families[self.family].pedigree.len()], m, placed);
            let with = self.engine.ln_likelihood(&self.markers[m], &genotypes)?;
            total += with - placed.iter().map(|(v, _)| victims[*v][m]).sum::<f64>();
        }
        Ok(total)
    }

    fn with(&mut self, m: usize, placed: &[(usize, usize)], marker: &Marker) -> Result<f64, KinshipError> {
        let genotypes = self.place(self.case.families[self.family].genotypes[m].clone(), m, placed);
        self.engine.ln_likelihood(marker, &genotypes)
    }

    fn place(
        &self,
        mut genotypes: Vec<Option<AllelePair>>,
        marker: usize,
        placed: &[(usize, usize)],
    ) -> Vec<Option<AllelePair>> {
        for &(victim, missing) in placed {
            genotypes[self.case.missing[missing].1] = self.case.victims[victim].genotypes[marker];
        }
        genotypes
    }
}

/// Likelihoods of each victim without any relative, by marker.
pub(super) fn victims_alone(case: &DviCase) -> Result<Vec<Vec<f64>>, KinshipError> {
    let theta = Theta::new(0.0).map_err(|_| KinshipError::BadTheta)?;
    case.victims
        .iter()
        .map(|victim| {
            let alone = Person { id: victim.id.clone(), father: None, mother: None, sex: victim.sex };
            let pedigree = Pedigree::new(&[alone], &[])?;
            let mut engine = LikelihoodEngine::new(&pedigree, theta);
            case.markers.iter().zip(&victim.genotypes).map(|(m, g)| engine.ln_likelihood(m, &[*g])).collect()
        })
        .collect()
}

/// Whether the relatives of a family contradict each other at a marker if nothing mutates.
fn relatives_contradict(case: &DviCase, family: usize) -> Result<bool, KinshipError> {
    match FamilyLikelihoods::new(case, family, false) {
        Ok(_) => Ok(false),
        Err(KinshipError::Marker { .. }) => Ok(true),
        Err(other) => Err(other),
    }
}

/// Every victim as every missing person, everybody else left unidentified. `proceed` is asked before each pair.
///
/// # Errors
/// [`KinshipError::Marker`] where a family contradicts itself, [`KinshipError::Interrupted`] where `proceed` says no, and what
/// [`LikelihoodEngine::ln_likelihood`] refuses.
pub fn pair_table(
    case: &DviCase,
    mutation: MutationUse,
    proceed: &dyn Fn() -> bool,
) -> Result<PairTable, KinshipError> {
    let victims = victims_alone(case)?;
    let columns = case.missing.len();
    let mut table = PairTable {
        ln_lr: vec![vec![None; columns]; case.victims.len()],
        exclusions: vec![vec![None; columns]; case.victims.len()],
        mutates: Vec::with_capacity(case.families.len()),
        ln_null: victims.iter().flatten().sum(),
    };
    for (f, _) in case.families.iter().enumerate() {
        let mutates = mutation == MutationUse::Everywhere || relatives_contradict(case, f)?;
        table.mutates.push(mutates);
        let mut family = FamilyLikelihoods::new(case, f, mutates)?;
        table.ln_null += family.alone.iter().sum::<f64>();
        for missing in (0..columns).filter(|m| case.missing[*m].0 == f) {
            for victim in (0..case.victims.len()).filter(|v| case.sexes_agree(*v, missing)) {
                if !proceed() {
                    return Err(KinshipError::Interrupted);
                }
                let placed = [(victim, missing)];
                table.ln_lr[victim][missing] = Some(family.ln_lr(&placed, &victims)?);
                let mut exclusions = 0;
                for (m, marker) in case.unchanging.iter().enumerate() {
                    exclusions += usize::from(family.with(m, &placed, marker)? == f64::NEG_INFINITY);
                }
                table.exclusions[victim][missing] = Some(exclusions);
            }
        }
    }
    Ok(table)
}
