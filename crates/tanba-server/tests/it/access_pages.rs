//! An officer asks through the pages: denied with clause and needs, then granted on a sanction that somebody else entered;
//! and no request is made twice by an impatient finger.

use base64::Engine as _;
use tanba_formats::Finger;
use tanba_seal::{KdfParams, KeyRing, Sanction, Subject};

use crate::browser::{Browser, between, text};
use crate::house::{House, adult, house, print};

async fn case_of(browser: &mut Browser<'_>, number: &str, kind: &str) -> String {
    browser.get("/access").await;
    let reply = browser.post("/access/cases", &[("number", number), ("kind", kind)]).await;
    assert!(reply.status.is_success(), "{}", text(&reply));
    browser.at.strip_prefix("/access/cases/").unwrap().to_owned()
}

/// The key of the form that the last page shows.
fn key_of(page: &str) -> String {
    between(page, "name=\"key\" value=\"", "\"").unwrap()
}

async fn looks(house: &House) -> u64 {
    let log = house.get("supervisor", "/api/supervision/log?from=0&limit=1000").await.made();
    let entries = log.as_array().or_else(|| log["entries"].as_array()).unwrap();
    entries.iter().filter(|e| e["event"] == "access.granted").count() as u64
}

#[tokio::test]
async fn a_request_is_denied_with_its_reason_then_granted_on_a_sanction() {
    let person = adult(31);
    let house = house(&[&person]).await;
    house.register(&person, &person, "r-31", 1).await;
    let mut officer = Browser::signed_in(&house, "officer", "").await;
    assert_eq!(officer.at, "/access");
    let case = case_of(&mut officer, "2026-17 <b>", "crime").await;
    let page = text(&officer.get(&format!("/access/cases/{case}")).await);
    assert!(page.contains("2026-17 &#60;b&#62;"), "a case's number is text, not markup: {page}");

    let iin = person.iin.as_str();
    let ask = [
        ("key", key_of(&page)),
        ("purpose", "crime_investigation".to_owned()),
        ("act", "read".to_owned()),
        ("legal_basis", "CPC 100".to_owned()),
        ("iin", iin.to_owned()),
    ];
    let fields: Vec<(&str, &str)> = ask.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let path = format!("/access/cases/{case}/requests");
    let denied = officer.upload(&path, &fields, &[]).await;
    let told = text(&denied);
    assert_eq!(denied.status, 403, "{told}");
    assert!(told.contains("By which clause") && told.contains("In the log") && told.contains("What would be needed"));

    let mut clerk = Browser::signed_in(&house, "clerk", "").await;
    clerk.get("/sanctions").await;
    let sanction = [
        ("case", case.as_str()),
        ("authority", "prosecutor"),
        ("issued_by", "Prosecutor, no. 7"),
        ("purposes", "crime_investigation"),
        ("acts", "read"),
        ("acts", "identify"),
        ("iin", iin),
        ("from", "2026-11-20"),
        ("to", "2026-12-20"),
        ("uses", "1"),
    ];
    let entered = clerk.post("/sanctions", &sanction).await;
    assert!(text(&entered).contains("Prosecutor, no. 7"), "{}", text(&entered));

    let page = text(&officer.get(&format!("/access/cases/{case}")).await);
    let id = between(&page, "<option value=\"\">no sanction</option><option value=\"", "\"")
        .expect("the sanction is offered");
    let key = key_of(&page);
    let mut granted: Vec<(&str, &str)> = fields.iter().copied().filter(|(name, _)| *name != "key").collect();
    granted.extend([("key", key.as_str()), ("sanction", id.as_str())]);
    let answer = officer.upload(&path, &granted, &[]).await;
    let told = text(&answer);
    assert!(told.contains(iin) && told.contains("This look is recorded. Purpose: criminal investigation"), "{told}");
    assert_eq!(looks(&house).await, 1);

    // Pressing again, and reloading, show the same answer: no second look, no second use.
    let again = officer.upload(&path, &granted, &[]).await;
    assert!(text(&again).contains(iin));
    let at = officer.at.clone();
    officer.get(&at).await;
    assert_eq!(looks(&house).await, 1);
    let mut stranger = Browser::signed_in(&house, "officer", "").await;
    assert_eq!(stranger.get(&at).await.status, 404, "an answer is for the session that asked");
    house.assert_log_is_discreet();
}

#[tokio::test]
async fn prints_find_a_candidate_and_the_name_follows_a_stated_decision() {
    let person = adult(32);
    let house = house(&[&person]).await;
    house.register(&person, &person, "r-32", 1).await;
    let mut officer = Browser::signed_in(&house, "officer", "").await;
    let case = case_of(&mut officer, "B-1", "unidentified_body").await;
    let page = text(&officer.get(&format!("/access/cases/{case}")).await);
    let key = key_of(&page);
    let fields = [
        ("key", key.as_str()),
        ("purpose", "unidentified_body"),
        ("act", "identify"),
        ("legal_basis", "Law 40-VI"),
        ("finger-1", "right_index"),
        ("finger-2", "left_index"),
    ];
    let decode = |finger| base64::engine::general_purpose::STANDARD.decode(print(&person, finger, 2)).unwrap();
    let (right, left) = (decode(Finger::RightIndex), decode(Finger::LeftIndex));
    let files: [(&str, &str, &[u8]); 2] = [("print-1", "a.png", &right), ("print-2", "b.png", &left)];
    let answer = officer.upload(&format!("/access/cases/{case}/requests"), &fields, &files).await;
    let told = text(&answer);
    assert!(told.contains("Candidate 1") && told.contains("Compared with 1 person"), "{told}");
    assert!(!told.contains(person.iin.as_str()) && !told.contains(&person.name.family.latin));

    // Narrowed to people whom nobody here is: the page says whom the answer is of, and who was left out.
    let again = key_of(&text(&officer.get(&format!("/access/cases/{case}")).await));
    let mut narrowed: Vec<(&str, &str)> = fields[1..].to_vec();
    narrowed.extend([("key", again.as_str()), ("born_to", "1899"), ("narrowing_reason", "very old")]);
    let left_out = text(&officer.upload(&format!("/access/cases/{case}/requests"), &narrowed, &files).await);
    assert!(
        left_out.contains("One person was left out") && left_out.contains("Nobody among those asked"),
        "{left_out}"
    );
    let again = key_of(&text(&officer.get(&format!("/access/cases/{case}")).await));
    let mut silent: Vec<(&str, &str)> = fields[1..].to_vec();
    silent.extend([("key", again.as_str()), ("born_to", "1899")]);
    let refused = officer.upload(&format!("/access/cases/{case}/requests"), &silent, &files).await;
    assert_eq!(refused.status, 422, "a narrowed search has a reason");

    let candidate = between(&told, "name=\"candidate\" value=\"", "\"").unwrap();
    let key = key_of(&told);
    let release = [
        ("candidate", candidate.as_str()),
        ("purpose", "unidentified_body"),
        ("legal_basis", "Law 40-VI"),
        ("decision", "compared by two examiners, report 5"),
        ("key", key.as_str()),
    ];
    let named = officer.post(&format!("/access/cases/{case}/release"), &release).await;
    assert!(text(&named).contains(person.iin.as_str()), "{}", text(&named));
    // Somebody who was never shown as a candidate in this case is not released.
    let other = [
        ("candidate", crate::house::UNKNOWN),
        ("purpose", "unidentified_body"),
        ("legal_basis", "x"),
        ("decision", "x"),
        ("key", "00000000000000000000000000000000"),
    ];
    assert_eq!(officer.post(&format!("/access/cases/{case}/release"), &other).await.status, 404);
}

#[tokio::test]
async fn the_administrators_desk_sets_up_institutions_and_shows_no_person() {
    let house = house(&[]).await;
    let mut browser = Browser::signed_in(&house, "administrator", "").await;
    assert_eq!(browser.at, "/admin");
    browser.post("/admin/organisations", &[("code", "port"), ("name", "Port <i>"), ("body", "border_service")]).await;
    let page = text(&browser.get("/admin").await);
    assert!(page.contains("Port &#60;i&#62;"), "{page}");
    let id = between(&page, "<option value=\"", "\"").unwrap();
    let site = [
        ("organisation", id.as_str()),
        ("code", "gate-1"),
        ("name", "Gate 1"),
        ("kind", "port"),
        ("triggers", "border_entry"),
        ("triggers", "border_exit"),
        ("region", "17"),
    ];
    let page = text(&browser.post("/admin/sites", &site).await);
    assert!(page.contains("<dt>Region</dt><dd>17</dd>"), "{page}");
    assert!(page.contains("entry at the border, exit at the border"), "{page}");
    let taken = browser.post("/admin/sites", &site).await;
    assert_eq!(taken.status, 409);
    assert!(text(&taken).contains("Choose another"));
    let weak = [
        ("login", "new"),
        ("password", "short"),
        ("organisation", id.as_str()),
        ("natural_person", "P-9"),
        ("roles", "officer"),
    ];
    assert_eq!(browser.post("/admin/accounts", &weak).await.status, 422);
    let officer = Browser::signed_in(&house, "officer", "").await;
    let mut officer = officer;
    let denied = officer.get("/admin").await;
    assert_eq!(denied.status, 403);
    assert!(text(&denied).contains("Your role does not allow this"));
}

#[tokio::test]
async fn a_look_in_danger_to_life_goes_through_the_pages_to_its_check_and_its_deletion() {
    let person = adult(33);
    let house = house(&[&person]).await;
    house.register(&person, &person, "r-33", 1).await;
    let body = serde_json::json!({"code": "knb", "name": "Security", "body": "national_security_committee"});
    let knb = house.post("administrator", "/api/organisations", body).await.made();
    for (login, role) in [("agent", "officer"), ("checker", "second_officer")] {
        house.add_account(login, role, knb["id"].as_str().unwrap(), None).await;
    }
    let mut agent = Browser::signed_in(&house, "agent", "").await;
    let case = case_of(&mut agent, "T-9", "counter_terrorism").await;
    let page = text(&agent.get(&format!("/access/cases/{case}")).await);
    assert!(page.contains("name=\"urgent\""), "the rule has that path: {page}");
    let key = key_of(&page);
    let ask = [
        ("key", key.as_str()),
        ("purpose", "counter_terrorism"),
        ("act", "read"),
        ("legal_basis", "Law 416"),
        ("iin", person.iin.as_str()),
        ("urgent", "a bomb <tonight>"),
    ];
    let answer = text(&agent.upload(&format!("/access/cases/{case}/requests"), &ask, &[]).await);
    assert!(answer.contains("another officer must check it by 2 December 2026"), "{answer}");
    let own = text(&agent.get("/checks").await);
    assert!(own.contains("a bomb &#60;tonight&#62;") && !own.contains("It was justified"), "{own}");

    let mut checker = Browser::signed_in(&house, "checker", "").await;
    let page = text(&checker.get("/checks").await);
    let review = between(&page, "action=\"/checks/urgent/", "\"").unwrap();
    let decision = [("decision", "no danger"), ("justified", "false")];
    let page = text(&checker.post(&format!("/checks/urgent/{review}"), &decision).await);
    assert!(page.contains("not justified") && page.contains("Delete: a look in danger to life was not justified"));
    let order = between(&page, "action=\"/checks/orders/", "\"").unwrap();
    let mut supervisor = Browser::signed_in(&house, "supervisor", "").await;
    let watched = text(&supervisor.get("/checks").await);
    assert!(watched.contains("Delete") && !watched.contains("a bomb") && !watched.contains("/checks/orders/"));
    assert!(text(&supervisor.get("/oversight").await).contains("1 orders to recipients to be acknowledged"));
    let page = text(&agent.post(&format!("/checks/orders/{order}"), &[]).await);
    assert!(page.contains("acknowledged"), "{page}");
    assert_eq!(Browser::signed_in(&house, "operator", "csc-1-a").await.get("/checks").await.status, 403);
    house.assert_log_is_discreet();
}

#[tokio::test]
async fn a_sanction_is_revoked_on_the_page_of_sanctions() {
    let person = adult(33);
    let house = house(&[&person]).await;
    house.register(&person, &person, "r-33", 1).await;
    let mut officer = Browser::signed_in(&house, "officer", "").await;
    let case = case_of(&mut officer, "R-1", "crime").await;
    let mut clerk = Browser::signed_in(&house, "clerk", "").await;
    clerk.get("/sanctions").await;
    let sanction = [
        ("case", case.as_str()),
        ("authority", "prosecutor"),
        ("issued_by", "Prosecutor, no. 8"),
        ("issuer", "P-9"),
        ("purposes", "crime_investigation"),
        ("acts", "read"),
        ("iin", person.iin.as_str()),
        ("from", "2026-11-20"),
        ("to", "2026-12-20"),
        ("uses", "1"),
        ("tell", "2026-12-01"),
    ];
    let page = text(&clerk.post("/sanctions", &sanction).await);
    let id = between(&page, "name=\"sanction\" value=\"", "\"").expect("it can be revoked");
    let page = text(&clerk.post("/sanctions/revocation", &[("sanction", id.as_str()), ("reason", "a mistake")]).await);
    assert!(page.contains("not usable") && !page.contains("name=\"sanction\""), "{page}");
    let offered = text(&officer.get(&format!("/access/cases/{case}")).await);
    assert!(!offered.contains(&id), "nobody can choose it any more");
}

#[tokio::test]
async fn control_d1_a_signed_sanction_is_entered_as_it_is_and_one_that_was_changed_is_refused() {
    let person = adult(34);
    let house = house(&[&person]).await;
    house.register(&person, &person, "s-34", 1).await;
    let mut entropy = |out: &mut [u8]| out.fill(7);
    let office = KeyRing::create("a test passphrase", &[], "court.test", KdfParams::MINIMUM, &mut entropy)
        .unwrap()
        .1
        .log_signer();
    let mut administrator = Browser::signed_in(&house, "administrator", "").await;
    let empty = text(&administrator.get("/sanction-keys").await);
    assert!(empty.contains("No key of an office was entered yet"), "{empty}");
    let key = office.verifier().to_string();
    let new = [("verifier", key.as_str()), ("level", "prosecutor"), ("from", "2026-11-20"), ("to", "2027-11-20")];
    administrator.post("/sanction-keys", &new).await;
    let mut supervisor = Browser::signed_in(&house, "supervisor", "").await;
    let page = text(&supervisor.get("/sanction-keys").await);
    let decide = between(&page, "action=\"/sanction-keys/", "\"").expect("it waits for the supervisor");
    let decided = text(&supervisor.post(&format!("/sanction-keys/{decide}"), &[("confirmed", "true")]).await);
    assert!(decided.contains("in use"), "{decided}");

    let mut officer = Browser::signed_in(&house, "officer", "").await;
    let case = case_of(&mut officer, "S-1", "crime").await;
    let mut clerk = Browser::signed_in(&house, "clerk", "").await;
    clerk.get("/sanctions").await;
    let subject = Subject::new(person.iin.as_str(), &[3; 16]);
    let now = u64::try_from(house.registry.now().micros() / 1_000_000).unwrap();
    let note = Sanction {
        register: house.registry.verifier_key().split('+').next().unwrap().to_owned(),
        serial: "17".to_owned(),
        office: "court.test".to_owned(),
        level: "prosecutor".to_owned(),
        judge: "J-4".to_owned(),
        organisation: "mia".to_owned(),
        case: "S-1".to_owned(),
        subject: Some(subject.commitment().unwrap()),
        modalities: vec!["fingerprint".to_owned()],
        acts: vec!["read".to_owned()],
        purposes: vec!["crime_investigation".to_owned()],
        valid_from: now,
        valid_to: now + 86_400,
        uses: 1,
        tell_at: None,
    };
    let note = note.sign(&office).unwrap().replace('\n', "\r\n");
    let opened = serde_json::to_string(&subject).unwrap();
    let changed = note.replace("uses 1", "uses 9");
    let refused = clerk.post("/sanctions/signed", &[("case", &case), ("note", &changed), ("subject", &opened)]).await;
    assert!(text(&refused).contains("The office has not signed this sanction as it stands."), "{}", text(&refused));
    clerk.get("/sanctions").await;
    let entered = clerk.post("/sanctions/signed", &[("case", &case), ("note", &note), ("subject", &opened)]).await;
    let page = text(&entered);
    assert!(page.contains("signed by its authority") && page.contains("court.test 17"), "{page}");
    // Where only signed ones count, the form for others is gone.
    house.registry.demand_signed_sanctions();
    let page = text(&clerk.get("/sanctions").await);
    assert!(!page.contains("action=\"/sanctions\"") && page.contains("action=\"/sanctions/signed\""), "{page}");
    let ended = between(&text(&administrator.get("/sanction-keys").await), "action=\"/sanction-keys/", "\"").unwrap();
    let ended = text(&administrator.post(&format!("/sanction-keys/{ended}"), &[("reason", "lost")]).await);
    assert!(ended.contains("ended"), "{ended}");
}
