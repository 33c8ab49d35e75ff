//! The law commands as a lawyer and an engineer use them.

use ed25519_dalek::{Signer, SigningKey};
use std::path::{Path, PathBuf};
use tempfile::tempdir;

use crate::program::{answer, refusal, tanba};

const REFUSER: &str = r#"{"status":"citizen","born":"1990-01-01","trigger":"passport","prior_refusals":1}"#;

/// A pack of the program as a file that can be changed.
fn pack_file(here: &Path, name: &str, change: impl Fn(String) -> String) -> PathBuf {
    let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tanba-law/packs");
    let text = std::fs::read_to_string(packs.join("kz-2016-as-enacted.yaml")).unwrap();
    let path = here.join(name);
    std::fs::write(&path, change(text)).unwrap();
    path
}

#[test]
fn explain_tells_rule_source_duties_and_consequences_in_three_languages() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    std::fs::write(here.join("refuser.json"), REFUSER).unwrap();
    let ask = ["law", "explain", "--pack", "kz-2016-as-enacted", "--as-of", "2026-06-01", "refuser.json"];
    let got = answer(here, &ask);
    assert_eq!((&got["decision"], &got["clause"]), (&"must".into(), &"citizen-from-16".into()));
    for (lang, words) in [
        ("kk", ["МІНДЕТТІ", "Дереккөздер:", "[refusal-fine]"]),
        ("ru", ["ОБЯЗАН", "Источники:", "[refusal-fine]"]),
        ("en", ["MUST be registered", "Sources:", "[refusal-fine] Code of Administrative Offences"]),
    ] {
        let said = got["explanation"][lang].as_str().unwrap();
        assert!(words.iter().all(|word| said.contains(word)), "{said}");
    }
    let tried = got["rules_tried"].as_array().unwrap();
    let of = |code: &str| tried.iter().find(|rule| rule["clause"] == code).unwrap();
    assert_eq!(of("citizen-from-16")["speaks"], "yes");
    assert_eq!(of("minor-12-to-15")["hangs_on"], serde_json::json!(["age"]));
    assert!(got["sources"].as_array().unwrap().iter().any(|row| row["clause"] == "explain-first"));
}

#[test]
fn diff_tells_what_changed_and_verify_refuses_with_the_line() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    let got = answer(here, &["law", "diff", "kz-2016-as-enacted", "kz-2024-in-force"]);
    let changes = got["changes"].as_array().unwrap();
    let basis =
        changes.iter().find(|row| row["path"] == serde_json::json!(["rules", "citizen-from-16", "basis"])).unwrap();
    assert_eq!(
        (&basis["change"], &basis["old"], &basis["new"]),
        (&"replaced".into(), &"mandatory".into(), &"voluntary".into())
    );
    assert!(basis["text"]["ru"].as_str().unwrap().contains("обязательность"));
    assert!(
        answer(here, &["law", "diff", "kz-2016-as-enacted", "kz-2016-as-enacted"])["changes"]
            .as_array()
            .unwrap()
            .is_empty()
    );

    let sound = answer(here, &["law", "verify", "kz-2024-in-force"]);
    assert_eq!(sound["breaks"][0]["constraint"], "un-principle-38-children");
    assert_eq!(answer(here, &["law", "verify", "fr-fnaeg"])["breaks"], serde_json::json!([]));
    assert_eq!(
        (&sound["sound"], &sound["pack_status"], &sound["signed"]),
        (&true.into(), &"draft".into(), &serde_json::Value::Null)
    );
    pack_file(here, "clash.yaml", |text| text.replace("\"[0,12)\"", "\"[0,17)\""));
    refusal(here, &["law", "verify", "clash.yaml"], "line ");
    pack_file(here, "second.yaml", |text| text.replace("id: kz-2016-as-enacted", "id: kz-second"));
    refusal(here, &["law", "verify", "second.yaml"], "supersedes");
    refusal(here, &["law", "verify", "absent.yaml"], "cannot read absent.yaml");
    refusal(here, &["law", "verify", "kz-1999"], "kz-2016-as-enacted");
}

#[test]
fn who_may_look_is_told_in_cedar() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    let ees = answer(here, &["law", "cedar", "eu-ees-2017-2226"]);
    assert_eq!(ees["demonstration"], false);
    let policies = ees["policies"].as_str().unwrap();
    assert!(
        policies.contains("@id(\"incomplete_request\")\nforbid")
            && policies.contains("\npermit (principal, action in [")
    );
    // What is not known permits nobody anything, unless a demonstration assumes it and says so.
    let unknown = answer(here, &["law", "cedar", "kz-2024-in-force"]);
    assert!(!unknown["policies"].as_str().unwrap().contains("permit ("));
    let assumed = answer(here, &["law", "cedar", "kz-2024-in-force", "--sheet", "kz-demo"]);
    assert!(assumed["policies"].as_str().unwrap().contains("@assumed(\"kz-demo/"));
    let schema = tanba(here, &["law", "cedar", "--schema"]);
    assert!(String::from_utf8(schema.stdout).unwrap().starts_with("namespace Tanba {"));
    refusal(here, &["law", "cedar", "eu-ees-2017-2226", "--sheet", "kz-demo"], "tanba law list");
    refusal(here, &["law", "cedar", "kz-1999"], "kz-2016-as-enacted");
}

#[test]
fn a_pack_is_signed_by_two_roles_over_the_bytes_that_the_program_prints() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    pack_file(here, "final.yaml", |text| {
        text.replace("status: draft", "status: final").replace("confidence: C}", "confidence: B}")
    });
    let hash = answer(here, &["law", "verify", "final.yaml"])["pack_hash"].as_str().unwrap().to_owned();
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let (mut keys, mut signatures) = (String::new(), String::new());
    for (role, seed, whose) in [("legal", 1u8, "jurisdiction: KZ, "), ("technical", 2, "")] {
        let key = SigningKey::from_bytes(&[seed; 32]);
        let output = tanba(here, &["law", "verify", "final.yaml", "--message", role, "--on", "2026-05-01"]);
        assert!(output.stdout.ends_with(b"2026-05-01\n"));
        let public = hex(key.verifying_key().as_bytes());
        keys +=
            &format!("  - {{name: {role}-key, role: {role}, {whose}public: \"{public}\", valid_from: 2026-01-01}}\n");
        let signature = hex(&key.sign(&output.stdout).to_bytes());
        signatures += &format!("  - {{role: {role}, key: {role}-key, on: 2026-05-01, signature: \"{signature}\"}}\n");
    }
    std::fs::write(here.join("keys.yaml"), format!("format: tanba-law-keys/1\nkeys:\n{keys}")).unwrap();
    let head = format!("format: tanba-law-signatures/1\npack: kz-2016-as-enacted\nhash: \"{hash}\"\nsignatures:\n");
    std::fs::write(here.join("both.yaml"), format!("{head}{signatures}")).unwrap();
    let one = signatures.lines().next().unwrap();
    std::fs::write(here.join("one.yaml"), format!("{head}{one}\n")).unwrap();

    let verify = |file| ["law", "verify", "final.yaml", "--signatures", file, "--keys", "keys.yaml"];
    let signed = answer(here, &verify("both.yaml"));
    assert_eq!(
        (&signed["signed"]["legal"], &signed["signed"]["technical"]),
        (&"legal-key".into(), &"technical-key".into())
    );
    refusal(here, &verify("one.yaml"), "technical");
    pack_file(here, "final.yaml", |text| {
        text.replace("status: draft", "status: final")
            .replace("confidence: C}", "confidence: B}")
            .replace("units: 5", "units: 6")
    });
    refusal(here, &verify("both.yaml"), "signed again");
}

#[test]
fn simulate_counts_whom_a_change_of_law_treats_otherwise() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    let ask = [
        "law",
        "simulate",
        "--from",
        "kz-2016-as-enacted",
        "--to",
        "kz-2024-in-force",
        "--as-of",
        "2026-06-01",
        "--people",
        "400",
        "--seed",
        "3",
        "--chart",
        "chart.svg",
    ];
    let got = answer(here, &ask);
    let number = |value: &serde_json::Value| value.as_u64().unwrap();
    let total =
        |side: &serde_json::Value| ["must", "may", "must_not"].iter().map(|duty| number(&side[*duty])).sum::<u64>();
    assert_eq!((total(&got["before"]), total(&got["after"])), (400, 400));
    let groups = got["groups"].as_array().unwrap();
    assert_eq!(groups.iter().map(|row| number(&row["people"])).sum::<u64>(), 400);
    // Citizens from 16 had to, and may now; nobody else is treated otherwise at these events.
    let moved = |row: &&serde_json::Value| row["before"] != row["after"];
    assert!(
        groups
            .iter()
            .filter(moved)
            .all(|row| row["status"] == "citizen" && row["before"] == "must" && row["after"] == "may")
    );
    let changed = number(&got["changed"]);
    assert_eq!(changed, groups.iter().filter(moved).map(|row| number(&row["people"])).sum::<u64>());
    assert!(changed > 200, "most people are grown-up citizens: {changed}");
    let svg = std::fs::read_to_string(here.join("chart.svg")).unwrap();
    assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>") && svg.contains("kz-2024-in-force"), "{svg}");
    assert_eq!(answer(here, &ask), got, "the same seed, the same people");
    refusal(
        here,
        &[
            "law",
            "simulate",
            "--from",
            "kz-2016-as-enacted",
            "--to",
            "kz-2024-in-force",
            "--as-of",
            "2022-01-01",
            "--people",
            "3",
        ],
        "not in force",
    );
}
