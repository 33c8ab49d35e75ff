//! What ISO/IEC 19794-1:2011 puts at the head of every representation (clause 12): when it was taken, with what, how good it is,
//! and by whom the device was certified. Minutiae and images of 2011 begin alike.
//!
//! ```text
//! date and time (9), capture technology, vendor, type (1 + 2 + 2),
//! quality records: number (1), of each value, vendor, algorithm (1 + 2 + 2),
//! certification records, where the record's flag is set: number (1), of each authority, scheme (2 + 1)
//! ```

use crate::Outline;
use crate::cursor::Cursor;

/// The most quality records, and the most certification records: a byte counts them.
pub(crate) const MOST_RECORDS: usize = u8::MAX as usize;

/// When, with what and how well a representation was taken.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Capture {
    /// When it was taken.
    pub taken: CaptureTime,
    /// How the device sees a finger, by the code of the format's own table; 0 where unknown.
    pub technology: u8,
    /// The device's vendor as the IBIA registered it; 0 where unknown.
    pub vendor: u16,
    /// The vendor's number of the device; 0 where unknown.
    pub device: u16,
    /// How good the representation is, by one or several algorithms; at most 255.
    pub qualities: Vec<QualityRecord>,
    /// Whose requirements the device meets; at most 255.
    pub certifications: Vec<CertificationRecord>,
}

/// A date and time in UTC, number by number as it stands in the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaptureTime {
    /// Year.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59.
    pub second: u8,
    /// 0 to 999.
    pub millisecond: u16,
}

/// One judgement of how good a representation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QualityRecord {
    /// 0 (worst) to 100; 254 nobody tried (INCITS), 255 the attempt failed.
    pub value: u8,
    /// The algorithm's vendor as the IBIA registered it.
    pub vendor: u16,
    /// The vendor's number of the algorithm.
    pub algorithm: u16,
}

/// Requirements that a device meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CertificationRecord {
    /// Who certified it, as the IBIA registered it.
    pub authority: u16,
    /// Requirements: for fingers 1 AFIS, 2 personal verification, 3 optical sensors (ISO/IEC 19794-4:2011 annex B).
    pub scheme: u8,
}

impl CaptureTime {
    /// All bits set: nobody stated it.
    pub const NOT_STATED: Self = Self {
        year: u16::MAX,
        month: u8::MAX,
        day: u8::MAX,
        hour: u8::MAX,
        minute: u8::MAX,
        second: u8::MAX,
        millisecond: u16::MAX,
    };
}

impl Default for CaptureTime {
    fn default() -> Self {
        Self::NOT_STATED
    }
}

impl std::fmt::Display for CaptureTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { year, month, day, hour, minute, second, millisecond } = self;
        if *self == Self::NOT_STATED || *year == 0 {
            return f.write_str("not stated");
        }
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millisecond:03}Z")
    }
}

impl QualityRecord {
    /// Nobody measured the quality, of an unknown vendor (0x0103), without a number.
    pub const NOT_ATTEMPTED: Self = Self { value: 254, vendor: 0x0103, algorithm: 0 };
}

impl Capture {
    pub(crate) fn read(input: &mut Cursor<'_>, certified: bool) -> Option<Self> {
        let year = input.short()?;
        let [month, day, hour, minute, second] = input.take::<5>()?;
        let taken = CaptureTime { year, month, day, hour, minute, second, millisecond: input.short()? };
        let (technology, vendor, device) = (input.byte()?, input.short()?, input.short()?);
        let mut qualities = Vec::new();
        for _ in 0..input.byte()? {
            qualities.push(QualityRecord { value: input.byte()?, vendor: input.short()?, algorithm: input.short()? });
        }
        let mut certifications = Vec::new();
        if certified {
            for _ in 0..input.byte()? {
                certifications.push(CertificationRecord { authority: input.short()?, scheme: input.byte()? });
            }
        }
        Some(Self { taken, technology, vendor, device, qualities, certifications })
    }

    /// [`Capture::read`] backwards; `None` for more than 255 records.
    pub(crate) fn write(&self, certified: bool, out: &mut Vec<u8>) -> Option<()> {
        let t = self.taken;
        out.extend(t.year.to_be_bytes());
        out.extend([t.month, t.day, t.hour, t.minute, t.second]);
        out.extend(t.millisecond.to_be_bytes());
        out.push(self.technology);
        out.extend(self.vendor.to_be_bytes());
        out.extend(self.device.to_be_bytes());
        out.push(u8::try_from(self.qualities.len()).ok()?);
        for q in &self.qualities {
            out.push(q.value);
            out.extend(q.vendor.to_be_bytes());
            out.extend(q.algorithm.to_be_bytes());
        }
        if certified {
            out.push(u8::try_from(self.certifications.len()).ok()?);
            for c in &self.certifications {
                out.extend(c.authority.to_be_bytes());
                out.push(c.scheme);
            }
        }
        Some(())
    }

    /// What is stated of the capture, each on a line of its own.
    pub(crate) fn outline(&self) -> Vec<Outline> {
        let mut lines = Vec::new();
        if self.taken != CaptureTime::NOT_STATED {
            lines.push(Outline::leaf("capture date and time", self.taken));
        }
        for (label, number) in [
            ("capture device technology", u16::from(self.technology)),
            ("capture device vendor", self.vendor),
            ("capture device type", self.device),
        ] {
            if number != 0 {
                lines.push(Outline::leaf(label, number));
            }
        }
        let qualities = self.qualities.iter().map(|q| {
            let said = format!("{} (vendor {:#06x}, algorithm {:#06x})", quality(q.value), q.vendor, q.algorithm);
            Outline::leaf("quality", said)
        });
        let certifications = self
            .certifications
            .iter()
            .map(|c| Outline::leaf("certification", format!("scheme {} of authority {:#06x}", c.scheme, c.authority)));
        lines.into_iter().chain(qualities).chain(certifications).collect()
    }
}

/// A quality in words: two values say why there is none.
pub(crate) fn quality(value: u8) -> String {
    match value {
        254 => "not attempted".into(),
        255 => "failed".into(),
        value => value.to_string(),
    }
}
