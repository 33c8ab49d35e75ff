//! The search by likelihood ratio: relatives of the missing among the dead, the dead among those who look for them.
//!
//! `ask_lr_search` -> `decide_lr_search` (another officer) -> `make_lr_search`. How many unrelated people will be among the leads is
//! reckoned when the search is asked for, stands in the request that is sanctioned, and in the log of all three.

use serde_json::{Value, json};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use tanba_dna::{Category, Comparison, LeadsExpected, LrAnswer, Profile};
use tanba_law::AccessAct;

use super::lr_question::{LrQuestion, LrRequestView, NewLrSearch, request_view};
use super::search::{GenomicAnswer, HitRow, Method, no_profile};
use super::{Permitted, SearchRow, count, is_for_finding, parse_category};
use crate::actor::{Actor, Role};
use crate::error::{RegistryError, Result};
use crate::ids::{LrRequestId, PersonId, SpecimenId};
use crate::institutions::{code, text};
use crate::journal::Entry;
use crate::key_process::Need;
use crate::keys::key_for_writing;
use crate::params::{LR_LEADS_GROWTH, LR_SANCTION_HOLDS_SECONDS};
use crate::passkeys::dual::{DualAct, DualKind, NotApproved};
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::time::Instant;
use crate::vault::{Domain, fresh_bytes};

impl Registry {
    /// Asks for a search by likelihood ratio, and tells how many unrelated leads it will have. Nothing is searched yet.
    ///
    /// # Errors
    /// Denied for specimens that have to do with crime, and with the clause where purpose, case, basis or the body's right to
    /// search for relatives is missing; a conflict where the specimen is held back or has no autosomal profile; what the
    /// question is refused for.
    pub async fn ask_lr_search(&self, actor: &Actor, new: &NewLrSearch) -> Result<LrRequestView> {
        self.demand(actor, Role::DnaExaminer, "ask for a search by likelihood ratio").await?;
        new.question.check()?;
        let prepared = self.prepare(actor, new).await?;
        let expected = self.reckon(&prepared, &new.question).await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let id = LrRequestId::fresh(now.micros(), fresh_bytes()?);
        let question = serde_json::to_string(&new.question).map_err(|_| RegistryError::Damaged { what: "request" })?;
        sqlx::query("INSERT INTO lr_requests (id, specimen_id, case_id, purpose, legal_basis, question, profiles, unrelated_leads, share_found, state, asked_by, asked_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'asked', $10, $11)")
            .bind(id.to_string())
            .bind(new.specimen.to_string())
            .bind(new.case.to_string())
            .bind(&new.purpose)
            .bind(&new.legal_basis)
            .bind(question)
            .bind(i64::try_from(expected.profiles).unwrap_or(i64::MAX))
            .bind(expected.unrelated[1])
            .bind(expected.found[0])
            .bind(actor.account().to_string())
            .bind(now.micros())
            .execute(tx.sql())
            .await?;
        let view = LrRequestView {
            id,
            state: "asked".to_owned(),
            search: new.clone(),
            profiles: count(expected.profiles),
            unrelated_leads: expected.unrelated[1],
            share_found: expected.found[0],
            asked_at: now,
        };
        let entry = Entry::effect("lr_search.asked", actor)
            .purpose(&new.purpose)
            .law(&prepared.permitted.pack_hash, &prepared.permitted.clause);
        tx.commit(&entry.details(told(&view))).await?;
        Ok(view)
    }

    /// The searches of the officer's organisation that wait for a sanction or, sanctioned, to be made; the oldest first.
    ///
    /// # Errors
    /// Denied without the examiner's or the second officer's role.
    pub async fn lr_requests(&self, actor: &Actor) -> Result<Vec<LrRequestView>> {
        if !actor.has(Role::DnaExaminer) {
            self.demand(actor, Role::SecondOfficer, "see searches that wait for a sanction").await?;
        }
        let found = sqlx::query(
            "SELECT r.* FROM lr_requests r JOIN cases c ON c.id = r.case_id WHERE r.state IN ('asked', 'sanctioned') AND c.organisation_id = $1 ORDER BY r.asked_at, r.id LIMIT 500",
        )
        .bind(actor.organisation.to_string())
        .fetch_all(&self.inner.pool)
        .await?;
        found.iter().map(request_view).collect()
    }

    /// Sanctions or refuses a search, with the number of unrelated leads in view. It takes another human being than whoever asks; where
    /// passkeys are required, both have signed what is sanctioned ([`Registry::begin_approval`]).
    ///
    /// # Errors
    /// Denied without the second officer's role, to whoever asked under any account, and where signatures are missing or void; a conflict
    /// where it is decided.
    pub async fn decide_lr_search(
        &self,
        actor: &Actor,
        id: LrRequestId,
        sanction: bool,
        reason: &str,
    ) -> Result<LrRequestView> {
        self.demand(actor, Role::SecondOfficer, "sanction a search by likelihood ratio").await?;
        text("reason", reason)?;
        let signs_with_another = sanction && {
            let mut sql = self.inner.pool.acquire().await?;
            self.passkeys_required(&mut sql).await?
        };
        if !signs_with_another {
            let with = json!([id, sanction, reason]);
            self.demand_proof(actor, "sanction a search by likelihood ratio", with).await?;
        }
        self.open_for_decision(actor, id).await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let row = self.lr_request(tx.sql(), actor, id).await?;
        if row.try_get::<String, _>("natural_person")? == actor.natural_person {
            drop(tx);
            let denial = Entry::denial("lr_search.denied", Some(actor)).details(json!({"request": id}));
            let needs = vec!["another second officer".to_owned()];
            return self.deny(denial, "same_officer", "two officers", "whoever asks does not sanction", needs).await;
        }
        let mut view = request_view(&row)?;
        demand_state(&view, "asked")?;
        let mut signed = Value::Null;
        if sanction {
            let (act, asker) = (DualAct::of(DualKind::LrSearch, id), row.try_get::<String, _>("natural_person")?);
            signed = match self.approved(&mut tx, Some(actor), &act, &[&asker]).await? {
                Ok(signed) => signed,
                Err(why) => {
                    let denial = Entry::denial("lr_search.denied", Some(actor)).details(json!({"request": id}));
                    return self.deny_unapproved(tx, denial, why).await;
                }
            };
        }
        let owner = view.search.specimen.to_string();
        let key = key_for_writing(&self.inner.vault, tx.sql(), now, &owner, Domain::Genomic).await?;
        let field = format!("lr_request/{id}");
        let sealed = self.inner.vault.seal(&key, Domain::Genomic, &owner, &field, reason.as_bytes())?;
        if sanction { "sanctioned" } else { "refused" }.clone_into(&mut view.state);
        sqlx::query(
            "UPDATE lr_requests SET state = $1, sealed_reason = $2, decided_by = $3, decided_at = $4 WHERE id = $5",
        )
        .bind(&view.state)
        .bind(sealed)
        .bind(actor.account().to_string())
        .bind(now.micros())
        .bind(id.to_string())
        .execute(tx.sql())
        .await?;
        let entry = Entry::effect("lr_search.decided", actor).purpose(&view.search.purpose);
        let mut details = told(&view);
        details["signed"] = signed;
        tx.commit(&entry.details(details)).await?;
        Ok(view)
    }

    /// Makes a sanctioned search, once. The law is asked again, and so is the number of unrelated leads.
    ///
    /// # Errors
    /// As [`Registry::ask_lr_search`]; denied where it is not what was signed; a conflict where it is not sanctioned, the sanction is too old, or the register has grown so
    /// that more unrelated leads are to be expected than were sanctioned.
    pub async fn make_lr_search(&self, actor: &Actor, id: LrRequestId) -> Result<GenomicAnswer> {
        self.demand(actor, Role::DnaExaminer, "make a search by likelihood ratio").await?;
        self.demand_proof(actor, "make a search by likelihood ratio", json!([id])).await?;
        let mut sql = self.inner.pool.acquire().await?;
        let row = self.lr_request(&mut sql, actor, id).await?;
        drop(sql);
        let LrRequestView { search: new, unrelated_leads: sanctioned, .. } = sanctioned_view(&row, self.now())?;
        let prepared = self.prepare(actor, &new).await?;
        let expected = self.reckon(&prepared, &new.question).await?;
        if expected.unrelated[1] > LR_LEADS_GROWTH * sanctioned {
            return Err(RegistryError::Conflict {
                what: "the register has grown: more unrelated leads are to be expected than were sanctioned",
                next: "ask for the search again, with the number as it is now",
            });
        }
        let question = new.question.clone();
        let (registry, query, among) = (self.clone(), prepared.query(), prepared.permitted.groups.clone());
        let answer =
            Self::aside(move || registry.genomic_search(&among)?.leads((&query.0, query.1), &question, &among))
                .await??;

        let grounds = new.grounds();
        let mut tx = self.begin_search(actor, &grounds, &prepared.permitted, answer.leads.len()).await?;
        // Read again in the change: two who press at once make one search.
        let row = self.lr_request(tx.sql(), actor, id).await?;
        sanctioned_view(&row, tx.now())?;
        if !self.as_signed(&mut tx, actor, &DualAct::of(DualKind::LrSearch, id)).await? {
            drop(tx);
            let denial = Entry::denial("lr_search.denied", Some(actor)).details(json!({"request": id}));
            let tx = WriteTx::begin(&self.inner).await?;
            return self.deny_unapproved(tx, denial, NotApproved::Changed).await;
        }
        let found = Self::still_live(tx.sql(), leads(&answer, new.specimen)).await?;
        let compared =
            count(answer.profiles_searched - answer.profiles_not_comparable - usize::from(prepared.among_them));
        let row = SearchRow {
            asked_by: actor,
            populations: &prepared.permitted.populations,
            compared,
            any: !found.is_empty(),
            grounds: &grounds,
            by_chance: Some(expected.unrelated[1]),
        };
        let search = Self::write_search(&mut tx, &row).await?;
        let method = Method::LikelihoodRatio(new.question.relation.name());
        let (hits, people) = Self::write_hits(&mut tx, search, new.specimen, &found, method).await?;
        sqlx::query("UPDATE lr_requests SET state = 'made', search_id = $1 WHERE id = $2")
            .bind(search.to_string())
            .bind(id.to_string())
            .execute(tx.sql())
            .await?;
        let entry = Entry::look("lr_search.made", actor)
            .purpose(&new.purpose)
            .law(&prepared.permitted.pack_hash, &prepared.permitted.clause)
            .about_all(prepared.person.into_iter().chain(people))
            .details(json!({"request": id, "search": search, "case": new.case, "legal_basis": new.legal_basis, "question": new.question, "compared": compared, "unrelated_leads": expected.unrelated[1], "hits": hits.iter().map(|h| h.specimen).collect::<Vec<_>>()}));
        let log_seq = tx.commit(&entry).await?;
        Ok(GenomicAnswer {
            search,
            log_seq,
            profiles_compared: compared,
            profiles_not_comparable: count(answer.profiles_not_comparable),
            expected_by_chance: expected.unrelated[1],
            chance_population: new.question.frequencies,
            hits,
        })
    }

    /// The reasons of a decision are sealed with the specimen's key: opens its group to whoever may decide.
    async fn open_for_decision(&self, actor: &Actor, id: LrRequestId) -> Result<()> {
        let mut sql = self.inner.pool.acquire().await?;
        let row = self.lr_request(&mut sql, actor, id).await?;
        let search = request_view(&row)?.search;
        let group: String = sqlx::query_scalar("SELECT category FROM specimens WHERE id = $1")
            .bind(search.specimen.to_string())
            .fetch_one(&mut *sql)
            .await?;
        drop(sql);
        if row.try_get::<String, _>("natural_person")? == actor.natural_person {
            return Ok(());
        }
        let details = json!({"request": id, "case": search.case, "legal_basis": search.legal_basis});
        let need = Need { actor, purpose: &search.purpose, law: None, details };
        self.open_groups(need, [parse_category(&group)?]).await
    }

    /// Whether the search may be made, and with what.
    async fn prepare(&self, actor: &Actor, new: &NewLrSearch) -> Result<Prepared> {
        code("purpose", &new.purpose)?;
        let mut sql = self.inner.pool.acquire().await?;
        let (category, person) = self.searchable(&mut sql, new.specimen).await?;
        drop(sql);
        let purpose = new.question.purpose();
        let act = match purpose {
            Comparison::Kinship => AccessAct::KinshipSearch,
            _ => AccessAct::Search,
        };
        let (denied, grounds) = ("lr_search.denied", new.grounds());
        self.demand_for_finding(actor, new.specimen, (category, act), &grounds, denied).await?;
        let groups = Category::ALL
            .into_iter()
            .filter(|group| is_for_finding(*group) && category.compared_with(*group) == Some(purpose))
            .map(|group| (group, act));
        let permitted = self.permitted_groups(actor, new.specimen, &grounds, denied, groups).await?;
        permitted.open_groups(self, actor, (new.specimen, category), &grounds).await?;
        let mut sql = self.inner.pool.acquire().await?;
        let profile = self.profile_of(&mut sql, new.specimen).await?.ok_or_else(no_profile)?;
        let among_them =
            self.genomic_search(&permitted.groups)?.stands_among(new.specimen, category, &permitted.groups);
        Ok(Prepared { category, person, profile, permitted, among_them })
    }

    /// How many leads to expect. With mutation this is work, so it is done off the threads that answer requests.
    async fn reckon(&self, prepared: &Prepared, question: &LrQuestion) -> Result<LeadsExpected> {
        let (registry, question) = (self.clone(), question.clone());
        let (query, among) = (prepared.query(), prepared.permitted.groups.clone());
        let mut expected =
            Self::aside(move || registry.genomic_search(&among)?.expected((&query.0, query.1), &question, &among))
                .await??;
        if prepared.among_them && expected.profiles > 0 {
            // What is expected of all profiles is expected of each alike, so the specimen's own row goes by its share.
            let others = expected.profiles - 1;
            let share = others as f64 / expected.profiles as f64;
            expected.unrelated = expected.unrelated.map(|leads| leads * share);
            expected.profiles = others;
        }
        Ok(expected)
    }

    /// A request of the officer's own organisation.
    async fn lr_request(&self, sql: &mut SqliteConnection, actor: &Actor, id: LrRequestId) -> Result<SqliteRow> {
        sqlx::query(
            "SELECT r.*, a.natural_person FROM lr_requests r JOIN cases c ON c.id = r.case_id JOIN accounts a ON a.id = r.asked_by WHERE r.id = $1 AND c.organisation_id = $2",
        )
        .bind(id.to_string())
        .bind(actor.organisation.to_string())
        .fetch_optional(sql)
        .await?
        .ok_or(RegistryError::NotFound { what: "search by likelihood ratio" })
    }
}

/// A search that the law permits, with what it is made with.
struct Prepared {
    category: Category,
    person: Option<PersonId>,
    profile: Profile,
    permitted: Permitted,
    /// Whether the specimen itself stands among those searched; it is left out of all counts.
    among_them: bool,
}

impl Prepared {
    fn query(&self) -> (Profile, Category) {
        (self.profile.clone(), self.category)
    }
}

/// The leads as they are written down; the specimen that was searched with may stand among its own kind.
fn leads(answer: &LrAnswer, own: SpecimenId) -> Vec<HitRow> {
    let others = answer.leads.iter().filter(|lead| lead.specimen.0 != own.as_u128());
    others
        .map(|lead| HitRow {
            specimen: SpecimenId::from_u128(lead.specimen.0),
            loci_compared: u32::try_from(lead.loci.len()).unwrap_or(u32::MAX),
            mismatches: 0,
            log10_lr: Some(lead.log10_lr),
        })
        .collect()
}

fn demand_state(view: &LrRequestView, state: &str) -> Result<()> {
    if view.state == state {
        return Ok(());
    }
    Err(RegistryError::Conflict {
        what: "this search is not at that point",
        next: "a search is asked for, sanctioned by another officer, and then made once; ask for a new one",
    })
}

/// The request, if it is sanctioned and the sanction still holds.
fn sanctioned_view(row: &SqliteRow, now: Instant) -> Result<LrRequestView> {
    let view = request_view(row)?;
    demand_state(&view, "sanctioned")?;
    let decided = rows::instant_opt(row, "decided_at")?.ok_or(RegistryError::Damaged { what: "request" })?;
    if now > decided.plus_seconds(LR_SANCTION_HOLDS_SECONDS) {
        return Err(RegistryError::Conflict {
            what: "the sanction is older than a week",
            next: "ask for the search again: the number of leads to expect may have changed",
        });
    }
    Ok(view)
}

/// A request as the log holds it: with the number that is sanctioned.
fn told(view: &LrRequestView) -> Value {
    json!({"request": view.id, "state": view.state, "specimen": view.search.specimen, "case": view.search.case, "legal_basis": view.search.legal_basis, "question": view.search.question, "profiles": view.profiles, "unrelated_leads": view.unrelated_leads, "share_found": view.share_found})
}
