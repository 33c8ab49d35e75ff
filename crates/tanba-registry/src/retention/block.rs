//! Records that are kept and may not be used: out of searches by their rows first, and out of memory right after.

use std::collections::BTreeSet;

use serde_json::json;
use sqlx::SqliteConnection;
use tanba_gallery::EntryId;
use tanba_law::{Modality, RetentionState};

use super::assess::{Held, Kind, Standing};
use crate::error::Result;
use crate::ids::{EncounterId, PersonId, SpecimenId};
use crate::journal::Entry;
use crate::law::LawBook;
use crate::registry::Registry;
use crate::rights::RESTRICTED;
use crate::rows::parse_id;
use crate::store::WriteTx;

/// A record that left every search.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Gone {
    Encounter(EncounterId),
    Specimen(SpecimenId),
}

impl Registry {
    /// Takes records out of what is searched in memory. Their rows said it before.
    pub(crate) async fn out_of_searches(&self, gone: &[Gone]) {
        let _turn = self.inner.following.lock().await;
        for record in gone {
            match record {
                Gone::Encounter(id) => {
                    if let Ok(gallery) = self.gallery() {
                        gallery.remove(EntryId(id.as_u128()));
                    }
                }
                Gone::Specimen(id) => self.leave_genomic(*id),
            }
        }
    }

    /// Takes out of use, in the transaction in which a law ends, whatever rests on it.
    pub(crate) async fn block_what_lost_its_law(&self, tx: &mut WriteTx<'_>, law: &LawBook) -> Result<Vec<Gone>> {
        let (today, now) = (self.today(), tx.now().micros());
        let mut gone = Vec::new();
        for (kind, packs) in [
            (
                Kind::Encounter,
                "SELECT DISTINCT e.pack FROM registrations r JOIN encounters e ON e.id = r.encounter_id WHERE r.state = 'active'",
            ),
            (Kind::Specimen, "SELECT DISTINCT pack FROM specimens WHERE state = 'active'"),
        ] {
            let modality = if kind == Kind::Encounter { Modality::Fingerprint } else { Modality::Genomic };
            let packs: Vec<String> = sqlx::query_scalar(packs).fetch_all(tx.sql()).await?;
            for pack in packs.iter().filter(|pack| !law.still_holds(modality, pack, today)) {
                let (find, end) = match kind {
                    Kind::Encounter => (
                        "SELECT r.encounter_id FROM registrations r JOIN encounters e ON e.id = r.encounter_id WHERE r.state = 'active' AND e.pack = $1",
                        "UPDATE registrations SET state = 'blocked' WHERE state = 'active' AND encounter_id = $1",
                    ),
                    Kind::Specimen => (
                        "SELECT id FROM specimens WHERE state = 'active' AND pack = $1",
                        "UPDATE specimens SET state = 'blocked' WHERE state = 'active' AND id = $1",
                    ),
                };
                let owners: Vec<String> = sqlx::query_scalar(find).bind(pack).fetch_all(tx.sql()).await?;
                for owner in &owners {
                    sqlx::query(end).bind(owner).execute(tx.sql()).await?;
                    note_block(tx.sql(), owner, "law_ended", now).await?;
                    gone.push(match kind {
                        Kind::Encounter => Gone::Encounter(parse_id(owner)?),
                        Kind::Specimen => Gone::Specimen(parse_id(owner)?),
                    });
                }
                let people = self.people_of(tx.sql(), &gone).await?;
                let struck = law.struck(pack, today).map(|struck| struck.pack());
                let hash = struck.or_else(|| law.pack(pack)).map(|pack| pack.hash().to_string()).unwrap_or_default();
                let entry = Entry::system("records.blocked")
                    .purpose("retention")
                    .law(&hash, if struck.is_some() { "struck" } else { "validity" })
                    .about_all(people)
                    .details(json!({"pack": pack, "records": owners.len(), "reason": "law_ended"}));
                tx.log(&entry).await?;
            }
        }
        Ok(gone)
    }

    /// Takes everything of some records out of use because their holder asked for it; what left the searches.
    pub(crate) async fn block_at_request(
        &self,
        tx: &mut WriteTx<'_>,
        people: &BTreeSet<PersonId>,
    ) -> Result<Vec<Gone>> {
        let now = tx.now().micros();
        let mut gone = Vec::new();
        for (kind, owner) in owners_of(tx.sql(), people).await? {
            end_use(tx.sql(), kind, &owner).await?;
            note_block(tx.sql(), &owner, RESTRICTED, now).await?;
            gone.push(match kind {
                Kind::Encounter => Gone::Encounter(parse_id(&owner)?),
                Kind::Specimen => Gone::Specimen(parse_id(&owner)?),
            });
        }
        Ok(gone)
    }

    /// Ends such a block. What the law lets be used is in use again; the specimens among it are given. Everything else stays blocked, for
    /// the law's reason.
    pub(crate) async fn unblock_after_request(
        &self,
        tx: &mut WriteTx<'_>,
        people: &BTreeSet<PersonId>,
    ) -> Result<Vec<SpecimenId>> {
        let (law, now) = (self.inner.law(), tx.now().micros());
        let mut again = Vec::new();
        for (kind, owner) in owners_of(tx.sql(), people).await? {
            let ended = sqlx::query("DELETE FROM retention_blocks WHERE owner_id = $1 AND reason = $2")
                .bind(&owner)
                .bind(RESTRICTED)
                .execute(tx.sql())
                .await?;
            if ended.rows_affected() == 0 {
                continue;
            }
            let Some(held) = self.held_of(tx.sql(), &owner).await? else { continue };
            let standings = self.standings(tx.sql(), &law, &held, self.today()).await?;
            match standings.iter().find(|standing| !standing.usable || standing.due()) {
                Some(standing) => note_block(tx.sql(), &owner, reason(standing), now).await?,
                None => {
                    unblock(tx.sql(), &held).await?;
                    if kind == Kind::Specimen {
                        again.push(parse_id(&owner)?);
                    }
                }
            }
        }
        Ok(again)
    }

    async fn people_of(&self, sql: &mut SqliteConnection, gone: &[Gone]) -> Result<Vec<PersonId>> {
        let mut people = Vec::new();
        for record in gone {
            let (query, id) = match record {
                Gone::Encounter(id) => ("SELECT person_id FROM encounters WHERE id = $1", id.to_string()),
                Gone::Specimen(id) => ("SELECT person_id FROM specimens WHERE id = $1", id.to_string()),
            };
            let person: Option<String> = sqlx::query_scalar(query).bind(id).fetch_one(&mut *sql).await?;
            people.extend(person.map(|person| parse_id::<PersonId>(&person)).transpose()?);
        }
        people.sort();
        people.dedup();
        Ok(people)
    }
}

/// Why a record may not be used.
pub(super) fn reason(standing: &Standing) -> &'static str {
    match standing.state {
        RetentionState::ReviewOverdue => "review_overdue",
        RetentionState::Held => "held",
        RetentionState::NotKnown => "not_known",
        _ => "law_ended",
    }
}

pub(super) async fn block(sql: &mut SqliteConnection, held: &Held, reason: &str, now: i64) -> Result<()> {
    end_use(&mut *sql, held.kind, &held.owner).await?;
    note_block(sql, &held.owner, reason, now).await
}

async fn end_use(sql: &mut SqliteConnection, kind: Kind, owner: &str) -> Result<()> {
    let query = match kind {
        Kind::Encounter => "UPDATE registrations SET state = 'blocked' WHERE encounter_id = $1 AND state = 'active'",
        Kind::Specimen => "UPDATE specimens SET state = 'blocked' WHERE id = $1 AND state = 'active'",
    };
    sqlx::query(query).bind(owner).execute(sql).await?;
    Ok(())
}

/// Encounters and specimens of some people.
async fn owners_of(sql: &mut SqliteConnection, people: &BTreeSet<PersonId>) -> Result<Vec<(Kind, String)>> {
    let mut owners = Vec::new();
    for person in people {
        for (kind, query) in [
            (Kind::Encounter, "SELECT id FROM encounters WHERE person_id = $1 ORDER BY id"),
            (Kind::Specimen, "SELECT id FROM specimens WHERE person_id = $1 ORDER BY id"),
        ] {
            let found: Vec<String> = sqlx::query_scalar(query).bind(person.to_string()).fetch_all(&mut *sql).await?;
            owners.extend(found.into_iter().map(|owner| (kind, owner)));
        }
    }
    Ok(owners)
}

/// Writes down why a record may not be used. A restriction at the holder's request is no other reason's to end.
pub(super) async fn note_block(sql: &mut SqliteConnection, owner: &str, reason: &str, now: i64) -> Result<()> {
    sqlx::query(
        "INSERT INTO retention_blocks (owner_id, reason, blocked_at) VALUES ($1, $2, $3) ON CONFLICT (owner_id) \
         DO UPDATE SET reason = $2, blocked_at = CASE WHEN $2 = $4 THEN $3 ELSE retention_blocks.blocked_at END WHERE retention_blocks.reason <> $4",
    )
    .bind(owner)
    .bind(reason)
    .bind(now)
    .bind(RESTRICTED)
    .execute(sql)
    .await?;
    Ok(())
}

pub(super) async fn unblock(sql: &mut SqliteConnection, held: &Held) -> Result<()> {
    let query = match held.kind {
        Kind::Encounter => "UPDATE registrations SET state = 'active' WHERE encounter_id = $1 AND state = 'blocked'",
        Kind::Specimen => "UPDATE specimens SET state = 'active' WHERE id = $1 AND state = 'blocked'",
    };
    sqlx::query(query).bind(&held.owner).execute(&mut *sql).await?;
    sqlx::query("DELETE FROM retention_blocks WHERE owner_id = $1").bind(&held.owner).execute(sql).await?;
    Ok(())
}
