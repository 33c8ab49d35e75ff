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
    /// Natural logarithm of the likelihood of everything if no victim is anybody missing; with theta above 0 each family and each
    /// victim by itself.
    pub ln_null: f64,
}

/// Likelihoods of one family with victims in the places of missing persons.
pub(super) struct FamilyLikelihoods<'c> {
    case: &'c DviCase,
    family: usize,
    markers: &'c [Marker],
    engine: LikelihoodEngine<'c>,
    /// For what is possible at all, which theta does not change.
    plain: LikelihoodEngine<'c>,
    /// Likelihood of the family as it is, by marker.
    pub(super) alone: Vec<f64>,
}

/// Who is typed beside the victims.
#[derive(Clone, Copy, PartialEq)]
enum Relatives {
    Typed,
    Nobody,
}

impl<'c> FamilyLikelihoods<'c> {
    pub(super) fn new(case: &'c DviCase, family: usize, mutates: bool) -> Result<Self, KinshipError> {
        let markers = if mutates { &case.markers } else { &case.unchanging };
        let pedigree = &case.with_strangers[family];
        let plain = LikelihoodEngine::new(pedigree, nothing()?);
        let engine = LikelihoodEngine::new(pedigree, case.theta.map_or_else(nothing, Ok)?);
        let mut all = Self { case, family, markers, engine, plain, alone: Vec::with_capacity(case.markers.len()) };
        for (m, marker) in markers.iter().enumerate() {
            let ln = all.with(m, &[], &[], Relatives::Typed)?;
            if ln == f64::NEG_INFINITY {
                return Err(KinshipError::marker(
                    marker.name(),
                    "the relatives of a family contradict each other: check the pedigree and the typing, or add a mutation model",
                ));
            }
            all.alone.push(ln);
        }
        Ok(all)
    }

    /// The likelihood ratio of these victims in these places, against all but the first `known` of them being nobody of the family.
    /// `victims` are the likelihoods of each victim alone.
    pub(super) fn ln_lr(
        &mut self,
        placed: &[(usize, usize)],
        known: usize,
        victims: &[Vec<f64>],
    ) -> Result<f64, KinshipError> {
        self.ratio(placed, known, victims, Relatives::Typed)
    }

    /// As [`Self::ln_lr`], with nobody typed but the victims: what their kinship among themselves says.
    pub(super) fn ln_lr_without_references(
        &mut self,
        placed: &[(usize, usize)],
        victims: &[Vec<f64>],
    ) -> Result<f64, KinshipError> {
        self.ratio(placed, 0, victims, Relatives::Nobody)
    }

    /// At how many markers the family and these victims together cannot be if nothing mutates.
    fn exclusions(&mut self, placed: &[(usize, usize)]) -> Result<usize, KinshipError> {
        let mut number = 0;
        for (m, marker) in self.case.unchanging.iter().enumerate() {
            let genotypes = typing(self.case, self.family, m, placed, &[], Relatives::Typed);
            number += usize::from(self.plain.ln_likelihood(marker, &genotypes)? == f64::NEG_INFINITY);
        }
        Ok(number)
    }

    fn ratio(
        &mut self,
        placed: &[(usize, usize)],
        known: usize,
        victims: &[Vec<f64>],
        relatives: Relatives,
    ) -> Result<f64, KinshipError> {
        let (fixed, strangers) = placed.split_at(known.min(placed.len()));
        let mut total = 0.0;
        for m in 0..self.markers.len() {
            let with = self.with(m, placed, &[], relatives)?;
            let without = if self.case.theta.is_some() {
                // One gene pool: what the victims show says something of the family's alleles even if they are strangers.
                self.with(m, fixed, strangers, relatives)?
            } else {
                let family = match (relatives, fixed) {
                    (Relatives::Nobody, []) => 0.0,
                    (Relatives::Typed, []) => self.alone[m],
                    _ => self.with(m, fixed, &[], relatives)?,
                };
                family + strangers.iter().map(|(v, _)| victims[*v][m]).sum::<f64>()
            };
            total += with - without;
        }
        Ok(total)
    }

    fn with(
        &mut self,
        m: usize,
        placed: &[(usize, usize)],
        strangers: &[(usize, usize)],
        relatives: Relatives,
    ) -> Result<f64, KinshipError> {
        let (case, family) = (self.case, self.family);
        let typed = |m| typing(case, family, m, placed, strangers, relatives);
        self.engine.ln_likelihood_given(m, self.markers, &case.linkage, typed)
    }
}

/// Genotypes of a family and of the strangers beside it: each stands in the seat beside the place that would be theirs.
fn typing(
    case: &DviCase,
    family: usize,
    marker: usize,
    placed: &[(usize, usize)],
    strangers: &[(usize, usize)],
    relatives: Relatives,
) -> Vec<Option<AllelePair>> {
    let family = &case.families[family];
    let mut genotypes = match relatives {
        Relatives::Typed => family.genotypes[marker].clone(),
        Relatives::Nobody => vec![None; family.pedigree.len()],
    };
    genotypes.resize(family.pedigree.len() + family.missing.len(), None);
    for (victims, beside) in [(placed, false), (strangers, true)] {
        for &(victim, missing) in victims {
            let place = case.missing[missing].1;
            let seat = match family.missing.iter().position(|m| *m == place) {
                Some(number) if beside => family.pedigree.len() + number,
                _ => place,
            };
            genotypes[seat] = case.victims[victim].genotypes[marker];
        }
    }
    genotypes
}

/// theta 0.
fn nothing() -> Result<Theta, KinshipError> {
    Theta::new(0.0).map_err(|_| KinshipError::BadTheta)
}

/// Likelihoods of each victim without any relative, by marker.
pub(super) fn victims_alone(case: &DviCase) -> Result<Vec<Vec<f64>>, KinshipError> {
    let theta = case.theta.map_or_else(nothing, Ok)?;
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
                table.ln_lr[victim][missing] = Some(family.ln_lr(&placed, 0, &victims)?);
                table.exclusions[victim][missing] = Some(family.exclusions(&placed)?);
            }
        }
    }
    Ok(table)
}
