//! Writing JPEG 2000 without loss: one tile and one layer, the reversible wavelet, blocks of 64 x 64, as a JP2 file with its
//! resolution. Plain, so that every reader takes it and the same picture always gives the same bytes.

use super::blocks::{Coded, Orientation, code};
use super::codestream::marker;
use super::packets::{Band, packet};
use super::wavelet::split;
use crate::Gray8;
use crate::image::EncodeError;

/// Splits of the picture, the usual number; small pictures get as many as they have something to split.
const LEVELS: u32 = 5;
/// Side of a code block, as a power of two.
const BLOCK: u32 = 6;
/// Bits that coefficients may have beyond their nominal range.
const GUARD_BITS: u8 = 2;
/// Bits of a sample.
const DEPTH: u8 = 8;
/// No side may be longer, so that all of a picture is one precinct.
const LONGEST_SIDE: usize = 1 << 15;

pub(crate) fn encode(image: &Gray8) -> Result<Vec<u8>, EncodeError> {
    let (width, height) = (image.width(), image.height());
    if width.max(height) > LONGEST_SIDE {
        return Err(EncodeError::Side { width, height, shortest: 1, longest: LONGEST_SIDE });
    }
    // Both fit in 16 bits.
    let (w, h) = (width as u32, height as u32);
    let stream = codestream(image.pixels(), width, height);
    let mut file = boxed(b"jP  ", b"\r\n\x87\n");
    file.extend(boxed(b"ftyp", b"jp2 \0\0\0\0jp2 "));
    let header = [h.to_be_bytes().as_slice(), &w.to_be_bytes(), &[0, 1, DEPTH - 1, 7, 0, 0]].concat();
    // An enumerated colour space: gray.
    let colour = [1, 0, 0, 0, 0, 0, 17];
    let resolution = boxed(b"res ", &boxed(b"resc", &per_metre(image.ppi().get())));
    file.extend(boxed(b"jp2h", &[boxed(b"ihdr", &header), boxed(b"colr", &colour), resolution].concat()));
    file.extend(boxed(b"jp2c", &stream));
    Ok(file)
}

fn boxed(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
    // Pictures of such sides give no box of 4 GiB.
    let length = (body.len() as u32).saturating_add(8);
    [&length.to_be_bytes(), kind.as_slice(), body].concat()
}

/// A resolution in pixels per metre, as fractions with an exponent of ten: of tenths of pixels in 2540 tenths of a millimetre.
fn per_metre(ppi: f64) -> [u8; 10] {
    // Saturating.
    let [n1, n0] = ((ppi * 10.0).round().max(1.0) as u16).to_be_bytes();
    let [d1, d0] = 2540_u16.to_be_bytes();
    [n1, n0, d1, d0, n1, n0, d1, d0, 4, 4]
}

fn codestream(pixels: &[u8], width: usize, height: usize) -> Vec<u8> {
    let mut plane: Vec<i32> = pixels.iter().map(|v| i32::from(*v) - 128).collect();
    // As many splits as there are until a side is one value long.
    let levels = LEVELS.min(width.max(height).ilog2());
    let mut sizes = vec![(width, height)];
    for level in 0..levels as usize {
        let (w, h) = sizes[level];
        split(&mut plane, width, w, h);
        sizes.push((w.div_ceil(2), h.div_ceil(2)));
    }

    // Packets: the lowest frequencies first, then the three bands of every level.
    let (w, h) = sizes[levels as usize];
    let band = |x, y, w, h, orientation| band(&plane, width, (x, y, w, h), orientation);
    let mut packets = packet(&[band(0, 0, w, h, Orientation::Low)]);
    for level in (0..levels as usize).rev() {
        let ((w, h), (low_w, low_h)) = (sizes[level], sizes[level + 1]);
        packets.extend(packet(&[
            band(low_w, 0, w - low_w, low_h, Orientation::Horizontal),
            band(0, low_h, low_w, h - low_h, Orientation::Vertical),
            band(low_w, low_h, w - low_w, h - low_h, Orientation::Diagonal),
        ]));
    }

    let [wide, high] = [width, height].map(|v| (v as u32).to_be_bytes());
    let zero = [0; 4];
    let mut out = marker::START.to_be_bytes().to_vec();
    let size = [&[0, 0], &wide[..], &high, &zero, &zero, &wide, &high, &zero, &zero, &[0, 1, DEPTH - 1, 1, 1]].concat();
    out.extend(segment(marker::SIZE, &size));
    // No markers in packets; layers before resolutions, one layer, no colour transform; then the blocks and the 5-3 wavelet.
    let block = (BLOCK - 2) as u8;
    out.extend(segment(marker::CODING, &[0, 0, 0, 1, 0, levels as u8, block, block, 0, 1]));
    let bands = std::iter::once(Orientation::Low).chain((0..levels).flat_map(|_| Orientation::OF_LEVEL));
    let exponents: Vec<u8> = bands.map(|o| exponent(o) << 3).collect();
    out.extend(segment(marker::QUANTISER, &[&[GUARD_BITS << 5][..], &exponents].concat()));
    let length = (packets.len() as u32).saturating_add(14).to_be_bytes();
    out.extend(segment(marker::TILE_PART, &[&[0, 0], &length[..], &[0, 1]].concat()));
    out.extend(marker::DATA.to_be_bytes());
    out.extend(packets);
    out.extend(marker::END.to_be_bytes());
    out
}

fn segment(marker: u16, body: &[u8]) -> Vec<u8> {
    // The headers above are short.
    [&marker.to_be_bytes()[..], &(body.len() as u16 + 2).to_be_bytes(), body].concat()
}

/// Bits of a band's coefficients: those of the samples and what the filters add (table E.1).
fn exponent(orientation: Orientation) -> u8 {
    DEPTH
        + match orientation {
            Orientation::Low => 0,
            Orientation::Horizontal | Orientation::Vertical => 1,
            Orientation::Diagonal => 2,
        }
}

/// The code blocks of a part of the plane.
fn band(plane: &[i32], stride: usize, (x, y, w, h): (usize, usize, usize, usize), orientation: Orientation) -> Band {
    let side = 1 << BLOCK;
    let (across, down) = (w.div_ceil(side), h.div_ceil(side));
    let mut blocks: Vec<Coded> = Vec::with_capacity(across * down);
    for top in (0..h).step_by(side) {
        for left in (0..w).step_by(side) {
            let (bw, bh) = (side.min(w - left), side.min(h - top));
            let rows = (y + top..y + top + bh).map(|row| &plane[row * stride + x + left..][..bw]);
            blocks.push(code(&rows.flatten().copied().collect::<Vec<_>>(), bw, orientation));
        }
    }
    // Of a band without area there are no blocks, whatever the other side.
    let across = if blocks.is_empty() { 0 } else { across };
    Band { across, planes: GUARD_BITS + exponent(orientation) - 1, blocks }
}
