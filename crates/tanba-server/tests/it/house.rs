//! A service on a register in a temporary folder, with its institutions and accounts set up over HTTP, and a client that
//! watches every answer for what must never be in one.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, LazyLock, Mutex, Once};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, Response, StatusCode};
use base64::Engine as _;
use serde_json::{Value, json};
use tanba_formats::Finger;
use tanba_registry::{CivilRecord, Founding, MemoryRegister, Mode, Registry, SetClock};
use tanba_seal::KdfParams;
use tanba_server::{Face, ServerState, TrainingPeople};
use tanba_synth::{ImpressionPreset, Person, PersonSpec, Sex};
use tower::ServiceExt as _;

pub(crate) const PASSWORD: &str = "a password long enough";
pub(crate) const PASSPHRASE: &str = "seven winters on the steppe";
/// Nobody.
pub(crate) const ANYONE: &str = "";
/// The id of no record.
pub(crate) const UNKNOWN: &str = "01890a5d-ac96-774b-bcce-b302099a8057";
/// Accounts by login, each with the role that it has alone. The citizen's comes with [`House::citizen`].
pub(crate) const ROLES: [(&str, &str); 11] = [
    ("operator", "operator"),
    ("second", "second_officer"),
    ("clerk", "second_officer"),
    ("examiner-a", "fingerprint_examiner"),
    ("examiner-b", "fingerprint_examiner"),
    ("dna", "dna_examiner"),
    ("quality", "quality_manager"),
    ("officer", "officer"),
    ("supervisor", "supervisor"),
    ("administrator", "administrator"),
    ("egov", "portal"),
];
/// The fingers that test people offer; the others are stated as unable, to keep the tests fast.
pub(crate) const FINGERS: [Finger; 2] = [Finger::RightIndex, Finger::LeftIndex];

const TODAY: (i16, u8, u8) = (2026, 11, 23);

pub(crate) struct House {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) registry: Registry,
    pub(crate) clock: Arc<SetClock>,
    pub(crate) register: Arc<MemoryRegister>,
    pub(crate) router: Router,
    tokens: Mutex<BTreeMap<String, String>>,
    organisation: Mutex<String>,
    ministry: Mutex<String>,
    /// What must be in no header, no error and no line of log: identification numbers and names.
    secrets: Vec<String>,
    /// Addresses, headers and refusals.
    let_out: Mutex<Vec<(String, Vec<u8>)>>,
}

/// An answer.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|e| panic!("not JSON ({e}): {}", String::from_utf8_lossy(&self.body)))
    }

    /// The body of a success.
    pub(crate) fn made(&self) -> Value {
        assert!(self.status.is_success(), "{}: {}", self.status, String::from_utf8_lossy(&self.body));
        self.json()
    }

    /// The code of a problem document with this status.
    pub(crate) fn problem(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        assert_eq!(self.headers["content-type"], "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["status"], status);
        assert!(problem["title"].is_string() && problem["detail"].is_string());
        let code = problem["code"].as_str().unwrap().to_owned();
        assert_eq!(problem["type"], format!("urn:tanba:problem:{code}"));
        code
    }
}

pub(crate) async fn house(people: &[&Person]) -> House {
    house_as(people.iter().map(|p| record(p)).collect(), people, Face::default()).await
}

/// A register for exercises, with the people of the exercises.
pub(crate) async fn training_house(people: &[&Person], exercises: Arc<dyn TrainingPeople>) -> House {
    let face = Face { training: true, exercises: Some(exercises), ..Face::default() };
    house_as(people.iter().map(|p| record(p)).collect(), people, face).await
}

/// A house with other records in the population register, and with what its pages should know.
pub(crate) async fn house_as(records: Vec<CivilRecord>, people: &[&Person], face: Face) -> House {
    capture_log();
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let founding = Founding {
        mode: Mode::Demonstration,
        jurisdiction: "kz".to_owned(),
        time_zone: None,
        origin: "tanba.test/log".to_owned(),
        operator_code: "operator".to_owned(),
        administrator: "administrator".to_owned(),
        password: PASSWORD.to_owned(),
        natural_person: "P-administrator".to_owned(),
        kdf: KdfParams::MINIMUM,
    };
    let day = jiff::civil::date(TODAY.0, TODAY.1.cast_signed(), TODAY.2.cast_signed());
    let register = Arc::new(MemoryRegister::new(records));
    let clock = Arc::new(SetClock::at(day));
    let registry = if face.training {
        Registry::found_training(&data, PASSPHRASE, &founding, register.clone(), clock.clone()).await.unwrap()
    } else {
        Registry::found(&data, PASSPHRASE, &founding, register.clone(), clock.clone()).await.unwrap()
    };
    let house = House {
        router: tanba_server::router(ServerState::open_as(registry.clone(), &data, face)),
        registry,
        clock,
        register,
        tokens: Mutex::default(),
        organisation: Mutex::default(),
        ministry: Mutex::default(),
        secrets: people.iter().flat_map(|p| secrets_of(p)).collect(),
        let_out: Mutex::default(),
        dir,
    };
    house.set_up().await;
    house
}

impl House {
    async fn set_up(&self) {
        self.sign_in("administrator", None).await;
        let new = |code: &str, body: &str| json!({"code": code, "name": code, "body": body});
        let mut organisations = BTreeMap::new();
        for (code, body) in
            [("csc", "service_centre"), ("mia", "ministry_of_interior"), ("dpa", "supervisory_authority")]
        {
            let made = self.post("administrator", "/api/organisations", new(code, body)).await.made();
            organisations.insert(code, made["id"].as_str().unwrap().to_owned());
        }
        organisations["csc"].clone_into(&mut self.organisation.lock().unwrap());
        organisations["mia"].clone_into(&mut self.ministry.lock().unwrap());
        let site = json!({
            "organisation": organisations["csc"], "code": "csc-1", "name": "Service centre 1",
            "kind": "service_centre", "triggers": ["identity_card", "passport"],
        });
        let site = self.post("administrator", "/api/sites", site).await.made();
        let station = json!({"site": site["id"], "code": "csc-1-a"});
        self.post("administrator", "/api/stations", station).await.made();
        for (login, role) in ROLES {
            if login == "administrator" {
                continue;
            }
            let organisation = match login {
                "operator" | "second" => &organisations["csc"],
                "supervisor" => &organisations["dpa"],
                _ => &organisations["mia"],
            };
            self.add_account(login, role, organisation, None).await;
            self.sign_in(login, (login == "operator").then_some("csc-1-a")).await;
        }
    }

    pub(crate) async fn add_account(&self, login: &str, role: &str, organisation: &str, person: Option<&str>) {
        let new = json!({
            "login": login, "password": PASSWORD, "organisation": organisation, "natural_person": format!("P-{login}"),
            "roles": [role], "person": person,
        });
        self.post("administrator", "/api/accounts", new).await.made();
    }

    /// Another account in the ministry, signed in.
    pub(crate) async fn another(&self, login: &str, role: &str) {
        let ministry = self.ministry.lock().unwrap().clone();
        self.add_account(login, role, &ministry, None).await;
        self.sign_in(login, None).await;
    }

    /// Gives a person an account of their own, signed in as `citizen`.
    pub(crate) async fn citizen(&self, person: &str) {
        let organisation = self.organisation.lock().unwrap().clone();
        self.add_account("citizen", "citizen", &organisation, Some(person)).await;
        self.sign_in("citizen", None).await;
    }

    pub(crate) async fn sign_in(&self, login: &str, station: Option<&str>) {
        let who = json!({"login": login, "password": PASSWORD, "station": station});
        let session = self.post(ANYONE, "/api/sessions", who).await.made();
        self.tokens.lock().unwrap().insert(login.to_owned(), session["token"].as_str().unwrap().to_owned());
    }

    pub(crate) fn token(&self, login: &str) -> String {
        self.tokens.lock().unwrap()[login].clone()
    }

    pub(crate) async fn get(&self, who: &str, path: &str) -> Reply {
        self.send(self.request(who, "GET", path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, who: &str, path: &str, body: Value) -> Reply {
        self.call(who, "POST", path, Some(&body)).await
    }

    pub(crate) async fn call(&self, who: &str, method: &str, path: &str, body: Option<&Value>) -> Reply {
        let request = self.request(who, method, path);
        self.send(match body {
            Some(body) => request.header("content-type", "application/json").body(body.to_string().into()).unwrap(),
            None => request.body(Body::empty()).unwrap(),
        })
        .await
    }

    /// The head of a request by an account; the second officer confirms whatever asks for it.
    pub(crate) fn request(&self, who: &str, method: &str, path: &str) -> axum::http::request::Builder {
        let mut request = Request::builder().method(method).uri(path);
        let tokens = self.tokens.lock().unwrap();
        if who != ANYONE {
            request = request.header("authorization", format!("Bearer {}", tokens[who]));
        }
        match tokens.get("second") {
            Some(second) => request.header("x-second-officer", format!("Bearer {second}")),
            None => request,
        }
    }

    /// Sends a request, and checks what holds for every answer.
    pub(crate) async fn send(&self, request: Request<Body>) -> Reply {
        let of_api = request.uri().path().starts_with("/api/");
        let address = request.uri().to_string();
        let reply = collect(self.router.clone().oneshot(request).await.unwrap()).await;
        for (name, expected) in [
            ("x-tanba-mode", "demonstration"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
        ] {
            assert_eq!(reply.headers[name], expected);
        }
        assert!(reply.headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
        assert!(!of_api || reply.headers["cache-control"] == "no-store");
        let headers = format!("{:?}", reply.headers);
        let mut public = reply.headers.clone();
        // A session's cookie is for its browser.
        public.remove("set-cookie");
        let mut let_out = self.let_out.lock().unwrap();
        let_out.push(("the address of a request".to_owned(), address.into_bytes()));
        let_out.push(("the headers of an answer".to_owned(), format!("{public:?}").into_bytes()));
        if !reply.status.is_success() {
            let_out.push(("a refusal".to_owned(), reply.body.clone()));
        }
        drop(let_out);
        let body = String::from_utf8_lossy(&reply.body);
        for secret in &self.secrets {
            assert!(!headers.contains(secret), "a header tells who someone is: {headers}");
            assert!(reply.status.is_success() || !body.contains(secret), "a refusal tells who someone is: {body}");
        }
        reply
    }

    /// Addresses, headers and refusals of everything that was sent, with what each is.
    pub(crate) fn let_out(&self) -> Vec<(String, Vec<u8>)> {
        self.let_out.lock().unwrap().clone()
    }

    pub(crate) fn tokens(&self) -> Vec<String> {
        self.tokens.lock().unwrap().values().cloned().collect()
    }

    /// Opens an encounter for an identity card.
    pub(crate) async fn open(&self, person: &Person, client_key: &str) -> Value {
        let new = json!({"client_key": client_key, "trigger": "identity_card", "iin": person.iin.as_str()});
        self.post("operator", "/api/encounters", new).await.made()
    }

    /// The capture permit that an encounter's view gives.
    pub(crate) async fn permit(&self, encounter: &str) -> Option<String> {
        let view = self.get("operator", &format!("/api/encounters/{encounter}")).await.json();
        view["capture_permit"].as_str().map(str::to_owned)
    }

    /// A consent to the words that the register gives for its kind, signed.
    pub(crate) async fn consent_to(&self, kind: &str, given_by: &str) -> Value {
        let texts = self.get("operator", "/api/consent-texts").await.json();
        let of_kind = |text: &&Value| text["kind"] == kind && text["language"] == "kk";
        let text = texts.as_array().unwrap().iter().find(of_kind).expect("there is a text for it");
        json!({
            "kind": kind, "given_by": given_by, "text_version": text["text_version"], "text_hash": text["text_hash"],
            "language": "kk", "modality": "written", "evidence": "signature_on_paper", "reference": "sheet 17"
        })
    }

    /// An image sent to the capture API, with or without a permit.
    pub(crate) async fn capture(&self, encounter: &str, permit: Option<&str>, mut print: Value) -> Reply {
        if let Some(permit) = permit {
            print["permit"] = json!(permit);
        }
        self.post("operator", &format!("/api/encounters/{encounter}/captures"), print).await
    }

    /// The prints of `hands` in an encounter, every other finger stated.
    pub(crate) async fn capture_all(&self, encounter: &str, hands: &Person, touch: u64) {
        let permit = self.permit(encounter).await;
        for finger in Finger::TEN {
            if FINGERS.contains(&finger) {
                let print = json!({"finger": finger, "image": print(hands, finger, touch)});
                let taken = self.capture(encounter, permit.as_deref(), print).await.made();
                if taken["flagged"] == true {
                    let path = format!("/api/encounters/{encounter}/fingers/{}/acceptance", finger.name());
                    assert_eq!(self.post("operator", &path, json!({"reason": "manual_work"})).await.status, 204);
                }
            } else {
                let path = format!("/api/encounters/{encounter}/fingers/{}", finger.name());
                let reply = self.call("operator", "PUT", &path, Some(&json!({"state": "unable"}))).await;
                assert_eq!(reply.status, 204);
            }
        }
    }

    /// The whole journey of `person` (on paper) with the fingers of `hands`; the completion.
    pub(crate) async fn register(&self, person: &Person, hands: &Person, client_key: &str, touch: u64) -> Value {
        let encounter = self.open(person, client_key).await["id"].as_str().unwrap().to_owned();
        self.capture_all(&encounter, hands, touch).await;
        self.call("operator", "POST", &format!("/api/encounters/{encounter}/completion"), None).await.made()
    }

    /// No line of log, at the finest level, of any crate, tells who someone is, or gives a session away.
    pub(crate) fn assert_log_is_discreet(&self) {
        let log = String::from_utf8_lossy(&LOG.lock().unwrap()).into_owned();
        assert!(log.contains("answered"), "the requests of this test were logged");
        for secret in &self.secrets {
            assert!(!log.contains(secret), "the log tells who someone is");
        }
        for token in self.tokens.lock().unwrap().values() {
            assert!(!log.contains(token), "the log gives a session away");
        }
    }
}

pub(crate) async fn collect(response: Response<Body>) -> Reply {
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, 64 << 20).await.unwrap().to_vec();
    Reply { status: parts.status, headers: parts.headers, body }
}

pub(crate) fn adult(seed: u64) -> Person {
    Person::with(seed, TODAY, PersonSpec::ADULT)
}

pub(crate) fn young_child(seed: u64) -> Person {
    Person::with(seed, TODAY, PersonSpec::YOUNG_CHILD)
}

type Prints = Mutex<BTreeMap<(u64, Finger, u64), String>>;

/// One finger of a person, touched once, as a PNG in base64; made once for all tests.
pub(crate) fn print(person: &Person, finger: Finger, touch: u64) -> String {
    static MADE: LazyLock<Prints> = LazyLock::new(Prints::default);
    if let Some(png) = MADE.lock().unwrap().get(&(person.seed, finger, touch)) {
        return png.clone();
    }
    let master = person.finger(finger).expect("the test person has this finger");
    let png = tanba_formats::image::encode_png(&master.touch(ImpressionPreset::Clean, touch).image);
    let text = base64::engine::general_purpose::STANDARD.encode(png);
    MADE.lock().unwrap().insert((person.seed, finger, touch), text.clone());
    text
}

pub(crate) fn record(person: &Person) -> CivilRecord {
    CivilRecord {
        iin: person.iin.as_str().to_owned(),
        born: person.born.iso().parse().unwrap(),
        status: "citizen".to_owned(),
        names: [("family_name_latin", &person.name.family.latin), ("given_name_latin", &person.name.given.latin)]
            .map(|(k, v)| (k.to_owned(), v.clone()))
            .into(),
        sex: if person.sex == Sex::Male { "male" } else { "female" }.to_owned(),
        guardians: Vec::new(),
        documents: person.documents.iter().map(|document| document.number.clone()).collect(),
        message_address: Some("box-7".to_owned()),
    }
}

fn secrets_of(person: &Person) -> [String; 2] {
    [person.iin.as_str().to_owned(), person.name.family.latin.clone()]
}

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// How much was logged so far, bytes.
pub(crate) fn log_length() -> usize {
    capture_log();
    LOG.lock().unwrap().len()
}

/// What was logged since, whichever test did it.
pub(crate) fn log_from(length: usize) -> Vec<u8> {
    LOG.lock().unwrap()[length..].to_vec()
}

/// Keeps everything that any crate logs, at the finest level.
fn capture_log() {
    struct Kept;
    impl io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            LOG.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_ansi(false).with_writer(|| Kept).init();
    });
}
