//! Signing in, language and colours, and what the console does with what does not come from its pages.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};

use crate::browser::{Browser, text};
use crate::house::{PASSWORD, house};

#[tokio::test]
async fn the_front_page_speaks_three_languages_and_switching_keeps_the_page() {
    let house = house(&[]).await;
    let mut browser = Browser::new(&house);
    for (lang, word) in [("kk", "Кіру"), ("ru", "Войти"), ("en", "Sign in")] {
        browser.get("/sign-in?next=/reviews").await;
        let reply = browser.post("/language", &[("choice", lang), ("back", "/sign-in?next=/reviews")]).await;
        assert_eq!(browser.at, "/sign-in?next=/reviews");
        let page = text(&reply);
        assert!(page.contains(&format!("<html lang=\"{lang}\"")) && page.contains(word), "{page}");
    }
    assert_eq!(browser.post("/language", &[("choice", "xx"), ("back", "/")]).await.status, 422);
    browser.post("/language", &[("choice", "en"), ("back", "https://elsewhere.test/")]).await;
    assert_eq!(browser.at, "/");
    let dark = browser.post("/theme", &[("choice", "dark"), ("back", "/")]).await;
    assert!(text(&dark).contains("data-theme=\"dark\""));
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_login_look_the_same() {
    let house = house(&[]).await;
    let mut pages = Vec::new();
    for login in ["operator", "nobody"] {
        let mut browser = Browser::new(&house);
        browser.get("/sign-in").await;
        let reply =
            browser.post("/sign-in", &[("login", login), ("password", "wrong"), ("station", ""), ("next", "")]).await;
        assert_eq!(reply.status, 401);
        assert!(browser.cookie("tanba_session").is_none());
        pages.push(text(&reply).replace(login, "LOGIN"));
    }
    assert_eq!(pages[0], pages[1]);
    assert!(pages[0].contains("do not fit"));
}

#[tokio::test]
async fn signing_out_ends_the_session_for_good() {
    let house = house(&[]).await;
    let mut browser = Browser::signed_in(&house, "officer", "").await;
    let token = browser.cookie("tanba_session").unwrap().to_owned();
    let reply = browser.post("/sign-out", &[]).await;
    assert!(text(&reply).contains("You have signed out"));
    assert!(browser.cookie("tanba_session").is_none());
    assert!(house.registry.authenticate(&token).await.is_err());
}

#[tokio::test]
async fn after_the_session_has_ended_signing_in_leads_back_to_the_page() {
    let house = house(&[]).await;
    let mut browser = Browser::signed_in(&house, "officer", "").await;
    browser.set_cookie("tanba_session", "0000");
    let reply = browser.post_only("/sign-out", &[]).await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER);
    let to = reply.headers[header::LOCATION].to_str().unwrap().to_owned();
    assert_eq!(to, "/sign-in?next=/&ended=1");
    assert!(text(&browser.get(&to).await).contains("Your session has ended"));
}

#[tokio::test]
async fn a_form_of_another_site_does_nothing() {
    let house = house(&[]).await;
    let browser = Browser::signed_in(&house, "officer", "").await;
    let token = browser.cookie("tanba_session").unwrap().to_owned();
    let forge = |site: Option<&'static str>, origin: Option<&'static str>, csrf: &str| {
        let mut request = Request::builder()
            .method("POST")
            .uri("/sign-out")
            .header(header::HOST, "tanba.test")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::COOKIE, format!("tanba_session={token}"));
        if let Some(site) = site {
            request = request.header("sec-fetch-site", site);
        }
        if let Some(origin) = origin {
            request = request.header(header::ORIGIN, origin);
        }
        request.body(Body::from(format!("csrf={csrf}"))).unwrap()
    };
    let good = browser.csrf().to_owned();
    for request in [
        forge(Some("cross-site"), None, &good),
        forge(Some("same-site"), None, &good),
        forge(None, Some("https://elsewhere.test"), &good),
        forge(Some("same-origin"), None, ""),
        forge(Some("same-origin"), None, "0123456789abcdef0123456789abcdef"),
    ] {
        let reply = house.send(request).await;
        assert_eq!(reply.status, 403, "{}", text(&reply));
        assert!(house.registry.authenticate(&token).await.is_ok(), "the session goes on");
    }
    assert_eq!(house.send(forge(None, Some("https://tanba.test"), &good)).await.status, StatusCode::SEE_OTHER);
    assert!(house.registry.authenticate(&token).await.is_err());
}

#[tokio::test]
async fn a_field_that_the_form_does_not_have_is_refused() {
    let house = house(&[]).await;
    let mut browser = Browser::new(&house);
    browser.get("/sign-in").await;
    let fields = [("login", "officer"), ("password", PASSWORD), ("role", "administrator")];
    let reply = browser.post("/sign-in", &fields).await;
    assert_eq!(reply.status, 422);
    assert!(text(&reply).contains("was not sent as this page has it"));
}

#[tokio::test]
async fn pages_that_do_not_exist_say_so_in_words() {
    let house = house(&[]).await;
    let mut browser = Browser::new(&house);
    let reply = browser.get("/nothing/here").await;
    assert_eq!(reply.status, 404);
    assert!(text(&reply).contains("Nothing is at this address"), "{}", text(&reply));
    let asset = browser.get("/assets/console.css").await;
    assert_eq!(asset.headers[header::CACHE_CONTROL], "public, max-age=31536000, immutable");
}
