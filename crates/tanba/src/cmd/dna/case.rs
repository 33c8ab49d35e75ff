//! Case files and what they name: read, and remembered by their hashes.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use figment::providers::{Format, Toml};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tanba_dna::kinship::case::familias::{self, Part};
use tanba_dna::kinship::case::{CaseFile, MarkerEntry, Mutation, MutationEntry};
use tanba_dna::kinship::{Linkage, Marker, Pedigree};
use tanba_formats::genetic::frequencies::PopulationFrequencies;
use tanba_formats::genetic::{self, MarkerName};

use crate::input::read_file;

/// A case file with the table of frequencies that it names.
pub(super) struct Opened {
    /// The case.
    pub(super) file: CaseFile,
    /// The table.
    pub(super) table: Option<PopulationFrequencies>,
    /// Name and SHA-256 of everything that was read.
    pub(super) inputs: Vec<(String, String)>,
}

/// Opens a case: TOML, JSON or a project of Familias, by the ending of its name.
pub(super) fn open(path: &Path, part: Part) -> anyhow::Result<Opened> {
    let shown = path.display();
    let bytes = read_file(path)?;
    let mut inputs = vec![remembered(path, &bytes)];
    let ending = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
    let file = match ending.as_str() {
        "fam" => {
            let project = genetic::familias::read(&bytes).with_context(|| format!("cannot read {shown}"))?;
            familias::import(&project.value, part).with_context(|| format!("cannot use {shown}"))?
        }
        "json" => serde_json::from_slice(&bytes).with_context(|| format!("{shown} is not a case"))?,
        _ => {
            let text = std::str::from_utf8(&bytes).with_context(|| format!("{shown} is not text"))?;
            Toml::from_str::<CaseFile>(text).with_context(|| format!("{shown} is not a case"))?
        }
    };
    let table = match &file.frequencies.file {
        None => None,
        Some(name) => {
            let at: PathBuf = path.parent().unwrap_or(Path::new("")).join(name);
            let bytes = read_file(&at)?;
            inputs.push(remembered(&at, &bytes));
            Some(choose(&bytes, &at, file.frequencies.population.as_deref())?)
        }
    };
    Ok(Opened { file, table, inputs })
}

/// A file by name and hash.
pub(super) fn remembered(path: &Path, bytes: &[u8]) -> (String, String) {
    let name = path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned());
    (name, sha256(bytes))
}

/// The hash of a file, as reports tell it.
pub(super) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The population of a table that a case means.
fn choose(bytes: &[u8], path: &Path, population: Option<&str>) -> anyhow::Result<PopulationFrequencies> {
    let shown = path.display();
    let read = genetic::frequencies::read(bytes).with_context(|| format!("cannot read {shown}"))?;
    let mut tables = read.value;
    let Some(name) = population else {
        return match tables.len() {
            1 => Ok(tables.remove(0)),
            many => bail!("{shown} has {many} populations: name one as frequencies.population"),
        };
    };
    let found = tables.into_iter().find(|table| table.population.as_deref() == Some(name));
    found.with_context(|| format!("{shown} has no population {name:?}"))
}

/// What a report says of linked markers, a line for each group.
pub(super) fn linkage_in_words<'a>(markers: &'a [Marker], linkage: &'a Linkage) -> impl Iterator<Item = String> + 'a {
    linkage.groups().map(|(group, fractions)| {
        let names: Vec<&str> = group.iter().map(|m| markers[*m].name()).collect();
        let fractions: Vec<String> = fractions.iter().map(ToString::to_string).collect();
        format!("{} are linked, recombination {} from each to the next", names.join(", "), fractions.join(", "))
    })
}

/// Linked groups for programs.
pub(super) fn linkage_json(markers: &[Marker], linkage: &Linkage) -> Value {
    let group = |(group, fractions): (&[usize], &[f64])| {
        let names: Vec<&str> = group.iter().map(|m| markers[*m].name()).collect();
        json!({ "markers": names, "recombination": fractions })
    };
    linkage.groups().map(group).collect()
}

/// The markers of its linkage group before a marker: its ratio is given what they show.
pub(super) fn linked_before<'a>(markers: &'a [Marker], linkage: &Linkage, marker: usize) -> Vec<&'a str> {
    let before = linkage.before(marker).map_or(&[][..], |(group, _)| &group[..group.len() - 1]);
    before.iter().map(|m| markers[*m].name()).collect()
}

/// What a report says of how the markers mutate, in words; markers of one model stand together.
pub(super) fn mutation_in_words(file: &CaseFile, markers: &[Marker]) -> Vec<String> {
    let own: Vec<(MarkerName, &MarkerEntry)> =
        file.markers.iter().map(|(name, entry)| (MarkerName::of(name), entry)).collect();
    let mut kinds: Vec<(String, Vec<&str>)> = Vec::new();
    for marker in markers {
        let entry = own.iter().find(|(name, _)| name.as_str() == marker.name()).map(|(_, entry)| *entry);
        let text = match entry.and_then(|entry| entry.mutation.as_ref()).or(file.mutation.as_ref()) {
            None => "no mutation".to_owned(),
            Some(Mutation { male, female }) if male == female => format!("mutation {}", model_in_words(male)),
            Some(Mutation { male, female }) => {
                format!("mutation in fathers {}, in mothers {}", model_in_words(male), model_in_words(female))
            }
        };
        match kinds.iter_mut().find(|(known, _)| *known == text) {
            Some((_, names)) => names.push(marker.name()),
            None => kinds.push((text, vec![marker.name()])),
        }
    }
    match &kinds[..] {
        [(text, _)] => vec![format!("all markers: {text}")],
        _ => kinds.iter().map(|(text, names)| format!("{}: {text}", names.join(", "))).collect(),
    }
}

fn model_in_words(of: &MutationEntry) -> String {
    match of {
        MutationEntry::None {} => "none".to_owned(),
        MutationEntry::Equal { rate } => format!("equal (rate {rate})"),
        MutationEntry::Proportional { rate } => format!("proportional (rate {rate})"),
        MutationEntry::Stepwise { rate, rate2, range } => {
            format!("stepwise (rate {rate}, rate2 {rate2:e}, range {range})")
        }
        MutationEntry::StepwiseStationary { rate, range } => {
            format!("stationary stepwise (rate {rate}, range {range})")
        }
        MutationEntry::Onestep { rate } => format!("one step (rate {rate})"),
        MutationEntry::Custom { .. } => "by a matrix of the case".to_owned(),
    }
}

/// Lines that every report ends with: what made it, of what.
pub(super) fn provenance(inputs: &[(String, String)]) -> String {
    let mut text = format!("Tanba {}", env!("CARGO_PKG_VERSION"));
    for (name, hash) in inputs {
        text.push_str(&format!("\n{name} sha256:{hash}"));
    }
    text
}

/// The same for scripts.
pub(super) fn inputs_json(inputs: &[(String, String)]) -> Value {
    inputs.iter().map(|(name, hash)| json!({ "file": name, "sha256": hash })).collect()
}

/// Draws pedigrees into a folder, each under its number and name.
pub(super) fn draw_into(folder: &Path, pedigrees: &[(&str, &Pedigree, Vec<bool>, Vec<bool>)]) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for (number, (name, pedigree, typed, missing)) in pedigrees.iter().enumerate() {
        let Some(svg) = tanba_dna::kinship::draw(pedigree, typed, missing) else { continue };
        put_svg(folder, &format!("{}-{}", number + 1, plain(name)), &svg)?;
    }
    Ok(())
}

/// Writes a picture into a folder that is there.
pub(super) fn put_svg(folder: &Path, name: &str, svg: &str) -> anyhow::Result<()> {
    let path = folder.join(format!("{name}.svg"));
    std::fs::write(&path, svg).with_context(|| format!("cannot write {}", path.display()))
}

/// A name as part of a file's name.
pub(super) fn plain(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).take(60).collect()
}

/// A base-10 logarithm for a script: null for minus infinity.
pub(super) fn log10_json(ln: f64) -> Value {
    let log10 = ln / std::f64::consts::LN_10;
    if log10.is_finite() { json!(log10) } else { Value::Null }
}

/// A ratio for a reader, from its natural logarithm: `20`, `0.013`, `5.2e7`, `0`.
pub(super) fn ratio(ln: f64) -> String {
    let log10 = ln / std::f64::consts::LN_10;
    match log10 {
        x if x == f64::NEG_INFINITY => "0".to_owned(),
        x if x.is_nan() => "not defined".to_owned(),
        x if (-3.0..5.0).contains(&x) => {
            let value = ln.exp();
            let digits = (3 - x.floor() as i32).clamp(0, 6) as usize;
            format!("{value:.digits$}")
        }
        x => {
            let exponent = x.floor();
            let mantissa = 10f64.powf(x - exponent);
            // Rounding may carry: 9.996 is 10.00.
            let (mantissa, exponent) = if mantissa >= 9.995 { (1.0, exponent + 1.0) } else { (mantissa, exponent) };
            format!("{mantissa:.2}e{exponent}")
        }
    }
}
