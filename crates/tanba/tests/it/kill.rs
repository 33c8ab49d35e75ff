//! The service is killed in the middle of registrations, again and again. Whoever asks again with the same keys ends
//! with everyone registered exactly once, and rows and log agree after every kill.

use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use serde_json::{Value, json};
use tanba_formats::Finger;
use tanba_formats::image::encode_png;
use tanba_registry::CivilRecord;
use tanba_synth::{ImpressionPreset, Person, Sex};

use crate::client::{PASSPHRASE, PASSWORD, Service, fsck, init, tanba};

/// Requests after whose sending the service is killed, counted from the last kill, and how long after. Between them they
/// fall into opening, decoding and extraction, stating a finger, comparing and registering, and applying for a document.
const KILLS: [(usize, u64); 9] = [(1, 0), (2, 60), (3, 1), (9, 2), (12, 5), (13, 0), (12, 40), (14, 3), (5, 200)];

/// Fingers that people offer; the others are stated as unable.
pub(crate) const FINGERS: [Finger; 2] = [Finger::RightIndex, Finger::LeftMiddle];

pub(crate) struct Applicant {
    pub(crate) key: String,
    pub(crate) iin: String,
    pub(crate) prints: Vec<(Finger, String)>,
}

/// A service that is killed at the planned requests.
struct Doomed<'a> {
    service: Service,
    token: String,
    sent: usize,
    kill: Option<&'a (usize, u64)>,
}

impl Doomed<'_> {
    /// The answer, or `None` where the service was killed instead of giving one.
    fn ask(&mut self, method: &str, path: &str, body: &Value) -> Option<(u16, Value)> {
        self.sent += 1;
        if let Some((_, after)) = self.kill.filter(|(request, _)| *request == self.sent) {
            let _unread = self.service.begin(&self.token, method, path, body);
            std::thread::sleep(Duration::from_millis(*after));
            return None;
        }
        let (status, body) = self.service.ask(&self.token, method, path, body);
        Some((status, serde_json::from_slice(&body).unwrap_or(Value::Null)))
    }

    /// Takes one person from the door to a document; `None` where the service was killed on the way. What an earlier try
    /// has done already is answered as done.
    fn register(&mut self, applicant: &Applicant) -> Option<(String, String)> {
        let new = json!({"client_key": applicant.key, "trigger": "identity_card", "iin": applicant.iin});
        let (status, encounter) = self.ask("POST", "/api/encounters", &new)?;
        assert_eq!(status, 201, "{encounter}");
        let at = format!("/api/encounters/{}", encounter["id"].as_str().unwrap());
        if encounter["state"] == "open" {
            for (finger, image) in &applicant.prints {
                let print = json!({"finger": finger, "image": image, "permit": encounter["capture_permit"]});
                let (status, told) = self.ask("POST", &format!("{at}/captures"), &print)?;
                // Three lost answers use up the three attempts: then the finger is there, and the best is kept.
                assert!(status == 201 || (status == 409 && told.to_string().contains("three times")), "{told}");
            }
            for finger in Finger::TEN.into_iter().filter(|finger| !FINGERS.contains(finger)) {
                let state = json!({"state": "unable"});
                let (status, told) = self.ask("PUT", &format!("{at}/fingers/{}", finger.name()), &state)?;
                assert_eq!(status, 204, "{told}");
            }
        }
        let (status, done) = self.ask("POST", &format!("{at}/completion"), &Value::Null)?;
        assert_eq!((status, &done["encounter"]["state"]), (200, &json!("registered")), "{done}");
        let (status, document) = self.ask("POST", &format!("{at}/documents"), &json!({"kind": "identity_card"}))?;
        assert_eq!((status, &document["prints_linked"]), (201, &json!(true)), "{document}");
        Some((encounter["person"].as_str().unwrap().to_owned(), document["id"].as_str().unwrap().to_owned()))
    }
}

#[test]
fn killed_in_the_middle_and_asked_again_everyone_is_registered_exactly_once() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    assert!(init(&data).status.success());
    let people: Vec<Person> = (1..=4).map(|seed| Person::from_seed(seed, (2026, 11, 23))).collect();
    let population = population(dir.path().join("population.json"), &people);
    let applicants: Vec<Applicant> = people.iter().map(applicant).collect();

    let secrets = [("TANBA_PASSPHRASE", PASSPHRASE)];
    let service = Service::start(&data, &secrets, Some(&population));
    set_up(&service);
    let token = service.sign_in("operator", Some("counter"));
    let mut kills = KILLS.iter();
    let mut doomed = Doomed { service, token, sent: 0, kill: kills.next() };
    let mut registered: Vec<(String, String)> = Vec::new();
    let mut killed = 0;
    while let Some(applicant) = applicants.get(registered.len()) {
        match doomed.register(applicant) {
            Some(done) => registered.push(done),
            None => {
                doomed.service.kill();
                killed += 1;
                assert_eq!(fsck(&data)["ok"], true);
                // The session outlives the process: it is in the register.
                let service = Service::start(&data, &secrets, Some(&population));
                doomed = Doomed { service, token: doomed.token, sent: 0, kill: kills.next() };
            }
        }
    }
    assert_eq!(killed, KILLS.len(), "every planned kill happened");

    // Everyone again, from the start: the same people, the same documents.
    doomed.kill = None;
    for (applicant, done) in applicants.iter().zip(&registered) {
        assert_eq!(doomed.register(applicant).as_ref(), Some(done));
    }
    let service = doomed.service;
    let metrics = String::from_utf8(service.ask("", "GET", "/metrics", &Value::Null).1).unwrap();
    assert!(metrics.contains(&format!("tanba_people_searchable {}\n", people.len())), "{metrics}");
    let supervisor = service.sign_in("supervisor", None);
    let log = service.made(&supervisor, "GET", "/api/supervision/log?limit=1000", &Value::Null);
    let count = |event: &str| log.as_array().unwrap().iter().filter(|entry| entry["event"] == event).count();
    for event in ["encounter.opened", "registration.activated", "document.applied"] {
        assert_eq!(count(event), people.len(), "{event}");
    }
    service.kill();
    assert_eq!(fsck(&data)["ok"], true);
    // Of which extractor the templates are can be asked of a register that is not open, and nothing waits for another one.
    let templates = |what: &str| -> Value {
        let output = tanba(&secrets).args(["--json", "templates", what, "--dir"]).arg(&data).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let standing = templates("status");
    assert_eq!(standing["templates"], json!({"learned-1": people.len() * FINGERS.len()}));
    assert_eq!((&standing["wanted"], &standing["waiting"]), (&json!("learned-1"), &json!(0)));
    let renewed = templates("renew");
    assert_eq!(
        (&renewed["run"]["renewed"], &renewed["interrupted"], &renewed["standing"]),
        (&json!(0), &json!(false), &standing)
    );
}

pub(crate) fn set_up(service: &Service) {
    let administrator = service.sign_in("administrator", None);
    let make = |path: &str, body: Value| service.made(&administrator, "POST", path, &body)["id"].clone();
    let centre = make("/api/organisations", json!({"code": "csc", "name": "Centre", "body": "service_centre"}));
    let authority =
        make("/api/organisations", json!({"code": "dpa", "name": "Authority", "body": "supervisory_authority"}));
    let site = make(
        "/api/sites",
        json!({"organisation": centre, "code": "csc-1", "name": "Centre 1", "kind": "service_centre", "triggers": ["identity_card"]}),
    );
    make("/api/stations", json!({"site": site, "code": "counter"}));
    for (login, organisation) in [("operator", centre), ("supervisor", authority)] {
        make(
            "/api/accounts",
            json!({"login": login, "password": PASSWORD, "organisation": organisation, "natural_person": login, "roles": [login]}),
        );
    }
}

pub(crate) fn applicant(person: &Person) -> Applicant {
    let print = |finger: Finger| {
        let master = person.finger(finger).expect("the test person has this finger");
        let png = encode_png(&master.touch(ImpressionPreset::Clean, 1).image);
        (finger, base64::engine::general_purpose::STANDARD.encode(png))
    };
    Applicant {
        key: format!("counter-{}", person.seed),
        iin: person.iin.as_str().to_owned(),
        prints: FINGERS.map(print).into(),
    }
}

/// Writes the file that stands in for a population register.
pub(crate) fn population(path: PathBuf, people: &[Person]) -> PathBuf {
    let record = |person: &Person| CivilRecord {
        iin: person.iin.as_str().to_owned(),
        born: person.born.iso().parse().unwrap(),
        status: "citizen".to_owned(),
        names: [("family_name_latin".to_owned(), person.name.family.latin.clone())].into(),
        sex: if person.sex == Sex::Male { "male" } else { "female" }.to_owned(),
        guardians: Vec::new(),
        documents: Vec::new(),
        message_address: Some(format!("box-{}", person.seed)),
    };
    let records: Vec<CivilRecord> = people.iter().map(record).collect();
    std::fs::write(&path, serde_json::to_vec(&records).unwrap()).unwrap();
    path
}
