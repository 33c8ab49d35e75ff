//! The genetic commands, on profiles made by the program itself.

use tempfile::tempdir;

use crate::program::{answer, refusal};

#[test]
fn a_stain_finds_who_left_it_and_nobody_else() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    answer(here, &["synth", "dna", "--count", "300", "--stains", "2", "--seed", "5", "--out", "d"]);
    let truth: serde_json::Value = serde_json::from_slice(&std::fs::read(here.join("d/truth.json")).unwrap()).unwrap();
    assert_eq!(truth.as_object().unwrap().len(), 4);
    for (stain, left_by) in truth.as_object().unwrap() {
        let got = answer(here, &["dna", "search", "d/database.jsonl", &format!("d/{stain}.json")]);
        assert_eq!(got["profiles_searched"], 300);
        let found: Vec<_> = got["hits"].as_array().unwrap().iter().map(|h| h["specimen"].clone()).collect();
        let expected: Vec<_> = Some(left_by.clone()).into_iter().filter(|v| !v.is_null()).collect();
        assert_eq!(found, expected, "{stain}");
    }
}

#[test]
fn what_may_not_be_searched_is_refused() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    answer(here, &["synth", "dna", "--count", "5", "--stains", "1", "--seed", "5", "--out", "d"]);
    let write = |name: &str, text: &str| std::fs::write(here.join(name), text).unwrap();

    write("plain.json", r#"{"TH01": ["6", "9.3"], "TPOX": ["8"]}"#);
    refusal(here, &["dna", "search", "d/database.jsonl", "plain.json"], "--category");
    let category = ["dna", "search", "d/database.jsonl", "plain.json", "--category", "crime_stain"];
    refusal(here, &category, "loci");
    // A missing person's reference is never held against convicted people.
    let relatives =
        [&category[..4], &["--category", "missing_person_reference", "--against", "convicted_person"]].concat();
    refusal(here, &relatives, "convicted_person");
    write("other.json", r#"{"FTO": ["1", "2"]}"#);
    refusal(
        here,
        &["dna", "search", "d/database.jsonl", "other.json", "--category", "crime_stain"],
        "not in the permitted",
    );
    write("broken.jsonl", "{\"specimen\": \"a\"}\n");
    refusal(here, &["dna", "search", "broken.jsonl", "d/stain-001.json"], "JSON object a line");
    write("empty.jsonl", "\n");
    refusal(here, &["dna", "search", "empty.jsonl", "d/stain-001.json"], "holds no profile");
    refusal(here, &["dna", "search", "nowhere.jsonl", "d/stain-001.json"], "nowhere.jsonl");
}
