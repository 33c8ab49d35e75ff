//! No hit is an identification: two examiners look at it, independently, and only what both find holds is confirmed.
//!
//! The same way of deciding serves hits and reconciliations: whoever entered one of the specimens has no finding to give, nobody
//! gives two, nobody sees another's before the matter is decided; two that differ need a third.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use tanba_dna::{Agreement, Category, Comparison, ProfileComparison};

use super::lineage::MarkerSystem;
use super::{contamination, parse_category};
use crate::actor::{Actor, Role};
use crate::adjudication::{Verdict, check_notes, decided, parse_verdict};
use crate::error::{RegistryError, Result};
use crate::ids::{GenomicHitId, PersonId, SpecimenId};
use crate::journal::Entry;
use crate::keys::{key_for_reading, key_for_writing};
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::Domain;

/// Why an examiner has no finding to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GenomicBar {
    /// Entered one of the two specimens.
    OwnSpecimen,
    /// Is the donor of one of them.
    OwnProfile,
    /// Proposed it.
    OwnProposal,
    /// Has given a finding, under this or another account.
    SameExaminer,
}

impl GenomicBar {
    fn code(self) -> &'static str {
        match self {
            Self::OwnSpecimen => "own_specimen",
            Self::OwnProfile => "own_profile",
            Self::OwnProposal => "own_proposal",
            Self::SameExaminer => "same_examiner",
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::OwnSpecimen => "whoever entered one of the specimens does not examine the hit",
            Self::OwnProfile => "nobody examines a hit on their own profile",
            Self::OwnProposal => "whoever proposes it does not decide it",
            Self::SameExaminer => "an examiner gives one finding; the next must be another person's",
        }
    }
}

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

/// A finding as it was given; nobody's name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GenomicFinding {
    /// Whether it is the reader's own.
    pub mine: bool,
    /// Whether it holds.
    pub verdict: Verdict,
    /// What it rests on.
    pub notes: Option<String>,
    /// When.
    pub found_at: Instant,
}

/// Something that examiners decide: a hit or a reconciliation.
pub(super) struct Matter {
    /// `hit` or `reconciliation`.
    pub(super) kind: &'static str,
    pub(super) id: String,
    /// The specimen whose keys seal the notes.
    pub(super) owner: SpecimenId,
}

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
        let entry = Entry::look("genomic_hit.viewed", actor).purpose("genomic_examination").about_all(sides.people);
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
        let entry = Entry::effect("genomic_hit.judged", actor).purpose("genomic_examination").about_all(sides.people);
        tx.commit(&entry.details(json!({"hit": id, "verdict": verdict, "state": state}))).await?;
        self.genomic_hit(actor, id).await
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

    /// Writes a finding down and tells the state that follows: `open`, `disputed`, `confirmed`, `rejected`, `inconclusive`.
    pub(super) async fn give_finding(
        &self,
        tx: &mut WriteTx<'_>,
        actor: &Actor,
        matter: &Matter,
        verdict: Verdict,
        notes: Option<&str>,
    ) -> Result<&'static str> {
        let now = tx.now();
        let sealed = match notes.filter(|notes| !notes.trim().is_empty()) {
            None => None,
            Some(notes) => {
                check_notes(notes)?;
                let owner = matter.owner.to_string();
                let key = key_for_writing(&self.inner.vault, tx.sql(), now, &owner, Domain::Genomic).await?;
                let field = notes_field(matter, &actor.account().to_string());
                Some(self.inner.vault.seal(&key, Domain::Genomic, &owner, &field, notes.as_bytes())?)
            }
        };
        sqlx::query("INSERT INTO genomic_findings (subject_kind, subject_id, account_id, verdict, sealed_notes, found_at) VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(matter.kind)
            .bind(&matter.id)
            .bind(actor.account().to_string())
            .bind(verdict.name())
            .bind(sealed)
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        let verdicts: Vec<String> =
            sqlx::query_scalar("SELECT verdict FROM genomic_findings WHERE subject_kind = $1 AND subject_id = $2")
                .bind(matter.kind)
                .bind(&matter.id)
                .fetch_all(tx.sql())
                .await?;
        Ok(match decided(&verdicts) {
            "same" => "confirmed",
            "different" => "rejected",
            other => other,
        })
    }

    /// All findings of a matter, in their order.
    pub(super) async fn findings_of(
        &self,
        sql: &mut SqliteConnection,
        matter: &Matter,
        reader: &Actor,
    ) -> Result<Vec<GenomicFinding>> {
        let given = sqlx::query(
            "SELECT g.*, a.natural_person FROM genomic_findings g JOIN accounts a ON a.id = g.account_id WHERE g.subject_kind = $1 AND g.subject_id = $2 ORDER BY g.found_at, g.account_id",
        )
        .bind(matter.kind)
        .bind(&matter.id)
        .fetch_all(&mut *sql)
        .await?;
        let owner = matter.owner.to_string();
        let key = key_for_reading(&self.inner.vault, sql, &owner, Domain::Genomic).await?;
        given
            .iter()
            .map(|row| {
                let field = notes_field(matter, &row.try_get::<String, _>("account_id")?);
                let notes = match (&key, row.try_get::<Option<Vec<u8>>, _>("sealed_notes")?) {
                    (Some(key), Some(sealed)) => {
                        Some(self.inner.vault.open(key, Domain::Genomic, &owner, &field, &sealed)?)
                    }
                    _ => None,
                };
                Ok(GenomicFinding {
                    mine: row.try_get::<String, _>("natural_person")? == reader.natural_person,
                    verdict: parse_verdict(&row.try_get::<String, _>("verdict")?)?,
                    notes: notes.map(|notes| String::from_utf8_lossy(&notes).into_owned()),
                    found_at: rows::instant(row, "found_at")?,
                })
            })
            .collect()
    }

    pub(super) async fn deny_finding<T>(
        &self,
        actor: &Actor,
        kind: &'static str,
        id: &str,
        bar: GenomicBar,
    ) -> Result<T> {
        let denial = Entry::denial("genomic_finding.denied", Some(actor))
            .purpose("genomic_examination")
            .details(json!({kind: id}));
        self.deny(denial, bar.code(), "two examiners", bar.text(), vec!["another examiner".to_owned()]).await
    }
}

/// Why this examiner has no finding to give, from the columns of a matter.
pub(super) fn barred(row: &SqliteRow, proposed_by: Option<bool>) -> Result<Option<GenomicBar>> {
    Ok(if row.try_get::<i64, _>("own_specimen")? > 0 {
        Some(GenomicBar::OwnSpecimen)
    } else if row.try_get::<i64, _>("own_profile")? > 0 {
        Some(GenomicBar::OwnProfile)
    } else if proposed_by == Some(true) {
        Some(GenomicBar::OwnProposal)
    } else if row.try_get::<i64, _>("given")? > 0 {
        Some(GenomicBar::SameExaminer)
    } else {
        None
    })
}

pub(super) fn is_open(state: &str) -> bool {
    matches!(state, "open" | "disputed")
}

pub(super) fn demand_open(state: &str) -> Result<()> {
    if is_open(state) {
        return Ok(());
    }
    Err(RegistryError::Conflict {
        what: "this is decided already",
        next: "what was decided stands; an identification is taken back by a withdrawal of its own",
    })
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

fn notes_field(matter: &Matter, account: &str) -> String {
    format!("notes/{}/{}/{account}", matter.kind, matter.id)
}
