//! Carrying plans out: one step, one transaction, one log entry. A step that was taken is never taken again, and a run that was
//! killed is finished by the next one.
//!
//! Before a step the record is looked at once more: what an order keeps since, or somebody reviewed, stays. In the transaction of an
//! erasure the keys are destroyed and the registration ends, so nothing is ever half deleted and found by a search; searches read the
//! row again before they show anybody, and the copies in memory and on disk go right after.

use std::str::FromStr as _;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::Row;
use tanba_gallery::Save;
use tanba_law::{Modality, RetentionState};
use tanba_seal::ERASED;
use tanba_seal::keyd::Opening;

use super::assess::{Held, Standing};
use super::block::{Gone, block, reason, unblock};
use super::plan::{PlanRow, Waits};
use super::{Action, Part};
use crate::actor::{Actor, Role};
use crate::effect_rows::{ALARM, RowFinding};
use crate::error::{RegistryError, Result};
use crate::ids::RowId;
use crate::journal::{Entry, hex};
use crate::keys::destroy_key;
use crate::law::LawBook;
use crate::notices;
use crate::own_index;
use crate::passkeys::dual::{DualAct, DualKind};
use crate::recipients::Cause;
use crate::registry::Registry;
use crate::rows::{self, parse_id};
use crate::store::WriteTx;
use crate::vault::fresh_bytes;

/// The event of erasures that went ahead without signatures.
pub(crate) const UNSIGNED: &str = "retention.unsigned";

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetentionRun {
    /// Parts whose keys were destroyed, or whose destruction was ordered.
    pub erased: u64,
    /// People, or rather records, that were told of a coming end.
    pub notified: u64,
    /// Records that may not be used any more.
    pub blocked: u64,
    /// Records that may be used again.
    pub unblocked: u64,
    /// Steps that were no longer due when their turn came.
    pub not_due: u64,
    /// What nobody can say how long to keep.
    pub undecided: u64,
    /// Plans whose erasures began without the two signatures, because nobody gave them in time.
    pub unsigned: u64,
    /// What is still held and should be gone: nothing.
    pub overdue: u64,
    /// Log entries of the erasures, the proofs of deletion, in order.
    pub proofs: Vec<u64>,
}

impl RetentionRun {
    /// Both, one after the other.
    fn and(mut self, mut next: Self) -> Self {
        self.erased += next.erased;
        self.notified += next.notified;
        self.blocked += next.blocked;
        self.unblocked += next.unblocked;
        self.not_due += next.not_due;
        self.unsigned += next.unsigned;
        self.proofs.append(&mut next.proofs);
        self
    }
}

/// What became of a step.
enum Taken {
    /// Somebody who runs beside this one took it.
    Before,
    /// It was not due any more, or is none of the plan's.
    NotDue,
    /// It was taken; its place in the log.
    Now(u64),
}

/// The rows of a plan as its hash covers them; none where they do not open.
#[derive(Default)]
struct Opened {
    id: String,
    rows: Vec<PlanRow>,
}

impl Opened {
    /// Whether the plan says what the step says.
    fn has(&self, step: &Step) -> bool {
        let row = usize::try_from(step.place).ok().and_then(|place| self.rows.get(place));
        row.is_some_and(|row| (row.action, row.part, &row.owner) == (step.action, step.part, &step.owner))
    }
}

/// A row of `deletion_steps` that waits.
struct Step {
    plan: String,
    plan_hash: String,
    place: i64,
    action: Action,
    part: Part,
    owner: String,
}

impl Registry {
    /// Makes the plan of today, where anything is due, and carries it out, with whatever earlier runs have left.
    ///
    /// # Errors
    /// Those of the database; what was done is done, and the next run goes on from there.
    pub async fn run_retention(&self) -> Result<RetentionRun> {
        // The day that makes a deletion due may also make somebody old enough to be asked.
        self.open_decisions_of_age().await?;
        self.escalate_requests().await?;
        // What was planned for today is done, before it is planned once more.
        let planned_before = self.carry_out_plans().await?;
        let (rows, undecided) = self.due_today().await?;
        let not_decided = undecided.len() as u64;
        // A day on which nothing is due leaves no entry.
        if !rows.is_empty() || !undecided.is_empty() {
            self.store_plan(rows, undecided, Waits::Two).await?;
        }
        let mut run = planned_before.and(self.carry_out_plans().await?);
        self.plan_ahead().await?;
        // Whatever a killed run has left in the memory of this one, or out of it.
        self.gallery_agrees().await?;
        self.keep_gallery(Save::WhenWorthIt).await?;
        run.undecided = not_decided;
        run.overdue = self.overdue().await?;
        if run.overdue > 0 {
            tracing::error!(
                records = run.overdue,
                "something is held that should be gone; run `tanba retention run` again"
            );
        }
        Ok(run)
    }

    /// Runs it at the start and then every hour: what a day makes due is done within an hour of it. Call it once, in a service.
    pub fn keep_retention_going(&self) -> tokio::task::JoinHandle<()> {
        const EVERY: std::time::Duration = std::time::Duration::from_secs(3600);
        let registry = self.clone();
        tokio::spawn(async move {
            let mut planned = None;
            loop {
                // One plan a day is enough; what a plan has left over is tried every hour.
                let today = registry.today();
                let done = if planned == Some(today) {
                    registry.carry_out_plans().await
                } else {
                    registry.run_retention().await
                };
                if let Err(error) = registry.lapse_urgent_reviews().await {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "looks in danger to life that nobody checked were not ended; it will be tried again within the hour"
                    );
                }
                match done {
                    Ok(_) => planned = Some(today),
                    Err(error) => tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "what must be deleted was not deleted; it will be tried again within the hour"
                    ),
                }
                tokio::time::sleep(EVERY).await;
            }
        })
    }

    /// Takes every step that waits, of all plans, the oldest first.
    ///
    /// # Errors
    /// Those of the database; what was done is done.
    pub async fn carry_out_plans(&self) -> Result<RetentionRun> {
        let mut run = RetentionRun { unsigned: self.go_ahead_unsigned().await?, ..RetentionRun::default() };
        let mut plan = Opened::default();
        while let Some(step) = self.next_step().await? {
            if plan.id != step.plan {
                plan = self.rows_of(&step.plan).await?;
            }
            match (self.take(&step, plan.has(&step)).await?, step.action) {
                (Taken::Before, _) => {}
                (Taken::NotDue, _) => run.not_due += 1,
                (Taken::Now(seq), Action::Erase) => {
                    run.erased += 1;
                    run.proofs.push(seq);
                }
                (_, Action::Notify) => run.notified += 1,
                (_, Action::Block) => run.blocked += 1,
                (_, Action::Unblock) => run.unblocked += 1,
            }
        }
        if run.unblocked > 0 {
            self.gallery_agrees().await?;
        }
        // Whom nothing is held of is on no list any more.
        self.forget_watches().await?;
        Ok(run)
    }

    /// Lets the erasures of a plan begin that two officers have signed, and carries them out.
    ///
    /// # Errors
    /// Denied without the second officer's role, and where signatures are missing or void; not found; a conflict where the plan does not
    /// wait.
    pub async fn release_erasures(&self, actor: &Actor, plan: RowId) -> Result<RetentionRun> {
        self.demand(actor, Role::SecondOfficer, "release the erasures of a plan").await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let row = sqlx::query("SELECT waits_to, released_at FROM deletion_plans WHERE id = $1")
            .bind(plan.to_string())
            .fetch_optional(tx.sql())
            .await?
            .ok_or(RegistryError::NotFound { what: "plan of deletion" })?;
        if rows::instant_opt(&row, "waits_to")?.is_none() || rows::instant_opt(&row, "released_at")?.is_some() {
            return Err(RegistryError::Conflict {
                what: "the erasures of this plan do not wait",
                next: "look at the list again: they were released, or their time was over",
            });
        }
        let signed = match self.approved(&mut tx, Some(actor), &DualAct::of(DualKind::Erasures, plan), &[]).await? {
            Ok(signed) => signed,
            Err(why) => {
                let denial = Entry::denial("retention.release_denied", Some(actor)).purpose("retention");
                return self.deny_unapproved(tx, denial.details(json!({"plan": plan})), why).await;
            }
        };
        release(&mut tx, &plan.to_string()).await?;
        let entry = Entry::effect("retention.released", actor).purpose("retention");
        tx.commit(&entry.details(json!({"plan": plan, "signed": signed}))).await?;
        self.carry_out_plans().await
    }

    /// Plans whose erasures nobody has signed in time: the law does not wait for an officer who is away, and the log says that none signed.
    async fn go_ahead_unsigned(&self) -> Result<u64> {
        let mut ahead = 0;
        loop {
            let mut tx = WriteTx::begin(&self.inner).await?;
            let plan: Option<String> = sqlx::query_scalar(
                "SELECT id FROM deletion_plans WHERE waits_to <= $1 AND released_at IS NULL ORDER BY made_at LIMIT 1",
            )
            .bind(tx.now().micros())
            .fetch_optional(tx.sql())
            .await?;
            let Some(plan) = plan else { return Ok(ahead) };
            release(&mut tx, &plan).await?;
            tx.commit(&Entry::system(UNSIGNED).purpose("retention").details(json!({"plan": plan}))).await?;
            ahead += 1;
        }
    }

    /// What is searched is what the rows say, while nobody ends a registration.
    pub(crate) async fn gallery_agrees(&self) -> Result<()> {
        let _turn = self.inner.registration.lock().await;
        self.fill_gallery().await
    }

    async fn next_step(&self) -> Result<Option<Step>> {
        let row = sqlx::query(
            "SELECT s.*, p.hash FROM deletion_plans p JOIN deletion_steps s ON s.plan_id = p.id WHERE p.done_at IS NULL AND s.outcome IS NULL \
             AND (s.action <> 'erase' OR p.waits_to IS NULL OR p.released_at IS NOT NULL) AND (p.begins_at IS NULL OR p.begins_at <= $1) \
             ORDER BY p.made_at, p.id, s.place LIMIT 1",
        )
        .bind(self.now().micros())
        .fetch_optional(&self.inner.pool)
        .await?;
        row.map(|row| {
            Ok(Step {
                plan: row.try_get("plan_id")?,
                plan_hash: row.try_get("hash")?,
                place: row.try_get("place")?,
                action: Action::parse(&row.try_get::<String, _>("action")?)?,
                part: Part::parse(&row.try_get::<String, _>("part")?)?,
                owner: row.try_get("owner_id")?,
            })
        })
        .transpose()
    }

    async fn rows_of(&self, plan: &str) -> Result<Opened> {
        let mut sql = self.inner.pool.acquire().await?;
        let row = sqlx::query("SELECT * FROM deletion_plans WHERE id = $1").bind(plan).fetch_one(&mut *sql).await?;
        let rows = match self.open_plan(&mut sql, &row).await {
            Ok(plan) => plan.rows,
            // Nothing is destroyed by it; what is due is planned anew, and does not wait for somebody to mend a row.
            Err(error @ (RegistryError::Damaged { .. } | RegistryError::Seal(_))) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a plan of deletion does not open");
                Vec::new()
            }
            Err(error) => return Err(error),
        };
        Ok(Opened { id: plan.to_owned(), rows })
    }

    /// One step; nothing is done by one that its plan does not have.
    async fn take(&self, step: &Step, planned: bool) -> Result<Taken> {
        let law = self.inner.law();
        if step.action == Action::Erase && ends_notices(step.part) {
            self.queue_before_erasure().await?;
        }
        let mut tx = WriteTx::begin(&self.inner).await?;
        let outcome: Option<String> =
            sqlx::query_scalar("SELECT outcome FROM deletion_steps WHERE plan_id = $1 AND place = $2")
                .bind(&step.plan)
                .bind(step.place)
                .fetch_one(tx.sql())
                .await?;
        if outcome.is_some() {
            return Ok(Taken::Before);
        }
        let log_seq = if !planned {
            let finding = RowFinding { rows: "deletion_steps".to_owned(), at: Some(step.place), unspoken: true };
            tx.log(&Entry::system(ALARM).details(json!({"findings": [finding], "plan": step.plan}))).await?;
            None
        } else if step.part == Part::LogPayloads {
            self.take_from_log(&mut tx, &law, step).await?
        } else {
            let held = self.held_of(tx.sql(), &step.owner).await?;
            match held {
                Some(held) => self.take_record(&mut tx, &law, step, &held).await?,
                None => None,
            }
        };
        let (outcome, seq) = match log_seq {
            Some(seq) => ("done", seq),
            None => {
                let details = json!({"plan": step.plan, "place": step.place, "part": step.part});
                ("not_due", tx.log(&Entry::system("retention.not_due").purpose("retention").details(details)).await?)
            }
        };
        let now = tx.now().micros();
        sqlx::query(
            "UPDATE deletion_steps SET outcome = $1, done_at = $2, log_seq = $3 WHERE plan_id = $4 AND place = $5",
        )
        .bind(outcome)
        .bind(now)
        .bind(i64::try_from(seq).unwrap_or(i64::MAX))
        .bind(&step.plan)
        .bind(step.place)
        .execute(tx.sql())
        .await?;
        sqlx::query(
            "UPDATE deletion_plans SET done_at = $1 WHERE id = $2 AND NOT EXISTS \
             (SELECT 1 FROM deletion_steps s WHERE s.plan_id = deletion_plans.id AND s.outcome IS NULL)",
        )
        .bind(now)
        .bind(&step.plan)
        .execute(tx.sql())
        .await?;
        tx.commit_logged().await?;
        match log_seq {
            None => Ok(Taken::NotDue),
            Some(seq) => {
                self.follow(step).await?;
                Ok(Taken::Now(seq))
            }
        }
    }

    async fn take_record(&self, tx: &mut WriteTx<'_>, law: &LawBook, step: &Step, held: &Held) -> Result<Option<u64>> {
        let standings = self.standings(tx.sql(), law, held, self.today()).await?;
        let usable = standings.iter().all(|standing| standing.usable);
        let Some(standing) = standings.iter().find(|standing| standing.part == step.part) else { return Ok(None) };
        let now = tx.now().micros();
        let mut details = json!({"plan": step.plan, "plan_hash": step.plan_hash, "place": step.place, "record": step.owner, "part": step.part});
        let mut erased = None;
        let event = match step.action {
            Action::Erase if standing.state == RetentionState::Erase => {
                let keys = self.erase(tx, held, step.part).await?;
                details["keys"] = json!(keys);
                erased = Some(what_was_erased(step, &keys)?);
                ERASED
            }
            Action::Notify if standing.state == RetentionState::Notice => {
                details["until"] = json!(standing.until);
                "record.ends_soon"
            }
            Action::Block if held.searchable && (!usable || standing.due()) => {
                let reason = reason(standing);
                details["reason"] = json!(reason);
                block(tx.sql(), held, reason, now).await?;
                "record.blocked"
            }
            Action::Unblock if held.may_be_unblocked() && usable && !standings.iter().any(Standing::due) => {
                unblock(tx.sql(), held).await?;
                "record.unblocked"
            }
            _ => return Ok(None),
        };
        let entry = Entry::system(event)
            .purpose("retention")
            .law(&standing.pack_hash, &standing.clause)
            .about_all(held.person)
            .erases(erased.as_ref())
            .details(details);
        let seq = tx.log(&entry).await?;
        if step.action == Action::Erase
            && step.part == Part::PrintTemplates
            && let Some(person) = held.person
            && law.recipients_delete(Modality::Fingerprint, self.inner.zone.date(tx.now()))
        {
            self.order_deletions_about(tx, person, &step.owner).await?;
        }
        if step.action == Action::Erase
            && step.part == Part::GenomicProfile
            && law.recipients_delete(Modality::Genomic, self.inner.zone.date(tx.now()))
        {
            self.order_deletions_of_hits(tx, &step.owner, (Cause::Erased, &step.owner)).await?;
        }
        if step.action == Action::Notify {
            sqlx::query("INSERT INTO retention_notices (notice_blind, owner_id, log_seq, given_at) VALUES ($1, $2, $3, $4) ON CONFLICT (notice_blind) DO NOTHING")
                .bind(self.notice_blind(&step.owner, standing))
                .bind(&step.owner)
                .bind(i64::try_from(seq).unwrap_or(i64::MAX))
                .bind(now)
                .execute(tx.sql())
                .await?;
        }
        Ok(Some(seq))
    }

    /// Destroys the keys of a part and ends what rests on it. The hash of each wrapped key that was destroyed is the evidence: a
    /// backup that still has it can be told from one that was purged.
    async fn erase(&self, tx: &mut WriteTx<'_>, held: &Held, part: Part) -> Result<Vec<String>> {
        let now = tx.now().micros();
        let mut destroyed = Vec::new();
        if let Some(domain) = part.domain() {
            let at = tx.now();
            let wrapped = destroy_key(tx.sql(), at, &held.owner, domain).await?;
            destroyed.extend(wrapped.map(|wrapped| hex(&Sha256::digest(wrapped))));
        }
        if ends_notices(part) {
            // What of the log is not gone through yet must not wait for them afterwards.
            self.queue_all(tx.sql()).await?;
        }
        // Without its key a ciphertext is noise; it goes all the same, and what was computed from it with it.
        let statements: &'static [&'static str] = match part {
            Part::PrintImages => &[
                "UPDATE samples SET sealed_image = x'', sealed_notes = NULL, image_blind = NULL WHERE encounter_id = $1",
                "UPDATE hands_photographs SET sealed_image = x'' WHERE encounter_id = $1",
            ],
            Part::PrintTemplates => &[
                "UPDATE samples SET sealed_template = x'', recipe = NULL WHERE encounter_id = $1",
                "UPDATE registrations SET state = 'withdrawn', ended_at = $2 WHERE encounter_id = $1",
                "UPDATE documents SET prints_linked = 0 WHERE encounter_id = $1",
                // What was not finished cannot be: its prints are gone.
                "UPDATE encounters SET state = 'denied', closed_at = $2 WHERE id = $1 AND state IN ('open', 'adjudication')",
                "DELETE FROM finger_states WHERE encounter_id = $1",
                "DELETE FROM retention_blocks WHERE owner_id = $1 AND reason <> 'restricted'",
                "UPDATE persons SET state = 'provisional' WHERE state = 'registered' AND id = (SELECT person_id FROM encounters WHERE id = $1) \
                 AND NOT EXISTS (SELECT 1 FROM registrations r JOIN encounters e ON e.id = r.encounter_id WHERE e.person_id = persons.id AND r.state <> 'withdrawn')",
            ],
            Part::GenomicProfile => &[
                "UPDATE specimens SET state = 'withdrawn', sealed_profile = NULL, sealed_lineage = NULL, sealed_label = x'' WHERE id = $1",
                "DELETE FROM retention_blocks WHERE owner_id = $1 AND reason <> 'restricted'",
            ],
            Part::GenomicMaterial => &[
                "INSERT INTO material_destructions (specimen_id, ordered_at) VALUES ($1, $2) ON CONFLICT (specimen_id) DO NOTHING",
            ],
            Part::LogPayloads => &[],
        };
        for statement in statements.iter().copied() {
            let mut query = sqlx::query(statement).bind(&held.owner);
            if statement.contains("$2") {
                query = query.bind(now);
            }
            query.execute(tx.sql()).await?;
        }
        if let Some(person) = held.person
            && ends_notices(part)
        {
            self.forget_unregistered(tx.sql(), person).await?;
        }
        Ok(destroyed)
    }

    async fn take_from_log(&self, tx: &mut WriteTx<'_>, law: &LawBook, step: &Step) -> Result<Option<u64>> {
        let Some(due) = self.log_due(tx.sql(), law, self.today()).await? else { return Ok(None) };
        let place = |text: &str| i64::from_str(text).map_err(|_| RegistryError::Damaged { what: "deletion step" });
        // The law may have become stricter or milder since: never more than is due now.
        let stays = place(&step.owner)?.min(place(&due.owner)?);
        own_index::take_off(&self.inner, tx, stays).await?;
        self.queue_all(tx.sql()).await?;
        notices::forget_before(tx.sql(), stays).await?;
        let done = sqlx::query(
            "UPDATE log_entries SET wrapped_key = NULL, account_id = '', organisation = '' WHERE seq < $1 AND wrapped_key IS NOT NULL",
        )
        .bind(stays)
        .execute(tx.sql())
        .await?;
        // A plan says on which days something had to go; it goes with the entry that tells of it.
        sqlx::query(
            "UPDATE data_keys SET wrapped = NULL, destroyed_at = $1 WHERE wrapped IS NOT NULL AND owner_id IN \
             (SELECT id FROM deletion_plans WHERE log_seq < $2 AND done_at IS NOT NULL)",
        )
        .bind(tx.now().micros())
        .bind(stays)
        .execute(tx.sql())
        .await?;
        let details = json!({
            "plan": step.plan, "plan_hash": step.plan_hash, "place": step.place, "before": stays, "entries": done.rows_affected(),
        });
        let entry =
            Entry::system("log.payloads_erased").purpose("retention").law(&due.pack_hash, &due.clause).details(details);
        tx.log(&entry).await.map(Some)
    }

    /// What is in memory follows the rows.
    async fn follow(&self, step: &Step) -> Result<()> {
        if (step.action, step.part) == (Action::Erase, Part::PrintImages) {
            self.inner.held.let_go(parse_id(&step.owner)?);
        }
        match (step.action, step.part) {
            (Action::Erase, Part::PrintTemplates) | (Action::Block, Part::PrintImages | Part::PrintTemplates) => {
                self.out_of_searches(&[Gone::Encounter(parse_id(&step.owner)?)]).await;
                Ok(())
            }
            (Action::Erase, Part::GenomicProfile) | (Action::Block, Part::GenomicProfile | Part::GenomicMaterial) => {
                self.out_of_searches(&[Gone::Specimen(parse_id(&step.owner)?)]).await;
                Ok(())
            }
            // A profile that may be searched again; prints come back with the gallery's next agreement.
            (Action::Unblock, Part::GenomicProfile | Part::GenomicMaterial) => {
                self.again_in_searches(parse_id(&step.owner)?).await
            }
            _ => Ok(()),
        }
    }
}

/// The erasures of a plan wait no longer.
async fn release(tx: &mut WriteTx<'_>, plan: &str) -> Result<()> {
    let now = tx.now().micros();
    sqlx::query("UPDATE deletion_plans SET released_at = $1 WHERE id = $2")
        .bind(now)
        .bind(plan)
        .execute(tx.sql())
        .await?;
    Ok(())
}

/// Whether somebody may be registered no longer, or an entry lose its words, when a part goes: then what waits to be told may go with it.
fn ends_notices(part: Part) -> bool {
    matches!(part, Part::PrintTemplates | Part::GenomicProfile | Part::LogPayloads)
}

/// What the entry of an erasure commits to: the part, the record, and the hash of each wrapped key that was destroyed.
fn what_was_erased(step: &Step, keys: &[String]) -> Result<Opening> {
    let salt: [u8; 16] = fresh_bytes()?;
    let mut records = vec![step.part.name().to_owned(), format!("record {}", step.owner)];
    records.extend(keys.iter().map(|key| format!("key {key}")));
    Ok(Opening { salt: BASE64.encode(salt), records })
}
