//! How long likelihood ratios take on the vectors of `TANBA_REFERENCE`: `cargo run --release -p tanba-dna --example kinship_speed`.

use std::collections::BTreeMap;
use std::time::Instant;

use serde_json::Value;
use tanba_dna::Theta;
use tanba_dna::kinship::dvi::{DviCase, Family, Joint, JointLimits, MutationUse, Victim, pair_table};
use tanba_dna::kinship::{AllelePair, LikelihoodEngine, Marker, MutationModel, Pedigree, Person, Sex};

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn model(of: &Value) -> MutationModel {
    let number = |key: &str| of[key].as_f64().unwrap_or(0.0);
    match of["model"].as_str() {
        Some("equal") => MutationModel::Equal { rate: number("rate") },
        Some("proportional") => MutationModel::Proportional { rate: number("rate") },
        Some("stepwise") => {
            MutationModel::Stepwise { rate: number("rate"), rate2: number("rate2"), range: number("range") }
        }
        _ => MutationModel::None,
    }
}

fn pedigree(of: &Value) -> Pedigree {
    let parent = |id: String| (id != "0").then_some(id);
    let persons: Vec<Person> = (0..list(&of["id"]).len())
        .map(|i| Person {
            id: text(&of["id"][i]),
            father: parent(text(&of["fid"][i])),
            mother: parent(text(&of["mid"][i])),
            sex: if of["sex"][i] == 1 { Sex::Male } else { Sex::Female },
        })
        .collect();
    Pedigree::new(&persons, &[]).expect("a pedigree of the vectors")
}

#[allow(clippy::print_stdout)] // this program's answer
fn main() {
    let Some(folder) = std::env::var_os("TANBA_REFERENCE") else {
        println!("set TANBA_REFERENCE to a folder with dna/given");
        return;
    };
    let mut figures: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for file in ["kinship_pairs.json", "missing_person.json"] {
        let path = std::path::Path::new(&folder).join("dna/given").join(file);
        let vectors: Value = serde_json::from_slice(&std::fs::read(path).expect("a vector file")).expect("JSON");
        for case in list(&vectors["cases"]) {
            let pedigree = pedigree(&case["pedigree"]);
            let population = &vectors["populations"][text(&case["population"])];
            let model = model(&case["mutation"]);
            let candidate = case["missing"].as_str();
            let names: Vec<String> =
                case["expected"]["LR_per_marker"].as_object().expect("markers").keys().cloned().collect();
            let (mut markers, mut typings, mut others) = (Vec::new(), Vec::new(), Vec::new());
            for name in &names {
                let of = &population[name];
                let labels: Vec<String> = list(&of["alleles"]).iter().map(text).collect();
                let p: Vec<f64> = list(&of["freqs"]).iter().filter_map(Value::as_f64).collect();
                let marker =
                    Marker::new(name, labels, p).and_then(|m| m.with_mutation(&model, &model)).expect("a marker");
                let typing: Vec<Option<AllelePair>> = pedigree
                    .ids()
                    .iter()
                    .map(|id| {
                        let alleles = case["profiles"][id][name].as_array()?;
                        marker.pair(alleles[0].as_str()?, alleles[alleles.len() - 1].as_str()?).ok()
                    })
                    .collect();
                others.push(
                    typing
                        .iter()
                        .zip(pedigree.ids())
                        .map(|(t, id)| t.filter(|_| candidate != Some(id)))
                        .collect::<Vec<_>>(),
                );
                typings.push(typing);
                markers.push(marker);
            }
            let theta = Theta::new(case["theta"].as_f64().unwrap_or(0.0)).expect("a theta");
            let mut engine = LikelihoodEngine::new(&pedigree, theta);
            let started = Instant::now();
            // The machine may be busy: the fastest round is the one that was not interrupted.
            let (mut first, mut warm) = (0.0, f64::INFINITY);
            let mut rounds = 0u32;
            while started.elapsed().as_millis() < 20 || rounds < 5 {
                let round = Instant::now();
                for (i, marker) in markers.iter().enumerate() {
                    engine.ln_likelihood(marker, &typings[i]).expect("a likelihood");
                    if candidate.is_some() {
                        engine.ln_likelihood(marker, &others[i]).expect("a likelihood");
                    }
                }
                rounds += 1;
                match rounds {
                    1 => first = round.elapsed().as_secs_f64(),
                    _ => warm = warm.min(round.elapsed().as_secs_f64()),
                }
            }
            let name = case["relation"].as_str().or(case["family"].as_str()).unwrap_or_default();
            let key = format!("{file} {name} {} theta {}", text(&case["mutation"]["name"]), case["theta"]);
            let entry = figures.entry(key).or_insert_with(|| vec![0.0; 3]);
            entry[0] = f64::max(entry[0], first * 1e6);
            entry[1] = f64::max(entry[1], warm * 1e6);
            entry[2] = names.len() as f64;
        }
    }
    for (key, figures) in figures {
        println!("{key}: first {:.1} us, then {:.1} us ({} markers)", figures[0], figures[1], figures[2]);
    }
    let path = std::path::Path::new(&folder).join("dna/given/kinship_pairs.json");
    let vectors: Value = serde_json::from_slice(&std::fs::read(path).expect("a vector file")).expect("JSON");
    println!("{}", disaster(&vectors["populations"]["norSTR_norwayDB"]));
}

/// A disaster of the size of dvir's `planecrash`: 8 victims, 5 families of one missing person, 19,081 assignments.
fn disaster(population: &Value) -> String {
    let equal = MutationModel::Equal { rate: 0.002 };
    let markers: Vec<Marker> = population
        .as_object()
        .expect("markers")
        .iter()
        .take(23)
        .map(|(name, of)| {
            let labels: Vec<String> = list(&of["alleles"]).iter().map(text).collect();
            let p: Vec<f64> = list(&of["freqs"]).iter().filter_map(Value::as_f64).collect();
            Marker::new(name, labels, p).and_then(|m| m.with_mutation(&equal, &equal)).expect("a marker")
        })
        .collect();
    // Any genotypes do for a timing; a congruential generator draws them.
    let mut state = 1u64;
    let mut pair = |marker: &Marker| {
        let mut allele = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 33) as usize % marker.labels().len()) as u16
        };
        Some(AllelePair::new(allele(), allele()))
    };
    let victims = (0..8)
        .map(|i| Victim { id: format!("V{i}"), sex: Sex::Unknown, genotypes: markers.iter().map(&mut pair).collect() })
        .collect();
    let person = |id: &str, parents: Option<(&str, &str)>, sex| Person {
        id: id.to_owned(),
        father: parents.map(|p| p.0.to_owned()),
        mother: parents.map(|p| p.1.to_owned()),
        sex,
    };
    let families = (0..5)
        .map(|f| {
            let missing = format!("M{f}");
            let persons = [
                person("F", None, Sex::Male),
                person("M", None, Sex::Female),
                person("S", Some(("F", "M")), Sex::Female),
                person(&missing, Some(("F", "M")), Sex::Unknown),
            ];
            let genotypes = markers.iter().map(|m| vec![None, pair(m), pair(m), None]).collect();
            let pedigree = Pedigree::new(&persons, &[]).expect("a pedigree");
            Family { name: missing, pedigree, genotypes, missing: vec![3] }
        })
        .collect();
    let case = DviCase::new(markers.clone(), victims, families).expect("a case");
    let limits = JointLimits { max_exclusions: usize::MAX, ..JointLimits::default() };
    let mut fastest = f64::INFINITY;
    let mut number = 0.0;
    for _ in 0..5 {
        let started = Instant::now();
        let pairs = pair_table(&case, MutationUse::Everywhere, &|| true).expect("pairs");
        let joint = Joint::new(&case, &pairs, limits, &|| true).expect("assignments");
        number = joint.number();
        assert_eq!(joint.best(usize::MAX).len() as f64, number);
        assert_eq!(joint.marginals().len(), 8);
        fastest = fastest.min(started.elapsed().as_secs_f64());
    }
    format!("8 victims, 5 families, {} markers: {number} assignments in {fastest:.4} s, all listed", markers.len())
}
