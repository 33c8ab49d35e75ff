//! What in the log deserves a question. Rules with a number each, computed when they are asked for; a note accuses
//! nobody: it says what was counted, and names the entries, so that a supervisor can read them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sqlx::{QueryBuilder, Row, Sqlite};

use crate::effect_rows;
use crate::error::Result;
use crate::journal::open_payload;
use crate::params::{
    ACCOUNTS_LOOKING, AFTER_HOURS_BEGIN, AFTER_HOURS_END, BODIES_LOOKING, DENIALS_IN_A_ROW, ENTRIES_IN_A_NOTE,
    NEAR_TOTAL_PERCENT, PEOPLE_IN_AN_HOUR, SEARCHES_IN_AN_HOUR, VOLUNTARY_ASKED,
};
use crate::registry::Registry;
use crate::retention::UNSIGNED;
use crate::rows;
use crate::time::Instant;

const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3_600 * SECOND;

/// Looks at people by everyone but the people themselves, on the own page or through a portal. Lists are left out: they show little
/// of many, without anybody being chosen (searches have a rule of their own).
const LOOKS: &str = "l.outcome = 'look' AND l.account_id <> '' AND \
                     l.event NOT IN ('own_record.viewed', 'usages.viewed', 'candidate.found', 'person.searched', 'namesakes.searched', 'desk.viewed')";

// A cross join is gone through from left to right: the days asked for are few, and the people of a register many.

/// Looks that are read for one rule at most.
const LOOKS_READ: usize = 4 * ENTRIES_IN_A_NOTE;

/// The rule that a note comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnomalyKind {
    /// An officer looked at the own record with the officer's account.
    SelfLookup,
    /// An account looked at somebody on the supervisor's list.
    WatchedPerson,
    /// Many different people looked at by one account within an hour.
    ManyLooks,
    /// Many searches for people by one account within an hour.
    ManySearches,
    /// Denial after denial to one account, with nothing allowed between them.
    DenialsInARow,
    /// A person's record looked at while counters are closed.
    AfterHours,
    /// One person looked at by several organisations within a day.
    SeveralBodies,
    /// One person looked at by so many accounts within a day that it is curiosity and no case: somebody whom everybody knows.
    ManyEyes,
    /// At one centre nearly nobody says no to what is voluntary: a consent that everybody gives may be one that nobody was
    /// asked for.
    NearTotalConsent,
    /// As much was asked by an officer, in a case or by an organisation as may be, and the officer was stopped.
    VolumeReached,
    /// An organisation that was told something has not said in time that it deleted or corrected it.
    OrdersOverdue,
    /// Rows of the database that no log entry speaks of, or entries whose rows are gone.
    RowsUnreconciled,
    /// People should have been told of looks a day ago, and were not.
    NoticesLate,
    /// Plans whose keys were destroyed without the two signatures, because nobody gave them in time.
    ErasuresUnsigned,
}

impl AnomalyKind {
    /// All rules, the gravest first.
    pub const ALL: [Self; 14] = [
        Self::SelfLookup,
        Self::WatchedPerson,
        Self::ManyLooks,
        Self::ManySearches,
        Self::DenialsInARow,
        Self::AfterHours,
        Self::SeveralBodies,
        Self::ManyEyes,
        Self::NearTotalConsent,
        Self::VolumeReached,
        Self::OrdersOverdue,
        Self::RowsUnreconciled,
        Self::NoticesLate,
        Self::ErasuresUnsigned,
    ];

    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::SelfLookup => "self_lookup",
            Self::WatchedPerson => "watched_person",
            Self::ManyLooks => "many_looks",
            Self::ManySearches => "many_searches",
            Self::DenialsInARow => "denials_in_a_row",
            Self::AfterHours => "after_hours",
            Self::SeveralBodies => "several_bodies",
            Self::ManyEyes => "many_eyes",
            Self::NearTotalConsent => "near_total_consent",
            Self::VolumeReached => "volume_reached",
            Self::OrdersOverdue => "orders_overdue",
            Self::RowsUnreconciled => "rows_unreconciled",
            Self::NoticesLate => "notices_late",
            Self::ErasuresUnsigned => "erasures_unsigned",
        }
    }
}

/// Something in the log that deserves a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnomalyNote {
    /// The rule.
    pub kind: AnomalyKind,
    /// The account by its login, where the rule is about one.
    pub account: Option<String>,
    /// The organisations concerned, by code.
    pub organisations: Vec<String>,
    /// The centre by its code, where the rule is about one.
    pub site: Option<String>,
    /// What was counted: looks, people, denials, organisations or consents.
    pub count: u64,
    /// The first of the entries.
    pub from: Instant,
    /// The last of them.
    pub to: Instant,
    /// Places in the log, oldest first, at most 500.
    pub entries: Vec<u64>,
}

impl AnomalyNote {
    /// The note as one English sentence, for logs and programs; a console says it in the reader's language.
    pub fn sentence(&self) -> String {
        let who = self.account.as_deref().unwrap_or("an account");
        let n = self.count;
        match self.kind {
            AnomalyKind::SelfLookup => {
                format!("{who} belongs to the person whose record it looked at or changed ({n} entries)")
            }
            AnomalyKind::WatchedPerson => format!("{who} looked {n} times at people on the supervisor's list"),
            AnomalyKind::ManyLooks => format!("{who} looked at {n} different people within an hour"),
            AnomalyKind::ManySearches => format!("{who} searched for people {n} times within an hour"),
            AnomalyKind::DenialsInARow => format!("{who} was denied {n} times in a row within an hour"),
            AnomalyKind::AfterHours => format!("{who} looked at people's records {n} times while counters are closed"),
            AnomalyKind::SeveralBodies => format!("{n} organisations looked at one person within a day"),
            AnomalyKind::ManyEyes => format!("{n} accounts looked at one person within a day"),
            AnomalyKind::NearTotalConsent => {
                let site = self.site.as_deref().unwrap_or("a centre");
                format!("at {site} {n} people consented to what is voluntary, and nearly nobody declined")
            }
            AnomalyKind::VolumeReached => {
                format!("{who} was stopped {n} times by a limit of requests: its own, its case's or its organisation's")
            }
            AnomalyKind::RowsUnreconciled => format!("rows of the database and the log disagreed in {n} comparisons"),
            AnomalyKind::NoticesLate => format!("people were not told of {n} looks within a day"),
            AnomalyKind::ErasuresUnsigned => format!("keys of {n} plans were destroyed without the signatures of two"),
            AnomalyKind::OrdersOverdue => {
                let organisation = self.organisations.first().map_or("an organisation", String::as_str);
                format!("{organisation} has not acknowledged in time {n} orders to delete or correct what it was told")
            }
        }
    }
}

/// From when on, and the first place in the log that is from then on.
#[derive(Clone, Copy)]
pub(crate) struct Since {
    pub(crate) at: Instant,
    pub(crate) seq: i64,
}

/// Which looks a rule wants to read.
enum Which<'a> {
    /// One account's, from one instant until before another.
    Between(&'a str, i64, i64),
    /// At one person.
    At(&'a str),
    /// While counters are closed, by the civil hour.
    ByNight,
}

/// Who is counted that looks at one person within a day.
struct Crowd {
    kind: AnomalyKind,
    /// By which column of the log, and by which field of a look.
    column: &'static str,
    of: fn(&Look) -> &str,
    /// From how many on.
    least: usize,
}

const BODIES: Crowd = Crowd {
    kind: AnomalyKind::SeveralBodies,
    column: "l.organisation",
    of: |look| &look.organisation,
    least: BODIES_LOOKING,
};

const EYES: Crowd =
    Crowd { kind: AnomalyKind::ManyEyes, column: "l.account_id", of: |look| &look.account, least: ACCOUNTS_LOOKING };

/// One look at one person.
struct Look {
    seq: u64,
    at: Instant,
    account: String,
    organisation: String,
    person: String,
}

impl Registry {
    /// The notes on everything since an instant, the gravest rule first.
    pub(crate) async fn anomalies(&self, since: Instant) -> Result<Vec<AnomalyNote>> {
        // The log is in order of place, and but for a clock set back in order of time too: from the first place since then
        // on, an index by place finds everything.
        let first: i64 = sqlx::query_scalar(
            "SELECT COALESCE(MIN(seq), 0) FROM (SELECT seq FROM log_entries WHERE happened_at >= $1 ORDER BY happened_at LIMIT 1000) AS early",
        )
            .bind(since.micros())
            .fetch_one(&self.inner.pool)
            .await?;
        let since = Since { at: since, seq: first };
        let logins = self.logins().await?;
        let mut notes = self.self_lookups(since, &logins).await?;
        notes.extend(self.watched_looks(since, &logins).await?);
        notes.extend(self.many_looks(since, &logins).await?);
        notes.extend(self.many_searches(since, &logins).await?);
        notes.extend(self.denials_in_a_row(since, &logins).await?);
        notes.extend(self.after_hours(since, &logins).await?);
        notes.extend(self.crowds(since, &BODIES).await?);
        notes.extend(self.crowds(since, &EYES).await?);
        notes.extend(self.near_total_consent(since).await?);
        notes.extend(self.volume_reached(since, &logins).await?);
        notes.extend(self.orders_overdue().await?);
        notes.extend(self.alarms(since, effect_rows::ALARM, AnomalyKind::RowsUnreconciled).await?);
        notes.extend(self.alarms(since, UNSIGNED, AnomalyKind::ErasuresUnsigned).await?);
        notes.extend(self.notices_late().await?);
        notes.sort_by(|a, b| a.kind.cmp(&b.kind).then(b.to.cmp(&a.to)));
        Ok(notes)
    }

    /// The looks that a rule is about. Whatever is counted is counted in the database, and only what a note names is read:
    /// a register has tens of thousands of looks in a week.
    async fn looks(&self, since: Since, which: Which<'_>) -> Result<Vec<Look>> {
        let mut sql =
            QueryBuilder::<Sqlite>::new("SELECT l.seq, l.happened_at, l.account_id, l.organisation, s.person_id ");
        sql.push(match which {
            Which::At(_) => "FROM log_subjects s CROSS JOIN log_entries l WHERE s.seq = l.seq AND ",
            _ => "FROM log_entries l CROSS JOIN log_subjects s WHERE s.seq = l.seq AND ",
        });
        sql.push(LOOKS).push(" AND l.seq >= ").push_bind(since.seq);
        match which {
            Which::Between(account, from, to) => {
                sql.push(" AND l.account_id = ").push_bind(account.to_owned());
                sql.push(" AND l.happened_at >= ").push_bind(from.max(since.at.micros()));
                sql.push(" AND l.happened_at < ").push_bind(to);
            }
            Which::At(person) => {
                sql.push(" AND l.happened_at >= ").push_bind(since.at.micros());
                sql.push(" AND s.person_id = ").push_bind(person.to_owned());
            }
            Which::ByNight => {
                sql.push(" AND l.happened_at >= ").push_bind(since.at.micros());
                // By the clock as it is at the beginning of the days asked for.
                let ahead = self.inner.zone.seconds_ahead(since.at) * SECOND;
                sql.push(" AND ((l.happened_at + ").push_bind(ahead).push(") / ").push_bind(HOUR);
                sql.push(") % 24 NOT BETWEEN ").push_bind(i64::from(AFTER_HOURS_END));
                sql.push(" AND ").push_bind(i64::from(AFTER_HOURS_BEGIN) - 1);
            }
        }
        sql.push(" ORDER BY l.seq LIMIT ").push_bind(i64::try_from(LOOKS_READ).unwrap_or(i64::MAX));
        let found = sql.build().fetch_all(&self.inner.pool).await?;
        found
            .iter()
            .map(|row| {
                Ok(Look {
                    seq: rows::number(row, "seq")?,
                    at: rows::instant(row, "happened_at")?,
                    account: row.try_get("account_id")?,
                    organisation: row.try_get("organisation")?,
                    person: row.try_get("person_id")?,
                })
            })
            .collect()
    }

    /// For each account the hour with the most different people, where that is too many. Hours of the clock are counted
    /// first: where an hour begins in the middle of one, half of its people fall into one of the two.
    async fn many_looks(&self, since: Since, logins: &BTreeMap<String, String>) -> Result<Vec<AnomalyNote>> {
        let mut sql = QueryBuilder::<Sqlite>::new("SELECT l.account_id, l.happened_at / ");
        sql.push_bind(HOUR).push(
            " AS hour, COUNT(DISTINCT s.person_id) AS people FROM log_entries l CROSS JOIN log_subjects s WHERE s.seq = l.seq AND ",
        );
        sql.push(LOOKS).push(" AND l.seq >= ").push_bind(since.seq);
        sql.push(" AND l.happened_at >= ").push_bind(since.at.micros());
        sql.push(" GROUP BY 1, 2 HAVING COUNT(DISTINCT s.person_id) > ");
        sql.push_bind(i64::try_from(PEOPLE_IN_AN_HOUR / 2).unwrap_or(i64::MAX)).push(" ORDER BY 1, 3 DESC, 2");
        let busy = sql.build().fetch_all(&self.inner.pool).await?;
        let mut worst: BTreeMap<String, (usize, Vec<Look>)> = BTreeMap::new();
        for row in &busy {
            let account: String = row.try_get("account_id")?;
            let people: usize = rows::number(row, "people")?;
            let hour = row.try_get::<i64, _>("hour")?;
            let known = worst.get(&account).map_or(0, |(people, _)| *people);
            let (count, looks) = if people > PEOPLE_IN_AN_HOUR {
                if people <= known {
                    continue;
                }
                (people, self.looks(since, Which::Between(&account, hour * HOUR, (hour + 1) * HOUR)).await?)
            } else if known > 0 {
                // An hour of the clock was worse already.
                continue;
            } else {
                busiest_hour(self.looks(since, Which::Between(&account, (hour - 1) * HOUR, (hour + 2) * HOUR)).await?)
            };
            if count > PEOPLE_IN_AN_HOUR && count > known {
                worst.insert(account, (count, looks));
            }
        }
        Ok(worst
            .into_iter()
            .filter_map(|(account, (count, looks))| {
                note(AnomalyKind::ManyLooks, logins.get(&account), count, entries_of(&looks))
            })
            .collect())
    }

    /// For each person the day on which the most looked, where those are too many.
    async fn crowds(&self, since: Since, crowd: &Crowd) -> Result<Vec<AnomalyNote>> {
        let mut sql = QueryBuilder::<Sqlite>::new(
            "SELECT s.person_id FROM log_entries l CROSS JOIN log_subjects s WHERE s.seq = l.seq AND ",
        );
        sql.push(LOOKS).push(" AND l.seq >= ").push_bind(since.seq);
        sql.push(" AND l.happened_at >= ").push_bind(since.at.micros());
        sql.push(" GROUP BY 1 HAVING COUNT(DISTINCT ").push(crowd.column).push(") >= ");
        sql.push_bind(i64::try_from(crowd.least).unwrap_or(i64::MAX)).push(" ORDER BY MAX(l.seq) DESC LIMIT ");
        sql.push_bind(i64::try_from(ENTRIES_IN_A_NOTE).unwrap_or(i64::MAX));
        let mut notes = Vec::new();
        for row in &sql.build().fetch_all(&self.inner.pool).await? {
            let person: String = row.try_get("person_id")?;
            notes.extend(busiest_day(&self.looks(since, Which::At(&person)).await?, crowd));
        }
        Ok(notes)
    }

    /// Centres at which those who may decline hardly ever do. Whoever comes of their own accord is not counted: they came for it.
    async fn near_total_consent(&self, since: Since) -> Result<Vec<AnomalyNote>> {
        let centres = sqlx::query(
            "SELECT t.site_id, s.code, COUNT(*) AS asked, SUM(CASE WHEN e.state = 'refused' THEN 0 ELSE 1 END) AS agreed \
             FROM encounters e JOIN stations t ON t.id = e.station_id JOIN sites s ON s.id = t.site_id \
             WHERE e.category = 'may' AND e.trigger_code <> 'own_request' AND e.opened_at >= $1 \
             AND e.state IN ('registered', 'verified', 'adjudication', 'duplicate', 'conflict', 'refused') \
             GROUP BY t.site_id, s.code HAVING COUNT(*) >= $2 ORDER BY s.code",
        )
        .bind(since.at.micros())
        .bind(i64::try_from(VOLUNTARY_ASKED).unwrap_or(i64::MAX))
        .fetch_all(&self.inner.pool)
        .await?;
        let mut notes = Vec::new();
        for centre in &centres {
            let (asked, agreed): (usize, usize) = (rows::number(centre, "asked")?, rows::number(centre, "agreed")?);
            if agreed * 100 < asked * NEAR_TOTAL_PERCENT {
                continue;
            }
            let found = sqlx::query(
                "SELECT DISTINCT l.seq, l.happened_at, l.organisation FROM encounters e JOIN stations t ON t.id = e.station_id \
                 JOIN log_subjects s ON s.person_id = e.person_id JOIN log_entries l ON l.seq = s.seq \
                 WHERE t.site_id = $1 AND e.category = 'may' AND e.trigger_code <> 'own_request' AND e.opened_at >= $2 \
                 AND l.event = 'consent.recorded' AND l.happened_at >= e.opened_at ORDER BY l.seq LIMIT $3",
            )
            .bind(centre.try_get::<String, _>("site_id")?)
            .bind(since.at.micros())
            .bind(i64::try_from(ENTRIES_IN_A_NOTE).unwrap_or(i64::MAX))
            .fetch_all(&self.inner.pool)
            .await?;
            let entries = found
                .iter()
                .map(|row| {
                    Ok((rows::number(row, "seq")?, rows::instant(row, "happened_at")?, row.try_get("organisation")?))
                })
                .collect::<Result<Vec<(u64, Instant, String)>>>()?;
            let site: String = centre.try_get("code")?;
            notes.extend(
                note(AnomalyKind::NearTotalConsent, None, agreed, entries)
                    .map(|note| AnomalyNote { site: Some(site), ..note }),
            );
        }
        Ok(notes)
    }

    async fn logins(&self) -> Result<BTreeMap<String, String>> {
        let found = sqlx::query("SELECT id, login FROM accounts").fetch_all(&self.inner.pool).await?;
        found.iter().map(|row| Ok((row.try_get("id")?, row.try_get("login")?))).collect()
    }

    /// Accounts that belong to one human being: the one that a citizen has, and one in which the same human being serves.
    async fn self_lookups(&self, since: Since, logins: &BTreeMap<String, String>) -> Result<Vec<AnomalyNote>> {
        let pairs = sqlx::query(
            "SELECT staff.id AS account, own.person_id FROM accounts own JOIN accounts staff ON staff.natural_person = own.natural_person \
             WHERE own.person_id IS NOT NULL AND staff.person_id IS NULL",
        )
        .fetch_all(&self.inner.pool)
        .await?;
        let mut notes = Vec::new();
        for pair in &pairs {
            let account: String = pair.try_get("account")?;
            let (_, records) = self.present_and_merged(rows::id(pair, "person_id")?).await?;
            let mut seen: BTreeMap<u64, (Instant, String)> = BTreeMap::new();
            for record in records {
                let found = sqlx::query(
                    "SELECT l.seq, l.happened_at, l.organisation FROM log_subjects s JOIN log_entries l ON l.seq = s.seq \
                     WHERE s.person_id = $1 AND l.account_id = $2 AND l.happened_at >= $3",
                )
                .bind(record.to_string())
                .bind(&account)
                .bind(since.at.micros())
                .fetch_all(&self.inner.pool)
                .await?;
                for row in &found {
                    seen.insert(
                        rows::number(row, "seq")?,
                        (rows::instant(row, "happened_at")?, row.try_get("organisation")?),
                    );
                }
            }
            notes.extend(note(
                AnomalyKind::SelfLookup,
                logins.get(&account),
                seen.len(),
                seen.into_iter().map(|(seq, (at, organisation))| (seq, at, organisation)),
            ));
        }
        Ok(notes)
    }

    /// For each account the hour with the most searches for people, where those are too many.
    async fn many_searches(&self, since: Since, logins: &BTreeMap<String, String>) -> Result<Vec<AnomalyNote>> {
        let found = sqlx::query(
            "SELECT seq, happened_at, account_id, organisation FROM log_entries WHERE seq >= $1 AND happened_at >= $2 AND event = 'person.searched' ORDER BY seq",
        )
        .bind(since.seq)
        .bind(since.at.micros())
        .fetch_all(&self.inner.pool)
        .await?;
        let mut by_account: BTreeMap<String, Vec<(u64, Instant, String)>> = BTreeMap::new();
        for row in &found {
            by_account.entry(row.try_get("account_id")?).or_default().push((
                rows::number(row, "seq")?,
                rows::instant(row, "happened_at")?,
                row.try_get("organisation")?,
            ));
        }
        let mut notes = Vec::new();
        for (account, searches) in by_account {
            let mut oldest = 0;
            let mut worst = 0..0;
            for (newest, (_, at, _)) in searches.iter().enumerate() {
                while at.micros() - searches[oldest].1.micros() > HOUR {
                    oldest += 1;
                }
                if newest + 1 - oldest > worst.len() {
                    worst = oldest..newest + 1;
                }
            }
            if worst.len() > SEARCHES_IN_AN_HOUR {
                let count = worst.len();
                let entries = searches[worst].iter().cloned();
                notes.extend(note(AnomalyKind::ManySearches, logins.get(&account), count, entries));
            }
        }
        Ok(notes)
    }

    async fn denials_in_a_row(&self, since: Since, logins: &BTreeMap<String, String>) -> Result<Vec<AnomalyNote>> {
        // A person's own refusal is entered as a denial too; it is none to the officer. A portal asks for many who are not here.
        // Denials with as many allowed acts of the account before them stand in one row.
        let found = sqlx::query(
            "SELECT seq, happened_at, account_id, organisation, allowed FROM ( \
               SELECT seq, happened_at, account_id, organisation, CASE WHEN outcome = 'denial' AND event NOT IN ('refusal.recorded', 'usages.denied') THEN 1 ELSE 0 END AS denied, \
               SUM(CASE WHEN outcome = 'denial' AND event NOT IN ('refusal.recorded', 'usages.denied') THEN 0 ELSE 1 END) OVER (PARTITION BY account_id ORDER BY seq) AS allowed \
               FROM log_entries WHERE seq >= $3 AND happened_at >= $1 AND account_id IN \
               (SELECT account_id FROM log_entries WHERE seq >= $3 AND happened_at >= $1 AND outcome = 'denial' AND event NOT IN ('refusal.recorded', 'usages.denied') \
                AND account_id <> '' GROUP BY account_id HAVING COUNT(*) >= $2)) AS acts \
             WHERE denied = 1 ORDER BY account_id, seq",
        )
        .bind(since.at.micros())
        .bind(i64::try_from(DENIALS_IN_A_ROW).unwrap_or(i64::MAX))
        .bind(since.seq)
        .fetch_all(&self.inner.pool)
        .await?;
        let mut notes = Vec::new();
        let mut run: Vec<(u64, Instant, String)> = Vec::new();
        let mut of = (String::new(), -1);
        for row in &found {
            let row_of = (row.try_get::<String, _>("account_id")?, row.try_get::<i64, _>("allowed")?);
            let at = rows::instant(row, "happened_at")?;
            let apart = run.first().is_some_and(|(_, first, _)| at.micros() - first.micros() > HOUR);
            if row_of != of || apart {
                notes.extend(denials(std::mem::take(&mut run), logins.get(&of.0)));
                of = row_of;
            }
            run.push((rows::number(row, "seq")?, at, row.try_get("organisation")?));
        }
        notes.extend(denials(run, logins.get(&of.0)));
        Ok(notes)
    }

    /// Looks at night, one note for each account. Ports, prisons and mobile units work around the clock.
    async fn after_hours(&self, since: Since, logins: &BTreeMap<String, String>) -> Result<Vec<AnomalyNote>> {
        let looks = self.looks(since, Which::ByNight).await?;
        let round_the_clock: Vec<String> = sqlx::query_scalar(
            "SELECT t.code FROM stations t JOIN sites s ON s.id = t.site_id WHERE s.kind IN ('port', 'prison', 'mobile_unit')",
        )
        .fetch_all(&self.inner.pool)
        .await?;
        let mut by_account: BTreeMap<&str, BTreeMap<u64, (Instant, String)>> = BTreeMap::new();
        for look in &looks {
            let seen = by_account.entry(&look.account).or_default();
            if seen.len() < ENTRIES_IN_A_NOTE {
                seen.insert(look.seq, (look.at, look.organisation.clone()));
            }
        }
        let mut notes = Vec::new();
        for (account, mut seen) in by_account {
            // The station is in the sealed payload only.
            for seq in seen.keys().copied().collect::<Vec<_>>() {
                let row = sqlx::query("SELECT * FROM log_entries WHERE seq = $1")
                    .bind(i64::try_from(seq).unwrap_or(-1))
                    .fetch_one(&self.inner.pool)
                    .await?;
                let station = open_payload(&self.inner, &row)?.and_then(|p| p.actor).and_then(|a| a.station);
                if station.is_some_and(|s| round_the_clock.contains(&s)) {
                    seen.remove(&seq);
                }
            }
            let n = seen.len();
            notes.extend(note(
                AnomalyKind::AfterHours,
                logins.get(account),
                n,
                seen.into_iter().map(|(seq, (at, organisation))| (seq, at, organisation)),
            ));
        }
        Ok(notes)
    }
}

/// The hour with the most different people in the looks of one account, and the looks of that hour.
fn busiest_hour(looks: Vec<Look>) -> (usize, Vec<Look>) {
    let mut people: BTreeMap<&str, usize> = BTreeMap::new();
    let mut oldest = 0;
    let mut worst = (0, 0..0);
    for (newest, look) in looks.iter().enumerate() {
        *people.entry(&look.person).or_default() += 1;
        while look.at.micros() - looks[oldest].at.micros() > HOUR {
            let left = looks[oldest].person.as_str();
            if let Some(n) = people.get_mut(left) {
                *n -= 1;
                if *n == 0 {
                    people.remove(left);
                }
            }
            oldest += 1;
        }
        if people.len() > worst.0 {
            worst = (people.len(), oldest..newest + 1);
        }
    }
    let (count, hour) = worst;
    (count, looks.into_iter().skip(hour.start).take(hour.len()).collect())
}

/// The day on which the most looked at one person, where those are too many.
fn busiest_day(looks: &[Look], crowd: &Crowd) -> Option<AnomalyNote> {
    let mut oldest = 0;
    let mut worst = (0, 0..0);
    for (newest, look) in looks.iter().enumerate() {
        while look.at.micros() - looks[oldest].at.micros() > 24 * HOUR {
            oldest += 1;
        }
        let who: BTreeSet<&str> = looks[oldest..=newest].iter().map(crowd.of).collect();
        if who.len() > worst.0 {
            worst = (who.len(), oldest..newest + 1);
        }
    }
    let (count, day) = worst;
    if count < crowd.least {
        return None;
    }
    note(crowd.kind, None, count, entries_of(&looks[day]))
}

/// A note where denials in a row are many enough.
fn denials(run: Vec<(u64, Instant, String)>, account: Option<&String>) -> Option<AnomalyNote> {
    let count = run.len();
    if count < DENIALS_IN_A_ROW { None } else { note(AnomalyKind::DenialsInARow, account, count, run) }
}

/// Looks at several people by one entry are one entry.
fn entries_of(looks: &[Look]) -> Vec<(u64, Instant, String)> {
    let entries: BTreeMap<u64, (Instant, String)> =
        looks.iter().map(|l| (l.seq, (l.at, l.organisation.clone()))).collect();
    entries.into_iter().map(|(seq, (at, organisation))| (seq, at, organisation)).collect()
}

/// A note over entries in the order of the log; none where there are no entries.
pub(crate) fn note(
    kind: AnomalyKind,
    account: Option<&String>,
    count: usize,
    entries: impl IntoIterator<Item = (u64, Instant, String)>,
) -> Option<AnomalyNote> {
    let entries: Vec<(u64, Instant, String)> = entries.into_iter().take(ENTRIES_IN_A_NOTE).collect();
    let (first, last) = (entries.first()?.1, entries.last()?.1);
    let organisations: BTreeSet<String> = entries.iter().map(|(_, _, organisation)| organisation.clone()).collect();
    Some(AnomalyNote {
        kind,
        account: account.cloned(),
        site: None,
        organisations: organisations.into_iter().collect(),
        count: count as u64,
        from: first,
        to: last,
        entries: entries.iter().map(|(seq, _, _)| *seq).collect(),
    })
}
