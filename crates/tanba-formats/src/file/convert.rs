//! From one format to another with the same contents, as far as the other has a place for them.
//!
//! Nothing is decoded and coded again where that can be helped: a WSQ in a record stays the WSQ that the sender made.

use std::borrow::Cow;

use super::{File, Picture, Target};
use crate::ansi_nist::{self, Impression, Position, Transaction};
use crate::cbeff::{self, BdbInfo, Bir, BirInfo, Version};
use crate::genetic;
use crate::genetic::cmf::{self, CmfFile};
use crate::genetic::familias;
use crate::genetic::frequencies::{self, PopulationFrequencies};
use crate::genetic::genotypes::{self, GenotypeTable, Separator};
use crate::image::{self, EncodeError, ImageError, ImageFormat, WriteOptions};
use crate::iso19794_4::{self, Compression, FingerImage, FingerImageRecord, ScaleUnits};
use crate::minutiae::{self, Capture, FingerMinutiaeRecord};
use crate::{Decoded, Diagnostic, Finger, Gray8};

/// What a conversion is told beside its target.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// How pictures are written.
    pub image: WriteOptions,
    /// Which picture, counted from 1, where the file has several and the target holds one.
    pub picture: Option<usize>,
    /// Which finger a picture shows, where the file does not say.
    pub finger: Finger,
    /// Between the cells of a table.
    pub separator: Separator,
}

impl Default for Options {
    fn default() -> Self {
        Self { image: WriteOptions::default(), picture: None, finger: Finger::Unknown, separator: Separator::Comma }
    }
}

/// Why a file was not converted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ConvertError {
    /// The target has no place for what the file holds.
    #[error("a file of format {from} cannot become {to}: {instead}")]
    NoWay {
        /// The format that there is.
        from: &'static str,
        /// The format that was asked for.
        to: &'static str,
        /// What to do instead.
        instead: &'static str,
    },
    /// Several pictures, and none was picked.
    #[error("the file holds {found} pictures and the target one: say which (1 to {found}), or give a folder for all")]
    WhichPicture {
        /// How many there are.
        found: usize,
    },
    /// A picture that is not there.
    #[error("the file has no picture {wanted}: it holds {found}")]
    NoSuchPicture {
        /// What was asked for.
        wanted: usize,
        /// How many there are.
        found: usize,
    },
    /// A picture cannot be decoded.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// A picture cannot be written.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// A minutiae record cannot be written.
    #[error(transparent)]
    Minutiae(#[from] minutiae::WriteError),
    /// A finger image record cannot be written.
    #[error(transparent)]
    FingerImages(#[from] iso19794_4::WriteError),
    /// A transaction cannot be written.
    #[error(transparent)]
    Transaction(#[from] ansi_nist::WriteError),
    /// A biometric information record cannot be written.
    #[error(transparent)]
    Bir(#[from] cbeff::WriteError),
    /// A genetic file cannot be written.
    #[error(transparent)]
    Genetic(#[from] genetic::WriteError),
}

/// The file in another format. Diagnostics: `recoded` (a picture was decoded and coded again with loss), `left-out` (what the target
/// has no place for), and those of decoding.
///
/// # Errors
/// [`ConvertError`] where the target has no place for the contents, or a value does not fit it.
pub fn convert(file: &File<'_>, target: Target, options: &Options) -> Result<Decoded<Vec<u8>>, ConvertError> {
    let mut work = Work { file, target, options, notes: Vec::new() };
    let bytes = match target {
        Target::Image(format) => work.picture(format)?,
        Target::Minutiae(edition) => minutiae::write(work.minutiae()?.as_ref(), edition)?,
        Target::FingerImages(edition) => {
            let record = work.finger_images(edition)?;
            iso19794_4::write_as(&record, edition)?
        }
        Target::Transaction => ansi_nist::write(work.transaction()?)?,
        Target::TransactionXml => ansi_nist::xml::write(work.transaction()?)?,
        Target::Bir => cbeff::write_xml(&work.bir()?)?,
        Target::GenotypesWide => genotypes::write_wide(work.genotypes()?.as_ref(), options.separator)?,
        Target::GenotypesLong => genotypes::write_long(work.genotypes()?.as_ref(), options.separator)?,
        Target::GeneMapper => genotypes::write_gene_mapper(work.genotypes()?.as_ref())?,
        Target::Cmf => cmf::write(work.cmf()?, cmf::Schema::V2017)?,
        Target::Cmf32 => cmf::write(work.cmf()?, cmf::Schema::V32)?,
        Target::Familias => match file {
            File::Familias(project) => familias::write(project)?,
            _ => return Err(work.no_way("a project has pedigrees, which other formats do not")),
        },
        Target::FrequenciesLong => frequencies::write_long(work.frequencies()?.as_ref(), options.separator)?,
        Target::FrequenciesText => match work.frequencies()?.as_ref() {
            [one] => frequencies::write_familias_text(one)?,
            _ => return Err(work.no_way("the text of Familias holds one population: split the table")),
        },
    };
    Ok(Decoded { value: bytes, diagnostics: work.notes })
}

/// One picture of a file in a format of pictures: out of a record as the sender coded it where that is the format; a file that is one
/// already is written anew, with the options that were given. Diagnostics as of [`convert`].
///
/// # Errors
/// [`ConvertError::Image`] and [`ConvertError::Encode`].
pub fn convert_picture(
    picture: &Picture<'_>,
    format: ImageFormat,
    options: &Options,
) -> Result<Decoded<Vec<u8>>, ConvertError> {
    let coded = image::detect(picture.coded());
    if picture.is_in_record() && coded == Ok(format) {
        return Ok(Decoded { value: picture.coded().to_vec(), diagnostics: Vec::new() });
    }
    let Decoded { value: image, mut diagnostics } = picture.decode()?;
    if matches!(format, ImageFormat::Wsq | ImageFormat::Jpeg) {
        let message = "the picture was coded with loss: keep the original".into();
        diagnostics.push(Diagnostic { code: "recoded", message, offset: None });
    }
    let mut write = options.image.clone();
    if (format, &coded) == (ImageFormat::Wsq, &Ok(ImageFormat::Wsq)) {
        write.comments.extend(image::wsq::comments(picture.coded())?);
    }
    Ok(Decoded { value: image::write(&image, format, &write)?, diagnostics })
}

struct Work<'a> {
    file: &'a File<'a>,
    target: Target,
    options: &'a Options,
    notes: Vec<Diagnostic>,
}

impl<'a> Work<'a> {
    fn no_way(&self, instead: &'static str) -> ConvertError {
        ConvertError::NoWay { from: self.file.format(), to: self.target.name(), instead }
    }

    fn note(&mut self, code: &'static str, message: impl Into<String>) {
        self.notes.push(Diagnostic { code, message: message.into(), offset: None });
    }

    fn decode(&mut self, picture: &Picture<'_>) -> Result<Gray8, ConvertError> {
        let got = picture.decode()?;
        self.notes.extend(got.diagnostics);
        Ok(got.value)
    }

    /// One picture in a format of its own.
    fn picture(&mut self, format: ImageFormat) -> Result<Vec<u8>, ConvertError> {
        let pictures = self.file.pictures();
        let found = pictures.len();
        let picture = match (pictures.as_slice(), self.options.picture) {
            ([], _) => return Err(self.no_way("it holds no picture of ridges")),
            ([one], None) => one,
            (_, None) => return Err(ConvertError::WhichPicture { found }),
            (all, Some(wanted)) => {
                wanted.checked_sub(1).and_then(|k| all.get(k)).ok_or(ConvertError::NoSuchPicture { wanted, found })?
            }
        };
        let Decoded { value, diagnostics } = convert_picture(picture, format, self.options)?;
        self.notes.extend(diagnostics);
        Ok(value)
    }

    fn minutiae(&mut self) -> Result<Cow<'a, FingerMinutiaeRecord>, ConvertError> {
        match self.file {
            File::Minutiae(record) if record.views.is_empty() => Err(self.no_way("the record has no finger view")),
            File::Minutiae(record) => Ok(Cow::Borrowed(record)),
            File::Transaction { transaction, .. } => {
                let mut sets = transaction.minutiae().into_iter();
                let first = sets.next().ok_or_else(|| self.no_way("it holds no minutiae (Type-9)"))?;
                self.notes.extend(first.diagnostics);
                let more = sets.len();
                if more > 0 {
                    self.note("left-out", format!("{more} further sets of minutiae were left out"));
                }
                Ok(Cow::Owned(first.value.record))
            }
            _ => Err(self.no_way("minutiae are found in a picture by `tanba extract`")),
        }
    }

    /// All pictures as one record.
    fn finger_images(&mut self, edition: iso19794_4::Edition) -> Result<FingerImageRecord, ConvertError> {
        let empty =
            FingerImageRecord { edition, product: None, capture_device: 0, acquisition_level: 0, images: Vec::new() };
        let images = match self.file {
            File::FingerImages(record) => return Ok(record.clone()),
            File::Image { .. } => {
                let position = Position(self.options.finger.code());
                vec![self.image_of(&self.file.pictures()[0], position, Impression(0))?]
            }
            File::Transaction { transaction, .. } => {
                let ridges: Vec<_> = transaction.friction_ridges().collect();
                let pictures = self.file.pictures();
                let mut images = Vec::with_capacity(ridges.len());
                for (ridge, picture) in ridges.iter().zip(&pictures) {
                    let position = ridge.positions.first().copied().unwrap_or(Position(0));
                    images.push(self.image_of(picture, position, ridge.impression.unwrap_or(Impression(0)))?);
                }
                images
            }
            File::Bir(bir) => blocks(bir.all().into_iter().filter_map(|b| b.bdb.as_deref())),
            File::Templates(group) => blocks(group.templates.iter().map(|t| t.block.as_slice())),
            _ => Vec::new(),
        };
        if images.is_empty() {
            return Err(self.no_way("it holds no picture of a finger"));
        }
        Ok(FingerImageRecord { images: numbered(images, edition), ..empty })
    }

    /// A picture as a record has it, coded as it was where records know the coding, as PNG otherwise.
    fn image_of(
        &mut self,
        picture: &Picture<'_>,
        position: Position,
        impression: Impression,
    ) -> Result<FingerImage, ConvertError> {
        let decoded = self.decode(picture)?;
        let known = match image::detect(picture.coded()) {
            Ok(ImageFormat::Wsq) => Some(Compression::Wsq),
            Ok(ImageFormat::Jpeg) => Some(Compression::Jpeg),
            Ok(ImageFormat::Jpeg2000) => Some(Compression::Jpeg2000),
            _ => None,
        };
        let (compression, data) = match known {
            Some(compression) => (compression, picture.coded().to_vec()),
            None => (Compression::Png, image::encode_png(&decoded)),
        };
        let ppi = decoded.ppi().get().round().clamp(1.0, f64::from(u16::MAX)) as u16;
        // The gate of images lets nothing in whose sides do not fit here.
        let side = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
        Ok(FingerImage {
            position,
            number: 0,
            impression,
            capture: Capture::default(),
            scale_units: ScaleUnits::PerInch,
            capture_resolution: (ppi, ppi),
            resolution: (ppi, ppi),
            depth: 8,
            compression,
            width: side(decoded.width()),
            height: side(decoded.height()),
            data,
            blocks: Vec::new(),
        })
    }

    fn transaction(&self) -> Result<&'a Transaction<'a>, ConvertError> {
        match self.file {
            File::Transaction { transaction, .. } => Ok(transaction),
            _ => Err(self.no_way("a transaction says who asks whom for what, which other formats do not")),
        }
    }

    /// One information record for each image.
    fn bir(&mut self) -> Result<Bir, ConvertError> {
        if let File::Bir(bir) = self.file {
            return Ok(Bir::clone(bir));
        }
        let edition = iso19794_4::Edition::Iso2011;
        let record = self.finger_images(edition)?;
        let version = Some(Version { major: 1, minor: 1 });
        let mut children = Vec::with_capacity(record.images.len());
        for image in &record.images {
            let alone = FingerImageRecord { images: vec![image.clone()], ..record.clone() };
            children.push(Bir {
                version,
                cbeff_version: version,
                info: BirInfo { integrity: Some(false), ..BirInfo::default() },
                bdb_info: Some(about(image)),
                bdb: Some(iso19794_4::write_as(&alone, edition)?),
                ..Bir::default()
            });
        }
        let info = BirInfo { integrity: Some(false), ..BirInfo::default() };
        Ok(Bir { version, cbeff_version: version, info, children, ..Bir::default() })
    }

    fn genotypes(&mut self) -> Result<Cow<'a, GenotypeTable>, ConvertError> {
        match self.file {
            File::Genotypes(table) => Ok(Cow::Borrowed(table)),
            File::Familias(project) => Ok(Cow::Owned(project.genotypes())),
            File::Cmf(file) => {
                self.note("left-out", "laboratory, batch and who read what have no place in a table of genotypes");
                Ok(Cow::Owned(file.genotypes()))
            }
            _ => Err(self.no_way("it holds no genotypes")),
        }
    }

    fn cmf(&self) -> Result<&'a CmfFile, ConvertError> {
        match self.file {
            File::Cmf(file) => Ok(file),
            _ => Err(self
                .no_way("a CODIS message names laboratory, reader and category of each specimen: fill them in there")),
        }
    }

    fn frequencies(&mut self) -> Result<Cow<'a, [PopulationFrequencies]>, ConvertError> {
        match self.file {
            File::Frequencies(tables) => Ok(Cow::Borrowed(tables)),
            File::Familias(project) => Ok(Cow::Owned(vec![project.frequencies()])),
            _ => Err(self.no_way("it holds no allele frequencies")),
        }
    }
}

/// The images of all blocks that are records of them.
fn blocks<'b>(blocks: impl Iterator<Item = &'b [u8]>) -> Vec<FingerImage> {
    blocks.filter_map(|block| iso19794_4::read(block).ok()).flat_map(|read| read.value.images).collect()
}

/// Images of the same position are counted, from 0 or from 1 as the edition has it.
fn numbered(mut images: Vec<FingerImage>, edition: iso19794_4::Edition) -> Vec<FingerImage> {
    let first = u8::from(edition != iso19794_4::Edition::Iso2011);
    for k in 0..images.len() {
        let before = images[..k].iter().filter(|i| i.position == images[k].position).count();
        images[k].number = u8::try_from(before).unwrap_or(u8::MAX).saturating_add(first);
    }
    images
}

/// What is stated of an image's block: the format of ISO/IEC JTC 1/SC 37 (257) for finger images (7).
fn about(image: &FingerImage) -> BdbInfo {
    BdbInfo {
        encryption: Some(false),
        level: Some("Raw".into()),
        ..BdbInfo::of_finger(image.position.finger().unwrap_or(Finger::Unknown), "257", "7")
    }
}
