//! Handing over: a round takes the oldest that is due of each person, and whatever was not taken is tried again with growing waits.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use tanba_law::Iin;

use super::queue::whole;
use super::{Delivery, Messenger, Notice};
use crate::error::{RegistryError, Result};
use crate::ids::{PersonId, RowId};
use crate::journal::Entry;
use crate::params::{NOTICE_AGAIN_LONGEST_SECONDS, NOTICE_AGAIN_SECONDS, NOTICES_EVERY_SECONDS};
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;

/// How long a messaging service has for one answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Notices of one round: what a crash in its middle would have tried once more.
const ROUND: i64 = 100;

/// Failures in a row after which a round takes the service to be away, and asks it no further.
const AWAY_AFTER: u64 = 3;

/// Notices that are due, one for each person: the oldest, so that nobody is told of a look before an earlier one.
const HEADS: &str = "SELECT n.id, n.person_id, n.log_seq, n.tries, l.* FROM notices n JOIN log_entries l ON l.seq = n.log_seq \
     WHERE n.state = 'waiting' AND n.next_at <= $1 AND NOT EXISTS (SELECT 1 FROM notices e WHERE e.person_id = n.person_id AND e.state = 'waiting' \
     AND e.due_at <= $1 AND (e.due_at < n.due_at OR (e.due_at = n.due_at AND e.log_seq < n.log_seq))) ORDER BY n.next_at, n.log_seq LIMIT $2";

/// What came of a round.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NoticeRound {
    /// Taken by the service.
    pub sent: u64,
    /// Refused for good, by the service or because nobody can be addressed.
    pub refused: u64,
    /// To be tried again.
    pub again: u64,
    /// Not told, because the person wants no notices.
    pub unwanted: u64,
    /// Nothing was tried any more: the service did not answer several times in a row, and why.
    pub away: Option<String>,
    /// Nobody can be addressed while the register has no keys; it waits.
    pub without_keys: bool,
    /// There may be more that is due.
    pub more: bool,
}

/// What is to be done with a notice.
enum Next {
    Send(Notice),
    Unwanted,
    Refuse(&'static str),
}

/// What was done with one.
struct Done {
    id: String,
    tries: u64,
    delivery: Option<Delivery>,
}

impl Registry {
    /// Makes rows of the looks that came since, and hands over the oldest that is due of each person. What came of it is an entry of the log,
    /// without names. Until that is durable a notice counts as not sent: a crash sends it once more, under the same key.
    ///
    /// # Errors
    /// Those of the database; what the service does is in the answer.
    pub async fn send_notices(&self, messenger: &dyn Messenger) -> Result<NoticeRound> {
        self.begin_notices().await?;
        self.queue_notices().await?;
        let heads = sqlx::query(HEADS).bind(self.now().micros()).bind(ROUND).fetch_all(&self.inner.pool).await?;
        let mut round = NoticeRound::default();
        let (mut done, mut failed) = (Vec::new(), 0);
        for row in &heads {
            if failed == AWAY_AFTER {
                break;
            }
            let delivery = match self.next_of(row).await {
                // Names and numbers are closed: it waits, and that is no try.
                Err(RegistryError::Keys { .. }) => {
                    round.without_keys = true;
                    break;
                }
                Ok(Next::Unwanted) => None,
                Ok(Next::Refuse(why)) => Some(Delivery::Refused(why.to_owned())),
                Ok(Next::Send(notice)) => Some(deliver(messenger, &notice).await),
                Err(error) => return Err(error),
            };
            match &delivery {
                None => round.unwanted += 1,
                Some(Delivery::Taken) => round.sent += 1,
                Some(Delivery::Refused(_)) => round.refused += 1,
                Some(Delivery::Again(_)) => round.again += 1,
            }
            match &delivery {
                Some(Delivery::Again(why)) => {
                    failed += 1;
                    round.away = (failed == AWAY_AFTER).then(|| why.clone());
                }
                Some(Delivery::Taken) => failed = 0,
                _ => {}
            }
            done.push(Done { id: row.try_get("id")?, tries: rows::number(row, "tries")?, delivery });
        }
        // Whoever has more is at their next one now.
        round.more = round.away.is_none() && !round.without_keys && round.sent + round.refused + round.unwanted > 0;
        self.keep_round(&round, &done).await?;
        Ok(round)
    }

    /// Sends until the registry is dropped. Call it once, in a service that has a messaging service.
    pub fn keep_notices_going(&self, messenger: Arc<dyn Messenger>) -> tokio::task::JoinHandle<()> {
        let registry = self.clone();
        tokio::spawn(async move {
            let mut absent: u64 = 0;
            loop {
                let wait = match registry.send_notices(messenger.as_ref()).await {
                    Ok(NoticeRound { away: Some(why), .. }) => {
                        tracing::error!(
                            why,
                            "the messaging service does not take notices: they wait, and nothing is lost"
                        );
                        absent += 1;
                        wait_after(absent)
                    }
                    Ok(round) => {
                        absent = 0;
                        if round.more { 0 } else { NOTICES_EVERY_SECONDS }
                    }
                    Err(error) => {
                        tracing::error!(error = &error as &dyn std::error::Error, "no notices were sent; they wait");
                        absent += 1;
                        wait_after(absent)
                    }
                };
                tokio::time::sleep(Duration::from_secs(wait)).await;
            }
        })
    }

    /// What is to be done with a notice now: the person may have changed their mind, or be reached by another address.
    async fn next_of(&self, row: &SqliteRow) -> Result<Next> {
        let person: PersonId = rows::id(row, "person_id")?;
        let (person, records) = self.present_and_merged(person).await?;
        if !self.notices_wanted(&records).await?.0 {
            return Ok(Next::Unwanted);
        }
        // A number that was typed and that no register confirmed may be somebody else's.
        let number = self.own_attributes(person).await?.into_iter().find(|a| a.name == "iin" && !a.provisional);
        let Some(iin) = number.and_then(|number| Iin::parse(&number.value).ok()) else {
            return Ok(Next::Refuse("no_confirmed_number"));
        };
        let Some(recipient) = self.inner.register.message_address(&iin) else {
            return Ok(Next::Refuse("no_address"));
        };
        let (look, _) = self.look_view(row)?;
        let authority = look.organisation.unwrap_or_default();
        let names = self.organisation_names().await?;
        Ok(Next::Send(Notice {
            key: rows::id::<RowId>(row, "id")?,
            recipient,
            language: self.spoken_by(person).await?,
            kind: look.event,
            authority_name: names.get(&authority).cloned().unwrap_or_else(|| authority.clone()),
            authority,
            day: self.inner.zone.date(look.at),
            entry: look.seq,
        }))
    }

    /// The language in which something was last explained to the person; Kazakh where nothing was.
    async fn spoken_by(&self, person: PersonId) -> Result<String> {
        let language: Option<String> = sqlx::query_scalar(
            "SELECT c.language FROM consents c JOIN encounters e ON e.id = c.encounter_id WHERE e.person_id = $1 AND c.language IN ('kk', 'ru', 'en') \
             AND c.kind <> 'guardian_presence' ORDER BY c.given_at DESC, c.id DESC LIMIT 1",
        )
        .bind(person.to_string())
        .fetch_optional(&self.inner.pool)
        .await?;
        Ok(language.unwrap_or_else(|| "kk".to_owned()))
    }

    async fn keep_round(&self, round: &NoticeRound, done: &[Done]) -> Result<()> {
        if done.is_empty() {
            return Ok(());
        }
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        for notice in done {
            let (state, reason) = match &notice.delivery {
                None => ("unwanted", None),
                Some(Delivery::Taken) => ("sent", None),
                Some(Delivery::Refused(why)) => ("refused", Some(code_of(why))),
                Some(Delivery::Again(_)) => ("waiting", None),
            };
            let tries = notice.tries + u64::from(notice.delivery.is_some());
            let ended = (state != "waiting").then_some(now.micros());
            // Whoever was erased meanwhile has no row any more.
            sqlx::query("UPDATE notices SET state = $1, reason = $2, tries = $3, next_at = $4, ended_at = $5 WHERE id = $6 AND state = 'waiting'")
                .bind(state)
                .bind(reason)
                .bind(whole(tries))
                .bind(now.plus_seconds(i64::try_from(wait_after(tries)).unwrap_or(0)).micros())
                .bind(ended)
                .bind(&notice.id)
                .execute(tx.sql())
                .await?;
        }
        sqlx::query("UPDATE notice_progress SET sent = sent + $1, refused = refused + $2 WHERE id = 1")
            .bind(whole(round.sent))
            .bind(whole(round.refused))
            .execute(tx.sql())
            .await?;
        let event = if round.again == done.len() as u64 { "notices.delayed" } else { "notices.sent" };
        let ids: Vec<&str> = done.iter().map(|notice| notice.id.as_str()).collect();
        let details = json!({"sent": round.sent, "refused": round.refused, "again": round.again, "unwanted": round.unwanted, "notices": ids});
        tx.commit(&Entry::system(event).purpose("rights_of_the_person").details(details)).await?;
        Ok(())
    }
}

async fn deliver(messenger: &dyn Messenger, notice: &Notice) -> Delivery {
    match tokio::time::timeout(PATIENCE, messenger.send(notice)).await {
        Ok(delivery) => delivery,
        Err(_) => Delivery::Again("it did not answer in ten seconds".to_owned()),
    }
}

/// Seconds until the next try after so many: twice as long each time, up to the longest.
fn wait_after(tries: u64) -> u64 {
    let doublings = u32::try_from(tries.saturating_sub(1)).unwrap_or(u32::MAX).min(16);
    NOTICE_AGAIN_SECONDS.saturating_mul(1 << doublings).min(NOTICE_AGAIN_LONGEST_SECONDS)
}

/// A reason as it may be kept and shown: a code, whatever the service wrote.
fn code_of(why: &str) -> &str {
    let is_code =
        (1..=40).contains(&why.len()) && why.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if is_code { why } else { "refused" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end_at_a_quarter_of_an_hour() {
        let waits: Vec<u64> = (1..=12).map(wait_after).collect();
        assert_eq!(waits, [5, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900, 900]);
        assert_eq!(wait_after(u64::MAX), 900);
    }

    #[test]
    fn a_reason_is_a_code_or_none() {
        assert_eq!(code_of("unknown_recipient"), "unknown_recipient");
        for words in ["", "Ivan Ivanov", "850101300123 is dead", &"x".repeat(41)] {
            assert_eq!(code_of(words), "refused");
        }
    }
}
