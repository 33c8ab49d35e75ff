//! Finger minutiae records of ANSI INCITS 378: the editions of 2004 and 2009 (with amendment 1), read and written.
//!
//! ```text
//! 2004: "FMR\0" " 20\0", length (2, or 0 0 and 4), CBEFF product: owner, type (2 + 2), certifications and device (4 + 12 bits),
//!       width, height, pixels per centimetre across and down (2 each), views (1), reserved (1)
//!   view: position (1), number and impression (4 + 4 bits), quality (1), minutiae: number (1), of each 6,
//!       extended data length (2), extended data
//! 2009: "FMR\0" "030\0" ("035\0" with amendment 1), length (4), CBEFF product (2 + 2), certifications (1), device (2),
//!       views (1), reserved (1)
//!   view: position, number, impression (1 each), quality: value, vendor, algorithm (1 + 2 + 2),
//!       width, height, pixels per centimetre across and down (2 each), minutiae: number (1), of each 6,
//!       extended data length (2), extended data
//! ```
//! Angles are in units of two degrees, counter-clockwise from the right like those of ISO/IEC 19794-2. Files that follow a draft
//! of 2007 have certifications and device in two bytes as in 2004; they are known by where their views end.

use crate::Decoded;
use crate::cursor::Cursor;
use crate::iso19794_2::{old_device, old_device_bits, old_view, read_views, write_old_view};
use crate::minutiae::{
    Capture, CaptureDevice, CbeffProduct, Edition, FingerMinutiaeRecord, FingerView, ImpressionType, MAGIC,
    MinutiaForm, QualityRecord, ReadError, VERSION_20, VERSION_30, VERSION_35, WriteError, WriteView, edition, narrow,
    same_size,
};

const LENGTH_AT: usize = 8;
/// Header of a record of 2004 with a length of two bytes.
const HEADER_2004_BYTES: usize = 26;
/// Bytes that a length above 65535 takes beside the two that are zero then.
const LONG_LENGTH_BYTES: usize = 4;
/// Certifications, device, number of views and a reserved byte of 2009; one byte less in the draft of 2007.
const HEADER_2009_BYTES: usize = 21;
const HEADER_2007_BYTES: usize = 20;
/// What of a view of 2009 comes before its minutiae.
const VIEW_2009_BYTES: usize = 17;
const FORM_2009: MinutiaForm = MinutiaForm { bytes: 6, reports_failures: true };
/// The smallest record of ISO/IEC 19794-2:2005, its header.
const ISO_HEADER_BYTES: u16 = 24;

/// Whether the length field is that of the edition of 2004, and not that of ISO/IEC 19794-2:2005, which has the same magic and
/// version and four bytes of length. The first two bytes here are the length, at least a header; there they are its upper half,
/// which is small. Where both are zero, the next two are the upper half here and the lower half there.
pub(crate) fn has_2004_length(bytes: &[u8]) -> bool {
    let mut input = Cursor::new(bytes, LENGTH_AT);
    match (input.short(), input.short()) {
        (Some(0), Some(second)) => second < ISO_HEADER_BYTES,
        (Some(first), _) => usize::from(first) >= HEADER_2004_BYTES,
        _ => false,
    }
}

/// Reads a record of 2004 or 2009. What is damaged after the first complete view is left out with a diagnostic; the codes are
/// those of [`minutiae::read`](crate::minutiae::read).
///
/// # Errors
/// [`ReadError`] when it is another thing or standard, or not even one view is complete.
pub fn read(bytes: &[u8]) -> Result<Decoded<FingerMinutiaeRecord>, ReadError> {
    match edition(bytes)? {
        Edition::Ansi2004 => read_2004(bytes),
        edition @ (Edition::Ansi2009 | Edition::Ansi2009Am1) => read_2009(bytes, edition),
        _ => Err(ReadError::Unsupported { what: "of ISO/IEC 19794-2" }),
    }
}

fn read_2004(bytes: &[u8]) -> Result<Decoded<FingerMinutiaeRecord>, ReadError> {
    let truncated = ReadError::Truncated { at: bytes.len() };
    let mut input = Cursor::new(bytes, LENGTH_AT);
    let length = match input.short().ok_or(truncated)? {
        0 => input.long().ok_or(truncated)?,
        short => u32::from(short),
    };
    input.note_length(u64::from(length), LENGTH_AT);
    let mut short = || input.short().ok_or(truncated);
    let product = CbeffProduct { owner: short()?, kind: short()? };
    let device = short()?;
    let size = [short()?, short()?, short()?, short()?];
    let resolution_at = input.at - 4;
    let [views, _reserved] = input.take::<2>().ok_or(truncated)?;
    input.note_resolution(size[2], size[3], resolution_at);
    let mut record = FingerMinutiaeRecord {
        edition: Edition::Ansi2004,
        product: Some(product),
        capture_device: old_device(device),
        views: Vec::new(),
    };
    read_views(&mut input, &mut record, u16::from(views), |input| old_view(input, Edition::Ansi2004, size), truncated)?;
    Ok(Decoded { value: record, diagnostics: input.notes })
}

fn read_2009(bytes: &[u8], edition: Edition) -> Result<Decoded<FingerMinutiaeRecord>, ReadError> {
    let truncated = ReadError::Truncated { at: bytes.len() };
    let mut input = Cursor::new(bytes, LENGTH_AT);
    let length = input.long().ok_or(truncated)?;
    input.note_length(u64::from(length), LENGTH_AT);
    let product = CbeffProduct { owner: input.short().ok_or(truncated)?, kind: input.short().ok_or(truncated)? };
    let draft = !views_end_with(bytes, HEADER_2009_BYTES) && views_end_with(bytes, HEADER_2007_BYTES);
    let capture_device = if draft {
        old_device(input.short().ok_or(truncated)?)
    } else {
        CaptureDevice { certifications: input.byte().ok_or(truncated)?, id: input.short().ok_or(truncated)? }
    };
    let [views, _reserved] = input.take::<2>().ok_or(truncated)?;
    let mut record = FingerMinutiaeRecord { edition, product: Some(product), capture_device, views: Vec::new() };
    read_views(&mut input, &mut record, u16::from(views), |input| view_2009(input, edition), truncated)?;
    Ok(Decoded { value: record, diagnostics: input.notes })
}

/// Whether the views, counted in the last two bytes of a header of this length, end where the bytes do.
fn views_end_with(bytes: &[u8], header: usize) -> bool {
    let mut input = Cursor::new(bytes, header - 2);
    let Some([views, _reserved]) = input.take::<2>() else { return false };
    for _ in 0..views {
        let Some(&count) = bytes.get(input.at + VIEW_2009_BYTES - 1) else { return false };
        input.at += VIEW_2009_BYTES + usize::from(count) * FORM_2009.bytes;
        let Some(length) = input.short() else { return false };
        input.at += usize::from(length);
    }
    input.at == bytes.len()
}

fn view_2009(input: &mut Cursor<'_>, edition: Edition) -> Option<FingerView> {
    let start = input.at;
    let [position, view_number, impression] = input.take::<3>()?;
    let judged = QualityRecord { value: input.byte()?, vendor: input.short()?, algorithm: input.short()? };
    let position = input.position(position, start);
    let quality = input.quality(judged.value, start + 3);
    let (width, height, x_per_cm, y_per_cm) = (input.short()?, input.short()?, input.short()?, input.short()?);
    input.note_resolution(x_per_cm, y_per_cm, start + 12);
    let qualities = if judged == QualityRecord::NOT_ATTEMPTED { Vec::new() } else { vec![judged] };
    let head = FingerView {
        position,
        view_number,
        impression: ImpressionType::from_code(impression),
        quality,
        width,
        height,
        x_per_cm,
        y_per_cm,
        minutiae: Vec::new(),
        extended: Vec::new(),
        capture: Capture { qualities, ..Capture::default() },
        ridge_ending_type: 0,
    };
    input.view(head, FORM_2009, edition)
}

/// Writes a record of 2004.
///
/// # Errors
/// [`WriteError`] when a count, coordinate, device or view number does not fit its field, or the views differ in size.
pub fn write_2004(record: &FingerMinutiaeRecord) -> Result<Vec<u8>, WriteError> {
    let mut out = Vec::with_capacity(1024);
    out.extend(MAGIC);
    out.extend(VERSION_20);
    // The length, filled in at the end.
    out.extend([0; 2]);
    write_product(record, &mut out);
    out.extend(old_device_bits(record.capture_device)?.to_be_bytes());
    for v in same_size(record)? {
        out.extend(v.to_be_bytes());
    }
    out.extend([narrow(record.views.len(), u8::MAX, "the number of views")?, 0]);
    for view in &record.views {
        write_old_view(&WriteView { view, from: record.edition, to: Edition::Ansi2004 }, &mut out)?;
    }
    match u16::try_from(out.len()) {
        Ok(length) => out[LENGTH_AT..LENGTH_AT + 2].copy_from_slice(&length.to_be_bytes()),
        // 255 views of 1536 + 65535 bytes stay far below 4 GiB.
        Err(_) => {
            let length = ((out.len() + LONG_LENGTH_BYTES) as u32).to_be_bytes();
            out.splice(LENGTH_AT + 2..LENGTH_AT + 2, length);
        }
    }
    Ok(out)
}

/// Writes a record of 2009.
///
/// # Errors
/// [`WriteError`] when a count, coordinate or view number does not fit its field.
pub fn write_2009(record: &FingerMinutiaeRecord) -> Result<Vec<u8>, WriteError> {
    write_new(record, Edition::Ansi2009)
}

/// Writes a record of 2009 with amendment 1, which differs in its version.
///
/// # Errors
/// Those of [`write_2009`].
pub fn write_2009_am1(record: &FingerMinutiaeRecord) -> Result<Vec<u8>, WriteError> {
    write_new(record, Edition::Ansi2009Am1)
}

fn write_new(record: &FingerMinutiaeRecord, to: Edition) -> Result<Vec<u8>, WriteError> {
    let mut out = Vec::with_capacity(1024);
    out.extend(MAGIC);
    out.extend(if to == Edition::Ansi2009Am1 { VERSION_35 } else { VERSION_30 });
    // The length, filled in at the end.
    out.extend([0; 4]);
    write_product(record, &mut out);
    out.push(record.capture_device.certifications);
    out.extend(record.capture_device.id.to_be_bytes());
    out.extend([narrow(record.views.len(), u8::MAX, "the number of views")?, 0]);
    for view in &record.views {
        let writer = WriteView { view, from: record.edition, to };
        out.extend([view.position.code(), view.view_number, view.impression.code()]);
        // One algorithm has room: the first is the maker's own choice.
        let judged = writer.qualities().first().copied().unwrap_or(QualityRecord::NOT_ATTEMPTED);
        out.push(judged.value);
        out.extend(judged.vendor.to_be_bytes());
        out.extend(judged.algorithm.to_be_bytes());
        for v in [view.width, view.height, view.x_per_cm, view.y_per_cm] {
            out.extend(v.to_be_bytes());
        }
        writer.tail(FORM_2009, &mut out)?;
    }
    let length = out.len() as u32;
    out[LENGTH_AT..LENGTH_AT + 4].copy_from_slice(&length.to_be_bytes());
    Ok(out)
}

fn write_product(record: &FingerMinutiaeRecord, out: &mut Vec<u8>) {
    let product = record.product.unwrap_or(CbeffProduct::UNKNOWN);
    out.extend(product.owner.to_be_bytes());
    out.extend(product.kind.to_be_bytes());
}
