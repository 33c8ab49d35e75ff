//! Passkeys over the API and on the pages, from an authenticator in software.

use axum::body::Body;
use axum::http::{Request, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tanba_registry::PasskeyDemand;
use tanba_seal::passkey::software::{Authenticator, MODEL, Maker};
use tanba_seal::passkey::{Asserted, Attestation, HardwareOnly, Registered, RelyingParty};

use crate::browser::{Browser, between, text};
use crate::house::{House, PASSWORD, Reply, house};

const SITE: &str = "tanba.test";
const ORIGIN: &str = "https://tanba.test";

fn key(seed: &str) -> Authenticator {
    Maker::new("a maker").authenticator(seed, SITE, ORIGIN)
}

async fn house_with_passkeys() -> House {
    let house = house(&[]).await;
    let hardware = HardwareOnly::new([Maker::new("a maker").anchor()], [MODEL]).unwrap();
    let site = RelyingParty {
        id: SITE.to_owned(),
        origins: [ORIGIN.to_owned()].into(),
        attestation: Attestation::Hardware(hardware),
    };
    house.registry.use_passkeys(site, PasskeyDemand::Required).unwrap();
    house
}

fn octets(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn challenge(asked: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(asked["challenge"].as_str().unwrap()).unwrap()
}

fn made(key: &Registered) -> [(&'static str, String); 2] {
    [("client_data", octets(&key.client_data)), ("attestation", octets(&key.attestation))]
}

fn signed(answer: &Asserted) -> [(&'static str, String); 4] {
    [
        ("credential", octets(&answer.credential)),
        ("client_data", octets(&answer.client_data)),
        ("authenticator_data", octets(&answer.authenticator_data)),
        ("signature", octets(&answer.signature)),
    ]
}

fn body<const N: usize>(fields: [(&'static str, String); N]) -> Value {
    fields.into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect::<serde_json::Map<_, _>>().into()
}

async fn call(house: &House, token: &str, method: &str, path: &str, body: Value) -> Reply {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json");
    house.send(request.body(Body::from(body.to_string())).unwrap()).await
}

async fn session(house: &House, login: &str) -> String {
    let who = json!({"login": login, "password": PASSWORD});
    let reply = call(house, "", "POST", "/api/sessions", who).await.made();
    reply["token"].as_str().unwrap().to_owned()
}

async fn account_of(house: &House, token: &str) -> String {
    let me = call(house, token, "GET", "/api/me", Value::Null).await.made();
    me["account"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn control_j1_over_the_api_a_session_waits_for_its_passkey() {
    let house = house_with_passkeys().await;
    let token = session(&house, "administrator").await;
    let account = account_of(&house, &token).await;
    let code = call(&house, &token, "POST", &format!("/api/accounts/{account}/passkey-code"), Value::Null).await.made();
    let asked = call(&house, &token, "POST", "/api/passkeys/challenge", json!({"code": code["code"]})).await.made();
    assert_eq!((&asked["site"], &asked["hardware"]), (&json!(SITE), &json!(true)));
    let mut key = key("administrator");
    let bound = call(&house, &token, "POST", "/api/passkeys", body(made(&key.create(&challenge(&asked))))).await.made();
    assert_eq!(bound["model"], MODEL.to_string());

    let waits = session(&house, "administrator").await;
    assert_eq!(call(&house, &waits, "GET", "/api/me", Value::Null).await.problem(401), "passkey_needed");
    let asked = call(&house, &waits, "POST", "/api/sessions/challenge", Value::Null).await.made();
    let answer = body(signed(&key.sign(&challenge(&asked))));
    let mut forged = answer.clone();
    forged["signature"] = json!(octets(&[0x30; 70]));
    assert_eq!(call(&house, &waits, "POST", "/api/sessions/proof", forged).await.problem(403), "passkey_bad_signature");
    assert_eq!(call(&house, &waits, "POST", "/api/sessions/proof", answer).await.problem(403), "passkey_no_challenge");
    let asked = call(&house, &waits, "POST", "/api/sessions/challenge", Value::Null).await.made();
    let answer = body(signed(&key.sign(&challenge(&asked))));
    assert_eq!(call(&house, &waits, "POST", "/api/sessions/proof", answer).await.status, 204);
    assert_eq!(account_of(&house, &waits).await, account);
    let own = call(&house, &waits, "GET", "/api/passkeys", Value::Null).await.made();
    assert_eq!(own.as_array().unwrap().len(), 1);
    // What is not base64url is no answer at all.
    let unread = json!({"client_data": "a+b/", "attestation": ""});
    assert_eq!(call(&house, &waits, "POST", "/api/passkeys", unread).await.status, 422);

    let path = format!("/api/passkeys/{}", own[0]["id"].as_str().unwrap());
    assert_eq!(call(&house, &waits, "DELETE", &path, Value::Null).await.status, 204);
    assert_eq!(call(&house, &waits, "GET", "/api/me", Value::Null).await.problem(401), "unauthenticated");
}

/// What an authenticator is asked on a page.
fn question(page: &str) -> Value {
    let json = between(page, "data-question=\"", "\"").expect("the page asks");
    serde_json::from_str(&json.replace("&#34;", "\"").replace("&quot;", "\"")).unwrap()
}

fn fields<'f>(fields: &'f [(&'static str, String)]) -> Vec<(&'f str, &'f str)> {
    fields.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

#[tokio::test]
async fn control_j1_on_the_pages_the_password_leads_to_the_passkey_and_on() {
    let house = house_with_passkeys().await;
    let mut browser = Browser::signed_in(&house, "administrator", "").await;
    let account = account_of(&house, browser.cookie("tanba_session").unwrap()).await;
    let page = text(&browser.post(&format!("/admin/accounts/{account}/passkey-code"), &[]).await);
    let code =
        between(&page, "shown this once: <code>", "</code>").or_else(|| between(&page, "once: <code>", "</code>"));
    let code = code.expect("the code is shown");
    browser.get("/passkey").await;
    let page = text(&browser.post("/passkey/new", &[("code", &code)]).await);
    let mut key = key("administrator");
    let answer = made(&key.create(&challenge(&question(&page))));
    let page = text(&browser.post("/passkey/made", &fields(&answer)).await);
    assert!(page.contains(&MODEL.to_string()), "{page}");

    // From now on the password leads to the question, from every page, and the answer leads on.
    let mut again = Browser::signed_in(&house, "administrator", "").await;
    assert_eq!(again.at, "/passkey?next=/");
    let page = text(&again.get("/admin").await);
    assert_eq!(again.at, "/passkey?next=/admin");
    let mut answer = signed(&key.sign(&challenge(&question(&page)))).to_vec();
    answer.push(("next", "/admin".to_owned()));
    again.post("/passkey/proof", &fields(&answer)).await;
    assert_eq!(again.at, "/admin");

    // Somebody official without one binds one, with a code.
    let mut officer = Browser::signed_in(&house, "officer", "").await;
    assert_eq!(officer.at, "/passkey?next=/");
    let refused = officer.post("/passkey/new", &[("code", "no")]).await;
    assert_eq!(refused.status, 403);
    assert!(text(&refused).contains("was not issued for the account"), "{}", text(&refused));
    house.assert_log_is_discreet();
}
