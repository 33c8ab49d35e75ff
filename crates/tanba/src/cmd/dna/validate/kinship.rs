//! Cases of kinship: pairs, missing persons, and the matrices of mutation models.

use anyhow::Context;
use serde_json::Value;
use tanba_dna::Theta;
use tanba_dna::kinship::{AllelePair, LikelihoodEngine, MutationMatrix, Pedigree, Person};

use super::Case;
use super::check::Check;
use super::pedigree::{genotype, marker, models, numbers, pedigree, texts};

/// Relative errors that are allowed, without and with mutation.
const CLOSED_FORM: f64 = 1e-9;
const PEDIGREE: f64 = 1e-6;

/// `pairwise_kinship`: the typed persons in the pedigree against the same persons unrelated.
pub(super) fn pairs(vectors: &Value) -> anyhow::Result<Vec<Case>> {
    each(vectors, |case| ratios(vectors, case, &texts(&case["typed"], "typed")?, &[]))
}

/// `missing_person`: the candidate in the missing person's place against relatives and candidate unrelated.
pub(super) fn missing_persons(vectors: &Value) -> anyhow::Result<Vec<Case>> {
    each(vectors, |case| {
        let missing = case["missing"].as_str().context("no missing person is named")?;
        ratios(vectors, case, &[missing.to_owned()], &texts(&case["typed_relatives"], "typed_relatives")?)
    })
}

fn each(vectors: &Value, run: impl Fn(&Value) -> anyhow::Result<Case>) -> anyhow::Result<Vec<Case>> {
    let cases = vectors["cases"].as_array().context("it has no cases")?;
    cases.iter().map(|case| run(case).with_context(|| format!("in case {}", case["id"]))).collect()
}

/// The ratio at each marker: everybody in the pedigree, against those of `apart` without relatives and the `others` in it.
fn ratios(vectors: &Value, case: &Value, apart: &[String], others: &[String]) -> anyhow::Result<Case> {
    let mut check = Check::new(case["id"].as_str().unwrap_or_default());
    let theta = Theta::new(case["theta"].as_f64().unwrap_or(0.0))?;
    let together = pedigree(&case["pedigree"])?;
    let divided = with_strangers(&together, apart, others)?;
    let mut engines = [LikelihoodEngine::new(&together, theta), LikelihoodEngine::new(&divided, theta)];
    let population = &vectors["populations"][case["population"].as_str().context("no population is named")?];
    let known = case["expected"]["LR_per_marker"].as_object().context("no ratios are known")?;
    let tolerance = if case["mutation"]["name"] == "none" { CLOSED_FORM } else { PEDIGREE };
    let mut total = 0.0;
    for (name, ratio) in known {
        let marker = marker(name, &population[name], &case["mutation"])?;
        let mut ln = [0.0; 2];
        for (place, (engine, of)) in engines.iter_mut().zip([&together, &divided]).enumerate() {
            let mut genotypes: Vec<Option<AllelePair>> = vec![None; of.len()];
            for id in apart.iter().chain(others) {
                // Whoever stands apart has the last of two places of one id.
                let stranger = stranger(id);
                let at = of.place(&stranger).filter(|_| apart.contains(id)).or(of.place(id));
                let at = at.with_context(|| format!("{id} is not in the pedigree"))?;
                genotypes[at] = genotype(&marker, &case["profiles"][id][name])?;
            }
            ln[place] = engine.ln_likelihood(&marker, &genotypes)?;
        }
        total += ln[0] - ln[1];
        check.ratio(name, ln[0] - ln[1], ratio.as_f64(), tolerance);
    }
    let log10 = total / std::f64::consts::LN_10;
    match case["expected"]["log10_LR"].as_f64() {
        Some(known) => check.absolute("log10 LR", log10, known, tolerance * known.abs().max(1.0)),
        None => check.ratio("the product", total, None, tolerance),
    }
    Ok(check.done())
}

fn stranger(id: &str) -> String {
    format!("{id} (unrelated)")
}

/// The pedigree with strangers beside it; nothing but strangers where nobody else is typed.
fn with_strangers(of: &Pedigree, apart: &[String], others: &[String]) -> anyhow::Result<Pedigree> {
    let mut persons = Vec::new();
    for place in 0..of.len() {
        let parent = |seat: usize| of.parents(place).map(|p| of.ids()[p[seat]].clone());
        let (id, sex) = (of.ids()[place].clone(), of.sex(place));
        if !others.is_empty() {
            persons.push(Person { id: id.clone(), father: parent(0), mother: parent(1), sex });
        }
        if apart.contains(&id) {
            persons.push(Person { id: stranger(&id), father: None, mother: None, sex });
        }
    }
    Ok(Pedigree::new(&persons, &[])?)
}

/// `mutation_matrix`: every entry, and what follows from them.
pub(super) fn mutation_matrices(vectors: &Value) -> anyhow::Result<Vec<Case>> {
    let cases = vectors["cases"].as_array().context("it has no cases")?;
    cases
        .iter()
        .enumerate()
        .map(|(number, case)| {
            let model = case["model"].as_str().unwrap_or_default();
            let locus = case["locus"].as_str().unwrap_or_default();
            let mut check = Check::new(format!("{} {locus} {model} {}", number + 1, case["rate"]));
            let p = numbers(&case["freqs"], "freqs")?;
            let [male, _] = models(case)?;
            let matrix = MutationMatrix::new(&male, &texts(&case["alleles"], "alleles")?, &p)?;
            let expected = &case["expected"];
            for (i, row) in expected["matrix"].as_array().context("no matrix is known")?.iter().enumerate() {
                for (j, known) in numbers(row, "matrix")?.into_iter().enumerate() {
                    check.number(&format!("entry {},{}", i + 1, j + 1), matrix.get(i, j), known, CLOSED_FORM);
                }
            }
            // Differences of nearly equal numbers carry the rounding of the numbers themselves.
            let rounding = 1e-12;
            let stationary = matrix.stationarity_error(&p);
            if let Some(known) = expected["max_abs_stationarity_error"].as_f64() {
                check.absolute("the change of one generation", stationary, known, rounding);
            }
            if let Some(known) = expected["expected_rate"].as_f64() {
                check.number("the expected rate", matrix.expected_rate(&p), known, CLOSED_FORM);
            }
            let reversible = matrix.reversibility_error(&p);
            for (what, error) in [("stationary", stationary), ("reversible", reversible)] {
                if expected[what].as_bool().is_some_and(|known| known != (error < rounding)) {
                    check.fail(format!("whether it is {what} differs"));
                }
            }
            Ok(check.done())
        })
        .collect()
}
