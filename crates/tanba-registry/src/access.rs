//! Lawful access: who asks, for which body, in which case, for what purpose, on what basis. The law pack decides, the
//! log entry is durable, and only then is anything opened.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{Row, SqliteConnection};
use tanba_finger::Prepared;
use tanba_formats::Finger;
use tanba_gallery::fusion;
use tanba_law::{AccessAct, DataClass, SanctionFacts};

use crate::actor::{Actor, Role};
use crate::capture::live_person;
use crate::completion::with_coverage;
use crate::error::{RegistryError, Result};
use crate::ids::{AccessRequestId, CaseId, EncounterId, PersonId, SanctionId};
use crate::institutions::{code, text};
use crate::journal::Entry;
use crate::keys::{key_for_reading, key_for_writing};
use crate::law::AccessFacts;
use crate::narrowing::Narrowing;
use crate::params::VERIFY_LOG10_LR;
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::{Domain, fresh_bytes};

/// What an authority wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Is this finger that of the person with this number? Yes or no.
    Verify,
    /// Whose fingers are these? Candidates without names.
    Identify,
    /// See a person's identity.
    Read,
    /// Learn who a candidate is, after a named human decision.
    ReleaseIdentity,
}

impl Act {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Identify => "identify",
            Self::Read => "read",
            Self::ReleaseIdentity => "release_identity",
        }
    }

    fn data_class(self) -> DataClass {
        match self {
            Self::Verify | Self::Identify => DataClass::BiometricTemplate,
            Self::Read | Self::ReleaseIdentity => DataClass::Identity,
        }
    }

    fn in_law(self) -> AccessAct {
        match self {
            Self::Verify => AccessAct::Verify,
            Self::Identify => AccessAct::Identify,
            Self::Read => AccessAct::Read,
            Self::ReleaseIdentity => AccessAct::ReleaseIdentity,
        }
    }
}

/// On what an authority relies.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Grounds {
    /// The purpose, by the law pack's code (`border_control`, `crime`, ...).
    pub purpose: Option<String>,
    /// The case.
    pub case: Option<CaseId>,
    /// The legal basis, as the officer states it (act and article).
    pub legal_basis: Option<String>,
    /// The sanction or court decision, where the law asks for one.
    pub sanction: Option<SanctionId>,
}

/// Whose data, or with what prints.
pub enum Target {
    /// The person with this identification number.
    Iin(String),
    /// Whoever has these prints (image files and, where the files don't say it, pixels per inch), among everybody or, where that is
    /// chosen, among those to whom the search is narrowed.
    Prints(Vec<(Finger, Vec<u8>, Option<f64>)>, Option<Narrowing>),
    /// The person with this number, and prints to verify against theirs.
    IinAndPrints(String, Vec<(Finger, Vec<u8>, Option<f64>)>),
    /// The candidate of an earlier identification, and the officer's stated decision that it is the person sought.
    Candidate(EncounterId, String),
}

/// A case to be opened.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewCase {
    /// The authority's own number.
    pub number: String,
    /// `crime`, `missing_person`, `unidentified_body`, `border`, ...
    pub kind: String,
}

/// A sanction or court decision to be entered.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewSanction {
    /// The case it was given in.
    pub case: CaseId,
    /// Which level of authority gave it, by the law pack's code (`prosecutor`, `court`, ...).
    pub authority: String,
    /// Who signed it, and its number.
    pub issued_by: String,
    /// Purposes it covers.
    pub purposes: BTreeSet<String>,
    /// Acts it covers.
    pub acts: Vec<Act>,
    /// The identification number of the person it is about; none for an unknown person.
    #[serde(default)]
    pub subject_iin: Option<String>,
    /// From when.
    pub valid_from: Instant,
    /// Until when.
    pub valid_to: Instant,
    /// How many uses it allows.
    pub max_uses: u32,
}

/// What an authority gets: never more than the act is for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Answer {
    /// The request, for the file.
    pub request: AccessRequestId,
    /// Where in the log this look stands.
    pub log_seq: u64,
    /// The clause that permitted it.
    pub clause: String,
    /// What demonstration mode assumed where the pack says `unknown`.
    pub assumed: Vec<String>,
    /// Yes or no, for a verification.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same: Option<bool>,
    /// Candidates, for an identification: encounters, not people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub candidates: Option<Vec<Candidate>>,
    /// How many people were compared, for an identification.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub people_compared: Option<u64>,
    /// How many were left out because the officer narrowed the search.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub people_filtered_out: Option<u64>,
    /// Identity attributes that the pack lets this body see.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<BTreeMap<String, String>>,
}

/// A candidate of an identification.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Candidate {
    /// The registered encounter.
    pub encounter: EncounterId,
    /// log10 likelihood ratio of all compared fingers together, as far as it may be claimed.
    pub log10_lr: f64,
}

/// What was decided before anything was opened.
struct Permission {
    clause: String,
    pack_hash: String,
    assumed: Vec<String>,
    fields: BTreeSet<String>,
    sanction: Option<SanctionId>,
}

impl Registry {
    /// Opens a case of the officer's authority; the same number twice is the same case.
    ///
    /// # Errors
    /// Denied without the officer's role.
    pub async fn open_case(&self, actor: &Actor, new: &NewCase) -> Result<CaseId> {
        if !actor.has(Role::DnaExaminer) {
            self.demand(actor, Role::Officer, "open a case").await?;
        }
        text("number", &new.number)?;
        code("kind", &new.kind)?;
        let blind = self.inner.vault.blind("case", new.number.as_bytes());
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let known: Option<String> =
            sqlx::query_scalar("SELECT id FROM cases WHERE organisation_id = $1 AND number_blind = $2")
                .bind(actor.organisation.to_string())
                .bind(&blind)
                .fetch_optional(tx.sql())
                .await?;
        if let Some(known) = known {
            return rows::parse_id(&known);
        }
        let id = CaseId::fresh(now.micros(), fresh_bytes()?);
        let owner = id.to_string();
        let key = key_for_writing(&self.inner.vault, tx.sql(), now, &owner, Domain::Case).await?;
        let sealed = self.inner.vault.seal(&key, Domain::Case, &owner, "number", new.number.as_bytes())?;
        sqlx::query("INSERT INTO cases (id, organisation_id, sealed_number, number_blind, kind, opened_by, opened_at, closed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, NULL)")
            .bind(&owner)
            .bind(actor.organisation.to_string())
            .bind(sealed)
            .bind(blind)
            .bind(&new.kind)
            .bind(actor.account().to_string())
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        tx.commit(&Entry::effect("case.opened", actor).details(json!({"case": id, "kind": new.kind}))).await?;
        Ok(id)
    }

    /// Enters a sanction or court decision. It takes another human being than the officer who will use it.
    ///
    /// # Errors
    /// Denied without the second officer's role; an unknown case or person; an empty span of time.
    pub async fn enter_sanction(&self, actor: &Actor, new: &NewSanction) -> Result<SanctionId> {
        self.demand(actor, Role::SecondOfficer, "enter a sanction").await?;
        code("authority", &new.authority)?;
        text("issued_by", &new.issued_by)?;
        if new.valid_to <= new.valid_from || new.max_uses == 0 || new.acts.is_empty() || new.purposes.is_empty() {
            return Err(RegistryError::Invalid {
                field: "sanction",
                problem: "it needs acts, purposes, at least one use, and an end after its beginning".to_owned(),
            });
        }
        for purpose in &new.purposes {
            code("purposes", purpose)?;
        }
        let person = match &new.subject_iin {
            None => None,
            Some(iin) => Some(
                self.person_of_iin(&self.accept_iin(iin)?).await?.ok_or(RegistryError::NotFound { what: "person" })?,
            ),
        };
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        self.case_of(tx.sql(), actor, new.case).await?;
        let id = SanctionId::fresh(now.micros(), fresh_bytes()?);
        let owner = new.case.to_string();
        let key = key_for_writing(&self.inner.vault, tx.sql(), now, &owner, Domain::Case).await?;
        let sealed =
            self.inner.vault.seal(&key, Domain::Case, &owner, &format!("sanction/{id}"), new.issued_by.as_bytes())?;
        let acts: Vec<&str> = new.acts.iter().map(|a| a.name()).collect();
        let purposes: Vec<&str> = new.purposes.iter().map(String::as_str).collect();
        sqlx::query("INSERT INTO sanctions (id, case_id, authority, sealed_body, purposes, acts, person_id, valid_from, valid_to, max_uses, uses, entered_by, entered_at, revoked_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11, $12, NULL)")
            .bind(id.to_string())
            .bind(&owner)
            .bind(&new.authority)
            .bind(sealed)
            .bind(purposes.join(" "))
            .bind(acts.join(" "))
            .bind(person.map(|p| p.to_string()))
            .bind(new.valid_from.micros())
            .bind(new.valid_to.micros())
            .bind(i64::from(new.max_uses))
            .bind(actor.account().to_string())
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        let entry = Entry::effect("sanction.entered", actor).sanction(Some(id)).about_all(person);
        tx.commit(&entry.details(json!({"sanction": id, "case": new.case, "authority": new.authority, "acts": acts})))
            .await?;
        Ok(id)
    }

    /// Asks for something about a person. Permitted or denied, it is in the log before the answer leaves.
    ///
    /// # Errors
    /// Denied with the clause and with what would be needed; not found where the register has nobody of that number
    /// (logged as a look too); an incomplete search.
    pub async fn ask(&self, actor: &Actor, act: Act, grounds: &Grounds, target: &Target) -> Result<Answer> {
        self.demand(actor, Role::Officer, "ask for a person's data").await?;
        // Whether the request is lawful is settled first, on its grounds; only then is anything looked up.
        let about = self.target_person(target).await?;
        let permission = self.permission(actor, act, grounds, about).await?;
        match (act, target) {
            (Act::Read, Target::Iin(_)) => self.answer_identity(actor, act, grounds, &permission, about, None).await,
            (Act::ReleaseIdentity, Target::Candidate(encounter, decision)) => {
                text("decision", decision)?;
                self.was_candidate(actor, grounds, *encounter).await?;
                self.answer_identity(actor, act, grounds, &permission, about, Some(decision)).await
            }
            (Act::Verify, Target::IinAndPrints(_, prints)) => {
                let probe = prepare(prints).await?;
                let same = match about {
                    Some(person) => self.verify_against(person, None, &probe).await? >= VERIFY_LOG10_LR,
                    None => false,
                };
                let (request, log_seq) = self.record(actor, act, grounds, &permission, about.into_iter().collect(), json!({"same": same})).await?;
                Ok(Answer { same: Some(same), ..permission.answer(request, log_seq) })
            }
            (Act::Identify, Target::Prints(prints, narrowing)) => {
                self.answer_identification(actor, grounds, &permission, prints, narrowing.as_ref()).await
            }
            _ => Err(RegistryError::Invalid {
                field: "target",
                problem: "read takes an iin; verify an iin and prints; identify prints; release_identity a candidate and a decision".to_owned(),
            }),
        }
    }

    /// The pack's decision, with every refusal logged.
    async fn permission(
        &self,
        actor: &Actor,
        act: Act,
        grounds: &Grounds,
        about: Option<PersonId>,
    ) -> Result<Permission> {
        let now = self.inner.clock.now();
        let mut sql = self.inner.pool.acquire().await?;
        let case = match grounds.case {
            None => None,
            Some(case) => self.case_of(&mut sql, actor, case).await.ok(),
        };
        let sanction = match grounds.sanction {
            None => None,
            Some(id) => sanction_facts(&mut sql, id, grounds.case, actor, about).await?,
        };
        drop(sql);
        let facts = AccessFacts {
            body: actor.body(),
            purpose: grounds.purpose.as_deref(),
            legal_basis: grounds.legal_basis.as_deref().filter(|b| !b.trim().is_empty()),
            case_present: case.is_some(),
            act: act.in_law(),
            data: act.data_class(),
            population: "civil",
            sanction,
            at: now.micros(),
        };
        let decision = self.inner.law().access(&facts, self.today());
        if decision.permit {
            return Ok(Permission {
                clause: decision.clause,
                pack_hash: decision.pack_hash,
                assumed: decision.assumed,
                fields: decision.fields,
                // A use is taken only where the law asked for the sanction.
                sanction: grounds.sanction.filter(|_| decision.consumes_sanction),
            });
        }
        let purpose = grounds.purpose.clone().unwrap_or_else(|| "none_stated".to_owned());
        let denial = Entry::denial("access.denied", Some(actor))
            .purpose(if code("purpose", &purpose).is_ok() { &purpose } else { "not_a_code" })
            .law(&decision.pack_hash, &decision.clause)
            .about_all(about)
            .details(json!({"act": act, "case": grounds.case, "reason": decision.code}));
        self.deny_by_law(denial, &decision.code, &decision.clause, &decision.text, decision.needs).await
    }

    /// A look that belongs to a registration itself: the search for an earlier one, an examiner's comparison. It has
    /// its case (the encounter) and its basis (the clause of the registration), and needs the pack's permission all the
    /// same; a body that the pack doesn't list gets nothing.
    pub(crate) async fn permit_registration_look(
        &self,
        actor: &Actor,
        purpose: &'static str,
        act: AccessAct,
        data: DataClass,
        about: PersonId,
    ) -> Result<()> {
        let facts = AccessFacts {
            body: actor.body(),
            purpose: Some(purpose),
            legal_basis: Some("registration"),
            case_present: true,
            act,
            data,
            population: "civil",
            sanction: None,
            at: self.inner.clock.now().micros(),
        };
        let decision = self.inner.law().access(&facts, self.today());
        if decision.permit {
            return Ok(());
        }
        let denial = Entry::denial("access.denied", Some(actor))
            .purpose(purpose)
            .law(&decision.pack_hash, &decision.clause)
            .about(about)
            .details(json!({"act": act, "reason": decision.code}));
        self.deny_by_law(denial, &decision.code, &decision.clause, &decision.text, decision.needs).await
    }

    async fn target_person(&self, target: &Target) -> Result<Option<PersonId>> {
        match target {
            Target::Iin(iin) | Target::IinAndPrints(iin, _) => self.person_of_iin(&self.accept_iin(iin)?).await,
            Target::Prints(..) => Ok(None),
            Target::Candidate(encounter, _) => {
                let mut sql = self.inner.pool.acquire().await?;
                live_person(&mut sql, *encounter).await
            }
        }
    }

    async fn answer_identity(
        &self,
        actor: &Actor,
        act: Act,
        grounds: &Grounds,
        permission: &Permission,
        about: Option<PersonId>,
        decision: Option<&String>,
    ) -> Result<Answer> {
        let details = json!({"decision": decision, "found": about.is_some()});
        let (request, log_seq) =
            self.record(actor, act, grounds, permission, about.into_iter().collect(), details).await?;
        let person = about.ok_or(RegistryError::NotFound { what: "person" })?;
        let mut identity = self.identity_of(person).await?;
        identity.retain(|name, _| field_of(name).is_some_and(|field| permission.fields.contains(field)));
        Ok(Answer { identity: Some(identity), ..permission.answer(request, log_seq) })
    }

    async fn answer_identification(
        &self,
        actor: &Actor,
        grounds: &Grounds,
        permission: &Permission,
        prints: &[(Finger, Vec<u8>, Option<f64>)],
        narrowing: Option<&Narrowing>,
    ) -> Result<Answer> {
        let filter = narrowing.map(Narrowing::filter).transpose()?.unwrap_or_default();
        let probe = prepare(prints).await?;
        let (coverage, found) = self.search_civil(&probe, filter, &Arc::default()).await?;
        let mut sql = self.inner.pool.acquire().await?;
        let mut candidates = Vec::new();
        let mut people = Vec::new();
        for (encounter, log10_lr) in found {
            if let Some(person) = live_person(&mut sql, encounter).await? {
                candidates.push(Candidate { encounter, log10_lr: fusion::claimed(log10_lr) });
                people.push(person);
            }
        }
        drop(sql);
        let named = candidates.iter().map(|c| c.encounter).collect::<Vec<_>>();
        let details = json!({"candidates": named, "version": coverage.version, "narrowed": narrowing});
        let details = with_coverage(details, &coverage);
        let (request, log_seq) = self.record(actor, Act::Identify, grounds, permission, people, details).await?;
        Ok(Answer {
            candidates: Some(candidates),
            people_compared: Some(coverage.people_compared),
            people_filtered_out: narrowing.map(|_| coverage.people_filtered_out),
            ..permission.answer(request, log_seq)
        })
    }

    /// The durable record of a permitted look, made before the look. A sanction's use is taken in the same transaction.
    async fn record(
        &self,
        actor: &Actor,
        act: Act,
        grounds: &Grounds,
        permission: &Permission,
        people: Vec<PersonId>,
        details: serde_json::Value,
    ) -> Result<(AccessRequestId, u64)> {
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let id = AccessRequestId::fresh(now.micros(), fresh_bytes()?);
        if let Some(sanction) = permission.sanction {
            let used = sqlx::query("UPDATE sanctions SET uses = uses + 1 WHERE id = $1 AND uses < max_uses AND revoked_at IS NULL AND valid_from <= $2 AND valid_to > $2")
                .bind(sanction.to_string())
                .bind(now.micros())
                .execute(tx.sql())
                .await?;
            if used.rows_affected() == 0 {
                return Err(RegistryError::Conflict {
                    what: "the sanction is used up, expired or revoked",
                    next: "obtain a new one from the authority that gave it",
                });
            }
        }
        let purpose = grounds.purpose.clone().unwrap_or_default();
        let first = people.first().copied();
        let entry = Entry::look("access.granted", actor)
            .purpose(&purpose)
            .law(&permission.pack_hash, &permission.clause)
            .sanction(permission.sanction)
            .about_all(people)
            .details(json!({"request": id, "act": act, "case": grounds.case, "legal_basis": grounds.legal_basis, "answer": details}));
        let seq: i64 =
            sqlx::query_scalar("SELECT COALESCE(MAX(seq), -1) + 1 FROM log_entries").fetch_one(tx.sql()).await?;
        sqlx::query("INSERT INTO access_requests (id, account_id, case_id, sanction_id, person_id, act, data_class, purpose, legal_basis, permitted, reason_code, pack_hash, clause, log_seq, asked_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, 'permitted', $10, $11, $12, $13)")
            .bind(id.to_string())
            .bind(actor.account().to_string())
            .bind(grounds.case.map(|c| c.to_string()))
            .bind(permission.sanction.map(|s| s.to_string()))
            .bind(first.map(|p| p.to_string()))
            .bind(act.name())
            .bind(format!("{:?}", act.data_class()))
            .bind(&purpose)
            .bind(grounds.legal_basis.as_deref().unwrap_or_default())
            .bind(&permission.pack_hash)
            .bind(&permission.clause)
            .bind(seq)
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        let seq = tx.commit(&entry).await?;
        Ok((id, seq))
    }

    /// Only a candidate that this officer was shown in this case can be released.
    async fn was_candidate(&self, actor: &Actor, grounds: &Grounds, encounter: EncounterId) -> Result<()> {
        let found = sqlx::query(
            "SELECT l.* FROM access_requests a JOIN log_entries l ON l.seq = a.log_seq WHERE a.account_id = $1 AND a.case_id = $2 AND a.act = 'identify' ORDER BY a.asked_at DESC LIMIT 100",
        )
        .bind(actor.account().to_string())
        .bind(grounds.case.map(|c| c.to_string()))
        .fetch_all(&self.inner.pool)
        .await?;
        let wanted = json!(encounter);
        for row in &found {
            if let Some(payload) = crate::journal::open_payload(&self.inner, row)?
                && payload.details["answer"]["candidates"].as_array().is_some_and(|c| c.contains(&wanted))
            {
                return Ok(());
            }
        }
        Err(RegistryError::NotFound { what: "candidate" })
    }

    /// A person's current identity attributes, the latest of each name over all encounters.
    pub(crate) async fn identity_of(&self, person: PersonId) -> Result<BTreeMap<String, String>> {
        let mut sql = self.inner.pool.acquire().await?;
        let found = sqlx::query(
            "SELECT i.encounter_id, i.name, i.sealed_value FROM identity_attributes i JOIN encounters e ON e.id = i.encounter_id \
             WHERE e.person_id = $1 AND i.superseded_at IS NULL ORDER BY i.provisional DESC, i.recorded_at",
        )
        .bind(person.to_string())
        .fetch_all(&mut *sql)
        .await?;
        let mut identity = BTreeMap::new();
        for row in &found {
            let owner: String = row.try_get("encounter_id")?;
            let name: String = row.try_get("name")?;
            if let Some(key) = key_for_reading(&self.inner.vault, &mut sql, &owner, Domain::Identity).await? {
                let sealed: Vec<u8> = row.try_get("sealed_value")?;
                let value = self.inner.vault.open(&key, Domain::Identity, &owner, &name, &sealed)?;
                identity.insert(name, String::from_utf8_lossy(&value).into_owned());
            }
        }
        Ok(identity)
    }

    /// The case, if it is open and of the officer's own organisation.
    pub(crate) async fn case_of(&self, sql: &mut SqliteConnection, actor: &Actor, case: CaseId) -> Result<String> {
        sqlx::query_scalar("SELECT kind FROM cases WHERE id = $1 AND organisation_id = $2 AND closed_at IS NULL")
            .bind(case.to_string())
            .bind(actor.organisation.to_string())
            .fetch_optional(sql)
            .await?
            .ok_or(RegistryError::NotFound { what: "case" })
    }
}

impl Permission {
    fn answer(&self, request: AccessRequestId, log_seq: u64) -> Answer {
        Answer {
            request,
            log_seq,
            clause: self.clause.clone(),
            assumed: self.assumed.clone(),
            same: None,
            candidates: None,
            people_compared: None,
            people_filtered_out: None,
            identity: None,
        }
    }
}

/// The field of a law pack's access rules that an identity attribute belongs to; what belongs to none never leaves.
fn field_of(attribute: &str) -> Option<&'static str> {
    match attribute {
        "iin" => Some("iin"),
        "born" => Some("birth_date"),
        "status" | "citizenship" => Some("citizenship"),
        "sex" => Some("sex"),
        name if name.starts_with("family_name_") || name.starts_with("given_name_") => Some("full_name"),
        _ => None,
    }
}

/// A sanction as the law asks about it; `None` where there is none such in this case.
async fn sanction_facts(
    sql: &mut SqliteConnection,
    id: SanctionId,
    case: Option<CaseId>,
    actor: &Actor,
    about: Option<PersonId>,
) -> Result<Option<SanctionFacts>> {
    let row = sqlx::query(
        "SELECT s.*, a.natural_person FROM sanctions s JOIN accounts a ON a.id = s.entered_by WHERE s.id = $1 AND s.case_id = $2 AND s.revoked_at IS NULL",
    )
    .bind(id.to_string())
    .bind(case.map(|c| c.to_string()))
    .fetch_optional(sql)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let person: Option<PersonId> = rows::id_opt(&row, "person_id")?;
    let uses: u32 = rows::number(&row, "uses")?;
    Ok(Some(SanctionFacts {
        authority: row.try_get("authority")?,
        valid_from: row.try_get("valid_from")?,
        valid_to: row.try_get("valid_to")?,
        uses_left: rows::number::<u32>(&row, "max_uses")?.saturating_sub(uses),
        purposes: row.try_get::<String, _>("purposes")?.split(' ').map(str::to_owned).collect(),
        // An order about one person opens nobody else; an order about an unknown person opens a search.
        subject_matches: person.is_none() || person == about,
        separate_persons: row.try_get::<String, _>("natural_person")? != actor.natural_person,
    }))
}

/// Images to prints, off the asynchronous threads.
async fn prepare(prints: &[(Finger, Vec<u8>, Option<f64>)]) -> Result<Vec<(Finger, Prepared)>> {
    if prints.is_empty() || prints.len() > 20 {
        return Err(RegistryError::Invalid { field: "prints", problem: "give 1 to 20 images".to_owned() });
    }
    let prints = prints.to_vec();
    Registry::aside(move || {
        prints
            .into_iter()
            .map(|(finger, bytes, ppi)| {
                let ppi = ppi.and_then(tanba_formats::Ppi::new);
                let decoded = tanba_formats::image::read(&bytes, &tanba_formats::image::ReadOptions::with_ppi(ppi))?;
                let template = tanba_finger::extract(
                    &decoded.value,
                    &tanba_finger::ExtractParams::default(),
                    &mut tanba_finger::NoSink,
                )?;
                Ok((finger, Prepared::new(&template)))
            })
            .collect()
    })
    .await?
}
