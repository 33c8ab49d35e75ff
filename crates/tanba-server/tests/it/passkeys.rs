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
use crate::supervision::in_all_languages;

const SITE: &str = "tanba.test";
const ORIGIN: &str = "https://tanba.test";

fn key(seed: &str) -> Authenticator {
    Maker::new("a maker").authenticator(seed, SITE, ORIGIN)
}

async fn house_with_passkeys() -> House {
    let house = house(&[]).await;
    require_passkeys(&house);
    house
}

fn require_passkeys(house: &House) {
    let hardware = HardwareOnly::new([Maker::new("a maker").anchor()], [MODEL]).unwrap();
    let site = RelyingParty {
        id: SITE.to_owned(),
        origins: [ORIGIN.to_owned()].into(),
        attestation: Attestation::Hardware(hardware),
    };
    house.registry.use_passkeys(site, PasskeyDemand::Required).unwrap();
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

    // A sensitive act is refused, signed, and sent again.
    let path = format!("/api/passkeys/{}", own[0]["id"].as_str().unwrap());
    let refused = call(&house, &waits, "DELETE", &path, Value::Null).await;
    assert_eq!(refused.problem(403), "passkey_proof");
    let asked = call(&house, &waits, "POST", "/api/sessions/challenge", Value::Null).await.made();
    assert_eq!(asked["act"], "remove a passkey");
    let answer = body(signed(&key.sign(&challenge(&asked))));
    assert_eq!(call(&house, &waits, "POST", "/api/sessions/proof", answer).await.status, 204);
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

/// Binds somebody's first passkey over the API; the session that it was bound in, and the key.
async fn bound(house: &House, administrator: &str, login: &str) -> (String, Authenticator) {
    let token = session(house, login).await;
    let account = house.registry.authenticate(&token).await;
    let account = match account {
        Ok(actor) => actor.account().to_string(),
        Err(_) => account_by_login(house, administrator, login).await,
    };
    let path = format!("/api/accounts/{account}/passkey-code");
    let code = call(house, administrator, "POST", &path, Value::Null).await.made();
    let asked = call(house, &token, "POST", "/api/passkeys/challenge", json!({"code": code["code"]})).await.made();
    let mut key = key(login);
    call(house, &token, "POST", "/api/passkeys", body(made(&key.create(&challenge(&asked))))).await.made();
    (token, key)
}

/// An account whose session waits is not told who it is.
async fn account_by_login(house: &House, administrator: &str, login: &str) -> String {
    let administrator = house.registry.authenticate(administrator).await.unwrap();
    let all = house.registry.institutions(&administrator).await.unwrap();
    all.accounts.iter().find(|account| account.login == login).unwrap().id.to_string()
}

#[tokio::test]
async fn control_j2_two_people_sign_the_key_of_an_office_one_over_the_api_and_one_on_the_page() {
    let house = house_with_passkeys().await;
    let (administrator, mut first) = bound(&house, &house.token("administrator"), "administrator").await;
    let (supervisor, mut second) = bound(&house, &administrator, "supervisor").await;
    let mut bytes = 7_u8;
    let mut entropy = |out: &mut [u8]| {
        for byte in out {
            bytes = bytes.wrapping_mul(5).wrapping_add(3);
            *byte = bytes;
        }
    };
    let office = tanba_seal::KeyRing::create(
        "a test passphrase",
        &[],
        "prosecutor.test/office",
        tanba_seal::KdfParams::MINIMUM,
        &mut entropy,
    );
    let verifier = office.unwrap().1.log_signer().verifier().to_string();
    let new = json!({"verifier": verifier, "level": "prosecutor", "valid_from": "2026-01-01T00:00:00Z", "valid_to": "2036-01-01T00:00:00Z"});
    let id = call(&house, &administrator, "POST", "/api/sanction-keys", new).await.made();
    let id = id["id"].as_str().unwrap().to_owned();
    let decision = format!("/api/sanction-keys/{id}/decision");
    let confirm = json!({"confirmed": true});
    assert_eq!(call(&house, &supervisor, "POST", &decision, confirm.clone()).await.problem(403), "approval_missing");

    let act = json!({"act": "office_key", "subject": id});
    let asked = call(&house, &administrator, "POST", "/api/approvals/challenge", act.clone()).await.made();
    assert_eq!(asked["act"], "sanction_key.confirm");
    let signature = body(signed(&first.sign(&challenge(&asked))));
    let approval = json!({"act": act, "signature": signature});
    assert_eq!(call(&house, &administrator, "POST", "/api/approvals", approval.clone()).await.status, 204);
    assert_eq!(
        call(&house, &administrator, "POST", "/api/approvals", approval).await.problem(403),
        "passkey_no_challenge"
    );
    let open = call(&house, &supervisor, "GET", "/api/approvals", Value::Null).await.made();
    assert_eq!((&open[0]["act"], &open[0]["signed_by"]), (&json!("office_key"), &json!(["administrator"])));
    assert_eq!(call(&house, &supervisor, "POST", &decision, confirm.clone()).await.problem(403), "approval_missing");

    // The supervisor signs on the page, from the page of the keys.
    let mut browser = Browser::new(&house);
    browser.set_cookie("tanba_session", &supervisor);
    let page = text(&browser.get("/sanction-keys").await);
    let sign = format!("/approvals/sanction_key.confirm/{id}");
    assert!(page.contains(&sign), "{page}");
    let page = text(&browser.get(&sign).await);
    assert!(page.contains("The key of an office is confirmed"), "{page}");
    let answer = signed(&second.sign(&challenge(&question(&page))));
    browser.post(&sign, &fields(&answer)).await;
    assert_eq!(browser.at, "/sanction-keys?done=saved");
    assert_eq!(browser.get("/approvals/sanction_key.confirm/x").await.status, 404);
    assert_eq!(browser.get(&format!("/approvals/unknown/{id}")).await.status, 404);
    assert_eq!(call(&house, &supervisor, "POST", &decision, confirm).await.status, 204);
    house.assert_log_is_discreet();
}

#[tokio::test]
async fn control_e13_the_page_plans_a_pruning_two_sign_it_there_and_the_public_log_says_what_is_gone() {
    let house = house(&[]).await;
    let registry = &house.registry;
    let supervisor = registry.authenticate(&house.token("supervisor")).await.unwrap();
    for _ in 0..560 {
        registry.supervise(&supervisor, 0, 1).await.unwrap();
    }
    let known = json!({"what": "a list left the centre", "entries": [400]});
    let breach = house.post("supervisor", "/api/breaches", known).await.made();
    registry.publish().await.unwrap();
    house.clock.advance(jiff::SignedDuration::from_hours(24 * 3654));
    registry.run_retention().await.unwrap();
    registry.publish().await.unwrap();
    for login in ["administrator", "supervisor"] {
        house.sign_in(login, None).await;
    }
    let mut browser = Browser::new(&house);
    browser.set_cookie("tanba_session", &house.token("supervisor"));
    let page = in_all_languages(&mut browser, "/log-pruning").await;
    for told in ["Entries 0 to 255 may go (256 in all)", "a breach that is not closed", ">400<", "asks for no passkeys"]
    {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert!(!page.contains("a list left"), "what is open is told by its kind");
    let steps = format!("/api/breaches/{}/steps", breach["id"].as_str().unwrap());
    for step in ["authority_notified", "persons_not_needed", "closed"] {
        let done = house.post("supervisor", &steps, json!({"step": step, "words": "done"})).await;
        assert_eq!(done.status, 204);
    }

    require_passkeys(&house);
    let (administrator, first) = bound(&house, &house.token("administrator"), "administrator").await;
    let (supervisor, second) = bound(&house, &administrator, "supervisor").await;
    for (token, mut key, done) in
        [(administrator, first, "Signed by: administrator."), (supervisor, second, "Both have signed")]
    {
        let mut browser = Browser::new(&house);
        browser.set_cookie("tanba_session", &token);
        let page = in_all_languages(&mut browser, "/log-pruning").await;
        assert!(page.contains("Entries 0 to 511 may go (512 in all)"), "{page}");
        for wrong in ["0", "300", "768"] {
            assert_eq!(browser.post("/log-pruning", &[("minimum", wrong)]).await.status, 422, "{wrong}");
        }
        let page = text(&browser.post("/log-pruning", &[("minimum", "512")]).await);
        assert_eq!(browser.at, "/approvals/log.prune/512");
        assert!(page.contains("The beginning of the log is pruned"), "{page}");
        let answer = signed(&key.sign(&challenge(&question(&page))));
        let page = text(&browser.post("/approvals/log.prune/512", &fields(&answer)).await);
        assert_eq!(browser.at, "/log-pruning?done=saved");
        assert!(page.contains("The first entry that stays: 512.") && page.contains(done), "{page}");
        assert_eq!(page.contains("tanba log prune --dir ./tanba-data --to 512"), done == "Both have signed");
    }
    registry.prune_log(512, |_| Ok(())).await.unwrap();
    let mut anyone = Browser::new(&house);
    let page = in_all_languages(&mut anyone, "/public-log").await;
    for told in ["The 512 entries before entry 512 are gone.", "The decision is entry", "by clause", "/log/log.pruned"]
    {
        assert!(page.contains(told), "{told}: {page}");
    }
    let decision = between(&page, "/public-log?entry=", "#entry").unwrap();
    let page = text(&anyone.get(&format!("/public-log?entry={decision}")).await);
    assert!(page.contains("log.pruned") && page.contains("statement"), "{page}");
    assert!(in_all_languages(&mut anyone, "/public-log?entry=3").await.contains("Entry 3 was pruned"));
    house.assert_log_is_discreet();
}

#[tokio::test]
async fn control_j1_on_the_pages_a_refused_act_leads_to_its_signature() {
    let house = house_with_passkeys().await;
    let (administrator, mut key) = bound(&house, &house.token("administrator"), "administrator").await;
    let mut browser = Browser::new(&house);
    browser.set_cookie("tanba_session", &administrator);
    let page = text(&browser.get("/passkey").await);
    let remove = between(&page, "action=\"/passkey/", "/remove\"").unwrap();
    let remove = format!("/passkey/{remove}/remove");
    let refused = browser.post(&remove, &[]).await;
    assert_eq!(refused.status, 403);
    let page = text(&refused);
    let link = between(&page, "href=\"/passkey/proof", "\"").expect("the page leads to the signature");
    let page = text(&browser.get(&format!("/passkey/proof{}", link.replace("&#38;", "&").replace("&amp;", "&"))).await);
    assert!(page.contains("A passkey is removed"), "{page}");
    let mut answer = signed(&key.sign(&challenge(&question(&page)))).to_vec();
    answer.push(("next", "/passkey".to_owned()));
    browser.post("/passkey/proof", &fields(&answer)).await;
    assert_eq!(browser.at, "/passkey");
    browser.post(&remove, &[]).await;
    assert!(house.registry.authenticate(&administrator).await.is_err(), "its sessions end with it");
}
