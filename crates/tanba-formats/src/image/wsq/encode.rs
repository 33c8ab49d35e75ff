//! Writing WSQ: what the reference encoder of the specification does, so that a bit rate means the same as elsewhere.
//!
//! ```text
//! pixels -> about zero -> 64 subbands -> bin widths from their variances and the rate -> levels -> three blocks of code words
//! ```
//! The rate is a target for an ideal coder and not a promise: files of 0.75 bits per pixel are some fifteen times smaller than
//! their pixels. Logarithms and powers are those of `libm`, so that the bytes are the same on every machine.

use super::analysis::{HIGH, LOW, split_all};
use super::comments::nist_comment;
use super::segments::marker;
use super::subbands::{Rect, Subbands};
use super::words::{Spelt, spell, write};
use super::{BANDS_SENT, Comment};
use crate::Gray8;
use crate::image::EncodeError;
use crate::image::entropy::Codes;

/// Bands of the three blocks of code words (A.5), with the number of their Huffman table: the last two share one.
const BLOCKS: [(std::ops::Range<usize>, u8); 3] = [(0..19, 0), (19..52, 1), (52..60, 1)];
/// Where in a bin its value lies, in hundredths.
const BIN_CENTRE: u16 = 44;
/// Width of the bin around zero, by that of the others.
const ZERO_BIN: f64 = 1.2;
/// Bands with less variance than this are not sent.
const LEAST_VARIANCE: f64 = 1.01;
/// A sum of variances of the lowest four bands below which a picture is faint: then whole bands are measured, and not their middles.
const FAINT: f64 = 20_000.0;
/// Bins at least this many standard deviations wide cost no bits at all.
const NO_BITS: f64 = 5.0;
/// The finest bin: the largest coefficients, some 4096, still have a level that fits. Pictures with next to nothing in them would get
/// finer ones.
const FINEST_BIN: f64 = 0.25;
/// The widest bin: its zero bin still fits in the 16 bits of its decimal. Wider ones hold nothing.
const WIDEST_BIN: f64 = 50_000.0;
/// What levels are stored in.
const HIGHEST_LEVEL: f32 = 32_767.0;
/// The shortest side: five splits leave one value.
pub(super) const SHORTEST_SIDE: usize = 32;

pub(crate) fn encode(image: &Gray8, bits_per_pixel: f64, comments: &[Comment]) -> Result<Vec<u8>, EncodeError> {
    let (width, height) = (image.width(), image.height());
    let sides = u16::try_from(width).ok().zip(u16::try_from(height).ok());
    let Some((w, h)) = sides.filter(|_| width.min(height) >= SHORTEST_SIDE) else {
        return Err(EncodeError::Side { width, height, shortest: SHORTEST_SIDE, longest: usize::from(u16::MAX) });
    };
    let (mut plane, shift, scale) = about_zero(image.pixels());
    let subbands = Subbands::of(width, height);
    split_all(&mut plane, width, &subbands);
    let bins = bin_widths(&variances(&plane, width, &subbands), bits_per_pixel);

    let mut file = vec![0xff, marker::START];
    for comment in nist_comment(image, bits_per_pixel, comments) {
        segment(&mut file, marker::COMMENT, &comment)?;
    }
    segment(&mut file, marker::FILTERS, &filters())?;
    segment(&mut file, marker::QUANTISER, &quantiser(&bins))?;
    segment(&mut file, marker::FRAME, &frame(w, h, shift, scale))?;
    let blocks: Vec<Vec<Spelt>> = BLOCKS
        .iter()
        .map(|(bands, _)| spell(&levels(&plane, width, &subbands.bands[bands.clone()], &bins[bands.clone()])))
        .collect();
    let mut codes: Vec<Codes> = Vec::new();
    for ((_, table), block) in BLOCKS.iter().zip(&blocks) {
        if codes.len() == usize::from(*table) {
            let same = BLOCKS.iter().zip(&blocks).filter(|((_, t), _)| t == table);
            codes.push(Codes::for_counts(&counts(same.flat_map(|(_, block)| block))));
            let codes = &codes[usize::from(*table)];
            segment(&mut file, marker::CODES, &[&[*table][..], &codes.segment()].concat())?;
        }
        segment(&mut file, marker::BLOCK, &[*table])?;
        file.extend(write(block, &codes[usize::from(*table)]));
    }
    file.extend([0xff, marker::END]);
    Ok(file)
}

/// Values about zero and within -128 to 128, with the mean that was taken off and the factor that they were divided by.
fn about_zero(pixels: &[u8]) -> (Vec<f32>, f32, f32) {
    let sum: u64 = pixels.iter().map(|v| u64::from(*v)).sum();
    let mean = (sum as f64 / pixels.len() as f64) as f32;
    let (low, high) = pixels.iter().fold((255, 0), |(low, high), v| (v.min(&low).to_owned(), v.max(&high).to_owned()));
    let scale = (mean - f32::from(low)).max(f32::from(high) - mean) / 128.0;
    // A picture of one gray value has no scale.
    let scale = if scale > 0.0 { scale } else { 1.0 };
    (pixels.iter().map(|v| (f32::from(*v) - mean) / scale).collect(), mean, scale)
}

/// The variance of each band, of its middle unless the picture is faint.
fn variances(plane: &[f32], stride: usize, subbands: &Subbands) -> [f64; BANDS_SENT] {
    let mut found = [0.0; BANDS_SENT];
    for (v, band) in found.iter_mut().zip(&subbands.bands) {
        *v = variance(plane, stride, middle(*band));
    }
    if found[..4].iter().sum::<f64>() < FAINT {
        for (v, band) in found.iter_mut().zip(&subbands.bands) {
            *v = variance(plane, stride, *band);
        }
    }
    found
}

/// Where a finger is: three quarters of the width and seven sixteenths of the height.
fn middle(band: Rect) -> Rect {
    Rect {
        x: band.x + band.width / 8,
        y: band.y + 9 * band.height / 32,
        width: 3 * band.width / 4,
        height: 7 * band.height / 16,
    }
}

fn variance(plane: &[f32], stride: usize, rect: Rect) -> f64 {
    let rows = (rect.y..rect.y + rect.height).filter_map(|y| plane.get(y * stride + rect.x..)?.get(..rect.width));
    let (sum, squares) = rows.flatten().fold((0.0, 0.0), |(sum, squares), v| {
        let v = f64::from(*v);
        (sum + v, squares + v * v)
    });
    let n = rect.area() as f64;
    if n > 1.0 { (squares - sum * sum / n) / (n - 1.0) } else { 0.0 }
}

/// Bin widths of all bands at a rate (the specification's bit allocation): bands that would get no bits are left out of the sum
/// until all that are left get some.
fn bin_widths(variances: &[f64; BANDS_SENT], rate: f64) -> [f64; BANDS_SENT] {
    let relative: Vec<f64> = variances
        .iter()
        .enumerate()
        .map(|(band, v)| match band {
            _ if *v < LEAST_VARIANCE => 0.0,
            0..4 => 1.0,
            _ => 10.0 / (weight(band) * libm::log(*v)),
        })
        .collect();
    let sigma = |band: usize| variances[band].sqrt();
    let mut coded: Vec<usize> = (0..BANDS_SENT).filter(|band| relative[*band] > 0.0).collect();
    let mut q = 1.0;
    while !coded.is_empty() {
        let share: f64 = coded.iter().map(|band| size(*band)).sum();
        let spread: f64 = coded.iter().map(|band| size(*band) * libm::log(sigma(*band) / relative[*band])).sum();
        q = libm::exp2(rate / share - 1.0) / 2.5 / libm::exp(spread / share);
        let before = coded.len();
        coded.retain(|band| relative[*band] / q < NO_BITS * sigma(*band));
        if coded.len() == before {
            break;
        }
    }
    let mut bins = [0.0; BANDS_SENT];
    for (bin, relative) in bins.iter_mut().zip(relative).filter(|(_, relative)| *relative > 0.0) {
        *bin = (relative / q).clamp(FINEST_BIN, WIDEST_BIN);
    }
    bins
}

/// How much finer the bins of the highest bands are.
fn weight(band: usize) -> f64 {
    match band {
        52 | 56 => 1.32,
        53 | 55 | 58 | 59 => 1.08,
        54 | 57 => 1.42,
        _ => 1.0,
    }
}

/// A band's share of the values.
fn size(band: usize) -> f64 {
    match band {
        0..4 => 1.0 / 1024.0,
        4..51 => 1.0 / 256.0,
        _ => 1.0 / 16.0,
    }
}

fn levels(plane: &[f32], stride: usize, bands: &[Rect], bins: &[f64]) -> Vec<i16> {
    let mut levels = Vec::with_capacity(bands.iter().map(|b| b.area()).sum());
    for (band, bin) in bands.iter().zip(bins).filter(|(_, bin)| **bin > 0.0) {
        let (per_bin, zero) = (1.0 / *bin as f32, (ZERO_BIN * bin / 2.0) as f32);
        for y in band.y..band.y + band.height {
            let start = y * stride + band.x;
            levels.extend(plane[start..start + band.width].iter().map(|v| {
                let beyond = v.abs() - zero;
                if beyond <= 0.0 {
                    return 0;
                }
                // The cast cuts off, and the level fits.
                let level = (beyond * per_bin + 1.0).min(HIGHEST_LEVEL) as i16;
                if *v < 0.0 { -level } else { level }
            }));
        }
    }
    levels
}

fn counts<'a>(spelt: impl Iterator<Item = &'a Spelt>) -> [u32; 256] {
    let mut counts = [0_u32; 256];
    for (symbol, ..) in spelt {
        let count = &mut counts[usize::from(*symbol)];
        *count = count.saturating_add(1);
    }
    counts
}

/// A segment with its marker and length.
fn segment(file: &mut Vec<u8>, marker: u8, body: &[u8]) -> Result<(), EncodeError> {
    let length = u16::try_from(body.len() + 2).map_err(|_| EncodeError::Comment { most: usize::from(u16::MAX) - 2 })?;
    file.extend([0xff, marker]);
    file.extend(length.to_be_bytes());
    file.extend(body);
    Ok(())
}

fn filters() -> Vec<u8> {
    let mut body = vec![2 * LOW.len() as u8 - 1, 2 * HIGH.len() as u8 - 1];
    for tap in LOW.iter().chain(&HIGH) {
        let (exponent, size) = decimal(tap.abs(), u32::MAX);
        body.extend([u8::from(*tap < 0.0), exponent]);
        body.extend(size.to_be_bytes());
    }
    body
}

fn quantiser(bins: &[f64; BANDS_SENT]) -> Vec<u8> {
    let mut body = vec![2];
    body.extend(BIN_CENTRE.to_be_bytes());
    for bin in bins {
        body.extend(short_decimal(*bin));
        body.extend(short_decimal(ZERO_BIN * bin));
    }
    // The last four bands, which are never sent.
    body.resize(3 + 64 * 6, 0);
    body
}

fn frame(width: u16, height: u16, shift: f32, scale: f32) -> Vec<u8> {
    let mut body = vec![0, 255];
    body.extend(height.to_be_bytes());
    body.extend(width.to_be_bytes());
    body.extend(short_decimal(f64::from(shift)));
    body.extend(short_decimal(f64::from(scale)));
    // The numbers of the encoder and of the program are given with a certificate; the reference programs write zero too.
    body.extend([0, 0, 0]);
    body
}

/// An exponent of ten and a whole number of at most `most`, as many digits as fit.
fn decimal(v: f64, most: u32) -> (u8, u32) {
    /// Powers up to this one are exact, and smaller values do not occur.
    const MOST_DIGITS: u8 = 20;
    let (mut exponent, mut scaled) = (0, v);
    while exponent < MOST_DIGITS && v > 0.0 && (scaled * 10.0).round() <= f64::from(most) {
        scaled *= 10.0;
        exponent += 1;
    }
    (exponent, scaled.round() as u32)
}

fn short_decimal(v: f64) -> [u8; 3] {
    let (exponent, number) = decimal(v, u32::from(u16::MAX));
    // At most 16 bits.
    let [_, _, high, low] = number.to_be_bytes();
    [exponent, high, low]
}
