//! Genetics against what others publish and compute; skipped where the reference material is not there.

#![allow(clippy::print_stderr)] // a skipped test says so

use std::path::PathBuf;

use serde_json::Value;
use tanba_synth::genetics::{
    AlleleTable, Families, Meiosis, MutationMatrix, MutationModel, MutationModels, Pedigree, ProfilePopulation,
};

fn reference(folder: &str) -> Option<PathBuf> {
    let root = std::env::var_os("TANBA_REFERENCE");
    if root.is_none() {
        eprintln!("skipped: TANBA_REFERENCE is not set");
    }
    root.map(|root| PathBuf::from(root).join(folder)).filter(|path| path.exists())
}

#[test]
fn mutation_matrices_are_those_of_the_convention() {
    let Some(path) = reference("dna/given/mutation_matrices.json") else { return };
    let vectors: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let numbers = |v: &Value| -> Vec<f64> { v.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect() };
    let mut compared = 0;
    for case in vectors["cases"].as_array().unwrap() {
        let frequencies = numbers(&case["freqs"]);
        let rows = case["alleles"].as_array().unwrap().iter().zip(&frequencies);
        let text: String = rows.map(|(a, f)| format!("X,{},{f}\n", a.as_str().unwrap())).collect();
        let table = AlleleTable::from_csv("vector", &text).unwrap();
        let marker = &table.markers()[0];
        let number = |key: &str| case[key].as_f64().unwrap();
        let model = match case["model"].as_str().unwrap() {
            "equal" => MutationModel::Equal { rate: number("rate") },
            "proportional" => MutationModel::Proportional { rate: number("rate") },
            "stepwise" => {
                MutationModel::Stepwise { rate: number("rate"), rate2: number("rate2"), range: number("range") }
            }
            other => {
                eprintln!("skipped: no model {other}");
                continue;
            }
        };
        let matrix = MutationMatrix::new(model, marker).unwrap();
        // The vector's alleles stand in its own order.
        let places: Vec<usize> = case["alleles"]
            .as_array()
            .unwrap()
            .iter()
            .map(|a| marker.alleles().iter().position(|b| b.to_string() == a.as_str().unwrap()).unwrap())
            .collect();
        for (i, row) in case["expected"]["matrix"].as_array().unwrap().iter().enumerate() {
            for (j, expected) in numbers(row).into_iter().enumerate() {
                let got = matrix.rows()[places[i]][places[j]];
                assert!((got - expected).abs() <= 1e-9 * expected, "{model:?} {i} {j}: {got} {expected}");
            }
        }
        compared += 1;
    }
    assert!(compared >= 4);
}

#[test]
fn published_tables_give_families_at_all_their_markers() {
    let Some(folder) = reference("dna/freqs") else { return };
    let pedigree = Pedigree::standard("siblings-of-cousins").unwrap();
    let mut tables = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        if !text.starts_with("marker,allele,freq") {
            continue;
        }
        let table = AlleleTable::from_csv("published", &text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert!(table.markers().len() >= 15, "{}", path.display());
        let meiosis = Meiosis::new(&table, MutationModels::USUAL, true).unwrap();
        let population = ProfilePopulation::new(table, 1, 0.01, 3).unwrap();
        let family = Families::new(&pedigree, &population, &meiosis, 1, "test").family(0);
        assert_eq!(family.people.len(), pedigree.members().len());
        tables += 1;
    }
    assert!(tables >= 20, "{tables}");
}
