//! Kits and sets of loci.
//!
//! Where the lists are from: CODIS 13 and 20, FBI (expanded core loci in force since 2017) and D. R. Hares,
//! FSI Genetics 17 (2015); the European Standard Set, Council Resolutions 2001/C 187/01 (seven loci) and 2009/C 296/01 (twelve);
//! the 24 loci of Council Decision 2008/616/JHA, annex, chapter 1, 1.1. Kits: user guides and validation studies of Applied
//! Biosystems (Identifiler Plus, NGM, NGM SElect, GlobalFiler, VeriFiler, Yfiler, Yfiler Plus), technical manuals of Promega
//! (PowerPlex 16, 21, Fusion, Fusion 6C, ESI 17, ESX 17, Y23) and handbooks of Qiagen (Investigator 24plex, Argus X-12).
//! The documents themselves were not at hand. The lists of PowerPlex 16, 21, Fusion, Fusion 6C, ESX 17 and Y23, Identifiler Plus, NGM and
//! NGM SElect, GlobalFiler, VeriFiler Express, Yfiler and Yfiler Plus, 24plex and Argus X-12 were checked in papers or public code, those of ESI 17
//! (its number of loci) and VeriFiler Plus (in part) were not, nor the sets of CODIS and the twelve of Europe as written; most dyes are
//! from memory. A laboratory compares its kit's guide before it relies on them.
//! Names after `KIT` in CMF: the schema of 2017. Quality sensors of a kit are not markers and are left out.

use super::{Channel, Kit};

const APPLIED_BIOSYSTEMS: Option<&str> = Some("Applied Biosystems");
const PROMEGA: Option<&str> = Some("Promega");
const QIAGEN: Option<&str> = Some("Qiagen");

const fn dye(dye: &'static str, markers: &'static [&'static str]) -> Channel {
    Channel { dye: Some(dye), markers }
}

const fn set(name: &'static str, channels: &'static [Channel]) -> Kit {
    Kit { name, maker: None, cmf_name: None, channels }
}

const fn kit(
    maker: Option<&'static str>,
    name: &'static str,
    cmf_name: Option<&'static str>,
    channels: &'static [Channel],
) -> Kit {
    Kit { name, maker, cmf_name, channels }
}

/// Sets of loci that a law or an agreement names.
pub const LOCUS_SETS: &[Kit] = &[
    set(
        "CODIS 20",
        &[Channel {
            dye: None,
            markers: &[
                "CSF1PO", "D1S1656", "D2S441", "D2S1338", "D3S1358", "D5S818", "D7S820", "D8S1179", "D10S1248",
                "D12S391", "D13S317", "D16S539", "D18S51", "D19S433", "D21S11", "D22S1045", "FGA", "TH01", "TPOX",
                "vWA",
            ],
        }],
    ),
    set(
        "CODIS 13",
        &[Channel {
            dye: None,
            markers: &[
                "CSF1PO", "D3S1358", "D5S818", "D7S820", "D8S1179", "D13S317", "D16S539", "D18S51", "D21S11", "FGA",
                "TH01", "TPOX", "vWA",
            ],
        }],
    ),
    set(
        "ESS",
        &[Channel {
            dye: None,
            markers: &[
                "D1S1656", "D2S441", "D3S1358", "D8S1179", "D10S1248", "D12S391", "D18S51", "D21S11", "D22S1045",
                "FGA", "TH01", "vWA",
            ],
        }],
    ),
    set("ESS 7", &[Channel { dye: None, markers: &["vWA", "TH01", "D21S11", "FGA", "D8S1179", "D3S1358", "D18S51"] }]),
    set(
        "Pruem 24",
        &[Channel {
            dye: None,
            markers: &[
                "vWA", "TH01", "D21S11", "FGA", "D8S1179", "D3S1358", "D18S51", "AMEL", "TPOX", "CSF1PO", "D13S317",
                "D7S820", "D5S818", "D16S539", "D2S1338", "D19S433", "Penta D", "Penta E", "FESFPS", "F13A01", "F13B",
                "SE33", "CD4", "GABRB15",
            ],
        }],
    ),
];

/// Kits.
pub const KITS: &[Kit] = &[
    kit(
        APPLIED_BIOSYSTEMS,
        "Identifiler Plus",
        Some("Identifiler Plus"),
        &[
            dye("6-FAM", &["D8S1179", "D21S11", "D7S820", "CSF1PO"]),
            dye("VIC", &["D3S1358", "TH01", "D13S317", "D16S539", "D2S1338"]),
            dye("NED", &["D19S433", "vWA", "TPOX", "D18S51"]),
            dye("PET", &["AMEL", "D5S818", "FGA"]),
        ],
    ),
    kit(
        APPLIED_BIOSYSTEMS,
        "NGM",
        Some("AmpFLSTR NGM"),
        &[
            dye("6-FAM", &["D10S1248", "vWA", "D16S539", "D2S1338"]),
            dye("VIC", &["AMEL", "D8S1179", "D21S11", "D18S51"]),
            dye("NED", &["D22S1045", "D19S433", "TH01", "FGA"]),
            dye("PET", &["D2S441", "D3S1358", "D1S1656", "D12S391"]),
        ],
    ),
    kit(
        APPLIED_BIOSYSTEMS,
        "NGM SElect",
        Some("AmpFLSTR NGM SElect"),
        &[
            dye("6-FAM", &["D10S1248", "vWA", "D16S539", "D2S1338"]),
            dye("VIC", &["AMEL", "D8S1179", "D21S11", "D18S51"]),
            dye("NED", &["D22S1045", "D19S433", "TH01", "FGA"]),
            dye("PET", &["D2S441", "D3S1358", "D1S1656", "D12S391", "SE33"]),
        ],
    ),
    kit(
        APPLIED_BIOSYSTEMS,
        "GlobalFiler",
        Some("GlobalFiler"),
        &[
            dye("6-FAM", &["D3S1358", "vWA", "D16S539", "CSF1PO", "TPOX"]),
            dye("VIC", &["Yindel", "AMEL", "D8S1179", "D21S11", "D18S51", "DYS391"]),
            dye("NED", &["D2S441", "D19S433", "TH01", "FGA"]),
            dye("TAZ", &["D22S1045", "D5S818", "D13S317", "D7S820", "SE33"]),
            dye("SID", &["D10S1248", "D1S1656", "D12S391", "D2S1338"]),
        ],
    ),
    kit(
        APPLIED_BIOSYSTEMS,
        "VeriFiler Express",
        None,
        &[
            dye("6-FAM", &["D3S1358", "vWA", "D16S539", "CSF1PO", "D6S1043"]),
            dye("VIC", &["Yindel", "AMEL", "D8S1179", "D21S11", "D18S51", "D5S818"]),
            dye("NED", &["D2S441", "D19S433", "FGA", "D10S1248"]),
            dye("TAZ", &["D22S1045", "D1S1656", "D13S317", "D7S820", "Penta E"]),
            dye("SID", &["Penta D", "TH01", "D12S391", "D2S1338", "TPOX"]),
        ],
    ),
    kit(
        APPLIED_BIOSYSTEMS,
        "VeriFiler Plus",
        None,
        &[
            dye("6-FAM", &["D3S1358", "vWA", "D16S539", "CSF1PO", "D6S1043"]),
            dye("VIC", &["Yindel", "AMEL", "D8S1179", "D21S11", "D18S51", "D5S818"]),
            dye("NED", &["D2S441", "D19S433", "FGA", "D10S1248"]),
            dye("TED", &["D22S1045", "D1S1656", "D13S317", "D7S820", "Penta E"]),
            dye("SID", &["Penta D", "TH01", "D12S391", "D2S1338", "TPOX"]),
        ],
    ),
    kit(
        APPLIED_BIOSYSTEMS,
        "Yfiler",
        Some("Yfiler"),
        &[
            dye("6-FAM", &["DYS456", "DYS389I", "DYS390", "DYS389II"]),
            dye("VIC", &["DYS458", "DYS19", "DYS385"]),
            dye("NED", &["DYS393", "DYS391", "DYS439", "DYS635", "DYS392"]),
            dye("PET", &["YGATAH4", "DYS437", "DYS438", "DYS448"]),
        ],
    ),
    kit(
        APPLIED_BIOSYSTEMS,
        "Yfiler Plus",
        Some("AmpFlSTR Yfiler Plus"),
        &[
            dye("6-FAM", &["DYS576", "DYS389I", "DYS635", "DYS389II", "DYS627"]),
            dye("VIC", &["DYS460", "DYS458", "DYS19", "YGATAH4", "DYS448", "DYS391"]),
            dye("NED", &["DYS456", "DYS390", "DYS438", "DYS392", "DYS518"]),
            dye("TAZ", &["DYS570", "DYS437", "DYS385", "DYS449"]),
            dye("SID", &["DYS393", "DYS439", "DYS481", "DYF387S1", "DYS533"]),
        ],
    ),
    kit(
        PROMEGA,
        "PowerPlex 16",
        Some("PowerPlex 16"),
        &[
            dye("Fluorescein", &["D3S1358", "TH01", "D21S11", "D18S51", "Penta E"]),
            dye("JOE", &["D5S818", "D13S317", "D7S820", "D16S539", "CSF1PO", "Penta D"]),
            dye("TMR", &["AMEL", "vWA", "D8S1179", "TPOX", "FGA"]),
        ],
    ),
    kit(
        PROMEGA,
        "PowerPlex 21",
        None,
        &[
            dye("Fluorescein", &["AMEL", "D3S1358", "D1S1656", "D6S1043", "D13S317", "Penta E"]),
            dye("JOE", &["D16S539", "D18S51", "D2S1338", "CSF1PO", "Penta D"]),
            dye("TMR-ET", &["TH01", "vWA", "D21S11", "D7S820", "D5S818", "TPOX"]),
            dye("CXR-ET", &["D8S1179", "D12S391", "D19S433", "FGA"]),
        ],
    ),
    kit(
        PROMEGA,
        "PowerPlex Fusion",
        Some("PowerPlex Fusion"),
        &[
            dye("Fluorescein", &["AMEL", "D3S1358", "D1S1656", "D2S441", "D10S1248", "D13S317", "Penta E"]),
            dye("JOE", &["D16S539", "D18S51", "D2S1338", "CSF1PO", "Penta D"]),
            dye("TMR-ET", &["TH01", "vWA", "D21S11", "D7S820", "D5S818", "TPOX", "DYS391"]),
            dye("CXR-ET", &["D8S1179", "D12S391", "D19S433", "FGA", "D22S1045"]),
        ],
    ),
    kit(
        PROMEGA,
        "PowerPlex Fusion 6C",
        Some("PowerPlex Fusion 6C"),
        &[
            dye("FL-6C", &["AMEL", "D3S1358", "D1S1656", "D2S441", "D10S1248", "D13S317", "Penta E"]),
            dye("JOE-6C", &["D16S539", "D18S51", "D2S1338", "CSF1PO", "Penta D"]),
            dye("TMR-6C", &["TH01", "vWA", "D21S11", "D7S820", "D5S818", "TPOX"]),
            dye("CXR-6C", &["D8S1179", "D12S391", "D19S433", "SE33", "D22S1045"]),
            dye("TOM-6C", &["DYS391", "FGA", "DYS576", "DYS570"]),
        ],
    ),
    kit(
        PROMEGA,
        "PowerPlex ESI 17",
        Some("PowerPlex ESI 17 Pro"),
        &[
            dye("Fluorescein", &["AMEL", "D3S1358", "D19S433", "D2S1338", "D22S1045"]),
            dye("JOE", &["D16S539", "D18S51", "D1S1656", "D10S1248", "D2S441"]),
            dye("TMR-ET", &["TH01", "vWA", "D21S11", "D12S391"]),
            dye("CXR-ET", &["D8S1179", "FGA", "SE33"]),
        ],
    ),
    kit(
        PROMEGA,
        "PowerPlex ESX 17",
        Some("PowerPlex ESX 17"),
        &[
            dye("Fluorescein", &["AMEL", "D3S1358", "TH01", "D21S11", "D18S51"]),
            dye("JOE", &["D10S1248", "D1S1656", "D2S1338", "D16S539"]),
            dye("TMR-ET", &["D22S1045", "vWA", "D8S1179", "FGA"]),
            dye("CXR-ET", &["D2S441", "D12S391", "D19S433", "SE33"]),
        ],
    ),
    kit(
        PROMEGA,
        "PowerPlex Y23",
        Some("Powerplex Y23"),
        &[
            dye("Fluorescein", &["DYS576", "DYS389I", "DYS448", "DYS389II", "DYS19"]),
            dye("JOE", &["DYS391", "DYS481", "DYS549", "DYS533", "DYS438", "DYS437"]),
            dye("TMR-ET", &["DYS570", "DYS635", "DYS390", "DYS439", "DYS392", "DYS643"]),
            dye("CXR-ET", &["DYS393", "DYS458", "DYS385", "DYS456", "YGATAH4"]),
        ],
    ),
    kit(
        QIAGEN,
        "Investigator 24plex QS",
        Some("Investigator 24plex QS Kit"),
        &[
            dye("6-FAM", &["AMEL", "TH01", "D3S1358", "vWA", "D21S11"]),
            dye("BTG", &["TPOX", "DYS391", "D1S1656", "D12S391", "SE33"]),
            dye("BTY", &["D10S1248", "D22S1045", "D19S433", "D8S1179", "D2S1338"]),
            dye("BTR2", &["D2S441", "D18S51", "FGA"]),
            dye("BTP", &["D16S539", "CSF1PO", "D13S317", "D5S818", "D7S820"]),
        ],
    ),
    kit(
        QIAGEN,
        "Investigator Argus X-12",
        None,
        &[Channel {
            dye: None,
            markers: &[
                "AMEL", "DXS10103", "DXS8378", "DXS7132", "DXS10134", "DXS10074", "DXS10101", "DXS10135", "DXS7423",
                "DXS10146", "DXS10079", "HPRTB", "DXS10148",
            ],
        }],
    ),
];
