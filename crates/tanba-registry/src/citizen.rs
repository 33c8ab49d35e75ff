//! What the person concerned sees on the own page.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::actor::{Actor, Role};
use crate::consent::ConsentView;
use crate::documents::DocumentState;
use crate::encounter::parse_state;
use crate::error::{RegistryError, Result};
use crate::follow_up::FollowUp;
use crate::ids::{PersonId, RefusalId};
use crate::journal::{Entry, Outcome};
use crate::keys::key_for_reading;
use crate::notices::OwnNotices;
use crate::registry::Registry;
use crate::rights::{OwnComparison, OwnRequest, Representation};
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::transparency::OwnEncounter;
use crate::vault::Domain;

/// Everything that a person is shown of the own record.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OwnPage {
    /// Attributes with where each comes from.
    pub attributes: Vec<OwnAttribute>,
    /// Encounters, newest first.
    pub encounters: Vec<OwnEncounter>,
    /// Fingers whose prints are held.
    pub prints_held: u32,
    /// Since when the person has locked the own biometrics, if they are locked.
    pub locked_since: Option<Instant>,
    /// Notices of looks.
    pub notices: OwnNotices,
    /// Genomic profiles that are kept by a consent, which can be taken back.
    pub profiles_by_consent: u32,
    /// Documents, newest first.
    pub documents: Vec<OwnDocument>,
    /// Refusals, newest first, with what follows.
    pub refusals: Vec<OwnRefusal>,
    /// Consents, presences, explanations and objections, newest first.
    pub consents: Vec<ConsentView>,
    /// What is still to come: postponed prints, a decision that is the person's own by now.
    pub follow_ups: Vec<FollowUp>,
    /// Something was erased: there is a certificate of it.
    pub erased: bool,
    /// Own requests with their answers, newest first.
    pub requests: Vec<OwnRequest>,
    /// Comparisons of the own prints on which examiners have decided, newest first: what may be contested.
    pub comparisons: Vec<OwnComparison>,
    /// Documents by which others act for this person, newest first.
    pub representatives: Vec<Representation>,
    /// Documents by which this person acts for others, newest first.
    pub represents: Vec<Representation>,
    /// Everyone who looked at or changed something, newest first, in groups.
    pub looks: Vec<LookGroup>,
    /// There are older entries: ask again with `before` the last place of the last group.
    pub more: bool,
}

/// One attribute as it is held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnAttribute {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// `population_register`, `document`, `typed`, `court`.
    pub source: String,
    /// No register has confirmed it.
    pub provisional: bool,
    /// Since when it is held.
    pub recorded_at: Instant,
}

/// A document in the own record.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OwnDocument {
    /// `identity_card`, `passport`, ...
    pub kind: String,
    /// Where it stands.
    pub state: DocumentState,
    /// Whether the own prints stand behind it.
    pub prints_linked: bool,
    /// Last day of validity.
    pub valid_to: Option<Date>,
    /// When that was last changed.
    pub updated_at: Instant,
}

/// A refusal in the own record.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OwnRefusal {
    /// The refusal.
    pub id: RefusalId,
    /// What may follow.
    pub consequence: String,
    /// Who may decide it.
    pub authority: String,
    /// The fine in money, where the year's index is known.
    pub amount: Option<f64>,
    /// The clause.
    pub clause: String,
    /// When.
    pub refused_at: Instant,
    /// When the authority decided, if it has.
    pub decided_at: Option<Instant>,
    /// When the fine was paid, if it was.
    pub paid_at: Option<Instant>,
    /// When an appeal was lodged, if it was.
    pub appealed_at: Option<Instant>,
    /// When the appeal ended, if it has.
    pub appeal_ended_at: Option<Instant>,
    /// The appeal was upheld: nothing follows any more.
    pub appeal_upheld: bool,
}

/// Entries of one day by one organisation for one purpose, told as one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookGroup {
    /// The civil day.
    pub day: Date,
    /// Change, look or denial.
    pub outcome: Outcome,
    /// What happened, as `noun.verb`.
    pub event: String,
    /// The organisation's name; none where the system did it by itself.
    pub organisation: Option<String>,
    /// Its code.
    pub organisation_code: Option<String>,
    /// It was the person, on the own page.
    pub own: bool,
    /// Who acted for the person: a guardian or an attorney, by name; empty where no name is held.
    pub representative: Option<String>,
    /// For what purpose.
    pub purpose: String,
    /// By which clause.
    pub clause: Option<String>,
    /// When, and where in the log, newest first.
    pub entries: Vec<(u64, Instant)>,
}

impl Registry {
    /// The own page. Looking at it is an entry too, and the page shows it.
    ///
    /// # Errors
    /// Denied, and logged, without the citizen's role.
    pub async fn own_page(&self, actor: &Actor, before: Option<u64>, limit: u32) -> Result<OwnPage> {
        let (person, records) = self.own_records(actor).await?;
        let tx = WriteTx::begin(&self.inner).await?;
        tx.commit(&Entry::look("own_record.viewed", actor).purpose("rights_of_the_person").about(person)).await?;
        self.page_of(person, &records, before, limit).await
    }

    /// The page of a record, once the look at it is written.
    pub(crate) async fn page_of(
        &self,
        person: PersonId,
        records: &BTreeSet<PersonId>,
        before: Option<u64>,
        limit: u32,
    ) -> Result<OwnPage> {
        let (looks, more) = self.own_looks(records, before, limit).await?;
        let (representatives, represents) = self.representations_of(records).await?;
        let encounters = self.own_encounters(person).await?;
        Ok(OwnPage {
            attributes: self.own_attributes(person).await?,
            prints_held: self.prints_held(person).await?,
            locked_since: self.own_lock(records).await?,
            notices: self.own_notices(records).await?,
            profiles_by_consent: u32::try_from(self.given_by_consent(records).await?.len()).unwrap_or(u32::MAX),
            documents: self.own_documents(person).await?,
            refusals: self.own_refusals(person).await?,
            consents: self.own_consents(&encounters).await?,
            encounters,
            follow_ups: self.follow_ups(person).await?,
            erased: self.something_erased(records).await?,
            requests: self.own_requests(records).await?,
            comparisons: self.own_comparisons(records).await?,
            representatives,
            represents,
            looks,
            more,
        })
    }

    /// Whether a log entry is about the signed-in person, so that its proof is theirs to take away with its meaning.
    ///
    /// # Errors
    /// Denied, and logged, without the citizen's role; not found where it is about others.
    pub async fn own_entry(&self, actor: &Actor, seq: u64) -> Result<LookGroup> {
        let (_, records) = self.own_records(actor).await?;
        let (looks, _) = self.own_looks(&records, Some(seq.saturating_add(1)), 1).await?;
        looks
            .into_iter()
            .find(|group| group.entries.iter().any(|(place, _)| *place == seq))
            .ok_or(RegistryError::NotFound { what: "entry about you" })
    }

    /// The own record as it stands now, and every record that was merged into it.
    pub(crate) async fn own_records(&self, actor: &Actor) -> Result<(PersonId, BTreeSet<PersonId>)> {
        self.demand(actor, Role::Citizen, "see the own record").await?;
        let known_as = actor.person.ok_or(RegistryError::NotFound { what: "person" })?;
        self.present_and_merged(known_as).await
    }

    async fn own_looks(
        &self,
        records: &BTreeSet<PersonId>,
        before: Option<u64>,
        limit: u32,
    ) -> Result<(Vec<LookGroup>, bool)> {
        let (found, more) = self.entries_about(records, before, limit).await?;
        Ok((self.looks_of(&found, records).await?, more))
    }

    /// Entries about some records of one person, as that person reads them.
    pub(crate) async fn looks_of(&self, found: &[SqliteRow], records: &BTreeSet<PersonId>) -> Result<Vec<LookGroup>> {
        let names = self.organisation_names().await?;
        let accounts = self.accounts_of(records).await?;
        let mut representatives: BTreeMap<PersonId, String> = BTreeMap::new();
        let mut groups: Vec<LookGroup> = Vec::new();
        for row in found {
            let (look, payload) = self.look_view(row)?;
            // Whoever answers acts for the purpose of the person's rights too; own is what an account of the person's did.
            let own = look.purpose == "rights_of_the_person"
                && payload
                    .as_ref()
                    .and_then(|p| p.actor.as_ref())
                    .is_some_and(|actor| accounts.contains(&actor.account));
            let by = payload.as_ref().and_then(|p| p.details["representative"].as_str()?.parse::<PersonId>().ok());
            // Of a look through a portal that the person made for somebody else, it was no representative of theirs.
            let representative = match by.filter(|by| !own && !records.contains(by)) {
                None => None,
                Some(by) => {
                    if let std::collections::btree_map::Entry::Vacant(unknown) = representatives.entry(by) {
                        unknown.insert(self.name_of(by).await?.unwrap_or_default());
                    }
                    representatives.get(&by).cloned()
                }
            };
            let group = LookGroup {
                day: self.inner.zone.date(look.at),
                outcome: look.outcome,
                event: look.event,
                organisation: look.organisation.as_ref().map(|code| names.get(code).unwrap_or(code).clone()),
                organisation_code: look.organisation,
                own,
                representative,
                purpose: look.purpose,
                clause: look.clause,
                entries: vec![(look.seq, look.at)],
            };
            match groups.last_mut() {
                Some(last) if last.same_as(&group) => last.entries.extend(group.entries),
                _ => groups.push(group),
            }
        }
        Ok(groups)
    }

    /// The accounts that are the person's own. One of the national sign-in is whose number it is now.
    async fn accounts_of(&self, records: &BTreeSet<PersonId>) -> Result<BTreeSet<String>> {
        let mut accounts = BTreeSet::new();
        for record in records {
            let found: Vec<String> =
                sqlx::query_scalar("SELECT id FROM accounts WHERE person_id = $1 AND number_blind IS NULL")
                    .bind(record.to_string())
                    .fetch_all(&self.inner.pool)
                    .await?;
            accounts.extend(found);
            let found: Vec<String> = sqlx::query_scalar(
                "SELECT a.id FROM encounters e JOIN identity_attributes i ON i.encounter_id = e.id \
                 JOIN accounts a ON a.number_blind = i.value_blind \
                 WHERE e.person_id = $1 AND i.name = 'iin' AND i.superseded_at IS NULL AND i.provisional = 0",
            )
            .bind(record.to_string())
            .fetch_all(&self.inner.pool)
            .await?;
            accounts.extend(found);
        }
        Ok(accounts)
    }

    pub(crate) async fn own_attributes(&self, person: PersonId) -> Result<Vec<OwnAttribute>> {
        let mut sql = self.inner.pool.acquire().await?;
        let found = sqlx::query(
            "SELECT i.encounter_id, i.name, i.sealed_value, i.source, i.provisional, i.recorded_at FROM identity_attributes i \
             JOIN encounters e ON e.id = i.encounter_id WHERE e.person_id = $1 AND i.superseded_at IS NULL ORDER BY i.provisional DESC, i.recorded_at",
        )
        .bind(person.to_string())
        .fetch_all(&mut *sql)
        .await?;
        let mut held = BTreeMap::new();
        for row in &found {
            let owner: String = row.try_get("encounter_id")?;
            let name: String = row.try_get("name")?;
            // What was read last of a name stands: confirmed before provisional, later before earlier.
            if let Some(key) = key_for_reading(&self.inner.vault, &mut sql, &owner, Domain::Identity).await? {
                let sealed: Vec<u8> = row.try_get("sealed_value")?;
                let value = self.inner.vault.open(&key, Domain::Identity, &owner, &name, &sealed)?;
                let attribute = OwnAttribute {
                    name: name.clone(),
                    value: String::from_utf8_lossy(&value).into_owned(),
                    source: row.try_get("source")?,
                    provisional: row.try_get::<i64, _>("provisional")? != 0,
                    recorded_at: rows::instant(row, "recorded_at")?,
                };
                held.insert(name, attribute);
            }
        }
        Ok(held.into_values().collect())
    }

    pub(crate) async fn own_encounters(&self, person: PersonId) -> Result<Vec<OwnEncounter>> {
        let found = sqlx::query(
            "SELECT id, trigger_code, state, opened_at FROM encounters WHERE person_id = $1 ORDER BY opened_at DESC",
        )
        .bind(person.to_string())
        .fetch_all(&self.inner.pool)
        .await?;
        found
            .iter()
            .map(|row| {
                Ok(OwnEncounter {
                    id: rows::id(row, "id")?,
                    trigger: row.try_get("trigger_code")?,
                    state: parse_state(&row.try_get::<String, _>("state")?)?,
                    opened_at: rows::instant(row, "opened_at")?,
                })
            })
            .collect()
    }

    pub(crate) async fn prints_held(&self, person: PersonId) -> Result<u32> {
        let prints: i64 = sqlx::query_scalar(
            "SELECT COUNT(DISTINCT s.finger) FROM samples s JOIN encounters e ON e.id = s.encounter_id JOIN registrations r ON r.encounter_id = e.id \
             WHERE e.person_id = $1 AND s.kept = 1 AND r.state <> 'withdrawn'",
        )
        .bind(person.to_string())
        .fetch_one(&self.inner.pool)
        .await?;
        Ok(u32::try_from(prints).unwrap_or(0))
    }

    async fn own_documents(&self, person: PersonId) -> Result<Vec<OwnDocument>> {
        let found = sqlx::query(
            "SELECT kind, state, prints_linked, valid_to, updated_at FROM documents WHERE person_id = $1 ORDER BY updated_at DESC, id DESC",
        )
        .bind(person.to_string())
        .fetch_all(&self.inner.pool)
        .await?;
        found
            .iter()
            .map(|row| {
                Ok(OwnDocument {
                    kind: row.try_get("kind")?,
                    state: crate::documents::parse_state(&row.try_get::<String, _>("state")?)?,
                    prints_linked: row.try_get::<i64, _>("prints_linked")? != 0,
                    valid_to: row
                        .try_get::<Option<String>, _>("valid_to")?
                        .map(|d| d.parse())
                        .transpose()
                        .map_err(|_| RegistryError::Damaged { what: "document" })?,
                    updated_at: rows::instant(row, "updated_at")?,
                })
            })
            .collect()
    }

    async fn own_refusals(&self, person: PersonId) -> Result<Vec<OwnRefusal>> {
        let found = sqlx::query(
            "SELECT r.* FROM refusals r JOIN encounters e ON e.id = r.encounter_id WHERE e.person_id = $1 ORDER BY r.refused_at DESC",
        )
        .bind(person.to_string())
        .fetch_all(&self.inner.pool)
        .await?;
        found
            .iter()
            .map(|row| {
                Ok(OwnRefusal {
                    id: rows::id(row, "id")?,
                    consequence: row.try_get("consequence")?,
                    authority: row.try_get("authority")?,
                    amount: row.try_get("amount")?,
                    clause: row.try_get("clause")?,
                    refused_at: rows::instant(row, "refused_at")?,
                    decided_at: rows::instant_opt(row, "decided_at")?,
                    paid_at: rows::instant_opt(row, "paid_at")?,
                    appealed_at: rows::instant_opt(row, "appealed_at")?,
                    appeal_ended_at: rows::instant_opt(row, "appeal_ended_at")?,
                    appeal_upheld: row.try_get::<Option<String>, _>("appeal_outcome")?.as_deref() == Some("upheld"),
                })
            })
            .collect()
    }

    pub(crate) async fn own_consents(&self, encounters: &[OwnEncounter]) -> Result<Vec<ConsentView>> {
        let mut sql = self.inner.pool.acquire().await?;
        let mut consents = Vec::new();
        for encounter in encounters {
            consents.extend(self.all_consents_of(&mut sql, encounter.id).await?);
        }
        consents.sort_by_key(|consent| std::cmp::Reverse(consent.given_at));
        Ok(consents)
    }
}

impl LookGroup {
    fn same_as(&self, other: &Self) -> bool {
        self.day == other.day
            && self.outcome == other.outcome
            && self.event == other.event
            && self.organisation_code == other.organisation_code
            && self.own == other.own
            && self.representative == other.representative
            && self.purpose == other.purpose
            && self.clause == other.clause
    }
}
