//! Hits before examiners: what they see of one, and what two of them make of it.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use tanba_dna::{Agreement, Category, Comparison, ProfileComparison};

use super::findings::{GenomicBar, GenomicFinding, Matter, barred, demand_open, is_open};
use super::markers::MarkerSystem;
use super::{contamination, parse_category};
use crate::actor::{Actor, Role};
use crate::error::{RegistryError, Result};
use crate::ids::{GenomicHitId, PersonId, SpecimenId};
use crate::journal::Entry;
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::verdict::Verdict;

/// A hit that waits for a finding; nobody's finding, and no likelihood ratio.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GenomicTask {
    /// The hit.
    pub id: GenomicHitId,
    /// Since when it waits.
    pub since: Instant,
    /// `rule`, `lineage` or `likelihood_ratio`.
    pub method: String,
    /// Why this examiner may not examine it, if so.
    pub barred: Option<GenomicBar>,
}

/// How two specimens agree at one locus, or in one kind of lineage markers. Never an allele.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkerAgreement {
    /// The locus, or `y`, `mitochondrial`, `snp`.
    pub marker: String,
    /// Loci, positions or SNPs compared: 1 at an autosomal locus.
    pub compared: u32,
    /// At how many of them they differ; none known above some tens for mitochondrial DNA.
    pub differing: Option<u32>,
    /// At an autosomal locus, how well they agree.
    pub agreement: Option<Agreement>,
}

/// A hit as its examiner finds it. Until it is decided: no likelihood ratio, no rank, nobody's finding but the reader's own.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GenomicHitView {
    /// The hit.
    pub id: GenomicHitId,
    /// What was searched with.
    pub query: SpecimenId,
    /// Why that is held.
    pub query_category: Category,
    /// What was found.
    pub found: SpecimenId,
    /// Why that one is held.
    pub found_category: Category,
    /// What the comparison looks for: one person, or a relative.
    pub purpose: Comparison,
    /// The relation that was weighed, in a search by likelihood ratio.
    pub relation: Option<String>,
    /// How the two agree, marker by marker.
    pub markers: Vec<MarkerAgreement>,
    /// `open` until it is decided; then `confirmed`, `rejected`, `inconclusive` or `void`.
    pub state: String,
    /// What this examiner found.
    pub mine: Option<Verdict>,
    /// Once it is decided: log10 of the likelihood ratio, of a search by it.
    pub log10_lr: Option<f64>,
    /// Once it is decided: all findings, in their order.
    pub findings: Vec<GenomicFinding>,
}

/// The purpose of examining hits, as the rules of a key process name it.
pub(super) const EXAMINATION: &str = "genomic_examination";

/// Hits with their search and both specimens. `$1` is the natural person who reads, `$2` the organisation.
macro_rules! hits {
    ($rest:literal) => {
        concat!(
            "SELECT h.*, s.searched_at, q.category AS query_category, f.category AS found_category, q.person_id AS query_person, f.person_id AS found_person, \
             q.state AS query_state, f.state AS found_state, \
             (SELECT COUNT(*) FROM accounts a WHERE a.natural_person = $1 AND a.id IN (q.entered_by, f.entered_by)) AS own_specimen, \
             (SELECT COUNT(*) FROM accounts a WHERE a.natural_person = $1 AND a.person_id IN (q.person_id, f.person_id)) AS own_profile, \
             (SELECT COUNT(*) FROM genomic_findings g JOIN accounts a ON a.id = g.account_id WHERE g.subject_kind = 'hit' AND g.subject_id = h.id AND a.natural_person = $1) AS given \
             FROM genomic_hits h JOIN searches s ON s.id = h.search_id JOIN cases c ON c.id = s.case_id AND c.organisation_id = $2 \
             JOIN specimens q ON q.id = h.query_id JOIN specimens f ON f.id = h.specimen_id ",
            $rest
        )
    };
}

/// The two specimens of a hit.
struct Sides {
    query: (SpecimenId, Category),
    found: (SpecimenId, Category),
    people: Vec<PersonId>,
}

impl Registry {
    /// Hits of the organisation's cases that wait for a finding, the oldest first. What is held back as possibly contaminated is
    /// left out.
    ///
    /// # Errors
    /// Denied without the examiner's role.
    pub async fn genomic_tasks(&self, actor: &Actor) -> Result<Vec<GenomicTask>> {
        self.demand(actor, Role::DnaExaminer, "see genomic hits").await?;
        let found = sqlx::query(hits!(
            "WHERE h.state IN ('open', 'disputed') AND q.state = 'active' AND f.state = 'active' \
             AND NOT EXISTS (SELECT 1 FROM contaminations k WHERE k.state = 'open' AND (k.specimen_id IN (q.id, f.id) OR (k.kind = 'batch' AND k.other_id IN (q.id, f.id)))) \
             ORDER BY s.searched_at, h.id LIMIT 500"
        ))
        .bind(&actor.natural_person)
        .bind(actor.organisation.to_string())
        .fetch_all(&self.inner.pool)
        .await?;
        found
            .iter()
            .map(|row| {
                Ok(GenomicTask {
                    id: rows::id(row, "id")?,
                    since: rows::instant(row, "searched_at")?,
                    method: row.try_get("method")?,
                    barred: barred(row, None)?,
                })
            })
            .collect()
    }

    /// A hit, with how the two specimens agree; the look is logged.
    ///
    /// # Errors
    /// Denied without the examiner's role, and while it is open to whoever may not examine it; not found where it is of another
    /// organisation's case; a conflict where one of the two is held back.
    pub async fn genomic_hit(&self, actor: &Actor, id: GenomicHitId) -> Result<GenomicHitView> {
        self.demand(actor, Role::DnaExaminer, "see a genomic hit").await?;
        self.open_sides(actor, id).await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let row = self.hit_row(tx.sql(), actor, id).await?;
        let state: String = row.try_get("state")?;
        let open = is_open(&state);
        if let Some(bar) = barred(&row, None)?.filter(|bar| open && *bar != GenomicBar::SameExaminer) {
            drop(tx);
            return self.deny_finding(actor, "hit", &id.to_string(), bar).await;
        }
        let sides = sides(&row)?;
        if open {
            self.demand_live(tx.sql(), &row, &sides).await?;
        }
        let purpose =
            sides.query.1.compared_with(sides.found.1).ok_or(RegistryError::Damaged { what: "genomic hit" })?;
        let markers = self.markers(tx.sql(), &sides, purpose).await?;
        let findings = self.findings_of(tx.sql(), &matter_of(id, &sides), actor).await?;
        let mine = findings.iter().find(|finding| finding.mine).map(|finding| finding.verdict);
        let view = GenomicHitView {
            id,
            query: sides.query.0,
            query_category: sides.query.1,
            found: sides.found.0,
            found_category: sides.found.1,
            purpose,
            relation: row.try_get("relation")?,
            markers,
            state: if open { "open".to_owned() } else { state },
            mine,
            log10_lr: if open { None } else { row.try_get("log10_lr")? },
            findings: if open { Vec::new() } else { findings },
        };
        let entry = Entry::look("genomic_hit.viewed", actor).purpose(EXAMINATION).about_all(sides.people);
        tx.commit(&entry.details(json!({"hit": id, "open": open}))).await?;
        Ok(view)
    }

    /// Gives a finding on a hit: that it holds, that it does not, or that it cannot be said. Two that agree decide; where they
    /// differ a third does. `Same` means that the hit holds for what was looked for: one person, or the relation that was asked.
    ///
    /// # Errors
    /// Denied to whoever entered one of the specimens, is a donor, or has given a finding under any account; a conflict where it is
    /// decided or one of the two is held back.
    pub async fn judge_genomic_hit(
        &self,
        actor: &Actor,
        id: GenomicHitId,
        verdict: Verdict,
        notes: Option<&str>,
    ) -> Result<GenomicHitView> {
        self.demand(actor, Role::DnaExaminer, "examine a genomic hit").await?;
        self.open_sides(actor, id).await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let row = self.hit_row(tx.sql(), actor, id).await?;
        if let Some(bar) = barred(&row, None)? {
            drop(tx);
            return self.deny_finding(actor, "hit", &id.to_string(), bar).await;
        }
        demand_open(&row.try_get::<String, _>("state")?)?;
        let sides = sides(&row)?;
        self.demand_live(tx.sql(), &row, &sides).await?;
        let state = self.give_finding(&mut tx, actor, &matter_of(id, &sides), verdict, notes).await?;
        sqlx::query("UPDATE genomic_hits SET state = $1 WHERE id = $2")
            .bind(state)
            .bind(id.to_string())
            .execute(tx.sql())
            .await?;
        let entry = Entry::effect("genomic_hit.judged", actor).purpose(EXAMINATION).about_all(sides.people);
        tx.commit(&entry.details(json!({"hit": id, "verdict": verdict, "state": state}))).await?;
        self.genomic_hit(actor, id).await
    }

    /// Opens the groups of both specimens of a hit, unless the answer will be no.
    async fn open_sides(&self, actor: &Actor, id: GenomicHitId) -> Result<()> {
        let mut sql = self.inner.pool.acquire().await?;
        let row = self.hit_row(&mut sql, actor, id).await?;
        drop(sql);
        if is_open(&row.try_get::<String, _>("state")?)
            && barred(&row, None)?.is_some_and(|bar| bar != GenomicBar::SameExaminer)
        {
            return Ok(());
        }
        let sides = sides(&row)?;
        self.open_for(actor, EXAMINATION, json!({"hit": id}), [sides.query.1, sides.found.1]).await
    }

    /// A hit of the actor's organisation.
    async fn hit_row(&self, sql: &mut SqliteConnection, actor: &Actor, id: GenomicHitId) -> Result<SqliteRow> {
        sqlx::query(hits!("WHERE h.id = $3"))
            .bind(&actor.natural_person)
            .bind(actor.organisation.to_string())
            .bind(id.to_string())
            .fetch_optional(sql)
            .await?
            .ok_or(RegistryError::NotFound { what: "genomic hit" })
    }

    /// Neither specimen is withdrawn, blocked or held back.
    async fn demand_live(&self, sql: &mut SqliteConnection, row: &SqliteRow, sides: &Sides) -> Result<()> {
        for column in ["query_state", "found_state"] {
            if row.try_get::<String, _>(column)? != "active" {
                return Err(RegistryError::NotFound { what: "genomic hit" });
            }
        }
        for specimen in [sides.query.0, sides.found.0] {
            if contamination::is_held(&mut *sql, specimen).await? {
                return Err(contamination::held_back());
            }
        }
        Ok(())
    }

    /// How two specimens agree, marker by marker.
    async fn markers(
        &self,
        sql: &mut SqliteConnection,
        sides: &Sides,
        purpose: Comparison,
    ) -> Result<Vec<MarkerAgreement>> {
        let mut markers = Vec::new();
        let profiles = self.profile_of(&mut *sql, sides.query.0).await?;
        if let Some((a, b)) = profiles.zip(self.profile_of(&mut *sql, sides.found.0).await?) {
            markers.extend(ProfileComparison::between(&a, &b).loci.into_iter().map(|at| MarkerAgreement {
                marker: at.locus.name().to_owned(),
                compared: 1,
                differing: Some(u32::from(at.agreement != Agreement::High)),
                agreement: Some(at.agreement),
            }));
        }
        let lineages = self.lineage_of(&mut *sql, sides.query.0).await?;
        if let Some((a, b)) = lineages.zip(self.lineage_of(&mut *sql, sides.found.0).await?) {
            let index = self.genomic_index();
            let small = |n: usize| u32::try_from(n).ok().filter(|n| *n <= 20_000);
            markers.extend(a.compare(&b, purpose, index.reference.as_ref()).into_iter().map(|one| {
                MarkerAgreement {
                    marker: match one.system {
                        MarkerSystem::Y => "y",
                        MarkerSystem::Mitochondrial => "mitochondrial",
                        MarkerSystem::Snp => "snp",
                    }
                    .to_owned(),
                    compared: small(one.common).unwrap_or(0),
                    differing: one.apart.and_then(|apart| small(apart.differences)),
                    agreement: None,
                }
            }));
        }
        Ok(markers)
    }
}

fn sides(row: &SqliteRow) -> Result<Sides> {
    let people = [rows::id_opt(row, "query_person")?, rows::id_opt(row, "found_person")?];
    Ok(Sides {
        query: (rows::id(row, "query_id")?, parse_category(&row.try_get::<String, _>("query_category")?)?),
        found: (rows::id(row, "specimen_id")?, parse_category(&row.try_get::<String, _>("found_category")?)?),
        people: people.into_iter().flatten().collect(),
    })
}

fn matter_of(id: GenomicHitId, sides: &Sides) -> Matter {
    Matter { kind: "hit", id: id.to_string(), owner: sides.query.0 }
}
