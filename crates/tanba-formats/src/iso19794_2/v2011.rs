//! The record format of ISO/IEC 19794-2:2011, whose header is that of ISO/IEC 19794-1:2011.
//!
//! ```text
//! header: "FMR\0" "030\0", length (4), representations (2), certification flag (1)
//! representation: length (4), date, device, quality and certification records (`iso19794_1`),
//!   position, number (1 + 1), pixels per centimetre (2 + 2), impression (1), width, height (2 + 2),
//!   bytes of a minutia and kind of ridge ending (4 bits + 4 bits), minutiae: number (1), of each 5 or 6,
//!   extended data length (2), extended data
//! ```
//! Each representation states its length, so a damaged one is stepped over.

use crate::Decoded;
use crate::cursor::Cursor;
use crate::iso19794_1::{Capture, MOST_RECORDS};
use crate::minutiae::{
    CaptureDevice, Edition, FingerMinutiaeRecord, FingerView, ImpressionType, MAGIC, MinutiaForm, ReadError,
    VERSION_30, WriteError, WriteView, narrow,
};

const LENGTH_AT: usize = 8;
const HEADER_BYTES: usize = 15;
/// A representation without quality and certification records, minutiae and extended data.
const LEAST_REPRESENTATION_BYTES: u32 = 34;
/// Ridge endings lie at the end of the ridge's skeleton, and not where the valley forks (half a ridge period further).
const ENDINGS_AT_SKELETON: u8 = 1;
const FORM: MinutiaForm = MinutiaForm { bytes: 6, reports_failures: true };

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
    input.note_length(u64::from(length), LENGTH_AT);
    let (count, flag) = (input.short().ok_or(truncated)?, input.byte().ok_or(truncated)?);
    let mut record = FingerMinutiaeRecord {
        edition: Edition::Iso2011,
        product: None,
        capture_device: CaptureDevice::default(),
        views: Vec::new(),
    };
    super::read_views(&mut input, &mut record, count, |input| representation(input, flag != 0), truncated)?;
    one_device(&mut record);
    Ok(Decoded { value: record, diagnostics: input.notes })
}

/// The device stands at the record where it is the same for all views, as in the other editions.
fn one_device(record: &mut FingerMinutiaeRecord) {
    let device = record.views.first().map_or(0, |v| v.capture.device);
    if record.views.iter().all(|v| v.capture.device == device) {
        record.capture_device.id = device;
        record.views.iter_mut().for_each(|v| v.capture.device = 0);
    }
}

fn representation(input: &mut Cursor<'_>, certified: bool) -> Option<FingerView> {
    let start = input.at;
    let length = input.long()? as usize;
    let end = start.checked_add(length).filter(|end| *end <= input.bytes.len())?;
    let qualities_at = input.at + 15;
    let capture = Capture::read(input, certified)?;
    // Several algorithms may have judged the image; the first is the maker's own choice.
    let quality = capture.qualities.first().and_then(|q| input.quality(q.value, qualities_at));
    let position_at = input.at;
    let [position, view_number] = input.take::<2>()?;
    let position = input.position(position, position_at);
    let (x_per_cm, y_per_cm) = (input.short()?, input.short()?);
    input.note_resolution(x_per_cm, y_per_cm, position_at + 2);
    let impression = ImpressionType::from_code(input.byte()?);
    let (width, height) = (input.short()?, input.short()?);
    let form = input.byte()?;
    let (bytes, ridge_ending_type) = (usize::from(form >> 4), form & 15);
    if !(5..=6).contains(&bytes) {
        return None;
    }
    if ridge_ending_type == ENDINGS_AT_SKELETON {
        let message =
            "ridge endings lie at the ends of the ridges' skeletons, half a ridge period from where others put them";
        input.note("ridge-endings-at-skeleton", input.at - 1, message.into());
    }
    let head = FingerView {
        position,
        view_number,
        impression,
        quality,
        width,
        height,
        x_per_cm,
        y_per_cm,
        minutiae: Vec::new(),
        extended: Vec::new(),
        capture,
        ridge_ending_type,
    };
    let view = input.view(head, MinutiaForm { bytes, ..FORM }, Edition::Iso2011)?;
    if input.at != end {
        let message = format!("a representation states {length} bytes; its fields fill {}", input.at - start);
        input.note("length-mismatch", start, message);
    }
    input.at = end;
    Some(view)
}

/// Writes a record of 2011, with angles and extended data in its units and six bytes of each minutia.
///
/// # Errors
/// [`WriteError`] when a count, coordinate or device does not fit its field.
pub fn write_2011(record: &FingerMinutiaeRecord) -> Result<Vec<u8>, WriteError> {
    let certified = record.views.iter().any(|v| !v.capture.certifications.is_empty());
    let mut out = Vec::with_capacity(1024);
    out.extend(MAGIC);
    out.extend(VERSION_30);
    // The length, filled in at the end.
    out.extend([0; 4]);
    out.extend(narrow(record.views.len(), u16::MAX, "the number of views")?.to_be_bytes());
    out.push(u8::from(certified));
    for view in &record.views {
        write_representation(record, view, certified, &mut out)?;
    }
    // 65535 views of less than 70 KiB can be above 4 GiB.
    let length = u32::try_from(out.len())
        .map_err(|_| WriteError::TooMuch { what: "the length of the record", most: u32::MAX as usize })?;
    out[LENGTH_AT..LENGTH_AT + 4].copy_from_slice(&length.to_be_bytes());
    Ok(out)
}

fn write_representation(
    record: &FingerMinutiaeRecord,
    view: &FingerView,
    certified: bool,
    out: &mut Vec<u8>,
) -> Result<(), WriteError> {
    if view.ridge_ending_type > 15 {
        return Err(WriteError::TooMuch { what: "a kind of ridge ending", most: 15 });
    }
    let writer = WriteView { view, from: record.edition, to: Edition::Iso2011 };
    let start = out.len();
    out.extend([0; 4]);
    let device = if view.capture.device == 0 { record.capture_device.id } else { view.capture.device };
    let capture = Capture { device, qualities: writer.qualities(), ..view.capture.clone() };
    let many = WriteError::TooMuch { what: "the number of quality or certification records", most: MOST_RECORDS };
    capture.write(certified, out).ok_or(many)?;
    out.extend([view.position.code(), view.view_number]);
    out.extend(view.x_per_cm.to_be_bytes());
    out.extend(view.y_per_cm.to_be_bytes());
    out.push(view.impression.code());
    out.extend(view.width.to_be_bytes());
    out.extend(view.height.to_be_bytes());
    out.push((FORM.bytes as u8) << 4 | view.ridge_ending_type);
    writer.tail(FORM, out)?;
    // Below 70 KiB: headers, 255 records of 5 and 3 bytes, 255 minutiae, 65535 bytes of extended data.
    let length = (out.len() - start) as u32;
    out[start..start + 4].copy_from_slice(&length.to_be_bytes());
    Ok(())
}
