//! Everything that a whole run lets out, searched for what must never be in it: lines of log at the finest level, addresses, headers, refusals,
//! metrics, what is public, and every file of the data folder.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde_json::{Value, json};
use tanba_finger::{NoSink, default_extractor};
use tanba_registry::CivilRecord;
use tanba_server::Face;
use tanba_synth::Person;

use crate::browser::Browser;
use crate::house::{
    ANYONE, FINGERS, House, PASSPHRASE, PASSWORD, UNKNOWN, adult, house_as, log_from, log_length, print, record,
    young_child,
};

/// Something that must be in no output, in every spelling that it could have there.
struct Needle {
    what: &'static str,
    spellings: Vec<String>,
}

/// Bytes as characters of the same number, so that texts and files are searched alike.
fn latin(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// Base64 of bytes wherever they begin in what is encoded: without the characters that depend on what stands before and after.
fn in_base64(bytes: &[u8]) -> Vec<String> {
    let mut spellings = Vec::new();
    for engine in [&STANDARD, &URL_SAFE] {
        for (before, first) in [(0, 0), (1, 2), (2, 3)] {
            let text = engine.encode([&vec![0; before][..], bytes].concat());
            let whole = (before + bytes.len()) / 3 * 4;
            if whole >= first + 12 {
                spellings.push(text[first..whole].to_owned());
            }
        }
    }
    spellings
}

impl Needle {
    fn text(what: &'static str, text: &str) -> Self {
        let mut spellings = in_base64(text.as_bytes());
        for text in [text.to_owned(), text.to_uppercase(), text.to_lowercase()] {
            spellings.push(text.bytes().map(|byte| format!("%{byte:02X}")).collect());
            if !text.is_ascii() {
                spellings.push(text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect());
                let ascii = |c: char| {
                    if c.is_ascii() {
                        c.to_string()
                    } else {
                        c.to_string().bytes().map(|b| format!("%{b:02X}")).collect()
                    }
                };
                spellings.push(text.chars().map(ascii).collect());
            }
            spellings.push(latin(text.as_bytes()));
        }
        Self { what, spellings }
    }

    fn bytes(what: &'static str, bytes: &[u8]) -> Self {
        let mut spellings = in_base64(bytes);
        spellings.push(latin(bytes));
        spellings.push(bytes.iter().map(|byte| format!("{byte:02x}")).collect());
        spellings.push(bytes.iter().map(|byte| format!("{byte:02X}")).collect());
        spellings.push(bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(", "));
        Self { what, spellings }
    }
}

/// Which needles are in which outputs.
fn found(outputs: &[(String, Vec<u8>)], needles: &[Needle]) -> Vec<String> {
    let mut found = Vec::new();
    for (name, bytes) in outputs {
        let text = latin(bytes);
        for needle in needles {
            if needle.spellings.iter().any(|spelling| text.contains(spelling.as_str())) {
                found.push(format!("{} in {name}", needle.what));
            }
        }
    }
    found
}

/// Every file below a folder.
fn files(folder: &Path, into: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, into);
        } else {
            into.push((format!("file {}", path.file_name().unwrap().to_string_lossy()), std::fs::read(&path).unwrap()));
        }
    }
}

const NAMES: [(&str, &str); 4] = [
    ("family_name_kk", "Жұпаргүлова"),
    ("given_name_kk", "Қырмызыгүл"),
    ("family_name_latin", "Zhupargulova"),
    ("given_name_latin", "Qyrmyzygul"),
];
const CASE: &str = "case-of-the-blue-kettle-4711";
const LABEL: &str = "tube-of-the-red-saddle-0815";
const WORDS: &str = "my grandmother wrote my name with a silver pen";
const DOCUMENT: &str = "N90817263";

/// Nobody's names, which no other text has.
fn named(person: &Person) -> CivilRecord {
    CivilRecord { names: NAMES.map(|(name, text)| (name.to_owned(), text.to_owned())).into(), ..record(person) }
}

fn needles(house: &House, person: &Person) -> Vec<Needle> {
    let born = person.born.iso();
    let dotted = born.split('-').rev().collect::<Vec<_>>().join(".");
    let png = STANDARD.decode(print(person, FINGERS[0], 1)).unwrap();
    let image = tanba_formats::image::read(&png, &tanba_formats::image::ReadOptions::with_ppi(None)).unwrap().value;
    let template = default_extractor().extract(&image, &mut NoSink).unwrap().to_bytes();
    let mut needles = vec![
        Needle::text("an identification number", person.iin.as_str()),
        Needle::text("a birth date", &born),
        Needle::text("a birth date", &dotted),
        Needle::text("the number of a paper", &person.documents[0].number),
        Needle::text("the number of a document", DOCUMENT),
        Needle::text("a case's number", CASE),
        Needle::text("a specimen's label", LABEL),
        Needle::text("somebody's own words", WORDS),
        Needle::text("the passphrase", PASSPHRASE),
        Needle::text("a password", PASSWORD),
        Needle::bytes("an image", &png[png.len() / 2..png.len() / 2 + 24]),
        Needle::bytes("a template", &template[template.len() / 2..template.len() / 2 + 24]),
        Needle::text("a template in words", "Minutia {"),
    ];
    needles.extend(NAMES.map(|(_, text)| Needle::text("a name", text)));
    needles.extend(house.tokens().iter().map(|token| Needle::text("a session", token)));
    needles
}

/// A whole run: counter, examiners, authorities, genomics, the person, the supervisor; and at every place somebody who brings what is wrong.
async fn run(house: &House, person: &Person, other: &Person, child: &Person) {
    let id = |value: &Value| value["id"].as_str().unwrap().to_owned();
    let done = house.register(person, person, "run-1", 1).await;
    let encounter = id(&done["encounter"]);
    let document =
        house.post("operator", &format!("/api/encounters/{encounter}/documents"), json!({"kind": "passport"})).await;
    let document = format!("/api/documents/{}", id(&document.made()));
    let given = json!({"number": DOCUMENT, "valid_to": "2036-11-23"});
    house.post("operator", &format!("{document}/personalisation"), given.clone()).await.made();
    house.post("operator", &format!("{document}/personalisation"), given).await.problem(409);
    house.post("operator", &format!("{document}/events"), json!({"event": "issued"})).await.made();
    // The same hands again, before two examiners.
    house.register(other, person, "run-2", 2).await;
    let tasks = house.get("examiner-a", "/api/candidates").await.made();
    let candidate = format!("/api/candidates/{}", tasks[0]["id"].as_str().unwrap());
    house.get("examiner-a", &format!("{candidate}/material")).await.made();
    let early = house.post("examiner-a", &format!("{candidate}/judgements"), json!({"verdict": "same"})).await;
    early.problem(409);
    house
        .post(
            "operator",
            "/api/encounters",
            json!({"client_key": "c", "trigger": "passport", "iin": child.iin.as_str()}),
        )
        .await
        .problem(403);

    let case = id(&house.post("officer", "/api/cases", json!({"number": CASE, "kind": "crime"})).await.made());
    let sanction = json!({
        "case": case, "authority": "prosecutor", "issued_by": "decision 8", "purposes": ["crime_investigation"],
        "acts": ["identify", "read", "release_identity"], "subject_iin": person.iin.as_str(),
        "valid_from": "2026-01-01T00:00:00Z", "valid_to": "2027-01-01T00:00:00Z", "max_uses": 9,
    });
    let sanction = id(&house.post("clerk", "/api/sanctions", sanction).await.made());
    let ask = |act: &str, iin: &str| json!({"act": act, "purpose": "crime_investigation", "case": case, "sanction": sanction, "legal_basis": "code", "iin": iin});
    house.post("officer", "/api/access-requests", ask("read", person.iin.as_str())).await.made();
    house.post("officer", "/api/access-requests", ask("read", other.iin.as_str())).await.problem(403);
    house.post("officer", "/api/access-requests", ask("verify", person.iin.as_str())).await.problem(403);

    let stain = json!({"investigator_order": true});
    let genomic = crate::genomic::case(house, CASE, "crime").await;
    let stain = json!({
        "client_key": "run-3", "category": "crime_stain", "label": LABEL, "case": genomic, "facts": stain,
        "profile": person.genotype.profile().to_csv(),
    });
    let stain = id(&house.post("dna", "/api/specimens", stain).await.made());
    let grounds = json!({"case": genomic, "purpose": "crime_investigation", "legal_basis": "order"});
    house.post("dna", &format!("/api/specimens/{stain}/searches"), grounds.clone()).await.made();
    house.post("dna", &format!("/api/specimens/{stain}/lineage-searches"), grounds).await.problem(403);

    house.citizen(done["encounter"]["person"].as_str().unwrap()).await;
    house.get("citizen", "/api/me/record").await.made();
    house.post("citizen", "/api/me/consent/withdrawal", json!({})).await;
    let mut own = Browser::signed_in(house, "citizen", "").await;
    own.get("/me").await;
    own.post("/me/corrections", &[("attribute", "other"), ("text", WORDS)]).await;
    own.post("/me/corrections", &[("attribute", WORDS), ("text", WORDS)]).await;
    let mut counter = Browser::signed_in(house, "operator", "csc-1-a").await;
    counter.get("/counter").await;
    counter.post("/counter/shift", &[]).await;
    counter.post("/counter/find", &[("family", NAMES[2].1), ("given", NAMES[3].1)]).await;
    counter.post("/counter/find", &[("iin", person.iin.as_str())]).await;
    counter.post("/counter/find", &[("document", &person.documents[0].number)]).await;

    // What arrives wrong, with the right things in it.
    let (iin, family) = (person.iin.as_str(), NAMES[0].1);
    let wrong = format!("{}{}", &iin[..11], (iin.as_bytes()[11] - b'0' + 1) % 10);
    for (path, body) in [
        ("/api/sessions", json!({"login": family, "password": PASSWORD})),
        ("/api/sessions", json!({"login": "operator", "password": WORDS})),
        ("/api/encounters", json!({"client_key": family, "trigger": "passport", "iin": iin})),
        ("/api/encounters", json!({"client_key": "w", "trigger": family, "iin": iin})),
        ("/api/encounters", json!({"client_key": "w", "trigger": "passport", "iin": wrong})),
        ("/api/encounters", json!({"client_key": "w", "trigger": "passport", "name": family, "iin": iin})),
        ("/api/encounters", json!({"client_key": "w", "trigger": "passport", "typed": {"born": family}})),
        ("/api/documents", json!({"number": DOCUMENT})),
        ("/api/files", json!({"purpose": "exchange", "reference": WORDS, "file": STANDARD.encode(family)})),
        ("/api/exports/check", json!({"record": format!("{family} {iin}")})),
        ("/api/organisations", json!({"code": iin})),
    ] {
        for who in [ANYONE, "operator", "officer"] {
            house.post(who, path, body.clone()).await;
        }
    }
    let half = house.request("operator", "POST", "/api/encounters").header("content-type", "application/json");
    house
        .send(half.body(format!("{{\"iin\": \"{iin}\", \"client_key\": \"{family}\"").into()).unwrap())
        .await
        .problem(400);
    house.get("operator", &format!("/api/encounters/{UNKNOWN}")).await.problem(404);
    let capture = json!({"finger": "right_index", "image": STANDARD.encode(family)});
    house.post("operator", &format!("/api/encounters/{encounter}/captures"), capture).await;

    for path in ["/api/supervision/log", "/api/supervision/exports", "/api/supervision/deletion-plans"] {
        house.get("supervisor", path).await.made();
    }
    house.registry.run_retention().await.unwrap();
    house.registry.reconcile_rows().await.unwrap();
    house.registry.publish().await.unwrap();
}

/// What came out, but for the bodies of what was answered to those who may have it.
async fn outputs(house: &House, logged_before: usize) -> Vec<(String, Vec<u8>)> {
    let mut outputs = Vec::new();
    for path in
        ["/metrics", "/api/openapi.json", "/healthz", "/", "/law", "/log/checkpoint", "/log/log.vkey", "/log/log.keys"]
    {
        let reply = house.get(ANYONE, path).await;
        assert!(reply.status.is_success(), "{path}: {}", reply.status);
        outputs.push((format!("the public {path}"), reply.body));
    }
    for log in ["0", "10", "20"] {
        outputs.push((
            format!("the proof of {log}"),
            house.get(ANYONE, &format!("/api/log/entries/{log}/proof")).await.body,
        ));
    }
    outputs.extend(house.let_out());
    outputs.push(("the log of the service".to_owned(), log_from(logged_before)));
    files(&house.dir.path().join("data"), &mut outputs);
    outputs
}

#[tokio::test]
async fn control_j7_nothing_of_anybody_is_in_any_output_of_a_whole_run() {
    let (person, other, child) = (adult(90_001), adult(90_002), young_child(90_003));
    let before = log_length();
    let records = vec![named(&person), record(&other), record(&child)];
    let house = house_as(records, &[&person, &other, &child], Face::default()).await;
    run(&house, &person, &other, &child).await;
    let needles = needles(&house, &person);
    let clean = outputs(&house, before).await;
    let count = |prefix: &str| clean.iter().filter(|(name, _)| name.starts_with(prefix)).count();
    assert!(count("file ") > 6 && count("the address") > 100 && count("a refusal") > 20, "the run lets something out");
    assert_eq!(found(&clean, &needles), Vec::<String>::new());

    // Whoever adds such a line is found out: each way of leaking, done on purpose.
    let leaks = log_length();
    tracing::info!(iin = person.iin.as_str(), "done on purpose");
    tracing::trace!("done on purpose: {:?}", NAMES[1].1);
    let png = STANDARD.decode(print(&person, FINGERS[0], 1)).unwrap();
    tracing::debug!(image = ?png, "done on purpose");
    tracing::debug!(body = STANDARD.encode([b"x", WORDS.as_bytes()].concat()), "done on purpose");
    house.get(ANYONE, &format!("/people/{}", person.iin.as_str())).await;
    std::fs::write(house.dir.path().join("data/notes.txt"), format!("{} was here", NAMES[0].1)).unwrap();
    let told = found(&outputs(&house, leaks).await, &needles);
    for leak in [
        "an identification number in the log of the service",
        "a name in the log of the service",
        "an image in the log of the service",
        "somebody's own words in the log of the service",
        "an identification number in the address of a request",
        "a name in file notes.txt",
    ] {
        assert!(told.iter().any(|found| found == leak), "{leak} is not found: {told:?}");
    }
}
