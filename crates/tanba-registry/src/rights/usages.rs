//! What a portal of the country asks for whom it has signed in: who looked at them and what was changed, as the own page tells it
//! (docs/data-tracker.md). The portal says who is signed in there; whether they may read is decided here.
//!
//! Whoever may not is answered like somebody who is not here, so that no answer says who is registered.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};
use tanba_law::Iin;

use crate::actor::{Actor, Role};
use crate::error::{RegistryError, Result};
use crate::ids::PersonId;
use crate::journal::{Entry, Outcome};
use crate::national::confirmed_person;
use crate::params::{UNPUBLISHED_SECONDS, USAGES_IN_AN_HOUR, USAGES_ON_A_PAGE};
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::transparency::push_told_by_now;
use crate::volume::Whose;

/// The event of a look by a portal.
pub(crate) const USAGES_VIEWED: &str = "usages.viewed";

/// The event of a question by a portal that was answered like one about nobody.
pub(crate) const USAGES_DENIED: &str = "usages.denied";

/// The purpose of both.
const PURPOSE: &str = "rights_of_the_person";

/// The country whose numbers these are, as portals write it before a number.
const COUNTRY: &str = "KZ";

/// Which usages a portal asks for.
#[derive(Debug, Clone, Default)]
pub struct UsagesAsked {
    /// The number of whoever is signed in there.
    pub user: String,
    /// The number of the person whose usages are asked for.
    pub subject: String,
    /// From when on.
    pub from: Option<Instant>,
    /// Until when.
    pub to: Option<Instant>,
    /// How many of the newest are left out.
    pub offset: u32,
    /// How many at most, 1 to 10,000.
    pub limit: u32,
}

/// A page of usages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usages {
    /// How many there are in all in the time asked for.
    pub total: u64,
    /// Those of the page, newest first.
    pub usages: Vec<Usage>,
}

/// One entry about the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Its place in the log.
    pub seq: u64,
    /// When.
    pub at: Instant,
    /// What happened, as `noun.verb`.
    pub event: String,
    /// Change, look or denial.
    pub outcome: Outcome,
    /// The organisation that did it, by its code; what the register does by itself is its holder's.
    pub organisation: String,
    /// Its name, where there is one.
    pub organisation_name: Option<String>,
    /// For what purpose.
    pub purpose: String,
    /// By which clause.
    pub clause: Option<String>,
}

/// A person whom a portal asks about, with what the entry says of who reads.
struct Behalf {
    person: PersonId,
    records: BTreeSet<PersonId>,
    /// The representative.
    by: Option<PersonId>,
    details: Value,
}

impl Registry {
    /// Only a portal asks for usages.
    ///
    /// # Errors
    /// Denied, and logged, without the portal's role.
    pub async fn demand_portal(&self, actor: &Actor) -> Result<()> {
        self.demand(actor, Role::Portal, "ask who looked at somebody").await
    }

    /// Who looked at a person and what was changed, for a portal at which that person is signed in, or whoever acts for them. The look is
    /// an entry about the person, and about the representative. Somebody who is not here by a number that a register has confirmed, and
    /// somebody for whom the signed-in one does not act, have no usages: that is a denial in the log, and the same answer.
    ///
    /// # Errors
    /// Denied, and logged, without the portal's role, and beyond the limit of an hour; invalid where a number, the time or the page is; for
    /// everybody alike while looks are refused or the register has no keys.
    pub async fn find_usages(&self, actor: &Actor, asked: &UsagesAsked) -> Result<Usages> {
        self.demand_portal(actor).await?;
        self.demand_answers()?;
        let user = self.portal_number("X-Road-UserId", &asked.user)?;
        let subject = self.portal_number("userCode", &asked.subject)?;
        check_page(asked)?;
        let behalf = self.on_whose_behalf(&user, &subject).await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        if asked_by_account(tx.sql(), actor, now.plus_seconds(-3600)).await? >= i64::from(USAGES_IN_AN_HOUR) {
            drop(tx);
            return self.deny_volume(actor, PURPOSE, None, Whose::Portal, json!({})).await;
        }
        let behalf = match behalf {
            Ok(behalf) => behalf,
            Err((reason, people)) => {
                let entry = Entry::denial(USAGES_DENIED, Some(actor)).purpose(PURPOSE).about_all(people);
                tx.commit(&entry.details(json!({"way": "portal", "reason": reason}))).await?;
                return Ok(Usages::default());
            }
        };
        let entry = Entry::look("usages.viewed", actor).purpose(PURPOSE).about(behalf.person).about_all(behalf.by);
        tx.commit(&entry.details(behalf.details)).await?;
        let (found, total) = self.usage_rows(&behalf.records, asked).await?;
        let (holder, holder_name) = self.holder().await?;
        let mut usages = Vec::with_capacity(found.len());
        for group in self.looks_of(&found, &behalf.records).await? {
            let (code, name) = match &group.organisation_code {
                Some(code) => (code, group.organisation.clone()),
                None => (&holder, Some(holder_name.clone())),
            };
            usages.extend(group.entries.iter().map(|(seq, at)| Usage {
                seq: *seq,
                at: *at,
                event: group.event.clone(),
                outcome: group.outcome,
                organisation: code.clone(),
                organisation_name: name.clone(),
                purpose: group.purpose.clone(),
                clause: group.clause.clone(),
            }));
        }
        Ok(Usages { total, usages })
    }

    /// Since when entries of the log can be told with their words.
    ///
    /// # Errors
    /// Denied, and logged, without the portal's role.
    pub async fn usages_kept_since(&self, actor: &Actor) -> Result<Instant> {
        self.demand_portal(actor).await?;
        let row = sqlx::query("SELECT happened_at FROM log_entries WHERE wrapped_key IS NOT NULL ORDER BY seq LIMIT 1")
            .fetch_one(&self.inner.pool)
            .await?;
        rows::instant(&row, "happened_at")
    }

    /// Whether usages can be told now: the log is published, there are keys, and its newest entry can be read.
    ///
    /// # Errors
    /// Denied, and logged, without the portal's role.
    pub async fn usages_can_be_told(&self, actor: &Actor) -> Result<bool> {
        self.demand_portal(actor).await?;
        if self.demand_answers().is_err() {
            return Ok(false);
        }
        let newest =
            sqlx::query("SELECT * FROM log_entries ORDER BY seq DESC LIMIT 1").fetch_one(&self.inner.pool).await;
        Ok(newest.is_ok_and(|row| self.look_view(&row).is_ok()))
    }

    /// While looks are refused, or names have no keys, nobody is answered: else whoever is here would be told apart from whoever is not.
    fn demand_answers(&self) -> Result<()> {
        match self.inner.unpublished_seconds().filter(|seconds| *seconds > UNPUBLISHED_SECONDS) {
            Some(seconds) => Err(RegistryError::Unpublished { minutes: seconds / 60 }),
            None => self.gallery().map(drop),
        }
    }

    /// A number as portals write it: with the country's two letters before it, or without.
    fn portal_number(&self, field: &'static str, text: &str) -> Result<Iin> {
        let text = text.trim();
        self.accept_iin(text.strip_prefix(COUNTRY).unwrap_or(text)).map_err(|error| match error {
            RegistryError::Invalid { problem, .. } => RegistryError::Invalid { field, problem },
            other => other,
        })
    }

    /// The person, where whoever is signed in is that person or acts for them today; else why not, and whom the denial is about.
    async fn on_whose_behalf(
        &self,
        user: &Iin,
        subject: &Iin,
    ) -> Result<std::result::Result<Behalf, (&'static str, Vec<PersonId>)>> {
        if user != subject {
            // Whoever it is: a register that is away, or takes its time, would otherwise tell who is here.
            self.inner.register.fetch(subject)?;
        }
        let mut sql = self.inner.pool.acquire().await?;
        let caller = confirmed_person(&mut sql, &self.blind_iin(user)).await?;
        let person = confirmed_person(&mut sql, &self.blind_iin(subject)).await?;
        drop(sql);
        let (Some(caller), Some(person)) = (caller, person) else {
            return Ok(Err(("not_registered", caller.into_iter().chain(person).collect())));
        };
        let (caller, own_records) = self.present_and_merged(caller).await?;
        let (person, records) = self.present_and_merged(person).await?;
        if caller == person {
            return Ok(Ok(Behalf { person, records, by: None, details: json!({"way": "portal"}) }));
        }
        Ok(match self.representing((caller, &own_records), (person, &records)).await? {
            Ok((kind, _)) => {
                let details = json!({"way": "portal", "representative": caller, "represented": person, "as": kind});
                Ok(Behalf { person, records, by: Some(caller), details })
            }
            Err(not) => Err((not.code(), vec![person, caller])),
        })
    }

    /// The entries of a page, newest first, and how many there are in all. What a sanction lets be told later is in neither.
    async fn usage_rows(&self, records: &BTreeSet<PersonId>, asked: &UsagesAsked) -> Result<(Vec<SqliteRow>, u64)> {
        let mut page = QueryBuilder::new("SELECT * FROM log_entries WHERE ");
        self.push_asked(&mut page, records, asked);
        page.push(" ORDER BY seq DESC LIMIT ").push_bind(i64::from(asked.limit));
        page.push(" OFFSET ").push_bind(i64::from(asked.offset));
        let mut all = QueryBuilder::new("SELECT COUNT(*) AS total FROM log_entries WHERE ");
        self.push_asked(&mut all, records, asked);
        let total = rows::number(&all.build().fetch_one(&self.inner.pool).await?, "total")?;
        Ok((page.build().fetch_all(&self.inner.pool).await?, total))
    }

    fn push_asked(&self, sql: &mut QueryBuilder<Sqlite>, records: &BTreeSet<PersonId>, asked: &UsagesAsked) {
        sql.push("seq IN (SELECT seq FROM log_subjects WHERE person_id IN (");
        let mut list = sql.separated(", ");
        for record in records {
            list.push_bind(record.to_string());
        }
        sql.push("))");
        push_told_by_now(sql, self.now());
        if let Some(from) = asked.from {
            sql.push(" AND happened_at >= ").push_bind(from.micros());
        }
        if let Some(to) = asked.to {
            sql.push(" AND happened_at <= ").push_bind(to.micros());
        }
    }

    /// The organisation that holds the register, which is its first: code and name.
    async fn holder(&self) -> Result<(String, String)> {
        let row = sqlx::query("SELECT code, name FROM organisations ORDER BY created_at, id LIMIT 1")
            .fetch_one(&self.inner.pool)
            .await?;
        Ok((row.try_get("code")?, row.try_get("name")?))
    }
}

fn check_page(asked: &UsagesAsked) -> Result<()> {
    let invalid = |field, problem: &str| Err(RegistryError::Invalid { field, problem: problem.to_owned() });
    if !(1..=USAGES_ON_A_PAGE).contains(&asked.limit) {
        return invalid("limit", "ask for 1 to 10000 usages at a time");
    }
    if asked.from.zip(asked.to).is_some_and(|(from, to)| from > to) {
        return invalid("periodEnd", "the end is before the start: exchange the two");
    }
    Ok(())
}

/// How much an account has asked since an instant, whatever it was answered.
async fn asked_by_account(sql: &mut SqliteConnection, actor: &Actor, since: Instant) -> Result<i64> {
    let asked = sqlx::query_scalar(
        "SELECT COUNT(*) FROM log_entries WHERE account_id = $1 AND event IN ($2, $3) AND seq >= \
         (SELECT MIN(seq) FROM (SELECT seq FROM log_entries WHERE happened_at > $4 ORDER BY happened_at LIMIT 1000) AS early)",
    )
    .bind(actor.account().to_string())
    .bind(USAGES_VIEWED)
    .bind(USAGES_DENIED)
    .bind(since.micros())
    .fetch_one(sql)
    .await?;
    Ok(asked)
}
