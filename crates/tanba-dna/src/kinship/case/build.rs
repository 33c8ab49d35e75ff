//! From a case file to a case that can be worked out.

use std::collections::BTreeMap;

use tanba_formats::genetic::MarkerName;
use tanba_formats::genetic::frequencies::PopulationFrequencies;

use super::{
    CaseFile, FORMAT, FamilyEntry, Frequencies, HypothesisEntry, MarkerEntry, Mutation, MutationEntry, PersonEntry,
    SexEntry, SumRule,
};
use crate::Theta;
use crate::kinship::dvi::{DviCase, Family, Victim};
use crate::kinship::{
    AllelePair, Hypothesis, Inheritance, KinshipCase, KinshipError, Linkage, Marker, MutationModel, Pedigree, Person,
    Sex, TypedPerson,
};
use crate::profile::is_dropout_mark;

/// The most markers of one case: the largest panels of identity SNPs have some thousands.
const MAX_MARKERS: usize = 10_000;
/// Which allele holds what a table does not name.
const REST: &str = "rest";

/// Persons and twins as a pedigree.
pub trait CasePedigree {
    /// The pedigree.
    ///
    /// # Errors
    /// As [`Pedigree::new`].
    fn pedigree(&self) -> Result<Pedigree, KinshipError>;
}

impl CasePedigree for HypothesisEntry {
    fn pedigree(&self) -> Result<Pedigree, KinshipError> {
        pedigree(&self.persons, &self.twins)
    }
}

impl CasePedigree for FamilyEntry {
    fn pedigree(&self) -> Result<Pedigree, KinshipError> {
        pedigree(&self.persons, &self.twins)
    }
}

fn pedigree(persons: &[PersonEntry], twins: &[Vec<String>]) -> Result<Pedigree, KinshipError> {
    let person = |of: &PersonEntry| Person {
        id: of.id.clone(),
        father: of.father.clone(),
        mother: of.mother.clone(),
        sex: sex(of.sex),
    };
    Pedigree::new(&persons.iter().map(person).collect::<Vec<_>>(), twins)
}

fn sex(of: SexEntry) -> Sex {
    match of {
        SexEntry::Male => Sex::Male,
        SexEntry::Female => Sex::Female,
        SexEntry::Unknown => Sex::Unknown,
    }
}

/// Genotypes of a person as a file has them, by the markers' usual names.
type Profile<'f> = BTreeMap<MarkerName, &'f [String]>;

impl CaseFile {
    /// The kinship case of the file; `table` is the file of frequencies that it names, where it names one.
    ///
    /// # Errors
    /// [`KinshipError`]; every error names marker, person or hypothesis.
    pub fn kinship(&self, table: Option<&PopulationFrequencies>) -> Result<KinshipCase, KinshipError> {
        let profiles = self.profiles()?;
        let markers = self.build_markers(table, &profiles)?;
        let typed = profiles
            .iter()
            .map(|(id, profile)| Ok(TypedPerson { id: (*id).to_owned(), genotypes: genotypes(&markers, id, profile)? }))
            .collect::<Result<_, KinshipError>>()?;
        let hypothesis = |of: &HypothesisEntry| {
            Ok(Hypothesis { name: of.name.clone(), text: of.text.clone(), pedigree: of.pedigree()?, prior: of.prior })
        };
        let against = match &self.against {
            None => self.hypotheses.len().saturating_sub(1),
            Some(name) => self.hypotheses.iter().position(|h| h.name == *name).ok_or_else(|| {
                KinshipError::case(
                    "the hypothesis that the others are held against is not there: correct `against`",
                    name,
                )
            })?,
        };
        let hypotheses = self.hypotheses.iter().map(hypothesis).collect::<Result<_, KinshipError>>()?;
        let linkage = self.linkage(&markers)?;
        Ok(KinshipCase::new(markers, typed, hypotheses, against, self.theta()?)?.with_linkage(linkage))
    }

    /// The case of disaster victims of the file; `table` as for [`CaseFile::kinship`].
    ///
    /// # Errors
    /// [`KinshipError`]; a profile of somebody who is neither a victim nor in a family is refused.
    pub fn dvi(&self, table: Option<&PopulationFrequencies>) -> Result<DviCase, KinshipError> {
        let theta = self.theta()?;
        let profiles = self.profiles()?;
        let markers = self.build_markers(table, &profiles)?;
        let nothing = Profile::new();
        let typing = |id: &str| genotypes(&markers, id, profiles.get(id).unwrap_or(&nothing));
        let victims = self
            .victims
            .iter()
            .map(|of| Ok(Victim { id: of.id.clone(), sex: sex(of.sex), genotypes: typing(&of.id)? }))
            .collect::<Result<Vec<_>, KinshipError>>()?;
        let mut known: Vec<&str> = self.victims.iter().map(|v| v.id.as_str()).collect();
        let mut families = Vec::with_capacity(self.families.len());
        for of in &self.families {
            let pedigree = of.pedigree()?;
            for id in pedigree.ids() {
                if profiles.contains_key(id.as_str()) && known.contains(&id.as_str()) {
                    let reason = "a profile belongs to two people (victims and families): give each typed person an id of their own";
                    return Err(KinshipError::case(reason, id));
                }
            }
            known.extend(of.persons.iter().map(|p| p.id.as_str()));
            let by_person = pedigree.ids().iter().map(|id| typing(id)).collect::<Result<Vec<_>, _>>()?;
            let by_marker = (0..markers.len()).map(|m| by_person.iter().map(|of| of[m]).collect()).collect();
            let place = |id: &String| {
                pedigree.place(id).ok_or_else(|| KinshipError::case("a missing person is not in the family", id))
            };
            let missing = of.missing.iter().map(place).collect::<Result<_, _>>()?;
            families.push(Family { name: of.name.clone(), pedigree, genotypes: by_marker, missing });
        }
        if let Some(stranger) = profiles.keys().find(|id| !known.contains(id)) {
            return Err(KinshipError::case("a profile belongs to nobody in the case", stranger));
        }
        if victims.is_empty() || families.is_empty() {
            return Err(KinshipError::case("give victims and families", "victims, families"));
        }
        let linkage = self.linkage(&markers)?;
        Ok(DviCase::new(markers, victims, families)?.with_theta(theta).with_linkage(linkage))
    }

    /// The coancestry coefficient, and a look at the form of the file, which every way in needs.
    fn theta(&self) -> Result<Theta, KinshipError> {
        if self.format != FORMAT {
            return Err(KinshipError::case("the format must be tanba-dna-case/1; this is", &self.format));
        }
        Theta::new(self.theta).map_err(|_| KinshipError::BadTheta)
    }

    /// Which markers are linked, by their usual names as the markers have them.
    fn linkage(&self, markers: &[Marker]) -> Result<Linkage, KinshipError> {
        let usual = |name: &String| MarkerName::of(name).as_str().to_owned();
        let named: Vec<Vec<String>> = self.linked.iter().map(|of| of.markers.iter().map(usual).collect()).collect();
        let fractions = self.linked.iter().map(|of| &of.recombination[..]);
        Linkage::new(markers, named.iter().map(Vec::as_slice).zip(fractions))
    }

    fn profiles(&self) -> Result<BTreeMap<&str, Profile<'_>>, KinshipError> {
        let mut profiles = BTreeMap::new();
        for (id, loci) in &self.profiles {
            let mut profile = Profile::new();
            for (name, alleles) in loci {
                if is_sex_marker(name) {
                    continue;
                }
                if profile.insert(MarkerName::of(name), alleles).is_some() {
                    return Err(KinshipError::genotype(
                        name,
                        id,
                        "the marker is given twice, by two of its names: keep one",
                    ));
                }
            }
            profiles.insert(id.as_str(), profile);
        }
        Ok(profiles)
    }

    /// The markers at which somebody is typed.
    fn build_markers(
        &self,
        table: Option<&PopulationFrequencies>,
        profiles: &BTreeMap<&str, Profile<'_>>,
    ) -> Result<Vec<Marker>, KinshipError> {
        let own: BTreeMap<MarkerName, &MarkerEntry> =
            self.markers.iter().map(|(name, entry)| (MarkerName::of(name), entry)).collect();
        let mut names: Vec<MarkerName> = profiles.values().flat_map(BTreeMap::keys).cloned().collect();
        names.sort();
        names.dedup();
        if names.len() > MAX_MARKERS {
            return Err(KinshipError::TooLarge {
                what: "the number of markers",
                size: names.len() as f64,
                limit: MAX_MARKERS as f64,
                advice: "split the panel",
            });
        }
        let nothing = MarkerEntry::default();
        names
            .iter()
            .map(|name| {
                let entry = own.get(name).copied().unwrap_or(&nothing);
                let in_table = || table.and_then(|t| t.at(name)).map(|at| at.alleles.clone());
                let own = entry.alleles.as_ref().map(|of| of.iter().map(|(a, p)| (a.clone(), *p)).collect());
                let alleles: Vec<(String, f64)> = own.or_else(in_table).ok_or_else(|| {
                    let reason = "no frequencies: use a table that has the marker, or leave the marker out knowingly";
                    KinshipError::marker(name.as_str(), reason)
                })?;
                let seen = profiles.values().filter_map(|profile| profile.get(name)).flat_map(|alleles| alleles.iter());
                let (labels, frequencies) = complete(name.as_str(), alleles, seen, &self.frequencies)?;
                let marker = Marker::new(name.as_str(), labels, frequencies)?;
                let marker = match entry.mutation.as_ref().or(self.mutation.as_ref()) {
                    Some(Mutation { male, female }) => marker.with_mutation(&model(male), &model(female))?,
                    None => marker,
                };
                let marker = entry.silent.map_or(Ok(marker.clone()), |silent| marker.with_silent(silent))?;
                Ok(if entry.x { marker.on(Inheritance::X) } else { marker })
            })
            .collect()
    }
}

/// Whether a marker tells the sex and nothing of kinship; the sex of a person stands beside the id.
fn is_sex_marker(name: &str) -> bool {
    tanba_formats::genetic::Marker::find(name).is_some_and(tanba_formats::genetic::Marker::is_sex_marker)
}

/// An allele as it is compared: `9.0` is `9`.
fn label(text: &str) -> String {
    crate::Allele::parse(text).map_or_else(|| text.trim().to_owned(), |allele| allele.to_string())
}

/// Labels and frequencies with what the rules add.
fn complete<'a>(
    name: &str,
    alleles: Vec<(String, f64)>,
    seen: impl Iterator<Item = &'a String>,
    rules: &Frequencies,
) -> Result<(Vec<String>, Vec<f64>), KinshipError> {
    let (mut labels, mut frequencies): (Vec<String>, Vec<f64>) =
        alleles.into_iter().map(|(a, p)| (label(&a), p)).unzip();
    if let Some(unseen) = rules.unseen {
        if !(unseen > 0.0 && unseen < 1.0) {
            return Err(KinshipError::marker(name, "the frequency of unseen alleles must lie between 0 and 1"));
        }
        for allele in seen.map(|a| label(a)) {
            if !labels.contains(&allele) && !is_dropout_mark(&allele) {
                labels.push(allele);
                frequencies.push(unseen);
            }
        }
    }
    let sum: f64 = frequencies.iter().sum();
    match rules.sum {
        SumRule::Rest if sum < 1.0 => {
            labels.push(REST.to_owned());
            frequencies.push(1.0 - sum);
        }
        SumRule::Scale if sum > 0.0 => frequencies.iter_mut().for_each(|p| *p /= sum),
        _ => {}
    }
    Ok((labels, frequencies))
}

fn model(of: &MutationEntry) -> MutationModel {
    match of {
        MutationEntry::None {} => MutationModel::None,
        MutationEntry::Equal { rate } => MutationModel::Equal { rate: *rate },
        MutationEntry::Proportional { rate } => MutationModel::Proportional { rate: *rate },
        MutationEntry::Stepwise { rate, rate2, range } => {
            MutationModel::Stepwise { rate: *rate, rate2: *rate2, range: *range }
        }
        MutationEntry::StepwiseStationary { rate, range } => {
            MutationModel::StepwiseStationary { rate: *rate, range: *range }
        }
        MutationEntry::Onestep { rate } => MutationModel::OneStep { rate: *rate },
        // A ragged matrix must not pass for a square one of as many numbers.
        MutationEntry::Custom { matrix } if matrix.iter().any(|row| row.len() != matrix.len()) => {
            MutationModel::Custom { matrix: Vec::new() }
        }
        MutationEntry::Custom { matrix } => MutationModel::Custom { matrix: matrix.concat() },
    }
}

fn genotypes(markers: &[Marker], id: &str, profile: &Profile<'_>) -> Result<Vec<Option<AllelePair>>, KinshipError> {
    let one = |marker: &Marker| {
        let Some(alleles) = profile.get(&MarkerName::of(marker.name())) else { return Ok(None) };
        let bad = |reason| Err(KinshipError::genotype(marker.name(), id, reason));
        // Markers may have any names for their alleles: where `F` is one of them it is no mark.
        let is_mark = |text: &String| is_dropout_mark(text) && !marker.labels().contains(&label(text));
        let pair = match alleles {
            [] => return Ok(None),
            [one, mark] | [mark, one] if is_mark(mark) && !is_mark(one) => marker.with_dropout_mark(&label(one)),
            marked if marked.iter().any(is_mark) => {
                return bad("a drop-out mark stands beside exactly one allele: correct it, or leave the marker out");
            }
            [one] => marker.pair(&label(one), &label(one)),
            [a, b] => marker.pair(&label(a), &label(b)),
            _ => return bad("more than two alleles: kinship takes one or two; leave the marker out or decide"),
        };
        match pair {
            Ok(pair) => Ok(Some(pair)),
            Err(_) => bad("an allele has no frequency: correct it, use a table that has it, or set frequencies.unseen"),
        }
    };
    markers.iter().map(one).collect()
}
