//! The code words of a WSQ file (A.5, C): canonical Huffman codes of up to 16 bits, some followed by a number.

use crate::image::ImageError;
use crate::image::admission::Gate;

/// Codes of at most this many bits are found with one look.
const QUICK_BITS: u32 = 9;
const LONGEST: u32 = 16;
/// A byte of ones in the code words is followed by this, so that it is no marker.
const STUFFED: u8 = 0;
/// Markers that may stand among code words: there the bits begin anew at a whole byte.
const RESTARTS: std::ops::RangeInclusive<u8> = 0xb0..=0xb7;

/// Symbols (table A.1): up to here the number of zeros itself.
const LONGEST_PLAIN_RUN: u8 = 100;
const POSITIVE_8: u8 = 101;
const NEGATIVE_8: u8 = 102;
const POSITIVE_16: u8 = 103;
const NEGATIVE_16: u8 = 104;
const ZEROS_8: u8 = 105;
const ZEROS_16: u8 = 106;
/// From here up to 254 a small level, as its distance from this.
const LEVEL_ZERO: i32 = 180;

/// What a code word says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Symbol {
    /// So many coefficients are zero.
    Zeros(u16),
    /// The level of one coefficient.
    Coefficient(i32),
}

/// A Huffman table.
pub(super) struct Table {
    symbols: Vec<u8>,
    /// By the first bits: length and symbol of the code that they begin with, or length 0.
    quick: Vec<(u8, u8)>,
    /// By length less one: the first code of that length and the place of its symbol, and one beyond the last code.
    lengths: [(u32, u32, usize); LONGEST as usize],
}

impl Table {
    /// From the number of codes of each length; `None` where there are more than fit.
    pub(super) fn new(counts: &[u8; 16], symbols: &[u8]) -> Option<Self> {
        let mut quick = vec![(0, 0); 1 << QUICK_BITS];
        let mut lengths = [(0, 0, 0); LONGEST as usize];
        let (mut code, mut place) = (0_u32, 0);
        for (length, count) in (1_u32..).zip(counts) {
            let end = code + u32::from(*count);
            if end > 1 << length {
                return None;
            }
            lengths[length as usize - 1] = (code, end, place);
            if length <= QUICK_BITS {
                for (code, symbol) in (code..end).zip(symbols.get(place..)?) {
                    let free = QUICK_BITS - length;
                    quick[(code << free) as usize..((code + 1) << free) as usize].fill((length as u8, *symbol));
                }
            }
            place += usize::from(*count);
            code = end << 1;
        }
        (place == symbols.len()).then(|| Self { symbols: symbols.to_vec(), quick, lengths })
    }

    /// Length and symbol of the code at the top of 16 bits; `None` where there is none.
    fn find(&self, bits: u32) -> Option<(u32, u8)> {
        let (length, symbol) = self.quick[(bits >> (LONGEST - QUICK_BITS)) as usize];
        if length > 0 {
            return Some((u32::from(length), symbol));
        }
        (QUICK_BITS + 1..=LONGEST).find_map(|length| {
            let (first, end, place) = self.lengths[length as usize - 1];
            let code = bits >> (LONGEST - length);
            let symbol = (first..end).contains(&code).then(|| self.symbols.get(place + (code - first) as usize));
            symbol.flatten().map(|symbol| (length, *symbol))
        })
    }
}

/// Code words up to the next marker.
pub(super) struct Words<'a> {
    bytes: &'a [u8],
    /// The next byte to take in.
    at: usize,
    table: &'a Table,
    /// Bits taken in, the next one highest of the lowest `left`.
    bits: u64,
    left: u32,
}

impl<'a> Words<'a> {
    pub(super) fn new(bytes: &'a [u8], at: usize, table: &'a Table) -> Self {
        Self { bytes, at, table, bits: 0, left: 0 }
    }

    /// Where the marker is that ended the code words.
    pub(super) fn end(&self) -> usize {
        self.at
    }

    /// The next code word, or `None` at a marker: the bits before it that make no whole word are padding.
    pub(super) fn next(&mut self, gate: &Gate) -> Result<Option<Symbol>, ImageError> {
        loop {
            self.fill();
            // Beyond the marker come ones, as the padding does; no code is all ones.
            let missing = LONGEST.saturating_sub(self.left);
            let top = (self.bits << missing | ((1 << missing) - 1)) >> self.left.saturating_sub(LONGEST);
            let found = self.table.find(top as u32 & 0xffff);
            match found.filter(|(length, _)| *length <= self.left) {
                Some((length, symbol)) => {
                    self.left -= length;
                    return self.symbol(symbol, gate).map(Some);
                }
                None if self.left >= LONGEST => return Err(gate.malformed("bits that are no code word")),
                None if self.restarts() => {}
                None if self.at >= self.bytes.len() => return Err(gate.truncated()),
                None => return Ok(None),
            }
        }
    }

    /// Steps over a restart marker, and drops the padding before it.
    fn restarts(&mut self) -> bool {
        let found = matches!(self.bytes.get(self.at..self.at + 2), Some([0xff, m]) if RESTARTS.contains(m));
        if found {
            self.at += 2;
            (self.bits, self.left) = (0, 0);
        }
        found
    }

    fn symbol(&mut self, symbol: u8, gate: &Gate) -> Result<Symbol, ImageError> {
        Ok(match symbol {
            1..=LONGEST_PLAIN_RUN => Symbol::Zeros(u16::from(symbol)),
            POSITIVE_8 => Symbol::Coefficient(i32::from(self.number(8, gate)?)),
            NEGATIVE_8 => Symbol::Coefficient(-i32::from(self.number(8, gate)?)),
            POSITIVE_16 => Symbol::Coefficient(i32::from(self.number(16, gate)?)),
            NEGATIVE_16 => Symbol::Coefficient(-i32::from(self.number(16, gate)?)),
            ZEROS_8 => Symbol::Zeros(self.number(8, gate)?),
            ZEROS_16 => Symbol::Zeros(self.number(16, gate)?),
            107..=254 => Symbol::Coefficient(i32::from(symbol) - LEVEL_ZERO),
            0 | 255 => return Err(gate.malformed("a code word that says nothing")),
        })
    }

    fn number(&mut self, bits: u32, gate: &Gate) -> Result<u16, ImageError> {
        self.fill();
        self.left = self.left.checked_sub(bits).ok_or_else(|| gate.truncated())?;
        // At most 16 bits.
        Ok((self.bits >> self.left & ((1 << bits) - 1)) as u16)
    }

    /// Takes bytes in up to the next marker or the end.
    fn fill(&mut self) {
        while self.left <= 32 {
            let Some(&byte) = self.bytes.get(self.at) else { return };
            if byte == 0xff {
                if self.bytes.get(self.at + 1) != Some(&STUFFED) {
                    return;
                }
                self.at += 1;
            }
            self.at += 1;
            self.bits = self.bits << 8 | u64::from(byte);
            self.left += 8;
        }
    }
}
