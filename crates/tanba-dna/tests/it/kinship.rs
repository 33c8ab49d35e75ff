//! Kinship against vectors that other programs computed.

use serde_json::Value;
use tanba_dna::Theta;
use tanba_dna::kinship::{AllelePair, LikelihoodEngine, Marker, MutationMatrix, MutationModel, Pedigree, Person, Sex};

use crate::{list, text, vectors};

fn numbers(value: &Value) -> Vec<f64> {
    list(value).iter().map(|v| v.as_f64().unwrap()).collect()
}

fn texts(value: &Value) -> Vec<String> {
    list(value).iter().map(|v| text(v).to_owned()).collect()
}

fn model(of: &Value) -> MutationModel {
    let number = |key: &str| of[key].as_f64().unwrap_or(0.0);
    match of["model"].as_str().unwrap_or("none") {
        "none" => MutationModel::None,
        "equal" => MutationModel::Equal { rate: number("rate") },
        "proportional" => MutationModel::Proportional { rate: number("rate") },
        "stepwise" => MutationModel::Stepwise { rate: number("rate"), rate2: number("rate2"), range: number("range") },
        "onestep" => MutationModel::OneStep { rate: number("rate") },
        other => panic!("{other}"),
    }
}

pub(crate) fn pedigree(of: &Value) -> Pedigree {
    let parent = |id: &str| (id != "0").then(|| id.to_owned());
    let persons: Vec<Person> = (0..list(&of["id"]).len())
        .map(|i| Person {
            id: text(&of["id"][i]).to_owned(),
            father: parent(text(&of["fid"][i])),
            mother: parent(text(&of["mid"][i])),
            sex: match of["sex"][i].as_u64() {
                Some(1) => Sex::Male,
                Some(2) => Sex::Female,
                _ => Sex::Unknown,
            },
        })
        .collect();
    Pedigree::new(&persons, &[]).unwrap()
}

fn marker(name: &str, of: &Value, mutation: &Value) -> Marker {
    let model = model(mutation);
    let marker = Marker::new(name, texts(&of["alleles"]), numbers(&of["freqs"])).unwrap();
    marker.with_mutation(&model, &model).unwrap()
}

fn genotype(marker: &Marker, of: &Value) -> Option<AllelePair> {
    let alleles = of.as_array()?;
    Some(marker.pair(text(&alleles[0]), text(alleles.last()?)).unwrap())
}

/// One pedigree of persons who have nothing to do with each other.
fn unrelated(ids: &[String], of: &Pedigree) -> Pedigree {
    let alone = |id: &String| Person { id: id.clone(), father: None, mother: None, sex: of.sex(of.place(id).unwrap()) };
    Pedigree::new(&ids.iter().map(alone).collect::<Vec<_>>(), &[]).unwrap()
}

fn close(case: &str, marker: &str, got_ln: f64, expected: &Value, tolerance: f64) {
    match expected.as_f64() {
        Some(lr) if lr > 0.0 => {
            let error = (got_ln.exp() / lr - 1.0).abs();
            assert!(error <= tolerance, "{case} {marker}: {} instead of {lr}, {error:.1e}", got_ln.exp());
        }
        _ => assert_eq!(got_ln, f64::NEG_INFINITY, "{case} {marker}"),
    }
}

/// Every LR of a file of cases: everybody in the pedigree, against those `apart` without relatives and the others in the
/// pedigree.
fn run_cases(file: &str, apart: impl Fn(&Value) -> Vec<String>, others: impl Fn(&Value) -> Vec<String>) {
    let Some(vectors) = vectors(file) else { return };
    for case in list(&vectors["cases"]) {
        let id = text(&case["id"]);
        let theta = Theta::new(case["theta"].as_f64().unwrap()).unwrap();
        let pedigree = pedigree(&case["pedigree"]);
        let (apart, others) = (apart(case), others(case));
        let tolerance = if case["mutation"]["name"] == "none" { 1e-9 } else { 1e-6 };
        let mut in_pedigree = LikelihoodEngine::new(&pedigree, theta);
        let alone = unrelated(&apart, &pedigree);
        let mut without_relatives = LikelihoodEngine::new(&alone, theta);
        let everybody: Vec<String> = apart.iter().chain(&others).cloned().collect();
        let population = &vectors["populations"][text(&case["population"])];
        let mut total = 0.0;
        for (name, expected) in case["expected"]["LR_per_marker"].as_object().unwrap() {
            let marker = marker(name, &population[name], &case["mutation"]);
            let typing = |ids: &[String], of: &Pedigree| -> Vec<Option<AllelePair>> {
                let one =
                    |id: &String| ids.contains(id).then(|| genotype(&marker, &case["profiles"][id][name])).flatten();
                of.ids().iter().map(one).collect()
            };
            let numerator = in_pedigree.ln_likelihood(&marker, &typing(&everybody, &pedigree)).unwrap();
            let denominator = in_pedigree.ln_likelihood(&marker, &typing(&others, &pedigree)).unwrap()
                + without_relatives.ln_likelihood(&marker, &typing(&apart, &alone)).unwrap();
            total += numerator - denominator;
            close(id, name, numerator - denominator, expected, tolerance);
        }
        let expected = &case["expected"]["log10_LR"];
        match expected.as_f64() {
            Some(log10) => {
                let got = total / std::f64::consts::LN_10;
                assert!((got / log10 - 1.0).abs() < 1e-9 || (got - log10).abs() < 1e-9, "{id}: {got} {log10}");
            }
            None => assert_eq!(total, f64::NEG_INFINITY, "{id}"),
        }
    }
}

#[test]
fn pairs_have_the_ratios_of_the_ped_suite_and_familias() {
    run_cases("kinship_pairs.json", |case| texts(&case["typed"]), |_| Vec::new());
}

#[test]
fn missing_persons_have_the_ratios_of_the_ped_suite() {
    run_cases(
        "missing_person.json",
        |case| vec![text(&case["missing"]).to_owned()],
        |case| texts(&case["typed_relatives"]),
    );
}

#[test]
fn mutation_matrices_are_those_of_pedmut() {
    let Some(vectors) = vectors("mutation_matrices.json") else { return };
    for case in list(&vectors["cases"]) {
        let p = numbers(&case["freqs"]);
        let matrix = MutationMatrix::new(&model(case), &texts(&case["alleles"]), &p).unwrap();
        let expected = &case["expected"];
        for (i, row) in list(&expected["matrix"]).iter().enumerate() {
            for (j, m) in numbers(row).into_iter().enumerate() {
                assert!((matrix.get(i, j) - m).abs() <= 1e-9 * m, "{i} {j}: {} {m}", matrix.get(i, j));
            }
        }
        let error = matrix.stationarity_error(&p);
        assert!((error - expected["max_abs_stationarity_error"].as_f64().unwrap()).abs() < 1e-12);
        assert_eq!(error < 1e-12, expected["stationary"].as_bool().unwrap());
        assert_eq!(matrix.reversibility_error(&p) < 1e-12, expected["reversible"].as_bool().unwrap());
        assert!((matrix.expected_rate(&p) - expected["expected_rate"].as_f64().unwrap()).abs() < 1e-12);
    }
}
