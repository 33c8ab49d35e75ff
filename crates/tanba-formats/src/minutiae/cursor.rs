//! What the readers and writers of all editions share: a place in the bytes, and the fields that are alike.

use super::{Edition, ExtendedBlock, FingerMinutiaeRecord, FingerView, MAX_COORDINATE};
use super::{RecordMinutia, RecordMinutiaKind, WriteError};
use crate::{Diagnostic, Finger};

/// How a minutia is laid out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MinutiaForm {
    /// Bytes of one: 6, or 5 without quality.
    pub(crate) bytes: usize,
    /// Whether 254 and 255 mean "not reported" (the editions after 2005), and 0 is the worst quality.
    pub(crate) reports_failures: bool,
}

/// The bytes of a record, how far they are read, and what was noticed.
pub(crate) struct Cursor<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) at: usize,
    pub(crate) notes: Vec<Diagnostic>,
}

/// Qualities that say why there is none (editions after 2005): 254 nobody tried, 255 the attempt failed.
const NO_QUALITY: u8 = 254;

impl<'a> Cursor<'a> {
    pub(crate) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at, notes: Vec::new() }
    }

    pub(crate) fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let taken = self.bytes.get(self.at..)?.first_chunk::<N>()?;
        self.at += N;
        Some(*taken)
    }

    pub(crate) fn byte(&mut self) -> Option<u8> {
        self.take::<1>().map(|[b]| b)
    }

    pub(crate) fn short(&mut self) -> Option<u16> {
        self.take::<2>().map(u16::from_be_bytes)
    }

    pub(crate) fn long(&mut self) -> Option<u32> {
        self.take::<4>().map(u32::from_be_bytes)
    }

    pub(crate) fn note(&mut self, code: &'static str, offset: usize, message: String) {
        self.notes.push(Diagnostic { code, message, offset: Some(offset) });
    }

    pub(crate) fn note_length(&mut self, stated: u32, offset: usize) {
        if stated as usize != self.bytes.len() {
            let message = format!("the record states {stated} bytes; there are {}", self.bytes.len());
            self.note("length-mismatch", offset, message);
        }
    }

    pub(crate) fn note_resolution(&mut self, x_per_cm: u16, y_per_cm: u16, offset: usize) {
        if x_per_cm == 0 || y_per_cm == 0 {
            self.note("resolution-zero", offset, "the record states no resolution".into());
        }
    }

    /// Whether what is left after all views is worth a word.
    pub(crate) fn note_rest(&mut self) {
        if self.at < self.bytes.len() {
            let left = self.bytes.len() - self.at;
            self.note("trailing-data", self.at, format!("{left} bytes follow the last view"));
        }
    }

    pub(crate) fn note_missing_views(&mut self, stated: usize, complete: usize) {
        self.note("views-missing", self.at, format!("{stated} views are stated; {complete} are complete"));
    }

    pub(crate) fn position(&mut self, code: u8, offset: usize) -> Finger {
        Finger::try_from(code).unwrap_or_else(|e| {
            self.note("position-unknown", offset, e.to_string());
            Finger::Unknown
        })
    }

    /// The quality of a view in the editions before 2009: 0 to 100.
    pub(crate) fn plain_quality(&mut self, quality: u8, offset: usize) -> Option<u8> {
        if quality > 100 {
            self.note("quality-out-of-range", offset, format!("a finger quality of {quality} is above 100"));
        }
        Some(quality)
    }

    /// The quality of a view in the later editions, where two values say that there is none.
    pub(crate) fn quality(&mut self, quality: u8, offset: usize) -> Option<u8> {
        if quality >= NO_QUALITY { None } else { self.plain_quality(quality, offset) }
    }

    /// `count` minutiae of an image of `size`, all or nothing: a view that is cut off gives no half of its minutiae.
    pub(crate) fn minutiae(
        &mut self,
        count: u8,
        form: MinutiaForm,
        edition: Edition,
        (width, height): (u16, u16),
    ) -> Option<Vec<RecordMinutia>> {
        let count = usize::from(count);
        let end = self.at + count * form.bytes;
        self.bytes.get(self.at..end)?;
        let mut minutiae = Vec::with_capacity(count);
        for _ in 0..count {
            let at = self.at;
            let [x1, x0, y1, y0, angle] = self.take::<5>()?;
            let quality = if form.bytes > 5 { self.byte()? } else { NO_QUALITY };
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
            if x >= width || y >= height {
                let message = format!("a minutia lies outside the image of {width} x {height}");
                self.note("minutia-outside", at, message);
            }
            let turn = edition.units_per_turn();
            if u16::from(angle) >= turn {
                self.note("angle-out-of-range", at, format!("an angle of {angle} is not below {turn}"));
            }
            minutiae.push(RecordMinutia {
                kind,
                x,
                y,
                // Below the turn, which is at most 256.
                angle: (u16::from(angle) % turn) as u8,
                quality: match quality {
                    NO_QUALITY.. if form.reports_failures => 0,
                    0 if form.reports_failures => 1,
                    q => q,
                },
            });
        }
        Some(minutiae)
    }

    /// The extended data; where its length or bytes are cut off, what a comparison needs is there all the same.
    pub(crate) fn extended(&mut self, edition: Edition) -> Vec<ExtendedBlock> {
        let at = self.at;
        let area = self.short().and_then(|length| self.bytes.get(self.at..self.at + usize::from(length)));
        match area {
            Some(area) => {
                self.at += area.len();
                ExtendedBlock::parse(area, edition)
            }
            None => {
                self.note("extended-data-missing", at, "the extended data of a view is cut off".into());
                self.at = self.bytes.len();
                Vec::new()
            }
        }
    }
}

pub(crate) fn narrow<T: TryFrom<usize> + Into<usize> + Copy>(
    n: usize,
    most: T,
    what: &'static str,
) -> Result<T, WriteError> {
    T::try_from(n).map_err(|_| WriteError::TooMuch { what, most: most.into() })
}

/// Size and resolution that all views share (width, height, pixels per centimetre across and down); zeros of no view.
pub(crate) fn same_size(record: &FingerMinutiaeRecord) -> Result<[u16; 4], WriteError> {
    let of = |v: &FingerView| [v.width, v.height, v.x_per_cm, v.y_per_cm];
    let first = record.views.first().map_or([0; 4], of);
    if record.views.iter().all(|v| of(v) == first) { Ok(first) } else { Err(WriteError::ViewsDiffer) }
}

/// Writes the parts of a view that are alike in all editions.
pub(crate) struct WriteView<'a> {
    pub(crate) view: &'a FingerView,
    /// The edition whose units the record is in.
    pub(crate) from: Edition,
    /// The edition that is written.
    pub(crate) to: Edition,
}

impl WriteView<'_> {
    pub(crate) fn minutiae(&self, form: MinutiaForm, out: &mut Vec<u8>) -> Result<(), WriteError> {
        for m in &self.view.minutiae {
            if m.x > MAX_COORDINATE || m.y > MAX_COORDINATE {
                return Err(WriteError::TooMuch { what: "a coordinate", most: usize::from(MAX_COORDINATE) });
            }
            let kind: u16 = match m.kind {
                RecordMinutiaKind::Other => 0,
                RecordMinutiaKind::Ending => 1,
                RecordMinutiaKind::Bifurcation => 2,
            };
            out.extend((kind << 14 | m.x).to_be_bytes());
            out.extend(m.y.to_be_bytes());
            let quality = if m.quality == 0 && form.reports_failures { NO_QUALITY } else { m.quality };
            out.extend([self.from.angle_in(self.to, m.angle), quality]);
        }
        Ok(())
    }

    /// The extended data with its length; everything of the view follows from the record's limits, so this can be too long.
    pub(crate) fn extended(&self, out: &mut Vec<u8>) -> Result<(), WriteError> {
        let mut area = Vec::new();
        for block in &self.view.extended {
            block.write(self.from, self.to, &mut area)?;
        }
        out.extend(narrow(area.len(), u16::MAX, "the extended data")?.to_be_bytes());
        out.extend(area);
        Ok(())
    }

    /// The quality of the later editions.
    pub(crate) fn quality(&self) -> u8 {
        self.view.quality.unwrap_or(NO_QUALITY)
    }

    /// View number and impression type in four bits each.
    pub(crate) fn number_and_impression(&self) -> Result<u8, WriteError> {
        let (number, impression) = (self.view.view_number, self.view.impression.code());
        if number > 15 || impression > 15 {
            return Err(WriteError::TooMuch { what: "a view number or impression type", most: 15 });
        }
        Ok(number << 4 | impression)
    }
}
