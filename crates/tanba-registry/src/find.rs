//! Finding a person at the counter: by number, by document, or by how a name sounds.
//!
//! What is shown is as little as an operator needs to know whom to ask: name, year of birth, and a number of which only
//! the end can be read. The numbers themselves stay here, behind handles that live for half an hour. A person whom nobody
//! knows is answered in the same shape as one whom everybody knows, and each search is an entry in the log.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{Row, SqliteConnection};
use tanba_law::Iin;

use crate::actor::{Actor, Role};
use crate::encounter::{EncounterView, OpenEncounter};
use crate::error::{RegistryError, Result};
use crate::ids::{AccountId, DocumentId, EncounterId, PersonId, RowId};
use crate::institutions::text;
use crate::journal::Entry;
use crate::keys::key_for_reading;
use crate::phonetic;
use crate::population_register::CivilRecord;
use crate::registry::Registry;
use crate::rights::is_restricted;
use crate::rows;
use crate::shift::at_station;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::{Domain, fresh_bytes};

/// People shown for one search.
pub(crate) const PEOPLE_SHOWN: usize = 10;
/// Own records read at most for one search by name.
const RECORDS_READ: i64 = 200;
/// How long a handle stands for a number, seconds.
const HANDLE_SECONDS: i64 = 1800;
/// Handles kept for one account: those of its last searches.
const HANDLES_KEPT: usize = 5 * PEOPLE_SHOWN;

/// Who is looked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PersonQuery {
    /// By individual identification number.
    Iin(String),
    /// By the number of an identity document.
    Document(String),
    /// By name, in Kazakh, Russian or Latin spelling.
    Name {
        /// Family name.
        family: String,
        /// Given name, where it is known.
        given: Option<String>,
        /// Year of birth, where it is known.
        born_year: Option<i16>,
    },
}

/// Who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FoundSource {
    /// The population register.
    PopulationRegister,
    /// An earlier encounter, here.
    OwnRecord,
}

/// A person as an operator sees them before an encounter.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FoundPerson {
    /// Stands for the person in [`Registry::open_encounter_found`]; none where the person has no number.
    pub handle: Option<RowId>,
    /// The person's record here, if there is one: whoever was shown the person may open it, saying why.
    pub record: Option<PersonId>,
    /// Family and given name by script (`kk`, `ru`, `latin`).
    pub names: BTreeMap<String, String>,
    /// Year of birth.
    pub born_year: Option<i16>,
    /// The number, all but its last four digits hidden.
    pub masked_number: Option<String>,
    /// Who says so.
    pub source: FoundSource,
}

/// The answer to a search for a person.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FoundPeople {
    /// At most ten.
    pub people: Vec<FoundPerson>,
    /// There are more: a given name or a year of birth narrows the search.
    pub more: bool,
    /// The document that was looked for by its number, where it is one of this register.
    pub document: Option<DocumentId>,
}

/// A person found, before the number is hidden.
struct Hit {
    iin: Option<Iin>,
    person: Option<PersonId>,
    names: BTreeMap<String, String>,
    born_year: Option<i16>,
    source: FoundSource,
}

/// The numbers behind the handles that were given out, by account.
#[derive(Default)]
pub(crate) struct Handles(BTreeMap<AccountId, VecDeque<(RowId, Iin, Instant)>>);

impl Registry {
    /// Looks for a person: the population register first, then own records.
    ///
    /// # Errors
    /// Denied without the operator's role; invalid without a station, or where the query cannot be one.
    pub async fn find_person(&self, actor: &Actor, query: &PersonQuery) -> Result<FoundPeople> {
        self.demand(actor, Role::Operator, "look for a person").await?;
        at_station(actor)?;
        let mut document = None;
        let (kind, mut hits) = match query {
            PersonQuery::Iin(number) => {
                let iin = self.accept_iin(number.trim())?;
                ("iin", self.hits_by_iin(&iin).await?)
            }
            PersonQuery::Document(number) => {
                text("document", number)?;
                let found = self.hits_by_document(number.trim()).await?;
                document = found.as_ref().map(|(id, _)| *id);
                ("document", found.into_iter().flat_map(|(_, hit)| hit).collect())
            }
            PersonQuery::Name { family, given, born_year } => {
                text("family", family)?;
                let given = given.as_deref().map(str::trim).filter(|given| !given.is_empty());
                if let Some(given) = given {
                    text("given", given)?;
                }
                ("name", self.hits_by_name(family, given, *born_year, None).await?)
            }
        };
        let more = hits.len() > PEOPLE_SHOWN;
        hits.truncate(PEOPLE_SHOWN);
        let people = self.show(actor, hits.iter())?;
        let tx = WriteTx::begin(&self.inner).await?;
        let entry = Entry::look("person.searched", actor)
            .purpose("registration")
            .about_all(hits.iter().filter_map(|hit| hit.person))
            .details(json!({"by": kind, "shown": people.len(), "more": more}));
        tx.commit(&entry).await?;
        Ok(FoundPeople { people, more, document })
    }

    /// Opens an encounter for a person whom [`Registry::find_person`] showed to this account.
    ///
    /// # Errors
    /// A conflict where the handle is unknown or half an hour old; else those of [`Registry::open_encounter`].
    pub async fn open_encounter_found(
        &self,
        actor: &Actor,
        client_key: &str,
        trigger: &str,
        handle: RowId,
    ) -> Result<EncounterView> {
        let now = self.inner.clock.now();
        let iin = {
            let handles = self.inner.found.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            handles.number(actor.account(), handle, now).map(Iin::reveal)
        };
        let new = OpenEncounter {
            client_key: client_key.to_owned(),
            trigger: trigger.to_owned(),
            iin: Some(iin.ok_or(RegistryError::Conflict {
                what: "this search result is no longer at hand",
                next: "search for the person again",
            })?),
            typed: BTreeMap::new(),
        };
        self.open_encounter(actor, &new).await
    }

    /// What the operator is shown of the people found; their numbers stay behind handles.
    fn show<'h>(&self, actor: &Actor, hits: impl Iterator<Item = &'h Hit>) -> Result<Vec<FoundPerson>> {
        let now = self.inner.clock.now();
        let mut people = Vec::new();
        let mut handles = self.inner.found.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for hit in hits {
            let handle = match &hit.iin {
                Some(iin) => Some(handles.keep(actor.account(), iin, now)?),
                None => None,
            };
            people.push(FoundPerson {
                handle,
                record: hit.person,
                names: hit.names.clone(),
                born_year: hit.born_year,
                masked_number: hit.iin.as_ref().map(masked),
                source: hit.source,
            });
        }
        Ok(people)
    }

    async fn hits_by_iin(&self, iin: &Iin) -> Result<Vec<Hit>> {
        let person = self.person_of_iin(iin).await?;
        match self.inner.register.fetch(iin) {
            Ok(Some(record)) => return Ok(vec![hit_of_record(&record, Some(*iin), person)]),
            // Whoever is registered is found in the own record; whether anybody else exists, nobody can say now.
            Err(away) if person.is_none() => return Err(away.into()),
            Ok(None) | Err(_) => {}
        }
        let mut sql = self.inner.pool.acquire().await?;
        match person {
            Some(person) => Ok(self.hit_of_person(&mut sql, person).await?.into_iter().collect()),
            None => Ok(Vec::new()),
        }
    }

    async fn hits_by_document(&self, number: &str) -> Result<Option<(DocumentId, Option<Hit>)>> {
        let row = sqlx::query("SELECT id, person_id FROM documents WHERE number_blind = $1")
            .bind(self.inner.vault.blind("document", number.as_bytes()))
            .fetch_optional(&self.inner.pool)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let mut sql = self.inner.pool.acquire().await?;
        let hit = self.hit_of_person(&mut sql, rows::id(&row, "person_id")?).await?;
        Ok(Some((rows::id(&row, "id")?, hit)))
    }

    /// People whose names sound like these, the register's first; one entry for each person.
    async fn hits_by_name(
        &self,
        family: &str,
        given: Option<&str>,
        born_year: Option<i16>,
        except: Option<PersonId>,
    ) -> Result<Vec<Hit>> {
        let family_keys = phonetic::skeletons(family);
        let given_keys = given.map(phonetic::skeletons);
        if family_keys.is_empty() || given_keys.as_ref().is_some_and(BTreeSet::is_empty) {
            return Err(RegistryError::Invalid {
                field: "family",
                problem: "give a name in Kazakh, Russian or Latin letters".to_owned(),
            });
        }
        let of_year = |hit: &Hit| born_year.is_none_or(|year| hit.born_year.is_none_or(|y| y == year));
        let mut hits: Vec<Hit> = Vec::new();
        let mut numbers: BTreeSet<String> = BTreeSet::new();
        let mut people: BTreeSet<PersonId> = except.into_iter().collect();
        for record in self.inner.register.search_names(family, given, born_year, PEOPLE_SHOWN * 2)? {
            let Ok(iin) = Iin::parse(&record.iin) else { continue };
            let person = self.person_of_iin(&iin).await?;
            let hit = hit_of_record(&record, Some(iin), person);
            if of_year(&hit) && !(person.is_some() && person == except) && numbers.insert(record.iin.clone()) {
                people.extend(person);
                hits.push(hit);
            }
        }
        let mut sql = self.inner.pool.acquire().await?;
        for (encounter, person) in self.by_sound(&mut sql, &family_keys, given_keys.as_ref(), born_year).await? {
            if hits.len() > PEOPLE_SHOWN {
                break;
            }
            if people.contains(&person) {
                continue;
            }
            let Some(hit) = self.hit_of_encounter(&mut sql, encounter, person).await? else { continue };
            if hit.iin.as_ref().is_none_or(|iin| !numbers.contains(&iin.reveal())) {
                people.insert(person);
                hits.push(hit);
            }
        }
        Ok(hits)
    }

    /// Encounters, and whose they are, by how the names in them sound.
    async fn by_sound(
        &self,
        sql: &mut SqliteConnection,
        family: &BTreeSet<String>,
        given: Option<&BTreeSet<String>>,
        born_year: Option<i16>,
    ) -> Result<Vec<(EncounterId, PersonId)>> {
        // A name has one skeleton or two; the second place repeats the first where there is one.
        let blinds = |part: &str, keys: &BTreeSet<String>| {
            let mut keys = keys.iter().map(|key| self.blind_sound(part, key));
            let first = keys.next().unwrap_or_default();
            let second = keys.next().unwrap_or_else(|| first.clone());
            [first, second]
        };
        let family = match born_year {
            Some(year) => blinds(&born_in(year), family),
            None => blinds("family", family),
        };
        let given = given.map(|keys| blinds("given", keys));
        let found = sqlx::query(
            "SELECT DISTINCT k.encounter_id, e.person_id FROM name_keys k JOIN encounters e ON e.id = k.encounter_id \
             WHERE k.key_blind IN ($1, $2) AND e.state NOT IN ('denied', 'duplicate', 'conflict') \
             AND ($3 = 0 OR EXISTS (SELECT 1 FROM name_keys g WHERE g.encounter_id = k.encounter_id AND g.key_blind IN ($4, $5))) \
             ORDER BY k.encounter_id DESC LIMIT $6",
        )
        .bind(&family[0])
        .bind(&family[1])
        .bind(i64::from(given.is_some()))
        .bind(given.as_ref().map(|g| g[0].clone()).unwrap_or_default())
        .bind(given.as_ref().map(|g| g[1].clone()).unwrap_or_default())
        .bind(RECORDS_READ)
        .fetch_all(sql)
        .await?;
        found.iter().map(|row| Ok((rows::id(row, "encounter_id")?, rows::id(row, "person_id")?))).collect()
    }

    /// The person's latest encounter as a hit.
    async fn hit_of_person(&self, sql: &mut SqliteConnection, person: PersonId) -> Result<Option<Hit>> {
        let encounter: Option<String> =
            sqlx::query_scalar("SELECT id FROM encounters WHERE person_id = $1 ORDER BY opened_at DESC LIMIT 1")
                .bind(person.to_string())
                .fetch_optional(&mut *sql)
                .await?;
        match encounter {
            Some(encounter) => self.hit_of_encounter(sql, rows::parse_id(&encounter)?, person).await,
            None => Ok(None),
        }
    }

    async fn hit_of_encounter(
        &self,
        sql: &mut SqliteConnection,
        encounter: EncounterId,
        person: PersonId,
    ) -> Result<Option<Hit>> {
        if is_restricted(&mut *sql, person).await? {
            // Kept and not used, at the holder's request: what the population register says of them is its own.
            return Ok(None);
        }
        let identity = self.identity_of_encounter(sql, encounter).await?;
        if identity.is_empty() {
            // Its keys were destroyed: there is nothing to show.
            return Ok(None);
        }
        Ok(Some(Hit {
            iin: identity.get("iin").and_then(|iin| Iin::parse(iin).ok()),
            person: Some(person),
            names: full_names(&identity),
            born_year: identity.get("born").and_then(|born| born.get(..4)?.parse().ok()),
            source: FoundSource::OwnRecord,
        }))
    }

    /// Identity attributes of an encounter that hold now, by name.
    pub(crate) async fn identity_of_encounter(
        &self,
        sql: &mut SqliteConnection,
        encounter: EncounterId,
    ) -> Result<BTreeMap<String, String>> {
        let owner = encounter.to_string();
        let Some(key) = key_for_reading(&self.inner.vault, &mut *sql, &owner, Domain::Identity).await? else {
            return Ok(BTreeMap::new());
        };
        let found = sqlx::query("SELECT name, sealed_value FROM identity_attributes WHERE encounter_id = $1 AND superseded_at IS NULL ORDER BY name")
            .bind(&owner)
            .fetch_all(sql)
            .await?;
        let mut identity = BTreeMap::new();
        for row in &found {
            let name: String = row.try_get("name")?;
            let sealed: Vec<u8> = row.try_get("sealed_value")?;
            let value = self.inner.vault.open(&key, Domain::Identity, &owner, &name, &sealed)?;
            identity.insert(name, String::from_utf8_lossy(&value).into_owned());
        }
        Ok(identity)
    }

    /// People other than `except` whose names sound like those of an identity; who they are stays inside.
    pub(crate) async fn namesakes(
        &self,
        actor: &Actor,
        identity: &BTreeMap<String, String>,
        except: PersonId,
    ) -> Result<(Vec<FoundPerson>, Vec<PersonId>)> {
        let born_year = identity.get("born").and_then(|born| born.get(..4)?.parse().ok());
        let mut hits: Vec<Hit> = Vec::new();
        for script in SCRIPTS {
            let Some(family) = identity.get(&format!("family_name_{script}")) else { continue };
            let given = identity.get(&format!("given_name_{script}"));
            if phonetic::skeletons(family).is_empty() {
                continue;
            }
            let given = given.map(String::as_str).filter(|given| !phonetic::skeletons(given).is_empty());
            for hit in self.hits_by_name(family, given, born_year, Some(except)).await? {
                let same_number =
                    |h: &Hit| h.iin.is_some() && h.iin.as_ref().map(Iin::reveal) == hit.iin.as_ref().map(Iin::reveal);
                let own_number = hit.iin.as_ref().map(Iin::reveal).as_ref() == identity.get("iin") && hit.iin.is_some();
                let known = hits.iter().any(|h| same_number(h) || (h.person.is_some() && h.person == hit.person));
                if !known && !own_number {
                    hits.push(hit);
                }
            }
        }
        hits.truncate(PEOPLE_SHOWN);
        let people = hits.iter().filter_map(|hit| hit.person).collect();
        Ok((self.show(actor, hits.iter())?, people))
    }

    fn blind_sound(&self, part: &str, key: &str) -> Vec<u8> {
        self.inner.vault.blind("name", format!("{part}/{key}").as_bytes())
    }

    /// Fills the keys of an encounter's names afresh; called wherever its names are written. A name may come in several values:
    /// people are looked for under former names too.
    pub(crate) async fn write_name_keys(
        &self,
        sql: &mut SqliteConnection,
        encounter: EncounterId,
        identity: &[(&str, &str)],
    ) -> Result<()> {
        let born = identity.iter().find(|(name, _)| *name == "born");
        let born_year: Option<i16> = born.and_then(|(_, born)| born.get(..4)?.parse().ok());
        let mut keys = BTreeSet::new();
        for (name, value) in identity {
            let part = if name.starts_with("family_name_") {
                "family"
            } else if name.starts_with("given_name_") {
                "given"
            } else {
                continue;
            };
            for key in phonetic::skeletons(value) {
                keys.insert(self.blind_sound(part, &key));
                if let (Some(year), "family") = (born_year, part) {
                    keys.insert(self.blind_sound(&born_in(year), &key));
                }
            }
        }
        sqlx::query("DELETE FROM name_keys WHERE encounter_id = $1")
            .bind(encounter.to_string())
            .execute(&mut *sql)
            .await?;
        for key in keys {
            sqlx::query("INSERT INTO name_keys (key_blind, encounter_id) VALUES ($1, $2)")
                .bind(key)
                .bind(encounter.to_string())
                .execute(&mut *sql)
                .await?;
        }
        Ok(())
    }

    /// Keys for encounters that a version without them has written.
    pub(crate) async fn fill_name_keys(&self) -> Result<()> {
        let without: Vec<String> = sqlx::query_scalar(
            "SELECT DISTINCT i.encounter_id FROM identity_attributes i JOIN data_keys d ON d.owner_id = i.encounter_id AND d.domain = 'identity' AND d.wrapped IS NOT NULL \
             WHERE (i.name LIKE 'family_name_%' OR i.name LIKE 'given_name_%') AND i.superseded_at IS NULL \
             AND NOT EXISTS (SELECT 1 FROM name_keys k WHERE k.encounter_id = i.encounter_id)",
        )
        .fetch_all(&self.inner.pool)
        .await?;
        if without.is_empty() {
            return Ok(());
        }
        let mut tx = WriteTx::begin(&self.inner).await?;
        let mut filled = 0_u64;
        for encounter in &without {
            let id = rows::parse_id(encounter)?;
            let identity = self.identity_of_encounter(tx.sql(), id).await?;
            let identity: Vec<_> = identity.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            // A name without a letter has no key and is looked at on every start: harmless, and rare.
            self.write_name_keys(tx.sql(), id, &identity).await?;
            filled += 1;
        }
        tx.commit(&Entry::system("name_keys.filled").details(json!({"encounters": filled}))).await?;
        Ok(())
    }
}

/// The part of a key for family names of people born in a year: a common name alone would find too many.
fn born_in(year: i16) -> String {
    format!("family-born-{year}")
}

/// The scripts in which names are kept.
pub(crate) const SCRIPTS: [&str; 3] = ["kk", "ru", "latin"];

/// Family and given name together, by script.
pub(crate) fn full_names(attributes: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    for script in SCRIPTS {
        let parts: Vec<&str> = ["family_name", "given_name"]
            .iter()
            .filter_map(|part| attributes.get(&format!("{part}_{script}")).map(String::as_str))
            .collect();
        if !parts.is_empty() {
            names.insert(script.to_owned(), parts.join(" "));
        }
    }
    names
}

fn hit_of_record(record: &CivilRecord, iin: Option<Iin>, person: Option<PersonId>) -> Hit {
    Hit {
        iin,
        person,
        names: full_names(&record.names),
        born_year: Some(record.born.year()),
        source: FoundSource::PopulationRegister,
    }
}

/// The number with all but its last four digits hidden.
pub(crate) fn masked(iin: &Iin) -> String {
    let number = iin.reveal();
    let shown = number.len().saturating_sub(4);
    number.char_indices().map(|(i, digit)| if i < shown { '•' } else { digit }).collect()
}

impl Handles {
    fn keep(&mut self, account: AccountId, iin: &Iin, now: Instant) -> Result<RowId> {
        let handle = RowId::fresh(now.micros(), fresh_bytes()?);
        // Whoever searched last is whoever is served: what is old, of anyone, goes.
        self.0.retain(|_, kept| kept.back().is_some_and(|(_, _, at)| at.plus_seconds(HANDLE_SECONDS) > now));
        let kept = self.0.entry(account).or_default();
        kept.push_back((handle, *iin, now));
        if kept.len() > HANDLES_KEPT {
            kept.pop_front();
        }
        Ok(handle)
    }

    fn number(&self, account: AccountId, handle: RowId, now: Instant) -> Option<&Iin> {
        let found = self.0.get(&account)?.iter().find(|(id, _, _)| *id == handle)?;
        (found.2.plus_seconds(HANDLE_SECONDS) > now).then_some(&found.1)
    }
}
