//! Allele frequencies of any STR markers, and the fast drawing of alleles from them.

use std::collections::{BTreeMap, BTreeSet};

use tanba_dna::{Allele, AlleleMark, FrequencyTable, Genotype, Locus, Profile, SexMarker};

use crate::person::{Sex, StrGenotype};

use super::draw::Draw;
use super::parameters::{MAX_ALLELES, MAX_MARKERS, MAX_NAME, SUM_TOLERANCE};
use super::{Diploid, GeneticsError};

/// The longest table text, bytes.
const MAX_TEXT: usize = FrequencyTable::MAX_TEXT;

/// One marker: its alleles in ascending order, each with its frequency.
#[derive(Debug, Clone, PartialEq)]
pub struct Marker {
    name: String,
    locus: Option<Locus>,
    alleles: Vec<Allele>,
    frequencies: Vec<f64>,
}

/// Allele frequencies of one population: the core loci first, in the order of their codes, then all other markers in the order in
/// which they came. Unlike [`FrequencyTable`] it holds markers that no registry may store: it makes people, and stores none.
#[derive(Debug, Clone, PartialEq)]
pub struct AlleleTable {
    population: String,
    markers: Vec<Marker>,
    left_out: Vec<String>,
}

impl Marker {
    /// The name; that of CODIS for the core loci.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The core locus that it is, if it is one.
    pub fn locus(&self) -> Option<Locus> {
        self.locus
    }

    /// The alleles, ascending: what an allele index stands for.
    pub fn alleles(&self) -> &[Allele] {
        &self.alleles
    }

    /// Their frequencies, which sum to 1.
    pub fn frequencies(&self) -> &[f64] {
        &self.frequencies
    }
}

impl AlleleTable {
    /// Reads rows `marker,allele,freq` with further cells ignored, under a heading or none. Amelogenin is passed over. Frequencies
    /// of a marker are divided by their sum, since published ones sum to 1 only nearly; alleles of frequency 0 are left out. So
    /// is a marker, other than a core locus, with alleles of 100 repeats or more, which no designation here can hold.
    ///
    /// # Errors
    /// [`GeneticsError`] for an unreadable row, the same allele twice, a sum further than 0.1 from 1, more than 255 alleles of a
    /// marker, more than 500 markers, or none.
    pub fn from_csv(population: &str, text: &str) -> Result<Self, GeneticsError> {
        if text.len() > MAX_TEXT {
            return Err(GeneticsError::BadRow {
                line: 1,
                reason: "the text has more than 4 MiB, which no STR table needs",
            });
        }
        let mut rows = Rows::default();
        for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            if line.trim().is_empty() {
                continue;
            }
            let bad = |reason| GeneticsError::BadRow { line: number + 1, reason };
            let mut cells = line.split(',').map(|cell| cell.trim().trim_matches('"').trim());
            let name = cells.next().unwrap_or_default();
            if number == 0 && (name.eq_ignore_ascii_case("marker") || name.eq_ignore_ascii_case("locus")) {
                continue;
            }
            if name.to_ascii_uppercase().starts_with("AMEL") {
                continue;
            }
            let (Some(allele), Some(frequency)) = (cells.next(), cells.next()) else {
                return Err(bad("a row has the cells marker,allele,freq"));
            };
            let named = (1..=MAX_NAME).contains(&name.len())
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b' ' | b'_' | b'-' | b'.'));
            if !named {
                return Err(bad("a marker's name has 1 to 24 letters, digits, blanks, points, hyphens or underscores"));
            }
            if Locus::parse(name).is_none() && is_too_long(allele) {
                rows.left_out.insert(name.to_owned());
                continue;
            }
            let allele = Allele::parse(allele).filter(|a| a.mark() == AlleleMark::Exact);
            let allele = allele.ok_or(bad("an allele is a repeat number below 100, such as 9 or 9.3"))?;
            let frequency: f64 = frequency.parse().map_err(|_| bad("a frequency is a number from 0 to 1"))?;
            if !(0.0..=1.0).contains(&frequency) {
                return Err(bad("a frequency is a number from 0 to 1"));
            }
            rows.add(name, allele, frequency).map_err(bad)?;
        }
        rows.finish(population)
    }

    /// The table of `tanba-dna`, core loci alone.
    ///
    /// # Errors
    /// As [`AlleleTable::from_csv`].
    pub fn from_frequencies(table: &FrequencyTable) -> Result<Self, GeneticsError> {
        let mut rows = Rows::default();
        for locus in Locus::ALL {
            for (allele, frequency) in table.alleles(locus) {
                rows.add(locus.name(), allele, frequency)
                    .map_err(|reason| GeneticsError::BadMarker { marker: locus.name().into(), reason })?;
            }
        }
        rows.finish(table.population())
    }

    /// The made-up frequencies at the 20 core loci, of no real population, that [`Person`](crate::Person)s have too.
    pub fn illustration() -> Self {
        Self::from_frequencies(&StrGenotype::frequencies()).expect("the illustration is a table")
    }

    /// The core loci alone: what a registry may hold.
    ///
    /// # Errors
    /// [`GeneticsError::NoMarkers`] where it has none.
    pub fn core(mut self) -> Result<Self, GeneticsError> {
        self.markers.retain(|marker| marker.locus.is_some());
        if self.markers.is_empty() { Err(GeneticsError::NoMarkers) } else { Ok(self) }
    }

    /// The population's name, printable, at most 100 characters.
    pub fn population(&self) -> &str {
        &self.population
    }

    /// Names of markers that were left out for their alleles of 100 repeats or more.
    pub fn left_out(&self) -> &[String] {
        &self.left_out
    }

    /// The markers; a [`Diploid`] has its alleles in this order.
    pub fn markers(&self) -> &[Marker] {
        &self.markers
    }

    /// The place of a marker.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.markers.iter().position(|marker| marker.name.eq_ignore_ascii_case(name))
    }

    /// The two alleles at a marker, the mother's first.
    ///
    /// # Panics
    /// Where the person was not made from this table.
    pub fn pair(&self, person: &Diploid, marker: usize) -> (Allele, Allele) {
        let alleles = &self.markers[marker].alleles;
        (alleles[usize::from(person.maternal[marker])], alleles[usize::from(person.paternal[marker])])
    }

    /// As a laboratory would report it, core loci and amelogenin; `None` where the table has no core locus.
    pub fn profile(&self, person: &Diploid) -> Option<Profile> {
        let genotypes = self.markers.iter().enumerate().filter_map(|(i, marker)| {
            let (a, b) = self.pair(person, i);
            Some((marker.locus?, Genotype::new([a, b])?))
        });
        let sex = if person.sex == Sex::Male { SexMarker::Xy } else { SexMarker::X };
        Profile::from_genotypes(genotypes, Some(sex)).ok()
    }
}

/// Rows on their way to a table.
#[derive(Default)]
struct Rows {
    order: Vec<(String, Option<Locus>)>,
    markers: BTreeMap<String, BTreeMap<Allele, f64>>,
    left_out: BTreeSet<String>,
}

/// Whether a designation is a number of three digits or more.
fn is_too_long(text: &str) -> bool {
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    (3..=9).contains(&whole.len()) && whole.bytes().all(|b| b.is_ascii_digit()) && !whole.starts_with('0')
}

impl Rows {
    fn add(&mut self, name: &str, allele: Allele, frequency: f64) -> Result<(), &'static str> {
        let locus = Locus::parse(name);
        let name = match locus {
            Some(locus) => locus.name(),
            None => name,
        };
        let alleles = match self.markers.get_mut(name) {
            Some(alleles) => alleles,
            None => {
                if self.order.len() == MAX_MARKERS {
                    return Err("it is of the 501st marker, and 500 are the most");
                }
                self.order.push((name.to_owned(), locus));
                self.markers.entry(name.to_owned()).or_default()
            }
        };
        if alleles.contains_key(&allele) {
            return Err("the same allele of this marker stands there twice");
        }
        if alleles.len() == MAX_ALLELES {
            return Err("it is the 256th allele of its marker, and 255 are the most");
        }
        alleles.insert(allele, frequency);
        Ok(())
    }

    fn finish(mut self, population: &str) -> Result<AlleleTable, GeneticsError> {
        self.order.retain(|(name, _)| !self.left_out.contains(name));
        // Core loci first, by code; the sort is stable, so the others stay in their order.
        self.order.sort_by_key(|(_, locus)| locus.map_or(u8::MAX, Locus::code));
        let mut markers = Vec::new();
        for (name, locus) in self.order {
            let mut alleles = self.markers.remove(&name).unwrap_or_default();
            alleles.retain(|_, frequency| *frequency > 0.0);
            let sum: f64 = alleles.values().sum();
            if (sum - 1.0).abs() > SUM_TOLERANCE {
                let reason = "its frequencies do not sum to 1 (0.9 to 1.1 is accepted and scaled to 1)";
                return Err(GeneticsError::BadMarker { marker: name, reason });
            }
            let (alleles, frequencies) = alleles.into_iter().map(|(a, f)| (a, f / sum)).unzip();
            markers.push(Marker { name, locus, alleles, frequencies });
        }
        if markers.is_empty() {
            return Err(GeneticsError::NoMarkers);
        }
        let population = population.chars().filter(|c| !c.is_control()).take(100).collect();
        Ok(AlleleTable { population, markers, left_out: self.left_out.into_iter().collect() })
    }
}

/// Alleles of all markers by Walker's alias method: one 32-bit word, one multiplication and one comparison an allele, whatever
/// their number. Frequencies are met to within 2^-32 times the number of alleles.
#[derive(Debug, Clone)]
pub(super) struct AliasTables {
    cells: Vec<Cell>,
    /// Where each marker's cells begin; one more at the end.
    starts: Vec<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Cell {
    /// Below it the cell's own allele is meant, in 2^-32.
    threshold: u32,
    other: u8,
}

impl AliasTables {
    pub(super) fn new<'a>(markers: impl Iterator<Item = &'a [f64]>) -> Self {
        let (mut cells, mut starts) = (Vec::new(), vec![0]);
        for frequencies in markers {
            fill(frequencies, &mut cells);
            starts.push(cells.len() as u32);
        }
        Self { cells, starts }
    }

    /// The index of an allele of the marker.
    #[inline]
    pub(super) fn draw(&self, marker: usize, draw: &mut Draw) -> u8 {
        let cells = &self.cells[self.starts[marker] as usize..self.starts[marker + 1] as usize];
        pick(cells, draw)
    }

    /// A person's alleles at all markers.
    pub(super) fn draw_all(&self, draw: &mut Draw, maternal: &mut Vec<u8>, paternal: &mut Vec<u8>) {
        maternal.clear();
        paternal.clear();
        for bounds in self.starts.windows(2) {
            let cells = &self.cells[bounds[0] as usize..bounds[1] as usize];
            maternal.push(pick(cells, draw));
            paternal.push(pick(cells, draw));
        }
    }
}

#[inline]
fn pick(cells: &[Cell], draw: &mut Draw) -> u8 {
    let product = u64::from(draw.word()) * cells.len() as u64;
    let column = (product >> 32) as usize;
    let cell = cells[column];
    if (product as u32) < cell.threshold { column as u8 } else { cell.other }
}

/// Appends the cells of one marker (Vose 1991). The frequencies are not negative and not all 0.
fn fill(frequencies: &[f64], cells: &mut Vec<Cell>) {
    let n = frequencies.len();
    let sum: f64 = frequencies.iter().sum();
    let mut scaled: Vec<f64> = frequencies.iter().map(|f| f / sum * n as f64).collect();
    let base = cells.len();
    cells.extend((0..n).map(|i| Cell { threshold: u32::MAX, other: i as u8 }));
    let (mut small, mut large): (Vec<usize>, Vec<usize>) = (0..n).partition(|&i| scaled[i] < 1.0);
    while let (Some(&s), Some(&l)) = (small.last(), large.last()) {
        small.pop();
        // Rounding to the nearest of 2^32 steps; below 1, so it fits.
        let threshold = (scaled[s] * 4_294_967_296.0 + 0.5).floor().min(4_294_967_295.0);
        cells[base + s] = Cell { threshold: threshold as u32, other: l as u8 };
        scaled[l] -= 1.0 - scaled[s];
        if scaled[l] < 1.0 {
            large.pop();
            small.push(l);
        }
    }
    // What is left is 1 but for rounding: its own allele always, as the cells were laid out.
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "marker,allele,freq,n_chrom\nSE33,20.2,0.5,10\nTHO1,9.3,0.3,10\nSE33,7,0.52,10\nTH01,6,0.7,10\n\
                         AMEL,X,0.75,10\nTPOX,8,1,10\nSE33,30,0,10\n";

    #[test]
    fn any_marker_of_a_csv_is_read_core_loci_first_and_sums_are_made_one() {
        let table = AlleleTable::from_csv("p", TABLE).unwrap();
        let names: Vec<_> = table.markers().iter().map(Marker::name).collect();
        assert_eq!(names, ["TH01", "TPOX", "SE33"]);
        let se33 = &table.markers()[2];
        assert_eq!(se33.alleles().iter().map(ToString::to_string).collect::<Vec<_>>(), ["7", "20.2"]);
        assert!((se33.frequencies()[0] - 0.52 / 1.02).abs() < 1e-12);
        assert_eq!(table.clone().core().unwrap().markers().len(), 2);
        assert_eq!(AlleleTable::from_csv("p", "SE33,7,1,9\n").unwrap().core(), Err(GeneticsError::NoMarkers));
        assert_eq!(AlleleTable::illustration().markers().len(), 20);
        let long = AlleleTable::from_csv("p", "D11S554,99,0.5\nTPOX,8,1\nD11S554,188.2,0.5\n").unwrap();
        assert_eq!((long.markers().len(), long.left_out()), (1, &["D11S554".to_owned()][..]));
        assert!(AlleleTable::from_csv("p", "TPOX,188,1\n").is_err());
    }

    #[test]
    fn what_is_no_table_is_refused_with_its_line() {
        let said = |text: &str| AlleleTable::from_csv("p", text).unwrap_err().to_string();
        assert!(said("").contains("marker,allele,freq"));
        assert!(said("TH01,6\n").contains("line 1"));
        assert!(said("marker,allele,freq\nTH01,x,0.5\n").contains("line 2"));
        assert!(said("TH01,6,nan\n").contains("from 0 to 1"));
        assert!(said("TH01,6,1.5\n").contains("from 0 to 1"));
        assert!(said("TH01,6,0.5\nTHO1,6.0,0.5\n").contains("twice"));
        assert!(said("TH01,6,0.5\n").contains("TH01") && said("TH01,6,0.5\n").contains("sum to 1"));
        assert!(said("\"a\\b\",6,1\n").contains("name"));
        let many: String = (1..=256).map(|i| format!("X,{}.{},0.00390625\n", i / 10, i % 10)).collect();
        assert!(said(&many).contains("255"));
        let many: String = (0..501).map(|i| format!("X{i},9,1\n")).collect();
        assert!(said(&many).contains("500"));
    }

    #[test]
    fn alias_tables_hold_the_frequencies_exactly_but_for_rounding() {
        for frequencies in [vec![1.0], vec![0.5, 0.5], vec![0.001, 0.899, 0.05, 0.05], vec![0.2; 5], vec![1.0, 0.0]] {
            let mut cells = Vec::new();
            fill(&frequencies, &mut cells);
            let mut mass = vec![0.0; frequencies.len()];
            for (i, cell) in cells.iter().enumerate() {
                let own = f64::from(cell.threshold) / 4_294_967_296.0;
                mass[i] += own / cells.len() as f64;
                mass[usize::from(cell.other)] += (1.0 - own) / cells.len() as f64;
            }
            for (m, f) in mass.iter().zip(&frequencies) {
                assert!((m - f).abs() < 1e-8, "{mass:?} {frequencies:?}");
            }
        }
    }
}
