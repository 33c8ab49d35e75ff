//! The record format of ISO/IEC 19794-2:2011, whose header is that of ISO/IEC 19794-1:2011.
//!
//! ```text
//! header: "FMR\0" "030\0", length (4), representations (2), certification flag (1)
//! representation: length (4), date and time (9), capture technology, vendor and type (1 + 2 + 2),
//!   quality records: number (1), of each value, vendor, algorithm (1 + 2 + 2),
//!   certification records, where the flag is set: number (1), of each 3,
//!   position, number (1 + 1), pixels per centimetre (2 + 2), impression (1), width, height (2 + 2),
//!   bytes of a minutia and kind of ridge ending (4 bits + 4 bits), minutiae: number (1), of each 5 or 6,
//!   extended data length (2), extended data
//! ```
//! Each representation states its length, so a damaged one is stepped over.

use crate::Decoded;
use crate::minutiae::{
    CaptureDevice, Cursor, Edition, FingerMinutiaeRecord, FingerView, ImpressionType, MinutiaForm, ReadError,
};

const LENGTH_AT: usize = 8;
const HEADER_BYTES: usize = 15;
/// A representation without quality and certification records, minutiae and extended data.
const LEAST_REPRESENTATION_BYTES: u32 = 34;
const DATE_BYTES: usize = 9;
const QUALITY_BYTES: usize = 5;
const CERTIFICATION_BYTES: usize = 3;
/// Ridge endings lie at the end of the ridge's skeleton, and not where the valley forks (half a ridge period further).
const ENDINGS_AT_SKELETON: u8 = 1;

/// Whether the lengths that the bytes state are those of this edition, and not of INCITS 378-2009, which has the same magic
/// and version: representations follow each other from byte 15 and fill the record.
pub(crate) fn has_lengths(bytes: &[u8]) -> bool {
    let mut input = Cursor::new(bytes, LENGTH_AT);
    let (Some(total), Some(count), Some(flag)) = (input.long(), input.short(), input.byte()) else { return false };
    let mut left = total.checked_sub(HEADER_BYTES as u32);
    for _ in 0..count {
        let Some(length) = input.long() else { break };
        if length < LEAST_REPRESENTATION_BYTES {
            return false;
        }
        left = left.and_then(|l| l.checked_sub(length));
        input.at = input.at.saturating_add(length as usize - 4);
    }
    // Where the bytes end early, what is there must not contradict this edition.
    flag <= 1 && count > 0 && if input.at > bytes.len() { left.is_some() } else { left == Some(0) }
}

pub(super) fn read(bytes: &[u8]) -> Result<Decoded<FingerMinutiaeRecord>, ReadError> {
    let truncated = ReadError::Truncated { at: bytes.len() };
    let mut input = Cursor::new(bytes, LENGTH_AT);
    let length = input.long().ok_or(truncated)?;
    input.note_length(length, LENGTH_AT);
    let (count, flag) = (input.short().ok_or(truncated)?, input.byte().ok_or(truncated)?);
    let mut record = FingerMinutiaeRecord {
        edition: Edition::Iso2011,
        product: None,
        capture_device: CaptureDevice::default(),
        views: Vec::new(),
    };
    for i in 0..count {
        let start = input.at;
        let view = input.long().and_then(|length| {
            let end = start.checked_add(length as usize).filter(|end| *end <= bytes.len())?;
            let (device, view) = representation(&mut input, flag != 0)?;
            input.at = end;
            Some((device, view))
        });
        match view {
            Some((device, view)) => {
                if i == 0 {
                    record.capture_device = device;
                }
                record.views.push(view);
            }
            None if i == 0 => return Err(truncated),
            None => {
                input.note_missing_views(usize::from(count), usize::from(i));
                return Ok(Decoded { value: record, diagnostics: input.notes });
            }
        }
    }
    input.note_rest();
    Ok(Decoded { value: record, diagnostics: input.notes })
}

fn representation(input: &mut Cursor<'_>, certified: bool) -> Option<(CaptureDevice, FingerView)> {
    let _date = input.take::<DATE_BYTES>()?;
    let [_technology, _v1, _v0, id1, id0] = input.take::<5>()?;
    let device = CaptureDevice { certifications: 0, id: u16::from_be_bytes([id1, id0]) };
    let mut quality = None;
    for i in 0..input.byte()? {
        let at = input.at;
        let [value, ..] = input.take::<QUALITY_BYTES>()?;
        let value = input.quality(value, at);
        // Several algorithms may have judged the image; the first is the maker's own choice.
        quality = if i == 0 { value } else { quality };
    }
    if certified {
        for _ in 0..input.byte()? {
            input.take::<CERTIFICATION_BYTES>()?;
        }
    }
    let position_at = input.at;
    let [position, view_number] = input.take::<2>()?;
    let (x_per_cm, y_per_cm) = (input.short()?, input.short()?);
    input.note_resolution(x_per_cm, y_per_cm, position_at + 2);
    let impression = ImpressionType::from_code(input.byte()?);
    let (width, height) = (input.short()?, input.short()?);
    let form_at = input.at;
    let [form, count] = input.take::<2>()?;
    let bytes = usize::from(form >> 4);
    if !(5..=6).contains(&bytes) {
        return None;
    }
    if form & 15 == ENDINGS_AT_SKELETON {
        let message =
            "ridge endings lie at the ends of the ridges' skeletons, half a ridge period from where others put them";
        input.note("ridge-endings-at-skeleton", form_at, message.into());
    }
    let form = MinutiaForm { bytes, reports_failures: true };
    let minutiae = input.minutiae(count, form, Edition::Iso2011, (width, height))?;
    let view = FingerView {
        position: input.position(position, position_at),
        view_number: view_number.min(15),
        impression,
        quality,
        width,
        height,
        x_per_cm,
        y_per_cm,
        minutiae,
        extended: input.extended(Edition::Iso2011),
    };
    Some((device, view))
}
