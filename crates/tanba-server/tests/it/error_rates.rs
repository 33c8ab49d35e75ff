//! Error rates and thresholds, as everybody reads them and as two people set them.

use serde_json::{Value, json};
use tanba_finger::{Recipe, calibrate::MATCHER};

use crate::browser::{Browser, between, text};
use crate::house::{ANYONE, house};
use crate::supervision::in_all_languages;

/// An evaluation of nobody: one finger against one, at three thresholds, with the groups that are told.
fn evaluation() -> Vec<u8> {
    let rate = |value: f64| json!({"value": value, "low": value / 2.0, "high": value * 2.0});
    let point = |threshold: f64, positive: f64, negative: f64| json!({"threshold": threshold, "false_positive": rate(positive), "false_negative": rate(negative)});
    let group = |way: &str, group: &str, negative: f64| json!({"way": way, "group": group, "persons": 50, "threshold": 3.0, "false_positive": rate(0.0005), "false_negative": rate(negative)});
    serde_json::to_vec(&json!({
        "format": "tanba-evaluation/1",
        "title": "A test of <b>nobody</b>",
        "made_with": "by hand",
        "data": {"synthetic": true, "about": "invented", "persons": 100},
        "extractor": Recipe::DEFAULT.name(),
        "matcher": MATCHER,
        "failure_to_acquire": rate(0.01),
        "measured": [{
            "kind": "verification", "people": 1, "mated": 200, "non_mated": 9900,
            "points": [point(1.5, 0.01, 0.01), point(3.0, 0.001, 0.02), point(3.2, 0.0005, 0.03)],
            "groups": [group("sex", "female", 0.01), group("sex", "male", 0.09)],
        }],
    }))
    .unwrap()
}

#[tokio::test]
async fn control_i7_what_was_not_measured_is_said_and_what_was_is_published_to_everybody() {
    let house = house(&[]).await;
    let mut anyone = Browser::new(&house);
    let page = in_all_languages(&mut anyone, "/error-rates").await;
    for told in ["Not measured here", "Not counted yet", "Nothing was ever set", "nobody has set another"] {
        assert!(page.contains(told), "{told}: {page}");
    }
    let empty = house.get(ANYONE, "/api/error-rates").await.json();
    assert_eq!((&empty["evaluations"], &empty["history"], &empty["counted"]), (&json!([]), &json!([]), &Value::Null));

    let mut administrator = Browser::signed_in(&house, "administrator", "").await;
    let mut supervisor = Browser::signed_in(&house, "supervisor", "").await;
    in_all_languages(&mut administrator, "/thresholds").await;
    let bad = administrator.upload("/evaluations", &[], &[("file", "e.json", b"{}")]).await;
    assert!(text(&bad).contains("This is no evaluation"), "{}", text(&bad));
    administrator.get("/thresholds").await;
    let file = evaluation();
    let added = administrator.upload("/evaluations", &[], &[("file", "e.json", &file)]).await;
    assert!(text(&added).contains("Propose a threshold"), "{}", text(&added));
    let hash =
        house.get(ANYONE, "/api/error-rates").await.json()["evaluations"][0]["hash"].as_str().unwrap().to_owned();

    let mut proposal = [
        ("kind", "verification"),
        ("value", "1.5"),
        ("rate", "0.1"),
        ("evaluation", hash.as_str()),
        ("reason", "fewer false matches"),
    ];
    let refused = text(&administrator.post("/thresholds", &proposal).await);
    assert!(refused.contains("no lower than the floor"), "{refused}");
    administrator.get("/thresholds").await;
    proposal[1].1 = "3.2";
    let page = text(&administrator.post("/thresholds", &proposal).await);
    assert!(page.contains("waits for a supervisor") && !page.contains("value=\"true\""), "{page}");
    let page = in_all_languages(&mut supervisor, "/thresholds").await;
    let path = format!("/thresholds/{}", between(&page, "action=\"/thresholds/", "\"").unwrap());
    let page = text(&supervisor.post(&path, &[("confirmed", "true")]).await);
    assert!(page.contains(">set<"), "{page}");
    assert_eq!(supervisor.post(&path, &[("confirmed", "true")]).await.status, 409);
    supervisor.get("/thresholds").await;
    supervisor.post("/thresholds/counts", &[]).await;

    let page = in_all_languages(&mut anyone, "/error-rates").await;
    for told in
        ["setting 1", "fewer false matches", "These people do not exist", "<svg", "&lt;b&gt;nobody", "women", &hash]
    {
        assert!(
            page.contains(told) || page.contains(&told.replace("&lt;", "&#60;").replace("&gt;", "&#62;")),
            "{told}: {page}"
        );
    }
    assert!(
        page.contains("men: 9.0\u{a0}%; women: 1.0\u{a0}%. The difference is more than chance explains."),
        "{page}"
    );
    assert!(
        !page.contains("<b>nobody") && !page.contains("NaN") && !page.contains("fewer than 10, or withheld"),
        "{page}"
    );
    let told = house.get(ANYONE, "/api/error-rates").await.json();
    assert_eq!((&told["sound"], &told["history"][0]["value"]), (&json!(true), &json!(3.2)));
    assert_eq!((&told["thresholds"][0]["value"], &told["thresholds"][0]["setting"]), (&json!(3.2), &json!(1)));
    assert!(told["counted"]["counted_at"].is_string());
    let text = told.to_string();
    assert!(!text.contains("administrator") && !text.contains("supervisor"), "who set it is not published: {text}");
    let sent: Value = serde_json::from_slice(&file).unwrap();
    assert_eq!(told["evaluations"][0]["evaluation"], sent);
}
