//! The search by lineage markers: among those who are looked for and those who look for them, and nobody else.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;
use tanba_dna::{Category, Comparison, HaplotypeCount};
use tanba_law::AccessAct;

use super::index::GenomicIndex;
use super::markers::{Compared, Lineage, MarkerSystem};
use super::search::{GenomicHit, HitRow, Method};
use super::{SearchGrounds, SearchRow, count, is_for_finding};
use crate::actor::{Actor, Role};
use crate::error::{RegistryError, Result};
use crate::ids::{SearchId, SpecimenId};
use crate::institutions::code;
use crate::journal::Entry;
use crate::params::HAPLOTYPE_CONFIDENCE;
use crate::registry::Registry;

/// What one kind of marker met in a search.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LineageCount {
    /// Which markers.
    pub system: MarkerSystem,
    /// Haplotypes that were compared.
    pub compared: u64,
    /// Specimens typed for these markers with too little in common: neither found nor excluded.
    pub not_comparable: u64,
    /// Those that agree, or are one mutation away.
    pub agreeing: u64,
    /// So many of the compared may agree by chance: the upper limit (95 %) of the share that agrees, times those compared, as if all
    /// that agree did so by chance. In a small register it is large, because little can then be said.
    pub by_chance_at_most: f64,
}

/// The answer of a search by lineage markers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LineageAnswer {
    /// The search.
    pub search: SearchId,
    /// Where in the log it stands.
    pub log_seq: u64,
    /// What each kind of marker met.
    pub systems: Vec<LineageCount>,
    /// What was found. Relatives share these markers: a hit is never an identification by itself.
    pub hits: Vec<GenomicHit>,
}

/// Whether the compared markers make a hit: of one person all must agree; a relative shares one line and need not share the other.
fn is_hit(compared: &[Compared], purpose: Comparison) -> bool {
    let mut verdicts = compared.iter().filter_map(|one| one.agrees());
    match purpose {
        Comparison::Kinship => verdicts.any(|agrees| agrees),
        _ => compared.iter().any(|one| one.agrees() == Some(true)) && verdicts.all(|agrees| agrees),
    }
}

impl GenomicIndex {
    fn search_lineage(
        &self,
        query: (SpecimenId, Category, &Lineage),
        among: &[Category],
    ) -> (Vec<HitRow>, BTreeMap<MarkerSystem, [usize; 3]>) {
        let (own, category, lineage) = query;
        let (mut found, mut counts) = (Vec::new(), BTreeMap::<MarkerSystem, [usize; 3]>::new());
        for (id, (group, other)) in self.lineages.iter().filter(|(id, _)| **id != own) {
            let Some(purpose) = category.compared_with(*group).filter(|_| among.contains(group)) else { continue };
            let compared = lineage.compare(other, purpose, self.reference.as_ref());
            for one in &compared {
                let [all, apart, agreeing] = counts.entry(one.system).or_default();
                match one.agrees() {
                    None => *apart += 1,
                    Some(agrees) => {
                        *all += 1;
                        *agreeing += usize::from(agrees);
                    }
                }
            }
            if is_hit(&compared, purpose) {
                let told = || compared.iter().filter(|one| one.apart.is_some());
                let of = |one: &Compared| if one.system == MarkerSystem::Mitochondrial { 1 } else { one.common };
                let differences: usize =
                    told().filter_map(|one| one.apart).map(|apart| apart.differences.min(99)).sum();
                found.push(HitRow {
                    specimen: *id,
                    loci_compared: u32::try_from(told().map(of).sum::<usize>()).unwrap_or(u32::MAX),
                    mismatches: u32::try_from(differences).unwrap_or(u32::MAX),
                    log10_lr: None,
                });
            }
        }
        found.sort_by_key(|found| (found.mismatches, u32::MAX - found.loci_compared, found.specimen));
        (found, counts)
    }
}

impl Registry {
    /// Searches with a specimen's Y, mitochondrial and SNP markers among those who are looked for and those who look for them.
    /// Relatives share such markers, so that nothing of a crime is searched with them or found.
    ///
    /// # Errors
    /// Denied for specimens that have to do with crime, and with the clause where purpose, case, basis or the body's right is
    /// missing; a conflict where the specimen is held back or has no such markers.
    pub async fn search_lineage(
        &self,
        actor: &Actor,
        specimen: SpecimenId,
        grounds: SearchGrounds<'_>,
    ) -> Result<LineageAnswer> {
        self.demand(actor, Role::DnaExaminer, "search with lineage markers").await?;
        self.demand_proof(actor, "search with lineage markers", grounds.of(specimen)).await?;
        code("purpose", grounds.purpose)?;
        let mut sql = self.inner.pool.acquire().await?;
        let (category, person) = self.searchable(&mut sql, specimen).await?;
        drop(sql);
        let (denied, own) = ("lineage_search.denied", (category, AccessAct::KinshipSearch));
        self.demand_for_finding(actor, specimen, own, &grounds, denied).await?;
        let groups = Category::ALL.into_iter().filter(|group| is_for_finding(*group)).filter_map(|group| {
            let act = match category.compared_with(group)? {
                Comparison::Kinship => AccessAct::KinshipSearch,
                _ => AccessAct::Search,
            };
            Some((group, act))
        });
        let permitted = self.permitted_groups(actor, specimen, &grounds, denied, groups).await?;
        permitted.open_groups(self, actor, (specimen, category), &grounds).await?;
        let mut sql = self.inner.pool.acquire().await?;
        let lineage = self.lineage_of(&mut sql, specimen).await?.filter(|lineage| !lineage.is_empty());
        drop(sql);
        let lineage = lineage.ok_or(RegistryError::Conflict {
            what: "no lineage markers were typed of this specimen",
            next: "search with its autosomal profile",
        })?;
        let (registry, among) = (self.clone(), permitted.groups.clone());
        let search =
            move || Ok(registry.genomic_search(&among)?.search_lineage((specimen, category, &lineage), &among));
        let (found, counts) = Self::aside(search).await.flatten()?;
        let systems = counts.into_iter().map(|(system, counts)| lineage_count(system, counts));
        let systems: Vec<LineageCount> = systems.collect::<Result<_>>()?;

        let mut tx = self.begin_search(actor, &grounds, &permitted, found.len()).await?;
        let compared = systems.iter().map(|count| count.compared).max().unwrap_or(0);
        let by_chance = systems.iter().map(|count| count.by_chance_at_most).reduce(f64::min);
        let found = Self::still_live(tx.sql(), found).await?;
        let row = SearchRow {
            asked_by: actor,
            populations: &permitted.populations,
            compared,
            any: !found.is_empty(),
            grounds: &grounds,
            by_chance,
        };
        let search = Self::write_search(&mut tx, &row).await?;
        let (hits, people) = Self::write_hits(&mut tx, search, specimen, &found, Method::Lineage).await?;
        let entry = Entry::look("lineage.searched", actor)
            .purpose(grounds.purpose)
            .law(&permitted.pack_hash, &permitted.clause)
            .about_all(person.into_iter().chain(people))
            .details(json!({"specimen": specimen, "case": grounds.case, "search": search, "populations": permitted.populations, "legal_basis": grounds.legal_basis, "systems": systems, "hits": hits.iter().map(|h| h.specimen).collect::<Vec<_>>()}));
        let log_seq = tx.commit(&entry).await?;
        Ok(LineageAnswer { search, log_seq, systems, hits })
    }

    /// Searches that reach relatives are made with what serves to find somebody, and with nothing else; and the specimen's own
    /// group must be open to them too, not only the groups that are searched.
    pub(super) async fn demand_for_finding(
        &self,
        actor: &Actor,
        specimen: SpecimenId,
        own: (Category, AccessAct),
        grounds: &SearchGrounds<'_>,
        denied: &'static str,
    ) -> Result<()> {
        if is_for_finding(own.0) {
            return self.permitted_groups(actor, specimen, grounds, denied, [own]).await.map(drop);
        }
        let denial = Entry::denial(denied, Some(actor)).details(json!({"specimen": specimen, "category": own.0}));
        let words =
            "relatives are looked for to find the missing and to name the dead, never from a crime or a conviction";
        self.deny(denial, "not_for_finding", "categories of specimens", words, Vec::new()).await
    }
}

fn lineage_count(system: MarkerSystem, [compared, not_comparable, agreeing]: [usize; 3]) -> Result<LineageCount> {
    let by_chance_at_most = match compared {
        0 => 0.0,
        _ => {
            let limit = HaplotypeCount::new(count(agreeing), count(compared))?.upper_limit(HAPLOTYPE_CONFIDENCE)?;
            limit * compared as f64
        }
    };
    Ok(LineageCount {
        system,
        compared: count(compared),
        not_comparable: count(not_comparable),
        agreeing: count(agreeing),
        by_chance_at_most,
    })
}

#[cfg(test)]
mod tests {
    use tanba_dna::Apart;

    use super::*;

    fn compared(system: MarkerSystem, apart: Option<(usize, usize)>) -> Compared {
        let apart = apart.map(|(differences, beyond_one_step)| Apart { differences, beyond_one_step });
        Compared { system, common: 10, apart }
    }

    #[test]
    fn a_relative_shares_one_line_and_one_person_shares_all() {
        use Comparison::{Kinship, SameSource};
        use MarkerSystem::{Mitochondrial, Snp, Y};
        let (same, step, far, unknown) = (Some((0, 0)), Some((1, 0)), Some((3, 2)), None);
        for (y, mitochondrial, person, relative) in [
            (same, same, true, true),
            (same, step, true, true),
            (same, far, false, true),
            (far, same, false, true),
            (far, far, false, false),
            (unknown, same, true, true),
            (unknown, unknown, false, false),
            (Some((1, 1)), unknown, false, false),
        ] {
            let pair = [compared(Y, y), compared(Mitochondrial, mitochondrial)];
            assert_eq!((is_hit(&pair, SameSource), is_hit(&pair, Kinship)), (person, relative), "{pair:?}");
        }
        assert!(!is_hit(&[], SameSource) && !is_hit(&[], Kinship));
        assert!(is_hit(&[compared(Snp, step)], SameSource));
    }
}
