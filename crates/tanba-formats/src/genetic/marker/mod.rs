//! Markers by name: what a laboratory, a kit or a file calls a locus, and which one is meant.
//!
//! The table is [`MARKERS`]; this is how it is asked. A name that is not in it stays what it is ([`MarkerName::of`]): a reader
//! must not lose a locus because nobody has written it down here.

mod table;

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

pub use table::MARKERS;

/// A marker that is known by name.
#[derive(Debug, PartialEq, Eq)]
pub struct Marker {
    /// The name that this crate writes, in the spelling of STRBase.
    pub name: &'static str,
    /// Where it lies.
    pub chromosome: Chromosome,
    /// Bases in one repeat; absent for markers that do not repeat, and where it is not surely known.
    pub repeat: Option<u8>,
    /// How many copies one chromosome carries, hence how many alleles a haplotype shows: 2 at DYS385 and DYF387S1.
    pub copies: u8,
    /// Other spellings, in upper case, without blanks, hyphens, underscores, points and slashes.
    aliases: &'static [&'static str],
}

/// Where a marker lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Chromosome {
    /// Chromosome 1 to 22.
    Autosome(u8),
    /// The X chromosome.
    X,
    /// The Y chromosome.
    Y,
    /// Both sex chromosomes, told apart by length: amelogenin.
    XAndY,
}

/// The longest name that is looked up: none in the table is longer.
const LONGEST_NAME: usize = 32;

impl Marker {
    /// The marker of a name or an alias; case, blanks, hyphens, underscores, points and slashes do not matter.
    pub fn find(name: &str) -> Option<&'static Self> {
        let mut plain = [0; LONGEST_NAME];
        let mut length = 0;
        for c in name.chars().filter(|c| !is_filler(*c)) {
            if !c.is_ascii_alphanumeric() {
                return None;
            }
            *plain.get_mut(length)? = c.to_ascii_uppercase() as u8;
            length += 1;
        }
        BY_NAME.get(plain.get(..length)?).copied()
    }

    /// Whether it says which sex chromosomes are there, rather than who somebody is: amelogenin and the Y indel.
    pub fn is_sex_marker(&self) -> bool {
        matches!(self.name, "AMEL" | "Yindel")
    }

    /// Its name and its other spellings, as they are looked up.
    fn spellings(&self) -> impl Iterator<Item = Vec<u8>> {
        let name = self.name.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_uppercase()).collect();
        std::iter::once(name).chain(self.aliases.iter().map(|alias| alias.as_bytes().to_vec()))
    }
}

static BY_NAME: LazyLock<HashMap<Vec<u8>, &'static Marker>> =
    LazyLock::new(|| MARKERS.iter().flat_map(|marker| marker.spellings().map(move |name| (name, marker))).collect());

fn is_filler(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '_' | '.' | '/')
}

/// `D4S2408`, `DXS10011`, `DYS19`, `DYF403S1`, `rs1234`: the shape of the Human Genome Organisation's and dbSNP's names.
pub(super) fn looks_like_a_marker(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if let Some(number) = upper.strip_prefix("RS") {
        return digits(number);
    }
    let Some(rest) = upper.strip_prefix('D') else { return false };
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let rest = rest.strip_prefix(['X', 'Y']).unwrap_or(rest);
    let rest = rest.strip_prefix('F').map_or(rest, |rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()));
    rest.len() < upper.len() - 1 && rest.strip_prefix('S').is_some_and(digits)
}

/// A marker as a file names it: the table's name where it is known, otherwise the text as it stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MarkerName(Cow<'static, str>);

impl MarkerName {
    /// The marker that a file calls `name`.
    pub fn of(name: &str) -> Self {
        match Marker::find(name) {
            Some(marker) => marker.into(),
            None => Self(Cow::Owned(name.trim().to_owned())),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is known, or has the shape of a published name: any table of numbers has columns whose headings end alike.
    pub fn is_plausible(&self) -> bool {
        self.marker().is_some() || looks_like_a_marker(&self.0)
    }

    /// The marker, where it is known.
    pub fn marker(&self) -> Option<&'static Marker> {
        Marker::find(&self.0)
    }
}

impl From<&'static Marker> for MarkerName {
    fn from(marker: &'static Marker) -> Self {
        Self(Cow::Borrowed(marker.name))
    }
}

impl fmt::Display for MarkerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Chromosome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Autosome(number) => write!(f, "{number}"),
            Self::X => f.write_str("X"),
            Self::Y => f.write_str("Y"),
            Self::XAndY => f.write_str("X and Y"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_and_alias_leads_to_one_marker() {
        let mut spellings = 0;
        for marker in MARKERS {
            assert!(marker.name.len() <= LONGEST_NAME);
            spellings += marker.spellings().count();
            for name in std::iter::once(&marker.name).chain(marker.aliases) {
                assert_eq!(Marker::find(name), Some(marker), "{name}");
                assert_eq!(Marker::find(&name.to_lowercase()), Some(marker), "{name}");
            }
            for alias in marker.aliases {
                assert!(alias.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()), "{alias}");
            }
        }
        assert_eq!(BY_NAME.len(), spellings, "no spelling stands twice");
    }

    #[test]
    fn names_as_files_write_them() {
        for (name, means) in [
            ("THO1", "TH01"),
            ("HUMTH01", "TH01"),
            ("TP0X", "TPOX"),
            ("VWA", "vWA"),
            ("HUMVWFA31", "vWA"),
            ("vWA31", "vWA"),
            ("Penta_D", "Penta D"),
            ("PentaD", "Penta D"),
            ("Penta.E", "Penta E"),
            ("Amelogenin", "AMEL"),
            ("DYS389 II", "DYS389II"),
            ("Y-GATA-H4", "YGATAH4"),
            ("GATA_H4", "YGATAH4"),
            ("DYS385 a/b", "DYS385"),
            ("DYS385b", "DYS385"),
            ("FES/FPS", "FESFPS"),
            ("ACTBP2", "SE33"),
            ("d 3-s_1358", "D3S1358"),
            ("Y indel", "Yindel"),
        ] {
            assert_eq!(Marker::find(name).map(|marker| marker.name), Some(means), "{name}");
        }
        for name in ["", " - ", "D99S1", "TH01!", "vWA\u{430}", &"TH01".repeat(100)] {
            assert_eq!(Marker::find(name), None, "{name}");
        }
        assert_eq!(MarkerName::of(" D99S1 ").as_str(), "D99S1");
        assert_eq!(MarkerName::of("tho1"), MarkerName::of("HUMTH01"));
    }

    #[test]
    fn the_chromosome_is_the_one_that_a_d_number_names() {
        for marker in MARKERS {
            let digits: String = marker.name.chars().skip(1).take_while(char::is_ascii_digit).collect();
            let named = match marker.name {
                name if name.starts_with("DY") || name.starts_with('Y') => Some(Chromosome::Y),
                name if name.starts_with("DX") => Some(Chromosome::X),
                name if name.starts_with('D') => digits.parse().ok().map(Chromosome::Autosome),
                _ => None,
            };
            assert!(named.is_none_or(|named| named == marker.chromosome), "{}", marker.name);
        }
    }
}
