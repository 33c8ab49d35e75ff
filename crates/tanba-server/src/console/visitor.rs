//! Who looks at a page: their language and colours, and the session that their cookie names.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri, header};
use sha2::{Digest as _, Sha256};
use std::convert::Infallible;
use tanba_registry::{Actor, Registry, RegistryError};

use super::language::Lang;
use crate::problem::Refusal;
use crate::state::ServerState;

/// The cookie that holds the session token.
pub(crate) const SESSION: &str = "tanba_session";
/// The cookies of language and colours.
pub(crate) const LANGUAGE: &str = "tanba_language";
pub(crate) const THEME: &str = "tanba_theme";

/// Pages whose form is sent to their own address.
const OWN_PAGE: [&str; 3] = ["/files", "/genomic", "/sanctions"];

/// Pages that all their forms lie below.
const ONE_PAGE: [&str; 4] = ["/admin", "/law-changes", "/passkey", "/sanctions"];

/// The colours of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Theme {
    /// As the system has it.
    System,
    Light,
    Dark,
}

impl Theme {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        [Self::System, Self::Light, Self::Dark].into_iter().find(|t| t.name() == name)
    }
}

/// Anyone.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    pub(crate) lang: Lang,
    pub(crate) theme: Theme,
    /// Path and query of this request.
    pub(crate) path: String,
    /// The request reads (GET or HEAD): its path can be gone back to.
    pub(crate) reads: bool,
    /// A browser asked for a page (an island asks for JSON, a program for anything).
    pub(crate) wants_page: bool,
    /// htmx asked, and takes a part of a page.
    pub(crate) wants_part: bool,
    /// The session token of the cookie, whether or not it is worth anything.
    pub(crate) token: Option<String>,
}

impl Visitor {
    pub(crate) fn of(headers: &HeaderMap, uri: &Uri, reads: bool) -> Self {
        let cookie = |name| cookie(headers, name);
        let head = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let lang = cookie(LANGUAGE)
            .and_then(|code| Lang::from_code(&code))
            .unwrap_or_else(|| Lang::accepted(head(header::ACCEPT_LANGUAGE.as_str())));
        Self {
            lang,
            theme: cookie(THEME).and_then(|name| Theme::from_name(&name)).unwrap_or(Theme::System),
            path: uri.path_and_query().map_or("/", |p| p.as_str()).to_owned(),
            reads,
            wants_page: head(header::ACCEPT.as_str()).contains("text/html") || headers.contains_key("hx-request"),
            wants_part: headers.contains_key("hx-request"),
            token: cookie(SESSION),
        }
    }

    /// What forms of this session carry, so that no other site can send them: a hash of the session's secret.
    pub(crate) fn csrf(&self) -> String {
        self.token.as_deref().map(csrf_of).unwrap_or_default()
    }

    /// A value of the query string that is a plain word; anything else is not there.
    pub(crate) fn asked(&self, name: &str) -> Option<&str> {
        let (_, query) = self.path.split_once('?')?;
        let (_, value) = query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name)?;
        (!value.is_empty() && value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))).then_some(value)
    }

    /// Where to go on after signing in again: this page, or the page that a form was on.
    pub(crate) fn resume(&self) -> String {
        let path = self.path.split('?').next().unwrap_or("/");
        if self.reads {
            return path.to_owned();
        }
        // Forms that are sent to the page that they stand on.
        if OWN_PAGE.contains(&path) {
            return path.to_owned();
        }
        let below = |page: &&str| path.strip_prefix(*page).is_some_and(|rest| rest.starts_with('/'));
        if let Some(page) = ONE_PAGE.into_iter().find(|page| below(page)) {
            return page.to_owned();
        }
        // The forms of a record, or of an answer that is kept, lie below its page: up to the id or key, that is a page.
        let mut kept = String::new();
        for part in path.split('/').skip(1) {
            kept = format!("{kept}/{part}");
            if part.len() == 36 || super::shelf::is_key(part) {
                return kept;
            }
        }
        "/".to_owned()
    }
}

impl FromRequestParts<ServerState> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &ServerState) -> Result<Self, Infallible> {
        let reads = parts.method.is_safe();
        Ok(Self::of(&parts.headers, &parts.uri, reads))
    }
}

/// Someone who is signed in, with the register that they work on.
pub(crate) struct SignedIn {
    pub(crate) registry: Registry,
    pub(crate) actor: Actor,
    pub(crate) token: String,
    pub(crate) visitor: Visitor,
}

impl FromRequestParts<ServerState> for SignedIn {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, Refusal> {
        HalfSignedIn::from_request_parts(parts, state).await?.signed_in().await
    }
}

/// Somebody whose session is open, or waits for its passkey: for the pages of passkeys alone.
pub(crate) struct HalfSignedIn {
    pub(crate) registry: Registry,
    pub(crate) token: String,
    pub(crate) visitor: Visitor,
}

impl HalfSignedIn {
    /// The same, where the session is open.
    pub(crate) async fn signed_in(self) -> Result<SignedIn, Refusal> {
        let actor = self.registry.authenticate(&self.token).await?;
        Ok(SignedIn { registry: self.registry, actor, token: self.token, visitor: self.visitor })
    }
}

impl FromRequestParts<ServerState> for HalfSignedIn {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, Refusal> {
        let registry = state.registry()?.clone();
        let visitor = Visitor::of(&parts.headers, &parts.uri, parts.method.is_safe());
        let token = visitor.token.clone().ok_or(RegistryError::Unauthenticated)?;
        Ok(Self { registry, token, visitor })
    }
}

/// The form token of a session.
pub(crate) fn csrf_of(token: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(b"tanba form token 1\0");
    hash.update(token.as_bytes());
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// A cookie's value.
pub(crate) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}

/// A `Set-Cookie` value. Scripts never see it, and no other site sends it along.
pub(crate) fn set_cookie(name: &str, value: &str, secure: bool, seconds: Option<u32>) -> String {
    let age = seconds.map_or_else(String::new, |s| format!("; Max-Age={s}"));
    let secure = if secure { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{secure}{age}")
}

/// The same for a cookie that comes along when another site sends somebody back; it goes after some seconds.
pub(crate) fn lax_cookie(name: &str, value: &str, secure: bool, seconds: u32) -> String {
    set_cookie(name, value, secure, Some(seconds)).replacen("SameSite=Strict", "SameSite=Lax", 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visitor(path: &str, reads: bool) -> Visitor {
        Visitor::of(&HeaderMap::new(), &path.parse().unwrap(), reads)
    }

    #[test]
    fn after_signing_in_again_the_page_of_the_form_is_where_it_goes_on() {
        let id = "01890a5d-ac96-774b-bcce-b302099a8057";
        assert_eq!(visitor(&format!("/encounters/{id}/capture"), true).resume(), format!("/encounters/{id}/capture"));
        assert_eq!(visitor(&format!("/encounters/{id}/fingers/left"), false).resume(), format!("/encounters/{id}"));
        let key = "0123456789abcdef0123456789abcdef";
        assert_eq!(visitor(&format!("/files/{key}/conversion"), false).resume(), format!("/files/{key}"));
        assert_eq!(visitor("/files", false).resume(), "/files");
        assert_eq!(visitor(&format!("/passkey/{id}/remove"), false).resume(), "/passkey");
        assert_eq!(visitor("/sanctions/signed", false).resume(), "/sanctions");
        assert_eq!(visitor("/arrival", false).resume(), "/");
    }

    #[test]
    fn only_plain_words_are_taken_from_a_query() {
        assert_eq!(visitor("/?done=saved&x=", true).asked("done"), Some("saved"));
        assert_eq!(visitor("/?done=%3Cb%3E", true).asked("done"), None);
        assert_eq!(visitor("/", true).asked("done"), None);
    }
}
