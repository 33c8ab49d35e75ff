//! A segment: part of a population as bytes, written once and never changed.
//!
//! ```text
//! 8     the mark "TANBAseg"                                   (all numbers little-endian)
//! 2     format, 1
//! 4     how the codes were made (tanba_finger::scan::PARAMETERS)
//! 2     population
//! 4     people
//! 4     chunks
//! 12 c  for each chunk: bytes (u64), CRC-32 of them (u32)
//! 4     CRC-32 of everything before
//! then the chunks, each:
//!   2     people, at most 256, in the order of their ids over the whole segment
//!   23 p  for each: id (16), traits (5), impressions (2)
//!   4 i   for each impression: finger code, 1 if it has a code, bytes of its template (u16)
//!         the templates, native files, one after another
//!         the codes, ScanPrint::BYTES each, in the order of the impressions
//! ```
//!
//! Who has died since is not in it: that stands in the archive's catalogue, and the segment is written anew without them.

use crate::chunk::{CHUNK, Chunk};
use crate::part::{Part, Piece};
use crate::traits::TRAITS_BYTES;
use crate::{EntryId, MOST_IMPRESSIONS, Population, Traits};
use rayon::prelude::*;
use tanba_finger::crc32;
use tanba_finger::scan::{PARAMETERS, ScanBytesError, ScanPrint};
use tanba_formats::Finger;

const MARK: &[u8; 8] = b"TANBAseg";
const FORMAT: u16 = 1;
/// Bytes of the header before the table of chunks.
const HEADER: usize = 24;
const TABLE_ROW: usize = 12;

/// Why bytes are not a segment that can be searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SegmentError {
    /// Something else.
    #[error("not a segment of a gallery: it does not begin with its mark")]
    NotASegment,
    /// Of another program.
    #[error("a segment of format {0}, and this program reads format 1")]
    Format(u16),
    /// Coded otherwise.
    #[error("a segment whose codes were made with other parameters; they are made anew from the templates")]
    Parameters,
    /// Shorter or longer than it says.
    #[error("the segment is cut short, or goes on after its end")]
    Length,
    /// A checksum is wrong.
    #[error("the segment is damaged: a checksum does not fit")]
    Damaged,
    /// A value that no segment holds.
    #[error("the segment holds an impossible {0}")]
    Value(&'static str),
    /// A code that no print has.
    #[error("the segment holds a print that cannot be: {0}")]
    Print(#[from] ScanBytesError),
}

/// The segment of a closed part: everyone in it who is alive.
pub(crate) fn write(part: &Part) -> Vec<u8> {
    let bodies: Vec<Vec<u8>> = part
        .pieces
        .par_iter()
        .map(|piece| {
            let mut all_alive = Chunk::default();
            let chunk = if piece.count() == piece.chunk.people.len() {
                &*piece.chunk
            } else {
                piece.living().for_each(|(slot, _)| all_alive.copy(&piece.chunk, slot));
                &all_alive
            };
            body(chunk)
        })
        .collect();
    let mut out = MARK.to_vec();
    out.extend_from_slice(&FORMAT.to_le_bytes());
    out.extend_from_slice(&PARAMETERS.to_le_bytes());
    out.extend_from_slice(&part.population.0.to_le_bytes());
    out.extend_from_slice(&(part.people() as u32).to_le_bytes());
    out.extend_from_slice(&(bodies.len() as u32).to_le_bytes());
    for body in &bodies {
        out.extend_from_slice(&(body.len() as u64).to_le_bytes());
        out.extend_from_slice(&crc32(body).to_le_bytes());
    }
    let checksum = crc32(&out);
    out.extend_from_slice(&checksum.to_le_bytes());
    out.reserve_exact(bodies.iter().map(Vec::len).sum());
    bodies.iter().for_each(|body| out.extend_from_slice(body));
    out
}

fn body(chunk: &Chunk) -> Vec<u8> {
    let mut out = Vec::new();
    let impressions: Vec<_> =
        (0..chunk.people.len()).map(|slot| chunk.impressions_of(slot).collect::<Vec<_>>()).collect();
    out.extend_from_slice(&(chunk.people.len() as u16).to_le_bytes());
    for (member, of_person) in chunk.people.iter().zip(&impressions) {
        out.extend_from_slice(&member.entry.0.to_le_bytes());
        out.extend_from_slice(&member.traits.to_bytes());
        out.extend_from_slice(&(of_person.len() as u16).to_le_bytes());
    }
    let all = || impressions.iter().flatten();
    for (finger, packed, print) in all() {
        // A native template has at most 4,096 minutiae of 8 bytes and a map of some kilobytes.
        let [low, high] = (packed.len() as u16).to_le_bytes();
        out.extend_from_slice(&[finger.code(), u8::from(print.is_some()), low, high]);
    }
    all().for_each(|(_, packed, _)| out.extend_from_slice(packed));
    all().filter_map(|(.., print)| *print).for_each(|print| print.write(&mut out));
    out
}

/// Reads a segment. Nothing of it is used unless all of it is sound.
///
/// # Errors
/// [`SegmentError`] says what is wrong; no input panics, or takes memory out of proportion to its length.
pub(crate) fn read(bytes: &[u8]) -> Result<Part, SegmentError> {
    let mut left = bytes.strip_prefix(MARK).ok_or(SegmentError::NotASegment)?;
    let format = u16::from_le_bytes(take(&mut left)?);
    if format != FORMAT {
        return Err(SegmentError::Format(format));
    }
    let parameters = u32::from_le_bytes(take(&mut left)?);
    let population = Population(u16::from_le_bytes(take(&mut left)?));
    let people = u32::from_le_bytes(take(&mut left)?) as usize;
    let chunks = u32::from_le_bytes(take(&mut left)?) as usize;
    let table_end =
        chunks.checked_mul(TABLE_ROW).and_then(|table| table.checked_add(HEADER)).ok_or(SegmentError::Length)?;
    let header = bytes.get(..table_end).ok_or(SegmentError::Length)?;
    let table = &header[HEADER..];
    let mut left = &bytes[table_end..];
    if crc32(header) != u32::from_le_bytes(take(&mut left)?) {
        return Err(SegmentError::Damaged);
    }
    // Only now, so that a damaged header is not taken for one of another program.
    if parameters != PARAMETERS {
        return Err(SegmentError::Parameters);
    }
    let mut bodies = Vec::with_capacity(chunks);
    for mut row in table.chunks_exact(TABLE_ROW) {
        let length = usize::try_from(u64::from_le_bytes(take(&mut row)?)).map_err(|_| SegmentError::Length)?;
        let (body, rest) = left.split_at_checked(length).ok_or(SegmentError::Length)?;
        bodies.push((body, u32::from_le_bytes(take(&mut row)?)));
        left = rest;
    }
    if !left.is_empty() {
        return Err(SegmentError::Length);
    }
    let read = |(body, checksum): (&[u8], u32)| {
        if crc32(body) != checksum {
            return Err(SegmentError::Damaged);
        }
        read_body(body).map(Piece::new)
    };
    let pieces = bodies.into_par_iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let part = Part { population, segment: None, open: false, pieces };
    let in_order = part.living().map(|(_, _, member)| member.entry).is_sorted_by(|a, b| a < b);
    if part.people() != people || !in_order {
        return Err(SegmentError::Value("order of people"));
    }
    Ok(part)
}

fn read_body(mut left: &[u8]) -> Result<Chunk, SegmentError> {
    let people = usize::from(u16::from_le_bytes(take(&mut left)?));
    if people == 0 || people > CHUNK {
        return Err(SegmentError::Value("number of people"));
    }
    let mut members = Vec::with_capacity(people);
    for _ in 0..people {
        let entry = EntryId(u128::from_le_bytes(take(&mut left)?));
        let traits = Traits::from_bytes(take::<TRAITS_BYTES>(&mut left)?).ok_or(SegmentError::Value("sex"))?;
        let impressions = usize::from(u16::from_le_bytes(take(&mut left)?));
        if impressions == 0 || impressions > MOST_IMPRESSIONS {
            return Err(SegmentError::Value("number of impressions"));
        }
        members.push((entry, traits, impressions));
    }
    let mut kinds = Vec::new();
    for _ in 0..members.iter().map(|(.., impressions)| impressions).sum() {
        let [finger, coded, low, high] = take(&mut left)?;
        let finger = Finger::try_from(finger).map_err(|_| SegmentError::Value("finger"))?;
        if coded > 1 {
            return Err(SegmentError::Value("mark of a code"));
        }
        kinds.push((finger, coded == 1, usize::from(u16::from_le_bytes([low, high]))));
    }
    let templates = kinds.iter().map(|(.., length)| length).sum();
    let (mut packed, mut codes) = left.split_at_checked(templates).ok_or(SegmentError::Length)?;
    if codes.len() != kinds.iter().filter(|(_, coded, _)| *coded).count() * ScanPrint::BYTES {
        return Err(SegmentError::Length);
    }
    let mut chunk = Chunk::default();
    let mut kinds = kinds.into_iter();
    for (entry, traits, impressions) in members {
        chunk.begin(entry, traits);
        for (finger, coded, length) in kinds.by_ref().take(impressions) {
            let (template, rest) = packed.split_at(length);
            packed = rest;
            let print = if coded {
                let (print, rest) = codes.split_at(ScanPrint::BYTES);
                codes = rest;
                Some(ScanPrint::read(print)?)
            } else {
                None
            };
            chunk.add(finger, template, print.as_ref());
        }
    }
    Ok(chunk)
}

pub(crate) fn take<const N: usize>(left: &mut &[u8]) -> Result<[u8; N], SegmentError> {
    let (taken, rest) = left.split_first_chunk::<N>().ok_or(SegmentError::Length)?;
    *left = rest;
    Ok(*taken)
}
