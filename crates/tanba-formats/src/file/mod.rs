//! A file of any format of this crate, told by what is in it and never by its name.
//!
//! ```text
//! bytes -> open -> File -> outline   (the tree that a person reads)
//!                       -> pictures  (every print in it, decoded when asked)
//!                       -> convert   (another format with the same contents, as far as that has a place for them)
//! ```

mod convert;
mod detect;
mod picture;
mod target;

use crate::ansi_nist::{self, Transaction};
use crate::cbeff::{self, Bir, lds};
use crate::genetic::cmf::{self, CmfFile, RapidFile};
use crate::genetic::familias::{self, FamiliasFile};
use crate::genetic::frequencies::{self, PopulationFrequencies};
use crate::genetic::genotypes::{self, GenotypeTable};
use crate::image::{self, ImageFormat};
use crate::iso19794_4::{self, FingerImageRecord};
use crate::minutiae::{self, FingerMinutiaeRecord};
use crate::{Decoded, Outline};

pub use convert::{ConvertError, Options, convert, convert_picture};
pub use detect::OpenError;
pub use picture::Picture;
pub use target::Target;

/// What a file holds.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum File<'a> {
    /// A picture by itself, still coded.
    Image {
        /// How it is coded.
        format: ImageFormat,
        /// The whole file.
        bytes: &'a [u8],
    },
    /// Minutiae of ISO/IEC 19794-2 or INCITS 378.
    Minutiae(FingerMinutiaeRecord),
    /// Finger images of ISO/IEC 19794-4 or INCITS 381.
    FingerImages(FingerImageRecord),
    /// An ANSI/NIST-ITL transaction.
    Transaction {
        /// What is in it.
        transaction: Transaction<'a>,
        /// In NIEM XML, and not in the traditional encoding.
        xml: bool,
    },
    /// A biometric information record in the XML of ISO/IEC 19785-3.
    Bir(Box<Bir>),
    /// Biometric templates of a passport's data group.
    Templates(lds::BiometricTemplates),
    /// A CODIS message.
    Cmf(CmfFile),
    /// A message of a Rapid DNA device.
    RapidCmf(RapidFile),
    /// A Familias project.
    Familias(FamiliasFile),
    /// A table of genotypes.
    Genotypes(GenotypeTable),
    /// Tables of allele frequencies.
    Frequencies(Vec<PopulationFrequencies>),
}

/// Reads a file of any format. Diagnostics are those of the format's own reader.
///
/// # Errors
/// [`OpenError`] when it is of no format that is read, or damaged beyond reading.
pub fn open(bytes: &[u8]) -> Result<Decoded<File<'_>>, OpenError> {
    detect::open(bytes)
}

impl File<'_> {
    /// Stable name of the format: `wsq`, `iso-19794-4-2011`, `ansi-nist`, `cbeff-xml`, `genotypes`, ...
    pub fn format(&self) -> &'static str {
        match self {
            Self::Image { format, .. } => match format {
                ImageFormat::Png => "png",
                ImageFormat::Bmp => "bmp",
                ImageFormat::Pnm => "pnm",
                ImageFormat::Tiff => "tiff",
                ImageFormat::Wsq => "wsq",
                ImageFormat::Jpeg => "jpeg",
                ImageFormat::JpegLossless => "jpeg-lossless",
                ImageFormat::Jpeg2000 => "jpeg-2000",
                ImageFormat::Raw => "raw",
            },
            Self::Minutiae(record) => match record.edition {
                minutiae::Edition::Iso2005 => "iso-19794-2-2005",
                minutiae::Edition::Iso2011 => "iso-19794-2-2011",
                minutiae::Edition::Ansi2004 => "incits-378-2004",
                _ => "incits-378-2009",
            },
            Self::FingerImages(record) => match record.edition {
                iso19794_4::Edition::Iso2005 => "iso-19794-4-2005",
                iso19794_4::Edition::Iso2011 => "iso-19794-4-2011",
                iso19794_4::Edition::Ansi2004 => "incits-381-2004",
            },
            Self::Transaction { xml: false, .. } => "ansi-nist",
            Self::Transaction { xml: true, .. } => "ansi-nist-xml",
            Self::Bir(_) => "cbeff-xml",
            Self::Templates(_) => "icao-templates",
            Self::Cmf(_) => "codis-cmf",
            Self::RapidCmf(_) => "codis-rapid-cmf",
            Self::Familias(_) => "familias",
            Self::Genotypes(_) => "genotypes",
            Self::Frequencies(_) => "allele-frequencies",
        }
    }

    /// How many records it holds: views, images, records of a transaction, samples, populations; 1 for a picture.
    pub fn records(&self) -> usize {
        match self {
            Self::Image { .. } => 1,
            Self::Minutiae(record) => record.views.len(),
            Self::FingerImages(record) => record.images.len(),
            Self::Transaction { transaction, .. } => transaction.records.len(),
            Self::Bir(bir) => bir.all().len(),
            Self::Templates(group) => group.templates.len(),
            Self::Cmf(file) => file.specimens.len(),
            Self::RapidCmf(file) => file.specimens.len(),
            Self::Familias(file) => file.persons.len(),
            Self::Genotypes(table) => table.samples.len(),
            Self::Frequencies(tables) => tables.len(),
        }
    }

    /// The file as a tree, in the words of its standard.
    pub fn outline(&self) -> Outline {
        match self {
            Self::Image { bytes, .. } => image::outline(bytes),
            Self::Minutiae(record) => record.outline(),
            Self::FingerImages(record) => record.outline(),
            Self::Transaction { transaction, .. } => transaction.outline(),
            Self::Bir(bir) => bir.outline(),
            Self::Templates(group) => group.outline(),
            Self::Cmf(file) => file.outline(),
            Self::RapidCmf(file) => file.outline(),
            Self::Familias(file) => file.outline(),
            Self::Genotypes(table) => table.outline(),
            Self::Frequencies(tables) => match tables.as_slice() {
                [one] => one.outline(),
                several => Outline::leaf("allele frequencies", format!("{} populations", several.len()))
                    .with_all(several.iter().map(PopulationFrequencies::outline)),
            },
        }
    }

    /// What it can become, in the order of [`Target::names`]; a value that does not fit a target is found out by converting.
    pub fn targets(&self) -> Vec<Target> {
        target::of(self)
    }

    /// Every picture of ridges in it, in the order of the file. Faces, irises and signatures are not among them.
    pub fn pictures(&self) -> Vec<Picture<'_>> {
        picture::of(self)
    }
}

#[cfg(test)]
mod tests;
