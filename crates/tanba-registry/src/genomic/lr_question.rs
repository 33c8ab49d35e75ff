//! What a search by likelihood ratio weighs, and the request in which that is sanctioned.

use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use tanba_dna::kinship::MutationModel;
use tanba_dna::{
    Category, Comparison, Database, DnaError, Hypothesis, LeadsExpected, LrAnswer, LrBound, LrSearch, MinimumFrequency,
    Mutation, ParentRole, Profile, Relation, Theta, TwoPeople,
};

use super::SearchGrounds;
use super::index::GenomicIndex;
use crate::error::{RegistryError, Result};
use crate::ids::{CaseId, LrRequestId, SpecimenId};
use crate::institutions::code;
use crate::params::GENOMIC_HITS_SHOWN;
use crate::rows;
use crate::time::Instant;

/// What is weighed, and which leads are kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LrQuestion {
    /// How the two people would be related; `same` for one person.
    pub relation: Relation,
    /// The table of allele frequencies, by the name under which it was entered.
    pub frequencies: String,
    /// theta, at least 0 and below 1.
    pub theta: f64,
    /// Probability that an allele mutates on its way to a child, the same to every other allele; none: nothing mutates.
    #[serde(default)]
    pub mutation_rate: Option<f64>,
    /// With mutation, whether the specimen is of the older or the younger generation.
    #[serde(default)]
    pub query_is: Option<ParentRole>,
    /// The least log10 of the likelihood ratio of a lead, -1000 to 1000.
    pub least_log10_lr: f64,
    /// The most leads, the best ones; 1 to 100.
    pub most: u32,
    /// Loci that a profile must have in common with the specimen's.
    pub min_loci: u8,
}

/// A search by likelihood ratio, to be asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewLrSearch {
    /// What is searched with.
    pub specimen: SpecimenId,
    /// The case.
    pub case: CaseId,
    /// The purpose, by the code of law packs.
    pub purpose: String,
    /// The legal basis, as the examiner states it.
    pub legal_basis: String,
    /// What is weighed.
    pub question: LrQuestion,
}

/// A search that is asked for, with the numbers that whoever sanctions it must know.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LrRequestView {
    /// The request.
    pub id: LrRequestId,
    /// `asked`, `sanctioned`, `refused` or `made`.
    pub state: String,
    /// What is asked.
    pub search: NewLrSearch,
    /// How many profiles have enough loci in common.
    pub profiles: u64,
    /// How many leads to expect among them although nobody is related; the upper bound of the reckoning.
    pub unrelated_leads: f64,
    /// What share of true relatives (or of the person) reaches the bound; the lower bound.
    pub share_found: f64,
    /// When it was asked for.
    pub asked_at: Instant,
}

impl LrQuestion {
    pub(super) fn check(&self) -> Result<LrBound> {
        code("frequencies", &self.frequencies)?;
        if !(1..=GENOMIC_HITS_SHOWN).contains(&self.most) {
            return Err(RegistryError::Invalid { field: "most", problem: "keep 1 to 100 leads".to_owned() });
        }
        Ok(LrBound { least_log10: self.least_log10_lr, most: self.most as usize, min_loci: self.min_loci })
    }

    fn hypothesis(&self) -> Result<Hypothesis> {
        let relation = self.relation;
        if relation == Relation::Same {
            return Ok(Hypothesis::SameSource { dropout: 0.0, dropin: 0.0 });
        }
        let Some(rate) = self.mutation_rate else { return Ok(Hypothesis::Kinship { kappa: relation.kappa() }) };
        let generations = matches!(relation, Relation::ParentChild | Relation::Grandparent | Relation::Avuncular);
        if generations && self.query_is.is_none() {
            return Err(RegistryError::Invalid {
                field: "query_is",
                problem: "with mutation the two are not alike: say parent or child".to_owned(),
            });
        }
        // Of one generation either says the same.
        let first_is = self.query_is.unwrap_or(ParentRole::Parent);
        Ok(Hypothesis::Related { relation, mutation: Mutation { model: MutationModel::Equal { rate }, first_is } })
    }

    /// What a comparison must look for to be entered by this search.
    pub(super) fn purpose(&self) -> Comparison {
        if self.relation == Relation::Same { Comparison::SameSource } else { Comparison::Kinship }
    }
}

impl GenomicIndex {
    fn weigh<T>(
        &self,
        (query, category): (&Profile, Category),
        question: &LrQuestion,
        against: &[Category],
        with: impl FnOnce(&Database, &LrSearch<'_>) -> std::result::Result<T, DnaError>,
    ) -> Result<T> {
        let bound = question.check()?;
        let table = self
            .tables
            .get(&question.frequencies)
            .ok_or(RegistryError::NotFound { what: "table of allele frequencies" })?;
        let two =
            TwoPeople::new(question.hypothesis()?, table, Theta::new(question.theta)?, MinimumFrequency::FiveOverTwoN)?;
        Ok(with(&self.investigative, &LrSearch { query, category, two: &two, against, bound })?)
    }

    pub(super) fn expected(
        &self,
        query: (&Profile, Category),
        question: &LrQuestion,
        among: &[Category],
    ) -> Result<LeadsExpected> {
        self.weigh(query, question, among, Database::leads_to_expect)
    }

    pub(super) fn leads(
        &self,
        query: (&Profile, Category),
        question: &LrQuestion,
        among: &[Category],
    ) -> Result<LrAnswer> {
        self.weigh(query, question, among, Database::search_by_lr)
    }
}

impl NewLrSearch {
    pub(super) fn grounds(&self) -> SearchGrounds<'_> {
        SearchGrounds { case: self.case, purpose: &self.purpose, legal_basis: &self.legal_basis }
    }
}

pub(super) fn request_view(row: &SqliteRow) -> Result<LrRequestView> {
    let question: String = row.try_get("question")?;
    let question = serde_json::from_str(&question).map_err(|_| RegistryError::Damaged { what: "request" })?;
    Ok(LrRequestView {
        id: rows::id(row, "id")?,
        state: row.try_get("state")?,
        search: NewLrSearch {
            specimen: rows::id(row, "specimen_id")?,
            case: rows::id(row, "case_id")?,
            purpose: row.try_get("purpose")?,
            legal_basis: row.try_get("legal_basis")?,
            question,
        },
        profiles: rows::number(row, "profiles")?,
        unrelated_leads: row.try_get("unrelated_leads")?,
        share_found: row.try_get("share_found")?,
        asked_at: rows::instant(row, "asked_at")?,
    })
}
