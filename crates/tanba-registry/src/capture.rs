//! Fingers: captured, judged for quality, kept sealed; then compared with everyone registered.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{Row, SqliteConnection};
use tanba_finger::{Prepared, Template};
use tanba_formats::{Finger, Ppi};
use tanba_gallery::{Coverage, EntryId, Gallery, Outcome as SearchOutcome, Probe, SearchControl, SearchOptions};
use tanba_law::{AccessAct, DataClass};
use zeroize::Zeroizing;

use crate::actor::Actor;
use crate::encounter::{EncounterRow, EncounterState, EncounterView, close, has_active_registration};
use crate::error::{RegistryError, Result};
use crate::ids::{CandidateId, EncounterId, PersonId, RowId, SampleId, SearchId};
use crate::journal::Entry;
use crate::keys::{key_for_reading, key_for_writing};
use crate::params::{
    ATTEMPTS, CANDIDATES_SHOWN, QUALITY_FLAG, SAME_FINGER_LOG10_LR, VERIFY_LOG10_LR, candidate_log10_lr,
};
use crate::registry::{CIVIL, Registry};
use crate::review;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::{Domain, fresh_bytes};

/// An image from a scanner.
pub struct Capture {
    /// Which finger it is said to be.
    pub finger: Finger,
    /// The image file, in any format that `tanba-formats` reads.
    pub image: Vec<u8>,
    /// Resolution in pixels per inch, where the file does not say it.
    pub ppi: Option<f64>,
}

/// What the operator learns about a capture.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CaptureView {
    /// The sample.
    pub sample: SampleId,
    /// Which finger.
    pub finger: Finger,
    /// Which attempt at this finger, from 1.
    pub attempt: u32,
    /// Whether it is the best so far and so the one that is kept.
    pub kept: bool,
    /// 0 (worst) to 100.
    pub quality: u8,
    /// Below the quality that is kept without a flag.
    pub flagged: bool,
    /// How many minutiae were found.
    pub minutiae: usize,
    /// What to tell the person.
    pub advice: Vec<String>,
    /// What was noticed when reading the image.
    pub diagnostics: Vec<String>,
}

/// Why a finger was not captured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FingerState {
    /// Not there.
    Missing,
    /// Covered for now.
    Bandaged,
    /// Too worn to give a print.
    Worn,
    /// Cannot be placed on the scanner.
    Unable,
}

impl FingerState {
    fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Bandaged => "bandaged",
            Self::Worn => "worn",
            Self::Unable => "unable",
        }
    }
}

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

/// What one image became.
struct Processed {
    template: Template,
    advice: Vec<String>,
    diagnostics: Vec<String>,
}

impl Registry {
    /// Takes an image of a finger. Up to three attempts for each finger; the best is kept.
    ///
    /// # Errors
    /// Denied while the law still misses a consent or presence, or where the finger was already offered as another one;
    /// an unreadable image; no fingerprint in it; a fourth attempt.
    pub async fn capture(&self, actor: &Actor, id: EncounterId, capture: Capture) -> Result<CaptureView> {
        let row = self.open_encounter_of(actor, id).await?;
        self.demand_nothing_missing(actor, &row).await?;
        if capture.finger == Finger::Unknown {
            return Err(RegistryError::Invalid { field: "finger", problem: "say which finger it is".to_owned() });
        }
        let ppi = match capture.ppi {
            None => None,
            Some(value) => Some(Ppi::new(value).ok_or(RegistryError::Invalid {
                field: "ppi",
                problem: "give the resolution in pixels per inch, such as 500".to_owned(),
            })?),
        };
        let image = Zeroizing::new(capture.image);
        let (image, processed) = tokio::task::spawn_blocking(move || {
            let processed = process(&image, ppi);
            (image, processed)
        })
        .await
        .map_err(|e| RegistryError::Io(std::io::Error::other(e)))?;
        let processed = processed?;
        self.refuse_same_finger(actor, &row, capture.finger, &processed.template).await?;

        let mut tx = WriteTx::begin(&self.inner).await?;
        still_open(tx.sql(), id).await?;
        let now = tx.now();
        let finger = i64::from(capture.finger.code());
        let before = sqlx::query("SELECT COUNT(*) AS attempts, COALESCE(MAX(quality), -1) AS best FROM samples WHERE encounter_id = $1 AND finger = $2")
            .bind(id.to_string())
            .bind(finger)
            .fetch_one(tx.sql())
            .await?;
        let attempt = rows::number::<u32>(&before, "attempts")? + 1;
        if attempt > ATTEMPTS {
            return Err(RegistryError::Conflict {
                what: "this finger was captured three times",
                next: "go on with the best attempt, or state why the finger cannot be captured",
            });
        }
        let quality = processed.template.quality;
        let kept = i64::from(quality) > before.try_get::<i64, _>("best")?;
        if kept {
            sqlx::query("UPDATE samples SET kept = 0 WHERE encounter_id = $1 AND finger = $2")
                .bind(id.to_string())
                .bind(finger)
                .execute(tx.sql())
                .await?;
        }
        let sample = SampleId::fresh(now.micros(), fresh_bytes()?);
        let owner = id.to_string();
        let vault = &self.inner.vault;
        let image_key = key_for_writing(vault, tx.sql(), now, &owner, Domain::Image).await?;
        let template_key = key_for_writing(vault, tx.sql(), now, &owner, Domain::Template).await?;
        let field = sample_field(sample, finger);
        let sealed_image = vault.seal(&image_key, Domain::Image, &owner, &field, &image)?;
        let template_bytes = Zeroizing::new(processed.template.to_bytes());
        let sealed_template = vault.seal(&template_key, Domain::Template, &owner, &field, &template_bytes)?;
        sqlx::query("INSERT INTO samples (id, encounter_id, finger, attempt, kept, quality, sealed_image, sealed_template, captured_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
            .bind(sample.to_string())
            .bind(&owner)
            .bind(finger)
            .bind(i64::from(attempt))
            .bind(i64::from(kept))
            .bind(i64::from(quality))
            .bind(sealed_image)
            .bind(sealed_template)
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        sqlx::query("DELETE FROM finger_states WHERE encounter_id = $1 AND finger = $2")
            .bind(&owner)
            .bind(finger)
            .execute(tx.sql())
            .await?;
        let details = json!({"encounter": id, "sample": sample, "finger": capture.finger, "attempt": attempt, "quality": quality, "kept": kept});
        tx.commit(&Entry::effect("finger.captured", actor).purpose("registration").about(row.person).details(details))
            .await?;
        Ok(CaptureView {
            sample,
            finger: capture.finger,
            attempt,
            kept,
            quality,
            flagged: quality < QUALITY_FLAG,
            minutiae: processed.template.minutiae.len(),
            advice: processed.advice,
            diagnostics: processed.diagnostics,
        })
    }

    /// States why a finger cannot be captured.
    ///
    /// # Errors
    /// A conflict where the finger was captured already.
    pub async fn state_finger(&self, actor: &Actor, id: EncounterId, finger: Finger, state: FingerState) -> Result<()> {
        let row = self.open_encounter_of(actor, id).await?;
        self.demand_nothing_missing(actor, &row).await?;
        if finger == Finger::Unknown {
            return Err(RegistryError::Invalid { field: "finger", problem: "say which finger it is".to_owned() });
        }
        let mut tx = WriteTx::begin(&self.inner).await?;
        still_open(tx.sql(), id).await?;
        let now = tx.now();
        let code = i64::from(finger.code());
        let captured: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM samples WHERE encounter_id = $1 AND finger = $2")
            .bind(id.to_string())
            .bind(code)
            .fetch_one(tx.sql())
            .await?;
        if captured > 0 {
            return Err(RegistryError::Conflict {
                what: "this finger was captured",
                next: "a captured finger is there; check the finger position",
            });
        }
        sqlx::query("INSERT INTO finger_states (encounter_id, finger, state, recorded_at) VALUES ($1, $2, $3, $4) ON CONFLICT (encounter_id, finger) DO UPDATE SET state = $3, recorded_at = $4")
            .bind(id.to_string())
            .bind(code)
            .bind(state.name())
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        let details = json!({"encounter": id, "finger": finger, "state": state});
        tx.commit(&Entry::effect("finger.stated", actor).purpose("registration").about(row.person).details(details))
            .await?;
        Ok(())
    }

    /// Ends the capture: compares the prints with everyone registered and, where nobody has them, registers the person.
    ///
    /// # Errors
    /// A conflict while fingers are unaccounted for; denied while the law misses something; an incomplete search (then
    /// nothing has changed and the call can be repeated).
    pub async fn complete(&self, actor: &Actor, id: EncounterId) -> Result<Completion> {
        let row = self.encounter_for(actor, id).await?;
        if row.state != EncounterState::Open {
            // Asked again after an answer was lost: the same end, not a second one.
            return self.completion(id).await;
        }
        self.demand_nothing_missing(actor, &row).await?;
        // Two stations may not register one person between each other's search and commit.
        let _turn = self.inner.registration.lock().await;
        let mut sql = self.inner.pool.acquire().await?;
        self.demand_all_fingers(&mut sql, id).await?;
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
            self.complete_known(actor, &row, &probe).await?;
        } else {
            self.complete_new(actor, &row, &probe).await?;
        }
        self.completion(id).await
    }

    /// The person is registered: are these prints theirs?
    async fn complete_known(&self, actor: &Actor, row: &EncounterRow, probe: &[(Finger, Prepared)]) -> Result<()> {
        let log10_lr = self.verify_against(row.person, Some(row.id), probe).await?;
        let same = log10_lr >= VERIFY_LOG10_LR;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        close(tx.sql(), row.id, if same { "verified" } else { "conflict" }, now.micros()).await?;
        if !same {
            let (registered, _) = registered_encounter(tx.sql(), row.person).await?;
            let registered = registered.to_string();
            let (subject, other) = (row.id.to_string(), ("encounter", registered.as_str()));
            review::open_between(&mut tx, "identity_conflict", ("encounter", &subject), other).await?;
        }
        let event = if same { "registration.verified" } else { "registration.conflict" };
        let entry = Entry::effect(event, actor).purpose("registration").about(row.person);
        tx.commit(&entry.details(json!({"encounter": row.id, "log10_lr": log10_lr}))).await?;
        Ok(())
    }

    /// The person is new: does anyone have these prints?
    async fn complete_new(&self, actor: &Actor, row: &EncounterRow, probe: &[(Finger, Prepared)]) -> Result<()> {
        self.permit_registration_look(
            actor,
            "enrolment",
            AccessAct::Identify,
            DataClass::BiometricTemplate,
            row.person,
        )
        .await?;
        let (coverage, found) = self.search_civil(probe).await?;
        // A candidate must still be live when it is shown, so every row is read again.
        let mut tx = WriteTx::begin(&self.inner).await?;
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
        let details = json!({
            "encounter": row.id, "search": search, "candidates": live.len(), "version": coverage.version,
            "shards_expected": coverage.shards_expected, "shards_answered": coverage.shards_answered,
            "people_compared": coverage.people_compared, "people_not_comparable": coverage.people_not_comparable,
        });
        let law = self.law_of(row).await?;
        if live.is_empty() {
            activate(&mut tx, row, search).await?;
            let entry = Entry::effect("registration.activated", actor).purpose("registration").about(row.person);
            tx.commit(&entry.law(&law.pack_hash, &law.clause).details(details)).await?;
            let mut sql = self.inner.pool.acquire().await?;
            let templates = self.templates_of(&mut sql, row.id).await?;
            self.enter_gallery(row.id, templates)?;
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
        Ok(())
    }

    /// Searches the civil gallery off the asynchronous threads; only a complete answer is an answer.
    pub(crate) async fn search_civil(
        &self,
        probe: &[(Finger, Prepared)],
    ) -> Result<(Coverage, Vec<(EncounterId, f64)>)> {
        // A snapshot: registrations that end meanwhile do not wait for the search, nor it for them.
        let gallery = self.inner.gallery.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        search(gallery, probe, candidate_log10_lr(probe.len())).await
    }

    pub(crate) fn enter_gallery(&self, id: EncounterId, prints: Vec<(Finger, Template)>) -> Result<()> {
        let mut gallery = self.inner.gallery.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        gallery.insert(EntryId(id.as_u128()), CIVIL, prints)?;
        Ok(())
    }

    /// log10 LR that the probe's fingers are those registered for a person: the best of the person's registrations, minus
    /// infinity where there is none.
    pub(crate) async fn verify_against(
        &self,
        person: PersonId,
        except: Option<EncounterId>,
        probe: &[(Finger, Prepared)],
    ) -> Result<f64> {
        let mut sql = self.inner.pool.acquire().await?;
        let encounters: Vec<String> = sqlx::query_scalar(
            "SELECT r.encounter_id FROM registrations r JOIN encounters e ON e.id = r.encounter_id WHERE e.person_id = $1 AND r.state = 'active' AND e.id <> $2",
        )
        .bind(person.to_string())
        .bind(except.map(|e| e.to_string()).unwrap_or_default())
        .fetch_all(&mut *sql)
        .await?;
        let mut enrolled = Gallery::with_shards(1);
        for encounter in encounters {
            let id: EncounterId = rows::parse_id(&encounter)?;
            enrolled.insert(EntryId(id.as_u128()), CIVIL, self.templates_of(&mut sql, id).await?)?;
        }
        drop(sql);
        let (_, found) = search(enrolled, probe, f64::NEG_INFINITY).await?;
        Ok(found.first().map_or(f64::NEG_INFINITY, |(_, log10_lr)| *log10_lr))
    }

    /// The prints of one registered encounter against a probe's: how much was compared, and log10 LR of all fingers together.
    pub(crate) async fn compare_registered(
        &self,
        registered: EncounterId,
        probe: &[(Finger, Prepared)],
    ) -> Result<(Coverage, f64)> {
        let mut sql = self.inner.pool.acquire().await?;
        let templates = self.templates_of(&mut sql, registered).await?;
        drop(sql);
        let mut enrolled = Gallery::with_shards(1);
        enrolled.insert(EntryId(registered.as_u128()), CIVIL, templates)?;
        let (coverage, found) = search(enrolled, probe, f64::NEG_INFINITY).await?;
        // Hands of which no finger is on both sides say nothing either way.
        Ok((coverage, found.first().map_or(0.0, |(_, log10_lr)| *log10_lr)))
    }

    /// The kept prints of an encounter, ready for comparison.
    pub(crate) async fn prints_of(
        &self,
        sql: &mut SqliteConnection,
        id: EncounterId,
    ) -> Result<Vec<(Finger, Prepared)>> {
        let templates = self.templates_of(sql, id).await?;
        Ok(templates.into_iter().map(|(finger, template)| (finger, Prepared::new(&template))).collect())
    }

    pub(crate) async fn templates_of(
        &self,
        sql: &mut SqliteConnection,
        id: EncounterId,
    ) -> Result<Vec<(Finger, Template)>> {
        let owner = id.to_string();
        let Some(key) = key_for_reading(&self.inner.vault, &mut *sql, &owner, Domain::Template).await? else {
            return Ok(Vec::new());
        };
        let samples = sqlx::query(
            "SELECT id, finger, sealed_template FROM samples WHERE encounter_id = $1 AND kept = 1 ORDER BY finger",
        )
        .bind(&owner)
        .fetch_all(sql)
        .await?;
        let mut templates = Vec::with_capacity(samples.len());
        for sample in &samples {
            let (finger, field) = finger_and_field(sample)?;
            let sealed: Vec<u8> = sample.try_get("sealed_template")?;
            let plain = self.inner.vault.open(&key, Domain::Template, &owner, &field, &sealed)?;
            let template = Template::from_bytes(&plain).map_err(|_| RegistryError::Damaged { what: "template" })?;
            templates.push((finger, template));
        }
        Ok(templates)
    }

    /// The kept images of an encounter, by finger.
    pub(crate) async fn images_of(
        &self,
        sql: &mut SqliteConnection,
        id: EncounterId,
    ) -> Result<Vec<(Finger, Vec<u8>)>> {
        let owner = id.to_string();
        let Some(key) = key_for_reading(&self.inner.vault, &mut *sql, &owner, Domain::Image).await? else {
            return Ok(Vec::new());
        };
        let samples = sqlx::query(
            "SELECT id, finger, sealed_image FROM samples WHERE encounter_id = $1 AND kept = 1 ORDER BY finger",
        )
        .bind(&owner)
        .fetch_all(sql)
        .await?;
        let mut images = Vec::with_capacity(samples.len());
        for sample in &samples {
            let (finger, field) = finger_and_field(sample)?;
            let sealed: Vec<u8> = sample.try_get("sealed_image")?;
            let plain = self.inner.vault.open(&key, Domain::Image, &owner, &field, &sealed)?;
            images.push((finger, plain.to_vec()));
        }
        Ok(images)
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
                let n: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM candidates WHERE search_id = $1")
                    .bind(row.try_get::<String, _>("id")?)
                    .fetch_one(&self.inner.pool)
                    .await?;
                (rows::number(&row, "people_compared")?, usize::try_from(n).unwrap_or(0))
            }
        };
        Ok(Completion { encounter: self.build_view(id).await?, people_compared, candidates })
    }

    async fn demand_nothing_missing(&self, actor: &Actor, row: &EncounterRow) -> Result<()> {
        let law = self.law_of(row).await?;
        if law.missing.is_empty() {
            return Ok(());
        }
        let denial = Entry::denial("capture.denied", Some(actor))
            .purpose("registration")
            .about(row.person)
            .law(&law.pack_hash, &law.clause)
            .details(
                json!({"encounter": row.id, "missing": law.missing.iter().map(|m| m.code.clone()).collect::<Vec<_>>()}),
            );
        let clause = law.clause.clone();
        let needs = law.needs();
        self.deny(denial, "not_yet_lawful", &clause, "capture may not begin yet", needs).await
    }

    async fn demand_all_fingers(&self, sql: &mut SqliteConnection, id: EncounterId) -> Result<()> {
        let accounted: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM (SELECT finger FROM samples WHERE encounter_id = $1 UNION SELECT finger FROM finger_states WHERE encounter_id = $1) AS accounted",
        )
        .bind(id.to_string())
        .fetch_one(sql)
        .await?;
        if accounted < 10 {
            return Err(RegistryError::Conflict {
                what: "not every finger is accounted for",
                next: "capture the remaining fingers, or state for each why it cannot be captured",
            });
        }
        Ok(())
    }

    /// One finger may not stand in for another of the same hands.
    async fn refuse_same_finger(
        &self,
        actor: &Actor,
        row: &EncounterRow,
        finger: Finger,
        template: &Template,
    ) -> Result<()> {
        let mut sql = self.inner.pool.acquire().await?;
        let captured = self.prints_of(&mut sql, row.id).await?;
        drop(sql);
        let prepared = Prepared::new(template);
        let other = captured.iter().filter(|(position, _)| *position != finger).find(|(_, print)| {
            tanba_finger::calibrate::log10_lr(tanba_finger::compare(&prepared, print).score) >= SAME_FINGER_LOG10_LR
        });
        let Some((other, _)) = other else { return Ok(()) };
        let denial = Entry::denial("capture.denied", Some(actor))
            .purpose("registration")
            .about(row.person)
            .details(json!({"encounter": row.id, "finger": finger, "same_as": other, "reason": "same_finger"}));
        let text = format!("this is the finger that was captured as {}", other.name());
        self.deny(
            denial,
            "same_finger",
            "one print for each finger",
            &text,
            vec![format!("place the {} on the scanner", finger.name())],
        )
        .await
    }
}

/// One search of one gallery; an incomplete answer is an error, so that nobody reads it as "no hit".
async fn search(
    gallery: Gallery,
    probe: &[(Finger, Prepared)],
    threshold: f64,
) -> Result<(Coverage, Vec<(EncounterId, f64)>)> {
    let probe = Probe { fingers: probe.to_vec() };
    let options = SearchOptions { populations: [CIVIL].into(), limit: CANDIDATES_SHOWN, threshold };
    let answer = tokio::task::spawn_blocking(move || gallery.search(&probe, &options, &SearchControl::default()))
        .await
        .map_err(|e| RegistryError::Io(std::io::Error::other(e)))??;
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

fn process(bytes: &[u8], ppi: Option<Ppi>) -> Result<Processed> {
    let decoded = tanba_formats::image::read(bytes, &tanba_formats::image::ReadOptions { ppi })?;
    let template =
        tanba_finger::extract(&decoded.value, &tanba_finger::ExtractParams::default(), &mut tanba_finger::NoSink)?;
    let report = tanba_finger::assess(&decoded.value);
    Ok(Processed {
        template,
        advice: report.advice.iter().map(|a| a.message.to_owned()).collect(),
        diagnostics: decoded.diagnostics.into_iter().map(|d| d.message).collect(),
    })
}

/// What a sealed image or template is bound to, beside its encounter: its own row and its finger.
fn sample_field(sample: SampleId, finger: i64) -> String {
    format!("sample/{sample}/{finger}")
}

pub(crate) fn finger_and_field(row: &sqlx::sqlite::SqliteRow) -> Result<(Finger, String)> {
    let code: u8 = rows::number(row, "finger")?;
    let finger = Finger::try_from(code).map_err(|_| RegistryError::Damaged { what: "finger" })?;
    Ok((finger, sample_field(rows::id(row, "id")?, i64::from(code))))
}

async fn still_open(sql: &mut SqliteConnection, id: EncounterId) -> Result<()> {
    let state: String =
        sqlx::query_scalar("SELECT state FROM encounters WHERE id = $1").bind(id.to_string()).fetch_one(sql).await?;
    if state != "open" {
        return Err(RegistryError::Conflict {
            what: "this encounter is closed",
            next: "open a new encounter for the person",
        });
    }
    Ok(())
}

/// The person behind a registered encounter, if that registration may be shown now.
pub(crate) async fn live_person(sql: &mut SqliteConnection, encounter: EncounterId) -> Result<Option<PersonId>> {
    let row = sqlx::query(
        "SELECT e.person_id FROM registrations r JOIN encounters e ON e.id = r.encounter_id JOIN persons p ON p.id = e.person_id \
         WHERE e.id = $1 AND r.state = 'active' AND p.state = 'registered'",
    )
    .bind(encounter.to_string())
    .fetch_optional(sql)
    .await?;
    row.map(|r| rows::id(&r, "person_id")).transpose()
}

/// The encounter by which a registered person's prints are held, and since when; the latest, where several are.
pub(crate) async fn registered_encounter(
    sql: &mut SqliteConnection,
    person: PersonId,
) -> Result<(EncounterId, Instant)> {
    let row = sqlx::query(
        "SELECT r.encounter_id, r.registered_at FROM registrations r JOIN encounters e ON e.id = r.encounter_id \
         WHERE e.person_id = $1 AND r.state = 'active' ORDER BY r.registered_at DESC LIMIT 1",
    )
    .bind(person.to_string())
    .fetch_optional(sql)
    .await?
    .ok_or(RegistryError::NotFound { what: "registration" })?;
    Ok((rows::id(&row, "encounter_id")?, rows::instant(&row, "registered_at")?))
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
