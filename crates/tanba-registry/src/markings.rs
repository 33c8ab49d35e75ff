//! What an examiner marks on the searched prints before the candidate's are shown: drafted, then locked.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::SqliteConnection;
use tanba_finger::{MinutiaKind, Template};
use tanba_formats::Finger;

use crate::actor::Actor;
use crate::adjudication::{Barred, CandidateRow, demand_undecided, judged_by};
use crate::error::{RegistryError, Result};
use crate::ids::CandidateId;
use crate::journal::Entry;
use crate::keys::{key_for_reading, key_for_writing};
use crate::params::MARKS_PER_FINGER;
use crate::registry::Registry;
use crate::store::WriteTx;
use crate::vault::Domain;

/// Where a mark came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MarkOrigin {
    /// The machine proposed it and the examiner took it.
    Accepted,
    /// The machine proposed it and the examiner moved it.
    Moved,
    /// The examiner found it.
    Added,
}

/// One point that an examiner marked.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// Column, pixels at 500 ppi.
    pub x: f32,
    /// Row from the top, pixels at 500 ppi.
    pub y: f32,
    /// Direction in radians, counter-clockwise as the image is seen.
    pub angle: f32,
    /// Ending, bifurcation or not told apart.
    pub kind: MinutiaKind,
    /// Proposed or found.
    pub origin: MarkOrigin,
}

/// The marks on one finger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FingerMarks {
    /// Which finger.
    pub finger: Finger,
    /// Its marks.
    pub marks: Vec<Mark>,
}

/// All that an examiner marked on the searched prints, before the candidate is shown.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Markings {
    /// Finger by finger; a finger that is left out has no marks.
    pub fingers: Vec<FingerMarks>,
    /// Said where no finger has a mark: the prints show nothing that can be marked.
    #[serde(default)]
    pub nothing_to_mark: bool,
}

/// What the machine found on one searched print.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProposedMarks {
    /// Which finger, and the points.
    pub marks: FingerMarks,
    /// Width of the print, pixels at 500 ppi.
    pub width: u16,
    /// Height of the print, pixels at 500 ppi.
    pub height: u16,
}

impl Registry {
    /// Keeps what an examiner has marked so far, sealed, until it is locked: an ended session loses nothing.
    ///
    /// # Errors
    /// As [`Registry::lock_markings`]; an empty draft is taken.
    pub async fn keep_draft(&self, actor: &Actor, id: CandidateId, draft: &Markings) -> Result<()> {
        let row = self.candidate_for(actor, id).await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        demand_undecided(tx.sql(), id).await?;
        if is_locked(tx.sql(), id, actor).await? {
            return Err(locked_already());
        }
        let templates = self.templates_of(tx.sql(), row.probe).await?;
        check_markings(draft, &sizes_of(&templates), true)?;
        let owner = row.probe.to_string();
        let key = key_for_writing(&self.inner.vault, tx.sql(), now, &owner, Domain::Template).await?;
        let plain = serde_json::to_vec(draft).map_err(|_| RegistryError::Damaged { what: "markings" })?;
        let sealed = self.inner.vault.seal(&key, Domain::Template, &owner, &marks_field("draft", id, actor), &plain)?;
        sqlx::query("INSERT INTO marking_drafts (candidate_id, account_id, sealed_marks, saved_at) VALUES ($1, $2, $3, $4) ON CONFLICT (candidate_id, account_id) DO UPDATE SET sealed_marks = $3, saved_at = $4")
            .bind(id.to_string())
            .bind(actor.account().to_string())
            .bind(sealed)
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        let entry = Entry::effect("markings.drafted", actor).purpose("registration").about(row.probe_person);
        tx.commit(&entry.details(json!({"candidate": id}))).await?;
        Ok(())
    }

    /// Locks what an examiner marked on the searched prints. Only then are the candidate's prints shown, and nothing of it
    /// can be changed afterwards.
    ///
    /// # Errors
    /// A conflict where this examiner's markings are locked; invalid where a mark lies outside its print, or none is given
    /// and that isn't said; denied as in [`Registry::judge`].
    pub async fn lock_markings(&self, actor: &Actor, id: CandidateId, markings: &Markings) -> Result<()> {
        let row = self.candidate_for(actor, id).await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        demand_undecided(tx.sql(), id).await?;
        if judged_by(tx.sql(), id, actor).await? {
            drop(tx);
            return self.deny_judgement(actor, id, Barred::SameExaminer).await;
        }
        let templates = self.templates_of(tx.sql(), row.probe).await?;
        check_markings(markings, &sizes_of(&templates), false)?;
        let owner = row.probe.to_string();
        let key = key_for_writing(&self.inner.vault, tx.sql(), now, &owner, Domain::Template).await?;
        let plain = serde_json::to_vec(markings).map_err(|_| RegistryError::Damaged { what: "markings" })?;
        let sealed = self.inner.vault.seal(&key, Domain::Template, &owner, &marks_field("marks", id, actor), &plain)?;
        let done = sqlx::query(
            "INSERT INTO markings (candidate_id, account_id, sealed_marks, locked_at) VALUES ($1, $2, $3, $4) ON CONFLICT (candidate_id, account_id) DO NOTHING",
        )
        .bind(id.to_string())
        .bind(actor.account().to_string())
        .bind(sealed)
        .bind(now.micros())
        .execute(tx.sql())
        .await?;
        if done.rows_affected() == 0 {
            return Err(locked_already());
        }
        sqlx::query("DELETE FROM marking_drafts WHERE candidate_id = $1 AND account_id = $2")
            .bind(id.to_string())
            .bind(actor.account().to_string())
            .execute(tx.sql())
            .await?;
        let marks: usize = markings.fingers.iter().map(|f| f.marks.len()).sum();
        let entry = Entry::effect("markings.locked", actor).purpose("registration").about(row.probe_person);
        tx.commit(&entry.details(json!({"candidate": id, "marks": marks}))).await?;
        Ok(())
    }

    /// What this examiner has locked on a candidate.
    pub(crate) async fn markings_of(
        &self,
        sql: &mut SqliteConnection,
        row: &CandidateRow,
        actor: &Actor,
    ) -> Result<Option<Markings>> {
        self.marks_in(sql, row, actor, LOCKED, "marks").await
    }

    /// What this examiner has kept on a candidate and not locked.
    pub(crate) async fn draft_of(
        &self,
        sql: &mut SqliteConnection,
        row: &CandidateRow,
        actor: &Actor,
    ) -> Result<Option<Markings>> {
        self.marks_in(sql, row, actor, DRAFT, "draft").await
    }

    /// Marks of this examiner from one of the two tables that hold some.
    async fn marks_in(
        &self,
        sql: &mut SqliteConnection,
        row: &CandidateRow,
        actor: &Actor,
        query: &'static str,
        what: &'static str,
    ) -> Result<Option<Markings>> {
        let sealed: Option<Vec<u8>> = sqlx::query_scalar(query)
            .bind(row.id.to_string())
            .bind(actor.account().to_string())
            .fetch_optional(&mut *sql)
            .await?;
        let Some(sealed) = sealed else { return Ok(None) };
        let owner = row.probe.to_string();
        let Some(key) = key_for_reading(&self.inner.vault, sql, &owner, Domain::Template).await? else {
            return Err(RegistryError::NotFound { what: "candidate" });
        };
        let field = marks_field(what, row.id, actor);
        let plain = self.inner.vault.open(&key, Domain::Template, &owner, &field, &sealed)?;
        serde_json::from_slice(&plain).map(Some).map_err(|_| RegistryError::Damaged { what: "markings" })
    }
}

const LOCKED: &str = "SELECT sealed_marks FROM markings WHERE candidate_id = $1 AND account_id = $2";
const DRAFT: &str = "SELECT sealed_marks FROM marking_drafts WHERE candidate_id = $1 AND account_id = $2";

fn locked_already() -> RegistryError {
    RegistryError::Conflict {
        what: "your markings of this candidate are locked",
        next: "go on to the comparison; what was marked before it stays as it was",
    }
}

/// Width and height of each print, pixels at 500 ppi.
fn sizes_of(templates: &[(Finger, Template)]) -> Vec<(Finger, (f32, f32))> {
    templates.iter().map(|(finger, t)| (*finger, (f32::from(t.width), f32::from(t.height)))).collect()
}

pub(crate) async fn is_locked(sql: &mut SqliteConnection, id: CandidateId, actor: &Actor) -> Result<bool> {
    let locked: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM markings WHERE candidate_id = $1 AND account_id = $2")
        .bind(id.to_string())
        .bind(actor.account().to_string())
        .fetch_one(sql)
        .await?;
    Ok(locked > 0)
}

/// The minutiae of a template as marks that an examiner may take as they are.
pub(crate) fn proposed((finger, template): &(Finger, Template)) -> ProposedMarks {
    let mark = |m: &tanba_finger::Minutia| Mark {
        x: m.x,
        y: m.y,
        angle: m.direction,
        kind: m.kind,
        origin: MarkOrigin::Accepted,
    };
    let marks = FingerMarks { finger: *finger, marks: template.minutiae.iter().map(mark).collect() };
    ProposedMarks { marks, width: template.width, height: template.height }
}

/// Marks lie on prints that are there, once for each finger, and in a number that a person can have set.
fn check_markings(markings: &Markings, sizes: &[(Finger, (f32, f32))], may_be_empty: bool) -> Result<()> {
    let invalid = |problem: &str| Err(RegistryError::Invalid { field: "markings", problem: problem.to_owned() });
    let mut seen = std::collections::BTreeSet::new();
    let mut total = 0;
    for finger in &markings.fingers {
        if !seen.insert(finger.finger) {
            return invalid("give each finger once");
        }
        let Some((_, (width, height))) = sizes.iter().find(|(f, _)| *f == finger.finger) else {
            return invalid("a finger is named of which there is no print");
        };
        if finger.marks.len() > MARKS_PER_FINGER {
            return invalid("a finger has at most 300 marks");
        }
        // Written so that what is not a number fails too.
        let inside = |m: &Mark| (0.0..=*width).contains(&m.x) && (0.0..=*height).contains(&m.y) && m.angle.is_finite();
        if !finger.marks.iter().all(inside) {
            return invalid("a mark lies outside its print: give pixels at 500 ppi from the top left");
        }
        total += finger.marks.len();
    }
    if total == 0 && !markings.nothing_to_mark && !may_be_empty {
        return invalid("nothing is marked: mark at least one point, or state that there is nothing to mark");
    }
    if total > 0 && markings.nothing_to_mark {
        return invalid("marks are given, and that there is nothing to mark: give one of the two");
    }
    Ok(())
}

fn marks_field(what: &str, id: CandidateId, actor: &Actor) -> String {
    format!("{what}/{id}/{}", actor.account())
}
