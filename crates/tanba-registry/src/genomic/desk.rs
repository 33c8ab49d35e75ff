//! What a DNA examiner finds on the desk: the cases of the own organisation, and one case with its specimens and what was found in it.
//! Never an allele, and nobody's finding: an open hit is a number and a state.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::Row;
use tanba_dna::Category;

use super::findings::is_open;
use super::hits::EXAMINATION;
use super::{SpecimenView, parse_category};
use crate::access_desk::CaseView;
use crate::actor::{Actor, Role};
use crate::error::Result;
use crate::ids::{CaseId, GenomicHitId, PersonId, ReconciliationId};
use crate::journal::Entry;
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;

/// Specimens, hits and identifications of a case shown at most, the newest.
const SHOWN: i64 = 200;

/// A case as a DNA examiner works in it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GenomicCase {
    /// The case.
    pub case: CaseView,
    /// Its specimens, newest first.
    pub specimens: Vec<CaseSpecimen>,
    /// Hits of searches made in it, newest first.
    pub hits: Vec<CaseHit>,
    /// Identifications proposed in it, newest first.
    pub reconciliations: Vec<CaseReconciliation>,
    /// Names of the tables of allele frequencies that were entered.
    pub tables: Vec<String>,
}

/// A specimen of a case.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CaseSpecimen {
    /// What is told of it.
    pub specimen: SpecimenView,
    /// The laboratory's label; none where its keys are gone.
    pub label: Option<String>,
    /// `active`; anything else is not searched with.
    pub state: String,
    /// When it was registered.
    pub entered_at: Instant,
}

/// A hit of a search made in a case; nobody's finding.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CaseHit {
    /// The hit.
    pub id: GenomicHitId,
    /// `rule`, `lineage` or `likelihood_ratio`.
    pub method: String,
    /// `open` until it is decided; then `confirmed`, `rejected`, `inconclusive` or `void`.
    pub state: String,
    /// When it was found.
    pub found_at: Instant,
}

/// An identification proposed in a case; nobody's finding.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CaseReconciliation {
    /// The proposal.
    pub id: ReconciliationId,
    /// Whether it takes an identification back.
    pub withdrawal: bool,
    /// `open` until it is decided; then `confirmed`, `rejected`, `inconclusive`, or `withdrawn` later.
    pub state: String,
    /// When it was proposed.
    pub proposed_at: Instant,
}

/// The codes of the law on genomic registration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GenomicCodes {
    /// Purposes for which the law lets the examiner's body ask.
    pub purposes: Vec<String>,
    /// Kinds of offences that the law tells apart.
    pub offences: Vec<String>,
    /// How a donor can be related to a missing person.
    pub relationships: Vec<String>,
}

impl Registry {
    /// What the law lets be said of a specimen, and for which purposes the account's body may ask. Nothing of the register is in it.
    pub fn genomic_codes(&self, actor: &Actor) -> GenomicCodes {
        self.inner.law().genomic_codes(actor.body(), self.today())
    }

    /// The open cases of the examiner's organisation, newest first. No specimen is looked at.
    ///
    /// # Errors
    /// Denied without the examiner's role.
    pub async fn genomic_cases(&self, actor: &Actor) -> Result<Vec<CaseView>> {
        self.demand(actor, Role::DnaExaminer, "see cases of genomic registration").await?;
        self.open_cases(actor).await
    }

    /// A case with its specimens and what was found in it. A look at the donors that are known, in the log.
    ///
    /// # Errors
    /// Denied without the examiner's role; not found where it is another organisation's.
    pub async fn genomic_case(&self, actor: &Actor, id: CaseId) -> Result<GenomicCase> {
        self.demand(actor, Role::DnaExaminer, "see a case of genomic registration").await?;
        let case = self.own_case(actor, id).await?;
        let mut specimens = Vec::new();
        let mut people: Vec<PersonId> = Vec::new();
        let found = sqlx::query(
            "SELECT id, category, person_id, state, entered_at FROM specimens WHERE case_id = $1 ORDER BY entered_at DESC, id LIMIT $2",
        )
        .bind(id.to_string())
        .bind(SHOWN)
        .fetch_all(&self.inner.pool)
        .await?;
        let groups = found.iter().map(|row| parse_category(&row.try_get::<String, _>("category")?));
        let groups: Vec<Category> = groups.collect::<Result<_>>()?;
        self.open_for(actor, EXAMINATION, json!({"case": id}), groups).await?;
        for row in &found {
            let specimen = self.specimen_view(rows::id(row, "id")?).await?;
            let mut sql = self.inner.pool.acquire().await?;
            let label = self.label_of(&mut sql, specimen.id).await?;
            people.extend(rows::id_opt::<PersonId>(row, "person_id")?);
            let (state, entered_at) = (row.try_get("state")?, rows::instant(row, "entered_at")?);
            specimens.push(CaseSpecimen { specimen, label, state, entered_at });
        }
        let mut tx = WriteTx::begin(&self.inner).await?;
        let hits = sqlx::query(
            "SELECT h.id, h.method, h.state, s.searched_at FROM genomic_hits h JOIN searches s ON s.id = h.search_id WHERE s.case_id = $1 ORDER BY s.searched_at DESC, h.id LIMIT $2",
        )
        .bind(id.to_string())
        .bind(SHOWN)
        .fetch_all(tx.sql())
        .await?;
        let proposals = sqlx::query(
            "SELECT id, kind, state, proposed_at FROM reconciliations WHERE case_id = $1 ORDER BY proposed_at DESC, id LIMIT $2",
        )
        .bind(id.to_string())
        .bind(SHOWN)
        .fetch_all(tx.sql())
        .await?;
        let hits = hits
            .iter()
            .map(|row| {
                Ok(CaseHit {
                    id: rows::id(row, "id")?,
                    method: row.try_get("method")?,
                    state: told(row.try_get("state")?),
                    found_at: rows::instant(row, "searched_at")?,
                })
            })
            .collect::<Result<_>>()?;
        let reconciliations = proposals
            .iter()
            .map(|row| {
                Ok(CaseReconciliation {
                    id: rows::id(row, "id")?,
                    withdrawal: row.try_get::<String, _>("kind")? == "withdrawal",
                    state: told(row.try_get("state")?),
                    proposed_at: rows::instant(row, "proposed_at")?,
                })
            })
            .collect::<Result<_>>()?;
        let entry = Entry::look("genomic_case.viewed", actor).purpose(EXAMINATION).about_all(people);
        tx.commit(&entry.details(json!({"case": id, "specimens": specimens.len()}))).await?;
        let tables = self.genomic_index().tables.keys().cloned().collect();
        Ok(GenomicCase { case, specimens, hits, reconciliations, tables })
    }
}

/// A state without what one finding has made of it.
fn told(state: String) -> String {
    if is_open(&state) { "open".to_owned() } else { state }
}
