//! The native template file: compact, little-endian, with a checksum.
//!
//! ```text
//! offset  bytes  meaning
//! 0       8      magic "TANBAfmt"
//! 8       2      version, 3
//! 10      2      width, pixels at 500 ppi
//! 12      2      height, pixels at 500 ppi
//! 14      1      unified quality, 0 to 100
//! 15      1      1 with ridges, 0 without
//! 16      2      number of minutiae n, at most 4,096
//! 18      1      code of the recipe that made it, see [`Recipe`]
//! 19      8 n    minutiae: x, y (u16, sixteenths of a pixel), direction (u16, 65,536ths of a turn),
//!                kind (0 other, 1 ending, 2 bifurcation), quality
//! 19+8n   r      where ridges are, to the end: see `texture/code.rs`
//! end-4   4      CRC-32 (ISO-HDLC) of everything before
//! ```
//!
//! Older versions are still read, and compare with this one. Version 2 has no recipe at 18, its minutiae begin there; only
//! `filtered-ridges-2` has written ridges into such files. Version 1 is the same without ridges, its minutiae have 14 bytes with x, y
//! and direction as f32; what made them is not known.

use crate::{Minutia, MinutiaKind, Recipe, RidgeMap, Template};
use std::f32::consts::TAU;
use std::sync::Arc;

const MAGIC: &[u8; 8] = b"TANBAfmt";
const VERSION: u16 = 3;
const HEADER: usize = 19;
/// Bytes before the minutiae in versions 1 and 2.
const HEADER_2: usize = 18;
const MINUTIA: usize = 8;
/// Bytes of a minutia in version 1.
const MINUTIA_1: usize = 14;
/// Steps of a coordinate in a pixel.
const PER_PIXEL: f32 = 16.0;
/// Steps of a direction in a turn.
const PER_TURN: f32 = 65_536.0;
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
    #[error("a Tanba template of version {0}, but this program reads versions 1 to 3: use a newer program")]
    Version(u16),
    /// Made by an extractor that came later.
    #[error("a Tanba template made by an extractor of code {0}, which this program does not know: use a newer program")]
    Recipe(u8),
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

impl Minutia {
    /// The minutia as the native file keeps it: sixteenths of a pixel and 65,536ths of a turn. Extracted minutiae are so from
    /// the start, so that their file loses nothing.
    pub(crate) fn rounded(self) -> Self {
        let place = |v: f32| (v * PER_PIXEL).round() / PER_PIXEL;
        let steps = (self.direction / TAU * PER_TURN).round().rem_euclid(PER_TURN);
        Self { x: place(self.x), y: place(self.y), direction: steps * (TAU / PER_TURN), ..self }
    }
}

impl Template {
    /// The native file of this template, which [`Self::from_bytes`] always reads: minutiae with a value that no image can give
    /// are left out, at most 4,096 are written, the first (best) ones, qualities above 100 become 100, places and directions are
    /// rounded to a sixteenth of a pixel and a 65,536th of a turn (those of [`crate::extract`] are so already).
    pub fn to_bytes(&self) -> Vec<u8> {
        let minutiae: Vec<&Minutia> = self.minutiae.iter().filter(|m| kept(m)).take(MOST_MINUTIAE).collect();
        let mut out = Vec::with_capacity(HEADER + minutiae.len() * MINUTIA + CHECKSUM);
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&VERSION.to_le_bytes());
        out.extend_from_slice(&self.width.to_le_bytes());
        out.extend_from_slice(&self.height.to_le_bytes());
        out.extend_from_slice(&[self.quality.min(100), u8::from(self.ridges.is_some())]);
        out.extend_from_slice(&(minutiae.len() as u16).to_le_bytes());
        out.push(self.recipe.code());
        for m in minutiae {
            for value in [m.x * PER_PIXEL, m.y * PER_PIXEL] {
                out.extend_from_slice(&(value.round() as u16).to_le_bytes());
            }
            // A whole turn is none.
            let direction = (m.direction / TAU * PER_TURN).round() as u32 as u16;
            out.extend_from_slice(&direction.to_le_bytes());
            out.extend_from_slice(&[kind_code(m.kind), m.quality.min(100)]);
        }
        if let Some(ridges) = &self.ridges {
            out.extend_from_slice(&ridges.to_bytes());
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
        let (template, ridges) = Self::minutiae_from_bytes(bytes)?;
        let ridges = ridges
            .map(|coded| RidgeMap::from_bytes(coded).ok_or(TemplateBytesError::Value("ridge map")))
            .transpose()?;
        Ok(Self { ridges: ridges.map(Arc::new), ..template })
    }

    /// All of a native file but its ridges, and those as they stand there.
    pub(crate) fn minutiae_from_bytes(bytes: &[u8]) -> Result<(Self, Option<&[u8]>), TemplateBytesError> {
        if bytes.get(..MAGIC.len()) != Some(MAGIC) {
            return Err(TemplateBytesError::NotATemplate);
        }
        let short = |expected| TemplateBytesError::Length { expected, actual: bytes.len() };
        // What all versions have in common.
        let header = bytes.get(..HEADER_2).ok_or(short(HEADER_2 + CHECKSUM))?;
        let u16_at = |at: usize| u16::from_le_bytes([header[at], header[at + 1]]);
        let version = u16_at(8);
        let (begin, size) = match version {
            1 => (HEADER_2, MINUTIA_1),
            2 => (HEADER_2, MINUTIA),
            VERSION => (HEADER, MINUTIA),
            other => return Err(TemplateBytesError::Version(other)),
        };
        let count = usize::from(u16_at(16));
        if count > MOST_MINUTIAE {
            return Err(TemplateBytesError::Value("number of minutiae"));
        }
        let with_ridges = version > 1 && header[15] == 1;
        let end = begin + count * size;
        let fits = if with_ridges { bytes.len() >= end + CHECKSUM } else { bytes.len() == end + CHECKSUM };
        if !fits {
            return Err(short(end + CHECKSUM));
        }
        let (body, checksum) = bytes.split_at(bytes.len() - CHECKSUM);
        if *checksum != crc32(body).to_le_bytes() {
            return Err(TemplateBytesError::Damaged);
        }
        if header[14] > 100 {
            return Err(TemplateBytesError::Value("quality"));
        }
        let recipe = match version {
            VERSION => Recipe::of_code(body[HEADER_2]).ok_or(TemplateBytesError::Recipe(body[HEADER_2]))?,
            2 if with_ridges => Recipe::FilteredRidges2,
            _ => Recipe::Unknown,
        };
        let read = if version == 1 { read_minutia_1 } else { read_minutia };
        let minutiae = body[begin..end].chunks_exact(size).map(read).collect::<Result<_, _>>()?;
        let (width, height, quality) = (u16_at(10), u16_at(12), header[14]);
        let template = Self { recipe, width, height, quality, minutiae, ridges: None };
        Ok((template, with_ridges.then_some(&body[end..])))
    }
}

fn read_minutia(b: &[u8]) -> Result<Minutia, TemplateBytesError> {
    let u16_at = |at: usize| f32::from(u16::from_le_bytes([b[at], b[at + 1]]));
    let (x, y) = (u16_at(0) / PER_PIXEL, u16_at(2) / PER_PIXEL);
    checked(Minutia { x, y, direction: u16_at(4) * (TAU / PER_TURN), kind: kind_of(b[6])?, quality: b[7] })
}

fn read_minutia_1(b: &[u8]) -> Result<Minutia, TemplateBytesError> {
    let f32_at = |at: usize| f32::from_le_bytes([b[at], b[at + 1], b[at + 2], b[at + 3]]);
    checked(Minutia { x: f32_at(0), y: f32_at(4), direction: f32_at(8), kind: kind_of(b[12])?, quality: b[13] })
}

fn checked(m: Minutia) -> Result<Minutia, TemplateBytesError> {
    if m.quality > 100 {
        return Err(TemplateBytesError::Value("minutia quality"));
    }
    possible(&m)?;
    Ok(m)
}

fn kind_of(code: u8) -> Result<MinutiaKind, TemplateBytesError> {
    match code {
        0 => Ok(MinutiaKind::Other),
        1 => Ok(MinutiaKind::Ending),
        2 => Ok(MinutiaKind::Bifurcation),
        _ => Err(TemplateBytesError::Value("minutia kind")),
    }
}

/// Whether a minutia has a place in the file.
fn kept(m: &Minutia) -> bool {
    let on_file = |v: f32| (0.0..=f32::from(u16::MAX) / PER_PIXEL).contains(&v);
    on_file(m.x) && on_file(m.y) && possible(m).is_ok()
}

/// Whether a minutia can be on an image.
fn possible(m: &Minutia) -> Result<(), TemplateBytesError> {
    let limit = f32::from(u16::MAX);
    if !(m.x.abs() <= limit && m.y.abs() <= limit) {
        return Err(TemplateBytesError::Value("minutia position"));
    }
    if !(0.0..TAU).contains(&m.direction) {
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
    crc32fast::hash(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_published_one() {
        // The check value of CRC-32/ISO-HDLC.
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }
}
