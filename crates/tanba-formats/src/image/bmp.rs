//! Windows bitmaps: 1, 4, 8, 16, 24 and 32 bits, palettes, bit fields and run-length coding.

use super::admission::{Gate, Stated};
use super::luminance::{Losses, scale};
use super::outline::{damaged, resolution};
use super::{EncodeError, ImageError};
use crate::{Gray8, Outline};

/// Compression methods of the header (BITMAPINFOHEADER.biCompression).
const BI_RGB: u32 = 0;
const BI_RLE8: u32 = 1;
const BI_RLE4: u32 = 2;
const BI_BITFIELDS: u32 = 3;
const BI_ALPHABITFIELDS: u32 = 6;

/// Whether the bytes after "BM" look like a bitmap, so that a text that begins so is not taken for one.
pub(super) fn plausible(bytes: &[u8]) -> bool {
    matches!(u32_at(bytes, 14), Some(12 | 16..=124))
}

pub(super) fn gray(bytes: &[u8], gate: &mut Gate) -> Result<Vec<u8>, ImageError> {
    let header = Header::read(bytes, gate)?;
    let stated = header.per_metre.and_then(|(x, y)| Stated::per_metre(f64::from(x), f64::from(y)));
    let (width, height) = gate.admit(u64::from(header.width), u64::from(header.height), stated)?;
    let mut losses = Losses::default();
    let body = bytes.get(header.pixels_at..).ok_or_else(|| gate.truncated())?;

    let mut pixels = match header.compression {
        BI_RLE8 | BI_RLE4 => {
            let palette = header.palette(bytes, gate, &mut losses)?;
            run_lengths(body, width, height, header.compression == BI_RLE4, gate)?
                .into_iter()
                .map(|i| palette[usize::from(i)])
                .collect()
        }
        _ => {
            let row = Row::of(&header, bytes, gate, &mut losses)?;
            let stride = (width * usize::from(header.bits)).div_ceil(32) * 4;
            // Some writers leave the padding of the last row away.
            let least = stride * (height - 1) + (width * usize::from(header.bits)).div_ceil(8);
            if body.len() < least {
                return Err(gate.truncated());
            }
            let mut pixels = Vec::with_capacity(width * height);
            for y in 0..height {
                let end = (stride * (y + 1)).min(body.len());
                row.push(&body[stride * y..end], width, &mut losses, &mut pixels);
            }
            pixels
        }
    };
    if pixels.len() != width * height {
        return Err(gate.malformed("rows of the wrong length"));
    }
    if !header.top_down {
        let (mut low, mut high) = (0, height - 1);
        while low < high {
            let (a, b) = pixels.split_at_mut(high * width);
            a[low * width..(low + 1) * width].swap_with_slice(&mut b[..width]);
            low += 1;
            high -= 1;
        }
    }
    if header.bits == 1 {
        gate.note("bilevel", "the image is black and white only: minutiae will be less reliable", None);
    }
    losses.tell(gate);
    Ok(pixels)
}

/// The bitmap of a picture: eight bits with a gray palette, the bottom row first, with its resolution.
pub(super) fn encode(image: &Gray8) -> Result<Vec<u8>, EncodeError> {
    /// Bytes of both headers, and of the palette behind them.
    const HEADERS: u32 = 54;
    const PALETTE: u32 = 1024;
    let (width, height) = (image.width(), image.height());
    let stride = width.next_multiple_of(4);
    let sides = i32::try_from(width).ok().zip(i32::try_from(height).ok());
    let size = stride.checked_mul(height).and_then(|n| u32::try_from(n).ok()).filter(|n| *n < u32::MAX / 2);
    let Some(((w, h), size)) = sides.zip(size) else {
        return Err(EncodeError::Side { width, height, shortest: 1, longest: usize::from(u16::MAX) });
    };
    // Saturating.
    let per_metre = (image.ppi().get() / 0.0254).round() as u32;
    let mut file = b"BM".to_vec();
    for v in [HEADERS + PALETTE + size, 0, HEADERS + PALETTE, 40] {
        file.extend(v.to_le_bytes());
    }
    file.extend([w.to_le_bytes(), h.to_le_bytes()].as_flattened());
    file.extend([1_u16.to_le_bytes(), 8_u16.to_le_bytes()].as_flattened());
    for v in [BI_RGB, size, per_metre, per_metre, 256, 0] {
        file.extend(v.to_le_bytes());
    }
    file.extend((0..=255).flat_map(|v| [v, v, v, 0]));
    for row in image.pixels().chunks_exact(width).rev() {
        file.extend(row);
        file.resize(file.len() + stride - width, 0);
    }
    Ok(file)
}

/// The header as an outline.
pub(super) fn outline(bytes: &[u8]) -> Vec<Outline> {
    let Ok(header) = Header::read(bytes, &Gate::new(super::ImageFormat::Bmp, None)) else { return vec![damaged(0)] };
    let compression = match header.compression {
        BI_RGB => "none",
        BI_RLE8 | BI_RLE4 => "run lengths",
        _ => "bit fields",
    };
    let mut found = vec![
        Outline::leaf("size", format_args!("{} x {} pixels", header.width, header.height)),
        Outline::leaf("depth", format_args!("{} bits", header.bits)),
        Outline::leaf("compression", compression),
        Outline::leaf("first row", if header.top_down { "top" } else { "bottom" }),
    ];
    let per_metre = header.per_metre.map(|(x, y)| (f64::from(x), f64::from(y)));
    found.extend(per_metre.map(|per_metre| resolution("resolution", per_metre)));
    found
}

struct Header {
    width: u32,
    height: u32,
    top_down: bool,
    bits: u16,
    compression: u32,
    per_metre: Option<(u32, u32)>,
    pixels_at: usize,
    palette_at: usize,
    /// Bytes of one palette entry: 3 in the oldest header.
    palette_entry: usize,
    colours: u32,
    masks: Option<[u32; 3]>,
}

impl Header {
    fn read(bytes: &[u8], gate: &Gate) -> Result<Self, ImageError> {
        let short = |at| u16_at(bytes, at).ok_or_else(|| gate.truncated());
        let long = |at| u32_at(bytes, at).ok_or_else(|| gate.truncated());
        let pixels_at = long(10)? as usize;
        let size = long(14)?;
        if size == 12 {
            let (width, height, bits) = (u32::from(short(18)?), u32::from(short(20)?), short(24)?);
            let header = Self {
                width,
                height,
                top_down: false,
                bits,
                compression: BI_RGB,
                per_metre: None,
                pixels_at,
                palette_at: 26,
                palette_entry: 3,
                colours: 0,
                masks: None,
            };
            return header.checked(gate);
        }
        if size < 40 {
            return Err(gate.malformed("an unknown kind of header"));
        }
        // Two's complement: a negative height means that the first row is the top one.
        let (width, height) = (long(18)? as i32, long(22)? as i32);
        let compression = long(30)?;
        let has_masks = matches!(compression, BI_BITFIELDS | BI_ALPHABITFIELDS);
        let masks = if has_masks { Some([long(54)?, long(58)?, long(62)?]) } else { None };
        let masks_after_header = match (has_masks, size) {
            (true, 40) if compression == BI_ALPHABITFIELDS => 16,
            (true, 40) => 12,
            _ => 0,
        };
        let header = Self {
            width: u32::try_from(width).map_err(|_| gate.malformed("a negative width"))?,
            height: height.unsigned_abs(),
            top_down: height < 0,
            bits: short(28)?,
            compression,
            per_metre: Some((long(38)?, long(42)?)),
            pixels_at,
            palette_at: (size as usize).saturating_add(14 + masks_after_header),
            palette_entry: 4,
            colours: long(46)?,
            masks,
        };
        header.checked(gate)
    }

    fn checked(self, gate: &Gate) -> Result<Self, ImageError> {
        if self.width == 0 || self.height == 0 {
            return Err(gate.malformed("a side of zero"));
        }
        match (self.compression, self.bits) {
            (BI_RGB, 1 | 4 | 8 | 16 | 24 | 32) | (BI_RLE8, 8) | (BI_RLE4, 4) => Ok(self),
            (BI_BITFIELDS | BI_ALPHABITFIELDS, 16 | 32) => Ok(self),
            (4 | 5, _) => Err(ImageError::Unsupported { what: "a BMP with a JPEG or PNG inside" }),
            _ => Err(gate.malformed("a combination of depth and compression that does not exist")),
        }
    }

    /// Gray of every palette entry; entries that the file does not have are black.
    fn palette(&self, bytes: &[u8], gate: &Gate, losses: &mut Losses) -> Result<[u8; 256], ImageError> {
        let most = 1_usize << self.bits;
        let count = if self.colours == 0 { most } else { (self.colours as usize).min(most) };
        let entries = bytes
            .get(self.palette_at..self.palette_at.saturating_add(count * self.palette_entry))
            .ok_or_else(|| gate.truncated())?;
        let mut gray = [0; 256];
        for (g, e) in gray.iter_mut().zip(entries.chunks_exact(self.palette_entry)) {
            *g = losses.rgb([e[2], e[1], e[0]]);
        }
        Ok(gray)
    }
}

/// How one row's bytes become gray.
enum Row {
    Palette { gray: Box<[u8; 256]>, bits: usize },
    Bgr,
    Masked { bytes: usize, masks: [Mask; 3] },
}

impl Row {
    fn of(header: &Header, bytes: &[u8], gate: &Gate, losses: &mut Losses) -> Result<Self, ImageError> {
        let default_masks = match header.bits {
            16 => [0x7c00, 0x03e0, 0x001f],
            _ => [0x00ff_0000, 0x0000_ff00, 0x0000_00ff],
        };
        Ok(match header.bits {
            1 | 4 | 8 => {
                Self::Palette { gray: Box::new(header.palette(bytes, gate, losses)?), bits: usize::from(header.bits) }
            }
            24 => Self::Bgr,
            bits => Self::Masked {
                bytes: usize::from(bits / 8),
                masks: header.masks.unwrap_or(default_masks).map(Mask::new),
            },
        })
    }

    fn push(&self, row: &[u8], width: usize, losses: &mut Losses, out: &mut Vec<u8>) {
        match self {
            Self::Palette { gray, bits } => {
                let per_byte = 8 / bits;
                let mask = (1_u16 << bits) - 1;
                out.extend((0..width).map(|x| {
                    let shift = 8 - bits * (x % per_byte + 1);
                    gray[usize::from(u16::from(row[x / per_byte]) >> shift & mask)]
                }));
            }
            Self::Bgr => out.extend(row.chunks_exact(3).take(width).map(|p| losses.rgb([p[2], p[1], p[0]]))),
            Self::Masked { bytes, masks } => out.extend(row.chunks_exact(*bytes).take(width).map(|p| {
                let v = p.iter().rev().fold(0_u32, |v, b| v << 8 | u32::from(*b));
                losses.rgb(masks.map(|m| m.take(v)))
            })),
        }
    }
}

/// A bit field of a pixel.
#[derive(Clone, Copy)]
struct Mask {
    mask: u32,
    shift: u32,
    bits: u32,
}

impl Mask {
    fn new(mask: u32) -> Self {
        let shift = if mask == 0 { 0 } else { mask.trailing_zeros() };
        Self { mask, shift, bits: (32 - (mask >> shift).leading_zeros()).min(16) }
    }

    fn take(self, pixel: u32) -> u8 {
        if self.bits == 0 {
            return 0;
        }
        // Fields wider than 16 bits do not occur; `scale` clamps what is above.
        scale(((pixel & self.mask) >> self.shift).min(0xffff) as u16, self.bits)
    }
}

/// BI_RLE8 and BI_RLE4: palette indices, in file order (bottom row first). Pixels that are jumped over are index 0.
fn run_lengths(body: &[u8], width: usize, height: usize, nibbles: bool, gate: &Gate) -> Result<Vec<u8>, ImageError> {
    let mut out = vec![0_u8; width * height];
    let (mut x, mut y, mut at) = (0, 0, 0);
    let mut set = |x: usize, y: usize, v: u8| {
        if x < width && y < height {
            out[y * width + x] = v;
        }
    };
    loop {
        let [count, value] =
            *body.get(at..at + 2).and_then(|b| b.first_chunk::<2>()).ok_or_else(|| gate.truncated())?;
        at += 2;
        let index = |v: u8, i: usize| match (nibbles, i % 2) {
            (false, _) => v,
            (true, 0) => v >> 4,
            (true, _) => v & 15,
        };
        match (count, value) {
            (0, 0) => (x, y) = (0, y + 1),
            (0, 1) => break,
            (0, 2) => {
                let [dx, dy] =
                    *body.get(at..at + 2).and_then(|b| b.first_chunk::<2>()).ok_or_else(|| gate.truncated())?;
                (x, y, at) = (x + usize::from(dx), y + usize::from(dy), at + 2);
            }
            (0, n) => {
                let n = usize::from(n);
                let len = if nibbles { n.div_ceil(2) } else { n };
                let literal = body.get(at..at + len).ok_or_else(|| gate.truncated())?;
                for i in 0..n {
                    set(x + i, y, index(literal[if nibbles { i / 2 } else { i }], i));
                }
                // Literal runs are padded to 16 bits.
                (x, at) = (x + n, at + len + len % 2);
            }
            (n, v) => {
                for i in 0..usize::from(n) {
                    set(x + i, y, index(v, i));
                }
                x += usize::from(n);
            }
        }
        if y > height {
            return Err(gate.malformed("more rows than it states"));
        }
    }
    Ok(out)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|b| u16::from_le_bytes(*b))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|b| u32::from_le_bytes(*b))
}
