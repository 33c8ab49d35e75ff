//! A service that tells people of looks: through an outage of the messaging service, and killed in the middle of it.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Stdio;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;
use tanba_synth::{Person, PersonSpec};

use crate::client::{PASSPHRASE, Service, fsck, init, tanba};
use crate::kill::population;

/// Longer than a busy machine takes; a test waits for all of it only where it fails.
const PATIENCE: Duration = Duration::from_secs(120);

/// The messaging service: what it is sent, and the status that it answers each with.
struct Mock {
    url: String,
    status: Arc<Mutex<u16>>,
    sent: Receiver<(String, Value)>,
}

impl Mock {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/notices", listener.local_addr().unwrap());
        let status = Arc::new(Mutex::new(503));
        let (answer, (tell, sent)) = (status.clone(), channel());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                stream.set_read_timeout(Some(PATIENCE)).unwrap();
                let mut request = Vec::new();
                let mut part = [0; 4096];
                let (head, body) = loop {
                    let read = stream.read(&mut part).unwrap_or(0);
                    request.extend_from_slice(&part[..read]);
                    let text = String::from_utf8_lossy(&request).into_owned();
                    // The body is JSON: it has come when it can be read.
                    if let Some((head, body)) = text.split_once("\r\n\r\n")
                        && let Ok(body) = serde_json::from_str::<Value>(body)
                    {
                        break (head.to_owned(), body);
                    }
                    if read == 0 {
                        break (String::new(), Value::Null);
                    }
                };
                if !body.is_null() && tell.send((head, body)).is_err() {
                    return;
                }
                let status = *answer.lock().unwrap();
                let _ = write!(stream, "HTTP/1.1 {status} x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            }
        });
        Self { url, status, sent }
    }

    fn next(&self) -> (String, Value) {
        self.sent.recv_timeout(PATIENCE).expect("the service sends a notice")
    }
}

fn start(dir: &std::path::Path, mock: &Mock) -> Service {
    let mut command = tanba(&[("TANBA_PASSPHRASE", PASSPHRASE), ("TANBA_NOTICES", &mock.url)]);
    command.args(["--json", "serve", "--listen", "127.0.0.1:0", "--dir"]).arg(dir.join("data"));
    command.arg("--population").arg(dir.join("people.json")).arg("--notices-token").arg(dir.join("token"));
    Service::running(command)
}

/// Waits, and fails in the end.
fn until(done: impl Fn() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < PATIENCE, "it does not come");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn metric(service: &Service, name: &str) -> Option<u64> {
    let (_, text) = service.ask("", "GET", "/metrics", &Value::Null);
    let text = String::from_utf8(text).unwrap();
    text.lines().find_map(|line| line.strip_prefix(&format!("{name} "))?.parse().ok())
}

#[test]
fn control_f10_a_service_tells_people_of_looks_through_an_outage_and_a_kill() {
    let dir = tempfile::tempdir().unwrap();
    assert!(init(&dir.path().join("data")).status.success());
    let person = Person::with(7, (2026, 11, 23), PersonSpec::ADULT);
    population(dir.path().join("people.json"), std::slice::from_ref(&person));
    std::fs::write(dir.path().join("token"), "a-secret\n").unwrap();
    let mock = Mock::start();
    let service = start(dir.path(), &mock);

    let (encounter, operator) = service.open_visit(&person);
    // The worker has begun before anybody signed in; what follows is a look.
    until(|| metric(&service, "tanba_notices_waiting").is_some());
    service.made(&operator, "GET", &format!("/api/encounters/{encounter}"), &Value::Null);

    let (head, first) = mock.next();
    assert!(head.starts_with("POST /notices HTTP/1.1"), "{head}");
    assert!(head.to_lowercase().contains("authorization: bearer a-secret"), "{head}");
    assert_eq!(
        (&first["kind"], &first["authority"], &first["recipient"]),
        (&"encounter.viewed".into(), &"csc".into(), &"box-7".into())
    );
    let (_, again) = mock.next();
    assert_eq!(again, first, "the same, key included");
    assert_eq!((metric(&service, "tanba_notices_waiting"), metric(&service, "tanba_notices_sent")), (Some(1), Some(0)));
    service.kill();

    let service = start(dir.path(), &mock);
    let key = |notice: &Value| notice["key"].as_str().unwrap().to_owned();
    let mut keys = BTreeSet::from([key(&first)]);
    *mock.status.lock().unwrap() = 202;
    keys.insert(key(&mock.next().1));
    until(|| metric(&service, "tanba_notices_sent") == Some(1));
    keys.extend(mock.sent.try_iter().map(|(_, body)| key(&body)));
    assert_eq!(keys.len(), 1, "nobody is told twice");
    assert_eq!(
        (metric(&service, "tanba_notices_waiting"), metric(&service, "tanba_notices_oldest_seconds")),
        (Some(0), Some(0))
    );
    service.kill();
    assert_eq!(fsck(&dir.path().join("data"))["ok"], true);
}

#[test]
fn a_messaging_service_without_a_token_or_elsewhere_is_refused_at_the_start() {
    let dir = tempfile::tempdir().unwrap();
    assert!(init(dir.path()).status.success());
    let token = dir.path().join("token");
    std::fs::write(&token, "t").unwrap();
    let run = |arguments: &[&str]| {
        let mut command = tanba(&[("TANBA_PASSPHRASE", PASSPHRASE)]);
        command.args(["serve", "--listen", "127.0.0.1:0", "--dir"]).arg(dir.path()).args(arguments);
        let mut started = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = started.try_wait().unwrap() {
                break Some(status);
            }
            if begun.elapsed() > PATIENCE {
                started.kill().unwrap();
                break None;
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        assert!(status.is_some_and(|status| !status.success()), "{arguments:?} was not refused: {status:?}");
        let mut said = String::new();
        started.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        said
    };
    let token = token.to_str().unwrap();
    assert!(run(&["--notices", "http://127.0.0.1:9/"]).contains("--notices-token"));
    assert!(
        run(&["--notices", "http://messages.example/", "--notices-token", token]).contains("this is another machine")
    );
    assert!(run(&["--notices", "http://127.0.0.1:9/", "--notices-token", "no-such-file"]).contains("no-such-file"));
}
