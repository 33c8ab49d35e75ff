//! A register, its witness and its key process as on three machines: each proves itself by a certificate of days, and nobody else is spoken to.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::Path;

use serde_json::{Value, json};

use crate::client::{PASSPHRASE, Service, fsck, init, tanba, whole_answer};
use crate::entrusted::{Comparison, RULES, one_pair_of_hands};
use crate::kill::{FINGERS, population};
use crate::witness::told;

const SECRETS: [(&str, &str); 1] = [("TANBA_PASSPHRASE", PASSPHRASE)];
const KEYD: &str = "spiffe://house.example/keyd";

fn issue(authority: &Path, name: &str, out: &Path) {
    told(&["certificate", "issue", "--name", name], &[("--dir", authority), ("--out", out)]).unwrap();
}

/// What the key process counts, asked at its socket.
fn counted(socket: &Path) -> String {
    let mut stream = UnixStream::connect(socket).unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: keyd\r\nConnection: close\r\n\r\n").unwrap();
    String::from_utf8(whole_answer(stream).1).unwrap()
}

#[test]
fn control_j6_a_register_opens_images_by_a_key_process_on_another_machine_until_its_certificate_is_revoked() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let (data, keyd, authority) = (at("data"), at("keyd"), at("authority"));
    told(&["certificate", "root", "--name", "House"], &[("--dir", &authority)]).unwrap();
    issue(&authority, "register.example", &at("tls-register"));
    issue(&authority, KEYD, &at("tls-keyd"));
    issue(&authority, "127.0.0.1", &at("tls-court"));

    assert!(init(&data).status.success());
    let log = fs::read_to_string(data.join("log/log.vkey")).unwrap().trim().to_owned();
    let court = told(&["witness", "init", "--name", "court.example/w"], &[("--dir", &at("court"))]).unwrap();
    let mut command = tanba(&SECRETS);
    command.args(["--json", "witness", "serve", "--listen", "127.0.0.1:0", "--client", "register.example"]);
    command.args(["--log", &log, "--dir"]).arg(at("court")).arg("--tls").arg(at("tls-court"));
    let witness = Service::running(command);
    let url = witness.announced["url"].as_str().unwrap();
    assert!(url.starts_with("https://"), "{url}");
    let policy = at("policy");
    fs::write(&policy, format!("log {log}\nwitness court {} {url}\nquorum court\n", court["vkey"].as_str().unwrap()))
        .unwrap();

    told(&["keyd", "init", "--name", "keyd.example/1"], &[("--dir", &keyd)]).unwrap();
    let vkey = told(&["keyd", "supervisor", "--name", "supervisor.example"], &[("--dir", &at("supervisor"))]).unwrap();
    fs::write(at("rules.toml"), RULES).unwrap();
    let mut command = tanba(&SECRETS);
    command.args(["--json", "keyd", "serve", "--supervisor", vkey["vkey"].as_str().unwrap(), "--dir"]).arg(&keyd);
    command.arg("--policy").arg(&policy).arg("--rules").arg(at("rules.toml"));
    command.args(["--listen", "127.0.0.1:0", "--register", "register.example", "--tls"]).arg(at("tls-keyd"));
    let running = Service::running(command);
    let (url, socket) = (running.announced["tls"].as_str().unwrap(), keyd.join("keyd.sock"));

    // What does not come to the key process: another service of the house, the wrong name, no name, no encryption, no certificate.
    let adopt = |address: &str, name: &[&str], tls: &Path| {
        told(&[&["keyd", "adopt", "--keyd", address], name].concat(), &[("--dir", &data), ("--tls", tls)])
    };
    let named = ["--keyd-name", KEYD];
    let refused = adopt(url, &named, &at("tls-court")).unwrap_err();
    assert!(refused.contains("does not believe the certificate of this service"), "{refused}");
    let refused = adopt(url, &["--keyd-name", "spiffe://house.example/court"], &at("tls-register")).unwrap_err();
    assert!(refused.contains("made out to spiffe://house.example/keyd"), "{refused}");
    let refused = adopt(url, &[], &at("tls-register")).unwrap_err();
    assert!(refused.contains("this place is for 127.0.0.1"), "{refused}");
    let refused = adopt(&url.replace("https", "http"), &[], &at("tls-register")).unwrap_err();
    assert!(refused.contains("not encrypted"), "{refused}");
    let refused = told(&["keyd", "adopt", "--keyd", url], &[("--dir", &data)]).unwrap_err();
    assert!(refused.contains("--tls"), "{refused}");
    let mut plain = TcpStream::connect(url.strip_prefix("https://").unwrap()).unwrap();
    plain.write_all(b"GET /standing HTTP/1.1\r\nHost: keyd\r\n\r\n").unwrap();
    let mut said = Vec::new();
    plain.read_to_end(&mut said).unwrap();
    assert!(!said.starts_with(b"HTTP"), "{said:?}");
    let metrics = counted(&socket);
    for line in ["{reason=\"other_name\"} 1\n", "{reason=\"not_tls\"} 1\n"] {
        assert!(metrics.contains(&format!("tanba_tls_refused_total{line}")), "{metrics}");
    }
    adopt(url, &named, &at("tls-register")).unwrap();

    let (people, applicants) = one_pair_of_hands();
    let mut command = tanba(&SECRETS);
    command
        .args(["--json", "serve", "--listen", "127.0.0.1:0", "--keyd", url, "--keyd-name", KEYD, "--dir"])
        .arg(&data);
    command.arg("--tls").arg(at("tls-register")).arg("--witness-policy").arg(&policy);
    command.arg("--population").arg(population(at("population.json"), &people));
    let service = Service::running(command);
    let comparison = Comparison::of(&service, &applicants);
    let look = || comparison.look(&service);
    let (status, seen) = look();
    assert_eq!((status, seen["probe"].as_array().map(Vec::len)), (200, Some(FINGERS.len())), "{seen}");

    // A new certificate for each, while they run.
    issue(&authority, KEYD, &at("tls-keyd"));
    issue(&authority, "register.example", &at("tls-register"));
    assert_eq!(look().0, 200);

    // The register's certificates are revoked: it opens nothing more, from the next look on, and says why.
    let revoked = told(&["certificate", "revoke", "--name", "register.example"], &[("--dir", &authority)]).unwrap();
    assert_eq!(revoked["revoked"], 2);
    fs::copy(authority.join("revoked.pem"), at("tls-keyd/revoked.pem")).unwrap();
    let (status, refused) = look();
    assert_eq!((status, &refused["code"]), (503, &json!("keys_not_released")), "{refused}");
    assert!(refused["detail"].as_str().unwrap().contains("it is revoked"), "{refused}");
    assert!(counted(&socket).contains("tanba_tls_refused_total{reason=\"revoked\"} 1\n"), "{}", counted(&socket));
    issue(&authority, "register.example", &at("tls-register"));
    assert_eq!(look().0, 200);
    let (_, metrics) = service.ask("", "GET", "/metrics", &Value::Null);
    assert!(String::from_utf8(metrics).unwrap().contains("tanba_tls_refused_total{reason=\"by_peer\"} "));

    // A witness that shows a revoked certificate is not asked, so no look has its quorum.
    told(&["certificate", "revoke", "--name", "127.0.0.1"], &[("--dir", &authority)]).unwrap();
    fs::copy(authority.join("revoked.pem"), at("tls-register/revoked.pem")).unwrap();
    let (status, refused) = look();
    assert_eq!((status, &refused["code"]), (503, &json!("keys_not_released")), "{refused}");
    let (_, metrics) = service.ask("", "GET", "/metrics", &Value::Null);
    let metrics = String::from_utf8(metrics).unwrap();
    for name in ["tanba_tls_certificate_ends_seconds ", "tanba_tls_refused_total{reason=\"revoked\"} "] {
        assert!(metrics.lines().any(|line| line.starts_with(name)), "{metrics}");
    }
    service.kill();
    assert_eq!(fsck(&data)["ok"], true);
}

#[test]
fn control_j6_what_is_wrong_with_certificates_is_said_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let (authority, out) = (at("authority"), at("out"));
    let certificate = |args: &[&str], out: Option<&Path>| {
        let mut paths = vec![("--dir", authority.as_path())];
        paths.extend(out.map(|out| ("--out", out)));
        told(&[&["certificate"], args].concat(), &paths)
    };
    assert!(certificate(&["issue", "--name", "a.example"], Some(&out)).is_err());
    certificate(&["root", "--name", "House"], None).unwrap();
    assert!(certificate(&["root", "--name", "House"], None).unwrap_err().contains("another --dir"));
    for wrong in ["*.example", "keyd.example:8482", ""] {
        let refused = certificate(&["issue", "--name", wrong], Some(&out)).unwrap_err();
        assert!(refused.contains("no name that a certificate"), "{refused}");
    }
    let refused = certificate(&["issue", "--name", "a.example", "--days", "0"], Some(&out)).unwrap_err();
    assert!(refused.contains("another number of days"), "{refused}");
    let refused = certificate(&["revoke", "--name", "a.example"], None).unwrap_err();
    assert!(refused.contains("nothing was revoked"), "{refused}");
    assert!(!out.exists(), "what was refused has left nothing");
    certificate(&["issue", "--name", "a.example", "--days", "30"], Some(&out)).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&out), mode(&out.join("key.pem"))), (0o700, 0o600));
    certificate(&["list"], None).unwrap();
    for file in ["root.json", "made.json", "roots.pem", "revoked.pem"] {
        let text = fs::read_to_string(authority.join(file)).unwrap();
        assert!(!text.contains("PRIVATE KEY"), "{file}");
    }

    // A witness says what is wrong with its folder, before anything else.
    let witness = |args: &[&str]| {
        told(&[&["witness", "serve", "--log", "x"], args].concat(), &[("--dir", &at("witness"))]).unwrap_err()
    };
    assert!(witness(&["--client", "register.example"]).contains("--tls"));
    let (tls, none) = (out.to_str().unwrap(), at("none"));
    let serve = |args: &[&str]| {
        let mut command = tanba(&SECRETS);
        command.args(["serve", "--listen", "127.0.0.1:0", "--dir"]).arg(at("data")).args(args);
        let output = command.output().unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let refused = serve(&["--tls", tls]);
    assert!(refused.contains("30 days, and 7 is the most"), "{refused}");
    let refused = serve(&["--tls", tls, "--tls-max-days", "91"]);
    assert!(refused.contains("from 1 to 90"), "{refused}");
    let refused = serve(&["--tls", none.to_str().unwrap()]);
    assert!(refused.contains("roots.pem") && refused.contains("put it there"), "{refused}");
    fs::set_permissions(out.join("key.pem"), fs::Permissions::from_mode(0o644)).unwrap();
    let refused = serve(&["--tls", tls]);
    assert!(refused.contains("chmod 600"), "{refused}");
    let token = at("token");
    fs::write(&token, "a-token\n").unwrap();
    let refused = serve(&["--notices", "https://messages.example/", "--notices-token", token.to_str().unwrap()]);
    assert!(refused.contains("--tls"), "{refused}");
    let keyd = told(
        &["keyd", "serve", "--policy", "p", "--rules", "r", "--supervisor", "s", "--listen", "127.0.0.1:0"],
        &[("--dir", &at("keyd"))],
    );
    let refused = keyd.unwrap_err();
    assert!(refused.contains("--tls") && refused.contains("--register"), "{refused}");
}
