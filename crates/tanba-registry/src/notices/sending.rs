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
use crate::keys::key_for_reading;
use crate::params::{NOTICE_AGAIN_LONGEST_SECONDS, NOTICE_AGAIN_SECONDS, NOTICES_EVERY_SECONDS};
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::vault::Domain;

/// How long a messaging service has for one answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Notices of one round: what a crash in its middle would have tried once more.
const ROUND: i64 = 100;

/// Failures in a row after which a round takes the service to be away, and asks it no further.
const AWAY_AFTER: u64 = 3;

/// Notices that are due, one for each person: the oldest, so that nobody is told of a look before an earlier one. Of a look at several records of one
/// person the one at the record that goes on is sent, so that the others are still to be told should they turn out to be somebody else's.
const HEADS: &str = "SELECT n.id, n.subject_id, n.tries, l.* FROM notices n JOIN log_entries l ON l.seq = n.log_seq \
     WHERE n.state = 'waiting' AND n.next_at <= $1 AND NOT EXISTS (SELECT 1 FROM notices e WHERE e.person_id = n.person_id AND e.state = 'waiting' \
     AND e.due_at <= $1 AND (e.due_at, e.log_seq, e.subject_id <> e.person_id, e.id) < (n.due_at, n.log_seq, n.subject_id <> n.person_id, n.id)) ORDER BY n.next_at, n.log_seq LIMIT $2";

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
    /// To be tried again, because something stored that they need cannot be read.
    pub unreadable: u64,
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
    /// The person was told of this look as it was one at another of their records.
    Joined,
    /// It went, with whoever was erased, since the round began.
    Gone,
}

/// What was done with one.
struct Done {
    id: String,
    tries: u64,
    what: What,
}

enum What {
    Unwanted,
    Joined,
    Tried(Delivery),
    Unreadable,
}

impl What {
    /// Nothing more is to be done with it.
    fn is_last(&self) -> bool {
        !matches!(self, Self::Unreadable | Self::Tried(Delivery::Again(_)))
    }
}

impl Registry {
    /// Makes rows of the looks that came since, and hands over the oldest that is due of each person. What came of it is an entry of the log,
    /// without names. Until that is durable a notice counts as not sent: a crash sends it once more, under the same key.
    ///
    /// What cannot be read holds up nobody else: a person's damaged record only their own notices, an entry of the log only what stands behind it.
    ///
    /// # Errors
    /// Those of the database, and of an entry of the log that cannot be read, after everything before it was handed over; what the service does
    /// is in the answer.
    pub async fn send_notices(&self, messenger: &dyn Messenger) -> Result<NoticeRound> {
        self.begin_notices().await?;
        let queued = self.queue_notices().await;
        let mut round = self.send_round(messenger).await?;
        if let Err(error) = queued {
            // Whoever calls waits after an error, and what is queued should not wait with them.
            while round.more {
                round = self.send_round(messenger).await?;
            }
            return Err(error);
        }
        Ok(round)
    }

    async fn send_round(&self, messenger: &dyn Messenger) -> Result<NoticeRound> {
        let heads = sqlx::query(HEADS).bind(self.now().micros()).bind(ROUND).fetch_all(&self.inner.pool).await?;
        let mut round = NoticeRound::default();
        let (mut done, mut failed) = (Vec::new(), 0);
        // From the first delivery on nothing may end the round before it is kept: it would be forgotten, and sent again for ever.
        let mut broken = None;
        for row in &heads {
            if failed == AWAY_AFTER {
                break;
            }
            let what = match self.next_of(row).await {
                // Names and numbers are closed: it waits, and that is no try.
                Err(RegistryError::Keys { .. }) => {
                    round.without_keys = true;
                    break;
                }
                // Nobody knows by what the person is reached: a try, like that of a messaging service that is away.
                Err(RegistryError::PopulationRegister(away)) => What::Tried(Delivery::Again(away.to_string())),
                // It is not the row, and the next one would not be read either.
                Err(error @ RegistryError::Store(sqlx::Error::PoolClosed | sqlx::Error::PoolTimedOut)) => {
                    broken = Some(error);
                    break;
                }
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        entry = rows::number::<u64>(row, "seq").unwrap_or_default(),
                        "nobody is told of a look, because a record cannot be read; it is tried again, and others are told: \
                         run `tanba log fsck`, and restore the folder from a backup if it persists"
                    );
                    What::Unreadable
                }
                Ok(Next::Gone) => continue,
                Ok(Next::Joined) => What::Joined,
                Ok(Next::Unwanted) => What::Unwanted,
                Ok(Next::Refuse(why)) => What::Tried(Delivery::Refused(why.to_owned())),
                Ok(Next::Send(notice)) => What::Tried(deliver(messenger, &notice).await),
            };
            match &what {
                What::Joined => {}
                What::Unwanted => round.unwanted += 1,
                What::Unreadable => round.unreadable += 1,
                What::Tried(Delivery::Refused(_)) => round.refused += 1,
                What::Tried(Delivery::Taken) => {
                    round.sent += 1;
                    failed = 0;
                }
                What::Tried(Delivery::Again(why)) => {
                    round.again += 1;
                    failed += 1;
                    round.away = (failed == AWAY_AFTER).then(|| why.clone());
                }
            }
            let tries = rows::number(row, "tries").unwrap_or_default();
            done.push(Done { id: row.try_get("id").unwrap_or_default(), tries, what });
        }
        // Whoever has more is at their next one now.
        round.more =
            round.away.is_none() && !round.without_keys && broken.is_none() && done.iter().any(|d| d.what.is_last());
        self.keep_round(&round, &done).await?;
        broken.map_or(Ok(round), Err)
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
                            "nobody can be told of looks at present: notices wait, and nothing is lost"
                        );
                        absent += 1;
                        wait_after(absent)
                    }
                    Ok(round) => {
                        absent = 0;
                        if round.more { 0 } else { NOTICES_EVERY_SECONDS }
                    }
                    Err(error) => {
                        tracing::error!(
                            error = &error as &dyn std::error::Error,
                            "not every notice was sent; the others wait, and are tried again"
                        );
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
        let id: RowId = rows::id(row, "id")?;
        let waits: Option<i64> = sqlx::query_scalar("SELECT 1 FROM notices WHERE id = $1 AND state = 'waiting'")
            .bind(id.to_string())
            .fetch_optional(&self.inner.pool)
            .await?;
        if waits.is_none() {
            return Ok(Next::Gone);
        }
        let subject: PersonId = rows::id(row, "subject_id")?;
        let (person, records) = self.present_and_merged(subject).await?;
        let joined: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM notices WHERE log_seq = $1 AND person_id = $2 AND id <> $3 AND state IN ('sent', 'refused')",
        )
        .bind(row.try_get::<i64, _>("seq")?)
        .bind(person.to_string())
        .bind(id.to_string())
        .fetch_one(&self.inner.pool)
        .await?;
        if joined > 0 {
            return Ok(Next::Joined);
        }
        if !self.notices_wanted(&records).await?.0 {
            return Ok(Next::Unwanted);
        }
        let Some(iin) = self.confirmed_number(person).await? else {
            return Ok(Next::Refuse("no_confirmed_number"));
        };
        let Some(recipient) = self.inner.register.message_address(&iin)? else {
            return Ok(Next::Refuse("no_address"));
        };
        let (look, _) = self.look_view(row)?;
        let authority = look.organisation.unwrap_or_default();
        let names = self.organisation_names().await?;
        Ok(Next::Send(Notice {
            key: id,
            recipient,
            language: self.spoken_by(person).await?,
            kind: look.event,
            authority_name: names.get(&authority).cloned().unwrap_or_else(|| authority.clone()),
            authority,
            day: self.inner.zone.date(look.at),
            entry: look.seq,
        }))
    }

    /// The number by which a person is reached: the last one of the record itself, before any of a record that became part of it, because that may
    /// turn out to be somebody else's. One that was typed and that no register confirmed may be, too.
    async fn confirmed_number(&self, person: PersonId) -> Result<Option<Iin>> {
        let mut sql = self.inner.pool.acquire().await?;
        let found = sqlx::query(
            "SELECT i.encounter_id, i.sealed_value FROM identity_attributes i JOIN encounters e ON e.id = i.encounter_id \
             WHERE e.person_id = $1 AND i.name = 'iin' AND i.provisional = 0 AND i.superseded_at IS NULL \
             ORDER BY EXISTS (SELECT 1 FROM cluster_moves m JOIN cluster_revisions r ON r.id = m.revision_id WHERE m.encounter_id = e.id \
             AND m.to_person = e.person_id AND r.kind = 'merge' AND r.state = 'applied'), i.recorded_at DESC, i.encounter_id",
        )
        .bind(person.to_string())
        .fetch_all(&mut *sql)
        .await?;
        for row in found {
            let owner: String = row.try_get("encounter_id")?;
            if let Some(key) = key_for_reading(&self.inner.vault, &mut sql, &owner, Domain::Identity).await? {
                let sealed: Vec<u8> = row.try_get("sealed_value")?;
                let value = self.inner.vault.open(&key, Domain::Identity, &owner, "iin", &sealed)?;
                return Ok(Iin::parse(&String::from_utf8_lossy(&value)).ok());
            }
        }
        Ok(None)
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
            let (state, reason) = match &notice.what {
                What::Unwanted => ("unwanted", None),
                What::Joined => ("joined", None),
                What::Tried(Delivery::Taken) => ("sent", None),
                What::Tried(Delivery::Refused(why)) => ("refused", Some(code_of(why))),
                What::Tried(Delivery::Again(_)) | What::Unreadable => ("waiting", None),
            };
            let tries = notice.tries + u64::from(matches!(notice.what, What::Tried(_) | What::Unreadable));
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
        let event = if done.iter().any(|notice| notice.what.is_last()) { "notices.sent" } else { "notices.delayed" };
        let ids: Vec<&str> = done.iter().map(|notice| notice.id.as_str()).collect();
        let details = json!({
            "sent": round.sent, "refused": round.refused, "again": round.again, "unwanted": round.unwanted, "unreadable": round.unreadable,
            "notices": ids,
        });
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

/// A reason as it may be kept and shown: a code, whatever the service wrote. What looks like a number of somebody, or begins like one, is none.
fn code_of(why: &str) -> &str {
    let is_code = (1..=40).contains(&why.len())
        && why.starts_with(|first: char| first.is_ascii_lowercase())
        && why.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && why.split(|c: char| !c.is_ascii_digit()).all(|digits| digits.len() < 6);
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
        for code in ["unknown_recipient", "e5_1_1", "code_12345"] {
            assert_eq!(code_of(code), code);
        }
        let numbers = ["850101300123", "iin_850101300123", "box850101", "_unknown", "5_1_1"];
        for words in ["", "Ivan Ivanov", "850101300123 is dead", &"x".repeat(41)].into_iter().chain(numbers) {
            assert_eq!(code_of(words), "refused");
        }
    }
}
