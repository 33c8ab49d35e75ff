//! Consents recorded, read again, and counted as facts for the law.
//!
//! Where the law makes registration a duty no consent is asked; where it leaves it to the person, one is there before anything
//! is taken.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{Row, SqliteConnection};
use tanba_law::{Fact, Text};
use tanba_seal::DataKey;

use crate::actor::Actor;
use crate::consent::{Confirmation, Consent, ConsentKind, ConsentView};
use crate::encounter::{EncounterRow, EncounterView};
use crate::error::{RegistryError, Result};
use crate::follow_up::{DECISION_OF_AGE, settle};
use crate::ids::{EncounterId, RowId};
use crate::institutions::text;
use crate::journal::Entry;
use crate::keys::{key_for_reading, key_for_writing};
use crate::law::{LawAnswer, LawItem};
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::vault::{Domain, Vault, fresh_bytes};

/// Longest text that may be shown, characters.
const TEXT_MAX_CHARS: usize = 8000;
/// How a consent may be given.
const MODALITIES: [&str; 3] = ["spoken", "written", "electronic"];

/// The sealed part of a consent.
#[derive(Serialize, Deserialize)]
struct SealedText {
    words: String,
    reference: String,
}

/// A consent that is complete and lawful, about to be written.
pub(crate) struct NewConsentRow<'a> {
    pub kind: ConsentKind,
    pub given_by: &'a str,
    pub version: &'a str,
    pub language: &'a str,
    pub words: &'a str,
    pub text_hash: Option<&'a str>,
    pub modality: &'a str,
    pub evidence: &'a str,
    pub reference: &'a str,
}

impl Registry {
    /// Records a consent, an explanation or an objection. An objection stops the encounter's capture.
    ///
    /// # Errors
    /// Denied, and logged, where a part is missing (the message names it), where the words are not those of the hash, where
    /// the law asks for no consent or for a signature, and where the giver is neither the person nor a guardian that the
    /// population register names now; invalid where a value is not one of those that are known.
    pub async fn record_consent(&self, actor: &Actor, id: EncounterId, consent: &Consent) -> Result<EncounterView> {
        let row = self.open_encounter_of(actor, id).await?;
        let law = self.law_of(&row).await?;
        let refusing = Refusing { registry: self, actor, row: &row, law: &law };
        if let Some(field) = consent.lacks() {
            let said = format!("this consent lacks its {field}, so it is none");
            return refusing.deny(&format!("consent_lacks_{field}"), &said, &format!("give {field}")).await;
        }
        if consent.kind == ConsentKind::GuardianPresence {
            let said = "a guardian's presence is confirmed by the guardian: nobody states it for them";
            let need = "identify the guardian, and let them give back the code that they are sent";
            return refusing.deny("presence_by_own_event", said, need).await;
        }
        let by = self.checked(consent)?;
        let words = !consent.text.words.is_empty();
        let hash = consent.text.hash();
        // A no is taken as it comes.
        if consent.kind != ConsentKind::Objection && hash != consent.text_hash {
            let said = "the words that were shown are not those of this hash";
            return refusing.deny("consent_text_differs", said, "show the text of this version again").await;
        }
        let asked = match consent.kind {
            ConsentKind::SubjectConsent => Some(&[Fact::Consent, Fact::WrittenConsent][..]),
            ConsentKind::GuardianConsent => Some(&[Fact::GuardianConsent][..]),
            _ => None,
        };
        if let Some(facts) = asked {
            let need = self.inner.law().need(&law, facts);
            if law.category == "must" && need.is_none() {
                let said = "the law makes this registration a duty, so nobody is asked to agree";
                return refusing.deny("consent_not_asked", said, "explain the law, and go on").await;
            }
            if by == Confirmation::OperatorStatement && !need.is_some_and(|need| need.by_statement) {
                let said = "the law does not say that the operator's word is enough for this consent";
                return refusing.deny("consent_unsigned", said, "a signature, with its reference").await;
            }
            self.check_giver(&refusing, consent).await?;
        }
        let mut tx = WriteTx::begin(&self.inner).await?;
        crate::capture::still_open(tx.sql(), id).await?;
        if consent.kind != ConsentKind::Objection {
            demand_same_words(tx.sql(), consent).await?;
        }
        let new = NewConsentRow {
            kind: consent.kind,
            given_by: &consent.given_by,
            version: &consent.text.version,
            language: &consent.text.language,
            words: &consent.text.words,
            text_hash: words.then_some(hash.as_str()),
            modality: &consent.modality,
            evidence: &consent.evidence,
            reference: &consent.reference,
        };
        self.write_consent(tx, actor, &row, &law, &new).await?;
        self.build_view(id).await
    }

    /// Writes a consent and its log entry, which cites the text by its hash and the law by its clause.
    pub(crate) async fn write_consent(
        &self,
        mut tx: WriteTx<'_>,
        actor: &Actor,
        row: &EncounterRow,
        law: &LawAnswer,
        new: &NewConsentRow<'_>,
    ) -> Result<()> {
        let now = tx.now();
        let owner = row.id.to_string();
        let record = RowId::fresh(now.micros(), fresh_bytes()?);
        let vault = &self.inner.vault;
        let key = key_for_writing(vault, tx.sql(), now, &owner, Domain::Identity).await?;
        let giver = vault.seal(&key, Domain::Identity, &owner, new.kind.name(), new.given_by.as_bytes())?;
        let words = SealedText { words: new.words.to_owned(), reference: new.reference.to_owned() };
        let plain = serde_json::to_vec(&words).map_err(|_| RegistryError::Damaged { what: "consent" })?;
        let sealed_text = vault.seal(&key, Domain::Identity, &owner, &text_field(record), &plain)?;
        sqlx::query(
            "INSERT INTO consents (id, encounter_id, kind, sealed_given_by, text_version, language, modality, evidence, given_at, withdrawn_at, text_hash, sealed_text) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, NULL, $10, $11)",
        )
        .bind(record.to_string())
        .bind(&owner)
        .bind(new.kind.name())
        .bind(giver)
        .bind(new.version)
        .bind(new.language)
        .bind(new.modality)
        .bind(new.evidence)
        .bind(now.micros())
        .bind(new.text_hash)
        .bind(sealed_text)
        .execute(tx.sql())
        .await?;
        if new.kind == ConsentKind::SubjectConsent {
            settle(tx.sql(), row.person, DECISION_OF_AGE, "consented", now).await?;
        }
        let details = json!({
            "encounter": row.id, "consent": record, "kind": new.kind, "text_version": new.version, "text_hash": new.text_hash,
            "language": new.language, "modality": new.modality, "evidence": new.evidence,
        });
        let entry = Entry::effect("consent.recorded", actor).purpose("registration").about(row.person);
        tx.commit(&entry.law(&law.pack_hash, &law.clause).details(details)).await?;
        Ok(())
    }

    /// The values that are one of a few.
    fn checked(&self, consent: &Consent) -> Result<Confirmation> {
        for (field, value) in [
            ("given_by", &consent.given_by),
            ("language", &consent.text.language),
            ("modality", &consent.modality),
            ("evidence", &consent.evidence),
        ] {
            text(field, value)?;
        }
        if !consent.text.version.is_empty() {
            text("text_version", &consent.text.version)?;
        }
        if !consent.reference.is_empty() {
            text("reference", &consent.reference)?;
        }
        if consent.text.words.chars().count() > TEXT_MAX_CHARS {
            return Err(RegistryError::Invalid {
                field: "text",
                problem: format!("at most {TEXT_MAX_CHARS} characters are shown for one consent"),
            });
        }
        if !MODALITIES.contains(&consent.modality.as_str()) {
            return Err(RegistryError::Invalid {
                field: "modality",
                problem: format!("use {}", MODALITIES.join(", ")),
            });
        }
        Confirmation::from_name(&consent.evidence).filter(|by| by.is_stated()).ok_or_else(|| RegistryError::Invalid {
            field: "evidence",
            problem: "use signature_on_paper, signature_on_pad, electronic_signature or operator_statement".to_owned(),
        })
    }

    /// A person consents for themselves, and a guardian while the population register names them.
    async fn check_giver(&self, refusing: &Refusing<'_>, consent: &Consent) -> Result<()> {
        if consent.kind == ConsentKind::GuardianConsent {
            return self.demand_guardian(refusing.actor, refusing.row, &consent.given_by).await;
        }
        let own = self.iin_of_encounter(refusing.row.id).await?;
        if own.is_some_and(|own| own != consent.given_by) {
            let said = "a person's own consent is given by that person";
            return refusing.deny("not_the_person", said, "the number of the person of this encounter").await;
        }
        Ok(())
    }

    /// The identification number of an encounter's person, where it has one and its keys are there.
    pub(crate) async fn iin_of_encounter(&self, id: EncounterId) -> Result<Option<String>> {
        let mut sql = self.inner.pool.acquire().await?;
        Ok(self.identity_of_encounter(&mut sql, id).await?.get("iin").cloned())
    }

    /// What is given so far, as facts for the law; a guardian counts while the population register names them, and their
    /// presence on the day on which they confirmed it.
    pub(crate) async fn given_facts(&self, row: &EncounterRow) -> Result<Given> {
        let mut sql = self.inner.pool.acquire().await?;
        let consents = self.consents_of(&mut sql, row.id).await?;
        drop(sql);
        let today = self.today();
        let mut given = Given::default();
        for consent in &consents {
            let guardian = || consent.given_by.as_deref().map_or(Ok(false), |by| self.is_guardian(row, by));
            match consent.kind {
                ConsentKind::SubjectConsent => {
                    given.consent = true;
                    given.written |= Confirmation::from_name(&consent.evidence).is_some_and(Confirmation::is_signature);
                }
                ConsentKind::GuardianConsent => given.guardian_consent |= guardian()?,
                ConsentKind::GuardianPresence => {
                    given.guardian_present |= self.inner.zone.date(consent.given_at) == today && guardian()?;
                }
                ConsentKind::Objection => given.objection = true,
                ConsentKind::Explanation => {}
            }
        }
        Ok(given)
    }

    pub(crate) async fn consents_of(&self, sql: &mut SqliteConnection, id: EncounterId) -> Result<Vec<ConsentView>> {
        let mut consents = self.all_consents_of(sql, id).await?;
        consents.retain(|consent| consent.withdrawn_at.is_none());
        Ok(consents)
    }

    /// The same with those that were withdrawn, oldest first.
    pub(crate) async fn all_consents_of(
        &self,
        sql: &mut SqliteConnection,
        id: EncounterId,
    ) -> Result<Vec<ConsentView>> {
        let found = sqlx::query("SELECT * FROM consents WHERE encounter_id = $1 ORDER BY given_at, id")
            .bind(id.to_string())
            .fetch_all(&mut *sql)
            .await?;
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let key = key_for_reading(&self.inner.vault, sql, &id.to_string(), Domain::Identity).await?;
        found.iter().map(|row| consent_view(&self.inner.vault, key.as_ref(), id, row)).collect()
    }
}

/// What was given in an encounter.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Given {
    pub consent: bool,
    pub written: bool,
    pub guardian_consent: bool,
    pub guardian_present: bool,
    pub objection: bool,
}

/// Says no to a consent, by the clause that asks for it.
struct Refusing<'a> {
    registry: &'a Registry,
    actor: &'a Actor,
    row: &'a EncounterRow,
    law: &'a LawAnswer,
}

impl Refusing<'_> {
    async fn deny<T>(&self, code: &str, said: &str, need: &str) -> Result<T> {
        let entry = Entry::denial("consent.denied", Some(self.actor))
            .purpose("registration")
            .about(self.row.person)
            .law(&self.law.pack_hash, &self.law.clause)
            .details(json!({"encounter": self.row.id, "reason": code}));
        self.registry.deny(entry, code, &self.law.clause, said, vec![need.to_owned()]).await
    }
}

/// A version of a text has one wording in each language, for ever.
async fn demand_same_words(sql: &mut SqliteConnection, consent: &Consent) -> Result<()> {
    let others: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM consents WHERE text_version = $1 AND language = $2 AND text_hash IS NOT NULL AND text_hash <> $3",
    )
    .bind(&consent.text.version)
    .bind(&consent.text.language)
    .bind(&consent.text_hash)
    .fetch_one(sql)
    .await?;
    if others > 0 {
        return Err(RegistryError::Conflict {
            what: "this version of the text was shown in other words before",
            next: "give changed words a version of their own",
        });
    }
    Ok(())
}

fn consent_view(
    vault: &Vault,
    key: Option<&DataKey>,
    id: EncounterId,
    row: &sqlx::sqlite::SqliteRow,
) -> Result<ConsentView> {
    let owner = id.to_string();
    let kind = row.try_get::<String, _>("kind")?;
    let open = |sealed: &[u8], field: &str| match key {
        Some(key) => vault.open(key, Domain::Identity, &owner, field, sealed).map(Some),
        None => Ok(None),
    };
    let giver = open(&row.try_get::<Vec<u8>, _>("sealed_given_by")?, &kind)?;
    let words = match row.try_get::<Option<Vec<u8>>, _>("sealed_text")? {
        Some(sealed) => open(&sealed, &text_field(rows::id(row, "id")?))?,
        None => None,
    };
    let words: Option<SealedText> = words
        .map(|plain| serde_json::from_slice(&plain))
        .transpose()
        .map_err(|_| RegistryError::Damaged { what: "consent" })?;
    let (words, reference) = words.map(|t| (t.words, t.reference)).unzip();
    Ok(ConsentView {
        id: rows::id(row, "id")?,
        kind: ConsentKind::from_name(&kind).ok_or(RegistryError::Damaged { what: "consent" })?,
        given_by: giver.map(|plain| String::from_utf8_lossy(&plain).into_owned()),
        text_version: row.try_get("text_version")?,
        text_hash: row.try_get("text_hash")?,
        words: words.filter(|words| !words.is_empty()),
        language: row.try_get("language")?,
        modality: row.try_get("modality")?,
        evidence: row.try_get("evidence")?,
        reference: reference.filter(|reference| !reference.is_empty()),
        given_at: rows::instant(row, "given_at")?,
        withdrawn_at: rows::instant_opt(row, "withdrawn_at")?,
    })
}

fn text_field(id: RowId) -> String {
    format!("consent/{id}")
}

/// Said where the law lets the person choose and nobody has chosen; the registry's own rule, whatever the pack says.
pub(crate) fn consent_missing() -> LawItem {
    LawItem {
        code: "consent".to_owned(),
        text: Text::new(
            "Тіркелу ерікті: алдымен келісім керек.",
            "Регистрация добровольна: сначала нужно согласие.",
            "Registration is voluntary: a consent comes first.",
        ),
    }
}
