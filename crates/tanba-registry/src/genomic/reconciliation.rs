//! What is known of the missing and what was found of the dead stay apart until two experts find that they are one person.
//!
//! One proposes, two others decide, neither of them knowing the other's finding; two that differ need a third. Only then are the two
//! sides shown together. An identification is taken back by a withdrawal, which is proposed and decided in the same way; nothing is
//! deleted by it.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use tanba_dna::Category;

use super::findings::{GenomicBar, GenomicFinding, Matter, barred, demand_open, is_open};
use super::{live_specimen, parse_category};
use crate::actor::{Actor, Role};
use crate::error::{RegistryError, Result};
use crate::ids::{CaseId, GenomicHitId, PersonId, ReconciliationId, SpecimenId};
use crate::journal::Entry;
use crate::keys::{key_for_reading, key_for_writing};
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::{Domain, fresh_bytes};
use crate::verdict::{Verdict, check_notes};

/// A proposal that a body is a missing person.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewReconciliation {
    /// The body, or the person who cannot say who they are.
    pub post_mortem: SpecimenId,
    /// The missing person's own reference, or a relative's sample.
    pub ante_mortem: SpecimenId,
    /// The case in which it is decided.
    pub case: CaseId,
    /// The confirmed hit between the two, where it rests on one.
    #[serde(default)]
    pub hit: Option<GenomicHitId>,
    /// What it rests on: the search, fingers, teeth. Up to 2,000 characters.
    pub reason: String,
}

/// A proposal as those who decide it see it. Until it is decided: nobody's finding but the reader's own.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReconciliationView {
    /// The proposal.
    pub id: ReconciliationId,
    /// The identification that it takes back, where it is a withdrawal.
    pub withdraws: Option<ReconciliationId>,
    /// The body.
    pub post_mortem: SpecimenId,
    /// The missing person's side.
    pub ante_mortem: SpecimenId,
    /// The confirmed hit that it rests on.
    pub hit: Option<GenomicHitId>,
    /// What it rests on; none where the keys are gone.
    pub reason: Option<String>,
    /// `open` until it is decided; then `confirmed`, `rejected`, `inconclusive`, or `withdrawn` later.
    pub state: String,
    /// Why the reader has no finding to give, if so.
    pub barred: Option<GenomicBar>,
    /// What the reader found.
    pub mine: Option<Verdict>,
    /// Once it is decided: all findings, in their order.
    pub findings: Vec<GenomicFinding>,
    /// When it was proposed.
    pub proposed_at: Instant,
}

/// Proposals of the organisation's cases. `$1` is the natural person who reads, `$2` the organisation.
macro_rules! reconciliations {
    ($rest:literal) => {
        concat!(
            "SELECT r.*, p.category AS post_mortem_category, m.category AS ante_mortem_category, p.case_id AS post_mortem_case, m.case_id AS ante_mortem_case, \
             p.person_id AS post_mortem_person, m.person_id AS ante_mortem_person, \
             (SELECT COUNT(*) FROM accounts a WHERE a.natural_person = $1 AND a.id IN (p.entered_by, m.entered_by)) AS own_specimen, \
             (SELECT COUNT(*) FROM accounts a WHERE a.natural_person = $1 AND a.person_id IN (p.person_id, m.person_id)) AS own_profile, \
             (SELECT COUNT(*) FROM accounts a WHERE a.natural_person = $1 AND a.id = r.proposed_by) AS own_proposal, \
             (SELECT COUNT(*) FROM genomic_findings g JOIN accounts a ON a.id = g.account_id WHERE g.subject_kind = 'reconciliation' AND g.subject_id = r.id AND a.natural_person = $1) AS given \
             FROM reconciliations r JOIN cases c ON c.id = r.case_id AND c.organisation_id = $2 \
             JOIN specimens p ON p.id = r.post_mortem_id JOIN specimens m ON m.id = r.ante_mortem_id ",
            $rest
        )
    };
}

impl Registry {
    /// Proposes that a body is a missing person. Nothing is joined by it.
    ///
    /// # Errors
    /// Denied without the examiner's role; invalid where the two are not a body and a missing person's side, or the hit is not
    /// confirmed and between them; a conflict where the body is identified or such a proposal is open.
    pub async fn propose_reconciliation(&self, actor: &Actor, new: &NewReconciliation) -> Result<ReconciliationView> {
        self.demand(actor, Role::DnaExaminer, "propose an identification").await?;
        check_reason(&new.reason)?;
        let mut sql = self.inner.pool.acquire().await?;
        self.case_of(&mut sql, actor, new.case).await?;
        let dead = live_specimen(&mut sql, new.post_mortem).await?;
        drop(sql);
        let details = json!({"case": new.case, "post_mortem": new.post_mortem});
        self.open_for(actor, RECONCILIATION, details, dead.map(|(group, _)| group)).await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        self.case_of(tx.sql(), actor, new.case).await?;
        let missing = RegistryError::NotFound { what: "specimen" };
        let Some((dead, _)) = live_specimen(tx.sql(), new.post_mortem).await? else { return Err(missing) };
        let Some((sought, _)) = live_specimen(tx.sql(), new.ante_mortem).await? else { return Err(missing) };
        if !UNIDENTIFIED.contains(&dead)
            || !matches!(sought, Category::MissingPersonReference | Category::RelativeOfMissing)
        {
            return Err(RegistryError::Invalid {
                field: "post_mortem",
                problem: "give a body (or a person who is not identified) as post_mortem, and a missing person's reference or a relative as ante_mortem"
                    .to_owned(),
            });
        }
        if let Some(hit) = new.hit {
            demand_confirmed(tx.sql(), hit, new).await?;
        }
        let standing: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM reconciliations WHERE kind = 'identification' AND ((post_mortem_id = $1 AND state = 'confirmed') OR (post_mortem_id = $1 AND ante_mortem_id = $2 AND state IN ('open', 'disputed')))",
        )
        .bind(new.post_mortem.to_string())
        .bind(new.ante_mortem.to_string())
        .fetch_one(tx.sql())
        .await?;
        if standing > 0 {
            return Err(RegistryError::Conflict {
                what: "this body is identified, or this very proposal waits for its experts",
                next: "have the standing identification withdrawn first, or the waiting proposal decided",
            });
        }
        let row = NewRow {
            kind: "identification",
            withdraws: None,
            post_mortem: new.post_mortem,
            ante_mortem: new.ante_mortem,
            case: new.case,
            hit: new.hit,
            reason: &new.reason,
        };
        let id = self.insert_reconciliation(&mut tx, actor, &row).await?;
        let entry = Entry::effect("reconciliation.proposed", actor).purpose(RECONCILIATION);
        tx.commit(&entry.details(json!({"reconciliation": id, "case": new.case, "post_mortem": new.post_mortem, "ante_mortem": new.ante_mortem, "hit": new.hit}))).await?;
        self.reconciliation(actor, id).await
    }

    /// Proposes that an identification be taken back.
    ///
    /// # Errors
    /// Denied without the examiner's role; not found; a conflict where it is not confirmed, or a withdrawal of it is open.
    pub async fn propose_withdrawal(
        &self,
        actor: &Actor,
        id: ReconciliationId,
        reason: &str,
    ) -> Result<ReconciliationView> {
        self.demand(actor, Role::DnaExaminer, "propose the withdrawal of an identification").await?;
        check_reason(reason)?;
        self.open_proposal(actor, id).await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let row = self.reconciliation_row(tx.sql(), actor, id).await?;
        let waiting: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM reconciliations WHERE withdraws = $1 AND state IN ('open', 'disputed')",
        )
        .bind(id.to_string())
        .fetch_one(tx.sql())
        .await?;
        let kind: String = row.try_get("kind")?;
        if kind != "identification" || row.try_get::<String, _>("state")? != "confirmed" || waiting > 0 {
            return Err(RegistryError::Conflict {
                what: "this is no standing identification, or its withdrawal waits for its experts",
                next: "have the waiting withdrawal decided",
            });
        }
        let new = NewRow {
            kind: "withdrawal",
            withdraws: Some(id),
            post_mortem: rows::id(&row, "post_mortem_id")?,
            ante_mortem: rows::id(&row, "ante_mortem_id")?,
            case: rows::id(&row, "case_id")?,
            hit: None,
            reason,
        };
        let withdrawal = self.insert_reconciliation(&mut tx, actor, &new).await?;
        let entry = Entry::effect("reconciliation.withdrawal_proposed", actor).purpose(RECONCILIATION);
        tx.commit(&entry.details(json!({"reconciliation": withdrawal, "withdraws": id}))).await?;
        self.reconciliation(actor, withdrawal).await
    }

    /// The proposals of the organisation's cases that wait for an expert, the oldest first. A look at them, in the log.
    ///
    /// # Errors
    /// Denied without the examiner's role.
    pub async fn open_reconciliations(&self, actor: &Actor) -> Result<Vec<ReconciliationView>> {
        self.demand(actor, Role::DnaExaminer, "see proposed identifications").await?;
        let waiting = "SELECT COUNT(*) FROM reconciliations WHERE state IN ('open', 'disputed')";
        if sqlx::query_scalar::<_, i64>(waiting).fetch_one(&self.inner.pool).await? > 0 {
            self.open_for(actor, RECONCILIATION, json!({}), UNIDENTIFIED).await?;
        }
        let mut tx = WriteTx::begin(&self.inner).await?;
        let found = sqlx::query(reconciliations!(
            "WHERE r.state IN ('open', 'disputed') ORDER BY r.proposed_at, r.id LIMIT 500"
        ))
        .bind(&actor.natural_person)
        .bind(actor.organisation.to_string())
        .fetch_all(tx.sql())
        .await?;
        let mut views = Vec::with_capacity(found.len());
        for row in &found {
            views.push(self.reconciliation_view(tx.sql(), actor, row).await?);
        }
        let shown: Vec<ReconciliationId> = views.iter().map(|view| view.id).collect();
        let entry = Entry::look("reconciliations.viewed", actor).purpose(RECONCILIATION);
        tx.commit(&entry.details(json!({"reconciliations": shown}))).await?;
        Ok(views)
    }

    /// A proposal, open or decided; the look is logged.
    ///
    /// # Errors
    /// Denied without the examiner's role; not found.
    pub async fn reconciliation(&self, actor: &Actor, id: ReconciliationId) -> Result<ReconciliationView> {
        self.demand(actor, Role::DnaExaminer, "see a proposed identification").await?;
        self.open_proposal(actor, id).await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let row = self.reconciliation_row(tx.sql(), actor, id).await?;
        let view = self.reconciliation_view(tx.sql(), actor, &row).await?;
        let entry = Entry::look("reconciliation.viewed", actor).purpose(RECONCILIATION).about_all(people(&row)?);
        tx.commit(&entry.details(json!({"reconciliation": id}))).await?;
        Ok(view)
    }

    /// Gives an expert's finding on a proposal. Two that agree decide; where they differ a third does. `Same` means that the proposal
    /// holds: the two are to be joined, or, of a withdrawal, parted.
    ///
    /// # Errors
    /// Denied to whoever proposed it, entered one of the specimens, is a donor, or has given a finding under any account; a
    /// conflict where it is decided.
    pub async fn judge_reconciliation(
        &self,
        actor: &Actor,
        id: ReconciliationId,
        verdict: Verdict,
        notes: Option<&str>,
    ) -> Result<ReconciliationView> {
        self.demand(actor, Role::DnaExaminer, "decide a proposed identification").await?;
        self.open_proposal(actor, id).await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let row = self.reconciliation_row(tx.sql(), actor, id).await?;
        if let Some(bar) = bar_of(&row)? {
            drop(tx);
            return self.deny_finding(actor, "reconciliation", &id.to_string(), bar).await;
        }
        demand_open(&row.try_get::<String, _>("state")?)?;
        let withdraws: Option<String> = row.try_get("withdraws")?;
        if withdraws.is_none() {
            self.demand_unidentified(tx.sql(), &row).await?;
        }
        let state = self.give_finding(&mut tx, actor, &matter(&row)?, verdict, notes).await?;
        set_state(tx.sql(), &id.to_string(), state).await?;
        if let Some(identification) = withdraws.as_deref().filter(|_| state == "confirmed") {
            set_state(tx.sql(), identification, "withdrawn").await?;
        }
        let event = if state == "confirmed" { "reconciliation.confirmed" } else { "reconciliation.judged" };
        let entry = Entry::effect(event, actor).purpose(RECONCILIATION).about_all(people(&row)?);
        tx.commit(
            &entry.details(json!({"reconciliation": id, "withdraws": withdraws, "verdict": verdict, "state": state})),
        )
        .await?;
        self.reconciliation(actor, id).await
    }

    /// Opens the group whose keys seal a proposal and what experts find of it.
    async fn open_proposal(&self, actor: &Actor, id: ReconciliationId) -> Result<()> {
        let mut sql = self.inner.pool.acquire().await?;
        let row = self.reconciliation_row(&mut sql, actor, id).await?;
        drop(sql);
        let group = parse_category(&row.try_get::<String, _>("post_mortem_category")?)?;
        self.open_for(actor, RECONCILIATION, json!({"reconciliation": id}), [group]).await
    }

    /// A body is one person: the proposal that is confirmed first stands.
    async fn demand_unidentified(&self, sql: &mut SqliteConnection, row: &SqliteRow) -> Result<()> {
        let standing: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM reconciliations WHERE kind = 'identification' AND post_mortem_id = $1 AND state = 'confirmed'",
        )
        .bind(row.try_get::<String, _>("post_mortem_id")?)
        .fetch_one(sql)
        .await?;
        if standing == 0 {
            return Ok(());
        }
        Err(RegistryError::Conflict {
            what: "this body was identified since",
            next: "have that identification withdrawn first, if it does not hold",
        })
    }

    /// A proposal of the actor's organisation.
    pub(super) async fn reconciliation_row(
        &self,
        sql: &mut SqliteConnection,
        actor: &Actor,
        id: ReconciliationId,
    ) -> Result<SqliteRow> {
        sqlx::query(reconciliations!("WHERE r.id = $3"))
            .bind(&actor.natural_person)
            .bind(actor.organisation.to_string())
            .bind(id.to_string())
            .fetch_optional(sql)
            .await?
            .ok_or(RegistryError::NotFound { what: "reconciliation" })
    }

    async fn reconciliation_view(
        &self,
        sql: &mut SqliteConnection,
        actor: &Actor,
        row: &SqliteRow,
    ) -> Result<ReconciliationView> {
        let (id, state) = (rows::id(row, "id")?, row.try_get::<String, _>("state")?);
        let open = is_open(&state);
        let matter = matter(row)?;
        let findings = self.findings_of(&mut *sql, &matter, actor).await?;
        let owner = matter.owner.to_string();
        let sealed: Vec<u8> = row.try_get("sealed_reason")?;
        let reason = match key_for_reading(&self.inner.vault, sql, &owner, Domain::Genomic).await? {
            None => None,
            Some(key) => {
                let plain = self.inner.vault.open(&key, Domain::Genomic, &owner, &reason_field(id), &sealed)?;
                Some(String::from_utf8_lossy(&plain).into_owned())
            }
        };
        Ok(ReconciliationView {
            id,
            withdraws: rows::id_opt(row, "withdraws")?,
            post_mortem: matter.owner,
            ante_mortem: rows::id(row, "ante_mortem_id")?,
            hit: rows::id_opt(row, "hit_id")?,
            reason,
            state: if open { "open".to_owned() } else { state },
            barred: if open { bar_of(row)? } else { None },
            mine: findings.iter().find(|finding| finding.mine).map(|finding| finding.verdict),
            findings: if open { Vec::new() } else { findings },
            proposed_at: rows::instant(row, "proposed_at")?,
        })
    }

    async fn insert_reconciliation(
        &self,
        tx: &mut WriteTx<'_>,
        actor: &Actor,
        new: &NewRow<'_>,
    ) -> Result<ReconciliationId> {
        let now = tx.now();
        let id = ReconciliationId::fresh(now.micros(), fresh_bytes()?);
        let owner = new.post_mortem.to_string();
        let key = key_for_writing(&self.inner.vault, tx.sql(), now, &owner, Domain::Genomic).await?;
        let sealed = self.inner.vault.seal(&key, Domain::Genomic, &owner, &reason_field(id), new.reason.as_bytes())?;
        sqlx::query("INSERT INTO reconciliations (id, kind, withdraws, post_mortem_id, ante_mortem_id, case_id, hit_id, sealed_reason, state, proposed_by, proposed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'open', $9, $10)")
            .bind(id.to_string())
            .bind(new.kind)
            .bind(new.withdraws.map(|id| id.to_string()))
            .bind(owner)
            .bind(new.ante_mortem.to_string())
            .bind(new.case.to_string())
            .bind(new.hit.map(|id| id.to_string()))
            .bind(sealed)
            .bind(actor.account().to_string())
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        Ok(id)
    }
}

/// The purpose of naming the dead and the found, as the rules of a key process name it.
const RECONCILIATION: &str = "reconciliation";

/// The groups of those who are to be named.
const UNIDENTIFIED: [Category; 2] = [Category::UnidentifiedBody, Category::UnidentifiedPerson];

/// A proposal before it has a row.
struct NewRow<'a> {
    kind: &'static str,
    withdraws: Option<ReconciliationId>,
    post_mortem: SpecimenId,
    ante_mortem: SpecimenId,
    case: CaseId,
    hit: Option<GenomicHitId>,
    reason: &'a str,
}

fn check_reason(reason: &str) -> Result<()> {
    if reason.trim().is_empty() {
        return Err(RegistryError::Invalid { field: "reason", problem: "say what it rests on".to_owned() });
    }
    check_notes(reason)
}

async fn set_state(sql: &mut SqliteConnection, id: &str, state: &'static str) -> Result<()> {
    sqlx::query("UPDATE reconciliations SET state = $1 WHERE id = $2").bind(state).bind(id).execute(sql).await?;
    Ok(())
}

/// The hit that a proposal rests on is confirmed, and between the two.
async fn demand_confirmed(sql: &mut SqliteConnection, hit: GenomicHitId, new: &NewReconciliation) -> Result<()> {
    let fits: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM genomic_hits WHERE id = $1 AND state = 'confirmed' AND ((query_id = $2 AND specimen_id = $3) OR (query_id = $3 AND specimen_id = $2))",
    )
    .bind(hit.to_string())
    .bind(new.post_mortem.to_string())
    .bind(new.ante_mortem.to_string())
    .fetch_one(sql)
    .await?;
    if fits > 0 {
        return Ok(());
    }
    Err(RegistryError::Invalid {
        field: "hit",
        problem: "the hit must be confirmed by two examiners and lie between these two specimens".to_owned(),
    })
}

fn bar_of(row: &SqliteRow) -> Result<Option<GenomicBar>> {
    barred(row, Some(row.try_get::<i64, _>("own_proposal")? > 0))
}

pub(super) fn people(row: &SqliteRow) -> Result<Vec<PersonId>> {
    let people = [rows::id_opt(row, "post_mortem_person")?, rows::id_opt(row, "ante_mortem_person")?];
    Ok(people.into_iter().flatten().collect())
}

fn matter(row: &SqliteRow) -> Result<Matter> {
    Ok(Matter { kind: "reconciliation", id: row.try_get("id")?, owner: rows::id(row, "post_mortem_id")? })
}

fn reason_field(id: ReconciliationId) -> String {
    format!("reconciliation/{id}")
}
