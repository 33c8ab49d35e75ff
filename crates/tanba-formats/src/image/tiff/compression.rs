//! One strip or tile: its stored bytes become the packed samples, exactly as many as it must have.

use std::borrow::Cow;

use fax::decoder::{decode_g3, decode_g4, pels};
use fax::{BitReader, ByteReader, Color};

/// How a strip or tile is stored (TIFF 6.0, Compression).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    /// CCITT modified Huffman run lengths, byte-aligned rows.
    Huffman,
    /// CCITT T.4, one-dimensional.
    Group3,
    /// CCITT T.6.
    Group4,
    Lzw,
    Deflate,
    PackBits,
}

impl Compression {
    /// The code of the tag; the error says what it is.
    pub(super) fn from_code(code: u64, t4_options: u64) -> Result<Self, &'static str> {
        match code {
            1 => Ok(Self::None),
            2 => Ok(Self::Huffman),
            3 if t4_options & 1 == 0 => Ok(Self::Group3),
            3 => Err("a TIFF with two-dimensional fax coding"),
            4 => Ok(Self::Group4),
            5 => Ok(Self::Lzw),
            6 | 7 => Err("a TIFF with JPEG inside, whose compression destroys ridge detail"),
            8 | 32946 => Ok(Self::Deflate),
            32773 => Ok(Self::PackBits),
            _ => Err("a TIFF with an uncommon compression"),
        }
    }
}

/// The packed samples of one chunk of `rows` rows of `row_bytes` bytes (`width` pixels each, for the fax codings).
/// `None` when the stored bytes do not hold them.
pub(super) fn expand(
    stored: &[u8],
    how: Compression,
    reverse_bits: bool,
    width: usize,
    rows: usize,
    row_bytes: usize,
) -> Option<Vec<u8>> {
    let stored: Cow<'_, [u8]> =
        if reverse_bits { stored.iter().map(|b| b.reverse_bits()).collect::<Vec<_>>().into() } else { stored.into() };
    let size = rows.checked_mul(row_bytes)?;
    let out = match how {
        Compression::None => stored.get(..size)?.to_vec(),
        Compression::PackBits => pack_bits(&stored, size),
        Compression::Lzw => lzw(&stored, size),
        Compression::Deflate => deflate(&stored, size),
        Compression::Huffman => huffman(&stored, width, rows, row_bytes)?,
        Compression::Group3 => fax_rows(width, rows, row_bytes, |row| {
            // Writers may end without an end of line, which the decoder needs: one more does no harm. Whether all was there,
            // the number of rows tells.
            let _ = decode_g3(stored.iter().copied().chain([0, 1]), row);
        })?,
        Compression::Group4 => fax_rows(width, rows, row_bytes, |row| {
            let _ = decode_g4(stored.iter().copied(), width as u16, Some(rows as u16), row);
        })?,
    };
    (out.len() == size).then_some(out)
}

/// Byte run lengths (TIFF 6.0 section 9).
fn pack_bits(stored: &[u8], size: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(size);
    let mut at = 0;
    while let Some(head) = stored.get(at).filter(|_| out.len() < size) {
        let room = size - out.len();
        // The head is a signed byte: 0..=127 literal, -127..=-1 a run, -128 nothing.
        let head = usize::from(*head);
        if head < 128 {
            let literal = stored.get(at + 1..).unwrap_or_default();
            out.extend_from_slice(&literal[..(head + 1).min(literal.len()).min(room)]);
            at += head + 2;
        } else if head == 128 {
            at += 1;
        } else {
            if let Some(v) = stored.get(at + 1) {
                out.resize(out.len() + (257 - head).min(room), *v);
            }
            at += 2;
        }
    }
    out
}

fn lzw(stored: &[u8], size: usize) -> Vec<u8> {
    let mut out = vec![0; size];
    let mut decoder = weezl::decode::Decoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8);
    let (mut from, mut to) = (0, 0);
    while to < size {
        let step = decoder.decode_bytes(&stored[from..], &mut out[to..]);
        (from, to) = (from + step.consumed_in, to + step.consumed_out);
        if !matches!(step.status, Ok(weezl::LzwStatus::Ok)) || (step.consumed_in == 0 && step.consumed_out == 0) {
            break;
        }
    }
    out.truncate(to);
    out
}

fn deflate(stored: &[u8], size: usize) -> Vec<u8> {
    match miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(stored, size) {
        Ok(out) => out,
        // More than the chunk needs, or a damaged end after all of it: what is there is enough or is too short.
        Err(e) => {
            let mut out = e.output;
            out.truncate(size);
            out
        }
    }
}

/// Rows of the fax codings as bits, 1 for black.
fn fax_rows(
    width: usize,
    rows: usize,
    row_bytes: usize,
    decode: impl FnOnce(&mut dyn FnMut(&[u16])),
) -> Option<Vec<u8>> {
    let width = u16::try_from(width).ok()?;
    u16::try_from(rows).ok()?;
    let mut out = Vec::with_capacity(rows * row_bytes);
    decode(&mut |changes| {
        if out.len() < rows * row_bytes {
            push_bits(pels(changes, width).map(|c| c == Color::Black), row_bytes, &mut out);
        }
    });
    Some(out)
}

/// CCITT modified Huffman: alternating white and black runs, each row from a byte boundary.
fn huffman(stored: &[u8], width: usize, rows: usize, row_bytes: usize) -> Option<Vec<u8>> {
    let mut reader = ByteReader::new(stored.iter().map(|b| Ok::<u8, std::convert::Infallible>(*b))).ok()?;
    let mut out = Vec::with_capacity(rows * row_bytes);
    for _ in 0..rows {
        let mut row = Vec::with_capacity(width);
        let mut black = false;
        while row.len() < width {
            let mut run = 0;
            loop {
                let code =
                    if black { fax::maps::black::decode(&mut reader) } else { fax::maps::white::decode(&mut reader) }?;
                run += usize::from(code);
                // Codes from 64 on are make-up codes: another follows.
                if code < 64 || run > width {
                    break;
                }
            }
            row.resize((row.len() + run).min(width), black);
            black = !black;
        }
        push_bits(row.into_iter(), row_bytes, &mut out);
        reader.consume(reader.bits_to_byte_boundary()).ok()?;
    }
    Some(out)
}

fn push_bits(row: impl Iterator<Item = bool>, row_bytes: usize, out: &mut Vec<u8>) {
    let start = out.len();
    out.resize(start + row_bytes, 0);
    for (x, black) in row.enumerate().filter(|(x, _)| x / 8 < row_bytes) {
        out[start + x / 8] |= u8::from(black) << (7 - x % 8);
    }
}
