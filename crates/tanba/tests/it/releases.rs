//! The log of releases: what was recorded is proved of each file, and of no other.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::witness::told;

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn statement(files: &[(&str, &[u8])]) -> Value {
    let subject: Vec<Value> =
        files.iter().map(|(name, bytes)| json!({"name": name, "digest": {"sha256": hash(bytes)}})).collect();
    json!({
        "_type": "https://in-toto.io/Statement/v1", "subject": subject,
        "predicateType": "https://slsa.dev/provenance/v1", "predicate": {},
    })
}

fn record(dir: &Path, folder: &Path, name: &str, statement: &Value) -> Result<Value, String> {
    let file = folder.join(format!("{name}.intoto.json"));
    fs::write(&file, statement.to_string()).unwrap();
    let out = folder.join(format!("{name}.tlog-proof"));
    told(&["release", "record", file.to_str().unwrap()], &[("--dir", dir), ("--out", &out)])
}

#[test]
fn control_j10_a_release_is_proved_by_its_entry_in_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let dir = folder.join("releases");
    let made = told(&["release", "init", "--name", "tanba.example/releases"], &[("--dir", &dir)]).unwrap();
    let vkey = made["vkey"].as_str().unwrap();
    let (program, bill) = (folder.join("tanba"), folder.join("tanba.cdx.json"));
    fs::write(&program, b"a program").unwrap();
    fs::write(&bill, b"what it is made of").unwrap();
    let first = statement(&[("tanba", b"a program"), ("tanba.cdx.json", b"what it is made of")]);
    assert_eq!(record(&dir, folder, "first", &first).unwrap()["index"], 0);
    // After a run that was broken off nothing is recorded twice.
    assert_eq!(record(&dir, folder, "first", &first).unwrap()["index"], 0);
    assert_eq!(record(&dir, folder, "second", &statement(&[("tanba", b"another")])).unwrap()["index"], 1);
    let checked = |file: &Path, proof: &str, vkey: &str| {
        let proof = folder.join(format!("{proof}.tlog-proof"));
        told(&["release", "check", file.to_str().unwrap(), "--vkey", vkey], &[("--proof", &proof)])
    };
    assert_eq!(checked(&program, "first", vkey).unwrap()["name"], "tanba");
    assert_eq!(checked(&bill, "first", vkey).unwrap()["name"], "tanba.cdx.json");
    assert!(checked(&program, "second", vkey).unwrap_err().contains("is no file of this release"));
    fs::write(&program, b"a program, and something else").unwrap();
    assert!(checked(&program, "first", vkey).unwrap_err().contains("is no file of this release"));
    // A statement that was changed after it was recorded, and another log of the same name.
    let text = fs::read(folder.join("first.tlog-proof")).unwrap();
    for at in (0..text.len()).step_by(7) {
        let mut changed = text.clone();
        changed[at] ^= 1;
        fs::write(folder.join("changed.tlog-proof"), &changed).unwrap();
        let answer = checked(&bill, "changed", vkey);
        // A line that the log has not signed may say anything; what is proved does not.
        assert!(
            answer.as_ref().is_err() || answer.as_ref().unwrap()["name"] == "tanba.cdx.json",
            "byte {at}: {answer:?}"
        );
    }
    let other = folder.join("other");
    let made = told(&["release", "init", "--name", "tanba.example/releases"], &[("--dir", &other)]).unwrap();
    assert!(checked(&bill, "first", made["vkey"].as_str().unwrap()).is_err());
    told(&["log", "verify", "--vkey", vkey], &[("--dir", &dir)]).unwrap();
    // What is no statement is not recorded, nor is anything in a log that is not whole.
    for wrong in [json!({}), json!({"_type": "x", "subject": [], "predicateType": ""}), statement(&[])] {
        assert!(record(&dir, folder, "wrong", &wrong).is_err());
    }
    let bundle = dir.join("log/tile/entries/000.p/2");
    let bytes = fs::read(&bundle).unwrap();
    fs::write(&bundle, &bytes[1..]).unwrap();
    let third = statement(&[("tanba", b"a third")]);
    assert!(record(&dir, folder, "third", &third).unwrap_err().contains("not whole"));
    fs::write(&bundle, &bytes).unwrap();
    assert_eq!(record(&dir, folder, "third", &third).unwrap()["index"], 2);
}
