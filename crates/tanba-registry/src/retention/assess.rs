//! Where each record stands today: what is held, what happened to it, and what the law says to that.

use jiff::civil::Date;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};
use tanba_law::{LegalHold, Modality, RetentionRecord, RetentionState, Text};

use super::records::events_of;
use super::{Action, Part, PlanRow};
use crate::error::Result;
use crate::ids::PersonId;
use crate::law::LawBook;
use crate::registry::Registry;
use crate::rights::RESTRICTED;
use crate::rows;
use crate::time::Instant;
use crate::vault::Domain;

/// Records that are read at a time.
const AT_A_TIME: i64 = 500;
/// Below this age somebody is a child (Convention on the Rights of the Child, Art. 1). Rows for minors ask it.
const CHILD_BELOW: u16 = 18;

/// What kind of record something is held in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Encounter,
    Specimen,
}

/// A record of which something is held.
pub(super) struct Held {
    pub kind: Kind,
    pub owner: String,
    pub person: Option<PersonId>,
    /// The pack it was collected under, and the clause.
    pack: String,
    clause: String,
    collected: Date,
    pub parts: Vec<Part>,
    /// Searches find it.
    pub searchable: bool,
    /// It was taken out of use by a plan, a law that ended, or a withdrawal.
    pub blocked: Option<String>,
    withdrawn: Option<Date>,
}

/// Where one part of a record stands today.
pub(super) struct Standing {
    pub part: Part,
    pub state: RetentionState,
    pub usable: bool,
    pub until: Option<Date>,
    pub clause: String,
    pub pack: String,
    pub pack_hash: String,
    pub text: Text,
}

impl Standing {
    /// As a row of a plan.
    pub(super) fn row(&self, action: Action, owner: &str) -> PlanRow {
        PlanRow {
            action,
            part: self.part,
            owner: owner.to_owned(),
            until: self.until,
            clause: self.clause.clone(),
            pack: self.pack.clone(),
            pack_hash: self.pack_hash.clone(),
            text: self.text.clone(),
        }
    }

    pub(super) fn due(&self) -> bool {
        self.state == RetentionState::Erase
    }
}

/// What lets the prints of a registered record be worked with.
pub(crate) struct PrintBasis {
    pub person: Option<PersonId>,
    pub pack_hash: String,
    pub clause: String,
}

impl Held {
    /// It is blocked for a reason that ends by the law, and not at its holder's request.
    pub(super) fn may_be_unblocked(&self) -> bool {
        self.blocked.as_deref().is_some_and(|reason| reason != RESTRICTED)
    }
}

impl Registry {
    /// What lets images and templates of a registered record be worked with today; nothing where a clock, an order or a withdrawal says of
    /// either that it may not be used, and where one of them is gone.
    pub(crate) async fn usable_prints(&self, sql: &mut SqliteConnection, owner: &str) -> Result<Option<PrintBasis>> {
        let held = self.held_records(&mut *sql, Kind::Encounter, "", Some(owner)).await?.pop();
        let Some(held) = held.filter(|held| held.searchable && held.parts.len() == 2) else { return Ok(None) };
        let mut standings = self.standings(sql, &self.inner.law(), &held, self.today()).await?;
        if standings.iter().any(|standing| !standing.usable || standing.due()) {
            return Ok(None);
        }
        let basis = |Standing { pack_hash, clause, .. }| PrintBasis { person: held.person, pack_hash, clause };
        Ok(standings.pop().map(basis))
    }

    /// Records after `after` in order of id of which something is held; of `one` alone where it is named.
    pub(super) async fn held_records(
        &self,
        sql: &mut SqliteConnection,
        kind: Kind,
        after: &str,
        one: Option<&str>,
    ) -> Result<Vec<Held>> {
        let mut query = QueryBuilder::<Sqlite>::new(match kind {
            Kind::Encounter => {
                "SELECT * FROM (SELECT e.id, e.person_id, e.pack, e.clause, \
                 COALESCE((SELECT MAX(captured_at) FROM samples s WHERE s.encounter_id = e.id), e.opened_at) AS collected, \
                 (SELECT COUNT(*) FROM data_keys k WHERE k.owner_id = e.id AND k.domain = 'image' AND k.wrapped IS NOT NULL) AS first_part, \
                 (SELECT COUNT(*) FROM data_keys k WHERE k.owner_id = e.id AND k.domain = 'template' AND k.wrapped IS NOT NULL) AS second_part, \
                 (SELECT r.state FROM registrations r WHERE r.encounter_id = e.id) AS standing, \
                 (SELECT b.reason FROM retention_blocks b WHERE b.owner_id = e.id) AS blocked, \
                 (SELECT MAX(c.withdrawn_at) FROM consents c WHERE c.encounter_id = e.id) AS withdrawn FROM encounters e) AS held"
            }
            Kind::Specimen => {
                "SELECT * FROM (SELECT e.id, e.person_id, e.pack, e.category AS clause, e.entered_at AS collected, \
                 (SELECT COUNT(*) FROM data_keys k WHERE k.owner_id = e.id AND k.domain = 'genomic' AND k.wrapped IS NOT NULL) AS first_part, \
                 (SELECT COUNT(*) = 0 FROM material_destructions m WHERE m.specimen_id = e.id) AS second_part, \
                 e.state AS standing, (SELECT b.reason FROM retention_blocks b WHERE b.owner_id = e.id) AS blocked, \
                 e.consent_withdrawn_at AS withdrawn FROM specimens e) AS held"
            }
        });
        query.push(" WHERE first_part + second_part > 0 AND id > ").push_bind(after.to_owned());
        if let Some(one) = one {
            query.push(" AND id = ").push_bind(one.to_owned());
        }
        query.push(" ORDER BY id LIMIT ").push_bind(AT_A_TIME);
        let parts = match kind {
            Kind::Encounter => [Part::PrintImages, Part::PrintTemplates],
            Kind::Specimen => [Part::GenomicProfile, Part::GenomicMaterial],
        };
        let found = query.build().fetch_all(sql).await?;
        found
            .iter()
            .map(|row| {
                let day = |at: Instant| self.inner.zone.date(at);
                let there = [row.try_get::<i64, _>("first_part")? > 0, row.try_get::<i64, _>("second_part")? > 0];
                Ok(Held {
                    kind,
                    owner: row.try_get("id")?,
                    person: rows::id_opt(row, "person_id")?,
                    pack: row.try_get("pack")?,
                    clause: row.try_get("clause")?,
                    collected: day(rows::instant(row, "collected")?),
                    parts: parts.into_iter().zip(there).filter(|(_, there)| *there).map(|(part, _)| part).collect(),
                    searchable: row.try_get::<Option<String>, _>("standing")?.as_deref() == Some("active"),
                    blocked: row.try_get("blocked")?,
                    withdrawn: rows::instant_opt(row, "withdrawn")?.map(day),
                })
            })
            .collect()
    }

    /// The record with this id, where something of it is held.
    pub(super) async fn held_of(&self, sql: &mut SqliteConnection, owner: &str) -> Result<Option<Held>> {
        for kind in [Kind::Encounter, Kind::Specimen] {
            if let Some(held) = self.held_records(&mut *sql, kind, "", Some(owner)).await?.pop() {
                return Ok(Some(held));
            }
        }
        Ok(None)
    }

    /// Where every part of a record stands on a day, as far as is known now.
    pub(super) async fn standings(
        &self,
        sql: &mut SqliteConnection,
        law: &LawBook,
        held: &Held,
        on: Date,
    ) -> Result<Vec<Standing>> {
        let mut record = self.record_of(&mut *sql, law, held).await?;
        let holds = self.holds_on(sql, &held.owner).await?;
        let modality = if held.kind == Kind::Encounter { Modality::Fingerprint } else { Modality::Genomic };
        let mut standings = Vec::new();
        for part in &held.parts {
            record.kind = part.kind();
            // Of several orders one that the law accepts is enough.
            let mut found = None;
            for hold in holds.iter().cloned().map(Some).chain([None]) {
                record.hold = hold;
                let answer = law.keeping(modality, &held.pack, &record, on);
                let ordered = record.hold.is_some() && answer.as_ref().is_some_and(|answer| !answer.hold_refused);
                found = answer.map(|answer| (answer, ordered));
                if ordered {
                    break;
                }
            }
            let Some((answer, ordered)) = found else {
                // No law at all: kept for a human being to decide, and not used.
                standings.push(Standing {
                    part: *part,
                    state: RetentionState::NotKnown,
                    usable: false,
                    until: None,
                    clause: "no law pack".to_owned(),
                    pack: held.pack.clone(),
                    pack_hash: String::new(),
                    text: crate::law::no_law_text(),
                });
                continue;
            };
            let mut standing = Standing {
                part: *part,
                state: answer.state,
                usable: answer.usable,
                until: answer.until,
                clause: answer.clause,
                pack: answer.pack,
                pack_hash: answer.pack_hash.to_string(),
                text: answer.text,
            };
            if let Some(withdrawn) = held.withdrawn {
                standing.state = if ordered { RetentionState::Held } else { RetentionState::Erase };
                (standing.usable, standing.until) = (false, Some(withdrawn));
                "withdrawal".clone_into(&mut standing.clause);
                if let Some(rule) = law.withdrawal(modality, on) {
                    standing.text = rule.text;
                }
            }
            standings.push(standing);
        }
        Ok(standings)
    }

    /// The record as the law asks about it.
    async fn record_of(&self, sql: &mut SqliteConnection, law: &LawBook, held: &Held) -> Result<RetentionRecord> {
        let group = match held.kind {
            Kind::Encounter => law.group(&held.pack, &held.clause).unwrap_or("any"),
            Kind::Specimen => crate::genomic::population_named(&held.clause)?,
        };
        let mut record = RetentionRecord::collected(tanba_law::RetentionKind::Profile, group, held.collected);
        if let Some(person) = held.person {
            let known = crate::person::attributes_of(&self.inner.vault, &mut *sql, person).await?;
            let current = |name: &str| -> Option<Date> {
                known.iter().find(|a| a.name == name && a.superseded_at.is_none())?.value.parse().ok()
            };
            record.born = current("born");
            record.events.extend(current("died").map(|on| ("death".to_owned(), on)));
            let exempt: Vec<i64> = sqlx::query_scalar(
                "SELECT x.recorded_at FROM exemptions x JOIN encounters e ON e.id = x.encounter_id WHERE e.person_id = $1",
            )
            .bind(person.to_string())
            .fetch_all(&mut *sql)
            .await?;
            let found = |at: i64| ("exemption_found".to_owned(), self.inner.zone.date(Instant::from_micros(at)));
            record.events.extend(exempt.into_iter().map(found));
        }
        record.minor = record.born.and_then(|born| {
            Some(tanba_law::age_on(born, held.collected, tanba_law::LeapBirthday::FirstOfMarch)? < CHILD_BELOW)
        });
        for event in events_of(&self.inner.vault, &mut *sql, held.kind, &held.owner).await? {
            record.gravity = event.gravity.or(record.gravity);
            if event.event == "reviewed" {
                record.reviewed = record.reviewed.max(Some(event.on));
            }
            record.events.push((event.event, event.on));
        }
        Ok(record)
    }

    /// The orders to keep a record behind which a sanction stands that nobody has revoked.
    async fn holds_on(&self, sql: &mut SqliteConnection, owner: &str) -> Result<Vec<LegalHold>> {
        let found = sqlx::query(
            "SELECT s.authority, s.valid_from, s.valid_to FROM legal_holds h JOIN sanctions s ON s.id = h.sanction_id \
             WHERE h.owner_id = $1 AND s.revoked_at IS NULL ORDER BY s.valid_to DESC",
        )
        .bind(owner)
        .fetch_all(sql)
        .await?;
        found
            .iter()
            .map(|row| {
                Ok(LegalHold {
                    authority: Some(row.try_get("authority")?),
                    from: self.inner.zone.date(rows::instant(row, "valid_from")?),
                    until: self.inner.zone.date(rows::instant(row, "valid_to")?),
                })
            })
            .collect()
    }

    /// What a plan must do about a record on a day; what nobody can decide goes to `undecided`.
    pub(super) async fn steps_of(
        &self,
        sql: &mut SqliteConnection,
        law: &LawBook,
        held: &Held,
        on: Date,
        undecided: &mut Vec<PlanRow>,
    ) -> Result<Vec<PlanRow>> {
        let standings = self.standings(&mut *sql, law, held, on).await?;
        let mut steps = Vec::new();
        for standing in &standings {
            match standing.state {
                RetentionState::Erase => steps.push(standing.row(Action::Erase, &held.owner)),
                RetentionState::Notice if !self.notified(&mut *sql, &held.owner, standing).await? => {
                    steps.push(standing.row(Action::Notify, &held.owner));
                }
                RetentionState::NotKnown => undecided.push(standing.row(Action::Block, &held.owner)),
                _ => {}
            }
        }
        let unusable = standings.iter().find(|standing| !standing.usable && !standing.due());
        match unusable {
            Some(standing) if held.searchable => steps.push(standing.row(Action::Block, &held.owner)),
            None if held.may_be_unblocked() && standings.iter().all(|standing| standing.usable && !standing.due()) => {
                steps.extend(standings.first().map(|standing| standing.row(Action::Unblock, &held.owner)));
            }
            _ => {}
        }
        Ok(steps)
    }

    /// What says that somebody was told of this end already.
    pub(super) fn notice_blind(&self, owner: &str, standing: &Standing) -> Vec<u8> {
        let until = standing.until.map(|day| day.to_string()).unwrap_or_default();
        self.inner.vault.blind("notice", format!("{owner}/{}/{until}", standing.part.name()).as_bytes())
    }

    async fn notified(&self, sql: &mut SqliteConnection, owner: &str, standing: &Standing) -> Result<bool> {
        let n: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM retention_notices WHERE notice_blind = $1")
            .bind(self.notice_blind(owner, standing))
            .fetch_one(sql)
            .await?;
        Ok(n > 0)
    }
}

impl Kind {
    /// Under which of the record's keys its events are sealed.
    pub(super) fn domain(self) -> Domain {
        match self {
            Self::Encounter => Domain::Identity,
            Self::Specimen => Domain::Genomic,
        }
    }
}
