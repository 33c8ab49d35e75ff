//! The statistics of a day: what happened at the counters, in numbers. No person is in them, and none is looked at.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use tanba_formats::Finger;

use crate::actor::{Actor, Role};
use crate::encounter::{EncounterState, parse_state};
use crate::error::{RegistryError, Result};
use crate::journal::open_payload;
use crate::params::QUALITY_FLAG;
use crate::registry::Registry;
use crate::rows;

/// Of which counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatisticsScope {
    /// The site of the session's station.
    OwnSite,
    /// Every site.
    All,
}

/// The encounters that were opened on one civil day, counted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DayStatistics {
    /// The day, by the register's own calendar.
    pub date: Date,
    /// Of which counters.
    pub scope: StatisticsScope,
    /// The site's name, where it is one site.
    pub site: Option<String>,
    /// Encounters opened.
    pub arrivals: u64,
    /// Arrivals by the hour of the day, 0 to 23.
    pub arrivals_by_hour: [u64; 24],
    /// How they stand now.
    pub outcomes: OutcomeCounts,
    /// What was denied that day, by event and reason; a person's own refusal is not among them.
    pub denials: Vec<DenialCount>,
    /// Fingers that were captured more than once.
    pub fingers_recaptured: u64,
    /// Attempts beyond the first.
    pub extra_attempts: u64,
    /// Kept samples by quality: 0 to 9, 10 to 19, ..., 90 to 100.
    pub quality_deciles: [u64; 10],
    /// Kept samples below the quality that is kept without a flag.
    pub flagged: u64,
    /// The quality below which a kept sample is flagged.
    pub flag_below: u8,
    /// The kept samples of each finger, in the order of [`Finger::TEN`].
    pub fingers: Vec<FingerStatistics>,
    /// From opening to end, of the encounters that have ended.
    pub times: Times,
}

/// How the encounters of a day stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutcomeCounts {
    /// Being worked on.
    pub open: u64,
    /// Waiting for examiners.
    pub adjudication: u64,
    /// Newly registered.
    pub registered: u64,
    /// Known, and verified.
    pub verified: u64,
    /// Exempt.
    pub exempt: u64,
    /// The person refused.
    pub refused: u64,
    /// The law said no.
    pub denied: u64,
    /// Registered before under another record.
    pub duplicate: u64,
    /// Prints that are not those registered.
    pub conflict: u64,
}

/// How often something was denied for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DenialCount {
    /// What was denied, as the log calls it.
    pub event: String,
    /// Why, by its code; empty where an older entry names none.
    pub reason: String,
    /// How often.
    pub count: u64,
}

/// The kept samples of one finger.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FingerStatistics {
    /// Which finger.
    pub finger: Finger,
    /// How many were kept.
    pub kept: u64,
    /// Their median quality.
    pub median_quality: Option<u8>,
    /// How many of them are flagged.
    pub flagged: u64,
    /// How many took more than one attempt.
    pub recaptured: u64,
}

/// How long encounters took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    /// How many have ended.
    pub ended: u64,
    /// Half of them took no longer, in seconds.
    pub median_seconds: Option<u64>,
    /// Nine of ten took no longer, in seconds.
    pub p90_seconds: Option<u64>,
}

impl Registry {
    /// What happened at the counters on a day.
    ///
    /// # Errors
    /// Denied, and logged, without the role of operator, second officer or supervisor, and to an operator who asks about
    /// other sites; invalid where the own site is asked about and the session has no station.
    pub async fn day_statistics(&self, actor: &Actor, date: Date, scope: StatisticsScope) -> Result<DayStatistics> {
        if !actor.has(Role::SecondOfficer) && !actor.has(Role::Supervisor) {
            let role = if scope == StatisticsScope::All { Role::Supervisor } else { Role::Operator };
            self.demand(actor, role, "see these statistics").await?;
        }
        let site = match scope {
            StatisticsScope::All => None,
            StatisticsScope::OwnSite => {
                let station = actor.station().ok_or(RegistryError::Invalid {
                    field: "scope",
                    problem: "this session is at no station, so it has no own site: ask about all sites".to_owned(),
                })?;
                Some(station.site.to_string())
            }
        };
        let zone = &self.inner.zone;
        let from = zone.day_begins(date).micros();
        let to = date.tomorrow().map_or(i64::MAX, |next| zone.day_begins(next).micros());
        let site_name: Option<String> = match &site {
            None => None,
            Some(site) => {
                sqlx::query_scalar("SELECT name FROM sites WHERE id = $1")
                    .bind(site)
                    .fetch_optional(&self.inner.pool)
                    .await?
            }
        };
        let mut day = DayStatistics {
            date,
            scope,
            site: site_name,
            arrivals: 0,
            arrivals_by_hour: [0; 24],
            outcomes: OutcomeCounts::default(),
            denials: self.denials_between(from, to, site.as_deref()).await?,
            fingers_recaptured: 0,
            extra_attempts: 0,
            quality_deciles: [0; 10],
            flagged: 0,
            flag_below: QUALITY_FLAG,
            fingers: Vec::new(),
            times: Times::default(),
        };
        self.count_encounters(&mut day, from, to, site.as_deref()).await?;
        self.count_samples(&mut day, from, to, site.as_deref()).await?;
        Ok(day)
    }

    async fn count_encounters(&self, day: &mut DayStatistics, from: i64, to: i64, site: Option<&str>) -> Result<()> {
        let found = sqlx::query(
            "SELECT e.state, e.opened_at, e.closed_at FROM encounters e JOIN stations s ON s.id = e.station_id \
             WHERE e.opened_at >= $1 AND e.opened_at < $2 AND ($3 IS NULL OR s.site_id = $3)",
        )
        .bind(from)
        .bind(to)
        .bind(site)
        .fetch_all(&self.inner.pool)
        .await?;
        let mut seconds = Vec::new();
        for row in &found {
            let opened = rows::instant(row, "opened_at")?;
            day.arrivals += 1;
            day.arrivals_by_hour[usize::from(self.inner.zone.hour(opened)) % 24] += 1;
            *day.outcomes.of(parse_state(&row.try_get::<String, _>("state")?)?) += 1;
            if let Some(closed) = rows::instant_opt(row, "closed_at")? {
                seconds.push(u64::try_from((closed.micros() - opened.micros()) / 1_000_000).unwrap_or(0));
            }
        }
        seconds.sort_unstable();
        day.times = Times {
            ended: seconds.len() as u64,
            median_seconds: quantile(&seconds, 50),
            p90_seconds: quantile(&seconds, 90),
        };
        Ok(())
    }

    async fn count_samples(&self, day: &mut DayStatistics, from: i64, to: i64, site: Option<&str>) -> Result<()> {
        let found = sqlx::query(
            "SELECT p.finger, p.attempt, p.kept, p.quality FROM encounters e JOIN stations s ON s.id = e.station_id \
             JOIN samples p ON p.encounter_id = e.id WHERE e.opened_at >= $1 AND e.opened_at < $2 AND ($3 IS NULL OR s.site_id = $3)",
        )
        .bind(from)
        .bind(to)
        .bind(site)
        .fetch_all(&self.inner.pool)
        .await?;
        let mut qualities: BTreeMap<u8, Vec<u8>> = BTreeMap::new();
        let mut recaptured: BTreeMap<u8, u64> = BTreeMap::new();
        for row in &found {
            let finger: u8 = rows::number(row, "finger")?;
            let attempt: u32 = rows::number(row, "attempt")?;
            day.extra_attempts += u64::from(attempt > 1);
            // A second attempt means that the finger was captured again, however often that was.
            *recaptured.entry(finger).or_default() += u64::from(attempt == 2);
            if row.try_get::<i64, _>("kept")? == 1 {
                let quality: u8 = rows::number(row, "quality")?;
                day.quality_deciles[usize::from(quality / 10).min(9)] += 1;
                day.flagged += u64::from(quality < QUALITY_FLAG);
                qualities.entry(finger).or_default().push(quality);
            }
        }
        day.fingers_recaptured = recaptured.values().sum();
        day.fingers = Finger::TEN
            .into_iter()
            .map(|finger| {
                let kept = qualities.entry(finger.code()).or_default();
                kept.sort_unstable();
                FingerStatistics {
                    finger,
                    kept: kept.len() as u64,
                    median_quality: quantile(kept, 50),
                    flagged: kept.iter().filter(|q| **q < QUALITY_FLAG).count() as u64,
                    recaptured: recaptured.get(&finger.code()).copied().unwrap_or(0),
                }
            })
            .collect();
        Ok(())
    }

    /// The denials of a day. The reason is in the sealed payload, so each is opened; what is counted names nobody.
    async fn denials_between(&self, from: i64, to: i64, site: Option<&str>) -> Result<Vec<DenialCount>> {
        let stations: Option<Vec<String>> = match site {
            None => None,
            Some(site) => Some(
                sqlx::query_scalar("SELECT code FROM stations WHERE site_id = $1")
                    .bind(site)
                    .fetch_all(&self.inner.pool)
                    .await?,
            ),
        };
        let found = sqlx::query(
            "SELECT * FROM log_entries WHERE happened_at >= $1 AND happened_at < $2 AND outcome = 'denial' AND event <> 'refusal.recorded'",
        )
        .bind(from)
        .bind(to)
        .fetch_all(&self.inner.pool)
        .await?;
        let mut counts: BTreeMap<(String, String), u64> = BTreeMap::new();
        for row in &found {
            let payload = open_payload(&self.inner, row)?;
            if let Some(stations) = &stations {
                let at = payload.as_ref().and_then(|p| p.actor.as_ref()).and_then(|a| a.station.as_ref());
                if !at.is_some_and(|at| stations.contains(at)) {
                    continue;
                }
            }
            let reason = payload.as_ref().and_then(|p| p.details["reason"].as_str()).unwrap_or_default().to_owned();
            *counts.entry((row.try_get("event")?, reason)).or_default() += 1;
        }
        let mut denials: Vec<DenialCount> =
            counts.into_iter().map(|((event, reason), count)| DenialCount { event, reason, count }).collect();
        denials.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.event.cmp(&b.event)));
        Ok(denials)
    }
}

impl OutcomeCounts {
    fn of(&mut self, state: EncounterState) -> &mut u64 {
        match state {
            EncounterState::Open => &mut self.open,
            EncounterState::Adjudication => &mut self.adjudication,
            EncounterState::Registered => &mut self.registered,
            EncounterState::Verified => &mut self.verified,
            EncounterState::Exempt => &mut self.exempt,
            EncounterState::Refused => &mut self.refused,
            EncounterState::Denied => &mut self.denied,
            EncounterState::Duplicate => &mut self.duplicate,
            EncounterState::Conflict => &mut self.conflict,
        }
    }
}

/// The smallest value that `percent` of the sorted values do not exceed.
fn quantile<T: Copy>(sorted: &[T], percent: usize) -> Option<T> {
    let place = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(place - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::quantile;

    #[test]
    fn a_quantile_is_one_of_the_values_and_nothing_has_none() {
        assert_eq!(quantile::<u8>(&[], 50), None);
        assert_eq!(quantile(&[7], 90), Some(7));
        assert_eq!(quantile(&[1, 2, 3, 4], 50), Some(2));
        assert_eq!(quantile(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 90), Some(9));
        assert_eq!(quantile(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], 90), Some(10));
    }
}
