//! Genomic registration: specimens of the groups that the law names, what may be searched with them, and what is made of a hit.
//!
//! ```text
//! register (specimen) -> permitted loci only -> law -> contamination? -> index
//! search_specimen (search)            the same profile by match rule, with the hits to expect by chance
//! search_lineage (lineage)            Y, mitochondrial and SNP markers, to find the missing and name the dead
//! ask -> sanction -> make (likelihood) relatives by likelihood ratio, with the unrelated leads to expect in the sanction
//! hit -> two examiners (findings)     only then confirmed
//! body and missing person (reconciliation) -> two experts -> only then joined
//! ```

mod contamination;
mod desk;
mod findings;
mod hits;
mod identification;
mod index;
mod likelihood;
mod lineage;
mod lr_question;
mod markers;
mod reconciliation;
mod references;
mod search;
mod specimen;

use std::collections::BTreeSet;

use serde_json::json;
use sqlx::{Row, SqliteConnection};
use tanba_dna::{Category, Profile};
use tanba_law::{AccessAct, DataClass, Volume};

use crate::actor::Actor;
use crate::error::{RegistryError, Result};
use crate::ids::{CaseId, PersonId, SearchId, SpecimenId};
use crate::journal::Entry;
use crate::key_process::Need;
use crate::keys::key_for_reading;
use crate::law::AccessFacts;
use crate::params::GENOMIC_HITS_SHOWN;
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::vault::{Domain, fresh_bytes};

pub use contamination::{ContaminationFinding, ContaminationKind, ContaminationView};
pub use desk::{CaseHit, CaseReconciliation, CaseSpecimen, GenomicCase, GenomicCodes};
pub use findings::{GenomicBar, GenomicFinding};
pub use hits::{GenomicHitView, GenomicTask, MarkerAgreement};
pub use identification::{IdentificationView, JoinedSide};
pub(crate) use index::GenomicIndex;
pub use lineage::{LineageAnswer, LineageCount};
pub use lr_question::{LrQuestion, LrRequestView, NewLrSearch};
pub use markers::MarkerSystem;
pub use reconciliation::{NewReconciliation, ReconciliationView};
pub use references::{NewReference, ReferenceKind, ReferenceView};
pub use search::{GenomicAnswer, GenomicHit};
pub use specimen::{NewSpecimen, SpecimenView};

/// On what grounds a specimen is searched with.
#[derive(Debug, Clone, Copy)]
pub struct SearchGrounds<'a> {
    /// The case.
    pub case: CaseId,
    /// The purpose, by the code of law packs.
    pub purpose: &'a str,
    /// The legal basis, as the examiner states it.
    pub legal_basis: &'a str,
}

impl SearchGrounds<'_> {
    /// A search with a specimen on these grounds, as it is signed.
    fn of(&self, specimen: SpecimenId) -> serde_json::Value {
        serde_json::json!([specimen, self.case, self.purpose, self.legal_basis])
    }
}

/// The groups that a search may enter, and on which clause.
struct Permitted {
    groups: Vec<Category>,
    /// Their populations, in the law's words.
    populations: String,
    pack_hash: String,
    clause: String,
    /// The purpose as the log of denials may keep it.
    purpose: String,
    /// How much may be asked, where the law says it.
    volume: Option<Volume>,
}

impl Permitted {
    /// What opens the specimen's own group, and those that are searched.
    async fn open_groups(
        &self,
        registry: &Registry,
        actor: &Actor,
        (specimen, own): (SpecimenId, Category),
        grounds: &SearchGrounds<'_>,
    ) -> Result<()> {
        let need = Need {
            actor,
            purpose: grounds.purpose,
            law: Some((&self.pack_hash, &self.clause)),
            details: json!({"specimen": specimen, "case": grounds.case, "legal_basis": grounds.legal_basis}),
        };
        registry.open_groups(need, self.groups.iter().copied().chain([own])).await
    }
}

/// A search to be written down.
struct SearchRow<'a> {
    asked_by: &'a Actor,
    populations: &'a str,
    compared: u64,
    any: bool,
    grounds: &'a SearchGrounds<'a>,
    by_chance: Option<f64>,
}

impl Registry {
    /// Those of these groups that the law lets this body search for this purpose: each is a permission of its own. Where none is
    /// given, the answer is denied and the denial logged as `denied`.
    async fn permitted_groups(
        &self,
        actor: &Actor,
        specimen: SpecimenId,
        grounds: &SearchGrounds<'_>,
        denied: &'static str,
        groups: impl IntoIterator<Item = (Category, AccessAct)>,
    ) -> Result<Permitted> {
        let mut sql = self.inner.pool.acquire().await?;
        let case_present = self.case_of(&mut sql, actor, grounds.case).await.is_ok();
        drop(sql);
        let mut permitted = Vec::new();
        let (mut refused, mut granted) = (None, None);
        for (group, act) in groups {
            let decision =
                self.inner.law().access(&self.genomic_facts(actor, grounds, case_present, act, group), self.today());
            if decision.permit {
                permitted.push(group);
                granted.get_or_insert(decision);
            } else {
                refused.get_or_insert(decision);
            }
        }
        if let Some(decision) = granted {
            let populations: BTreeSet<&str> = permitted.iter().map(|group| population(*group)).collect();
            return Ok(Permitted {
                groups: permitted,
                populations: populations.into_iter().collect::<Vec<_>>().join(" "),
                purpose: decision.logged(grounds.purpose).to_owned(),
                pack_hash: decision.pack_hash,
                clause: decision.clause,
                volume: decision.volume,
            });
        }
        let decision = refused.ok_or(RegistryError::Invalid {
            field: "specimen",
            problem: "specimens of this group are not searched with in this way".to_owned(),
        })?;
        let denial = Entry::denial(denied, Some(actor))
            .purpose(decision.logged(grounds.purpose))
            .law(&decision.pack_hash, &decision.clause)
            .details(json!({"specimen": specimen, "case": grounds.case, "reason": decision.code, "policy_decision": decision.hash}));
        self.deny_by_law(denial, &decision.code, &decision.clause, &decision.text, decision.needs).await
    }

    fn genomic_facts<'a>(
        &self,
        actor: &'a Actor,
        grounds: &SearchGrounds<'a>,
        case_present: bool,
        act: AccessAct,
        group: Category,
    ) -> AccessFacts<'a> {
        AccessFacts {
            body: &actor.body,
            purpose: Some(grounds.purpose),
            legal_basis: Some(grounds.legal_basis).filter(|basis| !basis.trim().is_empty()),
            case_present,
            act,
            data: DataClass::Genomic,
            population: population(group),
            sanction: None,
            urgent: false,
            searched: Vec::new(),
            at: self.inner.clock.now().micros(),
        }
    }

    /// Opens groups of specimens for work on them for which no law is asked.
    async fn open_for(
        &self,
        actor: &Actor,
        purpose: &'static str,
        details: serde_json::Value,
        groups: impl IntoIterator<Item = Category>,
    ) -> Result<()> {
        self.open_groups(Need { actor, purpose, law: None, details }, groups).await
    }

    /// A specimen that may be searched with: live, and not held back as possibly contaminated.
    async fn searchable(&self, sql: &mut SqliteConnection, id: SpecimenId) -> Result<(Category, Option<PersonId>)> {
        let (category, person) =
            live_specimen(&mut *sql, id).await?.ok_or(RegistryError::NotFound { what: "specimen" })?;
        if contamination::is_held(sql, id).await? {
            return Err(contamination::held_back());
        }
        Ok((category, person))
    }

    /// The autosomal profile of a specimen; `None` where it has none or its keys are gone.
    async fn profile_of(&self, sql: &mut SqliteConnection, id: SpecimenId) -> Result<Option<Profile>> {
        let plain = self.specimen_field(sql, id, "profile").await?;
        plain.map(|bytes| Ok(Profile::from_bytes(&bytes)?)).transpose()
    }

    /// A sealed field of a specimen: `profile`, `lineage` or `label`.
    async fn specimen_field(
        &self,
        sql: &mut SqliteConnection,
        id: SpecimenId,
        field: &'static str,
    ) -> Result<Option<zeroize::Zeroizing<Vec<u8>>>> {
        let owner = id.to_string();
        let Some(key) = key_for_reading(&self.inner.vault, &mut *sql, &owner, Domain::Genomic).await? else {
            return Ok(None);
        };
        let row = sqlx::query("SELECT sealed_profile, sealed_lineage, sealed_label FROM specimens WHERE id = $1")
            .bind(&owner)
            .fetch_one(sql)
            .await?;
        let sealed: Option<Vec<u8>> = row.try_get(format!("sealed_{field}").as_str())?;
        sealed.map(|sealed| self.inner.vault.open(&key, Domain::Genomic, &owner, field, &sealed)).transpose()
    }

    /// Begins to write a search down, where it found no more than may be shown and none of the limits of its officer, case and
    /// organisation is reached. Too much is denied and not cut off: a list with an end that nobody sees would look complete.
    async fn begin_search(
        &self,
        actor: &Actor,
        grounds: &SearchGrounds<'_>,
        permitted: &Permitted,
        found: usize,
    ) -> Result<WriteTx<'_>> {
        if count(found) > u64::from(GENOMIC_HITS_SHOWN) {
            let denial = Entry::denial("genomic_search.denied", Some(actor))
                .purpose(&permitted.purpose)
                .law(&permitted.pack_hash, &permitted.clause)
                .details(json!({"case": grounds.case, "reason": "too_many_hits"}));
            let text = "more specimens agree than an answer may show, so none is shown";
            let needs = vec!["a profile with more loci or markers, which fewer agree with".to_owned()];
            return self.deny(denial, "too_many_hits", "limits of this register", text, needs).await;
        }
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let Some(whose) = self.limit_reached(tx.sql(), actor, Some(grounds.case), permitted.volume, now).await? else {
            return Ok(tx);
        };
        drop(tx);
        let law = (permitted.pack_hash.as_str(), permitted.clause.as_str());
        self.deny_volume(actor, &permitted.purpose, Some(law), whose, json!({"act": "search", "case": grounds.case}))
            .await
    }

    /// Writes a search down, with the groups it entered and what it was to find by chance.
    async fn write_search(tx: &mut WriteTx<'_>, row: &SearchRow<'_>) -> Result<SearchId> {
        let now = tx.now().micros();
        let id = SearchId::fresh(now, fresh_bytes()?);
        sqlx::query("INSERT INTO searches (id, encounter_id, request_id, kind, populations, gallery_version, shards_expected, shards_answered, people_compared, outcome, searched_at, case_id, purpose, expected_by_chance, account_id) VALUES ($1, NULL, NULL, 'genomic', $2, 0, 1, 1, $3, $4, $5, $6, $7, $8, $9)")
            .bind(id.to_string())
            .bind(row.populations)
            .bind(i64::try_from(row.compared).unwrap_or(i64::MAX))
            .bind(if row.any { "candidates" } else { "no_hit" })
            .bind(now)
            .bind(row.grounds.case.to_string())
            .bind(row.grounds.purpose)
            .bind(row.by_chance)
            .bind(row.asked_by.account().to_string())
            .execute(tx.sql())
            .await?;
        Ok(id)
    }
}

/// The category and donor of a specimen that is registered and neither withdrawn nor blocked.
async fn live_specimen(sql: &mut SqliteConnection, id: SpecimenId) -> Result<Option<(Category, Option<PersonId>)>> {
    let row = sqlx::query("SELECT category, person_id FROM specimens WHERE id = $1 AND state = 'active'")
        .bind(id.to_string())
        .fetch_optional(sql)
        .await?;
    row.map(|row| Ok((parse_category(&row.try_get::<String, _>("category")?)?, rows::id_opt(&row, "person_id")?)))
        .transpose()
}

/// The groups whose samples were given, or taken, to find somebody or to give a name back. Lineage markers and likelihood ratios
/// reach relatives, so that searches by them stay among these.
fn is_for_finding(category: Category) -> bool {
    match category {
        Category::UnidentifiedPerson
        | Category::UnidentifiedBody
        | Category::RelativeOfMissing
        | Category::MissingPersonReference => true,
        Category::ConvictedPerson | Category::CrimeStain | Category::Elimination => false,
    }
}

/// The question that a group's specimen puts to the law on genomic registration.
fn law_trigger(category: Category) -> Option<&'static str> {
    match category {
        Category::ConvictedPerson => Some("conviction"),
        Category::UnidentifiedPerson | Category::CrimeStain => Some("unidentified_material"),
        Category::UnidentifiedBody => Some("unidentified_body"),
        Category::RelativeOfMissing | Category::MissingPersonReference => Some("missing_relative"),
        // Quality control of the laboratory itself: nobody is registered by it.
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

fn parse_category(text: &str) -> Result<Category> {
    text.parse().map_err(|_| RegistryError::Damaged { what: "specimen" })
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
