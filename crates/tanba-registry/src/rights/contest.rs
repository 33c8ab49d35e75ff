//! A comparison that the person contests is made again, by examiners who took no part in the first one. It is a candidate like any other,
//! marked before it is seen and decided by two; that it contests an earlier one bars whoever judged that.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sqlx::{Row, SqliteConnection};

use crate::error::{RegistryError, Result};
use crate::ids::{CandidateId, PersonId};
use crate::params::EXAMINERS_NEEDED;
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::{Domain, fresh_bytes};

/// A comparison that examiners made of prints of the own record and others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnComparison {
    /// The comparison, to be named where it is contested.
    pub id: CandidateId,
    /// When the prints were searched with.
    pub at: Instant,
    /// `same`, `different`, `inconclusive` or `disputed`.
    pub finding: String,
    /// It was contested.
    pub contested: bool,
}

impl Registry {
    /// Comparisons of prints of some records on which examiners have decided, newest first; those made again are told with their request.
    pub(crate) async fn own_comparisons(&self, records: &BTreeSet<PersonId>) -> Result<Vec<OwnComparison>> {
        let mut comparisons: Vec<OwnComparison> = Vec::new();
        for record in records {
            let found = sqlx::query(
                "SELECT c.id, c.state, s.searched_at, (SELECT COUNT(*) FROM judgements j WHERE j.candidate_id = c.id) AS judgements, \
                 EXISTS (SELECT 1 FROM candidates a WHERE a.contests = c.id) AS contested \
                 FROM candidates c JOIN searches s ON s.id = c.search_id LEFT JOIN suspicions d ON d.candidate_id = c.id \
                 JOIN encounters p ON p.id = COALESCE(s.encounter_id, d.encounter_id) JOIN encounters r ON r.id = c.encounter_id \
                 WHERE c.contests IS NULL AND c.state <> 'open' AND (p.person_id = $1 OR r.person_id = $1)",
            )
            .bind(record.to_string())
            .fetch_all(&self.inner.pool)
            .await?;
            for row in &found {
                let finding: String = row.try_get("state")?;
                let id = rows::id(row, "id")?;
                if ended(&finding, row.try_get("judgements")?) && comparisons.iter().all(|seen| seen.id != id) {
                    comparisons.push(OwnComparison {
                        id,
                        at: rows::instant(row, "searched_at")?,
                        finding,
                        contested: row.try_get::<i64, _>("contested")? == 1,
                    });
                }
            }
        }
        comparisons.sort_by_key(|comparison| std::cmp::Reverse((comparison.at, comparison.id)));
        Ok(comparisons)
    }

    /// Has a decided comparison made again, in the transaction of the request.
    pub(super) async fn compare_again(
        &self,
        tx: &mut WriteTx<'_>,
        records: &BTreeSet<PersonId>,
        contested: CandidateId,
    ) -> Result<CandidateId> {
        let known = self.own_comparisons(records).await?.into_iter().find(|known| known.id == contested);
        let Some(known) = known else {
            return Err(RegistryError::NotFound { what: "comparison of your prints" });
        };
        if known.contested {
            return Err(RegistryError::Conflict {
                what: "this comparison is contested already",
                next: "read the answer on your page; a complaint goes to the supervisor",
            });
        }
        if !can_be_compared(tx.sql(), contested).await? {
            return Err(RegistryError::Conflict {
                what: "the prints of this comparison are no longer held",
                next: "ask for a review without naming the comparison, and say what you contest",
            });
        }
        let id = CandidateId::fresh(tx.now().micros(), fresh_bytes()?);
        sqlx::query(
            "INSERT INTO candidates (id, search_id, place, encounter_id, log10_lr, state, contests) \
             SELECT $1, search_id, place, encounter_id, log10_lr, 'open', id FROM candidates WHERE id = $2",
        )
        .bind(id.to_string())
        .bind(contested.to_string())
        .execute(tx.sql())
        .await?;
        Ok(id)
    }
}

/// Whether those who compare again have decided, or differ for good, or cannot decide any more because the images are erased.
pub(super) async fn second_look_ended(
    sql: &mut SqliteConnection,
    second_look: CandidateId,
    state: &str,
) -> Result<bool> {
    let judgements: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM judgements WHERE candidate_id = $1")
        .bind(second_look.to_string())
        .fetch_one(&mut *sql)
        .await?;
    Ok(ended(state, judgements) || !can_be_compared(sql, second_look).await?)
}

/// Whether images of both sides are held.
async fn can_be_compared(sql: &mut SqliteConnection, candidate: CandidateId) -> Result<bool> {
    let held: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM candidates c JOIN searches s ON s.id = c.search_id LEFT JOIN suspicions d ON d.candidate_id = COALESCE(c.contests, c.id) \
         JOIN data_keys k ON k.owner_id IN (c.encounter_id, COALESCE(s.encounter_id, d.encounter_id)) AND k.domain = $1 AND k.wrapped IS NOT NULL \
         WHERE c.id = $2",
    )
    .bind(Domain::Image.label())
    .bind(candidate.to_string())
    .fetch_one(sql)
    .await?;
    Ok(held == 2)
}

/// Two agree, or three differ.
fn ended(state: &str, judgements: i64) -> bool {
    match state {
        "open" => false,
        "disputed" => usize::try_from(judgements).is_ok_and(|given| given > EXAMINERS_NEEDED),
        _ => true,
    }
}
