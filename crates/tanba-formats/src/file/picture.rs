//! The pictures of ridges in a file.

use std::borrow::Cow;

use super::File;
use crate::ansi_nist::{FrictionRidge, Position};
use crate::image::{self, ImageError, ReadOptions};
use crate::iso19794_4::{self, FingerImage};
use crate::{Decoded, Finger, Gray8};

/// A picture, still coded.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture<'a> {
    /// What it is called in the file, short and fit for a file name: `type-14-idc-3`, `image-1`.
    pub name: String,
    /// What it shows, in words, where the file says so.
    pub shows: Option<String>,
    /// Which finger, where it is stated to be of exactly one.
    pub finger: Option<Finger>,
    source: Source<'a>,
}

#[derive(Debug, Clone, PartialEq)]
enum Source<'a> {
    File(&'a [u8]),
    Image(Cow<'a, FingerImage>),
    Ridge(Box<FrictionRidge<'a>>),
}

impl Picture<'_> {
    /// The pixels, at the resolution that the file states. JPEGs with loss are read, with a word about it.
    ///
    /// # Errors
    /// [`ImageError`] as for any image file.
    pub fn decode(&self) -> Result<Decoded<Gray8>, ImageError> {
        match &self.source {
            Source::File(bytes) => image::read(bytes, &ReadOptions { lossy_jpeg: true, ..ReadOptions::default() }),
            Source::Image(image) => image.decode(),
            Source::Ridge(ridge) => ridge.decode(),
        }
    }

    /// Whether it is a part of a record, and not a file by itself.
    pub(super) fn is_in_record(&self) -> bool {
        !matches!(self.source, Source::File(_))
    }

    /// The coded bytes, as they stand in the file.
    pub fn coded(&self) -> &[u8] {
        match &self.source {
            Source::File(bytes) => bytes,
            Source::Image(image) => &image.data,
            Source::Ridge(ridge) => ridge.data,
        }
    }
}

pub(super) fn of<'a>(file: &'a File<'_>) -> Vec<Picture<'a>> {
    match file {
        File::Image { bytes, .. } => {
            vec![Picture { name: "image".into(), shows: None, finger: None, source: Source::File(bytes) }]
        }
        File::FingerImages(record) => {
            let one = |(k, image)| of_record(format!("image-{}", k + 1), Cow::Borrowed(image));
            record.images.iter().enumerate().map(one).collect()
        }
        File::Transaction { transaction, .. } => {
            transaction.friction_ridges().enumerate().map(of_transaction).collect()
        }
        File::Bir(bir) => {
            let blocks = bir.all().into_iter().filter_map(|bir| bir.bdb.as_deref());
            blocks.enumerate().flat_map(|(k, block)| of_block(k, block)).collect()
        }
        File::Templates(group) => {
            let blocks = group.templates.iter().map(|t| t.block.as_slice());
            blocks.enumerate().flat_map(|(k, block)| of_block(k, block)).collect()
        }
        File::Minutiae(_)
        | File::Cmf(_)
        | File::RapidCmf(_)
        | File::Familias(_)
        | File::Genotypes(_)
        | File::Frequencies(_) => Vec::new(),
    }
}

/// The finger images in a biometric data block, where it is a record of them.
fn of_block(k: usize, block: &[u8]) -> Vec<Picture<'_>> {
    let Ok(record) = iso19794_4::read(block) else { return Vec::new() };
    let images = record.value.images.into_iter().enumerate();
    images.map(|(n, image)| of_record(format!("block-{}-image-{}", k + 1, n + 1), Cow::Owned(image))).collect()
}

fn of_record(name: String, image: Cow<'_, FingerImage>) -> Picture<'_> {
    let shows = Some(format!("{}, {}", image.position.name(), image.impression.name()));
    Picture { name, shows, finger: image.position.finger(), source: Source::Image(image) }
}

fn of_transaction((k, ridge): (usize, FrictionRidge<'_>)) -> Picture<'_> {
    let idc = ridge.idc.map_or_else(|| format!("{}", k + 1), |idc| format!("idc-{idc}"));
    let mut shows: Vec<&str> = ridge.positions.iter().copied().map(Position::name).collect();
    shows.extend(ridge.impression.map(|i| i.name()));
    Picture {
        name: format!("type-{}-{idc}", ridge.kind),
        shows: (!shows.is_empty()).then(|| shows.join(", ")),
        finger: ridge.finger(),
        source: Source::Ridge(Box::new(ridge)),
    }
}
