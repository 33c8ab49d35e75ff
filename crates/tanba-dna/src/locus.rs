//! The loci: the twenty of the CODIS core set (FBI, in force since 2017), by stable code. Other spellings of their names are those
//! of the table of markers in `tanba-formats`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use tanba_formats::genetic::Marker;

use crate::DnaError;

/// One of the 20 CODIS core STR loci. The numeric code is stored: it never changes meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
#[repr(u8)]
#[allow(missing_docs)] // the names are the documentation
pub enum Locus {
    Csf1po = 1,
    D1S1656 = 2,
    D2S441 = 3,
    D2S1338 = 4,
    D3S1358 = 5,
    D5S818 = 6,
    D7S820 = 7,
    D8S1179 = 8,
    D10S1248 = 9,
    D12S391 = 10,
    D13S317 = 11,
    D16S539 = 12,
    D18S51 = 13,
    D19S433 = 14,
    D21S11 = 15,
    D22S1045 = 16,
    Fga = 17,
    Th01 = 18,
    Tpox = 19,
    Vwa = 20,
}

/// What amelogenin showed. Not an identification locus; kept beside the loci where the panel allows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SexMarker {
    /// X only.
    X,
    /// X and Y.
    Xy,
    /// Y only: the X was not seen (drop-out, or a primer-site variant).
    Y,
}

/// The longest name that an error message shows.
const MAX_NAME: usize = 32;

impl Locus {
    /// How many there are.
    pub const COUNT: usize = 20;

    /// All, in the order of their codes.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Csf1po,
        Self::D1S1656,
        Self::D2S441,
        Self::D2S1338,
        Self::D3S1358,
        Self::D5S818,
        Self::D7S820,
        Self::D8S1179,
        Self::D10S1248,
        Self::D12S391,
        Self::D13S317,
        Self::D16S539,
        Self::D18S51,
        Self::D19S433,
        Self::D21S11,
        Self::D22S1045,
        Self::Fga,
        Self::Th01,
        Self::Tpox,
        Self::Vwa,
    ];

    /// The stored code, 1 to 20.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// The locus of a stored code.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code).checked_sub(1)?).copied()
    }

    /// Place in tables with one entry per locus, 0 to 19.
    pub(crate) fn index(self) -> usize {
        usize::from(self.code()) - 1
    }

    /// The name as CODIS writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csf1po => "CSF1PO",
            Self::D1S1656 => "D1S1656",
            Self::D2S441 => "D2S441",
            Self::D2S1338 => "D2S1338",
            Self::D3S1358 => "D3S1358",
            Self::D5S818 => "D5S818",
            Self::D7S820 => "D7S820",
            Self::D8S1179 => "D8S1179",
            Self::D10S1248 => "D10S1248",
            Self::D12S391 => "D12S391",
            Self::D13S317 => "D13S317",
            Self::D16S539 => "D16S539",
            Self::D18S51 => "D18S51",
            Self::D19S433 => "D19S433",
            Self::D21S11 => "D21S11",
            Self::D22S1045 => "D22S1045",
            Self::Fga => "FGA",
            Self::Th01 => "TH01",
            Self::Tpox => "TPOX",
            Self::Vwa => "vWA",
        }
    }

    /// The locus of a name or a known alias, as [`Marker::find`] knows them; case, spaces, hyphens and underscores do not matter.
    pub fn parse(name: &str) -> Option<Self> {
        let marker = Marker::find(name)?;
        Self::ALL.into_iter().find(|locus| locus.name() == marker.name)
    }
}

/// Whether a name means amelogenin, the sex marker.
pub(crate) fn is_sex_marker(name: &str) -> bool {
    Marker::find(name).is_some_and(|marker| marker.name == "AMEL")
}

/// A name fit for an error message: short, printable.
pub(crate) fn shown(name: &str) -> String {
    let mut text: String = name.chars().take(MAX_NAME).map(|c| if c.is_ascii_graphic() { c } else { '?' }).collect();
    if name.chars().nth(MAX_NAME).is_some() {
        text.push_str("...");
    }
    text
}

impl fmt::Display for Locus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Locus {
    type Err = DnaError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::parse(name).ok_or_else(|| DnaError::LocusNotPermitted { name: shown(name) })
    }
}

impl TryFrom<String> for Locus {
    type Error = DnaError;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        name.parse()
    }
}

impl From<Locus> for &'static str {
    fn from(locus: Locus) -> Self {
        locus.name()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_codes_and_aliases_lead_back_to_the_locus() {
        for locus in Locus::ALL {
            assert_eq!(Locus::parse(locus.name()), Some(locus));
            assert_eq!(Locus::parse(&locus.name().to_lowercase()), Some(locus));
            assert_eq!(Locus::from_code(locus.code()), Some(locus));
        }
        assert_eq!(Locus::from_code(0), None);
        assert_eq!(Locus::from_code(21), None);
        for (alias, locus) in
            [("THO1", Locus::Th01), ("TP0X", Locus::Tpox), ("VWA", Locus::Vwa), ("d 3-s_1358", Locus::D3S1358)]
        {
            assert_eq!(Locus::parse(alias), Some(locus), "{alias}");
        }
        assert_eq!(Locus::parse("SE33"), None);
        let core = tanba_formats::genetic::Kit::find("CODIS 20").unwrap();
        assert!(core.markers().map(|marker| marker.name).eq(Locus::ALL.map(Locus::name)));
        assert!(is_sex_marker("Amelogenin") && !is_sex_marker("TH01"));
    }

    #[test]
    fn an_unknown_name_is_shown_short_and_printable() {
        let shown = shown(&"x\u{1b}\n".repeat(1000));
        assert!(shown.len() <= MAX_NAME + 3 && shown.chars().all(|c| c.is_ascii_graphic()));
    }
}
