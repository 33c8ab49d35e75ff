//! Signing in and out, language and colours, and the first page.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use tanba_registry::RegistryError;
use zeroize::Zeroizing;

use super::error::in_words;
use super::visitor::{LANGUAGE, SESSION, THEME, Theme, cookie, set_cookie};
use super::{Answer, Lang, Page, Sent, SignedIn, Visitor, nav, render, see};
use crate::input::Asked;
use crate::problem::Refusal;
use crate::state::{ServerState, Unready};

/// The cookie that remembers a machine's station.
const STATION: &str = "tanba_station";
/// Language, colours and station are remembered for a year.
const REMEMBERED: Option<u32> = Some(365 * 24 * 3600);

pub(crate) fn routes() -> Router<ServerState> {
    Router::new()
        .route("/", get(front))
        .route("/sign-in", get(sign_in_page).post(sign_in))
        .route("/sign-out", post(sign_out))
        .route("/language", post(choose_language))
        .route("/theme", post(choose_theme))
}

#[derive(Template)]
#[template(path = "front.html")]
struct Front {
    p: Page,
    unready: Option<Unready>,
    /// Signed in, without a desk in the console.
    no_desk: bool,
    /// What people call the national sign-in, where there is one and nobody is signed in.
    national: Option<String>,
}

/// To the first desk of whoever is signed in; what this is, for everyone else.
async fn front(State(state): State<ServerState>, visitor: Visitor, signed: Result<SignedIn, Refusal>) -> Answer {
    match signed {
        Ok(signed) => match nav::first_page(&signed.actor) {
            "/" => render(&Front {
                p: Page::new(&state, &signed, "common", "front-title"),
                unready: None,
                no_desk: true,
                national: None,
            }),
            page => see(page),
        },
        Err(_) => render(&Front {
            p: Page::open(&state, &visitor, "common", "front-title"),
            unready: state.why_unready(),
            no_desk: false,
            national: national(&state, &visitor),
        }),
    }
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    p: Page,
    next: String,
    /// The session ended by itself: what was begun is kept.
    ended: bool,
    /// Somebody has just left who came by the national sign-in.
    left: bool,
    /// What people call the national sign-in, where there is one.
    national: Option<String>,
    /// What was wrong with the last try.
    problem: Option<String>,
    login: String,
    station: String,
}

#[derive(Deserialize, Default)]
struct NextAsked {
    #[serde(default)]
    next: String,
    #[serde(default)]
    ended: String,
    #[serde(default)]
    left: String,
}

async fn sign_in_page(
    State(state): State<ServerState>,
    visitor: Visitor,
    headers: HeaderMap,
    Asked(asked): Asked<NextAsked>,
) -> Answer {
    state.registry()?;
    render(&SignInPage {
        next: own_path(&asked.next),
        ended: asked.ended == "1",
        left: asked.left == "1",
        national: national(&state, &visitor),
        problem: None,
        login: String::new(),
        station: cookie(&headers, STATION).unwrap_or_default(),
        p: Page::open(&state, &visitor, "common", "sign-in-title"),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignIn {
    login: String,
    password: Zeroizing<String>,
    #[serde(default)]
    station: String,
    #[serde(default)]
    next: String,
}

async fn sign_in(State(state): State<ServerState>, visitor: Visitor, Sent(form): Sent<SignIn>) -> Answer {
    let registry = state.registry()?;
    let station = form.station.trim();
    let signed = registry.sign_in(form.login.trim(), &form.password, Some(station).filter(|s| !s.is_empty())).await;
    let token = match signed {
        Ok(token) => token,
        Err(
            error @ (RegistryError::Unauthenticated
            | RegistryError::TooManyAttempts { .. }
            | RegistryError::NotFound { .. }),
        ) => return not_signed_in(&state, &visitor, &form, error),
        Err(other) => return Err(other.into()),
    };
    let secure = state.face().secure_cookies;
    let actor = match registry.authenticate(token.reveal()).await {
        Ok(actor) => actor,
        // The password was right: the cookie is the session's that waits, and opens the page of passkeys alone.
        Err(RegistryError::PasskeyNeeded { .. }) => {
            let mut response = see(&format!("/passkey?next={}", own_path(&form.next)))?;
            put(&mut response, &set_cookie(SESSION, token.reveal(), secure, None));
            return Ok(response);
        }
        Err(other) => return Err(other.into()),
    };
    let next = match own_path(&form.next) {
        next if next == "/" => nav::first_page(&actor).to_owned(),
        next => next,
    };
    let mut response = see(&next)?;
    put(&mut response, &set_cookie(SESSION, token.reveal(), secure, None));
    if let Some(station) = actor.station() {
        put(&mut response, &set_cookie(STATION, &station.code, secure, REMEMBERED));
    }
    Ok(response)
}

/// What people call the national sign-in here.
fn national(state: &ServerState, visitor: &Visitor) -> Option<String> {
    Some(visitor.lang.of(&state.registry().ok()?.national_sign_in()?))
}

/// The page again, with what was wrong; the password is not kept.
fn not_signed_in(state: &ServerState, visitor: &Visitor, form: &SignIn, error: RegistryError) -> Answer {
    let refusal = Refusal::from(error);
    let mut response = refusal.into_response();
    let told = response.extensions_mut().remove::<crate::problem::Told>();
    let page = SignInPage {
        p: Page::open(state, visitor, "common", "sign-in-title"),
        next: own_path(&form.next),
        ended: false,
        left: false,
        national: national(state, visitor),
        problem: told.as_ref().map(|told| match told.problem.code.as_str() {
            "unauthenticated" => visitor.lang.t("sign-in-wrong"),
            "not_found" => visitor.lang.t("sign-in-station-unknown"),
            _ => in_words(visitor.lang, told),
        }),
        login: form.login.clone(),
        station: form.station.clone(),
    };
    let mut shown = render(&page)?;
    *shown.status_mut() = response.status();
    if let Some(wait) = response.headers().get(header::RETRY_AFTER) {
        shown.headers_mut().insert(header::RETRY_AFTER, wait.clone());
    }
    Ok(shown)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

async fn sign_out(State(state): State<ServerState>, signed: SignedIn, Sent(Nothing {}): Sent<Nothing>) -> Answer {
    signed.registry.sign_out(&signed.actor, &signed.token).await?;
    // There they may be signed in still.
    let mut response = see(if signed.actor.is_national() { "/sign-in?left=1" } else { "/?done=signed-out" })?;
    put(&mut response, &set_cookie(SESSION, "", state.face().secure_cookies, Some(0)));
    Ok(response)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Choice {
    choice: String,
    back: String,
}

/// Switching keeps the page.
async fn choose_language(State(state): State<ServerState>, Sent(form): Sent<Choice>) -> Answer {
    let lang = Lang::from_code(&form.choice).ok_or_else(unknown_choice)?;
    let mut response = see(&own_path(&form.back))?;
    put(&mut response, &set_cookie(LANGUAGE, lang.code(), state.face().secure_cookies, REMEMBERED));
    Ok(response)
}

async fn choose_theme(State(state): State<ServerState>, Sent(form): Sent<Choice>) -> Answer {
    let theme = Theme::from_name(&form.choice).ok_or_else(unknown_choice)?;
    let mut response = see(&own_path(&form.back))?;
    put(&mut response, &set_cookie(THEME, theme.name(), state.face().secure_cookies, REMEMBERED));
    Ok(response)
}

fn unknown_choice() -> Refusal {
    Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "unfit_form", "choose one of what the page offers")
}

/// A path of this service, as it is; anything else leads to the first page. A link from outside cannot send people away
/// through our sign-in.
pub(super) fn own_path(text: &str) -> String {
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"/-_.?=&%".contains(&b));
    if plain && text.starts_with('/') && !text.starts_with("//") { text.to_owned() } else { "/".to_owned() }
}

fn put(response: &mut Response, cookie: &str) {
    if let Ok(value) = cookie.parse() {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn nobody_is_sent_to_another_site() {
        for outside in ["https://x.test", "//x.test", "/\\x.test", "javascript:1", "", "/a b", "/\r\nX: y"] {
            assert_eq!(own_path(outside), "/", "{outside:?}");
        }
        assert_eq!(own_path("/access?done=saved"), "/access?done=saved");
    }
}
