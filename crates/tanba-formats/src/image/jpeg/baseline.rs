//! Writing baseline JPEG (T.81 annexes A and F) of gray pictures, with Huffman tables of their own. A finger loses detail by it:
//! this is for pictures that people look at.

use super::segments::{jfif, marker, segment};
use crate::Gray8;
use crate::image::EncodeError;
use crate::image::entropy::{BitWriter, Codes};

/// The usual table for luminance at a quality of 50 (table K.1), row by row.
const STEPS: [u16; 64] = [
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51,
    87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101,
    72, 92, 95, 98, 112, 100, 103, 99,
];
/// cos(k pi / 16) for k from 0 to 8, written out so that every machine has the same.
const COSINES: [f32; 9] = [
    1.0,
    0.980_785_3,
    0.923_879_5,
    0.831_469_6,
    std::f32::consts::FRAC_1_SQRT_2,
    0.555_570_24,
    0.382_683_43,
    0.195_090_32,
    0.0,
];
/// A run of sixteen zeros, and the rest of a block of zeros.
const SIXTEEN_ZEROS: u8 = 0xf0;
const END_OF_BLOCK: u8 = 0;
/// Marker of the baseline frame.
const BASELINE_FRAME: u8 = 0xc0;
/// The class of tables for coefficients other than the first.
const OTHERS: u8 = 0x10;

/// A baseline JPEG at a quality from 1 to 100, as most programs count it.
pub(crate) fn encode(image: &Gray8, quality: u8) -> Result<Vec<u8>, EncodeError> {
    let (width, height) = (image.width(), image.height());
    let sides = u16::try_from(width).ok().zip(u16::try_from(height).ok());
    let (w, h) = sides.ok_or(EncodeError::Side { width, height, shortest: 1, longest: usize::from(u16::MAX) })?;
    let order = zigzag();
    let steps = steps(quality);
    let spelt = spell(&blocks(image, &steps, &order));
    let codes = [0, 1].map(|others| {
        let mut counts = [0_u32; 256];
        for s in spelt.iter().filter(|s| usize::from(s.other) == others) {
            counts[usize::from(s.symbol)] += 1;
        }
        Codes::for_counts(&counts)
    });

    let mut file = vec![0xff, marker::START];
    file.extend(jfif(image.ppi().get()));
    // At most 255 each.
    let table: Vec<u8> = std::iter::once(0).chain(order.iter().map(|at| steps[*at] as u8)).collect();
    file.extend(segment(marker::QUANTISER, &table));
    let [[h1, h0], [w1, w0]] = [h.to_be_bytes(), w.to_be_bytes()];
    file.extend(segment(BASELINE_FRAME, &[8, h1, h0, w1, w0, 1, 1, 0x11, 0]));
    file.extend(segment(marker::CODES, &[&[0][..], &codes[0].segment(), &[OTHERS], &codes[1].segment()].concat()));
    file.extend(segment(marker::SCAN, &[1, 1, 0, 0, 63, 0]));
    let mut bits = BitWriter::default();
    for s in &spelt {
        bits.symbol(&codes[usize::from(s.other)], s.symbol);
        bits.number(s.number, s.size);
    }
    file.extend(bits.finish());
    file.extend([0xff, marker::END]);
    Ok(file)
}

/// The steps of a quality, in the way of the Independent JPEG Group.
fn steps(quality: u8) -> [u16; 64] {
    let quality = u16::from(quality.clamp(1, 100));
    let percent = if quality < 50 { 5000 / quality } else { 200 - 2 * quality };
    STEPS.map(|v| ((u32::from(v) * u32::from(percent) + 50) / 100).clamp(1, 255) as u16)
}

/// Places of a block from low to high frequencies (figure A.6).
fn zigzag() -> [usize; 64] {
    let mut places: [usize; 64] = std::array::from_fn(|i| i);
    places.sort_by_key(|at| {
        let (x, y) = (at % 8, at / 8);
        // Along each diagonal, up and down in turn.
        (x + y, if (x + y) % 2 == 0 { x } else { y })
    });
    places
}

/// The coefficients of all blocks, row by row, each from low to high frequencies.
fn blocks(image: &Gray8, steps: &[u16; 64], order: &[usize; 64]) -> Vec<[i16; 64]> {
    let (width, height) = (image.width(), image.height());
    let mut blocks = Vec::with_capacity(width.div_ceil(8) * height.div_ceil(8));
    for top in (0..height).step_by(8) {
        for left in (0..width).step_by(8) {
            // The last row and column go on beyond the picture.
            let at = |i: usize| (top + i / 8).min(height - 1) * width + (left + i % 8).min(width - 1);
            let mut values: [f32; 64] = std::array::from_fn(|i| f32::from(image.pixels()[at(i)]) - 128.0);
            transform(&mut values);
            // Within 1024 in size, whatever the pixels.
            blocks.push(std::array::from_fn(|i| (values[order[i]] / f32::from(steps[order[i]])).round() as i16));
        }
    }
    blocks
}

/// The discrete cosine transform (A.3.3), along rows and then columns.
fn transform(values: &mut [f32; 64]) {
    for (start, step) in (0..8).map(|row| (row * 8, 1)).chain((0..8).map(|column| (column, 8))) {
        let line: [f32; 8] = std::array::from_fn(|i| values[start + i * step]);
        for u in 0..8 {
            let sum: f32 = (0..8).map(|i| line[i] * cosine((2 * i + 1) * u)).sum();
            let scale = if u == 0 { std::f32::consts::FRAC_1_SQRT_2 } else { 1.0 };
            values[start + u * step] = sum * scale / 2.0;
        }
    }
}

/// cos(k pi / 16).
fn cosine(k: usize) -> f32 {
    let k = k % 32;
    let k = if k > 16 { 32 - k } else { k };
    if k > 8 { -COSINES[16 - k] } else { COSINES[k] }
}

/// A symbol and the number behind it.
struct Spelt {
    /// Not the first coefficient of its block.
    other: bool,
    symbol: u8,
    number: u32,
    size: u32,
}

/// Coefficients as symbols (F.1.2).
fn spell(blocks: &[[i16; 64]]) -> Vec<Spelt> {
    let mut spelt = Vec::with_capacity(blocks.len() * 16);
    let mut push = |other, run: u8, v: i16| {
        let size = 16 - v.unsigned_abs().leading_zeros();
        // Of a negative number, one less: its highest bit is zero then.
        let number = i32::from(v) - i32::from(v < 0);
        spelt.push(Spelt { other, symbol: run << 4 | size as u8, number: number as u32, size });
    };
    let mut before = 0;
    for block in blocks {
        push(false, 0, block[0] - before);
        before = block[0];
        let last = block.iter().rposition(|v| *v != 0).unwrap_or(0);
        let mut run = 0;
        for v in block.iter().take(last + 1).skip(1) {
            if *v == 0 {
                run += 1;
                continue;
            }
            for _ in 0..run / 16 {
                push(true, SIXTEEN_ZEROS >> 4, 0);
            }
            push(true, run % 16, *v);
            run = 0;
        }
        if last < 63 {
            push(true, END_OF_BLOCK, 0);
        }
    }
    spelt
}
