//! The genetic commands, on profiles made by the program itself.

use tempfile::tempdir;

use crate::program::{answer, refusal, tanba};

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

/// A made-up table of two loci.
const TABLE: &str = "marker,allele,freq,n_chrom\nTH01,6,0.2,200\nTH01,7,0.1,200\nTH01,8,0.7,200\n\
    vWA,16,0.5,200\nvWA,17,0.3,200\nvWA,18,0.2,200\n";

#[test]
fn a_body_finds_a_parent_by_likelihood_ratio() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    let write = |name: &str, text: &str| std::fs::write(here.join(name), text).unwrap();
    write("table.csv", TABLE);
    write(
        "families.jsonl",
        "{\"specimen\":\"mother\",\"category\":\"relative_of_missing\",\"profile\":{\"TH01\":[\"6\"],\"vWA\":[\"16\",\"17\"]}}\n\
         {\"specimen\":\"other\",\"category\":\"relative_of_missing\",\"profile\":{\"TH01\":[\"8\"],\"vWA\":[\"16\",\"17\"]}}\n",
    );
    write("body.json", r#"{"TH01": ["6"], "vWA": ["16", "18"]}"#);
    let base = ["dna", "search", "families.jsonl", "body.json", "--category", "unidentified_body", "--min-loci", "2"];
    let lr = ["--relation", "parent-child", "--min-log10-lr", "0", "--theta", "0"];
    let table = ["--frequencies", "table.csv"];
    let got = answer(here, &[&base[..], &lr[..], &table[..]].concat());
    let hits = got["hits"].as_array().unwrap();
    assert_eq!((hits.len(), &hits[0]["specimen"]), (1, &"mother".into()));
    // 6,6 with 6,6: 1/0.2; 16,18 with 16,17: 1/(4 x 0.5).
    assert!((hits[0]["log10_lr"].as_f64().unwrap() - (5.0_f64 * 0.5).log10()).abs() < 1e-12);
    assert!(got["unrelated_leads_expected"][1].as_f64().unwrap() > 0.0);
    // The other one only by a mutation.
    let mutation = ["--mutation-rate", "0.002", "--query-is", "child", "--min-log10-lr", "-9"];
    let lr = ["--relation", "parent-child", "--theta", "0"];
    let got = answer(here, &[&base[..], &lr[..], &table[..], &mutation[..]].concat());
    assert_eq!(got["hits"].as_array().unwrap().len(), 2);
    // Any model, any relation; where one of the two is older, it must be said who.
    let by_steps = ["--mutation-rate", "0.002", "--mutation-model", "stepwise-stationary", "--min-log10-lr", "-9"];
    let siblings = ["--relation", "full-siblings", "--theta", "0.01"];
    let got = answer(here, &[&base[..], &siblings[..], &table[..], &by_steps[..]].concat());
    assert_eq!(got["hits"].as_array().unwrap().len(), 2);
    refusal(here, &[&base[..], &lr[..], &table[..], &by_steps[..]].concat(), "--query-is");
    let too_often = ["--mutation-rate", "1.5", "--min-log10-lr", "-9"];
    refusal(here, &[&base[..], &siblings[..], &table[..], &too_often[..]].concat(), "mutation model");
    // What a search of relatives is not for.
    let crime =
        [&base[..4], &["--category", "crime_stain", "--against", "convicted_person"], &lr[..], &table[..]].concat();
    refusal(here, &crime, "not compared for this");
}

#[test]
fn a_rule_is_a_document_and_pruem_has_its_own() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    let write = |name: &str, text: &str| std::fs::write(here.join(name), text).unwrap();
    let line = |name: &str, th01: &str| {
        format!(
            "{{\"specimen\":\"{name}\",\"category\":\"convicted_person\",\"profile\":{{{th01},\"vWA\":[\"17\",\"18\"],\"FGA\":[\"20\"],\
             \"D21S11\":[\"28\",\"30\"],\"D3S1358\":[\"15\",\"16\"],\"D8S1179\":[\"13\"],\"D18S51\":[\"12\",\"15\"]}}}}\n"
        )
    };
    write(
        "people.jsonl",
        &format!("{}{}", line("same", "\"TH01\":[\"6\",\"9.3\"]"), line("near", "\"TH01\":[\"6\",\"8\"]")),
    );
    write("stain.json", &line("stain", "\"TH01\":[\"6\",\"9.3\"]"));
    write("strict.toml", "stringency = \"high\"\nmax_mismatches = 0\nmin_loci = 7\n[loci]\nTH01 = \"low\"\n");
    write("wrong.json", r#"{"stringency": "high", "max_mismatches": 7, "min_loci": 7}"#);
    let base = ["dna", "search", "people.jsonl", "stain.json", "--category", "crime_stain"];
    let names = |got: &serde_json::Value| -> Vec<String> {
        got["hits"].as_array().unwrap().iter().map(|hit| hit["specimen"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&answer(here, &[&base[..], &["--rule", "strict.toml"]].concat())), ["same", "near"]);
    refusal(here, &[&base[..], &["--rule", "wrong.json"]].concat(), "everybody would be a candidate");
    let interpol = answer(here, &[&base[..], &["--rule", "interpol"]].concat());
    assert_eq!(interpol["rule"]["document"]["min_loci"], 6);
    assert_eq!(interpol["rule"]["sources"]["max_mismatches"]["confidence"], "not_stated");
    let got = answer(here, &[&base[..], &["--pruem"]].concat());
    assert_eq!(names(&got), ["same", "near"]);
    assert_eq!((&got["hits"][0]["agreement"], &got["hits"][1]["agreement"]), (&"full".into(), &"near_by_value".into()));
    assert!(got["adventitious_hits_expected_below"].as_f64().unwrap() >= 0.0);
}

#[test]
fn typed_people_become_a_table_that_a_search_takes() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    let mut people = String::from("sample,pop,TH01_1,TH01_2,vWA_1,vWA_2\n");
    for n in 0..40 {
        let (a, b) = (6 + n % 3, 6 + n / 3 % 3);
        people.push_str(&format!("p{n},{},{a},{b},{},{}\n", if n % 2 == 0 { "A" } else { "B" }, 16 + n % 2, 17));
    }
    std::fs::write(here.join("people.csv"), people).unwrap();
    let got = answer(here, &["dna", "frequencies", "people.csv", "--out", "table.csv", "--shuffles", "99"]);
    assert_eq!(got["populations"].as_array().unwrap().len(), 2);
    assert_eq!(got["populations"][0]["linkage_pairs"], 1);
    assert!(got["theta"]["theta"].is_number());
    std::fs::write(here.join("q.json"), r#"{"TH01": ["6", "7"]}"#).unwrap();
    let line = r#"{"specimen":"a","category":"convicted_person","profile":{"TH01":["6","7"]}}"#;
    std::fs::write(here.join("d.jsonl"), line).unwrap();
    let search =
        ["dna", "search", "d.jsonl", "q.json", "--category", "crime_stain", "--min-loci", "1", "--max-mismatches", "0"];
    let found = answer(here, &[&search[..], &["--frequencies", "table.csv"]].concat());
    assert_eq!(found["log10_match_probabilities"].as_object().unwrap().len(), 2, "one for each population");
    std::fs::write(here.join("nobody.csv"), "sample,pop,TH01_1,TH01_2\n").unwrap();
    refusal(here, &["dna", "frequencies", "nobody.csv", "--out", "x.csv"], "nobody.csv");
}

#[test]
fn validation_tells_right_from_wrong() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    let cases = |expected: &str| {
        format!(
            r#"{{"format":"dna-vectors/1","kind":"codis_stringency","locus_cases":[
            {{"locus":"TH01","target":["6"],"candidate":["6","9.3"],"expected":"{expected}"}},
            {{"locus":"vWA","target":[],"candidate":["17"],"expected":"no_data"}}],
            "profile_level":[{{"name":"all","expected_match":{{"high":false,"moderate":true}},"loci_moderate":1}}]}}"#
        )
    };
    std::fs::write(here.join("right.json"), cases("moderate")).unwrap();
    std::fs::write(here.join("wrong.json"), cases("high")).unwrap();
    let got = answer(here, &["dna", "validate", "right.json"]);
    assert_eq!((&got["cases"], &got["failed"]), (&3.into(), &0.into()));
    let wrong = tanba(here, &["dna", "validate", "wrong.json"]);
    let told = String::from_utf8_lossy(&wrong.stdout);
    assert!(!wrong.status.success() && told.contains("2 of 3 cases pass") && told.contains("FAILED TH01"), "{told}");
    std::fs::write(here.join("other.json"), r#"{"format":"dna-vectors/1","kind":"other"}"#).unwrap();
    refusal(here, &["dna", "validate", "other.json"], "is not known");
}

/// An example of the documentation, where the program runs.
fn example(here: &std::path::Path, name: &str) {
    let from = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/dna/examples").join(name);
    std::fs::copy(from, here.join(name)).unwrap();
}

#[test]
fn cases_of_kinship_are_answered_drawn_and_refused() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    example(here, "paternity.toml");
    example(here, "disaster.toml");
    let got = answer(here, &["dna", "lr", "paternity.toml", "--svg", "drawn"]);
    let by_locus: f64 = got["loci"].as_array().unwrap().iter().map(|l| l["log10_lr"].as_f64().unwrap()).sum();
    assert!((by_locus - got["log10_lr"].as_f64().unwrap()).abs() < 1e-12);
    assert_eq!((got["hypothesis"].as_str(), got["against"].as_str()), (Some("H1"), Some("H2")));
    assert_eq!(got["inputs"][0]["sha256"].as_str().unwrap().len(), 64);
    let drawn = std::fs::read_to_string(here.join("drawn/1-H1.svg")).unwrap();
    assert!(drawn.contains(">mother</text>"));

    let got = answer(here, &["dna", "dvi", "disaster.toml", "--svg", "drawn"]);
    for (name, says) in [("table", ">son<"), ("1-F1", ">son<"), ("1-F1-table", "family F1")] {
        let drawn = std::fs::read_to_string(here.join(format!("drawn/{name}.svg"))).unwrap();
        assert!(drawn.contains(says) && drawn.ends_with("</svg>\n"), "{name}");
    }
    assert_eq!(got["number_of_assignments"], 2.0);
    assert_eq!(got["assignments"][0]["victims"]["V1"], "son");
    assert!((got["assignments"][0]["posterior"].as_f64().unwrap() - 20.0 / 21.0).abs() < 1e-12);
    assert_eq!(got["pairs"]["exclusions"], serde_json::json!([[0], [1]]));
    let power = ["dna", "power", "disaster.toml", "--missing", "son", "--test", "mother", "--simulations", "50"];
    let first = answer(here, &power);
    assert_eq!(first, answer(here, &power), "the same seed");
    assert!(first["exclusion_power"].as_f64().unwrap() > 0.8);
    // In a small gene pool strangers are more alike: what was likely becomes less so, and fewer are excluded.
    let text = std::fs::read_to_string(here.join("disaster.toml")).unwrap();
    let pool = text.replacen("title = ", "theta = 0.05\ntitle = ", 1);
    std::fs::write(here.join("pool.toml"), pool).unwrap();
    let of_pool = answer(here, &["dna", "dvi", "pool.toml"]);
    assert!(of_pool["pairs"]["lr"][0][0].as_f64().unwrap() < 20.0 - 1e-9 && of_pool["theta"] == 0.05);
    let of_pool = answer(here, &[&power[..2], &["pool.toml"], &power[3..]].concat());
    assert!(of_pool["exclusion_power"].as_f64() < first["exclusion_power"].as_f64());

    let text = std::fs::read_to_string(here.join("paternity.toml")).unwrap();
    for (from, to, says) in [
        ("\"9.3\" = 0.30", "\"9.3\" = 0.10", "add up to 1"),
        ("vWA = [\"17\", \"17\"]", "vWA = [\"17\", \"21\"]", "person `child`"),
        ("mother = \"mother\"", "mother = \"nobody\"", "person `child`"),
        ("title", "tittle", "tittle"),
    ] {
        std::fs::write(here.join("broken.toml"), text.replace(from, to)).unwrap();
        refusal(here, &["dna", "lr", "broken.toml"], says);
    }
    refusal(here, &["dna", "dvi", "paternity.toml"], "profile belongs to nobody");
    // An allele may be lost: told, and weighed as the sum over all that it can be.
    std::fs::write(here.join("marked.toml"), text.replace("vWA = [\"17\", \"17\"]", "vWA = [\"17\", \"F\"]")).unwrap();
    let marked = answer(here, &["dna", "lr", "marked.toml"]);
    assert_eq!(marked["drop_out_marks"], serde_json::json!([{ "person": "child", "markers": ["vWA"] }]));
    // Half of the man's children have his 17, the others one from the mother; nearly so with mutation.
    let lr = marked["loci"][1]["lr"].as_f64().unwrap();
    assert!((lr - (0.5 + 0.5 * 0.28) / (0.28 * 1.72)).abs() < 0.01, "{lr}");
}

#[test]
fn a_mixture_is_weighed_with_a_relative_instead() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    example(here, "mixture.json");
    let stranger = answer(here, &["dna", "mixture", "mixture.json"]);
    let draws = stranger["conservative"]["effective_draws"].as_array().unwrap();
    assert!(draws.len() == 2 && draws.iter().all(|number| number.as_f64().unwrap() >= 1.0));
    assert_eq!(stranger["conservative"]["log10_lr"], stranger["conservative_log10_lr"]);
    let mut case: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(here.join("mixture.json")).unwrap()).unwrap();
    case["related"] = serde_json::json!([{ "unknown": "instead", "relation": "full-siblings", "to": "P1" }]);
    std::fs::write(here.join("brother.json"), case.to_string()).unwrap();
    let brother = answer(here, &["dna", "mixture", "brother.json"]);
    assert!(brother["hypotheses"][1]["words"].as_str().unwrap().contains("a full sibling of P1"));
    // Whoever shares half of the person's alleles explains the stain better than a stranger, and not as well as the person.
    let log10 = |of: &serde_json::Value| of["log10_lr"].as_f64().unwrap();
    assert!(0.0 < log10(&brother) && log10(&brother) < log10(&stranger));
    case["related"][0]["to"] = "P9".into();
    std::fs::write(here.join("nobody.json"), case.to_string()).unwrap();
    refusal(here, &["dna", "mixture", "nobody.json"], "no reference has that id");
}

#[test]
fn known_answers_are_validated_and_wrong_ones_found() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    // Father and child, both A/A with 0.05: 20. The second file knows it wrongly.
    let pairs = |lr: f64| {
        serde_json::json!({
            "format": "dna-vectors/1",
            "kind": "pairwise_kinship",
            "populations": { "p": { "L": { "alleles": ["1", "2"], "freqs": [0.05, 0.95] } } },
            "cases": [{
                "id": "by hand", "population": "p", "theta": 0, "typed": ["A", "B"], "mutation": { "name": "none" },
                "pedigree": { "id": ["A", "M", "B"], "fid": ["0", "0", "A"], "mid": ["0", "0", "M"], "sex": [1, 2, 1] },
                "profiles": { "A": { "L": ["1", "1"] }, "B": { "L": ["1", "1"] } },
                "expected": { "LR_per_marker": { "L": lr }, "log10_LR": lr.log10() }
            }]
        })
    };
    std::fs::write(here.join("right.json"), pairs(20.0).to_string()).unwrap();
    std::fs::write(here.join("wrong.json"), pairs(20.1).to_string()).unwrap();
    let got = answer(here, &["dna", "validate", "right.json"]);
    assert_eq!((got["cases"].as_u64(), got["passed"].as_u64(), got["failed"].as_u64()), (Some(1), Some(1), Some(0)));
    let wrong = std::process::Command::new(env!("CARGO_BIN_EXE_tanba"))
        .current_dir(here)
        .args(["--json", "dna", "validate", "wrong.json"])
        .output()
        .unwrap();
    assert!(!wrong.status.success());
    let got: serde_json::Value = serde_json::from_slice(&wrong.stdout).unwrap();
    assert_eq!(got["failed"], 1);
    assert!(got["failures"][0]["what"].as_str().unwrap().starts_with('L'));
}

/// Every file of a folder by name.
fn files(folder: &std::path::Path) -> std::collections::BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap());
    entries.map(|e| (e.file_name().into_string().unwrap(), std::fs::read(e.path()).unwrap())).collect()
}

/// `tanba synth dna` with so many threads.
fn synth(here: &std::path::Path, out: &str, threads: &str, args: &[&str]) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_tanba"))
        .current_dir(here)
        .args(["synth", "dna", "--out", out])
        .args(args)
        .env("RAYON_NUM_THREADS", threads)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_any_number_of_threads() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    let all = "--count 5000 --families 70 --pedigree missing-inbred --false-share 0.5 --mixtures 40 --contributors 3 \
               --known 1 --replicates 2 --related 0.3 --remains 30 --theta 0.02 --drop-out 0.1 --drop-in 0.05 \
               --typing-error 0.01 --seed 9";
    let all: Vec<&str> = all.split_whitespace().collect();
    synth(here, "one", "1", &all);
    synth(here, "two", "2", &all);
    let (one, two) = (files(&here.join("one")), files(&here.join("two")));
    assert_eq!(one.keys().collect::<Vec<_>>().len(), 6 + 9);
    assert!(one == two);
    // Another seed gives other people; a larger database begins with other names but the same people.
    synth(here, "csv", "2", &["--count", "5000", "--form", "csv", "--theta", "0.02", "--seed", "10"]);
    synth(here, "binary", "2", &["--count", "5000", "--form", "binary", "--theta", "0.02", "--seed", "9"]);
    synth(here, "same", "1", &["--count", "200", "--form", "csv", "--theta", "0.02", "--seed", "9"]);
    let (csv, binary, same) = (files(&here.join("csv")), files(&here.join("binary")), files(&here.join("same")));
    let rows = |bytes: &[u8]| -> Vec<Vec<String>> {
        let text = std::str::from_utf8(bytes).unwrap();
        text.lines().skip(1).map(|l| l.split(',').skip(1).map(str::to_owned).collect()).collect()
    };
    let (other, ours) = (rows(&csv["database.csv"]), rows(&same["database.csv"]));
    assert_eq!((other.len(), ours.len()), (5000, 200));
    assert_ne!(other[..200], ours[..]);
    let read = read_binary(&binary["database.bin"]);
    assert_eq!(read.len(), 5000);
    assert_eq!(read[..200], ours[..]);
    let first = std::str::from_utf8(&one["database.jsonl"]).unwrap().lines().next().unwrap().to_owned();
    let first: serde_json::Value = serde_json::from_str(&first).unwrap();
    let mut expected = vec![ours[0][1].clone(), ours[0][2].clone()];
    expected.sort_by(|a, b| a.parse::<f64>().unwrap().total_cmp(&b.parse().unwrap()));
    expected.dedup();
    assert_eq!(first["profile"]["CSF1PO"], serde_json::json!(expected));
}

/// The rows of a `database.bin`, as the CSV has them, by the layout that is documented.
fn read_binary(bytes: &[u8]) -> Vec<Vec<String>> {
    let mut rest = bytes.strip_prefix(b"TNBDNA01").unwrap();
    let mut take = |n: usize| {
        let (head, tail) = rest.split_at(n);
        rest = tail;
        head.to_vec()
    };
    let people = u64::from_le_bytes(take(8).try_into().unwrap());
    let markers = u32::from_le_bytes(take(4).try_into().unwrap());
    let alleles: Vec<Vec<String>> = (0..markers)
        .map(|_| {
            let name = usize::from(take(1)[0]);
            take(name);
            let n = u16::from_le_bytes(take(2).try_into().unwrap());
            (0..n)
                .map(|_| {
                    let tenths = u16::from_le_bytes(take(2).try_into().unwrap());
                    let tail = if tenths % 10 == 0 { String::new() } else { format!(".{}", tenths % 10) };
                    format!("{}{tail}", tenths / 10)
                })
                .collect()
        })
        .collect();
    let rows = (0..people)
        .map(|_| {
            let mut row = vec![if take(1)[0] == 1 { "male" } else { "female" }.to_owned()];
            for list in &alleles {
                row.extend(take(2).iter().map(|i| list[usize::from(*i)].clone()));
            }
            row
        })
        .collect();
    assert!(rest.is_empty());
    rows
}

#[test]
fn families_have_the_alleles_of_their_parents_but_for_the_mutations_that_the_truth_tells() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    // Any markers of a table, here one that no registry may hold.
    let rows: String = (8..=15)
        .map(|a| format!("SE33,{a},0.1\nTH01,{a}.3,0.125\n"))
        .chain([String::from("SE33,20.2,0.2\n")])
        .collect();
    std::fs::write(here.join("made-up.csv"), format!("marker,allele,freq,n_chrom\n{rows}")).unwrap();
    std::fs::write(
        here.join("trio.json"),
        r#"{"name": "own", "members": [{"id": "C", "mother": "M", "father": "F"}, {"id": "M"}, {"id": "F", "typed": false}]}"#,
    )
    .unwrap();
    let args = "synth dna --families 2000 --pedigree trio.json --frequencies made-up.csv --loci all --mutation-rate 0.05 \
                --seed 3 --out f";
    let got = answer(here, &args.split_whitespace().collect::<Vec<_>>());
    assert_eq!((&got["families"], &got["markers"], &got["profiles"]), (&2000.into(), &2.into(), &0.into()));
    let read = |name: &str| -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(here.join("f").join(name)).unwrap()).unwrap()
    };
    let (cases, truth) = (read("families.json"), read("families-truth.json"));
    assert_eq!((&cases["format"], &cases["kind"]), (&"dna-cases/1".into(), &"pairwise_kinship".into()));
    assert!(cases["populations"]["made-up"]["SE33"]["freqs"].is_array());
    let (mut mutations, mut explained) = (0, 0);
    for (case, truth) in cases["cases"].as_array().unwrap().iter().zip(truth["cases"].as_array().unwrap()) {
        assert_eq!((&case["id"], &case["typed"]), (&truth["id"], &serde_json::json!(["C", "M"])));
        assert_eq!(case["pedigree"]["mid"], serde_json::json!(["M", "0", "0"]));
        assert_eq!(case["pedigree"]["sex"][1], 2);
        assert!(case["profiles"]["F"].is_null() && truth["people"]["F"].is_object());
        let told = truth["mutations"].as_array().unwrap();
        mutations += told.len();
        for marker in ["SE33", "TH01"] {
            for (side, parent) in [("M", "mother"), ("F", "father")].into_iter().enumerate() {
                let childs = &truth["people"]["C"]["genotype"][marker][side];
                let own = truth["people"][parent.0]["genotype"][marker].as_array().unwrap();
                let mutated =
                    told.iter().any(|m| m["marker"] == marker && m["parent"] == parent.1 && m["to"] == *childs);
                assert!(own.contains(childs) || mutated, "{case} {truth}");
                explained += u32::from(!own.contains(childs));
            }
        }
    }
    // 4,000 meioses of fathers at 0.05 and of mothers at 0.015.
    assert!((190..340).contains(&mutations) && explained > 100, "{mutations} {explained}");
}

#[test]
fn remains_and_mixtures_come_with_a_truth_that_fits() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    let args = "synth dna --remains 60 --mixtures 50 --contributors 3 --false-share 0.5 --seed 4 --out d";
    answer(here, &args.split_whitespace().collect::<Vec<_>>());
    let read = |name: &str| -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(here.join("d").join(name)).unwrap()).unwrap()
    };
    let (case, truth) = (&read("dvi.json")["datasets"][0], &read("dvi-truth.json")["datasets"][0]);
    assert_eq!(case["pm"].as_object().unwrap().len(), 60);
    let missing: Vec<&serde_json::Value> = case["missing"].as_array().unwrap().iter().collect();
    let assigned: Vec<_> = truth["assignment"].as_object().unwrap().values().filter(|v| !v.is_null()).collect();
    let not_found = truth["not_found"].as_array().unwrap();
    assert!(assigned.iter().all(|m| missing.contains(m)) && not_found.iter().all(|m| !assigned.contains(&m)));
    assert_eq!(missing.len(), assigned.len() + not_found.len());
    assert!((40..60).contains(&assigned.len()));
    for family in case["am"].as_object().unwrap().values() {
        for id in family["id"].as_array().unwrap() {
            let typed = case["am_profiles"].get(id.as_str().unwrap()).is_some();
            assert_eq!(typed, id.as_str().unwrap().starts_with('R'));
        }
    }
    for alleles in case["am_profiles"].as_object().unwrap().values().flat_map(|p| p.as_object().unwrap().values()) {
        let number = |i: usize| alleles[i].as_str().unwrap().parse::<f64>().unwrap();
        assert!(number(0) <= number(1), "a reference does not tell whose allele is whose");
    }
    let (mixtures, truth) = (read("mixtures.json"), read("mixtures-truth.json"));
    let mut guilty = 0;
    for (case, truth) in mixtures["cases"].as_array().unwrap().iter().zip(truth["cases"].as_array().unwrap()) {
        assert_eq!((&case["NOC"], &case["AT"]), (&3.into(), &50.0.into()));
        let sample = &case["samples"]["r1"];
        assert_eq!(sample["FGA"]["adata"].as_array().unwrap().len(), sample["FGA"]["hdata"].as_array().unwrap().len());
        if let Some(i) = truth["poi_is"].as_u64() {
            guilty += 1;
            let own = truth["contributors"][i as usize - 1]["genotype"]["FGA"].as_array().unwrap();
            let shown = case["references"]["poi"]["FGA"]["adata"].as_array().unwrap();
            assert!(own.iter().all(|a| shown.contains(a)));
        }
    }
    assert!((12..38).contains(&guilty), "{guilty}");
}

#[test]
fn what_cannot_be_made_is_refused_in_words_before_anything_is_written() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    std::fs::write(here.join("circle.json"), r#"{"name": "x", "members": [{"id": "a", "twin_of": "b"}]}"#).unwrap();
    std::fs::write(here.join("snp.csv"), "CHROM,MARKER\n1,rs1\n").unwrap();
    std::fs::write(here.join("other.csv"), "SE33,9,1\n").unwrap();
    for (args, says) in [
        ("--count 5 --theta 0.7", "from 0 to 0.5"),
        ("--count 5 --subpopulations 0", "from 1 to 10000"),
        ("--count 5 --drop-out 1.5", "from 0 to 1"),
        ("--count 5 --drop-in -1", "from 0 to 1"),
        ("--count 5 --typing-error 2", "from 0 to 1"),
        ("--families 5 --mutation-rate 2", "between 0 and 1"),
        ("--families 5 --false-share 2", "from 0 to 1"),
        ("--families 5 --pedigree aunt", "half-siblings"),
        ("--families 5 --pedigree circle.json", "names a twin who is no member"),
        ("--families 5 --pedigree snp.csv", "JSON"),
        ("--families 5 --frequencies snp.csv", "line 1"),
        ("--families 5 --frequencies other.csv", "--loci all"),
        ("--mixtures 5 --contributors 6", "from 1 to 5"),
        ("--mixtures 5 --known 2", "below the number"),
        ("--mixtures 5 --peak-height 1", "10 to 100000 RFU"),
        ("--remains 5 --degradation 0", "0.01 to 1"),
    ] {
        let args: Vec<&str> = "synth dna --seed 1 --out d".split(' ').chain(args.split(' ')).collect();
        // A negative number stands after its option with `=`.
        let args: Vec<String> = args.join(" ").replace(" -1", "=-1").split(' ').map(str::to_owned).collect();
        refusal(here, &args, says);
    }
    assert!(!here.join("d").exists());
}
