//! A print of the first look as bytes, for files that hold many.
//!
//! ```text
//! offset  bytes  meaning (little-endian; cylinders that are not there are zero and come last)
//! 0       768    codes of the ridges around 24 minutiae, four words each (u64); all zero where nothing is known of ridges
//! 768     96     places, x and y of each (i16, quarters of a pixel, y upward)
//! 864     96     direction (u16, 65,536ths of a turn) and weight (u16, 2^17 over the square root of the set bits) of each
//! 960     1152   bits of their cylinders, six words each (u64)
//! ```
//!
//! There is no mark, version or checksum: the file around the prints has them, and [`PARAMETERS`] says in its header how the prints in
//! it were coded.

use super::{CODE_WORDS, LANES, MOST_ONES, PLACE, ScanPrint, TURN, WORDS, ones, weight};
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
    const LAYOUT: u32 = 4;
    let numbers = [
        LAYOUT,
        LANES as u32,
        WORDS as u32,
        CODE_WORDS as u32,
        crate::eye::DESCRIPTOR_CHECKSUM,
        SIDE as u32,
        SECTIONS as u32,
        PLACE.to_bits(),
        TURN.to_bits(),
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
    pub const BYTES: usize = LANES * (8 * CODE_WORDS + 4 + 4 + 8 * WORDS);

    /// Appends the print's [`Self::BYTES`] bytes.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.reserve(Self::BYTES);
        out.extend(self.codes.as_flattened().iter().flat_map(|v| v.to_le_bytes()));
        out.extend(self.places.as_flattened().iter().flat_map(|v| v.to_le_bytes()));
        out.extend(self.turns.as_flattened().iter().flat_map(|v| v.to_le_bytes()));
        out.extend(self.words.as_flattened().iter().flat_map(|v| v.to_le_bytes()));
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
        let (codes, rest) = bytes.split_at(CODE_WORDS * LANES * 8);
        let (places, rest) = rest.split_at(LANES * 4);
        let (turns, words) = rest.split_at(LANES * 4);
        let mut print = Self::empty();
        for (v, bytes) in print.codes.as_flattened_mut().iter_mut().zip(codes.as_chunks().0) {
            *v = u64::from_le_bytes(*bytes);
        }
        for (v, bytes) in print.words.as_flattened_mut().iter_mut().zip(words.as_chunks().0) {
            *v = u64::from_le_bytes(*bytes);
        }
        for (v, bytes) in print.places.as_flattened_mut().iter_mut().zip(places.as_chunks().0) {
            *v = i16::from_le_bytes(*bytes);
        }
        for (v, bytes) in print.turns.as_flattened_mut().iter_mut().zip(turns.as_chunks().0) {
            *v = u16::from_le_bytes(*bytes);
        }
        print.checked()
    }

    fn checked(self) -> Result<Self, ScanBytesError> {
        for lane in 0..LANES {
            if self.turns[lane][1] != WEIGHTS[ones(&self.words[lane])] {
                return Err(ScanBytesError::Value("weight"));
            }
        }
        let count = self.count();
        if !self.has_codes() && self.codes != [[0; CODE_WORDS]; LANES] {
            return Err(ScanBytesError::Value("code where the first minutia has none"));
        }
        let nothing = |lane: usize| {
            self.turns[lane] == [0; 2] && self.places[lane] == [0; 2] && self.codes[lane] == [0; CODE_WORDS]
        };
        if !(count..LANES).all(nothing) {
            return Err(ScanBytesError::Value("minutia beyond the last"));
        }
        Ok(self)
    }
}

/// Weights by the number of set bits.
const WEIGHTS: [u16; MOST_ONES + 1] = {
    let (mut weights, mut ones) = ([0; MOST_ONES + 1], 0);
    while ones <= MOST_ONES {
        weights[ones] = weight(ones);
        ones += 1;
    }
    weights
};

#[cfg(test)]
mod tests {
    use super::super::tests::{print, scattered};
    use super::*;
    use proptest::prelude::*;

    /// With codes too.
    fn coded(print: &ScanPrint) -> ScanPrint {
        let mut coded = print.clone();
        for lane in 0..print.count() {
            coded.codes[lane] = [lane as u64 + 1; CODE_WORDS];
        }
        coded
    }

    fn written(print: &ScanPrint) -> Vec<u8> {
        let mut out = Vec::new();
        print.write(&mut out);
        out
    }

    #[test]
    fn what_was_written_is_read() {
        for (seed, count) in [(1, 0), (2, 2), (3, 9), (4, 24), (5, 60)] {
            let print = print(scattered(seed, count));
            for print in [coded(&print), print] {
                let bytes = written(&print);
                assert_eq!(bytes.len(), ScanPrint::BYTES);
                assert_eq!(ScanPrint::read(&bytes), Ok(print));
            }
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
        let bytes = written(&print(scattered(1, 23)));
        let with = |at: usize, xor: u8| {
            let mut bytes = bytes.clone();
            bytes[at] ^= xor;
            ScanPrint::read(&bytes)
        };
        for wrong in [960, 866] {
            assert_eq!(with(wrong, 1), Err(ScanBytesError::Value("weight")));
        }
        // The last of the 24 places and directions, where there are twelve at most.
        for wrong in [860, 956] {
            assert_eq!(with(wrong, 1), Err(ScanBytesError::Value("minutia beyond the last")));
        }
        assert!(with(864, 1).is_ok());
        // A code somewhere, but none of the first minutia; a code of the last, where there are twelve.
        assert_eq!(with(40, 1), Err(ScanBytesError::Value("code where the first minutia has none")));
        let mut bytes = bytes.clone();
        (bytes[0], bytes[760]) = (1, 1);
        assert_eq!(ScanPrint::read(&bytes), Err(ScanBytesError::Value("minutia beyond the last")));
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
            let mut bytes = written(&coded(&print(scattered(seed, count))));
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
