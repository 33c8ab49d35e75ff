//! Refusals as pages: what happened, what was kept, what to do next, in the visitor's language.

use askama::Template;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::visitor::{SignedIn, Visitor};
use super::{Lang, Page, arg};
use crate::problem::{PASSKEY_NEEDED, Problem, Told};
use crate::state::ServerState;

#[derive(Template)]
#[template(path = "refusal.html")]
struct RefusalPage {
    p: Page,
    heading: String,
    told: String,
    clause: Option<String>,
    needs: Vec<String>,
    log_seq: Option<u64>,
    incident: Option<String>,
    /// Where to go from here.
    back: String,
    /// It takes a signature of the visitor's passkey.
    signs: bool,
}

/// Turns what a handler refused into a page for whoever asked for pages. Everyone else gets the problem document as it is;
/// htmx gets told where to go.
pub(crate) async fn dress(State(state): State<ServerState>, request: Request, next: Next) -> Response {
    let visitor = Visitor::of(request.headers(), request.uri(), request.method().is_safe());
    let mut response = next.run(request).await;
    let Some(told) = response.extensions_mut().remove::<Told>() else { return response };
    if !visitor.wants_page || visitor.path.starts_with("/api/") {
        return response;
    }
    if told.problem.status == StatusCode::UNAUTHORIZED.as_u16() && !visitor.path.starts_with("/sign-in") {
        return to_sign_in(&visitor, &told, response);
    }
    let page = page(&state, visitor, &told).await;
    let mut dressed = match page.render() {
        Ok(text) => axum::response::Html(text).into_response(),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "the page of a refusal was not made");
            return response;
        }
    };
    *dressed.status_mut() = response.status();
    for name in [header::RETRY_AFTER, header::SET_COOKIE] {
        if let Some(value) = response.headers().get(&name) {
            dressed.headers_mut().insert(name, value.clone());
        }
    }
    dressed
}

/// Signing in first, and then back to where this was asked.
fn to_sign_in(visitor: &Visitor, told: &Told, response: Response) -> Response {
    let to = match visitor.token {
        Some(_) if told.problem.code == PASSKEY_NEEDED => format!("/passkey?next={}", visitor.resume()),
        Some(_) => format!("/sign-in?next={}&ended=1", visitor.resume()),
        None => format!("/sign-in?next={}", visitor.resume()),
    };
    let Ok(to) = HeaderValue::from_str(&to) else { return response };
    if visitor.wants_part {
        let mut told = StatusCode::UNAUTHORIZED.into_response();
        told.headers_mut().insert("hx-redirect", to);
        return told;
    }
    (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response()
}

async fn page(state: &ServerState, visitor: Visitor, told: &Told) -> RefusalPage {
    let lang = visitor.lang;
    let back = visitor.resume();
    let signed = match (state.registry(), &visitor.token) {
        (Ok(registry), Some(token)) => registry.authenticate(token).await.ok().map(|actor| SignedIn {
            registry: registry.clone(),
            actor,
            token: token.clone(),
            visitor: visitor.clone(),
        }),
        _ => None,
    };
    let p = match &signed {
        Some(signed) => Page::new(state, signed, "common", "refused-title"),
        None => Page::open(state, &visitor, "common", "refused-title"),
    };
    let problem = &told.problem;
    // A page that reads and was refused is no place to go back to.
    let back = if visitor.reads { "/".to_owned() } else { back };
    RefusalPage {
        heading: heading(lang, problem),
        told: in_words(lang, told),
        clause: problem.clause.clone(),
        needs: needs(lang, told),
        log_seq: problem.log_seq,
        incident: problem.incident.clone(),
        signs: problem.code == "passkey_proof",
        back,
        p,
    }
}

fn heading(lang: Lang, problem: &Problem) -> String {
    lang.find(&format!("refused-{}", problem.status), &[]).unwrap_or_else(|| lang.t("refused-other"))
}

/// What happened: the law's own words where it spoke, the console's text for the code otherwise, and the registry's sentence
/// where a newer version says something that the console has no words for yet.
pub(crate) fn in_words(lang: Lang, told: &Told) -> String {
    let problem = &told.problem;
    if let Some(text) = &told.law {
        return lang.of(text);
    }
    let values = [
        arg("seconds", i64::try_from(told.seconds.unwrap_or(0)).unwrap_or(i64::MAX)),
        arg("detail", problem.detail.as_str()),
        arg("place", told.place.as_deref().unwrap_or_default()),
    ];
    told.keys
        .iter()
        .find_map(|key| lang.find(key, &values))
        .or_else(|| lang.find(&format!("problem-{}", problem.code.replace('_', "-")), &values))
        .unwrap_or_else(|| problem.detail.clone())
}

/// What would be needed for a yes.
pub(crate) fn needs(lang: Lang, told: &Told) -> Vec<String> {
    if !told.law_needs.is_empty() {
        return told.law_needs.iter().map(|text| lang.of(text)).collect();
    }
    let problem = &told.problem;
    match lang.find(&format!("needs-{}", problem.code.replace('_', "-")), &[]) {
        Some(text) => vec![text],
        None => problem.needs.clone().unwrap_or_default(),
    }
}
