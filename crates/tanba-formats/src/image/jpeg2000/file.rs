//! The boxes of a JP2 file (T.800 annex I).

use crate::image::admission::Stated;

/// How a JP2 file begins: the length and type of its signature box.
const SIGNATURE: &[u8] = &[0, 0, 0, 12, b'j', b'P', b' ', b' '];

/// A box: its type, where it begins and ends, and what is in it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Boxed<'a> {
    pub(crate) kind: [u8; 4],
    pub(crate) at: usize,
    pub(crate) end: usize,
    pub(crate) body: &'a [u8],
}

/// The boxes of a file or of a box that begins at `start`; a length beyond the end means all that is left.
pub(crate) fn boxes(bytes: &[u8], start: usize) -> impl Iterator<Item = Boxed<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = bytes.get(at..)?;
        let (&[a, b, c, d, kind @ ..], _) = rest.split_first_chunk::<8>()?;
        let (head, length) = match u32::from_be_bytes([a, b, c, d]) {
            0 => (8, rest.len()),
            1 => (16, usize::try_from(u64::from_be_bytes(*rest.get(8..)?.first_chunk()?)).unwrap_or(usize::MAX)),
            n => (8, n as usize),
        };
        let length = length.min(rest.len());
        let begin = start.saturating_add(at);
        at += length;
        Some(Boxed { kind, at: begin, end: start.saturating_add(at), body: rest.get(head..length)? })
    })
}

/// Whether it is a JP2 file, and not a bare codestream.
pub(crate) fn is_boxed(bytes: &[u8]) -> bool {
    bytes.starts_with(SIGNATURE)
}

/// The file without what stands behind its last codestream: records may go on there.
pub(crate) fn trimmed(bytes: &[u8]) -> &[u8] {
    if !is_boxed(bytes) {
        return bytes;
    }
    let end = boxes(bytes, 0).filter(|b| &b.kind == b"jp2c").map(|b| b.end).last();
    end.and_then(|end| bytes.get(..end)).unwrap_or(bytes)
}

/// All codestreams of a JP2 file, or the file itself where it is one.
pub(crate) fn codestreams(bytes: &[u8]) -> Vec<&[u8]> {
    if !is_boxed(bytes) {
        return vec![bytes];
    }
    boxes(bytes, 0).filter(|b| &b.kind == b"jp2c").map(|b| b.body).collect()
}

/// The resolution of capture, or of display, in the header of a JP2 file (I.5.3.7).
pub(crate) fn stated(bytes: &[u8]) -> Option<Stated> {
    if !is_boxed(bytes) {
        return None;
    }
    let header = boxes(bytes, 0).find(|b| &b.kind == b"jp2h")?;
    let resolution = boxes(header.body, 0).find(|b| &b.kind == b"res ")?;
    let of = |kind: &[u8; 4]| boxes(resolution.body, 0).find(|b| &b.kind == kind).and_then(|b| per_metre(b.body));
    let (x, y) = of(b"resc").or_else(|| of(b"resd"))?;
    Stated::per_metre(x, y)
}

/// Pixels per metre across and down: two fractions with an exponent of ten each, the vertical one first.
pub(crate) fn per_metre(body: &[u8]) -> Option<(f64, f64)> {
    let &[v1, v0, vd1, vd0, h1, h0, hd1, hd0, v_exponent, h_exponent] = body.first_chunk::<10>()?;
    let axis = |n: [u8; 2], d: [u8; 2], exponent: u8| {
        let (n, d) = (f64::from(u16::from_be_bytes(n)), f64::from(u16::from_be_bytes(d)));
        let resolution = n / d * 10_f64.powi(i32::from(exponent as i8));
        Some(resolution).filter(|v| v.is_finite())
    };
    let y = axis([v1, v0], [vd1, vd0], v_exponent)?;
    let x = axis([h1, h0], [hd1, hd0], h_exponent)?;
    Some((x, y))
}
