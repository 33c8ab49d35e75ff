//! The profiles of one category, column by column: two bytes per locus and row.
//!
//! Nearly every genotype is one or two on-ladder alleles. Each locus numbers the alleles it has met (1 to 254); a row is the number
//! of its smaller and of its larger allele, the same twice for a homozygote, 0 where nothing can be compared in bytes. Whatever does
//! not fit (off-ladder and drop-out marks, three alleles, a 255th allele) is `odd`: its bytes are 0, and the whole profile lies beside the
//! columns. So bytes can only let too many rows through, never too few, and a survivor is always compared again exactly.

use std::collections::{BTreeMap, HashMap};

use crate::{Allele, AlleleMark, Genotype, Locus, Profile};

/// Rows that a kernel takes at once: one register of AVX-512.
pub(super) const BLOCK: usize = 64;
/// The number of an allele that no row has.
pub(super) const ABSENT: u8 = u8::MAX;
/// The most alleles that a locus numbers; there are loci with some sixty.
const MOST_ALLELES: usize = 254;
/// Tenths of a repeat, 0 to 999.
const TENTHS: usize = 1000;

/// See the module.
pub(super) struct Columns {
    rows: usize,
    loci: Vec<Column>,
    /// One bit per typed locus of each row, odd ones included.
    typed: Vec<u32>,
    /// The loci that every row of a block has.
    block_typed: Vec<u32>,
    odd: HashMap<usize, Profile>,
    /// How many rows have which typed loci, in an order, so that sums over them are the same every time.
    shapes: BTreeMap<u32, usize>,
}

/// One locus.
pub(super) struct Column {
    low: Vec<u8>,
    high: Vec<u8>,
    numbers: Vec<u8>,
    alleles: Vec<Allele>,
    /// How often each numbered allele stands in the rows; a homozygote counts twice.
    counts: Vec<usize>,
}

impl Columns {
    pub(super) fn new() -> Self {
        let loci = Locus::ALL.iter().map(|_| Column::new()).collect();
        Self { rows: 0, loci, typed: Vec::new(), block_typed: Vec::new(), odd: HashMap::new(), shapes: BTreeMap::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.rows
    }

    /// Blocks of rows; the last one may end in rows that are not there, which are typed nowhere.
    pub(super) fn blocks(&self) -> usize {
        self.block_typed.len()
    }

    pub(super) fn column(&self, locus: Locus) -> &Column {
        &self.loci[locus.index()]
    }

    /// The typed loci of the rows of a block.
    pub(super) fn typed(&self, block: usize) -> &[u32; BLOCK] {
        self.typed[block * BLOCK..][..BLOCK].try_into().expect("columns are whole blocks")
    }

    /// The loci that all rows of a block have.
    pub(super) fn all_typed(&self, block: usize) -> u32 {
        self.block_typed[block]
    }

    /// Which typed loci occur, and in how many rows.
    pub(super) fn shapes(&self) -> impl Iterator<Item = (u32, usize)> {
        self.shapes.iter().map(|(shape, rows)| (*shape, *rows))
    }

    /// The rows whose profile does not fit into bytes at one locus at least.
    pub(super) fn odd_rows(&self) -> impl Iterator<Item = (usize, &Profile)> {
        self.odd.iter().map(|(row, profile)| (*row, profile))
    }

    pub(super) fn is_odd(&self, row: usize) -> bool {
        self.odd.contains_key(&row)
    }

    /// Adds a row at the end.
    pub(super) fn push(&mut self, profile: &Profile) {
        let row = self.rows;
        if row.is_multiple_of(BLOCK) {
            self.loci.iter_mut().for_each(Column::grow);
            self.typed.resize(row + BLOCK, 0);
            self.block_typed.push(u32::MAX);
        }
        let (mut typed, mut odd) = (0, false);
        for (locus, genotype) in profile.genotypes() {
            typed |= 1 << locus.index();
            odd |= !self.loci[locus.index()].set(row, genotype);
        }
        if odd {
            self.odd.insert(row, profile.clone());
        }
        self.typed[row] = typed;
        self.block_typed[row / BLOCK] &= typed;
        *self.shapes.entry(typed).or_default() += 1;
        self.rows += 1;
    }

    /// Takes a row out; the last row takes its place.
    pub(super) fn swap_remove(&mut self, row: usize) {
        let last = self.rows - 1;
        for column in &mut self.loci {
            column.take(row, last);
        }
        let shape = self.typed[row];
        self.typed[row] = self.typed[last];
        // The order matters: the last row may be the very one that goes.
        self.typed[last] = 0;
        if let Some(rows) = self.shapes.get_mut(&shape) {
            *rows -= 1;
            if *rows == 0 {
                self.shapes.remove(&shape);
            }
        }
        self.odd.remove(&row);
        if let Some(moved) = self.odd.remove(&last) {
            self.odd.insert(row, moved);
        }
        self.rows = last;
        if last.is_multiple_of(BLOCK) {
            self.loci.iter_mut().for_each(|column| column.shrink(last));
            self.typed.truncate(last);
            self.block_typed.truncate(last / BLOCK);
        }
        for block in [row / BLOCK, last / BLOCK] {
            if block < self.block_typed.len() {
                let rows = &self.typed[block * BLOCK..(block * BLOCK + BLOCK).min(last)];
                self.block_typed[block] = rows.iter().fold(u32::MAX, |all, typed| all & typed);
            }
        }
    }

    /// The profile of a row (without a sex marker, which takes no part in matching).
    pub(super) fn profile(&self, row: usize) -> Profile {
        if let Some(profile) = self.odd.get(&row) {
            return profile.clone();
        }
        let genotypes = Locus::ALL.into_iter().filter_map(|locus| Some((locus, self.column(locus).genotype(row)?)));
        Profile::from_genotypes(genotypes, None).expect("stored from a profile, which has a locus")
    }
}

impl Column {
    fn new() -> Self {
        Self { low: Vec::new(), high: Vec::new(), numbers: vec![0; TENTHS], alleles: Vec::new(), counts: Vec::new() }
    }

    pub(super) fn low(&self, block: usize) -> &[u8; BLOCK] {
        self.low[block * BLOCK..][..BLOCK].try_into().expect("columns are whole blocks")
    }

    pub(super) fn high(&self, block: usize) -> &[u8; BLOCK] {
        self.high[block * BLOCK..][..BLOCK].try_into().expect("columns are whole blocks")
    }

    /// The numbers of a row's two alleles; 0 and 0 where bytes say nothing.
    pub(super) fn pair(&self, row: usize) -> (u8, u8) {
        (self.low[row], self.high[row])
    }

    /// The numbered alleles: the first has number 1.
    pub(super) fn alleles(&self) -> &[Allele] {
        &self.alleles
    }

    /// The number of an allele; [`ABSENT`] where no row has had it.
    pub(super) fn number(&self, allele: Allele) -> u8 {
        let known = allele.mark() == AlleleMark::Exact && self.numbers[usize::from(allele.tenths())] != 0;
        if known { self.numbers[usize::from(allele.tenths())] } else { ABSENT }
    }

    /// The allele of a number that a row holds.
    pub(super) fn allele(&self, number: u8) -> Option<Allele> {
        self.alleles.get(usize::from(number).checked_sub(1)?).copied()
    }

    /// The share of an allele among the column's; 0 where there is none.
    pub(super) fn share(&self, number: u8) -> f64 {
        let total: usize = self.counts.iter().sum();
        let own = usize::from(number).checked_sub(1).and_then(|at| self.counts.get(at)).copied().unwrap_or(0);
        if total == 0 { 0.0 } else { own as f64 / total as f64 }
    }

    /// How often each numbered allele stands in the rows.
    pub(super) fn counts(&self) -> impl Iterator<Item = (Allele, usize)> {
        self.alleles.iter().copied().zip(self.counts.iter().copied())
    }

    fn genotype(&self, row: usize) -> Option<Genotype> {
        let (low, high) = self.pair(row);
        Genotype::new([self.allele(low)?, self.allele(high)?])
    }

    fn grow(&mut self) {
        self.low.resize(self.low.len() + BLOCK, 0);
        self.high.resize(self.high.len() + BLOCK, 0);
    }

    fn shrink(&mut self, rows: usize) {
        self.low.truncate(rows);
        self.high.truncate(rows);
    }

    /// Writes a genotype; whether bytes can say it.
    fn set(&mut self, row: usize, genotype: &Genotype) -> bool {
        let alleles = genotype.alleles();
        if alleles.len() > 2
            || genotype.partner_may_be_lost()
            || alleles.iter().any(|allele| allele.mark() != AlleleMark::Exact)
        {
            return false;
        }
        let [low, high] = [alleles[0], alleles[alleles.len() - 1]].map(|allele| self.numbered(allele));
        let (Some(low), Some(high)) = (low, high) else { return false };
        (self.low[row], self.high[row]) = (low, high);
        for number in [low, high] {
            self.counts[usize::from(number) - 1] += 1;
        }
        true
    }

    fn numbered(&mut self, allele: Allele) -> Option<u8> {
        let place = &mut self.numbers[usize::from(allele.tenths())];
        if *place == 0 {
            if self.alleles.len() == MOST_ALLELES {
                return None;
            }
            self.alleles.push(allele);
            self.counts.push(0);
            *place = self.alleles.len() as u8;
        }
        Some(*place)
    }

    fn take(&mut self, row: usize, last: usize) {
        for number in [self.low[row], self.high[row]] {
            if number != 0 {
                self.counts[usize::from(number) - 1] -= 1;
            }
        }
        for side in [&mut self.low, &mut self.high] {
            side[row] = side[last];
            side[last] = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stored::tests::any_profile;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]

        /// Rows come and go: the columns hold what a plain list holds, and their bookkeeping is that of the rows.
        #[test]
        fn rows_come_and_go(
            profiles in prop::collection::vec(any_profile(), 1..150),
            gone in prop::collection::vec(any::<prop::sample::Index>(), 0..120),
        ) {
            let (mut columns, mut plain) = (Columns::new(), Vec::new());
            for profile in profiles {
                columns.push(&profile);
                plain.push(profile);
            }
            for at in gone {
                if !plain.is_empty() {
                    let at = at.index(plain.len());
                    columns.swap_remove(at);
                    plain.swap_remove(at);
                }
            }
            prop_assert_eq!(columns.len(), plain.len());
            prop_assert_eq!(columns.blocks(), plain.len().div_ceil(BLOCK));
            prop_assert_eq!(columns.shapes().map(|(_, rows)| rows).sum::<usize>(), plain.len());
            for (row, profile) in plain.iter().enumerate() {
                prop_assert!(columns.profile(row).genotypes().eq(profile.genotypes()));
            }
            for block in 0..columns.blocks() {
                let rows = &columns.typed(block)[..(plain.len() - block * BLOCK).min(BLOCK)];
                prop_assert_eq!(columns.all_typed(block), rows.iter().fold(u32::MAX, |all, typed| all & typed));
            }
            for locus in Locus::ALL {
                for (allele, count) in columns.column(locus).counts() {
                    let number = columns.column(locus).number(allele);
                    let pairs = (0..plain.len()).map(|row| columns.column(locus).pair(row));
                    let expected: usize = pairs.map(|(a, b)| usize::from(a == number) + usize::from(b == number)).sum();
                    prop_assert_eq!(count, expected);
                }
            }
        }
    }

    #[test]
    fn a_locus_with_more_alleles_than_numbers_keeps_them_all() {
        let mut columns = Columns::new();
        let of = |tenths| {
            let genotype = Genotype::new([Allele::from_tenths(tenths).unwrap()]).unwrap();
            Profile::from_genotypes([(Locus::Fga, genotype)], None).unwrap()
        };
        for tenths in 1..=999 {
            columns.push(&of(tenths));
        }
        assert_eq!(columns.odd_rows().count(), 999 - MOST_ALLELES);
        assert!((1..=999).all(|tenths| columns.profile(usize::from(tenths) - 1) == of(tenths)));
    }
}
