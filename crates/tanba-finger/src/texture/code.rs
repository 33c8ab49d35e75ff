//! Ridge maps as few bytes: every readable sample is guessed from the eleven before it, and only the surprise is written.
//!
//! Context modelling as in JBIG (ITU-T T.82, 3 lines), with a binary range coder of the carry-less kind that keeps a 32-bit range
//! and 12-bit adaptive probabilities (Martin 1979; as used in many archivers). Ridges are so regular that a sample takes about a
//! quarter of a bit. Integer arithmetic only: the same bytes everywhere.

use super::ridge_map::{CELL, RidgeMap};

/// Samples that a guess rests on: three before it in the row, five above, three two rows above.
const CONTEXT: usize = 11;
/// Denominator of probabilities, as a power of two.
const BITS: u32 = 12;
/// How fast probabilities follow: each sample moves them by a sixteenth of the way.
const RATE: u32 = 4;
/// The range is renewed below this.
const RENEW: u32 = 1 << 24;
/// Largest side of a map, samples: 4,096 pixels at 500 ppi.
const SIDE_MAX: usize = 2048;

impl RidgeMap {
    /// Width, height (u16 each, little-endian), the readable cells (one bit each, row by row), then the coded samples.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend_from_slice(&(self.width as u16).to_le_bytes());
        out.extend_from_slice(&(self.height as u16).to_le_bytes());
        let (w, h) = self.cells();
        let mut cells = vec![0u8; (w * h).div_ceil(8)];
        for k in 0..w * h {
            if self.readable_at(k % w * CELL, k / w * CELL) {
                cells[k / 8] |= 1 << (k % 8);
            }
        }
        out.extend_from_slice(&cells);
        let mut writer = Writer { out, low: 0, range: u32::MAX, model: Model::new() };
        for y in 0..self.height {
            for x in 0..self.width {
                if self.readable_at(x, y) {
                    let bit = self.ridge_at(x, y);
                    writer.put(self.context(x, y), bit);
                }
            }
        }
        writer.finish()
    }

    /// Reads what [`Self::to_bytes`] wrote; `None` for anything that cannot have been. No more memory is asked for than a
    /// map of its own size takes, and that has at most 2,048 samples on a side.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let side = |at: usize| Some(usize::from(u16::from_le_bytes([*bytes.get(at)?, *bytes.get(at + 1)?])));
        let (width, height) = (side(0)?, side(2)?);
        if width > SIDE_MAX || height > SIDE_MAX {
            return None;
        }
        let mut map = Self::blank(width, height);
        let (w, h) = map.cells();
        let coded = bytes.get(4..)?;
        let (cells, coded) = coded.split_at_checked((w * h).div_ceil(8))?;
        for k in 0..w * h {
            if cells[k / 8] >> (k % 8) & 1 == 1 {
                map.set_cell(k % w, k / w);
            }
        }
        let mut reader = Reader { rest: coded, code: 0, range: u32::MAX, model: Model::new(), past: 0 };
        for _ in 0..4 {
            reader.code = reader.code << 8 | reader.next();
        }
        for y in 0..height {
            for x in 0..width {
                if map.readable_at(x, y) && reader.get(map.context(x, y)) {
                    map.set_ridge(x, y);
                }
            }
        }
        // The writer's last four bytes may lie beyond what was needed; more than that was cut off.
        (reader.past <= 4 && reader.rest.is_empty()).then_some(map)
    }

    /// The samples before this one, in the order of reading, as a number.
    #[inline(always)]
    fn context(&self, x: usize, y: usize) -> usize {
        // Five samples around x in the row above, three in the one before, three to the left.
        let near = |y: usize, back: usize, n: usize| -> usize {
            let mut bits = 0;
            for k in 0..n {
                let at = (x + k).wrapping_sub(back);
                bits = bits << 1 | usize::from(at < self.width && self.ridge_at(at, y));
            }
            bits
        };
        let above = if y >= 1 { near(y - 1, 2, 5) } else { 0 };
        let before = if y >= 2 { near(y - 2, 1, 3) } else { 0 };
        above << 6 | before << 3 | near(y, 3, 3)
    }
}

struct Model {
    /// Probability of a valley for each context, in 4,096ths.
    valley: Vec<u16>,
}

impl Model {
    fn new() -> Self {
        Self { valley: vec![1 << (BITS - 1); 1 << CONTEXT] }
    }

    /// Where the range is cut, and the probability moved after the fact.
    #[inline(always)]
    fn bound(&self, context: usize, range: u32) -> u32 {
        (range >> BITS) * u32::from(self.valley[context])
    }

    #[inline(always)]
    fn learn(&mut self, context: usize, ridge: bool) {
        let p = &mut self.valley[context];
        if ridge {
            *p -= *p >> RATE;
        } else {
            *p += ((1 << BITS) - *p) >> RATE;
        }
    }
}

struct Writer {
    out: Vec<u8>,
    low: u64,
    range: u32,
    model: Model,
}

impl Writer {
    fn put(&mut self, context: usize, ridge: bool) {
        let bound = self.model.bound(context, self.range);
        if ridge {
            self.low += u64::from(bound);
            self.range -= bound;
        } else {
            self.range = bound;
        }
        self.model.learn(context, ridge);
        if self.low > u64::from(u32::MAX) {
            self.carry();
        }
        while self.range < RENEW {
            self.out.push((self.low >> 24) as u8);
            self.low = (self.low << 8) & u64::from(u32::MAX);
            self.range <<= 8;
        }
    }

    /// Adds one to what was written.
    fn carry(&mut self) {
        self.low &= u64::from(u32::MAX);
        for byte in self.out.iter_mut().rev() {
            *byte = byte.wrapping_add(1);
            if *byte != 0 {
                break;
            }
        }
    }

    fn finish(mut self) -> Vec<u8> {
        self.out.extend_from_slice(&(self.low as u32).to_be_bytes());
        self.out
    }
}

struct Reader<'b> {
    rest: &'b [u8],
    code: u32,
    range: u32,
    model: Model,
    /// Bytes asked for beyond the end.
    past: usize,
}

impl Reader<'_> {
    fn next(&mut self) -> u32 {
        match self.rest.split_first() {
            Some((&byte, rest)) => {
                self.rest = rest;
                u32::from(byte)
            }
            None => {
                self.past += 1;
                0
            }
        }
    }

    fn get(&mut self, context: usize) -> bool {
        let bound = self.model.bound(context, self.range);
        let ridge = self.code >= bound;
        if ridge {
            self.code -= bound;
            self.range -= bound;
        } else {
            self.range = bound;
        }
        self.model.learn(context, ridge);
        while self.range < RENEW {
            self.code = self.code << 8 | self.next();
            self.range <<= 8;
        }
        ridge
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::{Mask, Plane};

    /// Rings around a point, readable in a disc.
    fn rings(width: usize, height: usize) -> RidgeMap {
        let (mut wave, mut mask) = (Plane::zeros(width, height), Mask::none(width, height));
        for k in 0..width * height {
            let (x, y) = ((k % width) as f32 - 140.0, (k / width) as f32 - 120.0);
            let r = x.hypot(y);
            wave.data[k] = (r * 0.7 + 0.3 * (x * 0.05).sin()).cos();
            mask.data[k] = r < 110.0;
        }
        RidgeMap::of(&wave, &mask)
    }

    #[test]
    fn a_map_survives_its_bytes_and_takes_few_of_them() {
        for (w, h) in [(300, 260), (301, 333), (64, 64), (17, 300)] {
            let map = rings(w, h);
            let bytes = map.to_bytes();
            assert_eq!(RidgeMap::from_bytes(&bytes).as_ref(), Some(&map), "{w} x {h}");
            if w == 300 {
                assert!(bytes.len() * 8 < map.area() / 2, "{} bytes for {} samples", bytes.len(), map.area());
            }
        }
    }

    #[test]
    fn cut_or_lengthened_bytes_are_refused() {
        let bytes = rings(300, 260).to_bytes();
        for n in [0, 3, 4, 100, bytes.len() - 8, bytes.len() / 2] {
            assert_eq!(RidgeMap::from_bytes(&bytes[..n]), None, "{n}");
        }
        let longer = [&bytes[..], &[0; 9]].concat();
        assert_eq!(RidgeMap::from_bytes(&longer), None);
        assert_eq!(RidgeMap::from_bytes(&[0xff; 4000]), None);
    }
}
