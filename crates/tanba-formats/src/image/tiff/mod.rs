//! TIFF as scanners write it: bilevel, gray and palette of 1 to 16 bits, RGB, in strips or tiles, uncompressed or LZW, deflate,
//! PackBits, JPEG or fax coded. The directory is read here rather than by a crate, because palette, WhiteIsZero, FillOrder, 12-bit and
//! missing byte counts all occur in scanner files and no crate takes all of them.

mod compression;
mod directory;
mod encode;
mod outline;

use super::admission::{Gate, Stated};
use super::luminance::{Losses, luma, narrow, scale};
use super::{ImageError, jpeg};
use compression::{Compression, expand};
use directory::{Directory, File, tag};
pub(super) use encode::encode;
pub(super) use outline::outline;

/// The most samples of one pixel.
const MAX_SAMPLES: u64 = 8;
/// A tile's longest side, pixels.
const MAX_TILE: u64 = 4096;

pub(super) fn gray(bytes: &[u8], gate: &mut Gate) -> Result<Vec<u8>, ImageError> {
    let file = File::new(bytes).ok_or_else(|| gate.truncated())?;
    let directories = file.directories();
    // Bit 0 of NewSubfileType marks a smaller copy (a thumbnail) of another image of the file.
    let full = |d: &&Directory<'_>| d.uint(tag::NEW_SUBFILE_TYPE).unwrap_or(0) & 1 == 0;
    let directory = directories.iter().find(full).or(directories.first()).ok_or_else(|| gate.truncated())?;
    if directories.iter().filter(full).count() > 1 {
        gate.note("further-images-ignored", "the file holds several images: the first is used", None);
    }
    let layout = Layout::read(directory, gate)?;
    let mut losses = Losses::default();
    let mut pixels = layout.pixels(file, gate, &mut losses)?;
    if layout.photometric == Photometric::WhiteIsZero {
        gate.note("white-is-zero", "the file stores white as zero: it was turned to black as zero", None);
    }
    if layout.bits == 1 && layout.samples == 1 {
        gate.note("bilevel", "the image is black and white only: minutiae will be less reliable", None);
    }
    losses.tell(gate);
    if let Some(orientation @ 2..=8) = directory.uint(tag::ORIENTATION) {
        gate.note("orientation-applied", "the file says that the image is turned: it was put upright", None);
        pixels = upright(&pixels, layout.width, layout.height, orientation);
        if orientation >= 5 {
            gate.turned();
        }
    }
    Ok(pixels)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Photometric {
    WhiteIsZero,
    BlackIsZero,
    Rgb,
    Palette,
    /// Luminance and two differences, inside JPEG only.
    YCbCr,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Alpha {
    None,
    /// The colour is already multiplied by it.
    Associated,
    Unassociated,
}

/// Everything of one image that its pixels need.
struct Layout {
    width: usize,
    height: usize,
    bits: u32,
    samples: usize,
    photometric: Photometric,
    alpha: Alpha,
    compression: Compression,
    reverse_bits: bool,
    predictor: bool,
    planar: bool,
    /// Gray of every palette index; empty otherwise.
    palette: Vec<u8>,
    palette_coloured: bool,
    /// What the JPEGs of all strips or tiles have in common.
    jpeg_tables: Vec<u8>,
    chunk_width: usize,
    chunk_height: usize,
    offsets: Vec<u64>,
    /// Stored bytes of each chunk; empty where the writer left them out (then a chunk runs to the next, or to the end).
    counts: Vec<u64>,
}

impl Layout {
    fn read(d: &Directory<'_>, gate: &mut Gate) -> Result<Self, ImageError> {
        let missing = |gate: &Gate, what: &str| gate.malformed(format!("its {what} is missing or cut off"));
        let width = d.uint(tag::IMAGE_WIDTH).ok_or_else(|| missing(gate, "width"))?;
        let height = d.uint(tag::IMAGE_LENGTH).ok_or_else(|| missing(gate, "height"))?;
        if width == 0 || height == 0 {
            return Err(gate.malformed("a side of zero"));
        }
        // A resolution that was cut off must not pass for one that was never stated.
        if d.cut_off(tag::X_RESOLUTION) || d.cut_off(tag::Y_RESOLUTION) {
            return Err(gate.truncated());
        }
        let (width, height) = gate.admit(width, height, resolution(d))?;

        let samples = d.uint(tag::SAMPLES_PER_PIXEL).unwrap_or(1);
        let bits = d.uints(tag::BITS_PER_SAMPLE).unwrap_or_else(|| vec![1]);
        if !(1..=MAX_SAMPLES).contains(&samples) || bits.is_empty() || bits.iter().any(|b| *b != bits[0]) {
            return Err(ImageError::Unsupported { what: "a TIFF with an uncommon number or mix of samples" });
        }
        let bits = match bits[0] {
            b @ 1..=16 => b as u32,
            _ => return Err(ImageError::Unsupported { what: "a TIFF with samples of more than 16 bits" }),
        };
        if d.uint(tag::SAMPLE_FORMAT).is_some_and(|f| f != 1 && f != 4) {
            return Err(ImageError::Unsupported { what: "a TIFF with signed or floating-point samples" });
        }
        let (photometric, colours) = match d.uint(tag::PHOTOMETRIC) {
            Some(0) => (Photometric::WhiteIsZero, 1),
            // Writers of gray images leave it out at times.
            Some(1) | None if samples < 3 || d.has(tag::PHOTOMETRIC) => (Photometric::BlackIsZero, 1),
            Some(2) | None => (Photometric::Rgb, 3),
            Some(3) => (Photometric::Palette, 1),
            Some(6) if d.uint(tag::COMPRESSION) == Some(7) => (Photometric::YCbCr, 3),
            Some(_) => return Err(ImageError::Unsupported { what: "a TIFF in a printing or video colour space" }),
        };
        if samples < colours {
            return Err(gate.malformed("fewer samples than its colours need"));
        }
        let alpha = match d.uint(tag::EXTRA_SAMPLES) {
            Some(1) if samples > colours => Alpha::Associated,
            Some(2) if samples > colours => Alpha::Unassociated,
            _ => Alpha::None,
        };
        let compression =
            Compression::from_code(d.uint(tag::COMPRESSION).unwrap_or(1), d.uint(tag::T4_OPTIONS).unwrap_or(0))
                .map_err(|what| ImageError::Unsupported { what })?;
        let fax = matches!(compression, Compression::Fax(_));
        if fax && (bits != 1 || samples != 1) {
            return Err(gate.malformed("fax coding of something not black and white"));
        }
        if compression == Compression::Jpeg {
            gate.admit_lossy_jpeg("a TIFF with JPEG inside, whose compression destroys ridge detail")?;
            if bits != 8 || d.uint(tag::PLANAR) == Some(2) && samples > 1 || photometric == Photometric::Palette {
                return Err(ImageError::Unsupported { what: "a TIFF with an uncommon JPEG inside" });
            }
        }
        let predictor = match d.uint(tag::PREDICTOR).unwrap_or(1) {
            1 => false,
            2 if bits == 8 || bits == 16 => true,
            _ => return Err(ImageError::Unsupported { what: "a TIFF with an uncommon predictor" }),
        };
        let (palette, palette_coloured) =
            if photometric == Photometric::Palette { read_palette(d, bits, gate)? } else { (Vec::new(), false) };

        let tiled = d.has(tag::TILE_OFFSETS);
        let (chunk_width, chunk_height) = if tiled {
            let side = |t| d.uint(t).filter(|v| (1..=MAX_TILE).contains(v)).ok_or_else(|| missing(gate, "tile size"));
            (side(tag::TILE_WIDTH)? as usize, side(tag::TILE_LENGTH)? as usize)
        } else {
            let rows = d.uint(tag::ROWS_PER_STRIP).unwrap_or(height as u64).clamp(1, height as u64);
            (width, rows as usize)
        };
        let (offsets_tag, counts_tag) = if tiled {
            (tag::TILE_OFFSETS, tag::TILE_BYTE_COUNTS)
        } else {
            (tag::STRIP_OFFSETS, tag::STRIP_BYTE_COUNTS)
        };
        let offsets = d.uints(offsets_tag).ok_or_else(|| missing(gate, "table of strips or tiles"))?;
        let counts = d.uints(counts_tag).unwrap_or_default();
        Ok(Self {
            width,
            height,
            bits,
            samples: samples as usize,
            photometric,
            alpha,
            compression,
            reverse_bits: d.uint(tag::FILL_ORDER) == Some(2),
            predictor,
            planar: d.uint(tag::PLANAR) == Some(2) && samples > 1,
            palette,
            palette_coloured,
            jpeg_tables: d.bytes(tag::JPEG_TABLES).unwrap_or_default().to_vec(),
            chunk_width,
            chunk_height,
            offsets,
            counts,
        })
    }

    fn pixels(&self, file: File<'_>, gate: &Gate, losses: &mut Losses) -> Result<Vec<u8>, ImageError> {
        if self.compression == Compression::Jpeg {
            return self.jpeg_pixels(file, gate, losses);
        }
        if self.bits > 8 && self.photometric != Photometric::Palette {
            losses.depth();
        }
        if self.palette_coloured {
            losses.rgb([255, 0, 0]);
        }
        let across = self.width.div_ceil(self.chunk_width);
        let per_plane = across * self.height.div_ceil(self.chunk_height);
        let mut out = vec![0_u8; self.width * self.height];
        // Separate planes are added up: the luma weights are linear.
        let planes = if !self.planar {
            1
        } else if self.photometric == Photometric::Rgb {
            3
        } else {
            1
        };
        let mut sums = if planes == 3 { vec![0_u32; out.len()] } else { Vec::new() };
        for plane in 0..planes {
            for index in 0..per_plane {
                let (left, top) = (index % across * self.chunk_width, index / across * self.chunk_height);
                let rows = self.chunk_height.min(self.height - top);
                let columns = self.chunk_width.min(self.width - left);
                let samples = if self.planar { 1 } else { self.samples };
                let row_bytes = (self.chunk_width * samples * self.bits as usize).div_ceil(8);
                let packed =
                    self.chunk(file, plane * per_plane + index, rows, row_bytes).ok_or_else(|| gate.truncated())?;
                let mut row = vec![0_u16; self.chunk_width * samples];
                for (y, line) in packed.chunks_exact(row_bytes).enumerate() {
                    unpack(line, self.bits, file.big_endian, &mut row);
                    if self.predictor {
                        undo_differences(&mut row, samples, self.bits);
                    }
                    let at = (top + y) * self.width + left;
                    if planes == 3 {
                        const WEIGHTS: [u32; 3] = [299, 587, 114];
                        for (sum, v) in sums[at..at + columns].iter_mut().zip(&row) {
                            *sum += WEIGHTS[plane] * u32::from(scale(*v, self.bits));
                        }
                    } else {
                        for (g, pixel) in out[at..at + columns].iter_mut().zip(row.chunks_exact(samples)) {
                            *g = self.pixel(pixel, losses);
                        }
                    }
                }
            }
        }
        for (g, sum) in out.iter_mut().zip(&sums) {
            // At most 255: the weights add up to 1000.
            *g = ((sum + 500) / 1000) as u8;
        }
        if planes == 3 {
            losses.rgb([255, 0, 0]);
        }
        Ok(out)
    }

    /// Strips or tiles that are JPEGs.
    fn jpeg_pixels(&self, file: File<'_>, gate: &Gate, losses: &mut Losses) -> Result<Vec<u8>, ImageError> {
        let across = self.width.div_ceil(self.chunk_width);
        let mut out = vec![0_u8; self.width * self.height];
        if self.samples >= 3 {
            losses.rgb([255, 0, 0]);
        }
        for index in 0..across * self.height.div_ceil(self.chunk_height) {
            let (left, top) = (index % across * self.chunk_width, index / across * self.chunk_height);
            let (columns, rows) = (self.chunk_width.min(self.width - left), self.chunk_height.min(self.height - top));
            let stored = self.stored(file, index).ok_or_else(|| gate.truncated())?;
            let rgb = self.photometric == Photometric::Rgb;
            // Blocks of a JPEG may go on beyond its strip.
            let most = (self.chunk_width.next_multiple_of(16), self.chunk_height.next_multiple_of(16));
            let strip = jpeg::strip(&self.jpeg_tables, stored, most, rgb);
            let (width, _, gray) = strip
                .filter(|(width, height, _)| *width >= columns && *height >= rows)
                .ok_or_else(|| gate.malformed("a JPEG in it cannot be decoded"))?;
            for (y, line) in gray.chunks_exact(width).take(rows).enumerate() {
                let at = (top + y) * self.width + left;
                out[at..at + columns].copy_from_slice(&line[..columns]);
            }
        }
        if self.photometric == Photometric::WhiteIsZero {
            out.iter_mut().for_each(|v| *v = 255 - *v);
        }
        Ok(out)
    }

    /// The bytes of a strip or tile.
    fn stored<'a>(&self, file: File<'a>, index: usize) -> Option<&'a [u8]> {
        let start = usize::try_from(*self.offsets.get(index)?).ok()?;
        let end = match self.counts.get(index) {
            Some(count) => start.saturating_add(usize::try_from(*count).ok()?),
            None => file.bytes.len(),
        };
        file.bytes.get(start..end.min(file.bytes.len()))
    }

    /// The packed samples of a strip or tile: `rows` rows (a tile at the lower edge stores more than are needed).
    fn chunk(&self, file: File<'_>, index: usize, rows: usize, row_bytes: usize) -> Option<Vec<u8>> {
        expand(self.stored(file, index)?, self.compression, self.reverse_bits, self.chunk_width, rows, row_bytes)
    }

    fn pixel(&self, samples: &[u16], losses: &mut Losses) -> u8 {
        let scaled = |i: usize| scale(samples[i], self.bits);
        let (v, colours) = match self.photometric {
            Photometric::BlackIsZero => (scaled(0), 1),
            Photometric::WhiteIsZero => (255 - scaled(0), 1),
            Photometric::Palette => (self.palette.get(usize::from(samples[0])).copied().unwrap_or(0), 1),
            Photometric::Rgb => (losses.rgb([scaled(0), scaled(1), scaled(2)]), 3),
            // Of JPEG the luminance is all that is read.
            Photometric::YCbCr => (scaled(0), 3),
        };
        match (self.alpha, samples.get(colours)) {
            (Alpha::Unassociated, Some(a)) => losses.alpha(v, scale(*a, self.bits)),
            (Alpha::Associated, Some(a)) => v.saturating_add(losses.alpha(0, scale(*a, self.bits))),
            _ => v,
        }
    }
}

fn resolution(d: &Directory<'_>) -> Option<Stated> {
    let x = d.rational(tag::X_RESOLUTION)?;
    let y = d.rational(tag::Y_RESOLUTION).unwrap_or(x);
    match d.uint(tag::RESOLUTION_UNIT).unwrap_or(2) {
        2 => Some(Stated { x, y }),
        3 => Some(Stated { x: x * 2.54, y: y * 2.54 }),
        // Unit 1 states only the shape of a pixel.
        _ => None,
    }
}

/// Gray of every index, and whether any colour is in it.
fn read_palette(d: &Directory<'_>, bits: u32, gate: &Gate) -> Result<(Vec<u8>, bool), ImageError> {
    let map = d.uints(tag::COLOR_MAP).ok_or_else(|| gate.malformed("its colour map is missing or cut off"))?;
    let n = 1_usize << bits;
    if map.len() < 3 * n {
        return Err(gate.malformed("its colour map is too short"));
    }
    // Some writers fill the 16-bit map with 8-bit values.
    let eight_bit = map.iter().all(|v| *v < 256);
    let entry = |i: usize| if eight_bit { map[i] as u8 } else { narrow(map[i].min(0xffff) as u16) };
    let colours: Vec<[u8; 3]> = (0..n).map(|i| [entry(i), entry(n + i), entry(2 * n + i)]).collect();
    let coloured = colours.iter().any(|[r, g, b]| r.max(g).max(b) - r.min(g).min(b) > 8);
    Ok((colours.into_iter().map(luma).collect(), coloured))
}

/// Packed samples, high bits first; 16-bit samples in the byte order of the file.
fn unpack(line: &[u8], bits: u32, big_endian: bool, out: &mut [u16]) {
    match bits {
        8 => out.iter_mut().zip(line).for_each(|(v, b)| *v = u16::from(*b)),
        16 => out.iter_mut().zip(line.chunks_exact(2)).for_each(|(v, b)| {
            *v = if big_endian { u16::from_be_bytes([b[0], b[1]]) } else { u16::from_le_bytes([b[0], b[1]]) };
        }),
        _ => {
            let mut bytes = line.iter();
            let (mut held, mut have) = (0_u32, 0);
            for v in out {
                while have < bits {
                    held = held << 8 | u32::from(bytes.next().copied().unwrap_or(0));
                    have += 8;
                }
                have -= bits;
                *v = (held >> have & ((1 << bits) - 1)) as u16;
            }
        }
    }
}

/// Horizontal differencing (TIFF 6.0 section 14).
fn undo_differences(row: &mut [u16], samples: usize, bits: u32) {
    let mask = if bits == 8 { 0xff } else { 0xffff };
    for i in samples..row.len() {
        row[i] = row[i].wrapping_add(row[i - samples]) & mask;
    }
}

/// Turns and mirrors the stored picture as its orientation tag (2 to 8) says.
fn upright(pixels: &[u8], width: usize, height: usize, orientation: u64) -> Vec<u8> {
    let (right, bottom) = (width - 1, height - 1);
    let (out_width, out_height) = if orientation >= 5 { (height, width) } else { (width, height) };
    let mut out = Vec::with_capacity(pixels.len());
    for y in 0..out_height {
        for x in 0..out_width {
            let (sx, sy) = match orientation {
                2 => (right - x, y),
                3 => (right - x, bottom - y),
                4 => (x, bottom - y),
                5 => (y, x),
                6 => (y, bottom - x),
                7 => (right - y, bottom - x),
                _ => (right - y, x),
            };
            out.push(pixels[sy * width + sx]);
        }
    }
    out
}
