//! Fingers: captured, judged for quality, kept sealed. What follows from them is in [`completion`](crate::completion).

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::{Row, SqliteConnection};
use tanba_finger::{Extractor, Prepared, Template};
use tanba_formats::{Finger, Ppi};
use tanba_gallery::{Coverage, Effort, Enrolment, EntryId, Filter, Gallery};
use tanba_law::Text;
use tanba_seal::DataKey;
use zeroize::Zeroizing;

use crate::actor::Actor;
use crate::completion::search;
use crate::encounter::EncounterRow;
use crate::error::{RegistryError, Result};
use crate::ids::{EncounterId, PersonId, SampleId};
use crate::journal::Entry;
use crate::key_process::OpenedKeys;
use crate::keys::{key_for_reading, key_for_writing};
use crate::law::LawAnswer;
use crate::params::{ATTEMPTS, QUALITY_FLAG};
use crate::registry::{CIVIL, Registry};
use crate::rows;
use crate::store::WriteTx;
use crate::thresholds::ThresholdKind;
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

/// What the notes on an encounter's samples open with.
pub(crate) struct NotesKeys {
    template: Option<DataKey>,
    /// Of notes that were written before they went with the template.
    image: Option<DataKey>,
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
    /// The same as stable codes, most useful first.
    pub advice_codes: Vec<String>,
    /// What was noticed when reading the image.
    pub diagnostics: Vec<String>,
}

/// What is to be said of a finger beside its print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FingerState {
    /// Not there.
    Missing,
    /// Covered for now.
    Bandaged,
    /// Artificial.
    Prosthetic,
    /// Grown together with the next one; may be captured, or stated instead.
    Webbed,
    /// Another finger stands beside this one; a note that accounts for nothing.
    Extra,
    /// Too worn to give a good print; may be captured, or stated instead.
    Worn,
    /// Cannot be placed on the scanner.
    Unable,
}

impl FingerState {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Missing, Self::Bandaged, Self::Prosthetic, Self::Webbed, Self::Extra, Self::Worn, Self::Unable];

    /// The name in the database and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Bandaged => "bandaged",
            Self::Prosthetic => "prosthetic",
            Self::Webbed => "webbed",
            Self::Extra => "extra",
            Self::Worn => "worn",
            Self::Unable => "unable",
        }
    }

    /// No print can come from such a finger.
    pub fn precludes_capture(self) -> bool {
        matches!(self, Self::Missing | Self::Prosthetic)
    }

    /// The state is true of a finger whether it is captured or not.
    pub fn goes_with_print(self) -> bool {
        matches!(self, Self::Webbed | Self::Extra | Self::Worn)
    }

    /// The state accounts for a finger that is not captured.
    pub fn accounts(self) -> bool {
        self != Self::Extra
    }
}

/// What one image became.
struct Processed {
    template: Template,
    notes: Notes,
    diagnostics: Vec<String>,
}

/// What was said about an image when it was taken; kept sealed beside it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Notes {
    pub(crate) advice: Vec<String>,
    pub(crate) advice_codes: Vec<String>,
    pub(crate) minutiae: usize,
}

impl Registry {
    /// Takes an image of a finger. Up to three attempts for each finger; the best is kept.
    ///
    /// # Errors
    /// Denied while the law still misses a consent or presence, or where the finger was already offered as another one;
    /// an unreadable image; no fingerprint in it; a fourth attempt.
    pub async fn capture(&self, actor: &Actor, id: EncounterId, capture: Capture) -> Result<CaptureView> {
        let law = self.inner.law();
        let row = self.open_encounter_of(actor, id).await?;
        let answer = self.demand_nothing_missing(actor, &row).await?;
        if capture.finger == Finger::Unknown {
            return Err(RegistryError::Invalid { field: "finger", problem: "say which finger it is".to_owned() });
        }
        // Before anything of the image is looked at: what the law does not let be taken leaves no trace but the denial.
        let allowed = law.fingers_allowed(self.today());
        let mut sql = self.inner.pool.acquire().await?;
        let others = other_fingers(&mut sql, id, capture.finger).await?;
        drop(sql);
        if others >= i64::from(allowed) {
            return self.deny_more_fingers(actor, &row, &answer, capture.finger).await;
        }
        let ppi = match capture.ppi {
            None => None,
            Some(value) => Some(Ppi::new(value).ok_or(RegistryError::Invalid {
                field: "ppi",
                problem: "give the resolution in pixels per inch, such as 500".to_owned(),
            })?),
        };
        let image = Zeroizing::new(capture.image);
        let image_blind = self.image_blind(id, capture.finger, &image);
        if let Some(seen) = self.capture_of(id, &image_blind).await? {
            // The same image of the same finger sent twice (a double click, a lost answer) is one attempt.
            return Ok(seen);
        }
        let extractor = self.extractor();
        let (image, processed) = Self::aside(move || {
            let processed = process(extractor, &image, ppi);
            (image, processed)
        })
        .await?;
        let processed = processed?;
        self.refuse_same_finger(actor, &row, capture.finger, &processed.template).await?;
        // Before the transaction: it may be made elsewhere, or take a look of its own.
        let image_key = self.image_key_for_writing(actor, &row).await?;

        let mut tx = WriteTx::begin(&self.inner).await?;
        self.demand_same_law(&law)?;
        still_open(tx.sql(), id).await?;
        if other_fingers(tx.sql(), id, capture.finger).await? >= i64::from(allowed) {
            // Another finger was taken meanwhile, and it was the last one.
            drop(tx);
            return self.deny_more_fingers(actor, &row, &answer, capture.finger).await;
        }
        let now = tx.now();
        let finger = i64::from(capture.finger.code());
        let twin: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM samples WHERE encounter_id = $1 AND image_blind = $2")
            .bind(id.to_string())
            .bind(&image_blind)
            .fetch_one(tx.sql())
            .await?;
        if twin > 0 {
            // Both halves of a double click came this far, and the other one was first.
            drop(tx);
            return self.capture_of(id, &image_blind).await?.ok_or(RegistryError::Damaged { what: "sample" });
        }
        let before = sqlx::query("SELECT COUNT(*) AS attempts, COALESCE(MAX(quality), -1) AS best FROM samples WHERE encounter_id = $1 AND finger = $2")
            .bind(id.to_string())
            .bind(finger)
            .fetch_one(tx.sql())
            .await?;
        refuse_where_nothing_can_come(tx.sql(), id, finger).await?;
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
        let image_key = image_key.in_row(vault, tx.sql(), now, &owner).await?;
        let template_key = key_for_writing(vault, tx.sql(), now, &owner, Domain::Template).await?;
        let field = sample_field(sample, finger);
        let sealed_image = vault.seal(&image_key, Domain::Image, &owner, &field, &image)?;
        let template_bytes = Zeroizing::new(processed.template.to_bytes());
        let sealed_template = vault.seal(&template_key, Domain::Template, &owner, &field, &template_bytes)?;
        let notes = serde_json::to_vec(&processed.notes).map_err(|_| RegistryError::Damaged { what: "notes" })?;
        let sealed_notes = vault.seal(&template_key, Domain::Template, &owner, &notes_field(sample), &notes)?;
        sqlx::query("INSERT INTO samples (id, encounter_id, finger, attempt, kept, quality, sealed_image, sealed_template, captured_at, sealed_notes, image_blind, recipe, notes_domain) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)")
            .bind(sample.to_string())
            .bind(&owner)
            .bind(finger)
            .bind(i64::from(attempt))
            .bind(i64::from(kept))
            .bind(i64::from(quality))
            .bind(sealed_image)
            .bind(sealed_template)
            .bind(now.micros())
            .bind(sealed_notes)
            .bind(&image_blind)
            .bind(i64::from(processed.template.recipe.code()))
            .bind(Domain::Template.label())
            .execute(tx.sql())
            .await?;
        // A captured finger is not covered and was placed; that it is worn, or webbed, stays true.
        sqlx::query(
            "DELETE FROM finger_states WHERE encounter_id = $1 AND finger = $2 AND state IN ('bandaged', 'unable')",
        )
        .bind(&owner)
        .bind(finger)
        .execute(tx.sql())
        .await?;
        let details = json!({"encounter": id, "sample": sample, "finger": capture.finger, "attempt": attempt, "quality": quality, "kept": kept});
        let entry = Entry::effect("finger.captured", actor).purpose("registration").about(row.person);
        tx.commit(&entry.law(&answer.pack_hash, &answer.clause).details(details)).await?;
        Ok(CaptureView {
            sample,
            finger: capture.finger,
            attempt,
            kept,
            quality,
            flagged: quality < QUALITY_FLAG,
            minutiae: processed.notes.minutiae,
            advice: processed.notes.advice,
            advice_codes: processed.notes.advice_codes,
            diagnostics: processed.diagnostics,
        })
    }

    /// What was answered to an image of this encounter before.
    async fn capture_of(&self, id: EncounterId, image_blind: &[u8]) -> Result<Option<CaptureView>> {
        let mut sql = self.inner.pool.acquire().await?;
        let row = sqlx::query("SELECT * FROM samples WHERE encounter_id = $1 AND image_blind = $2")
            .bind(id.to_string())
            .bind(image_blind)
            .fetch_optional(&mut *sql)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let keys = self.notes_keys(&mut sql, id).await?;
        let notes = self.notes_of(&keys, id, &row)?.unwrap_or_default();
        let quality: u8 = rows::number(&row, "quality")?;
        Ok(Some(CaptureView {
            sample: rows::id(&row, "id")?,
            finger: finger_and_field(&row)?.0,
            attempt: rows::number(&row, "attempt")?,
            kept: rows::number::<i64>(&row, "kept")? == 1,
            quality,
            flagged: quality < QUALITY_FLAG,
            minutiae: notes.minutiae,
            advice: notes.advice,
            advice_codes: notes.advice_codes,
            diagnostics: Vec::new(),
        }))
    }

    /// The keys of the notes on an encounter's samples. Older ones were sealed with the image's key, which may be with a
    /// key process: those are not read then.
    pub(crate) async fn notes_keys(&self, sql: &mut SqliteConnection, id: EncounterId) -> Result<NotesKeys> {
        let owner = id.to_string();
        let template = key_for_reading(&self.inner.vault, &mut *sql, &owner, Domain::Template).await?;
        let image = match self.key_process_named().await? {
            Some(_) => None,
            None => key_for_reading(&self.inner.vault, sql, &owner, Domain::Image).await?,
        };
        Ok(NotesKeys { template, image })
    }

    /// What was said about a sample when it was taken; nothing where its keys are gone or an older version took it.
    pub(crate) fn notes_of(
        &self,
        keys: &NotesKeys,
        id: EncounterId,
        sample: &sqlx::sqlite::SqliteRow,
    ) -> Result<Option<Notes>> {
        let sealed: Option<Vec<u8>> = sample.try_get("sealed_notes")?;
        let (key, domain) = if sample.try_get::<String, _>("notes_domain")? == Domain::Template.label() {
            (&keys.template, Domain::Template)
        } else {
            (&keys.image, Domain::Image)
        };
        let (Some(key), Some(sealed)) = (key, sealed) else { return Ok(None) };
        let field = notes_field(rows::id(sample, "id")?);
        let plain = self.inner.vault.open(key, domain, &id.to_string(), &field, &sealed)?;
        serde_json::from_slice(&plain).map(Some).map_err(|_| RegistryError::Damaged { what: "notes" })
    }

    /// Seals the notes on samples that were sealed with the key of their images with that of their templates, before the former goes to a
    /// key process; how many.
    pub(crate) async fn move_notes(
        &self,
        tx: &mut WriteTx<'_>,
        now: Instant,
        owner: &str,
        wrapped: &[u8],
    ) -> Result<u64> {
        let vault = &self.inner.vault;
        let found = sqlx::query(
            "SELECT id, sealed_notes FROM samples WHERE encounter_id = $1 AND notes_domain = 'image' AND sealed_notes IS NOT NULL",
        )
        .bind(owner)
        .fetch_all(tx.sql())
        .await?;
        if found.is_empty() {
            return Ok(0);
        }
        let from = vault.open_key(Domain::Image, owner, wrapped)?;
        let to = match key_for_writing(vault, tx.sql(), now, owner, Domain::Template).await {
            Ok(key) => key,
            // Its templates are erased, and the notes go with them.
            Err(RegistryError::Conflict { .. }) => return Ok(0),
            Err(error) => return Err(error),
        };
        for row in &found {
            let field = notes_field(rows::id(row, "id")?);
            let plain = vault.open(&from, Domain::Image, owner, &field, &row.try_get::<Vec<u8>, _>("sealed_notes")?)?;
            sqlx::query("UPDATE samples SET sealed_notes = $1, notes_domain = 'template' WHERE id = $2")
                .bind(vault.seal(&to, Domain::Template, owner, &field, &plain)?)
                .bind(row.try_get::<String, _>("id")?)
                .execute(tx.sql())
                .await?;
        }
        Ok(found.len() as u64)
    }

    /// A keyed hash of an image of a finger in an encounter: the same one is recognised, and no two encounters compared.
    fn image_blind(&self, id: EncounterId, finger: Finger, image: &[u8]) -> Vec<u8> {
        let mut hash = Sha256::new();
        hash.update(id.as_u128().to_be_bytes());
        hash.update([finger.code()]);
        hash.update(image);
        self.inner.vault.blind("capture", &hash.finalize())
    }

    /// States what is to be said of a finger: why it cannot be captured, or what its print must be read with. A finger has
    /// one such state at a time; that another finger stands beside it is a note of its own.
    ///
    /// # Errors
    /// A conflict where the finger was captured and the state would say that it cannot be; those of an encounter that is
    /// not this account's or not open; denied while the law misses something.
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
        if captured > 0 && !state.goes_with_print() {
            return Err(RegistryError::Conflict {
                what: "this finger was captured",
                next: "a captured finger is there; check the finger position",
            });
        }
        if state != FingerState::Extra {
            sqlx::query("DELETE FROM finger_states WHERE encounter_id = $1 AND finger = $2 AND state <> 'extra'")
                .bind(id.to_string())
                .bind(code)
                .execute(tx.sql())
                .await?;
        }
        sqlx::query("INSERT INTO finger_states (encounter_id, finger, state, recorded_at) VALUES ($1, $2, $3, $4) ON CONFLICT (encounter_id, finger, state) DO UPDATE SET recorded_at = $4")
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

    /// Takes back what was stated of a finger; there was nothing to take back is no error.
    ///
    /// # Errors
    /// Those of an encounter that is not this account's or not open.
    pub async fn unstate_finger(&self, actor: &Actor, id: EncounterId, finger: Finger) -> Result<()> {
        let row = self.open_encounter_of(actor, id).await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        still_open(tx.sql(), id).await?;
        sqlx::query("DELETE FROM finger_states WHERE encounter_id = $1 AND finger = $2")
            .bind(id.to_string())
            .bind(i64::from(finger.code()))
            .execute(tx.sql())
            .await?;
        let entry = Entry::effect("finger.unstated", actor).purpose("registration").about(row.person);
        tx.commit(&entry.details(json!({"encounter": id, "finger": finger}))).await?;
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
        let enrolled = self.enrolled_of(person, except).await?;
        let (_, found) =
            search(enrolled, probe, f64::NEG_INFINITY, Effort::Exhaustive, Filter::default(), &Arc::default()).await?;
        Ok(found.first().map_or(f64::NEG_INFINITY, |(_, log10_lr)| *log10_lr))
    }

    /// A person's registered prints that may be used, for a comparison with them alone.
    pub(crate) async fn enrolled_of(&self, person: PersonId, except: Option<EncounterId>) -> Result<Gallery> {
        let mut sql = self.inner.pool.acquire().await?;
        let encounters: Vec<String> = sqlx::query_scalar(
            "SELECT r.encounter_id FROM registrations r JOIN encounters e ON e.id = r.encounter_id WHERE e.person_id = $1 AND r.state = 'active' AND e.id <> $2",
        )
        .bind(person.to_string())
        .bind(except.map(|e| e.to_string()).unwrap_or_default())
        .fetch_all(&mut *sql)
        .await?;
        let mut enrolled = Gallery::new();
        for encounter in encounters {
            let id: EncounterId = rows::parse_id(&encounter)?;
            let templates = self.templates_of(&mut sql, id).await?;
            // Prints whose keys are destroyed are no prints.
            if !templates.is_empty() {
                enrolled.insert(&Enrolment::new(EntryId(id.as_u128()), CIVIL, templates))?;
            }
        }
        Ok(enrolled)
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
        let mut enrolled = Gallery::new();
        enrolled.insert(&Enrolment::new(EntryId(registered.as_u128()), CIVIL, templates))?;
        let (coverage, found) =
            search(enrolled, probe, f64::NEG_INFINITY, Effort::Exhaustive, Filter::default(), &Arc::default()).await?;
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

    /// The kept images of an encounter, by finger, opened with the keys of a look.
    pub(crate) async fn images_of(&self, keys: &OpenedKeys, id: EncounterId) -> Result<Vec<(Finger, Vec<u8>)>> {
        let Some(key) = keys.of(id) else { return Ok(Vec::new()) };
        let owner = id.to_string();
        let samples = sqlx::query(
            "SELECT id, finger, sealed_image FROM samples WHERE encounter_id = $1 AND kept = 1 ORDER BY finger",
        )
        .bind(&owner)
        .fetch_all(&self.inner.pool)
        .await?;
        let mut images = Vec::with_capacity(samples.len());
        for sample in &samples {
            let (finger, field) = finger_and_field(sample)?;
            let sealed: Vec<u8> = sample.try_get("sealed_image")?;
            let plain = self.inner.vault.open(key, Domain::Image, &owner, &field, &sealed)?;
            images.push((finger, plain.to_vec()));
        }
        Ok(images)
    }

    /// The law's answer, where it misses nothing; otherwise a denial by its clause.
    pub(crate) async fn demand_nothing_missing(&self, actor: &Actor, row: &EncounterRow) -> Result<LawAnswer> {
        let law = self.law_of(row).await?;
        if law.forbids() {
            let denial = Entry::denial("capture.denied", Some(actor))
                .purpose("registration")
                .about(row.person)
                .law(&law.pack_hash, &law.clause)
                .details(json!({"encounter": row.id}));
            return self.deny_by_law(denial, "must_not_register", &law.clause, &law.text, Vec::new()).await;
        }
        if law.missing.is_empty() {
            return Ok(law);
        }
        let denial = Entry::denial("capture.denied", Some(actor))
            .purpose("registration")
            .about(row.person)
            .law(&law.pack_hash, &law.clause)
            .details(
                json!({"encounter": row.id, "missing": law.missing.iter().map(|m| m.code.clone()).collect::<Vec<_>>()}),
            );
        self.deny_by_law(denial, "not_yet_lawful", &law.clause, &not_yet(), law.needs()).await
    }

    /// The law lets so many fingers be taken, and so many are there. Nothing of the image is decoded, kept or logged.
    async fn deny_more_fingers<T>(
        &self,
        actor: &Actor,
        row: &EncounterRow,
        law: &LawAnswer,
        finger: Finger,
    ) -> Result<T> {
        let denial = Entry::denial("capture.denied", Some(actor))
            .purpose("registration")
            .about(row.person)
            .law(&law.pack_hash, "samples")
            .details(json!({"encounter": row.id, "finger": finger, "reason": "more_than_allowed"}));
        let said = "the law lets no more fingers be taken than are taken already: this one was not kept";
        let need = "end the capture with the fingers that are there".to_owned();
        self.deny(denial, "more_than_allowed", "samples", said, vec![need]).await
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
        let threshold = self.threshold(ThresholdKind::SameFinger, Some(actor)).await?;
        let prepared = Prepared::new(template);
        let other = captured.iter().filter(|(position, _)| *position != finger).find(|(_, print)| {
            tanba_finger::calibrate::log10_lr(tanba_finger::compare(&prepared, print).score) >= threshold.value()
        });
        let Some((other, _)) = other else { return Ok(()) };
        let denial = Entry::denial("capture.denied", Some(actor))
            .purpose("registration")
            .about(row.person)
            .details(json!({"encounter": row.id, "finger": finger, "same_as": other, "reason": "same_finger", "threshold": threshold.number}));
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

/// Said where something is still missing before anything may be taken.
fn not_yet() -> Text {
    Text::new("Таңба алуды бастауға әлі болмайды.", "Снимать отпечатки пока нельзя.", "capture may not begin yet")
}

fn process(extractor: &dyn Extractor, bytes: &[u8], ppi: Option<Ppi>) -> Result<Processed> {
    let decoded = tanba_formats::image::read(bytes, &tanba_formats::image::ReadOptions::with_ppi(ppi))?;
    let (template, report) = extractor.extract_and_assess(&decoded.value)?;
    let notes = Notes {
        advice: report.advice.iter().map(|a| a.message.to_owned()).collect(),
        advice_codes: report.advice.iter().map(|a| a.code.to_owned()).collect(),
        minutiae: template.minutiae.len(),
    };
    Ok(Processed { template, notes, diagnostics: decoded.diagnostics.into_iter().map(|d| d.message).collect() })
}

/// What a sealed image or template is bound to, beside its encounter: its own row and its finger.
fn sample_field(sample: SampleId, finger: i64) -> String {
    format!("sample/{sample}/{finger}")
}

fn notes_field(sample: SampleId) -> String {
    format!("notes/{sample}")
}

pub(crate) fn finger_and_field(row: &sqlx::sqlite::SqliteRow) -> Result<(Finger, String)> {
    let code: u8 = rows::number(row, "finger")?;
    let finger = Finger::try_from(code).map_err(|_| RegistryError::Damaged { what: "finger" })?;
    Ok((finger, sample_field(rows::id(row, "id")?, i64::from(code))))
}

/// How many other fingers of an encounter are captured.
async fn other_fingers(sql: &mut SqliteConnection, id: EncounterId, finger: Finger) -> Result<i64> {
    let counted =
        sqlx::query_scalar("SELECT COUNT(DISTINCT finger) FROM samples WHERE encounter_id = $1 AND finger <> $2")
            .bind(id.to_string())
            .bind(i64::from(finger.code()));
    Ok(counted.fetch_one(sql).await?)
}

/// A finger that is stated not to be there gives no print until the statement is taken back.
async fn refuse_where_nothing_can_come(sql: &mut SqliteConnection, id: EncounterId, finger: i64) -> Result<()> {
    let stated: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM finger_states WHERE encounter_id = $1 AND finger = $2 AND state IN ('missing', 'prosthetic')",
    )
    .bind(id.to_string())
    .bind(finger)
    .fetch_one(sql)
    .await?;
    if stated > 0 {
        return Err(RegistryError::Conflict {
            what: "this finger is stated as missing or prosthetic",
            next: "take the statement back if it was a mistake, or check the finger position",
        });
    }
    Ok(())
}

pub(crate) async fn still_open(sql: &mut SqliteConnection, id: EncounterId) -> Result<()> {
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
