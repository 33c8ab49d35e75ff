//! The segments of a JPEG file (T.81 annex B): what stands between two markers, and what the headers say.

use crate::image::admission::Stated;

/// Markers (table B.1), after a byte of ones.
pub(crate) mod marker {
    pub(crate) const LOSSLESS_FRAME: u8 = 0xc3;
    pub(crate) const CODES: u8 = 0xc4;
    pub(crate) const START: u8 = 0xd8;
    pub(crate) const END: u8 = 0xd9;
    pub(crate) const SCAN: u8 = 0xda;
    pub(crate) const QUANTISER: u8 = 0xdb;
    pub(crate) const RESTART_INTERVAL: u8 = 0xdd;
    pub(crate) const JFIF: u8 = 0xe0;
    pub(crate) const ADOBE: u8 = 0xee;
    pub(crate) const COMMENT: u8 = 0xfe;
    pub(crate) const RESTARTS: std::ops::RangeInclusive<u8> = 0xd0..=0xd7;
    /// Stands alone, without meaning.
    pub(crate) const TEMPORARY: u8 = 0x01;
}

/// A marker with what belongs to it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Segment<'a> {
    pub(crate) marker: u8,
    /// Where the marker stands.
    pub(crate) at: usize,
    pub(crate) body: &'a [u8],
}

/// A file, read segment by segment.
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Where the next segment begins; behind a scan header, its code words.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// Goes on after code words that ended at `at`.
    pub(crate) fn resume(&mut self, at: usize) {
        self.at = at;
    }

    /// Goes on after code words that nobody read.
    pub(crate) fn skip_words(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let is_marker = |w: &[u8]| w[0] == 0xff && w[1] != 0 && w[1] != 0xff && !marker::RESTARTS.contains(&w[1]);
        self.at += rest.windows(2).position(is_marker).unwrap_or(rest.len());
    }
}

/// Ends where no whole segment follows.
impl<'a> Iterator for Reader<'a> {
    type Item = Segment<'a>;

    fn next(&mut self) -> Option<Segment<'a>> {
        // Any number of bytes of ones may stand before a marker.
        while self.bytes.get(self.at..)?.starts_with(&[0xff, 0xff]) {
            self.at += 1;
        }
        let at = self.at;
        let &[0xff, marker] = self.bytes.get(at..)?.first_chunk::<2>()? else { return None };
        self.at += 2;
        if matches!(marker, marker::START | marker::END | marker::TEMPORARY) || marker::RESTARTS.contains(&marker) {
            return Some(Segment { marker, at, body: &[] });
        }
        let length = self.bytes.get(self.at..)?.first_chunk().map(|b| usize::from(u16::from_be_bytes(*b)))?;
        let body = self.bytes.get(self.at..self.at + length)?.get(2..)?;
        self.at += length;
        Some(Segment { marker, at, body })
    }
}

/// How the samples are coded (B.1.1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Process {
    Baseline,
    Extended,
    Progressive,
    Lossless,
    /// Hierarchical or with arithmetic coding.
    Other,
}

impl Process {
    /// `None` where the marker is not of a frame: tables share their range.
    fn of(marker: u8) -> Option<Self> {
        match marker {
            0xc0 => Some(Self::Baseline),
            0xc1 => Some(Self::Extended),
            0xc2 => Some(Self::Progressive),
            marker::LOSSLESS_FRAME => Some(Self::Lossless),
            0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => Some(Self::Other),
            _ => None,
        }
    }
}

impl std::fmt::Display for Process {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Baseline => "baseline",
            Self::Extended => "extended sequential",
            Self::Progressive => "progressive",
            Self::Lossless => "lossless",
            Self::Other => "hierarchical or arithmetic",
        })
    }
}

/// A component of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Component {
    pub(crate) id: u8,
    /// Samples in a unit, across and down.
    pub(crate) sampling: (u8, u8),
}

/// A frame header (B.2.2).
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    pub(crate) process: Process,
    /// Bits of a sample.
    pub(crate) precision: u8,
    pub(crate) width: u16,
    /// Zero where it is only stated after the first scan.
    pub(crate) height: u16,
    pub(crate) components: Vec<Component>,
}

impl Frame {
    /// `None` where the segment is not a whole frame header.
    pub(crate) fn read(segment: &Segment<'_>) -> Option<Self> {
        let process = Process::of(segment.marker)?;
        let (&[precision, h1, h0, w1, w0, count], rest) = segment.body.split_first_chunk::<6>()?;
        let components: Vec<Component> = rest
            .chunks_exact(3)
            .take(usize::from(count))
            .map(|c| Component { id: c[0], sampling: (c[1] >> 4, c[1] & 15) })
            .collect();
        (components.len() == usize::from(count)).then(|| Self {
            process,
            precision,
            width: u16::from_be_bytes([w1, w0]),
            height: u16::from_be_bytes([h1, h0]),
            components,
        })
    }
}

/// The first frame header of a file.
pub(crate) fn frame(bytes: &[u8]) -> Option<Frame> {
    Reader::new(bytes).take_while(|s| s.marker != marker::SCAN).find_map(|s| Frame::read(&s))
}

/// The density that the file states (JFIF 1.02).
pub(crate) fn stated(bytes: &[u8]) -> Option<Stated> {
    const CM_PER_INCH: f64 = 2.54;
    let jfif = Reader::new(bytes)
        .take_while(|s| s.marker != marker::SCAN)
        .find(|s| s.marker == marker::JFIF && s.body.starts_with(b"JFIF\0"))?;
    let [unit, x1, x0, y1, y0] = *jfif.body.get(7..)?.first_chunk::<5>()?;
    let per_inch = match unit {
        1 => 1.0,
        2 => CM_PER_INCH,
        // The shape of a pixel only.
        _ => return None,
    };
    let axis = |b: [u8; 2]| f64::from(u16::from_be_bytes(b)) * per_inch;
    let (x, y) = (axis([x1, x0]), axis([y1, y0]));
    (x > 0.0 && y > 0.0).then_some(Stated { x, y })
}

/// A segment as bytes. The caller's bodies are shorter than 65 534 bytes.
pub(super) fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    [&[0xff, marker][..], &(body.len() as u16).saturating_add(2).to_be_bytes(), body].concat()
}

/// The JFIF segment of a density in pixels per inch.
pub(super) fn jfif(ppi: f64) -> Vec<u8> {
    // At most 65 535.
    let [high, low] = (ppi.round().clamp(1.0, f64::from(u16::MAX)) as u16).to_be_bytes();
    segment(marker::JFIF, &[b'J', b'F', b'I', b'F', 0, 1, 2, 1, high, low, high, low, 0, 0])
}
