//! `tanba synth people`.

use tempfile::tempdir;

use crate::program::{answer, refusal};

const POPULATION: [&str; 6] = ["synth", "people", "--count", "3000", "--seed", "6"];

#[test]
fn a_part_of_a_population_is_that_part_of_the_whole() {
    let folder = tempdir().unwrap();
    let make = |out: &str, more: &[&str]| {
        let said = answer(folder.path(), &[&POPULATION[..], &["--out", out], more].concat());
        (said, std::fs::read(folder.path().join(out).join("people.jsonl")).unwrap())
    };
    let (said, whole) = make("whole", &["--age", "0-104"]);
    assert_eq!(said["people"], 3000);
    let (said, part) = make("part", &["--age", "0-104", "--first", "2990"]);
    assert_eq!((&said["people"], &said["first"]), (&11.into(), &2990.into()));
    let lines: Vec<&[u8]> = whole.split_inclusive(|b| *b == b'\n').collect();
    assert_eq!(lines.len(), 3000);
    assert_eq!(part, lines[2989..].concat());
    let last: serde_json::Value = serde_json::from_slice(lines[2999]).unwrap();
    assert_eq!((&last["person"], &last["as_of"]), (&"3000".into(), &"2026-01-01".into()));
}

#[test]
fn prints_that_are_there_are_kept_and_those_that_are_not_are_made() {
    let folder = tempdir().unwrap();
    let here = folder.path();
    let args = ["synth", "people", "--count", "1", "--seed", "4", "--prints", "1", "--out", "p", "--families", "2"];
    let first = answer(here, &[&args[..], &["--sheet", "sheet.png"]].concat());
    let prints = first["impressions"].as_u64().unwrap();
    assert!((1..=10).contains(&prints) && first["kept"] == 0);
    assert!(std::fs::read(here.join("sheet.png")).unwrap().len() > 10_000);
    let families = std::fs::read_to_string(here.join("p/families.jsonl")).unwrap();
    assert_eq!(families.lines().count(), 2);

    // A print whose truth is not there was not finished.
    let (truth, image) = (here.join("p/001/right_index_1.json"), here.join("p/001/right_index_1.png"));
    let (told, seen) = (std::fs::read(&truth).unwrap(), std::fs::read(&image).unwrap());
    std::fs::remove_file(&truth).unwrap();
    std::fs::write(&image, b"cut").unwrap();
    let again = answer(here, &[&args[..], &["--resume"]].concat());
    assert_eq!((again["impressions"].as_u64(), again["kept"].as_u64()), (Some(prints), Some(prints - 1)));
    assert_eq!((std::fs::read(&truth).unwrap(), std::fs::read(&image).unwrap()), (told, seen));
}

#[test]
fn what_cannot_be_made_is_said_with_what_can() {
    let folder = tempdir().unwrap();
    refusal(folder.path(), &[&POPULATION[..], &["--out", "p", "--first", "3001"]].concat(), "give 1 to 3000");
    assert!(!folder.path().join("p").exists());
}
