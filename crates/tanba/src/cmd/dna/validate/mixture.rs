//! Cases of kind `mixture_continuous`: likelihoods at given parameters, own fits, and the qualitative model.

use anyhow::Context;
use serde_json::Value;
use tanba_dna::mixture::vectors::{Side, evidence, hypothesis, parameters};
use tanba_dna::mixture::{Evidence, FitOptions, Likelihood, LikelihoodRatio, Qualitative};
use tanba_formats::genetic::MarkerName;

use super::Case;

/// At given parameters, relative.
const EXACT: f64 = 1e-6;
/// How much worse than theirs an own fit may be, in ln likelihood.
const FIT: f64 = 0.01;
/// How far the ratio of own fits may be from theirs, in log10.
const RATIO: f64 = 0.05;

const SIDES: [Side; 2] = [Side::Prosecution, Side::Defence];

/// Runs them.
pub(super) fn run(vectors: &Value) -> anyhow::Result<Vec<Case>> {
    let cases = vectors["cases"].as_array().context("it has no cases")?;
    let run = |(at, case): (usize, &Value)| {
        let id = case["id"].as_str().map_or_else(|| format!("case {}", at + 1), str::to_owned);
        let mut told = Told::default();
        one(case, &vectors["kits"], &mut told).with_context(|| format!("case {id}"))?;
        let failure = (!told.wrong.is_empty()).then(|| told.wrong.join("; "));
        Ok(Case { id, rel_error: told.rel_error, failure })
    };
    cases.iter().enumerate().map(run).collect()
}

#[derive(Default)]
struct Told {
    rel_error: f64,
    wrong: Vec<String>,
}

impl Told {
    fn exact(&mut self, what: impl FnOnce() -> String, got: f64, want: f64) {
        let error = if got == want { 0.0 } else { (got - want).abs() / want.abs().max(f64::MIN_POSITIVE) };
        self.rel_error = self.rel_error.max(error);
        self.say(error <= EXACT, || format!("{}: {got} for {want}", what()));
    }

    fn say(&mut self, fits: bool, what: impl FnOnce() -> String) {
        if !fits {
            self.wrong.push(what());
        }
    }
}

fn one(case: &Value, kits: &Value, told: &mut Told) -> anyhow::Result<()> {
    let evidence = evidence(case, kits)?;
    let mut fits = Vec::new();
    for side in SIDES {
        let (key, answer) = (side.key(), &case["expected"][side.key()]);
        let likelihood = Likelihood::new(&evidence, &hypothesis(case, side)?)?;
        let got = likelihood.at(&parameters(case, side, evidence.settings())?)?;
        for (name, want) in answer["loglik_per_marker"].as_object().context("no loglik_per_marker")? {
            let marker = MarkerName::of(name);
            let own = got.markers.iter().find(|(own, _)| *own == marker).map(|(_, ln)| *ln);
            let own = own.with_context(|| format!("{marker} is not in the evidence"))?;
            told.exact(|| format!("{key} {marker} at given parameters"), own, known(want));
        }
        let fit = likelihood.fit(&FitOptions::default())?;
        let want = known(&answer["loglik"]);
        told.say(fit.ln_likelihood >= want - FIT, || format!("{key} fitted: {} for {want}", fit.ln_likelihood));
        fits.push(fit);
    }
    let ratio = LikelihoodRatio::of(&fits[0], &fits[1]).log10;
    let want = known(&case["expected"]["log10_LR_mle"]);
    told.say((ratio - want).abs() <= RATIO || ratio == want, || format!("log10 LR fitted: {ratio} for {want}"));
    for answer in case["expected"]["qualitative"].as_array().into_iter().flatten() {
        qualitative(case, &evidence, answer, told)?;
    }
    Ok(())
}

fn qualitative(case: &Value, evidence: &Evidence, answer: &Value, told: &mut Told) -> anyhow::Result<()> {
    let mut both = Vec::new();
    let given = answer["dropout"].as_f64();
    for side in SIDES {
        let hypothesis = hypothesis(case, side)?;
        let model = Qualitative::new(evidence, &hypothesis)?;
        let (key, want) = (side.key(), known(&answer[side.key()]["loglik"]));
        both.push(match given {
            Some(d) => {
                let got = model.at(&vec![d; hypothesis.contributors.len()])?.total();
                told.exact(|| format!("{key} qualitative at drop-out {d}"), got, want);
                got
            }
            None => {
                let got = model.fit()?.ln_likelihood;
                told.say(got >= want - FIT, || format!("{key} qualitative, fitted: {got} for {want}"));
                got
            }
        });
    }
    let ratio = (both[0] - both[1]) / std::f64::consts::LN_10;
    let want = known(&answer["log10_LR"]);
    told.say((ratio - want).abs() <= RATIO || ratio == want, || format!("qualitative log10 LR: {ratio} for {want}"));
    Ok(())
}

/// A number of the file; `null` is the logarithm of 0.
fn known(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NEG_INFINITY)
}
