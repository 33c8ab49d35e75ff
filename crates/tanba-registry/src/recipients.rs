//! Those who were told: what they must delete or correct, and whether they say that they did.
//!
//! An order is made in the transaction of its cause, for everybody who has the answer: the organisation that asked and, through it, each
//! partner abroad to whom it passed the answer on; of a genomic hit the organisation in whose case it was found. It stays open until
//! somebody of the organisation acknowledges it; one that is overdue is a note for the supervisor.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};

use crate::access::field_of;
use crate::actor::{Actor, Role};
use crate::correction::AttributeChange;
use crate::error::{RegistryError, Result};
use crate::ids::{AccessRequestId, CorrectionId, EncounterId, GenomicHitId, OrganisationId, PersonId, RowId};
use crate::journal::{Entry, Payload, open_payload};
use crate::keys::{key_for_reading, key_for_writing};
use crate::params::{DISCLOSURES_FOLLOWED, ORDER_WORKING_DAYS};
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::urgent::{day, people_of};
use crate::vault::{Domain, fresh_bytes};

/// Why an order was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// A look in danger to life was found unjustified.
    UrgentUnjustified,
    /// A look in danger to life was not checked in time.
    UrgentLapsed,
    /// The register erased what the answer came from.
    Erased,
    /// The register corrected what the answer said.
    Corrected,
}

impl Cause {
    /// The name in the database and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::UrgentUnjustified => "urgent_unjustified",
            Self::UrgentLapsed => "urgent_lapsed",
            Self::Erased => "erased",
            Self::Corrected => "corrected",
        }
    }
}

/// What a recipient must do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RecipientOrder {
    /// The order.
    pub id: RowId,
    /// `delete` or `correct`.
    pub kind: String,
    /// `urgent_unjustified`, `urgent_lapsed`, `erased` or `corrected`.
    pub cause: String,
    /// The answer it is about; none where it is about a hit.
    pub request: Option<AccessRequestId>,
    /// The genomic hit it is about.
    pub hit: Option<GenomicHitId>,
    /// Where in the log the answer stands, or the search that found the hit; none where rows of the log are missing.
    pub answered_seq: Option<u64>,
    /// The organisation that must see to it, by its code.
    pub organisation: String,
    /// The partner abroad that has the answer through it; `None` for the organisation itself.
    pub partner: Option<String>,
    /// The new values of a correction by attribute, `None` where a value was taken back; empty where they were erased since, and for a
    /// supervisor.
    pub values: BTreeMap<String, Option<String>>,
    /// When it was made.
    pub ordered_at: Instant,
    /// The last day on which it may be acknowledged.
    pub due_on: Date,
    /// When it was acknowledged.
    pub acknowledged_at: Option<Instant>,
}

/// What an order is about.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Told {
    /// An answer to an authority.
    Request(AccessRequestId),
    /// A genomic hit.
    Hit(GenomicHitId),
}

impl Told {
    /// For the columns of the two.
    fn columns(self) -> (Option<String>, Option<String>) {
        match self {
            Self::Request(id) => (Some(id.to_string()), None),
            Self::Hit(id) => (None, Some(id.to_string())),
        }
    }
}

/// One order to be written.
struct NewOrder<'a> {
    kind: &'static str,
    cause: Cause,
    cause_id: &'a str,
    told: Told,
    /// Where in the log it was told.
    answered: Option<i64>,
    organisation: OrganisationId,
    partner: &'a str,
    /// The record under whose keys the new values are sealed, and those values.
    values: Option<(EncounterId, &'a BTreeMap<String, Option<String>>)>,
}

/// An answer that told somebody something of a person.
struct Disclosure {
    request: AccessRequestId,
    organisation: OrganisationId,
    seq: i64,
    fields: BTreeSet<String>,
    payload: Option<Payload>,
}

impl Registry {
    /// Everybody who has one answer must delete it.
    pub(crate) async fn order_deletion(
        &self,
        tx: &mut WriteTx<'_>,
        cause: Cause,
        request: AccessRequestId,
    ) -> Result<()> {
        let row = sqlx::query(
            "SELECT r.log_seq, a.organisation_id FROM access_requests r JOIN accounts a ON a.id = r.account_id WHERE r.id = $1",
        )
        .bind(request.to_string())
        .fetch_one(tx.sql())
        .await?;
        let (seq, organisation) = (row.try_get("log_seq")?, rows::id(&row, "organisation_id")?);
        let order = NewOrder {
            kind: "delete",
            cause,
            cause_id: "",
            told: Told::Request(request),
            answered: Some(seq),
            organisation,
            partner: "",
            values: None,
        };
        let people = people_of(tx, seq).await?;
        self.order_everybody(tx, &order, people).await
    }

    /// Everybody who was told something that came from the prints of a record must delete it: they are erased.
    pub(crate) async fn order_deletions_about(
        &self,
        tx: &mut WriteTx<'_>,
        person: PersonId,
        record: &str,
    ) -> Result<()> {
        for told in self.disclosures_about(tx.sql(), person).await? {
            let answer = told.payload.map(|payload| payload.details["answer"].clone()).unwrap_or_default();
            let named = |id: &serde_json::Value| id.as_str() == Some(record);
            let from_it = named(&answer["encounter"])
                || answer["candidates"].as_array().is_some_and(|candidates| candidates.iter().any(named));
            if !from_it {
                continue;
            }
            let order = NewOrder {
                kind: "delete",
                cause: Cause::Erased,
                cause_id: record,
                told: Told::Request(told.request),
                answered: Some(told.seq),
                organisation: told.organisation,
                partner: "",
                values: None,
            };
            let people = people_of(tx, told.seq).await?;
            self.order_everybody(tx, &order, people).await?;
        }
        Ok(())
    }

    /// Every organisation that was told of a hit with a specimen must delete it, once: the profile is erased, or the hit was wrong. What a
    /// human decision released counts as told: hits that examiners confirmed, and the leads of a search by likelihood ratio, which an officer
    /// sanctioned, whatever was made of them.
    pub(crate) async fn order_deletions_of_hits(
        &self,
        tx: &mut WriteTx<'_>,
        specimen: &str,
        (cause, cause_id): (Cause, &str),
    ) -> Result<()> {
        let found = sqlx::query(
            "SELECT h.id, c.organisation_id, q.person_id AS query_person, f.person_id AS found_person, \
             (SELECT MAX(l.seq) FROM log_entries l WHERE l.happened_at = s.searched_at \
             AND l.event IN ('genomic.searched', 'lineage.searched', 'lr_search.made')) AS answered_seq \
             FROM genomic_hits h JOIN searches s ON s.id = h.search_id JOIN cases c ON c.id = s.case_id \
             JOIN specimens q ON q.id = h.query_id JOIN specimens f ON f.id = h.specimen_id \
             WHERE (h.query_id = $1 OR h.specimen_id = $1) \
             AND (h.state = 'confirmed' OR h.method = 'likelihood_ratio') \
             AND NOT EXISTS (SELECT 1 FROM recipient_orders o WHERE o.hit_id = h.id) ORDER BY h.id",
        )
        .bind(specimen)
        .fetch_all(tx.sql())
        .await?;
        for row in &found {
            let people = [rows::id_opt(row, "query_person")?, rows::id_opt(row, "found_person")?];
            let order = NewOrder {
                kind: "delete",
                cause,
                cause_id,
                told: Told::Hit(rows::id(row, "id")?),
                answered: row.try_get("answered_seq")?,
                organisation: rows::id(row, "organisation_id")?,
                partner: "",
                values: None,
            };
            self.order_everybody(tx, &order, people.into_iter().flatten().collect()).await?;
        }
        Ok(())
    }

    /// Everybody who was told an attribute of a person is told its new value, and nothing that they were not told before.
    pub(crate) async fn order_corrections_about(
        &self,
        tx: &mut WriteTx<'_>,
        person: PersonId,
        (holder, correction): (EncounterId, CorrectionId),
        changes: &[AttributeChange],
    ) -> Result<()> {
        for told in self.disclosures_about(tx.sql(), person).await? {
            let values: BTreeMap<String, Option<String>> = changes
                .iter()
                .filter(|change| field_of(&change.name).is_some_and(|field| told.fields.contains(field)))
                .map(|change| (change.name.clone(), change.after.clone()))
                .collect();
            if values.is_empty() {
                continue;
            }
            let order = NewOrder {
                kind: "correct",
                cause: Cause::Corrected,
                cause_id: &correction.to_string(),
                told: Told::Request(told.request),
                answered: Some(told.seq),
                organisation: told.organisation,
                partner: "",
                values: Some((holder, &values)),
            };
            let people = people_of(tx, told.seq).await?;
            self.order_everybody(tx, &order, people).await?;
        }
        Ok(())
    }

    /// Orders: those of the own organisation for its officers, with the values that it must correct; those about hits for its DNA examiners;
    /// those of all for a supervisor, without values. Open ones come first, the next to be due at the top.
    ///
    /// # Errors
    /// Denied without the officer's, the second officer's, the DNA examiner's or the supervisor's role.
    pub async fn recipient_orders(&self, actor: &Actor) -> Result<Vec<RecipientOrder>> {
        let all = actor.has(Role::Supervisor);
        let hits_alone = !all && self.demand_of_recipient(actor, "see what recipients must do").await?;
        self.lapse_urgent_reviews().await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let found = sqlx::query(
            "SELECT q.*, o.code AS organisation FROM recipient_orders q JOIN organisations o ON o.id = q.organisation_id \
             WHERE ($2 = 1 OR q.organisation_id = $1) AND ($3 = 0 OR q.hit_id IS NOT NULL) \
             ORDER BY q.acknowledged_at IS NOT NULL, q.due_on, q.ordered_at DESC LIMIT 200",
        )
        .bind(actor.organisation.to_string())
        .bind(i64::from(all))
        .bind(i64::from(hits_alone))
        .fetch_all(tx.sql())
        .await?;
        let mut orders = Vec::with_capacity(found.len());
        let mut people = BTreeSet::new();
        for row in &found {
            let order = self.order_of(tx.sql(), row, !all).await?;
            if !order.values.is_empty() {
                people.extend(people_of(&mut tx, row.try_get("log_seq")?).await?);
            }
            orders.push(order);
        }
        if !people.is_empty() {
            // A new value is a look at the person like any other.
            let entry = Entry::look("recipient_orders.viewed", actor).purpose("correction").about_all(people);
            tx.commit(&entry.details(json!({"orders": orders.len()}))).await?;
        }
        Ok(orders)
    }

    /// An officer of the organisation, or of a hit a DNA examiner, says that an order was carried out: by itself, or by the partner to whom
    /// it passed the answer on.
    ///
    /// # Errors
    /// Denied without the officer's, the second officer's or the DNA examiner's role; not found where it is another organisation's, and to a
    /// DNA examiner where it is about no hit; a conflict where it was acknowledged before.
    pub async fn acknowledge_order(&self, actor: &Actor, id: RowId) -> Result<u64> {
        let hits_alone = self.demand_of_recipient(actor, "acknowledge an order").await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let row = sqlx::query(
            "SELECT * FROM recipient_orders WHERE id = $1 AND organisation_id = $2 AND ($3 = 0 OR hit_id IS NOT NULL)",
        )
        .bind(id.to_string())
        .bind(actor.organisation.to_string())
        .bind(i64::from(hits_alone))
        .fetch_optional(tx.sql())
        .await?
        .ok_or(RegistryError::NotFound { what: "order to a recipient" })?;
        if rows::instant_opt(&row, "acknowledged_at")?.is_some() {
            return Err(RegistryError::Conflict { what: "this order is acknowledged", next: "look at the list again" });
        }
        sqlx::query("UPDATE recipient_orders SET acknowledged_by = $1, acknowledged_at = $2 WHERE id = $3")
            .bind(actor.account().to_string())
            .bind(now.micros())
            .bind(id.to_string())
            .execute(tx.sql())
            .await?;
        // The order's own entry is about whom the answer was about, and shown no earlier.
        let ordered: i64 = row.try_get("log_seq")?;
        let people = people_of(&mut tx, ordered).await?;
        let entry = Entry::effect("recipient_order.acknowledged", actor).about_all(people);
        let mut details = json!({"order": id, "kind": row.try_get::<String, _>("kind")?});
        for (column, name) in [("request_id", "request"), ("hit_id", "hit")] {
            if let Some(told) = row.try_get::<Option<String>, _>(column)? {
                details[name] = json!(told);
            }
        }
        let seq = tx.log(&entry.details(details)).await?;
        self.defer_like(&mut tx, seq, ordered).await?;
        tx.commit_logged().await?;
        Ok(seq)
    }

    /// Whether somebody sees and acknowledges orders about hits alone: a DNA examiner who is no officer. Denied to whoever is neither.
    async fn demand_of_recipient(&self, actor: &Actor, what: &'static str) -> Result<bool> {
        if actor.has(Role::SecondOfficer) || actor.has(Role::Officer) {
            return Ok(false);
        }
        if !actor.has(Role::DnaExaminer) {
            self.demand(actor, Role::Officer, what).await?;
        }
        Ok(true)
    }

    /// The organisation, and each partner that has the answer through it: no hit is passed on.
    async fn order_everybody(&self, tx: &mut WriteTx<'_>, order: &NewOrder<'_>, people: Vec<PersonId>) -> Result<()> {
        let (request, hit) = order.told.columns();
        let partners: Vec<String> =
            sqlx::query_scalar("SELECT DISTINCT partner FROM exports WHERE request_id = $1 ORDER BY partner")
                .bind(&request)
                .fetch_all(tx.sql())
                .await?;
        let known: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM recipient_orders WHERE kind = $1 AND cause = $2 AND cause_id = $3 AND COALESCE(request_id, hit_id) = $4")
            .bind(order.kind)
            .bind(order.cause.name())
            .bind(order.cause_id)
            .bind(request.or(hit))
            .fetch_one(tx.sql())
            .await?;
        if known > 0 {
            return Ok(());
        }
        let to = partners.len() + 1;
        let entry = Entry::system("recipient.ordered").purpose("correction").about_all(people);
        let mut details = json!(order.told);
        details["kind"] = json!(order.kind);
        details["cause"] = json!(order.cause);
        details["recipients"] = json!(to);
        let seq = tx.log(&entry.details(details)).await?;
        if let Some(answered) = order.answered {
            self.defer_like(tx, seq, answered).await?;
        }
        self.insert_order(tx, order, seq).await?;
        for partner in &partners {
            self.insert_order(tx, &NewOrder { partner, ..*order }, seq).await?;
        }
        Ok(())
    }

    async fn insert_order(&self, tx: &mut WriteTx<'_>, order: &NewOrder<'_>, seq: u64) -> Result<()> {
        let now = tx.now();
        let due = self.inner.law().working_days_after(self.inner.zone.date(now), ORDER_WORKING_DAYS);
        let id = RowId::fresh(now.micros(), fresh_bytes()?);
        let (mut owner, mut sealed) = (None, None);
        if let Some((holder, values)) = order.values {
            let holder = holder.to_string();
            let key = key_for_writing(&self.inner.vault, tx.sql(), now, &holder, Domain::Identity).await?;
            let plain = serde_json::to_vec(values).map_err(|_| RegistryError::Damaged { what: "order" })?;
            sealed = Some(self.inner.vault.seal(&key, Domain::Identity, &holder, &values_field(id), &plain)?);
            owner = Some(holder);
        }
        let (request, hit) = order.told.columns();
        sqlx::query("INSERT INTO recipient_orders (id, kind, cause, cause_id, request_id, hit_id, answered_seq, organisation_id, partner, owner_id, sealed_values, due_on, log_seq, ordered_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)")
            .bind(id.to_string())
            .bind(order.kind)
            .bind(order.cause.name())
            .bind(order.cause_id)
            .bind(request)
            .bind(hit)
            .bind(order.answered)
            .bind(order.organisation.to_string())
            .bind(order.partner)
            .bind(owner)
            .bind(sealed)
            .bind(due.last.to_string())
            .bind(i64::try_from(seq).unwrap_or(i64::MAX))
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        Ok(())
    }

    /// The last answers that told somebody something of a person. A yes or no tells nothing that could be deleted.
    async fn disclosures_about(&self, sql: &mut SqliteConnection, person: PersonId) -> Result<Vec<Disclosure>> {
        let (_, records) = self.present_and_merged(person).await?;
        let mut query = QueryBuilder::<Sqlite>::new(
            "SELECT l.*, r.id AS request_id, r.fields, a.organisation_id FROM access_requests r JOIN log_entries l ON l.seq = r.log_seq \
             JOIN accounts a ON a.id = r.account_id WHERE r.permitted = 1 AND r.act <> 'verify' AND r.log_seq IN \
             (SELECT seq FROM log_subjects WHERE person_id IN (",
        );
        let mut list = query.separated(", ");
        for record in &records {
            list.push_bind(record.to_string());
        }
        query.push(")) ORDER BY r.log_seq DESC LIMIT ").push_bind(DISCLOSURES_FOLLOWED);
        let found = query.build().fetch_all(sql).await?;
        found
            .iter()
            .map(|row| {
                Ok(Disclosure {
                    request: rows::id(row, "request_id")?,
                    organisation: rows::id(row, "organisation_id")?,
                    seq: row.try_get("seq")?,
                    fields: row.try_get::<String, _>("fields")?.split(' ').map(str::to_owned).collect(),
                    payload: open_payload(&self.inner, row)?,
                })
            })
            .collect()
    }

    async fn order_of(&self, sql: &mut SqliteConnection, row: &SqliteRow, with_values: bool) -> Result<RecipientOrder> {
        let id: RowId = rows::id(row, "id")?;
        let mut values = BTreeMap::new();
        let (owner, sealed): (Option<String>, Option<Vec<u8>>) =
            (row.try_get("owner_id")?, row.try_get("sealed_values")?);
        if let (true, Some(owner), Some(sealed)) = (with_values, owner, sealed)
            && let Some(key) = key_for_reading(&self.inner.vault, sql, &owner, Domain::Identity).await?
        {
            let plain = self.inner.vault.open(&key, Domain::Identity, &owner, &values_field(id), &sealed)?;
            values = serde_json::from_slice(&plain).map_err(|_| RegistryError::Damaged { what: "order" })?;
        }
        Ok(RecipientOrder {
            id,
            kind: row.try_get("kind")?,
            cause: row.try_get("cause")?,
            request: rows::id_opt(row, "request_id")?,
            hit: rows::id_opt(row, "hit_id")?,
            answered_seq: row.try_get::<Option<i64>, _>("answered_seq")?.and_then(|seq| u64::try_from(seq).ok()),
            organisation: row.try_get("organisation")?,
            partner: Some(row.try_get::<String, _>("partner")?).filter(|partner| !partner.is_empty()),
            values,
            ordered_at: rows::instant(row, "ordered_at")?,
            due_on: day(row, "due_on")?,
            acknowledged_at: rows::instant_opt(row, "acknowledged_at")?,
        })
    }
}

fn values_field(id: RowId) -> String {
    format!("order/{id}")
}
