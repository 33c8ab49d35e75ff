//! The counter as its operators meet it: from the shift to the receipt, without scripts, and everything that is pressed
//! twice, sent broken, or sent by someone else.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use base64::Engine as _;
use tanba_formats::Finger;
use tanba_registry::RegistryError;
use tanba_server::{Face, VirtualDevice, VirtualHands};
use tanba_synth::Person;

use crate::browser::{Browser, between, text};
use crate::house::{FINGERS, House, adult, house, house_as, print, record, young_child};

const STATION: &str = "csc-1-a";

/// A file of one finger of a person.
fn file(person: &Person, finger: Finger, touch: u64) -> Vec<u8> {
    base64::engine::general_purpose::STANDARD.decode(print(person, finger, touch)).unwrap()
}

/// An operator at work: signed in, shift open.
async fn at_work(house: &House) -> Browser<'_> {
    let mut browser = Browser::signed_in(house, "operator", STATION).await;
    assert_eq!(browser.at, "/counter");
    let page = text(&browser.post("/counter/shift", &[]).await);
    assert!(page.contains("Who has come?"), "{page}");
    browser
}

/// Finds a person by number and begins the visit; its id.
async fn begin(browser: &mut Browser<'_>, iin: &str) -> String {
    let page = text(&browser.post("/counter/find", &[("iin", iin)]).await);
    assert!(browser.at.starts_with("/counter/found/"), "{page}");
    assert!(!page.contains(iin), "the number is not shown whole");
    let field = |name: &str| between(&page, &format!("name=\"{name}\" value=\""), "\"").unwrap();
    let (key, handle) = (field("key"), field("handle"));
    let form = [("key", key.as_str()), ("handle", handle.as_str()), ("trigger", "identity_card")];
    let reply = browser.post("/counter/encounters", &form).await;
    assert!(reply.status.is_success(), "{}", text(&reply));
    let first = visit_of(&browser.at);
    // Pressed twice, it is one visit.
    browser.post("/counter/encounters", &form).await;
    assert_eq!(visit_of(&browser.at), first);
    first
}

fn visit_of(at: &str) -> String {
    between(&format!("{at}/"), "/counter/encounters/", "/").unwrap()
}

/// All ten fingers: two captured from files, the others stated.
async fn all_fingers(browser: &mut Browser<'_>, visit: &str, hands: &Person, touch: u64) {
    for finger in Finger::TEN {
        if FINGERS.contains(&finger) {
            let image = file(hands, finger, touch);
            let path = format!("/counter/encounters/{visit}/prints");
            let reply = browser.upload(&path, &[("finger", finger.name())], &[("file", "scan.png", &image)]).await;
            assert!(reply.status.is_success() && !text(&reply).contains("role=\"alert\">T"), "{}", text(&reply));
        } else {
            let path = format!("/counter/encounters/{visit}/fingers/{}", finger.name());
            assert!(browser.post(&path, &[("state", "unable")]).await.status.is_success());
        }
    }
}

/// Compares with everyone, and waits as the page does.
async fn compare(browser: &mut Browser<'_>, visit: &str) -> String {
    let path = format!("/counter/encounters/{visit}/check");
    browser.post(&path, &[]).await;
    for _ in 0..200 {
        let page = text(&browser.get(&path).await);
        if !page.contains("id=\"progress\"") {
            return page;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the comparison does not end");
}

#[tokio::test]
async fn from_the_shift_to_the_receipt() {
    let person = adult(31);
    let house = house(&[&person]).await;
    let mut browser = at_work(&house).await;
    let visit = begin(&mut browser, person.iin.as_str()).await;
    assert_eq!(browser.at, format!("/counter/encounters/{visit}/law"));
    let law = text(&browser.get(&format!("/counter/encounters/{visit}/law?say=kk")).await);
    for said in [
        "The person must be registered",
        "Every citizen aged 16",
        "citizen-from-16",
        "kz-2016-as-enacted",
        "This look is recorded",
    ] {
        assert!(law.contains(said), "{said}: {law}");
    }
    assert!(
        law.contains("<blockquote lang=\"kk\">Біз он саусағыңыздың"),
        "what is said aloud is in the chosen language"
    );
    browser.post(&format!("/counter/encounters/{visit}/explanation"), &[("language", "kk")]).await;
    assert_eq!(browser.at, format!("/counter/encounters/{visit}/capture"), "once it is explained, capture is next");

    all_fingers(&mut browser, &visit, &person, 1).await;
    let station = text(&browser.get(&format!("/counter/encounters/{visit}/capture")).await);
    assert!(
        station.contains("10 of 10 fingers done") && station.contains("Compare with everyone registered"),
        "{station}"
    );
    let checked = compare(&mut browser, &visit).await;
    assert!(checked.contains("Nobody registered has these prints"), "{checked}");

    let form = [("kind", "identity_card"), ("number", "N10000001"), ("valid_to", "2036-11-23")];
    let path = format!("/counter/encounters/{visit}/document");
    let made = text(&browser.post(&path, &form).await);
    assert!(browser.at.starts_with("/counter/documents/") && made.contains("N10000001"), "{made}");
    let document = browser.at.clone();
    browser.post(&path, &form).await;
    assert_eq!(browser.at, document, "pressed twice, it is one document");
    let issued = text(&browser.post(&format!("{document}/event"), &[("event", "issued")]).await);
    assert!(issued.contains("Handed over") && issued.contains("Reported lost"), "{issued}");
    for (event, word) in
        [("lost", "state warn\">lost"), ("found", "state good\">issued"), ("stolen", "state warn\">stolen")]
    {
        let page = text(&browser.post(&format!("{document}/event"), &[("event", event)]).await);
        assert!(page.contains(word), "{event}: {page}");
    }

    let receipt = text(&browser.post(&format!("/counter/encounters/{visit}/receipt"), &[]).await);
    assert!(receipt.contains("Best fingers") && receipt.contains("right index"), "{receipt}");
    let code = browser.at.rsplit('/').next().unwrap().to_owned();
    let mut anyone = Browser::new(&house);
    anyone.get("/receipt").await;
    let checked = text(&anyone.post("/receipt", &[("code", &code.to_uppercase())]).await);
    assert!(checked.contains("genuine") && checked.contains("Service centre 1"), "{checked}");
    assert!(!checked.contains(person.name.family.latin.as_str()), "it says nothing about the person");
    let wrong = text(&anyone.get("/receipt/0123456789abcdef0123456789abcdef").await);
    assert!(wrong.contains("No receipt has this code"), "{wrong}");

    // The address of the visit leads to where it has come; the desk is empty again.
    browser.get(&format!("/counter/encounters/{visit}")).await;
    assert_eq!(browser.at, format!("/counter/encounters/{visit}/document"));
    assert!(text(&browser.get("/counter").await).contains("Nobody is waiting"));
    let closed = text(&browser.post("/counter/shift/close", &[]).await);
    assert!(closed.contains("Your shift is closed"), "{closed}");
    house.registry.publish().await.unwrap();
    assert!(house.registry.fsck().await.unwrap().ok);
    house.assert_log_is_discreet();
}

#[tokio::test]
async fn every_page_of_a_visit_speaks_three_languages() {
    let person = adult(31);
    let house = house(&[&person]).await;
    let mut browser = at_work(&house).await;
    let visit = begin(&mut browser, person.iin.as_str()).await;
    for lang in ["kk", "ru", "en"] {
        browser.set_cookie("tanba_language", lang);
        for page in ["law", "capture", "check", "document", "receipt", "refusal", "exemption"] {
            let reply = browser.get(&format!("/counter/encounters/{visit}/{page}")).await;
            let shown = text(&reply);
            assert!(reply.status.is_success() && shown.contains(&format!("<html lang=\"{lang}\"")), "{page}: {shown}");
            assert_eq!(
                shown.matches("class=\"main\"").count() + shown.matches("class=\"button main\"").count(),
                1,
                "one main action on {page}: {shown}"
            );
            assert!(!shown.contains(">counter-"), "a key without a text on {page}: {shown}");
        }
        for page in ["/counter", "/counter/typed", "/receipt"] {
            assert!(!text(&browser.get(page).await).contains(">counter-"), "{page}");
        }
    }
}

#[tokio::test]
async fn without_a_shift_nobody_is_received() {
    let person = adult(31);
    let house = house(&[&person]).await;
    let mut browser = Browser::signed_in(&house, "operator", STATION).await;
    let page = text(&browser.get("/counter").await);
    assert!(page.contains("No shift is open") && !page.contains("Who has come?"), "{page}");
    let reply = browser.post("/counter/find", &[("iin", person.iin.as_str())]).await;
    assert_eq!(reply.status, 409);
    assert!(text(&reply).contains("Open your shift"), "{}", text(&reply));
    // Two tabs, or an impatient finger: one shift.
    browser.get("/counter").await;
    browser.post("/counter/shift", &[]).await;
    browser.post("/counter/shift", &[]).await;
    browser.post("/counter/shift/close", &[]).await;
    assert!(text(&browser.get("/counter").await).contains("No shift is open"));
}

#[tokio::test]
async fn another_role_has_no_counter_and_another_station_no_visit() {
    let person = adult(31);
    let house = house(&[&person]).await;
    let mut browser = at_work(&house).await;
    let visit = begin(&mut browser, person.iin.as_str()).await;
    let mut examiner = Browser::signed_in(&house, "examiner-a", STATION).await;
    examiner.get("/receipt").await;
    for (path, fields) in [("/counter/shift", vec![]), ("/counter/find", vec![("family", "A")])] {
        let reply = examiner.post(path, &fields).await;
        assert!(matches!(reply.status.as_u16(), 403 | 409), "{path}: {}", text(&reply));
    }
    for page in ["law", "capture", "check", "document", "receipt", "refusal", "exemption", "prints/right_index"] {
        let reply = examiner.get(&format!("/counter/encounters/{visit}/{page}")).await;
        assert_eq!(reply.status, 403, "{page}: {}", text(&reply));
    }
    // An operator without the station sees none of its visits.
    let mut elsewhere = Browser::signed_in(&house, "operator", "").await;
    for page in ["law", "capture", "receipt", "hands", "prints/right_index"] {
        let reply = elsewhere.get(&format!("/counter/encounters/{visit}/{page}")).await;
        assert_eq!(reply.status, 404, "{page}: {}", text(&reply));
    }
    let reply = elsewhere.get("/counter").await;
    assert!(text(&reply).contains("at a station"), "{}", text(&reply));
}

#[tokio::test]
async fn a_person_is_found_by_name_and_a_script_in_a_name_is_only_text() {
    let person = adult(31);
    let house = house(&[&person]).await;
    let mut browser = at_work(&house).await;
    let family = person.name.family.kk.clone();
    let found = text(&browser.post("/counter/find", &[("family", family.as_str())]).await);
    assert!(found.contains(person.name.family.latin.as_str()), "{found}");
    let hostile = "<script>alert(1)</script>\" onload=\"x";
    let nobody = text(&browser.post("/counter/find", &[("family", hostile)]).await);
    assert!(nobody.contains("Nobody was found") && !nobody.contains("alert(1)"), "{nobody}");
    for (fields, said) in [
        (vec![("family", "")], "Give a number, a document, or a family name"),
        (vec![("iin", "123")], "IIN was not taken"),
        (vec![("family", "A"), ("born_year", "19xx")], "four digits"),
        (vec![("family", "12345")], "in Kazakh, Russian or Latin letters"),
        (vec![("family", "A"), ("role", "administrator")], "was not sent as this page has it"),
    ] {
        let reply = browser.post("/counter/find", &fields).await;
        assert_eq!(reply.status, 422, "{fields:?}");
        assert!(text(&reply).contains(said), "{fields:?}: {}", text(&reply));
    }
    // A typed person may be called anything: it is shown as text.
    let page = text(&browser.get("/counter/typed").await);
    let key = between(&page, "name=\"key\" value=\"", "\"").unwrap();
    let typed = [
        ("key", key.as_str()),
        ("trigger", "identity_card"),
        ("born", "1990-01-02"),
        ("status", "citizen"),
        ("family_name_latin", "<b>Z</b>"),
    ];
    let law = text(&browser.post("/counter/typed", &typed).await);
    assert!(law.contains("provisional identity") && law.contains("&#60;b&#62;Z"), "{law}");
    let bad = [
        ("key", "k9"),
        ("trigger", "identity_card"),
        ("born", "1990-01-02"),
        ("status", "citizen"),
        ("shoe_size", "41"),
    ];
    assert_eq!(browser.post("/counter/typed", &bad).await.status, 422);
    let early = [("key", "k10"), ("trigger", "identity_card"), ("born", "2026-13-40"), ("status", "citizen")];
    assert_eq!(browser.post("/counter/typed", &early).await.status, 422);
}

#[tokio::test]
async fn a_child_is_refused_in_the_laws_own_words_and_languages() {
    let child = young_child(35);
    let house = house(&[&child]).await;
    let mut browser = at_work(&house).await;
    let page = text(&browser.post("/counter/find", &[("iin", child.iin.as_str())]).await);
    let field = |name: &str| between(&page, &format!("name=\"{name}\" value=\""), "\"").unwrap();
    let (key, handle) = (field("key"), field("handle"));
    let form = [("key", key.as_str()), ("handle", handle.as_str()), ("trigger", "passport")];
    for (lang, words) in [
        ("en", "No fingerprints are taken from children under 12"),
        ("ru", "У детей до 12 лет отпечатки не берутся"),
        ("kk", "12 жасқа толмаған"),
    ] {
        browser.set_cookie("tanba_language", lang);
        let reply = browser.post("/counter/encounters", &form).await;
        assert_eq!(reply.status, 403);
        let told = text(&reply);
        assert!(told.contains(words) && told.contains("child-under-12"), "{lang}: {told}");
    }
}

#[tokio::test]
async fn a_teenager_needs_a_guardian_and_the_childs_own_no_stops_everything() {
    let (parent, child, stranger) =
        (adult(31), Person::with(36, (2026, 11, 23), tanba_synth::PersonSpec::TEENAGER), adult(33));
    let mut of_child = record(&child);
    of_child.guardians = vec![parent.iin.as_str().to_owned()];
    let house = house_as(vec![record(&parent), of_child], &[&parent, &child, &stranger], Face::default()).await;
    let mut browser = at_work(&house).await;
    let page = text(&browser.post("/counter/find", &[("iin", child.iin.as_str())]).await);
    let field = |name: &str| between(&page, &format!("name=\"{name}\" value=\""), "\"").unwrap();
    let (key, handle) = (field("key"), field("handle"));
    let law = text(
        &browser.post("/counter/encounters", &[("key", &key), ("handle", &handle), ("trigger", "passport")]).await,
    );
    let visit = visit_of(&browser.at);
    assert!(law.contains("A parent or guardian") && law.contains("Do you agree that we take your child"), "{law}");
    let station = text(&browser.get(&format!("/counter/encounters/{visit}/capture")).await);
    assert!(station.contains("Capture may not begin yet"), "{station}");
    let at = |page: &str| format!("/counter/encounters/{visit}/{page}");
    let document = |of: &Person| of.documents[0].number.clone();
    let (number, strangers) = (document(&parent), document(&stranger));
    let identify = |iin, document| [("iin", iin), ("document", document), ("language", "ru")];
    let told = text(&browser.post(&at("guardian"), &identify(stranger.iin.as_str(), &strangers)).await);
    assert!(told.contains("does not name this person as a guardian"), "{told}");
    let told = text(&browser.post(&at("guardian"), &identify(parent.iin.as_str(), &strangers)).await);
    assert!(told.contains("does not know this document"), "{told}");
    let slip = text(&browser.post(&at("guardian"), &identify(parent.iin.as_str(), &number)).await);
    let code = between(&slip, "slip: ", ".").expect("the code is on the slip");
    let wrong = if code == "111111" { "222222" } else { "111111" };
    let told = text(&browser.post(&at("guardian/code"), &[("code", wrong)]).await);
    assert!(told.contains("not the guardian's code") || told.contains("not the guardian&#39;s code"), "{told}");
    let law = text(&browser.post(&at("guardian/code"), &[("code", &code)]).await);
    assert!(law.contains("The guardian is here"), "{law}");
    let agrees = |evidence, reference| {
        [("given_by", parent.iin.as_str()), ("language", "ru"), ("evidence", evidence), ("reference", reference)]
    };
    for (wrong, status) in
        [(agrees("signature_on_paper", ""), 403), (agrees("operator_statement", ""), 403), (agrees("wink", ""), 422)]
    {
        assert_eq!(browser.post(&at("guardian/consent"), &wrong).await.status, status);
        browser.get(&at("law")).await;
    }
    let law = text(&browser.post(&at("guardian/consent"), &agrees("signature_on_paper", "sheet 17")).await);
    assert!(law.contains("The guardian agreed") && law.contains("sheet 17"), "{law}");

    let interpreter =
        [("name", "Interpreter Name"), ("document", "N77"), ("language", "UZ"), ("evidence", "sworn_register")];
    let law = text(&browser.post(&format!("/counter/encounters/{visit}/interpreter"), &interpreter).await);
    assert!(law.contains("Interpreter Name") && law.contains("register of sworn interpreters"), "{law}");

    let stopped = text(&browser.post(&format!("/counter/encounters/{visit}/objection"), &[("language", "ru")]).await);
    assert!(stopped.contains("nothing more is taken"), "{stopped}");
    let image = file(&child, Finger::RightIndex, 1);
    browser
        .upload(
            &format!("/counter/encounters/{visit}/prints"),
            &[("finger", "right_index")],
            &[("file", "a.png", &image)],
        )
        .await;
    let desk = house.registry.authenticate(&house.token("operator")).await.unwrap();
    let desk = house.registry.encounter_desk(&desk, visit.parse().unwrap()).await.unwrap();
    assert!(desk.samples.is_empty(), "the child's no stops capture");
}

#[tokio::test]
async fn broken_files_are_told_about_on_the_page_and_cost_no_attempt() {
    let person = adult(31);
    let house = house(&[&person]).await;
    let mut browser = at_work(&house).await;
    let visit = begin(&mut browser, person.iin.as_str()).await;
    let path = format!("/counter/encounters/{visit}/prints");
    let good = file(&person, Finger::RightIndex, 1);
    let white = tanba_formats::image::encode_png_rgb(300, 300, &[255; 300 * 300 * 3]).unwrap();
    for (name, bytes, said) in [
        ("text.png", &b"no image"[..], "image file could not be read"),
        ("cut.png", &good[..good.len() / 2], "image file could not be read"),
        ("white.png", &white[..], "No fingerprint was found"),
    ] {
        let reply = browser.upload(&path, &[("finger", "right_index")], &[("file", name, bytes)]).await;
        assert_eq!(browser.at, format!("/counter/encounters/{visit}/capture?finger=right_index"));
        assert!(text(&reply).contains(said), "{name}: {}", text(&reply));
        assert!(!text(&browser.get(&browser.at.clone()).await).contains(said), "it is told once");
    }
    let none = browser.upload(&path, &[("finger", "right_index")], &[]).await;
    assert!(text(&none).contains("No file was chosen"), "{}", text(&none));
    // The same image twice is one attempt; a double click cannot use up the three.
    for _ in 0..2 {
        browser.upload(&path, &[("finger", "right_index")], &[("file", "a.png", &good)]).await;
    }
    let station = text(&browser.get(&format!("/counter/encounters/{visit}/capture?finger=right_index")).await);
    assert!(station.contains("Attempt 1 of 3"), "{station}");
    // One finger does not stand in for another.
    let twice = file(&person, Finger::RightIndex, 2);
    let reply = browser.upload(&path, &[("finger", "right_middle")], &[("file", "b.png", &twice)]).await;
    assert!(text(&reply).contains("captured as another one"), "{}", text(&reply));
    // The print is shown with its minutiae to the island, and as an image without it.
    let shown = browser.get(&format!("{path}/right_index")).await;
    let shown: serde_json::Value = serde_json::from_slice(&shown.body).unwrap();
    assert!(shown["minutiae"].as_array().unwrap().len() > 10 && shown["png"].is_string());
    let image = browser.get(&format!("{path}/right_index?as=image")).await;
    assert_eq!(image.headers[header::CONTENT_TYPE], "image/png");
    house.assert_log_is_discreet();
}

#[tokio::test]
async fn an_upload_of_fifty_megabytes_is_refused_in_words_and_stores_nothing() {
    let person = adult(31);
    let house = house(&[&person]).await;
    let mut browser = at_work(&house).await;
    let visit = begin(&mut browser, person.iin.as_str()).await;
    let huge = vec![0_u8; 50 << 20];
    let reply = browser
        .upload(
            &format!("/counter/encounters/{visit}/prints"),
            &[("finger", "right_index")],
            &[("file", "h.png", &huge)],
        )
        .await;
    assert_eq!(reply.status, 413);
    assert!(text(&reply).contains("too large") && text(&reply).contains("Nothing was stored"), "{}", text(&reply));
    assert!(text(&browser.get(&format!("/counter/encounters/{visit}/capture")).await).contains("0 of 10 fingers done"));
}

#[tokio::test]
async fn several_files_find_their_fingers_by_name_or_in_order() {
    let person = adult(31);
    let house = house(&[&person]).await;
    let mut browser = at_work(&house).await;
    let visit = begin(&mut browser, person.iin.as_str()).await;
    let (a, b) = (file(&person, Finger::RightIndex, 1), file(&person, Finger::LeftIndex, 1));
    let reply = browser
        .upload(
            &format!("/counter/encounters/{visit}/prints"),
            &[],
            &[("file", "left_index.png", &b), ("file", "scan0001x.png", &a)],
        )
        .await;
    let page = text(&reply);
    assert!(page.contains("2 of 10 fingers done"), "{page}");
    let desk = house.registry.authenticate(&house.token("operator")).await.unwrap();
    let desk = house.registry.encounter_desk(&desk, visit.parse().unwrap()).await.unwrap();
    let fingers: Vec<Finger> = desk.samples.iter().map(|s| s.finger).collect();
    assert_eq!(fingers, [Finger::RightIndex, Finger::LeftIndex], "one by its name, one by the order");
}

#[tokio::test]
async fn what_was_captured_is_there_after_the_session_has_ended() {
    let person = adult(31);
    let house = house(&[&person]).await;
    let mut browser = at_work(&house).await;
    let visit = begin(&mut browser, person.iin.as_str()).await;
    let path = format!("/counter/encounters/{visit}/prints");
    let (a, b) = (file(&person, Finger::RightIndex, 1), file(&person, Finger::LeftIndex, 1));
    browser.upload(&path, &[("finger", "right_index")], &[("file", "a.png", &a)]).await;
    let session = browser.cookie("tanba_session").unwrap().to_owned();
    let actor = house.registry.authenticate(&session).await.unwrap();
    house.registry.sign_out(&actor, &session).await.unwrap();

    // A form without scripts leads through the entrance back to the visit.
    browser.upload(&path, &[("finger", "left_index")], &[("file", "b.png", &b)]).await;
    assert!(browser.at.starts_with(&format!("/sign-in?next=/counter/encounters/{visit}")), "{}", browser.at);
    // The island is told where to go, and keeps its file.
    let request = Request::builder()
        .method("POST")
        .uri(&path)
        .header(header::COOKIE, format!("tanba_session={session}"))
        .header("hx-request", "true")
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x");
    let reply = house.send(request.body(Body::from("--x--\r\n")).unwrap()).await;
    assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
    assert!(reply.headers["hx-redirect"].to_str().unwrap().starts_with("/sign-in?next=/counter/encounters/"));

    let signed_in = [
        ("login", "operator"),
        ("password", crate::house::PASSWORD),
        ("station", STATION),
        ("next", &format!("/counter/encounters/{visit}/capture")),
    ];
    browser.get("/sign-in").await;
    let page = text(&browser.post("/sign-in", &signed_in).await);
    assert!(page.contains("1 of 10 fingers done") && page.contains("everything captured is here again"), "{page}");
    assert!(text(&browser.get("/counter").await).contains("1 / 10"), "and the desk lists it");
}

#[tokio::test]
async fn a_forged_form_changes_nothing() {
    let person = adult(31);
    let house = house(&[&person]).await;
    let mut browser = at_work(&house).await;
    let visit = begin(&mut browser, person.iin.as_str()).await;
    let path = format!("/counter/encounters/{visit}/refusal");
    let forged = browser.post_raw(&path, "application/x-www-form-urlencoded", b"csrf=0000".to_vec()).await;
    assert_eq!(forged.status, 403);
    let state = text(&browser.get(&format!("/counter/encounters/{visit}/law")).await);
    assert!(state.contains("The person must be registered") && !state.contains("This visit is finished"), "{state}");
    for (page, fields) in [
        ("fingers/right_index", vec![("state", "green")]),
        ("fingers/right_index/acceptance", vec![("reason", "because")]),
        ("device", vec![("hands", "x"), ("finger", "right_index"), ("attempt", "1")]),
    ] {
        let reply = browser.post(&format!("/counter/encounters/{visit}/{page}"), &fields).await;
        assert!(text(&reply).contains("role=\"alert\""), "{page}: {}", text(&reply));
    }
    assert_eq!(browser.get(&format!("/counter/encounters/{visit}/prints/middle_toe")).await.status, 400);
    assert_eq!(browser.get("/counter/encounters/not-an-id/law").await.status, 400);
    assert_eq!(browser.get("/counter/found/0123").await.status, 409);
}

#[tokio::test]
async fn candidates_lead_to_examiners_and_nobody_is_rejected_at_the_counter() {
    let (person, alias) = (adult(31), adult(32));
    let house = house(&[&person, &alias]).await;
    house.register(&person, &person, "before", 1).await;
    let mut browser = at_work(&house).await;
    let visit = begin(&mut browser, alias.iin.as_str()).await;
    all_fingers(&mut browser, &visit, &person, 2).await;
    let page = compare(&mut browser, &visit).await;
    assert!(page.contains("Examiners compare") && page.contains("may wait, or come back"), "{page}");
    assert!(!page.contains("reject") || page.contains("nobody has been rejected"), "{page}");
    assert!(!page.contains(person.name.family.latin.as_str()), "who the candidate is is not shown here");
    let receipt = text(&browser.post(&format!("/counter/encounters/{visit}/receipt"), &[]).await);
    assert!(receipt.contains("this paper proves that you came"), "{receipt}");
    let refused = browser
        .post(
            &format!("/counter/encounters/{visit}/document"),
            &[("kind", "identity_card"), ("number", "N1"), ("valid_to", "2036-01-01")],
        )
        .await;
    assert_eq!(refused.status, 403);
}

#[tokio::test]
async fn an_exemption_takes_a_photograph_a_search_and_a_second_officer() {
    let person = adult(31);
    let house = house(&[&person]).await;
    let mut browser = at_work(&house).await;
    let visit = begin(&mut browser, person.iin.as_str()).await;
    let at = |page: &str| format!("/counter/encounters/{visit}/{page}");
    let record = [("code", "no_fingers_both_hands"), ("login", "second"), ("password", crate::house::PASSWORD)];
    browser.get(&at("exemption")).await;
    let early = browser.post(&at("exemption"), &record).await;
    assert_eq!(early.status, 409);
    assert!(text(&early).contains("photograph of the hands"), "{}", text(&early));
    assert_eq!(browser.upload(&at("hands/new"), &[], &[("photo", "x.jpg", b"nothing")]).await.status, 422);
    let photo = tanba_formats::image::encode_png_rgb(320, 240, &[180; 320 * 240 * 3]).unwrap();
    browser.get(&at("exemption")).await;
    let page = text(&browser.upload(&at("hands/new"), &[], &[("photo", "hands.png", &photo)]).await);
    assert!(page.contains("Photograph of the hands"), "{page}");
    assert_eq!(browser.get(&at("hands")).await.body, photo);
    browser.get(&at("exemption")).await;
    let page = text(&browser.post(&at("namesakes"), &[]).await);
    assert!(page.contains("0 people of a like name"), "{page}");
    let page = text(&browser.post(&at("namesakes/finding"), &[("finding", "nobody")]).await);
    assert!(page.contains("none of them is this person") && page.contains("The second officer"), "{page}");
    for (login, password, status) in
        [("second", "wrong", 422), ("operator", crate::house::PASSWORD, 403), ("officer", crate::house::PASSWORD, 403)]
    {
        browser.get(&at("exemption")).await;
        let reply = browser
            .post(&at("exemption"), &[("code", "no_fingers_both_hands"), ("login", login), ("password", password)])
            .await;
        assert_eq!(reply.status, status, "{login}: {}", text(&reply));
        assert!(browser.cookie("tanba_session").is_some(), "the operator's session goes on");
    }
    browser.get(&at("exemption")).await;
    let page = text(&browser.post(&at("exemption"), &record).await);
    assert_eq!(browser.at, at("document"));
    assert!(page.contains("issued without prints"), "{page}");
    browser.post(&at("exemption"), &record).await;
    assert_eq!(browser.at, at("document"), "pressed twice, it is one exemption");
    // The second officer can look at the photograph in a session of their own.
    let mut second = Browser::signed_in(&house, "second", "").await;
    assert_eq!(second.get(&at("hands")).await.body, photo);
}

#[tokio::test]
async fn a_refusal_is_recorded_without_pressure_appealed_and_decided_by_others() {
    let person = adult(31);
    let house = house(&[&person]).await;
    let mut browser = at_work(&house).await;
    let visit = begin(&mut browser, person.iin.as_str()).await;
    let path = format!("/counter/encounters/{visit}/refusal");
    let before = text(&browser.get(&path).await);
    assert!(
        before.contains("The person thinks it over") && before.contains("5 monthly calculation indices"),
        "{before}"
    );
    let page = text(&browser.post(&path, &[]).await);
    let refusal = browser.at.clone();
    assert!(refusal.starts_with("/refusals/"), "{refusal}");
    assert!(
        page.contains("21,625 tenge") && page.contains("Record an appeal") && page.contains("refusal-fine"),
        "{page}"
    );
    browser.post(&path, &[]).await;
    assert_eq!(browser.at, refusal, "pressed twice, it is one refusal");

    let act = format!("{refusal}/act");
    let mut officer = Browser::signed_in(&house, "officer", "").await;
    assert!(text(&officer.get("/refusals").await).contains("to be decided"));
    officer.get(&refusal).await;
    let decided = text(&officer.post(&act, &[("act", "decide")]).await);
    assert!(decided.contains("An officer decided") && decided.contains("The fine was paid"), "{decided}");
    let page = text(&browser.post(&act, &[("act", "appeal")]).await);
    assert!(page.contains("An appeal is pending") && page.contains("Issue an interim document"), "{page}");
    let interim = text(&browser.post(&act, &[("act", "interim")]).await);
    assert!(
        browser.at.starts_with("/counter/documents/") && interim.contains("Interim document") && interim.contains("T-"),
        "{interim}"
    );
    let interim = browser.at.clone();
    officer.get(&refusal).await;
    let reply = officer.post(&act, &[("act", "uphold")]).await;
    assert_eq!(reply.status, 403, "whoever decided does not close the appeal");
    assert!(text(&reply).contains("another officer"), "{}", text(&reply));
    assert_eq!(browser.post(&act, &[("act", "uphold")]).await.status, 403, "nor does an operator");
    assert_eq!(browser.post(&act, &[("act", "everything")]).await.status, 422);

    let judge = tanba_registry::NewAccount {
        login: "judge".to_owned(),
        password: crate::house::PASSWORD.to_owned(),
        organisation: officer_organisation(&house).await,
        natural_person: "P-judge".to_owned(),
        roles: [tanba_registry::Role::Officer].into(),
        person: None,
    };
    let administrator = house.registry.authenticate(&house.token("administrator")).await.unwrap();
    house.registry.add_account(&administrator, &judge).await.unwrap();
    let mut judge = Browser::signed_in(&house, "judge", "").await;
    judge.get(&refusal).await;
    let closed = text(&judge.post(&act, &[("act", "uphold")]).await);
    assert!(closed.contains("The appeal was upheld"), "{closed}");
    assert!(text(&browser.get(&interim).await).contains("cancelled"), "the interim document ends with the appeal");
    assert!(text(&judge.get("/refusals").await).contains("Nothing waits"));
    house.assert_log_is_discreet();
}

async fn officer_organisation(house: &House) -> tanba_registry::OrganisationId {
    let administrator = house.registry.authenticate(&house.token("administrator")).await.unwrap();
    let new = tanba_registry::NewOrganisation {
        code: "court".to_owned(),
        name: "Court".to_owned(),
        body: "ministry_of_interior".to_owned(),
    };
    match house.registry.add_organisation(&administrator, &new).await {
        Ok(id) => id,
        Err(RegistryError::Conflict { .. }) => unreachable!("the code is new"),
        Err(other) => panic!("{other}"),
    }
}

/// Hands of one person who does not exist; two fingers, the rest are not there.
struct TwoFingers(Person);

impl VirtualDevice for TwoFingers {
    fn hands(&self) -> Vec<VirtualHands> {
        vec![VirtualHands { key: "h1".to_owned(), name: "Hands 1".to_owned() }]
    }

    fn touch(&self, hands: &str, finger: Finger, attempt: u32) -> Option<Vec<u8>> {
        (hands == "h1" && FINGERS.contains(&finger)).then(|| file(&self.0, finger, u64::from(attempt)))
    }

    fn hands_of(&self, iin: &str) -> Option<String> {
        (iin == self.0.iin.as_str()).then(|| "h1".to_owned())
    }
}

#[tokio::test]
async fn the_virtual_scanner_gives_its_hands_one_by_one_or_all_at_once() {
    let person = adult(31);
    let face = Face { device: Some(Arc::new(TwoFingers(person.clone()))), ..Face::default() };
    let house = house_as(vec![record(&person)], &[&person], face).await;
    let mut browser = at_work(&house).await;
    let visit = begin(&mut browser, person.iin.as_str()).await;
    let path = format!("/counter/encounters/{visit}/device");
    let station = text(&browser.get(&format!("/counter/encounters/{visit}/capture")).await);
    assert!(station.contains("<option value=\"h1\" selected>Hands 1"), "this person's hands are chosen: {station}");
    let touch = [("hands", "h1"), ("finger", "right_index"), ("attempt", "1")];
    // A double click is one touch.
    browser.post(&path, &touch).await;
    browser.post(&path, &touch).await;
    let station = text(&browser.get(&format!("/counter/encounters/{visit}/capture?finger=right_index")).await);
    assert!(station.contains("Attempt 1 of 3"), "{station}");
    let missing = text(&browser.post(&path, &[("hands", "h1"), ("finger", "left_ring"), ("attempt", "1")]).await);
    assert!(missing.contains("they lack this finger"), "{missing}");
    let all = text(&browser.post(&path, &[("hands", "h1"), ("finger", "all"), ("attempt", "1")]).await);
    assert!(all.contains("10 of 10 fingers done"), "{all}");
    assert!(compare(&mut browser, &visit).await.contains("Nobody registered has these prints"));
}

#[tokio::test]
async fn the_island_gets_the_station_alone() {
    let person = adult(31);
    let house = house(&[&person]).await;
    let mut browser = at_work(&house).await;
    let visit = begin(&mut browser, person.iin.as_str()).await;
    let part = |method: &str, path: String, body: &str| {
        Request::builder()
            .method(method)
            .uri(path)
            .header(
                header::COOKIE,
                format!("tanba_session={}; tanba_language=en", browser.cookie("tanba_session").unwrap()),
            )
            .header("hx-request", "true")
            .header("x-csrf", browser.csrf())
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body.to_owned()))
            .unwrap()
    };
    let station = house.send(part("GET", format!("/counter/encounters/{visit}/capture?finger=left_thumb"), "")).await;
    let shown = text(&station);
    assert!(shown.contains("data-finger=\"left_thumb\"") && !shown.contains("<html"), "{shown}");
    let stated =
        house.send(part("POST", format!("/counter/encounters/{visit}/fingers/left_thumb"), "state=bandaged")).await;
    assert!(stated.status.is_success() && text(&stated).contains("1 of 10 fingers done"), "{}", text(&stated));
    let odd = house.send(part("POST", format!("/counter/encounters/{visit}/fingers/left_thumb"), "state=purple")).await;
    assert_eq!(odd.status, 422);
    assert!(
        text(&odd).contains("data-station") && text(&odd).contains("Choose what the page offers"),
        "{}",
        text(&odd)
    );
}
