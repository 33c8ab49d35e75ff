//! One strip or tile: its stored bytes become the packed samples, exactly as many as it must have.

use std::borrow::Cow;

use crate::image::fax::{self, FaxCoding};

/// How a strip or tile is stored (TIFF 6.0, Compression).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Fax(FaxCoding),
    Lzw,
    Deflate,
    PackBits,
    /// JPEG with its tables apart (technical note 2), with loss or without.
    Jpeg,
}

impl Compression {
    /// The code of the tag; the error says what it is.
    pub(super) fn from_code(code: u64, t4_options: u64) -> Result<Self, &'static str> {
        match code {
            1 => Ok(Self::None),
            2 => Ok(Self::Fax(FaxCoding::Huffman)),
            3 if t4_options & 2 != 0 => Err("a TIFF with uncompressed parts in its fax coding"),
            3 => Ok(Self::Fax(FaxCoding::Group3 { two_dimensional: t4_options & 1 != 0 })),
            4 => Ok(Self::Fax(FaxCoding::Group4)),
            5 => Ok(Self::Lzw),
            6 => Err("a TIFF with JPEG in the way of 1992, which few programs write alike"),
            7 => Ok(Self::Jpeg),
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
        Compression::Fax(coding) => fax::expand(&stored, coding, width, rows)?,
        // Not packed samples, but a file of its own.
        Compression::Jpeg => return None,
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
