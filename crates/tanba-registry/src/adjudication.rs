//! No match is a decision: two examiners look at prints, not at people, and neither sees the other's verdict first.
//!
//! `candidate_tasks` -> `examination` -> `lock_markings` (in [`crate::markings`]) -> (now the candidate's prints, in [`crate::comparison`]) -> `judge`.
//! Markings are locked before the candidate is seen, so that nobody finds in a print what they have just seen in another
//! (linear examination, as the FBI adopted it after the Mayfield error of 2004). The score comes last of all:
//! [`Registry::decided_candidate`].

use base64::Engine as _;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{Row, SqliteConnection};
use tanba_formats::Finger;
use tanba_law::{AccessAct, DataClass};

use crate::actor::{Actor, Role};
use crate::capture::live_person;
use crate::completion::activate;
use crate::encounter::{EncounterState, close, parse_state};
use crate::error::{RegistryError, Result};
use crate::ids::{CandidateId, EncounterId, PersonId};
use crate::journal::Entry;
use crate::keys::key_for_writing;
use crate::markings::{Markings, ProposedMarks, is_locked, proposed};
use crate::params::EXAMINERS_NEEDED;
use crate::registry::Registry;
use crate::review;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::Domain;
use crate::verdict::{Conclusion, Judgement, check_notes, decided, parse_conclusion};

/// Why an examiner may not judge a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Barred {
    /// They captured the prints of either side.
    OwnEncounter,
    /// The prints are their own.
    OwnPrints,
    /// They have judged it, or the comparison that it makes again, under this account or another.
    SameExaminer,
}

impl Barred {
    fn code(self) -> &'static str {
        match self {
            Self::OwnEncounter => "own_encounter",
            Self::OwnPrints => "own_prints",
            Self::SameExaminer => "same_examiner",
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::OwnEncounter => "whoever captured the prints does not judge them",
            Self::OwnPrints => "nobody judges their own prints",
            Self::SameExaminer => "you have judged this candidate, or the comparison that the person contests",
        }
    }
}

/// A candidate that waits for a judgement; no name, no score, no rank, nobody's finding.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CandidateTask {
    /// The candidate.
    pub id: CandidateId,
    /// The encounter whose prints were searched with.
    pub encounter: EncounterId,
    /// Since when it waits.
    pub since: Instant,
    /// Whether this examiner has locked markings.
    pub locked_by_me: bool,
    /// Whether this examiner has judged it.
    pub judged_by_me: bool,
    /// Why this examiner may not judge it, if so.
    pub barred: Option<Barred>,
}

/// How far an examiner has come with a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExaminationStage {
    /// The searched prints alone are shown, to be marked.
    Marking,
    /// The markings are locked and both sides are shown.
    Comparing,
    /// The judgement is given; another examiner's is awaited.
    Judged,
}

/// A candidate as its examiner finds it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Examination {
    /// The candidate.
    pub candidate: CandidateId,
    /// How far this examiner has come.
    pub stage: ExaminationStage,
    /// Fingers of the searched prints.
    pub probe: Vec<Finger>,
    /// Fingers of the candidate; empty until the markings are locked.
    pub reference: Vec<Finger>,
    /// While marking: what the machine found on the searched prints, to be taken, moved, removed or added to.
    pub proposal: Vec<ProposedMarks>,
    /// While marking: what this examiner marked and has not locked, as it was last kept.
    pub draft: Option<Markings>,
    /// What this examiner marked; `None` until it is locked.
    pub markings: Option<Markings>,
    /// What this examiner concluded.
    pub conclusion: Option<Conclusion>,
}

/// One finger of a comparison.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PrintImage {
    /// Which finger.
    pub finger: Finger,
    /// The image file as it was captured, base64.
    pub image: String,
}

/// The prints to be compared; nobody's name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ComparisonMaterial {
    /// The candidate.
    pub candidate: CandidateId,
    /// Whether this examiner has locked markings; the reference is given only then.
    pub locked: bool,
    /// The prints that were searched with.
    pub probe: Vec<PrintImage>,
    /// The candidate's prints; empty until the markings are locked.
    pub reference: Vec<PrintImage>,
}

/// What a judgement led to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct JudgementView {
    /// `open` while another examiner's judgement is awaited; then `same`, `different`, `inconclusive` or `disputed`.
    pub state: String,
    /// The encounter's state after it.
    pub encounter_state: EncounterState,
}

/// Candidates with the encounter that was searched with: of a search, or of a comparison that an officer asked for.
macro_rules! candidates {
    ($columns:literal, $rest:literal) => {
        concat!(
            "SELECT c.id, c.state, p.id AS probe, p.person_id AS probe_person, pa.natural_person AS probe_operator, \
             r.id AS reference, r.person_id AS reference_person, ra.natural_person AS reference_operator, d.id AS suspicion, \
             (SELECT COUNT(*) FROM accounts o WHERE o.natural_person = $2 AND o.person_id IN (p.person_id, r.person_id)) AS own_prints, c.contests, \
             (SELECT COUNT(*) FROM judgements f JOIN accounts fa ON fa.id = f.account_id WHERE f.candidate_id = c.contests AND fa.natural_person = $2) AS judged_first, ",
            $columns,
            " FROM candidates c JOIN searches s ON s.id = c.search_id LEFT JOIN suspicions d ON d.candidate_id = COALESCE(c.contests, c.id) \
             JOIN encounters p ON p.id = COALESCE(s.encounter_id, d.encounter_id) JOIN accounts pa ON pa.id = p.account_id \
             JOIN encounters r ON r.id = c.encounter_id JOIN accounts ra ON ra.id = r.account_id ",
            $rest
        )
    };
}

/// One candidate with what decides who may judge it.
pub(crate) struct CandidateRow {
    pub id: CandidateId,
    pub probe: EncounterId,
    pub probe_person: PersonId,
    pub reference: EncounterId,
    /// It compares two registered persons on an officer's word; no registration waits for it.
    pub suspected: bool,
    /// The comparison that it makes again because the person contests it; no registration waits for it either.
    pub contests: Option<CandidateId>,
}

impl Registry {
    /// Candidates that wait for a judgement, the oldest first; those of one search in no order.
    ///
    /// # Errors
    /// Denied without the examiner's role.
    pub async fn candidate_tasks(&self, actor: &Actor) -> Result<Vec<CandidateTask>> {
        self.demand(actor, Role::FingerprintExaminer, "see candidates").await?;
        let found = sqlx::query(candidates!(
            "s.searched_at, \
             (SELECT COUNT(*) FROM judgements j JOIN accounts a ON a.id = j.account_id WHERE j.candidate_id = c.id AND a.natural_person = $2) AS judged, \
             (SELECT COUNT(*) FROM markings m WHERE m.candidate_id = c.id AND m.account_id = $1) AS locked",
            "WHERE c.state IN ('open', 'disputed') ORDER BY s.searched_at, c.id LIMIT 500"
        ))
        .bind(actor.account().to_string())
        .bind(&actor.natural_person)
        .fetch_all(&self.inner.pool)
        .await?;
        found
            .iter()
            .map(|row| {
                let judged = row.try_get::<i64, _>("judged")? > 0;
                Ok(CandidateTask {
                    id: rows::id(row, "id")?,
                    encounter: rows::id(row, "probe")?,
                    since: rows::instant(row, "searched_at")?,
                    locked_by_me: row.try_get::<i64, _>("locked")? > 0,
                    judged_by_me: judged,
                    barred: barred(row, actor)?.or(judged.then_some(Barred::SameExaminer)),
                })
            })
            .collect()
    }

    /// How far this examiner has come with a candidate, and which fingers there are.
    ///
    /// # Errors
    /// Denied to the operator of either encounter; not found; a conflict where it is decided.
    pub async fn examination(&self, actor: &Actor, id: CandidateId) -> Result<Examination> {
        let row = self.candidate_for(actor, id).await?;
        self.permit_examination(actor, &row).await?;
        let mut sql = self.inner.pool.acquire().await?;
        let markings = self.markings_of(&mut sql, &row, actor).await?;
        let draft = match &markings {
            Some(_) => None,
            None => self.draft_of(&mut sql, &row, actor).await?,
        };
        let conclusion: Option<String> =
            sqlx::query_scalar("SELECT conclusion FROM judgements WHERE candidate_id = $1 AND account_id = $2")
                .bind(id.to_string())
                .bind(actor.account().to_string())
                .fetch_optional(&mut *sql)
                .await?;
        let conclusion = conclusion.as_deref().map(parse_conclusion).transpose()?;
        let probe = fingers_of(&mut sql, row.probe).await?;
        let reference = match &markings {
            Some(_) => fingers_of(&mut sql, row.reference).await?,
            None => Vec::new(),
        };
        let proposal = match &markings {
            Some(_) => Vec::new(),
            None => self.templates_of(&mut sql, row.probe).await?.iter().map(proposed).collect(),
        };
        drop(sql);
        let stage = match (&markings, &conclusion) {
            (_, Some(_)) => ExaminationStage::Judged,
            (Some(_), None) => ExaminationStage::Comparing,
            (None, None) => ExaminationStage::Marking,
        };
        let tx = WriteTx::begin(&self.inner).await?;
        let entry = Entry::look("candidate.opened", actor).purpose("registration").about(row.probe_person);
        tx.commit(&entry.details(json!({"candidate": id, "stage": stage}))).await?;
        Ok(Examination { candidate: id, stage, probe, reference, proposal, draft, markings, conclusion })
    }

    /// The image files of a candidate and of the probe, for comparison; a look at both people. The candidate's are given
    /// once this examiner's markings are locked.
    ///
    /// # Errors
    /// Denied to the operator of either encounter; not found where the candidate is no longer live.
    pub async fn comparison_material(&self, actor: &Actor, id: CandidateId) -> Result<ComparisonMaterial> {
        let row = self.candidate_for(actor, id).await?;
        self.permit_examination(actor, &row).await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let reference_person =
            live_person(tx.sql(), row.reference).await?.ok_or(RegistryError::NotFound { what: "candidate" })?;
        let locked = is_locked(tx.sql(), id, actor).await?;
        let mut entry = Entry::look("candidate.viewed", actor).purpose("registration").about(row.probe_person);
        let mut records = vec![row.probe];
        if locked {
            entry = entry.about(reference_person);
            records.push(row.reference);
        }
        let keys = self.look_at_images(tx, entry.details(json!({"candidate": id, "locked": locked})), &records).await?;
        let probe = self.images_of(&keys, row.probe).await?;
        // Without its key, which was asked for once the markings were locked, there is nothing of the candidate.
        let reference = self.images_of(&keys, row.reference).await?;
        let encode = |images: Vec<(Finger, Vec<u8>)>| {
            let engine = base64::engine::general_purpose::STANDARD;
            images.into_iter().map(|(finger, image)| PrintImage { finger, image: engine.encode(image) }).collect()
        };
        Ok(ComparisonMaterial { candidate: id, locked, probe: encode(probe), reference: encode(reference) })
    }

    /// Gives a judgement. Two agreeing examiners decide; where they disagree, a third does.
    ///
    /// # Errors
    /// A conflict before the markings are locked; denied to the operator of either encounter, to the person compared, and
    /// to someone who judged it already under any account.
    pub async fn judge(
        &self,
        actor: &Actor,
        id: CandidateId,
        judgement: impl Into<Judgement>,
    ) -> Result<JudgementView> {
        let Judgement { conclusion, notes } = judgement.into();
        let notes = notes.filter(|n| !n.trim().is_empty());
        if let Some(notes) = &notes {
            check_notes(notes)?;
        }
        let candidate = self.candidate_for(actor, id).await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        demand_undecided(tx.sql(), id).await?;
        if judged_by(tx.sql(), id, actor).await? {
            drop(tx);
            return self.deny_judgement(actor, id, Barred::SameExaminer).await;
        }
        if !is_locked(tx.sql(), id, actor).await? {
            return Err(RegistryError::Conflict {
                what: "your markings of this candidate are not locked",
                next: "mark the searched prints and lock the markings; then the candidate's prints are shown and you can judge",
            });
        }
        let sealed_notes = match &notes {
            None => None,
            Some(notes) => {
                let owner = candidate.probe.to_string();
                let key = key_for_writing(&self.inner.vault, tx.sql(), now, &owner, Domain::Template).await?;
                let field = notes_field(id, &actor.account().to_string());
                Some(self.inner.vault.seal(&key, Domain::Template, &owner, &field, notes.as_bytes())?)
            }
        };
        let verdict = conclusion.verdict();
        sqlx::query("INSERT INTO judgements (candidate_id, account_id, verdict, judged_at, conclusion, sealed_notes) VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(id.to_string())
            .bind(actor.account().to_string())
            .bind(verdict.name())
            .bind(now.micros())
            .bind(conclusion.name())
            .bind(sealed_notes)
            .execute(tx.sql())
            .await?;
        let verdicts: Vec<String> = sqlx::query_scalar("SELECT verdict FROM judgements WHERE candidate_id = $1")
            .bind(id.to_string())
            .fetch_all(tx.sql())
            .await?;
        let state = decided(&verdicts);
        sqlx::query("UPDATE candidates SET state = $1 WHERE id = $2")
            .bind(state)
            .bind(id.to_string())
            .execute(tx.sql())
            .await?;
        let (ended, registers) = self.follow_from(&mut tx, &candidate, state, verdicts.len()).await?;
        let reference = self.person_now(tx.sql(), candidate.reference).await?;
        let entry = Entry::effect("judgement.given", actor)
            .purpose("registration")
            .about(candidate.probe_person)
            .about(reference);
        let details = json!({"candidate": id, "conclusion": conclusion, "verdict": verdict, "state": state, "encounter": candidate.probe, "encounter_state": ended});
        // The judgement that lets a person be registered rests on the law, as every registration does.
        let law = match registers {
            true => Some(self.law_of(&self.load_encounter(candidate.probe).await?).await?),
            false => None,
        };
        let entry = match &law {
            Some(law) => entry.law(&law.pack_hash, &law.clause),
            None => entry,
        };
        tx.commit(&entry.details(details)).await?;
        if registers {
            self.enter_gallery(candidate.probe).await?;
        }
        Ok(JudgementView { state: state.to_owned(), encounter_state: ended })
    }

    /// What follows for the encounter once a candidate is decided: all different registers it, one same ends it.
    async fn follow_from(
        &self,
        tx: &mut WriteTx<'_>,
        candidate: &CandidateRow,
        state: &str,
        judgements: usize,
    ) -> Result<(EncounterState, bool)> {
        let now = tx.now().micros();
        let probe = candidate.probe.to_string();
        let reference = candidate.reference.to_string();
        let between = (("encounter", probe.as_str()), ("encounter", reference.as_str()));
        match state {
            // What was found first has been acted on: where others find something else, an officer undoes it.
            _ if candidate.contests.is_some() => review_overturned(tx, candidate, state, judgements).await?,
            "same" => {
                review::open_between(tx, "duplicate_registration", between.0, between.1).await?;
            }
            // Examiners have said what prints can say; without this the encounter would wait for nobody.
            "inconclusive" => {
                review::open_between(tx, "inconclusive_comparison", between.0, between.1).await?;
            }
            "disputed" if judgements == EXAMINERS_NEEDED + 1 => {
                review::open_between(tx, "disputed_comparison", between.0, between.1).await?;
            }
            _ => {}
        }
        if candidate.suspected || candidate.contests.is_some() {
            // Both are registered, and stay so whatever the examiners find: persons are revised by two officers.
            let state: String = sqlx::query_scalar("SELECT state FROM encounters WHERE id = $1")
                .bind(&probe)
                .fetch_one(tx.sql())
                .await?;
            return Ok((parse_state(&state)?, false));
        }
        if state == "same" {
            close(tx.sql(), candidate.probe, "duplicate", now).await?;
            return Ok((EncounterState::Duplicate, false));
        }
        let left: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM candidates c JOIN searches s ON s.id = c.search_id WHERE s.encounter_id = $1 AND c.contests IS NULL AND c.state <> 'different'",
        )
        .bind(&probe)
        .fetch_one(tx.sql())
        .await?;
        if state != "different" || left > 0 {
            return Ok((EncounterState::Adjudication, false));
        }
        let search: String =
            sqlx::query_scalar("SELECT id FROM searches WHERE encounter_id = $1 ORDER BY searched_at DESC LIMIT 1")
                .bind(&probe)
                .fetch_one(tx.sql())
                .await?;
        let row = self.load_encounter(candidate.probe).await?;
        if self.law_of(&row).await?.forbids() {
            // The law went while examiners compared.
            close(tx.sql(), candidate.probe, "denied", now).await?;
            return Ok((EncounterState::Denied, false));
        }
        activate(tx, &row, rows::parse_id(&search)?).await?;
        Ok((EncounterState::Registered, true))
    }

    /// A candidate that this examiner may work on.
    pub(crate) async fn candidate_for(&self, actor: &Actor, id: CandidateId) -> Result<CandidateRow> {
        self.demand(actor, Role::FingerprintExaminer, "judge a candidate").await?;
        let (candidate, row) = self
            .candidate_row(id, &actor.natural_person)
            .await?
            .ok_or(RegistryError::NotFound { what: "candidate" })?;
        if let Some(barred) = barred(&row, actor)? {
            return self.deny_judgement(actor, id, barred).await;
        }
        if !undecided(&row.try_get::<String, _>("state")?) {
            return Err(decided_already());
        }
        Ok(candidate)
    }

    /// A candidate, and the row that says what it is to this natural person.
    pub(crate) async fn candidate_row(
        &self,
        id: CandidateId,
        natural_person: &str,
    ) -> Result<Option<(CandidateRow, sqlx::sqlite::SqliteRow)>> {
        let row = sqlx::query(candidates!("s.searched_at", "WHERE c.id = $1"))
            .bind(id.to_string())
            .bind(natural_person)
            .fetch_optional(&self.inner.pool)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let candidate = CandidateRow {
            id,
            probe: rows::id(&row, "probe")?,
            probe_person: rows::id(&row, "probe_person")?,
            reference: rows::id(&row, "reference")?,
            suspected: row.try_get::<Option<String>, _>("suspicion")?.is_some(),
            contests: rows::id_opt(&row, "contests")?,
        };
        Ok(Some((candidate, row)))
    }

    /// May this examiner's body look at these prints at all?
    pub(crate) async fn permit_examination(&self, actor: &Actor, row: &CandidateRow) -> Result<()> {
        let (act, data) = (AccessAct::Read, DataClass::BiometricImage);
        self.permit_registration_look(actor, "adjudication", act, data, row.probe_person).await
    }

    pub(crate) async fn deny_judgement<T>(&self, actor: &Actor, id: CandidateId, barred: Barred) -> Result<T> {
        let denial =
            Entry::denial("judgement.denied", Some(actor)).purpose("registration").details(json!({"candidate": id}));
        self.deny(denial, barred.code(), "two examiners", barred.text(), vec!["another examiner".to_owned()]).await
    }

    /// The person that an encounter is attributed to at present.
    pub(crate) async fn person_now(&self, sql: &mut SqliteConnection, id: EncounterId) -> Result<PersonId> {
        let person: String = sqlx::query_scalar("SELECT person_id FROM encounters WHERE id = $1")
            .bind(id.to_string())
            .fetch_one(sql)
            .await?;
        rows::parse_id(&person)
    }
}

/// Opens a review where those who compare again have decided, and otherwise than the first examiners.
async fn review_overturned(
    tx: &mut WriteTx<'_>,
    candidate: &CandidateRow,
    state: &str,
    judgements: usize,
) -> Result<()> {
    if state == "open" || (state == "disputed" && judgements <= EXAMINERS_NEEDED) {
        return Ok(());
    }
    let first: Option<String> = sqlx::query_scalar("SELECT state FROM candidates WHERE id = $1")
        .bind(candidate.contests.map(|id| id.to_string()))
        .fetch_optional(tx.sql())
        .await?;
    if first.is_some_and(|first| first != state) {
        let (probe, reference) = (candidate.probe.to_string(), candidate.reference.to_string());
        review::open_between(tx, "match_overturned", ("encounter", &probe), ("encounter", &reference)).await?;
    }
    Ok(())
}

/// Why this examiner may not judge a candidate, before it is asked whether they have.
fn barred(row: &sqlx::sqlite::SqliteRow, actor: &Actor) -> Result<Option<Barred>> {
    for operator in ["probe_operator", "reference_operator"] {
        if row.try_get::<String, _>(operator)? == actor.natural_person {
            return Ok(Some(Barred::OwnEncounter));
        }
    }
    // What the person contests is looked at by others.
    if row.try_get::<i64, _>("judged_first")? > 0 {
        return Ok(Some(Barred::SameExaminer));
    }
    // The examiner's own record is known where they have a citizen's account.
    Ok((row.try_get::<i64, _>("own_prints")? > 0).then_some(Barred::OwnPrints))
}

fn undecided(state: &str) -> bool {
    matches!(state, "open" | "disputed")
}

fn decided_already() -> RegistryError {
    RegistryError::Conflict { what: "this candidate is decided", next: "list the open candidates again" }
}

pub(crate) async fn demand_undecided(sql: &mut SqliteConnection, id: CandidateId) -> Result<()> {
    let state: String =
        sqlx::query_scalar("SELECT state FROM candidates WHERE id = $1").bind(id.to_string()).fetch_one(sql).await?;
    if undecided(&state) { Ok(()) } else { Err(decided_already()) }
}

/// Whether this human being has judged a candidate under any account.
pub(crate) async fn judged_by(sql: &mut SqliteConnection, id: CandidateId, actor: &Actor) -> Result<bool> {
    let judged: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM judgements j JOIN accounts a ON a.id = j.account_id WHERE j.candidate_id = $1 AND a.natural_person = $2",
    )
    .bind(id.to_string())
    .bind(&actor.natural_person)
    .fetch_one(sql)
    .await?;
    Ok(judged > 0)
}

/// Fingers of which an encounter holds a print.
async fn fingers_of(sql: &mut SqliteConnection, id: EncounterId) -> Result<Vec<Finger>> {
    let codes: Vec<i64> =
        sqlx::query_scalar("SELECT finger FROM samples WHERE encounter_id = $1 AND kept = 1 ORDER BY finger")
            .bind(id.to_string())
            .fetch_all(sql)
            .await?;
    let finger = |code: i64| u8::try_from(code).ok().and_then(|code| Finger::try_from(code).ok());
    codes.into_iter().map(|code| finger(code).ok_or(RegistryError::Damaged { what: "finger" })).collect()
}

pub(crate) fn notes_field(id: CandidateId, account: &str) -> String {
    format!("notes/{id}/{account}")
}
