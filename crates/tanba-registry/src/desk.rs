//! The operator's desk: what is open at the station, and everything that the page of one encounter shows.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{Row, SqliteConnection};
use tanba_finger::{Minutia, MinutiaKind, Template};
use tanba_formats::{Finger, Gray8, Ppi};
use tanba_law::Fact;

use crate::actor::{Actor, Role};
use crate::capture::{FingerState, finger_and_field, still_open};
use crate::consent::ConsentView;
use crate::documents::DocumentView;
use crate::encounter::{EncounterState, EncounterView, parse_state};
use crate::error::{RegistryError, Result};
use crate::exemption::NameFinding;
use crate::explanation::InterpreterView;
use crate::find::full_names;
use crate::follow_up::FollowUp;
use crate::guardian::guardian_waits;
use crate::ids::{EncounterId, PersonId, SampleId};
use crate::institutions::text;
use crate::journal::Entry;
use crate::keys::{key_for_reading, key_for_writing};
use crate::params::QUALITY_FLAG;
use crate::refusal::RefusalView;
use crate::registry::Registry;
use crate::rows;
use crate::shift::at_station;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::Domain;

/// Encounters listed on a desk.
const DESK_ROWS: i64 = 50;

/// An encounter that is open at the station.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Draft {
    /// The encounter.
    pub id: EncounterId,
    /// Why the person is here.
    pub trigger: String,
    /// How far it has come.
    pub state: EncounterState,
    /// When it began.
    pub opened_at: Instant,
    /// Fingers captured or stated.
    pub fingers_done: u8,
    /// The person's initials, where a name is known; no more.
    pub initials: Option<String>,
}

/// One attempt at a finger.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SampleRow {
    /// The sample.
    pub id: SampleId,
    /// Which finger.
    pub finger: Finger,
    /// Which attempt, from 1.
    pub attempt: u32,
    /// The best so far, and so the one that is kept.
    pub kept: bool,
    /// 0 (worst) to 100.
    pub quality: u8,
    /// Below the quality that is kept without a reason.
    pub flagged: bool,
    /// Why it is kept all the same, where somebody said so.
    pub accepted: Option<String>,
    /// What the person was told, as codes.
    pub advice_codes: Vec<String>,
    /// How many minutiae were found.
    pub minutiae: usize,
}

/// What was stated of a finger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FingerMark {
    /// Which finger.
    pub finger: Finger,
    /// What.
    pub state: FingerState,
}

/// A search of the gallery, as its encounter shows it: how many, never who.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CheckView {
    /// People compared.
    pub people_compared: u64,
    /// Candidates that examiners must judge, or have judged.
    pub candidates: u64,
    /// When.
    pub searched_at: Instant,
}

/// What an exemption rests on so far.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ExemptionGrounds {
    /// The hands were photographed.
    pub photograph: bool,
    /// People that the last search by name has shown, where one was run.
    pub name_search: Option<u64>,
    /// What was seen in it.
    pub finding: Option<NameFinding>,
    /// The exemption that was recorded, by the law pack's name.
    pub recorded: Option<String>,
}

/// Everything that the page of an encounter shows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EncounterDesk {
    /// The encounter, its law and its identity.
    pub view: EncounterView,
    /// When it began.
    pub opened_at: Instant,
    /// When it ended.
    pub closed_at: Option<Instant>,
    /// The population register names guardians of this person.
    pub has_guardians: bool,
    /// A guardian was identified, and has the code that confirms the presence.
    pub guardian_waits: bool,
    /// What the person still has before them from earlier visits.
    pub follow_ups: Vec<FollowUp>,
    /// The law lets the operator state this consent; otherwise it is signed.
    pub by_statement: bool,
    /// Every attempt, finger by finger.
    pub samples: Vec<SampleRow>,
    /// What was stated of fingers.
    pub marks: Vec<FingerMark>,
    /// Consents, presences, explanations and objections.
    pub consents: Vec<ConsentView>,
    /// Interpreters.
    pub interpreters: Vec<InterpreterView>,
    /// The refusal, where the encounter ended with one.
    pub refusal: Option<RefusalView>,
    /// What an exemption rests on.
    pub exemption: ExemptionGrounds,
    /// The person's documents, newest first.
    pub documents: Vec<DocumentView>,
    /// The comparison with everyone registered.
    pub check: Option<CheckView>,
    /// Receipts that were given out.
    pub receipts: u64,
}

/// A kept print with its minutiae, for the overlay.
#[derive(Debug, Clone)]
pub struct SampleView {
    /// The image at 500 pixels per inch, as a PNG.
    pub png: Vec<u8>,
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// The minutiae, in the image's pixels.
    pub minutiae: Vec<MinutiaView>,
}

/// One minutia as it is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MinutiaView {
    /// Column from the left edge, pixels.
    pub x: f32,
    /// Row from the top edge, pixels.
    pub y: f32,
    /// Direction in radians, counter-clockwise from the right as the image is seen.
    pub direction: f32,
    /// `ending`, `bifurcation`, `other`.
    pub kind: &'static str,
}

/// Why a print of low quality is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QualityReason {
    /// Hands worn by work.
    ManualWork,
    /// Fine or dry skin of the old or the very young.
    Age,
    /// A disease or state of the skin.
    SkinCondition,
    /// An injury that has healed.
    Scar,
    /// Three attempts, and no better one.
    ThreeAttempts,
    /// Something else, in words.
    Other,
}

impl QualityReason {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::ManualWork, Self::Age, Self::SkinCondition, Self::Scar, Self::ThreeAttempts, Self::Other];

    /// The name in the database and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::ManualWork => "manual_work",
            Self::Age => "age",
            Self::SkinCondition => "skin_condition",
            Self::Scar => "scar",
            Self::ThreeAttempts => "three_attempts",
            Self::Other => "other",
        }
    }
}

impl Registry {
    /// The encounters that are open, or wait for examiners, at the session's station; a look at each person.
    ///
    /// # Errors
    /// Denied without the operator's role; invalid without a station.
    pub async fn open_encounters(&self, actor: &Actor) -> Result<Vec<Draft>> {
        self.demand(actor, Role::Operator, "see the open encounters of a station").await?;
        let station = at_station(actor)?;
        let mut sql = self.inner.pool.acquire().await?;
        let found = sqlx::query(
            "SELECT e.id, e.person_id, e.trigger_code, e.state, e.opened_at, \
             (SELECT COUNT(*) FROM (SELECT finger FROM samples s WHERE s.encounter_id = e.id UNION SELECT finger FROM finger_states f WHERE f.encounter_id = e.id AND f.state <> 'extra') AS done) AS fingers \
             FROM encounters e WHERE e.station_id = $1 AND e.state IN ('open', 'adjudication') ORDER BY e.opened_at DESC LIMIT $2",
        )
        .bind(station.id.to_string())
        .bind(DESK_ROWS)
        .fetch_all(&mut *sql)
        .await?;
        let mut drafts = Vec::with_capacity(found.len());
        let mut people: Vec<PersonId> = Vec::new();
        for row in &found {
            let id = rows::id(row, "id")?;
            let identity = self.identity_of_encounter(&mut sql, id).await?;
            people.push(rows::id(row, "person_id")?);
            drafts.push(Draft {
                id,
                trigger: row.try_get("trigger_code")?,
                state: parse_state(&row.try_get::<String, _>("state")?)?,
                opened_at: rows::instant(row, "opened_at")?,
                fingers_done: rows::number(row, "fingers")?,
                initials: full_names(&identity).into_values().next().map(|name| initials(&name)),
            });
        }
        drop(sql);
        if !people.is_empty() {
            let tx = WriteTx::begin(&self.inner).await?;
            let entry = Entry::look("desk.viewed", actor).purpose("registration").about_all(people);
            tx.commit(&entry.details(json!({"encounters": drafts.len()}))).await?;
        }
        Ok(drafts)
    }

    /// Everything that the page of an encounter shows; one look.
    ///
    /// # Errors
    /// Not found where the encounter is not of this station.
    pub async fn encounter_desk(&self, actor: &Actor, id: EncounterId) -> Result<EncounterDesk> {
        let row = self.encounter_for(actor, id).await?;
        let view = self.view_encounter(actor, id).await?;
        let mut sql = self.inner.pool.acquire().await?;
        let times = sqlx::query("SELECT opened_at, closed_at, (SELECT COUNT(*) FROM receipts r WHERE r.encounter_id = e.id) AS receipts FROM encounters e WHERE id = $1")
            .bind(id.to_string())
            .fetch_one(&mut *sql)
            .await?;
        let samples = self.sample_rows(&mut sql, id).await?;
        let marks = finger_marks(&mut sql, id).await?;
        let consents = self.consents_of(&mut sql, id).await?;
        let interpreters = self.interpreters_of(&mut sql, id).await?;
        let check = check_of(&mut sql, id).await?;
        let exemption = grounds_of(&mut sql, id).await?;
        let guardian_waits = guardian_waits(&mut sql, id, self.now()).await?;
        drop(sql);
        let asked = [Fact::Consent, Fact::GuardianConsent];
        let by_statement = self.inner.law().need(&view.law, &asked).is_some_and(|need| need.by_statement);
        Ok(EncounterDesk {
            guardian_waits,
            follow_ups: self.follow_ups(row.person).await?,
            by_statement,
            opened_at: rows::instant(&times, "opened_at")?,
            closed_at: rows::instant_opt(&times, "closed_at")?,
            has_guardians: row.facts.get("guardians").and_then(|g| g.as_array()).is_some_and(|g| !g.is_empty()),
            samples,
            marks,
            consents,
            interpreters,
            refusal: self.refusal_of_encounter(id).await?,
            exemption,
            documents: self.documents_of(row.person).await?,
            check,
            receipts: rows::number(&times, "receipts")?,
            view,
        })
    }

    /// The kept print of a finger with its minutiae; a look.
    ///
    /// # Errors
    /// Not found where there is none, or the encounter is not of this station.
    pub async fn sample_view(&self, actor: &Actor, id: EncounterId, finger: Finger) -> Result<SampleView> {
        let row = self.encounter_for(actor, id).await?;
        let tx = WriteTx::begin(&self.inner).await?;
        let entry = Entry::look("sample.viewed", actor).purpose("registration").about(row.person);
        let details = json!({"encounter": id, "finger": finger});
        let image_keys = self.look_at_images(tx, entry.details(details), &[id]).await?;
        let owner = id.to_string();
        let mut sql = self.inner.pool.acquire().await?;
        let sample = sqlx::query(
            "SELECT id, finger, sealed_image, sealed_template FROM samples WHERE encounter_id = $1 AND finger = $2 AND kept = 1",
        )
        .bind(&owner)
        .bind(i64::from(finger.code()))
        .fetch_optional(&mut *sql)
        .await?;
        let template_key = key_for_reading(&self.inner.vault, &mut sql, &owner, Domain::Template).await?;
        drop(sql);
        let (Some(sample), Some(image_key), Some(template_key)) = (sample, image_keys.of(id), template_key) else {
            return Err(RegistryError::NotFound { what: "print" });
        };
        let field = finger_and_field(&sample)?.1;
        let sealed: Vec<u8> = sample.try_get("sealed_image")?;
        let image = self.inner.vault.open(image_key, Domain::Image, &owner, &field, &sealed)?;
        let sealed: Vec<u8> = sample.try_get("sealed_template")?;
        let template = self.inner.vault.open(&template_key, Domain::Template, &owner, &field, &sealed)?;
        let template = Template::from_bytes(&template).map_err(|_| RegistryError::Damaged { what: "template" })?;
        Self::aside(move || {
            let decoded = tanba_formats::image::read(&image, &tanba_formats::image::ReadOptions::default())?.value;
            // The template knows at what resolution the image was taken, also where its file does not say it.
            let ppi = 500.0 * decoded.width() as f64 / f64::from(template.width.max(1));
            let (width, height) = (decoded.width(), decoded.height());
            let image = Ppi::new(ppi)
                .and_then(|ppi| Gray8::new(width, height, ppi, decoded.pixels().to_vec()).ok())
                .ok_or(RegistryError::Damaged { what: "print" })?;
            let image = tanba_formats::image::resample(&image, Ppi::NOMINAL);
            Ok(SampleView {
                png: tanba_formats::image::encode_png(&image),
                width: image.width(),
                height: image.height(),
                minutiae: template.minutiae.iter().map(minutia_view).collect(),
            })
        })
        .await?
    }

    /// Keeps a print of low quality, with the reason; flagged, and logged. A better print later takes its place, and needs
    /// a reason of its own where it is not good either.
    ///
    /// # Errors
    /// A conflict where the finger has no kept print of low quality; invalid where `other` comes without words.
    pub async fn accept_quality(
        &self,
        actor: &Actor,
        id: EncounterId,
        finger: Finger,
        reason: QualityReason,
        note: Option<&str>,
    ) -> Result<()> {
        let row = self.open_encounter_of(actor, id).await?;
        let note = note.map(str::trim).filter(|note| !note.is_empty());
        match (reason, note) {
            (QualityReason::Other, None) => {
                return Err(RegistryError::Invalid {
                    field: "note",
                    problem: "say in words why the print is kept".to_owned(),
                });
            }
            (_, Some(note)) => text("note", note)?,
            (_, None) => {}
        }
        let mut tx = WriteTx::begin(&self.inner).await?;
        still_open(tx.sql(), id).await?;
        let now = tx.now();
        let sample = sqlx::query(
            "SELECT id, attempt FROM samples WHERE encounter_id = $1 AND finger = $2 AND kept = 1 AND quality < $3",
        )
        .bind(id.to_string())
        .bind(i64::from(finger.code()))
        .bind(i64::from(QUALITY_FLAG))
        .fetch_optional(tx.sql())
        .await?
        .ok_or(RegistryError::Conflict {
            what: "this finger has no kept print of low quality",
            next: "a print of good quality needs no reason; a finger without a print is stated",
        })?;
        let attempts: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM samples WHERE encounter_id = $1 AND finger = $2")
            .bind(id.to_string())
            .bind(i64::from(finger.code()))
            .fetch_one(tx.sql())
            .await?;
        if reason == QualityReason::ThreeAttempts && attempts < i64::from(crate::params::ATTEMPTS) {
            return Err(RegistryError::Conflict {
                what: "three attempts is no reason before there were three",
                next: "capture the finger again, or give the reason that is true",
            });
        }
        let sample: SampleId = rows::id(&sample, "id")?;
        let owner = id.to_string();
        let sealed_note = match note {
            None => None,
            Some(note) => {
                let key = key_for_writing(&self.inner.vault, tx.sql(), now, &owner, Domain::Template).await?;
                let field = format!("acceptance/{sample}");
                Some(self.inner.vault.seal(&key, Domain::Template, &owner, &field, note.as_bytes())?)
            }
        };
        sqlx::query("INSERT INTO quality_acceptances (sample_id, reason, sealed_note, account_id, accepted_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (sample_id) DO UPDATE SET reason = $2, sealed_note = $3, account_id = $4, accepted_at = $5")
            .bind(sample.to_string())
            .bind(reason.name())
            .bind(sealed_note)
            .bind(actor.account().to_string())
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        let details = json!({"encounter": id, "sample": sample, "finger": finger, "reason": reason});
        let entry = Entry::effect("quality.accepted", actor).purpose("registration").about(row.person);
        tx.commit(&entry.details(details)).await?;
        Ok(())
    }

    async fn sample_rows(&self, sql: &mut SqliteConnection, id: EncounterId) -> Result<Vec<SampleRow>> {
        let keys = self.notes_keys(&mut *sql, id).await?;
        let found = sqlx::query(
            "SELECT s.id, s.finger, s.attempt, s.kept, s.quality, s.sealed_notes, s.notes_domain, a.reason FROM samples s \
             LEFT JOIN quality_acceptances a ON a.sample_id = s.id WHERE s.encounter_id = $1 ORDER BY s.finger, s.attempt",
        )
        .bind(id.to_string())
        .fetch_all(sql)
        .await?;
        found
            .iter()
            .map(|row| {
                let quality: u8 = rows::number(row, "quality")?;
                let notes = self.notes_of(&keys, id, row)?.unwrap_or_default();
                Ok(SampleRow {
                    id: rows::id(row, "id")?,
                    finger: finger_and_field(row)?.0,
                    attempt: rows::number(row, "attempt")?,
                    kept: rows::number::<i64>(row, "kept")? == 1,
                    quality,
                    flagged: quality < QUALITY_FLAG,
                    accepted: row.try_get("reason")?,
                    advice_codes: notes.advice_codes,
                    minutiae: notes.minutiae,
                })
            })
            .collect()
    }
}

async fn finger_marks(sql: &mut SqliteConnection, id: EncounterId) -> Result<Vec<FingerMark>> {
    let found = sqlx::query("SELECT finger, state FROM finger_states WHERE encounter_id = $1 ORDER BY finger, state")
        .bind(id.to_string())
        .fetch_all(sql)
        .await?;
    found
        .iter()
        .map(|row| {
            let finger = Finger::try_from(rows::number::<u8>(row, "finger")?)
                .map_err(|_| RegistryError::Damaged { what: "finger" })?;
            let state: String = row.try_get("state")?;
            let state = FingerState::ALL
                .into_iter()
                .find(|s| s.name() == state)
                .ok_or(RegistryError::Damaged { what: "finger state" })?;
            Ok(FingerMark { finger, state })
        })
        .collect()
}

async fn check_of(sql: &mut SqliteConnection, id: EncounterId) -> Result<Option<CheckView>> {
    let row = sqlx::query(
        "SELECT people_compared, searched_at, (SELECT COUNT(*) FROM candidates c WHERE c.search_id = s.id AND c.contests IS NULL) AS candidates \
         FROM searches s WHERE encounter_id = $1 AND kind = 'deduplication' ORDER BY searched_at DESC LIMIT 1",
    )
    .bind(id.to_string())
    .fetch_optional(sql)
    .await?;
    row.map(|row| {
        Ok(CheckView {
            people_compared: rows::number(&row, "people_compared")?,
            candidates: rows::number(&row, "candidates")?,
            searched_at: rows::instant(&row, "searched_at")?,
        })
    })
    .transpose()
}

async fn grounds_of(sql: &mut SqliteConnection, id: EncounterId) -> Result<ExemptionGrounds> {
    let photographs: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM hands_photographs WHERE encounter_id = $1")
        .bind(id.to_string())
        .fetch_one(&mut *sql)
        .await?;
    let search = sqlx::query(
        "SELECT found, finding FROM name_searches WHERE encounter_id = $1 ORDER BY searched_at DESC, id DESC LIMIT 1",
    )
    .bind(id.to_string())
    .fetch_optional(&mut *sql)
    .await?;
    let recorded: Option<String> = sqlx::query_scalar("SELECT code FROM exemptions WHERE encounter_id = $1")
        .bind(id.to_string())
        .fetch_optional(sql)
        .await?;
    let mut grounds = ExemptionGrounds { photograph: photographs > 0, recorded, ..ExemptionGrounds::default() };
    if let Some(search) = search {
        grounds.name_search = Some(rows::number(&search, "found")?);
        grounds.finding = match search.try_get::<Option<String>, _>("finding")?.as_deref() {
            Some("nobody") => Some(NameFinding::Nobody),
            Some(_) => Some(NameFinding::Perhaps),
            None => None,
        };
    }
    Ok(grounds)
}

fn minutia_view(minutia: &Minutia) -> MinutiaView {
    MinutiaView {
        x: minutia.x,
        y: minutia.y,
        direction: minutia.direction,
        kind: match minutia.kind {
            MinutiaKind::Ending => "ending",
            MinutiaKind::Bifurcation => "bifurcation",
            MinutiaKind::Other => "other",
        },
    }
}

/// The first letter of each part of a name.
fn initials(name: &str) -> String {
    name.split_whitespace().filter_map(|part| part.chars().next()).map(|letter| format!("{letter}.")).collect()
}
