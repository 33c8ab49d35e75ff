//! PNG, through the `png` crate, row by row.

use std::io::Cursor;

use png::{BitDepth, ColorType, Decoder, DecodingError, Limits, Transformations, Unit};

use super::ImageError;
use super::admission::{Gate, Stated};
use super::luminance::{Losses, narrow};
use super::outline::{MOST_NODES, damaged, resolution, text};
use crate::Outline;

/// Memory that the decoder may take beside our rows, bytes: text and colour-profile chunks count against it.
const DECODER_BYTES: usize = 16 << 20;

pub(super) fn gray(bytes: &[u8], gate: &mut Gate) -> Result<Vec<u8>, ImageError> {
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: DECODER_BYTES });
    decoder.set_transformations(Transformations::EXPAND);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    // The size comes first in the file, the resolution only after other chunks; refuse on the size before reading those.
    let header = decoder.read_header_info().map_err(|e| failure(&e, gate))?;
    let (width, height, bits) = (u64::from(header.width), u64::from(header.height), header.bit_depth);
    Gate::size_allowed(width, height)?;
    let mut reader = decoder.read_info().map_err(|e| failure(&e, gate))?;
    let stated = reader.info().pixel_dims.filter(|d| matches!(d.unit, Unit::Meter));
    let (width, height) =
        gate.admit(width, height, stated.and_then(|d| Stated::per_metre(f64::from(d.xppu), f64::from(d.yppu))))?;
    if bits == BitDepth::One && reader.info().color_type == ColorType::Grayscale {
        gate.note("bilevel", "the image is black and white only: minutiae will be less reliable", None);
    }

    let (colour, depth) = reader.output_color_type();
    let interlaced = reader.info().interlaced;
    let deep = depth == BitDepth::Sixteen;
    let mut losses = Losses::default();
    if deep {
        losses.depth();
    }
    let line = reader.output_line_size(width as u32).ok_or_else(|| gate.malformed("its size overflows"))?;
    let mut pixels = Vec::with_capacity(width * height);
    let mut take = |row: &[u8], losses: &mut Losses| {
        if deep {
            let narrowed: Vec<u8> = row.chunks_exact(2).map(|b| narrow(u16::from_be_bytes([b[0], b[1]]))).collect();
            push_row(&narrowed, colour, losses, &mut pixels);
        } else {
            push_row(row, colour, losses, &mut pixels);
        }
    };
    if interlaced {
        // Interlaced passes touch every row several times: the whole image is needed at once (the gate bounds it).
        let size = reader.output_buffer_size().ok_or_else(|| gate.malformed("its size overflows"))?;
        let mut whole = vec![0; size];
        reader.next_frame(&mut whole).map_err(|e| failure(&e, gate))?;
        for row in whole.chunks_exact(line).take(height) {
            take(row, &mut losses);
        }
    } else {
        for _ in 0..height {
            let row = reader.next_row().map_err(|e| failure(&e, gate))?.ok_or_else(|| gate.truncated())?;
            take(row.data(), &mut losses);
        }
    }
    // The checksums stand after the pixels: only now does damage show that still made some picture.
    reader.finish().map_err(|e| failure(&e, gate))?;
    if pixels.len() != width * height {
        return Err(gate.malformed("rows of the wrong length"));
    }
    losses.tell(gate);
    Ok(pixels)
}

fn push_row(row: &[u8], colour: ColorType, losses: &mut Losses, out: &mut Vec<u8>) {
    match colour {
        ColorType::Grayscale => out.extend_from_slice(row),
        ColorType::GrayscaleAlpha => out.extend(row.chunks_exact(2).map(|p| losses.alpha(p[0], p[1]))),
        ColorType::Rgb => out.extend(row.chunks_exact(3).map(|p| losses.rgb([p[0], p[1], p[2]]))),
        ColorType::Rgba => out.extend(row.chunks_exact(4).map(|p| {
            let v = losses.rgb([p[0], p[1], p[2]]);
            losses.alpha(v, p[3])
        })),
        // EXPAND turns a palette into RGB; an index row would come out with the wrong length and be refused.
        ColorType::Indexed => {}
    }
}

fn failure(e: &DecodingError, gate: &Gate) -> ImageError {
    match e {
        DecodingError::IoError(io) if io.kind() == std::io::ErrorKind::UnexpectedEof => gate.truncated(),
        DecodingError::LimitsExceeded => gate.malformed("a part of it asks for too much memory"),
        DecodingError::Format(f) => gate.malformed(f.to_string()),
        DecodingError::IoError(_) | DecodingError::Parameter(_) => gate.malformed("it cannot be decoded"),
    }
}

/// The chunks (ISO/IEC 15948 clause 11) as an outline.
pub(super) fn outline(bytes: &[u8]) -> Vec<Outline> {
    const SIGNATURE: usize = 8;
    let mut found: Vec<Outline> = Vec::new();
    let mut at = SIGNATURE;
    while found.len() < MOST_NODES {
        let chunk = bytes.get(at..).and_then(<[u8]>::split_first_chunk::<8>);
        let Some((&[a, b, c, d, kind @ ..], rest)) = chunk else {
            found.push(damaged(at));
            break;
        };
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        let Some(body) = rest.get(..length) else {
            found.push(damaged(at));
            break;
        };
        match (&kind, body) {
            (b"IEND", _) => break,
            // All pixels are one stream.
            (b"IDAT", _) if found.last().is_some_and(|o| o.label == "IDAT") => {}
            _ => found.push(chunk_outline(kind, body).at(at)),
        }
        // A check value of four bytes follows.
        at = at.saturating_add(length).saturating_add(12);
    }
    found
}

fn chunk_outline(kind: [u8; 4], body: &[u8]) -> Outline {
    match (&kind, body) {
        (b"IHDR", &[w3, w2, w1, w0, h3, h2, h1, h0, bits, colour, _, _, interlace]) => {
            let (width, height) = (u32::from_be_bytes([w3, w2, w1, w0]), u32::from_be_bytes([h3, h2, h1, h0]));
            let colour = match colour {
                0 => "gray",
                2 => "RGB",
                3 => "palette",
                4 => "gray with alpha",
                6 => "RGB with alpha",
                _ => "unknown",
            };
            Outline::of("header")
                .with(Outline::leaf("size", format_args!("{width} x {height} pixels")))
                .with(Outline::leaf("depth", format_args!("{bits} bits")))
                .with(Outline::leaf("colour", colour))
                .with(Outline::leaf("interlaced", if interlace == 0 { "no" } else { "yes" }))
        }
        (b"pHYs", &[x3, x2, x1, x0, y3, y2, y1, y0, 1]) => {
            let per_metre = [[x3, x2, x1, x0], [y3, y2, y1, y0]].map(|v| f64::from(u32::from_be_bytes(v)));
            resolution("pHYs", (per_metre[0], per_metre[1]))
        }
        (b"tEXt", body) => {
            let end = body.iter().position(|b| *b == 0).unwrap_or(body.len());
            let (name, value) = body.split_at(end);
            text("tEXt", name).with(text("value", value.get(1..).unwrap_or_default()))
        }
        _ => Outline::of(String::from_utf8_lossy(&kind)),
    }
}
