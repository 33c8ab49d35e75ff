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

pub(crate) fn model(of: &Value) -> MutationModel {
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

mod dvi {
    use tanba_dna::kinship::dvi::{
        DviCase, Family, Joint, JointLimits, MutationUse, SolveRules, Victim, pair_table, solve,
    };

    use super::*;

    fn case(of: &Value) -> DviCase {
        let mut order: Vec<String> = of["markers"].as_object().unwrap().keys().cloned().collect();
        // Profiles without names list the markers L1, L2, ... L10.
        order.sort_by_key(|name| (name.len(), name.clone()));
        let sex_model = |m: &Value, sex: &str| if m.is_null() { MutationModel::None } else { model(&m[sex]) };
        let markers: Vec<Marker> = order
            .iter()
            .map(|name| {
                let m = &of["markers"][name];
                let marker = Marker::new(name, texts(&m["alleles"]), numbers(&m["freqs"])).unwrap();
                marker.with_mutation(&sex_model(&m["mutation"], "male"), &sex_model(&m["mutation"], "female")).unwrap()
            })
            .collect();
        let of_person = |profiles: &Value, id: &str, m: usize| match &profiles[id] {
            Value::Array(unnamed) => genotype(&markers[m], &unnamed[m]),
            named => genotype(&markers[m], &named[&order[m]]),
        };
        let victims = of["pm"].as_object().unwrap().keys().map(|id| Victim {
            id: id.clone(),
            sex: if of["pm_sex"][id] == 1 { Sex::Male } else { Sex::Female },
            genotypes: (0..order.len()).map(|m| of_person(&of["pm"], id, m)).collect(),
        });
        let missing = texts(&of["missing"]);
        let family = |name: String, of_family: &Value| {
            let pedigree = pedigree(of_family);
            let genotypes = (0..order.len())
                .map(|m| pedigree.ids().iter().map(|id| of_person(&of["am_profiles"], id, m)).collect())
                .collect();
            let missing = (0..pedigree.len()).filter(|p| missing.contains(&pedigree.ids()[*p])).collect();
            Family { name, pedigree, genotypes, missing }
        };
        let families: Vec<Family> = match &of["am"] {
            Value::Object(named) => named.iter().map(|(name, f)| family(name.clone(), f)).collect(),
            unnamed => list(unnamed).iter().enumerate().map(|(i, f)| family(format!("F{}", i + 1), f)).collect(),
        };
        let victims = victims.collect();
        DviCase::new(markers, victims, families).unwrap()
    }

    fn relative(got_ln: f64, expected: f64) -> f64 {
        if expected == 0.0 {
            f64::from(u8::from(got_ln > f64::NEG_INFINITY))
        } else {
            ((got_ln - expected.ln()).exp() - 1.0).abs()
        }
    }

    #[test]
    fn disasters_have_the_tables_of_dvir() {
        let Some(vectors) = vectors("dvi.json") else { return };
        for of in list(&vectors["datasets"]) {
            let name = text(&of["name"]);
            let case = case(of);
            let expected = &of["expected"];
            let pairs = pair_table(&case, MutationUse::Everywhere, &|| true).unwrap();
            let victim = |id: &str| case.victims().iter().position(|v| v.id == id).unwrap();
            let missing = |id: &str| (0..case.number_missing()).position(|m| case.missing_id(m) == id);
            for (v, row) in list(&expected["pairwise"]["rows"]).iter().enumerate() {
                for (m, column) in list(&expected["pairwise"]["cols"]).iter().enumerate() {
                    let at = (victim(text(row)), missing(text(column)).unwrap());
                    let got = pairs.ln_lr[at.0][at.1];
                    match expected["pairwise"]["values"][v][m].as_f64() {
                        Some(lr) => assert!(relative(got.unwrap(), lr) < 1e-6, "{name} {row} {column}: {got:?} {lr}"),
                        None => assert_eq!(got, None, "{name} {row} {column}"),
                    }
                    let exclusions = expected["exclusion"]["values"][v][m].as_u64().map(|n| n as usize);
                    assert_eq!(pairs.exclusions[at.0][at.1], exclusions, "{name} {row} {column}");
                }
            }
            let Some(rows) = expected["joint_top"].as_array() else { continue };
            let pairs = pair_table(&case, MutationUse::WhereRelativesNeedIt, &|| true).unwrap();
            let limits = JointLimits { max_exclusions: usize::MAX, ..JointLimits::default() };
            let joint = Joint::new(&case, &pairs, limits, &|| true).unwrap();
            assert_eq!(joint.number(), expected["joint_rows_total"].as_f64().unwrap(), "{name}");
            let all = joint.best(usize::MAX);
            assert!(all.windows(2).all(|pair| pair[0].ln_lr >= pair[1].ln_lr));
            for row in rows {
                let who: Vec<Option<usize>> = case.victims().iter().map(|v| missing(text(&row[&v.id]))).collect();
                let got = all.iter().find(|a| a.victims == who).unwrap();
                assert!(relative(got.ln_lr, row["LR"].as_f64().unwrap()) < 1e-6, "{name} {row}");
                assert!((got.posterior - row["posterior"].as_f64().unwrap()).abs() < 1e-6, "{name} {row}");
                match row["loglik"].as_f64() {
                    Some(ln) => assert!((pairs.ln_null + got.ln_lr - ln).abs() < 1e-6, "{name} {row}"),
                    None => assert_eq!(got.ln_lr, f64::NEG_INFINITY),
                }
                let without = row["LR0"].as_f64().unwrap();
                assert!(
                    relative(got.ln_lr_without_references, without) < 1e-6,
                    "{name} {row} {}",
                    got.ln_lr_without_references.exp()
                );
            }
            let marginals = joint.marginals();
            for (v, row) in list(&expected["marginal_posterior"]["rows"]).iter().enumerate() {
                for (m, column) in list(&expected["marginal_posterior"]["cols"]).iter().enumerate() {
                    let place = missing(text(column)).unwrap_or(case.number_missing());
                    let (got, known) = (
                        marginals[victim(text(row))][place],
                        expected["marginal_posterior"]["values"][v][m].as_f64().unwrap(),
                    );
                    assert!((got - known).abs() < 1e-9, "{name} {row} {column}: {got} {known}");
                }
            }
        }
    }

    #[test]
    fn disasters_have_the_conclusions_of_dvir() {
        let Some(vectors) = vectors("dvi.json") else { return };
        for of in list(&vectors["datasets"]) {
            let name = text(&of["name"]);
            let case = case(of);
            let solution = solve(&case, SolveRules::default(), &|| true).unwrap();
            let missing_ids: Vec<&str> = (0..case.number_missing()).map(|m| case.missing_id(m)).collect();
            let victim_ids: Vec<&str> = case.victims().iter().map(|v| v.id.as_str()).collect();
            for (view, key, ids, findings) in
                [("AM", "Missing", &missing_ids, &solution.missing), ("PM", "Sample", &victim_ids, &solution.victims)]
            {
                for row in list(&expected_of(of)[view]) {
                    let place = ids.iter().position(|id| *id == text(&row[key])).unwrap();
                    let found = &findings[place];
                    assert_eq!(found.conclusion.word_of_dvir(), text(&row["Conclusion"]), "{name} {view} {row}");
                    for (known, got) in [(&row["LR"], found.ln_lr), (&row["GLR"], found.ln_glr)] {
                        match known.as_f64() {
                            Some(lr) => assert!(relative(got.unwrap(), lr) < 1e-6, "{name} {view} {row} {got:?}"),
                            None => assert_eq!(got, None, "{name} {view} {row}"),
                        }
                    }
                }
            }
        }
    }

    fn expected_of(of: &Value) -> &Value {
        &of["expected"]["solve"]
    }
}
