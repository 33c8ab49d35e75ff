//! The files of `tanba dna lineage`: haplotypes, samples and tables, remembered by their hashes.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, bail};
use serde::Deserialize;
use serde_json::value::RawValue;
use tanba_dna::{MtHaplotype, MtReference, Panel, Sample, SnpProfile, YHaplotype};
use tanba_formats::genetic::genotypes::{self, SampleGenotypes};

use super::Inputs;
use crate::cmd::dna::case::remembered;
use crate::console::Console;
use crate::input::read_file;

/// These commands know no law pack: they keep nothing, and what they read is what the user asks about.
const PANEL: Panel = Panel::CODIS_20.with_y().with_mitochondrial();
/// Headings above the number of people of a row.
const PEOPLE: [&str; 3] = ["people", "n", "count"];

/// A line of a sample.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    specimen: String,
    #[serde(default = "one")]
    people: u64,
    haplotype: Box<RawValue>,
}

fn one() -> u64 {
    1
}

/// Rows of a sample: name, people, haplotype.
type Rows<H> = Vec<(String, u64, H)>;

/// The text of a file.
pub(super) fn text(path: &Path, inputs: &mut Inputs) -> anyhow::Result<String> {
    let bytes = read_file(path)?;
    inputs.push(remembered(path, &bytes));
    String::from_utf8(bytes).with_context(|| format!("{} is not text", path.display()))
}

fn is_json(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').trim_start().starts_with('{')
}

pub(super) fn y(path: &Path, inputs: &mut Inputs) -> anyhow::Result<YHaplotype> {
    let text = text(path, inputs)?;
    let read = if is_json(&text) { YHaplotype::from_json(&text, &PANEL) } else { YHaplotype::from_csv(&text, &PANEL) };
    read.with_context(|| format!("cannot read the haplotype {}", path.display()))
}

pub(super) fn mt(path: &Path, reference: &MtReference, inputs: &mut Inputs) -> anyhow::Result<MtHaplotype> {
    let text = text(path, inputs)?;
    let read = if is_json(&text) {
        MtHaplotype::from_json(&text, reference, &PANEL)
    } else {
        MtHaplotype::from_text(&text, reference, &PANEL)
    };
    read.with_context(|| format!("cannot read the haplotype {}", path.display()))
}

pub(super) fn snp(path: &Path, permitted: &BTreeSet<u32>, inputs: &mut Inputs) -> anyhow::Result<SnpProfile> {
    let text = text(path, inputs)?;
    let read =
        if is_json(&text) { SnpProfile::from_json(&text, permitted) } else { SnpProfile::from_csv(&text, permitted) };
    read.with_context(|| format!("cannot read the profile {}", path.display()))
}

/// A sample of Y haplotypes: JSON lines, or a table of genotypes in any form that is read.
pub(super) fn y_sample(path: &Path, inputs: &mut Inputs, console: &Console) -> anyhow::Result<Sample<YHaplotype>> {
    sample(path, inputs, |text| match is_json(text) {
        true => lines(text, |haplotype| Ok(YHaplotype::from_json(haplotype, &PANEL)?)),
        false => table(text, console, |row| {
            let loci =
                row.genotypes.iter().map(|at| (at.marker.as_str(), at.alleles.iter().map(|a| a.allele.as_str())));
            Ok(YHaplotype::from_designations(loci, &PANEL)?)
        }),
    })
}

/// A sample of SNP profiles: JSON lines, or a table of genotypes.
pub(super) fn snp_sample(
    path: &Path,
    permitted: &BTreeSet<u32>,
    inputs: &mut Inputs,
    console: &Console,
) -> anyhow::Result<Sample<SnpProfile>> {
    sample(path, inputs, |text| match is_json(text) {
        true => lines(text, |haplotype| Ok(SnpProfile::from_json(haplotype, permitted)?)),
        false => table(text, console, |row| {
            let bases =
                |at: &genotypes::MarkerGenotype| at.alleles.iter().map(|a| a.allele.as_str()).collect::<String>();
            let rows: Vec<_> = row.genotypes.iter().map(|at| (at.marker.as_str(), bases(at))).collect();
            Ok(SnpProfile::from_rows(rows.iter().map(|(name, bases)| (*name, bases.as_str())), permitted)?)
        }),
    })
}

/// A sample of mitochondrial haplotypes: JSON lines, or rows under the headings sample, ranges, differences and perhaps people.
pub(super) fn mt_sample(
    path: &Path,
    reference: &MtReference,
    inputs: &mut Inputs,
) -> anyhow::Result<Sample<MtHaplotype>> {
    sample(path, inputs, |text| match is_json(text) {
        true => lines(text, |haplotype| Ok(MtHaplotype::from_json(haplotype, reference, &PANEL)?)),
        false => mt_rows(text, reference),
    })
}

fn sample<H>(
    path: &Path,
    inputs: &mut Inputs,
    rows: impl FnOnce(&str) -> anyhow::Result<Rows<H>>,
) -> anyhow::Result<Sample<H>> {
    let rows = rows(&text(path, inputs)?).with_context(|| format!("cannot read the sample {}", path.display()))?;
    if rows.is_empty() {
        bail!("{} holds nobody: a count among nobody says nothing", path.display());
    }
    Ok(Sample::new(rows))
}

fn lines<H>(text: &str, read: impl Fn(&str) -> anyhow::Result<H>) -> anyhow::Result<Rows<H>> {
    let lines = text.trim_start_matches('\u{feff}').lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(number, line)| {
            let here = || format!("line {}", number + 1);
            let line: Line = serde_json::from_str(line)
                .with_context(here)
                .context("a sample is a JSON object a line, with specimen, haplotype and perhaps people")?;
            Ok((line.specimen, line.people, read(line.haplotype.get()).with_context(here)?))
        })
        .collect()
}

fn table<H>(
    text: &str,
    console: &Console,
    read: impl Fn(&SampleGenotypes) -> anyhow::Result<H>,
) -> anyhow::Result<Rows<H>> {
    let table = genotypes::read(text.as_bytes())?;
    for note in table.diagnostics.iter().filter(|note| note.code != "sample-id-missing") {
        console.note(format_args!("note: {} ({})", note.message, note.code));
    }
    let rows = table.value.samples.iter().map(|row| {
        let here = || format!("row {}", row.id);
        let people = row.fields.iter().find(|(heading, _)| PEOPLE.iter().any(|p| heading.eq_ignore_ascii_case(p)));
        let people =
            people.map_or(Ok(1), |(_, count)| count.parse()).with_context(here).context("not a number of people")?;
        Ok((row.id.clone(), people, read(row).with_context(here)?))
    });
    rows.collect()
}

fn mt_rows(text: &str, reference: &MtReference) -> anyhow::Result<Rows<MtHaplotype>> {
    const ROW: &str = "rows are sample,ranges,differences and perhaps people, with a row of headings; blanks stand between ranges and \
                       between differences";
    let mut rows = text.trim_start_matches('\u{feff}').lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let cells = |line: &str| -> Vec<String> {
        line.split([',', ';', '\t']).map(|cell| cell.trim().trim_matches('"').to_owned()).collect()
    };
    let headings = cells(rows.next().context(ROW)?.1);
    let place = |names: &[&str]| headings.iter().position(|h| names.iter().any(|name| h.eq_ignore_ascii_case(name)));
    let (Some(name), Some(ranges), Some(differences)) =
        (place(&["sample", "specimen"]), place(&["ranges", "range"]), place(&["differences"]))
    else {
        bail!(ROW);
    };
    let people = place(&PEOPLE);
    rows.map(|(number, line)| {
        let here = || format!("line {}", number + 1);
        let cells = cells(line);
        if cells.len() != headings.len() {
            bail!("line {} has {} cells where the headings have {}: {ROW}", number + 1, cells.len(), headings.len());
        }
        let count =
            people.map_or(Ok(1), |at| cells[at].parse()).with_context(here).context("not a number of people")?;
        let (ranges, differences) = (cells[ranges].split_whitespace(), cells[differences].split_whitespace());
        let haplotype = MtHaplotype::new(ranges, differences, reference, &PANEL).with_context(here)?;
        Ok((cells[name].clone(), count, haplotype))
    })
    .collect()
}
