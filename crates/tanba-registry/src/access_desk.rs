//! What an officer finds on the desk: the cases of the own authority, what the law lets it ask, sanctions and past requests.
//! No person's data is in it: a case's number is the authority's own, and a request is shown without whom it was about.

use serde::{Deserialize, Serialize};
use sqlx::Row;
use tanba_law::{AccessAct, Text};

use crate::access::Act;
use crate::actor::{Actor, Role};
use crate::error::{RegistryError, Result};
use crate::ids::{AccessRequestId, CaseId, SanctionId};
use crate::keys::key_for_reading;
use crate::registry::Registry;
use crate::rows;
use crate::time::Instant;
use crate::vault::Domain;

/// Cases with what is counted in them.
macro_rules! case {
    ($condition:literal) => {
        concat!(
            "SELECT c.*, (SELECT COUNT(*) FROM access_requests r WHERE r.case_id = c.id) AS requests, \
             (SELECT COUNT(*) FROM sanctions s WHERE s.case_id = c.id) AS sanctions FROM cases c ",
            $condition
        )
    };
}

/// Cases and requests shown at most; an authority with more looks for its own number.
const SHOWN: i64 = 200;

/// The desk of an officer, or of whoever enters sanctions for officers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AccessDesk {
    /// The authority's open cases, newest first.
    pub cases: Vec<CaseView>,
    /// What the law lets the authority ask.
    pub rules: Vec<AccessRuleView>,
}

/// A case of the authority.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CaseView {
    /// The case.
    pub id: CaseId,
    /// The authority's own number.
    pub number: String,
    /// `crime`, `missing_person`, ...
    pub kind: String,
    /// When it was opened here.
    pub opened_at: Instant,
    /// Requests permitted in it.
    pub requests: u32,
    /// Sanctions entered in it.
    pub sanctions: u32,
}

/// One case with what was entered and asked in it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CaseDesk {
    /// The case.
    pub case: CaseView,
    /// Its sanctions, newest first.
    pub sanctions: Vec<SanctionView>,
    /// Permitted requests, newest first.
    pub requests: Vec<RequestView>,
}

/// A sanction or court decision as the authority sees it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SanctionView {
    /// The sanction.
    pub id: SanctionId,
    /// The level of authority that gave it.
    pub authority: String,
    /// Who signed it, and its number.
    pub issued_by: String,
    /// Whether its authority has signed it; otherwise a clerk has entered it.
    pub signed: bool,
    /// Purposes it covers.
    pub purposes: Vec<String>,
    /// Acts it covers.
    pub acts: Vec<String>,
    /// Whether it is about one named person.
    pub names_a_person: bool,
    /// From when.
    pub valid_from: Instant,
    /// Until when.
    pub valid_to: Instant,
    /// Uses taken.
    pub uses: u32,
    /// Uses allowed.
    pub max_uses: u32,
    /// Whether it can be used now.
    pub usable: bool,
}

/// A permitted request, without whom it was about.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RequestView {
    /// The request.
    pub id: AccessRequestId,
    /// What was asked.
    pub act: String,
    /// For which purpose.
    pub purpose: String,
    /// By which clause it was permitted.
    pub clause: String,
    /// Where it stands in the log.
    pub log_seq: u64,
    /// When.
    pub asked_at: Instant,
    /// Whether this officer asked.
    pub mine: bool,
}

/// What the law lets a body ask.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AccessRuleView {
    /// The clause.
    pub code: String,
    /// For which purposes.
    pub purposes: Vec<String>,
    /// To do what.
    pub acts: Vec<Act>,
    /// Levels of authority of which one must have sanctioned it; empty where none is needed.
    pub sanction: Vec<String>,
    /// Working days until the check, where danger to life opens without a sanction.
    pub urgent_days: Option<u8>,
    /// What must have been searched elsewhere before.
    pub before: Vec<String>,
    /// What the answer may hold.
    pub fields: Vec<String>,
    /// In plain words.
    pub text: Text,
}

impl Registry {
    /// The cases of the account's authority, and what the law lets it ask.
    ///
    /// # Errors
    /// Denied without the officer's or the second officer's role.
    pub async fn access_desk(&self, actor: &Actor) -> Result<AccessDesk> {
        self.demand_access_role(actor).await?;
        let cases = self.open_cases(actor).await?;
        let law = self.inner.law();
        let rules = law.access_rules(actor.body(), self.today()).into_iter().filter_map(rule_view).collect();
        Ok(AccessDesk { cases, rules })
    }

    /// The open cases of the account's organisation, newest first.
    pub(crate) async fn open_cases(&self, actor: &Actor) -> Result<Vec<CaseView>> {
        let found = sqlx::query(case!(
            "WHERE c.organisation_id = $1 AND c.closed_at IS NULL ORDER BY c.opened_at DESC LIMIT $2"
        ))
        .bind(actor.organisation.to_string())
        .bind(SHOWN)
        .fetch_all(&self.inner.pool)
        .await?;
        let mut cases = Vec::with_capacity(found.len());
        for row in &found {
            cases.push(self.case_view(row).await?);
        }
        Ok(cases)
    }

    /// A case of the account's organisation, open or closed.
    pub(crate) async fn own_case(&self, actor: &Actor, id: CaseId) -> Result<CaseView> {
        let row = sqlx::query(case!("WHERE c.id = $2 AND c.organisation_id = $1"))
            .bind(actor.organisation.to_string())
            .bind(id.to_string())
            .fetch_optional(&self.inner.pool)
            .await?
            .ok_or(RegistryError::NotFound { what: "case" })?;
        self.case_view(&row).await
    }

    /// One case of the account's authority.
    ///
    /// # Errors
    /// Denied without the officer's or the second officer's role; not found where it is another authority's.
    pub async fn case_desk(&self, actor: &Actor, id: CaseId) -> Result<CaseDesk> {
        self.demand_access_role(actor).await?;
        let case = self.own_case(actor, id).await?;
        let requests = sqlx::query("SELECT * FROM access_requests WHERE case_id = $1 ORDER BY asked_at DESC LIMIT $2")
            .bind(id.to_string())
            .bind(SHOWN)
            .fetch_all(&self.inner.pool)
            .await?;
        let requests = requests
            .iter()
            .map(|row| {
                Ok(RequestView {
                    id: rows::id(row, "id")?,
                    act: row.try_get("act")?,
                    purpose: row.try_get("purpose")?,
                    clause: row.try_get("clause")?,
                    log_seq: rows::number(row, "log_seq")?,
                    asked_at: rows::instant(row, "asked_at")?,
                    mine: row.try_get::<String, _>("account_id")? == actor.account().to_string(),
                })
            })
            .collect::<Result<_>>()?;
        Ok(CaseDesk { case, sanctions: self.sanctions_of(id).await?, requests })
    }

    async fn demand_access_role(&self, actor: &Actor) -> Result<()> {
        if actor.has(Role::SecondOfficer) { Ok(()) } else { self.demand(actor, Role::Officer, "see cases").await }
    }

    async fn case_view(&self, row: &sqlx::sqlite::SqliteRow) -> Result<CaseView> {
        let id: CaseId = rows::id(row, "id")?;
        let owner = id.to_string();
        let mut sql = self.inner.pool.acquire().await?;
        let number = match key_for_reading(&self.inner.vault, &mut sql, &owner, Domain::Case).await? {
            Some(key) => {
                let sealed: Vec<u8> = row.try_get("sealed_number")?;
                let plain = self.inner.vault.open(&key, Domain::Case, &owner, "number", &sealed)?;
                String::from_utf8_lossy(&plain).into_owned()
            }
            None => String::new(),
        };
        Ok(CaseView {
            id,
            number,
            kind: row.try_get("kind")?,
            opened_at: rows::instant(row, "opened_at")?,
            requests: rows::number(row, "requests")?,
            sanctions: rows::number(row, "sanctions")?,
        })
    }

    async fn sanctions_of(&self, case: CaseId) -> Result<Vec<SanctionView>> {
        let owner = case.to_string();
        let now = self.now();
        let mut sql = self.inner.pool.acquire().await?;
        let key = key_for_reading(&self.inner.vault, &mut sql, &owner, Domain::Case).await?;
        let found = sqlx::query("SELECT * FROM sanctions WHERE case_id = $1 ORDER BY entered_at DESC LIMIT $2")
            .bind(&owner)
            .bind(SHOWN)
            .fetch_all(&mut *sql)
            .await?;
        let words = |text: String| text.split(' ').map(str::to_owned).collect();
        found
            .iter()
            .map(|row| {
                let id: SanctionId = rows::id(row, "id")?;
                let issued_by = match &key {
                    Some(key) => {
                        let sealed: Vec<u8> = row.try_get("sealed_body")?;
                        let plain =
                            self.inner.vault.open(key, Domain::Case, &owner, &format!("sanction/{id}"), &sealed)?;
                        String::from_utf8_lossy(&plain).into_owned()
                    }
                    None => String::new(),
                };
                let (valid_from, valid_to) = (rows::instant(row, "valid_from")?, rows::instant(row, "valid_to")?);
                let (uses, max_uses) = (rows::number(row, "uses")?, rows::number(row, "max_uses")?);
                let revoked = rows::instant_opt(row, "revoked_at")?.is_some();
                Ok(SanctionView {
                    id,
                    authority: row.try_get("authority")?,
                    issued_by,
                    signed: row.try_get::<Option<String>, _>("serial")?.is_some(),
                    purposes: words(row.try_get("purposes")?),
                    acts: words(row.try_get("acts")?),
                    names_a_person: row.try_get::<Option<String>, _>("person_id")?.is_some(),
                    valid_from,
                    valid_to,
                    uses,
                    max_uses,
                    usable: !revoked && uses < max_uses && valid_from <= now && now < valid_to,
                })
            })
            .collect()
    }
}

/// A rule as far as this register can carry it out; `None` where it is about something else, such as genomic profiles.
fn rule_view(rule: &tanba_law::AccessRule) -> Option<AccessRuleView> {
    let acts: Vec<Act> = rule
        .acts
        .iter()
        .filter_map(|act| match act {
            AccessAct::Verify => Some(Act::Verify),
            AccessAct::Identify => Some(Act::Identify),
            AccessAct::Read => Some(Act::Read),
            AccessAct::ReleaseIdentity => Some(Act::ReleaseIdentity),
            AccessAct::Search | AccessAct::KinshipSearch => None,
        })
        .collect();
    (!acts.is_empty()).then(|| AccessRuleView {
        code: rule.code.clone(),
        purposes: rule.purposes.clone(),
        acts,
        sanction: rule.sanction.clone(),
        urgent_days: rule.urgent.map(|urgent| urgent.review_working_days),
        before: rule.before.iter().map(|before| before.searched.clone()).collect(),
        fields: rule.fields.clone(),
        text: rule.text.clone(),
    })
}
