//! Genomic registration: specimens of the groups that the law names, and the search that finds the same profile.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sqlx::Row;
use tanba_dna::{Category, Panel, Profile, Rule};
use tanba_law::{AccessAct, DataClass};

use crate::actor::{Actor, Role};
use crate::error::{RegistryError, Result};
use crate::ids::{CaseId, GenomicHitId, PersonId, SearchId, SpecimenId};
use crate::institutions::{code, text};
use crate::journal::Entry;
use crate::keys::{key_for_reading, key_for_writing};
use crate::law::AccessFacts;
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::vault::{Domain, fresh_bytes};

/// A specimen and its profile, to be registered.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewSpecimen {
    /// The client's own key: sent twice, it is the same specimen.
    pub client_key: String,
    /// Why it is held.
    pub category: Category,
    /// The laboratory's label.
    pub label: String,
    /// The case it belongs to.
    pub case: CaseId,
    /// The profile: CSV rows `locus,allele1,allele2`, or JSON.
    pub profile: String,
    /// For a known donor: the identification number.
    #[serde(default)]
    pub iin: Option<String>,
    /// Facts that the law asks for: `offence`, `judgment_final`, `written_consent`, `investigator_order`,
    /// `relationship`, `born`, `status`.
    #[serde(default)]
    pub facts: Map<String, Value>,
}

/// A registered specimen; never its alleles.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SpecimenView {
    /// The specimen.
    pub id: SpecimenId,
    /// Why it is held.
    pub category: Category,
    /// How many loci are typed.
    pub loci: u32,
    /// Until when the law lets it be kept, where it says so.
    pub retain_until: Option<String>,
    /// The clause.
    pub clause: String,
}

/// A specimen with the same profile.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GenomicHit {
    /// The hit, which a human being must confirm.
    pub id: GenomicHitId,
    /// The specimen that was found.
    pub specimen: SpecimenId,
    /// Why that one is held.
    pub category: Category,
    /// Loci typed in both.
    pub loci_compared: u32,
    /// Loci at which they differ.
    pub mismatches: u32,
}

/// The answer of a genomic search.
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
    /// What was found.
    pub hits: Vec<GenomicHit>,
}

impl Registry {
    /// Registers a specimen's profile, if the law lets its group be registered and every locus is permitted.
    ///
    /// # Errors
    /// Denied with the clause where the law forbids it or something is missing; a locus outside the panel; a conflict
    /// where the client key was used for another specimen.
    pub async fn register_specimen(&self, actor: &Actor, new: &NewSpecimen) -> Result<SpecimenView> {
        self.demand(actor, Role::DnaExaminer, "register a genomic profile").await?;
        code("client_key", &new.client_key)?;
        text("label", &new.label)?;
        let request_hash = self.request_hash(actor, new)?;
        if let Some(row) = sqlx::query("SELECT id, request_hash FROM specimens WHERE client_key = $1")
            .bind(&new.client_key)
            .fetch_optional(&self.inner.pool)
            .await?
        {
            if row.try_get::<Vec<u8>, _>("request_hash")? != request_hash {
                return Err(RegistryError::Conflict {
                    what: "this client key was used for a different specimen",
                    next: "give every specimen a key of its own",
                });
            }
            return self.specimen_view(rows::id(&row, "id")?).await;
        }
        let profile = read_profile(&new.profile)?;
        let person = match &new.iin {
            None => None,
            Some(iin) => self.person_of_iin(&self.accept_iin(iin)?).await?,
        };
        let law_asked = self.inner.law();
        let law = match law_trigger(new.category) {
            // Quality control of the laboratory itself: nobody is registered by it.
            None => None,
            Some(trigger) => {
                let mut facts = new.facts.clone();
                facts.insert("trigger".to_owned(), json!(trigger));
                let law = law_asked.genomic(&facts, self.today())?;
                if law.forbids() || !law.missing.is_empty() {
                    let denial = Entry::denial("specimen.denied", Some(actor))
                        .purpose("genomic_registration")
                        .law(&law.pack_hash, &law.clause)
                        .about_all(person)
                        .details(json!({"category": new.category, "case": new.case}));
                    let code = if law.forbids() { "must_not_register" } else { "not_yet_lawful" };
                    return self.deny_by_law(denial, code, &law.clause, &law.text, law.needs()).await;
                }
                Some(law)
            }
        };
        let (pack, pack_hash, clause) = match &law {
            Some(law) => (law.pack.clone(), law.pack_hash.clone(), law.clause.clone()),
            None => ("laboratory".to_owned(), String::new(), "quality control".to_owned()),
        };
        let (retain_until, _) = law_asked.genomic_retention(population(new.category), self.today());

        let mut tx = WriteTx::begin(&self.inner).await?;
        self.demand_same_law(&law_asked)?;
        self.case_of(tx.sql(), actor, new.case).await?;
        let now = tx.now();
        let id = SpecimenId::fresh(now.micros(), fresh_bytes()?);
        let owner = id.to_string();
        let key = key_for_writing(&self.inner.vault, tx.sql(), now, &owner, Domain::Genomic).await?;
        let bytes = zeroize::Zeroizing::new(profile.to_bytes());
        let sealed_profile = self.inner.vault.seal(&key, Domain::Genomic, &owner, "profile", &bytes)?;
        let sealed_label = self.inner.vault.seal(&key, Domain::Genomic, &owner, "label", new.label.as_bytes())?;
        sqlx::query("INSERT INTO specimens (id, category, person_id, case_id, client_key, request_hash, sealed_label, sealed_profile, loci, state, pack, pack_hash, clause, retain_until, entered_by, entered_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'active', $10, $11, $12, $13, $14, $15)")
            .bind(&owner)
            .bind(new.category.name())
            .bind(person.map(|p| p.to_string()))
            .bind(new.case.to_string())
            .bind(&new.client_key)
            .bind(&request_hash)
            .bind(sealed_label)
            .bind(sealed_profile)
            .bind(i64::try_from(profile.typed_loci()).unwrap_or(0))
            .bind(pack)
            .bind(&pack_hash)
            .bind(&clause)
            .bind(retain_until.map(|d| d.to_string()))
            .bind(actor.account().to_string())
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        let entry = Entry::effect("specimen.registered", actor)
            .purpose("genomic_registration")
            .law(&pack_hash, &clause)
            .about_all(person)
            .details(json!({"specimen": id, "category": new.category, "case": new.case, "loci": profile.typed_loci()}));
        tx.commit(&entry).await?;
        self.enter_genomic(new.category, id, &profile)?;
        self.specimen_view(id).await
    }

    /// Searches with a specimen's profile among the groups it may lawfully be compared with.
    ///
    /// # Errors
    /// Denied with the clause where purpose, case, basis or the body's right is missing.
    pub async fn search_specimen(
        &self,
        actor: &Actor,
        specimen: SpecimenId,
        case: CaseId,
        purpose: &str,
        legal_basis: &str,
    ) -> Result<GenomicAnswer> {
        self.demand(actor, Role::DnaExaminer, "search with a genomic profile").await?;
        code("purpose", purpose)?;
        let mut sql = self.inner.pool.acquire().await?;
        let row = sqlx::query("SELECT category, person_id, case_id FROM specimens WHERE id = $1 AND state = 'active'")
            .bind(specimen.to_string())
            .fetch_optional(&mut *sql)
            .await?
            .ok_or(RegistryError::NotFound { what: "specimen" })?;
        let category = parse_category(&row.try_get::<String, _>("category")?)?;
        let case_present = self.case_of(&mut sql, actor, case).await.is_ok();
        // Each group that could be compared is a permission of its own; the search enters only those that are given.
        let mut permitted = Vec::new();
        let mut refused = None;
        let mut granted = None;
        for group in category.same_source_categories() {
            let facts = AccessFacts {
                body: &actor.body,
                purpose: Some(purpose),
                legal_basis: Some(legal_basis).filter(|b| !b.trim().is_empty()),
                case_present,
                act: AccessAct::Search,
                data: DataClass::Genomic,
                population: population(group),
                sanction: None,
                at: self.inner.clock.now().micros(),
            };
            let decision = self.inner.law().access(&facts, self.today());
            if decision.permit {
                permitted.push(group);
                granted.get_or_insert(decision);
            } else {
                refused.get_or_insert(decision);
            }
        }
        let Some(decision) = granted else {
            let decision = refused.ok_or(RegistryError::Invalid {
                field: "specimen",
                problem: "specimens of this group are not searched for the same profile".to_owned(),
            })?;
            let denial = Entry::denial("genomic_search.denied", Some(actor))
                .purpose(purpose)
                .law(&decision.pack_hash, &decision.clause)
                .details(json!({"specimen": specimen, "case": case, "reason": decision.code}));
            return self.deny_by_law(denial, &decision.code, &decision.clause, &decision.text, decision.needs).await;
        };
        let populations: BTreeSet<&str> = permitted.iter().map(|group| population(*group)).collect();
        let populations = populations.into_iter().collect::<Vec<_>>().join(" ");
        let owner = specimen.to_string();
        let profile = self.profile_of(&mut sql, &owner).await?.ok_or(RegistryError::NotFound { what: "specimen" })?;
        drop(sql);
        let (found, compared, not_comparable) = {
            let genomic = self.inner.genomic.read().unwrap_or_else(std::sync::PoisonError::into_inner);
            genomic.search(category, specimen, &profile, &permitted)?
        };

        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let search = SearchId::fresh(now.micros(), fresh_bytes()?);
        let mut hits = Vec::new();
        let mut people: Vec<PersonId> = rows::id_opt(&row, "person_id")?.into_iter().collect();
        for hit in found {
            // Read again: what was withdrawn or blocked since is not shown.
            let live = sqlx::query("SELECT category, person_id FROM specimens WHERE id = $1 AND state = 'active'")
                .bind(hit.specimen.to_string())
                .fetch_optional(tx.sql())
                .await?;
            if let Some(live) = live {
                people.extend(rows::id_opt::<PersonId>(&live, "person_id")?);
                hits.push(GenomicHit {
                    id: GenomicHitId::fresh(now.micros(), fresh_bytes()?),
                    specimen: hit.specimen,
                    category: parse_category(&live.try_get::<String, _>("category")?)?,
                    loci_compared: hit.loci_compared,
                    mismatches: hit.mismatches,
                });
            }
        }
        sqlx::query("INSERT INTO searches (id, encounter_id, request_id, kind, populations, gallery_version, shards_expected, shards_answered, people_compared, outcome, searched_at) VALUES ($1, NULL, NULL, 'genomic', $2, 0, 1, 1, $3, $4, $5)")
            .bind(search.to_string())
            .bind(&populations)
            .bind(i64::try_from(compared).unwrap_or(i64::MAX))
            .bind(if hits.is_empty() { "no_hit" } else { "candidates" })
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        for hit in &hits {
            sqlx::query("INSERT INTO genomic_hits (id, search_id, specimen_id, loci_compared, mismatches, log10_lr, state) VALUES ($1, $2, $3, $4, $5, NULL, 'open')")
                .bind(hit.id.to_string())
                .bind(search.to_string())
                .bind(hit.specimen.to_string())
                .bind(i64::from(hit.loci_compared))
                .bind(i64::from(hit.mismatches))
                .execute(tx.sql())
                .await?;
        }
        let entry = Entry::look("genomic.searched", actor)
            .purpose(purpose)
            .law(&decision.pack_hash, &decision.clause)
            .about_all(people)
            .details(json!({"specimen": specimen, "case": case, "search": search, "populations": populations, "legal_basis": legal_basis, "compared": compared, "not_comparable": not_comparable, "hits": hits.iter().map(|h| h.specimen).collect::<Vec<_>>()}));
        let log_seq = tx.commit(&entry).await?;
        Ok(GenomicAnswer {
            search,
            log_seq,
            profiles_compared: compared,
            profiles_not_comparable: not_comparable,
            hits,
        })
    }

    async fn profile_of(&self, sql: &mut sqlx::SqliteConnection, owner: &str) -> Result<Option<Profile>> {
        let Some(key) = key_for_reading(&self.inner.vault, &mut *sql, owner, Domain::Genomic).await? else {
            return Ok(None);
        };
        let sealed: Vec<u8> =
            sqlx::query_scalar("SELECT sealed_profile FROM specimens WHERE id = $1").bind(owner).fetch_one(sql).await?;
        let plain = self.inner.vault.open(&key, Domain::Genomic, owner, "profile", &sealed)?;
        Ok(Some(Profile::from_bytes(&plain)?))
    }

    fn enter_genomic(&self, category: Category, id: SpecimenId, profile: &Profile) -> Result<()> {
        self.inner.genomic.write().unwrap_or_else(std::sync::PoisonError::into_inner).insert(category, id, profile)
    }

    /// Takes a specimen out of the search database; its row says the same.
    pub(crate) fn leave_genomic(&self, id: SpecimenId) {
        self.inner.genomic.write().unwrap_or_else(std::sync::PoisonError::into_inner).remove(id);
    }

    /// Puts a specimen that may be used again into the search database.
    pub(crate) async fn again_in_searches(&self, id: SpecimenId) -> Result<()> {
        let mut sql = self.inner.pool.acquire().await?;
        let category: String = sqlx::query_scalar("SELECT category FROM specimens WHERE id = $1 AND state = 'active'")
            .bind(id.to_string())
            .fetch_optional(&mut *sql)
            .await?
            .ok_or(RegistryError::NotFound { what: "specimen" })?;
        match self.profile_of(&mut sql, &id.to_string()).await? {
            Some(profile) => self.enter_genomic(parse_category(&category)?, id, &profile),
            None => Ok(()),
        }
    }

    /// Fills the search database from the sealed profiles, at start.
    pub(crate) async fn load_genomic(&self) -> Result<()> {
        let mut sql = self.inner.pool.acquire().await?;
        let found = sqlx::query("SELECT id, category FROM specimens WHERE state = 'active' ORDER BY id")
            .fetch_all(&mut *sql)
            .await?;
        for row in &found {
            let id: SpecimenId = rows::id(row, "id")?;
            let category = parse_category(&row.try_get::<String, _>("category")?)?;
            if let Some(profile) = self.profile_of(&mut sql, &id.to_string()).await? {
                self.enter_genomic(category, id, &profile)?;
            }
        }
        Ok(())
    }

    async fn specimen_view(&self, id: SpecimenId) -> Result<SpecimenView> {
        let row = sqlx::query("SELECT category, loci, retain_until, clause FROM specimens WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.inner.pool)
            .await?
            .ok_or(RegistryError::NotFound { what: "specimen" })?;
        Ok(SpecimenView {
            id,
            category: parse_category(&row.try_get::<String, _>("category")?)?,
            loci: rows::number(&row, "loci")?,
            retain_until: row.try_get("retain_until")?,
            clause: row.try_get("clause")?,
        })
    }
}

/// A same-profile finding, before its row is read again.
pub(crate) struct Found {
    specimen: SpecimenId,
    loci_compared: u32,
    mismatches: u32,
}

/// The in-memory search database: investigation and quality control in separate ones that never mix.
pub(crate) struct GenomicIndex {
    investigative: tanba_dna::Database,
    quality: tanba_dna::Database,
}

impl GenomicIndex {
    pub(crate) fn new() -> Self {
        Self { investigative: tanba_dna::Database::investigative(), quality: tanba_dna::Database::quality() }
    }

    fn insert(&mut self, category: Category, id: SpecimenId, profile: &Profile) -> Result<()> {
        let database = if category == Category::Elimination { &mut self.quality } else { &mut self.investigative };
        Ok(database.insert(tanba_dna::SpecimenId(id.as_u128()), category, profile)?)
    }

    fn remove(&mut self, id: SpecimenId) {
        let id = tanba_dna::SpecimenId(id.as_u128());
        // In one of them, and in the other never.
        let _ = self.investigative.remove(id) || self.quality.remove(id);
    }

    /// The same profile among these groups: what was found, how many others were compared, and how many could not be. The
    /// specimen itself stands among those searched and is left out of the answer and of the counts.
    fn search(
        &self,
        category: Category,
        own: SpecimenId,
        profile: &Profile,
        among: &[Category],
    ) -> Result<(Vec<Found>, u64, u64)> {
        let answer = self.investigative.search(profile, category, &Rule::SAME_PROFILE, among)?;
        let found: Vec<Found> = answer
            .hits
            .iter()
            .filter(|hit| hit.specimen.0 != own.as_u128())
            .map(|hit| Found {
                specimen: SpecimenId::from_u128(hit.specimen.0),
                loci_compared: u32::try_from(hit.comparison.loci.len()).unwrap_or(u32::MAX),
                mismatches: u32::try_from(hit.mismatches).unwrap_or(u32::MAX),
            })
            .collect();
        let itself = among.contains(&category) && self.investigative.contains(tanba_dna::SpecimenId(own.as_u128()));
        let compared = answer.profiles_searched - answer.profiles_not_comparable - usize::from(itself);
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        Ok((found, count(compared), count(answer.profiles_not_comparable)))
    }
}

/// The question that a group's specimen puts to the law on genomic registration.
fn law_trigger(category: Category) -> Option<&'static str> {
    match category {
        Category::ConvictedPerson => Some("conviction"),
        Category::UnidentifiedPerson | Category::CrimeStain => Some("unidentified_material"),
        Category::UnidentifiedBody => Some("unidentified_body"),
        Category::RelativeOfMissing | Category::MissingPersonReference => Some("missing_relative"),
        Category::Elimination => None,
    }
}

/// The population that a specimen of this group belongs to, in the law's words.
fn population(category: Category) -> &'static str {
    match category {
        Category::ConvictedPerson => "convicted",
        Category::UnidentifiedPerson | Category::CrimeStain => "unidentified_donor",
        Category::UnidentifiedBody => "unidentified_body",
        Category::RelativeOfMissing | Category::MissingPersonReference => "missing_relative",
        Category::Elimination => "elimination",
    }
}

/// The same of a category by its name in the database.
pub(crate) fn population_named(category: &str) -> Result<&'static str> {
    parse_category(category).map(population)
}

fn read_profile(text: &str) -> Result<Profile> {
    let panel = &Panel::CODIS_20;
    Ok(if text.trim_start().starts_with('{') {
        Profile::from_json(text, panel)?
    } else {
        Profile::from_csv(text, panel)?
    })
}

fn parse_category(text: &str) -> Result<Category> {
    text.parse().map_err(|_| RegistryError::Damaged { what: "specimen" })
}
