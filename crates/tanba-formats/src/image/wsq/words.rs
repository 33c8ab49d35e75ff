//! The code words of a WSQ file (A.5): runs of zeros and levels of coefficients, some followed by a number.

use super::segments::marker;
use crate::image::ImageError;
use crate::image::admission::Gate;
use crate::image::entropy::{BitWriter, Bits, Codes, Table, Word};

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

/// Code words up to the next marker.
pub(super) struct Words<'a> {
    bits: Bits<'a>,
    table: &'a Table,
}

impl<'a> Words<'a> {
    pub(super) fn new(bytes: &'a [u8], at: usize, table: &'a Table) -> Self {
        Self { bits: Bits::new(bytes, at), table }
    }

    /// Where the marker is that ended the code words.
    pub(super) fn end(&self) -> usize {
        self.bits.end()
    }

    /// The next code word, or `None` at a marker: the bits before it that make no whole word are padding.
    #[inline]
    pub(super) fn next(&mut self, gate: &Gate) -> Result<Option<Symbol>, ImageError> {
        loop {
            match self.bits.word(self.table) {
                Word::Symbol(symbol) => return self.symbol(symbol, gate).map(Some),
                Word::Unknown => return Err(gate.malformed("bits that are no code word")),
                // There the bits begin anew at a whole byte.
                Word::Ended if self.bits.restart(marker::RESTARTS) => {}
                Word::Ended if self.bits.at_end_of_bytes() => return Err(gate.truncated()),
                Word::Ended => return Ok(None),
            }
        }
    }

    #[inline]
    fn symbol(&mut self, symbol: u8, gate: &Gate) -> Result<Symbol, ImageError> {
        let mut number = |bits| self.bits.number(bits).ok_or_else(|| gate.truncated());
        Ok(match symbol {
            1..=LONGEST_PLAIN_RUN => Symbol::Zeros(u16::from(symbol)),
            POSITIVE_8 => Symbol::Coefficient(i32::from(number(8)?)),
            NEGATIVE_8 => Symbol::Coefficient(-i32::from(number(8)?)),
            POSITIVE_16 => Symbol::Coefficient(i32::from(number(16)?)),
            NEGATIVE_16 => Symbol::Coefficient(-i32::from(number(16)?)),
            ZEROS_8 => Symbol::Zeros(number(8)?),
            ZEROS_16 => Symbol::Zeros(number(16)?),
            107..=254 => Symbol::Coefficient(i32::from(symbol) - LEVEL_ZERO),
            0 | 255 => return Err(gate.malformed("a code word that says nothing")),
        })
    }
}

/// A symbol with the number that follows it and the number's bits.
pub(super) type Spelt = (u8, u16, u32);

/// Levels of coefficients as symbols.
pub(super) fn spell(levels: &[i16]) -> Vec<Spelt> {
    let mut spelt = Vec::with_capacity(levels.len() / 2);
    let mut zeros = 0_u16;
    for level in levels {
        if *level == 0 && zeros < u16::MAX {
            zeros += 1;
            continue;
        }
        spelt.extend(run(zeros));
        zeros = 0;
        match *level {
            0 => zeros = 1,
            // LEVEL_ZERO - 73 is the first symbol beyond the others, LEVEL_ZERO + 74 the last.
            v @ -73..=74 => spelt.push(((LEVEL_ZERO + i32::from(v)) as u8, 0, 0)),
            v @ 75..=255 => spelt.push((POSITIVE_8, v.unsigned_abs(), 8)),
            v @ -255..=-74 => spelt.push((NEGATIVE_8, v.unsigned_abs(), 8)),
            v @ 256.. => spelt.push((POSITIVE_16, v.unsigned_abs(), 16)),
            v => spelt.push((NEGATIVE_16, v.unsigned_abs(), 16)),
        }
    }
    spelt.extend(run(zeros));
    spelt
}

fn run(zeros: u16) -> Option<Spelt> {
    match zeros {
        0 => None,
        1..=100 => Some((zeros as u8, 0, 0)),
        101..=255 => Some((ZEROS_8, zeros, 8)),
        _ => Some((ZEROS_16, zeros, 16)),
    }
}

/// The bytes of code words.
pub(super) fn write(spelt: &[Spelt], codes: &Codes) -> Vec<u8> {
    let mut bits = BitWriter::default();
    for (symbol, number, size) in spelt {
        bits.symbol(codes, *symbol);
        bits.number(u32::from(*number), *size);
    }
    bits.finish()
}
