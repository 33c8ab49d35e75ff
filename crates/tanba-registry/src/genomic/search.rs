//! The search by match rule, and the hits of every search.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::SqliteConnection;
use tanba_dna::Category;
use tanba_law::AccessAct;

use super::{SearchGrounds, SearchRow, contamination, live_specimen};
use crate::actor::{Actor, Role};
use crate::error::{RegistryError, Result};
use crate::ids::{GenomicHitId, PersonId, SearchId, SpecimenId};
use crate::institutions::code;
use crate::journal::Entry;
use crate::registry::Registry;
use crate::store::WriteTx;
use crate::vault::fresh_bytes;

/// A specimen that a search found.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GenomicHit {
    /// The hit, which two examiners must confirm.
    pub id: GenomicHitId,
    /// The specimen that was found.
    pub specimen: SpecimenId,
    /// Why that one is held.
    pub category: Category,
    /// Loci compared; of a search by lineage markers Y loci and SNPs, with mitochondrial DNA as one.
    pub loci_compared: u32,
    /// Loci at which they differ; with likelihood ratios, none are counted.
    pub mismatches: u32,
    /// log10 of the likelihood ratio, of a search by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log10_lr: Option<f64>,
}

/// The answer of a search by match rule.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GenomicAnswer {
    /// The search.
    pub search: SearchId,
    /// Where in the log it stands.
    pub log_seq: u64,
    /// How many other profiles were compared.
    pub profiles_compared: u64,
    /// How many have too few loci in common to be compared: they were neither found nor excluded.
    pub profiles_not_comparable: u64,
    /// How many hits to expect by chance, among profiles of people who are not the person sought.
    pub expected_by_chance: f64,
    /// Whose allele frequencies that number rests on.
    pub chance_population: String,
    /// What was found.
    pub hits: Vec<GenomicHit>,
}

/// By what a hit was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    Rule,
    Lineage,
    /// With the relation that was weighed.
    LikelihoodRatio(&'static str),
}

impl Method {
    fn name(self) -> &'static str {
        match self {
            Self::Rule => "rule",
            Self::Lineage => "lineage",
            Self::LikelihoodRatio(_) => "likelihood_ratio",
        }
    }
}

/// A specimen that was found, before its row is read again and the hit has one.
pub(super) struct HitRow {
    pub(super) specimen: SpecimenId,
    pub(super) loci_compared: u32,
    pub(super) mismatches: u32,
    pub(super) log10_lr: Option<f64>,
}

impl Registry {
    /// Searches with a specimen's profile among the groups it may lawfully be compared with.
    ///
    /// # Errors
    /// Denied with the clause where purpose, case, basis or the body's right is missing; a conflict where the specimen is held
    /// back or has no autosomal profile.
    pub async fn search_specimen(
        &self,
        actor: &Actor,
        specimen: SpecimenId,
        grounds: SearchGrounds<'_>,
    ) -> Result<GenomicAnswer> {
        self.demand(actor, Role::DnaExaminer, "search with a genomic profile").await?;
        self.demand_proof(actor, "search with a genomic profile", grounds.of(specimen)).await?;
        code("purpose", grounds.purpose)?;
        let mut sql = self.inner.pool.acquire().await?;
        let (category, person) = self.searchable(&mut sql, specimen).await?;
        drop(sql);
        let groups = category.same_source_categories().map(|group| (group, AccessAct::Search));
        let permitted = self.permitted_groups(actor, specimen, &grounds, "genomic_search.denied", groups).await?;
        permitted.open_groups(self, actor, (specimen, category), &grounds).await?;
        let mut sql = self.inner.pool.acquire().await?;
        let profile = self.profile_of(&mut sql, specimen).await?.ok_or_else(no_profile)?;
        drop(sql);
        let answer =
            self.genomic_search(&permitted.groups)?.same_profile(category, specimen, &profile, &permitted.groups)?;

        let mut tx = self.begin_search(actor, &grounds, &permitted, answer.found.len()).await?;
        let found = Self::still_live(tx.sql(), answer.found).await?;
        let row = SearchRow {
            asked_by: actor,
            populations: &permitted.populations,
            compared: answer.compared,
            any: !found.is_empty(),
            grounds: &grounds,
            by_chance: Some(answer.by_chance),
        };
        let search = Self::write_search(&mut tx, &row).await?;
        let (hits, people) = Self::write_hits(&mut tx, search, specimen, &found, Method::Rule).await?;
        let entry = Entry::look("genomic.searched", actor)
            .purpose(grounds.purpose)
            .law(&permitted.pack_hash, &permitted.clause)
            .about_all(person.into_iter().chain(people))
            .details(json!({"specimen": specimen, "case": grounds.case, "search": search, "populations": permitted.populations, "legal_basis": grounds.legal_basis, "compared": answer.compared, "not_comparable": answer.not_comparable, "expected_by_chance": answer.by_chance, "hits": hits.iter().map(|h| h.specimen).collect::<Vec<_>>()}));
        let log_seq = tx.commit(&entry).await?;
        Ok(GenomicAnswer {
            search,
            log_seq,
            profiles_compared: answer.compared,
            profiles_not_comparable: answer.not_comparable,
            expected_by_chance: answer.by_chance,
            chance_population: answer.population,
            hits,
        })
    }

    /// Those of the found that may be shown. Read again: what was withdrawn, blocked or held back since is left out.
    pub(super) async fn still_live(sql: &mut SqliteConnection, found: Vec<HitRow>) -> Result<Vec<HitRow>> {
        let mut live = Vec::new();
        for row in found {
            if live_specimen(&mut *sql, row.specimen).await?.is_some()
                && !contamination::is_held(&mut *sql, row.specimen).await?
            {
                live.push(row);
            }
        }
        Ok(live)
    }

    /// Writes hits down, and tells whom they are about.
    pub(super) async fn write_hits(
        tx: &mut WriteTx<'_>,
        search: SearchId,
        query: SpecimenId,
        found: &[HitRow],
        method: Method,
    ) -> Result<(Vec<GenomicHit>, Vec<PersonId>)> {
        let now = tx.now().micros();
        let relation = match method {
            Method::LikelihoodRatio(relation) => Some(relation),
            Method::Rule | Method::Lineage => None,
        };
        let (mut hits, mut people) = (Vec::with_capacity(found.len()), Vec::new());
        for row in found {
            let Some((category, person)) = live_specimen(tx.sql(), row.specimen).await? else { continue };
            let id = GenomicHitId::fresh(now, fresh_bytes()?);
            sqlx::query("INSERT INTO genomic_hits (id, search_id, query_id, specimen_id, method, relation, loci_compared, mismatches, log10_lr, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'open')")
                .bind(id.to_string())
                .bind(search.to_string())
                .bind(query.to_string())
                .bind(row.specimen.to_string())
                .bind(method.name())
                .bind(relation)
                .bind(i64::from(row.loci_compared))
                .bind(i64::from(row.mismatches))
                .bind(row.log10_lr)
                .execute(tx.sql())
                .await?;
            people.extend(person);
            hits.push(GenomicHit {
                id,
                specimen: row.specimen,
                category,
                loci_compared: row.loci_compared,
                mismatches: row.mismatches,
                log10_lr: row.log10_lr,
            });
        }
        Ok((hits, people))
    }
}

/// What a search by the autosomal profile says of a specimen without one.
pub(super) fn no_profile() -> RegistryError {
    RegistryError::Conflict {
        what: "no autosomal profile was typed of this specimen",
        next: "search with its lineage markers",
    }
}
