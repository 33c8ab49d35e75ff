//! What a file can become, by name and by the ending of a file's name.

use super::File;
use crate::image::ImageFormat;
use crate::{iso19794_4, minutiae};

/// What a file is converted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Target {
    /// A picture.
    Image(ImageFormat),
    /// A minutiae record.
    Minutiae(minutiae::Edition),
    /// A finger image record.
    FingerImages(iso19794_4::Edition),
    /// An ANSI/NIST-ITL transaction in the traditional encoding.
    Transaction,
    /// ... in NIEM XML.
    TransactionXml,
    /// A biometric information record in XML.
    Bir,
    /// A table of genotypes, a sample a row.
    GenotypesWide,
    /// A table of genotypes, a marker of a sample a row.
    GenotypesLong,
    /// A table of genotypes as GeneMapper exports it.
    GeneMapper,
    /// A CODIS message of the schema of 2017.
    Cmf,
    /// A CODIS message of version 3.2.
    Cmf32,
    /// A Familias project.
    Familias,
    /// A table of allele frequencies, an allele of a marker a row.
    FrequenciesLong,
    /// A table of allele frequencies as Familias reads it.
    FrequenciesText,
}

/// Names, endings and targets; the first target with an ending is the one that the ending means.
const TARGETS: [(&str, &[&str], Target); 28] = [
    ("png", &["png"], Target::Image(ImageFormat::Png)),
    ("bmp", &["bmp"], Target::Image(ImageFormat::Bmp)),
    ("pnm", &["pgm", "pnm"], Target::Image(ImageFormat::Pnm)),
    ("tiff", &["tif", "tiff"], Target::Image(ImageFormat::Tiff)),
    ("wsq", &["wsq"], Target::Image(ImageFormat::Wsq)),
    ("jpeg", &["jpg", "jpeg"], Target::Image(ImageFormat::Jpeg)),
    ("jpeg-lossless", &["jpl", "ljpg"], Target::Image(ImageFormat::JpegLossless)),
    ("jpeg-2000", &["jp2", "j2k"], Target::Image(ImageFormat::Jpeg2000)),
    ("raw", &["raw"], Target::Image(ImageFormat::Raw)),
    ("iso-19794-2-2005", &["fmr", "ist", "iso"], Target::Minutiae(minutiae::Edition::Iso2005)),
    ("iso-19794-2-2011", &[], Target::Minutiae(minutiae::Edition::Iso2011)),
    ("incits-378-2004", &["ansi", "fmr378"], Target::Minutiae(minutiae::Edition::Ansi2004)),
    ("incits-378-2009", &[], Target::Minutiae(minutiae::Edition::Ansi2009)),
    ("incits-378-2009-am1", &[], Target::Minutiae(minutiae::Edition::Ansi2009Am1)),
    ("iso-19794-4-2011", &["fir"], Target::FingerImages(iso19794_4::Edition::Iso2011)),
    ("iso-19794-4-2005", &[], Target::FingerImages(iso19794_4::Edition::Iso2005)),
    ("incits-381-2004", &["fir381"], Target::FingerImages(iso19794_4::Edition::Ansi2004)),
    ("ansi-nist", &["an2", "nist", "nst", "eft"], Target::Transaction),
    ("ansi-nist-xml", &["itl.xml"], Target::TransactionXml),
    ("cbeff-xml", &["cbeff.xml", "bir.xml"], Target::Bir),
    ("genotypes", &["csv", "tsv"], Target::GenotypesWide),
    ("genotypes-long", &[], Target::GenotypesLong),
    ("gene-mapper", &["txt"], Target::GeneMapper),
    ("codis-cmf", &["cmf.xml", "cmf"], Target::Cmf),
    ("codis-cmf-3.2", &[], Target::Cmf32),
    ("familias", &["fam"], Target::Familias),
    ("allele-frequencies", &[], Target::FrequenciesLong),
    ("familias-frequencies", &[], Target::FrequenciesText),
];

impl Target {
    /// The target of a name, such as `wsq` or `iso-19794-4-2011`.
    pub fn named(name: &str) -> Option<Self> {
        TARGETS.iter().find(|(own, ..)| own.eq_ignore_ascii_case(name)).map(|t| t.2)
    }

    /// The target that a file's name ends in, such as `.wsq`, `.fir` or `.cbeff.xml`.
    pub fn of_file_name(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let ends = |ending: &str| name.strip_suffix(ending).is_some_and(|stem| stem.ends_with('.'));
        TARGETS.iter().find(|(_, endings, _)| endings.iter().any(|e| ends(e))).map(|t| t.2)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        TARGETS.iter().find(|t| t.2 == self).map_or("raw", |t| t.0)
    }

    /// The usual ending of its files.
    pub fn ending(self) -> &'static str {
        TARGETS.iter().find(|t| t.2 == self).and_then(|t| t.1.first().copied()).unwrap_or("bin")
    }

    /// All names.
    pub fn names() -> impl Iterator<Item = &'static str> {
        TARGETS.iter().map(|t| t.0)
    }
}

/// What a family of targets needs of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Needs {
    Pictures,
    Minutiae,
    Transaction,
    Bir,
    Genotypes,
    Cmf,
    Familias,
    Frequencies,
    OnePopulation,
}

impl Target {
    fn needs(self) -> Needs {
        match self {
            Self::Image(_) | Self::FingerImages(_) => Needs::Pictures,
            Self::Minutiae(_) => Needs::Minutiae,
            Self::Transaction | Self::TransactionXml => Needs::Transaction,
            Self::Bir => Needs::Bir,
            Self::GenotypesWide | Self::GenotypesLong | Self::GeneMapper => Needs::Genotypes,
            Self::Cmf | Self::Cmf32 => Needs::Cmf,
            Self::Familias => Needs::Familias,
            Self::FrequenciesLong => Needs::Frequencies,
            Self::FrequenciesText => Needs::OnePopulation,
        }
    }
}

pub(super) fn of(file: &File<'_>) -> Vec<Target> {
    let pictures = !file.pictures().is_empty();
    let has = |needs: Needs| match needs {
        Needs::Pictures => pictures,
        Needs::Minutiae => match file {
            File::Minutiae(record) => !record.views.is_empty(),
            File::Transaction { transaction, .. } => !transaction.minutiae().is_empty(),
            _ => false,
        },
        Needs::Transaction => matches!(file, File::Transaction { .. }),
        Needs::Bir => pictures || matches!(file, File::Bir(_)),
        Needs::Genotypes => matches!(file, File::Genotypes(_) | File::Familias(_) | File::Cmf(_)),
        Needs::Cmf => matches!(file, File::Cmf(_)),
        Needs::Familias => matches!(file, File::Familias(_)),
        Needs::Frequencies => matches!(file, File::Frequencies(_) | File::Familias(_)),
        Needs::OnePopulation => match file {
            File::Frequencies(tables) => tables.len() == 1,
            File::Familias(_) => true,
            _ => false,
        },
    };
    TARGETS.iter().map(|t| t.2).filter(|target| has(target.needs())).collect()
}
