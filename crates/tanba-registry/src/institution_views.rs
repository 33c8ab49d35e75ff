//! Who operates, where: organisations with their sites and stations, and accounts, as the administrator sees them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sqlx::Row;

use crate::actor::{Actor, Role};
use crate::error::Result;
use crate::ids::{AccountId, OrganisationId, SiteId, StationId};
use crate::registry::Registry;
use crate::rows;

/// Everything that was set up.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Institutions {
    /// Organisations by code.
    pub organisations: Vec<OrganisationView>,
    /// Accounts by login.
    pub accounts: Vec<AccountView>,
}

/// An organisation with its sites.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OrganisationView {
    /// The organisation.
    pub id: OrganisationId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The legal body, by the code of law packs.
    pub body: String,
    /// Its sites by code.
    pub sites: Vec<SiteView>,
}

/// A site with its stations.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SiteView {
    /// The site.
    pub id: SiteId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// `service_centre`, `prison`, ...
    pub kind: String,
    /// What may lawfully start there.
    pub triggers: Vec<String>,
    /// The region that it lies in.
    pub region: Option<u16>,
    /// Its stations by code.
    pub stations: Vec<StationEntry>,
}

/// A station.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StationEntry {
    /// The station.
    pub id: StationId,
    /// Its code.
    pub code: String,
    /// Whether it was taken out of service.
    pub revoked: bool,
}

/// An account, without its password's hash and without whose record a citizen's account opens.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AccountView {
    /// The account.
    pub id: AccountId,
    /// The name it signs in with.
    pub login: String,
    /// Its organisation's code.
    pub organisation: String,
    /// The personnel number of the human being behind it.
    pub natural_person: String,
    /// What it may do, by the roles' names.
    pub roles: Vec<String>,
    /// Whether it was ended.
    pub disabled: bool,
}

impl Registry {
    /// What was set up.
    ///
    /// # Errors
    /// Denied without the administrator's role.
    pub async fn institutions(&self, actor: &Actor) -> Result<Institutions> {
        self.demand(actor, Role::Administrator, "see what was set up").await?;
        let mut sql = self.inner.pool.acquire().await?;
        let mut triggers: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in sqlx::query("SELECT site_id, trigger_code FROM site_triggers ORDER BY trigger_code")
            .fetch_all(&mut *sql)
            .await?
        {
            triggers.entry(row.try_get("site_id")?).or_default().push(row.try_get("trigger_code")?);
        }
        let mut stations: BTreeMap<String, Vec<StationEntry>> = BTreeMap::new();
        for row in sqlx::query("SELECT * FROM stations ORDER BY code").fetch_all(&mut *sql).await? {
            let station = StationEntry {
                id: rows::id(&row, "id")?,
                code: row.try_get("code")?,
                revoked: rows::instant_opt(&row, "revoked_at")?.is_some(),
            };
            stations.entry(row.try_get("site_id")?).or_default().push(station);
        }
        let mut sites: BTreeMap<String, Vec<SiteView>> = BTreeMap::new();
        for row in sqlx::query("SELECT * FROM sites ORDER BY code").fetch_all(&mut *sql).await? {
            let id: String = row.try_get("id")?;
            let site = SiteView {
                code: row.try_get("code")?,
                name: row.try_get("name")?,
                kind: row.try_get("kind")?,
                region: row.try_get::<Option<i64>, _>("region")?.and_then(|region| u16::try_from(region).ok()),
                triggers: triggers.remove(&id).unwrap_or_default(),
                stations: stations.remove(&id).unwrap_or_default(),
                id: rows::parse_id(&id)?,
            };
            sites.entry(row.try_get("organisation_id")?).or_default().push(site);
        }
        let mut organisations = Vec::new();
        for row in sqlx::query("SELECT * FROM organisations ORDER BY code").fetch_all(&mut *sql).await? {
            let id: String = row.try_get("id")?;
            organisations.push(OrganisationView {
                code: row.try_get("code")?,
                name: row.try_get("name")?,
                body: row.try_get("body")?,
                sites: sites.remove(&id).unwrap_or_default(),
                id: rows::parse_id(&id)?,
            });
        }
        let mut roles: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in sqlx::query("SELECT account_id, role FROM account_roles ORDER BY role").fetch_all(&mut *sql).await? {
            roles.entry(row.try_get("account_id")?).or_default().push(row.try_get("role")?);
        }
        let found = sqlx::query(
            "SELECT a.id, a.login, a.natural_person, a.disabled_at, o.code FROM accounts a JOIN organisations o ON o.id = a.organisation_id \
             WHERE a.number_blind IS NULL ORDER BY a.login",
        )
        .fetch_all(&mut *sql)
        .await?;
        let mut accounts = Vec::with_capacity(found.len());
        for row in &found {
            let id: String = row.try_get("id")?;
            accounts.push(AccountView {
                login: row.try_get("login")?,
                organisation: row.try_get("code")?,
                natural_person: row.try_get("natural_person")?,
                roles: roles.remove(&id).unwrap_or_default(),
                disabled: rows::instant_opt(row, "disabled_at")?.is_some(),
                id: rows::parse_id(&id)?,
            });
        }
        Ok(Institutions { organisations, accounts })
    }
}
