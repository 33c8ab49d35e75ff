//! The officer's desk: cases, requests on grounds, answers no larger than the act is for; and the desk of whoever enters
//! sanctions for them.

mod answers;
mod checks;
mod keys;
mod request;
mod sanctions;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::routing::{get, post};
use serde::Deserialize;
use tanba_registry::{AccessDesk, AccessRuleView, CaseDesk, CaseId, NewCase};

use super::{Answer, Page, Sent, SignedIn, render, see};
use crate::input::Id;
use crate::state::ServerState;

pub(crate) use answers::KeptAnswer;

/// Kinds of cases that are offered; a law pack's purposes decide what can be asked in them.
const CASE_KINDS: [&str; 6] =
    ["crime", "missing_person", "unidentified_body", "border", "counter_terrorism", "emergency"];

pub(crate) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/access", get(desk))
        .route("/access/cases", post(open_case))
        .route("/access/cases/{case}", get(case_page))
        .route("/access/cases/{case}/release", post(request::release))
        .route("/access/answers/{answer}", get(answers::page))
        .route("/access/cases/{case}/prior-searches", post(checks::record_search))
        .route("/sanctions", get(sanctions::page).post(sanctions::enter))
        .route("/sanctions/revocation", post(sanctions::revoke))
        .route("/sanctions/signed", post(sanctions::enter_signed))
        .route("/sanction-keys", get(keys::page).post(keys::propose))
        .route("/sanction-keys/{key}/decision", post(keys::decide))
        .route("/sanction-keys/{key}/revocation", post(keys::revoke))
        .route("/checks", get(checks::page))
        .route("/checks/urgent/{review}", post(checks::decide))
        .route("/checks/orders/{order}", post(checks::acknowledge))
}

/// Routes that take prints.
pub(crate) fn uploads() -> Router<ServerState> {
    Router::new().route("/access/cases/{case}/requests", post(request::ask))
}

#[derive(Template)]
#[template(path = "access/desk.html")]
struct DeskPage {
    p: Page,
    desk: AccessDesk,
    kinds: [&'static str; 6],
}

async fn desk(State(state): State<ServerState>, signed: SignedIn) -> Answer {
    let desk = signed.registry.access_desk(&signed.actor).await?;
    render(&DeskPage { p: Page::new(&state, &signed, "access", "access-title"), desk, kinds: CASE_KINDS })
}

/// What opens a case, from whichever desk.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CaseForm {
    number: String,
    kind: String,
}

impl CaseForm {
    /// Opens it.
    pub(super) async fn open(self, signed: &SignedIn) -> tanba_registry::Result<CaseId> {
        let new = NewCase { number: self.number.trim().to_owned(), kind: self.kind };
        signed.registry.open_case(&signed.actor, &new).await
    }
}

async fn open_case(signed: SignedIn, Sent(form): Sent<CaseForm>) -> Answer {
    see(&format!("/access/cases/{}", form.open(&signed).await?))
}

#[derive(Template)]
#[template(path = "access/case.html")]
struct CasePage {
    p: Page,
    desk: CaseDesk,
    rules: Vec<AccessRuleView>,
    /// Purposes and acts that the law lets this authority have, each once.
    purposes: Vec<String>,
    acts: Vec<String>,
    /// Whether some rule opens in danger to life.
    urgent: bool,
    /// Searches elsewhere that some rule wants first.
    searches: Vec<String>,
    today: jiff::civil::Date,
    fingers: Vec<&'static str>,
    /// Rows for prints.
    print_rows: [usize; 4],
    /// Makes pressing twice, reloading and going back one request.
    key: String,
}

async fn case_page(State(state): State<ServerState>, signed: SignedIn, Id(case): Id<CaseId>) -> Answer {
    let desk = signed.registry.case_desk(&signed.actor, case).await?;
    let rules = signed.registry.access_desk(&signed.actor).await?.rules;
    let (purposes, acts) = offered(&rules);
    let searches: std::collections::BTreeSet<String> = rules.iter().flat_map(|rule| rule.before.clone()).collect();
    render(&CasePage {
        p: Page::new(&state, &signed, "access", "access-case-title"),
        desk,
        // Releasing an identity follows from an identification; it is asked on the page of its answer.
        acts: acts.into_iter().filter(|act| act != "release_identity").collect(),
        purposes,
        urgent: rules.iter().any(|rule| rule.urgent_days.is_some()),
        searches: searches.into_iter().collect(),
        today: signed.registry.today(),
        rules,
        fingers: tanba_formats::Finger::TEN.iter().map(|f| f.name()).collect(),
        print_rows: [1, 2, 3, 4],
        key: super::fresh_key()?,
    })
}

/// The purposes and acts of some rules, each once, in their order.
fn offered(rules: &[AccessRuleView]) -> (Vec<String>, Vec<String>) {
    let (mut purposes, mut acts) = (Vec::new(), Vec::new());
    for rule in rules {
        for purpose in &rule.purposes {
            if !purposes.contains(purpose) {
                purposes.push(purpose.clone());
            }
        }
        for act in rule.acts.iter().map(|act| act_name(act).to_owned()) {
            if !acts.contains(&act) {
                acts.push(act);
            }
        }
    }
    (purposes, acts)
}

fn act_name(act: &tanba_registry::Act) -> &'static str {
    use tanba_registry::Act;
    match act {
        Act::Verify => "verify",
        Act::Identify => "identify",
        Act::Read => "read",
        Act::ReleaseIdentity => "release_identity",
    }
}
