//! Arrival: the shift, who is here, and what is still open at the station.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use serde::Deserialize;
use tanba_registry::{
    Draft, FoundPeople, FoundPerson, FoundSource, OpenEncounter, PersonQuery, RegistryError, RowId, Shift, StationView,
};

use super::Nothing;
use crate::console::{Answer, Lang, Page, Sent, SignedIn, fresh_key, render, see};
use crate::problem::Refusal;
use crate::state::ServerState;

#[derive(Template)]
#[template(path = "counter/desk.html")]
struct DeskPage {
    p: Page,
    station: StationView,
    shift: Option<Shift>,
    drafts: Vec<Draft>,
    /// Encounters left open by a shift that has just been closed.
    left: Option<u64>,
}

#[derive(Template)]
#[template(path = "counter/no_station.html")]
struct NoStationPage {
    p: Page,
}

/// The operator's desk.
pub(super) async fn desk(State(state): State<ServerState>, signed: SignedIn) -> Answer {
    let registry = &signed.registry;
    if signed.actor.station().is_none() {
        return render(&NoStationPage { p: Page::new(&state, &signed, "counter", "counter-title") });
    }
    let station = registry.station_view(&signed.actor).await?;
    let shift = registry.current_shift(&signed.actor).await?;
    let drafts = if shift.is_some() { registry.open_encounters(&signed.actor).await? } else { Vec::new() };
    let mut p = Page::new(&state, &signed, "counter", "counter-title");
    if !drafts.is_empty() {
        p = p.about("registration");
    }
    let left = signed.visitor.asked("left").and_then(|n| n.parse().ok());
    render(&DeskPage { p, station, shift, drafts, left })
}

pub(super) async fn open_shift(signed: SignedIn, Sent(Nothing {}): Sent<Nothing>) -> Answer {
    signed.registry.open_shift(&signed.actor).await?;
    see("/counter")
}

pub(super) async fn close_shift(signed: SignedIn, Sent(Nothing {}): Sent<Nothing>) -> Answer {
    let end = signed.registry.close_shift(&signed.actor).await?;
    see(&format!("/counter?left={}", end.encounters_open))
}

/// Without a shift nobody is received.
async fn at_work(signed: &SignedIn) -> Result<Shift, Refusal> {
    let shift = signed.registry.current_shift(&signed.actor).await?;
    let none = RegistryError::Conflict { what: "no shift is open", next: "open a shift to begin work" };
    shift.ok_or_else(|| none.into())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    #[serde(default)]
    iin: String,
    #[serde(default)]
    document: String,
    #[serde(default)]
    family: String,
    #[serde(default)]
    given: String,
    #[serde(default)]
    born_year: String,
}

/// Looks for a person. What is found stands on a page of its own, so that it can be reloaded and gone back to.
pub(super) async fn find(State(state): State<ServerState>, signed: SignedIn, Sent(query): Sent<Query>) -> Answer {
    at_work(&signed).await?;
    let filled = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let query = if let Some(iin) = filled(&query.iin) {
        PersonQuery::Iin(iin)
    } else if let Some(number) = filled(&query.document) {
        PersonQuery::Document(number)
    } else {
        let born_year = match filled(&query.born_year) {
            None => None,
            Some(year) => Some(year.parse().map_err(|_| RegistryError::Invalid {
                field: "born_year",
                problem: "give the year of birth as four digits".to_owned(),
            })?),
        };
        PersonQuery::Name {
            family: filled(&query.family).ok_or(RegistryError::Invalid {
                field: "person_query",
                problem: "give a number, a document, or a family name".to_owned(),
            })?,
            given: filled(&query.given),
            born_year,
        }
    };
    let people = signed.registry.find_person(&signed.actor, &query).await?;
    let key = fresh_key()?;
    state.counter().keep(&key, signed.actor.account(), signed.registry.now(), people);
    see(&format!("/counter/found/{key}"))
}

#[derive(Template)]
#[template(path = "counter/found.html")]
struct FoundPage {
    p: Page,
    found: Arc<FoundPeople>,
    triggers: Vec<String>,
    /// A key for each person: pressing twice opens one encounter.
    keys: Vec<String>,
}

impl FoundPage {
    fn rows(&self) -> Vec<(&FoundPerson, &String)> {
        self.found.people.iter().zip(&self.keys).collect()
    }
}

pub(super) async fn found(State(state): State<ServerState>, signed: SignedIn, Path(key): Path<String>) -> Answer {
    let found = state.counter().found(&key, signed.actor.account(), signed.registry.now());
    let found = found.ok_or(RegistryError::Conflict {
        what: "this search result is no longer at hand",
        next: "search for the person again",
    })?;
    let triggers = signed.registry.station_view(&signed.actor).await?.triggers;
    // The keys hang on the page of the result: its back button and its second press are the same encounter.
    let keys = (0..found.people.len()).map(|i| format!("{}-{i}", key.get(..32).unwrap_or(&key))).collect();
    let p = Page::new(&state, &signed, "counter", "counter-found-title");
    let p = if found.people.is_empty() { p } else { p.about("registration") };
    render(&FoundPage { p, found, triggers, keys })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OpenFound {
    key: String,
    handle: String,
    trigger: String,
}

pub(super) async fn open_found(signed: SignedIn, Sent(form): Sent<OpenFound>) -> Answer {
    at_work(&signed).await?;
    let handle: RowId = form.handle.parse().map_err(|_| RegistryError::Conflict {
        what: "this search result is no longer at hand",
        next: "search for the person again",
    })?;
    // One result may be opened for more than one purpose, each an encounter of its own.
    let key = format!("{}-{}", form.key, form.trigger);
    let opened = signed.registry.open_encounter_found(&signed.actor, &key, &form.trigger, handle).await?;
    see(&format!("/counter/encounters/{}", opened.id))
}

#[derive(Template)]
#[template(path = "counter/typed.html")]
struct TypedPage {
    p: Page,
    triggers: Vec<String>,
    statuses: [&'static str; 5],
    key: String,
}

/// The form for a person whom no register knows.
pub(super) async fn typed(State(state): State<ServerState>, signed: SignedIn) -> Answer {
    at_work(&signed).await?;
    let triggers = signed.registry.station_view(&signed.actor).await?.triggers;
    render(&TypedPage {
        p: Page::new(&state, &signed, "counter", "counter-typed-title"),
        triggers,
        statuses: ["citizen", "foreigner", "stateless", "asylum_seeker", "refugee"],
        key: fresh_key()?,
    })
}

/// The fields of the form, all of them; the registry says which may not stay empty.
pub(super) async fn open_typed(signed: SignedIn, Sent(mut form): Sent<BTreeMap<String, String>>) -> Answer {
    at_work(&signed).await?;
    form.retain(|_, value| !value.trim().is_empty());
    let mut take = |field: &str| form.remove(field).map(|value| value.trim().to_owned());
    let (key, trigger, iin) = (take("key").unwrap_or_default(), take("trigger").unwrap_or_default(), take("iin"));
    let typed = form.into_iter().map(|(name, value)| (name, value.trim().to_owned())).collect();
    let new = OpenEncounter { client_key: key, trigger, iin, typed };
    let opened = signed.registry.open_encounter(&signed.actor, &new).await?;
    see(&format!("/counter/encounters/{}", opened.id))
}

/// A person's name in the page's language, where it is known in it.
pub(super) fn name_in(person: &FoundPerson, lang: &Lang) -> String {
    let script = if *lang == Lang::En { "latin" } else { lang.code() };
    [script, "ru", "kk", "latin"].iter().find_map(|script| person.names.get(*script)).cloned().unwrap_or_default()
}

fn from_register(person: &FoundPerson) -> bool {
    person.source == FoundSource::PopulationRegister
}
