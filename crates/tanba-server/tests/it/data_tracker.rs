//! The interface of the data tracker as a country's portal meets it: the protocol's paths, names, types and defaults
//! (github.com/e-gov/AJ, dumonitor-openapi-v2.yaml), and who is told what.

use axum::body::Body;
use jiff::SignedDuration;
use jiff::civil::date;
use serde_json::{Value, json};
use tanba_registry::{Act, Actor, Grounds, NewRepresentation, NewSanction, Target};
use tanba_synth::{Person, PersonSpec};

use crate::house::{House, PASSWORD, Reply, adult, house, house_as, record};

const BASE: &str = "/api/data-tracker/v2";

/// One question of a portal, in English.
async fn ask(house: &House, user: &str, query: &str) -> Reply {
    let request = house.request("egov", "GET", &format!("{BASE}/findUsage?{query}"));
    let request = request.header("X-Road-UserId", user).header("accept-language", "en");
    house.send(request.body(Body::empty()).unwrap()).await
}

/// The usages that a signed-in person is told of somebody.
async fn told(house: &House, user: &Person, of: &Person) -> Value {
    ask(house, &code(user), &format!("userCode={}", code(of))).await.made()
}

/// A number as portals write it.
fn code(person: &Person) -> String {
    format!("KZ{}", person.iin.as_str())
}

fn actions(answer: &Value) -> Vec<&str> {
    answer["usages"].as_array().unwrap().iter().map(|usage| usage["action"].as_str().unwrap()).collect()
}

async fn actor(house: &House, login: &str) -> Actor {
    let token = house.registry.sign_in(login, PASSWORD, None).await.unwrap();
    house.registry.authenticate(token.reveal()).await.unwrap()
}

/// What the log says of portals: event, how many people it is about, details.
async fn entries(house: &House) -> Vec<(String, usize, Value)> {
    let supervisor = actor(house, "supervisor").await;
    let log = house.registry.supervise(&supervisor, 0, 1000).await.unwrap();
    let portal = log.into_iter().filter(|entry| entry.look.event.starts_with("usages."));
    portal.map(|entry| (entry.look.event, entry.subjects, entry.details)).collect()
}

#[tokio::test]
async fn control_f1_a_portal_asks_by_the_protocol_of_the_data_tracker() {
    let aida = adult(41);
    let house = house(&[&aida]).await;
    let held = house.open(&aida, "k1").await;
    house.citizen(held["person"].as_str().unwrap()).await;
    house.get("citizen", "/api/me/record").await.made();

    let beat = house.get("egov", &format!("{BASE}/heartbeat")).await.made();
    assert_eq!((&beat["status"], beat["message"].is_string()), (&json!("OK"), true));
    let period = house.get("egov", &format!("{BASE}/usagePeriod")).await.made();
    assert!(period["periodStart"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok());
    assert!(period.get("periodEnd").is_none(), "up to the present: the protocol leaves it out");

    let whole = told(&house, &aida, &aida).await;
    let usages = whole["usages"].as_array().unwrap();
    assert_eq!(whole["totalUsages"], usages.len());
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&whole), ["totalUsages", "usages"], "no number of hidden entries");
    for usage in usages {
        for (name, required) in [
            ("logtime", true),
            ("action", true),
            ("receiverCode", true),
            ("receiverName", false),
            ("receiverSystem", true),
            ("purpose", false),
            ("legalBasis", false),
            ("proof", true),
        ] {
            let value = &usage[name];
            assert!(value.as_str().is_some_and(|text| !text.is_empty()) || (!required && value.is_null()), "{usage}");
        }
        assert!(usage["logtime"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok());
        assert_eq!(usage["receiverSystem"], "Tanba");
    }
    // Newest first, this very question at the top, with who, why and the proof.
    let times: Vec<&str> = usages.iter().map(|usage| usage["logtime"].as_str().unwrap()).collect();
    assert!(times.is_sorted_by(|a, b| a > b), "{times:?}");
    let own = "the state's portal showed the list of looks to the person, or to whoever acts for them";
    assert_eq!((&usages[0]["action"], &usages[0]["receiverCode"]), (&json!(own), &json!("mia")));
    assert_eq!(usages[1]["purpose"], "the person's own rights");
    let opened = usages.iter().find(|usage| usage["receiverCode"] == "csc").expect("the counter opened a visit");
    assert_eq!(opened["receiverName"], "csc");
    house.registry.publish().await.unwrap();
    for usage in usages {
        assert_eq!(house.get("", usage["proof"].as_str().unwrap()).await.status, 200, "{usage}");
    }
    assert!(usages.iter().any(|usage| usage["legalBasis"].is_string()));

    // Pages: of a time that has ended they are parts of one list, whatever was asked since.
    let (user, end) = (code(&aida), times[0]);
    let page = async |rest: &str| ask(&house, &user, &format!("userCode={user}&periodEnd={end}{rest}")).await.made();
    let all = page("").await;
    assert_eq!((&all["totalUsages"], &all["usages"]), (&whole["totalUsages"], &whole["usages"]));
    let mut paged = Vec::new();
    for offset in (0..usages.len()).step_by(2) {
        let part = page(&format!("&offset={offset}&limit=2")).await;
        assert_eq!(part["totalUsages"], usages.len());
        assert!((1..=2).contains(&part["usages"].as_array().unwrap().len()));
        paged.extend(part["usages"].as_array().unwrap().clone());
    }
    assert_eq!(&paged, usages);
    assert_eq!(page("&offset=1000").await, json!({"totalUsages": usages.len(), "usages": []}));
    // Without an end the questions since then stand before: nothing is left out.
    let later = told(&house, &aida, &aida).await;
    let since = later["usages"].as_array().unwrap().len() - usages.len();
    assert_eq!(&later["usages"].as_array().unwrap()[since..], &usages[..]);
    assert!(since > 3 && actions(&later)[..since].iter().all(|action| *action == own));
    // A start, with an offset and by the register's clock (five hours before Greenwich).
    let noon = page("&periodStart=2026-11-23T12:00:00Z").await;
    assert_eq!(noon, page("&periodStart=2026-11-23T17:00:00").await);
    assert_eq!(noon, page("&periodStart=2026-11-23T17:00:00%2B05:00").await);
    assert_eq!(noon["totalUsages"], usages.len());
    assert_eq!(page(&format!("&periodStart={end}")).await["usages"], json!([usages[0]]), "both ends count");

    // The person reads it on the own page, and the portal's languages are the console's.
    let record = house.get("citizen", "/api/me/record").await.made();
    assert!(record["looks"].as_array().unwrap().iter().any(|look| look["event"] == "usages.viewed"));
    let request = house.request("egov", "GET", &format!("{BASE}/findUsage?userCode={user}&limit=1"));
    let reply = house.send(request.header("X-Road-UserId", &user).body(Body::empty()).unwrap()).await.made();
    let kk = "мемлекеттік портал қараулар тізімін адамның өзіне немесе өкіліне көрсетті";
    assert_eq!(actions(&reply), [kk], "the state's language where none is named");
    house.assert_log_is_discreet();
}

#[tokio::test]
async fn control_f1_f2_a_portal_asks_for_a_child_until_sixteen_and_for_whom_a_document_names() {
    let child = Person::with(34, (2026, 11, 23), PersonSpec::TEENAGER);
    let (mother, aida, attorney) = (adult(31), adult(41), adult(42));
    let mut records: Vec<_> = [&mother, &aida, &attorney].into_iter().map(record).collect();
    let of_child = tanba_registry::CivilRecord { guardians: vec![mother.iin.as_str().to_owned()], ..record(&child) };
    records.push(of_child.clone());
    let house = house_as(records, &[], Default::default()).await;
    let mut opened = Vec::new();
    for (person, key) in [(&mother, "m"), (&child, "c"), (&attorney, "b"), (&aida, "a")] {
        let encounter = json!({"client_key": key, "trigger": "passport", "iin": person.iin.as_str()});
        opened.push(house.post("operator", "/api/encounters", encounter).await.made());
    }
    let total = async |user, of| told(&house, user, of).await["totalUsages"].as_u64().unwrap();
    assert!(total(&mother, &child).await > 0);
    let (event, subjects, details) = entries(&house).await.pop().unwrap();
    assert_eq!((event.as_str(), subjects, &details["as"]), ("usages.viewed", 2, &json!("guardian")), "both are named");
    assert_ne!(details["representative"], details["represented"]);
    assert_eq!(total(&child, &mother).await, 0, "not the other way round");
    // The register takes the guardianship away, and gives it back: it counts with the next question.
    house.register.put(record(&child));
    assert_eq!(total(&mother, &child).await, 0);
    let (event, subjects, details) = entries(&house).await.pop().unwrap();
    assert_eq!((event.as_str(), subjects), ("usages.denied", 2), "both read who tried");
    assert_eq!(details["reason"], "not_a_representative");
    house.register.put(of_child);
    assert!(total(&mother, &child).await > 0);

    assert_eq!(total(&attorney, &aida).await, 0);
    let second = actor(&house, "second").await;
    let person = opened[3]["person"].as_str().unwrap().parse().unwrap();
    let new = NewRepresentation {
        attorney: attorney.iin.as_str().to_owned(),
        document: "notary 5, no. 117".to_owned(),
        valid_to: date(2026, 12, 31),
    };
    let document = house.registry.record_representation(&second, person, &new).await.unwrap();
    assert!(total(&attorney, &aida).await > 0);
    house.registry.end_representation(&second, document).await.unwrap();
    assert_eq!(total(&attorney, &aida).await, 0, "with the next question");

    // On the sixteenth birthday the guardian reads nothing any more, and the child does.
    let born: jiff::civil::Date = child.born.iso().parse().unwrap();
    let sixteen = date(born.year() + 16, born.month(), born.day());
    let days = (sixteen - date(2026, 11, 23)).get_days();
    house.clock.advance(SignedDuration::from_hours(24 * i64::from(days - 1)));
    house.sign_in("egov", None).await;
    assert!(total(&mother, &child).await > 0, "on the eve");
    house.clock.advance(SignedDuration::from_hours(24));
    house.sign_in("egov", None).await;
    assert_eq!(total(&mother, &child).await, 0);
    assert_eq!(entries(&house).await.pop().unwrap().2["reason"], "represented_of_age");
    assert!(total(&child, &child).await > 0);
}

#[tokio::test]
async fn control_f1_f9_who_may_not_read_is_answered_like_somebody_who_is_not_here() {
    let (aida, bolat, stranger, typed) = (adult(41), adult(42), adult(43), adult(44));
    let house = house_as([&aida, &bolat, &stranger].into_iter().map(record).collect(), &[], Default::default()).await;
    house.register(&aida, &aida, "k1", 1).await;
    house.open(&bolat, "k2").await;
    // A number that somebody typed, and that no register confirmed.
    let new = json!({
        "client_key": "k3", "trigger": "identity_card", "iin": typed.iin.as_str(),
        "typed": {"born": typed.born.iso().to_string(), "status": "citizen"}
    });
    house.post("operator", "/api/encounters", new).await.made();
    let nobody = ask(&house, &code(&stranger), &format!("userCode={}", code(&stranger))).await;
    assert_eq!(nobody.made(), json!({"totalUsages": 0, "usages": []}));
    for (user, of) in
        [(&aida, &bolat), (&aida, &stranger), (&stranger, &aida), (&typed, &typed), (&aida, &typed), (&typed, &aida)]
    {
        let reply = ask(&house, &code(user), &format!("userCode={}", code(of))).await;
        assert_eq!((reply.status, &reply.body), (nobody.status, &nobody.body));
        assert_eq!(reply.headers, nobody.headers);
    }
    let log = entries(&house).await;
    assert!(log.iter().all(|(event, ..)| event == "usages.denied"), "{log:?}");
    let about: Vec<usize> = log.iter().map(|(_, people, _)| *people).collect();
    assert_eq!(about, [0, 2, 1, 1, 0, 1, 1], "whoever is known reads it on the own page");
    // Nobody but a portal, and a portal nothing else.
    let path = format!("{BASE}/findUsage?userCode={}", code(&aida));
    for who in ["officer", "supervisor", "administrator"] {
        assert_eq!(house.get(who, &path).await.problem(403), "role");
    }
    assert_eq!(house.get("", &path).await.problem(401), "unauthenticated");
    for other in ["/api/me/record", "/api/supervision/log", "/api/recipient-orders"] {
        assert_eq!(house.get("egov", other).await.problem(403), "role");
    }
    let mixed = json!({
        "login": "x", "password": PASSWORD, "organisation": crate::house::UNKNOWN, "natural_person": "x",
        "roles": ["portal", "officer"]
    });
    assert_eq!(house.post("administrator", "/api/accounts", mixed).await.problem(404), "not_found");
}

#[tokio::test]
async fn control_f1_bad_questions_are_told_in_the_shape_of_the_protocol() {
    let aida = adult(41);
    let house = house(&[&aida]).await;
    house.open(&aida, "k1").await;
    let (user, own) = (code(&aida), format!("userCode={}", code(&aida)));
    let long = format!("userCode={}", "9".repeat(60_000));
    for (who, query) in [
        ("", own.as_str()),
        ("KZ", &own),
        ("KZ900101", &own),
        ("EE38001085718", &own),
        (&user, ""),
        (&user, "userCode="),
        (&user, "userCode=KZ123"),
        (&user, "userCode=%FF%FE"),
        (&user, &long),
        (&user, &format!("{own}&{own}")),
        (&user, &format!("{own}&{}=1", aida.iin.as_str())),
        (&user, &format!("{own}&processingType=DATA_REQUEST")),
        (&user, &format!("{own}&limit=0")),
        (&user, &format!("{own}&limit=10001")),
        (&user, &format!("{own}&limit=-1")),
        (&user, &format!("{own}&limit=many")),
        (&user, &format!("{own}&limit=")),
        (&user, &format!("{own}&offset=-1")),
        (&user, &format!("{own}&offset=2147483648")),
        (&user, &format!("{own}&limit=1&limit=2")),
        (&user, &format!("{own}&periodStart=yesterday")),
        (&user, &format!("{own}&periodStart=2026-13-01T00:00:00Z")),
        (&user, &format!("{own}&periodEnd=99999-01-01T00:00:00Z")),
        (&user, &format!("{own}&periodStart=2026-11-24T00:00:00Z&periodEnd=2026-11-23T00:00:00Z")),
    ] {
        let reply = ask(&house, who, query).await;
        let told = reply.json();
        assert_eq!(
            (reply.status.as_u16(), &reply.headers["content-type"]),
            (400, &"application/json".parse().unwrap())
        );
        assert!(told["code"].is_string() && told["message"].as_str().is_some_and(|text| !text.is_empty()), "{told}");
        assert_eq!(told.as_object().unwrap().len(), 2);
    }
    // No header, and two of them.
    for users in [vec![], vec![user.as_str(), user.as_str()]] {
        let request = house.request("egov", "GET", &format!("{BASE}/findUsage?{own}"));
        let request = users.into_iter().fold(request, |request, user| request.header("X-Road-UserId", user));
        assert_eq!(house.send(request.body(Body::empty()).unwrap()).await.json()["code"], "bad_header");
    }
    assert_eq!(entries(&house).await, [], "nothing was asked");
    house.assert_log_is_discreet();
}

#[tokio::test]
async fn control_f1_f3_a_look_that_is_told_later_changes_nothing_of_the_answer_before_its_time() {
    let aida = adult(41);
    let house = house_as(vec![record(&aida)], &[], Default::default()).await;
    house.register(&aida, &aida, "k1", 1).await;
    let (officer, clerk) = (actor(&house, "officer").await, actor(&house, "clerk").await);
    let case = json!({"number": "1", "kind": "crime"});
    let case = house.post("officer", "/api/cases", case).await.made()["id"].as_str().unwrap().parse().unwrap();
    let before = told(&house, &aida, &aida).await;
    let later = house.registry.now().plus_seconds(10 * 86_400);
    let secret = NewSanction {
        case,
        authority: "court".to_owned(),
        issued_by: "court of the city, 12".to_owned(),
        issuer: None,
        purposes: ["crime_investigation".to_owned()].into(),
        acts: vec![Act::Read],
        subject_iin: Some(aida.iin.as_str().to_owned()),
        valid_from: tanba_registry::Instant::from_micros(0),
        valid_to: house.registry.now().plus_seconds(20 * 86_400),
        max_uses: 1,
        tell_person_at: Some(later),
    };
    let sanction = house.registry.enter_sanction(&clerk, &secret).await.unwrap();
    let grounds = Grounds {
        purpose: Some("crime_investigation".to_owned()),
        legal_basis: Some("order 12".to_owned()),
        case: Some(case),
        sanction: Some(sanction),
        ..Grounds::default()
    };
    let target = Target::Iin(aida.iin.as_str().to_owned());
    house.registry.ask(&officer, Act::Read, &grounds, &target).await.unwrap();
    // One more than before, which is this question: neither the list nor the number tells of the look.
    let after = told(&house, &aida, &aida).await;
    assert_eq!(after["totalUsages"].as_u64(), before["totalUsages"].as_u64().map(|total| total + 1));
    assert_eq!(&after["usages"].as_array().unwrap()[1..], &before["usages"].as_array().unwrap()[..]);
    house.clock.advance(SignedDuration::from_hours(24 * 10));
    house.sign_in("egov", None).await;
    let then = told(&house, &aida, &aida).await;
    let looks = |answer: &Value| {
        let of_officer = "data was given on a lawful request";
        answer["usages"].as_array().unwrap().iter().filter(|usage| usage["action"] == of_officer).count()
    };
    assert_eq!((looks(&after), looks(&then)), (0, 1), "and then by itself");
}
