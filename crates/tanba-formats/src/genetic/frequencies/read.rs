//! Reading tables of allele frequencies.

use std::collections::HashMap;

use super::super::ReadError;
use super::super::marker::{Marker, MarkerName};
use super::super::notes::Notes;
use super::super::table::{Row, for_each_row, number};
use super::super::text::Text;
use super::{LEAST_SUM, MarkerFrequencies, PopulationFrequencies, SUM_TOLERANCE};
use crate::Decoded;

/// The most frequencies of a file: all populations of pop.STR, several times.
const MAX_FREQUENCIES: usize = 4_000_000;
/// How many rows may come before the headings.
const ROWS_BEFORE_HEADINGS: usize = 20;

/// Reads a table of allele frequencies of any of the forms above; a file with several populations gives several.
///
/// Diagnostic codes: `rows-before-headings`, `row-unreadable`, `frequency-unreadable`, `frequency-outside`, `allele-twice`,
/// `counts-disagree`, `people-counted` (N people were taken as 2N chromosomes), `sum-above-1`, `sum-below-1`, `lumped-allele`,
/// and those of the text: `cell-too-long`, `latin-1-assumed`, `utf-16-damaged`, `more-diagnostics`.
///
/// # Errors
/// [`ReadError`] where it is no such table, has no frequency, or too many.
pub fn read(bytes: &[u8]) -> Result<Decoded<Vec<PopulationFrequencies>>, ReadError> {
    let mut notes = Notes::default();
    let text = Text::decode(bytes, &mut notes)?;
    let mut form = None;
    let mut before: Vec<Row> = Vec::new();
    let mut tables = Tables::default();
    for_each_row(&text, &mut notes, |row, notes| {
        if let Some(form) = &form {
            return Form::row(form, &row, &mut tables, notes);
        }
        if let Some(found) = Form::of(&row.cells) {
            if !before.is_empty() {
                notes.add(
                    "rows-before-headings",
                    format!("{} rows before the headings were passed over", before.len()),
                    row.at,
                );
            }
            if let Form::Wide(markers) = &found {
                // In the order of the columns, whichever allele comes first.
                markers.iter().flatten().for_each(|marker| _ = tables.table(None, marker.clone()));
            }
            let is_data = matches!(found, Form::Long(Long { headless: true, .. }));
            let found = form.insert(found);
            return if is_data { found.row(&row, &mut tables, notes) } else { Ok(()) };
        }
        // Familias text begins with a marker's name alone; what follows tells it from a title.
        if let Some(marker) = before.last().and_then(alone)
            && pair(&row).is_some()
        {
            tables.current = Some(MarkerName::of(marker));
            return form.insert(Form::FamiliasText).row(&row, &mut tables, notes);
        }
        if before.len() == ROWS_BEFORE_HEADINGS {
            return Err(not_frequencies());
        }
        before.push(row);
        Ok(())
    })?;
    if tables.count == 0 {
        return Err(not_frequencies());
    }
    Ok(tables.finish(notes))
}

fn not_frequencies() -> ReadError {
    ReadError::NotThis {
        expected: "a table of allele frequencies",
        instead: "no row has its headings; give marker,allele,freq,n_chrom or an allele a row and a marker a column",
    }
}

/// Whether a row has the headings of such a table.
pub(in super::super) fn has_headings(cells: &[String]) -> bool {
    !matches!(Form::of(cells), None | Some(Form::Long(Long { headless: true, .. })))
}

enum Form {
    Long(Long),
    /// A marker a column; `None` where a column is none.
    Wide(Vec<Option<MarkerName>>),
    PopStr {
        population: Option<usize>,
        n: Option<usize>,
        /// The column of each allele.
        alleles: Vec<(usize, String)>,
    },
    Snps {
        marker: usize,
        alleles: [usize; 2],
        frequency: usize,
    },
    FamiliasText,
}

/// The columns of a long table.
struct Long {
    population: Option<usize>,
    marker: usize,
    allele: usize,
    frequency: usize,
    counted: Option<(usize, Counted)>,
    /// Whether the first row is data already.
    headless: bool,
}

/// What a number of observations counts.
#[derive(Debug, Clone, Copy)]
enum Counted {
    People,
    Chromosomes,
}

impl Form {
    fn of(cells: &[String]) -> Option<Self> {
        let plain: Vec<String> = cells
            .iter()
            .map(|cell| cell.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect())
            .collect();
        let find = |names: &[&str]| plain.iter().position(|cell| names.contains(&cell.as_str()));
        let marker = find(&["marker", "locus", "str", "system", "snp"]);
        let allele = find(&["allele", "alleles"]);
        let frequency = find(&["freq", "frequency", "allelefrequency", "freq1"]);
        let population = find(&["population", "pop"]);
        let counted = find(&["nchrom", "chromosomes", "2n"])
            .map(|column| (column, Counted::Chromosomes))
            .or_else(|| find(&["n", "people", "individuals", "samplesize"]).map(|column| (column, Counted::People)));
        if let (Some(marker), Some(allele), Some(frequency)) = (marker, allele, frequency) {
            return Some(Self::Long(Long { population, marker, allele, frequency, counted, headless: false }));
        }
        if let (Some(marker), Some(a1), Some(a2), Some(frequency)) = (marker, find(&["a1"]), find(&["a2"]), frequency) {
            return Some(Self::Snps { marker, alleles: [a1, a2], frequency });
        }
        let frequencies = |(column, cell): (usize, &String)| {
            let (stem, allele) = cell.trim().split_once('_')?;
            stem.eq_ignore_ascii_case("freq").then(|| (column, allele.to_owned()))
        };
        let alleles: Vec<_> = cells.iter().enumerate().filter_map(frequencies).collect();
        if marker == Some(0) && !alleles.is_empty() {
            return Some(Self::PopStr { population, n: find(&["n"]), alleles });
        }
        if allele == Some(0) || plain.first().is_some_and(|first| first.is_empty() || first.starts_with("allele")) {
            let named = |cell: &String| Some(MarkerName::of(cell)).filter(|name| !name.as_str().is_empty());
            let known = cells.iter().skip(1).filter(|cell| Marker::find(cell).is_some()).count();
            return (known > 0).then(|| Self::Wide(cells.iter().skip(1).map(named).collect()));
        }
        let cell = |i: usize| cells.get(i).map_or("", |cell| cell.trim());
        let is_data = number(cell(0)).is_none() && !cell(0).is_empty() && number(cell(2)).is_some_and(|f| f <= 1.0);
        (is_data && matches!(cells.len(), 3 | 4)).then_some(Self::Long(Long {
            population: None,
            marker: 0,
            allele: 1,
            frequency: 2,
            counted: Some((3, Counted::Chromosomes)),
            headless: true,
        }))
    }

    fn row(&self, row: &Row, tables: &mut Tables, notes: &mut Notes) -> Result<(), ReadError> {
        match self {
            Self::Long(long) => {
                let population = long.population.map(|column| row.cell(column)).filter(|name| !name.is_empty());
                let marker = MarkerName::of(row.cell(long.marker));
                let table = tables.table(population, marker);
                if let Some((column, counted)) = long.counted {
                    tables.counted(table, row.cell(column), counted, row.at, notes);
                }
                tables.add(table, row.cell(long.allele), row.cell(long.frequency), row.at, notes)
            }
            Self::Wide(markers) => wide_row(markers, row, tables, notes),
            Self::PopStr { population, n, alleles } => {
                let population = population.map(|column| row.cell(column)).filter(|name| !name.is_empty());
                let table = tables.table(population, MarkerName::of(row.cell(0)));
                if let Some(n) = n {
                    tables.counted(table, row.cell(*n), Counted::People, row.at, notes);
                }
                alleles
                    .iter()
                    .filter(|(column, _)| !is_unseen(row.cell(*column)))
                    .try_for_each(|(column, allele)| tables.add(table, allele, row.cell(*column), row.at, notes))
            }
            Self::Snps { marker, alleles: [first, second], frequency } => {
                let table = tables.table(None, MarkerName::of(row.cell(*marker)));
                tables.add(table, row.cell(*first), row.cell(*frequency), row.at, notes)?;
                let rest = number(row.cell(*frequency)).filter(|f| *f <= 1.0).map(|f| 1.0 - f);
                rest.map_or(Ok(()), |rest| tables.add(table, row.cell(*second), &rest.to_string(), row.at, notes))
            }
            Self::FamiliasText => {
                if let Some(marker) = alone(row) {
                    tables.current = Some(MarkerName::of(marker));
                    return Ok(());
                }
                let (Some((allele, frequency)), Some(marker)) = (pair(row), tables.current.clone()) else {
                    notes.add("row-unreadable", "a row has not an allele and its frequency and was left out", row.at);
                    return Ok(());
                };
                let table = tables.table(None, marker);
                tables.add(table, allele, frequency, row.at, notes)
            }
        }
    }
}

fn wide_row(
    markers: &[Option<MarkerName>],
    row: &Row,
    tables: &mut Tables,
    notes: &mut Notes,
) -> Result<(), ReadError> {
    let first = row.cell(0);
    let plain: String = first.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let counted = match plain.as_str() {
        "n" | "people" | "individuals" | "samplesize" => Some(Counted::People),
        "2n" | "nchrom" | "chromosomes" | "nalleles" => Some(Counted::Chromosomes),
        _ => None,
    };
    for (i, marker) in markers.iter().enumerate() {
        let cell = row.cell(i + 1);
        let Some(marker) = marker.clone().filter(|_| !is_unseen(cell)) else { continue };
        let table = tables.table(None, marker);
        match counted {
            Some(counted) => tables.counted(table, cell, counted, row.at, notes),
            None => tables.add(table, first, cell, row.at, notes)?,
        }
    }
    Ok(())
}

/// Whether a cell of a marker's and an allele's crossing says that the allele was not seen.
fn is_unseen(cell: &str) -> bool {
    matches!(cell, "" | "-" | "NA") || number(cell) == Some(0.0)
}

/// The text of a row with one cell.
fn alone(row: &Row) -> Option<&str> {
    let first = row.cell(0);
    let others = row.cells.iter().skip(1).any(|cell| !cell.trim().is_empty());
    (!first.is_empty() && !others).then_some(first)
}

/// An allele and its frequency in a row of two cells.
fn pair(row: &Row) -> Option<(&str, &str)> {
    let others = row.cells.iter().skip(2).any(|cell| !cell.trim().is_empty());
    (!row.cell(0).is_empty() && number(row.cell(1)).is_some() && !others).then(|| (row.cell(0), row.cell(1)))
}

/// Populations on their way.
#[derive(Default)]
struct Tables {
    populations: Vec<PopulationFrequencies>,
    names: HashMap<Option<String>, usize>,
    places: HashMap<(Option<String>, MarkerName), [usize; 2]>,
    alleles: HashMap<([usize; 2], String), ()>,
    /// The marker that Familias text speaks of.
    current: Option<MarkerName>,
    count: usize,
}

impl Tables {
    /// The place of a marker's table, which is made where there is none.
    fn table(&mut self, population: Option<&str>, marker: MarkerName) -> [usize; 2] {
        let key = (population.map(str::to_owned), marker);
        if let Some(place) = self.places.get(&key) {
            return *place;
        }
        let name = &key.0;
        let at = *self.names.entry(name.clone()).or_insert_with(|| {
            self.populations.push(PopulationFrequencies { population: name.clone(), markers: Vec::new() });
            self.populations.len() - 1
        });
        let Some(own) = self.populations.get_mut(at) else { return [at, 0] };
        own.markers.push(MarkerFrequencies { marker: key.1.clone(), chromosomes: None, alleles: Vec::new() });
        let place = [at, own.markers.len() - 1];
        self.places.insert(key, place);
        place
    }

    fn get(&mut self, [population, marker]: [usize; 2]) -> Option<&mut MarkerFrequencies> {
        self.populations.get_mut(population)?.markers.get_mut(marker)
    }

    fn counted(&mut self, table: [usize; 2], cell: &str, counted: Counted, at: usize, notes: &mut Notes) {
        let Some(n) = number(cell).filter(|n| n.fract() == 0.0 && (1.0..=1e9).contains(n)) else { return };
        let chromosomes = match counted {
            Counted::Chromosomes => n as u32,
            Counted::People => {
                notes.add_once("people-counted", "numbers of people N were taken as 2N chromosomes", at);
                2 * n as u32
            }
        };
        let Some(table) = self.get(table) else { return };
        if *table.chromosomes.get_or_insert(chromosomes) != chromosomes {
            notes.add("counts-disagree", "rows of a marker disagree about what was counted; the first stands", at);
        }
    }

    fn add(
        &mut self,
        table: [usize; 2],
        allele: &str,
        frequency: &str,
        at: usize,
        notes: &mut Notes,
    ) -> Result<(), ReadError> {
        let Some(value) = number(frequency) else {
            notes.add("frequency-unreadable", "a frequency is no number and was left out", at);
            return Ok(());
        };
        if allele.is_empty() || self.get(table).is_none_or(|table| table.marker.as_str().is_empty()) {
            notes.add("row-unreadable", "a row names no marker or no allele and was left out", at);
            return Ok(());
        }
        if value > 1.0 {
            notes.add("frequency-outside", "a frequency lies above 1 and was left out", at);
            return Ok(());
        }
        if self.alleles.insert((table, allele.to_owned()), ()).is_some() {
            notes.add("allele-twice", "an allele stands twice at a marker; the first stands", at);
            return Ok(());
        }
        self.count += 1;
        if self.count > MAX_FREQUENCIES {
            return Err(ReadError::TooMuch { what: "frequencies", most: MAX_FREQUENCIES });
        }
        if is_lumped(allele) {
            notes.add_once("lumped-allele", "a frequency is of all rare alleles together, not of one allele", at);
        }
        if let Some(table) = self.get(table) {
            table.alleles.push((allele.to_owned(), value));
        }
        Ok(())
    }

    fn finish(mut self, mut notes: Notes) -> Decoded<Vec<PopulationFrequencies>> {
        for population in &mut self.populations {
            population.markers.retain(|marker| !marker.alleles.is_empty());
            for marker in &population.markers {
                let sum = marker.sum();
                if sum > 1.0 + SUM_TOLERANCE {
                    notes.add("sum-above-1", "the frequencies of a marker add up to more than 1", None);
                } else if sum < LEAST_SUM {
                    notes.add(
                        "sum-below-1",
                        "the frequencies of a marker add up to less than 0.99: alleles are missing",
                        None,
                    );
                }
            }
        }
        self.populations.retain(|population| !population.markers.is_empty());
        Decoded { value: self.populations, diagnostics: notes.finish() }
    }
}

/// Whether a designation stands for the rare alleles together, as Familias and STRidER have it.
fn is_lumped(allele: &str) -> bool {
    let allele = allele.to_ascii_lowercase();
    allele == "99" || ["rest", "rare", "other"].iter().any(|word| allele.starts_with(word))
}
