//! The state's messaging service over HTTP (docs/notices.md): one request for each notice, with a token and a key that stays the same.

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use axum::http::{HeaderValue, Request, Uri, header};
use http_body_util::Full;
use hyper::body::Bytes;
use serde::{Deserialize, Serialize};
use tanba_registry::{Delivery, Messenger, Notice, Sending};
use tanba_tls::Tls;

use crate::http::{self, address, check_address, exchange};

/// The header that makes a second try the first one again (draft-ietf-httpapi-idempotency-key-header).
const KEY: &str = "idempotency-key";

/// The messaging service, by TLS or at an address of this machine.
pub(crate) struct HttpMessenger {
    uri: Uri,
    tls: Option<Arc<Tls>>,
    authorization: HeaderValue,
}

/// What the service is told.
#[derive(Serialize)]
struct Body<'a> {
    format: &'static str,
    key: String,
    recipient: &'a str,
    language: &'a str,
    kind: &'a str,
    authority: &'a str,
    authority_name: &'a str,
    day: String,
    entry: u64,
    text: String,
}

/// What it says with a refusal.
#[derive(Deserialize)]
struct Refusal {
    reason: String,
}

impl HttpMessenger {
    /// The service at `url`, with the token that a file holds.
    pub(crate) fn of(url: &str, token: &Path, tls: Option<Arc<Tls>>) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(token).with_context(|| format!("the token in {}", token.display()))?;
        Self::new(url, text.trim(), tls)
            .with_context(|| format!("the messaging service {url}, with the token in {}", token.display()))
    }

    fn new(url: &str, token: &str, tls: Option<Arc<Tls>>) -> anyhow::Result<Self> {
        let uri: Uri = url.parse().context("this is no address")?;
        check_address(url, tls.as_deref())?;
        let address = address(&uri)?;
        // Recipients and the token go over this line.
        if !address.tls
            && address.host != "localhost"
            && !address.host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
        {
            bail!(
                "this is another machine, and notices would not be encrypted on their way: name its https address, or a proxy on this machine that speaks TLS with it"
            );
        }
        if token.is_empty() {
            bail!("the token is empty: put the one of the service there");
        }
        let mut authorization =
            HeaderValue::from_str(&format!("Bearer {token}")).context("a token is one line of plain characters")?;
        authorization.set_sensitive(true);
        Ok(Self { uri, tls, authorization })
    }

    async fn post(&self, notice: &Notice) -> anyhow::Result<(u16, Vec<u8>)> {
        let body = Body {
            format: "tanba-notice/1",
            key: notice.key.to_string(),
            recipient: &notice.recipient,
            language: &notice.language,
            kind: &notice.kind,
            authority: &notice.authority,
            authority_name: &notice.authority_name,
            day: notice.day.to_string(),
            entry: notice.entry,
            text: tanba_server::notice_text(notice),
        };
        let stream = http::open(&self.uri, self.tls.as_deref(), None).await?;
        let request = Request::post(self.uri.path_and_query().map_or("/", |path| path.as_str()))
            .header(header::HOST, self.uri.authority().map_or("localhost", |authority| authority.as_str()))
            .header(header::AUTHORIZATION, self.authorization.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .header(KEY, body.key.clone())
            .body(Full::new(Bytes::from(serde_json::to_vec(&body)?)))?;
        exchange(stream, request, self.tls.as_deref()).await
    }
}

impl Messenger for HttpMessenger {
    fn send<'a>(&'a self, notice: &'a Notice) -> Sending<'a> {
        Box::pin(async move {
            match self.post(notice).await {
                Ok((status, body)) => meant(status, &body),
                Err(error) => Delivery::Again(format!("it cannot be reached: {error:#}")),
            }
        })
    }
}

/// What an answer says of a notice. It is refused for good only where the service says so in its own words: a proxy on the way, a wrong token or
/// a first try that is still being taken (409) answer with a status of 400 to 499 too, and say nothing of it.
fn meant(status: u16, body: &[u8]) -> Delivery {
    match (status, serde_json::from_slice::<Refusal>(body)) {
        (200..=299, _) => Delivery::Taken,
        (400 | 410 | 413 | 422, Ok(refusal)) => Delivery::Refused(refusal.reason),
        (400..=499, _) => Delivery::Again(format!("it answered {status}: check its address and the token")),
        _ => Delivery::Again(format!("it answered {status}")),
    }
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;
    use std::sync::{Arc, Mutex};

    use axum::Router;
    use axum::extract::State;
    use axum::http::{HeaderMap, StatusCode};
    use axum::routing::post;
    use serde_json::{Value, json};
    use tanba_tls::{Authority, CERTIFICATE, Clients, KEY, LONGEST_CERTIFICATE, REVOKED, ROOTS, TlsListener};
    use tokio::net::TcpListener;

    use super::*;

    fn notice() -> Notice {
        Notice {
            key: "0190b5d4-0000-7000-8000-000000000000".parse().unwrap(),
            recipient: "box-17".to_owned(),
            language: "ru".to_owned(),
            kind: "person.viewed".to_owned(),
            authority: "csc".to_owned(),
            authority_name: "ЦОН № 1".to_owned(),
            day: "2026-11-25".parse().unwrap(),
            entry: 1234,
        }
    }

    /// What a mock of the service answers, and what it was sent.
    #[derive(Clone)]
    struct Mock {
        answer: Arc<Mutex<(u16, &'static str)>>,
        sent: Arc<Mutex<Vec<(HeaderMap, Value)>>>,
    }

    async fn take(State(mock): State<Mock>, headers: HeaderMap, body: String) -> (StatusCode, &'static str) {
        mock.sent.lock().unwrap().push((headers, serde_json::from_str(&body).unwrap()));
        let (status, body) = *mock.answer.lock().unwrap();
        (StatusCode::from_u16(status).unwrap(), body)
    }

    #[tokio::test]
    async fn control_f10_the_contract_with_the_messaging_service() {
        let mock = Mock { answer: Arc::new(Mutex::new((202, ""))), sent: Arc::default() };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1/notices?of=tanba", listener.local_addr().unwrap());
        let app = Router::new().route("/v1/notices", post(take)).with_state(mock.clone());
        let server = tokio::spawn(async move { axum::serve(listener, app).await });
        let messenger = HttpMessenger::new(&url, "a-secret", None).unwrap();
        let answers = async |status, body| {
            *mock.answer.lock().unwrap() = (status, body);
            messenger.send(&notice()).await
        };
        for status in [200, 201, 202, 204] {
            assert_eq!(answers(status, "").await, Delivery::Taken, "{status}");
        }
        for status in [400, 410, 413, 422] {
            let said = answers(status, r#"{"reason": "unknown_recipient"}"#).await;
            assert_eq!(said, Delivery::Refused("unknown_recipient".to_owned()), "{status}");
            // A proxy on the way knows nothing of notices.
            let said = answers(status, "<html>").await;
            assert!(matches!(&said, Delivery::Again(why) if why.contains(&status.to_string())), "{status}: {said:?}");
        }
        for status in [301, 401, 403, 404, 408, 409, 411, 429, 431, 500, 502, 503, 504] {
            let said = answers(status, r#"{"reason": "x"}"#).await;
            assert!(matches!(&said, Delivery::Again(why) if why.contains(&status.to_string())), "{status}: {said:?}");
        }
        for (headers, body) in mock.sent.lock().unwrap().iter() {
            assert_eq!(headers["authorization"], "Bearer a-secret");
            assert_eq!(headers["idempotency-key"], "0190b5d4-0000-7000-8000-000000000000", "the same each time");
            assert_eq!(headers["content-type"], "application/json");
            // All of it: there is nothing else that could be in it.
            let expected = json!({
                "format": "tanba-notice/1",
                "key": "0190b5d4-0000-7000-8000-000000000000",
                "recipient": "box-17",
                "language": "ru",
                "kind": "person.viewed",
                "authority": "csc",
                "authority_name": "ЦОН № 1",
                "day": "2026-11-25",
                "entry": 1234,
                "text": "25 ноября 2026 г., ЦОН № 1: просмотрена страница человека. Запись журнала № 1234. Кто и зачем смотрел, видно на вашей странице.",
            });
            assert_eq!(*body, expected);
        }
        server.abort();
        let _ = server.await;
        let said = messenger.send(&notice()).await;
        assert!(matches!(&said, Delivery::Again(why) if why.contains("cannot be reached")), "{said:?}");
    }

    #[tokio::test]
    async fn control_j6_notices_go_by_tls_to_the_service_of_that_name_alone() {
        let folder = tempfile::tempdir().unwrap();
        let now = i64::try_from(crate::party::now()).unwrap();
        let mut house = Authority::found("House", now).unwrap();
        let list = house.list(7, now).unwrap();
        // What the register needs to believe, and nothing to show.
        let asking = folder.path().join("register");
        std::fs::create_dir(&asking).unwrap();
        std::fs::write(asking.join(ROOTS), house.root()).unwrap();
        std::fs::write(asking.join(REVOKED), &list).unwrap();
        let asking = Tls::open(&asking, LONGEST_CERTIFICATE).unwrap();
        for (name, taken) in [("127.0.0.1", true), ("court.example", false)] {
            let shown = house.issue(&[name.parse().unwrap()], 7, now).unwrap();
            let dir = folder.path().join(name);
            std::fs::create_dir(&dir).unwrap();
            let files = [(ROOTS, house.root()), (REVOKED, &list), (CERTIFICATE, &shown.certificate), (KEY, &shown.key)];
            for (file, text) in files {
                std::fs::write(dir.join(file), text).unwrap();
                std::fs::set_permissions(dir.join(file), Permissions::from_mode(0o600)).unwrap();
            }
            let tls = Tls::open_own(&dir, LONGEST_CERTIFICATE).unwrap();
            let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("https://{}/v1/notices", tcp.local_addr().unwrap());
            let mock = Mock { answer: Arc::new(Mutex::new((202, ""))), sent: Arc::default() };
            let app = Router::new().route("/v1/notices", post(take)).with_state(mock.clone());
            let listener = TlsListener::start(tcp, tls, Clients::Anyone).unwrap();
            let server = tokio::spawn(async move { axum::serve(listener, app).await });
            let said = HttpMessenger::new(&url, "a-secret", Some(Arc::clone(&asking))).unwrap().send(&notice()).await;
            assert_eq!(said == Delivery::Taken, taken, "{said:?}");
            assert_eq!(mock.sent.lock().unwrap().len(), usize::from(taken));
            server.abort();
        }
    }

    #[tokio::test]
    async fn an_answer_that_is_none_is_tried_again() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let server = tokio::spawn(async move {
            loop {
                drop(listener.accept().await);
            }
        });
        let said = HttpMessenger::new(&url, "t", None).unwrap().send(&notice()).await;
        assert!(matches!(said, Delivery::Again(_)), "{said:?}");
        server.abort();
    }

    #[test]
    fn the_line_stays_on_this_machine_and_has_a_token() {
        for url in ["http://127.0.0.1:9000/x", "http://[::1]:9000/", "http://localhost/"] {
            assert!(HttpMessenger::new(url, "t", None).is_ok(), "{url}");
        }
        for url in
            ["http://10.0.0.7/", "http://messages.example/", "https://localhost/", "localhost:9000", "http:///", ""]
        {
            assert!(HttpMessenger::new(url, "t", None).is_err(), "{url}");
        }
        for token in ["", "two\nlines", "\u{7f}"] {
            assert!(HttpMessenger::new("http://127.0.0.1/", token, None).is_err());
        }
    }
}
