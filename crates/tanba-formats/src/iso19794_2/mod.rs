//! Finger minutiae records of ISO/IEC 19794-2: the exchange form of a minutiae template.
//!
//! Record format of 2005 (clause 7), read and written:
//! ```text
//! header (24 bytes) | view: header (4), minutiae (6 each), extended data length (2), extended data | view | ...
//! ```
//! Record format of 2011 (`v2011`), read and written. All numbers are big-endian. The card formats (clause 8) have neither magic nor
//! sizes: they only mean something inside a card's own data objects, and are read by [`card`].

pub mod card;
mod v2011;

use crate::Decoded;
use crate::cursor::Cursor;
use crate::minutiae::{
    Capture, CaptureDevice, Edition, FingerMinutiaeRecord, FingerView, ImpressionType, MAGIC, MinutiaForm, ReadError,
    VERSION_20, WriteError, WriteView, edition, narrow, same_size,
};

pub use crate::minutiae::is_record;
pub(crate) use v2011::has_lengths as has_2011_lengths;
pub use v2011::write_2011;

/// Magic, version and length of the record.
const LENGTH_AT: usize = 8;
const FORM: MinutiaForm = MinutiaForm { bytes: 6, reports_failures: false };

/// Reads a record of 2005 or 2011. What is damaged after the first complete view is left out with a diagnostic; the codes are
/// those of [`minutiae::read`](crate::minutiae::read).
///
/// # Errors
/// [`ReadError`] when it is another thing or standard, or not even one view is complete.
pub fn read(bytes: &[u8]) -> Result<Decoded<FingerMinutiaeRecord>, ReadError> {
    match edition(bytes)? {
        Edition::Iso2005 => read_2005(bytes),
        Edition::Iso2011 => v2011::read(bytes),
        _ => Err(ReadError::Unsupported { what: "of ANSI INCITS 378" }),
    }
}

fn read_2005(bytes: &[u8]) -> Result<Decoded<FingerMinutiaeRecord>, ReadError> {
    let truncated = ReadError::Truncated { at: bytes.len() };
    let mut input = Cursor::new(bytes, LENGTH_AT);
    let length = input.long().ok_or(truncated)?;
    input.note_length(u64::from(length), LENGTH_AT);
    let mut short = || input.short().ok_or(truncated);
    let device = short()?;
    let size = [short()?, short()?, short()?, short()?];
    let [views, _reserved] = input.take::<2>().ok_or(truncated)?;
    input.note_resolution(size[2], size[3], LENGTH_AT + 10);
    let mut record = FingerMinutiaeRecord {
        edition: Edition::Iso2005,
        product: None,
        capture_device: old_device(device),
        views: Vec::new(),
    };
    read_views(&mut input, &mut record, u16::from(views), |input| old_view(input, Edition::Iso2005, size), truncated)?;
    Ok(Decoded { value: record, diagnostics: input.notes })
}

/// Certifications and device number in the sixteen bits of the editions of 2004 and 2005.
pub(crate) fn old_device(bits: u16) -> CaptureDevice {
    CaptureDevice { certifications: (bits >> 8) as u8 & 0xf0, id: bits & 0x0fff }
}

/// [`old_device`] backwards.
pub(crate) fn old_device_bits(device: CaptureDevice) -> Result<u16, WriteError> {
    if device.certifications & 0x0f != 0 || device.id > 0x0fff {
        return Err(WriteError::TooMuch { what: "a device number or certification", most: 0x0fff });
    }
    Ok(u16::from(device.certifications) << 8 | device.id)
}

/// Reads views until one is cut off; the first must be there.
pub(crate) fn read_views(
    input: &mut Cursor<'_>,
    record: &mut FingerMinutiaeRecord,
    stated: u16,
    mut view: impl FnMut(&mut Cursor<'_>) -> Option<FingerView>,
    truncated: ReadError,
) -> Result<(), ReadError> {
    for i in 0..stated {
        let notes = input.notes.len();
        match view(input) {
            Some(view) => record.views.push(view),
            None if i == 0 => return Err(truncated),
            None => {
                // What was noticed in a view that is left out is left out with it.
                input.notes.truncate(notes);
                input.note_missing_views(usize::from(stated), usize::from(i));
                return Ok(());
            }
        }
    }
    input.note_rest();
    Ok(())
}

/// A view of the editions of 2004 and 2005, whose size stands in the header of the record.
pub(crate) fn old_view(input: &mut Cursor<'_>, edition: Edition, size: [u16; 4]) -> Option<FingerView> {
    let start = input.at;
    let [position, number_and_impression, quality] = input.take::<3>()?;
    let [width, height, x_per_cm, y_per_cm] = size;
    let head = FingerView {
        position: input.position(position, start),
        view_number: number_and_impression >> 4,
        impression: ImpressionType::from_code(number_and_impression & 15),
        quality: input.plain_quality(quality, start + 2),
        width,
        height,
        x_per_cm,
        y_per_cm,
        minutiae: Vec::new(),
        extended: Vec::new(),
        capture: Capture::default(),
        ridge_ending_type: 0,
    };
    input.view(head, FORM, edition)
}

/// Writes a record of 2005, with angles and extended data in its units.
///
/// # Errors
/// [`WriteError`] when a count, coordinate or view number does not fit its field, or the views differ in size.
pub fn write(record: &FingerMinutiaeRecord) -> Result<Vec<u8>, WriteError> {
    let mut out = Vec::with_capacity(1024);
    out.extend(MAGIC);
    out.extend(VERSION_20);
    // The length, filled in at the end.
    out.extend([0; 4]);
    out.extend(old_device_bits(record.capture_device)?.to_be_bytes());
    for v in same_size(record)? {
        out.extend(v.to_be_bytes());
    }
    out.extend([narrow(record.views.len(), u8::MAX, "the number of views")?, 0]);
    for view in &record.views {
        write_old_view(&WriteView { view, from: record.edition, to: Edition::Iso2005 }, &mut out)?;
    }
    // 255 views of 1536 + 65535 bytes stay far below 4 GiB.
    let length = out.len() as u32;
    out[LENGTH_AT..LENGTH_AT + 4].copy_from_slice(&length.to_be_bytes());
    Ok(out)
}

/// [`old_view`] backwards.
pub(crate) fn write_old_view(writer: &WriteView<'_>, out: &mut Vec<u8>) -> Result<(), WriteError> {
    let view = writer.view;
    // "Not measured" has no code of its own in these editions; 0 says the least.
    out.extend([view.position.code(), writer.number_and_impression()?, view.quality.unwrap_or(0)]);
    writer.tail(FORM, out)
}
