//! PNG, through the `png` crate, row by row.

use std::io::Cursor;

use png::{BitDepth, ColorType, Decoder, DecodingError, Limits, Transformations, Unit};

use super::ImageError;
use super::admission::{Gate, Stated};
use super::luminance::{Losses, narrow};

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
