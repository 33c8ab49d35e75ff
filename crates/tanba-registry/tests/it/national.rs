//! National sign-in of the person concerned, against a provider in software: one session for whoever it vouches for, and none for
//! everything else that comes back.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use jiff::SignedDuration;
use serde_json::json;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use tanba_law::Text;
use tanba_registry::{
    Actor, Clock as _, NationalLeave, NationalProvider, NationalReturn, OpenEncounter, ProviderAnswer, ProviderAsk,
    ProviderCredential, ProviderLine, ProviderSaid, RegistryError, Result, Revision, SetClock,
};
use tanba_seal::openid::software::{Provider, Signing, fresh_pkcs8};
use tanba_seal::openid::{ClientAlgorithm, ClientKey};
use tanba_synth::Person;

use crate::house::{House, PASSWORD, adult, denied, house, record, teenager};

const ISSUER: &str = "https://id.test/v1";

/// The way to a provider in this process.
struct Line {
    provider: Provider,
    clock: Arc<SetClock>,
    away: AtomicBool,
    /// What is answered in place of the provider's answer at a path.
    instead: Mutex<BTreeMap<&'static str, (u16, Vec<u8>)>>,
}

impl ProviderLine for Line {
    fn ask<'a>(&'a self, ask: ProviderAsk<'a>) -> ProviderAnswer<'a> {
        Box::pin(async move {
            if self.away.load(Ordering::SeqCst) {
                return Err(io::Error::other("no connection"));
            }
            let path = ask.url.strip_prefix(ISSUER).unwrap_or_default();
            let (status, kind, body) = match self.instead.lock().unwrap().get(path) {
                Some((status, body)) => (*status, "application/json", body.clone()),
                None => {
                    let (form, authorization) = (ask.form.as_deref(), ask.authorization.as_deref());
                    let now = self.clock.now().micros() / 1_000_000;
                    self.provider.answer(ask.url, form.map(String::as_str), authorization.map(String::as_str), now)
                }
            };
            Ok(ProviderSaid { status, content_type: kind.to_owned(), body })
        })
    }
}

fn provider(acr: &[&str]) -> NationalProvider {
    let random = ring::rand::SystemRandom::new();
    NationalProvider {
        name: Text::new("Сынақ", "Проба", "Test ID"),
        issuer: ISSUER.to_owned(),
        hosts: [].into(),
        client: "tanba".to_owned(),
        credential: ProviderCredential::Key(Box::new(
            ClientKey::read(&fresh_pkcs8(), ClientAlgorithm::Es256, Some("k".to_owned()), &random).unwrap(),
        )),
        scopes: vec!["profile".to_owned()],
        acr: acr.iter().map(|acr| (*acr).to_owned()).collect(),
        number_claim: "individual_id".to_owned(),
        max_age: None,
        redirect: "https://tanba.test/sign-in/national/return".to_owned(),
        signed_out: "https://tanba.test/".to_owned(),
    }
}

async fn with_provider(house: &House) -> Arc<Line> {
    let line = Arc::new(Line {
        provider: Provider::new(ISSUER, "tanba", "individual_id"),
        clock: house.clock.clone(),
        away: AtomicBool::new(false),
        instead: Mutex::default(),
    });
    house.registry.use_national_sign_in(provider(&["high"]), line.clone()).unwrap();
    line
}

/// Somebody leaves, agrees at the provider, and has a query to come back with.
async fn agreed(house: &House, line: &Line, number: Option<&str>) -> (NationalLeave, String) {
    let left = house.registry.begin_national_sign_in().await.unwrap();
    let back = line.provider.agree(&left.to, number, house.registry.now().micros() / 1_000_000);
    (left, back)
}

async fn come(house: &House, line: &Line, number: &str) -> Result<NationalReturn> {
    let (left, back) = agreed(house, line, Some(number)).await;
    house.registry.finish_national_sign_in(Some(&left.cookie), &back).await
}

async fn signed_in(house: &House, line: &Line, person: &Person) -> Actor {
    let token = opened(come(house, line, person.iin.as_str()).await);
    house.registry.authenticate(&token).await.unwrap()
}

fn opened(came: Result<NationalReturn>) -> String {
    match came.unwrap() {
        NationalReturn::Opened(token) => token.reveal().to_owned(),
        NationalReturn::Proved => panic!("a session was asked for"),
    }
}

fn code(came: Result<NationalReturn>) -> String {
    denied(came.map(drop))
}

async fn count(house: &House, sql: &'static str) -> i64 {
    let options = SqliteConnectOptions::new().filename(house.data().join("tanba.sqlite"));
    let pool = SqlitePool::connect_with(options).await.unwrap();
    let found = sqlx::query_scalar(sql).fetch_one(&pool).await.unwrap();
    pool.close().await;
    found
}

const SESSIONS: &str =
    "SELECT COUNT(*) FROM sessions s JOIN accounts a ON a.id = s.account_id WHERE a.number_blind IS NOT NULL";

#[tokio::test]
async fn control_f9_whoever_the_provider_vouches_for_sees_the_own_record_and_nobody_elses() {
    let (aida, other) = (adult(11), adult(12));
    let house = house(&[&aida, &other]).await;
    let line = with_provider(&house).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    house.register(&other, &other, "k2", 1).await.unwrap();
    let (left, back) = agreed(&house, &line, Some(aida.iin.as_str())).await;
    for told in ["code_challenge_method=S256", "response_type=code", "acr_values=high", "scope=openid%20profile"] {
        assert!(left.to.contains(told), "{}", left.to);
    }
    // Nothing is kept before somebody comes back.
    assert_eq!(count(&house, "SELECT COUNT(*) FROM sign_in_attempts").await, 0);
    let token = opened(house.registry.finish_national_sign_in(Some(&left.cookie), &back).await);
    let actor = house.registry.authenticate(&token).await.unwrap();
    let page = house.registry.own_page(&actor, None, 100).await.unwrap();
    assert_eq!(page.attributes.iter().find(|a| a.name == "iin").unwrap().value, aida.iin.as_str());
    assert!(page.looks[0].own && page.looks.iter().any(|look| look.event == "session.opened" && look.own));
    assert_eq!(denied(house.registry.institutions(&actor).await), "role");
    // The same account with the next sign-in, which its password opens to nobody.
    assert_eq!(signed_in(&house, &line, &aida).await.account(), actor.account());
    assert!(house.registry.sign_in(actor.login(), PASSWORD, None).await.is_err());
    assert_eq!(house.registry.own_record(&actor, None, 100).await.unwrap().encounters.len(), 1);
    assert!(
        !house
            .registry
            .institutions(&house.administrator)
            .await
            .unwrap()
            .accounts
            .iter()
            .any(|a| a.id == actor.account())
    );
    // The rows are those of the log, the number is in none of them.
    assert!(house.registry.reconcile_rows().await.unwrap().is_empty());
    let files = [house.data().join("tanba.sqlite"), house.data().join("tanba.sqlite-wal")];
    for bytes in files.iter().filter_map(|file| std::fs::read(file).ok()) {
        assert!(!bytes.windows(12).any(|window| window == aida.iin.as_str().as_bytes()));
    }
    // Half an hour, and no longer.
    house.clock.advance(SignedDuration::from_secs(30 * 60 - 1));
    assert!(house.registry.authenticate(&token).await.is_ok());
    house.clock.advance(SignedDuration::from_secs(1));
    assert!(matches!(house.registry.authenticate(&token).await, Err(RegistryError::Unauthenticated)));
    // An account that was ended stays so.
    house.registry.disable_account(&house.administrator, actor.account()).await.unwrap();
    assert_eq!(code(come(&house, &line, aida.iin.as_str()).await), "national_ended");
}

#[tokio::test]
async fn control_f9_what_the_provider_may_not_say_opens_nothing() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let line = with_provider(&house).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let provider = &line.provider;
    let number = aida.iin.as_str();
    let now = house.registry.now().micros() / 1_000_000;
    type Set<'a> = Box<dyn Fn() + 'a>;
    let say = |name: &'static str, value: serde_json::Value| -> Set<'_> {
        Box::new(move || {
            let value = value.clone();
            provider.say(move |said| said[name] = value.clone());
        })
    };
    let wrong: Vec<(&str, Set<'_>, &str)> = vec![
        ("another key", Box::new(|| provider.sign_by(Signing::Another)), "national_refused"),
        ("alg none", Box::new(|| provider.sign_by(Signing::None)), "national_refused"),
        ("HS256 with the public key", Box::new(|| provider.sign_by(Signing::Hmac)), "national_refused"),
        ("unknown key", Box::new(|| provider.name_key(Some("nobody's"))), "national_refused"),
        ("issuer", say("iss", json!("https://id.test")), "national_refused"),
        ("audience", say("aud", json!("another")), "national_refused"),
        ("authorised party", say("azp", json!("another")), "national_refused"),
        ("nonce", say("nonce", json!("another")), "national_refused"),
        ("expired", say("exp", json!(now - 61)), "national_refused"),
        ("from the future", say("iat", json!(now + 61)), "national_refused"),
        ("too weak", say("acr", json!("low")), "national_refused"),
        ("another access token", say("at_hash", json!("AAAA")), "national_refused"),
        ("no number", say("individual_id", json!(null)), "national_no_number"),
        ("no number of this country", say("individual_id", json!("12345")), "national_no_number"),
        ("a living person's", say("individual_id", json!("900101300017")), "national_no_number"),
        ("nobody's", say("individual_id", json!(adult(77).iin.as_str())), "national_not_registered"),
    ];
    for (what, set, why) in wrong {
        provider.be_honest();
        // The provider says a number in the token alone, so that a token without one is asked further, for nothing.
        set();
        let number = (!what.starts_with("no number")).then_some(number);
        let (left, back) = agreed(&house, &line, number).await;
        assert_eq!(code(house.registry.finish_national_sign_in(Some(&left.cookie), &back).await), why, "{what}");
        // An attempt is taken once, whatever came of it.
        provider.be_honest();
        let again = house.registry.finish_national_sign_in(Some(&left.cookie), &back).await;
        assert_eq!(code(again), "national_attempt", "{what}");
    }
    assert_eq!(count(&house, SESSIONS).await, 0);
    assert_eq!(
        count(&house, "SELECT COUNT(*) FROM accounts WHERE number_blind IS NOT NULL").await,
        0,
        "nothing about them"
    );
    let counts = house.registry.national_counts().unwrap();
    assert_eq!((counts.opened, counts.refused), (0, 32));
    opened(come(&house, &line, number).await);
}

#[tokio::test]
async fn control_f9_a_return_counts_once_in_its_own_browser_and_in_time() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let line = with_provider(&house).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let number = Some(aida.iin.as_str());
    let registry = &house.registry;
    let (left, back) = agreed(&house, &line, number).await;
    let (others, others_back) = agreed(&house, &line, number).await;
    let cut = &left.cookie[..left.cookie.len() - 1];
    let later = left.cookie.replacen(".", ".A", 1);
    for (cookie, query) in [
        (None, back.as_str()),
        (Some(""), &back),
        (Some(cut), &back),
        (Some(&later), &back),
        (Some(&others.cookie), &back),
        (Some(&left.cookie), &others_back),
        (Some(&left.cookie), &back.replace("state=", "state=x")),
        (Some(&left.cookie), "code=x"),
        (Some(&left.cookie), ""),
        (Some(&left.cookie), &format!("{back}&code=another")),
        (Some(&left.cookie), &format!("{back}&{}", "x".repeat(1 << 20))),
    ] {
        let came = registry.finish_national_sign_in(cookie, query).await;
        assert_eq!(code(came), "national_attempt", "{cookie:?} {query:.60}");
    }
    // Two at once: one session.
    let (one, two) = tokio::join!(
        registry.finish_national_sign_in(Some(&left.cookie), &back),
        registry.finish_national_sign_in(Some(&left.cookie), &back)
    );
    assert_eq!([&one, &two].iter().filter(|came| came.is_ok()).count(), 1);
    assert_eq!(count(&house, SESSIONS).await, 1);
    // The code of one attempt with the cookie and state of another: the secret of PKCE is another one.
    let (mine, mine_back) = agreed(&house, &line, number).await;
    let stolen = others_back.split('&').next().unwrap();
    let injected = mine_back.replacen(mine_back.split('&').next().unwrap(), stolen, 1);
    assert_eq!(code(registry.finish_national_sign_in(Some(&mine.cookie), &injected).await), "national_refused");
    // Another provider's answer, and one that does not name itself although it always does.
    for (from, to) in [("https://id.test/v1", "https://elsewhere.test"), ("&iss=https://id.test/v1", "")] {
        let (left, back) = agreed(&house, &line, number).await;
        let came = registry.finish_national_sign_in(Some(&left.cookie), &back.replace(from, to)).await;
        assert_eq!(code(came), "national_refused", "{to}");
    }
    // They did not agree there.
    let (left, back) = agreed(&house, &line, number).await;
    let refused = format!("error=access_denied&{}", back.split_once('&').unwrap().1);
    assert_eq!(code(registry.finish_national_sign_in(Some(&left.cookie), &refused).await), "national_declined");
    // Too late.
    let (left, back) = agreed(&house, &line, number).await;
    house.clock.advance(SignedDuration::from_secs(600));
    assert_eq!(code(registry.finish_national_sign_in(Some(&left.cookie), &back).await), "national_attempt");
    opened(come(&house, &line, aida.iin.as_str()).await);
    assert_eq!(count(&house, "SELECT COUNT(*) FROM sign_in_attempts").await, 1, "older ones are gone");
}

#[tokio::test]
async fn control_f9_a_provider_that_fails_opens_nothing_and_its_keys_may_change() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let line = with_provider(&house).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    let registry = &house.registry;
    let number = aida.iin.as_str();
    let instead = |path, status, body: &[u8]| line.instead.lock().unwrap().insert(path, (status, body.to_vec()));
    // Away when somebody leaves.
    line.away.store(true, Ordering::SeqCst);
    assert!(matches!(registry.begin_national_sign_in().await, Err(RegistryError::SignInAway)));
    line.away.store(false, Ordering::SeqCst);
    // Another provider's word about itself.
    for lie in ["https://elsewhere.test", "http://id.test/v1"] {
        line.provider.describe(move |said| said["issuer"] = json!(lie));
        assert!(matches!(registry.begin_national_sign_in().await, Err(RegistryError::SignInAway)));
    }
    line.provider.describe(|said| said["token_endpoint"] = json!("https://169.254.169.254/token"));
    assert!(matches!(registry.begin_national_sign_in().await, Err(RegistryError::SignInAway)));
    line.provider.be_honest();
    // Away, or beside itself, when they come back.
    let (left, back) = agreed(&house, &line, Some(number)).await;
    line.away.store(true, Ordering::SeqCst);
    let came = registry.finish_national_sign_in(Some(&left.cookie), &back).await;
    assert!(matches!(came, Err(RegistryError::SignInAway)));
    line.away.store(false, Ordering::SeqCst);
    for (path, status, body, why) in [
        ("/token", 200, &b"<html>"[..], Some("national_refused")),
        ("/token", 200, b"{\"id_token\": \"a.b.c\"}", Some("national_refused")),
        ("/token", 302, b"", None),
        ("/token", 500, b"", None),
        ("/jwks", 200, b"[]", Some("national_refused")),
        ("/jwks", 200, br#"{"keys": [{"kty": "oct", "k": "AAAA"}]}"#, Some("national_refused")),
        ("/jwks", 404, b"", None),
    ] {
        instead(path, status, body);
        let came = come(&house, &line, number).await;
        match why {
            Some(why) => assert_eq!(code(came), why, "{path} {status}"),
            None => assert!(matches!(came, Err(RegistryError::SignInAway)), "{path} {status}"),
        }
        line.instead.lock().unwrap().clear();
    }
    assert_eq!(count(&house, SESSIONS).await, 0);
    // A new key is asked for, once a minute at most.
    opened(come(&house, &line, number).await);
    let asked = || line.provider.asked().iter().filter(|path| *path == "/jwks").count();
    house.clock.advance(SignedDuration::from_secs(60));
    line.provider.rotate();
    opened(come(&house, &line, number).await);
    let before = asked();
    line.provider.name_key(Some("nobody's"));
    for _ in 0..5 {
        assert_eq!(code(come(&house, &line, number).await), "national_refused");
    }
    assert_eq!(asked(), before, "tokens of unknown keys make nobody ask");
    line.provider.be_honest();
    opened(come(&house, &line, number).await);
    // The number may come with the further answer, plain or signed; and a request may be left beforehand.
    for signed in [false, true] {
        line.provider.tell_further(signed);
        opened(come(&house, &line, number).await);
    }
    house.clock.advance(SignedDuration::from_secs(3600));
    line.provider.describe(|said| said["pushed_authorization_request_endpoint"] = json!("https://id.test/v1/par"));
    let (left, back) = agreed(&house, &line, Some(number)).await;
    assert!(left.to.contains("request_uri=") && !left.to.contains("nonce"), "{}", left.to);
    opened(registry.finish_national_sign_in(Some(&left.cookie), &back).await);
}

#[tokio::test]
async fn control_f9_a_number_opens_the_record_that_it_belongs_to_now() {
    let (aida, other, unknown) = (adult(11), adult(12), adult(13));
    let house = house(&[&aida, &other]).await;
    let line = with_provider(&house).await;
    let first = house.register(&aida, &aida, "k1", 1).await.unwrap().encounter.person;
    let second = house.register(&other, &other, "k2", 1).await.unwrap().encounter.person;
    // A number that an operator typed and no register has confirmed.
    let typed = [("born", unknown.born.iso().to_string()), ("status", "citizen".to_owned())];
    let typed = OpenEncounter {
        client_key: "k3".to_owned(),
        trigger: "identity_card".to_owned(),
        iin: Some(unknown.iin.as_str().to_owned()),
        typed: typed.map(|(name, value)| (name.to_owned(), value)).into(),
    };
    house.registry.open_encounter(&house.operator, &typed).await.unwrap();
    assert_eq!(code(come(&house, &line, unknown.iin.as_str()).await), "national_unconfirmed");
    // While two records are one, both numbers open it; afterwards each its own, also in a session that was opened meanwhile.
    let merge = Revision::Merge { from: second, into: first };
    let plan = house.registry.propose_revision(&house.second, &merge, "one human being").await.unwrap();
    house.registry.apply_revision(&house.prosecution_clerk, plan.id).await.unwrap();
    let token = opened(come(&house, &line, other.iin.as_str()).await);
    let actor = house.registry.authenticate(&token).await.unwrap();
    assert_eq!(house.registry.own_page(&actor, None, 100).await.unwrap().encounters.len(), 2);
    let undo = Revision::Undo { revision: plan.id };
    let undo = house.registry.propose_revision(&house.second, &undo, "two after all").await.unwrap();
    house.registry.apply_revision(&house.prosecution_clerk, undo.id).await.unwrap();
    let actor = house.registry.authenticate(&token).await.unwrap();
    let page = house.registry.own_page(&actor, None, 100).await.unwrap();
    assert_eq!(page.attributes.iter().find(|a| a.name == "iin").unwrap().value, other.iin.as_str());
    assert_eq!(page.encounters.len(), 1);
}

#[tokio::test]
async fn control_f9_the_lock_is_taken_away_by_a_fresh_sign_in_of_the_same_person() {
    let (aida, other) = (adult(11), adult(12));
    let house = house(&[&aida, &other]).await;
    let line = with_provider(&house).await;
    house.register(&aida, &aida, "k1", 1).await.unwrap();
    house.register(&other, &other, "k2", 1).await.unwrap();
    let registry = &house.registry;
    let actor = signed_in(&house, &line, &aida).await;
    registry.lock_own_biometrics(&actor).await.unwrap();
    assert_eq!(denied(registry.release_own_lock(&actor, "").await), "national_proof");
    let prove = async |person: &Person, at: i64| {
        let left = registry.begin_national_proof(&actor).await.unwrap();
        assert!(left.to.contains("prompt=login") && left.to.contains("max_age=0"), "{}", left.to);
        let now = registry.now().micros() / 1_000_000;
        let back = line.provider.agree(&left.to, Some(person.iin.as_str()), now + at);
        registry.finish_national_sign_in(Some(&left.cookie), &back).await
    };
    // A provider that recognised them an hour ago has not done so anew.
    assert_eq!(code(prove(&aida, -3600).await), "national_refused");
    assert_eq!(code(prove(&other, 0).await), "national_somebody_else");
    assert_eq!(denied(registry.release_own_lock(&actor, PASSWORD).await), "national_proof");
    assert!(matches!(prove(&aida, 0).await, Ok(NationalReturn::Proved)));
    house.clock.advance(SignedDuration::from_secs(301));
    assert_eq!(denied(registry.release_own_lock(&actor, "").await), "national_proof");
    assert!(matches!(prove(&aida, 0).await, Ok(NationalReturn::Proved)));
    registry.release_own_lock(&actor, "").await.unwrap();
    assert!(registry.own_page(&actor, None, 10).await.unwrap().locked_since.is_none());
    // Who came by a password proves themselves by that.
    assert!(matches!(registry.begin_national_proof(&house.operator).await, Err(RegistryError::Conflict { .. })));
}

#[tokio::test]
async fn control_f9_a_child_whom_the_provider_lets_in_sees_the_own_page_beside_the_guardian() {
    let (child, parent) = (teenager(31), adult(11));
    let house = crate::house::house_with(vec![record(&child, &[&parent]), record(&parent, &[])]).await;
    let line = with_provider(&house).await;
    let person = house.open(&child, "passport", "k1").await.unwrap().person;
    house.register(&parent, &parent, "k2", 1).await.unwrap();
    let own = signed_in(&house, &line, &child).await;
    assert_eq!(house.registry.own_page(&own, None, 10).await.unwrap().encounters.len(), 1);
    let guardian = signed_in(&house, &line, &parent).await;
    assert_eq!(house.registry.represented_page(&guardian, person, None, 10).await.unwrap().person, person);
}

#[tokio::test]
async fn control_f9_a_provider_is_named_by_https_and_a_house_without_one_has_none() {
    let house = house(&[]).await;
    assert!(house.registry.national_sign_in().is_none());
    assert!(matches!(house.registry.begin_national_sign_in().await, Err(RegistryError::NotFound { .. })));
    let line = with_provider(&house).await;
    for (issuer, redirect) in
        [("http://id.test", "https://tanba.test/"), ("id.test", "https://tanba.test/"), (ISSUER, "http://tanba.test/")]
    {
        let named = NationalProvider { issuer: issuer.to_owned(), redirect: redirect.to_owned(), ..provider(&[]) };
        let refused = house.registry.use_national_sign_in(named, line.clone());
        assert!(matches!(refused, Err(RegistryError::Invalid { .. })), "{issuer} {redirect}");
    }
    assert_eq!(house.registry.national_sign_in().unwrap().en, "Test ID");
    assert_eq!(
        house.registry.national_sign_out().await.unwrap().unwrap().split('?').next(),
        Some("https://id.test/v1/logout")
    );
}
