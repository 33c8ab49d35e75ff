//! How much may be asked within some hours: by one officer, in one case, by one organisation. Looks at people's data and genomic searches
//! count alike.

use serde::Serialize;
use serde_json::json;
use sqlx::SqliteConnection;
use tanba_law::Volume;

use crate::actor::Actor;
use crate::error::Result;
use crate::ids::CaseId;
use crate::journal::Entry;
use crate::params::{BODY_REQUESTS, CASE_REQUESTS, OFFICER_REQUESTS, VOLUME_HOURS};
use crate::registry::Registry;
use crate::time::Instant;

/// Whose limit is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Whose {
    Officer,
    Case,
    Body,
    Portal,
}

/// Counts what was asked after `$1` by, or in, `$2`.
macro_rules! asked {
    ($which:literal) => {
        concat!(
            "SELECT COUNT(*) FROM (SELECT account_id, case_id, asked_at AS at FROM access_requests \
             UNION ALL SELECT account_id, case_id, searched_at FROM searches WHERE kind = 'genomic') AS asked WHERE at > $1 AND ",
            $which
        )
    };
}

impl Registry {
    /// The limit that one more request would go beyond, if any: as the rule says, or else as this register does. Whoever writes the request
    /// down asks again inside its transaction.
    pub(crate) async fn limit_reached(
        &self,
        sql: &mut SqliteConnection,
        actor: &Actor,
        case: Option<CaseId>,
        volume: Option<Volume>,
        now: Instant,
    ) -> Result<Option<Whose>> {
        let said = |requests: Option<u32>| requests.zip(volume.map(|volume| volume.hours));
        let limits = [
            (Whose::Officer, said(volume.map(|volume| volume.requests)), OFFICER_REQUESTS),
            (Whose::Case, said(volume.and_then(|volume| volume.in_a_case)), CASE_REQUESTS),
            (Whose::Body, said(volume.and_then(|volume| volume.of_a_body)), BODY_REQUESTS),
        ];
        for (whose, said, own) in limits {
            let (most, hours) = said.unwrap_or((own, VOLUME_HOURS));
            let (query, of) = match (whose, case) {
                (Whose::Officer, _) => (asked!("account_id = $2"), actor.account().to_string()),
                (Whose::Case, Some(case)) => (asked!("case_id = $2"), case.to_string()),
                (Whose::Case, None) | (Whose::Portal, _) => continue,
                (Whose::Body, _) => (
                    asked!("account_id IN (SELECT id FROM accounts WHERE organisation_id = $2)"),
                    actor.organisation.to_string(),
                ),
            };
            let asked: i64 = sqlx::query_scalar(query)
                .bind(now.plus_seconds(-3600 * i64::from(hours)).micros())
                .bind(of)
                .fetch_one(&mut *sql)
                .await?;
            if asked >= i64::from(most) {
                return Ok(Some(whose));
            }
        }
        Ok(None)
    }

    /// Denies what the law would permit; the entry is what the supervisor's note is made of.
    pub(crate) async fn deny_volume<T>(
        &self,
        actor: &Actor,
        purpose: &str,
        law: Option<(&str, &str)>,
        whose: Whose,
        mut details: serde_json::Value,
    ) -> Result<T> {
        let (code, text, need) = match whose {
            Whose::Officer => (
                "volume_reached",
                "this account has asked as much as one officer may in this time; a supervisor is told",
                "to wait, or another officer",
            ),
            Whose::Case => (
                "case_volume_reached",
                "as much was asked in this case as may be in this time; a supervisor is told",
                "to wait",
            ),
            Whose::Body => (
                "body_volume_reached",
                "this organisation has asked as much as it may in this time; a supervisor is told",
                "to wait",
            ),
            Whose::Portal => (
                "portal_volume_reached",
                "this portal has asked as much as one may within an hour; a supervisor is told",
                "to wait",
            ),
        };
        details["limit"] = json!(whose);
        let mut denial = Entry::denial("access.volume_reached", Some(actor)).purpose(purpose).details(details);
        if let Some((pack_hash, clause)) = law {
            denial = denial.law(pack_hash, clause);
        }
        let clause = law.map_or("limits of requests", |(_, clause)| clause);
        let denied = self.deny(denial, code, clause, text, vec![need.to_owned()]).await;
        if let Err(error) = self.open_breaches().await {
            // The denial stands; the next comparison of rows and log opens the case.
            tracing::error!(error = &error as &dyn std::error::Error, "a case of a possible breach was not opened");
        }
        denied
    }
}
