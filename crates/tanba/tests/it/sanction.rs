//! A court's own machine: its key, a sanction, and what shows that it was changed.

use std::fs;

use serde_json::Value;

use crate::client::{PASSPHRASE, tanba};

fn told(args: &[&str]) -> Result<Value, String> {
    let output = tanba(&[("TANBA_PASSPHRASE", PASSPHRASE)]).arg("--json").args(args).output().unwrap();
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn control_d1_a_court_signs_a_sanction_and_anybody_can_check_it() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let made = told(&["sanction", "key", "--dir", &at("court"), "--name", "court.example/sanctions"]).unwrap();
    let key = made["vkey"].as_str().unwrap();
    fs::write(at("number"), "000000000018\n").unwrap();
    let (note, subject, number, dir) = (at("note"), at("subject"), at("number"), at("court"));
    let mut sign = vec!["sanction", "sign", "--dir", &dir, "--register", "tanba.example/log", "--serial", "2026-17"];
    sign.extend(["--level", "court", "--judge", "J-4", "--for", "mia", "--case", "case 17", "--act", "read"]);
    sign.extend(["--act", "identify", "--purpose", "crime_investigation", "--from", "2026-11-27T00:00:00Z"]);
    sign.extend(["--to", "2026-12-27T00:00:00Z", "--uses", "2", "--out", &note]);
    let mut named = sign.clone();
    named.extend(["--number", &number]);
    assert!(told(&named).unwrap_err().contains("--subject-out"), "whom it is about must be opened by somebody");
    named.extend(["--subject-out", &subject]);
    told(&named).unwrap();
    let text = fs::read_to_string(&note).unwrap();
    assert!(!text.contains("000000000018") && fs::read_to_string(&subject).unwrap().contains("000000000018"));

    let verified = told(&["sanction", "verify", &note, "--key", key, "--subject", &subject]).unwrap();
    assert_eq!((verified["uses"].as_u64(), verified["valid_to"].as_str()), (Some(2), Some("2026-12-27T00:00:00Z")));
    assert_eq!(verified["acts"], serde_json::json!(["identify", "read"]));
    fs::write(at("other"), r#"{"salt":"AAAAAAAAAAAAAAAAAAAAAA==","number":"000000000018"}"#).unwrap();
    assert!(told(&["sanction", "verify", &note, "--key", key, "--subject", &at("other")]).is_err());
    // Changed, it can still be shown, and is not believed.
    fs::write(&note, text.replace("uses 2", "uses 20")).unwrap();
    assert_eq!(told(&["sanction", "show", &note]).unwrap()["uses"], 20);
    assert!(told(&["sanction", "verify", &note, "--key", key]).unwrap_err().contains("has not signed it"));
    fs::write(&note, text.replace("uses 2\n", "")).unwrap();
    assert!(told(&["sanction", "show", &note]).unwrap_err().contains("lines"));
    sign.extend(["--tell-at", "1960-01-01T00:00:00Z"]);
    assert!(told(&sign).unwrap_err().contains("1970"));
}
