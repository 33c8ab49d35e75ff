//! Finger minutiae records of ISO/IEC 19794-2:2005 (record format, clause 7): the exchange form of a minutiae template.
//!
//! ```text
//! header (24 bytes) | view: header (4), minutiae (6 each), extended data length (2), extended data | view | ...
//! ```
//! All numbers are big-endian. Coordinates are pixels of the stated resolution from the top left; angles are in units of
//! 2 pi / 256, counter-clockwise from the right.

use crate::{Decoded, Diagnostic, Finger};

/// "FMR" and a zero (7.3.2).
const MAGIC: [u8; 4] = *b"FMR\0";
/// Version 2.0 (7.3.3).
const VERSION: [u8; 4] = *b" 20\0";
const HEADER_BYTES: usize = 24;
const VIEW_HEADER_BYTES: usize = 4;
const MINUTIA_BYTES: usize = 6;
/// The largest coordinate: 14 bits.
pub const MAX_COORDINATE: u16 = 0x3fff;

/// A record: one image size and resolution, and views of one or several fingers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FingerMinutiaeRecord {
    /// Certifications of the capture equipment (high 4 bits) and device type (low 12 bits); 0 when not stated.
    pub capture_device: u16,
    /// Image width, pixels.
    pub width: u16,
    /// Image height, pixels.
    pub height: u16,
    /// Horizontal resolution, pixels per centimetre (197 is 500 ppi).
    pub x_per_cm: u16,
    /// Vertical resolution, pixels per centimetre.
    pub y_per_cm: u16,
    /// The views, at most 255.
    pub views: Vec<FingerView>,
}

/// One impression of one finger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FingerView {
    /// Which finger.
    pub position: Finger,
    /// Counts several views of the same finger, 0 to 15.
    pub view_number: u8,
    /// How the impression was made.
    pub impression: ImpressionType,
    /// Quality of the impression, 0 to 100.
    pub quality: u8,
    /// At most 255.
    pub minutiae: Vec<RecordMinutia>,
    /// The extended data blocks (ridge counts, cores and deltas, vendor data), as they are; at most 65535 bytes.
    pub extended: Vec<u8>,
}

/// A minutia in the record's own units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordMinutia {
    /// Type code.
    pub kind: RecordMinutiaKind,
    /// Pixels from the left, at most [`MAX_COORDINATE`].
    pub x: u16,
    /// Pixels from the top, at most [`MAX_COORDINATE`].
    pub y: u16,
    /// Direction in units of 2 pi / 256 (1.40625 degrees), counter-clockwise from the right.
    pub angle: u8,
    /// 1 (worst) to 100; 0 is "not reported".
    pub quality: u8,
}

/// Minutia type (table 3, two bits).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecordMinutiaKind {
    /// Code 0: neither, or not told apart.
    Other,
    /// Code 1: a ridge ending.
    Ending,
    /// Code 2: a ridge bifurcation.
    Bifurcation,
}

/// Impression type (table 4, four bits).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ImpressionType {
    /// Code 0.
    LiveScanPlain,
    /// Code 1.
    LiveScanRolled,
    /// Code 2: from ink on paper.
    NonliveScanPlain,
    /// Code 3: from ink on paper.
    NonliveScanRolled,
    /// Code 8: a swipe sensor.
    Swipe,
    /// Any other code below 16, kept as it is.
    Reserved(u8),
}

impl ImpressionType {
    fn from_code(code: u8) -> Self {
        match code {
            0 => Self::LiveScanPlain,
            1 => Self::LiveScanRolled,
            2 => Self::NonliveScanPlain,
            3 => Self::NonliveScanRolled,
            8 => Self::Swipe,
            other => Self::Reserved(other),
        }
    }

    /// The code of the standard.
    pub fn code(self) -> u8 {
        match self {
            Self::LiveScanPlain => 0,
            Self::LiveScanRolled => 1,
            Self::NonliveScanPlain => 2,
            Self::NonliveScanRolled => 3,
            Self::Swipe => 8,
            Self::Reserved(code) => code,
        }
    }
}

/// Why a record was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The first bytes are of something else.
    #[error("this is not a finger minutiae record: give an ISO/IEC 19794-2 file")]
    NotARecord,
    /// A record of another edition or of the American standard.
    #[error("this minutiae record is {what}, which is not read here: export it as ISO/IEC 19794-2:2005")]
    Unsupported {
        /// Which edition or standard.
        what: &'static str,
    },
    /// The bytes end before the first view is complete.
    #[error("the minutiae record ends at byte {at}, before its first view is complete: copy or export it again")]
    Truncated {
        /// Length of what is there.
        at: usize,
    },
}

/// Why a record cannot be written: a value does not fit its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{what} does not fit an ISO/IEC 19794-2 record (at most {most}): keep fewer or rescale")]
pub struct WriteError {
    what: &'static str,
    most: usize,
}

/// Whether the bytes begin as a finger minutiae record (of any edition).
pub fn is_record(bytes: &[u8]) -> bool {
    bytes.starts_with(&MAGIC)
}

/// Reads a record. What is damaged after the first complete view is left out with a diagnostic.
///
/// Diagnostic codes: `length-mismatch`, `trailing-data`, `views-missing`, `extended-data-missing`, `position-unknown`,
/// `minutia-type-reserved`, `minutia-outside`, `quality-out-of-range`, `resolution-zero`.
///
/// # Errors
/// [`ReadError`] when it is another thing or edition, or not even one view is complete.
pub fn read(bytes: &[u8]) -> Result<Decoded<FingerMinutiaeRecord>, ReadError> {
    if !is_record(bytes) {
        return Err(ReadError::NotARecord);
    }
    let mut input = Input { bytes, at: MAGIC.len(), notes: Vec::new() };
    let truncated = ReadError::Truncated { at: bytes.len() };
    match input.take::<4>().ok_or(truncated)? {
        VERSION if is_american(bytes) => return Err(ReadError::Unsupported { what: "of ANSI INCITS 378-2004" }),
        VERSION => {}
        [b'0', b'3', b'0', 0] => return Err(ReadError::Unsupported { what: "of the 2011 edition" }),
        _ => return Err(ReadError::Unsupported { what: "of an unknown version" }),
    }
    let length = input.take::<4>().map(u32::from_be_bytes).ok_or(truncated)?;
    if length as usize != bytes.len() {
        input.note("length-mismatch", 8, format!("the record states {length} bytes; there are {}", bytes.len()));
    }
    let mut short = || input.take::<2>().map(u16::from_be_bytes).ok_or(truncated);
    let mut record = FingerMinutiaeRecord {
        capture_device: short()?,
        width: short()?,
        height: short()?,
        x_per_cm: short()?,
        y_per_cm: short()?,
        views: Vec::new(),
    };
    let [views, _reserved] = input.take::<2>().ok_or(truncated)?;
    if record.x_per_cm == 0 || record.y_per_cm == 0 {
        input.note("resolution-zero", 18, "the record states no resolution".into());
    }
    for i in 0..views {
        match input.view(&record) {
            Some(view) => record.views.push(view),
            None if i == 0 => return Err(truncated),
            None => {
                input.note("views-missing", input.at, format!("{views} views are stated; {i} are complete"));
                break;
            }
        }
    }
    if record.views.len() == usize::from(views) && input.at < bytes.len() {
        input.note("trailing-data", input.at, format!("{} bytes follow the last view", bytes.len() - input.at));
    }
    Ok(Decoded { value: record, diagnostics: input.notes })
}

/// Writes a record.
///
/// # Errors
/// [`WriteError`] when a count, coordinate or view number does not fit its field.
pub fn write(record: &FingerMinutiaeRecord) -> Result<Vec<u8>, WriteError> {
    let mut out = Vec::with_capacity(HEADER_BYTES);
    out.extend(MAGIC);
    out.extend(VERSION);
    // The length, filled in at the end.
    out.extend([0; 4]);
    for v in [record.capture_device, record.width, record.height, record.x_per_cm, record.y_per_cm] {
        out.extend(v.to_be_bytes());
    }
    out.extend([narrow(record.views.len(), u8::MAX, "the number of views")?, 0]);
    for view in &record.views {
        if view.view_number > 15 || view.impression.code() > 15 {
            return Err(WriteError { what: "a view number or impression type", most: 15 });
        }
        out.push(view.position.code());
        out.push(view.view_number << 4 | view.impression.code());
        out.push(view.quality);
        out.push(narrow(view.minutiae.len(), u8::MAX, "the number of minutiae")?);
        for m in &view.minutiae {
            if m.x > MAX_COORDINATE || m.y > MAX_COORDINATE {
                return Err(WriteError { what: "a coordinate", most: usize::from(MAX_COORDINATE) });
            }
            let kind: u16 = match m.kind {
                RecordMinutiaKind::Other => 0,
                RecordMinutiaKind::Ending => 1,
                RecordMinutiaKind::Bifurcation => 2,
            };
            out.extend((kind << 14 | m.x).to_be_bytes());
            out.extend(m.y.to_be_bytes());
            out.extend([m.angle, m.quality]);
        }
        out.extend(narrow(view.extended.len(), u16::MAX, "the extended data")?.to_be_bytes());
        out.extend(&view.extended);
    }
    // 255 views of 1536 + 65535 bytes stay far below 4 GiB.
    let length = out.len() as u32;
    out[8..12].copy_from_slice(&length.to_be_bytes());
    Ok(out)
}

fn narrow<T: TryFrom<usize> + Into<usize> + Copy>(n: usize, most: T, what: &'static str) -> Result<T, WriteError> {
    T::try_from(n).map_err(|_| WriteError { what, most: most.into() })
}

/// INCITS 378-2004 has the same first eight bytes, but a length of two bytes (where ISO has the high half of four).
fn is_american(bytes: &[u8]) -> bool {
    let two = bytes.get(8..10).map_or(0, |b| usize::from(u16::from_be_bytes([b[0], b[1]])));
    two == bytes.len() && two > HEADER_BYTES
}

struct Input<'a> {
    bytes: &'a [u8],
    at: usize,
    notes: Vec<Diagnostic>,
}

impl Input<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let taken = self.bytes.get(self.at..)?.first_chunk::<N>()?;
        self.at += N;
        Some(*taken)
    }

    fn note(&mut self, code: &'static str, offset: usize, message: String) {
        self.notes.push(Diagnostic { code, message, offset: Some(offset) });
    }

    fn view(&mut self, record: &FingerMinutiaeRecord) -> Option<FingerView> {
        let start = self.at;
        let [position, number_and_impression, quality, count] = self.take::<VIEW_HEADER_BYTES>()?;
        let count = usize::from(count);
        // All or nothing: a view that is cut off gives no half of its minutiae.
        self.bytes.get(self.at..self.at + count * MINUTIA_BYTES)?;
        let position = Finger::try_from(position).unwrap_or_else(|e| {
            self.note("position-unknown", start, e.to_string());
            Finger::Unknown
        });
        if quality > 100 {
            self.note("quality-out-of-range", start + 2, format!("a finger quality of {quality} is above 100"));
        }
        let mut minutiae = Vec::with_capacity(count);
        for _ in 0..count {
            let at = self.at;
            let [x1, x0, y1, y0, angle, quality] = self.take::<MINUTIA_BYTES>()?;
            let (x, y) = (u16::from_be_bytes([x1, x0]), u16::from_be_bytes([y1, y0]) & MAX_COORDINATE);
            let kind = match x >> 14 {
                1 => RecordMinutiaKind::Ending,
                2 => RecordMinutiaKind::Bifurcation,
                0 => RecordMinutiaKind::Other,
                _ => {
                    self.note("minutia-type-reserved", at, "a minutia has the reserved type 3: taken as other".into());
                    RecordMinutiaKind::Other
                }
            };
            let x = x & MAX_COORDINATE;
            if x >= record.width || y >= record.height {
                let message = format!("a minutia lies outside the image of {} x {}", record.width, record.height);
                self.note("minutia-outside", at, message);
            }
            minutiae.push(RecordMinutia { kind, x, y, angle, quality });
        }
        let extended = self.extended();
        Some(FingerView {
            position,
            view_number: number_and_impression >> 4,
            impression: ImpressionType::from_code(number_and_impression & 15),
            quality,
            minutiae,
            extended,
        })
    }

    /// The extended data; where its length or bytes are cut off, what a comparison needs is there all the same.
    fn extended(&mut self) -> Vec<u8> {
        let at = self.at;
        let block = self.take::<2>().and_then(|length| {
            let end = self.at + usize::from(u16::from_be_bytes(length));
            self.bytes.get(self.at..end).map(<[u8]>::to_vec)
        });
        match block {
            Some(block) => {
                self.at += block.len();
                block
            }
            None => {
                self.note("extended-data-missing", at, "the extended data of a view is cut off".into());
                self.at = self.bytes.len();
                Vec::new()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn sample() -> FingerMinutiaeRecord {
        FingerMinutiaeRecord {
            capture_device: 0x1002,
            width: 300,
            height: 400,
            x_per_cm: 197,
            y_per_cm: 197,
            views: vec![FingerView {
                position: Finger::RightIndex,
                view_number: 1,
                impression: ImpressionType::LiveScanRolled,
                quality: 80,
                minutiae: vec![
                    RecordMinutia { kind: RecordMinutiaKind::Ending, x: 10, y: 299, angle: 64, quality: 90 },
                    RecordMinutia { kind: RecordMinutiaKind::Bifurcation, x: 299, y: 1, angle: 255, quality: 0 },
                ],
                extended: vec![0, 1, 0, 5, 9],
            }],
        }
    }

    /// Every field where clause 7 puts it, written out by hand.
    const SAMPLE: &[u8] = b"FMR\0 20\0\0\0\0\x2f\x10\x02\x01\x2c\x01\x90\0\xc5\0\xc5\x01\0\
        \x02\x11\x50\x02\
        \x40\x0a\x01\x2b\x40\x5a\
        \x81\x2b\0\x01\xff\0\
        \0\x05\0\x01\0\x05\x09";

    #[test]
    fn fields_lie_where_the_standard_puts_them() {
        assert_eq!(write(&sample()).unwrap(), SAMPLE);
        assert_eq!(read(SAMPLE).unwrap(), Decoded { value: sample(), diagnostics: vec![] });
    }

    #[test]
    fn other_editions_are_named() {
        let mut newer = SAMPLE.to_vec();
        newer[4..8].copy_from_slice(b"030\0");
        assert_eq!(read(&newer), Err(ReadError::Unsupported { what: "of the 2011 edition" }));
        let mut american = SAMPLE.to_vec();
        american[8..10].copy_from_slice(&(SAMPLE.len() as u16).to_be_bytes());
        assert_eq!(read(&american), Err(ReadError::Unsupported { what: "of ANSI INCITS 378-2004" }));
        assert_eq!(read(b"\x89PNG"), Err(ReadError::NotARecord));
    }

    #[test]
    fn a_cut_record_is_refused_up_to_its_minutiae_and_read_with_a_diagnostic_after_them() {
        let minutiae_end = HEADER_BYTES + VIEW_HEADER_BYTES + 2 * MINUTIA_BYTES;
        for n in MAGIC.len()..SAMPLE.len() {
            match read(&SAMPLE[..n]) {
                Err(e) => assert!(n < minutiae_end && e == ReadError::Truncated { at: n }, "{n}: {e}"),
                Ok(got) => {
                    assert!(n >= minutiae_end, "{n}");
                    assert_eq!(got.value.views[0].minutiae, sample().views[0].minutiae);
                    assert!(got.diagnostics.iter().any(|d| d.code == "extended-data-missing"));
                }
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_not_written() {
        let mut many = sample();
        many.views[0].minutiae = vec![many.views[0].minutiae[0]; 256];
        assert!(write(&many).unwrap_err().to_string().contains("255"));
        let mut far = sample();
        far.views[0].minutiae[0].x = 0x4000;
        assert!(write(&far).is_err());
        let mut views = sample();
        views.views[0].view_number = 16;
        assert!(write(&views).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes);
            let _ = read(&[&MAGIC[..], &VERSION[..], &bytes].concat());
        }

        #[test]
        fn a_damaged_record_is_read_or_refused_and_what_was_read_can_be_written(
            changes in vec((0..SAMPLE.len(), any::<u8>()), 1..6), cut in 0..=SAMPLE.len(),
        ) {
            let mut bytes = SAMPLE.to_vec();
            for (at, v) in changes {
                bytes[at] = v;
            }
            bytes.truncate(cut);
            if let Ok(got) = read(&bytes) {
                let again = write(&got.value).unwrap();
                prop_assert_eq!(read(&again).unwrap().value, got.value);
            }
        }
    }
}
