//! Whole journeys over HTTP: from a finger on the glass to a linked document, and to everything that may stand between.

use std::future::{Future as _, poll_fn};
use std::task::Poll;

use axum::body::Body;
use base64::Engine as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::house::{FINGERS, House, UNKNOWN, adult, house, print, young_child};

fn id(value: &Value) -> String {
    value.as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn a_person_is_registered_gets_a_document_and_sees_it_all() {
    let person = adult(11);
    let house = house(&[&person]).await;
    let done = house.register(&person, &person, "counter-1", 1).await;
    assert_eq!((&done["encounter"]["state"], &done["candidates"]), (&json!("registered"), &json!(0)));
    assert_eq!(done["encounter"]["identity"]["iin"], person.iin.as_str());

    let encounter = id(&done["encounter"]["id"]);
    let apply = format!("/api/encounters/{encounter}/documents");
    let document = house.post("operator", &apply, json!({"kind": "identity_card"})).await.made();
    let again = house.post("operator", &apply, json!({"kind": "identity_card"})).await.made();
    assert_eq!((&document["prints_linked"], &document["id"]), (&json!(true), &again["id"]));
    let document = format!("/api/documents/{}", id(&document["id"]));
    let given = json!({"number": "N12345678", "valid_to": "2036-11-23"});
    house.post("operator", &format!("{document}/personalisation"), given).await.made();
    house.post("operator", &format!("{document}/events"), json!({"event": "issued"})).await.made();
    let twice = house.post("operator", &format!("{document}/events"), json!({"event": "issued"})).await;
    assert_eq!(twice.problem(409), "conflict");
    assert_eq!(house.get("operator", &document).await.made()["state"], "issued");

    house.citizen(&id(&done["encounter"]["person"])).await;
    let record = house.get("citizen", "/api/me/record?limit=5").await.made();
    assert_eq!((&record["prints_held"], &record["more"]), (&json!(2), &json!(true)));
    assert_eq!(record["identity"]["iin"], person.iin.as_str());
    let looks = record["looks"].as_array().unwrap();
    assert_eq!(looks.len(), 5);
    assert_eq!(looks[0]["event"], "own_record.viewed");
    let before = looks[4]["seq"].as_u64().unwrap();
    let older = house.get("citizen", &format!("/api/me/record?before={before}")).await.made();
    assert!(older["looks"].as_array().unwrap().iter().any(|look| look["event"] == "registration.activated"));

    house.registry.publish().await.unwrap();
    assert!(house.registry.fsck().await.unwrap().ok);
    house.assert_log_is_discreet();
}

#[tokio::test]
async fn a_second_number_for_the_same_hands_is_judged_by_two_examiners() {
    let (person, alias) = (adult(12), adult(13));
    let house = house(&[&person, &alias]).await;
    house.register(&person, &person, "first", 1).await;
    let done = house.register(&alias, &person, "second", 2).await;
    assert_eq!((&done["encounter"]["state"], &done["candidates"]), (&json!("adjudication"), &json!(1)));

    let tasks = house.get("examiner-a", "/api/candidates").await.made();
    let candidate = format!("/api/candidates/{}", id(&tasks[0]["id"]));
    let material = house.get("examiner-a", &format!("{candidate}/material")).await.made();
    assert_eq!(material["probe"].as_array().unwrap().len(), 2);
    assert_eq!((&material["locked"], &material["reference"]), (&json!(false), &json!([])));
    let verdict = json!({"verdict": "same"});
    let early = house.post("examiner-a", &format!("{candidate}/judgements"), verdict.clone()).await;
    assert_eq!(early.problem(409), "conflict", "markings first");
    let mark = json!({"x": 90.5, "y": 120, "angle": 1.5, "kind": "ending", "origin": "added"});
    let markings = json!({"fingers": [{"finger": "right_index", "marks": [mark]}]});
    for examiner in ["examiner-a", "examiner-b"] {
        let locked = house.post(examiner, &format!("{candidate}/markings"), markings.clone()).await;
        assert_eq!(locked.status, 204);
    }
    let again = house.post("examiner-a", &format!("{candidate}/markings"), markings).await;
    assert_eq!(again.problem(409), "conflict", "once and for good");
    let material = house.get("examiner-a", &format!("{candidate}/material")).await.made();
    assert_eq!(material["reference"].as_array().unwrap().len(), 2);
    assert!(!material.to_string().contains(person.iin.as_str()));
    for odd in [json!({}), json!({"verdict": "same", "conclusion": "exclusion"})] {
        let refused = house.post("examiner-a", &format!("{candidate}/judgements"), odd).await;
        assert_eq!(refused.problem(422), "invalid");
    }
    let first = house.post("examiner-a", &format!("{candidate}/judgements"), verdict.clone()).await.made();
    assert_eq!(first["state"], "open");
    let same_examiner = house.post("examiner-a", &format!("{candidate}/judgements"), verdict).await;
    assert_eq!(same_examiner.problem(403), "same_examiner");
    let verdict = json!({"conclusion": "identification", "notes": "core, delta and 12 points"});
    let second = house.post("examiner-b", &format!("{candidate}/judgements"), verdict).await.made();
    assert_eq!((&second["state"], &second["encounter_state"]), (&json!("same"), &json!("duplicate")));

    let reviews = house.get("second", "/api/reviews").await.made();
    assert_eq!(reviews[0]["kind"], "duplicate_registration");
    let closure = format!("/api/reviews/{}/closure", id(&reviews[0]["id"]));
    assert_eq!(house.post("second", &closure, json!({"outcome": "merged by hand"})).await.status, 204);
}

#[tokio::test]
async fn a_denial_names_the_clause_and_its_place_in_the_log() {
    let child = young_child(14);
    let house = house(&[&child]).await;
    let new = json!({"client_key": "child", "trigger": "identity_card", "iin": child.iin.as_str()});
    let reply = house.post("operator", "/api/encounters", new).await;
    assert_eq!(reply.problem(403), "must_not_register");
    let problem = reply.json();
    assert!(!problem["clause"].as_str().unwrap().is_empty() && problem["needs"].is_array());
    let seq = problem["log_seq"].as_u64().unwrap();
    let log = house.get("supervisor", &format!("/api/supervision/log?from={seq}&limit=1")).await.made();
    assert_eq!((&log[0]["event"], &log[0]["outcome"]), (&json!("encounter.denied"), &json!("denial")));
}

#[tokio::test]
async fn without_grounds_an_officer_learns_what_would_be_needed_and_with_them_gets_the_answer() {
    let person = adult(15);
    let house = house(&[&person]).await;
    house.register(&person, &person, "counter-1", 1).await;
    let ask = json!({"act": "read", "iin": person.iin.as_str()});
    let denied = house.post("officer", "/api/access-requests", ask).await;
    denied.problem(403);
    assert!(!denied.json()["needs"].as_array().unwrap().is_empty());

    let case = house.post("officer", "/api/cases", json!({"number": "2026-7", "kind": "crime"})).await.made();
    let sanction = json!({
        "case": case["id"], "authority": "prosecutor", "issued_by": "Prosecutor's office, decision 8",
        "purposes": ["crime_investigation"], "acts": ["identify", "release_identity"],
        "valid_from": "2026-01-01T00:00:00Z", "valid_to": "2027-01-01T00:00:00Z", "max_uses": 3,
    });
    let sanction = house.post("clerk", "/api/sanctions", sanction).await.made();
    let request = |act: &str, about: &str, what: Value| {
        let mut request = json!({
            "act": act, "purpose": "crime_investigation", "case": case["id"], "sanction": sanction["id"],
            "legal_basis": "Code of Criminal Procedure (demonstration)",
        });
        request[about] = what;
        request
    };
    let prints = json!(FINGERS.map(|finger| json!({"finger": finger, "image": print(&person, finger, 5)})));
    let found =
        house.post("officer", "/api/access-requests", request("identify", "prints", prints.clone())).await.made();
    assert_eq!((&found["people_compared"], &found["identity"]), (&json!(1), &Value::Null));
    assert_eq!(found["people_filtered_out"], Value::Null);
    let mut narrowed = request("identify", "prints", prints.clone());
    narrowed["narrowing"] = json!({"born_to": 1899, "reason": "very old"});
    let left_out = house.post("officer", "/api/access-requests", narrowed).await.made();
    assert_eq!((&left_out["people_filtered_out"], &left_out["candidates"]), (&json!(1), &json!([])));
    let candidate = json!({"encounter": found["candidates"][0]["encounter"], "decision": "compared by hand"});
    let release = request("release_identity", "candidate", candidate);
    let released = house.post("officer", "/api/access-requests", release.clone()).await.made();
    assert_eq!(released["identity"]["iin"], person.iin.as_str());
    assert_eq!(house.post("officer", "/api/access-requests", release).await.problem(403), "sanction_used_up");

    let narrowed = json!({"act": "read", "iin": person.iin.as_str(), "narrowing": {"sex": "male", "reason": "x"}});
    assert_eq!(house.post("officer", "/api/access-requests", narrowed).await.problem(422), "invalid");
    let both = json!({"act": "read", "iin": person.iin.as_str(), "candidate": {"encounter": UNKNOWN, "decision": "x"}});
    assert_eq!(house.post("officer", "/api/access-requests", both).await.problem(422), "invalid");
    house.assert_log_is_discreet();
}

#[tokio::test]
async fn a_refusal_is_recorded_and_decided_by_someone_else() {
    let person = adult(16);
    let house = house(&[&person]).await;
    let encounter = id(&house.open(&person, "refuser").await["id"]);
    let refusal = house.call("operator", "POST", &format!("/api/encounters/{encounter}/refusal"), None).await.made();
    assert_eq!(refusal["consequence"], "fine");
    assert!(refusal["text"]["kk"].is_string());
    let refusal = format!("/api/refusals/{}", id(&refusal["id"]));
    let early = house.call("officer", "POST", &format!("{refusal}/payment"), None).await;
    assert_eq!(early.problem(409), "conflict");
    let decided = house.call("officer", "POST", &format!("{refusal}/decision"), None).await.made();
    assert!(decided["decided_at"].as_str().unwrap().starts_with("2026-11-23T"));
    house.call("officer", "POST", &format!("{refusal}/payment"), None).await.made();
    let closed = house.call("operator", "POST", &format!("/api/encounters/{encounter}/completion"), None).await.made();
    assert_eq!(closed["encounter"]["state"], "refused");
}

#[tokio::test]
async fn an_exemption_takes_a_second_officer_with_a_session_of_their_own() {
    let person = adult(17);
    let house = house(&[&person]).await;
    let encounter = id(&house.open(&person, "exempt").await["id"]);
    let path = format!("/api/encounters/{encounter}/exemption");
    let code = json!({"code": "no_fingers_both_hands"});
    for second in [None, Some("Bearer nobody".to_owned())] {
        let mut request = house.request("operator", "POST", &path).header("content-type", "application/json");
        request.headers_mut().unwrap().remove("x-second-officer");
        if let Some(second) = second {
            request = request.header("x-second-officer", second);
        }
        let reply = house.send(request.body(code.to_string().into()).unwrap()).await;
        assert_eq!(reply.problem(400), "second_officer");
    }
    assert_eq!(house.post("operator", &path, code.clone()).await.problem(409), "conflict", "no photograph yet");
    let of = |what: &str| format!("/api/encounters/{encounter}/{what}");
    let no_picture = house.post("operator", &of("hands"), json!({"image": "bm8gcGljdHVyZQ=="})).await;
    assert_eq!(no_picture.problem(422), "invalid");
    let picture = tanba_formats::image::encode_png_rgb(320, 240, &[180; 320 * 240 * 3]).unwrap();
    let picture = json!({"image": base64::engine::general_purpose::STANDARD.encode(picture)});
    assert_eq!(house.post("operator", &of("hands"), picture).await.status, 204);
    assert_eq!(house.post("operator", &path, code.clone()).await.problem(409), "conflict", "no search by name yet");
    assert!(house.post("operator", &of("namesakes"), Value::Null).await.made()["people"].is_array());
    assert_eq!(house.post("operator", &of("namesakes/finding"), json!({"finding": "nobody"})).await.status, 204);
    assert_eq!(house.post("operator", &path, code).await.made()["state"], "exempt");
}

#[tokio::test]
async fn the_same_encounter_twice_is_one_and_another_under_its_key_is_refused() {
    let (person, other) = (adult(18), adult(19));
    let house = house(&[&person, &other]).await;
    let first = house.open(&person, "key").await;
    assert_eq!(house.open(&person, "key").await["id"], first["id"]);
    let new = json!({"client_key": "key", "trigger": "identity_card", "iin": other.iin.as_str()});
    assert_eq!(house.post("operator", "/api/encounters", new).await.problem(409), "conflict");
}

#[tokio::test]
async fn a_client_that_goes_away_does_not_stop_a_registration_half_way() {
    let person = adult(20);
    let house: House = house(&[&person]).await;
    let encounter = id(&house.open(&person, "impatient").await["id"]);
    house.capture_all(&encounter, &person, 1).await;
    let path = format!("/api/encounters/{encounter}/completion");
    let request = house.request("operator", "POST", &path).body(Body::empty()).unwrap();
    let mut answer = Box::pin(house.router.clone().oneshot(request));
    let polled = poll_fn(|cx| Poll::Ready(answer.as_mut().poll(cx).is_pending())).await;
    assert!(polled, "the request is under way");
    drop(answer);
    for _ in 0..200 {
        if house.registry.people_searchable() == 1 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(house.registry.people_searchable(), 1);
    let state = house.get("operator", &format!("/api/encounters/{encounter}")).await.made()["state"].clone();
    assert_eq!(state, "registered");
}

#[tokio::test]
async fn control_b1_the_capture_api_takes_nothing_without_the_permit_of_a_recorded_basis() {
    let person = adult(11);
    let house = house(&[&person]).await;
    let encounter = id(&house.open(&person, "k1").await["id"]);
    let image = json!({"finger": FINGERS[0], "image": print(&person, FINGERS[0], 1)});
    for permit in [None, Some(""), Some("00")] {
        assert_eq!(house.capture(&encounter, permit, image.clone()).await.problem(403), "no_capture_permit");
    }
    let other = id(&house
        .post(
            "operator",
            "/api/encounters",
            json!({"client_key": "k2", "trigger": "passport", "iin": person.iin.as_str()}),
        )
        .await
        .made()["id"]);
    let of_other = house.permit(&other).await;
    assert_eq!(house.capture(&encounter, of_other.as_deref(), image.clone()).await.problem(403), "no_capture_permit");
    let permit = house.permit(&encounter).await;
    house.capture(&encounter, permit.as_deref(), image).await.made();
}

#[tokio::test]
async fn control_b2_a_consent_over_http_is_to_words_that_the_register_gives() {
    let person = adult(11);
    let house = house(&[&person]).await;
    let encounter = id(&house.open(&person, "k1").await["id"]);
    let path = format!("/api/encounters/{encounter}/consents");
    let whole = house.consent_to("explanation", person.iin.as_str()).await;
    for (field, code) in [
        ("given_by", "consent_lacks_given_by"),
        ("text_version", "consent_lacks_text_version"),
        ("text_hash", "consent_lacks_text_hash"),
        ("language", "consent_lacks_language"),
        ("modality", "consent_lacks_modality"),
        ("evidence", "consent_lacks_evidence"),
        ("reference", "consent_lacks_reference"),
    ] {
        let mut lacking = whole.clone();
        lacking.as_object_mut().unwrap().remove(field);
        assert_eq!(house.post("operator", &path, lacking).await.problem(403), code);
    }
    let mut odd = whole.clone();
    odd["text_version"] = json!("of my own");
    assert_eq!(house.post("operator", &path, odd).await.problem(403), "consent_lacks_text");
    let mut odd = whole.clone();
    odd["text_hash"] = json!("00");
    assert_eq!(house.post("operator", &path, odd).await.problem(403), "consent_text_differs");
    house.post("operator", &path, whole).await.made();
}

#[tokio::test]
async fn control_b6_whoever_is_exempt_gets_the_document_over_http() {
    let person = adult(11);
    let house = house(&[&person]).await;
    let encounter = id(&house.open(&person, "k1").await["id"]);
    let at = |part: &str| format!("/api/encounters/{encounter}/{part}");
    let photo = tanba_formats::image::encode_png_rgb(320, 240, &[180; 320 * 240 * 3]).unwrap();
    let photo = json!({"image": base64::engine::general_purpose::STANDARD.encode(photo)});
    assert_eq!(house.post("operator", &at("hands"), photo).await.status, 204);
    house.call("operator", "POST", &at("namesakes"), None).await.made();
    assert_eq!(house.post("operator", &at("namesakes/finding"), json!({"finding": "nobody"})).await.status, 204);
    let exempt = house.post("operator", &at("exemption"), json!({"code": "no_fingers_both_hands"})).await.made();
    assert_eq!(exempt["state"], "exempt");
    let document = house.post("operator", &at("documents"), json!({"kind": "identity_card"})).await.made();
    assert_eq!(document["prints_linked"], json!(false));
    let document = format!("/api/documents/{}", id(&document["id"]));
    let given = json!({"number": "N12345678", "valid_to": "2036-11-23"});
    house.post("operator", &format!("{document}/personalisation"), given).await.made();
    house.post("operator", &format!("{document}/events"), json!({"event": "issued"})).await.made();
    assert_eq!(house.get("operator", &document).await.made()["state"], "issued");
}
