//! Starting and stopping: an empty service is safe, a locked one stays shut, a register is founded once.

use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::client::{PASSPHRASE, Service, fsck, init, tanba};

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What a service without a register answers, and where it begins.
fn health(service: &Service) -> (u16, Value) {
    let (status, body) = service.ask("", "GET", "/healthz", &Value::Null);
    (status, serde_json::from_slice(&body).unwrap())
}

#[test]
fn an_empty_folder_gives_an_empty_safe_service_that_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("none");
    let service = Service::start(&data, &[], None);
    assert_eq!(service.announced["status"], "uninitialised");
    assert_eq!(health(&service), (503, json!({"status": "uninitialised"})));
    let (status, body) = service.ask("", "POST", "/api/sessions", &json!({}));
    assert_eq!(status, 503);
    assert!(String::from_utf8(body).unwrap().contains("tanba init"));
    assert!(!data.exists(), "nothing was made");
}

#[test]
fn a_register_is_founded_once_opened_with_its_passphrase_only_and_ends_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let output = init(dir.path());
    assert!(output.status.success(), "{}", told(&output));
    let again = init(dir.path());
    assert!(!again.status.success() && told(&again).contains("holds a register already"));

    let locked = Service::start(dir.path(), &[], None);
    assert_eq!(health(&locked), (503, json!({"status": "locked"})));
    drop(locked);

    let wrong = tanba(&[("TANBA_PASSPHRASE", "eight winters on the steppe")])
        .args(["serve", "--listen", "127.0.0.1:0", "--dir"])
        .arg(dir.path())
        .output()
        .unwrap();
    assert!(!wrong.status.success() && told(&wrong).contains("wrong passphrase"), "{}", told(&wrong));

    let file = dir.path().join("passphrase");
    std::fs::write(&file, format!("{PASSPHRASE}\n")).unwrap();
    let mut service = Service::start(dir.path(), &[("TANBA_PASSPHRASE_FILE", file.to_str().unwrap())], None);
    assert_eq!(service.announced["status"], "demonstration");
    assert_eq!(health(&service), (200, json!({"status": "ok"})));
    service.sign_in("administrator", None);
    let second = tanba(&[("TANBA_PASSPHRASE", PASSPHRASE)])
        .args(["serve", "--listen", "127.0.0.1:0", "--dir"])
        .arg(dir.path())
        .output()
        .unwrap();
    assert!(!second.status.success() && told(&second).contains("open in another process"), "{}", told(&second));

    // Told to end, it publishes what was done and ends well.
    let ended = Command::new("kill").args(["-TERM", &service.child.id().to_string()]).status().unwrap();
    assert!(ended.success());
    assert!(service.child.wait().unwrap().success());
    let log = fsck(dir.path());
    assert_eq!((&log["ok"], &log["size"]), (&json!(true), &json!(2)), "{log}");
}

#[test]
fn what_would_be_unsafe_is_refused_with_what_to_do_instead() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let production = tanba(&[("TANBA_PASSPHRASE", PASSPHRASE)]).args(["init", "--dir"]).arg(&data).output().unwrap();
    assert!(!production.status.success() && told(&production).contains("--demonstration"), "{}", told(&production));

    let nobody = tanba(&[]).args(["init", "--demonstration", "--dir"]).arg(&data).output().unwrap();
    assert!(!nobody.status.success() && told(&nobody).contains("TANBA_PASSPHRASE"), "{}", told(&nobody));
    assert!(!data.exists(), "nothing was made");

    let open = tanba(&[]).args(["serve", "--listen", "0.0.0.0:0", "--dir"]).arg(&data).output().unwrap();
    assert!(!open.status.success() && told(&open).contains("--behind-tls-proxy"), "{}", told(&open));
}

#[test]
fn file_environment_and_command_line_settle_the_configuration_in_that_order() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("tanba.toml");
    let serve = |text: &str, variables: &[(&str, &str)], more: &[&str]| {
        std::fs::write(&file, text).unwrap();
        tanba(variables).args(["serve", "--config"]).arg(&file).args(more).output().unwrap()
    };
    // Each refusal names the address that was settled on.
    let from_file = serve("listen = \"0.0.0.0:1\"", &[], &[]);
    assert!(told(&from_file).contains("0.0.0.0:1 "), "{}", told(&from_file));
    let from_environment = serve("listen = \"0.0.0.0:1\"", &[("TANBA_LISTEN", "0.0.0.0:2")], &[]);
    assert!(told(&from_environment).contains("0.0.0.0:2 "), "{}", told(&from_environment));
    let from_line = serve("", &[("TANBA_LISTEN", "0.0.0.0:2")], &["--listen", "0.0.0.0:3"]);
    assert!(told(&from_line).contains("0.0.0.0:3 "), "{}", told(&from_line));
    let unknown = serve("listens = \"0.0.0.0:1\"", &[], &["--listen", "0.0.0.0:3"]);
    assert!(!unknown.status.success() && told(&unknown).contains("listens"), "{}", told(&unknown));
    let no_extractor = serve("extractor = \"eye-0\"", &[], &["--listen", "127.0.0.1:0"]);
    assert!(!no_extractor.status.success() && told(&no_extractor).contains("filtered-ridges-2"));
    let missing = tanba(&[]).args(["serve", "--config", "/nowhere/tanba.toml"]).output().unwrap();
    assert!(!missing.status.success());
}
