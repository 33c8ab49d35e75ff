//! A specimen at the door: only permitted loci, only groups that the law names, and a look for contamination before it is searched.

use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, json};
use sqlx::Row;
use tanba_dna::{Category, DnaError, Panel, Profile};

use super::markers::Lineage;
use super::{contamination, law_trigger, parse_category, population};
use crate::actor::{Actor, Role};
use crate::error::{RegistryError, Result};
use crate::ids::{CaseId, PersonId, SpecimenId};
use crate::institutions::{code, text};
use crate::journal::Entry;
use crate::key_process::Need;
use crate::keys::key_of_new_specimen;
use crate::law::{LawBook, PermittedLoci};
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::vault::{Domain, fresh_bytes};

/// The purpose of registering a specimen, as the rules of a key process name it.
const REGISTRATION: &str = "genomic_registration";

/// A specimen and what was typed of it, to be registered. At least one kind of marker must be typed.
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
    /// The autosomal profile: CSV rows `locus,allele1,allele2`, or JSON. Old remains may have none.
    #[serde(default)]
    pub profile: Option<String>,
    /// The Y-STR haplotype: CSV rows `locus,allele1,allele2`, or JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub y: Option<String>,
    /// The mitochondrial haplotype: `16024-16365: 16189C`, or JSON of ranges and differences.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mitochondrial: Option<String>,
    /// Identity SNPs: CSV rows `rs1490413,A,G`, or JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snps: Option<String>,
    /// What it went through the laboratory with, by the laboratory's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<String>,
    /// For a known donor: the identification number.
    #[serde(default)]
    pub iin: Option<String>,
    /// Facts that the law asks for: `offence`, `judgment_final`, `written_consent`, `investigator_order`,
    /// `relationship`, `born`, `status`.
    #[serde(default)]
    pub facts: Map<String, serde_json::Value>,
}

/// A registered specimen; never its alleles.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SpecimenView {
    /// The specimen.
    pub id: SpecimenId,
    /// Why it is held.
    pub category: Category,
    /// How many autosomal loci are typed.
    pub loci: u32,
    /// How many Y-STR loci are typed.
    pub y_loci: u32,
    /// Whether mitochondrial DNA was read.
    pub mitochondrial: bool,
    /// How many identity SNPs are typed.
    pub snps: u32,
    /// Whether it is held back: it is not searched with or found until a person has decided that it is not contaminated.
    pub held: bool,
    /// Until when the law lets it be kept, where it says so.
    pub retain_until: Option<String>,
    /// The clause.
    pub clause: String,
}

/// What was typed of a specimen, read and permitted.
struct Typed {
    profile: Option<Profile>,
    lineage: Lineage,
}

/// Under which law a specimen is held.
struct Basis {
    pack: String,
    pack_hash: String,
    clause: String,
    retain_until: Option<Date>,
}

impl Registry {
    /// Registers a specimen, if the law lets its group be registered and every locus is permitted. A stain is held against the
    /// laboratory's own profiles, and a profile of the laboratory against every stain; what agrees is held back.
    ///
    /// # Errors
    /// Denied with the clause where the law forbids it, something is missing, or the permitted loci are not known; a locus
    /// outside the panel; a conflict where the client key was used for another specimen.
    pub async fn register_specimen(&self, actor: &Actor, new: &NewSpecimen) -> Result<SpecimenView> {
        self.demand(actor, Role::DnaExaminer, "register a genomic profile").await?;
        code("client_key", &new.client_key)?;
        text("label", &new.label)?;
        if let Some(batch) = &new.batch {
            code("batch", batch)?;
        }
        let request_hash = self.request_hash(actor, new)?;
        if let Some(id) = self.registered_before(new, &request_hash).await? {
            let details = json!({"specimen": id, "case": new.case});
            self.open_for(actor, REGISTRATION, details, [new.category]).await?;
            return self.specimen_view(id).await;
        }
        let law_asked = self.inner.law();
        let person = match &new.iin {
            None => None,
            Some(iin) => self.person_of_iin(&self.accept_iin(iin)?).await?,
        };
        // Whether there is a law for this comes before what it lets be stored.
        let basis = self.lawful_basis(actor, new, person, &law_asked).await?;
        let typed = self.typed(actor, new, &law_asked).await?;
        let need = Need {
            actor,
            purpose: REGISTRATION,
            law: Some((&basis.pack_hash, &basis.clause)),
            details: json!({"case": new.case}),
        };
        self.open_groups(need, contamination::at_the_door(new.category)).await?;
        // One after another: what is compared for contamination must be in the index before the next specimen is.
        let _turn = self.inner.registration.lock().await;
        let id = self.insert_specimen(actor, new, &request_hash, &typed, (&basis, &law_asked), person).await?;
        let mut sql = self.inner.pool.acquire().await?;
        self.enter_if_free(&mut sql, id).await?;
        drop(sql);
        self.specimen_view(id).await
    }

    async fn registered_before(&self, new: &NewSpecimen, request_hash: &[u8]) -> Result<Option<SpecimenId>> {
        let row = sqlx::query("SELECT id, request_hash FROM specimens WHERE client_key = $1")
            .bind(&new.client_key)
            .fetch_optional(&self.inner.pool)
            .await?;
        let Some(row) = row else { return Ok(None) };
        if row.try_get::<Vec<u8>, _>("request_hash")? != request_hash {
            return Err(RegistryError::Conflict {
                what: "this client key was used for a different specimen",
                next: "give every specimen a key of its own",
            });
        }
        Ok(Some(rows::id(&row, "id")?))
    }

    /// Reads what was typed, with the law's panel at the door. What is refused there is logged, without a locus or an allele.
    async fn typed(&self, actor: &Actor, new: &NewSpecimen, law_asked: &LawBook) -> Result<Typed> {
        let denial = || {
            Entry::denial("specimen.denied", Some(actor))
                .purpose(REGISTRATION)
                .details(json!({"category": new.category, "case": new.case}))
        };
        let loci = match law_asked.genomic_panel(self.today()) {
            Ok(loci) => loci,
            Err((reason, hash)) => {
                let denial = denial().law(&hash, "panel");
                return self.deny_by_law(denial, "panel_not_known", "panel", &reason, Vec::new()).await;
            }
        };
        let read = {
            let index = self.genomic_index();
            read(new, &loci, index.reference.as_ref())
        };
        if let Err(RegistryError::Profile(DnaError::LocusNotPermitted { .. })) = &read {
            let mut entry = denial().law(&loci.pack_hash, "panel");
            entry.details["reason"] = json!("locus_not_permitted");
            WriteTx::begin(&self.inner).await?.commit(&entry).await?;
        }
        read
    }

    /// The law's word on registering this group; denied where it says no.
    async fn lawful_basis(
        &self,
        actor: &Actor,
        new: &NewSpecimen,
        person: Option<PersonId>,
        law_asked: &LawBook,
    ) -> Result<Basis> {
        let Some(trigger) = law_trigger(new.category) else {
            return Ok(Basis {
                pack: "laboratory".to_owned(),
                pack_hash: String::new(),
                clause: "quality control".to_owned(),
                retain_until: law_asked.genomic_retention(population(new.category), self.today()).0,
            });
        };
        let mut facts = new.facts.clone();
        facts.insert("trigger".to_owned(), json!(trigger));
        let law = law_asked.genomic(&facts, self.today())?;
        if law.forbids() || !law.missing.is_empty() {
            let denial = Entry::denial("specimen.denied", Some(actor))
                .purpose(REGISTRATION)
                .law(&law.pack_hash, &law.clause)
                .about_all(person)
                .details(json!({"category": new.category, "case": new.case}));
            let code = if law.forbids() { "must_not_register" } else { "not_yet_lawful" };
            return self.deny_by_law(denial, code, &law.clause, &law.text, law.needs()).await;
        }
        let (retain_until, _) = law_asked.genomic_retention(population(new.category), self.today());
        Ok(Basis { pack: law.pack, pack_hash: law.pack_hash, clause: law.clause, retain_until })
    }

    async fn insert_specimen(
        &self,
        actor: &Actor,
        new: &NewSpecimen,
        request_hash: &[u8],
        typed: &Typed,
        (basis, law_asked): (&Basis, &Arc<LawBook>),
        person: Option<PersonId>,
    ) -> Result<SpecimenId> {
        let mut tx = WriteTx::begin(&self.inner).await?;
        self.demand_same_law(law_asked)?;
        self.case_of(tx.sql(), actor, new.case).await?;
        let now = tx.now();
        let id = SpecimenId::fresh(now.micros(), fresh_bytes()?);
        let owner = id.to_string();
        let key = key_of_new_specimen(&self.inner.vault, tx.sql(), now, &owner, new.category).await?;
        let seal = |field, plain: &[u8]| self.inner.vault.seal(&key, Domain::Genomic, &owner, field, plain);
        let profile = typed.profile.as_ref().map(|profile| zeroize::Zeroizing::new(profile.to_bytes()));
        let lineage = self.lineage_bytes(&typed.lineage)?;
        let loci = typed.profile.as_ref().map_or(0, Profile::typed_loci);
        sqlx::query("INSERT INTO specimens (id, category, person_id, case_id, client_key, request_hash, sealed_label, sealed_profile, sealed_lineage, loci, batch, state, pack, pack_hash, clause, retain_until, entered_by, entered_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'active', $12, $13, $14, $15, $16, $17)")
            .bind(&owner)
            .bind(new.category.name())
            .bind(person.map(|p| p.to_string()))
            .bind(new.case.to_string())
            .bind(&new.client_key)
            .bind(request_hash)
            .bind(seal("label", new.label.as_bytes())?)
            .bind(profile.map(|bytes| seal("profile", &bytes)).transpose()?)
            .bind(lineage.map(|bytes| seal("lineage", &bytes)).transpose()?)
            .bind(i64::try_from(loci).unwrap_or(0))
            .bind(&new.batch)
            .bind(&basis.pack)
            .bind(&basis.pack_hash)
            .bind(&basis.clause)
            .bind(basis.retain_until.map(|d| d.to_string()))
            .bind(actor.account().to_string())
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        let (y_loci, mitochondrial, snps) = typed.lineage.counts();
        let entry = Entry::effect("specimen.registered", actor)
            .purpose(REGISTRATION)
            .law(&basis.pack_hash, &basis.clause)
            .about_all(person)
            .details(json!({"specimen": id, "category": new.category, "case": new.case, "loci": loci, "y_loci": y_loci, "mitochondrial": mitochondrial, "snps": snps}));
        tx.log(&entry).await?;
        if let Some(profile) = &typed.profile {
            self.look_for_contamination(&mut tx, actor, id, new, profile).await?;
        }
        tx.commit_logged().await?;
        // A profile of the laboratory that agrees with stains takes them out of the index at once.
        self.take_out_held(new.category, id).await?;
        Ok(id)
    }

    pub(super) async fn specimen_view(&self, id: SpecimenId) -> Result<SpecimenView> {
        let mut sql = self.inner.pool.acquire().await?;
        let row = sqlx::query("SELECT category, loci, retain_until, clause FROM specimens WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&mut *sql)
            .await?
            .ok_or(RegistryError::NotFound { what: "specimen" })?;
        let held = contamination::is_held(&mut sql, id).await?;
        let (y_loci, mitochondrial, snps) = self.lineage_of(&mut sql, id).await?.unwrap_or_default().counts();
        Ok(SpecimenView {
            id,
            category: parse_category(&row.try_get::<String, _>("category")?)?,
            loci: rows::number(&row, "loci")?,
            y_loci: u32::try_from(y_loci).unwrap_or(u32::MAX),
            mitochondrial,
            snps: u32::try_from(snps).unwrap_or(u32::MAX),
            held,
            retain_until: row.try_get("retain_until")?,
            clause: row.try_get("clause")?,
        })
    }
}

fn read(new: &NewSpecimen, loci: &PermittedLoci, reference: Option<&tanba_dna::MtReference>) -> Result<Typed> {
    let profile = new.profile.as_deref().map(|text| read_profile(text, &loci.panel)).transpose()?;
    let lineage = Lineage::read(new, loci, reference)?;
    if profile.is_none() && lineage.is_empty() {
        return Err(RegistryError::Profile(DnaError::EmptyProfile));
    }
    Ok(Typed { profile, lineage })
}

fn read_profile(text: &str, panel: &Panel) -> Result<Profile> {
    Ok(if text.trim_start().starts_with('{') {
        Profile::from_json(text, panel)?
    } else {
        Profile::from_csv(text, panel)?
    })
}
