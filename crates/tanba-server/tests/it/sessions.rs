//! Signing in, staying in, and getting out.

use serde_json::json;

use crate::house::{ANYONE, PASSWORD, house};

#[tokio::test]
async fn an_unknown_login_and_a_wrong_password_look_the_same_and_too_many_rest_the_account() {
    let house = house(&[]).await;
    let unknown = house.post(ANYONE, "/api/sessions", json!({"login": "nobody", "password": "wrong"})).await;
    let wrong = house.post(ANYONE, "/api/sessions", json!({"login": "dna", "password": "wrong"})).await;
    assert_eq!(unknown.problem(401), "unauthenticated");
    assert_eq!(unknown.body, wrong.body);
    assert_eq!(wrong.headers["www-authenticate"], "Bearer");
    for _ in 0..4 {
        house.post(ANYONE, "/api/sessions", json!({"login": "dna", "password": "wrong"})).await.problem(401);
    }
    let resting = house.post(ANYONE, "/api/sessions", json!({"login": "dna", "password": PASSWORD})).await;
    assert_eq!(resting.problem(429), "too_many_attempts");
    let seconds: u64 = resting.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=300).contains(&seconds));
}

#[tokio::test]
async fn a_session_is_who_signed_in_until_it_is_ended() {
    let house = house(&[]).await;
    let me = house.get("operator", "/api/me").await.made();
    assert_eq!(
        (&me["login"], &me["roles"], &me["station"]),
        (&json!("operator"), &json!(["operator"]), &json!("csc-1-a"))
    );
    assert_eq!(house.call("operator", "DELETE", "/api/sessions", None).await.status, 204);
    house.get("operator", "/api/me").await.problem(401);

    // A disabled account is out with its next request.
    let account = house.get("officer", "/api/me").await.made()["account"].as_str().unwrap().to_owned();
    let path = format!("/api/accounts/{account}/disable");
    assert_eq!(house.call("administrator", "POST", &path, None).await.status, 204);
    house.get("officer", "/api/me").await.problem(401);
}

#[tokio::test]
async fn what_is_not_a_session_is_not_let_in() {
    let house = house(&[]).await;
    for value in ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer 0123", &format!("bearer {}x", house.token("dna"))] {
        let request = house.request(ANYONE, "GET", "/api/me").header("authorization", value);
        assert_eq!(house.send(request.body("".into()).unwrap()).await.problem(401), "unauthenticated", "{value}");
    }
}

#[tokio::test]
async fn an_unknown_station_is_said_to_be_unknown() {
    let house = house(&[]).await;
    let who = json!({"login": "operator", "password": PASSWORD, "station": "nowhere"});
    assert_eq!(house.post(ANYONE, "/api/sessions", who).await.problem(404), "not_found");
}
