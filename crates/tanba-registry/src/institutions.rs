//! Organisations, sites, stations, accounts: who may work here at all, and signing in.

use std::collections::BTreeSet;

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Argon2, PasswordHash};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::{Row, SqliteConnection};
use zeroize::Zeroizing;

use crate::actor::{Actor, ActorStation, Role};
use crate::error::{RegistryError, Result};
use crate::ids::{AccountId, OrganisationId, PersonId, SiteId, StationId};
use crate::journal::{Entry, hex};
use crate::marks::Power;
use crate::national::confirmed_person;
use crate::passkeys::PasskeyAsked;
use crate::registry::Registry;
use crate::rows::parse_id;
use crate::store::WriteTx;
use crate::vault::{Vault, fresh_bytes};

/// A session lasts a working day at most.
const SESSION_SECONDS: i64 = 12 * 3600;
/// Failed sign-ins before an account rests.
const FAILURES_ALLOWED: i64 = 5;
/// How long it rests.
const REST_SECONDS: i64 = 300;
/// The shortest password taken (NIST SP 800-63B-4 asks for 15 where it is the only factor, as it is until a passkey is bound).
pub const PASSWORD_MIN_CHARS: usize = 15;

/// An organisation to be set up.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewOrganisation {
    /// Short unique code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The legal body that it is or belongs to, by the code that law packs use (`interior_ministry`, ...).
    pub body: String,
}

/// A site to be set up.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewSite {
    /// The organisation that runs it.
    pub organisation: OrganisationId,
    /// Short unique code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// `service_centre`, `mission_abroad`, `migration_police`, `port`, `prison`, `mobile_unit`, `laboratory`, `office`.
    pub kind: String,
    /// The registrations that may lawfully start there, by the trigger codes of law packs.
    pub triggers: BTreeSet<String>,
    /// The region that it lies in, by the register's own code from 1 up; identifications can be narrowed to one.
    #[serde(default)]
    pub region: Option<u16>,
}

/// A station to be set up.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewStation {
    /// Where it stands.
    pub site: SiteId,
    /// Short unique code.
    pub code: String,
}

/// An account to be set up.
#[derive(Clone, Serialize, Deserialize)]
pub struct NewAccount {
    /// The name to sign in with.
    pub login: String,
    /// The first password.
    pub password: String,
    /// The organisation it acts for.
    pub organisation: OrganisationId,
    /// The human being behind the account, by a personnel number: two accounts of one human are one pair of eyes.
    pub natural_person: String,
    /// What it may do.
    pub roles: BTreeSet<Role>,
    /// For a citizen: the person whose record it may see.
    #[serde(default)]
    pub person: Option<PersonId>,
}

/// The kinds of sites, as the database checks them.
const SITE_KINDS: [&str; 8] =
    ["service_centre", "mission_abroad", "migration_police", "port", "prison", "mobile_unit", "laboratory", "office"];

/// The secret that a session is known by; give it to the client, never store it.
pub struct SessionToken(Zeroizing<String>);

impl SessionToken {
    pub(crate) fn fresh() -> Result<Self> {
        Ok(Self(Zeroizing::new(hex(&fresh_bytes::<32>()?))))
    }

    /// The token as text, for a header.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// A password that was tried.
pub(crate) struct TriedPassword {
    account: Option<String>,
    failed: i64,
    pub(crate) matches: bool,
}

impl TriedPassword {
    /// Counts a failure, after enough of which the account rests; goes with the caller's entry.
    pub(crate) async fn count_failure(&self, tx: &mut WriteTx<'_>, login: &str) -> Result<()> {
        if self.account.is_none() {
            return Ok(());
        }
        let now = tx.now();
        let rest = if self.failed + 1 >= FAILURES_ALLOWED { now.plus_seconds(REST_SECONDS).micros() } else { 0 };
        let failed = if rest > 0 { 0 } else { self.failed + 1 };
        sqlx::query("UPDATE accounts SET failed_sign_ins = $1, locked_until = $2 WHERE login = $3")
            .bind(failed)
            .bind(rest)
            .bind(login)
            .execute(tx.sql())
            .await?;
        Ok(())
    }
}

impl Registry {
    /// Sets up an organisation.
    ///
    /// # Errors
    /// Denied without the administrator's role; a conflict where the code is taken.
    pub async fn add_organisation(&self, actor: &Actor, new: &NewOrganisation) -> Result<OrganisationId> {
        self.demand(actor, Role::Administrator, "set up an organisation").await?;
        code("code", &new.code)?;
        code("body", &new.body)?;
        text("name", &new.name)?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        free(tx.sql(), "SELECT COUNT(*) FROM organisations WHERE code = $1", &new.code).await?;
        let id = OrganisationId::fresh(tx.now().micros(), fresh_bytes()?);
        let now = tx.now().micros();
        sqlx::query("INSERT INTO organisations (id, code, name, body, created_at) VALUES ($1, $2, $3, $4, $5)")
            .bind(id.to_string())
            .bind(&new.code)
            .bind(&new.name)
            .bind(&new.body)
            .bind(now)
            .execute(tx.sql())
            .await?;
        tx.commit(&Entry::effect("organisation.created", actor).details(json!({"code": new.code, "body": new.body})))
            .await?;
        Ok(id)
    }

    /// Sets up a site with the registrations that may lawfully start there.
    ///
    /// # Errors
    /// Denied without the administrator's role; invalid kind; unknown organisation; a conflict where the code is taken.
    pub async fn add_site(&self, actor: &Actor, new: &NewSite) -> Result<SiteId> {
        self.demand(actor, Role::Administrator, "set up a site").await?;
        code("code", &new.code)?;
        text("name", &new.name)?;
        if !SITE_KINDS.contains(&new.kind.as_str()) {
            return Err(RegistryError::Invalid {
                field: "kind",
                problem: format!("use one of {}", SITE_KINDS.join(", ")),
            });
        }
        for trigger in &new.triggers {
            code("triggers", trigger)?;
        }
        if new.region == Some(0) {
            return Err(RegistryError::Invalid { field: "region", problem: "regions are numbered from 1".to_owned() });
        }
        let mut tx = WriteTx::begin(&self.inner).await?;
        exists(
            tx.sql(),
            "SELECT COUNT(*) FROM organisations WHERE id = $1",
            &new.organisation.to_string(),
            "organisation",
        )
        .await?;
        free(tx.sql(), "SELECT COUNT(*) FROM sites WHERE code = $1", &new.code).await?;
        let id = SiteId::fresh(tx.now().micros(), fresh_bytes()?);
        let now = tx.now().micros();
        sqlx::query(
            "INSERT INTO sites (id, organisation_id, code, name, kind, created_at, region) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(id.to_string())
        .bind(new.organisation.to_string())
        .bind(&new.code)
        .bind(&new.name)
        .bind(&new.kind)
        .bind(now)
        .bind(new.region.map(i64::from))
        .execute(tx.sql())
        .await?;
        for trigger in &new.triggers {
            sqlx::query("INSERT INTO site_triggers (site_id, trigger_code) VALUES ($1, $2)")
                .bind(id.to_string())
                .bind(trigger)
                .execute(tx.sql())
                .await?;
        }
        let details = json!({"code": new.code, "kind": new.kind, "triggers": new.triggers, "region": new.region});
        tx.commit(&Entry::effect("site.created", actor).details(details)).await?;
        Ok(id)
    }

    /// Sets up a station at a site.
    ///
    /// # Errors
    /// Denied without the administrator's role; unknown site; a conflict where the code is taken.
    pub async fn add_station(&self, actor: &Actor, new: &NewStation) -> Result<StationId> {
        self.demand(actor, Role::Administrator, "set up a station").await?;
        code("code", &new.code)?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        exists(tx.sql(), "SELECT COUNT(*) FROM sites WHERE id = $1", &new.site.to_string(), "site").await?;
        free(tx.sql(), "SELECT COUNT(*) FROM stations WHERE code = $1", &new.code).await?;
        let id = StationId::fresh(tx.now().micros(), fresh_bytes()?);
        let now = tx.now().micros();
        sqlx::query("INSERT INTO stations (id, site_id, code, created_at, revoked_at) VALUES ($1, $2, $3, $4, NULL)")
            .bind(id.to_string())
            .bind(new.site.to_string())
            .bind(&new.code)
            .bind(now)
            .execute(tx.sql())
            .await?;
        tx.commit(&Entry::effect("station.created", actor).details(json!({"code": new.code}))).await?;
        Ok(id)
    }

    /// Sets up an account.
    ///
    /// # Errors
    /// Denied without the administrator's role or a fresh proof; a password that is too short; a taken login; a citizen's role
    /// without a person, or mixed with an official one; a portal's mixed with any.
    pub async fn add_account(&self, actor: &Actor, new: &NewAccount) -> Result<AccountId> {
        self.demand(actor, Role::Administrator, "set up an account").await?;
        // Without the password, which a keyed hash should not carry either.
        let with = json!([new.login, new.organisation, new.natural_person, new.roles, new.person]);
        self.demand_proof(actor, "set up an account", with).await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        exists(
            tx.sql(),
            "SELECT COUNT(*) FROM organisations WHERE id = $1",
            &new.organisation.to_string(),
            "organisation",
        )
        .await?;
        let id = insert_account(&mut tx, new).await?;
        let roles: Vec<&str> = new.roles.iter().map(|r| r.name()).collect();
        let entry = Entry::effect("account.created", actor).details(json!({"account": id, "roles": roles}));
        tx.commit(&entry.about_all(new.person)).await?;
        Ok(id)
    }

    /// Ends an account and all its sessions at once.
    ///
    /// # Errors
    /// Denied without the administrator's role; unknown account.
    pub async fn disable_account(&self, actor: &Actor, account: AccountId) -> Result<()> {
        self.demand(actor, Role::Administrator, "disable an account").await?;
        let mut tx = WriteTx::begin(&self.inner).await?;
        exists(tx.sql(), "SELECT COUNT(*) FROM accounts WHERE id = $1", &account.to_string(), "account").await?;
        let now = tx.now().micros();
        let ended = sqlx::query("UPDATE accounts SET disabled_at = $1 WHERE id = $2 AND disabled_at IS NULL")
            .bind(now)
            .bind(account.to_string())
            .execute(tx.sql())
            .await?;
        if ended.rows_affected() == 0 {
            // It is ended already, and its entry is written: there is one for each end.
            return Ok(());
        }
        sqlx::query("UPDATE sessions SET revoked_at = $1 WHERE account_id = $2 AND revoked_at IS NULL")
            .bind(now)
            .bind(account.to_string())
            .execute(tx.sql())
            .await?;
        tx.commit(&Entry::effect("account.disabled", actor).details(json!({"account": account}))).await?;
        Ok(())
    }

    /// Opens a session, which waits for a passkey where the account is asked for one ([`Registry::session_waits_for`]). An unknown
    /// login and a wrong password look the same and take the same time.
    ///
    /// # Errors
    /// Unauthenticated (logged), or too many attempts.
    pub async fn sign_in(&self, login: &str, password: &str, station: Option<&str>) -> Result<SessionToken> {
        let tried = self.try_password(login, password).await?;
        let station_id = match station {
            None => None,
            Some(code) => {
                sqlx::query_scalar::<_, String>("SELECT id FROM stations WHERE code = $1 AND revoked_at IS NULL")
                    .bind(code)
                    .fetch_optional(&self.inner.pool)
                    .await?
            }
        };
        // Which stations there are is told to those alone who have signed in.
        if tried.matches && station.is_some() && station_id.is_none() {
            return Err(RegistryError::NotFound { what: "station" });
        }

        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now();
        let Some(account) = tried.account.clone().filter(|_| tried.matches) else {
            let details = json!({"station": station, "known_login": tried.account.is_some()});
            tried.count_failure(&mut tx, login).await?;
            tx.commit(&Entry::denial("session.denied", None).details(details)).await?;
            return Err(RegistryError::Unauthenticated);
        };
        let token = SessionToken::fresh()?;
        sqlx::query("UPDATE accounts SET failed_sign_ins = 0, locked_until = 0 WHERE id = $1")
            .bind(&account)
            .execute(tx.sql())
            .await?;
        let waits = self.passkey_asked(tx.sql(), &account).await? != PasskeyAsked::Nothing;
        sqlx::query("INSERT INTO sessions (token_hash, account_id, station_id, created_at, expires_at, revoked_at, waits_for_passkey) VALUES ($1, $2, $3, $4, $5, NULL, $6)")
            .bind(token_hash(token.reveal()))
            .bind(&account)
            .bind(&station_id)
            .bind(now.micros())
            .bind(now.plus_seconds(SESSION_SECONDS).micros())
            .bind(waits)
            .execute(tx.sql())
            .await?;
        Power::Session.write(&mut tx, token_hash(token.reveal())).await?;
        let vault = tx.vault();
        let actor = load_actor(&vault, tx.sql(), &account, station_id.as_deref(), token_hash(token.reveal())).await?;
        tx.commit(&Entry::effect(if waits { "session.begun" } else { "session.opened" }, &actor)).await?;
        Ok(token)
    }

    /// Whether a password is that of a login, in the same time whether there is such an account or not.
    ///
    /// # Errors
    /// Too many attempts, while the account rests.
    pub(crate) async fn try_password(&self, login: &str, password: &str) -> Result<TriedPassword> {
        let row = sqlx::query("SELECT id, password_hash, failed_sign_ins, locked_until FROM accounts WHERE login = $1 AND disabled_at IS NULL")
            .bind(login)
            .fetch_optional(&self.inner.pool)
            .await?;
        let now = self.inner.clock.now();
        let (account, hash, failed, locked_until) = match &row {
            Some(row) => (
                Some(row.try_get::<String, _>("id")?),
                row.try_get::<String, _>("password_hash")?,
                row.try_get::<i64, _>("failed_sign_ins")?,
                row.try_get::<i64, _>("locked_until")?,
            ),
            // Verifying against a hash that nothing matches keeps the answer as slow as a real one.
            None => (None, self.inner.decoy_hash.clone(), 0, 0),
        };
        if locked_until > now.micros() {
            let seconds = u64::try_from((locked_until - now.micros()) / 1_000_000 + 1).unwrap_or(1);
            return Err(RegistryError::TooManyAttempts { seconds });
        }
        let password = Zeroizing::new(password.to_owned());
        let matches = tokio::task::spawn_blocking(move || verify_password(&hash, &password)).await.unwrap_or(false);
        Ok(TriedPassword { account, failed, matches })
    }

    /// Who a session token belongs to, read afresh: a role or a passkey taken away is gone with the next call.
    ///
    /// # Errors
    /// Unauthenticated where the session is unknown, ended, revoked, or its account disabled; a passkey is needed where it waits for one.
    pub async fn authenticate(&self, token: &str) -> Result<Actor> {
        match self.session_of(token).await? {
            (actor, None) => Ok(actor),
            (_, Some(asked)) => Err(RegistryError::PasskeyNeeded { bound: asked == PasskeyAsked::ToSign }),
        }
    }

    /// Ends a session.
    ///
    /// # Errors
    /// Only those of the database.
    pub async fn sign_out(&self, actor: &Actor, token: &str) -> Result<()> {
        let mut tx = WriteTx::begin(&self.inner).await?;
        let now = tx.now().micros();
        sqlx::query("UPDATE sessions SET revoked_at = $1 WHERE token_hash = $2 AND revoked_at IS NULL")
            .bind(now)
            .bind(token_hash(token))
            .execute(tx.sql())
            .await?;
        tx.commit(&Entry::effect("session.closed", actor)).await?;
        Ok(())
    }
}

/// The row of a new account, inside the caller's change.
pub(crate) async fn insert_account(tx: &mut WriteTx<'_>, new: &NewAccount) -> Result<AccountId> {
    text("login", &new.login)?;
    text("natural_person", &new.natural_person)?;
    if new.password.chars().count() < PASSWORD_MIN_CHARS {
        return Err(RegistryError::Invalid {
            field: "password",
            problem: format!("use at least {PASSWORD_MIN_CHARS} characters; a sentence works well"),
        });
    }
    if new.roles.is_empty() {
        return Err(RegistryError::Invalid { field: "roles", problem: "give at least one role".to_owned() });
    }
    let citizen = new.roles.contains(&Role::Citizen);
    if citizen != new.person.is_some() || (citizen && new.roles.len() > 1) {
        return Err(RegistryError::Invalid {
            field: "roles",
            problem: "a citizen's account has that role alone and names its person; no other account names one"
                .to_owned(),
        });
    }
    if new.roles.contains(&Role::Portal) && new.roles.len() > 1 {
        return Err(RegistryError::Invalid {
            field: "roles",
            problem: "a portal's account has that role alone: what people do takes an account of theirs".to_owned(),
        });
    }
    free(tx.sql(), "SELECT COUNT(*) FROM accounts WHERE login = $1", &new.login).await?;
    if let Some(person) = new.person {
        exists(tx.sql(), "SELECT COUNT(*) FROM persons WHERE id = $1", &person.to_string(), "person").await?;
    }
    let password = Zeroizing::new(new.password.clone());
    let hash = tokio::task::spawn_blocking(move || hash_password(&password))
        .await
        .map_err(|e| RegistryError::Io(std::io::Error::other(e)))??;
    let id = AccountId::fresh(tx.now().micros(), fresh_bytes()?);
    let now = tx.now().micros();
    sqlx::query("INSERT INTO accounts (id, login, password_hash, organisation_id, natural_person, person_id, created_at, disabled_at) VALUES ($1, $2, $3, $4, $5, $6, $7, NULL)")
        .bind(id.to_string())
        .bind(&new.login)
        .bind(hash)
        .bind(new.organisation.to_string())
        .bind(&new.natural_person)
        .bind(new.person.map(|p| p.to_string()))
        .bind(now)
        .execute(tx.sql())
        .await?;
    for role in &new.roles {
        sqlx::query("INSERT INTO account_roles (account_id, role) VALUES ($1, $2)")
            .bind(id.to_string())
            .bind(role.name())
            .execute(tx.sql())
            .await?;
    }
    Power::Account.write(tx, id.to_string()).await?;
    Ok(id)
}

/// Argon2id with OWASP's parameters (19 MiB, 2 passes), as a PHC string.
pub(crate) fn hash_password(password: &str) -> Result<String> {
    let salt: [u8; 16] = fresh_bytes()?;
    Argon2::default()
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map(|hash| hash.to_string())
        .map_err(|e| RegistryError::Io(std::io::Error::other(e.to_string())))
}

fn verify_password(hash: &str, password: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|parsed| Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok())
}

pub(crate) fn token_hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// Who an account is now.
///
/// # Errors
/// Unauthenticated where there is none; damage, where its row is not what this register has written.
pub(crate) async fn load_actor(
    vault: &Vault,
    sql: &mut SqliteConnection,
    account: &str,
    station: Option<&str>,
    session: Vec<u8>,
) -> Result<Actor> {
    let row = sqlx::query(
        "SELECT a.id, a.login, a.natural_person, a.person_id, a.number_blind, o.id AS organisation_id, o.code, o.body \
         FROM accounts a JOIN organisations o ON o.id = a.organisation_id WHERE a.id = $1",
    )
    .bind(account)
    .fetch_optional(&mut *sql)
    .await?
    .ok_or(RegistryError::Unauthenticated)?;
    Power::Account.demand(vault, &mut *sql, account).await?;
    let roles: Vec<String> = sqlx::query_scalar("SELECT role FROM account_roles WHERE account_id = $1")
        .bind(account)
        .fetch_all(&mut *sql)
        .await?;
    let station = match station {
        None => None,
        Some(id) => {
            let row = sqlx::query("SELECT id, code, site_id FROM stations WHERE id = $1 AND revoked_at IS NULL")
                .bind(id)
                .fetch_optional(&mut *sql)
                .await?
                .ok_or(RegistryError::Unauthenticated)?;
            let site: String = row.try_get("site_id")?;
            let triggers: Vec<String> = sqlx::query_scalar("SELECT trigger_code FROM site_triggers WHERE site_id = $1")
                .bind(&site)
                .fetch_all(&mut *sql)
                .await?;
            Some(ActorStation {
                id: parse_id(&row.try_get::<String, _>("id")?)?,
                code: row.try_get("code")?,
                site: parse_id(&site)?,
                triggers: triggers.into_iter().collect(),
            })
        }
    };
    let number_blind: Option<Vec<u8>> = row.try_get("number_blind")?;
    let person = match &number_blind {
        // Whose number it is now: records are merged and split, and numbers corrected.
        Some(blind) => Some(confirmed_person(sql, blind).await?.ok_or(RegistryError::Unauthenticated)?),
        None => row.try_get::<Option<String>, _>("person_id")?.map(|p| parse_id(&p)).transpose()?,
    };
    Ok(Actor {
        account: parse_id(&row.try_get::<String, _>("id")?)?,
        login: row.try_get("login")?,
        natural_person: row.try_get("natural_person")?,
        organisation: parse_id(&row.try_get::<String, _>("organisation_id")?)?,
        organisation_code: row.try_get("code")?,
        body: row.try_get("body")?,
        roles: roles.iter().filter_map(|r| r.parse().ok()).collect(),
        station,
        person,
        number_blind,
        session,
    })
}

/// A code is short and plain, so that it can stand in logs and law packs.
pub(crate) fn code(field: &'static str, value: &str) -> Result<()> {
    let plain = value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-' || b == b'.');
    if value.is_empty() || value.len() > 64 || !plain {
        return Err(RegistryError::Invalid {
            field,
            problem: "use 1 to 64 letters a-z, digits, '-', '_' or '.'".to_owned(),
        });
    }
    Ok(())
}

/// A text for people: not empty, not endless.
pub(crate) fn text(field: &'static str, value: &str) -> Result<()> {
    if value.trim().is_empty() || value.chars().count() > 200 || value.chars().any(char::is_control) {
        return Err(RegistryError::Invalid {
            field,
            problem: "use 1 to 200 characters without line breaks".to_owned(),
        });
    }
    Ok(())
}

async fn free(sql: &mut SqliteConnection, count: &'static str, value: &str) -> Result<()> {
    let n: i64 = sqlx::query_scalar(count).bind(value).fetch_one(sql).await?;
    if n > 0 {
        return Err(RegistryError::Conflict { what: "this code or login is taken", next: "choose another" });
    }
    Ok(())
}

pub(crate) async fn exists(
    sql: &mut SqliteConnection,
    count: &'static str,
    value: &str,
    what: &'static str,
) -> Result<()> {
    let n: i64 = sqlx::query_scalar(count).bind(value).fetch_one(sql).await?;
    if n == 0 {
        return Err(RegistryError::NotFound { what });
    }
    Ok(())
}
