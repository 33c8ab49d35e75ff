//! A register, its witnesses and its key process, each a process of its own: prints are compared by a look that all of them
//! have seen, and not while one of them is away.

use std::fs;

use serde_json::{Value, json};
use tanba_formats::Finger;
use tanba_synth::Person;

use crate::client::{PASSPHRASE, PASSWORD, Service, fsck, init, tanba};
use crate::kill::{Applicant, FINGERS, applicant, population, set_up};
use crate::witness::{court, told};

/// What a key process demands.
pub(crate) const RULES: &str = "max_entry_age_s = 120\nmax_checkpoint_age_s = 300\nkeys_per_hour = 50\n[purposes]\nregistration = [\"image\"]\noperation = [\"template\", \"identity\", \"case\"]\n";

/// From the door to the comparison with everybody.
fn register(service: &Service, operator: &str, applicant: &Applicant) -> Value {
    let new = json!({"client_key": applicant.key, "trigger": "identity_card", "iin": applicant.iin});
    let encounter = service.made(operator, "POST", "/api/encounters", &new);
    let at = format!("/api/encounters/{}", encounter["id"].as_str().unwrap());
    for (finger, image) in &applicant.prints {
        let print = json!({"finger": finger, "image": image, "permit": encounter["capture_permit"]});
        service.made(operator, "POST", &format!("{at}/captures"), &print);
    }
    for finger in Finger::TEN.into_iter().filter(|finger| !FINGERS.contains(finger)) {
        service.made(operator, "PUT", &format!("{at}/fingers/{}", finger.name()), &json!({"state": "unable"}));
    }
    service.made(operator, "POST", &format!("{at}/completion"), &Value::Null)
}

/// An account that compares prints.
fn engage_examiner(service: &Service) {
    let administrator = service.sign_in("administrator", None);
    let ministry = json!({"code": "mia", "name": "Ministry", "body": "ministry_of_interior"});
    let ministry = service.made(&administrator, "POST", "/api/organisations", &ministry)["id"].clone();
    let account = json!({"login": "examiner", "password": PASSWORD, "organisation": ministry, "natural_person": "examiner", "roles": ["fingerprint_examiner"]});
    service.made(&administrator, "POST", "/api/accounts", &account);
}

/// Two numbers, one pair of hands: an examiner is to compare them.
pub(crate) fn one_pair_of_hands() -> ([Person; 2], [Applicant; 2]) {
    let people = [1, 2].map(|seed| Person::from_seed(seed, (2026, 11, 23)));
    let mut applicants = people.each_ref().map(applicant);
    applicants[1].prints = applicants[0].prints.clone();
    (people, applicants)
}

/// A comparison that waits for an examiner.
pub(crate) struct Comparison {
    examiner: String,
    material: String,
}

impl Comparison {
    /// Of two who have just come to a new register.
    pub(crate) fn of(service: &Service, applicants: &[Applicant; 2]) -> Self {
        set_up(service);
        engage_examiner(service);
        let operator = service.sign_in("operator", Some("counter"));
        for (applicant, state) in applicants.iter().zip(["registered", "adjudication"]) {
            assert_eq!(register(service, &operator, applicant)["encounter"]["state"], state);
        }
        let examiner = service.sign_in("examiner", None);
        let tasks = service.made(&examiner, "GET", "/api/candidates", &Value::Null);
        let material = format!("/api/candidates/{}/material", tasks[0]["id"].as_str().unwrap());
        Self { examiner, material }
    }

    /// The examiner looks at the prints: the status, and what was answered.
    pub(crate) fn look(&self, service: &Service) -> (u16, Value) {
        let (status, body) = service.ask(&self.examiner, "GET", &self.material, &Value::Null);
        (status, serde_json::from_slice(&body).unwrap())
    }
}

#[test]
fn control_e1_prints_are_seen_by_a_look_that_witnesses_and_key_process_know_of() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let (data, keyd, supervisor) = (at("data"), at("keyd"), at("supervisor"));
    assert!(init(&data).status.success());
    let mut court = court(folder.path(), &data);
    told(&["keyd", "init", "--name", "keyd.example/1"], &[("--dir", &keyd)]).unwrap();
    let vkey = told(&["keyd", "supervisor", "--name", "supervisor.example"], &[("--dir", &supervisor)]).unwrap();
    fs::write(at("rules.toml"), RULES).unwrap();
    let secrets = [("TANBA_PASSPHRASE", PASSPHRASE)];
    let mut command = tanba(&secrets);
    command.args(["--json", "keyd", "serve", "--supervisor", vkey["vkey"].as_str().unwrap(), "--dir"]).arg(&keyd);
    let policy = court.policy.clone();
    command.arg("--policy").arg(&policy).arg("--rules").arg(at("rules.toml"));
    let _keyd = Service::running(command);
    let socket = keyd.join("keyd.sock");
    told(&["keyd", "adopt"], &[("--keyd", &socket), ("--dir", &data)]).unwrap();

    let (people, applicants) = one_pair_of_hands();
    let people_file = population(at("population.json"), &people);
    let serve = || {
        let mut command = tanba(&secrets);
        command.args(["--json", "serve", "--listen", "127.0.0.1:0", "--dir"]).arg(&data).arg("--keyd").arg(&socket);
        command.arg("--witness-policy").arg(&policy).arg("--population").arg(&people_file);
        Service::running(command)
    };
    let service = serve();
    let mut comparison = Comparison::of(&service, &applicants);
    let look = || comparison.look(&service);
    for _ in 0..2 {
        let (status, seen) = look();
        assert_eq!((status, seen["probe"].as_array().map(Vec::len)), (200, Some(FINGERS.len())), "{seen}");
    }
    let order = |kind: &str, serial: &str| {
        let file = at(kind);
        let args = ["keyd", "order", kind, "--to", "keyd.example/1", "--serial", serial];
        told(&args, &[("--dir", &supervisor), ("--out", &file)]).unwrap();
        told(&["keyd", "obey", file.to_str().unwrap()], &[("--dir", &keyd)]).unwrap();
    };
    order("stop", "1");
    let (status, refused) = look();
    assert_eq!((status, &refused["code"]), (503, &json!("keys_not_released")), "{refused}");
    assert!(refused["detail"].as_str().unwrap().contains("stopped"), "{refused}");
    order("resume", "2");
    assert_eq!(look().0, 200);
    service.kill();

    // A register that is started while the key process is stopped serves nobody's data, until it may.
    order("stop", "3");
    let service = serve();
    let operator = service.sign_in("operator", Some("counter"));
    let new = json!({"client_key": "k3", "trigger": "identity_card", "iin": applicants[0].iin});
    let open = || service.ask(&operator, "POST", "/api/encounters", &new);
    let (status, refused) = open();
    let refused: Value = serde_json::from_slice(&refused).unwrap();
    assert_eq!((status, &refused["code"]), (503, &json!("keys_not_released")), "{refused}");
    order("resume", "4");
    let begun = std::time::Instant::now();
    while open().0 == 503 {
        assert!(begun.elapsed().as_secs() < 120, "it asks again every few seconds");
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    comparison.examiner = service.sign_in("examiner", None);
    let look = || comparison.look(&service);
    assert_eq!(look().0, 200);
    // One of two witnesses that both must sign.
    court.witnesses.pop().unwrap().kill();
    let (status, refused) = look();
    assert_eq!((status, &refused["code"]), (503, &json!("keys_not_released")), "{refused}");
    assert!(refused["detail"].as_str().unwrap().contains("witnesses"), "{refused}");
    service.kill();
    assert_eq!(fsck(&data)["ok"], true);
    let standing = told(&["keyd", "standing"], &[("--dir", &keyd)]).unwrap();
    assert_eq!(standing["events"], json!(10), "two periods, four looks and four orders");
    // The same holds for what is done in a folder that no service has open.
    let without = told(&["retention", "plan"], &[("--dir", &data)]).unwrap_err();
    assert!(without.contains("--keyd"), "{without}");
    let unwitnessed =
        told(&["retention", "plan"], &[("--dir", &data), ("--keyd", &socket), ("--witness-policy", &policy)]);
    assert!(unwitnessed.unwrap_err().contains("witnesses"));
}
