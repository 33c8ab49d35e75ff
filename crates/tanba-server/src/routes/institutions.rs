//! Setting up who may work here: organisations, sites, stations, accounts. For administrators, who see no person's data.

use std::collections::BTreeSet;

use axum::Json;
use axum::http::StatusCode;
use serde::Deserialize;
use tanba_registry::{AccountId, OrganisationId, PersonId, SiteId};
use utoipa::ToSchema;

use crate::gate::Room;
use crate::input::{Id, Input};
use crate::openapi::{InputRefusals, Refusals};
use crate::problem::Refusal;
use crate::session::Signed;
use crate::wire::{Made, Role};

type Created = Result<(StatusCode, Json<Made>), Refusal>;

fn created(id: impl std::fmt::Display) -> Created {
    Ok((StatusCode::CREATED, Json(Made::new(id))))
}

/// An organisation to be set up.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewOrganisation {
    /// Short unique code.
    code: String,
    /// Its name.
    name: String,
    /// The legal body that it is or belongs to, by the code of law packs.
    #[schema(example = "interior_ministry")]
    body: String,
}

/// A site to be set up.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSite {
    /// The organisation that runs it.
    #[schema(value_type = String, format = "uuid")]
    organisation: OrganisationId,
    /// Short unique code.
    code: String,
    /// Its name.
    name: String,
    /// `service_centre`, `mission_abroad`, `migration_police`, `port`, `prison`, `mobile_unit`, `laboratory`, `office`.
    kind: String,
    /// The registrations that may lawfully start there, by the trigger codes of law packs.
    triggers: BTreeSet<String>,
    /// The region that it lies in, by the register's own code from 1 up; identifications can be narrowed to one.
    #[serde(default)]
    region: Option<u16>,
}

/// A station to be set up.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewStation {
    /// Where it stands.
    #[schema(value_type = String, format = "uuid")]
    site: SiteId,
    /// Short unique code; operators sign in with it.
    code: String,
}

/// An account to be set up.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAccount {
    /// The name to sign in with.
    login: String,
    /// The first password, at least 15 characters.
    #[schema(min_length = 15)]
    password: String,
    /// The organisation it acts for.
    #[schema(value_type = String, format = "uuid")]
    organisation: OrganisationId,
    /// The human being behind it, by a personnel number: two accounts of one human are one pair of eyes.
    natural_person: String,
    /// What it may do.
    #[schema(value_type = Vec<Role>)]
    roles: BTreeSet<Role>,
    /// For a citizen's account: the person whose record it may see.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = "uuid")]
    person: Option<PersonId>,
}

/// Set up an organisation
#[utoipa::path(post, path = "/api/organisations", tag = "institutions", security(("session" = [])),
    request_body = NewOrganisation, responses((status = 201, body = Made), InputRefusals))]
pub(crate) async fn add_organisation(signed: Signed, Input(new): Input<NewOrganisation>) -> Created {
    let new = tanba_registry::NewOrganisation { code: new.code, name: new.name, body: new.body };
    created(signed.registry.add_organisation(&signed.actor, &new).await?)
}

/// Set up a site
#[utoipa::path(post, path = "/api/sites", tag = "institutions", security(("session" = [])),
    request_body = NewSite, responses((status = 201, body = Made), InputRefusals))]
pub(crate) async fn add_site(signed: Signed, Input(new): Input<NewSite>) -> Created {
    let new = tanba_registry::NewSite {
        organisation: new.organisation,
        code: new.code,
        name: new.name,
        kind: new.kind,
        triggers: new.triggers,
        region: new.region,
    };
    created(signed.registry.add_site(&signed.actor, &new).await?)
}

/// Set up a station
#[utoipa::path(post, path = "/api/stations", tag = "institutions", security(("session" = [])),
    request_body = NewStation, responses((status = 201, body = Made), InputRefusals))]
pub(crate) async fn add_station(signed: Signed, Input(new): Input<NewStation>) -> Created {
    let new = tanba_registry::NewStation { site: new.site, code: new.code };
    created(signed.registry.add_station(&signed.actor, &new).await?)
}

/// Set up an account
#[utoipa::path(post, path = "/api/accounts", tag = "institutions", security(("session" = [])),
    request_body = NewAccount, responses((status = 201, body = Made), InputRefusals))]
pub(crate) async fn add_account(signed: Signed, _room: Room, Input(new): Input<NewAccount>) -> Created {
    let new = tanba_registry::NewAccount {
        login: new.login,
        password: new.password,
        organisation: new.organisation,
        natural_person: new.natural_person,
        roles: new.roles.into_iter().map(Into::into).collect(),
        person: new.person,
    };
    created(signed.registry.add_account(&signed.actor, &new).await?)
}

/// End an account and all its sessions
#[utoipa::path(post, path = "/api/accounts/{account}/disable", tag = "institutions", security(("session" = [])),
    params(("account" = String, Path, format = "uuid")),
    responses((status = 204, description = "The account has ended"), Refusals))]
pub(crate) async fn disable_account(signed: Signed, Id(account): Id<AccountId>) -> Result<StatusCode, Refusal> {
    signed.registry.disable_account(&signed.actor, account).await?;
    Ok(StatusCode::NO_CONTENT)
}
