//! Data sets of disasters: pairs, exclusions, all assignments together, and what is proposed.

use anyhow::Context;
use serde_json::Value;
use tanba_dna::kinship::Marker;
use tanba_dna::kinship::dvi::{
    Assignment, DviCase, Family, Finding, Joint, JointLimits, MutationUse, PairTable, SolveRules, Victim, pair_table,
    solve,
};

use super::Case;
use super::check::Check;
use super::pedigree::{genotype, marker, pedigree, sex_of, texts};

const LIKELIHOOD: f64 = 1e-6;
const POSTERIOR: f64 = 1e-6;
/// The most assignments that are listed to be compared.
const MAX_LISTED: f64 = 2e6;

/// `dvi`: each kind of answer of each data set is a case.
pub(super) fn disasters(vectors: &Value) -> anyhow::Result<Vec<Case>> {
    let sets = vectors["datasets"].as_array().context("it has no data sets")?;
    let mut cases = Vec::new();
    for set in sets {
        let name = set["name"].as_str().unwrap_or_default();
        cases.extend(disaster(set, name).with_context(|| format!("in data set {name}"))?);
    }
    Ok(cases)
}

fn disaster(set: &Value, name: &str) -> anyhow::Result<Vec<Case>> {
    let case = read(set)?;
    let expected = &set["expected"];
    let always = || true;
    let pairs = pair_table(&case, MutationUse::Everywhere, &always)?;
    let mut done = vec![pairwise(&case, expected, &pairs, name)?];
    if expected["joint_top"].is_array() {
        // What dvir's jointDVI does unless told otherwise: mutation only where relatives contradict each other, and every pair
        // that is not impossible.
        let pairs = pair_table(&case, MutationUse::WhereRelativesNeedIt, &always)?;
        let limits = JointLimits { max_exclusions: usize::MAX, ..JointLimits::default() };
        let joint = Joint::new(&case, &pairs, limits, &always)?;
        done.push(assignments(&case, expected, &joint, pairs.ln_null, name)?);
    }
    if expected["solve"].is_object() {
        done.extend(proposals(&case, &expected["solve"], name)?);
    }
    Ok(done)
}

fn read(set: &Value) -> anyhow::Result<DviCase> {
    let mut names: Vec<&String> = set["markers"].as_object().context("no markers")?.keys().collect();
    // Profiles without names list the markers L1, L2, ... L10 in this order.
    names.sort_by_key(|name| (name.len(), *name));
    let markers = names
        .iter()
        .map(|name| marker(name, &set["markers"][*name], &set["markers"][*name]["mutation"]))
        .collect::<anyhow::Result<Vec<Marker>>>()?;
    let typing = |profiles: &Value, id: &str, m: usize| match &profiles[id] {
        Value::Array(unnamed) => unnamed.get(m).map_or(Ok(None), |of| genotype(&markers[m], of)),
        named => genotype(&markers[m], &named[names[m]]),
    };
    let victims = set["pm"].as_object().context("no victims")?.keys().map(|id| {
        let genotypes = (0..markers.len()).map(|m| typing(&set["pm"], id, m)).collect::<anyhow::Result<_>>()?;
        Ok(Victim { id: id.clone(), sex: sex_of(&set["pm_sex"], id), genotypes })
    });
    let victims = victims.collect::<anyhow::Result<_>>()?;
    let missing = texts(&set["missing"], "missing")?;
    let family = |name: String, of: &Value| {
        let pedigree = pedigree(of)?;
        let by_marker = |m: usize| pedigree.ids().iter().map(|id| typing(&set["am_profiles"], id, m)).collect();
        let genotypes = (0..markers.len()).map(by_marker).collect::<anyhow::Result<_>>()?;
        let missing = (0..pedigree.len()).filter(|p| missing.contains(&pedigree.ids()[*p])).collect();
        Ok(Family { name, pedigree, genotypes, missing })
    };
    let families: Vec<Family> = match &set["am"] {
        Value::Object(named) => {
            named.iter().map(|(name, of)| family(name.clone(), of)).collect::<anyhow::Result<_>>()?
        }
        unnamed => {
            let list = unnamed.as_array().context("no families")?;
            list.iter().enumerate().map(|(i, of)| family(format!("F{}", i + 1), of)).collect::<anyhow::Result<_>>()?
        }
    };
    // A family without a missing person says nothing of any assignment.
    let families = families.into_iter().filter(|f| !f.missing.is_empty()).collect();
    Ok(DviCase::new(markers, victims, families)?)
}

fn victim(case: &DviCase, id: &Value) -> anyhow::Result<usize> {
    case.victims().iter().position(|v| id == v.id.as_str()).with_context(|| format!("no victim {id}"))
}

fn missing(case: &DviCase, id: &Value) -> Option<usize> {
    (0..case.number_missing()).find(|m| id == case.missing_id(*m))
}

/// Calls `f(victim, missing person if it is one, known value)` for each entry of a table.
fn table(case: &DviCase, table: &Value, mut f: impl FnMut(usize, Option<usize>, &Value)) -> anyhow::Result<()> {
    let rows = table["rows"].as_array().context("a table has no rows")?;
    let columns = table["cols"].as_array().context("a table has no columns")?;
    for (r, row) in rows.iter().enumerate() {
        let victim = victim(case, row)?;
        for (c, column) in columns.iter().enumerate() {
            f(victim, missing(case, column), &table["values"][r][c]);
        }
    }
    Ok(())
}

fn pairwise(case: &DviCase, expected: &Value, pairs: &PairTable, name: &str) -> anyhow::Result<Case> {
    let mut check = Check::new(format!("{name} pairs"));
    table(case, &expected["pairwise"], |v, m, known| {
        let Some(m) = m else { return check.fail("a missing person is not in any family") };
        let what = format!("{} as {}", case.victims()[v].id, case.missing_id(m));
        match (pairs.ln_lr[v][m], known.as_f64()) {
            (Some(ln), Some(lr)) => check.ratio(&what, ln, Some(lr), LIKELIHOOD),
            (None, None) => {}
            _ => check.fail(format!("{what}: whether the sexes fit differs")),
        }
    })?;
    if expected["exclusion"].is_object() {
        table(case, &expected["exclusion"], |v, m, known| {
            let got = m.and_then(|m| pairs.exclusions[v][m]);
            if got != known.as_u64().map(|n| n as usize) {
                check.fail(format!("excluding markers of {}: {got:?}, known {known}", case.victims()[v].id));
            }
        })?;
    }
    Ok(check.done())
}

fn assignments(case: &DviCase, expected: &Value, joint: &Joint, ln_null: f64, name: &str) -> anyhow::Result<Case> {
    let mut check = Check::new(format!("{name} assignments"));
    if expected["joint_rows_total"].as_f64().is_some_and(|known| known != joint.number()) {
        check.fail(format!("there are {} assignments, known {}", joint.number(), expected["joint_rows_total"]));
    }
    let all = if joint.number() <= MAX_LISTED { joint.best(usize::MAX) } else { Vec::new() };
    let by_victims: std::collections::HashMap<&[Option<usize>], &Assignment> =
        all.iter().map(|a| (&a.victims[..], a)).collect();
    for row in expected["joint_top"].as_array().into_iter().flatten() {
        let who: Vec<Option<usize>> = case.victims().iter().map(|v| missing(case, &row[&v.id])).collect();
        let Some(got) = by_victims.get(&who[..]) else {
            check.fail(format!("an assignment is not allowed: {row}"));
            continue;
        };
        check.ratio("the ratio of an assignment", got.ln_lr, row["LR"].as_f64(), LIKELIHOOD);
        check.absolute("a posterior", got.posterior, row["posterior"].as_f64().unwrap_or(0.0), POSTERIOR);
        if let Some(known) = row["loglik"].as_f64() {
            // An absolute error of the logarithm is a relative one of the likelihood.
            check.absolute("a log-likelihood", ln_null + got.ln_lr, known, LIKELIHOOD);
        }
        if let Some(known) = row["LR0"].as_f64() {
            check.ratio("the ratio of the victims alone", got.ln_lr_without_references, Some(known), LIKELIHOOD);
        }
    }
    if expected["marginal_posterior"].is_object() {
        let marginals = joint.marginals();
        table(case, &expected["marginal_posterior"], |v, m, known| {
            let got = marginals[v][m.unwrap_or(case.number_missing())];
            check.absolute("a marginal posterior", got, known.as_f64().unwrap_or(0.0), POSTERIOR);
        })?;
    }
    Ok(check.done())
}

fn proposals(case: &DviCase, known: &Value, name: &str) -> anyhow::Result<Vec<Case>> {
    let solution = solve(case, SolveRules::default(), &|| true)?;
    let views: [(&str, &str, &[Finding]); 2] =
        [("AM", "Missing", &solution.missing), ("PM", "Sample", &solution.victims)];
    views
        .into_iter()
        .filter(|(view, ..)| known[view].is_array())
        .map(|(view, key, findings)| {
            let mut check = Check::new(format!("{name} proposals {view}"));
            for row in known[view].as_array().into_iter().flatten() {
                let place = if view == "AM" { missing(case, &row[key]) } else { victim(case, &row[key]).ok() };
                let Some(found) = place.map(|p| &findings[p]) else {
                    check.fail(format!("{} is not in the case", row[key]));
                    continue;
                };
                let word = found.conclusion.word_of_dvir();
                if row["Conclusion"] != word {
                    check.fail(format!("{}: {word}, known {}", row[key], row["Conclusion"]));
                }
                for (what, got, known) in [("LR", found.ln_lr, &row["LR"]), ("GLR", found.ln_glr, &row["GLR"])] {
                    match (got, known.as_f64()) {
                        (Some(ln), Some(lr)) => {
                            check.ratio(&format!("{what} of {}", row[key]), ln, Some(lr), LIKELIHOOD);
                        }
                        (None, None) => {}
                        _ => check.fail(format!("{}: whether there is a {what} differs", row[key])),
                    }
                }
            }
            Ok(check.done())
        })
        .collect()
}
