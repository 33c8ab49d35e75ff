//! The key process as its own process: on its socket, stopped by the supervisor, and after being killed.

use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};
use std::{fs, io};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tanba_registry::tile_dir::TileDir;
use tanba_seal::keyd::{ReleasedKey, commit_records};
use tanba_seal::log::{
    AddCheckpoint, LogSigner, Policy, TlogProof, Witness, WitnessAnswer, integrate, publish_witnessed,
};
use tanba_seal::{Context, KdfParams, KeyRing};

use crate::client::{PASSPHRASE, Service, init, tanba, whole_answer};

const SALT: [u8; 16] = [3; 16];

fn told(args: &[&str]) -> Result<Value, String> {
    let output = tanba(&[("TANBA_PASSPHRASE", PASSPHRASE)]).arg("--json").args(args).output().unwrap();
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(serde_json::from_slice(&output.stdout).unwrap())
}

fn ring(name: &str, seed: u8) -> KeyRing {
    let mut next = seed;
    let mut entropy = |out: &mut [u8]| {
        for byte in out {
            next = next.wrapping_mul(5).wrapping_add(3);
            *byte = next;
        }
    };
    KeyRing::create("a test passphrase", &["image"], name, KdfParams::MINIMUM, &mut entropy).unwrap().1
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// Everything that a key process needs around it.
struct Scene {
    folder: tempfile::TempDir,
    log: LogSigner,
    witness: Witness,
    policy: Policy,
    supervisor: String,
}

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let log = ring("log.example", 1).log_signer();
        let witness = Witness::new(ring("court.example/w", 2).witness_signer(), vec![log.verifier().clone()]);
        let policy = format!("log {}\nwitness court {}\nquorum court\n", log.verifier(), witness.verifier());
        fs::write(folder.path().join("policy"), &policy).unwrap();
        let rules = "max_entry_age_s = 120\nmax_checkpoint_age_s = 300\nkeys_per_hour = 10\n[purposes]\ncriminal_investigation = [\"image\"]\n";
        fs::write(folder.path().join("rules.toml"), rules).unwrap();
        let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        told(&["keyd", "init", "--name", "keyd.example/1", "--dir", &at("keyd")]).unwrap();
        let made = told(&["keyd", "supervisor", "--name", "supervisor.example", "--dir", &at("supervisor")]).unwrap();
        let supervisor = made["vkey"].as_str().unwrap().to_owned();
        Self { log, witness, policy: Policy::parse(&policy).unwrap(), supervisor, folder }
    }

    fn at(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn serve(&self) -> Service {
        let mut command = tanba(&[("TANBA_PASSPHRASE", PASSPHRASE)]);
        command.args(["--json", "keyd", "serve", "--dir", &self.at("keyd"), "--policy", &self.at("policy")]);
        command.args(["--supervisor", &self.supervisor, "--rules", &self.at("rules.toml")]);
        Service::running(command)
    }

    fn ask(&self, path: &str, body: &Value) -> (u16, Value) {
        let (status, body) = post(&self.path("keyd/keyd.sock"), path, &body.to_string()).unwrap();
        (status, serde_json::from_slice(&body).unwrap())
    }

    fn order(&self, kind: &str, serial: &str, out: &str) -> Result<Value, String> {
        let out = self.at(out);
        let supervisor = self.at("supervisor");
        told(&[
            "keyd",
            "order",
            kind,
            "--to",
            "keyd.example/1",
            "--serial",
            serial,
            "--dir",
            &supervisor,
            "--out",
            &out,
        ])?;
        told(&["keyd", "obey", &out, "--dir", &self.at("keyd")])
    }

    /// Writes a look as entry 0 of a register's log, has it witnessed, and makes the request for a key of the record.
    fn release(&self, wrapped: &str) -> Value {
        let record = "enc-1";
        let commitment: String = commit_records(&SALT, &[record]).iter().map(|b| format!("{b:02x}")).collect();
        let entry = json!({
            "v": 1, "seq": 0, "time": now() * 1_000_000, "event": "print.viewed", "outcome": "look",
            "purpose": "criminal_investigation", "records": commitment,
        })
        .to_string();
        let mut log = TileDir::open_for_writing(&self.path("register")).unwrap();
        integrate(&mut log, &self.log, 0, &[&entry]).unwrap();
        let note = fs::read(self.path("register/checkpoint")).unwrap();
        let request = AddCheckpoint::make(&log, &note, 1, 0).unwrap().to_bytes();
        let mut seen = TileDir::open_for_writing(&self.path("seen")).unwrap();
        let WitnessAnswer::Cosigned(line) = self.witness.add_checkpoint(&mut seen, &request, now()).unwrap() else {
            panic!("not cosigned")
        };
        publish_witnessed(&mut log, &self.policy, &[note.as_slice(), line.as_bytes()].concat()).unwrap();
        let proof = TlogProof::make(&log, self.log.verifier(), 0).unwrap();
        json!({
            "proof": String::from_utf8(proof.to_bytes()).unwrap(), "entry": entry, "old": 0, "consistency": [],
            "opening": {"salt": STANDARD.encode(SALT), "records": [record]},
            "keys": [{"domain": "image", "table": "data_keys", "record": record, "field": "wrapped", "wrapped": wrapped}],
        })
    }
}

fn post(socket: &Path, path: &str, body: &str) -> io::Result<(u16, Vec<u8>)> {
    let mut stream = UnixStream::connect(socket)?;
    let head =
        format!("POST {path} HTTP/1.1\r\nHost: keyd\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all(format!("{head}{body}").as_bytes())?;
    Ok(whole_answer(stream))
}

#[test]
fn control_g3_a_key_process_releases_for_a_logged_look_stops_when_told_and_survives_being_killed() {
    let scene = Scene::new();
    let keyd = scene.serve();
    let mode = |path: &str| fs::metadata(scene.path(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("keyd"), mode("keyd/keyd.sock")), (0o700, 0o600));

    let place = json!({"domain": "image", "table": "data_keys", "record": "enc-1", "field": "wrapped"});
    let (status, made) = scene.ask("/keys", &place);
    assert_eq!(status, 200, "{made}");
    let field = Context { domain: "image", table: "records", record: "enc-1", field: "pixels" };
    let key: ReleasedKey = serde_json::from_value(made["key"].clone()).unwrap();
    let mut fill = |out: &mut [u8]| out.fill(9);
    let sealed = key.open().unwrap().seal(&field, b"ridges", &mut fill).unwrap();
    let request = scene.release(made["wrapped"].as_str().unwrap());

    // Stopped by the supervisor, and so after a kill.
    assert!(scene.order("stop", "1", "stop").unwrap()["stopped_since"].is_u64());
    let (status, refused) = scene.ask("/release", &request);
    assert_eq!((status, &refused["code"]), (423, &json!("stopped")));
    keyd.kill();
    let keyd = scene.serve();
    assert_eq!(scene.ask("/release", &request).0, 423);
    assert!(scene.order("resume", "1", "resume").unwrap_err().contains("serial"));
    assert!(scene.order("resume", "2", "resume").unwrap()["stopped_since"].is_null());

    let mut forged = request.clone();
    forged["entry"] = json!(request["entry"].as_str().unwrap().replace("enc", "abc") + " ");
    assert_eq!(scene.ask("/release", &forged).1["code"], "not_proved");
    assert_eq!(scene.ask("/release", &json!({"please": true})).1["code"], "malformed");
    let (status, released) = scene.ask("/release", &request);
    assert_eq!(status, 200, "{released}");
    let key: ReleasedKey = serde_json::from_value(released["keys"][0].clone()).unwrap();
    assert_eq!(key.open().unwrap().open(&field, &sealed).unwrap().as_slice(), b"ridges");

    // Killed after the answer, or before the client had it: the entry is used.
    keyd.kill();
    let keyd = scene.serve();
    let mut again = request;
    again["old"] = json!(1);
    assert_eq!(scene.ask("/release", &again).1["code"], "replayed");
    let standing = told(&["keyd", "standing", "--dir", &scene.at("keyd")]).unwrap();
    assert_eq!(
        (&standing["events"], &standing["last_order"], &standing["relied_on"]),
        (&json!(3), &json!(2), &json!(1))
    );
    drop(keyd);

    // Its own log is a log like every other.
    let verified = told(&["log", "verify", "--dir", &scene.at("keyd")]).unwrap();
    assert_eq!((&verified["ok"], &verified["size"]), (&json!(true), &json!(3)));
    let gone = told(&["keyd", "standing", "--dir", &scene.at("keyd")]).unwrap_err();
    assert!(gone.contains("tanba keyd serve"), "{gone}");
}

#[test]
fn control_g3_a_register_whose_keys_were_moved_does_not_start_without_the_key_process() {
    let scene = Scene::new();
    let register = scene.at("data");
    assert!(init(&scene.path("data")).status.success());
    let socket = scene.at("keyd/keyd.sock");
    let adopt = || told(&["keyd", "adopt", "--keyd", &socket, "--dir", &register]);
    assert!(adopt().unwrap_err().contains("tanba keyd serve"), "nobody answers yet");
    let keyd = scene.serve();
    let moved = adopt().unwrap();
    assert_eq!((&moved["keyd"], &moved["keys"]), (&json!("keyd.example/1"), &json!(0)));
    assert_eq!(adopt().unwrap()["keys"], json!(0), "and once more, which changes nothing");
    let again = told(&["keyd", "rewrap", "--keyd", &socket, "--dir", &register]).unwrap();
    assert_eq!(again["keys"], json!(10), "nobody is registered yet: those that open the register's own");

    let serve = |args: &[&str]| {
        let mut command = tanba(&[("TANBA_PASSPHRASE", PASSPHRASE)]);
        command.args(["--json", "serve", "--listen", "127.0.0.1:0", "--dir", &register]).args(args);
        command
    };
    let alone = serve(&[]).output().unwrap();
    let why = String::from_utf8_lossy(&alone.stderr).into_owned();
    assert!(!alone.status.success() && why.contains("--keyd"), "{why}");
    drop(Service::running(serve(&["--keyd", &socket])));
    drop(keyd);
    let gone = serve(&["--keyd", &socket]).output().unwrap();
    assert!(String::from_utf8_lossy(&gone.stderr).contains("tanba keyd serve"));
}

#[test]
fn control_c2_a_key_file_of_an_older_version_gets_keys_of_groups_and_a_rule_names_what_it_holds() {
    let scene = Scene::new();
    fs::remove_dir_all(scene.path("keyd")).unwrap();
    let dir = scene.at("keyd");
    let domains = ["--domain", "image", "--domain", "genomic"];
    told(&[&["keyd", "init", "--name", "keyd.example/1", "--dir", &dir][..], &domains].concat()).unwrap();
    let stain = ["keyd", "rotate", "--dir", &dir, "--domain", "genomic-crime-stain"];
    assert!(told(&stain).unwrap_err().contains("genomic-crime-stain"), "there is none yet");

    // A rule for what is nowhere in the file would open nothing, and nobody would know why.
    let rules = |domain: &str| {
        let heads = "max_entry_age_s = 120\nmax_checkpoint_age_s = 300\nkeys_per_hour = 10\n[purposes]\n";
        fs::write(scene.path("rules.toml"), format!("{heads}crime_investigation = [\"{domain}\"]\n")).unwrap();
    };
    rules("genomic-crime");
    let mut refused = tanba(&[("TANBA_PASSPHRASE", PASSPHRASE)]);
    refused.args(["keyd", "serve", "--dir", &dir, "--policy", &scene.at("policy"), "--rules", &scene.at("rules.toml")]);
    let refused = refused.args(["--supervisor", &scene.supervisor]).output().unwrap();
    let why = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && why.contains("`genomic-crime` is no domain"), "{why}");

    rules("genomic-crime-stain");
    drop(scene.serve());
    assert_eq!(told(&stain).unwrap()["version"], json!(2));
    drop(scene.serve());
    assert_eq!(told(&stain).unwrap()["version"], json!(3), "those that are there are not made again");
}
