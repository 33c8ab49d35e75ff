//! The lists of values of the schemas: categories of specimens, loci, kits.
//!
//! Sources: CODIS 3.2 CMF Interface Specification, appendix B; the schema of 2017; CODIS Rapid CMF Interface Specification.

use super::super::marker::Marker;

/// Which schema of `CODISImportFile`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// CODIS 3.2 CMF Interface Specification, appendix B.
    V32,
    /// The schema of 2017: more categories, loci (Y loci among them) and kits.
    V2017,
}

const CATEGORIES: &[&str] = &[
    // Offender index.
    "Convicted Offender",
    "CO Duplicate",
    "Arrestee",
    "Juvenile",
    "Legal",
    // Forensic index.
    "Forensic, Unknown",
    "Forensic Mixture",
    "Suspect, Known",
    "Deduced Suspect",
    "Victim, Known",
    "Elimination, Known",
    // Missing persons and their relatives.
    "Missing Person",
    "Unidentified Person",
    "Deceased",
    "Biological Child",
    "Biological Father",
    "Biological Mother",
    "Biological Sibling",
    "Alleged Father",
    "Alleged Mother",
    "Maternal Relative",
    "Paternal Relative",
    "Spouse",
    // Laboratories.
    "Staff",
    "Volunteer",
    "Population",
    "Proficiency",
    "Other",
];
const CATEGORIES_32_ONLY: &[&str] = &["Deduced Victim Known"];
const CATEGORIES_SINCE_2017: &[&str] = &[
    "Deduced Missing Person",
    "Detainee",
    "Forensic Partial",
    "Forensic Targeted",
    "Multi-allelic Offender",
    "Unreviewed Offender",
];
pub(super) const RAPID_CATEGORIES: &[&str] = &["Arrestee", "Convicted Offender", "Detainee", "Juvenile", "Legal"];

const LOCI: &[&str] = &[
    "AMEL",
    "Amelogenin",
    "CSF1PO",
    "D2S1338",
    "D3S1358",
    "D5S818",
    "D7S820",
    "D8S1179",
    "D13S317",
    "D16S539",
    "D18S51",
    "D19S433",
    "D21S11",
    "FGA",
    "Penta D",
    "Penta E",
    "TH01",
    "THO1",
    "TPOX",
    "TP0X",
    "vWA",
];
const LOCI_SINCE_2017: &[&str] = &[
    "D1S1656",
    "D2S441",
    "D10S1248",
    "D12S391",
    "D22S1045",
    "SE33",
    "DYS19",
    "DYS385",
    "DYS389 I",
    "DYS389 II",
    "DYS390",
    "DYS391",
    "DYS392",
    "DYS393",
    "DYS437",
    "DYS438",
    "DYS439",
    "DYS448",
    "DYS449",
    "DYS456",
    "DYS458",
    "DYS460",
    "DYS481",
    "DYS518",
    "DYS533",
    "DYS549",
    "DYS570",
    "DYS576",
    "DYS627",
    "DYS635",
    "DYS643",
    "DYF387S1",
    "YGATAH4",
    "Yindel",
];
/// What rapid messages do not name of the loci of 2017.
pub(super) const LOCI_NOT_RAPID: &[&str] =
    &["AMEL", "THO1", "TP0X", "DYF387S1", "DYS449", "DYS460", "DYS518", "DYS627"];

const KITS: &[&str] = &[
    "COfiler",
    "Profiler Plus",
    "SGM Plus",
    "Identifiler",
    "PowerPlex 1.1",
    "PowerPlex 1.2",
    "PowerPlex 2.1",
    "PowerPlex 16",
    "Monoplex CSF1PO",
    "Monoplex D5S818",
    "Monoplex D7S820",
    "Monoplex D13S317",
    "Monoplex D16S539",
    "Monoplex TH01",
    "Monoplex TPOX",
    "Monoplex vWA",
];
const KITS_SINCE_2017: &[&str] = &[
    "AmpFLSTR NGM",
    "AmpFLSTR NGM SElect",
    "AmpFlSTR Yfiler Plus",
    "GlobalFiler",
    "GlobalFiler Express",
    "Identifiler Direct",
    "Identifiler Plus",
    "MiniFiler",
    "Yfiler",
    "Investigator 24plex GO! Kit",
    "Investigator 24plex QS Kit",
    "PowerPlex 16 HS",
    "PowerPlex ESI 16",
    "PowerPlex ESI 17 Pro",
    "PowerPlex ESX 16",
    "PowerPlex ESX 17",
    "PowerPlex Fusion",
    "PowerPlex Fusion 6C",
    "Powerplex Y",
    "Powerplex Y23",
    "Y-PLEX 5",
    "Y-PLEX 6",
];
pub(super) const RAPID_KITS: &[&str] = &["GlobalFiler", "GlobalFiler Express", "PowerPlex Fusion"];

impl Schema {
    /// The values of `SPECIMENCATEGORY`.
    pub fn categories(self) -> impl Iterator<Item = &'static str> {
        let more = if self == Self::V32 { CATEGORIES_32_ONLY } else { CATEGORIES_SINCE_2017 };
        CATEGORIES.iter().chain(more).copied()
    }

    /// The values of `LOCUSNAME`.
    pub fn loci(self) -> impl Iterator<Item = &'static str> {
        let more: &[_] = if self == Self::V32 { &[] } else { LOCI_SINCE_2017 };
        LOCI.iter().chain(more).copied()
    }

    /// The values of `KIT`.
    pub fn kits(self) -> impl Iterator<Item = &'static str> {
        let more: &[_] = if self == Self::V32 { &[] } else { KITS_SINCE_2017 };
        KITS.iter().chain(more).copied()
    }

    /// The name of a marker among the values of `LOCUSNAME`: of two spellings the one of [`MARKERS`](super::super::MARKERS).
    pub fn locus_name(self, marker: &Marker) -> Option<&'static str> {
        let means = |name: &&str| Marker::find(name).is_some_and(|own| own == marker);
        self.loci().find(|name| *name == marker.name).or_else(|| self.loci().find(means))
    }

    /// The most loci of a specimen (`LOCUS`, `maxOccurs`).
    pub fn max_loci(self) -> usize {
        if self == Self::V32 { 32 } else { 64 }
    }
}
