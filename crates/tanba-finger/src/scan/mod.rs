//! The first look of a search: a score for every print of a gallery, a thousand times cheaper than a comparison, that says which
//! prints are worth one.
//!
//! The best [`LANES`] minutiae of a print keep a code of the ridges around them ([`crate::eye::DescriptorNet`]) where the template has a map of
//! its ridges, and their cylinders at half the resolution (MCC8b, as the source of [`crate::Prepared`] has it). Each minutia of the probe
//! takes its most similar one: by the bits in which their codes differ where both prints have codes, else by the cosine of their
//! cylinders' bits. Of these pairs the best sixteen are held against each other: two pairs agree where the second minutia lies, seen from the
//! first, in the same place and direction on both prints. The score is the sum over agreeing pairs.
//!
//! It is no likelihood ratio and no decision: prints that it leaves out are missed, and how many those are is measured
//! (docs/performance.md). All of it is whole numbers, so every processor gives the same scores.

mod bytes;
#[cfg(any(test, feature = "cuda"))]
pub mod gpu;
mod kernel;
mod registers;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use bytes::{PARAMETERS, ScanBytesError};

use crate::eye::{DescriptorNet, VECTOR};
use crate::mcc::Point;
use crate::mcc::params::{SECTION_WORDS, SIDE};
use crate::{Minutia, Prepared};

/// Cylinders of a print that are looked at, at most: the best by quality. (Own choice: three registers of eight. On the five given real
/// sets 24 miss 3.1 % of the mates at 1 % penetration; see docs/performance.md.)
pub const LANES: usize = 24;
/// 64-bit words of a cylinder: 8 by 8 cells in six sections of direction.
const WORDS: usize = 6;
/// 64-bit words of a code.
const CODE_WORDS: usize = crate::eye::DESCRIPTOR / 64;
/// Fewest cylinders with which a print can be found.
const FEWEST: usize = 4;
/// Places are kept in quarters of a pixel.
const PLACE: f32 = 4.0;
/// Steps of a direction in a turn.
const TURN: f32 = 65_536.0;

/// A print as the first look sees it: 2,112 bytes, whole lines of the cache. Prints with codes are told apart by the first 960 alone.
#[derive(Debug, Clone, PartialEq, Eq)]
#[repr(C, align(64))]
pub struct ScanPrint {
    /// Codes of the ridges around the minutiae; zeros throughout where nothing is known of ridges.
    codes: [[u64; CODE_WORDS]; LANES],
    /// Places of the minutiae, x and y, quarters of a pixel; `y` grows upward.
    places: [[i16; 2]; LANES],
    /// Their directions, 65,536ths of a turn, and what [`weight`] makes of how many bits are set. Cylinders that are not there have
    /// weight 0, and zeros throughout; they come last.
    turns: [[u16; 2]; LANES],
    /// The bits of the cylinders.
    words: [[u64; WORDS]; LANES],
}

const _: () = assert!(size_of::<ScanPrint>() == ScanPrint::BYTES);

/// Set bits that a cylinder has at most.
const MOST_ONES: usize = 64 * WORDS;

/// A cylinder of a print with `ones` set bits weighs 2^17 over their square root, in 16 bits: with fewer than four (1 of 100), less than
/// it should.
const fn weight(ones: usize) -> u16 {
    if ones == 0 {
        return 0;
    }
    let weight = ((1u64 << 34) / ones as u64).isqrt();
    if weight > u16::MAX as u64 { u16::MAX } else { weight as u16 }
}

/// A cylinder of a probe weighs 4,632 over the square root; with more than 200 set bits (none of those on the given sets) less, so that
/// it stays below 2^16 times any number of common bits.
const fn probe_weight(ones: usize) -> u16 {
    if ones == 0 {
        return 0;
    }
    let (weight, most) = ((4632 * 4632 / ones as u64).isqrt(), u16::MAX as u64 / ones as u64);
    if weight < most { weight as u16 } else { most as u16 }
}

impl ScanPrint {
    fn empty() -> Self {
        Self {
            codes: [[0; CODE_WORDS]; LANES],
            places: [[0; 2]; LANES],
            turns: [[0; 2]; LANES],
            words: [[0; WORDS]; LANES],
        }
    }

    /// The print as the first look sees it. Where the template has a map of its ridges this takes some milliseconds: a network reads them.
    pub fn of(print: &Prepared) -> Self {
        let mut scan = Self::of_minutiae(print);
        let Some(ridges) = print.ridges().filter(|_| scan.comparable()) else { return scan };
        let minutiae: Vec<Minutia> = coded(print).map(|(_, point)| minutia(point)).collect();
        let described = DescriptorNet::shared().describe(ridges, &minutiae);
        for (code, of) in scan.codes.iter_mut().zip(&described) {
            *code = DescriptorNet::code(of);
        }
        if !scan.has_codes() {
            // A code without a bit, which no ridges have, would say that there are none.
            scan.codes = [[0; CODE_WORDS]; LANES];
        }
        scan
    }

    /// The same without the ridges, as for a template that has none: prints so coded are told apart by cylinders, also from coded ones.
    pub fn of_minutiae(print: &Prepared) -> Self {
        let mut scan = Self::empty();
        for (lane, (words, point)) in coded(print).enumerate() {
            // Places beyond 8,191 pixels are no finger's; there the pairs agree with nothing.
            let place = |v: f32| (v * PLACE).round().clamp(f32::from(i16::MIN), f32::from(i16::MAX)) as i16;
            // A whole turn is none.
            let direction = (point.direction / core::f32::consts::TAU * TURN).round() as u32 as u16;
            scan.turns[lane] = [direction, weight(ones(&words))];
            scan.places[lane] = [place(point.x), place(point.y)];
            scan.words[lane] = words;
        }
        scan
    }

    /// Whether the minutiae have codes.
    #[inline(always)]
    fn has_codes(&self) -> bool {
        self.codes[0] != [0; CODE_WORDS]
    }

    /// How many cylinders there are.
    #[inline(always)]
    fn count(&self) -> usize {
        let there = |[_, weight]: &[u16; 2]| *weight > 0;
        // Most prints have them all.
        if there(&self.turns[LANES - 1]) { LANES } else { self.turns.iter().take_while(|turn| there(turn)).count() }
    }

    /// Whether there is enough to find it by.
    pub fn comparable(&self) -> bool {
        self.count() >= FEWEST
    }
}

/// A print as 192 numbers of length 127: the more two are alike, the larger their product. No search goes by it, because it misses far more than
/// [`scan`] does (docs/performance.md); for whoever measures that. `None` where nothing is known of ridges, or there are no minutiae.
pub fn print_vector(print: &Prepared) -> Option<[i8; VECTOR]> {
    let points: Vec<Minutia> = print.points.iter().map(minutia).collect();
    DescriptorNet::shared().vector(&DescriptorNet::shared().describe(print.ridges()?, &points))
}

/// A minutia as the template has it.
fn minutia(point: &Point) -> Minutia {
    Minutia { x: point.x, y: -point.y, direction: point.direction, kind: point.kind, quality: 0 }
}

/// The cylinders of a print that are looked at, at half the resolution, with their minutiae.
fn coded(print: &Prepared) -> impl Iterator<Item = ([u64; WORDS], &Point)> {
    let halves = print.cylinders.iter().map(|cylinder| {
        let mut sections = cylinder.bits.chunks_exact(SECTION_WORDS);
        let words: [u64; WORDS] = core::array::from_fn(|_| sections.next().map_or(0, halved));
        (words, &print.points[usize::from(cylinder.point)])
    });
    // A cylinder without a bit is like nothing.
    halves.filter(|(words, _)| ones(words) > 0).take(LANES)
}

fn ones(words: &[u64; WORDS]) -> usize {
    words.iter().map(|word| word.count_ones() as usize).sum()
}

/// A print that is searched with, its numbers laid out for the registers: to be made once for many blocks of a gallery.
#[derive(Debug, Clone)]
#[repr(align(64))]
pub struct ScanProbe {
    /// Lane, word and register of the cylinders as `kernel` has them, and of the codes.
    words: [[[u64; 8]; WORDS]; 3],
    codes: [[[u64; 8]; CODE_WORDS]; 3],
    weights: [u16; 32],
    /// Directions, three quarters of a turn on: less that of another minutia, the highest bit says that they are within a quarter.
    directions: [u16; 32],
    /// Eighths of a pixel.
    places: [[i16; 2]; LANES],
    turns: [[u16; 2]; LANES],
    count: usize,
    has_codes: bool,
}

impl ScanProbe {
    /// The print, ready to be searched with.
    pub fn of(print: &ScanPrint) -> Self {
        let mut probe = Self {
            words: [[[0; 8]; WORDS]; 3],
            codes: [[[0; 8]; CODE_WORDS]; 3],
            weights: [0; 32],
            directions: [0; 32],
            places: print.places.map(|place| place.map(|v| v.saturating_mul(2))),
            turns: print.turns,
            count: print.count(),
            has_codes: print.has_codes(),
        };
        for q in 0..8 {
            for (r, cylinder) in [2 * q, 16 + q, 2 * q + 1].into_iter().enumerate() {
                for word in 0..WORDS {
                    probe.words[r][word][q] = print.words[cylinder][word];
                }
                for word in 0..CODE_WORDS {
                    probe.codes[r][word][q] = print.codes[cylinder][word];
                }
                probe.weights[4 * q + r] = probe_weight(ones(&print.words[cylinder]));
                probe.directions[4 * q + r] = print.turns[cylinder][0].wrapping_add(0xc000);
            }
        }
        probe
    }

    /// Scores the probe against every print of a gallery with the widest instructions there are: 0 where nothing agrees, some hundred
    /// millions for one finger; odd where it is a score by codes ([`by_codes`]). `scores` is as long as `gallery`; what is longer stays as it is.
    pub fn scan(&self, gallery: &[ScanPrint], scores: &mut [u32]) {
        for with in [Instructions::Avx512, Instructions::Avx2, Instructions::Plain] {
            if self.scan_with(with, gallery, scores) {
                return;
            }
        }
    }

    /// The same with certain instructions, for measurements; `false`, and nothing done, where this machine has them not.
    pub fn scan_with(&self, with: Instructions, gallery: &[ScanPrint], scores: &mut [u32]) -> bool {
        kernel::dispatch(with, kernel::Scan { probe: self, gallery, scores }).is_some()
    }
}

/// Whether a score was made by codes, whose scores of different fingers are far lower than those by cylinders.
pub const fn by_codes(score: u32) -> bool {
    score & 1 == 1
}

/// One section at half the resolution: a cell is set where any of its four is.
fn halved(section: &[u64]) -> u64 {
    let set = |i: usize, j: usize| {
        let cell = i * SIDE + j;
        section[cell / 64] >> (cell % 64) & 1
    };
    let half = SIDE / 2;
    (0..half * half).fold(0, |bits, cell| {
        let (i, j) = (2 * (cell / half), 2 * (cell % half));
        bits | (set(i, j) | set(i, j + 1) | set(i + 1, j) | set(i + 1, j + 1)) << cell
    })
}

/// The instructions that the first look, and [`crate::eye`], are compiled for. The answers are the same with all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instructions {
    /// What every processor of the kind has.
    Plain,
    /// 256-bit registers (x86-64-v3).
    Avx2,
    /// 512-bit registers (x86-64-v4), which for the first look count bits (VPOPCNTDQ).
    Avx512,
}

/// Scores a probe against every print of a gallery: [`ScanProbe::scan`] for one block.
pub fn scan(probe: &ScanPrint, gallery: &[ScanPrint], scores: &mut [u32]) {
    ScanProbe::of(probe).scan(gallery, scores);
}

/// [`ScanProbe::scan_with`] for one block.
pub fn scan_with(with: Instructions, probe: &ScanPrint, gallery: &[ScanPrint], scores: &mut [u32]) -> bool {
    ScanProbe::of(probe).scan_with(with, gallery, scores)
}

/// Holds a probe's cylinders against those of prints `repeats` times as [`scan`] does, and nothing more, for whoever times it. Tells how
/// many bytes of codes went through the bit count; `None` where this machine has not these instructions.
pub fn matrix_work(with: Instructions, probe: &ScanProbe, gallery: &[ScanPrint], repeats: usize) -> Option<u64> {
    core::hint::black_box(kernel::dispatch(with, kernel::Matrix { probe, gallery, repeats })?);
    let cylinders: usize = gallery.iter().map(ScanPrint::count).sum();
    Some((cylinders * repeats * size_of_val(&probe.words)) as u64)
}

/// Joins `words` (a multiple of six, few enough for the fastest cache) with registers, counts the bits and adds them up, `repeats` times:
/// the roof over any such kernel, for whoever times it. Tells how many bytes were counted; `None` where this machine has not these
/// instructions.
pub fn roof_work(with: Instructions, probe: &ScanProbe, words: &[u64], repeats: usize) -> Option<u64> {
    core::hint::black_box(kernel::dispatch(with, kernel::Roof { probe, words, repeats })?);
    Some((words.len() / WORDS * repeats * size_of_val(&probe.words)) as u64)
}

#[cfg(test)]
mod tests;
