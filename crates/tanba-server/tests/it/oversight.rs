//! The pages of oversight, of the person concerned, of a day in figures and of training, as a browser gets them.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::json;
use tanba_formats::Finger;
use tanba_registry::{Delivery, Exercise, ExercisePerson, LawFiles, Messenger, Notice, Sending};
use tanba_server::{TrainingPeople, TrainingPerson};
use tanba_synth::Person;

use crate::browser::{Browser, between, text};
use crate::house::{ANYONE, FINGERS, House, UNKNOWN, adult, house, training_house, young_child};

/// A messaging service that knows nobody.
pub(crate) struct Stranger;

impl Messenger for Stranger {
    fn send<'a>(&'a self, _: &'a Notice) -> Sending<'a> {
        Box::pin(std::future::ready(Delivery::Refused("unknown_recipient".to_owned())))
    }
}

/// The page in each language, with no key of a text standing where the text should.
async fn in_all_languages(browser: &mut Browser<'_>, path: &str) -> String {
    let mut english = String::new();
    for lang in ["kk", "ru", "en"] {
        browser.set_cookie("tanba_language", lang);
        let reply = browser.get(path).await;
        assert_eq!(reply.status, 200, "{path}: {}", text(&reply));
        let page = text(&reply);
        for area in [
            "oversight",
            "log",
            "me",
            "stats",
            "training",
            "publiclog",
            "law",
            "entry",
            "correction",
            "figure",
            "desk",
            "done",
        ] {
            for start in [">", "\"", " "] {
                let key = format!("{start}{area}-");
                for (at, _) in page.match_indices(&key) {
                    let word: String =
                        page[at + 1..].chars().take_while(|c| c.is_ascii_lowercase() || *c == '-').collect();
                    if word.ends_with('-') {
                        continue; // a file's name with a number in it
                    }
                    let before = &page[..=at];
                    let of_markup =
                        ["id=\"", "href=\"#", "class=\"", "for=\"", "labelledby=\"", "describedby=\"", "download=\""];
                    let in_tag = before.rfind('<').unwrap_or(0) > before.rfind('>').unwrap_or(0);
                    assert!(
                        in_tag || of_markup.iter().any(|m| before.ends_with(m)),
                        "{path} ({lang}) shows the key {word}"
                    );
                }
            }
        }
        english = page;
    }
    english
}

async fn ask_for(house: &House, person: &Person) {
    let request = json!({"act": "read", "purpose": "crime_investigation", "iin": person.iin.as_str()});
    assert_eq!(house.post("officer", "/api/access-requests", request).await.status, 403);
}

#[tokio::test]
async fn the_supervisor_sees_what_needs_attention_and_no_name() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    house.register(&aida, &aida, "k1", 1).await;
    for _ in 0..5 {
        assert_eq!(house.get("operator", "/api/candidates").await.status, 403);
    }
    house.registry.publish().await.unwrap();
    let mut browser = Browser::signed_in(&house, "supervisor", "").await;
    assert_eq!(browser.at, "/oversight", "the first page of a supervisor");
    let page = in_all_languages(&mut browser, "/oversight").await;
    assert!(page.contains("1 matter deserves a question"), "{page}");
    assert!(page.contains("The account “operator” was denied 5 times in a row within an hour."));
    assert!(page.contains("<svg class=\"chart\"") && page.contains("role=\"img\""));
    // The note leads to its entries, an entry to its proof.
    let link = between(&page, "href=\"/oversight-log?places=", "\"").unwrap();
    let entries = text(&browser.get(&format!("/oversight-log?places={link}")).await);
    assert_eq!(entries.matches("the role does not allow it").count(), 5);
    let page = in_all_languages(&mut browser, "/oversight-log?outcome=denial").await;
    assert!(page.contains("the role does not allow it") && !page.contains("a fingerprint was captured"));
    let all = in_all_languages(
        &mut browser,
        "/oversight-log?event=finger.&organisation=csc&since=2026-11-23&until=2026-11-23",
    )
    .await;
    assert!(all.contains("a fingerprint was captured"));
    let entry = in_all_languages(&mut browser, "/oversight-log/3").await;
    assert!(entry.contains("tanba log check entry-3.tlog-proof") && entry.contains(&house.registry.verifier_key()));
    let proof = browser.get("/api/log/entries/3/proof").await;
    assert!(text(&proof).contains("tlog-proof"));
    for page in [page, all, entries, entry] {
        for secret in [aida.iin.as_str(), &aida.name.family.latin, &aida.name.given.latin] {
            assert!(!page.contains(secret), "a supervisor's page names a person");
        }
    }
    for path in [
        "/oversight-log?outcome=x",
        "/oversight-log?since=yesterday",
        "/oversight-log?places=1-x",
        "/oversight-log/x",
        "/oversight?days=x",
    ] {
        assert_eq!(browser.get(path).await.status, 400, "{path}");
    }
    assert_eq!(browser.get("/oversight-log/99999").await.status, 404);
    // Paging: what is older than the first page is on the second.
    let first = text(&browser.get("/oversight-log").await);
    let older = between(&first, "rel=\"next\" href=\"", "\"").expect("there are more than fifty entries");
    let second = text(&browser.get(&older.replace("&#38;", "&").replace("&amp;", "&")).await);
    assert!(second.contains("/oversight-log/0\"") || second.contains("rel=\"next\""));
    let mut other = Browser::signed_in(&house, "officer", "").await;
    for path in ["/oversight", "/oversight-log", "/oversight-log/1"] {
        let reply = other.get(path).await;
        assert_eq!(reply.status, 403, "{path}");
        assert!(text(&reply).contains("Your role does not allow this"));
    }
}

#[tokio::test]
async fn the_person_sees_every_look_in_plain_words_and_asks_for_a_correction() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let done = house.register(&aida, &aida, "k1", 1).await;
    let encounter = done["encounter"]["id"].as_str().unwrap();
    house.post("operator", &format!("/api/encounters/{encounter}/documents"), json!({"kind": "identity_card"})).await;
    ask_for(&house, &aida).await;
    house.citizen(done["encounter"]["person"].as_str().unwrap()).await;
    house.registry.publish().await.unwrap();
    let mut browser = Browser::signed_in(&house, "citizen", "").await;
    assert_eq!(browser.at, "/me");
    let page = in_all_languages(&mut browser, "/me").await;
    for told in [
        aida.iin.as_str(),
        "This look is recorded",
        "a request for data was denied",
        "Purpose: criminal investigation.",
        "from the population register",
        "Prints of 2 of your fingers are held.",
        "Identity card",
        "applied for",
        "the registration was completed",
    ] {
        assert!(page.contains(told), "{told} is missing: {page}");
    }
    assert!(!page.contains("officer</b>") && !page.contains("P-officer"), "the organisation is named, not the officer");
    // The proof of the denied request.
    let at = page.find("a request for data was denied").unwrap();
    let seq = between(&page[at..], "/me/entries/", "\"").unwrap();
    let entry = in_all_languages(&mut browser, &format!("/me/entries/{seq}")).await;
    assert!(entry.contains("a request for data was denied") && entry.contains("Download the proof"));
    assert_eq!(browser.get("/me/entries/0").await.status, 404, "an entry about others");

    for kind in ["correction", "restriction", "erasure", "review", "complaint"] {
        in_all_languages(&mut browser, &format!("/me/request?kind={kind}")).await;
    }
    assert_eq!(browser.get("/me/request?kind=x").await.status, 400);
    let words = "My name ends on -ova. <script>alert(1)</script>";
    let fields = [("kind", "correction"), ("attribute", "family_name_latin"), ("text", words)];
    let reply = browser.post("/me/requests", &fields).await;
    assert_eq!(browser.at, "/me?done=request-sent#requests");
    let page = text(&reply);
    assert!(page.contains("Your request was sent") && page.contains("It is answered by"));
    assert!(!page.contains("<script>alert"), "what people type is text");
    let blank = [("kind", "correction"), ("attribute", "other"), ("text", " ")];
    assert_eq!(browser.post("/me/requests", &blank).await.status, 422);
    assert_eq!(browser.post("/me/requests", &[("kind", "correction"), ("text", "x")]).await.status, 422);
    browser.post("/me/requests", &[("kind", "complaint"), ("text", "who looked at my prints?")]).await;
    assert_eq!(browser.get("/me?before=x").await.status, 400);

    browser.post("/me/lock", &[]).await;
    assert_eq!(browser.at, "/me?done=biometrics-locked#lock");
    assert!(in_all_languages(&mut browser, "/me").await.contains("locked since"));
    assert_eq!(browser.post("/me/lock/release", &[("password", "not the password")]).await.status, 403);
    browser.post("/me/lock/release", &[("password", crate::house::PASSWORD)]).await;
    assert_eq!(browser.at, "/me?done=biometrics-unlocked#lock");

    assert!(in_all_languages(&mut browser, "/me").await.contains("This register sends no messages yet."));
    house.registry.send_notices(&Stranger).await.unwrap();
    assert_eq!(house.get("operator", &format!("/api/encounters/{encounter}")).await.status, 200);
    house.registry.send_notices(&Stranger).await.unwrap();
    let page = in_all_languages(&mut browser, "/me").await;
    assert!(page.contains("You get messages.") && page.contains("the messaging service does not know you"), "{page}");
    browser.post("/me/notices", &[("wanted", "false")]).await;
    assert_eq!(browser.at, "/me?done=notices-off#notices");
    let page = in_all_languages(&mut browser, "/me").await;
    assert!(page.contains("You want no messages since") && page.contains("Send me messages again"));
    assert!(page.contains("the person chose whether to get messages about looks"));
    assert!([400, 422].contains(&browser.post("/me/notices", &[("wanted", "x")]).await.status.as_u16()));
    browser.post("/me/notices", &[("wanted", "true")]).await;
    assert_eq!(browser.at, "/me?done=notices-on#notices");

    let mut second = Browser::signed_in(&house, "second", "").await;
    let list = in_all_languages(&mut second, "/requests").await;
    assert!(!list.contains("Complaint to the supervisor"), "a complaint is not for those who are complained of");
    let id = between(&list, "href=\"/requests/", "\"").unwrap();
    let request = in_all_languages(&mut second, &format!("/requests/{id}")).await;
    assert!(request.contains("My name ends on -ova.") && !request.contains("<script>alert"));
    let answer = [
        ("decision", "refused"),
        ("reasons", "the passport has it as we have it"),
        ("clause", "Art. 25"),
        ("appeal", "the court of the district"),
    ];
    let path = format!("/requests/{id}/answer");
    assert_eq!(second.post(&path, &answer[..2]).await.status, 422, "a refusal names clause and appeal");
    second.post(&path, &answer).await;
    assert_eq!(second.at, "/requests?done=request-answered");
    assert_eq!(second.post(&path, &answer).await.status, 409, "answered twice is a contradiction");
    let page = text(&browser.get("/me").await);
    for told in [
        "Refused</b>",
        "the passport has it as we have it",
        "Art. 25",
        "Appeal: the court of the district",
        "a request was read",
        "/me/request?kind=complaint",
    ] {
        assert!(page.contains(told), "{told} is missing: {page}");
    }
    let mut supervisor = Browser::signed_in(&house, "supervisor", "").await;
    let list = in_all_languages(&mut supervisor, "/requests").await;
    let complaint = between(&list, "href=\"/requests/", "\"").unwrap();
    let request = in_all_languages(&mut supervisor, &format!("/requests/{complaint}")).await;
    assert!(request.contains("who looked at my prints?") && !request.contains("href=\"/persons/"));
    assert_eq!(second.get(&format!("/requests/{complaint}")).await.status, 403);
    for (login, path) in [("officer", "/me"), ("officer", "/requests"), ("citizen", "/statistics")] {
        let mut other = Browser::signed_in(&house, login, "").await;
        assert_eq!(other.get(path).await.status, 403, "{login} at {path}");
    }
    house.assert_log_is_discreet();
}

#[tokio::test]
async fn an_officer_takes_a_request_restricts_and_lifts_and_a_representative_reads_by_a_recorded_document() {
    let (aida, other) = (adult(11), adult(12));
    let house = house(&[&aida, &other]).await;
    let done = house.register(&aida, &aida, "k1", 1).await;
    let person = done["encounter"]["person"].as_str().unwrap().to_owned();
    let attorney = house.register(&other, &other, "k2", 1).await;
    house.citizen(attorney["encounter"]["person"].as_str().unwrap()).await;

    let mut second = Browser::signed_in(&house, "second", "").await;
    let path = format!("/persons/{person}/representative");
    in_all_languages(&mut second, &path).await;
    let past = [("attorney", other.iin.as_str()), ("document", "notary 5"), ("valid_to", "2020-01-01")];
    assert_eq!(second.post(&path, &past).await.status, 422);
    let document = [("attorney", other.iin.as_str()), ("document", "notary 5"), ("valid_to", "2099-12-31")];
    assert!(text(&second.post(&path, &document).await).contains("The representation was recorded"));

    let mut citizen = Browser::signed_in(&house, "citizen", "").await;
    assert!(in_all_languages(&mut citizen, "/me").await.contains(&format!("/me/represented/{person}")));
    assert_eq!(citizen.get("/me/erasure-certificate").await.status, 404, "nothing was erased");
    citizen.post("/me/represented", &[("iin", aida.iin.as_str())]).await;
    assert_eq!(citizen.at, format!("/me/represented/{person}"));
    let page = in_all_languages(&mut citizen, &format!("/me/represented/{person}")).await;
    assert!(page.contains(aida.iin.as_str()) && page.contains("You read it by a document that was recorded."));
    assert!(
        page.contains("(representative)</b>") && !page.contains("<b>You</b>"),
        "whoever reads it is not the person"
    );
    in_all_languages(&mut citizen, &format!("/me/represented/{person}/request?kind=erasure")).await;
    let asked = [("kind", "erasure"), ("text", "she asks that everything is erased")];
    let page = text(&citizen.post(&format!("/me/represented/{person}/requests"), &asked).await);
    assert!(page.contains("she asks that everything is erased") && page.contains("by a representative"));
    assert_eq!(citizen.get(&format!("/me/represented/{UNKNOWN}")).await.status, 403);

    let mut operator = Browser::signed_in(&house, "operator", "csc-1-a").await;
    let form = in_all_languages(&mut operator, &format!("/persons/{person}/request?kind=restriction")).await;
    assert!(form.contains("Reference of the letter"));
    let spoken = [("kind", "restriction"), ("text", "nobody is to use my prints"), ("letter", "")];
    let taken = operator.post(&format!("/persons/{person}/requests"), &spoken).await;
    assert!(text(&taken).contains("The request was taken"));
    let list = in_all_languages(&mut second, "/requests").await;
    let (mut restriction, mut erasure) = (String::new(), String::new());
    for rest in list.split("href=\"/requests/").skip(1) {
        let (id, rest) = rest.split_once('"').unwrap();
        let kind = if rest.starts_with(">Erasure") { &mut erasure } else { &mut restriction };
        id.clone_into(kind);
    }
    let shown = in_all_languages(&mut second, &format!("/requests/{erasure}")).await;
    assert!(shown.contains("These clauses made the registration a duty"));
    let grant = [("decision", "granted"), ("reasons", "until it is settled")];
    assert_eq!(second.post(&format!("/requests/{erasure}/answer"), &grant).await.status, 403, "a duty by law");
    second.post(&format!("/requests/{restriction}/answer"), &grant).await;
    assert!(second.at.contains("done=request-answered"));
    let denied = second.post(&format!("/persons/{person}"), &[("purpose", "correction"), ("reason", "a letter")]).await;
    assert_eq!(denied.status, 403);
    assert!(text(&denied).contains("The use of this record is restricted"));
    let list = in_all_languages(&mut second, "/requests").await;
    assert!(list.contains("Restrictions in force"));
    let shown = in_all_languages(&mut second, &format!("/requests/{restriction}")).await;
    assert!(shown.contains("Lift the restriction"));
    let lifting = format!("/requests/{restriction}/lifting");
    assert_eq!(operator.post(&lifting, &[("reasons", "settled")]).await.status, 403);
    second.post(&lifting, &[("reasons", "it is settled")]).await;
    assert!(second.at.contains("done=restriction-lifted"));
    assert_eq!(second.post(&lifting, &[("reasons", "again")]).await.status, 409);
    house.assert_log_is_discreet();
}

#[tokio::test]
async fn the_day_is_told_in_sentences_charts_and_tables() {
    let (aida, child) = (adult(11), young_child(14));
    let house = house(&[&aida, &child]).await;
    house.register(&aida, &aida, "k1", 1).await;
    let new = json!({"client_key": "k2", "trigger": "passport", "iin": child.iin.as_str()});
    assert_eq!(house.post("operator", "/api/encounters", new).await.status, 403);
    let mut browser = Browser::signed_in(&house, "operator", "csc-1-a").await;
    let page = in_all_languages(&mut browser, "/statistics").await;
    assert!(page.contains("One person came, most of them between 17:00 and 18:00: 1."), "{page}");
    assert!(page.contains("Of 1 arrivals 1 ended registered, verified or exempt"));
    assert!(page.contains("the law forbids registration") && page.contains("Service centre 1"));
    assert_eq!(page.matches("<svg class=\"chart\"").count(), 4);
    assert_eq!(page.matches("<caption>").count(), 5);
    assert!(!page.contains(aida.iin.as_str()));
    let before = in_all_languages(&mut browser, "/statistics?day=2026-11-22&of=site").await;
    assert!(before.contains("Nobody came on this day."));
    assert_eq!(browser.get("/statistics?of=all").await.status, 403, "an operator sees the own site");
    assert_eq!(browser.get("/statistics?day=x").await.status, 400);
    assert_eq!(browser.get("/statistics?of=x").await.status, 400);
    let mut nowhere = Browser::signed_in(&house, "operator", "").await;
    assert!(in_all_languages(&mut nowhere, "/statistics").await.contains("You signed in at no station"));
    let mut supervisor = Browser::signed_in(&house, "supervisor", "").await;
    assert!(text(&supervisor.get("/statistics").await).contains("all sites"));
}

#[tokio::test]
async fn anyone_can_check_the_public_log() {
    let house = house(&[]).await;
    house.registry.publish().await.unwrap();
    let mut browser = Browser::new(&house);
    let page = in_all_languages(&mut browser, "/public-log").await;
    assert!(page.contains(&house.registry.verifier_key()) && page.contains("tanba.test/log"));
    let found = in_all_languages(&mut browser, "/public-log?entry=0").await;
    assert!(found.contains("instance.founded") && found.contains("/api/log/entries/0/proof"));
    for (asked, shown) in [("99999", "99999"), ("%3Cb%3E", "&#60;b&#62;"), ("-1", "-1")] {
        let page = text(&browser.get(&format!("/public-log?entry={asked}")).await);
        assert!(page.contains(&format!("The log has no entry “{shown}”")), "{page}");
    }
    assert_eq!(house.get(ANYONE, "/me").await.status, 401);
}

#[tokio::test]
async fn anyone_can_read_what_the_law_asks() {
    let house = house(&[]).await;
    let mut browser = Browser::new(&house);
    let page = in_all_languages(&mut browser, "/law").await;
    for said in [
        "Who must be registered",
        "Who must not be registered",
        "No fingerprints are taken from children under 12.",
        "A refusal may be fined with 5 monthly calculation indices.",
        "an assumption of this demonstration",
        "Genomic profile (DNA)",
        "Your rights, and where to complain",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    for (_, hash) in house.registry.law_in_use() {
        assert!(page.contains(&hash), "the page names the packs by their hashes");
    }
    assert!(text(&browser.get("/").await).contains("href=\"/law\""));
    // A law that ends says so at once, and why.
    let struck = "struck:\n  on: 2026-01-01\n  still_read: []\n  ground: {cite: \"a judgment\", source: \"a test\", confidence: C}\n  text: {kk: kk, ru: ru, en: \"A court struck it down.\"}\ninstrument:\n";
    let pack = include_str!("../../../tanba-law/packs/kz-2016-as-enacted.yaml").replacen("instrument:\n", struck, 1);
    house.registry.deliver_law(&law(&pack)).await.unwrap();
    let page = in_all_languages(&mut browser, "/law").await;
    assert!(page.contains("This law no longer holds") && page.contains("A court struck it down."));
}

/// A folder of law with one file.
fn law(pack: &str) -> LawFiles {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("pack.yaml"), pack).unwrap();
    LawFiles::read(dir.path(), None).unwrap()
}

#[tokio::test]
async fn a_consent_is_taken_back_on_the_own_page_and_the_proofs_lie_there() {
    let (aida, other) = (adult(11), adult(12));
    let house = house(&[&aida, &other]).await;
    house.register(&other, &other, "k0", 1).await;
    let offered = law(include_str!("../../../tanba-law/packs/kz-2024-in-force.yaml"));
    let delivery = house.registry.deliver_law(&offered).await.unwrap().unwrap();
    let path = format!("/api/law-deliveries/{}/acknowledgement", delivery.id);
    assert_eq!(house.call("supervisor", "POST", &path, None).await.status, 204);
    let encounter = house.open(&aida, "k1").await;
    let id = encounter["id"].as_str().unwrap();
    let consent = house.consent_to("subject_consent", aida.iin.as_str()).await;
    house.post("operator", &format!("/api/encounters/{id}/consents"), consent).await.made();
    house.capture_all(id, &aida, 1).await;
    house.call("operator", "POST", &format!("/api/encounters/{id}/completion"), None).await.made();
    house.citizen(encounter["person"].as_str().unwrap()).await;

    let mut browser = Browser::signed_in(&house, "citizen", "").await;
    assert!(in_all_languages(&mut browser, "/me").await.contains("Take my consent back"));
    browser.set_cookie("tanba_language", "en");
    assert_eq!(browser.post("/me/withdrawal", &[]).await.status, 422, "not by accident");
    let page = text(&browser.post("/me/withdrawal", &[("sure", "1")]).await);
    assert!(page.contains("Your consent is taken back, and your prints are erased."), "{page}");
    assert!(page.contains("data was erased and its keys destroyed") && page.contains("the consent was taken back"));
    assert!(!page.contains("action=\"/me/withdrawal\""), "there is nothing left to take back");
    assert_eq!(house.registry.people_searchable(), 1);
    // The supervisor finds the plan over the API; what was a duty is not taken back.
    let plans = house.get("supervisor", "/api/supervision/deletion-plans").await.json();
    assert_eq!(plans[0]["rows"].as_array().map(Vec::len), Some(2));
    assert_eq!(plans[0]["rows"][0]["clause"], "withdrawal");
    assert_eq!(house.call("citizen", "POST", "/api/me/consent/withdrawal", None).await.problem(404), "not_found");
}

#[tokio::test]
async fn control_f4_the_own_page_gives_the_proof_that_its_entries_are_all() {
    let aida = adult(11);
    let house = house(&[&aida]).await;
    let encounter = house.open(&aida, "k1").await;
    house.citizen(encounter["person"].as_str().unwrap()).await;
    let mut browser = Browser::signed_in(&house, "citizen", "").await;
    assert_eq!(browser.get("/me/entries-proof").await.status, 409, "nothing is published yet");
    house.registry.publish_index().await.unwrap();
    house.registry.publish().await.unwrap();
    assert!(in_all_languages(&mut browser, "/me").await.contains("/me/entries-proof"));
    let taken = browser.get("/me/entries-proof").await;
    let own = tanba_seal::index::OwnEntries::parse(&taken.body).unwrap();
    let key = tanba_seal::log::LogVerifier::parse(&house.registry.verifier_key()).unwrap();
    let told = own.verify(&key).unwrap();
    assert_eq!(told.records.len(), 1);
    assert!(told.records[0].places.len() >= 2, "the registration and the attempt to take the proof");
    assert_eq!(house.get("citizen", "/api/me/entries-proof").await.body, taken.body);
    assert_eq!(house.get("operator", "/api/me/entries-proof").await.problem(403), "role");
}

/// One exercise person for the child and the adult; the others have none.
struct Two(Person, Person);

impl TrainingPeople for Two {
    fn people(&self, exercise: Exercise) -> u64 {
        u64::from(matches!(exercise, Exercise::OrdinaryAdult | Exercise::YoungChild))
    }

    fn person(&self, exercise: Exercise, slot: u64) -> Option<TrainingPerson> {
        let person = match exercise {
            Exercise::OrdinaryAdult => &self.0,
            Exercise::YoungChild => &self.1,
            _ => return None,
        };
        (slot == 0).then(|| TrainingPerson {
            subject: ExercisePerson {
                iin: person.iin.as_str().to_owned(),
                missing: Finger::TEN.into_iter().filter(|f| !FINGERS.contains(f)).collect(),
                bandaged: BTreeSet::new(),
            },
            name: person.name.given.latin.clone(),
            guardian: None,
        })
    }
}

#[tokio::test]
async fn an_exercise_is_begun_done_and_scored_with_the_rule_behind_each_point() {
    let (aida, child) = (adult(11), young_child(14));
    let house = training_house(&[&aida, &child], Arc::new(Two(adult(11), young_child(14)))).await;
    let mut browser = Browser::signed_in(&house, "operator", "csc-1-a").await;
    let board = in_all_languages(&mut browser, "/training").await;
    assert!(board.contains("ЖАТТЫҒУ") && board.contains("ОБУЧЕНИЕ") && board.contains("<body class=\"training\">"));
    assert!(board.contains("0 of 7 exercises are scored"));
    for exercise in Exercise::ALL {
        in_all_languages(&mut browser, &format!("/training/{}", exercise.name())).await;
    }
    let before = text(&browser.get("/training/young_child").await);
    assert!(!before.contains(child.iin.as_str()), "the number comes with the turn");
    let begun = text(&browser.post("/training/young_child/begin", &[]).await);
    assert!(begun.contains(child.iin.as_str()) && begun.contains("Score it"));
    let new = json!({"client_key": "k2", "trigger": "passport", "iin": child.iin.as_str()});
    assert_eq!(house.post("operator", "/api/encounters", new).await.status, 403);
    let scored = text(&browser.post("/training/young_child/score", &[]).await);
    assert_eq!(browser.at, "/training/young_child#score");
    assert!(
        scored.contains("100 of 100 points") && scored.contains("Where it is not allowed nothing is taken")
            || scored.contains("100 of 100 points")
    );
    assert!(scored.contains("no way round is looked for"), "the rule behind a point");
    let twice = browser.post("/training/young_child/score", &[]).await;
    assert!(twice.status.is_success(), "pressed twice, it is scored once");
    assert!(text(&browser.get("/training").await).contains("best score: 100"));

    // A careless registration: nothing explained.
    browser.post("/training/ordinary_adult/begin", &[]).await;
    house.register(&aida, &aida, "k1", 1).await;
    let scored = text(&browser.post("/training/ordinary_adult/score", &[]).await);
    assert!(scored.contains("65 of 100 points"), "{scored}");
    assert!(scored.contains("The matter has not ended"), "a document still belongs to it");
    assert!(scored.contains("missed</span> Explained first"));
    assert_eq!(browser.post("/training/teenager/begin", &[]).await.status, 409, "there is nobody for it here");
    assert_eq!(browser.get("/training/nothing").await.status, 404);
    let mut other = Browser::signed_in(&house, "officer", "").await;
    assert_eq!(other.get("/training").await.status, 403);
}

#[tokio::test]
async fn a_register_that_is_not_for_training_has_no_exercises() {
    let house = house(&[]).await;
    let mut browser = Browser::signed_in(&house, "operator", "csc-1-a").await;
    let page = browser.get("/training").await;
    assert_eq!(page.status, 409);
    assert!(text(&page).contains("This register is not for training"));
    assert!(!text(&browser.get("/statistics").await).contains("href=\"/training\""));
}
