//! JPEG 2000 (ITU-T T.800): JP2 files and bare codestreams are read through the `hayro-jpeg2000` crate. Sizes, tiles and precincts
//! are looked at here before that crate sees the file, since it allocates for what a header asks for. Gray pictures are written
//! without loss, here, since no crate without foreign code writes the format.

mod blocks;
mod codestream;
mod encode;
mod file;
mod outline;
mod packets;
mod wavelet;

use hayro_jpeg2000::{ColorSpace, DecodeSettings, DecoderContext, Image};

use super::admission::{Gate, too_large};
use super::luminance::{Losses, over_white};
use super::{ImageError, MAX_PIXELS};
use codestream::Codestream;
pub(super) use encode::encode;
use file::{codestreams, stated, trimmed};
pub(super) use outline::outline;

/// Colours and opacity.
const MOST_COMPONENTS: usize = 4;
/// Bits of a sample that are read.
const MOST_BITS: u8 = 16;
/// The most samples of all components: a gray picture of the most pixels fits.
const MOST_SAMPLES: u64 = MAX_PIXELS as u64;
/// Samples that a byte can stand for: empty parts take next to nothing, but no scan is empty but for some dust.
const MOST_SAMPLES_OF_A_BYTE: u64 = 1 << 14;
/// What a picture may be cut into: the shortest side of a tile, pixels, and the most precincts of a component.
const SMALLEST_TILE: u32 = 64;
const MOST_PRECINCTS: u64 = 1 << 17;

pub(super) fn gray(bytes: &[u8], gate: &mut Gate) -> Result<Vec<u8>, ImageError> {
    let bytes = trimmed(bytes);
    let mut found = 0;
    for stored in codestreams(bytes) {
        let codestream = Codestream::read(stored).ok_or_else(|| gate.malformed("its headers cannot be read"))?;
        allowed(&codestream, stored.len() as u64, gate)?;
        found += 1;
    }
    if found == 0 {
        return Err(gate.truncated());
    }
    // Strict: a file that ends early is an error, and not a picture with a blurred half.
    let settings = DecodeSettings { resolve_palette_indices: true, strict: true, target_resolution: None };
    let image = Image::new(bytes, &settings).map_err(|_| gate.malformed("its headers cannot be read"))?;
    let (width, height) = gate.admit(u64::from(image.width()), u64::from(image.height()), stated(bytes))?;
    let colours = match image.color_space() {
        ColorSpace::Gray | ColorSpace::Icc { num_channels: 1, .. } => 1,
        ColorSpace::RGB | ColorSpace::Icc { num_channels: 3, .. } => 3,
        _ => return Err(ImageError::Unsupported { what: "a JPEG 2000 image in a printing or unknown colour space" }),
    };
    let has_alpha = image.has_alpha();
    let mut context = DecoderContext::default();
    let decoded = image.decode(&mut context).map_err(|_| gate.malformed("it cannot be decoded to its end"))?;

    let mut losses = Losses::default();
    let planes: Vec<Vec<u8>> = decoded
        .components()
        .iter()
        .map(|c| {
            if c.bit_depth() > 8 {
                losses.depth();
            }
            eight_bits(c.samples(), c.bit_depth())
        })
        .collect();
    if planes.len() < colours || planes.iter().any(|p| p.len() != width * height) {
        return Err(gate.malformed("components of the wrong size"));
    }
    let mut pixels: Vec<u8> = match &planes[..] {
        [r, g, b, ..] if colours == 3 => r.iter().zip(g).zip(b).map(|((r, g), b)| losses.rgb([*r, *g, *b])).collect(),
        [v, ..] => v.clone(),
        [] => Vec::new(),
    };
    if let Some(alpha) = planes.get(colours).filter(|_| has_alpha) {
        for (v, a) in pixels.iter_mut().zip(alpha) {
            losses.alpha(*v, *a);
            *v = over_white(*v, *a);
        }
    }
    losses.tell(gate);
    Ok(pixels)
}

/// Refuses what would ask for much more memory than its pixels.
fn allowed(c: &Codestream, bytes: u64, gate: &Gate) -> Result<(), ImageError> {
    Gate::size_allowed(u64::from(c.width), u64::from(c.height))?;
    if c.components.is_empty() || c.components.len() > MOST_COMPONENTS {
        return Err(ImageError::Unsupported { what: "a JPEG 2000 image with an uncommon number of components" });
    }
    if c.components.iter().any(|c| c.signed || c.bits > MOST_BITS) {
        return Err(ImageError::Unsupported { what: "a JPEG 2000 image with signed samples or more than 16 bits" });
    }
    // Both sides are within MAX_SIDE, and the components few.
    let samples = u64::from(c.width) * u64::from(c.height) * c.components.len() as u64;
    if samples > MOST_SAMPLES {
        return Err(too_large(u64::from(c.width), u64::from(c.height)));
    }
    if bytes.saturating_mul(MOST_SAMPLES_OF_A_BYTE) < samples {
        return Err(gate.truncated());
    }
    let (across, down) = c.tile;
    if across.min(c.width) < SMALLEST_TILE.min(c.width) || down.min(c.height) < SMALLEST_TILE.min(c.height) {
        return Err(gate.malformed("tiles that are too small"));
    }
    if c.precincts > MOST_PRECINCTS {
        return Err(gate.malformed("too many precincts"));
    }
    Ok(())
}

/// Samples of `bits` bits as bytes, rounded.
fn eight_bits(samples: &[f32], bits: u8) -> Vec<u8> {
    // Saturating casts: what is no number becomes 0.
    if bits == 8 {
        return samples.iter().map(|v| (v + 0.5) as u8).collect();
    }
    let factor = 255.0 / ((1_u32 << bits.min(31)) - 1) as f32;
    samples.iter().map(|v| (v * factor + 0.5) as u8).collect()
}

#[cfg(test)]
mod tests;
