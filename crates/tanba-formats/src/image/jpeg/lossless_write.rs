//! Writing JPEG without loss (T.81 annex H): the predictor that makes the file shortest, one Huffman table.

use super::lossless::predict;
use super::segments::{jfif, marker, segment};
use crate::Gray8;
use crate::image::EncodeError;
use crate::image::entropy::{BitWriter, Codes};

/// The lossless JPEG of a picture, with its resolution.
pub(crate) fn encode(image: &Gray8) -> Result<Vec<u8>, EncodeError> {
    let (width, height) = (image.width(), image.height());
    let samples: Vec<u16> = image.pixels().iter().map(|v| u16::from(*v)).collect();
    let sides = u16::try_from(width).ok().zip(u16::try_from(height).ok());
    let sides = sides.ok_or(EncodeError::Side { width, height, shortest: 1, longest: usize::from(u16::MAX) })?;
    let file = |predictor| {
        Coding { predictor, precision: 8, point: 0, rows_between: 0 }.file(sides, image.ppi().get(), &samples)
    };
    // Of equally short files the one with the lowest predictor.
    Ok((1..=7).map(file).min_by_key(Vec::len).unwrap_or_default())
}

/// What a lossless JPEG can be written with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Coding {
    pub(super) predictor: u8,
    /// Bits of a sample.
    pub(super) precision: u8,
    /// Bits that are shifted out.
    pub(super) point: u8,
    /// Rows between two restarts, or none where zero.
    pub(super) rows_between: u16,
}

impl Coding {
    pub(super) fn file(self, (width, height): (u16, u16), ppi: f64, samples: &[u16]) -> Vec<u8> {
        let differences = self.differences(usize::from(width), samples);
        let mut counts = [0_u32; 256];
        for d in &differences {
            counts[usize::from(size(*d))] += 1;
        }
        let codes = Codes::for_counts(&counts);
        let mut file = vec![0xff, marker::START];
        file.extend(jfif(ppi));
        let [[h1, h0], [w1, w0]] = [height.to_be_bytes(), width.to_be_bytes()];
        file.extend(segment(marker::LOSSLESS_FRAME, &[self.precision, h1, h0, w1, w0, 1, 1, 0x11, 0]));
        file.extend(segment(marker::CODES, &[&[0][..], &codes.segment()].concat()));
        if self.rows_between > 0 {
            // An interval that does not fit is never asked for.
            file.extend(segment(marker::RESTART_INTERVAL, &width.saturating_mul(self.rows_between).to_be_bytes()));
        }
        file.extend(segment(marker::SCAN, &[1, 1, 0, self.predictor, 0, self.point]));
        let mut restarts = (0..=7_u8).cycle();
        for (i, rows) in differences.chunks(self.samples_between(usize::from(width), samples.len())).enumerate() {
            if i > 0 {
                file.extend([0xff, 0xd0 | restarts.next().unwrap_or(0)]);
            }
            file.extend(words(rows, &codes));
        }
        file.extend([0xff, marker::END]);
        file
    }

    fn samples_between(self, width: usize, all: usize) -> usize {
        if self.rows_between > 0 { width * usize::from(self.rows_between) } else { all }.max(1)
    }

    /// What every sample differs by from its prediction, modulo 2^16.
    fn differences(self, width: usize, samples: &[u16]) -> Vec<u16> {
        let at = |i: usize| samples[i] >> self.point;
        let first = 1_u16 << (self.precision - self.point - 1);
        let between = self.samples_between(width, samples.len());
        (0..samples.len())
            .map(|i| {
                let (x, fresh) = (i % width, i % between < width);
                let predicted = match (x, fresh) {
                    (0, true) => first,
                    (0, false) => at(i - width),
                    (_, true) => at(i - 1),
                    _ => predict(self.predictor, at(i - 1), at(i - width), at(i - width - 1)),
                };
                at(i).wrapping_sub(predicted)
            })
            .collect()
    }
}

/// The bits of a difference (table H.2).
fn size(difference: u16) -> u8 {
    // A difference of half the range is its own negative, and has sixteen bits.
    (16 - (difference as i16).unsigned_abs().leading_zeros()) as u8
}

fn words(differences: &[u16], codes: &Codes) -> Vec<u8> {
    let mut bits = BitWriter::default();
    for d in differences {
        let size = size(*d);
        bits.symbol(codes, size);
        if (1..16).contains(&size) {
            // Of a negative number, one less: its highest bit is zero then (F.1.2.1.1).
            let negative = (*d as i16) < 0;
            bits.number(u32::from(d.wrapping_sub(u16::from(negative))), u32::from(size));
        }
    }
    bits.finish()
}
