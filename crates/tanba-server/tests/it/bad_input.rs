//! What cannot be taken is refused with a reason, and without repeating it.

use axum::body::Body;
use base64::Engine as _;
use serde_json::json;

use crate::house::{ANYONE, UNKNOWN, adult, house};

#[tokio::test]
async fn bodies_that_are_not_what_a_path_takes_are_refused_as_problems() {
    let house = house(&[]).await;
    let send = |body: Vec<u8>, kind: &'static str| {
        let request = house.request("operator", "POST", "/api/encounters").header("content-type", kind);
        house.send(request.body(Body::from(body)).unwrap())
    };
    let json = "application/json";
    assert_eq!(send(b"{".to_vec(), json).await.problem(400), "bad_json");
    assert_eq!(send(b"".to_vec(), json).await.problem(400), "bad_json");
    assert_eq!(send(vec![0xff, 0xfe], json).await.problem(400), "bad_json");
    assert_eq!(send(b"[]".to_vec(), json).await.problem(422), "invalid");
    assert_eq!(send(b"{}".to_vec(), json).await.problem(422), "invalid");
    assert_eq!(send(b"a=b".to_vec(), "application/x-www-form-urlencoded").await.problem(415), "content_type");
    assert_eq!(send(b"{}".to_vec(), "text/plain; application/json").await.problem(415), "content_type");
    let unknown = send(br#"{"client_key": "a", "trigger": "b", "name": "c"}"#.to_vec(), json).await;
    assert_eq!(unknown.problem(422), "invalid");
    assert!(unknown.json()["detail"].as_str().unwrap().contains("`client_key`"), "it says what is expected");
    let deep = send(["[".repeat(100_000)].concat().into_bytes(), json).await;
    assert_eq!(deep.problem(422), "invalid");
}

#[tokio::test]
async fn huge_bodies_are_refused_before_they_are_read() {
    let house = house(&[]).await;
    let body = |bytes: usize| json!({"client_key": "a".repeat(bytes), "trigger": "b"}).to_string();
    let send = |path: String, body: String| {
        let request = house.request("operator", "POST", &path).header("content-type", "application/json");
        house.send(request.body(Body::from(body)).unwrap())
    };
    assert_eq!(send("/api/encounters".to_owned(), body(257 << 10)).await.problem(413), "too_large");
    let captures = format!("/api/encounters/{UNKNOWN}/captures");
    assert_eq!(send(captures.clone(), body(33 << 20)).await.problem(413), "too_large");
    assert_eq!(send(captures, body(1 << 20)).await.problem(422), "invalid");
}

#[tokio::test]
async fn images_that_are_none_are_refused_and_the_encounter_goes_on() {
    let person = adult(31);
    let house = house(&[&person]).await;
    let encounter = house.open(&person, "images").await["id"].as_str().unwrap().to_owned();
    let permit = house.permit(&encounter).await;
    let send = |print| house.capture(&encounter, permit.as_deref(), print);
    let offer = |image: String| send(json!({"finger": "right_index", "image": image}));
    let encode = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
    assert_eq!(offer("not base64!".to_owned()).await.problem(422), "invalid");
    assert_eq!(offer(String::new()).await.problem(422), "image");
    assert_eq!(offer(encode(b"\x89PNG\r\n\x1a\n truncated")).await.problem(422), "image");
    assert_eq!(offer(encode(&[0x42; 4096])).await.problem(422), "image");
    let unknown =
        json!({"finger": "unknown", "image": crate::house::print(&person, tanba_formats::Finger::RightIndex, 1)});
    assert_eq!(send(unknown).await.problem(422), "invalid");
    house.capture_all(&encounter, &person, 1).await;
}

#[tokio::test]
async fn ids_that_are_none_and_records_that_are_none_are_told_apart() {
    let house = house(&[]).await;
    for path in ["/api/encounters/1", "/api/encounters/%00", "/api/documents/..%2f..%2fetc", "/api/encounters/%ff"] {
        assert_eq!(house.get("operator", path).await.problem(400), "bad_id", "{path}");
    }
    assert_eq!(house.get("operator", &format!("/api/documents/{UNKNOWN}")).await.problem(404), "not_found");
    let path = format!("/api/encounters/{UNKNOWN}/fingers/right_toe");
    assert_eq!(house.call("operator", "PUT", &path, Some(&json!({"state": "missing"}))).await.problem(400), "bad_id");
    assert_eq!(house.get("supervisor", "/api/supervision/log?from=x").await.problem(400), "bad_query");
    assert_eq!(house.get("supervisor", "/api/supervision/log?iin=1").await.problem(400), "bad_query");
    assert_eq!(house.get(ANYONE, "/api/nothing").await.problem(404), "no_such_path");
    assert_eq!(house.call("operator", "DELETE", "/api/encounters", None).await.problem(405), "no_such_method");
}

/// The house's client checks every refusal for the person's number and name; here they are sent where they don't belong.
#[tokio::test]
async fn a_number_or_a_name_in_the_wrong_place_is_not_repeated() {
    let person = adult(32);
    let house = house(&[&person]).await;
    let (iin, name) = (person.iin.as_str(), person.name.family.latin.as_str());
    for (method, path, body) in [
        ("GET", format!("/api/encounters/{iin}"), json!(null)),
        ("GET", format!("/api/supervision/log?from={iin}0000000000000"), json!(null)),
        ("POST", "/api/encounters".to_owned(), json!({"client_key": iin, "trigger": name, "iin": "1"})),
        (
            "POST",
            "/api/encounters".to_owned(),
            json!({"client_key": "a", "trigger": "identity_card", "iin": format!("{iin}1")}),
        ),
        (
            "POST",
            "/api/encounters".to_owned(),
            json!({"client_key": "b", "trigger": "identity_card", "typed": {"born": iin, "status": name}}),
        ),
        (
            "POST",
            "/api/encounters".to_owned(),
            json!({"client_key": "c", "trigger": "identity_card", "typed": {"born": "1990-01-01", "status": name}}),
        ),
        ("POST", "/api/encounters".to_owned(), json!({"client_key": "d", "trigger": "identity_card", iin: name})),
        (
            "POST",
            "/api/encounters".to_owned(),
            json!({"client_key": "e", "trigger": "identity_card", "typed": {name: iin}}),
        ),
        ("POST", "/api/sessions".to_owned(), json!({"login": iin, "password": name, "station": name})),
    ] {
        let body = Some(&body).filter(|body| !body.is_null());
        let reply = house.call("operator", method, &path, body).await;
        assert!(reply.status.is_client_error(), "{}", reply.status);
    }
    house.assert_log_is_discreet();
}
