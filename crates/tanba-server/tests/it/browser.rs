//! A browser for tests: it keeps cookies, carries the form token of the last page it saw, follows redirects, and checks what
//! holds for every page.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};

use crate::house::{House, PASSWORD, Reply};

pub(crate) struct Browser<'h> {
    house: &'h House,
    cookies: BTreeMap<String, String>,
    csrf: String,
    /// Where the last answer came from, after redirects.
    pub(crate) at: String,
}

impl<'h> Browser<'h> {
    pub(crate) fn new(house: &'h House) -> Self {
        let cookies = [("tanba_language".to_owned(), "en".to_owned())].into();
        Self { house, cookies, csrf: String::new(), at: String::new() }
    }

    /// A browser whose user has signed in.
    pub(crate) async fn signed_in(house: &'h House, login: &str, station: &str) -> Self {
        let mut browser = Self::new(house);
        browser.get("/sign-in").await;
        let reply = browser
            .post("/sign-in", &[("login", login), ("password", PASSWORD), ("station", station), ("next", "")])
            .await;
        assert!(reply.status.is_success(), "{login} signs in: {}", text(&reply));
        browser
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    pub(crate) fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    /// The form token that pages of this session carry.
    pub(crate) fn csrf(&self) -> &str {
        &self.csrf
    }

    pub(crate) async fn get(&mut self, path: &str) -> Reply {
        let reply = self.send(Request::builder().uri(path), path, Body::empty()).await;
        self.follow(reply).await
    }

    /// Posts a form of the page that was seen last, and follows to where it leads.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let reply = self.post_only(path, fields).await;
        self.follow(reply).await
    }

    /// Posts a form, and stays at its answer.
    pub(crate) async fn post_only(&mut self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let csrf = self.csrf.clone();
        let mut body = format!("csrf={csrf}");
        let permit = self.permit(path).await;
        for (name, value) in fields.iter().copied().chain(permit.as_deref().map(|permit| ("permit", permit))) {
            body += &format!("&{}={}", escape(name), escape(value));
        }
        self.post_raw(path, "application/x-www-form-urlencoded", body.into_bytes()).await
    }

    /// Posts a form with files: (field, file name, bytes).
    pub(crate) async fn upload(&mut self, path: &str, fields: &[(&str, &str)], files: &[(&str, &str, &[u8])]) -> Reply {
        const BOUNDARY: &str = "----a-boundary-of-this-test";
        let mut body = Vec::new();
        let csrf = self.csrf.clone();
        let permit = self.permit(path).await;
        let hidden = [Some(("csrf", csrf.as_str())), permit.as_deref().map(|permit| ("permit", permit))];
        for (name, value) in hidden.into_iter().flatten().chain(fields.iter().copied()) {
            let head = format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(head.as_bytes());
        }
        for (field, name, bytes) in files {
            let head = format!(
                "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\ncontent-type: application/octet-stream\r\n\r\n"
            );
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
        let reply = self.post_raw(path, &format!("multipart/form-data; boundary={BOUNDARY}"), body).await;
        self.follow(reply).await
    }

    /// What a form of the capture station carries beside its token: the visit's permit, where it has one.
    async fn permit(&self, path: &str) -> Option<String> {
        let visit = path.strip_prefix("/counter/encounters/")?;
        let visit = visit.strip_suffix("/prints").or_else(|| visit.strip_suffix("/device"))?;
        self.house.permit(visit).await
    }

    pub(crate) async fn post_raw(&mut self, path: &str, kind: &str, body: Vec<u8>) -> Reply {
        let request = Request::builder().method("POST").uri(path).header(header::CONTENT_TYPE, kind);
        self.send(request, path, Body::from(body)).await
    }

    async fn send(&mut self, request: axum::http::request::Builder, path: &str, body: Body) -> Reply {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = request
            .header(header::COOKIE, cookies.join("; "))
            .header(header::ACCEPT, "text/html")
            .header("sec-fetch-site", "same-origin");
        let reply = self.house.send(request.body(body).unwrap()).await;
        self.at = path.to_owned();
        for set in reply.headers.get_all(header::SET_COOKIE) {
            let set = set.to_str().unwrap();
            // What another site sends somebody back with is no session.
            let how = if set.contains("tanba_attempt=") { "SameSite=Lax" } else { "SameSite=Strict" };
            assert!(set.contains("HttpOnly") && set.contains(how), "{set}");
            let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
            if set.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        if reply.headers.get(header::CONTENT_TYPE).is_some_and(|k| k.to_str().unwrap().starts_with("text/html")) {
            let page = text(&reply);
            check_page(&page);
            if let Some(csrf) = between(&page, "<meta name=\"csrf\" content=\"", "\"") {
                self.csrf = csrf;
            }
        }
        reply
    }

    async fn follow(&mut self, mut reply: Reply) -> Reply {
        for _ in 0..5 {
            if reply.status != StatusCode::SEE_OTHER {
                return reply;
            }
            let to = reply.headers[header::LOCATION].to_str().unwrap().to_owned();
            assert!(to.starts_with('/') && !to.starts_with("//"), "{to}");
            reply = self.send(Request::builder().uri(&to), &to, Body::empty()).await;
        }
        panic!("it goes round in circles at {}", self.at);
    }
}

/// What holds for every page: nothing inline, nothing from elsewhere, no text missing, a label for every field.
fn check_page(page: &str) {
    let scripts = page.matches("<script").count();
    assert_eq!(scripts, page.matches("<script src=\"/assets/").count(), "an inline script: {page}");
    assert!(!page.contains("<style"), "an inline style sheet: {page}");
    for forbidden in [
        " style=\"",
        " onclick=",
        " onload=",
        " onerror=",
        " onsubmit=",
        " onchange=",
        "javascript:",
        "/assets/missing",
    ] {
        assert!(!page.contains(forbidden), "{forbidden} in {page}");
    }
    for outside in ["src=\"http", "href=\"http", "action=\"http", "url(http"] {
        assert!(!page.contains(outside), "{outside} in {page}");
    }
    let main = between(page, "<main", "</main>");
    assert!(main.is_none_or(|main| main.contains("<h1")), "a page without a heading: {page}");
}

pub(crate) fn text(reply: &Reply) -> String {
    String::from_utf8_lossy(&reply.body).into_owned()
}

/// What stands between two marks, the first time.
pub(crate) fn between(text: &str, from: &str, to: &str) -> Option<String> {
    let rest = &text[text.find(from)? + from.len()..];
    Some(rest[..rest.find(to)?].to_owned())
}

fn escape(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}
