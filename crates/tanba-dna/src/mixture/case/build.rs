//! From the case as written to evidence and a question.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tanba_formats::genetic::{Kit, MarkerName};

use super::super::evidence::fragment_size;
use super::super::{
    Evidence, FitOptions, Hypothesis, MarkerEvidence, MixtureError, OwnSettings, Question, Reference, Related,
    Relative, Sampling, Settings,
};
use super::tables::{self, Files, Sized, SizedPeak, Table, allele, bad};
use super::{CaseFile, INSTEAD, Model, OwnModel, RelatedUnknown, Who, parse};
use crate::Allele;

/// A case, ready to be computed.
#[derive(Debug, Clone)]
pub struct MixtureCase {
    /// Its title.
    pub title: String,
    /// The population of the frequencies.
    pub population: String,
    /// Names of the replicates.
    pub replicates: Vec<String>,
    /// Dye of each marker, where the kit says it.
    pub dyes: BTreeMap<MarkerName, &'static str>,
    /// The evidence.
    pub evidence: Evidence,
    /// The question.
    pub question: Question,
    /// The two hypotheses: with the person of interest, and with an unknown instead.
    pub hypotheses: [Hypothesis; 2],
    /// How hard the maximum is looked for.
    pub fit: FitOptions,
    /// How the conservative ratio is drawn, if asked for.
    pub conservative: Option<Sampling>,
    /// Random people to try.
    pub non_contributors: usize,
    /// What a reader must know of how the case was read.
    pub notes: Vec<String>,
}

impl MixtureCase {
    /// Reads a case. `files` returns the bytes of a file that the case names.
    ///
    /// # Errors
    /// [`MixtureError`] with the field, the file and line, the marker or the person.
    pub fn read(document: &Value, files: &mut Files) -> Result<Self, MixtureError> {
        let case = parse(document)?;
        let mut notes = Vec::new();
        let kit = match &case.kit {
            Some(name) => {
                Some(Kit::find(name).ok_or_else(|| bad("kit", "it is not known: correct the name or leave it out"))?)
            }
            None => None,
        };
        let (population, frequencies) = frequencies(&case, files)?;
        let sizes = sizes(&case, files)?;
        let mut replicates: Vec<Sized> = Vec::new();
        for replicate in &case.replicates {
            let at = format!("replicate {:?}", replicate.name);
            replicates.push(match (&replicate.markers, &replicate.file) {
                (Some(markers), None) => tables::inline(&at, markers)?,
                (None, Some(file)) => tables::peaks(file, &tables::sample(file, replicate.sample.as_deref(), files)?)?,
                _ => return Err(bad(at, "give either `markers` or `file`")),
            });
        }
        let left_out: BTreeSet<MarkerName> = case.leave_out.iter().map(|name| MarkerName::of(name)).collect();
        let mut names: BTreeSet<MarkerName> = replicates.iter().flat_map(|peaks| peaks.keys().cloned()).collect();
        names.retain(tables::is_autosomal);
        note_untyped(kit, &names, &left_out, &mut notes);
        for marker in names.intersection(&left_out) {
            notes.push(format!("{marker} is left out, as the case says"));
        }
        let names: Vec<MarkerName> = names.into_iter().filter(|marker| !left_out.contains(marker)).collect();
        let dyes: BTreeMap<MarkerName, &'static str> =
            names.iter().filter_map(|name| Some((name.clone(), kit?.dye(name.marker()?)?))).collect();
        let own_models = own_models(&case.model, &names)?;
        let mut markers = Vec::new();
        for marker in &names {
            let table = frequencies.get(marker).ok_or_else(|| MixtureError::BadMarker {
                marker: marker.clone(),
                reason: "the frequencies do not cover it: use a table that does, or put it in `leave_out`",
            })?;
            let seen: Vec<Option<&Vec<_>>> = replicates.iter().map(|peaks| peaks.get(marker)).collect();
            let own = own_models.get(marker).copied().unwrap_or_default();
            let (sizes, rest_size) = marker_sizes(marker, &case.model, sizes.get(marker), &seen, table)?;
            markers.push(MarkerEvidence {
                marker: marker.clone(),
                replicates: seen
                    .iter()
                    .map(|peaks| peaks.map(|peaks| peaks.iter().map(|(peak, _)| *peak).collect()))
                    .collect(),
                threshold: own.threshold.unwrap_or_else(|| threshold(&case.model, dyes.get(marker).copied())),
                frequencies: table.clone(),
                sizes,
                rest_size,
                own: OwnSettings { theta: own.theta, drop_in: own.drop_in, drop_in_rate: own.drop_in_rate },
            });
        }
        note_empty(&markers, &mut notes);
        let references = references(&case, files)?;
        let place = |id: &str| {
            references.iter().position(|reference| reference.id == id).ok_or_else(|| {
                bad("person_of_interest, known, related", "no reference has that id: add it to `references`")
            })
        };
        let question = Question {
            interest: place(&case.person_of_interest)?,
            known: case.known.iter().map(|id| place(id)).collect::<Result<_, _>>()?,
            contributors: case.contributors,
            related: related(&case.related, &place)?,
        };
        for reference in &references {
            let missing = markers.iter().filter(|m| !reference.genotypes.contains_key(&m.marker)).count();
            if missing > 0 {
                notes
                    .push(format!("{} has no genotype at {missing} markers and counts as unknown there", reference.id));
            }
        }
        let model = &case.model;
        let settings = Settings {
            degradation: model.degradation,
            back_stutter: model.back_stutter,
            forward_stutter: model.forward_stutter,
            double_back_stutter: model.double_back_stutter,
            height_by_replicate: model.height_by_replicate,
            theta: model.theta,
            drop_in: model.drop_in,
            drop_in_rate: model.drop_in_rate,
            minimum_frequency: model.minimum_frequency,
        };
        let evidence = Evidence::new(settings, markers, references)?;
        let hypotheses = question.hypotheses(&evidence)?;
        Ok(Self {
            title: case.title,
            population,
            replicates: case.replicates.into_iter().map(|replicate| replicate.name).collect(),
            dyes,
            evidence,
            question,
            hypotheses,
            fit: FitOptions { starts: case.fit.starts, seed: case.fit.seed },
            conservative: case.conservative.map(|asked| Sampling {
                draws: asked.draws,
                quantile: asked.quantile,
                seed: case.fit.seed,
            }),
            non_contributors: case.non_contributors,
            notes,
        })
    }
}

/// Relations as the file writes them.
fn related(
    written: &[RelatedUnknown],
    place: &dyn Fn(&str) -> Result<usize, MixtureError>,
) -> Result<Vec<Related>, MixtureError> {
    let one = |of: &RelatedUnknown| {
        Ok(Related {
            unknown: match &of.unknown {
                Who::Number(number) => Some(*number),
                Who::Name(name) if name == INSTEAD => None,
                Who::Name(_) => return Err(bad("related", "`unknown` is a number from 1, or \"instead\"")),
            },
            relation: of.relation,
            to: match &of.to {
                Who::Number(number) => Relative::Unknown(*number),
                Who::Name(id) => Relative::Reference(place(id)?),
            },
        })
    };
    written.iter().map(one).collect()
}

/// What markers have of their own. A name that no replicate has is a mistake that would go unnoticed.
fn own_models(model: &Model, names: &[MarkerName]) -> Result<BTreeMap<MarkerName, OwnModel>, MixtureError> {
    let mut all = BTreeMap::new();
    for (name, own) in &model.markers {
        let marker = MarkerName::of(name);
        if !names.contains(&marker) {
            return Err(bad(
                "model.markers",
                format!("{marker} is not a marker of the stain: correct the name or take it out"),
            ));
        }
        if all.insert(marker.clone(), *own).is_some() {
            return Err(bad("model.markers", format!("{marker} stands twice under different spellings")));
        }
    }
    Ok(all)
}

fn threshold(model: &Model, dye: Option<&str>) -> f64 {
    let own = dye.and_then(|dye| model.thresholds.iter().find(|(name, _)| name.eq_ignore_ascii_case(dye)));
    own.map_or(model.threshold, |(_, threshold)| *threshold)
}

fn note_empty(markers: &[MarkerEvidence], notes: &mut Vec<String>) {
    for marker in markers.iter().filter(|marker| marker.seen().is_empty()) {
        notes.push(format!("{} shows nothing in any replicate and counts as dropped out", marker.marker));
    }
}

/// A marker of the kit without a row was not typed, as far as anybody can tell from the tables.
fn note_untyped(
    kit: Option<&Kit>,
    names: &BTreeSet<MarkerName>,
    left_out: &BTreeSet<MarkerName>,
    notes: &mut Vec<String>,
) {
    let typed = kit.into_iter().flat_map(Kit::markers).map(MarkerName::from).filter(tables::is_autosomal);
    let absent: Vec<String> =
        typed.filter(|m| !names.contains(m) && !left_out.contains(m)).map(|marker| marker.to_string()).collect();
    if !absent.is_empty() {
        notes.push(format!(
            "markers of the kit that no replicate names count as not typed: {}; where one was typed and showed nothing, \
             give it a row (or a list) without peaks",
            absent.join(", ")
        ));
    }
}

fn by_name(at: &str, markers: &BTreeMap<String, BTreeMap<String, f64>>) -> Result<Table, MixtureError> {
    let mut all = Table::new();
    for (name, alleles) in markers {
        let marker = MarkerName::of(name);
        let read = |(name, value): (&String, &f64)| Ok((allele(name, at, &marker)?, *value));
        let alleles = alleles.iter().map(read).collect::<Result<_, MixtureError>>()?;
        if all.insert(marker.clone(), alleles).is_some() {
            return Err(bad(at, format!("{marker} stands twice under different spellings")));
        }
    }
    Ok(all)
}

fn frequencies(case: &CaseFile, files: &mut Files) -> Result<(String, Table), MixtureError> {
    let given = &case.frequencies;
    let (named, table) = match (&given.markers, &given.file) {
        (Some(markers), None) => (None, by_name("frequencies", markers)?),
        (None, Some(file)) => {
            let (named, table) = tables::frequency_table(file, files)?;
            (named.or_else(|| Some(file.clone())), table)
        }
        _ => return Err(bad("frequencies", "give either `markers` or `file`")),
    };
    Ok((given.population.clone().or(named).unwrap_or_else(|| "not named".to_owned()), table))
}

fn sizes(case: &CaseFile, files: &mut Files) -> Result<Table, MixtureError> {
    match &case.sizes {
        None => Ok(Table::new()),
        Some(given) => match (&given.markers, &given.file) {
            (Some(markers), None) => by_name("sizes", markers),
            (None, Some(file)) => tables::size_table(file, files),
            _ => Err(bad("sizes", "give either `markers` or `file`")),
        },
    }
}

fn references(case: &CaseFile, files: &mut Files) -> Result<Vec<Reference>, MixtureError> {
    let mut all = Vec::new();
    for person in &case.references {
        let at = format!("reference {:?}", person.id);
        let mut genotypes = BTreeMap::new();
        let mut add = |marker: MarkerName, alleles: Vec<&str>| {
            if !tables::is_autosomal(&marker) {
                return Ok(());
            }
            let read: Vec<Allele> = alleles.iter().map(|a| allele(a, &at, &marker)).collect::<Result<_, _>>()?;
            let pair = match read[..] {
                [] => return Ok(()),
                [a] => [a, a],
                [a, b] => [a, b],
                _ => return Err(bad(&at, format!("{marker}: more than two alleles: leave the marker out"))),
            };
            match genotypes.insert(marker.clone(), pair) {
                None => Ok(()),
                Some(_) => Err(bad(&at, format!("{marker} stands twice: keep one"))),
            }
        };
        match (&person.genotypes, &person.file) {
            (Some(typed), None) => {
                for (name, alleles) in typed {
                    add(MarkerName::of(name), alleles.iter().map(String::as_str).collect())?;
                }
            }
            (None, Some(file)) => {
                let sample = tables::sample(file, person.sample.as_deref().or(Some(&person.id)), files)?;
                for genotype in &sample.genotypes {
                    add(genotype.marker.clone(), genotype.alleles.iter().map(|call| call.allele.as_str()).collect())?;
                }
            }
            _ => return Err(bad(at, "give either `genotypes` or `file`")),
        }
        all.push(Reference { id: person.id.clone(), genotypes });
    }
    Ok(all)
}

/// Sizes of the alleles seen, and of all others together: from the table of sizes, from the peaks otherwise.
fn marker_sizes(
    marker: &MarkerName,
    model: &Model,
    table: Option<&BTreeMap<Allele, f64>>,
    replicates: &[Option<&Vec<SizedPeak>>],
    frequencies: &BTreeMap<Allele, f64>,
) -> Result<(BTreeMap<Allele, f64>, Option<f64>), MixtureError> {
    if !model.degradation {
        return Ok((BTreeMap::new(), None));
    }
    let repeat = marker.marker().and_then(|known| known.repeat).map(f64::from);
    let mut measured: BTreeMap<Allele, Vec<f64>> = BTreeMap::new();
    for (peak, size) in replicates.iter().flatten().flat_map(|peaks| peaks.iter()) {
        measured.entry(peak.allele).or_default().extend(size);
    }
    let mean = |all: &[f64]| all.iter().sum::<f64>() / all.len() as f64;
    let known: BTreeMap<Allele, f64> = match table {
        Some(table) => table.clone(),
        None => measured.iter().filter(|(_, all)| !all.is_empty()).map(|(a, all)| (*a, mean(all))).collect(),
    };
    let size = |allele: Allele| fragment_size(allele, &known, repeat);
    let longest = match table {
        Some(table) => table.values().copied().reduce(f64::max),
        None => frequencies.keys().copied().max().and_then(size),
    };
    let sized = measured.keys().filter_map(|allele| Some((*allele, size(*allele)?))).collect();
    if longest.is_none() {
        return Err(MixtureError::BadMarker {
            marker: marker.clone(),
            reason: "degradation needs sizes in bases: give `size` with the peaks or `sizes` of the kit, or switch degradation off",
        });
    }
    Ok((sized, longest))
}
