//! Lawful access: who asks, for which body, in which case, for what purpose, on what basis. The law pack decides, the
//! log entry is durable, and only then is anything opened.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqlx::{Row, SqliteConnection};
use tanba_gallery::fusion;
use tanba_law::{AccessAct, DataClass};

use crate::actor::{Actor, Role};
use crate::capture::live_person;
use crate::completion::{Searched, with_coverage};
use crate::error::{RegistryError, Result};
use crate::ids::{AccessRequestId, CaseId, EncounterId, PersonId, SanctionId, ServiceId};
use crate::institutions::{code, text};
use crate::journal::{Entry, hex};
use crate::keys::{key_for_reading, key_for_writing};
use crate::law::{AccessAnswer, AccessFacts};
use crate::narrowing::Narrowing;
use crate::registry::Registry;
use crate::rights::{is_restricted, kept_open_for};
use crate::rows;
use crate::store::WriteTx;
use crate::thresholds::ThresholdKind;
use crate::vault::{Domain, fresh_bytes};
use crate::verification::{Asked, PrintFile};
use crate::volume::Whose;

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

    pub(crate) fn of_name(name: &str) -> Option<Self> {
        [Self::Verify, Self::Identify, Self::Read, Self::ReleaseIdentity].into_iter().find(|act| act.name() == name)
    }

    pub(crate) fn data_class(self) -> DataClass {
        match self {
            Self::Verify | Self::Identify => DataClass::BiometricTemplate,
            Self::Read | Self::ReleaseIdentity => DataClass::Identity,
        }
    }

    pub(crate) fn in_law(self) -> AccessAct {
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
    /// The danger to life because of which there is no time for a sanction, in the officer's words. The look is checked afterwards.
    pub urgent: Option<String>,
}

/// Whose data, or with what prints.
pub enum Target {
    /// The person with this identification number.
    Iin(String),
    /// Whoever has these prints (image files and, where the files don't say it, pixels per inch), among everybody or, where that is
    /// chosen, among those to whom the search is narrowed.
    Prints(Vec<PrintFile>, Option<Narrowing>),
    /// The person with this number, and prints to verify against theirs.
    IinAndPrints(String, Vec<PrintFile>),
    /// The candidate of an earlier identification, and the officer's stated decision that it is the person sought.
    Candidate(EncounterId, String),
}

impl Target {
    /// What is asked, as it is signed: of prints their hashes.
    fn signed(&self) -> Value {
        let hashes = |prints: &[PrintFile]| -> Vec<Value> {
            prints.iter().map(|(finger, file, ppi)| json!([finger.code(), hex(&Sha256::digest(file)), ppi])).collect()
        };
        match self {
            Self::Iin(iin) => json!({"iin": iin}),
            Self::Prints(prints, narrowing) => json!({"prints": hashes(prints), "narrowing": narrowing}),
            Self::IinAndPrints(iin, prints) => json!({"iin": iin, "prints": hashes(prints)}),
            Self::Candidate(encounter, decision) => json!({"candidate": encounter, "decision": decision}),
        }
    }
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

/// What an authority gets: never more than the act is for, and of that only what the rule's fields name. What they don't name is absent.
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
    /// The last day on which a look in danger to life may be checked, where it was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_due: Option<Date>,
    /// Yes or no (field `answer`): for a verification, whether it is the person; for an identification, whether there is a candidate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same: Option<bool>,
    /// What a service calls the person, with a yes (field `pseudonym`): another name than any other service's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pseudonym: Option<String>,
    /// Candidates, for an identification: encounters, not people (field `reference`).
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
    /// log10 likelihood ratio of all compared fingers together, as far as it may be claimed (field `likelihood_ratio`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log10_lr: Option<f64>,
}

/// What was decided before anything was opened.
pub(crate) struct Permission {
    law: AccessAnswer,
    sanction: Option<SanctionId>,
    /// Working days until the look is checked, and the danger that was declared.
    urgent: Option<(u8, String)>,
}

impl Permission {
    /// A part of the answer, where the rule's fields name it.
    fn lets<T>(&self, field: &str, value: T) -> Option<T> {
        self.law.fields.contains(field).then_some(value)
    }
}

/// Why a look that was permitted does not happen.
enum Stopped {
    /// Used up, expired or revoked since.
    Sanction,
    /// As much was asked as may be.
    Volume(Whose),
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

    /// Asks for something about a person. Permitted or denied, it is in the log before the answer leaves.
    ///
    /// # Errors
    /// Denied with the clause and with what would be needed; not found where the register has nobody of that number
    /// (logged as a look too); an incomplete search.
    pub async fn ask(&self, actor: &Actor, act: Act, grounds: &Grounds, target: &Target) -> Result<Answer> {
        self.demand(actor, Role::Officer, "ask for a person's data").await?;
        if matches!(act, Act::Identify | Act::ReleaseIdentity) {
            self.demand_proof(actor, "search or name somebody", json!([act, grounds, target.signed()])).await?;
        }
        // Whether the request is lawful is settled first, on its grounds; only then is anything looked up.
        if let Some(reason) = &grounds.urgent {
            text("urgent", reason)?;
        }
        let about = self.target_person(target).await?;
        let permission = self.permission(actor, act, grounds, about, None).await?;
        match (act, target) {
            (Act::Read, Target::Iin(_)) => self.answer_identity(actor, act, grounds, &permission, about, None).await,
            (Act::ReleaseIdentity, Target::Candidate(encounter, decision)) => {
                text("decision", decision)?;
                self.was_candidate(actor, grounds, *encounter).await?;
                self.answer_identity(actor, act, grounds, &permission, about, Some((*encounter, decision))).await
            }
            (Act::Verify, Target::IinAndPrints(_, prints)) => {
                self.answer_verification(actor, grounds, &permission, about, prints, None).await
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
    pub(crate) async fn permission(
        &self,
        actor: &Actor,
        act: Act,
        grounds: &Grounds,
        about: Option<PersonId>,
        service: Option<ServiceId>,
    ) -> Result<Permission> {
        let now = self.inner.clock.now();
        let mut sql = self.inner.pool.acquire().await?;
        let case = match grounds.case {
            None => None,
            Some(case) => self.case_of(&mut sql, actor, case).await.ok(),
        };
        let sanction = match grounds.sanction {
            None => None,
            Some(id) => self.sanction_facts(&mut sql, id, actor, grounds, Some(act), about).await?,
        };
        let searched = self.searched_before(&mut sql, grounds.case.filter(|_| case.is_some())).await?;
        let facts = AccessFacts {
            body: actor.body(),
            purpose: grounds.purpose.as_deref(),
            legal_basis: grounds.legal_basis.as_deref().filter(|b| !b.trim().is_empty()),
            case_present: case.is_some() || service.is_some(),
            act: act.in_law(),
            data: act.data_class(),
            population: "civil",
            sanction,
            urgent: grounds.urgent.is_some(),
            searched,
            at: now.micros(),
        };
        let law = self.inner.law().access(&facts, self.today());
        if law.permit {
            if let Some(whose) = self.limit_reached(&mut sql, actor, grounds.case, law.volume, now).await? {
                drop(sql);
                return self.stopped(actor, act, grounds, &law, &Stopped::Volume(whose)).await;
            }
            // A use is taken only where the law asked for the sanction.
            let sanction = grounds.sanction.filter(|_| law.consumes_sanction);
            let urgent = law.review_working_days.zip(grounds.urgent.clone());
            return Ok(Permission { law, sanction, urgent });
        }
        drop(sql);
        let denial = Entry::denial("access.denied", Some(actor))
            .purpose(law.logged(stated(grounds)))
            .law(&law.pack_hash, &law.clause)
            .about_all(about)
            .details(json!({"act": act, "case": grounds.case, "service": service, "reason": law.code, "policy_decision": law.hash}));
        self.deny_by_law(denial, &law.code, &law.clause, &law.text, law.needs).await
    }

    /// The denial of a look that the law would permit.
    async fn stopped<T>(
        &self,
        actor: &Actor,
        act: Act,
        grounds: &Grounds,
        law: &AccessAnswer,
        why: &Stopped,
    ) -> Result<T> {
        let details = json!({"act": act, "case": grounds.case, "policy_decision": law.hash});
        let purpose = law.logged(stated(grounds));
        if let Stopped::Volume(whose) = why {
            return self.deny_volume(actor, purpose, Some((&law.pack_hash, &law.clause)), *whose, details).await;
        }
        let denial = Entry::denial("access.denied", Some(actor))
            .purpose(purpose)
            .law(&law.pack_hash, &law.clause)
            .sanction(grounds.sanction)
            .details(details);
        let text = "the sanction is used up, expired or revoked";
        let need = "a new sanction of the authority that gave it".to_owned();
        self.deny(denial, "sanction_ended", &law.clause, text, vec![need]).await
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
        self.demand_unrestricted(actor, about, ("access.denied", purpose)).await?;
        let facts = AccessFacts {
            body: actor.body(),
            purpose: Some(purpose),
            legal_basis: Some("registration"),
            case_present: true,
            act,
            data,
            population: "civil",
            sanction: None,
            urgent: false,
            searched: Vec::new(),
            at: self.inner.clock.now().micros(),
        };
        let decision = self.inner.law().access(&facts, self.today());
        if decision.permit {
            return Ok(());
        }
        let denial = Entry::denial("access.denied", Some(actor))
            .purpose(decision.logged(purpose))
            .law(&decision.pack_hash, &decision.clause)
            .about(about)
            .details(json!({"act": act, "reason": decision.code, "policy_decision": decision.hash}));
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

    /// Yes or no to a comparison one to one. The person's own lock makes it a no, where the rule heeds it: after the comparison, as without.
    pub(crate) async fn answer_verification(
        &self,
        actor: &Actor,
        grounds: &Grounds,
        permission: &Permission,
        about: Option<PersonId>,
        prints: &[PrintFile],
        service: Option<ServiceId>,
    ) -> Result<Answer> {
        let asked = Asked::read(self.extractor(), prints).await?;
        let threshold = self.threshold(ThresholdKind::Verification, Some(actor)).await?;
        let near = self.is_of_person(about, &asked, threshold).await?;
        let heeded = permission.law.holder_lock.unwrap_or(service.is_some());
        let locked = match about {
            Some(person) => self.is_locked(person).await? && heeded,
            None => false,
        };
        let same = near && !locked;
        let pseudonym = service.zip(about).filter(|_| same).map(|(service, person)| self.pseudonym_of(service, person));
        let details = json!({"same": same, "locked": locked, "service": service, "threshold": threshold.number});
        let given = self.record(actor, Act::Verify, grounds, permission, about.into_iter().collect(), details).await?;
        Ok(Answer {
            same: permission.lets("answer", same),
            pseudonym: pseudonym.and_then(|name| permission.lets("pseudonym", name)),
            ..given
        })
    }

    async fn answer_identity(
        &self,
        actor: &Actor,
        act: Act,
        grounds: &Grounds,
        permission: &Permission,
        about: Option<PersonId>,
        decision: Option<(EncounterId, &String)>,
    ) -> Result<Answer> {
        let (encounter, decision) = decision.unzip();
        let details = json!({"decision": decision, "encounter": encounter, "found": about.is_some()});
        let given = self.record(actor, act, grounds, permission, about.into_iter().collect(), details).await?;
        let person = about.ok_or(RegistryError::NotFound { what: "person" })?;
        let mut identity = self.identity_of(person).await?;
        identity.retain(|name, _| field_of(name).is_some_and(|field| permission.law.fields.contains(field)));
        Ok(Answer { identity: Some(identity), ..given })
    }

    async fn answer_identification(
        &self,
        actor: &Actor,
        grounds: &Grounds,
        permission: &Permission,
        prints: &[PrintFile],
        narrowing: Option<&Narrowing>,
    ) -> Result<Answer> {
        let filter = narrowing.map(Narrowing::filter).transpose()?.unwrap_or_default();
        let probe = Asked::read(self.extractor(), prints).await?;
        let watched = self.watched_search(permission.sanction);
        let searched = self.search_civil(actor, &probe.fingers, filter, &watched).await;
        if watched.was_stopped() {
            return self.stopped(actor, Act::Identify, grounds, &permission.law, &Stopped::Sanction).await;
        }
        let Searched { coverage, found, threshold } = searched?;
        let mut sql = self.inner.pool.acquire().await?;
        let mut candidates = Vec::new();
        let mut people = Vec::new();
        for (encounter, log10_lr) in found {
            if let Some(person) = live_person(&mut sql, encounter).await? {
                let log10_lr = permission.lets("likelihood_ratio", fusion::claimed(log10_lr));
                candidates.push(Candidate { encounter, log10_lr });
                people.push(person);
            }
        }
        drop(sql);
        let any = permission.lets("answer", !candidates.is_empty());
        let shown = permission.lets("reference", candidates);
        // Only who was shown can be named later.
        let named = shown.iter().flatten().map(|c| c.encounter).collect::<Vec<_>>();
        let details = json!({"candidates": named, "version": coverage.version, "narrowed": narrowing});
        let details = with_coverage(details, &coverage, threshold);
        let given = self.record(actor, Act::Identify, grounds, permission, people, details).await?;
        Ok(Answer {
            same: any,
            candidates: shown,
            people_compared: Some(coverage.people_compared),
            people_filtered_out: narrowing.map(|_| coverage.people_filtered_out),
            ..given
        })
    }

    /// The durable record of a permitted look, made before the look. A sanction's use is taken in the same transaction, and the check of a
    /// look in danger to life begins in it. Gives the answer that still says nothing.
    async fn record(
        &self,
        actor: &Actor,
        act: Act,
        grounds: &Grounds,
        permission: &Permission,
        people: Vec<PersonId>,
        details: Value,
    ) -> Result<Answer> {
        let law = &permission.law;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let id = AccessRequestId::fresh(now.micros(), fresh_bytes()?);
        let purpose = law.logged(grounds.purpose.as_deref().unwrap_or_default());
        for person in people.iter().filter(|_| !kept_open_for(grounds.purpose.as_deref())) {
            if is_restricted(tx.sql(), *person).await? {
                return self.deny_restricted(tx, actor, *person, ("access.denied", purpose)).await;
            }
        }
        // What was decided a moment ago is settled here, where nobody else writes.
        let why = match (self.limit_reached(tx.sql(), actor, grounds.case, law.volume, now).await?, permission.sanction)
        {
            (Some(whose), _) => Some(Stopped::Volume(whose)),
            (None, Some(sanction)) if !self.use_sanction(&mut tx, sanction).await? => Some(Stopped::Sanction),
            (None, _) => None,
        };
        if let Some(why) = why {
            drop(tx);
            return self.stopped(actor, act, grounds, law, &why).await;
        }
        let first = people.first().copied();
        let urgent = permission.urgent.as_ref().map(|(_, reason)| reason);
        let entry = Entry::look("access.granted", actor)
            .purpose(purpose)
            .law(&law.pack_hash, &law.clause)
            .sanction(permission.sanction)
            .about_all(people)
            .details(json!({"request": id, "act": act, "case": grounds.case, "legal_basis": grounds.legal_basis, "answer": details,
                "urgent": urgent, "policy_decision": law.hash}));
        let seq = tx.log(&entry).await?;
        let fields: Vec<&str> = law.fields.iter().map(String::as_str).collect();
        sqlx::query("INSERT INTO access_requests (id, account_id, case_id, sanction_id, person_id, act, data_class, purpose, legal_basis, permitted, reason_code, pack_hash, clause, log_seq, asked_at, fields) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10, $11, $12, $13, $14, $15)")
            .bind(id.to_string())
            .bind(actor.account().to_string())
            .bind(grounds.case.map(|c| c.to_string()))
            .bind(permission.sanction.map(|s| s.to_string()))
            .bind(first.map(|p| p.to_string()))
            .bind(act.name())
            .bind(format!("{:?}", act.data_class()))
            .bind(purpose)
            .bind(grounds.legal_basis.as_deref().unwrap_or_default())
            .bind(&law.code)
            .bind(&law.pack_hash)
            .bind(&law.clause)
            .bind(i64::try_from(seq).unwrap_or(i64::MAX))
            .bind(now.micros())
            .bind(fields.join(" "))
            .execute(tx.sql())
            .await?;
        let mut review_due = None;
        if let (Some((days, reason)), Some(case)) = (&permission.urgent, grounds.case) {
            review_due = Some(self.open_urgent_review(&mut tx, id, case, reason, *days).await?);
        }
        // The law lets a look be told later; only the sanction says until when, and without it the person is told at once.
        if let Some(sanction) = permission.sanction.filter(|_| law.deferred) {
            let until = self.tell_person_at(&mut tx, sanction).await?;
            self.defer(&mut tx, seq, until).await?;
        }
        tx.commit_logged().await?;
        Ok(Answer {
            request: id,
            log_seq: seq,
            clause: law.clause.clone(),
            assumed: law.assumed.clone(),
            review_due,
            same: None,
            pseudonym: None,
            candidates: None,
            people_compared: None,
            people_filtered_out: None,
            identity: None,
        })
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

/// The field of a law pack's access rules that an identity attribute belongs to; what belongs to none never leaves.
pub(crate) fn field_of(attribute: &str) -> Option<&'static str> {
    match attribute {
        "iin" => Some("iin"),
        "born" => Some("birth_date"),
        "status" | "citizenship" => Some("citizenship"),
        "sex" => Some("sex"),
        name if name.starts_with("family_name_") || name.starts_with("given_name_") => Some("full_name"),
        _ => None,
    }
}

/// The purpose as it is logged of a denial.
fn stated(grounds: &Grounds) -> &str {
    match &grounds.purpose {
        None => "none_stated",
        Some(purpose) if code("purpose", purpose).is_ok() => purpose,
        Some(_) => "not_a_code",
    }
}
