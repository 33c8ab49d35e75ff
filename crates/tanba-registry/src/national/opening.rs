//! Leaving and coming back: who it is, and the session or the fresh proof that they get.

use std::sync::atomic::Ordering;

use serde_json::json;
use sqlx::SqliteConnection;
use tanba_law::Iin;
use tanba_seal::openid::Callback;

use super::National;
use super::attempt::{Attempt, Wanted};
use super::provider::Failed;
use crate::actor::{Actor, Role};
use crate::encounter::person_of_blind;
use crate::error::{RegistryError, Result};
use crate::ids::{AccountId, PersonId};
use crate::institutions::{SessionToken, hash_password, load_actor, token_hash};
use crate::journal::{Entry, hex};
use crate::marks::Power;
use crate::params::{NATIONAL_SESSION_SECONDS, STEP_UP_SECONDS};
use crate::registry::Registry;
use crate::rows;
use crate::store::WriteTx;
use crate::vault::fresh_bytes;

/// Leaving for the provider.
pub struct NationalLeave {
    /// What the browser keeps until it comes back, in a cookie.
    pub cookie: String,
    /// Where it goes.
    pub to: String,
}

/// What coming back has brought.
pub enum NationalReturn {
    /// A session.
    Opened(SessionToken),
    /// A session that was there has proved anew whose it is.
    Proved,
}

/// Why somebody is sent away.
#[derive(Clone, Copy)]
struct Not {
    code: &'static str,
    text: &'static str,
    need: &'static str,
}

const BEGIN_AGAIN: &str = "begin again on this service's own page";

/// It is not this browser's attempt, it came back before, or it is too old.
const NO_ATTEMPT: Not = Not {
    code: "national_attempt",
    text: "this answer of the national sign-in belongs to no attempt of this browser that still waits: nobody was signed in",
    need: BEGIN_AGAIN,
};
const DECLINED: Not = Not {
    code: "national_declined",
    text: "the national sign-in was not finished: nobody was signed in",
    need: "begin again, and agree to what is asked there",
};
const NOT_TRUSTED: Not = Not {
    code: "national_refused",
    text: "what the national sign-in answered is not taken: nobody was signed in",
    need: "begin again; if it persists, tell the administrator",
};
const NO_NUMBER: Not = Not {
    code: "national_no_number",
    text: "the national sign-in did not tell your number: nobody was signed in",
    need: "begin again and agree that the number is told, or come to a counter",
};
const NOT_REGISTERED: Not = Not {
    code: "national_not_registered",
    text: "nobody is registered here under your number, and nothing about you was stored",
    need: "if you were registered here under another number or without one, ask at a counter or by post",
};
const NOT_CONFIRMED: Not = Not {
    code: "national_unconfirmed",
    text: "a record here has this number, and no register has confirmed that it belongs to it",
    need: "come to a counter with a document: the number is confirmed there, or the mistake corrected",
};
const ENDED: Not = Not {
    code: "national_ended",
    text: "an administrator has ended the account of this number",
    need: "ask at a counter or by post",
};
const SOMEBODY_ELSE: Not = Not {
    code: "national_somebody_else",
    text: "somebody else signed in there than whose session this is: nothing was proved",
    need: "sign in there as the same person",
};

impl Registry {
    /// Leaves for the national sign-in. Nothing is kept here until somebody comes back.
    ///
    /// # Errors
    /// Not found where this service has none; away where the provider does not answer.
    pub async fn begin_national_sign_in(&self) -> Result<NationalLeave> {
        self.leave(Wanted::Session).await
    }

    /// Leaves for it to be recognised anew in an open session.
    ///
    /// # Errors
    /// As [`Registry::begin_national_sign_in`]; a conflict where the session is not one of the national sign-in.
    pub async fn begin_national_proof(&self, actor: &Actor) -> Result<NationalLeave> {
        if !actor.is_national() {
            return Err(RegistryError::Conflict {
                what: "this session is not one of the national sign-in",
                next: "prove yourself by the password of the account",
            });
        }
        self.leave(Wanted::Proof(actor.session.clone())).await
    }

    async fn leave(&self, wanted: Wanted) -> Result<NationalLeave> {
        let national = self.national()?;
        let _room = national.room.try_acquire().map_err(|_| RegistryError::SignInAway)?;
        let now = self.now();
        let attempt = Attempt::begin(now, wanted)?;
        match national.leave(&attempt, &self.inner.vault, now).await {
            Ok(to) => Ok(NationalLeave { cookie: attempt.cookie().to_owned(), to }),
            Err(Failed::Here(error)) => Err(error),
            Err(Failed::Refused(why)) => {
                tracing::warn!(why = why.code(), "what the provider of national sign-in says of itself is not taken");
                Err(RegistryError::SignInAway)
            }
            Err(Failed::Away | Failed::CodeRefused) => Err(RegistryError::SignInAway),
        }
    }

    /// Comes back with what the browser brings: its cookie and the query of the redirect address. An attempt is taken once, whatever comes of
    /// it.
    ///
    /// # Errors
    /// Denied, and logged by its reason, where the answer is not taken or nobody has this number; away where the provider does not answer.
    pub async fn finish_national_sign_in(&self, cookie: Option<&str>, query: &str) -> Result<NationalReturn> {
        let national = self.national()?;
        let came = self.come_back(&national, cookie, query).await;
        let counter = if came.is_ok() { &national.opened } else { &national.refused };
        counter.fetch_add(1, Ordering::Relaxed);
        came
    }

    async fn come_back(&self, national: &National, cookie: Option<&str>, query: &str) -> Result<NationalReturn> {
        let _room = national.room.try_acquire().map_err(|_| RegistryError::SignInAway)?;
        let now = self.now();
        let Ok(brought) = Callback::read(query) else { return self.send_away(NO_ATTEMPT, "redirect").await };
        let state = brought.state.as_deref().unwrap_or_default();
        let Some(attempt) = cookie.and_then(|text| Attempt::of(text, state, &self.inner.vault)) else {
            return self.send_away(NO_ATTEMPT, "state").await;
        };
        if attempt.over(now) {
            return self.send_away(NO_ATTEMPT, "too_old").await;
        }
        if !self.take_attempt(&attempt).await? {
            return self.send_away(NO_ATTEMPT, "used").await;
        }
        let told = async {
            national.answered(brought.iss.as_deref(), now).await?;
            match (&brought.error, &brought.code) {
                (None, Some(code)) => national.number(code, &attempt, &self.inner.vault, now).await.map(Ok),
                (Some(error), _) => {
                    Ok(Err((DECLINED, if error == "access_denied" { "access_denied" } else { "error" })))
                }
                (None, None) => Ok(Err((NO_ATTEMPT, "no_code"))),
            }
        };
        let number = match told.await {
            Ok(Ok(Some(number))) => number,
            Ok(Ok(None)) => return self.send_away(NO_NUMBER, "no_number").await,
            Ok(Err((not, why))) => return self.send_away(not, why).await,
            Err(Failed::Refused(why)) => return self.send_away(NOT_TRUSTED, why.code()).await,
            Err(Failed::CodeRefused) => return self.send_away(NOT_TRUSTED, "code").await,
            Err(Failed::Away) => {
                let tx = WriteTx::begin(&self.inner).await?;
                tx.commit(&denial(NOT_TRUSTED, "away")).await?;
                return Err(RegistryError::SignInAway);
            }
            Err(Failed::Here(error)) => return Err(error),
        };
        // What is no number of this country, or in a demonstration that of a living person, is looked up nowhere.
        let Ok(iin) = self.accept_iin(number.trim()) else { return self.send_away(NO_NUMBER, "number").await };
        match &attempt.wanted {
            Wanted::Session => self.open_national(&iin).await.map(NationalReturn::Opened),
            Wanted::Proof(session) => self.prove_national(&iin, session).await.map(|()| NationalReturn::Proved),
        }
    }

    /// Notes that an attempt came back; false where it did before.
    async fn take_attempt(&self, attempt: &Attempt) -> Result<bool> {
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now().micros();
        sqlx::query("DELETE FROM sign_in_attempts WHERE gone_at <= $1").bind(now).execute(tx.sql()).await?;
        let taken = sqlx::query(
            "INSERT INTO sign_in_attempts (attempt, gone_at) VALUES ($1, $2) ON CONFLICT (attempt) DO NOTHING",
        )
        .bind(attempt.mark())
        .bind(attempt.gone_at().micros())
        .execute(tx.sql())
        .await?;
        if taken.rows_affected() == 0 {
            return Ok(false);
        }
        tx.commit(&Entry::system("session.returned").details(json!({"way": "national"}))).await?;
        Ok(true)
    }

    /// A session for whoever has this number.
    async fn open_national(&self, iin: &Iin) -> Result<SessionToken> {
        let blind = self.blind_iin(iin);
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let Some(person) = confirmed_person(tx.sql(), &blind).await? else {
            let not = if person_of_blind(tx.sql(), &blind).await?.is_some() { NOT_CONFIRMED } else { NOT_REGISTERED };
            return self.send_away_in(tx, not, not.code).await;
        };
        let row: Option<(String, Option<i64>)> =
            sqlx::query_as("SELECT id, disabled_at FROM accounts WHERE number_blind = $1")
                .bind(&blind)
                .fetch_optional(tx.sql())
                .await?;
        let account = match row {
            Some((_, Some(_))) => return self.send_away_in(tx, ENDED, ENDED.code).await,
            Some((account, None)) => {
                sqlx::query("UPDATE accounts SET person_id = $1 WHERE id = $2")
                    .bind(person.to_string())
                    .bind(&account)
                    .execute(tx.sql())
                    .await?;
                account
            }
            None => national_account(&mut tx, person, &blind).await?,
        };
        let token = SessionToken::fresh()?;
        sqlx::query("INSERT INTO sessions (token_hash, account_id, station_id, created_at, expires_at, revoked_at) VALUES ($1, $2, NULL, $3, $4, NULL)")
            .bind(token_hash(token.reveal()))
            .bind(&account)
            .bind(now.micros())
            .bind(now.plus_seconds(NATIONAL_SESSION_SECONDS).micros())
            .execute(tx.sql())
            .await?;
        Power::Session.write(&mut tx, token_hash(token.reveal())).await?;
        let actor = load_actor(&self.inner.vault, tx.sql(), &account, None, token_hash(token.reveal())).await?;
        let entry = Entry::effect("session.opened", &actor).purpose("rights_of_the_person").about(person);
        tx.commit(&entry.details(json!({"way": "national"}))).await?;
        Ok(token)
    }

    /// Whoever has this number was recognised anew, in a session of theirs.
    async fn prove_national(&self, iin: &Iin, session: &[u8]) -> Result<()> {
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now().micros();
        let row: Option<(String, Option<Vec<u8>>)> = sqlx::query_as(
            "SELECT a.id, a.number_blind FROM sessions s JOIN accounts a ON a.id = s.account_id \
             WHERE s.token_hash = $1 AND s.revoked_at IS NULL AND s.expires_at > $2 AND a.disabled_at IS NULL",
        )
        .bind(session)
        .bind(now)
        .fetch_optional(tx.sql())
        .await?;
        let Some((account, of)) = row else { return self.send_away_in(tx, NO_ATTEMPT, "session").await };
        Power::Session.demand(&self.inner.vault, tx.sql(), session.to_vec()).await?;
        let actor = load_actor(&self.inner.vault, tx.sql(), &account, None, session.to_vec()).await?;
        if of != Some(self.blind_iin(iin)) {
            return self.send_away_in(tx, SOMEBODY_ELSE, SOMEBODY_ELSE.code).await;
        }
        sqlx::query("UPDATE sessions SET proved_at = $1 WHERE token_hash = $2")
            .bind(now)
            .bind(session)
            .execute(tx.sql())
            .await?;
        Power::Session.write(&mut tx, session.to_vec()).await?;
        let entry = Entry::effect("session.proved", &actor).purpose("rights_of_the_person").about_all(actor.person);
        tx.commit(&entry.details(json!({"way": "national"}))).await?;
        Ok(())
    }

    /// Whether the session was recognised anew within the last minutes.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn recognised_anew(&self, actor: &Actor) -> Result<bool> {
        let proved: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM sessions WHERE token_hash = $1 AND revoked_at IS NULL AND proved_at >= $2",
        )
        .bind(actor.session.as_slice())
        .bind(self.now().plus_seconds(-STEP_UP_SECONDS).micros())
        .fetch_one(&self.inner.pool)
        .await?;
        Ok(proved > 0)
    }

    /// Fails with this denial unless it was.
    pub(crate) async fn demand_recognised(&self, actor: &Actor, denial: Entry<'_>) -> Result<()> {
        if self.recognised_anew(actor).await? {
            return Ok(());
        }
        let needs = vec!["the national sign-in, once more, within the last minutes".to_owned()];
        let text = "this takes the national sign-in once more, whatever it said earlier";
        self.deny(denial, "national_proof", "national sign-in", text, needs).await
    }

    /// Where to go to sign out of the national sign-in too; none where it has no such place, or does not answer.
    ///
    /// # Errors
    /// Not found where this service has none.
    pub async fn national_sign_out(&self) -> Result<Option<String>> {
        let national = self.national()?;
        let Ok(_room) = national.room.try_acquire() else { return Ok(None) };
        Ok(national.sign_out_place(self.now()).await.unwrap_or(None))
    }

    async fn send_away<T>(&self, not: Not, why: &str) -> Result<T> {
        let tx = WriteTx::begin(&self.inner).await?;
        self.send_away_in(tx, not, why).await
    }

    async fn send_away_in<T>(&self, tx: WriteTx<'_>, not: Not, why: &str) -> Result<T> {
        let needs = vec![not.need.to_owned()];
        self.deny_in(tx, denial(not, why), not.code, "national sign-in", not.text, needs).await
    }
}

fn denial(not: Not, why: &str) -> Entry<'static> {
    Entry::denial("session.denied", None).details(json!({"way": "national", "reason": not.code, "why": why}))
}

/// The account of a person for the national sign-in: the register's own, for their record alone, with a password that nobody knows.
async fn national_account(tx: &mut WriteTx<'_>, person: PersonId, blind: &[u8]) -> Result<String> {
    let id = AccountId::fresh(tx.now().micros(), fresh_bytes()?).to_string();
    let secret: [u8; 32] = fresh_bytes()?;
    let hash = tokio::task::spawn_blocking(move || hash_password(&hex(&secret)))
        .await
        .map_err(|e| RegistryError::Io(std::io::Error::other(e)))??;
    let organisation: String =
        sqlx::query_scalar("SELECT id FROM organisations ORDER BY created_at, id LIMIT 1").fetch_one(tx.sql()).await?;
    let now = tx.now().micros();
    sqlx::query("INSERT INTO accounts (id, login, password_hash, organisation_id, natural_person, person_id, created_at, disabled_at, number_blind) VALUES ($1, $2, $3, $4, $5, $6, $7, NULL, $8)")
        .bind(&id)
        .bind(format!("national-{id}"))
        .bind(hash)
        .bind(organisation)
        .bind(format!("person-{person}"))
        .bind(person.to_string())
        .bind(now)
        .bind(blind)
        .execute(tx.sql())
        .await?;
    sqlx::query("INSERT INTO account_roles (account_id, role) VALUES ($1, $2)")
        .bind(&id)
        .bind(Role::Citizen.name())
        .execute(tx.sql())
        .await?;
    Power::Account.write(tx, id.clone()).await?;
    let details = json!({"account": id, "roles": [Role::Citizen.name()], "way": "national"});
    tx.log(&Entry::system("account.created").details(details).about(person)).await?;
    Ok(id)
}

/// The person whose number this is, by the word of a register: a number that somebody typed opens nobody's record.
pub(crate) async fn confirmed_person(sql: &mut SqliteConnection, blind: &[u8]) -> Result<Option<PersonId>> {
    let row = sqlx::query(
        "SELECT e.person_id FROM identity_attributes i JOIN encounters e ON e.id = i.encounter_id \
         WHERE i.name = 'iin' AND i.value_blind = $1 AND i.superseded_at IS NULL AND i.provisional = 0 \
         AND e.state NOT IN ('conflict', 'denied', 'duplicate') ORDER BY e.opened_at LIMIT 1",
    )
    .bind(blind)
    .fetch_optional(sql)
    .await?;
    row.map(|row| rows::id(&row, "person_id")).transpose()
}
