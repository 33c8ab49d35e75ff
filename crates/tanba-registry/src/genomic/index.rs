//! What is searched, in memory: profiles by match rule and likelihood ratio, lineage markers by comparison, and the laboratory's own
//! profiles in an index that nothing of the others reaches.

use std::collections::{BTreeMap, BTreeSet};

use tanba_dna::{
    AdventitiousHits, Category, Database, DnaError, FrequencyTable, MinimumFrequency, MtReference, Profile, Rule, Theta,
};

use super::markers::Lineage;
use super::search::HitRow;
use super::{count, parse_category};
use crate::error::Result;
use crate::ids::SpecimenId;
use crate::params::CHANCE_THETA;
use crate::registry::Registry;
use crate::rows;
use crate::vault::closed;

/// What a search by match rule met.
pub(super) struct RuleSearch {
    pub(super) found: Vec<HitRow>,
    pub(super) compared: u64,
    pub(super) not_comparable: u64,
    /// Hits to expect among profiles of other people.
    pub(super) by_chance: f64,
    /// Whose allele frequencies that number rests on.
    pub(super) population: String,
}

/// See the module.
pub(crate) struct GenomicIndex {
    /// The groups whose specimens may be in it: there are keys for them.
    entered: BTreeSet<Category>,
    /// Of these, the groups whose specimens are all in it. An answer about another group would be wrong.
    open: BTreeSet<Category>,
    pub(super) investigative: Database,
    quality: Database,
    pub(super) lineages: BTreeMap<SpecimenId, (Category, Lineage)>,
    /// The sequence that mitochondrial haplotypes are differences to; none until it is entered.
    pub(super) reference: Option<MtReference>,
    /// Tables of allele frequencies by name.
    pub(super) tables: BTreeMap<String, FrequencyTable>,
    /// The one that hits by chance are reckoned with: the last that was entered.
    pub(super) chance_table: Option<String>,
}

impl GenomicIndex {
    pub(crate) fn new() -> Self {
        Self {
            entered: BTreeSet::new(),
            open: BTreeSet::new(),
            investigative: Database::investigative(),
            quality: Database::quality(),
            lineages: BTreeMap::new(),
            reference: None,
            tables: BTreeMap::new(),
            chance_table: None,
        }
    }

    pub(super) fn insert(
        &mut self,
        category: Category,
        id: SpecimenId,
        profile: Option<&Profile>,
        lineage: Lineage,
    ) -> Result<()> {
        if let Some(profile) = profile {
            let database = if category == Category::Elimination { &mut self.quality } else { &mut self.investigative };
            database.insert(tanba_dna::SpecimenId(id.as_u128()), category, profile)?;
        }
        if !lineage.is_empty() {
            self.lineages.insert(id, (category, lineage));
        }
        Ok(())
    }

    pub(super) fn remove(&mut self, id: SpecimenId) {
        self.investigative.remove(tanba_dna::SpecimenId(id.as_u128()));
        self.quality.remove(tanba_dna::SpecimenId(id.as_u128()));
        self.lineages.remove(&id);
    }

    /// Forgets the specimens of a group, until the register has keys to read them with again.
    pub(crate) fn close(&mut self, group: Category) {
        self.entered.remove(&group);
        self.open.remove(&group);
        self.investigative.remove_all(group);
        self.quality.remove_all(group);
        self.lineages.retain(|_, (of, _)| *of != group);
    }

    /// Whether all specimens of a group are in it.
    pub(crate) fn is_open(&self, group: Category) -> bool {
        self.open.contains(&group)
    }

    /// Whether a specimen stands among those that a search of its own enters.
    pub(super) fn stands_among(&self, own: SpecimenId, category: Category, among: &[Category]) -> bool {
        among.contains(&category) && self.investigative.contains(tanba_dna::SpecimenId(own.as_u128()))
    }

    /// The laboratory's own profiles that agree with a stain. A stain of too few loci cannot be compared, and agrees with nobody.
    pub(super) fn like_the_laboratory(&self, stain: &Profile) -> Result<Vec<HitRow>> {
        if stain.typed_loci() < Rule::SAME_PROFILE.min_loci() {
            return Ok(Vec::new());
        }
        let against = &[Category::Elimination];
        let answer = self.quality.search(stain, Category::CrimeStain, &Rule::SAME_PROFILE, against)?;
        Ok(answer.hits.iter().map(found).collect())
    }

    /// The same profile among these groups. The specimen itself may stand among those searched, and is left out of the answer and
    /// of all counts.
    pub(super) fn same_profile(
        &self,
        category: Category,
        own: SpecimenId,
        profile: &Profile,
        among: &[Category],
    ) -> Result<RuleSearch> {
        let answer = self.investigative.search(profile, category, &Rule::SAME_PROFILE, among)?;
        let others = answer.hits.iter().filter(|hit| hit.specimen.0 != own.as_u128());
        let compared = answer.profiles_searched
            - answer.profiles_not_comparable
            - usize::from(self.stands_among(own, category, among));
        let chance = self.chance(profile, category, among)?;
        // What is expected of all profiles is expected of each alike, so the query's own row is taken out by its share.
        let by_chance = chance.expected * compared as f64 / chance.profiles.max(1) as f64;
        Ok(RuleSearch {
            found: others.map(found).collect(),
            compared: count(compared),
            not_comparable: count(answer.profiles_not_comparable),
            by_chance,
            population: chance.population,
        })
    }
}

impl GenomicIndex {
    /// Hits to expect by chance, with the frequencies of the last table that was entered. Without one, or where it lacks a locus, the
    /// searched profiles' own alleles are counted: in a small register every hit then looks like chance, which is all that it can say.
    fn chance(&self, profile: &Profile, category: Category, among: &[Category]) -> Result<AdventitiousHits> {
        let (database, rule, theta) = (&self.investigative, &Rule::SAME_PROFILE, Theta::new(CHANCE_THETA)?);
        let minimum = MinimumFrequency::FiveOverTwoN;
        let table = self.chance_table.as_ref().and_then(|name| self.tables.get(name));
        let by_table =
            table.map(|table| database.adventitious_hits(profile, category, rule, among, table, theta, minimum));
        match by_table {
            None | Some(Err(DnaError::NoFrequenciesAt { .. } | DnaError::NoSampleSize { .. })) => {
                Ok(database.adventitious_hits_of_own_frequencies(profile, category, rule, among, theta)?)
            }
            Some(chance) => Ok(chance?),
        }
    }
}

fn found(hit: &tanba_dna::Hit) -> HitRow {
    HitRow {
        specimen: SpecimenId::from_u128(hit.specimen.0),
        loci_compared: u32::try_from(hit.comparison.loci.len()).unwrap_or(u32::MAX),
        mismatches: u32::try_from(hit.mismatches).unwrap_or(u32::MAX),
        log10_lr: None,
    }
}

impl Registry {
    pub(crate) fn genomic_index(&self) -> std::sync::RwLockReadGuard<'_, GenomicIndex> {
        self.inner.genomic.read().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The same for a search among these groups.
    ///
    /// # Errors
    /// [`RegistryError::Keys`](crate::RegistryError::Keys) while the register has no keys to read specimens of one of them with.
    pub(super) fn genomic_search(&self, among: &[Category]) -> Result<std::sync::RwLockReadGuard<'_, GenomicIndex>> {
        let all = |index: &GenomicIndex| among.iter().all(|group| index.is_open(*group));
        Some(self.genomic_index()).filter(|index| all(index)).ok_or_else(closed)
    }

    pub(crate) fn genomic_index_mut(&self) -> std::sync::RwLockWriteGuard<'_, GenomicIndex> {
        self.inner.genomic.write().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Fills the index from the sealed profiles of groups, once there are keys. What is held back as possibly contaminated stays out of it.
    pub(crate) async fn load_genomic(&self, groups: &[Category]) -> Result<()> {
        let mut sql = self.inner.pool.acquire().await?;
        for group in groups {
            self.genomic_index_mut().entered.insert(*group);
            let ids = "SELECT id FROM specimens WHERE state = 'active' AND category = $1 ORDER BY id";
            let ids: Vec<String> = sqlx::query_scalar(ids).bind(group.name()).fetch_all(&mut *sql).await?;
            for id in &ids {
                self.enter_if_free(&mut sql, rows::parse_id(id)?).await?;
            }
            self.genomic_index_mut().open.insert(*group);
        }
        Ok(())
    }

    /// Takes a specimen out of the index; its row says the same.
    pub(crate) fn leave_genomic(&self, id: SpecimenId) {
        self.genomic_index_mut().remove(id);
    }

    /// Enters a specimen that may be used again in the index.
    pub(crate) async fn again_in_searches(&self, id: SpecimenId) -> Result<()> {
        let mut sql = self.inner.pool.acquire().await?;
        self.enter_if_free(&mut sql, id).await
    }

    /// Enters a registered specimen in the index, unless it is held back, blocked or withdrawn, or its group is not open: whoever opens it
    /// enters all of it.
    pub(super) async fn enter_if_free(&self, sql: &mut sqlx::SqliteConnection, id: SpecimenId) -> Result<()> {
        let _turn = self.inner.following.lock().await;
        let category: Option<String> =
            sqlx::query_scalar("SELECT category FROM specimens WHERE id = $1 AND state = 'active'")
                .bind(id.to_string())
                .fetch_optional(&mut *sql)
                .await?;
        let Some(category) = category else { return Ok(()) };
        if super::contamination::is_held(&mut *sql, id).await? {
            return Ok(());
        }
        let category = parse_category(&category)?;
        if !self.genomic_index().entered.contains(&category) {
            return Ok(());
        }
        let profile = self.profile_of(&mut *sql, id).await?;
        let lineage = self.lineage_of(sql, id).await?.unwrap_or_default();
        let mut index = self.genomic_index_mut();
        index.remove(id);
        index.insert(category, id, profile.as_ref(), lineage)
    }
}
