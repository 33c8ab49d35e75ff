//! Black and white rows as fax machines code them (ITU-T T.4 and T.6), in TIFF files and in records. The code tables are those of the
//! `fax` crate; lines are read here, since it does not take two-dimensional T.4.

use std::convert::Infallible;

use fax::maps::{Mode, black, mode, white};
use fax::{BitReader, ByteReader};

/// How rows are coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FaxCoding {
    /// Run lengths, each row from a byte boundary (TIFF 6.0 section 10).
    Huffman,
    /// T.4: rows of run lengths, each behind an end of line; in two dimensions, a bit behind it tells rows that are coded by the
    /// differences from the row above.
    Group3 {
        /// With that bit.
        two_dimensional: bool,
    },
    /// T.6: all rows by their differences from the row above.
    Group4,
}

/// Places where the colour changes, the first from white to black.
type Changes = Vec<usize>;

/// `rows` rows of `width` pixels as packed bits, 1 for black; `None` where the stored bytes do not hold them.
pub(super) fn expand(stored: &[u8], how: FaxCoding, width: usize, rows: usize) -> Option<Vec<u8>> {
    let row_bytes = width.div_ceil(8);
    let mut lines = Lines::new(stored, width)?;
    let mut out = Vec::with_capacity(rows.checked_mul(row_bytes)?);
    let mut above = Changes::new();
    for _ in 0..rows {
        above = match how {
            FaxCoding::Huffman => {
                let line = lines.runs()?;
                lines.skip_to_byte();
                line
            }
            FaxCoding::Group3 { two_dimensional } => {
                lines.end_of_line();
                if two_dimensional && lines.bit()? == 0 { lines.differences(&above)? } else { lines.runs()? }
            }
            // Behind the end of the block, white rows may have been left out.
            FaxCoding::Group4 if lines.at_end_of_block() => Changes::new(),
            FaxCoding::Group4 => lines.differences(&above)?,
        };
        push_row(&above, width, row_bytes, &mut out);
    }
    Some(out)
}

fn push_row(changes: &[usize], width: usize, row_bytes: usize, out: &mut Vec<u8>) {
    let start = out.len();
    out.resize(start + row_bytes, 0);
    let Some(row) = out.get_mut(start..) else { return };
    for run in changes.chunks(2) {
        // The last black run may go on to the edge.
        let end = run.get(1).copied().unwrap_or(width).min(width);
        for x in run[0].min(end)..end {
            if let Some(byte) = row.get_mut(x / 8) {
                *byte |= 0x80 >> (x % 8);
            }
        }
    }
}

type Source<'a> = std::iter::Map<
    std::iter::Chain<std::iter::Copied<std::slice::Iter<'a, u8>>, std::array::IntoIter<u8, 2>>,
    Infallibly,
>;
type Infallibly = fn(u8) -> Result<u8, Infallible>;

struct Lines<'a> {
    bits: ByteReader<Source<'a>>,
    width: usize,
}

impl<'a> Lines<'a> {
    fn new(stored: &'a [u8], width: usize) -> Option<Self> {
        // The tables look ahead further than the last code may reach; more zeros are no code.
        let source = stored.iter().copied().chain([0, 0]).map(Ok as Infallibly);
        Some(Self { bits: ByteReader::new(source).ok()?, width })
    }

    fn bit(&mut self) -> Option<u16> {
        let bit = self.bits.peek(1)?;
        self.bits.consume(1).ok()?;
        Some(bit)
    }

    fn skip_to_byte(&mut self) {
        let _ = self.bits.consume(self.bits.bits_to_byte_boundary());
    }

    /// Steps over an end of line, with any number of zeros before it, if there is one.
    fn end_of_line(&mut self) {
        // No code begins with so many zeros.
        if self.bits.peek(11) != Some(0) {
            return;
        }
        while self.bits.peek(1) == Some(0) {
            let _ = self.bits.consume(1);
        }
        let _ = self.bits.consume(1);
    }

    fn at_end_of_block(&self) -> bool {
        self.bits.peek(12) == Some(1)
    }

    /// A row of run lengths, white ones first (T.4 4.1).
    fn runs(&mut self) -> Option<Changes> {
        let mut changes = Changes::new();
        let (mut at, mut is_black) = (0, false);
        while at < self.width {
            at += self.run(is_black)?;
            changes.push(at);
            is_black = !is_black;
        }
        Some(changes)
    }

    fn run(&mut self, is_black: bool) -> Option<usize> {
        let mut run = 0;
        loop {
            let code = if is_black { black::decode(&mut self.bits) } else { white::decode(&mut self.bits) }?;
            run += usize::from(code);
            // Codes from 64 on are make-up codes: another follows.
            if code < 64 || run > self.width {
                return Some(run);
            }
        }
    }

    /// A row by its differences from the one above (T.4 4.2, T.6 2.2).
    fn differences(&mut self, above: &[usize]) -> Option<Changes> {
        let mut changes = Changes::new();
        // The colour is known up to here; nothing is before the first pixel.
        let (mut at, mut started, mut is_black) = (0, false, false);
        while at < self.width {
            // The first change above beyond here, to the other colour, and the one after it.
            let next = above
                .iter()
                .enumerate()
                .position(|(i, x)| (*x > at || !started && *x == 0) && (i % 2 == 1) == is_black);
            let change = |i: usize| next.and_then(|n| above.get(n + i)).copied().unwrap_or(self.width);
            match mode::decode(&mut self.bits)? {
                Mode::Pass => at = change(1),
                Mode::Vertical(by) => {
                    let to =
                        change(0).checked_add_signed(isize::from(by)).filter(|to| *to >= at && *to <= self.width)?;
                    changes.push(to);
                    (at, is_black) = (to, !is_black);
                }
                Mode::Horizontal => {
                    let first = at + self.run(is_black)?;
                    let second = first + self.run(!is_black)?;
                    changes.extend([first, second]);
                    at = second;
                }
                Mode::Extension | Mode::EOF => return None,
            }
            started = true;
        }
        Some(changes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn bytes(bits: &str) -> Vec<u8> {
        let bits: Vec<u8> = bits.bytes().filter(|b| *b != b' ').map(|b| b - b'0').collect();
        bits.chunks(8).map(|c| c.iter().enumerate().fold(0, |v, (i, b)| v | b << (7 - i))).collect()
    }

    fn group4(rows: &[u8], width: usize) -> Vec<u8> {
        let mut encoder = fax::encoder::Encoder::new(fax::VecWriter::new());
        for row in rows.chunks_exact(width.div_ceil(8)) {
            let black = |x: usize| row[x / 8] >> (7 - x % 8) & 1 == 1;
            let pels = (0..width).map(|x| if black(x) { fax::Color::Black } else { fax::Color::White });
            encoder.encode_line(pels, width as u16).unwrap();
        }
        encoder.finish().unwrap().finish()
    }

    #[test]
    fn rows_of_group_3_are_read_in_one_and_two_dimensions() {
        const END: &str = "000000000001";
        // Width 16: 4 white, 4 black, 8 white; then the same with the first change one to the right.
        let one = format!("{END} 1011 011 10011 {END} 1100 10 10011 {END}");
        let got = expand(&bytes(&one), FaxCoding::Group3 { two_dimensional: false }, 16, 2).unwrap();
        assert_eq!(got, [0x0f, 0x00, 0x07, 0x00]);
        // Vertical one to the right, vertical, vertical.
        let two = format!("{END} 1 1011 011 10011 {END} 0 011 1 1");
        let got = expand(&bytes(&two), FaxCoding::Group3 { two_dimensional: true }, 16, 2).unwrap();
        assert_eq!(got, [0x0f, 0x00, 0x07, 0x00]);
    }

    #[test]
    fn rows_left_out_behind_the_end_of_the_block_are_white_and_others_are_missed() {
        let end = bytes("1 000000000001 000000000001");
        assert_eq!(expand(&end, FaxCoding::Group4, 16, 3), Some(vec![0; 6]));
        assert_eq!(expand(&bytes("1"), FaxCoding::Group4, 16, 9), None);
        assert_eq!(expand(&[], FaxCoding::Huffman, 16, 1), None);
    }

    proptest! {
        #[test]
        fn what_group_4_codes_is_read(width in 1_usize..70, seed in vec(any::<u8>(), 1..90)) {
            let row_bytes = width.div_ceil(8);
            let mut rows: Vec<u8> = seed.into_iter().cycle().take(row_bytes * 5).collect();
            for row in rows.chunks_exact_mut(row_bytes) {
                row[row_bytes - 1] &= (0xff_u16 << (8 * row_bytes - width)) as u8;
            }
            prop_assert_eq!(expand(&group4(&rows, width), FaxCoding::Group4, width, 5), Some(rows));
        }

        #[test]
        fn any_bytes_are_read_or_refused(stored in vec(any::<u8>(), 0..300), width in 1_usize..300, two_dimensional: bool) {
            for how in [FaxCoding::Huffman, FaxCoding::Group3 { two_dimensional }, FaxCoding::Group4] {
                if let Some(out) = expand(&stored, how, width, 20) {
                    prop_assert_eq!(out.len(), width.div_ceil(8) * 20);
                }
            }
        }
    }
}
