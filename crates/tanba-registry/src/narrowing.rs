//! What a search is narrowed to, as an explicit choice that the log keeps; and what is known of those who could be left out by it.
//!
//! What is recorded of a person may be wrong, and the one looked for is missed then. So only an officer's identification can be narrowed
//! (never the search for an earlier registration), a reason is asked for, whoever asks and whoever reads the log are told how many people were
//! left out, and nobody is left out by what is unknown of them, or by what their records contradict each other in.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sqlx::{Row, SqliteConnection};
use tanba_gallery::{Filter, Sex, Traits};

use crate::error::{RegistryError, Result};
use crate::ids::EncounterId;
use crate::institutions::text;
use crate::person::attributes_of;
use crate::registry::Registry;
use crate::rows;

/// Years of birth that can be meant.
const YEARS: core::ops::RangeInclusive<u16> = 1850..=2200;

/// Recorded sex.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordedSex {
    /// Female.
    Female,
    /// Male.
    Male,
}

/// Whom an identification is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Narrowing {
    /// Only people of this recorded sex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sex: Option<RecordedSex>,
    /// Only people born in this year or later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub born_from: Option<u16>,
    /// Only people born in this year or earlier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub born_to: Option<u16>,
    /// Only people registered in this region, by the code that the register gives to regions of its sites.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<u16>,
    /// Why the others need not be asked.
    pub reason: String,
}

impl Narrowing {
    /// The gallery's filter.
    ///
    /// # Errors
    /// Invalid where nothing is chosen, no reason is given, or the years are none.
    pub(crate) fn filter(&self) -> Result<Filter> {
        let invalid = |field, problem: &str| RegistryError::Invalid { field, problem: problem.to_owned() };
        text("narrowing_reason", &self.reason)?;
        if self.sex.is_none() && self.born_from.is_none() && self.born_to.is_none() && self.region.is_none() {
            return Err(invalid(
                "narrowing",
                "give a sex, years of birth or a region, or leave it out to ask everybody",
            ));
        }
        if [self.born_from, self.born_to].into_iter().flatten().any(|year| !YEARS.contains(&year)) {
            return Err(invalid("narrowing_born", "give years of birth with four digits, from 1850 to 2200"));
        }
        let (from, to) = (self.born_from.unwrap_or(*YEARS.start()), self.born_to.unwrap_or(*YEARS.end()));
        if from > to {
            return Err(invalid("narrowing_born", "the first year comes after the last one: exchange them"));
        }
        if self.region == Some(0) {
            return Err(invalid("region", "regions are numbered from 1"));
        }
        let years = self.born_from.or(self.born_to).map(|_| from..=to);
        Ok(Filter { sex: self.sex.map(Into::into), born: years, region: self.region })
    }
}

impl From<RecordedSex> for Sex {
    fn from(sex: RecordedSex) -> Self {
        match sex {
            RecordedSex::Female => Self::Female,
            RecordedSex::Male => Self::Male,
        }
    }
}

impl Registry {
    /// What is known of the person of an encounter, over all their records.
    pub(crate) async fn traits_of(&self, sql: &mut SqliteConnection, encounter: EncounterId) -> Result<Traits> {
        let row = sqlx::query(
            "SELECT e.person_id, s.region FROM encounters e JOIN stations st ON st.id = e.station_id JOIN sites s ON s.id = st.site_id \
             WHERE e.id = $1",
        )
        .bind(encounter.to_string())
        .fetch_one(&mut *sql)
        .await?;
        let region: Option<i64> = row.try_get("region")?;
        let known = attributes_of(&self.inner.vault, sql, rows::id(&row, "person_id")?).await?;
        // What was typed counts where no register or officer has said anything since, as everywhere.
        let one = |name: &str| {
            let held = || known.iter().filter(|a| a.name == name && a.superseded_at.is_none());
            let typed_only = held().all(|a| a.provisional);
            let mut values = held().filter(|a| a.provisional == typed_only).map(|a| a.value.as_str());
            let first = values.next()?;
            values.all(|value| value == first).then_some(first)
        };
        Ok(Traits {
            sex: match one("sex") {
                Some("female") => Some(Sex::Female),
                Some("male") => Some(Sex::Male),
                _ => None,
            },
            born: one("born")
                .and_then(|born| born.parse::<Date>().ok())
                .and_then(|born| u16::try_from(born.year()).ok())
                .filter(|year| *year > 0),
            region: region.and_then(|region| u16::try_from(region).ok()).filter(|region| *region > 0),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_choice_is_refused() {
        let good = Narrowing { born_to: Some(1990), reason: "seen on camera".to_owned(), ..Narrowing::default() };
        assert_eq!(good.filter().unwrap(), Filter { born: Some(1850..=1990), ..Filter::default() });
        let sex = Narrowing { sex: Some(RecordedSex::Female), born_to: None, ..good.clone() };
        assert_eq!(sex.filter().unwrap(), Filter { sex: Some(Sex::Female), ..Filter::default() });
        for bad in [
            Narrowing { reason: " ".to_owned(), ..good.clone() },
            Narrowing { born_to: None, ..good.clone() },
            Narrowing { born_from: Some(1991), ..good.clone() },
            Narrowing { born_from: Some(91), ..good.clone() },
            Narrowing { region: Some(0), ..good },
        ] {
            assert!(matches!(bad.filter(), Err(RegistryError::Invalid { .. })), "{bad:?}");
        }
    }
}
