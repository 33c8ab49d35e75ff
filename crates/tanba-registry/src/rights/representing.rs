//! Who reads and asks for somebody else: a guardian of a child below sixteen, as the population register names them with every call, and an
//! attorney with a document that an officer recorded. Every call names both people in its entry, and the person represented sees who it was.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tanba_law::{Iin, LeapBirthday, age_on};

use super::NewRequest;
use super::asking::Came;
use crate::actor::{Actor, Role};
use crate::citizen::OwnPage;
use crate::consent::ConsentKind;
use crate::error::{RegistryError, Result};
use crate::ids::{PersonId, RowId};
use crate::institutions::text;
use crate::journal::Entry;
use crate::keys::key_for_writing;
use crate::params::GUARDED_BELOW;
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::{Domain, fresh_bytes};

/// As what somebody acts for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RepresentativeKind {
    /// A parent or legal guardian.
    Guardian,
    /// Whom the person gave a document.
    Attorney,
}

/// The page of somebody else, as their representative sees it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RepresentedPage {
    /// Whose it is.
    pub person: PersonId,
    /// As what the reader acts.
    pub kind: RepresentativeKind,
    /// The last day on which they may.
    pub until: Option<Date>,
    /// The page.
    pub page: OwnPage,
}

/// A document by which somebody acts for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Representation {
    /// The record of it.
    pub id: RowId,
    /// The other side: the attorney on the person's page, the person on the attorney's.
    pub other: PersonId,
    /// The other side's name, where it is held.
    pub name: Option<String>,
    /// The last day on which it holds.
    pub valid_to: Date,
    /// When it was recorded.
    pub recorded_at: Instant,
    /// When it was ended before its last day.
    pub ended_at: Option<Instant>,
    /// It holds today.
    pub holds: bool,
}

/// A document to be recorded.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewRepresentation {
    /// The attorney's individual identification number; they have a record here.
    pub attorney: String,
    /// The document, by whom and under which number it was made.
    pub document: String,
    /// The last day on which it holds.
    pub valid_to: Date,
}

/// A representative who may act now.
struct Acting {
    own: PersonId,
    person: PersonId,
    records: BTreeSet<PersonId>,
    kind: RepresentativeKind,
    until: Option<Date>,
}

/// Why somebody is no representative.
pub(super) enum Not {
    /// Nobody says that they are.
    One,
    /// The child is old enough.
    OfAge,
}

impl Not {
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::One => "not_a_representative",
            Self::OfAge => "represented_of_age",
        }
    }
}

/// A record and all that were merged into it.
type Records<'a> = (PersonId, &'a BTreeSet<PersonId>);

impl Registry {
    /// The record of whom the signed-in person represents, by number.
    ///
    /// # Errors
    /// Denied, and logged, where they do not represent whoever has this number, and alike where nobody here has it.
    pub async fn find_represented(&self, actor: &Actor, iin: &str) -> Result<PersonId> {
        let (own, _) = self.own_records(actor).await?;
        match self.person_of_iin(&self.accept_iin(iin.trim())?).await? {
            Some(person) => Ok(self.acting(actor, person).await?.person),
            None => self.deny_representation(actor, own, None, &Not::One).await,
        }
    }

    /// The page of somebody whom the signed-in person represents. The look names both, and both see it.
    ///
    /// # Errors
    /// Denied, and logged, without the citizen's role, and where they do not represent this person now.
    pub async fn represented_page(
        &self,
        actor: &Actor,
        person: PersonId,
        before: Option<u64>,
        limit: u32,
    ) -> Result<RepresentedPage> {
        let acting = self.acting(actor, person).await?;
        let tx = WriteTx::begin(&self.inner).await?;
        let entry = Entry::look("represented.viewed", actor).purpose("rights_of_the_person");
        let details = json!({"representative": acting.own, "represented": acting.person, "as": acting.kind});
        tx.commit(&entry.about(acting.person).about(acting.own).details(details)).await?;
        let page = self.page_of(acting.person, &acting.records, before, limit).await?;
        Ok(RepresentedPage { person: acting.person, kind: acting.kind, until: acting.until, page })
    }

    /// Asks for something on behalf of somebody whom the signed-in person represents.
    ///
    /// # Errors
    /// As [`Registry::represented_page`] and [`Registry::ask_for`].
    pub async fn ask_for_represented(&self, actor: &Actor, person: PersonId, new: &NewRequest) -> Result<RowId> {
        let acting = self.acting(actor, person).await?;
        self.take_request(actor, (acting.person, &acting.records), new, Came::Representative(acting.own)).await
    }

    /// Records the document by which somebody acts for a person. Who it is and until when stands on the person's page.
    ///
    /// # Errors
    /// Denied, and logged, without the second officer's role; not found; invalid where the day is past or both are one person.
    pub async fn record_representation(
        &self,
        actor: &Actor,
        person: PersonId,
        new: &NewRepresentation,
    ) -> Result<RowId> {
        self.demand(actor, Role::SecondOfficer, "record a representative").await?;
        self.demand_relation(actor, person).await?;
        text("document", &new.document)?;
        let attorney = self.person_of_iin(&self.accept_iin(new.attorney.trim())?).await?;
        let attorney = attorney.ok_or(RegistryError::NotFound { what: "other person" })?;
        let (person, records) = self.present_and_merged(person).await?;
        if records.contains(&attorney) {
            return Err(RegistryError::Invalid {
                field: "attorney",
                problem: "nobody is their own representative: give the other person's number".to_owned(),
            });
        }
        if new.valid_to < self.today() {
            return Err(RegistryError::Invalid {
                field: "valid_to",
                problem: "give the last day on which the document holds, today or later".to_owned(),
            });
        }
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let id = RowId::fresh(now.micros(), fresh_bytes()?);
        let owner = id.to_string();
        let key = key_for_writing(&self.inner.vault, tx.sql(), now, &owner, Domain::Identity).await?;
        let document = new.document.trim().as_bytes();
        let sealed = self.inner.vault.seal(&key, Domain::Identity, &owner, "document", document)?;
        sqlx::query("INSERT INTO representations (id, person_id, attorney_id, sealed_document, valid_to, recorded_by, recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7)")
            .bind(&owner)
            .bind(person.to_string())
            .bind(attorney.to_string())
            .bind(sealed)
            .bind(new.valid_to.to_string())
            .bind(actor.account().to_string())
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        let entry = Entry::effect("representation.recorded", actor).purpose("rights_of_the_person");
        let details = json!({"representation": id, "valid_to": new.valid_to});
        tx.commit(&entry.about(person).about(attorney).details(details)).await?;
        Ok(id)
    }

    /// Ends a representation before its last day; with the next call the attorney reads nothing.
    ///
    /// # Errors
    /// Denied, and logged, to whoever is neither the person nor a second officer; not found; a conflict where it is ended.
    pub async fn end_representation(&self, actor: &Actor, id: RowId) -> Result<()> {
        let row = sqlx::query("SELECT person_id, attorney_id FROM representations WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.inner.pool)
            .await?;
        let sides = match &row {
            Some(row) => Some((rows::id::<PersonId>(row, "person_id")?, rows::id::<PersonId>(row, "attorney_id")?)),
            None => None,
        };
        if !actor.has(Role::SecondOfficer) {
            let (_, own) = self.own_records(actor).await?;
            if !sides.is_some_and(|(person, _)| own.contains(&person)) {
                return Err(RegistryError::NotFound { what: "representation" });
            }
        }
        let (person, attorney) = sides.ok_or(RegistryError::NotFound { what: "representation" })?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let ended = sqlx::query("UPDATE representations SET ended_at = $1 WHERE id = $2 AND ended_at IS NULL")
            .bind(now.micros())
            .bind(id.to_string())
            .execute(tx.sql())
            .await?;
        if ended.rows_affected() == 0 {
            return Err(RegistryError::Conflict {
                what: "this representation is ended",
                next: "nothing is left to do: its attorney reads nothing any more",
            });
        }
        let entry = Entry::effect("representation.ended", actor).purpose("rights_of_the_person");
        tx.commit(&entry.about(person).about(attorney).details(json!({"representation": id}))).await?;
        Ok(())
    }

    /// Documents by which others act for these records, and by which their holder acts for others; newest first.
    pub(crate) async fn representations_of(
        &self,
        records: &BTreeSet<PersonId>,
    ) -> Result<(Vec<Representation>, Vec<Representation>)> {
        let (mut by, mut of) = (Vec::new(), Vec::new());
        for record in records {
            for (query, other, list) in [
                ("SELECT * FROM representations WHERE person_id = $1", "attorney_id", &mut by),
                ("SELECT * FROM representations WHERE attorney_id = $1", "person_id", &mut of),
            ] {
                for row in &sqlx::query(query).bind(record.to_string()).fetch_all(&self.inner.pool).await? {
                    let (other, _) = self.present_and_merged(rows::id(row, other)?).await?;
                    let valid_to = rows::date_opt(row, "valid_to")?.unwrap_or(Date::MIN);
                    let ended_at = rows::instant_opt(row, "ended_at")?;
                    list.push(Representation {
                        id: rows::id(row, "id")?,
                        other,
                        name: self.name_of(other).await?,
                        valid_to,
                        recorded_at: rows::instant(row, "recorded_at")?,
                        ended_at,
                        holds: ended_at.is_none() && valid_to >= self.today(),
                    });
                }
            }
        }
        by.sort_by_key(|r| std::cmp::Reverse(r.recorded_at));
        of.sort_by_key(|r| std::cmp::Reverse(r.recorded_at));
        Ok((by, of))
    }

    /// A person's name in the first script in which it is held.
    pub(crate) async fn name_of(&self, person: PersonId) -> Result<Option<String>> {
        let held = self.identity_of(person).await?;
        Ok(["kk", "ru", "latin"].into_iter().find_map(|script| {
            let part = |part: &str| held.get(&format!("{part}_name_{script}"));
            Some(format!("{} {}", part("family")?, part("given")?))
        }))
    }

    /// The signed-in person as the representative of another; denied, and logged about both, where they are none now.
    async fn acting(&self, actor: &Actor, person: PersonId) -> Result<Acting> {
        let (own, own_records) = self.own_records(actor).await?;
        let known: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM persons WHERE id = $1")
            .bind(person.to_string())
            .fetch_one(&self.inner.pool)
            .await?;
        if known == 0 {
            return self.deny_representation(actor, own, None, &Not::One).await;
        }
        let (person, records) = self.present_and_merged(person).await?;
        match self.representing((own, &own_records), (person, &records)).await? {
            Ok((kind, until)) => Ok(Acting { own, person, records, kind, until }),
            Err(not) => self.deny_representation(actor, own, Some(person), &not).await,
        }
    }

    /// As what somebody acts for a person today, and through which day.
    pub(super) async fn representing(
        &self,
        (own, own_records): Records<'_>,
        (person, records): Records<'_>,
    ) -> Result<std::result::Result<(RepresentativeKind, Option<Date>), Not>> {
        Ok(match self.attorney(own_records, records).await? {
            Some(until) => Ok((RepresentativeKind::Attorney, Some(until))),
            None => self.guardian(own, person).await?.map(|until| (RepresentativeKind::Guardian, until)),
        })
    }

    /// The last day of a document that holds today.
    async fn attorney(&self, own: &BTreeSet<PersonId>, records: &BTreeSet<PersonId>) -> Result<Option<Date>> {
        let mut until = None;
        for record in records {
            let found = sqlx::query(
                "SELECT attorney_id, valid_to FROM representations WHERE person_id = $1 AND ended_at IS NULL AND valid_to >= $2",
            )
            .bind(record.to_string())
            .bind(self.today().to_string())
            .fetch_all(&self.inner.pool)
            .await?;
            for row in &found {
                if own.contains(&rows::id(row, "attorney_id")?) {
                    until = until.max(rows::date_opt(row, "valid_to")?);
                }
            }
        }
        Ok(until)
    }

    /// The last day on which somebody is the guardian of a child, as the population register names guardians today; where it does not know
    /// the child, as the consent on record does.
    async fn guardian(&self, own: PersonId, child: PersonId) -> Result<std::result::Result<Option<Date>, Not>> {
        // A number that was typed and that no register confirmed makes nobody a guardian.
        let mine = self.own_attributes(own).await?.into_iter().find(|a| a.name == "iin" && !a.provisional);
        let held = self.identity_of(child).await?;
        let (Some(mine), Some(theirs)) = (mine, held.get("iin")) else { return Ok(Err(Not::One)) };
        let record = Iin::parse(theirs).ok().map(|iin| self.inner.register.fetch(&iin)).transpose()?.flatten();
        let named = match &record {
            Some(record) => record.guardians.contains(&mine.value),
            None => self.own_consents(&self.own_encounters(child).await?).await?.iter().any(|consent| {
                consent.kind == ConsentKind::GuardianConsent
                    && consent.withdrawn_at.is_none()
                    && consent.given_by.as_deref() == Some(mine.value.as_str())
            }),
        };
        let born = record.map(|record| record.born).or_else(|| held.get("born")?.parse::<Date>().ok());
        let (true, Some(born)) = (named, born) else { return Ok(Err(Not::One)) };
        // A birth date to come, or none that counts years, opens nothing.
        if age_on(born, self.today(), LeapBirthday::FirstOfMarch).is_none_or(|age| age >= GUARDED_BELOW) {
            return Ok(Err(Not::OfAge));
        }
        let last = born.checked_add(jiff::Span::new().years(i64::from(GUARDED_BELOW))).and_then(Date::yesterday);
        Ok(Ok(last.ok()))
    }

    async fn deny_representation<T>(
        &self,
        actor: &Actor,
        own: PersonId,
        person: Option<PersonId>,
        not: &Not,
    ) -> Result<T> {
        let code = not.code();
        let (said, need) = match not {
            Not::One => (
                "nobody has recorded that you act for this person",
                "a guardian is named by the population register; a document is recorded by an officer",
            ),
            Not::OfAge => {
                ("this person is sixteen and acts for themselves", "a document of the person, recorded by an officer")
            }
        };
        let denial = Entry::denial("representation.denied", Some(actor)).purpose("rights_of_the_person");
        let denial = denial.about_all(person).about(own).details(json!({"reason": code, "representative": own}));
        self.deny(denial, code, "who acts for somebody else", said, vec![need.to_owned()]).await
    }
}
