//! `tanba train`: a register of its own, founded once, opened again, never a real one.

use serde_json::Value;

use crate::client::{Service, fsck, init, tanba};

fn train(dir: &std::path::Path) -> std::process::Output {
    tanba(&[]).args(["--json", "train", "--once", "--listen", "127.0.0.1:0", "--dir"]).arg(dir).output().unwrap()
}

fn answer(output: &std::process::Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_training_register_is_founded_once_keeps_its_secrets_to_its_owner_and_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("training");
    let first = answer(&train(&data));
    let again = answer(&train(&data));
    assert_eq!(first["password"], again["password"], "the same register");
    assert!(first["url"].as_str().unwrap().ends_with("/training"));
    assert_eq!(fsck(&data)["ok"], true);
    #[cfg(unix)]
    for file in ["training.json", "keys.json"] {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(data.join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file} is its owner's alone");
    }

    // Served as any other register it still says what it is, on every page.
    let notes: Value = serde_json::from_slice(&std::fs::read(data.join("training.json")).unwrap()).unwrap();
    let service = Service::start(&data, &[("TANBA_PASSPHRASE", notes["passphrase"].as_str().unwrap())], None);
    let (status, page) = service.ask("", "GET", "/", &Value::Null);
    assert_eq!(status, 200);
    let page = String::from_utf8(page).unwrap();
    assert!(page.contains("ЖАТТЫҒУ · ОБУЧЕНИЕ · TRAINING") || page.contains("TRAINING</span>"), "{page}");
    service.kill();

    // What an interrupted founding leaves is not taken for a register to train in.
    let text = std::fs::read_to_string(data.join("training.json")).unwrap();
    std::fs::write(data.join("training.json"), text.replace("\"ready\": true", "\"ready\": false")).unwrap();
    let interrupted = train(&data);
    assert!(!interrupted.status.success());
    assert!(String::from_utf8_lossy(&interrupted.stderr).contains("remove the folder"));
}

#[test]
fn another_register_is_no_place_for_training_and_no_other_machine_is_let_in() {
    let dir = tempfile::tempdir().unwrap();
    assert!(init(dir.path()).status.success());
    let refused = train(dir.path());
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("not for training"));
    let outside =
        tanba(&[]).args(["train", "--once", "--listen", "0.0.0.0:0", "--dir"]).arg(dir.path()).output().unwrap();
    assert!(!outside.status.success() && String::from_utf8_lossy(&outside.stderr).contains("127.0.0.1"));
}
