//! The audit bundle as an operator makes it and an auditor checks it.

use std::path::Path;

use serde_json::Value;

use crate::client::{PASSPHRASE, init, tanba};

const SECRETS: [(&str, &str); 1] = [("TANBA_PASSPHRASE", PASSPHRASE)];

fn bundle(data: &Path, out: &Path) -> std::process::Output {
    tanba(&SECRETS).args(["--json", "audit", "bundle", "--dir"]).arg(data).arg("--out").arg(out).output().unwrap()
}

#[test]
fn a_bundle_is_made_checked_without_the_register_and_found_out_when_changed() {
    let dir = tempfile::tempdir().unwrap();
    let [data, first, second] = ["data", "first", "second"].map(|name| dir.path().join(name));
    assert!(!bundle(&data, &first).status.success(), "there is no register");
    assert!(init(&data).status.success());
    let key = std::fs::read_to_string(data.join("log/log.vkey")).unwrap().trim().to_owned();
    for out in [&first, &second] {
        let made = bundle(&data, out);
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }
    let again = bundle(&data, &second);
    assert!(String::from_utf8_lossy(&again.stderr).contains("does not exist yet"));
    std::fs::remove_dir_all(&data).unwrap();

    let verify = |bundle: &Path, more: &[&str]| {
        let mut command = tanba(&[]);
        command.args(["--json", "audit", "verify"]).arg(bundle).args(["--vkey", &key]).args(more);
        command.output().unwrap()
    };
    let earlier = first.display().to_string();
    let found = verify(&second, &["--earlier", &earlier]);
    assert!(found.status.success(), "{}", String::from_utf8_lossy(&found.stderr));
    let report: Value = serde_json::from_slice(&found.stdout).unwrap();
    assert_eq!((&report["ok"], &report["faults"]), (&Value::Bool(true), &Value::Array(Vec::new())));
    assert!(report["size"].as_u64() > Some(1));
    // Nobody has cosigned it, and the later one does not come before the earlier one.
    assert!(!verify(&second, &["--max-age", "60", "--witness", "x"]).status.success());
    let later = second.display().to_string();
    let found = verify(&first, &["--earlier", &later]);
    assert!(!found.status.success() && String::from_utf8_lossy(&found.stdout).contains("does not extend"));
    let text = std::fs::read_to_string(second.join("bundle.json")).unwrap();
    std::fs::write(second.join("bundle.json"), text.replacen("\"effect\":", "\"effect\": ", 1)).unwrap();
    let found = verify(&second, &[]);
    assert!(!found.status.success() && String::from_utf8_lossy(&found.stdout).contains("not the one that was signed"));
}
