//! Writing tables of allele frequencies.

use super::super::WriteError;
use super::super::marker::Marker;
use super::super::table::{Separator, number, write_rows};
use super::PopulationFrequencies;

/// Writes a long table, `marker,allele,freq,n_chrom`, with a first column `population` where one has a name.
///
/// # Errors
/// [`WriteError`] for a blank name or allele, and for a frequency that is none.
pub fn write_long(populations: &[PopulationFrequencies], separator: Separator) -> Result<Vec<u8>, WriteError> {
    let named = populations.iter().any(|population| population.population.is_some());
    let mut header = vec!["marker".to_owned(), "allele".into(), "freq".into(), "n_chrom".into()];
    if named {
        header.insert(0, "population".into());
    }
    let mut rows = vec![header];
    for population in populations {
        check(population)?;
        for marker in &population.markers {
            let chromosomes = marker.chromosomes.map(|n| n.to_string()).unwrap_or_default();
            for (allele, frequency) in &marker.alleles {
                let mut row: Vec<String> = Vec::with_capacity(5);
                row.extend(named.then(|| population.population.clone().unwrap_or_default()));
                row.extend([
                    marker.marker.as_str().to_owned(),
                    allele.clone(),
                    frequency.to_string(),
                    chromosomes.clone(),
                ]);
                rows.push(row);
            }
        }
    }
    write_rows(separator, rows.iter().map(|row| row.iter().map(String::as_str)))
}

/// Writes a wide table: a row an allele, a column a marker, a row `2N` with the chromosomes counted. Alleles stand in the order
/// of their numbers; the population's name has no place in it.
///
/// # Errors
/// As [`write_long`], and where no marker is known by name, because such a table is not known as one again.
pub fn write_wide(population: &PopulationFrequencies, separator: Separator) -> Result<Vec<u8>, WriteError> {
    check(population)?;
    if !population.markers.iter().any(|own| Marker::find(own.marker.as_str()).is_some()) {
        return Err(WriteError::Unfit {
            field: "a wide table",
            reason: "no marker is known by name: write the long form",
        });
    }
    let mut alleles: Vec<&str> =
        population.markers.iter().flat_map(|marker| marker.alleles.iter().map(|(allele, _)| allele.as_str())).collect();
    alleles.sort_by(|a, b| {
        let key = |text| number(text).unwrap_or(f64::INFINITY);
        key(a).total_cmp(&key(b)).then(a.cmp(b))
    });
    alleles.dedup();
    let markers = &population.markers;
    let row = |first: &str, cell: &dyn Fn(usize) -> String| {
        std::iter::once(first.to_owned()).chain((0..markers.len()).map(cell)).collect::<Vec<_>>()
    };
    let at = |i: usize| markers.get(i);
    let mut rows = vec![row("Allele", &|i| at(i).map(|own| own.marker.as_str().to_owned()).unwrap_or_default())];
    for allele in alleles {
        let cell = |i: usize| at(i).and_then(|own| own.frequency(allele)).map(|f| f.to_string()).unwrap_or_default();
        rows.push(row(allele, &cell));
    }
    let counted = |i: usize| at(i).and_then(|own| own.chromosomes).map(|n| n.to_string()).unwrap_or_default();
    rows.push(row("2N", &counted));
    write_rows(separator, rows.iter().map(|row| row.iter().map(String::as_str)))
}

/// Writes the text that Familias imports: a marker's name, then a row for each allele, then a blank row.
///
/// # Errors
/// As [`write_long`].
pub fn write_familias_text(population: &PopulationFrequencies) -> Result<Vec<u8>, WriteError> {
    check(population)?;
    let mut rows: Vec<Vec<String>> = Vec::new();
    for marker in &population.markers {
        rows.push(vec![marker.marker.as_str().to_owned()]);
        rows.extend(marker.alleles.iter().map(|(allele, frequency)| vec![allele.clone(), frequency.to_string()]));
        rows.push(vec![]);
    }
    write_rows(Separator::Tab, rows.iter().map(|row| row.iter().map(String::as_str)))
}

fn check(population: &PopulationFrequencies) -> Result<(), WriteError> {
    let blank = |text: &str| text.trim().is_empty() || text.trim() != text || text.contains(char::is_control);
    if population.population.as_deref().is_some_and(blank) {
        return Err(WriteError::Unfit {
            field: "a population's name",
            reason: "it is blank, begins or ends with a blank, or has control characters",
        });
    }
    for marker in &population.markers {
        if blank(marker.marker.as_str()) || marker.alleles.iter().any(|(allele, _)| blank(allele)) {
            let reason = "it is blank, begins or ends with a blank, or has control characters";
            return Err(WriteError::Unfit { field: "a marker's name or an allele", reason });
        }
        if marker.alleles.iter().any(|(_, frequency)| !(0.0..=1.0).contains(frequency)) {
            return Err(WriteError::Unfit { field: "a frequency", reason: "it must lie between 0 and 1" });
        }
    }
    Ok(())
}
