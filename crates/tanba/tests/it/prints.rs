//! The fingerprint commands, on prints made by the program itself.

use std::path::Path;

use tempfile::{TempDir, tempdir};

use crate::program::{answer, object, refusal, stderr, tanba};

/// A folder with three fingers, two impressions each, in `set`.
fn prints() -> TempDir {
    let folder = tempdir().expect("a temporary folder");
    answer(
        folder.path(),
        &["synth", "prints", "--count", "3", "--impressions", "2", "--seed", "11", "--preset", "clean", "--out", "set"],
    );
    folder
}

#[test]
fn the_same_seed_makes_the_same_bytes_and_another_seed_others() {
    let folder = tempdir().unwrap();
    let make = |out: &str, seed: &str| {
        let args = ["synth", "prints", "--count", "1", "--seed", seed, "--out", out, "--sheet", &format!("{out}.png")];
        answer(folder.path(), &args);
        let file = |name: &str| std::fs::read(folder.path().join(out).join(name)).unwrap();
        (file("001_1.png"), file("001_1.json"), std::fs::read(folder.path().join(format!("{out}.png"))).unwrap())
    };
    let first = make("a", "7");
    assert_eq!(first, make("b", "7"));
    assert_ne!(first.0, make("c", "8").0);
}

#[test]
fn templates_of_one_finger_match_in_both_forms() {
    let folder = tempdir().unwrap();
    for form in ["tanba", "fmr"] {
        let args =
            ["--count", "4", "--impressions", "2", "--preset", "clean", "--seed", "3", "--form", form, "--out", form];
        let made = answer(folder.path(), &[&["synth", "templates"][..], &args].concat());
        assert_eq!(made["templates"], 8);
        let got = answer(folder.path(), &["evaluate", form]);
        assert_eq!((got["mean"]["eer"].as_f64(), got["mean"]["fte"].as_f64()), (Some(0.0), Some(0.0)), "{form}: {got}");
    }
}

#[test]
fn extract_writes_every_kind_of_template_and_answers_with_the_agreed_keys() {
    let folder = prints();
    let got = answer(folder.path(), &["extract", "set/001_1.png", "-o", "a.fmr", "--show", "stages"]);
    assert!(got["minutiae"].as_u64() >= Some(8), "{got}");
    assert_eq!(got["extractor"], "learned-1");
    assert!((1..=100).contains(&got["quality"].as_u64().unwrap()), "{got}");
    assert!(got["width"].as_u64() > Some(200) && got["height"].as_u64() > Some(200), "{got}");
    assert!((got["ppi"].as_f64().unwrap() - 500.0).abs() < 0.1, "{got}");
    assert!(got["ms"].as_f64() > Some(0.0), "{got}");
    let classes = ["arch", "tented_arch", "left_loop", "right_loop", "whorl", "unknown"];
    assert!(classes.iter().any(|c| got["class"] == **c), "{got}");
    assert_eq!(got["class"] == "unknown", got["class_confidence"] == 0.0, "{got}");
    let cores = got["cores"].as_array().unwrap();
    assert!(cores.len() <= 2 && got["deltas"].as_array().unwrap().len() <= 2, "{got}");
    let stages = std::fs::read_to_string(folder.path().join("stages/stages.txt")).unwrap();
    assert!(stages.lines().count() >= 8, "{stages}");
    for line in stages.lines() {
        let name = line.split_whitespace().next().unwrap();
        let png = std::fs::read(folder.path().join("stages").join(name)).unwrap();
        let read = tanba_formats::image::read(&png, &Default::default()).unwrap().value;
        assert_eq!(
            (Some(read.width() as u64), Some(read.height() as u64)),
            (got["width"].as_u64(), got["height"].as_u64()),
            "{name}"
        );
    }

    answer(folder.path(), &["extract", "set/001_1.png", "-o", "a.tanba"]);
    let record = std::fs::read(folder.path().join("a.fmr")).unwrap();
    assert!(record.starts_with(b"FMR\0 20\0"));
    let extended = &tanba_formats::iso19794_2::read(&record).unwrap().value.views[0].extended;
    let points = cores.len() + got["deltas"].as_array().unwrap().len();
    assert_eq!(extended.len(), usize::from(points > 0), "cores and deltas are in the record: {extended:?}");
    answer(folder.path(), &["extract", "set/001_1.png", "-o", "a.ansi"]);
    let american = std::fs::read(folder.path().join("a.ansi")).unwrap();
    // The same record with two bytes less of length and four of the product's number more.
    assert!(american.starts_with(b"FMR\0 20\0") && american.len() == record.len() + 2);
    let later = tanba_formats::ansi378::read(&american).unwrap().value;
    std::fs::write(folder.path().join("later"), tanba_formats::ansi378::write_2009(&later).unwrap()).unwrap();
    // What was kept is as good as the image, in any form.
    for kept in ["a.fmr", "a.tanba", "a.ansi", "later"] {
        let matched = answer(folder.path(), &["match", kept, "set/001_2.png"]);
        assert_eq!(matched["decision"], "match", "{kept}: {matched}");
    }
}

#[test]
fn an_extractor_that_is_not_there_is_refused_with_those_that_are() {
    let folder = tempdir().unwrap();
    for command in [
        &["extract", "a.png", "-o", "a"][..],
        &["match", "a.png", "b.png"],
        &["evaluate", "set"],
        &["enrol", "gallery", "a_1.png"],
        &["identify", "gallery", "a_1.png"],
        &["bench", "fusion"],
    ] {
        let output = tanba(folder.path(), &[command, &["--extractor", "eye-0"]].concat());
        let error = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "wrong usage, before any work: {error}");
        assert!(error.contains("eye-0") && error.contains("filtered-ridges-2"), "{error}");
    }
}

#[test]
fn match_tells_one_finger_from_two_and_draws_the_pairs() {
    let folder = prints();
    let same = answer(folder.path(), &["match", "set/001_1.png", "set/001_2.png", "--show", "pairs"]);
    let other = answer(folder.path(), &["match", "set/001_1.png", "set/002_1.png"]);
    assert_eq!((&same["decision"], &other["decision"]), (&"match".into(), &"no_match".into()));
    assert!(same["score"].as_f64() > other["score"].as_f64());
    assert!(same["log10_lr"].as_f64() > Some(1.0) && other["log10_lr"].as_f64() < Some(1.0), "{same} {other}");
    assert!(folder.path().join("pairs/match.png").is_file());
    refusal(folder.path(), &["match", "set/001_1.png", "set/001_2.png", "--fmr", "0"], "false match rate");
}

#[test]
fn quality_measures_and_advises() {
    let folder = prints();
    let got = answer(folder.path(), &["quality", "set/001_1.png"]);
    assert!(got["quality"].as_u64() > Some(20), "{got}");
    assert!(got["measures"].as_object().unwrap().len() >= 5, "{got}");
    assert!(got["advice"].is_array(), "{got}");
    // The standard's measures stand apart, and minutiae of our own are not called by its names.
    let native = got["native_measures"].as_object().unwrap();
    assert!(native["LCS_Bin10_Mean"].as_f64() > Some(0.3) && native["minutiae_count"].as_f64() >= Some(8.0), "{got}");
    assert!(!native.keys().any(|k| k.contains("FingerJet") || k.contains("Unified")), "{got}");
    assert!(got["losses"].as_array().unwrap().iter().all(|l| l["points"].as_f64() >= Some(1.0)), "{got}");
    // Blank paper: no error, but quality 0 and a word about it.
    std::fs::write(folder.path().join("blank.pgm"), [&b"P5 400 400 255\n"[..], &[255; 160_000]].concat()).unwrap();
    let blank = answer(folder.path(), &["quality", "blank.pgm"]);
    assert_eq!(blank["quality"], 0);
    assert!(!blank["advice"].as_array().unwrap().is_empty(), "{blank}");
}

#[test]
fn evaluate_counts_a_set_and_compares_it_with_other_scores() {
    let folder = prints();
    let got = answer(folder.path(), &["evaluate", "set", "--scores", "s.f32", "--plots", "plots", "--ppi", "set=500"]);
    for part in [&got["sets"][0], &got["mean"], &got["pooled"], &got["sensors"][0]] {
        for key in ["eer", "fmr100", "fmr1000", "fmr10000", "zerofmr", "fte", "rank1"] {
            assert!(part[key].is_f64(), "{key}: {part}");
            assert_eq!(part[format!("{key}_ci95")].as_array().map(Vec::len), Some(2), "{key}: {part}");
        }
        assert_eq!((part["genuine"].as_u64(), part["impostors"].as_u64()), (Some(3), Some(12)), "{part}");
    }
    for part in [&got["sets"][0], &got["mean"]] {
        for key in ["extract_ms_median", "extract_ms_p95", "match_us_median"] {
            assert!(part[key].as_f64() > Some(0.0), "{key}: {part}");
        }
    }
    assert_eq!((got["sets"][0]["name"].as_str(), got["sets"][0]["rank1"].as_f64()), (Some("set"), Some(100.0)));
    assert_eq!(std::fs::metadata(folder.path().join("s.f32")).unwrap().len(), 6 * 6 * 4);
    assert!(folder.path().join("plots/det.svg").is_file() && folder.path().join("plots/scores-set.svg").is_file());

    let again = answer(folder.path(), &["evaluate", "set", "--impostors", "fvc", "--against", "{set}/../s.f32"]);
    assert_eq!(again["sets"][0]["impostors"], 3);
    for part in [&again["sets"][0], &again["mean"], &again["pooled"]] {
        assert_eq!(part["difference"]["eer"], 0.0);
        // Neither errs: nothing is known of the ratio.
        assert!(part["ratio"].is_null(), "{part}");
        assert_eq!(part["ratio_ci95"], serde_json::json!([0.0, null]));
    }

    refusal(folder.path(), &["evaluate", "nowhere"], "nowhere");
    refusal(folder.path(), &["evaluate", "plots"], "holds no prints");
    refusal(folder.path(), &["evaluate", "set", "--ppi", "other=500"], "other");
    refusal(folder.path(), &["evaluate", "set", "--sensor", "other=optical"], "other");
    refusal(folder.path(), &["evaluate", "set", "--plots", "s.f32"], "s.f32");
    std::fs::write(folder.path().join("s.f32"), [0; 12]).unwrap();
    refusal(folder.path(), &["evaluate", "set", "--against", "s.f32"], "another set");
    let odd = [[0; 4], f32::NAN.to_le_bytes()].concat();
    std::fs::write(folder.path().join("s.f32"), [&odd[..], &[0; 4 * 34]].concat()).unwrap();
    refusal(folder.path(), &["evaluate", "set", "--against", "s.f32"], "not a finite number");
}

/// A set of templates: quicker than images.
fn templates(folder: &Path, name: &str, seed: &str) {
    let args =
        ["--count", "12", "--impressions", "3", "--preset", "hard", "--seed", seed, "--form", "tanba", "--out", name];
    answer(folder, &[&["synth", "templates"][..], &args].concat());
}

#[test]
fn what_thresholds_do_is_told_for_all_pairs_and_with_every_set_alike() {
    let folder = tempdir().unwrap();
    templates(folder.path(), "a", "5");
    templates(folder.path(), "b", "6");
    let got = answer(folder.path(), &["evaluate", "a", "b"]);
    let mean = got["mean"]["realised"].as_array().unwrap();
    assert_eq!(mean.len(), got["pooled"]["realised"].as_array().unwrap().len());
    for (k, r) in mean.iter().enumerate() {
        let of = |set: usize, key: &str| got["sets"][set]["realised"][k][key].as_f64().unwrap();
        assert_eq!(r["claimed"].as_f64(), Some(of(0, "claimed")));
        for key in ["fmr", "fnmr"] {
            assert!((r[key].as_f64().unwrap() - (of(0, key) + of(1, key)) / 2.0).abs() < 1e-9, "{r}");
        }
    }
    assert!(mean[0]["fmr"].as_f64() > Some(0.0), "{}", got["mean"]);
}

#[test]
fn evaluate_tells_what_thresholds_do_what_ratios_cost_and_who_is_left_out() {
    let folder = tempdir().unwrap();
    templates(folder.path(), "set", "5");
    let got = answer(folder.path(), &["evaluate", "set"]);
    for part in [&got["sets"][0], &got["pooled"]] {
        let realised = part["realised"].as_array().unwrap();
        let claimed: Vec<f64> = realised.iter().map(|r| r["claimed"].as_f64().unwrap()).collect();
        assert!(claimed.len() >= 4 && claimed.windows(2).all(|w| w[0] > w[1]), "{claimed:?}");
        for r in realised {
            for key in ["fmr", "fnmr"] {
                let (rate, limits) = (r[key].as_f64().unwrap(), r[format!("{key}_ci95")].as_array().unwrap());
                assert!(limits[0].as_f64() <= Some(rate) && Some(rate) <= limits[1].as_f64(), "{r}");
            }
            // 66 pairs of fingers: no fewer false matches than none in 66 can be vouched for.
            assert!(r["fmr_ci95"][1].as_f64() > Some(5.4), "{r}");
        }
        let bits = |key: &str| part[key].as_f64().unwrap();
        assert!(0.0 <= bits("cllr_min") && bits("cllr_min") <= bits("cllr") && bits("cllr_min") < 1.0, "{part}");
        let tenths = part["deciles"].as_array().unwrap();
        let sum = |key: &str| tenths.iter().map(|t| t[key].as_u64().unwrap()).sum::<u64>();
        assert_eq!((tenths.len(), sum("fingers"), sum("genuine")), (10, 12, 36));
        let rejected = part["fmr1000"].as_f64().unwrap() / 100.0 * 36.0;
        assert!((sum("errors") as f64 - rejected).abs() < 1e-6, "{part}");
        assert!(rejected < 0.5 || part["worst_tenth_share"].as_f64() > Some(0.0));
        // `001_1` has no person beside the finger.
        assert!(part.get("persons").is_none());
        let counted: u64 =
            part["calibration"].as_array().unwrap().iter().map(|b| b["impostors"].as_u64().unwrap()).sum();
        assert_eq!(Some(counted), part["impostors"].as_u64());
    }
}

#[test]
fn evaluate_pools_sensors_and_finds_the_matrices_of_several_sets() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    for (name, seed) in [("a", "1"), ("b", "2"), ("c", "3")] {
        templates(here, name, seed);
    }
    fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
        [&["evaluate", "a", "b", "c"][..], more].concat()
    }
    let got = answer(here, &with(&["--sensor", "a=optical", "--sensor", "c=optical", "--scores", "scores"]));
    let names: Vec<&str> = got["sensors"].as_array().unwrap().iter().map(|s| s["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["optical", "b"]);
    let optical = &got["sensors"][0];
    assert_eq!(optical["sets"], serde_json::json!(["a", "c"]));
    // No comparisons between the sets: twice those of one.
    assert_eq!((optical["genuine"].as_u64(), optical["impostors"].as_u64()), (Some(72), Some(2 * 594)));
    assert_eq!(got["pooled"]["impostors"].as_u64(), Some(3 * 594));
    assert_eq!((&got["sets"][2]["sensor"], &got["sensors"][1]["eer"]), (&"optical".into(), &got["sets"][1]["eer"]));

    // The same scores, found in all the ways in which they can be given.
    let named = ["--against", "a=scores/a.f32", "--against", "b=scores/b.f32", "--against", "c=scores/c.f32"];
    for against in [&["--against", "scores"][..], &["--against", "scores/{set}.f32"], &named] {
        let again = answer(here, &with(against));
        for part in [&again["mean"], &again["pooled"], &again["sets"][1]] {
            assert_eq!(part["against"]["eer"], part["eer"]);
            assert_eq!(part["difference"]["fmr100_ci95"], serde_json::json!([0.0, 0.0]));
        }
    }
    // Worse scores: every genuine one is taken away from one set of three.
    std::fs::write(here.join("scores/a.f32"), vec![0; 36 * 36 * 4]).unwrap();
    let better = answer(here, &with(&["--against", "scores", "--resample", "person"]));
    assert_eq!(better["sets"][0]["against"]["eer"], 50.0);
    let mean = &better["mean"];
    assert!(mean["ratio"].as_f64() < Some(0.6) && mean["ratio_ci95"][1].as_f64() < Some(0.9), "{mean}");
    assert!(mean["difference"]["eer_ci95"][1].as_f64() < Some(0.0), "{mean}");

    refusal(here, &with(&["--against", "scores/a.f32"]), "one file for 3 sets");
    refusal(here, &with(&["--against", "a=scores/a.f32"]), "gives no scores for b");
    refusal(here, &with(&["--scores", "scores/a.f32"]), "is a file, and there are 3 sets");
    std::fs::rename(here.join("scores/b.f32"), here.join("scores/b.one.f32")).unwrap();
    std::fs::copy(here.join("scores/b.one.f32"), here.join("scores/b.two.f32")).unwrap();
    refusal(here, &with(&["--against", "scores"]), "several matchers (one, two)");
}

#[test]
fn evaluate_draws_the_worst_pairs_and_one_page_of_everything() {
    let folder = prints();
    let here = folder.path();
    // Three parts: persons are known. One print cannot be read.
    std::fs::create_dir(here.join("people")).unwrap();
    for (finger, name) in [("001", "p1_left"), ("002", "p1_right"), ("003", "p2_left")] {
        for impression in 1..=2 {
            let to = format!("people/{name}_{impression}.png");
            std::fs::copy(here.join(format!("set/{finger}_{impression}.png")), here.join(to)).unwrap();
        }
    }
    std::fs::write(here.join("people/p2_left_2.png"), b"no image").unwrap();
    let got = answer(here, &["evaluate", "people", "--plots", "out", "--worst", "2"]);
    let persons = got["sets"][0]["persons"]["deciles"].as_array().unwrap();
    let rates: Vec<(u64, f64)> =
        persons.iter().map(|d| (d["persons"].as_u64().unwrap(), d["fnmr"].as_f64().unwrap())).collect();
    assert_eq!(rates, [(1, 0.0), (1, 100.0)]);
    assert_eq!(got["sets"][0]["persons"]["worst_tenth_share"], 100.0);
    let rejected = serde_json::json!([{"finger": "p2_left", "genuine": 1, "errors": 1, "fnmr": 100.0}]);
    assert_eq!(got["sets"][0]["rejected_most"], rejected);

    let mut pictures: Vec<String> = std::fs::read_dir(here.join("out/pairs/people"))
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    pictures.sort();
    assert_eq!(pictures.len(), 4, "{pictures:?}");
    assert_eq!(pictures[0], "genuine-01-0.0000.png");
    assert!(pictures[3].starts_with("impostor-02-0."), "{pictures:?}");
    let png = std::fs::read(here.join("out/pairs/people").join(&pictures[1])).unwrap();
    assert!(tanba_formats::image::read(&png, &Default::default()).is_ok());

    let page = std::fs::read_to_string(here.join("out/index.html")).unwrap();
    for picture in &pictures {
        assert!(page.contains(&format!("src=\"pairs/people/{picture}\"")), "{picture}");
    }
    for plot in
        ["det", "scores-people", "calibration-people", "tippett-people", "left-out-people", "left-out-persons-people"]
    {
        let svg = std::fs::read_to_string(here.join(format!("out/{plot}.svg"))).unwrap();
        assert!(page.contains(svg.trim_end()), "{plot} stands in the page");
    }
    assert!(
        !page.contains("http:") || page.matches("http").count() == page.matches("http://www.w3.org/2000/svg").count()
    );
    // A second run takes the first one's pictures away, and nothing else.
    write(here, "out/pairs/people/mine.png", b"kept");
    answer(here, &["evaluate", "people", "--plots", "out", "--worst", "1"]);
    assert_eq!(std::fs::read_dir(here.join("out/pairs/people")).unwrap().count(), 3);
}

#[test]
fn an_unreadable_impression_counts_as_a_failure() {
    let folder = prints();
    std::fs::write(folder.path().join("set/003_2.png"), b"\x89PNG").unwrap();
    let output = tanba(folder.path(), &["evaluate", "set", "--json"]);
    assert!(output.status.success());
    let fte = object(&output)["mean"]["fte"].as_f64().unwrap();
    assert!((fte - 100.0 / 6.0).abs() < 1e-9, "{fte}");
    assert!(stderr(&output).contains("003_2.png counts as a failure"), "{}", stderr(&output));
}

#[test]
fn people_are_enrolled_and_found_again() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    answer(
        here,
        &["synth", "people", "--count", "2", "--seed", "4", "--prints", "2", "--preset", "clean", "--out", "p"],
    );
    // The second impressions are kept for searching.
    let probes = here.join("probes");
    for person in ["001", "002"] {
        std::fs::create_dir_all(probes.join(person)).unwrap();
        for entry in std::fs::read_dir(here.join("p").join(person)).unwrap() {
            let path = entry.unwrap().path();
            if path.to_string_lossy().ends_with("_2.png") {
                std::fs::rename(&path, probes.join(person).join(path.file_name().unwrap())).unwrap();
            }
        }
    }
    let enrolled = answer(here, &["enrol", "gallery", "--people", "p"]);
    assert_eq!((enrolled["enrolled"].as_u64(), enrolled["people"].as_u64()), (Some(2), Some(2)));
    let again = answer(here, &["enrol", "gallery", "--people", "p"]);
    assert_eq!((again["replaced"].as_u64(), again["people"].as_u64()), (Some(2), Some(2)));

    let index = "probes/002/right_index_2.png";
    let thumb = "probes/002/right_thumb_2.png";
    let alone = answer(here, &["identify", "gallery", index]);
    let together = answer(here, &["identify", "gallery", "--together", index, thumb]);
    for found in [&alone, &together] {
        let search = &found["searches"][0];
        assert_eq!(
            (&search["outcome"], &search["candidates"][0]["person"]),
            (&"hits".into(), &"002".into()),
            "{found}"
        );
        assert_eq!(search["coverage"]["people_compared"], 2);
    }
    let lr = |v: &serde_json::Value| v["searches"][0]["candidates"][0]["log10_lr"].as_f64();
    assert!(lr(&together) > lr(&alone));

    answer(here, &["synth", "prints", "--count", "1", "--seed", "99", "--preset", "clean", "--out", "other"]);
    let stranger = answer(here, &["identify", "gallery", "other/001_1.png"]);
    assert_eq!(stranger["searches"][0]["outcome"], "no_hit");
}

#[test]
fn a_gallery_command_never_opens_a_registry() {
    let folder = prints();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    std::fs::write(data.join("tanba.sqlite"), b"SQLite format 3\0rest").unwrap();
    for command in ["enrol", "identify"] {
        refusal(folder.path(), &[command, "data", "set/001_1.png"], "registry's data");
        refusal(folder.path(), &[command, "data/tanba.sqlite", "set/001_1.png"], "registry's data");
    }
    refusal(folder.path(), &["enrol", "data/gallery", "set/001_1.png"], "registry's data folder");
    assert_eq!(std::fs::read_dir(&data).unwrap().count(), 1);
    refusal(folder.path(), &["identify", "nowhere", "set/001_1.png"], "make one with tanba enrol");
}

#[test]
fn a_damaged_gallery_is_refused() {
    let folder = prints();
    answer(folder.path(), &["enrol", "gallery", "set/001_1.png", "set/002_1.png"]);
    let path = folder.path().join("gallery");
    let whole = std::fs::read(&path).unwrap();
    for cut in [10, 52, 60, 200, whole.len() - 1] {
        std::fs::write(&path, &whole[..cut]).unwrap();
        refusal(folder.path(), &["identify", "gallery", "set/001_1.png"], "cannot open the gallery");
    }
    let mut turned = whole;
    let middle = turned.len() / 2;
    turned[middle] ^= 1;
    std::fs::write(&path, turned).unwrap();
    refusal(folder.path(), &["identify", "gallery", "set/001_1.png"], "damaged");
}

#[test]
fn what_is_no_fingerprint_gets_a_clear_error() {
    let folder = prints();
    let here = folder.path();
    let good = std::fs::read(here.join("set/001_1.png")).unwrap();
    let file = |name: &str, bytes: &[u8]| std::fs::write(here.join(name), bytes).unwrap();
    let extract = |name: &str, says: &str| {
        refusal(here, &["extract", name, "-o", "out.fmr"], says);
        assert!(!here.join("out.fmr").exists(), "{name} left a template");
    };

    file("empty.png", b"");
    extract("empty.png", "is empty");
    file("cut.png", &good[..good.len() / 2]);
    extract("cut.png", "ends before");
    let mut corrupt = good.clone();
    corrupt[good.len() / 2] ^= 0x55;
    file("corrupt.png", &corrupt);
    extract("corrupt.png", "damaged");
    file("letter.png", b"Dear registrar, please find my fingerprint attached.");
    extract("letter.png", "not an image");
    file("photo.jpg", b"\xff\xd8\xff\xe0 and so on");
    extract("photo.jpg", "JPEG");
    file("huge.pgm", b"P5 60000 60000 255\n");
    extract("huge.pgm", "larger than any finger");
    file("tiny.pgm", &[&b"P5 20 20 255\n"[..], &[128; 400]].concat());
    extract("tiny.pgm", "too little of a finger");
    extract("set", "is a folder");
    extract("nowhere.png", "cannot open nowhere.png");
    refusal(here, &["extract", "set/001_1.png", "-o", "out.fmr", "--ppi", "200"], "below");
    refusal(here, &["extract", "set/001_1.png", "-o", "no/such/folder/out.fmr"], "cannot write");

    // Pictures, but of no finger: blank, noise from a simple generator, and text-like stripes of one direction.
    file("blank.pgm", &[&b"P5 400 400 255\n"[..], &[200; 160_000]].concat());
    extract("blank.pgm", "no template of blank.pgm");
    let mut state = 1_u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    })
    .take(160_000)
    .collect();
    file("noise.pgm", &[&b"P5 400 400 255\n"[..], &noise].concat());
    extract("noise.pgm", "no template of noise.pgm");
    let stripes: Vec<u8> = (0..160_000).map(|i| if i % 400 % 9 < 4 { 30 } else { 220 }).collect();
    file("stripes.pgm", &[&b"P5 400 400 255\n"[..], &stripes].concat());
    extract("stripes.pgm", "no template of stripes.pgm");
}

#[test]
fn a_script_gets_one_object_also_for_an_error() {
    let folder = tempdir().unwrap();
    let output = tanba(folder.path(), &["extract", "nowhere.png", "-o", "out.fmr", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(object(&output)["error"].as_str().unwrap().contains("nowhere.png"));
    let output = tanba(folder.path(), &["no-such-command"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
}

#[test]
fn a_missing_resolution_is_told_and_another_one_is_used() {
    let folder = prints();
    let png = std::fs::read(folder.path().join("set/001_1.png")).unwrap();
    let image = tanba_formats::image::read(&png, &Default::default()).unwrap().value;
    let header = format!("P5 {} {} 255\n", image.width(), image.height());
    write(folder.path(), "plain.pgm", &[header.as_bytes(), image.pixels()].concat());
    let got = answer(folder.path(), &["extract", "plain.pgm", "-o", "a.fmr"]);
    assert_eq!(got["diagnostics"][0]["code"], "resolution-missing");
    let told = answer(folder.path(), &["extract", "plain.pgm", "-o", "a.fmr", "--ppi", "550"]);
    assert_eq!((told["ppi"].as_f64(), told["diagnostics"].as_array().map(Vec::len)), (Some(550.0), Some(0)));
    // Sizes are at 500 ppi.
    assert_eq!(told["width"].as_f64().unwrap(), (image.width() as f64 * 500.0 / 550.0).round());
}

fn write(folder: &Path, name: &str, bytes: &[u8]) {
    std::fs::write(folder.join(name), bytes).unwrap();
}
