//! The markers: names, chromosomes, repeat lengths and other spellings.
//!
//! Sources: names and chromosomes of autosomal loci, J. M. Butler, *Advanced Topics in Forensic DNA Typing: Methodology*
//! (2012), chapter 5 and appendix 1, and STRBase (NIST); of Y loci, chapter 13 there and YHRD; of X loci, chapter 15 and
//! the ISFG recommendations on X markers (Tillmar et al. 2017). The number after D is the chromosome. Spellings beside the
//! name are those of the CODIS CMF schemas (`THO1`, `TP0X`, `Amelogenin`), of Council Decision 2008/616/JHA
//! (`FES`, `F13A1`, `GABA`), of GenBank (`HUM...`) and of kits. A repeat length of 0 stands for "not surely known".

use super::{Chromosome, Marker};

/// All known markers: sex markers, autosomal, Y and X.
pub const MARKERS: &[Marker] = &[
    sex("AMEL", Chromosome::XAndY, &["AMELOGENIN", "AM", "AMELXY"]),
    sex("Yindel", Chromosome::Y, &["RS2032678"]),
    autosomal("CSF1PO", 5, 4, &["CSF", "CSF1P0", "CSFPO", "HUMCSF1PO"]),
    autosomal("F13A01", 6, 4, &["F13A1", "HUMF13A1", "HUMF13A01"]),
    autosomal("F13B", 1, 4, &["HUMF13B"]),
    autosomal("FESFPS", 15, 4, &["FES", "HUMFES", "HUMFESFPS"]),
    autosomal("FGA", 4, 4, &["FIBRA", "HUMFIBRA", "HUMFGA"]),
    autosomal("CD4", 12, 5, &["HUMCD4"]),
    autosomal("GABRB15", 15, 0, &["GABA", "GABRB", "HUMGABRB15"]),
    autosomal("LPL", 8, 4, &["HUMLPL"]),
    autosomal("Penta B", 7, 5, &[]),
    autosomal("Penta C", 9, 5, &[]),
    autosomal("Penta D", 21, 5, &[]),
    autosomal("Penta E", 15, 5, &[]),
    autosomal("SE33", 6, 4, &["ACTBP2", "HUMACTBP2"]),
    autosomal("TH01", 11, 4, &["THO1", "HUMTH01", "HUMTHO1"]),
    autosomal("TPOX", 2, 4, &["TP0X", "HUMTPOX"]),
    autosomal("vWA", 12, 4, &["VWA31", "VWA311", "VWF", "VWFA31", "HUMVWA", "HUMVWA31", "HUMVWFA31", "HUMVWFA31A"]),
    autosomal("D1S1656", 1, 4, &[]),
    autosomal("D1S1627", 1, 3, &[]),
    autosomal("D1S1677", 1, 4, &[]),
    autosomal("D1S1679", 1, 0, &[]),
    autosomal("D2S441", 2, 4, &[]),
    autosomal("D2S1338", 2, 4, &[]),
    autosomal("D2S427", 2, 0, &[]),
    autosomal("D2S1360", 2, 4, &[]),
    autosomal("D2S1776", 2, 4, &[]),
    autosomal("D3S1358", 3, 4, &[]),
    autosomal("D3S1744", 3, 4, &[]),
    autosomal("D3S2406", 3, 0, &[]),
    autosomal("D3S3053", 3, 4, &[]),
    autosomal("D3S4529", 3, 4, &[]),
    autosomal("D3S4545", 3, 0, &[]),
    autosomal("D4S2364", 4, 4, &[]),
    autosomal("D4S2366", 4, 4, &[]),
    autosomal("D4S2408", 4, 4, &[]),
    autosomal("D5S818", 5, 4, &[]),
    autosomal("D5S1457", 5, 0, &[]),
    autosomal("D5S2500", 5, 4, &[]),
    autosomal("D6S474", 6, 4, &[]),
    autosomal("D6S1017", 6, 4, &[]),
    autosomal("D6S1027", 6, 4, &[]),
    autosomal("D6S1043", 6, 4, &[]),
    autosomal("D7S820", 7, 4, &[]),
    autosomal("D7S1517", 7, 4, &[]),
    autosomal("D7S2201", 7, 0, &[]),
    autosomal("D8S1115", 8, 3, &[]),
    autosomal("D8S1132", 8, 4, &[]),
    autosomal("D8S1179", 8, 4, &["D6S502"]),
    autosomal("D9S1118", 9, 0, &[]),
    autosomal("D9S1120", 9, 4, &[]),
    autosomal("D9S1122", 9, 4, &[]),
    autosomal("D9S2157", 9, 3, &[]),
    autosomal("D10S1248", 10, 4, &[]),
    autosomal("D10S1435", 10, 4, &[]),
    autosomal("D10S2325", 10, 5, &[]),
    autosomal("D11S1304", 11, 0, &[]),
    autosomal("D11S4463", 11, 4, &[]),
    autosomal("D12S297", 12, 0, &[]),
    autosomal("D12S391", 12, 4, &[]),
    autosomal("D12ATA63", 12, 3, &[]),
    autosomal("D13S317", 13, 4, &[]),
    autosomal("D14S1426", 14, 0, &[]),
    autosomal("D14S1434", 14, 4, &[]),
    autosomal("D15S822", 15, 0, &[]),
    autosomal("D16S539", 16, 4, &[]),
    autosomal("D17S974", 17, 4, &[]),
    autosomal("D17S1301", 17, 4, &[]),
    autosomal("D18S51", 18, 4, &[]),
    autosomal("D19S433", 19, 4, &[]),
    autosomal("D20S482", 20, 4, &[]),
    autosomal("D21S11", 21, 4, &["HUMD21S11"]),
    autosomal("D21S102", 21, 0, &[]),
    autosomal("D21S2055", 21, 4, &[]),
    autosomal("D22S1045", 22, 3, &[]),
    on_y("DYS19", 4, 1, &["DYS394"]),
    on_y("DYS385", 4, 2, &["DYS385A", "DYS385B", "DYS385AB"]),
    on_y("DYS388", 3, 1, &[]),
    on_y("DYS389I", 4, 1, &["DYS3891"]),
    on_y("DYS389II", 4, 1, &["DYS3892"]),
    on_y("DYS390", 4, 1, &[]),
    on_y("DYS391", 4, 1, &[]),
    on_y("DYS392", 3, 1, &[]),
    on_y("DYS393", 4, 1, &["DYS395"]),
    on_y("DYS437", 4, 1, &[]),
    on_y("DYS438", 5, 1, &[]),
    on_y("DYS439", 4, 1, &["YGATAA4", "GATAA4"]),
    on_y("DYS444", 4, 1, &[]),
    on_y("DYS447", 5, 1, &[]),
    on_y("DYS448", 6, 1, &[]),
    on_y("DYS449", 4, 1, &[]),
    on_y("DYS456", 4, 1, &[]),
    on_y("DYS458", 4, 1, &[]),
    on_y("DYS460", 4, 1, &["YGATAA71", "GATAA71"]),
    on_y("DYS461", 4, 1, &["YGATAA72", "GATAA72"]),
    on_y("DYS481", 3, 1, &[]),
    on_y("DYS505", 4, 1, &[]),
    on_y("DYS518", 4, 1, &[]),
    on_y("DYS522", 4, 1, &[]),
    on_y("DYS533", 4, 1, &[]),
    on_y("DYS549", 4, 1, &[]),
    on_y("DYS570", 4, 1, &[]),
    on_y("DYS576", 4, 1, &[]),
    on_y("DYS612", 3, 1, &[]),
    on_y("DYS627", 4, 1, &[]),
    on_y("DYS635", 4, 1, &["YGATAC4", "GATAC4"]),
    on_y("DYS643", 5, 1, &[]),
    on_y("DYF387S1", 4, 2, &["DYF387S1A", "DYF387S1B", "DYF387S1AB"]),
    on_y("YGATAH4", 4, 1, &["GATAH4", "YGATAH41", "GATAH41"]),
    on_x("HPRTB", 4, &["HPRT", "HUMHPRTB"]),
    on_x("DXS6789", 4, &[]),
    on_x("DXS6809", 4, &[]),
    on_x("DXS7132", 4, &[]),
    on_x("DXS7133", 4, &[]),
    on_x("DXS7423", 4, &[]),
    on_x("DXS8378", 4, &[]),
    on_x("DXS9898", 4, &[]),
    on_x("DXS9902", 4, &[]),
    on_x("DXS10074", 4, &[]),
    on_x("DXS10079", 4, &[]),
    on_x("DXS10101", 4, &[]),
    on_x("DXS10103", 4, &[]),
    on_x("DXS10134", 4, &[]),
    on_x("DXS10135", 4, &[]),
    on_x("DXS10146", 4, &[]),
    on_x("DXS10148", 4, &[]),
    on_x("GATA172D05", 4, &[]),
    on_x("GATA31E08", 4, &[]),
];

const fn autosomal(name: &'static str, chromosome: u8, repeat: u8, aliases: &'static [&'static str]) -> Marker {
    Marker { name, chromosome: Chromosome::Autosome(chromosome), repeat: known(repeat), copies: 1, aliases }
}

const fn on_y(name: &'static str, repeat: u8, copies: u8, aliases: &'static [&'static str]) -> Marker {
    Marker { name, chromosome: Chromosome::Y, repeat: known(repeat), copies, aliases }
}

const fn on_x(name: &'static str, repeat: u8, aliases: &'static [&'static str]) -> Marker {
    Marker { name, chromosome: Chromosome::X, repeat: known(repeat), copies: 1, aliases }
}

const fn sex(name: &'static str, chromosome: Chromosome, aliases: &'static [&'static str]) -> Marker {
    Marker { name, chromosome, repeat: None, copies: 1, aliases }
}

const fn known(repeat: u8) -> Option<u8> {
    if repeat == 0 { None } else { Some(repeat) }
}
