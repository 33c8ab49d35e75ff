//! Stains of `tanba synth dna --mixtures` whose truth is known: what the ratios are for those who contributed and for those who did not,
//! how near the parameters come, and whether the model check is as it should be.
//!
//! `cargo run --release -p tanba-dna --example mixture_synthetic -- mixtures.json mixtures-truth.json`

#![allow(clippy::print_stdout)] // what it prints is what it is for

use serde_json::Value;
use tanba_dna::mixture::vectors::evidence;
use tanba_dna::mixture::{FitOptions, Hypothesis, Likelihood, LikelihoodRatio};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut files = std::env::args().skip(1);
    let mut read = || -> Result<Value, Box<dyn std::error::Error>> {
        Ok(serde_json::from_slice(&std::fs::read(files.next().ok_or("name mixtures.json and mixtures-truth.json")?)?)?)
    };
    let (stains, truths) = (read()?, read()?);
    let cases = stains["cases"].as_array().ok_or("no cases")?;
    let truths = truths["cases"].as_array().ok_or("no truth")?;
    let (mut donors, mut others, mut off, mut checks) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut alone = 0;
    for (case, truth) in cases.iter().zip(truths) {
        let evidence = evidence(case, &stains["kits"])?;
        let place = |name: &Value| evidence.references().iter().position(|r| Some(r.id.as_str()) == name.as_str());
        let interest = place(&case["POI"]).ok_or("no person of interest")?;
        let known: Vec<usize> = case["conditioned"].as_array().into_iter().flatten().filter_map(place).collect();
        let contributors = usize::try_from(case["NOC"].as_u64().ok_or("no number of contributors")?)?;
        let pair = Hypothesis::pair(&evidence, interest, &known, contributors)?;
        let mut fits = Vec::new();
        for hypothesis in &pair {
            let likelihood = Likelihood::new(&evidence, hypothesis)?;
            let fit = likelihood.fit(&FitOptions::default())?;
            alone += usize::from(fit.agreeing < 2 || !fit.converged);
            fits.push(fit);
        }
        let ratio = LikelihoodRatio::of(&fits[0], &fits[1]).log10;
        let likelihood = Likelihood::new(&evidence, &pair[1])?;
        checks.push(likelihood.check(&fits[1].parameters)?.p_value);
        let contributed = !truth["poi_is"].is_null();
        if contributed {
            donors.push(ratio);
        } else {
            others.push(ratio);
        }
        let model = &truth["model"];
        let number = |name: &str| model[name].as_f64().unwrap_or(f64::NAN);
        let p = &fits[usize::from(!contributed)].parameters;
        off.push([
            (p.mu / number("mu")).ln(),
            (p.omega / number("omega")).ln(),
            (p.beta / number("beta")).ln(),
            p.back_stutter - number("back_stutter"),
        ]);
    }
    let show = |name: &str, all: &mut Vec<f64>| {
        all.sort_by(f64::total_cmp);
        let at = |q: f64| all.get(((all.len().max(1) - 1) as f64 * q) as usize).copied().unwrap_or(f64::NAN);
        let above = all.iter().filter(|x| **x > 0.0).count();
        println!(
            "{name}: {} cases, log10 LR min {:.2}, median {:.2}, max {:.2}; above 0: {above}",
            all.len(),
            at(0.0),
            at(0.5),
            at(1.0)
        );
    };
    show("contributed", &mut donors);
    show("did not", &mut others);
    for (i, name) in ["ln mu", "ln omega", "ln beta", "back stutter"].iter().enumerate() {
        let n = off.len() as f64;
        let mean = off.iter().map(|row| row[i]).sum::<f64>() / n;
        let spread = (off.iter().map(|row| (row[i] - mean).powi(2)).sum::<f64>() / n).sqrt();
        println!("{name}: fitted minus true, mean {mean:.3}, standard deviation {spread:.3}");
    }
    let low = checks.iter().filter(|p| **p < 0.05).count();
    println!("model check below 5 %: {low} of {}; fits with one start alone or not converged: {alone}", checks.len());
    Ok(())
}
