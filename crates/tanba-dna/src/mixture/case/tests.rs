//! Case files: what is read, what is refused, and the published schema.

use serde_json::{Value, json};

use super::super::MixtureError;
use super::MixtureCase;

const SCHEMA: &str = include_str!("../../../../../docs/dna/mixture.schema.json");
const EXAMPLE: &str = include_str!("../../../../../docs/dna/examples/mixture.json");

fn example() -> Value {
    let mut case: Value = serde_json::from_str(EXAMPLE).unwrap();
    case["related"] = json!([{ "unknown": "instead", "relation": "full-siblings", "to": "P1" }]);
    case["model"]["markers"] = json!({ "THO1": { "drop_in": 0.1 } });
    case
}

fn no_files(_: &str) -> Result<Vec<u8>, String> {
    Err("no files here".to_owned())
}

fn read(value: &Value) -> Result<MixtureCase, MixtureError> {
    MixtureCase::read(value, &mut no_files)
}

fn refused(change: impl FnOnce(&mut Value)) -> String {
    let mut case = example();
    change(&mut case);
    read(&case).unwrap_err().to_string()
}

#[test]
fn the_example_is_read() {
    let case = read(&example()).unwrap();
    assert_eq!((case.evidence.markers().len(), case.question.contributors, case.replicates.len()), (3, 2, 1));
    let words = case.hypotheses.each_ref().map(|hypothesis| super::super::report::in_words(&case, hypothesis));
    assert_eq!(words[0], "the stain comes from P1, one unknown person who is not related to anyone named");
    let instead =
        "the stain comes from an unknown person who is a full sibling of P1, one unknown person who is not related";
    assert!(words[1].starts_with(instead), "{}", words[1]);
    let shown = format!("{case:?}");
    assert!(!shown.contains("9.3"), "alleles in Debug: {shown}");
}

#[test]
fn the_schema_is_that_of_the_reader() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    // Every object of the schema, where it stands in the example.
    let objects = [
        ("", &schema),
        ("/related/0", &schema["$defs"]["related"]),
        ("/replicates/0", &schema["$defs"]["replicate"]),
        ("/replicates/0/markers/TH01/0", &schema["$defs"]["peak"]),
        ("/references/0", &schema["$defs"]["person"]),
        ("/frequencies", &schema["$defs"]["frequencies"]),
        ("/sizes", &schema["$defs"]["sizes"]),
        ("/model", &schema["$defs"]["model"]),
        ("/model/markers/THO1", &schema["$defs"]["own_model"]),
        ("/fit", &schema["$defs"]["fit"]),
        ("/conservative", &schema["$defs"]["conservative"]),
    ];
    for (at, object) in objects {
        assert_eq!(object["additionalProperties"], json!(false), "{at}");
        let properties: Vec<&String> = object["properties"].as_object().unwrap().keys().collect();
        // serde lists the fields that it knows when it meets one that it does not.
        let said = refused(|case| {
            case.pointer_mut(at).unwrap()["no_such_field"] = json!(1);
        });
        let known: Vec<&str> = said.split('`').skip(3).step_by(2).collect();
        let mut sorted = known.clone();
        sorted.sort_unstable();
        assert_eq!(properties, sorted, "{at}: {said}");
        // Required fields are required, and the others are not.
        let required = object["required"].as_array().cloned().unwrap_or_default();
        let there: Vec<String> = example().pointer(at).unwrap().as_object().unwrap().keys().cloned().collect();
        for field in there {
            let mut case = example();
            case.pointer_mut(at).unwrap().as_object_mut().unwrap().remove(&field);
            let result = super::parse(&case);
            assert_eq!(result.is_err(), required.contains(&json!(field)), "{at} {field}");
        }
    }
}

#[test]
fn bad_input_is_refused_with_a_name_and_a_remedy() {
    let cases: Vec<(String, &[&str])> = vec![
        (
            refused(|c| c["replicates"][0]["markers"]["TH01"][0]["height"] = json!(-5)),
            &["TH01", "replicate 1", "height"],
        ),
        (refused(|c| c["replicates"][0]["markers"]["TH01"][0]["height"] = json!(49)), &["TH01", "threshold"]),
        (refused(|c| c["replicates"][0]["markers"]["TH01"][0]["allele"] = json!("OL")), &["TH01", "allele"]),
        (refused(|c| c["replicates"][0]["markers"]["TH01"][0]["allele"] = json!("<6")), &["TH01", "ladder"]),
        (refused(|c| c["replicates"][0]["markers"]["TH01"][0]["allele"] = json!("7")), &["TH01", "two peaks"]),
        (refused(|c| c["model"]["markers"]["TPOX"] = json!({})), &["TPOX", "model.markers"]),
        (refused(|c| c["model"]["markers"]["THO1"]["drop_in"] = json!(1.0)), &["TH01", "drop-in"]),
        (refused(|c| c["model"]["markers"]["TH01"] = json!({})), &["TH01", "twice"]),
        (refused(|c| c["replicates"][0]["markers"]["SE33"] = json!([])), &["SE33", "leave_out"]),
        (refused(|c| c["frequencies"]["markers"]["TH01"]["6"] = json!(0.9)), &["TH01", "add up"]),
        (refused(|c| c["frequencies"]["markers"]["TH01"]["6"] = json!(-0.2)), &["TH01", "outside"]),
        (refused(|c| c["references"][0]["genotypes"]["TH01"] = json!(["6", "7", "8"])), &["P1", "TH01", "two alleles"]),
        (refused(|c| c["person_of_interest"] = json!("nobody")), &["reference"]),
        (refused(|c| c["known"] = json!(["P1"])), &["person of interest"]),
        (refused(|c| c["contributors"] = json!(0)), &["contributors"]),
        (refused(|c| c["related"][0]["to"] = json!("P9")), &["related", "no reference"]),
        (refused(|c| c["related"][0]["to"] = json!(2)), &["count from 1"]),
        (refused(|c| c["related"][0]["unknown"] = json!("somebody")), &["related", "instead"]),
        (refused(|c| c["related"][0]["relation"] = json!("brothers")), &["schema"]),
        (
            refused(|c| {
                c["related"] = json!([c["related"][0], { "unknown": 1, "relation": "full-siblings", "to": "P1" }]);
            }),
            &["two relations"],
        ),
        (
            refused(|c| {
                c["model"]["double_back_stutter"] = json!(true);
                c["model"]["back_stutter"] = json!(false);
            }),
            &["two repeats"],
        ),
        (refused(|c| c["contributors"] = json!(1_000_000_000_000_u64)), &["6"]),
        (refused(|c| c["model"]["theta"] = json!(1.5)), &["theta"]),
        (refused(|c| c["model"]["threshold"] = json!(0)), &["threshold"]),
        (refused(|c| c["kit"] = json!("No Such Kit")), &["kit"]),
        (refused(|c| c["format"] = json!("x")), &["tanba-mixture/1"]),
        (refused(|c| c["contributors"] = json!("2")), &["schema"]),
        (
            refused(|c| {
                c.as_object_mut().unwrap().remove("sizes");
            }),
            &["size"],
        ),
        (refused(|c| c["replicates"] = json!([{ "name": "x", "file": "x.csv" }])), &["no files here"]),
    ];
    for (said, words) in cases {
        assert!(words.iter().all(|word| said.contains(word)), "{words:?}: {said}");
        assert!(!said.contains("9.3"), "{said}");
    }
}

#[test]
fn tables_of_a_laboratory_are_read_and_ragged_ones_refused() {
    let peaks = "Sample Name\tMarker\tDye\tAllele 1\tAllele 2\tSize 1\tSize 2\tHeight 1\tHeight 2\n\
                 stain\tAMEL\tB\tX\tY\t80\t86\t900\t400\n\
                 stain\tTH01\tB\t6\t9.3\t173\t188\t700\t650\n\
                 stain\tD3S1358\tB\t15\t\t126\t\t1500\n\
                 stain\tvWA\tB\n";
    let references = "sample,marker,allele1,allele2\nP1,TH01,6,9.3\nP1,D3S1358,15,15\n";
    let mut case = example();
    case["replicates"] = json!([{ "name": "stain", "file": "peaks.txt" }]);
    case["references"] = json!([{ "id": "P1", "file": "refs.csv" }]);
    case["kit"] = json!("GlobalFiler");
    case["model"]["thresholds"] = json!({ "6-FAM": 60.0 });
    case.as_object_mut().unwrap().remove("sizes");
    let with = |peaks: &str, case: &Value| {
        MixtureCase::read(case, &mut |name| match name {
            "peaks.txt" => Ok(peaks.as_bytes().to_vec()),
            _ => Ok(references.as_bytes().to_vec()),
        })
    };
    // vWA has a row without a peak: it was typed and shows nothing, and there is no size for it.
    let said = with(peaks, &case).unwrap_err().to_string();
    assert!(said.contains("vWA") && said.contains("size"), "{said}");
    // Without a row it counts as not typed, and the reader is told.
    let without = with(&peaks.replace("stain\tvWA\tB\n", ""), &case).unwrap();
    assert_eq!(without.evidence.markers().len(), 2);
    assert!(without.notes.iter().any(|note| note.contains("vWA") && note.contains("not typed")), "{:?}", without.notes);
    case["leave_out"] = json!(["vWA"]);
    let read = with(peaks, &case).unwrap();
    assert_eq!(read.evidence.markers().len(), 2);
    for (bad, words) in [
        (peaks.replace("\t700\t", "\t\t"), vec!["TH01", "height"]),
        (peaks.replace("\t700\t", "\tseven\t"), vec!["line 3"]),
        (peaks.replace("\t6\t9.3", "\tOL\t9.3"), vec!["line 3"]),
        (peaks.replace("700\t650", "700\t650\t12"), vec!["line 3"]),
        (peaks.replace("\t6\t9.3", "\t\t9.3"), vec!["line 3"]),
    ] {
        let said = with(&bad, &case).unwrap_err().to_string();
        assert!(words.iter().all(|word| said.contains(word)), "{words:?}: {said}");
    }
}
