//! Refusal: what the law lets follow, in order, each step decided by an authority and never by the machine.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{Row, SqliteConnection};
use tanba_law::{ConsequenceKind, RefusalEvent, RefusalKind, Text};

use crate::actor::{Actor, Role};
use crate::documents::DocumentEvent;
use crate::encounter::close;
use crate::error::{RegistryError, Result};
use crate::ids::{AccountId, EncounterId, PersonId, RefusalId};
use crate::journal::Entry;
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::fresh_bytes;

/// A refusal and what the law lets follow.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RefusalView {
    /// The refusal.
    pub id: RefusalId,
    /// Which refusal of this person it is, from 1.
    pub step: u32,
    /// What may follow: `fine`, `deny_document`, `none`, ...
    pub consequence: String,
    /// Who may decide it.
    pub authority: String,
    /// Index units of a fine.
    pub index_units: Option<f64>,
    /// The fine in money, where the year's index is known.
    pub amount: Option<f64>,
    /// The clause.
    pub clause: String,
    /// In plain words; given with the answer to the refusal itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<Text>,
    /// Whether an interim document is issued meanwhile.
    pub interim_document: bool,
    /// When the authority decided, if it has.
    pub decided_at: Option<Instant>,
    /// When the fine was paid, if it was.
    pub paid_at: Option<Instant>,
    /// When an appeal was lodged, if it was.
    pub appealed_at: Option<Instant>,
    /// When it ended, if it did.
    pub appeal_ended_at: Option<Instant>,
    /// How it ended.
    pub appeal_outcome: Option<AppealOutcome>,
    /// The encounter in which the person refused.
    pub encounter: EncounterId,
    /// When.
    pub refused_at: Instant,
}

impl RefusalView {
    /// An appeal is pending: nothing may follow, and an interim document can be issued.
    pub fn appeal_pending(&self) -> bool {
        self.appealed_at.is_some() && self.appeal_ended_at.is_none()
    }
}

/// How an appeal ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppealOutcome {
    /// The person was right: the step is taken back.
    Upheld,
    /// It stays as it was.
    Dismissed,
}

impl AppealOutcome {
    /// The name in the database and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Upheld => "upheld",
            Self::Dismissed => "dismissed",
        }
    }
}

impl Registry {
    /// Records that a person refuses, and what the law lets follow. Nothing follows by itself.
    ///
    /// # Errors
    /// A conflict where the encounter is closed.
    pub async fn record_refusal(&self, actor: &Actor, id: EncounterId) -> Result<RefusalView> {
        let row = self.open_encounter_of(actor, id).await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let today = self.today();
        let (earlier, mut events) = self.history_of(tx.sql(), row.person).await?;
        events.push(RefusalEvent { on: today, kind: RefusalKind::Refused });
        let answer = self.inner.law().refusal_step(&row.facts, events, today)?;
        let refusal = RefusalId::fresh(now.micros(), fresh_bytes()?);
        let number = earlier + 1;
        let consequence = answer.step.as_ref().map_or("none", |step| kind_name(step.kind));
        sqlx::query("INSERT INTO refusals (id, encounter_id, step, consequence, authority, index_name, index_units, amount, clause, pack_hash, refused_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)")
            .bind(refusal.to_string())
            .bind(id.to_string())
            .bind(number)
            .bind(consequence)
            .bind(&answer.authority)
            .bind(&answer.index)
            .bind(answer.units)
            .bind(answer.amount)
            .bind(&answer.clause)
            .bind(&answer.pack_hash)
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        close(tx.sql(), id, "refused", now.micros()).await?;
        self.inner.held.let_go(id);
        let details = json!({"encounter": id, "refusal": refusal, "step": number, "consequence": consequence});
        let entry = Entry::denial("refusal.recorded", Some(actor)).purpose("registration").about(row.person);
        tx.commit(&entry.law(&answer.pack_hash, &answer.clause).details(details)).await?;
        Ok(RefusalView {
            text: Some(answer.text),
            interim_document: answer.interim_document,
            ..self.refusal_view(refusal).await?
        })
    }

    /// The authority's decision that the consequence follows.
    ///
    /// # Errors
    /// Denied to whoever recorded the refusal; a conflict where the law does not let it follow now.
    pub async fn decide_refusal(&self, actor: &Actor, id: RefusalId) -> Result<RefusalView> {
        self.demand(actor, Role::Officer, "decide what follows a refusal").await?;
        let view = self.refusal_view(id).await?;
        let row = self.load_encounter(self.refusal_encounter(id).await?).await?;
        if row.natural_person == actor.natural_person {
            let denial =
                Entry::denial("refusal.decision_denied", Some(actor)).purpose("registration").about(row.person);
            return self
                .deny(
                    denial.details(json!({"refusal": id})),
                    "four_eyes",
                    &view.clause,
                    "whoever recorded the refusal does not decide what follows",
                    vec!["an officer of the deciding authority".to_owned()],
                )
                .await;
        }
        // The law is asked again at the time of the decision: a payment or an appeal since then changes the answer.
        let mut sql = self.inner.pool.acquire().await?;
        let (_, events) = self.history_of(&mut sql, row.person).await?;
        drop(sql);
        let answer = self.inner.law().refusal_step(&row.facts, events, self.today())?;
        if answer.step.is_none_or(|step| step.clause != view.clause) {
            return Err(RegistryError::Conflict {
                what: "this consequence may not be decided now",
                next: "a fine comes first, is paid, and is followed by a second refusal; an appeal suspends everything",
            });
        }
        self.mark_refusal(
            actor,
            id,
            row.person,
            "UPDATE refusals SET decided_at = $1, decided_by = $3 WHERE id = $2 AND decided_at IS NULL AND (appealed_at IS NULL OR appeal_outcome = 'dismissed')",
            Some(actor.account()),
            "refusal.decided",
        )
        .await
    }

    /// The fine was paid.
    ///
    /// # Errors
    /// A conflict where no fine was decided, or it was paid.
    pub async fn fine_paid(&self, actor: &Actor, id: RefusalId) -> Result<RefusalView> {
        self.demand(actor, Role::Officer, "record a payment").await?;
        let person = self.load_encounter(self.refusal_encounter(id).await?).await?.person;
        self.mark_refusal(actor, id, person, "UPDATE refusals SET paid_at = $1 WHERE id = $2 AND consequence = 'fine' AND decided_at IS NOT NULL AND paid_at IS NULL AND (appeal_outcome IS NULL OR appeal_outcome <> 'upheld')", None, "refusal.fine_paid")
            .await
    }

    /// An appeal was lodged: it suspends the consequence.
    ///
    /// # Errors
    /// A conflict where one is pending, or was upheld.
    pub async fn appeal_refusal(&self, actor: &Actor, id: RefusalId) -> Result<RefusalView> {
        if !actor.has(Role::Officer) {
            self.demand(actor, Role::Operator, "record an appeal").await?;
        }
        let person = self.load_encounter(self.refusal_encounter(id).await?).await?.person;
        self.mark_refusal(actor, id, person, "UPDATE refusals SET appealed_at = $1, appeal_ended_at = NULL, appeal_outcome = NULL WHERE id = $2 AND (appealed_at IS NULL OR appeal_outcome = 'dismissed')", None, "refusal.appealed")
            .await
    }

    /// Closes an appeal, by an officer who neither recorded the refusal nor decided what follows it. Upheld, it takes the
    /// step back; either way an interim document that hung on it ends.
    ///
    /// # Errors
    /// Denied to whoever recorded or decided; a conflict where no appeal is pending, or a later step rests on this one.
    pub async fn close_appeal(&self, actor: &Actor, id: RefusalId, outcome: AppealOutcome) -> Result<RefusalView> {
        self.demand(actor, Role::Officer, "close an appeal").await?;
        let view = self.refusal_view(id).await?;
        let row = self.load_encounter(view.encounter).await?;
        let decider: Option<String> = sqlx::query_scalar(
            "SELECT a.natural_person FROM refusals r JOIN accounts a ON a.id = r.decided_by WHERE r.id = $1",
        )
        .bind(id.to_string())
        .fetch_optional(&self.inner.pool)
        .await?;
        if row.natural_person == actor.natural_person || decider.as_ref() == Some(&actor.natural_person) {
            let denial = Entry::denial("refusal.appeal_denied", Some(actor)).purpose("registration").about(row.person);
            return self
                .deny(
                    denial.details(json!({"refusal": id})),
                    "four_eyes",
                    &view.clause,
                    "whoever recorded the refusal, or decided what follows, does not close the appeal against it",
                    vec!["an officer who had no part in it".to_owned()],
                )
                .await;
        }
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        if outcome == AppealOutcome::Upheld {
            let later: i64 = sqlx::query_scalar(
                "SELECT COUNT(*) FROM refusals r JOIN encounters e ON e.id = r.encounter_id WHERE e.person_id = $1 AND r.decided_at IS NOT NULL \
                 AND r.refused_at > $2 AND (r.appeal_outcome IS NULL OR r.appeal_outcome <> 'upheld')",
            )
            .bind(row.person.to_string())
            .bind(view.refused_at.micros())
            .fetch_one(tx.sql())
            .await?;
            if later > 0 {
                return Err(RegistryError::Conflict {
                    what: "a later decision rests on this one",
                    next: "close the appeal against the later decision first",
                });
            }
        }
        let done = sqlx::query(
            "UPDATE refusals SET appeal_ended_at = $1, appeal_outcome = $2, appeal_closed_by = $3 WHERE id = $4 AND appealed_at IS NOT NULL AND appeal_ended_at IS NULL",
        )
        .bind(now.micros())
        .bind(outcome.name())
        .bind(actor.account().to_string())
        .bind(id.to_string())
        .execute(tx.sql())
        .await?;
        if done.rows_affected() == 0 {
            return Err(RegistryError::Conflict {
                what: "no appeal is pending",
                next: "an appeal is lodged before it is closed, and closed once",
            });
        }
        self.end_interim_documents(&mut tx, actor, Some(id), row.person, DocumentEvent::Cancelled).await?;
        let entry = Entry::effect("refusal.appeal_closed", actor).purpose("registration").about(row.person);
        tx.commit(&entry.details(json!({"refusal": id, "outcome": outcome}))).await?;
        self.view_with_words(id).await
    }

    /// A refusal with what the law says of it; a look. For officers, and for the operators of its station.
    ///
    /// # Errors
    /// Not found where it is not theirs to see.
    pub async fn view_refusal(&self, actor: &Actor, id: RefusalId) -> Result<RefusalView> {
        let encounter = self.refusal_encounter(id).await?;
        let row = if actor.has(Role::Officer) {
            self.load_encounter(encounter).await?
        } else {
            self.encounter_for(actor, encounter).await?
        };
        let tx = WriteTx::begin(&self.inner).await?;
        let entry = Entry::look("refusal.viewed", actor).purpose("registration").about(row.person);
        tx.commit(&entry.details(json!({"refusal": id}))).await?;
        self.view_with_words(id).await
    }

    /// Refusals that wait for an officer: to be decided, to be paid, or with an appeal; newest first. Ids and steps, nobody's
    /// name.
    ///
    /// # Errors
    /// Denied without the officer's role.
    pub async fn open_refusals(&self, actor: &Actor) -> Result<Vec<RefusalView>> {
        self.demand(actor, Role::Officer, "see refusals").await?;
        let found: Vec<String> = sqlx::query_scalar(
            "SELECT id FROM refusals WHERE (consequence <> 'none' AND decided_at IS NULL AND (appeal_outcome IS NULL OR appeal_outcome <> 'upheld')) \
             OR (consequence = 'fine' AND decided_at IS NOT NULL AND paid_at IS NULL AND (appeal_outcome IS NULL OR appeal_outcome <> 'upheld')) \
             OR (appealed_at IS NOT NULL AND appeal_ended_at IS NULL) ORDER BY refused_at DESC LIMIT 200",
        )
        .fetch_all(&self.inner.pool)
        .await?;
        let mut views = Vec::with_capacity(found.len());
        for id in &found {
            views.push(self.refusal_view(rows::parse_id(id)?).await?);
        }
        Ok(views)
    }

    /// The refusal that an encounter ended with.
    pub(crate) async fn refusal_of_encounter(&self, id: EncounterId) -> Result<Option<RefusalView>> {
        let refusal: Option<String> = sqlx::query_scalar("SELECT id FROM refusals WHERE encounter_id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.inner.pool)
            .await?;
        match refusal {
            Some(refusal) => self.view_with_words(rows::parse_id(&refusal)?).await.map(Some),
            None => Ok(None),
        }
    }

    /// A refusal with the words of its clause.
    async fn view_with_words(&self, id: RefusalId) -> Result<RefusalView> {
        let view = self.refusal_view(id).await?;
        let text = self.inner.law().clause(&view.clause, self.today()).and_then(|(text, _)| text);
        Ok(RefusalView { text, ..view })
    }

    async fn mark_refusal(
        &self,
        actor: &Actor,
        id: RefusalId,
        person: PersonId,
        statement: &'static str,
        decided_by: Option<AccountId>,
        event: &'static str,
    ) -> Result<RefusalView> {
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now().micros();
        let mut change = sqlx::query(statement).bind(now).bind(id.to_string());
        if let Some(account) = decided_by {
            change = change.bind(account.to_string());
        }
        let done = change.execute(tx.sql()).await?;
        if done.rows_affected() == 0 {
            return Err(RegistryError::Conflict {
                what: "this step does not follow from where the refusal stands",
                next: "a fine is decided before it is paid, and an appeal suspends a decision",
            });
        }
        let entry = Entry::effect(event, actor).purpose("registration").about(person);
        tx.commit(&entry.details(json!({"refusal": id}))).await?;
        self.refusal_view(id).await
    }

    pub(crate) async fn refusal_encounter(&self, id: RefusalId) -> Result<EncounterId> {
        let encounter: Option<String> = sqlx::query_scalar("SELECT encounter_id FROM refusals WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.inner.pool)
            .await?;
        rows::parse_id(&encounter.ok_or(RegistryError::NotFound { what: "refusal" })?)
    }

    /// How many refusals a person has, and everything that happened in the matter, in order of time.
    async fn history_of(&self, sql: &mut SqliteConnection, person: PersonId) -> Result<(i64, Vec<RefusalEvent>)> {
        let found = sqlx::query(
            "SELECT r.* FROM refusals r JOIN encounters e ON e.id = r.encounter_id WHERE e.person_id = $1 ORDER BY r.refused_at, r.id",
        )
        .bind(person.to_string())
        .fetch_all(&mut *sql)
        .await?;
        let mut events: Vec<(Instant, RefusalKind)> = Vec::new();
        for row in &found {
            let step: String = row.try_get("clause")?;
            let (decided, paid) = (rows::instant_opt(row, "decided_at")?, rows::instant_opt(row, "paid_at")?);
            let upheld = row.try_get::<Option<String>, _>("appeal_outcome")?.as_deref() == Some("upheld");
            if upheld && (decided.is_none() || paid.is_some()) {
                // Set aside before anything was decided, or after it was paid (and is paid back): as if it had not been.
                continue;
            }
            events.push((rows::instant(row, "refused_at")?, RefusalKind::Refused));
            if let Some(at) = decided {
                events.push((at, RefusalKind::Decided { step: step.clone() }));
            }
            if let Some(at) = paid {
                events.push((at, RefusalKind::Fulfilled { step: step.clone() }));
            }
            if let Some(at) = rows::instant_opt(row, "appealed_at")? {
                events.push((at, RefusalKind::AppealOpened));
            }
            if let Some(at) = rows::instant_opt(row, "appeal_ended_at")? {
                events.push((at, if upheld { RefusalKind::Revoked { step } } else { RefusalKind::AppealDismissed }));
            }
        }
        let complied: Vec<i64> = sqlx::query_scalar(
            "SELECT closed_at FROM encounters WHERE person_id = $1 AND state IN ('registered', 'verified', 'exempt') AND closed_at IS NOT NULL",
        )
        .bind(person.to_string())
        .fetch_all(sql)
        .await?;
        events.extend(complied.into_iter().map(|at| (Instant::from_micros(at), RefusalKind::Complied)));
        events.sort_by_key(|(at, _)| *at);
        let events = events.into_iter().map(|(at, kind)| RefusalEvent { on: self.inner.zone.date(at), kind }).collect();
        Ok((i64::try_from(found.len()).unwrap_or(i64::MAX - 1), events))
    }

    pub(crate) async fn refusal_view(&self, id: RefusalId) -> Result<RefusalView> {
        let row = sqlx::query("SELECT * FROM refusals WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.inner.pool)
            .await?
            .ok_or(RegistryError::NotFound { what: "refusal" })?;
        Ok(RefusalView {
            id,
            step: rows::number(&row, "step")?,
            consequence: row.try_get("consequence")?,
            authority: row.try_get("authority")?,
            index_units: row.try_get("index_units")?,
            amount: row.try_get("amount")?,
            clause: row.try_get("clause")?,
            text: None,
            interim_document: true,
            decided_at: rows::instant_opt(&row, "decided_at")?,
            paid_at: rows::instant_opt(&row, "paid_at")?,
            appealed_at: rows::instant_opt(&row, "appealed_at")?,
            appeal_ended_at: rows::instant_opt(&row, "appeal_ended_at")?,
            appeal_outcome: match row.try_get::<Option<String>, _>("appeal_outcome")?.as_deref() {
                Some("upheld") => Some(AppealOutcome::Upheld),
                Some(_) => Some(AppealOutcome::Dismissed),
                None => None,
            },
            encounter: rows::id(&row, "encounter_id")?,
            refused_at: rows::instant(&row, "refused_at")?,
        })
    }
}

fn kind_name(kind: ConsequenceKind) -> &'static str {
    match kind {
        ConsequenceKind::Fine => "fine",
        ConsequenceKind::DenyDocument => "deny_document",
        ConsequenceKind::Expel => "expel",
        ConsequenceKind::Imprison => "imprison",
        ConsequenceKind::DenyEntry => "deny_entry",
    }
}

/// The clause of a decided denial of documents that is not under appeal, if the person has one and has not given prints since.
pub(crate) async fn denial_in_force(sql: &mut SqliteConnection, person: PersonId) -> Result<Option<String>> {
    Ok(sqlx::query_scalar(
        "SELECT r.clause FROM refusals r JOIN encounters e ON e.id = r.encounter_id WHERE e.person_id = $1 AND r.consequence = 'deny_document' \
         AND r.decided_at IS NOT NULL AND (r.appealed_at IS NULL OR r.appeal_ended_at IS NOT NULL) AND (r.appeal_outcome IS NULL OR r.appeal_outcome <> 'upheld') \
         AND NOT EXISTS (SELECT 1 FROM encounters l WHERE l.person_id = e.person_id AND l.state IN ('registered', 'verified', 'exempt') AND l.closed_at > r.refused_at) LIMIT 1",
    )
    .bind(person.to_string())
    .fetch_optional(sql)
    .await?)
}
