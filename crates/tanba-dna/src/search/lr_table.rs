//! The numbers of a search by likelihood ratio: for each locus of the query a square of log10 LR by the two bytes of a row.

use std::ops::Range;

use pulp::Arch;
use rayon::prelude::*;

use super::by_lr::QueryLoci;
use super::columns::{BLOCK, Columns};
use crate::profile::Typing;
use crate::weight::Given;
use crate::{DnaError, Locus};

/// See the module.
pub(super) struct LrTables {
    loci: Vec<LrTable>,
    /// The most that the loci after this one can add, by place in `loci`.
    ahead: Vec<f32>,
    /// The most by which a sum in `f32` can differ from the exact one.
    rounding: f32,
}

struct LrTable {
    locus: Locus,
    /// log10 LR at `low << shift | high`; 0 for rows without bytes.
    exact: Vec<f64>,
    rounded: Vec<f32>,
    shift: u32,
}

/// Loci after which a block is asked whether it can still reach the bound.
const ASK_EVERY: usize = 4;

impl LrTables {
    /// The tables of a query for the genotypes that can stand in the columns, all cores together: with mutation each number is a
    /// calculation of its own.
    pub(super) fn of(query: &mut QueryLoci<'_>, columns: &Columns) -> Result<Self, DnaError> {
        let table = |(locus, given): &mut (Locus, Given<'_>)| {
            let alleles = columns.column(*locus).alleles();
            // A byte of the smallest of three sizes, so that the usual tables stay in the first-level cache.
            let shift = if alleles.len() < 32 {
                5
            } else if alleles.len() < 64 {
                6
            } else {
                8
            };
            let mut exact = vec![0.0; 1 << (2 * shift)];
            for (low, x) in (1_usize..).zip(alleles) {
                for (high, y) in (1_usize..).zip(alleles).filter(|(_, y)| x <= *y) {
                    exact[low << shift | high] = given.lr(Typing::Pair([*x, *y]))?.log10();
                }
            }
            let rounded = exact.iter().map(|value| *value as f32).collect();
            Ok(LrTable { locus: *locus, exact, rounded, shift })
        };
        let mut loci = query.loci.par_iter_mut().map(table).collect::<Result<Vec<_>, DnaError>>()?;
        // The loci that can add most come first: then little is left to hope for, and blocks end early.
        loci.sort_by(|a, b| b.most().total_cmp(&a.most()));
        let mut ahead = vec![0.0; loci.len()];
        for at in (1..loci.len()).rev() {
            ahead[at - 1] = ahead[at] + loci[at].most();
        }
        let largest: f32 = loci.iter().map(LrTable::size).sum();
        // Each value is rounded once, each partial sum once: (n + 1) half units in the last place of at most `largest`.
        let rounding = largest * (loci.len() + 2) as f32 * f32::EPSILON;
        Ok(Self { loci, ahead, rounding })
    }

    /// The sum of a row in `f64`.
    pub(super) fn sum(&self, columns: &Columns, row: usize) -> f64 {
        let mut values = [0.0; Locus::COUNT];
        for table in &self.loci {
            let (low, high) = columns.column(table.locus).pair(row);
            values[table.locus.index()] = table.exact[usize::from(low) << table.shift | usize::from(high)];
        }
        // In the order of the loci, as the reported factors add up.
        values.iter().fold(0.0, |sum, value| sum + value)
    }

    /// Rows whose sum may reach the bound.
    pub(super) fn scan(&self, columns: &Columns, blocks: Range<usize>, least: f64) -> Vec<usize> {
        let least = least as f32 - self.rounding - (least.abs() as f32) * f32::EPSILON;
        Arch::new().dispatch(
            #[inline(always)]
            || {
                let mut rows = Vec::new();
                for block in blocks {
                    self.block(columns, block, least, &mut rows);
                }
                rows
            },
        )
    }

    #[inline(always)]
    fn block(&self, columns: &Columns, block: usize, least: f32, rows: &mut Vec<usize>) {
        let mut sums = [0.0_f32; BLOCK];
        for (at, table) in self.loci.iter().enumerate() {
            let column = columns.column(table.locus);
            let (low, high) = (column.low(block), column.high(block));
            match table.shift {
                5 => add::<5, { 1 << 10 }>(&table.rounded, low, high, &mut sums),
                6 => add::<6, { 1 << 12 }>(&table.rounded, low, high, &mut sums),
                _ => add::<8, { 1 << 16 }>(&table.rounded, low, high, &mut sums),
            }
            if at % ASK_EVERY == ASK_EVERY - 1 && most(&sums) + self.ahead[at] < least {
                return;
            }
        }
        let there = (columns.len() - block * BLOCK).min(BLOCK);
        rows.extend((0..there).filter(|row| sums[*row] >= least).map(|row| block * BLOCK + row));
    }
}

impl LrTable {
    fn finite(&self) -> impl Iterator<Item = f32> {
        self.rounded.iter().copied().filter(|value| value.is_finite())
    }

    fn most(&self) -> f32 {
        self.finite().fold(0.0, f32::max)
    }

    fn size(&self) -> f32 {
        self.finite().fold(0.0, |size, value| size.max(value.abs()))
    }
}

#[inline(always)]
fn add<const SHIFT: usize, const SIZE: usize>(
    table: &[f32],
    low: &[u8; BLOCK],
    high: &[u8; BLOCK],
    sums: &mut [f32; BLOCK],
) {
    let table: &[f32; SIZE] = table.try_into().expect("a table has the size of its shift");
    for row in 0..BLOCK {
        // Masked, so that the compiler sees that it stays inside.
        sums[row] += table[(usize::from(low[row]) << SHIFT | usize::from(high[row])) & (SIZE - 1)];
    }
}

#[inline(always)]
fn most(sums: &[f32; BLOCK]) -> f32 {
    sums.iter().fold(f32::NEG_INFINITY, |most, sum| if *sum > most { *sum } else { most })
}
