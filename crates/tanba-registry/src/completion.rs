//! The end of a capture: the prints against everyone registered, and what follows from it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::{Row, SqliteConnection};
use tanba_finger::Prepared;
use tanba_formats::Finger;
use tanba_gallery::{
    Coverage, Effort, Enrolment, EntryId, Filter, Gallery, Outcome as SearchOutcome, Probe, SearchControl,
    SearchOptions,
};
use tanba_law::{AccessAct, DataClass};

use crate::actor::Actor;
use crate::capture::{live_person, registered_encounter, still_open};
use crate::encounter::{EncounterRow, EncounterState, EncounterView, close, has_active_registration};
use crate::error::{RegistryError, Result};
use crate::follow_up::{PRINTS_POSTPONED, settle};
use crate::ids::{CandidateId, EncounterId, RowId, SearchId};
use crate::journal::Entry;
use crate::law::LawAnswer;
use crate::params::{CANDIDATES_SHOWN, QUALITY_FLAG};
use crate::registry::{CIVIL, Registry};
use crate::review;
use crate::rows;
use crate::store::WriteTx;
use crate::thresholds::ThresholdKind;
use crate::vault::fresh_bytes;

/// How a completed encounter ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Completion {
    /// The encounter now.
    pub encounter: EncounterView,
    /// How many people the prints were compared with.
    pub people_compared: u64,
    /// How many candidates examiners must judge. Who they are is not shown here.
    pub candidates: usize,
}

/// How far a search is; shared between the search and whoever watches it.
#[derive(Debug, Default)]
pub struct SearchProgress {
    done: AtomicU64,
    total: AtomicU64,
    stopped: AtomicBool,
}

impl SearchProgress {
    /// People compared so far.
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// People to be compared; 0 before the search has begun.
    pub fn total(&self) -> u64 {
        self.total.load(Ordering::Relaxed)
    }

    /// Asks the search to stop: it has no answer then.
    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Whether it was asked to stop.
    pub(crate) fn was_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    fn report(&self, progress: tanba_gallery::Progress) {
        self.total.store(progress.total, Ordering::Relaxed);
        self.done.fetch_max(progress.done, Ordering::Relaxed);
    }
}

impl Registry {
    /// Ends the capture: compares the prints with everyone registered and, where nobody has them, registers the person.
    ///
    /// # Errors
    /// A conflict while fingers are unaccounted for, or a kept print is of low quality and nobody accepted it; denied while the law misses something; an incomplete search (then
    /// nothing has changed and the call can be repeated).
    pub async fn complete(&self, actor: &Actor, id: EncounterId) -> Result<Completion> {
        self.complete_watched(actor, id, &Arc::default()).await
    }

    /// [`Registry::complete`], telling how far its search is.
    ///
    /// # Errors
    /// Those of [`Registry::complete`].
    pub async fn complete_watched(
        &self,
        actor: &Actor,
        id: EncounterId,
        progress: &Arc<SearchProgress>,
    ) -> Result<Completion> {
        let row = self.encounter_for(actor, id).await?;
        if row.state != EncounterState::Open {
            // Asked again after an answer was lost: the same end, not a second one.
            return self.completion(id).await;
        }
        let law = self.demand_nothing_missing(actor, &row).await?;
        // Whoever is registered must be findable, also after the next start.
        self.gallery()?.demand_room()?;
        // Two stations may not register one person between each other's search and commit.
        let _turn = self.inner.registration.lock().await;
        let mut sql = self.inner.pool.acquire().await?;
        self.demand_all_fingers(&mut sql, id).await?;
        self.demand_quality(&mut sql, id).await?;
        let probe = self.prints_of(&mut sql, id).await?;
        if probe.is_empty() {
            return Err(RegistryError::Conflict {
                what: "no finger was captured",
                next: "capture at least one finger, or record an exemption with a second officer",
            });
        }
        let registered_before = has_active_registration(&mut sql, row.person, Some(id)).await?;
        drop(sql);
        if registered_before {
            self.complete_known(actor, &row, &law, &probe).await?;
        } else {
            self.complete_new(actor, &row, &probe, progress).await?;
        }
        self.completion(id).await
    }

    /// The person is registered: are these prints theirs?
    async fn complete_known(
        &self,
        actor: &Actor,
        row: &EncounterRow,
        law: &LawAnswer,
        probe: &[(Finger, Prepared)],
    ) -> Result<()> {
        let threshold = self.threshold(ThresholdKind::Verification, Some(actor)).await?;
        let log10_lr = self.verify_against(row.person, Some(row.id), probe).await?;
        let same = log10_lr >= threshold.value();
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        close(tx.sql(), row.id, if same { "verified" } else { "conflict" }, now.micros()).await?;
        self.inner.held.let_go(row.id);
        if same {
            settle(tx.sql(), row.person, PRINTS_POSTPONED, "prints_taken", now).await?;
        }
        if !same {
            let (registered, _) = registered_encounter(tx.sql(), row.person).await?;
            let registered = registered.to_string();
            let (subject, other) = (row.id.to_string(), ("encounter", registered.as_str()));
            review::open_between(&mut tx, "identity_conflict", ("encounter", &subject), other).await?;
        }
        let event = if same { "registration.verified" } else { "registration.conflict" };
        let entry = Entry::effect(event, actor).purpose("registration").about(row.person);
        let details = json!({"encounter": row.id, "log10_lr": log10_lr, "threshold": threshold.number});
        tx.commit(&entry.law(&law.pack_hash, &law.clause).details(details)).await?;
        Ok(())
    }

    /// The person is new: does anyone have these prints?
    async fn complete_new(
        &self,
        actor: &Actor,
        row: &EncounterRow,
        probe: &[(Finger, Prepared)],
        progress: &Arc<SearchProgress>,
    ) -> Result<()> {
        let law_asked = self.inner.law();
        self.permit_registration_look(
            actor,
            "enrolment",
            AccessAct::Identify,
            DataClass::BiometricTemplate,
            row.person,
        )
        .await?;
        let Searched { coverage, found, threshold } =
            self.search_civil(actor, probe, Filter::default(), progress).await?;
        // A candidate must still be live when it is shown, so every row is read again.
        let mut tx = WriteTx::begin(&self.inner).await?;
        self.demand_same_law(&law_asked)?;
        still_open(tx.sql(), row.id).await?;
        let now = tx.now();
        let mut live = Vec::new();
        for (encounter, log10_lr) in found {
            if let Some(person) = live_person(tx.sql(), encounter).await?
                && person != row.person
            {
                live.push((encounter, person, log10_lr));
            }
        }
        let search = insert_search(&mut tx, Some(row.id), "deduplication", "civil", &coverage, live.is_empty()).await?;
        for (place, (encounter, _, log10_lr)) in live.iter().enumerate() {
            sqlx::query("INSERT INTO candidates (id, search_id, place, encounter_id, log10_lr, state) VALUES ($1, $2, $3, $4, $5, 'open')")
                .bind(CandidateId::fresh(now.micros(), fresh_bytes()?).to_string())
                .bind(search.to_string())
                .bind(i64::try_from(place).unwrap_or(i64::MAX))
                .bind(encounter.to_string())
                .bind(*log10_lr)
                .execute(tx.sql())
                .await?;
        }
        let consents: Vec<RowId> = self.consents_of(tx.sql(), row.id).await?.iter().map(|consent| consent.id).collect();
        let details = with_coverage(
            json!({
                "encounter": row.id, "search": search, "candidates": live.len(), "version": coverage.version, "consents": consents,
            }),
            &coverage,
            threshold,
        );
        let law = self.law_of(row).await?;
        if law.forbids() || !law.missing.is_empty() {
            // The law, or a consent, went while the search ran.
            drop(tx);
            return self.demand_nothing_missing(actor, row).await.map(drop);
        }
        if live.is_empty() {
            activate(&mut tx, row, search).await?;
            let entry = Entry::effect("registration.activated", actor).purpose("registration").about(row.person);
            tx.commit(&entry.law(&law.pack_hash, &law.clause).details(details)).await?;
            self.enter_gallery(row.id).await?;
        } else {
            sqlx::query("UPDATE encounters SET state = 'adjudication' WHERE id = $1")
                .bind(row.id.to_string())
                .execute(tx.sql())
                .await?;
            // Being found is a look at the one who was found.
            let entry = Entry::look("candidate.found", actor)
                .purpose("registration")
                .about(row.person)
                .about_all(live.iter().map(|(_, person, _)| *person));
            tx.commit(&entry.law(&law.pack_hash, &law.clause).details(details)).await?;
        }
        self.inner.held.let_go(row.id);
        Ok(())
    }

    /// Searches the civil gallery off the asynchronous threads; only a complete answer is an answer.
    pub(crate) async fn search_civil(
        &self,
        actor: &Actor,
        probe: &[(Finger, Prepared)],
        filter: Filter,
        progress: &Arc<SearchProgress>,
    ) -> Result<Searched> {
        let kind = if probe.len() > 1 { ThresholdKind::Candidates } else { ThresholdKind::CandidatesOneFinger };
        let threshold = self.threshold(kind, Some(actor)).await?;
        // A snapshot: registrations that end meanwhile do not wait for the search, nor it for them.
        let gallery = self.gallery()?.snapshot();
        let log10_lr = threshold.among(kind, gallery.people());
        let (coverage, found) = search(gallery, probe, log10_lr, Effort::default(), filter, progress).await?;
        Ok(Searched { coverage, found, threshold: threshold.number })
    }

    /// Whoever was registered can be found from now on, unless the registration was ended in between.
    pub(crate) async fn enter_gallery(&self, id: EncounterId) -> Result<()> {
        let mut sql = self.inner.pool.acquire().await?;
        let _turn = self.inner.following.lock().await;
        // A gallery that is closed takes them up when it is opened.
        let Ok(gallery) = self.gallery() else { return Ok(()) };
        if live_person(&mut sql, id).await?.is_none() {
            return Ok(());
        }
        let person = self.enrolment_of(&mut sql, id).await?;
        gallery.insert(&person)?;
        Ok(())
    }

    /// A registered encounter as the gallery takes it, from the database.
    pub(crate) async fn enrolment_of(&self, sql: &mut SqliteConnection, id: EncounterId) -> Result<Enrolment> {
        let templates = self.templates_of(sql, id).await?;
        let traits = self.traits_of(sql, id).await?;
        Ok(Enrolment { traits, ..Enrolment::new(EntryId(id.as_u128()), CIVIL, templates) })
    }

    async fn completion(&self, id: EncounterId) -> Result<Completion> {
        let row = sqlx::query(
            "SELECT id, people_compared FROM searches WHERE encounter_id = $1 ORDER BY searched_at DESC LIMIT 1",
        )
        .bind(id.to_string())
        .fetch_optional(&self.inner.pool)
        .await?;
        let (people_compared, candidates) = match row {
            None => (0, 0),
            Some(row) => {
                let n: i64 =
                    sqlx::query_scalar("SELECT COUNT(*) FROM candidates WHERE search_id = $1 AND contests IS NULL")
                        .bind(row.try_get::<String, _>("id")?)
                        .fetch_one(&self.inner.pool)
                        .await?;
                (rows::number(&row, "people_compared")?, usize::try_from(n).unwrap_or(0))
            }
        };
        Ok(Completion { encounter: self.build_view(id).await?, people_compared, candidates })
    }

    async fn demand_all_fingers(&self, sql: &mut SqliteConnection, id: EncounterId) -> Result<()> {
        let accounted: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM (SELECT finger FROM samples WHERE encounter_id = $1 UNION SELECT finger FROM finger_states WHERE encounter_id = $1 AND state <> 'extra') AS accounted",
        )
        .bind(id.to_string())
        .fetch_one(&mut *sql)
        .await?;
        let captured: i64 = sqlx::query_scalar("SELECT COUNT(DISTINCT finger) FROM samples WHERE encounter_id = $1")
            .bind(id.to_string())
            .fetch_one(&mut *sql)
            .await?;
        // Where the law lets fewer than ten be taken, those are all.
        if accounted < 10 && captured < i64::from(self.inner.law().fingers_allowed(self.today())) {
            return Err(RegistryError::Conflict {
                what: "not every finger is accounted for",
                next: "capture the remaining fingers, or state for each why it cannot be captured",
            });
        }
        Ok(())
    }

    async fn demand_quality(&self, sql: &mut SqliteConnection, id: EncounterId) -> Result<()> {
        let poor: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM samples s WHERE s.encounter_id = $1 AND s.kept = 1 AND s.quality < $2 \
             AND NOT EXISTS (SELECT 1 FROM quality_acceptances a WHERE a.sample_id = s.id)",
        )
        .bind(id.to_string())
        .bind(i64::from(QUALITY_FLAG))
        .fetch_one(sql)
        .await?;
        if poor > 0 {
            return Err(RegistryError::Conflict {
                what: "a print of low quality is kept and nobody has accepted it",
                next: "capture that finger again, or accept its quality with a reason",
            });
        }
        Ok(())
    }
}

/// A search of the civil gallery that reached all of it.
pub(crate) struct Searched {
    pub(crate) coverage: Coverage,
    /// Whoever reached the threshold, with log10 LR.
    pub(crate) found: Vec<(EncounterId, f64)>,
    /// The setting that it was decided by.
    pub(crate) threshold: u64,
}

/// The details of a search's log entry with what it covered, and by which setting it was decided.
pub(crate) fn with_coverage(mut details: Value, coverage: &Coverage, threshold: u64) -> Value {
    let covered = json!({
        "threshold": threshold,
        "log10_lr_from": coverage.threshold,
        "shards_expected": coverage.shards_expected,
        "shards_answered": coverage.shards_answered,
        "segments": coverage.segments_searched,
        "people_compared": coverage.people_compared,
        "people_weighed": coverage.people_weighed,
        "people_not_comparable": coverage.people_not_comparable,
        "people_filtered_out": coverage.people_filtered_out,
        "widened": coverage.widened,
    });
    if let (Some(details), Value::Object(covered)) = (details.as_object_mut(), covered) {
        details.extend(covered);
    }
    details
}

/// One search of one gallery; an incomplete answer is an error, so that nobody reads it as "no hit".
pub(crate) async fn search(
    gallery: Gallery,
    probe: &[(Finger, Prepared)],
    threshold: f64,
    effort: Effort,
    filter: Filter,
    progress: &Arc<SearchProgress>,
) -> Result<(Coverage, Vec<(EncounterId, f64)>)> {
    let probe = Probe { fingers: probe.to_vec() };
    let options = SearchOptions {
        limit: CANDIDATES_SHOWN,
        effort,
        filter,
        // By an operator's error, or so as not to be found: the price of looking is paid.
        hands_may_be_exchanged: probe.fingers.len() > 1,
        ..SearchOptions::new([CIVIL], threshold)
    };
    let watched = Arc::clone(progress);
    let answer = Registry::aside(move || {
        let report = |progress| watched.report(progress);
        gallery.search(&probe, &options, &SearchControl { cancel: Some(&watched.stopped), progress: Some(&report) })
    })
    .await??;
    let coverage = answer.coverage().clone();
    match answer.outcome() {
        SearchOutcome::Incomplete { .. } => Err(RegistryError::SearchIncomplete {
            answered: coverage.shards_answered,
            expected: coverage.shards_expected,
        }),
        SearchOutcome::NoHit => Ok((coverage, Vec::new())),
        SearchOutcome::Hits(hits) => {
            let found = hits.iter().map(|c| (EncounterId::from_u128(c.entry.0), c.log10_lr)).collect();
            Ok((coverage, found))
        }
    }
}

/// The rows of a registration; the caller commits them with the log entry.
pub(crate) async fn activate(tx: &mut WriteTx<'_>, row: &EncounterRow, search: SearchId) -> Result<()> {
    let now = tx.now();
    sqlx::query("INSERT INTO registrations (id, encounter_id, population, state, search_id, registered_at, ended_at) VALUES ($1, $2, 'civil', 'active', $3, $4, NULL)")
        .bind(RowId::fresh(now.micros(), fresh_bytes()?).to_string())
        .bind(row.id.to_string())
        .bind(search.to_string())
        .bind(now.micros())
        .execute(tx.sql())
        .await?;
    sqlx::query("UPDATE persons SET state = 'registered' WHERE id = $1 AND state IN ('provisional', 'exempt')")
        .bind(row.person.to_string())
        .execute(tx.sql())
        .await?;
    settle(tx.sql(), row.person, PRINTS_POSTPONED, "prints_taken", now).await?;
    close(tx.sql(), row.id, "registered", now.micros()).await
}

/// The row of a search with its coverage.
pub(crate) async fn insert_search(
    tx: &mut WriteTx<'_>,
    encounter: Option<EncounterId>,
    kind: &'static str,
    populations: &str,
    coverage: &Coverage,
    no_hit: bool,
) -> Result<SearchId> {
    let now = tx.now();
    let id = SearchId::fresh(now.micros(), fresh_bytes()?);
    sqlx::query("INSERT INTO searches (id, encounter_id, request_id, kind, populations, gallery_version, shards_expected, shards_answered, people_compared, outcome, searched_at) VALUES ($1, $2, NULL, $3, $4, $5, $6, $7, $8, $9, $10)")
        .bind(id.to_string())
        .bind(encounter.map(|e| e.to_string()))
        .bind(kind)
        .bind(populations)
        .bind(i64::try_from(coverage.version).unwrap_or(i64::MAX))
        .bind(i64::try_from(coverage.shards_expected).unwrap_or(i64::MAX))
        .bind(i64::try_from(coverage.shards_answered).unwrap_or(i64::MAX))
        .bind(i64::try_from(coverage.people_compared).unwrap_or(i64::MAX))
        .bind(if no_hit { "no_hit" } else { "candidates" })
        .bind(now.micros())
        .execute(tx.sql())
        .await?;
    Ok(id)
}
