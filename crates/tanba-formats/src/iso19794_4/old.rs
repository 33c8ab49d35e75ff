//! The record of ISO/IEC 19794-4:2005 and ANSI INCITS 381-2004: one header for all images.
//!
//! ```text
//! header: "FIR\0" "010\0", length (6), CBEFF product: owner, type (2 + 2, of INCITS alone), device (2), acquisition level (2),
//!   fingers or palms (1), scale units (1), resolution of the device across and down (2 + 2), of the images (2 + 2),
//!   bits of a pixel (1), compression (1), reserved (2)
//! image: length with these fields (4), position (1), images of this position (1), number (1), quality (1), impression (1),
//!   width, height (2 + 2), reserved (1), image
//! ```

use super::{
    Compression, Edition, FingerImage, FingerImageRecord, MAGIC, ReadError, ScaleUnits, VERSION_10, VERSIONED_BYTES,
    WriteError,
};
use crate::Decoded;
use crate::ansi_nist::{Impression, Position};
use crate::cursor::Cursor;
use crate::minutiae::{Capture, CbeffProduct, QualityRecord};

const ISO_HEADER_BYTES: usize = 32;
const ANSI_HEADER_BYTES: usize = 36;
/// An image without its data.
const IMAGE_HEADER_BYTES: usize = 14;
/// From the end of the header back to the scale units, the bits of a pixel and the compression.
const SCALE_BACK: usize = 13;
const DEPTH_BACK: usize = 4;
/// A quality that nobody measured.
const NO_QUALITY: u8 = 254;
/// The length of a record has six bytes.
const MOST_LENGTH: u64 = (1 << 48) - 1;

pub(super) fn read(bytes: &[u8]) -> Result<Decoded<FingerImageRecord>, ReadError> {
    let edition = edition(bytes);
    let mut input = Cursor::new(bytes, VERSIONED_BYTES);
    header_and_images(&mut input, edition).ok_or(ReadError::Truncated { at: bytes.len() })
}

/// Which of the two it is: that whose header makes more sense (its reserved bytes are zero, where the other has a resolution or a
/// length), or of which more images are complete.
fn edition(bytes: &[u8]) -> Edition {
    let complete = |header: usize| {
        let mut input = Cursor::new(bytes, header);
        std::iter::from_fn(|| {
            let length = input.long()? as usize;
            input.slice(length.checked_sub(4).filter(|_| length >= IMAGE_HEADER_BYTES)?)
        })
        .count()
    };
    let sense = |header: usize| {
        let at = |back: usize| bytes.get(header - back).copied().unwrap_or(u8::MAX);
        let signs = [(1..=2).contains(&at(SCALE_BACK)), (1..=16).contains(&at(DEPTH_BACK)), at(2) == 0, at(1) == 0];
        signs.into_iter().filter(|sign| *sign).count()
    };
    let likely = |header| (sense(header), complete(header));
    if likely(ANSI_HEADER_BYTES) > likely(ISO_HEADER_BYTES) { Edition::Ansi2004 } else { Edition::Iso2005 }
}

/// `None` when the bytes end before the first image is complete.
fn header_and_images(input: &mut Cursor<'_>, edition: Edition) -> Option<Decoded<FingerImageRecord>> {
    let [high1, high0] = input.take::<2>()?;
    let length = u64::from(u16::from_be_bytes([high1, high0])) << 32 | u64::from(input.long()?);
    input.note_length(length, VERSIONED_BYTES);
    let product = match edition {
        Edition::Ansi2004 => Some(CbeffProduct { owner: input.short()?, kind: input.short()? }),
        _ => None,
    };
    let (capture_device, acquisition_level) = (input.short()?, input.short()?);
    let [stated, scale_units] = input.take::<2>()?;
    let resolution_at = input.at;
    let capture_resolution = (input.short()?, input.short()?);
    let resolution = (input.short()?, input.short()?);
    input.note_resolution(resolution.0, resolution.1, resolution_at + 4);
    let [depth, compression, _reserved1, _reserved0] = input.take::<4>()?;
    let shared = Shared {
        scale_units: ScaleUnits::from_code(scale_units),
        capture_resolution,
        resolution,
        depth,
        compression: Compression::from_code(compression, edition),
    };
    super::v2011::note_compression(input, shared.compression, resolution_at + 9);
    let mut images = vec![image(input, &shared)?];
    loop {
        let (at, notes) = (input.at, input.notes.len());
        match image(input, &shared) {
            Some(image) => images.push(image),
            None => {
                input.at = at;
                input.notes.truncate(notes);
                break;
            }
        }
    }
    // The number counts fingers, of which each may have several images: more than it says are no mistake.
    if images.len() < usize::from(stated) {
        input.note_missing_views(usize::from(stated), images.len());
    } else {
        input.note_rest();
    }
    let value = FingerImageRecord { edition, product, capture_device, acquisition_level, images };
    Some(Decoded { value, diagnostics: std::mem::take(&mut input.notes) })
}

/// What the header says of all images.
#[derive(Clone, Copy, PartialEq)]
struct Shared {
    scale_units: ScaleUnits,
    capture_resolution: (u16, u16),
    resolution: (u16, u16),
    depth: u8,
    compression: Compression,
}

fn image(input: &mut Cursor<'_>, shared: &Shared) -> Option<FingerImage> {
    let length = input.long()? as usize;
    let position_at = input.at;
    let [position, _of_this_position, number, quality, impression] = input.take::<5>()?;
    let (width, height) = (input.short()?, input.short()?);
    let _reserved = input.byte()?;
    let data = input.slice(length.checked_sub(IMAGE_HEADER_BYTES)?)?.to_vec();
    super::v2011::note_position(input, Position(position), position_at);
    let qualities = match quality {
        NO_QUALITY => Vec::new(),
        value => vec![QualityRecord { value, ..QualityRecord::NOT_ATTEMPTED }],
    };
    Some(FingerImage {
        position: Position(position),
        number,
        impression: Impression(impression),
        capture: Capture { qualities, ..Capture::default() },
        scale_units: shared.scale_units,
        capture_resolution: shared.capture_resolution,
        resolution: shared.resolution,
        depth: shared.depth,
        compression: shared.compression,
        width,
        height,
        data,
        blocks: Vec::new(),
    })
}

pub(super) fn write(record: &FingerImageRecord, edition: Edition) -> Result<Vec<u8>, WriteError> {
    let shared = |i: &FingerImage| Shared {
        scale_units: i.scale_units,
        capture_resolution: i.capture_resolution,
        resolution: i.resolution,
        depth: i.depth,
        // Two codings of 2011 share a code here.
        compression: Compression::from_code(i.compression.code(edition), edition),
    };
    let first = record.images.first();
    let Shared { scale_units, capture_resolution, resolution, depth, compression } = match first.map(shared) {
        Some(first) if record.images.iter().all(|i| shared(i) == first) => first,
        Some(_) => return Err(WriteError::ImagesDiffer),
        None => return Err(WriteError::NoImage),
    };
    let mut out = Vec::new();
    out.extend(MAGIC);
    out.extend(VERSION_10);
    // The length, filled in at the end.
    out.extend([0; 6]);
    if edition == Edition::Ansi2004 {
        let product = record.product.unwrap_or(CbeffProduct::UNKNOWN);
        out.extend(product.owner.to_be_bytes());
        out.extend(product.kind.to_be_bytes());
    }
    let device = first.map_or(0, |i| i.capture.device);
    let device = if record.capture_device == 0 { device } else { record.capture_device };
    out.extend(device.to_be_bytes());
    out.extend(record.acquisition_level.to_be_bytes());
    let positions = super::v2011::positions(record)?;
    out.extend([positions, scale_units.code()]);
    for v in [capture_resolution.0, capture_resolution.1, resolution.0, resolution.1] {
        out.extend(v.to_be_bytes());
    }
    out.extend([depth, compression.code(edition), 0, 0]);
    for image in &record.images {
        write_image(record, image, &mut out)?;
    }
    let length = out.len() as u64;
    if length > MOST_LENGTH {
        return Err(WriteError::TooMuch { what: "the record", most: MOST_LENGTH });
    }
    out[VERSIONED_BYTES..VERSIONED_BYTES + 6].copy_from_slice(&length.to_be_bytes()[2..]);
    Ok(out)
}

fn write_image(record: &FingerImageRecord, image: &FingerImage, out: &mut Vec<u8>) -> Result<(), WriteError> {
    let most = u64::from(u32::MAX);
    let length = u32::try_from(image.data.len() + IMAGE_HEADER_BYTES)
        .map_err(|_| WriteError::TooMuch { what: "an image", most })?;
    let of_this_position = record.images.iter().filter(|i| i.position == image.position).count();
    let of_this_position = u8::try_from(of_this_position)
        .map_err(|_| WriteError::TooMuch { what: "the number of images of a position", most: u64::from(u8::MAX) })?;
    // The edition of 2011 counts from zero.
    let number = if record.edition == Edition::Iso2011 { image.number.checked_add(1) } else { Some(image.number) };
    let number = number.ok_or(WriteError::TooMuch { what: "the number of an image", most: u64::from(u8::MAX) - 1 })?;
    out.extend(length.to_be_bytes());
    let quality = image.capture.qualities.first().map_or(NO_QUALITY, |q| q.value);
    out.extend([image.position.0, of_this_position, number, quality, image.impression.0]);
    out.extend(image.width.to_be_bytes());
    out.extend(image.height.to_be_bytes());
    out.push(0);
    out.extend(&image.data);
    Ok(())
}
