//! The measurements of the synthesis, as small as they can be.

use serde_json::json;
use tempfile::tempdir;

use crate::client;
use crate::program::{answer, object, refusal, stderr};

#[test]
fn realism_tells_every_distribution_of_each_source_and_draws_it() {
    let folder = tempdir().unwrap();
    let make = ["synth", "prints", "--count", "2", "--impressions", "2", "--seed", "5", "--out", "set"];
    answer(folder.path(), &make);
    let args = ["bench", "realism", "--fingers", "3", "--impressions", "2", "--mode", "fast,template", "--real", "set"];
    let got = answer(folder.path(), &[&args[..], &["--plots", "plots", "--sheet", "sheet.png"]].concat());
    let sources = got["sources"].as_array().unwrap();
    let names: Vec<&str> = sources.iter().map(|s| s["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["set", "fast", "template"]);
    for source in sources {
        assert!(source["minutiae"]["p50"].as_f64() >= Some(8.0), "{source}");
        assert!(source["eer"].is_number() && source["eer_ci95"][1].is_number(), "{source}");
        assert_eq!(source["period_px"].is_null(), source["name"] == "template", "{source}");
    }
    let fast = &sources[1];
    assert_eq!((fast["genuine"].as_u64(), fast["impostors"].as_u64()), (Some(3), Some(12)));
    assert!(fast["extractor"]["recall"].as_f64() > Some(0.5), "{fast}");
    assert!(fast["inside_real"]["eer"].is_boolean() && got["real_mean"]["fmr1000_ci95"].is_array(), "{got}");
    for plot in ["minutiae", "period", "quality", "singular", "classes", "genuine", "impostor"] {
        let svg = std::fs::read_to_string(folder.path().join(format!("plots/{plot}.svg"))).unwrap();
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n") && !svg.contains("NaN"), "{plot}");
    }
    let sheet = std::fs::read(folder.path().join("sheet.png")).unwrap();
    assert!(tanba_formats::image::read(&sheet, &Default::default()).unwrap().value.height() > 500);
}

#[test]
fn realism_says_what_a_folder_without_images_lacks() {
    let folder = tempdir().unwrap();
    std::fs::create_dir(folder.path().join("empty")).unwrap();
    refusal(folder.path(), &["bench", "realism", "--real", "empty"], "empty holds no images");
}

#[test]
fn quality_tells_error_against_reject_and_fits_the_same_table_again() {
    let folder = tempdir().unwrap();
    let make =
        ["synth", "prints", "--count", "3", "--impressions", "4", "--seed", "5", "--preset", "hard", "--out", "set"];
    answer(folder.path(), &make);
    let fit = |table: &str| {
        let small = ["bench", "quality", "set", "--fit", "--fingers", "2", "--impressions", "3", "--preset", "hard"];
        answer(folder.path(), &[&small[..], &["--table", table]].concat());
        std::fs::read_to_string(folder.path().join(table)).unwrap()
    };
    let table = fit("a.rs");
    assert!(table.contains("pub const MODEL: Model") && table.contains("--fit --seed 1"), "{table}");
    assert_eq!(table, fit("b.rs"));

    let got = answer(folder.path(), &["bench", "quality", "set", "--fnmr", "0.3", "--plot", "curves.svg"]);
    let svg = std::fs::read_to_string(folder.path().join("curves.svg")).unwrap();
    assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n") && !svg.contains("NaN"));
    let set = &got["sets"][0];
    assert_eq!(
        (set["name"].as_str(), set["images"].as_u64(), set["genuine"].as_u64()),
        (Some("set"), Some(12), Some(18))
    );
    let (at, best) = (&set["fnmr_at_reject"], &set["fnmr_at_reject_ideal"]);
    // The share asked for is met to one of the 18 comparisons, unless more of them have no score at all.
    assert!(at["0"].as_f64() >= Some(0.3 - 1.0 / 18.0), "{set}");
    assert!(best["0.2"].as_f64() <= at["0"].as_f64() && set["gain"].is_number(), "{set}");
}

#[test]
fn the_speed_of_everything_that_is_made_is_told() {
    let folder = tempdir().unwrap();
    let got = answer(folder.path(), &["bench", "synth", "--seconds", "0.01"]);
    for key in [
        "phase_masters_per_s_per_core",
        "phase_impressions_per_s_per_core",
        "growth_impressions_per_s_per_core",
        "templates_per_s_per_core",
        "people_per_s",
        "profiles_per_s",
    ] {
        assert!(got[key].as_f64() > Some(0.0), "{key}: {got}");
    }
}

/// What a run says of errors, without what depends on time and machine.
fn errors(mut answer: serde_json::Value) -> serde_json::Value {
    let object = answer.as_object_mut().unwrap();
    for key in [
        "enrol_s",
        "load_s",
        "search_ms_median",
        "search_ms_p99",
        "core_s_per_search",
        "look_core_s_per_million_people",
        "weigh_core_s_per_1000_people",
        "fingers_per_s_per_core",
        "stream_bytes_per_s",
        "roof_fraction",
        "peak_rss_bytes",
    ] {
        assert!(object.remove(key).is_some(), "{key}");
    }
    for size in object["projection"].as_array_mut().unwrap() {
        assert!(size.as_object_mut().unwrap().remove("core_s_per_search").unwrap().as_f64() > Some(0.0), "{size}");
    }
    answer
}

#[test]
fn identify_tells_all_that_is_asked_of_it_and_equal_seeds_give_equal_errors() {
    let folder = tempdir().unwrap();
    let bench = [
        "bench",
        "identify",
        "--people",
        "300",
        "--searches",
        "100",
        "--preset",
        "easy",
        "--timed",
        "5",
        "--seed",
        "3",
    ];
    let got = answer(folder.path(), &[&bench[..], &["--report", "plots"]].concat());
    assert_eq!((&got["people"], &got["fingers"], &got["synthetic"]), (&json!(300), &json!(2), &json!(true)));
    assert_eq!((&got["interrupted"], &got["out_of_time"], &got["real"]), (&json!(false), &json!(false), &json!(null)));
    for key in [
        "bytes_per_finger",
        "resident_bytes_per_finger",
        "load_s",
        "search_ms_median",
        "search_ms_p99",
        "fingers_per_s_per_core",
        "core_s_per_search",
    ] {
        assert!(got[key].as_f64() > Some(0.0), "{key}: {got}");
    }
    for key in [
        "fnir_at_fpir_1e3",
        "fnir_at_fpir_1e2",
        "adjudications_per_1000",
        "rank1",
        "stage1_miss",
        "stage1_miss_one_finger",
        "stage1_miss_at_share",
        "cascade_miss",
    ] {
        assert!((0.0..=1000.0).contains(&got[key].as_f64().unwrap()), "{key}: {got}");
    }
    // Measured where the program and the machine can.
    for key in ["roof_fraction", "stream_bytes_per_s", "peak_rss_bytes"] {
        assert!(got.get(key).is_some(), "{key}: {got}");
    }
    // A code is 2.1 kB, the packed template some hundred bytes more.
    assert!((2100.0..2200.0).contains(&got["bytes_per_finger"].as_f64().unwrap()), "{got}");
    assert!((2300.0..3300.0).contains(&got["resident_bytes_per_finger"].as_f64().unwrap()), "{got}");
    // Easy prints among three hundred people.
    assert!(got["rank1"].as_f64() > Some(98.0), "{got}");
    assert!(got["fnir_at_fpir_1e2"].as_f64() <= got["fnir_at_fpir_1e3"].as_f64(), "{got}");
    assert!(got["fnir_at_fpir_1e3_if_all_were_compared"].as_f64() <= got["fnir_at_fpir_1e3"].as_f64(), "{got}");
    let sizes = got["projection"].as_array().unwrap();
    assert_eq!(
        sizes.iter().map(|s| s["people"].as_u64().unwrap()).collect::<Vec<_>>(),
        [10_000, 100_000, 1_000_000, 20_000_000]
    );
    for (small, large) in sizes.iter().zip(&sizes[1..]) {
        for key in ["threshold", "fnir"] {
            assert!(small[key].as_f64() <= large[key].as_f64(), "{key}: {got}");
        }
    }
    for group in ["age", "trade", "skin_decile"] {
        let searches: u64 =
            got["groups"][group].as_array().unwrap().iter().map(|g| g["searches"].as_u64().unwrap()).sum();
        assert_eq!(searches, 100, "{group}");
    }
    assert!(got["worst_decile"]["skin_decile"].is_null(), "ten searches are too few: {got}");
    assert!(got["worst_decile"]["evidence_decile"]["worst_mean_log10_lr"].is_number(), "{got}");
    for plot in ["errors", "threshold", "missed", "time"] {
        let svg = std::fs::read_to_string(folder.path().join(format!("plots/{plot}.svg"))).unwrap();
        assert!(svg.starts_with("<svg") && svg.contains("synthetic") && !svg.contains("NaN"), "{plot}");
    }
    assert_eq!(errors(got), errors(answer(folder.path(), &bench)));
}

#[test]
fn a_first_look_at_everyone_misses_nobody_and_a_share_of_nobody_is_refused() {
    let folder = tempdir().unwrap();
    let bench = ["bench", "identify", "--people", "120", "--searches", "100", "--preset", "easy", "--timed", "2"];
    let all = answer(folder.path(), &[&bench[..], &["--share", "1", "--exchanged"]].concat());
    assert_eq!((&all["cascade_miss"], &all["exchanged"]), (&json!(0.0), &json!(true)));
    refusal(folder.path(), &[&bench[..], &["--share", "0"]].concat(), "share of people");
    refusal(folder.path(), &[&bench[..], &["--minutes", "0"]].concat(), "no time");
    if !cfg!(feature = "cuda") {
        refusal(folder.path(), &[&bench[..], &["--gpu"]].concat(), "--features cuda");
    }
}

#[test]
fn the_first_look_is_measured_by_codes_cylinders_and_vectors() {
    let folder = tempdir().unwrap();
    let make =
        ["synth", "prints", "--count", "6", "--impressions", "3", "--seed", "8", "--preset", "easy", "--out", "set"];
    answer(folder.path(), &make);
    let got = answer(folder.path(), &["bench", "first-look", "set"]);
    let set = &got["sets"][0];
    assert_eq!((&set["mates"], &set["strangers"]), (&json!(36), &json!(270)));
    assert_eq!(set["missed"], set["missed_by"]["codes"]);
    for way in ["codes", "cylinders", "vector"] {
        // Of easy prints of six fingers every way finds most.
        assert!(set["missed_by"][way][0].as_f64() <= Some(20.0), "{way}: {got}");
        assert_eq!(got["mean_missed_by"][way], set["missed_by"][way]);
    }
    assert!(got["prints_per_s_per_core"]["codes, plain"].as_f64() > Some(0.0), "{got}");
}

#[test]
fn identify_finds_a_set_among_the_others_and_refuses_one_with_too_few_fingers() {
    let folder = tempdir().unwrap();
    let make =
        ["synth", "prints", "--count", "4", "--impressions", "2", "--seed", "5", "--preset", "easy", "--out", "set"];
    answer(folder.path(), &make);
    let bench = [
        "bench",
        "identify",
        "--people",
        "120",
        "--searches",
        "100",
        "--preset",
        "easy",
        "--timed",
        "2",
        "--real",
        "set",
    ];
    let got = answer(folder.path(), &[&bench[..], &["--fingers", "1"]].concat());
    let real = &got["real"];
    // Each of four fingers is once enrolled and once not.
    assert_eq!((&real["people"], &real["searches"], &real["searches_not_enrolled"]), (&json!(4), &json!(4), &json!(4)));
    assert!(real["rank1"].as_f64() >= Some(75.0) && real["fnir_at_fpir_1e3_ci95"][1].is_number(), "{real}");
    for key in [
        "fnir_at_fpir_1e3",
        "fnir_at_fpir_1e2",
        "stage1_miss",
        "stage1_miss_by_cylinders",
        "stage1_miss_at_share",
        "fpir_at_threshold_1e3",
    ] {
        assert!(real[key].is_number(), "{key}: {real}");
    }
    let pairs = answer(folder.path(), &[&bench[..], &["--fingers", "2"]].concat());
    assert_eq!((&pairs["real"]["people"], &pairs["real"]["searches"]), (&json!(2), &json!(2)));
    refusal(folder.path(), &[&bench[..], &["--fingers", "3"]].concat(), "give fewer --fingers");
}

/// A real set, where the reference material is (`TANBA_REFERENCE`).
#[test]
#[allow(clippy::print_stderr)] // says why nothing was tested
fn identify_finds_real_prints_among_synthetic_people() {
    let Some(set) = std::env::var_os("TANBA_REFERENCE")
        .map(|root| std::path::PathBuf::from(root).join("fingerprints/given/fvc2002_db1_b"))
        .filter(|set| set.is_dir())
    else {
        eprintln!("skipped: TANBA_REFERENCE is not set to a folder with fingerprints/given");
        return;
    };
    let folder = tempdir().unwrap();
    let bench =
        ["bench", "identify", "--people", "500", "--searches", "100", "--fingers", "1", "--timed", "2", "--real"];
    let got = answer(folder.path(), &[&bench[..], &[set.to_str().unwrap()]].concat());
    let real = &got["real"];
    assert_eq!((&real["people"], &real["searches"], &real["synthetic"]), (&json!(10), &json!(70), &json!(false)));
    assert!(real["rank1"].as_f64() >= Some(90.0), "{real}");
}

#[test]
fn control_i7_rates_of_people_who_do_not_exist_are_measured_and_added_to_a_register() {
    let folder = tempdir().unwrap();
    let got = answer(folder.path(), &["bench", "rates", "--people", "20", "--seed", "3", "--out", "rates.json"]);
    let evaluation = &got["evaluation"];
    assert_eq!((&evaluation["data"]["synthetic"], &evaluation["data"]["persons"]), (&json!(true), &json!(20)));
    let kinds: Vec<_> =
        evaluation["measured"].as_array().unwrap().iter().map(|m| m["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["verification", "candidates", "candidates_one_finger", "same_finger"]);
    let points = evaluation["measured"][0]["points"].as_array().unwrap();
    let (first, last) = (&points[0], points.last().unwrap());
    assert_eq!(first["false_negative"]["value"], 0.0, "what speaks for nobody misses nobody: {first}");
    assert_eq!((&last["false_positive"]["value"], &last["false_negative"]["value"]), (&json!(0.0), &json!(1.0)));
    let again = answer(folder.path(), &["bench", "rates", "--people", "20", "--seed", "3", "--out", "again.json"]);
    assert_eq!(again["evaluation"], *evaluation, "it can be made again");
    refusal(folder.path(), &["bench", "rates", "--people", "20", "--out", "no/such/folder.json"], "no/such");

    let data = folder.path().join("data");
    assert!(client::init(&data).status.success());
    let add = |file: &str| {
        let mut command = client::tanba(&[("TANBA_PASSPHRASE", client::PASSPHRASE)]);
        command.args(["--json", "evaluation", "add"]).arg(folder.path().join(file)).arg("--dir").arg(&data);
        command.output().unwrap()
    };
    let added = add("rates.json");
    assert!(added.status.success(), "{}", stderr(&added));
    let hash = object(&added)["evaluation"].as_str().unwrap().to_owned();
    assert_eq!(hash.len(), 64);
    let twice = add("rates.json");
    assert!(!twice.status.success() && stderr(&twice).contains("this evaluation is there"), "{}", stderr(&twice));
    let whole = std::fs::read(folder.path().join("rates.json")).unwrap();
    std::fs::write(folder.path().join("cut.json"), &whole[..whole.len() / 2]).unwrap();
    let cut = add("cut.json");
    assert!(!cut.status.success() && stderr(&cut).contains("no evaluation"), "{}", stderr(&cut));
    assert_eq!(client::fsck(&data)["ok"], true);
}
