//! The inner loops of [`super::scan`], written once for registers of 64 bytes and compiled for each instruction set.
//!
//! The probe stays in registers while the gallery goes by: in [`ScanProbe`] 64-bit lane `q` of register `r` holds one word of cylinder
//! `2 q`, `16 + q` or `2 q + 1` (r = 0, 1, 2). Counts below 2^16 from the three registers then share one register, 16 bits each, in which
//! everything else is done for 24 cylinders at once; and as each cylinder of the *print* in turn is held against those 24, the best one
//! of each needs no search across lanes. All numbers are whole: no instruction set rounds differently.

use super::registers::{Machine, Plain};
#[cfg(target_arch = "x86_64")]
use super::x86::{Avx2, Avx512};
use super::{CODE_WORDS, FEWEST, Instructions, ScanPrint, ScanProbe, WORDS};

/// Squared tolerance of a place seen from another minutia, squares of a quarter pixel (8 pixels; science: MCC takes 5) ...
const TOLERANCE: u32 = 1024;
/// ... and its growth with the squared distance, 1/128: skin stretches. (Own. On the five given real sets 1/32 misses 3.4 % of the mates at
/// 1 % penetration, 1/64 to 1/512 between 2.8 and 3.2 %.)
const STRETCH_SHIFT: u32 = 7;
/// Most by which the turns of two pairs from one print to the other may differ, 65,536ths of a turn: 20 degrees.
const MOST_TURN: u32 = 3640;
/// Bits of 256 by which two codes must differ less than codes of different minutiae do (mean 128): what is left of them is how alike they are.
/// (Chosen on synthetic prints: 77 to 96 lose the same mates within what can be told.)
const UNLIKE: u16 = 90;
/// A bit counts so much that codes come to about as much as cylinders, where both kinds lie in one gallery. 4 times 90 is the most that 120 pairs
/// of pairs may have in 25 bits.
const BIT: u16 = 4;
/// Of a score: it is one by codes.
const BY_CODES: u32 = 1;
/// Scores of one finger come to some hundred millions.
const SCORE_SHIFT: u32 = 7;

/// Work that is compiled for each instruction set.
pub(super) trait Work {
    type Output;
    fn on<M: Machine>(self, machine: M) -> Self::Output;
}

#[cfg(target_arch = "x86_64")]
struct On<M, W>(M, W);

#[cfg(target_arch = "x86_64")]
impl<M: Machine, W: Work> pulp::NullaryFnOnce for On<M, W> {
    type Output = W::Output;

    #[inline(always)]
    fn call(self) -> W::Output {
        self.1.on(self.0)
    }
}

/// Does the work with these instructions; `None` where this machine has them not.
pub(super) fn dispatch<W: Work>(with: Instructions, work: W) -> Option<W::Output> {
    match with {
        Instructions::Plain => Some(work.on(Plain)),
        #[cfg(target_arch = "x86_64")]
        Instructions::Avx2 => Avx2::try_new().map(|machine| machine.vectorize(On(machine, work))),
        #[cfg(target_arch = "x86_64")]
        Instructions::Avx512 => Avx512::try_new().map(|machine| machine.vectorize(On(machine, work))),
        #[cfg(not(target_arch = "x86_64"))]
        Instructions::Avx2 | Instructions::Avx512 => None,
    }
}

/// Scores a probe against prints.
pub(super) struct Scan<'a> {
    pub(super) probe: &'a ScanProbe,
    pub(super) gallery: &'a [ScanPrint],
    pub(super) scores: &'a mut [u32],
}

impl Work for Scan<'_> {
    type Output = ();

    #[inline(always)]
    fn on<M: Machine>(self, m: M) {
        let held = Held::of(m, self.probe);
        for (print, score) in self.gallery.iter().zip(self.scores) {
            let count = print.count();
            *score = if self.probe.count < FEWEST || count < FEWEST {
                0
            } else {
                let codes = self.probe.has_codes && print.has_codes();
                let best = if codes { held.best_codes(m, print, count) } else { held.best(m, print, count) };
                held.agreement(m, print, strongest(m, best)) | if codes { BY_CODES } else { 0 }
            };
        }
    }
}

/// The similarity matrix alone, for measurements.
pub(super) struct Matrix<'a> {
    pub(super) probe: &'a ScanProbe,
    pub(super) gallery: &'a [ScanPrint],
    pub(super) repeats: usize,
}

impl Work for Matrix<'_> {
    type Output = u32;

    #[inline(always)]
    fn on<M: Machine>(self, m: M) -> u32 {
        let held = Held::of(m, self.probe);
        let mut sum = m.splat32(0);
        for _ in 0..self.repeats {
            for print in self.gallery {
                sum = m.add32(sum, held.best(m, print, print.count()));
            }
        }
        m.sum32(sum)
    }
}

/// Bit counts alone, for measurements: what no kernel can be faster than.
pub(super) struct Roof<'a> {
    pub(super) probe: &'a ScanProbe,
    pub(super) words: &'a [u64],
    pub(super) repeats: usize,
}

impl Work for Roof<'_> {
    type Output = u32;

    #[inline(always)]
    fn on<M: Machine>(self, m: M) -> u32 {
        let held = Held::of(m, self.probe);
        let mut sums = [m.splat32(0); 3];
        for _ in 0..self.repeats {
            for words in self.words.as_chunks::<WORDS>().0 {
                let counts = held.counts(m, words);
                for r in 0..3 {
                    sums[r] = m.add32(sums[r], m.counted(counts[r]));
                }
            }
        }
        m.sum32(m.add32(sums[0], m.add32(sums[1], sums[2])))
    }
}

/// The probe in registers.
struct Held<M: Machine> {
    words: [[M::Register; WORDS]; 3],
    codes: [[M::Register; CODE_WORDS]; 3],
    weights: M::Register,
    directions: M::Register,
    places: M::Table,
    turns: M::Table,
}

impl<M: Machine> Held<M> {
    #[inline(always)]
    fn of(m: M, probe: &ScanProbe) -> Self {
        Self {
            words: loaded(m, &probe.words),
            codes: loaded(m, &probe.codes),
            weights: m.load(&pulp::cast(probe.weights)),
            directions: m.load(&pulp::cast(probe.directions)),
            places: m.table(&pulp::cast(probe.places)),
            turns: m.table(&probe.turns),
        }
    }

    /// Bits that one cylinder has in common with each of the probe.
    #[inline(always)]
    fn counts(&self, m: M, words: &[u64; WORDS]) -> [M::Counts; 3] {
        counts(m, words, &self.words, |a, b| m.and(a, b))
    }

    /// For each minutia of the probe the most similar one of the print, 16 bits: similarity (up to 360 of 2^11), who (5). By cylinders.
    #[inline(always)]
    fn best(&self, m: M, print: &ScanPrint, count: usize) -> M::Register {
        let mut best = m.splat32(0);
        let similarity = m.splat16(!31);
        let (mut number, one) = (m.splat32(0), m.splat16(1));
        let (words, turns) = (&print.words[..count], &print.turns[..count]);
        for (words, [direction, weight]) in words.iter().zip(turns) {
            let common = together(m, self.counts(m, words));
            // |a and b| / sqrt(|a| |b|), see `weight` and `probe_weight`.
            let alike = m.mul16_high(m.mul16(common, self.weights), m.splat16(*weight));
            let key = m.or(m.and(alike, similarity), number);
            // Turned by more than a quarter, it is another minutia.
            best = m.max16_where(best, key, m.sub16(self.directions, m.splat16(*direction)));
            number = m.add16(number, one);
        }
        best
    }

    /// The same by codes: similarity is [`BIT`] for each bit in which they differ less than [`UNLIKE`]. A loop of its own: with one for both and a
    /// closure for what differs the compiler made that a call without AVX2, forty times as slow.
    #[inline(always)]
    fn best_codes(&self, m: M, print: &ScanPrint, count: usize) -> M::Register {
        // The lowest five bits are for who.
        const WORTH: u16 = BIT << 5;
        let mut best = m.splat32(0);
        let (mut number, one) = (m.splat32(0), m.splat16(1));
        let (codes, turns) = (&print.codes[..count], &print.turns[..count]);
        for (code, [direction, _]) in codes.iter().zip(turns) {
            let differ = together(m, counts(m, code, &self.codes, |a, b| m.xor(a, b)));
            let alike = m.sub16_to_zero(m.splat16(UNLIKE * WORTH), m.mul16(differ, m.splat16(WORTH)));
            // Turned by more than a quarter, it is another minutia.
            best = m.max16_where(best, m.or(alike, number), m.sub16(self.directions, m.splat16(*direction)));
            number = m.add16(number, one);
        }
        best
    }

    /// The sum over pairs of pairs that agree, each 32 bits: similarity, cylinder of the print (5), cylinder of the probe (5).
    #[inline(always)]
    fn agreement(&self, m: M, print: &ScanPrint, pairs: M::Register) -> u32 {
        let theirs = m.shr32::<5>(pairs);
        let alike = m.shr32::<10>(pairs);
        let a = m.look_up32(self.places, pairs);
        let b = m.look_up32(m.table(&pulp::cast(print.places)), theirs);
        let turn = m.sub16(m.look_up32(m.table(&print.turns), theirs), m.look_up32(self.turns, pairs));
        // The other half is no direction.
        let turn = m.shl32::<16>(turn);
        let turn = m.or(turn, m.shr32::<16>(turn));
        let pairs = Pairs::new(m, alike, a, b, turn);
        let sum = m.splat32(0);
        let sum = pairs.agreeing::<1>(m, sum);
        let sum = pairs.agreeing::<2>(m, sum);
        let sum = pairs.agreeing::<3>(m, sum);
        let sum = pairs.agreeing::<4>(m, sum);
        let sum = pairs.agreeing::<5>(m, sum);
        let sum = pairs.agreeing::<6>(m, sum);
        let sum = pairs.agreeing::<7>(m, sum);
        let sum = pairs.agreeing::<8>(m, sum);
        // Both are below 2^15, and all of it below 2^31: similarities end at 289 and 360.
        m.sum32(m.dot16(alike, sum)) << SCORE_SHIFT
    }
}

/// Lanes of the probe in registers.
#[inline(always)]
fn loaded<M: Machine, const N: usize>(m: M, lanes: &[[[u64; 8]; N]; 3]) -> [[M::Register; N]; 3] {
    let mut words = [[m.splat32(0); N]; 3];
    for (words, of) in words.iter_mut().zip(lanes) {
        for (word, of) in words.iter_mut().zip(of) {
            *word = m.load(&pulp::cast(*of));
        }
    }
    words
}

/// Set bits of what `join` makes of one lane of a print and each of the probe.
#[inline(always)]
fn counts<M: Machine, const N: usize>(
    m: M,
    words: &[u64; N],
    held: &[[M::Register; N]; 3],
    join: impl Fn(M::Register, M::Register) -> M::Register,
) -> [M::Counts; 3] {
    let mut counts = [m.no_counts(); 3];
    for w in 0..N {
        let word = m.splat64(words[w]);
        for r in 0..3 {
            counts[r] = m.count(counts[r], join(word, held[r][w]));
        }
    }
    counts
}

/// Counts of three registers in one, 16 bits each.
#[inline(always)]
fn together<M: Machine>(m: M, [c0, c1, c2]: [M::Counts; 3]) -> M::Register {
    let (c1, c2) = (m.shl64::<16>(m.counted(c1)), m.shl64::<32>(m.counted(c2)));
    m.or(m.counted(c0), m.or(c1, c2))
}

/// The strongest 16 of 24 pairs: similarity, cylinder of the print (5), cylinder of the probe (5).
#[inline(always)]
fn strongest<M: Machine>(m: M, best: M::Register) -> M::Register {
    const FIRST: [u32; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
    const LAST: [u32; 16] = [0, 0, 0, 0, 0, 0, 0, 0, 16, 17, 18, 19, 20, 21, 22, 23];
    // Cylinders 2 q and 2 q + 1 of the probe are 16-bit lanes 4 q and 4 q + 2.
    let first = m.or(m.shl32::<5>(m.and(best, m.splat32(0xffff))), m.load(&FIRST));
    let last = m.or(m.shl32::<5>(m.evens_to_upper32(m.shr32::<16>(best))), m.load(&LAST));
    // A bitonic network: the sixteen fall, the eight rise.
    let first = sorted_eights(m, first);
    let first = m.sort32::<16, 1>(m.sort32::<16, 2>(m.sort32::<16, 4>(m.sort32::<16, 8>(first))));
    m.max32(first, sorted_eights(m, last))
}

/// The first eight lanes fall, the last eight rise.
#[inline(always)]
fn sorted_eights<M: Machine>(m: M, a: M::Register) -> M::Register {
    let a = m.sort32::<2, 1>(a);
    let a = m.sort32::<4, 1>(m.sort32::<4, 2>(a));
    m.sort32::<8, 1>(m.sort32::<8, 2>(m.sort32::<8, 4>(a)))
}

/// Sixteen pairs of minutiae, one of each print.
struct Pairs<M: Machine> {
    alike: M::Register,
    /// Places, x and y; `a` in eighths of a pixel, `b` in quarters.
    a: M::Register,
    b: M::Register,
    /// From the direction in `a` to that in `b`, twice.
    turn: M::Register,
    /// Its cosine, twice; its sine, once with either sign; 1/8192.
    cos: M::Register,
    sin: M::Register,
}

impl<M: Machine> Pairs<M> {
    #[inline(always)]
    fn new(m: M, alike: M::Register, a: M::Register, b: M::Register, turn: M::Register) -> Self {
        // A sine is odd around 0 and even around a quarter: fold, then sin(x pi / 2) of x from -1 to 1 as a polynomial (error 1/7000).
        let folded = m.sub16(m.splat16(0x4000), m.abs16(m.sub16(turn, m.splat32(0x4000_0000))));
        let square = m.mul16_scaled(folded, folded);
        let square = m.add16(square, square);
        let factor = m.sub16(m.splat16(21077), m.mul16_scaled(square, m.splat16(4765)));
        let factor = m.sub16(m.splat16(25733), m.mul16_scaled(square, factor));
        let cos_sin = m.mul16_scaled(folded, factor);
        let cos = m.shl32::<16>(cos_sin);
        let (low, high) = (m.shr32::<16>(cos_sin), m.and(cos_sin, m.splat32(0xffff_0000)));
        Self { alike, a, b, turn, cos: m.or(cos, m.shr32::<16>(cos)), sin: m.sub16(high, low) }
    }

    /// Adds to each pair the similarity of the one `BY` lanes on, where both say the same of how one print lies on the other.
    #[inline(always)]
    fn agreeing<const BY: i32>(&self, m: M, sum: M::Register) -> M::Register {
        let a = m.sub16_saturating(m.rotate32::<BY>(self.a), self.a);
        let b = m.sub16_saturating(m.rotate32::<BY>(self.b), self.b);
        // The mean of both turns, twice as long; with eighths of a pixel that is quarters.
        let cos = m.add16(self.cos, m.rotate32::<BY>(self.cos));
        let sin = m.add16(self.sin, m.rotate32::<BY>(self.sin));
        let swapped = m.or(m.shl32::<16>(a), m.shr32::<16>(a));
        let turned = m.add16(m.mul16_scaled(a, cos), m.mul16_scaled(swapped, sin));
        let off = m.sub16_saturating(turned, b);
        let limit = m.add32(m.shr32::<STRETCH_SHIFT>(m.dot16(b, b)), m.splat32(TOLERANCE));
        let turn = m.abs16(m.sub16(m.rotate32::<BY>(self.turn), self.turn));
        let mut alike = m.rotate32::<BY>(self.alike);
        if BY == 8 {
            // Half a round: the other half are the same pairs of pairs.
            const HALF: [[u32; 8]; 2] = [[u32::MAX; 8], [0; 8]];
            alike = m.and(alike, m.load(&pulp::cast(HALF)));
        }
        m.add32_where(sum, alike, [m.dot16(off, off), limit], [turn, m.splat32(MOST_TURN << 16 | 0xffff)])
    }
}
