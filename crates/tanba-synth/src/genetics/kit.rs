//! Fragment lengths of an imagined kit, which decide what degradation leaves of each marker.
//!
//! The lengths are **illustrative**: rounded, laid out by the author in colour lanes as kits have them, of no product. They give
//! each marker a plausible length and each lane a plausible order, no more.

use serde::Serialize;
use tanba_dna::Allele;

use super::{AlleleTable, Marker};

/// The kit's name in case files.
pub const KIT_NAME: &str = "tanba-illustrative";

/// A marker of the kit: lane, bases of its shortest ladder allele, that allele in repeats, bases of a repeat.
type Row = (&'static str, &'static str, u16, u16, u16);

const KIT: [Row; 24] = [
    ("D3S1358", "blue", 100, 9, 4),
    ("vWA", "blue", 155, 10, 4),
    ("D16S539", "blue", 230, 5, 4),
    ("CSF1PO", "blue", 285, 6, 4),
    ("TPOX", "blue", 340, 4, 4),
    ("D8S1179", "green", 115, 5, 4),
    ("D21S11", "green", 185, 24, 4),
    ("D18S51", "green", 265, 7, 4),
    ("Penta E", "green", 370, 5, 5),
    ("D2S441", "yellow", 75, 8, 4),
    ("D19S433", "yellow", 120, 6, 4),
    ("TH01", "yellow", 180, 4, 4),
    ("FGA", "yellow", 225, 13, 4),
    ("Penta D", "yellow", 380, 2, 5),
    ("D22S1045", "red", 90, 7, 3),
    ("D5S818", "red", 140, 7, 4),
    ("D13S317", "red", 205, 5, 4),
    ("D7S820", "red", 265, 6, 4),
    ("SE33", "red", 310, 4, 4),
    ("D10S1248", "purple", 85, 8, 4),
    ("D1S1656", "purple", 160, 8, 4),
    ("D12S391", "purple", 220, 14, 4),
    ("D2S1338", "purple", 285, 11, 4),
    ("D6S1043", "purple", 375, 8, 4),
];
/// A marker that the kit does not know: in the middle of a lane of its own, 4 bases a repeat.
const OTHER: Row = ("", "grey", 200, 8, 4);
/// Amelogenin, X and Y, bases.
pub(super) const AMELOGENIN: (u16, u16) = (82, 88);
/// No fragment is shorter than its primers, bases.
const SHORTEST: i32 = 50;

/// A row of the kit table of a case file, as euroformix has them.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct KitRow {
    /// The marker.
    pub marker: String,
    /// The allele.
    pub allele: String,
    /// Fragment length, bases.
    pub size: u16,
    /// Lane.
    pub color: &'static str,
    /// Bases of a repeat.
    pub repeat: u16,
}

fn row(marker: &Marker) -> Row {
    let plain = |name: &str| name.replace(['_', '-', ' '], "").to_ascii_uppercase();
    let name = plain(marker.name());
    KIT.into_iter().find(|row| plain(row.0) == name).unwrap_or(OTHER)
}

/// The length of an allele's fragment, bases: the tenths digit of a designation counts bases.
pub fn fragment_length(marker: &Marker, allele: Allele) -> u16 {
    let (_, _, bases, shortest, repeat) = row(marker);
    let (whole, rest) = (i32::from(allele.tenths() / 10), i32::from(allele.tenths() % 10));
    let length = i32::from(bases) + (whole - i32::from(shortest)) * i32::from(repeat) + rest;
    length.max(SHORTEST) as u16
}

/// The kit as far as a table's alleles go.
pub fn kit_rows(table: &AlleleTable) -> Vec<KitRow> {
    let rows = table.markers().iter().flat_map(|marker| {
        let (_, color, _, _, repeat) = row(marker);
        marker.alleles().iter().map(move |allele| KitRow {
            marker: marker.name().to_owned(),
            allele: allele.to_string(),
            size: fragment_length(marker, *allele),
            color,
            repeat,
        })
    });
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_grow_by_repeats_and_bases_and_aliases_find_their_row() {
        let table =
            AlleleTable::from_csv("t", "FGA,13,0.5\nFGA,22.2,0.5\nPENTA_E,5,0.5\nPENTA_E,6,0.5\nX9,8,1\n").unwrap();
        let length = |m: usize, text: &str| fragment_length(&table.markers()[m], Allele::parse(text).unwrap());
        assert_eq!((length(0, "13"), length(0, "22.2")), (225, 225 + 9 * 4 + 2));
        assert_eq!((length(1, "5"), length(1, "6")), (370, 375));
        assert_eq!((length(2, "8"), length(0, "0.1")), (200, 225 - 13 * 4 + 1));
        assert_eq!(kit_rows(&table).len(), 5);
    }

    #[test]
    fn every_core_locus_and_every_named_marker_is_in_the_kit_once() {
        for locus in tanba_dna::Locus::ALL {
            assert_eq!(KIT.iter().filter(|row| row.0 == locus.name()).count(), 1, "{locus}");
        }
        let mut names: Vec<_> = KIT.iter().map(|row| row.0).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), KIT.len());
    }
}
