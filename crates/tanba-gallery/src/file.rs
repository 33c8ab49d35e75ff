//! A gallery on disk, for `tanba enrol` and `tanba identify`: science, not a registry.
//!
//! ```text
//! 38 bytes   the mark, a line of text: "TANBA science gallery, not a registry\n"
//! 2          format version, 1 (all numbers little-endian)
//! 8          version of the gallery
//! 8          number of enrolments
//! each:      16 entry id, 2 population, 2 number of impressions, then for each: 1 finger code, 4 length, a native template
//! 4          CRC-32 of everything before
//! ```

use crate::{Enrolment, EntryId, Gallery, InsertError, Population, segment};
use tanba_finger::{Template, TemplateBytesError, crc32};
use tanba_formats::Finger;

/// The first bytes of a gallery file, readable to a person who wonders what it is.
pub const FILE_MARK: &[u8; 38] = b"TANBA science gallery, not a registry\n";
const FORMAT: u16 = 1;
const CHECKSUM: usize = 4;
/// Bytes of an enrolment without its impressions.
const ENTRY_HEADER: usize = 20;

/// Why bytes are not a gallery file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GalleryFileError {
    /// The first bytes are not those of a gallery file.
    #[error("not a gallery file: it does not begin with its mark; a registry's data can never be opened as a gallery")]
    NotAGallery,
    /// Written by a newer program.
    #[error("a gallery file of format {0}, but this program reads format 1: use a newer program")]
    Format(u16),
    /// Cut short or damaged.
    #[error("the gallery file is damaged or cut short: restore it from a copy")]
    Damaged,
    /// Bytes are left over after the last enrolment.
    #[error("the gallery file goes on after its last enrolment: the program that wrote it is faulty")]
    TrailingBytes,
    /// A finger code that does not exist.
    #[error(
        "the gallery file holds the finger code {0}, which is not one of 0 to 10: the program that wrote it is faulty"
    )]
    FingerCode(u8),
    /// An enrolment that could not have been made.
    #[error("the gallery file holds an impossible enrolment: {0}")]
    Enrolment(#[from] InsertError),
    /// The same person twice in one population.
    #[error("the gallery file holds one person twice: the program that wrote it is faulty")]
    Twice,
    /// A template that cannot be read.
    #[error("the gallery file holds a template that cannot be read: {0}")]
    Template(#[from] TemplateBytesError),
}

impl Gallery {
    /// The file of this gallery: fingers only, no traits. The same content gives the same bytes, in whatever order it came.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut entries: Vec<_> = self
            .living()
            .map(|(piece, slot, population)| (piece.chunk.people[slot].entry, population, &piece.chunk, slot))
            .collect();
        entries.sort_by_key(|&(entry, population, ..)| (entry, population));
        let mut out = FILE_MARK.to_vec();
        out.extend_from_slice(&FORMAT.to_le_bytes());
        out.extend_from_slice(&self.version().to_le_bytes());
        out.extend_from_slice(&(entries.len() as u64).to_le_bytes());
        for (entry, population, chunk, slot) in entries {
            out.extend_from_slice(&entry.0.to_le_bytes());
            out.extend_from_slice(&population.0.to_le_bytes());
            out.extend_from_slice(&(chunk.count_of(slot) as u16).to_le_bytes());
            for (finger, packed, _) in chunk.impressions_of(slot) {
                out.push(finger.code());
                out.extend_from_slice(&(packed.len() as u32).to_le_bytes());
                out.extend_from_slice(packed);
            }
        }
        let checksum = crc32(&out);
        out.extend_from_slice(&checksum.to_le_bytes());
        out
    }

    /// Reads a gallery file and prepares its fingers for comparison.
    ///
    /// # Errors
    /// [`GalleryFileError`] says what is wrong; no input panics or takes memory out of proportion to its length.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, GalleryFileError> {
        let mut left = body(bytes)?;
        let version = u64::from_le_bytes(take(&mut left)?);
        let count = u64::from_le_bytes(take(&mut left)?);
        let mut entries =
            Vec::with_capacity(usize::try_from(count).unwrap_or(usize::MAX).min(left.len() / ENTRY_HEADER));
        for _ in 0..count {
            let entry = EntryId(u128::from_le_bytes(take(&mut left)?));
            let population = Population(u16::from_le_bytes(take(&mut left)?));
            let impressions = u16::from_le_bytes(take(&mut left)?);
            let fingers = (0..impressions).map(|_| impression(&mut left)).collect::<Result<Vec<_>, _>>()?;
            entries.push(Enrolment::new(entry, population, fingers));
        }
        if !left.is_empty() {
            return Err(GalleryFileError::TrailingBytes);
        }
        let mut keys: Vec<_> = entries.iter().map(|e| (e.entry, e.population)).collect();
        keys.sort_unstable();
        if keys.windows(2).any(|w| w[0] == w[1]) {
            return Err(GalleryFileError::Twice);
        }
        let mut gallery = Self::new();
        gallery.restore(version, &entries)?;
        Ok(gallery)
    }
}

/// What is between the format number and the checksum.
fn body(bytes: &[u8]) -> Result<&[u8], GalleryFileError> {
    let mut left = bytes.strip_prefix(FILE_MARK).ok_or(GalleryFileError::NotAGallery)?;
    let format = u16::from_le_bytes(take(&mut left)?);
    if format != FORMAT {
        return Err(GalleryFileError::Format(format));
    }
    let (body, checksum) = left.split_last_chunk::<CHECKSUM>().ok_or(GalleryFileError::Damaged)?;
    if *checksum != crc32(&bytes[..bytes.len() - CHECKSUM]).to_le_bytes() {
        return Err(GalleryFileError::Damaged);
    }
    Ok(body)
}

fn impression(left: &mut &[u8]) -> Result<(Finger, Template), GalleryFileError> {
    let [code] = take(left)?;
    let finger = Finger::try_from(code).map_err(|e| GalleryFileError::FingerCode(e.0))?;
    let length = u32::from_le_bytes(take(left)?) as usize;
    let (template, rest) = left.split_at_checked(length).ok_or(GalleryFileError::Damaged)?;
    *left = rest;
    Ok((finger, Template::from_bytes(template)?))
}

fn take<const N: usize>(left: &mut &[u8]) -> Result<[u8; N], GalleryFileError> {
    segment::take(left).map_err(|_| GalleryFileError::Damaged)
}
