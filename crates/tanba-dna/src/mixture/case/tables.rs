//! Peaks, references, frequencies and sizes from the tables that a case names.

use std::collections::BTreeMap;

use tanba_formats::genetic::genotypes::{self, SampleGenotypes};
use tanba_formats::genetic::{MarkerName, frequencies};
use tanba_formats::{Decoded, Diagnostic};

use super::super::{MixtureError, Peak};
use super::CasePeak;
use crate::Allele;

/// How files are had: by the name in the case.
pub(super) type Files<'a> = dyn FnMut(&str) -> Result<Vec<u8>, String> + 'a;

/// What of a reader's notes means that something was not taken as it stands: nothing is left out quietly.
const REFUSED: [&str; 9] = [
    "number-unreadable",
    "peak-without-allele",
    "marker-missing",
    "marker-twice",
    "cells-beyond-headings",
    "off-ladder",
    "zero-is-missing",
    "sample-twice",
    "cell-too-long",
];

pub(super) fn bad(at: impl Into<String>, reason: impl Into<String>) -> MixtureError {
    MixtureError::BadCase { at: at.into(), reason: reason.into() }
}

/// A peak with its size in bases.
pub(super) type SizedPeak = (Peak, Option<f64>);

/// Peaks of each marker.
pub(super) type Sized = BTreeMap<MarkerName, Vec<SizedPeak>>;

/// A number for each allele of each marker: frequencies or sizes.
pub(super) type Table = BTreeMap<MarkerName, BTreeMap<Allele, f64>>;

/// The allele of a designation.
pub(super) fn allele(text: &str, at: &str, marker: &MarkerName) -> Result<Allele, MixtureError> {
    Allele::parse(text)
        .ok_or_else(|| bad(at, format!("{marker}: an allele cannot be read: write a number such as 12 or 12.2")))
}

/// Peaks that stand in the case itself.
pub(super) fn inline(at: &str, markers: &BTreeMap<String, Vec<CasePeak>>) -> Result<Sized, MixtureError> {
    let mut all = Sized::new();
    for (name, peaks) in markers {
        let marker = MarkerName::of(name);
        let read =
            |peak: &CasePeak| Ok((Peak { allele: allele(&peak.allele, at, &marker)?, height: peak.height }, peak.size));
        let peaks = peaks.iter().map(read).collect::<Result<_, MixtureError>>()?;
        if all.insert(marker.clone(), peaks).is_some() {
            return Err(bad(at, format!("{marker} stands twice under different spellings")));
        }
    }
    Ok(all)
}

/// One sample of a table of genotypes.
pub(super) fn sample(file: &str, name: Option<&str>, files: &mut Files) -> Result<SampleGenotypes, MixtureError> {
    let bytes = files(file).map_err(|reason| bad(file, reason))?;
    let Decoded { value, diagnostics } = genotypes::read(&bytes).map_err(|error| bad(file, error.to_string()))?;
    refuse(file, &bytes, &diagnostics)?;
    let mut samples = value.samples.into_iter().filter(|sample| name.is_none_or(|name| sample.id == name));
    match (samples.next(), samples.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => Err(bad(file, "it has no such sample: correct `sample`")),
        (Some(_), Some(_)) => Err(bad(file, "it has several samples: name one with `sample`")),
    }
}

/// Peaks of a sample, none at a marker whose row has none; sex markers are passed over.
pub(super) fn peaks(file: &str, sample: &SampleGenotypes) -> Result<Sized, MixtureError> {
    let mut all: Sized =
        sample.empty.iter().filter(|m| is_autosomal(m)).map(|marker| (marker.clone(), Vec::new())).collect();
    for genotype in sample.genotypes.iter().filter(|genotype| is_autosomal(&genotype.marker)) {
        let mut peaks = Vec::new();
        for call in &genotype.alleles {
            let height = call.height.ok_or_else(|| {
                bad(file, format!("{}: a peak has no height: export heights with the alleles", genotype.marker))
            })?;
            peaks.push((Peak { allele: allele(&call.allele, file, &genotype.marker)?, height }, call.size));
        }
        all.insert(genotype.marker.clone(), peaks);
    }
    Ok(all)
}

/// Whether the model is of this marker: sex markers and those of X and Y are not.
pub(super) fn is_autosomal(marker: &MarkerName) -> bool {
    use tanba_formats::genetic::Chromosome;
    marker.marker().is_none_or(|known| matches!(known.chromosome, Chromosome::Autosome(_)) && !known.is_sex_marker())
}

/// Allele frequencies of a table, and the population's name.
pub(super) fn frequency_table(file: &str, files: &mut Files) -> Result<(Option<String>, Table), MixtureError> {
    let bytes = files(file).map_err(|reason| bad(file, reason))?;
    let Decoded { value, .. } = frequencies::read(&bytes).map_err(|error| bad(file, error.to_string()))?;
    let [table] = &value[..] else {
        return Err(bad(file, "it holds several populations: give a table of one"));
    };
    let mut all = BTreeMap::new();
    for marker in &table.markers {
        // Rows that are no repeat numbers (indels, lumped alleles) make a marker unusable, and matter only if it was typed.
        let alleles: Option<BTreeMap<Allele, f64>> =
            marker.alleles.iter().map(|(name, f)| Some((Allele::parse(name)?, *f))).collect();
        all.extend(alleles.map(|alleles| (marker.marker.clone(), alleles)));
    }
    Ok((table.population.clone(), all))
}

/// Fragment lengths of a table `marker,allele,size`, with a row of headings.
pub(super) fn size_table(file: &str, files: &mut Files) -> Result<Table, MixtureError> {
    let bytes = files(file).map_err(|reason| bad(file, reason))?;
    let text = str::from_utf8(&bytes).map_err(|_| bad(file, "it is not UTF-8 text"))?;
    let mut all = Table::new();
    for (line, row) in text.trim_start_matches('\u{feff}').lines().enumerate().skip(1) {
        let cells: Vec<&str> = row.split(',').map(str::trim).collect();
        let [marker, name, size] = cells[..] else {
            if row.trim().is_empty() {
                continue;
            }
            return Err(bad(file, format!("line {}: a row is marker,allele,size", line + 1)));
        };
        let size: Option<f64> = size.parse().ok().filter(|size: &f64| size.is_finite());
        // AMEL's X and Y are of no use here.
        let marker = MarkerName::of(marker);
        if !is_autosomal(&marker) {
            continue;
        }
        let (Some(allele), Some(size)) = (Allele::parse(name), size) else {
            return Err(bad(file, format!("line {}, {marker}: an allele or a size cannot be read", line + 1)));
        };
        all.entry(marker).or_default().insert(allele, size);
    }
    Ok(all)
}

/// Stops at the first note that means that something was left out or changed.
fn refuse(file: &str, bytes: &[u8], diagnostics: &[Diagnostic]) -> Result<(), MixtureError> {
    let Some(first) = diagnostics.iter().find(|note| REFUSED.contains(&note.code)) else { return Ok(()) };
    let line = first.offset.map(|offset| bytes.iter().take(offset).filter(|byte| **byte == b'\n').count() + 1);
    let place = line.map_or_else(String::new, |line| format!("line {line}: "));
    Err(bad(file, format!("{place}{}; nothing is left out of a mixture quietly: correct the table", first.message)))
}
