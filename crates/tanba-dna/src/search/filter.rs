//! A query made ready for bytes: per locus one test that needs a few comparisons of bytes, the most telling locus first.
//!
//! A block of 64 rows is left as soon as each of its rows has more mismatches than the rule tolerates, which is after three or four
//! loci. The tests are plain loops over 64 bytes; the compiler makes vector instructions of them, and `pulp` chooses at run time
//! for which processor.

use pulp::Arch;

use super::columns::{ABSENT, BLOCK, Column, Columns};
use crate::{AlleleMark, Genotype, Locus, Profile, Rule, Stringency};

/// See the module.
pub(super) struct Filter {
    tests: Vec<(Locus, Test)>,
    typed: u32,
    max_mismatches: u8,
    min_loci: u32,
}

/// What the two numbers of a row must satisfy at a locus.
enum Test {
    /// Both, in this order.
    Same(u8, u8),
    /// This one among them.
    Has(u8),
    /// Both among these two.
    Within(u8, u8),
    /// One among these two.
    Shares(u8, u8),
    /// For genotypes that no two numbers say: which of the query's alleles each number can be, as bits; and whether one more allele
    /// may have dropped out.
    Covers { of: Box<[u16; 256]>, all: u16, level: Stringency, one_more: bool },
}

/// What a scan leaves over.
#[derive(Default)]
pub(super) struct Survivors {
    /// Rows that may satisfy the rule, ascending within a scan.
    pub(super) rows: Vec<usize>,
    /// Rows with fewer loci in common than the rule compares.
    pub(super) too_few: usize,
}

impl Filter {
    /// The query of a profile under a rule.
    pub(super) fn of(query: &Profile, rule: &Rule, columns: &Columns) -> Self {
        let genotypes = query.genotypes().map(|(locus, genotype)| (locus, genotype, rule.stringency_at(locus)));
        let mut tests: Vec<(f64, Locus, Test)> = Vec::with_capacity(Locus::COUNT);
        let mut typed = 0;
        for (locus, genotype, level) in genotypes {
            typed |= 1 << locus.index();
            let (test, share) = Test::of(genotype, level, columns.column(locus));
            tests.push((share, locus, test));
        }
        tests.sort_by(|a, b| a.0.total_cmp(&b.0));
        let tests = tests.into_iter().map(|(_, locus, test)| (locus, test)).collect();
        Self { tests, typed, max_mismatches: rule.max_mismatches() as u8, min_loci: rule.min_loci() as u32 }
    }

    /// The query of designations of which some may be anything: a row must share what is known at every locus
    /// (low stringency). `genotypes` holds the loci where something is known.
    pub(super) fn sharing(genotypes: &[(Locus, Genotype)], typed: u32, min_loci: usize, columns: &Columns) -> Self {
        let tests = genotypes
            .iter()
            .map(|(locus, genotype)| (*locus, Test::of(genotype, Stringency::Low, columns.column(*locus)).0));
        Self { tests: tests.collect(), typed, max_mismatches: 0, min_loci: min_loci as u32 }
    }

    /// Scans some blocks.
    pub(super) fn scan(&self, columns: &Columns, blocks: std::ops::Range<usize>) -> Survivors {
        Arch::new().dispatch(
            #[inline(always)]
            || {
                let mut survivors = Survivors::default();
                for block in blocks {
                    self.block(columns, block, &mut survivors);
                }
                survivors
            },
        )
    }

    #[inline(always)]
    fn block(&self, columns: &Columns, block: usize, survivors: &mut Survivors) {
        let there = (columns.len() - block * BLOCK).min(BLOCK);
        let mut mismatches = [0_u8; BLOCK];
        if (columns.all_typed(block) & self.typed).count_ones() < self.min_loci {
            survivors.too_few += self.refuse_sparse(columns.typed(block), there, &mut mismatches);
        }
        for (locus, test) in &self.tests {
            let column = columns.column(*locus);
            test.count(column.low(block), column.high(block), &mut mismatches);
            if fewest(&mismatches) > self.max_mismatches {
                return;
            }
        }
        let rows = (0..there).filter(|row| mismatches[*row] <= self.max_mismatches);
        survivors.rows.extend(rows.map(|row| block * BLOCK + row));
    }

    /// Marks the rows with too few loci in common, and counts them.
    #[inline(always)]
    fn refuse_sparse(&self, typed: &[u32; BLOCK], there: usize, mismatches: &mut [u8; BLOCK]) -> usize {
        // Twenty loci can fail on top of this without reaching 256.
        const REFUSED: u8 = 128;
        for (row, mismatches) in mismatches.iter_mut().enumerate() {
            let sparse = (typed[row] & self.typed).count_ones() < self.min_loci;
            *mismatches = u8::from(sparse) * REFUSED;
        }
        mismatches[..there].iter().filter(|m| **m == REFUSED).count()
    }
}

impl Test {
    /// The test of a genotype at a level, and the share of rows that will pass it, from the column's own alleles.
    fn of(genotype: &Genotype, level: Stringency, column: &Column) -> (Self, f64) {
        let alleles = genotype.alleles();
        let plain = alleles.len() <= 2
            && !genotype.partner_may_be_lost()
            && alleles.iter().all(|allele| allele.mark() == AlleleMark::Exact);
        if !plain {
            return Self::covering(genotype, level, column);
        }
        let [a, b] = [alleles[0], alleles[alleles.len() - 1]].map(|allele| column.number(allele));
        let [p, q] = [a, b].map(|number| column.share(number));
        let some = |share: f64| 1.0 - (1.0 - share).powi(2);
        match (level, alleles.len()) {
            (Stringency::High, 1) => (Self::Same(a, a), p * p),
            (Stringency::High, _) => (Self::Same(a, b), 2.0 * p * q),
            (Stringency::Moderate | Stringency::Low, 1) => (Self::Has(a), some(p)),
            (Stringency::Moderate, _) => (Self::Within(a, b), (p + q).powi(2)),
            (Stringency::Low, _) => (Self::Shares(a, b), some(p + q)),
        }
    }

    fn covering(genotype: &Genotype, level: Stringency, column: &Column) -> (Self, f64) {
        // The same designations: a row in bytes has at most two, all on the ladder, so it is never the same.
        if level == Stringency::High {
            return (Self::Same(ABSENT, ABSENT), 0.0);
        }
        let (alleles, one_more) = (genotype.alleles(), genotype.partner_may_be_lost());
        let mut of = Box::new([0_u16; 256]);
        let mut share = 0.0;
        for (number, known) in (1_u8..).zip(column.alleles()) {
            let bits = alleles.iter().enumerate().filter(|(_, allele)| allele.could_be(*known));
            let bits = bits.fold(0, |bits, (at, _)| bits | 1 << at);
            of[usize::from(number)] = bits;
            share += if bits == 0 { 0.0 } else { column.share(number) };
        }
        // With one allele open, every row shares one.
        let passing = if one_more && level == Stringency::Low { 1.0 } else { 1.0 - (1.0 - share).powi(2) };
        (Self::Covers { of, all: (1 << alleles.len()) - 1, level, one_more }, passing)
    }

    /// Adds one to the mismatches of the rows that have bytes and fail.
    #[inline(always)]
    fn count(&self, low: &[u8; BLOCK], high: &[u8; BLOCK], mismatches: &mut [u8; BLOCK]) {
        match self {
            Self::Same(a, b) => each(low, high, mismatches, |x, y| (x == *a) & (y == *b)),
            Self::Has(a) => each(low, high, mismatches, |x, y| (x == *a) | (y == *a)),
            Self::Within(a, b) => {
                each(low, high, mismatches, |x, y| ((x == *a) | (x == *b)) & ((y == *a) | (y == *b)));
            }
            Self::Shares(a, b) => {
                each(low, high, mismatches, |x, y| (x == *a) | (x == *b) | (y == *a) | (y == *b));
            }
            Self::Covers { of, all, level, one_more } => each(low, high, mismatches, |low, high| {
                let (x, y) = (of[usize::from(low)], of[usize::from(high)]);
                match level {
                    Stringency::Low => *one_more | (x | y != 0),
                    // The open allele takes one of the row's, so that a homozygote always fits.
                    _ => (x != 0 && y != 0) || x | y == *all || (*one_more && (x | y != 0 || low == high)),
                }
            }),
        }
    }
}

#[inline(always)]
fn each(low: &[u8; BLOCK], high: &[u8; BLOCK], mismatches: &mut [u8; BLOCK], agree: impl Fn(u8, u8) -> bool) {
    for at in 0..BLOCK {
        mismatches[at] += u8::from(!agree(low[at], high[at]) & (low[at] != 0));
    }
}

#[inline(always)]
fn fewest(mismatches: &[u8; BLOCK]) -> u8 {
    mismatches.iter().fold(u8::MAX, |least, m| least.min(*m))
}
