//! Huffman codes and the bits between two markers, which WSQ and JPEG have in common (ITU-T T.81 annexes B, C, F and K;
//! IAFIS-IC-0110 annex C): canonical codes of up to 16 bits, and a zero byte after each byte of ones that is no marker.

/// The longest code, bits.
pub(super) const LONGEST: u32 = 16;
/// Codes of at most this many bits are found with one look.
const QUICK_BITS: u32 = 11;
/// A byte of ones among code words is followed by this, so that it is no marker.
const STUFFED: u8 = 0;

/// A Huffman table for reading.
#[derive(Clone)]
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

    /// All symbols, those of the shortest codes first.
    pub(super) fn symbols(&self) -> &[u8] {
        &self.symbols
    }

    /// Length and symbol of the code at the top of 16 bits; `None` where there is none.
    #[inline]
    fn find(&self, bits: u32) -> Option<(u32, u8)> {
        let (length, symbol) = *self.quick.get((bits >> (LONGEST - QUICK_BITS)) as usize)?;
        if length > 0 {
            return Some((u32::from(length), symbol));
        }
        self.find_long(bits)
    }

    fn find_long(&self, bits: u32) -> Option<(u32, u8)> {
        (QUICK_BITS + 1..=LONGEST).find_map(|length| {
            let (first, end, place) = self.lengths[length as usize - 1];
            let code = bits >> (LONGEST - length);
            let symbol = (first..end).contains(&code).then(|| self.symbols.get(place + (code - first) as usize));
            symbol.flatten().map(|symbol| (length, *symbol))
        })
    }
}

/// What the next bits are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// A code, with its symbol.
    Symbol(u8),
    /// Bits that no code begins with.
    Unknown,
    /// Too few bits for a code before the next marker or the end.
    Ended,
}

/// The bits from some place to the next marker.
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    /// The next byte to take in.
    at: usize,
    /// Bits taken in, the next one highest of the lowest `left`.
    held: u64,
    left: u32,
}

impl<'a> Bits<'a> {
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at, held: 0, left: 0 }
    }

    /// Where the marker is that ended the bits, once they ended.
    pub(super) fn end(&self) -> usize {
        self.at
    }

    /// Whether the bytes ended, and not the bits before a marker.
    pub(super) fn at_end_of_bytes(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// The next code.
    #[inline]
    pub(super) fn word(&mut self, table: &Table) -> Word {
        self.fill();
        if let Some(more) = self.left.checked_sub(LONGEST) {
            return match table.find((self.held >> more) as u32 & 0xffff) {
                Some((length, symbol)) => {
                    self.left -= length;
                    Word::Symbol(symbol)
                }
                None => Word::Unknown,
            };
        }
        self.last_word(table)
    }

    /// A code where fewer bits are left than the longest has.
    fn last_word(&mut self, table: &Table) -> Word {
        // Beyond the marker come ones, as the padding does; no code is all ones.
        let missing = LONGEST.saturating_sub(self.left);
        let top = self.held << missing | ((1 << missing) - 1);
        match table.find(top as u32 & 0xffff) {
            Some((length, symbol)) if length <= self.left => {
                self.left -= length;
                Word::Symbol(symbol)
            }
            _ => Word::Ended,
        }
    }

    /// A number of `bits` bits, at most 16; `None` where there are too few.
    #[inline]
    pub(super) fn number(&mut self, bits: u32) -> Option<u16> {
        self.fill();
        self.left = self.left.checked_sub(bits)?;
        // At most 16 bits.
        Some((self.held >> self.left & ((1 << bits) - 1)) as u16)
    }

    /// Drops what is left before the next marker, and steps over it if it is one of `restarts`.
    pub(super) fn restart(&mut self, restarts: std::ops::RangeInclusive<u8>) -> bool {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        // Any number of bytes of ones may stand before a marker.
        let fill = rest.iter().take_while(|b| **b == 0xff).count();
        let found = fill > 0 && rest.get(fill).is_some_and(|m| restarts.contains(m));
        if found {
            self.at += fill + 1;
            (self.held, self.left) = (0, 0);
        }
        found
    }

    /// Takes bytes in up to the next marker or the end.
    #[inline]
    fn fill(&mut self) {
        if self.left > 32 {
            return;
        }
        if let Some(next) = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk::<4>)
            && !next.contains(&0xff)
        {
            self.held = self.held << 32 | u64::from(u32::from_be_bytes(*next));
            self.left += 32;
            self.at += 4;
            return;
        }
        self.fill_slowly();
    }

    fn fill_slowly(&mut self) {
        while self.left <= 32 {
            let Some(&byte) = self.bytes.get(self.at) else { return };
            if byte == 0xff {
                if self.bytes.get(self.at + 1) != Some(&STUFFED) {
                    return;
                }
                self.at += 1;
            }
            self.at += 1;
            self.held = self.held << 8 | u64::from(byte);
            self.left += 8;
        }
    }
}

/// Codes for writing.
pub(super) struct Codes {
    /// The number of codes of each length.
    pub(super) counts: [u8; 16],
    /// The symbols, those of the shortest codes first.
    pub(super) symbols: Vec<u8>,
    /// Code and length of each symbol; length 0 where it has none.
    codes: [(u16, u8); 256],
}

impl Codes {
    /// The shortest codes for symbols that occur so often, none of them all ones (T.81 K.2).
    pub(super) fn for_counts(counts: &[u32; 256]) -> Self {
        // One more symbol of the lowest frequency takes the code of all ones.
        const RESERVED: usize = 256;
        /// Deeper than a tree of all counts that fit in an image.
        const DEEPEST: usize = 64;
        // Frequency, largest symbol and all symbols.
        let mut nodes: Vec<(u64, usize, Vec<usize>)> = counts
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0)
            .map(|(symbol, count)| (u64::from(*count), symbol, vec![symbol]))
            .collect();
        if nodes.is_empty() {
            // Readers expect a table with something in it.
            nodes.push((1, 1, vec![1]));
        }
        nodes.push((1, RESERVED, vec![RESERVED]));
        let mut sizes = [0_usize; RESERVED + 1];
        while nodes.len() > 1 {
            // The two rarest; of equals the one with the larger symbol, so that the reserved one gets the longest code.
            nodes.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
            let (Some((n, a, mut symbols)), Some((m, b, more))) = (nodes.pop(), nodes.pop()) else { break };
            symbols.extend(more);
            for symbol in &symbols {
                sizes[*symbol] = (sizes[*symbol] + 1).min(DEEPEST - 1);
            }
            nodes.push((n + m, a.max(b), symbols));
        }
        let mut lengths = [0_usize; DEEPEST];
        for size in sizes.into_iter().filter(|s| *s > 0) {
            lengths[size] += 1;
        }
        shorten(&mut lengths);
        if let Some(longest) = lengths.iter().rposition(|n| *n > 0) {
            lengths[longest] -= 1;
        }
        let mut symbols: Vec<u8> = (0..=255_u8).filter(|s| sizes[usize::from(*s)] > 0).collect();
        symbols.sort_by_key(|s| (sizes[usize::from(*s)], *s));
        let mut counts = [0_u8; 16];
        for (count, n) in counts.iter_mut().zip(&lengths[1..]) {
            // At most 256 symbols, of which no 256 have the same length beside the reserved one.
            *count = (*n).min(255) as u8;
        }
        let mut codes = [(0, 0); 256];
        let (mut code, mut rest) = (0_u32, symbols.iter());
        for (length, count) in (1_u8..).zip(counts) {
            for symbol in rest.by_ref().take(usize::from(count)) {
                codes[usize::from(*symbol)] = (code as u16, length);
                code += 1;
            }
            code <<= 1;
        }
        Self { counts, symbols, codes }
    }

    /// The table as its segment has it: sixteen counts and the symbols.
    pub(super) fn segment(&self) -> Vec<u8> {
        [&self.counts[..], &self.symbols].concat()
    }
}

/// Brings all code lengths to at most [`LONGEST`] (T.81 figure K.3): a pair of codes that is too long gives one of them to a
/// shorter code, which gets one bit more.
fn shorten(lengths: &mut [usize]) {
    for long in (LONGEST as usize + 1..lengths.len()).rev() {
        while lengths[long] > 1 {
            let Some(short) = (1..long - 1).rev().find(|l| lengths[*l] > 0) else { break };
            lengths[long] -= 2;
            lengths[long - 1] += 1;
            lengths[short + 1] += 2;
            lengths[short] -= 1;
        }
    }
}

/// Bits on their way into bytes.
#[derive(Default)]
pub(super) struct BitWriter {
    bytes: Vec<u8>,
    held: u64,
    have: u32,
}

impl BitWriter {
    /// The code of a symbol.
    pub(super) fn symbol(&mut self, codes: &Codes, symbol: u8) {
        let (code, length) = codes.codes[usize::from(symbol)];
        self.number(u32::from(code), u32::from(length));
    }

    /// The lowest `bits` bits of a number, at most 16.
    pub(super) fn number(&mut self, v: u32, bits: u32) {
        self.held = self.held << bits | u64::from(v) & ((1 << bits) - 1);
        self.have += bits;
        while self.have >= 8 {
            self.have -= 8;
            let byte = (self.held >> self.have) as u8;
            self.bytes.push(byte);
            if byte == 0xff {
                self.bytes.push(STUFFED);
            }
        }
    }

    /// Fills the last byte up with ones and gives all bytes away.
    pub(super) fn finish(&mut self) -> Vec<u8> {
        if self.have > 0 {
            let free = 8 - self.have;
            self.number((1 << free) - 1, free);
        }
        std::mem::take(&mut self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn counted(symbols: &[u8]) -> [u32; 256] {
        let mut counts = [0; 256];
        symbols.iter().for_each(|s| counts[usize::from(*s)] += 1);
        counts
    }

    fn comes_back(codes: &Codes, symbols: &[u8]) {
        let table = Table::new(&codes.counts, &codes.symbols).unwrap();
        let mut writer = BitWriter::default();
        symbols.iter().for_each(|s| writer.symbol(codes, *s));
        let bytes = writer.finish();
        let mut bits = Bits::new(&bytes, 0);
        for s in symbols {
            assert_eq!(bits.word(&table), Word::Symbol(*s));
        }
    }

    #[test]
    fn codes_of_very_unequal_frequency_stay_within_sixteen_bits() {
        let mut counts = [0_u32; 256];
        let (mut a, mut b) = (1, 1);
        for count in counts.iter_mut().take(40) {
            *count = a;
            (a, b) = (b, a + b);
        }
        let codes = Codes::for_counts(&counts);
        assert_eq!(codes.symbols.len(), 40);
        comes_back(&codes, &(0..40).collect::<Vec<_>>());
    }

    #[test]
    fn one_symbol_has_a_code_of_one_bit_and_none_has_some_table() {
        let codes = Codes::for_counts(&counted(&[7, 7]));
        assert_eq!((codes.counts[0], &codes.symbols[..]), (1, &[7][..]));
        assert_eq!(Codes::for_counts(&[0; 256]).symbols.len(), 1);
    }

    proptest! {
        #[test]
        fn what_is_coded_is_read(symbols in vec(any::<u8>(), 1..400)) {
            comes_back(&Codes::for_counts(&counted(&symbols)), &symbols);
        }
    }
}
