//! The native template file: lossless, little-endian, with a checksum.
//!
//! ```text
//! offset  bytes  meaning
//! 0       8      magic "TANBAfmt"
//! 8       2      version, 1
//! 10      2      width, pixels at 500 ppi
//! 12      2      height, pixels at 500 ppi
//! 14      1      unified quality, 0 to 100
//! 15      1      reserved, 0
//! 16      2      number of minutiae n, at most 4,096
//! 18      14 n   minutiae: x, y, direction (f32 each), kind (0 other, 1 ending, 2 bifurcation), quality
//! 18+14n  4      CRC-32 (ISO-HDLC) of everything before
//! ```

use crate::{Minutia, MinutiaKind, Template};

const MAGIC: &[u8; 8] = b"TANBAfmt";
const VERSION: u16 = 1;
const HEADER: usize = 18;
const MINUTIA: usize = 14;
const CHECKSUM: usize = 4;
/// Most minutiae in a file; whole palms have fewer.
const MOST_MINUTIAE: usize = 4096;

/// Why bytes are not a native template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TemplateBytesError {
    /// The first bytes are not those of a native template.
    #[error(
        "not a Tanba template: the file does not begin with its mark; for ISO/IEC 19794-2 files use the .fmr reader"
    )]
    NotATemplate,
    /// Written by a newer program.
    #[error("a Tanba template of version {0}, but this program reads version 1: use a newer program")]
    Version(u16),
    /// Shorter or longer than its own count says.
    #[error(
        "a Tanba template of {expected} bytes is {actual} bytes long: the file was cut or mixed up; fetch it again"
    )]
    Length {
        /// Bytes that the header promises.
        expected: usize,
        /// Bytes that are there.
        actual: usize,
    },
    /// The checksum is wrong.
    #[error("the checksum of the template is wrong: the file is damaged; fetch it again")]
    Damaged,
    /// A value outside its range.
    #[error("the template holds an impossible {0}: the program that wrote it is faulty")]
    Value(&'static str),
}

impl Template {
    /// The native file of this template, which [`Self::from_bytes`] always reads: minutiae with a value that no image can give
    /// are left out, at most 4,096 are written, the first (best) ones, and qualities above 100 become 100.
    pub fn to_bytes(&self) -> Vec<u8> {
        let minutiae: Vec<&Minutia> =
            self.minutiae.iter().filter(|m| possible(m).is_ok()).take(MOST_MINUTIAE).collect();
        let mut out = Vec::with_capacity(HEADER + minutiae.len() * MINUTIA + CHECKSUM);
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&VERSION.to_le_bytes());
        out.extend_from_slice(&self.width.to_le_bytes());
        out.extend_from_slice(&self.height.to_le_bytes());
        out.extend_from_slice(&[self.quality.min(100), 0]);
        out.extend_from_slice(&(minutiae.len() as u16).to_le_bytes());
        for m in minutiae {
            for value in [m.x, m.y, m.direction] {
                out.extend_from_slice(&value.to_le_bytes());
            }
            out.extend_from_slice(&[kind_code(m.kind), m.quality.min(100)]);
        }
        let checksum = crc32(&out);
        out.extend_from_slice(&checksum.to_le_bytes());
        out
    }

    /// Reads a native file.
    ///
    /// # Errors
    /// [`TemplateBytesError`] says what is wrong; no input panics.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, TemplateBytesError> {
        if bytes.get(..MAGIC.len()) != Some(MAGIC) {
            return Err(TemplateBytesError::NotATemplate);
        }
        let short = |expected| TemplateBytesError::Length { expected, actual: bytes.len() };
        let header = bytes.get(..HEADER).ok_or(short(HEADER + CHECKSUM))?;
        let u16_at = |at: usize| u16::from_le_bytes([header[at], header[at + 1]]);
        if u16_at(8) != VERSION {
            return Err(TemplateBytesError::Version(u16_at(8)));
        }
        let count = usize::from(u16_at(16));
        if count > MOST_MINUTIAE {
            return Err(TemplateBytesError::Value("number of minutiae"));
        }
        let body = HEADER + count * MINUTIA;
        if bytes.len() != body + CHECKSUM {
            return Err(short(body + CHECKSUM));
        }
        if bytes[body..] != crc32(&bytes[..body]).to_le_bytes() {
            return Err(TemplateBytesError::Damaged);
        }
        if header[14] > 100 {
            return Err(TemplateBytesError::Value("quality"));
        }
        let minutiae = bytes[HEADER..body].chunks_exact(MINUTIA).map(read_minutia).collect::<Result<_, _>>()?;
        Ok(Self { width: u16_at(10), height: u16_at(12), quality: header[14], minutiae, ridges: None })
    }
}

fn read_minutia(b: &[u8]) -> Result<Minutia, TemplateBytesError> {
    let f32_at = |at: usize| f32::from_le_bytes([b[at], b[at + 1], b[at + 2], b[at + 3]]);
    let (x, y, direction) = (f32_at(0), f32_at(4), f32_at(8));
    let kind = match b[12] {
        0 => MinutiaKind::Other,
        1 => MinutiaKind::Ending,
        2 => MinutiaKind::Bifurcation,
        _ => return Err(TemplateBytesError::Value("minutia kind")),
    };
    if b[13] > 100 {
        return Err(TemplateBytesError::Value("minutia quality"));
    }
    let minutia = Minutia { x, y, direction, kind, quality: b[13] };
    possible(&minutia)?;
    Ok(minutia)
}

/// Whether a minutia can be on an image.
fn possible(m: &Minutia) -> Result<(), TemplateBytesError> {
    let limit = f32::from(u16::MAX);
    if !(m.x.abs() <= limit && m.y.abs() <= limit) {
        return Err(TemplateBytesError::Value("minutia position"));
    }
    if !(0.0..core::f32::consts::TAU).contains(&m.direction) {
        return Err(TemplateBytesError::Value("minutia direction"));
    }
    Ok(())
}

fn kind_code(kind: MinutiaKind) -> u8 {
    match kind {
        MinutiaKind::Other => 0,
        MinutiaKind::Ending => 1,
        MinutiaKind::Bifurcation => 2,
    }
}

/// CRC-32 as in ISO/IEC 3309 (reflected polynomial 0xEDB88320), which closes every native file.
pub fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, &byte| (crc >> 8) ^ CRC_TABLE[usize::from(crc as u8 ^ byte)])
}

const CRC_TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut c = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            c = (c >> 1) ^ (0xEDB8_8320 & (c & 1).wrapping_neg());
            bit += 1;
        }
        table[byte] = c;
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_published_one() {
        // The check value of CRC-32/ISO-HDLC.
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }
}
