//! Search by likelihood ratio: for each locus one number per genotype that rows hold, added up over the loci.
//!
//! The sums are made in `f32`, 64 rows at once, and stopped where no row of a block can reach the bound any more. They only choose:
//! whatever comes within their rounding error of the bound is added up again in `f64`, and that is what is reported and ranked.

use rayon::prelude::*;
use serde::Serialize;

use super::columns::Columns;
use super::database::{Database, Shelf, TASK};
use super::lr_table::LrTables;
use super::{LeadsExpected, SpecimenId};
use crate::weight::{Given, Hypothesis, LocusLr, TwoPeople};
use crate::{Category, Comparison, DnaError, Locus, Profile};

/// What a search by likelihood ratio asks. The query is the first of the two people, a row of the database the second.
#[derive(Debug, Clone, Copy)]
pub struct LrSearch<'a> {
    /// The profile to hold against all others.
    pub query: &'a Profile,
    /// Why it is held.
    pub category: Category,
    /// What is weighed.
    pub two: &'a TwoPeople<'a>,
    /// The categories to search.
    pub against: &'a [Category],
    /// Which leads are kept.
    pub bound: LrBound,
}

/// Which leads a search by likelihood ratio keeps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LrBound {
    /// The least log10 of the likelihood ratio, -1000 to 1000.
    pub least_log10: f64,
    /// The most leads, the best ones; 1 to [`LrBound::MOST_LEADS`].
    pub most: usize,
    /// Loci that a profile must have in common with the query.
    pub min_loci: u8,
}

/// A profile that may be of the person's relative, or of the person. Never an identification.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Lead {
    /// Which profile.
    pub specimen: SpecimenId,
    /// Why that profile is held.
    pub category: Category,
    /// What the comparison looks for.
    pub purpose: Comparison,
    /// Base-10 logarithm of the likelihood ratio over the loci.
    pub log10_lr: f64,
    /// The factors, at the loci that both have and that can be weighed.
    pub loci: Vec<LocusLr>,
}

/// What a search by likelihood ratio found, and in how much.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LrAnswer {
    /// The highest likelihood ratio first, then the specimen.
    pub leads: Vec<Lead>,
    /// How many reach the bound; more than `leads` where the list is full.
    pub reached: usize,
    /// Profiles that the query was held against: all of the named categories.
    pub profiles_searched: usize,
    /// Of those, profiles with too few loci in common with the query: neither found nor excluded.
    pub profiles_not_comparable: usize,
    /// Loci of the query that could not be weighed (three alleles, off-ladder marks).
    pub left_out: Vec<Locus>,
}

impl LrBound {
    /// The longest list of leads.
    pub const MOST_LEADS: usize = 100_000;

    fn check(&self) -> Result<(), DnaError> {
        let reason = if !(-1000.0..=1000.0).contains(&self.least_log10) {
            "the least log10 of the likelihood ratio lies between -1000 and 1000"
        } else if !(1..=Self::MOST_LEADS).contains(&self.most) {
            "keep at least one lead and at most 100000"
        } else if self.min_loci == 0 || usize::from(self.min_loci) > Locus::COUNT {
            "at least one locus must be compared, and no more than there are"
        } else {
            return Ok(());
        };
        Err(DnaError::BadBound { reason })
    }
}

impl Database {
    /// Weighs a profile against every profile of the named categories.
    ///
    /// # Errors
    /// [`DnaError::BadBound`]; [`DnaError::CategoriesNotCompared`], [`DnaError::HypothesisNotMeant`] and
    /// [`DnaError::NothingToSearch`] where the search is not one that is made; [`DnaError::NothingToWeigh`] and
    /// [`DnaError::TooFewLoci`] for the query; what [`TwoPeople::lr`] says of a genotype. Nothing was searched then.
    pub fn search_by_lr(&self, asked: &LrSearch<'_>) -> Result<LrAnswer, DnaError> {
        let LrSearch { query, two, bound, .. } = asked;
        let searches = self.searches(asked)?;
        let weighed = weighed(query, two);
        let mut answer = LrAnswer {
            leads: Vec::new(),
            reached: 0,
            profiles_searched: 0,
            profiles_not_comparable: 0,
            left_out: query.genotypes().map(|(locus, _)| locus).filter(|l| weighed >> l.index() & 1 == 0).collect(),
        };
        let mut loci = QueryLoci::of(query, two);
        for (category, purpose) in searches {
            let Some(shelf) = self.shelf(category) else { continue };
            let tables = LrTables::of(&mut loci, &shelf.columns)?;
            let found = shelf.weigh(query, &mut loci, &tables, bound)?;
            answer.reached += found.len();
            answer.profiles_searched += shelf.columns.len();
            answer.profiles_not_comparable += shelf.sparse(typed(query), bound.min_loci);
            let mut lead = |(row, log10_lr): (usize, f64)| -> Result<Lead, DnaError> {
                let loci = loci.weigh(&shelf.columns.profile(row))?;
                Ok(Lead { specimen: shelf.specimens[row], category, purpose, log10_lr, loci })
            };
            let best = shelf.best(found, bound.most).into_iter();
            answer.leads.extend(best.map(&mut lead).collect::<Result<Vec<_>, _>>()?);
        }
        answer.leads.sort_by(|a, b| b.log10_lr.total_cmp(&a.log10_lr).then(a.specimen.cmp(&b.specimen)));
        answer.leads.truncate(bound.most);
        Ok(answer)
    }

    /// How many leads that search is to give although nobody is related (or the same), and what share of true ones it finds:
    /// to be known before it is sanctioned.
    ///
    /// # Errors
    /// As [`Database::search_by_lr`].
    pub fn leads_to_expect(&self, asked: &LrSearch<'_>) -> Result<LeadsExpected, DnaError> {
        let LrSearch { query, two, bound, .. } = asked;
        let searches = self.searches(asked)?;
        let shelves = searches.iter().filter_map(|(category, _)| self.shelf(*category));
        let shapes = shelves.flat_map(|shelf| shelf.columns.shapes());
        let typed = typed(query);
        let comparable = shapes.filter(|(shape, _)| (shape & typed).count_ones() >= u32::from(bound.min_loci));
        LeadsExpected::of(query, two, bound.least_log10, comparable.map(|(shape, rows)| (shape & typed, rows)))
    }

    /// The categories of a search that makes sense.
    fn searches(&self, asked: &LrSearch<'_>) -> Result<Vec<(Category, Comparison)>, DnaError> {
        let LrSearch { query, two, bound, .. } = asked;
        bound.check()?;
        let searches = self.meant(asked)?;
        if weighed(query, two) == 0 {
            return Err(DnaError::NothingToWeigh);
        }
        if query.typed_loci() < usize::from(bound.min_loci) {
            return Err(DnaError::TooFewLoci { loci: query.typed_loci(), needed: bound.min_loci.into() });
        }
        Ok(searches)
    }

    fn meant(&self, asked: &LrSearch<'_>) -> Result<Vec<(Category, Comparison)>, DnaError> {
        let query = asked.category;
        let searches = self.compared(query, asked.against)?;
        let kinship = match asked.two.hypothesis() {
            Hypothesis::Kinship { kappa } => kappa.coefficients()[2] < 1.0,
            Hypothesis::Related { .. } => true,
            Hypothesis::SameSource { .. } => false,
        };
        match searches.iter().find(|(_, purpose)| (*purpose == Comparison::Kinship) != kinship) {
            Some((candidate, _)) => Err(DnaError::HypothesisNotMeant { query, candidate: *candidate }),
            None => Ok(searches),
        }
    }
}

impl Shelf {
    /// Rows with fewer loci in common than are asked for.
    pub(super) fn sparse(&self, typed: u32, min_loci: u8) -> usize {
        let sparse = |shape: u32| (shape & typed).count_ones() < u32::from(min_loci);
        self.columns.shapes().filter(|(shape, _)| sparse(*shape)).map(|(_, rows)| rows).sum()
    }

    /// All rows that reach the bound, with their logarithms in `f64`.
    fn weigh(
        &self,
        query: &Profile,
        loci: &mut QueryLoci<'_>,
        tables: &LrTables,
        bound: &LrBound,
    ) -> Result<Vec<(usize, f64)>, DnaError> {
        let columns = &self.columns;
        let enough = |row: usize| (columns.typed_at(row) & typed(query)).count_ones() >= u32::from(bound.min_loci);
        let blocks = columns.blocks();
        let tasks: Vec<Vec<(usize, f64)>> = (0..blocks.div_ceil(TASK))
            .into_par_iter()
            .map(|task| {
                let rows = tables.scan(columns, task * TASK..(task * TASK + TASK).min(blocks), bound.least_log10);
                let rows = rows.into_iter().filter(|row| enough(*row) && !columns.is_odd(*row));
                rows.map(|row| (row, tables.sum(columns, row))).filter(|(_, sum)| *sum >= bound.least_log10).collect()
            })
            .collect();
        let mut found: Vec<(usize, f64)> = tasks.into_iter().flatten().collect();
        // Rows that bytes do not tell in full are few, and are weighed from their profiles.
        for (row, profile) in columns.odd_rows().filter(|(row, _)| enough(*row)) {
            // From 0.0, not from the -0.0 that `sum` begins with: equal sums must rank as equal.
            let sum = loci.weigh(profile)?.iter().fold(0.0, |sum, locus| sum + locus.log10_lr);
            if sum >= bound.least_log10 {
                found.push((row, sum));
            }
        }
        Ok(found)
    }

    /// The best of the rows found.
    fn best(&self, mut found: Vec<(usize, f64)>, most: usize) -> Vec<(usize, f64)> {
        found.sort_by(|a, b| b.1.total_cmp(&a.1).then(self.specimens[a.0].cmp(&self.specimens[b.0])));
        found.truncate(most);
        found
    }
}

/// The loci of a query that can be weighed, with what is worked out of them.
pub(super) struct QueryLoci<'t> {
    pub(super) loci: Vec<(Locus, Given<'t>)>,
}

impl<'t> QueryLoci<'t> {
    fn of(query: &Profile, two: &'t TwoPeople<'t>) -> Self {
        let pairs = query.genotypes().filter_map(|(locus, genotype)| Some((locus, two.first_typing(genotype)?)));
        Self { loci: pairs.map(|(locus, own)| (locus, two.given(locus, own))).collect() }
    }

    /// The likelihood ratios at the loci that both have and that can be weighed.
    fn weigh(&mut self, row: &Profile) -> Result<Vec<LocusLr>, DnaError> {
        let both = self.loci.iter_mut().filter_map(|(locus, given)| Some((*locus, given, row.at(*locus)?.typing()?)));
        both.map(|(locus, given, other)| Ok(LocusLr { locus, log10_lr: given.lr(other)?.log10() })).collect()
    }
}

fn typed(query: &Profile) -> u32 {
    query.genotypes().fold(0, |set, (locus, _)| set | 1 << locus.index())
}

/// The loci of a query that can be weighed.
fn weighed(query: &Profile, two: &TwoPeople<'_>) -> u32 {
    let pairs = query.genotypes().filter(|(_, genotype)| two.first_typing(genotype).is_some());
    pairs.fold(0, |set, (locus, _)| set | 1 << locus.index())
}

impl Columns {
    fn typed_at(&self, row: usize) -> u32 {
        self.typed(row / super::columns::BLOCK)[row % super::columns::BLOCK]
    }
}
