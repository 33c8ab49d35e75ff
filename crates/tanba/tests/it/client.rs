//! A `tanba serve` process and the smallest HTTP client that can talk to it.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tanba_synth::Person;

pub(crate) const PASSPHRASE: &str = "seven winters on the steppe";
pub(crate) const PASSWORD: &str = "a password long enough";

/// The program with what it is told by the environment and nothing else.
pub(crate) fn tanba(secrets: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tanba"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("TANBA_")) {
        command.env_remove(name);
    }
    command.envs(secrets.iter().copied()).stdin(Stdio::null());
    command
}

/// Founds a demonstration in a folder.
pub(crate) fn init(dir: &Path) -> Output {
    let secrets =
        [("TANBA_PASSPHRASE", PASSPHRASE), ("TANBA_ADMIN_LOGIN", "administrator"), ("TANBA_ADMIN_PASSWORD", PASSWORD)];
    tanba(&secrets).args(["init", "--demonstration", "--dir"]).arg(dir).output().unwrap()
}

/// The log of a folder, checked by the program; whether it is sound.
pub(crate) fn fsck(dir: &Path) -> Value {
    let output = tanba(&[]).args(["--json", "log", "fsck", "--dir"]).arg(dir).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A running service.
pub(crate) struct Service {
    pub(crate) child: Child,
    pub(crate) announced: Value,
    address: String,
}

impl Service {
    /// Starts one on a free port and waits until it says where it listens.
    pub(crate) fn start(dir: &Path, secrets: &[(&str, &str)], population: Option<&PathBuf>) -> Self {
        let mut command = tanba(secrets);
        command.args(["--json", "serve", "--listen", "127.0.0.1:0", "--dir"]).arg(dir);
        if let Some(population) = population {
            command.arg("--population").arg(population);
        }
        Self::running(command)
    }

    /// Starts a command that announces as JSON where it listens, and goes on.
    pub(crate) fn running(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let announced: Value = serde_json::from_str(&line).expect("the service says where it listens");
        let url = announced["url"].as_str().unwrap_or_default();
        let address = url.split_once("://").map_or("", |(_, address)| address).to_owned();
        Self { child, announced, address }
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream
    }

    /// An operator receives a person for an identity card; the encounter and the operator's session.
    pub(crate) fn open_visit(&self, person: &Person) -> (String, String) {
        let administrator = self.sign_in("administrator", None);
        let made =
            |path: &str, body: Value| self.made(&administrator, "POST", path, &body)["id"].as_str().unwrap().to_owned();
        let organisation = made("/api/organisations", json!({"code": "csc", "name": "csc", "body": "service_centre"}));
        let site = json!({"organisation": organisation, "code": "s", "name": "s", "kind": "service_centre", "triggers": ["identity_card"]});
        let site = made("/api/sites", site);
        made("/api/stations", json!({"site": site, "code": "a"}));
        let account = json!({
            "login": "operator", "password": PASSWORD, "organisation": organisation, "natural_person": "P-operator", "roles": ["operator"]
        });
        made("/api/accounts", account);
        let operator = self.sign_in("operator", Some("a"));
        let opened = json!({"client_key": "k", "trigger": "identity_card", "iin": person.iin.as_str()});
        let encounter = self.made(&operator, "POST", "/api/encounters", &opened);
        (encounter["id"].as_str().unwrap().to_owned(), operator)
    }

    /// Sends a request and does not wait for the answer.
    pub(crate) fn begin(&self, token: &str, method: &str, path: &str, body: &Value) -> TcpStream {
        let mut stream = self.connect();
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: tanba\r\nConnection: close\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body.as_bytes()).unwrap();
        stream
    }

    /// Posts bytes; the status and the body of the answer.
    pub(crate) fn post_bytes(&self, path: &str, body: &[u8]) -> (u16, Vec<u8>) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: tanba\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
        whole_answer(stream)
    }

    /// Sends a request; the status and the body of the answer.
    pub(crate) fn ask(&self, token: &str, method: &str, path: &str, body: &Value) -> (u16, Vec<u8>) {
        whole_answer(self.begin(token, method, path, body))
    }

    /// The JSON of a success.
    pub(crate) fn made(&self, token: &str, method: &str, path: &str, body: &Value) -> Value {
        let (status, body) = self.ask(token, method, path, body);
        assert!((200..300).contains(&status), "{method} {path}: {status} {}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).unwrap_or(Value::Null)
    }

    pub(crate) fn sign_in(&self, login: &str, station: Option<&str>) -> String {
        let who = json!({"login": login, "password": PASSWORD, "station": station});
        self.made("", "POST", "/api/sessions", &who)["token"].as_str().unwrap().to_owned()
    }

    /// The service ends here, at once, without a chance to do anything.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Where a test failed, no process stays behind; where it ended, there is none any more.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The status and the body of an answer after which the connection ends.
pub(crate) fn whole_answer(mut stream: impl Read) -> (u16, Vec<u8>) {
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let split = answer.windows(4).position(|w| w == b"\r\n\r\n").expect("a whole answer");
    let head = std::str::from_utf8(&answer[..split]).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer[split + 4..].to_vec())
}
