//! Exercises of a training register, scored by what really happened in it: by its log, its consents, its samples, not by
//! what somebody says that they did.
//!
//! Only a register that was founded for training answers here, and such a register holds nobody who exists. Who the
//! invented people of an exercise are, the caller knows ([`ExercisePerson`]); whose turn it is with which of them, what was
//! done and how good that was, the registry knows.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::Row;
use tanba_formats::Finger;

use crate::actor::{Actor, Role};
use crate::encounter::{EncounterState, parse_state};
use crate::error::{RegistryError, Result};
use crate::ids::{EncounterId, PersonId, RowId};
use crate::journal::{Entry, open_payload};
use crate::params::{ATTEMPTS, QUALITY_FLAG};
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::fresh_bytes;

/// The exercises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exercise {
    /// An adult, ten fingers, an identity card.
    OrdinaryAdult,
    /// A teenager for a passport, with a guardian.
    Teenager,
    /// A child under the age at which anyone may be registered.
    YoungChild,
    /// A person who says no.
    Refusal,
    /// A finger missing, one bandaged, one that gives a poor print.
    DamagedFingers,
    /// No finger at all.
    Exemption,
    /// A second number, and the hands of somebody registered.
    Duplicate,
}

impl Exercise {
    /// All of them, in the order in which they are best done.
    pub const ALL: [Self; 7] = [
        Self::OrdinaryAdult,
        Self::Teenager,
        Self::YoungChild,
        Self::Refusal,
        Self::DamagedFingers,
        Self::Exemption,
        Self::Duplicate,
    ];

    /// The name in the database and in addresses of pages.
    pub fn name(self) -> &'static str {
        match self {
            Self::OrdinaryAdult => "ordinary_adult",
            Self::Teenager => "teenager",
            Self::YoungChild => "young_child",
            Self::Refusal => "refusal",
            Self::DamagedFingers => "damaged_fingers",
            Self::Exemption => "exemption",
            Self::Duplicate => "duplicate",
        }
    }

    /// The exercise of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|e| e.name() == name)
    }

    /// What is looked at, and how many of a hundred points it is worth.
    pub fn criteria(self) -> &'static [(Criterion, u32)] {
        use Criterion as C;
        match self {
            Self::OrdinaryAdult => &[
                (C::ExplainedFirst, 20),
                (C::FingersCaptured, 20),
                (C::PoorPrintsRepeated, 20),
                (C::Registered, 15),
                (C::DocumentLinked, 15),
                (C::NothingDenied, 10),
            ],
            Self::Teenager => &[
                (C::ExplainedFirst, 15),
                (C::GuardianConsent, 20),
                (C::GuardianPresent, 20),
                (C::FingersCaptured, 15),
                (C::PoorPrintsRepeated, 10),
                (C::Registered, 10),
                (C::NothingDenied, 10),
            ],
            Self::YoungChild => &[(C::LawAsked, 40), (C::NothingTaken, 40), (C::AskedOnce, 20)],
            Self::Refusal => {
                &[(C::ExplainedFirst, 30), (C::NothingTaken, 30), (C::RefusalRecorded, 30), (C::NothingDenied, 10)]
            }
            Self::DamagedFingers => &[
                (C::ExplainedFirst, 10),
                (C::MissingStated, 20),
                (C::BandagedStated, 20),
                (C::PoorPrintsRepeated, 20),
                (C::FingersCaptured, 15),
                (C::Registered, 10),
                (C::NothingDenied, 5),
            ],
            Self::Exemption => &[
                (C::ExplainedFirst, 20),
                (C::NothingTaken, 10),
                (C::ExemptByTwo, 40),
                (C::DocumentWithoutPrints, 20),
                (C::NothingDenied, 10),
            ],
            Self::Duplicate => &[
                (C::ExplainedFirst, 10),
                (C::CandidateFound, 20),
                (C::TwoExaminers, 30),
                (C::FoundTheSame, 20),
                (C::NotRegisteredTwice, 10),
                (C::NothingDenied, 10),
            ],
        }
    }
}

/// What a score looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// The law was explained before the first finger, the refusal or the exemption.
    ExplainedFirst,
    /// A guardian's consent stood before the first finger.
    GuardianConsent,
    /// A guardian's presence stood before the first finger.
    GuardianPresent,
    /// Every finger that can give a print was captured.
    FingersCaptured,
    /// No poor print was kept with attempts left.
    PoorPrintsRepeated,
    /// The person ended registered.
    Registered,
    /// A document was applied for, with prints linked.
    DocumentLinked,
    /// A document was applied for, without prints.
    DocumentWithoutPrints,
    /// Nothing was tried that the law or a rule forbids.
    NothingDenied,
    /// The law was asked about this person.
    LawAsked,
    /// No finger was taken.
    NothingTaken,
    /// The law said no, and was not tried again.
    AskedOnce,
    /// The refusal was recorded.
    RefusalRecorded,
    /// The missing finger was stated as missing.
    MissingStated,
    /// The bandaged finger was stated as bandaged.
    BandagedStated,
    /// Exempt, confirmed by a second officer.
    ExemptByTwo,
    /// The search found the earlier registration.
    CandidateFound,
    /// Two examiners judged, neither of whom captured.
    TwoExaminers,
    /// They found one person.
    FoundTheSame,
    /// The second number was not registered.
    NotRegisteredTwice,
}

impl Criterion {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::ExplainedFirst => "explained_first",
            Self::GuardianConsent => "guardian_consent",
            Self::GuardianPresent => "guardian_present",
            Self::FingersCaptured => "fingers_captured",
            Self::PoorPrintsRepeated => "poor_prints_repeated",
            Self::Registered => "registered",
            Self::DocumentLinked => "document_linked",
            Self::DocumentWithoutPrints => "document_without_prints",
            Self::NothingDenied => "nothing_denied",
            Self::LawAsked => "law_asked",
            Self::NothingTaken => "nothing_taken",
            Self::AskedOnce => "asked_once",
            Self::RefusalRecorded => "refusal_recorded",
            Self::MissingStated => "missing_stated",
            Self::BandagedStated => "bandaged_stated",
            Self::ExemptByTwo => "exempt_by_two",
            Self::CandidateFound => "candidate_found",
            Self::TwoExaminers => "two_examiners",
            Self::FoundTheSame => "found_the_same",
            Self::NotRegisteredTwice => "not_registered_twice",
        }
    }
}

/// The invented person of an exercise, as whoever invented the person knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExercisePerson {
    /// The number to use.
    pub iin: String,
    /// Fingers that are not there.
    pub missing: BTreeSet<Finger>,
    /// Fingers that are covered.
    pub bandaged: BTreeSet<Finger>,
}

/// A turn of an account at an exercise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrainingRun {
    /// The exercise.
    pub exercise: Exercise,
    /// Which of the exercise's invented people it is about, from 0.
    pub slot: u64,
    /// When it began.
    pub begun_at: Instant,
}

/// How an account stands with an exercise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrainingStanding {
    /// The exercise.
    pub exercise: Exercise,
    /// The turn that is not over.
    pub current: Option<TrainingRun>,
    /// Turns that were scored.
    pub scored: u64,
    /// The best score so far, of a hundred.
    pub best: Option<u32>,
    /// The latest score, and what it was given for.
    pub last: Option<ExerciseScore>,
}

/// A score, and what it was given for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExerciseScore {
    /// The exercise.
    pub exercise: Exercise,
    /// Points.
    pub points: u32,
    /// Of how many.
    pub possible: u32,
    /// What was looked at: the criterion, its points, and whether it was met.
    pub criteria: Vec<(Criterion, u32, bool)>,
    /// The matter has come to its end, and so has this turn.
    pub ended: bool,
}

/// What happened in a turn.
#[derive(Default)]
struct Evidence {
    person: Option<PersonId>,
    encounter: Option<EncounterId>,
    state: Option<EncounterState>,
    /// Denials to the account since the turn began, about the person or about nobody.
    denials: Vec<String>,
    /// First instant of each kind of consent.
    consents: BTreeMap<String, Instant>,
    /// Attempts, the kept quality and the first instant of each captured finger.
    samples: BTreeMap<u8, (u32, u8)>,
    first_capture: Option<Instant>,
    states: BTreeMap<u8, String>,
    refused_at: Option<Instant>,
    exempt_at: Option<Instant>,
    exempt_by_two: bool,
    documents: Vec<bool>,
    candidates: i64,
    examiners: i64,
    same: i64,
}

impl Registry {
    /// How the signed-in account stands with each exercise.
    ///
    /// # Errors
    /// Denied, and logged, without the operator's role; a conflict in a register that is not for training.
    pub async fn training_board(&self, actor: &Actor) -> Result<Vec<TrainingStanding>> {
        self.demand_training(actor).await?;
        let mut board = Vec::new();
        for exercise in Exercise::ALL {
            let row = sqlx::query(
                "SELECT COUNT(scored_at) AS scored, MAX(points) AS best FROM training_runs WHERE account_id = $1 AND exercise = $2",
            )
            .bind(actor.account().to_string())
            .bind(exercise.name())
            .fetch_one(&self.inner.pool)
            .await?;
            board.push(TrainingStanding {
                exercise,
                current: self.current_run(actor, exercise).await?.map(|(run, _)| run),
                scored: rows::number(&row, "scored")?,
                best: row.try_get::<Option<i64>, _>("best")?.and_then(|b| u32::try_from(b).ok()),
                last: self.last_score(actor, exercise).await?,
            });
        }
        Ok(board)
    }

    /// Begins a turn: the next invented person of the exercise is this account's. A turn that is not over goes on.
    ///
    /// # Errors
    /// As [`Registry::training_board`]; a conflict where all `people` of the exercise have had their turn.
    pub async fn begin_exercise(&self, actor: &Actor, exercise: Exercise, people: u64) -> Result<TrainingRun> {
        self.demand_training(actor).await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        if let Some((run, _)) = self.current_run(actor, exercise).await? {
            return Ok(run);
        }
        let now = tx.now();
        let slot: i64 = sqlx::query_scalar("SELECT COALESCE(MAX(slot), -1) + 1 FROM training_runs WHERE exercise = $1")
            .bind(exercise.name())
            .fetch_one(tx.sql())
            .await?;
        let slot_number = u64::try_from(slot).unwrap_or(u64::MAX);
        if slot_number >= people {
            return Err(RegistryError::Conflict {
                what: "every invented person of this exercise has had a turn",
                next: "begin a new training register in another folder: `tanba train --dir DIR`",
            });
        }
        let seq: i64 =
            sqlx::query_scalar("SELECT COALESCE(MAX(seq), -1) + 1 FROM log_entries").fetch_one(tx.sql()).await?;
        sqlx::query("INSERT INTO training_runs (id, account_id, exercise, slot, begun_at, begun_seq, scored_at, points, possible, met) VALUES ($1, $2, $3, $4, $5, $6, NULL, NULL, NULL, NULL)")
            .bind(RowId::fresh(now.micros(), fresh_bytes()?).to_string())
            .bind(actor.account().to_string())
            .bind(exercise.name())
            .bind(slot)
            .bind(now.micros())
            .bind(seq)
            .execute(tx.sql())
            .await?;
        let details = json!({"exercise": exercise, "slot": slot});
        tx.commit(&Entry::effect("exercise.begun", actor).purpose("training").details(details)).await?;
        Ok(TrainingRun { exercise, slot: slot_number, begun_at: now })
    }

    /// Scores the turn by what is on record. Where the matter has come to its end, so has the turn.
    ///
    /// # Errors
    /// As [`Registry::training_board`]; a conflict where no turn of this exercise has begun.
    pub async fn score_exercise(
        &self,
        actor: &Actor,
        exercise: Exercise,
        person: &ExercisePerson,
    ) -> Result<ExerciseScore> {
        self.demand_training(actor).await?;
        let Some((run, begun_seq)) = self.current_run(actor, exercise).await? else {
            return Err(RegistryError::Conflict {
                what: "no turn of this exercise is under way",
                next: "begin the exercise, and serve the person it names",
            });
        };
        let number = self.accept_iin(&person.iin)?;
        let evidence = self.evidence(actor, &self.blind_iin(&number), run.begun_at, begun_seq).await?;
        let criteria: Vec<(Criterion, u32, bool)> =
            exercise.criteria().iter().map(|(c, points)| (*c, *points, evidence.meets(*c, person))).collect();
        let points = criteria.iter().filter(|(_, _, met)| *met).map(|(_, points, _)| points).sum();
        let possible = criteria.iter().map(|(_, points, _)| points).sum();
        let ended = evidence.ended(exercise);

        let met: Vec<&str> = criteria.iter().filter(|(_, _, met)| *met).map(|(c, _, _)| c.name()).collect();

        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now().micros();
        sqlx::query("UPDATE training_runs SET points = $1, possible = $2, scored_at = $3, met = $7 WHERE account_id = $4 AND exercise = $5 AND slot = $6")
            .bind(i64::from(points))
            .bind(i64::from(possible))
            .bind(ended.then_some(now))
            .bind(actor.account().to_string())
            .bind(exercise.name())
            .bind(i64::try_from(run.slot).unwrap_or(i64::MAX))
            .bind(met.join(" "))
            .execute(tx.sql())
            .await?;
        let entry = Entry::look("exercise.scored", actor).purpose("training").about_all(evidence.person);
        tx.commit(&entry.details(json!({"exercise": exercise, "points": points, "ended": ended}))).await?;
        Ok(ExerciseScore { exercise, points, possible, criteria, ended })
    }

    async fn last_score(&self, actor: &Actor, exercise: Exercise) -> Result<Option<ExerciseScore>> {
        let row = sqlx::query(
            "SELECT points, possible, met, scored_at FROM training_runs WHERE account_id = $1 AND exercise = $2 AND points IS NOT NULL ORDER BY slot DESC LIMIT 1",
        )
        .bind(actor.account().to_string())
        .bind(exercise.name())
        .fetch_optional(&self.inner.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let met: String = row.try_get("met")?;
        let met: BTreeSet<&str> = met.split(' ').collect();
        Ok(Some(ExerciseScore {
            exercise,
            points: rows::number(&row, "points")?,
            possible: rows::number(&row, "possible")?,
            criteria: exercise.criteria().iter().map(|(c, points)| (*c, *points, met.contains(c.name()))).collect(),
            ended: rows::instant_opt(&row, "scored_at")?.is_some(),
        }))
    }

    async fn demand_training(&self, actor: &Actor) -> Result<()> {
        if !self.inner.training {
            return Err(RegistryError::Conflict {
                what: "this register is not for training",
                next: "exercises are done in a register of their own: `tanba train`",
            });
        }
        self.demand(actor, Role::Operator, "take part in exercises").await
    }

    async fn current_run(&self, actor: &Actor, exercise: Exercise) -> Result<Option<(TrainingRun, i64)>> {
        let row = sqlx::query(
            "SELECT slot, begun_at, begun_seq FROM training_runs WHERE account_id = $1 AND exercise = $2 AND scored_at IS NULL ORDER BY slot DESC LIMIT 1",
        )
        .bind(actor.account().to_string())
        .bind(exercise.name())
        .fetch_optional(&self.inner.pool)
        .await?;
        row.map(|row| {
            let run =
                TrainingRun { exercise, slot: rows::number(&row, "slot")?, begun_at: rows::instant(&row, "begun_at")? };
            Ok((run, row.try_get("begun_seq")?))
        })
        .transpose()
    }

    async fn evidence(&self, actor: &Actor, number: &[u8], begun_at: Instant, begun_seq: i64) -> Result<Evidence> {
        // By the number, whatever the encounter ended as: one that ended as a duplicate no longer stands for a person.
        let encounter = sqlx::query(
            "SELECT e.id, e.person_id, e.state FROM identity_attributes i JOIN encounters e ON e.id = i.encounter_id \
             WHERE i.name = 'iin' AND i.value_blind = $1 AND e.account_id = $2 AND e.opened_at >= $3 ORDER BY e.opened_at DESC LIMIT 1",
        )
        .bind(number)
        .bind(actor.account().to_string())
        .bind(begun_at.micros())
        .fetch_optional(&self.inner.pool)
        .await?;
        let person = encounter.as_ref().map(|row| rows::id(row, "person_id")).transpose()?;
        let denials = self.denials_to(actor, person, begun_seq).await?;
        let mut evidence = Evidence { person, denials, ..Evidence::default() };
        let Some(encounter) = encounter else { return Ok(evidence) };
        let id: String = encounter.try_get("id")?;
        evidence.encounter = Some(rows::parse_id(&id)?);
        evidence.state = Some(parse_state(&encounter.try_get::<String, _>("state")?)?);
        let pool = &self.inner.pool;

        for row in &sqlx::query(
            "SELECT kind, MIN(given_at) AS first FROM consents WHERE encounter_id = $1 AND withdrawn_at IS NULL GROUP BY kind",
        )
        .bind(&id)
        .fetch_all(pool)
        .await?
        {
            evidence.consents.insert(row.try_get("kind")?, rows::instant(row, "first")?);
        }
        for row in &sqlx::query(
            "SELECT finger, COUNT(*) AS attempts, MAX(quality) AS best, MIN(captured_at) AS first FROM samples WHERE encounter_id = $1 GROUP BY finger",
        )
        .bind(&id)
        .fetch_all(pool)
        .await?
        {
            let first = rows::instant(row, "first")?;
            evidence.first_capture = Some(evidence.first_capture.map_or(first, |earlier| earlier.min(first)));
            evidence
                .samples
                .insert(rows::number(row, "finger")?, (rows::number(row, "attempts")?, rows::number(row, "best")?));
        }
        for row in &sqlx::query("SELECT finger, state FROM finger_states WHERE encounter_id = $1")
            .bind(&id)
            .fetch_all(pool)
            .await?
        {
            evidence.states.insert(rows::number(row, "finger")?, row.try_get("state")?);
        }
        for row in &sqlx::query("SELECT prints_linked FROM documents WHERE encounter_id = $1 AND state <> 'cancelled'")
            .bind(&id)
            .fetch_all(pool)
            .await?
        {
            evidence.documents.push(row.try_get::<i64, _>("prints_linked")? != 0);
        }
        let row = sqlx::query(
            "SELECT (SELECT MIN(refused_at) FROM refusals WHERE encounter_id = $1) AS refused, \
             (SELECT MIN(recorded_at) FROM exemptions WHERE encounter_id = $1) AS exempt, \
             (SELECT COUNT(*) FROM exemptions x JOIN accounts a ON a.id = x.examined_by JOIN accounts b ON b.id = x.confirmed_by \
               WHERE x.encounter_id = $1 AND a.natural_person <> b.natural_person) AS by_two, \
             (SELECT COUNT(*) FROM candidates c JOIN searches s ON s.id = c.search_id WHERE s.encounter_id = $1) AS candidates, \
             (SELECT COUNT(*) FROM candidates c JOIN searches s ON s.id = c.search_id WHERE s.encounter_id = $1 AND c.state = 'same') AS same, \
             (SELECT COUNT(DISTINCT a.natural_person) FROM judgements j JOIN candidates c ON c.id = j.candidate_id JOIN searches s ON s.id = c.search_id \
               JOIN accounts a ON a.id = j.account_id WHERE s.encounter_id = $1 AND a.natural_person <> $2) AS examiners",
        )
        .bind(&id)
        .bind(&actor.natural_person)
        .fetch_one(pool)
        .await?;
        evidence.refused_at = rows::instant_opt(&row, "refused")?;
        evidence.exempt_at = rows::instant_opt(&row, "exempt")?;
        evidence.exempt_by_two = row.try_get::<i64, _>("by_two")? > 0;
        evidence.candidates = row.try_get("candidates")?;
        evidence.same = row.try_get("same")?;
        evidence.examiners = row.try_get("examiners")?;
        Ok(evidence)
    }

    /// What the account was denied since a place in the log, about the person or about nobody, by event.
    async fn denials_to(&self, actor: &Actor, person: Option<PersonId>, begun_seq: i64) -> Result<Vec<String>> {
        let found = sqlx::query(
            "SELECT * FROM log_entries WHERE account_id = $1 AND seq >= $2 AND outcome = 'denial' AND event <> 'refusal.recorded' ORDER BY seq",
        )
        .bind(actor.account().to_string())
        .bind(begun_seq)
        .fetch_all(&self.inner.pool)
        .await?;
        let mut denials = Vec::new();
        for row in &found {
            let subjects = open_payload(&self.inner, row)?.map(|p| p.subjects).unwrap_or_default();
            if subjects.is_empty() || person.is_some_and(|p| subjects.contains(&p)) {
                denials.push(row.try_get("event")?);
            }
        }
        Ok(denials)
    }
}

impl Evidence {
    fn meets(&self, criterion: Criterion, person: &ExercisePerson) -> bool {
        match criterion {
            Criterion::ExplainedFirst => self.stood_first("explanation"),
            Criterion::GuardianConsent => self.stood_first("guardian_consent"),
            Criterion::GuardianPresent => self.stood_first("guardian_presence"),
            Criterion::FingersCaptured => Finger::TEN
                .into_iter()
                .filter(|f| !person.missing.contains(f) && !person.bandaged.contains(f))
                .all(|f| self.samples.contains_key(&f.code())),
            Criterion::PoorPrintsRepeated => {
                !self.samples.is_empty()
                    && self.samples.values().all(|(attempts, best)| *best >= QUALITY_FLAG || *attempts >= ATTEMPTS)
            }
            Criterion::Registered => self.state == Some(EncounterState::Registered),
            Criterion::DocumentLinked => self.documents.contains(&true),
            Criterion::DocumentWithoutPrints => self.documents.contains(&false),
            // Where nothing at all was done, nothing was done well.
            Criterion::NothingDenied => self.encounter.is_some() && self.denials.is_empty(),
            Criterion::LawAsked => self.encounter.is_some() || self.law_said_no() > 0,
            Criterion::NothingTaken => (self.encounter.is_some() || self.law_said_no() > 0) && self.samples.is_empty(),
            Criterion::AskedOnce => self.law_said_no() == 1,
            Criterion::RefusalRecorded => self.refused_at.is_some(),
            Criterion::MissingStated => self.stated(&person.missing, "missing"),
            Criterion::BandagedStated => self.stated(&person.bandaged, "bandaged"),
            Criterion::ExemptByTwo => self.state == Some(EncounterState::Exempt) && self.exempt_by_two,
            Criterion::CandidateFound => self.candidates > 0,
            Criterion::TwoExaminers => self.examiners >= 2,
            Criterion::FoundTheSame => self.same > 0,
            Criterion::NotRegisteredTwice => self.candidates > 0 && self.state != Some(EncounterState::Registered),
        }
    }

    /// A consent of this kind stood before the act that it is for.
    fn stood_first(&self, kind: &str) -> bool {
        let act = [self.first_capture, self.refused_at, self.exempt_at].into_iter().flatten().min();
        self.consents.get(kind).is_some_and(|given| act.is_none_or(|act| *given < act))
    }

    fn stated(&self, fingers: &BTreeSet<Finger>, state: &str) -> bool {
        !fingers.is_empty() && fingers.iter().all(|f| self.states.get(&f.code()).is_some_and(|s| s == state))
    }

    fn law_said_no(&self) -> usize {
        self.denials.iter().filter(|event| event.as_str() == "encounter.denied").count()
    }

    /// Nothing is left to be done in the matter of this exercise.
    fn ended(&self, exercise: Exercise) -> bool {
        let done = self.state.is_some_and(|s| !matches!(s, EncounterState::Open | EncounterState::Adjudication));
        match exercise {
            Exercise::YoungChild => done || self.law_said_no() > 0,
            // A document still belongs to these.
            Exercise::OrdinaryAdult | Exercise::Exemption => done && !self.documents.is_empty(),
            _ => done,
        }
    }
}
