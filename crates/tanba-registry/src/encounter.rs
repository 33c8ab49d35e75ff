//! A person before an operator: the law first, then consent (in [`crate::consenting`]), capture, comparison with everyone, and the end of it.
//!
//! `open` -> (`consent`) -> `capture` x n -> `complete` -> registered | adjudication | verified | conflict, or
//! `exempt`, or `refuse` (in [`crate::refusal`]). Each step is one transaction with its log entry, so a crash leaves an
//! encounter at the step before or after, and the client repeats the step.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use sqlx::{Row, SqliteConnection};
use tanba_law::{Iin, IinWarning, Text};

use crate::actor::{Actor, Role};
use crate::consenting::consent_missing;
use crate::correction::recorded_dead;
use crate::error::{RegistryError, Result};
use crate::follow_up::PRINTS_POSTPONED;
use crate::gallery_changes::mark_changed;
use crate::ids::{EncounterId, PersonId, RowId};
use crate::institutions::{code, text};
use crate::journal::Entry;
use crate::keys::{key_for_reading, key_for_writing};
use crate::law::{LawAnswer, LawItem};
use crate::population_register::CivilRecord;
use crate::registry::{Mode, Registry};
use crate::rights::is_restricted;
use crate::rows;
use crate::store::WriteTx;
use crate::vault::{Domain, fresh_bytes};

/// The start of an encounter, as a station sends it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenEncounter {
    /// The client's own key for this encounter: sent twice, it is the same encounter.
    pub client_key: String,
    /// Why the person is here, by the trigger codes of law packs (`identity_card`, `passport`, ...).
    pub trigger: String,
    /// The individual identification number, where the person has one.
    #[serde(default)]
    pub iin: Option<String>,
    /// What the operator typed where no register knows the person; provisional until a register confirms it.
    /// `born` and `status` are needed then.
    #[serde(default)]
    pub typed: BTreeMap<String, String>,
}

/// How far an encounter has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EncounterState {
    /// Being worked on.
    Open,
    /// Waiting for examiners to judge candidates.
    Adjudication,
    /// The person's prints are registered.
    Registered,
    /// The person was registered before, and these prints are theirs.
    Verified,
    /// Examined and found exempt.
    Exempt,
    /// The person refused.
    Refused,
    /// The law says no.
    Denied,
    /// Two examiners found the person registered under another record.
    Duplicate,
    /// The prints are not those registered under this identity.
    Conflict,
}

/// An encounter as the operator sees it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EncounterView {
    /// The encounter.
    pub id: EncounterId,
    /// The person it is attributed to.
    pub person: PersonId,
    /// How far it has come.
    pub state: EncounterState,
    /// Why the person is here.
    pub trigger: String,
    /// What the law says.
    pub law: LawAnswer,
    /// Identity attributes by name; shown to the operator who opened it.
    pub identity: BTreeMap<String, String>,
    /// The identity was typed and no register confirmed it.
    pub provisional: bool,
    /// The person is registered already: prints are compared with theirs, not registered again.
    pub already_registered: bool,
    /// What the operator should know.
    pub warnings: Vec<String>,
    /// What the capture station opens its device with; none while the law misses something, and after the capture.
    pub capture_permit: Option<String>,
    /// Most fingers that the law lets be captured.
    pub fingers_allowed: u8,
}

/// One row of `encounters`, opened.
pub(crate) struct EncounterRow {
    pub id: EncounterId,
    pub person: PersonId,
    pub natural_person: String,
    pub station: String,
    pub trigger: String,
    pub state: EncounterState,
    pub facts: Map<String, Value>,
}

impl Registry {
    /// Opens an encounter: finds the person, asks the law, records the basis. No capture is possible before it.
    ///
    /// # Errors
    /// Denied (and logged) where the law forbids registration, the site may not start it, or the role is missing;
    /// invalid input; a conflict where the client key was used for something else.
    pub async fn open_encounter(&self, actor: &Actor, new: &OpenEncounter) -> Result<EncounterView> {
        self.demand(actor, Role::Operator, "open an encounter").await?;
        code("client_key", &new.client_key)?;
        code("trigger", &new.trigger)?;
        let station = actor.station().ok_or(RegistryError::Invalid {
            field: "station",
            problem: "encounters are opened at a station: sign in with its code".to_owned(),
        })?;
        let iin = new.iin.as_deref().map(|text| self.accept_iin(text)).transpose()?;
        let request_hash = self.request_hash(actor, new)?;
        if let Some(seen) = self.encounter_of_key(&new.client_key, &request_hash).await? {
            return self.view_encounter(actor, seen).await;
        }
        let refused = if !station.triggers.contains(&new.trigger) {
            Some(("site_trigger", "rules of the site", "this kind of registration may not start at this site"))
        } else if !self.inner.law().conducts(actor.body(), &new.trigger, self.today()) {
            Some(("body_not_listed", "conducted_by", "the law does not name this body for this kind of registration"))
        } else {
            None
        };
        if let Some((code, clause, text)) = refused {
            let denial = Entry::denial("encounter.denied", Some(actor))
                .purpose("registration")
                .details(json!({"trigger": new.trigger, "reason": code}));
            return self
                .deny(denial, code, clause, text, vec!["send the person to a place where it may".to_owned()])
                .await;
        }

        let record = iin.as_ref().map(|iin| self.inner.register.fetch(iin)).transpose()?.flatten();
        let attributes = identity_attributes(iin.as_ref(), record.as_ref(), &new.typed)?;
        let facts = facts_of(new, record.as_ref(), &attributes)?;
        let today = self.today();
        let known_person = match &iin {
            Some(iin) => self.person_of_iin(iin).await?,
            None => None,
        };

        // The law before anything is stored: where it says "must not", no row about the person is made.
        let law_asked = self.inner.law();
        let law = law_asked.enrolment(&facts, today)?;
        if law.forbids() {
            let denial = Entry::denial("encounter.denied", Some(actor))
                .purpose("registration")
                .law(&law.pack_hash, &law.clause)
                .about_all(known_person)
                .details(json!({"trigger": new.trigger, "pack": law.pack}));
            return self.deny_by_law(denial, "must_not_register", &law.clause, &law.text, law.needs()).await;
        }

        let mut tx = WriteTx::begin(&self.inner).await?;
        self.demand_same_law(&law_asked)?;
        let now = tx.now();
        let id = EncounterId::fresh(now.micros(), fresh_bytes()?);
        // Read again inside the transaction: another station may have opened an encounter for the same number meanwhile.
        let known_person = match &iin {
            Some(iin) => person_of_blind(tx.sql(), &self.blind_iin(iin)).await?,
            None => None,
        };
        if let Some(person) = known_person
            && recorded_dead(tx.sql(), person).await?
        {
            return self.deny_dead(tx, actor, person).await;
        }
        if let Some(person) = known_person
            && is_restricted(tx.sql(), person).await?
        {
            return self.deny_restricted(tx, actor, person, ("encounter.denied", "registration")).await;
        }
        let person = match known_person {
            Some(person) => person,
            None => {
                let person = PersonId::fresh(now.micros(), fresh_bytes()?);
                sqlx::query("INSERT INTO persons (id, state, created_at) VALUES ($1, 'provisional', $2)")
                    .bind(person.to_string())
                    .bind(now.micros())
                    .execute(tx.sql())
                    .await?;
                person
            }
        };
        let owner = id.to_string();
        let key = key_for_writing(&self.inner.vault, tx.sql(), now, &owner, Domain::Identity).await?;
        let facts_plain = serde_json::to_vec(&facts).map_err(|_| RegistryError::Damaged { what: "facts" })?;
        let sealed_facts = self.inner.vault.seal(&key, Domain::Identity, &owner, "facts", &facts_plain)?;
        let inserted = sqlx::query(
            "INSERT INTO encounters (id, person_id, station_id, account_id, client_key, request_hash, trigger_code, state, category, pack, pack_hash, clause, sealed_facts, opened_at, closed_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, 'open', $8, $9, $10, $11, $12, $13, NULL) ON CONFLICT (client_key) DO NOTHING",
        )
        .bind(&owner)
        .bind(person.to_string())
        .bind(station.id.to_string())
        .bind(actor.account().to_string())
        .bind(&new.client_key)
        .bind(&request_hash)
        .bind(&new.trigger)
        .bind(&law.category)
        .bind(&law.pack)
        .bind(&law.pack_hash)
        .bind(&law.clause)
        .bind(sealed_facts)
        .bind(now.micros())
        .execute(tx.sql())
        .await?;
        if inserted.rows_affected() == 0 {
            // The same request arrived twice at once, and the other one won.
            drop(tx);
            return match self.encounter_of_key(&new.client_key, &request_hash).await? {
                Some(seen) => self.view_encounter(actor, seen).await,
                None => Err(RegistryError::Damaged { what: "encounter" }),
            };
        }
        for attribute in &attributes {
            let sealed =
                self.inner.vault.seal(&key, Domain::Identity, &owner, attribute.name, attribute.value.as_bytes())?;
            let blind = match attribute.name {
                "iin" => Some(self.inner.vault.blind("iin", attribute.value.as_bytes())),
                _ => None,
            };
            sqlx::query("INSERT INTO identity_attributes (id, encounter_id, name, sealed_value, value_blind, source, provisional, valid_from, valid_to, recorded_at, superseded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, NULL, $8, NULL)")
                .bind(RowId::fresh(now.micros(), fresh_bytes()?).to_string())
                .bind(&owner)
                .bind(attribute.name)
                .bind(sealed)
                .bind(blind)
                .bind(attribute.source)
                .bind(i64::from(attribute.source == "typed"))
                .bind(now.micros())
                .execute(tx.sql())
                .await?;
        }
        let identity: Vec<_> = attributes.iter().map(|a| (a.name, a.value.as_str())).collect();
        self.write_name_keys(tx.sql(), id, &identity).await?;
        // A known person whose papers say something else now.
        mark_changed(&mut tx, person).await?;
        let entry = Entry::effect("encounter.opened", actor)
            .purpose("registration")
            .law(&law.pack_hash, &law.clause)
            .about(person)
            .details(json!({"encounter": id, "trigger": new.trigger, "category": law.category}));
        tx.commit(&entry).await?;
        self.follow_soon([person]).await;
        self.build_view(id).await
    }

    /// The encounter as it stands; the look is logged.
    ///
    /// # Errors
    /// Not found, or denied where the account neither opened it nor works at the same site.
    pub async fn view_encounter(&self, actor: &Actor, id: EncounterId) -> Result<EncounterView> {
        let row = self.encounter_for(actor, id).await?;
        let tx = WriteTx::begin(&self.inner).await?;
        let entry = Entry::look("encounter.viewed", actor).purpose("registration").about(row.person);
        tx.commit(&entry.details(json!({"encounter": id}))).await?;
        self.build_view(id).await
    }

    /// An open encounter that this account may work on.
    pub(crate) async fn open_encounter_of(&self, actor: &Actor, id: EncounterId) -> Result<EncounterRow> {
        let row = self.encounter_for(actor, id).await?;
        if row.state != EncounterState::Open {
            return Err(RegistryError::Conflict {
                what: "this encounter is closed",
                next: "open a new encounter for the person",
            });
        }
        Ok(row)
    }

    /// An encounter that this account may see: its operator's, or one of the same station.
    pub(crate) async fn encounter_for(&self, actor: &Actor, id: EncounterId) -> Result<EncounterRow> {
        self.demand(actor, Role::Operator, "work on an encounter").await?;
        let row = self.load_encounter(id).await?;
        let same_station = actor.station().is_some_and(|s| s.id.to_string() == row.station);
        if !same_station {
            // The same answer as for an unknown id: whether an encounter exists is nobody else's business.
            return Err(RegistryError::NotFound { what: "encounter" });
        }
        self.demand_unrestricted(actor, row.person, ("encounter.denied", "registration")).await?;
        Ok(row)
    }

    pub(crate) async fn load_encounter(&self, id: EncounterId) -> Result<EncounterRow> {
        let mut sql = self.inner.pool.acquire().await?;
        let row = sqlx::query(
            "SELECT e.*, a.natural_person FROM encounters e JOIN accounts a ON a.id = e.account_id WHERE e.id = $1",
        )
        .bind(id.to_string())
        .fetch_optional(&mut *sql)
        .await?
        .ok_or(RegistryError::NotFound { what: "encounter" })?;
        let owner = id.to_string();
        let facts = match key_for_reading(&self.inner.vault, &mut sql, &owner, Domain::Identity).await? {
            Some(key) => {
                let sealed: Vec<u8> = row.try_get("sealed_facts")?;
                let plain = self.inner.vault.open(&key, Domain::Identity, &owner, "facts", &sealed)?;
                serde_json::from_slice(&plain).map_err(|_| RegistryError::Damaged { what: "facts" })?
            }
            None => Map::new(),
        };
        Ok(EncounterRow {
            id,
            person: rows::id(&row, "person_id")?,
            natural_person: row.try_get("natural_person")?,
            station: row.try_get("station_id")?,
            trigger: row.try_get("trigger_code")?,
            state: parse_state(&row.try_get::<String, _>("state")?)?,
            facts,
        })
    }

    /// The law's answer for an encounter with everything recorded so far. Where the law leaves it to the person, a consent is
    /// asked whatever the pack lists.
    pub(crate) async fn law_of(&self, row: &EncounterRow) -> Result<LawAnswer> {
        let given = self.given_facts(row).await?;
        let mut facts = row.facts.clone();
        facts.insert("guardian_consent".to_owned(), json!(given.guardian_consent));
        facts.insert("guardian_present".to_owned(), json!(given.guardian_present));
        facts.insert("consent".to_owned(), json!(given.consent));
        facts.insert("written_consent".to_owned(), json!(given.written));
        let mut answer = self.inner.law().enrolment(&facts, self.today())?;
        if answer.category == "may" && answer.missing.is_empty() && !given.consent && !given.guardian_consent {
            answer.missing.push(consent_missing());
        }
        if given.objection {
            answer.missing.push(LawItem { code: "objection".to_owned(), text: objection_text() });
        }
        Ok(answer)
    }

    pub(crate) async fn build_view(&self, id: EncounterId) -> Result<EncounterView> {
        let row = self.load_encounter(id).await?;
        let law = self.law_of(&row).await?;
        let mut sql = self.inner.pool.acquire().await?;
        let attributes = sqlx::query("SELECT name, sealed_value, provisional FROM identity_attributes WHERE encounter_id = $1 AND superseded_at IS NULL ORDER BY name")
            .bind(id.to_string())
            .fetch_all(&mut *sql)
            .await?;
        let owner = id.to_string();
        let key = key_for_reading(&self.inner.vault, &mut sql, &owner, Domain::Identity).await?;
        let mut identity = BTreeMap::new();
        let mut provisional = false;
        if let Some(key) = key {
            for attribute in &attributes {
                let name: String = attribute.try_get("name")?;
                let sealed: Vec<u8> = attribute.try_get("sealed_value")?;
                let value = self.inner.vault.open(&key, Domain::Identity, &owner, &name, &sealed)?;
                provisional |= rows::number::<i64>(attribute, "provisional")? == 1;
                identity.insert(name, String::from_utf8_lossy(&value).into_owned());
            }
        }
        let already_registered = has_active_registration(&mut sql, row.person, Some(id)).await?;
        let mut warnings = law.diagnostics.clone();
        if let (Some(iin), Some(born)) = (identity.get("iin"), identity.get("born"))
            && let Ok(iin) = Iin::parse(iin)
        {
            // The number is never changed when a record is corrected, so a difference is looked at, not refused.
            warnings.extend(iin.warnings(born.parse().ok(), None).iter().map(|w| iin_warning(*w).to_owned()));
        }
        if provisional {
            warnings.push("no register confirmed the identity: it stays provisional until one does".to_owned());
        }
        drop(sql);
        if self.follow_ups(row.person).await?.iter().any(|task| task.kind == PRINTS_POSTPONED) {
            warnings
                .push("prints were postponed at an earlier visit: take them now, if the hands have healed".to_owned());
        }
        Ok(EncounterView {
            capture_permit: self.capture_permit(&row, &law),
            fingers_allowed: self.inner.law().fingers_allowed(self.today()),
            id,
            person: row.person,
            state: row.state,
            trigger: row.trigger,
            law,
            identity,
            provisional,
            already_registered,
            warnings,
        })
    }

    /// An identification number that this instance accepts.
    pub(crate) fn accept_iin(&self, text: &str) -> Result<Iin> {
        let iin = Iin::parse(text).map_err(|e| RegistryError::Invalid { field: "iin", problem: e.to_string() })?;
        if self.inner.mode == Mode::Demonstration && !iin.is_synthetic() {
            return Err(RegistryError::Invalid {
                field: "iin",
                problem: "a demonstration takes only synthetic numbers, which belong to no living person".to_owned(),
            });
        }
        Ok(iin)
    }

    pub(crate) fn blind_iin(&self, iin: &Iin) -> Vec<u8> {
        self.inner.vault.blind("iin", iin.reveal().as_bytes())
    }

    /// The person that an identification number is attributed to, if any.
    pub(crate) async fn person_of_iin(&self, iin: &Iin) -> Result<Option<PersonId>> {
        let mut sql = self.inner.pool.acquire().await?;
        person_of_blind(&mut sql, &self.blind_iin(iin)).await
    }

    async fn encounter_of_key(&self, client_key: &str, request_hash: &[u8]) -> Result<Option<EncounterId>> {
        let row = sqlx::query("SELECT id, request_hash FROM encounters WHERE client_key = $1")
            .bind(client_key)
            .fetch_optional(&self.inner.pool)
            .await?;
        let Some(row) = row else { return Ok(None) };
        if row.try_get::<Vec<u8>, _>("request_hash")? != request_hash {
            return Err(RegistryError::Conflict {
                what: "this client key was used for a different encounter",
                next: "give every encounter a key of its own",
            });
        }
        rows::id(&row, "id").map(Some)
    }

    /// A keyed hash of a request: equal requests are recognised without storing what was in them.
    pub(crate) fn request_hash<T: Serialize>(&self, actor: &Actor, request: &T) -> Result<Vec<u8>> {
        let text = serde_json::to_vec(request).map_err(|_| RegistryError::Damaged { what: "request" })?;
        let mut hash = Sha256::new();
        hash.update(actor.account().to_string());
        hash.update([0]);
        hash.update(text);
        Ok(self.inner.vault.blind("request", &hash.finalize()))
    }
}

/// Ends an encounter's work.
pub(crate) async fn close(sql: &mut SqliteConnection, id: EncounterId, state: &'static str, now: i64) -> Result<()> {
    let done = sqlx::query(
        "UPDATE encounters SET state = $1, closed_at = $2 WHERE id = $3 AND state IN ('open', 'adjudication')",
    )
    .bind(state)
    .bind(now)
    .bind(id.to_string())
    .execute(sql)
    .await?;
    if done.rows_affected() == 0 {
        return Err(RegistryError::Conflict {
            what: "this encounter is closed",
            next: "open a new encounter for the person",
        });
    }
    Ok(())
}

/// Whether a person's prints are registered by an encounter other than `except`.
pub(crate) async fn has_active_registration(
    sql: &mut SqliteConnection,
    person: PersonId,
    except: Option<EncounterId>,
) -> Result<bool> {
    let n: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM registrations r JOIN encounters e ON e.id = r.encounter_id WHERE e.person_id = $1 AND r.state = 'active' AND e.id <> $2",
    )
    .bind(person.to_string())
    .bind(except.map(|e| e.to_string()).unwrap_or_default())
    .fetch_one(sql)
    .await?;
    Ok(n > 0)
}

pub(crate) async fn person_of_blind(sql: &mut SqliteConnection, blind: &[u8]) -> Result<Option<PersonId>> {
    let row = sqlx::query(
        "SELECT e.person_id FROM identity_attributes i JOIN encounters e ON e.id = i.encounter_id \
         WHERE i.name = 'iin' AND i.value_blind = $1 AND i.superseded_at IS NULL AND e.state NOT IN ('conflict', 'denied', 'duplicate') ORDER BY e.opened_at LIMIT 1",
    )
    .bind(blind)
    .fetch_optional(sql)
    .await?;
    row.map(|r| rows::id(&r, "person_id")).transpose()
}

pub(crate) fn parse_state(text: &str) -> Result<EncounterState> {
    serde_json::from_value(Value::String(text.to_owned())).map_err(|_| RegistryError::Damaged { what: "encounter" })
}

/// Said where someone objects; the registry's own rule, whatever the pack says.
fn objection_text() -> Text {
    Text::new(
        "Адам қарсылық білдірді: саусақ таңбасын алу тоқтатылды. Бас тартуды рәсімдеңіз.",
        "Человек возразил: снятие отпечатков остановлено. Оформите отказ.",
        "The person objected: capture has stopped. Record the refusal.",
    )
}

fn iin_warning(warning: IinWarning) -> &'static str {
    match warning {
        IinWarning::BirthDateDiffers => {
            "the number names another birth date than the record: ask, and trust the record"
        }
        IinWarning::CenturyUnknown => "the number's seventh digit is not one that is assigned: look at the document",
        IinWarning::SexDiffers => "the number names another sex than the record: ask, and trust the record",
    }
}

/// One attribute to be sealed and stored.
struct Attribute {
    name: &'static str,
    value: String,
    source: &'static str,
}

/// The attributes that are kept, by name; anything else that was sent is refused.
const ATTRIBUTES: [&str; 11] = [
    "iin",
    "born",
    "status",
    "sex",
    "family_name_kk",
    "given_name_kk",
    "family_name_ru",
    "given_name_ru",
    "family_name_latin",
    "given_name_latin",
    "citizenship",
];

fn identity_attributes(
    iin: Option<&Iin>,
    record: Option<&CivilRecord>,
    typed: &BTreeMap<String, String>,
) -> Result<Vec<Attribute>> {
    let mut kept: BTreeMap<&'static str, Attribute> = BTreeMap::new();
    for (name, value) in typed {
        let Some(name) = ATTRIBUTES.into_iter().find(|known| known == name && *known != "iin") else {
            return Err(RegistryError::Invalid {
                field: "typed",
                problem: format!("only {} may be typed", ATTRIBUTES[1..].join(", ")),
            });
        };
        text("typed", value)?;
        kept.insert(name, Attribute { name, value: value.clone(), source: "typed" });
    }
    // The register's word replaces what was typed.
    if let Some(record) = record {
        let mut from_register = |name: &'static str, value: &str| {
            kept.insert(name, Attribute { name, value: value.to_owned(), source: "population_register" });
        };
        from_register("born", &record.born.to_string());
        from_register("status", &record.status);
        from_register("sex", &record.sex);
        for (name, value) in &record.names {
            if let Some(name) = ATTRIBUTES.into_iter().find(|known| known == name) {
                from_register(name, value);
            }
        }
    }
    if let Some(iin) = iin {
        let source = if record.is_some() { "population_register" } else { "typed" };
        kept.insert("iin", Attribute { name: "iin", value: iin.reveal(), source });
    }
    Ok(kept.into_values().collect())
}

/// The facts that the law is asked with; kept sealed, so that the question can be asked again as of later.
fn facts_of(new: &OpenEncounter, record: Option<&CivilRecord>, attributes: &[Attribute]) -> Result<Map<String, Value>> {
    let value = |name: &str| attributes.iter().find(|a| a.name == name).map(|a| a.value.clone());
    let (Some(born), Some(status)) = (value("born"), value("status")) else {
        return Err(RegistryError::Invalid {
            field: "typed",
            problem: "no register knows the person: give at least born (YYYY-MM-DD) and status".to_owned(),
        });
    };
    let mut facts = Map::new();
    facts.insert("born".to_owned(), json!(born));
    facts.insert("status".to_owned(), json!(status));
    facts.insert("trigger".to_owned(), json!(new.trigger));
    facts.insert("iin".to_owned(), json!(value("iin")));
    facts.insert("guardians".to_owned(), json!(record.map(|r| r.guardians.clone()).unwrap_or_default()));
    Ok(facts)
}
