//! What the readers and writers of all editions share: the fields that are alike.

use super::{Edition, ExtendedBlock, FingerMinutiaeRecord, FingerView, MAX_COORDINATE};
use super::{RecordMinutia, RecordMinutiaKind, WriteError};
use crate::Finger;
use crate::cursor::Cursor;
use crate::iso19794_1::QualityRecord;

/// How a minutia is laid out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MinutiaForm {
    /// Bytes of one: 6, or 5 without quality.
    pub(crate) bytes: usize,
    /// Whether 254 and 255 mean "not reported" (the editions after 2005), and 0 is the worst quality.
    pub(crate) reports_failures: bool,
}

/// Qualities that say why there is none (editions after 2005): 254 nobody tried, 255 the attempt failed.
const NO_QUALITY: u8 = 254;

impl Cursor<'_> {
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

    /// The part of a view that is alike in all editions: the number of minutiae, the minutiae, and the extended data. `head` is
    /// the view as far as its edition's header says it.
    pub(crate) fn view(&mut self, head: FingerView, form: MinutiaForm, edition: Edition) -> Option<FingerView> {
        let minutiae = self.minutiae(form, edition, (head.width, head.height))?;
        Some(FingerView { minutiae, extended: self.extended(edition), ..head })
    }

    /// The number of minutiae, and the minutiae of an image of that size, all or nothing: a view that is cut off gives no half of
    /// its minutiae.
    fn minutiae(
        &mut self,
        form: MinutiaForm,
        edition: Edition,
        (width, height): (u16, u16),
    ) -> Option<Vec<RecordMinutia>> {
        let count = usize::from(self.byte()?);
        let end = self.at + count * form.bytes;
        self.bytes.get(self.at..end)?;
        let mut minutiae = Vec::with_capacity(count);
        for _ in 0..count {
            let at = self.at;
            let [x1, x0, y1, y0, angle] = self.take::<5>()?;
            let quality = if form.bytes > 5 { self.byte()? } else { NO_QUALITY };
            let (x, y) = (u16::from_be_bytes([x1, x0]), u16::from_be_bytes([y1, y0]) & MAX_COORDINATE);
            let kind = RecordMinutiaKind::from_code((x >> 14) as u8).unwrap_or_else(|| {
                self.note("minutia-type-reserved", at, "a minutia has the reserved type 3: taken as other".into());
                RecordMinutiaKind::Other
            });
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
    fn extended(&mut self, edition: Edition) -> Vec<ExtendedBlock> {
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
    /// The part of a view that is alike in all editions: the number of minutiae, the minutiae, and the extended data.
    pub(crate) fn tail(&self, form: MinutiaForm, out: &mut Vec<u8>) -> Result<(), WriteError> {
        out.push(narrow(self.view.minutiae.len(), u8::MAX, "the number of minutiae")?);
        self.minutiae(form, out)?;
        self.extended(out)
    }

    fn minutiae(&self, form: MinutiaForm, out: &mut Vec<u8>) -> Result<(), WriteError> {
        for m in &self.view.minutiae {
            if m.x > MAX_COORDINATE || m.y > MAX_COORDINATE {
                return Err(WriteError::TooMuch { what: "a coordinate", most: usize::from(MAX_COORDINATE) });
            }
            out.extend((u16::from(m.kind.code()) << 14 | m.x).to_be_bytes());
            out.extend(m.y.to_be_bytes());
            let quality = if m.quality == 0 && form.reports_failures { NO_QUALITY } else { m.quality };
            out.extend([self.from.angle_in(self.to, m.angle), quality]);
        }
        Ok(())
    }

    fn extended(&self, out: &mut Vec<u8>) -> Result<(), WriteError> {
        let mut area = Vec::new();
        for block in &self.view.extended {
            block.write(self.from, self.to, &mut area)?;
        }
        out.extend(narrow(area.len(), u16::MAX, "the extended data")?.to_be_bytes());
        out.extend(area);
        Ok(())
    }

    /// The quality records of the later editions. Those that were read count as long as they agree with the quality of the view:
    /// one that was set since is of an algorithm that nobody named.
    pub(crate) fn qualities(&self) -> Vec<QualityRecord> {
        let read = &self.view.capture.qualities;
        let first = read.first().and_then(|q| (q.value < NO_QUALITY).then_some(q.value));
        match self.view.quality {
            quality if quality == first => read.clone(),
            Some(value) => vec![QualityRecord { value, ..QualityRecord::NOT_ATTEMPTED }],
            None => Vec::new(),
        }
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
