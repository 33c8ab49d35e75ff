//! Writing tables of genotypes.

use std::collections::HashSet;

use super::super::WriteError;
use super::super::marker::MarkerName;
use super::super::table::{Separator, write_rows};
use super::columns::{self, LongColumn, WideColumn};
use super::read::{designation, is_split};
use super::{GenotypeTable, MarkerGenotype, SampleGenotypes};

/// The most alleles of a genotype that are written: the columns of a table are as many for every row.
const MAX_ALLELES: usize = 64;

/// Writes a wide table: a row a sample, the marker's name with `_1`, `_2`, ... above its columns. Peaks, dyes, the fields of
/// genotypes and markers without alleles have no place in it and are left out.
///
/// # Errors
/// [`WriteError`] where a name, an allele or a field would not be read back as it is.
pub fn write_wide(table: &GenotypeTable, separator: Separator) -> Result<Vec<u8>, WriteError> {
    check(table)?;
    let has_category = table.samples.iter().any(|sample| sample.category.is_some());
    let fields = headings(table.samples.iter().map(|sample| &sample.fields))?;
    let markers = markers(table)?;
    let mut header: Vec<String> = vec!["sample".into()];
    header.extend(has_category.then(|| "category".into()));
    header.extend(fields.iter().map(|field| (*field).to_owned()));
    for (marker, columns) in &markers {
        match columns {
            1 => header.push(marker.as_str().to_owned()),
            columns => header.extend((1..=*columns).map(|copy| format!("{marker}_{copy}"))),
        }
    }
    check_wide_headings(&header, has_category, fields.len(), &markers)?;
    let mut rows = vec![header];
    for sample in &table.samples {
        let mut row = vec![sample.id.clone()];
        row.extend(has_category.then(|| sample.category.clone().unwrap_or_default()));
        row.extend(fields.iter().map(|field| value(&sample.fields, field)));
        for (marker, columns) in &markers {
            let mut alleles = sample.alleles(marker);
            row.extend((0..*columns).map(|_| alleles.next().unwrap_or_default().to_owned()));
        }
        rows.push(row);
    }
    write_rows(separator, rows.iter().map(|row| row.iter().map(String::as_str)))
}

/// Writes a long table: a row a sample and marker. The fields of samples have no place in it and are left out.
///
/// # Errors
/// As [`write_wide`].
pub fn write_long(table: &GenotypeTable, separator: Separator) -> Result<Vec<u8>, WriteError> {
    long(table, separator, ["sample", "category", "marker", "dye"], "_")
}

/// Writes what GeneMapper exports: tab-separated, `Sample Name`, `Marker`, `Dye`, `Allele 1` and so on.
///
/// # Errors
/// As [`write_wide`].
pub fn write_gene_mapper(table: &GenotypeTable) -> Result<Vec<u8>, WriteError> {
    long(table, Separator::Tab, ["Sample Name", "Category", "Marker", "Dye"], " ")
}

fn long(table: &GenotypeTable, separator: Separator, names: [&str; 4], gap: &str) -> Result<Vec<u8>, WriteError> {
    check(table)?;
    let genotypes = || table.samples.iter().flat_map(|sample| &sample.genotypes);
    let calls = || genotypes().flat_map(|genotype| &genotype.alleles);
    let [id, category, marker, dye] = names;
    let mut ids = HashSet::new();
    if !table.samples.iter().all(|sample| ids.insert(&sample.id)) {
        let reason = "it stands twice, and the rows of both would be taken for one sample's: rename one";
        return Err(WriteError::Unfit { field: "a sample's name", reason });
    }
    let typed = || table.samples.iter().filter(|sample| !sample.genotypes.is_empty() || !sample.empty.is_empty());
    let has_category = typed().any(|sample| sample.category.is_some());
    let has_dye = genotypes().any(|genotype| genotype.dye.is_some());
    let (has_sizes, has_heights) = (calls().any(|call| call.size.is_some()), calls().any(|call| call.height.is_some()));
    // With one column of alleles a reader takes the rows of a marker together; two columns keep them apart.
    let most = genotypes().map(|genotype| genotype.alleles.len()).max().unwrap_or(0).max(2);
    let fields = headings(genotypes().map(|genotype| &genotype.fields))?;
    if fields.iter().any(|field| columns::long_column(field) != LongColumn::Field) {
        return Err(FIELD);
    }
    let stem = |stem: &str, wanted: bool| -> Vec<String> {
        let numbers = 1..=if wanted { most } else { 0 };
        numbers
            .map(|n| if gap == " " { format!("{stem} {n}") } else { format!("{}{gap}{n}", stem.to_lowercase()) })
            .collect()
    };
    let mut header: Vec<String> = vec![id.into()];
    header.extend(has_category.then(|| category.into()));
    header.push(marker.into());
    header.extend(has_dye.then(|| dye.into()));
    header.extend(
        [("Allele", true), ("Size", has_sizes), ("Height", has_heights)].into_iter().flat_map(|(s, w)| stem(s, w)),
    );
    header.extend(fields.iter().map(|field| (*field).to_owned()));
    let mut rows = vec![header];
    for sample in &table.samples {
        for genotype in &sample.genotypes {
            let mut row = vec![sample.id.clone()];
            row.extend(has_category.then(|| sample.category.clone().unwrap_or_default()));
            row.push(genotype.marker.as_str().to_owned());
            row.extend(has_dye.then(|| genotype.dye.clone().unwrap_or_default()));
            let call = |i: usize| genotype.alleles.get(i);
            let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
            row.extend((0..most).map(|i| call(i).map(|call| call.allele.clone()).unwrap_or_default()));
            row.extend((0..most).filter(|_| has_sizes).map(|i| number(call(i).and_then(|call| call.size))));
            row.extend((0..most).filter(|_| has_heights).map(|i| number(call(i).and_then(|call| call.height))));
            row.extend(fields.iter().map(|field| value(&genotype.fields, field)));
            rows.push(row);
        }
        for marker in &sample.empty {
            let mut row = vec![sample.id.clone()];
            row.extend(has_category.then(|| sample.category.clone().unwrap_or_default()));
            row.push(marker.as_str().to_owned());
            rows.push(row);
        }
    }
    write_rows(separator, rows.iter().map(|row| row.iter().map(String::as_str)))
}

/// Whether everything would be read back as it is.
fn check(table: &GenotypeTable) -> Result<(), WriteError> {
    for sample in &table.samples {
        plain(&sample.id, "a sample's name")?;
        sample.category.as_ref().map_or(Ok(()), |category| plain(category, "a category"))?;
        for genotype in &sample.genotypes {
            check_genotype(genotype)?;
        }
        for marker in &sample.empty {
            plain(marker.as_str(), "a marker's name")?;
            if sample.genotypes.iter().any(|genotype| genotype.marker == *marker) {
                return Err(WriteError::Unfit {
                    field: "a marker",
                    reason: "it has alleles and a row without any: keep one",
                });
            }
        }
    }
    Ok(())
}

fn check_genotype(genotype: &MarkerGenotype) -> Result<(), WriteError> {
    plain(genotype.marker.as_str(), "a marker's name")?;
    genotype.dye.as_ref().map_or(Ok(()), |dye| plain(dye, "a dye"))?;
    if genotype.alleles.is_empty() {
        return Err(WriteError::Unfit { field: "a genotype", reason: "it has no allele: leave it out" });
    }
    if genotype.alleles.len() > MAX_ALLELES {
        return Err(WriteError::TooMuch { what: "alleles at a marker", most: MAX_ALLELES });
    }
    for call in &genotype.alleles {
        if designation(&call.allele).as_ref() != Some(&call.allele) {
            return Err(WriteError::Unfit {
                field: "an allele",
                reason: "blank, a sign for \"not typed\", or with a decimal comma: write a designation such as 9.3",
            });
        }
        if [call.size, call.height].into_iter().flatten().any(|number| !number.is_finite() || number < 0.0) {
            return Err(WriteError::Unfit { field: "a size or height", reason: "it must be a number of at least 0" });
        }
    }
    Ok(())
}

const FIELD: WriteError = WriteError::Unfit {
    field: "a further column",
    reason: "its heading is blank or means something else in such a table: rename it",
};

fn plain(text: &str, field: &'static str) -> Result<(), WriteError> {
    if text.trim().is_empty() || text.trim() != text || text.contains(char::is_control) {
        let reason = "it is blank, begins or ends with a blank, or has control characters";
        return Err(WriteError::Unfit { field, reason });
    }
    Ok(())
}

/// The headings of further columns, each once, in the order in which they come.
fn headings<'a>(rows: impl Iterator<Item = &'a Vec<(String, String)>>) -> Result<Vec<&'a str>, WriteError> {
    let mut headings: Vec<&str> = Vec::new();
    for fields in rows {
        for (i, (heading, text)) in fields.iter().enumerate() {
            plain(heading, "a further column")?;
            plain(text, "a field")?;
            if fields.iter().take(i).any(|(earlier, _)| earlier == heading) {
                return Err(FIELD);
            }
            if !headings.contains(&heading.as_str()) {
                headings.push(heading);
            }
        }
    }
    Ok(headings)
}

fn value(fields: &[(String, String)], heading: &str) -> String {
    fields.iter().find(|(own, _)| own == heading).map(|(_, text)| text.clone()).unwrap_or_default()
}

/// The markers of a table with the number of their columns. One column may be split by a reader, so it is written only for
/// markers that are known by name and where nothing could be split.
fn markers(table: &GenotypeTable) -> Result<Vec<(MarkerName, usize)>, WriteError> {
    let mut markers: Vec<(MarkerName, usize)> = Vec::new();
    for genotype in table.samples.iter().flat_map(|sample: &SampleGenotypes| &sample.genotypes) {
        let simple = genotype.marker.marker().is_some() && !genotype.alleles.iter().any(|call| is_split(&call.allele));
        let columns = genotype.alleles.len().max(if simple { 1 } else { 2 });
        match markers.iter_mut().find(|(marker, _)| *marker == genotype.marker) {
            Some((_, most)) => *most = columns.max(*most),
            None => markers.push((genotype.marker.clone(), columns)),
        }
    }
    for sample in &table.samples {
        for (i, genotype) in sample.genotypes.iter().enumerate() {
            if sample.genotypes.iter().take(i).any(|earlier| earlier.marker == genotype.marker) {
                let reason = "it stands twice in a sample: decide which typing is right, or write the long form";
                return Err(WriteError::Unfit { field: "a marker", reason });
            }
        }
    }
    Ok(markers)
}

/// Whether the headings would be read as what they are: the sample, its category, so many fields, and these markers.
fn check_wide_headings(
    header: &[String],
    has_category: bool,
    fields: usize,
    markers: &[(MarkerName, usize)],
) -> Result<(), WriteError> {
    let no_genotype =
        WriteError::Unfit { field: "a wide table", reason: "no sample has a genotype, so it has no columns for any" };
    let (columns, read) = columns::wide(header).filter(|_| !markers.is_empty()).ok_or(no_genotype)?;
    let others = 1 + usize::from(has_category) + fields;
    // The eighth column of a marker `D3S135` would be read as one of D3S1358.
    let mut owners = markers.iter().enumerate().flat_map(|(k, (_, columns))| std::iter::repeat_n(k, *columns));
    let as_meant = columns.iter().enumerate().all(|(i, column)| match column {
        WideColumn::Sample => i == 0,
        WideColumn::Category => has_category && i == 1,
        WideColumn::Field => (1 + usize::from(has_category)..others).contains(&i),
        WideColumn::Marker(k) => i >= others && owners.next() == Some(*k),
    });
    if as_meant && read.iter().eq(markers.iter().map(|(marker, _)| marker)) && columns::long(header).is_none() {
        Ok(())
    } else {
        Err(FIELD)
    }
}
