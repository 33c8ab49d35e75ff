//! Kinds `rmp` and `ystr_haplotype`: closed forms, and models of haplotypes.

use anyhow::Context;
use serde_json::Value;
use tanba_dna::{
    BrennerKappa, Cluster, DiscreteLaplace, Formula, HaplotypeCount, HaplotypeSample, Repeats, Theta,
    genotype_probability,
};

use super::check::Check;
use super::{Case, list, text};

/// Relative tolerance of closed forms (`measures.md`).
const CLOSED: f64 = 1e-9;
/// By how much an own fit may lie below the given one, in log-likelihood.
const WORSE_FIT: f64 = 0.01;
/// Starts of a fit, and their seed.
const STARTS: usize = 16;
const SEED: u64 = 1;
const FORMULAS: [(&str, Formula); 3] =
    [("hwe", Formula::HardyWeinberg), ("nrc4_1", Formula::Nrc41), ("nrc4_10", Formula::Nrc410)];

/// Match probabilities, locus by locus and in all. The markers of these files go beyond the panel: nothing of them is stored.
pub(super) fn rmp(vectors: &Value) -> anyhow::Result<Vec<Case>> {
    list(&vectors["cases"])?
        .iter()
        .map(|case| {
            let id = text(&case["id"])?;
            rmp_case(vectors, case, Check::new(id)).with_context(|| format!("case {id}"))
        })
        .collect()
}

fn rmp_case(vectors: &Value, case: &Value, mut check: Check) -> anyhow::Result<Case> {
    let theta = Theta::new(case["theta"].as_f64().context("theta is no number")?)?;
    let floor = match text(&case["min_freq_rule"])? {
        "none" => false,
        "5/2N" => true,
        other => anyhow::bail!("the rule {other:?} for rare alleles is not known"),
    };
    let population = &vectors["populations"][text(&case["population"])?];
    let frequency = |marker: &str, allele: &str| -> anyhow::Result<f64> {
        let counted = population["freqs"][marker][allele].as_f64().unwrap_or(0.0);
        let chromosomes = population["n_chromosomes"][marker].as_f64();
        let least = if floor { 5.0 / chromosomes.context("no chromosomes counted")? } else { 0.0 };
        Ok(counted.max(least.min(1.0)))
    };
    let core: Vec<&str> = vectors["codis20"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let expected = &case["expected"];
    let mut sums = [[0.0; 2]; 3];
    for (marker, known) in expected["per_locus"].as_object().context("no loci expected")? {
        let alleles = list(&case["profile"][marker])?.iter().map(text).collect::<anyhow::Result<Vec<_>>>()?;
        let [a, b] = match alleles[..] {
            [a] => [a, a],
            [a, b] => [a, b],
            _ => anyhow::bail!("{marker} has not one or two alleles"),
        };
        let (p, q) = (frequency(marker, a)?, frequency(marker, b)?);
        check.value(&format!("{marker} p"), p, &known["p"], CLOSED);
        check.value(&format!("{marker} q"), q, &known["q"], CLOSED);
        for ((name, formula), sums) in FORMULAS.into_iter().zip(&mut sums) {
            let probability = genotype_probability(p, (a != b).then_some(q), formula, theta);
            check.value(&format!("{marker} {name}"), probability, &known[name], CLOSED);
            sums[0] += probability.log10();
            sums[1] += if core.contains(&marker.as_str()) { probability.log10() } else { 0.0 };
        }
    }
    for ((name, _), sums) in FORMULAS.into_iter().zip(sums) {
        for (key, sum) in ["log10_rmp_all_loci", "log10_rmp_codis20"].into_iter().zip(sums) {
            if let Some(known) = expected[key].get(name) {
                check.value(&format!("{key} {name}"), sum, known, CLOSED);
            }
        }
    }
    Ok(check.done())
}

/// Haplotypes by counting, by kappa and by the discrete Laplace model, and own fits of it.
pub(super) fn ystr_haplotype(vectors: &Value) -> anyhow::Result<Vec<Case>> {
    let database = &vectors["database"];
    let people = database["N"].as_u64().context("the database has no N")?;
    let counts = list(&database["counts"])?.iter().map(|count| count.as_u64().unwrap_or(0));
    let haplotypes = list(&database["haplotypes"])?.iter().map(repeats).collect::<anyhow::Result<Vec<_>>>()?;
    let sample = HaplotypeSample::new(haplotypes.into_iter().zip(counts))?;
    let mut cases = Vec::new();

    let mut check = Check::new("database");
    check.holds(sample.people() == people, || format!("{} people where {people} are known", sample.people()));
    let singletons = database["singletons"].as_u64().context("the database has no number of singletons")?;
    if let Some(known) = database.get("kappa") {
        check.value("kappa", singletons as f64 / people as f64, known, CLOSED);
    }
    let unseen = &vectors["unseen"];
    if unseen.is_object() {
        let kappa = BrennerKappa::of_unseen(singletons, people)?;
        check.value("kappa with the new one", kappa.kappa, &unseen["kappa_aug"], CLOSED);
        check.value("match probability by kappa", kappa.match_probability, &unseen["match_prob"], CLOSED);
        let limit = HaplotypeCount::new(0, people)?.upper_limit(0.95)?;
        check.value("upper limit of one never seen", limit, &unseen["upper95_zero"], CLOSED);
    }
    cases.push(check.done());

    let mut models = Vec::new();
    for (name, fit) in vectors["disclap_fits"].as_object().into_iter().flatten() {
        let given = model(fit)?;
        let mut check = Check::new(format!("fit of {name} clusters"));
        let own = DiscreteLaplace::fit(&sample, given.clusters().len(), STARTS, SEED)?.log_likelihood(&sample)?;
        let known = given.log_likelihood(&sample)?;
        check.holds(own >= known - WORSE_FIT, || format!("log-likelihood {own} where the given fit has {known}"));
        cases.push(check.done());
        models.push((name, given));
    }
    for (n, case) in list(&vectors["cases"])?.iter().enumerate() {
        let mut check = Check::new(format!("haplotype {n}"));
        let haplotype = repeats(&case["haplotype"])?;
        let count = HaplotypeCount::new(case["count"].as_u64().context("a case has no count")?, people)?;
        let expected = &case["expected"];
        let numbers = [
            ("count_freq", count.frequency()),
            ("augmented_count", count.augmented()),
            ("aug2", count.augmented_twice()),
            ("clopper_pearson_upper95", count.upper_limit(0.95)?),
        ];
        for (key, got) in numbers {
            if let Some(known) = expected.get(key) {
                check.value(key, got, known, CLOSED);
            }
        }
        for (name, model) in &models {
            if let Some(known) = expected["disclap"].get(name.as_str()) {
                check.value(&format!("{name} clusters"), model.probability(&haplotype)?, known, CLOSED);
            }
        }
        cases.push(check.done());
    }
    Ok(cases)
}

/// The model of given parameters.
fn model(fit: &Value) -> anyhow::Result<DiscreteLaplace> {
    let weights = fit["tau"].as_array().cloned().unwrap_or_else(|| vec![fit["tau"].clone()]);
    let (centres, rows) = (list(&fit["centers"])?, list(&fit["disclap_p"])?);
    anyhow::ensure!(
        centres.len() == weights.len() && rows.len() == weights.len(),
        "a fit has lists of different lengths"
    );
    let mut clusters = Vec::new();
    for ((centre, row), weight) in centres.iter().zip(rows).zip(&weights) {
        let p = list(row)?.iter().map(|p| p.as_f64().context("a parameter is no number"));
        clusters.push(Cluster {
            weight: weight.as_f64().context("a weight is no number")?,
            centre: repeats(centre)?,
            p: p.collect::<anyhow::Result<_>>()?,
        });
    }
    Ok(DiscreteLaplace::new(clusters)?)
}

fn repeats(row: &Value) -> anyhow::Result<Repeats> {
    let numbers = list(row)?.iter().map(|n| n.as_i64().and_then(|n| i32::try_from(n).ok()));
    numbers.collect::<Option<_>>().context("a haplotype holds something other than repeat numbers")
}
