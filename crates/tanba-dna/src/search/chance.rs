//! How many profiles a search by match rule is to find by chance, in people who are not the person sought.
//!
//! At each locus the genotypes of the population agree with the query or do not, with a probability; loci are independent, so that
//! the number of mismatches has the distribution of a sum of unequal coins (Poisson-binomial), and likewise the number of full
//! agreements where the rule asks for some. Times the profiles that are held, for each set of typed loci among them.

use super::columns::Columns;
use super::database::Database;
use super::tail::possible;
use crate::{
    Agreement, Category, DnaError, FrequencyTable, Genotype, Locus, MinimumFrequency, Profile, Rule, Stringency, Theta,
};

/// What a search by match rule is to find by chance.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct AdventitiousHits {
    /// Hits to expect among profiles of unrelated people.
    pub expected: f64,
    /// Profiles that this is for: those with enough loci in common.
    pub profiles: usize,
    /// Whose allele frequencies.
    pub population: String,
}

/// Probabilities at a locus that a random person's genotype passes the rule there, and that it agrees in full.
#[derive(Clone, Copy)]
struct Coin {
    full: f64,
    passed: f64,
    full_and_passed: f64,
}

impl Database {
    /// How many hits a search is to give by chance, with the frequencies of a table.
    ///
    /// # Errors
    /// As [`Database::search`]; [`DnaError::NoFrequenciesAt`] where the table lacks a locus of the query.
    pub fn adventitious_hits(
        &self,
        query: &Profile,
        category: Category,
        rule: &Rule,
        against: &[Category],
        table: &FrequencyTable,
        theta: Theta,
        minimum: MinimumFrequency,
    ) -> Result<AdventitiousHits, DnaError> {
        let searches = self.permitted(category, rule, against)?;
        let mut hits = AdventitiousHits { expected: 0.0, profiles: 0, population: table.population().to_owned() };
        for shelf in searches.iter().filter_map(|(category, _)| self.shelf(*category)) {
            let columns = &shelf.columns;
            let chance = Chance::of(query, rule, table, theta, minimum, |locus| columns.types(locus))?;
            hits.add(&chance, columns, rule);
        }
        Ok(hits)
    }

    /// The same with the frequencies of the alleles that the searched profiles themselves have, for when no table is at hand.
    ///
    /// # Errors
    /// As [`Database::search`].
    pub fn adventitious_hits_of_own_frequencies(
        &self,
        query: &Profile,
        category: Category,
        rule: &Rule,
        against: &[Category],
        theta: Theta,
    ) -> Result<AdventitiousHits, DnaError> {
        let searches = self.permitted(category, rule, against)?;
        let population = "the searched profiles themselves".to_owned();
        let mut hits = AdventitiousHits { expected: 0.0, profiles: 0, population };
        for shelf in searches.iter().filter_map(|(category, _)| self.shelf(*category)) {
            let Some(table) = shelf.columns.frequencies() else { continue };
            // A locus without counted alleles (no row has it, or in off-ladder marks alone) can only pass: no hit is forgotten.
            let counted = |locus| table.alleles(locus).next().is_some();
            let chance = Chance::of(query, rule, &table, theta, MinimumFrequency::FiveOverTwoN, counted)?;
            hits.add(&chance, &shelf.columns, rule);
        }
        Ok(hits)
    }
}

impl AdventitiousHits {
    fn add(&mut self, chance: &Chance, columns: &Columns, rule: &Rule) {
        for (shape, rows) in columns.shapes() {
            if (shape & chance.typed).count_ones() as usize >= rule.min_loci() {
                self.profiles += rows;
                self.expected += rows as f64 * chance.of_shape(shape, rule);
            }
        }
    }
}

/// A query's coins.
pub(super) struct Chance {
    coins: Vec<(Locus, Coin)>,
    typed: u32,
}

impl Chance {
    pub(super) fn of(
        query: &Profile,
        rule: &Rule,
        table: &FrequencyTable,
        theta: Theta,
        minimum: MinimumFrequency,
        weighs: impl Fn(Locus) -> bool,
    ) -> Result<Self, DnaError> {
        let mut chance = Self { coins: Vec::new(), typed: 0 };
        for (locus, genotype) in query.genotypes() {
            chance.typed |= 1 << locus.index();
            let mut coin = Coin { full: 0.0, passed: 0.0, full_and_passed: 0.0 };
            if !weighs(locus) {
                continue;
            }
            // A query of off-ladder marks asks for no frequency, and would not notice that the table lacks the locus.
            if table.alleles(locus).next().is_none() {
                return Err(DnaError::NoFrequenciesAt { locus });
            }
            for other in possible(table, locus, genotype, theta.into(), minimum)? {
                let agreement = Agreement::between(genotype, &Genotype::new(other.alleles).expect("two alleles"));
                let passes = rule.stringency_at(locus).met_by(agreement);
                let full = Stringency::High.met_by(agreement);
                coin.passed += if passes { other.probability } else { 0.0 };
                coin.full += if full { other.probability } else { 0.0 };
                coin.full_and_passed += if full && passes { other.probability } else { 0.0 };
            }
            chance.coins.push((locus, coin));
        }
        Ok(chance)
    }

    /// Probability that a random person typed at these loci is a hit.
    fn of_shape(&self, shape: u32, rule: &Rule) -> f64 {
        // `at[m][f]`: so many mismatches, so many full agreements (counted up to what is asked for).
        let (most, full) = (rule.max_mismatches(), rule.min_full());
        let mut at = vec![vec![0.0; full + 1]; most + 1];
        at[0][0] = 1.0;
        for (_, coin) in self.coins.iter().filter(|(locus, _)| shape >> locus.index() & 1 == 1) {
            // Full agreement passes every level, so that a mismatch is never full.
            debug_assert!((coin.full - coin.full_and_passed).abs() < 1e-12);
            for m in (0..=most).rev() {
                for f in (0..=full).rev() {
                    let here = at[m][f];
                    if here == 0.0 {
                        continue;
                    }
                    at[m][f] = here * (coin.passed - coin.full);
                    if m < most {
                        at[m + 1][f] += here * (1.0 - coin.passed);
                    }
                    at[m][(f + 1).min(full)] += here * coin.full;
                }
            }
        }
        at.iter().map(|row| row[full]).sum()
    }
}

impl Columns {
    /// Whether a row was typed at a locus.
    fn types(&self, locus: Locus) -> bool {
        self.shapes().any(|(shape, _)| shape >> locus.index() & 1 == 1)
    }

    /// The frequencies of the alleles in the columns; `None` where there are none.
    fn frequencies(&self) -> Option<FrequencyTable> {
        let rows = Locus::ALL.into_iter().flat_map(|locus| {
            let column = self.column(locus);
            let total: usize = column.counts().map(|(_, count)| count).sum();
            let chromosomes = u32::try_from(total).unwrap_or(u32::MAX);
            column
                .counts()
                .filter(|(_, count)| *count > 0)
                .map(move |(allele, count)| (locus, allele, count as f64 / total as f64, chromosomes))
        });
        FrequencyTable::new("the searched profiles themselves", rows).ok()
    }
}
