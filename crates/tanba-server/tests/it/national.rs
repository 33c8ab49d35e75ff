//! National sign-in as a browser meets it: leaving, coming back, the own page, and leaving again.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, header};
use tanba_law::Text;
use tanba_registry::{
    NationalProvider, ProviderAnswer, ProviderAsk, ProviderCredential, ProviderLine, ProviderSaid, Registry,
};
use tanba_seal::openid::software::Provider;

use crate::browser::{Browser, text};
use crate::house::{House, Reply, adult, house};

const ISSUER: &str = "https://id.test/v1";

struct Line {
    provider: Provider,
    registry: Registry,
}

impl ProviderLine for Line {
    fn ask<'a>(&'a self, ask: ProviderAsk<'a>) -> ProviderAnswer<'a> {
        Box::pin(async move {
            let (form, authorization) = (ask.form.as_deref(), ask.authorization.as_deref());
            let (form, authorization) = (form.map(String::as_str), authorization.map(String::as_str));
            let (status, kind, body) = self.provider.answer(ask.url, form, authorization, self.now());
            Ok(ProviderSaid { status, content_type: kind.to_owned(), body })
        })
    }
}

impl Line {
    fn now(&self) -> i64 {
        self.registry.now().micros() / 1_000_000
    }
}

fn with_provider(house: &House) -> Arc<Line> {
    let provider = Provider::new(ISSUER, "tanba", "individual_id");
    let line = Arc::new(Line { provider, registry: house.registry.clone() });
    let named = NationalProvider {
        name: Text::new("Сынақ ID", "Проба ID", "Test ID"),
        issuer: ISSUER.to_owned(),
        hosts: [].into(),
        client: "tanba".to_owned(),
        credential: ProviderCredential::Secret("a secret of the service".to_owned().into()),
        scopes: Vec::new(),
        acr: vec!["high".to_owned()],
        number_claim: "individual_id".to_owned(),
        max_age: None,
        redirect: "https://tanba.test/sign-in/national/return".to_owned(),
        signed_out: "https://tanba.test/".to_owned(),
    };
    house.registry.use_national_sign_in(named, line.clone()).unwrap();
    line
}

/// A link that leads to the provider: where exactly, and the cookie that the browser keeps.
async fn leave(house: &House, browser: &mut Browser<'_>, path: &str) -> String {
    let session = browser.cookie("tanba_session").unwrap_or_default().to_owned();
    let request = Request::builder().uri(path).header(header::COOKIE, format!("tanba_session={session}"));
    let reply = house.send(request.header(header::ACCEPT, "text/html").body(Body::empty()).unwrap()).await;
    assert_eq!(reply.status, 303, "{}", text(&reply));
    let set = reply.headers[header::SET_COOKIE].to_str().unwrap();
    for how in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=600"] {
        assert!(set.contains(how), "{set}");
    }
    let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
    browser.set_cookie(name, value);
    reply.headers[header::LOCATION].to_str().unwrap().to_owned()
}

async fn come_back(browser: &mut Browser<'_>, back: &str) -> Reply {
    browser.get(&format!("/sign-in/national/return?{back}")).await
}

#[tokio::test]
async fn control_f9_a_person_comes_in_by_the_national_sign_in_and_uses_the_own_page() {
    let aida = adult(41);
    let house = house(&[&aida]).await;
    house.register(&aida, &aida, "k1", 1).await;
    let mut browser = Browser::new(&house);
    assert!(!text(&browser.get("/sign-in").await).contains("national"), "no provider, no choice");
    assert_eq!(browser.get("/sign-in/national").await.status, 404);
    let line = with_provider(&house);
    let number = Some(aida.iin.as_str());
    for (lang, words) in
        [("kk", "Сынақ ID арқылы кіру"), ("ru", "Войти через Проба ID"), ("en", "Sign in with Test ID")]
    {
        browser.set_cookie("tanba_language", lang);
        for page in ["/", "/sign-in"] {
            assert!(
                text(&browser.get(page).await).replace(['\u{2068}', '\u{2069}'], "").contains(words),
                "{page} {lang}"
            );
        }
    }

    let to = leave(&house, &mut browser, "/sign-in/national").await;
    assert!(to.starts_with("https://id.test/v1/authorize?"), "{to}");
    let back = line.provider.agree(&to, number, line.now());
    let page = come_back(&mut browser, &back).await;
    assert_eq!(page.status, 200, "{}", text(&page));
    // A page of our own leads on, so that the browser sends the session's cookie, and nothing of what was brought back is on it.
    assert!(text(&page).contains("http-equiv=\"refresh\" content=\"0; url=/me\""), "{}", text(&page));
    assert!(!text(&page).contains("state=") && browser.cookie("tanba_attempt").is_none());
    let session = browser.cookie("tanba_session").unwrap().to_owned();
    assert!(text(&browser.get("/me").await).contains(aida.iin.as_str()));
    // The same return again, in the same browser: the session that is there stays, and no second one comes.
    let again = come_back(&mut browser, &back).await;
    assert_eq!(again.status, 403);
    assert!(text(&again).contains("no attempt of this browser") && !text(&again).contains("state="));
    assert_eq!(browser.cookie("tanba_session"), Some(session.as_str()));

    // The lock takes the national sign-in once more.
    browser.post("/me/lock", &[]).await;
    assert_eq!(browser.post("/me/lock/release", &[]).await.status, 403);
    let page = text(&browser.get("/me").await);
    assert!(page.contains("/sign-in/national?for=proof") && !page.contains("lock-password"), "{page}");
    let to = leave(&house, &mut browser, "/sign-in/national?for=proof").await;
    let back = line.provider.agree(&to, number, line.now());
    assert!(text(&come_back(&mut browser, &back).await).contains("url=/me#lock"));
    browser.get("/me").await;
    assert_eq!(browser.post("/me/lock/release", &[]).await.status, 200);

    // Out, here and there.
    let page = text(&browser.post("/sign-out", &[]).await);
    assert!(browser.at == "/sign-in?left=1" && page.contains("/sign-in/national/out"), "{page}");
    assert!(house.registry.authenticate(&session).await.is_err());
    let out = house.get("", "/sign-in/national/out").await;
    let to = out.headers[header::LOCATION].to_str().unwrap();
    assert_eq!(to, "https://id.test/v1/logout?client_id=tanba&post_logout_redirect_uri=https%3A%2F%2Ftanba.test%2F");
    let metrics = text(&house.get("", "/metrics").await);
    assert!(metrics.contains("tanba_national_sign_ins_opened 2\n") && metrics.contains("sign_ins_refused 1\n"));
    house.assert_log_is_discreet();
    for (what, bytes) in house.let_out() {
        assert!(!String::from_utf8_lossy(&bytes).contains("a secret of the service"), "{what}");
    }
}

#[tokio::test]
async fn control_f9_whoever_is_not_registered_is_told_so_and_nothing_is_kept() {
    let (aida, stranger) = (adult(41), adult(42));
    let house = house(&[&aida, &stranger]).await;
    let line = with_provider(&house);
    let mut browser = Browser::new(&house);
    for (lang, words) in
        [("kk", "ешкім тіркелмеген"), ("ru", "никто не зарегистрирован"), ("en", "Nobody is registered here")]
    {
        browser.set_cookie("tanba_language", lang);
        let to = leave(&house, &mut browser, "/sign-in/national").await;
        let back = line.provider.agree(&to, Some(stranger.iin.as_str()), line.now());
        let page = come_back(&mut browser, &back).await;
        assert_eq!(page.status, 403);
        assert!(text(&page).contains(words), "{}", text(&page));
        assert!(browser.cookie("tanba_session").is_none());
    }
    house.assert_log_is_discreet();
}
