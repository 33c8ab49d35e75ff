//! A print of the first look as bytes, for files that hold many.
//!
//! ```text
//! offset  bytes  meaning (little-endian; lanes beyond the count are zero)
//! 0       1152   bits of the cylinders: word 0 of each of 24 lanes, word 1, ... word 5 (u64)
//! 1152    48     set bits of each (u16, at most 384)
//! 1200    96     places x, then y (i16, quarters of a pixel)
//! 1296    96     cosines, then sines of the directions (i16, 1/16384)
//! 1392    2      how many lanes there are (u16, at most 24)
//! ```
//!
//! There is no mark, version or checksum: the file around the prints has them, and [`PARAMETERS`] says in its header how the prints in
//! it were coded.

use super::{DIRECTION, LANES, PLACE, ScanPrint, WORDS};
use crate::mcc::params::{MCC, SECTIONS, SIDE};

/// Why bytes are not a print of the first look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScanBytesError {
    /// Shorter or longer than [`ScanPrint::BYTES`].
    #[error("a print of the first look has {expected} bytes, not {0}: cut or mixed up; write the file again", expected = ScanPrint::BYTES)]
    Length(usize),
    /// A value that no print has.
    #[error("a print of the first look holds an impossible {0}: the file is damaged; write it again")]
    Value(&'static str),
}

/// Stands for the set of parameters that prints are coded with, and for the layout of their bytes: prints with another one cannot be
/// compared with those of this program, and are to be made anew from their templates.
pub const PARAMETERS: u32 = {
    /// To be raised with every change of the coding or of the layout that none of the numbers below shows.
    const LAYOUT: u32 = 1;
    let numbers = [
        LAYOUT,
        LANES as u32,
        WORDS as u32,
        SIDE as u32,
        SECTIONS as u32,
        PLACE.to_bits(),
        DIRECTION.to_bits(),
        MCC.max_minutiae as u32,
        MCC.radius.to_bits(),
        MCC.sigma_space.to_bits(),
        MCC.sigma_direction.to_bits(),
        MCC.cell_threshold.to_bits(),
        MCC.hull_margin.to_bits(),
        MCC.min_valid_cells.to_bits(),
        MCC.min_neighbours as u32,
    ];
    // FNV-1a, byte by byte.
    let (mut hash, mut at) = (0x811c_9dc5u32, 0);
    while at < 4 * numbers.len() {
        hash = (hash ^ (numbers[at / 4] >> (8 * (at % 4)) & 0xff)).wrapping_mul(0x0100_0193);
        at += 1;
    }
    hash
};

impl ScanPrint {
    /// Bytes of a print.
    pub const BYTES: usize = WORDS * LANES * 8 + 5 * LANES * 2 + 2;

    /// Appends the print's [`Self::BYTES`] bytes.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(Self::BYTES);
        out.extend(self.words.iter().flatten().flat_map(|word| word.to_le_bytes()));
        out.extend(self.ones.iter().flat_map(|v| v.to_le_bytes()));
        for row in [&self.x, &self.y, &self.cos, &self.sin] {
            out.extend(row.iter().flat_map(|v| v.to_le_bytes()));
        }
        out.extend(self.count.to_le_bytes());
    }

    /// Reads what [`Self::write`] wrote.
    ///
    /// # Errors
    /// [`ScanBytesError`] where there are not [`Self::BYTES`] of them, or they hold what no print does; no input panics. A place or a
    /// direction that is merely wrong is not noticed: that is what the checksum of the file is for.
    pub fn read(bytes: &[u8]) -> Result<Self, ScanBytesError> {
        if bytes.len() != Self::BYTES {
            return Err(ScanBytesError::Length(bytes.len()));
        }
        let (words, rest) = bytes.split_at(WORDS * LANES * 8);
        let mut print = Self::empty();
        let (words, _) = words.as_chunks::<8>();
        for (word, bytes) in print.words.as_flattened_mut().iter_mut().zip(words) {
            *word = u64::from_le_bytes(*bytes);
        }
        let (halves, _) = rest.as_chunks::<2>();
        for (v, bytes) in print.ones.iter_mut().zip(halves) {
            *v = u16::from_le_bytes(*bytes);
        }
        let rows = [&mut print.x, &mut print.y, &mut print.cos, &mut print.sin];
        for (row, halves) in rows.into_iter().zip(halves[LANES..].chunks_exact(LANES)) {
            for (v, bytes) in row.iter_mut().zip(halves) {
                *v = i16::from_le_bytes(*bytes);
            }
        }
        print.count = u16::from_le_bytes(halves[5 * LANES]);
        print.checked()
    }

    fn checked(self) -> Result<Self, ScanBytesError> {
        let count = usize::from(self.count);
        if count > LANES {
            return Err(ScanBytesError::Value("number of cylinders"));
        }
        let ones: [u32; LANES] =
            core::array::from_fn(|lane| self.words.iter().map(|word| word[lane].count_ones()).sum::<u32>());
        if ones != self.ones.map(u32::from) {
            return Err(ScanBytesError::Value("number of set bits"));
        }
        let rows = [&self.x, &self.y, &self.cos, &self.sin];
        if ones[count..].iter().any(|ones| *ones > 0) || rows.iter().any(|row| row[count..].iter().any(|v| *v != 0)) {
            return Err(ScanBytesError::Value("minutia beyond the last"));
        }
        for lane in 0..count {
            let (cos, sin) = (f32::from(self.cos[lane]) / DIRECTION, f32::from(self.sin[lane]) / DIRECTION);
            // Rounding to 1/16384 leaves far less.
            if (cos * cos + sin * sin - 1.0).abs() > 1e-3 {
                return Err(ScanBytesError::Value("direction"));
            }
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{print, scattered};
    use super::*;
    use proptest::prelude::*;

    fn written(print: &ScanPrint) -> Vec<u8> {
        let mut out = Vec::new();
        print.write(&mut out);
        out
    }

    #[test]
    fn what_was_written_is_read() {
        for (seed, count) in [(1, 0), (2, 2), (3, 9), (4, 24), (5, 60)] {
            let print = print(scattered(seed, count));
            let bytes = written(&print);
            assert_eq!(bytes.len(), ScanPrint::BYTES);
            assert_eq!(ScanPrint::read(&bytes), Ok(print));
        }
    }

    #[test]
    fn other_lengths_are_refused() {
        let bytes = written(&print(scattered(1, 40)));
        for bytes in [&[], &bytes[1..], &[&bytes[..], &[0]].concat()] {
            assert_eq!(ScanPrint::read(bytes), Err(ScanBytesError::Length(bytes.len())));
        }
    }

    #[test]
    fn impossible_values_are_named() {
        let bytes = written(&print(scattered(1, 12)));
        let with = |at: usize, xor: u8| {
            let mut bytes = bytes.clone();
            bytes[at] ^= xor;
            ScanPrint::read(&bytes)
        };
        assert_eq!(with(1392, 64), Err(ScanBytesError::Value("number of cylinders")));
        assert_eq!(with(1393, 1), Err(ScanBytesError::Value("number of cylinders")));
        assert_eq!(with(1152, 1), Err(ScanBytesError::Value("number of set bits")));
        assert_eq!(with(0, 1), Err(ScanBytesError::Value("number of set bits")));
        // The last of the 24 places.
        assert_eq!(with(1246, 1), Err(ScanBytesError::Value("minutia beyond the last")));
        assert_eq!(with(1297, 0x20), Err(ScanBytesError::Value("direction")));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..2 * ScanPrint::BYTES)) {
            prop_assert!(ScanPrint::read(&bytes).is_err());
        }

        #[test]
        fn what_is_read_of_damaged_bytes_is_written_the_same(
            seed in 0u64..50, count in 0usize..40, at in 0..ScanPrint::BYTES, byte in any::<u8>(),
        ) {
            let mut bytes = written(&print(scattered(seed, count)));
            bytes[at] = byte;
            if let Ok(read) = ScanPrint::read(&bytes) {
                prop_assert_eq!(written(&read), bytes);
                // And can be scanned.
                let mut score = [0];
                super::super::scan(&read, core::slice::from_ref(&read), &mut score);
            }
        }
    }
}
