//! Sanctions and court decisions: entered by one, used by another, ended by a revocation at once, no longer and no more often extended than
//! the law lets them be.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::{Row, SqliteConnection};
use tanba_law::{SanctionFacts, SanctionTerm, Text};

use crate::access::{Act, Grounds};
use crate::actor::{Actor, Role};
use crate::completion::SearchProgress;
use crate::error::{RegistryError, Result};
use crate::ids::{CaseId, PersonId, RowId, SanctionId};
use crate::institutions::{code, text};
use crate::journal::Entry;
use crate::keys::{destroy_key, key_for_writing};
use crate::registry::Registry;
use crate::rows;
use crate::signed_sanctions::{Checked, STANDING_ROW, Untrue};
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::{Domain, fresh_bytes};

/// A sanction or court decision to be entered.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewSanction {
    /// The case it was given in.
    pub case: CaseId,
    /// Which level of authority gave it, by the law pack's code (`prosecutor`, `court`, ...).
    pub authority: String,
    /// Who signed it, and its number.
    pub issued_by: String,
    /// The personnel number of whoever signed it, where they have an account in this register.
    #[serde(default)]
    pub issuer: Option<String>,
    /// Purposes it covers.
    pub purposes: BTreeSet<String>,
    /// Acts it covers.
    pub acts: Vec<Act>,
    /// The identification number of the person it is about; none for an unknown person.
    #[serde(default)]
    pub subject_iin: Option<String>,
    /// From when.
    pub valid_from: Instant,
    /// Until when.
    pub valid_to: Instant,
    /// How many uses it allows.
    pub max_uses: u32,
    /// From when on the person sees looks under it, where the sanction puts that off and the law lets it; at once without it.
    #[serde(default)]
    pub tell_person_at: Option<Instant>,
}

/// A direction of which an oversight body was told.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DirectionNotice {
    /// The sanction.
    pub sanction: SanctionId,
    /// The body that must know, by the law pack's code.
    pub body: String,
    /// The level of authority that gave it.
    pub authority: String,
    /// How many extensions it comes after; 0 for the first.
    pub extension: u32,
    /// From when.
    pub valid_from: Instant,
    /// Until when.
    pub valid_to: Instant,
    /// Where its entering stands in the log.
    pub log_seq: u64,
    /// When it was given.
    pub given_at: Instant,
    /// When a supervisor first read it, before now.
    pub read_at: Option<Instant>,
}

/// Searches that run under a sanction, so that its end can stop them.
#[derive(Default)]
pub(crate) struct Running(Vec<(SanctionId, std::sync::Weak<SearchProgress>)>);

impl Running {
    fn stop(&mut self, sanction: SanctionId) {
        self.0.retain(|(_, search)| search.strong_count() > 0);
        for search in self.0.iter().filter(|(id, _)| *id == sanction).filter_map(|(_, search)| search.upgrade()) {
            search.stop();
        }
    }
}

impl Registry {
    /// Enters a sanction or court decision. It takes another human being than the officer who will use it, and than whoever signed it. A
    /// further one of the same authority, for the same purpose and person, counts as an extension of the earlier one.
    ///
    /// # Errors
    /// Denied without the second officer's role, to whoever signed it, and where it is longer or more often extended than the law lets it
    /// be; an unknown case or person; an empty span of time.
    pub async fn enter_sanction(&self, actor: &Actor, new: &NewSanction) -> Result<SanctionId> {
        self.demand(actor, Role::SecondOfficer, "enter a sanction").await?;
        self.demand_proof(actor, "enter a sanction", json!(new)).await?;
        if self.signed_sanctions_only() {
            return self.refuse_sanction(actor, Some(new.case), &Untrue::Unsigned).await;
        }
        self.write_sanction(actor, new, None).await
    }

    /// Enters what was checked to be of its authority, or may be believed without a signature.
    pub(crate) async fn write_sanction(
        &self,
        actor: &Actor,
        new: &NewSanction,
        signed: Option<&Checked>,
    ) -> Result<SanctionId> {
        checked(new)?;
        let person = match &new.subject_iin {
            None => None,
            Some(iin) => Some(
                self.person_of_iin(&self.accept_iin(iin)?).await?.ok_or(RegistryError::NotFound { what: "person" })?,
            ),
        };
        let issuer = new.issuer.as_deref().map(str::trim).filter(|number| !number.is_empty());
        if issuer == Some(actor.natural_person.as_str()) {
            let denial = Entry::denial("sanction.denied", Some(actor)).about_all(person);
            let words = Text::new(
                "Санкцияға қол қойған адам оны өзі енгізе алмайды.",
                "Подписавший санкцию сам её не вносит.",
                "Whoever signed a sanction does not enter it.",
            );
            return self
                .deny_by_law(
                    denial.details(json!({"case": new.case})),
                    "sanction_same_person",
                    "dual control",
                    &words,
                    Vec::new(),
                )
                .await;
        }
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        self.case_of(tx.sql(), actor, new.case).await?;
        let extension = extensions_before(tx.sql(), actor, new, person).await?;
        let terms = self.inner.law().sanction_terms(actor.body(), &new.authority, &new.purposes, self.today());
        let (first, end) = self.days_of(new.valid_from, new.valid_to);
        if let Some((rule, _)) = terms.iter().find(|(_, term)| !term.allows(first, end, extension)) {
            let (rule, hash) = (rule.clone(), self.inner.law().prints_hash(self.today()));
            drop(tx);
            let denial = Entry::denial("sanction.denied", Some(actor)).law(&hash, &rule).about_all(person);
            let details = json!({"case": new.case, "authority": new.authority, "extension": extension});
            let words = SanctionTerm::exceeded();
            return self.deny_by_law(denial.details(details), "sanction_beyond_term", &rule, &words, Vec::new()).await;
        }
        if let Some(signed) = signed
            && let Some(why) = self.not_to_be_entered(tx.sql(), signed).await?
        {
            drop(tx);
            return self.refuse_sanction(actor, Some(new.case), &why).await;
        }
        let id = SanctionId::fresh(now.micros(), fresh_bytes()?);
        let owner = new.case.to_string();
        let key = key_for_writing(&self.inner.vault, tx.sql(), now, &owner, Domain::Case).await?;
        let sealed =
            self.inner.vault.seal(&key, Domain::Case, &owner, &format!("sanction/{id}"), new.issued_by.as_bytes())?;
        let acts: Vec<&str> = new.acts.iter().map(|a| a.name()).collect();
        let purposes: Vec<&str> = new.purposes.iter().map(String::as_str).collect();
        sqlx::query("INSERT INTO sanctions (id, case_id, authority, sealed_body, purposes, acts, person_id, valid_from, valid_to, max_uses, uses, entered_by, entered_at, revoked_at, extension, issuer_blind, tell_person_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11, $12, NULL, $13, $14, $15)")
            .bind(id.to_string())
            .bind(&owner)
            .bind(&new.authority)
            .bind(sealed)
            .bind(purposes.join(" "))
            .bind(acts.join(" "))
            .bind(person.map(|p| p.to_string()))
            .bind(new.valid_from.micros())
            .bind(new.valid_to.micros())
            .bind(i64::from(new.max_uses))
            .bind(actor.account().to_string())
            .bind(now.micros())
            .bind(i64::from(extension))
            .bind(issuer.map(|number| self.issuer_blind(number)))
            .bind(new.tell_person_at.map(Instant::micros))
            .execute(tx.sql())
            .await?;
        if let Some(signed) = signed {
            self.keep_signed(&mut tx, id, &owner, &key, signed).await?;
        }
        let entry = Entry::effect("sanction.entered", actor).sanction(Some(id)).about_all(person);
        let told: BTreeSet<&String> = terms.iter().flat_map(|(_, term)| &term.told).collect();
        let details = json!({"sanction": id, "case": new.case, "authority": new.authority, "acts": acts, "extension": extension,
            "tell_person_at": new.tell_person_at, "told": told, "signed_by": signed.map(|signed| signed.key)});
        let seq = tx.log(&entry.details(details)).await?;
        for body in told {
            sqlx::query(
                "INSERT INTO direction_notices (id, sanction_id, body, log_seq, given_at) VALUES ($1, $2, $3, $4, $5)",
            )
            .bind(RowId::fresh(now.micros(), fresh_bytes()?).to_string())
            .bind(id.to_string())
            .bind(body)
            .bind(i64::try_from(seq).unwrap_or(i64::MAX))
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        }
        // A person who may learn of a look only later may learn of the sanction behind it no earlier.
        self.defer(&mut tx, seq, person.and(new.tell_person_at)).await?;
        tx.commit_logged().await?;
        Ok(id)
    }

    /// Ends a sanction now: it opens nothing any more, and a search that runs under it stops without an answer.
    ///
    /// # Errors
    /// Denied without the second officer's role; not found where it is another authority's; a conflict where it was revoked before.
    pub async fn revoke_sanction(&self, actor: &Actor, id: SanctionId, reason: &str) -> Result<()> {
        self.demand(actor, Role::SecondOfficer, "revoke a sanction").await?;
        self.demand_proof(actor, "revoke a sanction", json!([id, reason])).await?;
        text("reason", reason)?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let row = sqlx::query(
            "SELECT s.case_id, s.person_id, s.revoked_at, s.tell_person_at FROM sanctions s JOIN cases c ON c.id = s.case_id WHERE s.id = $1 AND c.organisation_id = $2",
        )
        .bind(id.to_string())
        .bind(actor.organisation.to_string())
        .fetch_optional(tx.sql())
        .await?
        .ok_or(RegistryError::NotFound { what: "sanction" })?;
        if rows::instant_opt(&row, "revoked_at")?.is_some() {
            return Err(RegistryError::Conflict { what: "this sanction is revoked", next: "look at the case again" });
        }
        sqlx::query("UPDATE sanctions SET revoked_at = $1 WHERE id = $2")
            .bind(now.micros())
            .bind(id.to_string())
            .execute(tx.sql())
            .await?;
        // What opens a signed sanction's subject goes for good, so that no change of the row brings it back.
        destroy_key(tx.sql(), now, &id.to_string(), Domain::Case).await?;
        let person: Option<PersonId> = rows::id_opt(&row, "person_id")?;
        let entry = Entry::effect("sanction.revoked", actor).sanction(Some(id)).about_all(person);
        let case: CaseId = rows::id(&row, "case_id")?;
        let seq = tx.log(&entry.details(json!({"sanction": id, "case": case, "reason": reason}))).await?;
        self.defer(&mut tx, seq, person.and(rows::instant_opt(&row, "tell_person_at")?)).await?;
        tx.commit_logged().await?;
        self.inner.running.lock().unwrap_or_else(std::sync::PoisonError::into_inner).stop(id);
        Ok(())
    }

    /// Directions of which an oversight body must know, the unread ones first; reading them is written down.
    ///
    /// # Errors
    /// Denied without the supervisor's role.
    pub async fn direction_notices(&self, actor: &Actor) -> Result<Vec<DirectionNotice>> {
        self.demand(actor, Role::Supervisor, "see directions").await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let found = sqlx::query(
            "SELECT n.*, s.authority, s.extension, s.valid_from, s.valid_to FROM direction_notices n JOIN sanctions s ON s.id = n.sanction_id \
             ORDER BY n.read_at IS NOT NULL, n.given_at DESC LIMIT 200",
        )
        .fetch_all(tx.sql())
        .await?;
        sqlx::query("UPDATE direction_notices SET read_by = $1, read_at = $2 WHERE read_at IS NULL")
            .bind(actor.account().to_string())
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        tx.commit(
            &Entry::look("directions.viewed", actor).purpose("supervision").details(json!({"shown": found.len()})),
        )
        .await?;
        found
            .iter()
            .map(|row| {
                Ok(DirectionNotice {
                    sanction: rows::id(row, "sanction_id")?,
                    body: row.try_get("body")?,
                    authority: row.try_get("authority")?,
                    extension: rows::number(row, "extension")?,
                    valid_from: rows::instant(row, "valid_from")?,
                    valid_to: rows::instant(row, "valid_to")?,
                    log_seq: rows::number(row, "log_seq")?,
                    given_at: rows::instant(row, "given_at")?,
                    read_at: rows::instant_opt(row, "read_at")?,
                })
            })
            .collect()
    }

    /// An entry that the person is shown only from an instant on.
    pub(crate) async fn defer(&self, tx: &mut WriteTx<'_>, seq: u64, until: Option<Instant>) -> Result<()> {
        let now = tx.now();
        let Some(until) = until.filter(|until| *until > now) else { return Ok(()) };
        sqlx::query("INSERT INTO deferred_entries (log_seq, until) VALUES ($1, $2)")
            .bind(i64::try_from(seq).unwrap_or(i64::MAX))
            .bind(until.micros())
            .execute(tx.sql())
            .await?;
        Ok(())
    }

    /// From when on the person sees looks under a sanction.
    pub(crate) async fn tell_person_at(&self, tx: &mut WriteTx<'_>, id: SanctionId) -> Result<Option<Instant>> {
        let at: Option<i64> = sqlx::query_scalar("SELECT tell_person_at FROM sanctions WHERE id = $1")
            .bind(id.to_string())
            .fetch_one(tx.sql())
            .await?;
        Ok(at.map(Instant::from_micros))
    }

    /// Takes one use of a sanction; `false` where there is none to take now, or it is not as it was signed.
    pub(crate) async fn use_sanction(&self, tx: &mut WriteTx<'_>, id: SanctionId) -> Result<bool> {
        let now = tx.now().micros();
        let row = sqlx::query(STANDING_ROW).bind(id.to_string()).fetch_optional(tx.sql()).await?;
        let Some(row) = row else { return Ok(false) };
        if self.standing(tx.sql(), &row).await?.is_err() {
            return Ok(false);
        }
        let used = sqlx::query("UPDATE sanctions SET uses = uses + 1 WHERE id = $1 AND uses < max_uses AND revoked_at IS NULL AND valid_from <= $2 AND valid_to > $2")
            .bind(id.to_string())
            .bind(now)
            .execute(tx.sql())
            .await?;
        Ok(used.rows_affected() == 1)
    }

    /// A watch over a search under a sanction.
    pub(crate) fn watched_search(&self, sanction: Option<SanctionId>) -> Arc<SearchProgress> {
        let search = Arc::new(SearchProgress::default());
        if let Some(sanction) = sanction {
            let mut running = self.inner.running.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            running.0.push((sanction, Arc::downgrade(&search)));
        }
        search
    }

    /// A sanction as the law asks about it; `None` where there is none such in this case.
    ///
    /// Where it is not as its authority signed it, that is written down, and there is none.
    pub(crate) async fn sanction_facts(
        &self,
        sql: &mut SqliteConnection,
        id: SanctionId,
        actor: &Actor,
        grounds: &Grounds,
        act: Option<Act>,
        about: Option<PersonId>,
    ) -> Result<Option<SanctionFacts>> {
        let row = sqlx::query(STANDING_ROW).bind(id.to_string()).fetch_optional(&mut *sql).await?;
        let Some(row) = row else { return Ok(None) };
        if rows::id_opt::<CaseId>(&row, "case_id")? != grounds.case || rows::instant_opt(&row, "revoked_at")?.is_some()
        {
            return Ok(None);
        }
        let subject = match self.standing(sql, &row).await? {
            Ok(subject) => subject,
            Err(why) => {
                self.note_untrue(actor, id, &why).await?;
                return Ok(None);
            }
        };
        let acts: String = row.try_get("acts")?;
        if act.is_some_and(|act| !acts.split(' ').any(|name| name == act.name())) {
            return Ok(None);
        }
        let uses: u32 = rows::number(&row, "uses")?;
        let authority: String = row.try_get("authority")?;
        let issued_by_me = row
            .try_get::<Option<Vec<u8>>, _>("issuer_blind")?
            .is_some_and(|blind| blind == self.issuer_blind(&actor.natural_person));
        let (first, end) = self.days_of(rows::instant(&row, "valid_from")?, rows::instant(&row, "valid_to")?);
        let extension: u32 = rows::number(&row, "extension")?;
        let purpose = grounds.purpose.iter().cloned().collect();
        let terms = self.inner.law().sanction_terms(actor.body(), &authority, &purpose, self.today());
        Ok(Some(SanctionFacts {
            valid_from: row.try_get("valid_from")?,
            valid_to: row.try_get("valid_to")?,
            uses_left: rows::number::<u32>(&row, "max_uses")?.saturating_sub(uses),
            purposes: row.try_get::<String, _>("purposes")?.split(' ').map(str::to_owned).collect(),
            // An order about one person opens nobody else; an order about an unknown person opens a search.
            subject_matches: subject.opens(about),
            separate_persons: row.try_get::<String, _>("natural_person")? != actor.natural_person && !issued_by_me,
            within_term: terms.iter().all(|(_, term)| term.allows(first, end, extension)),
            authority,
        }))
    }

    pub(crate) fn issuer_blind(&self, natural_person: &str) -> Vec<u8> {
        self.inner.vault.blind("natural_person", natural_person.as_bytes())
    }

    /// The first day of a span, and the first day no longer inside.
    fn days_of(&self, from: Instant, to: Instant) -> (Date, Date) {
        let zone = &self.inner.zone;
        let last = zone.date(to);
        let end = if zone.day_begins(last) == to { last } else { last.tomorrow().unwrap_or(last) };
        (zone.date(from), end)
    }
}

fn checked(new: &NewSanction) -> Result<()> {
    code("authority", &new.authority)?;
    text("issued_by", &new.issued_by)?;
    if new.valid_to <= new.valid_from || new.max_uses == 0 || new.acts.is_empty() || new.purposes.is_empty() {
        return Err(RegistryError::Invalid {
            field: "sanction",
            problem: "it needs acts, purposes, at least one use, and an end after its beginning".to_owned(),
        });
    }
    if new.tell_person_at.is_some_and(|at| at < new.valid_from) {
        return Err(RegistryError::Invalid {
            field: "tell_person_at",
            problem: "the person is told at the earliest when the sanction begins".to_owned(),
        });
    }
    new.purposes.iter().try_for_each(|purpose| code("purposes", purpose))
}

/// Sanctions of the same authority, in the same organisation, for one of the same purposes, about the same person; about an unknown person,
/// those of the same case. Whatever it is called, a further one is an extension.
async fn extensions_before(
    sql: &mut SqliteConnection,
    actor: &Actor,
    new: &NewSanction,
    person: Option<PersonId>,
) -> Result<u32> {
    let found = sqlx::query(
        "SELECT s.purposes, s.extension FROM sanctions s JOIN cases c ON c.id = s.case_id WHERE c.organisation_id = $1 AND s.authority = $2 \
         AND (s.person_id = $3 OR ($3 IS NULL AND s.person_id IS NULL AND s.case_id = $4))",
    )
    .bind(actor.organisation.to_string())
    .bind(&new.authority)
    .bind(person.map(|p| p.to_string()))
    .bind(new.case.to_string())
    .fetch_all(sql)
    .await?;
    let mut extension = 0;
    for row in &found {
        let purposes: String = row.try_get("purposes")?;
        if purposes.split(' ').any(|purpose| new.purposes.contains(purpose)) {
            extension = extension.max(rows::number::<u32>(row, "extension")?.saturating_add(1));
        }
    }
    Ok(extension)
}
