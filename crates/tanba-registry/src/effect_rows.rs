//! Rows of effects held against the log: whoever writes into the database by hand leaves a row that no entry speaks of, and whoever
//! deletes one leaves an entry without its row.
//!
//! A row and its entry are written in one transaction and bear the same instant, so both are counted by instant. What a row says is not
//! compared here: its sealed fields are bound to their place, and the rest may lawfully change.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::{QueryBuilder, Sqlite};

use crate::breach::BreachStep;
use crate::error::{RegistryError, Result};
use crate::journal::{Entry, open_payload};
use crate::marks;
use crate::params::RECONCILE_EVERY_SECONDS;
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::{thresholds, watch_list};

/// The event of the alarm.
pub(crate) const ALARM: &str = "rows.unreconciled";

/// The event of rows that agree with the log again: what disagrees from then on is told anew, though it be the same.
const AGREE: &str = "rows.reconciled";

/// Findings told in one alarm, beyond which they are only known to be more.
const FINDINGS: usize = 100;

/// How many rows there are to an entry.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rows {
    /// One to each entry.
    One,
    /// Any number to one entry.
    Any,
}

/// What is compared of a table.
struct Rule {
    /// The table, and which of its rows.
    rows: &'static str,
    /// The column of a row that its entry has too, and which that is.
    column: &'static str,
    entry_column: &'static str,
    number: Rows,
    /// Events one of which each row must have.
    needs: &'static [&'static str],
    /// Events each of which must have a row.
    gives: &'static [&'static str],
}

const fn one(rows: &'static str, column: &'static str, events: &'static [&'static str]) -> Rule {
    Rule { rows, column, entry_column: "happened_at", number: Rows::One, needs: events, gives: events }
}

const fn any(rows: &'static str, column: &'static str, needs: &'static [&'static str]) -> Rule {
    Rule { rows, column, entry_column: "happened_at", number: Rows::Any, needs, gives: &[] }
}

/// One to an entry, and gone before it by law.
const fn spoken(rows: &'static str, column: &'static str, needs: &'static [&'static str]) -> Rule {
    Rule { gives: &[], ..one(rows, column, needs) }
}

const RULES: [Rule; 58] = [
    one("encounters", "opened_at", &["encounter.opened"]),
    // The judgement that makes a registration possible is its entry too, and not every judgement does.
    Rule {
        gives: &["registration.activated"],
        ..one("registrations", "registered_at", &["registration.activated", "judgement.given"])
    },
    one("judgements", "judged_at", &["judgement.given"]),
    // Erased with what they show.
    spoken("samples", "captured_at", &["finger.captured"]),
    spoken("hands_photographs", "taken_at", &["hands.photographed"]),
    one("markings", "locked_at", &["markings.locked"]),
    one("suspicions", "raised_at", &["duplicate.suspected"]),
    one("cluster_revisions", "proposed_at", &["revision.proposed"]),
    one("corrections", "proposed_at", &["correction.proposed"]),
    one("interpreters", "recorded_at", &["interpreter.recorded"]),
    one("exemptions", "recorded_at", &["exemption.recorded"]),
    one("refusals", "refused_at", &["refusal.recorded"]),
    one("consents", "given_at", &["consent.recorded"]),
    one("document_events WHERE event = 'applied'", "happened_at", &["document.applied"]),
    one("document_events WHERE event = 'personalised'", "happened_at", &["document.personalised"]),
    one("cases", "opened_at", &["case.opened"]),
    one("sanctions", "entered_at", &["sanction.entered"]),
    Rule { entry_column: "seq", ..one("access_requests", "log_seq", &["access.granted"]) },
    one("prior_searches", "recorded_at", &["prior_search.recorded"]),
    Rule { entry_column: "seq", ..one("exports", "log_seq", &["answer.exported"]) },
    Rule { entry_column: "seq", ..one("receipts", "log_seq", &["receipt.issued"]) },
    Rule { entry_column: "seq", ..one("deletion_plans", "log_seq", &["retention.planned"]) },
    // The same order entered twice is one hold.
    spoken("legal_holds", "entered_at", &["record.held"]),
    one("specimens", "entered_at", &["specimen.registered"]),
    one("lr_requests", "asked_at", &["lr_search.asked"]),
    one("genomic_references", "entered_at", &["genomic_reference.entered"]),
    one("accounts", "created_at", &["account.created", "instance.founded"]),
    one("accounts WHERE disabled_at IS NOT NULL", "disabled_at", &["account.disabled"]),
    one("organisations", "created_at", &["organisation.created", "instance.founded"]),
    one("sites", "created_at", &["site.created"]),
    one("stations", "created_at", &["station.created"]),
    one("passkeys", "added_at", &["passkey.bound"]),
    one("passkeys WHERE removed_at IS NOT NULL", "removed_at", &["passkey.removed"]),
    spoken("sessions", "created_at", &["session.begun", "session.opened"]),
    one("sanction_keys", "proposed_at", &["sanction_key.proposed"]),
    one("services", "created_at", &["service.added"]),
    one("biometric_locks", "locked_at", &["biometrics.locked"]),
    one("person_requests", "requested_at", &["request.made", "correction.requested"]),
    // Before there were answers, the review task was closed.
    Rule {
        gives: &["request.answered"],
        ..one("person_requests WHERE answered_at IS NOT NULL", "answered_at", &["request.answered", "review.closed"])
    },
    one("representations", "recorded_at", &["representation.recorded"]),
    Rule { gives: &["recipient.ordered"], ..any("recipient_orders", "ordered_at", &["recipient.ordered"]) },
    any("retention_blocks WHERE reason = 'restricted'", "blocked_at", &["records.restricted"]),
    one("law_deliveries", "delivered_at", &["law.delivered"]),
    one("law_activations", "activated_at", &["law.activated"]),
    one("breach_cases", "opened_at", &["breach.opened"]),
    one("breach_steps", "taken_at", &BreachStep::EVENTS),
    one("note_answers", "answered_at", &["note.answered"]),
    one("watch_steps", "taken_at", &watch_list::EVENTS),
    one("notice_choices", "chosen_at", &["notices.chosen"]),
    one("dual_approvals", "approved_at", &["approval.given"]),
    Rule {
        // The founding states the first key, since there are statements.
        gives: &["log_key.stated", "log_key.retired"],
        ..any("log_key_statements", "stated_at", &["log_key.stated", "log_key.retired", "instance.founded"])
    },
    one("log_prunings", "pruned_at", &["log.pruned"]),
    one("evaluations", "added_at", &["evaluation.added"]),
    one("threshold_proposals", "proposed_at", &["threshold.proposed"]),
    one("threshold_settings", "set_at", &["threshold.set"]),
    one("counted_rates", "counted_at", &["rates.counted"]),
    any("persons", "created_at", &["encounter.opened", "revision.proposed"]),
    any("identity_attributes", "recorded_at", &["encounter.opened", "correction.applied"]),
];

/// Tables whose rows are one to each entry of one event: the table, the column with the instant (or the place in the log), the event.
pub(crate) fn counted_one_to_one() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let one = RULES.iter().filter(|rule| rule.number == Rows::One && rule.needs == rule.gives);
    one.filter_map(|rule| match rule.needs {
        [event] => Some((rule.rows, rule.column, *event)),
        _ => None,
    })
}

/// A disagreement between rows and log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowFinding {
    /// The table, and which of its rows.
    pub rows: String,
    /// The instant in microseconds, or the place in the log, at which they disagree; none where the index of own entries does.
    pub at: Option<i64>,
    /// Rows that no entry speaks of; otherwise it is entries whose rows are gone.
    pub unspoken: bool,
}

impl Registry {
    /// Holds the rows of effects, and those that say whom entries are about, against the log. What disagrees is an entry, once for the
    /// same findings, and a note of the supervisor's.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn reconcile_rows(&self) -> Result<Vec<RowFinding>> {
        let mut findings = self.row_findings().await?;
        match self.publish_index().await {
            Err(RegistryError::Damaged { what }) => {
                findings.push(RowFinding { rows: what.to_owned(), at: None, unspoken: false });
            }
            published => drop(published?),
        }
        if self.settings().await?.is_err() {
            findings.push(RowFinding { rows: thresholds::FOUND.to_owned(), at: None, unspoken: false });
        }
        if !self.watches_open().await? {
            findings.push(RowFinding { rows: "watch_steps".to_owned(), at: None, unspoken: false });
        }
        findings.truncate(FINDINGS);
        let told = self.last_alarm().await?;
        if findings.is_empty() && told.is_some() {
            WriteTx::begin(&self.inner).await?.commit(&Entry::system(AGREE)).await?;
        }
        if !findings.is_empty() && told != Some(json!(findings)) {
            let tx = WriteTx::begin(&self.inner).await?;
            tx.commit(&Entry::system(ALARM).details(json!({"findings": findings}))).await?;
            tracing::error!(
                findings = findings.len(),
                "rows of the database and the log disagree: see the supervisor's notes"
            );
        }
        self.open_breaches().await?;
        Ok(findings)
    }

    /// Does so every ten minutes until the registry is dropped, and sees to it that no breach misses its day. Call it once, in a service.
    pub fn keep_rows_reconciled(&self) -> tokio::task::JoinHandle<()> {
        let registry = self.clone();
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_secs(RECONCILE_EVERY_SECONDS)).await;
                if let Err(error) = registry.escalate_breaches().await {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "breaches that are late were not put before the supervisor"
                    );
                }
                if let Err(error) = registry.reconcile_rows().await {
                    tracing::error!(error = &error as &dyn std::error::Error, "rows and log were not compared");
                }
            }
        })
    }

    async fn row_findings(&self) -> Result<Vec<RowFinding>> {
        let mut findings = Vec::new();
        // One state of rows and log: an effect that is committed meanwhile has both or neither.
        let mut sql = self.inner.pool.begin().await?;
        for rule in &RULES {
            for row in rule.query().build().fetch_all(&mut *sql).await? {
                let (there, needs) = (rows::number::<u64>(&row, "there")?, rows::number::<u64>(&row, "needs")?);
                let at = Some(rows::number(&row, "at")?);
                findings.push(RowFinding { rows: rule.rows.to_owned(), at, unspoken: rule.unspoken(there, needs) });
            }
        }
        findings.extend(marks::findings(&self.inner.vault, &mut sql).await?);
        Ok(findings)
    }

    /// What the newest alarm told, unless rows and log agreed since.
    async fn last_alarm(&self) -> Result<Option<Value>> {
        let row = sqlx::query("SELECT * FROM log_entries WHERE event IN ($1, $2) ORDER BY seq DESC LIMIT 1")
            .bind(ALARM)
            .bind(AGREE)
            .fetch_optional(&self.inner.pool)
            .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(open_payload(&self.inner, &row)?.and_then(|payload| payload.details.get("findings").cloned()))
    }
}

impl Rule {
    fn unspoken(&self, there: u64, needs: u64) -> bool {
        if self.number == Rows::One { there > needs } else { there > 0 && needs == 0 }
    }

    /// The instants at which rows and entries disagree.
    fn query(&self) -> QueryBuilder<Sqlite> {
        let mut sql = QueryBuilder::new("SELECT at, SUM(r) AS there, SUM(n) AS needs FROM (SELECT ");
        sql.push(self.column).push(" AS at, 1 AS r, 0 AS n, 0 AS g FROM ").push(self.rows);
        for (events, counts) in [(self.needs, ", 0, 1, 0"), (self.gives, ", 0, 0, 1")] {
            if events.is_empty() {
                continue;
            }
            sql.push(" UNION ALL SELECT ").push(self.entry_column).push(counts);
            sql.push(" FROM log_entries WHERE event IN (");
            let mut list = sql.separated(", ");
            for event in events {
                list.push_bind(*event);
            }
            sql.push(")");
        }
        sql.push(") AS counted GROUP BY at HAVING SUM(g) > SUM(r) OR ");
        sql.push(if self.number == Rows::One { "SUM(r) > SUM(n)" } else { "(SUM(r) > 0 AND SUM(n) = 0)" });
        sql.push(" ORDER BY at LIMIT ").push_bind(i64::try_from(FINDINGS).unwrap_or(i64::MAX));
        sql
    }
}
