//! The record of ISO/IEC 19794-4:2011: a header for each image, which begins as that of ISO/IEC 19794-1:2011.
//!
//! ```text
//! header: "FIR\0" "020\0", length (4), representations (2), certification flag (1), distinct positions (1)
//! representation: length (4), date, device, quality and certification records (`iso19794_1`),
//!   position, number (1 + 1), scale units (1), resolution of the device across and down (2 + 2), of the image (2 + 2),
//!   bits of a pixel (1), compression (1), impression (1), width, height (2 + 2), length of the image (4), image, blocks
//! ```

use super::blocks::ImageBlock;
use super::{
    Compression, Edition, FingerImage, FingerImageRecord, MAGIC, ReadError, ScaleUnits, VERSION_20, VERSIONED_BYTES,
    WriteError,
};
use crate::Decoded;
use crate::ansi_nist::{Impression, Position};
use crate::cursor::Cursor;
use crate::iso19794_1::MOST_RECORDS;
use crate::minutiae::Capture;

pub(super) fn read(bytes: &[u8]) -> Result<Decoded<FingerImageRecord>, ReadError> {
    let truncated = ReadError::Truncated { at: bytes.len() };
    let mut input = Cursor::new(bytes, VERSIONED_BYTES);
    let length = input.long().ok_or(truncated)?;
    input.note_length(u64::from(length), VERSIONED_BYTES);
    let count = input.short().ok_or(truncated)?;
    let [flag, _positions] = input.take::<2>().ok_or(truncated)?;
    let mut images = Vec::new();
    for i in 0..count {
        let notes = input.notes.len();
        match representation(&mut input, flag != 0) {
            Some(image) => images.push(image),
            None if i == 0 => return Err(truncated),
            None => {
                input.notes.truncate(notes);
                input.note_missing_views(usize::from(count), usize::from(i));
                break;
            }
        }
    }
    if images.is_empty() {
        return Err(truncated);
    }
    if images.len() == usize::from(count) {
        input.note_rest();
    }
    let edition = Edition::Iso2011;
    let value = FingerImageRecord { edition, product: None, capture_device: 0, acquisition_level: 0, images };
    Ok(Decoded { value, diagnostics: input.notes })
}

fn representation(input: &mut Cursor<'_>, certified: bool) -> Option<FingerImage> {
    let start = input.at;
    let length = input.long()? as usize;
    let end = start.checked_add(length).filter(|end| *end <= input.bytes.len())?;
    let capture = Capture::read(input, certified)?;
    let position_at = input.at;
    let [position, number, scale_units] = input.take::<3>()?;
    note_position(input, Position(position), position_at);
    let resolution_at = input.at;
    let capture_resolution = (input.short()?, input.short()?);
    let resolution = (input.short()?, input.short()?);
    input.note_resolution(resolution.0, resolution.1, resolution_at + 4);
    let [depth, compression, impression] = input.take::<3>()?;
    let compression = Compression::from_code(compression, Edition::Iso2011);
    note_compression(input, compression, input.at - 2);
    let (width, height) = (input.short()?, input.short()?);
    let data_length = input.long()? as usize;
    let data = input.slice(data_length)?.to_vec();
    let blocks = match end.checked_sub(input.at) {
        Some(left) => ImageBlock::parse(input.slice(left)?),
        None => {
            let message = format!("a representation states {length} bytes; its image ends {} later", input.at - end);
            input.note("length-mismatch", start, message);
            Vec::new()
        }
    };
    Some(FingerImage {
        position: Position(position),
        number,
        impression: Impression(impression),
        capture,
        scale_units: ScaleUnits::from_code(scale_units),
        capture_resolution,
        resolution,
        depth,
        compression,
        width,
        height,
        data,
        blocks,
    })
}

/// Fingers, slaps and both thumbs; palms and their parts; fingers side by side (table 6 of 2011).
const POSITIONS: [std::ops::RangeInclusive<u8>; 3] = [0..=15, 20..=36, 40..=54];

pub(super) fn note_position(input: &mut Cursor<'_>, position: Position, offset: usize) {
    if !POSITIONS.iter().any(|known| known.contains(&position.0)) {
        let message = format!("the finger or palm position {} is reserved", position.0);
        input.note("position-unknown", offset, message);
    }
}

pub(super) fn note_compression(input: &mut Cursor<'_>, compression: Compression, offset: usize) {
    if let Compression::Reserved(code) = compression {
        input.note("compression-unknown", offset, format!("the compression algorithm {code} is reserved"));
    }
}

/// How many fingers, slaps and palms the record shows.
pub(super) fn positions(record: &FingerImageRecord) -> Result<u8, WriteError> {
    let mut positions: Vec<_> = record.images.iter().map(|i| i.position).collect();
    positions.sort_unstable();
    positions.dedup();
    let most = u64::from(u8::MAX);
    u8::try_from(positions.len()).map_err(|_| WriteError::TooMuch { what: "the number of positions", most })
}

pub(super) fn write(record: &FingerImageRecord) -> Result<Vec<u8>, WriteError> {
    let certified = record.images.iter().any(|i| !i.capture.certifications.is_empty());
    let most = u64::from(u16::MAX);
    let count =
        u16::try_from(record.images.len()).map_err(|_| WriteError::TooMuch { what: "the number of images", most })?;
    if count == 0 {
        return Err(WriteError::NoImage);
    }
    let mut out = Vec::new();
    out.extend(MAGIC);
    out.extend(VERSION_20);
    // The length, filled in at the end.
    out.extend([0; 4]);
    out.extend(count.to_be_bytes());
    out.extend([u8::from(certified), positions(record)?]);
    for image in &record.images {
        write_representation(record, image, certified, &mut out)?;
    }
    let length = length_of(out.len(), "the record")?;
    out[VERSIONED_BYTES..VERSIONED_BYTES + 4].copy_from_slice(&length);
    Ok(out)
}

fn write_representation(
    record: &FingerImageRecord,
    image: &FingerImage,
    certified: bool,
    out: &mut Vec<u8>,
) -> Result<(), WriteError> {
    let start = out.len();
    out.extend([0; 4]);
    let mut capture = image.capture.clone();
    if capture.device == 0 {
        capture.device = record.capture_device;
    }
    let most = MOST_RECORDS as u64;
    let many = WriteError::TooMuch { what: "the number of quality or certification records", most };
    capture.write(certified, out).ok_or(many)?;
    // The older editions count from one.
    let number = if record.edition == Edition::Iso2011 { image.number } else { image.number.saturating_sub(1) };
    out.extend([image.position.0, number, image.scale_units.code()]);
    let (capture, resolution) = (image.capture_resolution, image.resolution);
    for v in [capture.0, capture.1, resolution.0, resolution.1] {
        out.extend(v.to_be_bytes());
    }
    out.extend([image.depth, image.compression.code(Edition::Iso2011), image.impression.0]);
    out.extend(image.width.to_be_bytes());
    out.extend(image.height.to_be_bytes());
    out.extend(length_of(image.data.len(), "an image")?);
    out.extend(&image.data);
    for block in &image.blocks {
        block.write(out)?;
    }
    let length = length_of(out.len() - start, "a representation")?;
    out[start..start + 4].copy_from_slice(&length);
    Ok(())
}

fn length_of(n: usize, what: &'static str) -> Result<[u8; 4], WriteError> {
    let most = u64::from(u32::MAX);
    u32::try_from(n).map(u32::to_be_bytes).map_err(|_| WriteError::TooMuch { what, most })
}
