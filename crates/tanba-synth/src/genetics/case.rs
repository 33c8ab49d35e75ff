//! Case files: what the commands that weigh evidence will read, and the truth that is written beside them.
//!
//! Their shapes are told in the documentation of [`genetics`](super).

use std::fmt::Display;

use serde::ser::{Serialize, SerializeMap, Serializer};
use tanba_dna::Allele;

use crate::person::Sex;

use super::meiosis::Mutation;
use super::typing::{Laboratory, Typing, TypingEvent};
use super::{
    AlleleTable, Diploid, Disaster, DisasterFamily, Electropherogram, Families, KIT_NAME, Meiosis, MutationModels,
    PeakModel, Pedigree, ProfilePopulation, Remains, SimulatedFamily, SimulatedStain, Stains,
};

/// The format's name.
pub const CASE_FORMAT: &str = "dna-cases/1";

/// A JSON object whose keys keep their order.
#[derive(Debug, Clone, PartialEq)]
pub struct Object<V>(pub Vec<(String, V)>);

impl<V: Serialize> Serialize for Object<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl<V> FromIterator<(String, V)> for Object<V> {
    fn from_iter<I: IntoIterator<Item = (String, V)>>(items: I) -> Self {
        Self(items.into_iter().collect())
    }
}

/// Marker to alleles.
type Alleles = Object<Vec<String>>;

/// Frequencies of one marker.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct MarkerFrequencies {
    alleles: Vec<String>,
    freqs: Vec<f64>,
}

/// A marker of a disaster.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct DisasterMarker {
    #[serde(flatten)]
    frequencies: MarkerFrequencies,
    chrom: Option<String>,
    mutation: Option<MutationModels>,
}

/// A pedigree in columns.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct PedigreeColumns {
    id: Vec<String>,
    fid: Vec<String>,
    mid: Vec<String>,
    sex: Vec<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    twin_of: Option<Vec<String>>,
}

/// A case of one family; see the module.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct FamilyCase {
    id: String,
    population: String,
    relation: String,
    pedigree: PedigreeColumns,
    #[serde(skip_serializing_if = "Option::is_none")]
    typed: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    typed_relatives: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<Missing>,
    profiles: Object<Alleles>,
    mutation: MutationModels,
    linkage: Vec<(String, String, f64)>,
    theta: f64,
}

/// One missing person, or several.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[serde(untagged)]
enum Missing {
    One(String),
    Several(Vec<String>),
}

/// The truth about a family.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct FamilyTruth {
    id: String,
    /// Whether the pedigree is true: no member's profile was exchanged for a stranger's.
    related: bool,
    /// Members whose profiles in the case are a stranger's.
    exchanged: Vec<String>,
    /// Genotypes of all members, the mother's allele first; for an exchanged member, those of the true one.
    people: Object<TruePerson>,
    mutations: Vec<TrueMutation>,
    typing: Vec<TrueEvent>,
}

/// A person of a truth file.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct TruePerson {
    sex: Sex,
    genotype: Alleles,
}

#[derive(Debug, Clone, PartialEq, serde::Serialize)]
struct TrueMutation {
    child: String,
    parent: &'static str,
    marker: String,
    from: String,
    to: String,
}

/// Something that went wrong in a typing: `drop_out`, `drop_in`, or `error` with what was written instead.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct TrueEvent {
    member: String,
    marker: String,
    event: &'static str,
    allele: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    written: Option<String>,
}

/// A mixture; see the module.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct MixtureCase {
    id: String,
    #[serde(rename = "NOC")]
    noc: usize,
    #[serde(rename = "POI")]
    poi: String,
    conditioned: Vec<String>,
    kit: &'static str,
    degradation: bool,
    back_stutter: bool,
    forward_stutter: bool,
    #[serde(rename = "AT")]
    at: f64,
    drop_in_prob: f64,
    drop_in_lambda: f64,
    fst: f64,
    samples: Object<Object<SampleMarker>>,
    references: Object<Object<ReferenceMarker>>,
    pop_freqs: Object<Object<f64>>,
}

#[derive(Debug, Clone, PartialEq, serde::Serialize)]
struct SampleMarker {
    adata: Vec<String>,
    hdata: Vec<u32>,
}

#[derive(Debug, Clone, PartialEq, serde::Serialize)]
struct ReferenceMarker {
    adata: Vec<String>,
}

/// The truth about a mixture.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct MixtureTruth {
    id: String,
    /// Contributor that the person of interest is, counted from 1.
    poi_is: Option<usize>,
    /// Names in `references` of the known contributors, with the contributor that each is.
    conditioned: Object<usize>,
    proportions: Vec<f64>,
    first_two_are_siblings: bool,
    model: PeakModel,
    contributors: Vec<TruePerson>,
    replicates: Vec<TruePeaks>,
}

/// Why the peaks of one amplification are as they are.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct TruePeaks {
    dropped: Vec<TrueDrop>,
    dropped_in: Vec<(String, String)>,
    stutter: Vec<(String, String)>,
}

#[derive(Debug, Clone, PartialEq, serde::Serialize)]
struct TrueDrop {
    contributor: usize,
    marker: String,
    allele: String,
}

/// A disaster; see the module.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct DisasterCase {
    name: String,
    pm: Object<Alleles>,
    pm_sex: Object<u8>,
    am: Object<PedigreeColumns>,
    am_profiles: Object<Alleles>,
    missing: Vec<String>,
    markers: Object<DisasterMarker>,
}

/// The truth about a disaster.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct DisasterTruth {
    /// Remains to the missing person they are of, or null.
    assignment: Object<Option<String>>,
    /// Missing people whose remains are not there.
    not_found: Vec<String>,
    remains: Object<TrueRemains>,
}

#[derive(Debug, Clone, PartialEq, serde::Serialize)]
struct TrueRemains {
    #[serde(flatten)]
    person: TruePerson,
    model: PeakModel,
    markers_called: usize,
    #[serde(flatten)]
    peaks: TruePeaks,
}

/// A table as case files hold it.
pub fn population_object(table: &AlleleTable) -> Object<MarkerFrequencies> {
    let of = |m: &super::Marker| MarkerFrequencies { alleles: texts(m.alleles()), freqs: m.frequencies().to_vec() };
    table.markers().iter().map(|marker| (marker.name().to_owned(), of(marker))).collect()
}

/// Family `k` as a case and its truth. `false_share` is the probability that the profile of somebody who is asked about is a
/// stranger's: of the missing, or else of member `B`, or else of the last typed member.
pub fn family_case(
    id: String,
    families: &Families<'_>,
    laboratory: &Laboratory,
    false_share: f64,
    k: u64,
) -> (FamilyCase, FamilyTruth) {
    let (pedigree, population) = (families.pedigree, families.population);
    let table = population.table();
    let (family, related, strangers) = families.with_strangers(k, false_share);
    let ids: Vec<String> = pedigree.members().iter().map(|member| member.id.clone()).collect();
    let (mut profiles, mut events) = (Vec::new(), Vec::new());
    for (i, id) in ids.iter().enumerate() {
        if !pedigree.is_typed(i) && !pedigree.missing().contains(&i) {
            continue;
        }
        let person = strangers.iter().find(|(at, _)| *at == i).map_or(&family.people[i], |(_, stranger)| stranger);
        // Room for every member of the largest pedigree in each family's numbers.
        let typing = laboratory.typing(population, k, person, (k << 14) + i as u64);
        events.extend(typing_truth(id, table, &typing));
        profiles.push((id.clone(), typed(table, &typing)));
    }
    let listed: Vec<String> = (0..ids.len()).filter(|&i| pedigree.is_typed(i)).map(|i| ids[i].clone()).collect();
    let mut missing: Vec<String> = pedigree.missing().iter().map(|&i| ids[i].clone()).collect();
    let searched = !missing.is_empty();
    let case = FamilyCase {
        id: id.clone(),
        population: table.population().to_owned(),
        relation: pedigree.text().name.clone(),
        pedigree: columns(pedigree, &family, &ids),
        typed: (!searched).then(|| listed.clone()),
        typed_relatives: searched.then_some(listed),
        missing: match missing.len() {
            0 => None,
            1 => missing.pop().map(Missing::One),
            _ => Some(Missing::Several(missing)),
        },
        profiles: Object(profiles),
        mutation: families.meiosis.models(),
        linkage: linkage(table, families.meiosis),
        theta: population.theta(),
    };
    let truth = FamilyTruth {
        id,
        related,
        exchanged: strangers.iter().map(|(i, _)| ids[*i].clone()).collect(),
        people: ids.iter().cloned().zip(family.people.iter().map(|p| TruePerson::new(table, p))).collect(),
        mutations: family.mutations.iter().map(|(i, m)| TrueMutation::new(&ids[*i], table, m)).collect(),
        typing: events,
    };
    (case, truth)
}

/// What went wrong in a typing of a member or specimen.
pub fn typing_truth(member: &str, table: &AlleleTable, typing: &Typing) -> Vec<TrueEvent> {
    typing.events.iter().map(|(marker, event)| TrueEvent::new(member, table, *marker, event)).collect()
}

/// Stain `k` as a case and its truth.
pub fn mixture_case(id: String, stains: &Stains<'_>, k: u64) -> (MixtureCase, MixtureTruth) {
    let SimulatedStain {
        contributors,
        proportions,
        related,
        model,
        replicates,
        person_of_interest,
        interest_is,
        known,
    } = stains.stain(k);
    let population = stains.population();
    let table = population.table();
    let names: Vec<String> = (0..known.len()).map(|i| format!("known{}", i + 1)).collect();
    let reference = |person: &Diploid| -> Object<ReferenceMarker> {
        markers(table).enumerate().map(|(m, name)| (name, ReferenceMarker { adata: pair(table, person, m) })).collect()
    };
    let sample = |seen: &Electropherogram| -> Object<SampleMarker> {
        markers(table)
            .zip(&seen.markers)
            .map(|(name, peaks)| {
                let adata = peaks.iter().map(|p| p.allele.to_string()).collect();
                (name, SampleMarker { adata, hdata: peaks.iter().map(|p| p.height).collect() })
            })
            .collect()
    };
    let mut references = vec![("poi".to_owned(), reference(&person_of_interest))];
    references.extend(names.iter().cloned().zip(known.iter().map(|&i| reference(&contributors[i]))));
    let case = MixtureCase {
        id: id.clone(),
        noc: contributors.len(),
        poi: "poi".to_owned(),
        conditioned: names.clone(),
        kit: KIT_NAME,
        degradation: true,
        back_stutter: model.back_stutter > 0.0,
        forward_stutter: model.forward_stutter > 0.0,
        at: model.threshold,
        drop_in_prob: model.drop_in,
        drop_in_lambda: model.drop_in_lambda,
        fst: population.theta(),
        samples: replicates.iter().enumerate().map(|(i, seen)| (format!("r{}", i + 1), sample(seen))).collect(),
        references: Object(references),
        pop_freqs: table
            .markers()
            .iter()
            .map(|m| {
                (m.name().to_owned(), texts(m.alleles()).into_iter().zip(m.frequencies().iter().copied()).collect())
            })
            .collect(),
    };
    let truth = MixtureTruth {
        id,
        poi_is: interest_is.map(|i| i + 1),
        conditioned: names.into_iter().zip(known.iter().map(|i| i + 1)).collect(),
        proportions,
        first_two_are_siblings: related,
        model,
        contributors: contributors.iter().map(|c| TruePerson::new(table, c)).collect(),
        replicates: replicates.iter().map(|seen| TruePeaks::new(table, seen)).collect(),
    };
    (case, truth)
}

/// A disaster as a case and its truth.
pub fn disaster_case(
    name: String,
    disaster: &Disaster,
    population: &ProfilePopulation,
    meiosis: &Meiosis,
) -> (DisasterCase, DisasterTruth) {
    let table = population.table();
    let (mut am, mut am_profiles, mut missing) = (Vec::new(), Vec::new(), Vec::new());
    let mut missing_of = Vec::new();
    let (mut relatives, mut others) = (0, 0);
    for (f, DisasterFamily { pedigree, family }) in disaster.families.iter().enumerate() {
        let count = |prefix: &str, n: &mut usize| {
            *n += 1;
            format!("{prefix}{n}")
        };
        let mut ids = Vec::new();
        for i in 0..pedigree.members().len() {
            ids.push(if pedigree.missing().contains(&i) {
                missing.push(format!("M{}", missing.len() + 1));
                missing[missing.len() - 1].clone()
            } else if pedigree.is_typed(i) {
                count("R", &mut relatives)
            } else {
                count("U", &mut others)
            });
            if pedigree.is_typed(i) {
                am_profiles.push((ids[i].clone(), reference_alleles(table, &family.people[i])));
            }
        }
        missing_of.push(pedigree.missing().iter().map(|&i| ids[i].clone()).collect::<Vec<_>>());
        am.push((format!("F{}", f + 1), columns(pedigree, family, &ids)));
    }
    let remains = |i: usize| format!("V{}", i + 1);
    let called = |r: &Remains| -> Alleles {
        markers(table)
            .zip(&r.calls)
            .filter_map(|(name, call)| call.map(|(a, b)| (name, vec![a.to_string(), b.to_string()])))
            .collect()
    };
    let each = || disaster.remains.iter().enumerate().map(|(i, r)| (remains(i), r));
    let assignment: Object<Option<String>> =
        each().map(|(v, r)| (v, r.is.map(|(family, i)| missing_of[family][i].clone()))).collect();
    let models = meiosis.models();
    let mutation = (models != MutationModels::NONE).then_some(models);
    let case = DisasterCase {
        name,
        pm: each().map(|(v, r)| (v, called(r))).collect(),
        pm_sex: each().map(|(v, r)| (v, r.sex.map_or(0, sex_code))).collect(),
        am: Object(am),
        am_profiles: Object(am_profiles),
        missing: missing.clone(),
        markers: population_object(table)
            .0
            .into_iter()
            .map(|(name, frequencies)| (name, DisasterMarker { frequencies, chrom: None, mutation }))
            .collect(),
    };
    let truth = DisasterTruth {
        not_found: missing.into_iter().filter(|m| !assignment.0.iter().any(|(_, is)| is.as_ref() == Some(m))).collect(),
        assignment,
        remains: each()
            .map(|(v, r)| {
                let truth = TrueRemains {
                    person: TruePerson::new(table, &r.person),
                    model: r.model,
                    markers_called: r.calls.iter().flatten().count(),
                    peaks: TruePeaks::new(table, &r.seen),
                };
                (v, truth)
            })
            .collect(),
    };
    (case, truth)
}

impl TruePerson {
    fn new(table: &AlleleTable, person: &Diploid) -> Self {
        Self { sex: person.sex, genotype: true_alleles(table, person) }
    }
}

impl TrueMutation {
    fn new(child: &str, table: &AlleleTable, mutation: &Mutation) -> Self {
        let marker = &table.markers()[mutation.marker];
        let text = |i: u8| marker.alleles()[usize::from(i)].to_string();
        Self {
            child: child.to_owned(),
            parent: if mutation.parent == Sex::Female { "mother" } else { "father" },
            marker: marker.name().to_owned(),
            from: text(mutation.from),
            to: text(mutation.to),
        }
    }
}

impl TrueEvent {
    fn new(member: &str, table: &AlleleTable, marker: usize, event: &TypingEvent) -> Self {
        let (event, allele, written) = match event {
            TypingEvent::DropOut(a) => ("drop_out", a, None),
            TypingEvent::DropIn(a) => ("drop_in", a, None),
            TypingEvent::Error(a, b) => ("error", a, Some(b)),
        };
        Self {
            member: member.to_owned(),
            marker: table.markers()[marker].name().to_owned(),
            event,
            allele: allele.to_string(),
            written: written.map(ToString::to_string),
        }
    }
}

impl TruePeaks {
    fn new(table: &AlleleTable, seen: &Electropherogram) -> Self {
        let name = |m: usize| table.markers()[m].name().to_owned();
        let at = |list: &[(usize, Allele)]| list.iter().map(|(m, a)| (name(*m), a.to_string())).collect();
        let dropped = seen.dropped.iter().map(|(k, m, a)| TrueDrop {
            contributor: k + 1,
            marker: name(*m),
            allele: a.to_string(),
        });
        Self { dropped: dropped.collect(), dropped_in: at(&seen.dropped_in), stutter: at(&seen.stutter) }
    }
}

fn texts<T: Display>(all: &[T]) -> Vec<String> {
    all.iter().map(ToString::to_string).collect()
}

fn markers(table: &AlleleTable) -> impl Iterator<Item = String> {
    table.markers().iter().map(|marker| marker.name().to_owned())
}

/// A genotype in ascending order, as a reference is written.
fn pair(table: &AlleleTable, person: &Diploid, marker: usize) -> Vec<String> {
    let (a, b) = table.pair(person, marker);
    texts(&[a.min(b), a.max(b)])
}

fn true_alleles(table: &AlleleTable, person: &Diploid) -> Alleles {
    let of = |m| {
        let (a, b) = table.pair(person, m);
        texts(&[a, b])
    };
    markers(table).enumerate().map(|(m, name)| (name, of(m))).collect()
}

/// As a clean reference is written: no parent's allele told from the other's.
fn reference_alleles(table: &AlleleTable, person: &Diploid) -> Alleles {
    markers(table).enumerate().map(|(m, name)| (name, pair(table, person, m))).collect()
}

/// A typing as pairs: one allele stands twice, a marker without any is absent.
fn typed(table: &AlleleTable, typing: &Typing) -> Alleles {
    let twice = |alleles: &[Allele]| match alleles {
        [one] => texts(&[one, one]),
        more => texts(more),
    };
    markers(table).zip(&typing.alleles).filter(|(_, a)| !a.is_empty()).map(|(m, a)| (m, twice(a))).collect()
}

fn sex_code(sex: Sex) -> u8 {
    if sex == Sex::Male { 1 } else { 2 }
}

fn columns(pedigree: &Pedigree, family: &SimulatedFamily, ids: &[String]) -> PedigreeColumns {
    let parent = |side: fn((usize, usize)) -> usize| {
        (0..ids.len()).map(|i| pedigree.parents(i).map_or("0".to_owned(), |both| ids[side(both)].clone())).collect()
    };
    let twins: Vec<String> =
        (0..ids.len()).map(|i| pedigree.twin_of(i).map_or("0".to_owned(), |twin| ids[twin].clone())).collect();
    PedigreeColumns {
        id: ids.to_vec(),
        fid: parent(|(_, father)| father),
        mid: parent(|(mother, _)| mother),
        sex: family.people.iter().map(|person| sex_code(person.sex)).collect(),
        twin_of: twins.iter().any(|twin| twin != "0").then_some(twins),
    }
}

fn linkage(table: &AlleleTable, meiosis: &Meiosis) -> Vec<(String, String, f64)> {
    let name = |m: usize| table.markers()[m].name().to_owned();
    meiosis.linked().map(|(a, b, fraction)| (name(a), name(b), fraction)).collect()
}
