//! What a supervisor acknowledges, answers and follows, as a browser gets it.

use serde_json::json;
use tanba_registry::LawFiles;

use crate::browser::{Browser, between, text};
use crate::house::{adult, house};

const KZ_2024: &str = include_str!("../../../tanba-law/packs/kz-2024-in-force.yaml");

/// The page in each language, where no key of a text shows; the English one.
pub(crate) async fn in_all_languages(browser: &mut Browser<'_>, path: &str) -> String {
    let mut page = String::new();
    for lang in ["kk", "ru", "en"] {
        browser.set_cookie("tanba_language", lang);
        let reply = browser.get(path).await;
        assert_eq!(reply.status, 200, "{path}: {}", text(&reply));
        page = text(&reply);
        for key in [
            ">lawchange-",
            ">breach-",
            ">note-",
            ">notes-",
            ">desk-",
            ">oversight-",
            ">done-",
            ">rates-",
            ">threshold",
            ">watch-",
            ">pruning-",
            ">publiclog-",
        ] {
            assert!(!page.contains(key), "{path} ({lang}) shows a key after {key}");
        }
    }
    page
}

#[tokio::test]
async fn the_supervisor_reads_a_change_of_the_law_and_acknowledges_it() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let mut browser = Browser::signed_in(&house, "supervisor", "").await;
    assert!(in_all_languages(&mut browser, "/law-changes").await.contains("No change of the law has been delivered."));
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("kz-2024.yaml"), KZ_2024).unwrap();
    std::fs::write(dir.path().join("impact-assessment.md"), "Nobody is obliged <b>any more</b>.").unwrap();
    house.registry.deliver_law(&LawFiles::read(dir.path(), None).unwrap()).await.unwrap().unwrap();
    assert!(in_all_languages(&mut browser, "/oversight").await.contains("Changes of the law to be acknowledged: 1"));
    let page = in_all_languages(&mut browser, "/law-changes").await;
    for told in ["This change waits for you", "Nobody is obliged", "kz-2024-in-force", "impact-assessment.md"] {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert!(!page.contains("<b>any more"), "the operator's words are words");
    let path = between(&page, "action=\"/law-changes/", "\"").unwrap();
    let path = format!("/law-changes/{path}");
    let mut officer = Browser::signed_in(&house, "officer", "").await;
    assert_eq!(officer.get("/law-changes").await.status, 403);
    assert_eq!(officer.post(&path, &[]).await.status, 403);
    let page = text(&browser.post(&path, &[]).await);
    assert!(page.contains("The change is acknowledged and in use.") && page.contains("was put into use"), "{page}");
    assert_eq!(browser.post(&path, &[]).await.status, 409);
    let listed = house.get("supervisor", "/api/law-deliveries").await.json();
    assert_eq!(listed[0]["state"], "in_use");
    let at = |name: &str| listed[0][name].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert!(at("delivered_at") < at("acknowledged_at") && at("acknowledged_at") < at("activated_at"));
    assert_eq!(house.open(&aida, "k1").await["law"]["category"], "may");
}

#[tokio::test]
async fn a_breach_is_reported_followed_and_closed_on_its_page() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    house.open(&aida, "k1").await;
    let mut browser = Browser::signed_in(&house, "supervisor", "").await;
    assert!(in_all_languages(&mut browser, "/breaches").await.contains("No breach is known."));
    let log = house.get("supervisor", "/api/supervision/log?limit=1000").await.json();
    let opened = log.as_array().unwrap().iter().find(|entry| entry["event"] == "encounter.opened").unwrap();
    let entries = format!("0, {}", opened["seq"]);
    let what = [("what", "a copy of the day's list left the centre"), ("entries", entries.as_str())];
    let page = text(&browser.post("/breaches", &what).await);
    assert!(page.contains("The breach is recorded. Its clock runs."), "{page}");
    let page = in_all_languages(&mut browser, "/breaches").await;
    for told in
        ["a copy of the day", "71 hours are left", "People whom the entries are about: 1", "the authority was told"]
    {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert!(!page.contains(aida.iin.as_str()) && !page.contains(&aida.name.family.latin));
    assert!(!page.contains("value=\"closed\""), "nothing was answered yet");
    let path = format!("/breaches/{}", between(&page, "action=\"/breaches/", "\"").unwrap());
    for (step, status) in
        [("closed", 409), ("x", 422), ("authority_notified", 303), ("persons_not_needed", 303), ("closed", 303)]
    {
        let reply = browser.post_only(&path, &[("step", step), ("words", "as the record says")]).await;
        assert_eq!(reply.status, status, "{step}: {}", text(&reply));
    }
    let page = in_all_languages(&mut browser, "/breaches").await;
    assert!(page.contains("Closed:") && !page.contains(&format!("action=\"{path}\"")));
    for wrong in [[("what", ""), ("entries", "")], [("what", "x"), ("entries", "9999999")]] {
        assert_eq!(browser.post("/breaches", &wrong).await.status, 422, "{wrong:?}");
    }
    let mut administrator = Browser::signed_in(&house, "administrator", "").await;
    let page = in_all_languages(&mut administrator, "/breaches").await;
    assert!(!page.contains("/oversight-log?places"), "an administrator reads no log");
    let listed = house.get("administrator", "/api/breaches").await.json();
    assert_eq!((&listed[0]["kind"], &listed[0]["people"]), (&json!("reported"), &json!(1)));
}

#[tokio::test]
async fn a_note_is_answered_on_the_first_page_and_the_rate_of_false_alarms_stands_there() {
    let house = house(&[]).await;
    for _ in 0..5 {
        assert_eq!(house.get("operator", "/api/candidates").await.status, 403);
    }
    let mut browser = Browser::signed_in(&house, "supervisor", "").await;
    let page = in_all_languages(&mut browser, "/oversight").await;
    assert!(page.contains("the rate of false alarms is not known"));
    let field = |name: &str| {
        let start = format!("name=\"{name}\" value=\"");
        between(&page, &start, "\"").unwrap().replace("&#38;", "&").replace("&#x2F;", "/").replace("&#47;", "/")
    };
    let (kind, subject, entries) = (field("kind"), field("subject"), field("entries"));
    let mut form = vec![
        ("kind", kind.as_str()),
        ("subject", subject.as_str()),
        ("entries", entries.as_str()),
        ("founded", "false"),
    ];
    assert_eq!(browser.post("/oversight/note-answers", &form).await.status, 422, "without a reason");
    form.push(("reason", "an operator who learns"));
    let page = text(&browser.post("/oversight/note-answers", &form).await);
    assert!(page.contains("The answer is in the log."), "{page}");
    let page = in_all_languages(&mut browser, "/oversight").await;
    assert!(page.contains("1 of 1 answered notes were false alarms (100 %)."), "{page}");
    assert!(!page.contains("was denied 5 times in a row"));
    let notes = house.get("supervisor", "/api/supervision/notes").await.json();
    assert_eq!((&notes["notes"], &notes["false_alarms"][0]["rate"]), (&json!([]), &json!(1.0)));
    let returns = house.get("supervisor", "/api/supervision/returns").await.json();
    assert_eq!((&returns["differences"], &returns["returns"]["2026-11-23"]["note.answered"]), (&json!([]), &json!(1)));
}

#[tokio::test]
async fn control_g6_the_list_of_watched_people_is_kept_on_its_page_and_a_look_stands_on_the_first_one() {
    let (aida, other) = (adult(11), adult(12));
    let house = house(&[&aida, &other]).await;
    let opened = house.open(&aida, "k1").await;
    let mut browser = Browser::signed_in(&house, "supervisor", "").await;
    assert!(in_all_languages(&mut browser, "/watches").await.contains("Nobody is on the list."));
    let form = |by: &'static str, who: &str, until: &'static str| {
        vec![
            ("by", by.to_owned()),
            ("who", who.to_owned()),
            ("reason", "in every newspaper".to_owned()),
            ("until", until.to_owned()),
        ]
    };
    fn parts<'a>(form: &'a [(&'a str, String)]) -> Vec<(&'a str, &'a str)> {
        form.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }
    for (by, who, until, status) in [
        ("iin", "12345", "2026-12-31", 422),
        ("iin", aida.iin.as_str(), "", 422),
        ("iin", aida.iin.as_str(), "2028-01-01", 422),
        ("entry", "x", "2026-12-31", 422),
        ("entry", "0", "2026-12-31", 422),
        ("record", "x", "2026-12-31", 404),
        ("name", "x", "2026-12-31", 422),
    ] {
        let reply = browser.post("/watches", &parts(&form(by, who, until))).await;
        assert_eq!(reply.status, status, "{by} {who} {until}: {}", text(&reply));
        assert!(who.len() < 10 || !text(&reply).contains(who), "what was typed is not repeated");
    }
    let page = text(&browser.post("/watches", &parts(&form("iin", aida.iin.as_str(), "2026-12-31"))).await);
    assert!(page.contains("Every look from now on is noted."), "{page}");
    let twice = browser.post("/watches", &parts(&form("iin", aida.iin.as_str(), "2026-12-31"))).await;
    assert_eq!(twice.status, 409, "{}", text(&twice));
    // Nobody is registered by this number, and the answer is the same.
    let page = text(&browser.post("/watches", &parts(&form("iin", other.iin.as_str(), "2026-12-31"))).await);
    assert!(page.contains("Every look from now on is noted."), "{page}");

    let path = format!("/api/encounters/{}", opened["id"].as_str().unwrap());
    assert_eq!(house.get("operator", &path).await.status, 200);
    let first = in_all_languages(&mut browser, "/oversight").await;
    assert!(first.contains("looked 1 times at people on your list"), "{first}");
    let page = in_all_languages(&mut browser, "/watches").await;
    assert!(page.contains("in every newspaper") && page.contains("Looks noted: 1"), "{page}");
    let log = in_all_languages(&mut browser, "/oversight-log").await;
    let api = house.get("supervisor", "/api/watches").await.json();
    for told in [&page, &log, &first, &api.to_string()] {
        for person in [&aida, &other] {
            assert!(!told.contains(person.iin.as_str()) && !told.contains(&person.name.family.latin));
        }
        assert!(!told.contains(opened["person"].as_str().unwrap()), "no record is named");
    }
    for who in ["operator", "administrator", "officer", "second"] {
        let mut browser = Browser::signed_in(&house, who, if who == "operator" { "csc-1-a" } else { "" }).await;
        assert_eq!(browser.get("/watches").await.status, 403, "{who}");
        assert_eq!(browser.post("/watches", &parts(&form("iin", aida.iin.as_str(), "2026-12-31"))).await.status, 403);
    }
    let id = api[0]["id"].as_str().unwrap();
    let renewal = [("until", "2027-01-31"), ("reason", "the trial goes on")];
    assert_eq!(browser.post_only(&format!("/watches/{id}/renewal"), &renewal).await.status, 303);
    assert!(in_all_languages(&mut browser, "/watches").await.contains("the trial goes on"));
    let end = [("reason", "the trial is over")];
    assert_eq!(browser.post_only(&format!("/watches/{id}/end"), &end).await.status, 303);
    assert_eq!(browser.post(&format!("/watches/{id}/end"), &end).await.status, 409);
    let page = in_all_languages(&mut browser, "/watches").await;
    assert!(page.contains("the trial goes on") && page.contains("ended 23 November 2026"), "{page}");
}

#[tokio::test]
async fn control_e13_the_page_of_pruning_says_why_nothing_goes_and_is_for_those_who_sign() {
    let house = house(&[]).await;
    for who in ["supervisor", "administrator"] {
        let mut browser = Browser::signed_in(&house, who, "").await;
        let page = in_all_languages(&mut browser, "/log-pruning").await;
        assert!(page.contains("Nothing may be taken away today."), "{page}");
        assert!(page.contains("so everything is kept") && !page.contains("name=\"minimum\""), "{page}");
        for wrong in ["0", "255", "256", "18446744073709551615", "-1", "x"] {
            assert_eq!(browser.post("/log-pruning", &[("minimum", wrong)]).await.status, 422, "{wrong}");
        }
    }
    let mut operator = Browser::signed_in(&house, "second", "").await;
    assert_eq!(operator.get("/log-pruning").await.status, 403);
    assert_eq!(operator.post("/log-pruning", &[("minimum", "256")]).await.status, 403);
}
