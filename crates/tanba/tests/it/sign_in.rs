//! A service with a national sign-in, as a process: a person comes in by it, and a file that will not do is refused at the start.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;
use tanba_seal::openid::software::Provider;
use tanba_synth::{Person, PersonSpec};

use crate::client::{PASSPHRASE, Service, init, tanba};
use crate::kill::population;

/// Longer than a busy machine takes; a test waits for all of it only where it fails.
const PATIENCE: Duration = Duration::from_secs(120);

fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

/// A provider on this machine, over plain HTTP.
fn provider() -> (Arc<Provider>, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let provider = Arc::new(Provider::new(&issuer, "tanba", "individual_id"));
    let (answering, at) = (provider.clone(), issuer.clone());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            let (mut request, mut part) = (Vec::new(), [0; 4096]);
            let (head, form) = loop {
                let read = stream.read(&mut part).unwrap_or(0);
                request.extend_from_slice(&part[..read]);
                let text = String::from_utf8_lossy(&request).into_owned();
                let Some((head, body)) = text.split_once("\r\n\r\n") else {
                    assert!(read > 0, "a request that ends before its head does");
                    continue;
                };
                let length = header(head, "content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
                if body.len() >= length {
                    break (head.to_owned(), body.to_owned());
                }
                assert!(read > 0, "a request that ends before its body does");
            };
            let url = format!("{at}{}", head.split(' ').nth(1).unwrap());
            let (status, kind, body) = answering.answer(&url, Some(&form), header(&head, "authorization"), now());
            let head = format!("HTTP/1.1 {status} x\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n", body.len());
            let _ = stream.write_all(&[head.as_bytes(), &body].concat());
        }
    });
    (provider, issuer)
}

/// A header's value; by its name in small letters.
fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    head.lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, v)| v)
}

fn write(dir: &std::path::Path, name: &str, text: &str) {
    let path = dir.join(name);
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}

fn settings(issuer: &str) -> String {
    format!(
        "name = {{ kk = \"A\", ru = \"B\", en = \"C\" }}\nissuer = \"{issuer}\"\nclient = \"tanba\"\nclient_secret = \"secret\"\nnumber_claim = \"individual_id\"\n"
    )
}

#[test]
fn control_f9_a_person_signs_in_through_a_provider_of_the_country() {
    let dir = tempfile::tempdir().unwrap();
    assert!(init(&dir.path().join("data")).status.success());
    let person = Person::with(7, (2026, 11, 23), PersonSpec::ADULT);
    population(dir.path().join("people.json"), std::slice::from_ref(&person));
    let (provider, issuer) = provider();
    write(dir.path(), "secret", "a secret\n");
    write(dir.path(), "sign-in.toml", &settings(&issuer));
    let mut command = tanba(&[("TANBA_PASSPHRASE", PASSPHRASE)]);
    command.args(["--json", "serve", "--listen", "127.0.0.1:0", "--public-url", "http://localhost:8480", "--dir"]);
    command.arg(dir.path().join("data")).arg("--population").arg(dir.path().join("people.json"));
    command.arg("--sign-in").arg(dir.path().join("sign-in.toml"));
    let service = Service::running(command);
    service.open_visit(&person);

    let get = |path: &str, cookie: &str| {
        let mut stream = service.connect();
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost:8480\r\nAccept: text/html\r\nConnection: close\r\nCookie: {cookie}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_owned(), body.to_owned())
    };
    let (left, _) = get("/sign-in/national", "");
    let cookie = header(&left, "set-cookie").unwrap().split(';').next().unwrap();
    let back = provider.agree(header(&left, "location").unwrap(), Some(person.iin.as_str()), now());
    let (came, page) = get(&format!("/sign-in/national/return?{back}"), cookie);
    assert!(came.starts_with("HTTP/1.1 200"), "{came} {page}");
    let session = came.lines().filter_map(|line| line.split_once(": ")).map(|(_, value)| value);
    let session = session.clone().find(|value| value.starts_with("tanba_session=")).unwrap().split(';').next().unwrap();
    let (own, page) = get("/me", session);
    assert!(own.starts_with("HTTP/1.1 200") && page.contains(person.iin.as_str()), "{own}");
    let (again, _) = get(&format!("/sign-in/national/return?{back}"), cookie);
    assert!(again.starts_with("HTTP/1.1 403"), "{again}");
    let (_, metrics) = service.ask("", "GET", "/metrics", &Value::Null);
    assert!(String::from_utf8(metrics).unwrap().contains("tanba_national_sign_ins_opened 1\n"));
    service.kill();
}

#[test]
fn a_sign_in_without_a_public_address_or_with_an_open_secret_is_refused_at_the_start() {
    let dir = tempfile::tempdir().unwrap();
    assert!(init(&dir.path().join("data")).status.success());
    write(dir.path(), "secret", "a secret\n");
    write(dir.path(), "sign-in.toml", &settings("http://127.0.0.1:9"));
    let run = |more: &[&str]| {
        let mut command = tanba(&[("TANBA_PASSPHRASE", PASSPHRASE)]);
        command.args(["serve", "--listen", "127.0.0.1:0", "--dir"]).arg(dir.path().join("data"));
        let output = command.arg("--sign-in").arg(dir.path().join("sign-in.toml")).args(more).output().unwrap();
        assert!(!output.status.success(), "{more:?} was not refused");
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(run(&[]).contains("--public-url"));
    assert!(run(&["--public-url", "http://tanba.example"]).contains("redirect"));
    std::fs::set_permissions(dir.path().join("secret"), std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    assert!(run(&["--public-url", "https://tanba.example"]).contains("chmod 600"));
}
