//! Examination over HTTP, as browsers meet it: prints before people, two officers, and a person's record for a purpose.

use serde_json::{Value, json};
use tanba_synth::Person;

use crate::browser::{Browser, between, text};
use crate::house::{House, PASSWORD, Reply, UNKNOWN, adult, house};

/// A page, whole and without a missing text.
fn page(reply: &Reply) -> String {
    let page = text(reply);
    assert!(reply.status.is_success(), "{}: {page}", reply.status);
    assert!(!page.contains("exam-"), "a text is missing: {page}");
    page
}

/// The first link below a path that ends in an id.
fn link(page: &str, below: &str) -> String {
    let rest = &page[page.find(&format!("href=\"{below}")).unwrap_or_else(|| panic!("no link to {below} in {page}"))..];
    between(rest, "href=\"", "\"").unwrap()
}

/// `people[0]` registered, and come back under the number of `people[1]`.
async fn two_numbers(people: &[&Person]) -> (House, Value, Value) {
    let house = house(people).await;
    let first = house.register(people[0], people[0], "first", 1).await;
    let second = house.register(people[1], people[0], "second", 2).await;
    assert_eq!(second["encounter"]["state"], "adjudication");
    (house, first, second)
}

async fn json_of(browser: &mut Browser<'_>, path: &str) -> Value {
    let reply = browser.get(path).await;
    assert!(reply.status.is_success(), "{}", text(&reply));
    reply.json()
}

#[tokio::test]
async fn a_duplicate_goes_from_two_examiners_to_one_record_through_four_people() {
    let (aida, alias) = (adult(31), adult(32));
    let (house, first, second) = two_numbers(&[&aida, &alias]).await;
    let people = [first["encounter"]["person"].as_str().unwrap(), second["encounter"]["person"].as_str().unwrap()];

    for login in ["examiner-a", "examiner-b"] {
        let mut examiner = Browser::signed_in(&house, login, "").await;
        let desk = page(&examiner.get("/examination").await);
        let at = link(&desk, "/examination/0");
        let marking = page(&examiner.get(&at).await);
        assert!(marking.contains("This look is recorded") && marking.contains("data-stage=\"marking\""));
        let locked = page(&examiner.post(&format!("{at}/markings"), &[("how", "proposal"), ("markings", "")]).await);
        assert!(locked.contains("data-stage=\"comparing\"") && locked.contains("Your markings are locked"));
        let judged = [("conclusion", "identification"), ("notes", "core and delta agree")];
        let done = page(&examiner.post(&format!("{at}/judgement"), &judged).await);
        assert!(done.contains("Your conclusion is recorded"));
        assert_eq!(done.contains("Score of the search"), login == "examiner-b", "the score comes with the decision");
    }
    let mut examiner = Browser::signed_in(&house, "examiner-a", "").await;
    let list = page(&examiner.get("/examination/decided").await);
    let decided = page(&examiner.get(&link(&list, "/examination/decided/0")).await);
    assert!(decided.contains("core and delta agree") && decided.contains("Score of the search"));
    assert!(!decided.contains("examiner-b"), "colleagues have no names here");
    assert!(decided.contains("What the score is made of") && decided.contains("Share of the common area"), "{decided}");
    let parts = decided.matches("<th scope=\"row\">").count();
    let unnamed = ["ridge-", "carried-", "minutiae-close", "minutiae-missing", "common-area"];
    assert!(parts > 8 && unnamed.iter().all(|name| !decided.contains(&format!("\"row\">{name}"))), "{decided}");

    let mut second = Browser::signed_in(&house, "second", "").await;
    let reviews = page(&second.get("/reviews").await);
    assert!(reviews.contains("The same prints under two records"));
    let at = link(&reviews, "/reviews/0");
    let review = page(&second.get(&at).await);
    assert!(people.iter().all(|person| review.contains(person)) && review.contains("core and delta agree"));
    let proposed = page(&second.post(&format!("{at}/merge"), &[("reason", "two examiners")]).await);
    assert!(proposed.contains("another officer decides"));
    let revision = second.at.split('?').next().unwrap().to_owned();
    let own = second.post(&format!("{revision}/apply"), &[]).await;
    assert_eq!(own.status, 403, "whoever proposed does not apply");
    let again = second.get(&at).await;
    assert!(!page(&again).contains("Propose the merge"), "proposed once");

    let mut clerk = Browser::signed_in(&house, "clerk", "").await;
    let waiting = page(&clerk.get("/revisions").await);
    assert_eq!(link(&waiting, "/revisions/0"), revision);
    assert!(page(&clerk.get(&revision).await).contains("two examiners"));
    let applied = page(&clerk.post(&format!("{revision}/apply"), &[]).await);
    assert!(applied.contains("Applied, exactly as it was proposed"));
    let twice = clerk.post(&format!("{revision}/apply"), &[]).await;
    assert_eq!(twice.status, 409, "pressing twice moves nothing twice");
    let left = page(&second.get("/reviews").await);
    assert!(!left.contains("The same prints under two records"), "the task is answered");
    house.registry.publish().await.unwrap();
    assert!(house.registry.fsck().await.unwrap().ok);
    house.assert_log_is_discreet();
}

#[tokio::test]
async fn nothing_of_the_first_examiner_and_nobodys_name_reaches_the_second() {
    let (aida, alias) = (adult(33), adult(34));
    let (house, first, second) = two_numbers(&[&aida, &alias]).await;
    let mut a = Browser::signed_in(&house, "examiner-a", "").await;
    let at = link(&page(&a.get("/examination").await), "/examination/0");
    a.post(&format!("{at}/markings"), &[("how", "nothing"), ("markings", "")]).await;
    let notes = "unmistakable words of the first";
    a.post(&format!("{at}/judgement"), &[("conclusion", "support_same"), ("notes", notes)]).await;

    let mut b = Browser::signed_in(&house, "examiner-b", "").await;
    let mut seen = page(&b.get("/examination").await);
    seen += &page(&b.get(&at).await);
    let before = json_of(&mut b, &format!("{at}/fingers/right_index")).await;
    assert!(before["probe"]["image"].is_string() && before["reference"].is_null());
    assert_eq!((&before["pairs"], &before["alignment"]), (&json!([]), &Value::Null));
    seen += &before.to_string();
    seen += &house.get("examiner-b", "/api/candidates").await.made().to_string();
    assert_eq!(b.get(&format!("{at}/prints/reference/right_index")).await.status, 404, "not shown yet");
    b.post(&format!("{at}/markings"), &[("how", "proposal"), ("markings", "")]).await;
    seen += &page(&b.get(&at).await);
    let after = json_of(&mut b, &format!("{at}/fingers/right_index")).await;
    assert!(after["pairs"].as_array().unwrap().len() > 5 && after["orientation"]["mean"].is_number());
    seen += &after.to_string();
    let hidden = [
        notes,
        "examiner-a",
        "log10",
        "Score of the search",
        "checked",
        aida.iin.as_str(),
        alias.iin.as_str(),
        &aida.name.family.latin,
        &alias.name.family.latin,
        first["encounter"]["person"].as_str().unwrap(),
        second["encounter"]["person"].as_str().unwrap(),
    ];
    for leak in hidden {
        assert!(!seen.contains(leak), "{leak} is shown before the decision");
    }
    let picture = b.get(&format!("{at}/prints/reference/right_index")).await;
    assert_eq!(
        (&picture.headers["content-type"], &picture.headers["cache-control"]),
        (&"image/png".parse().unwrap(), &"no-store".parse().unwrap())
    );
    assert!(picture.body.starts_with(b"\x89PNG"));
    let undecided = b.get(&at.replace("/examination/", "/examination/decided/")).await;
    assert_eq!(undecided.status, 404);
}

#[tokio::test]
async fn markings_are_locked_once_and_what_the_form_does_not_have_is_refused() {
    let (house, ..) = two_numbers(&[&adult(35), &adult(36)]).await;
    let mut examiner = Browser::signed_in(&house, "examiner-a", "").await;
    let at = link(&page(&examiner.get("/examination").await), "/examination/0");
    let early = examiner.post(&format!("{at}/judgement"), &[("conclusion", "exclusion"), ("notes", "")]).await;
    assert_eq!(early.status, 409);
    assert!(text(&early).contains("Your markings are not locked yet"));
    let mark = json!({"x": 50, "y": 60.5, "angle": 1, "kind": "ending", "origin": "added"});
    let own = json!({"fingers": [{"finger": "right_index", "marks": [mark]}], "nothing_to_mark": false}).to_string();
    let outside = own.replace("60.5", "60000");
    for (how, markings, extra) in [
        ("own", "not JSON", None),
        ("own", outside.as_str(), None),
        ("own", "", None),
        ("everything", own.as_str(), None),
        ("own", own.as_str(), Some(("account", "somebody"))),
    ] {
        let mut fields = vec![("how", how), ("markings", markings)];
        fields.extend(extra);
        let refused = examiner.post(&format!("{at}/markings"), &fields).await;
        assert_eq!(refused.status, 422, "{how} {markings}: {}", text(&refused));
    }
    // What is kept between two marks is there after the session has ended, and for this examiner alone.
    let kept = examiner.post_only(&format!("{at}/draft"), &[("markings", &own)]).await;
    assert_eq!(kept.status, 204, "{}", text(&kept));
    let mut later = Browser::signed_in(&house, "examiner-a", "").await;
    assert!(page(&later.get(&at).await).contains("&#34;x&#34;:50.0"));
    let mut other = Browser::signed_in(&house, "examiner-b", "").await;
    assert!(page(&other.get(&at).await).contains("data-draft=\"\""));
    assert_eq!(examiner.post(&format!("{at}/draft"), &[("markings", &outside)]).await.status, 422);
    page(&examiner.post(&format!("{at}/markings"), &[("how", "own"), ("markings", &own)]).await);
    let shown = json_of(&mut examiner, &format!("{at}/fingers/right_index")).await;
    assert_eq!(shown["marks"], json!([[50.0, 60.5, 1.0, "ending"]]));
    let again = examiner.post(&format!("{at}/markings"), &[("how", "nothing"), ("markings", "")]).await;
    assert_eq!(again.status, 409);
    assert!(text(&again).contains("are locked and stay as they are"));
    for fields in [
        &[("conclusion", "certain"), ("notes", "")][..],
        &[("notes", "")],
        &[("conclusion", "exclusion"), ("notes", ""), ("state", "same")],
    ] {
        assert_eq!(examiner.post(&format!("{at}/judgement"), fields).await.status, 422, "{fields:?}");
    }
    assert_eq!(examiner.get(&format!("{at}/fingers/right_thumbs")).await.status, 404);
    assert_eq!(examiner.get(&format!("{at}/prints/both/right_index")).await.status, 404);
    assert_eq!(examiner.get("/examination/nobody").await.status, 400);
    assert_eq!(examiner.get(&format!("/examination/{UNKNOWN}")).await.status, 404);
}

#[tokio::test]
async fn whoever_captured_the_prints_is_told_so_and_sees_none() {
    let (aida, alias) = (adult(37), adult(38));
    let house = house(&[&aida, &alias]).await;
    house.register(&aida, &aida, "first", 1).await;
    house.register(&alias, &aida, "second", 2).await;
    // The same human being as the operator, under an account of their own.
    let ministry = json!({"code": "lab", "name": "lab", "body": "ministry_of_interior"});
    let ministry = house.post("administrator", "/api/organisations", ministry).await.made();
    let account = json!({
        "login": "moonlighter", "password": PASSWORD, "organisation": ministry["id"], "natural_person": "P-operator",
        "roles": ["fingerprint_examiner"],
    });
    house.post("administrator", "/api/accounts", account).await.made();
    let mut other = Browser::signed_in(&house, "examiner-a", "").await;
    let at = link(&page(&other.get("/examination").await), "/examination/0");
    let mut own = Browser::signed_in(&house, "moonlighter", "").await;
    let desk = page(&own.get("/examination").await);
    assert!(desk.contains("you captured prints of this pair") && !desk.contains("href=\"/examination/0"));
    for path in [at.clone(), format!("{at}/fingers/right_index"), format!("{at}/prints/probe/right_index")] {
        let denied = own.get(&path).await;
        assert_eq!(denied.status, 403);
        let told = text(&denied);
        assert!(told.contains("You captured prints of this pair") && told.contains("Another examiner judges it"));
    }
    for (path, fields) in [
        ("markings", vec![("how", "nothing"), ("markings", "")]),
        ("judgement", vec![("conclusion", "exclusion"), ("notes", "")]),
    ] {
        assert_eq!(own.post(&format!("{at}/{path}"), &fields).await.status, 403);
    }
}

#[tokio::test]
async fn a_record_asks_why_first_and_a_name_changes_by_two_officers() {
    let aida = adult(39);
    let house = house(&[&aida]).await;
    let done = house.register(&aida, &aida, "counter", 1).await;
    let record = format!("/persons/{}", done["encounter"]["person"].as_str().unwrap());
    let mut second = Browser::signed_in(&house, "second", "").await;
    let locate = [("by", "iin"), ("number", aida.iin.as_str())];
    page(&second.get("/persons").await);
    let why = page(&second.post("/persons", &locate).await);
    assert_eq!(second.at, record, "no number in the address");
    assert!(why.contains("Why do you look?") && !why.contains(&aida.name.family.latin), "nothing before the purpose");
    assert_eq!(second.post(&record, &[("purpose", "curiosity"), ("reason", "x")]).await.status, 422);
    assert_eq!(second.post(&record, &[("purpose", "correction"), ("reason", " ")]).await.status, 422);
    let shown =
        page(&second.post(&record, &[("purpose", "correction"), ("reason", "she brought a certificate")]).await);
    assert!(shown.contains("This look is recorded. Purpose: correction of data"));
    assert!(shown.contains(&aida.name.family.latin) && shown.contains("she brought a certificate"));
    for (form, heading) in [
        ("correction", "Correct an entry"),
        ("name", "Change of name"),
        ("death", "Record a death"),
        ("duplicate", "Suspected duplicate"),
        ("split", "Part or move encounters"),
    ] {
        assert!(page(&second.get(&format!("{record}/{form}")).await).contains(heading));
    }

    let script = "<script>alert(1)</script>";
    let new = [
        ("family_name_latin", script),
        ("valid_from", "2026-11-02"),
        ("source", "document"),
        ("evidence", "certificate 17"),
        ("reason", "marriage"),
    ];
    let proposed = page(&second.post(&format!("{record}/name"), &new).await);
    assert!(proposed.contains("Nothing changes until another officer applies it"));
    let mut forged = new.to_vec();
    forged.push(("iin", "900101100014"));
    assert_eq!(second.post(&format!("{record}/name"), &forged).await.status, 422, "the number has no field");
    let correction = link(&page(&second.get("/revisions").await), "/revisions/corrections/0");
    assert_eq!(second.post(&format!("{correction}/apply"), &[]).await.status, 403);
    let mut clerk = Browser::signed_in(&house, "clerk", "").await;
    let seen = page(&clerk.get(&correction).await);
    assert!(seen.contains("certificate 17") && seen.contains(&aida.name.family.latin));
    assert!(seen.contains("&#60;script&#62;alert(1)") && !seen.contains("<script>alert"), "escaped: {seen}");
    page(&clerk.post(&format!("{correction}/apply"), &[]).await);
    let changed = page(&second.get(&record).await);
    assert!(
        changed.contains("&#60;script&#62;") && changed.contains(&aida.name.family.latin),
        "the old one as history"
    );
    // The purpose was stated by the second officer, not by the clerk.
    assert!(page(&clerk.get(&record).await).contains("Why do you look?"));
    house.assert_log_is_discreet();
}

#[tokio::test]
async fn an_operator_opens_records_of_the_own_counter_only_and_a_supervisor_none() {
    let aida = adult(40);
    let house = house(&[&aida]).await;
    let done = house.register(&aida, &aida, "counter", 1).await;
    let record = format!("/persons/{}", done["encounter"]["person"].as_str().unwrap());
    let purpose = [("purpose", "document"), ("reason", "lost her card")];
    let mut operator = Browser::signed_in(&house, "operator", "csc-1-a").await;
    assert!(page(&operator.post(&record, &purpose).await).contains(&aida.name.family.latin));
    assert!(!page(&operator.get(&record).await).contains("/split"), "records are parted by second officers");
    // The same operator at another centre.
    let centre = json!({"code": "csc-far", "name": "far", "body": "service_centre"});
    let centre = house.post("administrator", "/api/organisations", centre).await.made();
    let site = json!({
        "organisation": centre["id"], "code": "far-1", "name": "Far", "kind": "service_centre", "triggers": ["passport"],
    });
    let site = house.post("administrator", "/api/sites", site).await.made();
    house.post("administrator", "/api/stations", json!({"site": site["id"], "code": "far-1-a"})).await.made();
    let mut elsewhere = Browser::signed_in(&house, "operator", "far-1-a").await;
    assert!(text(&elsewhere.post(&record, &purpose).await).contains("was not seen at your station"));
    for login in ["supervisor", "examiner-a", "administrator", "officer"] {
        let mut other = Browser::signed_in(&house, login, "").await;
        assert_eq!(other.post(&record, &purpose).await.status, 403, "{login}");
    }
    let mut supervisor = Browser::signed_in(&house, "supervisor", "").await;
    page(&supervisor.get("/reviews").await);
    assert_eq!(supervisor.get("/examination").await.status, 403);
    assert_eq!(supervisor.get("/revisions").await.status, 403);
}

#[tokio::test]
async fn a_death_cancels_the_card_and_the_next_visit_is_a_review() {
    let aida = adult(41);
    let house = house(&[&aida]).await;
    let done = house.register(&aida, &aida, "counter", 1).await;
    let encounter = done["encounter"]["id"].as_str().unwrap();
    let apply = format!("/api/encounters/{encounter}/documents");
    house.post("operator", &apply, json!({"kind": "identity_card"})).await.made();
    let record = format!("/persons/{}", done["encounter"]["person"].as_str().unwrap());
    let mut second = Browser::signed_in(&house, "second", "").await;
    second.post(&record, &[("purpose", "correction"), ("reason", "notice of death")]).await;
    let death = [("died", "2026-11-01"), ("source", "document"), ("evidence", "certificate 3"), ("reason", "notice")];
    page(&second.post(&format!("{record}/death"), &death).await);
    let mut clerk = Browser::signed_in(&house, "clerk", "").await;
    let correction = link(&page(&clerk.get("/revisions").await), "/revisions/corrections/0");
    assert!(page(&clerk.get(&correction).await).contains("These are cancelled when the death is recorded"));
    page(&clerk.post(&format!("{correction}/apply"), &[]).await);
    assert!(page(&second.get(&record).await).contains("Recorded as dead since 1 November 2026"));
    let new = json!({"client_key": "again", "trigger": "identity_card", "iin": aida.iin.as_str()});
    assert_eq!(house.post("operator", "/api/encounters", new).await.problem(403), "recorded_dead");
    let reviews = page(&second.get("/reviews").await);
    assert!(reviews.contains("A death was recorded") && reviews.contains("Other prints under a known number"));
    let at = link(&reviews, "/reviews/0");
    page(&second.get(&at).await);
    assert!(
        page(&second.post(&format!("{at}/close"), &[("outcome", "card collected")]).await)
            .contains("closed with your finding")
    );
    assert!(page(&second.get(&at).await).contains("card collected"));
}

#[tokio::test]
async fn a_duplicate_suspected_after_printing_goes_to_the_examiners_from_the_record() {
    let (aida, other) = (adult(42), adult(43));
    let house = house(&[&aida, &other]).await;
    let first = house.register(&aida, &aida, "first", 1).await;
    house.register(&other, &other, "second", 1).await;
    let record = format!("/persons/{}", first["encounter"]["person"].as_str().unwrap());
    let mut operator = Browser::signed_in(&house, "operator", "csc-1-a").await;
    operator.post(&record, &[("purpose", "revision"), ("reason", "two cards, one face")]).await;
    let suspicion = [("by", "iin"), ("number", other.iin.as_str()), ("reason", "two cards, one face")];
    let sent = page(&operator.post(&format!("{record}/duplicate"), &suspicion).await);
    assert!(sent.contains("are with the examiners"));
    let twice = operator.post(&format!("{record}/duplicate"), &suspicion).await;
    assert_eq!(twice.status, 409);
    let mut examiner = Browser::signed_in(&house, "examiner-a", "").await;
    let desk = page(&examiner.get("/examination").await);
    assert!(desk.contains("One pair of prints waits for you") && !desk.contains("two cards"), "no reason on the desk");
}

#[tokio::test]
async fn every_page_of_the_area_speaks_all_three_languages() {
    let (house, first, _) = two_numbers(&[&adult(44), &adult(45)]).await;
    let record = format!("/persons/{}", first["encounter"]["person"].as_str().unwrap());
    let mut examiner = Browser::signed_in(&house, "examiner-a", "").await;
    let at = link(&page(&examiner.get("/examination").await), "/examination/0");
    let mut second = Browser::signed_in(&house, "second", "").await;
    second.post(&record, &[("purpose", "review"), ("reason", "three languages")]).await;
    for lang in ["kk", "ru", "en"] {
        examiner.set_cookie("tanba_language", lang);
        second.set_cookie("tanba_language", lang);
        for path in ["/examination", "/examination/decided", at.as_str()] {
            assert!(page(&examiner.get(path).await).contains(&format!("<html lang=\"{lang}\"")), "{path}");
        }
        let forms = ["correction", "name", "death", "duplicate", "split"].map(|form| format!("{record}/{form}"));
        let others = ["/reviews", "/revisions", "/persons", record.as_str()].map(str::to_owned);
        for path in others.iter().chain(&forms) {
            assert!(page(&second.get(path).await).contains(&format!("<html lang=\"{lang}\"")), "{path}");
        }
    }
}
