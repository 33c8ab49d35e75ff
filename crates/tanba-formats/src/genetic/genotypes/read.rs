//! Reading tables of genotypes.

use std::collections::HashMap;

use super::super::marker::MarkerName;
use super::super::notes::Notes;
use super::super::table::{Row, for_each_row, number};
use super::super::text::Text;
use super::super::{ReadError, frequencies};
use super::columns::{self, LongColumn, WideColumn};
use super::{AlleleCall, GenotypeTable, MarkerGenotype, SampleGenotypes};
use crate::Decoded;

/// How many rows may come before the headings: titles and dates of an export.
const ROWS_BEFORE_HEADINGS: usize = 20;
/// The most genotypes of a table, all samples together.
const MAX_GENOTYPES: usize = 40_000_000;
/// What stands between the alleles of one cell.
const BETWEEN_ALLELES: [char; 6] = ['/', ',', ';', '|', ' ', '-'];

/// Reads a table of genotypes, wide or long.
///
/// Diagnostic codes: `rows-before-headings`, `sample-id-missing`, `sample-twice`, `marker-twice`, `marker-missing`,
/// `marker-without-allele`, `off-ladder`, `peak-without-allele`, `number-unreadable`, `zero-is-missing`, `decimal-comma`, `cells-beyond-headings`,
/// `no-samples`, `cell-too-long`, `latin-1-assumed`, `utf-16-damaged`, `more-diagnostics`.
///
/// # Errors
/// [`ReadError`] where no row has the headings of such a table, or there is too much of it.
pub fn read(bytes: &[u8]) -> Result<Decoded<GenotypeTable>, ReadError> {
    let mut notes = Notes::default();
    let text = Text::decode(bytes, &mut notes)?;
    let mut layout = None;
    let mut skipped = 0usize;
    for_each_row(&text, &mut notes, |row, notes| {
        match &mut layout {
            Some(Layout::Wide(wide)) => return wide.row(&row, notes),
            Some(Layout::Long(long)) => return long.row(&row, notes),
            None => {}
        }
        if frequencies::has_headings(&row.cells) {
            return Err(not_genotypes("it is a table of allele frequencies: read it as one"));
        }
        layout = Layout::of(&row.cells);
        match &layout {
            Some(_) if skipped > 0 => {
                notes.add(
                    "rows-before-headings",
                    format!("{skipped} rows before the headings were passed over"),
                    row.at,
                );
            }
            None if skipped == ROWS_BEFORE_HEADINGS => return Err(not_genotypes(NO_HEADINGS)),
            _ => skipped += 1,
        }
        Ok(())
    })?;
    let value = match layout.ok_or(not_genotypes(NO_HEADINGS))? {
        Layout::Wide(wide) => wide.table,
        Layout::Long(long) => long.table,
    };
    if value.samples.is_empty() {
        notes.add("no-samples", "the table has headings and no sample", None);
    }
    Ok(Decoded { value, diagnostics: notes.finish() })
}

const NO_HEADINGS: &str =
    "no row names markers; give headings such as sample,TH01_1,TH01_2 or sample,marker,allele1,allele2";

fn not_genotypes(instead: &'static str) -> ReadError {
    ReadError::NotThis { expected: "a table of genotypes", instead }
}

enum Layout {
    Wide(Wide),
    Long(Long),
}

impl Layout {
    fn of(headings: &[String]) -> Option<Self> {
        if let Some(columns) = columns::long(headings) {
            let single = columns.iter().filter(|column| matches!(column, LongColumn::Allele(_))).count() == 1;
            return Some(Self::Long(Long {
                columns,
                headings: headings.to_vec(),
                allele_a_row: single,
                samples: HashMap::new(),
                genotypes: HashMap::new(),
                table: GenotypeTable::default(),
                count: 0,
            }));
        }
        let (columns, markers) = columns::wide(headings)?;
        let single = (0..markers.len())
            .map(|marker| columns.iter().filter(|column| **column == WideColumn::Marker(marker)).count() == 1)
            .collect();
        Some(Self::Wide(Wide {
            columns,
            headings: headings.to_vec(),
            markers,
            single,
            seen: HashMap::new(),
            table: GenotypeTable::default(),
            count: 0,
        }))
    }
}

/// A wide table on its way.
struct Wide {
    columns: Vec<WideColumn>,
    headings: Vec<String>,
    markers: Vec<MarkerName>,
    /// Whether a marker has one column, which may then hold all its alleles.
    single: Vec<bool>,
    seen: HashMap<String, ()>,
    table: GenotypeTable,
    count: usize,
}

impl Wide {
    fn row(&mut self, row: &Row, notes: &mut Notes) -> Result<(), ReadError> {
        note_width(row, self.headings.len(), notes);
        let mut sample = SampleGenotypes::default();
        let mut alleles: Vec<Vec<AlleleCall>> = vec![Vec::new(); self.markers.len()];
        for (i, column) in self.columns.iter().enumerate() {
            let cell = row.cell(i);
            match column {
                _ if cell.is_empty() => {}
                WideColumn::Sample => cell.clone_into(&mut sample.id),
                WideColumn::Category => sample.category = Some(cell.to_owned()),
                WideColumn::Field => push_field(&mut sample.fields, &self.headings, i, cell),
                WideColumn::Marker(marker) => {
                    let Some(into) = alleles.get_mut(*marker) else { continue };
                    if self.single.get(*marker) == Some(&true) {
                        into.extend(several(cell, row.at, notes).into_iter().map(|a| AlleleCall::of(&a)));
                    } else {
                        into.extend(one(cell, row.at, notes).map(|a| AlleleCall::of(&a)));
                    }
                }
            }
        }
        if sample.id.is_empty() {
            notes.add_once("sample-id-missing", "rows without a sample's name were numbered", row.at);
            sample.id = (self.table.samples.len() + 1).to_string();
        }
        if self.seen.insert(sample.id.clone(), ()).is_some() {
            notes.add("sample-twice", "a sample's name stands in more than one row; both are kept", row.at);
        }
        for (marker, alleles) in self.markers.iter().zip(alleles) {
            if !alleles.is_empty() {
                count(&mut self.count)?;
                let (marker, dye, fields) = (marker.clone(), None, Vec::new());
                sample.genotypes.push(MarkerGenotype { marker, dye, alleles, fields });
            }
        }
        self.table.samples.push(sample);
        Ok(())
    }
}

/// A long table on its way.
struct Long {
    columns: Vec<LongColumn>,
    headings: Vec<String>,
    /// Whether a genotype is spread over rows, one allele each.
    allele_a_row: bool,
    samples: HashMap<String, usize>,
    genotypes: HashMap<(usize, MarkerName), usize>,
    table: GenotypeTable,
    count: usize,
}

/// What one row of a long table says.
#[derive(Default)]
struct LongRow {
    id: String,
    category: Option<String>,
    marker: String,
    dye: Option<String>,
    peaks: Vec<Peak>,
    fields: Vec<(String, String)>,
}

#[derive(Default)]
struct Peak {
    number: usize,
    allele: Option<String>,
    size: Option<f64>,
    height: Option<f64>,
}

impl Long {
    fn row(&mut self, row: &Row, notes: &mut Notes) -> Result<(), ReadError> {
        note_width(row, self.headings.len(), notes);
        let read = self.cells(row, notes);
        if read.id.is_empty() && self.columns.contains(&LongColumn::Sample) {
            notes.add_once("sample-id-missing", "rows without a sample's name were put together as sample 1", row.at);
        }
        if read.marker.is_empty() {
            notes.add("marker-missing", "a row without a marker was left out", row.at);
            return Ok(());
        }
        let id = if read.id.is_empty() { "1".to_owned() } else { read.id };
        let at = *self.samples.entry(id).or_insert_with_key(|id| {
            self.table.samples.push(SampleGenotypes { id: id.clone(), ..SampleGenotypes::default() });
            self.table.samples.len() - 1
        });
        let Some(sample) = self.table.samples.get_mut(at) else { return Ok(()) };
        if sample.category.is_none() {
            sample.category = read.category;
        }
        let marker = MarkerName::of(&read.marker);
        let key = (at, marker.clone());
        // Cells that say "not typed" are peaks here; a row without any cell is what an export has where nothing was seen.
        if read.peaks.is_empty() {
            notes.add("marker-without-allele", "a marker has a row and no allele in it", row.at);
            if !self.genotypes.contains_key(&key) && !sample.empty.contains(&marker) {
                count(&mut self.count)?;
                sample.empty.push(marker);
            }
            return Ok(());
        }
        let mut alleles = Vec::new();
        for peak in read.peaks {
            match peak {
                Peak { allele: Some(allele), size, height, .. } => alleles.push(AlleleCall { allele, size, height }),
                Peak { allele: None, size: None, height: None, .. } => {}
                Peak { .. } => notes.add("peak-without-allele", "a peak without a designation was left out", row.at),
            }
        }
        if alleles.is_empty() {
            return Ok(());
        }
        sample.empty.retain(|empty| *empty != marker);
        if let Some(earlier) = self.genotypes.get(&key).and_then(|i| sample.genotypes.get_mut(*i)) {
            if self.allele_a_row {
                earlier.alleles.append(&mut alleles);
                return Ok(());
            }
            notes.add("marker-twice", "a marker stands in two rows of a sample; both are kept", row.at);
        }
        count(&mut self.count)?;
        self.genotypes.insert(key, sample.genotypes.len());
        sample.genotypes.push(MarkerGenotype { marker, dye: read.dye, alleles, fields: read.fields });
        Ok(())
    }

    fn cells(&self, row: &Row, notes: &mut Notes) -> LongRow {
        let mut read = LongRow::default();
        for (i, column) in self.columns.iter().enumerate() {
            let cell = row.cell(i);
            if cell.is_empty() {
                continue;
            }
            match column {
                LongColumn::Sample => cell.clone_into(&mut read.id),
                LongColumn::Category => read.category = Some(cell.to_owned()),
                LongColumn::Marker => cell.clone_into(&mut read.marker),
                LongColumn::Dye => read.dye = Some(cell.to_owned()),
                LongColumn::Allele(n) => peak(&mut read.peaks, *n).allele = one(cell, row.at, notes),
                LongColumn::Size(n) => peak(&mut read.peaks, *n).size = measured(cell, row.at, notes),
                LongColumn::Height(n) => peak(&mut read.peaks, *n).height = measured(cell, row.at, notes),
                LongColumn::Alleles => {
                    let first = read.peaks.len() + 1;
                    for (n, allele) in several(cell, row.at, notes).into_iter().enumerate() {
                        read.peaks.push(Peak { number: first + n, allele: Some(allele), ..Peak::default() });
                    }
                }
                LongColumn::Field => push_field(&mut read.fields, &self.headings, i, cell),
            }
        }
        read.peaks.sort_by_key(|peak| peak.number);
        read
    }
}

fn peak(peaks: &mut Vec<Peak>, number: usize) -> &mut Peak {
    let at = peaks.iter().position(|peak| peak.number == number).unwrap_or(peaks.len());
    if at == peaks.len() {
        peaks.push(Peak { number, ..Peak::default() });
    }
    &mut peaks[at]
}

fn count(genotypes: &mut usize) -> Result<(), ReadError> {
    *genotypes += 1;
    if *genotypes > MAX_GENOTYPES {
        return Err(ReadError::TooMuch { what: "genotypes", most: MAX_GENOTYPES });
    }
    Ok(())
}

fn push_field(fields: &mut Vec<(String, String)>, headings: &[String], column: usize, cell: &str) {
    let heading = headings.get(column).map_or("", |heading| heading.trim());
    fields.push((heading.to_owned(), cell.to_owned()));
}

fn note_width(row: &Row, headings: usize, notes: &mut Notes) {
    let beyond = row.cells.get(headings..).unwrap_or_default();
    if beyond.iter().any(|cell| !cell.trim().is_empty()) {
        notes.add("cells-beyond-headings", "cells beyond the last heading were left out", row.at);
    }
}

fn measured(cell: &str, at: usize, notes: &mut Notes) -> Option<f64> {
    let read = number(cell);
    if read.is_none() && !is_missing(cell) {
        notes.add("number-unreadable", "a size or height is no number and was left out", at);
    }
    read
}

/// One allele of a cell that holds one; `None` where the cell says that there is none.
fn one(cell: &str, at: usize, notes: &mut Notes) -> Option<String> {
    if cell == "0" {
        notes.add_once("zero-is-missing", "an allele 0 was read as \"not typed\"", at);
    }
    if cell.eq_ignore_ascii_case("OL") {
        notes.add_once("off-ladder", "some peaks lie beside the ladder (OL)", at);
    }
    let allele = designation(cell)?;
    if allele != cell {
        notes.add_once("decimal-comma", "alleles with a decimal comma were read with a point", at);
    }
    Some(allele)
}

/// All alleles of a cell that may hold several.
fn several(cell: &str, at: usize, notes: &mut Notes) -> Vec<String> {
    // `9,3` in one cell: as a genotype it would stand the other way round, so it is a decimal comma.
    let decimal = cell.split_once(',').is_some_and(|(whole, tenth)| {
        matches!(tenth, "1" | "2" | "3") && whole.parse::<u32>().is_ok_and(|whole| whole > 3)
    });
    if decimal || is_missing(cell) {
        return one(cell, at, notes).into_iter().collect();
    }
    cell.split(BETWEEN_ALLELES)
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .filter_map(|part| one(part, at, notes))
        .collect()
}

/// The designation of a cell with one allele: a decimal comma becomes a point; `None` for what stands for no allele.
pub(super) fn designation(cell: &str) -> Option<String> {
    let cell = cell.trim();
    if is_missing(cell) || cell == "0" {
        return None;
    }
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match cell.split_once(',') {
        Some((whole, tenth)) if digits(whole) && digits(tenth) && tenth.len() == 1 => Some(format!("{whole}.{tenth}")),
        _ => Some(cell.to_owned()),
    }
}

/// Whether a cell says that nothing was typed.
fn is_missing(cell: &str) -> bool {
    matches!(cell, "" | "-" | "--" | "?" | "." | "-9" | "-99")
        || ["NA", "N/A", "NaN", "null"].iter().any(|m| cell.eq_ignore_ascii_case(m))
}

/// Whether a cell with this text would be split where a marker has one column.
pub(super) fn is_split(allele: &str) -> bool {
    allele.contains(BETWEEN_ALLELES)
}
