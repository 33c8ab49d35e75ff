//! The administrator's desk: organisations, sites with what may lawfully start there, stations, accounts. No person's data.

use std::collections::BTreeSet;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use serde::Deserialize;
use tanba_registry::{
    AccountId, BindingCode, Institutions, NewAccount, NewOrganisation, NewSite, NewStation, OrganisationId,
    PASSWORD_MIN_CHARS, Role, SiteId,
};
use zeroize::Zeroizing;

use super::{Answer, Page, Sent, SignedIn, render, see};
use crate::input::Id;
use crate::state::ServerState;

/// The kinds of sites that the register knows.
const SITE_KINDS: [&str; 8] =
    ["service_centre", "mission_abroad", "migration_police", "port", "prison", "mobile_unit", "laboratory", "office"];

pub(crate) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/admin", get(page))
        .route("/admin/organisations", post(add_organisation))
        .route("/admin/sites", post(add_site))
        .route("/admin/stations", post(add_station))
        .route("/admin/accounts", post(add_account))
        .route("/admin/accounts/{account}/disable", post(disable_account))
        .route("/admin/accounts/{account}/passkey-code", post(issue_code))
}

#[derive(Template)]
#[template(path = "admin/institutions.html")]
struct InstitutionsPage {
    p: Page,
    institutions: Institutions,
    site_kinds: [&'static str; 8],
    triggers: Vec<&'static str>,
    roles: Vec<&'static str>,
    password_min: usize,
    /// A code that was just issued, shown once.
    code: Option<BindingCode>,
}

async fn page(State(state): State<ServerState>, signed: SignedIn) -> Answer {
    show(&state, &signed, None).await
}

async fn show(state: &ServerState, signed: &SignedIn, code: Option<BindingCode>) -> Answer {
    let institutions = signed.registry.institutions(&signed.actor).await?;
    render(&InstitutionsPage {
        p: Page::new(state, signed, "admin", "admin-title"),
        code,
        institutions,
        site_kinds: SITE_KINDS,
        triggers: tanba_law::Trigger::ALL.iter().map(|trigger| trigger.name()).collect(),
        roles: Role::ALL.into_iter().filter(|role| *role != Role::Citizen).map(Role::name).collect(),
        password_min: PASSWORD_MIN_CHARS,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OrganisationForm {
    code: String,
    name: String,
    body: String,
}

async fn add_organisation(signed: SignedIn, Sent(form): Sent<OrganisationForm>) -> Answer {
    let new = NewOrganisation { code: form.code, name: form.name, body: form.body };
    signed.registry.add_organisation(&signed.actor, &new).await?;
    see("/admin?done=saved")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SiteForm {
    organisation: OrganisationId,
    code: String,
    name: String,
    kind: String,
    #[serde(default)]
    triggers: BTreeSet<String>,
    #[serde(default)]
    region: String,
}

async fn add_site(signed: SignedIn, Sent(form): Sent<SiteForm>) -> Answer {
    let region = Some(form.region.trim()).filter(|region| !region.is_empty());
    let new = NewSite {
        region: region.map(str::parse).transpose().map_err(|_| super::form::unfit())?,
        organisation: form.organisation,
        code: form.code,
        name: form.name,
        kind: form.kind,
        triggers: form.triggers,
    };
    signed.registry.add_site(&signed.actor, &new).await?;
    see("/admin?done=saved")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StationForm {
    site: SiteId,
    code: String,
}

async fn add_station(signed: SignedIn, Sent(form): Sent<StationForm>) -> Answer {
    signed.registry.add_station(&signed.actor, &NewStation { site: form.site, code: form.code }).await?;
    see("/admin?done=saved")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountForm {
    login: String,
    password: Zeroizing<String>,
    organisation: OrganisationId,
    natural_person: String,
    #[serde(default)]
    roles: BTreeSet<Role>,
}

async fn add_account(signed: SignedIn, Sent(form): Sent<AccountForm>) -> Answer {
    let new = NewAccount {
        login: form.login,
        password: form.password.to_string(),
        organisation: form.organisation,
        natural_person: form.natural_person,
        roles: form.roles,
        person: None,
    };
    signed.registry.add_account(&signed.actor, &new).await?;
    see("/admin?done=saved")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

async fn disable_account(signed: SignedIn, Id(account): Id<AccountId>, Sent(Nothing {}): Sent<Nothing>) -> Answer {
    signed.registry.disable_account(&signed.actor, account).await?;
    see("/admin?done=account-ended")
}

async fn issue_code(
    State(state): State<ServerState>,
    signed: SignedIn,
    Id(account): Id<AccountId>,
    Sent(Nothing {}): Sent<Nothing>,
) -> Answer {
    let code = signed.registry.issue_binding_code(&signed.actor, account).await?;
    show(&state, &signed, Some(code)).await
}
