//! Netpbm: P1 to P6, text and binary, maxval up to 65535.

use super::ImageError;
use super::admission::Gate;
use super::luminance::Losses;
use super::outline::{MOST_NODES, damaged, text};
use crate::{Gray8, Outline};

pub(super) fn gray(bytes: &[u8], gate: &mut Gate) -> Result<Vec<u8>, ImageError> {
    let kind = bytes[1] - b'0';
    let mut text = Text { bytes, at: 2 };
    let width = text.number(gate)?;
    let height = text.number(gate)?;
    let bitmap = matches!(kind, 1 | 4);
    let maxval = if bitmap { 1 } else { text.number(gate)? };
    if width == 0 || height == 0 || !(1..=65535).contains(&maxval) {
        return Err(gate.malformed("a side or the largest value is out of range"));
    }
    let (width, height) = gate.admit(u64::from(width), u64::from(height), None)?;
    if bitmap {
        gate.note("bilevel", "the image is black and white only: minutiae will be less reliable", None);
    }
    let channels = if matches!(kind, 3 | 6) { 3 } else { 1 };
    let mut losses = Losses::default();
    if maxval > 255 {
        losses.depth();
    }
    // Exactly one blank separates the header from binary samples.
    let body = bytes.get(text.at + 1..).unwrap_or_default();
    let mut samples: Box<dyn FnMut() -> Result<u32, ImageError>> = match kind {
        1 => Box::new(|| text.bit(gate)),
        2 | 3 => Box::new(|| text.number(gate)),
        4 => return packed_bits(body, width, height, gate),
        _ => {
            let wide = maxval > 255;
            let needed = width * height * channels * if wide { 2 } else { 1 };
            let mut raw = body.get(..needed).ok_or_else(|| gate.truncated())?.iter().copied();
            Box::new(move || {
                let mut next = || u32::from(raw.next().unwrap_or(0));
                let high = if wide { next() << 8 } else { 0 };
                Ok(high | next())
            })
        }
    };
    let mut sample = || samples().map(|v| ((v.min(maxval) * 255 + maxval / 2) / maxval) as u8);
    let mut pixels = Vec::with_capacity(width * height);
    for _ in 0..width * height {
        pixels.push(if channels == 3 {
            losses.rgb([sample()?, sample()?, sample()?])
        } else if kind == 1 {
            // In a bitmap 1 is black.
            255 - sample()?
        } else {
            sample()?
        });
    }
    drop(samples);
    losses.tell(gate);
    Ok(pixels)
}

/// The binary graymap of a picture; the format has no place for a resolution.
pub(super) fn encode(image: &Gray8) -> Vec<u8> {
    [format!("P5\n{} {}\n255\n", image.width(), image.height()).as_bytes(), image.pixels()].concat()
}

/// The header as an outline, comments among it.
pub(super) fn outline(bytes: &[u8]) -> Vec<Outline> {
    let gate = Gate::new(super::ImageFormat::Pnm, None);
    let kind = bytes.get(1).copied().unwrap_or(0);
    let mut header = Text { bytes, at: 2 };
    let mut found = vec![text("kind", bytes.get(..2).unwrap_or_default())];
    let labels = if matches!(kind, b'1' | b'4') { &["width", "height"][..] } else { &["width", "height", "maxval"] };
    for label in labels {
        match header.number(&gate) {
            Ok(v) => found.push(Outline::leaf(*label, v)),
            Err(_) => {
                found.push(damaged(header.at));
                break;
            }
        }
    }
    let lines = bytes.get(2..header.at).unwrap_or_default().split(|b| matches!(b, b'\n' | b'\r'));
    let comment = |line: &[u8]| line.iter().position(|b| *b == b'#').map(|at| text("comment", &line[at + 1..]));
    found.extend(lines.filter_map(comment).take(MOST_NODES));
    found
}

fn packed_bits(body: &[u8], width: usize, height: usize, gate: &Gate) -> Result<Vec<u8>, ImageError> {
    let stride = width.div_ceil(8);
    let body = body.get(..stride * height).ok_or_else(|| gate.truncated())?;
    let white = |row: &[u8], x: usize| row[x / 8] >> (7 - x % 8) & 1 == 0;
    Ok(body.chunks_exact(stride).flat_map(|row| (0..width).map(move |x| if white(row, x) { 255 } else { 0 })).collect())
}

/// Numbers between blanks and `#` comments.
struct Text<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Text<'_> {
    fn skip_blanks(&mut self) {
        while let Some(b) = self.bytes.get(self.at) {
            match b {
                b'#' => {
                    let rest = &self.bytes[self.at..];
                    self.at += rest.iter().position(|b| matches!(b, b'\n' | b'\r')).unwrap_or(rest.len());
                }
                b if b.is_ascii_whitespace() => self.at += 1,
                _ => break,
            }
        }
    }

    fn number(&mut self, gate: &Gate) -> Result<u32, ImageError> {
        self.skip_blanks();
        let digits = self.bytes[self.at.min(self.bytes.len())..].iter().take_while(|b| b.is_ascii_digit()).count();
        if digits == 0 {
            return Err(if self.at >= self.bytes.len() {
                gate.truncated()
            } else {
                gate.malformed("a number is missing")
            });
        }
        let mut value = 0_u32;
        for d in &self.bytes[self.at..self.at + digits] {
            value = value.saturating_mul(10).saturating_add(u32::from(d - b'0'));
        }
        self.at += digits;
        Ok(value)
    }

    /// One digit 0 or 1; they need no blank between them.
    fn bit(&mut self, gate: &Gate) -> Result<u32, ImageError> {
        self.skip_blanks();
        let digit = self.bytes.get(self.at).ok_or_else(|| gate.truncated())?;
        self.at += 1;
        match digit {
            b'0' => Ok(0),
            b'1' => Ok(1),
            _ => Err(gate.malformed("a bitmap digit is neither 0 nor 1")),
        }
    }
}
