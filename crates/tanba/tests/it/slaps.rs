//! Slaps and cards on the command line.

use serde_json::json;
use tempfile::tempdir;

use crate::program::{answer, refusal, tanba};

fn args(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}

#[test]
fn a_slap_is_cut_into_upright_fingers_that_can_be_extracted() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    answer(here, &args("synth slaps --count 1 --seed 12 --hand right --out s"));
    let got = answer(here, &args("segment s/001_right.png --kind right --out fingers"));
    let fingers = got["fingers"].as_array().unwrap();
    let truth: serde_json::Value =
        serde_json::from_slice(&std::fs::read(here.join("s/001_right.json")).unwrap()).unwrap();
    let names = |list: &serde_json::Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|f| f["finger"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!((names(&got["fingers"]), &got["kind"]), (names(&truth["fingers"]), &json!("right")));
    assert_eq!(got["findings"], json!([]));
    for finger in fingers {
        let file = format!("fingers/{}", finger["file"].as_str().unwrap());
        let extracted = answer(here, &["extract", &file, "--out", "t.fmr"]);
        assert!(extracted["minutiae"].as_u64() >= Some(10), "{extracted}");
    }
    let overview = std::fs::read(here.join("fingers/overview.png")).unwrap();
    assert_eq!(tanba_formats::image::read(&overview, &Default::default()).unwrap().value.width(), 1600);

    // The same picture as what it is not.
    let wrong = answer(here, &args("segment s/001_right.png --kind left"));
    assert_eq!(wrong["findings"][0]["code"], "other_hand", "{wrong}");
    assert!(wrong["findings"][0]["message"].as_str().unwrap().contains("right hand"), "{wrong}");
    assert_eq!(wrong["fingers"][0]["file"], json!(null));
}

#[test]
fn missing_fingers_are_named_in_either_spelling_and_nothing_else_is() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    std::fs::write(here.join("blank.pgm"), [&b"P5 400 400 255\n"[..], &[255; 160_000]].concat()).unwrap();
    let got = answer(here, &args("segment blank.pgm --kind right --missing right-ring,right_little"));
    assert_eq!(got["findings"][0]["code"], "nothing_found");
    let output = tanba(here, &args("segment blank.pgm --missing right-toe"));
    assert_eq!(output.status.code(), Some(2));
    refusal(here, &args("segment nowhere.png"), "cannot open nowhere.png");
}

#[test]
fn the_bench_scores_slaps_and_says_how_often_all_is_right() {
    let folder = tempdir().unwrap();
    let got = answer(folder.path(), &args("bench slaps --count 6 --seed 4"));
    assert_eq!(got["slaps"], 6);
    assert!(got["all_right"].as_f64() >= Some(80.0), "{got}");
    for key in ["fingers_right", "hand_right", "ms_median"] {
        assert!(got[key].as_f64() > Some(0.0), "{key}: {got}");
    }
    assert!(got["missing_noticed"].is_number() || got["missing_noticed"].is_null());
}
