//! What anyone may see: the log as files, health, metrics, the front page; and a service without a register.

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use tanba_registry::tile_dir::TileDir;
use tanba_seal::log::{LogVerifier, TlogProof, read_entry};
use tanba_server::{ServerState, Unready};
use tower::ServiceExt as _;

use crate::house::{ANYONE, Reply, collect, house};

#[tokio::test]
async fn the_log_is_served_as_it_lies_and_proves_its_entries() {
    let house = house(&[]).await;
    house.registry.publish().await.unwrap();
    let key = house.get(ANYONE, "/log/log.vkey").await;
    assert_eq!(key.body, format!("{}\n", house.registry.verifier_key()).into_bytes());
    let checkpoint = house.get(ANYONE, "/log/checkpoint").await;
    assert_eq!(checkpoint.headers["cache-control"], "no-cache");
    let size: u64 = String::from_utf8(checkpoint.body.clone()).unwrap().lines().nth(1).unwrap().parse().unwrap();
    assert!((10..256).contains(&size), "{size}");
    for tile in [format!("/log/tile/0/000.p/{size}"), format!("/log/tile/entries/000.p/{size}")] {
        let reply = house.get(ANYONE, &tile).await;
        assert!(reply.status.is_success() && !reply.body.is_empty(), "{tile}");
        assert_eq!(reply.headers["content-type"], "application/octet-stream");
    }

    let proof = house.get(ANYONE, "/api/log/entries/3/proof").await;
    let verifier = LogVerifier::parse(&house.registry.verifier_key()).unwrap();
    let tiles = TileDir::open(&house.dir.path().join("data/log"));
    let entry = read_entry(&tiles, size, 3).unwrap();
    assert_eq!(TlogProof::parse(&proof.body).unwrap().verify(&verifier, &entry).unwrap().size, size);
    assert_eq!(house.get(ANYONE, "/api/log/entries/9999/proof").await.problem(404), "not_found");
    assert_eq!(house.get(ANYONE, "/api/log/entries/-1/proof").await.problem(400), "bad_id");
}

#[tokio::test]
async fn a_full_tile_is_cached_for_good() {
    let house = house(&[]).await;
    for _ in 0..256 {
        house.get("supervisor", "/api/supervision/log?limit=1").await.made();
    }
    house.registry.publish().await.unwrap();
    let tile = house.get(ANYONE, "/log/tile/0/000").await;
    assert_eq!(tile.body.len(), 256 * 32);
    assert_eq!(tile.headers["cache-control"], "public, max-age=31536000, immutable");
}

#[tokio::test]
async fn only_files_of_the_log_are_served() {
    let house = house(&[]).await;
    for path in [
        "/log/",
        "/log/keys.json",
        "/log/tanba.sqlite",
        "/log/../keys.json",
        "/log/tile/../../keys.json",
        "/log/tile/..%2f..%2fkeys.json",
        "/log/tile/%2e%2e/%2e%2e/keys.json",
        "/log/tile/0/..%2f..%2f..%2ftanba.sqlite",
        "/log/tile/%2fetc%2fpasswd",
        "/log/tile/0/000%00",
        "/log/tile/0/0",
        "/log/tile/+0/000",
        "/log/tile/0/000.p/0",
        "/log/tile/0/000.p/256",
        "/log/tile/99/000",
        "/log/tile/0/x999/x999/x999/x999/x999/x999/x999/999",
        "/log//checkpoint",
        "/log/checkpoint/",
    ] {
        let reply = house.get(ANYONE, path).await;
        assert!(matches!(reply.status.as_u16(), 400 | 404), "{path}: {}", reply.status);
    }
}

#[tokio::test]
async fn health_metrics_and_the_front_page_say_what_they_should_and_no_more() {
    let house = house(&[]).await;
    assert_eq!(house.get(ANYONE, "/healthz").await.body, br#"{"status":"ok"}"#);
    house.get("operator", &format!("/api/encounters/{}", crate::house::UNKNOWN)).await.problem(404);
    house.get(ANYONE, "/no/such/path").await.problem(404);
    let metrics = String::from_utf8(house.get(ANYONE, "/metrics").await.body).unwrap();
    for line in [
        "tanba_up 1",
        "tanba_people_searchable 0",
        "tanba_http_requests_total{method=\"GET\",route=\"/api/encounters/{encounter}\",status=\"404\"} 1",
        "tanba_http_requests_total{method=\"GET\",route=\"(none)\",status=\"404\"} 1",
    ] {
        assert!(metrics.lines().any(|l| l == line), "{line} in\n{metrics}");
    }
    assert!(metrics.contains("tanba_log_published_entries"));
    assert!(!metrics.contains(crate::house::UNKNOWN));
    assert!(!metrics.contains("tanba_templates"), "no renewal began");
    house.registry.renew_templates(1, |_| std::ops::ControlFlow::Continue(())).await.unwrap();
    let metrics = String::from_utf8(house.get(ANYONE, "/metrics").await.body).unwrap();
    assert!(metrics.contains("\ntanba_templates_waiting 0\n"), "{metrics}");
    assert!(!metrics.contains("tanba_notices"), "nobody is told of looks");
    house.registry.send_notices(&crate::oversight::Stranger).await.unwrap();
    let metrics = String::from_utf8(house.get(ANYONE, "/metrics").await.body).unwrap();
    for name in ["waiting", "oldest_seconds", "sent", "refused"] {
        assert!(metrics.contains(&format!("\ntanba_notices_{name} 0\n")), "{metrics}");
    }
    let page = house.get(ANYONE, "/").await;
    let text = String::from_utf8(page.body).unwrap();
    assert!(text.contains("КӨРСЕТІЛІМ") && text.contains("/api/openapi.json"), "{text}");
    let document = house.get(ANYONE, "/api/openapi.json").await;
    assert_eq!(String::from_utf8(document.body).unwrap(), tanba_server::openapi_json());
}

async fn get(router: &Router, method: &str, path: &str) -> Reply {
    let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
    collect(router.clone().oneshot(request).await.unwrap()).await
}

#[tokio::test]
async fn without_a_register_nothing_is_answered_but_what_the_administrator_does_next() {
    for (why, status, next) in
        [(Unready::Uninitialised, "uninitialised", "tanba init"), (Unready::Locked, "locked", "TANBA_PASSPHRASE")]
    {
        let router = tanba_server::router(ServerState::unready(why));
        let health = get(&router, "GET", "/healthz").await;
        assert_eq!((health.status.as_u16(), &health.json()["status"]), (503, &status.into()));
        for (method, path) in [
            ("POST", "/api/sessions"),
            ("GET", "/api/me"),
            ("GET", "/api/log/entries/0/proof"),
            ("GET", "/api/nothing"),
            ("PATCH", "/api/me"),
        ] {
            let reply = get(&router, method, path).await;
            assert_eq!(reply.problem(503), status, "{path}");
            assert!(reply.json()["detail"].as_str().unwrap().contains(next));
        }
        get(&router, "GET", "/log/checkpoint").await.problem(503);
        assert_eq!(get(&router, "GET", "/api/openapi.json").await.status, 200);
        assert_eq!(get(&router, "GET", "/").await.status, 200);
        let metrics = String::from_utf8(get(&router, "GET", "/metrics").await.body).unwrap();
        assert!(metrics.contains("\ntanba_up 0\n"));
    }
}
