//! What the columns of a table of genotypes mean, from their headings.

use std::collections::HashMap;

use super::super::marker::{Marker, MarkerName, looks_like_a_marker};

/// Headings of a sample's name, the surest first; letters and digits in lower case.
const SAMPLE: &[&str] = &[
    "samplename",
    "sampleid",
    "sample",
    "specimenid",
    "specimen",
    "individual",
    "ind",
    "id",
    "name",
    "profile",
    "person",
    "samplefile",
    "file",
    "runname",
];
const CATEGORY: &[&str] = &["category", "specimencategory", "population", "pop"];
const MARKER: &[&str] = &["marker", "markername", "locus", "locusname", "system", "systemname"];
const DYE: &[&str] = &["dye", "dyecolor", "dyecolour"];

/// The most peaks of a row that have columns of their own.
const MOST_PEAKS: usize = 64;

/// A column of a long table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum LongColumn {
    Sample,
    Category,
    Marker,
    Dye,
    /// The allele, size or height of this number.
    Allele(usize),
    Size(usize),
    Height(usize),
    /// All alleles in one cell.
    Alleles,
    Field,
}

/// A column of a wide table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum WideColumn {
    Sample,
    Category,
    /// An allele, or all alleles, of the marker of this place in the table's list.
    Marker(usize),
    Field,
}

/// Letters and digits of a heading, in lower case.
fn plain(heading: &str) -> String {
    heading.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// What one heading means in a long table. Of several headings for the sample, [`long`] keeps the surest.
pub(super) fn long_column(heading: &str) -> LongColumn {
    let plain = plain(heading);
    let numbered = |stem: &str| match plain.strip_prefix(stem)? {
        "" => Some(0),
        number => number.parse::<usize>().ok().filter(|n| (1..=MOST_PEAKS).contains(n)),
    };
    let is = |names: &[&str]| names.contains(&plain.as_str());
    match () {
        () if is(SAMPLE) => LongColumn::Sample,
        () if is(CATEGORY) => LongColumn::Category,
        () if is(MARKER) => LongColumn::Marker,
        () if is(DYE) => LongColumn::Dye,
        () if plain == "alleles" || plain == "genotype" => LongColumn::Alleles,
        () => [LongColumn::Allele as fn(usize) -> _, LongColumn::Size, LongColumn::Height]
            .into_iter()
            .zip(["allele", "size", "height"])
            .find_map(|(column, stem)| numbered(stem).map(column))
            .unwrap_or(LongColumn::Field),
    }
}

/// The columns of a long table; `None` where no marker or no allele is among the headings.
pub(super) fn long(headings: &[String]) -> Option<Vec<LongColumn>> {
    let mut columns: Vec<_> = headings.iter().map(|heading| long_column(heading)).collect();
    keep_surest(headings, &mut columns, &LongColumn::Sample, &LongColumn::Field, SAMPLE);
    keep_surest(headings, &mut columns, &LongColumn::Category, &LongColumn::Field, CATEGORY);
    keep_surest(headings, &mut columns, &LongColumn::Marker, &LongColumn::Field, MARKER);
    let has_alleles = columns.iter().any(|column| matches!(column, LongColumn::Allele(_) | LongColumn::Alleles));
    (columns.contains(&LongColumn::Marker) && has_alleles).then_some(columns)
}

/// Leaves `role` to the heading that stands first in `names` and makes the others `rest`.
fn keep_surest<C: PartialEq + Clone>(headings: &[String], columns: &mut [C], role: &C, rest: &C, names: &[&str]) {
    let rank = |heading: &String| names.iter().position(|name| *name == plain(heading));
    let holders = || headings.iter().enumerate();
    let surest = holders().filter(|(i, _)| columns.get(*i) == Some(role)).min_by_key(|(_, heading)| rank(heading));
    let surest = surest.map(|(i, _)| i);
    for (i, column) in columns.iter_mut().enumerate() {
        if column == role && Some(i) != surest {
            *column = rest.clone();
        }
    }
}

/// The columns of a wide table and its markers; `None` where no heading is a marker's.
///
/// A heading is a marker's where the table of markers knows it, with or without the number of the copy behind it; where it
/// looks like a marker's; and where it stands twice, or once for each of two copies.
pub(super) fn wide(headings: &[String]) -> Option<(Vec<WideColumn>, Vec<MarkerName>)> {
    let mut markers: Vec<MarkerName> = Vec::new();
    let mut place = |name: MarkerName| {
        let at = markers.iter().position(|marker| *marker == name);
        WideColumn::Marker(at.unwrap_or_else(|| {
            markers.push(name);
            markers.len() - 1
        }))
    };
    let mut times: HashMap<&str, usize> = HashMap::new();
    let mut copies: HashMap<&str, usize> = HashMap::new();
    for heading in headings.iter().map(|heading| heading.trim()) {
        *times.entry(heading).or_default() += 1;
        *copies.entry(copy_of(heading).unwrap_or_default()).or_default() += 1;
    }
    let twice = |counts: &HashMap<&str, usize>, name: &str| counts.get(name).is_some_and(|n| *n > 1);
    let stands_twice = |heading| twice(&times, heading) || copy_of(heading).is_some_and(|base| twice(&copies, base));
    let mut columns: Vec<WideColumn> = Vec::with_capacity(headings.len());
    for heading in headings.iter().map(|heading| heading.trim()) {
        let word = plain(heading);
        let base = copy_of(heading);
        let column = if SAMPLE.contains(&word.as_str()) {
            WideColumn::Sample
        } else if CATEGORY.contains(&word.as_str()) {
            WideColumn::Category
        } else if heading.is_empty() {
            // Spreadsheets name the marker above the first of its two columns and leave the second blank.
            match columns.last() {
                Some(WideColumn::Marker(marker)) => WideColumn::Marker(*marker),
                _ => WideColumn::Field,
            }
        } else if let Some(marker) = Marker::find(heading).or_else(|| Marker::find(base?)) {
            place(marker.into())
        } else if looks_like_a_marker(base.unwrap_or(heading)) || stands_twice(heading) {
            place(MarkerName::of(base.unwrap_or(heading)))
        } else {
            WideColumn::Field
        };
        columns.push(column);
    }
    keep_surest(headings, &mut columns, &WideColumn::Sample, &WideColumn::Field, SAMPLE);
    keep_surest(headings, &mut columns, &WideColumn::Category, &WideColumn::Field, CATEGORY);
    // A first column without a name that is known is the sample's, unless one is.
    if !columns.contains(&WideColumn::Sample)
        && let Some(first @ WideColumn::Field) = columns.first_mut()
    {
        *first = WideColumn::Sample;
    }
    (!markers.is_empty()).then_some((columns, markers))
}

/// What stands before the number of a copy, 1 to 64, or its letter: `TH01` of `TH01_1`, `TH01.2`, `TH01 a`, `TH01 Allele 1`.
fn copy_of(heading: &str) -> Option<&str> {
    const GAP: [char; 6] = [' ', '_', '.', '-', '(', '['];
    let whole = heading.trim_end_matches([')', ']']);
    let before = whole.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = whole.get(before.len()..).unwrap_or_default();
    let before = match number.parse::<usize>() {
        Ok(number) => Some(before).filter(|_| (1..=MOST_PEAKS).contains(&number)),
        Err(_) if number.is_empty() => whole.strip_suffix(['a', 'b', 'A', 'B']),
        Err(_) => None,
    }?;
    let word = before.trim_end_matches(GAP);
    let base = match word.len().checked_sub("allele".len()).and_then(|at| word.split_at_checked(at)) {
        Some((base, tail)) if tail.eq_ignore_ascii_case("allele") => base.trim_end_matches(GAP),
        _ if word.len() == before.len() => return None,
        _ => word,
    };
    (!base.is_empty()).then_some(base)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_and_shapes() {
        for (heading, base) in [
            ("TH01_1", Some("TH01")),
            ("TH01.2", Some("TH01")),
            ("TH01 Allele 1", Some("TH01")),
            ("Foo (2)", Some("Foo")),
            ("Penta_D_1", Some("Penta_D")),
            ("TH01_64", Some("TH01")),
            ("TH01_65", None),
            ("TH01 b", Some("TH01")),
            ("D3S1358", None),
            ("SE33", None),
            ("_1", None),
        ] {
            assert_eq!(copy_of(heading), base, "{heading}");
        }
        for name in ["D4S2408", "DXS10011", "DYS19", "DYF403S1", "rs123"] {
            assert!(looks_like_a_marker(name), "{name}");
        }
        for name in ["DS1", "D4", "Dose", "S1", "rs", "Date", ""] {
            assert!(!looks_like_a_marker(name), "{name}");
        }
    }
}
