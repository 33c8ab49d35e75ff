//! Possible contamination: a stain that is really the laboratory's own, or another stain's of its batch.
//!
//! Found at registration, never in a search: the profiles of staff, visitors and reagents lie in an index of their own. What agrees
//! is held back, and is neither searched with nor found, until the quality manager has decided.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{Row, SqliteConnection};
use tanba_dna::{Category, Profile, ProfileComparison, Rule};

use super::NewSpecimen;
use super::search::HitRow;
use crate::actor::{Actor, Role};
use crate::error::{RegistryError, Result};
use crate::ids::{ContaminationId, SpecimenId};
use crate::institutions::text;
use crate::journal::Entry;
use crate::keys::key_for_writing;
use crate::recipients::Cause;
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::{Domain, fresh_bytes};

/// What a stain agrees with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContaminationKind {
    /// A profile of staff, visitors or reagents.
    Elimination,
    /// A stain of another case that went through the laboratory in the same batch.
    Batch,
}

/// What the quality manager decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContaminationFinding {
    /// It is contaminated: the stain stays blocked, and the hits that it made are void.
    Contamination,
    /// It is not: the stain is searched with and found from now on.
    Cleared,
}

/// A stain that is held back, as the quality manager sees it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ContaminationView {
    /// The matter.
    pub id: ContaminationId,
    /// What the stain agrees with.
    pub kind: ContaminationKind,
    /// The stain.
    pub stain: SpecimenId,
    /// The laboratory's label of the stain; none where its keys are gone.
    pub stain_label: Option<String>,
    /// The specimen that it agrees with.
    pub other: SpecimenId,
    /// Its label.
    pub other_label: Option<String>,
    /// Loci typed in both.
    pub loci_compared: u32,
    /// Loci at which they differ.
    pub mismatches: u32,
    /// Since when it waits.
    pub found_at: Instant,
}

/// The purpose of the quality manager, as the rules of a key process name it.
const CONTAMINATION: &str = "contamination";

/// The groups that are held against each other to find contamination.
const COMPARED: [Category; 2] = [Category::CrimeStain, Category::Elimination];

/// The groups that registering a specimen of this one opens.
pub(super) fn at_the_door(category: Category) -> Vec<Category> {
    if COMPARED.contains(&category) { COMPARED.to_vec() } else { vec![category] }
}

impl ContaminationKind {
    fn name(self) -> &'static str {
        match self {
            Self::Elimination => "elimination",
            Self::Batch => "batch",
        }
    }
}

impl ContaminationFinding {
    fn name(self) -> &'static str {
        match self {
            Self::Contamination => "contamination",
            Self::Cleared => "cleared",
        }
    }
}

impl Registry {
    /// Holds a new specimen against what could have contaminated it, and writes down what agrees.
    pub(super) async fn look_for_contamination(
        &self,
        tx: &mut WriteTx<'_>,
        actor: &Actor,
        id: SpecimenId,
        new: &NewSpecimen,
        profile: &Profile,
    ) -> Result<()> {
        match new.category {
            Category::CrimeStain => {
                let found = self.genomic_search(&[Category::Elimination])?.like_the_laboratory(profile)?;
                for found in found {
                    let kind = ContaminationKind::Elimination;
                    hold(tx, actor, (id, found.specimen), kind, &found).await?;
                }
                if let Some(batch) = &new.batch {
                    let others = "SELECT id FROM specimens WHERE category = 'crime_stain' AND state = 'active' AND batch = $1 AND case_id <> $2";
                    let others: Vec<String> =
                        sqlx::query_scalar(others).bind(batch).bind(new.case.to_string()).fetch_all(tx.sql()).await?;
                    for found in self.agreeing(tx.sql(), profile, &others).await? {
                        let kind = ContaminationKind::Batch;
                        hold(tx, actor, (id, found.specimen), kind, &found).await?;
                    }
                }
            }
            Category::Elimination => {
                let stains = "SELECT id FROM specimens WHERE category = 'crime_stain' AND state = 'active'";
                let stains: Vec<String> = sqlx::query_scalar(stains).fetch_all(tx.sql()).await?;
                for found in self.agreeing(tx.sql(), profile, &stains).await? {
                    let kind = ContaminationKind::Elimination;
                    hold(tx, actor, (found.specimen, id), kind, &found).await?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Those of these stains that agree with a profile.
    async fn agreeing(&self, sql: &mut SqliteConnection, profile: &Profile, ids: &[String]) -> Result<Vec<HitRow>> {
        let mut found = Vec::new();
        for id in ids {
            let specimen = rows::parse_id(id)?;
            let Some(other) = self.profile_of(&mut *sql, specimen).await? else { continue };
            let comparison = ProfileComparison::between(profile, &other);
            if Rule::SAME_PROFILE.accepts(&comparison) {
                found.push(HitRow {
                    specimen,
                    loci_compared: u32::try_from(comparison.loci.len()).unwrap_or(u32::MAX),
                    mismatches: u32::try_from(Rule::SAME_PROFILE.mismatches(&comparison)).unwrap_or(u32::MAX),
                    log10_lr: None,
                });
            }
        }
        Ok(found)
    }

    /// Takes what a new specimen made held out of the index.
    pub(super) async fn take_out_held(&self, category: Category, id: SpecimenId) -> Result<()> {
        if !COMPARED.contains(&category) {
            return Ok(());
        }
        let held: Vec<String> = sqlx::query_scalar(
            "SELECT CASE WHEN specimen_id = $1 THEN other_id ELSE specimen_id END FROM contaminations WHERE (specimen_id = $1 AND kind = 'batch') OR other_id = $1",
        )
        .bind(id.to_string())
        .fetch_all(&self.inner.pool)
        .await?;
        let _turn = self.inner.following.lock().await;
        for specimen in &held {
            self.genomic_index_mut().remove(rows::parse_id(specimen)?);
        }
        Ok(())
    }

    /// The stains that are held back, the oldest first, with what they agree with. A look at both, in the log.
    ///
    /// # Errors
    /// Denied without the quality manager's role.
    pub async fn open_contaminations(&self, actor: &Actor) -> Result<Vec<ContaminationView>> {
        self.demand(actor, Role::QualityManager, "see possible contamination").await?;
        let waiting = "SELECT COUNT(*) FROM contaminations WHERE state = 'open'";
        if sqlx::query_scalar::<_, i64>(waiting).fetch_one(&self.inner.pool).await? > 0 {
            self.open_for(actor, CONTAMINATION, json!({}), COMPARED).await?;
        }
        let mut tx = WriteTx::begin(&self.inner).await?;
        let found = sqlx::query("SELECT * FROM contaminations WHERE state = 'open' ORDER BY found_at, id LIMIT 500")
            .fetch_all(tx.sql())
            .await?;
        let mut views = Vec::with_capacity(found.len());
        for row in &found {
            let (stain, other) = (rows::id(row, "specimen_id")?, rows::id(row, "other_id")?);
            let batch = row.try_get::<String, _>("kind")? == ContaminationKind::Batch.name();
            views.push(ContaminationView {
                id: rows::id(row, "id")?,
                kind: if batch { ContaminationKind::Batch } else { ContaminationKind::Elimination },
                stain,
                stain_label: self.label_of(tx.sql(), stain).await?,
                other,
                other_label: self.label_of(tx.sql(), other).await?,
                loci_compared: rows::number(row, "loci_compared")?,
                mismatches: rows::number(row, "mismatches")?,
                found_at: rows::instant(row, "found_at")?,
            });
        }
        let entry = Entry::look("contaminations.viewed", actor).purpose(CONTAMINATION);
        let shown: Vec<_> = views.iter().map(|view| view.id).collect();
        tx.commit(&entry.details(json!({"contaminations": shown}))).await?;
        Ok(views)
    }

    /// The laboratory's label of a specimen.
    pub(super) async fn label_of(&self, sql: &mut SqliteConnection, id: SpecimenId) -> Result<Option<String>> {
        let label = self.specimen_field(sql, id, "label").await?;
        Ok(label.map(|label| String::from_utf8_lossy(&label).into_owned()))
    }

    /// Decides whether a held stain is contaminated.
    ///
    /// # Errors
    /// Denied without the quality manager's role, and to whoever entered one of the two specimens under any account; a
    /// conflict where it is decided.
    pub async fn decide_contamination(
        &self,
        actor: &Actor,
        id: ContaminationId,
        finding: ContaminationFinding,
        reason: &str,
    ) -> Result<()> {
        self.demand(actor, Role::QualityManager, "decide on possible contamination").await?;
        text("reason", reason)?;
        self.open_for(actor, CONTAMINATION, json!({"contamination": id}), COMPARED).await?;
        let _turn = self.inner.registration.lock().await;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let row = sqlx::query(
            "SELECT c.*, (SELECT COUNT(*) FROM specimens s JOIN accounts a ON a.id = s.entered_by WHERE s.id IN (c.specimen_id, c.other_id) AND a.natural_person = $2) AS own FROM contaminations c WHERE c.id = $1",
        )
        .bind(id.to_string())
        .bind(&actor.natural_person)
        .fetch_optional(tx.sql())
        .await?
        .ok_or(RegistryError::NotFound { what: "possible contamination" })?;
        if row.try_get::<i64, _>("own")? > 0 {
            drop(tx);
            let denial = Entry::denial("contamination.denied", Some(actor))
                .purpose(CONTAMINATION)
                .details(json!({"contamination": id}));
            let needs = vec!["another quality manager".to_owned()];
            let words = "whoever entered one of the two specimens does not decide whether it is contaminated";
            return self.deny(denial, "own_specimen", "quality control", words, needs).await;
        }
        if row.try_get::<String, _>("state")? != "open" {
            return Err(RegistryError::Conflict {
                what: "this is decided already",
                next: "a decision stands; register the stain anew once it was profiled again",
            });
        }
        let stain: SpecimenId = rows::id(&row, "specimen_id")?;
        let other: SpecimenId = rows::id(&row, "other_id")?;
        // In a batch nobody knows which of the two went into the other.
        let batch = row.try_get::<String, _>("kind")? == ContaminationKind::Batch.name();
        let stains = if batch { vec![stain, other] } else { vec![stain] };
        let owner = stain.to_string();
        let key = key_for_writing(&self.inner.vault, tx.sql(), now, &owner, Domain::Genomic).await?;
        let field = format!("contamination/{id}");
        let sealed = self.inner.vault.seal(&key, Domain::Genomic, &owner, &field, reason.as_bytes())?;
        sqlx::query(
            "UPDATE contaminations SET state = $1, sealed_reason = $2, decided_by = $3, decided_at = $4 WHERE id = $5",
        )
        .bind(finding.name())
        .bind(sealed)
        .bind(actor.account().to_string())
        .bind(now.micros())
        .bind(id.to_string())
        .execute(tx.sql())
        .await?;
        if finding == ContaminationFinding::Contamination {
            for stain in &stains {
                self.order_deletions_of_hits(&mut tx, &stain.to_string(), (Cause::Corrected, &id.to_string())).await?;
                block(&mut tx, *stain).await?;
            }
        }
        let entry = Entry::effect("contamination.decided", actor).purpose(CONTAMINATION);
        tx.commit(&entry.details(json!({"contamination": id, "finding": finding, "stains": stains}))).await?;
        if finding == ContaminationFinding::Cleared {
            let mut sql = self.inner.pool.acquire().await?;
            for stain in stains {
                self.enter_if_free(&mut sql, stain).await?;
            }
        }
        Ok(())
    }
}

/// Whether a specimen is held back: possibly contaminated, or found to be. The second holds whatever else blocks a specimen and
/// frees it again.
pub(super) async fn is_held(sql: &mut SqliteConnection, id: SpecimenId) -> Result<bool> {
    let open: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM contaminations WHERE state IN ('open', 'contamination') AND (specimen_id = $1 OR (kind = 'batch' AND other_id = $1))",
    )
    .bind(id.to_string())
    .fetch_one(sql)
    .await?;
    Ok(open > 0)
}

pub(super) fn held_back() -> RegistryError {
    RegistryError::Conflict {
        what: "this specimen is held back: possible contamination",
        next: "wait for the quality manager's decision; nothing is searched with it and nothing found until then",
    }
}

/// Writes down that a stain may be contaminated. It is held from then on.
async fn hold(
    tx: &mut WriteTx<'_>,
    actor: &Actor,
    (stain, other): (SpecimenId, SpecimenId),
    kind: ContaminationKind,
    found: &HitRow,
) -> Result<()> {
    let now = tx.now().micros();
    let id = ContaminationId::fresh(now, fresh_bytes()?);
    sqlx::query("INSERT INTO contaminations (id, specimen_id, other_id, kind, loci_compared, mismatches, state, found_at) VALUES ($1, $2, $3, $4, $5, $6, 'open', $7)")
        .bind(id.to_string())
        .bind(stain.to_string())
        .bind(other.to_string())
        .bind(kind.name())
        .bind(i64::from(found.loci_compared))
        .bind(i64::from(found.mismatches))
        .bind(now)
        .execute(tx.sql())
        .await?;
    let entry = Entry::effect("contamination.suspected", actor).purpose(CONTAMINATION);
    tx.log(&entry.details(json!({"contamination": id, "stain": stain, "kind": kind}))).await?;
    Ok(())
}

/// Blocks a contaminated stain, and makes void what it was found with.
async fn block(tx: &mut WriteTx<'_>, stain: SpecimenId) -> Result<()> {
    sqlx::query("UPDATE specimens SET state = 'blocked' WHERE id = $1")
        .bind(stain.to_string())
        .execute(tx.sql())
        .await?;
    sqlx::query("UPDATE genomic_hits SET state = 'void' WHERE query_id = $1 OR specimen_id = $1")
        .bind(stain.to_string())
        .execute(tx.sql())
        .await?;
    Ok(())
}
